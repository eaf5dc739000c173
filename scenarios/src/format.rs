//! The format of scenario files, and how they are read and printed.

use domain::case::{
    BatchTraits, FOREIGN_BESIDE_MISSING, MISSING, OTHER_DEPARTMENT, PAST, Scope, TAKEN_BESIDE_FREE,
};
use domain::control::ControlId;
use domain::feature::Feature;
use domain::intent::Action;
use domain::system::Design;
use serde::{Deserialize, Serialize};

/// One hand-written attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: the file's, in kebab-case.
    pub id: String,
    /// A line for people.
    pub title: String,
    /// For which design it is; the first folder of its path says the same.
    pub design: Setting,
    /// The promises that it attacks; the second folder of its path is the first of them.
    pub controls: Vec<ControlId>,
    /// The rows of `catalogue.yaml` that it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catalogue: Vec<String>,
    /// What must be there or be open for the attack to succeed, as a sentence.
    pub precondition: String,
    /// What the target must offer for the scenario to apply at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Feature>,
    /// What the attacker has in mind, and why it might work.
    pub story: String,
    /// What a sound system answers, as a sentence.
    pub expectation: String,
    /// What is done, in order.
    pub steps: Vec<ScenarioStep>,
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

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioStep {
    /// Who.
    pub actor: ScenarioActor,
    /// What it attempts; left out when the step is judged by its effects alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ScenarioClaim>,
    /// Who must succeed with the same batch; left out when the step is no attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<ScenarioActor>,
    /// How the batch must be treated.
    #[serde(default, skip_serializing_if = "Treatment::is_plain")]
    pub treatment: Treatment,
    /// The T-SQL, with placeholders in double braces.
    pub batch: String,
}

impl Scenario {
    /// Whether it can be played only where states can be put back: an administrator makes something
    /// ready, or a twin says words that end the transaction in which he would be undone.
    pub fn needs_restoring(&self) -> bool {
        self.steps.iter().any(|step| {
            let prepares =
                step.claim.is_none() && matches!(step.actor, ScenarioActor::Administrator(_));
            prepares || (step.twin.is_some() && step.treatment.controls_transactions)
        })
    }
}

/// Who takes a step: `attacker: app_rw`, `victim: app_rw`, or `administrator: victim` for the
/// administrator in that side's database. Where tenants have a database in common, a principal may
/// act for one of their departments (`department: 0`) or in a session that was checked out for
/// nobody (`checked_out: false`), and `keeper: victim` is the administrator checked out for that
/// side, with the triggers of a table off (`unguarded: dbo.Ledger`): he arms what is refused to all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ActorFields", into = "ActorFields")]
pub enum ScenarioActor {
    /// A principal of the attacking tenant.
    Attacker(String),
    /// A principal of the attacked tenant.
    Victim(String),
    /// The administrator.
    Administrator(Side),
    /// A principal in a session that was checked out for less than its tenant.
    Scoped {
        /// Attacker or victim.
        side: Side,
        /// The principal.
        principal: String,
        /// For whom the session was checked out.
        scope: Scope,
    },
    /// The administrator with everything out of the way.
    Keeper {
        /// For whom he is checked out.
        side: Side,
        /// The table whose triggers are off.
        unguarded: Option<String>,
    },
}

impl ScenarioActor {
    /// Whether it is a principal of the attacking tenant.
    pub(crate) fn attacks(&self) -> bool {
        matches!(
            self,
            Self::Attacker(_)
                | Self::Scoped {
                    side: Side::Attacker,
                    ..
                }
        )
    }

