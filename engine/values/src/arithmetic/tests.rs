use proptest::prelude::*;

use super::BinaryOperator::{Add, BitAnd, BitOr, BitXor, Divide, Modulo, Multiply, Subtract};
use super::*;

fn int(number: i32) -> (Value, SqlType) {
    (Value::Int(number), SqlType::Int)
}

fn tiny(number: u8) -> (Value, SqlType) {
    (Value::TinyInt(number), SqlType::TinyInt)
}

fn big(number: i64) -> (Value, SqlType) {
    (Value::BigInt(number), SqlType::BigInt)
}

fn bit(bit: bool) -> (Value, SqlType) {
    (Value::Bit(bit), SqlType::Bit)
}

fn decimal_of(unscaled: i128, precision: u8, scale: u8) -> (Value, SqlType) {
    (
        Value::Decimal { unscaled, scale },
        SqlType::decimal(precision, scale),
    )
}

fn money_of(ten_thousandths: i64) -> (Value, SqlType) {
    (Value::Money(ten_thousandths), SqlType::Money)
}

fn float_of(float: f64) -> (Value, SqlType) {
    (Value::Float(float), SqlType::Float)
}

fn text(text: &str) -> (Value, SqlType) {
    (Value::text(text), SqlType::varchar(10))
}

fn date(days: i32) -> (Value, SqlType) {
    (Value::DateTime { days, ticks: 0 }, SqlType::DateTime)
}

#[test]
fn operators_calculate_as_sql_server_does() {
    let null = (Value::Null, SqlType::Int);
    for (a, operator, b, expected) in [
        (int(7), Add, int(3), Ok("10 int")),
        (int(7), Divide, int(2), Ok("3 int")),
        (int(-7), Divide, int(2), Ok("-3 int")),
        (int(-7), Modulo, int(3), Ok("-1 int")),
        (int(6), BitAnd, int(3), Ok("2 int")),
        (int(6), BitOr, int(3), Ok("7 int")),
        (int(6), BitXor, int(3), Ok("5 int")),
        (int(1), Add, null.clone(), Ok("<NULL> int")),
        (int(1), Divide, int(0), Err(8134)),
        (int(1), Modulo, int(0), Err(8134)),
        (int(i32::MAX), Add, int(1), Err(8115)),
        (int(i32::MIN), Divide, int(-1), Err(8115)),
        (int(i32::MAX), Add, big(1), Ok("2147483648 bigint")),
        (big(i64::MAX), Multiply, int(2), Err(8115)),
        (tiny(200), Add, tiny(56), Err(8115)),
        (tiny(1), Subtract, int(2), Ok("-1 int")),
        (
            decimal_of(10, 2, 1),
            Divide,
            decimal_of(3, 1, 0),
            Ok("0.333333 decimal(7,6)"),
        ),
        (
            decimal_of(20, 2, 1),
            Divide,
            decimal_of(3, 1, 0),
            Ok("0.666666 decimal(7,6)"),
        ),
        (
            decimal_of(150, 10, 2),
            Add,
            int(1),
            Ok("2.50 decimal(13,2)"),
        ),
        (
            decimal_of(150, 10, 2),
            Multiply,
            decimal_of(25, 5, 1),
            Ok("3.750 decimal(16,3)"),
        ),
        (decimal_of(75, 3, 1), Modulo, int(2), Ok("1.5 decimal(3,1)")),
        (decimal_of(1, 3, 1), Divide, decimal_of(0, 3, 1), Err(8134)),
        (
            decimal_of(10_i128.pow(37), 38, 0),
            Multiply,
            int(100),
            Err(8115),
        ),
        (
            money_of(1_000_000),
            Divide,
            money_of(3_390_000),
            Ok("0.29 money"),
        ),
        (
            money_of(12_345),
            Multiply,
            money_of(12_345),
            Ok("1.52 money"),
        ),
        (money_of(15_000), Multiply, int(2), Ok("3.00 money")),
        (
            money_of(15_000),
            Add,
            decimal_of(1, 3, 1),
            Ok("1.6000 decimal(20,4)"),
        ),
        (float_of(1.0), Divide, int(4), Ok("0.25 float")),
        (float_of(1.0), Divide, int(0), Err(8134)),
        (float_of(1e308), Multiply, int(10), Err(8115)),
        (float_of(1.0), Modulo, int(2), Err(402)),
        (text("3"), Add, int(4), Ok("7 int")),
        (text("x"), Add, int(4), Err(245)),
        (
            text("1.5"),
            Multiply,
            decimal_of(20, 2, 1),
            Ok("3.00 decimal(5,2)"),
        ),
        (text("a"), Add, text("b"), Ok("ab varchar(20)")),
        (text("a"), Subtract, text("b"), Err(8117)),
        (bit(true), BitAnd, bit(false), Ok("0 bit")),
        (bit(true), Add, bit(true), Err(8117)),
        (bit(true), Add, int(1), Ok("2 int")),
        (int(1), BitAnd, float_of(1.0), Err(402)),
        (date(1), Add, int(1), Ok("Jan  3 1900 12:00AM datetime")),
        (
            date(1),
            Subtract,
            date(2),
            Ok("Dec 31 1899 12:00AM datetime"),
        ),
        (
            date(1),
            Add,
            decimal_of(5, 2, 1),
            Ok("Jan  2 1900 12:00PM datetime"),
        ),
        (date(1), Multiply, int(1), Err(8117)),
        (date(2_958_463), Add, int(1), Err(8115)),
        ((Value::Date(1), SqlType::Date), Add, int(1), Err(206)),
        (
            (Value::Date(1), SqlType::Date),
            Subtract,
            (Value::Date(1), SqlType::Date),
            Err(8117),
        ),
        (
            (Value::DateTime2(1), SqlType::DateTime2(7)),
            Add,
            date(1),
            Err(402),
        ),
        (
            (Value::binary([1]), SqlType::varbinary(1)),
            Add,
            (Value::binary([2]), SqlType::varbinary(2)),
            Ok("0x0102 varbinary(3)"),
        ),
        (
            (Value::binary([1, 0]), SqlType::varbinary(2)),
            Add,
            int(1),
            Ok("257 int"),
        ),
        (
            (Value::binary([1]), SqlType::varbinary(1)),
            Add,
            text("a"),
            Err(402),
        ),
        (
            (Value::Guid([0; 16]), SqlType::UniqueIdentifier),
            Add,
            int(1),
            Err(206),
        ),
    ] {
        let actual = binary(operator, &a.0, &a.1, &b.0, &b.1)
            .map(|value| {
                let result = binary_type(operator, &a.1, &b.1).expect("the value has a type");
                format!("{} {result}", value.message_text(&result))
            })
            .map_err(|error| error.number);
        assert_eq!(
            actual.as_deref(),
            expected.as_ref().copied(),
            "{a:?} {operator:?} {b:?}"
        );
    }
}

