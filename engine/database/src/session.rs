//! What may a connected client ask for?
//!
//! A session is one login's connection. It runs one request at a time, on the caller's thread;
//! a [`CancelHandle`] ends a request from another thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{DatabaseId, Instance, LoginId, SecurityContext, SessionId, TemporaryNames, UndoLog};
use query::{Footprint, SessionOptions, SessionState};
use values::SqlError;

use crate::batch::{Interpreter, Scope, ScopeKind, World};
use crate::context::changed_database;
use crate::dynamic::check_length;
use crate::failure::{Failure, Flow, Reach, Stop};
use crate::login::Admitted;
use crate::output::{Output, Response};
use crate::response::{EnvironmentChange, ResponseSink};
use crate::runtime::{CancelHandle, SessionRuntime};
use crate::scopes::drop_all_temporary;
use crate::server::{Server, Shared};

/// One connection.
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: SessionState,
    pub(crate) runtime: SessionRuntime,
    pub(crate) identity: Identity,
    /// Prepared statements by handle.
    pub(crate) prepared: BTreeMap<i32, Prepared>,
    pub(crate) next_prepared: i32,
    dead: bool,
}

/// Who connected, and where the session began.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Name of the login, or of the contained user.
    pub(crate) name: String,
    /// The login; `None` for a contained user.
    pub(crate) login: Option<LoginId>,
    /// The database that the session began in, by name, because numbers may change by a restore.
    pub(crate) database: String,
}

/// A statement prepared by sp_prepare.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// Its text.
    pub(crate) text: Arc<str>,
    /// Its parameter list.
    pub(crate) parameters: Arc<str>,
}

/// What happens to an open transaction when a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetTransaction {
    /// RESETCONNECTION: it is rolled back.
    RollBack,
    /// RESETCONNECTIONSKIPTRAN: it stays open.
    Keep,
}

impl Session {
    pub(crate) fn new(server: &Server, admitted: Admitted) -> Self {
        let shared = Arc::clone(&server.shared);
        let runtime = SessionRuntime::new(Arc::clone(&shared), admitted.cancel, admitted.epoch);
        let state = SessionState {
            id: admitted.id,
            security: admitted.security,
            database: admitted.database,
            undo: UndoLog::new(),
            variables: BTreeMap::new(),
            temporary: TemporaryNames::new(SessionId(i32::from(admitted.id))),
            module: None,
            trigger_rows: None,
            row_count: 0,
            last_error: 0,
            caught: None,
            scope_identity: None,
            last_identity: None,
            transaction_count: 0,
            transaction_began: None,
            transaction_doomed: false,
            nest_level: 0,
            session_context: BTreeMap::new(),
            context_info: Vec::new(),
            host_name: admitted.host_name,
            program_name: admitted.program_name,
            options: SessionOptions::default(),
            policies_met: 0,
            messages: Vec::new(),
            footprint: Footprint::default(),
            transaction_began_otherwise: false,
            view: None,
        };
        Self {
            shared,
            state,
            runtime,
            identity: admitted.identity,
            prepared: BTreeMap::new(),
            next_prepared: 0,
            dead: false,
        }
    }

    /// `@@SPID`.
    pub fn id(&self) -> u16 {
        self.state.id
    }

    /// Name of the current database.
    pub fn database_name(&self) -> String {
        let state = self.shared.lock();
        state
            .instance
            .database(self.state.database)
            .map(|database| database.name().to_string())
            .unwrap_or_default()
    }

