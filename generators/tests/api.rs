//! What is inferred from a contract, and what requests come of it.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::collections::BTreeMap;

use contract::{Contract, Direction, read};
use domain::api::request::{Body, Caller, Request};
use domain::api::service::{
    ApiActor, Authentication, LifecyclePromise, Login, Promises, Service, Source, Transition,
};
use domain::seed::Seed;
use domain::world::{Mark, Tenant, TenantIndex, World};
use generators::api::Workbook;

/// A shop: customers with contacts, products, invoices that are posted and voided.
const SHOP: &str = include_str!("shop.yaml");

fn shop() -> Contract {
    let contract = read(SHOP.as_bytes(), Some("https://shop.example/openapi.yaml"));
    let contract = contract.expect("the document is usable");
    assert_eq!(contract.warnings, [], "the shop's document is in order");
    contract
}

fn world() -> World {
    let tenant = |index: usize, name: &str| Tenant {
        name: name.to_owned(),
        database: name.to_owned(),
        mark: Mark::new(Seed(7), index),
        organisation: Some(format!("{}", 41 + index)),
        departments: Vec::new(),
    };
    World {
        tenants: vec![tenant(0, "acme"), tenant(1, "globex")],
        shared_databases: Vec::new(),
    }
}

fn actor(may: Option<&[&str]>) -> ApiActor {
    ApiActor {
        authentication: Authentication::None,
        department: None,
        may: may.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        tenants: Vec::new(),
    }
}

fn service() -> Service {
    Service {
        actors: BTreeMap::from([("clerk".to_owned(), actor(None))]),
        ..Service::default()
    }
}

fn clerk() -> Caller {
    Caller::of(TenantIndex(0), "clerk")
}

/// The plan of an operation and its request, or why there is none.
fn told(book: &Workbook<'_>, operation: &str) -> String {
    let mut steps = Vec::new();
    match book.prepare(operation, &clerk(), 1, &mut steps) {
        Ok(request) => {
            let mut plan: Vec<String> = steps.iter().map(|s| s.operation().to_owned()).collect();
            plan.push(format!("{} {}", request.method, request.path));
            plan.join(", ")
        }
        Err(unreachable) => unreachable.reason,
    }
}

fn prepared(book: &Workbook<'_>, operation: &str) -> Request {
    book.prepare(operation, &clerk(), 1, &mut Vec::new())
        .expect("the operation can be prepared")
}

#[test]
fn every_operation_has_a_plan_or_a_reason() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    for (operation, expected) in [
        ("POST /customers", "POST /customers"),
        ("GET /customers", "GET /customers"),
        (
            "GET /customers/{customerId}",
            "POST /customers, GET /customers/{{step 1 /id}}",
        ),
        // Its version is in the answer of its making.
        (
            "PATCH /customers/{customerId}",
            "POST /customers, PATCH /customers/{{step 1 /id}}",
        ),
        (
            "POST /customers/{customerId}/contacts",
            "POST /customers, POST /customers/{{step 1 /id}}/contacts",
        ),
        (
            "GET /customers/{customerId}/contacts/{contactId}",
            "POST /customers, POST /customers/{customerId}/contacts, GET /customers/{{step 1 /id}}/contacts/{{step 2 tail Location}}",
        ),
        // A customer, and a product for its line.
        (
            "POST /invoices",
            "POST /customers, POST /products, POST /invoices",
        ),
        (
            "GET /invoices/{id}",
            "POST /customers, POST /products, POST /invoices, GET /invoices/{{step 3 /data/id}}",
        ),
        (
            "POST /transfers",
            "POST /customers, POST /customers, POST /transfers",
        ),
        (
            "GET /statements/{customerId}/{year}",
            "POST /customers, GET /statements/{{step 1 /id}}/2026",
        ),
        ("GET /robots/{robotId}", "no producer gives a robot id"),
        (
            "GET /periods/{periodId}",
            "GET /periods, GET /periods/{{step 1 /items/0/id}}",
        ),
    ] {
        assert_eq!(told(&book, operation), expected, "{operation}");
    }
}

