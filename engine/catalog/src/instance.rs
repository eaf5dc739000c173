//! The whole server: databases, logins, server roles, options. A clone is a snapshot and costs a
//! few pointers, whatever is in it.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use values::Collation;

use crate::backup::Backups;
use crate::database::{Database, DatabaseOptions, rows_on};
use crate::ids::{DatabaseId, LoginId, NameKey, ObjectId, PrincipalId, Sid};
use crate::login::{PasswordHash, ServerPrincipal, ServerPrincipalKind};
use crate::permission::{Permission, PermissionKey, PermissionState, Securable};

/// The state of one server.
#[derive(Debug, Clone)]
pub struct Instance {
    /// `@@SERVERNAME`.
    pub name: Arc<str>,
    pub(crate) databases: OrdMap<DatabaseId, Arc<Database>>,
    database_names: OrdMap<NameKey, DatabaseId>,
    logins: OrdMap<LoginId, Arc<ServerPrincipal>>,
    login_names: OrdMap<NameKey, LoginId>,
    /// (member, role).
    members: OrdSet<(LoginId, LoginId)>,
    permissions: OrdMap<PermissionKey, PermissionState>,
    /// `sp_configure` values in use, by name.
    configuration: OrdMap<Arc<str>, i64>,
    /// Devices, and the logs of databases.
    pub(crate) backups: Backups,
    pub(crate) next_database: i32,
    pub(crate) next_login: i32,
    pub(crate) security_version: u64,
}

/// What a new instance is made of.
#[derive(Debug, Clone)]
pub struct InstanceOptions {
    /// `@@SERVERNAME`.
    pub name: Arc<str>,
    /// The password of sa.
    pub sa_password: String,
    /// Default collation of new databases.
    pub collation: Collation,
    /// Creation time of the system databases, in 100 ns ticks since 0001-01-01.
    pub now: i64,
}

/// The fixed server roles.
pub const SERVER_ROLES: [(LoginId, &str); 9] = [
    (LoginId::PUBLIC, "public"),
    (LoginId::SYSADMIN, "sysadmin"),
    (LoginId::SECURITYADMIN, "securityadmin"),
    (LoginId::SERVERADMIN, "serveradmin"),
    (LoginId::SETUPADMIN, "setupadmin"),
    (LoginId::PROCESSADMIN, "processadmin"),
    (LoginId::DISKADMIN, "diskadmin"),
    (LoginId::DBCREATOR, "dbcreator"),
    (LoginId::BULKADMIN, "bulkadmin"),
];

/// Name, value, minimum, maximum, description, dynamic, advanced, `configuration_id`.
pub type ConfigurationOption = (&'static str, i64, i64, i64, &'static str, bool, bool, i32);

/// The `sp_configure` options that the server knows.
pub const CONFIGURATION: &[ConfigurationOption] = &[
    (
        "allow updates",
        0,
        0,
        1,
        "Allow updates to system tables",
        true,
        false,
        102,
    ),
    (
        "nested triggers",
        1,
        0,
        1,
        "Allow triggers to be invoked within triggers",
        true,
        false,
        115,
    ),
    (
        "remote access",
        1,
        0,
        1,
        "Allow remote access",
        false,
        false,
        117,
    ),
    (
        "default language",
        0,
        0,
        9999,
        "default language",
        true,
        false,
        124,
    ),
    (
        "cross db ownership chaining",
        0,
        0,
        1,
        "Allow cross db ownership chaining",
        true,
        false,
        400,
    ),
    (
        "max worker threads",
        0,
        128,
        65535,
        "Maximum worker threads",
        true,
        true,
        503,
    ),
    (
        "show advanced options",
        0,
        0,
        1,
        "show advanced options",
        true,
        false,
        518,
    ),
    (
        "common criteria compliance enabled",
        0,
        0,
        1,
        "Common Criteria compliance mode enabled",
        false,
        true,
        1577,
    ),
    (
        "clr enabled",
        0,
        0,
        1,
        "CLR user code execution enabled in the server",
        true,
        false,
        1562,
    ),
    (
        "Ole Automation Procedures",
        0,
        0,
        1,
        "Enable or disable Ole Automation Procedures",
        true,
        true,
        16388,
    ),
    (
        "xp_cmdshell",
        0,
        0,
        1,
        "Enable or disable command shell",
        true,
        true,
        16390,
    ),
    (
        "Ad Hoc Distributed Queries",
        0,
        0,
        1,
        "Enable or disable Ad Hoc Distributed Queries",
        true,
        true,
        16391,
    ),
    (
        "contained database authentication",
        0,
        0,
        1,
        "Enables contained databases and contained authentication",
        true,
        false,
        16393,
    ),
];

