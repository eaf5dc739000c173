//! What do BACKUP and RESTORE ask of the session, and what do they say to the client?
//!
//! Rights, devices and states are the catalog's business. Here are the open transaction that
//! refuses both (3021), the sessions that stand in the way of a restore (3101, 3102), the values
//! of the options, and the messages. Every refusal ends with 3013.

use catalog::{BackupRequest, BackupSet, Ddl, RestoreRequest, Transferred};
use query::ResultColumn;
use tsql::{Backup, BackupDevice, BackupOption, NameOrVariable, Restore, RestoreKind, sql};
use values::{SqlError, SqlType, Value};

use crate::batch::{Interpreter, ScopeKind};
use crate::control_flow::invalid_in_function;
use crate::failure::Failure;
use crate::raise::{integer_of, text_of};
use crate::response::Command;
use crate::variables::convert;

/// The version of a SQL Server 2022 database.
const DATABASE_VERSION: i32 = 957;

impl Interpreter<'_> {
    /// BACKUP DATABASE and BACKUP LOG.
    pub(crate) fn back_up(&mut self, backup: &Backup) -> Result<(), Failure> {
        let what = if backup.log {
            "BACKUP LOG"
        } else {
            "BACKUP DATABASE"
        };
        self.carry_out_backup(backup, what)
            .map_err(|failure| terminated(failure, what))?;
        self.plain_done(Command::Other);
        Ok(())
    }

    fn carry_out_backup(&mut self, backup: &Backup, what: &str) -> Result<(), Failure> {
        self.refuse_in_transaction()?;
        let name = self.written_name(&backup.database)?;
        let mut request = BackupRequest {
            log: backup.log,
            ..BackupRequest::default()
        };
        for option in &backup.options {
            match option.name.as_str() {
                "INIT" | "FORMAT" => request.overwrite = true,
                "COPY_ONLY" => request.copy_only = true,
                "DIFFERENTIAL" => request.differential = true,
                "NORECOVERY" if backup.log => request.no_recovery = true,
                "NAME" => request.name = self.option_text(option)?,
                "DESCRIPTION" => request.description = self.option_text(option)?,
                "FILE" | "MOVE" | "REPLACE" | "RECOVERY" | "NORECOVERY" | "STOPAT" => {
                    return Err(wrong_option(&option.name, what).into());
                }
                _ => {
                    self.option_value(option)?;
                }
            }
        }
        let device = self.written_device(&backup.device)?;
        if request.no_recovery {
            self.refuse_in_use_for(&name, what)?;
        }
        let shared = std::sync::Arc::clone(&self.runtime.shared);
        let session = self.session.id;
        let done = self.define_with(|ddl| {
            let path = path_of(ddl, &device)?;
            // What others have not committed is not backed up.
            ddl.backup(&name, &path, &request, |instance, id| {
                shared
                    .locks()
                    .without_others(session, instance)
                    .database(id)
                    .cloned()
            })
        })?;
        self.tell_transferred(what, &done, request.log);
        Ok(())
    }

    /// RESTORE.
    pub(crate) fn restore(&mut self, restore: &Restore) -> Result<(), Failure> {
        let what = match restore.what {
            RestoreKind::Database => "RESTORE DATABASE",
            RestoreKind::Log => "RESTORE LOG",
            RestoreKind::HeaderOnly => "RESTORE HEADERONLY",
            RestoreKind::FileListOnly => "RESTORE FILELIST",
            RestoreKind::VerifyOnly => "VERIFY DATABASE",
        };
        self.carry_out_restore(restore, what)
            .map_err(|failure| terminated(failure, what))
    }

    fn carry_out_restore(&mut self, restore: &Restore, what: &str) -> Result<(), Failure> {
        self.refuse_in_transaction()?;
        let mut request = RestoreRequest {
            log: restore.what == RestoreKind::Log,
            file: 1,
            ..RestoreRequest::default()
        };
        for option in &restore.options {
            match option.name.as_str() {
                "FILE" => {
                    let (value, data_type) = self.option_value(option)?;
                    request.file = integer_of(&value, &data_type)?
                        .and_then(|number| usize::try_from(number).ok())
                        .unwrap_or(0);
                }
                "REPLACE" => request.replace = true,
                "NORECOVERY" => request.no_recovery = true,
                "STOPAT" => request.stop_at = self.stop_at(option)?,
                "MOVE" => request.moved.extend(self.option_text(option)?),
                "INIT" | "FORMAT" | "COPY_ONLY" | "DIFFERENTIAL" => {
                    return Err(wrong_option(&option.name, what).into());
                }
                _ => {
                    self.option_value(option)?;
                }
            }
        }
        let device = match &restore.device {
            Some(device) => Some(self.written_device(device)?),
            None => None,
        };
        let Some(database) = &restore.database else {
            let device = device.unwrap_or_default();
            return self.look_at_backup(restore.what, &device, request.file);
        };
        let name = self.written_name(database)?;
        let existing = self.define_with(|ddl| ddl.restored(&name))?;
        if existing.is_some() {
            self.refuse_in_use_for(&name, what)?;
        }
        let Some(device) = device else {
            self.define_with(|ddl| ddl.recover(&name, existing))?;
            self.plain_done(Command::Other);
            return Ok(());
        };
        let done = self.define_with(|ddl| {
            let path = path_of(ddl, &device)?;
            ddl.restore(&name, existing, &path, &request)
        })?;
        if done.short {
            self.tell_info(
                4342,
                "This backup set contains records that were logged before the designated point in \
                 time. The database is being left in the restoring state so that more roll forward \
                 can be performed."
                    .to_owned(),
            );
        }
        self.tell_transferred(what, &done, request.log);
        self.plain_done(Command::Other);
        Ok(())
    }

    /// 3021.
    fn refuse_in_transaction(&mut self) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("BACKUP").into());
        }
        if self.session.transaction_count == 0 {
            return Ok(());
        }
        Err(SqlError::new(
            3021,
            16,
            0,
            "Cannot perform a backup or restore operation within a transaction.",
        )
        .into())
    }

    /// 3102 and 3101: a database that somebody is in cannot be replaced.
    fn refuse_in_use_for(&mut self, name: &str, what: &str) -> Result<(), Failure> {
        let Some(id) = self.look(|instance, _| instance.database_named(name).map(|it| it.id))
        else {
            return Ok(());
        };
        if self.session.database == id {
            return Err(SqlError::new(
                3102,
                16,
                1,
                format!(
                    "{} cannot process database '{name}' because it is in use by this session. It \
                     is recommended that the master database be used when performing this \
                     operation.",
                    what.split(' ').next().unwrap_or(what)
                ),
            )
            .into());
        }
        let others = self.runtime.shared.registry.others_in(id, self.session.id);
        if others.is_empty() {
            return Ok(());
        }
        Err(SqlError::new(
            3101,
            16,
            1,
            "Exclusive access could not be obtained because the database is in use.",
        )
        .into())
    }

    /// RESTORE HEADERONLY, FILELISTONLY and VERIFYONLY.
    fn look_at_backup(
        &mut self,
        what: RestoreKind,
        device: &Device,
        file: usize,
    ) -> Result<(), Failure> {
        let (path, sets, server) = self.define_with(|ddl| {
            let path = path_of(ddl, device)?;
            let sets = ddl.looked_at(&path)?;
            Ok((path, sets, ddl.instance.name.to_string()))
        })?;
        let missing = || {
            Failure::from(SqlError::new(
                3287,
                16,
                1,
                format!(
                    "The file ID {file} on device '{path}' is incorrectly formed and cannot be \
                     read."
                ),
            ))
        };
        let chosen = sets.get(file.wrapping_sub(1));
        match what {
            RestoreKind::HeaderOnly => {
                let rows: Vec<Vec<Value>> = sets
                    .iter()
                    .enumerate()
                    .map(|(place, set)| header_row(place + 1, set, &server))
                    .collect();
                self.send_table(&header_columns(), &rows)
            }
            RestoreKind::FileListOnly => {
                let rows = file_rows(chosen.ok_or_else(missing)?);
                self.send_table(&file_columns(), &rows)
            }
            _ => {
                chosen.ok_or_else(missing)?;
                self.tell_info(3262, format!("The backup set on file {file} is valid."));
                self.plain_done(Command::Other);
                Ok(())
            }
        }
    }

    fn send_table(&mut self, columns: &[ResultColumn], rows: &[Vec<Value>]) -> Result<(), Failure> {
        self.atomically(|_, sink| {
            sink.columns(columns)?;
            rows.iter().try_for_each(|row| sink.row(row))
        })?;
        self.rows_done(Command::Select, rows.len() as u64);
        Ok(())
    }

    fn tell_info(&mut self, number: i32, message: String) {
        let mut note = SqlError::new(number, 0, 1, message);
        self.place(&mut note, self.line);
        self.tell(note);
    }

    /// 4035 and 3014. The time is that of a pointer copy.
    fn tell_transferred(&mut self, what: &str, done: &Transferred, log: bool) {
        let Transferred {
            database,
            file,
            position,
            pages,
            ..
        } = done;
        self.tell_info(
            4035,
            format!(
                "Processed {pages} pages for database '{database}', file '{file}' on file \
                 {position}."
            ),
        );
        let pages = if log { *pages } else { pages + 1 };
        if !log {
            self.tell_info(
                4035,
                format!(
                    "Processed 1 pages for database '{database}', file '{file}_log' on file \
                     {position}."
                ),
            );
        }
        self.tell_info(
            3014,
            format!(
                "{what} successfully processed {pages} pages in 0.001 seconds ({}.{:03} MB/sec).",
                pages * 8000 / 1024,
                pages * 8_000_000 / 1024 % 1000
            ),
        );
    }

    // --- what options say --------------------------------------------------------------------

    fn written_name(&mut self, name: &NameOrVariable) -> Result<String, Failure> {
        match name {
            NameOrVariable::Name(name) => Ok(name.clone()),
            NameOrVariable::Variable(variable) => {
                let (value, data_type) = self.variable(variable)?;
                Ok(text_of(&value, &data_type)?.unwrap_or_default())
            }
        }
    }

    fn written_device(&mut self, device: &BackupDevice) -> Result<Device, Failure> {
        match device {
            BackupDevice::Logical(name) => self.written_name(name).map(Device::Logical),
            BackupDevice::Disk(path) => {
                let (value, data_type) = self.value(path)?;
                Ok(Device::Path(
                    text_of(&value, &data_type)?.unwrap_or_default(),
                ))
            }
        }
    }

    fn option_value(&mut self, option: &BackupOption) -> Result<(Value, SqlType), Failure> {
        let null: sql::Expr = sql::Expr::Value(sql::Value::Null.with_empty_span());
        let to = option.to.as_ref();
        if let Some(to) = to {
            self.value(to)?;
        }
        self.value(option.value.as_ref().unwrap_or(&null))
    }

    fn option_text(&mut self, option: &BackupOption) -> Result<Option<String>, Failure> {
        let (value, data_type) = self.option_value(option)?;
        Ok(text_of(&value, &data_type)?)
    }

    /// The target time, to 100 ns: a text or a datetime2 says more than the datetime that SQL
    /// Server reads, and on a clock of milliseconds that matters.
    fn stop_at(&mut self, option: &BackupOption) -> Result<Option<i64>, Failure> {
        let (value, data_type) = self.option_value(option)?;
        match convert(&value, &data_type, &SqlType::DateTime2(7))? {
            Value::DateTime2(ticks) => Ok(Some(ticks)),
            _ => Ok(None),
        }
    }
}

