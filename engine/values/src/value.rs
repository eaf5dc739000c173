//! One SQL value at run time. Its declared type travels beside it, as a [`SqlType`](crate::SqlType).

use std::fmt;
use std::sync::Arc;

use crate::SqlType;
use crate::convert::{hexadecimal, plain_text, write_guid};
use crate::date_format::Moment;

/// A value. NULL has no type of its own: the expression that yields it has.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// bit.
    Bit(bool),
    /// tinyint.
    TinyInt(u8),
    /// smallint.
    SmallInt(i16),
    /// int.
    Int(i32),
    /// bigint.
    BigInt(i64),
    /// decimal and numeric, up to 38 digits: `unscaled / 10^scale`.
    Decimal {
        /// The digits.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// money and smallmoney, in ten-thousandths.
    Money(i64),
    /// real.
    Real(f32),
    /// float.
    Float(f64),
    /// char, varchar, nchar, nvarchar, text, ntext, sysname, xml.
    Text(Arc<str>),
    /// binary, varbinary, image, rowversion (8 bytes, big endian).
    Binary(Arc<[u8]>),
    /// uniqueidentifier, in the order in which it is printed.
    Guid([u8; 16]),
    /// date: days since 0001-01-01.
    Date(i32),
    /// time: 100 ns ticks since midnight.
    Time(i64),
    /// datetime2: 100 ns ticks since 0001-01-01T00:00.
    DateTime2(i64),
    /// datetime and smalldatetime: days since 1900-01-01 and 1/300 s since midnight.
    DateTime {
        /// Days since 1900-01-01, may be negative.
        days: i32,
        /// Three-hundredths of a second since midnight.
        ticks: u32,
    },
    /// datetimeoffset: UTC ticks as datetime2, and the offset in minutes.
    DateTimeOffset {
        /// UTC ticks since 0001-01-01T00:00.
        utc: i64,
        /// Offset in minutes.
        offset: i16,
    },
    /// sql_variant holding a typed value (never NULL inside).
    Variant(Box<(SqlType, Value)>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Bytes.
    pub fn binary(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Binary(bytes.into())
    }

    /// Whether this is NULL.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an integer or bit value.
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Bit(bit) => Some(*bit as i64),
            Self::TinyInt(number) => Some(*number as i64),
            Self::SmallInt(number) => Some(*number as i64),
            Self::Int(number) => Some(*number as i64),
            Self::BigInt(number) => Some(*number),
            _ => None,
        }
    }

    /// A type that holds the value and nothing smaller is known of: that of a literal.
    pub fn natural_type(&self) -> SqlType {
        match self {
            Self::Null => SqlType::UntypedNull,
            Self::Bit(_) => SqlType::Bit,
            Self::TinyInt(_) => SqlType::TinyInt,
            Self::SmallInt(_) => SqlType::SmallInt,
            Self::Int(_) => SqlType::Int,
            Self::BigInt(_) => SqlType::BigInt,
            Self::Decimal { unscaled, scale } => {
                let digits = unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) as u8 + 1;
                SqlType::decimal(digits.max(*scale).max(1), *scale)
            }
            Self::Money(_) => SqlType::Money,
            Self::Real(_) => SqlType::Real,
            Self::Float(_) => SqlType::Float,
            Self::Text(text) => match text.encode_utf16().count() {
                length @ 0..=4000 => SqlType::nvarchar(length.max(1) as u16),
                _ => SqlType::NVARCHAR_MAX,
            },
            Self::Binary(bytes) => match bytes.len() {
                length @ 0..=8000 => SqlType::varbinary(length.max(1) as u16),
                _ => SqlType::VARBINARY_MAX,
            },
            Self::Guid(_) => SqlType::UniqueIdentifier,
            Self::Date(_) => SqlType::Date,
            Self::Time(_) => SqlType::Time(7),
            Self::DateTime2(_) => SqlType::DateTime2(7),
            Self::DateTime { .. } => SqlType::DateTime,
            Self::DateTimeOffset { .. } => SqlType::DateTimeOffset(7),
            Self::Variant(_) => SqlType::Variant,
        }
    }

    /// The value as messages quote it, where its type is known: 2627 prints `(acme, 3)`. NULL is
    /// `<NULL>`, dates are in the default style, bytes in hexadecimal, uniqueidentifiers in lower
    /// case.
    pub fn message_text(&self, sql_type: &SqlType) -> String {
        match self {
            Self::Null => "<NULL>".into(),
            Self::Binary(bytes) => format!("0x{}", hexadecimal(bytes).to_lowercase()),
            Self::Guid(guid) => write_guid(guid).to_lowercase(),
            Self::Variant(inner) => inner.1.message_text(&inner.0),
            _ => plain_text(self, sql_type),
        }
    }

    /// A key as 2627 and 2601 quote it, in parentheses: `(acme, 3)`.
    pub fn key_text<'a>(key: impl IntoIterator<Item = (&'a Self, &'a SqlType)>) -> String {
        let parts: Vec<String> = key
            .into_iter()
            .map(|(value, sql_type)| value.message_text(sql_type))
            .collect();
        format!("({})", parts.join(", "))
    }

    /// The value as a T-SQL literal, or as an expression over one where the type has no literals.
    /// `SELECT` of it yields the value again, in its natural type.
    pub fn literal(&self) -> String {
        let cast = |text: String, name: &str| format!("CAST('{text}' AS {name})");
        let plain = || plain_text(self, &self.natural_type());
        match self {
            Self::Null => "NULL".into(),
            Self::Bit(bit) => format!("CAST({} AS bit)", u8::from(*bit)),
            Self::TinyInt(number) => format!("CAST({number} AS tinyint)"),
            Self::SmallInt(number) => format!("CAST({number} AS smallint)"),
            // The digits of the smallest int are a bigint before the sign is looked at.
            Self::Int(number) if *number == i32::MIN => format!("CAST({number} AS int)"),
            Self::Int(number) => number.to_string(),
            Self::BigInt(number) => format!("CAST({number} AS bigint)"),
            Self::Decimal { scale: 0, .. } => format!("{}.", plain()),
            Self::Decimal { .. } => plain(),
            Self::Money(money) => {
                let sign = if *money < 0 { "-" } else { "" };
                let magnitude = money.unsigned_abs();
                format!("{sign}${}.{:04}", magnitude / 10_000, magnitude % 10_000)
            }
            Self::Real(real) => format!("CAST({real:e} AS real)"),
            Self::Float(float) => format!("{float:e}"),
            Self::Text(text) => format!("N'{}'", text.replace('\'', "''")),
            Self::Binary(bytes) => format!("0x{}", hexadecimal(bytes)),
            Self::Guid(guid) => cast(write_guid(guid), "uniqueidentifier"),
            Self::Date(_) => cast(plain(), "date"),
            Self::Time(_) => cast(plain(), "time(7)"),
            Self::DateTime2(_) => cast(plain(), "datetime2(7)"),
            Self::DateTimeOffset { .. } => cast(plain(), "datetimeoffset(7)"),
            Self::DateTime { .. } => {
                let moment =
                    Moment::new(self, &SqlType::DateTime).expect("the value is a datetime");
                cast(
                    moment.write(126).expect("style 126 writes every datetime"),
                    "datetime",
                )
            }
            Self::Variant(inner) => format!("CAST({} AS sql_variant)", inner.1.literal()),
        }
    }
}

