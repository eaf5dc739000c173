//! How do two values compare, and by which key are they found again?

use std::cmp::Ordering;

use crate::convert::exact;
use crate::decimal;
use crate::messages::{incompatible_types, invalid_operand};
use crate::result_type::union_type;
use crate::{Collation, ConversionKind, SqlError, SqlType, Value, check_conversion, convert};

/// Whether two types can be compared at all. `operator` is worded as in the message: "equal to",
/// "not equal to", "less than", "less than or equal to", "greater than", "greater than or equal to".
///
/// # Errors
/// 402 for text, ntext, image and xml; 206, 257 where one cannot become the other by itself.
pub fn check_comparable(a: &SqlType, b: &SqlType, operator: &str) -> Result<(), SqlError> {
    if !a.is_comparable() || !b.is_comparable() {
        if a == b && matches!(a, SqlType::Xml) {
            return Err(SqlError::new(
                305,
                16,
                1,
                "The xml data type cannot be compared or sorted, except when using the IS NULL operator.",
            ));
        }
        return Err(incompatible_types(a, b, operator));
    }
    let (high, low) = if a.precedence() <= b.precedence() {
        (a, b)
    } else {
        (b, a)
    };
    // Text and bytes meet in arithmetic errors of their own.
    if low.is_binary() && high.is_character() {
        return Err(incompatible_types(a, b, operator));
    }
    check_conversion(low, high, ConversionKind::Implicit)
}

/// Whether ORDER BY, GROUP BY, DISTINCT, MIN and MAX take the type.
///
/// # Errors
/// 306 for the large legacy types, 305 for xml.
pub fn check_sortable(sql_type: &SqlType) -> Result<(), SqlError> {
    match sql_type {
        SqlType::LegacyText | SqlType::LegacyNText | SqlType::LegacyImage => Err(SqlError::new(
            306,
            16,
            2,
            "The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.",
        )),
        SqlType::Xml => Err(SqlError::new(
            305,
            16,
            1,
            "The xml data type cannot be compared or sorted, except when using the IS NULL operator.",
        )),
        _ => Ok(()),
    }
}

/// The error of an aggregate over a type that it does not take, such as `sum` of a text: 8117.
pub fn invalid_operand_type(sql_type: &SqlType, operator: &str) -> SqlError {
    invalid_operand(sql_type, operator)
}

/// Compares after conversion to the type of higher precedence; `None` if either is NULL.
///
/// # Errors
/// Those of the conversion, such as 245 for `'abc' = 1`.
pub fn compare(
    a: &Value,
    a_type: &SqlType,
    b: &Value,
    b_type: &SqlType,
    collation: Collation,
) -> Result<Option<Ordering>, SqlError> {
    if a.is_null() || b.is_null() {
        return Ok(None);
    }
    if let Some(ordering) = compare_alike(a, b, collation) {
        return Ok(Some(ordering));
    }
    if let (Value::Text(a), Value::Text(b)) = (a, b) {
        return Ok(Some(collation.compare(a, b)));
    }
    let common = match union_type(a_type, b_type)? {
        // Digits of neither side may be lost, so each keeps its own.
        SqlType::Decimal { .. } => {
            let number = |value: &Value, from: &SqlType| match (exact(value), value) {
                (Some((unscaled, scale)), _) => Ok(Value::Decimal { unscaled, scale }),
                (None, _) => {
                    let to = match (a_type, b_type) {
                        (SqlType::Decimal { .. }, _) => a_type,
                        _ => b_type,
                    };
                    convert(value, from, to, None, ConversionKind::Implicit)
                }
            };
            let (a, b) = (number(a, a_type)?, number(b, b_type)?);
            return Ok(Some(order(&a, &b, collation)));
        }
        common => common,
    };
    let a = convert(a, a_type, &common, None, ConversionKind::Implicit)?;
    let b = convert(b, b_type, &common, None, ConversionKind::Implicit)?;
    Ok(Some(order(&a, &b, collation)))
}

/// Pairs that need no conversion, which is nearly all of them.
fn compare_alike(a: &Value, b: &Value, collation: Collation) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::BigInt(a), Value::BigInt(b)) => a.cmp(b),
        (Value::Int(a), Value::BigInt(b)) => i64::from(*a).cmp(b),
        (Value::BigInt(a), Value::Int(b)) => a.cmp(&i64::from(*b)),
        (Value::SmallInt(a), Value::SmallInt(b)) => a.cmp(b),
        (Value::TinyInt(a), Value::TinyInt(b)) => a.cmp(b),
        (Value::Bit(a), Value::Bit(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => collation.compare(a, b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::DateTime2(a), Value::DateTime2(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) => a.cmp(b),
        (Value::Guid(a), Value::Guid(b)) => guid_key(a).cmp(&guid_key(b)),
        (Value::Binary(a), Value::Binary(b)) => trimmed(a).cmp(trimmed(b)),
        _ => return None,
    })
}

