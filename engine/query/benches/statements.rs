//! What do single statements cost, parsing aside? Prints microseconds per statement.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "measuring time is the point")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use support::Server;

fn main() {
    let mut server = Server::new();
    server.ok("CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, name nvarchar(50) NOT NULL, amount decimal(10,2) NULL, city varchar(20) NULL, CONSTRAINT ck CHECK (amount < 1000))");
    server.ok("CREATE USER u1 WITHOUT LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.t TO u1");
    for id in 0..20 {
        server.ok(&format!(
            "INSERT dbo.t VALUES ({id}, N'name {id}', {id}.5, 'city')"
        ));
    }
    server.ok("CREATE TABLE dbo.big (id int NOT NULL PRIMARY KEY, n int NULL)");
    server.ok("INSERT dbo.big SELECT value, value % 7 FROM GENERATE_SERIES(1, 1000)");
    server.session.options.step_budget = u64::MAX;
    server.ok("EXECUTE AS USER = 'u1'");
    for (name, statement, rounds) in [
        (
            "point select by key",
            "SELECT id, name, amount FROM dbo.t WHERE id = 7",
            20_000,
        ),
        (
            "scan with predicate",
            "SELECT id FROM dbo.t WHERE name = N'NAME 7'",
            20_000,
        ),
        (
            "update by key",
            "UPDATE dbo.t SET amount = amount + 1 WHERE id = -7",
            20_000,
        ),
        (
            "count and checksum",
            "SELECT COUNT_BIG(*), CHECKSUM_AGG(BINARY_CHECKSUM(*)) FROM dbo.t",
            20_000,
        ),
        ("scalar", "SELECT 1", 20_000),
    ] {
        measure(&mut server, name, statement, rounds);
    }
    server.ok("REVERT");
    for (name, statement, rounds) in [
        (
            "join of 1,000 and 1,000 rows",
            "SELECT COUNT(*) FROM dbo.big a JOIN dbo.big b ON b.id = a.id",
            50,
        ),
        (
            "cross join of 1,000 and 1,000 rows",
            "SELECT COUNT(*) FROM dbo.big a, dbo.big b WHERE a.n + b.n = -1",
            3,
        ),
        (
            "grouping of 1,000 rows",
            "SELECT n, SUM(id) FROM dbo.big GROUP BY n",
            100,
        ),
    ] {
        measure(&mut server, name, statement, rounds);
    }
}

fn measure(server: &mut Server, name: &str, statement: &str, rounds: u32) {
    let batch = tsql::parse_batch(statement).expect("the benchmark's own text");
    let start = Instant::now();
    for _ in 0..rounds {
        server
            .run_parsed(&batch)
            .expect("the benchmark's own statement");
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("{name:<36}{micros:>12.2} µs");
}
