//! How does a draft come about, and how is it saved and discarded?

use std::sync::Arc;

use serde_json::Value;

use super::{find, shape, whole};
use crate::contract::validate::whole as whole_number;
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::resources::owner_fields;
use crate::resources::rows::{
    self, CUSTOMER, INVOICE, PERIOD, PRODUCT, amount, audit, boundary, committed, merged, param,
    referred, same_version, scope_by_id,
};
use crate::store::{Lease, Params};

pub(super) fn routes(design: Design) -> Vec<Route> {
    let draft = Access::Permission(Permission::InvoiceDraft);
    let one = "/invoices/{invoiceId}";
    let discard = "/invoices/{invoiceId}/discard";
    vec![
        Route {
            operation: Operation::new(
                "POST",
                "/invoices",
                "createInvoice",
                "Draft an invoice",
                draft,
            )
            .body(input(design))
            .gives(201, "The new draft", Schema::Named("Invoice"))
            .with(&["Location", "ETag"])
            .refuses(409, "The period is closed"),
            handler: handler!(create_invoice),
        },
        Route {
            operation: Operation::new("PATCH", one, "saveInvoice", "Save a draft", draft)
                .header(
                    "If-Match",
                    Schema::line(1, 40),
                    false,
                    "The version that was seen",
                )
                .body(change())
                .gives(200, "The draft as it is now", Schema::Named("Invoice"))
                .with(&["ETag"])
                .refuses(409, "The invoice is no draft, or the period is closed")
                .refuses(412, "The draft was changed in the meantime")
                .refuses(428, "The version that was seen is missing"),
            handler: handler!(save_invoice),
        },
        Route {
            operation: Operation::new("POST", discard, "discardInvoice", "Discard a draft", draft)
                .gives_nothing(204, "The draft is discarded")
                .refuses(409, "The invoice is no draft"),
            handler: handler!(discard_invoice),
        },
    ]
}

fn input(design: Design) -> Schema {
    let mut fields = owner_fields(design);
    fields.extend([
        Field::new("customerId", Schema::id()),
        Field::new("periodId", Schema::id()),
        Field::new("issuedOn", Schema::Date),
        Field::new("note", Schema::line(1, 100))
            .optional()
            .nullable(),
        Field::new("lines", shape::input_lines()).optional(),
    ]);
    Schema::Object(fields)
}

fn change() -> Schema {
    Schema::Object(vec![
        Field::new("rowVersion", Schema::code(1, 20))
            .optional()
            .about("The version that was seen; instead of If-Match"),
        Field::new("periodId", Schema::id()).optional(),
        Field::new("issuedOn", Schema::Date).optional(),
        Field::new("note", Schema::line(1, 100))
            .optional()
            .nullable(),
        Field::new("lines", shape::input_lines())
            .optional()
            .about("All lines; they replace those that are there"),
    ])
}

/// Checks what the body refers to. The price of a line is the product's.
async fn references(call: &Call, lease: &mut Lease) -> Result<(), Problem> {
    if let Some(customer) = call.integer("customerId") {
        referred(call, lease, CUSTOMER, customer, "customerId").await?;
    }
    if let Some(period) = call.integer("periodId") {
        referred(call, lease, PERIOD, period, "periodId").await?;
    }
    for (at, line) in lines(call).iter().enumerate() {
        let product = line
            .get("productId")
            .and_then(whole_number)
            .unwrap_or_default();
        referred(
            call,
            lease,
            PRODUCT,
            product,
            &format!("lines[{at}].productId"),
        )
        .await?;
    }
    Ok(())
}

fn lines(call: &Call) -> &[Value] {
    let lines = call.field("lines").and_then(Value::as_array);
    lines.map(Vec::as_slice).unwrap_or_default()
}

/// A draft belongs into an open period, which nobody closes before the draft is there.
async fn open_period(lease: &mut Lease, id: i64) -> Result<(), Problem> {
    let period = rows::find(lease, PERIOD, "r.PeriodId, r.IsClosed", id, true).await?;
    if period.flag("IsClosed") {
        return Err(Problem::conflict("The period is closed"));
    }
    Ok(())
}

async fn create_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    references(&call, &mut lease).await?;
    lease.begin().await?;
    open_period(&mut lease, call.integer("periodId").unwrap_or_default()).await?;
    let mut params = Params::new();
    let caller = match call.design() {
        Design::DatabasePerTenant => String::new(),
        Design::SharedDatabase => boundary(&lease, &mut params),
    };
    let customer = params.bind(call.integer("customerId"));
    let period = params.bind(call.integer("periodId"));
    let issued = params.bind(call.text("issuedOn"));
    let note = params.bind(call.text("note"));
    let statement = match call.design() {
        // The number follows from the key, which is not known before.
        Design::DatabasePerTenant => format!(
            "INSERT INTO dbo.Invoices (InvoiceNumber, CustomerId, PeriodId, IssuedOn, Note) \
             OUTPUT inserted.InvoiceId \
             VALUES (CONVERT(varchar(40), NEWID()), {customer}, {period}, {issued}, {note});"
        ),
        Design::SharedDatabase => format!(
            "EXEC org.CreateInvoice {caller}, @CustomerId = {customer}, @PeriodId = {period}, \
             @IssuedOn = {issued}, @Note = {note};"
        ),
    };
    let row = lease.row(&statement, &params).await?;
    let id = row
        .and_then(|row| row.integer("InvoiceId"))
        .unwrap_or_default();
    add_lines(&call, &mut lease, id).await?;
    if call.design() == Design::DatabasePerTenant {
        let mut params = Params::new();
        let number = params.bind(id);
        let statement = format!(
            "UPDATE dbo.Invoices SET InvoiceNumber = CONCAT('INV-', InvoiceId), \
             Total = ISNULL((SELECT SUM(l.Quantity * l.UnitPrice) FROM dbo.InvoiceLines AS l \
                             WHERE l.InvoiceId = {number}), 0) \
             WHERE InvoiceId = {number};"
        );
        lease.execute(&statement, &params).await?;
    }
    let event = rows::event("InvoiceDrafted", "Invoice", id);
    audit(&call, &mut lease, event).await?;
    let row = find(&mut lease, id, false).await?;
    let created = whole(&mut lease, &row).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::created(format!("/invoices/{id}"), created).versioned())
}