impl fmt::Display for Value {
    /// As [`Value::message_text`] in the natural type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_text(&self.natural_type()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_quoted_in_parentheses() {
        let key = [
            (Value::text("acme"), SqlType::varchar(10)),
            (Value::Int(3), SqlType::Int),
            (Value::Null, SqlType::Date),
        ];
        let key = key.iter().map(|(value, sql_type)| (value, sql_type));
        assert_eq!(Value::key_text(key), "(acme, 3, <NULL>)");
    }

    #[test]
    fn messages_and_literals_print_as_sql_server_reads() {
        for (value, message, literal) in [
            (Value::Null, "<NULL>", "NULL"),
            (Value::Int(-3), "-3", "-3"),
            (
                Value::Int(i32::MIN),
                "-2147483648",
                "CAST(-2147483648 AS int)",
            ),
            (Value::BigInt(3), "3", "CAST(3 AS bigint)"),
            (Value::text("O'Neill"), "O'Neill", "N'O''Neill'"),
            (Value::binary([0xAB, 1]), "0xab01", "0xAB01"),
            (
                Value::Decimal {
                    unscaled: -5,
                    scale: 2,
                },
                "-0.05",
                "-0.05",
            ),
            (
                Value::Decimal {
                    unscaled: 5,
                    scale: 0,
                },
                "5",
                "5.",
            ),
            (Value::Money(-12_345), "-1.23", "-$1.2345"),
            (Value::Float(1.5), "1.5", "1.5e0"),
            (Value::Date(0), "0001-01-01", "CAST('0001-01-01' AS date)"),
            (
                Value::DateTime { days: 0, ticks: 1 },
                "Jan  1 1900 12:00AM",
                "CAST('1900-01-01T00:00:00.003' AS datetime)",
            ),
            (
                Value::Guid([0xAB; 16]),
                "abababab-abab-abab-abab-abababababab",
                "CAST('ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB' AS uniqueidentifier)",
            ),
        ] {
            assert_eq!(value.to_string(), message);
            assert_eq!(value.literal(), literal);
        }
    }
}
