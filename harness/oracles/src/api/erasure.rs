//! Erasure: once a subject is erased, nothing personal that was given about it stands in any row, those of
//! the past included, or comes back in any answer.

use domain::api::history::History;
use domain::api::service::ErasurePromise;
use domain::finding::Finding;
use serde_json::Value;

use super::changes_view::made;
use super::echo::Echo;
use super::judge::{ApiJudge, Call, calls};
use super::leaves::at;
use super::operations::thing;
use super::state::{came_and_stayed, holds};

const ORACLE: &str = "api_erasure";
/// Shorter values are anybody's.
const VALUE_MIN: usize = 5;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        for promise in &judge.service.promises.erasure {
            if !judge.is(call.operation, &promise.erase) {
                continue;
            }
            let Some(subject) = thing(call.operation, &call.sent.target) else {
                continue;
            };
            let personal = personal(judge, promise, history, &call, &subject);
            let standing = came_and_stayed(history);
            let left = personal.iter().find_map(|value| {
                let row = standing.iter().find(|one| holds(&one.row, value))?;
                Some((format!("rows of {}", row.table), value, row.table.clone()))
            });
            let told = personal.iter().find_map(|value| {
                let later = calls(history).find(|later| {
                    later.step > call.step
                        && later.caller.tenant == call.caller.tenant
                        && !Echo::of(later.sent).holds(value)
                        && answers(later, value)
                })?;
                let place = format!("answers of {}", later.operation);
                Some((place, value, later.operation.to_owned()))
            });
            for (place, value, where_it_is) in left.into_iter().chain(told) {
                let wrong = format!(
                    "left \"{}\" in {where_it_is}; it must be nowhere",
                    super::judge::short(value)
                );
                findings.push(judge.own(history, &call, ORACLE, &place, &["S15"], &wrong));
            }
        }
    }
    findings
}

fn answers(call: &Call<'_>, value: &str) -> bool {
    let text = String::from_utf8_lossy(&call.answer.body).to_lowercase();
    let escaped = serde_json::to_string(value)
        .unwrap_or_default()
        .to_lowercase();
    text.contains(&value.to_lowercase()) || text.contains(escaped.trim_matches('"'))
}

/// What was given about a subject.
fn personal(
    judge: &ApiJudge<'_>,
    promise: &ErasurePromise,
    history: &History,
    erase: &Call<'_>,
    subject: &str,
) -> Vec<String> {
    let mut found = Vec::new();
    for call in calls(history) {
        if call.step >= erase.step || !call.succeeded() || call.caller.tenant != erase.caller.tenant
        {
            continue;
        }
        let creates =
            judge.is(call.operation, &promise.create) && made(&call).as_deref() == Some(subject);
        let change = promise.change.as_ref();
        let changes = change.is_some_and(|change| judge.is(call.operation, change))
            && thing(call.operation, &call.sent.target).as_deref() == Some(subject);
        if !creates && !changes {
            continue;
        }
        let Ok(body) = serde_json::from_slice::<Value>(&call.sent.body) else {
            continue;
        };
        found.extend(
            promise
                .personal
                .iter()
                .filter_map(|pointer| at(&body, pointer))
                .filter(|value| value.chars().count() >= VALUE_MIN),
        );
    }
    // What others were given, too, is nobody's own.
    let of_others: Vec<Value> = calls(history)
        .filter(|call| judge.is(call.operation, &promise.create))
        .filter(|call| made(call).as_deref() != Some(subject))
        .filter_map(|call| serde_json::from_slice(&call.sent.body).ok())
        .collect();
    found.retain(|value| {
        !of_others.iter().any(|body| {
            promise
                .personal
                .iter()
                .any(|pointer| at(body, pointer).as_ref() == Some(value))
        })
    });
    found
}

#[cfg(test)]
mod tests {
    use domain::api::service::ErasurePromise;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    #[test]
    fn an_erased_subject_is_nowhere() {
        let mut sample = Sample::new();
        sample.service().promises.erasure = vec![ErasurePromise {
            create: "POST /items".into(),
            personal: vec!["/name".into()],
            change: None,
            erase: "DELETE /items/{id}".into(),
        }];
        let judge = sample.judge();
        let change = |step: usize, table: &str, added: bool| {
            let row = vec![vec![Cell::Text("Jane Roe of Oslo".into())]];
            let (added, removed) = if added { (row, vec![]) } else { (vec![], row) };
            Change {
                step: Some(step),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: table.into(),
                    added,
                    removed,
                },
            }
        };
        let customers = "dbo.Customers";
        for (title, changes, later, place) in [
            (
                "nowhere",
                vec![change(0, customers, true), change(1, customers, false)],
                "{}",
                None,
            ),
            (
                "in the past",
                vec![
                    change(0, customers, true),
                    change(1, customers, false),
                    change(1, "dbo.CustomersHistory", true),
                ],
                "{}",
                Some("rows of dbo.CustomersHistory"),
            ),
            (
                "in a list",
                vec![],
                r#"[{"name":"Jane Roe"}]"#,
                Some("answers of GET /items"),
            ),
        ] {
            let mut history = sample::history();
            let step = sample::post(0, "clerk", "/items", r#"{"name":"Jane Roe"}"#);
            sample::take(&mut history, step, 201, r#"{"id":7}"#);
            sample::take(
                &mut history,
                sample::delete(0, "clerk", "/items/7"),
                204,
                "",
            );
            sample::take(&mut history, sample::get(0, "clerk", "/items"), 200, later);
            history.changes = changes;
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
