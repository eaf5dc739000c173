//! Time, as a campaign sees it: a counter that somebody else drives.

use std::time::Duration;

/// Monotonic time since any fixed moment. The CLI gives the machine's; tests give one that stands
/// still.
pub trait Clock: Sync {
    /// Time since the clock's origin.
    fn now(&self) -> Duration;
}

/// A clock that stands still: for replays and tests, where no budget may run out.
#[derive(Debug, Clone, Copy, Default)]
pub struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}
