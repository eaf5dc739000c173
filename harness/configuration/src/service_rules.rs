//! What a description of a service must mean besides being well-formed.

use std::collections::BTreeMap;

use crate::budget::parse_duration;
use crate::document::Document;
use crate::document::api::{Actor, Api, ByTenant, External, Login, Operations, Service, Value};
use crate::document::promises::Promises;
use crate::positioned::{Fault, Spanned, suggestion};
use crate::service::ONLY_ACTOR;
use crate::tenancy::{ORGANISATION, VARIABLES, variables};
use crate::validate::{is_name, one_table};

/// The variable that only texts under `api:` know.
const ACTOR: &str = "Actor";
const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE",
];

/// Everything that is wrong with it.
pub(crate) fn faults(document: &Document, faults: &mut Vec<Fault>) {
    let Some(api) = &document.api else {
        return;
    };
    let api = &api.value;
    let mut known = VARIABLES.to_vec();
    if document.tenancy.is_some() {
        known.push(ORGANISATION);
    }
    known.push(ACTOR);
    let mut rules = Rules {
        document,
        known,
        faults,
    };
    rules.target(api);
    rules.actors(api);
    for list in [&api.public, &api.excluded, &api.last] {
        rules.operations(list);
    }
    if let Some(probe) = &api.probe {
        rules.request("the probe", probe);
    }
    rules.promises(api, &api.promises);
}

