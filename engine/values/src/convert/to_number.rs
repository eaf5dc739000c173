//! How does a value become a number?

use crate::calendar::DATETIME_TICKS;
use crate::decimal::{self, NotADecimal};
use crate::messages::{
    conversion_failed, conversion_overflow, error_converting, expression_overflow, float_overflow,
    money_syntax, small_integer_overflow, text_integer_overflow,
};
use crate::{SqlError, SqlType, Value};

/// Exact numbers as digits and scale. `None` for everything else.
pub(crate) fn exact(value: &Value) -> Option<(i128, u8)> {
    match value {
        Value::Bit(bit) => Some((i128::from(*bit), 0)),
        Value::TinyInt(number) => Some((i128::from(*number), 0)),
        Value::SmallInt(number) => Some((i128::from(*number), 0)),
        Value::Int(number) => Some((i128::from(*number), 0)),
        Value::BigInt(number) => Some((i128::from(*number), 0)),
        Value::Money(money) => Some((i128::from(*money), 4)),
        Value::Decimal { unscaled, scale } => Some((*unscaled, *scale)),
        _ => None,
    }
}

fn approximate(value: &Value) -> Option<f64> {
    match value {
        Value::Real(real) => Some(f64::from(*real)),
        Value::Float(float) => Some(*float),
        Value::DateTime { days, ticks } => {
            Some(f64::from(*days) + f64::from(*ticks) / f64::from(DATETIME_TICKS))
        }
        _ => None,
    }
}

pub(super) fn to_bit(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    if let Some((unscaled, _)) = exact(value) {
        return Ok(Value::Bit(unscaled != 0));
    }
    if let Some(float) = approximate(value) {
        return Ok(Value::Bit(float != 0.0));
    }
    match value {
        Value::Text(text) => {
            let trimmed = text.trim_matches(BLANKS);
            if trimmed.eq_ignore_ascii_case("true") {
                return Ok(Value::Bit(true));
            }
            if trimmed.eq_ignore_ascii_case("false") {
                return Ok(Value::Bit(false));
            }
            match parse_integer(trimmed) {
                ParsedInteger::Value(number) => Ok(Value::Bit(number != 0)),
                ParsedInteger::TooLarge => Ok(Value::Bit(true)),
                ParsedInteger::NotOne => Err(conversion_failed(from, to, text)),
            }
        }
        Value::Binary(bytes) => Ok(Value::Bit(bytes.iter().any(|byte| *byte != 0))),
        _ => Err(error_converting(from, to)),
    }
}

pub(super) fn to_integer(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    match value {
        Value::Decimal { unscaled, scale } => {
            let whole = unscaled / decimal::power_of_ten(*scale);
            integer(whole, to).ok_or_else(|| conversion_overflow(from, to))
        }
        Value::Money(money) => {
            // Unlike decimals, money is rounded.
            let whole = decimal::divide_rounded(i128::from(*money), 10_000);
            integer(whole, to).ok_or_else(|| conversion_overflow(from, to))
        }
        Value::Text(text) => match parse_integer(text.trim_matches(BLANKS)) {
            ParsedInteger::Value(number) => {
                integer(number, to).ok_or_else(|| integer_text_overflow(from, to, text))
            }
            ParsedInteger::TooLarge => Err(integer_text_overflow(from, to, text)),
            ParsedInteger::NotOne if matches!(to, SqlType::BigInt) => {
                Err(error_converting(from, to))
            }
            ParsedInteger::NotOne => Err(conversion_failed(from, to, text)),
        },
        Value::Binary(bytes) => Ok(integer_of_bytes(bytes, to)),
        Value::DateTime { days, ticks } => {
            let whole = i128::from(*days) + i128::from(*ticks >= DATETIME_TICKS / 2);
            integer(whole, to).ok_or_else(|| expression_overflow(to))
        }
        Value::Real(_) | Value::Float(_) => {
            let float = approximate(value).unwrap_or_default();
            // The cast saturates, which no type that we convert to reaches.
            integer(float.trunc() as i128, to).ok_or_else(|| {
                if matches!(to, SqlType::BigInt) {
                    expression_overflow(to)
                } else {
                    float_overflow(to, float)
                }
            })
        }
        _ => {
            let (number, _) = exact(value).ok_or_else(|| error_converting(from, to))?;
            integer(number, to).ok_or_else(|| match to {
                SqlType::TinyInt | SqlType::SmallInt => small_integer_overflow(to, number),
                _ => expression_overflow(to),
            })
        }
    }
}

/// An integer value of a type, if it fits.
pub(crate) fn integer(number: i128, to: &SqlType) -> Option<Value> {
    match to {
        SqlType::TinyInt => number.try_into().ok().map(Value::TinyInt),
        SqlType::SmallInt => number.try_into().ok().map(Value::SmallInt),
        SqlType::BigInt => number.try_into().ok().map(Value::BigInt),
        _ => number.try_into().ok().map(Value::Int),
    }
}

fn integer_text_overflow(from: &SqlType, to: &SqlType, text: &str) -> SqlError {
    match to {
        SqlType::BigInt => expression_overflow(to),
        _ => text_integer_overflow(from, to, text),
    }
}

const BLANKS: [char; 5] = [' ', '\t', '\r', '\n', '\u{A0}'];

enum ParsedInteger {
    Value(i128),
    TooLarge,
    NotOne,
}

