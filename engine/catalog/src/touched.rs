//! What may differ between two states, told by identity: it costs nothing, may name what is equal
//! again, and never leaves out what differs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::database::Database;
use crate::instance::Instance;

/// How far a database was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// Its catalog may differ, and any of its tables.
    Everything,
    /// Only rows of these tables may, and what these sequences gave out last, as `schema.name`.
    Contents(BTreeSet<String>),
}

impl Instance {
    /// The databases that may differ from those of `other`, by name, and `""` when logins or
    /// other server-wide state may.
    pub fn touched_since(&self, other: &Self) -> BTreeMap<String, Touched> {
        let mut touched = BTreeMap::new();
        // Databases count among what the server's own catalog shows, with their options.
        let mut own = !self.server_wide_is(other);
        if !self.databases.ptr_eq(&other.databases) {
            for (id, database) in &self.databases {
                let how = match other.databases.get(id) {
                    Some(same) if Arc::ptr_eq(database, same) => continue,
                    Some(earlier) => database.touched_since(earlier),
                    None => Touched::Everything,
                };
                own |= how == Touched::Everything;
                touched.insert(database.options.name.to_string(), how);
            }
            for (_, gone) in other
                .databases
                .iter()
                .filter(|(id, _)| !self.databases.contains_key(*id))
            {
                own = true;
                touched.insert(gone.options.name.to_string(), Touched::Everything);
            }
        }
        if own {
            touched.insert(String::new(), Touched::Everything);
        }
        touched
    }
}

impl Database {
    fn touched_since(&self, other: &Self) -> Touched {
        if !self.catalog_is(other) {
            return Touched::Everything;
        }
        let differing = |one: &Self, two: &Self| {
            one.data
                .iter()
                .filter(|(id, data)| {
                    two.data
                        .get(*id)
                        .is_none_or(|same| !Arc::ptr_eq(data, same))
                })
                .map(|(id, _)| self.qualified_name(*id))
                .collect::<Option<BTreeSet<String>>>()
        };
        let sequences = || {
            let moved = self.sequences.iter();
            moved
                .filter(|(id, last)| other.sequences.get(*id) != Some(*last))
                .map(|(id, _)| self.qualified_name(*id))
                .collect::<Option<BTreeSet<String>>>()
        };
        match (differing(self, other), differing(other, self), sequences()) {
            (Some(mut names), Some(tables), Some(sequences)) => {
                names.extend(tables);
                names.extend(sequences);
                Touched::Contents(names)
            }
            // Rows without a table: the catalog has changed after all.
            _ => Touched::Everything,
        }
    }
}
