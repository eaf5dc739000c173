//! One inspection: ask, judge, and ask again when something failed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::case::CaseId;
use domain::control::ControlId;
use domain::finding::{Confidence, Finding};
use domain::inspection::{Answer, Facts, Inspected, Item, Seen, Topic};
use domain::journal::{Doubt, InspectionLine};
use domain::system::System;
use oracles::{Inspection, Judge};
use sha2::{Digest, Sha256};

use crate::drill;
use crate::plan::Plan;
use crate::stage::{Stage, StageError};

/// How often a failed item is looked at again.
const TRIES: u8 = 2;

/// What an inspection came to.
pub(crate) struct Look {
    /// The things that it looked at, for promises under test.
    pub(crate) items: Vec<Item>,
    /// Why there is nothing to look at, if so.
    pub(crate) not_applicable: Option<String>,
    /// Set when it crashed.
    pub(crate) doubt: Option<Doubt>,
    /// SHA-256 of the facts, in hexadecimal digits.
    pub(crate) facts: String,
    /// How sure we are of what failed.
    pub(crate) confidence: Confidence,
}

impl Look {
    /// What the journal keeps of it.
    pub(crate) fn line(&self, id: CaseId, inspection: &Inspection) -> InspectionLine {
        InspectionLine {
            case: id,
            inspection: inspection.name.into(),
            items: self.items.clone(),
            not_applicable: self.not_applicable.clone(),
            doubts: self.doubt.clone().into_iter().collect(),
            facts: self.facts.clone(),
            ms: 0,
        }
    }

    /// What failed, as findings.
    pub(crate) fn findings(&self, id: CaseId, inspection: &Inspection) -> Vec<Finding> {
        let failed = self.items.iter();
        let mut findings: Vec<Finding> = failed
            .filter_map(|item| item.finding(inspection.name, id.index))
            .collect();
        for finding in &mut findings {
            finding.confidence = self.confidence;
        }
        findings
    }
}

/// Looks, from the stage's present state.
pub(crate) async fn look<S: Stage>(
    stage: &mut S,
    judge: &Judge<'_>,
    inspection: &Inspection,
    plan: &Plan<'_>,
) -> Result<Look, StageError> {
    if inspection.topics.contains(&Topic::Restore) && !stage.can_restore() {
        let reason = "a restore is rehearsed only where everything can be put back afterwards";
        return Ok(Look {
            items: Vec::new(),
            not_applicable: Some(reason.into()),
            doubt: None,
            facts: digest(&Facts::default()),
            confidence: Confidence::Seen,
        });
    }
    look_by(plan.system, judge, inspection, async || {
        ask(stage, inspection, plan).await
    })
    .await
}

/// Looks at whatever facts there are each time that somebody asks for them.
pub(crate) async fn look_by(
    system: &System,
    judge: &Judge<'_>,
    inspection: &Inspection,
    mut ask: impl AsyncFnMut() -> Result<Facts, StageError>,
) -> Result<Look, StageError> {
    let facts = ask().await?;
    let mut look = Look {
        items: Vec::new(),
        not_applicable: None,
        doubt: None,
        facts: digest(&facts),
        confidence: Confidence::Seen,
    };
    match inspect(judge, inspection, &facts) {
        Err(doubt) => look.doubt = Some(doubt),
        Ok(Inspected::NotApplicable { reason }) => look.not_applicable = Some(reason),
        Ok(Inspected::Items(items)) => {
            look.items = items;
            look.items
                .retain(|item| system.controls.contains(&item.control));
        }
    }
    if look.items.iter().any(has_failed) {
        let mut k = 0;
        for _ in 0..TRIES {
            let again = ask().await?;
            let same = match inspect(judge, inspection, &again) {
                Ok(Inspected::Items(items)) => look
                    .items
                    .iter()
                    .filter(|item| has_failed(item))
                    .all(|item| items.contains(item)),
                _ => false,
            };
            k += u8::from(same);
        }
        look.confidence = match k {
            0 => Confidence::Unstable { n: TRIES },
            k => Confidence::Confirmed { k, n: TRIES },
        };
    }
    Ok(look)
}

fn has_failed(item: &Item) -> bool {
    matches!(item.seen, Seen::Failed(_))
}

