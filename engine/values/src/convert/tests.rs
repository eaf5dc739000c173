use proptest::prelude::*;

use super::*;

/// Converts explicitly and prints: the value in quotes, or the error's number and text.
fn cast(value: Value, from: SqlType, to: SqlType, style: Option<i32>) -> String {
    match convert(&value, &from, &to, style, ConversionKind::Explicit) {
        Ok(Value::Null) => "NULL".into(),
        Ok(value) => format!("'{}'", plain_text(&value, &to)),
        Err(error) => format!("{}: {}", error.number, error.message),
    }
}

fn check(value: Value, from: SqlType, to: SqlType, style: Option<i32>, expected: &str) {
    let actual = cast(value.clone(), from, to, style);
    assert_eq!(
        actual, expected,
        "CONVERT({to}, {value:?} of {from}, {style:?})"
    );
}

const TEXT: SqlType = SqlType::varchar(50);

#[test]
fn texts_become_numbers_or_the_documented_error() {
    for (text, to, expected) in [
        ("12", SqlType::Int, "'12'"),
        (" -12 ", SqlType::Int, "'-12'"),
        ("", SqlType::Int, "'0'"),
        ("-", SqlType::Int, "'0'"),
        (
            "abc",
            SqlType::Int,
            "245: Conversion failed when converting the varchar value 'abc' to data type int.",
        ),
        (
            "1.5",
            SqlType::Int,
            "245: Conversion failed when converting the varchar value '1.5' to data type int.",
        ),
        (
            "3000000000",
            SqlType::Int,
            "248: The conversion of the varchar value '3000000000' overflowed an int column.",
        ),
        (
            "256",
            SqlType::TinyInt,
            "244: The conversion of the varchar value '256' overflowed an INT1 column. Use a larger integer column.",
        ),
        (
            "40000",
            SqlType::SmallInt,
            "244: The conversion of the varchar value '40000' overflowed an INT2 column. Use a larger integer column.",
        ),
        (
            "x",
            SqlType::BigInt,
            "8114: Error converting data type varchar to bigint.",
        ),
        (
            "9999999999999999999",
            SqlType::BigInt,
            "8115: Arithmetic overflow error converting expression to data type bigint.",
        ),
        ("TRUE", SqlType::Bit, "'1'"),
        ("0", SqlType::Bit, "'0'"),
        ("5", SqlType::Bit, "'1'"),
        (
            "yes",
            SqlType::Bit,
            "245: Conversion failed when converting the varchar value 'yes' to data type bit.",
        ),
        ("1.005", SqlType::decimal(5, 2), "'1.01'"),
        (
            "",
            SqlType::decimal(5, 2),
            "8114: Error converting data type varchar to numeric.",
        ),
        (
            "1000",
            SqlType::decimal(5, 2),
            "8115: Arithmetic overflow error converting varchar to data type numeric.",
        ),
        ("1e3", SqlType::Float, "'1000'"),
        (
            "inf",
            SqlType::Float,
            "8114: Error converting data type varchar to float.",
        ),
        ("$1,234.56", SqlType::Money, "'1234.56'"),
        (
            "ABC",
            SqlType::Money,
            "235: Cannot convert a char value to money. The char value has incorrect syntax.",
        ),
        (
            "0e984725-c51c-4bf4-9960-e1c80e27aba0",
            SqlType::UniqueIdentifier,
            "'0E984725-C51C-4BF4-9960-E1C80E27ABA0'",
        ),
        (
            "{0E984725-C51C-4BF4-9960-E1C80E27ABA0}",
            SqlType::UniqueIdentifier,
            "'0E984725-C51C-4BF4-9960-E1C80E27ABA0'",
        ),
        (
            "nonsense",
            SqlType::UniqueIdentifier,
            "8169: Conversion failed when converting from a character string to uniqueidentifier.",
        ),
    ] {
        check(Value::text(text), TEXT, to, None, expected);
    }
}

