//! All oracles over one history, and what every attempt in it came to.

use std::collections::BTreeSet;

use domain::case::{Case, Claim};
use domain::control::ControlId;
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::history::{History, Response, ServerMessage};
use domain::outcome::Outcome;
use domain::surface::{Surface, Table};
use domain::system::System;
use domain::world::{TenantIndex, World};

use crate::arming;
use crate::classify::{classify, was_stopped_afterwards};
use crate::matrix::Cell;
use crate::recognise::Recogniser;

/// What oracles know besides the history.
#[derive(Debug)]
pub struct Judge<'a> {
    pub(crate) system: &'a System,
    pub(crate) world: &'a World,
    pub(crate) surface: &'a Surface,
    pub(crate) recogniser: Recogniser,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub struct Oracle {
    /// Its name in fingerprints.
    pub name: &'static str,
    /// The promises that nothing is known about when it crashes.
    pub controls: &'static [&'static str],
    /// Its findings in a history.
    pub judge: fn(&Judge<'_>, &History) -> Vec<Finding>,
}

/// Every oracle, the one with the most telling evidence first.
pub const ORACLES: &[Oracle] = &[
    Oracle {
        name: "containment",
        controls: &["D01", "S01", "S08", "B01"],
        judge: crate::containment::judge,
    },
    Oracle {
        name: "confinement",
        controls: &["D01", "D02", "D03", "S01", "S02", "S03", "S08"],
        judge: crate::confinement::judge,
    },
    Oracle {
        name: "immutability",
        controls: &["D03", "D04", "S07"],
        judge: crate::immutability::judge,
    },
    Oracle {
        name: "authorization",
        controls: &["D01", "D02", "D03", "D04", "S01", "S07"],
        judge: crate::authorization::judge,
    },
    Oracle {
        name: "indistinguishability",
        controls: &["B03", "S02", "S06"],
        judge: crate::indistinguishability::judge,
    },
    Oracle {
        name: "departments",
        controls: &["S02"],
        judge: crate::departments::judge,
    },
    Oracle {
        name: "irreversibility",
        controls: &["D09"],
        judge: crate::irreversibility::judge,
    },
    Oracle {
        name: "versions",
        controls: &["D05"],
        judge: crate::versions::judge,
    },
    Oracle {
        name: "error_text",
        controls: &["B05"],
        judge: crate::error_text::judge,
    },
    Oracle {
        name: "server_names",
        controls: &["B01", "B05"],
        judge: crate::server_names::judge,
    },
];

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Refused for the right reason.
    Denied,
    /// Carried out without a forbidden effect.
    Harmless,
    /// It does not count: not armed, or failed for an unrelated reason.
    Failed {
        /// Why.
        reason: String,
    },
    /// Nobody knows.
    Unknown,
    /// It crossed.
    Crossed,
}

/// One attack and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The step.
    pub step: usize,
    /// Its cell.
    pub cell: Cell,
    /// Whether the twin succeeded.
    pub armed: bool,
    /// What came out.
    pub ending: Ending,
    /// The promises that it broke, when it crossed.
    pub broken: Vec<ControlId>,
}

impl<'a> Judge<'a> {
    /// A judge of histories of this system.
    pub fn new(system: &'a System, world: &'a World, surface: &'a Surface) -> Self {
        Self {
            system,
            world,
            surface,
            recogniser: Recogniser::new(world, surface),
        }
    }

