//! How contracts of many styles say who gives what, each in a few lines.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::collections::BTreeMap;

use contract::{Contract, read};
use domain::api::case::{Act, Stance};
use domain::api::request::Caller;
use domain::api::service::{ApiActor, Authentication, Service};
use domain::seed::Seed;
use domain::world::{Mark, Tenant, TenantIndex, World};
use generators::api::{Statements, Workbook};
use serde_json::{Map, Value, json};

/// One operation in short: its key, what its body has, what its answer has.
type Row<'r> = (&'r str, Value, Value);

fn object(fields: &Value) -> Value {
    let mut properties = Map::new();
    for (name, kind) in fields.as_object().into_iter().flatten() {
        let schema = match kind {
            Value::String(kind) if kind == "uuid" => json!({"type": "string", "format": "uuid"}),
            Value::String(kind) => json!({"type": kind}),
            Value::Array(items) => json!({"type": "array", "items": object(&items[0])}),
            fields => object(fields),
        };
        properties.insert(name.clone(), schema);
    }
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}

fn contract(rows: &[Row<'_>]) -> Contract {
    let mut paths = Map::new();
    for (key, body, answer) in rows {
        let (method, path) = key.split_once(' ').expect("a method and a path");
        let names = path.split('/').filter_map(|part| {
            part.strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
        });
        let parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        let status = if method == "POST" { "201" } else { "200" };
        let mut response = json!({"description": ""});
        match answer {
            Value::Null => {}
            Value::String(header) => {
                response["headers"] = json!({header: {"schema": {"type": "string"}}})
            }
            Value::Array(items) => {
                let schema = json!({"type": "array", "items": object(&items[0])});
                response["content"] = json!({"application/json": {"schema": schema}});
            }
            fields => response["content"] = json!({"application/json": {"schema": object(fields)}}),
        }
        let mut operation = json!({"parameters": parameters, "responses": {status: response}});
        if !body.is_null() {
            operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": object(body)}}});
        }
        let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = operation;
    }
    let document = json!({"openapi": "3.0.3", "paths": paths});
    read(document.to_string().as_bytes(), None).expect("the document is usable")
}

/// What comes before the last of the rows, and its identifiers; or why there is nothing.
fn check(rows: &[Row<'_>], expected: &str) {
    let contract = contract(rows);
    let tenant = Tenant {
        name: "acme".to_owned(),
        database: "acme".to_owned(),
        mark: Mark::new(Seed(7), 0),
        organisation: None,
        departments: Vec::new(),
    };
    let world = World {
        tenants: vec![tenant],
        shared_databases: Vec::new(),
    };
    let actor = ApiActor {
        authentication: Authentication::None,
        department: None,
        may: None,
        tenants: Vec::new(),
    };
    let service = Service {
        actors: BTreeMap::from([("user".to_owned(), actor)]),
        ..Service::default()
    };
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let caller = Caller::of(TenantIndex(0), "user");
    let (key, ..) = rows.last().expect("at least one row");
    let mut steps = Vec::new();
    let found = match book.prepare(key, &caller, 1, &mut steps) {
        Err(unreachable) => unreachable.reason,
        Ok(request) => {
            let plan: Vec<&str> = steps.iter().map(|step| step.operation()).collect();
            let positions = book.positions(key).into_iter().map(|position| {
                let value = book.position_value(&request, &position).unwrap_or_default();
                let value = value.replace(&world.tenants[0].mark.text, "MARK");
                format!("{}={value}", position.name)
            });
            let positions: Vec<String> = positions.collect();
            format!("{} > {}", plan.join(" > "), positions.join(" "))
        }
    };
    assert_eq!(found, expected, "{key}");
}

const NONE: Value = Value::Null;

#[test]
fn identifiers_are_found_in_every_style() {
    let text = || json!({"name": "string"});
    // Snake case and a trailing slash.
    check(
        &[
            (
                "POST /items/",
                text(),
                json!({"item_id": "string", "name": "string"}),
            ),
            ("GET /items/{item_id}", NONE, NONE),
        ],
        "POST /items/ > item_id={{step 1 /item_id}}",
    );
    // An envelope, beside which stands a code that is no identifier.
    check(
        &[
            (
                "POST /orders",
                text(),
                json!({"code": "string", "data": {"uuid": "uuid"}}),
            ),
            ("GET /orders/{id}", NONE, NONE),
        ],
        "POST /orders > id={{step 1 /data/uuid}}",
    );
    // The address's id is not the customer's.
    check(
        &[
            (
                "POST /customers",
                text(),
                json!({"address": {"id": "string"}, "key": "string"}),
            ),
            ("GET /customers/{customer}", NONE, NONE),
        ],
        "POST /customers > customer={{step 1 /key}}",
    );
    // Only the address of what is new.
    check(
        &[
            ("POST /notes", text(), json!("Location")),
            ("DELETE /notes/{noteId}", NONE, NONE),
        ],
        "POST /notes > noteId={{step 1 tail Location}}",
    );
    // An answer that nobody describes.
    check(
        &[
            ("POST /notes", text(), NONE),
            ("GET /notes/{noteId}", NONE, NONE),
        ],
        "POST /notes > noteId={{step 1 tail Location}}",
    );
    // What can only be listed.
    check(
        &[
            ("GET /plans", NONE, json!([{"id": "string"}])),
            (
                "POST /subscriptions",
                json!({"plan_id": "string"}),
                json!({"id": "string"}),
            ),
        ],
        "GET /plans > plan_id={{step 1 /0/id}}",
    );
    // By what the operation says that it makes, not by where.
    check(
        &[
            ("POST /api/v1/companies", text(), json!({"id": "integer"})),
            (
                "POST /api/v1/reports",
                json!({"company": "integer"}),
                json!({"id": "integer"}),
            ),
        ],
        "POST /api/v1/companies > company={{step 1 /id}}",
    );
    // Objects that refer, and lists of them.
    check(
        &[
            ("POST /products", text(), json!({"id": "string"})),
            ("POST /tags", text(), json!({"id": "string"})),
            (
                "POST /bundles",
                json!({"product": {"id": "string"}, "parts": [{"tagId": "string"}]}),
                NONE,
            ),
        ],
        "POST /products > POST /tags > product.id={{step 1 /id}} parts[].tagId={{step 2 /id}}",
    );
    // Two of a kind.
    check(
        &[
            ("POST /accounts", text(), json!({"id": "string"})),
            (
                "POST /payments",
                json!({"sourceAccountId": "string", "targetAccountId": "string"}),
                NONE,
            ),
        ],
        "POST /accounts > POST /accounts > sourceAccountId={{step 1 /id}} targetAccountId={{step 2 /id}}",
    );
    // The same one, met twice.
    check(
        &[
            ("POST /users", text(), json!({"id": "string"})),
            ("POST /users/{userId}/keys", text(), json!({"id": "string"})),
            (
                "PUT /users/{userId}/keys/{keyId}",
                json!({"userId": "string"}),
                NONE,
            ),
        ],
        "POST /users > POST /users/{userId}/keys > userId={{step 1 /id}} keyId={{step 2 /id}} userId={{step 1 /id}}",
    );
    // By the name that a path has for it.
    check(
        &[
            (
                "GET /sub-organisations",
                NONE,
                json!({"items": [{"id": "string"}]}),
            ),
            ("GET /sub-organisations/{subOrgId}", NONE, NONE),
            ("POST /callbacks", json!({"subOrgId": "string"}), NONE),
        ],
        "GET /sub-organisations > subOrgId={{step 1 /items/0/id}}",
    );
    // By another of its fields than its id.
    check(
        &[
            (
                "POST /products",
                json!({"sku": "string"}),
                json!({"id": "string", "sku": "string"}),
            ),
            ("POST /lines", json!({"productSku": "string"}), NONE),
        ],
        "POST /products > productSku={{step 1 /sku}}",
    );
}

#[test]
fn what_is_no_reference_is_made_up_and_what_has_no_producer_is_told() {
    // What a new thing calls itself.
    check(
        &[
            ("GET /users/{userId}", NONE, NONE),
            (
                "POST /users",
                json!({"userId": "string", "externalId": "string"}),
                json!({"userId": "string"}),
            ),
        ],
        " > ",
    );
    // Something that needs one of its own kind, which nobody can have first.
    check(
        &[
            (
                "POST /nodes",
                json!({"parentId": "string"}),
                json!({"id": "string"}),
            ),
            ("GET /nodes/{nodeId}", NONE, NONE),
        ],
        "no producer gives a node id: no producer gives a node id: POST /nodes needs one itself",
    );
    check(
        &[("GET /ghosts/{ghostId}", NONE, NONE)],
        "no producer gives a ghost id",
    );
    // An action that answers with what it works on makes nothing.
    check(
        &[
            (
                "POST /users",
                json!({"name": "string"}),
                json!({"id": "string"}),
            ),
            ("GET /roles", NONE, json!([{"id": "string"}])),
            (
                "POST /users/{userId}/disable",
                NONE,
                json!({"id": "string"}),
            ),
        ],
        "POST /users > userId={{step 1 /id}}",
    );
    // A name that its caller chooses.
    check(
        &[
            ("PUT /buckets/{name}", NONE, NONE),
            ("GET /buckets/{name}/policy", NONE, NONE),
        ],
        "PUT /buckets/{name} > name=MARK-hh1zic",
    );
}

/// Buckets that are listed, and made by PUT under a name of the caller's choice; items that are made
/// within them either way. Answers say nothing of names.
const BUCKETS: &str = r#"{"openapi": "3.0.3", "paths": {
    "/buckets": {"get": {"responses": {"200": {"description": "", "content": {"application/json":
        {"schema": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}}}}}}},
    "/buckets/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "get": {"responses": {"200": {"description": "", "headers": {"ETag": {"schema": {"type": "string"}}}}}},
        "put": {
            "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
            "responses": {
                "200": {"description": "", "headers": {"ETag": {"schema": {"type": "string"}}}},
                "201": {"description": "", "headers": {"ETag": {"schema": {"type": "string"}}}}}},
        "delete": {"responses": {"204": {"description": ""}}}},
    "/buckets/{bucket_id}/items": {
        "parameters": [{"name": "bucket_id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "get": {"responses": {"200": {"description": ""}}},
        "post": {
            "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
            "responses": {"201": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}}},
    "/buckets/{bucket_id}/items/{id}": {
        "parameters": [
            {"name": "bucket_id", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "put": {"responses": {"200": {"description": ""}, "201": {"description": ""}}},
        "patch": {
            "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
            "responses": {"200": {"description": ""}}}}}}"#;

#[test]
fn what_a_put_makes_is_there_before_it_is_changed_read_and_removed() {
    let contract = read(BUCKETS.as_bytes(), None).expect("the document is usable");
    let tenant = |index: usize, name: &str| Tenant {
        name: name.to_owned(),
        database: name.to_owned(),
        mark: Mark::new(Seed(7), index),
        organisation: None,
        departments: Vec::new(),
    };
    let world = World {
        tenants: vec![tenant(0, "acme"), tenant(1, "globex")],
        shared_databases: Vec::new(),
    };
    let actor = ApiActor {
        authentication: Authentication::None,
        department: None,
        may: None,
        tenants: Vec::new(),
    };
    let service = Service {
        actors: BTreeMap::from([("user".to_owned(), actor)]),
        ..Service::default()
    };
    let mut book = Workbook::new(&contract, &service, &world, Seed(7));
    let caller = Caller::of(TenantIndex(0), "user");
    let told = |book: &Workbook<'_>, operation: &str| {
        let mut steps = Vec::new();
        match book.prepare(operation, &caller, 1, &mut steps) {
            Err(unreachable) => unreachable.reason,
            Ok(request) => {
                let version = request.headers.iter().find(|(name, _)| name == "If-Match");
                let version = version.map_or("", |(_, version)| version);
                let steps = steps.iter().map(|step| {
                    let conditions = match &step.act {
                        Act::Call { request, .. } => request.headers.len(),
                        Act::Batch { .. } => 0,
                    };
                    assert_eq!(conditions, 0, "nothing is known of what is new");
                    step.operation()
                });
                let steps: Vec<&str> = steps.collect();
                format!("{} > {version}", steps.join(" > "))
            }
        }
    };
    let bucket = "PUT /buckets/{id}";
    let item = "PUT /buckets/{id} > PUT /buckets/{bucket_id}/items/{id}";
    for (operation, expected) in [
        (bucket, format!("{bucket} > {{{{step 1 header ETag}}}}")),
        ("GET /buckets/{id}", format!("{bucket} > ")),
        ("DELETE /buckets/{id}", format!("{bucket} > ")),
        ("GET /buckets/{bucket_id}/items", format!("{bucket} > ")),
        ("POST /buckets/{bucket_id}/items", format!("{bucket} > ")),
        (
            "PATCH /buckets/{bucket_id}/items/{id}",
            format!("{item} > "),
        ),
    ] {
        assert_eq!(told(&book, operation), expected, "{operation}");
    }

    // The sweep goes for what is there, and compares it with what never was.
    let sweep = generators::api::sweep(&book, None, &Statements::default(), 2);
    let title = format!("{bucket} with another tenant's path");
    let case = sweep.cases.iter().find(|case| case.title == title);
    let case = case.expect("it is attacked");
    let paths: Vec<(&Stance, &str)> = case
        .steps
        .iter()
        .filter_map(|step| match &step.act {
            Act::Call { request, .. } => Some((&step.stance, request.path.as_str())),
            Act::Batch { .. } => None,
        })
        .collect();
    let at = |is_one: fn(&Stance) -> bool| {
        let found = paths.iter().find(|(stance, _)| is_one(stance));
        found.expect("there is such a step").1
    };
    let theirs = at(|stance| matches!(stance, Stance::Prepare));
    assert_eq!(at(|stance| matches!(stance, Stance::Attack(_))), theirs);
    let missing = at(|stance| matches!(stance, Stance::Counterpart { .. }));
    assert!(paths.iter().filter(|(_, path)| *path == missing).count() == 1);
    assert_eq!(missing.len(), theirs.len());

    // Where it does not make any, those that are listed will do, but for being removed.
    book.lacks(bucket, "404".into());
    for (operation, expected) in [
        ("GET /buckets/{id}", "GET /buckets > "),
        (
            "DELETE /buckets/{id}",
            "PUT /buckets/{id} never succeeded: 404",
        ),
    ] {
        assert_eq!(told(&book, operation), expected, "{operation}");
    }
}
