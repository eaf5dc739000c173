use proptest::prelude::*;

use super::*;
use crate::calendar::DAY;

/// A clock that stands at 2024-02-29 13:14:15.1234567 UTC, and no entropy.
struct Still;

impl FunctionContext for Still {
    fn utc_now(&self) -> i64 {
        738_944 * DAY + ((13 * 60 + 14) * 60 + 15) * 10_000_000 + 1_234_567
    }

    fn new_guid(&mut self) -> [u8; 16] {
        [0xAB; 16]
    }

    fn random(&mut self) -> f64 {
        0.25
    }
}

/// Name, arguments, result.
type Row<'a> = (&'a str, &'a [(Value, SqlType)], &'a str);

fn text(text: &str) -> (Value, SqlType) {
    (
        Value::text(text),
        SqlType::varchar(text.len().max(1) as u16),
    )
}

fn wide(text: &str) -> (Value, SqlType) {
    (
        Value::text(text),
        SqlType::nvarchar(text.len().max(1) as u16),
    )
}

fn int(number: i32) -> (Value, SqlType) {
    (Value::Int(number), SqlType::Int)
}

fn float(number: f64) -> (Value, SqlType) {
    (Value::Float(number), SqlType::Float)
}

fn decimal(unscaled: i128, precision: u8, scale: u8) -> (Value, SqlType) {
    (
        Value::Decimal { unscaled, scale },
        SqlType::decimal(precision, scale),
    )
}

fn null() -> (Value, SqlType) {
    (Value::Null, SqlType::UntypedNull)
}

fn of(sql_type: SqlType, written: &str) -> (Value, SqlType) {
    let (value, from) = text(written);
    let value = convert(&value, &from, &sql_type, None, ConversionKind::Explicit);
    (value.expect("the test writes the value well"), sql_type)
}

/// Calls and prints: the value in the static type of the call, or the error.
fn call(name: &str, arguments: &[(Value, SqlType)]) -> String {
    let function = lookup(name).expect("the function exists");
    let types: Vec<SqlType> = arguments.iter().map(|(_, sql_type)| *sql_type).collect();
    match function.call(arguments, &mut Still) {
        Ok(value) => {
            let result = (function.return_type)(&types).expect("the value has a type");
            format!("{}: {result}", value.message_text(&result))
        }
        Err(error) => format!("{}: {}", error.number, error.message),
    }
}

fn check(name: &str, arguments: &[(Value, SqlType)], expected: &str) {
    assert_eq!(call(name, arguments), expected, "{name}({arguments:?})");
}

