//! How can a batch say the same in fewer words? Without what it is wrapped in, without statements,
//! clauses and list items, with plain names and values.
//!
//! Every proposal is read by `tsql` before it is made, so that what is played is T-SQL. Whether it
//! still shows the finding is for the one who plays it to say.

use std::ops::Range;

use tsql::{Statement, StatementKind, Token, TokenKind};

/// Tokens up to which every run of tokens is tried; a longer batch has clauses and statements.
const TOKENS_MAX: usize = 90;
/// Tokens of a run that is left out.
const RUN_MAX: usize = 16;
/// Statements up to which every two are left out together: what begins and what ends something.
const PAIRS_MAX: usize = 8;

/// The batch without what a statement of it is wrapped in.
pub(super) fn unwrapped(batch: &str) -> Vec<String> {
    let masked = Masked::new(batch);
    let text = masked.text.as_str();
    let mut ways = Vec::new();
    // Text that is itself T-SQL: EXEC ('…'), sp_executesql N'…', text put together in a variable.
    for literal in literals(text) {
        if is_statement(&literal.content) {
            ways.push(literal.content.clone());
            let around = enclosing(text, &literal.span);
            ways.extend(around.map(|span| replaced(text, &span, &literal.content)));
        }
    }
    for statement in statements(text) {
        let inner = match &statement.kind {
            StatementKind::If { then, .. } => then.span.clone(),
            StatementKind::While { body, .. } => body.span.clone(),
            StatementKind::Block(body) | StatementKind::TryCatch { body, .. } => {
                match (body.first(), body.last()) {
                    (Some(first), Some(last)) => first.span.start..last.span.end,
                    _ => continue,
                }
            }
            _ => continue,
        };
        if let Some(inner) = text.get(inner) {
            ways.push(replaced(text, &statement.span, inner));
        }
    }
    masked.those_that_can_be_read(ways)
}

/// The batch with one statement alone, and without one or two.
pub(super) fn without_statements(batch: &str) -> Vec<String> {
    let masked = Masked::new(batch);
    let text = masked.text.as_str();
    let all = statements(text);
    let mut ways = Vec::new();
    if all.len() > 1 {
        let alone = all.iter().filter_map(|one| text.get(one.span.clone()));
        ways.extend(alone.map(str::to_owned));
        ways.extend(all.iter().map(|one| without(text, &one.span)));
        if all.len() <= PAIRS_MAX {
            for (index, first) in all.iter().enumerate() {
                for second in &all[index + 1..] {
                    if first.span.end <= second.span.start {
                        let left = without(text, &second.span);
                        ways.push(without(&left, &first.span));
                    }
                }
            }
        }
    }
    masked.those_that_can_be_read(ways)
}

/// Words that begin a part of a statement which can be left out.
const CLAUSES: &[&str] = &[
    "WHERE",
    "ORDER",
    "GROUP",
    "HAVING",
    "OPTION",
    "FOR",
    "OUTPUT",
    "WITH",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "INNER",
    "LEFT",
    "CROSS",
    "OUTER",
    "AND",
    "OR",
    "TOP",
    "DISTINCT",
    "AS",
    "WHEN",
    "OFFSET",
    "FROM",
    "INTO",
    "ON",
];

