//! Who somebody is to a service, and how he proves it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api::history::Answer;
use domain::api::request::{Body, Request};
use domain::api::service::{Authentication, KeyPlace, Login, Source};
use domain::system::Secret;
use domain::world::Tenant;
use serde_json::{Map, Value};

use super::compose::{Message, Proof};

/// One caller's account.
pub(super) struct Account {
    /// What was handed out once and is always sent.
    fixed: Vec<Proof>,
    /// How he gets what else is sent.
    pub(super) login: Option<LogIn>,
    /// A request that works for him while his session lives, if one is declared.
    probe: Option<Request>,
    session: Mutex<Session>,
    /// Held while somebody logs in, so that two requests do not do so at once.
    pub(super) gate: tokio::sync::Mutex<()>,
}

/// A login request, and what becomes of its answer.
pub(super) struct LogIn {
    pub(super) request: Request,
    pub(super) token: Token,
    pub(super) header: String,
    pub(super) prefix: String,
}

/// Where the answer to a login holds the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Pointer(String),
    Header(String),
    Cookie(String),
}

#[derive(Default)]
struct Session {
    proof: Option<Proof>,
    /// The first request that only read and worked, and is not answered to everybody.
    known_good: Option<KnownGood>,
    /// Targets that are answered to everybody: by these nobody's session is seen.
    open: BTreeSet<String>,
}

/// A request that worked.
#[derive(Clone)]
pub(super) struct KnownGood {
    pub(super) request: Request,
    /// Whether it was refused to somebody without credentials.
    pub(super) is_vetted: bool,
}

impl Account {
    /// What is declared for an actor, filled for a tenant. `Ok(None)` when the tenant has no
    /// credentials of it.
    pub(super) fn new(
        declared: &Authentication,
        tenant: &Tenant,
        probe: Option<&Request>,
        secrets: &mut dyn FnMut(&Secret) -> Result<String, String>,
    ) -> Result<Option<Self>, String> {
        let mut account = Self {
            fixed: Vec::new(),
            login: None,
            probe: probe.cloned(),
            session: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
        };
        let is_whole = account.add(declared, tenant, secrets)?;
        Ok(is_whole.then_some(account))
    }

    /// Adds a way in which he proves who he is; `false` when the tenant has no credentials for it.
    fn add(
        &mut self,
        declared: &Authentication,
        tenant: &Tenant,
        secrets: &mut dyn FnMut(&Secret) -> Result<String, String>,
    ) -> Result<bool, String> {
        let mut of = |by_tenant: &BTreeMap<String, Source>| {
            let source = by_tenant.get(&tenant.name).or_else(|| by_tenant.get("*"));
            source
                .map(|source| text(source, tenant, secrets))
                .transpose()
        };
        let authorization = |value: String| Proof::Header {
            name: "Authorization".to_owned(),
            value,
        };
        let proof = match declared {
            Authentication::None => return Ok(true),
            Authentication::All(several) => {
                let mut is_whole = true;
                for one in several {
                    is_whole &= self.add(one, tenant, secrets)?;
                }
                return Ok(is_whole);
            }
            Authentication::Login(login) => {
                let request = login_request(login, tenant, secrets)?;
                self.login = request.map(|request| LogIn {
                    request,
                    token: Token::parse(&login.token),
                    header: login.header.clone(),
                    prefix: login.prefix.clone(),
                });
                return Ok(self.login.is_some());
            }
            Authentication::Bearer(tokens) => {
                of(tokens)?.map(|token| authorization(format!("Bearer {token}")))
            }
            Authentication::Basic { user, password } => of(password)?.map(|password| {
                let user = tenant.fill(user);
                let code = STANDARD.encode(format!("{user}:{password}"));
                authorization(format!("Basic {code}"))
            }),
            Authentication::Key {
                place,
                name,
                prefix,
                value,
            } => of(value)?.map(|value| {
                let (name, value) = (name.clone(), format!("{prefix}{value}"));
                match place {
                    KeyPlace::Header => Proof::Header { name, value },
                    KeyPlace::Query => Proof::Query { name, value },
                    KeyPlace::Cookie => Proof::Cookie { name, value },
                }
            }),
        };
        let is_whole = proof.is_some();
        self.fixed.extend(proof);
        Ok(is_whole)
    }

