//! The format of case files: hand-written scenarios and what was found, and how they are read and
//! printed.
//!
//! One format for both planes. A hand-written scenario speaks of an attacker and a victim and makes a
//! case for every pair of tenants. What was found says besides which tenants it was found between
//! (`cast`), and by what it is known again (`found`).

use domain::api::case::Manner;
use domain::case::{
    BatchTraits, FOREIGN_BESIDE_MISSING, MISSING, OTHER_DEPARTMENT, PAST, TAKEN_BESIDE_FREE,
};
use domain::control::ControlId;
use domain::feature::Feature;
use domain::finding::{Fingerprint, Severity};
use domain::intent::Action;
use domain::system::Design;
use serde::{Deserialize, Serialize};

use crate::request::ScenarioRequest;
use crate::role::{Role, ScenarioActor, Side};

/// One attack, written by hand or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: the file's, in kebab-case.
    pub id: String,
    /// A line for people.
    pub title: String,
    /// Hand-written: what the attacker has in mind, and why it might work. Found: who did what to
    /// whom, and what surfaced where.
    pub story: String,
    /// For which design it is; the first folder of a scenario's path says the same.
    pub design: Setting,
    /// The promises that it attacks; the second folder of a scenario's path is the first of them.
    pub controls: Vec<ControlId>,
    /// The rows of `catalogue.yaml` that it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catalogue: Vec<String>,
    /// What must be there or be open for the attack to succeed, as a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub precondition: String,
    /// What the target must offer for the scenario to apply at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Feature>,
    /// What a sound system answers, as a sentence.
    pub expectation: String,
    /// Where it comes from, and by what it is known again; for what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// Which tenants play which roles; left out, every tenant attacks its neighbour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cast: Option<Cast>,
    /// The inspection that shows it, where nobody does anything: then there are no steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<String>,
    /// What is done, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<ScenarioStep>,
}

/// Where a case comes from, and by what it is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// What makes it the same finding as another; names of tenants by placeholders.
    pub fingerprint: Fingerprint,
    /// How bad it is.
    pub severity: Severity,
    /// The system under test.
    pub system: String,
    /// Where that was.
    pub target: String,
    /// The seed of the campaign.
    pub seed: u64,
    /// The case of the campaign, such as `sweep-17`.
    pub case: String,
    /// The step that shows it, from 1; left out for an inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The views, procedures and functions that this step goes through and that no declared right gives to
    /// anybody. They are the hole: where they are gone, so is it. What the step needs besides was there
    /// before, and is missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// Whether the rightful did the same and succeeded; where he does not any more, nothing is proven.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub armed: bool,
    /// The version of the tool.
    pub tool: String,
}

/// Which tenants play which roles, by their positions among the tenants, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cast {
    /// Who acts.
    pub attacker: usize,
    /// Who must not be seen or touched; left out where the attacker is after his own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub victim: Option<usize>,
    /// The others that the case speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bystanders: Vec<usize>,
}

impl Cast {
    /// Everybody, by role.
    pub fn roles(&self) -> Vec<(Role, usize)> {
        let attacker = Some((Role::Attacker, self.attacker));
        let victim = self.victim.map(|position| (Role::Victim, position));
        let bystanders = (1..).zip(&self.bystanders);
        let bystanders = bystanders.map(|(number, own)| (Role::Bystander(number), *own));
        attacker
            .into_iter()
            .chain(victim)
            .chain(bystanders)
            .collect()
    }
}

/// The designs that a scenario fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// A database for each tenant.
    DatabasePerTenant,
    /// One database for all.
    SharedDatabase,
    /// Either.
    Both,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 3] = [Self::DatabasePerTenant, Self::SharedDatabase, Self::Both];

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::DatabasePerTenant => "database-per-tenant",
            Self::SharedDatabase => "shared-database",
            Self::Both => "both",
        }
    }

    /// Whether a system of this design is meant.
    pub fn includes(self, design: Design) -> bool {
        matches!(
            (self, design),
            (Self::Both, _)
                | (Self::DatabasePerTenant, Design::DatabasePerTenant)
                | (Self::SharedDatabase, Design::SharedDatabase)
        )
    }
}

impl From<Design> for Setting {
    fn from(design: Design) -> Self {
        match design {
            Design::DatabasePerTenant => Self::DatabasePerTenant,
            Design::SharedDatabase => Self::SharedDatabase,
        }
    }
}

/// One batch or request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioStep {
    /// Who.
    pub actor: ScenarioActor,
    /// What a batch attempts; left out when the step is judged by its effects alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ScenarioClaim>,
    /// Who must succeed with the same batch; left out when the step is no attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<ScenarioActor>,
    /// What the step is for; in cases with requests only, and there in every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stance: Option<Purpose>,
    /// The number of the attack that it arms, witnesses or is compared with, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<usize>,
    /// What it tries, if it attacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<ScenarioAttack>,
    /// How it goes together with the next one.
    #[serde(default, skip_serializing_if = "is_alone")]
    pub manner: Manner,
    /// How the batch must be treated.
    #[serde(default, skip_serializing_if = "Treatment::is_plain")]
    pub treatment: Treatment,
    /// Key of the contract's operation, `METHOD /path/{parameter}`; left out when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ScenarioRequest>,
    /// The T-SQL, with placeholders in double braces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it asks about by reference"
)]
fn is_alone(manner: &Manner) -> bool {
    *manner == Manner::Alone
}