/// The batch without one clause, or one item of a list.
pub(super) fn without_clauses(batch: &str) -> Vec<String> {
    let masked = Masked::new(batch);
    let text = masked.text.as_str();
    let Ok(tokens) = tsql::tokens(text) else {
        return Vec::new();
    };
    let depths = depths(&tokens);
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (start, token) in tokens.iter().enumerate() {
        let begins = is_clause(text, token);
        let is_item = symbol(token) == Some(",");
        if !begins && !is_item {
            continue;
        }
        let ends = |end: &usize| {
            let (token, depth) = (&tokens[*end], depths[*end]);
            depth < depths[start]
                || depth == depths[start]
                    && (symbol(token) == Some(";")
                        || is_clause(text, token)
                        || is_item && symbol(token) == Some(","))
        };
        let end = (start + 1..tokens.len()).find(ends).unwrap_or(tokens.len());
        runs.push(start..end);
        if begins {
            // Up to the end of the statement, too: a clause can hold others.
            let ends = |end: &usize| {
                depths[*end] < depths[start]
                    || depths[*end] == depths[start] && symbol(&tokens[*end]) == Some(";")
            };
            let end = (start + 1..tokens.len()).find(ends).unwrap_or(tokens.len());
            runs.push(start..end);
        }
        if is_item {
            // The item before the comma, with the comma.
            let begins = |begin: &usize| {
                let (token, depth) = (&tokens[*begin], depths[*begin]);
                depth < depths[start]
                    || symbol(token) == Some("(") && depth == depths[start]
                    || depth == depths[start]
                        && (symbol(token) == Some(",") || is_clause(text, token))
            };
            let begin = (0..start).rev().find(begins).map_or(0, |begin| begin + 1);
            runs.push(begin..start + 1);
        }
    }
    runs.sort_by_key(|run| (std::cmp::Reverse(run.len()), run.start));
    runs.dedup();
    let ways = runs.iter().map(|run| without_run(text, &tokens, run));
    masked.those_that_can_be_read(ways.collect())
}

/// The batch without any run of tokens that can be left out.
pub(super) fn without_tokens(batch: &str) -> Vec<String> {
    let masked = Masked::new(batch);
    let text = masked.text.as_str();
    let Ok(tokens) = tsql::tokens(text) else {
        return Vec::new();
    };
    if tokens.len() > TOKENS_MAX {
        return Vec::new();
    }
    let mut ways = Vec::new();
    for length in (1..=RUN_MAX.min(tokens.len())).rev() {
        for start in 0..=tokens.len() - length {
            let run = start..start + length;
            if !is_for_the_reader(text, &tokens, &run) {
                ways.push(without_run(text, &tokens, &run));
            }
        }
    }
    masked.those_that_can_be_read(ways)
}

/// Words that may often be left out, but say what goes on.
const TELLING: &[&str] = &["EXEC", "EXECUTE", "FROM", "INTO"];

/// Whether a run is no burden: a semicolon, a word that tells what goes on, the schema of a name.
fn is_for_the_reader(text: &str, tokens: &[Token], run: &Range<usize>) -> bool {
    let word = |index: usize| {
        let span = tokens.get(index).map(|token| token.span.clone());
        span.and_then(|span| text.get(span)).unwrap_or_default()
    };
    let tells = TELLING
        .iter()
        .any(|telling| telling.eq_ignore_ascii_case(word(run.start)));
    let is_short = run.len() == 1 || word(run.end - 1) == ".";
    let cuts_a_name = [run.start, run.end].iter().any(|&at| word(at) == ".")
        || run.len() > 1 && word(run.end - 1) == "."
        || run.start > 0 && word(run.start - 1) == ".";
    is_short && (word(run.start) == ";" || tells) || cuts_a_name
}

/// The batch with plainer names, values and spacing.
pub(super) fn plainer(batch: &str) -> Vec<String> {
    let masked = Masked::new(batch);
    let text = masked.text.as_str();
    let Ok(tokens) = tsql::tokens(text) else {
        return Vec::new();
    };
    let mut ways = vec![respelled(text, &tokens, |_, _| None)];
    ways.push(respelled(text, &tokens, |_, token| match &token.kind {
        TokenKind::Quoted(name, _) if is_plain(name) => Some(name.clone()),
        _ => None,
    }));
    for (index, token) in tokens.iter().enumerate() {
        let simple: &[&str] = match &token.kind {
            TokenKind::Quoted(name, _) if is_plain(name) => &[name],
            TokenKind::Number => &["0", "1"],
            TokenKind::Text(value) | TokenKind::NationalText(value) if !value.is_empty() => {
                &["N''", "N'x'"]
            }
            _ => &[],
        };
        for simple in simple {
            ways.push(respelled(text, &tokens, |at, _| {
                (at == index).then(|| (*simple).to_owned())
            }));
        }
    }
    masked.those_that_can_be_read(ways)
}

/// Whether a batch may leave its session different from what it was.
pub(super) fn may_change_session(batch: &str) -> bool {
    let batch = batch.to_uppercase();
    let words = [
        "USE",
        "SET",
        " AS ",
        "REVERT",
        "#",
        "APPROLE",
        "SESSION_CONTEXT",
        "TRAN",
    ];
    words.iter().any(|word| batch.contains(word))
}

