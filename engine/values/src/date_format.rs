//! How is a date or time written? The styles of CONVERT.

use crate::calendar::{DAY, MINUTE, MONTHS, Parts, ticks_of_datetime};
use crate::{SqlType, Value};

/// What there is to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) parts: Parts,
    /// Minutes east of UTC, and the parts in UTC.
    pub(crate) offset: Option<(i16, Parts)>,
    pub(crate) shape: Shape,
}

/// Which components a type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Date,
    /// Digits after the second.
    Time(u8),
    /// datetime: milliseconds after a colon in the older styles.
    DateTime,
    /// smalldatetime: no fraction, seconds always zero.
    SmallDateTime,
    /// datetime2 and datetimeoffset: digits after the second.
    DateTime2(u8),
}

impl Moment {
    /// Of a value of a date or time type. `None` for other values.
    pub(crate) fn new(value: &Value, sql_type: &SqlType) -> Option<Self> {
        let moment = |parts, shape| {
            Some(Self {
                parts,
                offset: None,
                shape,
            })
        };
        let scale = match sql_type {
            SqlType::Time(scale) | SqlType::DateTime2(scale) | SqlType::DateTimeOffset(scale) => {
                *scale
            }
            _ => 7,
        };
        match *value {
            Value::Date(days) => moment(Parts::of_ticks(i64::from(days) * DAY), Shape::Date),
            Value::Time(ticks) => moment(Parts::of_time(ticks), Shape::Time(scale)),
            Value::DateTime2(ticks) => moment(Parts::of_ticks(ticks), Shape::DateTime2(scale)),
            Value::DateTime { days, ticks } => {
                let parts = Parts::of_ticks(ticks_of_datetime(days, ticks));
                let small = matches!(sql_type, SqlType::SmallDateTime);
                moment(
                    parts,
                    if small {
                        Shape::SmallDateTime
                    } else {
                        Shape::DateTime
                    },
                )
            }
            Value::DateTimeOffset { utc, offset } => Some(Self {
                parts: Parts::of_ticks(utc + i64::from(offset) * MINUTE),
                offset: Some((offset, Parts::of_ticks(utc))),
                shape: Shape::DateTime2(scale),
            }),
            _ => None,
        }
    }

    fn has_date(&self) -> bool {
        !matches!(self.shape, Shape::Time(_))
    }

    fn has_time(&self) -> bool {
        !matches!(self.shape, Shape::Date)
    }

    /// The default style: 0 for datetime and smalldatetime, 121 for the newer types.
    pub(crate) fn default_style(&self) -> i32 {
        match self.shape {
            Shape::DateTime | Shape::SmallDateTime => 0,
            _ => 121,
        }
    }