#[test]
fn unary_operators_keep_the_type() {
    use UnaryOperator::{BitNot, Minus, Plus};
    for (operator, (value, sql_type), expected) in [
        (Minus, int(3), Ok(Value::Int(-3))),
        (Minus, int(i32::MIN), Err(8115)),
        (Minus, tiny(3), Ok(Value::SmallInt(-3))),
        (
            Minus,
            decimal_of(15, 3, 1),
            Ok(Value::Decimal {
                unscaled: -15,
                scale: 1,
            }),
        ),
        (Minus, money_of(5), Ok(Value::Money(-5))),
        (Minus, text("a"), Err(8117)),
        (Minus, bit(true), Err(8117)),
        (Plus, text("a"), Ok(Value::text("a"))),
        (BitNot, int(0), Ok(Value::Int(-1))),
        (BitNot, tiny(1), Ok(Value::TinyInt(254))),
        (BitNot, bit(true), Ok(Value::Bit(false))),
        (BitNot, float_of(1.0), Err(8117)),
    ] {
        let actual = unary(operator, &value, &sql_type).map_err(|error| error.number);
        assert_eq!(actual, expected, "{operator:?} {value:?}");
    }
}

#[test]
fn messages_name_types_and_operator() {
    let message = |operator, a, b| binary_type(operator, &a, &b).expect_err("refused").message;
    assert_eq!(
        message(Add, SqlType::Date, SqlType::Int),
        "Operand type clash: date is incompatible with int"
    );
    assert_eq!(
        message(Subtract, SqlType::varchar(1), SqlType::varchar(1)),
        "Operand data type varchar is invalid for subtract operator."
    );
    assert_eq!(
        message(BitAnd, SqlType::Float, SqlType::Int),
        "The data types float and int are incompatible in the '&' operator."
    );
}

fn any_operand() -> impl Strategy<Value = (Value, SqlType)> {
    prop_oneof![
        any::<i32>().prop_map(int),
        any::<i64>().prop_map(big),
        any::<u8>().prop_map(tiny),
        any::<bool>().prop_map(bit),
        any::<i64>().prop_map(money_of),
        any::<f64>()
            .prop_filter("finite", |float| float.is_finite())
            .prop_map(float_of),
        (-(10_i128.pow(38) - 1)..10_i128.pow(38), 0_u8..=38)
            .prop_map(|(unscaled, scale)| decimal_of(unscaled, 38, scale)),
        "[0-9.a-]{0,6}".prop_map(|digits| text(&digits)),
        (-53_690..2_958_464_i32).prop_map(date),
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_results_have_the_static_type(
        a in any_operand(),
        b in any_operand(),
        index in 0_usize..8,
    ) {
        let operator = [Add, Subtract, Multiply, Divide, Modulo, BitAnd, BitOr, BitXor][index];
        let result = binary(operator, &a.0, &a.1, &b.0, &b.1);
        if let Ok(value) = result {
            let sql_type = binary_type(operator, &a.1, &b.1).expect("the value has a type");
            let again = convert(&value, &sql_type, &sql_type, None, ConversionKind::Implicit);
            prop_assert_eq!(again, Ok(value));
        }
    }

    #[test]
    fn decimal_sums_commute(a in any_operand(), b in any_operand()) {
        prop_assert_eq!(
            binary(Add, &a.0, &a.1, &b.0, &b.1).map_err(|error| error.number).ok()
                .filter(|value| value.as_text().is_none()),
            binary(Add, &b.0, &b.1, &a.0, &a.1).map_err(|error| error.number).ok()
                .filter(|value| value.as_text().is_none())
        );
    }
}
