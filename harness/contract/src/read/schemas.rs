//! Schemas, from a queue into an arena.
//!
//! A schema is known by its place, so what many refer to is read once and a cycle ends by itself.
//! What a schema says itself is read here; `allOf` is merged when all are read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::document::{Document, Node, Warnings, child, kind, last_key, reference_of};
use super::merge::{Slot, merge};
use crate::pattern::Pattern;
use crate::schema::{
    Additional, Alternatives, AlternativesKind, Bound, Discriminator, Property, Schema, SchemaId,
    Schemas, Type,
};

/// Where components lie.
const COMPONENTS: &str = "/components/schemas";

/// Reads schemas when their places are asked for.
pub(super) struct SchemaReader<'d> {
    document: &'d Document<'d>,
    slots: Vec<Slot>,
    by_pointer: BTreeMap<String, SchemaId>,
    named: BTreeMap<String, SchemaId>,
    /// Places that have an id and are not read yet.
    queue: VecDeque<(SchemaId, Node<'d>)>,
}

impl<'d> SchemaReader<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Self {
        Self {
            document,
            slots: Vec::new(),
            by_pointer: BTreeMap::new(),
            named: BTreeMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// Asks for all components.
    pub(super) fn components(&mut self, warnings: &mut Warnings) {
        let Some(components) = self.document.at(COMPONENTS) else {
            return;
        };
        for (name, node) in components.entries(warnings) {
            let id = self.schema(node, warnings);
            self.named.insert(name.to_owned(), id);
        }
    }

    /// The schema at a place, or what it refers to in the end.
    pub(super) fn schema(&mut self, node: Node<'d>, warnings: &mut Warnings) -> SchemaId {
        let mut at = node.clone();
        // In order, and as a set: a chain may be as long as the document.
        let mut passed = Vec::new();
        let mut seen = BTreeSet::new();
        let id = loop {
            if let Some(id) = self.by_pointer.get(&at.pointer) {
                break *id;
            }
            let reference = reference_of(at.value).filter(|_| !says_more_than_reference(at.value));
            let Some(reference) = reference else {
                let id = self.anything(&at.pointer);
                self.queue.push_back((id, at));
                break id;
            };
            let place = format!("{}/$ref", at.pointer);
            seen.insert(at.pointer.clone());
            passed.push(at.pointer);
            let why = match self.document.target(reference) {
                Ok(target) if seen.contains(&target.pointer) => "refers to itself".to_owned(),
                Ok(target) => {
                    at = target;
                    continue;
                }
                Err(why) => why,
            };
            warnings.add(&place, format!("{why}; anything is accepted here"));
            break self.anything(&node.pointer);
        };
        for pointer in passed {
            self.by_pointer.entry(pointer).or_insert(id);
        }
        id
    }

    /// A schema for a place about which nothing is known.
    pub(super) fn anything(&mut self, pointer: &str) -> SchemaId {
        if let Some(id) = self.by_pointer.get(pointer) {
            return *id;
        }
        let id = SchemaId(self.slots.len());
        let mut slot = Slot::default();
        slot.schema.pointer = pointer.to_owned();
        let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
        if parent == Some(COMPONENTS) {
            slot.schema.name = Some(last_key(pointer));
        }
        self.slots.push(slot);
        self.by_pointer.insert(pointer.to_owned(), id);
        id
    }

    /// A schema for a place about which only a type is known.
    pub(super) fn of_type(&mut self, pointer: &str, kind: Type) -> SchemaId {
        let id = self.anything(pointer);
        self.slots[id.0].schema.types = [kind].into();
        id
    }

    /// Reads what is still queued, and merges.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Schemas {
        while let Some((id, node)) = self.queue.pop_front() {
            let mut slot = std::mem::take(&mut self.slots[id.0]);
            self.read(&mut slot, &node, warnings);
            self.slots[id.0] = slot;
        }
        merge(self.slots, self.named, warnings)
    }

    fn read(&mut self, slot: &mut Slot, node: &Node<'d>, warnings: &mut Warnings) {
        match node.value {
            Value::Object(_) => {}
            Value::Bool(true) => return,
            Value::Bool(false) => {
                slot.schema.values = Some(Vec::new());
                return;
            }
            other => {
                let text = format!(
                    "is {} where a schema belongs; anything is accepted here",
                    kind(other)
                );
                warnings.add(&node.pointer, text);
                return;
            }
        }
        types(slot, node, warnings);
        values(slot, node, warnings);
        let schema = &mut slot.schema;
        schema.format = schema
            .format
            .take()
            .or_else(|| node.text("format").map(str::to_owned));
        numbers(schema, node, warnings);
        lengths(schema, node, warnings);
        self.elements(schema, node, warnings);
        self.fields(schema, node, warnings);
        self.combinations(slot, node, warnings);
        annotations(&mut slot.schema, node, warnings);
    }

    fn elements(&mut self, schema: &mut Schema, node: &Node<'d>, warnings: &mut Warnings) {
        let mut prefix = node.get("prefixItems");
        let mut rest = node.get("items");
        if rest.as_ref().is_some_and(|items| items.value.is_array()) {
            // The older way to say prefixItems.
            prefix = rest.take();
            rest = node.get("additionalItems");
        }
        if let Some(prefix) = prefix {
            let elements = prefix.elements(warnings).into_iter();
            schema.prefix_items = elements.map(|item| self.schema(item, warnings)).collect();
        }
        match rest {
            Some(rest) if rest.value == &Value::Bool(false) => {
                schema.items_max = u64::try_from(schema.prefix_items.len()).ok();
            }
            Some(rest) => schema.items = Some(self.schema(rest, warnings)),
            None => {}
        }
        schema.items_min = count(node, "minItems", warnings);
        schema.items_max = schema.items_max.or(count(node, "maxItems", warnings));
        schema.items_unique = node.flag("uniqueItems", warnings).unwrap_or_default();
    }

    fn fields(&mut self, schema: &mut Schema, node: &Node<'d>, warnings: &mut Warnings) {
        if let Some(properties) = node.get("properties") {
            for (name, property) in properties.entries(warnings) {
                schema.properties.push(Property {
                    name: name.to_owned(),
                    schema: self.schema(property, warnings),
                });
            }
        }
        if let Some(required) = node.get("required") {
            if required.value.is_boolean() {
                let text = "is a boolean where a list of names belongs; it is ignored";
                warnings.add(&required.pointer, text);
            } else {
                let names = required.elements(warnings).into_iter();
                let names = names.filter_map(|name| name.value.as_str().map(str::to_owned));
                schema.required = names.collect();
            }
        }
        let additional = node
            .get("additionalProperties")
            .or_else(|| node.get("unevaluatedProperties"));
        schema.additional = match additional {
            None => Additional::Any,
            Some(node) => match node.value {
                Value::Bool(true) => Additional::Any,
                Value::Bool(false) => Additional::Forbidden,
                _ => Additional::Schema(self.schema(node, warnings)),
            },
        };
        schema.properties_min = count(node, "minProperties", warnings);
        schema.properties_max = count(node, "maxProperties", warnings);
    }

    fn combinations(&mut self, slot: &mut Slot, node: &Node<'d>, warnings: &mut Warnings) {
        // In 3.0 what stands beside a reference does not count; people write it and mean it.
        if let Some(reference) = reference_of(node.value) {
            match self.document.target(reference) {
                Ok(target) => slot.all_of.push(self.schema(target, warnings)),
                Err(why) => {
                    let place = format!("{}/$ref", node.pointer);
                    warnings.add(&place, format!("{why}; anything is accepted here"));
                }
            }
        }
        if let Some(parts) = node.get("allOf") {
            for part in parts.elements(warnings) {
                slot.all_of.push(self.schema(part, warnings));
            }
        }
        let mut names = Vec::new();
        for (key, kind) in [
            ("oneOf", AlternativesKind::OneOf),
            ("anyOf", AlternativesKind::AnyOf),
        ] {
            let Some(list) = node.get(key) else {
                continue;
            };
            let mut schemas = Vec::new();
            let elements = list.elements(warnings);
            let is_empty = elements.is_empty();
            for branch in elements {
                if self.is_null(&branch) {
                    slot.nullable = Some(true);
                    continue;
                }
                let reference = reference_of(branch.value).map(str::to_owned);
                let id = self.schema(branch, warnings);
                if let Some(reference) = reference {
                    names.push((last_key(&reference), id));
                }
                schemas.push(id);
            }
            match schemas.as_slice() {
                [] if is_empty => warnings.add(&list.pointer, "is empty; it is ignored"),
                [] => slot.schema.types = [Type::Null].into(),
                // The way 3.1 says nullable.
                [only] => slot.all_of.push(*only),
                _ => slot
                    .schema
                    .alternatives
                    .push(Alternatives { kind, schemas }),
            }
        }
        if let Some(not) = node.get("not") {
            slot.schema.not.push(self.schema(not, warnings));
        }
        slot.schema.discriminator = self.discriminator(node, names, warnings);
    }

    /// Whether a schema is for null alone.
    fn is_null(&self, node: &Node<'d>) -> bool {
        let mut value = node.value;
        // A chain longer than this is no way to say null.
        for _ in 0..8 {
            let target = reference_of(value).and_then(|to| self.document.target(to).ok());
            match target {
                Some(target) => value = target.value,
                None => break,
            }
        }
        let is_null = |key: &str| match value.get(key) {
            Some(Value::Array(list)) => !list.is_empty() && list.iter().all(says_null),
            Some(Value::Null) => key == "const",
            Some(one) => key == "type" && says_null(one),
            None => false,
        };
        is_null("type") || is_null("enum") || is_null("const")
    }

    fn discriminator(
        &mut self,
        node: &Node<'d>,
        names: Vec<(String, SchemaId)>,
        warnings: &mut Warnings,
    ) -> Option<Discriminator> {
        let node = node.get("discriminator")?;
        let Some(property) = node.text("propertyName") else {
            let text = "a discriminator needs propertyName; it is ignored";
            warnings.add(&node.pointer, text);
            return None;
        };
        let mut mapping = Vec::new();
        let written = node.get("mapping");
        for (value, target) in written.map(|m| m.entries(warnings)).unwrap_or_default() {
            let reference = target.value.as_str().unwrap_or_default();
            let by_name = self.document.at(&child(COMPONENTS, reference));
            let found = match by_name {
                Some(found) => Ok(found),
                None => self.document.target(reference),
            };
            match found {
                Ok(found) => mapping.push((value.to_owned(), self.schema(found, warnings))),
                Err(why) => warnings.add(&target.pointer, format!("{why}; it is left out")),
            }
        }
        mapping.extend(names);
        Some(Discriminator {
            property: property.to_owned(),
            mapping,
        })
    }
}

