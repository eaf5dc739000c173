//! `allOf`: what several schemas say together, as one.
//!
//! A schema's parts are everything that it reaches by `allOf`, each once; so a cycle ends, and the
//! order of reading does not matter. Where two parts describe the same field, the field's schema is
//! a new one whose parts are both.
//!
//! More forgiving than the specification in two places, because documents are: `additionalProperties:
//! false` in one part forbids what no part has, rather than what that part does not have; and
//! `nullable: true` beside `allOf` counts.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Warnings;
use super::schemas::stricter;
use crate::schema::{Additional, Property, Schema, SchemaId, Schemas, Type};

/// New schemas for fields that several parts describe; an honest document needs few.
const JOINED_MAX: usize = 20_000;
/// Parts merged in all.
const WORK_MAX: usize = 2_000_000;

/// A schema before merging.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// What it says itself.
    pub(super) schema: Schema,
    /// Whether it says that null is fine.
    pub(super) nullable: Option<bool>,
    /// Its parts.
    pub(super) all_of: Vec<SchemaId>,
}

/// All schemas, merged.
pub(super) fn merge(
    slots: Vec<Slot>,
    named: BTreeMap<String, SchemaId>,
    warnings: &mut Warnings,
) -> Schemas {
    let mut merger = Merger {
        slots,
        joined: BTreeMap::new(),
        members: BTreeMap::new(),
        work: 0,
    };
    let mut arena: Vec<Schema> = Vec::new();
    // The list grows while it is merged: joined fields are merged in their turn.
    while let Some(slot) = merger.slots.get(arena.len()) {
        let schema = if slot.all_of.is_empty() {
            let mut schema = slot.schema.clone();
            schema.nullable = slot.nullable == Some(true);
            schema
        } else {
            merger.merged(SchemaId(arena.len()), warnings)
        };
        arena.push(schema);
    }
    Schemas { arena, named }
}

struct Merger {
    slots: Vec<Slot>,
    /// Joined schemas by what they join.
    joined: BTreeMap<Vec<SchemaId>, SchemaId>,
    /// What a joined schema joins.
    members: BTreeMap<SchemaId, Vec<SchemaId>>,
    work: usize,
}

impl Merger {
    fn merged(&mut self, id: SchemaId, warnings: &mut Warnings) -> Schema {
        let parts = self.parts(id, warnings);
        let is_nullable = self.is_nullable(id, &parts);
        let mut merged = self.slots[id.0].schema.clone();
        let mut fields = Fields::default();
        fields.add(&merged.properties);
        for part in parts.iter().skip(1) {
            let part = &self.slots[part.0].schema;
            fields.add(&part.properties);
            if !add(&mut merged, part, id) {
                let text = "the parts of allOf have no type in common; the first is used";
                warnings.add(&merged.pointer, text);
            }
        }
        let known: BTreeSet<&str> = fields.names.iter().map(String::as_str).collect();
        debug_assert_eq!(known.len(), fields.names.len());
        merged.properties = fields
            .names
            .iter()
            .map(|name| Property {
                name: name.clone(),
                schema: self.join(&fields.schemas[name], &merged.pointer, warnings),
            })
            .collect();
        let items = parts
            .iter()
            .filter_map(|part| self.slots[part.0].schema.items);
        let items: Vec<SchemaId> = items.collect();
        merged.items = (!items.is_empty()).then(|| self.join(&items, &merged.pointer, warnings));
        merged.nullable = is_nullable;
        merged
    }

    /// Everything that a schema reaches by `allOf`, itself first.
    fn parts(&mut self, id: SchemaId, warnings: &mut Warnings) -> Vec<SchemaId> {
        let mut parts = Vec::new();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(part) = waiting.pop() {
            if !seen.insert(part) {
                continue;
            }
            self.work += 1;
            if self.work > WORK_MAX {
                let text = "allOf goes too deep; the rest of the parts is left out";
                warnings.add("/components/schemas", text);
                break;
            }
            parts.push(part);
            waiting.extend(self.slots[part.0].all_of.iter().rev());
        }
        parts
    }

    fn is_nullable(&self, id: SchemaId, parts: &[SchemaId]) -> bool {
        if self.slots[id.0].nullable == Some(true) {
            return true;
        }
        let mut says_yes = false;
        for part in parts {
            let slot = &self.slots[part.0];
            if slot.nullable == Some(true) {
                says_yes = true;
            } else if !slot.schema.types.is_empty() || slot.schema.values.is_some() {
                return false;
            }
        }
        says_yes
    }

