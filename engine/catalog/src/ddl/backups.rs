//! BACKUP and RESTORE: who may, what the device must hold, and which state a database gets.
//!
//! Error numbers and texts are those of the system messages 3000 to 4999 of SQL Server; the
//! rights are those that the pages of BACKUP and RESTORE document. A statement that changes
//! nothing else is not part of a transaction: what it does is not taken back.

use std::sync::Arc;

use imbl::Vector;
use values::SqlError;

use super::Ddl;
use crate::backup::{BackupSet, Log, LogRecord, LogicalDevice, Point, Recovery, SetContent};
use crate::database::{Database, DatabaseOptions};
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, LoginId, same_name};
use crate::permission::{Permission, Securable};
use crate::undo::Change;

/// `BACKUP … WITH …`, evaluated.
#[derive(Debug, Clone, Default)]
pub struct BackupRequest {
    /// BACKUP LOG.
    pub log: bool,
    /// `DIFFERENTIAL`.
    pub differential: bool,
    /// `COPY_ONLY`.
    pub copy_only: bool,
    /// `INIT` or `FORMAT`: what is on the device goes.
    pub overwrite: bool,
    /// `NORECOVERY`: the tail of the log; the database is left restoring.
    pub no_recovery: bool,
    /// `NAME`.
    pub name: Option<String>,
    /// `DESCRIPTION`.
    pub description: Option<String>,
}

/// `RESTORE … WITH …`, evaluated.
#[derive(Debug, Clone, Default)]
pub struct RestoreRequest {
    /// RESTORE LOG.
    pub log: bool,
    /// `FILE = n`, from 1.
    pub file: usize,
    /// `REPLACE`.
    pub replace: bool,
    /// `NORECOVERY`.
    pub no_recovery: bool,
    /// `STOPAT`, in ticks.
    pub stop_at: Option<i64>,
    /// The logical files that MOVE names.
    pub moved: Vec<String>,
}

/// What a backup or restore says when it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// The database's name.
    pub database: Arc<str>,
    /// The logical file whose pages went.
    pub file: String,
    /// Which set of the device.
    pub position: usize,
    /// How many pages.
    pub pages: usize,
    /// The target time is beyond the end of the log: the database stays restoring.
    pub short: bool,
}

