//! Which operation gives what another needs: by links, by the structure of paths, by names.

use std::collections::BTreeMap;

use contract::{Contract, Expression, Method, Operation, Schema, SchemaId, Type};

use super::positions::Position;
use super::reference;
use super::sources::{Kind, Source, by_resource, shape, sources};
use super::words::{identified, item_of, plain};

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
    /// The PUT that makes the thing under a name of the caller's choice, where nobody else makes one.
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
    /// The same of another item, when it lies in a list.
    pub(crate) fn of_item(&self, item: usize) -> Self {
        let Self::Body(pointer) = self else {
            return self.clone();
        };
        let mut is_found = false;
        let parts = pointer.split('/').map(|part| {
            if part == "0" && !is_found {
                is_found = true;
                item.to_string()
            } else {
                part.to_owned()
            }
        });
        Self::Body(parts.collect::<Vec<_>>().join("/"))
    }

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
            by_parameter: by_parameter(contract),
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

/// The GET of the same path, unless that lists what is made there, else of the path up to its last
/// parameter; shorter when there is none.
fn read_of(contract: &Contract, operation: &Operation) -> Option<usize> {
    let own = shape(operation);
    let mut operations = contract.operations.iter();
    let same = operations.position(|one| one.method == Method::Get && shape(one) == own);
    if same.is_some() && operation.method != Method::Post && own.contains("{}") {
        return same;
    }
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

/// What path parameters identify, by their names as one word: `subOrgId` of
/// `/sub-organisations/{subOrgId}` is a sub-organisation's wherever it stands.
fn by_parameter(contract: &Contract) -> BTreeMap<String, Vec<String>> {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operation in &contract.operations {
        for pair in operation.path.segments().windows(2) {
            let Some(collection) = pair[0].literal().filter(|text| !text.is_empty()) else {
                continue;
            };
            let says = |name: &&str| identified(name).is_some_and(|words| !words.is_empty());
            for name in pair[1].parameters().filter(says) {
                let resources = known.entry(plain(name)).or_default();
                let resource = item_of(collection);
                if !resources.contains(&resource) {
                    resources.push(resource);
                }
            }
        }
    }
    known
}

/// Finds who gives what in one contract.
pub(crate) struct Finder<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) sources: &'a [Source],
    pub(crate) by_resource: BTreeMap<&'a str, Vec<usize>>,
    /// What a path parameter of a name that says so identifies, by its name as one word.
    pub(crate) by_parameter: BTreeMap<String, Vec<String>>,
}

impl Finder<'_> {
    /// The PUT of this shape.
    pub(crate) fn put_at(&self, item: &str) -> Option<usize> {
        let mut operations = self.contract.operations.iter();
        operations.position(|one| one.method == Method::Put && shape(one) == item)
    }

    /// Producers that links name for a parameter.
    pub(crate) fn linked(&self, operation: &Operation, name: &str) -> Vec<Producer> {
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

    /// Who gives a resource's identifier.
    pub(crate) fn producers(
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
        // Whoever else has a field of just this name in his answer: a job that was begun, the caller
        // himself. Those that need the least go first.
        let wanted = plain(name);
        let says = suffix == "id" && identified(name).is_some_and(|words| !words.is_empty());
        let mut others: Vec<(usize, Producer)> = Vec::new();
        for source in self
            .sources
            .iter()
            .filter(|source| says && source.kind != Kind::List)
        {
            let maker = &self.contract.operations[source.operation];
            if maker.key == operation.key || self.works_on(maker, resource) {
                continue;
            }
            for field in &source.fields {
                if plain(&field.name) == wanted
                    && field.within.is_none()
                    && self.fits(id, field.schema)
                {
                    let found = Found::Body(field.pointer.clone());
                    let operation = source.operation;
                    let producer = Producer { operation, found };
                    others.push((maker.path.parameters().count(), producer));
                }
            }
        }
        others.sort_by_key(|(parameters, _)| *parameters);
        producers.extend(others.into_iter().map(|(_, producer)| producer));
        self.sort(&mut producers);
        producers
    }

    /// Adds what a source gives for a name: the field of the name itself, else the thing's id, else
    /// the end of its address.
    #[expect(clippy::too_many_arguments, reason = "what a name says has many parts")]
    pub(crate) fn add(
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
    pub(crate) fn sort(&self, producers: &mut Vec<Producer>) {
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
