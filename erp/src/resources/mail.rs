//! How does a customer get a statement? By a mail that a job writes to the tenant's spool.

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
        "/customers/{customerId}/statements",
        "sendStatement",
        "Send a customer a statement of his posted invoices by mail",
        Access::Permission(Permission::InvoicePost),
    )
    .gives(
        202,
        "The job that writes the mail",
        Schema::Named("JobAccepted"),
    )
    .with(&["Location"])
    .only(Design::DatabasePerTenant);
    vec![Route {
        operation,
        handler: handler!(send_statement),
    }]
}

async fn send_statement(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("customerId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let mut params = Params::new();
    let number = params.bind(id);
    let statement =
        format!("SELECT c.Name, c.Email FROM dbo.Customers AS c WHERE c.CustomerId = {number};");
    let row = lease.row(&statement, &params).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let statement = format!(
        "SELECT TOP (1000) i.InvoiceNumber, CAST(i.Total AS decimal(19, 4)) AS Total \
         FROM dbo.Invoices AS i JOIN dbo.InvoiceStates AS s ON s.InvoiceId = i.InvoiceId \
         WHERE i.CustomerId = {number} AND s.State = 'posted' ORDER BY i.InvoiceId;"
    );
    let invoices = lease.rows(&statement, &params).await?;
    let job = record(&mut lease, "mail", &format!("Statement of customer {id}")).await?;
    let event = Event {
        name: "StatementRequested",
        entity: "Customer",
        id,
        reason: None,
        detail: None,
    };
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    let lines = invoices.iter().map(|invoice| {
        let number = invoice.text("InvoiceNumber").unwrap_or_default();
        format!("{number}  {}\n", invoice.get("Total"))
    });
    let mail = Mail {
        to: row.text("Email").unwrap_or_default(),
        subject: "Your statement".to_owned(),
        text: format!(
            "Dear {},\n\nthese invoices were posted:\n\n{}",
            row.text("Name").unwrap_or_default(),
            lines.collect::<String>()
        ),
    };
    let work = Work::Mail(mail);
    enqueue(&call.service, Job::new(lease.scope(), Some(job), work));
    Ok(super::jobs::accepted(job))
}

/// Writes a mail to the spool of the job's tenant.
pub fn write(service: &Service, job: &Job, mail: &Mail) -> Result<Ended, Problem> {
    if mail.to.is_empty() {
        return Ok(Ended::Failed("there is no address".to_owned()));
    }
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
