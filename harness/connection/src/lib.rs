//! One TDS connection: a batch in, the raw answer out, every wait bounded.
//!
//! The driver is tiberius. It hands out rows and the first error of a batch, and keeps to itself
//! what an isolation fuzzer needs besides: the other errors, informational messages and the row
//! counts of statements. So its stream is tapped: after the driver has read an answer to its end,
//! [`tokens`](mod@tokens) reads the same bytes again for those facts. For the same reason TLS lies
//! below the driver, not in it.

mod ado;
mod cells;
mod endpoint;
mod error;
mod session;
mod tap;
mod tls;
pub mod tokens;
mod trust;

pub use ado::{ConnectionStringError, parse_connection_string};
pub use endpoint::{Encryption, Endpoint, Login, Trust, Waits};
pub use error::ConnectError;
pub use session::{Connection, ROWS_RECORDED_MAX};
pub use trust::client_config;
