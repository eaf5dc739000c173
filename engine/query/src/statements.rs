//! How are expressions and SELECT statements carried out from the outside: bind, ask the
//! permissions, run.

use catalog::{Column, ColumnId, Errors};
use tsql::sql;
use values::{SqlError, SqlType, Value};

use crate::binder::{Binder, Clause, Place, variable_key};
use crate::execution::{Flow, Run, Scope, execute, execute_shown, mask};
use crate::permissions;
use crate::plan::{OutputColumn, Query};
use crate::state::{Execution, ResultColumn, RowSink, Variable};

/// The value and the type of an expression that reads no row of a FROM clause around it.
///
/// # Errors
/// What binding, permissions and evaluation raise.
pub fn evaluate(
    ex: &mut Execution<'_>,
    expression: &sql::Expr,
) -> Result<(Value, SqlType), Errors> {
    let mut binder = Binder::new(ex);
    let bound = binder.in_clause(Clause::Value, |binder| binder.expr(expression))?;
    let requirements = std::mem::take(&mut binder.requirements);
    let mask = binder.mask_of(&bound);
    permissions::check(ex.instance, &requirements)?;
    let mut run = Run::new(ex);
    let mut value = bound.evaluate(&mut run, &Scope::NONE)?;
    if let Some(mask) = mask {
        value = mask::one(&mask, value, &bound.data_type, &mut run);
    }
    Ok((value, bound.data_type))
}

/// Whether a condition is true; unknown is not.
///
/// # Errors
/// What binding, permissions and evaluation raise.
pub fn evaluate_condition(ex: &mut Execution<'_>, condition: &sql::Expr) -> Result<bool, Errors> {
    let mut binder = Binder::new(ex);
    let bound = binder.in_clause(Clause::Value, |binder| binder.condition(condition))?;
    let requirements = std::mem::take(&mut binder.requirements);
    permissions::check(ex.instance, &requirements)?;
    let mut run = Run::new(ex);
    Ok(bound.holds(&mut run, &Scope::NONE)?)
}

/// The columns of a query, without running it and without asking permissions: what a view or a
/// prepared statement shows.
///
/// # Errors
/// What binding raises.
pub fn describe(ex: &Execution<'_>, query: &sql::Query) -> Result<Vec<ResultColumn>, Errors> {
    let mut binder = Binder::new(ex);
    let bound = binder.query(query, Place::Statement)?;
    Ok(result_columns(&bound.columns))
}

/// A SELECT statement, `SELECT … INTO` included; returns the number of rows.
///
/// # Errors
/// What binding, permissions and evaluation raise.
pub fn select(
    ex: &mut Execution<'_>,
    select: &tsql::Select,
    sink: &mut dyn RowSink,
) -> Result<u64, Errors> {
    if let sql::SetExpr::Select(body) = select.query.body.as_ref()
        && let Some(into) = &body.into
    {
        let mut query = (*select.query).clone();
        if let sql::SetExpr::Select(body) = query.body.as_mut() {
            body.into = None;
        }
        return select_into(ex, &query, into, &select.hints);
    }
    let query = bind(ex, &select.query, &select.hints)?;
    sink.columns(&result_columns(&query.columns))?;
    let limit = ex.session.options.row_limit;
    let mut run = Run::new(ex);
    let mut count = 0;
    execute_shown(&query, &mut run, &mut |_, row| {
        sink.row(&row)?;
        count += 1;
        Ok(if limit > 0 && count >= limit {
            Flow::Enough
        } else {
            Flow::More
        })
    })?;
    Ok(count)
}

