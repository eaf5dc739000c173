//! Which parts of a request can be left out or made plain?

use domain::api::request::{Body, Request, renumbered};
use serde_json::Value;

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The so-many-th query parameter of this name.
    Query(String, usize),
    /// The so-many-th header of this name.
    Header(String, usize),
    /// The whole body.
    Body,
    /// A member or an item in a JSON body, by the way to it.
    Within(Vec<Key>),
    /// The so-many-th field of a form, or part of a multipart body, of this name.
    Field(String, usize),
}

/// One part of the way to a value in a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A member.
    Name(String),
    /// An item.
    Index(usize),
}

/// Everything in a request that can be left out; what holds others comes before them.
pub(super) fn places(request: &Request) -> Vec<Place> {
    let mut places = Vec::new();
    let named = |pairs: &[(String, String)], place: fn(String, usize) -> Place| {
        numbered(pairs.iter().map(|(name, _)| name.as_str()), place)
    };
    places.extend(named(&request.query, Place::Query));
    places.extend(named(&request.headers, Place::Header));
    match &request.body {
        None => {}
        Some(body) => {
            places.push(Place::Body);
            match body {
                Body::Json { value, .. } => within(value, &mut Vec::new(), &mut places),
                Body::Form(fields) => places.extend(named(fields, Place::Field)),
                Body::Multipart(parts) => {
                    let names = parts.iter().map(|part| part.name.as_str());
                    places.extend(numbered(names, Place::Field));
                }
                Body::Text { .. } => {}
            }
        }
    }
    places
}

/// What stands in the header of a position `header Idempotency-Key`.
pub(super) fn header<'r>(request: &'r Request, position: &str) -> Option<&'r str> {
    let name = position.strip_prefix("header ")?;
    let mut headers = request.headers.iter();
    let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// Whether two requests say the same, whatever the numbers of the steps that they refer to.
pub(super) fn is_same_but_for_steps(one: &Request, other: &Request) -> bool {
    let said = |request: &Request| renumbered(&format!("{request:?}"), &|_| 0);
    said(one) == said(other)
}

/// Whether something stands in a position of a request, as attacks name them: `query cursor`, `header If-Match`,
/// `body lines[].productId`.
pub(super) fn holds(request: &Request, position: &str) -> bool {
    let Some((place, name)) = position.split_once(' ') else {
        return false;
    };
    let is_named =
        |pairs: &[(String, String)]| pairs.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    match place {
        "query" => is_named(&request.query),
        "header" => is_named(&request.headers),
        "body" => match &request.body {
            Some(Body::Json { value, .. }) => {
                let parts = name.trim_start_matches('/').split(['.', '/']);
                let mut found = vec![value];
                for part in parts {
                    let (part, is_list) = match part.strip_suffix("[]") {
                        Some(part) => (part, true),
                        None => (part, false),
                    };
                    found = found
                        .into_iter()
                        .flat_map(|value| inner(value, part))
                        .flat_map(|value| match value {
                            Value::Array(items) if is_list => items.iter().collect(),
                            other => vec![other],
                        })
                        .collect();
                }
                !found.is_empty()
            }
            Some(Body::Form(fields)) => is_named(fields),
            Some(Body::Multipart(parts)) => parts.iter().any(|part| part.name == name),
            Some(Body::Text { .. }) | None => false,
        },
        _ => false,
    }
}

/// What a value holds under one part of a way to it; `*` is every item.
fn inner<'v>(value: &'v Value, part: &str) -> Vec<&'v Value> {
    match value {
        _ if part.is_empty() => vec![value],
        Value::Array(items) => match part.parse::<usize>() {
            Ok(index) => items.get(index).into_iter().collect(),
            Err(_) if part == "*" => items.iter().collect(),
            Err(_) => items.iter().filter_map(|item| item.get(part)).collect(),
        },
        Value::Object(fields) => fields.get(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn numbered<'n>(
    names: impl Iterator<Item = &'n str>,
    place: fn(String, usize) -> Place,
) -> Vec<Place> {
    let mut seen: Vec<&str> = Vec::new();
    let mut places = Vec::new();
    for name in names {
        let number = seen.iter().filter(|&&other| other == name).count();
        seen.push(name);
        places.push(place(name.to_owned(), number));
    }
    places
}

fn within(value: &Value, way: &mut Vec<Key>, places: &mut Vec<Place>) {
    let mut go = |key: Key, inner: &Value| {
        way.push(key);
        places.push(Place::Within(way.clone()));
        within(inner, way, places);
        way.pop();
    };
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                go(Key::Name(name.clone()), inner);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                go(Key::Index(index), inner);
            }
        }
        _ => {}
    }
}

