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

impl SqlType {
    /// `nvarchar(128)`, which `sysname` stands for.
    pub const SYSNAME: Self = Self::NVarChar(Length::Limited(128));
    /// `nvarchar(max)`.
    pub const NVARCHAR_MAX: Self = Self::NVarChar(Length::Max);
    /// `varchar(max)`.
    pub const VARCHAR_MAX: Self = Self::VarChar(Length::Max);
    /// `varbinary(max)`.
    pub const VARBINARY_MAX: Self = Self::VarBinary(Length::Max);

    /// `varchar(n)`.
    pub const fn varchar(n: u16) -> Self {
        Self::VarChar(Length::Limited(n))
    }

    /// `nvarchar(n)`.
    pub const fn nvarchar(n: u16) -> Self {
        Self::NVarChar(Length::Limited(n))
    }

    /// `varbinary(n)`.
    pub const fn varbinary(n: u16) -> Self {
        Self::VarBinary(Length::Limited(n))
    }

    /// `decimal(p, s)`.
    pub const fn decimal(precision: u8, scale: u8) -> Self {
        Self::Decimal { precision, scale }
    }

    /// Any character type, including text, ntext and xml.
    pub const fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Char(_)
                | Self::VarChar(_)
                | Self::NChar(_)
                | Self::NVarChar(_)
                | Self::Xml
                | Self::LegacyText
                | Self::LegacyNText
        )
    }

    /// char, varchar, nchar, nvarchar: the character types that operators take.
    pub const fn is_character(&self) -> bool {
        matches!(
            self,
            Self::Char(_) | Self::VarChar(_) | Self::NChar(_) | Self::NVarChar(_)
        )
    }

    /// nchar, nvarchar, ntext, xml.
    pub const fn is_unicode(&self) -> bool {
        matches!(
            self,
            Self::NChar(_) | Self::NVarChar(_) | Self::LegacyNText | Self::Xml
        )
    }

    /// binary, varbinary, rowversion, image.
    pub const fn is_binary(&self) -> bool {
        matches!(
            self,
            Self::Binary(_) | Self::VarBinary(_) | Self::RowVersion | Self::LegacyImage
        )
    }

    /// text, ntext, image.
    pub const fn is_legacy_large(&self) -> bool {
        matches!(
            self,
            Self::LegacyText | Self::LegacyNText | Self::LegacyImage
        )
    }

    /// tinyint, smallint, int, bigint; not bit.
    pub const fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::TinyInt | Self::SmallInt | Self::Int | Self::BigInt
        )
    }

    /// money and smallmoney.
    pub const fn is_money(&self) -> bool {
        matches!(self, Self::Money | Self::SmallMoney)
    }

    /// real and float.
    pub const fn is_approximate(&self) -> bool {
        matches!(self, Self::Real | Self::Float)
    }

    /// Integers, bit, decimal, money.
    pub const fn is_exact_number(&self) -> bool {
        self.is_integer() || self.is_money() || matches!(self, Self::Bit | Self::Decimal { .. })
    }

    /// Any number, bit included.
    pub const fn is_number(&self) -> bool {
        self.is_exact_number() || self.is_approximate()
    }

    /// Any date or time type.
    pub const fn is_date_time(&self) -> bool {
        matches!(
            self,
            Self::Date
                | Self::Time(_)
                | Self::SmallDateTime
                | Self::DateTime
                | Self::DateTime2(_)
                | Self::DateTimeOffset(_)
        )
    }

    /// A `MAX` type, or a legacy large one, or xml.
    pub const fn is_max(&self) -> bool {
        matches!(
            self,
            Self::VarChar(Length::Max)
                | Self::NVarChar(Length::Max)
                | Self::VarBinary(Length::Max)
                | Self::Xml
        ) || self.is_legacy_large()
    }

    /// The declared length in characters or bytes; `None` for MAX and for types without one.
    pub const fn declared_length(&self) -> Option<u16> {
        match self {
            Self::Char(n) | Self::NChar(n) | Self::Binary(n) => Some(*n),
            Self::VarChar(Length::Limited(n))
            | Self::NVarChar(Length::Limited(n))
            | Self::VarBinary(Length::Limited(n)) => Some(*n),
            Self::RowVersion => Some(8),
            _ => None,
        }
    }

    /// Whether values of the type are padded to its length.
    pub const fn is_fixed_length(&self) -> bool {
        matches!(
            self,
            Self::Char(_) | Self::NChar(_) | Self::Binary(_) | Self::RowVersion
        )
    }

    /// Whether `=`, ORDER BY, DISTINCT and GROUP BY take the type.
    pub const fn is_comparable(&self) -> bool {
        !self.is_legacy_large() && !matches!(self, Self::Xml)
    }

    /// Places in Microsoft's list of data type precedence: the lower number wins.
    pub const fn precedence(&self) -> u8 {
        match self {
            Self::Variant => 2,
            Self::Xml => 3,
            Self::DateTimeOffset(_) => 4,
            Self::DateTime2(_) => 5,
            Self::DateTime => 6,
            Self::SmallDateTime => 7,
            Self::Date => 8,
            Self::Time(_) => 9,
            Self::Float => 10,
            Self::Real => 11,
            Self::Decimal { .. } => 12,
            Self::Money => 13,
            Self::SmallMoney => 14,
            Self::BigInt => 15,
            Self::Int => 16,
            Self::SmallInt => 17,
            Self::TinyInt => 18,
            Self::Bit => 19,
            Self::LegacyNText => 20,
            Self::LegacyText => 21,
            Self::LegacyImage => 22,
            Self::RowVersion => 23,
            Self::UniqueIdentifier => 24,
            Self::NVarChar(_) => 25,
            Self::NChar(_) => 26,
            Self::VarChar(_) => 27,
            Self::Char(_) => 28,
            Self::VarBinary(_) => 29,
            Self::Binary(_) => 30,
            Self::UntypedNull => 31,
        }
    }

    /// Digits that every value of a number type fits in, as decimal(p, s). `None` for other types.
    pub const fn as_decimal(&self) -> Option<(u8, u8)> {
        match self {
            Self::Bit => Some((1, 0)),
            Self::TinyInt => Some((3, 0)),
            Self::SmallInt => Some((5, 0)),
            Self::Int | Self::UntypedNull => Some((10, 0)),
            Self::BigInt => Some((19, 0)),
            Self::SmallMoney => Some((10, 4)),
            Self::Money => Some((19, 4)),
            Self::Decimal { precision, scale } => Some((*precision, *scale)),
            _ => None,
        }
    }

    /// The decimal type as which SQL Server takes an integer literal beside a decimal: as many
    /// digits as were written. This is why `1.0 / 3` has six digits after the point, not twelve.
    pub fn of_integer_literal(value: i64) -> Self {
        let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
        Self::decimal(digits as u8, 0)
    }
}