/// Where a backup is, its variables replaced.
enum Device {
    Logical(String),
    Path(String),
}

impl Default for Device {
    fn default() -> Self {
        Self::Path(String::new())
    }
}

fn path_of(ddl: &Ddl<'_>, device: &Device) -> Result<String, catalog::Errors> {
    match device {
        Device::Path(path) => Ok(path.clone()),
        Device::Logical(name) => ddl.device_path(name).map(|path| path.to_string()),
    }
}

/// 3013 follows every refusal, except of what this server does not support.
fn terminated(mut failure: Failure, what: &str) -> Failure {
    if failure.decisive().number != values::UNSUPPORTED {
        failure.errors.push(SqlError::new(
            3013,
            16,
            1,
            format!("{what} is terminating abnormally."),
        ));
    }
    failure
}

/// 3032.
fn wrong_option(option: &str, what: &str) -> SqlError {
    SqlError::new(
        3032,
        16,
        2,
        format!(
            "One or more of the options ({}) are not supported for this statement ({what}). Review \
             the documentation for supported options.",
            option.to_lowercase()
        ),
    )
}

fn column(name: &str, data_type: SqlType) -> ResultColumn {
    ResultColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
    }
}

/// The columns of RESTORE HEADERONLY that mean something without files, in the server's order.
fn header_columns() -> Vec<ResultColumn> {
    vec![
        column("BackupName", SqlType::nvarchar(128)),
        column("BackupDescription", SqlType::nvarchar(255)),
        column("BackupType", SqlType::SmallInt),
        column("Position", SqlType::SmallInt),
        column("UserName", SqlType::nvarchar(128)),
        column("ServerName", SqlType::nvarchar(128)),
        column("DatabaseName", SqlType::nvarchar(128)),
        column("DatabaseVersion", SqlType::Int),
        column("DatabaseCreationDate", SqlType::DateTime2(7)),
        column("FirstLSN", SqlType::BigInt),
        column("LastLSN", SqlType::BigInt),
        column("BackupStartDate", SqlType::DateTime2(7)),
        column("BackupFinishDate", SqlType::DateTime2(7)),
        column("RecoveryModel", SqlType::nvarchar(60)),
        column("IsCopyOnly", SqlType::Bit),
    ]
}