#[test]
fn numbers_become_other_numbers() {
    for (value, from, to, expected) in [
        (
            Value::Int(256),
            SqlType::Int,
            SqlType::TinyInt,
            "220: Arithmetic overflow error for data type tinyint, value = 256.",
        ),
        (
            Value::Int(40_000),
            SqlType::Int,
            SqlType::SmallInt,
            "220: Arithmetic overflow error for data type smallint, value = 40000.",
        ),
        (
            Value::BigInt(3_000_000_000),
            SqlType::BigInt,
            SqlType::Int,
            "8115: Arithmetic overflow error converting expression to data type int.",
        ),
        (
            Value::Decimal {
                unscaled: -19,
                scale: 1,
            },
            SqlType::decimal(3, 1),
            SqlType::Int,
            "'-1'",
        ),
        (Value::Money(15_000), SqlType::Money, SqlType::Int, "'2'"),
        (Value::Float(-1.9), SqlType::Float, SqlType::Int, "'-1'"),
        (
            Value::Float(3e9),
            SqlType::Float,
            SqlType::Int,
            "232: Arithmetic overflow error for type int, value = 3000000000.000000.",
        ),
        (
            Value::Int(1000),
            SqlType::Int,
            SqlType::decimal(5, 2),
            "8115: Arithmetic overflow error converting int to data type numeric.",
        ),
        (
            Value::Decimal {
                unscaled: 12_345,
                scale: 3,
            },
            SqlType::decimal(5, 3),
            SqlType::decimal(4, 2),
            "'12.35'",
        ),
        (
            Value::Float(2.5),
            SqlType::Float,
            SqlType::decimal(5, 0),
            "'3'",
        ),
        (
            Value::Float(0.1),
            SqlType::Float,
            SqlType::decimal(38, 20),
            "'0.10000000000000000555'",
        ),
        (Value::Int(2), SqlType::Int, SqlType::Bit, "'1'"),
        (
            Value::binary([0, 0, 1, 0]),
            SqlType::varbinary(4),
            SqlType::Int,
            "'256'",
        ),
        (
            Value::DateTime {
                days: 1,
                ticks: 150 * 86_400,
            },
            SqlType::DateTime,
            SqlType::Int,
            "'2'",
        ),
        (
            Value::DateTime {
                days: 1,
                ticks: 150 * 86_400,
            },
            SqlType::DateTime,
            SqlType::Float,
            "'1.5'",
        ),
    ] {
        check(value, from, to, None, expected);
    }
}

#[test]
fn values_become_text() {
    for (value, from, to, style, expected) in [
        (
            Value::text("abcdef"),
            TEXT,
            SqlType::varchar(3),
            None,
            "'abc'",
        ),
        (Value::text("ab"), TEXT, SqlType::Char(4), None, "'ab  '"),
        (
            Value::text("ō日"),
            SqlType::nvarchar(5),
            SqlType::varchar(5),
            None,
            "'o?'",
        ),
        (
            Value::text("a😀b"),
            SqlType::nvarchar(5),
            SqlType::nvarchar(2),
            None,
            "'a'",
        ),
        (
            Value::Int(12_345),
            SqlType::Int,
            SqlType::varchar(2),
            None,
            "'*'",
        ),
        (
            Value::Int(12_345),
            SqlType::Int,
            SqlType::nvarchar(2),
            None,
            "8115: Arithmetic overflow error converting expression to data type nvarchar.",
        ),
        (
            Value::Decimal {
                unscaled: 12_345,
                scale: 2,
            },
            SqlType::decimal(5, 2),
            SqlType::varchar(3),
            None,
            "8115: Arithmetic overflow error converting numeric to data type varchar.",
        ),
        (
            Value::Money(12_345_678),
            SqlType::Money,
            TEXT,
            None,
            "'1234.57'",
        ),
        (
            Value::Money(12_345_678),
            SqlType::Money,
            TEXT,
            Some(1),
            "'1,234.57'",
        ),
        (
            Value::Money(12_345_678),
            SqlType::Money,
            TEXT,
            Some(2),
            "'1234.5678'",
        ),
        (
            Value::Money(12_345_678),
            SqlType::Money,
            SqlType::varchar(3),
            None,
            "234: There is insufficient result space to convert a money value to varchar.",
        ),
        (
            Value::Float(1_234_567.0),
            SqlType::Float,
            TEXT,
            None,
            "'1.23457e+006'",
        ),
        (Value::Float(0.0001), SqlType::Float, TEXT, None, "'0.0001'"),
        (
            Value::Float(0.00001),
            SqlType::Float,
            TEXT,
            None,
            "'1e-005'",
        ),
        (
            Value::Float(1.5),
            SqlType::Float,
            TEXT,
            Some(1),
            "'1.5000000e+000'",
        ),
        (
            Value::Float(1.5),
            SqlType::Float,
            TEXT,
            Some(2),
            "'1.500000000000000e+000'",
        ),
        (Value::Real(0.1), SqlType::Real, TEXT, None, "'0.1'"),
        (
            Value::Guid([0xAB; 16]),
            SqlType::UniqueIdentifier,
            SqlType::varchar(10),
            None,
            "8170: Insufficient result space to convert uniqueidentifier value to char.",
        ),
        (
            Value::binary([0x41, 0xE9]),
            SqlType::varbinary(2),
            TEXT,
            None,
            "'Aé'",
        ),
        (
            Value::binary([0x41, 0xE9]),
            SqlType::varbinary(2),
            TEXT,
            Some(1),
            "'0x41E9'",
        ),
        (
            Value::binary([0x41, 0xE9]),
            SqlType::varbinary(2),
            TEXT,
            Some(2),
            "'41E9'",
        ),
        (
            Value::binary([0x41, 0x00]),
            SqlType::varbinary(2),
            SqlType::nvarchar(9),
            None,
            "'A'",
        ),
        (
            Value::DateTime { days: 0, ticks: 0 },
            SqlType::DateTime,
            SqlType::varchar(11),
            None,
            "'Jan  1 1900'",
        ),
        (
            Value::DateTime { days: 0, ticks: 0 },
            SqlType::DateTime,
            TEXT,
            Some(99),
            "281: 99 is not a valid style number when converting from datetime to a character string.",
        ),
        (
            Value::Date(0),
            SqlType::Date,
            TEXT,
            Some(108),
            "8114: Error converting data type date to varchar.",
        ),
    ] {
        check(value, from, to, style, expected);
    }
}

