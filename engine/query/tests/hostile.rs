//! Text that is made to hurt: everything ends, with rows or with an error, on a thread with an
//! ordinary stack.

mod support;

use support::Server;

/// The number of the error, or `ok`.
fn outcome(server: &mut Server, script: &str) -> String {
    match server.try_run(script) {
        Ok(_) => "ok".to_owned(),
        Err(errors) => errors.first().number.to_string(),
    }
}

fn nested(open: &str, core: &str, close: &str, depth: usize) -> String {
    format!("{}{core}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn depth_and_length_end_with_an_answer() {
    let mut server = Server::new();
    server.ok("CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY); INSERT dbo.t VALUES (1), (2)");
    for depth in [5, 20, 50, 58, 200, 1000] {
        let scripts = [
            format!("SELECT {}", nested("(", "1", ")", depth)),
            format!("SELECT {}", nested("ABS(", "1", ")", depth)),
            format!(
                "SELECT {}",
                nested("CASE WHEN 1 = 1 THEN ", "1", " END", depth)
            ),
            format!("SELECT {}", nested("(SELECT ", "1", ")", depth)),
            format!("SELECT 1 WHERE {}", nested("NOT (", "1 = 1", ")", depth)),
            format!(
                "SELECT 1 WHERE {}",
                nested("EXISTS (SELECT 1 WHERE ", "1 = 1", ")", depth)
            ),
            format!(
                "SELECT * FROM {}",
                nested("(SELECT * FROM ", "dbo.t", " AS x) AS x", depth)
            ),
            format!(
                "SELECT * FROM {}",
                nested("(dbo.t AS a CROSS JOIN ", "dbo.t AS z", ")", depth)
            ),
            format!(
                "SELECT COUNT(*) FROM dbo.t AS t0{}",
                (1..=depth).fold(String::new(), |text, i| format!(
                    "{text}, (SELECT 1 AS n) AS t{i}"
                ))
            ),
            format!("SELECT 1{}", " + 1".repeat(depth)),
            format!("SELECT 1 WHERE 1 = 1{}", " OR 1 = 1".repeat(depth)),
            format!("SELECT 1 WHERE 1 IN (1{})", ", 1".repeat(depth)),
            format!(
                "SELECT id FROM dbo.t{}",
                " UNION ALL SELECT id FROM dbo.t".repeat(depth)
            ),
            format!("SELECT id FROM dbo.t{}", " EXCEPT SELECT 9".repeat(depth)),
            format!("INSERT dbo.t VALUES (1){}", ", (1)".repeat(depth)),
        ];
        for script in scripts {
            let outcome = outcome(&mut server, &script);
            let known = [
                "ok",
                "191",
                "8631",
                "1011",
                "1013",
                "2627",
                "2000000001",
                "102",
                "156",
                "106",
            ];
            assert!(
                known.contains(&outcome.as_str()),
                "{outcome}: {:.80}",
                script
            );
        }
    }
}

#[test]
fn views_over_views_end_at_the_server_s_limit() {
    let mut server = Server::new();
    server.ok("CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY); INSERT dbo.t VALUES (1)");
    server.ok("CREATE VIEW dbo.v0 AS SELECT id FROM dbo.t");
    for level in 1..=31 {
        server.ok(&format!(
            "CREATE VIEW dbo.v{level} AS SELECT id FROM dbo.v{}",
            level - 1
        ));
    }
    assert_eq!(server.answer("SELECT id FROM dbo.v31"), "1");
    assert_eq!(
        server.answer("UPDATE dbo.v31 SET id = 2; SELECT id FROM dbo.t"),
        "2"
    );
    server.ok("ALTER VIEW dbo.v0 AS SELECT id FROM dbo.v1");
    assert_eq!(server.answer("SELECT id FROM dbo.v31"), "!217");
    assert_eq!(server.answer("DELETE dbo.v31"), "!217");
}

#[test]
fn values_that_grow_are_stopped() {
    let mut server = Server::new();
    let long = |n: u32| format!("REPLICATE(CAST('x' AS varchar(max)), {n})");
    for script in [
        format!("SELECT LEN({} + {})", long(40_000_000), long(40_000_000)),
        format!("SELECT LEN({})", long(2_000_000_000)),
        format!(
            "SELECT LEN(REPLACE({}, 'x', {}))",
            long(1_000_000),
            long(1_000_000)
        ),
        format!(
            "SELECT CHARINDEX({} + 'y', {})",
            long(1_000_000),
            long(2_000_000)
        ),
        format!(
            "SELECT 1 WHERE {} LIKE {} + 'y'",
            long(2_000_000),
            long(1_000_000)
        ),
        format!(
            "SELECT MAX(t) FROM (SELECT TOP 1000 {} AS t FROM GENERATE_SERIES(1, 1000) ORDER BY value) x",
            long(4_000_000)
        ),
    ] {
        assert_eq!(outcome(&mut server, &script), "2000000001", "{script}");
    }
}
