//! What do all sessions share?
//!
//! One instance behind one mutex that is held for one statement at a time, one environment, one
//! cache of parsed batches, one registry of sessions. A snapshot is a clone of the instance and
//! costs a few pointers; a restore puts it back and makes every session forget its transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use catalog::{Instance, InstanceOptions, Touched};
use values::Collation;

use crate::environment::ServerEnvironment;
use crate::limits::Limits;
use crate::locks::Locks;
use crate::parsed::ParsedBatches;
use crate::registry::Registry;
use crate::statements::Statements;

/// What a new server is made of.
pub struct ServerOptions {
    /// `@@SERVERNAME`.
    pub name: String,
    /// The password of `sa`.
    pub sa_password: String,
    /// Clock and entropy.
    pub environment: Box<dyn ServerEnvironment>,
    /// What a request may cost.
    pub limits: Limits,
}

/// A handle of the server; clones are the same server.
#[derive(Clone)]
pub struct Server {
    pub(crate) shared: Arc<Shared>,
}

/// The state of every database and login at one moment. Cheap to keep and to clone; two are equal
/// when their contents are.
#[derive(Clone)]
pub struct Snapshot {
    instance: Instance,
    /// The logical clock of that moment; a real clock has no copy.
    environment: Option<Arc<dyn ServerEnvironment>>,
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.instance == other.instance
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// What the sessions share.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) limits: Limits,
    pub(crate) parsed: ParsedBatches,
    pub(crate) registry: Registry,
    locks: Mutex<Locks>,
    pub(crate) statements: Statements,
    next_transaction: AtomicU64,
}

/// What the mutex guards.
pub(crate) struct State {
    pub(crate) instance: Instance,
    pub(crate) environment: Box<dyn ServerEnvironment>,
    /// Grows with every restore.
    pub(crate) epoch: u64,
}

impl Server {
    /// A new instance with `sa` and the system databases.
    pub fn new(options: ServerOptions) -> Self {
        let mut environment = options.environment;
        let instance = Instance::new(&InstanceOptions {
            name: Arc::from(options.name),
            sa_password: options.sa_password,
            collation: Collation::default(),
            now: environment.now(),
        });
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    instance,
                    environment,
                    epoch: 0,
                }),
                limits: options.limits,
                parsed: ParsedBatches::new(options.limits.parsed_batches_max),
                registry: Registry::default(),
                locks: Mutex::default(),
                statements: Statements::default(),
                next_transaction: AtomicU64::new(0),
            }),
        }
    }

    /// `@@SERVERNAME`.
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.shared.lock().instance.name)
    }

    /// The limits that it was made with.
    pub fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// The state of all databases and logins, uncommitted changes of open transactions included:
    /// take it when nobody writes.
    pub fn snapshot(&self) -> Snapshot {
        let state = self.shared.lock();
        Snapshot {
            instance: state.instance.clone(),
            environment: state.environment.fork().map(Arc::from),
        }
    }

    /// Puts the state back. Sessions stay connected; their transactions, temporary tables and
    /// impersonations are gone, and a session whose login does not exist in the snapshot dies at
    /// its next request. A logical clock goes back, too, so that what follows repeats; a real one
    /// does not.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut state = self.shared.lock();
        state.instance = snapshot.instance.clone();
        if let Some(environment) = snapshot
            .environment
            .as_deref()
            .and_then(ServerEnvironment::fork)
        {
            state.environment = environment;
        }
        state.epoch += 1;
        self.shared.locks().clear();
    }

    /// What may differ from a snapshot: databases by name, and `""` when logins or other
    /// server-wide state may. Costs a pointer comparison for each database and each touched one's
    /// tables.
    pub fn touched_since(&self, snapshot: &Snapshot) -> BTreeMap<String, Touched> {
        self.shared
            .lock()
            .instance
            .touched_since(&snapshot.instance)
    }

    /// Forgets which statements ran, as a restart of the server would.
    pub fn forget_statements(&self) {
        self.shared.statements.forget();
    }

    /// The sessions that wait for a lock of somebody else.
    pub fn waiting(&self) -> BTreeSet<u16> {
        self.shared.locks().blocked()
    }

    /// How many sessions are connected.
    pub fn session_count(&self) -> usize {
        self.shared.registry.len()
    }
}

impl Shared {
    /// The instance and its environment, for one statement.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic inside a statement is caught while the lock is held and undone; the state
        // behind a poisoned lock is therefore sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no statement runs now.
    pub(crate) fn is_idle(&self) -> bool {
        !matches!(self.state.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// The locks. Taken after the instance's mutex, never before it.
    pub(crate) fn locks(&self) -> MutexGuard<'_, Locks> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A descriptor for a new transaction.
    pub(crate) fn new_transaction(&self) -> u64 {
        self.next_transaction.fetch_add(1, Ordering::Relaxed) + 1
    }
}
