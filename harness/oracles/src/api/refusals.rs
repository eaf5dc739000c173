//! What must be refused is refused: a success is itself the violation where the thing is the caller's own
//! and the right value worked, and a refusal that must name a field names it.

use domain::api::case::{Attack, Must, Stance};
use domain::api::history::{Answer, History};
use domain::finding::{Finding, Severity};

use super::judge::{ApiJudge, Call, calls};
use super::leaves::{leaves, names, plain};
use super::{positions, rows};
use crate::matrix::Relation;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history) {
        let Some(attack) = call.attack() else {
            continue;
        };
        if !call.is_answered() || !judge.is_armed(history, &call) {
            continue;
        }
        // Who may not call it at all, [`super::permissions`] judges.
        if judge.may(&call.caller.actor, call.operation) == Some(false) {
            continue;
        }
        let relation = judge.relation(call.caller, attack.victim.as_ref());
        let wrong = match &attack.must {
            Must::BeRefused if attack.victim.is_none() => {
                accepted(&call).or_else(|| acted(judge, history, &call))
            }
            // Elsewhere nobody promised how a reference to what is not there is treated.
            Must::BeRefusedNaming { field } if promises_naming(attack) => {
                if call.answer.is_success() {
                    took_the_value(history, &call, attack)
                } else {
                    unnamed(&call, field)
                }
            }
            _ => None,
        };
        let Some(wrong) = wrong else { continue };
        let fingerprint = ApiJudge::fingerprint("api_refusals", &call, relation, &attack.position);
        let sentence = format!(
            "{} of {} ({} in {}) {wrong}",
            call.operation,
            judge.who(call.caller),
            attack.family,
            attack.position
        );
        let severity = match relation {
            Relation::Other => Severity::High,
            _ => Severity::Medium,
        };
        let mut finding = judge.finding(history, call.step, fingerprint, severity, sentence);
        finding.controls = attack
            .controls
            .iter()
            .filter(|control| {
                let id = control.0.as_str();
                match relation {
                    // What crossed nothing breaks the promise of manners alone.
                    Relation::Other => id == "S04",
                    _ => !matches!(id, "B01" | "B03" | "B05" | "B06"),
                }
            })
            .cloned()
            .collect();
        findings.push(finding);
    }
    findings
}

/// Whether an attack on another's thing tests the promise that a reference to it is refused by name; what
/// is wrong with the caller's own must be named in any case.
fn promises_naming(attack: &Attack) -> bool {
    attack.victim.is_none() || attack.controls.iter().any(|control| control.0 == "S04")
}

fn accepted(call: &Call<'_>) -> Option<String> {
    call.answer
        .is_success()
        .then(|| format!("was answered {}; it must be refused", call.answer.status))
}

