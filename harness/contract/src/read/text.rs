//! From bytes to a tree of values: encodings, JSON or YAML.

use std::borrow::Cow;

use serde_json::Value;

use super::yaml;
use crate::error::ContractError;

/// A document's values.
pub(super) struct Parsed {
    pub(super) value: Value,
    pub(super) is_json: bool,
    /// The text that was read, when it had to be mended first.
    pub(super) mended: Option<String>,
    /// What was odd about the text, with its line.
    pub(super) notes: Vec<(usize, String)>,
}

/// The text of UTF-8 or, after its byte order mark, UTF-16.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ContractError> {
    let utf16 = |from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1);
        let units = units.map(|pair| from([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, ..] => Ok(Cow::Owned(utf16(u16::from_le_bytes))),
        [0xfe, 0xff, ..] => Ok(Cow::Owned(utf16(u16::from_be_bytes))),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = str::from_utf8(bytes);
            let text = text.map_err(|error| ContractError::NotText {
                at: error.valid_up_to(),
            })?;
            Ok(Cow::Borrowed(text))
        }
    }
}

/// The values of a text. What begins like JSON is tried as JSON, then as YAML, which forgives
/// comments and commas too many.
pub(super) fn parse(text: &str) -> Result<Parsed, ContractError> {
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    if !looks_like_json {
        return yaml(text);
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(Parsed {
            value,
            is_json: true,
            mended: None,
            notes: Vec::new(),
        }),
        Err(error) => match yaml(text) {
            Ok(mut parsed) => {
                let note = format!("no valid JSON ({error}); it was read as YAML");
                parsed.notes.push((error.line().max(1), note));
                Ok(parsed)
            }
            Err(_) => Err(ContractError::Syntax {
                format: "JSON",
                line: error.line().max(1),
                column: error.column().max(1),
                why: error.to_string(),
            }),
        },
    }
}

fn yaml(text: &str) -> Result<Parsed, ContractError> {
    let parsed = |(value, notes)| Parsed {
        value,
        is_json: false,
        mended: None,
        notes,
    };
    let error = match yaml::load(text) {
        Ok(loaded) => return Ok(parsed(loaded)),
        Err(error) => error,
    };
    // YAML forbids tabs in indentation; editors do not.
    if !text.lines().any(is_indented_by_tab) {
        return Err(error);
    }
    let mut spaced = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches([' ', '\t']);
        let indentation = &line[..line.len() - rest.len()];
        spaced.push_str(&indentation.replace('\t', "  "));
        spaced.push_str(rest);
    }
    let (value, mut notes) = yaml::load(&spaced).map_err(|_| error)?;
    let first = text.lines().position(is_indented_by_tab).unwrap_or(0) + 1;
    let note = "indented by tabs, which YAML forbids; each was read as two spaces".to_owned();
    notes.push((first, note));
    Ok(Parsed {
        mended: Some(spaced),
        ..parsed((value, notes))
    })
}

fn is_indented_by_tab(line: &str) -> bool {
    let rest = line.trim_start_matches([' ', '\t']);
    line[..line.len() - rest.len()].contains('\t')
}
