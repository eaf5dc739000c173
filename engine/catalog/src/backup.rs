//! What is on the backup devices, and what does a database's log remember?
//!
//! A device is a list of backup sets in the instance's memory, because this server writes no
//! files; it comes and goes with a snapshot of the instance. A set holds states of one database,
//! and a state is a pointer copy. The log of a database is the list of its states after every
//! commit since the last log backup. It is kept as SQL Server keeps it: in the recovery models
//! FULL and `BULK_LOGGED`, from the first full backup on, so that a database that nobody backs up
//! pays nothing.

use std::sync::Arc;

use imbl::{OrdMap, Vector};

use crate::database::Database;
use crate::ids::{DatabaseId, NameKey};
use crate::instance::Instance;

/// Commits that a log holds before it is full (9002). SQL Server's bound is the log's file size.
pub const LOG_RECORDS_MAX: usize = 20_000;

/// Which database a state is one of, whatever it is called now and wherever it was restored to.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its first number.
    pub id: DatabaseId,
    /// When it was created, in ticks.
    pub created: i64,
    /// Its first name, after which its logical files are called.
    pub name: Arc<str>,
}

/// A place in a database's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Every recovery begins a new fork of history.
    pub fork: u64,
    /// Grows over the whole instance.
    pub lsn: u64,
    /// When, in ticks.
    pub time: i64,
}

/// A database right after a commit.
#[derive(Debug, Clone)]
pub struct LogRecord {
    /// When.
    pub point: Point,
    /// The state.
    pub state: Arc<Database>,
}

/// The log of a database since its last log backup.
#[derive(Debug, Clone)]
pub struct Log {
    /// Where it begins: the first full backup, the last log backup, or a recovery.
    pub first: Point,
    /// The fork that this one left at `first`.
    pub parent: Option<u64>,
    /// The commits since then.
    pub records: Vector<LogRecord>,
}

/// What the instance knows about backups of one database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recovery {
    /// The last full backup that was not a copy: the base of differential backups.
    pub(crate) base: Option<Point>,
    /// The log; absent in the simple recovery model, and before the first full backup.
    pub(crate) log: Option<Log>,
    /// In the middle of a restore, at this place: nobody may enter.
    pub(crate) restoring: Option<Point>,
}

/// What a backup set holds.
#[derive(Debug, Clone)]
pub enum SetContent {
    /// A whole database.
    Full(LogRecord),
    /// What changed since a full backup; here the whole state, usable on that base only.
    Differential {
        /// The full backup.
        base: Point,
        /// The state.
        record: LogRecord,
    },
    /// A piece of the log.
    Log {
        /// The commits.
        log: Log,
        /// Where it ends.
        last: Point,
    },
}

/// One backup on a device.
#[derive(Debug, Clone)]
pub struct BackupSet {
    /// `NAME = …`.
    pub name: Option<Arc<str>>,
    /// `DESCRIPTION = …`.
    pub description: Option<Arc<str>>,
    /// Name of the database at that time.
    pub database: Arc<str>,
    /// Which database it is.
    pub family: Arc<Family>,
    /// Who made it.
    pub user: Arc<str>,
    /// When, in ticks.
    pub finished: i64,
    /// `COPY_ONLY`.
    pub copy_only: bool,
    /// The recovery model of the database.
    pub recovery: Arc<str>,
    /// What it holds.
    pub content: SetContent,
}

impl BackupSet {
    /// `BackupType` of RESTORE HEADERONLY.
    pub fn type_number(&self) -> u8 {
        match self.content {
            SetContent::Full(_) => 1,
            SetContent::Log { .. } => 2,
            SetContent::Differential { .. } => 5,
        }
    }

    /// The first and the last place that it covers.
    pub fn extent(&self) -> (Point, Point) {
        match &self.content {
            SetContent::Full(record) | SetContent::Differential { record, .. } => {
                (record.point, record.point)
            }
            SetContent::Log { log, last } => (log.first, *last),
        }
    }
}

impl PartialEq for BackupSet {
    /// The same backup: what it holds never changes, so its place in history tells it.
    fn eq(&self, other: &Self) -> bool {
        self.extent() == other.extent()
            && self.type_number() == other.type_number()
            && self.family == other.family
            && self.name == other.name
            && self.database == other.database
    }
}

/// A logical device of sp_addumpdevice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalDevice {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is.
    pub path: Arc<str>,
}

/// Every device and every log of an instance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backups {
    /// The sets of each device by its path, folded as Windows folds paths.
    devices: OrdMap<NameKey, Vector<Arc<BackupSet>>>,
    logical: OrdMap<NameKey, Arc<LogicalDevice>>,
    recovery: OrdMap<DatabaseId, Arc<Recovery>>,
    last_lsn: u64,
}

