//! Requests that name another tenant outside of every identifier.

use std::collections::BTreeSet;

use contract::{Contract, Operation};
use domain::api::request::{Body, Request};
use domain::api::service::Service;
use domain::world::Tenant;
use serde_json::Value;

use super::words::{identified, plain};

/// Headers by which services that trust too much are told a tenant.
const HEADERS: [&str; 3] = ["X-Tenant-Id", "X-Org-Id", "X-Tenant"];

/// Names under which a tenant could be named, as one word each: the declared ones and those that
/// the contract suggests.
pub(crate) fn tenant_fields(contract: &Contract, service: &Service) -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = service
        .tenant_fields
        .iter()
        .map(|name| plain(name))
        .collect();
    let parameters = contract
        .operations
        .iter()
        .flat_map(|operation| &operation.parameters);
    for parameter in parameters {
        if parameter.place != contract::Place::Path && names_tenant(&parameter.name) {
            fields.insert(plain(&parameter.name));
        }
    }
    for operation in &contract.operations {
        let contents = operation.body.iter().flat_map(|body| &body.contents);
        for id in contents.filter_map(|content| content.schema) {
            let properties = &contract.schemas.get(id).properties;
            let named = properties
                .iter()
                .filter(|property| names_tenant(&property.name));
            fields.extend(named.map(|property| plain(&property.name)));
        }
    }
    fields
}

fn names_tenant(name: &str) -> bool {
    let words = identified(name).unwrap_or_else(|| super::words::words(name));
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "x")
        .collect();
    matches!(
        words.as_slice(),
        ["tenant" | "org" | "organisation" | "organization" | "workspace"]
    )
}

/// What names a tenant: its organisation where rows have one, else its name.
pub(crate) fn value_of(tenant: &Tenant) -> String {
    unquoted(tenant.organisation.as_deref().unwrap_or(&tenant.name))
}

/// What a T-SQL literal says.
pub(crate) fn unquoted(literal: &str) -> String {
    let bare = literal
        .strip_prefix(['N', 'n'])
        .filter(|rest| rest.starts_with('\''));
    let literal = bare.unwrap_or(literal);
    let quoted = literal
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    quoted.map_or_else(|| literal.to_owned(), |text| text.replace("''", "'"))
}

/// The request with the tenant named in each way, one at a time, each with where.
pub(crate) fn smuggled(
    service: &Service,
    fields: &BTreeSet<String>,
    operation: &Operation,
    request: &Request,
    victim: &Tenant,
) -> Vec<(String, Request)> {
    let value = value_of(victim);
    let mut smuggled = Vec::new();
    let mut names: Vec<String> = service.tenant_fields.clone();
    for parameter in &operation.parameters {
        if parameter.place != contract::Place::Path && fields.contains(&plain(&parameter.name)) {
            names.push(parameter.name.clone());
        }
    }
    let declared: Vec<String> = names.clone();
    names.extend(HEADERS.map(str::to_owned));
    let mut seen = BTreeSet::new();
    for name in names {
        let is_header = name.contains('-');
        let is_declared = declared.contains(&name);
        if is_header {
            let mut request = request.clone();
            request
                .headers
                .retain(|(own, _)| !own.eq_ignore_ascii_case(&name));
            request.headers.push((name.clone(), value.clone()));
            if seen.insert(format!("header {}", name.to_ascii_lowercase())) {
                smuggled.push((format!("header {name}"), request));
            }
            continue;
        }
        if !is_declared {
            continue;
        }
        if seen.insert(format!("query {name}")) {
            let mut request = request.clone();
            request.query.retain(|(own, _)| own != &name);
            request.query.push((name.clone(), value.clone()));
            smuggled.push((format!("query {name}"), request));
        }
        if let Some(Body::Json { value: body, .. }) = &request.body
            && body.is_object()
            && seen.insert(format!("body {name}"))
        {
            let mut request = request.clone();
            if let Some(Body::Json { value: body, .. }) = &mut request.body {
                body[name.as_str()] = number_or_text(&value);
            }
            smuggled.push((format!("body {name}"), request));
        }
    }
    smuggled
}

fn number_or_text(text: &str) -> Value {
    text.parse::<i64>()
        .map_or_else(|_| Value::String(text.to_owned()), Value::from)
}
