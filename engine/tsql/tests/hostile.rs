//! Hostile text is refused or read; it never panics, overflows the stack, or takes for ever.

use proptest::prelude::*;
use tsql::{parse_batch, parse_name, split_batches, tokens};

/// Text of which `unit` is repeated `count` times.
fn repeated(before: &str, unit: &str, count: usize, after: &str) -> String {
    format!("{before}{}{after}", unit.repeat(count))
}

/// Nested `count` deep.
fn nested(
    before: &str,
    open: &str,
    inside: &str,
    close: &str,
    after: &str,
    count: usize,
) -> String {
    format!(
        "{before}{}{inside}{}{after}",
        open.repeat(count),
        close.repeat(count)
    )
}

#[test]
fn deep_nesting_is_refused_with_the_servers_error() {
    let check = |text: String| {
        let error = parse_batch(&text).expect_err("nobody nests this deep");
        assert_eq!(error.number, 191, "{} … is refused as {error}", &text[..40]);
    };
    for count in [1_000, 20_000] {
        check(nested("SELECT ", "(", "1", ")", "", count));
        check(nested("SELECT ", "f(", "1", ")", "", count));
        check(nested("SELECT ", "- ", "1", "", "", count));
        check(nested("SELECT ", "~", "1", "", "", count));
        check(nested("SELECT 1 WHERE ", "NOT ", "1 = 1", "", "", count));
        check(nested(
            "SELECT ",
            "CASE WHEN 1 = 1 THEN ",
            "1",
            " END",
            "",
            count,
        ));
        check(nested(
            "SELECT * FROM ",
            "(SELECT * FROM ",
            "t",
            ") a",
            "",
            count,
        ));
        check(nested(
            "SELECT * FROM ",
            "(",
            "t JOIN u ON 1 = 1",
            ")",
            "",
            count,
        ));
        check(nested(
            "SELECT 1 WHERE 1 IN ",
            "(SELECT 1 WHERE 1 IN ",
            "(1)",
            ")",
            "",
            count,
        ));
        check(nested("SELECT ", "CAST(", "1", " AS INT)", "", count));
        check(nested("SELECT ", "CONVERT(INT, ", "1", ")", "", count));
        check(nested("", "BEGIN ", "PRINT 1", " END", "", count));
        check(nested("", "IF 1 = 1 ", "PRINT 1", "", "", count));
        check(nested("", "WHILE 1 = 1 ", "PRINT 1", "", "", count));
        check(nested(
            "",
            "IF 1 = 1 PRINT 1 ELSE ",
            "PRINT 1",
            "",
            "",
            count,
        ));
        check(nested(
            "",
            "BEGIN TRY ",
            "PRINT 1",
            " END TRY BEGIN CATCH END CATCH",
            "",
            count,
        ));
        check(repeated("SELECT 1", " + 1", count, ""));
        check(repeated("SELECT 1 WHERE 1 = 1", " OR 1 = 1", count, ""));
        check(repeated("SELECT 1", " UNION SELECT 1", count, ""));
        check(repeated(
            "SELECT 'a'",
            " COLLATE Latin1_General_BIN2",
            count,
            "",
        ));
        check(repeated("SELECT a", " AT TIME ZONE 'UTC'", count, ""));
        check(repeated("SELECT 1 WHERE a", " IS NULL", count, ""));
        check(repeated("DECLARE @a INT = 1", " - 1", count, ""));
    }
}

#[test]
fn what_real_scripts_nest_is_read() {
    let check = |text: String| {
        if let Err(error) = parse_batch(&text) {
            panic!("{} … is refused: {error}", &text[..40]);
        }
    };
    check(nested("SELECT ", "(", "1", ")", "", 25));
    check(nested(
        "SELECT * FROM ",
        "(SELECT * FROM ",
        "t",
        ") a",
        "",
        12,
    ));
    check(nested(
        "SELECT ",
        "CASE WHEN 1 = 1 THEN ",
        "1",
        " END",
        "",
        20,
    ));
    check(nested("SELECT ", "REPLACE(", "a", ", 'x', 'y')", "", 32));
    check(nested("", "BEGIN ", "PRINT 1", " END", "", 30));
    check(repeated("SELECT 1 WHERE 1 = 1", " OR a = 1", 150, ""));
    check(repeated("SELECT 1", " UNION ALL SELECT 1", 300, ""));
    check(repeated("SELECT 1 WHERE a IN (1", ", 1", 5_000, ")"));
    check(repeated(
        "INSERT INTO t VALUES (1, 'a')",
        ", (1, 'a')",
        5_000,
        "",
    ));
    check(repeated("", "UPDATE t SET a = 1 WHERE b = 2\n", 5_000, ""));
    check(repeated("SELECT 'a", "''", 100_000, "'"));
    check(repeated("SELECT ", "/* ", 10_000, &"*/".repeat(10_000)) + "1");
}

