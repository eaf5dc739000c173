//! The signed chain of changes: each change extends its tenant's chain, every row joins on to the one
//! before, and no row is ever changed or taken out.

use domain::api::history::History;
use domain::api::service::{ChainColumns, ChainPromise};
use domain::finding::Finding;
use domain::surface::Cell;
use domain::world::TenantIndex;

use super::audit_trail::is_audited;
use super::judge::{ApiJudge, Call, calls};
use super::leaves::leaves;
use super::rows;

const ORACLE: &str = "api_chain";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.chain else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for call in calls(history) {
        let Some(tenant) = call.caller.tenant else {
            continue;
        };
        let verifies = promise
            .verify
            .as_ref()
            .is_some_and(|verify| judge.is(call.operation, verify));
        if verifies && call.succeeded() {
            if let Some(wrong) = says_broken(&call) {
                findings.push(judge.own(history, &call, ORACLE, "verification", &["S09"], &wrong));
            }
            continue;
        }
        if !history.sees_rows || *rows::group(history, call.step).start() != call.step {
            continue;
        }
        let wrongs = [
            taken_out(judge, promise, history, &call, tenant).map(|wrong| ("removed", wrong)),
            not_extended(judge, promise, history, &call, tenant).map(|wrong| ("missing", wrong)),
            not_joined(judge, promise, history, &call, tenant).map(|wrong| ("link", wrong)),
        ];
        for (place, wrong) in wrongs.into_iter().flatten() {
            findings.push(judge.own(history, &call, ORACLE, place, &["S09"], &wrong));
        }
    }
    findings
}

/// Whether the service itself says that the chain is broken.
fn says_broken(call: &Call<'_>) -> Option<String> {
    let body = call.answer.json()?;
    let says = leaves(&body)
        .iter()
        .any(|leaf| leaf.value.as_bool() == Some(false));
    says.then(|| {
        let told = super::judge::short(&String::from_utf8_lossy(&call.answer.body));
        format!("finds the chain broken: {told}")
    })
}

fn taken_out(
    judge: &ApiJudge<'_>,
    promise: &ChainPromise,
    history: &History,
    call: &Call<'_>,
    tenant: TenantIndex,
) -> Option<String> {
    let count: usize = rows::after(history, call.step)
        .filter_map(rows::moved)
        .filter(|moved| moved.table.eq_ignore_ascii_case(&promise.table))
        .map(|moved| {
            let own = |row: &&Vec<Cell>| judge.holder(moved.change, row) == Some(tenant);
            moved.removed.iter().filter(own).count()
        })
        .sum();
    (count > 0).then(|| format!("took {count} rows out of {}", promise.table))
}

/// Whether a change left no row in the chain, or a refusal left one.
fn not_extended(
    judge: &ApiJudge<'_>,
    promise: &ChainPromise,
    history: &History,
    call: &Call<'_>,
    tenant: TenantIndex,
) -> Option<String> {
    let race: Vec<Call<'_>> = rows::group(history, call.step)
        .filter_map(|step| super::judge::call(history, step))
        .filter(|other| other.caller.tenant == Some(tenant))
        .collect();
    if race.iter().any(|other| !other.is_answered()) || !is_chained(judge, promise, call) {
        return None;
    }
    let added = judge
        .added(history, call.step, tenant, &promise.table)
        .len();
    let carried_out = race.iter().any(Call::succeeded);
    let audit = judge.service.promises.audit.as_ref();
    let changed = rows::after(history, call.step)
        .filter_map(rows::moved)
        .filter(|moved| {
            !moved.table.eq_ignore_ascii_case(&promise.table)
                && !judge.noise.is_incidental(moved.table)
                && audit.is_none_or(|audit| !audit.table.eq_ignore_ascii_case(moved.table))
        })
        .any(|moved| {
            let mut all = moved.added.iter().chain(moved.removed);
            all.any(|row| judge.holder(moved.change, row) == Some(tenant))
        });
    if carried_out && changed && added == 0 {
        return Some(format!("changed rows without extending {}", promise.table));
    }
    None
}

fn is_chained(judge: &ApiJudge<'_>, promise: &ChainPromise, call: &Call<'_>) -> bool {
    if !promise.operations.is_empty() {
        return judge.is_among(call.operation, &promise.operations);
    }
    match &judge.service.promises.audit {
        Some(audit) => is_audited(judge, audit, call),
        None => !call.is_safe() && !call.operation.is_empty(),
    }
}

