//! What a tenant sent itself: its return tells nothing.
//!
//! Numbers, dates and GUIDs are echoes when they were sent. A text is an echo when the marked part of
//! it was sent as it came back; whoever searched for a mark and got a whole value of another got more
//! than he sent.

use domain::api::case::Act;
use domain::api::history::{History, Record, Sent};
use domain::canary::{CanaryKind, Sighting};
use domain::surface::Cell;
use domain::world::TenantIndex;

use super::judge::ApiJudge;
use super::leaves::{leaves, plain};
use super::operations::decoded;

/// Shorter values are words that anybody has.
const VALUE_MIN: usize = 6;

/// What callers of one tenant, or without any, had sent by some step.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// In small letters, one text after the other.
    sent: String,
}

impl Echo {
    /// Everything that `tenant` sent up to this step; `None` for those without credentials.
    pub(crate) fn until(history: &History, step: usize, tenant: Option<TenantIndex>) -> Self {
        let mut echo = Self::default();
        for (tried, record) in history.case.steps.iter().zip(&history.steps).take(step + 1) {
            let is_own = match &tried.act {
                Act::Call { caller, .. } => caller.tenant == tenant,
                Act::Batch { actor, .. } => actor.tenant() == tenant,
            };
            match record {
                Record::Call { sent, .. } if is_own => echo.add(sent),
                Record::Batch { batch, .. } if is_own => echo.push(batch),
                _ => {}
            }
        }
        echo
    }

    /// What one request sent.
    pub(crate) fn of(sent: &Sent) -> Self {
        let mut echo = Self::default();
        echo.add(sent);
        echo
    }

    fn add(&mut self, sent: &Sent) {
        self.push(&sent.target);
        self.push(&decoded(&sent.target));
        for (name, value) in &sent.headers {
            self.push(name);
            self.push(value);
        }
        self.push(&String::from_utf8_lossy(&sent.body));
        if let Ok(body) = serde_json::from_slice(&sent.body) {
            for leaf in leaves(&body) {
                self.push(&plain(leaf.value));
            }
        } else {
            self.push(&decoded(&String::from_utf8_lossy(&sent.body)));
        }
    }

    fn push(&mut self, text: &str) {
        self.sent.push_str(&text.to_lowercase());
        self.sent.push('\n');
    }

    /// Whether this text was sent, as a whole or as a part of another.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.sent.contains(&text.to_lowercase())
    }
}

impl ApiJudge<'_> {
    /// Whether a sighting is only what the caller's own tenant had sent.
    pub(crate) fn is_echo(&self, history: &History, sighting: &Sighting, echo: &Echo) -> bool {
        if !self.plane.recogniser.was_sent(sighting, &echo.sent) {
            return false;
        }
        if sighting.kind != CanaryKind::Text || echo.holds(&sighting.value) {
            return true;
        }
        // The mark was sent, what came back was not: is it a value that the owner has?
        let folded = sighting.value.to_lowercase();
        let mark = self
            .world()
            .tenant(sighting.tenant)
            .mark
            .text
            .to_lowercase();
        !self
            .values_of(history, sighting.tenant)
            .iter()
            .any(|value| {
                value.len() >= VALUE_MIN
                    && value.contains(&mark)
                    && folded.contains(value.as_str())
                    && !echo.holds(value)
            })
    }

    /// The marked texts that a tenant has: planted ones, and those that it sent in this case.
    fn values_of(&self, history: &History, tenant: TenantIndex) -> Vec<String> {
        let mark = self.world().tenant(tenant).mark.text.to_lowercase();
        let mut values = Vec::new();
        let mut add = |text: &str| {
            let text = text.to_lowercase();
            if text.contains(&mark) {
                values.push(text);
            }
        };
        for database in &self.plane.surface.databases {
            for cell in database
                .tables
                .values()
                .flat_map(|table| table.rows.iter().flatten())
            {
                if let Cell::Text(text) = cell {
                    add(text);
                }
            }
        }
        for call in super::judge::calls(history) {
            if call.caller.tenant != Some(tenant) {
                continue;
            }
            for bytes in [&call.sent.body, &call.answer.body] {
                if let Ok(body) = serde_json::from_slice(bytes) {
                    for leaf in leaves(&body) {
                        add(&plain(leaf.value));
                    }
                }
            }
        }
        values
    }
}
