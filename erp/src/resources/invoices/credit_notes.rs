//! What balances a voided invoice?

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Access, Operation, Schema};
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::resources::listing::{Listing, page, parameters};
use crate::resources::rows::{self, Entity};
use crate::store::{Lease, Row};

const SORTS: &[&str] = &["id", "-id"];

/// A table of its own where each tenant has a database; in the shared one an invoice that names
/// what it credits.
fn listing(design: Design) -> Listing {
    match design {
        Design::DatabasePerTenant => Listing {
            name: "credit-notes",
            entity: Entity {
                table: "CreditNotes",
                id: "CreditNoteId",
                departmental: true,
            },
            select: "r.CreditNoteId AS NoteId, r.InvoiceId AS Credits, r.IssuedAt, \
                     -CAST(r.Total AS decimal(19, 4)) AS Total, r.Reason",
            search: &["Reason"],
            search_more: &[],
            sorts: &[("id", "CreditNoteId")],
        },
        Design::SharedDatabase => Listing {
            name: "credit-notes",
            entity: Entity {
                table: "CreditNotes",
                id: "InvoiceId",
                departmental: true,
            },
            select: "r.InvoiceId AS NoteId, r.CreditsInvoiceId AS Credits, r.PostedAt AS IssuedAt, \
                     CAST(r.Total AS decimal(19, 4)) AS Total, ISNULL(r.Note, N'') AS Reason",
            search: &["Note"],
            search_more: &[],
            sorts: &[("id", "InvoiceId")],
        },
    }
}

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Permission(Permission::InvoiceRead);
    let list = Operation::new(
        "GET",
        "/credit-notes",
        "listCreditNotes",
        "List credit notes",
        read,
    )
    .gives(
        200,
        "A page of credit notes",
        Schema::Named("CreditNotePage"),
    );
    let one = "/credit-notes/{creditNoteId}";
    vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_credit_notes),
        },
        Route {
            operation: Operation::new("GET", one, "getCreditNote", "Read a credit note", read)
                .gives(200, "The credit note", Schema::Named("CreditNote")),
            handler: handler!(get_credit_note),
        },
    ]
}

fn json_of(row: &Row) -> Value {
    json!({
        "id": row.get("NoteId"),
        "invoiceId": row.get("Credits"),
        "issuedAt": row.get("IssuedAt"),
        "total": row.get("Total"),
        "reason": row.get("Reason"),
    })
}

/// The credit note with this number.
pub(super) async fn find(lease: &mut Lease, id: i64) -> Result<Value, Problem> {
    let Listing { entity, select, .. } = listing(lease.design());
    let row = rows::find(lease, entity, select, id, false).await?;
    Ok(json_of(&row))
}

async fn list_credit_notes(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, listing(call.design()), &[], json_of).await
}

async fn get_credit_note(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("creditNoteId")?;
    let mut lease = call.lease().await?;
    Ok(Answer::ok(find(&mut lease, id).await?))
}
