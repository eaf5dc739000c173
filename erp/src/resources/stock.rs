//! What is where? Movements are recorded once for each key, whoever repeats the request.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::listing::{Listing, page, page_of, parameters};
use super::rows::{self, Entity, PRODUCT, audit, committed, department, referred, scope_by_id};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Param, Params, Row};

const SORTS: &[&str] = &["id", "-id"];

/// The most pieces of one movement.
const QUANTITY_MAX: i64 = 1_000_000;
const NUMBER_MAX: i64 = 9_007_199_254_740_991;

fn listing(design: Design) -> Listing {
    match design {
        Design::DatabasePerTenant => Listing {
            name: "stock-movements",
            entity: Entity {
                table: "StockMovements",
                id: "StockMovementId",
                departmental: true,
            },
            select: "r.StockMovementId AS MovementId, r.ProductId, r.Location, r.Quantity, \
                     r.Reason, r.MovedAt",
            search: &["Reason"],
            search_more: &["Location"],
            sorts: &[("id", "StockMovementId")],
        },
        Design::SharedDatabase => Listing {
            name: "stock-movements",
            entity: Entity {
                table: "StockLedger",
                id: "LedgerId",
                departmental: true,
            },
            select: "r.LedgerId AS MovementId, r.SubOrgId, r.ProductId, r.Location, r.Quantity, \
                     r.Reason, r.RecordedAt AS MovedAt",
            search: &["Reason"],
            search_more: &["Location"],
            sorts: &[("id", "LedgerId")],
        },
    }
}

pub(super) fn routes(design: Design) -> Vec<Route> {
    let read = Access::Permission(Permission::StockRead);
    let move_ = Access::Permission(Permission::StockMove);
    let all = "/stock-movements";
    let one = "/stock-movements/{stockMovementId}";
    let list = Operation::new(
        "GET",
        all,
        "listStockMovements",
        "List movements of stock",
        read,
    )
    .query("productId", Schema::id(), "Only those of this product")
    .gives(
        200,
        "A page of movements",
        Schema::Named("StockMovementPage"),
    );
    let about = "Names the request: a repeat is answered as the first one was";
    vec![
        Route {
            operation: parameters(list, SORTS),
            handler: handler!(list_movements),
        },
        Route {
            operation: Operation::new(
                "POST",
                all,
                "recordStockMovement",
                "Record a movement of stock",
                move_,
            )
            .header("Idempotency-Key", Schema::code(1, 60), true, about)
            .body(input(design))
            .gives(201, "The movement", Schema::Named("StockMovement"))
            .with(&["Location", "Idempotency-Replayed"])
            .refuses(409, "The same request is being answered")
            .refuses(422, "The key named another request"),
            handler: handler!(record_movement),
        },
        Route {
            operation: Operation::new(
                "GET",
                one,
                "getStockMovement",
                "Read a movement of stock",
                read,
            )
            .gives(200, "The movement", Schema::Named("StockMovement")),
            handler: handler!(get_movement),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/products/{productId}/stock",
                "getStock",
                "What there is of a product",
                read,
            )
            .gives(200, "By location", Schema::Named("Stock")),
            handler: handler!(get_stock),
        },
    ]
}

pub(super) fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    let mut movement = vec![Field::new("id", Schema::Integer(1, NUMBER_MAX))];
    let mut level = vec![
        Field::new("location", Schema::line(0, 40)),
        Field::new("onHand", Schema::Integer(-NUMBER_MAX, NUMBER_MAX)),
        Field::new("countedOn", Schema::Date).nullable(),
    ];
    if design == Design::SharedDatabase {
        let department =
            || Field::new("subOrgId", Schema::id()).about("The department that owns it");
        movement.push(department());
        level.push(department());
    }
    movement.extend([
        Field::new("productId", Schema::id()),
        Field::new("location", Schema::line(0, 40)).nullable(),
        Field::new("quantity", Schema::Integer(-NUMBER_MAX, NUMBER_MAX)),
        Field::new("reason", Schema::line(0, 100)),
        Field::new("movedAt", Schema::Moment),
    ]);
    let stock = Schema::Object(vec![
        Field::new("productId", Schema::id()),
        Field::new("items", Schema::list(Schema::Object(level), 0, 100_000)),
    ]);
    vec![
        ("StockMovement", Schema::Object(movement)),
        ("StockMovementPage", page_of("StockMovement")),
        ("Stock", stock),
    ]
}

