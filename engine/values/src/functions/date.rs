//! Functions over dates and times. The date part arrives as a text.

use super::arguments::{Argument, int, integer, text};
use super::date_part::DatePart;
use super::{FunctionContext, ScalarFunction, function, volatile};
use crate::calendar::{
    DAY, DAYS_TO_1900, LAST_DAY, LAST_TICK, MINUTE, SECOND, date_from_days, datetime_of_ticks,
    days_from_date, days_in_month, ticks_of_datetime,
};
use crate::date_parse::parse_offset;
use crate::messages::{date_add_overflow, invalid_argument_type};
use crate::{ConversionKind, SqlError, SqlType, Value, convert};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    volatile(
        "getdate",
        (0, 0),
        |_| Ok(SqlType::DateTime),
        |_, context| old_now(context, true),
    ),
    volatile(
        "current_timestamp",
        (0, 0),
        |_| Ok(SqlType::DateTime),
        |_, context| old_now(context, true),
    ),
    volatile(
        "getutcdate",
        (0, 0),
        |_| Ok(SqlType::DateTime),
        |_, context| old_now(context, false),
    ),
    volatile(
        "sysdatetime",
        (0, 0),
        |_| Ok(SqlType::DateTime2(7)),
        |_, context| Ok(Value::DateTime2(local_now(context))),
    ),
    volatile(
        "sysutcdatetime",
        (0, 0),
        |_| Ok(SqlType::DateTime2(7)),
        |_, context| Ok(Value::DateTime2(context.utc_now())),
    ),
    volatile(
        "sysdatetimeoffset",
        (0, 0),
        |_| Ok(SqlType::DateTimeOffset(7)),
        |_, context| {
            Ok(Value::DateTimeOffset {
                utc: context.utc_now(),
                offset: context.local_offset(),
            })
        },
    ),
    volatile(
        "current_date",
        (0, 0),
        |_| Ok(SqlType::Date),
        |_, context| Ok(Value::Date((local_now(context) / DAY) as i32)),
    ),
    function(
        "dateadd",
        (3, 3),
        |types| date_type(&types[2], 3, "dateadd"),
        date_add,
    ),
    function(
        "datediff",
        (3, 3),
        |_| Ok(SqlType::Int),
        |arguments, _| date_diff(arguments, "datediff", &SqlType::Int),
    ),
    function(
        "datediff_big",
        (3, 3),
        |_| Ok(SqlType::BigInt),
        |arguments, _| date_diff(arguments, "datediff_big", &SqlType::BigInt),
    ),
    function(
        "datepart",
        (2, 2),
        |_| Ok(SqlType::Int),
        |arguments, context| {
            Ok(date_part(arguments, context, "datepart")?
                .map_or(Value::Null, |(part, ticks, offset, first)| {
                    Value::Int(part.value(ticks, offset, first))
                }))
        },
    ),
    function(
        "datename",
        (2, 2),
        |_| Ok(SqlType::nvarchar(30)),
        |arguments, context| {
            Ok(date_part(arguments, context, "datename")?
                .map_or(Value::Null, |(part, ticks, offset, first)| {
                    Value::text(part.text(ticks, offset, first))
                }))
        },
    ),
    function(
        "year",
        (1, 1),
        |_| Ok(SqlType::Int),
        |arguments, _| single(arguments, DatePart::Year),
    ),
    function(
        "month",
        (1, 1),
        |_| Ok(SqlType::Int),
        |arguments, _| single(arguments, DatePart::Month),
    ),
    function(
        "day",
        (1, 1),
        |_| Ok(SqlType::Int),
        |arguments, _| single(arguments, DatePart::Day),
    ),
    function(
        "datetrunc",
        (2, 2),
        |types| date_type(&types[1], 2, "datetrunc"),
        date_trunc,
    ),
    function("eomonth", (1, 2), |_| Ok(SqlType::Date), end_of_month),
    function(
        "datefromparts",
        (3, 3),
        |_| Ok(SqlType::Date),
        date_from_parts,
    ),
    function(
        "timefromparts",
        (5, 5),
        |_| Ok(SqlType::Time(7)),
        time_from_parts,
    ),
    function(
        "datetimefromparts",
        (7, 7),
        |_| Ok(SqlType::DateTime),
        datetime_from_parts,
    ),
    function(
        "datetime2fromparts",
        (8, 8),
        |_| Ok(SqlType::DateTime2(7)),
        datetime2_from_parts,
    ),
    function(
        "datetimeoffsetfromparts",
        (10, 10),
        |_| Ok(SqlType::DateTimeOffset(7)),
        offset_from_parts,
    ),
    function(
        "smalldatetimefromparts",
        (5, 5),
        |_| Ok(SqlType::SmallDateTime),
        small_from_parts,
    ),
    function("isdate", (1, 1), |_| Ok(SqlType::Int), is_date),
    function(
        "switchoffset",
        (2, 2),
        |types| Ok(offset_type(&types[0])),
        switch_offset,
    ),
    function(
        "todatetimeoffset",
        (2, 2),
        |types| Ok(offset_type(&types[0])),
        to_datetimeoffset,
    ),
];

