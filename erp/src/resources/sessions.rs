//! How does a user get a token?

use std::sync::Arc;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::environment::moment;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Caller, Problem, Route, sign, token};
use crate::options::Design;
use crate::permissions::Role;
use crate::store::{Duty, Lease, Params, SIGN_IN, Scope, StoreError};

pub(super) fn routes() -> Vec<Route> {
    let credentials = Schema::Object(vec![
        Field::new("user", Schema::text(TextKind::Mail, 3, 120))
            .about("Login name, such as clerk@acme.example"),
        Field::new("password", Schema::line(1, 100)),
    ]);
    vec![Route {
        operation: Operation::new("POST", "/sessions", "logIn", "Get a token", Access::Public)
            .body(credentials)
            .gives(201, "A token", Schema::Named("Session"))
            .refuses(401, "There is no such user, or the password is another"),
        handler: handler!(log_in),
    }]
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let session = Schema::Object(vec![
        Field::new("token", Schema::line(1, 2_000)),
        Field::new("expiresAt", Schema::Moment),
        Field::new("user", Schema::line(1, 120)),
        Field::new("roles", Schema::list(Schema::code(1, 40), 0, 20)),
    ]);
    vec![("Session", session)]
}

async fn log_in(call: Arc<Call>) -> Result<Answer, Problem> {
    // One name in whatever letters it was typed: it will stand in the audit log.
    let user = &call.text("user").unwrap_or_default().to_lowercase();
    let password = call.text("password").unwrap_or_default();
    let caller = authenticated(&call, user, password).await?;
    let service = &call.service;
    let expires = service.environment.now_ms() + token::LIFETIME_MS;
    let roles: Vec<_> = caller.roles.iter().map(|role| role.name()).collect();
    Ok(Answer::json(
        201,
        json!({
            "token": token::issue(&service.token_key, &caller, expires),
            "expiresAt": moment(expires),
            "user": caller.scope.actor,
            "roles": roles,
        }),
    ))
}

/// The caller with this name and password. Whatever is wrong, the answer is the same.
async fn authenticated(call: &Call, user: &str, password: &str) -> Result<Caller, Problem> {
    let refused = || Problem::new(401, "unauthenticated", "User or password are not right");
    // The tenant is the first label behind the @.
    let host = user
        .split_once('@')
        .map(|(_, host)| host)
        .unwrap_or_default();
    let tenant = host.split('.').next().unwrap_or_default();
    let scope = call
        .service
        .store
        .scope(tenant, SIGN_IN)
        .ok_or_else(refused)?;
    let checkout = call.service.store.checkout(&scope, Duty::Application).await;
    let mut lease = match checkout {
        Ok(lease) => lease,
        Err(StoreError::NoTenant) => return Err(refused()),
        Err(error) => return Err(error.into()),
    };
    let found = match call.design() {
        Design::DatabasePerTenant => own_database(&mut lease, user, password).await?,
        Design::SharedDatabase => shared_database(&mut lease, user, password).await?,
    };
    let Found {
        user: number,
        department,
        roles,
    } = found.ok_or_else(refused)?;
    Ok(Caller {
        scope: Scope {
            department,
            actor: user.to_owned(),
            ..scope
        },
        user: number,
        roles,
    })
}

struct Found {
    user: i32,
    department: Option<i32>,
    roles: Vec<Role>,
}

/// The hash is salted: sixteen bytes of salt, then SHA-256 of the salt and the password in UTF-16.
async fn own_database(
    lease: &mut Lease,
    user: &str,
    password: &str,
) -> Result<Option<Found>, Problem> {
    let mut params = Params::new();
    let email = params.bind(user);
    let statement = format!(
        "SELECT u.UserId, u.PasswordHash FROM dbo.Users AS u \
         WHERE u.Email = {email} AND u.IsActive = 1;"
    );
    let Some(row) = lease.row(&statement, &params).await? else {
        return Ok(None);
    };
    let stored = bytes(&row.text("PasswordHash").unwrap_or_default());
    let Some((salt, expected)) = stored.split_at_checked(16) else {
        return Ok(None);
    };
    let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hash = Sha256::new()
        .chain_update(salt)
        .chain_update(password)
        .finalize();
    if !sign::equal(&hash, expected) {
        return Ok(None);
    }
    let number = row.integer("UserId").unwrap_or_default();
    let mut params = Params::new();
    let id = params.bind(number);
    let statement = format!(
        "SELECT r.Name FROM dbo.UserRoles AS g JOIN dbo.Roles AS r ON r.RoleId = g.RoleId \
         WHERE g.UserId = {id} ORDER BY r.RoleId;"
    );
    let roles = lease.rows(&statement, &params).await?;
    Ok(Some(Found {
        user: i32::try_from(number).unwrap_or_default(),
        department: None,
        roles: roles
            .iter()
            .filter_map(|row| Role::named(&row.text("Name")?))
            .collect(),
    }))
}

/// No view shows a hash there: a procedure compares it.
async fn shared_database(
    lease: &mut Lease,
    user: &str,
    password: &str,
) -> Result<Option<Found>, Problem> {
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let (email, password) = (params.bind(user), params.bind(password));
    let statement = format!(
        "EXEC org.Authenticate @OrgId = {organisation}, @Email = {email}, @Password = {password};"
    );
    let rows = lease.rows(&statement, &params).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let small = |name| {
        first
            .integer(name)
            .and_then(|number| i32::try_from(number).ok())
    };
    Ok(Some(Found {
        user: small("UserId").unwrap_or_default(),
        department: small("SubOrgId"),
        roles: rows
            .iter()
            .filter_map(|row| Role::named(&row.text("Role")?))
            .collect(),
    }))
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digit = |at: usize| {
        hexadecimal
            .get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    (0..hexadecimal.len())
        .step_by(2)
        .filter_map(digit)
        .collect()
}
