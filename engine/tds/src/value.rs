//! How is a value written? `TYPE_VARBYTE`, in both directions, for every type.
//!
//! Values are normalised: times count 100 ns ticks whatever their scale, GUIDs are in printed
//! order, text is text whatever its code page. The type beside a value says how it travels.

use crate::reader::{Reader, utf16_from_bytes};
use crate::type_info::{BYTES_MAX, VARIANT_BYTES_MAX, decimal_length, token};
use crate::{Collation, DecodeError, EncodeError, FixedType, Length, TypeInfo};

/// A value on the wire.
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
    /// real.
    Real(f32),
    /// float.
    Float(f64),
    /// money and smallmoney, in ten-thousandths.
    Money(i64),
    /// decimal and numeric: `unscaled / 10^scale`, the scale being the type's.
    Decimal(i128),
    /// uniqueidentifier, in the order in which it is printed.
    UniqueIdentifier([u8; 16]),
    /// Text of any type.
    Text(String),
    /// Bytes of any type.
    Binary(Vec<u8>),
    /// date: days since 0001-01-01.
    Date(u32),
    /// time: 100 ns ticks since midnight.
    Time(u64),
    /// datetime2.
    DateTime2 {
        /// Days since 0001-01-01.
        days: u32,
        /// 100 ns ticks since midnight.
        ticks: u64,
    },
    /// datetimeoffset.
    DateTimeOffset {
        /// Days since 0001-01-01, in UTC.
        days: u32,
        /// 100 ns ticks since midnight, in UTC.
        ticks: u64,
        /// Offset in minutes.
        offset: i16,
    },
    /// datetime.
    DateTime {
        /// Days since 1900-01-01.
        days: i32,
        /// Three-hundredths of a second since midnight.
        ticks: u32,
    },
    /// smalldatetime.
    SmallDateTime {
        /// Days since 1900-01-01.
        days: u16,
        /// Minutes since midnight.
        minutes: u16,
    },
    /// sql_variant: a value with its own type, never NULL.
    Variant(Box<(TypeInfo, Value)>),
}

const PART: &str = "value";
/// 10^38: what a decimal cannot reach.
const DECIMAL_LIMIT: u128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;
/// 9999-12-31 as days since 0001-01-01.
const DATE_MAX: u32 = 3_652_058;
const TICKS_PER_DAY: u64 = 864_000_000_000;
/// 1753-01-01 and 9999-12-31 as days since 1900-01-01.
const DATETIME_DAYS: std::ops::RangeInclusive<i32> = -53_690..=2_958_463;
const DATETIME_TICKS_PER_DAY: u32 = 25_920_000;
const MINUTES_PER_DAY: u16 = 1440;
const OFFSET_MAX: i16 = 14 * 60;
const LENGTH_NULL: u16 = 0xFFFF;
const CHUNKED_NULL: u64 = 0xFFFF_FFFF_FFFF_FFFF;
const CHUNKED_UNKNOWN: u64 = 0xFFFF_FFFF_FFFF_FFFE;
const BYTE_ORDER_MARK: char = '\u{FEFF}';

