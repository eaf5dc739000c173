//! The values of a JSON document with the place of each.

use serde_json::Value;

/// One value that is neither list nor object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf<'v> {
    /// JSON pointer.
    pub(crate) pointer: String,
    /// The same with `*` for every position in a list: the place, whatever the number.
    pub(crate) shape: String,
    /// Name of the nearest field.
    pub(crate) field: String,
    /// The value.
    pub(crate) value: &'v Value,
}

/// Deeper documents are not followed: no answer that makes sense is that deep.
const DEPTH_MAX: usize = 64;

/// Every leaf, in the document's order.
pub(crate) fn leaves(document: &Value) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    walk(document, "", "", "", 0, &mut found);
    found
}

fn walk<'v>(
    value: &'v Value,
    pointer: &str,
    shape: &str,
    field: &str,
    depth: usize,
    found: &mut Vec<Leaf<'v>>,
) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/{escaped}");
                let shape = format!("{shape}/{escaped}");
                walk(inner, &pointer, &shape, name, depth + 1, found);
            }
        }
        Value::Array(elements) => {
            for (position, inner) in elements.iter().enumerate() {
                let pointer = format!("{pointer}/{position}");
                let shape = format!("{shape}/*");
                walk(inner, &pointer, &shape, field, depth + 1, found);
            }
        }
        value => found.push(Leaf {
            pointer: pointer.to_owned(),
            shape: shape.to_owned(),
            field: field.to_owned(),
            value,
        }),
    }
}

/// A leaf as a plain text: a string as it is, anything else as JSON writes it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value at a JSON pointer as a plain text, when there is one that is not null.
pub(crate) fn at(document: &Value, pointer: &str) -> Option<String> {
    let value = document.pointer(pointer)?;
    (!value.is_null()).then(|| plain(value))
}

/// Names of all fields, at any depth.
pub(crate) fn names(document: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                found.extend(fields.keys().map(String::as_str));
                open.extend(fields.values());
            }
            Value::Array(elements) => open.extend(elements),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{leaves, names};

    #[test]
    fn leaves_know_their_place() {
        let document = json!({"a": [{"b/c": 1}, {"b/c": null}], "d": "x"});
        let found: Vec<(String, String, String)> = leaves(&document)
            .into_iter()
            .map(|leaf| (leaf.pointer, leaf.shape, leaf.field))
            .collect();
        let leaf = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            found,
            [
                leaf("/a/0/b~1c", "/a/*/b~1c", "b/c"),
                leaf("/a/1/b~1c", "/a/*/b~1c", "b/c"),
                leaf("/d", "/d", "d"),
            ]
        );
        let mut all = names(&document);
        all.sort_unstable();
        assert_eq!(all, ["a", "b/c", "b/c", "d"]);
    }
}