/// Whether a batch may begin or end transactions.
pub(super) fn may_control_transactions(batch: &str) -> bool {
    let batch = batch.to_uppercase();
    let words = ["TRAN", "COMMIT", "ROLLBACK"];
    words.iter().any(|word| batch.contains(word))
}

/// A batch whose references stand as variables, so that it can be read.
struct Masked {
    text: String,
    references: Vec<String>,
}

impl Masked {
    fn new(batch: &str) -> Self {
        let mut text = String::with_capacity(batch.len());
        let mut references = Vec::new();
        let mut rest = batch;
        while let Some(start) = rest.find("{{") {
            let Some(length) = rest[start..].find("}}") else {
                break;
            };
            text.push_str(&rest[..start]);
            text.push_str(&variable(references.len()));
            references.push(rest[start..start + length + 2].to_owned());
            rest = &rest[start + length + 2..];
        }
        text.push_str(rest);
        Self { text, references }
    }

    /// Those of the ways that are T-SQL, each once, with their references.
    fn those_that_can_be_read(&self, ways: Vec<String>) -> Vec<String> {
        let mut read = Vec::new();
        for way in ways {
            let way = way.trim();
            if is_statement(way) {
                let mut whole = way.to_owned();
                for (index, reference) in self.references.iter().enumerate() {
                    whole = whole.replace(&variable(index), reference);
                }
                if !read.contains(&whole) {
                    read.push(whole);
                }
            }
        }
        read
    }
}

/// Stands for the reference of this number; no other variable is called so.
fn variable(index: usize) -> String {
    format!("@wt_reference_{index}_")
}

/// Whether it is T-SQL that does something. A name alone would be a call of a procedure, which is
/// seldom what is left of something else.
fn is_statement(text: &str) -> bool {
    let all = statements(text);
    let is_said = |statement: &Statement| {
        let own = text.get(statement.span.clone()).unwrap_or_default();
        !matches!(statement.kind, StatementKind::Execute(_))
            || own
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("EXEC"))
    };
    !all.is_empty() && all.iter().all(is_said)
}

