//! Which type do CASE, COALESCE, IIF, UNION and `+` over texts have?

use crate::conversion_rules::{Rule, rule};
use crate::decimal;
use crate::messages::operand_type_clash;
use crate::{Length, SqlError, SqlType};

/// The common type of two branches: the one of higher precedence, wide enough for both.
///
/// # Errors
/// 206 if the other cannot become it by itself.
pub fn union_type(a: &SqlType, b: &SqlType) -> Result<SqlType, SqlError> {
    if a == b {
        return Ok(*a);
    }
    let (high, low) = if a.precedence() <= b.precedence() {
        (a, b)
    } else {
        (b, a)
    };
    if matches!(low, SqlType::UntypedNull) {
        return Ok(*high);
    }
    if rule(low, high) != Rule::Implicit {
        return Err(operand_type_clash(low, high));
    }
    Ok(match (high, low) {
        (SqlType::Decimal { precision, scale }, other) => match other.as_decimal() {
            Some(digits) => {
                let (precision, scale) = decimal::union_type((*precision, *scale), digits);
                SqlType::decimal(precision, scale)
            }
            None => *high,
        },
        (SqlType::Time(x), SqlType::Time(y)) => SqlType::Time(*x.max(y)),
        (SqlType::DateTime2(x), SqlType::DateTime2(y)) => SqlType::DateTime2(*x.max(y)),
        (SqlType::DateTime2(x), SqlType::Time(y)) => SqlType::DateTime2(*x.max(y)),
        (
            SqlType::DateTimeOffset(x),
            SqlType::DateTimeOffset(y) | SqlType::DateTime2(y) | SqlType::Time(y),
        ) => SqlType::DateTimeOffset(*x.max(y)),
        (high, low) if high.is_character() && low.is_character() => {
            let fixed = high.is_fixed_length() && low.is_fixed_length();
            let unicode = high.is_unicode() || low.is_unicode();
            text_type(longer(high, low), unicode, fixed)
        }
        (
            SqlType::VarBinary(_) | SqlType::Binary(_),
            SqlType::VarBinary(_) | SqlType::Binary(_),
        ) => match longer(high, low) {
            Length::Limited(n) if high.is_fixed_length() && low.is_fixed_length() => {
                SqlType::Binary(n)
            }
            length => SqlType::VarBinary(length),
        },
        _ => *high,
    })
}

/// The common type of all branches; [`SqlType::UntypedNull`] if none is typed.
///
/// # Errors
/// As [`union_type`].
pub fn union_types<'a>(types: impl IntoIterator<Item = &'a SqlType>) -> Result<SqlType, SqlError> {
    types
        .into_iter()
        .try_fold(SqlType::UntypedNull, |result, next| {
            union_type(&result, next)
        })
}

/// The type of `a + b` over texts, and of CONCAT: as long as both together, at most 8000 bytes.
/// Types that are no texts count with the length that their text can have.
pub fn concatenation_type(a: &SqlType, b: &SqlType) -> SqlType {
    let unicode = a.is_unicode() || b.is_unicode();
    let limit = if unicode { 4000 } else { 8000 };
    let length = match (written_length(a), written_length(b)) {
        (Length::Limited(x), Length::Limited(y)) => {
            Length::Limited(x.saturating_add(y).clamp(1, limit))
        }
        _ => Length::Max,
    };
    let fixed = matches!(
        (a, b),
        (
            SqlType::Char(_) | SqlType::NChar(_),
            SqlType::Char(_) | SqlType::NChar(_)
        )
    );
    text_type(length, unicode, fixed)
}

fn text_type(length: Length, unicode: bool, fixed: bool) -> SqlType {
    let length = match length {
        Length::Limited(n) if unicode => Length::Limited(n.min(4000)),
        length => length,
    };
    match (length, unicode, fixed) {
        (Length::Limited(n), false, true) => SqlType::Char(n),
        (Length::Limited(n), true, true) => SqlType::NChar(n),
        (length, false, _) => SqlType::VarChar(length),
        (length, true, _) => SqlType::NVarChar(length),
    }
}

fn longer(a: &SqlType, b: &SqlType) -> Length {
    written_length(a).max(written_length(b))
}