/// `SELECT @a = x …`: the variables hold the last row's values; returns the number of rows.
///
/// # Errors
/// What binding, permissions and evaluation raise.
pub fn select_assign(ex: &mut Execution<'_>, select: &tsql::SelectAssign) -> Result<u64, Errors> {
    let mut types = Vec::with_capacity(select.variables.len());
    for name in &select.variables {
        let key = variable_key(name).into_owned();
        match ex.session.variables.get(&key) {
            Some(Variable::Scalar { data_type, .. }) => types.push((key, *data_type)),
            _ => return Err(crate::messages::undeclared_variable(name).into()),
        }
    }
    let query = bind(ex, &select.query, &[])?;
    let columns: Vec<SqlType> = query
        .columns
        .iter()
        .map(|column| column.data_type)
        .collect();
    for (from, (_, to)) in columns.iter().zip(&types) {
        values::check_conversion(from, to, values::ConversionKind::Implicit)?;
    }
    let mut run = Run::new(ex);
    let mut count = 0;
    execute(&query, &mut run, &mut |run, mut row| {
        count += 1;
        for ((column, value), (key, to)) in query.columns.iter().zip(&mut row).zip(&types) {
            let stored = std::mem::replace(value, Value::Null);
            let (shown, from) = match &column.mask {
                None => (stored, column.data_type),
                // Into its own type a column goes through its function, into another as
                // `default()` of that.
                Some(own) if column.data_type == *to => {
                    (mask::one(own, stored, to, run), column.data_type)
                }
                Some(_) => (mask::one(&catalog::Mask::Default, stored, to, run), *to),
            };
            set_variable(run.ex, key, &shown, &from, to)?;
        }
        Ok(Flow::More)
    })?;
    Ok(count)
}

/// Assigns a scalar variable. Text that is too long is cut, as SET does.
pub(crate) fn set_variable(
    ex: &mut Execution<'_>,
    key: &str,
    value: &Value,
    from: &SqlType,
    to: &SqlType,
) -> Result<(), SqlError> {
    let value = values::convert(value, from, to, None, values::ConversionKind::Implicit)?;
    if let Some(Variable::Scalar { value: kept, .. }) = ex.session.variables.get_mut(key) {
        *kept = value;
    }
    Ok(())
}

/// Binds a query as a statement and asks its permissions.
pub(crate) fn bind(
    ex: &Execution<'_>,
    query: &sql::Query,
    hints: &[String],
) -> Result<Query, Errors> {
    let mut binder = Binder::new(ex);
    binder.hints(hints)?;
    let bound = binder.query(query, Place::Statement)?;
    permissions::check(ex.instance, &binder.requirements)?;
    Ok(bound)
}

fn select_into(
    ex: &mut Execution<'_>,
    query: &sql::Query,
    into: &sql::SelectInto,
    hints: &[String],
) -> Result<u64, Errors> {
    let [target] = &into.targets[..] else {
        return Err(SqlError::unsupported("INTO with several targets").into());
    };
    let parts = match target {
        sql::Expr::Identifier(ident) => vec![ident.value.clone()],
        sql::Expr::CompoundIdentifier(parts) => {
            parts.iter().map(|part| part.value.clone()).collect()
        }
        other => return Err(crate::messages::syntax_near(other).into()),
    };
    let name = tsql::Name(parts);
    let query = bind(ex, query, hints)?;
    let mark = ex.session.undo.mark();
    let result = fill_new_table(ex, &name, &query);
    if result.is_err() {
        ex.session.undo.rollback_to(mark, ex.instance);
    }
    result
}

fn fill_new_table(ex: &mut Execution<'_>, name: &tsql::Name, query: &Query) -> Result<u64, Errors> {
    let columns: Vec<Column> = query
        .columns
        .iter()
        .map(|column| {
            let mut made = Column::plain(
                ColumnId(0),
                column.name.clone(),
                column.data_type,
                column.nullable,
            );
            made.collation = column.collation;
            made.identity = column.identity;
            made
        })
        .collect();
    let mut rows = Vec::new();
    execute_shown(query, &mut Run::new(ex), &mut |run, row| {
        run.hold_row(&row)?;
        rows.push(row.into());
        Ok(Flow::More)
    })?;
    let made = crate::definitions::with_ddl(ex, |ddl| ddl.create_table_from(name, columns))?;
    let (database, table) = made.expect("CREATE TABLE makes a table");
    let count = rows.len() as u64;
    if let Some(place) = query
        .columns
        .iter()
        .position(|column| column.identity.is_some())
    {
        let rows: &Vec<catalog::Row> = &rows;
        for row in rows {
            if let Some(value) = crate::execution::integer(&row[place]) {
                ex.instance
                    .note_identity(database, table, i128::from(value), false);
            }
        }
    }
    ex.instance
        .insert_rows(database, table, rows, &mut ex.session.undo)?;
    Ok(count)
}

pub(crate) fn result_columns(columns: &[OutputColumn]) -> Vec<ResultColumn> {
    columns
        .iter()
        .map(|column| ResultColumn {
            name: column.name.to_string(),
            data_type: column.data_type,
            nullable: column.nullable,
        })
        .collect()
}
