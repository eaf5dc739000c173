//! Who holds which locks, who waits for whom, and who gives way in a deadlock?
//!
//! A statement is tried under the mutex of the instance, and what it touched is noted. If
//! somebody else holds what it touched, the instance is put back as it was before (a pointer
//! copy), and the session sleeps without the mutex until those whom it waits for are done. So
//! nobody ever sees half of anything, and a statement that meets nobody pays almost nothing.
//!
//! Waiters are served in the order in which they came: who wants what an earlier waiter wants
//! waits behind him. A circle of waiters is found when it closes; the victim is the one with the
//! lowest `DEADLOCK_PRIORITY`, and among equals the one that asked last.

mod application;
mod claims;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar};

use catalog::{Change, Instance, LockInfo, Mark, SessionId, UndoLog};
use query::TableKey;

pub(crate) use application::{
    ApplicationLocks, ApplicationMode, Grant, Owner, Request, Resource, mode_named,
};
pub(crate) use claims::{Claims, Wanted, claims_of};

/// What a session with an open transaction holds.
#[derive(Debug, Default)]
struct Holder {
    claims: Claims,
    /// What takes back its uncommitted changes, oldest first.
    inverses: Vec<Change>,
    /// How often the log that they are a copy of was played back.
    rollbacks: u64,
}

/// A session that sleeps.
#[derive(Debug)]
struct Waiter {
    ticket: u64,
    /// Those it waits for. Empty: it may try again.
    blockers: BTreeSet<u16>,
    wants: Claims,
    priority: i8,
    /// It was chosen to give way.
    victim: bool,
    wake: Arc<Condvar>,
}

/// What happened to somebody who has to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Queued {
    /// It sleeps until it is woken.
    Waits,
    /// It is the victim of a deadlock.
    Victim,
}

/// How a waiter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Somebody is still in the way.
    Blocked,
    /// Nobody is, as far as is known.
    Free,
    /// It has to give way.
    Victim,
}

/// All locks of a server.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    holders: BTreeMap<u16, Holder>,
    waiters: BTreeMap<u16, Waiter>,
    pub(crate) applications: ApplicationLocks,
    /// Killed sessions whose changes were taken back already.
    undone: BTreeSet<u16>,
    last_ticket: u64,
}

impl Locks {
    /// Whether anybody but this session holds anything, or waits for anything.
    pub(crate) fn concerns_others_than(&self, session: u16) -> bool {
        let other = |id: &u16| *id != session;
        self.holders.keys().any(other) || self.waiters.keys().any(other)
    }

    /// Whether a session holds anything by its transaction.
    pub(crate) fn holds(&self, session: u16) -> bool {
        self.holders.contains_key(&session)
    }

    /// The sessions in the way of these claims: who holds what they exclude, and who has waited
    /// longer for it. `failed` is the number of the error that the attempt ended with.
    pub(crate) fn blockers(
        &self,
        session: u16,
        wanted: &Claims,
        failed: Option<i32>,
        current: catalog::DatabaseId,
        instance: &Instance,
    ) -> BTreeSet<u16> {
        let mut blockers: BTreeSet<u16> = self
            .holders
            .iter()
            .filter(|(id, holder)| {
                **id != session
                    && (wanted.exclude(&holder.claims, instance)
                        || failed.is_some_and(|number| {
                            holder.claims.may_explain(number, wanted, current)
                        }))
            })
            .map(|(id, _)| *id)
            .collect();
        let own = self
            .waiters
            .get(&session)
            .map_or(u64::MAX, |waiter| waiter.ticket);
        for (id, waiter) in &self.waiters {
            if *id != session
                && waiter.ticket < own
                && !waiter.victim
                && wanted.rows_exclude(&waiter.wants, instance)
                && !self.waits_for(*id, session)
            {
                blockers.insert(*id);
            }
        }
        blockers
    }

