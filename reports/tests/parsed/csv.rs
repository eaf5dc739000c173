//! Tables, read as RFC 4180 is written.

use domain::event::CellVerdict;
use record::Record;
use reports::hostile::csv::text;
use reports::hostile::seen;

/// The rows of a document in which every cell is quoted.
fn rows(document: &str) -> Vec<Vec<String>> {
    let mut rows = vec![Vec::new()];
    let mut rest = document;
    while !rest.is_empty() {
        rest = rest.strip_prefix('"').expect("every cell is quoted");
        let mut value = String::new();
        loop {
            let (before, after) = rest.split_once('"').expect("a quote is closed");
            value.push_str(before);
            rest = after;
            match rest.strip_prefix('"') {
                Some(after) => {
                    value.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        assert!(
            !value
                .trim_start()
                .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']),
            "{value:?} is computed"
        );
        rows.last_mut().expect("there is a row").push(value);
        if let Some(after) = rest.strip_prefix("\r\n") {
            rows.push(Vec::new());
            rest = after;
        } else {
            rest = rest.strip_prefix(',').expect("cells are separated");
        }
    }
    assert_eq!(rows.pop(), Some(Vec::new()), "the last row is ended");
    rows
}

/// What a cell gives back of a text.
fn told(text: &str) -> String {
    seen(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

pub(super) fn check_population(record: &Record, document: &str) {
    let mut rows = rows(document).into_iter();
    let head = rows.next().expect("there is a head");
    for system in &record.run.systems {
        let coverage = record.coverage.systems.iter();
        for cell in coverage
            .filter(|one| one.key == system.key)
            .flat_map(|one| &one.cells)
        {
            let row = rows.next().expect("every cell has a row");
            assert_eq!(row.len(), head.len(), "{row:?}");
            let column = |name: &str| {
                let at = head.iter().position(|one| one == name);
                text(&row[at.expect("there is such a column")]).to_owned()
            };
            let reason = match &cell.result {
                CellVerdict::Held => "",
                CellVerdict::Violated { text, .. } | CellVerdict::Inconclusive { text, .. } => text,
                CellVerdict::NotApplicable { reason } => reason,
            };
            for (name, expected) in [
                ("cell", cell.name.as_str()),
                ("class", &cell.class),
                ("who", &cell.at.who),
                ("what", &cell.at.what),
                ("how", &cell.at.how),
                ("whose", &cell.at.whose),
                ("reason", reason),
                ("armed", &cell.armed.to_string()),
                ("attempts", &cell.attempts.to_string()),
            ] {
                assert_eq!(column(name), told(expected), "{name}");
            }
        }
    }
    assert_eq!(rows.next(), None, "no row was added");
}

pub(super) fn check_answers(document: &str) {
    let rows = rows(document);
    assert_eq!(rows.len(), 1 + reports::mapping::requirements().len());
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
    }
}
