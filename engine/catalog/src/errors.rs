//! What a refused statement raises: one or more messages in order, and whether the batch goes on.

use std::fmt;

use values::SqlError;

/// The messages of one failed statement, first to last; never empty.
///
/// SQL Server raises several for some refusals (`15247` then `2759`, one `230` per column), and
/// the first one is what `TRY … CATCH` of most clients shows, so the order matters.
#[derive(Debug, Clone, PartialEq)]
pub struct Errors {
    errors: Vec<SqlError>,
    /// The rest of the batch must not run when nobody catches this.
    pub ends_batch: bool,
}

impl Errors {
    /// Several messages in order.
    ///
    /// # Panics
    /// When the list is empty: a refusal without a message is a bug of the caller.
    pub fn new(errors: Vec<SqlError>) -> Self {
        assert!(!errors.is_empty(), "a refusal has at least one message");
        Self {
            errors,
            ends_batch: false,
        }
    }

    /// The same, ending the batch.
    #[must_use]
    pub fn ending_batch(mut self) -> Self {
        self.ends_batch = true;
        self
    }

    /// The same, followed by one more message.
    #[must_use]
    pub fn then(mut self, error: SqlError) -> Self {
        self.errors.push(error);
        self
    }

    /// The first message.
    pub fn first(&self) -> &SqlError {
        &self.errors[0]
    }

    /// All messages.
    pub fn as_slice(&self) -> &[SqlError] {
        &self.errors
    }

    /// All messages, for whoever fills in lines.
    pub fn as_mut_slice(&mut self) -> &mut [SqlError] {
        &mut self.errors
    }

    /// All messages.
    pub fn into_vec(self) -> Vec<SqlError> {
        self.errors
    }
}

impl From<SqlError> for Errors {
    fn from(error: SqlError) -> Self {
        Self {
            errors: vec![error],
            ends_batch: false,
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// Shorthand of this crate: an error with its number, severity, state and text.
pub(crate) fn err(number: i32, severity: u8, state: u8, message: impl Into<String>) -> SqlError {
    SqlError::new(number, severity, state, message)
}
