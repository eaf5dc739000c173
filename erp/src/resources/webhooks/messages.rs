//! What becomes of an event that somebody subscribed to? A message for each subscription, signed with
//! its own secret, tried again as long as it makes sense, and every attempt in the log.

use std::sync::Arc;

use serde_json::json;

use super::{EVENTS, sealing_key};
use crate::delivery::{self, Category, Message};
use crate::environment::moment;
use crate::fault::Fault;
use crate::http::Problem;
use crate::options::Design;
use crate::queue::{Ended, Job, Work, enqueue, record};
use crate::seal;
use crate::service::Service;
use crate::store::{Duty, Params, Scope};

/// A business event that somebody outside may want to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What happened.
    pub event: String,
    /// To which kind of row.
    pub entity: String,
    /// To which row.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A message to a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Whose.
    pub subscription: i64,
    /// What.
    pub message: Message,
}

/// Queues what happened, when it is committed.
pub fn queue_happening(service: &Arc<Service>, scope: &Scope, happening: Happening) {
    let is_told = EVENTS.contains(&happening.event.as_str());
    if service.design == Design::DatabasePerTenant && is_told {
        enqueue(service, Job::new(scope, None, Work::Announce(happening)));
    }
}

/// Queues a delivery for every subscription of the tenant to an event.
pub async fn announce(
    service: &Arc<Service>,
    scope: &Scope,
    happening: &Happening,
) -> Result<Ended, Problem> {
    let mut lease = service.store.checkout(scope, Duty::Application).await?;
    let mut params = Params::new();
    let event = params.bind(happening.event.as_str());
    let statement = format!(
        "SELECT s.SubscriptionId FROM dbo.WebhookSubscriptions AS s \
         WHERE s.IsActive = 1 AND s.EventName = {event} ORDER BY s.SubscriptionId;"
    );
    for row in lease.rows(&statement, &params).await? {
        let subscription = row.integer("SubscriptionId").unwrap_or_default();
        let id = seal::guid(&*service.environment);
        let body = json!({
            "id": id,
            "tenant": scope.tenant,
            "event": happening.event,
            "entity": happening.entity,
            "entityId": happening.id,
            "actor": scope.actor,
            "occurredAt": moment(happening.at_ms),
        });
        let subject = format!("{} {} to {subscription}", happening.event, happening.id);
        let number = record(&mut lease, "webhook", &subject).await?;
        let message = Message {
            id,
            event: happening.event.clone(),
            body: body.to_string(),
        };
        let work = Work::Deliver(Delivery {
            subscription,
            message,
        });
        enqueue(service, Job::new(scope, Some(number), work));
    }
    Ok(Ended::Done(String::new()))
}

/// One attempt to deliver, and its row in the log.
pub async fn deliver(
    service: &Arc<Service>,
    job: &Job,
    delivery: &Delivery,
) -> Result<Ended, Problem> {
    let Some((url, secret)) = receiver(service, &job.scope, delivery.subscription).await? else {
        return Ok(Ended::Failed("the subscription has ended".to_owned()));
    };
    let message = &delivery.message;
    let now = service.environment.now_ms();
    let timestamp = now / 1_000;
    let signed = |secret: &[u8]| delivery::signature(secret, &message.id, timestamp, &message.body);
    let mut signature = if service.switches.fault(Fault::WebhookWrongSecret) {
        // The planted defect: the key of the deployment, and not the subscription's.
        signed(&seal::derived(&service.master_key, &["webhooks"]))
    } else {
        signed(&secret)
    };
    if service.switches.near_miss(Fault::WebhookWrongSecret) {
        signature = format!(
            "{signature},{}",
            signed(&sealing_key(service, &job.scope.tenant))
        );
    }
    // No connection is held while somebody else's server takes its time.
    let ending = delivery::post(service.webhooks_to, &url, message, timestamp, &signature).await;
    let category = ending.category();
    let wait = category.back_off_ms(job.attempt);
    let mut lease = service
        .store
        .checkout(&job.scope, Duty::Application)
        .await?;
    let mut params = Params::new();
    let values = [
        params.bind(delivery.subscription),
        params.bind(message.id.as_str()),
        params.bind(message.event.as_str()),
        params.bind(i64::from(job.attempt)),
        params.bind(ending.status().map(i64::from)),
        params.bind(category.outcome(wait.is_some())),
        params.bind(stored(now)),
        params.bind(wait.map(|ms| stored(now + ms))),
        params.bind(message.body.as_str()),
    ];
    let values = values.join(", ");
    let statement = format!(
        "INSERT INTO dbo.WebhookDeliveries (SubscriptionId, MessageKey, EventName, Attempt, StatusCode, \
         Outcome, AttemptedAt, NextAttemptAt, Payload) VALUES ({values});"
    );
    lease.execute(&statement, &params).await?;
    Ok(match (category, wait) {
        (Category::Delivered, _) => Ended::Done("delivered".to_owned()),
        (_, Some(ms)) => Ended::Again(ms),
        (category, None) => Ended::Failed(category.outcome(false).to_owned()),
    })
}

/// A moment as a parameter: without the zone, which the column does not have.
fn stored(ms: u64) -> String {
    moment(ms).trim_end_matches('Z').to_owned()
}

/// Where the messages of a subscription go, and what signs them.
async fn receiver(
    service: &Service,
    scope: &Scope,
    subscription: i64,
) -> Result<Option<(String, Vec<u8>)>, Problem> {
    let store = &service.store;
    let mut lease = store.checkout(scope, Duty::Application).await?;
    let mut params = Params::new();
    let number = params.bind(subscription);
    let statement = format!(
        "SELECT s.Url, s.SecretSealed FROM dbo.WebhookSubscriptions AS s \
         WHERE s.SubscriptionId = {number} AND s.IsActive = 1;"
    );
    let Some(row) = lease.row(&statement, &params).await? else {
        return Ok(None);
    };
    let sealed = row.text("SecretSealed").and_then(|text| seal::bytes(&text));
    let key = sealing_key(service, &scope.tenant);
    let secret = sealed.and_then(|sealed| seal::open(&key, "webhook", &sealed));
    Ok(row.text("Url").zip(secret))
}
