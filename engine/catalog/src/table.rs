//! What a table is made of: columns, constraints, indexes, and its temporal side.

use std::sync::Arc;

use tsql::{Generated, ReferentialAction, sql};
use values::{Collation, SqlType};

use crate::ids::{ColumnId, IndexId, ObjectId, UserTypeId};
use crate::mask::Mask;

/// The definition of a table; its rows are in [`TableData`](crate::TableData).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Columns in order. A stored row has one value per column, computed ones included.
    pub columns: Vec<Column>,
    /// PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK and DEFAULT, in order of creation.
    pub constraints: Vec<Constraint>,
    /// Indexes, those of constraints included.
    pub indexes: Vec<Index>,
    /// `PERIOD FOR SYSTEM_TIME (start, end)`.
    pub period: Option<(ColumnId, ColumnId)>,
    /// Its role in system versioning.
    pub temporal: Temporal,
    /// The number that the next column gets.
    pub next_column: i32,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its number.
    pub id: ColumnId,
    /// Its name.
    pub name: Arc<str>,
    /// Its type, aliases resolved.
    pub data_type: SqlType,
    /// The alias type it was declared with (256 is sysname).
    pub user_type: Option<UserTypeId>,
    /// NULL allowed.
    pub nullable: bool,
    /// COLLATE, or the database's; without meaning for types that are not text.
    pub collation: Collation,
    /// IDENTITY.
    pub identity: Option<Identity>,
    /// Computed.
    pub computed: Option<Computed>,
    /// ROWGUIDCOL.
    pub row_guid: bool,
    /// GENERATED ALWAYS AS ROW START or END.
    pub generated: Option<Generated>,
    /// HIDDEN: not in `SELECT *`.
    pub hidden: bool,
    /// MASKED WITH (FUNCTION = …).
    pub masked: Option<Arc<Mask>>,
    /// SPARSE.
    pub sparse: bool,
}

/// IDENTITY(seed, increment).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// First value.
    pub seed: i128,
    /// Step.
    pub increment: i128,
}

/// A computed column.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// Its expression.
    pub expression: Arc<sql::Expr>,
    /// The source, for the catalog views.
    pub text: Arc<str>,
    /// PERSISTED.
    pub persisted: bool,
}

/// One constraint. The same number and name stand in `sys.objects`.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its object.
    pub id: ObjectId,
    /// Its name.
    pub name: Arc<str>,
    /// The server made up the name.
    pub system_named: bool,
    /// NOCHECK.
    pub disabled: bool,
    /// Added or enabled WITH NOCHECK.
    pub not_trusted: bool,
    /// What it demands.
    pub rule: Rule,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// PRIMARY KEY, kept by this index.
    PrimaryKey(IndexId),
    /// UNIQUE, kept by this index.
    Unique(IndexId),
    /// FOREIGN KEY.
    ForeignKey(ForeignKey),
    /// CHECK.
    Check {
        /// The column it was written at.
        column: Option<ColumnId>,
        /// The condition.
        condition: Arc<sql::Expr>,
        /// Its source.
        text: Arc<str>,
    },
    /// DEFAULT.
    Default {
        /// The column.
        column: ColumnId,
        /// The value.
        value: Arc<sql::Expr>,
        /// Its source.
        text: Arc<str>,
    },
}

/// FOREIGN KEY.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// Referencing columns.
    pub columns: Vec<ColumnId>,
    /// Referenced table, in the same database.
    pub table: ObjectId,
    /// Referenced columns, in the order of `columns`.
    pub referenced: Vec<ColumnId>,
    /// The unique index of the referenced table that the key relies on.
    pub index: IndexId,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
}

/// One index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// 1 when clustered.
    pub id: IndexId,
    /// Its name.
    pub name: Arc<str>,
    /// Refuses duplicates.
    pub unique: bool,
    /// IGNORE_DUP_KEY: INSERT leaves out duplicates with a warning instead of failing.
    pub ignores_duplicates: bool,
    /// Gives the order of the rows.
    pub clustered: bool,
    /// Key columns; `true` is descending.
    pub key: Vec<(ColumnId, bool)>,
    /// INCLUDE.
    pub include: Vec<ColumnId>,
    /// WHERE, with its source.
    pub filter: Option<(Filter, Arc<str>)>,
    /// The constraint that made it.
    pub constraint: Option<ObjectId>,
    /// ALTER INDEX … DISABLE.
    pub disabled: bool,
}

/// The WHERE of a filtered index: SQL Server allows comparisons of columns with constants,
/// joined by AND, and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// `column IS NULL`.
    IsNull(ColumnId),
    /// `column IS NOT NULL`.
    IsNotNull(ColumnId),
    /// `column op constant`; the constant has the column's type.
    Compare(ColumnId, FilterOperator, values::Value),
    /// `column IN (constants)`.
    In(ColumnId, Vec<values::Value>),
}

