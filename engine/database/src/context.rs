//! How do USE, EXECUTE AS and REVERT change who and where a session is?

use catalog::Origin;
use tsql::ExecuteAs;
use values::{SqlError, Value};

use crate::batch::{Interpreter, ScopeKind};
use crate::control_flow::invalid_in_function;
use crate::failure::{Failure, Reach};
use crate::output::Output;
use crate::response::{Command, EnvironmentChange};

/// 911.
pub(crate) fn no_such_database(name: &str) -> SqlError {
    SqlError::new(
        911,
        16,
        1,
        format!("Database '{name}' does not exist. Make sure that the name is entered correctly."),
    )
}

/// 5701.
pub(crate) fn changed_database(name: &str, state: u8) -> SqlError {
    SqlError::new(
        5701,
        0,
        state,
        format!("Changed database context to '{name}'."),
    )
}

impl Interpreter<'_> {
    /// USE.
    pub(crate) fn use_database(&mut self, name: &str) -> Result<(), Failure> {
        match self.scope().kind {
            ScopeKind::Batch | ScopeKind::Dynamic => {}
            // 154, as the server words it.
            _ => {
                return Err(SqlError::new(
                    154,
                    15,
                    1,
                    "a USE database statement is not allowed in a procedure, function or trigger.",
                )
                .into());
            }
        }
        let (old, new) = self.quietly(|execution| {
            let instance = &*execution.instance;
            let session = &mut *execution.session;
            let Some(database) = instance.database_named(name) else {
                return Err(Failure::from(no_such_database(name)));
            };
            let old = instance
                .database(session.database)
                .map(|it| it.name().to_string());
            if session
                .security
                .application_role()
                .is_some_and(|(home, _)| home != database.id)
            {
                return Err(Failure::from(SqlError::new(
                    505,
                    16,
                    1,
                    "The current user account was invoked with SETUSER or SP_SETAPPROLE. Changing \
                     databases is not allowed.",
                )));
            }
            session
                .security
                .enter(instance, database.id)
                .map_err(|error| Failure::with_reach(error, Reach::Batch))?;
            session.database = database.id;
            Ok((old.unwrap_or_default(), database.name().to_string()))
        })?;
        let id = self.session.database;
        let others = self.runtime.shared.registry.others_in(id, self.session.id);
        if !others.is_empty() && self.look(|instance, _| single_user(instance, id)) {
            self.quietly(|execution| {
                if let Some(old) = execution.instance.database_named(&old) {
                    execution.session.database = old.id;
                }
                Ok::<(), Failure>(())
            })?;
            return Err(Failure::with_reach(in_single_use(&new), Reach::Batch));
        }
        self.runtime
            .shared
            .registry
            .update(self.session.id, |session| session.database = id);
        if let Output::Client(response) = &mut self.output {
            response.environment_change(&EnvironmentChange::Database {
                new: new.clone(),
                old,
            });
        }
        self.tell(changed_database(&new, 1));
        self.plain_done(Command::Other);
        Ok(())
    }

    /// EXECUTE AS as a statement.
    pub(crate) fn execute_as(
        &mut self,
        target: &ExecuteAs,
        no_revert: bool,
        cookie: Option<&str>,
    ) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("EXECUTE AS").into());
        }
        let with_cookie = cookie.is_some();
        let cookie_bytes = self.quietly(|execution| {
            // A hundred bytes, as the server makes them; only their equality counts.
            let bytes = with_cookie.then(|| {
                let mut bytes = Vec::with_capacity(100);
                while bytes.len() < 100 {
                    bytes.extend_from_slice(&execution.environment.random_bytes());
                }
                bytes.truncate(100);
                bytes
            });
            let current = execution.session.database;
            let origin = Origin::Statement {
                database: current,
                no_revert,
                cookie: bytes.clone(),
            };
            let instance = &*execution.instance;
            impersonate(
                &mut execution.session.security,
                instance,
                current,
                target,
                origin,
            )?;
            Ok::<_, Failure>(bytes)
        })?;
        if let (Some(variable), Some(bytes)) = (cookie, cookie_bytes) {
            self.assign(
                variable,
                (Value::binary(bytes), values::SqlType::varbinary(8000)),
            )?;
        }
        self.plain_done(Command::Other);
        Ok(())
    }

    /// REVERT.
    pub(crate) fn revert(&mut self, cookie: Option<&str>) -> Result<(), Failure> {
        let cookie = match cookie {
            None => None,
            Some(variable) => match self.variable(variable)?.0 {
                Value::Binary(bytes) => Some(bytes),
                _ => None,
            },
        };
        self.quietly(|execution| {
            let current = execution.session.database;
            execution
                .session
                .security
                .revert(execution.instance, current, cookie.as_deref())
                .map_err(|error| Failure::with_reach(error, Reach::Batch))
        })?;
        self.plain_done(Command::Other);
        Ok(())
    }
}

/// Pushes the frame that an EXECUTE AS clause asks for.
pub(crate) fn impersonate(
    security: &mut catalog::SecurityContext,
    instance: &catalog::Instance,
    current: catalog::DatabaseId,
    target: &ExecuteAs,
    origin: Origin,
) -> Result<(), Failure> {
    match target {
        // Whoever calls acts already. Only in a module of somebody else's the caller is another
        // than who acts, and that cannot be imitated by a frame on top.
        ExecuteAs::Caller
            if security
                .frames()
                .iter()
                .any(|frame| frame.origin == Origin::Module) =>
        {
            return Err(SqlError::unsupported("EXECUTE AS CALLER inside a module").into());
        }
        ExecuteAs::Caller => {}
        ExecuteAs::User(name) => security.execute_as_user(instance, current, name, origin)?,
        ExecuteAs::Login(name) => {
            security
                .execute_as_login(instance, current, name, origin)
                .map_err(|error| {
                    // 916 of EXECUTE AS LOGIN ends the batch, the refusal 15406 does not.
                    let reach = if error.number == 916 {
                        Reach::Batch
                    } else {
                        Reach::Statement
                    };
                    Failure::with_reach(error, reach)
                })?;
        }
        ExecuteAs::SelfUser | ExecuteAs::Owner => {
            return Err(
                SqlError::new(156, 15, 1, "Incorrect syntax near the keyword 'AS'.").into(),
            );
        }
    }
    Ok(())
}

/// Whether a database admits one session only.
pub(crate) fn single_user(instance: &catalog::Instance, id: catalog::DatabaseId) -> bool {
    instance
        .database(id)
        .is_some_and(|it| &*it.options().user_access == "SINGLE_USER")
}

/// 924.
pub(crate) fn in_single_use(name: &str) -> SqlError {
    SqlError::new(
        924,
        14,
        1,
        format!("Database '{name}' is already open and can only have one user at a time."),
    )
}
