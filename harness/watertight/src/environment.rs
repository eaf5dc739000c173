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

/// Processors that this process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Now in UTC, as RFC 3339 has it, to the second.
pub(crate) fn now() -> String {
    moment(unix_seconds())
}

/// A moment as RFC 3339 has it.
fn moment(unix_seconds: i64) -> String {
    let second = unix_seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", day(unix_seconds))
}

/// A new UUID of version 7: time first, then random bits.
#[expect(clippy::disallowed_methods, reason = "the CLI is where time enters")]
pub(crate) fn uuid() -> anyhow::Result<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since.map_or(0, |since| since.as_millis());
    let random = u128::from_be_bytes(entropy::<16>()?);
    let value = milliseconds << 80 | random & !(0xffff_ffff_ffff << 80);
    // Version 7 in the upper half, the variant in the lower one.
    let value = value & !(0xf << 76) | 0x7 << 76;
    let value = value & !(0x3 << 62) | 0x2 << 62;
    let digits = format!("{value:032x}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    Ok(parts.map(|(from, to)| &digits[from..to]).join("-"))
}

/// What runs here.
pub(crate) fn tool() -> record::model::Tool {
    // An unoptimised program would take longer to hash itself than to test something.
    let own = (!cfg!(debug_assertions)).then(std::env::current_exe);
    let own = own
        .and_then(Result::ok)
        .and_then(|path| std::fs::read(path).ok());
    record::model::Tool {
        name: "watertight".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("WATERTIGHT_COMMIT").map(str::to_owned),
        binary_sha256: own.map(|bytes| record::canonical::sha256_hex(&bytes)),
    }
}

/// Who runs it, as the environment of the runner claims.
pub(crate) fn operator() -> record::model::Operator {
    let get = |names: &[&str]| {
        names
            .iter()
            .filter(|name| is_set(name))
            .find_map(|name| environment_variable(name).ok())
    };
    let of = |provider: &str, names: [&[&str]; 6]| {
        let [repository, workflow, run_id, attempt, actor, commit] = names.map(get);
        record::model::Operator {
            provider: provider.to_owned(),
            repository,
            workflow,
            run_id,
            attempt,
            actor,
            commit,
        }
    };
    if is_set("GITHUB_ACTIONS") {
        of(
            "github",
            [
                &["GITHUB_REPOSITORY"],
                &["GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW"],
                &["GITHUB_RUN_ID"],
                &["GITHUB_RUN_ATTEMPT"],
                &["GITHUB_ACTOR"],
                &["GITHUB_SHA"],
            ],
        )
    } else if is_set("GITLAB_CI") {
        of(
            "gitlab",
            [
                &["CI_PROJECT_PATH"],
                &["CI_JOB_NAME"],
                &["CI_PIPELINE_ID"],
                &["CI_JOB_ID"],
                &["GITLAB_USER_LOGIN"],
                &["CI_COMMIT_SHA"],
            ],
        )
    } else if is_set("TF_BUILD") {
        of(
            "azure",
            [
                &["BUILD_REPOSITORY_NAME"],
                &["BUILD_DEFINITIONNAME"],
                &["BUILD_BUILDID"],
                &["SYSTEM_JOBATTEMPT"],
                &["BUILD_REQUESTEDFOR"],
                &["BUILD_SOURCEVERSION"],
            ],
        )
    } else if is_set("JENKINS_URL") {
        of(
            "jenkins",
            [
                &["GIT_URL"],
                &["JOB_NAME"],
                &["BUILD_NUMBER"],
                &[],
                &["BUILD_USER_ID"],
                &["GIT_COMMIT"],
            ],
        )
    } else {
        of("local", [&[], &[], &[], &[], &[], &[]])
    }
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
