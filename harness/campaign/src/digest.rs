//! What a journal keeps of a history: one hash, the same on every run of the same case.
//!
//! Left out is what a server makes up: times of the present and GUIDs that nobody planted.

use domain::history::{Changed, History, Response};
use domain::surface::Cell;
use domain::world::World;
use sha2::{Digest, Sha256};

/// SHA-256 of a history, in hexadecimal digits.
pub(crate) fn digest(history: &History, world: &World) -> String {
    let mut hash = Canonical {
        hash: Sha256::new(),
        world,
    };
    hash.text(&history.case.id.to_string());
    for record in &history.steps {
        hash.text(&record.batch);
        hash.response(&record.response);
        if let Some(twin) = &record.twin {
            // Its rows are the owner's own; that it succeeded is what counts.
            hash.number(
                twin.errors
                    .first()
                    .map_or(0, |error| i64::from(error.number)),
            );
            hash.number(i64::from(twin.lost.is_some()));
        }
    }
    for change in &history.changes {
        hash.number(
            change
                .step
                .map_or(-1, |step| i64::try_from(step).unwrap_or(i64::MAX)),
        );
        hash.text(&change.database);
        match &change.what {
            Changed::Rows {
                table,
                added,
                removed,
            } => {
                hash.text(table);
                hash.rows(added);
                hash.rows(removed);
            }
            Changed::Catalog { added, removed } => {
                added.iter().chain(removed).for_each(|fact| hash.text(fact));
            }
            Changed::Unreadable { table, error } => {
                hash.text(table);
                hash.text(error);
            }
        }
    }
    let digest = hash.hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Canonical<'a> {
    hash: Sha256,
    world: &'a World,
}

impl Canonical<'_> {
    /// Lengths keep neighbouring texts apart.
    fn text(&mut self, text: &str) {
        self.hash.update((text.len() as u64).to_le_bytes());
        self.hash.update(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.hash.update(number.to_le_bytes());
    }

    fn response(&mut self, response: &Response) {
        self.number(i64::try_from(response.rows_affected).unwrap_or(i64::MAX));
        self.number(i64::from(response.lost.is_some()));
        for error in &response.errors {
            self.number(i64::from(error.number));
            self.number(i64::from(error.state));
            self.text(&error.text);
        }
        for set in &response.results {
            set.columns.iter().for_each(|column| self.text(column));
            self.rows(&set.rows);
            self.number(i64::try_from(set.rows_dropped).unwrap_or(i64::MAX));
        }
    }

    fn rows(&mut self, rows: &[Vec<Cell>]) {
        self.number(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        for cell in rows.iter().flatten() {
            self.cell(cell);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Null => self.text("null"),
            Cell::Bit(value) => self.number(i64::from(*value)),
            Cell::Integer(value) => self.number(*value),
            Cell::Decimal(text) | Cell::Float(text) | Cell::Text(text) => self.text(text),
            Cell::Binary(bytes) => {
                self.number(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
                self.hash.update(bytes);
            }
            Cell::Guid(text) => {
                let planted = self.world.tenants.iter().any(|tenant| {
                    let [a, b, c, d] = tenant.mark.guid;
                    text.starts_with(&format!("{a:02x}{b:02x}{c:02x}{d:02x}"))
                });
                self.text(if planted { text } else { "a guid" });
            }
            Cell::Temporal(text) => {
                let year = text.get(..4).and_then(|year| year.parse::<i32>().ok());
                let planted = self
                    .world
                    .tenants
                    .iter()
                    .any(|tenant| Some(tenant.mark.year) == year);
                self.text(if planted { text } else { "a time" });
            }
        }
    }
}
