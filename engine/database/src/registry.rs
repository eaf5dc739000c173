//! Who is connected?
//!
//! The smallest free number from 51 is the next `@@SPID`, as on the server, which also makes the
//! numbers of a repeated run the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::{DatabaseId, SessionId, SessionInfo};

use query::Isolation;

use crate::runtime::CancelHandle;

/// The first number of a user session.
const FIRST_SESSION: u16 = 51;

/// One connected session, as others may see it.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    /// The login's name.
    pub(crate) login: String,
    /// HOST_NAME().
    pub(crate) host_name: String,
    /// APP_NAME().
    pub(crate) program_name: String,
    /// The current database.
    pub(crate) database: DatabaseId,
    /// When it connected, in ticks.
    pub(crate) connected: i64,
    /// Ends it.
    pub(crate) cancel: CancelHandle,
    /// It runs a request.
    pub(crate) running: bool,
    /// For whose lock it waits.
    pub(crate) blocked_by: Option<u16>,
    /// `@@TRANCOUNT` after its last request.
    pub(crate) open_transactions: u32,
    /// Its isolation level after its last request.
    pub(crate) isolation: Isolation,
}

/// All sessions by number.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    sessions: Mutex<BTreeMap<u16, Registered>>,
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u16, Registered>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Takes the smallest free number; `None` when `sessions_max` are connected.
    pub(crate) fn register(&self, session: Registered, sessions_max: usize) -> Option<u16> {
        let mut sessions = self.lock();
        if sessions.len() >= sessions_max {
            return None;
        }
        let id = (FIRST_SESSION..u16::MAX).find(|id| !sessions.contains_key(id))?;
        sessions.insert(id, session);
        Some(id)
    }

    pub(crate) fn remove(&self, id: u16) {
        self.lock().remove(&id);
    }

    pub(crate) fn update(&self, id: u16, change: impl FnOnce(&mut Registered)) {
        if let Some(session) = self.lock().get_mut(&id) {
            change(session);
        }
    }

    /// All sessions as the dynamic management views show them, in order of their numbers.
    pub(crate) fn describe(&self) -> Vec<SessionInfo> {
        let describe = |(id, session): (&u16, &Registered)| SessionInfo {
            id: SessionId(i32::from(*id)),
            login_time: session.connected,
            host_name: Arc::from(session.host_name.as_str()),
            program_name: Arc::from(session.program_name.as_str()),
            login_name: Arc::from(session.login.as_str()),
            original_login_name: Arc::from(session.login.as_str()),
            database: session.database,
            running: session.running,
            blocked_by: session.blocked_by.map(|by| SessionId(i32::from(by))),
            open_transactions: i32::try_from(session.open_transactions).unwrap_or(i32::MAX),
            isolation_level: session.isolation.number(),
            command: Arc::from(if session.running {
                "SELECT"
            } else {
                "AWAITING COMMAND"
            }),
        };
        self.lock().iter().map(describe).collect()
    }

    /// The sessions other than `own` whose current database this is.
    pub(crate) fn others_in(&self, database: DatabaseId, own: u16) -> Vec<(u16, CancelHandle)> {
        self.lock()
            .iter()
            .filter(|(id, session)| {
                **id != own && session.database == database && !session.cancel.is_killed()
            })
            .map(|(id, session)| (*id, session.cancel.clone()))
            .collect()
    }
}
