//! What do the fixed roles carry? Their rights are not rows of the catalog and cannot be revoked.

use crate::ids::{LoginId, PrincipalId};
use crate::permission::{Permission, Permission as P};

/// The database-level permissions of a fixed database role; `true` first means that they are
/// denied rather than granted.
pub(super) fn database_role_grants(role: PrincipalId) -> (bool, &'static [Permission]) {
    match role {
        PrincipalId::DB_OWNER => (false, &[P::CONTROL]),
        PrincipalId::DB_DATAREADER => (false, &[P::SELECT]),
        PrincipalId::DB_DATAWRITER => (false, &[P::INSERT, P::UPDATE, P::DELETE]),
        PrincipalId::DB_DENYDATAREADER => (true, &[P::SELECT]),
        PrincipalId::DB_DENYDATAWRITER => (true, &[P::INSERT, P::UPDATE, P::DELETE]),
        PrincipalId::DB_DDLADMIN => (
            false,
            &[
                P::ALTER_ANY_SCHEMA,
                P::ALTER_ANY_DATABASE_DDL_TRIGGER,
                P::ALTER_ANY_ASSEMBLY,
                P::ALTER_ANY_ASYMMETRIC_KEY,
                P::ALTER_ANY_CERTIFICATE,
                P::ALTER_ANY_CONTRACT,
                P::ALTER_ANY_DATABASE_EVENT_NOTIFICATION,
                P::ALTER_ANY_DATASPACE,
                P::ALTER_ANY_FULLTEXT_CATALOG,
                P::ALTER_ANY_MESSAGE_TYPE,
                P::ALTER_ANY_REMOTE_SERVICE_BINDING,
                P::ALTER_ANY_ROUTE,
                P::ALTER_ANY_SERVICE,
                P::ALTER_ANY_SYMMETRIC_KEY,
                P::CHECKPOINT,
                P::CREATE_AGGREGATE,
                P::CREATE_DEFAULT,
                P::CREATE_FUNCTION,
                P::CREATE_PROCEDURE,
                P::CREATE_QUEUE,
                P::CREATE_RULE,
                P::CREATE_SYNONYM,
                P::CREATE_TABLE,
                P::CREATE_TYPE,
                P::CREATE_VIEW,
                P::CREATE_XML_SCHEMA_COLLECTION,
                P::REFERENCES,
                P::ALTER_LEDGER,
                P::ENABLE_LEDGER,
            ],
        ),
        PrincipalId::DB_SECURITYADMIN => (
            false,
            &[
                P::ALTER_ANY_APPLICATION_ROLE,
                P::ALTER_ANY_ROLE,
                P::CREATE_SCHEMA,
                P::VIEW_DEFINITION,
            ],
        ),
        PrincipalId::DB_ACCESSADMIN => (false, &[P::ALTER_ANY_USER, P::CREATE_SCHEMA, P::CONNECT]),
        PrincipalId::DB_BACKUPOPERATOR => {
            (false, &[P::BACKUP_DATABASE, P::BACKUP_LOG, P::CHECKPOINT])
        }
        _ => (false, &[]),
    }
}

/// The server-level permissions of a fixed server role.
pub(super) fn server_role_grants(role: LoginId) -> &'static [Permission] {
    match role {
        LoginId::SYSADMIN => &[P::CONTROL_SERVER],
        LoginId::SECURITYADMIN => &[P::ALTER_ANY_LOGIN],
        LoginId::SERVERADMIN => &[
            P::ALTER_ANY_ENDPOINT,
            P::ALTER_RESOURCES,
            P::ALTER_SERVER_STATE,
            P::ALTER_SETTINGS,
            P::SHUTDOWN,
        ],
        LoginId::SETUPADMIN => &[P::ALTER_ANY_LINKED_SERVER],
        LoginId::PROCESSADMIN => &[P::ALTER_ANY_CONNECTION, P::ALTER_SERVER_STATE],
        LoginId::DISKADMIN => &[P::ALTER_RESOURCES],
        LoginId::DBCREATOR => &[P::ALTER_ANY_DATABASE, P::CREATE_ANY_DATABASE],
        LoginId::BULKADMIN => &[P::ADMINISTER_BULK_OPERATIONS],
        _ => &[],
    }
}
