//! Is a table under a security policy to its readers what it would be without the hidden rows?
//!
//! Two servers hold the same tables. On one a policy hides rows; on the other the rows that the
//! test itself finds hidden were never inserted. Every statement must answer alike on both, value
//! by value and message by message, must leave the same visible rows behind, and must not touch a
//! hidden one. What is hidden is decided here by a function of its own, not by the engine.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::{Recorder, connect, run, server};
use database::Session;
use values::Value;

/// One row of a table: id, organisation, value.
type Row = (i32, Option<i32>, Option<i32>);

/// A rule in T-SQL, and the same rule again: organisation of the session, organisation and value
/// of the row.
struct Rule {
    condition: &'static str,
    admits: fn(i32, Option<i32>, Option<i32>) -> bool,
}

/// Which organisations each one may also see, for the rule that looks into a table.
const FRIENDS: [(i32, i32); 4] = [(1, 1), (1, 3), (2, 2), (3, 1)];

const RULES: [Rule; 6] = [
    Rule {
        condition: "WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int)",
        admits: |own, org, _| org == Some(own),
    },
    Rule {
        condition: "WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int) OR @org IS NULL",
        admits: |own, org, _| org.is_none_or(|org| org == own),
    },
    Rule {
        condition: "WHERE @v > CAST(SESSION_CONTEXT(N'org') AS int)",
        admits: |own, _, v| v.is_some_and(|v| v > own),
    },
    Rule {
        condition: "FROM dbo.friends AS f WHERE f.own = CAST(SESSION_CONTEXT(N'org') AS int) AND f.org = @org",
        admits: |own, org, _| org.is_some_and(|org| FRIENDS.contains(&(own, org))),
    },
    Rule {
        // Twice as many rows of the function admit a row once.
        condition: "FROM dbo.friends AS f WHERE f.own = @org OR @org = CAST(SESSION_CONTEXT(N'org') AS int)",
        admits: |own, org, _| {
            org.is_some_and(|org| org == own || FRIENDS.iter().any(|(of, _)| *of == org))
        },
    },
    Rule {
        condition: "WHERE NOT (@org <> CAST(SESSION_CONTEXT(N'org') AS int) AND @v = 1)",
        admits: |own, org, v| {
            // NOT (unknown) is unknown: only a part that is false settles it.
            org.is_some_and(|org| org == own) || v.is_some_and(|v| v != 1)
        },
    },
];

fn cell() -> impl Strategy<Value = Option<i32>> {
    prop_oneof![1 => Just(None), 5 => (0..4).prop_map(Some)]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((cell(), cell()), 0..7).prop_map(|rows| {
        rows.into_iter()
            .zip(1..)
            .map(|((org, v), id)| (id, org, v))
            .collect()
    })
}

/// A condition over `x`; some of them raise an error for some rows.
fn condition() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("1 = 1".to_owned()),
        (0..5).prop_map(|n| format!("x.v = {n}")),
        (0..5).prop_map(|n| format!("x.org = {n}")),
        (1..7).prop_map(|n| format!("x.id = {n}")),
        (0..4).prop_map(|n| format!("12 / (x.v - {n}) > 0")),
        (0..4)
            .prop_map(|n| format!("CAST(CASE WHEN x.org = {n} THEN 'no' ELSE '1' END AS int) = 1")),
        Just("x.v IS NULL".to_owned()),
        Just("EXISTS (SELECT 1 FROM dbo.b AS y WHERE y.org = x.org AND y.v <> x.v)".to_owned()),
        Just("x.id NOT IN (SELECT y.v FROM dbo.b AS y WHERE y.v IS NOT NULL)".to_owned()),
        Just("x.v = (SELECT MAX(y.v) FROM dbo.a AS y)".to_owned()),
        Just("x.v >= ALL (SELECT y.v FROM dbo.b AS y WHERE y.org = 1)".to_owned()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} AND {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} OR {r})")),
            inner.prop_map(|c| format!("NOT ({c})")),
        ]
    })
    .boxed()
}

