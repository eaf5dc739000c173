//! What is in a row? Values by the names of their columns, as JSON has them.
//!
//! Days and moments are converted to text by the statement; amounts are read as decimals, so that
//! none is rounded before it is printed.

use serde_json::{Number, Value};
use tiberius::ColumnData;

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    columns: Vec<(String, Value)>,
}

impl Row {
    pub(crate) fn read(row: &tiberius::Row) -> Self {
        let columns = row
            .cells()
            .map(|(column, data)| (column.name().to_owned(), value(data)))
            .collect();
        Self { columns }
    }

    /// The value of a column; `null` when there is no such column.
    pub fn get(&self, name: &str) -> Value {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .map_or(Value::Null, |(_, value)| value.clone())
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Value::Bool(value) => Some(i64::from(value)),
            value => value.as_i64(),
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_str().map(str::to_owned)
    }

    /// Whether a bit is set.
    pub fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Value::Bool(value) => value,
            value => value.as_i64().is_some_and(|value| value != 0),
        }
    }

    /// About how many bytes it holds.
    pub fn size(&self) -> usize {
        let size = |value: &Value| value.as_str().map_or(8, str::len);
        self.columns.iter().map(|(_, value)| size(value)).sum()
    }

    /// Its columns, in order.
    pub fn columns(&self) -> &[(String, Value)] {
        &self.columns
    }
}

fn value(data: &ColumnData<'_>) -> Value {
    let whole = |value: Option<i64>| value.map_or(Value::Null, Value::from);
    match data {
        ColumnData::U8(value) => whole(value.map(i64::from)),
        ColumnData::I16(value) => whole(value.map(i64::from)),
        ColumnData::I32(value) => whole(value.map(i64::from)),
        ColumnData::I64(value) => whole(*value),
        ColumnData::Bit(value) => value.map_or(Value::Null, Value::Bool),
        ColumnData::F32(value) => value.map_or(Value::Null, |v| float(f64::from(v))),
        ColumnData::F64(value) => value.map_or(Value::Null, float),
        ColumnData::String(value) => text(value.as_deref()),
        ColumnData::Guid(value) => value.map_or(Value::Null, |guid| {
            Value::from(guid.hyphenated().to_string())
        }),
        ColumnData::Binary(value) => value.as_ref().map_or(Value::Null, |bytes| {
            Value::from(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
        }),
        ColumnData::Numeric(value) => value.map_or(Value::Null, |numeric| {
            decimal(numeric.value(), u32::from(numeric.scale()))
        }),
        ColumnData::Xml(value) => value
            .as_ref()
            .map_or(Value::Null, |xml| Value::from(xml.as_ref().to_string())),
        ColumnData::Date(value) => {
            value.map_or(Value::Null, |date| Value::from(day(i64::from(date.days()))))
        }
        ColumnData::DateTime2(value) => value.map_or(Value::Null, |value| {
            let time = value.time();
            let day = day(i64::from(value.date().days()));
            Value::from(format!("{day}T{}Z", clock(time.increments(), time.scale())))
        }),
        ColumnData::Time(value) => value.map_or(Value::Null, |time| {
            Value::from(clock(time.increments(), time.scale()))
        }),
        ColumnData::DateTime(value) => value.map_or(Value::Null, |value| {
            let milliseconds = (u64::from(value.seconds_fragments()) * 10 + 1) / 3;
            let day = day(i64::from(value.days()) + DAYS_TO_1900);
            Value::from(format!("{day}T{}Z", clock(milliseconds, 3)))
        }),
        ColumnData::SmallDateTime(value) => value.map_or(Value::Null, |value| {
            let seconds = u64::from(value.seconds_fragments()) * 60;
            let day = day(i64::from(value.days()) + DAYS_TO_1900);
            Value::from(format!("{day}T{}Z", clock(seconds, 0)))
        }),
        ColumnData::DateTimeOffset(value) => value.map_or(Value::Null, |value| {
            let stored = value.datetime2();
            let time = stored.time();
            let day = day(i64::from(stored.date().days()));
            Value::from(format!("{day}T{}Z", clock(time.increments(), time.scale())))
        }),
    }
}

/// Days from 0001-01-01 to 1900-01-01.
const DAYS_TO_1900: i64 = 693_595;

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// An exact decimal as the number that prints alike.
fn decimal(value: i128, scale: u32) -> Value {
    let unit = 10_i128.pow(scale);
    if value % unit == 0 {
        return i64::try_from(value / unit).map_or(Value::Null, Value::from);
    }
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (
        value.unsigned_abs() / unit.unsigned_abs(),
        value.unsigned_abs() % unit.unsigned_abs(),
    );
    let width = usize::try_from(scale).unwrap_or_default();
    format!("{sign}{whole}.{fraction:0width$}")
        .parse()
        .map_or(Value::Null, float)
}

/// The day so many days after 0001-01-01.
fn day(days: i64) -> String {
    // The moment's own printing counts from 1970.
    let since_1970 = days - 719_162;
    let ms = u64::try_from(since_1970.max(0)).unwrap_or_default() * 86_400_000;
    if since_1970 >= 0 {
        return crate::environment::moment(ms)[..10].to_owned();
    }
    // Before 1970: 146,097 days are 400 years exactly, so that the calendar repeats.
    let shifted = u64::try_from(since_1970 + 5 * 146_097).unwrap_or_default();
    let later = crate::environment::moment(shifted * 86_400_000);
    let year: i64 = later[..4].parse().unwrap_or_default();
    format!("{:04}{}", year - 2_000, &later[4..10])
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
    let width = usize::from(scale);
    format!("{whole}.{:0width$}", units % per_second)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{clock, day, decimal};

    #[test]
    fn days_amounts_and_times_print_exactly() {
        for (days, expected) in [
            (0, "0001-01-01"),
            (693_595, "1900-01-01"),
            (719_162, "1970-01-01"),
            (739_251, "2025-01-01"),
        ] {
            assert_eq!(day(days), expected);
        }
        for (value, scale, expected) in [
            (10_000, 4, json!(1)),
            (10_000_004_032_500, 4, json!(1_000_000_403.25)),
            (-5, 1, json!(-0.5)),
        ] {
            assert_eq!(decimal(value, scale), expected);
        }
        assert_eq!(clock(36_610_000_000, 7), "01:01:01.0000000");
    }
}