#[test]
fn texts_become_dates() {
    const OUT: &str = "242: The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.";
    const BAD: &str =
        "241: Conversion failed when converting date and/or time from character string.";
    for (text, to, style, expected) in [
        (
            "2024-01-31",
            SqlType::DateTime,
            None,
            "'Jan 31 2024 12:00AM'",
        ),
        (
            "2024-01-31T10:11:12.123",
            SqlType::DateTime,
            None,
            "'Jan 31 2024 10:11AM'",
        ),
        ("", SqlType::DateTime, None, "'Jan  1 1900 12:00AM'"),
        ("2024-02-30", SqlType::DateTime, None, OUT),
        ("1752-12-31", SqlType::DateTime, None, OUT),
        ("abc", SqlType::DateTime, None, BAD),
        ("2024-01-31 10:11:12.1234567", SqlType::DateTime, None, BAD),
        ("2024-02-30", SqlType::Date, None, BAD),
        ("31/01/2024", SqlType::Date, Some(103), "'2024-01-31'"),
        ("31/01/2024", SqlType::Date, None, BAD),
        (
            "2024-01-31 10:11:12.1234567",
            SqlType::DateTime2(3),
            None,
            "'2024-01-31 10:11:12.123'",
        ),
        ("23:59:59.9999999", SqlType::Time(0), None, "'00:00:00'"),
        (
            "9999-12-31 23:59:59.9999999",
            SqlType::DateTime2(0),
            None,
            BAD,
        ),
        (
            "2024-01-31 10:00 +02:00",
            SqlType::DateTimeOffset(0),
            None,
            "'2024-01-31 10:00:00 +02:00'",
        ),
        (
            "2024-01-31 10:00",
            SqlType::DateTimeOffset(0),
            None,
            "'2024-01-31 10:00:00 +00:00'",
        ),
        (
            "abc",
            SqlType::SmallDateTime,
            None,
            "295: Conversion failed when converting character string to smalldatetime data type.",
        ),
        (
            "2024-01-31 10:00:30",
            SqlType::SmallDateTime,
            None,
            "'Jan 31 2024 10:01AM'",
        ),
    ] {
        check(Value::text(text), TEXT, to, style, expected);
    }
}

