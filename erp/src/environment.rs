//! What time is it, and which bytes does nobody know? Always from outside, so that a run repeats.

use std::sync::Mutex;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Clock and entropy.
pub trait Environment: Send + Sync {
    /// Milliseconds since 1970-01-01, UTC.
    fn now_ms(&self) -> u64;
    /// Fills `bytes` with what nobody can guess.
    fn random(&self, bytes: &mut [u8]);
    /// How long somebody has to wait, really, until `ms` milliseconds have passed.
    fn pause(&self, ms: u64) -> Duration {
        Duration::from_millis(ms)
    }
}

/// A clock that counts and bytes that follow from a seed: the same calls give the same.
#[derive(Debug)]
pub struct LogicalEnvironment {
    state: Mutex<(u64, u64)>,
    seed: u64,
}

/// When the logical clock starts: 2026-01-01.
const START_MS: u64 = 1_767_225_600_000;

impl LogicalEnvironment {
    /// One that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new((0, 0)),
            seed,
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, (u64, u64)> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Environment for LogicalEnvironment {
    fn now_ms(&self) -> u64 {
        let mut state = self.state();
        state.0 += 1;
        START_MS + state.0
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut state = self.state();
        for chunk in bytes.chunks_mut(32) {
            state.1 += 1;
            let block = Sha256::new()
                .chain_update(self.seed.to_le_bytes())
                .chain_update(state.1.to_le_bytes())
                .finalize();
            let length = chunk.len();
            chunk.copy_from_slice(&block[..length]);
        }
    }

    /// The clock jumps, and nobody waits.
    fn pause(&self, ms: u64) -> Duration {
        self.state().0 += ms;
        Duration::ZERO
    }
}

/// The machine's own clock and entropy.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineEnvironment;

impl Environment for MachineEnvironment {
    fn now_ms(&self) -> u64 {
        #[expect(clippy::disallowed_methods, reason = "this is the environment")]
        let now = std::time::SystemTime::now();
        let since = now
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the machine has entropy");
    }
}

/// A moment as RFC 3339 writes it.
pub fn moment(ms: u64) -> String {
    let days = i64::try_from(ms / 86_400_000).unwrap_or_default() + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    let of_day = ms % 86_400_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3_600_000,
        of_day / 60_000 % 60,
        of_day / 1_000 % 60,
        of_day % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::{Environment, LogicalEnvironment, moment};

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_600_001, "2026-01-01T00:00:00.001Z"),
        ] {
            assert_eq!(moment(ms), expected);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let draw = |seed| {
            let environment = LogicalEnvironment::new(seed);
            let mut bytes = [0; 70];
            environment.random(&mut bytes);
            (environment.now_ms(), bytes)
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7).1, draw(8).1);
    }
}
