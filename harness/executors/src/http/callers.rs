//! Everybody who calls a service: sends requests on their behalf and records what comes back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connection::Trust;
use domain::api::history::{Answer, Record};
use domain::api::request::{Caller, Request};
use domain::api::service::Service;
use domain::history::Loss;
use domain::inspection::Fact;
use domain::system::Secret;
use domain::world::{TenantIndex, World};
use futures_util::future::join_all;

use super::authentication::Account;
use super::compose::{Message, Proof};
use super::document;
use super::error::HttpError;
use super::origin::Origin;
use super::receiver::Receiver;
use super::reference::{Scope, resolve};
use super::transport;
use super::wire::{BODY_RECORDED_MAX, Waits, Wire};

const UNAUTHORIZED: u16 = 401;

/// Where a service is and how to speak with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpService {
    /// `https://host:port/prefix`.
    pub base_url: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long to wait for it.
    pub waits: Waits,
}

impl HttpService {
    /// A service at a URL, with the waits and the trust that nobody said anything about.
    pub fn at(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            trust: Trust::System,
            waits: Waits::default(),
        }
    }
}

/// Monotonic time since any fixed moment, given by whoever has a clock.
pub type Now = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Everybody who calls one service.
pub struct Callers {
    wire: Wire,
    at: HttpService,
    world: Arc<World>,
    accounts: BTreeMap<Caller, Account>,
    hooks: BTreeMap<TenantIndex, String>,
    now: Now,
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers")
            .field("origin", &self.wire.origin)
            .field("accounts", &self.accounts.keys())
            .finish_non_exhaustive()
    }
}

/// A request that only waits to be sent.
struct Ready<'a> {
    message: Message,
    request: Request,
    account: Option<&'a Account>,
    /// Whether he logged in for this very request.
    is_fresh: bool,
}

impl Callers {
    /// The declared actors of every tenant. `secrets` is asked for each secret that they refer to.
    pub async fn new<E: fmt::Display>(
        service: &Service,
        at: &HttpService,
        world: Arc<World>,
        mut secrets: impl FnMut(&Secret) -> Result<String, E>,
        now: Now,
    ) -> Result<Self, HttpError> {
        let origin = Origin::parse(&at.base_url)?;
        let wire = Wire::new(origin, &at.trust, at.waits, BODY_RECORDED_MAX).await?;
        let probe = service.probe.as_deref().map(probe_request);
        let mut read = |secret: &Secret| secrets(secret).map_err(|error| error.to_string());
        let mut accounts = BTreeMap::new();
        for (name, actor) in &service.actors {
            for index in world.indexes() {
                let tenant = world.tenant(index);
                if !actor.tenants.is_empty() && !actor.tenants.contains(&tenant.name) {
                    continue;
                }
                let account =
                    Account::new(&actor.authentication, tenant, probe.as_ref(), &mut read);
                let account = account.map_err(|reason| HttpError::Secret {
                    actor: name.clone(),
                    reason,
                })?;
                if let Some(account) = account {
                    accounts.insert(Caller::of(index, name), account);
                }
            }
        }
        Ok(Self {
            wire,
            at: at.clone(),
            world,
            accounts,
            hooks: BTreeMap::new(),
            now,
        })
    }

    /// Makes `{{hook}}` in requests the URL at which the caller's tenant receives webhooks.
    pub fn with_hooks(mut self, receiver: &Receiver) -> Self {
        self.hooks = self
            .world
            .indexes()
            .map(|index| (index, receiver.url(index)))
            .collect();
        self
    }

    /// What the way to the service is like: which handshakes it does, and what its first answer says.
    pub async fn transport(&self) -> Fact {
        transport::look(&self.wire, &self.at).await
    }

    /// Who can call, in order.
    pub fn known(&self) -> impl Iterator<Item = &Caller> {
        self.accounts.keys()
    }