/// ORDER BY of two values of one type: total, NULL first.
pub fn order(a: &Value, b: &Value, collation: Collation) -> Ordering {
    if let Some(ordering) = compare_alike(a, b, collation) {
        return ordering;
    }
    ValueKey::new(a, collation).cmp(&ValueKey::new(b, collation))
}

/// A value as a key of an index, a join or a group: hashable, totally ordered, equal exactly when
/// SQL Server finds the values equal. NULL keys are equal to each other here; a join must look at
/// [`ValueKey::is_null`]. Both sides must have been converted to one type first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueKey {
    /// NULL, before everything.
    Null,
    /// Bits and integers.
    Integer(i64),
    /// Decimals and money: the whole number below, and the fraction in units of 10^-38.
    Exact(Box<(i128, u128)>),
    /// Floats, as bits that order as the floats do.
    Float(u64),
    /// Dates and times in ticks or days.
    Moment(i64),
    /// uniqueidentifiers, in the order in which SQL Server compares their bytes.
    Guid([u8; 16]),
    /// Texts, as sort keys of the collation.
    Text(Box<[u8]>),
    /// Bytes without zeros at the end, which do not count.
    Bytes(Box<[u8]>),
    /// Values in a sql_variant: ordered by family first, as documented.
    Variant(u8, Box<Self>),
}

impl ValueKey {
    /// The key of a value under a collation.
    pub fn new(value: &Value, collation: Collation) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bit(bit) => Self::Integer(i64::from(*bit)),
            Value::TinyInt(number) => Self::Integer(i64::from(*number)),
            Value::SmallInt(number) => Self::Integer(i64::from(*number)),
            Value::Int(number) => Self::Integer(i64::from(*number)),
            Value::BigInt(number) => Self::Integer(*number),
            Value::Decimal { unscaled, scale } => exact_key(*unscaled, *scale),
            Value::Money(money) => exact_key(i128::from(*money), 4),
            Value::Real(real) => Self::Float(float_key(f64::from(*real))),
            Value::Float(float) => Self::Float(float_key(*float)),
            Value::Text(text) => Self::Text(collation.sort_key(text).into()),
            Value::Binary(bytes) => Self::Bytes(trimmed(bytes).into()),
            Value::Guid(guid) => Self::Guid(guid_key(guid)),
            Value::Date(days) => Self::Moment(i64::from(*days)),
            Value::Time(ticks) | Value::DateTime2(ticks) => Self::Moment(*ticks),
            Value::DateTime { days, ticks } => {
                Self::Moment(i64::from(*days) << 32 | i64::from(*ticks))
            }
            // Two spellings of one instant are equal.
            Value::DateTimeOffset { utc, .. } => Self::Moment(*utc),
            Value::Variant(inner) => {
                let (sql_type, value) = inner.as_ref();
                let key = match exact(value) {
                    Some((unscaled, scale)) => exact_key(unscaled, scale),
                    None => Self::new(value, collation),
                };
                Self::Variant(variant_family(sql_type), Box::new(key))
            }
        }
    }

    /// Whether the value was NULL.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

fn exact_key(unscaled: i128, scale: u8) -> ValueKey {
    let unit = decimal::power_of_ten(scale);
    let fraction = unscaled.rem_euclid(unit).unsigned_abs();
    let rest = decimal::power_of_ten(decimal::PRECISION_MAX - scale).unsigned_abs();
    ValueKey::Exact(Box::new((unscaled.div_euclid(unit), fraction * rest)))
}

/// Flips the bits so that unsigned order is numeric order; both zeros are one.
fn float_key(value: f64) -> u64 {
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The last six bytes count most, then 8-9, 6-7, 4-5, 0-3; the first three groups byte by byte as
/// they are stored, which is the reverse of how they are printed.
fn guid_key(guid: &[u8; 16]) -> [u8; 16] {
    const ORDER: [usize; 16] = [10, 11, 12, 13, 14, 15, 8, 9, 7, 6, 5, 4, 3, 2, 1, 0];
    ORDER.map(|index| guid[index])
}

/// Zeros at the end of a binary value do not count in comparisons, as blanks do not in texts.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let kept = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    &bytes[..kept]
}