fn local_now(context: &dyn FunctionContext) -> i64 {
    context.utc_now() + i64::from(context.local_offset()) * MINUTE
}

fn old_now(context: &dyn FunctionContext, local: bool) -> Result<Value, SqlError> {
    let (days, ticks) = datetime_of_ticks(if local {
        local_now(context)
    } else {
        context.utc_now()
    });
    Ok(Value::DateTime { days, ticks })
}

/// The type in which a date argument is taken: its own, or datetime for texts and numbers.
fn date_type(sql_type: &SqlType, index: usize, name: &str) -> Result<SqlType, SqlError> {
    match sql_type {
        other if other.is_date_time() => Ok(*other),
        // A text is read with full precision; only its type is that of the older functions.
        other if other.is_character() && name == "datetrunc" => Ok(SqlType::DateTime2(7)),
        other if other.is_character() || other.is_number() => Ok(SqlType::DateTime),
        SqlType::UntypedNull => Ok(SqlType::DateTime),
        other => Err(invalid_argument_type(other, index, name)),
    }
}

fn part_of(argument: &Argument, name: &str) -> Result<DatePart, SqlError> {
    match text(argument)? {
        Some(word) => DatePart::parse(&word, name),
        None => DatePart::parse("NULL", name),
    }
}

/// Local ticks and offset of a date or time value.
fn moment(value: &Value) -> Option<(i64, i16)> {
    Some(match value {
        Value::Date(days) => (i64::from(*days) * DAY, 0),
        Value::Time(ticks) => (i64::from(DAYS_TO_1900) * DAY + ticks, 0),
        Value::DateTime2(ticks) => (*ticks, 0),
        Value::DateTime { days, ticks } => (ticks_of_datetime(*days, *ticks), 0),
        Value::DateTimeOffset { utc, offset } => (utc + i64::from(*offset) * MINUTE, *offset),
        _ => return None,
    })
}

/// A value of the same type as `like` from local ticks; `None` outside of its range.
fn of_moment(ticks: i64, offset: i16, sql_type: &SqlType) -> Option<Value> {
    if !(0..=LAST_TICK).contains(&ticks) {
        return None;
    }
    let value = match sql_type {
        SqlType::DateTimeOffset(_) => Value::DateTimeOffset {
            utc: ticks - i64::from(offset) * MINUTE,
            offset,
        },
        _ => Value::DateTime2(ticks),
    };
    let from = value.natural_type();
    convert(&value, &from, sql_type, None, ConversionKind::Explicit).ok()
}

