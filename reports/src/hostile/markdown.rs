//! Text in Markdown, as forges read it: what would be a heading, a link, a picture, somebody's name?

use super::{seen, seen_line};

/// Signs that mean something to Markdown wherever they stand.
const MEANT: &str = "\\`*_{}[]()+-!|~$^=";

/// Text within a sentence or a cell of a table. What means something is escaped; a space without width
/// keeps `@names` and `#numbers`, which forges look for after Markdown was read, from being found.
pub fn inline(text: &str) -> String {
    let line = seen_line(text);
    let mut markdown = String::with_capacity(line.len() * 2);
    for character in line.chars() {
        match character {
            '<' => markdown.push_str("&lt;"),
            '>' => markdown.push_str("&gt;"),
            '&' => markdown.push_str("&amp;"),
            '@' | '#' => {
                markdown.push('\\');
                markdown.push(character);
                markdown.push('\u{200B}');
            }
            // A bare address is found by forges even where its signs are escaped, unless it is torn.
            '/' if markdown.ends_with(':') => markdown.push_str("\u{200B}/"),
            '.' if markdown.to_ascii_lowercase().ends_with("www") => markdown.push_str(".\u{200B}"),
            // `1.` begins a list.
            '.' | ')' if markdown.bytes().all(|byte| byte.is_ascii_digit()) => {
                markdown.push('\\');
                markdown.push(character);
            }
            other if MEANT.contains(other) => {
                markdown.push('\\');
                markdown.push(other);
            }
            other => markdown.push(other),
        }
    }
    markdown
}

/// A span of code: its fence is longer than any run of backticks within.
pub fn code(text: &str) -> String {
    let line = seen_line(text);
    if line.trim().is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&line) + 1);
    // One space on each side is taken away again, and keeps backticks from the fence.
    format!("{fence} {line} {fence}")
}

/// The same in a cell of a table, where a bar would end the cell.
pub fn code_cell(text: &str) -> String {
    code(text).replace('\\', "\\\u{200B}").replace('|', "\\|")
}

/// A block of code of several lines.
pub fn block(text: &str, language: &str) -> String {
    let text = seen(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{block, code, code_cell, inline};
    use crate::hostile::{nasty, seen};

    #[test]
    fn a_fence_is_longer_than_anything_within() {
        for text in nasty() {
            let block = block(text, "sql");
            let (first, rest) = block.split_once('\n').expect("a block has lines");
            let fence = first.trim_end_matches("sql");
            let inner = rest
                .strip_suffix(&format!("\n{fence}\n"))
                .expect("a block ends");
            assert!(!inner.contains(fence), "{text:?}");
            assert_eq!(inner, seen(&text.replace("\r\n", "\n").replace('\r', "\n")));
        }
    }

    #[test]
    fn a_span_is_one_span_and_a_cell_one_cell() {
        for text in nasty() {
            let span = code(text);
            let fence = span.len() - span.trim_start_matches('`').len();
            let inner = &span[fence..span.len() - fence];
            assert!(
                inner.split(|c| c != '`').all(|run| run.len() < fence),
                "{text:?}"
            );
            assert!(!span.contains('\n'));
            let cell = code_cell(text);
            for (at, _) in cell.match_indices('|') {
                assert!(
                    cell[..at].ends_with('\\') && !cell[..at].ends_with("\\\\"),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn a_sentence_stays_a_sentence() {
        for text in nasty() {
            let markdown = inline(text);
            assert!(!markdown.contains(['<', '>', '\n', '\r']), "{text:?}");
            let mut before = ' ';
            for character in markdown.chars() {
                if matches!(
                    character,
                    '[' | ']' | '(' | '`' | '*' | '_' | '|' | '!' | '@' | '#' | '~'
                ) {
                    assert_eq!(before, '\\', "{text:?} gave {markdown:?}");
                }
                before = if before == '\\' && character == '\\' {
                    ' '
                } else {
                    character
                };
            }
        }
        assert!(!inline("http://evil.example").contains("http://"));
        assert!(!inline("WWW.evil.example").contains("WWW.e"));
        assert_eq!(inline("Held: 5 of 7, so."), "Held: 5 of 7, so.");
    }
}
