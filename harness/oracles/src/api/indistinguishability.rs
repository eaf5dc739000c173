//! Indistinguishability: what is another's and what never was, or is gone, are answered alike in status,
//! headers and body, but for the id that was sent; and a key that another uses is as good as one that
//! nobody uses.

use std::collections::BTreeSet;

use domain::api::case::{Attack, Stance};
use domain::api::history::{History, Sent};
use domain::control::ControlId;
use domain::finding::{Finding, Severity};
use domain::surface::Cell;
use serde_json::Value;

use super::judge::{ApiJudge, Call, call, calls, curl};
use super::leaves::{leaves, plain};
use super::operations::decoded;
use super::positions;
use crate::matrix::Relation;

/// Promises that say so, besides the one that all share.
const SAYING_SO: &[&str] = &["S04", "S06", "S10"];

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for counterpart in calls(history) {
        let Stance::Counterpart { attack: step } = counterpart.tried.stance else {
            continue;
        };
        let Some(first) = call(history, step) else {
            continue;
        };
        let Some(attack) = first.attack() else {
            continue;
        };
        let comparable = first.operation == counterpart.operation
            && first.caller == counterpart.caller
            && [&first, &counterpart]
                .iter()
                .all(|call| call.is_answered() && call.answer.status != 429);
        if !comparable || !asks_of_another(attack, &first, &counterpart) {
            continue;
        }
        // A success may be about something of the caller's own that has the same id.
        if first.succeeded()
            && !counterpart.answer.is_success()
            && is_own(judge, history, &first, attack)
        {
            continue;
        }
        let Some(difference) = difference(judge, &first, &counterpart) else {
            continue;
        };
        let relation = judge.relation(first.caller, attack.victim.as_ref());
        if relation == Relation::Department && !judge.is_departmental(history, &first) {
            continue;
        }
        let whose = match relation {
            Relation::Other => "another tenant's",
            Relation::Department => "another department's",
            Relation::Own | Relation::Shared => "what is there",
        };
        let fingerprint = ApiJudge::fingerprint(
            "api_indistinguishability",
            &first,
            relation,
            &attack.position,
        );
        let sentence = format!(
            "{} can tell by {} whether {whose} in {} exists: {difference}",
            judge.who(first.caller),
            first.operation,
            attack.position
        );
        let mut finding = judge.finding(history, step, fingerprint, Severity::High, sentence);
        finding.batch = format!("{}\n# beside\n{}", curl(first.sent), curl(counterpart.sent));
        let general = match relation {
            Relation::Department => "S02",
            _ => "B03",
        };
        let mut broken = vec![ControlId::new(general)];
        broken.extend(
            attack
                .controls
                .iter()
                .filter(|control| SAYING_SO.contains(&control.0.as_str()))
                .cloned(),
        );
        finding.controls = broken;
        findings.push(finding);
    }
    findings
}

/// Whether the two ask about different things where the attack strikes. What says the same there, or nothing, is
/// no attack any more, and is answered otherwise for other reasons, such as that it was said before.
fn asks_of_another(attack: &Attack, first: &Call<'_>, counterpart: &Call<'_>) -> bool {
    let asked = |call: &Call<'_>| positions::values(&attack.position, call.operation, call.sent);
    let (one, other) = (asked(first), asked(counterpart));
    let is_read = match attack.position.split(' ').next() {
        Some("path" | "query" | "header") => true,
        Some("body") => [first, counterpart]
            .iter()
            .all(|call| serde_json::from_slice::<Value>(&call.sent.body).is_ok()),
        _ => false,
    };
    if is_read {
        one != other
    } else {
        first.sent != counterpart.sent
    }
}

