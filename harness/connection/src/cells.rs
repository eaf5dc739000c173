//! The driver's values as cells: exact, and printed the same on every platform.

use domain::surface::Cell;
use tiberius::{ColumnData, ColumnType};

/// The cell of one value.
pub(crate) fn cell(kind: ColumnType, data: &ColumnData<'_>) -> Cell {
    match data {
        ColumnData::U8(value) => integer(value.map(i64::from)),
        ColumnData::I16(value) => integer(value.map(i64::from)),
        ColumnData::I32(value) => integer(value.map(i64::from)),
        ColumnData::I64(value) => integer(*value),
        ColumnData::Bit(value) => value.map_or(Cell::Null, Cell::Bit),
        ColumnData::F32(value) => value.map_or(Cell::Null, |value| Cell::Float(value.to_string())),
        ColumnData::F64(value) => value.map_or(Cell::Null, |value| match kind {
            // The driver turns money into a float; four decimals give the amount back for
            // everything below 900 thousand millions, where a double still tells them apart.
            ColumnType::Money | ColumnType::Money4 => Cell::Decimal(format!("{value:.4}")),
            _ => Cell::Float(value.to_string()),
        }),
        ColumnData::String(value) => value
            .as_ref()
            .map_or(Cell::Null, |text| Cell::Text(text.clone().into_owned())),
        ColumnData::Guid(value) => {
            value.map_or(Cell::Null, |guid| Cell::Guid(guid.hyphenated().to_string()))
        }
        ColumnData::Binary(value) => value
            .as_ref()
            .map_or(Cell::Null, |bytes| Cell::Binary(bytes.clone().into_owned())),
        ColumnData::Numeric(value) => value.map_or(Cell::Null, |numeric| {
            Cell::Decimal(decimal(numeric.value(), usize::from(numeric.scale())))
        }),
        ColumnData::Xml(value) => value
            .as_ref()
            .map_or(Cell::Null, |xml| Cell::Text(xml.as_ref().to_string())),
        ColumnData::DateTime(value) => value.map_or(Cell::Null, |value| {
            // Ticks are thirds of ten milliseconds; the server prints them rounded to one.
            let milliseconds = (u64::from(value.seconds_fragments()) * 10 + 1) / 3;
            let days = i64::from(value.days()) + DAYS_TO_1900;
            Cell::Temporal(format!("{}T{}", date(days), clock(milliseconds, 3)))
        }),
        ColumnData::SmallDateTime(value) => value.map_or(Cell::Null, |value| {
            let days = i64::from(value.days()) + DAYS_TO_1900;
            let seconds = u64::from(value.seconds_fragments()) * 60;
            Cell::Temporal(format!("{}T{}", date(days), clock(seconds, 0)))
        }),
        ColumnData::Time(value) => value.map_or(Cell::Null, |time| {
            Cell::Temporal(clock(time.increments(), time.scale()))
        }),
        ColumnData::Date(value) => value.map_or(Cell::Null, |value| {
            Cell::Temporal(date(i64::from(value.days())))
        }),
        ColumnData::DateTime2(value) => value.map_or(Cell::Null, |value| {
            let time = clock(value.time().increments(), value.time().scale());
            Cell::Temporal(format!("{}T{time}", date(i64::from(value.date().days()))))
        }),
        ColumnData::DateTimeOffset(value) => value.map_or(Cell::Null, |value| {
            let stored = value.datetime2();
            Cell::Temporal(with_offset(
                i64::from(stored.date().days()),
                stored.time().increments(),
                stored.time().scale(),
                value.offset(),
            ))
        }),
    }
}

/// Days from 0001-01-01 to 1900-01-01.
const DAYS_TO_1900: i64 = 693_595;

fn integer(value: Option<i64>) -> Cell {
    value.map_or(Cell::Null, Cell::Integer)
}

