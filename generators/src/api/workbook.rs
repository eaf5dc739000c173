//! How each operation of a contract is called: built once, asked for every case.

use std::collections::{BTreeMap, BTreeSet};

use contract::{Contract, Method, Type};
use domain::api::case::Step;
use domain::api::request::{Caller, Request};
use domain::api::service::Service;
use domain::seed::Seed;
use domain::world::{TenantIndex, World};

use super::callers::{is_named, who_may, who_may_not};
use super::cursors::cursor_of;
use super::dependencies::Dependencies;
use super::negative::negative_bodies;
use super::odd::odd_bodies;
use super::positions::{self, Place, Position};
use super::preparation::{Preparation, seed_of};
use super::recipes::{Recipe, recipes};
use super::smuggling::{smuggled, tenant_fields};
use super::sources::{answered, list_of};
use super::states::is_declared;
use super::words::{plain, words};

/// Why an operation cannot be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// For people: `no producer gives an invoice id`.
    pub reason: String,
}

impl Unreachable {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { reason }
    }
}

/// How each operation of a contract is called.
#[derive(Debug)]
pub struct Workbook<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) service: &'a Service,
    pub(crate) world: &'a World,
    pub(crate) seed: Seed,
    pub(crate) dependencies: Dependencies,
    /// Names under which a tenant could be named, as one word each.
    pub(crate) tenant_fields: BTreeSet<String>,
    by_key: BTreeMap<&'a str, usize>,
    recipes: Vec<Vec<Recipe>>,
    chosen: Vec<usize>,
    lacking: Vec<Option<String>>,
    order: Vec<String>,
}

impl<'a> Workbook<'a> {
    /// Works out how a contract's operations are called.
    pub fn new(contract: &'a Contract, service: &'a Service, world: &'a World, seed: Seed) -> Self {
        let dependencies = Dependencies::new(contract);
        let operations = contract.operations.iter().enumerate();
        let recipes = operations.clone().map(|(index, operation)| {
            recipes(
                contract,
                &dependencies,
                index,
                is_declared(service, operation),
            )
        });
        let count = contract.operations.len();
        let mut book = Self {
            contract,
            service,
            world,
            seed: seed_of(seed),
            tenant_fields: tenant_fields(contract, service),
            by_key: operations
                .clone()
                .map(|(index, operation)| (operation.key.as_str(), index))
                .collect(),
            recipes: recipes.collect(),
            dependencies,
            chosen: vec![0; count],
            lacking: vec![None; count],
            order: Vec::new(),
        };
        book.order = book.ordered();
        book
    }

    /// Operations that are called, by key: who gives before who needs, what removes or ends at the
    /// end. What is excluded is left out.
    pub fn operations(&self) -> &[String] {
        &self.order
    }

    fn ordered(&self) -> Vec<String> {
        let mut order = Vec::new();
        for (index, operation) in self.contract.operations.iter().enumerate() {
            if is_named(operation, &self.service.excluded) {
                continue;
            }
            let is_last = is_named(operation, &self.service.last);
            let removes = operation.method == Method::Delete;
            let mut steps = Vec::new();
            let tenant = (!self.world.tenants.is_empty()).then_some(TenantIndex(0));
            let callers = tenant.map(|tenant| self.callers_for(&operation.key, tenant));
            let caller = callers.and_then(|callers| callers.into_iter().next());
            let caller = caller.unwrap_or_else(Caller::anonymous);
            // What cannot be prepared is tried when all else is known.
            let length = match self.prepare(&operation.key, &caller, 0, &mut steps) {
                Ok(_) => steps.len(),
                Err(_) => usize::MAX,
            };
            order.push((is_last, removes, length, index));
        }
        order.sort_unstable();
        let keys = order.into_iter();
        keys.map(|(.., index)| self.contract.operations[index].key.clone())
            .collect()
    }

