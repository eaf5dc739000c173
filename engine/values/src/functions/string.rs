//! Functions that cut, join, pad and spell texts.

use super::arguments::{
    Argument, from_units, int, integer, is_unicode, long_text, position_type, position_value, text,
    text_like, text_of, units,
};
use super::{FunctionContext, ScalarFunction, function};
use crate::code_page;
use crate::decimal;
use crate::messages::invalid_argument_type;
use crate::result_type::{concatenation_type, written_length};
use crate::{Length, SqlError, SqlType, Value};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    function("len", (1, 1), len_type, len),
    function(
        "datalength",
        (1, 1),
        |types| Ok(position_type(types)),
        data_length,
    ),
    function("left", (2, 2), first_text, left),
    function("right", (2, 2), first_text, right),
    function("substring", (3, 3), first_text_or_binary, substring),
    function("upper", (1, 1), first_text, |arguments, _| {
        map(arguments, upper)
    }),
    function("lower", (1, 1), first_text, |arguments, _| {
        map(arguments, lower)
    }),
    function("ltrim", (1, 2), first_text, |arguments, _| {
        trim(arguments, true, false)
    }),
    function("rtrim", (1, 2), first_text, |arguments, _| {
        trim(arguments, false, true)
    }),
    function("trim", (1, 2), first_text, |arguments, _| {
        trim(arguments, true, true)
    }),
    function("stuff", (4, 4), stuff_type, stuff),
    function("reverse", (1, 1), first_text, |arguments, _| {
        map(arguments, |text| text.chars().rev().collect())
    }),
    function(
        "replicate",
        (2, 2),
        |types| Ok(long_text(&types[..1])),
        replicate,
    ),
    function("space", (1, 1), |_| Ok(SqlType::varchar(8000)), space),
    function("concat", (2, 254), concat_type, concat),
    function("concat_ws", (3, 254), concat_ws_type, concat_ws),
    function(
        "quotename",
        (1, 2),
        |_| Ok(SqlType::nvarchar(258)),
        quote_name,
    ),
    function("str", (1, 3), |_| Ok(SqlType::varchar(8000)), str),
    function("ascii", (1, 1), |_| Ok(SqlType::Int), ascii),
    function("char", (1, 1), |_| Ok(SqlType::Char(1)), char_),
    function("unicode", (1, 1), |_| Ok(SqlType::Int), unicode),
    function("nchar", (1, 1), |_| Ok(SqlType::NChar(1)), nchar),
    function(
        "soundex",
        (1, 1),
        |_| Ok(SqlType::varchar(4)),
        |arguments, _| map(arguments, soundex),
    ),
    function("difference", (2, 2), |_| Ok(SqlType::Int), difference),
    function(
        "string_escape",
        (2, 2),
        |_| Ok(SqlType::NVARCHAR_MAX),
        string_escape,
    ),
    function("parsename", (2, 2), |_| Ok(SqlType::SYSNAME), parse_name),
];

fn first_text(types: &[SqlType]) -> Result<SqlType, SqlError> {
    Ok(text_like(&types[0]))
}

fn first_text_or_binary(types: &[SqlType]) -> Result<SqlType, SqlError> {
    Ok(match types[0] {
        sql_type if sql_type.is_binary() => match sql_type.declared_length() {
            Some(n) => SqlType::varbinary(n),
            None => SqlType::VARBINARY_MAX,
        },
        sql_type => text_like(&sql_type),
    })
}

fn map(arguments: &[Argument], change: fn(&str) -> String) -> Result<Value, SqlError> {
    Ok(text(&arguments[0])?.map_or(Value::Null, |text| Value::text(change(&text))))
}

/// Letters whose other case has another length, such as `ß`, stay: SQL Server maps one to one.
fn upper(text: &str) -> String {
    let one = |character: char| {
        let mut upper = character.to_uppercase();
        match (upper.next(), upper.next()) {
            (Some(single), None) => single,
            _ => character,
        }
    };
    text.chars().map(one).collect()
}

fn lower(text: &str) -> String {
    let one = |character: char| {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(single), None) => single,
            _ => character,
        }
    };
    text.chars().map(one).collect()
}

