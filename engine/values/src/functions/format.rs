//! What does FORMAT write? The standard and custom .NET formats of culture en-US that applications
//! use; other cultures are refused.

use super::arguments::{Argument, text};
use super::{FunctionContext, ScalarFunction, function};
use crate::calendar::{DAYS_TO_1900, MONTHS, Parts, WEEKDAYS, days_from_date, weekday};
use crate::convert::{exact, with_commas};
use crate::date_format::{Moment, offset_text};
use crate::decimal;
use crate::messages::invalid_argument_type;
use crate::{SqlError, SqlType, Value};

pub(super) const FUNCTIONS: &[ScalarFunction] =
    &[function("format", (2, 3), format_type, format_value)];

fn format_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    let allowed = types[0].is_date_time()
        || (types[0].is_number() && !matches!(types[0], SqlType::Bit))
        || matches!(types[0], SqlType::UntypedNull);
    if allowed {
        Ok(SqlType::nvarchar(4000))
    } else {
        Err(invalid_argument_type(&types[0], 1, "format"))
    }
}

fn format_value(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = &arguments[0];
    format_type(&[*sql_type])?;
    if let Some(argument) = arguments.get(2)
        && let Some(culture) = text(argument)?
        && !culture.eq_ignore_ascii_case("en-us")
    {
        return Err(SqlError::unsupported(format_args!(
            "FORMAT with culture '{culture}'"
        )));
    }
    let pattern = text(&arguments[1])?.unwrap_or_else(|| "".into());
    if value.is_null() {
        return Ok(Value::Null);
    }
    let written = match Moment::new(value, sql_type) {
        Some(moment) => Some(format_moment(&moment, &pattern)?),
        None => format_number(value, &pattern)?,
    };
    Ok(written.map_or(Value::Null, Value::text))
}

fn unsupported(pattern: &str) -> SqlError {
    SqlError::unsupported(format_args!("the format '{pattern}' of FORMAT"))
}

/// The value at a number of decimals, rounded half away from zero.
fn at_scale(value: &Value, scale: u8) -> Option<i128> {
    match value {
        Value::Float(float) => decimal::from_float(*float, scale),
        Value::Real(real) => decimal::from_float(f64::from(*real), scale),
        _ => {
            let (unscaled, own) = exact(value)?;
            decimal::rescale(unscaled, own, scale)
        }
    }
}

fn format_number(value: &Value, pattern: &str) -> Result<Option<String>, SqlError> {
    let is_integer = value.as_integer().is_some();
    let mut characters = pattern.chars();
    if let Some(kind) = characters.next()
        && kind.is_ascii_alphabetic()
        && characters
            .clone()
            .all(|character| character.is_ascii_digit())
        && characters.as_str().len() <= 2
    {
        let digits: Option<u8> = characters.as_str().parse().ok();
        let decimals = digits.unwrap_or(2).min(28);
        let written = match kind {
            'N' | 'n' => at_scale(value, decimals)
                .map(|number| with_commas(&decimal::to_text(number, decimals))),
            'F' | 'f' => at_scale(value, decimals).map(|number| decimal::to_text(number, decimals)),
            'C' | 'c' => at_scale(value, decimals).map(|number| {
                let amount = with_commas(&decimal::to_text(number.abs(), decimals));
                // .NET Framework, which SQL Server hosts, writes negative dollars in parentheses.
                if number < 0 {
                    format!("(${amount})")
                } else {
                    format!("${amount}")
                }
            }),
            'P' | 'p' => at_scale(value, decimals + 2)
                .map(|number| format!("{} %", with_commas(&decimal::to_text(number, decimals)))),
            'D' | 'd' if is_integer => at_scale(value, 0).map(|number| {
                let sign = if number < 0 { "-" } else { "" };
                let width = usize::from(digits.unwrap_or(0));
                format!("{sign}{:0width$}", number.unsigned_abs())
            }),
            'X' | 'x' if is_integer => value.as_integer().map(|number| {
                let width = usize::from(digits.unwrap_or(0));
                let bits = match value {
                    Value::Int(number) => u64::from(*number as u32),
                    Value::SmallInt(number) => u64::from(*number as u16),
                    _ => number as u64,
                };
                if kind == 'X' {
                    format!("{bits:0width$X}")
                } else {
                    format!("{bits:0width$x}")
                }
            }),
            'G' | 'g' if digits.is_none() => Some(match value {
                Value::Float(float) => float.to_string(),
                Value::Real(real) => real.to_string(),
                _ => crate::convert::plain_text(value, &value.natural_type()),
            }),
            // FORMAT answers NULL where .NET raises a format exception.
            'D' | 'd' | 'X' | 'x' => return Ok(None),
            _ => return Err(unsupported(pattern)),
        };
        return Ok(written);
    }
    custom_number(value, pattern)
}

