//! One request, put together: path, parameters and body from what is bound and what is made up.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Content, Contract, MediaKind, Method, Operation, Parameter};
use domain::api::request::{Body, Part, Request};
use serde_json::Value;

use super::bodies::{Fields, Writer};
use super::dependencies::is_version;
use super::positions::{Place, Position};
use super::recipes::Recipe;
use super::serialise::{Written, text, written};
use super::values::Ink;
use super::words::{identified, plain};

/// What is put together.
pub(crate) struct Order<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) operation: &'a Operation,
    pub(crate) recipe: &'a Recipe,
    pub(crate) ink: Ink<'a>,
    /// What stands where an identifier goes.
    pub(crate) bound: &'a [(Position, Value)],
    /// Names under which a tenant could be named, and what stands there when it must.
    pub(crate) tenant_fields: &'a BTreeSet<String>,
    pub(crate) tenant_value: &'a str,
}

impl Order<'_> {
    /// The request.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request {
            method: self.operation.method.as_str().to_owned(),
            path: String::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        };
        let mut path: BTreeMap<String, String> = BTreeMap::new();
        let mut cookies = Vec::new();
        for parameter in &self.operation.parameters {
            let Some(value) = self.parameter(parameter) else {
                continue;
            };
            match written(parameter, &value) {
                Written::Path(text) => {
                    path.insert(parameter.name.clone(), text);
                }
                Written::Query(pairs) => request.query.extend(pairs),
                Written::Header(name, value) => request.headers.push((name, value)),
                Written::Cookie(cookie) => cookies.push(cookie),
            }
        }
        // What is promised beside the contract, such as a version.
        for (position, value) in self.bound {
            let is_header = position.place == Place::Header;
            let is_sent = |(name, _): &(String, String)| name.eq_ignore_ascii_case(&position.name);
            if is_header && !request.headers.iter().any(is_sent) {
                request.headers.push((position.name.clone(), text(value)));
            }
        }
        if !cookies.is_empty() {
            request
                .headers
                .push(("Cookie".to_owned(), cookies.join("; ")));
        }
        let value = |name: &str| path.get(name).cloned().unwrap_or_default();
        request.path = self.operation.path.expand(value);
        request.body = self.body();
        request
    }

    /// The value of a parameter; nothing when it is left out.
    fn parameter(&self, parameter: &Parameter) -> Option<Value> {
        let place = Place::from(parameter.place);
        let is_same = |position: &Position| {
            position.place == place
                && (position.name == parameter.name
                    || (place == Place::Header
                        && position.name.eq_ignore_ascii_case(&parameter.name)))
        };
        if let Some((_, value)) = self.bound.iter().find(|(position, _)| is_same(position)) {
            let schema = self.contract.schemas.get(parameter.schema);
            return Some(if schema.is_array() {
                Value::Array(vec![value.clone()])
            } else {
                value.clone()
            });
        }
        let is_wanted = match self.recipe.fields {
            Fields::All => !parameter.deprecated && !is_odd(parameter),
            _ => false,
        };
        let names_tenant = self.tenant_fields.contains(&plain(&parameter.name));
        if names_tenant {
            return parameter
                .required
                .then(|| Value::String(self.tenant_value.to_owned()));
        }
        if !parameter.required && !is_wanted {
            return None;
        }
        if self.recipe.fields == Fields::Example
            && let Some(example) = parameter.examples.first()
        {
            return Some(example.clone());
        }
        let writer = self.writer(&EMPTY, false);
        let value = writer.value(parameter.schema, &parameter.name);
        let is_key = plain(&parameter.name).contains("idempotencykey");
        if is_key && value.is_string() && parameter_is_free(self, parameter) {
            return Some(Value::String(format!(
                "{}-{}",
                self.ink.mark.text, self.ink.salt
            )));
        }
        Some(value)
    }

    fn writer<'w>(&'w self, bound: &'w BTreeMap<String, Value>, is_change: bool) -> Writer<'w> {
        Writer {
            schemas: &self.contract.schemas,
            ink: self.ink,
            fields: self.recipe.fields,
            bound,
            left_out: self.tenant_fields,
            is_change,
        }
    }

    fn body(&self) -> Option<Body> {
        let body = self.operation.body.as_ref()?;
        let content = chosen(&body.contents, self.recipe.content)?;
        let in_body = self.bound.iter().filter(|(p, _)| p.place == Place::Body);
        let bound: BTreeMap<String, Value> = in_body
            .map(|(position, value)| (position.name.clone(), value.clone()))
            .collect();
        let is_change = matches!(self.operation.method, Method::Patch);
        let writer = self.writer(&bound, is_change);
        let example = content.examples.first();
        let value = match (self.recipe.fields, example, content.schema) {
            (Fields::Example, Some(example), _) => writer.with_bound(example.clone()),
            (_, _, Some(schema)) => writer.value(schema, ""),
            (_, Some(example), None) => writer.with_bound(example.clone()),
            (_, None, None) => Value::Object(serde_json::Map::new()),
        };
        let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
        if !body.required && is_empty && self.recipe.fields == Fields::Required {
            return None;
        }
        Some(as_body(content, value, &self.ink))
    }
}

