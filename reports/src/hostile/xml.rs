//! Text in XML: which characters may a document hold, and which lines does a reader of JUnit obey?

use super::console::without_commands;

/// Characters that XML 1.0 cannot hold become U+FFFD; everything else stays. Escaping of markup
/// is the XML writer's part.
pub fn characters(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => character,
            _ => char::REPLACEMENT_CHARACTER,
        })
        .collect()
}

/// Text for JUnit bodies: Jenkins archives a file of the build agent for every line
/// `[[ATTACHMENT|/path]]` and sets properties for `[[PROPERTY|…]]`, and some readers print bodies into a
/// build log that obeys `##vso[…]`. So commands are broken.
pub fn junit_text(text: &str) -> String {
    without_commands(&super::seen(text))
}

#[cfg(test)]
mod tests {
    use super::{characters, junit_text};
    use crate::hostile::nasty;

    #[test]
    fn a_document_holds_only_what_xml_allows() {
        let allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
        for text in nasty() {
            assert!(characters(text).chars().all(allowed), "{text:?}");
        }
    }

    #[test]
    fn no_body_names_an_attachment() {
        for text in nasty().chain(["[[[[ATTACHMENT|x]]", "[\u{0}[ATTACHMENT|x]]"]) {
            assert!(!junit_text(text).contains("[["), "{text:?}");
        }
        assert_eq!(junit_text("dbo.[T] [1]"), "dbo.[T] [1]");
    }
}
