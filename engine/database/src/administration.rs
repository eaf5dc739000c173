//! Who may run the statements that this server does not carry out?
//!
//! KILL, SHUTDOWN, CHECKPOINT and their like are not supported here. But a caller without the right
//! is refused before the server looks any further, and that refusal is what an attacker meets: it
//! is given exactly. Only a caller who would be allowed hears that the statement is not supported.

use catalog::{Permission, Securable};
use values::SqlError;

use crate::batch::Interpreter;
use crate::failure::Failure;

/// What a statement asks for.
enum Right {
    /// A permission on the current database.
    Database(Permission),
    /// A permission on the server.
    Server(Permission),
}

impl Interpreter<'_> {
    /// Refuses a statement that is not carried out: for want of a right, or by name.
    pub(crate) fn refuse_unsupported(&mut self, construct: &str) -> Failure {
        let unsupported = || Failure::from(SqlError::unsupported(construct));
        let right = match construct {
            "CHECKPOINT" => Right::Database(Permission::CHECKPOINT),
            "KILL" => Right::Server(Permission::ALTER_ANY_CONNECTION),
            "SHUTDOWN" => Right::Server(Permission::SHUTDOWN),
            "BULK INSERT" => Right::Server(Permission::ADMINISTER_BULK_OPERATIONS),
            showplan if showplan.starts_with("SET SHOWPLAN") => {
                Right::Database(Permission::SHOWPLAN)
            }
            _ => return unsupported(),
        };
        let (held, database) = self.look(|instance, session| {
            let name = instance.entered(session.database).name().to_string();
            let Some(token) = session.security.try_enter(instance, session.database) else {
                return (false, name);
            };
            let on_server = |permission| {
                session
                    .security
                    .login(instance)
                    .is_some_and(|login| instance.has_server_permission(&login, permission))
            };
            let held = match right {
                Right::Database(permission) => {
                    instance.has_permission(&token, Securable::Database, permission)
                }
                Right::Server(permission) => on_server(permission),
            };
            (held, name)
        });
        if held {
            return unsupported();
        }
        let first = match construct {
            "KILL" => SqlError::new(
                6102,
                14,
                2,
                "User does not have permission to use the KILL statement.",
            ),
            "SHUTDOWN" => SqlError::new(
                6004,
                14,
                1,
                "User does not have permission to perform this action.",
            ),
            "BULK INSERT" => SqlError::new(
                4834,
                16,
                1,
                "You do not have permission to use the bulk load statement.",
            ),
            showplan if showplan.starts_with("SET SHOWPLAN") => SqlError::new(
                262,
                14,
                4,
                format!("SHOWPLAN permission denied in database '{database}'."),
            ),
            other => SqlError::new(
                262,
                14,
                1,
                format!("{other} permission denied in database '{database}'."),
            ),
        };
        Failure::from(first)
    }
}
