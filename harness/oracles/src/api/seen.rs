//! Planted values in an answer, wherever they are: status line, headers, fields and their names, raw
//! and encoded.

use domain::api::history::Answer;
use domain::canary::{Encoding, Sighting};
use domain::surface::Cell;
use domain::world::TenantIndex;
use serde_json::Value;

use super::judge::ApiJudge;
use super::leaves::{leaves, names};
use super::unpacked::unpacked;

/// Nobody's tenant: whatever is planted is another's.
const OF_NOBODY: TenantIndex = TenantIndex(usize::MAX);

impl ApiJudge<'_> {
    /// Planted values of all tenants but `own` in an answer.
    pub(crate) fn seen(&self, answer: &Answer, own: Option<TenantIndex>) -> Vec<Sighting> {
        let mut found = Vec::new();
        for (name, value) in &answer.headers {
            self.seen_in_text(value, own, &format!("header {name}"), &mut found);
        }
        self.seen_in_bytes(&answer.body, own, "body", &mut found);
        found
    }

    /// Planted values in a body, which may be a document, or packed.
    pub(crate) fn seen_in_bytes(
        &self,
        bytes: &[u8],
        own: Option<TenantIndex>,
        place: &str,
        found: &mut Vec<Sighting>,
    ) {
        for (number, inner) in unpacked(bytes).iter().enumerate() {
            let within = format!("{place}, packed part {}", number + 1);
            self.seen_in_plain_bytes(inner, own, &within, found);
        }
        self.seen_in_plain_bytes(bytes, own, place, found);
    }

    fn seen_in_plain_bytes(
        &self,
        bytes: &[u8],
        own: Option<TenantIndex>,
        place: &str,
        found: &mut Vec<Sighting>,
    ) {
        let of = own.unwrap_or(OF_NOBODY);
        if let Ok(document) = serde_json::from_slice::<Value>(bytes) {
            for leaf in leaves(&document) {
                let at = format!("{place} {}", leaf.pointer);
                match leaf.value {
                    Value::String(text) => self.seen_in_text(text, own, &at, found),
                    Value::Number(number) => {
                        let cell = match number.as_i64() {
                            Some(whole) => Cell::Integer(whole),
                            None => Cell::Decimal(number.to_string()),
                        };
                        self.plane.recogniser.cell(&cell, of, &at, found);
                    }
                    _ => {}
                }
            }
            for name in names(&document) {
                self.seen_in_text(name, own, &format!("a name in {place}"), found);
            }
            return;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => {
                // Line by line, so that a sighting says which.
                for (number, line) in text.lines().enumerate() {
                    let at = format!("{place}, line {}", number + 1);
                    self.seen_in_text(line, own, &at, found);
                }
            }
            _ => {
                self.plane
                    .recogniser
                    .cell(&Cell::Binary(bytes.to_vec()), of, place, found);
                let text = String::from_utf8_lossy(bytes);
                self.seen_in_text(&text, own, place, found);
            }
        }
    }

    /// Planted values in a text, also within what is base64 of a text.
    pub(crate) fn seen_in_text(
        &self,
        text: &str,
        own: Option<TenantIndex>,
        place: &str,
        found: &mut Vec<Sighting>,
    ) {
        let of = own.unwrap_or(OF_NOBODY);
        let before = found.len();
        self.plane.recogniser.text(text, of, place, found);
        if found.len() > before {
            return;
        }
        for word in text.split(|letter: char| !is_of_base64(letter)) {
            let Some(bytes) = base64_bytes(word) else {
                continue;
            };
            for inner in unpacked(&bytes) {
                self.seen_in_plain_bytes(&inner, own, place, found);
            }
            let Some(inner) = base64(word) else { continue };
            self.plane.recogniser.text(&inner, of, place, found);
            for sighting in found.iter_mut().skip(before) {
                sighting.encoding = Encoding::Base64;
            }
        }
    }
}

fn is_of_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_')
}

/// The text that a word is base64 of, in either alphabet, with or without padding.
pub(crate) fn base64(word: &str) -> Option<String> {
    let text = String::from_utf8(base64_bytes(word)?).ok()?;
    let is_written = |letter: char| !letter.is_control() || letter.is_whitespace();
    text.chars().all(is_written).then_some(text)
}

fn base64_bytes(word: &str) -> Option<Vec<u8>> {
    const LENGTH_MIN: usize = 8;
    if word.len() < LENGTH_MIN {
        return None;
    }
    let mut bytes = Vec::with_capacity(word.len());
    let mut bits = 0u32;
    let mut held = 0;
    for letter in word.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("eight bits fit"));
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn words_are_read_as_base64_of_a_text_or_not_at_all() {
        for (word, expected) in [
            ("eyJpZCI6MTAwMDAwMDEwMX0", Some(r#"{"id":1000000101}"#)),
            ("c29tZSB0ZXh0", Some("some text")),
            ("short", None),
            ("AAAAAAAAAAAA", None),
            ("international", None),
        ] {
            assert_eq!(base64(word).as_deref(), expected, "{word}");
        }
    }
}