#[test]
fn who_gives_comes_before_who_needs_and_who_removes_comes_last() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let order = book.operations();
    let at = |key: &str| {
        order
            .iter()
            .position(|own| own == key)
            .expect("it is there")
    };
    assert!(at("POST /customers") < at("POST /invoices"));
    assert!(at("POST /invoices") < at("GET /invoices/{id}"));
    assert_eq!(
        order.last().map(String::as_str),
        Some("DELETE /customers/{customerId}")
    );
}

#[test]
fn what_never_worked_is_told_by_what_needs_it() {
    let contract = shop();
    let (service, world) = (service(), world());
    let mut book = Workbook::new(&contract, &service, &world, Seed(7));
    book.lacks("POST /products", "422 sku is taken".to_owned());
    // The product is optional, the invoice is not.
    assert_eq!(
        told(&book, "POST /invoices"),
        "POST /customers, POST /invoices"
    );
    book.lacks("POST /invoices", "500".to_owned());
    assert_eq!(
        told(&book, "GET /invoices/{id}"),
        "no producer gives an invoice id: POST /invoices never succeeded: 500"
    );
}

#[test]
fn bodies_conform_and_carry_the_mark_and_differ_by_salt() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let operation = contract.operation("POST /customers").expect("it is there");
    let body = operation.body.as_ref().expect("it has a body");
    let schema = body.contents[0].schema.expect("it has a schema");
    let mut seen = Vec::new();
    for salt in 0..40 {
        let request = book
            .prepare("POST /customers", &clerk(), salt, &mut Vec::new())
            .expect("it needs nothing");
        let Some(Body::Json { value, .. }) = request.body else {
            panic!("the body is JSON");
        };
        let violations = contract
            .schemas
            .violations(schema, &value, Direction::Request);
        assert_eq!(violations, [], "{value}");
        let name = value["name"].as_str().expect("a name").to_owned();
        let mark = &world.tenants[0].mark;
        assert!(name.contains(&mark.text), "{name}");
        assert!(
            value["since"]
                .as_str()
                .expect("a date")
                .starts_with(&mark.year.to_string())
        );
        let limit = value["creditLimit"].as_i64().expect("a number");
        assert!(
            (mark.number..mark.number + 1_000_000).contains(&limit),
            "{limit}"
        );
        assert!(
            value.get("orgId").is_none(),
            "nobody names his tenant without need"
        );
        assert!(!seen.contains(&name), "{name} comes twice");
        seen.push(name);
    }
}

#[test]
fn every_recipe_gives_a_body_that_conforms() {
    let contract = shop();
    let (service, world) = (service(), world());
    let mut book = Workbook::new(&contract, &service, &world, Seed(7));
    for key in book.operations().to_vec() {
        let operation = contract.operation(&key).expect("it is there");
        for recipe in 0..book.recipes(&key) {
            book.choose(&key, recipe);
            let Ok(request) = book.prepare(&key, &clerk(), 3, &mut Vec::new()) else {
                continue;
            };
            let Some(Body::Json { value, .. }) = &request.body else {
                continue;
            };
            let body = operation.body.as_ref().expect("a body is declared");
            let schema = body.contents[0].schema.expect("it has a schema");
            let violations = contract
                .schemas
                .violations(schema, value, Direction::Request);
            // References stand for numbers.
            let real = violations
                .iter()
                .filter(|violation| !violation.what.contains("{{step"));
            assert_eq!(
                real.collect::<Vec<_>>(),
                Vec::<&contract::Violation>::new(),
                "{key} {recipe} {value}"
            );
        }
        book.choose(&key, 0);
    }
}

