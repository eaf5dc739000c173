//! Audit trail: each call that changes something leaves exactly one row in the audit table, with its own
//! tenant, the right actor and the right entity; a refused one leaves none that claims success.

use domain::api::history::History;
use domain::api::service::AuditPromise;
use domain::finding::{Finding, Severity};
use domain::surface::Cell;
use domain::system::Design;
use domain::world::TenantIndex;

use super::changes_view::made;
use super::idempotency::key_of;
use super::judge::{ApiJudge, Call, calls, controls};
use super::leaves::{leaves, plain};
use super::operations::{decoded, path_values};
use super::rows;
use crate::matrix::Relation;

/// Words by which an audit row says itself that it tells of a refusal.
const OF_REFUSALS: &[&str] = &["deni", "refus", "reject", "fail", "forbid"];

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.audit else {
        return Vec::new();
    };
    if !history.sees_rows {
        return Vec::new();
    }
    calls(history)
        .filter(|call| is_audited(judge, promise, call))
        .filter_map(|call| {
            let (wrong, place) = wrong(judge, promise, history, &call)?;
            let fingerprint = ApiJudge::fingerprint("api_audit_trail", &call, Relation::Own, place);
            let sentence = format!(
                "{} by {}, which was answered {}, {wrong}",
                call.operation,
                judge.who(call.caller),
                call.answer.status
            );
            let mut finding =
                judge.finding(history, call.step, fingerprint, Severity::High, sentence);
            finding.controls = controls(&[judge.audit_control()]);
            // Among others at work, a row that went elsewhere is a mixture.
            let attack = call
                .attack()
                .into_iter()
                .flat_map(|attack| &attack.controls);
            let mixed = attack.filter(|control| matches!(control.0.as_str(), "B04" | "D13"));
            finding.controls.extend(mixed.cloned());
            finding.changes = rows::after(history, call.step)
                .filter(|change| {
                    rows::moved(change)
                        .is_some_and(|moved| moved.table.eq_ignore_ascii_case(&promise.table))
                })
                .cloned()
                .collect();
            Some(finding)
        })
        .collect()
}

impl ApiJudge<'_> {
    /// Whether the audit trail is promised to tell of this operation.
    pub fn is_audited(&self, operation: &str) -> bool {
        let Some(promise) = &self.service.promises.audit else {
            return false;
        };
        let method = operation.split(' ').next().unwrap_or_default();
        !operation.is_empty()
            && !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
            && !self.is_among(operation, &promise.except)
            && (promise.operations.is_empty() || self.is_among(operation, &promise.operations))
    }

    /// The promise that every change is told of.
    pub(crate) fn audit_control(&self) -> &'static str {
        match self.design() {
            Design::DatabasePerTenant => "D04",
            Design::SharedDatabase => "S09",
        }
    }
}

/// Whether a call is one of those that leave a row when they succeed.
pub(crate) fn is_audited(judge: &ApiJudge<'_>, promise: &AuditPromise, call: &Call<'_>) -> bool {
    !call.operation.is_empty()
        && !call.is_safe()
        && !judge.is_among(call.operation, &promise.except)
        && (promise.operations.is_empty() || judge.is_among(call.operation, &promise.operations))
}

/// What is wrong with the rows that a call left, and a word for its kind.
fn wrong(
    judge: &ApiJudge<'_>,
    promise: &AuditPromise,
    history: &History,
    call: &Call<'_>,
) -> Option<(String, &'static str)> {
    let tenant = call.caller.tenant?;
    let race: Vec<Call<'_>> = rows::group(history, call.step)
        .filter_map(|step| super::judge::call(history, step))
        .filter(|other| other.caller.tenant == Some(tenant) && is_audited(judge, promise, other))
        .collect();
    // The first of a race answers for all of it.
    if race.first().is_none_or(|first| first.step != call.step)
        || race.iter().any(|other| !other.is_answered())
    {
        return None;
    }
    let left = judge.added(history, call.step, tenant, &promise.table);
    let carried_out = race.iter().filter(|other| other.succeeded()).count();
    if carried_out == 0 {
        // That somebody asked is told whatever comes of it.
        let console = judge.service.promises.console.as_ref();
        if console.is_some_and(|console| judge.is(call.operation, &console.operation)) {
            return None;
        }
        return left
            .iter()
            .find(|row| claims_success(judge, promise, history, call.operation, row))
            .map(|row| {
                let told = format!("left an audit row that claims success: {}", told(row));
                (told, "row on refusal")
            });
    }
    // A repeat, or a change of nothing, is no event.
    let repeats = race
        .iter()
        .filter(|other| is_repeat(judge, history, other))
        .count();
    let least = if changed_nothing(judge, promise, history, call.step, tenant) {
        0
    } else {
        carried_out.saturating_sub(repeats)
    };
    if left.len() < least {
        let told = format!(
            "left {} audit rows with its tenant; it must leave {carried_out}",
            left.len()
        );
        return Some((told, "row missing"));
    }
    if left.len() > carried_out {
        let told = format!(
            "left {} audit rows; it must leave exactly {carried_out}",
            left.len()
        );
        return Some((told, "too many rows"));
    }
    if race.len() > 1 {
        return None;
    }
    let row = left.first()?;
    wrong_actor(judge, promise, call, tenant, row)
        .map(|told| (told, "actor"))
        .or_else(|| wrong_entity(judge, promise, call, row).map(|told| (told, "entity")))
}

