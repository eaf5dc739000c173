//! How does the service describe itself?

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Access, Field, Operation, Schema};
use crate::handler;
use crate::http::answer::{Answer, Body};
use crate::http::{Call, Problem, Route};
use crate::permissions::{PERMISSIONS, ROLES};

pub(super) fn routes() -> Vec<Route> {
    let permission = Schema::Object(vec![
        Field::new("name", Schema::code(1, 80)),
        Field::new("roles", Schema::list(Schema::code(1, 40), 0, 20))
            .about("The roles that have it"),
    ]);
    let permissions = Schema::Object(vec![Field::new("items", Schema::list(permission, 0, 200))]);
    vec![
        Route {
            operation: Operation::new(
                "GET",
                "/openapi.json",
                "getContract",
                "This document",
                Access::Public,
            )
            .gives(200, "The document", Schema::Anything),
            handler: handler!(contract),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/permissions",
                "listPermissions",
                "All permissions and the roles that have them; the same for everybody",
                Access::Token,
            )
            .gives(200, "The permissions", permissions),
            handler: handler!(permissions_of_roles),
        },
    ]
}

async fn contract(call: Arc<Call>) -> Result<Answer, Problem> {
    let document = call.service.document.clone().into_bytes();
    Ok(Answer {
        status: 200,
        headers: Vec::new(),
        body: Body::Bytes("application/json", document),
    })
}

async fn permissions_of_roles(_: Arc<Call>) -> Result<Answer, Problem> {
    let items = PERMISSIONS.iter().map(|(permission, name)| {
        let having = ROLES.iter().filter(|(role, ..)| role.allows(*permission));
        let roles: Vec<_> = having.map(|(_, name, _)| *name).collect();
        json!({"name": name, "roles": roles})
    });
    Ok(Answer::ok(json!({"items": items.collect::<Vec<Value>>()})))
}