    /// Appends to `steps` everything that `caller` must do first so that `operation` can be called
    /// on things that are fresh and his own, and returns the request, ready. Values of another
    /// `salt` are other values.
    ///
    /// # Errors
    /// When nothing gives what it needs; then nothing was appended.
    pub fn prepare(
        &self,
        operation: &str,
        caller: &Caller,
        salt: u64,
        steps: &mut Vec<Step>,
    ) -> Result<Request, Unreachable> {
        self.prepare_with(operation, caller, salt, steps, &BTreeMap::new())
    }

    /// As [`prepare`](Self::prepare), on a thing that is given: by values of path parameters, which
    /// nothing is made for then. The thing is in the state in which it was given.
    ///
    /// # Errors
    /// When nothing gives what else it needs; then nothing was appended.
    pub fn prepare_with(
        &self,
        operation: &str,
        caller: &Caller,
        salt: u64,
        steps: &mut Vec<Step>,
        given: &BTreeMap<String, String>,
    ) -> Result<Request, Unreachable> {
        let index = self.known(operation)?;
        Preparation::new(self, caller, salt, steps).request(index, caller, given)
    }

    /// As [`prepare`](Self::prepare), with one position filled that could be left out: an optional
    /// reference, or the cursor of a list's second page.
    ///
    /// # Errors
    /// When nothing gives what it needs, the position's value included; then nothing was appended.
    pub fn prepare_filled(
        &self,
        operation: &str,
        caller: &Caller,
        salt: u64,
        steps: &mut Vec<Step>,
        position: &Position,
    ) -> Result<Request, Unreachable> {
        let index = self.known(operation)?;
        let mut filling = Preparation::new(self, caller, salt, steps).filling(position);
        filling.request(index, caller, &BTreeMap::new())
    }

    /// Keys of the operations that are called before an operation, in order.
    ///
    /// # Errors
    /// When nothing gives what it needs.
    pub fn plan(&self, operation: &str, caller: &Caller) -> Result<Vec<String>, Unreachable> {
        let mut steps = Vec::new();
        self.prepare(operation, caller, 0, &mut steps)?;
        Ok(steps
            .iter()
            .map(|step| step.operation().to_owned())
            .collect())
    }

    fn known(&self, operation: &str) -> Result<usize, Unreachable> {
        let found = self.index_of(operation);
        found.ok_or_else(|| Unreachable::new(format!("the contract has no {operation}")))
    }

    /// The index of an operation by key or id.
    pub(crate) fn index_of(&self, operation: &str) -> Option<usize> {
        let by_key = self.by_key.get(operation).copied();
        by_key.or_else(|| {
            let mut operations = self.contract.operations.iter();
            operations.position(|one| {
                one.operation_id.as_deref() == Some(operation) || one.name == operation
            })
        })
    }

    pub(crate) fn recipe(&self, index: usize) -> &Recipe {
        &self.recipes[index][self.chosen[index]]
    }

    /// How many ways there are to call an operation. The first is the best guess.
    pub fn recipes(&self, operation: &str) -> usize {
        self.index_of(operation)
            .map_or(0, |index| self.recipes[index].len())
    }

    /// Makes one way the one by which an operation is called from now on.
    pub fn choose(&mut self, operation: &str, recipe: usize) {
        if let Some(index) = self.index_of(operation)
            && recipe < self.recipes[index].len()
        {
            self.chosen[index] = recipe;
            self.lacking[index] = None;
        }
    }

    /// Notes that no way worked, and why: what needs it is unreachable from now on.
    pub fn lacks(&mut self, operation: &str, reason: String) {
        if let Some(index) = self.index_of(operation) {
            self.lacking[index] = Some(reason);
        }
    }

    /// Whether no way of calling an operation worked.
    pub(crate) fn is_lacking(&self, operation: &str) -> bool {
        let index = self.index_of(operation);
        index.is_some_and(|index| self.lacking[index].is_some())
    }

    /// Whether an operation may be called on the way to another.
    pub(crate) fn permitted(&self, index: usize) -> Result<(), Unreachable> {
        let operation = &self.contract.operations[index];
        if is_named(operation, &self.service.excluded) {
            return Err(Unreachable::new(format!("{} is excluded", operation.key)));
        }
        Ok(())
    }

