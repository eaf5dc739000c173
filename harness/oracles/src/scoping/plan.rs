//! A query with its names resolved: what is read, under which conditions, and what comes out.

use super::formula::{Formula, LeafId, Term};

/// A query.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) body: Body,
    /// The names of its columns, lower case.
    pub(crate) names: Vec<Option<String>>,
    /// There may be more columns, of unknown names.
    pub(crate) open: bool,
}

/// What a query is made of.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// One SELECT.
    Block(Box<Block>),
    /// A set operation; its columns are those of a row source of its own.
    Set {
        id: LeafId,
        operation: Operation,
        left: Box<Query>,
        right: Box<Query>,
        /// TOP or OFFSET choose among its rows: a filter from outside must not be moved inside.
        sealed: bool,
    },
    /// VALUES.
    Rows {
        id: LeafId,
        rows: Vec<Vec<Term>>,
        queries: Vec<Query>,
    },
    /// The call of a function that is judged apart.
    Call(usize),
    /// A recursive common table expression: the columns that are the caller's tenant in every
    /// round were found when it was bound.
    Recursive {
        id: LeafId,
        parts: Vec<Query>,
        callers: Vec<usize>,
    },
}

/// Set operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Union,
    Intersect,
    Except,
}

/// One SELECT.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) tree: Tree,
    pub(crate) filter: Condition,
    /// HAVING: what it says of grouping keys holds for the rows of the group.
    pub(crate) having: Condition,
    /// What each column of the answer is.
    pub(crate) outputs: Vec<Term>,
    /// May a condition on that column of the answer be moved inside?
    pub(crate) inward: Vec<bool>,
    /// One row comes out even of nothing: an aggregate without GROUP BY. Then what the WHERE
    /// says need not hold for it.
    pub(crate) always: bool,
    /// Subqueries of the select list, of ORDER BY and of TOP.
    pub(crate) queries: Vec<Query>,
}

/// FROM.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// No table.
    Nothing,
    Leaf(LeafId),
    Inner(Box<Tree>, Box<Tree>, Condition),
    /// LEFT JOIN and OUTER APPLY.
    Left(Box<Tree>, Box<Tree>, Condition),
    Full(Box<Tree>, Box<Tree>, Condition),
}

impl Tree {
    pub(crate) fn leaves(&self, out: &mut Vec<LeafId>) {
        match self {
            Self::Nothing => {}
            Self::Leaf(leaf) => out.push(*leaf),
            Self::Inner(left, right, _)
            | Self::Left(left, right, _)
            | Self::Full(left, right, _) => {
                left.leaves(out);
                right.leaves(out);
            }
        }
    }
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// Says this much.
    Says(Formula),
    /// Says nothing, but reads these.
    Reads(Vec<Query>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// EXISTS.
    Exists(Box<Query>),
    /// IN and `= ANY`: some row of the query is equal.
    In(Term, Box<Query>),
    /// `= (subquery)`: its one row is equal. A second row would be an error, so that every row
    /// of it matters.
    Is(Term, Box<Query>),
}

impl Condition {
    /// What is always true.
    pub(crate) fn nothing() -> Self {
        Self::All(Vec::new())
    }

    /// Without nested conjunctions.
    pub(crate) fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::All(all) => all.iter().flat_map(Self::conjuncts).collect(),
            one => vec![one],
        }
    }
}

/// A row source.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// The name by which its columns are qualified, lower case.
    pub(crate) alias: Option<String>,
    /// The parts of the object's name, lower case, outermost first.
    pub(crate) object: Vec<String>,
    /// Its columns, lower case.
    pub(crate) columns: Vec<String>,
    /// Can equality with that column be passed on? Not with a rounded number, for instance.
    pub(crate) usable: Vec<bool>,
    /// It may have more columns.
    pub(crate) open: bool,
    pub(crate) kind: LeafKind,
    /// How the tenant's column was used where nothing follows from it.
    pub(crate) misused: Option<String>,
}

/// What a row source is.
#[derive(Debug, Clone)]
pub(crate) enum LeafKind {
    /// A tenant-owned table: the reference, and the position of the tenant's column.
    Owned { reference: usize, column: usize },
    /// A derived table, CTE, view or inline function.
    Derived(Box<Query>),
    /// Rows of which these columns are known to be the caller's tenant.
    Known(Vec<usize>),
    /// Rows that come from these queries in a way that is not followed.
    Opaque(Vec<Query>),
}
