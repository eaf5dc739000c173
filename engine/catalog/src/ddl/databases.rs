//! CREATE, ALTER and DROP DATABASE.

use std::sync::Arc;

use tsql::OptionValue;
use values::SqlError;

use super::place::no_permission;
use super::tables::collation_named;
use super::{Ddl, Made};
use crate::database::{Database, DatabaseOptions};
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, PrincipalId};
use crate::instance::grant_connect;
use crate::permission::{Permission, Securable};
use crate::undo::Change;

/// Options that are remembered and shown but change nothing here.
const SWITCHES: &[&str] = &[
    "ACCELERATED_DATABASE_RECOVERY",
    "ANSI_NULLS",
    "ANSI_NULL_DEFAULT",
    "ANSI_PADDING",
    "ANSI_WARNINGS",
    "ARITHABORT",
    "AUTO_CLOSE",
    "AUTO_CREATE_STATISTICS",
    "AUTO_SHRINK",
    "AUTO_UPDATE_STATISTICS",
    "AUTO_UPDATE_STATISTICS_ASYNC",
    "CONCAT_NULL_YIELDS_NULL",
    "CURSOR_CLOSE_ON_COMMIT",
    "CURSOR_DEFAULT",
    "DATE_CORRELATION_OPTIMIZATION",
    "DELAYED_DURABILITY",
    "DISABLE_BROKER",
    "ENABLE_BROKER",
    "MIXED_PAGE_ALLOCATION",
    "NUMERIC_ROUNDABORT",
    "PAGE_VERIFY",
    "PARAMETERIZATION",
    "QUERY_STORE",
    "QUOTED_IDENTIFIER",
    "TARGET_RECOVERY_TIME",
    "TEMPORAL_HISTORY_RETENTION",
];

