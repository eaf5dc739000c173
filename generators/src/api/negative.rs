//! Bodies that break one constraint of their schema, one at a time.

use contract::{Additional, Contract, MediaKind, Operation, Schema, SchemaId, Schemas, Type};
use domain::api::request::{Body, Request};
use serde_json::{Value, json};

use super::positions::{Hop, element, field, hops, set};

/// More for one request say nothing new.
const BODIES_MAX: usize = 80;
const DEPTH_MAX: usize = 5;

/// A body with one thing wrong.
struct Broken {
    /// `body lines[].quantity: below the minimum`.
    label: String,
    value: Value,
}

/// The request with one broken constraint at a time. References in it stay.
pub(crate) fn negative_bodies(
    contract: &Contract,
    operation: &Operation,
    request: &Request,
) -> Vec<(String, Request)> {
    let Some(Body::Json { media_type, value }) = &request.body else {
        return Vec::new();
    };
    let contents = operation.body.iter().flat_map(|body| &body.contents);
    let mut json = contents.filter(|content| content.kind == MediaKind::Json);
    let Some(id) = json.find_map(|content| content.schema) else {
        return Vec::new();
    };
    let mut breaker = Breaker {
        schemas: &contract.schemas,
        whole: value,
        broken: Vec::new(),
    };
    breaker.at(id, value, "", 0);
    let requests = breaker.broken.into_iter().take(BODIES_MAX);
    requests
        .map(|broken| {
            let mut request = request.clone();
            request.body = Some(Body::Json {
                media_type: media_type.clone(),
                value: broken.value,
            });
            (broken.label, request)
        })
        .collect()
}

struct Breaker<'b> {
    schemas: &'b Schemas,
    whole: &'b Value,
    broken: Vec<Broken>,
}

impl Breaker<'_> {
    /// The body with another value at a place.
    fn put(&mut self, place: &str, what: &str, new: &Value) {
        let mut value = self.whole.clone();
        set(&mut value, &hops(place), new);
        self.push(place, what, value);
    }

    fn push(&mut self, place: &str, what: &str, value: Value) {
        let place = if place.is_empty() { "itself" } else { place };
        let label = format!("body {place}: {what}");
        self.broken.push(Broken { label, value });
    }

    fn at(&mut self, id: SchemaId, value: &Value, place: &str, depth: usize) {
        let schema = self.schemas.get(id);
        if depth > DEPTH_MAX || self.broken.len() > BODIES_MAX {
            return;
        }
        self.types(schema, place);
        if let Some(values) = &schema.values
            && let Some(Value::String(first)) = values.first()
        {
            let other = json!(format!("no {first}"));
            if !values.contains(&other) {
                self.put(place, "none of the listed values", &other);
            }
        }
        match value {
            Value::Object(fields) => {
                for name in &schema.required {
                    if fields.contains_key(name) {
                        self.without(place, name);
                    }
                }
                if schema.additional == Additional::Forbidden && schema.alternatives.is_empty() {
                    let place = field(place, "watertightExtra");
                    self.put(&place, "a field that the schema does not have", &json!(1));
                }
                for property in &schema.properties {
                    if let Some(own) = fields.get(&property.name) {
                        self.at(
                            property.schema,
                            own,
                            &field(place, &property.name),
                            depth + 1,
                        );
                    }
                }
            }
            Value::Array(items) => {
                self.counts(schema, items, place);
                if let (Some(id), Some(first)) = (schema.items, items.first()) {
                    self.at(id, first, &element(place), depth + 1);
                }
            }
            Value::String(_) if schema.admits(Type::String) => self.texts(schema, place),
            Value::Number(_) => self.numbers(schema, place),
            _ => {}
        }
    }

    fn types(&mut self, schema: &Schema, place: &str) {
        if schema.types.is_empty() {
            return;
        }
        if !schema.nullable
            && !schema.admits(Type::Null)
            && schema.values.is_none()
            && !place.is_empty()
        {
            self.put(place, "null", &Value::Null);
        }
        let other = if schema.admits(Type::Object) {
            json!("no object")
        } else {
            json!({"no": "scalar"})
        };
        self.put(place, "another type", &other);
    }

    fn without(&mut self, place: &str, name: &str) {
        let mut value = self.whole.clone();
        let mut at = Some(&mut value);
        for hop in hops(place) {
            at = at.and_then(|value| match hop {
                Hop::Field(name) => value.get_mut(name),
                Hop::Elements => value.get_mut(0),
            });
        }
        if let Some(fields) = at.and_then(Value::as_object_mut) {
            fields.shift_remove(name);
            self.push(&field(place, name), "missing", value);
        }
    }

    fn counts(&mut self, schema: &Schema, items: &[Value], place: &str) {
        if schema.items_min.is_some_and(|least| least > 0) {
            self.put(place, "too few elements", &json!([]));
        }
        if let (Some(most), Some(first)) = (schema.items_max, items.first())
            && let Ok(most) = usize::try_from(most)
            && most < 1_000
        {
            let many = vec![first.clone(); most + 1];
            self.put(place, "too many elements", &Value::Array(many));
        }
    }

    fn texts(&mut self, schema: &Schema, place: &str) {
        if schema.length_min.is_some_and(|least| least > 0) {
            self.put(place, "too short", &json!(""));
        }
        if let Some(most) = schema
            .length_max
            .and_then(|most| usize::try_from(most).ok())
            && most < 100_000
        {
            self.put(place, "too long", &json!("x".repeat(most + 1)));
        }
        let odd = "\u{1}?\u{1}";
        if schema
            .patterns
            .iter()
            .any(|pattern| pattern.is_match(odd) == Some(false))
        {
            self.put(place, "not of the pattern", &json!(odd));
        }
        if matches!(
            schema.format.as_deref(),
            Some("date" | "date-time" | "uuid" | "email" | "uri")
        ) {
            self.put(place, "not of the format", &json!("not-of-the-format"));
        }
        if schema.format.as_deref() == Some("date") {
            self.put(place, "a day that does not exist", &json!("2026-02-30"));
        }
    }

    fn numbers(&mut self, schema: &Schema, place: &str) {
        let whole = |bound: &Option<contract::Bound>| {
            let bound = bound.as_ref()?;
            bound.value.as_i64()
        };
        if let Some(least) = whole(&schema.minimum).and_then(|least| least.checked_sub(1)) {
            self.put(place, "below the minimum", &json!(least));
        }
        if let Some(most) = whole(&schema.maximum).and_then(|most| most.checked_add(1)) {
            self.put(place, "above the maximum", &json!(most));
        }
        if !schema.types.contains(&Type::Number) {
            self.put(place, "no whole number", &json!(1.5));
        }
    }
}
