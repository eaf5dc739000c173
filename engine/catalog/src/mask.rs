//! Dynamic data masking: what does a masked column show to a caller without UNMASK?
//!
//! Messages 16002 to 16007, their order, and what each function shows: Microsoft's documentation
//! of dynamic data masking, and the published probes of RyanLamansky/sql-server-simulator.

use std::fmt;
use std::sync::Arc;

use values::{ConversionKind, Length, SqlError, SqlType, Value, convert};

use crate::errors::err;

/// A masking function, its arguments read.
#[derive(Debug, Clone, PartialEq)]
pub enum Mask {
    /// `default()`.
    Default,
    /// `email()`.
    Email,
    /// `partial(prefix, "padding", suffix)`.
    Partial {
        /// Characters shown at the beginning.
        prefix: usize,
        /// What stands in the middle.
        padding: Arc<str>,
        /// Characters shown at the end.
        suffix: usize,
    },
    /// `random(low, high)`, in the type of the column.
    Random {
        /// The least value.
        low: Value,
        /// The greatest value.
        high: Value,
        /// Both as the catalog shows them.
        shown: Arc<str>,
    },
    /// `datetime("part")`: which part is reset.
    DateTime(DatePart),
}

/// A part of a date or time that `datetime()` resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// To 2000.
    Year,
    /// To January.
    Month,
    /// To the first.
    Day,
    /// To 0.
    Hour,
    /// To 0.
    Minute,
    /// To 0.
    Second,
}

impl DatePart {
    fn letter(self) -> char {
        match self {
            Self::Year => 'Y',
            Self::Month => 'M',
            Self::Day => 'D',
            Self::Hour => 'h',
            Self::Minute => 'm',
            Self::Second => 's',
        }
    }

    /// Where it stands in `yyyy-mm-dd hh:mm:ss`, and what takes its place.
    fn reset(self) -> (usize, &'static str) {
        match self {
            Self::Year => (0, "2000"),
            Self::Month => (5, "01"),
            Self::Day => (8, "01"),
            Self::Hour => (11, "00"),
            Self::Minute => (14, "00"),
            Self::Second => (17, "00"),
        }
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default()"),
            Self::Email => f.write_str("email()"),
            Self::Partial {
                prefix,
                padding,
                suffix,
            } => {
                let padding = padding.replace('"', "\"\"");
                write!(f, "partial({prefix}, \"{padding}\", {suffix})")
            }
            Self::Random { shown, .. } => write!(f, "random({shown})"),
            Self::DateTime(part) => write!(f, "datetime(\"{}\")", part.letter()),
        }
    }
}

impl Mask {
    /// Reads the text of `MASKED WITH (FUNCTION = '…')` for a column of a type.
    ///
    /// # Errors
    /// 16002 to 16006.
    pub fn read(text: &str, column: &str, data_type: &SqlType) -> Result<Self, SqlError> {
        let invalid = || {
            err(
                16002,
                16,
                0,
                format!("Invalid data masking function in column '{column}'."),
            )
        };
        let format = |name: &str| {
            err(
                16006,
                16,
                0,
                format!("Invalid data masking format for function '{name}' in column '{column}'."),
            )
        };
        let count = |name: &str| {
            err(
                16004,
                16,
                0,
                format!(
                    "Incorrect number of parameters for data masking function '{name}' for column \
                     '{column}'."
                ),
            )
        };
        if text.is_empty() {
            return Err(invalid());
        }
        let Some((name, rest)) = text.split_once('(') else {
            return Err(format(text));
        };
        let Some((inside, behind)) = rest.rsplit_once(')') else {
            return Err(format(name));
        };
        if !behind.is_empty() {
            return Err(count(name));
        }
        let function = name.to_lowercase();
        let fits = match function.as_str() {
            "default" => true,
            "email" | "partial" => data_type.is_text() && *data_type != SqlType::Xml,
            "random" => {
                data_type.is_integer() || *data_type == SqlType::Bit || is_fractional(data_type)
            }
            "datetime" => is_moment(data_type),
            _ => return Err(invalid()),
        };
        if !fits {
            return Err(err(
                16003,
                16,
                0,
                format!(
                    "The data type of column '{column}' does not support data masking function \
                     '{function}'."
                ),
            ));
        }
        let arguments = arguments(inside);
        let wanted = match function.as_str() {
            "default" | "email" => 0,
            "datetime" => 1,
            "random" => 2,
            _ => 3,
        };
        if arguments.len() != wanted {
            return Err(count(name));
        }
        let read = match function.as_str() {
            "default" => Some(Self::Default),
            "email" => Some(Self::Email),
            "partial" => partial(&arguments),
            "random" => random(&arguments, data_type),
            _ => moment_part(&arguments, data_type),
        };
        read.ok_or_else(|| {
            err(
                16005,
                16,
                0,
                format!(
                    "Invalid argument for data masking function '{name}' for column '{column}'."
                ),
            )
        })
    }