/// `0`, `#`, `.`, `,`, `%`, literals, and sections for negative numbers and zero.
fn custom_number(value: &Value, pattern: &str) -> Result<Option<String>, SqlError> {
    let sections: Vec<&str> = pattern.split(';').collect();
    let (sign, section) = {
        let number = at_scale(value, 10).unwrap_or(0);
        match (number.signum(), sections.as_slice()) {
            (-1, [_, negative, ..]) if !negative.is_empty() => (false, *negative),
            (0, [_, _, zero]) if !zero.is_empty() => (false, *zero),
            (_, [positive, ..]) => (number < 0, *positive),
            (_, []) => (number < 0, ""),
        }
    };
    if section.contains(['e', 'E', '\\', '‰']) {
        return Err(unsupported(pattern));
    }
    let percent = section.contains('%');
    let is_digit = |character: char| matches!(character, '0' | '#');
    let (whole_pattern, fraction_pattern) = section.split_once('.').unwrap_or((section, ""));
    let decimals = fraction_pattern
        .chars()
        .filter(|&character| is_digit(character))
        .count();
    if decimals > 20 {
        return Err(unsupported(pattern));
    }
    let decimals = decimals as u8;
    let at = if percent { decimals + 2 } else { decimals };
    let Some(number) = at_scale(value, at) else {
        return Ok(None);
    };
    let digits = decimal::to_text(number.abs(), decimals);
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let whole_places = whole_pattern
        .chars()
        .filter(|&character| is_digit(character))
        .count();
    let zeros = match whole_pattern.find('0') {
        Some(first) => whole_pattern[first..]
            .chars()
            .filter(|&c| is_digit(c))
            .count(),
        None => 0,
    };
    let whole = if whole == "0" && zeros == 0 {
        ""
    } else {
        whole
    };
    let mut padded = format!("{whole:0>zeros$}");
    let first_place = whole_pattern.find(is_digit);
    let last_place = whole_pattern.rfind(is_digit);
    if let (Some(first), Some(last)) = (first_place, last_place)
        && whole_pattern[first..last].contains(',')
    {
        padded = with_commas(&padded);
    }
    let mut written = String::new();
    if sign && number != 0 {
        written.push('-');
    }
    // Literals around the digits stay where they are; the digits go where the first place is.
    let mut placed = whole_places == 0;
    if placed {
        written.push_str(&padded);
    }
    for literal in literals(whole_pattern) {
        match literal {
            Piece::Place if !placed => {
                written.push_str(&padded);
                placed = true;
            }
            Piece::Place => {}
            Piece::Literal(character) => written.push(character),
        }
    }
    let mut kept = fraction.len();
    let optional = fraction_pattern
        .chars()
        .filter(|&character| is_digit(character))
        .rev();
    for place in optional {
        if place == '#' && kept > 0 && fraction.as_bytes()[kept - 1] == b'0' {
            kept -= 1;
        } else {
            break;
        }
    }
    if kept > 0 {
        written.push('.');
        written.push_str(&fraction[..kept]);
    }
    for literal in literals(fraction_pattern) {
        if let Piece::Literal(character) = literal {
            written.push(character);
        }
    }
    Ok(Some(written))
}

enum Piece {
    Place,
    Literal(char),
}

