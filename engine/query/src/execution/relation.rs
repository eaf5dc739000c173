//! Which rows does one relation hold?

use std::sync::Arc;

use catalog::{DatabaseId, Instance, Row, RowId, TableData, system_view};
use values::{SqlError, SqlType, Value};

use crate::execution::evaluate::integer;
use crate::execution::{Run, Scope, Slot, query};
use crate::footprint::Isolation;
use crate::messages;
use crate::plan::{RecursiveCte, RelationKind, SystemTableFunction, TableRef};
use crate::session_functions::with_view_context;
use crate::state::{Execution, SessionState, Variable};

/// Rows that are not in a table.
pub(crate) type Materialized = Arc<Vec<Arc<[Value]>>>;

/// The rows of a table as the session reads them; later changes do not show. Where versions are
/// read, they are those of the view, with the session's own changes on top; `current` reads what
/// is there now instead, as reads under locks do.
pub(crate) fn table_data(
    ex: &Execution<'_>,
    table: TableRef,
    current: bool,
) -> Result<Arc<TableData>, SqlError> {
    let versioned = !current && reads_versions(ex.session, ex.instance, table.database);
    let Some(view) = ex.session.view.as_deref().filter(|_| versioned) else {
        return current_data(ex, table);
    };
    let Some(seen) = view
        .database(table.database)
        .and_then(|database| database.data(table.object))
    else {
        // Made since: the session's own, or 3961 by the layer above.
        return current_data(ex, table);
    };
    let own = ex
        .session
        .undo
        .rows_changed_in(table.database, table.object);
    if own.is_empty() {
        return Ok(Arc::clone(seen));
    }
    let now = current_data(ex, table)?;
    let mut seen = (**seen).clone();
    for id in own {
        seen.set(id, now.get(id).cloned());
    }
    Ok(Arc::new(seen))
}

/// Whether the session reads versions in a database rather than what is there now.
pub fn reads_versions(session: &SessionState, instance: &Instance, database: DatabaseId) -> bool {
    session.view.is_some()
        && (session.options.isolation == Isolation::Snapshot
            || instance
                .database(database)
                .is_some_and(|it| it.options().read_committed_snapshot))
}

/// One row as the session reads it.
pub(crate) fn seen(ex: &Execution<'_>, table: TableRef, id: RowId) -> Option<Row> {
    let data = match &ex.session.view {
        Some(_) => table_data(ex, table, false).ok()?,
        None => current_data(ex, table).ok()?,
    };
    data.get(id).cloned()
}

/// The rows of a table as they are now.
pub(crate) fn current_data(
    ex: &Execution<'_>,
    table: TableRef,
) -> Result<Arc<TableData>, SqlError> {
    ex.instance
        .database(table.database)
        .and_then(|database| database.data(table.object))
        .cloned()
        .ok_or_else(|| messages::invalid_object(table.object))
}

/// The rows of a table variable as they are now.
pub(crate) fn variable_data(ex: &Execution<'_>, name: &str) -> Result<Arc<TableData>, SqlError> {
    match ex.session.variables.get(name) {
        Some(Variable::Table(table)) => Ok(Arc::new(table.data.clone())),
        _ => Err(messages::undeclared_table_variable(name)),
    }
}

/// The rows of everything that is not stored.
pub(crate) fn rows(
    kind: &RelationKind,
    run: &mut Run<'_, '_>,
    tuple: &[Slot],
    outer: Option<&Scope<'_>>,
) -> Result<Materialized, SqlError> {
    let scope = Scope::new(tuple, outer);
    match kind {
        RelationKind::Table(_) | RelationKind::TableVariable(_) => {
            unreachable!("stored rows are scanned where they are")
        }
        RelationKind::Versions(versions, span) => {
            let mut ends = Vec::with_capacity(span.len());
            for end in span {
                ends.push(end.evaluate(run, &scope)?);
            }
            super::versions::rows(versions, &ends, run)
        }
        RelationKind::TriggerRows { inserted } => {
            let Some(firing) = &run.ex.session.trigger_rows else {
                return Err(messages::invalid_object("inserted"));
            };
            let rows = if *inserted {
                &firing.inserted
            } else {
                &firing.deleted
            };
            Ok(Arc::new(
                rows.iter().map(|row| Arc::from(row.as_slice())).collect(),
            ))
        }
        RelationKind::SystemView(database, schema, name) => {
            if !name.starts_with("dm_") && &**name != "sysprocesses" {
                run.ex.session.footprint.catalog(*database);
            }
            let view = system_view(schema, name)
                .ok_or_else(|| messages::invalid_object(format!("{schema}.{name}")))?;
            let now = run.now();
            let rows = with_view_context(run.ex, *database, now, |context| {
                (view.rows)(context).map_err(|errors| errors.first().clone())
            })?;
            run.steps(rows.len() as u64)?;
            Ok(Arc::new(rows.into_iter().map(Arc::from).collect()))
        }
        RelationKind::Derived(subquery) => query::subquery_rows(subquery, run, Some(&scope)),
        RelationKind::InlineFunction(arguments, subquery) => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(argument.evaluate(run, &scope)?);
            }
            let parameters = [Slot::of(values)];
            // The function's text sees its parameters and nothing of its caller.
            let inner = Scope::new(&parameters, None);
            let mut rows: Vec<Arc<[Value]>> = Vec::new();
            query::run(&subquery.query, run, Some(&inner), &mut |run, row| {
                run.hold_row(&row)?;
                rows.push(row.into());
                Ok(super::Flow::More)
            })?;
            run.release(rows.len());
            Ok(Arc::new(rows))
        }
        RelationKind::TableFunction(module, arguments) => {
            let mut typed = Vec::with_capacity(arguments.len());
            for argument in arguments {
                typed.push((argument.evaluate(run, &scope)?, argument.data_type));
            }
            let runtime = run.ex.runtime;
            let rows = run.nested(|run| runtime.call_table_function(run.ex, *module, typed))?;
            run.steps(rows.len() as u64)?;
            Ok(Arc::new(rows.into_iter().map(Arc::from).collect()))
        }
        RelationKind::SystemFunction(function, arguments) => {
            let mut typed = Vec::with_capacity(arguments.len());
            for argument in arguments {
                typed.push((argument.evaluate(run, &scope)?, argument.data_type));
            }
            system_function(function, typed, run)
        }
        RelationKind::Recursive(cte) => recursive(cte, run),
        RelationKind::WorkTable(id) => Ok(run.work_tables.get(id).cloned().unwrap_or_default()),
    }
}