#[test]
fn text_functions_answer_as_sql_server_does() {
    let rows: &[Row<'_>] = &[
        ("LEN", &[text("abc  ")], "3: int"),
        (
            "len",
            &[(Value::text("ab"), SqlType::VARCHAR_MAX)],
            "2: bigint",
        ),
        ("len", &[wide("😀")], "2: int"),
        ("len", &[null()], "<NULL>: int"),
        ("datalength", &[wide("ab ")], "6: int"),
        ("datalength", &[text("ab ")], "3: int"),
        ("datalength", &[int(1)], "4: int"),
        ("left", &[text("abc"), int(2)], "ab: varchar(3)"),
        ("left", &[text("abc"), int(9)], "abc: varchar(3)"),
        (
            "left",
            &[text("abc"), int(-1)],
            "537: Invalid length parameter passed to the LEFT or SUBSTRING function.",
        ),
        ("left", &[int(123), int(2)], "12: varchar(12)"),
        ("right", &[text("abc"), int(2)], "bc: varchar(3)"),
        (
            "right",
            &[text("abc"), int(-1)],
            "536: Invalid length parameter passed to the right function.",
        ),
        (
            "substring",
            &[text("abcdef"), int(2), int(3)],
            "bcd: varchar(6)",
        ),
        (
            "substring",
            &[text("abcdef"), int(-1), int(4)],
            "ab: varchar(6)",
        ),
        ("substring", &[text("abc"), int(9), int(4)], ": varchar(3)"),
        (
            "substring",
            &[text("abc"), int(1), int(-4)],
            "537: Invalid length parameter passed to the LEFT or SUBSTRING function.",
        ),
        (
            "substring",
            &[
                (Value::binary([1, 2, 3]), SqlType::varbinary(3)),
                int(2),
                int(1),
            ],
            "0x02: varbinary(3)",
        ),
        ("upper", &[wide("straßé")], "STRAßÉ: nvarchar(8)"),
        ("lower", &[text("ABC")], "abc: varchar(3)"),
        ("ltrim", &[text("  a ")], "a : varchar(4)"),
        ("rtrim", &[text(" a  ")], " a: varchar(4)"),
        ("trim", &[text("xxaxx"), text("x")], "a: varchar(5)"),
        (
            "replace",
            &[text("aBcabc"), text("ABC"), text("x")],
            "xx: varchar(8000)",
        ),
        (
            "replace",
            &[text("abc"), text(""), text("x")],
            "abc: varchar(8000)",
        ),
        (
            "stuff",
            &[text("abcdef"), int(2), int(3), text("XY")],
            "aXYef: varchar(8)",
        ),
        (
            "stuff",
            &[text("abc"), int(0), int(1), text("X")],
            "<NULL>: varchar(4)",
        ),
        ("reverse", &[text("abc")], "cba: varchar(3)"),
        ("replicate", &[text("ab"), int(3)], "ababab: varchar(8000)"),
        ("replicate", &[text("ab"), int(-3)], "<NULL>: varchar(8000)"),
        ("space", &[int(3)], "   : varchar(8000)"),
        ("charindex", &[text("B"), text("abcb")], "2: int"),
        ("charindex", &[text("b"), text("abcb"), int(3)], "4: int"),
        ("charindex", &[text("x"), text("abc")], "0: int"),
        ("charindex", &[text(""), text("abc")], "0: int"),
        ("patindex", &[text("%[0-9]%"), text("abc1")], "4: int"),
        ("patindex", &[text("b%"), text("abc")], "0: int"),
        ("patindex", &[text("%c"), text("abc")], "3: int"),
        ("concat", &[text("a"), null(), int(1)], "a1: varchar(14)"),
        ("concat", &[text("a"), wide("b")], "ab: nvarchar(2)"),
        (
            "concat_ws",
            &[text(", "), text("a"), null(), text("b")],
            "a, b: varchar(7)",
        ),
        ("quotename", &[text("a]b")], "[a]]b]: nvarchar(258)"),
        (
            "quotename",
            &[text("a'b"), text("'")],
            "'a''b': nvarchar(258)",
        ),
        (
            "quotename",
            &[text("a"), text("x")],
            "<NULL>: nvarchar(258)",
        ),
        (
            "str",
            &[float(123.45), int(6), int(1)],
            " 123.5: varchar(8000)",
        ),
        ("str", &[float(123.45), int(2), int(2)], "**: varchar(8000)"),
        ("str", &[float(1.5)], "         2: varchar(8000)"),
        ("ascii", &[text("é")], "233: int"),
        ("char", &[int(65)], "A: char(1)"),
        ("char", &[int(256)], "<NULL>: char(1)"),
        ("unicode", &[wide("€")], "8364: int"),
        ("nchar", &[int(8364)], "€: nchar(1)"),
        ("soundex", &[text("Robert")], "R163: varchar(4)"),
        ("soundex", &[text("Ashcraft")], "A261: varchar(4)"),
        ("soundex", &[text("Pfister")], "P236: varchar(4)"),
        ("difference", &[text("Smith"), text("Smyth")], "4: int"),
        (
            "translate",
            &[text("2*[3+4]"), text("[]"), text("()")],
            "2*(3+4): varchar(8000)",
        ),
        (
            "translate",
            &[text("a"), text("ab"), text("c")],
            "9828: The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.",
        ),
        (
            "string_escape",
            &[text("a\"b/\n"), text("json")],
            "a\\\"b\\/\\n: nvarchar(max)",
        ),
        (
            "parsename",
            &[text("srv.db.[dbo.x].t"), int(2)],
            "dbo.x: nvarchar(128)",
        ),
        (
            "parsename",
            &[text("a.b.c.d.e"), int(1)],
            "<NULL>: nvarchar(128)",
        ),
        (
            "left",
            &[text("abc")],
            "174: The left function requires 2 argument(s).",
        ),
        (
            "charindex",
            &[text("abc")],
            "189: The charindex function requires 2 to 3 arguments.",
        ),
    ];
    for (name, arguments, expected) in rows {
        check(name, arguments, expected);
    }
}

