//! Where identifiers stand in a request: in the path, the query, a header, the body, however deep.

use std::fmt;

use domain::api::request::{Body, Request};
use serde_json::Value;

use super::reference::path_values;
use super::serialise::{encoded, text};
use contract::PathTemplate;

/// A place where an identifier goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// In which part of the request.
    pub place: Place,
    /// Name of the parameter; in a body the way to the field, as `lines[].productId`.
    pub name: String,
    /// What it identifies, such as `customer`.
    pub resource: String,
    /// Whether something that an operation makes is consumed here.
    pub consumer: bool,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Place {
    Path,
    Query,
    Header,
    Cookie,
    Body,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
            Place::Body => "body",
        };
        write!(f, "{place} {}", self.name)
    }
}

impl From<contract::Place> for Place {
    fn from(place: contract::Place) -> Self {
        match place {
            contract::Place::Path => Self::Path,
            contract::Place::Query => Self::Query,
            contract::Place::Header => Self::Header,
            contract::Place::Cookie => Self::Cookie,
        }
    }
}

/// The way to a field of an object.
pub(crate) fn field(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// The way to the elements of an array.
pub(crate) fn element(place: &str) -> String {
    format!("{place}[]")
}

/// One step on the way into a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hop {
    Field(String),
    Elements,
}

/// The steps of a way.
pub(crate) fn hops(name: &str) -> Vec<Hop> {
    let mut hops = Vec::new();
    for part in name.split('.') {
        let bare = part.trim_end_matches("[]");
        if !bare.is_empty() {
            hops.push(Hop::Field(bare.to_owned()));
        }
        for _ in 0..(part.len() - bare.len()) / 2 {
            hops.push(Hop::Elements);
        }
    }
    hops
}

/// What stands on a way; in arrays, in the first element.
fn get<'v>(value: &'v Value, hops: &[Hop]) -> Option<&'v Value> {
    let mut value = value;
    for hop in hops {
        value = match hop {
            Hop::Field(name) => value.get(name)?,
            Hop::Elements => value.get(0)?,
        };
    }
    Some(value)
}

/// Puts a value on a way. Objects on it are made; in arrays, it is the first element that is changed.
pub(crate) fn set(value: &mut Value, hops: &[Hop], new: &Value) {
    let Some((hop, rest)) = hops.split_first() else {
        value.clone_from(new);
        return;
    };
    match hop {
        Hop::Field(name) => {
            if value.is_null() {
                *value = Value::Object(serde_json::Map::new());
            }
            if let Value::Object(fields) = value {
                set(fields.entry(name.clone()).or_insert(Value::Null), rest, new);
            }
        }
        Hop::Elements => {
            if value.is_null() {
                *value = Value::Array(vec![Value::Null]);
            }
            if let Value::Array(items) = value {
                if items.is_empty() {
                    items.push(Value::Null);
                }
                set(&mut items[0], rest, new);
            }
        }
    }
}

/// What stands at a position of a request; nothing when it is not filled.
pub(crate) fn value_at(
    template: &PathTemplate,
    request: &Request,
    position: &Position,
) -> Option<String> {
    match position.place {
        Place::Path => path_values(template, &request.path)?.remove(&position.name),
        Place::Query => named(&request.query, &position.name, false),
        Place::Header => named(&request.headers, &position.name, true),
        Place::Cookie => {
            let cookies = named(&request.headers, "Cookie", true)?;
            let mut cookies = cookies
                .split("; ")
                .filter_map(|cookie| cookie.split_once('='));
            let found = cookies.find(|(name, _)| *name == position.name);
            found.map(|(_, value)| value.to_owned())
        }
        Place::Body => match request.body.as_ref()? {
            Body::Json { value, .. } => {
                let found = get(value, &hops(&position.name))?;
                (!found.is_null() && !found.is_object() && !found.is_array()).then(|| text(found))
            }
            Body::Form(fields) => named(fields, &position.name, false),
            Body::Multipart(parts) => {
                let part = parts.iter().find(|part| part.name == position.name)?;
                Some(part.text.clone())
            }
            Body::Text { .. } => None,
        },
    }
}

fn named(pairs: &[(String, String)], name: &str, ignore_case: bool) -> Option<String> {
    let found = pairs
        .iter()
        .find(|(own, _)| own == name || (ignore_case && own.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value.clone())
}

/// Puts a reference or a literal at a position of a request.
pub(crate) fn put(
    template: &PathTemplate,
    request: &mut Request,
    position: &Position,
    value: &str,
) {
    match position.place {
        Place::Path => {
            let Some(mut values) = path_values(template, &request.path) else {
                return;
            };
            values.insert(position.name.clone(), encoded(value));
            let of = |name: &str| values.get(name).cloned().unwrap_or_default();
            request.path = template.expand(of);
        }
        Place::Query => put_named(&mut request.query, &position.name, value),
        Place::Header => put_named(&mut request.headers, &position.name, value),
        Place::Cookie => {
            let others = named(&request.headers, "Cookie", true).unwrap_or_default();
            let mut cookies: Vec<String> = others
                .split("; ")
                .filter(|cookie| {
                    let name = cookie.split_once('=').map(|(name, _)| name);
                    name.is_some_and(|name| name != position.name)
                })
                .map(str::to_owned)
                .collect();
            cookies.push(format!("{}={value}", position.name));
            put_named(&mut request.headers, "Cookie", &cookies.join("; "));
        }
        Place::Body => match &mut request.body {
            Some(Body::Json { value: body, .. }) => {
                let hops = hops(&position.name);
                let new = like(get(body, &hops), value);
                set(body, &hops, &new);
            }
            Some(Body::Form(fields)) => put_named(fields, &position.name, value),
            Some(Body::Multipart(parts)) => {
                match parts.iter_mut().find(|part| part.name == position.name) {
                    Some(part) => value.clone_into(&mut part.text),
                    None => parts.push(domain::api::request::Part {
                        name: position.name.clone(),
                        file: None,
                        media_type: None,
                        text: value.to_owned(),
                    }),
                }
            }
            Some(Body::Text { .. }) | None => {}
        },
    }
}

/// A literal of the type of what stood there before: an id that was a number stays one.
fn like(before: Option<&Value>, value: &str) -> Value {
    match before {
        Some(Value::Number(_)) => value
            .parse::<i64>()
            .map_or_else(|_| Value::String(value.to_owned()), Value::from),
        _ => Value::String(value.to_owned()),
    }
}

fn put_named(pairs: &mut Vec<(String, String)>, name: &str, value: &str) {
    match pairs
        .iter_mut()
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
    {
        Some((_, own)) => value.clone_into(own),
        None => pairs.push((name.to_owned(), value.to_owned())),
    }
}