/// Round after round, each over the rows of the one before, until a round gives none.
fn recursive(cte: &RecursiveCte, run: &mut Run<'_, '_>) -> Result<Materialized, SqlError> {
    let mut all: Vec<Arc<[Value]>> = Vec::new();
    let columns = &cte.anchors[0].columns;
    for anchor in &cte.anchors {
        query::run(anchor, run, None, &mut |run, mut row| {
            run.hold_row(&row)?;
            for ((value, from), to) in row.iter_mut().zip(&anchor.columns).zip(columns) {
                let old = std::mem::replace(value, Value::Null);
                *value = query::to_type(old, &from.data_type, &to.data_type)?;
            }
            all.push(row.into());
            Ok(super::Flow::More)
        })?;
    }
    let mut work: Vec<Arc<[Value]>> = all.clone();
    let mut round = 0;
    let before = run.work_tables.remove(&cte.id);
    while !work.is_empty() {
        if cte.limit > 0 && round == cte.limit {
            // The rows of the last permitted round are asked once more: only if they go on is
            // the limit exceeded.
            let mut more = false;
            run.work_tables.insert(cte.id, Arc::new(work));
            for member in &cte.members {
                query::run(member, run, None, &mut |_, _| {
                    more = true;
                    Ok(super::Flow::Enough)
                })?;
            }
            if more {
                return Err(messages::recursion_exhausted(cte.limit));
            }
            break;
        }
        round += 1;
        run.work_tables
            .insert(cte.id, Arc::new(std::mem::take(&mut work)));
        for member in &cte.members {
            query::run(member, run, None, &mut |run, row| {
                run.hold_row(&row)?;
                work.push(row.into());
                Ok(super::Flow::More)
            })?;
        }
        all.extend(work.iter().cloned());
    }
    run.work_tables.remove(&cte.id);
    if let Some(before) = before {
        run.work_tables.insert(cte.id, before);
    }
    Ok(Arc::new(all))
}

fn system_function(
    function: &SystemTableFunction,
    arguments: Vec<(Value, SqlType)>,
    run: &mut Run<'_, '_>,
) -> Result<Materialized, SqlError> {
    let rows: Vec<Vec<Value>> = match function {
        SystemTableFunction::StringSplit => {
            let separator = match &arguments[1].0 {
                Value::Text(separator) if separator.chars().count() == 1 => separator.clone(),
                _ => {
                    return Err(SqlError::new(
                        214,
                        16,
                        11,
                        "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.",
                    ));
                }
            };
            let with_ordinal = arguments.len() == 3;
            match &arguments[0].0 {
                Value::Text(text) => text
                    .split(&*separator)
                    .enumerate()
                    .map(|(i, part)| {
                        let mut row = vec![Value::text(part)];
                        if with_ordinal {
                            row.push(Value::BigInt(i as i64 + 1));
                        }
                        row
                    })
                    .collect(),
                _ => Vec::new(),
            }
        }
        SystemTableFunction::GenerateSeries => {
            let bounds: Option<Vec<i64>> =
                arguments.iter().map(|(value, _)| integer(value)).collect();
            let Some(bounds) = bounds else {
                return Ok(Arc::default());
            };
            let (start, stop) = (bounds[0], bounds[1]);
            let step = bounds
                .get(2)
                .copied()
                .unwrap_or(if start <= stop { 1 } else { -1 });
            if step == 0 {
                return Err(SqlError::new(
                    4199,
                    16,
                    1,
                    "Argument value 0 is invalid for argument 3 of generate_series function.",
                ));
            }
            let mut rows = Vec::new();
            let mut value = start;
            while (step > 0 && value <= stop) || (step < 0 && value >= stop) {
                run.hold()?;
                rows.push(vec![Value::BigInt(value)]);
                match value.checked_add(step) {
                    Some(next) => value = next,
                    None => break,
                }
            }
            rows
        }
        SystemTableFunction::OpenJson(shape) => shape.rows(&arguments)?,
        SystemTableFunction::Catalog(name) => {
            let function = catalog::system_function(None, name)
                .ok_or_else(|| messages::invalid_object(format!("sys.{name}")))?;
            let values: Vec<Value> = arguments.into_iter().map(|(value, _)| value).collect();
            let now = run.now();
            with_view_context(run.ex, run.ex.session.database, now, |context| {
                (function.rows)(context, &values).map_err(|errors| errors.first().clone())
            })?
        }
    };
    run.steps(rows.len() as u64)?;
    Ok(Arc::new(rows.into_iter().map(Arc::from).collect()))
}
