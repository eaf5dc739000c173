//! How is a date or time read from text? The forms of us_english that SQL Server documents:
//! ISO 8601, unseparated, numeric with `/ - .`, with month names, time alone, with offset.

use crate::calendar::{DAY, HOUR, MINUTE, MONTHS, SECOND, days_from_date};

/// What was written. Missing parts have SQL Server's defaults: 1900-01-01, midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedMoment {
    /// Days since 0001-01-01.
    pub(crate) date: Option<i32>,
    /// Ticks since midnight.
    pub(crate) time: Option<i64>,
    /// Minutes east of UTC.
    pub(crate) offset: Option<i16>,
    /// Digits after the second.
    pub(crate) fraction_digits: usize,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotADate {
    /// No form fits.
    Syntax,
    /// A form fits, but there is no such day or hour. For datetime this is error 242, not 241.
    OutOfRange,
}

/// Order of the numbers in `1/2/03`. A first number of four digits is always the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

impl DateOrder {
    /// As a CONVERT style reads; without style it is that of us_english.
    pub(crate) fn of_style(style: Option<i32>) -> Self {
        match style.map(|style| style % 100) {
            Some(3..=6 | 13) => Self::DayMonthYear,
            Some(2 | 11 | 12) => Self::YearMonthDay,
            _ => Self::MonthDayYear,
        }
    }
}

/// Reads a text. The empty text is the default moment.
pub(crate) fn parse(text: &str, order: DateOrder) -> Result<ParsedMoment, NotADate> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (date_text, time_text) = split(text);
    let date = match date_text {
        "" => None,
        _ => Some(parse_date(date_text, order)?),
    };
    let mut moment = ParsedMoment {
        date,
        time: None,
        offset: None,
        fraction_digits: 0,
    };
    if !time_text.is_empty() {
        parse_time(time_text, &mut moment)?;
    }
    Ok(moment)
}

/// Date and time. The time begins with the number before the first colon or before AM or PM.
fn split(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mark = text.find(':').or_else(|| {
        let upper = text.to_ascii_uppercase();
        let end = upper
            .strip_suffix("AM")
            .or_else(|| upper.strip_suffix("PM"))?
            .trim_end()
            .len();
        bytes[..end]
            .last()
            .filter(|byte| byte.is_ascii_digit())
            .map(|_| end)
    });
    let Some(mark) = mark else { return (text, "") };
    let digits = bytes[..mark]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let start = mark - digits;
    let date = &text[..start];
    let date = date.strip_suffix(['T', 't']).unwrap_or(date);
    (date.trim_end_matches([' ', ',']), &text[start..])
}

fn parse_date(text: &str, order: DateOrder) -> Result<i32, NotADate> {
    // A zone may follow a date without time: 2024-01-31Z is no form of SQL Server.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return parse_unseparated(text);
    }
    let mut numbers: Vec<(&str, usize)> = Vec::new();
    let mut month = None;
    let mut at = 0;
    let bytes = text.as_bytes();
    let mut position = 0;
    while at < bytes.len() {
        let run = |test: fn(&u8) -> bool| bytes[at..].iter().take_while(|byte| test(byte)).count();
        match bytes[at] {
            byte if byte.is_ascii_digit() => {
                let length = run(u8::is_ascii_digit);
                numbers.push((&text[at..at + length], position));
                position += 1;
                at += length;
            }
            byte if byte.is_ascii_alphabetic() => {
                let length = run(u8::is_ascii_alphabetic);
                let name = month_number(&text[at..at + length]).ok_or(NotADate::Syntax)?;
                if month.replace((name, position)).is_some() {
                    return Err(NotADate::Syntax);
                }
                position += 1;
                at += length;
            }
            b' ' | b',' | b'-' | b'/' | b'.' => at += 1,
            _ => return Err(NotADate::Syntax),
        }
    }
    let value = |digits: &str| digits.parse::<u32>().map_err(|_| NotADate::Syntax);
    let (year, month, day) = match (month, numbers.as_slice()) {
        (None, [(first, _), (second, _), (third, _)]) => {
            if has_doubled_separator(text) {
                return Err(NotADate::Syntax);
            }
            let order = if first.len() == 4 {
                DateOrder::YearMonthDay
            } else {
                order
            };
            let (year, month, day) = match order {
                DateOrder::YearMonthDay => (first, second, third),
                DateOrder::MonthDayYear => (third, first, second),
                DateOrder::DayMonthYear => (third, second, first),
            };
            if month.len() > 2 || day.len() > 2 {
                return Err(NotADate::Syntax);
            }
            (full_year(year)?, value(month)?, value(day)?)
        }
        // With a month name the year is the number of four digits, else the last.
        (Some((month, _)), [(first, _), (second, _)]) => {
            let (day, year) = if first.len() == 4 {
                (second, first)
            } else {
                (first, second)
            };
            if day.len() > 2 {
                return Err(NotADate::Syntax);
            }
            (full_year(year)?, month, value(day)?)
        }
        (Some((month, _)), [(year, _)]) if year.len() == 4 => (full_year(year)?, month, 1),
        _ => return Err(NotADate::Syntax),
    };
    days_from_date(year, month, day).ok_or(NotADate::OutOfRange)
}

