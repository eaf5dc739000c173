//! How is a change made so that it can be taken back?
//!
//! Every change of an instance is a [`Change`]; carrying one out yields the change that undoes
//! it. A session keeps those in its [`UndoLog`]: a savepoint is a mark in it, a rollback carries
//! them out backwards. Changes are as small as a row, an object, a principal or a permission, so
//! that what other sessions changed meanwhile stays.
//!
//! Not undone, as on the server: identity values, sequence values, rowversions, and the numbers
//! of objects and principals.

use std::collections::BTreeSet;
use std::sync::Arc;

use values::{SqlError, Value};

use crate::database::{Database, DatabaseOptions};
use crate::errors::err;
use crate::ids::{DatabaseId, KeyId, LoginId, ObjectId, PrincipalId, RowId, SchemaId, UserTypeId};
use crate::instance::Instance;
use crate::login::ServerPrincipal;
use crate::object::Object;
use crate::permission::{PermissionKey, PermissionState, Securable};
use crate::principal::Principal;
use crate::rows::{Duplicate, Row, TableData};
use crate::schema::{Schema, UserType};
use crate::signing::SigningKey;

/// One change of an instance: puts what is given, removes on `None`.
#[derive(Debug, Clone)]
pub enum Change {
    /// A row.
    Row(DatabaseId, ObjectId, RowId, Option<Row>),
    /// All rows of a table at once: TRUNCATE, DROP, ALTER TABLE.
    Data(DatabaseId, ObjectId, Option<Arc<TableData>>),
    /// An object.
    Object(DatabaseId, ObjectId, Option<Arc<Object>>),
    /// A user type.
    Type(DatabaseId, UserTypeId, Option<Arc<UserType>>),
    /// A schema.
    Schema(DatabaseId, SchemaId, Option<Arc<Schema>>),
    /// A database principal.
    Principal(DatabaseId, PrincipalId, Option<Arc<Principal>>),
    /// A certificate or asymmetric key.
    SigningKey(DatabaseId, KeyId, Option<Arc<SigningKey>>),
    /// Membership of (member, role).
    Member(DatabaseId, PrincipalId, PrincipalId, bool),
    /// A permission row.
    Permission(DatabaseId, PermissionKey, Option<PermissionState>),
    /// The options of a database.
    Options(DatabaseId, Arc<DatabaseOptions>),
    /// A whole database.
    Database(DatabaseId, Option<Arc<Database>>),
    /// A login or server role.
    Login(LoginId, Option<Arc<ServerPrincipal>>),
    /// Membership of (member, server role).
    ServerMember(LoginId, LoginId, bool),
    /// A permission row of the server.
    ServerPermission(PermissionKey, Option<PermissionState>),
    /// An `sp_configure` value.
    Configuration(Arc<str>, i64),
}

impl Change {
    /// The database that it changes, unless it is the server's own catalog.
    pub fn database(&self) -> Option<DatabaseId> {
        match self {
            Self::Row(database, ..)
            | Self::Data(database, ..)
            | Self::Object(database, ..)
            | Self::Type(database, ..)
            | Self::Schema(database, ..)
            | Self::Principal(database, ..)
            | Self::SigningKey(database, ..)
            | Self::Member(database, ..)
            | Self::Permission(database, ..)
            | Self::Options(database, ..)
            | Self::Database(database, ..) => Some(*database),
            Self::Login(..)
            | Self::ServerMember(..)
            | Self::ServerPermission(..)
            | Self::Configuration(..) => None,
        }
    }
}

/// What takes back the changes of one session's transaction.
#[derive(Debug, Clone, Default)]
pub struct UndoLog {
    inverses: Vec<Change>,
    rollbacks: u64,
}

/// A place in an [`UndoLog`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

impl Mark {
    /// The start of the log: rolling back to it takes back everything.
    pub const START: Self = Self(0);
}

impl UndoLog {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// The current place: a savepoint, or the start of a statement.
    pub fn mark(&self) -> Mark {
        Mark(self.inverses.len())
    }

    /// How often something was taken back: a copy of the log that was made at the same count and
    /// is not longer is a part of it.
    pub fn rollbacks(&self) -> u64 {
        self.rollbacks
    }

    /// Nothing to take back.
    pub fn is_empty(&self) -> bool {
        self.inverses.is_empty()
    }

    /// The transaction is committed: forget how to take it back.
    pub fn clear(&mut self) {
        self.inverses.clear();
    }

    /// Takes back what was done since the mark, last change first.
    pub fn rollback_to(&mut self, mark: Mark, instance: &mut Instance) {
        if self.inverses.len() > mark.0 {
            self.rollbacks += 1;
        }
        while self.inverses.len() > mark.0 {
            let Some(inverse) = self.inverses.pop() else {
                break;
            };
            instance.carry_out(inverse);
        }
    }

