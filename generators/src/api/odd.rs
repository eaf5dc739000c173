//! Bodies that are no valid text, no valid JSON, or larger than anybody means: written by hand,
//! because no JSON value can hold them.

use contract::{Contract, MediaKind, Operation, SchemaId, Type};
use domain::api::request::{Body, Request};
use serde_json::Value;

use super::reference;

/// Stands where an odd text goes until the body is written.
const HERE: &str = "watertight-odd-text";
/// Text fields that are made odd; further ones say nothing new.
const FIELDS_MAX: usize = 3;
const DEEP: usize = 2_000;
const LONG: usize = 200_000;

/// Texts as JSON writes them, with what is odd about them.
const TEXTS: [(&str, &str); 6] = [
    ("half a surrogate pair", r"a\ud800b"),
    ("the other half of a surrogate pair", r"\udc00"),
    ("a null character", r"a\u0000b"),
    (
        "marks that turn writing around",
        r"\u202eabc\u202c\u200b\ufeff",
    ),
    ("letters of many alphabets", "Ж中文ÄÖß🏳️‍🌈é"),
    ("a quote and a comment", "x' OR 1=1; --"),
];

/// What a statement, a pattern or a header may take for more than text, and what is odd about it.
const WORDS: [(&str, &str); 5] = [
    ("a quote", "x'y"),
    ("a quote and a comment", "x' OR 1=1; --"),
    ("marks of a pattern", "%_[^a-z]"),
    ("a null character", "a\0b"),
    ("letters of many alphabets", "Ж中文ÄÖß🏳️‍🌈é"),
];

/// The request with an odd text in each of these parameters of its query.
pub(crate) fn odd_queries(parameters: &[String], request: &Request) -> Vec<(String, Request)> {
    let mut odd = Vec::new();
    for parameter in parameters.iter().take(FIELDS_MAX) {
        for (what, text) in WORDS {
            let mut request = request.clone();
            request.query.retain(|(name, _)| name != parameter);
            request.query.push((parameter.clone(), text.to_owned()));
            odd.push((format!("query {parameter}: {what}"), request));
        }
    }
    odd
}

/// The request with an odd body, each with what is odd about it. References in it stay.
pub(crate) fn odd_bodies(
    contract: &Contract,
    operation: &Operation,
    request: &Request,
) -> Vec<(String, Request)> {
    let Some(Body::Json { media_type, value }) = &request.body else {
        return Vec::new();
    };
    let contents = operation.body.iter().flat_map(|body| &body.contents);
    let mut json = contents.filter(|content| content.kind == MediaKind::Json);
    let schema = json.find_map(|content| content.schema);
    let mut odd = Vec::new();
    let mut push = |label: String, text: String| {
        let mut request = request.clone();
        let media_type = media_type.clone();
        request.body = Some(Body::Text { media_type, text });
        odd.push((label, request));
    };
    let whole = written(contract, schema, value);
    for name in texts(contract, schema, value).into_iter().take(FIELDS_MAX) {
        let mut changed = value.clone();
        changed[name.as_str()] = Value::String(HERE.to_owned());
        let template = written(contract, schema, &changed);
        for (what, text) in TEXTS {
            push(format!("body {name}: {what}"), template.replace(HERE, text));
        }
        let long = template.replace(HERE, &"x".repeat(LONG));
        push(format!("body {name}: {LONG} characters"), long);
        let twice = whole.replacen('{', &format!("{{{}:\"first\",", quoted(&name)), 1);
        push(format!("body {name}: given twice"), twice);
    }
    let cut: String = whole.chars().take(whole.chars().count() / 2).collect();
    push("body itself: ends in the middle".to_owned(), cut);
    push("body itself: empty".to_owned(), String::new());
    push("body itself: a text".to_owned(), "\"text\"".to_owned());
    push("body itself: a list".to_owned(), "[]".to_owned());
    push(
        "body itself: a number out of range".to_owned(),
        "{\"n\":1e999}".to_owned(),
    );
    let deep = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    push(format!("body itself: {DEEP} lists deep"), deep);
    odd
}

/// Names of fields of the body itself that are texts, and no references.
fn texts(contract: &Contract, schema: Option<SchemaId>, value: &Value) -> Vec<String> {
    let schema = schema.map(|id| contract.schemas.get(id));
    let is_text = |name: &str, value: &Value| {
        let own = schema.and_then(|schema| schema.property(name));
        let own = own.map(|id| contract.schemas.get(id));
        let is_free = own.is_none_or(|own| own.values.is_none() && own.format.is_none());
        is_free
            && value
                .as_str()
                .is_some_and(|text| reference::parts(text).len() == 1 && !reference::is_one(text))
    };
    let fields = value.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| is_text(name, value))
        .map(|(name, _)| name.clone())
        .collect()
}

/// A body as text, in which a reference to a number stands without quotes: what it becomes is put
/// in place as it is.
fn written(contract: &Contract, schema: Option<SchemaId>, value: &Value) -> String {
    let mut text = String::new();
    write(contract, schema, value, &mut text);
    text
}

fn write(contract: &Contract, id: Option<SchemaId>, value: &Value, text: &mut String) {
    let schema = id.map(|id| contract.schemas.get(id));
    match value {
        Value::Object(fields) => {
            text.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&quoted(name));
                text.push(':');
                let own = schema.and_then(|schema| schema.property(name));
                write(contract, own, value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(contract, schema.and_then(|schema| schema.items), item, text);
            }
            text.push(']');
        }
        Value::String(reference) if reference::is_one(reference) => {
            let is_number = schema.is_some_and(|schema| {
                !schema.admits(Type::String) || schema.types.contains(&Type::Integer)
            });
            if is_number {
                text.push_str(reference);
            } else {
                text.push_str(&quoted(reference));
            }
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