fn len_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    if types[0].is_legacy_large() {
        return Err(invalid_argument_type(&types[0], 1, "len"));
    }
    Ok(position_type(types))
}

fn len(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    len_type(&[arguments[0].1])?;
    Ok(text(&arguments[0])?.map_or(Value::Null, |text| {
        let length = text.trim_end_matches(' ').encode_utf16().count();
        position_value(length, &arguments[0].1)
    }))
}

fn data_length(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = &arguments[0];
    let (inner, inner_type) = match value {
        Value::Variant(inner) => (&inner.1, &inner.0),
        _ => (value, sql_type),
    };
    let bytes = match inner {
        Value::Null => return Ok(Value::Null),
        Value::Text(text) if is_unicode(inner_type) => text.encode_utf16().count() * 2,
        Value::Text(text) => text.chars().count(),
        Value::Binary(bytes) => bytes.len(),
        _ => usize::try_from(inner_type.facts().max_length).unwrap_or(0),
    };
    Ok(position_value(bytes, sql_type))
}

fn invalid_length(number: i32, state: u8, function: &str) -> SqlError {
    SqlError::new(
        number,
        16,
        state,
        format!("Invalid length parameter passed to the {function} function."),
    )
}

fn left(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(text), Some(count)) = (text(&arguments[0])?, integer(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let count = usize::try_from(count).map_err(|_| invalid_length(537, 2, "LEFT or SUBSTRING"))?;
    let units = units(&text);
    Ok(from_units(&units[..count.min(units.len())]))
}

fn right(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(text), Some(count)) = (text(&arguments[0])?, integer(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let count = usize::try_from(count).map_err(|_| invalid_length(536, 1, "right"))?;
    let units = units(&text);
    Ok(from_units(&units[units.len() - count.min(units.len())..]))
}

fn substring(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(start), Some(count)) = (integer(&arguments[1])?, integer(&arguments[2])?) else {
        return Ok(Value::Null);
    };
    if count < 0 {
        return Err(invalid_length(537, 3, "LEFT or SUBSTRING"));
    }
    // A start before the first character eats from the count.
    let range = |length: usize| {
        let end = start.saturating_add(count).clamp(1, length as i64 + 1) as usize;
        let start = start.clamp(1, length as i64 + 1) as usize;
        start - 1..end.max(start) - 1
    };
    Ok(match &arguments[0].0 {
        Value::Binary(bytes) => Value::binary(&bytes[range(bytes.len())]),
        _ => match text(&arguments[0])? {
            Some(text) => {
                let units = units(&text);
                from_units(&units[range(units.len())])
            }
            None => Value::Null,
        },
    })
}

fn trim(arguments: &[Argument], start: bool, end: bool) -> Result<Value, SqlError> {
    let Some(trimmed) = text(&arguments[0])? else {
        return Ok(Value::Null);
    };
    let characters = match arguments.get(1) {
        Some(argument) => match text(argument)? {
            Some(characters) => characters,
            None => return Ok(Value::Null),
        },
        None => " ".into(),
    };
    let among = |character: char| characters.contains(character);
    let mut rest = trimmed.as_ref();
    if start {
        rest = rest.trim_start_matches(among);
    }
    if end {
        rest = rest.trim_end_matches(among);
    }
    Ok(Value::text(rest))
}

fn stuff_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    Ok(text_like(&concatenation_type(
        &text_like(&types[0]),
        &text_like(&types[3]),
    )))
}

fn stuff(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(whole), Some(start), Some(count)) = (
        text(&arguments[0])?,
        integer(&arguments[1])?,
        integer(&arguments[2])?,
    ) else {
        return Ok(Value::Null);
    };
    let units = units(&whole);
    // Outside of the text the answer is NULL, not an error. So documented.
    if start <= 0 || count < 0 || start as u64 > units.len() as u64 {
        return Ok(Value::Null);
    }
    let start = start as usize - 1;
    let end = start.saturating_add(count as usize).min(units.len());
    let middle = text(&arguments[3])?.unwrap_or_else(|| "".into());
    let middle: Vec<u16> = middle.encode_utf16().collect();
    Ok(from_units(
        &[&units[..start], &middle, &units[end..]].concat(),
    ))
}

