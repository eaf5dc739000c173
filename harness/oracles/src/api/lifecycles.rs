//! Lifecycles: a document goes from state to state only as declared, and in a frozen state it is not
//! edited. Judged from the states that reads show and from what was accepted in between.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::case::Must;
use domain::api::history::History;
use domain::api::service::LifecyclePromise;
use domain::finding::Finding;
use domain::world::TenantIndex;

use super::judge::{ApiJudge, calls};
use super::leaves::at;
use super::operations::thing;

const ORACLE: &str = "api_lifecycles";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    judge
        .service
        .promises
        .lifecycles
        .iter()
        .flat_map(|promise| of_promise(judge, promise, history))
        .collect()
}

fn of_promise(judge: &ApiJudge<'_>, promise: &LifecyclePromise, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The states that each document can be in, as far as is known.
    let mut states: BTreeMap<(Option<TenantIndex>, String), BTreeSet<String>> = BTreeMap::new();
    for call in calls(history) {
        let Some(document) = thing(call.operation, &call.sent.target) else {
            continue;
        };
        let document = (call.caller.tenant, document);
        if judge.is(call.operation, &promise.read) {
            let state = call
                .answer
                .json()
                .and_then(|body| at(&body, &promise.state));
            if let Some(state) = state.filter(|_| call.succeeded()) {
                states.insert(document, [state].into());
            }
            continue;
        }
        let leads: Vec<_> = promise
            .transitions
            .iter()
            .filter(|transition| judge.is(call.operation, &transition.operation))
            .collect();
        let is_edit = judge.is_among(call.operation, &promise.edits);
        if leads.is_empty() && !is_edit {
            continue;
        }
        if !call.is_answered() {
            states.remove(&document);
            continue;
        }
        let Some(known) = states.get(&document).filter(|_| call.answer.is_success()) else {
            continue;
        };
        // What must be refused by its case is judged as that.
        let is_judged = call
            .attack()
            .is_some_and(|attack| attack.must == Must::BeRefused);
        let told = known.iter().cloned().collect::<Vec<_>>().join(" or ");
        if is_edit {
            if !is_judged && known.iter().all(|state| promise.frozen.contains(state)) {
                let wrong = format!("edited a document that is {told}; it must be refused");
                findings.push(judge.own(history, &call, ORACLE, "frozen", &["D09"], &wrong));
            }
            continue;
        }
        let next: BTreeSet<String> = leads
            .iter()
            .filter(|transition| transition.from.iter().any(|from| known.contains(from)))
            .map(|transition| transition.to.clone())
            .collect();
        if next.is_empty() {
            if !is_judged {
                let wrong = format!("was accepted of a document that is {told}");
                findings.push(judge.own(history, &call, ORACLE, "transition", &["D10"], &wrong));
            }
            states.remove(&document);
        } else {
            // What it is now, the answer may say itself.
            if let Some(said) = call
                .answer
                .json()
                .and_then(|body| at(&body, &promise.state))
                && !next.contains(&said)
                && !is_judged
            {
                let wanted = next.iter().cloned().collect::<Vec<_>>().join(" or ");
                let wrong = format!("made a document {said} that was {told}; it must be {wanted}");
                findings.push(judge.own(history, &call, ORACLE, "state", &["D10"], &wrong));
            }
            states.insert(document, next);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use domain::api::service::{LifecyclePromise, Transition};

    use crate::api::sample::{self, Sample};

    #[test]
    fn documents_go_their_declared_way() {
        let mut sample = Sample::new();
        sample.service().promises.lifecycles = vec![LifecyclePromise {
            read: "GET /items/{id}".into(),
            state: "/state".into(),
            transitions: vec![Transition {
                operation: "POST /items/{id}/close".into(),
                from: vec!["open".into()],
                to: "closed".into(),
            }],
            frozen: vec!["closed".into()],
            edits: vec!["PATCH /items/{id}".into()],
        }];
        let judge = sample.judge();
        let read = || sample::get(0, "clerk", "/items/7");
        let close = || sample::post(0, "clerk", "/items/7/close", "{}");
        let edit = || sample::patch(0, "clerk", "/items/7", "{}");
        let (open, closed) = (r#"{"state":"open"}"#, r#"{"state":"closed"}"#);
        for (title, steps, place) in [
            (
                "the declared way",
                vec![
                    (read(), 200, open),
                    (edit(), 200, "{}"),
                    (close(), 200, closed),
                ],
                None,
            ),
            (
                "closed twice",
                vec![
                    (read(), 200, open),
                    (close(), 200, "{}"),
                    (close(), 200, "{}"),
                ],
                Some("transition"),
            ),
            (
                "closed twice, refused",
                vec![
                    (read(), 200, open),
                    (close(), 200, "{}"),
                    (close(), 409, "{}"),
                ],
                None,
            ),
            (
                "edited when closed",
                vec![(read(), 200, closed), (edit(), 200, "{}")],
                Some("frozen"),
            ),
            (
                "closed and open all the same",
                vec![(read(), 200, open), (close(), 200, open)],
                Some("state"),
            ),
            ("of unknown state", vec![(edit(), 200, "{}")], None),
        ] {
            let mut history = sample::history();
            for (asked, status, body) in steps {
                sample::take(&mut history, asked, status, body);
            }
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
