//! What the references of a request stand for: `{{step 2 /id}}` and its like.
//!
//! Pure: a request and the earlier records in, a request with values in place out. The forms are
//! described in `domain::api`; besides, `{{step 2}}` is a whole body, `{{hook}}` is the URL at which
//! the caller's tenant receives webhooks, and a reference to a step can end with `missing` (a value
//! of the same kind that never existed) or `malformed` (one that can name nothing).

use domain::api::history::{Answer, Record};
use domain::api::missing::never_existed;
use domain::api::request::{Body, Caller, Part, Request, split_at_reference};
use domain::world::{Tenant, World};
use serde_json::Value;

/// What a malformed identifier looks like.
const MALFORMED: &str = "not-an-id'\"";

/// What references can speak of.
pub struct Scope<'a> {
    /// The tenants.
    pub world: &'a World,
    /// Who calls.
    pub caller: &'a Caller,
    /// What earlier steps did, in order.
    pub earlier: &'a [Record],
    /// Where the caller's tenant receives webhooks.
    pub hook: Option<String>,
}

/// A reference that stands for nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{{{{{reference}}}}}: {reason}")]
pub struct Unresolved {
    /// As written, without braces.
    pub reference: String,
    /// Why.
    pub reason: String,
}

/// The request with every reference replaced by what it stands for.
pub fn resolve(request: &Request, scope: &Scope<'_>) -> Result<Request, Unresolved> {
    let text = |text: &String| scope.text(text, &str::to_owned);
    let pairs = |pairs: &[(String, String)]| {
        pairs
            .iter()
            .map(|(name, value)| Ok((text(name)?, text(value)?)))
            .collect::<Result<Vec<_>, Unresolved>>()
    };
    let body = match &request.body {
        None => None,
        Some(Body::Json { media_type, value }) => Some(Body::Json {
            media_type: media_type.clone(),
            value: scope.value(value)?,
        }),
        Some(Body::Form(fields)) => Some(Body::Form(pairs(fields)?)),
        Some(Body::Multipart(parts)) => {
            let part = |part: &Part| {
                Ok(Part {
                    text: text(&part.text)?,
                    ..part.clone()
                })
            };
            Some(Body::Multipart(
                parts.iter().map(part).collect::<Result<_, _>>()?,
            ))
        }
        Some(Body::Text {
            media_type,
            text: content,
        }) => Some(Body::Text {
            media_type: media_type.clone(),
            text: text(content)?,
        }),
    };
    Ok(Request {
        method: request.method.clone(),
        path: scope.text(&request.path, &encoded)?,
        query: pairs(&request.query)?,
        headers: pairs(&request.headers)?,
        body,
    })
}