/// Whether the caller's tenant has something of its own under the id that was attacked.
fn is_own(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>, attack: &Attack) -> bool {
    let ids = positions::values(&attack.position, call.operation, call.sent);
    let is_id = |text: &str| ids.iter().any(|id| id.eq_ignore_ascii_case(text));
    let surface = judge.plane.surface;
    if surface.databases.is_empty() && !call.answer.body.is_empty() {
        // Nobody can look; what came back is judged by its content.
        return true;
    }
    let among_rows = surface.databases.iter().any(|database| {
        database.tables.values().any(|table| {
            let key = table.primary_key.last();
            let key = key.and_then(|column| table.position(column));
            let tenancy = judge.plane.system.tenancy.as_ref();
            let own = |row: &&Vec<Cell>| match database.tenant {
                Some(tenant) => Some(tenant) == call.caller.tenant,
                None => tenancy
                    .and_then(|tenancy| tenancy.holder(judge.world(), table, row))
                    .is_some_and(|holder| Some(holder) == call.caller.tenant),
            };
            let mut rows = table.rows.iter().filter(own);
            key.is_some_and(|key| {
                rows.any(|row| row.get(key).is_some_and(|cell| is_id(&cell.literal())))
            })
        })
    });
    among_rows
        || calls(history)
            .filter(|other| other.step != call.step && other.attack().is_none())
            .filter(|other| other.caller.tenant == call.caller.tenant)
            .filter_map(|other| other.answer.json())
            .any(|body| {
                leaves(&body).iter().any(|leaf| {
                    leaf.field.to_lowercase().ends_with("id") && is_id(&plain(leaf.value))
                })
            })
}

/// How two answers differ, in words; `None` when nobody could tell them apart.
fn difference(judge: &ApiJudge<'_>, one: &Call<'_>, other: &Call<'_>) -> Option<String> {
    if one.answer.status != other.answer.status {
        return Some(format!(
            "the one is answered {}, the other {}",
            super::answers::told(one.answer),
            super::answers::told(other.answer)
        ));
    }
    let (left, right) = differing(one.sent, other.sent);
    let headers = |call: &Call<'_>, sent: &[String]| -> BTreeSet<(String, String)> {
        call.answer
            .headers
            .iter()
            .filter(|(name, _)| !judge.noise.is_volatile_header(call.operation, name))
            .map(|(name, value)| (name.clone(), without(value, sent)))
            .collect()
    };
    let made_something = one.answer.is_success() && !one.is_safe();
    let (first, second) = (headers(one, &left), headers(other, &right));
    // What was made twice has two addresses.
    let same = if made_something {
        first
            .iter()
            .map(|(name, _)| name)
            .eq(second.iter().map(|(name, _)| name))
    } else {
        first == second
    };
    if !same {
        let odd = first
            .symmetric_difference(&second)
            .next()
            .map_or("", |(name, _)| name.as_str());
        return Some(format!("the header {odd} differs"));
    }
    if made_something {
        return None;
    }
    let body = |call: &Call<'_>, sent: &[String]| -> Vec<(String, String)> {
        match call.answer.json() {
            Some(document) => leaves(&document)
                .iter()
                .filter(|leaf| !judge.noise.is_volatile_field(call.operation, &leaf.shape))
                .map(|leaf| {
                    let value = shown(judge, leaf.value, sent);
                    (without(&leaf.pointer, sent), value)
                })
                .collect(),
            None => {
                let text = String::from_utf8_lossy(&call.answer.body);
                vec![(String::new(), without(&text, sent))]
            }
        }
    };
    let (first, second) = (body(one, &left), body(other, &right));
    if first == second {
        return None;
    }
    let odd = first
        .iter()
        .zip(&second)
        .find(|(left, right)| left != right);
    Some(match odd {
        Some(((pointer, one), (_, other))) => {
            format!("the answers differ in {pointer}: {one} and {other}")
        }
        None => "one answer says more than the other".into(),
    })
}

/// A value without the ids that were sent, and without what the service makes up for each request.
fn shown(judge: &ApiJudge<'_>, value: &Value, sent: &[String]) -> String {
    let text = plain(value);
    if value.is_string() && (is_moment(&text) || is_guid(&text)) {
        let is_planted = !judge.plane_marks(&text).is_empty();
        if !is_planted {
            return "made up".into();
        }
    }
    without(&text, sent)
}

