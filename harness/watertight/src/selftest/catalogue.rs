//! What can be planted? The faults in T-SQL and those of the reference ERP, as one list.

use domain::control::ControlId;
use sha2::{Digest as _, Sha256};

use crate::exit_code::Failure;
use crate::planted::{self, Planted};

/// Where a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Layer {
    /// In the database.
    Sql,
    /// In the service.
    Service,
}

impl Layer {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Sql, Self::Service];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Service => "service",
        }
    }
}

/// One fault of the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) id: String,
    /// What is wrong.
    pub(crate) sentence: String,
    /// The promises that it breaks.
    pub(crate) controls: Vec<ControlId>,
    /// The designs that it can be planted in, by name.
    pub(crate) designs: Vec<String>,
    /// Where such a mistake was made, as far as the public was told.
    pub(crate) incident: Option<String>,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    Script(Box<sql_fixtures::Fault>),
    Switch(erp::Fault),
}

/// A fault or a near miss, ready to be planted in a system of one design.
#[derive(Debug, Clone)]
pub(crate) struct Plant {
    /// T-SQL, in order.
    pub(crate) scripts: Vec<Planted>,
    /// A switch of the service, if it is one.
    pub(crate) switch: Option<erp::Fault>,
}

/// Every fault, in the order of the catalogue: T-SQL first.
pub(crate) fn entries() -> Vec<Entry> {
    let controls = |ids: &[&str]| ids.iter().map(|id| ControlId::new(id)).collect();
    let in_sql = sql_fixtures::faults().into_iter().map(|fault| Entry {
        id: fault.id.clone(),
        sentence: fault.sentence.clone(),
        controls: fault.controls.iter().map(|id| ControlId::new(id)).collect(),
        designs: vec![fault.design.clone()],
        incident: fault.incident.clone(),
        how: How::Script(Box::new(fault)),
    });
    let in_service = erp::FAULTS.iter().map(|(fault, description)| Entry {
        id: description.id.to_owned(),
        sentence: description.sentence.to_owned(),
        controls: controls(description.controls),
        designs: description
            .designs
            .iter()
            .map(|design| design.name().to_owned())
            .collect(),
        incident: fault.incident().map(str::to_owned),
        how: How::Switch(*fault),
    });
    in_sql.chain(in_service).collect()
}

impl Entry {
    /// Where the mistake is.
    pub(crate) fn layer(&self) -> Layer {
        match self.how {
            How::Script(_) => Layer::Sql,
            How::Switch(_) => Layer::Service,
        }
    }

    /// The fault itself.
    pub(crate) fn fault(&self, design: &str) -> Result<Plant, Failure> {
        Ok(match &self.how {
            How::Script(fault) => Plant {
                scripts: vec![planted::fault(fault)?],
                switch: None,
            },
            How::Switch(fault) => Plant {
                scripts: planted::service_patch(*fault, design).into_iter().collect(),
                switch: Some(*fault),
            },
        })
    }

    /// The legitimate variant that comes nearest to it.
    pub(crate) fn near_miss(&self) -> Result<Plant, Failure> {
        Ok(match &self.how {
            How::Script(fault) => Plant {
                scripts: vec![planted::near_miss(fault)?],
                switch: None,
            },
            How::Switch(fault) => Plant {
                scripts: Vec::new(),
                switch: Some(*fault),
            },
        })
    }
}

/// Says which catalogue it was: what each fault is, what it breaks, and the text that plants it.
pub(crate) fn digest(entries: &[Entry]) -> String {
    let mut hash = Sha256::new();
    for entry in entries {
        let controls: Vec<&str> = entry.controls.iter().map(|id| id.0.as_str()).collect();
        let script = match &entry.how {
            How::Script(fault) => fault.script().unwrap_or_default(),
            How::Switch(_) => "",
        };
        for part in [
            &entry.id,
            &entry.sentence,
            &controls.join(" "),
            &entry.designs.join(" "),
            script,
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::control::{Plane, control};

    use super::{Layer, entries};

    #[test]
    fn no_two_faults_have_one_name_and_each_breaks_what_is_attacked_where_it_lies() {
        let entries = entries();
        let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids.len(), entries.len());
        for entry in &entries {
            let plane = match entry.layer() {
                Layer::Sql => Plane::Sql,
                Layer::Service => Plane::Api,
            };
            for design in &entry.designs {
                let letters = match design.as_str() {
                    "database-per-tenant" => ['D', 'B'],
                    _ => ['S', 'B'],
                };
                let mut own = entry.controls.iter().filter_map(|id| control(&id.0));
                assert!(
                    own.any(|one| one.is_attacked_on(plane)
                        && (one.id.starts_with(letters) || one.id == "D18" || one.id == "D04")),
                    "{} breaks nothing that is attacked in {design}",
                    entry.id
                );
            }
        }
    }

    /// The rows of the catalogue that came with the order; none may be lost.
    #[test]
    fn every_fault_that_was_asked_for_is_there() {
        let entries = entries();
        let asked: Vec<&str> = include_str!("asked-for.txt").lines().collect();
        assert_eq!(asked.len(), 63);
        for id in asked {
            assert!(
                entries.iter().any(|entry| entry.id == id),
                "{id} is missing"
            );
        }
    }
}
