//! The keys under `api:`, as written: the service, who calls it and how each proves who he is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::promises::Promises;
use crate::positioned::Spanned;

/// The service that works for the tenants.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// Which service it is.
    pub(crate) service: Spanned<Service>,
    /// How every actor without credentials of his own logs in; `$(Actor)` is the actor's name.
    #[serde(default)]
    pub(crate) login: Option<Spanned<Login>>,
    /// Who calls, by name: each exists in every tenant. Left out, there is one called `user`, who logs
    /// in by `login`.
    #[serde(default)]
    pub(crate) actors: Spanned<BTreeMap<String, Spanned<Actor>>>,
    /// Names under which a tenant could be smuggled into a request (`X-Tenant`, `orgId`), beside those
    /// that the contract suggests.
    #[serde(default)]
    pub(crate) tenant_fields: Vec<String>,
    /// Operations whose answers everybody may see. Operations are named by key (`GET /items/{id}`), path or
    /// operationId; `*` at the end stands for anything.
    #[serde(default)]
    pub(crate) public: Operations,
    /// Operations that are never called, such as those that end the service.
    #[serde(default)]
    pub(crate) excluded: Operations,
    /// Operations that end the caller's session; they are called last.
    #[serde(default)]
    pub(crate) last: Operations,
    /// A request that works for everybody whose session lives, such as `GET /me`: by it a dead session
    /// is told from a refusal. Left out, the first request that worked is repeated.
    #[serde(default)]
    pub(crate) probe: Option<Spanned<String>>,
    /// What is promised beyond isolation.
    #[serde(default)]
    pub(crate) promises: Promises,
}

/// Which service it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    /// The reference ERP inside the tool, over the databases above.
    Reference,
    /// A service of yours.
    External(Box<External>),
}

/// A service of yours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct External {
    /// Where it is: `http://localhost:8080/api`.
    pub(crate) base_url: Spanned<String>,
    /// Its OpenAPI document (3.0 or 3.1, JSON or YAML): a file, relative to this one, or a URL.
    pub(crate) openapi: Spanned<String>,
    /// The actor as whom the document is fetched, when the URL asks for one.
    #[serde(default)]
    pub(crate) openapi_as: Option<Spanned<String>>,
    /// How the run starts it; left out, it is there already.
    #[serde(default)]
    pub(crate) command: Option<Command>,
    /// Whose certificates are believed.
    #[serde(default)]
    pub(crate) trust: Trust,
    /// How long an answer may take, such as `10s`.
    #[serde(default)]
    pub(crate) answer_within: Option<Spanned<String>>,
}

/// How a service is started. It is ended after the run, with everything that it started.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) run: Spanned<Vec<Spanned<String>>>,
    /// Where, relative to this file.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// Environment variables beside those of the run.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// How long it may take until it answers, such as `60s`.
    #[serde(default)]
    pub(crate) up_within: Option<Spanned<String>>,
}

/// Whose certificates are believed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trust {
    /// Those that the operating system trusts.
    #[default]
    System,
    /// Any.
    Any,
    /// Those signed by the authority in this PEM or DER file.
    Authority(String),
}

/// One kind of caller. `bearer`, `basic`, `key` and `login` say how he proves who he is; of all that
/// there is, everything is sent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Actor {
    /// A token, sent as `Authorization: Bearer …`.
    #[serde(default)]
    pub(crate) bearer: Option<Spanned<ByTenant>>,
    /// User name and password, sent with every request.
    #[serde(default)]
    pub(crate) basic: Option<Spanned<Basic>>,
    /// An API key in a header, a query parameter or a cookie.
    #[serde(default)]
    pub(crate) key: Option<Spanned<Key>>,
    /// A request whose answer holds a token.
    #[serde(default)]
    pub(crate) login: Option<Spanned<Login>>,
    /// Which of the tenant's departments it acts for, counted from 0 in the order of their values; the
    /// whole tenant when left out.
    #[serde(default)]
    pub(crate) department: Option<Spanned<u16>>,
    /// Operations that it may call; every other must be refused. Left out, roles are not judged.
    #[serde(default)]
    pub(crate) may: Option<Operations>,
    /// The tenants that have it; all when left out.
    #[serde(default)]
    pub(crate) tenants: Vec<Spanned<String>>,
}

/// User name and password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Basic {
    /// User name; it knows `$(Tenant)`, `$(Actor)` and the tenant's other variables.
    pub(crate) user: Spanned<String>,
    /// Password.
    pub(crate) password: ByTenant,
}

/// An API key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    /// Where it goes.
    #[serde(default, rename = "in")]
    pub(crate) place: KeyPlace,
    /// Name of the header, parameter or cookie.
    pub(crate) name: String,
    /// What stands before the key, such as `Token `.
    #[serde(default)]
    pub(crate) prefix: String,
    /// The key.
    pub(crate) value: ByTenant,
}