    /// What a caller without UNMASK sees of a value. NULL stays NULL. `random` gives a number from
    /// 0 up to 1, and is asked only by `random()`.
    pub fn apply(
        &self,
        value: Value,
        data_type: &SqlType,
        random: &mut dyn FnMut() -> f64,
    ) -> Value {
        if value.is_null() {
            return value;
        }
        match self {
            Self::Default => default_of(&value, data_type),
            Self::Email => match value.as_text().and_then(|text| text.chars().next()) {
                Some(first) => Value::text(cut(&format!("{first}XXX@XXXX.com"), data_type)),
                None => default_of(&value, data_type),
            },
            Self::Partial {
                prefix,
                padding,
                suffix,
            } => {
                let Some(text) = value.as_text() else {
                    return default_of(&value, data_type);
                };
                let all: Vec<char> = text.chars().collect();
                if all.len() <= prefix.saturating_add(*suffix) {
                    return Value::text(cut(padding, data_type));
                }
                let mut shown: String = all[..*prefix].iter().collect();
                shown.push_str(padding);
                shown.extend(&all[all.len() - suffix..]);
                Value::text(cut(&shown, data_type))
            }
            Self::Random { low, high, .. } => between(low, high, random()),
            Self::DateTime(part) => {
                reset(&value, data_type, *part).unwrap_or_else(|| default_of(&value, data_type))
            }
        }
    }
}

/// The arguments of a masking function: commas in double quotes do not separate.
fn arguments(inside: &str) -> Vec<String> {
    if inside.trim().is_empty() {
        return Vec::new();
    }
    let mut found = vec![String::new()];
    let mut quoted = false;
    for character in inside.chars() {
        quoted ^= character == '"';
        if character == ',' && !quoted {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(character);
        }
    }
    found
        .iter()
        .map(|argument| argument.trim().to_owned())
        .collect()
}

/// The text inside double quotes, a doubled quote standing for one.
fn quoted(argument: &str) -> Option<String> {
    let inside = argument.strip_prefix('"')?.strip_suffix('"')?;
    let single = inside.replace("\"\"", "");
    (!single.contains('"')).then(|| inside.replace("\"\"", "\""))
}

fn partial(arguments: &[String]) -> Option<Mask> {
    let [prefix, padding, suffix] = arguments else {
        return None;
    };
    let number = |text: &String| {
        text.chars()
            .all(|c| c.is_ascii_digit())
            .then(|| text.parse::<usize>().ok())
            .flatten()
    };
    Some(Mask::Partial {
        prefix: number(prefix)?,
        padding: Arc::from(quoted(padding)?),
        suffix: number(suffix)?,
    })
}

