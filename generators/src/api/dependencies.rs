//! Which operation gives what another needs: by links, by the structure of paths, by names.

use std::collections::BTreeMap;

use contract::{Contract, Expression, Method, Operation, Schema, SchemaId, Type};

use super::bodies::alternative;
use super::positions::{Place, Position, element, field};
use super::reference;
use super::sources::{Kind, Source, by_resource, shape, sources};
use super::words::{identified, item_of, plain, singular, words};

/// What every operation of a contract needs.
#[derive(Debug)]
pub(crate) struct Dependencies {
    /// By the operation's index; those of the path first, in order.
    pub(crate) needs: Vec<Vec<Need>>,
    /// The operation that reads what an operation works on, by index.
    pub(crate) reads: Vec<Option<usize>>,
    /// Where the answers of operations that make something hold its identifier.
    pub(crate) identities: BTreeMap<usize, Found>,
}

/// An identifier that an operation needs.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    pub(crate) position: Position,
    /// What it is in relation to the operation, such as `from` of `fromAccountId`: two needs of one
    /// resource and different roles want two things.
    pub(crate) role: String,
    /// Whether the operation cannot be called without it.
    pub(crate) required: bool,
    /// Who gives it, the best first.
    pub(crate) producers: Vec<Producer>,
    /// The PUT that makes the thing under a name of the caller's choice, where nobody gives one.
    pub(crate) chosen_by: Option<usize>,
}

/// An operation that gives what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Producer {
    /// Its index.
    pub(crate) operation: usize,
    /// Where in its answer.
    pub(crate) found: Found,
}

/// Where in an answer a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// In the body, by JSON pointer.
    Body(String),
    /// The last path segment of a header.
    Tail(String),
    /// A header.
    Header(String),
}

/// Names of fields and headers that hold the version of what is changed.
pub(crate) fn is_version(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "rowversion"
            | "version"
            | "etag"
            | "ifmatch"
            | "lockversion"
            | "revision"
            | "concurrencystamp"
            | "concurrencytoken"
            | "optlock"
    )
}

impl Found {
    /// The reference to it, in the answer of a step.
    pub(crate) fn of_step(&self, step: usize) -> String {
        match self {
            Self::Body(pointer) => reference::to_body(step, pointer),
            Self::Tail(header) => reference::to_tail(step, header),
            Self::Header(header) => reference::to_header(step, header),
        }
    }
}

impl Dependencies {
    /// Infers what a contract's operations need and who gives it.
    pub(crate) fn new(contract: &Contract) -> Self {
        let sources = sources(contract);
        let finder = Finder {
            contract,
            by_resource: by_resource(&sources),
            sources: &sources,
        };
        let operations = contract.operations.iter();
        Self {
            needs: operations.clone().map(|one| finder.needs(one)).collect(),
            reads: operations.map(|one| read_of(contract, one)).collect(),
            identities: sources.iter().filter_map(identity).collect(),
        }
    }
}

/// Where a source's answer holds the identifier of what it makes.
fn identity(source: &Source) -> Option<(usize, Found)> {
    if source.kind != Kind::Create {
        return None;
    }
    let is_id = |name: &str| {
        matches!(plain(name).as_str(), "id" | "uuid" | "guid" | "key")
            || source
                .resources
                .iter()
                .any(|resource| plain(name) == format!("{resource}id"))
    };
    let mut fields = source.fields.iter();
    let found = match fields.find(|field| is_id(&field.name) && source.is_own(field)) {
        Some(field) => Found::Body(field.pointer.clone()),
        None if source.has_location => Found::Tail("Location".to_owned()),
        None => return None,
    };
    Some((source.operation, found))
}