    /// Begins a session for everybody who needs one; tells who could not log in, and why.
    pub async fn log_in_all(&self) -> Vec<(Caller, String)> {
        let mut failed = Vec::new();
        for (caller, account) in &self.accounts {
            if account.proofs().is_some() {
                continue;
            }
            if let Err(answer) = self.log_in(account, None).await {
                let why = match answer.status {
                    0 => "no answer came".to_owned(),
                    status if status < 400 => {
                        format!("the answer (status {status}) holds no token where it was declared")
                    }
                    status => format!("it was answered with status {status}"),
                };
                failed.push((caller.clone(), why));
            }
        }
        failed
    }

    /// Sends a request and waits for the answer.
    pub async fn send(&self, caller: &Caller, request: &Request, earlier: &[Record]) -> Record {
        match self.ready(caller, request, earlier).await {
            Ok(ready) => self.exchange(ready).await,
            Err(record) => record,
        }
    }

    /// Sends several requests at the same time. Logins and connections come before, so that only the
    /// requests race.
    pub async fn send_together(
        &self,
        calls: &[(&Caller, &Request)],
        earlier: &[Record],
    ) -> Vec<Record> {
        let mut prepared = Vec::new();
        for (caller, request) in calls {
            prepared.push(self.ready(caller, request, earlier).await);
        }
        self.wire.open(calls.len()).await;
        let exchanges = prepared.into_iter().map(|ready| async move {
            match ready {
                Ok(ready) => self.exchange(ready).await,
                Err(record) => record,
            }
        });
        join_all(exchanges).await
    }

    /// Sends a request and closes the connection before the answer.
    pub async fn abandon(&self, caller: &Caller, request: &Request, earlier: &[Record]) -> Record {
        match self.ready(caller, request, earlier).await {
            Ok(ready) => Record::Call {
                sent: ready.message.sent(),
                answer: self.wire.abandon(&ready.message).await,
            },
            Err(record) => record,
        }
    }

    /// Ends every session and connection, so that the next request begins anew: after the service or
    /// its database was put back.
    pub fn forget_sessions(&self) {
        for account in self.accounts.values() {
            account.forget();
        }
        self.wire.close();
    }

    /// Fetches the contract from a URL, or from a path below the base URL, as somebody: some services
    /// show each caller what he may do.
    pub async fn fetch_document(&self, caller: &Caller, url: &str) -> Result<Vec<u8>, HttpError> {
        let url = match url.starts_with('/') {
            true => format!("{}{url}", self.at.base_url.trim_end_matches('/')),
            false => url.to_owned(),
        };
        let failed = |reason: String| HttpError::Fetch {
            url: url.clone(),
            reason,
        };
        let account = self.accounts.get(caller);
        let account =
            account.ok_or_else(|| failed(format!("there is no actor {}", caller.actor)))?;
        let proofs = match account.proofs() {
            Some(proofs) => proofs,
            None => self.log_in(account, None).await.map_err(|answer| {
                failed(format!(
                    "the login was answered with status {}",
                    answer.status
                ))
            })?,
        };
        let origin = Origin::parse(&url)?;
        let own = &self.wire.origin;
        // Nobody else is told who we are.
        let is_own = (&origin.host, origin.port) == (&own.host, own.port);
        let proofs = if is_own { proofs } else { Vec::new() };
        document::fetch(&url, &self.at.trust, self.at.waits, &proofs).await
    }

