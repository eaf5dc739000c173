//! Clock, entropy, environment variables and files: the effects that everything below is spared.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use campaign::clock::Clock;
use domain::system::Secret;

/// The machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MachineClock(Instant);

impl MachineClock {
    /// A clock that starts now.
    #[expect(clippy::disallowed_methods, reason = "the CLI is where time enters")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the CLI is where time enters")]
pub(crate) fn unix_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// Columns of the terminal; of a build log, where there is none.
pub(crate) fn columns() -> usize {
    const LOG: usize = 120;
    terminal_size::terminal_size().map_or(LOG, |(width, _)| usize::from(width.0))
}

/// Today in UTC, as `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    day(unix_seconds())
}

/// The day of a moment, counted in years that begin in March, so that the leap day comes last.
fn day(unix_seconds: i64) -> String {
    // From 0000-03-01 to 1970-01-01.
    let days = unix_seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Random bytes from the operating system.
pub(crate) fn entropy<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("could not read random bytes from /dev/urandom")?;
    Ok(bytes)
}

/// A password that satisfies SQL Server's policy: three of its four classes are there by
/// construction, the rest is 120 random bits.
pub(crate) fn password() -> anyhow::Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: String = entropy::<24>()?
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    Ok(format!("Wt1_{random}"))
}

/// The value that a secret refers to, or a new password.
pub(crate) fn secret(secret: &Secret) -> anyhow::Result<String> {
    match secret {
        Secret::Generated => password(),
        Secret::Environment(name) => environment_variable(name),
        Secret::File(path) => first_line(Path::new(path)),
    }
}

/// An environment variable that must be there.
#[expect(
    clippy::disallowed_methods,
    reason = "the CLI is where the environment enters"
)]
pub(crate) fn environment_variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .with_context(|| format!("the environment variable {name} is not set or not text"))
}

/// Whether an environment variable is there and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the CLI is where the environment enters"
)]
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The first line of a file.
pub(crate) fn first_line(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// A new folder for what need not be kept, of this process alone.
pub(crate) fn temporary_folder(purpose: &str) -> anyhow::Result<PathBuf> {
    let unique: String = entropy::<8>()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = std::env::temp_dir().join(format!("watertight-{purpose}-{unique}"));
    std::fs::create_dir(&folder)
        .with_context(|| format!("could not make the folder {}", folder.display()))?;
    Ok(folder)
}

/// Peak resident memory of this process in KiB, where the system tells.
pub(crate) fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn moments_have_days() {
        for (unix_seconds, expected) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_795_824_000, "2026-11-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(unix_seconds), expected);
        }
    }
}
