//! What do resources keep in memory between requests? Only what a restart may lose.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::tenants::State;
use crate::queue::Queue;
use crate::store::Scope;

/// What resources keep in memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// Jobs that wait.
    pub queue: Queue,
    /// Taken while a tenant is made or removed.
    pub provisioning: tokio::sync::Mutex<()>,
    tenants: Mutex<BTreeMap<String, State>>,
    /// Who is served, and who of another tenant was before.
    served: Mutex<(Option<Scope>, Option<Scope>)>,
    recent: Mutex<BTreeMap<String, Value>>,
}

/// So many recent answers are kept.
const RECENT_MAX: usize = 10_000;

impl Memory {
    /// Forgets everything.
    pub fn forget(&self) {
        self.queue.forget();
        self.states().clear();
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = (None, None);
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Tenants that come, go, or failed to.
    pub fn tenants(&self) -> BTreeMap<String, State> {
        self.states().clone()
    }

    /// Takes note that a tenant comes or goes; not when it does already, or has gone.
    pub fn begin_tenant(&self, name: &str, state: State) -> bool {
        let mut states = self.states();
        if matches!(
            states.get(name),
            Some(State::Provisioning | State::Leaving | State::Gone)
        ) {
            return false;
        }
        states.insert(name.to_owned(), state);
        true
    }

    /// Takes note of how that ended.
    pub fn end_tenant(&self, name: &str, state: Option<State>) {
        let mut states = self.states();
        match state {
            Some(state) => states.insert(name.to_owned(), state),
            None => states.remove(name),
        };
    }

    fn states(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, State>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all recent answers.
    pub fn forget_answers(&self) {
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Forgets one recent answer.
    pub fn forget_answer(&self, key: &str) {
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }

    /// Remembers who is served.
    pub fn serves(&self, scope: &Scope) {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, before) = &mut *served;
        if now.as_ref().is_some_and(|now| now.tenant != scope.tenant) {
            *before = now.take();
        }
        *now = Some(scope.clone());
    }

    /// Who of another tenant was served last: only planted defects want to know.
    pub fn served_before(&self, scope: &Scope) -> Option<Scope> {
        let served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, before) = &*served;
        let others = [now, before].into_iter().flatten();
        others
            .into_iter()
            .find(|other| other.tenant != scope.tenant)
            .cloned()
    }

    /// A recent answer.
    pub fn recent(&self, key: &str) -> Option<Value> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(key).cloned()
    }

    /// Keeps an answer.
    pub fn keep(&self, key: String, answer: Value) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= RECENT_MAX {
            recent.pop_first();
        }
        recent.insert(key, answer);
    }
}
