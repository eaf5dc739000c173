//! How do the errors of conversion and arithmetic read? One constructor per message of SQL Server.

use std::fmt::Display;

use crate::{SqlError, SqlType};

/// 220: an integer does not fit a smaller integer type.
pub(crate) fn small_integer_overflow(to: &SqlType, value: impl Display) -> SqlError {
    let state = if matches!(to, SqlType::TinyInt) { 2 } else { 1 };
    let name = to.base_name();
    SqlError::new(
        220,
        16,
        state,
        format!("Arithmetic overflow error for data type {name}, value = {value}."),
    )
}

/// 232: a float does not fit.
pub(crate) fn float_overflow(to: &SqlType, value: f64) -> SqlError {
    SqlError::new(
        232,
        16,
        3,
        format!(
            "Arithmetic overflow error for type {}, value = {value:.6}.",
            to.base_name()
        ),
    )
}

/// 234: a money text is longer than the character type.
pub(crate) fn money_result_space(to: &SqlType) -> SqlError {
    SqlError::new(
        234,
        16,
        2,
        format!(
            "There is insufficient result space to convert a money value to {}.",
            to.base_name()
        ),
    )
}

/// 235: a text is not a money literal.
pub(crate) fn money_syntax() -> SqlError {
    SqlError::new(
        235,
        16,
        0,
        "Cannot convert a char value to money. The char value has incorrect syntax.",
    )
}

/// 241: a text is not a date or time.
pub(crate) fn date_from_text() -> SqlError {
    SqlError::new(
        241,
        16,
        1,
        "Conversion failed when converting date and/or time from character string.",
    )
}

/// 242: a date is readable but outside of the range of the type.
pub(crate) fn date_out_of_range(from: &SqlType, to: &SqlType) -> SqlError {
    SqlError::new(
        242,
        16,
        3,
        format!(
            "The conversion of a {} data type to a {} data type resulted in an out-of-range value.",
            from.message_name(),
            to.message_name()
        ),
    )
}

/// 244 and 248: a text is an integer, but too large for the type.
pub(crate) fn text_integer_overflow(from: &SqlType, to: &SqlType, text: &str) -> SqlError {
    let from = from.base_name();
    match to {
        SqlType::TinyInt => SqlError::new(
            244,
            16,
            1,
            format!(
                "The conversion of the {from} value '{text}' overflowed an INT1 column. Use a larger integer column."
            ),
        ),
        SqlType::SmallInt => SqlError::new(
            244,
            16,
            2,
            format!(
                "The conversion of the {from} value '{text}' overflowed an INT2 column. Use a larger integer column."
            ),
        ),
        _ => SqlError::new(
            248,
            16,
            1,
            format!("The conversion of the {from} value '{text}' overflowed an int column."),
        ),
    }
}

/// 245: a text is not an integer or a bit.
pub(crate) fn conversion_failed(from: &SqlType, to: &SqlType, text: &str) -> SqlError {
    SqlError::new(
        245,
        16,
        1,
        format!(
            "Conversion failed when converting the {} value '{text}' to data type {}.",
            from.message_name(),
            to.message_name()
        ),
    )
}

/// 295: a text is not a smalldatetime.
pub(crate) fn small_date_from_text() -> SqlError {
    SqlError::new(
        295,
        16,
        3,
        "Conversion failed when converting character string to smalldatetime data type.",
    )
}

/// 281: a style number that the conversion does not know.
pub(crate) fn invalid_style(style: i32, from: &SqlType, to: &SqlType) -> SqlError {
    SqlError::new(
        281,
        16,
        1,
        format!(
            "{style} is not a valid style number when converting from {} to a character string.",
            if to.is_text() {
                from.base_name()
            } else {
                to.base_name()
            }
        ),
    )
}

/// 8114: a text is not a number of the wanted kind.
pub(crate) fn error_converting(from: &SqlType, to: &SqlType) -> SqlError {
    SqlError::new(
        8114,
        16,
        5,
        format!(
            "Error converting data type {} to {}.",
            from.message_name(),
            to.message_name()
        ),
    )
}

/// 8115: the result of an expression does not fit its type.
pub(crate) fn expression_overflow(to: &SqlType) -> SqlError {
    SqlError::new(
        8115,
        16,
        2,
        format!(
            "Arithmetic overflow error converting expression to data type {}.",
            to.message_name()
        ),
    )
}

/// 8115: a value of one type does not fit another; numeric and float name their source.
pub(crate) fn conversion_overflow(from: &SqlType, to: &SqlType) -> SqlError {
    let state = if matches!(from, SqlType::Float | SqlType::Real) {
        6
    } else {
        8
    };
    SqlError::new(
        8115,
        16,
        state,
        format!(
            "Arithmetic overflow error converting {} to data type {}.",
            from.message_name(),
            to.message_name()
        ),
    )
}

/// 8134.
pub(crate) fn divide_by_zero() -> SqlError {
    SqlError::new(8134, 16, 1, "Divide by zero error encountered.")
}

/// 8169: a text is not a uniqueidentifier.
pub(crate) fn guid_from_text() -> SqlError {
    SqlError::new(
        8169,
        16,
        2,
        "Conversion failed when converting from a character string to uniqueidentifier.",
    )
}

/// 8170: the character type is shorter than 36.
pub(crate) fn guid_result_space() -> SqlError {
    SqlError::new(
        8170,
        16,
        2,
        "Insufficient result space to convert uniqueidentifier value to char.",
    )
}

/// 206: two types that never meet.
pub(crate) fn operand_type_clash(a: &SqlType, b: &SqlType) -> SqlError {
    SqlError::new(
        206,
        16,
        2,
        format!(
            "Operand type clash: {} is incompatible with {}",
            a.message_name(),
            b.message_name()
        ),
    )
}

/// 402: two types that this operator does not join.
pub(crate) fn incompatible_types(a: &SqlType, b: &SqlType, operator: &str) -> SqlError {
    SqlError::new(
        402,
        16,
        1,
        format!(
            "The data types {} and {} are incompatible in the {operator} operator.",
            a.message_name(),
            b.message_name()
        ),
    )
}

/// 8117: a type that this operator never takes.
pub(crate) fn invalid_operand(operand: &SqlType, operator: &str) -> SqlError {
    SqlError::new(
        8117,
        16,
        1,
        format!(
            "Operand data type {} is invalid for {operator} operator.",
            operand.message_name()
        ),
    )
}

/// 8116: a function argument of a type that the function does not take.
pub(crate) fn invalid_argument_type(argument: &SqlType, index: usize, function: &str) -> SqlError {
    SqlError::new(
        8116,
        16,
        1,
        format!(
            "Argument data type {} is invalid for argument {index} of {function} function.",
            argument.message_name()
        ),
    )
}

/// 517: date arithmetic left the range of the type.
pub(crate) fn date_add_overflow(to: &SqlType) -> SqlError {
    SqlError::new(
        517,
        16,
        1,
        format!(
            "Adding a value to a '{}' column caused an overflow.",
            to.base_name()
        ),
    )
}
