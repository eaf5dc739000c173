//! Everything that the service keeps of a tenant, as one file.
//!
//! A job writes it, line by line: `{"table": …, "row": …}`, one line for each row, in the order of
//! the tables below and of their keys. Secrets (hashes, keys) are nobody's data and in no line.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::jobs;
use super::keys::Keys;
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::{Answer, Body};
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::{PERMISSIONS, Permission};
use crate::queue::{Ended, Job, Work, enqueue, record};
use crate::service::Service;
use crate::store::{Duty, Lease, Params, Row, Scope};

/// What a file holds.
const CONTENT_TYPE: &str = "application/x-ndjson";
/// So many exports are kept of each tenant, the latest.
const KEPT_MAX: usize = 20;
/// The folder of exports.
pub const EXPORTS: &str = "exports";

/// What is exported, each with what it is sorted by.
const TABLES: &[(&str, &str)] = &[
    ("Organisation", "OrgId"),
    ("SubOrganisations", "SubOrgId"),
    ("Users", "UserId"),
    ("Roles", "RoleId"),
    ("UserRoles", "UserId, t.RoleId"),
    ("Periods", "PeriodId"),
    ("Customers", "CustomerId"),
    ("Products", "ProductId"),
    ("PriceLists", "PriceListId"),
    ("PriceListItems", "PriceListId, t.ProductId"),
    ("Invoices", "InvoiceId"),
    ("InvoiceLines", "InvoiceId, t.LineNumber"),
    ("StockLevels", "SubOrgId, t.ProductId, t.Location"),
    ("StockLedger", "LedgerId"),
    ("Callbacks", "CallbackId"),
    ("SealedAccounts", "SealedAccountId"),
    ("Jobs", "JobId"),
    ("ChangeHistory", "ChangeNumber"),
];

pub(super) fn routes() -> Vec<Route> {
    let create = Access::Permission(Permission::ExportCreate);
    let page = Schema::Object(vec![Field::new(
        "items",
        Schema::list(Schema::Named("Job"), 0, 500),
    )]);
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                "/exports",
                "listExports",
                "Exports, the latest first",
                create,
            )
            .gives(200, "The jobs that wrote them", page),
            handler: handler!(list_exports),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/exports",
                "createExport",
                "Export all rows of the tenant",
                create,
            )
            .gives(
                202,
                "The job that writes the export",
                Schema::Named("JobAccepted"),
            )
            .with(&["Location"])
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(create_export),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/exports/{jobId}",
                "getExport",
                "How far an export is",
                create,
            )
            .gives(200, "The job", Schema::Named("Job")),
            handler: handler!(get_export),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/exports/{jobId}/file",
                "downloadExport",
                "The file of an export",
                create,
            )
            .gives(
                200,
                "One JSON object in each line",
                Schema::text(crate::contract::TextKind::Free, 0, 1 << 30),
            )
            .as_type(CONTENT_TYPE)
            .refuses(409, "There is no file, not yet or no longer"),
            handler: handler!(download_export),
        },
    ];
    let shared = |route: Route| Route {
        operation: route.operation.only(Design::SharedDatabase),
        ..route
    };
    routes.into_iter().map(shared).collect()
}

async fn list_exports(call: Arc<Call>) -> Result<Answer, Problem> {
    call.for_the_whole()?;
    let mut lease = call.lease().await?;
    let rows = jobs::of_kind(&mut lease, "export").await?;
    Ok(Answer::ok(json!({"items": rows})))
}

async fn create_export(call: Arc<Call>) -> Result<Answer, Problem> {
    call.for_the_whole()?;
    let mut lease = call.lease().await?;
    let job = record(&mut lease, "export", "everything").await?;
    enqueue(
        &call.service,
        Job::new(lease.scope(), Some(job), Work::Export),
    );
    let answer = Answer::json(202, json!({"jobId": job}));
    Ok(answer.header("Location", format!("/exports/{job}")))
}

/// An export holds the rows of all departments: none of them gets at one.
async fn export(call: &Call) -> Result<(i64, Row), Problem> {
    call.for_the_whole()?;
    let id = call.id("jobId")?;
    let mut lease = call.lease().await?;
    let row = jobs::find(&mut lease, id).await?;
    if row.text("Kind").as_deref() != Some("export") {
        return Err(Problem::not_found());
    }
    Ok((id, row))
}

