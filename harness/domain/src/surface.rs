//! What can be attacked: the catalog of every database as an administrator sees it, and the rows
//! that were there before the first attack.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::feature::Feature;
use crate::world::TenantIndex;

/// Everything there is to attack.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Surface {
    /// The databases, tenants' first, in the world's order.
    pub databases: Vec<Database>,
    /// What the server can do besides, as far as scenarios ask for it.
    #[serde(default)]
    pub features: BTreeSet<Feature>,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Whose it is; `None` for shared databases.
    pub tenant: Option<TenantIndex>,
    /// Its user tables, by `schema.table`.
    pub tables: BTreeMap<String, Table>,
    /// Its views, procedures and functions, by `schema.name`.
    pub modules: BTreeMap<String, Module>,
    /// Its users and roles that are not built in, by name.
    pub principals: BTreeMap<String, DatabasePrincipal>,
    /// Its schemas that are not built in, `dbo` included.
    pub schemas: Vec<String>,
    /// What its modules and triggers ask the session for, by the keys of `SESSION_CONTEXT`.
    #[serde(default)]
    pub session_keys: Vec<String>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Columns of the primary key, in key order; empty when there is none.
    pub primary_key: Vec<String>,
    /// Column sets that must be unique besides the primary key.
    pub unique: Vec<Vec<String>>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Trigger names.
    pub triggers: Vec<String>,
    /// Whether earlier versions of its rows are kept, or it keeps those of another.
    #[serde(default)]
    pub temporal: Temporal,
    /// Rows before the first attack, in key order, cells as in a response.
    pub rows: Vec<Vec<Cell>>,
}

/// A table's part in keeping earlier versions of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Temporal {
    /// None.
    #[default]
    No,
    /// Its rows are the current ones.
    Current {
        /// Where the earlier ones are, `schema.table`.
        history: String,
        /// Column that says since when a version is the current one.
        start: String,
        /// Column that says until when.
        end: String,
    },
    /// It holds the earlier rows of this table, `schema.table`.
    History {
        /// Where the current ones are.
        of: String,
    },
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// System type name, lower case, without length.
    pub data_type: String,
    /// Bytes, -1 for MAX.
    pub length_max: i32,
    /// May hold NULL.
    pub nullable: bool,
    /// IDENTITY.
    pub identity: bool,
    /// Computed, rowversion or GENERATED: cannot be written.
    pub generated: bool,
    /// Has a DEFAULT.
    pub has_default: bool,
}

/// One foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// Referencing columns.
    pub columns: Vec<String>,
    /// Referenced `schema.table`.
    pub table: String,
    /// Referenced columns.
    pub referenced: Vec<String>,
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// `sys.objects.type`: V, P, FN, IF, TF.
    pub kind: String,
    /// Parameters in order, as (name with @, type name).
    pub parameters: Vec<(String, String)>,
    /// Parameters that give something back, by name.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Columns of a view or table function, in order.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Columns that somebody may update one by one; empty when rights are given as a whole.
    #[serde(default)]
    pub updatable: Vec<String>,
    /// It reads the past of temporal tables.
    #[serde(default)]
    pub past: bool,
}

/// One user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabasePrincipal {
    /// `sys.database_principals.type`: S, R, A …
    pub kind: String,
    /// Roles it is a direct member of.
    pub roles: Vec<String>,
}

/// One value of a row, as the driver gave it, in a form that prints, compares and hashes the same
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// NULL.
    Null,
    /// bit.
    Bit(bool),
    /// Integers of any width.
    Integer(i64),
    /// decimal, numeric, money: as printed, with all digits of its scale.
    Decimal(String),
    /// real and float: as printed with the digits that read back to the same value.
    Float(String),
    /// Character data.
    Text(String),
    /// Binary data.
    Binary(Vec<u8>),
    /// uniqueidentifier, lower case with hyphens.
    Guid(String),
    /// Dates and times, ISO 8601.
    Temporal(String),
}

impl Cell {
    /// The value as a T-SQL literal.
    pub fn literal(&self) -> String {
        match self {
            Self::Null => "NULL".into(),
            Self::Bit(value) => u8::from(*value).to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Decimal(text) | Self::Float(text) => text.clone(),
            Self::Text(text) => format!("N'{}'", text.replace('\'', "''")),
            Self::Guid(text) | Self::Temporal(text) => format!("'{text}'"),
            Self::Binary(bytes) => bytes.iter().fold("0x".to_owned(), |mut hex, byte| {
                hex.push_str(&format!("{byte:02X}"));
                hex
            }),
        }
    }
}

impl Module {
    /// `schema.name`.
    pub fn object(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

impl Table {
    /// `schema.table`.
    pub fn object(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The position of a column, by name without case.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|own| own.name.eq_ignore_ascii_case(column))
    }
}
