//! What can the service do? One module for each resource; each gives its routes and its shapes.

mod callbacks;
mod chain;
mod changes;
mod console;
pub mod customers;
pub mod exports;
mod health;
pub(crate) mod invoices;
pub mod jobs;
mod journal;
pub mod keys;
pub mod listing;
pub mod mail;
mod memory;
mod meta;
mod people;
mod periods;
mod privacy;
mod products;
pub mod rates;
pub mod reason;
pub mod rows;
mod sessions;
mod stock;
mod tenants;
pub mod webhooks;

use crate::contract::{Access, Field, Operation, Schema};
use crate::http::Route;
use crate::http::router::tenant_header;
use crate::options::Design;
use crate::switches::Switches;

pub use memory::Memory;

/// All routes of a design. Add a module's routes here, and its shapes below.
pub fn routes(design: Design, switches: &Switches) -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(meta::routes());
    routes.extend(sessions::routes());
    routes.extend(customers::routes(design));
    routes.extend(jobs::routes());
    routes.extend(webhooks::routes());
    routes.extend(mail::routes());
    routes.extend(rates::routes());
    routes.extend(console::routes());
    routes.extend(changes::routes());
    routes.extend(health::routes());
    routes.extend(tenants::routes());
    routes.extend(exports::routes());
    routes.extend(privacy::routes());
    routes.extend(callbacks::routes());
    routes.extend(chain::routes());
    routes.extend(keys::routes());
    routes.extend(products::routes(design));
    routes.extend(periods::routes(design, switches));
    routes.extend(invoices::routes(design, switches));
    routes.extend(stock::routes(design));
    routes.extend(journal::routes());
    routes.extend(people::routes());
    routes.retain(|route| route.operation.designs.contains(&design));
    for route in &mut routes {
        with_tenant_header(design, &mut route.operation);
    }
    routes
}

/// All named shapes of a design.
pub fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    let mut shapes = Vec::new();
    shapes.extend(sessions::shapes());
    shapes.extend(customers::shapes(design));
    shapes.extend(jobs::shapes());
    match design {
        Design::DatabasePerTenant => {
            shapes.extend(webhooks::shapes());
            shapes.extend(tenants::shapes());
            shapes.extend(changes::shapes());
        }
        Design::SharedDatabase => {
            shapes.extend(callbacks::shapes());
            shapes.extend(keys::shapes());
        }
    }
    shapes.extend(products::shapes());
    shapes.extend(periods::shapes());
    shapes.extend(invoices::shapes(design));
    shapes.extend(stock::shapes(design));
    shapes.extend(journal::shapes(design));
    shapes.extend(people::shapes(design));
    shapes
}

/// The field by which a body may repeat the tenant of the token; another one is refused.
pub(crate) fn owner_fields(design: Design) -> Vec<Field> {
    let field = match design {
        Design::DatabasePerTenant => Field::new("tenant", Schema::code(1, 60)),
        Design::SharedDatabase => Field::new("orgId", Schema::id()),
    };
    let about = "The tenant of the token, repeated; another one is refused";
    vec![field.optional().about(about)]
}

/// The field by which a body may name the department of a new row.
pub(crate) fn department_field() -> Field {
    let about = "The department that owns it; the caller's own, else the first, when left out";
    Field::new("subOrgId", Schema::id()).optional().about(about)
}

/// Whoever has a token may repeat its tenant in a header.
fn with_tenant_header(design: Design, operation: &mut Operation) {
    if matches!(operation.access, Access::Public | Access::Operator) {
        return;
    }
    let schema = match design {
        Design::DatabasePerTenant => Schema::code(1, 60),
        Design::SharedDatabase => Schema::id(),
    };
    let about = "The tenant of the token, repeated; another one is refused";
    *operation = operation
        .clone()
        .header(tenant_header(design), schema, false, about);
}
