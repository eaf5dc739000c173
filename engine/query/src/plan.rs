//! What is a bound query? Every name is an object, column or variable by now, every expression
//! has a type, and nothing here needs the catalog's names again.
//!
//! Columns are addressed by `level` (0 is the running SELECT, 1 the one around it, …), by `slot`
//! (one per relation of that SELECT) and by ordinal. After grouping, slot 0 holds the group's
//! keys, then a flag per key for GROUPING, then its aggregates; the values of window functions stand in one more slot behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{DatabaseId, ObjectId};
use values::{BinaryOperator, Collation, ScalarFunction, SqlType, UnaryOperator, Value};

use crate::footprint::LockHints;
use crate::session_functions::SessionFunction;
use crate::state::ModuleRef;

/// A scalar expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) data_type: SqlType,
    pub(crate) collation: CollationLabel,
    pub(crate) nullable: bool,
}

/// Where a text's collation comes from, which decides who wins when two meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CollationLabel {
    /// Literals and variables take the database's collation and give way to a column's.
    Coercible(Collation),
    /// A column's.
    Implicit(Collation),
    /// COLLATE.
    Explicit(Collation),
    /// Two columns disagreed; an error as soon as somebody has to compare.
    Conflict(Collation, Collation),
}

impl CollationLabel {
    pub(crate) fn collation(self) -> Collation {
        match self {
            Self::Coercible(c) | Self::Implicit(c) | Self::Explicit(c) | Self::Conflict(c, _) => c,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExprKind {
    Constant(Value),
    Column(ColumnRef),
    Variable(Arc<str>),
    /// A number that SQL Server reads once per statement or session: `@@ROWCOUNT`, `DB_NAME()`.
    Session(SessionFunction, Vec<Expr>),
    Convert {
        operand: Box<Expr>,
        style: Option<Box<Expr>>,
        explicit: bool,
        /// TRY_CAST and TRY_CONVERT: NULL instead of an error.
        or_null: bool,
    },
    Unary(UnaryOperator, Box<Expr>),
    Binary(BinaryOperator, Box<Expr>, Box<Expr>),
    Case {
        branches: Vec<(Condition, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Coalesce(Vec<Expr>),
    /// CHOOSE(index, …).
    Choose(Box<Expr>, Vec<Expr>),
    Function(Builtin, Vec<Expr>, Collation),
    Json(crate::json::JsonFunction, Vec<Expr>),
    UserFunction(ModuleRef, Vec<Expr>),
    NextValue(ModuleRef),
    /// BINARY_CHECKSUM(*) and CHECKSUM(*) over whole relations.
    RowChecksum(Vec<u16>),
    Subquery(Arc<Subquery>),
    /// AT TIME ZONE with a fixed offset in minutes.
    AtTimeZone(Box<Expr>, Box<Expr>),
    /// Only while binding: replaced by a column of the grouped row.
    Aggregate(Box<AggregateCall>),
    /// Only while binding: replaced by a column of the window slot.
    Window(Box<WindowCall>),
    /// `GROUPING(x)`, `GROUPING_ID(…)`: while binding; replaced by a column.
    Grouping(Vec<Expr>),
    /// `UPDATE(column)` inside a trigger.
    UpdatedColumn(usize),
    /// `COLUMNS_UPDATED()` inside a trigger.
    UpdatedColumns,
    /// The number of the stored row in a slot.
    RowId(u16),
}

/// A column of a row that is being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ColumnRef {
    pub(crate) level: u16,
    pub(crate) slot: u16,
    pub(crate) ordinal: u16,
}

/// A function of the values crate; equal by name.
#[derive(Clone, Copy)]
pub(crate) struct Builtin(pub(crate) &'static ScalarFunction);

impl PartialEq for Builtin {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// A condition: T-SQL keeps conditions and values apart, and so do the types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Compare(Comparison, Box<Expr>, Box<Expr>, Collation),
    /// IS [NOT] DISTINCT FROM: never unknown.
    Distinct {
        left: Box<Expr>,
        right: Box<Expr>,
        collation: Collation,
        negated: bool,
    },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    Like {
        operand: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        collation: Collation,
        negated: bool,
    },
    In {
        operand: Box<Expr>,
        list: Vec<Expr>,
        collation: Collation,
        negated: bool,
    },
    Exists(Arc<Subquery>),
    InSubquery {
        operand: Box<Expr>,
        subquery: Arc<Subquery>,
        /// Both sides are converted to this before they are compared.
        common: SqlType,
        collation: Collation,
        negated: bool,
    },
    Quantified {
        comparison: Comparison,
        /// ALL rather than ANY.
        all: bool,
        operand: Box<Expr>,
        subquery: Arc<Subquery>,
        collation: Collation,
    },
    /// `UPDATE(column)` and the like: an expression that is 0 or 1.
    Truth(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// As messages 402 and 468 name it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Equal => "equal to",
            Self::NotEqual => "not equal to",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
            Self::Greater => "greater than",
            Self::GreaterOrEqual => "greater than or equal to",
        }
    }
}

/// A query inside an expression or a relation.
#[derive(Debug, Clone)]
pub(crate) struct Subquery {
    /// Unique in its statement: the key under which an uncorrelated result is kept.
    pub(crate) id: u32,
    pub(crate) query: Query,
    /// What it reads of the rows around it; level 0 is the SELECT that holds it.
    pub(crate) outer: BTreeSet<ColumnRef>,
    /// It reads the working table of a recursive CTE, whose rows change from round to round.
    pub(crate) volatile: bool,
}

impl PartialEq for Subquery {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Subquery {
    /// Its result is the same for every row around it.
    pub(crate) fn is_constant(&self) -> bool {
        self.outer.is_empty() && !self.volatile
    }
}

/// A query expression.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) columns: Vec<OutputColumn>,
    pub(crate) body: Body,
}

/// One column of a query's result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutputColumn {
    pub(crate) name: Arc<str>,
    pub(crate) data_type: SqlType,
    pub(crate) nullable: bool,
    pub(crate) collation: Collation,
    /// Its identity property, for SELECT INTO.
    pub(crate) identity: Option<catalog::Identity>,
    /// Name of the relation it comes from, for FOR JSON AUTO.
    pub(crate) relation: Option<Arc<str>>,
    /// How its values are shown to this caller, who may not see them unmasked.
    pub(crate) mask: Option<Arc<catalog::Mask>>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Select(Box<Select>),
    /// VALUES as a table.
    Values(Vec<Vec<Expr>>),
    Set(Box<SetOperation>),
    /// A query whose rows become one JSON text.
    Json(Box<Query>, crate::json::ForJson),
}

#[derive(Debug, Clone)]
pub(crate) struct SetOperation {
    pub(crate) operator: SetOperator,
    /// Two; any number for UNION ALL.
    pub(crate) sides: Vec<Query>,
    /// Over the output's ordinals.
    pub(crate) order_by: Vec<(usize, bool)>,
    pub(crate) limit: Limit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOperator {
    UnionAll,
    Union,
    Except,
    Intersect,
}

/// One SELECT.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) slots: u16,
    pub(crate) source: Option<Source>,
    pub(crate) filter: Vec<Condition>,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) having: Vec<Condition>,
    pub(crate) windows: Vec<WindowCall>,
    pub(crate) projection: Vec<Expr>,
    pub(crate) distinct: bool,
    pub(crate) order_by: Vec<SortKey>,
    pub(crate) limit: Limit,
}

/// TOP, OFFSET and FETCH.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limit {
    pub(crate) top: Option<Expr>,
    pub(crate) percent: bool,
    pub(crate) with_ties: bool,
    pub(crate) offset: Option<Expr>,
}

impl Limit {
    pub(crate) fn is_none(&self) -> bool {
        self.top.is_none() && self.offset.is_none()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SortKey {
    pub(crate) by: SortBy,
    pub(crate) descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SortBy {
    /// A column of the result.
    Output(usize),
    /// An expression over the same row as the projection.
    Expr(Expr),
}

/// GROUP BY, or the one group of an aggregate without it.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub(crate) keys: Vec<Expr>,
    /// Which keys each grouping set keeps; one set with all keys for a plain GROUP BY.
    pub(crate) sets: Vec<Vec<usize>>,
    pub(crate) aggregates: Vec<AggregateCall>,
    /// Without GROUP BY there is one group even over no rows.
    pub(crate) scalar: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AggregateCall {
    pub(crate) function: AggregateFunction,
    pub(crate) distinct: bool,
    pub(crate) argument: Option<Expr>,
    /// STRING_AGG's.
    pub(crate) separator: Option<Expr>,
    /// WITHIN GROUP.
    pub(crate) order_by: Vec<(Expr, bool)>,
    pub(crate) data_type: SqlType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateFunction {
    Count,
    CountBig,
    Sum,
    Avg,
    Min,
    Max,
    Stdev,
    StdevP,
    Var,
    VarP,
    StringAgg,
    ChecksumAgg,
    ApproxCountDistinct,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WindowCall {
    pub(crate) function: WindowFunction,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) partition_by: Vec<Expr>,
    pub(crate) order_by: Vec<(Expr, bool)>,
    pub(crate) frame: Frame,
    pub(crate) data_type: SqlType,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WindowFunction {
    RowNumber,
    Rank,
    DenseRank,
    Ntile,
    PercentRank,
    CumeDist,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    /// NEXT VALUE FOR … OVER.
    NextValue(ModuleRef),
    Aggregate(Box<AggregateCall>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// ROWS rather than RANGE.
    pub(crate) rows: bool,
    pub(crate) start: Bound,
    pub(crate) end: Bound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    UnboundedPreceding,
    Preceding(u64),
    CurrentRow,
    Following(u64),
    UnboundedFollowing,
}

/// Where rows come from. Every relation fills one slot.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Relation(Relation),
    Join(Box<Join>),
}

#[derive(Debug, Clone)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) left: Source,
    pub(crate) right: Source,
    /// Equalities `left = right` of which each side reads only its own relations: hashed.
    pub(crate) equal: Vec<EquiKey>,
    /// The rest of ON.
    pub(crate) on: Vec<Condition>,
    /// The right side reads the left row: run again for each.
    pub(crate) lateral: bool,
}

/// One hashed equality of a join.
#[derive(Debug, Clone)]
pub(crate) struct EquiKey {
    pub(crate) left: Expr,
    pub(crate) right: Expr,
    pub(crate) common: SqlType,
    pub(crate) collation: Collation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Full,
}

#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub(crate) slot: u16,
    pub(crate) kind: RelationKind,
    /// Row filters of a security policy: asked before anything that the statement says, so that
    /// no expression of the statement ever sees a hidden row.
    pub(crate) guard: Vec<Guard>,
    /// Conditions over this relation alone (and what stands around it).
    pub(crate) filter: Vec<Condition>,
    /// Rows through an index instead of a scan.
    pub(crate) seek: Option<Seek>,
    /// How its rows are to be locked.
    pub(crate) lock: LockHints,
}

/// A predicate of a security policy: a row passes when the inline function has a row for it.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// The function's arguments, over the guarded row.
    pub(crate) arguments: Vec<Expr>,
    /// The function's query, which reads its parameters as columns of level 1, slot 0.
    pub(crate) body: Arc<Subquery>,
}

/// An index lookup: `key` gives one value per leading key column, already of its type.
#[derive(Debug, Clone)]
pub(crate) struct Seek {
    pub(crate) index: catalog::IndexId,
    pub(crate) key: Vec<Expr>,
}

/// The versions of a system-versioned table's rows: those that are current, and those before.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    pub(crate) current: TableRef,
    pub(crate) history: TableRef,
    /// The row filters of both: a policy on the current table says nothing of its history.
    pub(crate) current_guard: Vec<Guard>,
    pub(crate) history_guard: Vec<Guard>,
    /// The places of the period's columns, in both tables.
    pub(crate) period: (usize, usize),
    pub(crate) span: TimeSpan,
    /// Versions that ended longer ago than this are not shown.
    pub(crate) retention: Option<catalog::Retention>,
}

/// Which versions FOR SYSTEM_TIME asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeSpan {
    All,
    AsOf,
    FromTo,
    Between,
    ContainedIn,
}

#[derive(Debug, Clone)]
pub(crate) enum RelationKind {
    /// A table in the catalog, temporary tables included.
    Table(TableRef),
    /// A system-versioned table FOR SYSTEM_TIME, with the ends of the span.
    Versions(Arc<Versions>, Vec<Expr>),
    /// `@t`.
    TableVariable(Arc<str>),
    /// `inserted` (or `deleted`) of the running trigger.
    TriggerRows { inserted: bool },
    /// A system view, read when the statement runs.
    SystemView(DatabaseId, Arc<str>, Arc<str>),
    /// A table function of the server's own.
    SystemFunction(SystemTableFunction, Vec<Expr>),
    /// A derived table, view or CTE.
    Derived(Arc<Subquery>),
    /// An inline table function: its query reads the arguments as columns of level 1, slot 0.
    InlineFunction(Vec<Expr>, Arc<Subquery>),
    /// A multi-statement table function.
    TableFunction(ModuleRef, Vec<Expr>),
    /// A CTE that reads itself.
    Recursive(Arc<RecursiveCte>),
    /// The rows of the last round, inside a recursive member.
    WorkTable(u32),
}

/// A table and the shape that it had when the statement was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableRef {
    pub(crate) database: DatabaseId,
    pub(crate) object: ObjectId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SystemTableFunction {
    /// `STRING_SPLIT(text, separator [, ordinal])`.
    StringSplit,
    /// `GENERATE_SERIES(start, stop [, step])`.
    GenerateSeries,
    /// `OPENJSON`.
    OpenJson(crate::json::OpenJson),
    /// One of the catalog's: `fn_my_permissions` and its like.
    Catalog(Arc<str>),
}

#[derive(Debug, Clone)]
pub(crate) struct RecursiveCte {
    pub(crate) id: u32,
    pub(crate) anchors: Vec<Query>,
    pub(crate) members: Vec<Query>,
    pub(crate) limit: u32,
}