fn replicate(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(part), Some(count)) = (text(&arguments[0])?, integer(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let Ok(count) = usize::try_from(count) else {
        return Ok(Value::Null);
    };
    repeat(&part, count, &arguments[0].1)
}

/// At most 8000 bytes unless the type is MAX; never more than the embedded server wants to hold.
fn repeat(part: &str, count: usize, sql_type: &SqlType) -> Result<Value, SqlError> {
    const BYTES_MAX: usize = 64 << 20;
    let limit = if sql_type.is_max() { BYTES_MAX } else { 8000 };
    if part.is_empty() {
        return Ok(Value::text(""));
    }
    let enough = limit / part.encode_utf16().count() + 1;
    if sql_type.is_max() && count > enough {
        return Err(SqlError::unsupported("texts of more than 64 MB"));
    }
    Ok(Value::text(part.repeat(count.min(enough))))
}

fn space(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    match integer(&arguments[0])? {
        Some(count) if count >= 0 => repeat(" ", count as usize, &SqlType::varchar(8000)),
        _ => Ok(Value::Null),
    }
}

fn concat_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    let unicode = types.iter().any(is_unicode);
    let mut total = 0_u16;
    for sql_type in types {
        match written_length(sql_type) {
            Length::Max => return Ok(text_of(unicode, Length::Max)),
            Length::Limited(length) => total = total.saturating_add(length),
        }
    }
    Ok(text_of(unicode, Length::Limited(total)))
}

fn concat_ws_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    let separators = std::iter::repeat_n(types[0], types.len().saturating_sub(2));
    concat_type(
        &types[1..]
            .iter()
            .copied()
            .chain(separators)
            .collect::<Vec<_>>(),
    )
}

fn concat(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let mut joined = String::new();
    for argument in arguments {
        if let Some(text) = text(argument)? {
            joined.push_str(&text);
        }
    }
    Ok(Value::text(joined))
}

fn concat_ws(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let separator = text(&arguments[0])?.unwrap_or_else(|| "".into());
    let mut parts = Vec::new();
    for argument in &arguments[1..] {
        parts.extend(text(argument)?);
    }
    Ok(Value::text(parts.join(separator.as_ref())))
}

fn quote_name(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let Some(name) = text(&arguments[0])? else {
        return Ok(Value::Null);
    };
    let quote = match arguments.get(1) {
        Some(argument) => match text(argument)? {
            Some(quote) => quote.chars().next(),
            None => return Ok(Value::Null),
        },
        None => Some('['),
    };
    let (open, close) = match quote {
        Some('[' | ']') | None => ('[', ']'),
        Some('(' | ')') => ('(', ')'),
        Some('<' | '>') => ('<', '>'),
        Some('{' | '}') => ('{', '}'),
        Some(quote @ ('\'' | '"' | '`')) => (quote, quote),
        Some(_) => return Ok(Value::Null),
    };
    // A longer name is no sysname. The answer is NULL, which has surprised builders of dynamic SQL.
    if name.encode_utf16().count() > 128 {
        return Ok(Value::Null);
    }
    let doubled = name.replace(close, &format!("{close}{close}"));
    Ok(Value::text(format!("{open}{doubled}{close}")))
}

fn str(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let Some(number) = super::arguments::float(&arguments[0])? else {
        return Ok(Value::Null);
    };
    let optional = |index: usize, default: i32| match arguments.get(index) {
        Some(argument) => int(argument),
        None => Ok(Some(default)),
    };
    let (Some(length), Some(decimals)) = (optional(1, 10)?, optional(2, 0)?) else {
        return Ok(Value::Null);
    };
    if !(1..=8000).contains(&length) || decimals < 0 {
        return Ok(Value::Null);
    }
    let length = length as usize;
    let rounded =
        |decimals: u8| decimal::from_float(number, decimals).map(|n| decimal::to_text(n, decimals));
    let Some(whole) = rounded(0) else {
        return Ok(Value::text("*".repeat(length)));
    };
    if whole.len() > length {
        return Ok(Value::text("*".repeat(length)));
    }
    // Decimals give way to the length.
    let room = length.saturating_sub(whole.len() + 1).min(16);
    let decimals = (decimals as usize).min(room) as u8;
    let written = rounded(decimals).unwrap_or(whole);
    Ok(Value::text(format!("{written:>length$}")))
}