    /// Whether he proves anything at all.
    pub(super) fn is_nobody(&self) -> bool {
        self.fixed.is_empty() && self.login.is_none()
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // A session is replaced as a whole, so whoever panicked left a whole one.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What proves who he is; nothing when he has to log in first.
    pub(super) fn proofs(&self) -> Option<Vec<Proof>> {
        let mut proofs = self.fixed.clone();
        if self.login.is_some() {
            proofs.push(self.session().proof.clone()?);
        }
        Some(proofs)
    }

    /// What is sent with a login, too: a gateway asks for its key before everything.
    pub(super) fn handed_out(&self) -> Vec<Proof> {
        self.fixed.clone()
    }

    pub(super) fn begin(&self, proof: Proof) {
        self.session().proof = Some(proof);
    }

    /// Remembers the first request that worked.
    pub(super) fn worked(&self, request: &Request, message: &Message) {
        if self.login.is_none() && message.only_reads() {
            let mut session = self.session();
            if session.known_good.is_none() && !session.open.contains(&request.path) {
                session.known_good = Some(KnownGood {
                    request: request.clone(),
                    is_vetted: false,
                });
            }
        }
    }

    /// A request by which is seen whether the session lives.
    pub(super) fn probe(&self) -> Option<KnownGood> {
        let declared = self.probe.clone().map(|request| KnownGood {
            request,
            is_vetted: true,
        });
        declared.or_else(|| self.session().known_good.clone())
    }

    /// What came of asking for it without credentials: an answer to everybody shows no session.
    pub(super) fn vetted(&self, request: &Request, is_open: bool) {
        let mut session = self.session();
        if is_open {
            session.open.insert(request.path.clone());
            session.known_good = None;
        } else if let Some(known) = &mut session.known_good {
            known.is_vetted = true;
        }
    }

    /// Ends the session here, so that the next request begins another.
    pub(super) fn forget(&self) {
        *self.session() = Session::default();
    }
}

impl Token {
    fn parse(written: &str) -> Self {
        if let Some(name) = written.strip_prefix("header ") {
            Self::Header(name.trim().to_ascii_lowercase())
        } else if let Some(name) = written.strip_prefix("cookie ") {
            Self::Cookie(name.trim().to_owned())
        } else {
            Self::Pointer(written.to_owned())
        }
    }

    /// The token in the answer to a login.
    pub(super) fn find(&self, answer: &Answer) -> Option<String> {
        match self {
            Self::Pointer(pointer) => match answer.json()?.pointer(pointer)? {
                Value::String(token) => Some(token.clone()),
                Value::Number(token) => Some(token.to_string()),
                _ => None,
            },
            Self::Header(name) => answer.header(name).map(str::to_owned),
            Self::Cookie(name) => {
                let cookies = answer.headers.iter().filter(|(own, _)| own == "set-cookie");
                cookies
                    .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
                    .find(|(own, _)| own.trim() == name)
                    .map(|(_, value)| value.trim().to_owned())
            }
        }
        .filter(|token| !token.is_empty())
    }
}

fn text(
    source: &Source,
    tenant: &Tenant,
    secrets: &mut dyn FnMut(&Secret) -> Result<String, String>,
) -> Result<String, String> {
    match source {
        Source::Text(text) => Ok(tenant.fill(text)),
        Source::Secret(secret) => secrets(secret),
    }
}

fn login_request(
    login: &Login,
    tenant: &Tenant,
    secrets: &mut dyn FnMut(&Secret) -> Result<String, String>,
) -> Result<Option<Request>, String> {
    // What is said for all tenants, and over it what is said for this one.
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for key in ["*", tenant.name.as_str()] {
        for (name, source) in login.fields.get(key).into_iter().flatten() {
            fields.insert(name, text(source, tenant, secrets)?);
        }
    }
    if fields.is_empty() && !login.fields.is_empty() {
        return Ok(None);
    }
    let body = if login.media_type.contains("form") {
        let fields = fields.into_iter();
        Body::Form(
            fields
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    } else {
        let mut document = Value::Object(Map::new());
        for (name, value) in fields {
            put(&mut document, name, value);
        }
        Body::Json {
            media_type: login.media_type.clone(),
            value: document,
        }
    };
    Ok(Some(Request {
        method: login.method.clone(),
        path: tenant.fill(&login.path),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(body),
    }))
}

/// A field by its name, or by a JSON pointer where it lies deeper.
fn put(document: &mut Value, name: &str, value: String) {
    let path: Vec<String> = match name.strip_prefix('/') {
        Some(pointer) => pointer
            .split('/')
            .map(|part| part.replace("~1", "/").replace("~0", "~"))
            .collect(),
        None => vec![name.to_owned()],
    };
    let mut place = document;
    for part in path {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let members = place.as_object_mut().expect("it was just made an object");
        place = members.entry(part).or_insert(Value::Null);
    }
    *place = Value::String(value);
}

#[cfg(test)]
mod tests {
    use domain::api::history::Answer;
    use serde_json::{Map, Value, json};

    use super::{Token, put};

    #[test]
    fn a_token_is_found_in_body_header_or_cookie() {
        let answer = Answer {
            status: 200,
            headers: vec![
                ("x-token".into(), "h".into()),
                ("set-cookie".into(), "a=1; Path=/".into()),
                ("set-cookie".into(), "sid=c=d; HttpOnly".into()),
            ],
            body: br#"{"data": {"token": "b", "number": 5}, "none": null}"#.to_vec(),
            ..Answer::default()
        };
        for (place, expected) in [
            ("/data/token", Some("b")),
            ("/data/number", Some("5")),
            ("/none", None),
            ("/other", None),
            ("header X-Token", Some("h")),
            ("header Other", None),
            ("cookie sid", Some("c=d")),
            ("cookie other", None),
        ] {
            assert_eq!(
                Token::parse(place).find(&answer).as_deref(),
                expected,
                "{place}"
            );
        }
    }

    #[test]
    fn fields_of_a_login_can_lie_deeper() {
        let mut document = Value::Object(Map::new());
        put(&mut document, "/user/email", "a@b".into());
        put(&mut document, "/user/password", "p".into());
        put(&mut document, "client", "c".into());
        assert_eq!(
            document,
            json!({"user": {"email": "a@b", "password": "p"}, "client": "c"})
        );
    }
}
