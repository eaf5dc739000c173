//! What is sold? Products belong to the whole tenant; departments read them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page, page_of, parameters};
use super::rows::{
    self, PRODUCT, amount, audit, committed, merged, param, referred, same_version, scope_by_id,
};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::call::duplicate_of;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params, Row};

const SORTS: &[&str] = &["id", "-id", "name", "-name", "sku", "-sku"];

const SELECT: &str =
    "r.ProductId, r.Sku, r.Name, r.UnitPrice, r.WeightGrams, r.SubstituteId, r.Revision";

const LISTING: Listing = Listing {
    name: "products",
    entity: PRODUCT,
    select: SELECT,
    search: &["Name"],
    search_more: &["Sku"],
    sorts: &[("id", "ProductId"), ("name", "Name"), ("sku", "Sku")],
};

/// The highest price: what twenty lines of ten thousand pieces come to can still be kept.
const PRICE_MAX: i64 = 2_000_000_000;
const WEIGHT_MAX: i64 = 1_000_000_000_000;

pub(super) fn routes(design: Design) -> Vec<Route> {
    let read = Access::Permission(Permission::ProductRead);
    let write = Access::Permission(Permission::ProductWrite);
    let one = "/products/{productId}";
    let list = Operation::new("GET", "/products", "listProducts", "List products", read).gives(
        200,
        "A page of products",
        Schema::Named("ProductPage"),
    );
    vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_products),
        },
        Route {
            operation: Operation::new("POST", "/products", "createProduct", "Add a product", write)
                .body(input(design))
                .gives(201, "The new product", Schema::Named("Product"))
                .with(&["Location", "ETag"])
                .refuses(409, "The article number is in use"),
            handler: handler!(create_product),
        },
        Route {
            operation: Operation::new("GET", one, "getProduct", "Read a product", read)
                .gives(200, "The product", Schema::Named("Product"))
                .with(&["ETag"]),
            handler: handler!(get_product),
        },
        Route {
            operation: Operation::new("PATCH", one, "changeProduct", "Change a product", write)
                .header(
                    "If-Match",
                    Schema::line(1, 40),
                    false,
                    "The version that was seen",
                )
                .body(change())
                .gives(200, "The product as it is now", Schema::Named("Product"))
                .with(&["ETag"])
                .refuses(409, "The article number is in use")
                .refuses(412, "The product was changed in the meantime")
                .refuses(428, "The version that was seen is missing"),
            handler: handler!(change_product),
        },
        Route {
            operation: Operation::new("DELETE", one, "deleteProduct", "Remove a product", write)
                .gives_nothing(204, "The product is gone")
                .refuses(409, "Invoices or stock refer to the product"),
            handler: handler!(delete_product),
        },
    ]
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let product = Schema::Object(vec![
        Field::new("id", Schema::id()),
        Field::new("sku", Schema::line(1, 40)),
        Field::new("name", Schema::line(1, 100)),
        Field::new("unitPrice", Schema::Amount(0, PRICE_MAX)),
        Field::new("weightGrams", Schema::Integer(0, WEIGHT_MAX)).nullable(),
        Field::new("substituteId", Schema::id())
            .nullable()
            .about("The product that replaces this one"),
        Field::new("rowVersion", Schema::code(1, 20)),
    ]);
    vec![("Product", product), ("ProductPage", page_of("Product"))]
}

fn input(design: Design) -> Schema {
    let mut fields = super::owner_fields(design);
    fields.extend([
        Field::new("sku", Schema::code(1, 40)),
        Field::new("name", Schema::line(1, 50)),
        Field::new("unitPrice", Schema::Amount(0, PRICE_MAX)),
    ]);
    fields.extend(optional_fields());
    Schema::Object(fields)
}

fn change() -> Schema {
    let mut fields = vec![
        Field::new("rowVersion", Schema::code(1, 20))
            .optional()
            .about("The version that was seen; instead of If-Match"),
        Field::new("sku", Schema::code(1, 40)).optional(),
        Field::new("name", Schema::line(1, 50)).optional(),
        Field::new("unitPrice", Schema::Amount(0, PRICE_MAX)).optional(),
    ];
    fields.extend(optional_fields());
    Schema::Object(fields)
}

fn optional_fields() -> [Field; 2] {
    [
        Field::new("weightGrams", Schema::Integer(0, WEIGHT_MAX))
            .optional()
            .nullable(),
        Field::new("substituteId", Schema::id())
            .optional()
            .nullable()
            .about("The product that replaces this one; not the product itself"),
    ]
}

fn json_of(row: &Row) -> Value {
    json!({
        "id": row.get("ProductId"),
        "sku": row.get("Sku"),
        "name": row.get("Name"),
        "unitPrice": row.get("UnitPrice"),
        "weightGrams": row.get("WeightGrams"),
        "substituteId": row.get("SubstituteId"),
        "rowVersion": row.integer("Revision").unwrap_or_default().to_string(),
    })
}

async fn list_products(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, LISTING, &[], json_of).await
}

