//! Who buys?

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page, page_of, parameters};
use super::rows::{
    self, CUSTOMER, amount, audit, boundary, committed, department, merged, param, same_version,
    scope_by_id,
};
use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::call::duplicate_of;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Param, Params, Row};

const SORTS: &[&str] = &["id", "-id", "name", "-name", "since", "-since"];

fn select(design: Design) -> &'static str {
    match design {
        Design::DatabasePerTenant => {
            "r.CustomerId, r.CustomerKey, r.Name, r.Email, r.TaxNumber, \
             CAST(r.CreditLimit AS decimal(19, 4)) AS CreditLimit, r.Since, r.IsActive, r.Revision"
        }
        Design::SharedDatabase => {
            "r.CustomerId, r.SubOrgId, r.CustomerKey, r.Name, r.Email, r.TaxNumber, \
             CAST(r.CreditLimit AS decimal(19, 4)) AS CreditLimit, r.Since, r.IsActive, r.Revision"
        }
    }
}

fn listing(design: Design) -> Listing {
    Listing {
        name: "customers",
        entity: CUSTOMER,
        select: select(design),
        search: &["Name", "TaxNumber"],
        search_more: &["Email"],
        sorts: &[("id", "CustomerId"), ("name", "Name"), ("since", "Since")],
    }
}

pub(super) fn routes(design: Design) -> Vec<Route> {
    let read = Access::Permission(Permission::CustomerRead);
    let write = Access::Permission(Permission::CustomerWrite);
    let list = Operation::new("GET", "/customers", "listCustomers", "List customers", read)
        .query(
            "isActive",
            Schema::Boolean,
            "Only those that are active, or are not",
        )
        .gives(200, "A page of customers", Schema::Named("CustomerPage"));
    vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_customers),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/customers",
                "createCustomer",
                "Add a customer",
                write,
            )
            .body(input(design))
            .gives(201, "The new customer", Schema::Named("Customer"))
            .with(&["Location", "ETag"])
            .refuses(409, "The tax number is in use"),
            handler: handler!(create_customer),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/customers/{customerId}",
                "getCustomer",
                "Read a customer",
                read,
            )
            .gives(200, "The customer", Schema::Named("Customer"))
            .with(&["ETag"]),
            handler: handler!(get_customer),
        },
        Route {
            operation: Operation::new(
                "PATCH",
                "/customers/{customerId}",
                "changeCustomer",
                "Change a customer",
                write,
            )
            .header(
                "If-Match",
                Schema::line(1, 40),
                false,
                "The version that was seen",
            )
            .body(change())
            .gives(200, "The customer as it is now", Schema::Named("Customer"))
            .with(&["ETag"])
            .refuses(409, "The tax number is in use")
            .refuses(412, "The customer was changed in the meantime")
            .refuses(428, "The version that was seen is missing"),
            handler: handler!(change_customer),
        },
        Route {
            operation: Operation::new(
                "DELETE",
                "/customers/{customerId}",
                "deleteCustomer",
                "Remove a customer",
                write,
            )
            .gives_nothing(204, "The customer is gone")
            .refuses(409, "The customer has invoices"),
            handler: handler!(delete_customer),
        },
    ]
}

pub(super) fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    let mut customer = vec![Field::new("id", Schema::id())];
    if design == Design::SharedDatabase {
        customer.push(Field::new("subOrgId", Schema::id()).about("The department that owns it"));
    }
    customer.extend([
        Field::new("key", Schema::text(TextKind::Guid, 36, 36)),
        Field::new("name", Schema::line(1, 100)),
        Field::new("email", Schema::line(1, 120)).nullable(),
        Field::new("taxNumber", Schema::line(1, 40)),
        Field::new("creditLimit", Schema::Amount(0, AMOUNT_MAX)),
        Field::new("since", Schema::Date),
        Field::new("isActive", Schema::Boolean),
        Field::new("rowVersion", Schema::code(1, 20)),
    ]);
    vec![
        ("Customer", Schema::Object(customer)),
        ("CustomerPage", page_of("Customer")),
    ]
}

const AMOUNT_MAX: i64 = 1_000_000_000_000;

fn input(design: Design) -> Schema {
    let mut fields = super::owner_fields(design);
    if design == Design::SharedDatabase {
        fields.push(super::department_field());
    }
    fields.extend([
        Field::new("name", Schema::line(1, 50)),
        Field::new("taxNumber", Schema::code(1, 40)),
        Field::new("since", Schema::Date),
        Field::new("email", Schema::text(TextKind::Mail, 3, 120))
            .optional()
            .nullable(),
        Field::new("creditLimit", Schema::Amount(0, AMOUNT_MAX)).optional(),
    ]);
    Schema::Object(fields)
}