/// Whether something beside `$ref` changes what is meant.
fn says_more_than_reference(value: &Value) -> bool {
    const ANNOTATIONS: [&str; 9] = [
        "$ref",
        "$comment",
        "description",
        "summary",
        "title",
        "example",
        "examples",
        "externalDocs",
        "xml",
    ];
    let Some(map) = value.as_object() else {
        return false;
    };
    map.keys()
        .any(|key| !ANNOTATIONS.contains(&key.as_str()) && !key.starts_with("x-"))
}

fn says_null(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("null")
}

fn types(slot: &mut Slot, node: &Node<'_>, warnings: &mut Warnings) {
    let written = match node.value.get("type") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let place = child(&node.pointer, "type");
    let mut is_null = false;
    for value in written {
        let name = value.as_str().unwrap_or_default();
        match Type::named(name) {
            Some(Type::Null) => is_null = true,
            Some(kind) => {
                slot.schema.types.insert(kind);
            }
            None => match mistaken_type(name) {
                Some((kind, format)) => {
                    let text = format!("{name:?} is no type; it is read as {kind}");
                    warnings.add(&place, text);
                    slot.schema.types.insert(kind);
                    slot.schema.format = format.map(str::to_owned);
                }
                None => {
                    warnings.add(&place, format!("{value} is no type; it is ignored"));
                }
            },
        }
    }
    if is_null && slot.schema.types.is_empty() && written.len() == 1 {
        slot.schema.types.insert(Type::Null);
    }
    slot.nullable = node.flag("nullable", warnings);
    if is_null {
        slot.nullable = Some(true);
    }
}

