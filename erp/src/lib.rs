//! The reference ERP: the system under test, in two tenancy designs.
//!
//! [`start`] takes [`Options`] and gives a [`Running`] service. A request becomes a
//! [`http::Call`] when the contract admits it; a handler in `resources` answers it with rows that a
//! [`store::Lease`] gives on behalf of the caller. Nothing here knows the harness that attacks it.

mod background;
pub mod contract;
pub mod delivery;
mod environment;
mod fault;
pub mod files;
pub mod http;
mod logins;
mod options;
pub mod permissions;
pub mod provisioning;
pub mod queue;
pub mod resources;
mod running;
pub mod seal;
pub mod service;
pub mod store;
mod switches;

pub use background::{Background, Pending};
pub use environment::{Environment, LogicalEnvironment, MachineEnvironment, moment};
pub use fault::{Description, FAULTS, Fault};
pub use logins::{LoginsError, read_logins};
pub use options::{Design, Destinations, Log, Login, Options, Secrets, SqlServer, TenantSecrets};
pub use running::{Running, StartError, start};
pub use switches::Switches;

/// The contract of a design, as the service publishes it.
pub fn openapi(design: Design) -> serde_json::Value {
    let routes = resources::routes(design, &Switches::default());
    let operations: Vec<_> = routes.into_iter().map(|route| route.operation).collect();
    contract::document::document(design, &operations)
}
