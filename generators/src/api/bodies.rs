//! Values of schemas: valid ones, with as many fields as asked for and references where identifiers
//! go. Scalars come from [`super::values`].

use std::collections::{BTreeMap, BTreeSet};

use contract::{Additional, Schema, SchemaId, Schemas, Type};
use serde_json::{Map, Value};

use super::positions::{element, field};
use super::values::{Ink, scalar};

/// Which fields of objects are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fields {
    /// Those that must be, and identifiers that something gives.
    Bound,
    /// Those that must be.
    Required,
    /// All.
    All,
    /// The document's example, where it has one.
    Example,
}

/// Writes values of schemas.
pub(crate) struct Writer<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) ink: Ink<'a>,
    pub(crate) fields: Fields,
    /// What stands at identifier positions, by the position's name.
    pub(crate) bound: &'a BTreeMap<String, Value>,
    /// Names of fields that are only sent when they must be: those that name a tenant.
    pub(crate) left_out: &'a BTreeSet<String>,
    /// Whether an object without fields would say nothing: it gets one.
    pub(crate) is_change: bool,
}

/// Objects within objects; what must be deeper is null.
const DEPTH_MAX: usize = 10;
/// Optional fields are left out below this.
const OPTIONAL_DEPTH_MAX: usize = 3;

