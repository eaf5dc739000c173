//! The view of a document's changes: in the order of time, and nothing of another document.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::history::History;
use domain::api::service::ChangesPromise;
use domain::finding::Finding;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::{Leaf, at, leaves, plain};
use super::operations::{path_values, thing};

const ORACLE: &str = "api_changes_view";
/// Shorter texts without a mark are words that any document has.
const VALUE_MIN: usize = 16;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        let promises = &judge.service.promises.changes;
        let Some(promise) = promises
            .iter()
            .find(|promise| judge.is(call.operation, &promise.operation))
        else {
            continue;
        };
        let (Some(document), Some(body)) =
            (thing(call.operation, &call.sent.target), call.answer.json())
        else {
            continue;
        };
        let wrongs = [
            disordered(promise, &body).map(|wrong| ("order", wrong)),
            of_another(judge, history, &call, &document, &body).map(|wrong| ("another's", wrong)),
        ];
        for (place, wrong) in wrongs.into_iter().flatten() {
            findings.push(judge.own(history, &call, ORACLE, place, &["D06"], &wrong));
        }
    }
    findings
}

/// Whether the entries' times go neither up nor down throughout.
fn disordered(promise: &ChangesPromise, body: &Value) -> Option<String> {
    let entries = body.pointer(&promise.entries)?.as_array()?;
    let times: Vec<String> = entries
        .iter()
        .filter_map(|entry| at(entry, &promise.time))
        .collect();
    if times.len() < entries.len() {
        return Some("shows an entry without a time".into());
    }
    let up = times.windows(2).all(|pair| pair[0] <= pair[1]);
    let down = times.windows(2).all(|pair| pair[0] >= pair[1]);
    (!up && !down).then(|| "shows entries that are not in the order of time".to_owned())
}

/// What the view shows of another document of the same kind.
fn of_another(
    judge: &ApiJudge<'_>,
    history: &History,
    view: &Call<'_>,
    document: &str,
    body: &Value,
) -> Option<String> {
    let values = values(judge, history, view);
    let own = values.get(document).cloned().unwrap_or_default();
    let shown = leaves(body);
    for (other, theirs) in values.iter().filter(|(other, _)| *other != document) {
        for leaf in &shown {
            let text = plain(leaf.value);
            let held = theirs
                .iter()
                .filter(|value| !own.iter().any(|mine| mine.contains(value.as_str())))
                .find(|value| text.contains(value.as_str()));
            if let Some(value) = held {
                return Some(format!(
                    "shows \"{}\" of {other} in {}",
                    super::judge::short(value),
                    leaf.pointer
                ));
            }
            if text == *other && !own.contains(other) && names_document(view, &shown, leaf) {
                return Some(format!("shows an entry of {other} in {}", leaf.pointer));
            }
        }
    }
    None
}

/// Whether a field says which document an entry is about: it has the name of the path's parameter, or it
/// names an entity of the view's kind. Numbers of other things may be the same.
fn names_document(view: &Call<'_>, shown: &[Leaf<'_>], leaf: &Leaf<'_>) -> bool {
    let parameters = path_values(view.operation, &view.sent.target);
    if parameters
        .first()
        .is_some_and(|(name, _)| *name == leaf.field)
    {
        return true;
    }
    if !matches!(leaf.field.as_str(), "entityId" | "documentId") {
        return false;
    }
    let beside = leaf
        .pointer
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    let kind = kind(view.operation).unwrap_or_default().to_lowercase();
    shown
        .iter()
        .filter(|other| other.pointer.rsplit_once('/').map(|(parent, _)| parent) == Some(beside))
        .filter(|other| {
            matches!(
                other.field.as_str(),
                "entity" | "entityType" | "kind" | "type"
            )
        })
        .all(|other| kind.starts_with(&plain(other.value).to_lowercase()))
}

/// The first part of an operation's path: what kind of thing it is about.
fn kind(operation: &str) -> Option<String> {
    let path = operation.split_once(' ').map_or("", |(_, path)| path);
    path.split('/').nth(1).map(str::to_owned)
}

/// The texts that the caller's tenant sent about each document of the view's kind, by the document's id.
fn values(
    judge: &ApiJudge<'_>,
    history: &History,
    view: &Call<'_>,
) -> BTreeMap<String, BTreeSet<String>> {
    let tenant = view.caller.tenant;
    let mark = tenant.map(|tenant| &judge.world().tenant(tenant).mark.text);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let of_view = kind(view.operation);
    for call in calls(history) {
        if call.step >= view.step
            || call.is_safe()
            || !call.succeeded()
            || call.caller.tenant != view.caller.tenant
            || kind(call.operation) != of_view
        {
            continue;
        }
        let about = thing(call.operation, &call.sent.target).or_else(|| made(&call));
        let Some(about) = about else { continue };
        let values = found.entry(about).or_default();
        if let Ok(body) = serde_json::from_slice::<Value>(&call.sent.body) {
            values.extend(
                leaves(&body)
                    .iter()
                    .filter_map(|leaf| leaf.value.as_str())
                    .filter(|text| {
                        let marked = mark.is_some_and(|mark| text.contains(mark.as_str()));
                        marked || text.chars().count() >= VALUE_MIN
                    })
                    .map(str::to_owned),
            );
        }
    }
    found
}

/// The id of what a call made.
pub(crate) fn made(call: &Call<'_>) -> Option<String> {
    let body = call.answer.json()?;
    at(&body, "/id").or_else(|| {
        let found = leaves(&body)
            .into_iter()
            .find(|leaf| leaf.field.to_lowercase().ends_with("id"));
        found.map(|leaf| plain(leaf.value))
    })
}

#[cfg(test)]
mod tests {
    use domain::api::service::ChangesPromise;

    use crate::api::sample::{self, Sample};

    #[test]
    fn a_view_shows_one_document_in_the_order_of_time() {
        let mut sample = Sample::new();
        sample.service().promises.changes = vec![ChangesPromise {
            operation: "GET /items/{id}/changes".into(),
            entries: "/entries".into(),
            time: "/at".into(),
        }];
        let judge = sample.judge();
        for (title, view, place) in [
            (
                "as promised",
                r#"{"entries":[{"at":"1","name":"the very first thing"},{"at":"2","entityId":7}]}"#,
                None,
            ),
            (
                "newest first",
                r#"{"entries":[{"at":"2"},{"at":"1"}]}"#,
                None,
            ),
            (
                "out of order",
                r#"{"entries":[{"at":"1"},{"at":"3"},{"at":"2"}]}"#,
                Some("order"),
            ),
            (
                "a value of another",
                r#"{"entries":[{"at":"1","name":"some second thing"}]}"#,
                Some("another's"),
            ),
            (
                "another thing of the same number",
                r#"{"entries":[{"at":"1","productId":8,"entity":"product","entityId":8}]}"#,
                None,
            ),
            (
                "an entry of another",
                r#"{"entries":[{"at":"1","entityId":8}]}"#,
                Some("another's"),
            ),
        ] {
            let mut history = sample::history();
            for (id, name) in [(7, "the very first thing"), (8, "some second thing")] {
                let body = format!(r#"{{"name":"{name}","kind":"shared kind"}}"#);
                let step = sample::post(0, "clerk", "/items", &body);
                sample::take(&mut history, step, 201, &format!(r#"{{"id":{id}}}"#));
            }
            let step = sample::get(0, "clerk", "/items/7/changes");
            sample::take(&mut history, step, 200, view);
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