/// Comparison of a filtered index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterOperator {
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A table's role in system versioning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Temporal {
    /// None.
    #[default]
    None,
    /// SYSTEM_VERSIONING = ON.
    Versioned {
        /// Its history table.
        history: ObjectId,
        /// HISTORY_RETENTION_PERIOD; `None` is INFINITE.
        retention: Option<Retention>,
    },
    /// The history table of this one.
    History {
        /// The current table.
        of: ObjectId,
    },
}

/// HISTORY_RETENTION_PERIOD of a system-versioned table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How many units.
    pub count: i32,
    /// Days, weeks, months or years.
    pub unit: RetentionUnit,
}

/// The unit of a retention period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionUnit {
    /// DAY.
    Day,
    /// WEEK.
    Week,
    /// MONTH.
    Month,
    /// YEAR.
    Year,
}

impl RetentionUnit {
    /// `history_retention_period_unit` of `sys.tables`, with its description.
    pub fn code(self) -> (i32, &'static str) {
        match self {
            Self::Day => (3, "DAY"),
            Self::Week => (4, "WEEK"),
            Self::Month => (5, "MONTH"),
            Self::Year => (6, "YEAR"),
        }
    }
}

impl Table {
    /// The places of the period's columns in a row.
    pub fn period_places(&self) -> Option<(usize, usize)> {
        let (start, end) = self.period?;
        Some((self.position(start)?, self.position(end)?))
    }

    /// Its history table, while SYSTEM_VERSIONING is ON.
    pub fn history(&self) -> Option<ObjectId> {
        match self.temporal {
            Temporal::Versioned { history, .. } => Some(history),
            Temporal::None | Temporal::History { .. } => None,
        }
    }

    /// It is the history table of another one.
    pub fn is_history(&self) -> bool {
        matches!(self.temporal, Temporal::History { .. })
    }

    /// Where a column stands in a row.
    pub fn position(&self, id: ColumnId) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// A column by number.
    pub fn column(&self, id: ColumnId) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// A column by name.
    pub fn column_named(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| crate::ids::same_name(&column.name, name))
    }

    /// Where a column of this name stands in a row.
    pub fn position_named(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| crate::ids::same_name(&column.name, name))
    }

    /// The identity column's place and its seed.
    pub fn identity(&self) -> Option<(usize, Identity)> {
        self.columns
            .iter()
            .enumerate()
            .find_map(|(i, column)| column.identity.map(|identity| (i, identity)))
    }

    /// The DEFAULT of a column.
    pub fn default_of(&self, column: ColumnId) -> Option<&Arc<sql::Expr>> {
        self.constraints
            .iter()
            .find_map(|constraint| match &constraint.rule {
                Rule::Default {
                    column: of, value, ..
                } if *of == column => Some(value),
                _ => None,
            })
    }

    /// Its foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
        self.constraints
            .iter()
            .filter_map(|constraint| match &constraint.rule {
                Rule::ForeignKey(key) => Some((constraint, key)),
                _ => None,
            })
    }

    /// Its CHECK constraints.
    pub fn checks(&self) -> impl Iterator<Item = (&Constraint, &Arc<sql::Expr>)> {
        self.constraints
            .iter()
            .filter_map(|constraint| match &constraint.rule {
                Rule::Check { condition, .. } => Some((constraint, condition)),
                _ => None,
            })
    }

    /// Its primary key's index.
    pub fn primary_key(&self) -> Option<&Index> {
        self.constraints
            .iter()
            .find_map(|constraint| match constraint.rule {
                Rule::PrimaryKey(index) => self.index(index),
                _ => None,
            })
    }

    /// An index by number.
    pub fn index(&self, id: IndexId) -> Option<&Index> {
        self.indexes.iter().find(|index| index.id == id)
    }

    /// An index by name.
    pub fn index_named(&self, name: &str) -> Option<&Index> {
        self.indexes
            .iter()
            .find(|index| crate::ids::same_name(&index.name, name))
    }

    /// A constraint by number.
    pub fn constraint(&self, id: ObjectId) -> Option<&Constraint> {
        self.constraints
            .iter()
            .find(|constraint| constraint.id == id)
    }

    /// A constraint by name.
    pub fn constraint_named(&self, name: &str) -> Option<&Constraint> {
        self.constraints
            .iter()
            .find(|constraint| crate::ids::same_name(&constraint.name, name))
    }
}

impl Column {
    /// A plain nullable column: what views and functions yield.
    pub fn plain(
        id: ColumnId,
        name: impl Into<Arc<str>>,
        data_type: SqlType,
        nullable: bool,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            data_type,
            user_type: None,
            nullable,
            collation: Collation::default(),
            identity: None,
            computed: None,
            row_guid: false,
            generated: None,
            hidden: false,
            masked: None,
            sparse: false,
        }
    }
}
