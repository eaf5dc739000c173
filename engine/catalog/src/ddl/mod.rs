//! Definitions: what CREATE, ALTER and DROP check, change and refuse. One file per kind of thing.
//!
//! The functions here take the parsed statement; permissions, names, duplicates and dependencies
//! are checked in the order in which the server checks them, because the first message is what a
//! caller sees. Expressions are evaluated by the layer above, through [`Evaluator`].

use values::{SqlError, SqlType, Value};

use crate::errors::Errors;
use crate::ids::{DatabaseId, ObjectId, SchemaId};
use crate::instance::Instance;
use crate::names::TemporaryNames;
use crate::rows::Row;
use crate::security::SecurityContext;
use crate::table::{Column, Table};
use crate::undo::UndoLog;
use tsql::sql;

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
