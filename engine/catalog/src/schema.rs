//! The namespaces of a database, and types made by users.

use std::sync::Arc;

use values::SqlType;

use crate::ids::{PrincipalId, SchemaId, UserTypeId};
use crate::table::Table;

/// One row of `sys.schemas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Its number.
    pub id: SchemaId,
    /// Its name.
    pub name: Arc<str>,
    /// Its owner, who owns what it holds.
    pub owner: PrincipalId,
}

/// A type made by CREATE TYPE.
#[derive(Debug, Clone, PartialEq)]
pub struct UserType {
    /// Its number.
    pub id: UserTypeId,
    /// Its name.
    pub name: Arc<str>,
    /// Its schema.
    pub schema: SchemaId,
    /// Set by ALTER AUTHORIZATION.
    pub owner: Option<PrincipalId>,
    /// What it stands for.
    pub kind: UserTypeKind,
}

/// The kinds of user type.
#[derive(Debug, Clone, PartialEq)]
pub enum UserTypeKind {
    /// FROM a system type.
    Alias {
        /// The system type.
        base: SqlType,
        /// NULL allowed unless a column says otherwise.
        nullable: bool,
    },
    /// AS TABLE.
    Table(Arc<Table>),
}