impl Writer<'_> {
    /// A value of a schema, as a whole body or parameter.
    pub(crate) fn value(&self, id: SchemaId, place: &str) -> Value {
        let schema = self.schemas.get(id);
        if self.fields == Fields::Example
            && let Some(example) = schema.examples.first()
        {
            return self.with_bound(example.clone());
        }
        let mut value = self.at(id, place, 0);
        if self.is_change && self.says_nothing(&value) {
            self.add_one(id, &mut value, place);
        }
        value
    }

    /// A given value with references at the positions that are bound.
    pub(crate) fn with_bound(&self, mut value: Value) -> Value {
        for (name, bound) in self.bound {
            super::positions::set(&mut value, &super::positions::hops(name), bound);
        }
        value
    }

    fn at(&self, id: SchemaId, place: &str, depth: usize) -> Value {
        if let Some(bound) = self.bound.get(place) {
            return bound.clone();
        }
        let schema = self.schemas.get(id);
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if self.fields == Fields::Example
            && let Some(example) = schema.examples.first()
        {
            return example.clone();
        }
        if let Some(value) = listed(schema) {
            return value;
        }
        match kind(schema) {
            Some(Type::Object) => self.object(schema, place, depth),
            Some(Type::Array) => self.array(schema, place, depth),
            Some(kind) => scalar(kind, schema, place, &self.ink),
            None => match alternative(schema) {
                Some((id, _)) => self.at(id, place, depth + 1),
                None => scalar(Type::String, schema, place, &self.ink),
            },
        }
    }

    fn object(&self, schema: &Schema, place: &str, depth: usize) -> Value {
        let mut object = Map::new();
        self.fill(schema, place, depth, &mut object);
        // A change gets the field that says the most when the rest is there.
        let is_change = self.is_change && depth == 0;
        let least = if is_change {
            0
        } else {
            schema.properties_min.unwrap_or_default()
        };
        for property in &schema.properties {
            if u64::try_from(object.len()).unwrap_or(u64::MAX) >= least {
                break;
            }
            if !object.contains_key(&property.name) && !self.schemas.get(property.schema).read_only
            {
                let place = field(place, &property.name);
                object.insert(
                    property.name.clone(),
                    self.at(property.schema, &place, depth + 1),
                );
            }
        }
        if let (Additional::Schema(id), true) = (schema.additional, object.is_empty() && least > 0)
        {
            object.insert(
                "key".to_owned(),
                self.at(id, &field(place, "key"), depth + 1),
            );
        }
        Value::Object(object)
    }

    fn fill(&self, schema: &Schema, place: &str, depth: usize, object: &mut Map<String, Value>) {
        for property in &schema.properties {
            let own = self.schemas.get(property.schema);
            let place = field(place, &property.name);
            let is_required = schema.required.contains(&property.name);
            if own.read_only || object.contains_key(&property.name) {
                continue;
            }
            let is_wanted = is_required
                || self.is_bound_within(&place)
                || (self.fields == Fields::All
                    && depth < OPTIONAL_DEPTH_MAX
                    && !own.deprecated
                    && !self.left_out.contains(&super::words::plain(&property.name)));
            if is_wanted {
                object.insert(
                    property.name.clone(),
                    self.at(property.schema, &place, depth + 1),
                );
            }
        }
        for name in &schema.required {
            if schema.property(name).is_none() && !object.contains_key(name) {
                let anything = Schema::default();
                let place = field(place, name);
                let value = self.bound.get(&place).cloned();
                let value =
                    value.unwrap_or_else(|| scalar(Type::String, &anything, &place, &self.ink));
                object.insert(name.clone(), value);
            }
        }
        if let Some((id, named)) = alternative(schema)
            && depth < DEPTH_MAX
        {
            let chosen = self.schemas.get(id);
            self.fill(chosen, place, depth + 1, object);
            if let (Some(discriminator), Some(name)) = (&schema.discriminator, named) {
                object.insert(discriminator.property.clone(), Value::String(name));
            }
        }
    }

    fn array(&self, schema: &Schema, place: &str, depth: usize) -> Value {
        let place = element(place);
        let count = schema.items_min.unwrap_or_default().clamp(1, 20);
        let count = schema.items_max.map_or(count, |most| count.min(most));
        let mut items = Vec::new();
        for index in 0..count {
            let own = usize::try_from(index)
                .ok()
                .and_then(|at| schema.prefix_items.get(at));
            // Elements differ by their place, so that a list of unique ones is one.
            let salted = Self {
                ink: Ink {
                    salt: self.ink.salt.wrapping_add(index),
                    ..self.ink
                },
                ..*self
            };
            match own.copied().or(schema.items) {
                Some(id) => items.push(salted.at(id, &place, depth + 1)),
                None => items.push(scalar(
                    Type::String,
                    &Schema::default(),
                    &place,
                    &salted.ink,
                )),
            }
        }
        Value::Array(items)
    }

    fn is_bound_within(&self, place: &str) -> bool {
        let mut after = self.bound.range(place.to_owned()..);
        after.next().is_some_and(|(name, _)| {
            name.strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        }) || self.bound.keys().any(|name| {
            name.strip_prefix(place)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    }

    /// Whether a change would change nothing: it has no field that is not bound.
    fn says_nothing(&self, value: &Value) -> bool {
        value
            .as_object()
            .is_some_and(|fields| fields.keys().all(|name| self.bound.contains_key(name)))
    }

    /// Adds one field to a change: a text if there is one, because a text carries the mark.
    fn add_one(&self, id: SchemaId, value: &mut Value, place: &str) {
        let schema = self.schemas.get(id);
        let is_free = |property: &&contract::Property| {
            let own = self.schemas.get(property.schema);
            let plain = super::words::plain(&property.name);
            !own.read_only
                && !self.bound.contains_key(&property.name)
                && super::words::identified(&property.name).is_none()
                && !self.left_out.contains(&plain)
                && !super::dependencies::is_version(&property.name)
        };
        let free: Vec<_> = schema.properties.iter().filter(is_free).collect();
        let is_text = |property: &&&contract::Property| {
            let own = self.schemas.get(property.schema);
            own.types.contains(&Type::String) && own.values.is_none() && own.format.is_none()
        };
        if let (Some(property), Value::Object(fields)) =
            (free.iter().find(is_text).or_else(|| free.first()), value)
        {
            let place = field(place, &property.name);
            fields.insert(property.name.clone(), self.at(property.schema, &place, 1));
        }
    }
}

/// The value that a schema lists, when it lists values.
fn listed(schema: &Schema) -> Option<Value> {
    let values = schema.values.as_ref()?;
    let default = schema
        .default
        .as_ref()
        .filter(|value| values.contains(value));
    default.or_else(|| values.first()).cloned()
}

/// The type that is written; none when an alternative decides.
fn kind(schema: &Schema) -> Option<Type> {
    const ORDER: [Type; 6] = [
        Type::Object,
        Type::Array,
        Type::String,
        Type::Integer,
        Type::Number,
        Type::Boolean,
    ];
    if let Some(kind) = ORDER.into_iter().find(|kind| schema.types.contains(kind)) {
        return Some(kind);
    }
    if schema.types.contains(&Type::Null) {
        return Some(Type::Null);
    }
    if schema.is_object() || !schema.required.is_empty() {
        return Some(Type::Object);
    }
    if schema.is_array() {
        return Some(Type::Array);
    }
    if !schema.alternatives.is_empty() {
        return None;
    }
    if schema.minimum.is_some() || schema.maximum.is_some() {
        return Some(Type::Integer);
    }
    match schema.additional {
        Additional::Schema(_) => Some(Type::Object),
        _ => Some(Type::String),
    }
}

/// The alternative that is written, with the name that a discriminator has for it.
pub(crate) fn alternative(schema: &Schema) -> Option<(SchemaId, Option<String>)> {
    let id = *schema.alternatives.first()?.schemas.first()?;
    let mapping = schema.discriminator.iter().flat_map(|d| &d.mapping);
    let name = mapping.clone().find(|(_, mapped)| *mapped == id);
    Some((id, name.map(|(name, _)| name.clone())))
}
