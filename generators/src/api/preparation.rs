//! Everything that a caller must do first, so that an operation can be called on things that are
//! fresh and his own.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Method, Operation, Place as ParameterPlace, Type};
use domain::api::case::{Act, Manner, Stance, Step};
use domain::api::request::{Caller, Request};
use domain::seed::Seed;
use domain::world::TenantIndex;
use serde_json::Value;

use super::bodies::Fields;
use super::callers::who_may;
use super::cursors::cursor_of;
use super::dependencies::{Found, Need, Producer};
use super::positions::{Place, Position};
use super::recipes::Recipe;
use super::reference;
use super::requests::Order;
use super::serialise::text as text_of;
use super::sources::shape;
use super::states::before;
use super::values::{Ink, scalar};
use super::words::{identified, plain};
use super::workbook::{Unreachable, Workbook};

/// A chain that is longer is no preparation but a maze.
const STEPS_MAX: usize = 24;
/// Tries in all, so that no contract makes planning endless.
const TRIES_MAX: usize = 400;

/// The preparation of one request.
pub(crate) struct Preparation<'p, 'a> {
    pub(crate) book: &'p Workbook<'a>,
    caller: &'p Caller,
    salt: u64,
    steps: &'p mut Vec<Step>,
    /// Number of steps when it began.
    start: usize,
    /// Steps that made things, by producer and role.
    made: BTreeMap<(usize, String), usize>,
    /// Which item of a list is meant, by producer and role.
    items: BTreeMap<(usize, String), usize>,
    /// Names that the caller chose, by the PUT that takes them.
    named: BTreeMap<usize, String>,
    /// The PUT that is just making what it works on.
    making: Option<usize>,
    /// The last step that changed a thing, by what refers to it.
    pub(crate) changed: BTreeMap<String, (usize, usize)>,
    /// What was done to which thing before.
    done: BTreeSet<(usize, String)>,
    /// A position of the operation itself that must be filled, whatever the recipe says.
    filled: Option<&'p Position>,
    /// Producers whose own needs are being met.
    pub(crate) open: Vec<usize>,
    tries: usize,
}

/// How far from the operation itself identifiers are given that could be left out.
const OPTIONAL_DEPTH_MAX: usize = 1;

/// What was there before a try that failed.
struct Mark {
    steps: usize,
    made: BTreeMap<(usize, String), usize>,
    items: BTreeMap<(usize, String), usize>,
    named: BTreeMap<usize, String>,
    changed: BTreeMap<String, (usize, usize)>,
    done: BTreeSet<(usize, String)>,
}

impl<'p, 'a> Preparation<'p, 'a> {
    pub(crate) fn new(
        book: &'p Workbook<'a>,
        caller: &'p Caller,
        salt: u64,
        steps: &'p mut Vec<Step>,
    ) -> Self {
        let start = steps.len();
        Self {
            book,
            caller,
            salt,
            steps,
            start,
            made: BTreeMap::new(),
            items: BTreeMap::new(),
            named: BTreeMap::new(),
            making: None,
            changed: BTreeMap::new(),
            done: BTreeSet::new(),
            filled: None,
            open: Vec::new(),
            tries: 0,
        }
    }

    /// The same, with a position of the operation itself filled, whatever the recipe says.
    pub(crate) fn filling(mut self, position: &'p Position) -> Self {
        self.filled = Some(position);
        self
    }

    /// Whether an operation itself must have this position filled.
    fn must_fill(&self, position: &Position) -> bool {
        self.open.is_empty() && self.filled == Some(position)
    }

    /// The request of an operation, after all steps that it needs. On an error, no step was added.
    pub(crate) fn request(
        &mut self,
        index: usize,
        caller: &Caller,
        given: &BTreeMap<String, String>,
    ) -> Result<Request, Unreachable> {
        let mark = self.mark();
        let request = self.try_request(index, caller, given);
        if request.is_err() {
            self.back_to(mark);
        }
        request
    }

    fn mark(&self) -> Mark {
        Mark {
            steps: self.steps.len(),
            made: self.made.clone(),
            items: self.items.clone(),
            named: self.named.clone(),
            changed: self.changed.clone(),
            done: self.done.clone(),
        }
    }