#[test]
fn number_functions_answer_as_sql_server_does() {
    let rows: &[Row<'_>] = &[
        ("abs", &[int(-3)], "3: int"),
        (
            "abs",
            &[int(i32::MIN)],
            "8115: Arithmetic overflow error converting expression to data type int.",
        ),
        ("abs", &[(Value::TinyInt(3), SqlType::TinyInt)], "3: int"),
        ("abs", &[text("-1.5")], "1.5: float"),
        ("sign", &[decimal(-15, 3, 1)], "-1.0: decimal(3,1)"),
        ("ceiling", &[decimal(-15, 3, 1)], "-1: decimal(3,0)"),
        ("floor", &[decimal(-15, 3, 1)], "-2: decimal(3,0)"),
        ("ceiling", &[float(1.2)], "2: float"),
        (
            "floor",
            &[(Value::Money(-12_345), SqlType::Money)],
            "-2.00: money",
        ),
        (
            "round",
            &[decimal(12_345, 5, 2), int(1)],
            "123.50: decimal(5,2)",
        ),
        (
            "round",
            &[decimal(12_345, 5, 2), int(1), int(1)],
            "123.40: decimal(5,2)",
        ),
        (
            "round",
            &[decimal(99, 2, 1), int(0)],
            "8115: Arithmetic overflow error converting expression to data type numeric.",
        ),
        ("round", &[int(748), int(-3)], "1000: int"),
        ("round", &[int(748), int(-4)], "0: int"),
        ("round", &[float(2.5), int(0)], "3: float"),
        ("power", &[int(2), int(10)], "1024: int"),
        (
            "power",
            &[int(2), int(31)],
            "232: Arithmetic overflow error for type int, value = 2147483648.000000.",
        ),
        ("power", &[float(2.0), float(0.5)], "1.41421: float"),
        ("power", &[decimal(15, 3, 1), int(2)], "2.3: decimal(38,1)"),
        ("sqrt", &[int(9)], "3: float"),
        (
            "sqrt",
            &[int(-9)],
            "3623: An invalid floating point operation occurred.",
        ),
        ("square", &[int(3)], "9: float"),
        ("log", &[int(8), int(2)], "3: float"),
        (
            "log",
            &[int(0)],
            "3623: An invalid floating point operation occurred.",
        ),
        (
            "exp",
            &[int(1000)],
            "8115: Arithmetic overflow error converting expression to data type float.",
        ),
        ("pi", &[], "3.14159: float"),
        ("degrees", &[float(std::f64::consts::PI)], "180: float"),
        ("rand", &[int(1)], "0.713592: float"),
        ("rand", &[], "0.25: float"),
        (
            "greatest",
            &[int(1), decimal(25, 2, 1), null()],
            "2.5: decimal(11,1)",
        ),
        ("least", &[text("b"), text("A")], "A: varchar(1)"),
    ];
    for (name, arguments, expected) in rows {
        check(name, arguments, expected);
    }
}

