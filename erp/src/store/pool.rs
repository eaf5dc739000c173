//! Which connection serves whom, and until when?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::connection::Connection;
use super::error::StoreError;
use super::lease::Lease;
use super::scope::{Duty, SIGN_IN, Scope};
use super::statement::Params;
use crate::fault::Fault;
use crate::options::{Design, Login, Secrets, SqlServer, TenantSecrets};
use crate::switches::Switches;

/// The connections to one server.
pub struct Store {
    design: Design,
    server: SqlServer,
    shared: BTreeMap<String, Login>,
    tenants: RwLock<BTreeMap<String, TenantSecrets>>,
    /// Those that were there when the service started.
    first: RwLock<BTreeMap<String, TenantSecrets>>,
    idle: Mutex<BTreeMap<Key, Vec<Idle>>>,
    permits: Arc<Semaphore>,
    switches: Arc<Switches>,
    /// Raised by [`Store::forget`]: a connection that was opened before is not kept.
    generation: std::sync::atomic::AtomicU64,
}

/// Who may be served by the same connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    principal: &'static str,
    scope: Option<Scope>,
}

/// A connection that serves nobody at the moment, with whom it served.
struct Idle {
    connection: Connection,
    scope: Scope,
}

/// So many connections at once, over all pools.
const CONNECTIONS_MAX: usize = 64;
/// So many idle ones in each pool.
const IDLE_MAX: usize = 4;
/// So long does a request wait for a connection, and a connection for its login.
const WAIT: Duration = Duration::from_secs(10);

impl Store {
    /// The store of a service.
    pub fn new(
        design: Design,
        server: SqlServer,
        secrets: &Secrets,
        switches: Arc<Switches>,
    ) -> Self {
        Self {
            design,
            server,
            shared: secrets.shared.clone(),
            tenants: RwLock::new(secrets.tenants.clone()),
            first: RwLock::new(secrets.tenants.clone()),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            switches,
            generation: 0.into(),
        }
    }

    /// The design.
    pub fn design(&self) -> Design {
        self.design
    }

