//! How tokens of the batch are handed to sqlparser, and what comes back.
//!
//! sqlparser sees the tokens of one query or expression and nothing behind it. It is shown only
//! the keywords that T-SQL has, so that `LIMIT` or `INTERVAL` are names like any other. Forms
//! that it cannot read are rewritten on the way:
//!
//! | T-SQL | becomes |
//! |---|---|
//! | `FOR SYSTEM_TIME ALL` | `FOR SYSTEM_TIME AS OF __system_time_all()` |
//! | `FOR SYSTEM_TIME BETWEEN a AND b` | `… AS OF __system_time_between(a, b)` |
//! | `FOR SYSTEM_TIME FROM a TO b` | `… AS OF __system_time_from_to(a, b)` |
//! | `FOR SYSTEM_TIME CONTAINED IN (a, b)` | `… AS OF __system_time_contained_in(a, b)` |
//! | `a !< b`, `a !> b` | `a >= b`, `a <= b` |
//! | `t (NOLOCK) AS a`, `t WITH (NOLOCK) a` | `t AS a WITH (NOLOCK)` |
//! | `INNER HASH JOIN` | `INNER JOIN` |
//! | `FETCH NEXT @n ROWS` | the same with a placeholder |
//! | `$1.50` | `CAST('1.50' AS MONEY)` |
//! | `{fn f(x)}`, `{ts '…'}` | `f(x)`, `CAST('…' AS DATETIME)` |
//!
//! Source positions in the result: `line` is the line in the batch, `column` is the byte offset
//! in the batch's text plus one.

use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token as Sql, TokenWithSpan, Word};

use crate::cursor::Cursor;
use crate::dialect::Tsql;
use crate::error::{Failure, Parse, ParseError};
use crate::lexer::TokenKind;
use crate::reserved::{is_reserved, listed, may_stand_in_query};
use crate::sql;

/// How deep an expression or query may nest: every level costs stack, here and in everything
/// that walks the result.
const NESTING_MAX: usize = 60;

/// Keywords, beside the reserved ones, that sqlparser is allowed to see; sorted.
const SHOWN: &[&str] = &[
    "APPLY",
    "AUTO",
    "BASE64",
    "BERNOULLI",
    "BIGINT",
    "BINARY",
    "BIT",
    "BOTH",
    "CAST",
    "CHAR",
    "CHARACTER",
    "CUBE",
    "DATE",
    "DATETIME",
    "DEC",
    "DECIMAL",
    "ELEMENTS",
    "EXPLICIT",
    "FIRST",
    "FLOAT",
    "FLOOR",
    "FOLLOWING",
    "GROUPING",
    "INCLUDE_NULL_VALUES",
    "INT",
    "INTEGER",
    "JSON",
    "LAST",
    "LEADING",
    "MAX",
    "NCHAR",
    "NEXT",
    "NULLS",
    "NUMERIC",
    "NVARCHAR",
    "OFFSET",
    "ONLY",
    "OPENJSON",
    "PARTITION",
    "PATH",
    "PRECEDING",
    "RANGE",
    "RAW",
    "REAL",
    "REPEATABLE",
    "ROLLUP",
    "ROOT",
    "ROW",
    "ROWS",
    "SETS",
    "SMALLINT",
    "SUBSTRING",
    "SYSTEM",
    "SYSTEM_TIME",
    "TEXT",
    "TIES",
    "TIME",
    "TIMESTAMP",
    "TINYINT",
    "TRAILING",
    "TRIM",
    "TRY_CAST",
    "TYPE",
    "UNBOUNDED",
    "VARBINARY",
    "VARCHAR",
    "WITHOUT_ARRAY_WRAPPER",
    "XML",
    "ZONE",
];

/// Tokens on their way to sqlparser, each with the index of the token it came from.
#[derive(Default)]
pub(crate) struct Handover {
    tokens: Vec<TokenWithSpan>,
    origins: Vec<usize>,
}

impl Handover {
    pub(crate) fn push(&mut self, token: Sql, span: Span, origin: usize) {
        self.tokens.push(TokenWithSpan::new(token, span));
        self.origins.push(origin);
    }
}

