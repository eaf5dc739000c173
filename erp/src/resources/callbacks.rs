//! How does another system report that it is done? Once, with the secret that it was given.

use std::sync::Arc;

use serde_json::{Value, json};

use super::rows::department;
use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::sign::hexadecimal;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::seal;
use crate::store::{Lease, Params, Row, StoreError};

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Permission(Permission::CallbackManage);
    let wanted = Schema::Object(vec![
        super::department_field(),
        Field::new("url", Schema::text(TextKind::Address, 8, 200)),
    ]);
    let mut made = callback();
    made.extend([Field::new("secret", Schema::line(16, 100))
        .about("Good for one completion. It is shown now and never again")]);
    let made = Schema::Object(made);
    let completion = Schema::Object(vec![
        Field::new("secret", Schema::line(16, 100)),
        Field::new("delivered", Schema::Boolean).optional(),
    ]);
    let page = Schema::Object(vec![Field::new(
        "items",
        Schema::list(Schema::Named("Callback"), 0, 500),
    )]);
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                "/callbacks",
                "listCallbacks",
                "Callbacks, the latest first",
                manage,
            )
            .gives(200, "The latest 500 callbacks", page),
            handler: handler!(list_callbacks),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/callbacks",
                "registerCallback",
                "Expect a callback",
                manage,
            )
            .body(wanted)
            .gives(201, "The callback and its secret", made)
            .with(&["Location"])
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(register),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/callbacks/{callbackId}",
                "getCallback",
                "One callback",
                manage,
            )
            .gives(200, "The callback", Schema::Named("Callback")),
            handler: handler!(get_callback),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/callbacks/{callbackId}/completion",
                "completeCallback",
                "Report the end of a callback with its secret, which is gone after that",
                manage,
            )
            .body(completion)
            .gives(200, "The callback as it ended", Schema::Named("Callback"))
            .refuses(
                404,
                "There is no such callback, it has ended, or its secret is another",
            )
            .refuses(409, "The callback has ended"),
            handler: handler!(complete),
        },
    ];
    let shared = |route: Route| Route {
        operation: route.operation.only(Design::SharedDatabase),
        ..route
    };
    routes.into_iter().map(shared).collect()
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    vec![("Callback", Schema::Object(callback()))]
}

fn callback() -> Vec<Field> {
    vec![
        Field::new("id", Schema::id()),
        Field::new("subOrgId", Schema::id()),
        Field::new("url", Schema::line(1, 200)),
        Field::new("status", Schema::Word(&["pending", "delivered", "failed"])),
        Field::new("requestedAt", Schema::Moment),
        Field::new("endedAt", Schema::Moment).nullable(),
    ]
}

fn json_of(row: &Row) -> Value {
    let status = match row.integer("Status") {
        Some(2) => "delivered",
        Some(3) => "failed",
        _ => "pending",
    };
    json!({
        "id": row.get("CallbackId"),
        "subOrgId": row.get("SubOrgId"),
        "url": row.get("Url"),
        "status": status,
        "requestedAt": row.get("RequestedAt"),
        "endedAt": row.get("EndedAt"),
    })
}

async fn list_callbacks(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let own = lease.own("c", true, &mut params);
    let own = own.trim_end_matches(" AND ");
    let statement = format!(
        "SELECT TOP (500) c.CallbackId, c.SubOrgId, c.Url, c.Status, c.RequestedAt, c.EndedAt \
         FROM org.Callbacks AS c WHERE {own} ORDER BY c.CallbackId DESC;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let items: Vec<Value> = rows.iter().map(json_of).collect();
    Ok(Answer::ok(json!({"items": items})))
}

async fn find(lease: &mut Lease, id: i64) -> Result<Row, Problem> {
    let mut params = Params::new();
    let own = lease.own("c", true, &mut params);
    let number = params.bind(id);
    let statement = format!(
        "SELECT c.CallbackId, c.SubOrgId, c.Url, c.Status, c.RequestedAt, c.EndedAt \
         FROM org.Callbacks AS c WHERE {own}c.CallbackId = {number};"
    );
    let row = lease.row(&statement, &params).await?;
    row.ok_or_else(Problem::not_found)
}

async fn get_callback(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("callbackId")?;
    let mut lease = call.lease().await?;
    Ok(Answer::ok(json_of(&find(&mut lease, id).await?)))
}

async fn register(call: Arc<Call>) -> Result<Answer, Problem> {
    let secret = hexadecimal(&seal::fresh(&*call.service.environment));
    let mut lease = call.lease().await?;
    let department = department(&call, &mut lease).await?;
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let department = params.bind(department);
    let (url, given) = (params.bind(call.text("url")), params.bind(secret.as_str()));
    let statement = format!(
        "EXEC org.RegisterCallback @OrgId = {organisation}, @SubOrgId = {department}, @Url = {url}, \
         @Secret = {given};"
    );
    let row = lease.row(&statement, &params).await?;
    let id = row
        .and_then(|row| row.integer("CallbackId"))
        .unwrap_or_default();
    let mut body = json_of(&find(&mut lease, id).await?);
    body["secret"] = json!(secret);
    Ok(Answer::created(format!("/callbacks/{id}"), body))
}

async fn complete(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("callbackId")?;
    let secret = call.text("secret").unwrap_or_default();
    let delivered = call
        .field("delivered")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let switches = &call.service.switches;
    let scope = call.scope()?;
    let remembered = format!("callback\u{1f}{}\u{1f}{id}\u{1f}{secret}", scope.tenant);
    if switches.fault(Fault::CallbackSecretReusable)
        && let Some(answer) = call.service.memory.recent(&remembered)
    {
        // The planted defect: a repeat is taken for a retry, and answered as the first was.
        return Ok(Answer::ok(answer));
    }
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let organisation = params.bind(scope.organisation);
    let department = params.bind(scope.department);
    let (number, given) = (params.bind(id), params.bind(secret));
    let delivered = params.bind(delivered);
    let statement = format!(
        "EXEC org.CompleteCallback @OrgId = {organisation}, @CallbackId = {number}, \
         @Secret = {given}, @Delivered = {delivered}, @SubOrgId = {department};"
    );
    match lease.execute(&statement, &params).await {
        Ok(_) => {}
        Err(StoreError::Refused { number: 50_404, .. }) => {
            let ended = find(&mut lease, id).await?.integer("Status") != Some(1);
            if ended && switches.near_miss(Fault::CallbackSecretReusable) {
                return Err(Problem::conflict("The callback has ended"));
            }
            return Err(Problem::not_found());
        }
        Err(error) => return Err(error.into()),
    }
    let callback = json_of(&find(&mut lease, id).await?);
    if switches.fault(Fault::CallbackSecretReusable) {
        call.service.memory.keep(remembered, callback.clone());
    }
    Ok(Answer::ok(callback))
}
