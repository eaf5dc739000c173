//! YAML as a tree whose every node knows its place, and serde over that tree.
//!
//! The usual YAML crates lose the places after parsing, and an error about meaning (a principal
//! that does not exist) has to point at a place as well as one about syntax does.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer};

use crate::nearest::nearest;

/// Line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A problem at a place, before it is shown with its source line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) place: Option<Place>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }
}

/// "Did you mean" for a word that is not known.
pub(crate) fn suggestion<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, known).map(|meant| format!("did you mean `{meant}`?"))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            place: None,
            message: message.to_string(),
            hint: None,
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            place: None,
            message: format!(
                "unknown key `{field}`; expected one of {}",
                expected.join(", ")
            ),
            hint: suggestion(field, expected.iter().copied()),
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self {
            place: None,
            message: format!(
                "unknown value `{variant}`; expected one of {}",
                expected.join(", ")
            ),
            hint: suggestion(variant, expected.iter().copied()),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            place: None,
            message: format!("the key `{field}` is missing"),
            hint: None,
        }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self {
            place: None,
            message: format!("the key `{field}` is given twice"),
            hint: None,
        }
    }
}

/// A node.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    place: Place,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Scalar { text: String, plain: bool },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// Aliases are copied; a document that multiplies them beyond this is hostile.
const NODES_MAX: usize = 100_000;
const DEPTH_MAX: usize = 64;

/// Reads a document of one node.
pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        nodes: 0,
    };
    let mut document = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Nothing => {}
            event => {
                if document.is_some() {
                    return Err(Fault::new(place(&span), "only one document is expected"));
                }
                document = Some(reader.node(event, span, 0)?);
            }
        }
    }
    document.ok_or_else(|| Fault::new(Place { line: 1, column: 1 }, "the file is empty"))
}

fn place(span: &Span) -> Place {
    Place {
        line: span.start.line().max(1),
        column: span.start.col() + 1,
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Fault> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => {
                let marker = error.marker();
                let place = Place {
                    line: marker.line().max(1),
                    column: marker.col() + 1,
                };
                Err(Fault::new(
                    place,
                    format!("no valid YAML: {}", error.info()),
                ))
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Fault> {
        let place = place(&span);
        self.nodes += 1;
        if self.nodes > NODES_MAX || depth > DEPTH_MAX {
            return Err(Fault::new(
                place,
                "the document is too large or nested too deeply",
            ));
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                (
                    Content::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                    anchor,
                )
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Fault::new(place, "the alias refers to nothing"));
                };
                self.nodes += size(&node);
                // Errors point at the anchor's text, which is what has to be corrected.
                return Ok(node);
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        None | Some((Event::SequenceEnd, _)) => break,
                        Some((event, span)) => items.push(self.node(event, span, depth + 1)?),
                    }
                }
                (Content::Sequence(items), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let mut entries = Vec::new();
                loop {
                    let key = match self.next()? {
                        None | Some((Event::MappingEnd, _)) => break,
                        Some((event, span)) => self.node(event, span, depth + 1)?,
                    };
                    let Some((event, span)) = self.next()? else {
                        break;
                    };
                    entries.push((key, self.node(event, span, depth + 1)?));
                }
                (Content::Mapping(entries), anchor)
            }
            _ => return Err(Fault::new(place, "a value was expected")),
        };
        let node = Node { place, content };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.content {
        Content::Scalar { .. } => 0,
        Content::Sequence(items) => items.iter().map(size).sum(),
        Content::Mapping(entries) => entries.iter().map(|(k, v)| size(k) + size(v)).sum(),
    }
}

impl Node {
    fn describe(&self) -> String {
        match &self.content {
            Content::Scalar { text, .. } if text.is_empty() => "nothing".to_owned(),
            Content::Scalar { text, .. } => format!("`{text}`"),
            Content::Sequence(_) => "a list".to_owned(),
            Content::Mapping(_) => "a mapping".to_owned(),
        }
    }

    fn expected(&self, what: &str) -> Fault {
        Fault::new(
            self.place,
            format!("expected {what}, found {}", self.describe()),
        )
    }

    fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn plain(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    /// Text. A plain number or truth value is none: YAML has its own idea of `no` and `1.10`.
    fn text(&self, what: &str) -> Result<&str, Fault> {
        match &self.content {
            Content::Scalar { text, plain } => {
                let is_other = *plain
                    && (self.is_null()
                        || matches!(text.as_str(), "true" | "false")
                        || text.parse::<f64>().is_ok());
                if is_other {
                    let hint = format!("put it in quotes if it is meant as text: \"{text}\"");
                    return Err(self.expected(what).hint(Some(hint)));
                }
                Ok(text)
            }
            _ => Err(self.expected(what)),
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> Spanned<T> {
    /// A value that stands nowhere, such as a default.
    pub(crate) fn unplaced(value: T) -> Self {
        Self {
            value,
            place: Place { line: 1, column: 1 },
        }
    }
}

impl<T: Default> Default for Spanned<T> {
    fn default() -> Self {
        Self::unplaced(T::default())
    }
}

/// By this name the deserializer of this file knows that places are wanted.
const SPANNED: &str = "$watertight::Spanned";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut parts: A,
            ) -> Result<Spanned<T>, A::Error> {
                let missing = || de::Error::custom("places come from this crate's own reader");
                let line = parts.next_element()?.ok_or_else(missing)?;
                let column = parts.next_element()?.ok_or_else(missing)?;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(Spanned {
                    value,
                    place: Place { line, column },
                })
            }
        }
        deserializer.deserialize_tuple_struct(SPANNED, 3, Read(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

struct SpannedParts<'a> {
    node: &'a Node,
    next: u8,
}

impl<'de> de::SeqAccess<'de> for SpannedParts<'de> {
    type Error = Fault;
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        self.next += 1;
        let place = self.node.place;
        match self.next {
            1 => seed.deserialize(place.line.into_deserializer()).map(Some),
            2 => seed.deserialize(place.column.into_deserializer()).map(Some),
            3 => seed.deserialize(self.node).map(Some),
            _ => Ok(None),
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let number = self.plain().and_then(|text| text.parse::<$type>().ok());
            visitor.$visit(number.ok_or_else(|| self.expected($what))?).map_err(|e: Fault| e.at(self.place))
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.content {
            Content::Sequence(_) => self.deserialize_seq(visitor),
            Content::Mapping(_) => self.deserialize_map(visitor),
            Content::Scalar { text, plain: true } => {
                if self.is_null() {
                    visitor.visit_unit()
                } else if let Ok(flag) = text.parse::<bool>() {
                    visitor.visit_bool(flag)
                } else if let Ok(number) = text.parse::<i64>() {
                    visitor.visit_i64(number)
                } else if let Ok(number) = text.parse::<f64>() {
                    visitor.visit_f64(number)
                } else {
                    visitor.visit_str(text)
                }
            }
            Content::Scalar { text, .. } => visitor.visit_str(text),
        }
        .map_err(|error: Fault| error.at(self.place))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.plain() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(self.expected("true or false")),
        }
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8, "a whole number from 0 to 255";
        deserialize_u16 visit_u16 u16, "a whole number from 0 to 65535";
        deserialize_u32 visit_u32 u32, "a whole number";
        deserialize_u64 visit_u64 u64, "a whole number";
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor
            .visit_str(self.text("text")?)
            .map_err(|error: Fault| error.at(self.place))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.content {
            Content::Sequence(items) => visitor
                .visit_seq(Items(items.iter()))
                .map_err(|error: Fault| error.at(self.place)),
            Content::Scalar { text, .. } if !self.is_null() => {
                let hint = format!("a list of one is written [{text}]");
                Err(self.expected("a list").hint(Some(hint)))
            }
            _ => Err(self.expected("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.content {
            Content::Mapping(entries) => {
                let mut seen: Vec<&str> = Vec::new();
                for (key, _) in entries {
                    if let Content::Scalar { text, .. } = &key.content {
                        if seen.contains(&text.as_str()) {
                            let message = format!("the key `{text}` is given twice");
                            return Err(Fault::new(key.place, message));
                        }
                        seen.push(text);
                    }
                }
                visitor
                    .visit_map(Entries {
                        entries: entries.iter(),
                        value: None,
                    })
                    .map_err(|error: Fault| error.at(self.place))
            }
            _ => Err(self.expected("a mapping with keys")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == SPANNED {
            return visitor.visit_seq(SpannedParts {
                node: self,
                next: 0,
            });
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let (name, value) = match &self.content {
            Content::Scalar { .. } => (self, None),
            Content::Mapping(entries) if entries.len() == 1 => (&entries[0].0, Some(&entries[0].1)),
            _ => return Err(self.expected(&format!("one of {}", variants.join(", ")))),
        };
        visitor
            .visit_enum(Variant { name, value })
            .map_err(|error: Fault| error.at(name.place))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple ignored_any
    }
}

struct Items<'a>(std::slice::Iter<'a, Node>);

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Fault;
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        self.0.next().map(|node| seed.deserialize(node)).transpose()
    }
}

struct Entries<'a> {
    entries: std::slice::Iter<'a, (Node, Node)>,
    value: Option<&'a Node>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(key)
            .map(Some)
            .map_err(|error| error.at(key.place))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let value = self
            .value
            .take()
            .expect("serde asks for the key before the value");
        seed.deserialize(value)
            .map_err(|error| error.at(value.place))
    }
}

struct Variant<'a> {
    name: &'a Node,
    value: Option<&'a Node>,
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Self;
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let name = seed
            .deserialize(self.name)
            .map_err(|error| error.at(self.name.place))?;
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.value {
            None => Ok(()),
            Some(value) => Err(Fault::new(
                value.place,
                format!(
                    "{} takes nothing more, found {}",
                    self.name.describe(),
                    value.describe()
                ),
            )),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        match self.value {
            Some(value) => seed
                .deserialize(value)
                .map_err(|error| error.at(value.place)),
            None => {
                let name = self.name.describe().replace('`', "");
                let message = format!("`{name}` needs a value, written {name}: …");
                Err(Fault::new(self.name.place, message))
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Some(value) => value.deserialize_seq(visitor),
            None => Err(self.name.expected("a value")),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.value {
            Some(value) => value.deserialize_map(visitor),
            None => Err(self.name.expected("a mapping with keys")),
        }
    }
}
