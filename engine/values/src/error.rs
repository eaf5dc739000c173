//! The error that every layer of the engine raises: number, severity, state, text.

use std::fmt;
use std::sync::Arc;

/// A SQL Server message of severity 11 and above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// `ERROR_NUMBER()`.
    pub number: i32,
    /// `ERROR_SEVERITY()`.
    pub severity: u8,
    /// `ERROR_STATE()`.
    pub state: u8,
    /// `ERROR_MESSAGE()`.
    pub message: String,
    /// Line in its batch or module, from 1; 0 until the interpreter fills it in.
    pub line: u32,
    /// `ERROR_PROCEDURE()`.
    pub procedure: Option<Arc<str>>,
}

impl SqlError {
    /// An error without place.
    pub fn new(number: i32, severity: u8, state: u8, message: impl Into<String>) -> Self {
        Self {
            number,
            severity,
            state,
            message: message.into(),
            line: 0,
            procedure: None,
        }
    }

    /// What this server does not do, said loudly: number [`UNSUPPORTED`], outside SQL Server's
    /// ranges, so that no reader takes it for a refusal.
    pub fn unsupported(construct: impl fmt::Display) -> Self {
        Self::new(
            UNSUPPORTED,
            16,
            1,
            format!("The embedded server does not support {construct}."),
        )
    }
}

/// Number of [`SqlError::unsupported`]. SQL Server's own numbers end at 49999 and user messages
/// start at 50001, but no shipped message reaches this one and applications do not use it.
pub const UNSUPPORTED: i32 = 2_000_000_001;

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Msg {}, Level {}, State {}, Line {}: {}",
            self.number, self.severity, self.state, self.line, self.message
        )
    }
}

impl std::error::Error for SqlError {}