fn statement() -> BoxedStrategy<String> {
    let reads = prop::sample::select(vec![
        "SELECT x.id, x.org, x.v FROM dbo.a AS x WHERE {c}",
        "SELECT COUNT(*) AS n FROM dbo.a AS x",
        "SELECT COUNT(*) AS n, SUM(x.v) AS s, MIN(x.org) AS m FROM dbo.a AS x WHERE {c}",
        "SELECT CHECKSUM_AGG(BINARY_CHECKSUM(*)) AS c FROM dbo.a",
        "SELECT x.org, COUNT(*) AS n FROM dbo.a AS x WHERE {c} GROUP BY x.org HAVING COUNT(*) > 0",
        "SELECT x.id, y.id AS other FROM dbo.a AS x JOIN dbo.b AS y ON y.org = x.org WHERE {c}",
        "SELECT x.id, y.id AS other FROM dbo.a AS x LEFT JOIN dbo.b AS y ON y.v = x.v AND {c}",
        "SELECT x.id, y.id AS other FROM dbo.b AS y RIGHT JOIN dbo.a AS x ON y.id = x.id WHERE {c}",
        "SELECT x.id, y.id AS other FROM dbo.a AS x FULL JOIN dbo.b AS y ON y.id = x.id",
        "SELECT x.id, (SELECT COUNT(*) FROM dbo.b AS y WHERE y.org = x.org) AS n FROM dbo.a AS x WHERE {c}",
        "SELECT x.id, z.v FROM dbo.a AS x CROSS APPLY (SELECT y.v FROM dbo.b AS y WHERE y.org = x.org) AS z WHERE {c}",
        "SELECT x.id, z.v FROM dbo.a AS x OUTER APPLY dbo.of_org(x.org) AS z WHERE {c}",
        "SELECT x.id FROM dbo.view_a AS x WHERE {c}",
        "SELECT x.id FROM dbo.listed() AS x",
        "SELECT dbo.total() AS total",
        "EXEC dbo.reads",
        "EXEC ('SELECT id FROM dbo.a')",
        "WITH c AS (SELECT id, org, v FROM dbo.a) SELECT x.id FROM c AS x WHERE {c}",
        "SELECT x.id, ROW_NUMBER() OVER (ORDER BY x.id) AS place, SUM(x.v) OVER (PARTITION BY x.org) AS s FROM dbo.a AS x WHERE {c}",
        "SELECT TOP (2) x.id FROM dbo.a AS x WHERE {c} ORDER BY x.v, x.id",
        "SELECT x.v FROM dbo.a AS x WHERE {c} UNION SELECT y.v FROM dbo.b AS y",
        "SELECT x.v FROM dbo.a AS x WHERE {c} EXCEPT SELECT y.v FROM dbo.b AS y",
        "SELECT DISTINCT x.org FROM dbo.a AS x WHERE {c}",
        "SELECT x.id, x.v FROM dbo.a AS x WHERE {c} ORDER BY x.id FOR JSON PATH",
        "DECLARE @n int; SELECT @n = COUNT(*) FROM dbo.a AS x WHERE {c}; SELECT @n AS n",
        "IF EXISTS (SELECT 1 FROM dbo.a AS x WHERE {c}) SELECT 1 AS found ELSE SELECT 0 AS found",
        "SELECT x.id, x.v INTO #copy FROM dbo.a AS x WHERE {c}; SELECT id, v FROM #copy",
    ]);
    let writes = prop::sample::select(vec![
        "UPDATE x SET v = x.v + 1 OUTPUT deleted.id, deleted.v, inserted.v AS new FROM dbo.a AS x WHERE {c}",
        "UPDATE dbo.a SET v = 0",
        "UPDATE x SET v = y.v FROM dbo.a AS x JOIN dbo.b AS y ON y.org = x.org WHERE {c}",
        "UPDATE x SET v = 9 FROM dbo.view_a AS x WHERE {c}",
        "DELETE x OUTPUT deleted.id FROM dbo.a AS x WHERE {c}",
        "DELETE dbo.a",
        "DELETE x FROM dbo.a AS x JOIN dbo.b AS y ON y.v = x.v WHERE {c}",
        "INSERT dbo.c SELECT x.id, x.org, x.v FROM dbo.a AS x WHERE {c}",
        "MERGE dbo.a AS x USING dbo.b AS y ON x.id = y.id WHEN MATCHED THEN UPDATE SET v = y.v WHEN NOT MATCHED BY SOURCE THEN DELETE OUTPUT $action AS act, deleted.id;",
        "MERGE dbo.a AS x USING dbo.b AS y ON x.id = y.id AND {c} WHEN MATCHED THEN DELETE;",
        "MERGE dbo.c AS z USING (SELECT x.id, x.org, x.v FROM dbo.a AS x WHERE {c}) AS s ON z.id = s.id WHEN NOT MATCHED THEN INSERT (id, org, v) VALUES (s.id, s.org, s.v);",
        "INSERT dbo.c SELECT TOP (1) x.id, x.org, x.v FROM dbo.a AS x ORDER BY x.id; SELECT n FROM dbo.counted",
        "SET ROWCOUNT 1; DELETE x FROM dbo.a AS x WHERE {c}; SET ROWCOUNT 0",
    ]);
    (prop_oneof![3 => reads, 2 => writes], condition())
        .prop_map(|(shape, condition)| shape.replace("{c}", &condition))
        .boxed()
}