    /// What every attack of a history came to, given the findings in it.
    pub fn attempts(&self, history: &History, findings: &[Finding]) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for (step, record) in history.steps.iter().enumerate() {
            let Some(tried) = history.case.steps.get(step) else {
                continue;
            };
            let (Some(cell), Some(claim)) = (Cell::of_attack(self.world, tried), &tried.claim)
            else {
                continue;
            };
            let unarmed = match &record.twin {
                Some(twin) => arming::unarmed(tried, claim, twin),
                None => Some("the twin could not be run".into()),
            };
            let armed = unarmed.is_none();
            let broken: BTreeSet<ControlId> = findings
                .iter()
                .filter(|finding| finding.step == step)
                .flat_map(|finding| finding.controls.iter().cloned())
                .collect();
            let ending = if !broken.is_empty() {
                Ending::Crossed
            } else if let Some(reason) = unarmed {
                Ending::Failed {
                    reason: format!("not armed: {reason}"),
                }
            } else {
                match self.classify(&record.response) {
                    Outcome::Denied { .. } => Ending::Denied,
                    Outcome::Permitted => Ending::Harmless,
                    Outcome::Unknown => Ending::Unknown,
                    Outcome::Failed { .. } if was_stopped_afterwards(&record.response) => {
                        Ending::Harmless
                    }
                    Outcome::Failed { number } => {
                        let text = record
                            .response
                            .first_error()
                            .map_or("", |error| &error.text);
                        Ending::Failed {
                            reason: format!("error {number}: {text}"),
                        }
                    }
                }
            };
            attempts.push(Attempt {
                step,
                cell,
                armed,
                ending,
                broken: broken.into_iter().collect(),
            });
        }
        attempts
    }

    /// The meaning of one answer, with the refusals that the system itself declares.
    pub fn classify(&self, response: &Response) -> Outcome {
        let of_tenancy = self.system.tenancy.iter().flat_map(|own| &own.denials);
        let of_guards = &self.system.intent.denials;
        let numbers: Vec<i32> = of_tenancy.chain(of_guards).copied().collect();
        let is_declared = |error: &&ServerMessage| numbers.contains(&error.number);
        let declared = response.errors.iter().find(is_declared);
        match declared {
            Some(error) => Outcome::Denied {
                number: error.number,
            },
            None => classify(response),
        }
    }

    /// Tenant and principal of a step, unless the administrator took it.
    pub(crate) fn principal<'c>(&self, case: &'c Case, step: usize) -> Option<Principal<'c>> {
        let actor = &case.steps.get(step)?.actor;
        let (tenant, name) = actor.principal()?;
        Some(Principal {
            tenant,
            name,
            department: actor.department(),
        })
    }

    /// `app_rw of acme`.
    pub(crate) fn who(&self, principal: Principal<'_>) -> String {
        format!(
            "{} of {}",
            principal.name,
            self.world.tenant(principal.tenant).name
        )
    }

    /// `acme`, or the name of a shared database.
    pub(crate) fn whose(&self, database: &str) -> String {
        if database.is_empty() {
            return "the server".into();
        }
        if self.world.is_common(database) {
            return format!("the common {database}");
        }
        match self.world.tenant_of_database(database) {
            Some(tenant) => self.world.tenant(tenant).name.clone(),
            None => database.to_owned(),
        }
    }

    /// A table from before the first attack.
    pub(crate) fn table(&self, database: &str, object: &str) -> Option<&'a Table> {
        self.surface
            .databases
            .iter()
            .find(|own| own.name.eq_ignore_ascii_case(database))?
            .tables
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(object))
            .map(|(_, table)| table)
    }

    /// The databases that hold tenants' rows: each tenant's own.
    pub(crate) fn inspected_databases(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for tenant in &self.world.tenants {
            if !names.contains(&tenant.database.as_str()) {
                names.push(&tenant.database);
            }
        }
        names
    }

    /// Whose data a claim is about, in words.
    pub(crate) fn whose_claim(&self, claim: &Claim) -> String {
        match claim.tenant {
            Some(tenant) => self.world.tenant(tenant).name.clone(),
            None => self.whose(&claim.database),
        }
    }

    /// A finding of one step, to be filled in.
    pub(crate) fn finding(
        &self,
        history: &History,
        step: usize,
        fingerprint: Fingerprint,
        severity: Severity,
        sentence: String,
    ) -> Finding {
        let tried = &history.case.steps[step];
        Finding {
            fingerprint,
            controls: Vec::new(),
            severity,
            confidence: Confidence::Seen,
            sentence,
            actor: tried.actor.clone(),
            batch: history
                .steps
                .get(step)
                .map_or_else(|| tried.batch.clone(), |record| record.batch.clone()),
            case: history.case.id,
            step,
            sightings: Vec::new(),
            changes: Vec::new(),
            occurrences: 1,
        }
    }
}

/// Who took a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Principal<'a> {
    pub(crate) tenant: TenantIndex,
    pub(crate) name: &'a str,
    /// The department that he acts for, if it is one alone.
    pub(crate) department: Option<usize>,
}

/// Where a thing was done, for fingerprints.
pub(crate) fn place(object: &str) -> String {
    if object.is_empty() {
        "the database".into()
    } else {
        object.into()
    }
}
