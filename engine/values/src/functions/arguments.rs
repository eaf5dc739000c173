//! How does a function read its arguments?

use std::sync::Arc;

use crate::convert::{float_of, plain_text};
use crate::{ConversionKind, Length, SqlError, SqlType, Value, convert};

/// An evaluated argument.
pub(super) type Argument = (Value, SqlType);

/// As text. Numbers and dates are written as CAST writes them; bytes are read as varchar.
pub(super) fn text(argument: &Argument) -> Result<Option<Arc<str>>, SqlError> {
    match argument {
        (Value::Null, _) => Ok(None),
        (Value::Text(text), _) => Ok(Some(Arc::clone(text))),
        (value @ Value::Binary(_), sql_type) => {
            let to = SqlType::VARCHAR_MAX;
            let value = convert(value, sql_type, &to, None, ConversionKind::Explicit)?;
            Ok(value.as_text().map(Arc::from))
        }
        (value, sql_type) => Ok(Some(plain_text(value, sql_type).into())),
    }
}

/// As bigint; fractions are cut.
pub(super) fn integer(argument: &Argument) -> Result<Option<i64>, SqlError> {
    let (value, sql_type) = argument;
    let value = convert(
        value,
        sql_type,
        &SqlType::BigInt,
        None,
        ConversionKind::Implicit,
    )?;
    Ok(value.as_integer())
}

/// As int, which is what most functions declare: a bigint that is too large is error 8115.
pub(super) fn int(argument: &Argument) -> Result<Option<i32>, SqlError> {
    let (value, sql_type) = argument;
    match convert(
        value,
        sql_type,
        &SqlType::Int,
        None,
        ConversionKind::Implicit,
    )? {
        Value::Int(number) => Ok(Some(number)),
        _ => Ok(None),
    }
}

/// As float.
pub(super) fn float(argument: &Argument) -> Result<Option<f64>, SqlError> {
    let (value, sql_type) = argument;
    match convert(
        value,
        sql_type,
        &SqlType::Float,
        None,
        ConversionKind::Implicit,
    )? {
        Value::Float(number) => Ok(Some(number)),
        _ => Ok(None),
    }
}

/// A float result: 3623 where there is none, 8115 where it is too large.
pub(super) fn float_result(number: f64) -> Result<Value, SqlError> {
    if number.is_nan() {
        return Err(SqlError::new(
            3623,
            16,
            1,
            "An invalid floating point operation occurred.",
        ));
    }
    float_of(number, &SqlType::Float)
        .ok_or_else(|| crate::messages::expression_overflow(&SqlType::Float))
}

/// Whether the text of the argument is counted in UTF-16 code units.
pub(super) fn is_unicode(sql_type: &SqlType) -> bool {
    sql_type.is_unicode()
}

/// The variable-length text type of the same kind and length.
pub(super) fn text_like(sql_type: &SqlType) -> SqlType {
    let length = crate::result_type::written_length(sql_type);
    text_of(is_unicode(sql_type), length)
}

/// varchar or nvarchar of a length, cut to what the type can have.
pub(super) fn text_of(unicode: bool, length: Length) -> SqlType {
    match length {
        Length::Max if unicode => SqlType::NVARCHAR_MAX,
        Length::Max => SqlType::VARCHAR_MAX,
        Length::Limited(n) if unicode => SqlType::nvarchar(n.clamp(1, 4000)),
        Length::Limited(n) => SqlType::varchar(n.clamp(1, 8000)),
    }
}

/// The longest text type of the kind of the arguments: MAX if the first is.
pub(super) fn long_text(types: &[SqlType]) -> SqlType {
    let unicode = types.iter().any(is_unicode);
    let max = types.first().is_some_and(SqlType::is_max);
    text_of(
        unicode,
        if max {
            Length::Max
        } else {
            Length::Limited(8000)
        },
    )
}

/// int, or bigint if the first argument is a MAX type.
pub(super) fn position_type(types: &[SqlType]) -> SqlType {
    if types.first().is_some_and(SqlType::is_max) {
        SqlType::BigInt
    } else {
        SqlType::Int
    }
}

/// A position or length of [`position_type`].
pub(super) fn position_value(number: usize, sql_type: &SqlType) -> Value {
    if sql_type.is_max() {
        Value::BigInt(number as i64)
    } else {
        Value::Int(number as i32)
    }
}

/// Texts are counted and cut in UTF-16 code units. For code page 1252 these are the bytes.
pub(super) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Half a surrogate pair cannot be kept, and becomes U+FFFD.
pub(super) fn from_units(units: &[u16]) -> Value {
    Value::text(String::from_utf16_lossy(units))
}