#[test]
fn date_functions_answer_as_sql_server_does() {
    let datetime = |written| of(SqlType::DateTime, written);
    let date = |written| of(SqlType::Date, written);
    let dt2 = |written| of(SqlType::DateTime2(7), written);
    let rows: &[Row<'_>] = &[
        ("getdate", &[], "Feb 29 2024  1:14PM: datetime"),
        (
            "sysutcdatetime",
            &[],
            "2024-02-29 13:14:15.1234567: datetime2(7)",
        ),
        (
            "sysdatetimeoffset",
            &[],
            "2024-02-29 13:14:15.1234567 +00:00: datetimeoffset(7)",
        ),
        (
            "dateadd",
            &[text("month"), int(1), datetime("2024-01-31")],
            "Feb 29 2024 12:00AM: datetime",
        ),
        (
            "dateadd",
            &[text("dd"), int(-1), text("2024-03-01")],
            "Feb 29 2024 12:00AM: datetime",
        ),
        (
            "dateadd",
            &[text("year"), int(8000), datetime("2024-01-31")],
            "517: Adding a value to a 'datetime' column caused an overflow.",
        ),
        (
            "dateadd",
            &[text("hour"), int(1), date("2024-01-31")],
            "9810: The datepart hour is not supported by date function dateadd for data type date.",
        ),
        (
            "dateadd",
            &[text("fortnight"), int(1), date("2024-01-31")],
            "155: 'fortnight' is not a recognized dateadd option.",
        ),
        (
            "dateadd",
            &[text("ns"), int(150), dt2("2024-01-31")],
            "2024-01-31 00:00:00.0000002: datetime2(7)",
        ),
        (
            "dateadd",
            &[text("hour"), int(-1), of(SqlType::Time(0), "00:30")],
            "23:30:00: time(0)",
        ),
        (
            "datediff",
            &[text("year"), text("2023-12-31"), text("2024-01-01")],
            "1: int",
        ),
        (
            "datediff",
            &[text("month"), date("2024-01-31"), date("2024-02-01")],
            "1: int",
        ),
        (
            "datediff",
            &[text("day"), date("2024-02-28"), date("2024-03-01")],
            "2: int",
        ),
        (
            "datediff",
            &[text("week"), date("2024-02-24"), date("2024-02-25")],
            "1: int",
        ),
        (
            "datediff",
            &[
                text("hour"),
                dt2("2024-01-01 00:59"),
                dt2("2024-01-01 01:00"),
            ],
            "1: int",
        ),
        (
            "datediff",
            &[text("ms"), date("1900-01-01"), date("2024-01-01")],
            "535: The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.",
        ),
        (
            "datediff_big",
            &[text("ms"), date("1900-01-01"), date("1900-02-01")],
            "2678400000: bigint",
        ),
        ("datepart", &[text("weekday"), date("2024-02-29")], "5: int"),
        ("datepart", &[text("week"), date("2024-12-31")], "53: int"),
        (
            "datepart",
            &[text("iso_week"), date("2024-12-31")],
            "1: int",
        ),
        (
            "datepart",
            &[text("ms"), datetime("2024-01-01 00:00:00.997")],
            "997: int",
        ),
        (
            "datepart",
            &[text("hour"), date("2024-01-01")],
            "9810: The datepart hour is not supported by date function datepart for data type date.",
        ),
        (
            "datename",
            &[text("month"), date("2024-02-29")],
            "February: nvarchar(30)",
        ),
        (
            "datename",
            &[text("dw"), date("2024-02-29")],
            "Thursday: nvarchar(30)",
        ),
        ("year", &[text("2024-02-29")], "2024: int"),
        ("month", &[datetime("2024-02-29")], "2: int"),
        ("day", &[dt2("2024-02-29")], "29: int"),
        ("eomonth", &[date("2024-01-15"), int(1)], "2024-02-29: date"),
        (
            "datefromparts",
            &[int(2024), int(2), int(29)],
            "2024-02-29: date",
        ),
        (
            "datefromparts",
            &[int(2023), int(2), int(29)],
            "289: Cannot construct data type date, some of the arguments have values which are not valid.",
        ),
        (
            "datetime2fromparts",
            &[
                int(2024),
                int(2),
                int(29),
                int(1),
                int(2),
                int(3),
                int(45),
                int(2),
            ],
            "2024-02-29 01:02:03.4500000: datetime2(7)",
        ),
        (
            "timefromparts",
            &[int(1), int(2), int(3), int(0), int(0)],
            "01:02:03.0000000: time(7)",
        ),
        (
            "datetimefromparts",
            &[int(2024), int(2), int(29), int(1), int(2), int(3), int(4)],
            "Feb 29 2024  1:02AM: datetime",
        ),
        (
            "datetrunc",
            &[text("month"), date("2024-02-29")],
            "2024-02-01: date",
        ),
        (
            "datetrunc",
            &[text("hour"), dt2("2024-02-29 13:14:15")],
            "2024-02-29 13:00:00.0000000: datetime2(7)",
        ),
        ("isdate", &[text("2024-02-30")], "0: int"),
        ("isdate", &[text("2024-02-29")], "1: int"),
        (
            "switchoffset",
            &[
                of(SqlType::DateTimeOffset(0), "2024-01-01 00:00 +00:00"),
                text("+02:00"),
            ],
            "2024-01-01 02:00:00 +02:00: datetimeoffset(0)",
        ),
        (
            "todatetimeoffset",
            &[of(SqlType::DateTime2(0), "2024-01-01"), int(-90)],
            "2024-01-01 00:00:00 -01:30: datetimeoffset(0)",
        ),
        (
            "switchoffset",
            &[of(SqlType::DateTimeOffset(0), "2024-01-01"), text("CET")],
            "9812: The timezone provided to builtin function switchoffset is invalid.",
        ),
    ];
    for (name, arguments, expected) in rows {
        check(name, arguments, expected);
    }
}