#[test]
fn dates_become_other_dates() {
    let datetime = Value::DateTime { days: 0, ticks: 1 };
    for (value, from, to, expected) in [
        (
            datetime.clone(),
            SqlType::DateTime,
            SqlType::DateTime2(7),
            "'1900-01-01 00:00:00.0033333'",
        ),
        (
            datetime.clone(),
            SqlType::DateTime,
            SqlType::Time(3),
            "'00:00:00.003'",
        ),
        (datetime, SqlType::DateTime, SqlType::Date, "'1900-01-01'"),
        (
            Value::Date(0),
            SqlType::Date,
            SqlType::DateTime,
            "242: The conversion of a date data type to a datetime data type resulted in an out-of-range value.",
        ),
        (
            Value::Time(0),
            SqlType::Time(7),
            SqlType::DateTime,
            "'Jan  1 1900 12:00AM'",
        ),
        (
            Value::Int(1),
            SqlType::Int,
            SqlType::DateTime,
            "'Jan  2 1900 12:00AM'",
        ),
        (
            Value::Int(9_999_999),
            SqlType::Int,
            SqlType::DateTime,
            "8115: Arithmetic overflow error converting expression to data type datetime.",
        ),
        (
            Value::Int(1),
            SqlType::Int,
            SqlType::Date,
            "529: Explicit conversion from data type int to date is not allowed.",
        ),
    ] {
        check(value, from, to, None, expected);
    }
}

#[test]
fn values_become_bytes() {
    for (value, from, to, style, expected) in [
        (
            Value::Int(258),
            SqlType::Int,
            SqlType::varbinary(4),
            None,
            "0x00000102",
        ),
        (
            Value::Int(258),
            SqlType::Int,
            SqlType::Binary(2),
            None,
            "0x0102",
        ),
        (
            Value::Int(258),
            SqlType::Int,
            SqlType::Binary(6),
            None,
            "0x000000000102",
        ),
        (
            Value::text("ab"),
            TEXT,
            SqlType::Binary(4),
            None,
            "0x61620000",
        ),
        (
            Value::text("a"),
            SqlType::nvarchar(1),
            SqlType::varbinary(4),
            None,
            "0x6100",
        ),
        (
            Value::text("0x1F"),
            TEXT,
            SqlType::varbinary(4),
            Some(1),
            "0x1f",
        ),
        (
            Value::text("1F"),
            TEXT,
            SqlType::varbinary(4),
            Some(2),
            "0x1f",
        ),
        (
            Value::DateTime { days: 1, ticks: 2 },
            SqlType::DateTime,
            SqlType::varbinary(8),
            None,
            "0x0000000100000002",
        ),
        (
            Value::Guid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
            SqlType::UniqueIdentifier,
            SqlType::varbinary(16),
            None,
            "0x0403020106050807090a0b0c0d0e0f10",
        ),
        (
            Value::Decimal {
                unscaled: 258,
                scale: 1,
            },
            SqlType::decimal(5, 1),
            SqlType::varbinary(20),
            None,
            "0x0501000102010000",
        ),
    ] {
        let actual = convert(&value, &from, &to, style, ConversionKind::Explicit).expect("allowed");
        assert_eq!(actual.to_string(), expected, "{value:?} to {to}");
    }
    let odd = cast(Value::text("0x1"), TEXT, SqlType::varbinary(4), Some(1));
    assert_eq!(
        odd,
        "8114: Error converting data type varchar to varbinary."
    );
}

#[test]
fn implicit_conversion_is_stricter() {
    for (from, to, expected) in [
        (SqlType::Int, SqlType::varchar(5), None),
        (SqlType::varchar(5), SqlType::Int, None),
        (
            SqlType::DateTime,
            SqlType::Int,
            Some(
                "257: Implicit conversion from data type datetime to int is not allowed. Use the CONVERT function to run this query.",
            ),
        ),
        (
            SqlType::varchar(5),
            SqlType::varbinary(5),
            Some(
                "257: Implicit conversion from data type varchar to varbinary is not allowed. Use the CONVERT function to run this query.",
            ),
        ),
        (
            SqlType::Int,
            SqlType::Date,
            Some("206: Operand type clash: int is incompatible with date"),
        ),
        (
            SqlType::Int,
            SqlType::UniqueIdentifier,
            Some("206: Operand type clash: int is incompatible with uniqueidentifier"),
        ),
        (SqlType::UntypedNull, SqlType::Date, None),
        (
            SqlType::Variant,
            SqlType::Int,
            Some(
                "257: Implicit conversion from data type sql_variant to int is not allowed. Use the CONVERT function to run this query.",
            ),
        ),
    ] {
        let actual = check_conversion(&from, &to, ConversionKind::Implicit)
            .err()
            .map(|error| format!("{}: {}", error.number, error.message));
        assert_eq!(actual.as_deref(), expected, "{from} to {to}");
    }
}

