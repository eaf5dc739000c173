//! What a SQL Server value is: types, conversion, collation, arithmetic, scalar functions.

mod error;
mod sql_type;
mod value;

pub use error::{SqlError, UNSUPPORTED};
pub use sql_type::{Length, SqlType};
pub use value::Value;
