//! Where do rows come from? The one seam between the two designs.
//!
//! A [`Scope`] says on whose behalf, a [`Duty`] as which principal; [`Store::checkout`] gives a
//! [`Lease`] on a connection that serves nobody else:
//!
//! - a database for each tenant: the tenant of the scope decides database and login;
//! - one shared database: the session is checked out for organisation, department and actor by
//!   read-only keys of its session context. The driver cannot ask for the reset that would clear
//!   them, so a connection serves the same organisation, department and actor for its whole life,
//!   and there is a pool for each.

mod connection;
mod error;
mod lease;
mod pool;
mod row;
mod scope;
mod statement;

pub(crate) use connection::Connection;
pub use error::StoreError;
pub(crate) use lease::HALF_CHARACTER;
pub use lease::{Lease, Unfinished};
pub use pool::Store;
pub use row::Row;
pub use scope::{Duty, SIGN_IN, Scope};
pub use statement::{Param, Params};
