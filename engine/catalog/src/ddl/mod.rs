//! Definitions: what CREATE, ALTER and DROP check, change and refuse. One file per kind of thing.
//!
//! The functions here take the parsed statement; permissions, names, duplicates and dependencies
//! are checked in the order in which the server checks them, because the first message is what a
//! caller sees. Expressions are evaluated by the layer above, through [`Evaluator`].

mod alter_table;
mod backups;
mod database_triggers;
mod databases;
mod drops;
mod foreign_keys;
mod indexes;
mod logins;
mod masks;
mod modules;
mod permissions;
mod place;
mod policies;
mod rename;
mod schemas;
mod sequences;
mod signing;
mod switch;
mod tables;
mod temporal;
mod trigger_order;
mod types;
mod users;
mod versioned_changes;

use values::{SqlError, SqlType, Value};

use crate::errors::Errors;
use crate::ids::{DatabaseId, ObjectId, SchemaId};
use crate::instance::Instance;
use crate::names::TemporaryNames;
use crate::rows::Row;
use crate::security::SecurityContext;
use crate::table::{Column, Table};
use crate::undo::UndoLog;
use tsql::{Alter, Create, DropKind, Name, sql};

pub use backups::{BackupRequest, RestoreRequest, Transferred, logical_file};
pub(crate) use permissions::fits;
pub use temporal::{open_end, period_time};
pub use types::DeclaredType;

/// Expressions are the business of the query layer; DDL asks it through this.
///
/// The instance is passed mutably only because user-defined functions run with one; an evaluator
/// changes nothing.
pub trait Evaluator {
    /// A constant expression (the DEFAULT for rows that exist already), converted to the column's
    /// type as an assignment would.
    ///
    /// # Errors
    /// Whatever the expression raises.
    fn constant(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        expression: &sql::Expr,
        column: &Column,
    ) -> Result<Value, SqlError>;

    /// Binds an expression over the columns of a table (computed column, CHECK, DEFAULT) and gives
    /// its type and whether it can be NULL. For CHECK conditions the type is ignored.
    ///
    /// # Errors
    /// 207 for an unknown column and whatever else binding raises.
    fn expression_type(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        columns: &[Column],
        expression: &ExpressionUse<'_>,
    ) -> Result<(SqlType, bool), SqlError>;

    /// The value of a computed column for one row, in the type that `expression_type` gave.
    ///
    /// # Errors
    /// Whatever the expression raises.
    fn computed(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        columns: &[Column],
        row: &[Value],
        expression: &sql::Expr,
    ) -> Result<Value, SqlError>;

    /// Whether a CHECK condition is not false for a row.
    ///
    /// # Errors
    /// Whatever the condition raises.
    fn satisfies(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        table: &Table,
        row: &Row,
        condition: &sql::Expr,
    ) -> Result<bool, SqlError>;

    /// The result columns of a view or inline function that is being defined, names and types
    /// only (ids are given by the caller). `schema` is the module's.
    ///
    /// # Errors
    /// 208, 207, 4511, 4506 and whatever else binding the query raises.
    fn module_columns(
        &mut self,
        instance: &mut Instance,
        context: &SecurityContext,
        database: DatabaseId,
        schema: SchemaId,
        module: &tsql::Module,
    ) -> Result<Vec<(String, SqlType, bool)>, Errors>;
}

