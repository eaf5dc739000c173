//! A parameter of an operation: where it is sent, how it is written, what it may be.

use std::fmt;

use serde_json::Value;

use crate::schema::SchemaId;

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, as it is sent.
    pub name: String,
    /// Where it is sent.
    pub place: Place,
    /// How arrays and objects are written.
    pub style: Style,
    /// Whether each element of an array or object is written apart.
    pub explode: bool,
    /// Whether a call without it is wrong. Always true in a path.
    pub required: bool,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// Whether reserved characters are sent without percent encoding.
    pub allow_reserved: bool,
    /// What it may be.
    pub schema: SchemaId,
    /// The media type that its value is written in, for a parameter that is described by `content`.
    pub media_type: Option<String>,
    /// Values that the document gives as examples.
    pub examples: Vec<Value>,
    /// Whether the document declares it; false for a name that only the path template has.
    pub declared: bool,
}

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// As a header.
    Header,
    /// As a cookie.
    Cookie,
}

/// How a parameter's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// `blue,black`: path and header.
    Simple,
    /// `.blue.black`: path.
    Label,
    /// `;color=blue,black`: path.
    Matrix,
    /// `color=blue&color=black`: query and cookie.
    Form,
    /// `color=blue%20black`: query.
    SpaceDelimited,
    /// `color=blue%7Cblack`: query.
    PipeDelimited,
    /// `color[R]=100&color[G]=200`: query.
    DeepObject,
}

impl Place {
    /// Its name in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Style {
    /// The style that is meant when a document names none.
    pub fn default_of(place: Place) -> Self {
        match place {
            Place::Path | Place::Header => Self::Simple,
            Place::Query | Place::Cookie => Self::Form,
        }
    }

    /// The style of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "simple" => Self::Simple,
            "label" => Self::Label,
            "matrix" => Self::Matrix,
            "form" => Self::Form,
            "spaceDelimited" => Self::SpaceDelimited,
            "pipeDelimited" => Self::PipeDelimited,
            "deepObject" => Self::DeepObject,
            _ => return None,
        })
    }

    /// Whether a parameter in this place can be written so.
    pub fn fits(self, place: Place) -> bool {
        match self {
            Self::Simple => matches!(place, Place::Path | Place::Header),
            Self::Label | Self::Matrix => place == Place::Path,
            Self::Form => matches!(place, Place::Query | Place::Cookie),
            Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject => place == Place::Query,
        }
    }
}
