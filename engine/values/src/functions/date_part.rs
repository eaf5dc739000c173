//! Which date parts are there, and what does each say of a moment?

use crate::calendar::{
    DAY, HOUR, MINUTE, MONTHS, Parts, SECOND, WEEKDAYS, date_from_days, day_of_year,
    days_from_date, weekday,
};
use crate::date_format::offset_text;
use crate::{SqlError, SqlType};

/// A word such as `month` or `mm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePart {
    Year,
    Quarter,
    Month,
    DayOfYear,
    Day,
    Week,
    IsoWeek,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    TzOffset,
}

impl DatePart {
    /// Error 155 for a word that is none. `function` as the message names it: "dateadd".
    pub(super) fn parse(word: &str, function: &str) -> Result<Self, SqlError> {
        Ok(match word.to_ascii_lowercase().as_str() {
            "year" | "yy" | "yyyy" => Self::Year,
            "quarter" | "qq" | "q" => Self::Quarter,
            "month" | "mm" | "m" => Self::Month,
            "dayofyear" | "dy" | "y" => Self::DayOfYear,
            "day" | "dd" | "d" => Self::Day,
            "week" | "wk" | "ww" => Self::Week,
            "iso_week" | "isowk" | "isoww" => Self::IsoWeek,
            "weekday" | "dw" | "w" => Self::Weekday,
            "hour" | "hh" => Self::Hour,
            "minute" | "mi" | "n" => Self::Minute,
            "second" | "ss" | "s" => Self::Second,
            "millisecond" | "ms" => Self::Millisecond,
            "microsecond" | "mcs" => Self::Microsecond,
            "nanosecond" | "ns" => Self::Nanosecond,
            "tzoffset" | "tz" => Self::TzOffset,
            _ => {
                return Err(SqlError::new(
                    155,
                    15,
                    1,
                    format!("'{word}' is not a recognized {function} option."),
                ));
            }
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::DayOfYear => "dayofyear",
            Self::Day => "day",
            Self::Week => "week",
            Self::IsoWeek => "iso_week",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Millisecond => "millisecond",
            Self::Microsecond => "microsecond",
            Self::Nanosecond => "nanosecond",
            Self::TzOffset => "tzoffset",
        }
    }

    /// Whether the part is of the time of day.
    pub(super) const fn is_time(self) -> bool {
        matches!(
            self,
            Self::Hour
                | Self::Minute
                | Self::Second
                | Self::Millisecond
                | Self::Microsecond
                | Self::Nanosecond
        )
    }

    /// Ticks of one part, where it has a fixed length of at least one tick.
    pub(super) const fn ticks(self) -> Option<i64> {
        Some(match self {
            Self::Week => 7 * DAY,
            Self::Day | Self::DayOfYear | Self::Weekday => DAY,
            Self::Hour => HOUR,
            Self::Minute => MINUTE,
            Self::Second => SECOND,
            Self::Millisecond => SECOND / 1_000,
            Self::Microsecond => SECOND / 1_000_000,
            _ => return None,
        })
    }

    /// Months of one part.
    pub(super) const fn months(self) -> Option<i64> {
        match self {
            Self::Year => Some(12),
            Self::Quarter => Some(3),
            Self::Month => Some(1),
            _ => None,
        }
    }

    /// 9810: the type has no such part.
    pub(super) fn refuse(self, function: &str, sql_type: &SqlType) -> SqlError {
        SqlError::new(
            9810,
            16,
            1,
            format!(
                "The datepart {} is not supported by date function {function} for data type {}.",
                self.name(),
                sql_type.base_name()
            ),
        )
    }

    /// 9806: the function never takes the part.
    pub(super) fn refuse_always(self, function: &str) -> SqlError {
        SqlError::new(
            9806,
            16,
            1,
            format!(
                "The datepart {} is not supported by date function {function}.",
                self.name()
            ),
        )
    }

    /// DATEPART of local ticks. `date_first` is 1 for Monday to 7 for Sunday.
    pub(super) fn value(self, ticks: i64, offset: i16, date_first: u8) -> i32 {
        let days = ticks.div_euclid(DAY) as i32;
        let parts = Parts::of_ticks(ticks);
        let from_first = |days: i32| (weekday(days) as i32 - i32::from(date_first)).rem_euclid(7);
        let number = match self {
            Self::Year => return parts.year,
            Self::Quarter => (parts.month - 1) / 3 + 1,
            Self::Month => parts.month,
            Self::DayOfYear => day_of_year(days),
            Self::Day => parts.day,
            Self::Week => {
                let first = days - day_of_year(days) as i32 + 1;
                return (day_of_year(days) as i32 - 1 + from_first(first)) / 7 + 1;
            }
            Self::IsoWeek => return iso_week(days),
            Self::Weekday => return from_first(days) + 1,
            Self::Hour => parts.hour,
            Self::Minute => parts.minute,
            Self::Second => parts.second,
            Self::Millisecond => parts.fraction / 10_000,
            Self::Microsecond => parts.fraction / 10,
            Self::Nanosecond => parts.fraction * 100,
            Self::TzOffset => return i32::from(offset),
        };
        number as i32
    }

    /// DATENAME of local ticks.
    pub(super) fn text(self, ticks: i64, offset: i16, date_first: u8) -> String {
        let days = ticks.div_euclid(DAY) as i32;
        match self {
            Self::Month => MONTHS[date_from_days(days).1 as usize - 1].to_owned(),
            Self::Weekday => WEEKDAYS[weekday(days) as usize].to_owned(),
            Self::TzOffset => offset_text(offset),
            _ => self.value(ticks, offset, date_first).to_string(),
        }
    }
}

/// The week that holds the Thursday, counted in the year of that Thursday.
fn iso_week(days: i32) -> i32 {
    let monday_based = (weekday(days) as i32 + 6) % 7;
    let thursday = days - monday_based + 3;
    let (year, _, _) = date_from_days(thursday);
    let first = days_from_date(year, 1, 1).unwrap_or(0);
    (thursday - first) / 7 + 1
}