/// All statements of a batch, those within others right after them.
fn statements(text: &str) -> Vec<Statement> {
    fn collect(statement: &Statement, all: &mut Vec<Statement>) {
        all.push(statement.clone());
        match &statement.kind {
            StatementKind::If {
                then, otherwise, ..
            } => {
                collect(then, all);
                if let Some(otherwise) = otherwise {
                    collect(otherwise, all);
                }
            }
            StatementKind::While { body, .. } => collect(body, all),
            StatementKind::Block(body) => body.iter().for_each(|inner| collect(inner, all)),
            StatementKind::TryCatch { body, handler } => {
                body.iter()
                    .chain(handler)
                    .for_each(|inner| collect(inner, all));
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    if let Ok(batch) = tsql::parse_batch(text) {
        batch
            .statements
            .iter()
            .for_each(|one| collect(one, &mut all));
    }
    all
}

/// A text in quotes, or several that are put together.
struct Literal {
    span: Range<usize>,
    content: String,
}

fn literals(text: &str) -> Vec<Literal> {
    let mut literals: Vec<Literal> = Vec::new();
    let mut is_continued = false;
    for token in tsql::tokens(text).unwrap_or_default() {
        match &token.kind {
            TokenKind::Text(content) | TokenKind::NationalText(content) => {
                match literals.last_mut() {
                    Some(last) if is_continued => {
                        last.content.push_str(content);
                        last.span.end = token.span.end;
                    }
                    _ => literals.push(Literal {
                        span: token.span.clone(),
                        content: content.clone(),
                    }),
                }
                is_continued = false;
            }
            TokenKind::Symbol("+") => {
                is_continued = literals.last().is_some_and(|last| {
                    text.get(last.span.end..token.span.start)
                        .is_some_and(|between| between.trim().is_empty())
                });
            }
            _ => is_continued = false,
        }
    }
    literals
}

/// The innermost statement around a place.
fn enclosing(text: &str, place: &Range<usize>) -> Option<Range<usize>> {
    statements(text)
        .into_iter()
        .map(|statement| statement.span)
        .filter(|span| span.start <= place.start && place.end <= span.end)
        .min_by_key(|span| span.len())
}

fn replaced(text: &str, span: &Range<usize>, by: &str) -> String {
    let before = text.get(..span.start).unwrap_or_default().trim_end();
    let after = text.get(span.end..).unwrap_or_default().trim_start();
    // One semicolon is enough.
    let by = match after.strip_prefix(';') {
        Some(_) => by.trim_end().trim_end_matches(';'),
        None => by,
    };
    let end = if after.starts_with(';') { "" } else { " " };
    format!("{before} {by}{end}{after}")
}

/// The text without a statement and the semicolon that ends it.
fn without(text: &str, span: &Range<usize>) -> String {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let after = after.trim_start();
    let after = after.strip_prefix(';').unwrap_or(after);
    format!("{} {}", before.trim_end(), after.trim_start())
}

fn without_run(text: &str, tokens: &[Token], run: &Range<usize>) -> String {
    let before = text.get(..tokens[run.start].span.start).unwrap_or_default();
    let after = tokens
        .get(run.end)
        .and_then(|next| text.get(next.span.start..));
    let (before, after) = (before.trim_end(), after.unwrap_or_default());
    let joint = before.ends_with(['.', '(']) || after.starts_with(['.', ',', ')', ';', '(']);
    let space = if joint || before.is_empty() { "" } else { " " };
    format!("{before}{space}{after}")
}

/// The tokens with what stands between them brought down to one space, and some written otherwise.
fn respelled(
    text: &str,
    tokens: &[Token],
    otherwise: impl Fn(usize, &Token) -> Option<String>,
) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut end = 0;
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && token.span.start > end {
            spelled.push(' ');
        }
        end = token.span.end;
        let own = text.get(token.span.clone()).unwrap_or_default();
        spelled.push_str(&otherwise(index, token).unwrap_or_else(|| own.to_owned()));
    }
    spelled
}

/// How many brackets are open at each token; a bracket counts as outside of what it holds.
fn depths(tokens: &[Token]) -> Vec<usize> {
    let mut depth = 0_usize;
    tokens
        .iter()
        .map(|token| match symbol(token) {
            Some("(") => {
                depth += 1;
                depth - 1
            }
            Some(")") => {
                depth = depth.saturating_sub(1);
                depth
            }
            _ => depth,
        })
        .collect()
}

fn symbol(token: &Token) -> Option<&'static str> {
    match token.kind {
        TokenKind::Symbol(symbol) => Some(symbol),
        _ => None,
    }
}