impl Value {
    /// Which kind of value this is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bit(_) => "bit",
            Self::TinyInt(_) => "tinyint",
            Self::SmallInt(_) => "smallint",
            Self::Int(_) => "int",
            Self::BigInt(_) => "bigint",
            Self::Real(_) => "real",
            Self::Float(_) => "float",
            Self::Money(_) => "money",
            Self::Decimal(_) => "decimal",
            Self::UniqueIdentifier(_) => "uniqueidentifier",
            Self::Text(_) => "text",
            Self::Binary(_) => "binary",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::DateTime2 { .. } => "datetime2",
            Self::DateTimeOffset { .. } => "datetimeoffset",
            Self::DateTime { .. } => "datetime",
            Self::SmallDateTime { .. } => "smalldatetime",
            Self::Variant(_) => "sql_variant",
        }
    }

    /// Reads a value of the given type, as parameters carry it.
    pub fn decode(reader: &mut Reader<'_>, type_info: TypeInfo) -> Result<Self, DecodeError> {
        let token = type_info.token();
        match type_info {
            TypeInfo::Fixed(fixed) => decode_fixed(reader, fixed),
            TypeInfo::Bit
            | TypeInfo::TinyInt
            | TypeInfo::SmallInt
            | TypeInfo::Int
            | TypeInfo::BigInt
            | TypeInfo::Real
            | TypeInfo::Float
            | TypeInfo::SmallMoney
            | TypeInfo::Money
            | TypeInfo::SmallDateTime
            | TypeInfo::DateTime => {
                let fixed = nullable_fixed(type_info);
                let length = reader.u8(PART)?;
                if length == 0 {
                    return Ok(Self::Null);
                }
                if usize::from(length) != fixed_length(fixed) {
                    return Err(DecodeError::InvalidLength {
                        token,
                        length: u64::from(length),
                    });
                }
                decode_fixed(reader, fixed)
            }
            TypeInfo::Decimal { precision, .. } | TypeInfo::Numeric { precision, .. } => {
                match reader.u8(PART)? {
                    0 => Ok(Self::Null),
                    length @ 2..=17 => {
                        let bytes = reader.bytes(usize::from(length), PART)?;
                        decode_decimal(bytes, precision, type_info)
                    }
                    length => Err(DecodeError::InvalidLength {
                        token,
                        length: u64::from(length),
                    }),
                }
            }
            TypeInfo::UniqueIdentifier => match reader.u8(PART)? {
                0 => Ok(Self::Null),
                16 => Ok(Self::UniqueIdentifier(swap_guid(reader.array(PART)?))),
                length => Err(DecodeError::InvalidLength {
                    token,
                    length: u64::from(length),
                }),
            },
            TypeInfo::Date
            | TypeInfo::Time(_)
            | TypeInfo::DateTime2(_)
            | TypeInfo::DateTimeOffset(_) => {
                let length = usize::from(reader.u8(PART)?);
                if length == 0 {
                    return Ok(Self::Null);
                }
                decode_temporal(reader.bytes(length, PART)?, type_info)
            }
            TypeInfo::Char(..)
            | TypeInfo::VarChar(Length::Bytes(_), _)
            | TypeInfo::NChar(..)
            | TypeInfo::NVarChar(Length::Bytes(_), _)
            | TypeInfo::Binary(_)
            | TypeInfo::VarBinary(Length::Bytes(_)) => {
                let length = reader.u16(PART)?;
                if length == LENGTH_NULL {
                    return Ok(Self::Null);
                }
                if length > bytes_max(type_info) {
                    return Err(DecodeError::InvalidLength {
                        token,
                        length: u64::from(length),
                    });
                }
                decode_bytes(reader.bytes(usize::from(length), PART)?, type_info)
            }
            TypeInfo::VarChar(Length::Max, _)
            | TypeInfo::NVarChar(Length::Max, _)
            | TypeInfo::VarBinary(Length::Max)
            | TypeInfo::Xml => match read_chunks(reader, token)? {
                None => Ok(Self::Null),
                Some(bytes) => decode_bytes(&bytes, type_info),
            },
            TypeInfo::Text(_) | TypeInfo::NText(_) | TypeInfo::Image => {
                // Parameters carry no text pointer: length and bytes.
                let length = reader.u32(PART)?;
                if length == u32::MAX {
                    return Ok(Self::Null);
                }
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                decode_bytes(reader.bytes(length, PART)?, type_info)
            }
            TypeInfo::Variant => decode_variant(reader),
        }
    }

    /// Writes the value as a row or a return value carries it.
    pub fn encode(&self, type_info: TypeInfo, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match type_info {
            TypeInfo::Text(_) | TypeInfo::NText(_) | TypeInfo::Image => {
                if *self == Self::Null {
                    out.push(0);
                    return Ok(());
                }
                let bytes = self.encoded_bytes(type_info)?;
                // A text pointer and a time stamp come first. Nothing here reads them back, but
                // clients take their presence for "not NULL".
                out.push(16);
                out.extend([0; 16]);
                out.extend([0; 8]);
                out.extend(length_32(&bytes)?.to_le_bytes());
                out.extend(bytes);
                Ok(())
            }
            _ => self.encode_parameter(type_info, out),
        }
    }

    /// Writes the value as a parameter of a request carries it; it differs from
    /// [`encode`](Self::encode) for text, ntext and image only.
    pub fn encode_parameter(
        &self,
        type_info: TypeInfo,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if *self == Self::Null {
            return encode_null(type_info, out);
        }
        match type_info {
            TypeInfo::Fixed(fixed) => self.encode_fixed(fixed, out),
            TypeInfo::Bit
            | TypeInfo::TinyInt
            | TypeInfo::SmallInt
            | TypeInfo::Int
            | TypeInfo::BigInt
            | TypeInfo::Real
            | TypeInfo::Float
            | TypeInfo::SmallMoney
            | TypeInfo::Money
            | TypeInfo::SmallDateTime
            | TypeInfo::DateTime => {
                let fixed = nullable_fixed(type_info);
                out.push(u8::try_from(fixed_length(fixed)).expect("at most eight bytes"));
                self.encode_fixed(fixed, out)
            }
            TypeInfo::Decimal { precision, .. } | TypeInfo::Numeric { precision, .. } => {
                out.push(decimal_length(precision));
                self.encode_decimal(type_info, precision, out)
            }
            TypeInfo::UniqueIdentifier => {
                out.push(16);
                self.encode_guid(out)
            }
            TypeInfo::Date
            | TypeInfo::Time(_)
            | TypeInfo::DateTime2(_)
            | TypeInfo::DateTimeOffset(_) => {
                let at = out.len();
                out.push(0);
                self.encode_temporal(type_info, out)?;
                out[at] = u8::try_from(out.len() - at - 1).expect("at most ten bytes");
                Ok(())
            }
            TypeInfo::Char(..)
            | TypeInfo::VarChar(Length::Bytes(_), _)
            | TypeInfo::NChar(..)
            | TypeInfo::NVarChar(Length::Bytes(_), _)
            | TypeInfo::Binary(_)
            | TypeInfo::VarBinary(Length::Bytes(_)) => {
                let bytes = self.encoded_bytes(type_info)?;
                let length = u16::try_from(bytes.len())
                    .ok()
                    .filter(|length| *length <= bytes_max(type_info))
                    .ok_or(EncodeError::OutOfRange {
                        name: type_info.name(),
                    })?;
                out.extend(length.to_le_bytes());
                out.extend(bytes);
                Ok(())
            }
            TypeInfo::VarChar(Length::Max, _)
            | TypeInfo::NVarChar(Length::Max, _)
            | TypeInfo::VarBinary(Length::Max)
            | TypeInfo::Xml => {
                let bytes = self.encoded_bytes(type_info)?;
                let length = length_32(&bytes)?;
                out.extend(u64::from(length).to_le_bytes());
                if length > 0 {
                    out.extend(length.to_le_bytes());
                    out.extend(bytes);
                }
                out.extend(0_u32.to_le_bytes());
                Ok(())
            }
            TypeInfo::Text(_) | TypeInfo::NText(_) | TypeInfo::Image => {
                let bytes = self.encoded_bytes(type_info)?;
                out.extend(length_32(&bytes)?.to_le_bytes());
                out.extend(bytes);
                Ok(())
            }
            TypeInfo::Variant => self.encode_variant(out),
        }
    }

    fn mismatch<T>(&self, type_info: TypeInfo) -> Result<T, EncodeError> {
        Err(EncodeError::Mismatch {
            name: type_info.name(),
            value: self.kind(),
        })
    }

    fn encode_fixed(&self, fixed: FixedType, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let out_of_range = || EncodeError::OutOfRange {
            name: fixed.nullable().name(),
        };
        match (fixed, self) {
            (FixedType::Bit, Self::Bit(bit)) => out.push(u8::from(*bit)),
            (FixedType::TinyInt, Self::TinyInt(value)) => out.push(*value),
            (FixedType::SmallInt, Self::SmallInt(value)) => out.extend(value.to_le_bytes()),
            (FixedType::Int, Self::Int(value)) => out.extend(value.to_le_bytes()),
            (FixedType::BigInt, Self::BigInt(value)) => out.extend(value.to_le_bytes()),
            (FixedType::Real, Self::Real(value)) => out.extend(value.to_le_bytes()),
            (FixedType::Float, Self::Float(value)) => out.extend(value.to_le_bytes()),
            (FixedType::SmallMoney, Self::Money(value)) => {
                let value = i32::try_from(*value).map_err(|_| out_of_range())?;
                out.extend(value.to_le_bytes());
            }
            (FixedType::Money, Self::Money(value)) => {
                // The high half comes first, each half little endian.
                let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
                out.extend([e, f, g, h, a, b, c, d]);
            }
            (FixedType::SmallDateTime, Self::SmallDateTime { days, minutes }) => {
                if *minutes >= MINUTES_PER_DAY {
                    return Err(out_of_range());
                }
                out.extend(days.to_le_bytes());
                out.extend(minutes.to_le_bytes());
            }
            (FixedType::DateTime, Self::DateTime { days, ticks }) => {
                if !DATETIME_DAYS.contains(days) || *ticks >= DATETIME_TICKS_PER_DAY {
                    return Err(out_of_range());
                }
                out.extend(days.to_le_bytes());
                out.extend(ticks.to_le_bytes());
            }
            _ => return self.mismatch(TypeInfo::Fixed(fixed)),
        }
        Ok(())
    }

    fn encode_decimal(
        &self,
        type_info: TypeInfo,
        precision: u8,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let Self::Decimal(unscaled) = self else {
            return self.mismatch(type_info);
        };
        let magnitude = unscaled.unsigned_abs();
        if magnitude >= power_of_ten(precision) {
            return Err(EncodeError::OutOfRange {
                name: type_info.name(),
            });
        }
        out.push(u8::from(*unscaled >= 0));
        let bytes = magnitude.to_le_bytes();
        out.extend(
            bytes
                .iter()
                .take(usize::from(decimal_length(precision)) - 1),
        );
        Ok(())
    }

    fn encode_guid(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Self::UniqueIdentifier(guid) = self else {
            return self.mismatch(TypeInfo::UniqueIdentifier);
        };
        out.extend(swap_guid(*guid));
        Ok(())
    }

    fn encode_temporal(&self, type_info: TypeInfo, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let out_of_range = EncodeError::OutOfRange {
            name: type_info.name(),
        };
        let (days, ticks) = match (type_info, self) {
            (TypeInfo::Date, Self::Date(days)) => (*days, 0),
            (TypeInfo::Time(_), Self::Time(ticks)) => (0, *ticks),
            (TypeInfo::DateTime2(_), Self::DateTime2 { days, ticks }) => (*days, *ticks),
            (
                TypeInfo::DateTimeOffset(_),
                Self::DateTimeOffset {
                    days,
                    ticks,
                    offset,
                },
            ) => {
                if offset.unsigned_abs() > OFFSET_MAX.unsigned_abs() {
                    return Err(out_of_range);
                }
                (*days, *ticks)
            }
            _ => return self.mismatch(type_info),
        };
        if days > DATE_MAX || ticks >= TICKS_PER_DAY {
            return Err(out_of_range);
        }
        if let TypeInfo::Time(scale)
        | TypeInfo::DateTime2(scale)
        | TypeInfo::DateTimeOffset(scale) = type_info
        {
            let units = ticks / ticks_per_unit(scale);
            out.extend(units.to_le_bytes().iter().take(time_length(scale)));
        }
        if !matches!(type_info, TypeInfo::Time(_)) {
            out.extend(days.to_le_bytes().iter().take(3));
        }
        if let Self::DateTimeOffset { offset, .. } = self {
            out.extend(offset.to_le_bytes());
        }
        Ok(())
    }

    /// The bytes of a character or binary value, without any length.
    fn encoded_bytes(&self, type_info: TypeInfo) -> Result<Vec<u8>, EncodeError> {
        match (type_info, self) {
            (
                TypeInfo::Char(_, collation)
                | TypeInfo::VarChar(_, collation)
                | TypeInfo::Text(collation),
                Self::Text(text),
            ) => collation
                .encode(text)
                .map(std::borrow::Cow::into_owned)
                .map_err(|error| EncodeError::UnsupportedCodePage { lcid: error.lcid }),
            (
                TypeInfo::NChar(..) | TypeInfo::NVarChar(..) | TypeInfo::NText(_) | TypeInfo::Xml,
                Self::Text(text),
            ) => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            (
                TypeInfo::Binary(_) | TypeInfo::VarBinary(_) | TypeInfo::Image,
                Self::Binary(bytes),
            ) => Ok(bytes.clone()),
            _ => self.mismatch(type_info),
        }
    }

    fn encode_variant(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Self::Variant(inner) = self else {
            return self.mismatch(TypeInfo::Variant);
        };
        let (type_info, value) = inner.as_ref();
        let mut body = Vec::new();
        let mut properties = Vec::new();
        let base = match *type_info {
            TypeInfo::Fixed(FixedType::Null) | TypeInfo::Variant | TypeInfo::Xml => {
                return value.mismatch(TypeInfo::Variant);
            }
            TypeInfo::Text(_)
            | TypeInfo::NText(_)
            | TypeInfo::Image
            | TypeInfo::VarChar(Length::Max, _)
            | TypeInfo::NVarChar(Length::Max, _)
            | TypeInfo::VarBinary(Length::Max) => return value.mismatch(TypeInfo::Variant),
            TypeInfo::Fixed(fixed) => {
                value.encode_fixed(fixed, &mut body)?;
                fixed.token()
            }
            TypeInfo::Bit
            | TypeInfo::TinyInt
            | TypeInfo::SmallInt
            | TypeInfo::Int
            | TypeInfo::BigInt
            | TypeInfo::Real
            | TypeInfo::Float
            | TypeInfo::SmallMoney
            | TypeInfo::Money
            | TypeInfo::SmallDateTime
            | TypeInfo::DateTime => {
                let fixed = nullable_fixed(*type_info);
                value.encode_fixed(fixed, &mut body)?;
                TypeInfo::Fixed(fixed).token()
            }
            TypeInfo::Decimal { precision, scale } | TypeInfo::Numeric { precision, scale } => {
                properties.extend([precision, scale]);
                value.encode_decimal(*type_info, precision, &mut body)?;
                type_info.token()
            }
            TypeInfo::UniqueIdentifier => {
                value.encode_guid(&mut body)?;
                token::GUID
            }
            TypeInfo::Date
            | TypeInfo::Time(_)
            | TypeInfo::DateTime2(_)
            | TypeInfo::DateTimeOffset(_) => {
                if let TypeInfo::Time(scale)
                | TypeInfo::DateTime2(scale)
                | TypeInfo::DateTimeOffset(scale) = *type_info
                {
                    properties.push(scale);
                }
                value.encode_temporal(*type_info, &mut body)?;
                type_info.token()
            }
            TypeInfo::Char(_, collation)
            | TypeInfo::NChar(_, collation)
            | TypeInfo::VarChar(Length::Bytes(_), collation)
            | TypeInfo::NVarChar(Length::Bytes(_), collation) => {
                properties.extend(collation.to_bytes());
                properties.extend(bytes_max(*type_info).to_le_bytes());
                body = value.encoded_bytes(*type_info)?;
                type_info.token()
            }
            TypeInfo::Binary(_) | TypeInfo::VarBinary(Length::Bytes(_)) => {
                properties.extend(bytes_max(*type_info).to_le_bytes());
                body = value.encoded_bytes(*type_info)?;
                type_info.token()
            }
        };
        if body.len() > usize::from(bytes_max(*type_info)) {
            return Err(EncodeError::OutOfRange {
                name: type_info.name(),
            });
        }
        let length = u32::try_from(2 + properties.len() + body.len())
            .expect("at most 8000 bytes and a short description");
        out.extend(length.to_le_bytes());
        out.extend([
            base,
            u8::try_from(properties.len()).expect("at most seven bytes"),
        ]);
        out.extend(properties);
        out.extend(body);
        Ok(())
    }
}