#[test]
fn identifiers_are_found_and_replaced_wherever_they_stand() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    for (operation, expected) in [
        (
            "GET /customers/{customerId}",
            "path customerId = {{step 1 /id}}",
        ),
        (
            "GET /customers/{customerId}/contacts/{contactId}",
            "path customerId = {{step 1 /id}}; path contactId = {{step 2 tail Location}}",
        ),
        (
            "POST /invoices",
            "body customerId = {{step 1 /id}}; body lines[].productId = {{step 2 /productId}}",
        ),
        (
            "POST /transfers",
            "body fromCustomerId = {{step 1 /id}}; body toCustomerId = {{step 2 /id}}",
        ),
        (
            "GET /statements/{customerId}/{year}",
            "path customerId = {{step 1 /id}}",
        ),
        ("GET /customers", ""),
    ] {
        let mut request = prepared(&book, operation);
        let positions = book.positions(operation);
        let found = positions.iter().map(|position| {
            let value = book.position_value(&request, position);
            format!("{position} = {}", value.unwrap_or_default())
        });
        assert_eq!(
            found.collect::<Vec<_>>().join("; "),
            expected,
            "{operation}"
        );
        for position in &positions {
            book.substitute(&mut request, position, "{{step 9 /id missing}}");
            let value = book.position_value(&request, position);
            assert_eq!(
                value.as_deref(),
                Some("{{step 9 /id missing}}"),
                "{operation}"
            );
        }
    }
}

#[test]
fn the_owner_looks_by_the_same_references() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    for (operation, expected) in [
        (
            "PATCH /customers/{customerId}",
            Some("GET /customers/{{step 1 /id}}"),
        ),
        (
            "POST /customers/{customerId}/contacts",
            Some("GET /customers/{{step 1 /id}}"),
        ),
        (
            "POST /invoices/{id}/void",
            Some("GET /invoices/{{step 3 /data/id}}"),
        ),
        // By what its body refers to.
        ("POST /invoices", Some("GET /customers/{{step 1 /id}}")),
        ("GET /customers", None),
    ] {
        let request = prepared(&book, operation);
        let witness = book.witness(operation, &request);
        let witness = witness.map(|(_, request)| format!("{} {}", request.method, request.path));
        assert_eq!(witness.as_deref(), expected, "{operation}");
    }
}

#[test]
fn a_version_is_sent_where_one_is_asked_for() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let request = prepared(&book, "PATCH /customers/{customerId}");
    let headers = [("If-Match".to_owned(), "{{step 1 header ETag}}".to_owned())];
    assert_eq!(request.headers, headers);
    let Some(Body::Json { media_type, value }) = &request.body else {
        panic!("the body is JSON");
    };
    assert_eq!(media_type, "application/merge-patch+json");
    let text = value["name"].as_str().expect("a change says something");
    assert!(text.contains(&world.tenants[0].mark.text));

    let mut steps = Vec::new();
    let theirs = book.prepare("PATCH /customers/{customerId}", &clerk(), 1, &mut steps);
    let own = book.prepare("PATCH /customers/{customerId}", &clerk(), 2, &mut steps);
    let (theirs, mut own) = (
        theirs.expect("it can be called"),
        own.expect("it can be called"),
    );
    assert_eq!(own.headers[0].1, "{{step 2 header ETag}}");
    book.borrow_versions("PATCH /customers/{customerId}", &mut own, &theirs);
    assert_eq!(own.headers[0].1, "{{step 1 header ETag}}");
}

