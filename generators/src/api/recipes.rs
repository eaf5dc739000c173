//! Ways to call an operation. The rehearsal finds the one that works; nobody has to say it.

use contract::{Contract, Method};

use super::bodies::Fields;
use super::dependencies::Dependencies;
use super::sources::shape;

/// One way to call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// Which fields are sent.
    pub(crate) fields: Fields,
    /// Whether numbers and dates are ordinary ones.
    pub(crate) is_plain: bool,
    /// Which of several producers is asked.
    pub(crate) producer: usize,
    /// Which of what is only listed is taken outside of the path: the first may be in use already.
    pub(crate) item: usize,
    /// What must be done to the same thing before, such as posting before voiding.
    pub(crate) before: Option<usize>,
    /// Which of several media types is sent.
    pub(crate) content: usize,
}

/// Best guess.
const FIRST: Recipe = Recipe {
    fields: Fields::Bound,
    is_plain: false,
    producer: 0,
    item: 0,
    before: None,
    content: 0,
};

/// Siblings that are tried before an operation.
const BEFORE_MAX: usize = 4;
/// Further items of lists that are tried.
const ITEMS_MAX: usize = 2;
/// Other producers that are asked.
const PRODUCERS_MAX: usize = 3;

/// The ways to call an operation, the best guess first.
pub(crate) fn recipes(
    contract: &Contract,
    dependencies: &Dependencies,
    index: usize,
    has_declared_states: bool,
) -> Vec<Recipe> {
    let operation = &contract.operations[index];
    let needs = &dependencies.needs[index];
    let has_body = operation.body.is_some();
    let mut recipes = vec![FIRST];
    let with = |fields: Fields, is_plain: bool| Recipe {
        fields,
        is_plain,
        ..FIRST
    };
    if needs.iter().any(|need| !need.required) {
        recipes.push(with(Fields::Required, false));
    }
    let is_listed = |need: &super::dependencies::Need| {
        let first = need.producers.first();
        let maker = first.map(|producer| &contract.operations[producer.operation]);
        need.position.place != super::positions::Place::Path
            && maker.is_some_and(|maker| maker.method.is_safe())
    };
    if needs.iter().any(is_listed) {
        recipes.extend((1..=ITEMS_MAX).map(|item| Recipe { item, ..FIRST }));
    }
    if !has_declared_states {
        let before = before(contract, dependencies, index)
            .into_iter()
            .take(BEFORE_MAX);
        recipes.extend(before.map(|before| Recipe {
            before: Some(before),
            ..FIRST
        }));
    }
    // A path and a condition say nothing that could be plain.
    let says_more = operation.parameters.iter().any(|parameter| {
        !matches!(
            parameter.place,
            contract::Place::Path | contract::Place::Header
        )
    });
    if has_body || says_more {
        recipes.push(with(Fields::Bound, true));
    }
    if has_body {
        recipes.push(with(Fields::Required, true));
    }
    let contents = operation.body.iter().flat_map(|body| &body.contents);
    let has_example = contents.clone().any(|content| {
        let schema = content.schema.map(|id| contract.schemas.get(id));
        let fields = schema.iter().flat_map(|schema| &schema.properties);
        let mut fields = fields.map(|property| contract.schemas.get(property.schema));
        !content.examples.is_empty()
            || schema.is_some_and(|schema| !schema.examples.is_empty())
            || fields.any(|field| !field.examples.is_empty())
    });
    if has_example || operation.parameters.iter().any(|p| !p.examples.is_empty()) {
        recipes.push(with(Fields::Example, false));
    }
    if has_body
        || operation
            .parameters
            .iter()
            .any(|parameter| !parameter.required)
    {
        recipes.push(with(Fields::All, false));
        recipes.push(with(Fields::All, true));
    }
    // Who makes a thing under a name of his own stands before those who only list some.
    let producers = needs.iter().map(|need| {
        need.producers.len() + usize::from(need.chosen_by.is_some() && !need.producers.is_empty())
    });
    let producers = producers.max();
    for producer in 1..producers.unwrap_or_default().min(PRODUCERS_MAX) {
        recipes.push(Recipe { producer, ..FIRST });
    }
    for content in 1..contents.count() {
        recipes.push(Recipe { content, ..FIRST });
    }
    recipes
}

/// What may have to be done first, the likeliest first: what puts there what the operation is about,
/// then what else can be done by POST to the thing that it works on.
fn before(contract: &Contract, dependencies: &Dependencies, index: usize) -> Vec<usize> {
    let operation = &contract.operations[index];
    let own = shape(operation);
    let at = |method: Method, wanted: &str| {
        let mut operations = contract.operations.iter();
        let found = operations.position(|one| one.method == method && shape(one) == wanted);
        found.filter(|found| *found != index)
    };
    let mut before = Vec::new();
    // `GET /customers/{}/account` after `PUT /customers/{}/account`: there is one at most.
    let is_single = !own.ends_with("{}") && own.contains("{}");
    if is_single && operation.method != Method::Put {
        before.extend(at(Method::Put, &own));
    }
    // `DELETE /users/{}/roles/{}` after `POST /users/{}/roles`: it makes no role, it gives one.
    let makes = |other: usize| {
        let needs = dependencies.needs[index].iter();
        let mut producers = needs.flat_map(|need| &need.producers);
        producers.any(|producer| producer.operation == other)
    };
    if let Some(collection) = own
        .strip_suffix("/{}")
        .filter(|collection| collection.contains("{}"))
    {
        before.extend(at(Method::Post, collection).filter(|giver| !makes(*giver)));
    }
    let Some(end) = own.rfind("{}").filter(|_| !operation.method.is_safe()) else {
        return before;
    };
    let item = &own[..end + 2];
    for (other, sibling) in contract.operations.iter().enumerate() {
        let shape = shape(sibling);
        let verb = shape
            .strip_prefix(item)
            .and_then(|rest| rest.strip_prefix('/'));
        let is_action = verb.is_some_and(|verb| !verb.contains(['/', '{']));
        if other != index && sibling.method == Method::Post && is_action && !before.contains(&other)
        {
            before.push(other);
        }
    }
    before
}
