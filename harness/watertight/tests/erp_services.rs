//! What the reference ERP does besides its business: webhooks, jobs, the console, changes, health,
//! exports, erasure, callbacks, sealed fields and the signed history.

#[path = "erp/described.rs"]
mod described;
#[path = "erp/stage.rs"]
mod stage;

use std::sync::{Arc, Mutex};

use erp::Design::{DatabasePerTenant, SharedDatabase};
use serde_json::json;
use stage::Stage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_console_reads_as_the_investigator_and_is_written_down() {
    for (design, database) in [(DatabasePerTenant, "wt_acme"), (SharedDatabase, "wt_erp")] {
        let stage = Stage::new(design, &[], &[]).await;
        let token = stage.token(0, "auditor").await;
        let customers = match design {
            DatabasePerTenant => "dbo.Customers",
            SharedDatabase => "org.Customers",
        };
        let before = stage.dump(database, "dbo.Customers").await;
        for (sql, status) in [
            (format!("SELECT TOP (3) * FROM {customers};"), 200),
            (format!("SELECT 1 AS A; DELETE FROM {customers};"), 403),
            (format!("UPDATE {customers} SET Name = N'x';"), 403),
            ("EXECUTE AS USER = 'dbo'; SELECT 1;".to_owned(), 403),
            ("SELEC 1".to_owned(), 422),
            ("BEGIN TRANSACTION;".to_owned(), 200),
            (
                "SELECT * FROM wt_globex.dbo.Customers;".to_owned(),
                // There is no such database where all share one.
                if design == DatabasePerTenant {
                    403
                } else {
                    422
                },
            ),
        ] {
            let body = json!({"sql": sql});
            let answer = stage
                .call(&token, "POST", "/console/queries", Some(body))
                .await;
            assert_eq!(answer.status, status, "{sql}: {}", answer.text);
            assert!(!answer.text.contains(stage.mark(1)));
            let log = match design {
                DatabasePerTenant => "dbo.AuditEvents",
                SharedDatabase => "dbo.ChangeHistory",
            };
            let log = stage.dump(database, log).await;
            assert!(
                log.contains(&sql.replace('\'', "\\'")) || log.contains(&sql),
                "{sql}"
            );
        }
        assert_eq!(stage.dump(database, "dbo.Customers").await, before);
        let clerk = stage.token(0, "clerk").await;
        let body = Some(json!({"sql": "SELECT 1"}));
        let answer = stage.call(&clerk, "POST", "/console/queries", body).await;
        assert_eq!(answer.status, 403);
    }
}

#[tokio::test]
async fn a_planted_console_writes_or_forgets() {
    let stage = Stage::new(
        DatabasePerTenant,
        &["console-as-app-rw", "console-not-logged"],
        &[],
    )
    .await;
    let token = stage.token(0, "auditor").await;
    let log = stage.dump("wt_acme", "dbo.AuditEvents").await;
    let body = json!({"sql": "UPDATE dbo.Products SET Name = N'x' WHERE ProductId IS NOT NULL;"});
    let answer = stage
        .call(&token, "POST", "/console/queries", Some(body))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(stage.dump("wt_acme", "dbo.AuditEvents").await, log);
    assert!(
        stage
            .dump("wt_acme", "dbo.Products")
            .await
            .contains("\"x\"")
    );
}

