//! What do INSERT, UPDATE, DELETE and MERGE change, and what do they refuse?

mod support;

use support::{Server, check};

const TABLES: &str = "
CREATE TABLE dbo.t (id int NOT NULL CONSTRAINT PK_t PRIMARY KEY, a int NULL CONSTRAINT DF_a DEFAULT 7, b varchar(5) NOT NULL CONSTRAINT DF_b DEFAULT 'x', c AS a * 2, CONSTRAINT CK_a CHECK (a < 100), CONSTRAINT UQ_b_a UNIQUE (b, a));
CREATE TABLE dbo.log (id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_log PRIMARY KEY, who nvarchar(10) NULL, v rowversion);
CREATE TABLE dbo.child (id int NOT NULL PRIMARY KEY, tid int NULL CONSTRAINT FK_child REFERENCES dbo.t(id));
CREATE TABLE dbo.follower (id int NOT NULL PRIMARY KEY, tid int NULL CONSTRAINT FK_follower REFERENCES dbo.log(id) ON DELETE CASCADE);
GO
CREATE VIEW dbo.small AS SELECT id, a AS amount, b FROM dbo.t WHERE a < 10 WITH CHECK OPTION
GO
CREATE VIEW dbo.joined AS SELECT t.id, t.a, child.id AS child FROM dbo.t JOIN dbo.child ON child.tid = t.id
GO
CREATE VIEW dbo.summed AS SELECT b, SUM(a) AS a FROM dbo.t GROUP BY b
GO
";

