//! How text falls into tokens.
//!
//! The rules are T-SQL's with QUOTED_IDENTIFIER ON: comments nest, `]]` and `""` escape inside
//! names, `''` inside strings, and line breaks mean nothing.

use std::ops::Range;

use crate::error::ParseError;

/// One token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Byte range in the text.
    pub span: Range<usize>,
    /// Line of its first character, from 1.
    pub line: u32,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A keyword or an unquoted name, also `#temporary` and `$action`; its text is the span's.
    Word,
    /// `@variable` or `@@function`.
    Variable,
    /// `[name]` or `"name"`, unescaped, with its opening quote.
    Quoted(String, char),
    /// `1`, `1.5`, `1e5`.
    Number,
    /// `$1.50`; the text without the dollar sign.
    Money(String),
    /// `0x…`: the digits.
    Binary(String),
    /// `'…'`, unescaped.
    Text(String),
    /// `N'…'`, unescaped.
    NationalText(String),
    /// Punctuation and operators, compound assignment included.
    Symbol(&'static str),
}

/// Longest first, so that the first match is the right one.
const SYMBOLS: &[&str] = &[
    "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<>", "<=", ">=", "!=", "!<", "!>", "::", "||",
    "(", ")", ",", ";", ".", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "~", ":", "{",
    "}", "!", "?", "\\", "`", "]", "$", "#",
];

/// Longest names that the server accepts.
const NAME_LENGTH_MAX: usize = 128;

/// Tokens of a text, without white space and comments.
pub fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
    };
    // Four bytes a token is what ordinary T-SQL comes to; the bound keeps a long literal cheap.
    let mut found = Vec::with_capacity((text.len() / 4).min(1024));
    while let Some(token) = lexer.next()? {
        found.push(token);
    }
    Ok(found)
}

/// The end of the string, bracketed name, quoted name or comment that begins at `start`;
/// `Ok(None)` when nothing of the kind begins there, `Err` when it never ends.
pub(crate) fn delimited(bytes: &[u8], start: usize) -> Result<Option<usize>, Unclosed> {
    let close = match (bytes.get(start), bytes.get(start + 1)) {
        (Some(b'\''), _) => b'\'',
        (Some(b'"'), _) => b'"',
        (Some(b'['), _) => b']',
        (Some(b'-'), Some(b'-')) => {
            let rest = &bytes[start..];
            let length = rest
                .iter()
                .position(|&byte| byte == b'\n')
                .unwrap_or(rest.len());
            return Ok(Some(start + length));
        }
        (Some(b'/'), Some(b'*')) => return comment_end(bytes, start).map(Some),
        _ => return Ok(None),
    };
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            None => {
                return Err(if close == b']' {
                    Unclosed::Name
                } else {
                    Unclosed::Quote
                });
            }
            Some(&byte) if byte == close => {
                if bytes.get(at + 1) != Some(&close) {
                    return Ok(Some(at + 1));
                }
                at += 2;
            }
            Some(_) => at += 1,
        }
    }
}

/// What was opened and never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclosed {
    Quote,
    Name,
    Comment,
}

