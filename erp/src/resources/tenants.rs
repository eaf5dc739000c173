//! Which tenants are there? Only the operator of the installation asks, and sees no row of theirs.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::environment::moment;
use crate::files::is_name;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route, sign, token};
use crate::options::Design;
use crate::provisioning::{Plan, offboard, provision};

/// How far a tenant has come, or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its steps are being done.
    Provisioning,
    /// A step failed, and the others were taken back.
    Failed(&'static str),
    /// It is being removed.
    Leaving,
    /// It has left. Its name stays taken: tokens that bear it may still be about.
    Gone,
    /// Something of it could not be removed.
    Stuck,
}

pub(super) fn routes() -> Vec<Route> {
    let credentials = Schema::Object(vec![
        Field::new("user", Schema::line(1, 120)),
        Field::new("password", Schema::line(1, 100)),
    ]);
    let session = Schema::Object(vec![
        Field::new("token", Schema::line(1, 2_000)),
        Field::new("expiresAt", Schema::Moment),
    ]);
    let wanted = Schema::Object(vec![
        Field::new("name", Schema::text(TextKind::Name, 1, 40)),
        Field::new("password", Schema::line(12, 100))
            .about("Of the first user, administrator@<name>.example"),
    ]);
    let page = Schema::Object(vec![Field::new(
        "items",
        Schema::list(Schema::Named("Tenant"), 0, 100_000),
    )]);
    let routes = vec![
        Route {
            operation: Operation::new(
                "POST",
                "/operator/sessions",
                "logInAsOperator",
                "Get an operator's token",
                Access::Public,
            )
            .body(credentials)
            .gives(201, "A token", session)
            .refuses(401, "There is no such operator, or the password is another"),
            handler: handler!(log_in),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/tenants",
                "listTenants",
                "All tenants",
                Access::Operator,
            )
            .gives(200, "The tenants", page),
            handler: handler!(list_tenants),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/tenants",
                "provisionTenant",
                "Make a tenant",
                Access::Operator,
            )
            .body(wanted)
            .gives(202, "It is being made", Schema::Named("Tenant"))
            .with(&["Location"])
            .refuses(
                409,
                "There is a tenant of this name, or none can be made here",
            ),
            handler: handler!(provision_tenant),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/tenants/{tenantName}",
                "getTenant",
                "One tenant",
                Access::Operator,
            )
            .path_parameter("tenantName", Schema::code(1, 40))
            .gives(200, "The tenant", Schema::Named("Tenant")),
            handler: handler!(get_tenant),
        },
        Route {
            operation: Operation::new(
                "DELETE",
                "/tenants/{tenantName}",
                "offboardTenant",
                "Remove a tenant: its database, logins and files",
                Access::Operator,
            )
            .path_parameter("tenantName", Schema::code(1, 40))
            .gives(202, "It is being removed", Schema::Named("Tenant"))
            .refuses(409, "None can be removed here"),
            handler: handler!(offboard_tenant),
        },
    ];
    let per_tenant = |route: Route| Route {
        operation: route.operation.only(Design::DatabasePerTenant),
        ..route
    };
    routes.into_iter().map(per_tenant).collect()
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let states = &["active", "provisioning", "failed", "leaving", "stuck"];
    let tenant = Schema::Object(vec![
        Field::new("name", Schema::code(1, 40)),
        Field::new("status", Schema::Word(states)),
        Field::new("failedAt", Schema::code(1, 40))
            .optional()
            .about("The step that failed"),
    ]);
    vec![("Tenant", tenant)]
}

fn shown(name: &str, state: Option<State>) -> Value {
    match state {
        None => json!({"name": name, "status": "active"}),
        Some(State::Provisioning) => json!({"name": name, "status": "provisioning"}),
        Some(State::Failed(step)) => json!({"name": name, "status": "failed", "failedAt": step}),
        Some(State::Leaving) => json!({"name": name, "status": "leaving"}),
        Some(State::Gone) => json!({"name": name, "status": "gone"}),
        Some(State::Stuck) => json!({"name": name, "status": "stuck"}),
    }
}