    /// The schema that means all of several.
    fn join(&mut self, ids: &[SchemaId], pointer: &str, warnings: &mut Warnings) -> SchemaId {
        let mut all = BTreeSet::new();
        for id in ids {
            match self.members.get(id) {
                Some(members) => all.extend(members.iter().copied()),
                None => {
                    all.insert(*id);
                }
            }
        }
        let key: Vec<SchemaId> = all.into_iter().collect();
        if let [only] = key.as_slice() {
            return *only;
        }
        if let Some(id) = self.joined.get(&key) {
            return *id;
        }
        if self.joined.len() >= JOINED_MAX {
            let text = "too many fields are described by several parts of allOf; the first is used";
            warnings.add("/components/schemas", text);
            return ids[0];
        }
        let id = SchemaId(self.slots.len());
        let schema = Schema {
            pointer: pointer.to_owned(),
            ..Schema::default()
        };
        self.slots.push(Slot {
            schema,
            nullable: None,
            all_of: key.clone(),
        });
        self.members.insert(id, key.clone());
        self.joined.insert(key, id);
        id
    }
}

/// Fields of several parts, in order, with all that is said of each.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    schemas: BTreeMap<String, Vec<SchemaId>>,
}

impl Fields {
    fn add(&mut self, properties: &[Property]) {
        for property in properties {
            let schemas = self.schemas.entry(property.name.clone()).or_default();
            if schemas.is_empty() {
                self.names.push(property.name.clone());
            }
            schemas.push(property.schema);
        }
    }
}

/// Adds to a schema what a part says, apart from fields and elements. False when their types
/// contradict each other.
fn add(merged: &mut Schema, part: &Schema, id: SchemaId) -> bool {
    merged.merged_from.extend(part.name.clone());
    let agree = add_types(&mut merged.types, &part.types);
    if merged.format.is_none() {
        merged.format.clone_from(&part.format);
    }
    merged.values = match (merged.values.take(), &part.values) {
        (Some(mut own), Some(other)) => {
            own.retain(|value| other.contains(value));
            Some(own)
        }
        (own, other) => own.or_else(|| other.clone()),
    };
    merged.minimum = stricter(merged.minimum.take(), part.minimum.clone(), true);
    merged.maximum = stricter(merged.maximum.take(), part.maximum.clone(), false);
    merged
        .multiples_of
        .extend(part.multiples_of.iter().cloned());
    merged.length_min = merged.length_min.max(part.length_min);
    merged.length_max = least(merged.length_max, part.length_max);
    for pattern in &part.patterns {
        if !merged.patterns.contains(pattern) {
            merged.patterns.push(pattern.clone());
        }
    }
    if merged.prefix_items.is_empty() {
        merged.prefix_items.clone_from(&part.prefix_items);
    }
    merged.items_min = merged.items_min.max(part.items_min);
    merged.items_max = least(merged.items_max, part.items_max);
    merged.items_unique |= part.items_unique;
    merged.required.extend(part.required.iter().cloned());
    merged.additional = match (merged.additional, part.additional) {
        (Additional::Any, other) => other,
        (_, Additional::Forbidden) => Additional::Forbidden,
        (own, _) => own,
    };
    merged.properties_min = merged.properties_min.max(part.properties_min);
    merged.properties_max = least(merged.properties_max, part.properties_max);
    merged.read_only |= part.read_only;
    merged.write_only |= part.write_only;
    merged.deprecated |= part.deprecated;
    for group in &part.alternatives {
        // A child of a base that lists its children: it is one of them by being itself.
        if !group.schemas.contains(&id) && !merged.alternatives.contains(group) {
            merged.alternatives.push(group.clone());
        }
    }
    merged.not.extend(part.not.iter().copied());
    // A discriminator is not inherited: who is a child already needs no choice among children. It
    // is taken over where the schema is nothing but its part, as in `anyOf: [Pet, null]`.
    let names_itself = |discriminator: &crate::schema::Discriminator| {
        discriminator
            .mapping
            .iter()
            .any(|(_, schema)| *schema == id)
    };
    if merged.discriminator.is_none()
        && merged.name.is_none()
        && !part.discriminator.as_ref().is_none_or(names_itself)
    {
        merged.discriminator.clone_from(&part.discriminator);
    }
    if merged.examples.is_empty() && merged.properties.is_empty() {
        merged.examples.clone_from(&part.examples);
    }
    if merged.default.is_none() {
        merged.default.clone_from(&part.default);
    }
    agree
}

/// Keeps the types that both admit.
fn add_types(types: &mut BTreeSet<Type>, other: &BTreeSet<Type>) -> bool {
    if other.is_empty() {
        return true;
    }
    if types.is_empty() {
        types.clone_from(other);
        return true;
    }
    let admits = |set: &BTreeSet<Type>, kind: &Type| {
        set.contains(kind) || (*kind == Type::Integer && set.contains(&Type::Number))
    };
    let all = types.union(other).copied();
    let common: BTreeSet<Type> = all
        .filter(|kind| admits(types, kind) && admits(other, kind))
        .collect();
    if common.is_empty() {
        return false;
    }
    *types = common;
    true
}

fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