fn comment_end(bytes: &[u8], start: usize) -> Result<usize, Unclosed> {
    let mut depth = 0u32;
    let mut at = start;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Ok(at);
                }
            }
            (Some(_), _) => at += 1,
            (None, _) => return Err(Unclosed::Comment),
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: u32,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Token>, ParseError> {
        self.skip_trivia()?;
        let Some(character) = self.text[self.at..].chars().next() else {
            return Ok(None);
        };
        let start = self.at;
        let line = self.line;
        let kind = match character {
            '\'' => TokenKind::Text(self.literal('\'')?),
            '[' => self.name('[')?,
            '"' => self.name('"')?,
            'N' | 'n' if self.bytes.get(start + 1) == Some(&b'\'') => {
                self.at += 1;
                TokenKind::NationalText(self.literal('\'')?)
            }
            '@' => {
                self.take_while(start + 1, is_name_part);
                TokenKind::Variable
            }
            '0' if matches!(self.bytes.get(start + 1), Some(b'x' | b'X')) => self.binary(),
            '0'..='9' => self.number(),
            '.' if self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(),
            '$' => self.dollar(),
            character if is_name_start(character) => {
                self.take_while(start, is_name_part);
                TokenKind::Word
            }
            _ => self.symbol()?,
        };
        if matches!(kind, TokenKind::Word | TokenKind::Variable) {
            self.check_length(&self.text[start..self.at], line)?;
        }
        Ok(Some(Token {
            kind,
            span: start..self.at,
            line,
        }))
    }

    fn skip_trivia(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = &self.text[self.at..];
            let Some(character) = rest.chars().next() else {
                return Ok(());
            };
            if character.is_whitespace() || is_control(character) {
                self.advance(self.at + character.len_utf8());
            } else if rest.starts_with("--") || rest.starts_with("/*") {
                match delimited(self.bytes, self.at) {
                    Ok(end) => self.advance(end.unwrap_or(self.at + 2)),
                    Err(_) => {
                        return Err(self.error(113, "Missing end comment mark '*/'."));
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Moves on, counting the line breaks passed.
    fn advance(&mut self, end: usize) {
        let passed = &self.bytes[self.at..end];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u32;
        self.at = end;
    }

    /// The content of a quoted token that begins here.
    fn literal(&mut self, quote: char) -> Result<String, ParseError> {
        let start = self.at;
        let Ok(Some(end)) = delimited(self.bytes, start) else {
            let shown: String = self.text[start + 1..]
                .chars()
                .take(NAME_LENGTH_MAX)
                .collect();
            return Err(self.error(
                105,
                format!("Unclosed quotation mark after the character string '{shown}'."),
            ));
        };
        self.advance(end);
        let inside = &self.text[start + 1..end - 1];
        Ok(match quote {
            '\'' if inside.contains('\'') => inside.replace("''", "'"),
            '[' if inside.contains(']') => inside.replace("]]", "]"),
            '"' if inside.contains('"') => inside.replace("\"\"", "\""),
            _ => inside.to_owned(),
        })
    }

    fn name(&mut self, quote: char) -> Result<TokenKind, ParseError> {
        let line = self.line;
        let name = self.literal(quote)?;
        if name.is_empty() {
            return Err(ParseError {
                number: 1038,
                line,
                message: "An object or column name is missing or empty. For SELECT INTO \
                          statements, verify each column has a name. For other statements, look \
                          for empty alias names. Aliases defined as \"\" or [] are not allowed. \
                          Change the alias to a valid name."
                    .to_owned(),
            });
        }
        self.check_length(&name, line)?;
        Ok(TokenKind::Quoted(name, quote))
    }

    fn check_length(&self, name: &str, line: u32) -> Result<(), ParseError> {
        if name.len() <= NAME_LENGTH_MAX || name.encode_utf16().count() <= NAME_LENGTH_MAX {
            return Ok(());
        }
        let shown: String = name.chars().take(NAME_LENGTH_MAX).collect();
        Err(ParseError {
            number: 103,
            line,
            message: format!(
                "The identifier that starts with '{shown}' is too long. Maximum length is \
                 {NAME_LENGTH_MAX}."
            ),
        })
    }

    fn binary(&mut self) -> TokenKind {
        let start = self.at + 2;
        self.take_while(start, |character| character.is_ascii_hexdigit());
        TokenKind::Binary(self.text[start..self.at].to_owned())
    }

    fn number(&mut self) -> TokenKind {
        let mut at = self.digits(self.at);
        if self.bytes.get(at) == Some(&b'.') {
            at = self.digits(at + 1);
        }
        if matches!(self.bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(at + 1), Some(b'+' | b'-')));
            at = self.digits(at + 1 + sign);
        }
        self.at = at;
        TokenKind::Number
    }

    fn digits(&self, from: usize) -> usize {
        let rest = &self.bytes[from..];
        from + rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len())
    }

    /// `$action`, `$1.50`, or a lone dollar sign, which is the money value zero.
    fn dollar(&mut self) -> TokenKind {
        let start = self.at + 1;
        if self.text[start..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            self.take_while(start, is_name_part);
            return TokenKind::Word;
        }
        let mut end = self.digits(start);
        if self.bytes.get(end) == Some(&b'.') {
            end = self.digits(end + 1);
        }
        self.at = end;
        TokenKind::Money(self.text[start..end].to_owned())
    }

    fn symbol(&mut self) -> Result<TokenKind, ParseError> {
        let rest = &self.text[self.at..];
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.at += symbol.len();
            return Ok(TokenKind::Symbol(symbol));
        }
        let shown = rest.chars().next().unwrap_or_default();
        Err(self.error(102, format!("Incorrect syntax near '{shown}'.")))
    }

    fn take_while(&mut self, from: usize, wanted: impl Fn(char) -> bool) {
        let rest = &self.text[from..];
        self.at = from + rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    fn error(&self, number: i32, message: impl Into<String>) -> ParseError {
        ParseError {
            number,
            line: self.line,
            message: message.into(),
        }
    }
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_' || character == '#'
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '#' | '@' | '$')
}

