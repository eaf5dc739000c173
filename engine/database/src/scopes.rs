//! What does a called text find when it starts, and what is left when it ends?
//!
//! A procedure, a string, a function and a trigger differ in what they see of their caller; what
//! has to be put back afterwards is the same for all of them and is here, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{Change, DatabaseId, Instance, Object, ObjectId, SessionId, UndoLog};
use query::{ModuleScope, Variable};
use values::SqlError;

use crate::batch::{Interpreter, Scope, ScopeKind, World};
use crate::failure::Failure;
use crate::output::Output;
use crate::response::EnvironmentChange;
use crate::statements::RunningText;

/// `@@NESTLEVEL` may not grow beyond this.
const NEST_LEVEL_MAX: u32 = 32;

/// What a text starts with.
pub(crate) struct Entry {
    /// Which kind of text.
    pub(crate) kind: ScopeKind,
    /// Parameters.
    pub(crate) variables: BTreeMap<String, Variable>,
    /// The module, when the text is one.
    pub(crate) module: Option<(DatabaseId, Arc<Object>)>,
}

/// What a text left behind.
pub(crate) struct Left<R> {
    /// The result of the body.
    pub(crate) result: R,
    /// Its variables: OUTPUT parameters are among them.
    pub(crate) variables: BTreeMap<String, Variable>,
}

impl Interpreter<'_> {
    /// Runs `body` inside a new scope and puts everything back that belongs to the caller.
    pub(crate) fn within<R>(
        &mut self,
        entry: Entry,
        body: impl FnOnce(&mut Self) -> R,
    ) -> Result<Left<R>, Failure> {
        if self.session.nest_level >= NEST_LEVEL_MAX {
            return Err(SqlError::new(
                217,
                16,
                1,
                format!(
                    "Maximum stored procedure, function, trigger, or view nesting level exceeded \
                     (limit {NEST_LEVEL_MAX})."
                ),
            )
            .into());
        }
        let Entry {
            kind,
            variables,
            module,
        } = entry;
        let (frames, module_scope) = {
            let module = module.clone();
            match &mut self.world {
                World::Shared(shared) => {
                    enter_module(&shared.lock().instance, self.session, module)
                }
                World::Held { instance, .. } => enter_module(instance, self.session, module),
            }
        };
        let session = &mut *self.session;
        session.nest_level += 1;
        let outer_variables = std::mem::replace(&mut session.variables, variables);
        let outer_module = std::mem::replace(&mut session.module, module_scope);
        let outer_database = session.database;
        if let Some((database, _)) = &module {
            session.database = *database;
        }
        let outer_options = session.options.clone();
        let outer_identity = session.scope_identity.take();
        session.temporary.enter_scope();
        let procedure = module.as_ref().map(|(_, object)| Arc::clone(&object.name));
        let text = module.as_ref().and_then(|(_, object)| {
            let module = object.as_module()?;
            Some(RunningText {
                text: Arc::clone(&module.definition.text),
                parameters: None,
                object: Some(object.id),
            })
        });
        self.scopes.push(Scope {
            kind,
            procedure,
            text,
            handlers_outside: self.runtime.handlers(),
        });

        let result = body(self);

        self.scopes.pop();
        let session = &mut *self.session;
        let dropped = session.temporary.leave_scope();
        session.scope_identity = outer_identity;
        // IDENTITY_INSERT belongs to the session; every other option to the text that set it.
        let identity_insert = session.options.identity_insert;
        session.options = outer_options;
        session.options.identity_insert = identity_insert;
        let moved =
            (session.database != outer_database && module.is_none()).then_some(session.database);
        session.database = outer_database;
        session.module = outer_module;
        let variables = std::mem::replace(&mut session.variables, outer_variables);
        session.nest_level -= 1;
        session.security.leave(frames);
        if !dropped.is_empty() {
            match &mut self.world {
                World::Shared(shared) => drop_temporary(&mut shared.lock().instance, &dropped),
                World::Held { instance, .. } => drop_temporary(instance, &dropped),
            }
        }
        if let Some(from) = moved {
            self.tell_return(from);
        }
        Ok(Left { result, variables })
    }

    /// A string ended in another database than it began: the client is told of the way back.
    fn tell_return(&mut self, from: DatabaseId) {
        let to = self.session.database;
        self.runtime
            .shared
            .registry
            .update(self.session.id, |session| session.database = to);
        let name = |instance: &Instance, id| {
            instance
                .database(id)
                .map(|it| it.name().to_string())
                .unwrap_or_default()
        };
        let (old, new) = self.look(|instance, _| (name(instance, from), name(instance, to)));
        if let Output::Client(response) = &mut self.output {
            response.environment_change(&EnvironmentChange::Database { new, old });
        }
    }
}

fn enter_module(
    instance: &Instance,
    session: &mut query::SessionState,
    module: Option<(DatabaseId, Arc<Object>)>,
) -> (catalog::ContextMark, Option<ModuleScope>) {
    match module {
        None => (session.security.enter_dynamic(), None),
        Some((database, object)) => {
            let mark = session.security.enter_module(instance, database, &object);
            let link = catalog::ChainLink::of(instance, database, &object);
            let schema = object
                .parent
                .and_then(|parent| instance.database(database)?.object(parent))
                .map_or(object.schema, |parent| parent.schema);
            (
                mark,
                Some(ModuleScope {
                    link,
                    schema,
                    object: object.id,
                }),
            )
        }
    }
}

/// Drops everything temporary that a session made, `##` objects included.
pub(crate) fn drop_all_temporary(instance: &mut Instance, session: SessionId) {
    let ids: Vec<ObjectId> = instance
        .database(DatabaseId::TEMPDB)
        .into_iter()
        .flat_map(|tempdb| tempdb.objects())
        .filter(|object| object.temporary == Some(session) && object.parent.is_none())
        .map(|object| object.id)
        .collect();
    drop_temporary(instance, &ids);
}

/// Drops local temporary objects for good: a rollback does not bring them back, because nobody
/// could name them any more.
pub(crate) fn drop_temporary(instance: &mut Instance, ids: &[ObjectId]) {
    let mut forgotten = UndoLog::new();
    for id in ids {
        let children: Vec<ObjectId> = instance
            .database(DatabaseId::TEMPDB)
            .map(|tempdb| tempdb.children_of(*id).map(|child| child.id).collect())
            .unwrap_or_default();
        for child in children {
            instance.apply(
                Change::Object(DatabaseId::TEMPDB, child, None),
                &mut forgotten,
            );
        }
        instance.apply(Change::Data(DatabaseId::TEMPDB, *id, None), &mut forgotten);
        instance.apply(
            Change::Object(DatabaseId::TEMPDB, *id, None),
            &mut forgotten,
        );
    }
}
