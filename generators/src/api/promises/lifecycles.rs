//! A document goes from state to state as declared, and what is final stays as it is (D09, D10).

use std::collections::{BTreeMap, VecDeque};

use domain::api::case::{Must, Stance};
use domain::api::request::Caller;
use domain::api::service::LifecyclePromise;

use super::{Draft, Maker, attack};
use crate::api::workbook::Unreachable;

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.lifecycles {
        for (state, way) in ways(promise) {
            // What is not allowed in this state, and what may not be edited any more.
            let mut forbidden: Vec<(&str, &[&str], &str)> = Vec::new();
            for transition in &promise.transitions {
                let allowed = promise.transitions.iter().any(|other| {
                    other.operation == transition.operation && other.from.contains(&state)
                });
                let known = forbidden
                    .iter()
                    .any(|(operation, ..)| *operation == transition.operation);
                if !allowed && !known {
                    forbidden.push((&transition.operation, &["D10"], "illegal-transition"));
                }
            }
            if promise.frozen.contains(&state) {
                for edit in &promise.edits {
                    forbidden.push((edit, &["D09", "D10"], "edit-of-frozen"));
                }
            }
            for (named, controls, family) in forbidden {
                let Some(operation) = maker.operation(named) else {
                    continue;
                };
                for caller in maker.callers(&operation) {
                    let title = format!("{operation} when {state}");
                    maker.case(title, |draft| {
                        let given = bring(draft, &way, &operation, &caller)?;
                        let request = draft.prepare_on(&operation, &caller, &given)?;
                        let seen = draft.has_witness(&operation, &request);
                        let number = draft.next() + usize::from(seen);
                        draft.look(&operation, &request, &caller, number);
                        let stance = attack(controls, family, &state, None, Must::BeRefused);
                        let about = request.clone();
                        draft.take(&caller, &operation, request, stance);
                        draft.look(&operation, &about, &caller, number);
                        let fresh = draft.prepare(&operation, &caller)?;
                        let stance = Stance::Arm { attack: number };
                        draft.take(&caller, &operation, fresh, stance);
                        Ok(())
                    });
                }
            }
        }
    }
}

/// Every state and the shortest way of transitions to it. The state in which a document is born has
/// an empty way: it is one that no transition leads to.
fn ways(promise: &LifecyclePromise) -> Vec<(String, Vec<String>)> {
    let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut queue: VecDeque<String> = VecDeque::new();
    let is_reached = |state: &String| {
        promise
            .transitions
            .iter()
            .any(|transition| transition.to == *state)
    };
    for state in promise.transitions.iter().flat_map(|one| &one.from) {
        if !is_reached(state) && !ways.contains_key(state) {
            ways.insert(state.clone(), Vec::new());
            queue.push_back(state.clone());
        }
    }
    if queue.is_empty()
        && let Some(first) = promise
            .transitions
            .first()
            .and_then(|transition| transition.from.first())
    {
        // Round and round: the first one that is written is where it begins.
        ways.insert(first.clone(), Vec::new());
        queue.push_back(first.clone());
    }
    while let Some(state) = queue.pop_front() {
        let way = ways[&state].clone();
        for transition in &promise.transitions {
            if transition.from.contains(&state) && !ways.contains_key(&transition.to) {
                let mut longer = way.clone();
                longer.push(transition.operation.clone());
                ways.insert(transition.to.clone(), longer);
                queue.push_back(transition.to.clone());
            }
        }
    }
    ways.into_iter().collect()
}

/// Makes a document and brings it to a state; what stands for it in the path of `operation`.
fn bring(
    draft: &mut Draft<'_, '_>,
    way: &[String],
    operation: &str,
    caller: &Caller,
) -> Result<BTreeMap<String, String>, Unreachable> {
    let mut given: Option<BTreeMap<String, String>> = None;
    for named in way {
        let Some(step) = draft.book.resolve(named) else {
            let reason = format!("the contract has no operation {named}");
            return Err(Unreachable { reason });
        };
        let doer = caller
            .tenant
            .and_then(|tenant| draft.book.callers_for(&step, tenant).into_iter().next())
            .unwrap_or_else(|| caller.clone());
        let request = match &given {
            Some(given) => draft.prepare_on(&step, &doer, given)?,
            None => draft.prepare(&step, &doer)?,
        };
        if given.is_none() {
            given = Some(draft.given(&step, &request));
        }
        draft.take(&doer, &step, request, Stance::Prepare);
    }
    match given {
        Some(given) => Ok(given),
        None => {
            // The state in which it is born: whatever creates it for the operation will do, but a
            // transition's own producers may have gone further, so it is made for the reader.
            let Some(reader) = draft.book.reader_of(operation) else {
                let reason = format!("nothing reads what {operation} is about");
                return Err(Unreachable { reason });
            };
            let request = draft.prepare(&reader, caller)?;
            Ok(draft.given(&reader, &request))
        }
    }
}
