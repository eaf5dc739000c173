//! How do THROW, RAISERROR and PRINT become messages?

use values::{ConversionKind, SqlError, SqlType, Value};

use crate::failure::{Failure, Reach};

/// Messages longer than this are cut and end in three dots.
const MESSAGE_MAX: usize = 2047;
/// PRINT cuts at 8,000 bytes, 4,000 characters of Unicode.
const PRINT_MAX: usize = 4000;

/// A value as text, as PRINT and message arguments show it.
pub(crate) fn text_of(value: &Value, data_type: &SqlType) -> Result<Option<String>, SqlError> {
    let converted = values::convert(
        value,
        data_type,
        &SqlType::NVARCHAR_MAX,
        None,
        ConversionKind::Implicit,
    )?;
    Ok(match converted {
        Value::Null => None,
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    })
}

/// A value as an integer; `None` for NULL.
pub(crate) fn integer_of(value: &Value, data_type: &SqlType) -> Result<Option<i64>, SqlError> {
    let converted = values::convert(
        value,
        data_type,
        &SqlType::BigInt,
        None,
        ConversionKind::Implicit,
    )?;
    Ok(match converted {
        Value::BigInt(number) => Some(number),
        _ => None,
    })
}

/// The message of PRINT.
pub(crate) fn print(value: &Value, data_type: &SqlType) -> Result<SqlError, SqlError> {
    let text = text_of(value, data_type)?.unwrap_or_else(|| " ".to_owned());
    Ok(SqlError::new(
        0,
        0,
        1,
        text.chars().take(PRINT_MAX).collect::<String>(),
    ))
}

/// The error of `THROW number, message, state`.
pub(crate) fn throw(arguments: &[(Value, SqlType); 3]) -> Result<Failure, SqlError> {
    let [number, message, state] = arguments;
    let number = integer_of(&number.0, &number.1)?.unwrap_or(0);
    let Some(number) = i32::try_from(number)
        .ok()
        .filter(|number| *number >= 50_000)
    else {
        return Err(SqlError::new(
            35100,
            16,
            10,
            format!(
                "Error number {number} in the THROW statement is outside the valid range. Specify \
                 an error number in the valid range of 50000 to 2147483647."
            ),
        ));
    };
    let message = text_of(&message.0, &message.1)?.unwrap_or_default();
    let state = integer_of(&state.0, &state.1)?.unwrap_or(0);
    let state = u8::try_from(state.clamp(0, 255)).expect("clamped");
    let error = SqlError::new(number, 16, state, cut(message));
    Ok(Failure::with_reach(error, Reach::Batch))
}

/// What RAISERROR asks for.
pub(crate) struct Raised {
    /// The message.
    pub(crate) error: SqlError,
    /// WITH SETERROR: `@@ERROR` is set whatever the severity.
    pub(crate) set_error: bool,
}

/// The message of `RAISERROR (message, severity, state, arguments…) WITH options`.
///
/// `may_log` says whether the caller may raise severities above 18.
pub(crate) fn raise_error(
    arguments: &[(Value, SqlType)],
    options: &[String],
    may_log: bool,
) -> Result<Raised, SqlError> {
    let [message, severity, state, rest @ ..] = arguments else {
        return Err(SqlError::new(102, 15, 1, "Incorrect syntax near ')'."));
    };
    if rest.len() > 20 {
        return Err(SqlError::new(
            2747,
            16,
            1,
            "Too many substitution parameters for RAISERROR. Cannot exceed 20 substitution \
             parameters.",
        ));
    }
    let severity = integer_of(&severity.0, &severity.1)?
        .unwrap_or(0)
        .clamp(0, 25);
    let severity = u8::try_from(severity).expect("clamped");
    let log = options.iter().any(|option| option == "LOG");
    if severity > 18 && !(log && may_log) {
        return Err(SqlError::new(
            2754,
            16,
            1,
            "Error severity levels greater than 18 can only be specified by members of the \
             sysadmin role, using the WITH LOG option.",
        ));
    }
    if log && !may_log {
        return Err(SqlError::new(
            2778,
            16,
            1,
            "Only System Administrator can specify WITH LOG option for RAISERROR command.",
        ));
    }
    let state = integer_of(&state.0, &state.1)?.unwrap_or(1);
    let state = if state < 0 {
        1
    } else {
        u8::try_from(state.min(255)).expect("clamped")
    };
    let (number, text) = if message.1.is_text() || message.0.is_null() {
        (50_000, text_of(&message.0, &message.1)?.unwrap_or_default())
    } else {
        let number = integer_of(&message.0, &message.1)?.unwrap_or(0);
        if number < 13_000 || number == 50_000 {
            return Err(SqlError::new(
                2732,
                16,
                1,
                format!(
                    "Error number {number} is invalid. The number must be from 13000 through \
                     2147483647 and it cannot be 50000."
                ),
            ));
        }
        return Err(SqlError::new(
            18054,
            16,
            1,
            format!(
                "Error {number}, severity {severity}, state {state} was raised, but no message \
                 with that error number was found in sys.messages. If error is larger than 50000, \
                 make sure the user-defined message is added using sp_addmessage."
            ),
        ));
    };
    let text = format_message(&text, rest)?;
    let severity = if severity == 10 { 0 } else { severity };
    Ok(Raised {
        error: SqlError::new(number, severity, state, cut(text)),
        set_error: options.iter().any(|option| option == "SETERROR"),
    })
}