/// What a step of a case with requests is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It must succeed, or the case proves nothing.
    Prepare,
    /// It tries what is promised to be impossible.
    Attack,
    /// The rightful does the same: only if he succeeds, the attack counts.
    Arm,
    /// The owner looks at what is attacked.
    Witness,
    /// It asks for something that never was: both must be answered alike.
    Counterpart,
    /// Nothing is expected of it.
    Wander,
}

impl Purpose {
    /// Every purpose, by its name in files.
    pub(crate) const NAMES: [&str; 6] = [
        "prepare",
        "attack",
        "arm",
        "witness",
        "counterpart",
        "wander",
    ];

    /// Whether it belongs to an attack.
    pub(crate) fn is_about_an_attack(self) -> bool {
        matches!(self, Self::Arm | Self::Witness | Self::Counterpart)
    }
}

/// What a request tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioAttack {
    /// The promises that it puts to the test.
    pub controls: Vec<ControlId>,
    /// Its kind, a stable slug.
    pub family: String,
    /// Where it strikes.
    pub position: String,
    /// Whose thing it is after; left out when it is the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub victim: Option<ScenarioActor>,
    /// What must come of it.
    pub must: Duty,
    /// The field that the refusal must name, for `be_refused_naming`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The number of the step whose answer must be repeated, from 1, for `repeat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Of how many steps one must succeed, for `one_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// What must come of an attack: see [`domain::api::case::Must`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// It must be refused, and change nothing.
    BeRefused,
    /// It must be refused, naming the field.
    BeRefusedNaming,
    /// It must show and change nothing of the victim's.
    ShowNothing,
    /// It must be answered as that earlier step was.
    Repeat,
    /// Exactly one of so many steps must succeed.
    OneOf,
    /// The rule of the family decides.
    Rule,
}

impl Duty {
    /// Every duty, by its name in files.
    pub(crate) const NAMES: [&str; 6] = [
        "be_refused",
        "be_refused_naming",
        "show_nothing",
        "repeat",
        "one_of",
        "rule",
    ];
}

impl Scenario {
    /// Whether it speaks with a service; such cases go with another loop than those in T-SQL alone.
    pub fn is_of_the_api(&self) -> bool {
        self.steps.iter().any(|step| step.stance.is_some())
    }

    /// Whether it can be played only where states can be put back: an administrator makes something
    /// ready, or a twin says words that end the transaction in which he would be undone.
    pub fn needs_restoring(&self) -> bool {
        self.steps.iter().any(|step| {
            let prepares =
                step.claim.is_none() && matches!(step.actor, ScenarioActor::Administrator(_));
            prepares || (step.twin.is_some() && step.treatment.controls_transactions)
        })
    }

    /// Whether anybody of this role acts in it, or is spoken of.
    pub(crate) fn speaks_of(&self, role: Role) -> bool {
        let opening = format!("{{{{{role}.");
        self.steps.iter().any(|step| {
            let is_owner = |claim: &ScenarioClaim| claim.of == Side::Tenant(role);
            let is_attacked =
                |attack: &ScenarioAttack| attack.victim.as_ref().is_some_and(|own| own.is_of(role));
            step.actor.is_of(role)
                || step.twin.as_ref().is_some_and(|twin| twin.is_of(role))
                || step.claim.as_ref().is_some_and(is_owner)
                || step.attack.as_ref().is_some_and(is_attacked)
                || serde_json::to_string(step).is_ok_and(|text| {
                    text.contains(&opening) || text.contains(&format!("{{{{of {role} "))
                })
        })
    }
}

/// What a step attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioClaim {
    /// What is done.
    pub action: Action,
    /// To whose database.
    pub of: Side,
    /// To which database, where it is not the side's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// To which object, or a placeholder for one; left out for the database itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object: String,
    /// By which route, its parts joined by `+`; left out in scenarios, whose id it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// What else the step is, where it is judged beside others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
}

/// What a step is, where it is judged beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// About a row of another; the next step says the same about one that never was.
    ForeignBesideMissing,
    /// About a row that never was.
    Missing,
    /// With a key that another tenant uses; the next step says the same with one that nobody uses.
    TakenBesideFree,
    /// About rows of another department of the own tenant.
    OtherDepartment,
    /// About rows of the past.
    Past,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [
        Self::ForeignBesideMissing,
        Self::Missing,
        Self::TakenBesideFree,
        Self::OtherDepartment,
        Self::Past,
    ];

    /// As a part of a claim's family.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ForeignBesideMissing => FOREIGN_BESIDE_MISSING,
            Self::Missing => MISSING,
            Self::TakenBesideFree => TAKEN_BESIDE_FREE,
            Self::OtherDepartment => OTHER_DEPARTMENT,
            Self::Past => PAST,
        }
    }
}

/// [`BatchTraits`], as far as they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// See [`BatchTraits::changes_session`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes_session: bool,
    /// See [`BatchTraits::controls_transactions`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub controls_transactions: bool,
    /// See [`BatchTraits::opaque`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opaque: bool,
    /// See [`BatchTraits::writes`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub writes: bool,
}

impl Treatment {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Treatment> for BatchTraits {
    fn from(treatment: Treatment) -> Self {
        Self {
            changes_session: treatment.changes_session,
            controls_transactions: treatment.controls_transactions,
            opaque: treatment.opaque,
            writes: treatment.writes,
        }
    }
}

impl From<BatchTraits> for Treatment {
    fn from(traits: BatchTraits) -> Self {
        Self {
            changes_session: traits.changes_session,
            controls_transactions: traits.controls_transactions,
            opaque: traits.opaque,
            writes: traits.writes,
        }
    }
}
