//! Which application locks (`sp_getapplock`) are held, and by whom?
//!
//! A resource is a name within a database and under a database principal. A transaction's lock
//! goes with the transaction, a session's with the session; each is taken as often as it was
//! asked for, and given back as often.

use std::collections::{BTreeMap, BTreeSet};

use catalog::DatabaseId;

/// The modes of sp_getapplock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ApplicationMode {
    IntentShared,
    Shared,
    Update,
    IntentExclusive,
    Exclusive,
}

/// The mode of a name, as sp_getapplock takes it.
pub(crate) fn mode_named(name: &str) -> Option<ApplicationMode> {
    [
        ("IntentShared", ApplicationMode::IntentShared),
        ("Shared", ApplicationMode::Shared),
        ("Update", ApplicationMode::Update),
        ("IntentExclusive", ApplicationMode::IntentExclusive),
        ("Exclusive", ApplicationMode::Exclusive),
    ]
    .into_iter()
    .find(|(known, _)| known.eq_ignore_ascii_case(name))
    .map(|(_, mode)| mode)
}

impl ApplicationMode {
    fn excludes(self, other: Self) -> bool {
        use ApplicationMode::{Exclusive, IntentExclusive, IntentShared, Shared, Update};
        match (self.min(other), self.max(other)) {
            (_, Exclusive) => true,
            (IntentShared, _) => false,
            (Shared, IntentExclusive) | (Update, IntentExclusive) => true,
            (Shared, _) | (IntentExclusive, _) => false,
            (Update, _) => true,
            (Exclusive, _) => true,
        }
    }

    /// What sys.dm_tran_locks shows.
    pub(crate) fn short_name(self) -> &'static str {
        match self {
            Self::IntentShared => "IS",
            Self::Shared => "S",
            Self::Update => "U",
            Self::IntentExclusive => "IX",
            Self::Exclusive => "X",
        }
    }

    /// What `APPLOCK_MODE` shows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::IntentShared => "IntentShared",
            Self::Shared => "Shared",
            Self::Update => "Update",
            Self::IntentExclusive => "IntentExclusive",
            Self::Exclusive => "Exclusive",
        }
    }
}

/// To whom an application lock belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Transaction,
    Session,
}

/// A resource: database, principal, name (255 characters of it count).
pub(crate) type Resource = (DatabaseId, i32, String);

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) resource: Resource,
    pub(crate) owner: Owner,
    pub(crate) mode: ApplicationMode,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    Granted,
    /// Those who hold what excludes it, and those who have waited longer.
    Behind(BTreeSet<u16>),
}

#[derive(Debug, Default)]
struct Held {
    /// By holder: the modes that were taken, oldest first.
    by: BTreeMap<(u16, Owner), Vec<ApplicationMode>>,
    /// Who waits for it, oldest first.
    queue: Vec<(u16, ApplicationMode)>,
}

/// All application locks.
#[derive(Debug, Default)]
pub(crate) struct ApplicationLocks {
    resources: BTreeMap<Resource, Held>,
}

impl ApplicationLocks {
    /// Takes a lock if nothing is in the way; otherwise the session stands in the queue.
    pub(crate) fn ask(&mut self, session: u16, request: &Request) -> Grant {
        let held = self.resources.entry(request.resource.clone()).or_default();
        let mut behind = held.in_the_way(session, request.mode);
        let first_time = !held.by.keys().any(|(id, _)| *id == session);
        for (id, mode) in &held.queue {
            if *id == session {
                break;
            }
            if first_time && mode.excludes(request.mode) {
                behind.insert(*id);
            }
        }
        if behind.is_empty() {
            held.queue.retain(|(id, _)| *id != session);
            held.by
                .entry((session, request.owner))
                .or_default()
                .push(request.mode);
            return Grant::Granted;
        }
        if !held.queue.iter().any(|(id, _)| *id == session) {
            held.queue.push((session, request.mode));
        }
        Grant::Behind(behind)
    }

    /// Whether a lock could be taken now.
    pub(crate) fn is_free(&self, session: u16, request: &Request) -> bool {
        self.resources
            .get(&request.resource)
            .is_none_or(|held| held.in_the_way(session, request.mode).is_empty())
    }

    /// A session no longer stands in the queue of a resource.
    pub(crate) fn give_up(&mut self, session: u16, resource: &Resource) {
        if let Some(held) = self.resources.get_mut(resource) {
            held.queue.retain(|(id, _)| *id != session);
        }
        self.tidy();
    }

    /// Gives one lock back; false when it was not held.
    pub(crate) fn give_back(&mut self, session: u16, resource: &Resource, owner: Owner) -> bool {
        let Some(modes) = self
            .resources
            .get_mut(resource)
            .and_then(|held| held.by.get_mut(&(session, owner)))
        else {
            return false;
        };
        modes.pop();
        self.tidy();
        true
    }

    /// The strongest mode that an owner holds.
    pub(crate) fn mode(
        &self,
        session: u16,
        resource: &Resource,
        owner: Owner,
    ) -> Option<ApplicationMode> {
        let held = self.resources.get(resource)?;
        held.by.get(&(session, owner))?.iter().max().copied()
    }

    /// Everything that is held: resource, session, mode.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Resource, u16, ApplicationMode)> {
        self.resources.iter().flat_map(|(resource, held)| {
            held.by.iter().filter_map(move |((session, _), modes)| {
                Some((resource, *session, *modes.iter().max()?))
            })
        })
    }

    pub(crate) fn release_transaction(&mut self, session: u16) -> bool {
        self.release(|id, owner| id == session && owner == Owner::Transaction)
    }

    pub(crate) fn release_session(&mut self, session: u16) -> bool {
        for held in self.resources.values_mut() {
            held.queue.retain(|(id, _)| *id != session);
        }
        self.release(|id, _| id == session)
    }

    fn release(&mut self, goes: impl Fn(u16, Owner) -> bool) -> bool {
        let mut any = false;
        for held in self.resources.values_mut() {
            let before = held.by.len();
            held.by.retain(|(id, owner), _| !goes(*id, *owner));
            any |= held.by.len() != before;
        }
        self.tidy();
        any
    }

    fn tidy(&mut self) {
        for held in self.resources.values_mut() {
            held.by.retain(|_, modes| !modes.is_empty());
        }
        self.resources
            .retain(|_, held| !held.by.is_empty() || !held.queue.is_empty());
    }
}

impl Held {
    fn in_the_way(&self, session: u16, wanted: ApplicationMode) -> BTreeSet<u16> {
        self.by
            .iter()
            .filter(|((id, _), modes)| {
                *id != session && modes.iter().any(|mode| mode.excludes(wanted))
            })
            .map(|((id, _), _)| *id)
            .collect()
    }
}
