//! Which operation is meant, and may it be called like this?
//!
//! The order is fixed, so that an answer tells no more than it must: path, method, token,
//! permission, tenant, parameters, body. Only then a handler runs.

use std::sync::Arc;

use hyper::HeaderMap;
use serde_json::Value;

use super::answer::Answer;
use super::call::{Call, Caller, Route};
use super::problem::Problem;
use super::token;
use crate::contract::{Access, Operation, Parameter, Place, Schema, Violation, shapes, violations};
use crate::fault::Fault;
use crate::options::Design;
use crate::service::Service;
use crate::store::HALF_CHARACTER;

/// What came in.
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its path, as it was sent.
    pub path: String,
    /// What followed the question mark.
    pub query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// Values by the names of their parameters.
pub type Parameters = Vec<(&'static str, String)>;

/// The header that may name the tenant.
pub fn tenant_header(design: Design) -> &'static str {
    match design {
        Design::DatabasePerTenant => "X-Tenant",
        Design::SharedDatabase => "X-Org-Id",
    }
}

/// The route of a request, with the values of the path's parameters.
pub fn find<'a>(
    routes: &'a [Route],
    method: &str,
    path: &str,
) -> Result<(&'a Route, Parameters), Problem> {
    let mut allowed = Vec::new();
    for route in routes {
        if let Some(values) = matched(route.operation.path, path) {
            if route.operation.method == method {
                return Ok((route, values));
            }
            allowed.push(route.operation.method);
        }
    }
    if allowed.is_empty() {
        return Err(Problem::new(404, "no-such-path", "There is no such path"));
    }
    allowed.sort_unstable();
    allowed.dedup();
    Err(
        Problem::new(405, "method-not-allowed", "The path has no such method")
            .header("Allow", allowed.join(", ")),
    )
}