impl Ddl<'_> {
    /// BACKUP. `committed` is the database without what open transactions did.
    ///
    /// # Errors
    /// 911, 916 and 262 for want of a database or a right, 3147 for tempdb, 4208 and 4214 for a
    /// log that is not kept, 3035 for a differential backup without a base.
    pub fn backup(
        &mut self,
        name: &str,
        path: &str,
        request: &BackupRequest,
        committed: impl FnOnce(&crate::Instance, DatabaseId) -> Option<Arc<Database>>,
    ) -> Result<Transferred, Errors> {
        let (id, options) = self.backed_up(name, request.log)?;
        let mut recovery = self.instance.recovery(id);
        if request.log && &*options.recovery == "SIMPLE" {
            return Err(err(
                4208,
                16,
                1,
                "The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use \
                 BACKUP DATABASE or change the recovery model using ALTER DATABASE.",
            )
            .into());
        }
        if request.log && recovery.log.is_none() {
            return Err(err(
                4214,
                16,
                1,
                "BACKUP LOG cannot be performed because there is no current database backup.",
            )
            .into());
        }
        let base = recovery.base;
        if request.differential && base.is_none() {
            return Err(err(
                3035,
                16,
                1,
                format!(
                    "Cannot perform a differential backup for database \"{name}\", because a \
                     current database backup does not exist. Perform a full database backup by \
                     reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option."
                ),
            )
            .into());
        }
        let state =
            committed(self.instance, id).unwrap_or_else(|| Arc::clone(self.instance.entered(id)));
        let point = Point {
            fork: recovery.log.as_ref().map_or(0, |log| log.first.fork),
            lsn: self.instance.next_lsn(),
            time: self.now,
        };
        let record = LogRecord {
            point,
            state: Arc::clone(&state),
        };
        let content = if request.log {
            let log = recovery.log.clone().expect("asked above");
            if !request.copy_only {
                recovery.log = Some(Log {
                    first: point,
                    parent: None,
                    records: Vector::new(),
                });
            }
            if request.no_recovery {
                recovery.restoring = Some(point);
            }
            SetContent::Log { log, last: point }
        } else if let (true, Some(base)) = (request.differential, base) {
            SetContent::Differential { base, record }
        } else {
            if !request.copy_only {
                recovery.base = Some(point);
                if recovery.log.is_none() && &*options.recovery != "SIMPLE" {
                    recovery.log = Some(Log {
                        first: point,
                        parent: None,
                        records: Vector::new(),
                    });
                }
            }
            SetContent::Full(record)
        };
        let pages = match &content {
            SetContent::Log { log, .. } => log.records.len() + 1,
            SetContent::Full(_) | SetContent::Differential { .. } => pages_of(&state),
        };
        let set = BackupSet {
            name: request.name.as_deref().map(Arc::from),
            description: request.description.as_deref().map(Arc::from),
            database: Arc::clone(&options.name),
            family: Arc::clone(&state.family),
            user: Arc::from(self.context.login_name(self.instance)),
            finished: self.now,
            copy_only: request.copy_only,
            recovery: Arc::clone(&options.recovery),
            content,
        };
        let file = logical_file(&state, request.log);
        self.instance.set_recovery(id, recovery);
        let position = self.instance.write_backup(path, set, request.overwrite);
        Ok(Transferred {
            database: Arc::clone(&options.name),
            file,
            position,
            pages,
            short: false,
        })
    }

    /// The database of a BACKUP, if the caller may.
    fn backed_up(
        &self,
        name: &str,
        log: bool,
    ) -> Result<(DatabaseId, Arc<DatabaseOptions>), Errors> {
        let Some(database) = self.instance.database_named(name) else {
            return Err(no_database(name).into());
        };
        let token = self.context.enter(self.instance, database.id)?;
        let permission = if log {
            Permission::BACKUP_LOG
        } else {
            Permission::BACKUP_DATABASE
        };
        if !self
            .instance
            .has_permission(&token, Securable::Database, permission)
        {
            return Err(self
                .instance
                .database_denied(database.id, permission, 1)
                .into());
        }
        if database.id == DatabaseId::TEMPDB {
            return Err(err(
                3147,
                16,
                3,
                "Backup and restore operations are not allowed on database tempdb.",
            )
            .into());
        }
        Ok((database.id, Arc::clone(&database.options)))
    }

    /// The path of a logical device.
    ///
    /// # Errors
    /// 3206 when there is none of that name.
    pub fn device_path(&self, name: &str) -> Result<Arc<str>, Errors> {
        self.instance
            .logical_device(name)
            .map(|device| Arc::clone(&device.path))
            .ok_or_else(|| {
                err(
                    3206,
                    16,
                    1,
                    format!(
                        "Backup device '{name}' does not exist. To view existing backup devices, \
                         use the sys.backup_devices catalog view. To create a new backup device \
                         use either sp_addumpdevice or SQL Server Management Studio."
                    ),
                )
                .into()
            })
    }

    /// sp_addumpdevice.
    ///
    /// # Errors
    /// 15247 for everybody but sysadmin and diskadmin, 15026 for a name that is taken.
    pub fn add_device(&mut self, name: &str, path: &str) -> Result<(), Errors> {
        if !self.is_server_member(&[LoginId::DISKADMIN]) {
            return Err(super::place::no_permission().into());
        }
        if self.instance.logical_device(name).is_some() {
            return Err(err(
                15026,
                16,
                1,
                format!("Logical device '{name}' already exists."),
            )
            .into());
        }
        self.instance.set_logical_device(LogicalDevice {
            name: Arc::from(name),
            path: Arc::from(path),
        });
        Ok(())
    }

    fn is_server_member(&self, roles: &[LoginId]) -> bool {
        self.context.login(self.instance).is_some_and(|login| {
            login.is_sysadmin || roles.iter().any(|role| login.principals.contains(role))
        })
    }

    /// The sets of a device, for who may look at backups: CREATE DATABASE is asked for.
    ///
    /// # Errors
    /// 262 without the right, 3201 without the device.
    pub fn looked_at(&self, path: &str) -> Result<Vector<Arc<BackupSet>>, Errors> {
        self.demand_create_database()?;
        self.sets(path)
    }

    fn sets(&self, path: &str) -> Result<Vector<Arc<BackupSet>>, Errors> {
        self.instance.backup_sets(path).cloned().ok_or_else(|| {
            err(
                3201,
                16,
                2,
                format!(
                    "Cannot open backup device '{path}'. Operating system error 2(The system \
                     cannot find the file specified.)."
                ),
            )
            .into()
        })
    }

    fn demand_create_database(&self) -> Result<(), Errors> {
        let on_server = self.context.login(self.instance).is_some_and(|login| {
            self.instance
                .has_server_permission(&login, Permission::CREATE_ANY_DATABASE)
        });
        let in_master = || {
            self.context
                .try_enter(self.instance, DatabaseId::MASTER)
                .is_some_and(|token| {
                    self.instance.has_permission(
                        &token,
                        Securable::Database,
                        Permission::CREATE_DATABASE,
                    )
                })
        };
        if on_server || in_master() {
            return Ok(());
        }
        Err(self
            .instance
            .database_denied(DatabaseId::MASTER, Permission::CREATE_DATABASE, 1)
            .into())
    }

    /// Whether the caller may restore under this name, and which database has it already.
    ///
    /// # Errors
    /// 262 when a new database would have to be created, 3110 when the existing one is not the
    /// caller's. Members of db_owner are refused, too: their membership is inside of what is
    /// about to be replaced.
    pub fn restored(&self, name: &str) -> Result<Option<DatabaseId>, Errors> {
        let Some(database) = self.instance.database_named(name) else {
            self.demand_create_database()?;
            return Ok(None);
        };
        let owner = self.context.login(self.instance).is_some_and(|token| {
            self.instance
                .login(token.login)
                .is_some_and(|login| login.sid == database.options().owner)
        });
        if !owner && !self.is_server_member(&[LoginId::DBCREATOR]) {
            return Err(err(
                3110,
                14,
                1,
                format!("User does not have permission to RESTORE database '{name}'."),
            )
            .into());
        }
        match database.id {
            DatabaseId::MASTER => Err(err(
                3108,
                16,
                1,
                "To restore the master database, the server must be running in single-user mode. \
                 For information on starting in single-user mode, see \"How to: Start an Instance \
                 of SQL Server (sqlservr.exe)\" in Books Online.",
            )
            .into()),
            DatabaseId::TEMPDB => Err(err(
                3147,
                16,
                3,
                "Backup and restore operations are not allowed on database tempdb.",
            )
            .into()),
            id if id.is_system() => {
                Err(SqlError::unsupported("RESTORE of a system database").into())
            }
            id => Ok(Some(id)),
        }
    }

    /// RESTORE, after [`restored`](Self::restored) and after nobody was found in the database.
    ///
    /// # Errors
    /// 3201, 3287 and 3135 for a device that does not hold such a backup, 3154 and 3159 for what
    /// would be lost, 3117, 3118, 3136, 4305, 4326, 4330, 4335 and 4338 for a sequence that does
    /// not fit.
    pub fn restore(
        &mut self,
        name: &str,
        existing: Option<DatabaseId>,
        path: &str,
        request: &RestoreRequest,
    ) -> Result<Transferred, Errors> {
        let set = self
            .sets(path)?
            .get(request.file.wrapping_sub(1))
            .cloned()
            .ok_or_else(|| {
                Errors::from(err(
                    3287,
                    16,
                    1,
                    format!(
                        "The file ID {} on device '{path}' is incorrectly formed and cannot be \
                         read.",
                        request.file
                    ),
                ))
            })?;
        let restoring = existing.and_then(|id| self.instance.recovery(id).restoring);
        let (record, last) = match &set.content {
            SetContent::Log { log, last } if request.log => {
                let Some(existing) = existing else {
                    return Err(missing_for_log(name).into());
                };
                let Some(point) = restoring else {
                    return Err(not_rolling_forward().into());
                };
                let record = self.rolled_forward(existing, point, log, *last, request.stop_at)?;
                (record, *last)
            }
            SetContent::Full(record) if !request.log => {
                if let (Some(existing), false) = (existing, request.replace) {
                    self.refuse_loss(existing, &set, request)?;
                }
                (record.clone(), record.point)
            }
            SetContent::Differential { base, record } if !request.log => {
                let Some(point) = restoring else {
                    return Err(not_rolling_forward().into());
                };
                if point.lsn != base.lsn {
                    return Err(err(
                        3136,
                        16,
                        1,
                        "This differential backup cannot be restored because the database has not \
                         been restored to the correct earlier state.",
                    )
                    .into());
                }
                (record.clone(), record.point)
            }
            _ => {
                let maker = match set.content {
                    SetContent::Full(_) => "BACKUP DATABASE",
                    SetContent::Differential { .. } => "BACKUP DATABASE WITH DIFFERENTIAL",
                    SetContent::Log { .. } => "BACKUP LOG",
                };
                return Err(err(
                    3135,
                    16,
                    2,
                    format!(
                        "The backup set in file '{path}' was created by {maker} and cannot be used \
                         for this restore operation."
                    ),
                )
                .into());
            }
        };
        if !request.log && request.stop_at.is_some_and(|time| time < last.time) {
            return Err(err(
                4338,
                16,
                1,
                "The STOPAT clause specifies a point too early to allow this backup set to be \
                 restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to \
                 recover at the current point.",
            )
            .into());
        }
        self.check_moves(&record.state, &request.moved)?;
        let short = request.stop_at.is_some_and(|time| time > last.time);
        let recover = !request.no_recovery && !short;
        let pages = if request.log {
            1
        } else {
            pages_of(&record.state)
        };
        let file = logical_file(&record.state, request.log);
        self.put_back(name, existing, &record, recover);
        Ok(Transferred {
            database: Arc::from(name),
            file,
            position: request.file,
            pages,
            short: short && !request.no_recovery,
        })
    }

    /// `RESTORE DATABASE x WITH RECOVERY`: what was restored so far is put to use.
    ///
    /// # Errors
    /// 3118 without the database, 3153 when it is in use already.
    pub fn recover(&mut self, name: &str, existing: Option<DatabaseId>) -> Result<(), Errors> {
        let Some(id) = existing else {
            return Err(missing_for_log(name).into());
        };
        let Some(point) = self.instance.recovery(id).restoring else {
            return Err(err(3153, 16, 2, "The database is already fully recovered.").into());
        };
        let record = LogRecord {
            point,
            state: Arc::clone(self.instance.entered(id)),
        };
        self.put_back(name, existing, &record, true);
        Ok(())
    }

    /// 3154 and 3159: what only REPLACE may overwrite.
    fn refuse_loss(
        &self,
        existing: DatabaseId,
        set: &BackupSet,
        request: &RestoreRequest,
    ) -> Result<(), Errors> {
        let database = self.instance.entered(existing);
        let name = database.name();
        if database.family != set.family {
            return Err(err(
                3154,
                16,
                4,
                format!(
                    "The backup set holds a backup of a database other than the existing '{name}' \
                     database."
                ),
            )
            .into());
        }
        let recovery = self.instance.recovery(existing);
        if recovery.restoring.is_none() && recovery.log.is_some() && request.stop_at.is_none() {
            return Err(err(
                3159,
                16,
                1,
                format!(
                    "The tail of the log for the database \"{name}\" has not been backed up. Use \
                     BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not \
                     want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE \
                     statement to just overwrite the contents of the log."
                ),
            )
            .into());
        }
        Ok(())
    }

    /// The state that a piece of the log leads to.
    fn rolled_forward(
        &self,
        id: DatabaseId,
        point: Point,
        log: &Log,
        last: Point,
        stop_at: Option<i64>,
    ) -> Result<LogRecord, Errors> {
        if log.first.lsn > point.lsn {
            return Err(err(
                4305,
                16,
                1,
                format!(
                    "The log in this backup set begins at LSN {0}, which is too recent to apply to \
                     the database. An earlier log backup that includes LSN {1} can be restored.",
                    log.first.lsn, point.lsn
                ),
            )
            .into());
        }
        if last.lsn < point.lsn {
            return Err(err(
                4326,
                16,
                1,
                format!(
                    "The log in this backup set terminates at LSN {0}, which is too early to apply \
                     to the database. A more recent log backup that includes LSN {1} can be \
                     restored.",
                    last.lsn, point.lsn
                ),
            )
            .into());
        }
        let forked_here = log.parent == Some(point.fork) && log.first.lsn == point.lsn;
        if log.first.fork != point.fork && !forked_here {
            return Err(err(
                4330,
                16,
                1,
                "This backup set cannot be applied because it is on a recovery path that is \
                 inconsistent with the database. The recovery path is the sequence of data and log \
                 backups that have brought the database to a particular recovery point. Find a \
                 compatible backup to restore, or restore the rest of the database to match a \
                 recovery point within this backup set, which will restore the database to a \
                 different point in time.  For more information about recovery paths, see SQL \
                 Server Books Online.",
            )
            .into());
        }
        if stop_at.is_some_and(|time| time < point.time) {
            return Err(err(
                4335,
                16,
                1,
                "The specified STOPAT time is too early. All or part of the database is already \
                 rolled forward beyond that point.",
            )
            .into());
        }
        let reached = log
            .records
            .iter()
            .rfind(|record| stop_at.is_none_or(|time| record.point.time <= time))
            .filter(|record| record.point.lsn > point.lsn);
        let whole = stop_at.is_none_or(|time| time >= last.time);
        let state = reached.map_or_else(
            || Arc::clone(self.instance.entered(id)),
            |record| Arc::clone(&record.state),
        );
        let point = match (whole, reached) {
            (true, _) => last,
            (false, Some(record)) => record.point,
            (false, None) => point,
        };
        Ok(LogRecord { point, state })
    }

    /// 3234: MOVE names a file that the database does not have.
    fn check_moves(&self, state: &Database, moved: &[String]) -> Result<(), Errors> {
        let strange = moved.iter().find(|file| {
            ![false, true]
                .iter()
                .any(|log| same_name(&logical_file(state, *log), file))
        });
        strange.map_or(Ok(()), |file| {
            Err(err(
                3234,
                16,
                2,
                format!(
                    "Logical file '{file}' is not part of database '{}'. Use RESTORE FILELISTONLY \
                     to list the logical file names.",
                    state.name()
                ),
            )
            .into())
        })
    }

    /// Gives a database the state of a backup. Principals keep their SIDs, so a user whose login
    /// this server does not know is an orphan; TRUSTWORTHY is off afterwards, and a new database
    /// belongs to who restored it.
    fn put_back(
        &mut self,
        name: &str,
        existing: Option<DatabaseId>,
        record: &LogRecord,
        recover: bool,
    ) {
        let before = existing.map(|id| Arc::clone(&self.instance.entered(id).options));
        let id = existing.unwrap_or_else(|| {
            let id = DatabaseId(self.instance.next_database);
            self.instance.next_database += 1;
            id
        });
        let mut database = (*record.state).clone();
        let restorer = self
            .context
            .login(self.instance)
            .and_then(|token| self.instance.login(token.login))
            .map(|login| login.sid.clone());
        database.id = id;
        database.created = existing.map_or(self.now, |id| self.instance.entered(id).created);
        let restored = database.options();
        let options = DatabaseOptions {
            name: before
                .as_ref()
                .map_or_else(|| Arc::from(name), |before| Arc::clone(&before.name)),
            owner: before
                .as_ref()
                .map(|before| before.owner.clone())
                .or(restorer)
                .unwrap_or_else(|| restored.owner.clone()),
            trustworthy: false,
            chaining: before.as_ref().is_some_and(|before| before.chaining),
            ..restored.clone()
        };
        let recovers_log = recover && &*options.recovery != "SIMPLE";
        database.options = Arc::new(options);
        let point = record.point;
        let fork = self.instance.next_lsn();
        let recovery = Recovery {
            base: Some(point),
            log: recovers_log.then(|| Log {
                first: Point { fork, ..point },
                parent: Some(point.fork),
                records: Vector::new(),
            }),
            restoring: (!recover).then_some(point),
        };
        self.instance
            .apply(Change::Database(id, Some(Arc::new(database))), self.undo);
        self.instance.set_recovery(id, recovery);
    }
}

/// 911.
fn no_database(name: &str) -> SqlError {
    err(
        911,
        16,
        11,
        format!("Database '{name}' does not exist. Make sure that the name is entered correctly."),
    )
}

/// 3118.
fn missing_for_log(name: &str) -> SqlError {
    err(
        3118,
        16,
        1,
        format!(
            "The database \"{name}\" does not exist. RESTORE can only create a database when \
             restoring either a full backup or a file backup of the primary file."
        ),
    )
}

/// 3117.
fn not_rolling_forward() -> SqlError {
    err(
        3117,
        16,
        4,
        "The log or differential backup cannot be restored because no files are ready to \
         rollforward.",
    )
}

/// The logical name of a database's data or log file.
pub fn logical_file(state: &Database, log: bool) -> String {
    let name = &state.family.name;
    if log {
        format!("{name}_log")
    } else {
        name.to_string()
    }
}

/// Eight pages for each table and one for every sixty-four rows: there are no pages here, but
/// clients show the number.
fn pages_of(state: &Database) -> usize {
    state
        .data
        .values()
        .map(|data| 8 + data.len() / 64)
        .sum::<usize>()
        + 8
}
