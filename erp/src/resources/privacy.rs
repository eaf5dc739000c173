//! What is known of a customer, and how is it erased?

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::exports::EXPORTS;
use super::keys::account_of;
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params, Row};

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Permission(Permission::PrivacyManage);
    let rows = || Schema::list(Schema::Anything, 0, 10_000);
    let data = Schema::Object(vec![
        Field::new("customer", Schema::Anything),
        Field::new("account", Schema::line(0, 40)).nullable(),
        Field::new("history", rows()).about("Earlier versions, and the present one"),
        Field::new("invoices", rows()),
        Field::new("changes", rows()),
    ]);
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                "/customers/{customerId}/personal-data",
                "getPersonalData",
                "Everything that is known of a customer",
                manage,
            )
            .gives(200, "What is known", data),
            handler: handler!(personal_data),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/customers/{customerId}/erasure",
                "eraseCustomer",
                "Erase who a customer is, and was. Documents are kept, and so is his number in them",
                manage,
            )
            .gives_nothing(204, "He is erased: from rows, earlier versions, exports and files")
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(erase),
        },
    ];
    let shared = |route: Route| Route {
        operation: route.operation.only(Design::SharedDatabase),
        ..route
    };
    routes.into_iter().map(shared).collect()
}

fn plain(row: &Row) -> Value {
    let columns = row.columns().iter().cloned();
    Value::Object(columns.collect::<Map<String, Value>>())
}

async fn personal_data(call: Arc<Call>) -> Result<Answer, Problem> {
    let customer = call.id("customerId")?;
    let mut lease = call.lease().await?;
    let row = found(&mut lease, "SELECT c.*", "org.Customers", "c", customer, "").await?;
    let row = row.into_iter().next().ok_or_else(Problem::not_found)?;
    let invoices = found(
        &mut lease,
        "SELECT TOP (10000) i.InvoiceId, i.InvoiceNumber, i.Status, i.IssuedOn",
        "org.Invoices",
        "i",
        customer,
        " ORDER BY i.InvoiceId",
    );
    let invoices: Vec<Value> = invoices.await?.iter().map(plain).collect();
    let account = account_of(&call.service, &mut lease, customer).await?;
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let department = params.bind(lease.scope().department);
    let number = params.bind(customer);
    let history = format!(
        "EXEC org.CustomerHistory @OrgId = {organisation}, @CustomerId = {number}, \
         @SubOrgId = {department};"
    );
    let history: Vec<Value> = lease
        .rows(&history, &params)
        .await?
        .iter()
        .map(plain)
        .collect();
    let changes = format!(
        "EXEC org.ListChanges @OrgId = {organisation}, @Entity = 'Customer', @EntityId = {number}, \
         @SubOrgId = {department};"
    );
    let changes: Vec<Value> = lease
        .rows(&changes, &params)
        .await?
        .iter()
        .map(plain)
        .collect();
    Ok(Answer::ok(json!({
        "customer": plain(&row),
        "account": account.map(|(account, _)| account),
        "history": history,
        "invoices": invoices,
        "changes": changes,
    })))
}

async fn found(
    lease: &mut Lease,
    select: &str,
    view: &str,
    alias: &str,
    customer: i64,
    order: &str,
) -> Result<Vec<Row>, Problem> {
    let mut params = Params::new();
    let own = lease.own(alias, true, &mut params);
    let number = params.bind(customer);
    let statement =
        format!("{select} FROM {view} AS {alias} WHERE {own}{alias}.CustomerId = {number}{order};");
    Ok(lease.rows(&statement, &params).await?)
}

async fn erase(call: Arc<Call>) -> Result<Answer, Problem> {
    let customer = call.id("customerId")?;
    let service = &call.service;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let department = params.bind(lease.scope().department);
    let number = params.bind(customer);
    let arguments =
        format!("@OrgId = {organisation}, @CustomerId = {number}, @SubOrgId = {department}");
    lease
        .execute(&format!("EXEC org.EraseCustomer {arguments};"), &params)
        .await?;
    if service.switches.near_miss(Fault::ErasureLeavesHistory) {
        // Two transactions: in between he is erased already, but for what he was.
        lease.commit().await?;
        lease.begin().await?;
    }
    // The planted defect forgets that the row was kept each time that it changed.
    if !service.switches.fault(Fault::ErasureLeavesHistory) {
        let forget = format!("EXEC org.ForgetCustomerHistory {arguments};");
        lease.execute(&forget, &params).await?;
    }
    // Exports hold him, too, and so may answers that are remembered. They go before the rows do: if
    // they cannot, nothing is erased, and the caller hears of it.
    let removed = service.files.remove_kind(&lease.scope().tenant, EXPORTS);
    removed.map_err(|_| Problem::new(503, "unavailable", "The service cannot answer now"))?;
    service.memory.forget_answers();
    lease.commit().await?;
    Ok(Answer::nothing())
}
