//! Which event is a definition, and which triggers ON DATABASE does it fire?
//!
//! They run after the definition, inside its statement: a ROLLBACK in one of them, or an error,
//! takes the definition back. Temporary objects raise no event, and neither do TRUNCATE and
//! switching triggers on and off.

use std::sync::Arc;

use catalog::{DatabaseId, Object, ObjectId};
use query::Execution;
use tsql::{
    Alter, Create, DropKind, Module, ModuleBody, ModuleVerb, Name, PermissionVerb, RoleChange,
    SecurableClass, StatementKind,
};

use crate::failure::Failure;
use crate::runtime::SessionRuntime;
use crate::triggers::{Text, run_text};

/// The event of a definition, and the name of the thing where that decides about the event.
pub(crate) fn event_of(statement: &StatementKind) -> Option<&'static str> {
    match statement {
        StatementKind::Create(create) => event_of_create(create),
        StatementKind::Alter(alter) => event_of_alter(alter),
        StatementKind::Drop { kind, names, .. } => {
            if names.iter().all(is_temporary) {
                return None;
            }
            event_of_drop(*kind)
        }
        StatementKind::Permission(permission) => {
            let of_server = permission.securable.as_ref().is_some_and(|securable| {
                matches!(
                    securable.class,
                    SecurableClass::Server | SecurableClass::Login | SecurableClass::ServerRole
                )
            });
            (!of_server).then_some(match permission.verb {
                PermissionVerb::Grant => "GRANT_DATABASE",
                PermissionVerb::Deny => "DENY_DATABASE",
                PermissionVerb::Revoke => "REVOKE_DATABASE",
            })
        }
        StatementKind::AlterAuthorization { securable, .. } => {
            // The owner of a database is the server's affair.
            (securable.class != SecurableClass::Database).then_some("ALTER_AUTHORIZATION_DATABASE")
        }
        StatementKind::Signature { add, .. } => Some(if *add {
            "ADD_SIGNATURE"
        } else {
            "DROP_SIGNATURE"
        }),
        _ => None,
    }
}

fn event_of_create(create: &Create) -> Option<&'static str> {
    Some(match create {
        Create::Table { name, .. } if is_temporary(name) => return None,
        Create::Index { table, .. } if is_temporary(table) => return None,
        Create::Table { .. } => "CREATE_TABLE",
        Create::Index { .. } => "CREATE_INDEX",
        Create::Module(module) => event_of_module(module)?,
        Create::Schema { .. } => "CREATE_SCHEMA",
        Create::User { .. } => "CREATE_USER",
        Create::Role { .. } => "CREATE_ROLE",
        Create::ApplicationRole { .. } => "CREATE_APPLICATION_ROLE",
        Create::Synonym { .. } => "CREATE_SYNONYM",
        Create::Sequence { .. } => "CREATE_SEQUENCE",
        Create::TableType { .. } | Create::AliasType { .. } => "CREATE_TYPE",
        Create::SecurityPolicy(_) => "CREATE_SECURITY_POLICY",
        Create::MasterKey { .. } => "CREATE_MASTER_KEY",
        Create::SigningKey(key) if key.asymmetric => "CREATE_ASYMMETRIC_KEY",
        Create::SigningKey(_) => "CREATE_CERTIFICATE",
        Create::Database { .. } | Create::Login { .. } | Create::ServerRole { .. } => return None,
    })
}

/// CREATE OR ALTER raises the event of what it does; seen from its text that is either, and the
/// server decides by what was there before.
fn event_of_module(module: &Module) -> Option<&'static str> {
    let altering = module.verb == ModuleVerb::Alter;
    let pick = |create: &'static str, alter: &'static str| if altering { alter } else { create };
    Some(match &module.body {
        ModuleBody::View { .. } => pick("CREATE_VIEW", "ALTER_VIEW"),
        ModuleBody::Procedure(_) => pick("CREATE_PROCEDURE", "ALTER_PROCEDURE"),
        ModuleBody::ScalarFunction { .. }
        | ModuleBody::InlineFunction(_)
        | ModuleBody::TableFunction { .. } => pick("CREATE_FUNCTION", "ALTER_FUNCTION"),
        ModuleBody::Trigger { .. } | ModuleBody::DdlTrigger { .. } => {
            pick("CREATE_TRIGGER", "ALTER_TRIGGER")
        }
    })
}