/// How long everything is that a request says.
pub(super) fn length(request: &Request) -> usize {
    let pairs = |pairs: &[(String, String)]| -> usize {
        pairs
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    };
    let body = match &request.body {
        None => 0,
        Some(Body::Json { value, .. }) => value.to_string().len(),
        Some(Body::Form(fields)) => pairs(fields),
        Some(Body::Multipart(parts)) => parts.iter().map(|part| part.text.len()).sum(),
        Some(Body::Text { text, .. }) => text.len(),
    };
    request.path.len() + pairs(&request.query) + pairs(&request.headers) + body
}

/// Leaves a part out, where it is there.
pub(super) fn remove(request: &mut Request, place: &Place) {
    match place {
        Place::Query(name, number) => remove_pair(&mut request.query, name, *number),
        Place::Header(name, number) => remove_pair(&mut request.headers, name, *number),
        Place::Body => request.body = None,
        Place::Within(way) => {
            let Some((last, before)) = way.split_last() else {
                return;
            };
            match (json_at(&mut request.body, before), last) {
                (Some(Value::Object(members)), Key::Name(name)) => {
                    members.remove(name);
                }
                (Some(Value::Array(items)), Key::Index(index)) if *index < items.len() => {
                    items.remove(*index);
                }
                _ => {}
            }
        }
        Place::Field(name, number) => match &mut request.body {
            Some(Body::Form(fields)) => remove_pair(fields, name, *number),
            Some(Body::Multipart(parts)) => {
                let same = parts
                    .iter()
                    .enumerate()
                    .filter(|(_, part)| part.name == *name);
                if let Some((index, _)) = same.clone().nth(*number) {
                    parts.remove(index);
                }
            }
            _ => {}
        },
    }
}

fn remove_pair(pairs: &mut Vec<(String, String)>, name: &str, number: usize) {
    if let Some(index) = position(pairs, name, number) {
        pairs.remove(index);
    }
}

fn position(pairs: &[(String, String)], name: &str, number: usize) -> Option<usize> {
    let same = pairs.iter().enumerate().filter(|(_, (own, _))| own == name);
    same.map(|(index, _)| index).nth(number)
}

fn json_at<'b>(body: &'b mut Option<Body>, way: &[Key]) -> Option<&'b mut Value> {
    let Some(Body::Json { value, .. }) = body else {
        return None;
    };
    way.iter().try_fold(value, |value, key| match key {
        Key::Name(name) => value.get_mut(name),
        Key::Index(index) => value.get_mut(index),
    })
}

/// What stands at a place, and what could stand there instead. What refers to something stays as
/// it is: it is what the case is about.
pub(super) fn plainer(request: &Request, place: &Place) -> Vec<(Value, Value)> {
    let mut body = request.body.clone();
    let old = match place {
        Place::Query(name, number) => position(&request.query, name, *number)
            .map(|at| Value::String(request.query[at].1.clone())),
        Place::Within(way) => json_at(&mut body, way).map(|value| value.clone()),
        _ => None,
    };
    let Some(old) = old else {
        return Vec::new();
    };
    let plain = match &old {
        Value::String(text) if text.len() > 1 && !text.contains("{{") => vec![Value::from("x")],
        Value::Number(number) if !matches!(number.to_string().as_str(), "0" | "1") => {
            vec![Value::from(1)]
        }
        _ => Vec::new(),
    };
    plain
        .into_iter()
        .map(|plain| (old.clone(), plain))
        .collect()
}

/// Puts another value in a place, where the old one stands there.
pub(super) fn replace(request: &mut Request, place: &Place, old: &Value, new: &Value) {
    match place {
        Place::Query(name, number) => {
            if let (Some(at), Value::String(old), Value::String(new)) =
                (position(&request.query, name, *number), old, new)
                && request.query[at].1 == *old
            {
                request.query[at].1.clone_from(new);
            }
        }
        Place::Within(way) => {
            if let Some(value) = json_at(&mut request.body, way)
                && value == old
            {
                value.clone_from(new);
            }
        }
        Place::Header(..) | Place::Body | Place::Field(..) => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::api::request::{Body, Request};

    use super::holds;

    #[test]
    fn positions_are_found_where_attacks_name_them() {
        let request = Request {
            method: "POST".into(),
            path: "/invoices".into(),
            query: vec![("cursor".into(), "7".into())],
            headers: vec![("If-Match".into(), "1".into())],
            body: Some(Body::Json {
                media_type: "application/json".into(),
                value: serde_json::json!({"a": {"b": 1}, "lines": [{"p": 2}, {"q": null}], "ids": [4]}),
            }),
        };
        for (position, held) in [
            ("query cursor", true),
            ("query page", false),
            ("header if-match", true),
            ("body a.b", true),
            ("body a.c", false),
            ("body lines[].p", true),
            ("body lines[].q", true),
            ("body lines[].r", false),
            ("body /lines/1/q", true),
            ("body ids[]", true),
            ("body others[]", false),
            ("path", false),
        ] {
            assert_eq!(holds(&request, position), held, "{position}");
        }
    }
}