fn cut(text: String) -> String {
    if text.chars().count() <= MESSAGE_MAX {
        return text;
    }
    let mut cut: String = text.chars().take(MESSAGE_MAX - 3).collect();
    cut.push_str("...");
    cut
}

/// The `printf` of message texts: `% [flag] [width] [. precision] [{h | l | I64}] type`.
pub(crate) fn format_message(
    format: &str,
    arguments: &[(Value, SqlType)],
) -> Result<String, SqlError> {
    let mut out = String::with_capacity(format.len());
    let mut next = 0;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut written = String::from("%");
        let mut spec = Specification::default();
        while let Some(&flag @ ('-' | '+' | '0' | '#' | ' ')) = chars.peek() {
            chars.next();
            written.push(flag);
            match flag {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                '0' => spec.zero = true,
                '#' => spec.prefix = true,
                _ => spec.space = true,
            }
        }
        spec.width = number(&mut chars, &mut written, arguments, &mut next)?;
        if chars.peek() == Some(&'.') {
            chars.next();
            written.push('.');
            spec.precision =
                Some(number(&mut chars, &mut written, arguments, &mut next)?.unwrap_or(0));
        }
        while let Some(&c @ ('h' | 'l' | 'I')) = chars.peek() {
            chars.next();
            written.push(c);
            if c == 'I' {
                for digit in ['6', '4'] {
                    if chars.peek() == Some(&digit) {
                        chars.next();
                        written.push(digit);
                    }
                }
            }
        }
        let Some(kind) = chars.next() else {
            return Err(invalid_format(&written));
        };
        written.push(kind);
        match kind {
            '%' => out.push('%'),
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 's' => {
                let argument = arguments.get(next);
                next += 1;
                out.push_str(&spec.apply(kind, argument, next)?);
            }
            _ => return Err(invalid_format(&written)),
        }
    }
    Ok(out)
}

fn invalid_format(written: &str) -> SqlError {
    SqlError::new(
        2787,
        16,
        1,
        format!("Invalid format specification: '{written}'."),
    )
}

fn number(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    written: &mut String,
    arguments: &[(Value, SqlType)],
    next: &mut usize,
) -> Result<Option<usize>, SqlError> {
    if chars.peek() == Some(&'*') {
        chars.next();
        written.push('*');
        let argument = arguments.get(*next);
        *next += 1;
        let width = match argument {
            Some((value, data_type)) => integer_of(value, data_type)?.unwrap_or(0),
            None => 0,
        };
        return Ok(usize::try_from(width)
            .ok()
            .map(|width| width.min(MESSAGE_MAX)));
    }
    let mut value: Option<usize> = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        written.push(chars.next().expect("peeked"));
        let digit = usize::try_from(digit).expect("a digit");
        value = Some((value.unwrap_or(0) * 10 + digit).min(MESSAGE_MAX));
    }
    Ok(value)
}

