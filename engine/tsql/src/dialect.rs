//! What sqlparser is told about T-SQL where its own SQL Server dialect is silent or wrong.
//!
//! The dialect answers to `MsSqlDialect`'s type, so that sqlparser's checks for SQL Server hold.
//! It forbids reserved words as aliases and operands, ranks the operators as T-SQL does, and
//! reads the operand forms that sqlparser does not know.

use std::any::TypeId;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, UnaryOperator, Value, WindowType,
};
use sqlparser::dialect::{Dialect, MsSqlDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Word};

use crate::reserved::{is_reserved, may_begin_operand};

/// T-SQL for sqlparser.
#[derive(Debug)]
pub(crate) struct Tsql;

/// Binds tighter than every binary operator.
const TIGHTEST: u8 = 90;

impl Dialect for Tsql {
    fn dialect(&self) -> TypeId {
        TypeId::of::<MsSqlDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        MsSqlDialect {}.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        MsSqlDialect {}.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        MsSqlDialect {}.is_identifier_part(ch)
    }

    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('[')
    }

    fn convert_type_before_value(&self) -> bool {
        true
    }

    fn supports_eq_alias_assignment(&self) -> bool {
        true
    }

    fn supports_try_convert(&self) -> bool {
        true
    }

    fn supports_boolean_literals(&self) -> bool {
        false
    }

    fn supports_named_fn_args_with_colon_operator(&self) -> bool {
        true
    }

    fn supports_named_fn_args_with_expr_name(&self) -> bool {
        true
    }

    fn supports_named_fn_args_with_rarrow_operator(&self) -> bool {
        false
    }

    fn supports_table_versioning(&self) -> bool {
        true
    }

    fn supports_object_name_double_dot_notation(&self) -> bool {
        true
    }

    /// `a LEFT JOIN b JOIN c ON … ON …`: the inner join needs no parentheses.
    fn supports_left_associative_joins_without_parens(&self) -> bool {
        false
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_group_by_with_modifier(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        false
    }

    fn is_select_item_alias(&self, _explicit: bool, kw: &Keyword, _parser: &mut Parser) -> bool {
        !reserved_keyword(*kw)
    }

    fn is_table_factor_alias(&self, _explicit: bool, kw: &Keyword, _parser: &mut Parser) -> bool {
        !reserved_keyword(*kw)
    }

    fn is_column_alias(&self, kw: &Keyword, _parser: &mut Parser) -> bool {
        !reserved_keyword(*kw)
    }

    fn is_table_alias(&self, kw: &Keyword, _parser: &mut Parser) -> bool {
        !reserved_keyword(*kw)
    }

    fn is_reserved_for_identifier(&self, kw: Keyword) -> bool {
        // CAST and its kin are no reserved words, yet as operands they can only be themselves:
        // reading `cast(1 AS x` again as a name would hide where the error is.
        reserved_keyword(kw)
            || matches!(
                kw,
                Keyword::CAST
                    | Keyword::TRY_CAST
                    | Keyword::TRIM
                    | Keyword::SUBSTRING
                    | Keyword::FLOOR
            )
    }

    fn prec_value(&self, prec: Precedence) -> u8 {
        match prec {
            // In T-SQL the bitwise operators rank with plus and minus.
            Precedence::Ampersand | Precedence::Caret | Precedence::Pipe => {
                MsSqlDialect {}.prec_value(Precedence::PlusMinus)
            }
            other => MsSqlDialect {}.prec_value(other),
        }
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::Colon => Some(Ok(self.prec_unknown())),
            // `DEFAULT 0 NOT NULL`: T-SQL has no postfix NOT NULL.
            Token::Word(word) if word.keyword == Keyword::NOT => {
                let next = &parser.peek_nth_token_ref(1).token;
                is_keyword(next, Keyword::NULL).then(|| Ok(self.prec_unknown()))
            }
            // Concatenation ranks with addition.
            Token::StringConcat => Some(Ok(self.prec_value(Precedence::PlusMinus))),
            _ => None,
        }
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::Tilde => {
                parser.advance_token();
                // sqlparser would take `~a * b` for `~(a * b)`.
                Some(parser.parse_subexpr(TIGHTEST).map(|operand| Expr::UnaryOp {
                    op: UnaryOperator::BitwiseNot,
                    expr: Box::new(operand),
                }))
            }
            Token::Word(word) => {
                let next = &parser.peek_nth_token_ref(1).token;
                match form(word, next) {
                    Form::Name => {
                        let token = parser.next_token();
                        let Token::Word(word) = token.token else {
                            return None;
                        };
                        Some(Ok(Expr::Identifier(word.into_ident(token.span))))
                    }
                    Form::Refused => {
                        Some(parser.expected_ref("an expression", parser.peek_token_ref()))
                    }
                    Form::NextValue => Some(next_value(parser)),
                    Form::Parse => Some(parse_as(parser)),
                    Form::Other => None,
                }
            }
            _ => None,
        }
    }
}