fn random(arguments: &[String], data_type: &SqlType) -> Option<Mask> {
    let [low, high] = arguments else { return None };
    let read = |text: &String| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = digits.chars().any(|c| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
            && digits.matches('.').count() <= 1;
        let fits = plain
            && (is_fractional(data_type) || !text.contains('.'))
            && (*data_type != SqlType::Bit || matches!(text.as_str(), "0" | "1"));
        if !fits {
            return None;
        }
        convert(
            &Value::text(text.as_str()),
            &SqlType::nvarchar(4000),
            data_type,
            None,
            ConversionKind::Implicit,
        )
        .ok()
    };
    let (low, high) = (read(low)?, read(high)?);
    if measure(&low)? > measure(&high)? {
        return None;
    }
    let text = |value: &Value| {
        convert(
            value,
            data_type,
            &SqlType::nvarchar(100),
            None,
            ConversionKind::Explicit,
        )
        .ok()?
        .as_text()
        .map(str::to_owned)
    };
    let shown = Arc::from(format!("{}, {}", text(&low)?, text(&high)?));
    Some(Mask::Random { low, high, shown })
}

fn moment_part(arguments: &[String], data_type: &SqlType) -> Option<Mask> {
    let [part] = arguments else { return None };
    let part = match quoted(part)?.as_str() {
        "Y" => DatePart::Year,
        "M" => DatePart::Month,
        "D" => DatePart::Day,
        "h" => DatePart::Hour,
        "m" => DatePart::Minute,
        "s" => DatePart::Second,
        _ => return None,
    };
    let of_day = matches!(part, DatePart::Year | DatePart::Month | DatePart::Day);
    let fits = match data_type {
        SqlType::Date => of_day,
        SqlType::Time(_) => !of_day,
        _ => true,
    };
    fits.then_some(Mask::DateTime(part))
}

fn is_fractional(data_type: &SqlType) -> bool {
    matches!(
        data_type,
        SqlType::Decimal { .. }
            | SqlType::Money
            | SqlType::SmallMoney
            | SqlType::Real
            | SqlType::Float
    )
}

fn is_moment(data_type: &SqlType) -> bool {
    matches!(
        data_type,
        SqlType::Date
            | SqlType::Time(_)
            | SqlType::SmallDateTime
            | SqlType::DateTime
            | SqlType::DateTime2(_)
            | SqlType::DateTimeOffset(_)
    )
}

/// A number for comparing two bounds of one type.
fn measure(value: &Value) -> Option<f64> {
    Some(match value {
        Value::Decimal { unscaled, .. } => *unscaled as f64,
        Value::Money(units) => *units as f64,
        Value::Real(number) => f64::from(*number),
        Value::Float(number) => *number,
        other => other.as_integer()? as f64,
    })
}

/// The value at a place between 0 and 1 of a range, both ends included.
fn between(low: &Value, high: &Value, at: f64) -> Value {
    let pick = |low: i128, high: i128| {
        let width = (high - low) as f64 + 1.0;
        low.saturating_add((at * width) as i128).min(high)
    };
    let integer = |low: i64, high: i64| pick(i128::from(low), i128::from(high));
    match (low, high) {
        (Value::Bit(a), Value::Bit(b)) => Value::Bit(integer(i64::from(*a), i64::from(*b)) != 0),
        (Value::TinyInt(a), Value::TinyInt(b)) => {
            Value::TinyInt(u8::try_from(integer((*a).into(), (*b).into())).unwrap_or(*b))
        }
        (Value::SmallInt(a), Value::SmallInt(b)) => {
            Value::SmallInt(i16::try_from(integer((*a).into(), (*b).into())).unwrap_or(*b))
        }
        (Value::Int(a), Value::Int(b)) => {
            Value::Int(i32::try_from(integer((*a).into(), (*b).into())).unwrap_or(*b))
        }
        (Value::BigInt(a), Value::BigInt(b)) => {
            Value::BigInt(i64::try_from(integer(*a, *b)).unwrap_or(*b))
        }
        (Value::Money(a), Value::Money(b)) => {
            Value::Money(i64::try_from(integer(*a, *b)).unwrap_or(*b))
        }
        (Value::Decimal { unscaled: a, scale }, Value::Decimal { unscaled: b, .. }) => {
            Value::Decimal {
                unscaled: pick(*a, *b),
                scale: *scale,
            }
        }
        (Value::Real(a), Value::Real(b)) => Value::Real(a + (b - a) * at as f32),
        (Value::Float(a), Value::Float(b)) => Value::Float(a + (b - a) * at),
        (low, _) => low.clone(),
    }
}