impl Instance {
    /// Whether everything but the databases is, by identity, what `other` has.
    pub(crate) fn server_wide_is(&self, other: &Self) -> bool {
        self.database_names.ptr_eq(&other.database_names)
            && self.logins.ptr_eq(&other.logins)
            && self.login_names.ptr_eq(&other.login_names)
            && self.members.ptr_eq(&other.members)
            && self.permissions.ptr_eq(&other.permissions)
            && self.configuration.ptr_eq(&other.configuration)
            && self.backups.ptr_eq(&other.backups)
    }

    /// A server with sa, the fixed roles, and master, tempdb, model and msdb.
    pub fn new(options: &InstanceOptions) -> Self {
        let mut new = Self {
            name: Arc::clone(&options.name),
            databases: OrdMap::new(),
            database_names: OrdMap::new(),
            logins: OrdMap::new(),
            login_names: OrdMap::new(),
            members: OrdSet::new(),
            permissions: OrdMap::new(),
            configuration: CONFIGURATION
                .iter()
                .map(|(name, value, ..)| (Arc::from(*name), *value))
                .collect(),
            backups: Backups::default(),
            next_database: 5,
            next_login: 256,
            security_version: 1,
        };
        let login = |id, name: &str, sid, kind| {
            Some(Arc::new(ServerPrincipal {
                id,
                name: Arc::from(name),
                sid,
                kind,
                owner: LoginId::SA,
                created: options.now,
                modified: options.now,
            }))
        };
        new.set_login(
            LoginId::SA,
            login(
                LoginId::SA,
                "sa",
                Sid::sa(),
                ServerPrincipalKind::Login {
                    password: PasswordHash::new(&options.sa_password, "sa\u{0}1"),
                    disabled: false,
                    default_database: Arc::from("master"),
                    default_language: Arc::from("us_english"),
                    check_policy: true,
                    check_expiration: false,
                },
            ),
        );
        for (id, name) in SERVER_ROLES {
            let sid = Sid::new(&[u8::try_from(id.0).expect("fixed roles are below 11")]);
            new.set_login(id, login(id, name, sid, ServerPrincipalKind::Role));
        }
        new.set_server_member(LoginId::SA, LoginId::SYSADMIN, true);
        new.set_server_permission(
            server_key(LoginId::PUBLIC, Permission::VIEW_ANY_DATABASE),
            Some(PermissionState::Grant),
        );
        new.set_server_permission(
            server_key(LoginId::SA, Permission::CONNECT_SQL),
            Some(PermissionState::Grant),
        );
        for (id, name, recovery, guest, chaining, trustworthy) in [
            (DatabaseId::MASTER, "master", "SIMPLE", true, true, false),
            (DatabaseId::TEMPDB, "tempdb", "SIMPLE", true, true, false),
            (DatabaseId::MODEL, "model", "FULL", false, false, false),
            (DatabaseId::MSDB, "msdb", "SIMPLE", true, true, true),
        ] {
            let mut database = Database::new(
                id,
                DatabaseOptions {
                    chaining,
                    trustworthy,
                    recovery: Arc::from(recovery),
                    ..DatabaseOptions::new(name, Sid::sa(), options.collation)
                },
                options.now,
            );
            grant_connect(&mut database, PrincipalId::DBO);
            if guest {
                grant_connect(&mut database, PrincipalId::GUEST);
            }
            new.set_database(id, Some(Arc::new(database)));
        }
        new
    }

    // --- databases ---------------------------------------------------------------------------

    /// All databases, by number.
    pub fn databases(&self) -> impl Iterator<Item = &Arc<Database>> {
        self.databases.values()
    }

    /// A database.
    pub fn database(&self, id: DatabaseId) -> Option<&Arc<Database>> {
        self.databases.get(&id)
    }

    /// A database by name.
    pub fn database_named(&self, name: &str) -> Option<&Arc<Database>> {
        self.database(*self.database_names.get(&NameKey::new(name))?)
    }

    /// For changes; clones what a snapshot still shares.
    pub(crate) fn database_mut(&mut self, id: DatabaseId) -> Option<&mut Database> {
        self.databases.get_mut(&id).map(Arc::make_mut)
    }

    /// A database that the caller has entered, and which therefore exists.
    ///
    /// # Panics
    /// When it does not.
    pub fn entered(&self, id: DatabaseId) -> &Arc<Database> {
        self.database(id).expect("a database in use exists")
    }

    // --- logins ------------------------------------------------------------------------------