fn date_add(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    const NAME: &str = "dateadd";
    let part = part_of(&arguments[0], NAME)?;
    let (value, from) = &arguments[2];
    let to = date_type(from, 3, NAME)?;
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    let allowed = match part {
        DatePart::IsoWeek | DatePart::TzOffset => return Err(part.refuse_always(NAME)),
        DatePart::Microsecond | DatePart::Nanosecond => !matches!(
            to,
            SqlType::Date | SqlType::DateTime | SqlType::SmallDateTime
        ),
        _ if part.is_time() => !matches!(to, SqlType::Date),
        _ => !matches!(to, SqlType::Time(_)),
    };
    if !allowed {
        return Err(part.refuse(NAME, &to));
    }
    let Some(number) = int(&arguments[1])?.map(i64::from) else {
        return Ok(Value::Null);
    };
    let Some((ticks, offset)) = moment(&value) else {
        return Ok(Value::Null);
    };
    let overflow = || date_add_overflow(&to);
    let moved = if let Some(months) = part.months() {
        add_months(ticks, number * months)
    } else if part == DatePart::Nanosecond {
        // 50 ns and more count as one tick.
        ticks.checked_add((number + 50 * number.signum()) / 100)
    } else {
        part.ticks()
            .and_then(|unit| ticks.checked_add(number.checked_mul(unit)?))
    };
    let moved = moved.ok_or_else(overflow)?;
    if let SqlType::Time(_) = to {
        // A time goes round the clock.
        let base = i64::from(DAYS_TO_1900) * DAY;
        let value = Value::Time((moved - base).rem_euclid(DAY));
        return convert(
            &value,
            &SqlType::Time(7),
            &to,
            None,
            ConversionKind::Implicit,
        );
    }
    // Days and months leave the three-hundredths of a datetime as they are.
    if let (Value::DateTime { ticks: time, .. }, false) = (&value, part.is_time()) {
        let days = moved.div_euclid(DAY) as i32 - DAYS_TO_1900;
        let kept = Value::DateTime { days, ticks: *time };
        return of_moment(moved, offset, &to)
            .map(|_| kept)
            .ok_or_else(overflow);
    }
    of_moment(moved, offset, &to).ok_or_else(overflow)
}

/// The day is cut to the length of the month.
fn add_months(ticks: i64, months: i64) -> Option<i64> {
    let (year, month, day) = date_from_days(ticks.div_euclid(DAY) as i32);
    let total = i64::from(year) * 12 + i64::from(month) - 1 + months;
    let year = i32::try_from(total.div_euclid(12)).ok()?;
    let month = total.rem_euclid(12) as u32 + 1;
    let days = days_from_date(year, month, day.min(days_in_month(year, month)))?;
    Some(i64::from(days) * DAY + ticks.rem_euclid(DAY))
}

/// Counts the boundaries that lie between two moments.
fn date_diff(arguments: &[Argument], name: &str, result: &SqlType) -> Result<Value, SqlError> {
    let part = part_of(&arguments[0], name)?;
    if matches!(part, DatePart::IsoWeek | DatePart::TzOffset) {
        return Err(part.refuse_always(name));
    }
    let instant = |argument: &Argument| -> Result<Option<i64>, SqlError> {
        let (value, from) = argument;
        let to = if from.is_date_time() {
            *from
        } else if from.is_character() {
            SqlType::DateTimeOffset(7)
        } else {
            SqlType::DateTime
        };
        let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
        // Values with offsets are compared in UTC.
        Ok(moment(&value).map(|(ticks, offset)| ticks - i64::from(offset) * MINUTE))
    };
    let (Some(start), Some(end)) = (instant(&arguments[1])?, instant(&arguments[2])?) else {
        return Ok(Value::Null);
    };
    let count = |unit: i64| i128::from(end.div_euclid(unit)) - i128::from(start.div_euclid(unit));
    let month = |ticks: i64| {
        let (year, month, _) = date_from_days(ticks.div_euclid(DAY) as i32);
        i128::from(year) * 12 + i128::from(month) - 1
    };
    let number = match part {
        DatePart::Nanosecond => (i128::from(end) - i128::from(start)) * 100,
        // Weeks begin on Sunday, whatever DATEFIRST says. 0001-01-01 was a Monday.
        DatePart::Week => {
            i128::from((end + DAY).div_euclid(7 * DAY))
                - i128::from((start + DAY).div_euclid(7 * DAY))
        }
        _ => match (part.months(), part.ticks()) {
            (Some(months), _) => {
                let months = i128::from(months);
                month(end).div_euclid(months) - month(start).div_euclid(months)
            }
            (None, Some(unit)) => count(unit),
            (None, None) => return Err(part.refuse_always(name)),
        },
    };
    let value = match result {
        SqlType::BigInt => number.try_into().ok().map(Value::BigInt),
        _ => number.try_into().ok().map(Value::Int),
    };
    value.ok_or_else(|| {
        SqlError::new(
            535,
            16,
            0,
            format!(
                "The {name} function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use {name} with a less precise datepart."
            ),
        )
    })
}

