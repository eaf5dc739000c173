//! The declared promises, each put to the test by cases of its own, in every tenant.

mod callbacks;
mod chain;
mod changes;
mod console;
mod encrypted;
mod erasure;
mod exports;
mod idempotency;
mod lifecycles;
mod noninterference;
mod provisioning;
mod reasons;
mod versions;
mod webhooks;

use std::collections::BTreeMap;

use domain::api::case::{Attack, Must, Stance, Step};
use domain::api::request::{Body, Caller, Request};
use domain::case::Phase;
use domain::control::ControlId;
use domain::system::System;
use domain::world::TenantIndex;
use serde_json::Value;

use super::attacks::call;
use super::sweep::{Sweep, salt};
use super::workbook::{Unreachable, Workbook};

/// Every case that the declared promises ask for.
pub fn promises(book: &Workbook<'_>, system: &System, tenants: usize) -> Sweep {
    let mut maker = Maker {
        book,
        system,
        tenants,
        turn: 0,
        sweep: Sweep::default(),
    };
    reasons::cases(&mut maker);
    versions::cases(&mut maker);
    lifecycles::cases(&mut maker);
    idempotency::cases(&mut maker);
    callbacks::cases(&mut maker);
    console::cases(&mut maker);
    webhooks::cases(&mut maker);
    changes::cases(&mut maker);
    chain::cases(&mut maker);
    encrypted::cases(&mut maker);
    exports::cases(&mut maker);
    erasure::cases(&mut maker);
    noninterference::cases(&mut maker);
    provisioning::cases(&mut maker);
    maker.sweep
}

/// What makers of cases share.
pub(crate) struct Maker<'a, 'b> {
    pub(crate) book: &'a Workbook<'b>,
    pub(crate) system: &'a System,
    pub(crate) tenants: usize,
    /// Whose turn it is.
    turn: usize,
    sweep: Sweep,
}

/// In how many tenants each promise is put to the test. Each case of it is the same in all.
const TENANTS_PER_PROMISE: usize = 2;

/// The steps of a case while it is made.
pub(crate) struct Draft<'a, 'b> {
    pub(crate) book: &'a Workbook<'b>,
    pub(crate) steps: Vec<Step>,
    salt: u64,
}

impl<'a, 'b> Maker<'a, 'b> {
    /// One case; `make` fills it.
    pub(crate) fn case(
        &mut self,
        title: String,
        make: impl FnOnce(&mut Draft<'a, 'b>) -> Result<(), Unreachable>,
    ) {
        let index = self.sweep.cases.len() as u64;
        let mut draft = Draft {
            book: self.book,
            steps: Vec::new(),
            salt: salt(Phase::Promises, index),
        };
        let made = make(&mut draft).map(|()| draft.steps);
        self.sweep.enter(Phase::Promises, title, made);
    }

    /// The key of the operation that a declaration means; a declaration of what the contract does
    /// not know is told, once.
    pub(crate) fn operation(&mut self, named: &str) -> Option<String> {
        let found = self.book.resolve(named);
        if found.is_none() {
            let reason = format!("the contract has no operation {named}");
            if !self.sweep.unreachable.iter().any(|(_, own)| *own == reason) {
                self.sweep
                    .unreachable
                    .push((format!("what is declared of {named}"), reason));
            }
        }
        found
    }

    /// Who does an operation, in two of the tenants: in the course of all cases in every one.
    pub(crate) fn callers(&mut self, operation: &str) -> Vec<Caller> {
        let first = self.turn;
        self.turn += 1;
        (0..self.tenants.min(TENANTS_PER_PROMISE))
            .map(|next| TenantIndex((first + next) % self.tenants.max(1)))
            .filter_map(|tenant| self.caller(operation, tenant))
            .collect()
    }

    /// Who does an operation in one tenant.
    pub(crate) fn caller(&self, operation: &str, tenant: TenantIndex) -> Option<Caller> {
        self.book.callers_for(operation, tenant).into_iter().next()
    }

    /// The same operation's caller in the tenant after this one.
    pub(crate) fn neighbour(&self, operation: &str, caller: &Caller) -> Option<Caller> {
        let tenant = caller.tenant?;
        if self.tenants < 2 {
            return None;
        }
        self.caller(operation, TenantIndex((tenant.0 + 1) % self.tenants))
    }
}

impl Draft<'_, '_> {
    /// Everything that an operation needs, all fresh, and the request itself.
    pub(crate) fn prepare(
        &mut self,
        operation: &str,
        caller: &Caller,
    ) -> Result<Request, Unreachable> {
        self.prepare_on(operation, caller, &BTreeMap::new())
    }

    /// The same, on things that are there already.
    pub(crate) fn prepare_on(
        &mut self,
        operation: &str,
        caller: &Caller,
        given: &BTreeMap<String, String>,
    ) -> Result<Request, Unreachable> {
        let salt = self.fresh();
        self.book
            .prepare_with(operation, caller, salt, &mut self.steps, given)
    }

