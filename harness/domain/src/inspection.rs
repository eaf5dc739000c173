//! What is looked at instead of attacked: the target's catalog, its rows, the statements that it
//! ran. Facts are recorded raw; what they mean is decided by pure functions.
//!
//! An inspection looks at *everything* that it is about, so it is no sample: what it says needs no
//! least number of attempts. But it says nothing good when it could not look at a part.

use serde::{Deserialize, Serialize};

use crate::case::{Actor, CaseId, Phase};
use crate::control::ControlId;
use crate::finding::{Confidence, Finding, Fingerprint, Severity};
use crate::history::ResultSet;

/// The attacker's name in fingerprints of inspections: nobody attacked.
pub const INSPECTOR: &str = "inspection";

/// A question to a target. What it says in T-SQL is the observers' business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Which tables are temporal, with which history table and period.
    Versioning,
    /// Which tables with which columns, modules, indexes and synonyms there are.
    Schema,
    /// What the register of migrations says; asked of the database that keeps it, in the words of
    /// the configuration.
    Register,
    /// What everything hashed to around a restore; nobody is asked, it is tried.
    Restore,
    /// Who owns what, who is a member of which role, and who was granted or denied what.
    Rights,
    /// Which columns tables, keys, indexes and references have, in which order.
    Keys,
    /// Which triggers tables have, for which events, and whether they are on.
    Guards,
    /// What every view, procedure, function and trigger says, and who may run it.
    Modules,
    /// The texts that ran, as far as the server still knows them, and who ran them.
    Statements,
    /// Which handshakes the service does, and what its first answer says; no database is asked.
    Transport,
}

impl Topic {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Versioning => "versioning",
            Self::Rights => "rights",
            Self::Keys => "keys",
            Self::Guards => "guards",
            Self::Modules => "modules",
            Self::Statements => "statements",
            Self::Schema => "schema",
            Self::Register => "register",
            Self::Restore => "restore",
            Self::Transport => "transport",
        }
    }
}

/// What one database answered to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The question.
    pub topic: Topic,
    /// The database that was asked; empty for the server as a whole.
    pub database: String,
    /// The batch that asked, so that people can ask again.
    pub asked: String,
    /// What came back.
    pub answer: Answer,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// One result set for each statement of the question.
    Sets(Vec<ResultSet>),
    /// The server did not say: it lacks the view, refused, or the connection was lost.
    None {
        /// Why.
        reason: String,
    },
}

/// Everything that was recorded for an inspection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts(pub Vec<Fact>);

impl Facts {
    /// What `database` answered to `topic`.
    ///
    /// # Errors
    /// With the reason when it did not answer.
    pub fn sets(&self, topic: Topic, database: &str) -> Result<&[ResultSet], String> {
        let fact = self
            .0
            .iter()
            .find(|fact| fact.topic == topic && fact.database.eq_ignore_ascii_case(database));
        match fact.map(|fact| &fact.answer) {
            Some(Answer::Sets(sets)) => Ok(sets),
            Some(Answer::None { reason }) => Err(reason.clone()),
            None => Err(format!("{database} was not asked about {}", topic.name())),
        }
    }

    /// The batch that asked `database` about `topic`; empty when nobody did.
    pub fn asked(&self, topic: Topic, database: &str) -> &str {
        self.0
            .iter()
            .find(|fact| fact.topic == topic && fact.database.eq_ignore_ascii_case(database))
            .map_or("", |fact| fact.asked.as_str())
    }
}

/// When an inspection looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// After provisioning and patches, before anybody did anything.
    BeforeAttacks,
    /// When the rightful principals have done what they may, once.
    AfterBaseline,
    /// When every planned attack was made, from clean state: what they show needs no look.
    AfterSweep,
}

/// One thing that was looked at, for one promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The promise.
    pub control: ControlId,
    /// The database that it is in; empty for the server as a whole.
    pub database: String,
    /// The table, statement or other thing, as in fingerprints: the same for every tenant.
    pub place: String,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen of one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// It is as promised.
    Passed,
    /// It is not.
    Failed(Defect),
    /// Nobody knows.
    CouldNotLook {
        /// Why.
        reason: String,
    },
}

