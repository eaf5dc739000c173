//! Who is told of business events outside, and what became of it?

mod messages;

use std::sync::Arc;

use serde_json::{Value, json};

use super::rows::{Event, audit};
use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::handler;
use crate::http::answer::Answer;
use crate::http::sign::hexadecimal;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::seal::{self, Key};
use crate::service::Service;
use crate::store::{Lease, Params, Row};

pub use messages::{Delivery, Happening, announce, deliver, queue_happening};

/// The events that can be subscribed to.
pub const EVENTS: &[&str] = &[
    "CustomerCreated",
    "CustomerChanged",
    "CustomerRemoved",
    "ProductCreated",
    "ProductChanged",
    "ProductRemoved",
    "InvoiceDrafted",
    "DraftSaved",
    "DraftDiscarded",
    "InvoicePosted",
    "InvoiceVoided",
    "PeriodOpened",
    "PeriodClosed",
    "PeriodReopened",
    "StockMoved",
    "PermissionGranted",
    "PermissionRevoked",
];

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Permission(Permission::WebhookManage);
    let wanted = Schema::Object(vec![
        Field::new("url", Schema::text(TextKind::Address, 8, 200))
            .about("Where messages are posted to"),
        Field::new("event", Schema::Word(EVENTS)).about("Which event is told"),
    ]);
    let mut made = webhook();
    made.extend([Field::new("secret", Schema::line(20, 100))
        .about("Signs every message. It is shown now and never again")]);
    let made = Schema::Object(made);
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                "/webhooks",
                "listWebhooks",
                "All subscriptions",
                manage,
            )
            .gives(200, "The subscriptions", items("Webhook")),
            handler: handler!(list_webhooks),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/webhooks",
                "createWebhook",
                "Subscribe to an event",
                manage,
            )
            .body(wanted)
            .gives(201, "The subscription and its secret", made)
            .with(&["Location"])
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(create_webhook),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/webhooks/{webhookId}",
                "getWebhook",
                "One subscription",
                manage,
            )
            .gives(200, "The subscription", Schema::Named("Webhook")),
            handler: handler!(get_webhook),
        },
        Route {
            operation: Operation::new(
                "DELETE",
                "/webhooks/{webhookId}",
                "endWebhook",
                "End a subscription",
                manage,
            )
            .gives_nothing(204, "The subscription has ended, and its secret is gone")
            .refuses(409, "The subscription has ended before"),
            handler: handler!(end_webhook),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/webhooks/{webhookId}/deliveries",
                "listDeliveries",
                "Every attempt to deliver to a subscription, the latest first",
                manage,
            )
            .gives(200, "The attempts", items("WebhookDelivery")),
            handler: handler!(list_deliveries),
        },
    ];
    let per_tenant = |route: Route| Route {
        operation: route.operation.only(Design::DatabasePerTenant),
        ..route
    };
    routes.into_iter().map(per_tenant).collect()
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    vec![
        ("Webhook", Schema::Object(webhook())),
        (
            "WebhookDelivery",
            Schema::Object(vec![
                Field::new("id", Schema::id()),
                Field::new("message", Schema::text(TextKind::Guid, 36, 36))
                    .about("The same for every attempt"),
                Field::new("event", Schema::code(1, 60)),
                Field::new("attempt", Schema::Integer(1, 100)),
                Field::new("status", Schema::Integer(100, 999))
                    .nullable()
                    .about("What the receiver answered, if it did"),
                Field::new("outcome", Schema::line(1, 20)),
                Field::new("at", Schema::Moment),
                Field::new("nextAt", Schema::Moment).nullable(),
                Field::new("payload", Schema::text(TextKind::Free, 0, 1_000)),
            ]),
        ),
    ]
}

fn webhook() -> Vec<Field> {
    vec![
        Field::new("id", Schema::id()),
        Field::new("url", Schema::line(1, 200)),
        Field::new("event", Schema::code(1, 60)),
        Field::new("createdBy", Schema::line(1, 128)),
        Field::new("isActive", Schema::Boolean),
    ]
}

fn items(of: &'static str) -> Schema {
    Schema::Object(vec![Field::new(
        "items",
        Schema::list(Schema::Named(of), 0, 1_000),
    )])
}