    /// Whether it is a principal of the attacked tenant, or works for him.
    pub(crate) fn is_of_victim(&self) -> bool {
        matches!(
            self,
            Self::Victim(_)
                | Self::Administrator(Side::Victim)
                | Self::Scoped {
                    side: Side::Victim,
                    ..
                }
                | Self::Keeper {
                    side: Side::Victim,
                    ..
                }
        )
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
    /// To which object, or a placeholder for one; left out for the database itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object: String,
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

/// Whose database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The attacking tenant's.
    Attacker,
    /// The attacked tenant's.
    Victim,
    /// The first shared database.
    Shared,
    /// The server itself; its administrator works in `master`.
    Server,
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

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActorFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attacker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    victim: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    administrator: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keeper: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    department: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checked_out: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unguarded: Option<String>,
}

impl TryFrom<ActorFields> for ScenarioActor {
    type Error = &'static str;

    fn try_from(fields: ActorFields) -> Result<Self, Self::Error> {
        const ONE: &str = "an actor is one of `attacker`, `victim`, `administrator` or `keeper`";
        const SCOPE: &str = "`department` and `checked_out: false` belong to an attacker or a \
                             victim, and exclude each other";
        const GUARD: &str = "`unguarded` belongs to a keeper";
        if fields.unguarded.is_some() && fields.keeper.is_none() {
            return Err(GUARD);
        }
        let scope = match (fields.department, fields.checked_out) {
            (None, None | Some(true)) => None,
            (Some(department), None | Some(true)) => Some(Scope::Department(department)),
            (None, Some(false)) => Some(Scope::Nobody),
            (Some(_), Some(false)) => return Err(SCOPE),
        };
        let scoped = |side, principal, scope| Self::Scoped {
            side,
            principal,
            scope,
        };
        let names = (fields.attacker, fields.victim);
        match (names, fields.administrator, fields.keeper, scope) {
            ((Some(name), None), None, None, None) => Ok(Self::Attacker(name)),
            ((None, Some(name)), None, None, None) => Ok(Self::Victim(name)),
            ((Some(name), None), None, None, Some(scope)) => {
                Ok(scoped(Side::Attacker, name, scope))
            }
            ((None, Some(name)), None, None, Some(scope)) => Ok(scoped(Side::Victim, name, scope)),
            ((None, None), Some(side), None, None) => Ok(Self::Administrator(side)),
            ((None, None), None, Some(side), None) => Ok(Self::Keeper {
                side,
                unguarded: fields.unguarded,
            }),
            ((None, None), _, _, Some(_)) => Err(SCOPE),
            _ => Err(ONE),
        }
    }
}

impl From<ScenarioActor> for ActorFields {
    fn from(actor: ScenarioActor) -> Self {
        let mut fields = Self::default();
        match actor {
            ScenarioActor::Attacker(name) => fields.attacker = Some(name),
            ScenarioActor::Victim(name) => fields.victim = Some(name),
            ScenarioActor::Administrator(side) => fields.administrator = Some(side),
            ScenarioActor::Scoped {
                side,
                principal,
                scope,
            } => {
                match side {
                    Side::Victim => fields.victim = Some(principal),
                    _ => fields.attacker = Some(principal),
                }
                match scope {
                    Scope::Department(department) => fields.department = Some(department),
                    Scope::Nobody => fields.checked_out = Some(false),
                }
            }
            ScenarioActor::Keeper { side, unguarded } => {
                fields.keeper = Some(side);
                fields.unguarded = unguarded;
            }
        }
        fields
    }
}

/// A scenario file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}")]
pub struct LoadError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a scenario.
///
/// # Errors
/// When the text is no scenario: the place and what was expected.
pub fn load(file: &str, text: &str) -> Result<Scenario, LoadError> {
    let at = |line, column, reason| LoadError {
        file: file.to_owned(),
        line,
        column,
        reason,
    };
    let scenario: Scenario = serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((1, 1), |place| (place.line(), place.column()));
        at(line, column, error.to_string())
    })?;
    if scenario.steps.is_empty() {
        return Err(at(1, 1, "a scenario has at least one step".into()));
    }
    if let Some(index) = scenario
        .steps
        .iter()
        .position(|step| step.twin.is_some() && (step.claim.is_none() || !step.actor.attacks()))
    {
        let reason = "a step with a twin is an attack: it needs an attacker and a claim".into();
        return Err(at(line_of_step(text, index), 1, reason));
    }
    Ok(scenario)
}