    fn back_to(&mut self, mark: Mark) {
        self.steps.truncate(mark.steps);
        self.made = mark.made;
        self.items = mark.items;
        self.named = mark.named;
        self.changed = mark.changed;
        self.done = mark.done;
    }

    fn try_request(
        &mut self,
        index: usize,
        caller: &Caller,
        given: &BTreeMap<String, String>,
    ) -> Result<Request, Unreachable> {
        self.tries += 1;
        if self.tries > TRIES_MAX || self.steps.len() - self.start > STEPS_MAX {
            return Err(Unreachable::new("what it needs needs too much itself"));
        }
        let book = self.book;
        let is_new = self.making.take() == Some(index);
        let recipe = *book.recipe(index);
        let mut bound: Vec<(Position, Value)> = Vec::new();
        for need in &book.dependencies.needs[index] {
            let value = given.get(&need.position.name);
            if let (Place::Path, Some(value)) = (need.position.place, value) {
                bound.push((need.position.clone(), Value::String(value.clone())));
            } else if let Some(value) = self.needed(index, need, &recipe)? {
                bound.push((need.position.clone(), value));
            }
        }
        let thing = thing(&bound);
        // Who gives a thing has brought it into the state that he wants.
        let is_given = bound
            .iter()
            .any(|(p, value)| given.contains_key(&p.name) && value.as_str() == Some(&thing));
        let mut earlier: Vec<usize> = Vec::new();
        if !is_given {
            earlier.extend(before(book, index));
            earlier.extend(recipe.before);
        }
        for earlier in earlier {
            self.do_before(earlier, index, caller, &thing, &bound)?;
        }
        if !is_new {
            self.bind_versions(index, caller, &thing, &mut bound);
        }
        bound.extend(book.promised(index, caller, self.salt, self.steps.len()));
        if let Some(step) = reference::step_of(&thing)
            && let Some(made) = self.steps.get(step.wrapping_sub(1))
        {
            bound.extend(book.told(index, made.operation(), step));
        }
        let mut request = self.order(index, caller, &recipe, &bound);
        self.turn_page(index, caller, &mut request)?;
        Ok(request)
    }

    /// Goes on where a page of one ended, when it is the cursor that must be filled.
    fn turn_page(
        &mut self,
        index: usize,
        caller: &Caller,
        request: &mut Request,
    ) -> Result<(), Unreachable> {
        let book = self.book;
        let cursor = cursor_of(book.contract, &book.contract.operations[index]);
        let Some(cursor) = cursor.filter(|cursor| self.must_fill(&cursor.position())) else {
            return Ok(());
        };
        if let Some((size, least)) = &cursor.size {
            request.query.retain(|(name, _)| name != size);
            request.query.push((size.clone(), least.to_string()));
        }
        // Enough for a second page; where nothing can be made, what is there must do.
        let own = shape(&book.contract.operations[index]);
        let mut operations = book.contract.operations.iter();
        let maker = operations.position(|one| one.method == Method::Post && shape(one) == own);
        let pages = cursor.size.as_ref().map_or(1, |(_, least)| *least);
        if let Some(maker) = maker {
            let found = Found::Body("/id".to_owned());
            let producer = Producer {
                operation: maker,
                found,
            };
            for number in 0..pages.min(3) + 1 {
                self.produce(&producer, &format!("listed {number}"))?;
            }
        }
        let first = self.take(index, caller, request.clone());
        let next = Found::Body(cursor.next.clone()).of_step(first);
        request.query.push((cursor.parameter, next));
        Ok(())
    }

