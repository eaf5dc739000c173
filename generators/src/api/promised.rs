//! What a request says because the owner declared it: credentials of a login, the receiver of a
//! webhook, a key of idempotency, a reason.

use std::collections::BTreeMap;

use domain::api::request::Caller;
use domain::api::service::Source;
use domain::world::TenantIndex;
use serde_json::Value;

use super::callers::is_named;
use super::dependencies::{Found, Need};
use super::positions::{Place, Position};
use super::smuggling::unquoted;
use super::sources::{answered, escaped};
use super::words::plain;
use super::workbook::Workbook;

impl Workbook<'_> {
    /// Values that declarations put into a request, beside versions.
    pub(crate) fn promised(
        &self,
        index: usize,
        caller: &Caller,
        salt: u64,
        step: usize,
    ) -> Vec<(Position, Value)> {
        let mut values = self.credentials(index, caller);
        let operation = &self.contract.operations[index];
        let is_this = |name: &String| is_named(operation, std::slice::from_ref(name));
        let promises = &self.service.promises;
        if let Some(webhooks) = &promises.webhooks
            && is_this(&webhooks.register)
        {
            let receiver = Value::String("{{hook}}".to_owned());
            values.push((body_position(&webhooks.url), receiver));
        }
        if let (Some(console), Some(tenant)) = (&promises.console, caller.tenant)
            && is_this(&console.operation)
        {
            let query = self.world.tenant(tenant).fill(&console.works);
            values.push((body_position(&console.query), Value::String(query)));
        }
        let mark = &self
            .world
            .tenant(caller.tenant.unwrap_or(TenantIndex(0)))
            .mark
            .text;
        if let Some(promise) = promises
            .idempotency
            .iter()
            .find(|one| is_this(&one.operation))
        {
            let position = Position {
                place: Place::Header,
                name: promise.header.clone(),
                resource: "idempotency key".to_owned(),
                consumer: false,
            };
            let key = format!("{mark}-{salt:x}-{step}");
            values.push((position, Value::String(key)));
        }
        if let Some(promise) = promises.reasons.iter().find(|one| is_this(&one.operation)) {
            // Words, not padding: repetition of one letter is what a service may refuse.
            let mut reason = format!("{mark} reason {salt:x}");
            while reason.chars().count() < promise.length_min {
                reason.push_str(" because of it");
            }
            values.push((body_position(&promise.field), Value::String(reason)));
        }
        values
    }

    /// What the answer that made a thing told, and only it can be told back: the secret of a callback.
    /// Where it goes is declared, or the field has the name of the answer's.
    pub(crate) fn told(&self, index: usize, made_by: &str, step: usize) -> Vec<(Position, Value)> {
        let operation = &self.contract.operations[index];
        let Some(maker) = self.index_of(made_by) else {
            return Vec::new();
        };
        let maker = &self.contract.operations[maker];
        let is = |operation: &contract::Operation, name: &String| {
            is_named(operation, std::slice::from_ref(name))
        };
        if let Some(promise) = &self.service.promises.callbacks
            && is(operation, &promise.complete)
            && is(maker, &promise.register)
        {
            let position = match promise.presented.strip_prefix("header ") {
                Some(name) => Position {
                    place: Place::Header,
                    name: name.trim().to_owned(),
                    resource: "secret".to_owned(),
                    consumer: false,
                },
                None => body_position(&promise.presented),
            };
            let secret = Found::Body(promise.secret.clone()).of_step(step);
            return vec![(position, Value::String(secret))];
        }
        let answer = answered(maker).map(|id| self.contract.schemas.get(id));
        let contents = operation.body.iter().flat_map(|body| &body.contents);
        let body = contents.filter_map(|content| content.schema).next();
        let (Some(answer), Some(body)) = (answer, body) else {
            return Vec::new();
        };
        let body = self.contract.schemas.get(body);
        let is_told = |name: &str| {
            matches!(
                plain(name).as_str(),
                "secret" | "token" | "nonce" | "challenge"
            ) && answer.property(name).is_some()
        };
        let told = body
            .properties
            .iter()
            .filter(|property| is_told(&property.name));
        told.map(|property| {
            let pointer = format!("/{}", escaped(&property.name));
            let value = Found::Body(pointer.clone()).of_step(step);
            (body_position(&pointer), Value::String(value))
        })
        .collect()
    }

    /// The caller's own department, where a need asks for a department and he acts for one. Others
    /// of his tenant could be listed first, and are not his.
    pub(crate) fn own_department(&self, caller: &Caller, need: &Need) -> Option<Value> {
        let resource = need.position.resource.as_str();
        let is_department = matches!(
            resource,
            "suborg"
                | "suborganisation"
                | "suborganization"
                | "department"
                | "division"
                | "branch"
                | "unit"
                | "businessunit"
                | "team"
        );
        let department = self.department(caller).filter(|_| is_department)?;
        let tenant = self.world.tenant(caller.tenant?);
        let own = unquoted(tenant.departments.get(department)?);
        let number = own
            .parse::<i64>()
            .ok()
            .filter(|_| need.position.place == Place::Body);
        Some(number.map_or_else(|| Value::String(own), Value::from))
    }

    /// What a login request of a caller says, when an operation is the one that callers log in by.
    fn credentials(&self, index: usize, caller: &Caller) -> Vec<(Position, Value)> {
        let operation = &self.contract.operations[index];
        let actor = self.service.actors.get(&caller.actor);
        let (Some(actor), Some(tenant)) = (actor, caller.tenant) else {
            return Vec::new();
        };
        let Some(login) = actor.authentication.login() else {
            return Vec::new();
        };
        if login.path.trim_end_matches('/') != operation.path.as_str().trim_end_matches('/')
            || !login.method.eq_ignore_ascii_case(operation.method.as_str())
        {
            return Vec::new();
        }
        let tenant = self.world.tenant(tenant);
        // What is said of the tenant goes before what is said of all.
        let mut fields: BTreeMap<&String, &Source> = BTreeMap::new();
        for whose in ["*", &tenant.name] {
            fields.extend(login.fields.get(whose).into_iter().flatten());
        }
        let field = |(name, source): (&String, &Source)| {
            // A secret is not for a case to hold; then the login is made up, and fails.
            let Source::Text(text) = source else {
                return None;
            };
            let pointer = if name.starts_with('/') {
                name.clone()
            } else {
                format!("/{name}")
            };
            Some((body_position(&pointer), Value::String(tenant.fill(text))))
        };
        fields.into_iter().filter_map(field).collect()
    }
}

/// A position of a body by a JSON pointer, as declarations write it.
pub(crate) fn body_position(pointer: &str) -> Position {
    let parts = pointer.split('/').skip(1);
    let name: Vec<String> = parts
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect();
    Position {
        place: Place::Body,
        name: name.join("."),
        resource: String::new(),
        consumer: false,
    }
}