/// The line on which the `index`-th step begins.
fn line_of_step(text: &str, index: usize) -> usize {
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("- ") || line.starts_with("  - "))
        .skip_while(|(_, line)| !line.contains("actor:"))
        .filter(|(_, line)| line.contains("actor:"))
        .nth(index)
        .map_or(1, |(number, _)| number + 1)
}

/// Prints a scenario; what is printed reads back the same.
///
/// # Panics
/// Never: a scenario is text, lists and maps.
pub fn print(scenario: &Scenario) -> String {
    serde_yaml::to_string(scenario).expect("a scenario is text, lists and maps")
}

#[cfg(test)]
mod tests {
    use super::{load, print};

    const SMALL: &str = "\
id: small
title: Small
design: database-per-tenant
controls:
- D03
catalogue:
- A01
precondition: None.
needs:
- ledger
story: |
  Two
  lines.
expectation: Refused.
steps:
- actor:
    attacker: app_rw
  claim:
    action: delete
    of: attacker
    object: dbo.AuditEvents
  twin:
    administrator: attacker
  treatment:
    writes: true
  batch: |
    DELETE FROM dbo.AuditEvents
    WHERE 1 = 1;
";

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let scenario = load("small.yaml", SMALL).expect("valid");
        assert_eq!(print(&scenario), SMALL);
        assert_eq!(load("small.yaml", &print(&scenario)), Ok(scenario));
    }

    #[test]
    fn whoever_acts_for_less_than_a_tenant_is_read_and_printed() {
        for (fields, printed) in [
            (
                "attacker: service, department: 1",
                "    attacker: service\n    department: 1\n",
            ),
            (
                "victim: service, checked_out: false",
                "    victim: service\n    checked_out: false\n",
            ),
            (
                "attacker: service, checked_out: true",
                "    attacker: service\n",
            ),
            (
                "keeper: victim, unguarded: dbo.Ledger",
                "    keeper: victim\n    unguarded: dbo.Ledger\n",
            ),
        ] {
            let text = SMALL.replace(
                "    administrator: attacker\n",
                &format!("    {}\n", fields.replace(", ", "\n    ")),
            );
            let scenario = load("small.yaml", &text).expect("valid");
            assert!(print(&scenario).contains(printed), "{fields}");
        }
        for (fields, reason) in [
            (
                "keeper: victim, department: 1",
                "belong to an attacker or a victim",
            ),
            ("attacker: service, unguarded: dbo.T", "belongs to a keeper"),
            ("attacker: service, keeper: victim", "an actor is one of"),
            (
                "attacker: service, department: 1, checked_out: false",
                "exclude each other",
            ),
        ] {
            let text = SMALL.replace(
                "    administrator: attacker\n",
                &format!("    {}\n", fields.replace(", ", "\n    ")),
            );
            let error = load("small.yaml", &text).expect_err(fields);
            assert!(error.reason.contains(reason), "{error}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (from, to, line, part) in [
            ("title:", "titel:", 2, "unknown field `titel`"),
            (
                "    action: delete",
                "    action: remove",
                19,
                "unknown variant `remove`",
            ),
            (
                "    attacker: app_rw",
                "    attaker: app_rw",
                17,
                "unknown field `attaker`",
            ),
            (
                "    attacker: app_rw",
                "    administrator: victim",
                16,
                "needs an attacker",
            ),
            (
                "  claim:\n    action: delete\n    of: attacker\n    object: dbo.AuditEvents\n",
                "",
                16,
                "needs an attacker and a claim",
            ),
            ("- ledger", "- legder", 10, "unknown variant `legder`"),
        ] {
            let text = SMALL.replacen(from, to, 1);
            let error = load("small.yaml", &text).expect_err(to);
            assert!(error.reason.contains(part), "{error}");
            assert_eq!(error.line, line, "{error}");
        }
    }
}