async fn add_lines(call: &Call, lease: &mut Lease, invoice: i64) -> Result<(), Problem> {
    for (at, line) in lines(call).iter().enumerate() {
        let mut params = Params::new();
        let caller = match call.design() {
            Design::DatabasePerTenant => String::new(),
            Design::SharedDatabase => boundary(lease, &mut params),
        };
        let number = params.bind(invoice);
        let product = params.bind(line.get("productId").and_then(whole_number));
        let quantity = params.bind(amount(line.get("quantity")));
        let description = params.bind(line.get("description").and_then(Value::as_str));
        let statement = match call.design() {
            Design::DatabasePerTenant => {
                let place = params.bind(i64::try_from(at + 1).unwrap_or_default());
                format!(
                    "INSERT INTO dbo.InvoiceLines \
                         (InvoiceId, LineNumber, ProductId, Quantity, UnitPrice, Description) \
                     SELECT {number}, {place}, p.ProductId, {quantity}, p.UnitPrice, \
                            COALESCE({description}, p.Name) \
                     FROM dbo.Products AS p WHERE p.ProductId = {product};"
                )
            }
            Design::SharedDatabase => format!(
                "EXEC org.AddInvoiceLine {caller}, @InvoiceId = {number}, @ProductId = {product}, \
                 @Quantity = {quantity}, @Description = {description};"
            ),
        };
        lease.execute(&statement, &params).await?;
    }
    Ok(())
}

async fn save_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let scope = scope_by_id(&call, Fault::UpdateByIdUnscoped, INVOICE, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    lease.begin().await?;
    let present = find(&mut lease, id, true).await?;
    same_version(&call, present.integer("Revision"))?;
    let switches = &call.service.switches;
    // The planted defect leaves it to the database to keep posted invoices as they are.
    let is_draft = present.text("State").as_deref() == Some("draft");
    if !is_draft && !switches.fault(Fault::PostedInvoiceEditable) {
        let mut problem = Problem::conflict("Only a draft can be saved");
        if switches.near_miss(Fault::PostedInvoiceEditable) {
            problem.detail = "A posted invoice is voided, not changed".to_owned();
        }
        return Err(problem);
    }
    references(&call, &mut lease).await?;
    if let Some(period) = call.integer("periodId") {
        open_period(&mut lease, period).await?;
    }
    let replaced = call.field("lines").is_some();
    if replaced {
        let mut params = Params::new();
        let own = lease.own("r", true, &mut params);
        let number = params.bind(id);
        let table = match call.design() {
            Design::DatabasePerTenant => "dbo.InvoiceLines",
            Design::SharedDatabase => "org.DraftInvoiceLines",
        };
        let statement = format!("DELETE r FROM {table} AS r WHERE {own}r.InvoiceId = {number};");
        lease.execute(&statement, &params).await?;
        add_lines(&call, &mut lease, id).await?;
    }
    let mut params = Params::new();
    let period = params.bind(param(&merged(&call, "periodId", present.get("PeriodId"))));
    let issued = params.bind(param(&merged(&call, "issuedOn", present.get("IssuedOn"))));
    let note = params.bind(param(&merged(&call, "note", present.get("Note"))));
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            let total = if replaced {
                format!(
                    ", Total = ISNULL((SELECT SUM(l.Quantity * l.UnitPrice) \
                     FROM dbo.InvoiceLines AS l WHERE l.InvoiceId = {number}), 0)"
                )
            } else {
                String::new()
            };
            format!(
                "UPDATE dbo.Invoices SET PeriodId = {period}, IssuedOn = {issued}, Note = {note}, \
                 Revision = Revision + 1{total} WHERE InvoiceId = {number};"
            )
        }
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            let revision = params.bind(present.integer("Revision"));
            let replaced = params.bind(replaced);
            format!(
                "EXEC org.SaveDraft {caller}, @InvoiceId = {number}, @Revision = {revision}, \
                 @PeriodId = {period}, @IssuedOn = {issued}, @Note = {note}, \
                 @LinesReplaced = {replaced};"
            )
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("DraftSaved", "Invoice", id);
    audit(&call, &mut lease, event).await?;
    let row = find(&mut lease, id, false).await?;
    let saved = whole(&mut lease, &row).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::ok(saved).versioned())
}

async fn discard_invoice(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let present = find(&mut lease, id, true).await?;
    if present.text("State").as_deref() != Some("draft") {
        return Err(Problem::conflict("Only a draft can be discarded"));
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "UPDATE dbo.Invoices SET Status = 3, Revision = Revision + 1 \
             WHERE InvoiceId = {number};"
        ),
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            format!("EXEC org.DiscardDraft {caller}, @InvoiceId = {number};")
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("DraftDiscarded", "Invoice", id);
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::nothing())
}
