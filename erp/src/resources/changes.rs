//! What happened to a document? Its earlier versions and its business events, in the order of time.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::rows::{CUSTOMER, Entity, INVOICE, PERIOD, PRODUCT};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params, Row};

/// A kind of document that has changes.
struct Document {
    entity: Entity,
    /// What the audit log calls it.
    name: &'static str,
    /// Its table's columns, those of its period excluded.
    columns: &'static [&'static str],
    parameter: &'static str,
}

const INVOICES: Document = Document {
    entity: INVOICE,
    name: "Invoice",
    columns: &[
        "InvoiceNumber",
        "CustomerId",
        "PeriodId",
        "Status",
        "IssuedOn",
        "ActualPostingDate",
        "Total",
        "Note",
    ],
    parameter: "invoiceId",
};

const CUSTOMERS: Document = Document {
    entity: CUSTOMER,
    name: "Customer",
    columns: &[
        "Name",
        "Email",
        "TaxNumber",
        "CreditLimit",
        "Since",
        "IsActive",
    ],
    parameter: "customerId",
};

const PRODUCTS: Document = Document {
    entity: PRODUCT,
    name: "Product",
    columns: &["Sku", "Name", "UnitPrice", "WeightGrams"],
    parameter: "productId",
};

const PERIODS: Document = Document {
    entity: PERIOD,
    name: "Period",
    columns: &["Name", "StartsOn", "EndsOn", "IsClosed"],
    parameter: "periodId",
};

const LINE_COLUMNS: &[&str] = &[
    "LineNumber",
    "ProductId",
    "Quantity",
    "UnitPrice",
    "Description",
];

pub(super) fn routes() -> Vec<Route> {
    let route = |path, id, summary, handler| Route {
        operation: Operation::new(
            "GET",
            path,
            id,
            summary,
            Access::Permission(Permission::ChangesRead),
        )
        .gives(
            200,
            "Versions and events, the earliest first",
            Schema::Named("Changes"),
        )
        .only(Design::DatabasePerTenant),
        handler,
    };
    vec![
        route(
            "/invoices/{invoiceId}/changes",
            "listInvoiceChanges",
            "What happened to an invoice and its lines",
            handler!(of_invoice),
        ),
        route(
            "/customers/{customerId}/changes",
            "listCustomerChanges",
            "What happened to a customer",
            handler!(of_customer),
        ),
        route(
            "/products/{productId}/changes",
            "listProductChanges",
            "What happened to a product",
            handler!(of_product),
        ),
        route(
            "/periods/{periodId}/changes",
            "listPeriodChanges",
            "What happened to a period",
            handler!(of_period),
        ),
    ]
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let change = Schema::Object(vec![
        Field::new("at", Schema::Moment),
        Field::new("source", Schema::code(1, 60))
            .about("The table that holds it: that of the document or its lines, or AuditEvents"),
        Field::new("until", Schema::Moment)
            .optional()
            .about("When the next version replaced this one"),
        Field::new("values", Schema::Anything)
            .optional()
            .about("The values of a version"),
        Field::new("event", Schema::code(1, 60)).optional(),
        Field::new("actor", Schema::line(0, 128)).optional(),
        Field::new("reason", Schema::line(0, 200))
            .optional()
            .nullable(),
        Field::new("detail", Schema::Anything).optional(),
    ]);
    vec![
        ("Change", change),
        (
            "Changes",
            Schema::Object(vec![Field::new(
                "items",
                Schema::list(Schema::Named("Change"), 1, 10_000),
            )]),
        ),
    ]
}

async fn of_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    merged(&call, &INVOICES).await
}

async fn of_customer(call: Arc<Call>) -> Result<Answer, Problem> {
    merged(&call, &CUSTOMERS).await
}

async fn of_product(call: Arc<Call>) -> Result<Answer, Problem> {
    merged(&call, &PRODUCTS).await
}

async fn of_period(call: Arc<Call>) -> Result<Answer, Problem> {
    merged(&call, &PERIODS).await
}

async fn merged(call: &Call, document: &Document) -> Result<Answer, Problem> {
    let id = call.id(document.parameter)?;
    let mut lease = call.lease().await?;
    let switches = &call.service.switches;
    // The planted defect: a slip of the hand, by which later documents match, too.
    let same = if switches.fault(Fault::ChangesViewLeaks) {
        ">="
    } else {
        "="
    };
    let condition = format!("{} {same}", document.entity.id);
    let (table, columns) = (document.entity.table, document.columns);
    let mut changes = versions(&mut lease, table, columns, &condition, id).await?;
    if changes.is_empty() {
        return Err(Problem::not_found());
    }
    if document.entity == INVOICE {
        let lines = versions(&mut lease, "InvoiceLines", LINE_COLUMNS, &condition, id);
        changes.extend(lines.await?);
    }
    let events = events(&mut lease, document.name, id).await?;
    let explains = switches.near_miss(Fault::ChangesViewLeaks);
    changes.extend(events.into_iter().map(|mut event| {
        if explains && event["detail"].is_null() {
            event["detail"] = json!(document.name);
        }
        event
    }));
    // A version and the event that tells of it may have one time: the version comes first, as it
    // was written first. The sort is stable.
    changes.sort_by(|left, right| left["at"].as_str().cmp(&right["at"].as_str()));
    Ok(Answer::ok(json!({"items": changes})))
}

async fn versions(
    lease: &mut Lease,
    table: &str,
    columns: &[&str],
    condition: &str,
    value: i64,
) -> Result<Vec<Value>, Problem> {
    let mut params = Params::new();
    let number = params.bind(value);
    let selected: Vec<String> = columns.iter().map(|column| format!("v.{column}")).collect();
    let selected = selected.join(", ");
    let statement = format!(
        "SELECT {selected}, v.ValidFrom, v.ValidTo FROM dbo.{table} FOR SYSTEM_TIME ALL AS v \
         WHERE v.{condition} {number} ORDER BY v.ValidFrom, v.ValidTo;"
    );
    let rows = lease.rows(&statement, &params).await?;
    Ok(rows
        .iter()
        .map(|row| version(table, columns, row))
        .collect())
}

fn version(table: &str, columns: &[&str], row: &Row) -> Value {
    let values = columns
        .iter()
        .map(|column| (camel(column), row.get(column)));
    let mut change = json!({
        "at": row.get("ValidFrom"),
        "source": table,
        "values": values.collect::<Map<String, Value>>(),
    });
    let until = row
        .text("ValidTo")
        .filter(|until| !until.starts_with("9999"));
    if let Some(until) = until {
        change["until"] = json!(until);
    }
    change
}

fn camel(column: &str) -> String {
    let mut letters = column.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

async fn events(lease: &mut Lease, entity: &str, id: i64) -> Result<Vec<Value>, Problem> {
    let mut params = Params::new();
    let (entity, id) = (params.bind(entity), params.bind(id.to_string()));
    let statement = format!(
        "SELECT e.OccurredAt, e.EventName, e.Actor, e.Reason, e.Detail FROM dbo.AuditEvents AS e \
         WHERE e.Entity = {entity} AND e.EntityId = {id} ORDER BY e.OccurredAt, e.AuditEventId;"
    );
    let rows = lease.rows(&statement, &params).await?;
    Ok(rows
        .iter()
        .map(|row| {
            json!({
                "at": row.get("OccurredAt"),
                "source": "AuditEvents",
                "event": row.get("EventName"),
                "actor": row.get("Actor"),
                "reason": row.get("Reason"),
                "detail": row.get("Detail"),
            })
        })
        .collect())
}
