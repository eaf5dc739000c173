//! Bodies and answers: media types, headers, links.

use std::collections::BTreeMap;

use super::document::{Document, Node, Warnings, text_of};
use super::operations::Targets;
use super::parameters::{described, examples};
use super::schemas::SchemaReader;
use crate::expression::Expression;
use crate::operation::{
    Body, Content, Encoding, Header, Link, LinkParameter, MediaKind, Response, Status,
};
use crate::parameter::{Place, Style};

/// The body of an operation.
pub(super) fn body<'d>(
    document: &'d Document<'d>,
    operation: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Option<Body> {
    let node = operation.get("requestBody")?;
    let node = document.resolve(node, warnings)?;
    let contents = contents(document, &node, schemas, warnings);
    if contents.is_empty() {
        warnings.add(&node.pointer, "a body without content is left out");
        return None;
    }
    let required = node.flag("required", warnings).unwrap_or_default();
    Some(Body { required, contents })
}

fn contents<'d>(
    document: &'d Document<'d>,
    owner: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Content> {
    let Some(content) = owner.get("content") else {
        return Vec::new();
    };
    let mut contents = Vec::new();
    for (media_type, node) in content.entries(warnings) {
        let Some(node) = document.resolve(node, warnings) else {
            continue;
        };
        contents.push(Content {
            media_type: media_type.to_owned(),
            kind: MediaKind::of(media_type),
            schema: node
                .get("schema")
                .map(|schema| schemas.schema(schema, warnings)),
            examples: examples(document, &node, warnings),
            encoding: encodings(&node, warnings),
        });
    }
    contents
}

fn encodings(node: &Node<'_>, warnings: &mut Warnings) -> BTreeMap<String, Encoding> {
    let Some(encoding) = node.get("encoding") else {
        return BTreeMap::new();
    };
    let mut encodings = BTreeMap::new();
    for (field, node) in encoding.entries(warnings) {
        let encoding = Encoding {
            content_type: node.text("contentType").map(str::to_owned),
            style: node.text("style").and_then(Style::named),
            explode: node.flag("explode", warnings),
        };
        encodings.insert(field.to_owned(), encoding);
    }
    encodings
}

/// The answers of an operation.
pub(super) fn responses<'d>(
    document: &'d Document<'d>,
    operation: &Node<'d>,
    targets: &Targets,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Response> {
    let Some(list) = operation.get("responses") else {
        warnings.add(&operation.pointer, "no answer is promised; any is accepted");
        return Vec::new();
    };
    let mut responses: Vec<Response> = Vec::new();
    for (key, node) in list.entries(warnings) {
        if key.starts_with("x-") {
            continue;
        }
        let Some(status) = status(key) else {
            warnings.add(
                &node.pointer,
                format!("{key:?} is no status; it is left out"),
            );
            continue;
        };
        let Some(node) = document.resolve(node, warnings) else {
            // The status is promised all the same.
            responses.push(empty(status));
            continue;
        };
        if responses.iter().any(|other| other.status == status) {
            warnings.add(
                &node.pointer,
                "the status is given twice; the first is used",
            );
            continue;
        }
        responses.push(Response {
            status,
            headers: headers(document, &node, schemas, warnings),
            contents: contents(document, &node, schemas, warnings),
            links: links(document, &node, targets, warnings),
        });
    }
    responses
}

fn empty(status: Status) -> Response {
    Response {
        status,
        headers: Vec::new(),
        contents: Vec::new(),
        links: Vec::new(),
    }
}

fn status(key: &str) -> Option<Status> {
    let key = key.trim();
    if key.eq_ignore_ascii_case("default") {
        return Some(Status::Default);
    }
    if let Ok(status) = key.parse::<u16>() {
        return (100..600)
            .contains(&status)
            .then_some(Status::Exact(status));
    }
    let hundred = key.strip_suffix("XX").or_else(|| key.strip_suffix("xx"))?;
    let hundred = hundred.parse().ok()?;
    (1..=5).contains(&hundred).then_some(Status::Range(hundred))
}

fn headers<'d>(
    document: &'d Document<'d>,
    owner: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Header> {
    let Some(list) = owner.get("headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, node) in list.entries(warnings) {
        let Some(node) = document.resolve(node, warnings) else {
            continue;
        };
        // Said by the media type of the content, not here.
        if name.eq_ignore_ascii_case("Content-Type") {
            continue;
        }
        headers.push(Header {
            name: name.to_owned(),
            required: node.flag("required", warnings).unwrap_or_default(),
            schema: described(document, &node, schemas, warnings).0,
        });
    }
    headers
}

fn links(
    document: &Document<'_>,
    owner: &Node<'_>,
    targets: &Targets,
    warnings: &mut Warnings,
) -> Vec<Link> {
    let Some(list) = owner.get("links") else {
        return Vec::new();
    };
    let mut links = Vec::new();
    for (name, node) in list.entries(warnings) {
        let Some(node) = document.resolve(node, warnings) else {
            continue;
        };
        let target = match (node.text("operationId"), node.text("operationRef")) {
            (Some(id), _) => targets.by_id.get(id),
            (None, Some(reference)) => {
                let place = document.target(reference).ok();
                place.and_then(|node| targets.by_pointer.get(&node.pointer))
            }
            (None, None) => None,
        };
        let Some(target) = target else {
            let text = format!("the link {name:?} leads to no operation; it is left out");
            warnings.add(&node.pointer, text);
            continue;
        };
        links.push(Link {
            name: name.to_owned(),
            target: target.clone(),
            parameters: passed(&node, warnings),
            body: node
                .get("requestBody")
                .map(|body| Expression::parse(body.value)),
        });
    }
    links
}

fn passed(node: &Node<'_>, warnings: &mut Warnings) -> Vec<LinkParameter> {
    let Some(list) = node.get("parameters") else {
        return Vec::new();
    };
    let passed = list.entries(warnings).into_iter();
    passed
        .map(|(name, node)| {
            let (place, name) = match name.split_once('.') {
                Some(("path", name)) => (Some(Place::Path), name),
                Some(("query", name)) => (Some(Place::Query), name),
                Some(("header", name)) => (Some(Place::Header), name),
                Some(("cookie", name)) => (Some(Place::Cookie), name),
                _ => (None, name),
            };
            LinkParameter {
                name: name.to_owned(),
                place,
                value: Expression::parse(node.value),
            }
        })
        .collect()
}

/// A description, for those who only want text.
pub(super) fn line_of(node: &Node<'_>, key: &str) -> Option<String> {
    let text = node.value.get(key).map(text_of)?;
    let line = text.lines().next().unwrap_or_default().trim();
    (!line.is_empty()).then(|| line.to_owned())
}