    /// Whether an operation may be called on the way to another, and is known to work or not yet tried.
    pub(crate) fn callable(&self, index: usize) -> Result<(), Unreachable> {
        self.permitted(index)?;
        match &self.lacking[index] {
            Some(reason) => {
                let operation = &self.contract.operations[index].key;
                let reason = format!("{operation} never succeeded: {reason}");
                Err(Unreachable::new(reason))
            }
            None => Ok(()),
        }
    }

    /// Actors of a tenant who may call an operation, those of the whole tenant first.
    pub fn callers_for(&self, operation: &str, tenant: TenantIndex) -> Vec<Caller> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        who_may(
            self.service,
            self.world,
            &self.contract.operations[index],
            tenant,
        )
    }

    /// Actors of a tenant who may not call an operation; nobody where roles are not declared.
    pub fn callers_without(&self, operation: &str, tenant: TenantIndex) -> Vec<Caller> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        let operation = &self.contract.operations[index];
        if is_named(operation, &self.service.public) {
            return Vec::new();
        }
        who_may_not(self.service, self.world, operation, tenant)
    }

    /// Whether anybody may call an operation, without credentials.
    pub fn is_open(&self, operation: &str) -> bool {
        let Some(index) = self.index_of(operation) else {
            return false;
        };
        let operation = &self.contract.operations[index];
        let admits = operation.security.as_ref().is_none_or(|requirements| {
            requirements.is_empty() || requirements.iter().any(|one| one.schemes.is_empty())
        });
        is_named(operation, &self.service.public) || (self.contract.tells_security() && admits)
    }

    /// The department that a caller acts for.
    pub fn department(&self, caller: &Caller) -> Option<usize> {
        self.service.actors.get(&caller.actor)?.department
    }

    /// A tenant's name.
    pub fn tenant_name(&self, tenant: TenantIndex) -> &str {
        &self.world.tenant(tenant).name
    }

    /// What every planted text of a tenant carries.
    pub fn mark(&self, tenant: TenantIndex) -> &str {
        &self.world.tenant(tenant).mark.text
    }

    /// Where identifiers go in a request of an operation.
    pub fn positions(&self, operation: &str) -> Vec<Position> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        let needs = self.dependencies.needs[index].iter();
        let is_made_up = |position: &Position| position.place == Place::Path && !position.consumer;
        let cursor = cursor_of(self.contract, &self.contract.operations[index]);
        needs
            .map(|need| need.position.clone())
            .filter(|position| !is_made_up(position))
            .chain(cursor.map(|cursor| cursor.position()))
            .collect()
    }

    /// What stands at a position of a request; nothing when it is not filled.
    pub fn position_value(&self, request: &Request, position: &Position) -> Option<String> {
        let template = self.template_of(request)?;
        positions::value_at(template, request, position)
    }

    /// Puts a reference or a literal at a position of a request.
    pub fn substitute(&self, request: &mut Request, position: &Position, value: &str) {
        if let Some(template) = self.template_of(request) {
            positions::put(template, request, position, value);
        }
    }

    /// The template that a request's path is of. Literal segments win over parameters.
    fn template_of(&self, request: &Request) -> Option<&'a contract::PathTemplate> {
        let operations = self.contract.operations.iter();
        operations
            .filter(|operation| operation.method.as_str() == request.method)
            .filter_map(|operation| {
                let values = super::reference::path_values(&operation.path, &request.path)?;
                Some((values.len(), &operation.path))
            })
            .min_by_key(|(parameters, _)| *parameters)
            .map(|(_, path)| path)
    }

    /// The operation that reads what `operation` works on, with its request made of the same
    /// references. For an operation without an identifier in its path, what its body refers to.
    pub fn witness(&self, operation: &str, request: &Request) -> Option<(String, Request)> {
        let index = self.index_of(operation)?;
        let template = &self.contract.operations[index].path;
        if let Some(read) = self.dependencies.reads[index] {
            let read = &self.contract.operations[read];
            let given = super::reference::path_values(template, &request.path)?;
            let order: Vec<&str> = template.parameters().collect();
            // Templates of one thing may name its parameters differently: by their order.
            let values: BTreeMap<&str, &String> = read
                .path
                .parameters()
                .zip(order)
                .filter_map(|(name, own)| Some((name, given.get(own)?)))
                .collect();
            return Some((
                read.key.clone(),
                read_request(read, |name| {
                    values
                        .get(name)
                        .map(|value| (*value).clone())
                        .unwrap_or_default()
                }),
            ));
        }
        for need in &self.dependencies.needs[index] {
            let Some(value) = self.position_value(request, &need.position) else {
                continue;
            };
            for producer in &need.producers {
                let made_by = super::sources::shape(&self.contract.operations[producer.operation]);
                let item = format!("{made_by}/{{}}");
                let mut operations = self.contract.operations.iter();
                let read = operations.find(|one| {
                    one.method == Method::Get
                        && super::sources::shape(one) == item
                        && one.path.parameters().count() == 1
                });
                if let Some(read) = read {
                    return Some((read.key.clone(), read_request(read, |_| value.clone())));
                }
            }
        }
        None
    }

    /// Operations that list a collection of things that can be made.
    pub fn lists(&self) -> Vec<String> {
        let is_list = |key: &&String| {
            let Some(index) = self.index_of(key) else {
                return false;
            };
            let operation = &self.contract.operations[index];
            let schema = answered(operation);
            operation.method == Method::Get
                && schema.is_some_and(|id| list_of(self.contract, id).is_some())
        };
        self.order.iter().filter(is_list).cloned().collect()
    }

    /// Query parameters of an operation that search by free text.
    pub fn search_parameters(&self, operation: &str) -> Vec<String> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        let operation = &self.contract.operations[index];
        let searches = |parameter: &&contract::Parameter| {
            let schema = self.contract.schemas.get(parameter.schema);
            let words = words(&parameter.name);
            let is_search = words.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "q" | "s"
                        | "query"
                        | "search"
                        | "filter"
                        | "term"
                        | "terms"
                        | "keyword"
                        | "keywords"
                        | "text"
                        | "contains"
                        | "find"
                        | "name"
                        | "like"
                        | "title"
                        | "email"
                )
            });
            parameter.place == contract::Place::Query
                && operation.method == Method::Get
                && schema.admits(Type::String)
                && schema.values.is_none()
                && schema.format.is_none()
                && is_search
        };
        let found = operation.parameters.iter().filter(searches);
        found.map(|parameter| parameter.name.clone()).collect()
    }

    /// The request with one broken constraint at a time, each with what is broken where.
    pub fn negative_bodies(&self, operation: &str, request: &Request) -> Vec<(String, Request)> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        negative_bodies(self.contract, &self.contract.operations[index], request)
    }

    /// The request with a body that is odd as a text, each with what is odd about it.
    pub fn odd_bodies(&self, operation: &str, request: &Request) -> Vec<(String, Request)> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        odd_bodies(self.contract, &self.contract.operations[index], request)
    }

    /// The request with another tenant named outside of every identifier, each with where.
    pub fn tenant_smuggles(
        &self,
        operation: &str,
        request: &Request,
        victim: TenantIndex,
    ) -> Vec<(String, Request)> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        let operation = &self.contract.operations[index];
        let victim = self.world.tenant(victim);
        smuggled(
            self.service,
            &self.tenant_fields,
            operation,
            request,
            victim,
        )
    }

    /// Whether a name is one under which a tenant could be named.
    pub fn names_tenant(&self, name: &str) -> bool {
        self.tenant_fields.contains(&plain(name))
    }
}

pub(crate) fn read_request(
    read: &contract::Operation,
    value: impl FnMut(&str) -> String,
) -> Request {
    Request {
        method: read.method.as_str().to_owned(),
        path: read.path.expand(value),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}