#[test]
fn inserts() {
    check(
        TABLES,
        &[
            (
                "INSERT dbo.t (id, a, b) VALUES (1, 1, 'p'), (2, 2, 'q'); SELECT * FROM dbo.t",
                "1|1|p|2; 2|2|q|4",
            ),
            (
                "INSERT INTO dbo.t (id) VALUES (3); SELECT * FROM dbo.t WHERE id = 3",
                "3|7|x|14",
            ),
            (
                "INSERT dbo.t VALUES (4, DEFAULT, 'y'); SELECT @@ROWCOUNT",
                "1",
            ),
            ("INSERT dbo.t (id, a) VALUES (1, 5)", "!2627"),
            ("INSERT dbo.t (id, a, b) VALUES (9, 1, 'P')", "!2627"),
            ("INSERT dbo.t (id, a) VALUES (5, 100)", "!547"),
            ("INSERT dbo.t (id, b) VALUES (5, NULL)", "!515"),
            ("INSERT dbo.t (id, b) VALUES (5, 'too long')", "!2628"),
            ("INSERT dbo.t (id, b) VALUES ('x', 'y')", "!245"),
            ("INSERT dbo.t (id, c) VALUES (5, 1)", "!271"),
            ("INSERT dbo.t (id, id) VALUES (5, 1)", "!264"),
            ("INSERT dbo.t (id, nope) VALUES (5, 1)", "!207"),
            ("INSERT dbo.t (id, a) VALUES (5)", "!109"),
            ("INSERT dbo.t (id) VALUES (5, 1)", "!110"),
            ("INSERT dbo.t VALUES (5)", "!213"),
            ("INSERT dbo.t (id) SELECT 5, 6", "!121"),
            ("INSERT dbo.t (id, a) SELECT 5", "!120"),
            ("INSERT dbo.nothing VALUES (1)", "!208"),
            // All or nothing: the first row goes with the second.
            ("INSERT dbo.t (id, a) VALUES (20, 1), (21, 500)", "!547"),
            ("SELECT COUNT(*) FROM dbo.t WHERE id >= 20", "0"),
            (
                "INSERT dbo.t (id, a, b) SELECT id + 30, a + 30, b FROM dbo.t; SELECT COUNT(*) FROM dbo.t",
                "8",
            ),
            (
                "INSERT dbo.log (who) VALUES (N'a'), (N'b'); SELECT SCOPE_IDENTITY(), @@IDENTITY",
                "2|2",
            ),
            (
                "INSERT dbo.log DEFAULT VALUES; SELECT MAX(id) FROM dbo.log",
                "3",
            ),
            (
                "INSERT dbo.log VALUES (N'c'); SELECT id, who FROM dbo.log WHERE id = 4",
                "4|c",
            ),
            ("INSERT dbo.log (id, who) VALUES (9, N'x')", "!544"),
            (
                "SET IDENTITY_INSERT dbo.log ON; INSERT dbo.log (id, who) VALUES (9, N'x'); SET IDENTITY_INSERT dbo.log OFF; INSERT dbo.log (who) VALUES (N'y'); SELECT MAX(id) FROM dbo.log",
                "10",
            ),
            ("SET IDENTITY_INSERT dbo.t ON", "!8106"),
            ("SELECT COUNT(DISTINCT v) FROM dbo.log", "6"),
            (
                "INSERT dbo.child VALUES (1, 1), (2, NULL); SELECT COUNT(*) FROM dbo.child",
                "2",
            ),
            ("INSERT dbo.child VALUES (3, 77)", "!547"),
            (
                "INSERT dbo.t (id, a) OUTPUT inserted.id, inserted.c VALUES (50, 3)",
                "50|6",
            ),
            (
                "DECLARE @o TABLE (n int); INSERT dbo.t (id, a) OUTPUT inserted.id INTO @o VALUES (51, 4); SELECT n FROM @o",
                "51",
            ),
            (
                "DECLARE @v TABLE (id int NOT NULL PRIMARY KEY, x int DEFAULT 3); INSERT @v (id) VALUES (1), (2); SELECT * FROM @v",
                "1|3; 2|3",
            ),
            (
                "DECLARE @v TABLE (id int PRIMARY KEY); INSERT @v VALUES (1), (1)",
                "!2627",
            ),
            (
                "CREATE TABLE #n (i int); WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT #n SELECT i FROM n OPTION (MAXRECURSION 0); SELECT COUNT(*) FROM #n; DROP TABLE #n",
                "200",
            ),
            (
                "CREATE TABLE #x (a int); INSERT #x VALUES (1), (2); SELECT SUM(a) FROM #x; DROP TABLE #x",
                "3",
            ),
            (
                "SELECT id, b INTO dbo.copy FROM dbo.t WHERE id < 3; SELECT * FROM dbo.copy",
                "1|p; 2|q",
            ),
            (
                "INSERT TOP (1) dbo.copy SELECT 8, 'z' UNION ALL SELECT 9, 'z'; SELECT COUNT(*) FROM dbo.copy",
                "3",
            ),
        ],
    );
}

