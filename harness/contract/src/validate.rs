//! Whether a value is what a schema says.
//!
//! Lenient where only a guess is possible: a format without a strict syntax, an expression that
//! only backtracking engines read, a comparison that would take too long. What is reported is
//! certain.

mod format;

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use crate::schema::{
    Additional, Alternatives, AlternativesKind, Bound, Schema, SchemaId, Schemas, Type,
};

/// Which way a value goes; `readOnly` and `writeOnly` depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the caller to the service.
    Request,
    /// From the service to the caller.
    Response,
}

/// A place in a value that is not what its schema says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, such as `is a text where an integer belongs`.
    pub what: String,
}

/// Comparisons for one value. A value that needs more has nothing reported.
const STEPS_MAX: usize = 500_000;
/// Schemas within schemas; also ends what goes around in alternatives.
const DEPTH_MAX: usize = 160;
/// Enough to see what is wrong.
const VIOLATIONS_MAX: usize = 50;

impl Schemas {
    /// Where `value` is not what the schema says; nothing when it conforms.
    pub fn violations(&self, id: SchemaId, value: &Value, direction: Direction) -> Vec<Violation> {
        let mut judge = Judge {
            schemas: self,
            direction,
            steps: 0,
            is_exhausted: false,
            pointer: String::new(),
            violations: Vec::new(),
        };
        judge.judge(id, value, 0);
        if judge.is_exhausted {
            return Vec::new();
        }
        judge.violations
    }
}

struct Judge<'s> {
    schemas: &'s Schemas,
    direction: Direction,
    steps: usize,
    is_exhausted: bool,
    pointer: String,
    violations: Vec<Violation>,
}