impl PartialEq for Backups {
    fn eq(&self, other: &Self) -> bool {
        let restoring = |it: &Self| -> Vec<(DatabaseId, Option<Point>)> {
            it.recovery
                .iter()
                .map(|(id, recovery)| (*id, recovery.restoring))
                .filter(|(_, restoring)| restoring.is_some())
                .collect()
        };
        self.devices == other.devices
            && self.logical == other.logical
            && restoring(self) == restoring(other)
    }
}

impl Backups {
    /// Whether nothing differs that the server's own catalog or devices could show. Logs do not
    /// count: they change with their database.
    pub(crate) fn ptr_eq(&self, other: &Self) -> bool {
        self.devices.ptr_eq(&other.devices) && self.logical.ptr_eq(&other.logical)
    }
}

impl Instance {
    /// The backup sets of a device, oldest first; `None` when there is no such device.
    pub fn backup_sets(&self, path: &str) -> Option<&Vector<Arc<BackupSet>>> {
        self.backups.devices.get(&NameKey::new(path))
    }

    /// The logical devices, by name.
    pub fn logical_devices(&self) -> impl Iterator<Item = &Arc<LogicalDevice>> {
        self.backups.logical.values()
    }

    /// A logical device.
    pub fn logical_device(&self, name: &str) -> Option<&Arc<LogicalDevice>> {
        self.backups.logical.get(&NameKey::new(name))
    }

    pub(crate) fn set_logical_device(&mut self, device: LogicalDevice) {
        self.backups
            .logical
            .insert(NameKey::new(&device.name), Arc::new(device));
    }

    /// Writes a set to a device, which comes into being with its first set.
    pub(crate) fn write_backup(&mut self, path: &str, set: BackupSet, overwrite: bool) -> usize {
        let key = NameKey::new(path);
        let mut sets = match self.backups.devices.get(&key) {
            Some(sets) if !overwrite => sets.clone(),
            _ => Vector::new(),
        };
        sets.push_back(Arc::new(set));
        let count = sets.len();
        self.backups.devices.insert(key, sets);
        count
    }

    pub(crate) fn recovery(&self, id: DatabaseId) -> Recovery {
        self.backups
            .recovery
            .get(&id)
            .map(|recovery| (**recovery).clone())
            .unwrap_or_default()
    }

    pub(crate) fn set_recovery(&mut self, id: DatabaseId, recovery: Recovery) {
        // Who may enter depends on it.
        self.security_version += 1;
        self.backups.recovery.insert(id, Arc::new(recovery));
    }

    /// A database in the middle of a restore: nobody may enter it (927).
    pub fn is_restoring(&self, id: DatabaseId) -> bool {
        !self.backups.recovery.is_empty()
            && self
                .backups
                .recovery
                .get(&id)
                .is_some_and(|recovery| recovery.restoring.is_some())
    }

    pub(crate) fn next_lsn(&mut self) -> u64 {
        self.backups.last_lsn += 1;
        self.backups.last_lsn
    }

    /// Forgets what was known of a database: it was dropped, or its recovery model is simple now.
    pub(crate) fn forget_recovery(&mut self, id: DatabaseId) {
        self.backups.recovery.remove(&id);
    }

    pub(crate) fn break_log_chain(&mut self, id: DatabaseId) {
        if self.backups.recovery.contains_key(&id) {
            let recovery = Recovery {
                log: None,
                ..self.recovery(id)
            };
            self.set_recovery(id, recovery);
        }
    }

    /// Whether any database keeps a log: then commits must be told to
    /// [`log_commit`](Self::log_commit).
    pub fn keeps_logs(&self) -> bool {
        !self.backups.recovery.is_empty()
    }

    /// The first of these databases whose log takes no further commit.
    pub fn full_log(&self, databases: &[DatabaseId]) -> Option<DatabaseId> {
        databases.iter().copied().find(|id| {
            self.backups
                .recovery
                .get(id)
                .and_then(|recovery| recovery.log.as_ref())
                .is_some_and(|log| log.records.len() >= LOG_RECORDS_MAX)
        })
    }

    /// Remembers the states of databases after a commit, given without the uncommitted changes of
    /// others.
    pub fn log_commit(
        &mut self,
        databases: impl IntoIterator<Item = (DatabaseId, Arc<Database>)>,
        time: i64,
    ) {
        for (id, state) in databases {
            let Some(log) = self
                .backups
                .recovery
                .get(&id)
                .and_then(|it| it.log.as_ref())
            else {
                continue;
            };
            let point = Point {
                fork: log.first.fork,
                lsn: self.backups.last_lsn + 1,
                time,
            };
            self.backups.last_lsn = point.lsn;
            if let Some(recovery) = self.backups.recovery.get_mut(&id)
                && let Some(log) = &mut Arc::make_mut(recovery).log
            {
                log.records.push_back(LogRecord { point, state });
            }
        }
    }

    /// Whether a database keeps a log.
    pub fn keeps_log(&self, id: DatabaseId) -> bool {
        self.backups
            .recovery
            .get(&id)
            .is_some_and(|recovery| recovery.log.is_some())
    }
}