/// Whether a refused call had the effect of the one that succeeded, in the caller's own rows.
fn acted(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Option<String> {
    let arm = history.case.steps.iter().position(|tried| {
        tried.stance == (Stance::Arm { attack: call.step }) && tried.operation() == call.operation
    })?;
    let audit = judge.service.promises.audit.as_ref();
    let tenant = call.caller.tenant?;
    // What every request leaves behind, however it ends, is no effect.
    let incidental = |table: &str| {
        audit.is_some_and(|promise| promise.table.eq_ignore_ascii_case(table))
            || judge.noise.is_incidental(table)
    };
    let touched = |step: usize| -> Vec<(String, bool, bool)> {
        rows::after(history, step)
            .filter_map(rows::moved)
            .filter(|moved| !incidental(moved.table))
            .filter(|moved| {
                let mut all = moved.added.iter().chain(moved.removed);
                all.any(|row| judge.holder(moved.change, row) == Some(tenant))
            })
            .map(|moved| {
                let table = moved.table.to_lowercase();
                (table, !moved.added.is_empty(), !moved.removed.is_empty())
            })
            .collect()
    };
    let effects = touched(arm);
    let (table, ..) = touched(call.step)
        .into_iter()
        .find(|effect| effects.contains(effect))?;
    Some(format!(
        "was answered {} and yet changed {table}; it must change nothing",
        call.answer.status
    ))
}

/// Whether a value that must be refused was taken: it is in the rows that came, in the answer, or in what
/// is read afterwards. A service may ignore what it does not know.
fn took_the_value(history: &History, call: &Call<'_>, attack: &Attack) -> Option<String> {
    let values = positions::values(&attack.position, call.operation, call.sent);
    let field = positions::field(&attack.position);
    let is_value = |text: &str| values.iter().any(|value| value.eq_ignore_ascii_case(text));
    let in_rows = rows::after(history, call.step)
        .filter_map(rows::moved)
        .flat_map(|moved| moved.added)
        .flatten()
        .any(|cell| is_value(cell.literal().trim_start_matches('N').trim_matches('\'')));
    let says = |answer: &Answer| {
        answer.json().is_some_and(|body| {
            leaves(&body)
                .iter()
                .any(|leaf| leaf.field == field && is_value(&plain(leaf.value)))
        })
    };
    let afterwards = calls(history)
        .filter(|later| later.step >= call.step && later.caller.tenant == call.caller.tenant)
        .filter(Call::succeeded)
        .any(|later| says(later.answer));
    (in_rows || afterwards || values.is_empty()).then(|| {
        format!(
            "was answered {} and took the value; it must be refused, naming the field",
            call.answer.status
        )
    })
}

/// Whether a refusal fails to name the field.
fn unnamed(call: &Call<'_>, field: &str) -> Option<String> {
    let status = call.answer.status;
    // Somebody may be refused before anybody looks at the body.
    if matches!(status, 401 | 403 | 429) || status >= 500 {
        return None;
    }
    if !matches!(status, 400 | 422) {
        return Some(format!(
            "was answered {status}; it must be refused with 400, naming the field"
        ));
    }
    let last = positions::field(field);
    let named = match call.answer.json() {
        Some(body) => {
            names(&body).iter().any(|name| is_named(name, last))
                || leaves(&body)
                    .iter()
                    .any(|leaf| is_named(&plain(leaf.value), last))
        }
        None => is_named(&String::from_utf8_lossy(&call.answer.body), last),
    };
    (!named).then(|| format!("was answered {status} without naming {last}"))
}

/// Whether a text names a field, as it is or in words.
fn is_named(text: &str, field: &str) -> bool {
    let squeezed = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect::<String>()
            .to_lowercase()
    };
    let wanted = squeezed(field);
    !wanted.is_empty() && squeezed(text).contains(&wanted)
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn inserted(step: usize) -> Change {
        Change {
            step: Some(step),
            database: "wt_acme".into(),
            what: Changed::Rows {
                table: "dbo.Invoices".into(),
                added: vec![vec![Cell::Integer(1), Cell::Integer(77), Cell::Null]],
                removed: vec![],
            },
        }
    }

    #[test]
    fn what_must_be_refused_of_ones_own_is_refused_and_does_nothing() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (attacked, moved, armed, found) in [
            (200, false, 200, true),
            (422, false, 200, false),
            (422, true, 200, true),
            (200, false, 422, false),
            (500, false, 200, false),
        ] {
            let mut history = sample::history();
            let attack = sample::attack(&["D10"], Must::BeRefused, None);
            let step = sample::patch(0, "clerk", "/items/7", "{}");
            let step = step.stance(Stance::Attack(attack));
            sample::take(&mut history, step, attacked, "");
            let arm = sample::patch(0, "clerk", "/items/7", "{}");
            let arm = arm.stance(Stance::Arm { attack: 0 });
            sample::take(&mut history, arm, armed, "");
            history.changes.push(inserted(1));
            if moved {
                history.changes.push(inserted(0));
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(
                findings.len(),
                usize::from(found),
                "{attacked} {moved} {armed}"
            );
        }
    }

    #[test]
    fn a_foreign_reference_is_refused_by_name_and_never_taken() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (title, status, body, taken, found) in [
            (
                "named",
                400,
                r#"{"errors":{"customerId":["unknown"]}}"#,
                false,
                false,
            ),
            (
                "named in words",
                422,
                r#"{"detail":"no such customer id"}"#,
                false,
                false,
            ),
            ("not named", 400, r#"{"detail":"bad request"}"#, false, true),
            ("hidden as missing", 404, "{}", false, true),
            ("not allowed at all", 403, "{}", false, false),
            ("taken", 201, r#"{"id":5,"customerId":77}"#, false, true),
            ("taken into the rows", 201, r#"{"id":5}"#, true, true),
            (
                "ignored",
                201,
                r#"{"id":5,"customerId":null}"#,
                false,
                false,
            ),
        ] {
            let mut history = sample::history();
            let field = "customerId".to_owned();
            let mut attack =
                sample::attack(&["S04", "B03"], Must::BeRefusedNaming { field }, Some(1));
            attack.position = "body customerId".into();
            let step = sample::post(0, "clerk", "/items", r#"{"customerId":77}"#);
            let step = step.stance(Stance::Attack(attack));
            sample::take(&mut history, step, status, body);
            if taken {
                history.changes.push(inserted(0));
            }
            let arm = sample::post(1, "clerk", "/items", r#"{"customerId":77}"#);
            let arm = arm.stance(Stance::Arm { attack: 0 });
            sample::take(&mut history, arm, 201, "{}");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
            for finding in findings {
                let ids: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
                assert_eq!(ids, ["S04"], "{title}");
            }
        }
    }
}