impl Scope<'_> {
    /// A text with its references in place, each through `encode`.
    pub fn text(&self, text: &str, encode: &dyn Fn(&str) -> String) -> Result<String, Unresolved> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, reference, after)) = split_at_reference(rest) {
            resolved.push_str(before);
            match self.reference(reference)? {
                Some(value) => resolved.push_str(&encode(&as_text(&value))),
                // Braces that are no reference are sent as they are: they may be what is tried.
                None => resolved.push_str(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// A JSON value with its references in place. A string that is one reference becomes the value.
    pub fn value(&self, value: &Value) -> Result<Value, Unresolved> {
        Ok(match value {
            Value::String(text) => {
                if let Some(("", reference, "")) = split_at_reference(text)
                    && let Some(value) = self.reference(reference)?
                {
                    return Ok(value);
                }
                Value::String(self.text(text, &str::to_owned)?)
            }
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.value(item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((self.text(name, &str::to_owned)?, self.value(value)?)))
                    .collect::<Result<_, Unresolved>>()?,
            ),
            other => other.clone(),
        })
    }

    /// What stands between two pairs of braces; `Ok(None)` when that is no reference.
    fn reference(&self, written: &str) -> Result<Option<Value>, Unresolved> {
        let unresolved = |reason: String| Unresolved {
            reference: written.to_owned(),
            reason,
        };
        let (word, rest) = written.split_once(' ').unwrap_or((written, ""));
        let value = match word {
            "step" => self.step(rest).map_err(unresolved)?,
            "own" => {
                let index = self.caller.tenant;
                let index = index.ok_or_else(|| unresolved("the caller has no tenant".into()))?;
                variable(self.world.tenant(index), rest).map_err(unresolved)?
            }
            "of" => {
                let (name, key) = rest.split_once(' ').unwrap_or((rest, ""));
                let mut tenants = self.world.tenants.iter();
                let tenant = tenants.find(|tenant| tenant.name == name);
                let tenant =
                    tenant.ok_or_else(|| unresolved(format!("there is no tenant {name}")))?;
                variable(tenant, key).map_err(unresolved)?
            }
            "hook" if rest.is_empty() => match &self.hook {
                Some(url) => Value::String(url.clone()),
                None => return Err(unresolved("nobody receives webhooks for the caller".into())),
            },
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    /// `2 /id`, `2 header Location`, `2 tail Location`, each with what may follow.
    fn step(&self, written: &str) -> Result<Value, String> {
        let (written, change) = match written {
            _ if written.ends_with(" missing") => (
                &written[..written.len() - 8],
                Some(never_existed as fn(&Value) -> Value),
            ),
            _ if written.ends_with(" malformed") => (
                &written[..written.len() - 10],
                Some(malformed as fn(&Value) -> Value),
            ),
            _ => (written, None),
        };
        let (number, place) = written.split_once(' ').unwrap_or((written, ""));
        let number: usize = number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| format!("{number:?} is no number of a step"))?;
        let record = self.earlier.get(number - 1);
        let answer = match record {
            None => return Err(format!("step {number} has not been taken")),
            Some(Record::Unresolved { .. }) => return Err(format!("step {number} was not sent")),
            Some(Record::Batch { .. }) => return Err(format!("step {number} is T-SQL")),
            Some(Record::Call { answer, .. }) => answer,
        };
        let value = place_in(answer, place).map_err(|what| {
            format!(
                "the answer to step {number} (status {}) {what}",
                answer.status
            )
        })?;
        Ok(match change {
            Some(change) => change(&value),
            None => value,
        })
    }
}

fn place_in(answer: &Answer, place: &str) -> Result<Value, String> {
    if let Some(name) = place.strip_prefix("header ") {
        let name = name.to_ascii_lowercase();
        let value = answer.header(&name);
        let value = value.ok_or_else(|| format!("has no header {name}"))?;
        return Ok(Value::String(value.to_owned()));
    }
    if let Some(name) = place.strip_prefix("tail ") {
        let name = name.to_ascii_lowercase();
        let value = answer.header(&name);
        let value = value.ok_or_else(|| format!("has no header {name}"))?;
        let path = value.split(['?', '#']).next().unwrap_or_default();
        let tail = path.trim_end_matches('/').rsplit('/').next();
        let tail = tail.filter(|tail| !tail.is_empty());
        let tail = tail.ok_or_else(|| format!("has no last segment in its header {name}"))?;
        return Ok(Value::String(decoded(tail)));
    }
    if !place.is_empty() && !place.starts_with('/') {
        return Err(format!("cannot be asked for {place:?}"));
    }
    let document = answer.json().ok_or("is no JSON")?;
    match document.pointer(place) {
        None => Err(format!("has nothing at {place}")),
        Some(Value::Null) => Err(format!("has null at {place}")),
        Some(value) => Ok(value.clone()),
    }
}

fn variable(tenant: &Tenant, name: &str) -> Result<Value, String> {
    let variables = tenant.variables();
    let found = variables
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name));
    match found {
        Some((_, value)) => Ok(Value::String(value.clone())),
        None => {
            let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
            Err(format!(
                "a tenant has no variable {name:?}; it has {}",
                names.join(", ")
            ))
        }
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn malformed(_: &Value) -> Value {
    Value::String(MALFORMED.to_owned())
}

/// Percent-encoded, all but what needs it nowhere.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use domain::api::history::{Answer, Record, Sent};
    use domain::api::request::{Body, Caller, Request};
    use domain::seed::Seed;
    use domain::world::{Mark, Tenant, TenantIndex, World};
    use serde_json::json;

    use super::{Scope, resolve};

    fn world() -> World {
        let tenant = |(index, name): (usize, &&str)| Tenant {
            name: (*name).to_owned(),
            database: String::new(),
            mark: Mark::new(Seed(1), index),
            organisation: None,
            departments: Vec::new(),
        };
        World {
            tenants: ["acme", "globex"].iter().enumerate().map(tenant).collect(),
            shared_databases: Vec::new(),
        }
    }

    fn earlier() -> Vec<Record> {
        let answer = Answer {
            status: 201,
            headers: vec![
                ("location".into(), "https://x/customers/7%2F8/?a=b".into()),
                ("etag".into(), "\"v1\"".into()),
            ],
            body:
                json!({"id": 7, "a/b": "x y", "items": [{"id": "k/1"}], "none": null, "flag": true})
                    .to_string()
                    .into_bytes(),
            ..Answer::default()
        };
        let sent = Sent {
            method: "POST".into(),
            target: "/".into(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let unresolved = Record::Unresolved {
            reason: "so it goes".into(),
        };
        vec![Record::Call { sent, answer }, unresolved]
    }

    fn resolved(request: &Request) -> Result<Request, String> {
        let (world, earlier) = (world(), earlier());
        let caller = Caller::of(TenantIndex(0), "clerk");
        let scope = Scope {
            world: &world,
            caller: &caller,
            earlier: &earlier,
            hook: Some("http://127.0.0.1:1/hooks/0".into()),
        };
        resolve(request, &scope).map_err(|unresolved| unresolved.to_string())
    }

    fn get(path: &str) -> Request {
        Request {
            method: "GET".into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    #[test]
    fn what_a_reference_gives_is_encoded_in_a_path() {
        let mark = world().tenants[0].mark.clone();
        for (path, expected) in [
            ("/a/{{step 1 /id}}", "/a/7".to_owned()),
            ("/a/{{step 1 /items/0/id}}/x", "/a/k%2F1/x".to_owned()),
            ("/a/{{step 1 /a~1b}}", "/a/x%20y".to_owned()),
            ("/a/{{step 1 tail Location}}", "/a/7%2F8".to_owned()),
            ("/a/{{step 1 header ETag}}", "/a/%22v1%22".to_owned()),
            ("/a/{{step 1 /id missing}}", "/a/900000014".to_owned()),
            (
                "/a/{{step 1 /id malformed}}",
                "/a/not-an-id%27%22".to_owned(),
            ),
            (
                "/{{own Tenant}}/{{of globex Tenant}}",
                "/acme/globex".to_owned(),
            ),
            ("/{{own MarkText}}", format!("/{}", mark.text)),
            ("/{{7*7}}/{{step 1 /id}}", "/{{7*7}}/7".to_owned()),
            ("/{{{step 1 /id}}}", "/{7}".to_owned()),
            ("/{{unclosed", "/{{unclosed".to_owned()),
            ("/a%2Fb/../c", "/a%2Fb/../c".to_owned()),
        ] {
            assert_eq!(
                resolved(&get(path)).map(|request| request.path),
                Ok(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn what_cannot_be_resolved_says_why() {
        for (path, expected) in [
            (
                "{{step 1 /other}}",
                "{{step 1 /other}}: the answer to step 1 (status 201) has nothing at /other",
            ),
            ("{{step 1 /none}}", "has null at /none"),
            ("{{step 1 header X}}", "has no header x"),
            ("{{step 1 body}}", "cannot be asked for"),
            ("{{step 2 /id}}", "step 2 was not sent"),
            ("{{step 3 /id}}", "step 3 has not been taken"),
            ("{{step 0 /id}}", "\"0\" is no number of a step"),
            ("{{own Colour}}", "no variable \"Colour\""),
            ("{{of nobody Tenant}}", "there is no tenant nobody"),
        ] {
            let error = resolved(&get(path)).expect_err(path);
            assert!(error.contains(expected), "{path}: {error}");
        }
    }

    #[test]
    fn in_json_a_number_stays_a_number() {
        let request = Request {
            body: Some(Body::Json {
                media_type: "application/json".into(),
                value: json!({
                    "id": "{{step 1 /id}}",
                    "text": "no. {{step 1 /id}}",
                    "lines": ["{{step 1 /items/0}}", "{{step 1 /flag}}"],
                    "hook": "{{hook}}",
                    "{{own Tenant}}": 1,
                }),
            }),
            ..get("/")
        };
        let body = resolved(&request).expect("all is there").body;
        let Some(Body::Json { value, .. }) = body else {
            panic!("it is JSON");
        };
        let expected = json!({
            "id": 7,
            "text": "no. 7",
            "lines": [{"id": "k/1"}, true],
            "hook": "http://127.0.0.1:1/hooks/0",
            "acme": 1,
        });
        assert_eq!(value, expected);
    }
}