type PartOfMoment = (DatePart, i64, i16, u8);

fn date_part(
    arguments: &[Argument],
    context: &dyn FunctionContext,
    name: &str,
) -> Result<Option<PartOfMoment>, SqlError> {
    let part = part_of(&arguments[0], name)?;
    let (value, from) = &arguments[1];
    let to = match from {
        // With its offset, if the text has one.
        other if other.is_character() => SqlType::DateTimeOffset(7),
        other => date_type(other, 2, name)?,
    };
    let allowed = match part {
        DatePart::TzOffset => matches!(to, SqlType::DateTime2(_) | SqlType::DateTimeOffset(_)),
        _ if part.is_time() => !matches!(to, SqlType::Date),
        _ => !matches!(to, SqlType::Time(_)),
    };
    if !allowed {
        return Err(part.refuse(name, &to));
    }
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    let Some((ticks, offset)) = moment(&value) else {
        return Ok(None);
    };
    let ticks = match value {
        // A datetime has milliseconds of 0, 3 and 7, which must not be cut to 6.
        Value::DateTime { .. } => (ticks + 5_000).div_euclid(10_000) * 10_000,
        _ => ticks,
    };
    Ok(Some((part, ticks, offset, context.date_first())))
}

fn single(arguments: &[Argument], part: DatePart) -> Result<Value, SqlError> {
    let (value, from) = &arguments[0];
    let to = match from {
        other if other.is_character() => SqlType::DateTimeOffset(7),
        other => date_type(other, 1, part.name())?,
    };
    if matches!(to, SqlType::Time(_)) {
        return Err(part.refuse(part.name(), &to));
    }
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    Ok(moment(&value).map_or(Value::Null, |(ticks, offset)| {
        Value::Int(part.value(ticks, offset, 7))
    }))
}

fn date_trunc(
    arguments: &[Argument],
    context: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    const NAME: &str = "datetrunc";
    let part = part_of(&arguments[0], NAME)?;
    let (value, from) = &arguments[1];
    let to = date_type(from, 2, NAME)?;
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    let fits = match to {
        SqlType::Date => !part.is_time(),
        SqlType::Time(_) => part.is_time(),
        _ => true,
    };
    if !fits {
        return Err(part.refuse(NAME, &to));
    }
    let Some((ticks, offset)) = moment(&value) else {
        return Ok(Value::Null);
    };
    let days = ticks.div_euclid(DAY) as i32;
    let (year, month, _) = date_from_days(days);
    let first_of = |month: u32| days_from_date(year, month, 1).map(|days| i64::from(days) * DAY);
    let back = |days_back: i32| Some(i64::from(days - days_back) * DAY);
    let truncated = match part {
        DatePart::Year => first_of(1),
        DatePart::Quarter => first_of((month - 1) / 3 * 3 + 1),
        DatePart::Month => first_of(month),
        DatePart::Week => back(DatePart::Weekday.value(ticks, 0, context.date_first()) - 1),
        DatePart::IsoWeek => back(DatePart::Weekday.value(ticks, 0, 1) - 1),
        DatePart::Weekday | DatePart::TzOffset | DatePart::Nanosecond => {
            return Err(part.refuse_always(NAME));
        }
        _ => part.ticks().map(|unit| ticks.div_euclid(unit) * unit),
    };
    if let (SqlType::Time(_), Some(ticks)) = (to, truncated) {
        return Ok(Value::Time(ticks.rem_euclid(DAY)));
    }
    truncated
        .and_then(|ticks| of_moment(ticks, offset, &to))
        .ok_or_else(|| date_add_overflow(&to))
}

