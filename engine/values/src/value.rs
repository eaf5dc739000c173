//! One SQL value at run time. Its declared type travels beside it, as a [`SqlType`](crate::SqlType).

use std::sync::Arc;

use crate::SqlType;

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
}
