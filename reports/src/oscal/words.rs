//! What may stand in OSCAL's fields? Ids are tokens, strings have one line and are not empty, texts are
//! Markdown, and identities are name-based, so that the same record is rendered to the same bytes.

use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use crate::hostile::markdown::inline;
use crate::hostile::{seen_line, shortened};

/// The version of the schemas that the documents meet.
pub(super) const VERSION: &str = "1.2.1";

/// The namespace of our properties.
pub(super) const NAMESPACE: &str = "urn:watertight:oscal:v1";

/// Under which names are hashed.
const NAMES: [u8; 16] = [
    0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// The UUID of version 5 of a name within a run.
pub(super) fn uuid(run_id: &str, name: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(NAMES);
    hash.update(format!("{NAMESPACE}:{run_id}:{name}").as_bytes());
    let mut bytes: [u8; 20] = hash.finalize().into();
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits: String = bytes
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// A token: a letter or underscore first, then letters, digits, dots, hyphens and underscores, as in
/// `i-s-06` for `I&S-06` and NIST's own `ac-4.21` for `AC-4(21)`.
pub(super) fn token(text: &str) -> String {
    let mut token = String::new();
    for character in text.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' => token.push(character),
            '(' if token.ends_with(|c: char| c.is_ascii_digit()) => token.push('.'),
            '.' if !token.is_empty() => token.push('.'),
            ')' => {}
            _ if token.is_empty() || token.ends_with(['-', '.']) => {}
            _ => token.push('-'),
        }
    }
    let token = token.trim_end_matches(['-', '.']).to_owned();
    if token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        token
    } else {
        format!("_{token}")
    }
}

/// A string: one line, not empty, no blanks at its ends.
pub(super) fn string(text: &str) -> String {
    let line = shortened(&seen_line(text), 1000);
    let line = line.trim();
    if line.is_empty() {
        "-".to_owned()
    } else {
        line.to_owned()
    }
}

/// A text of one line, which is Markdown.
pub(super) fn markup(text: &str) -> String {
    let line = shortened(&seen_line(text), 2000);
    let line = line.trim();
    if line.is_empty() {
        "-".to_owned()
    } else {
        inline(line)
    }
}

/// A property of ours.
pub(super) fn prop(name: &str, value: &str) -> Value {
    json!({ "name": token(name), "ns": NAMESPACE, "value": string(value) })
}

/// Title, time and version of a document.
pub(super) fn metadata(title: &str, modified: &str, tool: &record::model::Tool) -> Value {
    json!({
        "title": markup(title),
        "last-modified": modified,
        "version": string(&tool.version),
        "oscal-version": VERSION,
        "props": [prop("tool", &format!("{} {}", tool.name, tool.version))],
    })
}

/// A document as bytes.
pub(super) fn document(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("a value prints as JSON");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::{markup, string, token, uuid};
    use crate::hostile::nasty;

    #[test]
    fn ids_are_tokens_as_the_frameworks_themselves_write_them() {
        for (text, expected) in [
            ("I&S-06", "i-s-06"),
            ("A&A-04", "a-a-04"),
            ("AC-4(21)", "ac-4.21"),
            ("CC6.1", "cc6.1"),
            ("10.3.2 / 10.3.4", "_10.3.2-10.3.4"),
            ("", "_"),
        ] {
            assert_eq!(token(text), expected, "{text}");
        }
        for text in nasty() {
            let token = token(text);
            assert!(
                token.starts_with(|c: char| c.is_ascii_lowercase() || c == '_'),
                "{text:?}"
            );
            assert!(
                token
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
                "{text:?}"
            );
            for line in [string(text), markup(text)] {
                assert!(
                    !line.contains('\n') && line.trim() == line && !line.is_empty(),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn identities_hang_on_names_alone() {
        let one = uuid("run", "observation/D01");
        assert_eq!(one, uuid("run", "observation/D01"));
        assert_ne!(one, uuid("run", "observation/D02"));
        assert_ne!(one, uuid("another", "observation/D01"));
        assert_eq!(one.len(), 36);
        assert_eq!(&one[14..15], "5");
    }
}
