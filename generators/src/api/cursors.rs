//! Cursors of lists: which parameter goes on where a page ended, and which field of a page says
//! where that was.

use contract::{Contract, Method, Operation, Place as ParameterPlace, Type};

use super::positions::{Place, Position};
use super::sources::{answered, escaped, list_of};
use super::words::plain;

/// How an operation's pages hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The query parameter that takes a cursor.
    pub(crate) parameter: String,
    /// Where a page holds the next one, as a JSON pointer.
    pub(crate) next: String,
    /// The query parameter for the length of a page, and the least length.
    pub(crate) size: Option<(String, i64)>,
}

impl Cursor {
    /// The position of the cursor in a request.
    pub(crate) fn position(&self) -> Position {
        Position {
            place: Place::Query,
            name: self.parameter.clone(),
            resource: "cursor".to_owned(),
            consumer: false,
        }
    }
}

/// The cursor of an operation that lists in pages.
pub(crate) fn cursor_of(contract: &Contract, operation: &Operation) -> Option<Cursor> {
    if operation.method != Method::Get {
        return None;
    }
    let page = answered(operation)?;
    list_of(contract, page)?;
    let query = |known: &[&str]| {
        let mut parameters = operation.parameters.iter();
        parameters.find(|parameter| {
            parameter.place == ParameterPlace::Query
                && known.contains(&plain(&parameter.name).as_str())
        })
    };
    let parameter = query(&[
        "cursor",
        "after",
        "pagetoken",
        "continuationtoken",
        "continuation",
        "startingafter",
        "nexttoken",
        "marker",
        "token",
    ])?;
    let size = query(&[
        "limit",
        "pagesize",
        "perpage",
        "size",
        "top",
        "first",
        "take",
        "maxresults",
        "count",
    ]);
    let size = size.map(|parameter| {
        let schema = contract.schemas.get(parameter.schema);
        let least = schema
            .minimum
            .as_ref()
            .and_then(|bound| bound.value.as_i64());
        (parameter.name.clone(), least.unwrap_or(1).max(1))
    });
    Some(Cursor {
        parameter: parameter.name.clone(),
        next: next_of(contract, page, "", 0)?,
        size,
    })
}

fn next_of(
    contract: &Contract,
    id: contract::SchemaId,
    pointer: &str,
    depth: usize,
) -> Option<String> {
    const NEXT: [&str; 10] = [
        "nextcursor",
        "next",
        "cursor",
        "nextpagetoken",
        "nexttoken",
        "continuationtoken",
        "endcursor",
        "aftercursor",
        "nextmarker",
        "after",
    ];
    let schema = contract.schemas.get(id);
    let below = |name: &str| format!("{pointer}/{}", escaped(name));
    for property in &schema.properties {
        let own = contract.schemas.get(property.schema);
        if NEXT.contains(&plain(&property.name).as_str()) && own.admits(Type::String) {
            return Some(below(&property.name));
        }
    }
    let objects = schema
        .properties
        .iter()
        .filter(|property| depth == 0 && contract.schemas.get(property.schema).is_object());
    let mut objects = objects;
    objects
        .find_map(|property| next_of(contract, property.schema, &below(&property.name), depth + 1))
}
