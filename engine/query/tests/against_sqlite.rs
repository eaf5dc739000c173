//! Do joins, subqueries, grouping and set operations answer as SQLite answers?
//!
//! SQLite is a second opinion on what both dialects mean alike: three-valued logic, join kinds,
//! grouping, DISTINCT, set operations over integers and NULL. Order is left open and therefore
//! not compared.

mod support;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rusqlite::Connection;
use rusqlite::types::Value;

use support::Server;

/// A value of a cell.
fn cell() -> impl Strategy<Value = Option<i32>> {
    prop_oneof![1 => Just(None), 4 => (0..4).prop_map(Some)]
}

/// Two small tables of two columns.
fn rows() -> impl Strategy<Value = Vec<(Option<i32>, Option<i32>)>> {
    prop::collection::vec((cell(), cell()), 0..7)
}

/// A column of the FROM clause, or a constant.
fn operand(columns: &'static [&'static str]) -> BoxedStrategy<String> {
    prop_oneof![
        4 => prop::sample::select(columns).prop_map(str::to_owned),
        2 => (0..4).prop_map(|n: i32| n.to_string()),
        1 => prop::sample::select(columns).prop_map(|c| format!("({c} + 1)")),
        1 => Just("(CASE WHEN a.k IS NULL THEN 0 ELSE a.k END)".to_owned()),
    ]
    .boxed()
}

fn condition(columns: &'static [&'static str]) -> BoxedStrategy<String> {
    let comparison = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        4 => (operand(columns), comparison.clone(), operand(columns))
            .prop_map(|(l, op, r)| format!("{l} {op} {r}")),
        1 => operand(columns).prop_map(|o| format!("{o} IS NULL")),
        1 => operand(columns).prop_map(|o| format!("{o} IS NOT NULL")),
        1 => (operand(columns), operand(columns), operand(columns))
            .prop_map(|(o, l, h)| format!("{o} BETWEEN {l} AND {h}")),
        1 => operand(columns).prop_map(|o| format!("{o} IN (1, NULL, 3)")),
        1 => operand(columns).prop_map(|o| format!("{o} NOT IN (0, 2)")),
        1 => operand(columns).prop_map(|o| format!("{o} IN (SELECT w FROM b WHERE w > 0)")),
        1 => operand(columns).prop_map(|o| format!("{o} NOT IN (SELECT k FROM b)")),
        1 => Just("EXISTS (SELECT 1 FROM b AS x WHERE x.k = a.k AND x.w <> 1)".to_owned()),
        1 => Just("(SELECT COUNT(*) FROM b AS x WHERE x.k = a.v) > 1".to_owned()),
        1 => Just("(SELECT MAX(x.w) FROM b AS x WHERE x.k < a.v) = a.k".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} AND {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} OR {r})")),
            inner.prop_map(|c| format!("NOT ({c})")),
        ]
    })
    .boxed()
}

const ONE: &[&str] = &["a.k", "a.v"];
const TWO: &[&str] = &["a.k", "a.v", "b.k", "b.w"];

