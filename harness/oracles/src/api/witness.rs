//! Read-back through the owner: what he sees of his thing is the same after an attack as before, and the
//! attacker was not shown it. It needs no database, and it sees through every status: some services answer
//! 404 and delete all the same.

use std::collections::BTreeSet;

use domain::api::case::{Attack, Must};
use domain::api::history::{Answer, History};
use domain::finding::{Finding, Severity};
use serde_json::Value;

use super::attempts::witnesses;
use super::brought;
use super::echo::Echo;
use super::evidence::Shown;
use super::judge::{ApiJudge, Call, calls};
use super::leaves::{Leaf, leaves, plain};
use crate::matrix::Relation;

/// Values of the owner's that must be seen in an answer before they are called his.
const VALUES_MIN: usize = 2;
/// Shorter texts are words that anybody has.
const TEXT_MIN: usize = 6;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history) {
        let Some(attack) = call.attack() else {
            continue;
        };
        let Some((before, after)) = witnesses(history, call.step) else {
            if attack.victim.is_none()
                && must_not_change(attack)
                && judge.is_armed(history, &call)
                && let Some(difference) = brought::moved(judge, history, &call)
            {
                findings.push(changed_by(judge, history, &call, attack, None, &difference));
            }
            continue;
        };
        let health = judge.service.promises.health.as_ref();
        let is_health =
            health.is_some_and(|promise| judge.is(before.operation, &promise.operation));
        // What a health view counts, [`super::independence`] judges.
        if !before.succeeded() || is_health {
            continue;
        }
        let relation = judge.relation(call.caller, attack.victim.as_ref());
        if relation == Relation::Department && !judge.is_departmental(history, &call) {
            continue;
        }
        let counts = attack.victim.is_some() || judge.is_armed(history, &call);
        if let Some(after) = after
            && counts
            && must_not_change(attack)
            && !somebody_else_worked(history, &call, before.step, after.step)
            && let Some(difference) = changed(judge, &before, &after)
        {
            let before = Some(&before);
            findings.push(changed_by(
                judge,
                history,
                &call,
                attack,
                before,
                &difference,
            ));
        }
        if relation != Relation::Own
            && before.caller != call.caller
            && call.is_answered()
            && let Some(values) = shown(judge, history, &call, &before)
        {
            let sentence = format!(
                "{} was shown by {}, which was answered {}, what {} sees: {values}; nobody else may",
                judge.who(call.caller),
                super::judge::action(call.operation, call.sent),
                call.answer.status,
                judge.who(before.caller),
            );
            let shown = Shown {
                values: true,
                in_an_error: !call.answer.is_success(),
                ..Shown::default()
            };
            findings.push(finding(judge, history, &call, attack, shown, sentence));
        }
    }
    findings
}

/// That an attack changed what its owner sees.
fn changed_by(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    attack: &Attack,
    before: Option<&Call<'_>>,
    difference: &str,
) -> Finding {
    let sentence = format!(
        "{} {} by {}, which was answered {}: {difference}; it must stay as it was",
        judge.who(call.caller),
        match (judge.relation(call.caller, attack.victim.as_ref()), before) {
            (Relation::Own, _) | (_, None) => "changed what must not change".to_owned(),
            (_, Some(before)) => format!("changed what {} sees", judge.who(before.caller)),
        },
        super::judge::action(call.operation, call.sent),
        call.answer.status,
    );
    let shown = Shown {
        changed: true,
        ..Shown::default()
    };
    finding(judge, history, call, attack, shown, sentence)
}

/// Whether the promise says that what the owner sees stays as it is.
fn must_not_change(attack: &Attack) -> bool {
    match attack.must {
        Must::BeRefused | Must::BeRefusedNaming { .. } | Must::Repeat { .. } => true,
        Must::ShowNothing => attack.victim.is_some(),
        Must::OneOf { .. } | Must::Rule => false,
    }
}

/// Whether anybody but the attacker changed something between two looks.
pub(super) fn somebody_else_worked(
    history: &History,
    attack: &Call<'_>,
    before: usize,
    after: usize,
) -> bool {
    let race = super::rows::group(history, attack.step);
    (before + 1..after).any(|step| {
        !race.contains(&step)
            && match super::judge::call(history, step) {
                Some(call) => !call.is_safe() && (call.succeeded() || !call.is_answered()),
                None => true,
            }
    })
}

/// How the owner's second look differs from the first.
fn changed(judge: &ApiJudge<'_>, before: &Call<'_>, after: &Call<'_>) -> Option<String> {
    if before.operation != after.operation || !after.is_answered() {
        return None;
    }
    if matches!(after.answer.status, 404 | 410) {
        return Some(format!("it is gone ({})", after.answer.status));
    }
    if !after.answer.is_success() {
        // Refused for a reason of its own, or broken: that tells nothing of the thing.
        return None;
    }
    let (Some(one), Some(other)) = (before.answer.json(), after.answer.json()) else {
        return (before.answer.body != after.answer.body)
            .then(|| "the content is another".to_owned());
    };
    let counts = |leaf: &Leaf<'_>| !judge.noise.is_volatile_field(before.operation, &leaf.shape);
    let (one, other) = (leaves(&one), leaves(&other));
    let of = |all: &[Leaf<'_>]| -> Vec<(String, String)> {
        all.iter()
            .filter(|leaf| counts(leaf))
            .map(|leaf| (leaf.pointer.clone(), plain(leaf.value)))
            .collect()
    };
    let (one, other) = (of(&one), of(&other));
    if one == other {
        return None;
    }
    let differing = one.iter().zip(&other).find(|(left, right)| left != right);
    Some(match differing {
        Some(((pointer, old), (same, new))) if pointer == same => {
            format!("{pointer} was {} and is {}", cut(old), cut(new))
        }
        _ => format!("{} values became {}", one.len(), other.len()),
    })
}