/// `default()` of a value of a type.
fn default_of(value: &Value, data_type: &SqlType) -> Value {
    let from = |text: &str| {
        convert(
            &Value::text(text),
            &SqlType::nvarchar(40),
            data_type,
            None,
            ConversionKind::Explicit,
        )
        .unwrap_or(Value::Null)
    };
    match data_type {
        SqlType::Xml => Value::text("<masked />"),
        text if text.is_text() => Value::text(cut("xxxx", text)),
        SqlType::RowVersion => Value::binary(vec![0; 8]),
        SqlType::Binary(_) | SqlType::VarBinary(_) | SqlType::LegacyImage => {
            Value::binary(vec![0x30])
        }
        SqlType::UniqueIdentifier => Value::Guid([0; 16]),
        SqlType::Time(_) => from("00:00:00"),
        SqlType::DateTimeOffset(_) => from("1900-01-01 00:00:00 +00:00"),
        moment if is_moment(moment) => from("1900-01-01"),
        SqlType::Variant => match value {
            Value::Variant(inside) => {
                let (own, value) = &**inside;
                let shown = if own.is_text() {
                    Value::text("xxxx")
                } else {
                    default_of(value, own)
                };
                Value::Variant(Box::new((*own, shown)))
            }
            _ => Value::Null,
        },
        _ => from("0"),
    }
}

/// No longer than the type allows.
fn cut(text: &str, data_type: &SqlType) -> String {
    let most = match data_type {
        SqlType::Char(n)
        | SqlType::NChar(n)
        | SqlType::VarChar(Length::Limited(n))
        | SqlType::NVarChar(Length::Limited(n)) => usize::from(*n),
        _ => usize::MAX,
    };
    text.chars().take(most).collect()
}

