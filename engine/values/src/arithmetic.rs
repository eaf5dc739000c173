//! What do `+ - * / % & | ^ ~` yield, and of which type?

use crate::{SqlError, SqlType, Value};

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
pub fn binary_type(
    operator: BinaryOperator,
    a: &SqlType,
    b: &SqlType,
) -> Result<SqlType, SqlError> {
    let _ = (operator, a, b);
    Err(SqlError::unsupported("arithmetic"))
}

/// `a operator b`; NULL if an operand is.
pub fn binary(
    operator: BinaryOperator,
    a: &Value,
    a_type: &SqlType,
    b: &Value,
    b_type: &SqlType,
) -> Result<Value, SqlError> {
    let _ = (operator, a, a_type, b, b_type);
    Err(SqlError::unsupported("arithmetic"))
}

/// The static type of `operator a`.
pub fn unary_type(operator: UnaryOperator, a: &SqlType) -> Result<SqlType, SqlError> {
    let _ = (operator, a);
    Err(SqlError::unsupported("arithmetic"))
}

/// `operator a`; NULL if the operand is.
pub fn unary(operator: UnaryOperator, a: &Value, a_type: &SqlType) -> Result<Value, SqlError> {
    let _ = (operator, a, a_type);
    Err(SqlError::unsupported("arithmetic"))
}
