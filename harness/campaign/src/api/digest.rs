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