#[test]
fn updates_and_deletes() {
    check(
        TABLES,
        &[
            (
                "INSERT dbo.t (id, a, b) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'); INSERT dbo.child VALUES (1, 1), (2, 2)",
                "",
            ),
            (
                "UPDATE dbo.t SET a = a + 10 WHERE id <= 2; SELECT id, a, c FROM dbo.t",
                "1|11|22; 2|12|24; 3|3|6",
            ),
            (
                "UPDATE dbo.t SET a = b.a, b = 'z' FROM dbo.t JOIN dbo.t b ON b.id = t.id + 1; SELECT id, a, b FROM dbo.t",
                "1|12|z; 2|3|z; 3|3|c",
            ),
            (
                "UPDATE x SET a = 5 FROM dbo.t AS x JOIN dbo.child AS y ON y.tid = x.id; SELECT a FROM dbo.t",
                "!2627",
            ),
            (
                "UPDATE x SET a = x.id, b = 'k' FROM dbo.t AS x JOIN dbo.child AS y ON y.tid = x.id; SELECT a FROM dbo.t",
                "1; 2; 3",
            ),
            (
                "UPDATE dbo.t SET id = id + 1 WHERE id = 3; SELECT id FROM dbo.t",
                "1; 2; 4",
            ),
            ("UPDATE dbo.t SET id = id + 1", "!547"),
            ("UPDATE dbo.t SET c = 1", "!271"),
            ("UPDATE dbo.t SET a = 1, a = 2", "!264"),
            ("UPDATE dbo.t SET a = 1000", "!547"),
            ("UPDATE dbo.t SET b = NULL", "!515"),
            ("UPDATE dbo.log SET id = 1", "!8102"),
            (
                "UPDATE dbo.t SET a = DEFAULT WHERE id = 4; SELECT a FROM dbo.t WHERE id = 4",
                "7",
            ),
            (
                "DECLARE @v int; UPDATE dbo.t SET @v = a = a + 1 WHERE id = 4; SELECT @v",
                "8",
            ),
            (
                "UPDATE dbo.t SET a = 9 OUTPUT deleted.a, inserted.a WHERE id = 4",
                "8|9",
            ),
            (
                "UPDATE TOP (1) dbo.t SET a = 33; SELECT COUNT(*) FROM dbo.t WHERE a = 33",
                "1",
            ),
            ("DELETE FROM dbo.t WHERE id = 1", "!547"),
            (
                "DELETE FROM dbo.child WHERE tid = 1; DELETE FROM dbo.t WHERE id = 1; SELECT id FROM dbo.t",
                "2; 4",
            ),
            (
                "DELETE x OUTPUT deleted.id FROM dbo.child x JOIN dbo.t ON t.id = x.tid",
                "2",
            ),
            (
                "WITH d AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM dbo.t) DELETE FROM d WHERE n = 1; SELECT id FROM dbo.t",
                "4",
            ),
            (
                "WITH d AS (SELECT TOP 1 id, a FROM dbo.t ORDER BY id) UPDATE d SET a = 77; SELECT a FROM dbo.t",
                "77",
            ),
            ("DELETE dbo.t; SELECT COUNT(*) FROM dbo.t", "0"),
            (
                "INSERT dbo.log (who) VALUES (N'a'), (N'b'); INSERT dbo.follower VALUES (1, 1), (2, 2), (3, 1); DELETE dbo.log WHERE id = 1; SELECT id FROM dbo.follower",
                "2",
            ),
            ("TRUNCATE TABLE dbo.log", "!4712"),
            (
                "TRUNCATE TABLE dbo.child; SELECT COUNT(*) FROM dbo.child",
                "0",
            ),
            (
                "DECLARE @v TABLE (id int, x int); INSERT @v VALUES (1, 1), (2, 2); UPDATE @v SET x = x * 10 WHERE id = 2; DELETE @v WHERE id = 1; SELECT * FROM @v",
                "2|20",
            ),
        ],
    );
}

#[test]
fn changes_through_views() {
    check(
        TABLES,
        &[
            (
                "INSERT dbo.small (id, amount, b) VALUES (1, 5, 'v'); SELECT * FROM dbo.small",
                "1|5|v",
            ),
            (
                "INSERT dbo.small (id, amount, b) VALUES (2, 50, 'v')",
                "!550",
            ),
            ("SELECT COUNT(*) FROM dbo.t", "1"),
            ("UPDATE dbo.small SET amount = 6; SELECT a FROM dbo.t", "6"),
            ("UPDATE dbo.small SET amount = 60", "!550"),
            (
                "INSERT dbo.child VALUES (5, 1); UPDATE dbo.joined SET a = 8 WHERE child = 5; SELECT a FROM dbo.t",
                "8",
            ),
            ("UPDATE dbo.joined SET a = 1, child = 2", "!4405"),
            ("DELETE FROM dbo.joined", "!4405"),
            ("UPDATE dbo.summed SET a = 1", "!4403"),
            (
                "DELETE FROM dbo.child; DELETE FROM dbo.small; SELECT COUNT(*) FROM dbo.t",
                "0",
            ),
        ],
    );
}

