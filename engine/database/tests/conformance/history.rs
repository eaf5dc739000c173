//! Does a history table account for every change? Random transactions run against a temporal
//! table and against a model of a few lines; in the end every version must be the model's, and
//! every moment of the past must look as the model looked then.

use std::collections::{BTreeMap, BTreeSet};

use database::Session;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use values::Value;

use crate::support::{connect, run, server};

/// One statement.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Fails when the key is there.
    Insert(i32, i32),
    /// Every row up to a key.
    Increase(i32),
    Delete(i32),
    /// Updates or inserts.
    Merge(i32, i32),
    /// Gives a row the next key; fails when that is there.
    Move(i32),
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Every statement for itself.
    Autocommit,
    Commit,
    Rollback,
    /// Back to a savepoint in front of the last statement, then COMMIT.
    Savepoint,
}

/// A version of a row, its period counted in transactions.
type Version = (i32, i32, u32, u32);

const OPEN: u32 = u32::MAX;

#[derive(Debug, Clone, Default)]
struct Model {
    /// Key, value and the transaction that wrote it.
    rows: BTreeMap<i32, (i32, u32)>,
    past: Vec<Version>,
}

impl Model {
    fn end(&mut self, key: i32, now: u32) -> Option<i32> {
        let (value, since) = self.rows.remove(&key)?;
        self.past.push((key, value, since, now));
        Some(value)
    }

    fn apply(&mut self, change: Change, now: u32) {
        match change {
            Change::Insert(key, value) => {
                self.rows.entry(key).or_insert((value, now));
            }
            Change::Increase(to) => {
                let keys: Vec<i32> = self.rows.range(..=to).map(|(key, _)| *key).collect();
                for key in keys {
                    if let Some(value) = self.end(key, now) {
                        self.rows.insert(key, (value + 1, now));
                    }
                }
            }
            Change::Delete(key) => {
                self.end(key, now);
            }
            Change::Merge(key, value) => {
                self.end(key, now);
                self.rows.insert(key, (value, now));
            }
            Change::Move(key) => {
                if !self.rows.contains_key(&(key + 1))
                    && let Some(value) = self.end(key, now)
                {
                    self.rows.insert(key + 1, (value, now));
                }
            }
        }
    }

    fn state(&self) -> Vec<(i32, i32)> {
        self.rows
            .iter()
            .map(|(key, (value, _))| (*key, *value))
            .collect()
    }

    /// All versions, those that are open included.
    fn versions(&self) -> Vec<Version> {
        let open = self
            .rows
            .iter()
            .map(|(key, (value, since))| (*key, *value, *since, OPEN));
        self.past.iter().copied().chain(open).collect()
    }
}