/// A database with the tables, the given rows in `a` and `b`, and everything that reads them.
fn world(session: &mut Session, rule: &Rule, a: &[Row], b: &[Row], indexed: bool) {
    let mut script = String::from(
        "CREATE DATABASE w;\nGO\nUSE w;\n\
         CREATE TABLE dbo.a (id int NOT NULL PRIMARY KEY, org int NULL, v int NULL);\n\
         CREATE TABLE dbo.b (id int NOT NULL PRIMARY KEY, org int NULL, v int NULL);\n\
         CREATE TABLE dbo.c (id int NOT NULL, org int NULL, v int NULL);\n\
         CREATE TABLE dbo.counted (n int NULL);\n\
         CREATE TABLE dbo.friends (own int NOT NULL, org int NOT NULL);\nGO\n\
         CREATE VIEW dbo.view_a AS SELECT id, org, v FROM dbo.a;\nGO\n\
         CREATE FUNCTION dbo.of_org(@o int) RETURNS TABLE AS RETURN (SELECT id, v FROM dbo.b WHERE org = @o);\nGO\n\
         CREATE FUNCTION dbo.listed() RETURNS @r TABLE (id int) AS BEGIN INSERT @r SELECT id FROM dbo.a; RETURN END;\nGO\n\
         CREATE FUNCTION dbo.total() RETURNS int AS BEGIN RETURN (SELECT SUM(v) FROM dbo.a) END;\nGO\n\
         CREATE PROCEDURE dbo.reads WITH EXECUTE AS OWNER AS SELECT id, v FROM dbo.a;\nGO\n\
         CREATE TRIGGER dbo.counts ON dbo.c AFTER INSERT AS INSERT dbo.counted SELECT COUNT(*) FROM dbo.a;\nGO\n",
    );
    if indexed {
        script.push_str(
            "CREATE INDEX ix_a ON dbo.a (org);\nCREATE INDEX ix_b ON dbo.b (org, v);\nGO\n",
        );
    }
    script.push_str(&format!(
        "CREATE FUNCTION dbo.rule_of(@org int, @v int) RETURNS TABLE WITH SCHEMABINDING AS RETURN (SELECT 1 AS ok {});\nGO\n",
        rule.condition
    ));
    for (own, org) in FRIENDS {
        script.push_str(&format!("INSERT dbo.friends VALUES ({own}, {org});\n"));
    }
    let text = |value: Option<i32>| value.map_or("NULL".to_owned(), |value| value.to_string());
    for (table, rows) in [("a", a), ("b", b)] {
        for (id, org, v) in rows {
            script.push_str(&format!(
                "INSERT dbo.{table} VALUES ({id}, {}, {});\n",
                text(*org),
                text(*v)
            ));
        }
    }
    for batch in tsql::split_batches(&script) {
        let answer = run(session, &batch.text);
        assert!(answer.first_error().is_none(), "{:?}", answer.lines);
    }
}

/// What was seen: rows, and the numbers of the errors. Texts differ, because a statement under a
/// policy shows no values.
fn seen(answer: &Recorder) -> (Vec<Vec<Value>>, Vec<i32>) {
    let numbers = answer
        .messages
        .iter()
        .filter(|message| message.severity > 10)
        .map(|message| message.number)
        .collect();
    (answer.rows.clone(), numbers)
}

fn table(session: &mut Session, name: &str) -> Vec<Vec<Value>> {
    let answer = run(
        session,
        &format!("SELECT id, org, v FROM dbo.{name} ORDER BY id"),
    );
    assert!(answer.first_error().is_none(), "{:?}", answer.lines);
    answer.rows
}

