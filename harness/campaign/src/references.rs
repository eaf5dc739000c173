//! `{{step N column C}}` in a batch: the first row's value of column C of the first result set of
//! step N (from 1), as a literal. And `{{own …}}`: what the speaker calls his own.

use domain::history::Response;

/// The batch with its references replaced by what earlier steps answered, and by what `own` says
/// is the speaker's. What was not answered, and what he does not have, is NULL.
pub(crate) fn resolve(
    batch: &str,
    answers: &[&Response],
    own: &dyn Fn(&str) -> Option<String>,
) -> String {
    let steps = replaced(batch, "{{step ", |reference| {
        reference.split_once(" column ").and_then(|(step, column)| {
            let step: usize = step.trim().parse().ok()?;
            let set = answers.get(step.checked_sub(1)?)?.results.first()?;
            let position = set
                .columns
                .iter()
                .position(|own| own.eq_ignore_ascii_case(column.trim()))?;
            Some(set.rows.first()?.get(position)?.literal())
        })
    });
    replaced(&steps, "{{own ", own)
}

/// The batch with everything from `opening` to the next `}}` replaced by what stands between.
fn replaced(batch: &str, opening: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut resolved = String::with_capacity(batch.len());
    let mut rest = batch;
    while let Some(start) = rest.find(opening) {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        resolved.push_str(&rest[..start]);
        let reference = &rest[start + opening.len()..start + length];
        resolved.push_str(&value(reference).unwrap_or_else(|| "NULL".into()));
        rest = &rest[start + length + 2..];
    }
    resolved.push_str(rest);
    resolved
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
            (
                "O = {{own organisation}} AND N = {{step 1 column id}}",
                "O = 9 AND N = 7",
            ),
            ("D = {{own department}}", "D = NULL"),
        ] {
            let own = |name: &str| (name == "organisation").then(|| "9".to_owned());
            assert_eq!(resolve(batch, &[&answer], &own), expected);
        }
    }
}