#[test]
fn long_text_that_leads_nowhere_is_refused_in_time() {
    for text in [
        repeated("", "(", 50_000, ""),
        repeated("SELECT ", "(", 50_000, ""),
        repeated("", ")", 50_000, ""),
        repeated("SELECT * FROM ", "(", 50_000, ""),
        repeated("SELECT ", "CASE ", 50_000, ""),
        repeated("SELECT ", "case-", 50_000, "c"),
        repeated("", "SELECT ", 50_000, ""),
        repeated("", "WITH a AS (", 20_000, ""),
        repeated("", "WITH a (b, ", 20_000, ""),
        repeated("", "INSERT t ", 20_000, ""),
        repeated("", "INSERT INTO t EXEC p ", 20_000, ""),
        repeated("", "MERGE t USING s ON 1 = 1 WHEN ", 20_000, ""),
        repeated("", "IF a::b = 1 ", 20_000, ""),
        repeated("", "BACKUP ", 20_000, ""),
        repeated("", "a:", 20_000, ""),
        repeated("", "[", 50_000, ""),
        repeated("", "'", 50_001, ""),
        repeated("", "/*", 50_000, ""),
        repeated("SELECT a", ".a", 50_000, ""),
        repeated("SELECT * FROM a", " JOIN b", 20_000, ""),
        repeated("SELECT * FROM a", ", a", 20_000, ""),
        repeated("SELECT * FROM a", " JOIN b ON 1 = 1", 20_000, ""),
        repeated("SELECT * FROM a", " CROSS APPLY (SELECT 1", 20_000, ""),
        repeated("SELECT ", "f(a, ", 20_000, ""),
        repeated("SELECT ", "f(a)(", 20_000, ""),
        repeated("SELECT ", "convert(", 20_000, ""),
        repeated("SELECT ", "cast(cast(1 as ", 20_000, ""),
        repeated("SELECT ", "EXISTS (", 20_000, ""),
        repeated("SELECT * FROM t FOR SYSTEM_TIME BETWEEN ", "(", 20_000, ""),
        repeated("SELECT * FROM t ", "FOR SYSTEM_TIME FROM 1 TO ", 20_000, ""),
        repeated("SELECT * FROM t (NOLOCK", ", NOLOCK", 20_000, ")"),
        repeated("SELECT @a = 1", ", @a = 1", 20_000, ""),
        repeated("SELECT 1 OPTION (", "a(", 20_000, ""),
        repeated("GRANT SELECT", ", SELECT", 20_000, ""),
        repeated("GRANT ", "SELECT ", 20_000, "TO u"),
        repeated("CREATE TABLE t (a INT", ", a INT", 20_000, ")"),
        repeated("CREATE TABLE t (a INT ", "NULL ", 20_000, ")"),
        repeated("CREATE PROCEDURE p AS ", "BEGIN ", 20_000, ""),
        repeated("SELECT {fn ", "{fn ", 20_000, ""),
        repeated("SELECT ", "NEXT VALUE FOR ", 20_000, ""),
        repeated("SELECT ", "PARSE(", 20_000, ""),
        repeated("SELECT 1 WHERE a LIKE ", "a LIKE ", 20_000, ""),
        repeated("SELECT 1 WHERE a BETWEEN ", "a BETWEEN ", 20_000, ""),
        repeated("SELECT ", "TRIM(LEADING ", 20_000, ""),
    ] {
        // Some of these are T-SQL; what counts is that an answer comes.
        let _ = parse_batch(&text);
    }
}