    /// What values of an operation are written with, for a caller.
    fn ink(&self, index: usize, caller: &Caller) -> Ink<'a> {
        let book = self.book;
        let tenant = book.world.tenant(caller.tenant.unwrap_or(TenantIndex(0)));
        // Two things of one kind in one case differ, too.
        let number = u64::try_from(self.steps.len()).unwrap_or_default();
        let own = book.seed.nth(self.salt);
        let key = &book.contract.operations[index].key;
        Ink {
            mark: &tenant.mark,
            salt: own.child(key).nth(number).0,
            day: own.child("day").0,
            is_plain: book.recipe(index).is_plain,
        }
    }

    fn order(
        &self,
        index: usize,
        caller: &Caller,
        recipe: &Recipe,
        bound: &[(Position, Value)],
    ) -> Request {
        let book = self.book;
        let tenant = book.world.tenant(caller.tenant.unwrap_or(TenantIndex(0)));
        let order = Order {
            contract: book.contract,
            operation: &book.contract.operations[index],
            recipe,
            ink: self.ink(index, caller),
            bound,
            tenant_fields: &book.tenant_fields,
            tenant_value: &super::smuggling::value_of(tenant),
        };
        order.request()
    }

    /// What stands at a position; nothing when it is left out.
    fn needed(
        &mut self,
        index: usize,
        need: &Need,
        recipe: &Recipe,
    ) -> Result<Option<Value>, Unreachable> {
        // What is only needed by something that is needed gets no more than it must have.
        let is_near = self.open.len() <= OPTIONAL_DEPTH_MAX;
        let is_wanted = need.required
            || self.must_fill(&need.position)
            || (is_near && matches!(recipe.fields, Fields::Bound | Fields::All));
        if !is_wanted {
            return Ok(None);
        }
        let names_tenant = self
            .book
            .tenant_fields
            .contains(&plain(&need.position.name));
        if names_tenant && !need.required {
            return Ok(None);
        }
        if let Some(own) = self.book.own_department(self.caller, need) {
            return Ok(Some(own));
        }
        let is_removed = self.removes(index, need);
        // What is made under a name of one's own is better than what is only found, too.
        let mut unmade = None;
        if let Some(put) = need.chosen_by
            && (is_removed || need.producers.is_empty() || recipe.producer == 0)
        {
            match self.chosen(put) {
                Ok(name) => return Ok(Some(Value::String(name))),
                Err(why) if is_removed || need.producers.is_empty() => return Err(why),
                Err(why) => unmade = Some(why),
            }
        }
        match self.produced(need, recipe, is_removed) {
            Ok(reference) => Ok(Some(Value::String(reference))),
            Err(_) if !need.required && !self.must_fill(&need.position) => Ok(None),
            Err(why) => {
                let operation = &self.book.contract.operations[index];
                if need.producers.is_empty() && !is_identifier(self.book, operation, need) {
                    // A year, a word, a file's name: made up, as any other parameter.
                    return Ok(None);
                }
                Err(unmade.unwrap_or(why))
            }
        }
    }

    /// Whether an operation removes what a need asks for.
    fn removes(&self, index: usize, need: &Need) -> bool {
        let operation = &self.book.contract.operations[index];
        operation.method == Method::Delete
            && need.position.place == Place::Path
            && operation.path.parameters().last() == Some(&need.position.name)
    }

    /// A reference to what a need asks for, after the steps that make it. What is removed was made for it,
    /// wherever something is made at all: what was only found may be what all others live on, such as the
    /// tenant himself.
    fn produced(
        &mut self,
        need: &Need,
        recipe: &Recipe,
        is_removed: bool,
    ) -> Result<String, Unreachable> {
        let resource = &need.position.resource;
        let mut reason = None;
        let first = recipe.producer.min(need.producers.len().saturating_sub(1));
        let (before, after) = need.producers.split_at(first);
        // What others make for the caller may not be his: he asks those first that he may call.
        let mut order: Vec<&Producer> = after.iter().chain(before).collect();
        // But what is made is better than what is only found.
        let is_found = |producer: &Producer| {
            let maker = &self.book.contract.operations[producer.operation];
            maker.method.is_safe()
        };
        order.sort_by_key(|producer| (is_found(producer), !self.may(producer.operation)));
        if is_removed && order.first().is_some_and(|first| !is_found(first)) {
            order.retain(|producer| !is_found(producer));
        }
        for producer in order {
            match self.produce(producer, &need.role) {
                Ok(step) => {
                    let wanted = match need.position.place {
                        Place::Path => 0,
                        _ => recipe.item,
                    };
                    // Whoever asks for the same again means the same item.
                    let key = (producer.operation, need.role.clone());
                    let item = *self.items.entry(key).or_insert(wanted);
                    return Ok(producer.found.of_item(item).of_step(step));
                }
                Err(why) => reason = reason.or(Some(why.reason)),
            }
        }
        Err(Unreachable::new(match reason {
            None => format!("no producer gives {} id", with_article(resource)),
            Some(reason) => format!("no producer gives {} id: {reason}", with_article(resource)),
        }))
    }

    /// A name of the caller's choice, after the PUT that makes the thing under it: also before that PUT
    /// itself, which changes what is there then.
    fn chosen(&mut self, put: usize) -> Result<String, Unreachable> {
        if let Some(name) = self.named.get(&put) {
            return Ok(name.clone());
        }
        let book = self.book;
        let maker = &book.contract.operations[put];
        let last = maker.path.parameters().last().unwrap_or_default();
        let parameter = maker.parameter(ParameterPlace::Path, last);
        let Some(parameter) = parameter else {
            return Err(Unreachable::new(format!(
                "{} has no name to choose",
                maker.key
            )));
        };
        book.callable(put)?;
        if self.open.contains(&put) {
            return Err(Unreachable::new(format!("{} needs one itself", maker.key)));
        }
        let schema = book.contract.schemas.get(parameter.schema);
        let kind = match schema.admits(Type::String) {
            true => Type::String,
            false => Type::Integer,
        };
        // Any word for a machine: no blanks, no slashes.
        let name = text_of(&scalar(kind, schema, "key", &self.ink(put, self.caller)));
        let caller = self.deputy(put)?;
        let given = BTreeMap::from([(last.to_owned(), name.clone())]);
        self.named.insert(put, name.clone());
        self.open.push(put);
        self.making = Some(put);
        let request = self.request(put, &caller, &given);
        self.making = None;
        self.open.pop();
        let step = match request {
            Ok(request) => self.take(put, &caller, request),
            Err(why) => {
                self.named.remove(&put);
                return Err(why);
            }
        };
        self.changed.insert(name.clone(), (step, put));
        Ok(name)
    }

    fn produce(&mut self, producer: &Producer, role: &str) -> Result<usize, Unreachable> {
        let index = producer.operation;
        let key = (index, role.to_owned());
        if let Some(step) = self.made.get(&key) {
            return Ok(*step);
        }
        let book = self.book;
        book.callable(index)?;
        if self.open.contains(&index) {
            let operation = &book.contract.operations[index].key;
            return Err(Unreachable::new(format!("{operation} needs one itself")));
        }
        let caller = self.deputy(index)?;
        self.open.push(index);
        let request = self.request(index, &caller, &BTreeMap::new());
        self.open.pop();
        let step = self.take(index, &caller, request?);
        self.made.insert(key, step);
        self.changed
            .insert(producer.found.of_step(step), (step, index));
        Ok(step)
    }

    /// Does something to a thing before the operation that needs it done.
    fn do_before(
        &mut self,
        earlier: usize,
        index: usize,
        caller: &Caller,
        thing: &str,
        bound: &[(Position, Value)],
    ) -> Result<(), Unreachable> {
        if thing.is_empty()
            || self.open.contains(&earlier)
            || !self.done.insert((earlier, thing.to_owned()))
        {
            return Ok(());
        }
        self.book.permitted(earlier)?;
        let deputy = self.deputy_of(earlier, caller)?;
        self.open.push(earlier);
        let same = self.same_thing(earlier, index, bound);
        // What was done before that is done again only if it must be.
        let request = self.request_before(earlier, &deputy, &same);
        self.open.pop();
        let step = self.take(earlier, &deputy, request?);
        self.changed.insert(thing.to_owned(), (step, earlier));
        Ok(())
    }

    /// An operation on a thing whose states are not in the hands of whoever asked: what must come
    /// before it, comes before it.
    fn request_before(
        &mut self,
        index: usize,
        caller: &Caller,
        same: &BTreeMap<String, String>,
    ) -> Result<Request, Unreachable> {
        let mark = self.mark();
        let bound: Vec<(Position, Value)> = self.book.dependencies.needs[index]
            .iter()
            .filter_map(|need| {
                let value = same.get(&need.position.name)?;
                Some((need.position.clone(), Value::String(value.clone())))
            })
            .collect();
        let thing = thing(&bound);
        let mut earlier: Vec<usize> = before(self.book, index).into_iter().collect();
        earlier.extend(self.book.recipe(index).before);
        for earlier in earlier {
            if let Err(why) = self.do_before(earlier, index, caller, &thing, &bound) {
                self.back_to(mark);
                return Err(why);
            }
        }
        let request = self.request(index, caller, same);
        if request.is_err() {
            self.back_to(mark);
        }
        request
    }

    /// Path parameters by which another operation works on the same thing. Templates may name them
    /// differently: by their order.
    pub(crate) fn same_thing(
        &self,
        other: usize,
        index: usize,
        bound: &[(Position, Value)],
    ) -> BTreeMap<String, String> {
        let operations = &self.book.contract.operations;
        let own = operations[index].path.parameters();
        let theirs = operations[other].path.parameters();
        let value = |name: &str| {
            let mut in_path = bound.iter().filter(|(p, _)| p.place == Place::Path);
            let found = in_path.find(|(position, _)| position.name == name)?;
            found.1.as_str().map(str::to_owned)
        };
        theirs
            .zip(own)
            .filter_map(|(other, name)| Some((other.to_owned(), value(name)?)))
            .collect()
    }

    pub(crate) fn take(&mut self, index: usize, caller: &Caller, request: Request) -> usize {
        self.steps.push(Step {
            act: Act::Call {
                caller: caller.clone(),
                operation: self.book.contract.operations[index].key.clone(),
                request,
            },
            stance: Stance::Prepare,
            manner: Manner::Alone,
        });
        self.steps.len()
    }

    /// Whether the caller himself may call an operation.
    fn may(&self, index: usize) -> bool {
        let Some(tenant) = self.caller.tenant else {
            return true;
        };
        let book = self.book;
        let operation = &book.contract.operations[index];
        who_may(book.service, book.world, operation, tenant).contains(self.caller)
    }

    /// Who does a step for the caller: himself if he may, else somebody of his department.
    fn deputy(&self, index: usize) -> Result<Caller, Unreachable> {
        self.deputy_of(index, self.caller)
    }

    pub(crate) fn deputy_of(&self, index: usize, caller: &Caller) -> Result<Caller, Unreachable> {
        let book = self.book;
        let Some(tenant) = caller.tenant else {
            return Ok(caller.clone());
        };
        let operation = &book.contract.operations[index];
        let all = who_may(book.service, book.world, operation, tenant);
        if all.is_empty() && book.service.actors.is_empty() {
            return Ok(caller.clone());
        }
        let department = book.department(caller);
        let same = |other: &&Caller| department.is_none() || book.department(other) == department;
        let general = |other: &&Caller| book.department(other).is_none();
        let found = all.iter().find(|other| *other == caller);
        let found = found.or_else(|| all.iter().find(same));
        let found = found.or_else(|| all.iter().find(general));
        found.cloned().ok_or_else(|| {
            let key = &operation.key;
            Unreachable::new(format!("no declared actor who could help may call {key}"))
        })
    }
}

/// What an operation works on: the last identifier of its path.
fn thing(bound: &[(Position, Value)]) -> String {
    let mut in_path = bound.iter().rev().filter(|(p, _)| p.place == Place::Path);
    let last = in_path.next().and_then(|(_, value)| value.as_str());
    last.unwrap_or_default().to_owned()
}

/// Whether a path parameter that nothing gives is an identifier, rather than a value that can be
/// made up.
fn is_identifier(book: &Workbook<'_>, operation: &Operation, need: &Need) -> bool {
    if need.position.place != Place::Path {
        return false;
    }
    let Some(parameter) = operation.parameter(ParameterPlace::Path, &need.position.name) else {
        return false;
    };
    let schema = book.contract.schemas.get(parameter.schema);
    let is_free =
        schema.values.is_some() || !parameter.examples.is_empty() || !schema.examples.is_empty();
    !is_free && (identified(&parameter.name).is_some() || schema.format.as_deref() == Some("uuid"))
}

/// `an invoice`, `a customer`.
pub(crate) fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// The seed of everything that is made up.
pub(crate) fn seed_of(seed: Seed) -> Seed {
    seed.child("api values")
}
