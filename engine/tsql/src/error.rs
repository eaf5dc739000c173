//! What is said when text is not T-SQL: the server's own numbers and words.

use std::fmt;

/// The first error of a batch. Nothing of such a batch is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// SQL Server's message number, severity 15 throughout.
    pub number: i32,
    /// Line inside the batch, from 1.
    pub line: u32,
    /// The message as the server words it.
    pub message: String,
}

impl ParseError {
    /// The severity of every syntax error.
    pub const SEVERITY: u8 = 15;
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (error {}, line {})",
            self.message, self.number, self.line
        )
    }
}

impl std::error::Error for ParseError {}

/// Why a statement has no typed form.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The text is wrong; the batch is refused.
    Syntax(ParseError),
    /// The text is right, but names something the layer has no type for. The statement becomes
    /// [`Unsupported`](crate::StatementKind::Unsupported) and the batch goes on.
    Unsupported(String),
}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::Syntax(error)
    }
}

/// The result of every parsing function.
pub(crate) type Parse<T> = Result<T, Failure>;

/// Shorthand for refusing a construct by name.
pub(crate) fn unsupported<T>(construct: impl Into<String>) -> Parse<T> {
    Err(Failure::Unsupported(construct.into()))
}
