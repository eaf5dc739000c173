//! Where the parser stands in the tokens of a batch, and how it reads names and words there.

use crate::ast::Name;
use crate::error::{Failure, Parse, ParseError, unsupported};
use crate::lexer::{Token, TokenKind};
use crate::reserved::is_reserved;

/// The tokens of one batch and the place reached. The statement files add what they can read.
pub(crate) struct Cursor<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: Vec<Token>,
    /// Index of the next token.
    pub(crate) at: usize,
    /// How many statements enclose this place.
    pub(crate) depth: u32,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str, tokens: Vec<Token>) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            depth: 0,
        }
    }

    // --- looking ---------------------------------------------------------------------------

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(crate) fn kind_at(&self, index: usize) -> Option<&TokenKind> {
        self.tokens.get(index).map(|token| &token.kind)
    }

    pub(crate) fn source_of(&self, index: usize) -> &'t str {
        self.tokens
            .get(index)
            .map_or("", |token| &self.text[token.span.clone()])
    }

    /// The source of a range of tokens, comments between them included.
    pub(crate) fn source_between(&self, from: usize, to: usize) -> &'t str {
        if from >= to {
            return "";
        }
        match (self.tokens.get(from), self.tokens.get(to - 1)) {
            (Some(first), Some(last)) => &self.text[first.span.start..last.span.end],
            _ => "",
        }
    }

    /// The unquoted word at an index.
    pub(crate) fn word_at(&self, index: usize) -> Option<&'t str> {
        match self.kind_at(index) {
            Some(TokenKind::Word) => Some(self.source_of(index)),
            _ => None,
        }
    }

    pub(crate) fn is_word(&self, index: usize, upper: &str) -> bool {
        self.word_at(index)
            .is_some_and(|word| word.eq_ignore_ascii_case(upper))
    }

    pub(crate) fn is_one_of(&self, index: usize, upper: &[&str]) -> bool {
        upper.iter().any(|word| self.is_word(index, word))
    }

    pub(crate) fn is_symbol(&self, index: usize, symbol: &str) -> bool {
        matches!(self.kind_at(index), Some(TokenKind::Symbol(found)) if *found == symbol)
    }

    pub(crate) fn sees(&self, upper: &str) -> bool {
        self.is_word(self.at, upper)
    }

    pub(crate) fn sees_one_of(&self, upper: &[&str]) -> bool {
        self.is_one_of(self.at, upper)
    }

    pub(crate) fn sees_all(&self, upper: &[&str]) -> bool {
        upper
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.is_word(self.at + ahead, word))
    }

    pub(crate) fn sees_symbol(&self, symbol: &str) -> bool {
        self.is_symbol(self.at, symbol)
    }

    /// Whether the token at an index can be a name.
    pub(crate) fn is_name(&self, index: usize) -> bool {
        match self.kind_at(index) {
            Some(TokenKind::Quoted(..)) => true,
            Some(TokenKind::Word) => !is_reserved(self.source_of(index)),
            _ => false,
        }
    }

    /// The index after the parenthesis that closes the one at `open`, or the end of the batch.
    pub(crate) fn after_group(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for index in open..self.tokens.len() {
            match self.kind_at(index) {
                Some(TokenKind::Symbol("(")) => depth += 1,
                Some(TokenKind::Symbol(")")) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index + 1;
                    }
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    // --- taking ----------------------------------------------------------------------------

    pub(crate) fn accept(&mut self, upper: &str) -> bool {
        let seen = self.sees(upper);
        self.at += usize::from(seen);
        seen
    }

    pub(crate) fn accept_all(&mut self, upper: &[&str]) -> bool {
        let seen = self.sees_all(upper);
        if seen {
            self.at += upper.len();
        }
        seen
    }

    pub(crate) fn accept_symbol(&mut self, symbol: &str) -> bool {
        let seen = self.sees_symbol(symbol);
        self.at += usize::from(seen);
        seen
    }

    pub(crate) fn expect(&mut self, upper: &str) -> Parse<()> {
        if self.accept(upper) {
            Ok(())
        } else {
            self.wrong()
        }
    }

    pub(crate) fn expect_all(&mut self, upper: &[&str]) -> Parse<()> {
        upper.iter().try_for_each(|word| self.expect(word))
    }

    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Parse<()> {
        if self.accept_symbol(symbol) {
            Ok(())
        } else {
            self.wrong()
        }
    }

    /// Takes any unquoted word, reserved or not, in upper case.
    pub(crate) fn any_word(&mut self) -> Parse<String> {
        match self.word_at(self.at) {
            Some(word) => {
                self.at += 1;
                Ok(word.to_ascii_uppercase())
            }
            None => self.wrong(),
        }
    }

    /// Takes one name: quoted, or a word that is not reserved.
    pub(crate) fn identifier(&mut self) -> Parse<String> {
        if !self.is_name(self.at) {
            return self.wrong();
        }
        self.take_name_text()
    }

    /// Takes a principal's name. PUBLIC is reserved and yet a role.
    pub(crate) fn principal(&mut self) -> Parse<String> {
        if self.sees("PUBLIC") {
            self.at += 1;
            return Ok("public".to_owned());
        }
        if self.sees_one_of(&["CURRENT_USER", "SESSION_USER", "SYSTEM_USER"]) {
            return self.wrong();
        }
        self.identifier()
    }

    fn take_name_text(&mut self) -> Parse<String> {
        let name = match self.kind_at(self.at) {
            Some(TokenKind::Quoted(name, _)) => name.clone(),
            _ => self.source_of(self.at).to_owned(),
        };
        self.at += 1;
        Ok(name)
    }

    /// Takes a name of one to four parts.
    pub(crate) fn name(&mut self) -> Parse<Name> {
        let mut parts = vec![self.identifier()?];
        while self.accept_symbol(".") {
            if self.sees_symbol(".") {
                parts.push(String::new());
            } else if matches!(
                self.kind_at(self.at),
                Some(TokenKind::Word | TokenKind::Quoted(..))
            ) {
                // After a dot a reserved word still is an error, as in the server.
                parts.push(self.identifier()?);
            } else {
                return self.wrong();
            }
        }
        if parts.len() > 4 {
            let source = parts.join(".");
            return Err(Failure::Syntax(ParseError {
                number: 117,
                line: self.line(),
                message: format!(
                    "The object name '{source}' contains more than the maximum number of \
                     prefixes. The maximum is 3."
                ),
            }));
        }
        Ok(Name(parts))
    }

    pub(crate) fn sees_variable(&self) -> bool {
        matches!(self.kind_at(self.at), Some(TokenKind::Variable))
    }

    pub(crate) fn variable(&mut self) -> Parse<String> {
        if !self.sees_variable() {
            return self.wrong();
        }
        self.at += 1;
        Ok(self.source_of(self.at - 1).to_owned())
    }

    /// Takes a string literal of either kind.
    pub(crate) fn string(&mut self) -> Parse<String> {
        match self.kind_at(self.at) {
            Some(TokenKind::Text(text) | TokenKind::NationalText(text)) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => self.wrong(),
        }
    }

    /// Takes a number with an optional sign, as written.
    pub(crate) fn number(&mut self) -> Parse<String> {
        let sign = if self.accept_symbol("-") {
            "-"
        } else {
            self.accept_symbol("+");
            ""
        };
        match self.kind_at(self.at) {
            Some(TokenKind::Number) => {
                self.at += 1;
                Ok(format!("{sign}{}", self.source_of(self.at - 1)))
            }
            _ => self.wrong(),
        }
    }

    /// Takes what `each` takes, again after every comma.
    pub(crate) fn comma_separated<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        let mut found = vec![each(self)?];
        while self.accept_symbol(",") {
            found.push(each(self)?);
        }
        Ok(found)
    }

    /// A list in parentheses.
    pub(crate) fn parenthesized<T>(
        &mut self,
        each: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        self.expect_symbol("(")?;
        let found = self.comma_separated(each)?;
        self.expect_symbol(")")?;
        Ok(found)
    }

    /// Names in parentheses.
    pub(crate) fn column_list(&mut self) -> Parse<Vec<String>> {
        self.parenthesized(Self::identifier)
    }

    // --- refusing --------------------------------------------------------------------------

    /// Line of the next token, or of the last one.
    pub(crate) fn line(&self) -> u32 {
        self.line_of(self.at)
    }

    pub(crate) fn line_of(&self, index: usize) -> u32 {
        self.tokens
            .get(index)
            .or(self.tokens.last())
            .map_or(1, |token| token.line)
    }

    /// The next token cannot stand here.
    pub(crate) fn wrong<T>(&self) -> Parse<T> {
        Err(Failure::Syntax(self.near(self.at)))
    }

    /// The server's complaint about the token at an index; at the end of the batch it complains
    /// about the last token instead.
    pub(crate) fn near(&self, index: usize) -> ParseError {
        let line = self.line_of(index);
        if index >= self.tokens.len() {
            let last = self.shown(self.tokens.len().saturating_sub(1));
            return ParseError {
                number: 102,
                line,
                message: format!("Incorrect syntax near '{last}'."),
            };
        }
        let shown = self.shown(index);
        let keyword = self.word_at(index).is_some_and(is_reserved);
        if self.is_word(index, "WITH") && self.begins_cte(index) {
            return ParseError {
                number: 319,
                line,
                message: format!(
                    "Incorrect syntax near the keyword '{shown}'. If this statement is a common \
                     table expression, an xmlnamespaces clause or a change tracking context \
                     clause, the previous statement must be terminated with a semicolon."
                ),
            };
        }
        if keyword {
            ParseError {
                number: 156,
                line,
                message: format!("Incorrect syntax near the keyword '{shown}'."),
            }
        } else {
            ParseError {
                number: 102,
                line,
                message: format!("Incorrect syntax near '{shown}'."),
            }
        }
    }

    fn shown(&self, index: usize) -> String {
        match self.kind_at(index) {
            Some(
                TokenKind::Quoted(text, _) | TokenKind::Text(text) | TokenKind::NationalText(text),
            ) => text.chars().take(128).collect(),
            _ => self.source_of(index).to_owned(),
        }
    }

    /// Whether WITH at an index begins a common table expression rather than options or hints:
    /// `WITH c AS`, `WITH c (a, b) AS`, and the other clauses that stand before a verb.
    pub(crate) fn begins_cte(&self, index: usize) -> bool {
        if !self.is_name(index + 1) {
            return false;
        }
        let mut next = index + 2;
        let other = self.is_one_of(index + 1, &["XMLNAMESPACES", "CHANGE_TRACKING_CONTEXT"]);
        if other && self.is_symbol(next, "(") {
            return true;
        }
        if self.is_symbol(next, "(") {
            next += 1;
            while self.is_name(next) && self.is_symbol(next + 1, ",") {
                next += 2;
            }
            if !(self.is_name(next) && self.is_symbol(next + 1, ")")) {
                return false;
            }
            next += 2;
        }
        self.is_word(next, "AS")
    }

    pub(crate) fn fail<T>(&self, number: i32, message: impl Into<String>) -> Parse<T> {
        Err(Failure::Syntax(ParseError {
            number,
            line: self.line(),
            message: message.into(),
        }))
    }

    /// Refuses a form that has a part which the typed statements cannot hold.
    pub(crate) fn unsupported<T>(&self, construct: impl Into<String>) -> Parse<T> {
        unsupported(construct)
    }
}