fn numbers(row: &[Value]) -> (Option<i32>, Option<i32>) {
    let number = |value: &Value| match value {
        Value::Int(value) => Some(*value),
        _ => None,
    };
    (number(&row[1]), number(&row[2]))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        rng_seed: RngSeed::Fixed(33504),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_guarded_table_is_the_table_without_its_hidden_rows(
        a in rows(),
        b in rows(),
        rule in 0..RULES.len(),
        statements in prop::collection::vec(statement(), 1..5),
        indexed in any::<bool>(),
    ) {
        let rule = &RULES[rule];
        for own in [1, 2] {
            let context = format!("EXEC sp_set_session_context N'org', {own}, 1");
            let visible = |rows: &[Row]| -> Vec<Row> {
                rows.iter()
                    .copied()
                    .filter(|(_, org, v)| (rule.admits)(own, *org, *v))
                    .collect()
            };
            let guarded_server = server();
            let mut guarded = connect(&guarded_server, "sa", "master").expect("sa may connect");
            world(&mut guarded, rule, &a, &b, indexed);
            let policy = "CREATE SECURITY POLICY dbo.p \
                 ADD FILTER PREDICATE dbo.rule_of(org, v) ON dbo.a, \
                 ADD FILTER PREDICATE dbo.rule_of(org, v) ON dbo.b";
            prop_assert!(run(&mut guarded, policy).first_error().is_none());
            run(&mut guarded, &context);
            let plain_server = server();
            let mut plain = connect(&plain_server, "sa", "master").expect("sa may connect");
            world(&mut plain, rule, &visible(&a), &visible(&b), indexed);
            run(&mut plain, &context);

            for statement in &statements {
                let under_policy = run(&mut guarded, statement);
                let by_hand = run(&mut plain, statement);
                prop_assert_eq!(
                    seen(&under_policy),
                    seen(&by_hand),
                    "{} as {}: {:?} against {:?}",
                    statement, own, under_policy.lines, by_hand.lines
                );
                // What an update hides from its author is gone for the next statement.
                let left: Vec<Vec<Value>> = table(&mut plain, "a")
                    .into_iter()
                    .filter(|row| {
                        let (org, v) = numbers(row);
                        (rule.admits)(own, org, v)
                    })
                    .collect();
                prop_assert_eq!(table(&mut guarded, "a"), left, "{} as {}", statement, own);
                prop_assert_eq!(table(&mut guarded, "c"), table(&mut plain, "c"), "{}", statement);
                run(
                    &mut plain,
                    "DELETE x FROM dbo.a AS x WHERE NOT EXISTS (SELECT 1 FROM dbo.rule_of(x.org, x.v) AS f)",
                );
            }
            run(&mut guarded, "ALTER SECURITY POLICY dbo.p WITH (STATE = OFF)");
            let all = table(&mut guarded, "a");
            for (id, org, v) in a.iter().filter(|(_, org, v)| !(rule.admits)(own, *org, *v)) {
                let hidden = [
                    Value::Int(*id),
                    org.map_or(Value::Null, Value::Int),
                    v.map_or(Value::Null, Value::Int),
                ];
                prop_assert!(
                    all.iter().any(|row| row[..] == hidden),
                    "row {id} was hidden from {own} and is changed: {statements:?}"
                );
            }
        }
    }

    #[test]
    fn a_block_predicate_lets_no_row_pass_that_its_rule_refuses(
        a in rows(),
        rule in 0..RULES.len(),
        writes in prop::collection::vec(
            prop_oneof![
                (cell(), cell()).prop_map(|(org, v)| format!(
                    "INSERT dbo.a SELECT COALESCE(MAX(id), 0) + 1, {}, {} FROM dbo.b_ids",
                    org.map_or("NULL".to_owned(), |it| it.to_string()),
                    v.map_or("NULL".to_owned(), |it| it.to_string()),
                )),
                (cell(), condition()).prop_map(|(org, c)| format!(
                    "UPDATE x SET org = {} FROM dbo.a AS x WHERE {c}",
                    org.map_or("NULL".to_owned(), |it| it.to_string()),
                )),
                condition().prop_map(|c| format!("UPDATE x SET v = x.v + 1 FROM dbo.a AS x WHERE {c}")),
                condition().prop_map(|c| format!("DELETE x FROM dbo.a AS x WHERE {c}")),
            ],
            1..6,
        ),
    ) {
        let rule = &RULES[rule];
        let own = 1;
        let server = server();
        let mut session = connect(&server, "sa", "master").expect("sa may connect");
        world(&mut session, rule, &a, &[], false);
        run(&mut session, "CREATE VIEW dbo.b_ids AS SELECT id FROM dbo.a");
        run(&mut session, "EXEC sp_set_session_context N'org', 1, 1");
        let policy = "CREATE SECURITY POLICY dbo.p ADD BLOCK PREDICATE dbo.rule_of(org, v) ON dbo.a";
        prop_assert!(run(&mut session, policy).first_error().is_none());
        for write in &writes {
            let before = table(&mut session, "a");
            let answer = run(&mut session, write);
            let after = table(&mut session, "a");
            let refused = answer.first_error().map(|error| error.number);
            if refused.is_some() {
                prop_assert_eq!(&before, &after, "{}: refused, and yet it changed rows", write);
            }
            // Every row that changed, in its old and in its new state, satisfies the rule.
            let changed = before
                .iter()
                .filter(|row| !after.contains(row))
                .chain(after.iter().filter(|row| !before.contains(row)));
            for row in changed {
                let (org, v) = numbers(row);
                prop_assert!(
                    (rule.admits)(own, org, v),
                    "{}: {:?} should have been refused, {:?}", write, row, answer.lines
                );
            }
        }
    }
}
