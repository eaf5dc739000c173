//! What do all resources do with rows alike: find out whose one is, check what a body refers to,
//! leave an audit row?

use serde_json::Value;

use super::webhooks::{Happening, queue_happening};
use crate::fault::Fault;
use crate::http::{Call, Problem};
use crate::options::Design;
use crate::store::{Lease, Param, Params, Row, Scope};

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entity {
    /// Its table.
    pub table: &'static str,
    /// The column of its number.
    pub id: &'static str,
    /// Whether a department owns it, where there are departments.
    pub departmental: bool,
}

/// Customers.
pub const CUSTOMER: Entity = Entity {
    table: "Customers",
    id: "CustomerId",
    departmental: true,
};
/// Products.
pub const PRODUCT: Entity = Entity {
    table: "Products",
    id: "ProductId",
    departmental: false,
};
/// Invoices.
pub const INVOICE: Entity = Entity {
    table: "Invoices",
    id: "InvoiceId",
    departmental: true,
};
/// Periods.
pub const PERIOD: Entity = Entity {
    table: "Periods",
    id: "PeriodId",
    departmental: false,
};
/// Departments of the shared design.
pub const DEPARTMENT: Entity = Entity {
    table: "SubOrganisations",
    id: "SubOrgId",
    departmental: true,
};

/// Whether the scope of the lease has the row.
pub async fn exists(lease: &mut Lease, entity: Entity, id: i64) -> Result<bool, Problem> {
    let mut params = Params::new();
    let own = lease.own("r", entity.departmental, &mut params);
    let number = params.bind(id);
    let table = lease.table(entity.table);
    let column = entity.id;
    let statement =
        format!("SELECT r.{column} AS Id FROM {table} AS r WHERE {own}r.{column} = {number};");
    Ok(lease.row(&statement, &params).await?.is_some())
}

/// The row of the lease's scope with this number; locked for the transaction when it will be changed.
pub async fn find(
    lease: &mut Lease,
    entity: Entity,
    select: &str,
    id: i64,
    lock: bool,
) -> Result<Row, Problem> {
    let mut params = Params::new();
    let own = lease.own("r", entity.departmental, &mut params);
    let number = params.bind(id);
    let table = lease.table(entity.table);
    let hint = if lock { " WITH (UPDLOCK)" } else { "" };
    let column = entity.id;
    let statement =
        format!("SELECT {select} FROM {table} AS r{hint} WHERE {own}r.{column} = {number};");
    let row = lease.row(&statement, &params).await?;
    row.ok_or_else(Problem::not_found)
}

/// Checks that a field of the body refers to a row of the caller's.
pub async fn referred(
    call: &Call,
    lease: &mut Lease,
    entity: Entity,
    id: i64,
    field: &str,
) -> Result<(), Problem> {
    if exists(lease, entity, id).await? {
        return Ok(());
    }
    let switches = &call.service.switches;
    if switches.fault(Fault::ForeignReferenceReveals) && owner(call, entity, id).await?.is_none() {
        // The planted defect: a lookup that says whether the row exists, before anybody asks whose.
        return Err(Problem::not_found());
    }
    if switches.fault(Fault::ReferenceErrorWithoutField) {
        return Err(Problem::new(
            400,
            "invalid-request",
            "The request is not valid",
        ));
    }
    let mut problem = Problem::reference(field);
    if switches.near_miss(Fault::ForeignReferenceReveals) {
        problem.detail = "What is referred to is not there, or is not yours".to_owned();
    }
    if switches.near_miss(Fault::ReferenceErrorWithoutField) {
        problem.detail = format!("{field} refers to nothing of yours");
    }
    Err(problem)
}

/// Whose a row is, whoever asks: only planted defects want to know.
pub async fn owner(call: &Call, entity: Entity, id: i64) -> Result<Option<Scope>, Problem> {
    let own = call.scope()?;
    let others = call.service.store.tenants();
    let others = others.iter().filter(|tenant| **tenant != own.tenant);
    let others = others.filter_map(|tenant| call.service.store.scope(tenant, &own.actor));
    for scope in [own.clone(), own.without_department()]
        .into_iter()
        .chain(others)
    {
        let mut lease = call.lease_for(&scope).await?;
        if exists(&mut lease, entity, id).await? {
            return Ok(Some(scope));
        }
    }
    Ok(None)
}

/// For whom a row is read or changed that the path names: the caller, unless the planted defect
/// looks the row up first and then works for whoever has it.
pub async fn scope_by_id(
    call: &Call,
    defect: Fault,
    entity: Entity,
    id: i64,
) -> Result<Scope, Problem> {
    let own = call.scope()?.clone();
    let switches = &call.service.switches;
    if switches.fault(defect) {
        return Ok(owner(call, entity, id).await?.unwrap_or(own));
    }
    if switches.near_miss(defect) {
        return match owner(call, entity, id).await? {
            Some(found) if found == own => Ok(own),
            _ => Err(Problem::not_found()),
        };
    }
    Ok(own)
}

/// The parameters that name organisation and department to a procedure of the shared design.
pub fn boundary(lease: &Lease, params: &mut Params) -> String {
    let organisation = params.bind(lease.scope().organisation);
    let department = params.bind(lease.scope().department);
    format!("@OrgId = {organisation}, @SubOrgId = {department}")
}

