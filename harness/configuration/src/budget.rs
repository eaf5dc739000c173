//! Durations as people write them: `60s`, `5m`, `2h`, `500ms`.

use std::time::Duration;

/// A duration that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no duration; expected a number with a unit, such as 60s, 5m, 2h or 500ms")]
pub struct InvalidDuration(pub String);

/// Reads a duration.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let trimmed = text.trim();
    let unit_at = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .ok_or_else(invalid)?;
    let (digits, unit) = trimmed.split_at(unit_at);
    let number: u64 = digits.parse().map_err(|_| invalid())?;
    let milliseconds = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(invalid()),
    };
    number
        .checked_mul(milliseconds)
        .map(Duration::from_millis)
        .ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse_duration;

    #[test]
    fn durations_have_units() {
        for (text, expected) in [
            ("60s", Some(Duration::from_secs(60))),
            ("5m", Some(Duration::from_secs(300))),
            ("2h", Some(Duration::from_secs(7_200))),
            ("500ms", Some(Duration::from_millis(500))),
            ("1 min", Some(Duration::from_secs(60))),
            ("60", None),
            ("s", None),
            ("-1s", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(parse_duration(text).ok(), expected, "{text}");
        }
    }
}