#[test]
fn other_functions_answer_as_sql_server_does() {
    let date = of(SqlType::DateTime, "2024-02-09 13:05:07.123");
    let rows: &[Row<'_>] = &[
        (
            "isnull",
            &[(Value::Null, SqlType::varchar(3)), text("abcdef")],
            "abc: varchar(3)",
        ),
        ("isnull", &[int(1), text("x")], "1: int"),
        (
            "isnull",
            &[(Value::Null, SqlType::Int), text("x")],
            "245: Conversion failed when converting the varchar value 'x' to data type int.",
        ),
        ("isnumeric", &[text("1e5")], "1: int"),
        ("isnumeric", &[text("$1,000")], "1: int"),
        ("isnumeric", &[text("abc")], "0: int"),
        ("isnumeric", &[text("")], "0: int"),
        (
            "newid",
            &[],
            "abababab-abab-abab-abab-abababababab: uniqueidentifier",
        ),
        (
            "hashbytes",
            &[text("MD5"), wide("a")],
            "0x4144e195f46de78a3623da7364d04f11: varbinary(8000)",
        ),
        (
            "hashbytes",
            &[text("SHA1"), text("abc")],
            "0xa9993e364706816aba3e25717850c26c9cd0d89d: varbinary(8000)",
        ),
        (
            "hashbytes",
            &[text("SHA1"), int(1)],
            "8116: Argument data type int is invalid for argument 2 of hashbytes function.",
        ),
        ("checksum", &[int(5)], "5: int"),
        ("binary_checksum", &[text("a")], "97: int"),
        (
            "format",
            &[int(1_234_567), text("N0")],
            "1,234,567: nvarchar(4000)",
        ),
        (
            "format",
            &[decimal(-12_345, 5, 2), text("C")],
            "($123.45): nvarchar(4000)",
        ),
        ("format", &[int(42), text("D5")], "00042: nvarchar(4000)"),
        (
            "format",
            &[int(42), text("000000")],
            "000042: nvarchar(4000)",
        ),
        (
            "format",
            &[decimal(123_450, 6, 2), text("#,##0.00")],
            "1,234.50: nvarchar(4000)",
        ),
        (
            "format",
            &[decimal(5, 2, 1), text("#.##")],
            ".5: nvarchar(4000)",
        ),
        (
            "format",
            &[decimal(125, 3, 3), text("0.0%")],
            "12.5%: nvarchar(4000)",
        ),
        (
            "format",
            &[float(0.125), text("P1")],
            "12.5 %: nvarchar(4000)",
        ),
        (
            "format",
            &[date.clone(), text("yyyy-MM-dd HH:mm:ss")],
            "2024-02-09 13:05:07: nvarchar(4000)",
        ),
        (
            "format",
            &[date.clone(), text("dddd, d MMM yy h:mm tt")],
            "Friday, 9 Feb 24 1:05 PM: nvarchar(4000)",
        ),
        (
            "format",
            &[date.clone(), text("d"), text("en-US")],
            "2/9/2024: nvarchar(4000)",
        ),
        (
            "format",
            &[date, text("d"), text("de-DE")],
            "2000000001: The embedded server does not support FORMAT with culture 'de-DE'.",
        ),
        (
            "format",
            &[text("a"), text("d")],
            "8116: Argument data type varchar is invalid for argument 1 of format function.",
        ),
    ];
    for (name, arguments, expected) in rows {
        check(name, arguments, expected);
    }
}

#[test]
fn every_name_is_found_and_unique() {
    let mut names: Vec<&str> = all().map(|function| function.name).collect();
    for name in &names {
        assert!(lookup(&name.to_uppercase()).is_some(), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(lookup("xp_cmdshell").is_none());
}

fn any_argument() -> impl Strategy<Value = (Value, SqlType)> {
    prop_oneof![
        any::<i32>().prop_map(int),
        (-5..5_i32).prop_map(int),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(float),
        (any::<i64>(), 0_u8..30).prop_map(|(n, scale)| decimal(n.into(), 38, scale)),
        ".{0,8}".prop_map(|value| wide(&value)),
        "(day|month|week|ns|tz|2024-02-29|json|N2|yyyy|0.0#)".prop_map(|value| text(&value)),
        (0..3_652_059_i32).prop_map(|days| (Value::Date(days), SqlType::Date)),
        (0..3_652_059_i64 * DAY).prop_map(|ticks| (Value::DateTime2(ticks), SqlType::DateTime2(7))),
        (-53_690..2_958_464_i32, 0_u32..25_920_000)
            .prop_map(|(days, ticks)| (Value::DateTime { days, ticks }, SqlType::DateTime)),
        (0..DAY).prop_map(|ticks| (Value::Time(ticks), SqlType::Time(7))),
        any::<[u8; 6]>().prop_map(|bytes| (Value::binary(bytes), SqlType::varbinary(6))),
        Just(null()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No argument makes a function panic, and what it yields has its static type.
    #[test]
    fn functions_are_total(arguments in proptest::collection::vec(any_argument(), 0..5)) {
        for function in all() {
            let types: Vec<SqlType> = arguments.iter().map(|(_, sql_type)| *sql_type).collect();
            if function.check_arity(arguments.len()).is_err() {
                continue;
            }
            if let Ok(value) = function.call(&arguments, &mut Still) {
                let result = (function.return_type)(&types).expect("the value has a type");
                let again = convert(&value, &result, &result, None, ConversionKind::Explicit);
                prop_assert_eq!(again.as_ref(), Ok(&value), "{} over {:?}", function.name, arguments);
            }
        }
    }
}
