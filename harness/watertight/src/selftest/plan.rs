//! Which faults, which designs, which seeds, in which order?

use std::time::Duration;

use super::catalogue::{Entry, Layer};
use super::silence;
use crate::exit_code::Failure;

/// One thing to be done on a ground.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    /// In which design.
    pub(crate) design: String,
    /// Under which seed.
    pub(crate) seed: u64,
    /// What.
    pub(crate) what: What<'a>,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) enum What<'a> {
    /// A fault is planted and looked for.
    Hunt(&'a Entry),
    /// Near misses, or nothing at all, are there; nothing may be found.
    Listen(Layer, Vec<&'a Entry>),
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The designs, by name.
    pub(crate) designs: Vec<String>,
    /// The seeds of faults.
    pub(crate) seeds: Vec<u64>,
    /// The seeds of clean systems.
    pub(crate) clean_seeds: Vec<u64>,
    /// One layer only.
    pub(crate) layer: Option<Layer>,
    /// These faults only; empty for all.
    pub(crate) faults: Vec<String>,
    /// Whether near misses and clean systems are listened to.
    pub(crate) listens: bool,
    /// The longest that a fault is looked for.
    pub(crate) budget: Duration,
    /// Whether the case file of what is caught is replayed.
    pub(crate) replay: bool,
    /// Tenants of each system.
    pub(crate) tenants: u16,
}

impl Wanted {
    /// The faults that were asked for.
    pub(crate) fn select(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
        for id in &self.faults {
            if !entries.iter().any(|entry| entry.id == *id) {
                return Err(Failure::usage(anyhow::anyhow!(
                    "there is no fault called {id}; `watertight list faults` shows all"
                )));
            }
        }
        let is_wanted = |entry: &Entry| {
            (self.faults.is_empty() || self.faults.contains(&entry.id))
                && self.layer.is_none_or(|layer| entry.layer() == layer)
                && entry.designs.iter().any(|own| self.designs.contains(own))
        };
        let selected: Vec<Entry> = entries.into_iter().filter(is_wanted).collect();
        if selected.is_empty() {
            return Err(Failure::usage(anyhow::anyhow!(
                "no fault of the catalogue is of that layer and design"
            )));
        }
        Ok(selected)
    }

    /// Everything that is to be done, so that what needs the same ground follows each other.
    pub(crate) fn tasks<'a>(&self, entries: &'a [Entry]) -> Result<Vec<Task<'a>>, Failure> {
        let mut tasks = Vec::new();
        for design in &self.designs {
            let own = || {
                entries
                    .iter()
                    .filter(|entry| entry.designs.contains(design))
            };
            let mut task = |seed: u64, what: What<'a>| {
                tasks.push(Task {
                    design: design.clone(),
                    seed,
                    what,
                });
            };
            for seed in &self.seeds {
                for entry in own() {
                    task(*seed, What::Hunt(entry));
                }
            }
            if !self.listens {
                continue;
            }
            for layer in Layer::ALL {
                let near: Vec<&Entry> = own().filter(|entry| entry.layer() == layer).collect();
                if near.is_empty() {
                    continue;
                }
                for group in silence::groups(&near)? {
                    task(self.seeds[0], What::Listen(layer, group));
                }
                for seed in &self.clean_seeds {
                    task(*seed, What::Listen(layer, Vec::new()));
                }
            }
        }
        Ok(tasks)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Wanted, What};
    use crate::selftest::catalogue::{Layer, entries};

    fn wanted(faults: &[&str], layer: Option<Layer>) -> Wanted {
        Wanted {
            designs: vec!["database-per-tenant".into(), "shared-database".into()],
            seeds: vec![1, 2],
            clean_seeds: vec![5],
            layer,
            faults: faults.iter().map(|id| (*id).to_owned()).collect(),
            listens: true,
            budget: Duration::from_secs(1),
            replay: false,
            tenants: 2,
        }
    }

    #[test]
    fn a_fault_is_planted_in_each_of_its_designs_under_each_seed() {
        let wanted = wanted(&["read-by-id-unscoped", "temporal-missing"], None);
        let entries = wanted.select(entries()).expect("both are known");
        let tasks = wanted.tasks(&entries).expect("both have near misses");
        let hunts: Vec<(&str, u64, &str)> = tasks
            .iter()
            .filter_map(|task| match &task.what {
                What::Hunt(entry) => Some((task.design.as_str(), task.seed, entry.id.as_str())),
                What::Listen(..) => None,
            })
            .collect();
        assert_eq!(
            hunts,
            [
                ("database-per-tenant", 1, "temporal-missing"),
                ("database-per-tenant", 1, "read-by-id-unscoped"),
                ("database-per-tenant", 2, "temporal-missing"),
                ("database-per-tenant", 2, "read-by-id-unscoped"),
                ("shared-database", 1, "read-by-id-unscoped"),
                ("shared-database", 2, "read-by-id-unscoped"),
            ]
        );
        let listens = tasks.len() - hunts.len();
        assert_eq!(
            listens,
            2 * (2 + 1),
            "near misses and clean, where something lies"
        );
    }

    #[test]
    fn what_is_not_there_is_told_by_name() {
        let unknown = wanted(&["no-such-fault"], None);
        let told = unknown.select(entries()).expect_err("unknown").error;
        assert!(told.to_string().contains("no-such-fault"));
        let elsewhere = wanted(&["temporal-missing"], Some(Layer::Service));
        assert!(elsewhere.select(entries()).is_err());
    }
}