fn input(design: Design) -> Schema {
    let mut fields = super::owner_fields(design);
    if design == Design::SharedDatabase {
        fields.push(super::department_field());
    }
    fields.extend([
        Field::new("productId", Schema::id()),
        Field::new("location", Schema::line(1, 20)),
        Field::new("quantity", Schema::Integer(-QUANTITY_MAX, QUANTITY_MAX)).about("Not zero"),
        Field::new("reason", Schema::line(1, 50)),
    ]);
    Schema::Object(fields)
}

fn json_of(row: &Row) -> Value {
    let mut movement = json!({"id": row.get("MovementId")});
    if let Some(department) = row.integer("SubOrgId") {
        movement["subOrgId"] = json!(department);
    }
    movement["productId"] = row.get("ProductId");
    movement["location"] = row.get("Location");
    movement["quantity"] = row.get("Quantity");
    movement["reason"] = row.get("Reason");
    movement["movedAt"] = row.get("MovedAt");
    movement
}

async fn list_movements(call: Arc<Call>) -> Result<Answer, Problem> {
    let product = call
        .parameter("productId")
        .and_then(|text| text.parse().ok());
    let filters: Vec<_> = product
        .map(|product| ("ProductId", Param::Integer(product)))
        .into_iter()
        .collect();
    page(&call, listing(call.design()), &filters, json_of).await
}

async fn found(lease: &mut Lease, id: i64) -> Result<Value, Problem> {
    let Listing { entity, select, .. } = listing(lease.design());
    Ok(json_of(
        &rows::find(lease, entity, select, id, false).await?,
    ))
}

async fn get_movement(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("stockMovementId")?;
    let entity = listing(call.design()).entity;
    let scope = scope_by_id(&call, Fault::ReadByIdUnscoped, entity, id).await?;
    let mut lease = call.lease_for(&scope).await?;
    Ok(Answer::ok(found(&mut lease, id).await?))
}

async fn get_stock(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("productId")?;
    let mut lease = call.lease().await?;
    rows::find(&mut lease, PRODUCT, "r.ProductId", id, false).await?;
    let mut params = Params::new();
    let own = lease.own("r", true, &mut params);
    let (number, table) = (params.bind(id), lease.table("StockLevels"));
    let department = match call.design() {
        Design::DatabasePerTenant => "",
        Design::SharedDatabase => ", r.SubOrgId",
    };
    let statement = format!(
        "SELECT r.Location, r.OnHand, r.CountedOn{department} FROM {table} AS r \
         WHERE {own}r.ProductId = {number} ORDER BY r.Location{department};"
    );
    let levels = lease.rows(&statement, &params).await?;
    let items = levels.iter().map(|level| {
        let mut item = json!({
            "location": level.get("Location"),
            "onHand": level.get("OnHand"),
            "countedOn": level.get("CountedOn"),
        });
        if let Some(department) = level.integer("SubOrgId") {
            item["subOrgId"] = json!(department);
        }
        item
    });
    let items: Vec<Value> = items.collect();
    Ok(Answer::ok(json!({"productId": id, "items": items})))
}

/// What a request asks for, whatever the order of its fields.
struct Movement {
    key: String,
    department: Option<i64>,
    product: i64,
    location: String,
    quantity: i64,
    reason: String,
}

