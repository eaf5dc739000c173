//! What is known of variables, temporary tables and the session's context before a statement?

use std::collections::{BTreeMap, BTreeSet};

use super::conversion::{Kind, Length};

/// Everything that earlier statements left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct State {
    /// By name, lower case with `@`.
    pub(crate) variables: BTreeMap<String, Variable>,
    /// Temporary tables and table variables, by name, lower case with `#` or `@`.
    pub(crate) temporaries: BTreeMap<String, Temporary>,
    /// Where the session's context was changed, if it was.
    pub(crate) context_changed: Option<u32>,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) data_type: String,
    pub(crate) length: Length,
    pub(crate) value: Value,
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// NULL: nothing was assigned yet.
    Null,
    /// The caller's tenant, or NULL; `context` when it was read from the session's context in
    /// this very text, so that a check of one for NULL is a check of the other.
    Caller { context: bool },
    /// A text that is known.
    Text(String),
    /// Something else: what, as the end of "@x, which …".
    Other(String),
}

/// A temporary table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Temporary {
    /// Its columns, lower case, and whether equality with each can be passed on; `None` when
    /// they are not known.
    pub(crate) columns: Option<Vec<(String, bool)>>,
    /// Columns that are the caller's tenant in every row.
    pub(crate) callers: BTreeSet<String>,
    /// Why its rows may be another tenant's.
    pub(crate) tainted: Option<String>,
}

impl State {
    /// What holds whichever of the two ways was taken.
    pub(crate) fn join(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        for (name, theirs) in &other.variables {
            match joined.variables.get_mut(name) {
                // DECLARE has effect wherever it stands; a way around it leaves NULL.
                None => {
                    joined.variables.insert(name.clone(), theirs.clone());
                }
                Some(ours) => ours.value = ours.value.join(&theirs.value),
            }
        }
        for (name, theirs) in &other.temporaries {
            match joined.temporaries.get_mut(name) {
                None => {
                    joined.temporaries.insert(name.clone(), theirs.clone());
                }
                Some(ours) => {
                    ours.callers = &ours.callers & &theirs.callers;
                    ours.tainted = ours.tainted.take().or_else(|| theirs.tainted.clone());
                    if ours.columns != theirs.columns {
                        ours.columns = None;
                        ours.callers.clear();
                    }
                }
            }
        }
        joined.context_changed = self.context_changed.or(other.context_changed);
        joined
    }

    /// Assigns; a type that could fold two tenants into one keeps nothing of the caller's value.
    pub(crate) fn assign(&mut self, name: &str, value: Value, kind: Kind) {
        let name = name.to_lowercase();
        let variable = self.variables.entry(name).or_insert_with(|| Variable {
            data_type: "sql_variant".into(),
            length: Length::Unsaid,
            value: Value::Null,
        });
        variable.value = match value {
            Value::Caller { .. } if !kind.survives(&variable.data_type, variable.length) => {
                Value::Other(format!(
                    "is a {} and cannot tell every two tenants apart",
                    variable.data_type
                ))
            }
            Value::Text(text) if !fits(&text, variable.length) => {
                Value::Other("holds only the beginning of a text".into())
            }
            value => value,
        };
    }

    /// Lets every temporary table count as filled by who knows whom.
    pub(crate) fn taint_temporaries(&mut self, why: &str) {
        for temporary in self.temporaries.values_mut() {
            temporary.callers.clear();
            temporary.tainted.get_or_insert_with(|| why.to_owned());
        }
    }
}

impl Value {
    fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Null, Self::Caller { .. }) | (Self::Caller { .. }, Self::Null) => {
                Self::Caller { context: false }
            }
            (Self::Caller { .. }, Self::Caller { .. }) => Self::Caller { context: false },
            (Self::Other(why), _) | (_, Self::Other(why)) => Self::Other(why.clone()),
            _ => Self::Other("holds different things on different ways".into()),
        }
    }
}

fn fits(text: &str, length: Length) -> bool {
    let characters = match length {
        Length::Unsaid => 1,
        Length::Characters(characters) => characters,
        Length::Max => return true,
    };
    usize::try_from(characters).is_ok_and(|characters| text.chars().count() <= characters)
}
