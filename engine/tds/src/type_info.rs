//! How does the wire name a type? `TYPE_INFO`: a token, and what the token needs.

use crate::reader::Reader;
use crate::{Collation, DecodeError};

/// A length in bytes, or MAX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// At most this many bytes, up to 8000. For `nchar` types twice the characters.
    Bytes(u16),
    /// MAX: sent in chunks.
    Max,
}

/// A type of fixed length, which cannot hold NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FixedType {
    /// The type of a bare NULL; it can hold nothing else.
    Null,
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
    /// real.
    Real,
    /// float.
    Float,
    /// smallmoney.
    SmallMoney,
    /// money.
    Money,
    /// smalldatetime.
    SmallDateTime,
    /// datetime.
    DateTime,
}

/// A type as the wire describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeInfo {
    /// A type without NULL.
    Fixed(FixedType),
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
    /// real.
    Real,
    /// float.
    Float,
    /// smallmoney.
    SmallMoney,
    /// money.
    Money,
    /// smalldatetime.
    SmallDateTime,
    /// datetime.
    DateTime,
    /// decimal.
    Decimal {
        /// 1 to 38.
        precision: u8,
        /// 0 to precision.
        scale: u8,
    },
    /// numeric: decimal under its other name, which clients show.
    Numeric {
        /// 1 to 38.
        precision: u8,
        /// 0 to precision.
        scale: u8,
    },
    /// uniqueidentifier.
    UniqueIdentifier,
    /// char, in bytes.
    Char(u16, Collation),
    /// varchar.
    VarChar(Length, Collation),
    /// nchar, in bytes.
    NChar(u16, Collation),
    /// nvarchar.
    NVarChar(Length, Collation),
    /// binary.
    Binary(u16),
    /// varbinary.
    VarBinary(Length),
    /// text.
    Text(Collation),
    /// ntext.
    NText(Collation),
    /// image.
    Image,
    /// date.
    Date,
    /// time, with 0 to 7 digits of a second.
    Time(u8),
    /// datetime2, with 0 to 7 digits of a second.
    DateTime2(u8),
    /// datetimeoffset, with 0 to 7 digits of a second.
    DateTimeOffset(u8),
    /// xml, without schema.
    Xml,
    /// sql_variant.
    Variant,
}

pub(crate) mod token {
    pub(crate) const NULL: u8 = 0x1F;
    pub(crate) const IMAGE: u8 = 0x22;
    pub(crate) const TEXT: u8 = 0x23;
    pub(crate) const GUID: u8 = 0x24;
    pub(crate) const INT_N: u8 = 0x26;
    pub(crate) const DATE_N: u8 = 0x28;
    pub(crate) const TIME_N: u8 = 0x29;
    pub(crate) const DATETIME2_N: u8 = 0x2A;
    pub(crate) const DATETIMEOFFSET_N: u8 = 0x2B;
    pub(crate) const INT1: u8 = 0x30;
    pub(crate) const BIT: u8 = 0x32;
    pub(crate) const INT2: u8 = 0x34;
    pub(crate) const INT4: u8 = 0x38;
    pub(crate) const DATETIM4: u8 = 0x3A;
    pub(crate) const FLT4: u8 = 0x3B;
    pub(crate) const MONEY: u8 = 0x3C;
    pub(crate) const DATETIME: u8 = 0x3D;
    pub(crate) const FLT8: u8 = 0x3E;
    pub(crate) const VARIANT: u8 = 0x62;
    pub(crate) const NTEXT: u8 = 0x63;
    pub(crate) const BIT_N: u8 = 0x68;
    pub(crate) const DECIMAL_N: u8 = 0x6A;
    pub(crate) const NUMERIC_N: u8 = 0x6C;
    pub(crate) const FLT_N: u8 = 0x6D;
    pub(crate) const MONEY_N: u8 = 0x6E;
    pub(crate) const DATETIM_N: u8 = 0x6F;
    pub(crate) const MONEY4: u8 = 0x7A;
    pub(crate) const INT8: u8 = 0x7F;
    pub(crate) const BIG_VARBINARY: u8 = 0xA5;
    pub(crate) const BIG_VARCHAR: u8 = 0xA7;
    pub(crate) const BIG_BINARY: u8 = 0xAD;
    pub(crate) const BIG_CHAR: u8 = 0xAF;
    pub(crate) const NVARCHAR: u8 = 0xE7;
    pub(crate) const NCHAR: u8 = 0xEF;
    pub(crate) const UDT: u8 = 0xF0;
    pub(crate) const XML: u8 = 0xF1;
    pub(crate) const TVP: u8 = 0xF3;
    pub(crate) const JSON: u8 = 0xF4;
    pub(crate) const VECTOR: u8 = 0xF5;
}

