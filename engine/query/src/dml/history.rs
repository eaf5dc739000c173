//! What does a change of a system-versioned table leave behind? The period of the new rows, and
//! the old rows in the history table.

use std::sync::Arc;

use catalog::{Column, DatabaseId, ObjectId, Row, RowId, Table};
use values::{SqlError, Value};

use crate::dml::rules::Rules;
use crate::dml::store;
use crate::execution::Run;
use crate::state::Execution;

/// PERIOD FOR SYSTEM_TIME of a table whose rows change.
#[derive(Debug)]
pub(crate) struct Period {
    /// The places of its columns.
    start: usize,
    end: usize,
    /// Where old rows go, while SYSTEM_VERSIONING is ON.
    history: Option<ObjectId>,
}

impl Period {
    /// The period of a table, and whether its history table is there.
    pub(crate) fn of(ex: &Execution<'_>, database: DatabaseId, table: &Table) -> Option<Self> {
        let (start, end) = table.period_places()?;
        let history = table.history().filter(|history| {
            ex.instance
                .database(database)
                .is_some_and(|database| database.data(*history).is_some())
        });
        Some(Self {
            start,
            end,
            history,
        })
    }

    /// A row as it begins: with the transaction, and open.
    pub(crate) fn begin(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Column],
        row: &mut [Value],
    ) -> Result<(), SqlError> {
        let began = transaction_time(run);
        row[self.start] = catalog::period_time(began, &columns[self.start].data_type)?;
        row[self.end] = catalog::open_end(&columns[self.end].data_type);
        Ok(())
    }
}

/// When the transaction began. A statement without one is one of its own, and begins when it
/// first looks at the clock, so that SYSUTCDATETIME() in it is never earlier.
fn transaction_time(run: &mut Run<'_, '_>) -> i64 {
    if let Some(began) = run.ex.session.transaction_began {
        return began;
    }
    let now = run.now();
    run.ex.session.transaction_began = Some(now);
    now
}

/// Copies rows that are about to change or leave into the history table; their period ends with
/// the beginning of the transaction.
pub(crate) fn keep(run: &mut Run<'_, '_>, rules: &Rules, ids: &[RowId]) -> Result<(), SqlError> {
    let Some(period) = &rules.period else {
        return Ok(());
    };
    let Some(history) = period.history else {
        return Ok(());
    };
    let began = transaction_time(run);
    let end = catalog::period_time(began, &rules.table().columns[period.end].data_type)?;
    let mut old: Vec<Row> = Vec::with_capacity(ids.len());
    for id in ids {
        run.step()?;
        let Some(row) = store::get(run.ex, &rules.stored, *id) else {
            continue;
        };
        if ticks(&row[period.start]) > ticks(&end) {
            return Err(SqlError::new(
                13535,
                16,
                1,
                format!(
                    "Data modification failed on system-versioned table '{}' because transaction time was earlier than period start time for affected records.",
                    rules.full_name
                ),
            ));
        }
        let mut row = row.to_vec();
        row[period.end] = end.clone();
        old.push(Arc::from(row));
    }
    run.ex
        .instance
        .insert_rows(rules.database, history, old, &mut run.ex.session.undo)?;
    Ok(())
}

fn ticks(value: &Value) -> i64 {
    match value {
        Value::DateTime2(ticks) => *ticks,
        _ => 0,
    }
}

/// 13559 to 13562: nobody changes a history table directly while SYSTEM_VERSIONING is ON.
pub(crate) fn refuse(rules: &Rules, number: i32) -> Result<(), SqlError> {
    if !rules.table().is_history() {
        return Ok(());
    }
    let what = match number {
        13559 => "insert rows in a",
        13560 => "delete rows from a",
        13561 => "update rows in a",
        _ => "perform MERGE operation on",
    };
    Err(SqlError::new(
        number,
        16,
        1,
        format!(
            "Cannot {what} temporal history table '{}'.",
            rules.full_name
        ),
    ))
}
