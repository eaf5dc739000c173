//! Declared types.

/// A length in bytes (char, binary) or byte pairs (nchar), or MAX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Length {
    /// `n`.
    Limited(u16),
    /// `MAX`.
    Max,
}

/// A declared type. Aliases (`sysname`, `rowversion`, user types) are resolved before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// bit.
    Bit,
    /// tinyint.
    TinyInt,
    /// smallint.
    SmallInt,
    /// int.
    Int,
    /// bigint.
    BigInt,
    /// decimal(p, s).
    Decimal {
        /// 1 to 38.
        precision: u8,
        /// 0 to precision.
        scale: u8,
    },
    /// money.
    Money,
    /// smallmoney.
    SmallMoney,
    /// real.
    Real,
    /// float.
    Float,
    /// char(n).
    Char(u16),
    /// varchar(n | MAX).
    VarChar(Length),
    /// nchar(n).
    NChar(u16),
    /// nvarchar(n | MAX).
    NVarChar(Length),
    /// binary(n).
    Binary(u16),
    /// varbinary(n | MAX).
    VarBinary(Length),
    /// rowversion / timestamp.
    RowVersion,
    /// uniqueidentifier.
    UniqueIdentifier,
    /// date.
    Date,
    /// time(0..7).
    Time(u8),
    /// smalldatetime.
    SmallDateTime,
    /// datetime.
    DateTime,
    /// datetime2(0..7).
    DateTime2(u8),
    /// datetimeoffset(0..7).
    DateTimeOffset(u8),
    /// xml: stored as text, no methods.
    Xml,
    /// text.
    LegacyText,
    /// ntext.
    LegacyNText,
    /// image.
    LegacyImage,
    /// sql_variant.
    Variant,
    /// The type of a bare NULL literal; behaves as int where a type is needed.
    UntypedNull,
}