    /// Whether `from` waits for `to`, directly or through others.
    fn waits_for(&self, from: u16, to: u16) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(waiter) = self.waiters.get(&id).filter(|waiter| !waiter.victim) {
                if waiter.blockers.contains(&to) {
                    return true;
                }
                open.extend(&waiter.blockers);
            }
        }
        false
    }

    /// Puts a session to sleep behind its blockers, and ends the deadlock if that closes one.
    pub(crate) fn queue(
        &mut self,
        session: u16,
        blockers: BTreeSet<u16>,
        wants: Claims,
        priority: i8,
    ) -> Queued {
        let ticket = match self.waiters.get(&session) {
            Some(waiter) => waiter.ticket,
            None => {
                self.last_ticket += 1;
                self.last_ticket
            }
        };
        self.waiters.insert(
            session,
            Waiter {
                ticket,
                blockers,
                wants,
                priority,
                victim: false,
                wake: Arc::new(Condvar::new()),
            },
        );
        while self.waits_for(session, session) {
            // Everybody in a circle with this session is reached from it and reaches it.
            let victim = self
                .waiters
                .iter()
                .filter(|(id, waiter)| {
                    !waiter.victim
                        && (**id == session
                            || (self.waits_for(session, **id) && self.waits_for(**id, session)))
                })
                .min_by_key(|(_, waiter)| (waiter.priority, std::cmp::Reverse(waiter.ticket)))
                .map_or(session, |(id, _)| *id);
            if victim == session {
                self.leave(session);
                return Queued::Victim;
            }
            if let Some(waiter) = self.waiters.get_mut(&victim) {
                waiter.victim = true;
                waiter.wake.notify_all();
            }
        }
        Queued::Waits
    }

    pub(crate) fn standing(&self, session: u16) -> Standing {
        match self.waiters.get(&session) {
            Some(waiter) if waiter.victim => Standing::Victim,
            Some(waiter) if !waiter.blockers.is_empty() => Standing::Blocked,
            _ => Standing::Free,
        }
    }

    pub(crate) fn bell(&self, session: u16) -> Option<Arc<Condvar>> {
        self.waiters
            .get(&session)
            .map(|waiter| Arc::clone(&waiter.wake))
    }

    /// The first of those a session waits for.
    pub(crate) fn blocker_of(&self, session: u16) -> Option<u16> {
        self.waiters.get(&session)?.blockers.first().copied()
    }

    /// The sessions that sleep and may not try again yet.
    pub(crate) fn blocked(&self) -> BTreeSet<u16> {
        self.waiters
            .iter()
            .filter(|(_, waiter)| !waiter.blockers.is_empty() && !waiter.victim)
            .map(|(id, _)| *id)
            .collect()
    }

    /// A session no longer waits: it got what it wanted, or gave up.
    pub(crate) fn leave(&mut self, session: u16) {
        if self.waiters.remove(&session).is_some() {
            self.no_longer_in_the_way(session);
        }
    }

    fn no_longer_in_the_way(&mut self, session: u16) {
        for waiter in self.waiters.values_mut() {
            if waiter.blockers.remove(&session) && waiter.blockers.is_empty() {
                waiter.wake.notify_all();
            }
        }
    }

    /// A statement inside of a transaction is done: what it claimed is held.
    pub(crate) fn hold(&mut self, session: u16, kept: Claims, undo: &UndoLog) {
        if kept.is_empty() && undo.is_empty() && !self.holders.contains_key(&session) {
            return;
        }
        let holder = self.holders.entry(session).or_default();
        holder.claims.absorb(kept);
        let all = undo.inverses_since(Mark::START);
        if holder.rollbacks != undo.rollbacks() {
            holder.rollbacks = undo.rollbacks();
            holder.inverses.clear();
        }
        let known = holder.inverses.len();
        holder.inverses.extend(all.iter().skip(known).cloned());
        if holder.claims.is_empty() && holder.inverses.is_empty() {
            self.holders.remove(&session);
        }
    }

    /// A part of a transaction was taken back. Its locks stay, as after most savepoints.
    pub(crate) fn taken_back(&mut self, session: u16, undo: &UndoLog) {
        if let Some(holder) = self.holders.get_mut(&session) {
            let left = undo.inverses_since(Mark::START).len();
            holder.inverses.truncate(left);
            holder.rollbacks = undo.rollbacks();
        }
    }

    /// A transaction has ended.
    pub(crate) fn release(&mut self, session: u16) {
        let held = self.holders.remove(&session).is_some();
        let application = self.applications.release_transaction(session);
        if held || application {
            self.no_longer_in_the_way(session);
        }
    }

    /// A session has ended.
    pub(crate) fn end_session(&mut self, session: u16) {
        self.holders.remove(&session);
        self.undone.remove(&session);
        self.applications.release_session(session);
        self.waiters.remove(&session);
        self.no_longer_in_the_way(session);
    }

    /// Wakes whoever waited for a session that gave something back without ending its transaction.
    pub(crate) fn gave_back(&mut self, session: u16) {
        self.no_longer_in_the_way(session);
    }

    /// The server was put back: nobody holds anything, and whoever slept hears of it.
    pub(crate) fn clear(&mut self) {
        self.holders.clear();
        self.undone.clear();
        self.applications = ApplicationLocks::default();
        for waiter in self.waiters.values_mut() {
            waiter.blockers.clear();
            waiter.wake.notify_all();
        }
    }

    /// The state that everybody but this session has committed, and this session has reached.
    pub(crate) fn without_others(&self, session: u16, instance: &Instance) -> Instance {
        let mut committed = instance.clone();
        for (id, holder) in &self.holders {
            if *id != session {
                committed.take_back(&holder.inverses);
            }
        }
        committed
    }

    /// Whether another session holds a row: READPAST leaves it out.
    pub(crate) fn is_held_by_another(
        &self,
        session: u16,
        table: TableKey,
        row: catalog::RowId,
    ) -> bool {
        self.holders
            .iter()
            .any(|(id, holder)| *id != session && holder.claims.holds_row(table, row))
    }

    /// Takes back what a killed session has not committed, and its locks with it. Its own log is
    /// played no more: [`was_undone`](Self::was_undone).
    pub(crate) fn undo_killed(&mut self, session: u16, instance: &mut Instance) {
        if let Some(holder) = self.holders.remove(&session) {
            instance.take_back(&holder.inverses);
            self.undone.insert(session);
        }
        self.applications.release_session(session);
        self.no_longer_in_the_way(session);
    }

    /// Whether the changes of a killed session were taken back by who killed it.
    pub(crate) fn was_undone(&self, session: u16) -> bool {
        self.undone.contains(&session)
    }

    /// Every lock, for sys.dm_tran_locks. The rows of a table are counted, not listed.
    pub(crate) fn describe(&self, instance: &Instance) -> Vec<LockInfo> {
        let mut all = Vec::new();
        let session = |id: u16| SessionId(i32::from(id));
        for (id, claims, granted) in self
            .holders
            .iter()
            .map(|(id, holder)| (*id, &holder.claims, true))
            .chain(
                self.waiters
                    .iter()
                    .map(|(id, waiter)| (*id, &waiter.wants, false)),
            )
        {
            for ((database, object), table) in &claims.tables {
                if instance.database(*database).is_none() {
                    continue;
                }
                for (kind, description, mode) in table.describe() {
                    all.push(LockInfo {
                        resource_type: kind,
                        database: *database,
                        object: object.0,
                        description,
                        mode,
                        granted,
                        session: session(id),
                    });
                }
            }
        }
        for ((database, principal, name), id, mode) in self.applications.all() {
            let shown: String = name.chars().take(32).collect();
            all.push(LockInfo {
                resource_type: "APPLICATION",
                database: *database,
                object: 0,
                description: format!("{principal}:[{shown}]"),
                mode: mode.short_name(),
                granted: true,
                session: session(id),
            });
        }
        all
    }
}
