//! How does a value become a date or time?

use crate::calendar::{
    DATETIME_FIRST, DATETIME_TICKS, DAY, DAYS_TO_1900, LAST_DAY, LAST_TICK, MINUTE, SMALL_LAST,
    datetime_of_ticks, round_ticks, ticks_of_datetime,
};
use crate::date_parse::{DateOrder, NotADate, ParsedMoment, parse};
use crate::decimal;
use crate::messages::{
    date_from_text, date_out_of_range, error_converting, expression_overflow, small_date_from_text,
};
use crate::{SqlError, SqlType, Value};

use super::exact;

/// A moment on its way: local ticks since 0001-01-01, and an offset if there is one.
#[derive(Clone, Copy)]
struct Moment {
    ticks: i64,
    offset: i16,
}

pub(super) fn to_date_time(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
) -> Result<Value, SqlError> {
    let base = i64::from(DAYS_TO_1900) * DAY;
    let local = |ticks| Ok(Moment { ticks, offset: 0 });
    let moment = match value {
        Value::Text(text) => of_text(text, from, to, style),
        Value::Date(days) => local(i64::from(*days) * DAY),
        Value::Time(ticks) => local(base + ticks),
        Value::DateTime2(ticks) => local(*ticks),
        Value::DateTime { days, ticks } => local(ticks_of_datetime(*days, *ticks)),
        Value::DateTimeOffset { utc, offset } => Ok(Moment {
            ticks: utc + i64::from(*offset) * MINUTE,
            offset: *offset,
        }),
        Value::Binary(bytes) => return of_binary(bytes, from, to),
        Value::Real(real) => return of_days(f64::from(*real), to),
        Value::Float(float) => return of_days(*float, to),
        _ => {
            let (unscaled, scale) = exact(value).ok_or_else(|| error_converting(from, to))?;
            return of_days(decimal::to_float(unscaled, scale), to);
        }
    }?;
    of_moment(moment, to).ok_or_else(|| match value {
        Value::Text(_) if !matches!(to, SqlType::DateTime | SqlType::SmallDateTime) => {
            date_from_text()
        }
        _ => date_out_of_range(from, to),
    })
}

fn of_text(
    text: &str,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
) -> Result<Moment, SqlError> {
    if matches!(style, Some(130 | 131)) {
        return Err(SqlError::unsupported(
            "the Hijri calendar (CONVERT styles 130 and 131)",
        ));
    }
    let old = matches!(to, SqlType::DateTime | SqlType::SmallDateTime);
    let unreadable = || {
        if matches!(to, SqlType::SmallDateTime) {
            small_date_from_text()
        } else {
            date_from_text()
        }
    };
    let parsed = parse(text, DateOrder::of_style(style)).map_err(|error| match error {
        NotADate::OutOfRange if old => date_out_of_range(from, to),
        _ => unreadable(),
    })?;
    let ParsedMoment {
        date,
        time,
        offset,
        fraction_digits,
    } = parsed;
    // The older types know three digits and no zone, except the Z of ISO 8601.
    if old && (fraction_digits > 3 || offset.is_some_and(|minutes| minutes != 0)) {
        return Err(unreadable());
    }
    let days = date.unwrap_or(DAYS_TO_1900);
    Ok(Moment {
        ticks: i64::from(days) * DAY + time.unwrap_or(0),
        offset: offset.unwrap_or(0),
    })
}

/// `None` if the moment is outside of the range of the type.
fn of_moment(moment: Moment, to: &SqlType) -> Option<Value> {
    let Moment { ticks, offset } = moment;
    if !(0..=LAST_TICK).contains(&ticks) {
        return None;
    }
    match to {
        SqlType::Date => Some(Value::Date((ticks / DAY) as i32)),
        SqlType::Time(scale) => Some(Value::Time(round_ticks(ticks % DAY, *scale) % DAY)),
        SqlType::DateTime2(scale) => {
            let rounded = round_ticks(ticks, *scale);
            (rounded <= LAST_TICK).then_some(Value::DateTime2(rounded))
        }
        SqlType::DateTimeOffset(scale) => {
            let utc = round_ticks(ticks - i64::from(offset) * MINUTE, *scale);
            (0..=LAST_TICK)
                .contains(&utc)
                .then_some(Value::DateTimeOffset { utc, offset })
        }
        SqlType::SmallDateTime => {
            let (days, ticks) = datetime_of_ticks(ticks);
            small(days, ticks)
        }
        _ => {
            let (days, ticks) = datetime_of_ticks(ticks);
            datetime(days, ticks)
        }
    }
}

fn datetime(days: i32, ticks: u32) -> Option<Value> {
    (DATETIME_FIRST..=LAST_DAY - DAYS_TO_1900)
        .contains(&days)
        .then_some(Value::DateTime { days, ticks })
}

/// Rounded to the minute: 29.998 seconds go down, 29.999 up.
fn small(days: i32, ticks: u32) -> Option<Value> {
    const TICKS_PER_MINUTE: u32 = 60 * 300;
    let rounded = (ticks + TICKS_PER_MINUTE / 2) / TICKS_PER_MINUTE * TICKS_PER_MINUTE;
    let (days, ticks) = if rounded >= DATETIME_TICKS {
        (days + 1, 0)
    } else {
        (days, rounded)
    };
    (0..=SMALL_LAST)
        .contains(&days)
        .then_some(Value::DateTime { days, ticks })
}

/// A number counts days since 1900-01-01.
fn of_days(number: f64, to: &SqlType) -> Result<Value, SqlError> {
    let overflow = || expression_overflow(to);
    let whole = number.floor();
    if !(-1e7..1e7).contains(&whole) {
        return Err(overflow());
    }
    let ticks = ((number - whole) * f64::from(DATETIME_TICKS)).round() as u32;
    let (days, ticks) = if ticks >= DATETIME_TICKS {
        (whole as i32 + 1, 0)
    } else {
        (whole as i32, ticks)
    };
    let value = if matches!(to, SqlType::SmallDateTime) {
        small(days, ticks)
    } else {
        datetime(days, ticks)
    };
    value.ok_or_else(overflow)
}

/// The eight bytes of a datetime: days and ticks, big endian; four for smalldatetime.
fn of_binary(bytes: &[u8], from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    let number = |width: usize| {
        let kept = &bytes[bytes.len().saturating_sub(width)..];
        kept.iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let value = match to {
        SqlType::DateTime => {
            let all = number(8);
            datetime((all >> 32) as u32 as i32, all as u32)
                .filter(|_| (all as u32) < DATETIME_TICKS)
        }
        SqlType::SmallDateTime => {
            let all = number(4);
            let minutes = (all & 0xFFFF) as u32;
            (minutes < 24 * 60).then_some(Value::DateTime {
                days: (all >> 16 & 0xFFFF) as i32,
                ticks: minutes * 60 * 300,
            })
        }
        _ => {
            return Err(SqlError::unsupported(format_args!(
                "the conversion of binary values to {}",
                to.base_name()
            )));
        }
    };
    value.ok_or_else(|| date_out_of_range(from, to))
}