    async fn ready(
        &self,
        caller: &Caller,
        request: &Request,
        earlier: &[Record],
    ) -> Result<Ready<'_>, Record> {
        let scope = Scope {
            world: &self.world,
            caller,
            earlier,
            hook: caller
                .tenant
                .and_then(|index| self.hooks.get(&index).cloned()),
        };
        let unresolved = |reason: String| Record::Unresolved { reason };
        let request = resolve(request, &scope).map_err(|error| unresolved(error.to_string()))?;
        let account = match caller.tenant {
            None => None,
            Some(index) => {
                let account = self.accounts.get(caller);
                Some(account.ok_or_else(|| {
                    let tenant = &self.world.tenant(index).name;
                    unresolved(format!("tenant {tenant} has no actor {}", caller.actor))
                })?)
            }
        };
        let plain = Message::new(&request, &[]).map_err(unresolved)?;
        let (proofs, is_fresh) = match account {
            None => (Vec::new(), false),
            Some(account) => match account.proofs() {
                Some(proofs) => (proofs, false),
                None => match self.log_in(account, None).await {
                    Ok(proofs) => (proofs, true),
                    Err(answer) => {
                        return Err(Record::Call {
                            sent: plain.sent(),
                            answer: Answer {
                                dead_session: true,
                                lost: Some(answer.lost.unwrap_or(Loss::NotConnected)),
                                ..Answer::default()
                            },
                        });
                    }
                },
            },
        };
        let message = Message::new(&request, &proofs).map_err(unresolved)?;
        Ok(Ready {
            message,
            request,
            account,
            is_fresh,
        })
    }

    /// Proofs other than those that are `dead`. `Err` is what the login was answered.
    async fn log_in(
        &self,
        account: &Account,
        dead: Option<&Vec<Proof>>,
    ) -> Result<Vec<Proof>, Answer> {
        let Some(login) = &account.login else {
            return Ok(account.proofs().unwrap_or_default());
        };
        let _gate = account.gate.lock().await;
        // Somebody else may have logged in while this one waited.
        if let Some(proofs) = account.proofs().filter(|proofs| Some(proofs) != dead) {
            return Ok(proofs);
        }
        let Ok(message) = Message::new(&login.request, &account.handed_out()) else {
            return Err(Answer::default());
        };
        let answer = self.wire.exchange(&message).await;
        // A login by form often answers with a redirect that sets the cookie.
        let is_in = (200..400).contains(&answer.status);
        let Some(token) = login.token.find(&answer).filter(|_| is_in) else {
            return Err(answer);
        };
        account.begin(Proof::Header {
            name: login.header.clone(),
            value: format!("{}{token}", login.prefix),
        });
        Ok(account.proofs().unwrap_or_default())
    }

    async fn exchange(&self, ready: Ready<'_>) -> Record {
        let mut message = ready.message;
        let mut answer = self.timed(&message).await;
        if let Some(account) = ready.account {
            if answer.is_success() {
                account.worked(&ready.request, &message);
            }
            if answer.status == UNAUTHORIZED {
                // Nothing was proved, or it was proved a moment ago: then this is the answer.
                if account.login.is_some() && !ready.is_fresh {
                    let dead = account.proofs();
                    match self.log_in(account, dead.as_ref()).await {
                        Ok(proofs) => {
                            if let Ok(again) = Message::new(&ready.request, &proofs) {
                                message = again;
                                answer = self.timed(&message).await;
                            }
                        }
                        Err(_) => answer.dead_session = true,
                    }
                } else if account.login.is_none() && !account.is_nobody() {
                    answer.dead_session = !self.lives(account).await;
                }
            }
        }
        Record::Call {
            sent: message.sent(),
            answer,
        }
    }

    /// Whether what must work for him works. When nothing is known that must, nobody can tell, and
    /// that is no refusal.
    async fn lives(&self, account: &Account) -> bool {
        let Some(probe) = account.probe() else {
            return false;
        };
        if !probe.is_vetted {
            let Ok(anonymous) = Message::new(&probe.request, &[]) else {
                return false;
            };
            let is_open = self.wire.exchange(&anonymous).await.is_success();
            account.vetted(&probe.request, is_open);
            if is_open {
                return false;
            }
        }
        let proofs = account.proofs().unwrap_or_default();
        let Ok(message) = Message::new(&probe.request, &proofs) else {
            return false;
        };
        let answer = self.wire.exchange(&message).await;
        answer.lost.is_none() && answer.status != UNAUTHORIZED
    }

    async fn timed(&self, message: &Message) -> Answer {
        let before = (self.now)();
        let mut answer = self.wire.exchange(message).await;
        let taken = (self.now)().saturating_sub(before);
        answer.latency_us = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        answer
    }
}

/// `GET /me`.
fn probe_request(written: &str) -> Request {
    let (method, path) = written.split_once(' ').unwrap_or(("GET", written));
    Request {
        method: method.to_owned(),
        path: path.trim().to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}
