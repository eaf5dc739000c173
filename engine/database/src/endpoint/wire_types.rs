//! How do the engine's types and values look on the wire, and the other way round?
//!
//! The two sides name the same things differently: the engine counts datetime2 in ticks, the
//! wire in days and ticks. A value that is not of its column's type is a bug of the engine; it
//! is reported, never bent into shape.

use std::sync::Arc;

use values::{Length, SqlType, Value};

/// Ticks of 100 ns per day.
const TICKS_PER_DAY: i64 = 864_000_000_000;
/// Three-hundredths of a second per minute.
const DATETIME_TICKS_PER_MINUTE: u32 = 300 * 60;

/// The type as a column or an output parameter announces it.
pub(super) fn to_wire_type(sql_type: SqlType, collation: tds::Collation) -> tds::TypeInfo {
    use tds::TypeInfo as Wire;
    match sql_type {
        SqlType::Bit => Wire::Bit,
        SqlType::TinyInt => Wire::TinyInt,
        SqlType::SmallInt => Wire::SmallInt,
        SqlType::Int | SqlType::UntypedNull => Wire::Int,
        SqlType::BigInt => Wire::BigInt,
        SqlType::Decimal { precision, scale } => Wire::Decimal { precision, scale },
        SqlType::Money => Wire::Money,
        SqlType::SmallMoney => Wire::SmallMoney,
        SqlType::Real => Wire::Real,
        SqlType::Float => Wire::Float,
        SqlType::Char(bytes) => Wire::Char(bytes, collation),
        SqlType::VarChar(length) => Wire::VarChar(wire_length(length, 1), collation),
        SqlType::NChar(pairs) => Wire::NChar(pairs.saturating_mul(2), collation),
        SqlType::NVarChar(length) => Wire::NVarChar(wire_length(length, 2), collation),
        SqlType::Binary(bytes) => Wire::Binary(bytes),
        SqlType::VarBinary(length) => Wire::VarBinary(wire_length(length, 1)),
        SqlType::RowVersion => Wire::Binary(8),
        SqlType::UniqueIdentifier => Wire::UniqueIdentifier,
        SqlType::Date => Wire::Date,
        SqlType::Time(scale) => Wire::Time(scale),
        SqlType::SmallDateTime => Wire::SmallDateTime,
        SqlType::DateTime => Wire::DateTime,
        SqlType::DateTime2(scale) => Wire::DateTime2(scale),
        SqlType::DateTimeOffset(scale) => Wire::DateTimeOffset(scale),
        SqlType::Xml => Wire::Xml,
        SqlType::LegacyText => Wire::Text(collation),
        SqlType::LegacyNText => Wire::NText(collation),
        SqlType::LegacyImage => Wire::Image,
        SqlType::Variant => Wire::Variant,
    }
}

fn wire_length(length: Length, bytes_per_unit: u16) -> tds::Length {
    match length {
        Length::Limited(units) => tds::Length::Bytes(units.saturating_mul(bytes_per_unit)),
        Length::Max => tds::Length::Max,
    }
}

