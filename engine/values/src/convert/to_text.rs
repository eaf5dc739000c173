//! How does a value become text?

use std::sync::Arc;

use super::TooLong;
use crate::code_page;
use crate::date_format::Moment;
use crate::decimal;
use crate::messages::{
    conversion_overflow, error_converting, expression_overflow, float_overflow, guid_result_space,
    invalid_style, money_result_space,
};
use crate::{Length, SqlError, SqlType, Value};

pub(super) fn to_text(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
    too_long: TooLong<'_>,
) -> Result<Value, SqlError> {
    if let Value::Text(text) = value {
        return fit(text, to, too_long);
    }
    let text = write(value, from, to, style)?;
    // Numbers are never cut: half a number would be another number.
    if let Some(limit) = to.declared_length()
        && text_length(&text, to) > usize::from(limit)
    {
        match value {
            Value::Bit(_) | Value::TinyInt(_) | Value::SmallInt(_) | Value::Int(_)
                if !to.is_unicode() =>
            {
                return fit(&Arc::from("*"), to, too_long);
            }
            Value::Bit(_)
            | Value::TinyInt(_)
            | Value::SmallInt(_)
            | Value::Int(_)
            | Value::BigInt(_) => return Err(expression_overflow(to)),
            Value::Decimal { .. } => return Err(conversion_overflow(from, to)),
            Value::Float(float) => return Err(float_overflow(to, *float)),
            Value::Real(real) => return Err(float_overflow(to, f64::from(*real))),
            Value::Money(_) => return Err(money_result_space(to)),
            Value::Guid(_) => return Err(guid_result_space()),
            _ => {}
        }
    }
    fit(&Arc::from(text), to, too_long)
}

/// Length in the unit of the type: bytes of code page 1252, or UTF-16 code units.
pub(crate) fn text_length(text: &str, sql_type: &SqlType) -> usize {
    if text.is_ascii() {
        text.len()
    } else if sql_type.is_unicode() {
        text.encode_utf16().count()
    } else {
        text.chars().count()
    }
}

/// Maps to the code page, cuts or refuses, pads.
fn fit(text: &Arc<str>, to: &SqlType, too_long: TooLong<'_>) -> Result<Value, SqlError> {
    let unicode = to.is_unicode();
    let folded = if unicode {
        None
    } else {
        code_page::fold(text).map(Arc::from)
    };
    let text: Arc<str> = folded.unwrap_or_else(|| Arc::clone(text));
    let Some(limit) = to.declared_length().map(usize::from) else {
        return Ok(Value::Text(text));
    };
    let length = text_length(&text, to);
    if length > limit {
        let kept = cut(&text, limit, unicode);
        // Blanks beyond the end are dropped without a word, as the standard wants.
        let only_blanks = text[kept.len()..].bytes().all(|byte| byte == b' ');
        if !only_blanks && let Some(refusal) = too_long.refusal(kept) {
            return Err(refusal);
        }
        let pad = limit - text_length(kept, to);
        if to.is_fixed_length() && pad > 0 {
            return Ok(Value::text(format!("{kept}{}", " ".repeat(pad))));
        }
        return Ok(Value::text(kept));
    }
    if to.is_fixed_length() && length < limit {
        return Ok(Value::text(format!("{text}{}", " ".repeat(limit - length))));
    }
    Ok(Value::Text(text))
}

/// The longest beginning of at most `limit` units. A surrogate pair is never split.
fn cut(text: &str, limit: usize, unicode: bool) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += if unicode { character.len_utf16() } else { 1 };
        if used > limit {
            return &text[..index];
        }
    }
    text
}

/// The text of a value as CONVERT without style writes it.
pub(crate) fn plain_text(value: &Value, from: &SqlType) -> String {
    write(value, from, &SqlType::NVARCHAR_MAX, None).unwrap_or_default()
}

