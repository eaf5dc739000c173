//! What do the files of a bundle say? One module for each file; [`Record`] is all of them together.

mod causes;
mod cleanup;
mod controls;
mod coverage;
mod environment;
mod identities;
mod inventory;
mod plan;
mod run;
mod waivers;

use std::collections::BTreeMap;

use domain::event::Summary;
use domain::journal::Line;

pub use causes::{CauseRecord, Causes, ShrunkRecord, SystemCauses};
pub use cleanup::{Cleanup, Ended, SystemCleanup};
pub use controls::{Negative, Positive, TestControls};
pub use coverage::{Coverage, SystemCoverage, Traces};
pub use environment::{ContractRecord, DatabaseRecord, Environment};
pub use identities::{
    CallerIdentity, Identities, PrincipalIdentity, SystemIdentities, TenantIdentity,
};
pub use inventory::{Inventory, Item, Source, SystemInventory};
pub use plan::{CampaignPlan, ControlPlan, Extent, Plan, SystemPlan, cases_file};
pub use run::{
    Counts, Leaves, Limitation, Operator, Rule, Run, RunVerdict, State, SystemRun, Tool,
};
pub use waivers::{WaiverRecord, Waivers};

/// Everything that a bundle says, whether it is about to be written or was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// `run.json`
    pub run: Run,
    /// `plan.json`
    pub plan: Plan,
    /// `inventory.json`
    pub inventory: Inventory,
    /// `identities.json`
    pub identities: Identities,
    /// `controls.json`: the controls of the test itself.
    pub controls: TestControls,
    /// `coverage.json`
    pub coverage: Coverage,
    /// `causes.json`
    pub causes: Causes,
    /// `statistics.json`, as the crate `statistics` makes it.
    pub statistics: serde_json::Value,
    /// `environment/<system>.json`, by the system's key.
    pub environment: BTreeMap<String, Environment>,
    /// `cleanup.json`
    pub cleanup: Cleanup,
    /// `waivers.json`
    pub waivers: Waivers,
    /// `cases-<campaign>.jsonl`, line by line, by the campaign's name.
    pub cases: BTreeMap<String, Vec<Line>>,
}

impl Record {
    /// How each system's campaigns ended, as the campaigns themselves told it. Histories of shortest cases are
    /// not among it; they lie in files of their own.
    pub fn summaries(&self) -> Vec<Summary> {
        let of = |system: &SystemRun| {
            let coverage = self.coverage.systems.iter();
            let coverage = coverage.clone().find(|one| one.key == system.key);
            let causes = self.causes.systems.iter().find(|one| one.key == system.key);
            Summary {
                system: system.name.clone(),
                target: system.target.clone(),
                seed: self.run.seed,
                tenants: system.tenants,
                complete: system.complete,
                incomplete_reason: system.incomplete_reason.clone(),
                cases: system.cases,
                judged: system.judged,
                requests: system.requests,
                controls: system.controls.clone(),
                findings: causes.map(|one| one.findings.clone()).unwrap_or_default(),
                causes: causes
                    .map(|one| one.causes.iter().map(CauseRecord::cause).collect())
                    .unwrap_or_default(),
                cells: coverage.map(|one| one.cells.clone()).unwrap_or_default(),
                notes: system.notes.clone(),
                operations: coverage
                    .map(|one| one.operations.clone())
                    .unwrap_or_default(),
                effort: system.effort,
            }
        };
        self.run.systems.iter().map(of).collect()
    }
}