#[tokio::test]
async fn health_counts_the_own_rows_and_tells_no_secret() {
    for (faults, near_misses, tells) in [
        (&[][..], &[][..], false),
        (&[], &["secret-in-response"], false),
        (&["secret-in-response"], &[], true),
    ] {
        let stage = Stage::new(DatabasePerTenant, faults, near_misses).await;
        let token = stage.token(0, "administrator").await;
        let answer = stage.call(&token, "GET", "/health", None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["failedJobs"], 1);
        assert_eq!(
            answer.text.contains("pw'wt_acme_app_rw"),
            tells,
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn changes_of_a_document_are_its_own_in_the_order_of_time() {
    for (faults, near_misses) in [
        (&[][..], &[][..]),
        (&[], &["changes-view-leaks"]),
        (&["changes-view-leaks"], &[]),
    ] {
        let stage = Stage::new(DatabasePerTenant, faults, near_misses).await;
        let token = stage.token(0, "clerk").await;
        let path = format!("/invoices/{}/changes", stage.number(0, 2));
        let answer = stage.call(&token, "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.body["items"].as_array().expect("a list");
        let times: Vec<&str> = items
            .iter()
            .filter_map(|item| item["at"].as_str())
            .collect();
        assert!(times.is_sorted() && times.len() == items.len());
        let count = |source| items.iter().filter(|item| item["source"] == source).count();
        let own = (count("Invoices"), count("AuditEvents"));
        assert_eq!(own == (2, 1), faults.is_empty(), "{}", answer.text);
        // Two lines, each changed once; the planted defect shows the first lines of all invoices.
        assert_eq!(
            count("InvoiceLines") == 4,
            faults.is_empty(),
            "{}",
            answer.text
        );
        for (tenant, n) in [(1, 2), (0, 999)] {
            let path = format!("/invoices/{}/changes", stage.number(tenant, n));
            assert_eq!(stage.call(&token, "GET", &path, None).await.status, 404);
        }
        for kind in ["customers", "products", "periods"] {
            let path = format!("/{kind}/{}/changes", stage.number(0, 2));
            let answer = stage.call(&token, "GET", &path, None).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_export_holds_all_own_rows_and_nobody_elses() {
    for (faults, near_misses, is_clean) in [
        (&[][..], &[][..], true),
        (&[], &["export-includes-others"], true),
        (&["export-includes-others"], &[], false),
    ] {
        let stage = Stage::new(SharedDatabase, faults, near_misses).await;
        let token = stage.token(0, "administrator").await;
        let answer = stage.call(&token, "POST", "/exports", None).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let path = answer.headers["location"].clone();
        stage.running.settle().await;
        let answer = stage.call(&token, "GET", &path, None).await;
        assert_eq!(answer.body["status"], "succeeded", "{}", answer.text);
        let file = stage
            .call(&token, "GET", &format!("{path}/file"), None)
            .await;
        assert_eq!(file.status, 200);
        assert_eq!(file.text.contains(stage.mark(1)), !is_clean);
        let lines = file
            .text
            .lines()
            .filter(|line| line.contains("\"Customers\""))
            .count();
        assert_eq!(lines, 13);
        // It holds the rows of all departments, and none of them gets it.
        let north = stage.token(0, "accountant-north").await;
        for path in [path.clone(), format!("{path}/file"), "/exports".to_owned()] {
            assert_eq!(stage.call(&north, "GET", &path, None).await.status, 403);
        }
        // Another tenant's export is nothing.
        let other = stage.token(1, "administrator").await;
        for path in [path.clone(), format!("{path}/file")] {
            assert_eq!(stage.call(&other, "GET", &path, None).await.status, 404);
        }
    }
}

#[tokio::test]
async fn an_erased_customer_is_nowhere() {
    for (faults, near_misses, is_clean) in [
        (&[][..], &[][..], true),
        (&[], &["erasure-leaves-history"], true),
        (&["erasure-leaves-history"], &[], false),
    ] {
        let stage = Stage::new(SharedDatabase, faults, near_misses).await;
        let token = stage.token(0, "administrator").await;
        let customer = json!({
            "subOrgId": stage.number(0, 11), "name": "Quixote Mills", "taxNumber": "QX-77",
            "since": "2020-01-02", "email": "quixote@mancha.example",
        });
        let made = stage
            .call(&token, "POST", "/customers", Some(customer))
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = made.headers["location"].clone();
        let change = json!({"rowVersion": made.body["rowVersion"], "name": "Quixote Windmills"});
        let changed = stage.call(&token, "PATCH", &path, Some(change)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let account = json!({"account": "ES9121000418450200051332"});
        let account = stage
            .call(
                &token,
                "PUT",
                &format!("{path}/bank-account"),
                Some(account),
            )
            .await;
        assert_eq!(account.status, 200, "{}", account.text);
        stage.call(&token, "POST", "/exports", None).await;
        stage.running.settle().await;
        let data = stage
            .call(&token, "GET", &format!("{path}/personal-data"), None)
            .await;
        assert_eq!(data.status, 200, "{}", data.text);
        assert!(data.text.contains("ES9121") && data.text.contains("Quixote Mills"));

        let erased = stage
            .call(&token, "POST", &format!("{path}/erasure"), None)
            .await;
        assert_eq!(erased.status, 204, "{}", erased.text);
        let mut everything = String::new();
        for table in [
            "Customers",
            "CustomersHistory",
            "SealedAccounts",
            "ChangeHistory",
            "Jobs",
        ] {
            everything.push_str(&stage.dump("wt_erp", &format!("dbo.{table}")).await);
        }
        assert_eq!(everything.contains("Quixote"), !is_clean);
        assert_eq!(everything.contains("quixote@"), !is_clean);
        assert!(!stage.files.join("acme/exports").exists());
        let gone = stage.call(&token, "GET", &path, None).await;
        assert_eq!(gone.body["name"], "erased", "{}", gone.text);
        let verified = stage
            .call(&token, "GET", "/changes/verification", None)
            .await;
        assert_eq!(verified.body["whole"], true, "{}", verified.text);
        for (tenant, n) in [(1, 1), (0, 999)] {
            let path = format!("/customers/{}/erasure", stage.number(tenant, n));
            assert_eq!(stage.call(&token, "POST", &path, None).await.status, 404);
        }
    }
}

#[tokio::test]
async fn a_callback_ends_once() {
    for (faults, near_misses, again) in [
        (&[][..], &[][..], 404),
        (&[], &["callback-secret-reusable"], 409),
        (&["callback-secret-reusable"], &[], 200),
    ] {
        let stage = Stage::new(SharedDatabase, faults, near_misses).await;
        let token = stage.token(0, "administrator").await;
        let foreign = json!({"subOrgId": stage.number(1, 11), "url": "https://hooks.example/x"});
        let refused = stage
            .call(&token, "POST", "/callbacks", Some(foreign))
            .await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert_eq!(refused.body["errors"][0]["field"], "subOrgId");
        let own = json!({"subOrgId": stage.number(0, 11), "url": "https://hooks.example/x"});
        let made = stage.call(&token, "POST", "/callbacks", Some(own)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = format!("{}/completion", made.headers["location"]);
        let secret = made.body["secret"].as_str().expect("a secret").to_owned();
        let wrong = json!({"secret": "0123456789abcdef"});
        assert_eq!(
            stage.call(&token, "POST", &path, Some(wrong)).await.status,
            404
        );
        let other = stage.token(1, "administrator").await;
        let good = json!({"secret": secret});
        assert_eq!(
            stage
                .call(&other, "POST", &path, Some(good.clone()))
                .await
                .status,
            404
        );
        let ended = stage.call(&token, "POST", &path, Some(good.clone())).await;
        assert_eq!(
            (ended.status, &ended.body["status"]),
            (200, &json!("delivered"))
        );
        assert_eq!(
            stage.call(&token, "POST", &path, Some(good)).await.status,
            again
        );
        assert!(
            !stage
                .dump("wt_erp", "dbo.Callbacks")
                .await
                .contains(&secret)
        );
    }
}

#[tokio::test]
async fn accounts_are_sealed_and_read_after_the_key_has_changed() {
    for (faults, near_misses) in [
        (&[][..], &[][..]),
        (&[], &["change-chain-unsigned"]),
        (&["change-chain-unsigned"], &[]),
    ] {
        let stage = Stage::new(SharedDatabase, faults, near_misses).await;
        let token = stage.token(0, "administrator").await;
        let path = format!("/customers/{}/bank-account", stage.number(0, 3));
        assert_eq!(stage.call(&token, "GET", &path, None).await.status, 404);
        for account in ["NL00FIRST0000000001", "NL00SECOND000000002"] {
            let body = Some(json!({"account": account}));
            let put = stage.call(&token, "PUT", &path, body).await;
            assert_eq!(put.status, 200, "{}", put.text);
            let row = stage.dump("wt_erp", "dbo.SealedAccounts").await;
            assert!(!row.contains(account));
        }
        let chain = stage.dump("wt_erp", "dbo.ChangeHistory").await;
        assert_eq!(chain.matches("BankAccountChanged").count(), 2);
        let product = format!("/products/{}", stage.number(0, 6));
        let seen = stage.call(&token, "GET", &product, None).await;
        let change = json!({"rowVersion": seen.body["rowVersion"], "name": "Renamed"});
        let changed = stage.call(&token, "PATCH", &product, Some(change)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let after = stage.dump("wt_erp", "dbo.ChangeHistory").await;
        assert_eq!(after != chain, faults.is_empty());
        let before = stage.call(&token, "GET", &path, None).await;
        let rotated = stage.call(&token, "POST", "/keys/rotations", None).await;
        assert_eq!(rotated.status, 202, "{}", rotated.text);
        stage.running.settle().await;
        let after = stage.call(&token, "GET", &path, None).await;
        assert_eq!(after.body["account"], "NL00SECOND000000002");
        assert_ne!(after.body["keyNumber"], before.body["keyNumber"]);
        assert_eq!(after.body["keyNumber"], rotated.body["keyNumber"]);
        let keys = stage.call(&token, "GET", "/keys", None).await;
        assert_eq!(
            keys.body["items"].as_array().map(Vec::len),
            Some(4),
            "{}",
            keys.text
        );
        let other = stage.token(1, "administrator").await;
        assert_eq!(stage.call(&other, "GET", &path, None).await.status, 404);
        // A row of one customer that is put in another's place opens nothing.
        let moved = format!(
            "UPDATE a SET a.Sealed = b.Sealed, a.KeyNumber = b.KeyNumber FROM dbo.SealedAccounts AS a \
             CROSS JOIN dbo.SealedAccounts AS b WHERE a.CustomerId = {} AND b.CustomerId = {};",
            stage.number(0, 1),
            stage.number(0, 3)
        );
        assert_eq!(stage.sql("wt_erp", &moved).await.errors, []);
        let path = format!("/customers/{}/bank-account", stage.number(0, 1));
        assert_eq!(stage.call(&token, "GET", &path, None).await.status, 404);
    }
}

/// Takes every message, answers each with `status`, and keeps them: head and body.
async fn receiver(status: u16) -> (String, Arc<Mutex<Vec<(String, String)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let taken = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut text = String::new();
            let mut part = [0; 4_096];
            while let Ok(length) = socket.read(&mut part).await {
                text.push_str(&String::from_utf8_lossy(&part[..length]));
                let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                    let length = header(head, "content-length").parse();
                    length.is_ok_and(|length: usize| body.len() >= length)
                });
                if whole || length == 0 {
                    break;
                }
            }
            let (head, body) = text.split_once("\r\n\r\n").expect("a request");
            kept.lock()
                .expect("no panic")
                .push((head.to_owned(), body.to_owned()));
            let answer = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n");
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (format!("http://{address}/hooks"), taken)
}

fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

async fn subscribed(stage: &Stage, token: &str, url: &str) -> (i64, String) {
    let body = json!({"url": url, "event": "CustomerCreated"});
    let made = stage.call(token, "POST", "/webhooks", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_i64().expect("a number");
    (
        id,
        made.body["secret"].as_str().expect("a secret").to_owned(),
    )
}

async fn customer(stage: &Stage, token: &str, tax: &str) {
    let body = json!({"name": "Zephyr", "taxNumber": tax, "since": "2020-01-02"});
    let made = stage.call(token, "POST", "/customers", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// Whether a message carries a signature under this secret.
fn is_signed(head: &str, body: &str, secret: &str) -> bool {
    let (id, stamp) = (
        header(head, "webhook-id"),
        header(head, "webhook-timestamp"),
    );
    let parts = [id.as_bytes(), b".", stamp.as_bytes(), b".", body.as_bytes()];
    let expected = erp::http::sign::hmac(secret.as_bytes(), &parts);
    let expected = format!("v1={}", erp::http::sign::hexadecimal(&expected));
    header(head, "webhook-signature")
        .split(',')
        .any(|given| given == expected)
}

#[tokio::test]
async fn deliveries_are_signed_with_the_subscriptions_own_secret() {
    for (faults, near_misses, is_right) in [
        (&[][..], &[][..], true),
        (&[], &["webhook-wrong-secret"], true),
        (&["webhook-wrong-secret"], &[], false),
    ] {
        let stage = Stage::new(DatabasePerTenant, faults, near_misses).await;
        let own = stage.token(0, "administrator").await;
        let other = stage.token(1, "administrator").await;
        let (url, taken) = receiver(204).await;
        let (other_url, other_taken) = receiver(204).await;
        let (id, secret) = subscribed(&stage, &own, &url).await;
        subscribed(&stage, &other, &other_url).await;
        customer(&stage, &own, "Z-1").await;
        stage.running.settle().await;
        let taken = taken.lock().expect("no panic").clone();
        assert_eq!(taken.len(), 1);
        let (head, body) = &taken[0];
        assert_eq!(is_signed(head, body, &secret), is_right, "{head}");
        assert!(body.contains("CustomerCreated") && body.contains("acme"));
        assert!(other_taken.lock().expect("no panic").is_empty());
        let log = stage
            .call(&own, "GET", &format!("/webhooks/{id}/deliveries"), None)
            .await;
        assert_eq!(log.body["items"][0]["outcome"], "delivered", "{}", log.text);
        let hidden = stage
            .call(
                &other,
                "GET",
                &format!("/webhooks/{}", stage.number(0, 1)),
                None,
            )
            .await;
        assert!(!hidden.text.contains(stage.mark(0)));
        let rows = stage.dump("wt_acme", "dbo.WebhookSubscriptions").await;
        assert!(!rows.contains(&secret));
        let ended = stage
            .call(&own, "DELETE", &format!("/webhooks/{id}"), None)
            .await;
        assert_eq!(ended.status, 204);
        let again = stage
            .call(&own, "DELETE", &format!("/webhooks/{id}"), None)
            .await;
        assert_eq!(again.status, 409);
    }
}

#[tokio::test]
async fn failed_deliveries_are_tried_again_later_each_time_and_no_redirect_is_followed() {
    let stage = Stage::new(DatabasePerTenant, &[], &[]).await;
    let token = stage.token(0, "administrator").await;
    for (status, outcomes) in [
        (500, &["given up", "retried", "retried"][..]),
        (429, &["given up", "retried", "retried"]),
        (302, &["refused"]),
        (404, &["refused"]),
    ] {
        let (url, taken) = receiver(status).await;
        let (id, _) = subscribed(&stage, &token, &url).await;
        customer(&stage, &token, &format!("Z-{status}")).await;
        stage.running.settle().await;
        let log = stage
            .call(&token, "GET", &format!("/webhooks/{id}/deliveries"), None)
            .await;
        let items = log.body["items"].as_array().expect("a list");
        let seen: Vec<&str> = items
            .iter()
            .filter_map(|item| item["outcome"].as_str())
            .collect();
        assert_eq!(seen, outcomes, "{}", log.text);
        assert_eq!(taken.lock().expect("no panic").len(), outcomes.len());
        // No attempt comes before the time that the log promised.
        for pair in items.windows(2) {
            let (later, promised) = (pair[0]["at"].as_str(), pair[1]["nextAt"].as_str());
            assert!(later >= promised, "{}", log.text);
        }
        stage
            .call(&token, "DELETE", &format!("/webhooks/{id}"), None)
            .await;
    }
    for url in ["https://hooks.example/x", "http://169.254.169.254/latest"] {
        let (id, _) = subscribed(&stage, &token, url).await;
        customer(&stage, &token, &format!("Z-{}", url.len())).await;
        stage.running.settle().await;
        let log = stage
            .call(&token, "GET", &format!("/webhooks/{id}/deliveries"), None)
            .await;
        assert_eq!(log.body["items"][0]["outcome"], "refused", "{}", log.text);
        assert!(log.body["items"][0]["status"].is_null());
        stage
            .call(&token, "DELETE", &format!("/webhooks/{id}"), None)
            .await;
    }
    let health = stage.call(&token, "GET", "/health", None).await;
    assert_eq!(health.body["failedJobs"], 1 + 6, "{}", health.text);
}

#[tokio::test]
async fn a_job_keeps_its_tenant() {
    for (faults, near_misses, is_clean) in [
        (&[][..], &[][..], true),
        (&[], &["job-loses-tenant"], true),
        (&["job-loses-tenant"], &[], false),
    ] {
        let stage = Stage::new(DatabasePerTenant, faults, near_misses).await;
        let own = stage.token(0, "administrator").await;
        let other = stage.token(1, "administrator").await;
        let (url, _) = receiver(204).await;
        let (other_url, other_taken) = receiver(204).await;
        subscribed(&stage, &own, &url).await;
        subscribed(&stage, &other, &other_url).await;
        customer(&stage, &other, "Z-1").await;
        stage.running.settle().await;
        let before = stage.dump("wt_globex", "dbo.Jobs").await;
        let heard = other_taken.lock().expect("no panic").len();
        customer(&stage, &own, "Z-2").await;
        stage.running.settle().await;
        let after = stage.dump("wt_globex", "dbo.Jobs").await;
        let heard_after = other_taken.lock().expect("no panic").len();
        assert_eq!(before == after && heard == heard_after, is_clean);
    }
}

#[tokio::test]
async fn a_statement_is_written_to_the_own_spool() {
    let stage = Stage::new(DatabasePerTenant, &[], &[]).await;
    let token = stage.token(0, "accountant").await;
    let path = |tenant, n| format!("/customers/{}/statements", stage.number(tenant, n));
    let answer = stage.call(&token, "POST", &path(0, 2), None).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(
        stage.call(&token, "POST", &path(1, 1), None).await.status,
        404
    );
    stage.running.settle().await;
    let mut spool = std::fs::read_dir(stage.files.join("acme/mail")).expect("a spool");
    let mail = spool
        .next()
        .expect("a mail")
        .expect("it can be read")
        .path();
    let mail = std::fs::read_to_string(mail).expect("it can be read");
    assert!(mail.contains(stage.mark(0)) && !mail.contains(stage.mark(1)));
    assert!(spool.next().is_none() && !stage.files.join("globex").exists());
    let job = stage
        .call(&token, "GET", &answer.headers["location"], None)
        .await;
    assert_eq!(job.body["status"], "succeeded", "{}", job.text);
}

#[tokio::test]
async fn rates_are_taken_by_a_job_and_remembered_for_one_tenant() {
    let stage = Stage::new(DatabasePerTenant, &[], &[]).await;
    let own = stage.token(0, "accountant").await;
    let other = stage.token(1, "accountant").await;
    for token in [&own, &other] {
        let rates = stage.call(token, "GET", "/exchange-rates", None).await;
        assert!(rates.body["asOf"].is_null(), "{}", rates.text);
    }
    let accepted = stage
        .call(&own, "POST", "/exchange-rates/refresh", None)
        .await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    stage.running.settle().await;
    let rates = stage.call(&own, "GET", "/exchange-rates", None).await;
    assert!(rates.body["asOf"].is_string(), "{}", rates.text);
    let rates = stage.call(&other, "GET", "/exchange-rates", None).await;
    assert!(rates.body["asOf"].is_null(), "{}", rates.text);
}
