//! What a server says was touched names everything that differs: the harness looks nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use database::{Server, Touched};

use crate::support::{connect, run, server};

/// What one batch of the administrator touches, from a clean state.
fn touched_by(server: &Server, batch: &str) -> BTreeMap<String, Touched> {
    let clean = server.snapshot();
    let mut sa = connect(server, "sa", "t_a").expect("sa may connect");
    let answer = run(&mut sa, batch);
    assert!(
        answer.first_error().is_none(),
        "{batch}: {:?}",
        answer.lines
    );
    drop(sa);
    let touched = server.touched_since(&clean);
    server.restore(&clean);
    assert_eq!(server.touched_since(&clean), BTreeMap::new(), "{batch}");
    touched
}

fn contents(names: &[&str]) -> Touched {
    Touched::Contents(
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>(),
    )
}

#[test]
fn rows_touch_tables_and_everything_else_the_catalog() {
    let server = server();
    let mut sa = connect(&server, "sa", "master").expect("sa may connect");
    for batch in [
        "CREATE DATABASE t_a; CREATE DATABASE t_b",
        "USE t_b; CREATE TABLE dbo.b (id int NOT NULL PRIMARY KEY)",
        "USE t_a; EXEC (N'CREATE SCHEMA s')",
        "USE t_a; CREATE TABLE dbo.log (id int IDENTITY, v nvarchar(9)); CREATE TABLE s.t (id int \
         NOT NULL PRIMARY KEY, v nvarchar(9)); CREATE SEQUENCE dbo.q START WITH 1",
        "CREATE TRIGGER s.also ON s.t AFTER INSERT AS INSERT dbo.log (v) SELECT v FROM inserted",
    ] {
        let answer = run(&mut sa, batch);
        assert!(
            answer.first_error().is_none(),
            "{batch}: {:?}",
            answer.lines
        );
    }
    drop(sa);

    for (batch, database, expected) in [
        (
            "INSERT dbo.log (v) VALUES (N'x')",
            "t_a",
            contents(&["dbo.log"]),
        ),
        (
            "INSERT s.t VALUES (1, N'x')",
            "t_a",
            contents(&["dbo.log", "s.t"]),
        ),
        ("INSERT t_b.dbo.b VALUES (1)", "t_b", contents(&["dbo.b"])),
        (
            "DECLARE @next int = NEXT VALUE FOR dbo.q",
            "t_a",
            contents(&["dbo.q"]),
        ),
    ] {
        let only = BTreeMap::from([(database.to_owned(), expected)]);
        assert_eq!(touched_by(&server, batch), only, "{batch}");
    }
    for batch in [
        "CREATE TABLE dbo.more (id int)",
        "DROP TABLE s.t",
        "ALTER TABLE s.t ADD w int NULL",
        "DISABLE TRIGGER s.also ON s.t",
        "CREATE USER u WITHOUT LOGIN",
        "GRANT SELECT ON dbo.log TO public",
        "ALTER DATABASE t_a SET TRUSTWORTHY ON",
    ] {
        let touched = touched_by(&server, batch);
        assert_eq!(touched.get("t_a"), Some(&Touched::Everything), "{batch}");
        // The server's own catalog shows databases with their options.
        assert_eq!(touched.get(""), Some(&Touched::Everything), "{batch}");
        assert_eq!(touched.get("t_b"), None, "{batch}");
    }
    let touched = touched_by(&server, "DROP DATABASE t_b");
    assert_eq!(touched.get("t_b"), Some(&Touched::Everything));
    let touched = touched_by(&server, "CREATE LOGIN l WITH PASSWORD = N'Str0ng_pw_1'");
    assert_eq!(touched.get(""), Some(&Touched::Everything));
}