fn encode_null(type_info: TypeInfo, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match type_info {
        TypeInfo::Fixed(FixedType::Null) => {}
        TypeInfo::Fixed(_) => return Value::Null.mismatch(type_info),
        TypeInfo::Variant | TypeInfo::Text(_) | TypeInfo::NText(_) | TypeInfo::Image => {
            let null = if type_info == TypeInfo::Variant {
                0
            } else {
                u32::MAX
            };
            out.extend(null.to_le_bytes());
        }
        _ if type_info.is_chunked() => out.extend(CHUNKED_NULL.to_le_bytes()),
        TypeInfo::Char(..)
        | TypeInfo::VarChar(..)
        | TypeInfo::NChar(..)
        | TypeInfo::NVarChar(..)
        | TypeInfo::Binary(_)
        | TypeInfo::VarBinary(_) => out.extend(LENGTH_NULL.to_le_bytes()),
        _ => out.push(0),
    }
    Ok(())
}

/// The declared bytes of a character or binary type; for every other type, no limit below the
/// protocol's own.
fn bytes_max(type_info: TypeInfo) -> u16 {
    match type_info {
        TypeInfo::Char(length, _)
        | TypeInfo::NChar(length, _)
        | TypeInfo::Binary(length)
        | TypeInfo::VarChar(Length::Bytes(length), _)
        | TypeInfo::NVarChar(Length::Bytes(length), _)
        | TypeInfo::VarBinary(Length::Bytes(length)) => length,
        _ => BYTES_MAX,
    }
}

