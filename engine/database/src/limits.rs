//! How much may one request cost?
//!
//! Hostile T-SQL is the point of this server, so every loop has an end. Reaching a limit is an
//! error of its own number, outside of SQL Server's ranges: a campaign counts it as inconclusive,
//! never as a refusal.

use values::SqlError;

/// Number of the error that a reached limit raises.
pub const LIMIT_REACHED: i32 = 2_000_000_003;
/// Number of the error that a bug of this server raises.
pub const INTERNAL_ERROR: i32 = 2_000_000_002;

/// What one request may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of UTF-8 in one batch.
    pub batch_bytes_max: usize,
    /// Statements that one request may run, loops and modules included.
    pub statements_max: u64,
    /// The longest WAITFOR on a real clock, in milliseconds.
    pub wait_ms_max: u64,
    /// The longest wait for a lock, in milliseconds. SQL Server has no such limit; without one, a
    /// client that forgot a transaction would hang all others.
    pub lock_wait_ms_max: u64,
    /// Batches whose parsed form is kept.
    pub parsed_batches_max: usize,
    /// Sessions at one time.
    pub sessions_max: usize,
    /// Statements prepared and not unprepared, per session.
    pub prepared_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_bytes_max: 16 << 20,
            statements_max: 200_000,
            wait_ms_max: 10_000,
            lock_wait_ms_max: 20_000,
            parsed_batches_max: 4096,
            sessions_max: 2048,
            prepared_max: 1024,
        }
    }
}

/// Says which limit was reached.
pub(crate) fn limit_reached(what: &str, limit: impl std::fmt::Display) -> SqlError {
    SqlError::new(
        LIMIT_REACHED,
        16,
        1,
        format!("The embedded server's limit of {limit} {what} was reached."),
    )
}

/// Says that this server has a bug.
pub(crate) fn internal_error(what: &str) -> SqlError {
    SqlError::new(
        INTERNAL_ERROR,
        16,
        1,
        format!("Internal error in the embedded server: {what}. The statement was undone."),
    )
}