/// How a word at the beginning of an operand is to be read.
enum Form {
    Name,
    Refused,
    NextValue,
    Parse,
    /// The way sqlparser reads it.
    Other,
}

fn form(word: &Word, next: &Token) -> Form {
    let call = *next == Token::LParen;
    if word.quote_style.is_some() {
        return if call { Form::Other } else { Form::Name };
    }
    if call && (same(word, "PARSE") || same(word, "TRY_PARSE")) {
        return Form::Parse;
    }
    if word.keyword == Keyword::NEXT && same_token(next, "VALUE") {
        return Form::NextValue;
    }
    // A user's function takes DEFAULT for an argument; the binder tells it from a column by its
    // missing quotes.
    if word.keyword == Keyword::DEFAULT && matches!(next, Token::Comma | Token::RParen) {
        return Form::Name;
    }
    if is_reserved(&word.value) {
        return if may_begin_operand(&word.value) {
            Form::Other
        } else {
            Form::Refused
        };
    }
    // A type's name before a string is a column with an alias, never a typed literal.
    if call { Form::Other } else { Form::Name }
}

fn same(word: &Word, upper: &str) -> bool {
    word.value.eq_ignore_ascii_case(upper)
}

fn same_token(token: &Token, upper: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && same(word, upper))
}

fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

/// sqlparser names a keyword by its text, so the reserved list can be asked by that text.
fn reserved_keyword(keyword: Keyword) -> bool {
    keyword != Keyword::NoKeyword && is_reserved(&format!("{keyword:?}"))
}

/// `NEXT VALUE FOR s [OVER (…)]` becomes `__next_value_for('s') [OVER (…)]`, the name quoted so
/// that [`parse_name`](crate::parse_name) reads it.
fn next_value(parser: &mut Parser) -> Result<Expr, ParserError> {
    let first = parser.next_token();
    parser.advance_token();
    parser.expect_keyword_is(Keyword::FOR)?;
    let name = parser.parse_object_name(false)?;
    let over = if parser.parse_keyword(Keyword::OVER) {
        parser.expect_token(&Token::LParen)?;
        Some(WindowType::WindowSpec(parser.parse_window_spec()?))
    } else {
        None
    };
    let parts: Vec<String> = name
        .0
        .iter()
        .map(|part| part.as_ident().map_or("", |ident| ident.value.as_str()))
        .map(|part| {
            if part.is_empty() {
                String::new()
            } else {
                crate::quote_name(part)
            }
        })
        .collect();
    let argument = Expr::Value(Value::SingleQuotedString(parts.join(".")).with_span(first.span));
    let mut function = call(
        Ident::with_span(first.span, "__next_value_for"),
        vec![argument],
    );
    function.over = over;
    Ok(Expr::Function(function))
}

/// `PARSE(x AS type [USING culture])` becomes `PARSE(x, 'type' [, culture])`.
fn parse_as(parser: &mut Parser) -> Result<Expr, ParserError> {
    let first = parser.next_token();
    let Token::Word(word) = first.token else {
        return parser.expected_ref("PARSE", parser.peek_token_ref());
    };
    parser.expect_token(&Token::LParen)?;
    let value = parser.parse_expr()?;
    parser.expect_keyword_is(Keyword::AS)?;
    let data_type = parser.parse_data_type()?;
    let mut arguments = vec![
        value,
        Expr::Value(Value::SingleQuotedString(data_type.to_string()).with_span(first.span)),
    ];
    if same_token(&parser.peek_token_ref().token, "USING") {
        parser.advance_token();
        arguments.push(parser.parse_expr()?);
    }
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Function(call(word.into_ident(first.span), arguments)))
}

fn call(name: Ident, arguments: Vec<Expr>) -> Function {
    Function {
        name: ObjectName::from(vec![name]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments
                .into_iter()
                .map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)))
                .collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}
