//! Reasons: a transition that needs a reason has one that says something, and what is kept is what was
//! given.

use domain::api::history::History;
use domain::api::service::ReasonPromise;
use domain::finding::Finding;
use domain::surface::Cell;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::at;
use super::operations::thing;

const ORACLE: &str = "api_reasons";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        for promise in &judge.service.promises.reasons {
            if !judge.is(call.operation, &promise.operation) {
                continue;
            }
            let given = reason(promise, &call);
            let length = given.as_deref().map_or(0, counted);
            if length < promise.length_min {
                let wrong = format!(
                    "had a reason of {length} characters that count; it needs {}",
                    promise.length_min
                );
                findings.push(judge.own(history, &call, ORACLE, "length", &["D07"], &wrong));
            } else if let Some(given) = given
                && let Some(wrong) = kept_otherwise(judge, history, promise, &call, &given)
            {
                findings.push(judge.own(history, &call, ORACLE, "kept", &["D07"], &wrong));
            }
        }
    }
    findings
}

fn reason(promise: &ReasonPromise, call: &Call<'_>) -> Option<String> {
    let body: Value = serde_json::from_slice(&call.sent.body).ok()?;
    let value = body.pointer(&promise.field)?;
    value.as_str().map(str::to_owned)
}

/// Characters of a reason that count: blanks around it say nothing, nor do marks that are not seen or only
/// adorn a letter. Blanks within count, so that nobody is accused for how he counts words.
pub(crate) fn counted(reason: &str) -> usize {
    let seen: String = reason
        .chars()
        .filter(|letter| letter.is_whitespace() || !(letter.is_control() || is_unseen(*letter)))
        .collect();
    seen.trim().chars().count()
}

/// Zero-width, directional, combining and filling characters.
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether a later read of the same thing shows another reason than the one that was given last, or the
/// audit row that the call left does not hold it.
fn kept_otherwise(
    judge: &ApiJudge<'_>,
    history: &History,
    promise: &ReasonPromise,
    call: &Call<'_>,
    given: &str,
) -> Option<String> {
    let Some(pointer) = promise.stored_at.as_ref() else {
        return unaudited(judge, history, call, given);
    };
    let about = thing(call.operation, &call.sent.target)?;
    let mut later = calls(history).filter(|other| {
        other.step > call.step
            && other.caller.tenant == call.caller.tenant
            && other.succeeded()
            && thing(other.operation, &other.sent.target).as_ref() == Some(&about)
    });
    let next = later.find(|other| other.is_safe() || other.operation == call.operation)?;
    if !next.is_safe() {
        return None;
    }
    let kept = at(&next.answer.json()?, pointer)?;
    (kept.trim() != given.trim()).then(|| {
        format!(
            "kept \"{}\" as its reason; \"{}\" was given",
            super::judge::short(&kept),
            super::judge::short(given)
        )
    })
}

/// Whether none of the audit rows that a call left holds the reason.
fn unaudited(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    given: &str,
) -> Option<String> {
    let audit = judge.service.promises.audit.as_ref()?;
    let tenant = call.caller.tenant?;
    let left = judge.added(history, call.step, tenant, &audit.table);
    // That there is no row at all, [`super::audit_trail`] judges.
    let holds = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains(given.trim()));
    let lacking = !left.is_empty() && !left.iter().any(|row| row.iter().any(holds));
    lacking.then(|| {
        format!(
            "left an audit row without its reason \"{}\"",
            super::judge::short(given)
        )
    })
}

#[cfg(test)]
mod tests {
    use domain::api::service::ReasonPromise;
    use serde_json::json;

    use super::counted;
    use crate::api::sample::{self, Sample};

    const ENOUGH: &str = "because it was agreed";

    #[test]
    fn only_what_says_something_counts() {
        for (reason, expected) in [
            ("", 0),
            ("   ", 0),
            ("a b", 3),
            (" a  b ", 4),
            ("a\u{200b}\u{200b}b", 2),
            ("e\u{0301}e\u{0301}", 2),
            (ENOUGH, 21),
            ("äöü", 3),
        ] {
            assert_eq!(counted(reason), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_transition_needs_a_reason_and_keeps_it() {
        let mut sample = Sample::new();
        sample.service().promises.reasons = vec![ReasonPromise {
            operation: "POST /items/{id}/close".into(),
            field: "/reason".into(),
            length_min: 20,
            stored_at: Some("/closing/reason".into()),
        }];
        let judge = sample.judge();
        let padded = format!("too short{}", " ".repeat(30));
        for (title, reason, status, kept, place) in [
            ("as promised", ENOUGH, 200, ENOUGH, None),
            ("too short", "too short", 200, "too short", Some("length")),
            ("padded", padded.as_str(), 200, "too short", Some("length")),
            ("refused", "too short", 422, "", None),
            ("kept otherwise", ENOUGH, 200, "n/a", Some("kept")),
        ] {
            let mut history = sample::history();
            let body = json!({ "reason": reason }).to_string();
            let step = sample::post(0, "clerk", "/items/7/close", &body);
            sample::take(&mut history, step, status, "");
            let read = json!({ "closing": { "reason": kept } }).to_string();
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7"),
                200,
                &read,
            );
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