/// Types that people write although there are none.
fn mistaken_type(name: &str) -> Option<(Type, Option<&'static str>)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "file" => (Type::String, Some("binary")),
        "str" | "text" | "string" | "enum" => (Type::String, None),
        "date" => (Type::String, Some("date")),
        "datetime" | "date-time" | "timestamp" => (Type::String, Some("date-time")),
        "uuid" | "guid" => (Type::String, Some("uuid")),
        "int" | "int32" | "integer" | "long" | "int64" => (Type::Integer, None),
        "float" | "double" | "decimal" | "number" => (Type::Number, None),
        "bool" | "boolean" => (Type::Boolean, None),
        "list" | "array" => (Type::Array, None),
        "map" | "dict" | "object" => (Type::Object, None),
        _ => return None,
    })
}

fn values(slot: &mut Slot, node: &Node<'_>, warnings: &mut Warnings) {
    let mut values = match (node.value.get("const"), node.get("enum")) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(list)) if list.value.as_array().is_some_and(Vec::is_empty) => {
            warnings.add(&list.pointer, "is empty; it is ignored");
            return;
        }
        (None, Some(list)) => {
            let elements = list.elements(warnings);
            if elements.is_empty() {
                return;
            }
            elements.iter().map(|node| node.value.clone()).collect()
        }
        (None, None) => return,
    };
    let place = child(&node.pointer, "enum");
    for value in &mut values {
        if let Some(meant) = value_of_type(value, &slot.schema) {
            let text = format!("{value} does not have the schema's type; it is read as {meant}");
            warnings.add(&place, text);
            *value = meant;
        }
    }
    if values.len() > 1 && values.iter().any(Value::is_null) {
        slot.nullable = Some(true);
        values.retain(|value| !value.is_null());
    }
    slot.schema.values = Some(values);
}