/// An expression and the place where it stands.
#[derive(Debug, Clone, Copy)]
pub enum ExpressionUse<'a> {
    /// A computed column.
    Computed(&'a sql::Expr),
    /// A CHECK condition.
    Check(&'a sql::Expr),
    /// A DEFAULT: no columns may be named (128).
    Default(&'a sql::Expr),
}

/// One definition statement in the making.
pub struct Ddl<'a> {
    /// The server.
    pub instance: &'a mut Instance,
    /// Who acts.
    pub context: &'a SecurityContext,
    /// The current database, or that of the module in which the statement stands.
    pub database: DatabaseId,
    /// Where the changes are remembered.
    pub undo: &'a mut UndoLog,
    /// The session's temporary names.
    pub temporary: &'a mut TemporaryNames,
    /// The query layer.
    pub evaluator: &'a mut dyn Evaluator,
    /// Now, in 100 ns ticks since 0001-01-01.
    pub now: i64,
}

/// A table variable or table-valued parameter: a table outside of every database.
#[derive(Debug, Clone, PartialEq)]
pub struct TableVariable {
    /// Name with `@`.
    pub name: String,
    /// Its definition.
    pub table: Table,
    /// Its rows.
    pub data: crate::rows::TableData,
}

/// The object that a statement made, when it made one.
pub type Made = Option<(DatabaseId, ObjectId)>;

impl Ddl<'_> {
    /// Everything under CREATE.
    ///
    /// # Errors
    /// What the server raises for the kind of thing; see its file.
    pub fn create(&mut self, create: &Create) -> Result<Made, Errors> {
        match create {
            Create::Database {
                name,
                collation,
                options,
            } => self.create_database(name, collation.as_deref(), options),
            Create::Schema {
                name,
                owner,
                elements,
            } => self
                .create_schema(name.as_deref(), owner.as_deref(), elements)
                .map(|()| None),
            Create::Login {
                name,
                source,
                options,
            } => self.create_login(name, source, options).map(|()| None),
            Create::User {
                name,
                source,
                options,
            } => self.create_user(name, source, options).map(|()| None),
            Create::Role { name, owner } => self.create_role(name, owner.as_deref()).map(|()| None),
            Create::ServerRole { name, owner } => self
                .create_server_role(name, owner.as_deref())
                .map(|()| None),
            Create::ApplicationRole { name, options } => {
                self.create_application_role(name, options).map(|()| None)
            }
            Create::Table { name, definition } => self.create_table(name, definition),
            Create::Index { name, table, index } => self.create_index(name, table, index),
            Create::Module(module) => self.create_module(module),
            Create::Synonym { name, target } => self.create_synonym(name, target),
            Create::Sequence {
                name,
                data_type,
                options,
            } => self.create_sequence(name, data_type.as_ref(), options),
            Create::TableType { name, definition } => self.create_table_type(name, definition),
            Create::AliasType {
                name,
                base,
                not_null,
            } => self.create_alias_type(name, base, *not_null),
            Create::SecurityPolicy(policy) => self.create_policy(policy),
            Create::MasterKey { password } => self.create_master_key(password).map(|()| None),
            Create::SigningKey(key) => self.create_signing_key(key).map(|()| None),
        }
    }

    /// Everything under ALTER that is not a statement of its own.
    ///
    /// # Errors
    /// What the server raises for the kind of thing; see its file.
    pub fn alter(&mut self, alter: &Alter) -> Result<Made, Errors> {
        match alter {
            Alter::Table(name, action) => self.alter_table(name, action),
            Alter::DatabaseSet(name, options) => {
                self.alter_database(name.as_deref(), options).map(|()| None)
            }
            Alter::Login {
                name,
                enable,
                options,
            } => self.alter_login(name, *enable, options).map(|()| None),
            Alter::User { name, options } => self.alter_user(name, options).map(|()| None),
            Alter::Role {
                name,
                server: false,
                change,
            } => self.alter_role(name, change).map(|()| None),
            Alter::Role {
                name,
                server: true,
                change,
            } => self.alter_server_role(name, change).map(|()| None),
            Alter::ApplicationRole { name, options } => {
                self.alter_application_role(name, options).map(|()| None)
            }
            Alter::SchemaTransfer { schema, securable } => {
                self.transfer(schema, securable).map(|()| None)
            }
            Alter::Index {
                name,
                table,
                action,
            } => self
                .alter_index(name.as_deref(), table, action)
                .map(|()| None),
            Alter::SecurityPolicy(policy) => self.alter_policy(policy).map(|()| None),
            Alter::Sequence { name, options } => self.alter_sequence(name, options).map(|()| None),
        }
    }

    /// Everything under DROP, name by name.
    ///
    /// # Errors
    /// What the server raises at the first name that cannot be dropped.
    pub fn drop(
        &mut self,
        kind: DropKind,
        if_exists: bool,
        names: &[Name],
        on: Option<&Name>,
    ) -> Result<(), Errors> {
        for name in names {
            let short = crate::names::last(name);
            match kind {
                DropKind::Database => self.drop_database(short, if_exists)?,
                DropKind::Schema => self.drop_schema(short, if_exists)?,
                DropKind::Login => self.drop_login(short, if_exists)?,
                DropKind::User => self.drop_user(short, if_exists)?,
                DropKind::Role => self.drop_role(short, if_exists)?,
                DropKind::ServerRole => self.drop_server_role(short, if_exists)?,
                DropKind::ApplicationRole => self.drop_application_role(short, if_exists)?,
                DropKind::Table
                | DropKind::View
                | DropKind::Procedure
                | DropKind::Function
                | DropKind::Trigger
                | DropKind::Synonym
                | DropKind::Sequence
                | DropKind::SecurityPolicy => self.drop_object(kind, name, if_exists)?,
                DropKind::Index => self.drop_index(name, on, if_exists)?,
                DropKind::Type => self.drop_type(name, if_exists)?,
                DropKind::Certificate => self.drop_signing_key(false, short, if_exists)?,
                DropKind::AsymmetricKey => self.drop_signing_key(true, short, if_exists)?,
                DropKind::DdlTrigger => self.drop_database_trigger(short, if_exists)?,
            }
        }
        Ok(())
    }
}