fn change() -> Schema {
    Schema::Object(vec![
        Field::new("rowVersion", Schema::code(1, 20))
            .optional()
            .about("The version that was seen; instead of If-Match"),
        Field::new("name", Schema::line(1, 50)).optional(),
        Field::new("taxNumber", Schema::code(1, 40)).optional(),
        Field::new("email", Schema::text(TextKind::Mail, 3, 120))
            .optional()
            .nullable(),
        Field::new("creditLimit", Schema::Amount(0, AMOUNT_MAX)).optional(),
        Field::new("isActive", Schema::Boolean).optional(),
    ])
}

fn json_of(row: &Row) -> Value {
    let mut customer = json!({"id": row.get("CustomerId")});
    if let Some(department) = row.integer("SubOrgId") {
        customer["subOrgId"] = json!(department);
    }
    customer["key"] = row.get("CustomerKey");
    customer["name"] = row.get("Name");
    customer["email"] = row.get("Email");
    customer["taxNumber"] = row.get("TaxNumber");
    customer["creditLimit"] = row.get("CreditLimit");
    customer["since"] = row.get("Since");
    customer["isActive"] = json!(row.flag("IsActive"));
    customer["rowVersion"] = json!(row.integer("Revision").unwrap_or_default().to_string());
    customer
}

async fn list_customers(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut filters = Vec::new();
    if let Some(active) = call.parameter("isActive") {
        filters.push(("IsActive", Param::Boolean(active == "true")));
    }
    page(&call, listing(call.design()), &filters, json_of).await
}

async fn find(lease: &mut Lease, id: i64, lock: bool) -> Result<Row, Problem> {
    rows::find(lease, CUSTOMER, select(lease.design()), id, lock).await
}

async fn get_customer(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("customerId")?;
    let scope = scope_by_id(&call, Fault::ReadByIdUnscoped, CUSTOMER, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    Ok(Answer::ok(json_of(&find(&mut lease, id, false).await?)).versioned())
}

async fn create_customer(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let department = department(&call, &mut lease).await?;
    unique_tax_number(&call, &mut lease, None).await?;
    lease.begin().await?;
    let mut params = Params::new();
    let limit = match amount(call.field("creditLimit")) {
        Param::Null => Param::Amount(0),
        given => given,
    };
    let (name, tax, since) = (
        call.text("name"),
        call.text("taxNumber"),
        call.text("since"),
    );
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            let values = [
                params.bind(name),
                params.bind(call.text("email")),
                params.bind(tax),
                params.bind(limit),
                params.bind(since),
            ];
            format!(
                "INSERT INTO dbo.Customers (Name, Email, TaxNumber, CreditLimit, Since) \
                 OUTPUT inserted.CustomerId VALUES ({});",
                values.join(", ")
            )
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            let department = params.bind(department);
            let (name, tax, since) = (params.bind(name), params.bind(tax), params.bind(since));
            let (email, limit) = (params.bind(call.text("email")), params.bind(limit));
            format!(
                "EXEC org.CreateCustomer @OrgId = {organisation}, @SubOrgId = {department}, \
                 @Name = {name}, @TaxNumber = {tax}, @Since = {since}, @Email = {email}, \
                 @CreditLimit = {limit};"
            )
        }
    };
    let row = lease
        .row(&statement, &params)
        .await
        .map_err(duplicate_of("taxNumber"))?;
    let id = row
        .and_then(|row| row.integer("CustomerId"))
        .unwrap_or_default();
    let event = rows::event("CustomerCreated", "Customer", id);
    audit(&call, &mut lease, event).await?;
    let created = json_of(&find(&mut lease, id, false).await?);
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::created(format!("/customers/{id}"), created).versioned())
}

