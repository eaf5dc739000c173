//! Which texts have broken some reader? Data, so that every test and every fixture uses the same.

use std::sync::LazyLock;

use serde::Deserialize;

/// One text, written so that the file itself is harmless.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    /// As it is.
    Text(String),
    /// Bytes in hexadecimal; what is no UTF-8 arrives as U+FFFD, as from the wire.
    Bytes(String),
    /// A text many times over.
    Repeat(String, usize),
}

impl Written {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Repeat(text, times) => text.repeat(times),
            Self::Bytes(digits) => {
                let bytes: Vec<u8> = digits
                    .split_whitespace()
                    .map(|pair| u8::from_str_radix(pair, 16).expect("the corpus is hexadecimal"))
                    .collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }
}

static NASTY: LazyLock<Vec<String>> = LazyLock::new(|| {
    let written: Vec<Written> =
        serde_json::from_str(include_str!("nasty.json")).expect("the corpus is JSON");
    written.into_iter().map(Written::text).collect()
});

/// Strings that have broken some reader; every writer's tests use them.
pub fn nasty() -> impl Iterator<Item = &'static str> {
    NASTY.iter().map(String::as_str)
}

/// A CDATA break-out that forges a passing test case in front of a failing one.
pub fn forgery() -> &'static str {
    NASTY.first().expect("the corpus begins with the forgery")
}

#[cfg(test)]
mod tests {
    use super::{forgery, nasty};

    #[test]
    fn the_corpus_holds_what_each_sink_obeys() {
        assert!(forgery().contains("]]>"));
        for danger in [
            "[[ATTACHMENT|",
            "##vso[",
            "::error",
            "\u{1b}[",
            "=HYPERLINK",
            "\u{202e}",
            "\u{200b}",
            "<script",
            "```",
            "../",
            "{0}",
            "](javascript:",
            "\r\n",
        ] {
            assert!(nasty().any(|text| text.contains(danger)), "{danger:?}");
        }
        assert!(nasty().any(|text| text.len() > 100_000));
        assert!(nasty().any(str::is_empty));
    }
}
