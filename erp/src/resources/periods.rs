//! Which months are open? A closed period takes no postings until somebody reopens it, and says why.

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page, page_of, parameters};
use super::reason::{REASON_MAX, REASON_MIN, reason};
use super::rows::{self, Event, PERIOD, audit, committed};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Param, Params, Row};
use crate::switches::Switches;

const SORTS: &[&str] = &["id", "-id", "startsOn", "-startsOn"];

const SELECT: &str = "r.PeriodId, r.Name, r.StartsOn, r.EndsOn, r.IsClosed";

const LISTING: Listing = Listing {
    name: "periods",
    entity: PERIOD,
    select: SELECT,
    search: &["Name"],
    search_more: &[],
    sorts: &[("id", "PeriodId"), ("startsOn", "StartsOn")],
};

pub(super) fn routes(design: Design, switches: &Switches) -> Vec<Route> {
    let read = Access::Permission(Permission::PeriodRead);
    let close = Access::Permission(Permission::PeriodClose);
    let reopen = Access::Permission(Permission::PeriodReopen);
    let list = Operation::new("GET", "/periods", "listPeriods", "List periods", read)
        .query(
            "isClosed",
            Schema::Boolean,
            "Only those that are closed, or are not",
        )
        .gives(200, "A page of periods", Schema::Named("PeriodPage"));
    let period = || Schema::Named("Period");
    vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_periods),
        },
        Route {
            operation: Operation::new("POST", "/periods", "openPeriod", "Open a new period", close)
                .body(input(design))
                .gives(201, "The new period", period())
                .with(&["Location"])
                .refuses(409, "The period overlaps another"),
            handler: handler!(open_period),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/periods/{periodId}",
                "getPeriod",
                "Read a period",
                read,
            )
            .gives(200, "The period", period()),
            handler: handler!(get_period),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/periods/{periodId}/close",
                "closePeriod",
                "Close a period",
                close,
            )
            .gives(200, "The closed period", period())
            .refuses(409, "The period is closed, or there are drafts in it"),
            handler: handler!(close_period),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/periods/{periodId}/reopen",
                "reopenPeriod",
                "Reopen a closed period",
                reopen,
            )
            .body(reason_body(switches))
            .gives(200, "The open period", period())
            .refuses(409, "The period is open"),
            handler: handler!(reopen_period),
        },
    ]
}

/// The body of a reverse transition. The planted defect does not read what the contract says.
pub(super) fn reason_body(switches: &Switches) -> Schema {
    let min = if switches.fault(Fault::VoidReasonNotChecked) {
        0
    } else {
        REASON_MIN
    };
    Schema::Object(vec![
        Field::new("reason", Schema::line(min, REASON_MAX))
            .about("Why; at least 20 characters that can be read"),
    ])
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let period = Schema::Object(vec![
        Field::new("id", Schema::id()),
        Field::new("name", Schema::line(1, 50)),
        Field::new("startsOn", Schema::Date),
        Field::new("endsOn", Schema::Date),
        Field::new("status", Schema::Word(&["open", "closed"])),
    ]);
    vec![("Period", period), ("PeriodPage", page_of("Period"))]
}

fn input(design: Design) -> Schema {
    let mut fields = super::owner_fields(design);
    fields.extend([
        Field::new("name", Schema::line(1, 25)),
        Field::new("startsOn", Schema::Date),
        Field::new("endsOn", Schema::Date).about("Not before it starts"),
    ]);
    Schema::Object(fields)
}

fn json_of(row: &Row) -> Value {
    json!({
        "id": row.get("PeriodId"),
        "name": row.get("Name"),
        "startsOn": row.get("StartsOn"),
        "endsOn": row.get("EndsOn"),
        "status": if row.flag("IsClosed") { "closed" } else { "open" },
    })
}

async fn list_periods(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut filters = Vec::new();
    if let Some(closed) = call.parameter("isClosed") {
        filters.push(("IsClosed", Param::Boolean(closed == "true")));
    }
    page(&call, LISTING, &filters, json_of).await
}

async fn get_period(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("periodId")?;
    let mut lease = call.lease().await?;
    let row = rows::find(&mut lease, PERIOD, SELECT, id, false).await?;
    Ok(Answer::ok(json_of(&row)))
}

