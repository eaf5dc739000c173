//! What state was a document brought to, and is it still in it after an attack? Where nobody looked at it
//! before, the last transition that the service acknowledged says what it was: that is what the declaration
//! promises of it.

use std::collections::BTreeSet;

use domain::api::case::Stance;
use domain::api::history::History;

use super::judge::{ApiJudge, Call, call, calls};
use super::leaves::at;
use super::operations::thing;
use super::rows;

/// How the first look after an attack shows a document in another state than the one that it was brought to
/// right before; nothing where anybody else may have done that, or where the state is not certain.
pub(super) fn moved(judge: &ApiJudge<'_>, history: &History, attack: &Call<'_>) -> Option<String> {
    let race = rows::group(history, attack.step);
    if race.start() != race.end() {
        return None;
    }
    let looks = Stance::Witness {
        attack: attack.step,
    };
    let mut later = attack.step + 1..history.case.steps.len();
    let after = later.find(|step| history.case.steps[*step].stance == looks)?;
    let after = call(history, after).filter(Call::succeeded)?;
    let promises = &judge.service.promises.lifecycles;
    let promise = promises
        .iter()
        .find(|promise| judge.is(after.operation, &promise.read))?;
    let document = thing(after.operation, &after.sent.target)?;
    let is_about = |call: &Call<'_>| {
        call.caller.tenant == after.caller.tenant
            && thing(call.operation, &call.sent.target).as_ref() == Some(&document)
    };
    // Whatever was tried last decides, acknowledged or not.
    let brought = calls(history)
        .take_while(|call| call.step < attack.step)
        .filter(|call| !call.is_safe() && is_about(call))
        .last()?;
    let has_finished = rows::group(history, brought.step).end() == &brought.step;
    if !is_about(attack) || !brought.succeeded() || !has_finished {
        return None;
    }
    let states: BTreeSet<&String> = promise
        .transitions
        .iter()
        .filter(|transition| judge.is(brought.operation, &transition.operation))
        .map(|transition| &transition.to)
        .collect();
    let state = states.first().filter(|_| states.len() == 1)?;
    let is_alone = !super::witness::somebody_else_worked(history, attack, brought.step, after.step);
    let now = at(&after.answer.json()?, &promise.state)?;
    (is_alone && now != **state).then(|| {
        format!(
            "{} was {state} since {} and is {now}",
            promise.state, brought.operation
        )
    })
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::{LifecyclePromise, Transition};

    use crate::api::sample::{self, Sample};

    /// An item is closed; somebody edits it who must be refused; the clerk looks.
    fn told(closed: u16, between: Option<u16>, looked: (u16, &str)) -> Vec<String> {
        let mut sample = Sample::new();
        sample.service().promises.lifecycles = vec![LifecyclePromise {
            read: "GET /items/{id}".into(),
            state: "/state".into(),
            transitions: vec![Transition {
                operation: "POST /items/{id}/close".into(),
                from: vec!["open".into()],
                to: "closed".into(),
            }],
            edits: vec!["PATCH /items/{id}".into()],
            frozen: vec!["closed".into()],
        }];
        let judge = sample.judge();
        let mut history = sample::history();
        let close = sample::post(0, "clerk", "/items/7/close", "{}");
        sample::take(&mut history, close, closed, "");
        if let Some(status) = between {
            let edit = sample::patch(0, "accountant", "/items/7", "{}");
            sample::take(&mut history, edit, status, "");
        }
        let attack = history.case.steps.len();
        let stance = Stance::Attack(sample::attack(&["D10"], Must::BeRefused, None));
        let edit = sample::patch(0, "clerk", "/items/7", "{}").stance(stance);
        sample::take(&mut history, edit, 200, "{}");
        let look = sample::get(0, "clerk", "/items/7").stance(Stance::Witness { attack });
        sample::take(&mut history, look, looked.0, looked.1);
        let arm = sample::patch(0, "clerk", "/items/8", "{}").stance(Stance::Arm { attack });
        sample::take(&mut history, arm, 200, "{}");
        super::super::witness::judge(&judge, &history)
            .into_iter()
            .map(|finding| finding.sentence)
            .collect()
    }

    #[test]
    fn what_was_brought_to_a_state_stays_in_it() {
        let (closed, open) = (r#"{"id":7,"state":"closed"}"#, r#"{"id":7,"state":"open"}"#);
        for (title, answered, between, looked, found) in [
            ("it moved", 204, None, (200, open), true),
            ("it did not", 204, None, (200, closed), false),
            ("it was never brought there", 409, None, (200, open), false),
            ("nobody knows whether it was", 0, None, (200, open), false),
            (
                "somebody else worked on it",
                204,
                Some(200),
                (200, open),
                false,
            ),
            ("somebody else may have", 204, Some(0), (200, open), false),
            ("the look failed", 204, None, (500, open), false),
            ("the look shows no state", 204, None, (200, "{}"), false),
        ] {
            let told = told(answered, between, looked);
            assert_eq!(!told.is_empty(), found, "{title}: {told:?}");
            if let Some(sentence) = told.first() {
                let says = "/state was closed since POST /items/{id}/close and is open";
                assert!(sentence.contains(says), "{sentence}");
            }
        }
    }
}