/// Whether the rows that came do not join on to the chain as it was.
fn not_joined(
    judge: &ApiJudge<'_>,
    promise: &ChainPromise,
    history: &History,
    call: &Call<'_>,
    tenant: TenantIndex,
) -> Option<String> {
    let place = |column: &str| judge.column(&promise.table, column);
    let ChainColumns {
        number,
        signature,
        previous,
    } = &promise.columns;
    let (number, signature, previous) = (place(number)?, place(signature)?, place(previous)?);
    let added = judge.added(history, call.step, tenant, &promise.table);
    if added.is_empty() {
        return None;
    }
    let of = |row: &[Cell]| match row.get(number) {
        Some(Cell::Integer(value)) => Some(*value),
        Some(Cell::Decimal(text)) => text.split('.').next()?.parse().ok(),
        _ => None,
    };
    let before = call.step.checked_sub(1);
    let mut chain = judge.rows_of(history, before, tenant, &promise.table);
    chain.sort_by_key(|row| of(row));
    let mut last = chain.last().cloned();
    let mut added: Vec<&Vec<Cell>> = added;
    added.sort_by_key(|row| of(row));
    for row in added {
        if row.get(signature).is_none_or(|cell| *cell == Cell::Null) {
            return Some(format!(
                "left a row in {} without a signature",
                promise.table
            ));
        }
        if let Some(last) = &last {
            let (Some(old), Some(new)) = (of(last), of(row)) else {
                return None;
            };
            if new != old + 1 {
                return Some(format!(
                    "left row {new} after row {old} in {}",
                    promise.table
                ));
            }
            if row.get(previous) != last.get(signature) {
                return Some(format!(
                    "left row {new} in {}, which does not join on to row {old}",
                    promise.table
                ));
            }
        }
        last = Some(row.clone());
    }
    None
}

#[cfg(test)]
mod tests {
    use domain::api::service::{ChainColumns, ChainPromise};
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    #[test]
    fn each_change_joins_on_to_the_chain() {
        let mut sample = Sample::new();
        sample.service().promises.chain = Some(ChainPromise {
            table: "dbo.AuditEvents".into(),
            operations: vec![],
            verify: Some("GET /items".into()),
            columns: ChainColumns {
                number: "AuditEventId".into(),
                signature: "Actor".into(),
                previous: "EventName".into(),
            },
        });
        let last = sample.surface.databases[0].tables["dbo.AuditEvents"].rows[3].clone();
        let judge = sample.judge();
        let change = |table: &str, cells: Vec<Cell>, added: bool| {
            let (added, removed) = if added {
                (vec![cells], vec![])
            } else {
                (vec![], vec![cells])
            };
            Change {
                step: Some(0),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: table.into(),
                    added,
                    removed,
                },
            }
        };
        let link = |number: i64, signature: Cell, previous: Cell| {
            let cells = vec![Cell::Integer(number), Cell::Null, signature, previous];
            change("dbo.AuditEvents", cells, true)
        };
        let signed = || Cell::Text("signed".into());
        let work = || change("dbo.Invoices", vec![Cell::Integer(1)], true);
        for (title, changes, place) in [
            (
                "joined",
                vec![work(), link(5, signed(), last[2].clone())],
                None,
            ),
            ("nothing changed", vec![], None),
            ("not extended", vec![work()], Some("missing")),
            (
                "a gap",
                vec![link(6, signed(), last[2].clone())],
                Some("link"),
            ),
            (
                "not joined",
                vec![link(5, signed(), Cell::Null)],
                Some("link"),
            ),
            (
                "not signed",
                vec![link(5, Cell::Null, last[2].clone())],
                Some("link"),
            ),
            (
                "taken out",
                vec![change("dbo.AuditEvents", last.clone(), false)],
                Some("removed"),
            ),
        ] {
            let mut history = sample::history();
            sample::take(
                &mut history,
                sample::post(0, "clerk", "/items", "{}"),
                201,
                "{}",
            );
            history.changes = changes;
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
        let mut history = sample::history();
        let step = sample::get(0, "clerk", "/items");
        sample::take(&mut history, step, 200, r#"{"whole":false}"#);
        assert_eq!(super::judge(&judge, &history).len(), 1);
    }
}
