//! `watertight.yaml`: the one description of a system under test.
//!
//! [`load`] reads it strictly: an unknown key, a wrong type, a rule about a principal that does
//! not exist are errors that point at line and column, say what was expected, and suggest what was
//! probably meant. The built-in demonstration goes the same way ([`builtin`]). [`schema`] gives the
//! same rules to editors.
//!
//! Nothing here reads a secret or the environment: secrets stay references, and files come through
//! a function that the caller gives.

mod baseline;
mod budget;
mod diagnostic;
mod document;
mod load;
mod nearest;
mod positioned;
mod service;
mod service_rules;
mod tenancy;
mod validate;
mod waivers;

pub use baseline::{print_baseline, read_baseline};
pub use budget::{InvalidDuration, parse_duration};
pub use diagnostic::{ConfigurationError, Problem};
pub use load::{Configuration, Reference, Server, builtin, load, with_tenant_count};
pub use service::{Api, ContractSource, ExternalService, ServiceTrust, StartCommand};

/// The JSON Schema of `watertight.yaml`.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(document::Written).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "watertight.yaml".into());
    }
    schema
}