#[test]
fn declared_states_are_gone_through_and_others_are_tried() {
    let contract = shop();
    let world = world();
    let undeclared = service();
    let mut book = Workbook::new(&contract, &undeclared, &world, Seed(7));
    let make = "POST /customers, POST /products, POST /invoices";
    let void = "POST /invoices/{{step 3 /data/id}}/void";
    assert_eq!(
        told(&book, "POST /invoices/{id}/void"),
        format!("{make}, {void}")
    );
    let found = (0..book.recipes("POST /invoices/{id}/void")).any(|recipe| {
        book.choose("POST /invoices/{id}/void", recipe);
        told(&book, "POST /invoices/{id}/void")
            == format!("{make}, POST /invoices/{{id}}/post, {void}")
    });
    assert!(found, "one of the ways posts before it voids");

    let transition = |operation: &str, from: &str, to: &str| Transition {
        operation: operation.to_owned(),
        from: vec![from.to_owned()],
        to: to.to_owned(),
    };
    let declared = Service {
        promises: Promises {
            lifecycles: vec![LifecyclePromise {
                read: "getInvoice".to_owned(),
                state: "/state".to_owned(),
                transitions: vec![
                    transition("voidInvoice", "posted", "voided"),
                    transition("postInvoice", "draft", "posted"),
                ],
                frozen: vec!["posted".to_owned()],
                edits: Vec::new(),
            }],
            ..Promises::default()
        },
        ..service()
    };
    let book = Workbook::new(&contract, &declared, &world, Seed(7));
    assert_eq!(
        told(&book, "POST /invoices/{id}/void"),
        format!("{make}, POST /invoices/{{id}}/post, {void}")
    );
}

#[test]
fn negative_bodies_break_what_they_say() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let operation = contract.operation("POST /customers").expect("it is there");
    let body = operation.body.as_ref().expect("it has a body");
    let schema = body.contents[0].schema.expect("it has a schema");
    let request = prepared(&book, "POST /customers");
    let bodies = book.negative_bodies("POST /customers", &request);
    for (label, request) in &bodies {
        let Some(Body::Json { value, .. }) = &request.body else {
            panic!("the body is JSON");
        };
        let violations = contract
            .schemas
            .violations(schema, value, Direction::Request);
        assert_ne!(violations, [], "{label}: {value}");
    }
    let labels: Vec<&str> = bodies.iter().map(|(label, _)| label.as_str()).collect();
    for expected in [
        "body name: missing",
        "body name: too short",
        "body name: too long",
        "body name: null",
        "body creditLimit: below the minimum",
        "body creditLimit: no whole number",
        "body since: a day that does not exist",
        "body watertightExtra: a field that the schema does not have",
    ] {
        assert!(
            labels.contains(&expected),
            "{expected} is not among {labels:?}"
        );
    }
}

#[test]
fn another_tenant_is_named_in_every_way_that_the_contract_suggests() {
    let contract = shop();
    let world = world();
    let service = Service {
        tenant_fields: vec!["X-Tenant-Id".to_owned(), "orgId".to_owned()],
        ..service()
    };
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let request = prepared(&book, "POST /customers");
    let smuggles = book.tenant_smuggles("POST /customers", &request, TenantIndex(1));
    let places: Vec<&str> = smuggles.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "header X-Tenant-Id",
            "query orgId",
            "body orgId",
            "header X-Org-Id",
            "header X-Tenant"
        ]
    );
    assert_eq!(smuggles[1].1.query, [("orgId".to_owned(), "42".to_owned())]);
}

#[test]
fn somebody_else_prepares_what_the_caller_may_not() {
    let contract = shop();
    let world = world();
    let mut service = service();
    service.actors = BTreeMap::from([
        ("auditor".to_owned(), actor(Some(&["GET *"]))),
        ("clerk".to_owned(), actor(Some(&["POST *", "getCustomer"]))),
    ]);
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let auditor = Caller::of(TenantIndex(1), "auditor");
    let mut steps = Vec::new();
    book.prepare("GET /invoices/{id}", &auditor, 1, &mut steps)
        .expect("the clerk prepares it");
    let callers = steps.iter().filter_map(|step| step.caller());
    assert!(callers.clone().all(|caller| caller.actor == "clerk"));
    assert!(
        callers
            .clone()
            .all(|caller| caller.tenant == Some(TenantIndex(1)))
    );
    let names = |callers: Vec<Caller>| -> Vec<String> {
        callers.into_iter().map(|caller| caller.actor).collect()
    };
    assert_eq!(
        names(book.callers_for("GET /customers", TenantIndex(0))),
        ["auditor"]
    );
    assert_eq!(
        names(book.callers_without("GET /customers", TenantIndex(0))),
        ["clerk"]
    );
}