fn end_of_month(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, from) = &arguments[0];
    let date = convert(value, from, &SqlType::Date, None, ConversionKind::Implicit)?;
    let months = match arguments.get(1) {
        // A NULL here counts as 0. So documented.
        Some(argument) => int(argument)?.unwrap_or(0),
        None => 0,
    };
    let Value::Date(days) = date else {
        return Ok(Value::Null);
    };
    let moved = add_months(i64::from(days) * DAY, i64::from(months))
        .ok_or_else(|| date_add_overflow(&SqlType::Date))?;
    let (year, month, _) = date_from_days((moved / DAY) as i32);
    let last = days_from_date(year, month, days_in_month(year, month));
    Ok(last.map_or(Value::Null, Value::Date))
}

/// All numbers, or `None` if one is NULL.
fn numbers(arguments: &[Argument]) -> Result<Option<Vec<i64>>, SqlError> {
    arguments.iter().map(integer).collect()
}

fn cannot_construct(name: &str) -> SqlError {
    SqlError::new(
        289,
        16,
        1,
        format!(
            "Cannot construct data type {name}, some of the arguments have values which are not valid."
        ),
    )
}

fn days_of(parts: &[i64]) -> Option<i64> {
    let [year, month, day] = parts else {
        return None;
    };
    let month = u32::try_from(*month).ok()?;
    let days = days_from_date(i32::try_from(*year).ok()?, month, u32::try_from(*day).ok()?)?;
    Some(i64::from(days))
}

/// Ticks of hour, minute, second and a fraction of `scale` digits.
fn time_of(parts: &[i64], fraction: i64, scale: i64) -> Option<i64> {
    let [hour, minute, second] = parts else {
        return None;
    };
    let unit = 10_i64.pow(u32::try_from(scale).ok().filter(|scale| *scale <= 7)?);
    let valid = (0..24).contains(hour)
        && (0..60).contains(minute)
        && (0..60).contains(second)
        && (0..unit).contains(&fraction);
    valid.then(|| ((hour * 60 + minute) * 60 + second) * SECOND + fraction * (SECOND / unit))
}

fn date_from_parts(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    let days = days_of(&parts).ok_or_else(|| cannot_construct("date"))?;
    debug_assert!(days <= i64::from(LAST_DAY));
    Ok(Value::Date(days as i32))
}

fn time_from_parts(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    let ticks = time_of(&parts[..3], parts[3], parts[4]).ok_or_else(|| cannot_construct("time"))?;
    Ok(Value::Time(ticks))
}

fn datetime_from_parts(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    days_of(&parts[..3])
        .zip(time_of(&parts[3..6], parts[6], 3))
        .and_then(|(days, time)| of_moment(days * DAY + time, 0, &SqlType::DateTime))
        .ok_or_else(|| cannot_construct("datetime"))
}

fn small_from_parts(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    days_of(&parts[..3])
        .zip(time_of(&[parts[3], parts[4], 0], 0, 0))
        .and_then(|(days, time)| of_moment(days * DAY + time, 0, &SqlType::SmallDateTime))
        .ok_or_else(|| cannot_construct("smalldatetime"))
}

fn datetime2_from_parts(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    days_of(&parts[..3])
        .zip(time_of(&parts[3..6], parts[6], parts[7]))
        .map(|(days, time)| Value::DateTime2(days * DAY + time))
        .ok_or_else(|| cannot_construct("datetime2"))
}

