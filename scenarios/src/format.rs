//! The format of scenario files, and how they are read and printed.

use domain::case::BatchTraits;
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

/// Who takes a step: `attacker: app_rw`, `victim: app_rw`, or `administrator: victim` for the
/// administrator in that side's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ActorFields", into = "ActorFields")]
pub enum ScenarioActor {
    /// A principal of the attacking tenant.
    Attacker(String),
    /// A principal of the attacked tenant.
    Victim(String),
    /// The administrator.
    Administrator(Side),
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
}

impl TryFrom<ActorFields> for ScenarioActor {
    type Error = &'static str;

    fn try_from(fields: ActorFields) -> Result<Self, Self::Error> {
        match (fields.attacker, fields.victim, fields.administrator) {
            (Some(name), None, None) => Ok(Self::Attacker(name)),
            (None, Some(name), None) => Ok(Self::Victim(name)),
            (None, None, Some(side)) => Ok(Self::Administrator(side)),
            _ => Err("an actor is one of `attacker`, `victim` or `administrator`"),
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
    if let Some(index) = scenario.steps.iter().position(|step| {
        step.twin.is_some()
            && (step.claim.is_none() || !matches!(step.actor, ScenarioActor::Attacker(_)))
    }) {
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