fn decimal(value: i128, scale: usize) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// The date so many days after 0001-01-01, in the proleptic Gregorian calendar.
fn date(days: i64) -> String {
    // Shifted to eras of 400 years that begin in March, so that the leap day ends a year.
    let shifted = days + 306;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time of day after so many units of 10^-scale seconds.
fn clock(units: u64, scale: u8) -> String {
    let per_second = 10_u64.pow(u32::from(scale));
    let seconds = units / per_second;
    let whole = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    if scale == 0 {
        return whole;
    }
    format!(
        "{whole}.{:0width$}",
        units % per_second,
        width = usize::from(scale)
    )
}

fn with_offset(days: i64, units: u64, scale: u8, offset_minutes: i16) -> String {
    let per_minute = 60 * 10_i128.pow(u32::from(scale));
    let per_day = 1_440 * per_minute;
    let local =
        i128::from(days) * per_day + i128::from(units) + i128::from(offset_minutes) * per_minute;
    let local_days = i64::try_from(local.div_euclid(per_day)).unwrap_or(days);
    let local_units = u64::try_from(local.rem_euclid(per_day)).unwrap_or(units);
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.unsigned_abs();
    format!(
        "{}T{}{sign}{:02}:{:02}",
        date(local_days),
        clock(local_units, scale),
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use domain::surface::Cell;
    use tiberius::numeric::Numeric;
    use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, SmallDateTime, Time};
    use tiberius::{ColumnData, ColumnType};

    use super::{cell, date};

    #[test]
    fn values_print_exactly() {
        let temporal = |text: &str| Cell::Temporal(text.into());
        let decimal = |text: &str| Cell::Decimal(text.into());
        let noon = DateTime2::new(Date::new(803_167), Time::new(432_000_000_000, 7));
        for (kind, data, expected) in [
            (
                ColumnType::Int1,
                ColumnData::U8(Some(255)),
                Cell::Integer(255),
            ),
            (ColumnType::Int4, ColumnData::I32(None), Cell::Null),
            (
                ColumnType::Float8,
                ColumnData::F64(Some(0.1)),
                Cell::Float("0.1".into()),
            ),
            (
                ColumnType::Money,
                ColumnData::F64(Some(-1_234.5)),
                decimal("-1234.5000"),
            ),
            (
                ColumnType::Decimaln,
                ColumnData::Numeric(Some(Numeric::new_with_scale(-5, 4))),
                decimal("-0.0005"),
            ),
            (
                ColumnType::Decimaln,
                ColumnData::Numeric(Some(Numeric::new_with_scale(12_345, 0))),
                decimal("12345"),
            ),
            (
                ColumnType::Daten,
                ColumnData::Date(Some(Date::new(0))),
                temporal("0001-01-01"),
            ),
            (
                ColumnType::Datetime,
                ColumnData::DateTime(Some(DateTime::new(59, 25_919_999))),
                temporal("1900-03-01T23:59:59.997"),
            ),
            (
                ColumnType::Datetime4,
                ColumnData::SmallDateTime(Some(SmallDateTime::new(0, 61))),
                temporal("1900-01-01T01:01:00"),
            ),
            (
                ColumnType::Datetime2,
                ColumnData::DateTime2(Some(noon)),
                temporal("2199-12-31T12:00:00.0000000"),
            ),
            (
                ColumnType::DatetimeOffsetn,
                ColumnData::DateTimeOffset(Some(DateTimeOffset::new(noon, 725))),
                temporal("2200-01-01T00:05:00.0000000+12:05"),
            ),
        ] {
            assert_eq!(cell(kind, &data), expected, "{data:?}");
        }
    }

    #[test]
    fn days_become_dates() {
        for (days, expected) in [
            (0, "0001-01-01"),
            (58, "0001-02-28"),
            (59, "0001-03-01"),
            (693_595, "1900-01-01"),
            (730_178, "2000-02-29"),
            (3_652_058, "9999-12-31"),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
