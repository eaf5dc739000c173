//! What do `+ - * / % & | ^ ~` yield, and of which type?
//!
//! Integer literals beside decimals should be typed with
//! [`SqlType::of_integer_literal`](crate::SqlType::of_integer_literal) by the caller.

use crate::calendar::DATETIME_TICKS;
use crate::conversion_rules::{Rule, rule};
use crate::convert::exact;
use crate::decimal;
use crate::messages::{
    divide_by_zero, expression_overflow, incompatible_types, invalid_operand, operand_type_clash,
};
use crate::result_type::{concatenation_type, union_type};
use crate::{ConversionKind, Length, SqlError, SqlType, Value, convert};

/// An operator with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`: addition, concatenation, date plus days.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
    /// `&`.
    BitAnd,
    /// `|`.
    BitOr,
    /// `^`.
    BitXor,
}

impl BinaryOperator {
    /// As the messages call it.
    pub const fn message_name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::Modulo => "modulo",
            Self::BitAnd => "'&'",
            Self::BitOr => "'|'",
            Self::BitXor => "'^'",
        }
    }

    const fn is_bitwise(self) -> bool {
        matches!(self, Self::BitAnd | Self::BitOr | Self::BitXor)
    }
}

/// An operator with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `~`.
    BitNot,
}

/// The static type of `a operator b`.
///
/// # Errors
/// 206, 402, 8117 for types that the operator does not take.
pub fn binary_type(
    operator: BinaryOperator,
    a: &SqlType,
    b: &SqlType,
) -> Result<SqlType, SqlError> {
    use BinaryOperator::{Add, Divide, Modulo, Multiply, Subtract};
    let name = operator.message_name();
    // A bare NULL takes the type of the other side.
    let (a, b) = match (a, b) {
        (SqlType::UntypedNull, SqlType::UntypedNull) => return Ok(SqlType::Int),
        (SqlType::UntypedNull, other) => (other, other),
        (other, SqlType::UntypedNull) => (other, other),
        pair => pair,
    };
    if matches!(a, SqlType::Variant) || matches!(b, SqlType::Variant) {
        let other = if matches!(a, SqlType::Variant) { b } else { a };
        if a == b {
            return Err(invalid_operand(a, name));
        }
        return Err(operand_type_clash(&SqlType::Variant, other));
    }
    if operator == Add {
        if a.is_character() && b.is_character() {
            return Ok(concatenation_type(a, b));
        }
        if a.is_binary() && b.is_binary() {
            return Ok(binary_concatenation(a, b));
        }
    }
    let old_date = |t: &SqlType| matches!(t, SqlType::DateTime | SqlType::SmallDateTime);
    if old_date(a) || old_date(b) {
        let result = union_type(a, b).ok().filter(old_date);
        return match (operator, result) {
            (Add | Subtract, Some(result)) => Ok(result),
            (Add | Subtract, None) if a.is_date_time() && b.is_date_time() => {
                Err(incompatible_types(a, b, name))
            }
            (Add | Subtract, None) => Err(operand_type_clash(a, b)),
            _ => Err(invalid_operand(if old_date(a) { a } else { b }, name)),
        };
    }
    if a.is_number() && b.is_number() {
        return number_type(operator, a, b);
    }
    // Text becomes the number beside it; bytes become an integer, but no other number.
    let (number, other) = if a.is_number() { (a, b) } else { (b, a) };
    if number.is_number() && rule(other, number) == Rule::Implicit {
        let integer = number.is_integer() || matches!(number, SqlType::Bit);
        if other.is_character() && (integer || !operator.is_bitwise()) {
            return number_type(operator, number, number);
        }
        if other.is_binary() && integer {
            return match operator {
                Divide | Multiply | Modulo | Add | Subtract if matches!(number, SqlType::Bit) => {
                    Err(invalid_operand(number, name))
                }
                _ => Ok(*number),
            };
        }
    }
    if number.is_number() && !other.is_character() && !other.is_binary() {
        return Err(operand_type_clash(other, number));
    }
    if a.base_name() == b.base_name() || (a.is_character() && b.is_character()) {
        return Err(invalid_operand(a, name));
    }
    Err(incompatible_types(a, b, name))
}

