//! Formats with a syntax strict enough to call a value wrong.

use serde_json::Number;

/// Whether a text is of a format; `None` when the format is unknown or too loose to say.
pub(super) fn text_fits(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "uuid" => is_uuid(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "email" => {
            let parts = text.rsplit_once('@');
            parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        }
        "uri" | "url" => text.split_once(':').is_some_and(|(scheme, _)| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_part)
        }),
        _ => return None,
    })
}

/// Whether a number is of a format; `None` when the format is unknown.
pub(super) fn number_fits(format: &str, number: &Number) -> Option<bool> {
    let whole = number.as_i64();
    Some(match format {
        "int32" => {
            whole.is_some_and(|value| i32::try_from(value).is_ok()) || is_whole_float(number)
        }
        "int64" => whole.is_some() || is_whole_float(number),
        _ => return None,
    })
}

/// `1.0` is an integer, too; its range is not looked at.
fn is_whole_float(number: &Number) -> bool {
    number.is_f64() && number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let is_right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_right.then(|| text.parse().ok()).flatten()
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
        return false;
    };
    let (time, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    let is_zone = match zone {
        "Z" | "z" => true,
        _ => {
            let parts = zone[1..].split_once(':');
            parts.is_some_and(|(hour, minute)| {
                digits(hour, 2).is_some_and(|hour| hour < 24)
                    && digits(minute, 2).is_some_and(|minute| minute < 60)
            })
        }
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = matches!(parts.as_slice(), [hour, minute, second]
        if digits(hour, 2).is_some_and(|hour| hour < 24)
            && digits(minute, 2).is_some_and(|minute| minute < 60)
            && digits(second, 2).is_some_and(|second| second <= 60));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_date(date) && is_clock && is_fraction && is_zone
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::text_fits;

    #[test]
    fn formats_are_told_from_what_only_looks_like_them() {
        for (format, text, expected) in [
            ("date", "2024-02-29", Some(true)),
            ("date", "2023-02-29", Some(false)),
            ("date", "2024-2-1", Some(false)),
            ("date-time", "2024-02-29T10:00:00Z", Some(true)),
            ("date-time", "2024-02-29T10:00:00.1234567+02:00", Some(true)),
            ("date-time", "2024-02-29T10:00:00", Some(false)),
            ("date-time", "2024-02-29", Some(false)),
            ("date-time", "é", Some(false)),
            ("date-time", "2024-02-29T10:00:00+é:00", Some(false)),
            ("uuid", "00000000-0000-0000-0000-00000000000A", Some(true)),
            ("uuid", "00000000-0000-0000-0000-00000000000g", Some(false)),
            ("ipv4", "10.0.0.256", Some(false)),
            ("email", "a@b", Some(true)),
            ("email", "ab", Some(false)),
            ("uri", "https://x", Some(true)),
            ("uri", "/x", Some(false)),
            ("decimal", "anything", None),
        ] {
            assert_eq!(text_fits(format, text), expected, "{format} {text}");
        }
    }
}