/// Whether a call repeats an earlier one of its tenant's, by its case's word or by its key.
fn is_repeat(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> bool {
    let by_word = call
        .attack()
        .is_some_and(|attack| matches!(attack.must, domain::api::case::Must::Repeat { .. }));
    by_word
        || key_of(judge, call).is_some_and(|key| {
            calls(history).any(|other| {
                other.step < call.step
                    && other.caller.tenant == call.caller.tenant
                    && other.operation == call.operation
                    && key_of(judge, &other) == Some(key)
            })
        })
}

fn changed_nothing(
    judge: &ApiJudge<'_>,
    promise: &AuditPromise,
    history: &History,
    step: usize,
    tenant: TenantIndex,
) -> bool {
    !rows::after(history, step)
        .filter_map(rows::moved)
        .filter(|moved| {
            !moved.table.eq_ignore_ascii_case(&promise.table)
                && !judge.noise.is_incidental(moved.table)
        })
        .any(|moved| {
            let mut all = moved.added.iter().chain(moved.removed);
            all.any(|row| judge.holder(moved.change, row) == Some(tenant))
        })
}

fn wrong_actor(
    judge: &ApiJudge<'_>,
    promise: &AuditPromise,
    call: &Call<'_>,
    tenant: TenantIndex,
    row: &[Cell],
) -> Option<String> {
    let expected = promise.users.get(&call.caller.actor)?;
    let expected = judge.world().tenant(tenant).fill(expected);
    let cell = row.get(judge.column(&promise.table, &promise.actor)?)?;
    let found = text(cell);
    (!found.eq_ignore_ascii_case(&expected))
        .then(|| format!("left an audit row of {found}; it must name {expected}"))
}

fn wrong_entity(
    judge: &ApiJudge<'_>,
    promise: &AuditPromise,
    call: &Call<'_>,
    row: &[Cell],
) -> Option<String> {
    let column = promise.entity.as_ref()?;
    let cell = row.get(judge.column(&promise.table, column)?)?;
    if *cell == Cell::Null {
        return None;
    }
    let found = text(cell);
    let mut candidates: Vec<String> = path_values(call.operation, &call.sent.target)
        .into_iter()
        .map(|(_, value)| decoded(&value))
        .collect();
    if let Some(body) = call.answer.json() {
        candidates.extend(leaves(&body).iter().map(|leaf| plain(leaf.value)));
    }
    if let Some(location) = call.answer.header("location") {
        candidates.extend(location.rsplit('/').next().map(decoded));
    }
    // An answer that names nothing tells nothing of what it was about.
    let known = !path_values(call.operation, &call.sent.target).is_empty()
        || made(call).is_some()
        || call.answer.header("location").is_some();
    let right = candidates
        .iter()
        .any(|candidate| candidate.eq_ignore_ascii_case(&found));
    (known && !right)
        .then(|| format!("left an audit row about {found}, which the call did not concern"))
}

/// Whether a row that a refused call left says what a success says.
fn claims_success(
    judge: &ApiJudge<'_>,
    promise: &AuditPromise,
    history: &History,
    operation: &str,
    row: &[Cell],
) -> bool {
    let said = event(judge, promise, row);
    let mut of_successes = calls(history)
        .filter(|call| call.operation == operation && call.succeeded())
        .filter_map(|call| Some((call.step, call.caller.tenant?)))
        .flat_map(|(step, tenant)| judge.added(history, step, tenant, &promise.table))
        .map(|row| event(judge, promise, row))
        .peekable();
    if of_successes.peek().is_some() {
        return of_successes.any(|event| event == said);
    }
    match judge.noise.events_of(operation) {
        Some(events) => events.contains(&said),
        None => {
            let said = said.to_lowercase();
            !OF_REFUSALS.iter().any(|word| said.contains(word))
        }
    }
}

/// What a row says that happened: the event where the configuration names its column, else everything
/// in it that reads like a name.
pub(crate) fn event(judge: &ApiJudge<'_>, promise: &AuditPromise, row: &[Cell]) -> String {
    let declared = judge.plane.system.intent.audit.as_ref();
    let column = declared
        .filter(|audit| audit.table.eq_ignore_ascii_case(&promise.table))
        .and_then(|audit| judge.column(&promise.table, &audit.event));
    if let Some(cell) = column.and_then(|column| row.get(column)) {
        return text(cell);
    }
    let of_whom = [Some(&promise.actor), promise.entity.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|column| judge.column(&promise.table, column))
        .collect::<Vec<_>>();
    row.iter()
        .enumerate()
        .filter(|(position, _)| !of_whom.contains(position))
        .filter_map(|(_, cell)| match cell {
            Cell::Text(text) if is_name(text) => Some(text.as_str()),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_name(text: &str) -> bool {
    const LENGTH_MAX: usize = 60;
    text.len() <= LENGTH_MAX
        && !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphabetic() || matches!(letter, '.' | ':' | '-' | '_'))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Guid(text) => text.clone(),
        other => other.literal(),
    }
}

fn told(row: &[Cell]) -> String {
    let cells: Vec<String> = row.iter().map(text).collect();
    super::judge::short(&cells.join(", "))
}

#[cfg(test)]
mod tests {
    use domain::api::service::AuditPromise;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn sample() -> Sample {
        let mut sample = Sample::new();
        sample.service().promises.audit = Some(AuditPromise {
            operations: vec![],
            except: vec![],
            table: "dbo.AuditEvents".into(),
            actor: "Actor".into(),
            users: [("clerk".to_owned(), "clerk@$(Tenant)".to_owned())].into(),
            entity: None,
        });
        sample
    }

    fn row(table: &str, actor: &str, event: &str) -> Change {
        let cells = vec![
            Cell::Integer(9),
            Cell::Null,
            Cell::Text(actor.into()),
            Cell::Text(event.into()),
        ];
        Change {
            step: Some(0),
            database: "wt_acme".into(),
            what: Changed::Rows {
                table: table.into(),
                added: vec![cells],
                removed: vec![],
            },
        }
    }

    #[test]
    fn one_change_leaves_one_row_and_a_refusal_none() {
        let sample = sample();
        let judge = sample.judge();
        let audit = |actor: &str, event: &str| row("dbo.AuditEvents", actor, event);
        let work = || row("dbo.Invoices", "x", "y");
        for (title, status, changes, found) in [
            (
                "one row",
                201,
                vec![work(), audit("clerk@acme", "ItemMade")],
                None,
            ),
            ("no row", 201, vec![work()], Some("row missing")),
            ("nothing changed", 200, vec![], None),
            (
                "two rows",
                201,
                vec![
                    work(),
                    audit("clerk@acme", "ItemMade"),
                    audit("clerk@acme", "ItemMade"),
                ],
                Some("too many rows"),
            ),
            (
                "of somebody else",
                201,
                vec![work(), audit("boss@acme", "ItemMade")],
                Some("actor"),
            ),
            ("refused without a row", 409, vec![], None),
            (
                "refused with a row",
                409,
                vec![audit("clerk@acme", "ItemMade")],
                Some("row on refusal"),
            ),
            (
                "refused with a row that says so",
                409,
                vec![audit("clerk@acme", "ItemRefused")],
                None,
            ),
        ] {
            let mut history = sample::history();
            let step = sample::post(0, "clerk", "/items", "{}");
            sample::take(&mut history, step, status, r#"{"id":9}"#);
            history.changes = changes;
            let findings = super::judge(&judge, &history);
            let place = findings
                .first()
                .map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(place, found, "{title}");
        }
    }

    #[test]
    fn a_race_leaves_as_many_rows_as_it_has_winners() {
        let sample = sample();
        let judge = sample.judge();
        for (rows, found) in [(1, false), (2, true)] {
            let mut history = sample::history();
            let racer = || sample::patch(0, "clerk", "/items/7", "{}");
            sample::take(&mut history, racer().together(), 200, "{}");
            sample::take(&mut history, racer(), 409, "{}");
            for _ in 0..rows {
                let mut change = row("dbo.AuditEvents", "clerk@acme", "ItemChanged");
                change.step = Some(1);
                history.changes.push(change);
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{rows}");
        }
    }
}
