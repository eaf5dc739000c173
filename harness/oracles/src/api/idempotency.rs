//! Idempotency: a repeat is answered as the original and adds nothing, a request without a key is refused,
//! and a key is its tenant's own.

use std::collections::BTreeMap;

use domain::api::case::{Must, Stance};
use domain::api::history::{Answer, History};
use domain::api::service::IdempotencyPromise;
use domain::finding::Finding;
use domain::world::TenantIndex;

use super::judge::{ApiJudge, Call, call, calls};
use super::leaves::{leaves, plain};
use super::rows;

const ORACLE: &str = "api_idempotency";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history) {
        if let Some(promise) = promise(judge, &call)
            && promise.required
            && call.succeeded()
            && key(promise, &call).is_none()
            && call
                .attack()
                .is_none_or(|attack| attack.must != Must::BeRefused)
        {
            let wrong = format!("had no {}; it must be refused", promise.header);
            findings.push(judge.own(history, &call, ORACLE, "no key", &["S10"], &wrong));
        }
        let Some(attack) = call.attack() else {
            continue;
        };
        let wrong = match (&attack.must, attack.family.as_str()) {
            (Must::Repeat { step }, _) => repeated(judge, history, *step, &call),
            (_, "key-of-another") if judge.is_armed(history, &call) => {
                of_another(judge, history, &call)
            }
            (_, "concurrent-repeat" | "racing-key") => concurrent(judge, history, &call),
            _ => None,
        };
        if let Some(wrong) = wrong {
            let ids: Vec<&str> = attack.controls.iter().map(|id| id.0.as_str()).collect();
            let place = &attack.family;
            findings.push(judge.own(history, &call, ORACLE, place, &ids, &wrong));
        }
    }
    findings
}

fn promise<'j>(judge: &'j ApiJudge<'_>, call: &Call<'_>) -> Option<&'j IdempotencyPromise> {
    let promises = &judge.service.promises.idempotency;
    promises
        .iter()
        .find(|promise| judge.is(call.operation, &promise.operation))
}

/// The key that a request is idempotent by.
pub(crate) fn key_of<'h>(judge: &ApiJudge<'_>, call: &Call<'h>) -> Option<&'h str> {
    key(promise(judge, call)?, call)
}

fn key<'h>(promise: &IdempotencyPromise, call: &Call<'h>) -> Option<&'h str> {
    let header = call
        .sent
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&promise.header));
    header.map(|(_, value)| value.as_str())
}

/// How a repeat was more, or other, than the original.
fn repeated(
    judge: &ApiJudge<'_>,
    history: &History,
    original: usize,
    again: &Call<'_>,
) -> Option<String> {
    let original = call(history, original).filter(Call::succeeded)?;
    if !again.is_answered() {
        return None;
    }
    if !again.answer.is_success() {
        return Some(format!(
            "repeats a request that was answered {}; it must be answered alike",
            original.answer.status
        ));
    }
    if let Some(difference) = differs(judge, again.operation, original.answer, again.answer) {
        return Some(format!(
            "repeats a request and is answered otherwise: {difference}"
        ));
    }
    let tenant = again.caller.tenant?;
    let touched = came(judge, history, original.step, tenant);
    let added = came(judge, history, again.step, tenant);
    let (table, count) = added
        .iter()
        .find(|(table, count)| **count > 0 && touched.contains_key(*table))?;
    Some(format!(
        "repeats a request and yet adds {count} rows to {table}"
    ))
}

/// How the answers to a request and its repeat differ.
fn differs(judge: &ApiJudge<'_>, operation: &str, one: &Answer, other: &Answer) -> Option<String> {
    let of = |answer: &Answer| -> Option<Vec<(String, String)>> {
        let body = answer.json()?;
        let values = leaves(&body)
            .iter()
            .filter(|leaf| !judge.noise.is_volatile_field(operation, &leaf.shape))
            .map(|leaf| (leaf.pointer.clone(), plain(leaf.value)))
            .collect();
        Some(values)
    };
    match (of(one), of(other)) {
        (Some(one), Some(other)) if one != other => {
            let odd = one.iter().zip(&other).find(|(left, right)| left != right);
            Some(
                odd.map_or("one says more".into(), |((pointer, left), (_, right))| {
                    format!("{pointer} was {left} and is {right}")
                }),
            )
        }
        (None, None) if one.body != other.body => Some("the bodies differ".into()),
        (Some(_), None) | (None, Some(_)) => Some("one has no body".into()),
        _ => None,
    }
}