/// The type of an operator over two numbers.
fn number_type(operator: BinaryOperator, a: &SqlType, b: &SqlType) -> Result<SqlType, SqlError> {
    let name = operator.message_name();
    let both_bits = matches!((a, b), (SqlType::Bit, SqlType::Bit));
    if both_bits && !operator.is_bitwise() {
        return Err(invalid_operand(a, name));
    }
    let result = union_type(a, b)?;
    match operator {
        _ if operator.is_bitwise() => {
            if result.is_integer() || matches!(result, SqlType::Bit) {
                return Ok(result);
            }
            Err(if a.base_name() == b.base_name() {
                invalid_operand(a, name)
            } else {
                incompatible_types(a, b, name)
            })
        }
        BinaryOperator::Modulo if result.is_approximate() => Err(incompatible_types(a, b, name)),
        _ => {
            let (SqlType::Decimal { .. }, Some(x), Some(y)) =
                (result, a.as_decimal(), b.as_decimal())
            else {
                return Ok(result);
            };
            let (precision, scale) = match operator {
                BinaryOperator::Multiply => decimal::multiply_type(x, y),
                BinaryOperator::Divide => decimal::divide_type(x, y),
                BinaryOperator::Modulo => decimal::modulo_type(x, y),
                _ => decimal::add_type(x, y),
            };
            Ok(SqlType::decimal(precision, scale))
        }
    }
}

fn binary_concatenation(a: &SqlType, b: &SqlType) -> SqlType {
    match (a.declared_length(), b.declared_length()) {
        (Some(x), Some(y)) => SqlType::VarBinary(Length::Limited(x.saturating_add(y).min(8000))),
        _ => SqlType::VARBINARY_MAX,
    }
}

/// `a operator b`; NULL if an operand is.
///
/// # Errors
/// Those of [`binary_type`], of the conversion of the operands, 8134 and 8115.
pub fn binary(
    operator: BinaryOperator,
    a: &Value,
    a_type: &SqlType,
    b: &Value,
    b_type: &SqlType,
) -> Result<Value, SqlError> {
    let result = binary_type(operator, a_type, b_type)?;
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    match result {
        _ if result.is_character() => concatenate(a, b, &result),
        _ if result.is_binary() => match (a, b) {
            (Value::Binary(a), Value::Binary(b)) => {
                let joined = Value::binary([a.as_ref(), b.as_ref()].concat());
                convert(
                    &joined,
                    &SqlType::VARBINARY_MAX,
                    &result,
                    None,
                    ConversionKind::Implicit,
                )
            }
            _ => Err(operand_type_clash(a_type, b_type)),
        },
        SqlType::DateTime | SqlType::SmallDateTime => {
            let implicit =
                |value: &Value, from| convert(value, from, &result, None, ConversionKind::Implicit);
            add_dates(
                operator,
                &implicit(a, a_type)?,
                &implicit(b, b_type)?,
                &result,
            )
        }
        SqlType::Decimal { precision, scale } => {
            // Digits of the operands are kept; only a text is read as the type beside it.
            let operand = |value: &Value, from: &SqlType, other: &SqlType| match exact(value) {
                Some(number) => Ok(number),
                None => exact(&convert(
                    value,
                    from,
                    other,
                    None,
                    ConversionKind::Implicit,
                )?)
                .ok_or_else(|| operand_type_clash(from, other)),
            };
            let (x, y) = (operand(a, a_type, b_type)?, operand(b, b_type, a_type)?);
            let unscaled = calculate_decimal(operator, x, y, scale)?
                .filter(|unscaled| decimal::fits(*unscaled, precision))
                .ok_or_else(|| expression_overflow(&result))?;
            Ok(Value::Decimal { unscaled, scale })
        }
        _ => {
            let implicit =
                |value: &Value, from| convert(value, from, &result, None, ConversionKind::Implicit);
            calculate(
                operator,
                &implicit(a, a_type)?,
                &implicit(b, b_type)?,
                &result,
            )
        }
    }
}