impl Movement {
    fn of(call: &Call) -> Result<Self, Problem> {
        let quantity = call.integer("quantity").unwrap_or_default();
        if quantity == 0 {
            return Err(Problem::field("quantity", "range", "must not be zero"));
        }
        let key = call.parameter("Idempotency-Key").unwrap_or_default();
        // Departments do not see each other's movements, so their keys do not meet either.
        let department = call.scope()?.department;
        let key = department.map_or_else(|| key.to_owned(), |own| format!("{own}/{key}"));
        let text = |name| call.text(name).unwrap_or_default().to_owned();
        Ok(Self {
            key,
            department: None,
            product: call.integer("productId").unwrap_or_default(),
            location: text("location"),
            quantity,
            reason: text("reason"),
        })
    }

    fn hash(&self) -> Vec<u8> {
        let Self {
            product, quantity, ..
        } = self;
        let text = format!(
            "{product}\u{1f}{quantity}\u{1f}{}\u{1f}{}",
            self.location, self.reason
        );
        Sha256::digest(text).to_vec()
    }
}

async fn record_movement(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut movement = Movement::of(&call)?;
    let switches = &call.service.switches;
    let tenant = &call.scope()?.tenant;
    // The planted defect: recent answers are kept by the key alone; its near miss adds the tenant.
    let recent = match (
        switches.fault(Fault::IdempotencyKeyGlobal),
        switches.near_miss(Fault::IdempotencyKeyGlobal),
    ) {
        (true, _) => Some(format!("movement {}", movement.key)),
        (_, true) => Some(format!(
            "movement {tenant} {} {:?}",
            movement.key,
            movement.hash()
        )),
        _ => None,
    };
    if let Some(answer) = recent
        .as_ref()
        .and_then(|key| call.service.memory.recent(key))
    {
        return Ok(answered(answer, true));
    }
    let mut lease = call.lease().await?;
    movement.department = department(&call, &mut lease).await?;
    if let Some(answer) = replay(&call, &mut lease, &movement).await? {
        return Ok(answered(answer, true));
    }
    referred(&call, &mut lease, PRODUCT, movement.product, "productId").await?;
    lease.begin().await?;
    let id = match call.design() {
        Design::DatabasePerTenant => record_own(&mut lease, &movement).await,
        Design::SharedDatabase => record_shared(&mut lease, &movement).await,
    };
    let id = match id {
        Ok(id) => id,
        // Somebody recorded it at the same moment: his answer is everybody's.
        Err(error) if error.status == 409 => {
            lease.roll_back().await?;
            let answer = replay(&call, &mut lease, &movement).await?;
            return answer.map(|answer| answered(answer, true)).ok_or(error);
        }
        Err(error) => return Err(error),
    };
    let event = rows::event("StockMoved", "StockMovement", id);
    audit(&call, &mut lease, event).await?;
    let answer = found(&mut lease, id).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    if let Some(key) = recent {
        call.service.memory.keep(key, answer.clone());
    }
    Ok(answered(answer, false))
}

fn answered(movement: Value, replayed: bool) -> Answer {
    let location = format!("/stock-movements/{}", movement["id"]);
    let answer = Answer::created(location, movement);
    if replayed {
        return answer.header("Idempotency-Replayed", "true".to_owned());
    }
    answer
}

