//! Faults that nobody thought of: each safeguard of a fixture is taken away by itself, and each plausible
//! right is given that nobody declared. [`catalog`] makes them from the catalog of the provisioned system,
//! [`rights`] asks who may do what before and after, [`standing`] tells what that alone explains, and
//! [`page`] writes down what became of each.

pub(crate) mod catalog;
pub(crate) mod page;
pub(crate) mod rights;
pub(crate) mod standing;

use std::collections::BTreeSet;

use campaign::Deed;
use domain::control::ControlId;
use domain::selftest::{Ending as Hunted, Trial};
use domain::system::Script;
use executors::PatchTarget;
use serde::{Deserialize, Serialize};

use super::catalogue::Plant;
use crate::planted::Planted;

/// A database whose safeguards are taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its key when it belongs to nobody; `None` for the one that holds the tenants' rows.
    pub(crate) key: Option<String>,
    /// Where a script runs.
    pub(crate) target: PatchTarget,
    /// The database that stands for all of its kind.
    pub(crate) database: String,
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Automatic {
    /// What was done, in words: `without DENY UPDATE on dbo.AuditEvents to app_rw`.
    pub(crate) id: String,
    /// What was done.
    pub(crate) change: Change,
    /// Where.
    pub(crate) place: Place,
    script: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A GRANT or DENY was taken away, or a GRANT added.
    Right {
        /// Which.
        step: RightStep,
        /// Who holds it.
        grantee: String,
        /// `SELECT`.
        right: String,
        /// `schema.object`, `schema s`, `the database`.
        on: String,
    },
    /// A principal became a member of a role.
    Role {
        /// The role.
        role: String,
    },
    /// A trigger was switched off.
    Trigger {
        /// On which table, as `schema.table`.
        table: String,
    },
    /// A constraint or unique index was dropped.
    Constraint {
        /// Of which table, as `schema.table`.
        table: String,
        /// `CHECK`, `PRIMARY KEY` …
        what: &'static str,
        /// The columns that it speaks of.
        columns: Vec<String>,
    },
    /// A table keeps no history any more.
    History {
        /// Which, as `schema.table`.
        table: String,
    },
    /// A view, procedure or trigger lacks one of its conditions.
    Condition {
        /// Which, as `schema.module`.
        module: String,
        /// Whether it is a trigger, which nobody calls.
        is_trigger: bool,
        /// What the condition decided about.
        decided: BTreeSet<Deed>,
    },
}

/// What was done about a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RightStep {
    /// A GRANT was taken away.
    Granted,
    /// A DENY was taken away.
    Denied,
    /// A GRANT was added.
    Given,
}

/// How one of them ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// It survives, and nothing explains it: a hole in the attacks.
    Survives,
    /// It was given up.
    Unfinished,
    /// It is found under a promise.
    Caught,
    /// The campaign says that it could not decide.
    ToldAsInconclusive,
    /// Nobody can do anything else than before.
    Equivalent,
    /// The server refuses to be without it.
    CannotBeMade,
    /// Nothing that is declared is about it.
    PromisesNothing,
}

impl Ending {
    /// Every one, the worst first.
    pub(crate) const ALL: [Self; 7] = [
        Self::Survives,
        Self::Unfinished,
        Self::Caught,
        Self::ToldAsInconclusive,
        Self::Equivalent,
        Self::CannotBeMade,
        Self::PromisesNothing,
    ];

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Survives => "survives: a hole in the attacks",
            Self::Unfinished => "unfinished",
            Self::Caught => "caught under a promise",
            Self::ToldAsInconclusive => "told as inconclusive",
            Self::Equivalent => "equivalent",
            Self::CannotBeMade => "cannot be made",
            Self::PromisesNothing => "promises nothing",
        }
    }
}

/// What came of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Its name.
    pub(crate) id: String,
    /// How it was made.
    pub(crate) kind: String,
    /// How it ended.
    pub(crate) ending: Ending,
    /// The promises under which it was found, or why it was not.
    pub(crate) why: String,
    /// Milliseconds until then, planting included.
    pub(crate) ms: u64,
}

impl Change {
    /// How it was made, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Right { step, .. } => match step {
                RightStep::Granted => "right taken away",
                RightStep::Denied => "denial taken away",
                RightStep::Given => "right too many",
            },
            Self::Role { .. } => "role too many",
            Self::Trigger { .. } => "trigger off",
            Self::Constraint { .. } => "constraint dropped",
            Self::History { .. } => "history off",
            Self::Condition { .. } => "condition left out",
        }
    }

    /// What it is about, as `schema.object`.
    pub(crate) fn objects(&self) -> Vec<String> {
        match self {
            Self::Right { on, .. } => vec![on.clone()],
            Self::Role { .. } => Vec::new(),
            Self::Trigger { table } | Self::Constraint { table, .. } | Self::History { table } => {
                vec![table.clone()]
            }
            Self::Condition { module, .. } => vec![module.clone()],
        }
    }

    /// Whether it is about who may do what.
    pub(crate) fn is_about_rights(&self) -> bool {
        matches!(self, Self::Right { .. } | Self::Role { .. })
    }
}

