//! One thing that can be called, and what it answers.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::contract::Server;
use crate::expression::Expression;
use crate::parameter::{Parameter, Place};
use crate::path::PathTemplate;
use crate::schema::SchemaId;
use crate::security::Requirement;

/// One thing that can be called.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its method and path, such as `GET /invoices/{invoiceId}`: unique in a contract.
    pub key: String,
    /// What the document calls it.
    pub operation_id: Option<String>,
    /// A name that is unique in the contract and stable while the operation keeps its method and
    /// path: `operation_id` where that is unique, else made from `key`.
    pub name: String,
    /// The method.
    pub method: Method,
    /// The path.
    pub path: PathTemplate,
    /// What is sent in path, query, headers and cookies. Each path parameter of the template is
    /// there, declared or not.
    pub parameters: Vec<Parameter>,
    /// What is sent as a body.
    pub body: Option<Body>,
    /// What it answers, in the document's order.
    pub responses: Vec<Response>,
    /// What a caller must present: one of these; an empty one admits anybody. `None` when neither
    /// the operation nor the document says anything, `Some` of nothing when it says "nothing".
    pub security: Option<Vec<Requirement>>,
    /// Where it is, if not where the contract says.
    pub servers: Vec<Server>,
    /// What it is filed under.
    pub tags: Vec<String>,
    /// What it does, in a line.
    pub summary: Option<String>,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// Where it stands in the document.
    pub pointer: String,
}

/// A request method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
    Trace,
}

/// What is sent as a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Whether a call without it is wrong.
    pub required: bool,
    /// The same in each media type, in the document's order; at least one.
    pub contents: Vec<Content>,
}

/// A value in one media type.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The media type, as written.
    pub media_type: String,
    /// What that is for us.
    pub kind: MediaKind,
    /// What it may be; unknown when the document gives no schema.
    pub schema: Option<SchemaId>,
    /// Values that the document gives as examples.
    pub examples: Vec<Value>,
    /// How fields of a form are written, by name, where the document says so.
    pub encoding: BTreeMap<String, Encoding>,
}

/// How a media type is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaKind {
    /// `application/json` and what ends with `+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data` and its kin.
    Multipart,
    /// Any other: bytes.
    Opaque,
}

/// How one field of a form is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The media type of a part.
    pub content_type: Option<String>,
    /// The style, as for a query parameter.
    pub style: Option<crate::parameter::Style>,
    /// Whether each element is written apart.
    pub explode: Option<bool>,
}

/// One kind of answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Which statuses it is for.
    pub status: Status,
    /// Headers that come with it.
    pub headers: Vec<Header>,
    /// Its body in each media type; none when it has no body.
    pub contents: Vec<Content>,
    /// Calls that can be made with what it gives.
    pub links: Vec<Link>,
}

/// Which statuses an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// One status.
    Exact(u16),
    /// A hundred: 4 for `4XX`.
    Range(u8),
    /// All that have no entry of their own.
    Default,
}

/// A header of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name, as written.
    pub name: String,
    /// Whether an answer without it is wrong.
    pub required: bool,
    /// What it may be.
    pub schema: SchemaId,
}

/// A call that can be made with what an answer gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What the document calls it.
    pub name: String,
    /// The key of the operation to call.
    pub target: String,
    /// What is passed.
    pub parameters: Vec<LinkParameter>,
    /// The body that is passed.
    pub body: Option<Expression>,
}

/// One value that a link passes.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkParameter {
    /// The parameter of the operation to call.
    pub name: String,
    /// Its place, where the link says so.
    pub place: Option<Place>,
    /// The value.
    pub value: Expression,
}

impl Operation {
    /// Whether `pattern` means it: its key, its operationId, its made-up name, or its path whatever the
    /// method; a `*` at the end stands for anything.
    pub fn is_named(&self, pattern: &str) -> bool {
        let path = self.key.split_once(' ').map(|(_, path)| path);
        let id = self.operation_id.as_deref();
        [Some(self.key.as_str()), Some(&self.name), id, path]
            .into_iter()
            .flatten()
            .any(|own| match pattern.strip_suffix('*') {
                Some(beginning) => own.starts_with(beginning),
                None => own == pattern,
            })
    }

    /// The answer that the document promises for a status.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let of = |wanted: Status| self.responses.iter().find(|r| r.status == wanted);
        let range = u8::try_from(status / 100).unwrap_or_default();
        of(Status::Exact(status))
            .or_else(|| of(Status::Range(range)))
            .or_else(|| of(Status::Default))
    }

    /// The parameter of this name in this place. Header names have no case.
    pub fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            let same = if place == Place::Header {
                parameter.name.eq_ignore_ascii_case(name)
            } else {
                parameter.name == name
            };
            parameter.place == place && same
        })
    }

    /// Answers that mean success, or might: `2XX`, and `default` when there is none.
    pub fn successes(&self) -> impl Iterator<Item = &Response> {
        let stated = self.responses.iter().any(|r| r.status.is_success());
        self.responses.iter().filter(move |response| {
            response.status.is_success() || (!stated && response.status == Status::Default)
        })
    }
}

impl Method {
    /// All methods that a document can have, with their keys.
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::Put,
        Self::Post,
        Self::Delete,
        Self::Options,
        Self::Head,
        Self::Patch,
        Self::Trace,
    ];

    /// The method as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }

    /// Whether a call promises to change nothing.
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Status {
    /// Whether it is a 2xx.
    pub fn is_success(self) -> bool {
        match self {
            Self::Exact(status) => (200..300).contains(&status),
            Self::Range(hundred) => hundred == 2,
            Self::Default => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(status) => write!(f, "{status}"),
            Self::Range(hundred) => write!(f, "{hundred}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl MediaKind {
    /// What a media type is for us. Parameters such as `; charset=utf-8` do not matter.
    pub fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        match essence.as_str() {
            // A document that says "anything" is served by services that take JSON.
            "application/json" | "text/json" | "*/*" | "application/*" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            _ if essence.ends_with("+json") => Self::Json,
            _ if essence.starts_with("multipart/") => Self::Multipart,
            _ => Self::Opaque,
        }
    }
}
