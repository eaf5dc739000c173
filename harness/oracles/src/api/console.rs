//! The investigation console: its queries run as the principal that may only read, change nothing, and
//! leave exactly one row that holds their text.

use domain::api::history::History;
use domain::api::service::ConsolePromise;
use domain::finding::Finding;
use domain::surface::Cell;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::{at, leaves, plain};
use super::rows;

const ORACLE: &str = "api_console";
/// Characters of a query that a log keeps at least.
const KEPT_MIN: usize = 200;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.console else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for call in calls(history) {
        if !judge.is(call.operation, &promise.operation) {
            continue;
        }
        let wrongs = [
            changed(judge, promise, history, &call).map(|wrong| ("write", wrong)),
            logged(judge, promise, history, &call).map(|wrong| ("log", wrong)),
            principal(promise, &call).map(|wrong| ("principal", wrong)),
        ];
        for (place, wrong) in wrongs.into_iter().flatten() {
            findings.push(judge.own(history, &call, ORACLE, place, &["D08"], &wrong));
        }
    }
    findings
}

fn query(promise: &ConsolePromise, call: &Call<'_>) -> Option<String> {
    let body: Value = serde_json::from_slice(&call.sent.body).ok()?;
    at(&body, &promise.query)
}

/// What a query changed besides the log, whatever it was answered.
fn changed(
    judge: &ApiJudge<'_>,
    promise: &ConsolePromise,
    history: &History,
    call: &Call<'_>,
) -> Option<String> {
    if rows::group(history, call.step).count() > 1 {
        return None;
    }
    let change = rows::after(history, call.step).find(|change| match rows::moved(change) {
        Some(moved) => {
            let is_log = moved.table.eq_ignore_ascii_case(&promise.table);
            let is_known =
                judge.noise.is_incidental(moved.table) || judge.noise.is_of_logging(moved.table);
            if is_log {
                !moved.removed.is_empty()
            } else {
                !is_known
            }
        }
        None => true,
    })?;
    let what = rows::moved(change).map_or("the catalog", |moved| moved.table);
    Some(format!("changed {what} by a query; it must change nothing"))
}

/// How a query that was carried out is not logged as promised.
fn logged(
    judge: &ApiJudge<'_>,
    promise: &ConsolePromise,
    history: &History,
    call: &Call<'_>,
) -> Option<String> {
    let tenant = call.caller.tenant?;
    let alone = rows::group(history, call.step).count() == 1;
    if !call.succeeded() || !history.sees_rows || !alone {
        return None;
    }
    let query = query(promise, call)?;
    let added = judge.added(history, call.step, tenant, &promise.table);
    if added.len() != 1 {
        return Some(format!(
            "left {} rows in {}; each query must leave exactly one",
            added.len(),
            promise.table
        ));
    }
    let beginning: String = query.trim().chars().take(KEPT_MIN).collect();
    let holds = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains(&beginning));
    let kept = added.iter().any(|row| row.iter().any(holds));
    (!kept).then(|| format!("left a row in {} without the query's text", promise.table))
}

/// Whether a query that asks who it is runs as somebody else than promised.
fn principal(promise: &ConsolePromise, call: &Call<'_>) -> Option<String> {
    if call.attack()?.family != "console-principal" || !call.succeeded() {
        return None;
    }
    let body = call.answer.json()?;
    let said: Vec<String> = leaves(&body).iter().map(|leaf| plain(leaf.value)).collect();
    let right = said
        .iter()
        .any(|value| value.eq_ignore_ascii_case(&promise.principal));
    (!right).then(|| {
        format!(
            "does not run as {}: {}",
            promise.principal,
            super::judge::short(&said.join(", "))
        )
    })
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::ConsolePromise;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn change(table: &str, text: &str) -> Change {
        Change {
            step: Some(0),
            database: "wt_acme".into(),
            what: Changed::Rows {
                table: table.into(),
                added: vec![vec![Cell::Integer(1), Cell::Text(text.into())]],
                removed: vec![],
            },
        }
    }

    #[test]
    fn queries_read_as_the_investigator_and_are_logged() {
        let mut sample = Sample::new();
        sample.service().promises.console = Some(ConsolePromise {
            operation: "POST /items".into(),
            query: "/query".into(),
            table: "dbo.AuditEvents".into(),
            works: "SELECT 1".into(),
            principal: "investigator".into(),
        });
        let judge = sample.judge();
        let log = || change("dbo.AuditEvents", "query: SELECT 1");
        for (title, status, answer, changes, place) in [
            (
                "as promised",
                200,
                r#"[["investigator"]]"#,
                vec![log()],
                None,
            ),
            (
                "not logged",
                200,
                r#"[["investigator"]]"#,
                vec![],
                Some("log"),
            ),
            (
                "logged without its text",
                200,
                r#"[["investigator"]]"#,
                vec![change("dbo.AuditEvents", "a query")],
                Some("log"),
            ),
            (
                "as another",
                200,
                r#"[["app_rw"]]"#,
                vec![log()],
                Some("principal"),
            ),
            (
                "a write below a refusal",
                400,
                "{}",
                vec![change("dbo.Invoices", "x")],
                Some("write"),
            ),
            ("refused", 400, "{}", vec![], None),
        ] {
            let mut history = sample::history();
            let mut attack = sample::attack(&["D08"], Must::Rule, None);
            attack.family = "console-principal".into();
            let step = sample::post(0, "clerk", "/items", r#"{"query":"SELECT 1"}"#);
            sample::take(
                &mut history,
                step.stance(Stance::Attack(attack)),
                status,
                answer,
            );
            history.changes = changes;
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
