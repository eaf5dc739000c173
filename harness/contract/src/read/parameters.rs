//! Parameters: of a path and of an operation, declared or only in the template.

use serde_json::Value;

use super::document::{Document, Node, Warnings, child};
use super::schemas::SchemaReader;
use crate::parameter::{Parameter, Place, Style};
use crate::path::PathTemplate;
use crate::schema::{SchemaId, Type};

/// The parameters of one operation: its own go before its path's.
pub(super) fn parameters<'d>(
    document: &'d Document<'d>,
    path_item: &Node<'d>,
    operation: &Node<'d>,
    template: &PathTemplate,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Parameter> {
    let mut parameters = list(document, path_item, schemas, warnings);
    for own in list(document, operation, schemas, warnings) {
        match parameters.iter_mut().find(|p| is_same(p, &own)) {
            Some(general) => *general = own,
            None => parameters.push(own),
        }
    }
    parameters.retain(|parameter| {
        let is_known = parameter.place != Place::Path
            || template.parameters().any(|name| name == parameter.name);
        if !is_known {
            let name = &parameter.name;
            let text = format!("the path has no {{{name}}}; the parameter is left out");
            warnings.add(&operation.pointer, text);
        }
        is_known
    });
    let mut missing = Vec::new();
    for name in template.parameters() {
        let is_declared = |p: &&Parameter| p.place == Place::Path && p.name == name;
        if parameters.iter().find(is_declared).is_none() && !missing.contains(&name) {
            missing.push(name);
        }
    }
    for name in missing {
        let text = format!("the path's {{{name}}} is not declared; it is taken for a text");
        warnings.add(&operation.pointer, text);
        let place = format!("{}/parameters/{{{name}}}", operation.pointer);
        parameters.push(Parameter {
            name: name.to_owned(),
            place: Place::Path,
            style: Style::Simple,
            explode: false,
            required: true,
            deprecated: false,
            allow_reserved: false,
            schema: schemas.of_type(&place, Type::String),
            media_type: None,
            examples: Vec::new(),
            declared: false,
        });
    }
    parameters
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    one.place == other.place && one.name == other.name
}

fn list<'d>(
    document: &'d Document<'d>,
    owner: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let Some(list) = owner.get("parameters") else {
        return parameters;
    };
    for node in list.elements(warnings) {
        let place = node.pointer.clone();
        let Some(node) = document.resolve(node, warnings) else {
            continue;
        };
        let Some(parameter) = parameter(document, &node, schemas, warnings) else {
            continue;
        };
        if parameters.iter().any(|other| is_same(other, &parameter)) {
            let (name, at) = (&parameter.name, parameter.place);
            let text = format!("the {at} parameter {name:?} is declared twice; the first is used");
            warnings.add(&place, text);
        } else if !is_reserved(&parameter) {
            parameters.push(parameter);
        }
    }
    parameters
}

/// Headers that a document must not describe as parameters: content negotiation and security
/// schemes speak of them. Many do, once per operation, so it is no warning.
fn is_reserved(parameter: &Parameter) -> bool {
    let is_named = |name: &str| parameter.name.eq_ignore_ascii_case(name);
    parameter.place == Place::Header
        && ["Accept", "Content-Type", "Authorization"]
            .into_iter()
            .any(is_named)
}

fn parameter<'d>(
    document: &'d Document<'d>,
    node: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Option<Parameter> {
    let Some(name) = node.text("name") else {
        warnings.add(&node.pointer, "a parameter without a name is left out");
        return None;
    };
    let place = match node.text("in") {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        Some("cookie") => Place::Cookie,
        other => {
            let other = other.unwrap_or("nowhere");
            let text = format!("the parameter {name:?} is in {other}; it is left out");
            warnings.add(&node.pointer, text);
            return None;
        }
    };
    let mut required = node.flag("required", warnings).unwrap_or_default();
    if place == Place::Path && !required {
        let text = format!("the path parameter {name:?} is not required; it is taken for required");
        warnings.add(&node.pointer, text);
        required = true;
    }
    let style = style(node, place, warnings);
    let explode = node.flag("explode", warnings);
    let (schema, media_type) = described(document, node, schemas, warnings);
    Some(Parameter {
        name: name.to_owned(),
        place,
        style,
        explode: explode.unwrap_or(style == Style::Form),
        required,
        deprecated: node.flag("deprecated", warnings).unwrap_or_default(),
        allow_reserved: node.flag("allowReserved", warnings).unwrap_or_default(),
        schema,
        media_type,
        examples: examples(document, node, warnings),
        declared: true,
    })
}

fn style(node: &Node<'_>, place: Place, warnings: &mut Warnings) -> Style {
    let default = Style::default_of(place);
    let Some(written) = node.text("style") else {
        return default;
    };
    match Style::named(written) {
        Some(style) if style.fits(place) => style,
        _ => {
            let text = format!(
                "the style {written:?} is none for a {place} parameter; the default is used"
            );
            warnings.add(&child(&node.pointer, "style"), text);
            default
        }
    }
}

/// What a parameter or header may be: by `schema`, by `content`, or, left over from Swagger 2.0,
/// by itself.
pub(super) fn described<'d>(
    document: &'d Document<'d>,
    node: &Node<'d>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> (SchemaId, Option<String>) {
    if let Some(schema) = node.get("schema") {
        return (schemas.schema(schema, warnings), None);
    }
    if let Some(content) = node.get("content") {
        let mut entries = content.entries(warnings).into_iter();
        if let Some((media_type, media)) = entries.next() {
            let media = document.resolve(media, warnings);
            let schema = media.as_ref().and_then(|media| media.get("schema"));
            let id = match schema {
                Some(schema) => schemas.schema(schema, warnings),
                None => schemas.anything(&content.pointer),
            };
            return (id, Some(media_type.to_owned()));
        }
    }
    if node.get("type").is_some() {
        let text = "the type stands beside a schema that is not there; it is read as the schema";
        warnings.add(&node.pointer, text);
        return (schemas.schema(node.clone(), warnings), None);
    }
    let text = "there is neither schema nor content; anything is accepted here";
    warnings.add(&node.pointer, text);
    (schemas.anything(&node.pointer), None)
}

/// The values of `example` and `examples`.
pub(super) fn examples(
    document: &Document<'_>,
    node: &Node<'_>,
    warnings: &mut Warnings,
) -> Vec<Value> {
    let mut values: Vec<Value> = node.value.get("example").cloned().into_iter().collect();
    let Some(named) = node.get("examples") else {
        return values;
    };
    if let Some(list) = named.value.as_array() {
        values.extend(list.iter().cloned());
        return values;
    }
    for (_, example) in named.entries(warnings) {
        if let Some(example) = document.resolve(example, warnings) {
            values.extend(example.value.get("value").cloned());
        }
    }
    values
}