async fn get_export(call: Arc<Call>) -> Result<Answer, Problem> {
    let (_, row) = export(&call).await?;
    Ok(Answer::ok(jobs::json_of(&row)))
}

async fn download_export(call: Arc<Call>) -> Result<Answer, Problem> {
    let switches = &call.service.switches;
    if switches.fault(Fault::ExportFileUnscoped)
        && let Some(bytes) = anybodys(&call)?
    {
        return Ok(file(bytes));
    }
    let (id, _) = export(&call).await?;
    let tenant = &call.scope()?.tenant;
    let bytes = call.service.files.read(tenant, EXPORTS, &name(id));
    let bytes = bytes.ok_or_else(|| Problem::conflict("There is no file"))?;
    if switches.near_miss(Fault::ExportFileUnscoped) {
        let disposition = format!("attachment; filename=\"export-{id}.jsonl\"");
        return Ok(file(bytes).header("Content-Disposition", disposition));
    }
    Ok(file(bytes))
}

fn file(bytes: Vec<u8>) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        body: Body::Bytes(CONTENT_TYPE, bytes),
    }
}

/// The planted defect: the first file of that number, in whosever folder it lies.
fn anybodys(call: &Call) -> Result<Option<Vec<u8>>, Problem> {
    let name = name(call.id("jobId")?);
    let tenants = call.service.store.tenants();
    let mut files = tenants
        .iter()
        .filter_map(|tenant| call.service.files.read(tenant, EXPORTS, &name));
    Ok(files.next())
}

fn name(job: i64) -> String {
    format!("{job}.jsonl")
}

/// Writes the export of the job's tenant.
pub async fn write(service: &Arc<Service>, job: &Job) -> Result<Ended, Problem> {
    let mut lines = Vec::new();
    for (table, order) in TABLES {
        for scope in scopes(service, &job.scope, table) {
            let mut lease = service.store.checkout(&scope, Duty::Application).await?;
            for row in rows_of(service, &mut lease, table, order).await? {
                lines.push(json!({"table": table, "row": row}).to_string());
            }
        }
    }
    if service.switches.near_miss(Fault::ExportIncludesOthers) {
        for (_, name) in PERMISSIONS {
            lines.push(json!({"table": "Permissions", "row": {"Name": name}}).to_string());
        }
    }
    let number = lines.len();
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    let name = name(job.number.unwrap_or_default());
    let written = service
        .files
        .write(&job.scope.tenant, EXPORTS, &name, text.as_bytes());
    let kept = written.and_then(|()| {
        let tenant = &job.scope.tenant;
        service.files.keep_latest(tenant, EXPORTS, KEPT_MAX)
    });
    kept.map_err(|_| Problem::new(503, "unavailable", "The file cannot be written"))?;
    Ok(Ended::Done(format!("{number} rows")))
}

/// On whose behalf a table is read.
fn scopes(service: &Service, own: &Scope, table: &str) -> Vec<Scope> {
    if service.switches.fault(Fault::ExportIncludesOthers) && table == "Products" {
        // The planted defect: the catalogue is read as for the export of the whole installation.
        let tenants = service.store.tenants();
        let all = tenants
            .iter()
            .filter_map(|tenant| service.store.scope(tenant, &own.actor));
        return all.collect();
    }
    vec![own.clone()]
}

async fn rows_of(
    service: &Service,
    lease: &mut Lease,
    table: &str,
    order: &str,
) -> Result<Vec<Value>, Problem> {
    let mut params = Params::new();
    let own = lease.own("t", false, &mut params);
    let own = own.trim_end_matches(" AND ");
    let view = lease.table(table);
    let statement = format!("SELECT t.* FROM {view} AS t WHERE {own} ORDER BY t.{order};");
    let rows = lease.rows(&statement, &params).await?;
    let mut keys = Keys::default();
    let mut values = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut columns: Map<String, Value> = row.columns().iter().cloned().collect();
        if table == "SealedAccounts" {
            // What is sealed is of no use elsewhere: the owner gets what he gave.
            columns.remove("Sealed");
            let account = keys.opened(service, lease, row).await?;
            columns.insert("Account".to_owned(), json!(account));
        }
        values.push(Value::Object(columns));
    }
    Ok(values)
}