fn offset_from_parts(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(parts) = numbers(arguments)? else {
        return Ok(Value::Null);
    };
    let (hours, minutes) = (parts[7], parts[8]);
    // Hours and minutes must not pull in different directions.
    let valid = hours.abs() <= 14
        && minutes.abs() <= 59
        && hours.signum() * minutes.signum() >= 0
        && (hours * 60 + minutes).abs() <= 14 * 60;
    days_of(&parts[..3])
        .zip(time_of(&parts[3..6], parts[6], parts[9]))
        .filter(|_| valid)
        .map(|(days, time)| (days * DAY + time, (hours * 60 + minutes) as i16))
        .and_then(|(ticks, offset)| of_moment(ticks, offset, &SqlType::DateTimeOffset(7)))
        .ok_or_else(|| cannot_construct("datetimeoffset"))
}

fn is_date(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, from) = &arguments[0];
    let readable = match value {
        Value::Null => false,
        // The newer types are no dates for this function, as texts of more than three digits are not.
        _ if from.is_date_time() => matches!(from, SqlType::DateTime | SqlType::SmallDateTime),
        Value::Text(text) => {
            !text.trim().is_empty()
                && convert(
                    value,
                    from,
                    &SqlType::DateTime,
                    None,
                    ConversionKind::Explicit,
                )
                .is_ok()
        }
        _ => {
            let plain = text(&arguments[0])?.map_or(Value::Null, Value::Text);
            let from = SqlType::VARCHAR_MAX;
            convert(
                &plain,
                &from,
                &SqlType::DateTime,
                None,
                ConversionKind::Explicit,
            )
            .is_ok()
        }
    };
    Ok(Value::Int(i32::from(readable)))
}

fn offset_type(sql_type: &SqlType) -> SqlType {
    match sql_type {
        SqlType::DateTimeOffset(scale) | SqlType::DateTime2(scale) | SqlType::Time(scale) => {
            SqlType::DateTimeOffset(*scale)
        }
        SqlType::DateTime => SqlType::DateTimeOffset(3),
        SqlType::SmallDateTime | SqlType::Date => SqlType::DateTimeOffset(0),
        _ => SqlType::DateTimeOffset(7),
    }
}

/// `+hh:mm` or minutes. Error 9812 for everything else.
fn offset_argument(argument: &Argument, name: &str) -> Result<Option<i16>, SqlError> {
    let invalid = || {
        SqlError::new(
            9812,
            16,
            0,
            format!("The timezone provided to builtin function {name} is invalid."),
        )
    };
    match &argument.0 {
        Value::Null => Ok(None),
        Value::Text(text) => match parse_offset(text) {
            Ok(Some(offset)) if !text.eq_ignore_ascii_case("z") => Ok(Some(offset)),
            _ => Err(invalid()),
        },
        _ => match integer(argument)? {
            Some(minutes @ -840..=840) => Ok(Some(minutes as i16)),
            _ => Err(invalid()),
        },
    }
}

fn switch_offset(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, from) = &arguments[0];
    let to = offset_type(from);
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    let offset = offset_argument(&arguments[1], "switchoffset")?;
    Ok(match (value, offset) {
        (Value::DateTimeOffset { utc, .. }, Some(offset)) => {
            let local = utc + i64::from(offset) * MINUTE;
            if !(0..=LAST_TICK).contains(&local) {
                return Err(date_add_overflow(&to));
            }
            Value::DateTimeOffset { utc, offset }
        }
        _ => Value::Null,
    })
}

fn to_datetimeoffset(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let (value, from) = &arguments[0];
    let to = offset_type(from);
    let value = convert(value, from, &to, None, ConversionKind::Implicit)?;
    let offset = offset_argument(&arguments[1], "todatetimeoffset")?;
    match (moment(&value), offset) {
        (Some((ticks, _)), Some(offset)) => {
            of_moment(ticks, offset, &to).ok_or_else(|| date_add_overflow(&to))
        }
        _ => Ok(Value::Null),
    }
}