fn parse_unseparated(text: &str) -> Result<i32, NotADate> {
    let (year, rest) = match text.len() {
        4 => (text, "0101"),
        6 => text.split_at(2),
        8 => text.split_at(4),
        _ => return Err(NotADate::Syntax),
    };
    let part = |range: std::ops::Range<usize>| rest[range].parse().map_err(|_| NotADate::Syntax);
    days_from_date(full_year(year)?, part(0..2)?, part(2..4)?).ok_or(NotADate::OutOfRange)
}

/// Two digits mean 1950 to 2049, the server's default "two digit year cutoff".
fn full_year(digits: &str) -> Result<i32, NotADate> {
    let year: i32 = digits.parse().map_err(|_| NotADate::Syntax)?;
    match digits.len() {
        1 | 2 if year < 50 => Ok(2000 + year),
        1 | 2 => Ok(1900 + year),
        4 => Ok(year),
        _ => Err(NotADate::Syntax),
    }
}

fn month_number(name: &str) -> Option<u32> {
    let known =
        |month: &&str| name.eq_ignore_ascii_case(month) || name.eq_ignore_ascii_case(&month[..3]);
    MONTHS.iter().position(known).map(|index| index as u32 + 1)
}

fn has_doubled_separator(text: &str) -> bool {
    let separators = text
        .bytes()
        .filter(|byte| matches!(byte, b'-' | b'/' | b'.'))
        .count();
    separators != 2
}

fn parse_time(text: &str, moment: &mut ParsedMoment) -> Result<(), NotADate> {
    let mut rest = text;
    let hour = number(&mut rest, 2).ok_or(NotADate::Syntax)?;
    let (mut minute, mut second, mut fraction) = (0, 0, 0_i64);
    if eat(&mut rest, ':') {
        minute = number(&mut rest, 2).ok_or(NotADate::Syntax)?;
        if eat(&mut rest, ':') {
            second = number(&mut rest, 2).ok_or(NotADate::Syntax)?;
            let point = eat(&mut rest, '.');
            if point || eat(&mut rest, ':') {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 || digits > 7 || (!point && digits > 3) {
                    return Err(NotADate::Syntax);
                }
                let value: i64 = rest[..digits].parse().map_err(|_| NotADate::Syntax)?;
                // After a point digits are a fraction; after a colon they count milliseconds.
                let unit = if point {
                    10_i64.pow(7 - digits as u32)
                } else {
                    10_000
                };
                fraction = value * unit;
                moment.fraction_digits = digits;
                rest = &rest[digits..];
            }
        }
    }
    rest = rest.trim_start();
    let hour = match rest.get(..2).map(str::to_ascii_uppercase).as_deref() {
        Some(half @ ("AM" | "PM")) => {
            rest = rest[2..].trim_start();
            match (half, hour) {
                ("AM", 12) => 0,
                ("AM", 0..=11) | ("PM", 12..=23) => hour,
                ("PM", 1..=11) => hour + 12,
                _ => return Err(NotADate::OutOfRange),
            }
        }
        _ => hour,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return Err(NotADate::OutOfRange);
    }
    let time = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND;
    debug_assert!(time + fraction < DAY);
    moment.time = Some(time + fraction);
    moment.offset = parse_offset(rest)?;
    Ok(())
}

