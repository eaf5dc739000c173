//! Which triggers does a change fire?

use catalog::{DatabaseId, Object, Row};
use tsql::{ModuleBody, TriggerEvent};
use values::{SqlError, Value};

use crate::dml::rules::{Rules, Shape};
use crate::state::{Execution, ModuleRef, TriggerFiring};

/// Whether a table or view has an enabled trigger for the event.
pub(crate) fn has(
    ex: &Execution<'_>,
    database: DatabaseId,
    object: &Object,
    event: TriggerEvent,
    instead_of: bool,
) -> bool {
    let Some(database) = ex.instance.database(database) else {
        return false;
    };
    database.children_of(object.id).any(|child| {
        child.as_module().is_some_and(|module| {
            !module.disabled
                && matches!(
                    &module.definition.body,
                    ModuleBody::Trigger { instead_of: of, events, .. }
                        if *of == instead_of && events.contains(&event)
                )
        })
    })
}

/// Whether an INSTEAD OF trigger takes the statement over. While it runs itself, the statement
/// goes through to the table.
pub(crate) fn instead_of(
    ex: &Execution<'_>,
    database: DatabaseId,
    object: &Object,
    event: TriggerEvent,
) -> bool {
    let running = ex.session.trigger_rows.as_ref().is_some_and(|firing| {
        firing.instead_of
            && firing.on
                == ModuleRef {
                    database,
                    object: object.id,
                }
    });
    !running && has(ex, database, object, event, true)
}

/// The AFTER firing of one change, if there is somebody to fire.
pub(crate) fn after(
    ex: &Execution<'_>,
    rules: &Rules,
    event: TriggerEvent,
    inserted: &[Row],
    deleted: &[Row],
    updated_columns: Vec<usize>,
) -> Option<TriggerFiring> {
    let Shape::Object(object) = &rules.shape else {
        return None;
    };
    if !has(ex, rules.database, object, event, false) {
        return None;
    }
    let plain = |rows: &[Row]| {
        rows.iter()
            .map(|row| row.to_vec())
            .collect::<Vec<Vec<Value>>>()
    };
    Some(TriggerFiring {
        on: ModuleRef {
            database: rules.database,
            object: object.id,
        },
        instead_of: false,
        event,
        inserted: plain(inserted),
        deleted: plain(deleted),
        updated_columns,
    })
}

/// Fires, in order.
pub(crate) fn fire(ex: &mut Execution<'_>, firings: Vec<TriggerFiring>) -> Result<(), SqlError> {
    let runtime = ex.runtime;
    for firing in firings {
        runtime.fire_triggers(ex, firing)?;
    }
    Ok(())
}
