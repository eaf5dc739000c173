//! How do two values compare?

use std::cmp::Ordering;

use crate::{Collation, SqlError, SqlType, Value};

/// Whether two types can be compared at all; `operator` as in the message ("equal to", "less than").
pub fn check_comparable(a: &SqlType, b: &SqlType, operator: &str) -> Result<(), SqlError> {
    let _ = (a, b, operator);
    Ok(())
}

/// Compares after conversion to the type of higher precedence; `None` if either is NULL.
pub fn compare(
    a: &Value,
    a_type: &SqlType,
    b: &Value,
    b_type: &SqlType,
    collation: Collation,
) -> Result<Option<Ordering>, SqlError> {
    let _ = (a, b, a_type, b_type, collation);
    Err(SqlError::unsupported("comparison"))
}

/// ORDER BY of two values of one type: total, NULL first.
pub fn order(a: &Value, b: &Value, collation: Collation) -> Ordering {
    ValueKey::new(a, collation).cmp(&ValueKey::new(b, collation))
}

/// A value as hashable, ordered key of an index, a join, a group. NULLs are equal here.
/// Both sides must have been converted to one type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueKey {
    /// NULL, before everything.
    Null,
    /// Bytes.
    Bytes(Box<[u8]>),
}

impl ValueKey {
    /// The key of a value under a collation.
    pub fn new(value: &Value, collation: Collation) -> Self {
        let _ = (value, collation);
        Self::Null
    }

    /// Whether the value was NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
