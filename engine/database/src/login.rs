//! Who may connect, and where does the session begin?

use catalog::{
    Authentication, DatabaseId, Instance, LoginId, PrincipalKind, SecurityContext,
    ServerPrincipalKind,
};
use values::SqlError;

use crate::context::single_user;
use crate::limits::limit_reached;
use crate::registry::Registered;
use crate::runtime::CancelHandle;
use crate::server::Server;
use crate::session::{Identity, Session};

/// What a client says when it connects.
#[derive(Debug, Clone, Default)]
pub struct LoginRequest {
    /// Login, or user of a contained database.
    pub user: String,
    /// Password, as typed.
    pub password: String,
    /// Database to begin in; empty for the login's own.
    pub database: String,
    /// HOST_NAME().
    pub host_name: String,
    /// APP_NAME().
    pub program_name: String,
}

/// Why a connection was refused: the messages in the order in which the server sends them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRefused {
    /// Never empty; the last one is 18456 or 18470.
    pub errors: Vec<SqlError>,
}

impl std::fmt::Display for LoginRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for error in &self.errors {
            if !std::mem::take(&mut first) {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for LoginRefused {}

/// What a new session starts from.
pub(crate) struct Admitted {
    pub(crate) id: u16,
    pub(crate) security: SecurityContext,
    pub(crate) database: DatabaseId,
    pub(crate) host_name: String,
    pub(crate) program_name: String,
    pub(crate) identity: Identity,
    pub(crate) cancel: CancelHandle,
    pub(crate) epoch: u64,
}

impl Server {
    /// Proves a password and opens a session.
    ///
    /// # Errors
    /// 18456, 18470; before them 4060 or 4064 when the password is right and the database is not.
    pub fn login(&self, request: &LoginRequest) -> Result<Session, LoginRefused> {
        let mut state = self.shared.lock();
        let now = state.environment.now();
        let (login, security, database) = admit(&state.instance, request)?;
        let instance = &state.instance;
        let name = instance.entered(database).name().to_string();
        if single_user(instance, database)
            && !self.shared.registry.others_in(database, 0).is_empty()
        {
            return Err(refused(request, vec![cannot_open(&name)]));
        }
        let cancel = CancelHandle::default();
        let registered = Registered {
            login: request.user.clone(),
            host_name: request.host_name.clone(),
            program_name: request.program_name.clone(),
            database,
            connected: now,
            cancel: cancel.clone(),
            running: false,
            blocked_by: None,
            open_transactions: 0,
            isolation: query::Isolation::ReadCommitted,
        };
        let sessions_max = self.shared.limits.sessions_max;
        let Some(id) = self.shared.registry.register(registered, sessions_max) else {
            return Err(LoginRefused {
                errors: vec![limit_reached("sessions", sessions_max)],
            });
        };
        let epoch = state.epoch;
        drop(state);
        Ok(Session::new(
            self,
            Admitted {
                id,
                security,
                database,
                host_name: request.host_name.clone(),
                program_name: request.program_name.clone(),
                identity: Identity {
                    name: request.user.clone(),
                    login,
                    database: name,
                },
                cancel,
                epoch,
            },
        ))
    }
}

type Admission = (Option<LoginId>, SecurityContext, DatabaseId);

fn admit(instance: &Instance, request: &LoginRequest) -> Result<Admission, LoginRefused> {
    if let Some(admission) = admit_contained(instance, request)? {
        return Ok(admission);
    }
    let found = instance
        .login_named(&request.user)
        .and_then(|login| match &login.kind {
            ServerPrincipalKind::Login {
                password,
                disabled,
                default_database,
                ..
            } => Some((login.id, password, *disabled, default_database)),
            ServerPrincipalKind::Role => None,
        });
    let Some((login, password, disabled, default_database)) = found else {
        return Err(refused(request, Vec::new()));
    };
    if !password.verify(&request.password) {
        return Err(refused(request, Vec::new()));
    }
    if disabled {
        return Err(LoginRefused {
            errors: vec![SqlError::new(
                18470,
                14,
                1,
                format!(
                    "Login failed for user '{}'. Reason: The account is disabled.",
                    request.user
                ),
            )],
        });
    }
    let token = instance.login_token(login);
    if !instance.has_server_permission(&token, catalog::Permission::CONNECT_SQL) {
        return Err(refused(request, Vec::new()));
    }
    let security = SecurityContext::for_login(login);
    let asked = !request.database.is_empty();
    let wanted = if asked {
        request.database.as_str()
    } else {
        default_database
    };
    let database = instance
        .database_named(wanted)
        .filter(|database| security.try_enter(instance, database.id).is_some())
        .map(|database| database.id);
    match database {
        Some(database) => Ok((Some(login), security, database)),
        None if asked => Err(refused(request, vec![cannot_open(wanted)])),
        None => Err(refused(
            request,
            vec![SqlError::new(
                4064,
                11,
                1,
                "Cannot open user default database. Login failed.",
            )],
        )),
    }
}

/// A user whose password is kept by a contained database. `None` when the instance has to decide.
fn admit_contained(
    instance: &Instance,
    request: &LoginRequest,
) -> Result<Option<Admission>, LoginRefused> {
    if instance.configuration("contained database authentication") != Some(1) {
        return Ok(None);
    }
    let Some(database) = instance
        .database_named(&request.database)
        .filter(|database| database.options().partially_contained)
    else {
        return Ok(None);
    };
    let Some(user) = database.principal_named(&request.user) else {
        return Ok(None);
    };
    let PrincipalKind::User {
        authentication: Authentication::Database(password),
        ..
    } = &user.kind
    else {
        return Ok(None);
    };
    let security = SecurityContext::for_contained_user(database.id, user.id);
    let token = security.try_enter(instance, database.id);
    let may_connect = token.is_some_and(|token| {
        instance.has_permission(
            &token,
            catalog::Securable::Database,
            catalog::Permission::CONNECT,
        )
    });
    if !password.verify(&request.password) || !may_connect {
        return Err(refused(request, Vec::new()));
    }
    Ok(Some((None, security, database.id)))
}

fn cannot_open(database: &str) -> SqlError {
    SqlError::new(
        4060,
        11,
        1,
        format!("Cannot open database \"{database}\" requested by the login. The login failed."),
    )
}

fn refused(request: &LoginRequest, mut errors: Vec<SqlError>) -> LoginRefused {
    errors.push(SqlError::new(
        18456,
        14,
        1,
        format!("Login failed for user '{}'.", request.user),
    ));
    LoginRefused { errors }
}
