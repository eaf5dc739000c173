//! `{{step N column C}}` in a batch: the first row's value of column C of the first result set of
//! step N (from 1), as a literal.

use std::fmt::Write;

use domain::history::Response;
use domain::surface::Cell;

/// The batch with its references replaced by what earlier steps answered. What was not answered
/// is NULL.
pub(crate) fn resolve(batch: &str, answers: &[&Response]) -> String {
    let mut resolved = String::with_capacity(batch.len());
    let mut rest = batch;
    while let Some(start) = rest.find("{{step ") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        resolved.push_str(&rest[..start]);
        let reference = &rest[start + "{{step ".len()..start + length];
        let value = reference.split_once(" column ").and_then(|(step, column)| {
            let step: usize = step.trim().parse().ok()?;
            let set = answers.get(step.checked_sub(1)?)?.results.first()?;
            let position = set
                .columns
                .iter()
                .position(|own| own.eq_ignore_ascii_case(column.trim()))?;
            set.rows.first()?.get(position)
        });
        resolved.push_str(&value.map_or("NULL".into(), literal));
        rest = &rest[start + length + 2..];
    }
    resolved.push_str(rest);
    resolved
}

fn literal(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".into(),
        Cell::Bit(value) => u8::from(*value).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Decimal(text) | Cell::Float(text) => text.clone(),
        Cell::Text(text) => format!("N'{}'", text.replace('\'', "''")),
        Cell::Guid(text) | Cell::Temporal(text) => format!("'{text}'"),
        Cell::Binary(bytes) => bytes.iter().fold("0x".to_owned(), |mut hex, byte| {
            write!(hex, "{byte:02X}").expect("writing to a string does not fail");
            hex
        }),
    }
}

#[cfg(test)]
mod tests {
    use domain::history::{Response, ResultSet};
    use domain::surface::Cell;

    use super::resolve;

    #[test]
    fn references_become_literals() {
        let answer = Response {
            results: vec![ResultSet {
                columns: vec!["Id".into(), "Name".into()],
                rows: vec![vec![Cell::Integer(7), Cell::Text("it's".into())]],
                rows_dropped: 0,
            }],
            ..Response::default()
        };
        for (batch, expected) in [
            ("SELECT 1", "SELECT 1"),
            (
                "WHERE Id = {{step 1 column id}} AND 1 = 1",
                "WHERE Id = 7 AND 1 = 1",
            ),
            ("N = {{step 1 column Name}}", "N = N'it''s'"),
            ("N = {{step 2 column Name}}", "N = NULL"),
            ("N = {{step 1 column Other}}", "N = NULL"),
        ] {
            assert_eq!(resolve(batch, &[&answer]), expected);
        }
    }
}
