//! What the reference ERP does for a living, and what each planted defect of it looks like from
//! outside.

#[path = "erp/stage.rs"]
mod stage;

use std::collections::BTreeSet;

use erp::Design::{self, DatabasePerTenant, SharedDatabase};
use erp::{FAULTS, Fault};
use serde_json::{Value, json};
use stage::{Answer, Stage};

const REASON: &str = "Because it was agreed upon";

/// Somebody at work.
struct Worker<'a> {
    stage: &'a Stage,
    token: String,
}

impl<'a> Worker<'a> {
    async fn new(stage: &'a Stage, tenant: usize, user: &str) -> Self {
        Self {
            stage,
            token: stage.token(tenant, user).await,
        }
    }

    /// One call that must be answered with `status`, as the contract has it.
    async fn does(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let body = (!body.is_null()).then_some(body);
        let answer = self.stage.call(&self.token, method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        answer.body
    }

    /// One call with more headers, whatever is answered.
    async fn tries(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.stage
            .send(&self.token, method, path, headers, &body)
            .await
    }
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// The body of a new row that a department owns.
fn owned(stage: &Stage, design: Design, tenant: usize, body: Value) -> Value {
    match design {
        DatabasePerTenant => body,
        SharedDatabase => with(body, "subOrgId", json!(stage.number(tenant, 11))),
    }
}

fn customer(stage: &Stage, design: Design, tenant: usize, tax: &str) -> Value {
    let body = json!({"name": "Nova", "taxNumber": tax, "since": "2026-02-01", "email": null});
    owned(stage, design, tenant, body)
}

fn product(sku: &str) -> Value {
    json!({"sku": sku, "name": "Anvil", "unitPrice": 12.5})
}

#[tokio::test]
async fn invoices_are_drafted_posted_and_voided_and_nothing_is_edited_afterwards() {
    for design in [DatabasePerTenant, SharedDatabase] {
        let stage = Stage::new(design, &[], &[]).await;
        let books = Worker::new(&stage, 0, "accountant").await;
        let clerk = Worker::new(&stage, 0, "clerk").await;
        let other = Worker::new(&stage, 1, "accountant").await;

        let buyer = customer(&stage, design, 0, "T-1");
        let buyer = clerk.does("POST", "/customers", buyer, 201).await;
        let anvil = books.does("POST", "/products", product("A-1"), 201).await;
        clerk.does("POST", "/products", product("A-2"), 403).await;
        let month = json!({"name": "May", "startsOn": "2031-05-01", "endsOn": "2031-05-31"});
        let month = books.does("POST", "/periods", month, 201).await;
        let draft = json!({
            "customerId": buyer["id"], "periodId": month["id"], "issuedOn": "2031-05-02",
            "lines": [{"productId": anvil["id"], "quantity": 2.5}],
        });
        let foreign = with(draft.clone(), "customerId", json!(stage.number(1, 1)));
        let refused = clerk.does("POST", "/invoices", foreign, 400).await;
        assert_eq!(refused["errors"][0]["field"], "customerId");
        let missing = json!([{"productId": 7, "quantity": 1}]);
        let missing = clerk
            .does(
                "POST",
                "/invoices",
                with(draft.clone(), "lines", missing),
                400,
            )
            .await;
        assert_eq!(missing["errors"][0]["field"], "lines[0].productId");
        let made = clerk.does("POST", "/invoices", draft.clone(), 201).await;
        assert_eq!(made["total"], json!(31.25));
        let path = format!("/invoices/{}", made["id"]);
        let close = format!("/periods/{}/close", month["id"]);
        books.does("POST", &close, Value::Null, 409).await;

        let change = json!({"note": "by hand", "lines": []});
        clerk.does("PATCH", &path, change.clone(), 428).await;
        other
            .does(
                "PATCH",
                &path,
                with(change.clone(), "rowVersion", json!("1")),
                404,
            )
            .await;
        let seen = with(change.clone(), "rowVersion", made["rowVersion"].clone());
        let saved = clerk.does("PATCH", &path, seen.clone(), 200).await;
        assert_eq!(
            (&saved["total"], &saved["note"]),
            (&json!(0), &json!("by hand"))
        );
        clerk.does("PATCH", &path, seen, 412).await;
        let lines = json!([{"productId": anvil["id"], "quantity": 4, "description": "four"}]);
        let lines = json!({"rowVersion": saved["rowVersion"], "lines": lines});
        clerk.does("PATCH", &path, lines, 200).await;

        let (post, void) = (format!("{path}/post"), format!("{path}/void"));
        clerk.does("POST", &post, Value::Null, 403).await;
        other.does("POST", &post, Value::Null, 404).await;
        books
            .does("POST", &void, json!({"reason": REASON}), 409)
            .await;
        let posted = books.does("POST", &post, Value::Null, 200).await;
        assert_eq!(
            (&posted["status"], &posted["total"]),
            (&json!("posted"), &json!(50))
        );
        books.does("POST", &post, Value::Null, 409).await;
        let seen = with(change, "rowVersion", posted["rowVersion"].clone());
        clerk.does("PATCH", &path, seen, 409).await;
        for reason in [
            "nineteen characters",
            "nineteen characters   ",
            "nineteen characters\u{200b}",
        ] {
            books
                .does("POST", &void, json!({"reason": reason}), 400)
                .await;
        }
        let note = books
            .does("POST", &void, json!({"reason": REASON}), 201)
            .await;
        assert_eq!(
            (&note["total"], &note["reason"]),
            (&json!(-50), &json!(REASON))
        );
        books
            .does("POST", &void, json!({"reason": REASON}), 409)
            .await;
        let read = books
            .does(
                "GET",
                &format!("/credit-notes/{}", note["id"]),
                Value::Null,
                200,
            )
            .await;
        assert_eq!(read, note);
        assert_eq!(
            books.does("GET", &path, Value::Null, 200).await["status"],
            "void"
        );

        let spoiled = clerk.does("POST", "/invoices", draft.clone(), 201).await;
        let discard = format!("/invoices/{}/discard", spoiled["id"]);
        clerk.does("POST", &discard, Value::Null, 204).await;
        books.does("POST", &close, Value::Null, 200).await;
        clerk.does("POST", "/invoices", draft, 409).await;
        let reopen = format!("/periods/{}/reopen", month["id"]);
        clerk
            .does("POST", &reopen, json!({"reason": REASON}), 403)
            .await;
        books
            .does("POST", &reopen, json!({"reason": REASON}), 200)
            .await;
        books
            .does("POST", &reopen, json!({"reason": REASON}), 409)
            .await;
        clerk
            .does(
                "DELETE",
                &format!("/customers/{}", buyer["id"]),
                Value::Null,
                409,
            )
            .await;
        books
            .does(
                "DELETE",
                &format!("/products/{}", anvil["id"]),
                Value::Null,
                409,
            )
            .await;
    }
}

#[tokio::test]
async fn everything_that_can_be_listed_pages_through_the_own_rows_alone() {
    for design in [DatabasePerTenant, SharedDatabase] {
        let stage = Stage::new(design, &[], &[]).await;
        let reader = Worker::new(&stage, 0, "administrator").await;
        let neighbour = Worker::new(&stage, 1, "administrator").await;
        let routes = erp::resources::routes(design, &erp::Switches::default());
        let lists: Vec<_> = routes
            .iter()
            .map(|route| &route.operation)
            .filter(|o| o.parameters.iter().any(|p| p.name == "cursor"))
            .collect();
        assert!(lists.len() >= 8, "{}", lists.len());
        for list in lists {
            let sort = list
                .parameters
                .iter()
                .find(|p| p.name == "sort")
                .expect("a list is sorted");
            let erp::contract::Schema::Word(sorts) = &sort.schema else {
                panic!("{}: the orders are words", list.id);
            };
            for sort in *sorts {
                let mut seen = BTreeSet::new();
                let mut path = format!("{}?limit=2&sort={sort}", list.path);
                loop {
                    let page = reader.does("GET", &path, Value::Null, 200).await;
                    assert!(!page.to_string().contains(stage.mark(1)), "{path}");
                    for item in page["items"].as_array().expect("items") {
                        assert!(seen.insert(item["id"].to_string()), "{path}: {item} twice");
                    }
                    let Some(cursor) = page["nextCursor"].as_str() else {
                        break;
                    };
                    path = format!("{}?limit=2&sort={sort}&cursor={cursor}", list.path);
                    neighbour.does("GET", &path, Value::Null, 400).await;
                }
                assert!(!seen.is_empty(), "{}: nothing to see", list.id);
                let all = reader
                    .does("GET", &format!("{}?limit=100", list.path), Value::Null, 200)
                    .await;
                assert_eq!(
                    seen.len(),
                    all["items"].as_array().expect("items").len(),
                    "{path}"
                );
            }
            for term in ["%25", "%5B", "_", "%27", "%00"] {
                let path = format!("{}?q={term}", list.path);
                let answer = reader.tries("GET", &path, &[], Value::Null).await;
                assert!(
                    matches!(answer.status, 200 | 400),
                    "{path}: {}",
                    answer.text
                );
            }
        }
    }
}

#[tokio::test]
async fn a_movement_is_recorded_once_for_each_key_of_each_tenant() {
    for design in [DatabasePerTenant, SharedDatabase] {
        let stage = Stage::new(design, &[], &[]).await;
        let movement = |tenant: usize, quantity: i64| {
            let body = json!({"productId": stage.number(tenant, 1), "location": "Hall",
                              "quantity": quantity, "reason": "receipt"});
            owned(&stage, design, tenant, body)
        };
        let key = &[("Idempotency-Key", "first-of-week")];
        let here = Worker::new(&stage, 0, "clerk").await;
        let there = Worker::new(&stage, 1, "clerk").await;
        here.does("POST", "/stock-movements", movement(0, 5), 400)
            .await;
        let first = here
            .tries("POST", "/stock-movements", key, movement(0, 5))
            .await;
        let again = here
            .tries("POST", "/stock-movements", key, movement(0, 5))
            .await;
        assert_eq!((first.status, again.status), (201, 201), "{}", first.text);
        assert_eq!(first.body, again.body);
        assert_eq!(
            again
                .headers
                .get("idempotency-replayed")
                .map(String::as_str),
            Some("true")
        );
        let other = here
            .tries("POST", "/stock-movements", key, movement(0, 6))
            .await;
        assert_eq!(other.status, 422);
        let foreign = there
            .tries("POST", "/stock-movements", key, movement(1, 6))
            .await;
        assert_eq!(foreign.status, 201);
        let path = format!("/products/{}/stock", stage.number(0, 1));
        let stock = here.does("GET", &path, Value::Null, 200).await;
        let hall = stock["items"].as_array().expect("items");
        let hall: Vec<_> = hall
            .iter()
            .filter(|item| item["location"] == "Hall")
            .collect();
        assert_eq!(hall.len(), 1);
        assert_eq!(hall[0]["onHand"], 5);

        // Many at once, with one new key: one row.
        let key = [("Idempotency-Key", "race")];
        let race = || here.tries("POST", "/stock-movements", &key, movement(0, 7));
        let (a, b, c, d) = tokio::join!(race(), race(), race(), race());
        let mut ids = BTreeSet::new();
        for answer in [a, b, c, d] {
            assert!(matches!(answer.status, 201 | 409), "{}", answer.text);
            if answer.status == 201 {
                ids.insert(answer.body["id"].to_string());
            }
        }
        assert_eq!(ids.len(), 1);
    }
}

/// Whatever comes, the answer is no 5xx, quotes no SQL, and the service stays up.
#[tokio::test]
async fn malformed_requests_are_refused_and_tell_nothing() {
    for design in [DatabasePerTenant, SharedDatabase] {
        let stage = Stage::new(design, &[], &[]).await;
        let worker = Worker::new(&stage, 0, "administrator").await;
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let long = format!(
            r#"{{"sku":"{}","name":"n","unitPrice":1}}"#,
            "x".repeat(100_000)
        );
        for body in [
            "",
            "null",
            "[]",
            "{",
            "\"text\"",
            "1e999",
            "{\"a\":1e999}",
            &deep,
            &long,
            r#"{"sku":"S","name":"a\ud800b","unitPrice":1}"#,
            r#"{"sku":"S","name":"a\u0000b","unitPrice":1}"#,
            r#"{"sku":"S","name":"n","unitPrice":1e308}"#,
            r#"{"sku":"S","name":"n","unitPrice":-1}"#,
            r#"{"sku":"S","name":"n","unitPrice":1,"weightGrams":99999999999999999999}"#,
            r#"{"sku":"S","name":"n","unitPrice":1,"substituteId":2147483648}"#,
            r#"{"sku":"S","name":"n","unitPrice":1,"constructor":{"x":1}}"#,
            r#"{"sku":"S'; DROP TABLE x;--","name":"n","unitPrice":1}"#,
        ] {
            let answer = worker
                .stage
                .send(&worker.token, "POST", "/products", &[], body)
                .await;
            let start: String = body.chars().take(60).collect();
            assert_eq!(answer.status, 400, "{start}: {}", answer.text);
            let kind = answer.headers.get("content-type").map(String::as_str);
            assert_eq!(kind, Some("application/problem+json"));
            assert!(
                !answer.text.contains("INSERT") && !answer.text.contains("EXEC"),
                "{}",
                answer.text
            );
        }
        for (method, path, status) in [
            ("GET", "/customers/abc", 400),
            ("GET", "/customers/99999999999999999999", 400),
            ("GET", "/customers/-1", 400),
            ("GET", "/customers/%00", 400),
            ("GET", "/customers/01", 400),
            ("GET", "/customers/1%ff", 404),
            ("GET", "/customers?limit=1&limit=2", 400),
            ("GET", "/customers?cursor=e30.e30", 400),
            ("GET", "/customers?sort=TaxNumber", 400),
            ("GET", "/nowhere", 404),
            ("GET", "/customers/", 400),
            ("PUT", "/customers", 405),
            ("TRACE", "/customers", 405),
        ] {
            let answer = worker.tries(method, path, &[], Value::Null).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
            assert_eq!(
                answer.headers.contains_key("allow"),
                status == 405,
                "{path}"
            );
        }
        for token in ["", "x", "a.b", &format!("{}x", worker.token)] {
            let answer = stage.send(token, "GET", "/customers", &[], "").await;
            assert_eq!(answer.status, 401);
        }
        worker.does("GET", "/customers", Value::Null, 200).await;
    }
}

/// Whether the defect `id` can be seen from outside.
async fn shows(stage: &Stage, design: Design, id: &str) -> bool {
    let here = Worker::new(stage, 0, "administrator").await;
    let there = Worker::new(stage, 1, "administrator").await;
    let (own, foreign) = (|n| stage.number(0, n), |n| stage.number(1, n));
    let database = |tenant: usize| match (design, tenant) {
        (SharedDatabase, _) => "wt_erp",
        (_, 0) => "wt_acme",
        (_, _) => "wt_globex",
    };
    let audited = async |tenant: usize| {
        let table = match design {
            DatabasePerTenant => "dbo.AuditEvents",
            SharedDatabase => "dbo.ChangeHistory",
        };
        let counted = stage
            .sql(database(tenant), &format!("SELECT COUNT(*) FROM {table};"))
            .await;
        format!("{:?}", counted.results)
    };
    let movement = |tenant: usize, quantity: i64| {
        let body = json!({"productId": stage.number(tenant, 2), "location": "Shed",
                          "quantity": quantity, "reason": "receipt"});
        owned(stage, design, tenant, body)
    };
    match id {
        "read-by-id-unscoped" => {
            let path = format!("/customers/{}", foreign(1));
            here.tries("GET", &path, &[], Value::Null).await.status == 200
        }
        "update-by-id-unscoped" => {
            let path = format!("/customers/{}", foreign(2));
            let seen = there.does("GET", &path, Value::Null, 200).await;
            let change = json!({"name": "Taken", "rowVersion": seen["rowVersion"]});
            here.tries("PATCH", &path, &[], change).await;
            there.does("GET", &path, Value::Null, 200).await["name"] == "Taken"
        }
        "delete-by-id-unscoped" => {
            let victim = customer(stage, design, 1, "T-del");
            let victim = there.does("POST", "/customers", victim, 201).await;
            let path = format!("/customers/{}", victim["id"]);
            let answer = here.tries("DELETE", &path, &[], Value::Null).await;
            assert_eq!(answer.status, 404);
            there.tries("GET", &path, &[], Value::Null).await.status == 404
        }
        "body-org-trusted" => {
            let body = match design {
                DatabasePerTenant => with(product("B-1"), "tenant", json!("globex")),
                SharedDatabase => with(product("B-1"), "orgId", json!(foreign(0))),
            };
            here.tries("POST", "/products", &[], body).await.status == 201
        }
        "org-header-trusted" => {
            let number = foreign(0).to_string();
            let header = match design {
                DatabasePerTenant => ("X-Tenant", "globex"),
                SharedDatabase => ("X-Org-Id", number.as_str()),
            };
            let answer = here
                .tries("GET", "/customers", &[header], Value::Null)
                .await;
            answer.text.contains(stage.mark(1))
        }
        "foreign-reference-accepted" => {
            let body = with(product("F-1"), "substituteId", json!(foreign(1)));
            here.tries("POST", "/products", &[], body).await.status == 201
        }
        "foreign-reference-reveals" => {
            let body = with(product("F-2"), "substituteId", json!(foreign(1)));
            let foreign = here.tries("POST", "/products", &[], body).await;
            let body = with(product("F-2"), "substituteId", json!(own(999_999)));
            let missing = here.tries("POST", "/products", &[], body).await;
            foreign.status != missing.status
        }
        "reference-error-without-field" => {
            let body = with(product("F-3"), "substituteId", json!(own(999_999)));
            !here
                .tries("POST", "/products", &[], body)
                .await
                .text
                .contains("substituteId")
        }
        "search-widens" => {
            let answer = here.tries("GET", "/customers?q=o", &[], Value::Null).await;
            answer.text.contains(stage.mark(1))
        }
        "sub-org-ignored" => {
            let north = Worker::new(stage, 0, "clerk-north").await;
            let answer = north
                .tries("GET", "/invoices?limit=100", &[], Value::Null)
                .await;
            answer.text.contains(&own(12).to_string())
        }
        "idempotency-key-global" => {
            let key = &[("Idempotency-Key", "k-1")];
            there
                .tries("POST", "/stock-movements", key, movement(1, 1))
                .await;
            let answer = here
                .tries("POST", "/stock-movements", key, movement(0, 1))
                .await;
            answer.body["productId"] == json!(foreign(2))
        }
        "idempotency-body-ignored" => {
            let key = &[("Idempotency-Key", "k-2")];
            here.tries("POST", "/stock-movements", key, movement(0, 1))
                .await;
            here.tries("POST", "/stock-movements", key, movement(0, 2))
                .await
                .status
                == 201
        }
        "void-reason-not-checked" => {
            let path = format!("/periods/{}/reopen", own(1));
            let reason = json!({"reason": "nineteen characters\u{200b}"});
            here.tries("POST", &path, &[], reason).await.status == 200
        }
        "posted-invoice-editable" => {
            let path = format!("/invoices/{}", own(1));
            let seen = here.does("GET", &path, Value::Null, 200).await;
            let change = json!({"note": "edited", "rowVersion": seen["rowVersion"]});
            here.tries("PATCH", &path, &[], change).await.status == 200
        }
        "row-version-ignored" => {
            let path = format!("/products/{}", own(1));
            let change = json!({"name": "Late", "rowVersion": "999"});
            here.tries("PATCH", &path, &[], change).await.status == 200
        }
        "illegal-transition" => {
            let path = format!("/invoices/{}/post", own(5));
            here.tries("POST", &path, &[], Value::Null).await.status == 200
        }
        "audit-row-missing" => {
            let before = audited(0).await;
            match design {
                DatabasePerTenant => {
                    let path = format!("/invoices/{}/post", own(2));
                    here.does("POST", &path, Value::Null, 200).await;
                }
                SharedDatabase => {
                    let path = format!("/customers/{}", own(3));
                    let seen = here.does("GET", &path, Value::Null, 200).await;
                    let change = json!({"name": "Quiet", "rowVersion": seen["rowVersion"]});
                    here.does("PATCH", &path, change, 200).await;
                }
            }
            before == audited(0).await
        }
        "audit-wrong-tenant" => {
            there.does("POST", "/products", product("W-1"), 201).await;
            let before = audited(1).await;
            here.does("POST", "/products", product("W-2"), 201).await;
            before != audited(1).await
        }
        "audit-on-refusal" => {
            let path = format!("/invoices/{}/post", own(1));
            let before = audited(0).await;
            here.tries("POST", &path, &[], Value::Null).await;
            before != audited(0).await
        }
        "permission-unchecked" => {
            let clerk = Worker::new(stage, 0, "clerk").await;
            let path = format!("/invoices/{}/void", own(1));
            let reason = json!({"reason": "Because it was agreed with everybody who asked"});
            clerk.tries("POST", &path, &[], reason).await.status == 201
        }
        "error-tells-value" => {
            let theirs = customer(stage, design, 1, "T-same");
            let theirs = there.does("POST", "/customers", theirs, 201).await;
            let ours = customer(stage, design, 0, "T-same");
            let answer = here.tries("POST", "/customers", &[], ours).await;
            answer.text.contains(&theirs["id"].to_string())
        }
        "pool-keeps-context" => {
            there.does("GET", "/products", Value::Null, 200).await;
            let answer = here.tries("GET", "/products", &[], Value::Null).await;
            answer.text.contains(stage.mark(1))
        }
        "server-error-on-unicode" => {
            let body = r#"{"sku":"U-1","name":"a\ud800b","unitPrice":1}"#;
            stage
                .send(&here.token, "POST", "/products", &[], body)
                .await
                .status
                == 500
        }
        "answers-kept-by-address" => {
            there.does("GET", "/customers", Value::Null, 200).await;
            let rename = async |from: &str, to: &str| {
                let statement =
                    format!("UPDATE dbo.Users SET Email = REPLACE(Email, N'{from}', N'{to}');");
                let response = stage.sql(database(0), &statement).await;
                assert_eq!(response.errors, []);
            };
            let before = here.tries("GET", "/customers", &[], Value::Null).await;
            assert!(!before.text.contains(stage.mark(1)));
            rename("acme", "globex").await;
            let answer = here.tries("GET", "/customers", &[], Value::Null).await;
            rename("globex", "acme").await;
            answer.text.contains(stage.mark(1))
        }
        other => panic!("{other}: say what it looks like from outside"),
    }
}

/// The defects that are seen here; the others in the tests of the services.
const SEEN_HERE: &[&str] = &[
    "read-by-id-unscoped",
    "update-by-id-unscoped",
    "delete-by-id-unscoped",
    "body-org-trusted",
    "org-header-trusted",
    "foreign-reference-accepted",
    "foreign-reference-reveals",
    "reference-error-without-field",
    "search-widens",
    "sub-org-ignored",
    "idempotency-key-global",
    "idempotency-body-ignored",
    "void-reason-not-checked",
    "posted-invoice-editable",
    "row-version-ignored",
    "illegal-transition",
    "audit-row-missing",
    "audit-wrong-tenant",
    "audit-on-refusal",
    "permission-unchecked",
    "error-tells-value",
    "pool-keeps-context",
    "server-error-on-unicode",
    "answers-kept-by-address",
];

fn planted_in(design: Design) -> Vec<(Fault, &'static str)> {
    FAULTS
        .iter()
        .filter(|(_, d)| d.designs.contains(&design) && SEEN_HERE.contains(&d.id))
        .map(|(fault, d)| (*fault, d.id))
        .collect()
}

async fn each_shows(design: Design) {
    let mut hidden = Vec::new();
    for (fault, id) in planted_in(design) {
        let stage = Stage::new(design, &[id], &[]).await;
        if let Some(patch) = fault.patch(design) {
            let patch = patch.replace("$(ScriptChecksum)", "0");
            for batch in patch.split("\nGO\n") {
                let response = stage.sql("wt_acme", batch).await;
                assert_eq!(response.errors, [], "{id}");
            }
        }
        if !shows(&stage, design, id).await {
            hidden.push(id);
        }
    }
    assert!(hidden.is_empty(), "{hidden:?} do not show");
}

#[tokio::test]
async fn every_defect_shows_where_each_tenant_has_a_database() {
    each_shows(DatabasePerTenant).await;
}

#[tokio::test]
async fn every_defect_shows_where_the_database_is_shared() {
    each_shows(SharedDatabase).await;
}

#[tokio::test]
async fn neither_the_sound_service_nor_any_near_miss_shows_a_defect() {
    for design in [DatabasePerTenant, SharedDatabase] {
        let ids: Vec<_> = planted_in(design).into_iter().map(|(_, id)| id).collect();
        let sound = Stage::new(design, &[], &[]).await;
        let near = Stage::new(design, &[], &ids).await;
        for id in ids {
            assert!(
                !shows(&sound, design, id).await,
                "{id} shows in the sound service"
            );
            assert!(!shows(&near, design, id).await, "{id} shows in a near miss");
        }
    }
}