    /// Ends the running request from another thread.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.runtime.cancel.clone()
    }

    /// Nobody runs a statement now, and nobody else holds or waits for a lock.
    pub(crate) fn is_unhindered(&self) -> bool {
        self.shared.is_idle() && !self.shared.locks().concerns_others_than(self.state.id)
    }

    /// The session is over: the endpoint closes the connection.
    pub fn is_dead(&self) -> bool {
        self.dead || self.runtime.cancel.is_killed()
    }

    /// A transaction is open: the status bit of DONE after an attention.
    pub fn in_transaction(&self) -> bool {
        self.state.transaction_count > 0
    }

    /// What a client is told right after its login: database and language.
    pub fn greet(&self, sink: &mut dyn ResponseSink) {
        let database = self.database_name();
        sink.environment_change(&EnvironmentChange::Database {
            new: database.clone(),
            old: "master".to_owned(),
        });
        sink.message(&changed_database(&database, 2));
        sink.environment_change(&EnvironmentChange::Language {
            new: "us_english".to_owned(),
            old: String::new(),
        });
        sink.message(&SqlError::new(
            5703,
            0,
            1,
            "Changed language setting to us_english.",
        ));
    }

    /// Runs one batch. Everything that happens, errors included, is told to the sink.
    pub fn execute_batch(&mut self, text: &str, sink: &mut dyn ResponseSink) {
        self.request(sink, |interpreter| {
            if let Err(error) =
                check_length(text, interpreter.runtime.shared.limits.batch_bytes_max)
            {
                return interpreter
                    .settle(error.into(), 1, false)
                    .unwrap_or(Flow::Next);
            }
            let flow = match interpreter.runtime.shared.parsed.parse(text) {
                Ok(batch) => {
                    interpreter.runs(&batch.text, None);
                    interpreter.run_list(&batch.statements)
                }
                Err(errors) => {
                    let failure = Failure {
                        errors,
                        reach: Reach::Scope,
                        ignores_xact_abort: true,
                    };
                    interpreter.settle(failure, 1, false)
                }
            };
            interpreter.end_text(flow)
        });
    }

    /// Runs a request: fresh variables, budget and messages; afterwards nothing doomed is left.
    pub(crate) fn request(
        &mut self,
        sink: &mut dyn ResponseSink,
        work: impl FnOnce(&mut Interpreter<'_>) -> Flow,
    ) {
        let mut response = Response::new(sink);
        self.runtime.begin_request();
        let joined = if self.runtime.cancel.is_killed() {
            Err(killed())
        } else {
            self.rejoin()
        };
        if let Err(error) = joined {
            response.message(&error);
            response.finish(false);
            self.dead = true;
            return;
        }
        self.shared
            .registry
            .update(self.state.id, |session| session.running = true);
        self.state.variables.clear();
        self.state.caught = None;
        let shared = Arc::clone(&self.shared);
        let mut interpreter = Interpreter {
            world: World::Shared(&shared),
            session: &mut self.state,
            runtime: &self.runtime,
            output: Output::Client(response),
            captures: Vec::new(),
            scopes: vec![Scope {
                kind: ScopeKind::Batch,
                procedure: None,
                text: None,
                handlers_outside: 0,
            }],
            line: 1,
        };
        let flow = work(&mut interpreter);
        if flow == Flow::Stop(Stop::Session) {
            self.dead = true;
        }
        interpreter.end_doomed();
        // A statement that failed half way, INSERT … EXEC, may have left a lock behind.
        if interpreter.session.transaction_count == 0
            && shared.locks().holds(interpreter.session.id)
        {
            let _state = shared.lock();
            shared.locks().release(interpreter.session.id);
        }
        let in_transaction = interpreter.session.transaction_count > 0;
        if let Output::Client(response) = interpreter.output {
            response.finish(in_transaction);
        }
        self.state.variables.clear();
        self.state.messages.clear();
        let open = self.state.transaction_count;
        let isolation = self.state.options.isolation;
        self.shared.registry.update(self.state.id, |session| {
            session.running = false;
            session.open_transactions = open;
            session.isolation = isolation;
        });
        if self.runtime.cancel.is_killed() {
            self.dead = true;
        }
    }

    /// After a restore of the server: the session connects again, without its transaction,
    /// temporary tables and impersonations.
    fn rejoin(&mut self) -> Result<(), SqlError> {
        let shared = Arc::clone(&self.shared);
        let state = shared.lock();
        if state.epoch == self.runtime.epoch() {
            if !alive(&state.instance, self.state.database) {
                self.leave_dropped_database(&state.instance);
            }
            return Ok(());
        }
        self.runtime.set_epoch(state.epoch);
        // What a client has written into its session was no part of the state that is gone: who was
        // checked out for somebody stays so.
        let session_context = std::mem::take(&mut self.state.session_context);
        self.forget();
        self.state.session_context = session_context;
        self.state.temporary.clear();
        self.begin_again(&state.instance)
    }

    /// A database that was dropped under the session (its users are killed first, so this is a
    /// rollback of CREATE DATABASE): back to where it began.
    fn leave_dropped_database(&mut self, instance: &Instance) {
        self.state.database = instance
            .database_named(&self.identity.database)
            .map_or(DatabaseId::MASTER, |it| it.id);
    }

    /// Forgets the transaction without undoing it, and everything that a reset forgets.
    fn forget(&mut self) {
        self.state.undo.clear();
        self.state.view = None;
        self.state.transaction_began_otherwise = false;
        self.state.transaction_count = 0;
        self.state.transaction_began = None;
        self.state.transaction_doomed = false;
        self.runtime
            .transaction(|transaction| *transaction = crate::runtime::Transaction::default());
        self.forget_settings();
    }

    fn forget_settings(&mut self) {
        self.state.options = SessionOptions::default();
        self.state.session_context.clear();
        self.state.context_info.clear();
        self.state.variables.clear();
        self.state.row_count = 0;
        self.state.last_error = 0;
        self.state.scope_identity = None;
        self.state.last_identity = None;
        self.state.messages.clear();
        self.prepared.clear();
    }

    /// Takes its place in the instance as after the login.
    fn begin_again(&mut self, instance: &Instance) -> Result<(), SqlError> {
        let database = instance.database_named(&self.identity.database);
        self.state.security = match self.identity.login {
            Some(_) => {
                let login = instance
                    .login_named(&self.identity.name)
                    .ok_or_else(killed)?;
                SecurityContext::for_login(login.id)
            }
            None => {
                let database = database.ok_or_else(killed)?;
                let user = database
                    .principal_named(&self.identity.name)
                    .ok_or_else(killed)?;
                SecurityContext::for_contained_user(database.id, user.id)
            }
        };
        let enterable = database
            .filter(|database| {
                self.state
                    .security
                    .try_enter(instance, database.id)
                    .is_some()
            })
            .map_or(DatabaseId::MASTER, |database| database.id);
        self.state.database = enterable;
        let id = self.state.id;
        self.shared
            .registry
            .update(id, |session| session.database = enterable);
        Ok(())
    }

    /// The reset of a pooled connection: what the last borrower left is gone.
    ///
    /// # Errors
    /// 18059 while the session impersonates somebody, 596 under an application role: the endpoint
    /// must close the connection, as the server does.
    pub fn reset(
        &mut self,
        transaction: ResetTransaction,
        sink: &mut dyn ResponseSink,
    ) -> Result<(), SqlError> {
        if self.state.security.frames().len() > 1 {
            self.dead = true;
            if self.state.security.application_role().is_some() {
                return Err(killed());
            }
            return Err(SqlError::new(
                18059,
                16,
                1,
                "The connection has been dropped because the principal that opened it \
                 subsequently assumed a new security context, and then tried to reset the \
                 connection under its impersonated security context. This scenario is not \
                 supported. See \"Impersonation Overview\" in Books Online.",
            ));
        }
        let old = self.database_name();
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if state.epoch == self.runtime.epoch() {
            if transaction == ResetTransaction::RollBack {
                self.state
                    .undo
                    .rollback_to(catalog::Mark::START, &mut state.instance);
                self.forget();
                shared.locks().release(self.state.id);
                shared.locks().applications.release_session(self.state.id);
                shared.locks().gave_back(self.state.id);
            } else {
                self.forget_settings();
            }
            self.state.temporary.clear();
            drop_all_temporary(&mut state.instance, self.state.temporary.session());
        } else {
            self.runtime.set_epoch(state.epoch);
            self.forget();
            self.state.temporary.clear();
        }
        let again = self.begin_again(&state.instance);
        drop(state);
        if let Err(error) = again {
            self.dead = true;
            return Err(error);
        }
        let new = self.database_name();
        if new != old {
            sink.environment_change(&EnvironmentChange::Database { new, old });
        }
        sink.environment_change(&EnvironmentChange::Reset);
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if self.shared.locks().was_undone(self.state.id) {
            self.state.undo.clear();
        }
        if state.epoch == self.runtime.epoch() {
            self.state
                .undo
                .rollback_to(catalog::Mark::START, &mut state.instance);
            drop_all_temporary(&mut state.instance, self.state.temporary.session());
        }
        self.shared.locks().end_session(self.state.id);
        drop(state);
        self.shared.registry.remove(self.state.id);
    }
}

impl Interpreter<'_> {
    /// Ends the text of a request. Nothing can still be on its way to a handler.
    pub(crate) fn end_text(&mut self, flow: crate::failure::Step) -> Flow {
        match flow {
            Ok(flow) => flow,
            Err(thrown) => {
                self.report(&thrown.failure);
                self.done(crate::response::Command::Other, None, true);
                Flow::Stop(Stop::Batch)
            }
        }
    }
}

fn killed() -> SqlError {
    SqlError::new(
        596,
        21,
        1,
        "Cannot continue the execution because the session is in the kill state.",
    )
}

fn alive(instance: &Instance, database: DatabaseId) -> bool {
    instance.database(database).is_some()
}