/// Words and marks of which T-SQL is made.
const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "MERGE",
    "USING",
    "ON",
    "WHEN",
    "MATCHED",
    "THEN",
    "NOT",
    "NULL",
    "AND",
    "OR",
    "IN",
    "EXISTS",
    "LIKE",
    "BETWEEN",
    "CASE",
    "END",
    "ELSE",
    "IF",
    "WHILE",
    "BEGIN",
    "TRY",
    "CATCH",
    "RETURN",
    "THROW",
    "RAISERROR",
    "PRINT",
    "EXEC",
    "EXECUTE",
    "AS",
    "USER",
    "LOGIN",
    "REVERT",
    "WITH",
    "GRANT",
    "DENY",
    "REVOKE",
    "TO",
    "CREATE",
    "ALTER",
    "DROP",
    "TABLE",
    "VIEW",
    "PROCEDURE",
    "FUNCTION",
    "TRIGGER",
    "SCHEMA",
    "DATABASE",
    "ROLE",
    "INDEX",
    "TYPE",
    "SEQUENCE",
    "SECURITY",
    "POLICY",
    "ADD",
    "COLUMN",
    "CONSTRAINT",
    "PRIMARY",
    "KEY",
    "CHECK",
    "DEFAULT",
    "REFERENCES",
    "UNIQUE",
    "DECLARE",
    "CURSOR",
    "FOR",
    "SYSTEM_TIME",
    "ALL",
    "OF",
    "TOP",
    "ORDER",
    "BY",
    "GROUP",
    "HAVING",
    "UNION",
    "JOIN",
    "LEFT",
    "OUTER",
    "CROSS",
    "APPLY",
    "PIVOT",
    "OVER",
    "PARTITION",
    "OUTPUT",
    "OPTION",
    "COMMIT",
    "ROLLBACK",
    "TRAN",
    "SAVE",
    "USE",
    "TRUNCATE",
    "CAST",
    "CONVERT",
    "PARSE",
    "NEXT",
    "VALUE",
    "OPENJSON",
    "COLLATE",
    "AT",
    "TIME",
    "ZONE",
    "FETCH",
    "OFFSET",
    "ROWS",
    "ONLY",
    "XML",
    "JSON",
    "PATH",
    "INT",
    "VARCHAR",
    "MAX",
    "t",
    "u",
    "a",
    "dbo",
    "@a",
    "@@b",
    "#t",
    "[x]",
    "\"y\"",
    "'s'",
    "N's'",
    "1",
    "1.5",
    "0xAB",
    "$1",
    "$action",
    "(",
    ")",
    "(",
    ")",
    ",",
    ".",
    ";",
    "=",
    "+=",
    "<",
    ">",
    "!<",
    "<>",
    "+",
    "-",
    "*",
    "/",
    "%",
    "&",
    "|",
    "^",
    "~",
    ":",
    "::",
    "{",
    "}",
    "\n",
    "GO",
    "--c\n",
    "/*c*/",
    "lbl:",
];

/// Spans lie in the text, in order, and lines count its breaks.
fn check_places(text: &str, statements: &[tsql::Statement]) {
    let mut end = 0;
    for statement in statements {
        assert!(statement.span.start >= end && statement.span.end > statement.span.start);
        end = statement.span.end;
        let before = text
            .get(..statement.span.start)
            .expect("spans lie between characters");
        assert_eq!(statement.line as usize, before.matches('\n').count() + 1);
    }
    assert!(end <= text.len());
}

fn check_anything(text: &str) {
    if let Ok(batch) = parse_batch(text) {
        check_places(text, &batch.statements);
    }
    let _ = tokens(text);
    let _ = parse_name(text);
    let total: usize = split_batches(text)
        .iter()
        .map(|batch| batch.text.len())
        .sum();
    assert!(total <= text.len());
}

proptest! {
    // A failure prints its input, which belongs into a table above rather than into a file.
    #![proptest_config(ProptestConfig {
        cases: 3_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,80}|[ -~\\n]{0,120}") {
        check_anything(&text);
    }

    #[test]
    fn any_words_of_the_language_get_an_answer(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40),
    ) {
        check_anything(&words.join(" "));
    }
}

#[test]
fn recorded_batches_with_a_token_lost_or_doubled_get_an_answer() {
    for entry in corpus::recorded() {
        let Ok(found) = tokens(&entry.script) else {
            continue;
        };
        for token in &found {
            let (before, rest) = entry.script.split_at(token.span.start);
            let (this, after) = rest.split_at(token.span.len());
            check_anything(&format!("{before}{after}"));
            check_anything(&format!("{before}{this} {this}{after}"));
            check_anything(before);
        }
    }
}

mod corpus;
