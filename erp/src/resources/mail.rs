//! How is a customer reminded? By a mail that a job writes to the tenant's spool.

use std::sync::Arc;

use super::rows::{Event, audit};
use crate::contract::{Access, Operation, Schema};
use crate::environment::moment;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::queue::{Ended, Job, Work, enqueue, record};
use crate::service::Service;
use crate::store::Params;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// The folder of the spool.
pub const SPOOL: &str = "mail";

pub(super) fn routes() -> Vec<Route> {
    let operation = Operation::new(
        "POST",
        "/invoices/{invoiceId}/reminders",
        "remindOfInvoice",
        "Remind a customer of a posted invoice by mail",
        Access::Permission(Permission::InvoicePost),
    )
    .gives(
        202,
        "The job that writes the mail",
        Schema::Named("JobAccepted"),
    )
    .with(&["Location"])
    .refuses(
        409,
        "The invoice is not posted, or its customer has no address",
    )
    .only(Design::DatabasePerTenant);
    vec![Route {
        operation,
        handler: handler!(remind),
    }]
}

async fn remind(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("invoiceId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = format!(
        "SELECT i.InvoiceNumber, s.State, c.Name, c.Email FROM dbo.Invoices AS i \
         JOIN dbo.InvoiceStates AS s ON s.InvoiceId = i.InvoiceId \
         JOIN dbo.Customers AS c ON c.CustomerId = i.CustomerId WHERE i.InvoiceId = {number};"
    );
    let row = lease
        .row(&statement, &params)
        .await?
        .ok_or_else(Problem::not_found)?;
    if row.text("State").as_deref() != Some("posted") {
        return Err(Problem::conflict("The invoice is not posted"));
    }
    let Some(to) = row.text("Email").filter(|address| !address.is_empty()) else {
        return Err(Problem::conflict("The customer has no address of mail"));
    };
    let invoice = row.text("InvoiceNumber").unwrap_or_default();
    let job = record(&mut lease, "mail", &format!("Reminder of {invoice}")).await?;
    let event = Event {
        name: "ReminderRequested",
        entity: "Invoice",
        id,
        reason: None,
        detail: None,
    };
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    let mail = Mail {
        to,
        subject: format!("Invoice {invoice}"),
        text: format!(
            "Dear {},\n\nour invoice {invoice} is still open.\n",
            row.text("Name").unwrap_or_default()
        ),
    };
    enqueue(
        &call.service,
        Job::new(lease.scope(), Some(job), Work::Mail(mail)),
    );
    Ok(super::jobs::accepted(job))
}

/// Writes a mail to the spool of the job's tenant.
pub fn write(service: &Service, job: &Job, mail: &Mail) -> Result<Ended, Problem> {
    let line = |text: &str| text.replace(['\r', '\n'], " ");
    let text = format!(
        "From: billing@{}.example\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
        job.scope.tenant,
        line(&mail.to),
        line(&mail.subject),
        moment(service.environment.now_ms()),
        mail.text
    );
    let name = format!("{}.eml", job.number.unwrap_or_default());
    let written = service
        .files
        .write(&job.scope.tenant, SPOOL, &name, text.as_bytes());
    written.map_err(|_| Problem::new(503, "unavailable", "The spool cannot be written"))?;
    Ok(Ended::Done("written".to_owned()))
}