/// The value as it travels in a column of the given type; `None` when it is none of that type.
pub(super) fn to_wire_value(
    value: &Value,
    sql_type: SqlType,
    collation: tds::Collation,
) -> Option<tds::Value> {
    use tds::Value as Wire;
    Some(match value {
        Value::Null => Wire::Null,
        Value::Bit(bit) => Wire::Bit(*bit),
        Value::TinyInt(value) => Wire::TinyInt(*value),
        Value::SmallInt(value) => Wire::SmallInt(*value),
        Value::Int(value) => Wire::Int(*value),
        Value::BigInt(value) => Wire::BigInt(*value),
        Value::Decimal { unscaled, scale } => match sql_type {
            SqlType::Decimal {
                scale: declared, ..
            } if declared == *scale => Wire::Decimal(*unscaled),
            _ => return None,
        },
        Value::Money(value) => Wire::Money(*value),
        Value::Real(value) => Wire::Real(*value),
        Value::Float(value) => Wire::Float(*value),
        Value::Text(text) => Wire::Text(text.to_string()),
        Value::Binary(bytes) => Wire::Binary(bytes.to_vec()),
        Value::Guid(guid) => Wire::UniqueIdentifier(*guid),
        Value::Date(days) => Wire::Date(u32::try_from(*days).ok()?),
        Value::Time(ticks) => Wire::Time(u64::try_from(*ticks).ok()?),
        Value::DateTime2(ticks) => {
            let (days, ticks) = days_and_ticks(*ticks)?;
            Wire::DateTime2 { days, ticks }
        }
        Value::DateTime { days, ticks } if sql_type == SqlType::SmallDateTime => {
            Wire::SmallDateTime {
                days: u16::try_from(*days).ok()?,
                minutes: u16::try_from(ticks / DATETIME_TICKS_PER_MINUTE).ok()?,
            }
        }
        Value::DateTime { days, ticks } => Wire::DateTime {
            days: *days,
            ticks: *ticks,
        },
        Value::DateTimeOffset { utc, offset } => {
            let (days, ticks) = days_and_ticks(*utc)?;
            Wire::DateTimeOffset {
                days,
                ticks,
                offset: *offset,
            }
        }
        Value::Variant(inner) => {
            let (inner_type, inner_value) = inner.as_ref();
            let value = to_wire_value(inner_value, *inner_type, collation)?;
            Wire::Variant(Box::new((to_wire_type(*inner_type, collation), value)))
        }
    })
}

fn days_and_ticks(ticks: i64) -> Option<(u32, u64)> {
    let days = u32::try_from(ticks.div_euclid(TICKS_PER_DAY)).ok()?;
    let ticks = u64::try_from(ticks.rem_euclid(TICKS_PER_DAY)).ok()?;
    Some((days, ticks))
}

/// The engine's type for a parameter's.
pub(super) fn from_wire_type(type_info: tds::TypeInfo) -> SqlType {
    use tds::TypeInfo as Wire;
    match type_info {
        Wire::Fixed(tds::FixedType::Null) => SqlType::UntypedNull,
        Wire::Fixed(fixed) => from_wire_type(fixed.nullable()),
        Wire::Bit => SqlType::Bit,
        Wire::TinyInt => SqlType::TinyInt,
        Wire::SmallInt => SqlType::SmallInt,
        Wire::Int => SqlType::Int,
        Wire::BigInt => SqlType::BigInt,
        Wire::Real => SqlType::Real,
        Wire::Float => SqlType::Float,
        Wire::SmallMoney => SqlType::SmallMoney,
        Wire::Money => SqlType::Money,
        Wire::SmallDateTime => SqlType::SmallDateTime,
        Wire::DateTime => SqlType::DateTime,
        Wire::Decimal { precision, scale } | Wire::Numeric { precision, scale } => {
            SqlType::Decimal { precision, scale }
        }
        Wire::UniqueIdentifier => SqlType::UniqueIdentifier,
        // A length of 0 is what some drivers declare for an empty value.
        Wire::Char(bytes, _) => SqlType::Char(bytes.max(1)),
        Wire::VarChar(length, _) => SqlType::VarChar(engine_length(length, 1)),
        Wire::NChar(bytes, _) => SqlType::NChar((bytes / 2).max(1)),
        Wire::NVarChar(length, _) => SqlType::NVarChar(engine_length(length, 2)),
        Wire::Binary(bytes) => SqlType::Binary(bytes.max(1)),
        Wire::VarBinary(length) => SqlType::VarBinary(engine_length(length, 1)),
        Wire::Text(_) => SqlType::LegacyText,
        Wire::NText(_) => SqlType::LegacyNText,
        Wire::Image => SqlType::LegacyImage,
        Wire::Date => SqlType::Date,
        Wire::Time(scale) => SqlType::Time(scale),
        Wire::DateTime2(scale) => SqlType::DateTime2(scale),
        Wire::DateTimeOffset(scale) => SqlType::DateTimeOffset(scale),
        Wire::Xml => SqlType::Xml,
        Wire::Variant => SqlType::Variant,
    }
}