fn concatenate(a: &Value, b: &Value, result: &SqlType) -> Result<Value, SqlError> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            let joined = Value::text([a.as_ref(), b.as_ref()].concat());
            let to = match result {
                // Values are never padded beyond what their operands were.
                SqlType::Char(n) => SqlType::varchar(*n),
                SqlType::NChar(n) => SqlType::nvarchar(*n),
                other => *other,
            };
            convert(&joined, &to, &to, None, ConversionKind::Implicit)
        }
        _ => Err(invalid_operand(result, "add")),
    }
}

/// Both as days and ticks since 1900: the sum of two datetimes is the sum of their distances.
fn add_dates(
    operator: BinaryOperator,
    a: &Value,
    b: &Value,
    result: &SqlType,
) -> Result<Value, SqlError> {
    let ticks = |value: &Value| match value {
        Value::DateTime { days, ticks } => {
            i64::from(*days) * i64::from(DATETIME_TICKS) + i64::from(*ticks)
        }
        _ => 0,
    };
    let total = match operator {
        BinaryOperator::Subtract => ticks(a) - ticks(b),
        _ => ticks(a) + ticks(b),
    };
    let day = i64::from(DATETIME_TICKS);
    let (days, ticks) = (total.div_euclid(day), total.rem_euclid(day) as u32);
    let range = if matches!(result, SqlType::SmallDateTime) {
        0..=65_535
    } else {
        -53_690..=2_958_463
    };
    if !range.contains(&days) {
        return Err(expression_overflow(result));
    }
    Ok(Value::DateTime {
        days: days as i32,
        ticks,
    })
}

fn calculate_decimal(
    operator: BinaryOperator,
    a: (i128, u8),
    b: (i128, u8),
    scale: u8,
) -> Result<Option<i128>, SqlError> {
    Ok(match operator {
        BinaryOperator::Divide | BinaryOperator::Modulo if b.0 == 0 => return Err(divide_by_zero()),
        BinaryOperator::Add => decimal::add(a, b, scale),
        BinaryOperator::Subtract => decimal::add(a, (-b.0, b.1), scale),
        BinaryOperator::Multiply => decimal::multiply(a, b, scale),
        BinaryOperator::Divide => decimal::divide(a, b, scale),
        BinaryOperator::Modulo => {
            decimal::modulo(a, b).and_then(|rest| decimal::rescale(rest, a.1.max(b.1), scale))
        }
        BinaryOperator::BitAnd | BinaryOperator::BitOr | BinaryOperator::BitXor => None,
    })
}