    /// Names of all tenants, in order.
    pub fn tenants(&self) -> Vec<String> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.keys().cloned().collect()
    }

    /// What is known of a tenant.
    pub fn tenant(&self, name: &str) -> Option<TenantSecrets> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(name).cloned()
    }

    /// Makes a tenant known.
    pub fn add_tenant(&self, name: &str, secrets: TenantSecrets) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(name.to_owned(), secrets);
    }

    /// Makes a tenant known that was there before the service was started, if it is not known yet.
    pub fn know_tenant(&self, name: &str, secrets: TenantSecrets) {
        let mut first = self.first.write().unwrap_or_else(PoisonError::into_inner);
        let known = first.entry(name.to_owned()).or_insert(secrets).clone();
        drop(first);
        self.add_tenant(name, known);
    }

    /// Makes a tenant unknown, and closes its idle connections.
    pub fn remove_tenant(&self, name: &str) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.remove(name);
        drop(tenants);
        for pool in self.idle().values_mut() {
            pool.retain(|idle| idle.scope.tenant != name);
        }
    }

    /// The scope of a process that works for a tenant.
    pub fn scope(&self, tenant: &str, actor: &str) -> Option<Scope> {
        let known = self.tenant(tenant)?;
        Some(Scope {
            tenant: tenant.to_owned(),
            organisation: known.organisation,
            department: None,
            actor: actor.to_owned(),
        })
    }

    /// What the application connects with on behalf of `scope`. Only a planted defect shows it.
    pub fn connection_string(&self, scope: &Scope) -> Option<String> {
        let tenant = self.tenant(&scope.tenant)?;
        let principal = Duty::Application.principal(self.design);
        let login = match self.design {
            Design::DatabasePerTenant => tenant.principals.get(principal)?,
            Design::SharedDatabase => self.shared.get(principal)?,
        };
        let SqlServer { host, port } = &self.server;
        Some(format!(
            "Server={host},{port};Database={};User Id={};Password={}",
            tenant.database, login.name, login.password
        ))
    }

    /// Closes all idle connections; those in use are not kept. The tenants are those of the start.
    pub fn forget(&self) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let first = self.first.read().unwrap_or_else(PoisonError::into_inner);
        tenants.clone_from(&first);
        drop(first);
        drop(tenants);
        self.generation
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.idle().clear();
    }

    /// Raised whenever everything is forgotten.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Takes a connection back that serves nobody any more, and is at rest.
    pub(super) fn give_back(&self, key: Key, connection: Connection, scope: Scope) {
        let mut idle = self.idle();
        let pool = idle.entry(key).or_default();
        if pool.len() < IDLE_MAX {
            pool.push(Idle { connection, scope });
        }
    }

    fn idle(&self) -> MutexGuard<'_, BTreeMap<Key, Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of a scope a connection is bound to for its whole life: all of it where the session is
    /// checked out for it, the tenant alone where the tenant has a database of its own.
    fn fixed(&self, scope: &Scope) -> Scope {
        match self.design {
            Design::SharedDatabase => scope.clone(),
            Design::DatabasePerTenant => Scope {
                tenant: scope.tenant.clone(),
                organisation: None,
                department: None,
                actor: String::new(),
            },
        }
    }

    /// A connection that works for `scope` as the principal of `duty`.
    pub async fn checkout(
        self: &Arc<Self>,
        scope: &Scope,
        duty: Duty,
    ) -> Result<Lease, StoreError> {
        let permit = timeout(WAIT, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| StoreError::Busy)?
            .map_err(|_| StoreError::Busy)?;
        let generation = self.generation();
        let principal = duty.principal(self.design);
        // One pool for each of what a connection is bound to: it cannot be changed.
        // Sign-in has connections of its own in any case.
        let shared_pool = scope.actor != SIGN_IN
            && (self.switches.fault(Fault::PoolKeepsContext)
                || self.switches.near_miss(Fault::PoolKeepsContext));
        let key = Key {
            principal,
            scope: (!shared_pool).then(|| self.fixed(scope)),
        };
        let waiting = self.idle().get_mut(&key).and_then(Vec::pop);
        if let Some(Idle {
            connection,
            scope: served,
        }) = waiting
        {
            // The planted defect: whoever finds a warm connection works on as whom it served. Its
            // near miss takes a connection from the common pool only for the same scope.
            let keeps = shared_pool && self.switches.fault(Fault::PoolKeepsContext);
            let scope = if keeps {
                Some(served)
            } else {
                (self.fixed(&served) == self.fixed(scope)).then(|| scope.clone())
            };
            if let Some(scope) = scope {
                let store = Arc::clone(self);
                return Ok(Lease::new(
                    store, connection, scope, key, generation, permit,
                ));
            }
        }
        let tenant = self.tenant(&scope.tenant).ok_or(StoreError::NoTenant)?;
        let login = match self.design {
            Design::DatabasePerTenant => tenant.principals.get(principal),
            Design::SharedDatabase => self.shared.get(principal),
        };
        let login = login.ok_or(StoreError::NoTenant)?;
        let opened = timeout(
            WAIT,
            Connection::open(&self.server, login, &tenant.database),
        );
        let mut connection = opened.await.map_err(|_| StoreError::Unreachable)??;
        if self.design == Design::SharedDatabase {
            let organisation = scope.organisation.ok_or(StoreError::NoTenant)?;
            check_out(&mut connection, organisation, scope).await?;
        }
        let store = Arc::clone(self);
        let scope = scope.clone();
        Ok(Lease::new(
            store, connection, scope, key, generation, permit,
        ))
    }
}

/// Writes the caller into the session, where nobody can change him any more.
async fn check_out(
    connection: &mut Connection,
    organisation: i32,
    scope: &Scope,
) -> Result<(), StoreError> {
    let mut params = Params::new();
    let organisation = params.bind(organisation);
    let actor = params.bind(scope.actor.as_str());
    let mut batch = format!(
        "EXEC sys.sp_set_session_context N'OrgId', {organisation}, @read_only = 1; \
         EXEC sys.sp_set_session_context N'Actor', {actor}, @read_only = 1;"
    );
    if let Some(department) = scope.department {
        let department = params.bind(department);
        batch.push_str(&format!(
            " EXEC sys.sp_set_session_context N'SubOrgId', {department}, @read_only = 1;"
        ));
    }
    connection.sets(&batch, &params).await.map(drop)
}
