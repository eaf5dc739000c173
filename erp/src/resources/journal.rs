//! What was booked, and who did what? Read only; where each tenant has a database.

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page, page_of, parameters};
use super::rows::{self, Entity, scope_by_id};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Params, Row};

const ENTRY_SORTS: &[&str] = &["id", "-id", "postedOn", "-postedOn"];
const EVENT_SORTS: &[&str] = &["id", "-id"];
const AMOUNT_MAX: i64 = 900_000_000_000_000;

const ENTRIES: Listing = Listing {
    name: "journal-entries",
    entity: Entity {
        table: "JournalEntries",
        id: "JournalEntryId",
        departmental: false,
    },
    select: "r.JournalEntryId, r.PeriodId, r.EntryNumber, r.PostedOn, r.Description",
    search: &["EntryNumber", "Description"],
    search_more: &[],
    sorts: &[("id", "JournalEntryId"), ("postedOn", "PostedOn")],
};

const EVENTS: Listing = Listing {
    name: "audit-events",
    entity: Entity {
        table: "AuditEvents",
        id: "AuditEventId",
        departmental: false,
    },
    select: "r.AuditEventId, r.OccurredAt, r.Actor, r.EventName, r.Entity, r.EntityId, r.Reason",
    search: &["EventName", "Actor"],
    search_more: &[],
    sorts: &[("id", "AuditEventId")],
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Permission(Permission::JournalRead);
    let own = Design::DatabasePerTenant;
    let entries = Operation::new(
        "GET",
        "/journal-entries",
        "listJournalEntries",
        "List the journal",
        read,
    )
    .gives(200, "A page of entries", Schema::Named("JournalEntryPage"))
    .only(own);
    let events = Operation::new(
        "GET",
        "/audit-events",
        "listAuditEvents",
        "List the audit log",
        read,
    )
    .gives(200, "A page of events", Schema::Named("AuditEventPage"))
    .only(own);
    let one = "/journal-entries/{journalEntryId}";
    vec![
        Route {
            operation: parameters(entries, ENTRY_SORTS),
            handler: handler!(list_entries),
        },
        Route {
            operation: Operation::new(
                "GET",
                one,
                "getJournalEntry",
                "Read an entry with its lines",
                read,
            )
            .gives(200, "The entry", Schema::Named("JournalEntry"))
            .only(own),
            handler: handler!(get_entry),
        },
        Route {
            operation: parameters(events, EVENT_SORTS),
            handler: handler!(list_events),
        },
    ]
}

pub(super) fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    if design == Design::SharedDatabase {
        return Vec::new();
    }
    let summary = || {
        vec![
            Field::new("id", Schema::id()),
            Field::new("periodId", Schema::id()),
            Field::new("number", Schema::line(1, 40)),
            Field::new("postedOn", Schema::Date),
            Field::new("description", Schema::line(0, 200)).nullable(),
        ]
    };
    let line = Schema::Object(vec![
        Field::new("lineNumber", Schema::Integer(1, 100_000)),
        Field::new("accountId", Schema::id()),
        Field::new("debit", Schema::Amount(0, AMOUNT_MAX)),
        Field::new("credit", Schema::Amount(0, AMOUNT_MAX)),
        Field::new("memo", Schema::line(0, 200)).nullable(),
    ]);
    let mut entry = summary();
    entry.push(Field::new("lines", Schema::list(line, 0, 100_000)));
    let event = Schema::Object(vec![
        Field::new("id", Schema::Integer(1, 9_007_199_254_740_991)),
        Field::new("occurredAt", Schema::Moment),
        Field::new("actor", Schema::line(1, 128)),
        Field::new("event", Schema::line(1, 60)),
        Field::new("entity", Schema::line(1, 60)),
        Field::new("entityId", Schema::line(0, 60)),
        Field::new("reason", Schema::line(0, 200)).nullable(),
    ]);
    vec![
        ("JournalEntry", Schema::Object(entry)),
        ("JournalEntrySummary", Schema::Object(summary())),
        ("JournalEntryPage", page_of("JournalEntrySummary")),
        ("AuditEvent", event),
        ("AuditEventPage", page_of("AuditEvent")),
    ]
}

fn entry(row: &Row) -> Value {
    json!({
        "id": row.get("JournalEntryId"),
        "periodId": row.get("PeriodId"),
        "number": row.get("EntryNumber"),
        "postedOn": row.get("PostedOn"),
        "description": row.get("Description"),
    })
}

fn event(row: &Row) -> Value {
    json!({
        "id": row.get("AuditEventId"),
        "occurredAt": row.get("OccurredAt"),
        "actor": row.get("Actor"),
        "event": row.get("EventName"),
        "entity": row.get("Entity"),
        "entityId": row.get("EntityId"),
        "reason": row.get("Reason"),
    })
}

async fn list_entries(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, ENTRIES, &[], entry).await
}

async fn list_events(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, EVENTS, &[], event).await
}

async fn get_entry(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("journalEntryId")?;
    let Listing { entity, select, .. } = ENTRIES;
    let scope = scope_by_id(&call, Fault::ReadByIdUnscoped, entity, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    let row = rows::find(&mut lease, entity, select, id, false).await?;
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = format!(
        "SELECT l.LineNumber, l.AccountId, l.Debit, l.Credit, l.Memo FROM dbo.JournalLines AS l \
         WHERE l.JournalEntryId = {number} ORDER BY l.LineNumber;"
    );
    let lines = lease.rows(&statement, &params).await?;
    let lines = lines.iter().map(|line| {
        json!({
            "lineNumber": line.get("LineNumber"),
            "accountId": line.get("AccountId"),
            "debit": line.get("Debit"),
            "credit": line.get("Credit"),
            "memo": line.get("Memo"),
        })
    });
    let mut found = entry(&row);
    found["lines"] = lines.collect::<Vec<Value>>().into();
    Ok(Answer::ok(found))
}