impl Automatic {
    /// Its T-SQL, where it belongs.
    pub(crate) fn plant(&self) -> Plant {
        Plant {
            scripts: vec![Planted {
                script: Script {
                    file: self.id.clone(),
                    text: self.script.clone(),
                },
                target: self.place.target.clone(),
                design: None,
            }],
            switch: None,
        }
    }

    /// Its outcome.
    pub(crate) fn ends(&self, ending: Ending, why: impl Into<String>, ms: u64) -> Outcome {
        Outcome {
            id: self.id.clone(),
            kind: self.change.kind().to_owned(),
            ending,
            why: why.into(),
            ms,
        }
    }

    /// What came of a campaign against it. `doubts` are the reasons for which promises could not be
    /// decided, beyond those of the clean system.
    pub(crate) fn hunted(&self, trial: &Trial, is_whole: bool, doubts: &[String]) -> Outcome {
        let (ending, why) = match (&trial.detection, trial.ending) {
            (Some(found), Hunted::Caught) => {
                let ids: Vec<&str> = found.controls.iter().map(|id| id.0.as_str()).collect();
                (
                    Ending::Caught,
                    format!("{}, by {}", ids.join(" "), found.oracle),
                )
            }
            _ if !is_whole => (Ending::Unfinished, "it was given up".to_owned()),
            _ if !doubts.is_empty() => (Ending::ToldAsInconclusive, doubts[0].clone()),
            (Some(other), _) => (
                Ending::Survives,
                format!("seen by {} alone: {}", other.oracle, other.sentence),
            ),
            (None, _) => (
                Ending::Survives,
                "no planned case and no inspection shows it".to_owned(),
            ),
        };
        self.ends(ending, why, trial.prepared_ms + trial.ms)
    }

    /// The promises under which it may be found. That a change of the schema was not registered says
    /// nothing of a safeguard that was never written, unless something was deployed with it.
    pub(crate) fn expected(&self, is_deployed: bool) -> Vec<ControlId> {
        let is_register = self.place.key.is_some() || is_deployed;
        domain::control::CONTROLS
            .iter()
            .filter(|control| is_register || self.change.is_about_rights() || control.id != "D17")
            .map(|control| ControlId::new(control.id))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::control::ControlId;
    use domain::selftest::{Detection, Ending as Hunted, Trial};
    use executors::PatchTarget;

    use super::{Automatic, Change, Ending, Place};

    #[test]
    fn what_a_campaign_came_to_is_told_as_it_is() {
        let automatic = Automatic {
            id: "it".into(),
            change: Change::Trigger {
                table: "dbo.Invoices".into(),
            },
            place: Place {
                key: None,
                target: PatchTarget::Tenants,
                database: "wt_acme".into(),
            },
            script: String::new(),
        };
        let trial = |ending, detection| Trial {
            design: String::new(),
            seed: 1,
            ending,
            detection,
            prepared_ms: 0,
            cases: 0,
            judged: 0,
            ms: 0,
        };
        let found = Detection {
            oracle: "authorization".into(),
            controls: vec![ControlId::new("D02")],
            case: String::new(),
            sentence: "app_rw deleted".into(),
            ms: 0,
            cases: 0,
            judged: 0,
            steps_before: None,
            steps_after: None,
            replayed: None,
        };
        let doubt = ["the owner could not read".to_owned()];
        let other = Some(found.clone());
        for (trial, is_whole, doubts, ending) in [
            (
                trial(Hunted::Caught, Some(found)),
                false,
                &[][..],
                Ending::Caught,
            ),
            (
                trial(Hunted::Missed, None),
                true,
                &doubt[..],
                Ending::ToldAsInconclusive,
            ),
            (
                trial(Hunted::Missed, None),
                false,
                &doubt[..],
                Ending::Unfinished,
            ),
            (trial(Hunted::Missed, None), true, &[], Ending::Survives),
            (
                trial(Hunted::CaughtByAnother, other),
                true,
                &[],
                Ending::Survives,
            ),
        ] {
            let outcome = automatic.hunted(&trial, is_whole, doubts);
            assert_eq!(outcome.ending, ending, "{trial:?}");
            assert!(!outcome.why.is_empty());
        }
    }
}
