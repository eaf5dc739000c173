//! Which operations give identifiers, of what, and where in their answers.

use std::collections::BTreeMap;

use contract::{Contract, MediaKind, Method, Operation, Schema, SchemaId, Status, Type};

use super::words::{item_of, plain, singular, words};

/// An operation that gives identifiers.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its index in the contract.
    pub(crate) operation: usize,
    pub(crate) kind: Kind,
    /// Its path with `{}` for every parameter.
    pub(crate) shape: String,
    /// What it gives, in one word; several names for the same thing.
    pub(crate) resources: Vec<String>,
    /// Fields of what it gives, in the order of the schema.
    pub(crate) fields: Vec<Field>,
    /// Whether the new thing's address stands in `Location`.
    pub(crate) has_location: bool,
    /// Whether the document describes its answer.
    pub(crate) is_described: bool,
}

/// How an operation comes to what it gives, the most useful first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It makes a new one.
    Create,
    /// It lists what is there.
    List,
    /// It shows something that is always there, such as the caller.
    Read,
}

/// A scalar field of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// JSON pointer in the answer's body.
    pub(crate) pointer: String,
    pub(crate) schema: SchemaId,
    /// The object within the thing that it lies in; none for a field of the thing itself.
    pub(crate) within: Option<String>,
}

/// Wrappers within wrappers that are looked into.
const DEPTH_MAX: usize = 2;

impl Source {
    /// Whether a field is the thing's own: of itself, or of an object that only wraps it.
    pub(crate) fn is_own(&self, field: &Field) -> bool {
        let Some(within) = &field.within else {
            return true;
        };
        let within = plain(within);
        let wraps = matches!(
            within.as_str(),
            "data"
                | "result"
                | "item"
                | "payload"
                | "response"
                | "attributes"
                | "value"
                | "body"
                | "record"
        );
        wraps || self.resources.contains(&within)
    }
}

/// Every operation that gives identifiers.
pub(crate) fn sources(contract: &Contract) -> Vec<Source> {
    let operations = contract.operations.iter().enumerate();
    operations
        .filter_map(|(index, operation)| source(contract, index, operation))
        .collect()
}

/// A path with `{}` for every parameter.
pub(crate) fn shape(operation: &Operation) -> String {
    let shape = operation.path.expand(|_| "{}".to_owned());
    match shape.strip_suffix('/') {
        Some("") | None => shape,
        Some(shape) => shape.to_owned(),
    }
}

fn source(contract: &Contract, index: usize, operation: &Operation) -> Option<Source> {
    let segments = operation.path.segments();
    let last = segments
        .iter()
        .rev()
        .find(|segment| segment.literal() != Some(""))?;
    let collection = last.literal();
    let schema = answered(operation);
    let mut fields = Vec::new();
    let kind = match (operation.method, collection) {
        (Method::Post, Some(_)) => {
            if let Some(id) = schema {
                collect(contract, id, "", None, 0, &mut fields);
            }
            Kind::Create
        }
        (Method::Get, Some(_)) => {
            let id = schema?;
            match list_of(contract, id) {
                Some((pointer, item)) => {
                    collect(contract, item, &pointer, None, 0, &mut fields);
                    Kind::List
                }
                None if operation.path.parameters().next().is_none() => {
                    collect(contract, id, "", None, 0, &mut fields);
                    Kind::Read
                }
                None => return None,
            }
        }
        _ => return None,
    };
    let has_location = operation.successes().any(|response| {
        let mut headers = response.headers.iter();
        headers.any(|header| header.name.eq_ignore_ascii_case("Location"))
    });
    let makes = operation
        .successes()
        .any(|response| response.status == Status::Exact(201));
    let is_described = schema.is_some();
    if fields.is_empty() && !has_location && (is_described || !makes) {
        return None;
    }
    if kind == Kind::Create && gives_parent(contract, operation, schema) {
        return None;
    }
    let mut resources = Vec::new();
    resources.extend(collection.map(item_of));
    if kind != Kind::Read {
        let of_item = schema.map(|id| match list_of(contract, id) {
            Some((_, item)) if kind == Kind::List => item,
            _ => id,
        });
        if let Some(id) = of_item {
            resources.extend(names(contract.schemas.get(id)));
        }
        resources.extend(made(operation));
    }
    resources.retain(|name| !name.is_empty());
    Some(Source {
        operation: index,
        kind,
        shape: shape(operation),
        resources,
        fields,
        has_location,
        is_described,
    })
}

/// Whether a POST below a thing answers with that thing, as actions do: it makes nothing.
fn gives_parent(contract: &Contract, operation: &Operation, schema: Option<SchemaId>) -> bool {
    let Some(names) = schema.map(|id| names(contract.schemas.get(id))) else {
        return false;
    };
    let mut literals = operation.path.segments().iter().rev();
    let mut next =
        || literals.find_map(|segment| segment.literal().filter(|text| !text.is_empty()));
    let own = next().map(item_of);
    let parent = next().map(item_of);
    let is_below = operation.path.parameters().next().is_some();
    let has = |noun: Option<String>| noun.is_some_and(|noun| names.contains(&noun));
    is_below && has(parent) && !has(own)
}

