//! How is text from the target made harmless for each sink?
//!
//! Bodies, names and messages are written by whoever controls the target. A sink that shows them
//! unchanged can be made to lie: an XML reader sees forged test cases, a build log executes
//! commands, a terminal hides lines.

/// Characters that XML 1.0 cannot hold become U+FFFD; everything else stays. Escaping of markup
/// is the XML writer's part.
pub fn xml_characters(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => character,
            _ => char::REPLACEMENT_CHARACTER,
        })
        .collect()
}

/// Text for JUnit bodies: Jenkins archives a file of the build agent for every line
/// `[[ATTACHMENT|/path]]` and sets properties for `[[PROPERTY|…]]`, so the brackets are broken.
pub fn junit_text(text: &str) -> String {
    xml_characters(&text.replace("[[", "[\u{200B}["))
}

/// One line for a terminal or a build log.
///
/// Line breaks become `⏎`, control characters (escape sequences among them) and bidirectional
/// overrides become U+FFFD. The caller prints it behind a prefix of ours, because `::command::`
/// and `##vso[…]` are obeyed at the start of a line.
pub fn console_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => line.push('⏎'),
            '\t' => line.push(' '),
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' => {
                line.push(char::REPLACEMENT_CHARACTER);
            }
            other if other.is_control() => line.push(char::REPLACEMENT_CHARACTER),
            // Azure's agent looks for its commands anywhere in a line.
            '#' if characters.peek() == Some(&'#') => line.push_str("#\u{200B}"),
            other => line.push(other),
        }
    }
    line
}

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

/// Strings that have broken some reader; every writer's tests use them.
pub const NASTY: &[&str] = &[
    "]]></system-out></testcase><testcase classname=\"iso\" name=\"forged\" time=\"0.001\"><system-out><![CDATA[",
    "[[ATTACHMENT|/etc/passwd]]",
    "[[PROPERTY|verdict=held]]",
    "##vso[task.complete result=Succeeded;]done",
    "::error file=app.js,line=1::Missing semicolon",
    "\u{1b}[2K\u{1b}[1Aall green",
    "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{fffe}\u{ffff}",
    "=HYPERLINK(\"http://x\")",
    "abc\u{202e}txt.exe",
    "<script>alert(1)</script>&amp;&#0;",
    "``````",
    "../../etc/passwd",
    "line one\r\nline two\nline three\r",
    "\u{1F600}\u{10FFFF}",
    "",
];

#[cfg(test)]
mod tests {
    use super::{NASTY, console_line, junit_text, shortened, xml_characters};

    #[test]
    fn every_sink_neutralises_what_it_obeys() {
        for nasty in NASTY {
            let console = console_line(nasty);
            assert!(
                !console.chars().any(char::is_control),
                "{nasty:?} gave {console:?}"
            );
            assert!(!console.contains("##"), "{nasty:?} gave {console:?}");
            let junit = junit_text(nasty);
            assert!(!junit.contains("[["), "{nasty:?} gave {junit:?}");
            let allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
            assert!(xml_characters(nasty).chars().all(allowed), "{nasty:?}");
        }
    }

    #[test]
    fn shortened_text_says_that_it_was_cut() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äöü…");
    }
}