/// What is wrong with a thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Defect {
    /// The kind of defect in few words without names: with the place, the identity of the finding.
    pub kind: String,
    /// How bad.
    pub severity: Severity,
    /// What is the case and what was promised, in one sentence that names database and thing.
    pub sentence: String,
    /// What shows it: a query, or the statement that was inspected.
    pub shown_by: String,
}

/// What an inspection came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspected {
    /// Everything that there is to look at.
    Items(Vec<Item>),
    /// The declared system has no such thing.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

impl Item {
    /// It is as promised.
    pub fn passed(control: &str, database: &str, place: &str) -> Self {
        Self::new(control, database, place, Seen::Passed)
    }

    /// It is not.
    pub fn failed(control: &str, database: &str, place: &str, defect: Defect) -> Self {
        Self::new(control, database, place, Seen::Failed(defect))
    }

    /// Nobody knows.
    pub fn unseen(control: &str, database: &str, place: &str, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self::new(control, database, place, Seen::CouldNotLook { reason })
    }

    fn new(control: &str, database: &str, place: &str, seen: Seen) -> Self {
        Self {
            control: ControlId::new(control),
            database: database.into(),
            place: place.into(),
            seen,
        }
    }

    /// The finding of a failed item of the inspection called `inspection`, its `index`-th.
    pub fn finding(&self, inspection: &str, index: u64) -> Option<Finding> {
        let Seen::Failed(defect) = &self.seen else {
            return None;
        };
        Some(Finding {
            fingerprint: Fingerprint {
                oracle: inspection.into(),
                attacker: INSPECTOR.into(),
                victim: "inspected".into(),
                action: defect.kind.clone(),
                place: self.place.clone(),
            },
            controls: vec![self.control.clone()],
            severity: defect.severity,
            confidence: Confidence::Seen,
            sentence: defect.sentence.clone(),
            actor: Actor::Administrator {
                database: self.database.clone(),
            },
            batch: defect.shown_by.clone(),
            case: CaseId {
                phase: Phase::Inspection,
                index,
            },
            step: 0,
            sightings: Vec::new(),
            changes: Vec::new(),
            occurrences: 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Fact, Facts, Item, Topic};
    use crate::finding::Severity;
    use crate::inspection::Defect;

    #[test]
    fn an_answer_that_did_not_come_gives_its_reason() {
        let fact = |database: &str, answer| Fact {
            topic: Topic::Versioning,
            database: database.into(),
            asked: "SELECT 1".into(),
            answer,
        };
        let reason = "error 208".to_owned();
        let facts = Facts(vec![
            fact("wt_acme", Answer::Sets(Vec::new())),
            fact("wt_beta", Answer::None { reason }),
        ]);
        for (database, topic, expected) in [
            ("WT_ACME", Topic::Versioning, Ok(0)),
            ("wt_beta", Topic::Versioning, Err("error 208")),
            (
                "wt_acme",
                Topic::Rights,
                Err("wt_acme was not asked about rights"),
            ),
        ] {
            let sets = facts.sets(topic, database).map(<[_]>::len);
            assert_eq!(sets, expected.map_err(str::to_owned), "{database}");
        }
    }

    #[test]
    fn only_what_failed_is_a_finding() {
        let defect = Defect {
            kind: "not temporal".into(),
            severity: Severity::High,
            sentence: "dbo.T of acme is not temporal".into(),
            shown_by: "SELECT 1".into(),
        };
        for (item, found) in [
            (Item::passed("D05", "wt_acme", "dbo.T"), false),
            (Item::unseen("D05", "wt_acme", "dbo.T", "error 208"), false),
            (Item::failed("D05", "wt_acme", "dbo.T", defect), true),
        ] {
            let finding = item.finding("versioning", 0);
            assert_eq!(finding.is_some(), found, "{item:?}");
            if let Some(finding) = finding {
                let name = finding.fingerprint.to_string();
                assert_eq!(name, "versioning/inspection/inspected/not temporal/dbo.T");
            }
        }
    }
}