fn write(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
) -> Result<String, SqlError> {
    Ok(match value {
        Value::Null => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Bit(bit) => u8::from(*bit).to_string(),
        Value::TinyInt(number) => number.to_string(),
        Value::SmallInt(number) => number.to_string(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => decimal::to_text(*unscaled, *scale),
        Value::Money(money) => write_money(*money, style.unwrap_or(0))
            .ok_or_else(|| invalid_style(style.unwrap_or(0), from, to))?,
        Value::Real(real) => write_float(f64::from(*real), style.unwrap_or(0), 9)
            .ok_or_else(|| invalid_style(style.unwrap_or(0), from, to))?,
        Value::Float(float) => write_float(*float, style.unwrap_or(0), 17)
            .ok_or_else(|| invalid_style(style.unwrap_or(0), from, to))?,
        Value::Guid(guid) => write_guid(guid),
        Value::Binary(bytes) => return write_binary(bytes, from, to, style.unwrap_or(0)),
        Value::Date(_)
        | Value::Time(_)
        | Value::DateTime2(_)
        | Value::DateTime { .. }
        | Value::DateTimeOffset { .. } => {
            let moment = Moment::new(value, from).expect("the value is a date or time");
            let style = style.unwrap_or_else(|| moment.default_style());
            if matches!(style, 130 | 131) {
                return Err(SqlError::unsupported(format_args!(
                    "the Hijri calendar (CONVERT style {style})"
                )));
            }
            match moment.write(style) {
                Some(text) => text,
                None if is_date_style(style) => return Err(error_converting(from, to)),
                None => return Err(invalid_style(style, from, to)),
            }
        }
        Value::Variant(inner) => return write(&inner.1, &inner.0, to, style),
    })
}

fn is_date_style(style: i32) -> bool {
    matches!(style, 0..=14 | 20..=25 | 100..=114 | 120 | 121 | 126 | 127)
}

fn write_money(money: i64, style: i32) -> Option<String> {
    match style {
        0 | 1 => {
            let cents = decimal::divide_rounded(i128::from(money), 100);
            let text = decimal::to_text(cents, 2);
            Some(if style == 1 { with_commas(&text) } else { text })
        }
        2 | 126 => Some(decimal::to_text(i128::from(money), 4)),
        _ => None,
    }
}

/// Groups of three before the point.
pub(crate) fn with_commas(number: &str) -> String {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (whole, fraction) = match number.find('.') {
        Some(point) => number.split_at(point),
        None => (number, ""),
    };
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// Style 0 is C's `%.6g`, 1 and 2 are scientific with 8 and 16 digits, 3 is lossless.
fn write_float(value: f64, style: i32, lossless_digits: usize) -> Option<String> {
    match style {
        0 => Some(general(value, 6)),
        1 => Some(scientific(value, 8)),
        2 => Some(scientific(value, 16)),
        3 | 126 | 128 | 129 => Some(scientific(value, lossless_digits)),
        _ => None,
    }
}

/// `%.{digits-1}e` with the three-digit exponent of Microsoft's C library.
fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.width$e}", width = digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{mantissa}e{}", exponent_text(exponent))
}

fn exponent_text(exponent: &str) -> String {
    let number: i32 = exponent.parse().unwrap_or(0);
    let sign = if number < 0 { '-' } else { '+' };
    format!("{sign}{:03}", number.unsigned_abs())
}

fn general(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.width$e}", width = digits - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let number: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| -> String {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if number < -4 || number >= digits as i32 {
        return format!("{}e{}", trim(mantissa), exponent_text(exponent));
    }
    let decimals = (digits as i32 - 1 - number).max(0) as usize;
    trim(&format!("{value:.decimals$}"))
}

/// In upper case with hyphens, as CONVERT writes it.
pub(crate) fn write_guid(guid: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in guid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02X}"));
    }
    text
}

/// Upper-case digits without prefix.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02X}"));
    }
    text
}

fn write_binary(
    bytes: &[u8],
    from: &SqlType,
    to: &SqlType,
    style: i32,
) -> Result<String, SqlError> {
    match style {
        0 if to.is_unicode() => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))
                .collect();
            Ok(String::from_utf16_lossy(&units))
        }
        0 => Ok(bytes.iter().map(|byte| code_page::decode(*byte)).collect()),
        1 | 2 => {
            let prefix = if style == 1 { "0x" } else { "" };
            // Whole bytes only: an odd character of room stays empty.
            let room = match to {
                SqlType::VarChar(Length::Max) | SqlType::NVarChar(Length::Max) => usize::MAX,
                _ => to.declared_length().map_or(usize::MAX, usize::from),
            };
            let whole = (room.saturating_sub(prefix.len()) / 2).min(bytes.len());
            Ok(format!("{prefix}{}", hexadecimal(&bytes[..whole])))
        }
        _ => Err(invalid_style(style, from, to)),
    }
}