    /// The rows of a table that changed.
    pub fn rows_changed_in(&self, database: DatabaseId, table: ObjectId) -> BTreeSet<RowId> {
        self.inverses
            .iter()
            .filter_map(|change| match change {
                Change::Row(of, in_table, id, _) if *of == database && *in_table == table => {
                    Some(*id)
                }
                _ => None,
            })
            .collect()
    }

    /// What takes back the changes since the mark, oldest first.
    pub fn inverses_since(&self, mark: Mark) -> &[Change] {
        &self.inverses[mark.0.min(self.inverses.len())..]
    }

    /// The databases that changed since the mark.
    pub fn databases_changed_since(&self, mark: Mark) -> Vec<DatabaseId> {
        let mut databases: Vec<_> = self.inverses[mark.0.min(self.inverses.len())..]
            .iter()
            .filter_map(Change::database)
            .collect();
        databases.sort_unstable();
        databases.dedup();
        databases
    }

    /// The (database, table) pairs whose rows changed since the mark.
    pub fn tables_changed_since(&self, mark: Mark) -> Vec<(DatabaseId, ObjectId)> {
        let mut tables: Vec<_> = self.inverses[mark.0.min(self.inverses.len())..]
            .iter()
            .filter_map(|change| match change {
                Change::Row(database, table, ..) | Change::Data(database, table, _) => {
                    Some((*database, *table))
                }
                _ => None,
            })
            .collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }
}

impl Instance {
    /// Carries out a change and remembers how to take it back.
    pub fn apply(&mut self, change: Change, undo: &mut UndoLog) {
        if let Some(inverse) = self.carry_out(change) {
            undo.inverses.push(inverse);
        }
    }

    /// Takes back changes whose inverses are given oldest first, without a way forward again:
    /// for a copy that shows what was committed.
    pub fn take_back(&mut self, inverses: &[Change]) {
        for inverse in inverses.iter().rev() {
            self.carry_out(inverse.clone());
        }
    }

    /// Carries out a change and returns its inverse; `None` when there was nothing to change
    /// because the database or table is gone.
    fn carry_out(&mut self, change: Change) -> Option<Change> {
        if !matches!(change, Change::Row(..) | Change::Data(..)) {
            self.security_version += 1;
        }
        Some(match change {
            Change::Row(database, table, id, row) => {
                let data = self.database_mut(database)?.data.get_mut(&table)?;
                Change::Row(database, table, id, Arc::make_mut(data).set(id, row))
            }
            Change::Data(database, table, data) => {
                let before = self.database_mut(database)?.set_data(table, data);
                Change::Data(database, table, before)
            }
            Change::Object(database, id, object) => {
                let before = self.database_mut(database)?.set_object(id, object);
                Change::Object(database, id, before)
            }
            Change::Type(database, id, user_type) => {
                let before = self.database_mut(database)?.set_type(id, user_type);
                Change::Type(database, id, before)
            }
            Change::Schema(database, id, schema) => {
                let before = self.database_mut(database)?.set_schema(id, schema);
                Change::Schema(database, id, before)
            }
            Change::Principal(database, id, principal) => {
                let before = self.database_mut(database)?.set_principal(id, principal);
                Change::Principal(database, id, before)
            }
            Change::SigningKey(database, id, key) => {
                let before = self.database_mut(database)?.set_signing_key(id, key);
                Change::SigningKey(database, id, before)
            }
            Change::Member(database, member, role, present) => {
                let before = self
                    .database_mut(database)?
                    .set_member(member, role, present);
                Change::Member(database, member, role, before)
            }
            Change::Permission(database, key, state) => {
                let before = self.database_mut(database)?.set_permission(key, state);
                Change::Permission(database, key, before)
            }
            Change::Options(database, options) => {
                let before = self.set_database_options(database, options)?;
                Change::Options(database, before)
            }
            Change::Database(id, database) => Change::Database(id, self.set_database(id, database)),
            Change::Login(id, login) => Change::Login(id, self.set_login(id, login)),
            Change::ServerMember(member, role, present) => {
                Change::ServerMember(member, role, self.set_server_member(member, role, present))
            }
            Change::ServerPermission(key, state) => {
                Change::ServerPermission(key, self.set_server_permission(key, state))
            }
            Change::Configuration(name, value) => {
                let before = self.set_configuration(Arc::clone(&name), value)?;
                Change::Configuration(name, before)
            }
        })
    }

