//! Whatever is done can be taken back, and indexes, counts and checksums stay true on the way.

mod server;

use std::sync::Arc;

use catalog::{Instance, Mark, Row, RowId, row_checksum};
use proptest::prelude::*;
use server::{Session, fixture};
use values::Value;

#[derive(Debug, Clone)]
enum Step {
    Insert(i32, i32),
    Update(usize, i32, i32),
    ShiftAll(i32),
    Delete(usize),
    Define(usize),
}

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE dbo.x(id int PRIMARY KEY, n int UNIQUE)",
    "DROP TABLE IF EXISTS dbo.x",
    "ALTER TABLE dbo.t ADD c int NULL",
    "ALTER TABLE dbo.t DROP COLUMN c",
    "CREATE INDEX ix ON dbo.t(a, b)",
    "DROP INDEX ix ON dbo.t",
    "CREATE USER u3 WITHOUT LOGIN",
    "DROP USER u3",
    "CREATE ROLE r3",
    "ALTER ROLE r3 ADD MEMBER u1",
    "GRANT SELECT, UPDATE (a) ON dbo.t TO u1",
    "DENY SELECT ON SCHEMA::dbo TO u1",
    "REVOKE SELECT ON dbo.t FROM u1",
    "ALTER SCHEMA s1 TRANSFER dbo.t",
    "ALTER SCHEMA dbo TRANSFER s1.t",
    "ALTER AUTHORIZATION ON dbo.t TO u2",
    "TRUNCATE TABLE dbo.t",
    "ALTER DATABASE t_a SET TRUSTWORTHY ON",
    "CREATE LOGIN l3 WITH PASSWORD = N'Str0ng_pw_3'",
    "ALTER SERVER ROLE sysadmin ADD MEMBER l3",
    "DROP LOGIN l3",
    "CREATE DATABASE t_c",
    "DROP DATABASE t_c",
    "CREATE SEQUENCE dbo.sq START WITH 1",
    "CREATE TABLE #tmp(id int)",
    "DROP TABLE #tmp",
    "CREATE VIEW dbo.v AS SELECT id FROM dbo.t",
    "DROP VIEW dbo.v",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..20_i32, 0..5_i32).prop_map(|(id, a)| Step::Insert(id, a)),
        3 => (0..30_usize, 0..20_i32, 0..5_i32).prop_map(|(at, id, a)| Step::Update(at, id, a)),
        1 => (-2..3_i32).prop_map(Step::ShiftAll),
        2 => (0..30_usize).prop_map(Step::Delete),
        3 => (0..DEFINITIONS.len()).prop_map(Step::Define),
    ]
}

/// Finds `t` wherever it was transferred to.
fn table(instance: &Instance, session: &Session) -> Option<catalog::ObjectId> {
    let database = instance.entered(session.database);
    ["dbo", "s1"].into_iter().find_map(|schema| {
        let schema = database.schema_named(schema)?;
        database
            .object_named(schema.id, "t")
            .map(|object| object.id)
    })
}

/// A row of `t` as it is defined now.
fn row(instance: &Instance, session: &Session, table: catalog::ObjectId, id: i32, a: i32) -> Row {
    let width = instance
        .entered(session.database)
        .table(table)
        .expect("t is a table")
        .columns
        .len();
    let mut values = vec![Value::Null; width];
    values[0] = Value::Int(id);
    if width > 1 {
        values[1] = Value::Int(a);
    }
    Row::from(values)
}

fn carry_out(instance: &mut Instance, session: &mut Session, step: &Step) {
    let mark = session.undo.mark();
    let database = session.database;
    let outcome = match (step, table(instance, session)) {
        (Step::Define(at), _) => session
            .run(instance, DEFINITIONS[*at])
            .map_err(|errors| errors.first().clone()),
        (_, None) => Ok(()),
        (Step::Insert(id, a), Some(table)) => {
            let row = row(instance, session, table, *id, *a);
            instance
                .insert_rows(database, table, [row], &mut session.undo)
                .map(|_| ())
        }
        (Step::Update(at, id, a), Some(table)) => match nth(instance, session, table, *at) {
            None => Ok(()),
            Some(old) => {
                let row = row(instance, session, table, *id, *a);
                instance.update_rows(database, table, vec![(old, row)], &mut session.undo)
            }
        },
        (Step::ShiftAll(by), Some(table)) => {
            let shifted: Vec<(RowId, Row)> = data(instance, session, table)
                .scan()
                .map(|(id, row)| {
                    let mut row = row.to_vec();
                    if let Value::Int(number) = &mut row[0] {
                        *number += by;
                    }
                    (id, Row::from(row))
                })
                .collect();
            // Every key moves to one that another row has just left: no collision.
            instance.update_rows(database, table, shifted, &mut session.undo)
        }
        (Step::Delete(at), Some(table)) => {
            if let Some(id) = nth(instance, session, table, *at) {
                instance.delete_rows(database, table, &[id], &mut session.undo);
            }
            Ok(())
        }
    };
    if outcome.is_err() {
        session.undo.rollback_to(mark, instance);
    }
}