#[test]
fn what_is_excluded_is_not_called_on_the_way_and_what_is_removed_was_made_for_it() {
    let contract = shop();
    let world = world();
    let maker = "POST /customers";
    // Who reads or changes makes do with a customer that is listed; nobody removes one.
    for (excluded, lacks, operation, expected) in [
        (false, false, "GET /customers/{customerId}", maker),
        (false, false, "DELETE /customers/{customerId}", maker),
        (true, false, "GET /customers/{customerId}", "GET /customers"),
        (
            true,
            false,
            "DELETE /customers/{customerId}",
            "no producer gives a customer id: POST /customers is excluded",
        ),
        (false, true, "GET /customers/{customerId}", "GET /customers"),
        (
            false,
            true,
            "DELETE /customers/{customerId}",
            "no producer gives a customer id: POST /customers never succeeded: 503",
        ),
    ] {
        let mut service = service();
        if excluded {
            service.excluded = vec![maker.to_owned()];
        }
        let mut book = Workbook::new(&contract, &service, &world, Seed(7));
        if lacks {
            book.lacks(maker, "503".into());
        }
        let found = match book.plan(operation, &clerk()) {
            Ok(steps) => steps.join(" > "),
            Err(why) => why.reason,
        };
        assert_eq!(found, expected, "{operation}, {excluded}, {lacks}");
        assert_eq!(book.operations().iter().any(|key| key == maker), !excluded);
    }
}

#[test]
fn the_same_seed_gives_the_same_requests() {
    let contract = shop();
    let (service, world) = (service(), world());
    let one = Workbook::new(&contract, &service, &world, Seed(7));
    let other = Workbook::new(&contract, &service, &world, Seed(7));
    for key in one.operations() {
        let prepared = |book: &Workbook<'_>| {
            let mut steps = Vec::new();
            let request = book.prepare(key, &clerk(), 5, &mut steps);
            (request, steps)
        };
        assert_eq!(prepared(&one), prepared(&other), "{key}");
    }
}

#[test]
fn a_given_thing_is_neither_made_nor_brought_anywhere() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    for (operation, given, expected) in [
        (
            "POST /invoices/{id}/void",
            "id",
            "0 steps, /invoices/{{step 4 /id}}/void",
        ),
        (
            "PATCH /customers/{customerId}",
            "customerId",
            "1 steps, /customers/{{step 4 /id}}",
        ),
        (
            "GET /customers/{customerId}/contacts/{contactId}",
            "customerId",
            "2 steps, /customers/{{step 4 /id}}/contacts/{{step 2 tail Location}}",
        ),
    ] {
        let given = BTreeMap::from([(given.to_owned(), "{{step 4 /id}}".to_owned())]);
        let mut steps = Vec::new();
        let request = book
            .prepare_with(operation, &clerk(), 1, &mut steps, &given)
            .expect("it can be called");
        let told = format!("{} steps, {}", steps.len(), request.path);
        assert_eq!(told, expected, "{operation}");
    }
}

