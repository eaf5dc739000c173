//! One request as a case writes it: symbolic, readable aloud.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::TenantIndex;

/// On whose behalf a request is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Caller {
    /// Whose; `None` is somebody without credentials.
    pub tenant: Option<TenantIndex>,
    /// Which of the service's declared actors; empty without credentials.
    pub actor: String,
}

impl Caller {
    /// An actor of a tenant.
    pub fn of(tenant: TenantIndex, actor: &str) -> Self {
        Self {
            tenant: Some(tenant),
            actor: actor.to_owned(),
        }
    }

    /// Somebody without credentials.
    pub fn anonymous() -> Self {
        Self {
            tenant: None,
            actor: String::new(),
        }
    }
}

/// One request. References to earlier answers are not resolved yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// Path below the service's base URL, percent-encoded but for references; what a reference
    /// gives is encoded when it is put in place.
    pub path: String,
    /// Query parameters in order, not encoded; names may repeat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers in order, without those of authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A request's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// JSON, under this media type (`application/json`, `application/merge-patch+json` …).
    Json {
        /// Value of Content-Type.
        media_type: String,
        /// The document.
        value: Value,
    },
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
    /// Anything else, as it is.
    Text {
        /// Value of Content-Type.
        media_type: String,
        /// The content.
        text: String,
    },
}

/// One part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// Name of the file, for a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its media type, if it is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its content.
    pub text: String,
}

impl Request {
    /// Every text in which references can stand: path, values, what the body says.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![self.path.as_str()];
        let values = self.query.iter().chain(&self.headers);
        texts.extend(values.map(|(_, value)| value.as_str()));
        match &self.body {
            None => {}
            Some(Body::Json { value, .. }) => collect_texts(value, &mut texts),
            Some(Body::Form(fields)) => {
                texts.extend(fields.iter().map(|(_, value)| value.as_str()))
            }
            Some(Body::Multipart(parts)) => {
                texts.extend(parts.iter().map(|part| part.text.as_str()))
            }
            Some(Body::Text { text, .. }) => texts.push(text),
        }
        texts
    }

    /// Rewrites every text in which references can stand.
    pub fn rewrite_texts(&mut self, rewritten: &dyn Fn(&str) -> String) {
        self.path = rewritten(&self.path);
        for (_, value) in self.query.iter_mut().chain(&mut self.headers) {
            *value = rewritten(value);
        }
        match &mut self.body {
            None => {}
            Some(Body::Json { value, .. }) => rewrite_value(value, rewritten),
            Some(Body::Form(fields)) => {
                for (_, value) in fields {
                    *value = rewritten(value);
                }
            }
            Some(Body::Multipart(parts)) => {
                for part in parts {
                    part.text = rewritten(&part.text);
                }
            }
            Some(Body::Text { text, .. }) => *text = rewritten(text),
        }
    }
}

fn collect_texts<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => fields
            .values()
            .for_each(|field| collect_texts(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn rewrite_value(value: &mut Value, rewritten: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = rewritten(text),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| rewrite_value(item, rewritten)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| rewrite_value(field, rewritten)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Moves every reference to an earlier step by `shift`: for steps that are put behind others.
pub fn shift_references(request: &mut Request, shift: usize) {
    if shift > 0 {
        request.rewrite_texts(&|text| renumbered(text, &|number| number + shift));
    }
}

/// What stands before the first reference, the reference without its braces, and the rest.
pub fn split_at_reference(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("{{")?;
    let length = text[start..].find("}}")?;
    // Of `{{{step 1 /id}}`, the inner pair counts.
    let opened = text[start..start + length]
        .rfind("{{")
        .map_or(start, |at| start + at);
    Some((
        &text[..opened],
        &text[opened + 2..start + length],
        &text[start + length + 2..],
    ))
}

/// The steps, counted from 1, that a text of either plane refers to: `{{step 2 /id}}`.
pub fn referred_steps(text: &str) -> Vec<usize> {
    text.split(OPENING)
        .skip(1)
        .filter_map(|piece| piece[..digits(piece)].parse().ok())
        .collect()
}

/// The text with every reference to a step given the step's new number.
pub fn renumbered(text: &str, new: &dyn Fn(usize) -> usize) -> String {
    let mut pieces = text.split(OPENING);
    let mut moved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        moved.push_str(OPENING);
        let digits = digits(piece);
        match piece[..digits].parse::<usize>() {
            Ok(number) => moved.push_str(&format!("{}{}", new(number), &piece[digits..])),
            Err(_) => moved.push_str(piece),
        }
    }
    moved
}

const OPENING: &str = "{{step ";

fn digits(piece: &str) -> usize {
    piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Body, Request, referred_steps, shift_references};

    #[test]
    fn references_move_with_the_steps_that_they_mean() {
        let mut request = Request {
            method: "PUT".into(),
            path: "/a/{{step 2 /id}}/b/{{step 10 tail Location}}".into(),
            query: vec![("q".into(), "{{own MarkText}}".into())],
            headers: vec![("If-Match".into(), "{{step 1 header ETag}}".into())],
            body: Some(Body::Json {
                media_type: "application/json".into(),
                value: json!({"lines": [{"id": "{{step 3 /id missing}}", "n": 1}]}),
            }),
        };
        shift_references(&mut request, 4);
        let referred: Vec<usize> = request
            .texts()
            .into_iter()
            .flat_map(referred_steps)
            .collect();
        assert_eq!(referred, [6, 14, 5, 7]);
        assert_eq!(
            request.path,
            "/a/{{step 6 /id}}/b/{{step 14 tail Location}}"
        );
        assert_eq!(request.query[0].1, "{{own MarkText}}");
        assert_eq!(request.headers[0].1, "{{step 5 header ETag}}");
        let Some(Body::Json { value, .. }) = request.body else {
            panic!("it was JSON");
        };
        assert_eq!(
            value,
            json!({"lines": [{"id": "{{step 7 /id missing}}", "n": 1}]})
        );
    }
}
