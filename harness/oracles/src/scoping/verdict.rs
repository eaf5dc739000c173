//! What is said of a statement: one boolean, and why.

use std::fmt;

/// One statement of a batch or module that touches tenant-owned tables, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `schema.name` of the module that holds it; `None` for a batch.
    pub module: Option<String>,
    /// Line of its first token.
    pub line: u32,
    /// Its first words, on one line.
    pub excerpt: String,
    /// Its references to tenant-owned tables, in order.
    pub references: Vec<Reference>,
}

impl Statement {
    /// Was the tenant applied to everything that the statement touches?
    pub fn applied(&self) -> bool {
        self.references.iter().all(|reference| reference.bound())
    }

    /// The references that are not bound.
    pub fn unbound(&self) -> impl Iterator<Item = &Reference> {
        self.references
            .iter()
            .filter(|reference| !reference.bound())
    }
}

/// One reference to a tenant-owned table, or to something that may hide one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table, `schema.name`; or what it may hide behind.
    pub table: String,
    /// Its alias in the statement.
    pub alias: Option<String>,
    /// Views, functions and procedures on the way, outermost first.
    pub through: Vec<String>,
    /// Line of the reference, in the text of the innermost of those.
    pub line: u32,
    /// Is it bound?
    pub binding: Binding,
}

impl Reference {
    /// Is it bound to the caller's tenant?
    pub fn bound(&self) -> bool {
        matches!(self.binding, Binding::Bound { .. })
    }
}

/// Is a reference bound to the caller's tenant?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// No row of another tenant can reach the answer or the effects.
    Bound {
        /// What binds it.
        how: String,
    },
    /// That could not be proven.
    Unbound {
        /// What is missing.
        why: String,
    },
}

impl Binding {
    pub(crate) fn bound(how: impl Into<String>) -> Self {
        Self::Bound { how: how.into() }
    }

    pub(crate) fn unbound(why: impl Into<String>) -> Self {
        Self::Unbound { why: why.into() }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bound { how } => write!(f, "bound: {how}"),
            Self::Unbound { why } => write!(f, "not bound: {why}"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.table)?;
        if let Some(alias) = &self.alias {
            write!(f, " as {alias}")?;
        }
        if !self.through.is_empty() {
            write!(f, " through {}", self.through.join(", "))?;
        }
        write!(f, " is {}", self.binding)
    }
}