async fn log_in(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = &call.service;
    let given = |name| call.text(name).unwrap_or_default().as_bytes();
    let is_right = service.operator.as_ref().is_some_and(|operator| {
        let user = sign::equal(operator.name.as_bytes(), given("user"));
        // Both are compared, so that the time does not tell which one was wrong.
        sign::equal(operator.password.as_bytes(), given("password")) & user
    });
    if !is_right {
        let title = "User or password are not right";
        return Err(Problem::new(401, "unauthenticated", title));
    }
    let expires = service.environment.now_ms() + token::LIFETIME_MS;
    let claims = json!({"expires": expires});
    Ok(Answer::json(
        201,
        json!({
            "token": sign::seal(&service.token_key, token::OPERATOR, &claims),
            "expiresAt": moment(expires),
        }),
    ))
}

async fn list_tenants(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = &call.service;
    let mut all = service.memory.tenants();
    all.retain(|_, state| *state != State::Gone);
    let known = service.store.tenants();
    let mut items: Vec<Value> = known
        .iter()
        .map(|name| shown(name, all.remove(name)))
        .collect();
    items.extend(all.iter().map(|(name, state)| shown(name, Some(*state))));
    Ok(Answer::ok(json!({"items": items})))
}

async fn get_tenant(call: Arc<Call>) -> Result<Answer, Problem> {
    let name = call.parameter("tenantName").unwrap_or_default();
    let service = &call.service;
    let state = service.memory.tenants().get(name).copied();
    let is_gone = state == Some(State::Gone);
    if is_gone || state.is_none() && service.store.tenant(name).is_none() {
        return Err(Problem::not_found());
    }
    Ok(Answer::ok(shown(name, state)))
}

async fn provision_tenant(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = Arc::clone(&call.service);
    let name = call.text("name").unwrap_or_default().to_owned();
    let administrator = format!("administrator@{name}.example");
    if !is_name(&name) {
        return Err(Problem::field(
            "name",
            "format",
            "holds characters that are not allowed",
        ));
    }
    let password = call.text("password").unwrap_or_default();
    let none = || Problem::conflict("No tenant can be made here");
    let plan = Plan::new(&service, &name, &administrator, password).ok_or_else(none)?;
    if service.store.tenant(&name).is_some()
        || !service.memory.begin_tenant(&name, State::Provisioning)
    {
        return Err(Problem::conflict("There is a tenant of this name"));
    }
    let pending = service.background.begin();
    tokio::spawn(async move {
        let _pending = pending;
        let _turn = service.memory.provisioning.lock().await;
        let state = match provision(&service, &plan).await {
            Ok(()) => None,
            Err(failed) => Some(State::Failed(failed.0.name())),
        };
        service.memory.end_tenant(&plan.tenant, state);
    });
    let answer = Answer::json(202, shown(&name, Some(State::Provisioning)));
    Ok(answer.header("Location", format!("/tenants/{name}")))
}

async fn offboard_tenant(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = Arc::clone(&call.service);
    let name = call.parameter("tenantName").unwrap_or_default().to_owned();
    let secrets = service.store.tenant(&name).ok_or_else(Problem::not_found)?;
    if service.provisioning.login.is_none() || !service.memory.begin_tenant(&name, State::Leaving) {
        return Err(Problem::conflict("No tenant can be removed here"));
    }
    // From here on nobody of the tenant gets in.
    service.store.remove_tenant(&name);
    let pending = service.background.begin();
    let answer = Answer::json(202, shown(&name, Some(State::Leaving)));
    tokio::spawn(async move {
        let _pending = pending;
        let _turn = service.memory.provisioning.lock().await;
        let state = match offboard(&service, &name, &secrets).await {
            Ok(()) => Some(State::Gone),
            Err(error) => {
                service.log(&format!("offboarding failed: {error}"));
                Some(State::Stuck)
            }
        };
        service.memory.end_tenant(&name, state);
    });
    Ok(answer)
}
