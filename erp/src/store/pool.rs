//! Which connection serves whom, and until when?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::Connection;
use super::error::StoreError;
use super::row::Row;
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
struct Key {
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

/// A connection for the time of one piece of work.
pub struct Lease {
    connection: Option<Connection>,
    scope: Scope,
    key: Key,
    generation: u64,
    store: Arc<Store>,
    _permit: OwnedSemaphorePermit,
}

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
        let generation = self.generation.load(std::sync::atomic::Ordering::SeqCst);
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
                return Ok(Lease {
                    connection: Some(connection),
                    scope,
                    key,
                    generation,
                    store: Arc::clone(self),
                    _permit: permit,
                });
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
        Ok(Lease {
            connection: Some(connection),
            scope: scope.clone(),
            key,
            generation,
            store: Arc::clone(self),
            _permit: permit,
        })
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

impl Lease {
    /// For whom it works.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The design of its database.
    pub fn design(&self) -> Design {
        self.store.design
    }

    /// The name of what holds a table's rows for the application.
    pub fn table(&self, name: &str) -> String {
        match self.design() {
            Design::DatabasePerTenant => format!("dbo.{name}"),
            Design::SharedDatabase => format!("org.{name}"),
        }
    }

    /// The condition that narrows `alias` to the rows of the scope, with `AND` behind it; empty where
    /// the database itself is the tenant's. Every statement of the shared design carries it, beside
    /// what the views demand of the session: the two are told apart in an audit.
    pub fn own(&self, alias: &str, departmental: bool, params: &mut Params) -> String {
        let Some(organisation) = self.scope.organisation else {
            return String::new();
        };
        let mut condition = format!("{alias}.OrgId = {} AND ", params.bind(organisation));
        if let Some(department) = self.scope.department.filter(|_| departmental) {
            let department = params.bind(department);
            condition.push_str(&format!("{alias}.SubOrgId = {department} AND "));
        }
        condition
    }

    /// The rows of a statement's first result set.
    pub async fn rows(&mut self, statement: &str, params: &Params) -> Result<Vec<Row>, StoreError> {
        let sets = self.sets(statement, params).await?;
        Ok(sets.into_iter().next().unwrap_or_default())
    }

    /// The first row of a statement's first result set.
    pub async fn row(
        &mut self,
        statement: &str,
        params: &Params,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, params).await?.into_iter().next())
    }

    /// All result sets of a statement.
    pub async fn sets(
        &mut self,
        statement: &str,
        params: &Params,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        encodable(statement, params)?;
        self.connection()?.sets(statement, params).await
    }

    /// How many rows a statement changed.
    pub async fn execute(&mut self, statement: &str, params: &Params) -> Result<u64, StoreError> {
        encodable(statement, params)?;
        self.connection()?.execute(statement, params).await
    }

    /// Runs a batch as it stands. Only for text that is meant to be a batch, as the investigator's.
    pub async fn batch(&mut self, batch: &str) -> Result<Vec<Vec<Row>>, StoreError> {
        self.connection()?.batch(batch).await
    }

    /// Runs a batch as it stands, for at most so many rows; whether there were more.
    pub async fn batch_of_at_most(
        &mut self,
        batch: &str,
        rows_max: usize,
    ) -> Result<(Vec<Vec<Row>>, bool), StoreError> {
        self.connection()?.batch_of_at_most(batch, rows_max).await
    }

    /// Ends the connection, which serves nobody after this.
    pub fn close(mut self) {
        self.connection = None;
    }

    /// Begins a transaction. When the lease is dropped before [`Lease::commit`], the connection is
    /// closed and the server rolls back.
    pub async fn begin(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        connection.in_transaction = true;
        let begin = "SET XACT_ABORT ON; BEGIN TRANSACTION;";
        connection.batch(begin).await.map(drop)
    }

    /// Commits the transaction.
    pub async fn commit(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        connection.batch("COMMIT TRANSACTION;").await?;
        connection.in_transaction = false;
        Ok(())
    }

    /// Rolls the transaction back, and goes on with the connection.
    pub async fn roll_back(&mut self) -> Result<(), StoreError> {
        let connection = self.connection()?;
        connection
            .batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;")
            .await?;
        connection.in_transaction = false;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Lost)
    }
}

/// What a planted defect lets through in place of half a character.
pub(crate) const HALF_CHARACTER: char = '\u{fdd0}';

fn encodable(statement: &str, params: &Params) -> Result<(), StoreError> {
    let half = |param: &super::Param| match param {
        super::Param::Text(text) => text.contains(HALF_CHARACTER),
        _ => false,
    };
    if params.0.iter().any(half) {
        return Err(StoreError::NotEncodable {
            statement: statement.to_owned(),
        });
    }
    Ok(())
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let current = self
            .store
            .generation
            .load(std::sync::atomic::Ordering::SeqCst);
        // Whoever was cut off midway leaves an answer unread or a transaction open: such a
        // connection is closed, and the server rolls back.
        if connection.midway || connection.in_transaction || current != self.generation {
            return;
        }
        let mut idle = self.store.idle();
        let pool = idle.entry(self.key.clone()).or_default();
        if pool.len() < IDLE_MAX {
            pool.push(Idle {
                connection,
                scope: self.scope.clone(),
            });
        }
    }
}
