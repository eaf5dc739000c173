//! What is a currency worth? A job takes the rates from the installation's feed; each tenant keeps what
//! it took, so that its books do not move when others ask again.

use std::sync::Arc;

use serde_json::{Value, json};

use super::jobs;
use super::rows::{Event, audit};
use crate::contract::{Access, Field, Operation, Schema};
use crate::environment::moment;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::queue::{Ended, Job, Work, enqueue, record};
use crate::service::Service;

/// The folder of a tenant's rates, and the file in it.
const FOLDER: &str = "rates";
const FILE: &str = "current.json";
/// What one euro is worth, for installations without a feed of their own.
const FEED: &str = "CHF 0.9412\nDKK 7.4602\nGBP 0.8571\nNOK 11.4830\nSEK 11.2075\nUSD 1.0833\n";

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Permission(Permission::ProductRead);
    let write = Access::Permission(Permission::ProductWrite);
    let rate = Schema::Object(vec![
        Field::new("currency", Schema::code(3, 3)),
        Field::new("rate", Schema::Amount(0, 1_000_000)),
    ]);
    let rates = Schema::Object(vec![
        Field::new("base", Schema::code(3, 3)),
        Field::new("asOf", Schema::Moment)
            .nullable()
            .about("When they were taken; null when they never were"),
        Field::new("rates", Schema::list(rate, 0, 500)),
    ]);
    vec![
        Route {
            operation: Operation::new(
                "GET",
                "/exchange-rates",
                "listExchangeRates",
                "The rates that the tenant works with",
                read,
            )
            .gives(200, "The rates", rates)
            .only(Design::DatabasePerTenant),
            handler: handler!(list_rates),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/exchange-rates/refresh",
                "refreshExchangeRates",
                "Take the rates of now",
                write,
            )
            .gives(202, "The job that takes them", Schema::Named("JobAccepted"))
            .with(&["Location"])
            .only(Design::DatabasePerTenant),
            handler: handler!(refresh),
        },
    ]
}

/// Under what the answer is remembered. The tenant is part of it.
fn remembered(tenant: &str) -> String {
    format!("rates\u{1f}{tenant}")
}

async fn list_rates(call: Arc<Call>) -> Result<Answer, Problem> {
    let tenant = &call.scope()?.tenant;
    let memory = &call.service.memory;
    if let Some(known) = memory.recent(&remembered(tenant)) {
        return Ok(Answer::ok(known));
    }
    let bytes = call.service.files.read(tenant, FOLDER, FILE);
    let kept = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let rates = kept.unwrap_or_else(|| json!({"base": "EUR", "asOf": null, "rates": []}));
    memory.keep(remembered(tenant), rates.clone());
    Ok(Answer::ok(rates))
}

async fn refresh(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let job = record(&mut lease, "exchange rates", "all currencies").await?;
    let event = Event {
        name: "ExchangeRatesRequested",
        entity: "Job",
        id: job,
        reason: None,
        detail: None,
    };
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    enqueue(
        &call.service,
        Job::new(lease.scope(), Some(job), Work::Rates),
    );
    Ok(jobs::accepted(job))
}

/// Takes the rates from the feed for the job's tenant.
pub fn take(service: &Service, job: &Job) -> Result<Ended, Problem> {
    let rates = parsed(FEED);
    let number = rates.len();
    let now = moment(service.environment.now_ms());
    let kept = json!({"base": "EUR", "asOf": now, "rates": rates}).to_string();
    let tenant = &job.scope.tenant;
    let written = service.files.write(tenant, FOLDER, FILE, kept.as_bytes());
    written.map_err(|_| Problem::new(503, "unavailable", "The rates cannot be kept"))?;
    service.memory.forget_answer(&remembered(tenant));
    Ok(Ended::Done(format!("{number} rates")))
}

/// The lines of a feed: a currency and a number each. Other lines are passed over.
fn parsed(feed: &str) -> Vec<Value> {
    let rate = |line: &str| {
        let (currency, rate) = line.split_once(' ')?;
        let rate: f64 = rate.trim().parse().ok()?;
        let is_code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        (is_code && rate > 0.0).then(|| json!({"currency": currency, "rate": rate}))
    };
    feed.lines().filter_map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::{FEED, parsed};

    #[test]
    fn a_feed_gives_what_it_holds_and_no_more() {
        assert_eq!(parsed(FEED).len(), 6);
        assert_eq!(parsed("USD 1.1\nusd 1\nEURO 1\nGBP x\nDKK -1\n\n").len(), 1);
    }
}
