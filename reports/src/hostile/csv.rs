//! Text in a spreadsheet: what would be computed there?

/// One cell: quoted as RFC 4180 says, always, because separators differ from country to country, and
/// with an apostrophe in front where a spreadsheet would compute. An apostrophe of the text's own gets
/// one more, so that [`text`] has it back.
pub fn cell(text: &str) -> String {
    let seen = super::seen(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let guard = if is_computed(&seen) { "'" } else { "" };
    format!("\"{guard}{}\"", seen.replace('"', "\"\""))
}

/// The text of a cell that was read back.
pub fn text(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_computed(rest) => rest,
        _ => cell,
    }
}

fn is_computed(text: &str) -> bool {
    text.trim_start_matches([' ', '\u{A0}']).starts_with([
        '=', '+', '-', '@', '\t', '\n', '\'', '|', '%', '＝', '＋', '－', '＠',
    ])
}

/// One line: cells and the line's end of RFC 4180.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{row, text};
    use crate::hostile::{nasty, seen};

    /// Reads RFC 4180 as strictly as it is written.
    pub(crate) fn read(document: &str) -> Vec<Vec<String>> {
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
            rows.last_mut().expect("there is a row").push(value);
            if let Some(after) = rest.strip_prefix("\r\n") {
                rows.push(Vec::new());
                rest = after;
            } else {
                rest = rest.strip_prefix(',').expect("cells are separated");
            }
        }
        rows.pop();
        rows
    }

    fn check(hostile: &str) {
        let rows = read(&row([hostile, "next"]));
        assert_eq!(rows.len(), 1, "{hostile:?}");
        assert_eq!(rows[0].len(), 2, "{hostile:?}");
        assert!(
            !rows[0][0]
                .trim_start()
                .starts_with(['=', '+', '-', '@', '＝']),
            "{hostile:?}"
        );
        let expected = seen(&hostile.replace("\r\n", "\n").replace('\r', "\n"));
        assert_eq!(text(&rows[0][0]), expected);
    }

    #[test]
    fn nothing_is_computed_and_everything_is_read_back() {
        nasty().for_each(check);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_one_cell(text in any::<String>()) {
            check(&text);
        }
    }
}