fn engine_length(length: tds::Length, bytes_per_unit: u16) -> Length {
    match length {
        tds::Length::Bytes(bytes) => Length::Limited((bytes / bytes_per_unit).max(1)),
        tds::Length::Max => Length::Max,
    }
}

/// The engine's value for a parameter's. The codec has checked that it is one of its type.
pub(super) fn from_wire_value(value: tds::Value, type_info: tds::TypeInfo) -> Value {
    use tds::Value as Wire;
    match value {
        Wire::Null => Value::Null,
        Wire::Bit(bit) => Value::Bit(bit),
        Wire::TinyInt(value) => Value::TinyInt(value),
        Wire::SmallInt(value) => Value::SmallInt(value),
        Wire::Int(value) => Value::Int(value),
        Wire::BigInt(value) => Value::BigInt(value),
        Wire::Real(value) => Value::Real(value),
        Wire::Float(value) => Value::Float(value),
        Wire::Money(value) => Value::Money(value),
        Wire::Decimal(unscaled) => match type_info {
            tds::TypeInfo::Decimal { scale, .. } | tds::TypeInfo::Numeric { scale, .. } => {
                Value::Decimal { unscaled, scale }
            }
            _ => Value::Decimal { unscaled, scale: 0 },
        },
        Wire::UniqueIdentifier(guid) => Value::Guid(guid),
        Wire::Text(text) => Value::Text(Arc::from(padded(text, type_info))),
        Wire::Binary(mut bytes) => {
            if let tds::TypeInfo::Binary(length) = type_info {
                bytes.resize(usize::from(length).max(bytes.len()), 0);
            }
            Value::Binary(Arc::from(bytes))
        }
        Wire::Date(days) => Value::Date(i32::try_from(days).unwrap_or(i32::MAX)),
        Wire::Time(ticks) => Value::Time(i64::try_from(ticks).unwrap_or(i64::MAX)),
        Wire::DateTime2 { days, ticks } => Value::DateTime2(engine_ticks(days, ticks)),
        Wire::DateTimeOffset {
            days,
            ticks,
            offset,
        } => Value::DateTimeOffset {
            utc: engine_ticks(days, ticks),
            offset,
        },
        Wire::DateTime { days, ticks } => Value::DateTime { days, ticks },
        Wire::SmallDateTime { days, minutes } => Value::DateTime {
            days: i32::from(days),
            ticks: u32::from(minutes) * DATETIME_TICKS_PER_MINUTE,
        },
        Wire::Variant(inner) => {
            let (inner_type, inner_value) = *inner;
            let value = from_wire_value(inner_value, inner_type);
            Value::Variant(Box::new((from_wire_type(inner_type), value)))
        }
    }
}

/// Drivers send char and nchar as short as they like; the engine keeps them padded.
fn padded(mut text: String, type_info: tds::TypeInfo) -> String {
    let (units_declared, units) = match type_info {
        tds::TypeInfo::Char(bytes, _) => (usize::from(bytes), text.chars().count()),
        tds::TypeInfo::NChar(bytes, _) => (usize::from(bytes / 2), text.encode_utf16().count()),
        _ => return text,
    };
    text.extend(std::iter::repeat_n(
        ' ',
        units_declared.saturating_sub(units),
    ));
    text
}

