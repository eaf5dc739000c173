//! What do resources keep in memory between requests? Only what a restart may lose.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::queue::Queue;
use crate::store::Scope;

/// What resources keep in memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// Jobs that wait.
    pub queue: Queue,
    last_served: Mutex<Option<Scope>>,
    recent: Mutex<BTreeMap<String, Value>>,
}

/// So many recent answers are kept.
const RECENT_MAX: usize = 10_000;

impl Memory {
    /// Forgets everything.
    pub fn forget(&self) {
        self.queue.forget();
        *self
            .last_served
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Forgets all recent answers.
    pub fn forget_answers(&self) {
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Remembers who was served, and tells who was before.
    pub fn served(&self, scope: &Scope) -> Option<Scope> {
        let mut last = self
            .last_served
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last.replace(scope.clone())
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
