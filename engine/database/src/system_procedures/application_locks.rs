//! `sp_getapplock`, `sp_releaseapplock`, `APPLOCK_MODE` and `APPLOCK_TEST`: locks with names that
//! applications give them.

use catalog::Instance;
use query::SessionState;
use values::{SqlError, Value};

use super::arguments::Arguments;
use crate::batch::{Interpreter, World};
use crate::failure::Failure;
use crate::locks::{ApplicationMode, Claims, Grant, Owner, Queued, Request, Resource, mode_named};
use crate::raise::integer_of;
use crate::runtime::SessionRuntime;

/// How many characters of a resource's name count.
const RESOURCE_LENGTH: usize = 255;

/// Return codes of sp_getapplock.
const GRANTED: i32 = 0;
const GRANTED_AFTER_WAITING: i32 = 1;
const TIMED_OUT: i32 = -1;
const DEADLOCK: i32 = -3;
const WRONG: i32 = -999;

impl Interpreter<'_> {
    /// `sp_getapplock @Resource, @LockMode, @LockOwner, @LockTimeout, @DbPrincipal`.
    pub(super) fn get_application_lock(&mut self, arguments: &Arguments) -> Result<i32, Failure> {
        let Some(mode) = arguments.text(1)?.as_deref().and_then(mode_named) else {
            return self.wrong_parameter("sp_getapplock");
        };
        let owner = arguments.text(2)?;
        let Some(owner) = owner_named(owner.as_deref()) else {
            return self.wrong_parameter("sp_getapplock");
        };
        let (timeout, timeout_type) = arguments.get(3);
        let timeout = match integer_of(&timeout, &timeout_type)? {
            Some(timeout) => i32::try_from(timeout).unwrap_or(-1),
            None => self.session.options.lock_timeout_ms,
        };
        let name = arguments.text(0)?.unwrap_or_default();
        let principal = arguments.text(4)?;
        let resource = match self.resource(&name, principal.as_deref(), owner) {
            Ok(resource) => resource,
            Err(error) => return self.refused_with(error),
        };
        self.take_application_lock(
            &Request {
                resource,
                owner,
                mode,
            },
            timeout,
        )
    }

    fn take_application_lock(
        &mut self,
        request: &Request,
        timeout_ms: i32,
    ) -> Result<i32, Failure> {
        let World::Shared(shared) = &self.world else {
            return Err(SqlError::unsupported("sp_getapplock in a trigger").into());
        };
        let id = self.session.id;
        let give_up = || {
            let mut locks = shared.locks();
            locks.applications.give_up(id, &request.resource);
            locks.leave(id);
        };
        let mut state = shared.lock();
        let mut waited = false;
        loop {
            let grant = shared.locks().applications.ask(id, request);
            let behind = match grant {
                Grant::Granted => {
                    shared.locks().leave(id);
                    return Ok(if waited {
                        GRANTED_AFTER_WAITING
                    } else {
                        GRANTED
                    });
                }
                Grant::Behind(behind) => behind,
            };
            if timeout_ms == 0 {
                give_up();
                return Ok(TIMED_OUT);
            }
            let priority = self.session.options.deadlock_priority;
            let queued = shared
                .locks()
                .queue(id, behind, Claims::default(), priority);
            if queued == Queued::Victim {
                give_up();
                return Ok(DEADLOCK);
            }
            waited = true;
            match crate::waiting::sleep(shared, self.runtime, id, state, timeout_ms) {
                Ok(again) => state = again,
                Err(failure) => {
                    give_up();
                    return match failure.decisive().number {
                        1222 => Ok(TIMED_OUT),
                        1205 => Ok(DEADLOCK),
                        _ => Err(failure),
                    };
                }
            }
        }
    }

    /// `sp_releaseapplock @Resource, @LockOwner, @DbPrincipal`.
    pub(super) fn release_application_lock(
        &mut self,
        arguments: &Arguments,
    ) -> Result<i32, Failure> {
        let owner = arguments.text(1)?;
        let Some(owner) = owner_named(owner.as_deref()) else {
            return self.wrong_parameter("sp_releaseapplock");
        };
        let name = arguments.text(0)?.unwrap_or_default();
        let principal = arguments.text(2)?;
        let resource = match self.resource(&name, principal.as_deref(), owner) {
            Ok(resource) => resource,
            Err(error) => return self.refused_with(error),
        };
        let id = self.session.id;
        let shared = &self.runtime.shared;
        let released = {
            let mut locks = shared.locks();
            let released = locks.applications.give_back(id, &resource, owner);
            if released {
                locks.gave_back(id);
            }
            released
        };
        if released {
            return Ok(GRANTED);
        }
        let principal = principal.unwrap_or_else(|| "public".to_owned());
        self.refused_with(SqlError::new(
            1223,
            16,
            1,
            format!(
                "Cannot release the application lock (Database Principal: '{principal}', Resource: \
                 '{name}') because it is not currently held."
            ),
        ))
    }

    fn resource(
        &mut self,
        name: &str,
        principal: Option<&str>,
        owner: Owner,
    ) -> Result<Resource, SqlError> {
        if owner == Owner::Transaction && self.session.transaction_count == 0 {
            return Err(no_transaction());
        }
        self.look(|instance, session| {
            resource_of(instance, session, name, principal.unwrap_or("public"))
        })
    }

    /// An error that the procedure reports beside its return code.
    fn refused_with(&mut self, mut error: SqlError) -> Result<i32, Failure> {
        let line = self.line;
        self.place(&mut error, line);
        self.session.last_error = error.number;
        self.tell(error);
        Ok(WRONG)
    }

    /// 15600.
    fn wrong_parameter(&mut self, procedure: &str) -> Result<i32, Failure> {
        self.refused_with(SqlError::new(
            15600,
            15,
            1,
            format!("An invalid parameter or option was specified for procedure '{procedure}'."),
        ))
    }
}

