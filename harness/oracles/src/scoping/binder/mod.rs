//! From text to plan: which row source does each name mean, and what does each condition say?

mod condition;
mod expression;
mod from;
mod query;

pub(crate) use expression::{arguments, text_of};
pub(crate) use from::columns_of;
pub(crate) use query::bare;

use std::collections::BTreeMap;
use std::rc::Rc;

use tsql::sql;

use super::catalog::{Catalog, Found};
use super::conversion::Kind;
use super::formula::{LeafId, Term};
use super::plan::{Leaf, LeafKind, Query};
use super::state::{State, Value};
use super::tenancy::Tenancy;
use super::verdict::{Binding, Reference};

/// How many row sources one statement may have, its views and common table expressions written
/// out, and how deep these may nest: both could multiply.
const LEAVES_MAX: usize = 4_000;
const DEPTH_MAX: usize = 32;

/// Binds the queries and conditions of one statement.
pub(crate) struct Binder<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) tenancy: &'a Tenancy,
    /// What the tenant's column holds.
    pub(crate) kind: Kind,
    /// Every row source, views and common table expressions written out at each use.
    pub(crate) leaves: Vec<Leaf>,
    /// References in order; those that binding alone decides are unbound at once.
    pub(crate) references: Vec<Reference>,
    /// Functions whose bodies are judged apart, with the arguments of each call.
    pub(crate) calls: Vec<Call>,
    /// What the variables hold that are not the caller's tenant.
    pub(crate) reasons: BTreeMap<String, String>,
    /// The text that is being bound, and around it the texts that it was written into.
    pub(crate) frames: Vec<Frame>,
}

/// A call of a function or procedure.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) database: String,
    pub(crate) schema: String,
    pub(crate) name: String,
    /// Parameter position or name, and the argument.
    pub(crate) arguments: Vec<Term>,
    pub(crate) line: u32,
}

/// What the names in one text mean.
pub(crate) struct Frame {
    pub(crate) database: String,
    pub(crate) schemas: Vec<String>,
    pub(crate) variables: BTreeMap<String, Term>,
    pub(crate) temporaries: State,
    /// `SESSION_CONTEXT` still holds the caller's tenant.
    pub(crate) context: bool,
    /// `inserted` and `deleted` in a trigger: their columns, and which is the tenant's.
    pub(crate) pseudo: BTreeMap<String, Pseudo>,
    /// Row sources that names may mean, innermost last.
    pub(crate) scopes: Vec<Vec<LeafId>>,
    /// Common table expressions that names may mean, latest last.
    pub(crate) ctes: Vec<Rc<Cte>>,
    /// Views and functions around, outermost first.
    pub(crate) through: Vec<String>,
}

/// `inserted` or `deleted`.
#[derive(Debug, Clone)]
pub(crate) struct Pseudo {
    /// The trigger's table.
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
    pub(crate) usable: Vec<bool>,
    pub(crate) callers: Vec<usize>,
}

/// A common table expression.
pub(crate) struct Cte {
    name: String,
    columns: Vec<String>,
    query: sql::Query,
    /// How many of the frame's expressions it can see.
    visible: usize,
    /// Inside its own recursion it stands for this.
    rows: Option<SelfRows>,
}

/// What a recursive reference yields.
#[derive(Debug, Clone)]
struct SelfRows {
    names: Vec<Option<String>>,
    callers: Vec<usize>,
}

impl<'a> Binder<'a> {
    /// A binder for a statement that stands in `database` and runs in `state`.
    pub(crate) fn new(
        catalog: &'a Catalog,
        tenancy: &'a Tenancy,
        kind: Kind,
        database: &str,
        schemas: &[String],
        state: &State,
    ) -> Self {
        let mut variables = BTreeMap::new();
        let mut reasons = BTreeMap::new();
        for (name, variable) in &state.variables {
            let term = match &variable.value {
                Value::Null | Value::Caller { .. } => Term::Caller,
                Value::Text(_) | Value::Other(_) => {
                    let why = match &variable.value {
                        Value::Other(why) => why.clone(),
                        _ => "is a text of the module's own".to_owned(),
                    };
                    reasons.insert(name.clone(), why);
                    if kind.survives(&variable.data_type, variable.length) {
                        Term::Variable(name.clone())
                    } else {
                        Term::Unknown
                    }
                }
            };
            variables.insert(name.clone(), term);
        }
        let frame = Frame {
            database: database.to_owned(),
            schemas: schemas.to_vec(),
            variables,
            temporaries: state.clone(),
            context: state.context_changed.is_none(),
            pseudo: BTreeMap::new(),
            scopes: Vec::new(),
            ctes: Vec::new(),
            through: Vec::new(),
        };
        Self {
            catalog,
            tenancy,
            kind,
            leaves: Vec::new(),
            references: Vec::new(),
            calls: Vec::new(),
            reasons,
            frames: vec![frame],
        }
    }