#[derive(Default)]
struct Specification {
    left: bool,
    plus: bool,
    zero: bool,
    prefix: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Specification {
    fn apply(
        &self,
        kind: char,
        argument: Option<&(Value, SqlType)>,
        place: usize,
    ) -> Result<String, SqlError> {
        let Some((value, data_type)) = argument.filter(|(value, _)| !value.is_null()) else {
            return Ok(self.pad("(null)".to_owned(), false));
        };
        if kind == 's' {
            if !data_type.is_text() {
                return Err(mismatch(place));
            }
            let mut text = text_of(value, data_type)?.unwrap_or_default();
            if let Some(precision) = self.precision {
                text = text.chars().take(precision).collect();
            }
            return Ok(self.pad(text, false));
        }
        let number = match value {
            Value::TinyInt(n) => i64::from(*n),
            Value::SmallInt(n) => i64::from(*n),
            Value::Int(n) => i64::from(*n),
            Value::BigInt(n) => *n,
            Value::Bit(n) => i64::from(*n),
            _ => return Err(mismatch(place)),
        };
        // Other than %d and %i, the number is read as an unsigned one of its own width.
        let unsigned = match value {
            Value::BigInt(n) => n.cast_unsigned(),
            _ => u64::from(i32::try_from(number).unwrap_or(0).cast_unsigned()),
        };
        let mut digits = match kind {
            'u' => unsigned.to_string(),
            'o' => format!("{unsigned:o}"),
            'x' => format!("{unsigned:x}"),
            'X' => format!("{unsigned:X}"),
            _ => number.unsigned_abs().to_string(),
        };
        if let Some(precision) = self.precision {
            while digits.len() < precision {
                digits.insert(0, '0');
            }
        }
        let sign = match kind {
            'd' | 'i' if number < 0 => "-",
            'd' | 'i' if self.plus => "+",
            'd' | 'i' if self.space => " ",
            'x' if self.prefix => "0x",
            'X' if self.prefix => "0X",
            'o' if self.prefix => "0",
            _ => "",
        };
        if self.zero && !self.left {
            while digits.len() + sign.len() < self.width.unwrap_or(0) {
                digits.insert(0, '0');
            }
        }
        Ok(self.pad(format!("{sign}{digits}"), true))
    }

    fn pad(&self, text: String, _numeric: bool) -> String {
        let width = self.width.unwrap_or(0);
        let missing = width.saturating_sub(text.chars().count());
        let blanks = " ".repeat(missing);
        if self.left {
            text + &blanks
        } else {
            blanks + &text
        }
    }
}

fn mismatch(place: usize) -> SqlError {
    SqlError::new(
        2786,
        16,
        1,
        format!(
            "The data type of substitution parameter {place} does not match the expected type of \
             the format specification."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_texts_are_formatted_like_printf() {
        let check = |format: &str, arguments: &[(Value, SqlType)], expected: Result<&str, i32>| {
            let got = format_message(format, arguments).map_err(|error| error.number);
            assert_eq!(
                got.as_deref().map_err(|number| *number),
                expected,
                "{format}"
            );
        };
        let int = |n| (Value::Int(n), SqlType::Int);
        check("plain", &[], Ok("plain"));
        check("%d of %d", &[int(1), int(-2)], Ok("1 of -2"));
        check(
            "[%5d][%-5d][%05d][%+d]",
            &[int(7), int(7), int(7), int(7)],
            Ok("[    7][7    ][00007][+7]"),
        );
        check("[%.3d]", &[int(7)], Ok("[007]"));
        check(
            "%x %X %#x %o",
            &[int(255), int(255), int(255), int(8)],
            Ok("ff FF 0xff 10"),
        );
        check("%u", &[int(-1)], Ok("4294967295"));
        check("%*d", &[int(4), int(7)], Ok("   7"));
        check(
            "%I64d",
            &[(Value::BigInt(1 << 40), SqlType::BigInt)],
            Ok("1099511627776"),
        );
        check("100%%", &[], Ok("100%"));
        check("%d", &[], Ok("(null)"));
        check("%d", &[(Value::Null, SqlType::Int)], Ok("(null)"));
        check("%s", &[int(1)], Err(2786));
        check("%d", &[(Value::text("x"), SqlType::varchar(1))], Err(2786));
        check("%q", &[int(1)], Err(2787));
        check("%", &[], Err(2787));
    }
}