impl<'s> Judge<'s> {
    fn report(&mut self, what: impl Into<String>) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(Violation {
                pointer: self.pointer.clone(),
                what: what.into(),
            });
        }
    }

    /// Runs at a field or element of the value.
    fn within(&mut self, key: &str, run: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        run(self);
        self.pointer.truncate(length);
    }

    fn judge(&mut self, id: SchemaId, value: &Value, depth: usize) {
        self.steps += 1;
        if self.steps > STEPS_MAX || depth > DEPTH_MAX {
            self.is_exhausted = true;
        }
        if self.is_exhausted {
            return;
        }
        let schema = self.schemas.get(id);
        if value.is_null() && schema.nullable {
            return;
        }
        if !has_type(schema, value) {
            let types: Vec<&str> = schema.types.iter().map(|kind| kind.as_str()).collect();
            let expected = types.join(" or ");
            self.report(format!("is {} where {expected} belongs", shown(value)));
            return;
        }
        if let Some(values) = &schema.values
            && !values.iter().any(|one| is_equal(one, value))
        {
            self.report(format!(
                "is {}, which is none of the listed values",
                shown(value)
            ));
        }
        match value {
            Value::Number(number) => self.number(schema, number),
            Value::String(text) => self.text(schema, text),
            Value::Array(items) => self.array(schema, items, depth),
            Value::Object(fields) => self.object(schema, fields, depth),
            Value::Null | Value::Bool(_) => {}
        }
        for not in &schema.not {
            if self.fits(*not, value, depth) && !self.is_exhausted {
                self.report("is what the schema excludes by not");
            }
        }
        self.choices(schema, value, depth);
    }

    fn number(&mut self, schema: &Schema, number: &Number) {
        if let Some(Bound { value, exclusive }) = &schema.minimum {
            match (compare(number, value), exclusive) {
                (Some(std::cmp::Ordering::Less), _) => {
                    self.report(format!("is {number}, below the minimum {value}"));
                }
                (Some(std::cmp::Ordering::Equal), true) => {
                    self.report(format!("is {number}, not above {value}"));
                }
                _ => {}
            }
        }
        if let Some(Bound { value, exclusive }) = &schema.maximum {
            match (compare(number, value), exclusive) {
                (Some(std::cmp::Ordering::Greater), _) => {
                    self.report(format!("is {number}, above the maximum {value}"));
                }
                (Some(std::cmp::Ordering::Equal), true) => {
                    self.report(format!("is {number}, not below {value}"));
                }
                _ => {}
            }
        }
        for multiple in &schema.multiples_of {
            if is_multiple(number, multiple) == Some(false) {
                self.report(format!("is {number}, no multiple of {multiple}"));
            }
        }
        if let Some(format) = &schema.format
            && format::number_fits(format, number) == Some(false)
        {
            self.report(format!("is {number}, which is no {format}"));
        }
    }

    fn text(&mut self, schema: &Schema, text: &str) {
        if schema.length_min.is_some() || schema.length_max.is_some() {
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            if schema.length_min.is_some_and(|least| length < least) {
                self.report(format!("has {length} characters, too few"));
            }
            if schema.length_max.is_some_and(|most| length > most) {
                self.report(format!("has {length} characters, too many"));
            }
        }
        for pattern in &schema.patterns {
            if pattern.is_match(text) == Some(false) {
                self.report(format!("does not match the pattern {}", pattern.as_str()));
            }
        }
        if let Some(format) = &schema.format
            && format::text_fits(format, text) == Some(false)
        {
            self.report(format!("is {}, which is no {format}", shown(&text.into())));
        }
    }

    fn array(&mut self, schema: &Schema, items: &[Value], depth: usize) {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        if schema.items_min.is_some_and(|least| count < least) {
            self.report(format!("has {count} elements, too few"));
        }
        if schema.items_max.is_some_and(|most| count > most) {
            self.report(format!("has {count} elements, too many"));
        }
        if schema.items_unique {
            let texts: BTreeSet<String> = items.iter().map(Value::to_string).collect();
            if texts.len() < items.len() {
                self.report("has the same element twice");
            }
        }
        for (index, item) in items.iter().enumerate() {
            let own = schema.prefix_items.get(index).copied();
            if let Some(id) = own.or(schema.items) {
                self.within(&index.to_string(), |judge| judge.judge(id, item, depth + 1));
            }
        }
    }

    fn object(&mut self, schema: &Schema, fields: &serde_json::Map<String, Value>, depth: usize) {
        let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        if schema.properties_min.is_some_and(|least| count < least) {
            self.report(format!("has {count} fields, too few"));
        }
        if schema.properties_max.is_some_and(|most| count > most) {
            self.report(format!("has {count} fields, too many"));
        }
        for name in &schema.required {
            if !fields.contains_key(name) && !self.is_for_other_direction(schema, name) {
                self.report(format!("lacks the required field {name:?}"));
            }
        }
        for property in &schema.properties {
            let Some(value) = fields.get(&property.name) else {
                continue;
            };
            let is_secret = self.direction == Direction::Response
                && self.schemas.get(property.schema).write_only;
            self.within(&property.name, |judge| {
                if is_secret {
                    judge.report("is answered although it is only ever sent");
                }
                judge.judge(property.schema, value, depth + 1);
            });
        }
        match schema.additional {
            Additional::Any => return,
            // What an alternative describes is described.
            Additional::Forbidden if !schema.alternatives.is_empty() => return,
            Additional::Forbidden | Additional::Schema(_) => {}
        }
        let known: BTreeSet<&str> = schema.properties.iter().map(|p| p.name.as_str()).collect();
        for (name, value) in fields {
            if known.contains(name.as_str()) {
                continue;
            }
            self.within(name, |judge| match schema.additional {
                Additional::Schema(id) => judge.judge(id, value, depth + 1),
                _ => judge.report("is a field that the schema does not have"),
            });
        }
    }

    fn is_for_other_direction(&self, schema: &Schema, name: &str) -> bool {
        let Some(id) = schema.property(name) else {
            return false;
        };
        let property = self.schemas.get(id);
        match self.direction {
            Direction::Request => property.read_only,
            Direction::Response => property.write_only,
        }
    }

    fn choices(&mut self, schema: &'s Schema, value: &Value, depth: usize) {
        if let Some(discriminator) = &schema.discriminator
            && let Some(named) = value.get(&discriminator.property).and_then(Value::as_str)
        {
            let mapped = discriminator.mapping.iter();
            let chosen = mapped.clone().find(|(name, _)| name == named);
            if let Some((_, id)) = chosen {
                // The one that is meant is told apart better than "none fits".
                self.judge(*id, value, depth + 1);
                return;
            }
            if !discriminator.mapping.is_empty() && !schema.alternatives.is_empty() {
                let property = &discriminator.property;
                self.report(format!(
                    "has {named:?} as {property:?}, which names no alternative"
                ));
                return;
            }
        }
        for group in &schema.alternatives {
            self.group(group, value, depth);
        }
    }

    fn group(&mut self, group: &Alternatives, value: &Value, depth: usize) {
        let mut fitting = 0;
        let mut nearest: Option<Vec<Violation>> = None;
        for id in &group.schemas {
            let found = self.tried(*id, value, depth);
            if self.is_exhausted {
                return;
            }
            if found.is_empty() {
                fitting += 1;
                if group.kind == AlternativesKind::AnyOf {
                    return;
                }
            } else if nearest.as_ref().is_none_or(|best| found.len() < best.len()) {
                nearest = Some(found);
            }
        }
        match (group.kind, fitting) {
            (_, 0) => {
                let first = nearest.and_then(|found| found.into_iter().next());
                let nearest = first.map(|v| format!("; of the nearest, {} {}", place(&v), v.what));
                let count = group.schemas.len();
                self.report(format!(
                    "fits none of {count} alternatives{}",
                    nearest.unwrap_or_default()
                ));
            }
            (AlternativesKind::OneOf, 2..) => {
                self.report(format!("fits {fitting} alternatives where one must fit"));
            }
            _ => {}
        }
    }

    fn tried(&mut self, id: SchemaId, value: &Value, depth: usize) -> Vec<Violation> {
        let before = std::mem::take(&mut self.violations);
        self.judge(id, value, depth + 1);
        std::mem::replace(&mut self.violations, before)
    }

    fn fits(&mut self, id: SchemaId, value: &Value, depth: usize) -> bool {
        self.tried(id, value, depth).is_empty()
    }
}

