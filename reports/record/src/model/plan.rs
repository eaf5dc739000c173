//! `plan.json`: what was going to be tried and when it counts as enough, frozen before the first attack. It
//! holds nothing of the moment, so the same command makes the same bytes.

use domain::cause::Waiver;
use domain::control::{ControlId, control};
use domain::intent::Intent;
use domain::system::{Design, System, Thresholds};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`Plan::SCHEMA`].
    pub schema: String,
    /// Version of the tool, on which the cases depend.
    pub tool_version: String,
    /// Whence every random choice comes.
    pub seed: u64,
    /// How long it goes on.
    pub extent: Extent,
    /// When the run is green, one rule a line.
    pub gate: Vec<String>,
    /// Of cases that held, one in this many is kept whole, drawn by hash of plan and case.
    pub trace_sample: u64,
    /// Waivers in force.
    pub waivers: Vec<Waiver>,
    /// The systems, in the order in which they are told.
    pub systems: Vec<SystemPlan>,
}

impl Plan {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/plan/v1";
}

/// How long a run goes on. Baseline, scenarios and sweep are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Until this much time has passed.
    BudgetMs(u64),
    /// Until this many random cases have been run on each plane after the sweep.
    Cases(u64),
}

/// One system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemPlan {
    /// Its key in names of files.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How its tenants are kept apart, as declared.
    pub design: Design,
    /// Where it is attacked, and where the cases are written, in order.
    pub campaigns: Vec<CampaignPlan>,
    /// The tenants.
    pub tenants: Vec<String>,
    /// The promises under test.
    pub controls: Vec<ControlPlan>,
    /// When a control counts as tested enough.
    pub thresholds: Thresholds,
    /// Who may do what inside his own tenant; nobody may do anything anywhere else.
    pub intent: Intent,
    /// Defects that were planted on purpose, or variants of them that are none.
    pub planted: Vec<String>,
    /// SHA-256 of everything else that decides the cases: configuration, scripts, patches.
    pub configuration_sha256: String,
}

/// One campaign: one system on one plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignPlan {
    /// Its name, such as `shared-database-api`.
    pub name: String,
    /// `sql` or `api`.
    pub plane: String,
    /// The file of its cases.
    pub file: String,
}

impl CampaignPlan {
    /// The campaign called `name` on a plane.
    pub fn new(name: &str, plane: domain::control::Plane) -> Self {
        Self {
            name: name.to_owned(),
            plane: match plane {
                domain::control::Plane::Sql => "sql".to_owned(),
                domain::control::Plane::Api => "api".to_owned(),
            },
            file: cases_file(name),
        }
    }
}

/// The file of a campaign's cases.
pub fn cases_file(campaign: &str) -> String {
    format!("cases-{campaign}.jsonl")
}

/// One promise under test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPlan {
    /// Its id.
    pub control: ControlId,
    /// What is promised.
    pub promise: String,
    /// How it is attacked.
    pub attack: String,
}

impl SystemPlan {
    /// What is planned against a declared system.
    pub fn new(
        key: &str,
        system: &System,
        campaigns: Vec<CampaignPlan>,
        planted: Vec<String>,
        configuration_sha256: &str,
    ) -> Self {
        let of = |id: &ControlId| {
            let known = control(&id.0);
            ControlPlan {
                control: id.clone(),
                promise: known.map_or_else(String::new, |one| one.promise.to_owned()),
                attack: known.map_or_else(String::new, |one| one.attack.to_owned()),
            }
        };
        Self {
            key: key.to_owned(),
            name: system.name.clone(),
            design: system.design,
            campaigns,
            tenants: system.tenants.clone(),
            controls: system.controls.iter().map(of).collect(),
            thresholds: system.thresholds,
            intent: system.intent.clone(),
            planted,
            configuration_sha256: configuration_sha256.to_owned(),
        }
    }
}