impl Cursor<'_> {
    /// Takes one expression.
    pub(crate) fn expression(&mut self) -> Parse<sql::Expr> {
        let end = self.expression_end(self.at);
        self.hand_over(end, Parser::parse_expr)
    }

    /// Takes the query that begins here, up to its OPTION clause.
    pub(crate) fn query(&mut self) -> Parse<Box<sql::Query>> {
        let end = self.query_end(self.at);
        self.query_until(end)
    }

    /// Takes a query that must reach to `end`.
    pub(crate) fn query_until(&mut self, end: usize) -> Parse<Box<sql::Query>> {
        let query = self.hand_over(end, Parser::parse_query)?;
        if self.at < end {
            self.wrong()
        } else {
            Ok(query)
        }
    }

    /// Gives sqlparser the tokens up to `end` and moves on by what it took.
    pub(crate) fn hand_over<T>(
        &mut self,
        end: usize,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Parse<T> {
        let mut handover = Handover::default();
        self.translate(self.at, end, &mut handover)?;
        self.read(handover, end, read)
    }

    /// The second half of [`hand_over`](Self::hand_over), for tokens that were put together.
    pub(crate) fn read<T>(
        &mut self,
        handover: Handover,
        end: usize,
        read: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
    ) -> Parse<T> {
        let Handover { tokens, origins } = handover;
        let mut parser = Parser::new(&Tsql)
            .with_recursion_limit(NESTING_MAX)
            .with_tokens_with_locations(tokens);
        match read(&mut parser) {
            Ok(value) => {
                self.at = origins.get(parser.index()).copied().unwrap_or(end);
                Ok(value)
            }
            Err(error) => Err(self.explained(&error, end)),
        }
    }

    /// sqlparser's complaint in the server's words.
    fn explained(&self, error: &ParserError, end: usize) -> Failure {
        Failure::Syntax(match error {
            ParserError::RecursionLimitExceeded => self.too_deep(),
            ParserError::ParserError(message) | ParserError::TokenizerError(message) => {
                // Positions carry the byte offset as their column.
                let offset = message
                    .rsplit_once("Column: ")
                    .and_then(|(_, column)| column.trim().parse::<usize>().ok());
                match offset {
                    Some(offset) => {
                        let index = self.tokens.partition_point(|token| token.span.end < offset);
                        self.near(index)
                    }
                    None => self.near(end),
                }
            }
        })
    }

    /// Translates the tokens of a range.
    pub(crate) fn translate(&self, from: usize, to: usize, out: &mut Handover) -> Parse<()> {
        self.check_chains(from, to)?;
        out.tokens.reserve(to.saturating_sub(from));
        out.origins.reserve(to.saturating_sub(from));
        let mut index = from;
        while index < to {
            index = match self.kind_at(index) {
                Some(TokenKind::Word) => self.translate_word(index, out)?,
                Some(TokenKind::Symbol("(")) if self.is_bare_hint_list(index, from) => {
                    self.translate_hints(index, index, out)?
                }
                Some(TokenKind::Money(amount)) => {
                    self.translate_money(index, amount, out)?;
                    index + 1
                }
                Some(TokenKind::Symbol("{")) => self.translate_escape(index, to, out)?,
                _ => {
                    self.pass(index, out)?;
                    index + 1
                }
            };
        }
        Ok(())
    }

    /// ODBC's escapes: `{fn f(x)}` is `f(x)`, `{ts '…'}` and `{d '…'}` are datetime literals.
    fn translate_escape(&self, index: usize, to: usize, out: &mut Handover) -> Parse<usize> {
        let kind = self
            .word_at(index + 1)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let close = (index..to)
            .find(|&close| self.is_symbol(close, "}"))
            .unwrap_or(to);
        match kind.as_str() {
            "fn" if close < to => {
                self.translate(index + 2, close, out)?;
                Ok(close + 1)
            }
            "d" | "ts" if close == index + 3 => {
                self.translate_cast(index, "DATETIME", out, |cursor, out| {
                    cursor.pass(index + 2, out)
                })?;
                Ok(close + 1)
            }
            "t" | "guid" | "oj" | "call" => self.unsupported(format!("ODBC escape {{{kind}}}")),
            _ => Err(Failure::Syntax(self.near(index))),
        }
    }

    /// `CAST(value AS data_type)`, its tokens all at one place.
    fn translate_cast(
        &self,
        index: usize,
        data_type: &str,
        out: &mut Handover,
        value: impl FnOnce(&Self, &mut Handover) -> Parse<()>,
    ) -> Parse<()> {
        let span = self.span_of(index);
        out.push(Sql::make_word("CAST", None), span, index);
        out.push(Sql::LParen, span, index);
        value(self, out)?;
        out.push(Sql::make_word("AS", None), span, index);
        out.push(Sql::make_word(data_type, None), span, index);
        out.push(Sql::RParen, span, index);
        Ok(())
    }

    fn translate_word(&self, index: usize, out: &mut Handover) -> Parse<usize> {
        let word = self.source_of(index);
        match word.to_ascii_uppercase().as_str() {
            "FOR" if self.is_word(index + 1, "SYSTEM_TIME") => {
                return self.translate_system_time(index, out);
            }
            "HASH" | "LOOP" | "MERGE" | "REMOTE"
                if self.is_word(index + 1, "JOIN")
                    && self.is_one_of(
                        index.wrapping_sub(1),
                        &["INNER", "LEFT", "RIGHT", "FULL", "OUTER"],
                    ) =>
            {
                return Ok(index + 1);
            }
            "WITH" if self.is_symbol(index + 1, "(") && self.is_table_hint(index + 2) => {
                return self.translate_hints(index, index + 1, out);
            }
            "WITH" if self.is_word(index + 1, "XMLNAMESPACES") => {
                return self.unsupported("WITH XMLNAMESPACES");
            }
            "CURRENT" if self.is_word(index + 1, "OF") => {
                return self.unsupported("WHERE CURRENT OF");
            }
            "OPENROWSET" if self.is_symbol(index + 1, "(") && self.is_word(index + 2, "BULK") => {
                return self.unsupported("OPENROWSET(BULK)");
            }
            "CHANGETABLE" | "OPENDATASOURCE" | "OPENXML" if self.is_symbol(index + 1, "(") => {
                return self.unsupported(word.to_ascii_uppercase());
            }
            "GROUP" if self.is_word(index + 1, "BY") && self.is_word(index + 2, "ALL") => {
                return self.unsupported("GROUP BY ALL");
            }
            "FIRST" | "NEXT" if index > 0 && self.is_word(index - 1, "FETCH") => {
                return self.translate_fetch(index, out);
            }
            "FROM" | "JOIN" | "APPLY" | "INTO" if self.is_clause_word(index + 1) => {
                return Err(Failure::Syntax(self.near(index + 1)));
            }
            "FROM" | "JOIN" | "APPLY" | "INTO" => self.check_parts(index + 1)?,
            _ => {}
        }
        self.pass(index, out)?;
        Ok(index + 1)
    }

    /// `FETCH NEXT @n ROWS`: sqlparser reads a value there, and a variable only as a placeholder.
    fn translate_fetch(&self, index: usize, out: &mut Handover) -> Parse<usize> {
        self.pass(index, out)?;
        match self.kind_at(index + 1) {
            Some(TokenKind::Variable) => {
                let name = self.source_of(index + 1).to_owned();
                out.push(Sql::Placeholder(name), self.span_of(index + 1), index + 1);
                Ok(index + 2)
            }
            Some(TokenKind::Number | TokenKind::Word) => Ok(index + 1),
            _ => self.unsupported("FETCH NEXT of an expression"),
        }
    }

    /// Translates `@a = x` to `x`, and `@a += x` to `@a + (x)`.
    pub(crate) fn translate_assigned(
        &self,
        from: usize,
        to: usize,
        out: &mut Handover,
    ) -> Parse<()> {
        let Some(operator) = self.compound_operator(from + 1) else {
            return self.translate(from + 2, to, out);
        };
        let span = self.span_of(from + 1);
        self.pass(from, out)?;
        out.push(self.translate_symbol(from + 1, operator)?, span, from + 1);
        out.push(Sql::LParen, span, from + 1);
        self.translate(from + 2, to, out)?;
        out.push(Sql::RParen, span, to.saturating_sub(1));
        Ok(())
    }

    /// The operator inside a compound assignment.
    pub(crate) fn compound_operator(&self, index: usize) -> Option<&'static str> {
        match self.kind_at(index) {
            Some(TokenKind::Symbol(symbol)) => match *symbol {
                "+=" => Some("+"),
                "-=" => Some("-"),
                "*=" => Some("*"),
                "/=" => Some("/"),
                "%=" => Some("%"),
                "&=" => Some("&"),
                "|=" => Some("|"),
                "^=" => Some("^"),
                _ => None,
            },
            _ => None,
        }
    }

    /// Words that begin a clause and so cannot name a table.
    fn is_clause_word(&self, index: usize) -> bool {
        self.is_one_of(
            index,
            &[
                "WHERE", "GROUP", "ORDER", "HAVING", "FROM", "JOIN", "ON", "UNION", "SELECT", "AS",
            ],
        )
    }

    /// Passes one token on as it is.
    pub(crate) fn pass(&self, index: usize, out: &mut Handover) -> Parse<()> {
        let Some(token) = self.tokens.get(index) else {
            return self.wrong();
        };
        let source = &self.text[token.span.clone()];
        let translated = match &token.kind {
            TokenKind::Word => {
                if is_reserved(source) && !may_stand_in_query(source) {
                    return Err(Failure::Syntax(self.near(index)));
                }
                if self.is_shown(index, source) {
                    Sql::make_word(source, None)
                } else {
                    plain_word(source, None)
                }
            }
            TokenKind::Variable => plain_word(source, None),
            TokenKind::Quoted(name, quote) => plain_word(name, Some(*quote)),
            TokenKind::Number => Sql::Number(number(source), false),
            TokenKind::Money(amount) => Sql::SingleQuotedString(amount.clone()),
            TokenKind::Binary(digits) => Sql::HexStringLiteral(digits.clone()),
            TokenKind::Text(text) => Sql::SingleQuotedString(text.clone()),
            TokenKind::NationalText(text) => Sql::NationalStringLiteral(text.clone()),
            TokenKind::Symbol(symbol) => self.translate_symbol(index, symbol)?,
        };
        out.push(translated, self.span_of(index), index);
        Ok(())
    }

    fn is_shown(&self, index: usize, word: &str) -> bool {
        if may_stand_in_query(word) || listed(SHOWN, word) {
            return true;
        }
        // These mean something only before one other word.
        match word.to_ascii_uppercase().as_str() {
            "AT" => self.is_word(index + 1, "TIME"),
            "IGNORE" | "RESPECT" => self.is_word(index + 1, "NULLS"),
            _ => false,
        }
    }

    fn translate_symbol(&self, index: usize, symbol: &str) -> Parse<Sql> {
        Ok(match symbol {
            "(" => Sql::LParen,
            ")" => Sql::RParen,
            "," => Sql::Comma,
            ";" => Sql::SemiColon,
            "." => Sql::Period,
            "=" => Sql::Eq,
            "<" => Sql::Lt,
            ">" => Sql::Gt,
            "<=" | "!>" => Sql::LtEq,
            ">=" | "!<" => Sql::GtEq,
            "<>" | "!=" => Sql::Neq,
            "+" => Sql::Plus,
            "-" => Sql::Minus,
            "*" => Sql::Mul,
            "/" => Sql::Div,
            "%" => Sql::Mod,
            "&" => Sql::Ampersand,
            "|" => Sql::Pipe,
            "||" => Sql::StringConcat,
            "^" => Sql::Caret,
            "~" => Sql::Tilde,
            ":" => Sql::Colon,
            "::" => return self.unsupported("static method call with ::"),
            "*=" => {
                return Err(Failure::Syntax(ParseError {
                    number: 4147,
                    line: self.line_of(index),
                    message: "The query uses non-ANSI outer join operators (\"*=\" or \"=*\"). To \
                              run this query without modification, please set the compatibility \
                              level for current database to 80, using the SET COMPATIBILITY_LEVEL \
                              option of ALTER DATABASE. It is strongly recommended to rewrite the \
                              query using ANSI outer join operators (LEFT OUTER JOIN, RIGHT OUTER \
                              JOIN). In the future versions of SQL Server, non-ANSI join operators \
                              will not be supported even in backward-compatibility modes."
                        .to_owned(),
                }));
            }
            _ => return Err(Failure::Syntax(self.near(index))),
        })
    }

    /// `CAST('1.50' AS MONEY)`: sqlparser's AST has no money literal.
    fn translate_money(&self, index: usize, amount: &str, out: &mut Handover) -> Parse<()> {
        let amount = match amount.trim_end_matches('.') {
            "" => "0",
            amount => amount,
        };
        self.translate_cast(index, "MONEY", out, |cursor, out| {
            let literal = Sql::SingleQuotedString(amount.to_owned());
            out.push(literal, cursor.span_of(index), index);
            Ok(())
        })
    }

    pub(crate) fn span_of(&self, index: usize) -> Span {
        self.tokens.get(index).map_or_else(Span::empty, |token| {
            let line = u64::from(token.line);
            Span::new(
                Location::new(line, token.span.start as u64 + 1),
                Location::new(line, token.span.end as u64 + 1),
            )
        })
    }
}

/// A word that sqlparser must not take for a keyword.
pub(crate) fn plain_word(value: &str, quote_style: Option<char>) -> Sql {
    Sql::Word(Word {
        value: value.to_owned(),
        quote_style,
        keyword: sqlparser::keywords::Keyword::NoKeyword,
    })
}

/// A number as everybody else reads it: T-SQL also takes `1e` and `1e+` for `1e0`.
fn number(source: &str) -> String {
    match source.strip_suffix(['+', '-']).unwrap_or(source) {
        bare if bare.ends_with(['e', 'E']) => format!("{bare}0"),
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keywords_are_sorted() {
        assert!(SHOWN.is_sorted());
    }
}
