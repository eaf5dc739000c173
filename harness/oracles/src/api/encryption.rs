//! Encryption at rest: what was written to a field that is promised to be encrypted is in no row and no log
//! line as it was given, and its owner reads it again, also after the key was replaced.

use domain::api::case::Stance;
use domain::api::history::History;
use domain::finding::Finding;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::{at, leaves, names, plain};
use super::state::holds;
use super::{positions, rows, seen};

const ORACLE: &str = "api_encryption";
/// Shorter values are found by chance.
const VALUE_MIN: usize = 6;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        for promise in &judge.service.promises.encrypted {
            if !judge.is(call.operation, &promise.operation) {
                continue;
            }
            let body = serde_json::from_slice::<Value>(&call.sent.body).ok();
            let Some(value) = body
                .and_then(|body| at(&body, &promise.field))
                .filter(|value| value.chars().count() >= VALUE_MIN)
            else {
                continue;
            };
            let kept = history
                .changes
                .iter()
                .filter_map(rows::moved)
                .find(|moved| moved.added.iter().any(|row| holds(row, &value)));
            if let Some(kept) = kept {
                let wrong = format!("is kept as it was given in {}", kept.table);
                let place = format!("rows of {}", kept.table);
                findings.push(judge.own(history, &call, ORACLE, &place, &["S12"], &wrong));
            }
            if history.log.iter().any(|line| line.text.contains(&value)) {
                let wrong = "is in the log as it was given";
                findings.push(judge.own(history, &call, ORACLE, "log", &["S12"], wrong));
            }
            if let Some(wrong) = unreadable(history, &call, &promise.field, &value) {
                findings.push(judge.own(history, &call, ORACLE, "read", &["S12"], &wrong));
            }
        }
    }
    findings
}

/// Whether one of the owner's looks after it does not show the value again.
fn unreadable(history: &History, call: &Call<'_>, field: &str, value: &str) -> Option<String> {
    let witness = Stance::Witness { attack: call.step };
    let look = calls(history)
        .filter(|look| look.step > call.step && look.tried.stance == witness)
        .filter(|look| look.caller.tenant == call.caller.tenant && look.is_answered())
        .filter(|look| is_about(look, call, field))
        .find(|look| !shows(look, value))?;
    Some(format!(
        "is not read again by {}, which was answered {}",
        look.operation, look.answer.status
    ))
}

/// Whether a look is one at the field: at the place where it was written, or at something that has it.
fn is_about(look: &Call<'_>, write: &Call<'_>, field: &str) -> bool {
    let path = |call: &Call<'_>| call.sent.target.split('?').next().map(str::to_owned);
    let name = positions::field(field);
    path(look) == path(write)
        || look
            .answer
            .json()
            .is_some_and(|body| names(&body).contains(&name))
}

fn shows(look: &Call<'_>, value: &str) -> bool {
    look.answer.json().is_some_and(|body| {
        leaves(&body).iter().any(|leaf| {
            let text = plain(leaf.value);
            text.contains(value) || seen::base64(&text).is_some_and(|text| text.contains(value))
        })
    })
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::EncryptedPromise;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    #[test]
    fn an_encrypted_field_is_read_by_its_owner_alone() {
        let mut sample = Sample::new();
        sample.service().promises.encrypted = vec![EncryptedPromise {
            operation: "PATCH /items/{id}".into(),
            field: "/iban".into(),
            rotate: None,
        }];
        let judge = sample.judge();
        let value = "NO93 8601 1117 947";
        let read = format!(r#"{{"iban":"{value}"}}"#);
        for (title, cell, shown, place) in [
            (
                "as promised",
                Cell::Binary(vec![1; 40]),
                read.as_str(),
                None,
            ),
            (
                "plain",
                Cell::Text(value.into()),
                read.as_str(),
                Some("rows of dbo.Invoices"),
            ),
            (
                "plain bytes",
                Cell::Binary(value.into()),
                read.as_str(),
                Some("rows of dbo.Invoices"),
            ),
            (
                "lost",
                Cell::Binary(vec![1; 40]),
                r#"{"iban":null}"#,
                Some("read"),
            ),
        ] {
            let mut history = sample::history();
            let attack = sample::attack(&["S12"], Must::Rule, None);
            let step = sample::patch(0, "clerk", "/items/7", &read);
            sample::take(&mut history, step.stance(Stance::Attack(attack)), 200, "{}");
            let look = sample::get(
                0,
                "clerk",
                if shown.contains("id") {
                    "/items/8"
                } else {
                    "/items/7"
                },
            );
            let look = look.stance(Stance::Witness { attack: 0 });
            sample::take(&mut history, look, 200, shown);
            history.changes.push(Change {
                step: Some(0),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: "dbo.Invoices".into(),
                    added: vec![vec![cell]],
                    removed: vec![],
                },
            });
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