#[test]
fn what_is_made_can_be_read_and_changed() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    for (operation, reader, changer, made) in [
        (
            "POST /customers",
            Some("GET /customers/{customerId}"),
            Some("PATCH /customers/{customerId}"),
            "GET /customers/{{step 6 /id}}",
        ),
        (
            "POST /customers/{customerId}/contacts",
            Some("GET /customers/{customerId}/contacts/{contactId}"),
            Some("PATCH /customers/{customerId}"),
            "GET /customers/{{step 1 /id}}/contacts/{{step 6 tail Location}}",
        ),
        (
            "POST /invoices",
            Some("GET /invoices/{id}"),
            None,
            "GET /invoices/{{step 6 /data/id}}",
        ),
        (
            "PATCH /customers/{customerId}",
            Some("GET /customers/{customerId}"),
            Some("PATCH /customers/{customerId}"),
            "GET /customers/{{step 1 /id}}",
        ),
    ] {
        assert_eq!(book.reader_of(operation).as_deref(), reader, "{operation}");
        assert_eq!(
            book.changer_of(operation).as_deref(),
            changer,
            "{operation}"
        );
        let request = prepared(&book, operation);
        let reading = book.reading_of_made(operation, &request, 5);
        let reading = reading.map(|(_, request)| format!("{} {}", request.method, request.path));
        assert_eq!(reading.as_deref(), Some(made), "{operation}");
    }
    let value = book.field_value("POST /customers", "/name", &clerk(), 1);
    let text = value
        .as_ref()
        .and_then(|value| value.as_str())
        .expect("a text");
    assert!(text.contains(&world.tenants[0].mark.text));
    assert_ne!(
        value,
        book.field_value("POST /customers", "/name", &clerk(), 2)
    );
}

#[test]
fn a_login_is_called_with_the_callers_own_credentials() {
    let document = r#"{"openapi": "3.0.3", "paths": {"/sessions": {"post": {
        "requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "required": ["user", "password"],
            "properties": {"user": {"type": "string"}, "password": {"type": "string"}}}}}},
        "responses": {"201": {"description": "a token"}}}}}}"#;
    let contract = read(document.as_bytes(), None).expect("the document is usable");
    let world = world();
    let mut service = service();
    let text = |text: &str| Source::Text(text.to_owned());
    let all = BTreeMap::from([
        ("user".to_owned(), text("clerk@$(Tenant).example")),
        ("/password".to_owned(), text("clerk-$(MarkText)")),
    ]);
    let own = BTreeMap::from([("/password".to_owned(), text("another"))]);
    let login = Login {
        method: "POST".to_owned(),
        path: "/sessions".to_owned(),
        media_type: "application/json".to_owned(),
        fields: BTreeMap::from([("*".to_owned(), all), ("globex".to_owned(), own)]),
        token: "/token".to_owned(),
        header: "Authorization".to_owned(),
        prefix: "Bearer ".to_owned(),
    };
    let mut clerk = actor(None);
    clerk.authentication = Authentication::Login(Box::new(login));
    service.actors.insert("clerk".to_owned(), clerk);
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let mark = &world.tenants[0].mark.text;
    for (tenant, expected) in [
        (0, format!("clerk@acme.example clerk-{mark}")),
        (1, "clerk@globex.example another".to_owned()),
    ] {
        let caller = Caller::of(TenantIndex(tenant), "clerk");
        let request = book.prepare("POST /sessions", &caller, 1, &mut Vec::new());
        let Some(Body::Json { value, .. }) = request.expect("it needs nothing").body else {
            panic!("the body is JSON");
        };
        let said = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(format!("{} {}", said("user"), said("password")), expected);
    }
}