/// The most bytes of a type that is not MAX.
pub(crate) const BYTES_MAX: u16 = 8000;
/// The most bytes of a sql_variant, with its description.
pub(crate) const VARIANT_BYTES_MAX: u32 = 8016;
const LENGTH_MAX: u16 = 0xFFFF;

impl FixedType {
    fn from_token(token: u8) -> Option<Self> {
        Some(match token {
            token::NULL => Self::Null,
            token::BIT => Self::Bit,
            token::INT1 => Self::TinyInt,
            token::INT2 => Self::SmallInt,
            token::INT4 => Self::Int,
            token::INT8 => Self::BigInt,
            token::FLT4 => Self::Real,
            token::FLT8 => Self::Float,
            token::MONEY4 => Self::SmallMoney,
            token::MONEY => Self::Money,
            token::DATETIM4 => Self::SmallDateTime,
            token::DATETIME => Self::DateTime,
            _ => return None,
        })
    }

    pub(crate) fn token(self) -> u8 {
        match self {
            Self::Null => token::NULL,
            Self::Bit => token::BIT,
            Self::TinyInt => token::INT1,
            Self::SmallInt => token::INT2,
            Self::Int => token::INT4,
            Self::BigInt => token::INT8,
            Self::Real => token::FLT4,
            Self::Float => token::FLT8,
            Self::SmallMoney => token::MONEY4,
            Self::Money => token::MONEY,
            Self::SmallDateTime => token::DATETIM4,
            Self::DateTime => token::DATETIME,
        }
    }

    /// The same type with room for NULL. A bare NULL becomes an int, as on the server.
    pub fn nullable(self) -> TypeInfo {
        match self {
            Self::Bit => TypeInfo::Bit,
            Self::TinyInt => TypeInfo::TinyInt,
            Self::SmallInt => TypeInfo::SmallInt,
            Self::Null | Self::Int => TypeInfo::Int,
            Self::BigInt => TypeInfo::BigInt,
            Self::Real => TypeInfo::Real,
            Self::Float => TypeInfo::Float,
            Self::SmallMoney => TypeInfo::SmallMoney,
            Self::Money => TypeInfo::Money,
            Self::SmallDateTime => TypeInfo::SmallDateTime,
            Self::DateTime => TypeInfo::DateTime,
        }
    }
}

impl TypeInfo {
    /// The first byte.
    pub fn token(self) -> u8 {
        match self {
            Self::Fixed(fixed) => fixed.token(),
            Self::Bit => token::BIT_N,
            Self::TinyInt | Self::SmallInt | Self::Int | Self::BigInt => token::INT_N,
            Self::Real | Self::Float => token::FLT_N,
            Self::SmallMoney | Self::Money => token::MONEY_N,
            Self::SmallDateTime | Self::DateTime => token::DATETIM_N,
            Self::Decimal { .. } => token::DECIMAL_N,
            Self::Numeric { .. } => token::NUMERIC_N,
            Self::UniqueIdentifier => token::GUID,
            Self::Char(..) => token::BIG_CHAR,
            Self::VarChar(..) => token::BIG_VARCHAR,
            Self::NChar(..) => token::NCHAR,
            Self::NVarChar(..) => token::NVARCHAR,
            Self::Binary(_) => token::BIG_BINARY,
            Self::VarBinary(_) => token::BIG_VARBINARY,
            Self::Text(_) => token::TEXT,
            Self::NText(_) => token::NTEXT,
            Self::Image => token::IMAGE,
            Self::Date => token::DATE_N,
            Self::Time(_) => token::TIME_N,
            Self::DateTime2(_) => token::DATETIME2_N,
            Self::DateTimeOffset(_) => token::DATETIMEOFFSET_N,
            Self::Xml => token::XML,
            Self::Variant => token::VARIANT,
        }
    }