/// 3918.
fn no_transaction() -> SqlError {
    SqlError::new(
        3918,
        16,
        1,
        "The statement or function must be executed in the context of a user transaction.",
    )
}

fn owner_named(name: Option<&str>) -> Option<Owner> {
    match name {
        None => Some(Owner::Transaction),
        Some(name) if name.eq_ignore_ascii_case("Transaction") => Some(Owner::Transaction),
        Some(name) if name.eq_ignore_ascii_case("Session") => Some(Owner::Session),
        Some(_) => None,
    }
}

/// The resource of a name, if the caller is a member of the principal that it belongs to: 1202.
fn resource_of(
    instance: &Instance,
    session: &SessionState,
    name: &str,
    principal: &str,
) -> Result<Resource, SqlError> {
    let refused = || {
        SqlError::new(
            1202,
            16,
            1,
            format!("The database principal '{principal}' does not exist or user is not a member."),
        )
    };
    let database = instance.entered(session.database);
    let found = database.principal_named(principal).ok_or_else(refused)?;
    let token = session.security.enter(instance, session.database)?;
    if !token.is(found.id) && !token.is_db_owner() {
        return Err(refused());
    }
    let name = name.chars().take(RESOURCE_LENGTH).collect();
    Ok((session.database, found.id.0, name))
}

/// `APPLOCK_MODE (principal, resource, owner)`, and with a mode `APPLOCK_TEST`.
pub(crate) fn look_at_application_lock(
    runtime: &SessionRuntime,
    instance: &Instance,
    session: &SessionState,
    arguments: &[String],
    test: bool,
) -> Result<Value, SqlError> {
    let (mode, owner) = match arguments {
        [_, _, mode, owner] if test => (Some(mode), owner),
        [_, _, owner] => (None, owner),
        _ => return Ok(Value::Null),
    };
    let owner = owner_named(Some(owner))
        .ok_or_else(|| wrong_argument(&arguments[arguments.len() - 1], test))?;
    if owner == Owner::Transaction && session.transaction_count == 0 {
        return Err(no_transaction());
    }
    let resource = resource_of(instance, session, &arguments[1], &arguments[0])?;
    let locks = runtime.shared.locks();
    match mode {
        None => Ok(Value::text(
            locks
                .applications
                .mode(session.id, &resource, owner)
                .map_or("NoLock", ApplicationMode::name),
        )),
        Some(mode) => {
            let mode = mode_named(mode).ok_or_else(|| wrong_argument(mode, test))?;
            let request = Request {
                resource,
                owner,
                mode,
            };
            Ok(Value::Int(i32::from(
                locks.applications.is_free(session.id, &request),
            )))
        }
    }
}

/// 155: an argument that is none of the words that are allowed.
fn wrong_argument(argument: &str, test: bool) -> SqlError {
    let function = if test { "APPLOCK_TEST" } else { "APPLOCK_MODE" };
    SqlError::new(
        155,
        15,
        2,
        format!("'{argument}' is not a recognized {function} option."),
    )
}
