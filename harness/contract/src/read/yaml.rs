//! YAML as values of JSON.
//!
//! Over parser events rather than a YAML value type, because OpenAPI in YAML is JSON with other
//! brackets: keys are texts even where YAML takes `200` for a number, anchors are copies that must
//! not multiply without end, and a merge key merges.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Number, Value};

use crate::error::ContractError;

/// As deep as serde_json goes, so that both formats have the same end.
const DEPTH_MAX: usize = 128;
/// Several times what the largest published documents have.
const VALUES_MAX: usize = 4_000_000;

type Notes = Vec<(usize, String)>;

/// The first document's value, and what is odd about the text.
pub(super) fn load(text: &str) -> Result<(Value, Notes), ContractError> {
    let mut loader = Loader {
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        values: 0,
        notes: Vec::new(),
    };
    let mut document = None;
    while let Some((event, span)) = loader.next()? {
        match event {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Nothing => {}
            _ if document.is_some() => {
                let note = "a second YAML document begins here; it is not read".to_owned();
                loader.notes.push((line(&span), note));
                break;
            }
            event => document = Some(loader.value(event, &span, 0)?.0),
        }
    }
    Ok((document.unwrap_or(Value::Null), loader.notes))
}

struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Values by anchor, with how many values each is.
    anchors: BTreeMap<usize, (Value, usize)>,
    values: usize,
    notes: Notes,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, ContractError> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => {
                let marker = error.marker();
                Err(syntax(marker.line(), marker.col(), error.info()))
            }
        }
    }

    fn count(&mut self, values: usize) -> Result<(), ContractError> {
        self.values += values;
        if self.values > VALUES_MAX {
            return Err(ContractError::TooLarge { max: VALUES_MAX });
        }
        Ok(())
    }

    /// The value that begins with `event`, and how many values it is.
    fn value(
        &mut self,
        event: Event<'a>,
        span: &Span,
        depth: usize,
    ) -> Result<(Value, usize), ContractError> {
        if depth >= DEPTH_MAX {
            return Err(syntax(
                span.start.line(),
                span.start.col(),
                "nested too deeply",
            ));
        }
        let (value, size, anchor) = match event {
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                    let (line, column) = (span.start.line(), span.start.col());
                    return Err(syntax(line, column, "the alias refers to nothing"));
                };
                self.count(size)?;
                return Ok((value, size));
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                let is_text =
                    style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let value = if is_text {
                    Value::String(text.into_owned())
                } else {
                    plain(&text)
                };
                (value, 1, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.count(1)?;
                let mut items = Vec::new();
                let mut size = 1;
                while let Some((event, span)) = self.next()? {
                    if event == Event::SequenceEnd {
                        break;
                    }
                    let (item, items_size) = self.value(event, &span, depth + 1)?;
                    size += items_size;
                    items.push(item);
                }
                (Value::Array(items), size, anchor)
            }
            Event::MappingStart(anchor, _) => {
                self.count(1)?;
                let (map, size) = self.mapping(depth)?;
                (Value::Object(map), size, anchor)
            }
            _ => (Value::Null, 1, 0),
        };
        if anchor != 0 {
            self.count(size)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok((value, size))
    }

    fn mapping(&mut self, depth: usize) -> Result<(Map<String, Value>, usize), ContractError> {
        let mut map = Map::new();
        let mut merged = Vec::new();
        let mut size = 1;
        while let Some((event, span)) = self.next()? {
            let key = match event {
                Event::MappingEnd => break,
                // The text as it stands: `200`, `1.0` and `on` are names here.
                Event::Scalar(text, ..) => Some(text.into_owned()),
                event => {
                    self.value(event, &span, depth + 1)?;
                    let note = "a key that is no text is left out".to_owned();
                    self.notes.push((line(&span), note));
                    None
                }
            };
            let Some((event, value_span)) = self.next()? else {
                break;
            };
            let (value, value_size) = self.value(event, &value_span, depth + 1)?;
            size += value_size;
            match key {
                None => {}
                Some(key) if key == "<<" => match value {
                    Value::Array(several) => merged.extend(several),
                    one => merged.push(one),
                },
                Some(key) if map.contains_key(&key) => {
                    let note = format!("the key {key:?} is given twice; the first is used");
                    self.notes.push((line(&span), note));
                }
                Some(key) => {
                    map.insert(key, value);
                }
            }
        }
        for other in merged {
            let Value::Object(other) = other else {
                continue;
            };
            for (key, value) in other {
                if !map.contains_key(&key) {
                    map.insert(key, value);
                }
            }
        }
        Ok((map, size))
    }
}

fn line(span: &Span) -> usize {
    span.start.line().max(1)
}

fn syntax(line: usize, column: usize, why: &str) -> ContractError {
    ContractError::Syntax {
        format: "YAML",
        line: line.max(1),
        column: column + 1,
        why: why.to_owned(),
    }
}

/// A plain scalar by YAML's core schema.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Number::from);
    }
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Number::from);
    }
    let is_decimal = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(|c| "0123456789.eE+-".contains(c));
    if !is_decimal {
        return None;
    }
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(number.into());
    }
    Number::from_f64(text.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::load;

    #[test]
    fn yaml_becomes_json() {
        for (yaml, expected) in [
            (
                "a: 1\nb: [x, 'y', \"z\"]",
                json!({"a": 1, "b": ["x", "y", "z"]}),
            ),
            (
                "200: {description: ok}",
                json!({"200": {"description": "ok"}}),
            ),
            (
                "a: ~\nb:\nc: null\nd: 'null'",
                json!({"a": null, "b": null, "c": null, "d": "null"}),
            ),
            (
                "a: yes\nb: on\nc: True",
                json!({"a": "yes", "b": "on", "c": true}),
            ),
            (
                "a: 0x1F\nb: 1.5\nc: -3\nd: 1e3\ne: 1.2.3\nf: 2024-01-01",
                json!({"a": 31, "b": 1.5, "c": -3, "d": 1000.0, "e": "1.2.3", "f": "2024-01-01"}),
            ),
            ("a: !!str 12", json!({"a": "12"})),
            ("a: &x {p: 1}\nb: *x", json!({"a": {"p": 1}, "b": {"p": 1}})),
            (
                "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3",
                json!({"a": {"p": 1, "q": 2}, "b": {"q": 3, "p": 1}}),
            ),
            ("a: |\n  one\n  two\n", json!({"a": "one\ntwo\n"})),
            ("? [x]\n: 1\na: 2", json!({"a": 2})),
            ("a: 1\na: 2", json!({"a": 1})),
            ("a: 1\n---\nb: 2", json!({"a": 1})),
            ("", Value::Null),
        ] {
            assert_eq!(load(yaml).map(|(value, _)| value), Ok(expected), "{yaml}");
        }
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..9 {
            let below = vec![format!("*a{}", level - 1); 10].join(",");
            yaml.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(load(&yaml).is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(load(&"[".repeat(100_000)).is_err());
        assert!(load(&"- ".repeat(100_000)).is_err());
    }
}