impl Ddl<'_> {
    pub(super) fn create_database(
        &mut self,
        name: &str,
        collation: Option<&str>,
        options: &[(String, OptionValue)],
    ) -> Result<Made, Errors> {
        let login = self.context.login(self.instance);
        let held = login.as_ref().is_some_and(|login| {
            self.instance
                .has_server_permission(login, Permission::CREATE_ANY_DATABASE)
        }) || self
            .context
            .try_enter(self.instance, DatabaseId::MASTER)
            .is_some_and(|token| {
                self.instance.has_permission(
                    &token,
                    Securable::Database,
                    Permission::CREATE_DATABASE,
                )
            });
        let Some(login) = login.filter(|_| held) else {
            return Err(Errors::from(self.instance.database_denied(
                DatabaseId::MASTER,
                Permission::CREATE_DATABASE,
                1,
            ))
            .ending_batch());
        };
        if name.encode_utf16().count() > 128 {
            return Err(super::place::name_too_long(name).into());
        }
        if self.instance.database_named(name).is_some() {
            return Err(err(
                1801,
                16,
                3,
                format!("Database '{name}' already exists. Choose a different database name."),
            )
            .into());
        }
        let model = self.instance.entered(DatabaseId::MODEL).options().collation;
        let collation = match collation {
            None => model,
            Some(name) => collation_named(name, model)?,
        };
        let owner = self
            .instance
            .login(login.login)
            .expect("a token's login exists")
            .sid
            .clone();
        let mut settings = DatabaseOptions::new(name, owner, collation);
        for (option, value) in options {
            self.set_option(&mut settings, option, value)
                .map_err(|error| {
                    Errors::from(error).then(err(
                    1802,
                    16,
                    4,
                    "CREATE DATABASE failed. Some file names listed could not be created. Check \
                     related errors.",
                ))
                })?;
        }
        let id = DatabaseId(self.instance.next_database);
        self.instance.next_database += 1;
        let mut database = Database::new(id, settings, self.now);
        grant_connect(&mut database, PrincipalId::DBO);
        self.instance
            .apply(Change::Database(id, Some(Arc::new(database))), self.undo);
        Ok(None)
    }

    pub(super) fn drop_database(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let missing = |state| {
            err(
                3701,
                11,
                state,
                format!(
                    "Cannot drop the database '{name}', because it does not exist or you do not \
                     have permission."
                ),
            )
        };
        let Some(database) = self.instance.database_named(name).cloned() else {
            return if if_exists {
                Ok(())
            } else {
                Err(missing(1).into())
            };
        };
        if database.id.is_system() {
            return Err(err(
                3708,
                16,
                4,
                format!("Cannot drop the database '{name}' because it is a system database."),
            )
            .into());
        }
        let on_server = self.context.login(self.instance).is_some_and(|login| {
            self.instance
                .has_server_permission(&login, Permission::ALTER_ANY_DATABASE)
        });
        let inside = self
            .context
            .try_enter(self.instance, database.id)
            .is_some_and(|token| {
                self.instance
                    .has_permission(&token, Securable::Database, Permission::CONTROL)
            });
        if !on_server && !inside {
            return Err(missing(2).into());
        }
        if database.id == self.database {
            return Err(err(
                3702,
                16,
                4,
                format!("Cannot drop database \"{name}\" because it is currently in use."),
            )
            .into());
        }
        self.instance.forget_recovery(database.id);
        self.instance
            .apply(Change::Database(database.id, None), self.undo);
        Ok(())
    }

    pub(super) fn alter_database(
        &mut self,
        name: Option<&str>,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let failed = || err(5069, 16, 1, "ALTER DATABASE statement failed.");
        let id = match name {
            None => Some(self.database),
            Some(name) => self
                .instance
                .database_named(name)
                .map(|database| database.id),
        };
        let shown = match (name, id) {
            (Some(name), _) => name.to_owned(),
            (None, Some(id)) => self.instance.entered(id).name().to_string(),
            (None, None) => String::new(),
        };
        let allowed = id.filter(|id| {
            self.context.login(self.instance).is_some_and(|login| {
                self.instance
                    .has_server_permission(&login, Permission::ALTER_ANY_DATABASE)
            }) || self
                .context
                .try_enter(self.instance, *id)
                .is_some_and(|token| {
                    self.instance
                        .has_permission(&token, Securable::Database, Permission::ALTER)
                })
        });
        let Some(id) = allowed else {
            return Err(Errors::from(err(
                5011,
                14,
                9,
                format!(
                    "User does not have permission to alter database '{shown}', the database does \
                     not exist, or the database is not in a state that allows access checks."
                ),
            ))
            .then(failed()));
        };
        let mut new = self.instance.entered(id).options().clone();
        for (option, value) in options {
            self.set_option(&mut new, option, value)
                .map_err(|error| Errors::from(error).then(failed()))?;
        }
        if &*new.recovery == "SIMPLE" {
            self.instance.break_log_chain(id);
        }
        self.instance
            .apply(Change::Options(id, Arc::new(new)), self.undo);
        Ok(())
    }

    fn set_option(
        &self,
        options: &mut DatabaseOptions,
        option: &str,
        value: &OptionValue,
    ) -> Result<(), SqlError> {
        let word = match value {
            OptionValue::Word(word) | OptionValue::Text(word) | OptionValue::Number(word) => {
                word.to_uppercase()
            }
            OptionValue::None | OptionValue::Binary(_) => String::new(),
        };
        let on = match word.as_str() {
            "" | "ON" => Some(true),
            "OFF" => Some(false),
            _ => None,
        };
        let switch =
            || on.ok_or_else(|| err(102, 15, 6, format!("Incorrect syntax near '{word}'.")));
        match option {
            "TRUSTWORTHY" | "DB_CHAINING" => {
                // These two reach beyond the database, so its owner may not set them.
                if !self
                    .context
                    .login(self.instance)
                    .is_some_and(|login| login.is_sysadmin)
                {
                    return Err(no_permission());
                }
                if option == "TRUSTWORTHY" {
                    options.trustworthy = switch()?;
                } else {
                    options.chaining = switch()?;
                }
            }
            "READ_ONLY" => options.read_only = true,
            "READ_WRITE" => options.read_only = false,
            "ALLOW_SNAPSHOT_ISOLATION" => options.snapshot_isolation = switch()?,
            "READ_COMMITTED_SNAPSHOT" => options.read_committed_snapshot = switch()?,
            "RECURSIVE_TRIGGERS" => options.recursive_triggers = switch()?,
            "RECOVERY" => {
                if !matches!(word.as_str(), "FULL" | "SIMPLE" | "BULK_LOGGED") {
                    return Err(err(102, 15, 6, format!("Incorrect syntax near '{word}'.")));
                }
                options.recovery = Arc::from(word);
            }
            "SINGLE_USER" | "MULTI_USER" | "RESTRICTED_USER" => {
                options.user_access = Arc::from(option);
            }
            "CONTAINMENT" => {
                let partial = word == "PARTIAL";
                if partial
                    && self
                        .instance
                        .configuration("contained database authentication")
                        != Some(1)
                {
                    return Err(err(
                        12824,
                        16,
                        1,
                        "The sp_configure value 'contained database authentication' must be set to 1 \
                         in order to alter a contained database.  You may need to use RECONFIGURE to \
                         set the value_in_use.",
                    ));
                }
                options.partially_contained = partial;
            }
            "COMPATIBILITY_LEVEL" => {
                let level = word
                    .parse()
                    .ok()
                    .filter(|level| matches!(level, 100 | 110 | 120 | 130 | 140 | 150 | 160));
                options.compatibility = level.ok_or_else(|| {
                    err(
                        15048,
                        16,
                        3,
                        "Valid values of the database compatibility level are 100, 110, 120, 130, \
                         140, 150, or 160.",
                    )
                })?;
            }
            "COLLATE" => options.collation = collation_named(&word, options.collation)?,
            "MODIFY NAME" | "NAME" => {
                let (OptionValue::Word(name) | OptionValue::Text(name)) = value else {
                    return Err(SqlError::unsupported("this form of MODIFY NAME"));
                };
                if self.instance.database_named(name).is_some() {
                    return Err(err(
                        1801,
                        16,
                        3,
                        format!(
                            "Database '{name}' already exists. Choose a different database name."
                        ),
                    ));
                }
                options.name = Arc::from(name.as_str());
            }
            _ if option.starts_with("ROLLBACK") || option == "NO_WAIT" => {}
            _ if SWITCHES.contains(&option) => {
                options
                    .switches
                    .insert(Arc::from(option), on.unwrap_or(true));
            }
            _ => {
                return Err(SqlError::unsupported(format!(
                    "the database option {option}"
                )));
            }
        }
        Ok(())
    }
}
