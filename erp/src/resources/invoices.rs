//! What is sold to whom? Drafts are saved until they are posted; what is posted is never changed.

mod credit_notes;
mod drafts;
mod shape;
mod transitions;

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page_for, page_of, parameters};
use super::rows::{self, INVOICE, scope_by_id};
use crate::contract::{Access, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Param, Params, Row, Scope};
use crate::switches::Switches;

const SORTS: &[&str] = &["id", "-id", "issuedOn", "-issuedOn", "number", "-number"];

/// What is selected of an invoice `r`.
pub(crate) fn select(design: Design) -> &'static str {
    match design {
        Design::DatabasePerTenant => {
            "r.InvoiceId, r.InvoiceKey, r.InvoiceNumber, r.CustomerId, r.PeriodId, r.IssuedOn, \
             r.ActualPostingDate AS PostedAt, CAST(r.Total AS decimal(19, 4)) AS Total, r.Note, \
             r.Revision, \
             CASE WHEN EXISTS (SELECT 1 FROM dbo.CreditNotes AS n WHERE n.InvoiceId = r.InvoiceId) \
                  THEN 'void' \
                  WHEN r.ActualPostingDate IS NOT NULL THEN 'posted' \
                  WHEN r.Status = 3 THEN 'discarded' ELSE 'draft' END AS State"
        }
        Design::SharedDatabase => {
            "r.InvoiceId, r.SubOrgId, r.InvoiceKey, r.InvoiceNumber, r.CustomerId, r.PeriodId, \
             r.IssuedOn, r.PostedAt, CAST(r.Total AS decimal(19, 4)) AS Total, r.Note, r.Revision, \
             r.CreditsInvoiceId, r.VoidReason, \
             CASE r.Status WHEN 1 THEN 'draft' WHEN 2 THEN 'posted' ELSE 'void' END AS State"
        }
    }
}

fn listing(design: Design) -> Listing {
    Listing {
        name: "invoices",
        entity: INVOICE,
        select: select(design),
        search: &["InvoiceNumber", "Note"],
        search_more: &[],
        sorts: &[
            ("id", "InvoiceId"),
            ("issuedOn", "IssuedOn"),
            ("number", "InvoiceNumber"),
        ],
    }
}

pub(super) fn routes(design: Design, switches: &Switches) -> Vec<Route> {
    let read = Access::Permission(Permission::InvoiceRead);
    let list = Operation::new("GET", "/invoices", "listInvoices", "List invoices", read)
        .query("customerId", Schema::id(), "Only those of this customer")
        .query("periodId", Schema::id(), "Only those of this period")
        .gives(200, "A page of invoices", Schema::Named("InvoicePage"));
    let mut routes = vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_invoices),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/invoices/{invoiceId}",
                "getInvoice",
                "Read an invoice with its lines",
                read,
            )
            .gives(200, "The invoice", Schema::Named("Invoice"))
            .with(&["ETag"]),
            handler: handler!(get_invoice),
        },
    ];
    routes.extend(drafts::routes(design));
    routes.extend(transitions::routes(switches));
    routes.extend(credit_notes::routes());
    routes
}

pub(super) fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    vec![
        ("InvoiceLine", shape::line()),
        ("Invoice", shape::invoice(design, true)),
        ("InvoiceSummary", shape::invoice(design, false)),
        ("InvoicePage", page_of("InvoiceSummary")),
        ("CreditNote", shape::credit_note()),
        ("CreditNotePage", page_of("CreditNote")),
    ]
}

fn summary(row: &Row) -> Value {
    let mut invoice = json!({"id": row.get("InvoiceId")});
    if let Some(department) = row.integer("SubOrgId") {
        invoice["subOrgId"] = json!(department);
    }
    invoice["key"] = row.get("InvoiceKey");
    invoice["number"] = row.get("InvoiceNumber");
    invoice["customerId"] = row.get("CustomerId");
    invoice["periodId"] = row.get("PeriodId");
    invoice["status"] = row.get("State");
    invoice["issuedOn"] = row.get("IssuedOn");
    invoice["postedAt"] = row.get("PostedAt");
    invoice["total"] = row.get("Total");
    invoice["note"] = row.get("Note");
    invoice["rowVersion"] = json!(row.integer("Revision").unwrap_or_default().to_string());
    invoice
}

/// The whole invoice with its lines.
async fn whole(lease: &mut Lease, row: &Row) -> Result<Value, Problem> {
    let mut invoice = summary(row);
    let id = row.integer("InvoiceId").unwrap_or_default();
    let mut params = Params::new();
    let own = lease.own("r", true, &mut params);
    let (number, table) = (params.bind(id), lease.table("InvoiceLines"));
    let statement = format!(
        "SELECT r.LineNumber, r.ProductId, r.Quantity, r.UnitPrice, r.Description \
         FROM {table} AS r WHERE {own}r.InvoiceId = {number} ORDER BY r.LineNumber;"
    );
    let lines = lease.rows(&statement, &params).await?;
    let lines = lines.iter().map(|line| {
        json!({
            "lineNumber": line.get("LineNumber"),
            "productId": line.get("ProductId"),
            "quantity": line.get("Quantity"),
            "unitPrice": line.get("UnitPrice"),
            "description": line.get("Description"),
        })
    });
    invoice["lines"] = lines.collect::<Vec<Value>>().into();
    Ok(invoice)
}

async fn find(lease: &mut Lease, id: i64, lock: bool) -> Result<Row, Problem> {
    rows::find(lease, INVOICE, select(lease.design()), id, lock).await
}

/// For whom invoices are read. The planted defect forgets the department, as one route of many does.
fn readers(call: &Call) -> Result<Scope, Problem> {
    let scope = call.scope()?;
    if call.service.switches.fault(Fault::SubOrgIgnored) {
        return Ok(scope.without_department());
    }
    Ok(scope.clone())
}

async fn list_invoices(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut filters = Vec::new();
    for (name, column) in [("customerId", "CustomerId"), ("periodId", "PeriodId")] {
        if let Some(number) = call.parameter(name).and_then(|text| text.parse().ok()) {
            filters.push((column, Param::Integer(number)));
        }
    }
    let scope = readers(&call)?;
    page_for(&call, listing(call.design()), &filters, &scope, summary).await
}

async fn get_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let own = readers(&call)?;
    let found = scope_by_id(&call, Fault::ReadByIdUnscoped, INVOICE, id).await?;
    let scope = if found == *call.scope()? { own } else { found };
    let mut lease = call.lease_for(&scope).await?;
    let row = find(&mut lease, id, false).await?;
    Ok(Answer::ok(whole(&mut lease, &row).await?).versioned())
}