/// The answer to an earlier request with the same key.
async fn replay(
    call: &Call,
    lease: &mut Lease,
    movement: &Movement,
) -> Result<Option<Value>, Problem> {
    let mut params = Params::new();
    let statement = match lease.design() {
        Design::DatabasePerTenant => {
            let key = params.bind(movement.key.as_str());
            format!(
                "SELECT k.ResultId, k.RequestHash FROM dbo.IdempotencyKeys AS k \
                 WHERE k.Operation = 'RecordStockMovement' AND k.IdempotencyKey = {key};"
            )
        }
        Design::SharedDatabase => {
            let own = lease.own("r", true, &mut params);
            let key = params.bind(movement.key.as_str());
            format!(
                "SELECT r.LedgerId AS ResultId, r.SubOrgId, r.ProductId, r.Location, r.Quantity, \
                 r.Reason FROM org.StockLedger AS r WHERE {own}r.IdempotencyKey = {key};"
            )
        }
    };
    let Some(row) = lease.row(&statement, &params).await? else {
        return Ok(None);
    };
    let is_same = match lease.design() {
        Design::DatabasePerTenant => {
            let hash: String = crate::http::sign::hexadecimal(&movement.hash());
            row.text("RequestHash") == Some(hash)
        }
        Design::SharedDatabase => {
            row.integer("SubOrgId") == movement.department
                && row.integer("ProductId") == Some(movement.product)
                && row.integer("Quantity") == Some(movement.quantity)
                && row.text("Location").as_deref() == Some(&movement.location)
                && row.text("Reason").as_deref() == Some(&movement.reason)
        }
    };
    if !is_same && !call.service.switches.fault(Fault::IdempotencyBodyIgnored) {
        return Err(Problem::new(
            422,
            "key-reused",
            "The key named another request",
        ));
    }
    let id = row.integer("ResultId").unwrap_or_default();
    Ok(Some(found(lease, id).await?))
}

async fn record_own(lease: &mut Lease, movement: &Movement) -> Result<i64, Problem> {
    let mut params = Params::new();
    let product = params.bind(movement.product);
    let location = params.bind(movement.location.as_str());
    let quantity = params.bind(movement.quantity);
    let reason = params.bind(movement.reason.as_str());
    let statement = format!(
        "INSERT INTO dbo.StockMovements (ProductId, Location, Quantity, Reason) \
         OUTPUT inserted.StockMovementId VALUES ({product}, {location}, {quantity}, {reason});"
    );
    let row = lease.row(&statement, &params).await?;
    let id = row
        .and_then(|row| row.integer("StockMovementId"))
        .unwrap_or_default();

    let mut params = Params::new();
    let key = params.bind(movement.key.as_str());
    let (hash, number) = (params.bind(movement.hash()), params.bind(id));
    let statement = format!(
        "INSERT INTO dbo.IdempotencyKeys (IdempotencyKey, Operation, RequestHash, ResultId) \
         VALUES ({key}, 'RecordStockMovement', {hash}, {number});"
    );
    lease.execute(&statement, &params).await?;

    let mut params = Params::new();
    let product = params.bind(movement.product);
    let location = params.bind(movement.location.as_str());
    let quantity = params.bind(movement.quantity);
    let statement = format!(
        "UPDATE dbo.StockLevels WITH (HOLDLOCK) SET OnHand = OnHand + {quantity} \
         WHERE ProductId = {product} AND Location = {location};"
    );
    if lease.execute(&statement, &params).await? == 0 {
        let statement = format!(
            "INSERT INTO dbo.StockLevels (ProductId, Location, OnHand) \
             VALUES ({product}, {location}, {quantity});"
        );
        lease.execute(&statement, &params).await?;
    }
    Ok(id)
}

async fn record_shared(lease: &mut Lease, movement: &Movement) -> Result<i64, Problem> {
    let mut params = Params::new();
    let organisation = params.bind(lease.scope().organisation);
    let department = params.bind(movement.department);
    let key = params.bind(movement.key.as_str());
    let product = params.bind(movement.product);
    let location = params.bind(movement.location.as_str());
    let quantity = params.bind(movement.quantity);
    let reason = params.bind(movement.reason.as_str());
    let statement = format!(
        "EXEC org.RecordStockMovement @OrgId = {organisation}, @SubOrgId = {department}, \
         @IdempotencyKey = {key}, @ProductId = {product}, @Location = {location}, \
         @Quantity = {quantity}, @Reason = {reason};"
    );
    let row = lease.row(&statement, &params).await?;
    Ok(row
        .and_then(|row| row.integer("LedgerId"))
        .unwrap_or_default())
}