    /// Adds rows to a table.
    ///
    /// # Errors
    /// 2627 or 2601 at the first duplicate; what was added before stays for the caller's rollback.
    pub fn insert_rows(
        &mut self,
        database: DatabaseId,
        table: ObjectId,
        rows: impl IntoIterator<Item = Row>,
        undo: &mut UndoLog,
    ) -> Result<Vec<RowId>, SqlError> {
        let mut ids = Vec::new();
        for row in rows {
            let data = self
                .database_mut(database)
                .and_then(|it| it.data.get_mut(&table))
                .expect("a table that is written exists");
            match Arc::make_mut(data).insert(row) {
                Ok(id) => {
                    undo.inverses.push(Change::Row(database, table, id, None));
                    ids.push(id);
                }
                Err(duplicate) => return Err(self.duplicate_error(database, table, &duplicate)),
            }
        }
        Ok(ids)
    }

    /// Replaces rows. All old rows leave before the new ones come, so that `SET id = id + 1` does
    /// not collide with itself.
    ///
    /// # Errors
    /// 2627 or 2601 at the first duplicate; the caller rolls back.
    pub fn update_rows(
        &mut self,
        database: DatabaseId,
        table: ObjectId,
        rows: Vec<(RowId, Row)>,
        undo: &mut UndoLog,
    ) -> Result<(), SqlError> {
        for (id, _) in &rows {
            self.apply(Change::Row(database, table, *id, None), undo);
        }
        for (id, row) in rows {
            let found = self
                .database(database)
                .and_then(|it| it.data(table))
                .and_then(|data| data.duplicate_of(&row, None));
            if let Some(duplicate) = found {
                return Err(self.duplicate_error(database, table, &duplicate));
            }
            self.apply(Change::Row(database, table, id, Some(row)), undo);
        }
        Ok(())
    }

    /// Removes rows.
    pub fn delete_rows(
        &mut self,
        database: DatabaseId,
        table: ObjectId,
        ids: &[RowId],
        undo: &mut UndoLog,
    ) {
        for id in ids {
            self.apply(Change::Row(database, table, *id, None), undo);
        }
    }

    /// Removes an object, what hangs below it, its rows and its permissions.
    pub(crate) fn remove_object(&mut self, database: DatabaseId, id: ObjectId, undo: &mut UndoLog) {
        let children: Vec<ObjectId> = self
            .database(database)
            .map(|it| it.children_of(id).map(|child| child.id).collect())
            .unwrap_or_default();
        for child in children {
            self.remove_object(database, child, undo);
        }
        self.remove_permissions(database, Securable::Object(id), undo);
        if self
            .database(database)
            .is_some_and(|it| it.data(id).is_some())
        {
            self.apply(Change::Data(database, id, None), undo);
        }
        self.apply(Change::Object(database, id, None), undo);
    }

    /// Removes every permission row on a securable.
    pub(crate) fn remove_permissions(
        &mut self,
        database: DatabaseId,
        securable: Securable,
        undo: &mut UndoLog,
    ) {
        let keys: Vec<PermissionKey> = self
            .database(database)
            .map(|it| it.permissions_of(securable).map(|(key, _)| *key).collect())
            .unwrap_or_default();
        for key in keys {
            self.apply(Change::Permission(database, key, None), undo);
        }
    }

    /// 2627 for a constraint, 2601 for an index.
    pub fn duplicate_error(
        &self,
        database: DatabaseId,
        table: ObjectId,
        duplicate: &Duplicate,
    ) -> SqlError {
        let database = self.entered(database);
        let Some(object) = database.object(table) else {
            return err(2601, 14, 1, "Cannot insert duplicate key row.");
        };
        duplicate_error(
            &format!("{}.{}", database.schema_name(object.schema), object.name),
            object.as_table().expect("rows belong to a table"),
            duplicate,
        )
    }
}

/// 2627 or 2601 for a table known by `name` (`dbo.t`, or a table variable's `@t`).
pub fn duplicate_error(name: &str, table: &crate::Table, duplicate: &Duplicate) -> SqlError {
    let index = table
        .index(duplicate.index)
        .expect("the index belongs to the table");
    let key = key_text(&duplicate.key);
    match index.constraint.and_then(|id| table.constraint(id)) {
        Some(constraint) => {
            let kind = if matches!(constraint.rule, crate::table::Rule::PrimaryKey(_)) {
                "PRIMARY KEY"
            } else {
                "UNIQUE KEY"
            };
            err(
                2627,
                14,
                1,
                format!(
                    "Violation of {kind} constraint '{}'. Cannot insert duplicate key in object \
                     '{name}'. The duplicate key value is {key}.",
                    constraint.name
                ),
            )
        }
        None => err(
            2601,
            14,
            1,
            format!(
                "Cannot insert duplicate key row in object '{name}' with unique index '{}'. The \
                 duplicate key value is {key}.",
                index.name
            ),
        ),
    }
}

/// `(acme, 3)`, as messages quote key values.
pub fn key_text(values: &[Value]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|value| match value {
            Value::Null => "<NULL>".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("({})", values.join(", "))
}
