//! The rows of a table as they were after some step: those from before the first attack, with every
//! change since.

use domain::api::history::History;
use domain::surface::Cell;
use domain::world::TenantIndex;

use super::judge::ApiJudge;
use super::rows;

/// One row and where it was seen to come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) table: String,
    /// The step that it came with; `None` when it was there before.
    pub(crate) since: Option<usize>,
    pub(crate) row: Vec<Cell>,
}

impl ApiJudge<'_> {
    /// A tenant's rows of one table after a step; before everything when there is none.
    pub(crate) fn rows_of(
        &self,
        history: &History,
        until: Option<usize>,
        tenant: TenantIndex,
        table: &str,
    ) -> Vec<Vec<Cell>> {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let tenancy = self.plane.system.tenancy.as_ref();
        for database in &self.plane.surface.databases {
            let found = database
                .tables
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(table));
            let Some((_, known)) = found else { continue };
            rows.extend(
                known
                    .rows
                    .iter()
                    .filter(|row| match database.tenant {
                        Some(owner) => owner == tenant,
                        None => tenancy
                            .and_then(|tenancy| tenancy.holder(self.world(), known, row))
                            .is_some_and(|holder| holder == tenant),
                    })
                    .cloned(),
            );
        }
        for change in &history.changes {
            let Some(moved) = rows::moved(change) else {
                continue;
            };
            if change
                .step
                .is_some_and(|step| until.is_none_or(|until| step > until))
                || !moved.table.eq_ignore_ascii_case(table)
            {
                continue;
            }
            for row in moved.removed {
                if let Some(at) = rows.iter().position(|known| known == row) {
                    rows.remove(at);
                }
            }
            let own = |row: &&Vec<Cell>| self.holder(change, row) == Some(tenant);
            rows.extend(moved.added.iter().filter(own).cloned());
        }
        rows
    }
}

/// Rows that came during a history and are still there at its end.
pub(crate) fn came_and_stayed(history: &History) -> Vec<Standing> {
    let mut standing: Vec<(String, Standing)> = Vec::new();
    for change in &history.changes {
        let Some(moved) = rows::moved(change) else {
            continue;
        };
        for row in moved.removed {
            let gone = standing.iter().position(|(database, known)| {
                *database == change.database && known.table == moved.table && known.row == *row
            });
            if let Some(at) = gone {
                standing.remove(at);
            }
        }
        standing.extend(moved.added.iter().map(|row| {
            let row = Standing {
                table: moved.table.to_owned(),
                since: change.step,
                row: row.clone(),
            };
            (change.database.clone(), row)
        }));
    }
    standing.into_iter().map(|(_, standing)| standing).collect()
}

/// Whether a row holds a text, plain or as bytes.
pub(crate) fn holds(row: &[Cell], text: &str) -> bool {
    let folded = text.to_lowercase();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    row.iter().any(|cell| match cell {
        Cell::Text(value) => {
            value.to_lowercase().contains(&folded)
                || value
                    .split(|letter: char| {
                        !letter.is_ascii_alphanumeric() && !"+/-_".contains(letter)
                    })
                    .filter_map(super::seen::base64)
                    .any(|inner| inner.to_lowercase().contains(&folded))
        }
        Cell::Binary(bytes) => {
            let within = |wanted: &[u8]| {
                !wanted.is_empty() && bytes.windows(wanted.len()).any(|part| part == wanted)
            };
            within(text.as_bytes()) || within(&wide)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use super::{came_and_stayed, holds};
    use crate::api::sample;

    #[test]
    fn rows_that_went_again_do_not_stand() {
        let mut history = sample::history();
        let row = |id: i64| vec![Cell::Integer(id)];
        for (step, added, removed) in [(0, vec![row(1), row(2)], vec![]), (1, vec![], vec![row(1)])]
        {
            history.changes.push(Change {
                step: Some(step),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: "dbo.Invoices".into(),
                    added,
                    removed,
                },
            });
        }
        let standing = came_and_stayed(&history);
        assert_eq!(standing.len(), 1);
        assert_eq!(standing[0].row, row(2));
    }

    #[test]
    fn texts_are_found_plain_and_as_bytes() {
        for (cell, found) in [
            (Cell::Text("x Secret y".into()), true),
            (Cell::Text("c2VjcmV0IHZhbHVl".into()), true),
            (Cell::Binary(b"..secret..".to_vec()), true),
            (Cell::Binary(b"s\0e\0c\0r\0e\0t\0".to_vec()), true),
            (Cell::Text("else".into()), false),
            (Cell::Null, false),
        ] {
            assert_eq!(
                holds(std::slice::from_ref(&cell), "secret"),
                found,
                "{cell:?}"
            );
        }
    }
}