fn nullable_fixed(type_info: TypeInfo) -> FixedType {
    match type_info {
        TypeInfo::Fixed(fixed) => fixed,
        TypeInfo::Bit => FixedType::Bit,
        TypeInfo::TinyInt => FixedType::TinyInt,
        TypeInfo::SmallInt => FixedType::SmallInt,
        TypeInfo::Int => FixedType::Int,
        TypeInfo::BigInt => FixedType::BigInt,
        TypeInfo::Real => FixedType::Real,
        TypeInfo::Float => FixedType::Float,
        TypeInfo::SmallMoney => FixedType::SmallMoney,
        TypeInfo::Money => FixedType::Money,
        TypeInfo::SmallDateTime => FixedType::SmallDateTime,
        TypeInfo::DateTime => FixedType::DateTime,
        _ => FixedType::Null,
    }
}

fn fixed_length(fixed: FixedType) -> usize {
    match fixed {
        FixedType::Null => 0,
        FixedType::Bit | FixedType::TinyInt => 1,
        FixedType::SmallInt => 2,
        FixedType::Int | FixedType::Real | FixedType::SmallMoney | FixedType::SmallDateTime => 4,
        FixedType::BigInt | FixedType::Float | FixedType::Money | FixedType::DateTime => 8,
    }
}

