//! What an OpenAPI document promises. Pure: bytes in, a [`Contract`] out.
//!
//! [`read`] takes OpenAPI 3.0 and 3.1 as JSON or YAML. Real documents are broken in places; such a
//! place becomes a [`Warning`] that names it, and the rest stays usable. Only what has no usable
//! rest at all is an error: no text, no document, another format.
//!
//! Schemas lie in an arena and refer to each other by index, so a cycle is nothing special, and
//! they are read from a queue, so no document is deep enough to end the process.
//!
//! [`Schemas::violations`] compares a value with a schema. It is ours, and not the `jsonschema`
//! crate, because what is judged must be what was read: that crate speaks the drafts of JSON Schema
//! and knows neither `nullable` nor a boolean `exclusiveMaximum` nor which direction `readOnly` is
//! meant for, so that each document would have to be rewritten into a second one that nobody
//! published; and generation needs this model anyway.

mod contract;
mod error;
mod expression;
mod operation;
mod parameter;
mod path;
mod pattern;
mod read;
mod schema;
mod security;
mod validate;

pub use contract::{Contract, Dialect, Server, Warning};
pub use error::ContractError;
pub use expression::Expression;
pub use operation::{
    Body, Content, Encoding, Header, Link, LinkParameter, MediaKind, Method, Operation, Response,
    Status,
};
pub use parameter::{Parameter, Place, Style};
pub use path::{PathTemplate, Piece, Segment};
pub use pattern::Pattern;
pub use read::read;
pub use schema::{
    Additional, Alternatives, AlternativesKind, Bound, Discriminator, Property, Schema, SchemaId,
    Schemas, Type,
};
pub use security::{KeyPlace, Requirement, SecurityScheme};
pub use validate::{Direction, Violation};