/// What is meant by a value of another type than the schema's, as `[1, 2]` for texts.
fn value_of_type(value: &Value, schema: &Schema) -> Option<Value> {
    let mut types = schema.types.iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return None;
    };
    match (kind, value) {
        (Type::String, Value::Number(number)) => Some(number.to_string().into()),
        (Type::String, Value::Bool(flag)) => Some(flag.to_string().into()),
        (Type::Integer | Type::Number, Value::String(text)) => {
            let number: Value = serde_json::from_str(text.trim()).ok()?;
            number.is_number().then_some(number)
        }
        (Type::Boolean, Value::String(text)) => text.parse::<bool>().ok().map(Value::Bool),
        _ => None,
    }
}

fn numbers(schema: &mut Schema, node: &Node<'_>, warnings: &mut Warnings) {
    for (key, exclusive_key, is_minimum) in [
        ("minimum", "exclusiveMinimum", true),
        ("maximum", "exclusiveMaximum", false),
    ] {
        let inclusive = number(node, key, warnings);
        let exclusive = node.get(exclusive_key);
        let is_flag = exclusive
            .as_ref()
            .is_some_and(|node| node.value.is_boolean());
        let mut bound = inclusive.map(|value| Bound {
            value,
            exclusive: is_flag && exclusive.is_some_and(|node| node.value == &Value::Bool(true)),
        });
        if !is_flag && let Some(value) = number(node, exclusive_key, warnings) {
            let own = Bound {
                value,
                exclusive: true,
            };
            bound = stricter(bound, Some(own), is_minimum);
        }
        if is_minimum {
            schema.minimum = bound;
        } else {
            schema.maximum = bound;
        }
    }
    let multiple = number(node, "multipleOf", warnings);
    if let Some(multiple) = multiple {
        if multiple.as_f64().is_some_and(|value| value > 0.0) {
            schema.multiples_of.push(multiple);
        } else {
            let place = child(&node.pointer, "multipleOf");
            warnings.add(&place, "is not above zero; it is ignored");
        }
    }
}

/// The stricter of two ends of a range.
pub(super) fn stricter(
    one: Option<Bound>,
    other: Option<Bound>,
    is_minimum: bool,
) -> Option<Bound> {
    let (Some(a), Some(b)) = (&one, &other) else {
        return one.or(other);
    };
    let (x, y) = (a.value.as_f64()?, b.value.as_f64()?);
    let other_wins = if x == y {
        b.exclusive
    } else {
        (y > x) == is_minimum
    };
    if other_wins { other } else { one }
}

fn lengths(schema: &mut Schema, node: &Node<'_>, warnings: &mut Warnings) {
    schema.length_min = count(node, "minLength", warnings);
    schema.length_max = count(node, "maxLength", warnings);
    if let Some(pattern) = node.text("pattern") {
        schema.patterns.push(Pattern::new(pattern));
    }
}

fn annotations(schema: &mut Schema, node: &Node<'_>, warnings: &mut Warnings) {
    schema.read_only = node.flag("readOnly", warnings).unwrap_or_default();
    schema.write_only = node.flag("writeOnly", warnings).unwrap_or_default();
    schema.deprecated = node.flag("deprecated", warnings).unwrap_or_default();
    schema.default = node.value.get("default").cloned();
    schema.examples.extend(node.value.get("example").cloned());
    match node.value.get("examples") {
        Some(Value::Array(list)) => schema.examples.extend(list.iter().cloned()),
        // The form of media types, written in a schema by mistake.
        Some(Value::Object(named)) => {
            let values = named.values().filter_map(|example| example.get("value"));
            schema.examples.extend(values.cloned());
        }
        _ => {}
    }
}

/// A number; a text that is one counts.
fn number(node: &Node<'_>, key: &str, warnings: &mut Warnings) -> Option<serde_json::Number> {
    let node = node.get(key)?;
    let parsed = match node.value {
        Value::Number(number) => return Some(number.clone()),
        Value::String(text) => serde_json::from_str(text.trim()).ok(),
        _ => None,
    };
    let text = match &parsed {
        Some(number) => format!("is a text; it is read as {number}"),
        None => format!(
            "is {} where a number belongs; it is ignored",
            kind(node.value)
        ),
    };
    warnings.add(&node.pointer, text);
    parsed
}

/// A number that counts something; `10.0` counts.
fn count(node: &Node<'_>, key: &str, warnings: &mut Warnings) -> Option<u64> {
    let found = number(node, key, warnings)?;
    let whole = found.as_u64().or_else(|| {
        let float = found.as_f64()?;
        // Exact for every length that a text or list can have.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and in range"
        )]
        (float.fract() == 0.0 && (0.0..1e15).contains(&float)).then_some(float as u64)
    });
    if whole.is_none() {
        let place = child(&node.pointer, key);
        warnings.add(
            &place,
            format!("is {found}, which counts nothing; it is ignored"),
        );
    }
    whole
}
