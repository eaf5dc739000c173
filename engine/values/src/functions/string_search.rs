//! Functions that look for texts in texts, under the collation: CHARINDEX, PATINDEX, REPLACE,
//! TRANSLATE.

use super::arguments::{Argument, integer, long_text, position_type, position_value, text};
use super::{FunctionContext, ScalarFunction, function};
use crate::{Collation, LikePattern, SqlError, SqlType, Value};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    function(
        "charindex",
        (2, 3),
        |types| Ok(position_type(&types[1..])),
        char_index,
    ),
    function(
        "patindex",
        (2, 2),
        |types| Ok(position_type(&types[1..])),
        pat_index,
    ),
    function("replace", (3, 3), replace_type, replace),
    function("translate", (3, 3), |types| Ok(long_text(types)), translate),
];

fn replace_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    Ok(long_text(types))
}

/// A text as weights under a collation, with where each character begins.
struct Weighed {
    weights: Vec<u64>,
    /// Byte offsets, one more than there are characters.
    bytes: Vec<usize>,
    /// Offsets in UTF-16 code units, one more than there are characters.
    units: Vec<usize>,
}

impl Weighed {
    fn new(text: &str, collation: Collation) -> Self {
        let (mut weights, mut bytes, mut units) = (Vec::new(), vec![0], vec![0]);
        let mut unit = 0;
        for (index, character) in text.char_indices() {
            weights.push(collation.weight(character));
            bytes.push(index + character.len_utf8());
            unit += character.len_utf16();
            units.push(unit);
        }
        Self {
            weights,
            bytes,
            units,
        }
    }

    /// The first place at or after `from`, in characters.
    fn find(&self, needle: &[u64], from: usize) -> Option<usize> {
        if needle.is_empty() || needle.len() > self.weights.len() {
            return None;
        }
        (from..=self.weights.len() - needle.len())
            .find(|&at| self.weights[at..].starts_with(needle))
    }
}

fn char_index(
    arguments: &[Argument],
    context: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let (Some(needle), Some(haystack)) = (text(&arguments[0])?, text(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let start = match arguments.get(2) {
        Some(argument) => match integer(argument)? {
            Some(start) => start.max(1) as usize - 1,
            None => return Ok(Value::Null),
        },
        None => 0,
    };
    let collation = context.collation();
    let haystack = Weighed::new(&haystack, collation);
    let needle = Weighed::new(&needle, collation);
    let from = haystack.units.partition_point(|unit| *unit < start);
    let found = haystack
        .find(&needle.weights, from)
        .map_or(0, |at| haystack.units[at] + 1);
    Ok(position_value(found, &arguments[1].1))
}

fn pat_index(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(pattern), Some(searched)) = (text(&arguments[0])?, text(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    let pattern = LikePattern::new(&pattern, None, context.collation())?;
    let found = pattern.position(&searched).map_or(0, |characters| {
        searched
            .chars()
            .take(characters)
            .map(char::len_utf16)
            .sum::<usize>()
            + 1
    });
    Ok(position_value(found, &arguments[1].1))
}

fn replace(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(whole), Some(old), Some(new)) = (
        text(&arguments[0])?,
        text(&arguments[1])?,
        text(&arguments[2])?,
    ) else {
        return Ok(Value::Null);
    };
    let collation = context.collation();
    let weighed = Weighed::new(&whole, collation);
    let needle = Weighed::new(&old, collation);
    let mut replaced = String::with_capacity(whole.len());
    let mut at = 0;
    while let Some(found) = weighed.find(&needle.weights, at) {
        replaced.push_str(&whole[weighed.bytes[at]..weighed.bytes[found]]);
        replaced.push_str(&new);
        if replaced.len() > 64 << 20 {
            return Err(SqlError::unsupported("texts of more than 64 MB"));
        }
        at = found + needle.weights.len();
    }
    replaced.push_str(&whole[weighed.bytes[at]..]);
    Ok(Value::text(replaced))
}

fn translate(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(whole), Some(from), Some(to)) = (
        text(&arguments[0])?,
        text(&arguments[1])?,
        text(&arguments[2])?,
    ) else {
        return Ok(Value::Null);
    };
    let to: Vec<char> = to.chars().collect();
    if from.chars().count() != to.len() {
        return Err(SqlError::new(
            9828,
            16,
            1,
            "The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.",
        ));
    }
    let collation = context.collation();
    let from: Vec<u64> = from
        .chars()
        .map(|character| collation.weight(character))
        .collect();
    let one = |character: char| {
        let weight = collation.weight(character);
        from.iter()
            .position(|known| *known == weight)
            .map_or(character, |index| to[index])
    };
    Ok(Value::text(whole.chars().map(one).collect::<String>()))
}
