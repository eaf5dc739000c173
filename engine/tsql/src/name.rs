//! Names as text: reading the argument of `OBJECT_ID`, and writing a name that reads back.

use std::fmt;

use crate::ast::Name;
use crate::error::ParseError;
use crate::lexer::{TokenKind, tokens};

impl Name {
    /// A one-part name.
    pub fn single(name: impl Into<String>) -> Self {
        Self(vec![name.into()])
    }

    /// The last part: the object's own name.
    pub fn object(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The part before the object's name, when written and not empty.
    pub fn schema(&self) -> Option<&str> {
        self.part_from_end(1)
    }

    /// The third part from the end, when written and not empty.
    pub fn database(&self) -> Option<&str> {
        self.part_from_end(2)
    }

    /// The fourth part from the end, when written and not empty: a linked server.
    pub fn server(&self) -> Option<&str> {
        self.part_from_end(3)
    }

    fn part_from_end(&self, back: usize) -> Option<&str> {
        let index = self.0.len().checked_sub(back + 1)?;
        Some(self.0[index].as_str()).filter(|part| !part.is_empty())
    }
}

impl fmt::Display for Name {
    /// The parts as given, joined by dots, without quotes: the way messages show a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Reads a name of one to four parts, such as `a.[b]].c].d` or `db..t`. Unlike in a statement,
/// reserved words and spaces inside a part are allowed, as `OBJECT_ID` allows them.
pub fn parse_name(text: &str) -> Result<Name, ParseError> {
    let wrong = || ParseError {
        number: 102,
        line: 1,
        message: format!("Incorrect syntax near '{text}'."),
    };
    let mut parts = Vec::new();
    let mut part: Option<String> = None;
    for token in tokens(text)? {
        match token.kind {
            TokenKind::Symbol(".") => parts.push(part.take().unwrap_or_default()),
            TokenKind::Quoted(name, _) if part.is_none() => part = Some(name),
            TokenKind::Word | TokenKind::Variable if part.is_none() => {
                part = Some(text[token.span].to_owned());
            }
            _ => return Err(wrong()),
        }
    }
    // `db..t` may leave out the middle; nothing may leave out the end.
    parts.push(part.ok_or_else(wrong)?);
    if parts.len() > 4 {
        return Err(wrong());
    }
    Ok(Name(parts))
}

/// A name in brackets, as `QUOTENAME` writes it.
pub fn quote_name(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_part_by_part() {
        for (text, expected) in [
            ("t", Some(vec!["t"])),
            ("a.[b]].c].d", Some(vec!["a", "b].c", "d"])),
            ("db..t", Some(vec!["db", "", "t"])),
            ("s.\"d\".o.t", Some(vec!["s", "d", "o", "t"])),
            ("#t", Some(vec!["#t"])),
            ("[select]", Some(vec!["select"])),
            ("", None),
            ("a.", None),
            ("a b", None),
            ("a.b.c.d.e", None),
            ("'x'", None),
        ] {
            let read = parse_name(text).ok().map(|name| name.0);
            let expected = expected.map(|parts| parts.into_iter().map(str::to_owned).collect());
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn a_quoted_name_reads_back() {
        for name in ["t", "a]b", "a.b", "it's", "[x]", "]]"] {
            assert_eq!(
                parse_name(&quote_name(name)).expect(name),
                Name::single(name)
            );
        }
    }
}
