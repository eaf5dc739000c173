//! What is going on in the background, and how did it end?

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Access, Field, Operation, Schema};
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params, Row};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Permission(Permission::HealthRead);
    let statuses = Schema::Word(&["queued", "running", "succeeded", "failed"]);
    let page = Schema::Object(vec![Field::new(
        "items",
        Schema::list(Schema::Named("Job"), 0, 500),
    )]);
    vec![
        Route {
            operation: Operation::new(
                "GET",
                "/jobs",
                "listJobs",
                "Background jobs, the latest first",
                read,
            )
            .query("status", statuses, "Only jobs in this state")
            .gives(200, "The latest 500 jobs", page),
            handler: handler!(list_jobs),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/jobs/{jobId}",
                "getJob",
                "One background job",
                Access::Token,
            )
            .gives(200, "The job", Schema::Named("Job")),
            handler: handler!(get_job),
        },
    ]
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    vec![
        (
            "Job",
            Schema::Object(vec![
                Field::new("id", Schema::id()),
                Field::new("kind", Schema::line(1, 30)),
                Field::new(
                    "status",
                    Schema::Word(&["queued", "running", "succeeded", "failed"]),
                ),
                Field::new("requestedBy", Schema::line(1, 128)),
                Field::new("requestedAt", Schema::Moment),
                Field::new("endedAt", Schema::Moment).nullable(),
                Field::new("outcome", Schema::line(0, 200)).nullable(),
            ]),
        ),
        (
            "JobAccepted",
            Schema::Object(vec![Field::new("jobId", Schema::id())]),
        ),
    ]
}

/// The answer of an operation that left the rest to a job.
pub fn accepted(job: i64) -> Answer {
    Answer::json(202, json!({"jobId": job})).header("Location", format!("/jobs/{job}"))
}

/// A job as the contract has it.
pub fn json_of(row: &Row) -> Value {
    json!({
        "id": row.get("JobId"),
        "kind": row.get("Kind"),
        "status": row.get("Status"),
        "requestedBy": row.get("RequestedBy"),
        "requestedAt": row.get("RequestedAt"),
        "endedAt": row.get("EndedAt"),
        "outcome": row.get("Outcome"),
    })
}

const COLUMNS: &str =
    "j.JobId, j.Kind, j.Status, j.RequestedBy, j.RequestedAt, j.EndedAt, j.Outcome";

async fn list_jobs(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let own = lease.own("j", false, &mut params);
    let status = call.parameter("status");
    let wanted = match status {
        Some(status) => format!("j.Status = {}", params.bind(status)),
        None => "1 = 1".to_owned(),
    };
    let table = lease.table("Jobs");
    let statement = format!(
        "SELECT TOP (500) {COLUMNS} FROM {table} AS j WHERE {own}{wanted} ORDER BY j.JobId DESC;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let items: Vec<Value> = rows.iter().map(json_of).collect();
    Ok(Answer::ok(json!({"items": items})))
}

/// The latest jobs of a kind.
pub async fn of_kind(lease: &mut Lease, kind: &str) -> Result<Vec<Value>, Problem> {
    let mut params = Params::new();
    let own = lease.own("j", false, &mut params);
    let (table, kind) = (lease.table("Jobs"), params.bind(kind));
    let statement = format!(
        "SELECT TOP (500) {COLUMNS} FROM {table} AS j WHERE {own}j.Kind = {kind} \
         ORDER BY j.JobId DESC;"
    );
    let rows = lease.rows(&statement, &params).await?;
    Ok(rows.iter().map(json_of).collect())
}

/// A job of the tenant's.
pub async fn find(lease: &mut Lease, id: i64) -> Result<Row, Problem> {
    let mut params = Params::new();
    let own = lease.own("j", false, &mut params);
    let (table, number) = (lease.table("Jobs"), params.bind(id));
    let statement = format!("SELECT {COLUMNS} FROM {table} AS j WHERE {own}j.JobId = {number};");
    let row = lease.row(&statement, &params).await?;
    row.ok_or_else(Problem::not_found)
}

/// Whoever knows a job's number may see how it ends; what it was about is not shown.
async fn get_job(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("jobId")?;
    let mut lease = call.lease().await?;
    Ok(Answer::ok(json_of(&find(&mut lease, id).await?)))
}

/// How many jobs of the tenant failed.
pub async fn failed(lease: &mut Lease) -> Result<i64, Problem> {
    let mut params = Params::new();
    let own = lease.own("j", false, &mut params);
    let table = match lease.design() {
        Design::DatabasePerTenant => "dbo.Jobs",
        Design::SharedDatabase => "org.Jobs",
    };
    let statement =
        format!("SELECT COUNT(*) AS Failed FROM {table} AS j WHERE {own}j.Status = 'failed';");
    let row = lease.row(&statement, &params).await?;
    Ok(row
        .and_then(|row| row.integer("Failed"))
        .unwrap_or_default())
}
