//! A request as a case file writes it.

use std::fmt;

use domain::api::request::{Body, Part, Request};
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a body of JSON is unless something else is said.
const JSON: &str = "application/json";

/// One request. At most one of `json`, `form`, `parts` and `text` is its body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// Path below the service's base URL.
    pub path: String,
    /// Query parameters in order: `- name: value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<Pair>,
    /// Headers in order: `- name: value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Pair>,
    /// Value of Content-Type, for `text`, and for `json` that is not `application/json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// A JSON document. A text that is nothing but a placeholder for a number stands for the number.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub json: Option<Value>,
    /// Fields of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Vec<Pair>>,
    /// Parts of a multipart body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Part>>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A null is a document, too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A name and a value, as a map of one entry: order counts, and names may repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair(pub String, pub String);

impl Serialize for Pair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.0, &self.1)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Pair;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one `name: value`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pair, A::Error> {
                const ONE: &str = "each item is one `name: value`";
                let (name, value) = map
                    .next_entry::<String, String>()?
                    .ok_or_else(|| de::Error::custom(ONE))?;
                match map.next_key::<String>()? {
                    None => Ok(Pair(name, value)),
                    Some(_) => Err(de::Error::custom(ONE)),
                }
            }
        }
        deserializer.deserialize_map(One)
    }
}

impl ScenarioRequest {
    /// The request with every text through `text` and every document through `document`.
    pub(crate) fn of(
        request: &Request,
        text: &dyn Fn(&str) -> String,
        document: &dyn Fn(&Value) -> Value,
    ) -> Self {
        let pairs = |pairs: &[(String, String)]| {
            let pair = |(name, value): &(String, String)| Pair(text(name), text(value));
            pairs.iter().map(pair).collect()
        };
        let mut written = Self {
            method: text(&request.method),
            path: text(&request.path),
            query: pairs(&request.query),
            headers: pairs(&request.headers),
            ..Self::default()
        };
        match &request.body {
            None => {}
            Some(Body::Json { media_type, value }) => {
                written.media_type = (media_type != JSON).then(|| text(media_type));
                written.json = Some(document(value));
            }
            Some(Body::Form(fields)) => written.form = Some(pairs(fields)),
            Some(Body::Multipart(parts)) => {
                let part = |part: &Part| Part {
                    name: text(&part.name),
                    file: part.file.as_deref().map(text),
                    media_type: part.media_type.as_deref().map(text),
                    text: text(&part.text),
                };
                written.parts = Some(parts.iter().map(part).collect());
            }
            Some(Body::Text {
                media_type,
                text: content,
            }) => {
                written.media_type = Some(text(media_type));
                written.text = Some(text(content));
            }
        }
        written
    }

    /// Why it is no request, if it is none.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let bodies = [
            self.json.is_some(),
            self.form.is_some(),
            self.parts.is_some(),
            self.text.is_some(),
        ];
        match bodies.into_iter().filter(|is_there| *is_there).count() {
            0 if self.media_type.is_some() => {
                Some("`media_type` belongs to a body: add `json` or `text`")
            }
            0 => None,
            1 if self.text.is_some() && self.media_type.is_none() => {
                Some("a body of `text` needs a `media_type`, such as text/plain")
            }
            1 if self.media_type.is_some() && self.json.is_none() && self.text.is_none() => {
                Some("`media_type` belongs to `json` or `text`; a form and parts have their own")
            }
            1 => None,
            _ => Some("a request has one body: `json`, `form`, `parts` or `text`"),
        }
    }

    /// The request with every text and document filled in.
    pub(crate) fn filled<E>(
        &self,
        text: &dyn Fn(&str) -> Result<String, E>,
        document: &dyn Fn(&Value) -> Result<Value, E>,
    ) -> Result<Request, E> {
        let pairs = |pairs: &[Pair]| {
            let pair = |Pair(name, value): &Pair| Ok((text(name)?, text(value)?));
            pairs.iter().map(pair).collect::<Result<Vec<_>, E>>()
        };
        let optional = |written: &Option<String>| written.as_deref().map(text).transpose();
        let body = if let Some(value) = &self.json {
            Some(Body::Json {
                media_type: optional(&self.media_type)?.unwrap_or_else(|| JSON.to_owned()),
                value: document(value)?,
            })
        } else if let Some(fields) = &self.form {
            Some(Body::Form(pairs(fields)?))
        } else if let Some(parts) = &self.parts {
            let part = |part: &Part| {
                Ok(Part {
                    name: text(&part.name)?,
                    file: optional(&part.file)?,
                    media_type: optional(&part.media_type)?,
                    text: text(&part.text)?,
                })
            };
            Some(Body::Multipart(
                parts.iter().map(part).collect::<Result<_, E>>()?,
            ))
        } else if let Some(content) = &self.text {
            Some(Body::Text {
                media_type: optional(&self.media_type)?.unwrap_or_default(),
                text: text(content)?,
            })
        } else {
            None
        };
        Ok(Request {
            method: text(&self.method)?,
            path: text(&self.path)?,
            query: pairs(&self.query)?,
            headers: pairs(&self.headers)?,
            body,
        })
    }
}