struct Rules<'a> {
    document: &'a Document,
    /// Variables that texts know.
    known: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl Rules<'_> {
    fn target(&mut self, api: &Api) {
        match &api.service.value {
            Service::Reference if self.document.has_database() => {}
            Service::Reference => self.faults.push(
                Fault::new(
                    api.service.place,
                    "the service reference works over databases, and none are described",
                )
                .hint(Some(
                    "describe `databases`, or say where your service is: service: {external: {base_url: …, openapi: …}}"
                        .to_owned(),
                )),
            ),
            Service::External(external) => self.external(api, external),
        }
    }

    fn external(&mut self, api: &Api, external: &External) {
        let url = &external.base_url;
        let rest = url.value.strip_prefix("http://");
        let rest = rest.or_else(|| url.value.strip_prefix("https://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        if host.is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
            self.faults.push(
                Fault::new(url.place, format!("`{}` is no URL of a service", url.value))
                    .hint(Some("write it as http://localhost:8080/api".to_owned())),
            );
        }
        if let Some(actor) = &external.openapi_as {
            self.actor(api, actor);
        }
        if let Some(command) = &external.command {
            if command.run.value.is_empty() {
                self.faults.push(Fault::new(
                    command.run.place,
                    "the command is empty; expected a program and its arguments",
                ));
            }
            self.duration(command.up_within.as_ref());
        }
        self.duration(external.answer_within.as_ref());
    }

    fn duration(&mut self, written: Option<&Spanned<String>>) {
        if let Some(written) = written
            && let Err(error) = parse_duration(&written.value)
        {
            self.faults
                .push(Fault::new(written.place, error.to_string()));
        }
    }

    fn actors(&mut self, api: &Api) {
        if let Some(login) = &api.login {
            self.login(&login.value);
        }
        if api.actors.value.is_empty() && api.login.is_none() {
            self.faults.push(
                Fault::new(
                    api.service.place,
                    "nobody calls the service: it has no actors",
                )
                .hint(Some(
                    "describe `actors` and their credentials, or a `login` for one actor"
                        .to_owned(),
                )),
            );
        }
        for (name, actor) in &api.actors.value {
            if !is_name(&name.replace('-', "_")) {
                self.faults.push(Fault::new(
                    actor.place,
                    format!(
                        "the actor {name} is no name of letters, digits, underscores and hyphens"
                    ),
                ));
            }
            self.one_actor(&actor.value);
        }
    }

    fn one_actor(&mut self, actor: &Actor) {
        // All that an actor has is sent at once, and these three would be one header.
        let login = actor.login.as_ref();
        let in_authorization = |login: &&Spanned<Login>| {
            let header = login.value.header.as_deref().unwrap_or("Authorization");
            let is_cookie = login.value.token.value.starts_with("cookie ");
            header.eq_ignore_ascii_case("Authorization")
                && !(login.value.header.is_none() && is_cookie)
        };
        let proofs = [
            actor.bearer.as_ref().map(|bearer| bearer.place),
            actor.basic.as_ref().map(|basic| basic.place),
            login.filter(in_authorization).map(|login| login.place),
        ];
        if let Some(second) = proofs.iter().flatten().nth(1) {
            self.faults.push(Fault::new(
                *second,
                "an actor has one Authorization: bearer, basic or login",
            ));
        }
        if let Some(bearer) = &actor.bearer {
            self.by_tenant(&bearer.value);
        }
        if let Some(basic) = &actor.basic {
            variables(&basic.value.user, &self.known, self.faults);
            self.by_tenant(&basic.value.password);
        }
        if let Some(key) = &actor.key {
            self.by_tenant(&key.value.value);
        }
        if let Some(login) = &actor.login {
            self.login(&login.value);
        }
        if let Some(may) = &actor.may {
            self.operations(may);
        }
        for tenant in &actor.tenants {
            self.tenant(tenant);
        }
    }

    fn login(&mut self, login: &Login) {
        self.request("a login", &login.request);
        self.token(&login.token);
        for value in login.fields.values() {
            self.by_tenant(value);
        }
    }

    fn by_tenant(&mut self, value: &ByTenant) {
        match value {
            ByTenant::All(value) => self.text(value),
            ByTenant::Each(each) => {
                for (tenant, value) in each {
                    let name = Spanned {
                        value: tenant.clone(),
                        place: value.place,
                    };
                    self.tenant(&name);
                    self.text(value);
                }
            }
        }
    }

    fn text(&mut self, value: &Spanned<Value>) {
        if let Value::Text(text) = &value.value {
            let text = Spanned {
                value: text.clone(),
                place: value.place,
            };
            variables(&text, &self.known, self.faults);
        }
    }

    fn tenant(&mut self, name: &Spanned<String>) {
        let known = || {
            self.document
                .tenants
                .value
                .iter()
                .map(|own| own.value.as_str())
        };
        if !known().any(|own| own == name.value) {
            let names: Vec<&str> = known().collect();
            let message = format!(
                "unknown tenant `{}`; expected one of {}",
                name.value,
                names.join(", ")
            );
            let hint = suggestion(&name.value, known());
            self.faults.push(Fault::new(name.place, message).hint(hint));
        }
    }

    fn actor(&mut self, api: &Api, name: &Spanned<String>) {
        let declared: &BTreeMap<String, Spanned<Actor>> = &api.actors.value;
        let only = declared.is_empty().then_some(ONLY_ACTOR);
        let known = || declared.keys().map(String::as_str).chain(only);
        if !known().any(|own| own == name.value) {
            let names: Vec<&str> = known().collect();
            let message = format!(
                "unknown actor `{}`; expected one of {}",
                name.value,
                names.join(", ")
            );
            let hint = suggestion(&name.value, known());
            self.faults.push(Fault::new(name.place, message).hint(hint));
        }
    }

    fn operations(&mut self, names: &Operations) {
        for name in &names.0 {
            self.operation(name);
        }
    }

    /// A key, a path, an operationId, or the beginning of one with `*`.
    fn operation(&mut self, name: &Spanned<String>) {
        let text = name.value.as_str();
        if let Some((method, path)) = text.split_once(' ') {
            self.method_and_path("an operation", name, method, path);
        } else if text.is_empty() || text.trim_end_matches('*').contains('*') {
            let message = format!(
                "`{text}` names no operation; expected METHOD /path, /path, an operationId, or the beginning of one and *"
            );
            self.faults.push(Fault::new(name.place, message));
        }
    }

    fn request(&mut self, what: &str, written: &Spanned<String>) {
        match written.value.split_once(' ') {
            Some((method, path)) => self.method_and_path(what, written, method, path),
            None => self.faults.push(Fault::new(
                written.place,
                format!("{what} is a method and a path, as `POST /sessions`"),
            )),
        }
    }

    fn method_and_path(&mut self, what: &str, written: &Spanned<String>, method: &str, path: &str) {
        if !METHODS.contains(&method) {
            let message = format!("`{method}` is no method; {what} is written METHOD /path");
            let hint = suggestion(method, METHODS);
            self.faults
                .push(Fault::new(written.place, message).hint(hint));
        } else if !path.trim_start().starts_with('/') {
            let message = format!("the path of {what} begins with /, found `{path}`");
            self.faults.push(Fault::new(written.place, message));
        }
    }

    fn pointer(&mut self, written: &Spanned<String>) {
        let text = &written.value;
        if !text.is_empty() && !text.starts_with('/') {
            self.faults.push(
                Fault::new(written.place, format!("`{text}` is no JSON pointer"))
                    .hint(Some(format!("did you mean `/{text}`?"))),
            );
        }
    }

    fn pointer_or_header(&mut self, written: &Spanned<String>) {
        if !written.value.starts_with("header ") {
            self.pointer(written);
        }
    }

    fn token(&mut self, written: &Spanned<String>) {
        if !written.value.starts_with("cookie ") {
            self.pointer_or_header(written);
        }
    }

    fn promises(&mut self, api: &Api, promises: &Promises) {
        for reason in &promises.reasons {
            self.operation(&reason.operation);
            self.pointer(&reason.field);
            reason.stored_at.iter().for_each(|at| self.pointer(at));
        }
        if let Some(versions) = &promises.versions {
            self.operations(&versions.operations);
            self.pointer_or_header(&versions.read);
            self.pointer_or_header(&versions.send);
        }
        for lifecycle in &promises.lifecycles {
            self.operation(&lifecycle.read);
            self.pointer(&lifecycle.state);
            for transition in &lifecycle.transitions {
                self.operation(&transition.operation);
            }
            self.operations(&lifecycle.edits);
        }
        for idempotency in &promises.idempotency {
            self.operation(&idempotency.operation);
        }
        if let Some(audit) = &promises.audit {
            self.operations(&audit.operations);
            self.operations(&audit.except);
            self.table("the audit table", &audit.table);
            variables(&audit.user, &self.known, self.faults);
            for (actor, user) in &audit.users {
                let name = Spanned {
                    value: actor.clone(),
                    place: user.place,
                };
                self.actor(api, &name);
                variables(user, &self.known, self.faults);
            }
        }
        if let Some(webhooks) = &promises.webhooks {
            self.operation(&webhooks.register);
            self.pointer(&webhooks.url);
            self.pointer(&webhooks.secret);
            webhooks.log.iter().for_each(|log| self.operation(log));
            self.operation(&webhooks.trigger);
        }
        if let Some(console) = &promises.console {
            self.operation(&console.operation);
            self.pointer(&console.query);
            self.table("the table of the console's queries", &console.table);
            variables(&console.works, &self.known, self.faults);
        }
        for changes in &promises.changes {
            self.operation(&changes.operation);
            self.pointer(&changes.entries);
            self.pointer(&changes.time);
        }
        for export in &promises.exports {
            self.operation(&export.start);
            self.operation(&export.download);
            for table in &export.tables {
                self.table("an exported table", table);
            }
        }
        for erasure in &promises.erasure {
            self.operation(&erasure.create);
            erasure.personal.iter().for_each(|at| self.pointer(at));
            erasure
                .change
                .iter()
                .for_each(|change| self.operation(change));
            self.operation(&erasure.erase);
        }
        if let Some(callbacks) = &promises.callbacks {
            self.operation(&callbacks.register);
            self.pointer(&callbacks.secret);
            self.operation(&callbacks.complete);
            self.pointer_or_header(&callbacks.presented);
        }
        if let Some(chain) = &promises.chain {
            self.table("the table of the chain", &chain.table);
            self.operations(&chain.operations);
            chain
                .verify
                .iter()
                .for_each(|verify| self.operation(verify));
        }
        for encrypted in &promises.encrypted {
            self.operation(&encrypted.operation);
            self.pointer(&encrypted.field);
            encrypted
                .rotate
                .iter()
                .for_each(|rotate| self.operation(rotate));
        }
        if let Some(provisioning) = &promises.provisioning {
            self.operation(&provisioning.provision);
            self.operation(&provisioning.offboard);
            self.actor(api, &provisioning.actor);
        }
        if let Some(health) = &promises.health {
            self.operation(&health.operation);
            health.numbers.iter().for_each(|at| self.pointer(at));
        }
    }

    /// Rows can be looked at only where databases are described.
    fn table(&mut self, what: &str, table: &Spanned<String>) {
        one_table(what, table, self.faults);
        if !self.document.has_database() {
            self.faults.push(Fault::new(
                table.place,
                format!("{what} cannot be looked at: no databases are described"),
            ));
        }
    }
}