static EMPTY: BTreeMap<String, Value> = BTreeMap::new();

/// Whether a key of the caller's choice may be any text.
fn parameter_is_free(order: &Order<'_>, parameter: &Parameter) -> bool {
    let schema = order.contract.schemas.get(parameter.schema);
    schema.patterns.is_empty()
        && schema.format.is_none()
        && schema.length_max.is_none_or(|most| most >= 36)
}

/// Parameters that are not tried along with all others: they ask for something else.
fn is_odd(parameter: &Parameter) -> bool {
    let name = plain(&parameter.name);
    let is_condition = name.starts_with("if") && parameter.place == contract::Place::Header;
    let is_place_in_list = matches!(
        name.as_str(),
        "cursor"
            | "after"
            | "before"
            | "pagetoken"
            | "continuationtoken"
            | "startingafter"
            | "endingbefore"
            | "offset"
            | "skip"
            | "page"
    );
    is_condition
        || is_place_in_list
        || is_version(&parameter.name)
        || identified(&parameter.name).is_some()
}

/// The content that is sent: JSON before forms before the rest; `which` goes through them.
pub(crate) fn chosen(contents: &[Content], which: usize) -> Option<&Content> {
    let mut order: Vec<&Content> = contents.iter().collect();
    order.sort_by_key(|content| {
        let is_patch_list = content.media_type.contains("json-patch");
        let kind = match content.kind {
            MediaKind::Json => 0,
            MediaKind::Form => 1,
            MediaKind::Multipart => 2,
            MediaKind::Opaque => 3,
        };
        (is_patch_list, kind)
    });
    order.get(which % order.len().max(1)).copied()
}

fn as_body(content: &Content, value: Value, ink: &Ink<'_>) -> Body {
    let media_type = if content.media_type.contains('*') {
        "application/json".to_owned()
    } else {
        content.media_type.clone()
    };
    match content.kind {
        MediaKind::Json => Body::Json { media_type, value },
        MediaKind::Form => Body::Form(form(content, &value)),
        MediaKind::Multipart => Body::Multipart(parts(content, &value, ink)),
        MediaKind::Opaque => {
            let text = match value {
                Value::String(text) => text,
                Value::Object(fields) if fields.is_empty() => ink.mark.text.clone(),
                other => other.to_string(),
            };
            Body::Text { media_type, text }
        }
    }
}

fn form(content: &Content, value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let Some(fields) = value.as_object() else {
        return pairs;
    };
    for (name, value) in fields {
        let explode = content
            .encoding
            .get(name)
            .and_then(|encoding| encoding.explode);
        match value {
            Value::Array(items) if explode.unwrap_or(true) => {
                pairs.extend(items.iter().map(|item| (name.clone(), text(item))));
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(text).collect();
                pairs.push((name.clone(), items.join(",")));
            }
            scalar => pairs.push((name.clone(), text(scalar))),
        }
    }
    pairs
}

fn parts(content: &Content, value: &Value, ink: &Ink<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    let Some(fields) = value.as_object() else {
        return parts;
    };
    for (name, value) in fields {
        let declared = content.encoding.get(name);
        let declared = declared.and_then(|encoding| encoding.content_type.clone());
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            let is_document = item.is_object() || item.is_array();
            let is_file = matches!(
                plain(name).as_str(),
                "file" | "files" | "upload" | "attachment" | "image" | "data" | "content"
            );
            parts.push(Part {
                name: name.clone(),
                file: is_file.then(|| format!("{}.txt", ink.mark.text)),
                media_type: match (&declared, is_document, is_file) {
                    (Some(declared), ..) => declared.split(',').next().map(|t| t.trim().to_owned()),
                    (None, true, _) => Some("application/json".to_owned()),
                    (None, false, true) => Some("text/plain".to_owned()),
                    (None, false, false) => None,
                },
                text: text(item),
            });
        }
    }
    parts
}