    /// In a CONVERT style. `None` if there is no such style or the type has nothing that it writes.
    pub(crate) fn write(&self, style: i32) -> Option<String> {
        let Parts {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self.parts;
        let short_year = year % 100;
        let name = &MONTHS[month as usize - 1][..3];
        let date = match style {
            0 | 100 | 9 | 109 => format!("{name} {day:>2} {year:04}"),
            1 | 22 => format!("{month:02}/{day:02}/{short_year:02}"),
            101 => format!("{month:02}/{day:02}/{year:04}"),
            2 => format!("{short_year:02}.{month:02}.{day:02}"),
            102 => format!("{year:04}.{month:02}.{day:02}"),
            3 => format!("{day:02}/{month:02}/{short_year:02}"),
            103 => format!("{day:02}/{month:02}/{year:04}"),
            4 => format!("{day:02}.{month:02}.{short_year:02}"),
            104 => format!("{day:02}.{month:02}.{year:04}"),
            5 => format!("{day:02}-{month:02}-{short_year:02}"),
            105 => format!("{day:02}-{month:02}-{year:04}"),
            6 => format!("{day:02} {name} {short_year:02}"),
            106 | 13 | 113 => format!("{day:02} {name} {year:04}"),
            7 => format!("{name} {day:02}, {short_year:02}"),
            107 => format!("{name} {day:02}, {year:04}"),
            10 => format!("{month:02}-{day:02}-{short_year:02}"),
            110 => format!("{month:02}-{day:02}-{year:04}"),
            11 => format!("{short_year:02}/{month:02}/{day:02}"),
            111 => format!("{year:04}/{month:02}/{day:02}"),
            12 => format!("{short_year:02}{month:02}{day:02}"),
            112 => format!("{year:04}{month:02}{day:02}"),
            20 | 120 | 21 | 25 | 121 | 23 | 126 | 127 => format!("{year:04}-{month:02}-{day:02}"),
            8 | 24 | 108 | 14 | 114 => String::new(),
            _ => return None,
        };
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let plain = format!("{hour:02}:{minute:02}:{second:02}");
        let time = match style {
            0 | 100 => format!("{hour12:>2}:{minute:02}{half}"),
            9 | 109 => format!(
                "{hour12:>2}:{minute:02}:{second:02}{}{half}",
                self.fraction(':')
            ),
            22 => format!("{hour12:>2}:{minute:02}:{second:02} {half}"),
            8 | 24 | 108 | 20 | 120 => plain,
            13 | 113 | 14 | 114 => format!("{plain}{}", self.fraction(':')),
            21 | 25 | 121 => format!("{plain}{}", self.fraction('.')),
            126 | 127 => format!("{plain}{}", self.short_fraction()),
            _ => String::new(),
        };
        let date = if self.has_date() { date.as_str() } else { "" };
        let time = if self.has_time() { time.as_str() } else { "" };
        let iso = matches!(style, 126 | 127);
        if style == 127
            && let Some((_, utc)) = self.offset
        {
            let moment = Self {
                parts: utc,
                offset: None,
                shape: self.shape,
            };
            return Some(format!("{}Z", moment.write(126)?));
        }
        let text = match (date, time) {
            ("", "") => return None,
            ("", time) => time.to_owned(),
            (date, "") => return Some(date.to_owned()),
            (date, time) if iso => format!("{date}T{time}"),
            (date, time) => format!("{date} {time}"),
        };
        Some(match self.offset {
            Some((offset, _)) if iso => format!("{text}{}", offset_text(offset)),
            Some((offset, _)) => format!("{text} {}", offset_text(offset)),
            None => text,
        })
    }

    /// The fraction with its separator. The newer types always use a point.
    fn fraction(&self, separator: char) -> String {
        match self.shape {
            Shape::DateTime | Shape::SmallDateTime => {
                format!("{separator}{:03}", self.milliseconds())
            }
            Shape::Time(0) | Shape::DateTime2(0) | Shape::Date => String::new(),
            Shape::Time(scale) | Shape::DateTime2(scale) => {
                let digits = format!("{:07}", self.parts.fraction);
                format!(".{}", &digits[..usize::from(scale.min(7))])
            }
        }
    }

    /// ISO 8601 leaves the milliseconds of a datetime away if there are none.
    fn short_fraction(&self) -> String {
        match self.shape {
            Shape::DateTime | Shape::SmallDateTime if self.milliseconds() == 0 => String::new(),
            _ => self.fraction('.'),
        }
    }

    fn milliseconds(&self) -> u32 {
        // A three-hundredth is 3.33 ms, and is written as 3 or 7: never far enough to carry.
        ((self.parts.fraction + 5_000) / 10_000).min(999)
    }
}

/// `+05:30`.
pub(crate) fn offset_text(offset: i16) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DAYS_TO_1900, days_from_date};

    fn check(value: &Value, sql_type: SqlType, style: i32, expected: Option<&str>) {
        let moment = Moment::new(value, &sql_type).expect("a date or time");
        assert_eq!(
            moment.write(style).as_deref(),
            expected,
            "{sql_type} in style {style}"
        );
    }

    #[test]
    fn datetime_is_written_in_every_style() {
        let days = days_from_date(2024, 2, 9).expect("a day") - DAYS_TO_1900;
        // 13:05:07.123, in three-hundredths of a second.
        let ticks = ((13 * 60 + 5) * 60 + 7) * 300 + 37;
        let value = Value::DateTime { days, ticks };
        for (style, expected) in [
            (0, "Feb  9 2024  1:05PM"),
            (1, "02/09/24"),
            (101, "02/09/2024"),
            (102, "2024.02.09"),
            (103, "09/02/2024"),
            (104, "09.02.2024"),
            (105, "09-02-2024"),
            (106, "09 Feb 2024"),
            (107, "Feb 09, 2024"),
            (108, "13:05:07"),
            (109, "Feb  9 2024  1:05:07:123PM"),
            (110, "02-09-2024"),
            (111, "2024/02/09"),
            (12, "240209"),
            (112, "20240209"),
            (113, "09 Feb 2024 13:05:07:123"),
            (114, "13:05:07:123"),
            (120, "2024-02-09 13:05:07"),
            (121, "2024-02-09 13:05:07.123"),
            (22, "02/09/24  1:05:07 PM"),
            (23, "2024-02-09"),
            (126, "2024-02-09T13:05:07.123"),
        ] {
            check(&value, SqlType::DateTime, style, Some(expected));
        }
        check(&value, SqlType::DateTime, 130, None);
        check(
            &value,
            SqlType::SmallDateTime,
            0,
            Some("Feb  9 2024  1:05PM"),
        );
    }

    #[test]
    fn newer_types_write_what_they_have() {
        let ticks = i64::from(days_from_date(2024, 2, 9).expect("a day")) * DAY + 15_000_000;
        let offset = Value::DateTimeOffset {
            utc: ticks,
            offset: -90,
        };
        for (value, sql_type, style, expected) in [
            (Value::Date(0), SqlType::Date, 121, Some("0001-01-01")),
            (Value::Date(0), SqlType::Date, 100, Some("Jan  1 0001")),
            (Value::Date(0), SqlType::Date, 108, None),
            (
                Value::Time(15_000_000),
                SqlType::Time(3),
                121,
                Some("00:00:01.500"),
            ),
            (
                Value::Time(15_000_000),
                SqlType::Time(0),
                121,
                Some("00:00:01"),
            ),
            (Value::Time(15_000_000), SqlType::Time(7), 112, None),
            (
                Value::DateTime2(ticks),
                SqlType::DateTime2(7),
                121,
                Some("2024-02-09 00:00:01.5000000"),
            ),
            (
                Value::DateTime2(ticks),
                SqlType::DateTime2(0),
                126,
                Some("2024-02-09T00:00:01"),
            ),
            (
                offset.clone(),
                SqlType::DateTimeOffset(1),
                121,
                Some("2024-02-08 22:30:01.5 -01:30"),
            ),
            (
                offset.clone(),
                SqlType::DateTimeOffset(1),
                126,
                Some("2024-02-08T22:30:01.5-01:30"),
            ),
            (
                offset,
                SqlType::DateTimeOffset(1),
                127,
                Some("2024-02-09T00:00:01.5Z"),
            ),
        ] {
            check(&value, sql_type, style, expected);
        }
    }
}