/// What the target says to everything that an inspection asks.
pub(crate) async fn ask<S: Stage>(
    stage: &mut S,
    inspection: &Inspection,
    plan: &Plan<'_>,
) -> Result<Facts, StageError> {
    let databases: Vec<String> = plan
        .surface
        .databases
        .iter()
        .map(|database| database.name.clone())
        .collect();
    let mut facts = Facts::default();
    for &topic in inspection.topics {
        let answers = match (topic, &plan.system.intent.migrations) {
            (Topic::Restore, _) => drill::facts(stage, plan).await?,
            (Topic::Register, None) => Vec::new(),
            (Topic::Register, Some(migrations)) => {
                let registry: Vec<String> = plan
                    .world
                    .shared_databases
                    .iter()
                    .filter(|(key, _)| *key == migrations.database)
                    .map(|(_, name)| name.clone())
                    .collect();
                let statements = [migrations.applied.clone(), migrations.objects.clone()];
                stage.facts_in_words(topic, &statements, &registry).await?
            }
            _ => stage.facts(topic, &databases).await?,
        };
        facts.0.extend(answers);
    }
    Ok(facts)
}

/// What targets that are alike say to the same questions, as if one of them had done what all did: each row once, in an
/// order that does not depend on how many they are.
pub(crate) fn joined(told: Vec<Facts>) -> Facts {
    let mut told = told.into_iter();
    let mut whole = told.next().unwrap_or_default();
    for other in told {
        for (fact, other) in whole.0.iter_mut().zip(other.0) {
            match (&mut fact.answer, other.answer) {
                (Answer::Sets(sets), Answer::Sets(others)) if sets.len() == others.len() => {
                    for (set, other) in sets.iter_mut().zip(others) {
                        set.rows.extend(other.rows);
                        set.rows_dropped += other.rows_dropped;
                    }
                }
                (Answer::Sets(_), Answer::Sets(_)) => {
                    let reason = "servers that should be alike answered differently".into();
                    fact.answer = Answer::None { reason };
                }
                (Answer::Sets(_), silent) => fact.answer = silent,
                (Answer::None { .. }, _) => {}
            }
        }
    }
    for fact in &mut whole.0 {
        if let Answer::Sets(sets) = &mut fact.answer {
            for set in sets {
                set.rows.sort();
                set.rows.dedup();
            }
        }
    }
    whole
}

/// An inspection that crashes casts doubt on its promises and on nothing else.
fn inspect(judge: &Judge<'_>, inspection: &Inspection, facts: &Facts) -> Result<Inspected, Doubt> {
    catch_unwind(AssertUnwindSafe(|| (inspection.inspect)(judge, facts))).map_err(|_| Doubt {
        controls: inspection
            .controls
            .iter()
            .map(|id| ControlId::new(id))
            .collect(),
        reason: format!("the inspection {} crashed", inspection.name),
    })
}

fn digest(facts: &Facts) -> String {
    let text = serde_json::to_string(facts).unwrap_or_else(|error| error.to_string());
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use domain::history::ResultSet;
    use domain::inspection::{Answer, Fact, Facts, Topic};
    use domain::surface::Cell;

    use super::joined;

    fn told(answer: Answer) -> Facts {
        Facts(vec![Fact {
            topic: Topic::Statements,
            database: "erp".into(),
            asked: "?".into(),
            answer,
        }])
    }

    fn set(numbers: &[i64]) -> ResultSet {
        ResultSet {
            rows: numbers.iter().map(|n| vec![Cell::Integer(*n)]).collect(),
            ..ResultSet::default()
        }
    }

    #[test]
    fn two_servers_say_together_what_one_would_have_said() {
        let one = || told(Answer::Sets(vec![set(&[3, 1, 2]), set(&[0])]));
        let parts = [
            told(Answer::Sets(vec![set(&[1, 3]), set(&[0])])),
            told(Answer::Sets(vec![set(&[2, 3]), set(&[0])])),
        ];
        assert_eq!(joined(parts.into()), joined(vec![one()]));
        assert_eq!(
            joined(vec![one()]),
            told(Answer::Sets(vec![set(&[1, 2, 3]), set(&[0])]))
        );
    }

    #[test]
    fn one_server_that_is_silent_silences_all() {
        let silent = || {
            told(Answer::None {
                reason: "refused".into(),
            })
        };
        let loud = || told(Answer::Sets(vec![set(&[1])]));
        assert_eq!(joined(vec![loud(), silent()]), silent());
        assert_eq!(joined(vec![silent(), loud()]), silent());
        let odd = joined(vec![loud(), told(Answer::Sets(Vec::new()))]);
        assert!(matches!(&odd.0[0].answer, Answer::None { .. }));
    }
}
