//! A regular expression of a schema.

use std::fmt;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A compiled expression may take this many bytes; a document must not take the machine.
const SIZE_MAX: usize = 1 << 20;

/// A regular expression of a schema. Compiled when it is first asked: large documents have
/// thousands, and most are never asked.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// An expression as the document writes it.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// As the document writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in `value`. `None` when the expression uses what only
    /// backtracking engines have, such as look-around.
    pub fn is_match(&self, value: &str) -> Option<bool> {
        let compile = || {
            let mut builder = RegexBuilder::new(&self.text);
            builder.size_limit(SIZE_MAX).build().ok()
        };
        let regex = self.compiled.get_or_init(compile);
        Some(regex.as_ref()?.is_match(value))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_anywhere_and_say_when_they_cannot_be_read() {
        for (pattern, value, expected) in [
            ("^[a-z]+$", "abc", Some(true)),
            ("^[a-z]+$", "abc1", Some(false)),
            ("b", "abc", Some(true)),
            (r"^\d{4}\-\d{2}\/x$", "2024-01/x", Some(true)),
            ("(?=x)y", "y", None),
            ("(", "y", None),
            ("((a{1000}){1000}){1000}", "y", None),
        ] {
            assert_eq!(Pattern::new(pattern).is_match(value), expected, "{pattern}");
        }
    }
}