/// Sign and digits. The empty text and a lone sign are zero, as on SQL Server.
fn parse_integer(text: &str) -> ParsedInteger {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text[1..].trim_start_matches(BLANKS)),
        Some(b'+') => (false, text[1..].trim_start_matches(BLANKS)),
        _ => (false, text),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return ParsedInteger::NotOne;
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > 30 {
        return ParsedInteger::TooLarge;
    }
    let magnitude: i128 = if digits.is_empty() {
        0
    } else {
        digits.parse().unwrap_or(i128::MAX)
    };
    ParsedInteger::Value(if negative { -magnitude } else { magnitude })
}

/// The last bytes, big endian, as many as the type has.
fn integer_of_bytes(bytes: &[u8], to: &SqlType) -> Value {
    let last = |width: usize| {
        let kept = &bytes[bytes.len().saturating_sub(width)..];
        kept.iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    match to {
        SqlType::TinyInt => Value::TinyInt(last(1) as u8),
        SqlType::SmallInt => Value::SmallInt(last(2) as u16 as i16),
        SqlType::BigInt => Value::BigInt(last(8) as i64),
        _ => Value::Int(last(4) as u32 as i32),
    }
}

pub(super) fn to_decimal(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    precision: u8,
    scale: u8,
) -> Result<Value, SqlError> {
    let overflow = || conversion_overflow(from, to);
    let unscaled = match value {
        Value::Text(text) => match decimal::parse(text, scale) {
            Ok(unscaled) => unscaled,
            Err(NotADecimal::Syntax) => return Err(error_converting(from, to)),
            Err(NotADecimal::Overflow) => return Err(overflow()),
        },
        Value::Real(_) | Value::Float(_) | Value::DateTime { .. } => {
            let float = approximate(value).unwrap_or_default();
            decimal::from_float(float, scale).ok_or_else(overflow)?
        }
        Value::Binary(_) => {
            return Err(SqlError::unsupported(
                "the conversion of binary values to decimal",
            ));
        }
        _ => {
            let (unscaled, own) = exact(value).ok_or_else(|| error_converting(from, to))?;
            decimal::rescale(unscaled, own, scale).ok_or_else(overflow)?
        }
    };
    if !decimal::fits(unscaled, precision) {
        return Err(overflow());
    }
    Ok(Value::Decimal { unscaled, scale })
}

pub(super) fn to_money(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    let overflow = || conversion_overflow(from, to);
    let ten_thousandths = match value {
        Value::Text(text) => parse_money(text).map_err(|error| match error {
            NotADecimal::Syntax => money_syntax(),
            NotADecimal::Overflow => expression_overflow(to),
        })?,
        Value::Real(_) | Value::Float(_) | Value::DateTime { .. } => {
            decimal::from_float(approximate(value).unwrap_or_default(), 4).ok_or_else(overflow)?
        }
        Value::Binary(bytes) => {
            let width = if matches!(to, SqlType::SmallMoney) {
                4
            } else {
                8
            };
            let kept = &bytes[bytes.len().saturating_sub(width)..];
            let number = kept
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            if width == 4 {
                i128::from(number as u32 as i32)
            } else {
                i128::from(number as i64)
            }
        }
        _ => {
            let (unscaled, own) = exact(value).ok_or_else(|| error_converting(from, to))?;
            decimal::rescale(unscaled, own, 4).ok_or_else(overflow)?
        }
    };
    money(ten_thousandths, to).ok_or_else(overflow)
}

/// A money value of a type, if it fits.
pub(crate) fn money(ten_thousandths: i128, to: &SqlType) -> Option<Value> {
    let fits = match to {
        SqlType::SmallMoney => i32::try_from(ten_thousandths).is_ok(),
        _ => true,
    };
    let value = i64::try_from(ten_thousandths).ok()?;
    fits.then_some(Value::Money(value))
}

/// Sign, currency symbol and commas may stand before and between the digits.
fn parse_money(text: &str) -> Result<i128, NotADecimal> {
    let mut digits = String::new();
    let mut negative = false;
    for character in text.trim_matches(BLANKS).chars() {
        match character {
            '-' if digits.is_empty() && !negative => negative = true,
            '+' | '$' | '€' | '£' | '¥' | '¤' | '¢' | '₩' | '₪' | '₫' if digits.is_empty() =>
                {}
            ' ' if digits.is_empty() => {}
            ',' if !digits.contains('.') => {}
            '0'..='9' | '.' => digits.push(character),
            _ => return Err(NotADecimal::Syntax),
        }
    }
    if digits.is_empty() {
        return Ok(0);
    }
    let magnitude = decimal::parse(&digits, 4)?;
    Ok(if negative { -magnitude } else { magnitude })
}

pub(super) fn to_float(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    let float = match value {
        Value::Text(text) => {
            let trimmed = text.trim_matches(BLANKS);
            parse_float(trimmed).ok_or_else(|| error_converting(from, to))?
        }
        _ => match exact(value) {
            Some((unscaled, scale)) => decimal::to_float(unscaled, scale),
            None => approximate(value).ok_or_else(|| error_converting(from, to))?,
        },
    };
    float_of(float, to).ok_or_else(|| {
        if value_is_text(value) {
            conversion_overflow(from, to)
        } else {
            float_overflow(to, float)
        }
    })
}

fn value_is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

/// A float value of a type, if it is finite there.
pub(crate) fn float_of(float: f64, to: &SqlType) -> Option<Value> {
    match to {
        SqlType::Real => {
            let real = float as f32;
            real.is_finite().then_some(Value::Real(real))
        }
        _ => float.is_finite().then_some(Value::Float(float)),
    }
}

/// Digits, point, exponent; no words such as `inf`, which Rust would read.
fn parse_float(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    let allowed = |byte: u8| {
        matches!(
            byte,
            b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E' | b'd' | b'D'
        )
    };
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.replace(['d', 'D'], "e").parse().ok()
}