/// The values of a template's parameters in a path that fits it.
fn matched(template: &'static str, path: &str) -> Option<Parameters> {
    let mut values = Vec::new();
    let mut given = path.strip_prefix('/')?.split('/');
    for part in template.strip_prefix('/')?.split('/') {
        let given = given.next()?;
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(name) => values.push((name, decoded(given, false)?)),
            None if part == given => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(values)
}

/// Percent-decoded text; `None` when it is no UTF-8.
pub fn decoded(text: &str, plus_is_blank: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_blank => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Answers a request.
pub async fn answer(service: &Arc<Service>, request: Request) -> (Answer, Option<&'static str>) {
    let (route, path) = match find(&service.routes, &request.method, &request.path) {
        Ok(found) => found,
        Err(problem) => return (problem.into(), None),
    };
    let id = route.operation.id;
    let call = match checked(service, &route.operation, path, &request) {
        Ok(call) => call,
        Err(problem) => return (problem.into(), Some(id)),
    };
    let unfinished = call.unfinished().clone();
    let answer = (route.handler)(Arc::new(call)).await;
    unfinished.roll_back().await;
    (answer.unwrap_or_else(Into::into), Some(id))
}

fn checked(
    service: &Arc<Service>,
    operation: &Operation,
    path: Parameters,
    request: &Request,
) -> Result<Call, Problem> {
    let mut caller = match operation.access {
        Access::Public => None,
        Access::Operator => {
            operator(service, &request.headers)?;
            None
        }
        Access::Token | Access::Permission(_) => Some(authenticated(service, &request.headers)?),
    };
    if let (Access::Permission(permission), Some(caller)) = (operation.access, &caller)
        && !caller.may(permission)
    {
        return Err(Problem::forbidden());
    }
    if let Some(caller) = &mut caller {
        same_tenant(service, caller, &request.headers)?;
    }
    let parameters = parameters(service.design, operation, path, request)?;
    let body = match &operation.body {
        Some(schema) => body(service, schema, request)?,
        None => Value::Null,
    };
    if let Some(caller) = &mut caller {
        body_tenant(service, caller, operation, &body)?;
    }
    Ok(Call::new(Arc::clone(service), parameters, body, caller))
}

fn operator(service: &Service, headers: &HeaderMap) -> Result<(), Problem> {
    let token = bearer(headers)?;
    let now = service.environment.now_ms();
    if token::is_operators(&service.token_key, token, now) {
        return Ok(());
    }
    // Whoever is known by another token is not told that he is unknown.
    authenticated(service, headers)?;
    Err(Problem::forbidden())
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all("Authorization").iter();
    let header = values.next().and_then(|value| value.to_str().ok());
    let (Some(header), None) = (header, values.next()) else {
        return Err(Problem::unauthenticated());
    };
    header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(Problem::unauthenticated)
}

fn authenticated(service: &Service, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = bearer(headers)?;
    let now = service.environment.now_ms();
    let caller =
        token::read(&service.token_key, token, now).ok_or_else(Problem::unauthenticated)?;
    // A tenant that has left has no callers.
    match service.store.tenant(&caller.scope.tenant) {
        Some(tenant) if tenant.organisation == caller.scope.organisation => Ok(caller),
        _ => Err(Problem::unauthenticated()),
    }
}

/// A header may repeat the tenant, for gateways that log it; it decides nothing.
fn same_tenant(service: &Service, caller: &mut Caller, headers: &HeaderMap) -> Result<(), Problem> {
    for value in headers.get_all(tenant_header(service.design)) {
        let named = value.to_str().unwrap_or_default().trim();
        let own = tenant_name(service, caller);
        let alike =
            service.switches.near_miss(Fault::OrgHeaderTrusted) && named.eq_ignore_ascii_case(&own);
        if named == own || alike {
            continue;
        }
        if service.switches.fault(Fault::OrgHeaderTrusted) {
            overridden(service, caller, named);
            continue;
        }
        return Err(Problem::wrong_tenant());
    }
    Ok(())
}

/// So may the body of a request that adds a row.
fn body_tenant(
    service: &Service,
    caller: &mut Caller,
    operation: &Operation,
    body: &Value,
) -> Result<(), Problem> {
    let named = match (service.design, &operation.body) {
        (Design::DatabasePerTenant, Some(_)) => body.get("tenant").and_then(Value::as_str),
        (Design::SharedDatabase, Some(_)) => None,
        (_, None) => return Ok(()),
    };
    let number = crate::contract::validate::whole(body.get("orgId").unwrap_or(&Value::Null));
    let named = named
        .map(str::to_owned)
        .or_else(|| number.map(|number| number.to_string()));
    let Some(named) = named else {
        return Ok(());
    };
    let own = tenant_name(service, caller);
    let alike =
        service.switches.near_miss(Fault::BodyOrgTrusted) && named.eq_ignore_ascii_case(&own);
    if named == own || alike {
        return Ok(());
    }
    if service.switches.fault(Fault::BodyOrgTrusted) {
        overridden(service, caller, &named);
        return Ok(());
    }
    Err(Problem::wrong_tenant())
}

/// What a tenant is called in a header or body: its name, or the number of its organisation.
fn tenant_name(service: &Service, caller: &Caller) -> String {
    match service.design {
        Design::DatabasePerTenant => caller.scope.tenant.clone(),
        Design::SharedDatabase => caller
            .scope
            .organisation
            .map(|organisation| organisation.to_string())
            .unwrap_or_default(),
    }
}

/// The planted defect: what the request names replaces what the token says.
fn overridden(service: &Service, caller: &mut Caller, named: &str) {
    for tenant in service.store.tenants() {
        let Some(scope) = service.store.scope(&tenant, &caller.scope.actor) else {
            continue;
        };
        let number = scope
            .organisation
            .map(|organisation| organisation.to_string());
        if tenant == named || number.as_deref() == Some(named) {
            caller.scope = scope;
            return;
        }
    }
}

fn parameters(
    design: Design,
    operation: &Operation,
    path: Parameters,
    request: &Request,
) -> Result<Parameters, Problem> {
    let mut found = path;
    let mut wrong = Vec::new();
    for parameter in operation
        .parameters
        .iter()
        .filter(|p| p.place == Place::Header)
    {
        let mut values = request.headers.get_all(parameter.name).iter();
        let first = values.next().map(|value| value.to_str().map(str::to_owned));
        match (first, values.next()) {
            (None, _) => {}
            (Some(Ok(value)), None) => found.push((parameter.name, value)),
            _ => wrong.push(violation(
                parameter.name,
                "format",
                "must be given once, as text",
            )),
        }
    }
    for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let known = |p: &&Parameter| {
            p.place == Place::Query && decoded(name, true).as_deref() == Some(p.name)
        };
        let Some(parameter) = operation.parameters.iter().find(known) else {
            continue;
        };
        if found.iter().any(|(name, _)| *name == parameter.name) {
            wrong.push(violation(parameter.name, "repeated", "must be given once"));
            continue;
        }
        match decoded(value, true) {
            Some(value) => found.push((parameter.name, value)),
            None => wrong.push(violation(parameter.name, "format", "is no valid text")),
        }
    }
    for parameter in &operation.parameters {
        let given = found.iter().find(|(name, _)| *name == parameter.name);
        match given {
            None if parameter.required && wrong.is_empty() => {
                wrong.push(violation(parameter.name, "required", "is required"));
            }
            None => {}
            Some((name, text)) => {
                let value = typed(&parameter.schema, text);
                let find = |name: &str| shapes::find(design, name);
                for mut found in violations(&parameter.schema, &value, &find) {
                    (*name).clone_into(&mut found.field);
                    wrong.push(found);
                }
            }
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(Problem::invalid(wrong))
    }
}

fn violation(field: &str, code: &'static str, message: &str) -> Violation {
    Violation {
        field: field.to_owned(),
        code,
        message: message.to_owned(),
    }
}

/// A parameter's text as the value that its schema speaks of.
fn typed(schema: &Schema, text: &str) -> Value {
    match schema {
        // Only digits: `+1`, ` 1` and `01` would be other names of the same row.
        Schema::Integer(..) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::from(text),
        },
        Schema::Boolean => match text {
            "true" => Value::from(true),
            "false" => Value::from(false),
            _ => Value::from(text),
        },
        _ => Value::from(text),
    }
}

fn body(service: &Service, schema: &Schema, request: &Request) -> Result<Value, Problem> {
    let content_type = request.headers.get("Content-Type");
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            415,
            "unsupported-media-type",
            "The body must be application/json",
        ));
    }
    if service.switches.fault(Fault::PasswordInLog) {
        // The planted defect: a line that was meant to help on one evening.
        service.log(&format!("body {}", String::from_utf8_lossy(&request.body)));
    }
    if service.switches.near_miss(Fault::PasswordInLog) {
        service.log(&format!("body of {} bytes", request.body.len()));
    }
    let value = parsed(service, &request.body)?;
    let find = |name: &str| shapes::find(service.design, name);
    let wrong = violations(schema, &value, &find);
    if wrong.is_empty() {
        Ok(value)
    } else {
        Err(Problem::invalid(wrong))
    }
}

