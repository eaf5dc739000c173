//! Which identifiers an operation needs, and where: in its path, its parameters, its body however
//! deep. Who gives them is asked of [`super::dependencies`].

use contract::{Operation, Schema, SchemaId, Status, Type};

use super::bodies::alternative;
use super::dependencies::{Finder, Need, Producer, is_version};
use super::positions::{Place, Position, element, field};
use super::sources::Kind;
use super::words::{identified, item_of, plain, singular, words};

impl Finder<'_> {
    /// What an operation needs; what its path needs comes first.
    pub(crate) fn needs(&self, operation: &Operation) -> Vec<Need> {
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
                let chosen_by = chosen_by
                    .filter(|put| is_whole(segment) && self.is_needed_to_make(*put, &producers));
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

    /// Whether things are made by this PUT, as far as the document tells: nobody else makes them, and it
    /// says that it does, or nobody even lists them.
    fn is_needed_to_make(&self, put: usize, producers: &[Producer]) -> bool {
        let operation = &self.contract.operations[put];
        let mut successes = operation.successes();
        let makes = successes.any(|response| response.status == Status::Exact(201));
        let is_made = |producer: &Producer| {
            let maker = &self.contract.operations[producer.operation];
            !maker.method.is_safe()
        };
        producers.is_empty() || (makes && !producers.iter().any(is_made))
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

    /// Whether an operation makes something, rather than doing something to what is there.
    fn makes(&self, operation: &Operation) -> bool {
        self.sources.iter().any(|source| {
            let maker = &self.contract.operations[source.operation];
            source.kind == Kind::Create && maker.key == operation.key
        })
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
        let makes_own = self.makes(walk.operation) && role.is_empty();
        if makes_own && own.as_deref() == Some(resource.as_str()) && !place.contains(['.', '[']) {
            return;
        }
        // The substitute of a product is another product by its own name, not that one's substitute.
        let among_its_like = !role.is_empty() && own.as_deref() == Some(resource.as_str());
        let plain_name = format!("{resource}_{suffix}");
        let asked = if among_its_like { &plain_name } else { name };
        let producers = self.producers(walk.operation, &resource, &suffix, asked, id);
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
        let by_parameter = self.by_parameter.get(&plain(name)).into_iter().flatten();
        let mut by_parameter =
            by_parameter.filter(|resource| self.by_resource.contains_key(resource.as_str()));
        if let Some(resource) = by_parameter.next() {
            return Some((resource.clone(), String::new(), "id".to_owned()));
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
            ([word], Some(own)) if AMONG_THEIR_LIKE.contains(&word.as_str()) => {
                Some((own.to_owned(), word.clone(), suffix))
            }
            _ => None,
        }
    }
}

/// What things of one kind are to each other.
const AMONG_THEIR_LIKE: &[&str] = &[
    "parent",
    "root",
    "previous",
    "predecessor",
    "successor",
    "original",
    "duplicate",
    "replaces",
    "replacement",
    "substitute",
    "alternative",
    "supersedes",
    "related",
];

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
