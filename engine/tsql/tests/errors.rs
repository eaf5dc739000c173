//! What is no T-SQL is refused with the server's number, line and words.

use tsql::{ScriptBatch, parse_batch, split_batches};

#[test]
fn syntax_errors_are_the_servers() {
    let mut wrong = Vec::new();
    let mut check = |text: &str, number: i32, line: u32, message: &str| {
        let expected = format!("{number}:{line} {message}");
        let found = match parse_batch(text) {
            Err(error) => format!("{}:{} {}", error.number, error.line, error.message),
            Ok(batch) => format!("{:?}", batch.statements),
        };
        if found != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    };
    check("PRINT 1 FOO", 102, 1, "Incorrect syntax near 'FOO'.");
    check(
        "SELECT\nFROM t",
        156,
        2,
        "Incorrect syntax near the keyword 'FROM'.",
    );
    check(
        "SELECT * FROM where x = 1",
        156,
        1,
        "Incorrect syntax near the keyword 'where'.",
    );
    check(
        "SELECT a, FROM t",
        156,
        1,
        "Incorrect syntax near the keyword 'FROM'.",
    );
    check("SELECT (1", 102, 1, "Incorrect syntax near '1'.");
    check("SELECT 1)", 102, 1, "Incorrect syntax near ')'.");
    check(
        "SELECT * FROM a JOIN b WHERE 1 = 1",
        156,
        1,
        "Incorrect syntax near the keyword 'WHERE'.",
    );
    check(
        "SELECT * FROM (a JOIN b) JOIN c ON 1 = 1",
        102,
        1,
        "Incorrect syntax near ')'.",
    );
    check("SELECT 1 +", 102, 1, "Incorrect syntax near '+'.");
    check(
        "SELECT 1 AS select",
        156,
        1,
        "Incorrect syntax near the keyword 'select'.",
    );
    check(
        "SELECT table FROM t",
        156,
        1,
        "Incorrect syntax near the keyword 'table'.",
    );
    check(
        "SELECT * FROM t LIMIT 5",
        102,
        1,
        "Incorrect syntax near '5'.",
    );
    check(
        "SELECT * FROM a JOIN b USING (x)",
        102,
        1,
        "Incorrect syntax near ')'.",
    );
    check(
        "SELECT 'x",
        105,
        1,
        "Unclosed quotation mark after the character string 'x'.",
    );
    check("SELECT 1 /* x", 113, 1, "Missing end comment mark '*/'.");
    check("BEGIN", 102, 1, "Incorrect syntax near 'BEGIN'.");
    check(
        "BEGIN END",
        156,
        1,
        "Incorrect syntax near the keyword 'END'.",
    );
    check("END", 156, 1, "Incorrect syntax near the keyword 'END'.");
    check(
        "SELECT 1 END",
        156,
        1,
        "Incorrect syntax near the keyword 'END'.",
    );
    check(
        "ELSE SELECT 1",
        156,
        1,
        "Incorrect syntax near the keyword 'ELSE'.",
    );
    check("IF 1 = 1", 102, 1, "Incorrect syntax near '1'.");
    check(
        "BEGIN TRY SELECT 1 END TRY; BEGIN CATCH END CATCH",
        102,
        1,
        "Incorrect syntax near ';'.",
    );
    check("INSERT INTO t", 102, 1, "Incorrect syntax near 't'.");
    check(
        "INSERT INTO t VALUES 1",
        102,
        1,
        "Incorrect syntax near '1'.",
    );
    check(
        "INSERT INTO t (1) VALUES (1)",
        102,
        1,
        "Incorrect syntax near '1'.",
    );
    check("UPDATE t", 102, 1, "Incorrect syntax near 't'.");
    check("DELETE FROM", 102, 1, "Incorrect syntax near 'FROM'.");
    check("CREATE TABLE t (", 102, 1, "Incorrect syntax near '('.");
    check(
        "CREATE TABLE t (a INT b INT)",
        102,
        1,
        "Incorrect syntax near 'b'.",
    );
    check(
        "CREATE TABLE select (a INT)",
        156,
        1,
        "Incorrect syntax near the keyword 'select'.",
    );
    check(
        "GRANT SELECT ON t FROM u",
        156,
        1,
        "Incorrect syntax near the keyword 'FROM'.",
    );
    check(
        "DROP FOO x",
        343,
        1,
        "Unknown object type 'FOO' used in a CREATE, DROP, or ALTER statement.",
    );
    check("DROP LOGIN a, b", 102, 1, "Incorrect syntax near ','.");
    check(
        "SET FOO ON",
        195,
        1,
        "'FOO' is not a recognized SET option.",
    );
    check("EXEC AS FOO", 102, 1, "Incorrect syntax near 'FOO'.");
    check(
        "SELECT * FROM a.b.c.d.e",
        117,
        1,
        "The object name 'a.b.c.d.e' contains more than the maximum number of prefixes. The maximum is 3.",
    );
    check(
        "DROP TABLE a.b.c.d.e",
        117,
        1,
        "The object name 'a.b.c.d.e' contains more than the maximum number of prefixes. The maximum is 3.",
    );
    check(
        "PRINT 1\nCREATE VIEW v AS SELECT 1",
        111,
        2,
        "'CREATE VIEW' must be the first statement in a query batch.",
    );
    check(
        "PRINT 1 ALTER PROC p AS SELECT 1",
        111,
        1,
        "'CREATE/ALTER PROCEDURE' must be the first statement in a query batch.",
    );
    check(
        "PRINT 1 CREATE SCHEMA s",
        111,
        1,
        "'CREATE SCHEMA' must be the first statement in a query batch.",
    );
    check(
        "IF 1 = 1 CREATE PROCEDURE p AS SELECT 1",
        156,
        1,
        "Incorrect syntax near the keyword 'PROCEDURE'.",
    );
    check(
        "CREATE VIEW v AS SELECT 1; SELECT 2",
        156,
        1,
        "Incorrect syntax near the keyword 'SELECT'.",
    );
    check(
        "MERGE t USING s ON 1 = 1 WHEN MATCHED THEN DELETE",
        10713,
        1,
        "A MERGE statement must be terminated by a semi-colon (;).",
    );
    check(
        "MERGE t USING s ON 1 = 1 WHEN NOT MATCHED THEN DELETE;",
        10710,
        1,
        "An action of type 'DELETE' is not allowed in the 'WHEN NOT MATCHED' clause of a MERGE statement.",
    );
    check(
        "EXEC p AS",
        156,
        1,
        "Incorrect syntax near the keyword 'AS'.",
    );
    check("EXECUTE AS USER 'u'", 102, 1, "Incorrect syntax near 'u'.");
    check(
        "SELECT * FROM t WHERE a = 1 AND",
        102,
        1,
        "Incorrect syntax near 'AND'.",
    );
    check(
        "SELECT TOP 1.5 * FROM t",
        102,
        1,
        "Incorrect syntax near '1.5'.",
    );
    check(
        "SELECT [ ]]",
        105,
        1,
        "Unclosed quotation mark after the character string ' ]]'.",
    );
    check("DECLARE @a", 102, 1, "Incorrect syntax near '@a'.");
    check("DECLARE @a INT = ", 102, 1, "Incorrect syntax near '='.");
    check("SET @a", 102, 1, "Incorrect syntax near '@a'.");
    check("THROW 50001", 102, 1, "Incorrect syntax near '50001'.");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scripts_are_cut_at_go_lines_only() {
    let check = |script: &str, expected: &[(&str, u32, u32)]| {
        let expected: Vec<ScriptBatch> = expected
            .iter()
            .map(|&(text, line, count)| ScriptBatch {
                text: text.to_owned(),
                line,
                count,
            })
            .collect();
        assert_eq!(split_batches(script), expected, "{script}");
    };
    check("SELECT 1", &[("SELECT 1", 1, 1)]);
    check(
        "SELECT 1\nGO\nSELECT 2\n",
        &[("SELECT 1\n", 1, 1), ("SELECT 2\n", 3, 1)],
    );
    check("a\r\nGo\r\nb\r\n", &[("a\r\n", 1, 1), ("b\r\n", 3, 1)]);
    check("a\n  go 5  \nb", &[("a\n", 1, 5), ("b", 3, 1)]);
    check("a\nGO -- why\nb", &[("a\n", 1, 1), ("b", 3, 1)]);
    check("a\nGO/* why */\nb", &[("a\n", 1, 1), ("b", 3, 1)]);
    check("a\nGO 2 /* why */\nb", &[("a\n", 1, 2), ("b", 3, 1)]);
    check("a\nGO 0\nb", &[("a\n", 1, 0), ("b", 3, 1)]);
    check("GO\nGO\n\nGO\na\nGO", &[("a\n", 5, 1)]);
    check("GO", &[]);
    check("", &[]);
    check("a\nGO;\nb", &[("a\nGO;\nb", 1, 1)]);
    check("a\nGO b\nc", &[("a\nGO b\nc", 1, 1)]);
    check("a\nGOb\nc", &[("a\nGOb\nc", 1, 1)]);
    check("a GO\nb", &[("a GO\nb", 1, 1)]);
    check("'x\nGO\n'", &[("'x\nGO\n'", 1, 1)]);
    check("[x\nGO\n]", &[("[x\nGO\n]", 1, 1)]);
    check("\"x\nGO\n\"", &[("\"x\nGO\n\"", 1, 1)]);
    check("/* /* */\nGO\n*/", &[("/* /* */\nGO\n*/", 1, 1)]);
    check("-- '\nGO\nb", &[("-- '\n", 1, 1), ("b", 3, 1)]);
    check(
        "'it''s\nGO\n'\nGO\nb",
        &[("'it''s\nGO\n'\n", 1, 1), ("b", 5, 1)],
    );
    check("'open\nGO\nb", &[("'open\nGO\nb", 1, 1)]);
    check("é\nGO\né", &[("é\n", 1, 1), ("é", 3, 1)]);
    check("a\nGÖ\nb", &[("a\nGÖ\nb", 1, 1)]);
}
