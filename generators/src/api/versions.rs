//! Versions of what is changed: where an operation is told one, and which answer holds it.

use contract::Method;
use domain::api::request::{Caller, Request};
use serde_json::Value;

use super::callers::is_named;
use super::dependencies::{Found, is_version};
use super::positions::{Place, Position};
use super::preparation::Preparation;
use super::promised::body_position;
use super::sources::{answered, escaped, shape};
use super::words::plain;
use super::workbook::Workbook;

/// Which version is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Exactly this place, because it is declared.
    Declared(Found),
    /// A header's: `ETag`, or the field that holds the version.
    Etag,
    /// The field of this name.
    Field(String),
}

/// Where an operation's answer holds a version, as far as the document says.
fn version_in(book: &Workbook<'_>, index: usize, wanted: &Wanted) -> Option<Found> {
    let operation = &book.contract.operations[index];
    let has_header = |name: &str| {
        operation.successes().any(|response| {
            let mut headers = response.headers.iter();
            headers.any(|header| header.name.eq_ignore_ascii_case(name))
        })
    };
    let field = |is_it: &dyn Fn(&str) -> bool| {
        let schema = book.contract.schemas.get(answered(operation)?);
        let mut properties = schema.properties.iter();
        let found = properties.find(|property| is_it(&property.name))?;
        Some(Found::Body(format!("/{}", escaped(&found.name))))
    };
    match wanted {
        Wanted::Declared(Found::Body(pointer)) => {
            let name = pointer.trim_start_matches('/').to_owned();
            field(&|own: &str| escaped(own) == name)
        }
        Wanted::Declared(Found::Header(name) | Found::Tail(name)) => {
            has_header(name).then(|| Found::Header(name.clone()))
        }
        Wanted::Etag if has_header("ETag") => Some(Found::Header("ETag".to_owned())),
        Wanted::Etag => field(&is_version),
        Wanted::Field(name) => {
            let own = plain(name);
            field(&|other: &str| plain(other) == own)
        }
    }
}

impl Workbook<'_> {
    /// Puts the versions of another request of the same operation into a request. An attack on
    /// another's thing with the version of one's own would be refused for that alone.
    pub fn borrow_versions(&self, operation: &str, request: &mut Request, from: &Request) {
        let Some(index) = self.index_of(operation) else {
            return;
        };
        for (position, _) in self.versions(index) {
            if let Some(value) = self.position_value(from, &position) {
                self.substitute(request, &position, &value);
            }
        }
    }

    /// Where an operation is told which version it changes, and where that comes from.
    pub(crate) fn versions(&self, index: usize) -> Vec<(Position, Wanted)> {
        let operation = &self.contract.operations[index];
        if operation.method.is_safe() {
            return Vec::new();
        }
        let mut versions = Vec::new();
        // What joins a collection has no version yet, and the collection's is another's.
        let item = format!("{}/{{}}", shape(operation));
        let joins = operation.method == Method::Post
            && self
                .contract
                .operations
                .iter()
                .any(|one| shape(one) == item);
        if let Some(promise) = &self.service.promises.versions
            && is_named(operation, &promise.operations)
        {
            let found = match promise.read.strip_prefix("header ") {
                Some(name) => Found::Header(name.trim().to_owned()),
                None => Found::Body(promise.read.clone()),
            };
            let position = match promise.send.strip_prefix("header ") {
                Some(name) => header_position(name.trim()),
                None => body_position(&promise.send),
            };
            versions.push((position, Wanted::Declared(found)));
        }
        if operation
            .parameter(contract::Place::Header, "If-Match")
            .is_some_and(|parameter| parameter.required || !joins)
            && !versions
                .iter()
                .any(|(position, _)| position.name.eq_ignore_ascii_case("If-Match"))
        {
            versions.push((header_position("If-Match"), Wanted::Etag));
        }
        // Only where it must be: a field that need not be there is better left to the header.
        let contents = operation.body.iter().flat_map(|body| &body.contents);
        for id in contents.filter_map(|content| content.schema) {
            let schema = self.contract.schemas.get(id);
            for property in &schema.properties {
                let is_asked = schema.required.contains(&property.name) || versions.is_empty();
                if is_asked
                    && is_version(&property.name)
                    && operation.path.parameters().next().is_some()
                {
                    let mut position = body_position("");
                    position.name.clone_from(&property.name);
                    versions.push((position, Wanted::Field(property.name.clone())));
                }
            }
        }
        versions
    }
}

impl Preparation<'_, '_> {
    /// Binds the version that is changed, where the operation asks for one or one is promised.
    pub(crate) fn bind_versions(
        &mut self,
        index: usize,
        caller: &Caller,
        thing: &str,
        bound: &mut Vec<(Position, Value)>,
    ) {
        for (position, wanted) in self.book.versions(index) {
            if bound
                .iter()
                .any(|(other, _)| other.place == position.place && other.name == position.name)
            {
                continue;
            }
            if let Some(reference) = self.version(index, caller, thing, &wanted, bound) {
                bound.push((position, Value::String(reference)));
            }
        }
    }

    /// A reference to the version of a thing: from the last step that changed it, if its answer has
    /// it, else from a read.
    fn version(
        &mut self,
        index: usize,
        caller: &Caller,
        thing: &str,
        wanted: &Wanted,
        bound: &[(Position, Value)],
    ) -> Option<String> {
        let book = self.book;
        if let Some(&(step, made_by)) = self.changed.get(thing)
            && let Some(found) = version_in(book, made_by, wanted)
        {
            return Some(found.of_step(step));
        }
        let read = book.dependencies.reads[index]?;
        // What a thing lies in has a version of its own, which is not the thing's.
        let depth = |index: usize| book.contract.operations[index].path.parameters().count();
        if depth(read) < depth(index) {
            return None;
        }
        let found = version_in(book, read, wanted)?;
        if self.open.contains(&read) {
            return None;
        }
        let deputy = self.deputy_of(read, caller).ok()?;
        self.open.push(read);
        let same = self.same_thing(read, index, bound);
        let request = self.request(read, &deputy, &same);
        self.open.pop();
        let step = self.take(read, &deputy, request.ok()?);
        Some(found.of_step(step))
    }
}

fn header_position(name: &str) -> Position {
    Position {
        place: Place::Header,
        name: name.to_owned(),
        resource: "version".to_owned(),
        consumer: false,
    }
}