/// Nothing, `Z`, or `±hh:mm`.
pub(crate) fn parse_offset(text: &str) -> Result<Option<i16>, NotADate> {
    let mut rest = text;
    if rest.is_empty() {
        return Ok(None);
    }
    if rest.eq_ignore_ascii_case("z") {
        return Ok(Some(0));
    }
    let sign = if eat(&mut rest, '+') {
        1
    } else if eat(&mut rest, '-') {
        -1
    } else {
        return Err(NotADate::Syntax);
    };
    let hours = number(&mut rest, 2).ok_or(NotADate::Syntax)?;
    if !eat(&mut rest, ':') {
        return Err(NotADate::Syntax);
    }
    let minutes = number(&mut rest, 2).ok_or(NotADate::Syntax)?;
    let offset = hours * 60 + minutes;
    if !rest.is_empty() || minutes > 59 {
        return Err(NotADate::Syntax);
    }
    if offset > 14 * 60 {
        return Err(NotADate::OutOfRange);
    }
    Ok(Some(sign * offset as i16))
}

fn eat(rest: &mut &str, character: char) -> bool {
    match rest.strip_prefix(character) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn number(rest: &mut &str, digits_max: usize) -> Option<u32> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > digits_max {
        return None;
    }
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::date_from_days;

    #[test]
    fn documented_forms_are_read() {
        use DateOrder::{DayMonthYear as Dmy, MonthDayYear as Mdy};
        let d = Some((2024, 1, 31));
        for (text, order, date, time, offset) in [
            ("2024-01-31", Mdy, d, None, None),
            ("20240131", Mdy, d, None, None),
            ("240131", Mdy, d, None, None),
            ("1/31/2024", Mdy, d, None, None),
            ("01-31-24", Mdy, d, None, None),
            ("31.01.2024", Dmy, d, None, None),
            ("2024/1/31", Dmy, d, None, None),
            ("Jan 31 2024", Mdy, d, None, None),
            ("January 31, 2024", Mdy, d, None, None),
            ("31 jan 2024", Mdy, d, None, None),
            ("31-Jan-24", Mdy, d, None, None),
            ("2024", Mdy, Some((2024, 1, 1)), None, None),
            ("Jan 2024", Mdy, Some((2024, 1, 1)), None, None),
            ("1/1/50", Mdy, Some((1950, 1, 1)), None, None),
            ("", Mdy, None, None, None),
            ("10:11", Mdy, None, Some(10 * HOUR + 11 * MINUTE), None),
            ("3PM", Mdy, None, Some(15 * HOUR), None),
            ("12:00 am", Mdy, None, Some(0), None),
            (
                "2024-01-31 10:11:12.5",
                Mdy,
                d,
                Some(10 * HOUR + 11 * MINUTE + 12 * SECOND + SECOND / 2),
                None,
            ),
            (
                "2024-01-31T00:00:01.0000001",
                Mdy,
                d,
                Some(SECOND + 1),
                None,
            ),
            ("20240131 00:00:00:500", Mdy, d, Some(SECOND / 2), None),
            ("2024-01-31T00:00:00Z", Mdy, d, Some(0), Some(0)),
            ("2024-01-31 00:00:00 -05:30", Mdy, d, Some(0), Some(-330)),
            (
                "Jan 31 2024 12:30PM",
                Mdy,
                d,
                Some(12 * HOUR + 30 * MINUTE),
                None,
            ),
        ] {
            let moment = parse(text, order).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(moment.date.map(date_from_days), date, "{text}");
            assert_eq!(moment.time, time, "{text}");
            assert_eq!(moment.offset, offset, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        use NotADate::{OutOfRange, Syntax};
        for (text, expected) in [
            ("abc", Syntax),
            ("2024-13-01", OutOfRange),
            ("2023-02-29", OutOfRange),
            ("13/13/2024", OutOfRange),
            ("25:00", OutOfRange),
            ("10:60", OutOfRange),
            ("1/2", Syntax),
            ("1//2/2024", Syntax),
            ("12345", Syntax),
            ("2024-01-31 10:11:12.12345678", Syntax),
            ("2024-01-31 10:00 +15:00", OutOfRange),
            ("13:00 AM", OutOfRange),
        ] {
            assert_eq!(
                parse(text, DateOrder::MonthDayYear),
                Err(expected),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9a-zA-Z:./ ,+é-]{0,24}", any in ".{0,12}") {
            let _ = parse(&text, DateOrder::MonthDayYear);
            let _ = parse(&any, DateOrder::DayMonthYear);
        }
    }
}
