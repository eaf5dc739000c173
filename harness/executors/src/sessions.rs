//! One session for each actor, opened when first needed and kept until it was changed or lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use connection::{ConnectError, Connection};
use domain::case::{Actor, BatchTraits, Scope};
use domain::history::{Loss, Response, ServerMessage, Touched};
use domain::system::Tenancy;
use domain::world::{TenantIndex, World};

use crate::credentials::Credentials;
use crate::quote;
use crate::target::{Mark, Target};

/// What a session is for. The twin of a step must not run in a session whose transaction or
/// temporary tables belong to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Step,
    Twin,
}

const ROLL_BACK: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

/// The sessions of one target.
#[derive(Debug)]
pub struct Sessions {
    target: Arc<Target>,
    world: Arc<World>,
    credentials: Arc<Credentials>,
    tenancy: Option<Tenancy>,
    open: BTreeMap<(Actor, Use), Connection>,
    administrator: Option<Connection>,
    last_refusal: Option<ConnectError>,
}

impl Sessions {
    /// No session is opened yet. With `tenancy`, each is checked out when it is opened.
    pub fn new(
        target: Arc<Target>,
        world: Arc<World>,
        credentials: Arc<Credentials>,
        tenancy: Option<Tenancy>,
    ) -> Self {
        Self {
            target,
            world,
            credentials,
            tenancy,
            open: BTreeMap::new(),
            administrator: None,
            last_refusal: None,
        }
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Runs a batch as `actor`. The session is closed afterwards when the batch may have changed
    /// it, its open transaction rolled back; otherwise it stays open for the next batch.
    ///
    /// A session that cannot be opened gives a response with [`Loss::NotConnected`], and the
    /// server's refusal among its errors if it was one.
    pub async fn run(&mut self, actor: &Actor, batch: &str, traits: BatchTraits) -> Response {
        let response = self.run_in(actor, Use::Step, batch).await;
        self.leave(actor, Use::Step, traits).await;
        response
    }

    /// Ends the transaction that a batch may have left open, and closes the session that it may
    /// have changed otherwise.
    async fn leave(&mut self, actor: &Actor, purpose: Use, traits: BatchTraits) {
        let key = (actor.clone(), purpose);
        // The server notices a closed connection some time later; until then its locks and rows
        // would still be there. So the transaction ends first, in either case.
        if traits.controls_transactions
            && let Some(connection) = self.open.get_mut(&key)
        {
            let ended = connection.run(ROLL_BACK).await;
            if ended.lost.is_some() || !ended.errors.is_empty() {
                self.open.remove(&key);
            }
        }
        if traits.changes_session {
            self.open.remove(&key);
        }
    }

    /// Runs a batch as `actor` and undoes it: by snapshot where the target has them, by rolling
    /// back otherwise. `Err` when it cannot be undone here; then nothing was run.
    ///
    /// By rolling back, two things stay: identity values that were used up, and what the batch
    /// did to its own session, which is closed then.
    pub async fn run_and_undo(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> Result<Response, CannotUndo> {
        let response = if let Some(reset) = self.target.reset.clone() {
            let mark = reset.save();
            let response = self.run_in(actor, Use::Twin, batch).await;
            // A batch that only reads leaves nothing to put back, but nobody can promise that a
            // given batch only reads: restoring is a pointer copy, so it is always done.
            reset.restore(&mark);
            response
        } else if traits.controls_transactions {
            return Err(CannotUndo);
        } else {
            self.run_and_roll_back(actor, batch).await
        };
        self.leave(actor, Use::Twin, traits).await;
        Ok(response)
    }

    async fn run_and_roll_back(&mut self, actor: &Actor, batch: &str) -> Response {
        let begun = self.run_plain(actor, Use::Twin, "BEGIN TRANSACTION").await;
        if begun.lost.is_some() || !begun.errors.is_empty() {
            return begun;
        }
        let response = self.run_in(actor, Use::Twin, batch).await;
        let rolled_back = self.run_plain(actor, Use::Twin, ROLL_BACK).await;
        if rolled_back.lost.is_some() || !rolled_back.errors.is_empty() {
            // Closing the connection rolls back as well.
            self.open.remove(&(actor.clone(), Use::Twin));
        }
        response
    }

    async fn run_in(&mut self, actor: &Actor, purpose: Use, batch: &str) -> Response {
        if let Actor::Keeper {
            unguarded: Some(table),
            ..
        } = actor
        {
            // What is switched off is undone with the rest of what a twin does.
            let response = self.run_plain(actor, purpose, &unguard(table)).await;
            if response.lost.is_some() || !response.errors.is_empty() {
                return response;
            }
        }
        self.run_plain(actor, purpose, batch).await
    }

    async fn run_plain(&mut self, actor: &Actor, purpose: Use, batch: &str) -> Response {
        let key = (actor.clone(), purpose);
        if !self.open.get(&key).is_some_and(Connection::is_usable) {
            match self.open_session(actor).await {
                Ok(connection) => {
                    self.open.insert(key.clone(), connection);
                }
                Err(error) => return self.not_connected(error),
            }
        }
        let connection = self
            .open
            .get_mut(&key)
            .expect("the session was just opened");
        let response = connection.run(batch).await;
        if response.lost.is_some() {
            self.open.remove(&key);
        }
        response
    }

    async fn open_session(&self, actor: &Actor) -> Result<Connection, ConnectError> {
        let target = &self.target;
        match actor {
            Actor::Principal { tenant, principal }
            | Actor::Scoped {
                tenant, principal, ..
            } => {
                let database = &self.world.tenant(*tenant).database;
                let Some(login) = self.credentials.login(*tenant, principal) else {
                    return Err(ConnectError::Handshake {
                        address: target.endpoint.to_string(),
                        reason: format!("the configuration has no principal {principal}"),
                    });
                };
                let open = Connection::open(&target.endpoint, login, Some(database), target.waits);
                let scope = match actor {
                    Actor::Scoped { scope, .. } => Some(*scope),
                    _ => None,
                };
                self.checked_out(open.await?, *tenant, scope).await
            }
            Actor::Administrator { database } => target.administrate(Some(database)).await,
            Actor::Caller(_) => Err(ConnectError::Handshake {
                address: target.endpoint.to_string(),
                reason: "who calls the service has no session with the server".into(),
            }),
            Actor::Keeper {
                database, tenant, ..
            } => {
                let connection = target.administrate(Some(database)).await?;
                match tenant {
                    Some(tenant) => self.checked_out(connection, *tenant, None).await,
                    None => Ok(connection),
                }
            }
        }
    }

    /// Makes a fresh session one of a tenant or of what is named of it, where that takes words.
    async fn checked_out(
        &self,
        mut connection: Connection,
        tenant: TenantIndex,
        scope: Option<Scope>,
    ) -> Result<Connection, ConnectError> {
        let Some(tenancy) = &self.tenancy else {
            return Ok(connection);
        };
        let tenant = self.world.tenant(tenant);
        let mut batches = Vec::new();
        if scope != Some(Scope::Nobody) {
            batches.push(tenant.fill(&tenancy.checkout));
        }
        if let (Some(Scope::Department(position)), Some(department)) = (scope, &tenancy.department)
        {
            let value = tenant.departments.get(position);
            let value = value.map_or("NULL", String::as_str);
            batches.push(tenant.fill(&department.checkout.replace("$(Department)", value)));
        }
        for batch in batches {
            let response = connection.run(&batch).await;
            if let Some(error) = response.first_error() {
                let message = error.clone();
                return Err(ConnectError::NotCheckedOut { message });
            }
            if response.lost.is_some() {
                return Err(ConnectError::Handshake {
                    address: self.target.endpoint.to_string(),
                    reason: "the connection was lost during checkout".into(),
                });
            }
        }
        Ok(connection)
    }

    fn not_connected(&mut self, error: ConnectError) -> Response {
        let errors: Vec<ServerMessage> = match &error {
            ConnectError::Refused { message, .. } | ConnectError::NotCheckedOut { message } => {
                vec![message.clone()]
            }
            _ => Vec::new(),
        };
        self.last_refusal = Some(error);
        Response {
            errors,
            lost: Some(Loss::NotConnected),
            ..Response::default()
        }
    }

    /// Why a session could last not be opened.
    pub fn last_refusal(&self) -> Option<&ConnectError> {
        self.last_refusal.as_ref()
    }

    /// The administrator's own session in `master`, for observers; opened again after a loss.
    pub async fn administrator(&mut self) -> Result<&mut Connection, ConnectError> {
        if !self
            .administrator
            .as_ref()
            .is_some_and(Connection::is_usable)
        {
            self.administrator = Some(self.target.administrate(Some("master")).await?);
        }
        Ok(self
            .administrator
            .as_mut()
            .expect("the session was just opened"))
    }

    /// Remembers the state of the whole server; `None` where that cannot be done.
    pub fn save(&self) -> Option<Mark> {
        self.target.reset.as_ref().map(|reset| reset.save())
    }

    /// See [`crate::Reset::forget_statements`]; a server that is not ours keeps what it knows.
    pub fn forget_statements(&self) {
        if let Some(reset) = &self.target.reset {
            reset.forget_statements();
        }
    }

    /// See [`crate::Reset::touched_since`].
    pub fn touched_since(&self, mark: &Mark) -> Option<BTreeMap<String, Touched>> {
        self.target.reset.as_ref()?.touched_since(mark)
    }

    /// Puts a remembered state back and closes every session but the administrator's: what they
    /// had open belongs to a state that is gone.
    pub fn restore(&mut self, mark: &Mark) {
        if let Some(reset) = &self.target.reset {
            reset.restore(mark);
            self.open.clear();
        }
    }

    /// Puts a remembered state back and keeps the sessions, for a caller who knows that none of
    /// them was changed.
    pub fn restore_keeping_sessions(&mut self, mark: &Mark) {
        if let Some(reset) = &self.target.reset {
            reset.restore(mark);
        }
    }

    /// Closes every session but the observers'.
    pub fn close_principals(&mut self) {
        self.open.clear();
    }

    /// Closes everything.
    pub fn close(&mut self) {
        self.open.clear();
        self.administrator = None;
    }

    /// Enters `database` in the administrator's session; for harness statements that need it.
    pub async fn administrate(
        &mut self,
        database: &str,
        batch: &str,
    ) -> Result<Response, ConnectError> {
        let connection = self.administrator().await?;
        let entered = connection
            .run(&format!("USE {}", quote::name(database)))
            .await;
        if entered.lost.is_some() || !entered.errors.is_empty() {
            return Ok(entered);
        }
        Ok(connection.run(batch).await)
    }
}

/// Takes away what the database refuses to everybody on a table: its triggers, and the rules of a
/// system-versioned table and of its history. Only a batch that is undone may follow.
fn unguard(table: &str) -> String {
    // `database.schema.table` is elsewhere than where the session is.
    if let Some((database, object)) = table.split_once('.').filter(|(_, rest)| rest.contains('.')) {
        let there = unguard(object).replace('\'', "''");
        let name = quote::name(database);
        return format!("EXEC {name}.sys.sp_executesql N'{there}'");
    }
    let name = quote::object(table);
    let literal = name.replace('\'', "''");
    format!(
        "DECLARE @versioned nvarchar(600) = (SELECT TOP (1) QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) \
         FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id \
         WHERE t.temporal_type = 2 \
         AND (t.object_id = OBJECT_ID(N'{literal}') OR t.history_table_id = OBJECT_ID(N'{literal}'))); \
         IF @versioned IS NOT NULL \
         EXEC (N'ALTER TABLE ' + @versioned + N' SET (SYSTEM_VERSIONING = OFF)'); \
         ALTER TABLE {name} DISABLE TRIGGER ALL;"
    )
}

/// The batch ends transactions itself and the target has no snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a batch that controls transactions cannot be undone on this target")]
pub struct CannotUndo;
