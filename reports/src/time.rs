//! Times as the record has them: RFC 3339, in UTC, to the second or finer.

/// Seconds since 1970; `None` when it is no such time.
pub(crate) fn unix_seconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let time = rest.strip_suffix('Z')?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let numbers = |text: &str, separator: char| -> Option<[i64; 3]> {
        let parsed: Result<Vec<i64>, _> = text.split(separator).map(str::parse).collect();
        parsed.ok()?.try_into().ok()
    };
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let is_time = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !is_time {
        return None;
    }
    // Days since 1970, by Hinnant's arithmetic: years begin in March there, so that the leap day is last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = shifted.div_euclid(400) * 146_097 + day_of_era - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// `2 min 5 s`
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => format!("{milliseconds} ms"),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// `2026-11-28 01:09:40 UTC`, for people.
pub(crate) fn readable(text: &str) -> String {
    let plain = text.split_once('.').map_or(text, |(whole, _)| whole);
    let plain = plain.trim_end_matches('Z');
    format!("{} UTC", plain.replacen('T', " ", 1))
}

#[cfg(test)]
mod tests {
    use super::{duration, readable, unix_seconds};

    #[test]
    fn times_are_counted_from_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2026-11-28T01:09:40.123Z", Some(1_795_828_180)),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-28 01:09:40", None),
            ("", None),
        ] {
            assert_eq!(unix_seconds(text), seconds, "{text}");
        }
        assert_eq!(
            readable("2026-11-28T01:09:40.123Z"),
            "2026-11-28 01:09:40 UTC"
        );
        assert_eq!(duration(125_000), "2 min 5 s");
    }
}
