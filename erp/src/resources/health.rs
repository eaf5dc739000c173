//! How is the tenant doing? Counted from its own rows and files, and from nobody else's.

use std::sync::Arc;

use serde_json::json;

use super::jobs;
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params};

/// What is counted as use.
const COUNTED: &[(&str, &str)] = &[
    ("users", "Users"),
    ("customers", "Customers"),
    ("products", "Products"),
    ("invoices", "Invoices"),
];

pub(super) fn routes() -> Vec<Route> {
    let number = || Schema::Integer(0, i64::MAX >> 11);
    let usage = COUNTED.iter().map(|(name, _)| Field::new(name, number()));
    let health = Schema::Object(vec![
        Field::new("status", Schema::Word(&["ok", "degraded"])),
        Field::new("usage", Schema::Object(usage.collect())),
        Field::new(
            "storage",
            Schema::Object(vec![
                Field::new("files", number()),
                Field::new("bytes", number()),
            ]),
        ),
        Field::new("failedJobs", number()),
        Field::new(
            "lastDeploy",
            Schema::Object(vec![
                Field::new("name", Schema::line(0, 2_000)),
                Field::new("at", Schema::Moment),
            ]),
        )
        .nullable(),
        Field::new("database", Schema::line(0, 400)).about("What the rows are kept in"),
    ]);
    vec![Route {
        operation: Operation::new(
            "GET",
            "/health",
            "getHealth",
            "Use, storage, failed jobs and the last deployment of the tenant",
            Access::Permission(Permission::HealthRead),
        )
        .gives(200, "The tenant's health", health)
        .only(Design::DatabasePerTenant),
        handler: handler!(get_health),
    }]
}

async fn get_health(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = &call.service;
    let mut lease = call.lease().await?;
    let mut usage = serde_json::Map::new();
    for (name, table) in COUNTED {
        let statement = format!("SELECT COUNT(*) AS Number FROM {};", lease.table(table));
        let row = lease.row(&statement, &Params::new()).await?;
        let number = row
            .and_then(|row| row.integer("Number"))
            .unwrap_or_default();
        usage.insert((*name).to_owned(), json!(number));
    }
    let failed = jobs::failed(&mut lease).await?;
    let deploy = last_deploy(&mut lease).await?;
    let size = service.files.size(&lease.scope().tenant);
    let mut database = "SQL Server".to_owned();
    if service.switches.near_miss(Fault::SecretInResponse) {
        let statement =
            "SELECT CONVERT(nvarchar(60), SERVERPROPERTY('ProductVersion')) AS Version;";
        let row = lease.row(statement, &Params::new()).await?;
        let version = row.and_then(|row| row.text("Version")).unwrap_or_default();
        database = format!("SQL Server {version}");
    }
    if service.switches.fault(Fault::SecretInResponse) {
        // The planted defect: what the service connects with, as an operator would like to see it.
        database = service
            .store
            .connection_string(lease.scope())
            .unwrap_or(database);
    }
    Ok(Answer::ok(json!({
        "status": if failed == 0 { "ok" } else { "degraded" },
        "usage": usage,
        "storage": {"files": size.files, "bytes": size.bytes},
        "failedJobs": failed,
        "lastDeploy": deploy,
        "database": database,
    })))
}

/// The registry is not the application's to read; the tenant's own audit log tells of deployments, too.
async fn last_deploy(lease: &mut Lease) -> Result<serde_json::Value, Problem> {
    let statement = "SELECT TOP (1) e.Detail, e.OccurredAt FROM dbo.AuditEvents AS e \
                     WHERE e.EventName = 'MigrationDeployed' \
                     ORDER BY e.OccurredAt DESC, e.AuditEventId DESC;";
    let row = lease.row(statement, &Params::new()).await?;
    Ok(row.map_or(
        serde_json::Value::Null,
        |row| json!({"name": row.text("Detail").unwrap_or_default(), "at": row.get("OccurredAt")}),
    ))
}