/// The codec admits dates up to 9999 only, so the product is far below 2^63.
fn engine_ticks(days: u32, ticks: u64) -> i64 {
    i64::from(days) * TICKS_PER_DAY + i64::try_from(ticks).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLLATION: tds::Collation = tds::Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;

    #[test]
    fn a_value_survives_the_way_out_and_back() {
        fn check(sql_type: SqlType, value: Value) {
            let type_info = to_wire_type(sql_type, COLLATION);
            let sent = to_wire_value(&value, sql_type, COLLATION).expect("of its type");
            let mut bytes = Vec::new();
            sent.encode_parameter(type_info, &mut bytes)
                .expect("fits its type");
            let read = tds::Value::decode(&mut tds::Reader::new(&bytes), type_info).expect("valid");
            assert_eq!(from_wire_value(read, type_info), value, "{sql_type:?}");
            if sql_type != SqlType::RowVersion {
                assert_eq!(from_wire_type(type_info), sql_type);
            }
        }
        check(SqlType::Bit, Value::Bit(true));
        check(SqlType::TinyInt, Value::TinyInt(255));
        check(SqlType::SmallInt, Value::SmallInt(-2));
        check(SqlType::Int, Value::Int(i32::MIN));
        check(SqlType::BigInt, Value::BigInt(i64::MIN));
        check(
            SqlType::Decimal {
                precision: 38,
                scale: 10,
            },
            Value::Decimal {
                unscaled: -(10_i128.pow(38) - 1),
                scale: 10,
            },
        );
        check(SqlType::Money, Value::Money(-12_345));
        check(SqlType::SmallMoney, Value::Money(12_345));
        check(SqlType::Real, Value::Real(1.5));
        check(SqlType::Float, Value::Float(-1.25));
        check(SqlType::Char(3), Value::Text(Arc::from("ab ")));
        check(
            SqlType::VarChar(Length::Limited(3)),
            Value::Text(Arc::from("ab€")),
        );
        check(
            SqlType::VarChar(Length::Max),
            Value::Text(Arc::from("x".repeat(9000))),
        );
        check(SqlType::NChar(3), Value::Text(Arc::from("aЖ ")));
        check(
            SqlType::NVarChar(Length::Limited(4000)),
            Value::Text(Arc::from("😀")),
        );
        check(SqlType::NVarChar(Length::Max), Value::Text(Arc::from("")));
        check(SqlType::Binary(2), Value::Binary(Arc::from([1, 0])));
        check(
            SqlType::VarBinary(Length::Limited(2)),
            Value::Binary(Arc::from([1])),
        );
        check(
            SqlType::RowVersion,
            Value::Binary(Arc::from([0, 0, 0, 0, 0, 0, 7, 209])),
        );
        check(SqlType::UniqueIdentifier, Value::Guid(*b"0123456789abcdef"));
        check(SqlType::Date, Value::Date(738_000));
        check(SqlType::Time(3), Value::Time(123_450_000));
        check(
            SqlType::SmallDateTime,
            Value::DateTime {
                days: 40_000,
                ticks: 18_000 * 61,
            },
        );
        check(
            SqlType::DateTime,
            Value::DateTime {
                days: -53_690,
                ticks: 299,
            },
        );
        check(
            SqlType::DateTime2(7),
            Value::DateTime2(738_000 * TICKS_PER_DAY + 1),
        );
        check(
            SqlType::DateTimeOffset(7),
            Value::DateTimeOffset {
                utc: 738_000 * TICKS_PER_DAY + 1,
                offset: -330,
            },
        );
        check(SqlType::Xml, Value::Text(Arc::from("<a/>")));
        check(SqlType::LegacyText, Value::Text(Arc::from("old")));
        check(SqlType::LegacyNText, Value::Text(Arc::from("öld")));
        check(SqlType::LegacyImage, Value::Binary(Arc::from([1, 2, 3])));
        check(SqlType::VarChar(Length::Limited(1)), Value::Null);
        let inner = (
            SqlType::NVarChar(Length::Limited(5)),
            Value::Text(Arc::from("in")),
        );
        check(SqlType::Variant, Value::Variant(Box::new(inner)));
    }

    #[test]
    fn a_value_of_another_type_is_not_bent_into_shape() {
        let two_digits = Value::Decimal {
            unscaled: 100,
            scale: 2,
        };
        let declared = SqlType::Decimal {
            precision: 5,
            scale: 1,
        };
        assert_eq!(to_wire_value(&two_digits, declared, COLLATION), None);
        let sent = to_wire_value(&Value::BigInt(1), SqlType::Int, COLLATION).expect("an integer");
        sent.encode(to_wire_type(SqlType::Int, COLLATION), &mut Vec::new())
            .expect_err("a bigint is no int");
    }
}