/// A moment with one part reset and without a fraction of a second.
fn reset(value: &Value, data_type: &SqlType, part: DatePart) -> Option<Value> {
    let text = convert(
        value,
        data_type,
        &SqlType::nvarchar(40),
        Some(121),
        ConversionKind::Explicit,
    )
    .ok()?;
    let text = text.as_text()?;
    let whole = if matches!(data_type, SqlType::Time(_)) {
        format!("1900-01-01 {text}")
    } else {
        text.to_owned()
    };
    let mut whole: String = whole.chars().take(19).collect();
    let (at, with) = part.reset();
    if whole.len() >= at + with.len() {
        whole.replace_range(at..at + with.len(), with);
    }
    let whole = if matches!(data_type, SqlType::Time(_)) {
        whole.get(11..)?.to_owned()
    } else {
        whole
    };
    convert(
        &Value::text(whole),
        &SqlType::nvarchar(40),
        data_type,
        Some(121),
        ConversionKind::Explicit,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_mask_is_read_or_refused_by_number() {
        let text = SqlType::varchar(20);
        let table: [(&str, SqlType, Result<&str, i32>); 22] = [
            ("default()", SqlType::Int, Ok("default()")),
            ("Default( )", text, Ok("default()")),
            ("email()", text, Ok("email()")),
            (
                "partial(1, \"a\"\"b\", 0)",
                text,
                Ok("partial(1, \"a\"\"b\", 0)"),
            ),
            ("partial(01,\"x,y\",2)", text, Ok("partial(1, \"x,y\", 2)")),
            ("random(1, 12)", SqlType::Int, Ok("random(1, 12)")),
            (
                "random(1.555, 3)",
                SqlType::decimal(6, 2),
                Ok("random(1.56, 3.00)"),
            ),
            ("random(-5, -1)", SqlType::BigInt, Ok("random(-5, -1)")),
            ("datetime(\"Y\")", SqlType::Date, Ok("datetime(\"Y\")")),
            ("", text, Err(16002)),
            ("hash()", text, Err(16002)),
            ("default ()", text, Err(16002)),
            ("email()", SqlType::Int, Err(16003)),
            ("random(1, 2)", text, Err(16003)),
            ("default(1)", text, Err(16004)),
            ("default() ", text, Err(16004)),
            ("partial(1, 'x', 1)", text, Err(16005)),
            ("random(3, 1)", SqlType::Int, Err(16005)),
            ("random(0, 2)", SqlType::Bit, Err(16005)),
            ("datetime(\"h\")", SqlType::Date, Err(16005)),
            ("default", text, Err(16006)),
            ("default(", text, Err(16006)),
        ];
        for (written, data_type, wanted) in table {
            let read = Mask::read(written, "c", &data_type);
            let seen = read
                .map(|mask| mask.to_string())
                .map_err(|error| error.number);
            assert_eq!(seen, wanted.map(str::to_owned), "{written}");
        }
    }

    #[test]
    fn a_masked_value_shows_what_its_function_leaves() {
        let table = [
            ("default()", SqlType::varchar(20), "secret", "xxxx"),
            ("default()", SqlType::NChar(2), "se", "xx"),
            ("default()", SqlType::Int, "42", "0"),
            (
                "default()",
                SqlType::DateTime2(0),
                "2024-05-06 07:08:09",
                "1900-01-01 00:00:00",
            ),
            (
                "email()",
                SqlType::varchar(40),
                "jim@host.example",
                "jXXX@XXXX.com",
            ),
            ("email()", SqlType::varchar(4), "jim@", "jXXX"),
            ("email()", SqlType::varchar(40), "", "xxxx"),
            (
                "partial(2, \"--\", 1)",
                SqlType::varchar(20),
                "abcdef",
                "ab--f",
            ),
            ("partial(2, \"--\", 1)", SqlType::varchar(20), "abc", "--"),
            ("partial(0, \"-\", 0)", SqlType::varchar(20), "abc", "-"),
            ("random(7, 7)", SqlType::Int, "42", "7"),
            (
                "datetime(\"Y\")",
                SqlType::DateTime2(3),
                "2024-02-29 07:08:09.123",
                "2000-02-29 07:08:09.000",
            ),
            ("datetime(\"M\")", SqlType::Date, "2024-05-06", "2024-01-06"),
            ("datetime(\"m\")", SqlType::Time(0), "07:08:09", "07:00:09"),
        ];
        for (written, data_type, stored, wanted) in table {
            let mask = Mask::read(written, "c", &data_type).expect("well-formed");
            let value = convert(
                &Value::text(stored),
                &SqlType::nvarchar(100),
                &data_type,
                None,
                ConversionKind::Explicit,
            )
            .expect("of the type");
            let shown = mask.apply(value, &data_type, &mut || 0.5);
            let shown = convert(
                &shown,
                &data_type,
                &SqlType::nvarchar(100),
                Some(121),
                ConversionKind::Explicit,
            )
            .expect("printable");
            assert_eq!(shown, Value::text(wanted), "{written} of {stored}");
        }
        assert_eq!(
            Mask::Email.apply(Value::Null, &SqlType::varchar(9), &mut || 0.0),
            Value::Null
        );
    }

    #[test]
    fn random_reaches_both_ends_and_nothing_beyond() {
        let mask = Mask::read("random(3, 5)", "c", &SqlType::Int).expect("well-formed");
        let at = |place: f64| mask.apply(Value::Int(99), &SqlType::Int, &mut || place);
        assert_eq!(at(0.0), Value::Int(3));
        assert_eq!(at(0.5), Value::Int(4));
        assert_eq!(at(0.999_999), Value::Int(5));
    }
}
