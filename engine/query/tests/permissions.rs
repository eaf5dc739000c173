//! Which permission does a statement need, and which refusal is shown?

mod support;

use support::Server;

const BASE: &str = "
CREATE USER u1 WITHOUT LOGIN;
CREATE USER other WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL CONSTRAINT PK_t PRIMARY KEY, a int NULL, b int NULL);
INSERT dbo.t VALUES (1, 10, 100), (2, 20, 200);
CREATE TABLE dbo.t2 (id int NULL);
GO
CREATE SCHEMA s1 AUTHORIZATION other
GO
CREATE VIEW dbo.v AS SELECT id, a FROM dbo.t
GO
CREATE VIEW s1.foreign_v AS SELECT id, a FROM dbo.t
GO
CREATE FUNCTION dbo.f() RETURNS TABLE AS RETURN (SELECT id FROM dbo.t)
GO
CREATE FUNCTION dbo.one(@x int) RETURNS int AS BEGIN RETURN 1 END
GO
CREATE SEQUENCE dbo.sq AS int START WITH 1
GO
";

/// Grants, a statement as u1, and the answer.
fn check(rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (grants, statement, expected) in rows {
        let mut server = Server::new();
        server.ok(BASE);
        server.ok(grants);
        server.ok("EXECUTE AS USER = 'u1'");
        let answer = server.answer(statement);
        if answer != *expected {
            wrong.push(format!(
                "{grants}: {statement}\n  expected {expected}\n  got      {answer}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

#[test]
fn reading() {
    check(&[
        ("", "SELECT id FROM dbo.t", "!229"),
        (
            "GRANT SELECT ON dbo.t TO u1",
            "SELECT id FROM dbo.t",
            "1; 2",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT id FROM dbo.t",
            "1; 2",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT * FROM dbo.t",
            "!230 !230",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT id FROM dbo.t WHERE b = 100",
            "!230",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT id FROM dbo.t ORDER BY b",
            "!230",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT COUNT(*) FROM dbo.t",
            "!230 !230",
        ),
        (
            "GRANT SELECT (id) ON dbo.t TO u1",
            "SELECT COUNT(id) FROM dbo.t",
            "2",
        ),
        (
            "GRANT SELECT ON dbo.t TO u1; DENY SELECT (b) ON dbo.t TO u1",
            "SELECT CHECKSUM_AGG(BINARY_CHECKSUM(*)) FROM dbo.t",
            "!230",
        ),
        ("", "SELECT TOP (0) id FROM dbo.t", "!229"),
        ("", "SELECT 1 WHERE EXISTS (SELECT * FROM dbo.t)", "!229"),
        ("", "SELECT id FROM dbo.nothing", "!208"),
        (
            "GRANT SELECT ON dbo.v TO u1",
            "SELECT id FROM dbo.v",
            "1; 2",
        ),
        (
            "GRANT SELECT ON dbo.v TO u1; DENY SELECT ON dbo.t TO u1",
            "SELECT id FROM dbo.v",
            "1; 2",
        ),
        (
            "GRANT SELECT ON s1.foreign_v TO u1",
            "SELECT id FROM s1.foreign_v",
            "!229",
        ),
        (
            "GRANT SELECT ON s1.foreign_v TO u1; GRANT SELECT ON dbo.t TO u1",
            "SELECT id FROM s1.foreign_v",
            "1; 2",
        ),
        (
            "GRANT SELECT ON dbo.f TO u1",
            "SELECT id FROM dbo.f()",
            "1; 2",
        ),
        ("", "SELECT id FROM dbo.f()", "!229"),
        ("", "SELECT dbo.one(1)", "!229"),
        ("GRANT EXECUTE ON dbo.one TO u1", "SELECT dbo.one(1)", "1"),
        ("", "SELECT NEXT VALUE FOR dbo.sq", "!229"),
        (
            "GRANT UPDATE ON dbo.sq TO u1",
            "SELECT NEXT VALUE FOR dbo.sq",
            "1",
        ),
        (
            "CREATE SYNONYM dbo.syn FOR dbo.t; GRANT SELECT ON dbo.syn TO u1; DENY SELECT ON dbo.t TO u1",
            "SELECT COUNT(id) FROM dbo.syn",
            "2",
        ),
        (
            "",
            "DECLARE @v TABLE (id int); INSERT @v VALUES (1); SELECT id FROM @v",
            "1",
        ),
        (
            "",
            "CREATE TABLE #x (id int); INSERT #x VALUES (1); SELECT id FROM #x",
            "1",
        ),
        (
            "GRANT SELECT ON dbo.t TO u1",
            "SELECT id INTO dbo.copy FROM dbo.t",
            "!262",
        ),
    ]);
}

#[test]
fn writing() {
    check(&[
        ("", "INSERT dbo.t (id) VALUES (3)", "!229"),
        (
            "GRANT INSERT ON dbo.t TO u1",
            "INSERT dbo.t (id) VALUES (3)",
            "",
        ),
        (
            "GRANT INSERT ON dbo.t TO u1",
            "INSERT dbo.t (id) OUTPUT inserted.id VALUES (3)",
            "!229",
        ),
        (
            "GRANT INSERT ON dbo.t TO u1",
            "INSERT dbo.t (id) SELECT id FROM dbo.t2",
            "!229",
        ),
        ("GRANT UPDATE ON dbo.t TO u1", "UPDATE dbo.t SET a = 1", ""),
        (
            "GRANT UPDATE ON dbo.t TO u1",
            "UPDATE dbo.t SET a = a + 1",
            "!229",
        ),
        (
            "GRANT UPDATE (a) ON dbo.t TO u1",
            "UPDATE dbo.t SET b = 7",
            "!230",
        ),
        (
            "GRANT UPDATE (a) ON dbo.t TO u1; GRANT SELECT (a) ON dbo.t TO u1",
            "UPDATE dbo.t SET a = 7 WHERE id = 1",
            "!230",
        ),
        ("GRANT DELETE ON dbo.t TO u1", "DELETE FROM dbo.t", ""),
        (
            "GRANT DELETE ON dbo.t TO u1",
            "DELETE FROM dbo.t WHERE id = 1",
            "!229",
        ),
        ("", "DELETE FROM dbo.t WHERE id = 1", "!229 !229"),
        (
            "GRANT SELECT, DELETE ON dbo.t TO u1",
            "DELETE FROM dbo.t OUTPUT deleted.id INTO dbo.t2 (id)",
            "!229",
        ),
        (
            "GRANT SELECT, UPDATE ON dbo.t TO u1",
            "MERGE dbo.t AS d USING (VALUES (1)) AS s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET a = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id);",
            "!229",
        ),
        (
            "GRANT SELECT, UPDATE, INSERT ON dbo.t TO u1",
            "MERGE dbo.t AS d USING (VALUES (1), (9)) AS s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET a = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id);",
            "",
        ),
        (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.t TO u1",
            "TRUNCATE TABLE dbo.t",
            "!1088",
        ),
        (
            "GRANT DELETE ON dbo.v TO u1; DENY DELETE ON dbo.t TO u1",
            "DELETE FROM dbo.v",
            "",
        ),
        ("GRANT UPDATE ON dbo.v TO u1", "UPDATE dbo.v SET a = 3", ""),
        (
            "GRANT INSERT ON dbo.v TO u1",
            "INSERT dbo.v VALUES (7, 7)",
            "",
        ),
        (
            "GRANT UPDATE, SELECT ON s1.foreign_v TO u1",
            "UPDATE s1.foreign_v SET a = 3",
            "!229 !229",
        ),
        (
            "GRANT INSERT ON dbo.t TO u1",
            "SET IDENTITY_INSERT dbo.t ON",
            "!1088",
        ),
    ]);
}

#[test]
fn the_refusal_names_the_object_that_the_server_names() {
    for (grants, statement, named) in [
        (
            "GRANT SELECT ON dbo.t TO u1",
            "SELECT x.id FROM dbo.t AS x JOIN dbo.t2 AS y ON y.id = x.id",
            "SELECT permission was denied on the object 't2'",
        ),
        (
            "",
            "SELECT x.id FROM dbo.t AS x JOIN dbo.t2 AS y ON y.id = x.id",
            "object 't2'",
        ),
        ("", "INSERT dbo.t (id) SELECT id FROM dbo.t2", "object 't2'"),
        (
            "",
            "UPDATE x SET a = 1 FROM dbo.t AS x JOIN dbo.t2 AS y ON y.id = x.id",
            "object 't2'",
        ),
        (
            "GRANT SELECT, UPDATE ON dbo.t TO u1",
            "MERGE dbo.t AS d USING (VALUES (1)) AS s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET a = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id);",
            "The INSERT permission was denied on the object 't', database 'db', schema 'dbo'.",
        ),
        (
            "GRANT SELECT ON s1.foreign_v TO u1",
            "SELECT id FROM s1.foreign_v",
            "object 't'",
        ),
        ("", "SELECT id FROM dbo.v", "object 'v'"),
    ] {
        let mut server = Server::new();
        server.ok(BASE);
        server.ok(grants);
        server.ok("EXECUTE AS USER = 'u1'");
        let messages = server.messages(statement);
        assert!(messages[0].contains(named), "{statement}: {messages:?}");
    }
}
