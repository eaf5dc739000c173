//! Which function of the catalog answers a definition, and what do sessions have to do with it?
//!
//! CREATE, ALTER, DROP, GRANT and their like are carried out by [`catalog::Ddl`]. What is left
//! here is what the catalog cannot know: open transactions and connected sessions.

use catalog::Ddl;
use tsql::{Alter, DropKind, OptionValue, StatementKind};
use values::SqlError;

use crate::batch::Interpreter;
use crate::ddl_triggers;
use crate::failure::Failure;
use crate::transactions::refused_in_transaction;

impl Interpreter<'_> {
    /// Carries out a definition.
    pub(crate) fn define(&mut self, statement: &StatementKind) -> Result<(), Failure> {
        if self.session.transaction_count > 0
            && let Some(error) = refused_in_transaction(statement)
        {
            return Err(error.into());
        }
        match statement {
            StatementKind::Drop {
                kind: DropKind::Database,
                names,
                ..
            } => {
                for name in names {
                    self.refuse_in_use(name.object())?;
                }
            }
            StatementKind::Alter(Alter::DatabaseSet(name, options)) => {
                let access = options.iter().find_map(|(option, value)| match value {
                    OptionValue::None => Some(option.as_str()),
                    OptionValue::Word(word) if option == "USER_ACCESS" => Some(word.as_str()),
                    _ => None,
                });
                let closing = access
                    .is_some_and(|it| matches!(it, "SINGLE_USER" | "RESTRICTED_USER" | "OFFLINE"));
                self.define_with(|ddl| carry_out(ddl, statement))?;
                if closing {
                    // The termination clause is not kept by the parser: others are disconnected,
                    // which is what ROLLBACK IMMEDIATE does and what waiting would come to.
                    self.disconnect_others(name.as_deref());
                }
                return Ok(());
            }
            _ => {}
        }
        let runtime = self.runtime;
        self.quietly(|execution| -> Result<(), Failure> {
            let Some(event) = ddl_triggers::event_of(statement) else {
                return Ok(query::with_ddl(execution, |ddl| carry_out(ddl, statement))?);
            };
            let waiting = ddl_triggers::waiting(execution, event);
            query::with_ddl(execution, |ddl| carry_out(ddl, statement))?;
            ddl_triggers::fire(runtime, execution, event, &waiting)
        })
    }

    /// Runs work of the catalog's definition layer under the lock.
    pub(crate) fn define_with<R>(
        &mut self,
        mut work: impl FnMut(&mut Ddl<'_>) -> Result<R, catalog::Errors>,
    ) -> Result<R, Failure> {
        self.quietly(|execution| query::with_ddl(execution, &mut work))
    }

    /// 3702: a database in which somebody is cannot be dropped.
    fn refuse_in_use(&mut self, name: &str) -> Result<(), Failure> {
        let Some(id) = self.look(|instance, _| instance.database_named(name).map(|it| it.id))
        else {
            return Ok(());
        };
        let own = self.session.database == id;
        let others = !self
            .runtime
            .shared
            .registry
            .others_in(id, self.session.id)
            .is_empty();
        if own || others {
            return Err(SqlError::new(
                3702,
                16,
                if own { 3 } else { 4 },
                format!("Cannot drop database \"{name}\" because it is currently in use."),
            )
            .into());
        }
        Ok(())
    }

    fn disconnect_others(&mut self, name: Option<&str>) {
        let current = self.session.database;
        let id = match name {
            None => Some(current),
            Some(name) => self.look(|instance, _| instance.database_named(name).map(|it| it.id)),
        };
        if let Some(id) = id {
            let shared = std::sync::Arc::clone(&self.runtime.shared);
            let others = shared.registry.others_in(id, self.session.id);
            if others.is_empty() {
                return;
            }
            // What they have not committed is rolled back now: an idle connection hears of its
            // end with its next request only.
            let mut state = shared.lock();
            for (id, session) in others {
                session.kill();
                shared.locks().undo_killed(id, &mut state.instance);
            }
        }
    }
}

/// The door of the catalog for each kind of definition.
fn carry_out(ddl: &mut Ddl<'_>, statement: &StatementKind) -> Result<(), catalog::Errors> {
    match statement {
        StatementKind::Create(create) => ddl.create(create).map(|_| ()),
        StatementKind::Alter(alter) => ddl.alter(alter).map(|_| ()),
        StatementKind::Drop {
            kind,
            if_exists,
            names,
            on,
        } => ddl.drop(*kind, *if_exists, names, on.as_ref()),
        StatementKind::Permission(permission) => ddl.permission(permission),
        StatementKind::AlterAuthorization { securable, owner } => {
            ddl.alter_authorization(securable, owner.as_deref())
        }
        StatementKind::Signature { add, module, by } => ddl.sign(*add, module, by),
        StatementKind::SwitchTrigger {
            enable,
            triggers,
            on,
        } => ddl.switch_triggers(*enable, triggers, on.as_ref()),
        _ => Err(SqlError::unsupported("this statement").into()),
    }
}
