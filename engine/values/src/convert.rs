//! How does a value become a value of another type?

use crate::{SqlError, SqlType, Value};

/// Who asks for a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversionKind {
    /// An assignment or operator.
    Implicit,
    /// CAST or CONVERT.
    Explicit,
}

/// Whether the conversion is allowed at all: 206, 257, 529.
pub fn check_conversion(
    from: &SqlType,
    to: &SqlType,
    kind: ConversionKind,
) -> Result<(), SqlError> {
    let _ = (from, to, kind);
    Ok(())
}

/// CAST, CONVERT, implicit conversion. Text that is too long is cut silently.
pub fn convert(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
    kind: ConversionKind,
) -> Result<Value, SqlError> {
    let _ = (value, from, to, style, kind);
    Err(SqlError::unsupported("conversion"))
}

/// Stores into a column: implicit conversion, but text that is too long is error 2628.
pub fn assign(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    table: &str,
    column: &str,
) -> Result<Value, SqlError> {
    let _ = (value, from, to, table, column);
    Err(SqlError::unsupported("conversion"))
}
