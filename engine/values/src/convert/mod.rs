//! How does a value become a value of another type? The entry points, and who may become what.
//!
//! TRY_CAST and TRY_CONVERT are the same calls with errors read as NULL, except 206, 257 and 529,
//! which [`check_conversion`] raises when the statement is compiled.

mod to_binary;
mod to_date;
mod to_number;
mod to_text;

use crate::conversion_rules::{Rule, rule};
use crate::messages::operand_type_clash;
use crate::{SqlError, SqlType, Value};

pub(crate) use to_number::{exact, float_of, integer, money};
pub(crate) use to_text::{hexadecimal, plain_text, with_commas, write_guid};

/// Who asks for a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversionKind {
    /// An assignment or operator.
    Implicit,
    /// CAST or CONVERT.
    Explicit,
}

/// What happens to a text or binary value that is longer than its target.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TooLong<'a> {
    /// Cut, as CAST and assignment to variables do.
    Cut,
    /// Error 2628 with these names, as INSERT and UPDATE do.
    Refuse { table: &'a str, column: &'a str },
}

impl TooLong<'_> {
    fn refusal(&self, kept: &str) -> Option<SqlError> {
        match self {
            Self::Cut => None,
            Self::Refuse { table, column } => Some(SqlError::new(
                2628,
                16,
                1,
                format!(
                    "String or binary data would be truncated in table '{table}', column '{column}'. Truncated value: '{kept}'."
                ),
            )),
        }
    }
}

/// Whether the conversion is allowed at all.
///
/// # Errors
/// 206 for pairs that never convert, 257 where only CAST helps, 529 where not even CAST does.
pub fn check_conversion(
    from: &SqlType,
    to: &SqlType,
    kind: ConversionKind,
) -> Result<(), SqlError> {
    match (rule(from, to), kind) {
        (Rule::Implicit, _) | (Rule::Explicit, ConversionKind::Explicit) => Ok(()),
        (Rule::Explicit, ConversionKind::Implicit) => Err(SqlError::new(
            257,
            16,
            3,
            format!(
                "Implicit conversion from data type {} to {} is not allowed. Use the CONVERT function to run this query.",
                from.message_name(),
                to.message_name()
            ),
        )),
        (Rule::Never, ConversionKind::Implicit) => Err(operand_type_clash(from, to)),
        (Rule::Never, ConversionKind::Explicit) => Err(SqlError::new(
            529,
            16,
            2,
            format!(
                "Explicit conversion from data type {} to {} is not allowed.",
                from.message_name(),
                to.message_name()
            ),
        )),
    }
}

/// CAST, CONVERT and implicit conversion. A text that is too long is cut silently.
///
/// # Errors
/// The conversion errors of SQL Server: 206, 220, 232, 234, 235, 241, 242, 244, 245, 248, 257, 281,
/// 295, 529, 8114, 8115, 8169, 8170.
pub fn convert(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
    kind: ConversionKind,
) -> Result<Value, SqlError> {
    check_conversion(from, to, kind)?;
    convert_checked(value, from, to, style, TooLong::Cut)
}

/// Stores into a column: implicit conversion, but a text that is too long is error 2628. `table` is
/// written as the message prints it, `database.schema.table`.
///
/// # Errors
/// As [`convert`], and 2628.
pub fn assign(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    table: &str,
    column: &str,
) -> Result<Value, SqlError> {
    check_conversion(from, to, ConversionKind::Implicit)?;
    convert_checked(value, from, to, None, TooLong::Refuse { table, column })
}

fn convert_checked(
    value: &Value,
    from: &SqlType,
    to: &SqlType,
    style: Option<i32>,
    too_long: TooLong<'_>,
) -> Result<Value, SqlError> {
    match value {
        Value::Null => return Ok(Value::Null),
        Value::Variant(inner) if !matches!(to, SqlType::Variant) => {
            let (inner_type, inner_value) = inner.as_ref();
            check_conversion(inner_type, to, ConversionKind::Explicit)?;
            return convert_checked(inner_value, inner_type, to, style, too_long);
        }
        _ => {}
    }
    match to {
        SqlType::Char(_)
        | SqlType::VarChar(_)
        | SqlType::NChar(_)
        | SqlType::NVarChar(_)
        | SqlType::Xml
        | SqlType::LegacyText
        | SqlType::LegacyNText => to_text::to_text(value, from, to, style, too_long),
        SqlType::Binary(_) | SqlType::VarBinary(_) | SqlType::RowVersion | SqlType::LegacyImage => {
            to_binary::to_binary(value, from, to, style, too_long)
        }
        // The value was made for the type; only lengths are worth a second look.
        _ if from == to => Ok(value.clone()),
        SqlType::Bit => to_number::to_bit(value, from, to),
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt => {
            to_number::to_integer(value, from, to)
        }
        SqlType::UntypedNull => to_number::to_integer(value, from, &SqlType::Int),
        SqlType::Decimal { precision, scale } => {
            to_number::to_decimal(value, from, to, *precision, *scale)
        }
        SqlType::Money | SqlType::SmallMoney => to_number::to_money(value, from, to),
        SqlType::Real | SqlType::Float => to_number::to_float(value, from, to),
        SqlType::UniqueIdentifier => to_binary::to_guid(value, from, to),
        SqlType::Date
        | SqlType::Time(_)
        | SqlType::SmallDateTime
        | SqlType::DateTime
        | SqlType::DateTime2(_)
        | SqlType::DateTimeOffset(_) => to_date::to_date_time(value, from, to, style),
        SqlType::Variant => to_variant(value, from),
    }
}

fn to_variant(value: &Value, from: &SqlType) -> Result<Value, SqlError> {
    match value {
        Value::Variant(_) => Ok(value.clone()),
        _ if from.is_max() || matches!(from, SqlType::RowVersion) => {
            Err(operand_type_clash(from, &SqlType::Variant))
        }
        _ => Ok(Value::Variant(Box::new((*from, value.clone())))),
    }
}

#[cfg(test)]
mod tests;