fn data(
    instance: &Instance,
    session: &Session,
    table: catalog::ObjectId,
) -> Arc<catalog::TableData> {
    Arc::clone(
        instance
            .entered(session.database)
            .data(table)
            .expect("a table has rows"),
    )
}

fn nth(
    instance: &Instance,
    session: &Session,
    table: catalog::ObjectId,
    at: usize,
) -> Option<RowId> {
    let data = data(instance, session, table);
    let all: Vec<RowId> = data.scan().map(|(id, _)| id).collect();
    if all.is_empty() {
        None
    } else {
        Some(all[at % all.len()])
    }
}

/// The kept checksum and indexes agree with the rows.
fn consistent(instance: &Instance, session: &Session) {
    let Some(id) = table(instance, session) else {
        return;
    };
    let definition = instance
        .entered(session.database)
        .table(id)
        .expect("t is a table")
        .clone();
    let data = data(instance, session, id);
    let rows: Vec<(RowId, Row)> = data.scan().map(|(id, row)| (id, Arc::clone(row))).collect();
    assert_eq!(rows.len(), data.len());
    assert_eq!(
        data.checksum(),
        rows.iter().fold(0, |sum, (_, row)| sum ^ row_checksum(row))
    );
    for index in &definition.indexes {
        for (id, row) in &rows {
            let key: Vec<Value> = index
                .key
                .iter()
                .map(|(column, _)| {
                    row[definition.position(*column).expect("its own column")].clone()
                })
                .collect();
            let found = data.find(index.id, &key).expect("the index is there");
            assert!(found.contains(id), "{} finds {key:?}", index.name);
        }
    }
    // A clustered key gives the order.
    let keys: Vec<_> = rows
        .iter()
        .map(|(_, row)| format!("{:>12}", row[0].to_string()))
        .collect();
    if definition.primary_key().is_some() {
        let numbers: Vec<i32> = keys
            .iter()
            .map(|key| key.trim().parse().expect("a number"))
            .collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn rollback_brings_back_every_savepoint(
        before in proptest::collection::vec(step(), 0..12),
        middle in proptest::collection::vec(step(), 0..12),
        after in proptest::collection::vec(step(), 0..12),
    ) {
        let mut instance = fixture();
        let start = instance.clone();
        let mut session = Session::of(&instance, "sysadmin");
        let mut marks = Vec::new();
        for part in [before, middle, after] {
            marks.push((session.undo.mark(), instance.clone()));
            for step in &part {
                carry_out(&mut instance, &mut session, step);
                consistent(&instance, &session);
            }
        }
        for (mark, snapshot) in marks.into_iter().rev() {
            session.undo.rollback_to(mark, &mut instance);
            consistent(&instance, &session);
            prop_assert!(instance == snapshot);
        }
        session.undo.rollback_to(Mark::START, &mut instance);
        prop_assert!(instance == start);
    }
}

#[test]
fn what_another_session_did_survives_a_rollback() {
    let mut instance = fixture();
    let mut first = Session::of(&instance, "sysadmin");
    let mut second = Session::of(&instance, "sysadmin");
    let id = table(&instance, &first).expect("t exists");
    let database = first.database;
    let insert = |instance: &mut Instance, session: &mut Session, key: i32| {
        let row = row(instance, session, id, key, 0);
        instance
            .insert_rows(database, id, [row], &mut session.undo)
            .expect("no duplicate");
    };
    insert(&mut instance, &mut first, 1);
    insert(&mut instance, &mut second, 2);
    second
        .run(&mut instance, "GRANT SELECT ON dbo.t TO u1")
        .expect("sa may");
    insert(&mut instance, &mut first, 3);
    first.undo.rollback_to(Mark::START, &mut instance);
    let left: Vec<Value> = data(&instance, &second, id)
        .scan()
        .map(|(_, row)| row[0].clone())
        .collect();
    assert_eq!(left, [Value::Int(2)]);
    Session::of(&instance, "user:u1")
        .ask(&instance, "SELECT", "dbo.t", &["id"])
        .expect("granted");
}

#[test]
fn identity_values_are_not_given_back() {
    let mut instance = fixture();
    let session = Session::of(&instance, "sysadmin");
    let audit = session
        .resolve(&instance, "dbo.audit")
        .expect("it exists")
        .1
        .id;
    let snapshot = instance.clone();
    assert_eq!(instance.take_identity(session.database, audit), Some(1));
    assert_eq!(instance.take_identity(session.database, audit), Some(2));
    assert!(instance == snapshot, "identity is not content");
    assert_eq!(instance.take_identity(session.database, audit), Some(3));
}
