//! Where do time and randomness come from?
//!
//! A campaign must repeat byte for byte, so the embedded server runs on a logical clock: every
//! look at it moves it by one millisecond, and WAITFOR moves it by the delay instead of waiting.
//! `serve`, where people type, runs on the real clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use query::Environment;

/// Ticks of 100 ns per second.
const TICKS_PER_SECOND: i64 = 10_000_000;
/// 0001-01-01 to 1970-01-01, in days.
const UNIX_EPOCH_DAYS: i64 = 719_162;
/// 0001-01-01 to 2026-01-01, in days.
const LOGICAL_EPOCH_DAYS: i64 = 739_616;
/// One look at the logical clock.
const LOGICAL_STEP: i64 = TICKS_PER_SECOND / 1000;

/// Time and randomness of a server, and what waiting means.
pub trait ServerEnvironment: Environment + Sync {
    /// Lets `ticks` of 100 ns pass. What is returned must be slept by the session, outside of
    /// the instance's lock; a logical clock returns nothing and jumps.
    fn pass(&mut self, ticks: i64) -> Option<Duration>;

    /// The same as the trait that the query layer knows.
    fn as_environment(&mut self) -> &mut dyn Environment;

    /// A copy that goes on from here, to be kept in a snapshot: what follows a restore then
    /// repeats to the last digit. A real clock does not go back and gives nothing.
    fn fork(&self) -> Option<Box<dyn ServerEnvironment>>;
}

/// A clock that only moves when it is looked at, and random bytes from a seed.
#[derive(Debug, Clone)]
pub struct LogicalEnvironment {
    now: i64,
    state: u64,
}

impl LogicalEnvironment {
    /// Starts at 2026-01-01T00:00:00. Equal seeds give equal servers.
    pub const fn new(seed: u64) -> Self {
        Self {
            now: LOGICAL_EPOCH_DAYS * 86_400 * TICKS_PER_SECOND,
            state: seed,
        }
    }

    fn next(&mut self) -> u64 {
        // SplitMix64: good enough for identifiers that only have to differ.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Environment for LogicalEnvironment {
    fn now(&mut self) -> i64 {
        self.now += LOGICAL_STEP;
        self.now
    }

    fn random_bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }
}

impl ServerEnvironment for LogicalEnvironment {
    fn pass(&mut self, ticks: i64) -> Option<Duration> {
        self.now = self.now.saturating_add(ticks.max(0));
        None
    }

    fn as_environment(&mut self) -> &mut dyn Environment {
        self
    }

    fn fork(&self) -> Option<Box<dyn ServerEnvironment>> {
        Some(Box::new(self.clone()))
    }
}

/// The machine's clock, and random bytes from the seed that the caller drew from its own entropy.
#[derive(Debug, Clone)]
pub struct WallEnvironment {
    random: LogicalEnvironment,
    last: i64,
}

impl WallEnvironment {
    /// `entropy` comes from the operating system; this crate has no source of its own.
    pub const fn new(entropy: u64) -> Self {
        Self {
            random: LogicalEnvironment::new(entropy),
            last: 0,
        }
    }
}

impl Environment for WallEnvironment {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the environment of `serve`"
    )]
    fn now(&mut self) -> i64 {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let ticks = i64::try_from(since_epoch.as_nanos() / 100).unwrap_or(i64::MAX / 4);
        let now = UNIX_EPOCH_DAYS * 86_400 * TICKS_PER_SECOND + ticks;
        // The clock of a machine may be set back; rowversions and periods must not go back.
        self.last = self.last.max(now);
        self.last
    }

    fn random_bytes(&mut self) -> [u8; 16] {
        self.random.random_bytes()
    }
}

impl ServerEnvironment for WallEnvironment {
    fn pass(&mut self, ticks: i64) -> Option<Duration> {
        Some(Duration::from_nanos(
            u64::try_from(ticks.max(0)).unwrap_or(0).saturating_mul(100),
        ))
    }

    fn as_environment(&mut self) -> &mut dyn Environment {
        self
    }

    fn fork(&self) -> Option<Box<dyn ServerEnvironment>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logical_clock_moves_by_looking_and_by_waiting_only() {
        let mut one = LogicalEnvironment::new(7);
        let first = one.now();
        assert_eq!(one.now() - first, LOGICAL_STEP);
        assert_eq!(one.pass(5 * TICKS_PER_SECOND), None);
        assert_eq!(one.now() - first, 2 * LOGICAL_STEP + 5 * TICKS_PER_SECOND);
    }

    #[test]
    fn equal_seeds_give_equal_bytes_and_different_seeds_do_not() {
        let bytes = |seed| LogicalEnvironment::new(seed).random_bytes();
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }
}