    /// A number that nothing else of any case is named by.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.salt += 1;
        self.salt
    }

    /// Takes a step; its number, from 0.
    pub(crate) fn take(
        &mut self,
        caller: &Caller,
        operation: &str,
        request: Request,
        stance: Stance,
    ) -> usize {
        self.steps.push(call(caller, operation, request, stance));
        self.steps.len() - 1
    }

    /// The number of the next step, from 0.
    pub(crate) fn next(&self) -> usize {
        self.steps.len()
    }

    /// What stands at the path's parameters of a request, so that the next one means the same thing.
    pub(crate) fn given(&self, operation: &str, request: &Request) -> BTreeMap<String, String> {
        self.book
            .positions(operation)
            .iter()
            .filter(|position| position.place == super::positions::Place::Path)
            .filter_map(|position| {
                let value = self.book.position_value(request, position)?;
                Some((position.name.clone(), value))
            })
            .collect()
    }

    /// A look by the owner at what an operation is about, if the contract has a way to look.
    pub(crate) fn look(
        &mut self,
        operation: &str,
        request: &Request,
        caller: &Caller,
        attack: usize,
    ) {
        if let Some((reader, reading)) = self.book.witness(operation, request) {
            self.take(caller, &reader, reading, Stance::Witness { attack });
        }
    }

    /// Whether there is a way to look.
    pub(crate) fn has_witness(&self, operation: &str, request: &Request) -> bool {
        self.book.witness(operation, request).is_some()
    }
}

/// An attack on a promise.
pub(crate) fn attack(
    controls: &[&str],
    family: &str,
    position: &str,
    victim: Option<&Caller>,
    must: Must,
) -> Stance {
    Stance::Attack(Attack {
        controls: controls.iter().map(|id| ControlId::new(id)).collect(),
        family: family.into(),
        position: position.into(),
        victim: victim.cloned(),
        must,
    })
}

/// Puts a value at a JSON pointer of a request's body, or into the header that `header NAME` names;
/// `None` takes away what is there.
pub(crate) fn put(request: &mut Request, place: &str, value: Option<Value>) {
    if let Some(name) = place.strip_prefix("header ") {
        request
            .headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        if let Some(value) = value {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            request.headers.push((name.to_owned(), text));
        }
        return;
    }
    if request.body.is_none() && value.is_some() {
        request.body = Some(Body::Json {
            media_type: "application/json".into(),
            value: Value::Object(serde_json::Map::new()),
        });
    }
    let Some(Body::Json { value: body, .. }) = &mut request.body else {
        return;
    };
    let mut names: Vec<&str> = place.trim_start_matches('/').split('/').collect();
    let Some(last) = names.pop() else {
        return;
    };
    let mut inner = body;
    for name in names {
        let Value::Object(fields) = inner else {
            return;
        };
        inner = fields
            .entry(name.to_owned())
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    if let Value::Object(fields) = inner {
        match value {
            Some(value) => {
                fields.insert(last.to_owned(), value);
            }
            None => {
                fields.shift_remove(last);
            }
        }
    }
}

/// What stands at such a place.
pub(crate) fn at(request: &Request, place: &str) -> Option<Value> {
    if let Some(name) = place.strip_prefix("header ") {
        return request
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| Value::String(value.clone()));
    }
    match &request.body {
        Some(Body::Json { value, .. }) => value.pointer(place).cloned(),
        _ => None,
    }
}

/// A reference to what a step, from 0, answered at a place: a JSON pointer or `header NAME`.
pub(crate) fn reference(step: usize, place: &str) -> String {
    format!("{{{{step {} {place}}}}}", step + 1)
}

impl Draft<'_, '_> {
    /// The same as [`Draft::prepare`], with a value of the caller's own at a place of the body.
    pub(crate) fn prepare_with_field(
        &mut self,
        operation: &str,
        caller: &Caller,
        field: &str,
    ) -> Result<Request, Unreachable> {
        let mut request = self.prepare(operation, caller)?;
        self.fill_field(&mut request, operation, field, caller);
        Ok(request)
    }

    /// Puts a value of the caller's own, that nothing else has, at a place of the body.
    pub(crate) fn fill_field(
        &mut self,
        request: &mut Request,
        operation: &str,
        field: &str,
        caller: &Caller,
    ) {
        let salt = self.fresh();
        if let Some(value) = self.book.field_value(operation, field, caller, salt) {
            put(request, field, Some(value));
        }
    }

    /// A look at what an operation has made or changed.
    pub(crate) fn look_at_made(
        &mut self,
        operation: &str,
        request: &Request,
        caller: &Caller,
        attack: usize,
    ) {
        if let Some((reader, reading)) = self.book.reading_of_made(operation, request, attack) {
            self.take(caller, &reader, reading, Stance::Witness { attack });
        }
    }
}