#[test]
fn merges() {
    check(
        TABLES,
        &[
            (
                "INSERT dbo.t (id, a, b) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')",
                "",
            ),
            (
                "MERGE dbo.t AS d USING (VALUES (1, 11), (9, 19)) AS s(id, a) ON d.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (id, a, b) VALUES (s.id, s.a, 'n') WHEN NOT MATCHED BY SOURCE AND d.id = 3 THEN DELETE OUTPUT $action, inserted.id, deleted.id;",
                "UPDATE|1|1; INSERT|9|NULL; DELETE|NULL|3",
            ),
            ("SELECT id, a FROM dbo.t", "1|11; 2|2; 9|19"),
            (
                "MERGE dbo.t AS d USING (VALUES (1), (1)) AS s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET a = 1;",
                "!8672",
            ),
            (
                "MERGE INTO dbo.t USING dbo.child AS s ON t.id = s.tid WHEN MATCHED THEN DELETE; SELECT COUNT(*) FROM dbo.t",
                "3",
            ),
            (
                "MERGE dbo.t AS d USING (SELECT 2 AS id) AS s ON d.id = s.id WHEN MATCHED AND d.a > 100 THEN DELETE WHEN MATCHED THEN UPDATE SET a = 42; SELECT a FROM dbo.t WHERE id = 2",
                "42",
            ),
        ],
    );
}

#[test]
fn triggers_see_both_row_sets() {
    check(
        "CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, a int NULL);
CREATE TABLE dbo.seen (what varchar(10), id int, old int, new int);
GO
CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT, UPDATE, DELETE AS INSERT dbo.seen SELECT 'row', COALESCE(i.id, d.id), d.a, i.a FROM inserted i FULL JOIN deleted d ON d.id = i.id
GO
CREATE VIEW dbo.v AS SELECT id, a FROM dbo.t
GO
CREATE TRIGGER dbo.iv ON dbo.v INSTEAD OF DELETE AS UPDATE dbo.t SET a = -1 WHERE id IN (SELECT id FROM deleted)
GO",
        &[
            ("INSERT dbo.t VALUES (1, 10), (2, 20); SELECT * FROM dbo.seen ORDER BY id", "row|1|NULL|10; row|2|NULL|20"),
            ("DELETE dbo.seen; UPDATE dbo.t SET a = a + 1 WHERE id = 1; SELECT * FROM dbo.seen", "row|1|10|11"),
            ("DELETE dbo.seen; DELETE dbo.t WHERE id = 1; SELECT * FROM dbo.seen", "row|1|11|NULL"),
            ("DELETE dbo.v; SELECT * FROM dbo.t", "2|-1"),
            ("INSERT dbo.t OUTPUT inserted.id VALUES (3, 3)", "!334"),
        ],
    );
}

#[test]
fn refusals_read_as_the_server_words_them() {
    let mut server = Server::new();
    server.ok(TABLES);
    server.ok("INSERT dbo.t (id, a, b) VALUES (1, 1, 'a'); INSERT dbo.child VALUES (1, 1)");
    for (script, expected) in [
        (
            "INSERT dbo.t (id) VALUES (1)",
            "Violation of PRIMARY KEY constraint 'PK_t'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).",
        ),
        (
            "INSERT dbo.t (id, a) VALUES (2, 200)",
            "The INSERT statement conflicted with the CHECK constraint \"CK_a\". The conflict occurred in database \"db\", table \"dbo.t\".",
        ),
        (
            "INSERT dbo.child VALUES (2, 9)",
            "The INSERT statement conflicted with the FOREIGN KEY constraint \"FK_child\". The conflict occurred in database \"db\", table \"dbo.t\", column 'id'.",
        ),
        (
            "DELETE dbo.t",
            "The DELETE statement conflicted with the REFERENCE constraint \"FK_child\". The conflict occurred in database \"db\", table \"dbo.child\", column 'tid'.",
        ),
        (
            "UPDATE dbo.t SET b = NULL",
            "Cannot insert the value NULL into column 'b', table 'db.dbo.t'; column does not allow nulls. UPDATE fails.",
        ),
        (
            "INSERT dbo.t (id, b) VALUES (2, 'abcdefg')",
            "String or binary data would be truncated in table 'db.dbo.t', column 'b'. Truncated value: 'abcde'.",
        ),
    ] {
        assert_eq!(server.messages(script), [expected], "{script}");
    }
}
