//! What was changed, by whom, and is the signed history of it whole?

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Access, Field, Operation, Schema};
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Params, Row};

pub(super) fn routes() -> Vec<Route> {
    let change = Schema::Object(vec![
        Field::new("number", Schema::id()),
        Field::new("action", Schema::code(1, 60)),
        Field::new("entity", Schema::code(1, 60)),
        Field::new("entityId", Schema::Integer(0, i64::from(i32::MAX))),
        Field::new("detail", Schema::Anything).nullable(),
        Field::new("actor", Schema::line(0, 128)),
        Field::new("at", Schema::Moment),
    ]);
    let broken = Schema::Object(vec![
        Field::new("number", Schema::id()),
        Field::new("why", Schema::Word(&["content", "order", "gap", "time"])),
    ]);
    let verification = Schema::Object(vec![
        Field::new("whole", Schema::Boolean),
        Field::new("broken", Schema::list(broken, 0, 1_000_000)),
    ]);
    let page = Schema::Object(vec![Field::new("items", Schema::list(change, 0, 500))]);
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                "/changes",
                "listChanges",
                "The signed history of changes, the earliest first",
                Access::Permission(Permission::ChangesRead),
            )
            .query(
                "entity",
                Schema::code(1, 60),
                "Only changes of this kind of row",
            )
            .query(
                "entityId",
                Schema::id(),
                "Only changes of the row with this number",
            )
            .query(
                "after",
                Schema::id(),
                "Only changes after the one with this number",
            )
            .gives(200, "The changes", page),
            handler: handler!(list_changes),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/changes/verification",
                "verifyChanges",
                "Whether the signed history is whole",
                Access::Permission(Permission::JournalRead),
            )
            .gives(200, "Whether it is, and where it is not", verification),
            handler: handler!(verify),
        },
    ];
    let shared = |route: Route| Route {
        operation: route.operation.only(Design::SharedDatabase),
        ..route
    };
    routes.into_iter().map(shared).collect()
}

fn json_of(row: &Row) -> Value {
    json!({
        "number": row.get("ChangeNumber"),
        "action": row.get("Action"),
        "entity": row.get("Entity"),
        "entityId": row.get("EntityId"),
        "detail": row.get("Detail"),
        "actor": row.get("Actor"),
        "at": row.get("OccurredAt"),
    })
}

async fn list_changes(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let own = lease.own("h", true, &mut params);
    let number = |name: &str| {
        call.parameter(name)
            .and_then(|text| text.parse::<i64>().ok())
    };
    let after = params.bind(number("after").unwrap_or_default());
    let mut wanted = format!("h.ChangeNumber > {after}");
    if let Some(entity) = call.parameter("entity") {
        let entity = params.bind(entity);
        wanted.push_str(&format!(" AND h.Entity = {entity}"));
    }
    if let Some(id) = number("entityId") {
        let id = params.bind(id);
        wanted.push_str(&format!(" AND h.EntityId = {id}"));
    }
    let statement = format!(
        "SELECT TOP (500) h.ChangeNumber, h.Action, h.Entity, h.EntityId, h.Detail, h.Actor, \
         h.OccurredAt FROM org.ChangeHistory AS h WHERE {own}{wanted} ORDER BY h.ChangeNumber;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let items: Vec<Value> = rows.iter().map(json_of).collect();
    Ok(Answer::ok(json!({"items": items})))
}

async fn verify(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let statement = format!("EXEC org.VerifyChanges @OrgId = {organisation};");
    let rows = lease.rows(&statement, &params).await?;
    let broken: Vec<Value> = rows
        .iter()
        .map(|row| json!({"number": row.get("ChangeNumber"), "why": row.get("Broken")}))
        .collect();
    Ok(Answer::ok(
        json!({"whole": broken.is_empty(), "broken": broken}),
    ))
}
