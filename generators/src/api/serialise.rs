//! How a parameter's value is written: every style of OpenAPI, with and without explode.

use contract::{Parameter, Place, Style};
use serde_json::Value;

use super::reference;

/// A parameter, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// Put in place of the template's parameter, percent-encoded.
    Path(String),
    /// Query parameters, not encoded.
    Query(Vec<(String, String)>),
    /// A header's name and value.
    Header(String, String),
    /// A cookie, as `name=value`.
    Cookie(String),
}

/// Writes a parameter's value.
pub(crate) fn written(parameter: &Parameter, value: &Value) -> Written {
    let name = parameter.name.as_str();
    if parameter.media_type.is_some() {
        // Described by `content`: a document of its own.
        let text = match value {
            Value::String(text) if reference::is_one(text) => text.clone(),
            other => other.to_string(),
        };
        return placed(parameter, vec![(name.to_owned(), text)]);
    }
    match parameter.place {
        Place::Path => Written::Path(in_path(parameter, value)),
        Place::Header | Place::Cookie | Place::Query => placed(parameter, pairs(parameter, value)),
    }
}

fn placed(parameter: &Parameter, pairs: Vec<(String, String)>) -> Written {
    let joined = |pairs: &[(String, String)]| {
        let parts = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        parts.collect::<Vec<_>>().join("; ")
    };
    match parameter.place {
        Place::Query => Written::Query(pairs),
        Place::Cookie => Written::Cookie(joined(&pairs)),
        Place::Header => {
            let value = pairs
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>();
            Written::Header(parameter.name.clone(), value.join(","))
        }
        Place::Path => {
            let text = pairs
                .into_iter()
                .map(|(_, value)| encoded(&value))
                .collect();
            Written::Path(text)
        }
    }
}

/// Name and value, as often as the style says.
fn pairs(parameter: &Parameter, value: &Value) -> Vec<(String, String)> {
    let name = parameter.name.clone();
    let explode = parameter.explode;
    let separator = match parameter.style {
        Style::SpaceDelimited => " ",
        Style::PipeDelimited => "|",
        _ => ",",
    };
    match value {
        Value::Array(items) if explode && parameter.place != Place::Header => items
            .iter()
            .map(|item| (name.clone(), text(item)))
            .collect(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            vec![(name, items.join(separator))]
        }
        Value::Object(fields) if parameter.style == Style::DeepObject => {
            let mut pairs = Vec::new();
            for (key, value) in fields {
                deep(format!("{name}[{key}]"), value, &mut pairs);
            }
            pairs
        }
        Value::Object(fields) if parameter.place == Place::Header => {
            let join = if explode { "=" } else { "," };
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{key}{join}{}", text(value)));
            vec![(name, fields.collect::<Vec<_>>().join(","))]
        }
        Value::Object(fields) if explode => {
            let fields = fields.iter();
            fields
                .map(|(key, value)| (key.clone(), text(value)))
                .collect()
        }
        Value::Object(fields) => {
            let parts = fields
                .iter()
                .flat_map(|(key, value)| [key.clone(), text(value)]);
            vec![(name, parts.collect::<Vec<_>>().join(separator))]
        }
        scalar => vec![(name, text(scalar))],
    }
}

/// `filter[a][b]=c`: what services make of objects in objects, which the specification leaves open.
fn deep(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                deep(format!("{name}[{key}]"), value, pairs);
            }
        }
        Value::Array(items) => {
            for item in items {
                pairs.push((name.clone(), text(item)));
            }
        }
        scalar => pairs.push((name, text(scalar))),
    }
}

fn in_path(parameter: &Parameter, value: &Value) -> String {
    let name = encoded(&parameter.name);
    let item = |value: &Value| encoded(&text(value));
    let explode = parameter.explode;
    // What stands first, between elements, and whether elements repeat the name.
    let (first, between) = match (parameter.style, explode) {
        (Style::Label, true) => (".", "."),
        (Style::Label, false) => (".", ","),
        (Style::Matrix, _) => (";", ";"),
        _ => ("", ","),
    };
    let is_matrix = parameter.style == Style::Matrix;
    match value {
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(item).collect();
            match (is_matrix, explode) {
                (true, true) => {
                    let parts = parts.iter().map(|part| format!("{name}={part}"));
                    format!(";{}", parts.collect::<Vec<_>>().join(";"))
                }
                (true, false) => format!(";{name}={}", parts.join(",")),
                (false, _) => format!("{first}{}", parts.join(between)),
            }
        }
        Value::Object(fields) => {
            let join = if explode { "=" } else { "," };
            let fields = fields.iter();
            let parts: Vec<String> = fields
                .map(|(key, value)| format!("{}{join}{}", encoded(key), item(value)))
                .collect();
            match (is_matrix, explode) {
                (true, false) => format!(";{name}={}", parts.join(",")),
                _ => format!("{first}{}", parts.join(between)),
            }
        }
        scalar if is_matrix => format!(";{name}={}", item(scalar)),
        scalar => format!("{first}{}", item(scalar)),
    }
}