    /// All logins and server roles, by number.
    pub fn logins(&self) -> impl Iterator<Item = &Arc<ServerPrincipal>> {
        self.logins.values()
    }

    /// A login or server role.
    pub fn login(&self, id: LoginId) -> Option<&Arc<ServerPrincipal>> {
        self.logins.get(&id)
    }

    /// A login or server role by name.
    pub fn login_named(&self, name: &str) -> Option<&Arc<ServerPrincipal>> {
        self.login(*self.login_names.get(&NameKey::new(name))?)
    }

    /// A login or server role by SID.
    pub fn login_with_sid(&self, sid: &Sid) -> Option<&Arc<ServerPrincipal>> {
        self.logins.values().find(|login| login.sid == *sid)
    }

    /// All (member, role) pairs.
    pub fn server_memberships(&self) -> impl Iterator<Item = (LoginId, LoginId)> {
        self.members.iter().copied()
    }

    /// The server roles of which a login is a direct member.
    pub fn server_roles_of(&self, member: LoginId) -> impl Iterator<Item = LoginId> {
        self.members
            .range((member, LoginId(i32::MIN))..=(member, LoginId(i32::MAX)))
            .map(|(_, role)| *role)
    }

    /// A login, every server role it reaches, and public; in ascending order.
    pub fn login_closure(&self, login: LoginId) -> Vec<LoginId> {
        let mut found = vec![login];
        let mut next = 0;
        while next < found.len() {
            for role in self.server_roles_of(found[next]) {
                if !found.contains(&role) {
                    found.push(role);
                }
            }
            next += 1;
        }
        if !found.contains(&LoginId::PUBLIC) {
            found.push(LoginId::PUBLIC);
        }
        found.sort_unstable();
        found
    }

    /// All permission rows of the server.
    pub fn server_permissions(&self) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
        self.permissions.iter().map(|(key, state)| (key, *state))
    }

    /// The permission rows of one login or role on one server securable.
    pub fn server_permissions_on(
        &self,
        securable: Securable,
        grantee: LoginId,
    ) -> impl Iterator<Item = (&PermissionKey, PermissionState)> {
        rows_on(&self.permissions, securable, grantee.0)
    }

    /// The value in use of an `sp_configure` option.
    pub fn configuration(&self, name: &str) -> Option<i64> {
        self.configuration
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// Grows with every change that can change the answer of a permission check: a token or an
    /// answer that was computed at the same version is still right.
    pub fn security_version(&self) -> u64 {
        self.security_version
    }

    // --- changes, for `undo` only ------------------------------------------------------------

    pub(crate) fn set_database(
        &mut self,
        id: DatabaseId,
        database: Option<Arc<Database>>,
    ) -> Option<Arc<Database>> {
        let before = match &database {
            Some(database) => self.databases.insert(id, Arc::clone(database)),
            None => self.databases.remove(&id),
        };
        if let Some(before) = &before {
            self.database_names.remove(&NameKey::new(before.name()));
        }
        if let Some(database) = &database {
            self.database_names
                .insert(NameKey::new(database.name()), id);
        }
        before
    }

    pub(crate) fn set_database_options(
        &mut self,
        id: DatabaseId,
        options: Arc<DatabaseOptions>,
    ) -> Option<Arc<DatabaseOptions>> {
        let name = NameKey::new(&options.name);
        let database = self.database_mut(id)?;
        let before = std::mem::replace(&mut database.options, options);
        self.database_names.remove(&NameKey::new(&before.name));
        self.database_names.insert(name, id);
        Some(before)
    }

    pub(crate) fn set_login(
        &mut self,
        id: LoginId,
        login: Option<Arc<ServerPrincipal>>,
    ) -> Option<Arc<ServerPrincipal>> {
        let before = match &login {
            Some(login) => self.logins.insert(id, Arc::clone(login)),
            None => self.logins.remove(&id),
        };
        if let Some(before) = &before {
            self.login_names.remove(&NameKey::new(&before.name));
        }
        if let Some(login) = &login {
            self.login_names.insert(NameKey::new(&login.name), id);
        }
        before
    }

    pub(crate) fn set_server_member(
        &mut self,
        member: LoginId,
        role: LoginId,
        present: bool,
    ) -> bool {
        if present {
            self.members.insert((member, role)).is_some()
        } else {
            self.members.remove(&(member, role)).is_some()
        }
    }

    pub(crate) fn set_server_permission(
        &mut self,
        key: PermissionKey,
        state: Option<PermissionState>,
    ) -> Option<PermissionState> {
        match state {
            Some(state) => self.permissions.insert(key, state),
            None => self.permissions.remove(&key),
        }
    }

    pub(crate) fn set_configuration(&mut self, name: Arc<str>, value: i64) -> Option<i64> {
        self.configuration.insert(name, value)
    }

    /// The next value of an identity column, taken: it is not given back by a rollback.
    pub fn take_identity(&mut self, database: DatabaseId, table: ObjectId) -> Option<i128> {
        let data = Arc::make_mut(self.database_mut(database)?.data.get_mut(&table)?);
        let identity = data.identity.as_mut()?;
        let next = identity.next();
        identity.last = Some(next);
        Some(next)
    }

    /// Remembers an explicit identity value (`SET IDENTITY_INSERT ON`), or a reseed.
    pub fn note_identity(
        &mut self,
        database: DatabaseId,
        table: ObjectId,
        value: i128,
        reseed: bool,
    ) {
        let Some(data) = self
            .database_mut(database)
            .and_then(|it| it.data.get_mut(&table))
        else {
            return;
        };
        let data = Arc::make_mut(data);
        if let Some(identity) = &mut data.identity {
            let beyond = match identity.last {
                None => true,
                Some(last) if identity.increment < 0 => value < last,
                Some(last) => value > last,
            };
            if reseed || beyond {
                identity.last = Some(value);
            }
        }
    }

    /// The next value of a sequence, taken. `None` when there is no such sequence.
    ///
    /// # Errors
    /// 11728 when a sequence that does not cycle is exhausted.
    pub fn take_sequence_value(
        &mut self,
        database: DatabaseId,
        sequence: ObjectId,
    ) -> Option<Result<i128, values::SqlError>> {
        let database = self.database_mut(database)?;
        let object = Arc::clone(database.object(sequence)?);
        let definition = object.as_sequence()?;
        let next = match database.sequences.get(&sequence) {
            None => definition.start,
            Some(last) => {
                let next = last.saturating_add(definition.increment);
                if (definition.minimum..=definition.maximum).contains(&next) {
                    next
                } else if definition.cycle {
                    if definition.increment < 0 {
                        definition.maximum
                    } else {
                        definition.minimum
                    }
                } else {
                    return Some(Err(crate::errors::err(
                        11728,
                        16,
                        1,
                        format!(
                            "The sequence object '{}' has reached its minimum or maximum value. \
                             Restart the sequence object to allow new values to be generated.",
                            object.name
                        ),
                    )));
                }
            }
        };
        database.sequences.insert(sequence, next);
        Some(Ok(next))
    }

    /// The next rowversion of a database, taken.
    pub fn take_rowversion(&mut self, database: DatabaseId) -> u64 {
        let Some(database) = self.database_mut(database) else {
            return 0;
        };
        database.last_rowversion += 1;
        database.last_rowversion
    }
}