/// FROM and WHERE over one or both tables, and the columns that they offer.
fn source() -> BoxedStrategy<(String, &'static [&'static str])> {
    let one = condition(ONE).prop_map(|c| (format!("FROM a WHERE {c}"), ONE));
    let joined = (
        prop::sample::select(vec!["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]),
        prop_oneof![
            2 => Just("a.k = b.k".to_owned()),
            1 => condition(TWO),
            1 => condition(TWO).prop_map(|c| format!("a.k = b.k AND {c}")),
        ],
        prop::option::of(condition(TWO)),
    )
        .prop_map(|(kind, on, filter)| {
            let filter = filter.map(|c| format!(" WHERE {c}")).unwrap_or_default();
            (format!("FROM a {kind} b ON {on}{filter}"), TWO)
        });
    let crossed = condition(TWO).prop_map(|c| (format!("FROM a, b WHERE {c}"), TWO));
    let derived = (condition(ONE), condition(TWO)).prop_map(|(inner, outer)| {
        (
            format!(
                "FROM (SELECT k, MAX(v) AS v FROM a WHERE {inner} GROUP BY k) AS a, b WHERE {outer}"
            ),
            TWO,
        )
    });
    prop_oneof![2 => one, 3 => joined, 1 => crossed, 1 => derived].boxed()
}

/// A query of two columns.
fn simple() -> BoxedStrategy<String> {
    source()
        .prop_flat_map(|(from, columns)| {
            let plain = (any::<bool>(), operand(columns), operand(columns)).prop_map({
                let from = from.clone();
                move |(distinct, x, y)| {
                    let distinct = if distinct { "DISTINCT " } else { "" };
                    format!("SELECT {distinct}{x}, {y} {from}")
                }
            });
            let key = prop::sample::select(columns);
            let aggregate = prop::sample::select(vec![
                "COUNT(*)",
                "COUNT(a.v)",
                "SUM(a.v)",
                "MIN(a.v)",
                "MAX(a.k)",
                "COUNT(DISTINCT a.v)",
            ]);
            let having = prop::option::of(prop::sample::select(vec![
                "COUNT(*) > 1",
                "SUM(a.v) >= 3",
                "MIN(a.k) IS NULL",
                "COUNT(DISTINCT a.k) = 1",
            ]));
            let grouped = (key, aggregate.clone(), having).prop_map({
                let from = from.clone();
                move |(key, aggregate, having)| {
                    let having = having.map(|c| format!(" HAVING {c}")).unwrap_or_default();
                    format!("SELECT {key}, {aggregate} {from} GROUP BY {key}{having}")
                }
            });
            let whole = (aggregate.clone(), aggregate)
                .prop_map(move |(x, y)| format!("SELECT {x}, {y} {from}"));
            prop_oneof![3 => plain, 2 => grouped, 1 => whole]
        })
        .boxed()
}

fn query() -> BoxedStrategy<String> {
    let operator = prop::sample::select(vec!["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
    prop_oneof![
        3 => simple(),
        1 => (simple(), operator, simple()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
    ]
    .boxed()
}

fn literal(cell: Option<i32>) -> String {
    cell.map_or("NULL".to_owned(), |n| n.to_string())
}

fn inserts(table: &str, rows: &[(Option<i32>, Option<i32>)]) -> String {
    rows.iter()
        .map(|(x, y)| {
            format!(
                "INSERT INTO {table} VALUES ({}, {});\n",
                literal(*x),
                literal(*y)
            )
        })
        .collect()
}

fn ask_sqlite(setup: &str, query: &str) -> Vec<String> {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection
        .execute_batch(setup)
        .expect("the setup is plain SQL");
    let mut statement = connection.prepare(query).expect("the query is plain SQL");
    let mut found = statement.query([]).expect("the query runs");
    let mut rows = Vec::new();
    while let Some(row) = found.next().expect("the query runs to its end") {
        let cells: Vec<String> = (0..2)
            .map(|i| match row.get::<_, Value>(i).expect("two columns") {
                Value::Null => "NULL".to_owned(),
                Value::Integer(n) => n.to_string(),
                other => panic!("an integer was expected, not {other:?}"),
            })
            .collect();
        rows.push(cells.join("|"));
    }
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_122),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_same_rows_as_sqlite(
        a in rows(),
        b in rows(),
        indexed in any::<bool>(),
        query in query(),
    ) {
        let setup = format!(
            "CREATE TABLE a (k int NULL, v int NULL);\nCREATE TABLE b (k int NULL, w int NULL);\n{}{}{}",
            // With an index, joins and subqueries look rows up instead of scanning.
            if indexed { "CREATE INDEX bk ON b (k);\nCREATE INDEX akv ON a (k, v);\n" } else { "" },
            inserts("a", &a),
            inserts("b", &b),
        );
        let expected = ask_sqlite(&setup, &query);
        let mut server = Server::new();
        server.ok(&setup);
        let mut answer = server.try_run(&query).map_err(|e| TestCaseError::fail(e.to_string()))?;
        answer.sort();
        prop_assert_eq!(answer, expected, "{}{}", setup, query);
    }
}