async fn change_customer(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("customerId")?;
    let scope = scope_by_id(&call, Fault::UpdateByIdUnscoped, CUSTOMER, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    // Whose row it is comes before which version was seen: the other order would tell.
    lease.begin().await?;
    let present = find(&mut lease, id, true).await?;
    same_version(&call, present.integer("Revision"))?;
    unique_tax_number(&call, &mut lease, Some(id)).await?;
    let mut params = Params::new();
    let name = params.bind(param(&merged(&call, "name", present.get("Name"))));
    let tax = params.bind(param(&merged(&call, "taxNumber", present.get("TaxNumber"))));
    let email = params.bind(param(&merged(&call, "email", present.get("Email"))));
    let limit = params.bind(amount(Some(&merged(
        &call,
        "creditLimit",
        present.get("CreditLimit"),
    ))));
    let active = merged(&call, "isActive", json!(present.flag("IsActive")));
    let active = params.bind(param(&active));
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "UPDATE dbo.Customers SET Name = {name}, TaxNumber = {tax}, Email = {email}, \
             CreditLimit = {limit}, IsActive = {active}, Revision = Revision + 1 \
             WHERE CustomerId = {number};"
        ),
        Design::SharedDatabase if call.service.switches.fault(Fault::AuditRowMissing) => {
            // The planted defect: the view takes the change, too, and leaves no history.
            let own = lease.own("r", true, &mut params);
            format!(
                "UPDATE r SET r.Name = {name}, r.Email = {email}, r.CreditLimit = {limit}, \
                 r.IsActive = {active} FROM org.Customers AS r WHERE {own}r.CustomerId = {number};"
            )
        }
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            let revision = params.bind(present.integer("Revision"));
            format!(
                "EXEC org.ChangeCustomer {caller}, @CustomerId = {number}, \
                 @Revision = {revision}, @Name = {name}, @TaxNumber = {tax}, @Email = {email}, \
                 @CreditLimit = {limit}, @IsActive = {active};"
            )
        }
    };
    lease
        .execute(&statement, &params)
        .await
        .map_err(duplicate_of("taxNumber"))?;
    let event = rows::event("CustomerChanged", "Customer", id);
    audit(&call, &mut lease, event).await?;
    let changed = json_of(&find(&mut lease, id, false).await?);
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::ok(changed).versioned())
}

async fn delete_customer(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("customerId")?;
    let mut scope = call.scope()?.clone();
    let mut missing = Problem::not_found();
    let switches = &call.service.switches;
    if switches.fault(Fault::DeleteByIdUnscoped) {
        scope = scope_by_id(&call, Fault::DeleteByIdUnscoped, CUSTOMER, id).await?;
    } else if switches.near_miss(Fault::DeleteByIdUnscoped) {
        missing.detail = "It may have been removed before".to_owned();
    }
    let is_foreign = scope != *call.scope()?;
    let mut lease = call.lease_for(&scope).await?;
    lease.begin().await?;
    if find(&mut lease, id, true).await.is_err() {
        return Err(missing);
    }
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            format!("DELETE FROM dbo.Customers WHERE CustomerId = {number};")
        }
        Design::SharedDatabase => {
            let caller = boundary(&lease, &mut params);
            format!("EXEC org.DeleteCustomer {caller}, @CustomerId = {number};")
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("CustomerRemoved", "Customer", id);
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    if is_foreign {
        return Err(missing);
    }
    Ok(Answer::nothing())
}

/// A tax number is used once by each tenant. The planted defect looks at all tenants, and says who
/// uses it.
async fn unique_tax_number(
    call: &Call,
    lease: &mut Lease,
    except: Option<i64>,
) -> Result<(), Problem> {
    let Some(tax) = call.text("taxNumber") else {
        return Ok(());
    };
    let switches = &call.service.switches;
    if switches.fault(Fault::ErrorTellsValue) {
        for tenant in call.service.store.tenants() {
            let Some(scope) = call.service.store.scope(&tenant, &lease.scope().actor) else {
                continue;
            };
            let mut other = call.lease_for(&scope).await?;
            if let Some(row) = user_of(&mut other, tax).await?
                && row.integer("CustomerId") != except
            {
                let (id, name) = (row.get("CustomerId"), row.text("Name").unwrap_or_default());
                return Err(Problem::conflict(&format!(
                    "The tax number belongs to customer {id}, {name}"
                )));
            }
        }
    }
    if let Some(row) = user_of(lease, tax).await?
        && row.integer("CustomerId") != except
    {
        let mut problem = Problem::conflict("Another customer of yours has the same tax number");
        if switches.near_miss(Fault::ErrorTellsValue) {
            problem = Problem::conflict(&format!("Customer {} has it", row.get("CustomerId")));
        }
        problem.errors = Problem::field("taxNumber", "duplicate", "is in use").errors;
        return Err(problem);
    }
    Ok(())
}

async fn user_of(lease: &mut Lease, tax: &str) -> Result<Option<Row>, Problem> {
    let mut params = Params::new();
    let own = lease.own("r", false, &mut params);
    let tax = params.bind(tax);
    let table = lease.table("Customers");
    let statement =
        format!("SELECT r.CustomerId, r.Name FROM {table} AS r WHERE {own}r.TaxNumber = {tax};");
    Ok(lease.row(&statement, &params).await?)
}