fn parsed(service: &Service, bytes: &[u8]) -> Result<Value, Problem> {
    let malformed = || Problem::new(400, "malformed", "The body is no valid JSON");
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let half_character = error.to_string().contains("surrogate")
        || error.to_string().contains("unexpected end of hex escape");
    if half_character && service.switches.near_miss(Fault::ServerErrorOnUnicode) {
        return Err(malformed().detail("Half of a character is no character"));
    }
    if half_character && service.switches.fault(Fault::ServerErrorOnUnicode) {
        // The planted defect: a lenient parser takes half characters, and the driver does not.
        let text = String::from_utf8_lossy(bytes);
        return serde_json::from_str(&leniently(&text)).map_err(|_| malformed());
    }
    if service.switches.fault(Fault::DebugPageLeftOn) {
        // The planted defect: what is shown to developers is shown to everybody.
        return Err(malformed().detail(format!(
            "panicked at erp/src/http/router.rs:{}: called `Result::unwrap()` on an `Err` value: {error:?}\n\
             stack backtrace:\n   0: erp::http::router::parsed\n   1: erp::http::router::checked",
            line!()
        )));
    }
    if service.switches.near_miss(Fault::DebugPageLeftOn) {
        let place = format!("line {}, column {}", error.line(), error.column());
        return Err(malformed().detail(place));
    }
    Err(malformed())
}

/// Escaped surrogates replaced by what [`crate::store`] cannot send.
fn leniently(text: &str) -> String {
    let mut lenient = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, escape) = rest.split_at(at);
        lenient.push_str(before);
        let is_surrogate = escape.get(2..4).is_some_and(|high| {
            matches!(
                high.to_ascii_lowercase().as_bytes(),
                [b'd', b'8'..=b'9' | b'a'..=b'f']
            )
        });
        if is_surrogate {
            lenient.push(HALF_CHARACTER);
            rest = escape.get(6..).unwrap_or_default();
        } else {
            lenient.push_str("\\u");
            rest = &escape[2..];
        }
    }
    lenient.push_str(rest);
    lenient
}

#[cfg(test)]
mod tests {
    use super::{decoded, leniently, matched};

    #[test]
    fn paths_fit_their_templates_part_by_part() {
        for (template, path, expected) in [
            ("/customers/{id}", "/customers/7", Some(vec!["7"])),
            ("/customers/{id}", "/customers/", Some(vec![""])),
            ("/customers/{id}", "/customers/7/", None),
            ("/customers/{id}", "/customers/a%2Fb", Some(vec!["a/b"])),
            ("/customers/{id}", "/customers/%ff", None),
            ("/customers", "/customers", Some(vec![])),
            ("/customers", "//customers", None),
        ] {
            let found = matched(template, path);
            let found = found.map(|values| values.into_iter().map(|(_, v)| v).collect::<Vec<_>>());
            let expected = expected.map(|v| v.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn texts_are_decoded_or_refused() {
        for (text, expected) in [
            ("a+b%20c", Some("a b c")),
            ("%zz", None),
            ("%c3%28", None),
            ("%", None),
        ] {
            assert_eq!(decoded(text, true).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_lenient_parser_takes_half_characters() {
        assert_eq!(
            leniently(r#"{"name":"a\ud800b\u00e4"}"#),
            "{\"name\":\"a\u{fdd0}b\\u00e4\"}"
        );
    }
}