impl Change {
    fn sql(self) -> String {
        match self {
            Self::Insert(key, value) => format!("INSERT dbo.t (id, v) VALUES ({key}, {value});"),
            Self::Increase(to) => format!("UPDATE dbo.t SET v = v + 1 WHERE id <= {to};"),
            Self::Delete(key) => format!("DELETE dbo.t WHERE id = {key};"),
            Self::Merge(key, value) => format!(
                "MERGE dbo.t AS t USING (VALUES ({key}, {value})) AS s (id, v) ON t.id = s.id \
                 WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v);"
            ),
            Self::Move(key) => format!("UPDATE dbo.t SET id = id + 1 WHERE id = {key};"),
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(Vec<Change>, End)>> {
    let key = 1..6_i32;
    let change = prop_oneof![
        3 => (key.clone(), 0..100_i32).prop_map(|(key, value)| Change::Insert(key, value)),
        2 => key.clone().prop_map(Change::Increase),
        2 => key.clone().prop_map(Change::Delete),
        2 => (key.clone(), 0..100_i32).prop_map(|(key, value)| Change::Merge(key, value)),
        1 => key.prop_map(Change::Move),
    ];
    let end = prop_oneof![
        Just(End::Autocommit),
        Just(End::Commit),
        Just(End::Rollback),
        Just(End::Savepoint),
    ];
    prop::collection::vec((prop::collection::vec(change, 1..5), end), 1..12)
}

/// Runs one transaction on both sides; every autocommitted statement is one of its own.
fn transact(session: &mut Session, model: &mut Model, now: &mut u32, changes: &[Change], end: End) {
    if end == End::Autocommit {
        for change in changes {
            *now += 1;
            model.apply(*change, *now);
            run(session, &change.sql());
        }
        return;
    }
    *now += 1;
    let before = model.clone();
    let (last, first) = changes
        .split_last()
        .expect("a transaction changes something");
    let mut text = String::from("BEGIN TRAN;\n");
    for change in first {
        text.push_str(&change.sql());
        model.apply(*change, *now);
    }
    match end {
        End::Savepoint => {
            text.push_str("SAVE TRAN here;");
            text.push_str(&last.sql());
            text.push_str("ROLLBACK TRAN here; COMMIT;");
        }
        End::Rollback => {
            text.push_str(&last.sql());
            text.push_str("ROLLBACK;");
            *model = before;
        }
        End::Commit | End::Autocommit => {
            text.push_str(&last.sql());
            text.push_str("COMMIT;");
            model.apply(*last, *now);
        }
    }
    run(session, &text);
}

fn integer(value: &Value) -> i32 {
    match value {
        Value::Int(number) => *number,
        other => panic!("not an integer: {other:?}"),
    }
}

/// Rows of integers.
fn pairs(session: &mut Session, query: &str) -> Vec<(i32, i32)> {
    let answer = run(session, query);
    assert!(
        answer.first_error().is_none(),
        "{query}: {:?}",
        answer.lines
    );
    answer
        .rows
        .iter()
        .map(|row| (integer(&row[0]), integer(&row[1])))
        .collect()
}

/// The versions with their moments replaced by their rank, so that clocks and counts compare.
fn ranked<T: Ord + Copy>(versions: &[(i32, i32, T, T)]) -> Vec<(i32, i32, usize, usize)> {
    let moments: BTreeSet<T> = versions
        .iter()
        .flat_map(|(.., start, end)| [*start, *end])
        .collect();
    let rank = |moment: &T| moments.range(..*moment).count();
    let mut ranked: Vec<_> = versions
        .iter()
        .map(|(key, value, start, end)| (*key, *value, rank(start), rank(end)))
        .collect();
    ranked.sort_unstable();
    ranked
}

fn check(transactions: &[(Vec<Change>, End)]) {
    let server = server();
    let mut session = connect(&server, "sa", "master").expect("sa may connect");
    let made = run(&mut session, TABLE);
    assert!(made.first_error().is_none(), "{:?}", made.lines);
    let mut model = Model::default();
    let mut now = 0;
    let mut moments = Vec::new();
    for (changes, end) in transactions {
        transact(&mut session, &mut model, &mut now, changes, *end);
        let clock = run(&mut session, "SELECT SYSUTCDATETIME()");
        let Value::DateTime2(ticks) = clock.rows[0][0] else {
            panic!("a moment: {:?}", clock.rows);
        };
        moments.push((ticks, model.state()));
    }
    // Every version, with periods that adjoin exactly where the model's do.
    let stored = run(
        &mut session,
        "SELECT id, v, a, b FROM dbo.past UNION ALL SELECT id, v, a, b FROM dbo.t",
    );
    let versions: Vec<(i32, i32, Value, Value)> = stored
        .rows
        .iter()
        .map(|row| {
            (
                integer(&row[0]),
                integer(&row[1]),
                row[2].clone(),
                row[3].clone(),
            )
        })
        .collect();
    let ticks = |value: &Value| match value {
        Value::DateTime2(ticks) => *ticks,
        other => panic!("not a moment: {other:?}"),
    };
    let versions: Vec<(i32, i32, i64, i64)> = versions
        .iter()
        .map(|(key, value, start, end)| (*key, *value, ticks(start), ticks(end)))
        .collect();
    assert_eq!(ranked(&versions), ranked(&model.versions()));
    // ALL shows those that lived.
    let mut lived: Vec<(i32, i32)> = model
        .versions()
        .iter()
        .filter(|(.., start, end)| start < end)
        .map(|(key, value, ..)| (*key, *value))
        .collect();
    lived.sort_unstable();
    let all = "SELECT id, v FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY id, v";
    assert_eq!(pairs(&mut session, all), lived);
    // Every moment looks as it looked.
    for (ticks, state) in moments {
        let query = format!(
            "DECLARE @at datetime2 = DATEADD(microsecond, {}, DATEADD(second, {}, CONVERT(datetime2, '2026-01-01')));
             SELECT id, v FROM dbo.t FOR SYSTEM_TIME AS OF @at ORDER BY id",
            ticks % 10_000_000 / 10,
            (ticks - 739_616 * 864_000_000_000) / 10_000_000,
        );
        assert_eq!(pairs(&mut session, &query), state, "as of {ticks}");
    }
}

/// A temporal table in `master`.
const TABLE: &str = "CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v int NOT NULL,
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN, b datetime2 GENERATED ALWAYS AS ROW END HIDDEN,
    PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.past));";

#[test]
fn what_follows_a_restore_repeats_to_the_last_digit() {
    let server = server();
    let mut session = connect(&server, "sa", "master").expect("sa may connect");
    run(&mut session, TABLE);
    run(&mut session, "INSERT dbo.t (id, v) VALUES (1, 1)");
    // A transaction that is open when the server is restored is forgotten, with its beginning.
    run(&mut session, "BEGIN TRAN; UPDATE dbo.t SET v = 2;");
    run(&mut session, "ROLLBACK");
    let snapshot = server.snapshot();
    let mut play = || {
        run(
            &mut session,
            "UPDATE dbo.t SET v = 3; BEGIN TRAN; DELETE dbo.t; COMMIT;",
        );
        run(
            &mut session,
            "INSERT dbo.t (id, v) VALUES (2, 2); BEGIN TRAN; UPDATE dbo.t SET v = 4;",
        );
        let answer = run(
            &mut session,
            "SELECT id, v, a, b FROM dbo.past UNION ALL SELECT id, v, a, b FROM dbo.t ORDER BY id, a, b",
        );
        assert!(answer.first_error().is_none(), "{:?}", answer.lines);
        server.restore(&snapshot);
        answer.lines
    };
    let first = play();
    assert_eq!(first.len(), 5, "{first:?}");
    assert_eq!(first, play());
}

proptest! {
    // A failure prints its input, which is short enough to be read.
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_127),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_version_is_the_models_and_every_moment_looks_as_it_looked(transactions in changes()) {
        check(&transactions);
    }
}
