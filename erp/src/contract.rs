//! The public contract: operations and shapes as data. The document is printed from them, requests
//! are read by them, and tests hold answers against them.

pub mod document;
pub mod operation;
pub mod schema;
pub mod shapes;
pub mod validate;

pub use operation::{Access, BOTH, Operation, Parameter, Place};
pub use schema::{Field, Schema, TextKind};
pub use validate::{Violation, violations};
