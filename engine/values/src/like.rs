//! Does a text match a LIKE pattern?

use crate::{Collation, SqlError};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct LikePattern {}

impl LikePattern {
    /// Compiles a pattern.
    pub fn new(
        pattern: &str,
        escape: Option<&str>,
        collation: Collation,
    ) -> Result<Self, SqlError> {
        let _ = (pattern, escape, collation);
        Err(SqlError::unsupported("LIKE"))
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let _ = text;
        false
    }
}

/// `text LIKE pattern ESCAPE escape`.
pub fn like(
    text: &str,
    pattern: &str,
    escape: Option<&str>,
    collation: Collation,
) -> Result<bool, SqlError> {
    Ok(LikePattern::new(pattern, escape, collation)?.matches(text))
}