fn header_row(position: usize, set: &BackupSet, server: &str) -> Vec<Value> {
    let text = |text: &Option<std::sync::Arc<str>>| {
        text.as_ref()
            .map_or(Value::Null, |text| Value::Text(std::sync::Arc::clone(text)))
    };
    let (first, last) = set.extent();
    let number = |lsn: u64| Value::BigInt(i64::try_from(lsn).unwrap_or(i64::MAX));
    vec![
        text(&set.name),
        text(&set.description),
        Value::SmallInt(i16::from(set.type_number())),
        Value::SmallInt(i16::try_from(position).unwrap_or(i16::MAX)),
        Value::Text(std::sync::Arc::clone(&set.user)),
        Value::text(server),
        Value::Text(std::sync::Arc::clone(&set.database)),
        Value::Int(DATABASE_VERSION),
        Value::DateTime2(set.family.created),
        number(first.lsn),
        number(last.lsn),
        Value::DateTime2(set.finished),
        Value::DateTime2(set.finished),
        Value::Text(std::sync::Arc::clone(&set.recovery)),
        Value::Bit(set.copy_only),
    ]
}

/// The columns of RESTORE FILELISTONLY that mean something without files.
fn file_columns() -> Vec<ResultColumn> {
    vec![
        column("LogicalName", SqlType::nvarchar(128)),
        column("PhysicalName", SqlType::nvarchar(260)),
        column("Type", SqlType::Char(1)),
        column("FileGroupName", SqlType::nvarchar(128)),
        column("FileId", SqlType::BigInt),
    ]
}

fn file_rows(set: &BackupSet) -> Vec<Vec<Value>> {
    let name = &set.family.name;
    [
        ("D", "", "mdf", Some("PRIMARY")),
        ("L", "_log", "ldf", None),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, (kind, suffix, extension, group))| {
        vec![
            Value::text(format!("{name}{suffix}")),
            Value::text(format!("{name}{suffix}.{extension}")),
            Value::text(kind),
            group.map_or(Value::Null, Value::text),
            Value::BigInt(place as i64 + 1),
        ]
    })
    .collect()
}
