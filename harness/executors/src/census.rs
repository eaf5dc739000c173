//! Every row that is there before the first attack, in key order.

use connection::Connection;
use domain::surface::{Surface, Table};

use crate::error::ExecutorError;
use crate::quote;

/// Rows of one table that are read; what lies beyond is watched by checksum only.
pub const ROWS_PER_TABLE_MAX: usize = 1_000;

/// Fills [`Table::rows`] of every table, and returns a sentence for each table that was too long
/// to be read in full.
pub async fn census(
    administrator: &mut Connection,
    surface: &mut Surface,
) -> Result<Vec<String>, ExecutorError> {
    let mut warnings = Vec::new();
    for database in &mut surface.databases {
        if database.tables.is_empty() {
            continue;
        }
        let batch: Vec<String> = database
            .tables
            .values()
            .map(|table| question(&database.name, table))
            .collect();
        let response = administrator
            .run_with_limit(&batch.join("\n"), ROWS_PER_TABLE_MAX)
            .await;
        let doing = format!("read the rows of database {}", database.name);
        if let Some(loss) = response.lost {
            return Err(ExecutorError::Lost { doing, loss });
        }
        if let Some(error) = response.first_error() {
            let (number, text) = (error.number, error.text.clone());
            return Err(ExecutorError::Refused {
                doing,
                number,
                text,
            });
        }
        for (table, set) in database.tables.values_mut().zip(response.results) {
            if set.rows_dropped > 0 {
                warnings.push(format!(
                    "{}.{} has more than {ROWS_PER_TABLE_MAX} rows; the rest is watched by checksum only",
                    database.name,
                    table.object()
                ));
            }
            table.rows = set.rows;
        }
    }
    Ok(warnings)
}

/// One row more than is kept tells that there are more.
fn question(database: &str, table: &Table) -> String {
    let order: Vec<String> = table
        .primary_key
        .iter()
        .map(|column| quote::name(column))
        .collect();
    let order = if order.is_empty() {
        String::new()
    } else {
        format!(" ORDER BY {}", order.join(", "))
    };
    // By name: `*` leaves hidden columns out.
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| quote::name(&column.name))
        .collect();
    format!(
        "SELECT TOP ({}) {} FROM {}.{}.{}{order};",
        ROWS_PER_TABLE_MAX + 1,
        columns.join(", "),
        quote::name(database),
        quote::name(&table.schema),
        quote::name(&table.name),
    )
}