fn place(violation: &Violation) -> &str {
    if violation.pointer.is_empty() {
        "the value"
    } else {
        &violation.pointer
    }
}

fn has_type(schema: &Schema, value: &Value) -> bool {
    let kind = match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(number) if is_whole(number) => Type::Integer,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::Array,
        Value::Object(_) => Type::Object,
    };
    schema.admits(kind)
}

/// Whether a number is an integer; `1.0` is one.
fn is_whole(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn as_integer(number: &Number) -> Option<i128> {
    let signed = number.as_i64().map(i128::from);
    signed.or_else(|| number.as_u64().map(i128::from))
}

/// The order of two numbers; integers exactly.
fn compare(one: &Number, other: &Number) -> Option<std::cmp::Ordering> {
    match (as_integer(one), as_integer(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// Whether a number is a multiple; `None` when it cannot be told.
fn is_multiple(number: &Number, of: &Number) -> Option<bool> {
    if let (Some(number), Some(of)) = (as_integer(number), as_integer(of)) {
        return Some(of != 0 && number % of == 0);
    }
    let (number, of) = (number.as_f64()?, of.as_f64()?);
    let ratio = number / of;
    if !ratio.is_finite() || ratio.abs() > 1e12 {
        return None;
    }
    // 0.07 / 0.01 is 7.000000000000001 in binary.
    Some((ratio - ratio.round()).abs() < 1e-6)
}

/// Whether two values are the same; 1 and 1.0 are.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            compare(one, other) == Some(std::cmp::Ordering::Equal)
        }
        _ => one == other,
    }
}

/// A value in a message: short, and containers by their kind.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 60 => {
            let start: String = text.chars().take(60).collect();
            format!("{start:?}…")
        }
        scalar => scalar.to_string(),
    }
}
