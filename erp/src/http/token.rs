//! Who calls? Tokens say so themselves, signed, so that neither a restart nor a database that was
//! put back ends them.

use serde_json::{Value, json};

use super::call::Caller;
use super::sign::{seal, unseal};
use crate::permissions::Role;
use crate::store::Scope;

/// How long a token is good.
pub const LIFETIME_MS: u64 = 8 * 60 * 60 * 1_000;

/// The purpose of operators' tokens, which no tenant's token has.
pub const OPERATOR: &str = "operator";

/// Whether a token is an operator's that is still good.
pub fn is_operators(key: &[u8], token: &str, now_ms: u64) -> bool {
    let claims = unseal(key, OPERATOR, token);
    let expires = claims.and_then(|claims| claims.get("expires")?.as_u64());
    expires.is_some_and(|expires| expires > now_ms)
}

/// The token of a caller.
pub fn issue(key: &[u8], caller: &Caller, expires_ms: u64) -> String {
    let roles: Vec<_> = caller.roles.iter().map(|role| role.name()).collect();
    let claims = json!({
        "tenant": caller.scope.tenant,
        "organisation": caller.scope.organisation,
        "department": caller.scope.department,
        "user": caller.user,
        "login": caller.scope.actor,
        "roles": roles,
        "expires": expires_ms,
    });
    seal(key, "token", &claims)
}

/// The caller of a token that is still good.
pub fn read(key: &[u8], token: &str, now_ms: u64) -> Option<Caller> {
    let claims = unseal(key, "token", token)?;
    if claims.get("expires")?.as_u64()? <= now_ms {
        return None;
    }
    let number = |name: &str| {
        let value = claims.get(name).and_then(Value::as_i64);
        value.and_then(|value| i32::try_from(value).ok())
    };
    let roles = claims.get("roles")?.as_array()?.iter();
    Some(Caller {
        scope: Scope {
            tenant: claims.get("tenant")?.as_str()?.to_owned(),
            organisation: number("organisation"),
            department: number("department"),
            actor: claims.get("login")?.as_str()?.to_owned(),
        },
        user: number("user")?,
        roles: roles
            .filter_map(|name| Role::named(name.as_str()?))
            .collect(),
    })
}
