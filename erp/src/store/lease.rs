//! What can be done with a connection for the time of one piece of work?

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

use super::connection::Connection;
use super::error::StoreError;
use super::pool::{Key, Store};
use super::row::Row;
use super::scope::Scope;
use super::statement::{Param, Params};
use crate::options::Design;

/// A connection for the time of one piece of work.
pub struct Lease {
    connection: Option<Connection>,
    scope: Scope,
    key: Key,
    generation: u64,
    store: Arc<Store>,
    unfinished: Option<Unfinished>,
    permit: Option<OwnedSemaphorePermit>,
}

/// Leases that were dropped within a transaction: somebody must roll them back before the answer goes
/// out, or the next statement would meet their locks.
#[derive(Clone, Default)]
pub struct Unfinished {
    leases: Arc<Mutex<Vec<Lease>>>,
}

impl Unfinished {
    /// Rolls everything back that was left.
    pub async fn roll_back(&self) {
        let left = mem::take(&mut *self.leases.lock().unwrap_or_else(PoisonError::into_inner));
        for mut lease in left {
            lease.unfinished = None;
            // Where that fails the connection is closed, and the server does it.
            let _ = lease.roll_back().await;
        }
    }
}

impl Lease {
    pub(super) fn new(
        store: Arc<Store>,
        connection: Connection,
        scope: Scope,
        key: Key,
        generation: u64,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            connection: Some(connection),
            scope,
            key,
            generation,
            store,
            unfinished: None,
            permit: Some(permit),
        }
    }

    /// The same, which goes to `unfinished` when it is dropped within a transaction.
    #[must_use]
    pub fn left_to(mut self, unfinished: &Unfinished) -> Self {
        self.unfinished = Some(unfinished.clone());
        self
    }

    /// For whom it works.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The design of its database.
    pub fn design(&self) -> Design {
        self.store.design()
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

    /// Begins a transaction. When the lease is dropped before [`Lease::commit`], it is rolled back: by
    /// whoever it is left to, or by the server when the connection is closed.
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
    let half = |param: &Param| match param {
        Param::Text(text) => text.contains(HALF_CHARACTER),
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
        // Whoever was cut off midway leaves an answer unread: such a connection is closed.
        if connection.midway || self.store.generation() != self.generation {
            return;
        }
        if !connection.in_transaction {
            let (key, scope) = (self.key.clone(), self.scope.clone());
            return self.store.give_back(key, connection, scope);
        }
        if let Some(unfinished) = &self.unfinished {
            let leases = &unfinished.leases;
            let mut leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
            leases.push(Self {
                connection: Some(connection),
                scope: self.scope.clone(),
                key: self.key.clone(),
                generation: self.generation,
                store: Arc::clone(&self.store),
                unfinished: None,
                permit: self.permit.take(),
            });
        }
    }
}