/// How many rows of the tenant's came with a step, by table, without those that tell of the request
/// itself.
fn came(
    judge: &ApiJudge<'_>,
    history: &History,
    step: usize,
    tenant: TenantIndex,
) -> BTreeMap<String, usize> {
    let audit = judge.service.promises.audit.as_ref();
    let mut found = BTreeMap::new();
    for moved in rows::after(history, step).filter_map(rows::moved) {
        let of_requests = judge.noise.is_incidental(moved.table)
            || judge.plane.system.intent.is_audit(moved.table)
            || audit.is_some_and(|promise| promise.table.eq_ignore_ascii_case(moved.table));
        if of_requests {
            continue;
        }
        let own = |row: &&Vec<_>| judge.holder(moved.change, row) == Some(tenant);
        let came = moved.added.iter().filter(own).count();
        let went = moved.removed.iter().filter(own).count();
        *found.entry(moved.table.to_lowercase()).or_default() += came.saturating_sub(went);
    }
    found.retain(|_, count| *count > 0);
    found
}

/// Whether another tenant's use of a key stood in the way.
fn of_another(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Option<String> {
    if !call.is_answered() {
        return None;
    }
    if matches!(call.answer.status, 400..=499) && call.answer.status != 429 {
        return Some("was refused because another tenant had used the key".into());
    }
    if !call.answer.is_success() {
        return None;
    }
    let promise = promise(judge, call)?;
    let key = key(promise, call)?;
    let others = calls(history).find(|other| {
        other.step < call.step
            && other.caller.tenant != call.caller.tenant
            && other.operation == call.operation
            && other.succeeded()
            && self::key(promise, other) == Some(key)
    })?;
    let same = !call.answer.body.is_empty()
        && differs(judge, call.operation, others.answer, call.answer).is_none();
    if same {
        return Some("was answered with what another tenant got for the key".into());
    }
    let tenant = call.caller.tenant?;
    let arm = arm(history, call.step)?;
    let expected = came(judge, history, arm, tenant);
    let added = came(judge, history, call.step, tenant);
    (history.sees_rows && !expected.is_empty() && added.is_empty())
        .then(|| "added nothing, as if another tenant's key were its own".to_owned())
}

/// Whether requests with one key, sent together, were carried out more than once.
fn concurrent(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Option<String> {
    let tenant = call.caller.tenant?;
    let promise = promise(judge, call)?;
    let key = key(promise, call)?;
    let winners: Vec<Call<'_>> = rows::group(history, call.step)
        .filter_map(|step| self::call(history, step))
        .filter(|other| {
            other.succeeded()
                && other.caller.tenant == Some(tenant)
                && self::key(promise, other) == Some(key)
        })
        .collect();
    for pair in winners.windows(2) {
        let [one, other] = pair else { continue };
        if let Some(difference) = differs(judge, call.operation, one.answer, other.answer) {
            return Some(format!(
                "was sent twice at once and answered in two ways: {difference}"
            ));
        }
    }
    let arm = arm(history, call.step)?;
    let once = came(judge, history, arm, tenant);
    let added = came(judge, history, call.step, tenant);
    let (table, count) = added
        .iter()
        .find(|(table, count)| once.get(*table).is_some_and(|once| *count > once))?;
    Some(format!(
        "was sent twice at once and added {count} rows to {table}"
    ))
}

fn arm(history: &History, attack: usize) -> Option<usize> {
    let arm = Stance::Arm { attack };
    let found = history
        .case
        .steps
        .iter()
        .position(|tried| tried.stance == arm)?;
    call(history, found).filter(Call::succeeded)?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::IdempotencyPromise;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn sample() -> Sample {
        let mut sample = Sample::new();
        sample.service().promises.idempotency = vec![IdempotencyPromise {
            operation: "POST /items".into(),
            header: "Idempotency-Key".into(),
            required: true,
        }];
        sample
    }

    fn added(step: usize) -> Change {
        Change {
            step: Some(step),
            database: "wt_acme".into(),
            what: Changed::Rows {
                table: "dbo.Invoices".into(),
                added: vec![vec![Cell::Integer(1), Cell::Integer(2), Cell::Null]],
                removed: vec![],
            },
        }
    }

    fn make(tenant: usize, key: &str) -> sample::Asked {
        sample::post(tenant, "clerk", "/items", "{}").header("Idempotency-Key", key)
    }

    #[test]
    fn a_repeat_is_answered_as_the_original_and_adds_nothing() {
        let sample = sample();
        let judge = sample.judge();
        let original = r#"{"id":7}"#;
        for (title, status, body, adds, found) in [
            ("as the original", 200, original, false, false),
            ("another answer", 201, r#"{"id":8}"#, false, true),
            ("refused", 409, "{}", false, true),
            ("another row", 201, original, true, true),
        ] {
            let mut history = sample::history();
            sample::take(&mut history, make(0, "k"), 201, original);
            let attack = sample::attack(&["S10"], Must::Repeat { step: 0 }, None);
            let again = make(0, "k").stance(Stance::Attack(attack));
            sample::take(&mut history, again, status, body);
            history.changes.push(added(0));
            if adds {
                history.changes.push(added(1));
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
        }
    }

    #[test]
    fn a_key_is_its_tenants_own() {
        let sample = sample();
        let judge = sample.judge();
        for (title, status, body, adds, found) in [
            ("made", 201, r#"{"id":8}"#, true, false),
            ("refused", 409, "{}", false, true),
            ("the other's answer", 201, r#"{"id":7}"#, true, true),
            ("nothing added", 201, r#"{"id":8}"#, false, true),
            ("broken", 500, "{}", false, false),
        ] {
            let mut history = sample::history();
            sample::take(&mut history, make(1, "k"), 201, r#"{"id":7}"#);
            let mut attack = sample::attack(&["S10"], Must::Rule, Some(1));
            attack.family = "key-of-another".into();
            let step = make(0, "k").stance(Stance::Attack(attack));
            sample::take(&mut history, step, status, body);
            let arm = make(0, "fresh").stance(Stance::Arm { attack: 1 });
            sample::take(&mut history, arm, 201, r#"{"id":9}"#);
            history.changes.push(added(2));
            if adds {
                history.changes.push(added(1));
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
        }
    }

    #[test]
    fn what_is_sent_twice_at_once_is_done_once() {
        let sample = sample();
        let judge = sample.judge();
        for (second, adds, found) in [
            (r#"{"id":7}"#, 1, false),
            (r#"{"id":8}"#, 1, true),
            (r#"{"id":7}"#, 2, true),
        ] {
            let mut history = sample::history();
            let mut attack = sample::attack(&["S10"], Must::Rule, None);
            attack.family = "concurrent-repeat".into();
            let first = make(0, "k").together().stance(Stance::Attack(attack));
            sample::take(&mut history, first, 201, r#"{"id":7}"#);
            sample::take(&mut history, make(0, "k"), 201, second);
            let arm = make(0, "fresh").stance(Stance::Arm { attack: 0 });
            sample::take(&mut history, arm, 201, r#"{"id":9}"#);
            history.changes.push(added(2));
            for _ in 0..adds {
                history.changes.push(added(1));
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{second} {adds}");
        }
    }

    #[test]
    fn without_a_key_nothing_is_carried_out() {
        let sample = sample();
        let judge = sample.judge();
        for (status, found) in [(201, true), (400, false)] {
            let mut history = sample::history();
            let step = sample::post(0, "clerk", "/items", "{}");
            sample::take(&mut history, step, status, "{}");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{status}");
        }
    }
}
