//! What never gets into a record? Secrets that the run knows, wherever they stand, and what looks like one. Files
//! are redacted as bytes, on their way out, so that no writer can forget it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use regex::Regex;

/// Known secrets shorter than this would be found in half of all words.
const SECRET_MIN: usize = 6;

/// What stands where something was removed; the rule's name follows.
const MARK: &str = "[redacted: ";

/// The secrets of one run.
#[derive(Clone, Default)]
pub struct Redaction {
    /// What is looked for, as it would stand in JSON, and by which name it is told; the longest first.
    known: Vec<(String, String)>,
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redaction")
            .field("known", &self.known.len())
            .finish()
    }
}

/// What looks like a secret, in ASCII alone, which is much faster: a rule's name, the pattern, and what of it stays before the mark.
static SHAPES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        // Of a connection string: no blanks and quotes, or T-SQL that sets a password would be one.
        (
            "password of a connection string",
            r#"(?i-u:(?<kept>; ?(?:password|pwd)=))[^;"'\\\s\[]+"#,
        ),
        (
            "bearer token",
            r"(?i-u:(?<kept>\bbearer ))[A-Za-z0-9._~+/=-]{16,}",
        ),
        (
            "token",
            r"(?<kept>)(?-u:\b)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        ),
    ]
    .into_iter()
    .map(|(rule, pattern)| (rule, Regex::new(pattern).expect("the pattern is one")))
    .collect()
});

impl Redaction {
    /// One that also looks for a secret, told by `name`. A secret that is too short to be one is left alone.
    pub fn add(&mut self, name: &str, secret: &str) {
        if secret.len() < SECRET_MIN {
            return;
        }
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let escaped = quoted.trim_matches('"').to_owned();
        let name: String = name
            .chars()
            .filter(|letter| {
                letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '_' | '-' | '.')
            })
            .collect();
        for form in [escaped, secret.to_owned()] {
            if !self.known.iter().any(|(known, _)| *known == form) {
                self.known.push((form, name.clone()));
            }
        }
        // The longer first: a secret may begin with another.
        self.known
            .sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
    }

    /// One that looks for what either looks for.
    pub fn join(&mut self, other: Self) {
        for own in other.known {
            if !self.known.contains(&own) {
                self.known.push(own);
            }
        }
        self.known
            .sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
    }

    /// A text without secrets. The marks hold nothing that JSON or YAML would need to escape.
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (secret, name) in &self.known {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), &format!("{MARK}{name}]"));
            }
        }
        for (rule, pattern) in SHAPES.iter() {
            let with = format!("${{kept}}{MARK}{rule}]");
            if let std::borrow::Cow::Owned(changed) = pattern.replace_all(&text, with.as_str()) {
                text = changed;
            }
        }
        text
    }

    /// The same for bytes; what is no text is left alone, for nothing of ours is written that is none.
    pub fn apply_to_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.apply(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }
}

/// How often each rule removed something, counted in what was written.
pub fn count<'a>(texts: impl Iterator<Item = &'a [u8]>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for text in texts {
        let text = String::from_utf8_lossy(text);
        for (at, _) in text.match_indices(MARK) {
            if let Some((rule, _)) = text[at + MARK.len()..].split_once(']') {
                *counts.entry(rule.to_owned()).or_default() += 1;
            }
        }
    }
    counts
}

/// Redacts whole lines on their way out.
#[derive(Debug)]
pub struct Redacting<W> {
    out: W,
    redaction: Redaction,
    /// The beginning of a line whose end was not written yet.
    pending: Vec<u8>,
}

impl<W: Write> Redacting<W> {
    /// Lines go to `out`.
    pub fn new(out: W, redaction: Redaction) -> Self {
        Self {
            out,
            redaction,
            pending: Vec::new(),
        }
    }
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if let Some(end) = self.pending.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.pending.split_off(end + 1);
            let lines = std::mem::replace(&mut self.pending, rest);
            self.out.write_all(&self.redaction.apply_to_bytes(&lines))?;
        }
        Ok(bytes.len())
    }

    /// The beginning of a line waits for its end.
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Redacting, Redaction, count};

    fn redaction() -> Redaction {
        let mut redaction = Redaction::default();
        redaction.add("password of app_rw", "Wt1_abcdef\"\\ghij");
        redaction.add("signing key", "Wt1_abcdef");
        redaction.add("short", "abc");
        redaction
    }

    #[test]
    fn known_secrets_and_what_looks_like_one_are_removed_and_nothing_else_is() {
        for (text, expected) in [
            (
                r#"{"a":"it is Wt1_abcdef\"\\ghij!"}"#,
                r#"{"a":"it is [redacted: password of app_rw]!"}"#,
            ),
            ("Wt1_abcdef", "[redacted: signing key]"),
            ("abc", "abc"),
            (
                "Server=tcp:127.0.0.1,1433;User Id=sa;Password=hunter22;Encrypt=false",
                "Server=tcp:127.0.0.1,1433;User Id=sa;Password=[redacted: password of a connection string];Encrypt=false",
            ),
            (
                "Authorization: Bearer 0123456789abcdef0123",
                "Authorization: Bearer [redacted: bearer token]",
            ),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
                "[redacted: token]",
            ),
            (
                "CREATE LOGIN x WITH PASSWORD = 'Aa1_aaaa'; bearer of news",
                "CREATE LOGIN x WITH PASSWORD = 'Aa1_aaaa'; bearer of news",
            ),
        ] {
            let once = redaction().apply(text);
            assert_eq!(once, expected);
            assert_eq!(redaction().apply(&once), expected, "once is enough");
        }
    }

    #[test]
    fn a_secret_that_is_written_in_pieces_is_removed_too() {
        let mut out = Vec::new();
        let mut redacting = Redacting::new(&mut out, redaction());
        for piece in ["first Wt1_", "abcdef\nsecond Wt1_abcd", "ef\n"] {
            redacting.write_all(piece.as_bytes()).expect("memory");
            redacting.flush().expect("memory");
        }
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "first [redacted: signing key]\nsecond [redacted: signing key]\n"
        );
        assert_eq!(
            count([text.as_bytes()].into_iter()),
            [("signing key".to_owned(), 2)].into()
        );
    }
}
