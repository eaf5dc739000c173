//! Which new rows does IGNORE_DUP_KEY leave out of an INSERT? Those whose key is there already, in
//! the table or earlier in the same statement. UPDATE and MERGE fail as without the option.

use catalog::{Row, TableData};
use values::SqlError;

use crate::binder::Stored;
use crate::dml::rules::Rules;
use crate::execution::Run;
use crate::state::Variable;

/// The rows that stay; the client is told when there are fewer than there were.
pub(crate) fn leave_out(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    rows: Vec<Row>,
) -> Result<Vec<Row>, SqlError> {
    let table = rules.table();
    if !table.indexes.iter().any(|index| index.ignores_duplicates) {
        return Ok(rows);
    }
    let stored = match &rules.stored {
        Stored::Table(table, _) => run
            .ex
            .instance
            .database(table.database)
            .and_then(|database| database.data(table.object))
            .map(|data| TableData::clone(data)),
        Stored::Variable(name) => match run.ex.session.variables.get(name.as_ref()) {
            Some(Variable::Table(variable)) => Some(variable.data.clone()),
            _ => None,
        },
    };
    let Some(mut data) = stored else {
        return Ok(rows);
    };
    let before = rows.len();
    let mut kept = Vec::with_capacity(before);
    for row in rows {
        run.step()?;
        if let Err(duplicate) = data.insert(row.clone())
            && table
                .index(duplicate.index)
                .is_some_and(|index| index.ignores_duplicates)
        {
            continue;
        }
        // A duplicate under another key stays, and fails when it is written.
        kept.push(row);
    }
    if kept.len() < before {
        run.ex
            .session
            .messages
            .push(SqlError::new(3604, 0, 1, "Duplicate key was ignored."));
    }
    Ok(kept)
}