/// The server takes control characters between tokens for white space.
fn is_control(character: char) -> bool {
    character < ' ' || character == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<Vec<String>, i32> {
        let tokens = tokens(text).map_err(|error| error.number)?;
        Ok(tokens
            .into_iter()
            .map(|token| match token.kind {
                TokenKind::Word | TokenKind::Variable | TokenKind::Number => {
                    text[token.span].to_owned()
                }
                TokenKind::Quoted(name, quote) => format!("{quote}{name}"),
                TokenKind::Money(amount) => format!("${amount}"),
                TokenKind::Binary(digits) => format!("0x{digits}"),
                TokenKind::Text(text) => format!("'{text}"),
                TokenKind::NationalText(text) => format!("N'{text}"),
                TokenKind::Symbol(symbol) => symbol.to_owned(),
            })
            .collect())
    }

    #[test]
    fn text_falls_into_the_tokens_of_t_sql() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(shown(text).expect("the text is closed"), expected, "{text}");
        };
        check("SELECT a.b,@x", &["SELECT", "a", ".", "b", ",", "@x"]);
        check("[a]]b] \"c\"\"d\"", &["[a]b", "\"c\"d"]);
        check("N'it''s' n'x' 'y'", &["N'it's", "N'x", "'y"]);
        check(
            "0xAf 0x 1.5 .5 1e-5 1.e5 2.",
            &["0xAf", "0x", "1.5", ".5", "1e-5", "1.e5", "2."],
        );
        check(
            "$action $1.50 $ @@rowcount",
            &["$action", "$1.50", "$", "@@rowcount"],
        );
        check(
            "a+=1 b!<2 c!>3 d<>e f!=g",
            &[
                "a", "+=", "1", "b", "!<", "2", "c", "!>", "3", "d", "<>", "e", "f", "!=", "g",
            ],
        );
        check("a--b\nc/*d/*e*/f*/g", &["a", "c", "g"]);
        check(
            "#t ##t OBJECT::dbo.t lbl:",
            &["#t", "##t", "OBJECT", "::", "dbo", ".", "t", "lbl", ":"],
        );
        check("1a", &["1", "a"]);
        check("Größe_2", &["Größe_2"]);
    }

    #[test]
    fn what_is_never_closed_is_refused_with_the_servers_number() {
        for (text, number) in [
            ("SELECT 'x", 105),
            ("SELECT [x", 105),
            ("SELECT \"x", 105),
            ("SELECT 1 /* /* */", 113),
            ("SELECT []", 1038),
            ("SELECT \u{1}\u{20ac}", 102),
        ] {
            assert_eq!(shown(text), Err(number), "{text}");
        }
    }
}