/// Where an API key goes.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyPlace {
    /// A header.
    #[default]
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// A login request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// Method and path: `POST /sessions`.
    pub(crate) request: Spanned<String>,
    /// Fields of its body by name, or by JSON pointer (`/user/email`) where they lie deeper.
    pub(crate) fields: BTreeMap<String, ByTenant>,
    /// Whether the body is a form instead of JSON.
    #[serde(default)]
    pub(crate) form: bool,
    /// Where the token is in the answer: a JSON pointer, `header NAME` or `cookie NAME`.
    #[serde(default = "token")]
    pub(crate) token: Spanned<String>,
    /// The header in which it is sent afterwards; `Cookie` for a token from a cookie, `Authorization`
    /// for all others.
    #[serde(default)]
    pub(crate) header: Option<String>,
    /// What stands before it there; `Bearer ` in `Authorization`.
    #[serde(default)]
    pub(crate) prefix: Option<String>,
}

fn token() -> Spanned<String> {
    Spanned::unplaced("/token".to_owned())
}

/// Operations by key or operationId. A list may hold lists, so that one actor may what another may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Operations(pub(crate) Vec<Spanned<String>>);

/// What stands in a list of operations.
enum Entry {
    One(String),
    More(Operations),
}

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries: Vec<Spanned<Entry>> = Vec::deserialize(deserializer)?;
        let mut operations = Vec::new();
        for Spanned { value, place } in entries {
            match value {
                Entry::One(value) => operations.push(Spanned { value, place }),
                Entry::More(more) => operations.extend(more.0),
            }
        }
        Ok(Self(operations))
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation, or a list of them")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Entry, E> {
                Ok(Entry::One(text.to_owned()))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, entries: A) -> Result<Entry, A::Error> {
                let entries = de::value::SeqAccessDeserializer::new(entries);
                Operations::deserialize(entries).map(Entry::More)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for Operations {
    fn schema_name() -> Cow<'static, str> {
        "Operations".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let more = generator.subschema_for::<Operations>();
        json_schema!({
            "description": "Operations by key (`GET /items/{id}`), path or operationId; `*` at the end stands for anything. A list may hold lists.",
            "type": "array",
            "items": { "anyOf": [{ "type": "string" }, more] }
        })
    }
}

/// One value for all tenants, or one for each: a text with the tenant's variables, or where a secret is
/// kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ByTenant {
    /// For all.
    All(Spanned<Value>),
    /// By the tenant's name.
    Each(BTreeMap<String, Spanned<Value>>),
}

/// A text, or where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// The text itself.
    Text(String),
    /// In this environment variable.
    Environment(String),
    /// On the first line of this file.
    File(String),
}

const KEPT: [&str; 2] = ["environment", "file"];

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, {environment: NAME} or {file: NAME}; numbers need quotes")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let key: Option<String> = map.next_key()?;
                let key = key.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let value = match key.as_str() {
                    "environment" => Value::Environment(map.next_value()?),
                    "file" => Value::File(map.next_value()?),
                    other => return Err(de::Error::unknown_field(other, &KEPT)),
                };
                match map.next_key::<String>()? {
                    None => Ok(value),
                    Some(_) => Err(de::Error::invalid_length(2, &self)),
                }
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for ByTenant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = ByTenant;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "text, {environment: NAME}, {file: NAME} or one of those for each tenant; numbers need quotes",
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByTenant, E> {
                Ok(ByTenant::All(Spanned::unplaced(Value::Text(
                    text.to_owned(),
                ))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByTenant, A::Error> {
                let mut each: BTreeMap<String, Spanned<Value>> = BTreeMap::new();
                while let Some((tenant, value)) = map.next_entry()? {
                    each.insert(tenant, value);
                }
                // `{environment: NAME}` is one place for all; a tenant of such a name has a mapping there.
                if let (1, Some((key, value))) = (each.len(), each.first_key_value())
                    && let Value::Text(name) = &value.value
                {
                    let kept = match key.as_str() {
                        "environment" => Some(Value::Environment(name.clone())),
                        "file" => Some(Value::File(name.clone())),
                        _ => None,
                    };
                    if let Some(kept) = kept {
                        return Ok(ByTenant::All(Spanned {
                            value: kept,
                            place: value.place,
                        }));
                    }
                }
                Ok(ByTenant::Each(each))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text with the tenant's variables, or where a secret is kept.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": {
                        "environment": { "type": "string", "description": "In this environment variable." }
                    },
                    "required": ["environment"],
                    "additionalProperties": false
                },
                {
                    "type": "object",
                    "properties": {
                        "file": { "type": "string", "description": "On the first line of this file." }
                    },
                    "required": ["file"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl JsonSchema for ByTenant {
    fn schema_name() -> Cow<'static, str> {
        "ByTenant".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<Value>();
        json_schema!({
            "description": "One value for all tenants, or one for each by name.",
            "anyOf": [
                value,
                { "type": "object", "additionalProperties": value }
            ]
        })
    }
}