#[test]
fn a_column_refuses_what_it_would_have_to_cut() {
    let to = SqlType::varchar(3);
    let assigned = |text: &str| assign(&Value::text(text), &TEXT, &to, "acme.dbo.Orders", "Note");
    let error = assigned("abcd").expect_err("too long");
    assert_eq!(
        (error.number, error.message.as_str()),
        (
            2628,
            "String or binary data would be truncated in table 'acme.dbo.Orders', column 'Note'. Truncated value: 'abc'."
        )
    );
    assert_eq!(assigned("abc  "), Ok(Value::text("abc")));
    assert_eq!(assigned("ab"), Ok(Value::text("ab")));
}

#[test]
fn variants_remember_what_they_hold() {
    let variant = convert(
        &Value::Int(3),
        &SqlType::Int,
        &SqlType::Variant,
        None,
        ConversionKind::Implicit,
    )
    .expect("implicit");
    assert_eq!(
        variant,
        Value::Variant(Box::new((SqlType::Int, Value::Int(3))))
    );
    check(
        variant.clone(),
        SqlType::Variant,
        SqlType::varchar(5),
        None,
        "'3'",
    );
    check(
        variant,
        SqlType::Variant,
        SqlType::Date,
        None,
        "529: Explicit conversion from data type int to date is not allowed.",
    );
}

fn any_type() -> impl Strategy<Value = SqlType> {
    prop_oneof![
        Just(SqlType::Bit),
        Just(SqlType::TinyInt),
        Just(SqlType::SmallInt),
        Just(SqlType::Int),
        Just(SqlType::BigInt),
        (1_u8..=38, 0_u8..=38).prop_map(|(p, s)| SqlType::decimal(p, s.min(p))),
        Just(SqlType::Money),
        Just(SqlType::SmallMoney),
        Just(SqlType::Real),
        Just(SqlType::Float),
        (1_u16..60).prop_map(SqlType::Char),
        (1_u16..60).prop_map(SqlType::varchar),
        (1_u16..60).prop_map(SqlType::nvarchar),
        (1_u16..20).prop_map(SqlType::Binary),
        (1_u16..20).prop_map(SqlType::varbinary),
        Just(SqlType::UniqueIdentifier),
        Just(SqlType::Date),
        (0_u8..=7).prop_map(SqlType::Time),
        Just(SqlType::SmallDateTime),
        Just(SqlType::DateTime),
        (0_u8..=7).prop_map(SqlType::DateTime2),
        (0_u8..=7).prop_map(SqlType::DateTimeOffset),
        Just(SqlType::Variant),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,12}",
        "-?[0-9]{1,8}\\.[0-9]{0,6}",
        "(1[89]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]( [012][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?)?",
        "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
        ".{0,12}",
    ]
}

proptest! {
    /// Whatever is converted to a type stays the same when it is converted to the type again, and
    /// nothing panics on the way there or onwards.
    #[test]
    fn conversion_is_total_and_idempotent(text in any_text(), to in any_type(), next in any_type()) {
        let from = SqlType::nvarchar(60);
        let explicit = ConversionKind::Explicit;
        if let Ok(value) = convert(&Value::text(text), &from, &to, None, explicit) {
            prop_assert_eq!(&convert(&value, &to, &to, None, explicit), &Ok(value.clone()));
            if let Ok(onwards) = convert(&value, &to, &next, None, explicit) {
                prop_assert_eq!(&convert(&onwards, &next, &next, None, explicit), &Ok(onwards.clone()));
            }
            for style in [0, 1, 2, 3, 100, 109, 121, 126, 127, 130, 999] {
                let _ = convert(&value, &to, &SqlType::varchar(20), Some(style), explicit);
            }
        }
    }

    /// Dates, times and uniqueidentifiers survive the way through their text.
    #[test]
    fn text_round_trips(text in any_text(), to in any_type()) {
        let exact = !matches!(to, SqlType::DateTime | SqlType::SmallDateTime | SqlType::Variant)
            && (to.is_date_time() || to.is_exact_number() && !to.is_money() || to == SqlType::UniqueIdentifier);
        if !exact {
            return Ok(());
        }
        let from = SqlType::nvarchar(60);
        let explicit = ConversionKind::Explicit;
        if let Ok(value) = convert(&Value::text(text), &from, &to, None, explicit) {
            let written = convert(&value, &to, &from, None, explicit).expect("text holds everything");
            prop_assert_eq!(convert(&written, &from, &to, None, explicit), Ok(value));
        }
    }
}