fn is_clause(text: &str, token: &Token) -> bool {
    token.kind == TokenKind::Word
        && text
            .get(token.span.clone())
            .is_some_and(|word| CLAUSES.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    let begins = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    name.starts_with(begins)
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !tsql::is_reserved(name)
}

#[cfg(test)]
mod tests {
    use super::{plainer, unwrapped, without_clauses, without_statements, without_tokens};

    #[test]
    fn a_statement_comes_out_of_what_it_is_wrapped_in() {
        for (wrapped, inner) in [
            ("EXEC (N'DELETE FROM dbo.T;');", "DELETE FROM dbo.T;"),
            (
                "EXEC (N'EXEC (N''DROP TABLE dbo.T;'');');",
                "EXEC (N'DROP TABLE dbo.T;');",
            ),
            (
                "EXEC sp_executesql N'DROP TABLE dbo.T;', N'@wt_n int', @wt_n = 1;",
                "DROP TABLE dbo.T;",
            ),
            (
                "DECLARE @wt_text nvarchar(max) = N'DROP TAB' + N'LE dbo.T;'; EXEC (@wt_text);",
                "DROP TABLE dbo.T;",
            ),
            (
                "BEGIN TRY DELETE FROM dbo.T; END TRY BEGIN CATCH SELECT 1 AS One; END CATCH;",
                "DELETE FROM dbo.T",
            ),
            (
                "IF HAS_PERMS_BY_NAME(N'dbo.T', N'OBJECT', N'DELETE') = 1 BEGIN DELETE FROM dbo.T; END;",
                "BEGIN DELETE FROM dbo.T; END",
            ),
            (
                "EXEC (N'DELETE FROM dbo.T WHERE Id = {{step 2 column Id}};');",
                "DELETE FROM dbo.T WHERE Id = {{step 2 column Id}};",
            ),
            (
                "USE [master]; EXEC (N'DROP TABLE dbo.T;');",
                "USE [master]; DROP TABLE dbo.T;",
            ),
        ] {
            let ways = unwrapped(wrapped);
            let is_inner =
                |way: &String| way.trim_end_matches(';').trim() == inner.trim_end_matches(';');
            assert!(ways.iter().any(is_inner), "{wrapped}: {ways:#?}");
        }
    }

    #[test]
    fn what_can_be_left_out_is_left_out() {
        type Ways = fn(&str) -> Vec<String>;
        let cases: [(Ways, &str, &str); 8] = [
            (
                without_statements,
                "SELECT 1 AS A; DELETE FROM dbo.T; PRINT N'x';",
                "DELETE FROM dbo.T",
            ),
            (
                without_statements,
                "BEGIN TRANSACTION; DELETE FROM dbo.T; COMMIT TRANSACTION;",
                "DELETE FROM dbo.T;",
            ),
            (
                without_clauses,
                "SELECT A FROM dbo.T WHERE B = 1 ORDER BY A;",
                "SELECT A FROM dbo.T WHERE B = 1;",
            ),
            (
                without_clauses,
                "SELECT A FROM dbo.T WHERE B = 1 ORDER BY A;",
                "SELECT A FROM dbo.T;",
            ),
            (
                without_clauses,
                "SELECT A, B, C FROM dbo.T;",
                "SELECT A, C FROM dbo.T;",
            ),
            (
                without_clauses,
                "SELECT A, F(B, C), D FROM dbo.T;",
                "SELECT A, D FROM dbo.T;",
            ),
            (
                without_clauses,
                "SELECT A FROM dbo.T WHERE B = 1 AND C = 2;",
                "SELECT A FROM dbo.T WHERE B = 1;",
            ),
            (
                without_tokens,
                "SELECT TOP (5) A FROM dbo.T;",
                "SELECT A FROM dbo.T;",
            ),
        ];
        for (ways, long, short) in cases {
            let ways = ways(long);
            assert!(ways.contains(&short.to_owned()), "{long}: {ways:#?}");
        }
    }

    #[test]
    fn what_helps_the_reader_stays() {
        for (batch, never) in [
            (
                "EXEC [dbo].[TidyUp];",
                vec![
                    "TidyUp;",
                    "[dbo].[TidyUp];",
                    "EXEC [TidyUp];",
                    "EXEC [dbo].[TidyUp]",
                ],
            ),
            (
                "DELETE FROM dbo.T;",
                vec!["DELETE dbo.T;", "DELETE FROM T;", "DELETE FROM dbo.T"],
            ),
        ] {
            let ways = without_tokens(batch);
            for never in never {
                assert!(!ways.contains(&never.to_owned()), "{ways:#?}");
            }
        }
    }

    #[test]
    fn names_values_and_spaces_become_plain() {
        let ways = plainer(
            "SELECT /* all */ [A], [order]\n FROM [dbo].[T] WHERE B = N'it''s' AND C = 4711;",
        );
        for expected in [
            "SELECT [A], [order] FROM [dbo].[T] WHERE B = N'it''s' AND C = 4711;",
            "SELECT A, [order] FROM dbo.T WHERE B = N'it''s' AND C = 4711;",
            "SELECT [A], [order] FROM [dbo].[T] WHERE B = N'' AND C = 4711;",
            "SELECT [A], [order] FROM [dbo].[T] WHERE B = N'it''s' AND C = 0;",
        ] {
            assert!(ways.contains(&expected.to_owned()), "{expected}: {ways:#?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_let_alone() {
        for batch in [
            "",
            "SELEC 1 FRM",
            "SELECT 'open",
            "EXEC (N'not T-SQL at all (');",
        ] {
            for ways in [
                unwrapped,
                without_statements,
                without_clauses,
                without_tokens,
            ] {
                assert!(ways(batch).is_empty(), "{batch}: {:?}", ways(batch));
            }
        }
    }
}