#[test]
fn a_contract_of_a_thousand_operations_is_worked_out() {
    let mut paths = serde_json::Map::new();
    let mut schemas = serde_json::Map::new();
    for number in 0..200 {
        let (name, next) = (format!("thing{number}"), (number * 7 + 1) % 200);
        let schema = serde_json::json!({"type": "object", "required": ["name"], "properties": {
            "id": {"type": "integer", "readOnly": true},
            "name": {"type": "string"},
            format!("thing{next}Id"): {"type": "integer"},
            "children": {"type": "array", "items": {"$ref": format!("#/components/schemas/thing{next}")}},
        }});
        schemas.insert(name.clone(), schema);
        let reference = serde_json::json!({"$ref": format!("#/components/schemas/{name}")});
        let content = serde_json::json!({"application/json": {"schema": reference}});
        let answer =
            |status: &str| serde_json::json!({status: {"description": "", "content": content}});
        let id = serde_json::json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]);
        let body = serde_json::json!({"content": content});
        paths.insert(
            format!("/{name}s"),
            serde_json::json!({
                "post": {"requestBody": body, "responses": answer("201")},
            }),
        );
        paths.insert(
            format!("/{name}s/{{id}}"),
            serde_json::json!({
                "parameters": id,
                "get": {"responses": answer("200")},
                "put": {"requestBody": body, "responses": answer("200")},
                "delete": {"responses": {"204": {"description": ""}}},
            }),
        );
        paths.insert(
            format!("/{name}s/{{id}}/close"),
            serde_json::json!({
                "parameters": id, "post": {"responses": answer("200")},
            }),
        );
    }
    let document =
        serde_json::json!({"openapi": "3.0.3", "paths": paths, "components": {"schemas": schemas}});
    let contract = read(document.to_string().as_bytes(), None).expect("the document is usable");
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    assert_eq!(book.operations().len(), 1_000);
    let plan = book
        .plan("GET /thing5s/{id}", &clerk())
        .expect("it can be made");
    assert_eq!(plan.last().map(String::as_str), Some("POST /thing5s"));
}

#[test]
fn a_position_that_could_be_left_out_is_filled_when_it_must_be() {
    let contract = shop();
    let (service, world) = (service(), world());
    let mut book = Workbook::new(&contract, &service, &world, Seed(7));
    // The recipe that leaves out what can be left out.
    book.choose("POST /invoices", 1);
    for (operation, position, expected) in [
        (
            "POST /invoices",
            "body lines[].productId",
            "POST /customers, POST /products: {{step 2 /productId}}",
        ),
        (
            "GET /periods",
            "query cursor",
            "GET /periods: {{step 1 /nextCursor}}",
        ),
    ] {
        let positions = book.positions(operation);
        let found = positions.iter().find(|own| own.to_string() == position);
        let found = found.expect("it is a position");
        let plain = prepared(&book, operation);
        assert_eq!(book.position_value(&plain, found), None, "{position}");
        let mut steps = Vec::new();
        let request = book.prepare_filled(operation, &clerk(), 1, &mut steps, found);
        let request = request.expect("something gives it");
        let plan: Vec<&str> = steps.iter().map(|step| step.operation()).collect();
        let value = book.position_value(&request, found).unwrap_or_default();
        assert_eq!(
            format!("{}: {value}", plan.join(", ")),
            expected,
            "{position}"
        );
    }
}

#[test]
fn odd_bodies_say_what_no_value_can() {
    let contract = shop();
    let (service, world) = (service(), world());
    let book = Workbook::new(&contract, &service, &world, Seed(7));
    let request = prepared(&book, "POST /customers");
    let bodies: BTreeMap<String, String> = book
        .odd_bodies("POST /customers", &request)
        .into_iter()
        .filter_map(|(label, request)| match request.body {
            Some(Body::Text { text, .. }) => Some((label, text)),
            _ => None,
        })
        .collect();
    let half = bodies
        .get("body name: half a surrogate pair")
        .expect("a name is a text");
    assert!(half.contains(r#""name":"a\ud800b""#), "{half}");
    assert!(serde_json::from_str::<serde_json::Value>(half).is_err());
    let twice = bodies
        .get("body name: given twice")
        .expect("a name is a text");
    assert_eq!(twice.matches("\"name\":").count(), 2);
    // A reference to a number is a number in a text, too.
    let request = prepared(&book, "POST /invoices");
    let bodies = book.odd_bodies("POST /invoices", &request);
    let cut = &bodies
        .iter()
        .find(|(label, _)| label.contains("middle"))
        .expect("it is there")
        .1;
    let Some(Body::Text { text, .. }) = &cut.body else {
        panic!("the body is a text");
    };
    assert!(
        text.starts_with("{\"customerId\":{{step 1 /id}},"),
        "{text}"
    );
}