/// How long the text of a value of the type can be.
pub(crate) fn written_length(sql_type: &SqlType) -> Length {
    if sql_type.is_max() {
        return Length::Max;
    }
    let characters = match sql_type {
        SqlType::Bit => 1,
        SqlType::TinyInt => 3,
        SqlType::SmallInt => 6,
        SqlType::Int => 12,
        SqlType::BigInt => 24,
        SqlType::Decimal { .. } => 41,
        SqlType::Money | SqlType::SmallMoney => 30,
        SqlType::Real | SqlType::Float => 24,
        SqlType::UniqueIdentifier => 36,
        SqlType::Date => 10,
        SqlType::Time(_) => 16,
        SqlType::SmallDateTime | SqlType::DateTime => 27,
        SqlType::DateTime2(_) => 27,
        SqlType::DateTimeOffset(_) => 34,
        SqlType::UntypedNull => 1,
        other => other.declared_length().unwrap_or(8000),
    };
    Length::Limited(characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: SqlType, b: SqlType, expected: Result<SqlType, i32>) {
        for (a, b) in [(a, b), (b, a)] {
            let actual = union_type(&a, &b).map_err(|error| error.number);
            assert_eq!(actual, expected, "{a} with {b}");
        }
    }

    #[test]
    fn branches_meet_in_the_type_of_higher_precedence() {
        let decimal = SqlType::decimal;
        for (a, b, expected) in [
            (SqlType::Int, SqlType::BigInt, Ok(SqlType::BigInt)),
            (SqlType::Int, SqlType::varchar(5), Ok(SqlType::Int)),
            (SqlType::Int, decimal(5, 2), Ok(decimal(12, 2))),
            (decimal(5, 2), decimal(4, 3), Ok(decimal(6, 3))),
            (decimal(5, 2), SqlType::Money, Ok(decimal(19, 4))),
            (decimal(5, 2), SqlType::Float, Ok(SqlType::Float)),
            (
                SqlType::varchar(5),
                SqlType::nvarchar(3),
                Ok(SqlType::nvarchar(5)),
            ),
            (SqlType::Char(5), SqlType::Char(3), Ok(SqlType::Char(5))),
            (
                SqlType::Char(5),
                SqlType::varchar(3),
                Ok(SqlType::varchar(5)),
            ),
            (
                SqlType::varchar(8000),
                SqlType::nvarchar(3),
                Ok(SqlType::nvarchar(4000)),
            ),
            (
                SqlType::VARCHAR_MAX,
                SqlType::nvarchar(3),
                Ok(SqlType::NVARCHAR_MAX),
            ),
            (SqlType::UntypedNull, SqlType::Date, Ok(SqlType::Date)),
            (SqlType::Date, SqlType::DateTime, Ok(SqlType::DateTime)),
            (
                SqlType::DateTime2(3),
                SqlType::DateTimeOffset(2),
                Ok(SqlType::DateTimeOffset(3)),
            ),
            (SqlType::Date, SqlType::Int, Err(206)),
            (SqlType::Date, SqlType::Time(7), Err(206)),
            (
                SqlType::UniqueIdentifier,
                SqlType::varchar(36),
                Ok(SqlType::UniqueIdentifier),
            ),
            (SqlType::UniqueIdentifier, SqlType::Int, Err(206)),
            (
                SqlType::varbinary(4),
                SqlType::Binary(8),
                Ok(SqlType::varbinary(8)),
            ),
        ] {
            check(a, b, expected);
        }
    }

    #[test]
    fn concatenation_is_as_long_as_both() {
        for (a, b, expected) in [
            (
                SqlType::varchar(5),
                SqlType::varchar(6),
                SqlType::varchar(11),
            ),
            (
                SqlType::varchar(5),
                SqlType::nvarchar(6),
                SqlType::nvarchar(11),
            ),
            (
                SqlType::varchar(5000),
                SqlType::varchar(6000),
                SqlType::varchar(8000),
            ),
            (
                SqlType::nvarchar(4000),
                SqlType::nvarchar(1),
                SqlType::nvarchar(4000),
            ),
            (SqlType::Char(5), SqlType::Char(6), SqlType::Char(11)),
            (
                SqlType::VARCHAR_MAX,
                SqlType::nvarchar(6),
                SqlType::NVARCHAR_MAX,
            ),
        ] {
            assert_eq!(concatenation_type(&a, &b), expected, "{a} + {b}");
        }
    }
}
