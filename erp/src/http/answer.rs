//! What is sent back?

use serde_json::Value;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, those that all answers carry excluded.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Body,
}

/// A body.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// None.
    Nothing,
    /// JSON.
    Json(Value),
    /// Bytes of a content type.
    Bytes(&'static str, Vec<u8>),
}

impl Answer {
    /// JSON with status 200.
    pub fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// JSON.
    pub fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
        }
    }

    /// A new row with its path.
    pub fn created(location: String, body: Value) -> Self {
        Self::json(201, body).header("Location", location)
    }

    /// Nothing, with status 204.
    pub fn nothing() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: Body::Nothing,
        }
    }

    /// With another header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With the version of the row in its body as its ETag.
    #[must_use]
    pub fn versioned(self) -> Self {
        let version = match &self.body {
            Body::Json(body) => body.get("rowVersion").and_then(Value::as_str),
            _ => None,
        };
        match version.map(|version| format!("\"{version}\"")) {
            Some(tag) => self.header("ETag", tag),
            None => self,
        }
    }
}