/// A business event without reason or detail.
pub fn event(name: &'static str, entity: &'static str, id: i64) -> Event<'static> {
    Event {
        name,
        entity,
        id,
        reason: None,
        detail: None,
    }
}

/// A business event.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// What happened.
    pub name: &'a str,
    /// To which kind of row.
    pub entity: &'a str,
    /// To which row.
    pub id: i64,
    /// Why, where somebody has to say.
    pub reason: Option<&'a str>,
    /// More.
    pub detail: Option<&'a str>,
}

/// The department that a new row belongs to, where there are departments: the body's, else the
/// caller's own, else the organisation's first.
pub async fn department(call: &Call, lease: &mut Lease) -> Result<Option<i64>, Problem> {
    if lease.design() == Design::DatabasePerTenant {
        return Ok(None);
    }
    if let Some(named) = call.integer("subOrgId") {
        referred(call, lease, DEPARTMENT, named, "subOrgId").await?;
        return Ok(Some(named));
    }
    if let Some(own) = lease.scope().department {
        return Ok(Some(i64::from(own)));
    }
    let mut params = Params::new();
    let own = lease.own("r", true, &mut params);
    let condition = own.strip_suffix(" AND ").unwrap_or("1 = 1");
    let statement = format!(
        "SELECT MIN(r.SubOrgId) AS SubOrgId FROM org.SubOrganisations AS r WHERE {condition};"
    );
    let row = lease.row(&statement, &params).await?;
    Ok(row.and_then(|row| row.integer("SubOrgId")))
}

/// Leaves the audit row of an event, in the transaction of the change. In the shared design the
/// procedure that changes the row has appended to the signed history already.
pub async fn audit(call: &Call, lease: &mut Lease, event: Event<'_>) -> Result<(), Problem> {
    if lease.design() == Design::SharedDatabase {
        return Ok(());
    }
    let switches = &call.service.switches;
    if switches.fault(Fault::AuditRowMissing) && event.name == "InvoicePosted" {
        return Ok(());
    }
    if switches.fault(Fault::AuditWrongTenant) {
        // The planted defect: the writer of audit rows keeps the tenant that it served before.
        let before = call.service.memory.served_before(lease.scope());
        let scope = before.unwrap_or_else(|| lease.scope().clone());
        let mut other = call.lease_for(&scope).await?;
        return write_event(&mut other, event, event.detail).await;
    }
    if switches.near_miss(Fault::AuditWrongTenant) {
        let mut own = call.lease_for(lease.scope()).await?;
        return write_event(&mut own, event, event.detail).await;
    }
    if switches.near_miss(Fault::AuditRowMissing) {
        return write_event(
            lease,
            event,
            Some(event.detail.unwrap_or("saved by the application")),
        )
        .await;
    }
    write_event(lease, event, event.detail).await
}

async fn write_event(
    lease: &mut Lease,
    event: Event<'_>,
    detail: Option<&str>,
) -> Result<(), Problem> {
    let mut params = Params::new();
    let values = [
        params.bind(lease.scope().actor.clone()),
        params.bind(event.name),
        params.bind(event.entity),
        params.bind(event.id.to_string()),
        params.bind(event.reason),
        params.bind(detail),
    ];
    let values = values.join(", ");
    let statement = format!(
        "INSERT INTO dbo.AuditEvents (Actor, EventName, Entity, EntityId, Reason, Detail) \
         VALUES ({values});"
    );
    lease.execute(&statement, &params).await?;
    Ok(())
}

/// What follows from an event once it is committed: whoever subscribed to it is told.
pub async fn committed(call: &Call, scope: &Scope, event: Event<'_>) {
    let happening = Happening {
        event: event.name.to_owned(),
        entity: event.entity.to_owned(),
        id: event.id,
        at_ms: call.service.environment.now_ms(),
    };
    queue_happening(&call.service, scope, happening);
}

/// Checks the version that a change was made from.
pub fn same_version(call: &Call, present: Option<i64>) -> Result<(), Problem> {
    let seen = call.row_version()?;
    let present = present.unwrap_or_default().to_string();
    let switches = &call.service.switches;
    if seen == present || switches.fault(Fault::RowVersionIgnored) {
        return Ok(());
    }
    let stale = Problem::new(412, "stale", "The row was changed in the meantime");
    if switches.near_miss(Fault::RowVersionIgnored) {
        return Err(Problem {
            status: 409,
            ..stale
        });
    }
    Err(stale)
}

/// An amount of a body, in ten-thousandths.
pub fn amount(value: Option<&Value>) -> Param {
    match value.and_then(Value::as_f64) {
        #[expect(clippy::cast_possible_truncation, reason = "the contract bounds it")]
        Some(number) => Param::Amount((number * 10_000.0).round() as i64),
        None => Param::Null,
    }
}

/// The value of a change: the body's where it is given, `null` included, else the present one.
pub fn merged(call: &Call, name: &str, present: Value) -> Value {
    call.field(name).cloned().unwrap_or(present)
}

/// A JSON value as a parameter: a text, a whole number or a bit.
pub fn param(value: &Value) -> Param {
    match value {
        Value::Bool(value) => Param::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Param::Integer(whole),
            None => amount(Some(value)),
        },
        Value::String(text) => Param::Text(text.clone()),
        _ => Param::Null,
    }
}