fn literals(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut quoted = None;
    for character in pattern.chars() {
        match (character, quoted) {
            (quote, Some(open)) if quote == open => quoted = None,
            (other, Some(_)) => pieces.push(Piece::Literal(other)),
            (quote @ ('\'' | '"'), None) => quoted = Some(quote),
            ('0' | '#', None) => pieces.push(Piece::Place),
            (',', None) => {}
            (other, None) => pieces.push(Piece::Literal(other)),
        }
    }
    pieces
}

fn format_moment(moment: &Moment, pattern: &str) -> Result<String, SqlError> {
    let standard = match pattern {
        "" | "G" => "M/d/yyyy h:mm:ss tt",
        "d" => "M/d/yyyy",
        "D" => "dddd, MMMM d, yyyy",
        "t" => "h:mm tt",
        "T" => "h:mm:ss tt",
        "g" => "M/d/yyyy h:mm tt",
        "f" => "dddd, MMMM d, yyyy h:mm tt",
        "F" => "dddd, MMMM d, yyyy h:mm:ss tt",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffff",
        "M" | "m" => "MMMM d",
        "Y" | "y" => "MMMM yyyy",
        "R" | "r" => "ddd, dd MMM yyyy HH:mm:ss GMT",
        other if other.chars().count() == 1 => return Err(unsupported(pattern)),
        other => other,
    };
    custom_moment(moment, standard).ok_or_else(|| unsupported(pattern))
}

/// Runs of one letter are fields; quoted and other characters stand for themselves.
fn custom_moment(moment: &Moment, pattern: &str) -> Option<String> {
    let Parts {
        year,
        month,
        day,
        hour,
        minute,
        second,
        fraction,
    } = moment.parts;
    let days = days_from_date(year, month, day).unwrap_or(DAYS_TO_1900);
    let weekday = WEEKDAYS[weekday(days) as usize];
    let month_name = MONTHS[month as usize - 1];
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "AM" } else { "PM" };
    let characters: Vec<char> = pattern.chars().collect();
    let mut written = String::new();
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        let run = characters[at..]
            .iter()
            .take_while(|next| **next == character)
            .count();
        at += run;
        match (character, run) {
            ('y', 1) => written.push_str(&(year % 100).to_string()),
            ('y', 2) => written.push_str(&format!("{:02}", year % 100)),
            ('y', _) => written.push_str(&format!("{year:0run$}")),
            ('M', 1 | 2) => written.push_str(&format!("{month:0run$}")),
            ('M', 3) => written.push_str(&month_name[..3]),
            ('M', _) => written.push_str(month_name),
            ('d', 1 | 2) => written.push_str(&format!("{day:0run$}")),
            ('d', 3) => written.push_str(&weekday[..3]),
            ('d', _) => written.push_str(weekday),
            ('H', 1 | 2) => written.push_str(&format!("{hour:0run$}")),
            ('h', 1 | 2) => written.push_str(&format!("{hour12:0run$}")),
            ('m', 1 | 2) => written.push_str(&format!("{minute:0run$}")),
            ('s', 1 | 2) => written.push_str(&format!("{second:0run$}")),
            ('f', 1..=7) => written.push_str(&format!("{fraction:07}")[..run]),
            ('t', 1) => written.push_str(&half[..1]),
            ('t', 2) => written.push_str(half),
            ('z', 3) => {
                written.push_str(&offset_text(moment.offset.map_or(0, |(offset, _)| offset)))
            }
            ('K', 1) => {
                if let Some((offset, _)) = moment.offset {
                    written.push_str(&offset_text(offset));
                }
            }
            ('\'' | '"', 1) => {
                let length = characters[at..]
                    .iter()
                    .position(|next| *next == character)?;
                written.extend(&characters[at..at + length]);
                at += length + 1;
            }
            ('\\', 1) => {
                written.push(*characters.get(at)?);
                at += 1;
            }
            ('T' | 'Z' | 'G', _) => written.extend(std::iter::repeat_n(character, run)),
            (other, _)
                if !other.is_ascii_alphabetic() && !matches!(other, '\'' | '"' | '\\' | '%') =>
            {
                written.extend(std::iter::repeat_n(other, run));
            }
            _ => return None,
        }
    }
    Some(written)
}