async fn open_period(call: Arc<Call>) -> Result<Answer, Problem> {
    let (starts, ends) = (call.text("startsOn"), call.text("endsOn"));
    // Days are written so that their order is that of their texts.
    if ends < starts {
        return Err(Problem::field(
            "endsOn",
            "order",
            "must not lie before startsOn",
        ));
    }
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let mut params = Params::new();
    let own = lease.own("r", false, &mut params);
    let (first, last) = (params.bind(starts), params.bind(ends));
    let table = lease.table("Periods");
    let overlapping = format!(
        "SELECT TOP (1) r.PeriodId FROM {table} AS r \
         WHERE {own}r.StartsOn <= {last} AND r.EndsOn >= {first};"
    );
    if lease.row(&overlapping, &params).await?.is_some() {
        return Err(Problem::conflict(
            "The period overlaps another one of yours",
        ));
    }
    let mut params = Params::new();
    let organisation = match call.design() {
        Design::DatabasePerTenant => String::new(),
        Design::SharedDatabase => params.bind(lease.scope().organisation),
    };
    let name = params.bind(call.text("name"));
    let (first, last) = (params.bind(starts), params.bind(ends));
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "INSERT INTO dbo.Periods (PeriodId, Name, StartsOn, EndsOn) \
             OUTPUT inserted.PeriodId \
             SELECT 1 + ISNULL(MAX(p.PeriodId), 0), {name}, {first}, {last} \
             FROM dbo.Periods AS p WITH (UPDLOCK, HOLDLOCK);"
        ),
        Design::SharedDatabase => format!(
            "EXEC org.OpenPeriod @OrgId = {organisation}, @Name = {name}, @StartsOn = {first}, \
             @EndsOn = {last};"
        ),
    };
    let row = lease.row(&statement, &params).await?;
    let id = row
        .and_then(|row| row.integer("PeriodId"))
        .unwrap_or_default();
    let event = rows::event("PeriodOpened", "Period", id);
    audit(&call, &mut lease, event).await?;
    let opened = rows::find(&mut lease, PERIOD, SELECT, id, false).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::created(format!("/periods/{id}"), json_of(&opened)))
}

async fn close_period(call: Arc<Call>) -> Result<Answer, Problem> {
    turn(&call, true, None).await
}

async fn reopen_period(call: Arc<Call>) -> Result<Answer, Problem> {
    let why = reason(&call)?.to_owned();
    turn(&call, false, Some(&why)).await
}

async fn turn(call: &Call, close: bool, why: Option<&str>) -> Result<Answer, Problem> {
    let id = call.id("periodId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let present = rows::find(&mut lease, PERIOD, SELECT, id, true).await?;
    if present.flag("IsClosed") == close {
        return Err(Problem::conflict("The period is in that state already"));
    }
    if close {
        let mut params = Params::new();
        let own = lease.own("r", false, &mut params);
        let (number, table) = (params.bind(id), lease.table("Invoices"));
        let drafts = format!(
            "SELECT TOP (1) r.InvoiceId FROM {table} AS r \
             WHERE {own}r.PeriodId = {number} AND r.Status = 1;"
        );
        if lease.row(&drafts, &params).await?.is_some() {
            return Err(Problem::conflict("There are drafts in the period"));
        }
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            let state = params.bind(close);
            format!("UPDATE dbo.Periods SET IsClosed = {state} WHERE PeriodId = {number};")
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            match why {
                None => {
                    format!("EXEC org.ClosePeriod @OrgId = {organisation}, @PeriodId = {number};")
                }
                Some(why) => {
                    let why = params.bind(why);
                    format!(
                        "EXEC org.ReopenPeriod @OrgId = {organisation}, @PeriodId = {number}, \
                         @Reason = {why};"
                    )
                }
            }
        }
    };
    lease.execute(&statement, &params).await?;
    let name = if close {
        "PeriodClosed"
    } else {
        "PeriodReopened"
    };
    let event = Event {
        reason: why,
        ..rows::event(name, "Period", id)
    };
    audit(call, &mut lease, event).await?;
    let turned = rows::find(&mut lease, PERIOD, SELECT, id, false).await?;
    lease.commit().await?;
    committed(call, lease.scope(), event).await;
    Ok(Answer::ok(json_of(&turned)))
}
