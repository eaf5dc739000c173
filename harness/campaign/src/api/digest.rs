//! What a journal keeps of a history of the API plane: one hash, the same on every run of the same
//! case. What differs by itself is left out: bodies and headers, which hold times, tokens and ids.

use domain::api::history::{History, Record};
use domain::history::Changed;
use sha2::{Digest, Sha256};

use super::play::has_succeeded;

/// SHA-256 of a history, in hexadecimal digits.
pub(crate) fn digest(history: &History) -> String {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    text(&history.case.id.to_string());
    for (step, record) in history.steps.iter().enumerate() {
        match record {
            // Who wins is chance; how many won is not, and is told once for all of them.
            Record::Call { sent, .. } if history.case.is_raced(step) => {
                text(&sent.method);
                let race = history.case.race(step);
                if step == *race.end() {
                    let racers = history.steps[*race.start()..=step].iter();
                    let won = racers.filter(|racer| has_succeeded(racer)).count();
                    text(&format!("{won} won"));
                }
            }
            Record::Call { sent, answer } => {
                text(&sent.method);
                text(&answer.status.to_string());
                text(answer.header("content-type").unwrap_or_default());
            }
            Record::Batch { batch, response } => {
                text(batch);
                let number = response.first_error().map_or(0, |error| error.number);
                text(&number.to_string());
            }
            Record::Unresolved { reason } => text(reason),
        }
    }
    for change in &history.changes {
        text(&format!("{:?} {}", change.step, change.database));
        match &change.what {
            Changed::Rows {
                table,
                added,
                removed,
            } => text(&format!("{table} +{} -{}", added.len(), removed.len())),
            Changed::Catalog { added, removed } => {
                added.iter().chain(removed).for_each(|fact| text(fact));
            }
            Changed::Unreadable { table, error } => {
                text(table);
                text(error);
            }
        }
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Act, Case, Manner, Stance, Step};
    use domain::api::history::{Answer, History, Record, Sent};
    use domain::api::request::{Caller, Request};
    use domain::case::{CaseId, Phase};

    use super::digest;

    /// Requests that were answered so; all but the last are sent together with the next where they race.
    fn history(statuses: &[u16], race: bool) -> History {
        let request = Request {
            method: "PUT".into(),
            path: "/things/1".into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        };
        let step = |number: usize| Step {
            act: Act::Call {
                caller: Caller::anonymous(),
                operation: "PUT /things/{id}".into(),
                request: request.clone(),
            },
            stance: Stance::Wander,
            manner: match race && number + 1 < statuses.len() {
                true => Manner::WithNext,
                false => Manner::Alone,
            },
        };
        let record = |status: &u16| Record::Call {
            sent: Sent {
                method: "PUT".into(),
                target: "/things/1".into(),
                headers: Vec::new(),
                body: Vec::new(),
            },
            answer: Answer {
                status: *status,
                ..Answer::default()
            },
        };
        History {
            case: Case {
                id: CaseId {
                    phase: Phase::Promises,
                    index: 1,
                },
                title: String::new(),
                steps: (0..statuses.len()).map(step).collect(),
            },
            steps: statuses.iter().map(record).collect(),
            changes: Vec::new(),
            sees_rows: false,
            deliveries: Vec::new(),
            log: Vec::new(),
            statements: Vec::new(),
        }
    }

    #[test]
    fn who_wins_a_race_is_no_difference_and_how_many_is() {
        let of = |statuses: &[u16], race| digest(&history(statuses, race));
        assert_eq!(of(&[200, 409, 412], true), of(&[412, 200, 409], true));
        assert_ne!(of(&[200, 409], true), of(&[200, 200], true));
        assert_ne!(of(&[200, 409], false), of(&[409, 200], false));
    }
}
