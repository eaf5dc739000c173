//! Does any text bring the server down, or reach what its sender may not touch?

use database::{INTERNAL_ERROR, Limits};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::{connect, run, server_with};

/// Pieces of T-SQL that fit together more often than not.
const PIECES: &[&str] = &[
    "SELECT * FROM dbo.t",
    "SELECT id, COUNT(*) FROM dbo.t GROUP BY id",
    "SELECT * FROM t_b.dbo.t",
    "INSERT dbo.t VALUES (9, 'x')",
    "INSERT t_b.dbo.t VALUES (9, 'x')",
    "UPDATE dbo.t SET v = 'y' OUTPUT deleted.v WHERE id > 0",
    "DELETE t_b.dbo.t",
    "MERGE t_b.dbo.t AS a USING dbo.t AS b ON a.id = b.id WHEN MATCHED THEN DELETE;",
    "TRUNCATE TABLE t_b.dbo.t",
    "DROP TABLE dbo.t",
    "CREATE TABLE #x (id int)",
    "SELECT * INTO #y FROM dbo.t",
    "BEGIN TRANSACTION",
    "COMMIT",
    "ROLLBACK",
    "SAVE TRANSACTION s",
    "ROLLBACK TRANSACTION s",
    "BEGIN TRY",
    "END TRY BEGIN CATCH",
    "END CATCH",
    "THROW 50000, 'x', 1",
    "THROW",
    "RAISERROR ('x %d', 16, 1, 2)",
    "EXECUTE AS USER = 'dbo'",
    "EXECUTE AS LOGIN = 'sa'",
    "EXECUTE AS USER = 'u2'",
    "REVERT",
    "USE t_b",
    "USE t_a",
    "EXEC dbo.p",
    "EXEC ('SELECT 1 / 0; EXEC (''USE t_b; DELETE dbo.t'')')",
    "EXEC sp_executesql N'SELECT @a', N'@a int', @a = 1",
    "DECLARE @i int = 1",
    "SET @i += 1",
    "WHILE 1 = 1",
    "IF @@TRANCOUNT > 0",
    "BEGIN",
    "END",
    "ELSE",
    "RETURN",
    "GRANT CONTROL TO app",
    "ALTER ROLE db_owner ADD MEMBER app",
    "ALTER AUTHORIZATION ON DATABASE::t_b TO l_a",
    "CREATE USER other FOR LOGIN l_a",
    "CREATE PROCEDURE dbo.q AS",
    "CREATE VIEW dbo.v AS",
    "CREATE SYNONYM dbo.s FOR t_b.dbo.t",
    "SET XACT_ABORT ON",
    "SET IMPLICIT_TRANSACTIONS ON",
    "SET ROWCOUNT 1",
    "SELECT CAST('x' AS int)",
    "WAITFOR DELAY '00:00:01'",
    "DBCC CHECKDB",
    "'",
    "/*",
    "]",
    ";",
    ")",
    "\u{0}",
];

#[test]
fn no_text_of_a_tenant_brings_the_server_down_or_changes_another_tenant() {
    // A short fuse: what matters is that loops end, not how long they may run.
    let server = server_with(Limits {
        statements_max: 2_000,
        ..Limits::default()
    });
    let mut sa = connect(&server, "sa", "master").expect("sa may connect");
    for text in [
        "CREATE LOGIN l_a WITH PASSWORD = N'Str0ng_pw_1'; CREATE DATABASE t_a; CREATE DATABASE t_b",
        "USE t_b; CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v nvarchar(9)); INSERT dbo.t \
         VALUES (1, N'b')",
        "USE t_a; CREATE USER app FOR LOGIN l_a; CREATE USER u2 WITHOUT LOGIN; CREATE TABLE dbo.t \
         (id int NOT NULL PRIMARY KEY, v nvarchar(9)); INSERT dbo.t VALUES (1, N'a'), (2, N'aa'); \
         GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, ALTER ON SCHEMA::dbo TO app; GRANT CREATE \
         TABLE, CREATE PROCEDURE, CREATE VIEW, CREATE SYNONYM TO app; GRANT IMPERSONATE ON USER::u2 \
         TO app",
        "CREATE PROCEDURE dbo.p AS SELECT v FROM dbo.t",
    ] {
        let answer = run(&mut sa, text);
        assert!(answer.first_error().is_none(), "{text}: {:?}", answer.lines);
    }
    drop(sa);
    let snapshot = server.snapshot();
    let strategy = proptest::collection::vec(select(PIECES), 1..9);
    // The same cases on every machine.
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng).run(&strategy, |pieces| {
        server.restore(&snapshot);
        let mut session = connect(&server, "l_a", "t_a").expect("the tenant may connect");
        for text in [pieces.join("\n"), pieces.join(";\n")] {
            let answer = run(&mut session, &text);
            for message in &answer.messages {
                prop_assert_ne!(message.number, INTERNAL_ERROR, "{}\n{}", text, message);
            }
            if session.is_dead() {
                break;
            }
        }
        drop(session);
        let mut sa = connect(&server, "sa", "t_b").expect("the server is alive");
        let answer = run(&mut sa, "SELECT id, v FROM dbo.t");
        prop_assert_eq!(answer.lines, ["[id | v]", " 1 | b"]);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