impl PartialEq for Instance {
    /// Equal content: what undo must bring back. Counters are not part of it.
    fn eq(&self, other: &Self) -> bool {
        self.databases == other.databases
            && self.database_names == other.database_names
            && self.logins == other.logins
            && self.login_names == other.login_names
            && self.members == other.members
            && self.permissions == other.permissions
            && self.configuration == other.configuration
            && self.backups == other.backups
    }
}

impl DatabaseOptions {
    /// What CREATE DATABASE gives.
    pub fn new(name: &str, owner: Sid, collation: Collation) -> Self {
        Self {
            name: Arc::from(name),
            owner,
            master_key: false,
            trustworthy: false,
            chaining: false,
            collation,
            compatibility: 160,
            partially_contained: false,
            read_only: false,
            snapshot_isolation: false,
            read_committed_snapshot: false,
            recursive_triggers: false,
            recovery: Arc::from("FULL"),
            user_access: Arc::from("MULTI_USER"),
            switches: OrdMap::new(),
        }
    }
}

pub(crate) fn server_key(grantee: LoginId, permission: Permission) -> PermissionKey {
    PermissionKey {
        securable: Securable::Server,
        grantee: grantee.0,
        permission,
        column: 0,
        grantor: LoginId::SA.0,
    }
}

/// The key of CONNECT, which every new user gets.
pub(crate) fn connect_key(grantee: PrincipalId) -> PermissionKey {
    PermissionKey {
        securable: Securable::Database,
        grantee: grantee.0,
        permission: Permission::CONNECT,
        column: 0,
        grantor: PrincipalId::DBO.0,
    }
}

pub(crate) fn grant_connect(database: &mut Database, grantee: PrincipalId) {
    database.set_permission(connect_key(grantee), Some(PermissionState::Grant));
}