impl ApiJudge<'_> {
    /// Planted values in a text, of anybody.
    fn plane_marks(&self, text: &str) -> Vec<domain::canary::Sighting> {
        let mut found = Vec::new();
        self.seen_in_text(text, None, "", &mut found);
        found
    }
}

/// `2026-01-01T00:00…`
fn is_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 16
        && bytes.len() <= 40
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b' ')
}

fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The values in which two requests differ, in small letters, the longest first.
fn differing(one: &Sent, other: &Sent) -> (Vec<String>, Vec<String>) {
    let (left, right) = (words(one), words(other));
    let mut pairs: (Vec<String>, Vec<String>) = left
        .into_iter()
        .zip(right)
        .filter(|(left, right)| left != right)
        .unzip();
    for side in [&mut pairs.0, &mut pairs.1] {
        side.retain(|word| !word.is_empty());
        side.sort_by_key(|word| std::cmp::Reverse(word.len()));
    }
    pairs
}

fn words(sent: &Sent) -> Vec<String> {
    let mut words = Vec::new();
    for part in sent.target.split(['/', '?', '&', '=']) {
        words.push(decoded(part).to_lowercase());
    }
    for (_, value) in &sent.headers {
        words.push(value.to_lowercase());
    }
    match serde_json::from_slice(&sent.body) {
        Ok(body) => words.extend(
            leaves(&body)
                .iter()
                .map(|leaf| plain(leaf.value).to_lowercase()),
        ),
        Err(_) => words.push(String::from_utf8_lossy(&sent.body).to_lowercase()),
    }
    words
}

/// A text with the values in which the requests differ left out.
fn without(text: &str, sent: &[String]) -> String {
    let mut clean = text.to_lowercase();
    for value in sent {
        clean = clean.replace(value.as_str(), "…");
    }
    clean
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use crate::api::sample::{self, Sample};

    #[test]
    fn what_is_anothers_looks_like_what_never_was() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (title, (status, body), (other_status, other_body), found) in [
            (
                "alike but for the id",
                (404, r#"{"detail":"no item 71","instance":"/items/71"}"#),
                (404, r#"{"detail":"no item 99","instance":"/items/99"}"#),
                false,
            ),
            (
                "alike but for what is made up",
                (404, r#"{"at":"2026-01-01T00:00:01Z","error":1}"#),
                (404, r#"{"at":"2026-01-01T00:00:02Z","error":1}"#),
                false,
            ),
            ("another status", (403, "{}"), (404, "{}"), true),
            (
                "another word",
                (404, r#"{"detail":"not yours"}"#),
                (404, r#"{"detail":"not found"}"#),
                true,
            ),
            (
                "more fields",
                (404, r#"{"a":1,"b":2}"#),
                (404, r#"{"a":1}"#),
                true,
            ),
            ("too many requests", (429, "{}"), (404, "{}"), false),
        ] {
            let mut history = sample::history();
            let attack = sample::attack(&["S04", "B03"], Must::BeRefused, Some(1));
            let step = sample::get(0, "clerk", "/items/71").stance(Stance::Attack(attack));
            sample::take(&mut history, step, status, body);
            let step = sample::get(0, "clerk", "/items/99");
            let step = step.stance(Stance::Counterpart { attack: 0 });
            sample::take(&mut history, step, other_status, other_body);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
            for finding in findings {
                let ids: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
                assert_eq!(ids, ["B03", "S04"]);
            }
        }
    }

    #[test]
    fn headers_tell_as_much_as_bodies() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (name, found) in [("x-owner", true), ("date", false), ("etag", false)] {
            let mut history = sample::history();
            let attack = sample::attack(&["B03"], Must::BeRefused, Some(1));
            let step = sample::get(0, "clerk", "/items/71").stance(Stance::Attack(attack));
            sample::take(&mut history, step, 404, "");
            sample::answer_mut(&mut history, 0)
                .headers
                .push((name.into(), "something".into()));
            let step = sample::get(0, "clerk", "/items/99");
            let step = step.stance(Stance::Counterpart { attack: 0 });
            sample::take(&mut history, step, 404, "");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{name}");
        }
    }
}