fn ascii(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let first = text(&arguments[0])?.and_then(|text| text.chars().next());
    Ok(first.map_or(Value::Null, |character| {
        Value::Int(i32::from(code_page::encode(character)))
    }))
}

fn char_(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let byte = int(&arguments[0])?.and_then(|number| u8::try_from(number).ok());
    Ok(byte.map_or(Value::Null, |byte| {
        Value::text(code_page::decode(byte).to_string())
    }))
}

fn unicode(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let first = text(&arguments[0])?.and_then(|text| text.encode_utf16().next());
    Ok(first.map_or(Value::Null, |unit| Value::Int(i32::from(unit))))
}

fn nchar(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let unit = int(&arguments[0])?.and_then(|number| u16::try_from(number).ok());
    Ok(unit.map_or(Value::Null, |unit| from_units(&[unit])))
}

fn soundex(text: &str) -> String {
    const CODES: &[u8; 26] = b"01230120022455012623010202";
    let code = |letter: u8| CODES[usize::from(letter.to_ascii_uppercase() - b'A')];
    // The code ends at the first character that is no letter.
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic);
    let mut result = String::new();
    let mut last = 0;
    for letter in letters {
        let digit = code(letter);
        if result.is_empty() {
            result.push(char::from(letter.to_ascii_uppercase()));
            last = digit;
            continue;
        }
        // H and W do not part two letters of one code; vowels do.
        if matches!(letter.to_ascii_uppercase(), b'H' | b'W') {
            continue;
        }
        if digit != b'0' && digit != last {
            result.push(char::from(digit));
        }
        last = digit;
        if result.len() == 4 {
            break;
        }
    }
    while result.len() < 4 {
        result.push('0');
    }
    result
}

fn difference(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(a), Some(b)) = (text(&arguments[0])?, text(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let same = soundex(&a)
        .bytes()
        .zip(soundex(&b).bytes())
        .filter(|(a, b)| a == b)
        .count();
    Ok(Value::Int(same as i32))
}

fn string_escape(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(plain), Some(kind)) = (text(&arguments[0])?, text(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    if !kind.eq_ignore_ascii_case("json") {
        return Err(SqlError::new(
            13_607,
            16,
            1,
            "An invalid value was specified for argument 2.",
        ));
    }
    let mut escaped = String::with_capacity(plain.len());
    for character in plain.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '/' => escaped.push_str("\\/"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{C}' => escaped.push_str("\\f"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    Ok(Value::text(escaped))
}

/// Part 1 is the object, 4 the server. NULL if the name has more than four parts or is malformed.
fn parse_name(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(name), Some(part)) = (text(&arguments[0])?, int(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    if !(1..=4).contains(&part) {
        return Ok(Value::Null);
    }
    let Some(parts) = split_name(&name) else {
        return Ok(Value::Null);
    };
    let found = parts
        .len()
        .checked_sub(part as usize)
        .and_then(|index| parts.get(index));
    Ok(match found {
        Some(part) if !part.is_empty() => Value::text(part.as_str()),
        _ => Value::Null,
    })
}

fn split_name(name: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let close = match character {
            '.' => {
                parts.push(String::new());
                continue;
            }
            '[' => ']',
            '"' => '"',
            other => {
                parts.last_mut()?.push(other);
                continue;
            }
        };
        loop {
            match characters.next()? {
                next if next == close => {
                    if characters.next_if_eq(&close).is_none() {
                        break;
                    }
                    parts.last_mut()?.push(close);
                }
                next => parts.last_mut()?.push(next),
            }
        }
    }
    (parts.len() <= 4 && parts.iter().all(|part| part.encode_utf16().count() <= 128))
        .then_some(parts)
}