fn event_of_alter(alter: &Alter) -> Option<&'static str> {
    Some(match alter {
        Alter::Table(name, _) if is_temporary(name) => return None,
        Alter::Index { table, .. } if is_temporary(table) => return None,
        Alter::Table(..) => "ALTER_TABLE",
        Alter::Index { .. } => "ALTER_INDEX",
        Alter::User { .. } => "ALTER_USER",
        Alter::Role {
            server: false,
            change,
            ..
        } => match change {
            RoleChange::AddMember(_) => "ADD_ROLE_MEMBER",
            RoleChange::DropMember(_) => "DROP_ROLE_MEMBER",
            RoleChange::Rename(_) => "ALTER_ROLE",
        },
        Alter::ApplicationRole { .. } => "ALTER_APPLICATION_ROLE",
        Alter::SchemaTransfer { .. } => "ALTER_SCHEMA",
        Alter::SecurityPolicy(_) => "ALTER_SECURITY_POLICY",
        Alter::Sequence { .. } => "ALTER_SEQUENCE",
        _ => return None,
    })
}

fn event_of_drop(kind: DropKind) -> Option<&'static str> {
    Some(match kind {
        DropKind::Table => "DROP_TABLE",
        DropKind::View => "DROP_VIEW",
        DropKind::Procedure => "DROP_PROCEDURE",
        DropKind::Function => "DROP_FUNCTION",
        DropKind::Trigger | DropKind::DdlTrigger => "DROP_TRIGGER",
        DropKind::Index => "DROP_INDEX",
        DropKind::Synonym => "DROP_SYNONYM",
        DropKind::Sequence => "DROP_SEQUENCE",
        DropKind::Type => "DROP_TYPE",
        DropKind::Schema => "DROP_SCHEMA",
        DropKind::User => "DROP_USER",
        DropKind::Role => "DROP_ROLE",
        DropKind::ApplicationRole => "DROP_APPLICATION_ROLE",
        DropKind::SecurityPolicy => "DROP_SECURITY_POLICY",
        DropKind::Certificate => "DROP_CERTIFICATE",
        DropKind::AsymmetricKey => "DROP_ASYMMETRIC_KEY",
        DropKind::Database | DropKind::Login | DropKind::ServerRole => return None,
    })
}

/// `#t` and `##t`.
pub(crate) fn is_temporary(name: &Name) -> bool {
    name.object().starts_with('#')
}

/// The triggers of the current database that wait for an event.
pub(crate) fn waiting(execution: &Execution<'_>, event: &str) -> Vec<ObjectId> {
    triggers_for(execution, event)
        .iter()
        .map(|trigger| trigger.id)
        .collect()
}

fn triggers_for(execution: &Execution<'_>, event: &str) -> Vec<Arc<Object>> {
    execution
        .instance
        .database(execution.session.database)
        .map(|database| database.triggers_for(event))
        .unwrap_or_default()
}

/// Runs the triggers that waited for an event before its statement and are there behind it: none
/// fires for its own making, altering or dropping.
pub(crate) fn fire(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    event: &str,
    waited: &[ObjectId],
) -> Result<(), Failure> {
    if waited.is_empty() {
        return Ok(());
    }
    let database: DatabaseId = execution.session.database;
    for trigger in triggers_for(execution, event) {
        if !waited.contains(&trigger.id) {
            continue;
        }
        let Some(module) = trigger.as_module() else {
            continue;
        };
        let definition = Arc::clone(&module.definition);
        let ModuleBody::DdlTrigger { body, .. } = &definition.body else {
            continue;
        };
        run_text(
            runtime,
            execution,
            Text {
                database,
                trigger: &trigger,
                body,
                firing: None,
            },
        )?;
    }
    Ok(())
}
