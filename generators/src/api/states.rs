//! What must be done to a thing before an operation, by its declared states.

use std::collections::{BTreeMap, VecDeque};

use super::callers::is_named;
use super::workbook::Workbook;
use domain::api::service::{LifecyclePromise, Transition};

/// The operation that brings a new thing into a state from which another one leads on. Nothing when
/// a new thing is in such a state already, or when nothing is declared.
pub(crate) fn before(book: &Workbook<'_>, index: usize) -> Option<usize> {
    let operation = &book.contract.operations[index];
    for lifecycle in &book.service.promises.lifecycles {
        let is_this = |transition: &&Transition| {
            is_named(operation, std::slice::from_ref(&transition.operation))
        };
        let Some(transition) = lifecycle.transitions.iter().find(is_this) else {
            continue;
        };
        let paths = paths(lifecycle);
        let reached = transition
            .from
            .iter()
            .filter_map(|state| paths.get(state.as_str()));
        let shortest = reached.min_by_key(|path| path.len())?;
        let last = shortest.last()?;
        return book.index_of(last);
    }
    None
}

/// Whether states are declared for an operation.
pub(crate) fn is_declared(
    book: &domain::api::service::Service,
    operation: &contract::Operation,
) -> bool {
    let mut transitions = book
        .promises
        .lifecycles
        .iter()
        .flat_map(|one| &one.transitions);
    transitions.any(|transition| is_named(operation, std::slice::from_ref(&transition.operation)))
}

/// The operations that lead from a new thing into each state.
pub(crate) fn paths(lifecycle: &LifecyclePromise) -> BTreeMap<&str, Vec<&str>> {
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let Some(first) = first_state(lifecycle) else {
        return paths;
    };
    paths.insert(first, Vec::new());
    let mut waiting = VecDeque::from([first]);
    while let Some(state) = waiting.pop_front() {
        let path = paths.get(state).cloned().unwrap_or_default();
        for transition in &lifecycle.transitions {
            let leads = transition.from.iter().any(|from| from == state);
            if leads && !paths.contains_key(transition.to.as_str()) {
                let mut longer = path.clone();
                longer.push(&transition.operation);
                paths.insert(&transition.to, longer);
                waiting.push_back(&transition.to);
            }
        }
    }
    paths
}

/// The state of a new thing: the one that nothing leads to, or else the first that is named.
pub(crate) fn first_state(lifecycle: &LifecyclePromise) -> Option<&str> {
    let mut from = lifecycle
        .transitions
        .iter()
        .flat_map(|transition| &transition.from);
    let is_reached = |state: &&String| lifecycle.transitions.iter().any(|t| t.to == **state);
    let unreached = from.clone().find(|state| !is_reached(state));
    unreached.or_else(|| from.next()).map(String::as_str)
}