    /// The type's name in T-SQL, without arguments.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed(FixedType::Null) => "void type",
            Self::Fixed(fixed) => fixed.nullable().name(),
            Self::Bit => "bit",
            Self::TinyInt => "tinyint",
            Self::SmallInt => "smallint",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Real => "real",
            Self::Float => "float",
            Self::SmallMoney => "smallmoney",
            Self::Money => "money",
            Self::SmallDateTime => "smalldatetime",
            Self::DateTime => "datetime",
            Self::Decimal { .. } => "decimal",
            Self::Numeric { .. } => "numeric",
            Self::UniqueIdentifier => "uniqueidentifier",
            Self::Char(..) => "char",
            Self::VarChar(..) => "varchar",
            Self::NChar(..) => "nchar",
            Self::NVarChar(..) => "nvarchar",
            Self::Binary(_) => "binary",
            Self::VarBinary(_) => "varbinary",
            Self::Text(_) => "text",
            Self::NText(_) => "ntext",
            Self::Image => "image",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::DateTime2(_) => "datetime2",
            Self::DateTimeOffset(_) => "datetimeoffset",
            Self::Xml => "xml",
            Self::Variant => "sql_variant",
        }
    }

    /// Whether values are written in chunks.
    pub fn is_chunked(self) -> bool {
        matches!(
            self,
            Self::VarChar(Length::Max, _)
                | Self::NVarChar(Length::Max, _)
                | Self::VarBinary(Length::Max)
                | Self::Xml
        )
    }

    /// Whether the metadata of a column of this type names the column's table.
    pub fn names_its_table(self) -> bool {
        matches!(self, Self::Text(_) | Self::NText(_) | Self::Image)
    }

    /// Reads a type.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        const PART: &str = "data type";
        let token = reader.u8(PART)?;
        if let Some(fixed) = FixedType::from_token(token) {
            return Ok(Self::Fixed(fixed));
        }
        let invalid_length = |length: u8| DecodeError::InvalidLength {
            token,
            length: u64::from(length),
        };
        Ok(match token {
            token::INT_N => match reader.u8(PART)? {
                1 => Self::TinyInt,
                2 => Self::SmallInt,
                4 => Self::Int,
                8 => Self::BigInt,
                length => return Err(invalid_length(length)),
            },
            token::BIT_N => match reader.u8(PART)? {
                1 => Self::Bit,
                length => return Err(invalid_length(length)),
            },
            token::FLT_N => match reader.u8(PART)? {
                4 => Self::Real,
                8 => Self::Float,
                length => return Err(invalid_length(length)),
            },
            token::MONEY_N => match reader.u8(PART)? {
                4 => Self::SmallMoney,
                8 => Self::Money,
                length => return Err(invalid_length(length)),
            },
            token::DATETIM_N => match reader.u8(PART)? {
                4 => Self::SmallDateTime,
                8 => Self::DateTime,
                length => return Err(invalid_length(length)),
            },
            token::DECIMAL_N | token::NUMERIC_N => {
                let length = reader.u8(PART)?;
                if !(2..=17).contains(&length) {
                    return Err(invalid_length(length));
                }
                let precision = reader.u8(PART)?;
                let scale = reader.u8(PART)?;
                if !(1..=38).contains(&precision) || scale > precision {
                    return Err(DecodeError::InvalidPrecision { token });
                }
                if token == token::DECIMAL_N {
                    Self::Decimal { precision, scale }
                } else {
                    Self::Numeric { precision, scale }
                }
            }
            token::GUID => match reader.u8(PART)? {
                16 => Self::UniqueIdentifier,
                length => return Err(invalid_length(length)),
            },
            token::BIG_CHAR => {
                let length = limited(reader, token)?;
                Self::Char(length, collation(reader)?)
            }
            token::NCHAR => {
                let length = limited(reader, token)?;
                Self::NChar(length, collation(reader)?)
            }
            token::BIG_VARCHAR => {
                let length = limited_or_max(reader, token)?;
                Self::VarChar(length, collation(reader)?)
            }
            token::NVARCHAR => {
                let length = limited_or_max(reader, token)?;
                Self::NVarChar(length, collation(reader)?)
            }
            token::BIG_BINARY => Self::Binary(limited(reader, token)?),
            token::BIG_VARBINARY => Self::VarBinary(limited_or_max(reader, token)?),
            token::TEXT => {
                reader.u32(PART)?;
                Self::Text(collation(reader)?)
            }
            token::NTEXT => {
                reader.u32(PART)?;
                Self::NText(collation(reader)?)
            }
            token::IMAGE => {
                reader.u32(PART)?;
                Self::Image
            }
            token::DATE_N => Self::Date,
            token::TIME_N => Self::Time(fraction(reader, token)?),
            token::DATETIME2_N => Self::DateTime2(fraction(reader, token)?),
            token::DATETIMEOFFSET_N => Self::DateTimeOffset(fraction(reader, token)?),
            token::XML => {
                if reader.u8(PART)? != 0 {
                    // A schema collection: read over, because nothing here validates.
                    reader.b_varchar("xml schema database")?;
                    reader.b_varchar("xml schema owner")?;
                    reader.us_varchar("xml schema collection")?;
                }
                Self::Xml
            }
            token::VARIANT => {
                let length = reader.u32(PART)?;
                if length > VARIANT_BYTES_MAX {
                    return Err(DecodeError::InvalidLength {
                        token,
                        length: u64::from(length),
                    });
                }
                Self::Variant
            }
            token::UDT => return Err(unsupported(token, "a CLR type")),
            token::TVP => return Err(unsupported(token, "a table type")),
            token::JSON => return Err(unsupported(token, "json")),
            token::VECTOR => return Err(unsupported(token, "vector")),
            // The types of the versions before 7.0, which no client of 7.3 sends.
            0x25 => return Err(unsupported(token, "legacy varbinary")),
            0x27 => return Err(unsupported(token, "legacy varchar")),
            0x2D => return Err(unsupported(token, "legacy binary")),
            0x2F => return Err(unsupported(token, "legacy char")),
            0x37 => return Err(unsupported(token, "legacy decimal")),
            0x3F => return Err(unsupported(token, "legacy numeric")),
            _ => return Err(DecodeError::UnknownType { token }),
        })
    }

    /// Writes the type.
    pub fn encode(self, out: &mut Vec<u8>) {
        out.push(self.token());
        match self {
            Self::Fixed(_) | Self::Date => {}
            Self::Bit | Self::TinyInt => out.push(1),
            Self::SmallInt => out.push(2),
            Self::Int | Self::Real | Self::SmallMoney | Self::SmallDateTime => out.push(4),
            Self::BigInt | Self::Float | Self::Money | Self::DateTime => out.push(8),
            Self::Decimal { precision, scale } | Self::Numeric { precision, scale } => {
                out.extend([decimal_length(precision), precision, scale]);
            }
            Self::UniqueIdentifier => out.push(16),
            Self::Char(length, collation) | Self::NChar(length, collation) => {
                out.extend(length.to_le_bytes());
                out.extend(collation.to_bytes());
            }
            Self::VarChar(length, collation) | Self::NVarChar(length, collation) => {
                out.extend(length.to_wire().to_le_bytes());
                out.extend(collation.to_bytes());
            }
            Self::Binary(length) => out.extend(length.to_le_bytes()),
            Self::VarBinary(length) => out.extend(length.to_wire().to_le_bytes()),
            Self::Text(collation) => {
                out.extend(0x7FFF_FFFF_u32.to_le_bytes());
                out.extend(collation.to_bytes());
            }
            Self::NText(collation) => {
                out.extend(0x7FFF_FFFE_u32.to_le_bytes());
                out.extend(collation.to_bytes());
            }
            Self::Image => out.extend(0x7FFF_FFFF_u32.to_le_bytes()),
            Self::Time(scale) | Self::DateTime2(scale) | Self::DateTimeOffset(scale) => {
                out.push(scale);
            }
            Self::Xml => out.push(0),
            Self::Variant => out.extend(VARIANT_BYTES_MAX.to_le_bytes()),
        }
    }
}

