//! Is a value of the shape that the contract promises? Used for requests, and in tests for answers.

use serde_json::Value;

use super::schema::{Field, Schema};

/// What is wrong with one place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The place, as `lines[2].productId`; empty for the whole.
    pub field: String,
    /// What is wrong, as a word that programs may test.
    pub code: &'static str,
    /// What is wrong, without quoting the value.
    pub message: String,
}

/// Everything that is wrong with `value`; `find` knows the named shapes.
pub fn violations(
    schema: &Schema,
    value: &Value,
    find: &dyn Fn(&str) -> Option<Schema>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(schema, value, "", find, &mut found);
    found
}

fn walk(
    schema: &Schema,
    value: &Value,
    place: &str,
    find: &dyn Fn(&str) -> Option<Schema>,
    found: &mut Vec<Violation>,
) {
    let mut wrong = |code, message: String| {
        found.push(Violation {
            field: place.to_owned(),
            code,
            message,
        });
    };
    match schema {
        Schema::Anything => {}
        Schema::Text(text) => match value.as_str() {
            None => wrong("type", "must be a text".into()),
            Some(given) => {
                let length = given.chars().count();
                if length < text.min || length > text.max {
                    let (min, max) = (text.min, text.max);
                    wrong("length", format!("must have {min} to {max} characters"));
                } else if !text.kind.admits(given) {
                    wrong("format", "holds characters that are not allowed".into());
                }
            }
        },
        Schema::Word(words) => {
            if !value.as_str().is_some_and(|given| words.contains(&given)) {
                wrong("value", format!("must be one of {}", words.join(", ")));
            }
        }
        Schema::Integer(min, max) => match whole(value) {
            None => wrong("type", "must be a whole number".into()),
            Some(given) if given < *min || given > *max => {
                wrong("range", format!("must lie between {min} and {max}"));
            }
            Some(_) => {}
        },
        Schema::Amount(min, max) => match value.as_f64() {
            None => wrong("type", "must be a number".into()),
            #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
            Some(given) if !(given >= *min as f64 && given <= *max as f64) => {
                wrong("range", format!("must lie between {min} and {max}"));
            }
            Some(_) => {}
        },
        Schema::Boolean => {
            if !value.is_boolean() {
                wrong("type", "must be true or false".into());
            }
        }
        Schema::Date => {
            if !value.as_str().is_some_and(is_date) {
                wrong("format", "must be a day such as 2026-01-31".into());
            }
        }
        Schema::Moment => {
            if !value.as_str().is_some_and(is_moment) {
                wrong(
                    "format",
                    "must be a moment such as 2026-01-31T12:00:00Z".into(),
                );
            }
        }
        Schema::List(of, min, max) => match value.as_array() {
            None => wrong("type", "must be a list".into()),
            Some(items) => {
                if items.len() < *min || items.len() > *max {
                    wrong("length", format!("must have {min} to {max} entries"));
                } else {
                    for (at, item) in items.iter().enumerate() {
                        walk(of, item, &format!("{place}[{at}]"), find, found);
                    }
                }
            }
        },
        Schema::Named(name) => match find(name) {
            Some(named) => walk(&named, value, place, find, found),
            None => wrong("type", format!("has the unknown shape {name}")),
        },
        Schema::Object(fields) => object(fields, value, place, find, found),
    }
}

fn object(
    fields: &[Field],
    value: &Value,
    place: &str,
    find: &dyn Fn(&str) -> Option<Schema>,
    found: &mut Vec<Violation>,
) {
    let Some(given) = value.as_object() else {
        found.push(Violation {
            field: place.to_owned(),
            code: "type",
            message: "must be an object".into(),
        });
        return;
    };
    let inner = |name: &str| {
        if place.is_empty() {
            name.to_owned()
        } else {
            format!("{place}.{name}")
        }
    };
    for field in fields {
        match given.get(field.name) {
            None if field.required => found.push(Violation {
                field: inner(field.name),
                code: "required",
                message: "is required".into(),
            }),
            None => {}
            Some(Value::Null) if field.nullable => {}
            Some(value) => walk(&field.schema, value, &inner(field.name), find, found),
        }
    }
    for name in given.keys() {
        if !fields.iter().any(|field| field.name == name) {
            // The name is the caller's own word; it is cut so that it cannot fill the answer.
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            found.push(Violation {
                field: inner(&shown),
                code: "unknown",
                message: "is not a field of this request".into(),
            });
        }
    }
}

/// A whole number, also when it was written as `7.0`.
pub fn whole(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number = value.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and small"
    )]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// Whether a text is a day that exists, from year 1 to 9999.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = text.get(range)?;
        (part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    year >= 1 && (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn is_moment(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else {
        return false;
    };
    let Some(time) = time.strip_suffix('Z') else {
        return false;
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    is_date(day)
        && clock.len() == 8
        && clock.bytes().enumerate().all(|(at, b)| match at {
            2 | 5 => b == b':',
            _ => b.is_ascii_digit(),
        })
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_date, violations};
    use crate::contract::schema::{Field, Schema};

    #[test]
    fn each_violation_names_its_place() {
        let line = Schema::Object(vec![
            Field::new("productId", Schema::id()),
            Field::new("quantity", Schema::Amount(0, 10)),
        ]);
        let shape = Schema::Object(vec![
            Field::new("name", Schema::line(1, 5)),
            Field::new("on", Schema::Date).optional().nullable(),
            Field::new("lines", Schema::list(line, 0, 2)).optional(),
        ]);
        for (value, expected) in [
            (json!({"name": "a"}), vec![]),
            (json!({"name": "a", "on": null}), vec![]),
            (json!({"name": null}), vec![("name", "type")]),
            (json!({}), vec![("name", "required")]),
            (json!([]), vec![("", "type")]),
            (json!({"name": "a\u{0}b"}), vec![("name", "format")]),
            (json!({"name": "äöüßé"}), vec![]),
            (json!({"name": "toolong"}), vec![("name", "length")]),
            (json!({"name": "a", "x": 1}), vec![("x", "unknown")]),
            (
                json!({"name": "a", "on": "2025-02-29"}),
                vec![("on", "format")],
            ),
            (
                json!({"name": "a", "lines": [{"productId": 1, "quantity": 1}, {"productId": 0, "quantity": 11}]}),
                vec![
                    ("lines[1].productId", "range"),
                    ("lines[1].quantity", "range"),
                ],
            ),
            (
                json!({"name": "a", "lines": [{"productId": 1.5, "quantity": "2"}]}),
                vec![
                    ("lines[0].productId", "type"),
                    ("lines[0].quantity", "type"),
                ],
            ),
        ] {
            let found = violations(&shape, &value, &|_| None);
            let found: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.code)).collect();
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn days_exist() {
        for (text, expected) in [
            ("2024-02-29", true),
            ("1900-02-29", false),
            ("0000-01-01", false),
            ("2026-13-01", false),
            ("2026-1-01", false),
            ("２０２６-01-01", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }
}