async fn get_product(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("productId")?;
    let scope = scope_by_id(&call, Fault::ReadByIdUnscoped, PRODUCT, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    let row = rows::find(&mut lease, PRODUCT, SELECT, id, false).await?;
    Ok(Answer::ok(json_of(&row)).versioned())
}

/// No key keeps the substitute: the application alone knows whose it must be.
async fn substitute(call: &Call, lease: &mut Lease, id: Option<i64>) -> Result<(), Problem> {
    let Some(substitute) = call.integer("substituteId") else {
        return Ok(());
    };
    let switches = &call.service.switches;
    if Some(substitute) == id {
        if switches.near_miss(Fault::ForeignReferenceAccepted) {
            return Ok(());
        }
        let message = "must be another product";
        return Err(Problem::field("substituteId", "reference", message));
    }
    if switches.fault(Fault::ForeignReferenceAccepted) {
        return Ok(());
    }
    referred(call, lease, PRODUCT, substitute, "substituteId").await
}

async fn create_product(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    substitute(&call, &mut lease, None).await?;
    lease.begin().await?;
    let mut params = Params::new();
    let organisation = match call.design() {
        Design::DatabasePerTenant => String::new(),
        Design::SharedDatabase => params.bind(lease.scope().organisation),
    };
    let sku = params.bind(call.text("sku"));
    let name = params.bind(call.text("name"));
    let price = params.bind(amount(call.field("unitPrice")));
    let weight = params.bind(call.integer("weightGrams"));
    let substitute = params.bind(call.integer("substituteId"));
    let statement = match call.design() {
        // A number is given once, also when its product has been removed.
        Design::DatabasePerTenant => format!(
            "INSERT INTO dbo.Products \
                 (ProductId, Sku, Name, UnitPrice, WeightGrams, SubstituteId) \
             OUTPUT inserted.ProductId \
             SELECT 1 + MAX(n.Number), {sku}, {name}, {price}, {weight}, {substitute} \
             FROM (SELECT 0 AS Number \
                   UNION ALL SELECT MAX(p.ProductId) FROM dbo.Products AS p WITH (UPDLOCK, HOLDLOCK) \
                   UNION ALL SELECT MAX(h.ProductId) FROM History.Products AS h) AS n;"
        ),
        Design::SharedDatabase => format!(
            "EXEC org.CreateProduct @OrgId = {organisation}, @Sku = {sku}, @Name = {name}, \
             @UnitPrice = {price}, @WeightGrams = {weight}, @SubstituteId = {substitute};"
        ),
    };
    let row = lease
        .row(&statement, &params)
        .await
        .map_err(duplicate_of("sku"))?;
    let id = row
        .and_then(|row| row.integer("ProductId"))
        .unwrap_or_default();
    let event = rows::event("ProductCreated", "Product", id);
    audit(&call, &mut lease, event).await?;
    let created = rows::find(&mut lease, PRODUCT, SELECT, id, false).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::created(format!("/products/{id}"), json_of(&created)).versioned())
}

async fn change_product(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("productId")?;
    let scope = scope_by_id(&call, Fault::UpdateByIdUnscoped, PRODUCT, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    lease.begin().await?;
    let present = rows::find(&mut lease, PRODUCT, SELECT, id, true).await?;
    same_version(&call, present.integer("Revision"))?;
    substitute(&call, &mut lease, Some(id)).await?;
    let mut params = Params::new();
    let sku = params.bind(param(&merged(&call, "sku", present.get("Sku"))));
    let name = params.bind(param(&merged(&call, "name", present.get("Name"))));
    let price = merged(&call, "unitPrice", present.get("UnitPrice"));
    let price = params.bind(amount(Some(&price)));
    let weight = params.bind(param(&merged(
        &call,
        "weightGrams",
        present.get("WeightGrams"),
    )));
    let other = merged(&call, "substituteId", present.get("SubstituteId"));
    let other = params.bind(param(&other));
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => format!(
            "UPDATE dbo.Products SET Sku = {sku}, Name = {name}, UnitPrice = {price}, \
             WeightGrams = {weight}, SubstituteId = {other}, Revision = Revision + 1 \
             WHERE ProductId = {number};"
        ),
        Design::SharedDatabase if call.service.switches.fault(Fault::ChangeChainUnsigned) => {
            // The planted defect: the view takes the change, too, and the chain does not hear of it.
            call.for_the_whole()?;
            let own = lease.own("r", false, &mut params);
            format!(
                "UPDATE r SET r.Name = {name}, r.UnitPrice = {price}, r.WeightGrams = {weight} \
                 FROM org.Products AS r WHERE {own}r.ProductId = {number};"
            )
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            let revision = params.bind(present.integer("Revision"));
            format!(
                "EXEC org.ChangeProduct @OrgId = {organisation}, @ProductId = {number}, \
                 @Revision = {revision}, @Sku = {sku}, @Name = {name}, @UnitPrice = {price}, \
                 @WeightGrams = {weight}, @SubstituteId = {other};"
            )
        }
    };
    lease
        .execute(&statement, &params)
        .await
        .map_err(duplicate_of("sku"))?;
    let event = rows::event("ProductChanged", "Product", id);
    audit(&call, &mut lease, event).await?;
    let changed = rows::find(&mut lease, PRODUCT, SELECT, id, false).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::ok(json_of(&changed)).versioned())
}

async fn delete_product(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("productId")?;
    let mut lease = call.lease().await?;
    lease.begin().await?;
    rows::find(&mut lease, PRODUCT, SELECT, id, true).await?;
    let mut params = Params::new();
    let number = params.bind(id);
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            format!("DELETE FROM dbo.Products WHERE ProductId = {number};")
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            format!("EXEC org.RemoveProduct @OrgId = {organisation}, @ProductId = {number};")
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("ProductRemoved", "Product", id);
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::nothing())
}