fn decode_fixed(reader: &mut Reader<'_>, fixed: FixedType) -> Result<Value, DecodeError> {
    let invalid = DecodeError::InvalidValue {
        name: TypeInfo::Fixed(fixed).name(),
    };
    Ok(match fixed {
        FixedType::Null => Value::Null,
        FixedType::Bit => Value::Bit(reader.u8(PART)? != 0),
        FixedType::TinyInt => Value::TinyInt(reader.u8(PART)?),
        FixedType::SmallInt => Value::SmallInt(i16::from_le_bytes(reader.array(PART)?)),
        FixedType::Int => Value::Int(reader.i32(PART)?),
        FixedType::BigInt => Value::BigInt(i64::from_le_bytes(reader.array(PART)?)),
        FixedType::Real => {
            let value = f32::from_le_bytes(reader.array(PART)?);
            if !value.is_finite() {
                return Err(invalid);
            }
            Value::Real(value)
        }
        FixedType::Float => {
            let value = f64::from_le_bytes(reader.array(PART)?);
            if !value.is_finite() {
                return Err(invalid);
            }
            Value::Float(value)
        }
        FixedType::SmallMoney => Value::Money(i64::from(reader.i32(PART)?)),
        FixedType::Money => {
            let [e, f, g, h, a, b, c, d] = reader.array(PART)?;
            Value::Money(i64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
        FixedType::SmallDateTime => {
            let days = reader.u16(PART)?;
            let minutes = reader.u16(PART)?;
            if minutes >= MINUTES_PER_DAY {
                return Err(invalid);
            }
            Value::SmallDateTime { days, minutes }
        }
        FixedType::DateTime => {
            let days = reader.i32(PART)?;
            let ticks = reader.u32(PART)?;
            if !DATETIME_DAYS.contains(&days) || ticks >= DATETIME_TICKS_PER_DAY {
                return Err(invalid);
            }
            Value::DateTime { days, ticks }
        }
    })
}

fn power_of_ten(precision: u8) -> u128 {
    10_u128
        .checked_pow(u32::from(precision))
        .map_or(DECIMAL_LIMIT, |power| power.min(DECIMAL_LIMIT))
}

/// A decimal's sign and magnitude, 1 to 16 bytes long.
fn decode_decimal(bytes: &[u8], precision: u8, type_info: TypeInfo) -> Result<Value, DecodeError> {
    let invalid = DecodeError::InvalidValue {
        name: type_info.name(),
    };
    let (sign, digits) = bytes
        .split_first()
        .ok_or(DecodeError::Truncated { part: PART })?;
    let mut wide = [0; 16];
    wide.get_mut(..digits.len())
        .ok_or(invalid.clone())?
        .copy_from_slice(digits);
    let magnitude = u128::from_le_bytes(wide);
    if magnitude >= power_of_ten(precision) {
        return Err(invalid);
    }
    let magnitude = i128::try_from(magnitude).map_err(|_| invalid.clone())?;
    match sign {
        0 => Ok(Value::Decimal(-magnitude)),
        1 => Ok(Value::Decimal(magnitude)),
        _ => Err(invalid),
    }
}

/// Between the wire's mixed byte order and the printed one; its own inverse.
fn swap_guid(bytes: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
    let [i, j, k, l, m, n, o, p] = rest;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

fn time_length(scale: u8) -> usize {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

fn ticks_per_unit(scale: u8) -> u64 {
    10_u64.pow(u32::from(7_u8.saturating_sub(scale)))
}

fn decode_temporal(bytes: &[u8], type_info: TypeInfo) -> Result<Value, DecodeError> {
    let invalid = DecodeError::InvalidValue {
        name: type_info.name(),
    };
    let expected = match type_info {
        TypeInfo::Time(scale) => time_length(scale),
        TypeInfo::DateTime2(scale) => time_length(scale) + 3,
        TypeInfo::DateTimeOffset(scale) => time_length(scale) + 5,
        _ => 3,
    };
    if bytes.len() != expected {
        return Err(DecodeError::InvalidLength {
            token: type_info.token(),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        });
    }
    let mut reader = Reader::new(bytes);
    let ticks = match type_info {
        TypeInfo::Time(scale) | TypeInfo::DateTime2(scale) | TypeInfo::DateTimeOffset(scale) => {
            let mut wide = [0; 8];
            let raw = reader.bytes(time_length(scale), PART)?;
            wide.iter_mut().zip(raw).for_each(|(to, from)| *to = *from);
            // At most five bytes times 10^7: far below 2^64.
            let ticks = u64::from_le_bytes(wide) * ticks_per_unit(scale);
            if ticks >= TICKS_PER_DAY {
                return Err(invalid);
            }
            ticks
        }
        _ => 0,
    };
    if let TypeInfo::Time(_) = type_info {
        return Ok(Value::Time(ticks));
    }
    let [a, b, c] = reader.array(PART)?;
    let days = u32::from_le_bytes([a, b, c, 0]);
    if days > DATE_MAX {
        return Err(invalid);
    }
    Ok(match type_info {
        TypeInfo::DateTime2(_) => Value::DateTime2 { days, ticks },
        TypeInfo::DateTimeOffset(_) => {
            let offset = i16::from_le_bytes(reader.array(PART)?);
            if offset.unsigned_abs() > OFFSET_MAX.unsigned_abs() {
                return Err(invalid);
            }
            Value::DateTimeOffset {
                days,
                ticks,
                offset,
            }
        }
        _ => Value::Date(days),
    })
}

fn decode_bytes(bytes: &[u8], type_info: TypeInfo) -> Result<Value, DecodeError> {
    let narrow = |collation: Collation| {
        collation
            .decode(bytes)
            .map(Value::Text)
            .map_err(|error| DecodeError::UnsupportedCodePage { lcid: error.lcid })
    };
    match type_info {
        TypeInfo::Char(_, collation)
        | TypeInfo::VarChar(_, collation)
        | TypeInfo::Text(collation) => narrow(collation),
        TypeInfo::NChar(..) | TypeInfo::NVarChar(..) | TypeInfo::NText(_) => {
            Ok(Value::Text(utf16_from_bytes(bytes, PART)?))
        }
        TypeInfo::Xml => {
            let text = utf16_from_bytes(bytes, "xml value")?;
            Ok(Value::Text(
                text.strip_prefix(BYTE_ORDER_MARK)
                    .map(str::to_owned)
                    .unwrap_or(text),
            ))
        }
        _ => Ok(Value::Binary(bytes.to_vec())),
    }
}

/// The chunks of a MAX value, joined; `None` for NULL.
fn read_chunks(reader: &mut Reader<'_>, token: u8) -> Result<Option<Vec<u8>>, DecodeError> {
    let announced = reader.u64(PART)?;
    if announced == CHUNKED_NULL {
        return Ok(None);
    }
    // The announced length is believed only after the fact: it is the client's word, the
    // chunks are bytes that have arrived.
    let mut bytes = Vec::new();
    loop {
        let length = usize::try_from(reader.u32(PART)?).unwrap_or(usize::MAX);
        if length == 0 {
            break;
        }
        bytes.extend_from_slice(reader.bytes(length, PART)?);
    }
    if announced != CHUNKED_UNKNOWN && u64::try_from(bytes.len()).ok() != Some(announced) {
        return Err(DecodeError::InvalidLength {
            token,
            length: announced,
        });
    }
    Ok(Some(bytes))
}

fn decode_variant(reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    const VARIANT: &str = "sql_variant value";
    let length = reader.u32(VARIANT)?;
    if length == 0 {
        return Ok(Value::Null);
    }
    if length > VARIANT_BYTES_MAX {
        return Err(DecodeError::InvalidLength {
            token: token::VARIANT,
            length: u64::from(length),
        });
    }
    let mut body =
        Reader::new(reader.bytes(usize::try_from(length).unwrap_or(usize::MAX), VARIANT)?);
    let base = body.u8(VARIANT)?;
    let properties_length = usize::from(body.u8(VARIANT)?);
    let properties = body.bytes(properties_length, VARIANT)?;
    // Put together as the type would stand alone, so that one reader judges both. A type that
    // a variant cannot hold either has no such description or is refused below.
    let mut described = vec![base];
    match base {
        token::DECIMAL_N | token::NUMERIC_N => described.push(17),
        token::GUID => described.push(16),
        token::BIG_CHAR | token::BIG_VARCHAR | token::NCHAR | token::NVARCHAR => {
            // Here the collation comes first, and the length second.
            let (collation, length) = properties
                .split_at_checked(5)
                .ok_or(DecodeError::Truncated { part: VARIANT })?;
            described.extend_from_slice(length);
            described.extend_from_slice(collation);
        }
        _ => {}
    }
    if !matches!(
        base,
        token::BIG_CHAR | token::BIG_VARCHAR | token::NCHAR | token::NVARCHAR
    ) {
        described.extend_from_slice(properties);
    }
    let mut description = Reader::new(&described);
    let type_info = TypeInfo::decode(&mut description)?;
    let invalid = DecodeError::InvalidLength {
        token: token::VARIANT,
        length: u64::from(length),
    };
    if !description.is_empty() {
        return Err(invalid);
    }
    let bytes = body.rest();
    let value = match type_info {
        TypeInfo::Fixed(FixedType::Null)
        | TypeInfo::Variant
        | TypeInfo::Xml
        | TypeInfo::Text(_)
        | TypeInfo::NText(_)
        | TypeInfo::Image
        | TypeInfo::VarChar(Length::Max, _)
        | TypeInfo::NVarChar(Length::Max, _)
        | TypeInfo::VarBinary(Length::Max) => {
            return Err(DecodeError::InvalidValue {
                name: "sql_variant",
            });
        }
        TypeInfo::Fixed(fixed) => {
            let value = decode_fixed(&mut body, fixed)?;
            if !body.is_empty() {
                return Err(invalid);
            }
            value
        }
        TypeInfo::Decimal { precision, .. } | TypeInfo::Numeric { precision, .. } => {
            if bytes.len() < 2 {
                return Err(invalid);
            }
            decode_decimal(bytes, precision, type_info)?
        }
        TypeInfo::UniqueIdentifier => {
            Value::UniqueIdentifier(swap_guid(bytes.try_into().map_err(|_| invalid)?))
        }
        TypeInfo::Date
        | TypeInfo::Time(_)
        | TypeInfo::DateTime2(_)
        | TypeInfo::DateTimeOffset(_) => decode_temporal(bytes, type_info)?,
        _ if bytes.len() > usize::from(bytes_max(type_info)) => return Err(invalid),
        TypeInfo::Char(..)
        | TypeInfo::VarChar(..)
        | TypeInfo::NChar(..)
        | TypeInfo::NVarChar(..)
        | TypeInfo::Binary(_)
        | TypeInfo::VarBinary(_) => decode_bytes(bytes, type_info)?,
        // INTN and its kin describe themselves with a length, which a variant does not use.
        _ => {
            return Err(DecodeError::InvalidValue {
                name: "sql_variant",
            });
        }
    };
    Ok(Value::Variant(Box::new((type_info, value))))
}

fn length_32(bytes: &[u8]) -> Result<u32, EncodeError> {
    u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= 0x7FFF_FFFF)
        .ok_or(EncodeError::TooLong { part: "value" })
}