/// A scalar as text; what is none as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Percent-encoded for a path segment, but for references.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for part in reference::parts(text) {
        match part {
            reference::Part::Reference(reference) => encoded.push_str(reference),
            reference::Part::Text(text) => {
                for byte in text.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        encoded.push(char::from(byte));
                    } else {
                        encoded.push_str(&format!("%{byte:02X}"));
                    }
                }
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use contract::{Contract, read};
    use serde_json::{Value, json};

    use super::{Written, written};

    fn contract(place: &str, style: &str, explode: bool) -> Contract {
        let document = json!({
            "openapi": "3.0.3",
            "paths": {"/x/{color}": {"get": {"parameters": [{
                "name": "color", "in": place, "style": style, "explode": explode, "required": true, "schema": {},
            }]}}},
        });
        read(document.to_string().as_bytes(), None).expect("the document is usable")
    }

    #[test]
    fn every_style_is_written_as_the_specification_shows_it() {
        let list = json!(["blue", "black"]);
        let object = json!({"R": 100, "G": 200});
        let query = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            Written::Query(pairs.collect())
        };
        let path = |text: &str| Written::Path(text.to_owned());
        let header = |text: &str| Written::Header("color".to_owned(), text.to_owned());
        let rows: Vec<(&str, &str, bool, Value, Written)> = vec![
            ("path", "simple", false, json!("a b"), path("a%20b")),
            ("path", "simple", false, list.clone(), path("blue,black")),
            ("path", "simple", true, object.clone(), path("R=100,G=200")),
            ("path", "simple", false, object.clone(), path("R,100,G,200")),
            ("path", "label", false, list.clone(), path(".blue,black")),
            ("path", "label", true, list.clone(), path(".blue.black")),
            ("path", "label", true, object.clone(), path(".R=100.G=200")),
            ("path", "matrix", false, json!("blue"), path(";color=blue")),
            (
                "path",
                "matrix",
                false,
                list.clone(),
                path(";color=blue,black"),
            ),
            (
                "path",
                "matrix",
                true,
                list.clone(),
                path(";color=blue;color=black"),
            ),
            (
                "path",
                "matrix",
                false,
                object.clone(),
                path(";color=R,100,G,200"),
            ),
            ("path", "matrix", true, object.clone(), path(";R=100;G=200")),
            (
                "path",
                "simple",
                false,
                json!("{{step 1 /id}}"),
                path("{{step 1 /id}}"),
            ),
            (
                "query",
                "form",
                true,
                list.clone(),
                query(&[("color", "blue"), ("color", "black")]),
            ),
            (
                "query",
                "form",
                false,
                list.clone(),
                query(&[("color", "blue,black")]),
            ),
            (
                "query",
                "form",
                true,
                object.clone(),
                query(&[("R", "100"), ("G", "200")]),
            ),
            (
                "query",
                "form",
                false,
                object.clone(),
                query(&[("color", "R,100,G,200")]),
            ),
            (
                "query",
                "spaceDelimited",
                false,
                list.clone(),
                query(&[("color", "blue black")]),
            ),
            (
                "query",
                "pipeDelimited",
                false,
                list.clone(),
                query(&[("color", "blue|black")]),
            ),
            (
                "query",
                "deepObject",
                true,
                object.clone(),
                query(&[("color[R]", "100"), ("color[G]", "200")]),
            ),
            (
                "header",
                "simple",
                false,
                list.clone(),
                header("blue,black"),
            ),
            ("header", "simple", true, object, header("R=100,G=200")),
            (
                "cookie",
                "form",
                true,
                json!(7),
                Written::Cookie("color=7".to_owned()),
            ),
        ];
        for (place, style, explode, value, expected) in rows {
            let contract = contract(place, style, explode);
            let parameters = &contract.operations[0].parameters;
            let found = written(&parameters[0], &value);
            assert_eq!(found, expected, "{place} {style} {explode} {value}");
        }
    }
}