impl Length {
    fn to_wire(self) -> u16 {
        match self {
            Self::Bytes(length) => length,
            Self::Max => LENGTH_MAX,
        }
    }
}

/// Bytes of a decimal of the given precision, with its sign.
pub(crate) fn decimal_length(precision: u8) -> u8 {
    match precision {
        0..=9 => 5,
        10..=19 => 9,
        20..=28 => 13,
        _ => 17,
    }
}

fn unsupported(token: u8, name: &'static str) -> DecodeError {
    DecodeError::UnsupportedType { token, name }
}

fn collation(reader: &mut Reader<'_>) -> Result<Collation, DecodeError> {
    Ok(Collation::from_bytes(reader.array("collation")?))
}

fn limited(reader: &mut Reader<'_>, token: u8) -> Result<u16, DecodeError> {
    let length = reader.u16("data type")?;
    if length > BYTES_MAX {
        return Err(DecodeError::InvalidLength {
            token,
            length: u64::from(length),
        });
    }
    Ok(length)
}

fn limited_or_max(reader: &mut Reader<'_>, token: u8) -> Result<Length, DecodeError> {
    let length = reader.u16("data type")?;
    match length {
        LENGTH_MAX => Ok(Length::Max),
        0..=BYTES_MAX => Ok(Length::Bytes(length)),
        _ => Err(DecodeError::InvalidLength {
            token,
            length: u64::from(length),
        }),
    }
}

fn fraction(reader: &mut Reader<'_>, token: u8) -> Result<u8, DecodeError> {
    match reader.u8("data type")? {
        scale @ 0..=7 => Ok(scale),
        _ => Err(DecodeError::InvalidPrecision { token }),
    }
}