/// The GET of an operation's path up to its last parameter; shorter when there is none.
fn read_of(contract: &Contract, operation: &Operation) -> Option<usize> {
    let own = shape(operation);
    let mut prefix = own.as_str();
    loop {
        prefix = &prefix[..prefix.rfind("{}")? + 2];
        let mut operations = contract.operations.iter();
        let found = operations.position(|one| one.method == Method::Get && shape(one) == prefix);
        if found.is_some() {
            return found;
        }
        prefix = &prefix[..prefix.len() - 2];
    }
}

struct Finder<'a> {
    contract: &'a Contract,
    sources: &'a [Source],
    by_resource: BTreeMap<&'a str, Vec<usize>>,
}

impl Finder<'_> {
    fn needs(&self, operation: &Operation) -> Vec<Need> {
        let mut needs = Vec::new();
        self.path_needs(operation, &mut needs);
        for parameter in &operation.parameters {
            if parameter.place == contract::Place::Path {
                continue;
            }
            let schema = self.contract.schemas.get(parameter.schema);
            let (id, name) = match (schema.is_array(), schema.items) {
                (true, Some(items)) => (items, parameter.name.as_str()),
                _ => (parameter.schema, parameter.name.as_str()),
            };
            let Some((resource, role, suffix)) = self.recognised(name, id, None) else {
                continue;
            };
            let producers = self.producers(operation, &resource, &suffix, name, id);
            if !producers.is_empty() {
                let place = parameter.place.into();
                needs.push(need(
                    place,
                    name,
                    &resource,
                    role,
                    parameter.required,
                    producers,
                ));
            }
        }
        if let Some(body) = &operation.body
            && let Some(id) = body.contents.iter().find_map(|content| content.schema)
        {
            let mut walk = Walk {
                operation,
                needs: &mut needs,
                open: Vec::new(),
            };
            self.body_needs(&mut walk, id, "", None, true);
        }
        needs
    }

    fn path_needs(&self, operation: &Operation, needs: &mut Vec<Need>) {
        let mut prefix = String::new();
        let mut before: Option<&str> = None;
        for segment in operation.path.segments() {
            for name in segment.parameters() {
                let parameter = operation.parameter(contract::Place::Path, name);
                let Some(parameter) = parameter else {
                    continue;
                };
                let words = identified(name);
                let of_path = before.map(item_of).unwrap_or_default();
                let mut resource = match &words {
                    Some(words) if !words.is_empty() => singular(&words.concat()),
                    _ if of_path.is_empty() => plain(name),
                    _ => of_path.clone(),
                };
                let mut producers = self.linked(operation, name);
                let id = parameter.schema;
                for source in self.sources.iter().filter(|source| source.shape == prefix) {
                    self.add(
                        &mut producers,
                        operation,
                        source,
                        &resource,
                        name,
                        name,
                        id,
                        true,
                    );
                }
                let mut by_name = self.producers(operation, &resource, "id", name, id);
                if by_name.is_empty() && words.as_ref().is_some_and(|words| words.len() > 1) {
                    let found = self.recognised(name, id, None);
                    if let Some((known, _, suffix)) = found {
                        by_name = self.producers(operation, &known, &suffix, name, id);
                        resource = known;
                    }
                }
                producers.extend(by_name);
                self.sort(&mut producers);
                let chosen_by = self.put_at(&format!("{prefix}/{{}}"));
                let chosen_by = chosen_by.filter(|_| producers.is_empty() && is_whole(segment));
                let mut need = need(Place::Path, name, &resource, String::new(), true, producers);
                need.position.consumer |= chosen_by.is_some();
                need.chosen_by = chosen_by;
                needs.push(need);
            }
            match segment.literal() {
                Some("") => {}
                Some(literal) => {
                    before = Some(literal);
                    prefix.push('/');
                    prefix.push_str(literal);
                }
                None => prefix.push_str("/{}"),
            }
        }
    }

    /// The PUT of this shape.
    fn put_at(&self, item: &str) -> Option<usize> {
        let mut operations = self.contract.operations.iter();
        operations.position(|one| one.method == Method::Put && shape(one) == item)
    }

    /// Producers that links name for a parameter.
    fn linked(&self, operation: &Operation, name: &str) -> Vec<Producer> {
        let mut producers = Vec::new();
        for (index, from) in self.contract.operations.iter().enumerate() {
            for link in from.successes().flat_map(|response| &response.links) {
                if link.target != operation.key {
                    continue;
                }
                for passed in link.parameters.iter().filter(|passed| passed.name == name) {
                    let found = match &passed.value {
                        Expression::ResponseBody(pointer) => Found::Body(pointer.clone()),
                        Expression::ResponseHeader(header) => Found::Header(header.clone()),
                        _ => continue,
                    };
                    let operation = index;
                    producers.push(Producer { operation, found });
                }
            }
        }
        producers
    }

    fn body_needs(
        &self,
        walk: &mut Walk<'_>,
        id: SchemaId,
        place: &str,
        parent: Option<&str>,
        required: bool,
    ) {
        if walk.open.len() > 5 || walk.open.contains(&id) {
            return;
        }
        walk.open.push(id);
        let schema = self.contract.schemas.get(id);
        if schema.is_array() {
            let items = schema.items.or(schema.prefix_items.first().copied());
            if let Some(items) = items {
                self.body_field(walk, items, &element(place), parent, required);
            }
        } else {
            self.object_needs(walk, schema, place, parent, required);
        }
        walk.open.pop();
    }

    fn object_needs(
        &self,
        walk: &mut Walk<'_>,
        schema: &Schema,
        place: &str,
        parent: Option<&str>,
        required: bool,
    ) {
        for property in &schema.properties {
            if self.contract.schemas.get(property.schema).read_only {
                continue;
            }
            let is_required = required && schema.required.contains(&property.name);
            let at = field(place, &property.name);
            // `customer: {id}` is a customer's.
            let named = match plain(&property.name).as_str() {
                "id" | "uuid" | "guid" | "key" | "code" => {
                    parent.map(|parent| format!("{}_{}", singular(&plain(parent)), property.name))
                }
                _ => None,
            };
            let name = named.unwrap_or_else(|| property.name.clone());
            self.body_field(walk, property.schema, &at, Some(&name), is_required);
        }
        if let Some((id, _)) = alternative(schema) {
            self.object_needs_of(walk, id, place, parent, required);
        }
    }

    fn object_needs_of(
        &self,
        walk: &mut Walk<'_>,
        id: SchemaId,
        place: &str,
        parent: Option<&str>,
        required: bool,
    ) {
        if !walk.open.contains(&id) && walk.open.len() <= 5 {
            walk.open.push(id);
            let schema = self.contract.schemas.get(id);
            self.object_needs(walk, schema, place, parent, required);
            walk.open.pop();
        }
    }

    /// A field or element of a body: an identifier, or something with identifiers in it.
    fn body_field(
        &self,
        walk: &mut Walk<'_>,
        id: SchemaId,
        place: &str,
        name: Option<&str>,
        required: bool,
    ) {
        let schema = self.contract.schemas.get(id);
        if schema.is_object() || schema.is_array() || !schema.alternatives.is_empty() {
            self.body_needs(walk, id, place, name, required);
            return;
        }
        let own = own_resource(walk.operation);
        let Some(name) = name else {
            return;
        };
        let Some((resource, role, suffix)) = self.recognised(name, id, own.as_deref()) else {
            return;
        };
        // What a new thing calls itself is no reference.
        let makes_own = walk.operation.method == Method::Post && role.is_empty();
        if makes_own && own.as_deref() == Some(resource.as_str()) && !place.contains(['.', '[']) {
            return;
        }
        let producers = self.producers(walk.operation, &resource, &suffix, name, id);
        if !producers.is_empty() {
            let need = need(Place::Body, place, &resource, role, required, producers);
            walk.needs.push(need);
        }
    }

    /// Resource, role and the word that says what of it, for a name that something gives.
    fn recognised(
        &self,
        name: &str,
        id: SchemaId,
        own: Option<&str>,
    ) -> Option<(String, String, String)> {
        let schema = self.contract.schemas.get(id);
        if schema.values.is_some() || is_version(name) {
            return None;
        }
        let (mut known, suffix) = match identified(name) {
            Some(words) => (words, "id".to_owned()),
            None => {
                let mut all = words(name);
                let last = all.last().cloned().unwrap_or_default();
                if matches!(last.as_str(), "key" | "code" | "number" | "slug" | "sku")
                    && all.len() > 1
                {
                    all.pop();
                    (all, last)
                } else if schema.types.contains(&Type::Integer)
                    || schema.format.as_deref() == Some("uuid")
                {
                    // `customer: 3`.
                    (all, "id".to_owned())
                } else {
                    return None;
                }
            }
        };
        if let Some(last) = known.last_mut() {
            *last = singular(last);
        }
        for start in 0..known.len() {
            let resource = known[start..].concat();
            if self.by_resource.contains_key(resource.as_str()) {
                return Some((resource, known[..start].join(" "), suffix));
            }
        }
        // `parentId` of a category is a category's.
        match (known.as_slice(), own) {
            ([word], Some(own))
                if matches!(
                    word.as_str(),
                    "parent" | "previous" | "replaces" | "original"
                ) =>
            {
                Some((own.to_owned(), word.clone(), suffix))
            }
            _ => None,
        }
    }

    /// Who gives a resource's identifier.
    fn producers(
        &self,
        operation: &Operation,
        resource: &str,
        suffix: &str,
        name: &str,
        id: SchemaId,
    ) -> Vec<Producer> {
        let mut producers = Vec::new();
        let known = self.by_resource.get(resource).into_iter().flatten();
        for at in known {
            let source = &self.sources[*at];
            self.add(
                &mut producers,
                operation,
                source,
                resource,
                suffix,
                name,
                id,
                false,
            );
        }
        // Whatever is always there and has a field of just this name.
        let wanted = plain(name);
        for source in self
            .sources
            .iter()
            .filter(|source| source.kind == Kind::Read)
        {
            for field in source
                .fields
                .iter()
                .filter(|field| plain(&field.name) == wanted)
            {
                if self.fits(id, field.schema)
                    && suffix == "id"
                    && identified(name).is_some_and(|w| !w.is_empty())
                {
                    let found = Found::Body(field.pointer.clone());
                    let operation = source.operation;
                    producers.push(Producer { operation, found });
                }
            }
        }
        self.sort(&mut producers);
        producers
    }

    /// Adds what a source gives for a name: the field of the name itself, else the thing's id, else
    /// the end of its address.
    #[expect(clippy::too_many_arguments, reason = "what a name says has many parts")]
    fn add(
        &self,
        producers: &mut Vec<Producer>,
        operation: &Operation,
        source: &Source,
        resource: &str,
        suffix: &str,
        name: &str,
        id: SchemaId,
        is_structural: bool,
    ) {
        let producer = &self.contract.operations[source.operation];
        if producer.key == operation.key && source.kind != Kind::Create {
            return;
        }
        // What works on the thing itself cannot give it.
        if source.kind == Kind::Create && !is_structural && self.works_on(producer, resource) {
            return;
        }
        let wanted = plain(name);
        let last = plain(suffix);
        let is_id = suffix == "id" || identified(suffix).is_some() || is_structural;
        // Names that say it, and names that may mean it where nothing says it.
        let mut sure = vec![wanted, last.clone()];
        let mut likely = Vec::new();
        if is_id {
            sure.extend([
                "id".to_owned(),
                format!("{resource}id"),
                "uuid".to_owned(),
                "guid".to_owned(),
                "identifier".to_owned(),
                format!("{resource}uuid"),
                // An answer that is the identifier itself.
                String::new(),
            ]);
            likely.extend([
                format!("{resource}key"),
                "key".to_owned(),
                format!("{resource}number"),
                "code".to_owned(),
                "slug".to_owned(),
            ]);
        } else {
            sure.push(format!("{resource}{last}"));
        }
        let mut push = |found: Found| {
            let operation = source.operation;
            let producer = Producer { operation, found };
            if !producers.contains(&producer) {
                producers.push(producer);
            }
        };
        let among = |names: &[String], is_of_itself: bool| {
            names.iter().find_map(|name| {
                source.fields.iter().find(|field| {
                    plain(&field.name) == *name
                        && self.fits(id, field.schema)
                        && source.is_own(field)
                        && (field.within.is_none() || !is_of_itself)
                })
            })
        };
        let field = among(&sure, true)
            .or_else(|| among(&sure, false))
            .or_else(|| among(&likely, true))
            .or_else(|| among(&likely, false));
        if let Some(field) = field {
            push(Found::Body(field.pointer.clone()));
        }
        if source.kind == Kind::Create && is_id {
            if source.has_location || !source.is_described {
                push(Found::Tail("Location".to_owned()));
            }
            if !source.is_described {
                push(Found::Body("/id".to_owned()));
            }
        }
    }

    /// Whether an operation's path goes through a thing of this kind.
    fn works_on(&self, operation: &Operation, resource: &str) -> bool {
        let segments = operation.path.segments();
        segments.windows(2).any(|pair| {
            pair[1].literal().is_none()
                && pair[0]
                    .literal()
                    .is_some_and(|literal| item_of(literal) == resource)
        })
    }

    /// Whether a value of one schema can stand where another is asked for.
    fn fits(&self, wanted: SchemaId, given: SchemaId) -> bool {
        let (wanted, given) = (
            self.contract.schemas.get(wanted),
            self.contract.schemas.get(given),
        );
        let is_number = |schema: &Schema| {
            schema.types.contains(&Type::Integer) || schema.types.contains(&Type::Number)
        };
        let is_text = |schema: &Schema| schema.types.contains(&Type::String);
        let clash = (is_number(wanted) && !is_text(wanted) && is_text(given) && !is_number(given))
            || (is_text(wanted)
                && !is_number(wanted)
                && wanted.format.as_deref() == Some("uuid")
                && is_number(given));
        !clash
    }

    /// New things before old ones, then those that need the least.
    fn sort(&self, producers: &mut Vec<Producer>) {
        let kind = |producer: &Producer| {
            let mut sources = self.sources.iter();
            let source = sources.find(|source| source.operation == producer.operation);
            source.map_or(Kind::Create, |source| source.kind)
        };
        let mut seen = Vec::new();
        producers.retain(|producer| {
            let is_new = !seen.contains(producer);
            seen.push(producer.clone());
            is_new
        });
        producers.sort_by_key(kind);
    }
}

/// Whether a segment is one parameter and nothing else.
fn is_whole(segment: &contract::Segment) -> bool {
    segment.pieces.len() == 1
}

/// A walk through a body's schema.
struct Walk<'w> {
    operation: &'w Operation,
    needs: &'w mut Vec<Need>,
    /// Schemas that the walk is in.
    open: Vec<SchemaId>,
}

/// What an operation's path is about: the item of its last literal segment.
fn own_resource(operation: &Operation) -> Option<String> {
    let mut segments = operation.path.segments().iter().rev();
    let literal = segments.find_map(|segment| segment.literal().filter(|text| !text.is_empty()))?;
    Some(item_of(literal))
}

fn need(
    place: Place,
    name: &str,
    resource: &str,
    role: String,
    required: bool,
    producers: Vec<Producer>,
) -> Need {
    let position = Position {
        place,
        name: name.to_owned(),
        resource: resource.to_owned(),
        consumer: !producers.is_empty(),
    };
    Need {
        position,
        role,
        required,
        producers,
        chosen_by: None,
    }
}
