//! BACKUP and RESTORE of a database or its log.
//!
//! What needs files, tapes or a service is named and not read: file and page backups, several
//! devices at once, tapes, URLs, encryption, database snapshots, standby files.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::lexer::TokenKind;

/// The forms of RESTORE that are understood, by the word behind it.
const RESTORES: &[(&str, RestoreKind)] = &[
    ("DATABASE", RestoreKind::Database),
    ("LOG", RestoreKind::Log),
    ("HEADERONLY", RestoreKind::HeaderOnly),
    ("FILELISTONLY", RestoreKind::FileListOnly),
    ("VERIFYONLY", RestoreKind::VerifyOnly),
];

/// Options of either statement that change nothing where a device is memory, or that the server
/// carries out.
const OPTIONS: &[&str] = &[
    "BLOCKSIZE",
    "BUFFERCOUNT",
    "CHECKSUM",
    "COMPRESSION",
    "CONTINUE_AFTER_ERROR",
    "COPY_ONLY",
    "DESCRIPTION",
    "DIFFERENTIAL",
    "EXPIREDATE",
    "FILE",
    "FORMAT",
    "INIT",
    "MAXTRANSFERSIZE",
    "MEDIADESCRIPTION",
    "MEDIANAME",
    "MOVE",
    "NAME",
    "NOFORMAT",
    "NOINIT",
    "NORECOVERY",
    "NOREWIND",
    "NOSKIP",
    "NOUNLOAD",
    "NO_CHECKSUM",
    "NO_COMPRESSION",
    "NO_TRUNCATE",
    "RECOVERY",
    "REPLACE",
    "RESTART",
    "RETAINDAYS",
    "REWIND",
    "SKIP",
    "STATS",
    "STOPAT",
    "STOP_ON_ERROR",
    "UNLOAD",
];

impl Cursor<'_> {
    pub(crate) fn sees_restore(&self) -> bool {
        RESTORES
            .iter()
            .any(|(word, _)| self.is_word(self.at + 1, word))
    }

    pub(crate) fn backup(&mut self) -> Parse<StatementKind> {
        let log = self.is_word(self.at + 1, "LOG");
        self.at += 2;
        let database = self.name_or_variable()?;
        if self.sees_one_of(&["FILE", "FILEGROUP", "READ_WRITE_FILEGROUPS"]) {
            return self.unsupported("BACKUP of files and filegroups");
        }
        self.expect("TO")?;
        let device = self.backup_device()?;
        if self.sees("MIRROR") {
            return self.unsupported("BACKUP … MIRROR TO");
        }
        let options = self.backup_options()?;
        Ok(StatementKind::Backup(Box::new(Backup {
            log,
            database,
            device,
            options,
        })))
    }

    pub(crate) fn restore(&mut self) -> Parse<StatementKind> {
        let what = RESTORES
            .iter()
            .find(|(word, _)| self.is_word(self.at + 1, word))
            .map_or(RestoreKind::Database, |&(_, kind)| kind);
        self.at += 2;
        let mut database = None;
        if matches!(what, RestoreKind::Database | RestoreKind::Log) {
            database = Some(self.name_or_variable()?);
            if self.sees_one_of(&["FILE", "FILEGROUP", "PAGE", "READ_WRITE_FILEGROUPS"]) {
                return self.unsupported("RESTORE of files, filegroups and pages");
            }
        }
        let mut device = None;
        if database.is_none() || self.sees("FROM") {
            self.expect("FROM")?;
            if self.sees("DATABASE_SNAPSHOT") {
                return self.unsupported("RESTORE … FROM DATABASE_SNAPSHOT");
            }
            device = Some(self.backup_device()?);
        }
        let options = self.backup_options()?;
        Ok(StatementKind::Restore(Box::new(Restore {
            what,
            database,
            device,
            options,
        })))
    }

    fn name_or_variable(&mut self) -> Parse<NameOrVariable> {
        if self.sees_variable() {
            return self.variable().map(NameOrVariable::Variable);
        }
        self.identifier().map(NameOrVariable::Name)
    }

    fn backup_device(&mut self) -> Parse<BackupDevice> {
        let device = if self.sees("DISK") && self.is_symbol(self.at + 1, "=") {
            self.at += 2;
            BackupDevice::Disk(self.constant()?)
        } else if self.sees_one_of(&["TAPE", "URL"]) && self.is_symbol(self.at + 1, "=") {
            return self.unsupported("backup devices other than DISK");
        } else {
            BackupDevice::Logical(self.name_or_variable()?)
        };
        if self.sees_symbol(",") {
            return self.unsupported("a backup on several devices");
        }
        Ok(device)
    }

    fn backup_options(&mut self) -> Parse<Vec<BackupOption>> {
        if !self.sees("WITH") || self.begins_cte(self.at) {
            return Ok(Vec::new());
        }
        self.at += 1;
        self.comma_separated(Self::backup_option)
    }

    fn backup_option(&mut self) -> Parse<BackupOption> {
        let name = self.any_word()?;
        if !OPTIONS.contains(&name.as_str()) {
            return self.unsupported(format!("the backup option {name}"));
        }
        let mut option = BackupOption {
            name,
            value: None,
            to: None,
        };
        if option.name == "MOVE" {
            option.value = Some(self.constant()?);
            self.expect("TO")?;
            option.to = Some(self.constant()?);
        } else if self.accept_symbol("=") {
            if matches!(self.kind_at(self.at), Some(TokenKind::Word)) {
                return self.wrong();
            }
            option.value = Some(self.constant()?);
        } else if option.name == "COMPRESSION" && self.sees_symbol("(") {
            self.at = self.after_group(self.at);
        }
        Ok(option)
    }
}
