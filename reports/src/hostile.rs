//! How is text from the target made harmless for each sink?
//!
//! Bodies, names and messages are written by whoever controls the target. A sink that shows them
//! unchanged can be made to lie: an XML reader sees forged test cases, a build log executes
//! commands, a spreadsheet computes, a terminal hides lines. One file for each kind of sink, and one
//! corpus of texts that have broken some reader, which the tests of every sink and view use.

pub mod console;
pub mod corpus;
pub mod csv;
pub mod file_name;
pub mod html;
pub mod markdown;
pub mod sarif;
pub mod xml;

pub use console::{console_line, console_text};
pub use corpus::nasty;

/// The first `length` characters, with a mark where text was cut.
pub fn shortened(text: &str, length: usize) -> String {
    let mut characters = text.chars();
    let kept: String = characters.by_ref().take(length).collect();
    if characters.next().is_some() {
        format!("{kept}…")
    } else {
        kept
    }
}

/// What a reader cannot see, or what moves what he sees: control characters, overrides of the
/// direction of writing, marks without width, tags. Joiners within words stay: Persian and emoji
/// are written with them.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{FFFE}' | '\u{FFFF}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// Every character that cannot be seen becomes U+FFFD; line breaks and tabs stay.
pub fn seen(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            unseen if is_unseen(unseen) => char::REPLACEMENT_CHARACTER,
            other => other,
        })
        .collect()
}

/// One line of what can be seen: breaks become `⏎`.
pub fn seen_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => line.push('⏎'),
            '\t' => line.push(' '),
            unseen if is_unseen(unseen) => line.push(char::REPLACEMENT_CHARACTER),
            other => line.push(other),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{is_unseen, nasty, seen_line, shortened};

    #[test]
    fn a_line_is_one_line_of_what_can_be_seen() {
        for text in nasty() {
            assert!(!seen_line(text).chars().any(is_unseen), "{text:?}");
        }
        // Words are still words.
        for text in ["نامه\u{200C}ای", "👩\u{200D}💻", "naïve", "日本語"] {
            assert_eq!(seen_line(text), text);
        }
    }

    #[test]
    fn shortened_text_says_that_it_was_cut() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äöü…");
    }
}
