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