/// The schema of a successful answer's JSON body.
pub(crate) fn answered(operation: &Operation) -> Option<SchemaId> {
    let mut contents = operation
        .successes()
        .flat_map(|response| &response.contents);
    contents
        .find(|content| content.kind == MediaKind::Json)?
        .schema
}

/// Where the elements of a list are, and what they are: the answer itself, or the one field of it
/// that is a list.
pub(crate) fn list_of(contract: &Contract, id: SchemaId) -> Option<(String, SchemaId)> {
    let schema = contract.schemas.get(id);
    if let (true, Some(items)) = (schema.is_array(), schema.items) {
        return Some(("/0".to_owned(), items));
    }
    const NAMES: [&str; 13] = [
        "items", "data", "results", "value", "values", "records", "content", "rows", "entries",
        "list", "elements", "edges", "page",
    ];
    let mut lists = Vec::new();
    for property in &schema.properties {
        let own = contract.schemas.get(property.schema);
        if let (true, Some(items)) = (own.is_array(), own.items) {
            lists.push((property.name.as_str(), items));
        }
    }
    let known = lists
        .iter()
        .find(|(name, _)| NAMES.contains(&plain(name).as_str()));
    // A thing with a list of parts is no list of things: it has an id of its own.
    let has_id = schema
        .properties
        .iter()
        .any(|property| plain(&property.name) == "id");
    let found = known.or(match lists.as_slice() {
        [only] if !has_id => Some(only),
        _ => None,
    });
    found.map(|(name, items)| (format!("/{}/0", escaped(name)), *items))
}

/// Scalar fields, also of a wrapper such as `{"data": {…}}`.
fn collect(
    contract: &Contract,
    id: SchemaId,
    pointer: &str,
    within: Option<&str>,
    depth: usize,
    fields: &mut Vec<Field>,
) {
    let schema = contract.schemas.get(id);
    if is_scalar(schema) {
        // An answer, or an element, that is the identifier itself.
        fields.push(Field {
            name: String::new(),
            pointer: pointer.to_owned(),
            schema: id,
            within: within.map(str::to_owned),
        });
        return;
    }
    let mut wrapped = Vec::new();
    for property in &schema.properties {
        let own = contract.schemas.get(property.schema);
        let pointer = format!("{pointer}/{}", escaped(&property.name));
        if own.write_only {
            continue;
        }
        if own.is_object() {
            wrapped.push((property.schema, pointer, property.name.as_str()));
        } else if is_scalar(own) || own.types.is_empty() {
            fields.push(Field {
                name: property.name.clone(),
                pointer,
                schema: property.schema,
                within: within.map(str::to_owned),
            });
        }
    }
    if depth < DEPTH_MAX {
        // After the own fields, so that the outermost `id` is the thing's.
        for (id, pointer, name) in wrapped {
            collect(contract, id, &pointer, Some(name), depth + 1, fields);
        }
        if let Some((id, _)) = super::bodies::alternative(schema) {
            collect(contract, id, pointer, within, depth + 1, fields);
        }
    }
}

fn is_scalar(schema: &Schema) -> bool {
    let scalar = [Type::String, Type::Integer, Type::Number];
    scalar.iter().any(|kind| schema.types.contains(kind)) && !schema.is_object()
}

/// What a schema's name says that it is, without words that say how it is sent.
fn names(schema: &Schema) -> Vec<String> {
    const HOW: [&str; 24] = [
        "dto",
        "response",
        "view",
        "model",
        "out",
        "output",
        "read",
        "resource",
        "detail",
        "details",
        "result",
        "created",
        "schema",
        "entity",
        "full",
        "item",
        "list",
        "page",
        "get",
        "public",
        "representation",
        "info",
        "summary",
        "base",
    ];
    let all = schema.name.iter().chain(&schema.merged_from);
    let mut names = Vec::new();
    for name in all {
        let mut words = words(name);
        while words.len() > 1
            && words
                .last()
                .is_some_and(|last| HOW.contains(&last.as_str()))
        {
            words.pop();
        }
        if let Some(last) = words.last_mut() {
            *last = singular(last);
        }
        let name = words.concat();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What an operation's id says that it makes.
fn made(operation: &Operation) -> Option<String> {
    const VERBS: [&str; 8] = [
        "create", "add", "new", "register", "open", "insert", "make", "post",
    ];
    let words = words(operation.operation_id.as_deref()?);
    let (verb, noun) = words.split_first()?;
    (VERBS.contains(&verb.as_str()) && operation.method == Method::Post)
        .then(|| singular(&noun.concat()))
}

pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Sources by the names of what they give.
pub(crate) fn by_resource(sources: &[Source]) -> BTreeMap<&str, Vec<usize>> {
    let mut index: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        for name in &source.resources {
            let all = index.entry(name.as_str()).or_default();
            if !all.contains(&at) {
                all.push(at);
            }
        }
    }
    index
}
