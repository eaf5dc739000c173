//! When are two texts equal, and which comes first?

use std::cmp::Ordering;

/// A supported collation, under its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Collation {
    /// SQL_Latin1_General_CP1_CI_AS.
    #[default]
    SqlLatin1CiAs,
    /// Latin1_General_BIN2.
    Latin1Bin2,
}

impl Collation {
    /// By name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let _ = name;
        None
    }

    /// The name.
    pub fn name(self) -> &'static str {
        ""
    }

    /// Order of two texts, trailing blanks ignored.
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        a.cmp(b)
    }

    /// Equality of two texts, trailing blanks ignored.
    pub fn equals(self, a: &str, b: &str) -> bool {
        a == b
    }

    /// Bytes that order and equal as the texts do.
    pub fn sort_key(self, text: &str) -> Vec<u8> {
        text.into()
    }
}