/// Integers, bit, money and floats, both operands already of the type of the result.
fn calculate(
    operator: BinaryOperator,
    a: &Value,
    b: &Value,
    result: &SqlType,
) -> Result<Value, SqlError> {
    let overflow = || expression_overflow(result);
    match (a, b) {
        (Value::Real(_) | Value::Float(_), Value::Real(_) | Value::Float(_)) => {
            let (x, y) = (float(a), float(b));
            let number = match operator {
                BinaryOperator::Divide if y == 0.0 => return Err(divide_by_zero()),
                BinaryOperator::Add => x + y,
                BinaryOperator::Subtract => x - y,
                BinaryOperator::Multiply => x * y,
                _ => x / y,
            };
            convert::float_of(number, result).ok_or_else(overflow)
        }
        (Value::Money(x), Value::Money(y)) => {
            let (x, y) = (i128::from(*x), i128::from(*y));
            let number = match operator {
                BinaryOperator::Divide | BinaryOperator::Modulo if y == 0 => {
                    return Err(divide_by_zero());
                }
                BinaryOperator::Add => x + y,
                BinaryOperator::Subtract => x - y,
                BinaryOperator::Multiply => decimal::divide_rounded(x * y, 10_000),
                // Unlike products, quotients of money are cut.
                BinaryOperator::Divide => x * 10_000 / y,
                _ => x % y,
            };
            convert::money(number, result).ok_or_else(overflow)
        }
        _ => {
            let (Some((x, _)), Some((y, _))) = (exact(a), exact(b)) else {
                return Err(overflow());
            };
            let number = match operator {
                BinaryOperator::Divide | BinaryOperator::Modulo if y == 0 => {
                    return Err(divide_by_zero());
                }
                BinaryOperator::Add => x + y,
                BinaryOperator::Subtract => x - y,
                BinaryOperator::Multiply => x * y,
                BinaryOperator::Divide => x / y,
                BinaryOperator::Modulo => x % y,
                BinaryOperator::BitAnd => x & y,
                BinaryOperator::BitOr => x | y,
                BinaryOperator::BitXor => x ^ y,
            };
            if matches!(result, SqlType::Bit) {
                return Ok(Value::Bit(number != 0));
            }
            convert::integer(number, result).ok_or_else(overflow)
        }
    }
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Real(real) => f64::from(*real),
        Value::Float(float) => *float,
        _ => 0.0,
    }
}

/// The static type of `operator a`.
///
/// # Errors
/// 8117 for types that the operator does not take.
pub fn unary_type(operator: UnaryOperator, a: &SqlType) -> Result<SqlType, SqlError> {
    match (operator, a) {
        (_, SqlType::UntypedNull) => Ok(SqlType::Int),
        (UnaryOperator::Plus, _) => Ok(*a),
        // A tinyint has no negative.
        (UnaryOperator::Minus, SqlType::TinyInt) => Ok(SqlType::SmallInt),
        (UnaryOperator::Minus, _) if a.is_number() && !matches!(a, SqlType::Bit) => Ok(*a),
        (UnaryOperator::Minus, _) => Err(invalid_operand(a, "minus")),
        (UnaryOperator::BitNot, SqlType::Bit) => Ok(*a),
        (UnaryOperator::BitNot, _) if a.is_integer() => Ok(*a),
        (UnaryOperator::BitNot, _) => Err(invalid_operand(a, "'~'")),
    }
}

/// `operator a`; NULL if the operand is.
///
/// # Errors
/// Those of [`unary_type`], and 8115.
pub fn unary(operator: UnaryOperator, a: &Value, a_type: &SqlType) -> Result<Value, SqlError> {
    let result = unary_type(operator, a_type)?;
    let overflow = || expression_overflow(&result);
    Ok(match (operator, a) {
        (_, Value::Null) | (UnaryOperator::Plus, _) => a.clone(),
        (UnaryOperator::Minus, Value::Decimal { unscaled, scale }) => Value::Decimal {
            unscaled: -unscaled,
            scale: *scale,
        },
        (UnaryOperator::Minus, Value::Money(money)) => {
            convert::money(-i128::from(*money), &result).ok_or_else(overflow)?
        }
        (UnaryOperator::Minus, Value::Real(real)) => Value::Real(-real),
        (UnaryOperator::Minus, Value::Float(float)) => Value::Float(-float),
        (UnaryOperator::BitNot, Value::Bit(bit)) => Value::Bit(!bit),
        (UnaryOperator::BitNot, Value::TinyInt(number)) => Value::TinyInt(!number),
        (_, _) => {
            let (number, _) = exact(a).ok_or_else(overflow)?;
            let number = if operator == UnaryOperator::Minus {
                -number
            } else {
                !number
            };
            convert::integer(number, &result).ok_or_else(overflow)?
        }
    })
}

#[cfg(test)]
mod tests;