fn cut(text: &str) -> String {
    const LENGTH_MAX: usize = 60;
    text.chars().take(LENGTH_MAX).collect()
}

/// Values that only the owner has, in the attacker's answer, under the same names.
fn shown(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    before: &Call<'_>,
) -> Option<String> {
    let (theirs, got) = (before.answer.json()?, call.answer.json()?);
    let echo = Echo::until(history, call.step, call.caller.tenant);
    let known = known(history, call);
    let (theirs, got) = (leaves(&theirs), leaves(&got));
    let seen: BTreeSet<(&str, String)> = theirs
        .iter()
        .filter(|leaf| is_telling(leaf.value))
        .filter(|leaf| !judge.noise.is_volatile_field(call.operation, &leaf.shape))
        .map(|leaf| (leaf.field.as_str(), plain(leaf.value)))
        .filter(|(_, value)| !known.contains(value) && !echo.holds(value))
        .filter(|(field, value)| {
            got.iter()
                .any(|leaf| leaf.field == *field && plain(leaf.value) == *value)
        })
        .collect();
    if seen.len() < VALUES_MIN {
        return None;
    }
    let told: Vec<String> = seen
        .iter()
        .take(3)
        .map(|(field, value)| format!("{field} {}", cut(value)))
        .collect();
    Some(told.join(", "))
}

/// Whether a value can belong to one owner alone.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() >= TEXT_MIN,
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() >= 1000.0),
        _ => false,
    }
}

/// Values that the attacker's tenant has of its own, and those that everybody is shown for a thing that
/// never was.
fn known(history: &History, call: &Call<'_>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut add = |answer: &Answer| {
        if let Some(body) = answer.json() {
            known.extend(leaves(&body).iter().map(|leaf| plain(leaf.value)));
        }
    };
    for other in calls(history) {
        if other.step == call.step {
            continue;
        }
        let is_counterpart =
            other.tried.stance == (domain::api::case::Stance::Counterpart { attack: call.step });
        let is_own = other.caller.tenant == call.caller.tenant
            && other.caller.actor == call.caller.actor
            && other.attack().is_none();
        if is_counterpart || is_own {
            add(other.answer);
        }
    }
    known
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    attack: &Attack,
    shown: Shown,
    sentence: String,
) -> Finding {
    let relation = judge.relation(call.caller, attack.victim.as_ref());
    let fingerprint = ApiJudge::fingerprint("api_witness", call, relation, &attack.position);
    let severity = match relation {
        Relation::Other => Severity::Critical,
        _ => Severity::High,
    };
    let mut finding = judge.finding(history, call.step, fingerprint, severity, sentence);
    finding.controls = judge.broken(relation, Some(attack), shown);
    finding
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use crate::api::sample::{self, Sample};

    /// A look of the owner's, an attack, another look.
    fn looked(before: &str, attacked: (u16, &str), after: (u16, &str)) -> Vec<String> {
        let sample = Sample::new();
        let judge = sample.judge();
        let mut history = sample::history();
        let witness = || sample::get(1, "clerk", "/items/7").stance(Stance::Witness { attack: 1 });
        sample::take(&mut history, witness(), 200, before);
        let attack = sample::attack(&["D01", "B01", "B03"], Must::BeRefused, Some(1));
        let step = sample::patch(0, "clerk", "/items/7", r#"{"name":"changed"}"#);
        let step = step.stance(Stance::Attack(attack));
        sample::take(&mut history, step, attacked.0, attacked.1);
        sample::take(&mut history, witness(), after.0, after.1);
        super::judge(&judge, &history)
            .into_iter()
            .map(|finding| finding.sentence)
            .collect()
    }

    #[test]
    fn the_owner_sees_what_he_saw_before() {
        let (one, other) = (
            r#"{"id":7,"name":"before","traceId":"1"}"#,
            r#"{"id":7,"name":"changed","traceId":"2"}"#,
        );
        let same = r#"{"id":7,"name":"before","traceId":"3"}"#;
        for (title, attacked, after, found) in [
            ("changed", (204, ""), (200, other), true),
            ("changed below a refusal", (404, ""), (200, other), true),
            ("gone below a refusal", (404, ""), (404, ""), true),
            ("as it was", (404, ""), (200, same), false),
            (
                "a success that did something else",
                (204, ""),
                (200, same),
                false,
            ),
            ("a second look that failed", (404, ""), (500, ""), false),
        ] {
            let found_now = !looked(one, attacked, after).is_empty();
            assert_eq!(found_now, found, "{title}");
        }
    }

    #[test]
    fn the_owner_alone_is_shown_his_thing() {
        let one = r#"{"id":7,"name":"something long","created":"2026-01-01T00:00:01Z"}"#;
        for (title, got, found) in [
            ("the whole of it", one, true),
            ("its id", r#"{"id":7,"title":"Not found"}"#, false),
            (
                "another thing",
                r#"{"id":7,"name":"something else","created":"2026-01-01T00:00:02Z"}"#,
                false,
            ),
        ] {
            let found_now = !looked(one, (200, got), (200, one)).is_empty();
            assert_eq!(found_now, found, "{title}");
        }
    }
}