fn json_of(row: &Row) -> Value {
    json!({
        "id": row.get("SubscriptionId"),
        "url": row.get("Url"),
        "event": row.get("EventName"),
        "createdBy": row.get("CreatedBy"),
        "isActive": row.flag("IsActive"),
    })
}

const SELECT: &str = "SELECT TOP (1000) s.SubscriptionId, s.Url, s.EventName, s.CreatedBy, \
                      s.IsActive FROM dbo.WebhookSubscriptions AS s";

async fn list_webhooks(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let statement = format!("{SELECT} ORDER BY s.SubscriptionId;");
    let rows = lease.rows(&statement, &Params::new()).await?;
    let items: Vec<Value> = rows.iter().map(json_of).collect();
    Ok(Answer::ok(json!({"items": items})))
}

async fn find(lease: &mut Lease, id: i64) -> Result<Row, Problem> {
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = format!("{SELECT} WHERE s.SubscriptionId = {number};");
    let row = lease.row(&statement, &params).await?;
    row.ok_or_else(Problem::not_found)
}

async fn get_webhook(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("webhookId")?;
    let mut lease = call.lease().await?;
    Ok(Answer::ok(json_of(&find(&mut lease, id).await?)))
}

/// The key that seals a tenant's secrets.
fn sealing_key(service: &Service, tenant: &str) -> Key {
    seal::derived(&service.master_key, &["webhooks", tenant])
}

async fn create_webhook(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = &call.service;
    let secret = format!("whsec_{}", hexadecimal(&seal::fresh(&*service.environment)));
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let scope = lease.scope().clone();
    let key = sealing_key(service, &scope.tenant);
    let sealed = seal::seal(&*service.environment, &key, "webhook", secret.as_bytes());
    let mut params = Params::new();
    let values = [
        params.bind(call.text("url")),
        params.bind(call.text("event")),
        params.bind(sealed),
        params.bind(scope.actor.as_str()),
    ];
    let values = values.join(", ");
    let statement = format!(
        "INSERT INTO dbo.WebhookSubscriptions (Url, EventName, SecretSealed, CreatedBy) \
         OUTPUT inserted.SubscriptionId VALUES ({values});"
    );
    let row = lease.row(&statement, &params).await?;
    let id = row
        .and_then(|row| row.integer("SubscriptionId"))
        .unwrap_or_default();
    audit(&call, &mut lease, event("WebhookCreated", id)).await?;
    let mut body = json_of(&find(&mut lease, id).await?);
    lease.commit().await?;
    body["secret"] = json!(secret);
    Ok(Answer::created(format!("/webhooks/{id}"), body))
}

fn event(name: &str, id: i64) -> Event<'_> {
    Event {
        name,
        entity: "Webhook",
        id,
        reason: None,
        detail: None,
    }
}

async fn end_webhook(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("webhookId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    if !find(&mut lease, id).await?.flag("IsActive") {
        return Err(Problem::conflict("The subscription has ended"));
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = format!(
        "UPDATE dbo.WebhookSubscriptions SET IsActive = 0, SecretSealed = NULL \
         WHERE SubscriptionId = {number};"
    );
    lease.execute(&statement, &params).await?;
    audit(&call, &mut lease, event("WebhookEnded", id)).await?;
    lease.commit().await?;
    Ok(Answer::nothing())
}

async fn list_deliveries(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("webhookId")?;
    let mut lease = call.lease().await?;
    find(&mut lease, id).await?;
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = format!(
        "SELECT TOP (1000) d.DeliveryId, d.MessageKey, d.EventName, d.Attempt, d.StatusCode, d.Outcome, \
         d.AttemptedAt, d.NextAttemptAt, d.Payload FROM dbo.WebhookDeliveries AS d \
         WHERE d.SubscriptionId = {number} ORDER BY d.DeliveryId DESC;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let items = rows.iter().map(|row| {
        json!({
            "id": row.get("DeliveryId"),
            "message": row.get("MessageKey"),
            "event": row.get("EventName"),
            "attempt": row.get("Attempt"),
            "status": row.get("StatusCode"),
            "outcome": row.get("Outcome"),
            "at": row.get("AttemptedAt"),
            "nextAt": row.get("NextAttemptAt"),
            "payload": row.get("Payload"),
        })
    });
    Ok(Answer::ok(json!({"items": items.collect::<Vec<Value>>()})))
}
