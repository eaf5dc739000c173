//! How are rows written, to the catalog or to a table variable?

use catalog::{Row, RowId, duplicate_error};
use values::{ConversionKind, SqlError, SqlType, Value, convert};

use crate::binder::Stored;
use crate::dml::history;
use crate::dml::rules::Rules;
use crate::execution::Run;
use crate::messages;
use crate::state::{Execution, Variable};

/// Adds rows.
pub(crate) fn insert(
    ex: &mut Execution<'_>,
    rules: &Rules,
    rows: Vec<Row>,
) -> Result<Vec<RowId>, SqlError> {
    match &rules.stored {
        Stored::Table(table, _) => {
            ex.instance
                .insert_rows(table.database, table.object, rows, &mut ex.session.undo)
        }
        Stored::Variable(name) => {
            let variable = variable(ex, name)?;
            let mut ids = Vec::with_capacity(rows.len());
            for row in rows {
                match variable.data.insert(row) {
                    Ok(id) => ids.push(id),
                    Err(duplicate) => {
                        return Err(duplicate_error(name, &variable.table, &duplicate));
                    }
                }
            }
            Ok(ids)
        }
    }
}

/// Replaces rows; what they were goes into the history table, where there is one.
pub(crate) fn update(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    rows: Vec<(RowId, Row)>,
) -> Result<(), SqlError> {
    let ids: Vec<RowId> = rows.iter().map(|(id, _)| *id).collect();
    history::keep(run, rules, &ids)?;
    let ex = &mut *run.ex;
    match &rules.stored {
        Stored::Table(table, _) => {
            ex.instance
                .update_rows(table.database, table.object, rows, &mut ex.session.undo)
        }
        Stored::Variable(name) => {
            let variable = variable(ex, name)?;
            for (id, _) in &rows {
                variable.data.set(*id, None);
            }
            for (id, row) in rows {
                if let Some(duplicate) = variable.data.duplicate_of(&row, None) {
                    return Err(duplicate_error(name, &variable.table, &duplicate));
                }
                variable.data.set(id, Some(row));
            }
            Ok(())
        }
    }
}

/// Removes rows; what they were goes into the history table, where there is one.
pub(crate) fn delete(run: &mut Run<'_, '_>, rules: &Rules, ids: &[RowId]) -> Result<(), SqlError> {
    history::keep(run, rules, ids)?;
    let ex = &mut *run.ex;
    match &rules.stored {
        Stored::Table(table, _) => {
            ex.instance
                .delete_rows(table.database, table.object, ids, &mut ex.session.undo);
        }
        Stored::Variable(name) => {
            let variable = variable(ex, name)?;
            for id in ids {
                variable.data.set(*id, None);
            }
        }
    }
    Ok(())
}

/// One stored row.
pub(crate) fn get(ex: &Execution<'_>, stored: &Stored, id: RowId) -> Option<Row> {
    match stored {
        Stored::Table(table, _) => crate::execution::seen(ex, *table, id),
        Stored::Variable(name) => match ex.session.variables.get(name.as_ref()) {
            Some(Variable::Table(variable)) => variable.data.get(id).cloned(),
            _ => None,
        },
    }
}

/// The next identity value, in the column's type. It is not given back when the statement fails.
pub(crate) fn next_identity(
    ex: &mut Execution<'_>,
    rules: &Rules,
    data_type: &SqlType,
) -> Result<Value, SqlError> {
    let next = match &rules.stored {
        Stored::Table(table, _) => ex.instance.take_identity(table.database, table.object),
        Stored::Variable(name) => {
            let variable = variable(ex, name)?;
            variable.data.identity.as_mut().map(|identity| {
                let next = identity.next();
                identity.last = Some(next);
                next
            })
        }
    };
    let wide = Value::Decimal {
        unscaled: next.unwrap_or(0),
        scale: 0,
    };
    convert(
        &wide,
        &SqlType::decimal(38, 0),
        data_type,
        None,
        ConversionKind::Explicit,
    )
    .map_err(|_| {
        SqlError::new(
            8115,
            16,
            1,
            format!(
                "Arithmetic overflow error converting IDENTITY to data type {}.",
                data_type.base_name()
            ),
        )
    })
}

/// An explicit identity value moves the counter on.
pub(crate) fn note_identity(
    ex: &mut Execution<'_>,
    rules: &Rules,
    value: i128,
) -> Result<(), SqlError> {
    match &rules.stored {
        Stored::Table(table, _) => {
            ex.instance
                .note_identity(table.database, table.object, value, false);
        }
        Stored::Variable(name) => {
            variable(ex, name)?;
        }
    }
    Ok(())
}

fn variable<'v>(
    ex: &'v mut Execution<'_>,
    name: &str,
) -> Result<&'v mut catalog::TableVariable, SqlError> {
    match ex.session.variables.get_mut(name) {
        Some(Variable::Table(variable)) => Ok(variable),
        _ => Err(messages::undeclared_table_variable(name)),
    }
}
