//! The tree of a document: references within it, and what is wrong with it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::Warning;

/// More warnings than anybody reads.
const WARNINGS_MAX: usize = 1_000;

/// A document's tree.
pub(super) struct Document<'d> {
    pub(super) root: &'d Value,
    /// What a reference before its `#` may say and still mean this document.
    own_names: Vec<String>,
}

/// A node with its place.
#[derive(Clone)]
pub(super) struct Node<'d> {
    pub(super) value: &'d Value,
    pub(super) pointer: String,
}

/// What is wrong with a document, each thing once.
#[derive(Default)]
pub(super) struct Warnings {
    list: Vec<Warning>,
    seen: BTreeSet<(String, String)>,
    left_out: usize,
}

impl<'d> Document<'d> {
    pub(super) fn new(root: &'d Value, address: Option<&str>) -> Self {
        let mut own_names = vec![String::new()];
        if let Some(address) = address {
            own_names.push(address.to_owned());
            let file = address.rsplit(['/', '\\']).next().unwrap_or_default();
            own_names.push(file.to_owned());
            own_names.push(format!("./{file}"));
        }
        Self { root, own_names }
    }

    /// The value at a place that is known to be one.
    pub(super) fn at(&self, pointer: &str) -> Option<Node<'d>> {
        let value = self.root.pointer(pointer)?;
        let pointer = pointer.to_owned();
        Some(Node { value, pointer })
    }

    /// What a reference refers to, or what is wrong with it.
    pub(super) fn target(&self, reference: &str) -> Result<Node<'d>, String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if !self.own_names.iter().any(|name| name == file) {
            if !file.contains(['.', '/', ':']) {
                return Err(format!("refers to {reference:?}, which does not exist"));
            }
            return Err(format!(
                "refers to {reference:?}, which is another document and is not read"
            ));
        }
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Err(format!(
                "refers to {reference:?} by an anchor, which is not supported"
            ));
        }
        let found = self.at(fragment);
        let found = found.or_else(|| self.at(&percent_decoded(fragment)));
        found.ok_or_else(|| format!("refers to {reference:?}, which does not exist"))
    }

    /// The node itself, or what it refers to in the end. `None` after a warning.
    pub(super) fn resolve(&self, node: Node<'d>, warnings: &mut Warnings) -> Option<Node<'d>> {
        let mut node = node;
        let mut passed = BTreeSet::new();
        while let Some(reference) = reference_of(node.value) {
            let place = format!("{}/$ref", node.pointer);
            if !passed.insert(node.pointer) {
                warnings.add(&place, "refers to itself; it is left out");
                return None;
            }
            match self.target(reference) {
                Ok(target) => node = target,
                Err(why) => {
                    warnings.add(&place, format!("{why}; it is left out"));
                    return None;
                }
            }
        }
        Some(node)
    }
}

impl<'d> Node<'d> {
    pub(super) fn new(value: &'d Value, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        Self { value, pointer }
    }

    /// The field of this name, when it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self::new(value, child(&self.pointer, key)))
    }

    /// The field of this name when it is a text.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// The field of this name when it is a boolean; a text that says so is one.
    pub(super) fn flag(&self, key: &str, warnings: &mut Warnings) -> Option<bool> {
        let node = self.get(key)?;
        match node.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" || text == "false" => Some(text == "true"),
            other => {
                let text = format!(
                    "is {} where true or false belongs; it is ignored",
                    kind(other)
                );
                warnings.add(&node.pointer, text);
                None
            }
        }
    }

    /// The entries of an object; nothing, with a warning, when it is none.
    pub(super) fn entries(&self, warnings: &mut Warnings) -> Vec<(&'d str, Self)> {
        let Some(map) = self.value.as_object() else {
            let text = format!(
                "is {} where an object belongs; it is ignored",
                kind(self.value)
            );
            warnings.add(&self.pointer, text);
            return Vec::new();
        };
        let entry = |(key, value): (&'d String, &'d Value)| {
            let node = Self::new(value, child(&self.pointer, key));
            (key.as_str(), node)
        };
        map.iter().map(entry).collect()
    }

    /// The elements of a list; nothing, with a warning, when it is none.
    pub(super) fn elements(&self, warnings: &mut Warnings) -> Vec<Self> {
        let Some(list) = self.value.as_array() else {
            let text = format!(
                "is {} where a list belongs; it is ignored",
                kind(self.value)
            );
            warnings.add(&self.pointer, text);
            return Vec::new();
        };
        let elements = list.iter().enumerate();
        elements
            .map(|(index, value)| Self::new(value, format!("{}/{index}", self.pointer)))
            .collect()
    }
}

impl Warnings {
    /// Adds one, unless it is known.
    pub(super) fn add(&mut self, pointer: &str, text: impl Into<String>) {
        self.push(pointer, None, text.into());
    }

    /// Adds one whose line alone is known.
    pub(super) fn at_line(&mut self, line: usize, text: String) {
        self.push("", Some(line), text);
    }

    fn push(&mut self, pointer: &str, line: Option<usize>, text: String) {
        if self.list.len() >= WARNINGS_MAX {
            self.left_out += 1;
            return;
        }
        let key = (pointer.to_owned(), format!("{line:?} {text}"));
        if self.seen.insert(key) {
            let pointer = pointer.to_owned();
            self.list.push(Warning {
                pointer,
                line,
                text,
            });
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Warning> {
        if self.left_out > 0 {
            let text = format!("{} more warnings are left out", self.left_out);
            let pointer = String::new();
            let line = None;
            self.list.push(Warning {
                pointer,
                line,
                text,
            });
        }
        self.list
    }
}

/// Where a reference object refers to.
pub(super) fn reference_of(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// The pointer to a field.
pub(super) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escaped(key))
}

/// A key as a part of a pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The last part of a pointer, as a key.
pub(super) fn last_key(pointer: &str) -> String {
    let last = pointer.rsplit('/').next().unwrap_or_default();
    last.replace("~1", "/").replace("~0", "~")
}

/// What a value is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A scalar as text; nothing for others.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// A text without its percent encoding. What is no encoding stays.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(
                    u8::try_from(high * 16 + low).expect("two hexadecimal digits are a byte"),
                );
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