    pub(crate) fn frame(&self) -> &Frame {
        self.frames.last().expect("a binder keeps its first frame")
    }

    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        self.frames
            .last_mut()
            .expect("a binder keeps its first frame")
    }

    /// A variable that the statement itself assigns has no one value in it.
    pub(crate) fn forget(&mut self, variable: &str) {
        let name = variable.to_lowercase();
        self.reasons
            .insert(name.clone(), "is assigned by the same statement".into());
        self.frame_mut().variables.insert(name, Term::Unknown);
    }

    /// Does a name of one part mean a common table expression?
    pub(crate) fn is_cte(&self, name: &str) -> bool {
        self.frame().ctes.iter().any(|cte| cte.name == name)
    }

    pub(crate) fn resolve(&self, name: &[String]) -> Found<'a> {
        let frame = self.frame();
        self.catalog.resolve(&frame.database, &frame.schemas, name)
    }

    /// Notes a reference; it is unbound until the proof says otherwise.
    pub(crate) fn reference(&mut self, table: &str, alias: Option<&str>, line: u32) -> usize {
        let alias = alias.filter(|alias| !table.to_lowercase().ends_with(&format!(".{alias}")));
        self.references.push(Reference {
            table: table.to_owned(),
            alias: alias.map(str::to_owned),
            through: self.frame().through.clone(),
            line,
            binding: Binding::unbound("it is not part of what was proven"),
        });
        self.references.len() - 1
    }

    /// Notes a reference that nothing can bind.
    pub(crate) fn refuse(&mut self, what: &str, line: u32, why: impl Into<String>) {
        let reference = self.reference(what, None, line);
        self.references[reference].binding = Binding::unbound(why);
    }

    pub(crate) fn leaf(&mut self, leaf: Leaf) -> LeafId {
        self.leaves.push(leaf);
        self.leaves.len() - 1
    }

    /// May another view or common table expression be written out?
    pub(crate) fn has_room(&self) -> bool {
        self.leaves.len() < LEAVES_MAX && self.frames.len() < DEPTH_MAX
    }

    /// The column that a name means: the row source and the position. `None` when that is not
    /// certain.
    pub(crate) fn column(&self, qualifier: &[String], column: &str) -> Option<(LeafId, usize)> {
        for scope in self.frame().scopes.iter().rev() {
            let mut found = None;
            let mut open = false;
            for &id in scope {
                let leaf = &self.leaves[id];
                if !qualifier.is_empty() && !leaf.answers_to(qualifier) {
                    continue;
                }
                let position = leaf.columns.iter().position(|own| own == column);
                match (position, found) {
                    (Some(position), None) => found = Some((id, position)),
                    (Some(_), Some(_)) => return None,
                    (None, _) => open |= leaf.open,
                }
                if !qualifier.is_empty() {
                    return found;
                }
            }
            // A source with columns that are not known may have it, too: then the server
            // would call the name ambiguous, and the statement would not run.
            if found.is_some() || open {
                return found;
            }
        }
        None
    }

    /// The column as a term, when equality with it can be passed on.
    pub(crate) fn column_term(&self, leaf: LeafId, position: usize) -> Term {
        if self.leaves[leaf]
            .usable
            .get(position)
            .copied()
            .unwrap_or(false)
        {
            Term::Column(leaf, position)
        } else {
            Term::Unknown
        }
    }

    /// The variable as a term.
    pub(crate) fn variable(&self, name: &str) -> Term {
        let name = name.to_lowercase();
        match self.frame().variables.get(&name) {
            Some(term) => term.clone(),
            None if self.frames.len() == 1 && self.tenancy.believes(&name) => Term::Caller,
            None => Term::Unknown,
        }
    }
}

impl Leaf {
    /// Is this what the qualifier of a column means?
    pub(crate) fn answers_to(&self, qualifier: &[String]) -> bool {
        if let Some(alias) = &self.alias {
            return qualifier.len() == 1 && qualifier[0] == *alias;
        }
        let written: Vec<&String> = qualifier.iter().rev().collect();
        let own: Vec<&String> = self.object.iter().rev().collect();
        !own.is_empty()
            && written.len() <= own.len()
            && written
                .iter()
                .zip(&own)
                .all(|(a, b)| a == b || a.is_empty())
    }

    /// A row source that holds nothing of tenants' and whose columns are not known.
    pub(crate) fn free(alias: Option<String>, object: Vec<String>) -> Self {
        Self {
            alias,
            object,
            columns: Vec::new(),
            usable: Vec::new(),
            open: true,
            kind: LeafKind::Opaque(Vec::new()),
            misused: None,
        }
    }

    /// A row source that a query yields.
    pub(crate) fn derived(alias: Option<String>, query: Query, usable: Vec<bool>) -> Self {
        Self {
            alias,
            object: Vec::new(),
            columns: query
                .names
                .iter()
                .map(|name| name.clone().unwrap_or_default())
                .collect(),
            usable,
            open: query.open,
            kind: LeafKind::Derived(Box::new(query)),
            misused: None,
        }
    }
}

/// The parts of a name, lower case.
pub(crate) fn parts(name: &sql::ObjectName) -> Vec<String> {
    let part = |part: &sql::ObjectNamePart| match part.as_ident() {
        Some(ident) => ident.value.to_lowercase(),
        None => String::new(),
    };
    name.0.iter().map(part).collect()
}

/// The line on which a name stands.
pub(crate) fn line_of(name: &sql::ObjectName) -> u32 {
    let ident = name.0.iter().find_map(|part| part.as_ident());
    ident.map_or(1, |ident| u32::try_from(ident.span.start.line).unwrap_or(1))
}
