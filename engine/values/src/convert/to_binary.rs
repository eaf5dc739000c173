//! How does a value become bytes, or a uniqueidentifier?

use super::TooLong;
use super::to_text::hexadecimal;
use crate::calendar::{DATETIME_TICKS, DAY};
use crate::code_page;
use crate::messages::{error_converting, guid_from_text, invalid_style};
use crate::{SqlError, SqlType, Value};

pub(super) fn to_binary(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
    too_long: TooLong<'_>,
) -> Result<Value, SqlError> {
    if let Value::Binary(bytes) = value
        && to.declared_length().is_none_or(|limit| {
            let limit = usize::from(limit);
            bytes.len() == limit || (bytes.len() < limit && !to.is_fixed_length())
        })
    {
        return Ok(value.clone());
    }
    let bytes: Vec<u8> = match value {
        Value::Binary(bytes) => bytes.to_vec(),
        Value::Text(text) => of_text(text, from, to, style.unwrap_or(0))?,
        Value::Bit(bit) => vec![u8::from(*bit)],
        Value::TinyInt(number) => vec![*number],
        Value::SmallInt(number) => number.to_be_bytes().to_vec(),
        Value::Int(number) => number.to_be_bytes().to_vec(),
        Value::BigInt(number) => number.to_be_bytes().to_vec(),
        Value::Money(money) if matches!(from, SqlType::SmallMoney) => {
            (*money as i32).to_be_bytes().to_vec()
        }
        Value::Money(money) => money.to_be_bytes().to_vec(),
        Value::Real(real) => real.to_be_bytes().to_vec(),
        Value::Float(float) => float.to_be_bytes().to_vec(),
        Value::Decimal { unscaled, scale } => decimal_bytes(*unscaled, *scale, from),
        Value::Guid(guid) => guid_bytes(guid).to_vec(),
        Value::Date(days) => days.to_le_bytes()[..3].to_vec(),
        Value::Time(ticks) => scaled_time(*ticks, scale_of(from)),
        Value::DateTime2(ticks) => {
            let mut bytes = scaled_time(ticks % DAY, scale_of(from));
            bytes.extend_from_slice(&((ticks / DAY) as i32).to_le_bytes()[..3]);
            bytes
        }
        Value::DateTimeOffset { utc, offset } => {
            let mut bytes = scaled_time(utc % DAY, scale_of(from));
            bytes.extend_from_slice(&((utc / DAY) as i32).to_le_bytes()[..3]);
            bytes.extend_from_slice(&offset.to_le_bytes());
            bytes
        }
        Value::DateTime { days, ticks } if matches!(from, SqlType::SmallDateTime) => {
            let minutes = (ticks / (60 * 300)) as u16;
            [(*days as u16).to_be_bytes(), minutes.to_be_bytes()].concat()
        }
        Value::DateTime { days, ticks } => {
            debug_assert!(*ticks < DATETIME_TICKS);
            [days.to_be_bytes(), ticks.to_be_bytes()].concat()
        }
        Value::Null | Value::Variant(_) => return Err(error_converting(from, to)),
    };
    fit(bytes, from, to, too_long)
}

/// Text and bytes keep their beginning, numbers their end.
fn fit(
    mut bytes: Vec<u8>,
    from: &SqlType,
    to: &SqlType,
    too_long: TooLong<'_>,
) -> Result<Value, SqlError> {
    let Some(limit) = to.declared_length().map(usize::from) else {
        return Ok(Value::binary(bytes));
    };
    let is_number = from.is_number();
    if bytes.len() > limit {
        if is_number {
            bytes.drain(..bytes.len() - limit);
        } else {
            let kept = format!("0x{}", hexadecimal(&bytes[..limit]));
            if let Some(refusal) = too_long.refusal(&kept) {
                return Err(refusal);
            }
            bytes.truncate(limit);
        }
    } else if bytes.len() < limit && to.is_fixed_length() {
        let missing = limit - bytes.len();
        if is_number {
            bytes.splice(0..0, std::iter::repeat_n(0, missing));
        } else {
            bytes.resize(limit, 0);
        }
    }
    Ok(Value::binary(bytes))
}

fn of_text(text: &str, from: &SqlType, to: &SqlType, style: i32) -> Result<Vec<u8>, SqlError> {
    let digits = match style {
        0 if from.is_unicode() => {
            return Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        }
        0 => return Ok(text.chars().map(code_page::encode).collect()),
        1 => text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")),
        2 => Some(text),
        _ => return Err(invalid_style(style, from, to)),
    };
    digits
        .and_then(bytes_of_digits)
        .ok_or_else(|| error_converting(from, to))
}

/// Pairs of hexadecimal digits.
pub(crate) fn bytes_of_digits(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
        .collect()
}

/// Precision, scale, a zero, the sign, and the digits in groups of four bytes, little endian.
fn decimal_bytes(unscaled: i128, scale: u8, from: &SqlType) -> Vec<u8> {
    let precision = match from {
        SqlType::Decimal { precision, .. } => *precision,
        _ => 38,
    };
    let width = match precision {
        0..=9 => 4,
        10..=19 => 8,
        20..=28 => 12,
        _ => 16,
    };
    let mut bytes = vec![precision, scale, 0, u8::from(unscaled >= 0)];
    bytes.extend_from_slice(&unscaled.unsigned_abs().to_le_bytes()[..width]);
    bytes
}

fn scale_of(sql_type: &SqlType) -> u8 {
    match sql_type {
        SqlType::Time(scale) | SqlType::DateTime2(scale) | SqlType::DateTimeOffset(scale) => *scale,
        _ => 7,
    }
}

/// The scale, and the time in units of it, little endian in three to five bytes.
fn scaled_time(ticks: i64, scale: u8) -> Vec<u8> {
    let units = ticks / 10_i64.pow(7 - u32::from(scale.min(7)));
    let width = match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    };
    let mut bytes = vec![scale];
    bytes.extend_from_slice(&units.to_le_bytes()[..width]);
    bytes
}

/// The bytes as SQL Server stores them: the first three groups are little endian.
pub(crate) fn guid_bytes(guid: &[u8; 16]) -> [u8; 16] {
    const STORED: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    STORED.map(|index| guid[index])
}

pub(super) fn to_guid(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    match value {
        Value::Text(text) => parse_guid(text).map(Value::Guid).ok_or_else(guid_from_text),
        Value::Binary(bytes) => {
            let mut stored = [0; 16];
            let length = bytes.len().min(16);
            stored[..length].copy_from_slice(&bytes[..length]);
            // The exchange of bytes is its own inverse.
            Ok(Value::Guid(guid_bytes(&stored)))
        }
        _ => Err(error_converting(from, to)),
    }
}

/// 36 characters, in braces or not. What follows them is ignored, as on SQL Server.
pub(crate) fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let text = text.trim_start_matches(' ');
    let (text, braced) = match text.strip_prefix('{') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let body = text.get(..36)?;
    if braced && !text[36..].starts_with('}') {
        return None;
    }
    let hyphens = body
        .bytes()
        .enumerate()
        .all(|(index, byte)| (byte == b'-') == matches!(index, 8 | 13 | 18 | 23));
    if !hyphens {
        return None;
    }
    bytes_of_digits(&body.replace('-', ""))?.try_into().ok()
}