/// The families of sql_variant from lowest to highest.
const fn variant_family(sql_type: &SqlType) -> u8 {
    if sql_type.is_binary() {
        0
    } else if matches!(sql_type, SqlType::UniqueIdentifier) {
        1
    } else if sql_type.is_text() {
        2
    } else if sql_type.is_exact_number() {
        3
    } else if sql_type.is_approximate() {
        4
    } else {
        5
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(unscaled: i128, scale: u8) -> (Value, SqlType) {
        (
            Value::Decimal { unscaled, scale },
            SqlType::decimal(38, scale),
        )
    }

    fn guid(text: &str) -> (Value, SqlType) {
        let text = Value::text(text);
        let to = SqlType::UniqueIdentifier;
        let value = convert(
            &text,
            &SqlType::varchar(36),
            &to,
            None,
            ConversionKind::Explicit,
        );
        (value.expect("a guid"), to)
    }

    fn text(text: &str) -> (Value, SqlType) {
        (Value::text(text), SqlType::varchar(30))
    }

    fn int(number: i32) -> (Value, SqlType) {
        (Value::Int(number), SqlType::Int)
    }

    fn binary(bytes: &[u8]) -> (Value, SqlType) {
        (Value::binary(bytes), SqlType::varbinary(30))
    }

    #[test]
    fn values_compare_in_the_type_of_higher_precedence() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            (int(1), int(2), Ok(Some(Less))),
            (int(1), (Value::Null, SqlType::Int), Ok(None)),
            (int(1), text(" 1"), Ok(Some(Equal))),
            (int(1), text("abc"), Err(245)),
            (int(2), decimal(20, 1), Ok(Some(Equal))),
            (decimal(-15, 1), decimal(-149, 2), Ok(Some(Less))),
            (
                decimal(10_i128.pow(37), 0),
                decimal(1, 38),
                Ok(Some(Greater)),
            ),
            (decimal(15, 1), text("1.5"), Ok(Some(Equal))),
            (
                decimal(15, 1),
                (Value::Float(1.5), SqlType::Float),
                Ok(Some(Equal)),
            ),
            (
                (Value::Money(15_000), SqlType::Money),
                decimal(15, 1),
                Ok(Some(Equal)),
            ),
            (text("ABC"), text("abc  "), Ok(Some(Equal))),
            (binary(&[1]), binary(&[1, 0]), Ok(Some(Equal))),
            (binary(&[1]), binary(&[1, 1]), Ok(Some(Less))),
            (
                guid("00000000-0000-0000-0000-010000000000"),
                guid("ffffffff-ffff-ffff-ffff-000000000000"),
                Ok(Some(Greater)),
            ),
            (
                guid("01000000-0000-0000-0000-000000000000"),
                guid("00000001-0000-0000-0000-000000000000"),
                Ok(Some(Less)),
            ),
            (
                (
                    Value::DateTimeOffset { utc: 5, offset: 60 },
                    SqlType::DateTimeOffset(7),
                ),
                (
                    Value::DateTimeOffset {
                        utc: 5,
                        offset: -60,
                    },
                    SqlType::DateTimeOffset(7),
                ),
                Ok(Some(Equal)),
            ),
            (
                (Value::Float(-0.0), SqlType::Float),
                int(0),
                Ok(Some(Equal)),
            ),
        ] {
            let actual = compare(&a.0, &a.1, &b.0, &b.1, Collation::default());
            assert_eq!(
                actual.map_err(|error| error.number),
                expected,
                "{a:?} with {b:?}"
            );
        }
    }

    #[test]
    fn types_that_never_meet_are_refused() {
        for (a, b, expected) in [
            (SqlType::Int, SqlType::Date, 206),
            (SqlType::UniqueIdentifier, SqlType::Int, 206),
            (SqlType::LegacyText, SqlType::varchar(3), 402),
            (SqlType::Xml, SqlType::Xml, 305),
            (SqlType::varchar(3), SqlType::varbinary(3), 402),
        ] {
            let error = check_comparable(&a, &b, "equal to").expect_err("must be refused");
            assert_eq!(error.number, expected, "{a} with {b}: {error}");
        }
        assert_eq!(
            check_comparable(&SqlType::Int, &SqlType::varchar(3), "equal to"),
            Ok(())
        );
    }

    fn numbers() -> impl Strategy<Value = Value> {
        prop_oneof![
            (any::<i64>(), 0_u8..=38).prop_map(|(n, scale)| Value::Decimal {
                unscaled: i128::from(n),
                scale
            }),
            (any::<i32>(), 0_u8..3).prop_map(|(n, scale)| Value::Decimal {
                unscaled: i128::from(n),
                scale
            }),
            any::<i64>().prop_map(Value::Money),
        ]
    }

    proptest! {
        #[test]
        fn order_is_a_total_order(a in numbers(), b in numbers(), c in numbers()) {
            let collation = Collation::default();
            prop_assert_eq!(order(&a, &b, collation), order(&b, &a, collation).reverse());
            if order(&a, &b, collation).is_le() && order(&b, &c, collation).is_le() {
                prop_assert!(order(&a, &c, collation).is_le());
            }
        }

        #[test]
        fn float_keys_order_as_floats(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(Some(float_key(a).cmp(&float_key(b))), a.partial_cmp(&b));
        }
    }
}
