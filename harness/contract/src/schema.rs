//! What a value may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Number, Value};

use crate::pattern::Pattern;

/// A schema's place in its [`Schemas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(crate) usize);

/// All schemas of a contract. Cycles go through their ids.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schemas {
    pub(crate) arena: Vec<Schema>,
    /// Components by name.
    pub(crate) named: BTreeMap<String, SchemaId>,
}

/// What a value may be. `allOf` is merged into it already.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// Where it stands in the document.
    pub pointer: String,
    /// The component's name, where it is one.
    pub name: Option<String>,
    /// Names of components that were merged into it by `allOf`, in order.
    pub merged_from: Vec<String>,
    /// Its types; none means any. `Null` stands here only when nothing else is possible.
    pub types: BTreeSet<Type>,
    /// Whether null is fine, whatever the rest says.
    pub nullable: bool,
    /// A hint such as `uuid` or `date-time`.
    pub format: Option<String>,
    /// The only values, from `enum` or `const`.
    pub values: Option<Vec<Value>>,
    /// The least number.
    pub minimum: Option<Bound>,
    /// The greatest number.
    pub maximum: Option<Bound>,
    /// A number is a multiple of each of these.
    pub multiples_of: Vec<Number>,
    /// The least number of characters.
    pub length_min: Option<u64>,
    /// The greatest number of characters.
    pub length_max: Option<u64>,
    /// A text matches each of these regular expressions somewhere.
    pub patterns: Vec<Pattern>,
    /// What the first elements of an array may be, each its own.
    pub prefix_items: Vec<SchemaId>,
    /// What the other elements may be.
    pub items: Option<SchemaId>,
    /// The least number of elements.
    pub items_min: Option<u64>,
    /// The greatest number of elements.
    pub items_max: Option<u64>,
    /// Whether elements differ from each other.
    pub items_unique: bool,
    /// Known fields of an object, in the document's order.
    pub properties: Vec<Property>,
    /// Names of fields that must be there, also such as have no entry in `properties`.
    pub required: BTreeSet<String>,
    /// What fields of other names may be.
    pub additional: Additional,
    /// The least number of fields.
    pub properties_min: Option<u64>,
    /// The greatest number of fields.
    pub properties_max: Option<u64>,
    /// Whether it is only ever answered, never sent.
    pub read_only: bool,
    /// Whether it is only ever sent, never answered.
    pub write_only: bool,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// Groups of alternatives from `oneOf` and `anyOf`: of each group some must fit.
    pub alternatives: Vec<Alternatives>,
    /// None of these fits.
    pub not: Vec<SchemaId>,
    /// The field that says which alternative is meant.
    pub discriminator: Option<Discriminator>,
    /// Values that the document gives as examples.
    pub examples: Vec<Value>,
    /// The value that is meant when none is sent.
    pub default: Option<Value>,
}

/// A type of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// An end of a range of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// Whether the number itself is out.
    pub exclusive: bool,
}

/// A known field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub schema: SchemaId,
}

/// What fields without an entry of their own may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Additional {
    /// Anything, because the document says nothing or says yes.
    #[default]
    Any,
    /// There must be none.
    Forbidden,
    /// This.
    Schema(SchemaId),
}

/// Schemas of which some must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternatives {
    /// How many must fit.
    pub kind: AlternativesKind,
    /// The schemas; at least one.
    pub schemas: Vec<SchemaId>,
}

/// How many of several schemas must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlternativesKind {
    /// Exactly one.
    OneOf,
    /// At least one.
    AnyOf,
}

/// The field that says which schema is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discriminator {
    /// The field's name.
    pub property: String,
    /// Values of the field with their schemas: first what the document maps, then the names of
    /// the alternatives.
    pub mapping: Vec<(String, SchemaId)>,
}

impl Schemas {
    /// The schema of an id.
    ///
    /// # Panics
    /// When the id belongs to another contract.
    pub fn get(&self, id: SchemaId) -> &Schema {
        self.arena
            .get(id.0)
            .expect("a schema's id belongs to its contract")
    }

    /// The component of this name.
    pub fn named(&self, name: &str) -> Option<SchemaId> {
        self.named.get(name).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.arena.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.arena.is_empty()
    }
}

impl Schema {
    /// What the field of this name may be, if it is a known one.
    pub fn property(&self, name: &str) -> Option<SchemaId> {
        let found = self.properties.iter().find(|p| p.name == name);
        found.map(|property| property.schema)
    }

    /// Whether values of this type are possible, as far as types say.
    pub fn admits(&self, kind: Type) -> bool {
        self.types.is_empty()
            || self.types.contains(&kind)
            || (kind == Type::Integer && self.types.contains(&Type::Number))
            || (kind == Type::Null && self.nullable)
    }

    /// Whether it speaks of objects, by its type or by having fields.
    pub fn is_object(&self) -> bool {
        self.types.contains(&Type::Object) || (self.types.is_empty() && !self.properties.is_empty())
    }

    /// Whether it speaks of arrays, by its type or by having elements.
    pub fn is_array(&self) -> bool {
        self.types.contains(&Type::Array)
            || (self.types.is_empty() && (self.items.is_some() || !self.prefix_items.is_empty()))
    }
}

impl Type {
    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// Its name in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
