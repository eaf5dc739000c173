//! How tenants come and go in the reference ERP: every step fails in turn, and nothing is left.

#[path = "erp/stage.rs"]
mod stage;

use erp::Design::DatabasePerTenant;
use erp::provisioning::{STEPS, Step};
use serde_json::{Value, json};
use stage::Stage;

async fn operator(stage: &Stage) -> String {
    let body = json!({"user": "operator", "password": stage::OPERATOR});
    let answer = stage
        .call("", "POST", "/operator/sessions", Some(body))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["token"].as_str().expect("a token").to_owned()
}

fn hooli() -> Value {
    json!({"name": "hooli", "password": "Box-three-signature"})
}

/// Databases, logins and files: what a tenant is made of.
async fn inventory(stage: &Stage) -> String {
    let databases = stage
        .sql("master", "SELECT name FROM sys.databases ORDER BY name;")
        .await;
    let logins = "SELECT name FROM sys.server_principals ORDER BY name;";
    let logins = stage.sql("master", logins).await;
    let files = std::fs::read_dir(&stage.files).map(|all| {
        let names = all.filter_map(|entry| Some(entry.ok()?.file_name()));
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    });
    format!(
        "{:?} {:?} {:?}",
        databases.results,
        logins.results,
        files.unwrap_or_default()
    )
}

#[tokio::test]
async fn a_tenant_comes_works_and_goes_and_takes_everything_along() {
    for (faults, near_misses, is_complete) in [
        (&[][..], &[][..], true),
        (&[], &["offboarding-incomplete"], true),
        (&["offboarding-incomplete"], &[], false),
    ] {
        let stage = Stage::new(DatabasePerTenant, faults, near_misses).await;
        let token = operator(&stage).await;
        let before = inventory(&stage).await;
        let others = stage.dump("wt_acme", "dbo.Customers").await;
        let accepted = stage.call(&token, "POST", "/tenants", Some(hooli())).await;
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        assert_eq!(accepted.headers["location"], "/tenants/hooli");
        stage.running.settle().await;
        let made = stage.call(&token, "GET", "/tenants/hooli", None).await;
        assert_eq!(made.body["status"], "active", "{}", made.text);
        let twice = stage.call(&token, "POST", "/tenants", Some(hooli())).await;
        assert_eq!(twice.status, 409);

        let body =
            json!({"user": "administrator@hooli.example", "password": "Box-three-signature"});
        let session = stage.call("", "POST", "/sessions", Some(body)).await;
        assert_eq!(session.status, 201, "{}", session.text);
        let gavin = session.body["token"].as_str().expect("a token").to_owned();
        let customer = json!({"name": "Nucleus", "taxNumber": "N-1", "since": "2020-01-02"});
        let customer = stage
            .call(&gavin, "POST", "/customers", Some(customer))
            .await;
        assert_eq!(customer.status, 201, "{}", customer.text);
        let health = stage.call(&gavin, "GET", "/health", None).await;
        assert_eq!(health.body["usage"]["customers"], 1, "{}", health.text);

        let leaving = stage.call(&token, "DELETE", "/tenants/hooli", None).await;
        assert_eq!(leaving.status, 202, "{}", leaving.text);
        stage.running.settle().await;
        assert_eq!(
            stage
                .call(&token, "GET", "/tenants/hooli", None)
                .await
                .status,
            404
        );
        assert_eq!(stage.call(&gavin, "GET", "/health", None).await.status, 401);
        assert_eq!(inventory(&stage).await == before, is_complete);
        assert_eq!(stage.dump("wt_acme", "dbo.Customers").await, others);
        assert_eq!(
            stage
                .call(&token, "POST", "/tenants", Some(hooli()))
                .await
                .status,
            409
        );
    }
}

#[tokio::test]
async fn whichever_step_fails_nothing_is_left() {
    let stage = Stage::new(DatabasePerTenant, &[], &[]).await;
    let token = operator(&stage).await;
    let before = inventory(&stage).await;
    for (step, name) in STEPS {
        stage.running.fail_provisioning_at(Some(*step));
        let accepted = stage.call(&token, "POST", "/tenants", Some(hooli())).await;
        assert_eq!(accepted.status, 202, "{name}: {}", accepted.text);
        stage.running.settle().await;
        let failed = stage.call(&token, "GET", "/tenants/hooli", None).await;
        assert_eq!(failed.body["status"], "failed", "{}", failed.text);
        assert_eq!(failed.body["failedAt"], *name);
        assert_eq!(inventory(&stage).await, before, "{name}");
    }
    stage.running.fail_provisioning_at(None::<Step>);
    stage.call(&token, "POST", "/tenants", Some(hooli())).await;
    stage.running.settle().await;
    let made = stage.call(&token, "GET", "/tenants/hooli", None).await;
    assert_eq!(made.body["status"], "active", "{}", made.text);
}

#[tokio::test]
async fn only_the_operator_asks_for_tenants() {
    let stage = Stage::new(DatabasePerTenant, &[], &[]).await;
    let administrator = stage.token(0, "administrator").await;
    let operator = operator(&stage).await;
    let foreign = format!("/customers/{}", stage.number(1, 1));
    for (token, method, path, body, status) in [
        (&administrator, "GET", "/tenants", None, 403),
        (&administrator, "GET", foreign.as_str(), None, 404),
        (&administrator, "DELETE", "/tenants/globex", None, 403),
        (&administrator, "POST", "/tenants", Some(hooli()), 403),
        (&String::new(), "GET", "/tenants", None, 401),
        (&operator, "GET", "/tenants", None, 200),
        (&operator, "GET", "/tenants/nobody", None, 404),
        (&operator, "DELETE", "/tenants/nobody", None, 404),
        (&operator, "GET", "/customers", None, 401),
    ] {
        let answer = stage.call(token, method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    }
    for name in ["a/b", "..", "a.b", ""] {
        let body = json!({"name": name, "password": "Box-three-signature"});
        let answer = stage.call(&operator, "POST", "/tenants", Some(body)).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    let wrong = json!({"user": "operator", "password": "not it"});
    assert_eq!(
        stage
            .call("", "POST", "/operator/sessions", Some(wrong))
            .await
            .status,
        401
    );
}
