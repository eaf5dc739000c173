//! How is a draft posted, and a posted invoice voided? Neither can be undone.

use std::sync::Arc;

use super::{credit_notes, find, whole};
use crate::contract::{Access, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::resources::periods::reason_body;
use crate::resources::reason::reason;
use crate::resources::rows::{self, Event, PERIOD, audit, boundary, committed, same_version};
use crate::store::{Lease, Params, Row};
use crate::switches::Switches;

pub(super) fn routes(switches: &Switches) -> Vec<Route> {
    let post = Access::Permission(Permission::InvoicePost);
    // The planted defect: this one route was added without its permission.
    let void = if switches.fault(Fault::PermissionUnchecked) {
        Access::Token
    } else {
        Access::Permission(Permission::InvoiceVoid)
    };
    let seen = |operation: Operation| {
        operation.header(
            "If-Match",
            Schema::line(1, 40),
            false,
            "The version that was seen; not checked when left out",
        )
    };
    let posting = "/invoices/{invoiceId}/post";
    let voiding = "/invoices/{invoiceId}/void";
    vec![
        Route {
            operation: seen(Operation::new(
                "POST",
                posting,
                "postInvoice",
                "Post a draft",
                post,
            ))
            .gives(200, "The posted invoice", Schema::Named("Invoice"))
            .with(&["ETag"])
            .refuses(409, "The invoice is no draft, or its period is closed")
            .refuses(412, "The invoice was changed in the meantime"),
            handler: handler!(post_invoice),
        },
        Route {
            operation: seen(Operation::new(
                "POST",
                voiding,
                "voidInvoice",
                "Void a posted invoice",
                void,
            ))
            .body(reason_body(switches))
            .gives(
                201,
                "The credit note that balances it",
                Schema::Named("CreditNote"),
            )
            .with(&["Location"])
            .refuses(
                409,
                "The invoice is not posted, or is void, or is a credit note",
            )
            .refuses(412, "The invoice was changed in the meantime"),
            handler: handler!(void_invoice),
        },
    ]
}

async fn present(call: &Call, lease: &mut Lease, id: i64) -> Result<Row, Problem> {
    let row = find(lease, id, true).await?;
    if call.parameter("If-Match").is_some() {
        same_version(call, row.integer("Revision"))?;
    }
    Ok(row)
}

async fn post_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let row = present(&call, &mut lease, id).await?;
    let posted = rows::event("InvoicePosted", "Invoice", id);
    if let Err(problem) = postable(&call, &mut lease, &row).await {
        lease.roll_back().await?;
        refused(&call, &mut lease, posted).await?;
        return Err(problem);
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "UPDATE dbo.Invoices SET Status = 2, ActualPostingDate = SYSUTCDATETIME(), \
             Revision = Revision + 1 WHERE InvoiceId = {number};"
        ),
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            format!("EXEC org.PostInvoice {caller}, @InvoiceId = {number};")
        }
    };
    lease.execute(&statement, &params).await?;
    audit(&call, &mut lease, posted).await?;
    let row = find(&mut lease, id, false).await?;
    let answer = whole(&mut lease, &row).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), posted).await;
    Ok(Answer::ok(answer).versioned())
}

/// Only a draft is posted, and only into an open period.
async fn postable(call: &Call, lease: &mut Lease, row: &Row) -> Result<(), Problem> {
    let switches = &call.service.switches;
    let state = row.text("State").unwrap_or_default();
    // The planted defect asks whether the invoice was posted before, and nothing else.
    let lax = switches.fault(Fault::IllegalTransition);
    if state != "draft" && !(lax && state == "discarded") {
        let mut problem = Problem::conflict("Only a draft can be posted");
        if switches.near_miss(Fault::IllegalTransition) {
            problem.detail = "The invoice is posted already, or was discarded".to_owned();
        }
        return Err(problem);
    }
    let period = row.integer("PeriodId").unwrap_or_default();
    let period = rows::find(lease, PERIOD, "r.PeriodId, r.IsClosed", period, true).await?;
    if period.flag("IsClosed") && !lax {
        return Err(Problem::conflict("The period is closed"));
    }
    Ok(())
}

/// What a refusal leaves behind: nothing, unless the planted defect logs the attempt as a success.
async fn refused(call: &Call, lease: &mut Lease, event: Event<'_>) -> Result<(), Problem> {
    let switches = &call.service.switches;
    if switches.fault(Fault::AuditOnRefusal) {
        audit(call, lease, event).await?;
    }
    if switches.near_miss(Fault::AuditOnRefusal) {
        call.service.log(&format!("{} was refused", event.name));
    }
    Ok(())
}

async fn void_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let row = present(&call, &mut lease, id).await?;
    let why = reason(&call)?;
    let voided = Event {
        reason: Some(why),
        ..rows::event("InvoiceVoided", "Invoice", id)
    };
    let is_credit_note = row.integer("CreditsInvoiceId").is_some();
    if row.text("State").as_deref() != Some("posted") || is_credit_note {
        lease.roll_back().await?;
        refused(&call, &mut lease, voided).await?;
        return Err(Problem::conflict(
            "Only a posted invoice can be voided, and once",
        ));
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let reason = params.bind(why);
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "INSERT INTO dbo.CreditNotes (InvoiceId, Total, Reason) \
             OUTPUT inserted.CreditNoteId \
             SELECT i.InvoiceId, i.Total, {reason} \
             FROM dbo.Invoices AS i WHERE i.InvoiceId = {number};"
        ),
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            format!("EXEC org.VoidInvoice {caller}, @InvoiceId = {number}, @Reason = {reason};")
        }
    };
    let issued = lease.row(&statement, &params).await?;
    let note = issued
        .and_then(|row| row.integer("CreditNoteId"))
        .unwrap_or_default();
    audit(&call, &mut lease, voided).await?;
    let note = credit_notes::find(&mut lease, note).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), voided).await;
    let location = format!("/credit-notes/{}", note["id"]);
    Ok(Answer::created(location, note))
}
