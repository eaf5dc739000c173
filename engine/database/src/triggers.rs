//! How do the triggers of a statement run?
//!
//! After the statement's rows are in place (or instead of that), under its lock, with XACT_ABORT
//! on, inside the statement's transaction. An error or a ROLLBACK ends the whole batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{DatabaseId, FiringOrder, Object, ObjectId};
use query::{Execution, Runtime, TriggerFiring};
use tsql::{ModuleBody, Statement};
use values::SqlError;

use crate::batch::{Interpreter, ScopeKind, World};
use crate::failure::{Failure, Flow, Stop};
use crate::output::Output;
use crate::runtime::SessionRuntime;
use crate::scopes::Entry;

/// Runs the triggers of one statement on one table, in the order in which they were made
/// but for the first and the last.
pub(crate) fn fire(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    firing: TriggerFiring,
) -> Result<(), SqlError> {
    let database = firing.on.database;
    let triggers = matching(execution, &firing, &runtime.running_triggers());
    for trigger in triggers {
        let module = trigger.as_module().expect("a trigger is a module");
        let definition = Arc::clone(&module.definition);
        let ModuleBody::Trigger { body, .. } = &definition.body else {
            continue;
        };
        run_text(
            runtime,
            execution,
            Text {
                database,
                trigger: &trigger,
                body,
                firing: Some(&firing),
            },
        )?;
    }
    Ok(())
}

/// A trigger that is to run.
pub(crate) struct Text<'t> {
    /// Its database.
    pub(crate) database: DatabaseId,
    /// The trigger.
    pub(crate) trigger: &'t Arc<Object>,
    /// Its statements.
    pub(crate) body: &'t [Statement],
    /// The rows of a DML trigger.
    pub(crate) firing: Option<&'t TriggerFiring>,
}

/// Runs one trigger inside the statement that fired it.
pub(crate) fn run_text(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    text: Text<'_>,
) -> Result<(), SqlError> {
    let Text {
        database,
        trigger,
        body,
        firing,
    } = text;
    let outer_rows = std::mem::replace(
        &mut execution.session.trigger_rows,
        firing.map(|firing| Box::new(firing.clone())),
    );
    // Outside of a transaction the statement itself is one, and the trigger sees it.
    let own_transaction = execution.session.transaction_count == 0;
    if own_transaction {
        execution.session.transaction_count = 1;
    }
    let before = execution.session.transaction_count;
    let row_count = execution.session.row_count;
    let affected = firing.map_or(0, |it| it.inserted.len().max(it.deleted.len()));
    runtime.push_trigger(trigger.id, firing.is_some_and(|it| it.instead_of));

    let mut interpreter = Interpreter {
        world: World::Held {
            instance: &mut *execution.instance,
            environment: &mut *execution.environment,
        },
        session: &mut *execution.session,
        runtime,
        output: Output::Trigger,
        captures: Vec::new(),
        scopes: Vec::new(),
        line: 1,
    };
    let entry = Entry {
        kind: ScopeKind::Trigger,
        variables: BTreeMap::new(),
        module: Some((database, Arc::clone(trigger))),
    };
    let left = interpreter.within(entry, |interpreter| {
        interpreter.session.options.xact_abort = true;
        interpreter.session.row_count = i64::try_from(affected).unwrap_or(i64::MAX);
        interpreter.run_list(body)
    });

    runtime.pop_trigger();
    let session = &mut *execution.session;
    session.trigger_rows = outer_rows;
    session.row_count = row_count;
    let count = session.transaction_count;
    let doomed = session.transaction_doomed;
    if own_transaction {
        session.transaction_count = 0;
        session.transaction_doomed = false;
    }
    let ended = match left {
        Err(failure) => Err(failure),
        Ok(left) => match left.result {
            Err(thrown) => Err(thrown.failure),
            Ok(Flow::Stop(Stop::Batch | Stop::Session)) => {
                Err(Failure::from(ended_in_trigger(firing.is_none())))
            }
            Ok(_) if count < before => Err(Failure::from(ended_in_trigger(firing.is_none()))),
            Ok(_) if doomed => Err(Failure::from(failed_in_trigger())),
            Ok(_) => Ok(()),
        },
    };
    if let Err(failure) = ended {
        runtime.note_trigger_failure();
        let (last, first) = failure.errors.split_last().expect("never empty");
        execution.session.messages.extend(first.iter().cloned());
        return Err(last.clone());
    }
    Ok(())
}

fn matching(
    execution: &Execution<'_>,
    firing: &TriggerFiring,
    running: &[(ObjectId, bool)],
) -> Vec<Arc<Object>> {
    let Some(database) = execution.instance.database(firing.on.database) else {
        return Vec::new();
    };
    let nested = execution.instance.configuration("nested triggers") != Some(0);
    let under_after = running.iter().any(|(_, instead_of)| !instead_of);
    if !firing.instead_of && under_after && !nested {
        return Vec::new();
    }
    let recursive = database.options().recursive_triggers;
    let mut found: Vec<Arc<Object>> = database
        .children_of(firing.on.object)
        .filter(|object| {
            let Some(module) = object.as_module() else {
                return false;
            };
            let ModuleBody::Trigger {
                instead_of, events, ..
            } = &module.definition.body
            else {
                return false;
            };
            let again = running.last().is_some_and(|(id, _)| *id == object.id);
            !module.disabled
                && *instead_of == firing.instead_of
                && events.contains(&firing.event)
                // Direct recursion is off unless the database says otherwise; an INSTEAD OF
                // trigger never calls itself.
                && !(again && (firing.instead_of || !recursive))
        })
        .cloned()
        .collect();
    found.sort_by_key(|object| {
        let order = object
            .as_module()
            .and_then(|module| module.firing_order.get(&firing.event));
        let place = match order {
            Some(FiringOrder::First) => 0,
            None => 1,
            Some(FiringOrder::Last) => 2,
        };
        (place, object.created, object.id)
    });
    found
}

/// 3616: a handler in the trigger caught an error, but XACT_ABORT had doomed the transaction.
fn failed_in_trigger() -> SqlError {
    SqlError::new(
        3616,
        16,
        1,
        "An error was raised during trigger execution. The batch has been aborted and the user \
         transaction, if any, has been rolled back.",
    )
}

/// 3609.
fn ended_in_trigger(of_database: bool) -> SqlError {
    SqlError::new(
        3609,
        16,
        if of_database { 2 } else { 1 },
        "The transaction ended in the trigger. The batch has been aborted.",
    )
}
