//! What an operation is about: who reads it, who changes it, how it is referred to once it is made.

use std::collections::BTreeMap;

use contract::{Method, Schema, SchemaId};
use domain::api::request::{Caller, Request};
use domain::world::TenantIndex;
use serde_json::Value;

use super::bodies::{Fields, Writer, alternative};
use super::dependencies::Found;
use super::positions::{Hop, hops};
use super::promised::body_position;
use super::reference::path_values;
use super::sources::shape;
use super::values::Ink;
use super::workbook::{Workbook, read_request};
use domain::api::service::Service;

impl Workbook<'_> {
    /// The declared service.
    pub fn service(&self) -> &Service {
        self.service
    }

    /// The key of the operation that a key or operationId means.
    pub fn resolve(&self, name: &str) -> Option<String> {
        let index = self.index_of(name)?;
        Some(self.contract.operations[index].key.clone())
    }

    /// Names of an operation's path parameters, in order.
    pub fn path_parameters(&self, operation: &str) -> Vec<String> {
        let Some(index) = self.index_of(operation) else {
            return Vec::new();
        };
        let parameters = self.contract.operations[index].path.parameters();
        parameters.map(str::to_owned).collect()
    }

    /// The operation that reads what an operation makes or works on.
    pub fn reader_of(&self, operation: &str) -> Option<String> {
        let index = self.index_of(operation)?;
        let read = self.item_operation(index, &[Method::Get]);
        let read = read.or(self.dependencies.reads[index])?;
        Some(self.contract.operations[read].key.clone())
    }

    /// The operation that changes what an operation makes or works on.
    pub fn changer_of(&self, operation: &str) -> Option<String> {
        let index = self.index_of(operation)?;
        let changer = self.item_operation(index, &[Method::Patch, Method::Put])?;
        Some(self.contract.operations[changer].key.clone())
    }

    /// The operation with one of these methods on the item that an operation makes, else on the one
    /// that it works on.
    fn item_operation(&self, index: usize, methods: &[Method]) -> Option<usize> {
        let own = shape(&self.contract.operations[index]);
        let made = match self.contract.operations[index].method {
            Method::Post => format!("{own}/{{}}"),
            // Such as an account that a thing has one of.
            _ => own.clone(),
        };
        let works_on = own.rfind("{}").map(|at| own[..at + 2].to_owned());
        for item in std::iter::once(made).chain(works_on) {
            for method in methods {
                let mut operations = self.contract.operations.iter();
                let found = operations.position(|one| one.method == *method && shape(one) == item);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// The reference to the identifier that an operation's answer gives, when it is the step of this
    /// number, counted from 0.
    pub fn made_by(&self, operation: &str, step: usize) -> String {
        let found = self.index_of(operation).and_then(|index| self.gives(index));
        let found = found.unwrap_or_else(|| Found::Body("/id".to_owned()));
        found.of_step(step + 1)
    }

    /// Where an operation's answer holds the identifier of what it made: where most who need one
    /// find it.
    fn gives(&self, index: usize) -> Option<Found> {
        let item = format!("{}/{{}}", shape(&self.contract.operations[index]));
        let mut others = Vec::new();
        for (other, needs) in self.dependencies.needs.iter().enumerate() {
            let is_item = shape(&self.contract.operations[other]).starts_with(&item);
            for need in needs {
                let mut producers = need.producers.iter();
                if let Some(producer) = producers.find(|producer| producer.operation == index) {
                    if is_item {
                        return Some(producer.found.clone());
                    }
                    others.push(producer.found.clone());
                }
            }
        }
        let described = self.dependencies.identities.get(&index).cloned();
        others.into_iter().next().or(described)
    }

    /// The request that reads what an operation made, or changed, in the step of this number,
    /// counted from 0.
    pub fn reading_of_made(
        &self,
        operation: &str,
        request: &Request,
        step: usize,
    ) -> Option<(String, Request)> {
        let index = self.index_of(operation)?;
        let operation = &self.contract.operations[index];
        let made = format!("{}/{{}}", shape(operation));
        let mut operations = self.contract.operations.iter();
        let is_post = operation.method == Method::Post;
        let read =
            operations.find(|one| is_post && one.method == Method::Get && shape(one) == made);
        let Some(read) = read else {
            return self.dependencies.reads[index]
                .and_then(|_| self.witness(&operation.key, request));
        };
        let given = path_values(&operation.path, &request.path)?;
        let mut values: Vec<String> = operation
            .path
            .parameters()
            .map(|name| given.get(name).cloned().unwrap_or_default())
            .collect();
        values.push(self.made_by(&operation.key, step));
        let by_name: BTreeMap<&str, String> = read.path.parameters().zip(values).collect();
        let value = |name: &str| by_name.get(name).cloned().unwrap_or_default();
        Some((read.key.clone(), read_request(read, value)))
    }

    /// A value for a field of an operation's body, by JSON pointer: valid, the caller's own, and
    /// another for every salt.
    pub fn field_value(
        &self,
        operation: &str,
        pointer: &str,
        caller: &Caller,
        salt: u64,
    ) -> Option<Value> {
        let index = self.index_of(operation)?;
        let operation = &self.contract.operations[index];
        let contents = operation.body.iter().flat_map(|body| &body.contents);
        let root = contents.filter_map(|content| content.schema).next()?;
        let position = body_position(pointer);
        let id = self.schema_at(root, &hops(&position.name))?;
        let tenant = self.world.tenant(caller.tenant.unwrap_or(TenantIndex(0)));
        let bound = BTreeMap::new();
        let writer = Writer {
            schemas: &self.contract.schemas,
            ink: Ink {
                mark: &tenant.mark,
                salt: self.seed.nth(salt).child("field").0,
                day: self.seed.nth(salt).child("day").0,
                is_plain: false,
            },
            fields: Fields::Required,
            bound: &bound,
            left_out: &self.tenant_fields,
            is_change: false,
        };
        Some(writer.value(id, &position.name))
    }

    fn schema_at(&self, root: SchemaId, hops: &[Hop]) -> Option<SchemaId> {
        let mut id = root;
        for hop in hops {
            let schema = self.contract.schemas.get(id);
            id = match hop {
                Hop::Field(name) if name.parse::<usize>().is_ok() && schema.is_array() => {
                    schema.items?
                }
                Hop::Field(name) => self.property(schema, name, 0)?,
                Hop::Elements => schema.items?,
            };
        }
        Some(id)
    }

    fn property(&self, schema: &Schema, name: &str, depth: usize) -> Option<SchemaId> {
        schema.property(name).or_else(|| {
            let (id, _) = alternative(schema)?;
            // Alternatives of alternatives end somewhere.
            (depth < 8).then(|| self.property(self.contract.schemas.get(id), name, depth + 1))?
        })
    }
}
