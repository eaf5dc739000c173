//! What do foreign keys say about a change, on the referencing and on the referenced side?

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use catalog::{Constraint, DatabaseId, ForeignKey, Object, Row, RowId, Table, TableData};
use tsql::{ReferentialAction, TriggerEvent};
use values::{SqlError, Value, ValueKey};

use crate::binder::Stored;
use crate::dml::rules::{Rules, Shape};
use crate::dml::{store, triggers};
use crate::execution::{Run, Scope, nested_too_deeply};
use crate::footprint::{Access, LockHints};
use crate::messages;
use crate::plan::TableRef;
use crate::state::TriggerFiring;

/// Longest chain of cascades.
const CASCADES: u32 = 32;

/// The rows of the referencing table: every key must exist on the other side.
pub(crate) fn check_children(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    rows: &[Row],
    changed: Option<&BTreeSet<usize>>,
    statement: &str,
) -> Result<(), SqlError> {
    let Shape::Object(object) = &rules.shape else {
        return Ok(());
    };
    let table = rules.table();
    for (constraint, key) in table.foreign_keys() {
        if constraint.disabled {
            continue;
        }
        let places = places(table, &key.columns);
        if changed.is_some_and(|changed| !places.iter().any(|place| changed.contains(place))) {
            continue;
        }
        let parent = table_ref(rules.database, key);
        let data = crate::execution::current_data(run.ex, parent)?;
        let Some(parent_object) = run
            .ex
            .instance
            .database(rules.database)
            .and_then(|it| it.object(key.table))
            .cloned()
        else {
            continue;
        };
        let parent_table = parent_object.as_table().expect("a key refers to a table");
        for row in rows {
            run.step()?;
            if places.iter().any(|place| row[*place].is_null()) {
                continue;
            }
            if !exists(run, &data, parent, parent_table, key, row, &places)? {
                let same = object.id == parent_object.id;
                return Err(messages::constraint_conflict(
                    statement,
                    if same {
                        "FOREIGN KEY SAME TABLE"
                    } else {
                        "FOREIGN KEY"
                    },
                    &constraint.name,
                    &rules.database_name(run.ex),
                    &two_part(run, rules.database, &parent_object),
                    single(parent_table, &key.referenced).as_deref(),
                ));
            }
        }
    }
    Ok(())
}

fn exists(
    run: &mut Run<'_, '_>,
    data: &TableData,
    table: TableRef,
    parent: &Table,
    key: &ForeignKey,
    row: &[Value],
    places: &[usize],
) -> Result<bool, SqlError> {
    // The index may have its columns in another order than the constraint.
    if let Some(index) = parent.index(key.index) {
        let ordered: Option<Vec<Value>> = index
            .key
            .iter()
            .map(|(column, _)| {
                let at = key.referenced.iter().position(|it| it == column)?;
                Some(row[places[at]].clone())
            })
            .collect();
        if let Some(ordered) = ordered
            && let Some(found) = data.find(index.id, &ordered)
        {
            note(run, table, Access::Seek(index.id, ordered));
            return Ok(!found.is_empty());
        }
    }
    note(run, table, Access::Scan);
    let referenced = self::places(parent, &key.referenced);
    let wanted = key_of(parent, row, places, &referenced);
    for (_, other) in data.scan() {
        run.step()?;
        if key_of(parent, other, &referenced, &referenced) == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The referenced side: `changes` are rows as they were, and as they are now (`None`: deleted).
/// Rows that refer to a key that is gone are changed with it, or refuse the statement.
pub(crate) fn follow(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    changes: &[(Row, Option<Row>)],
    statement: &str,
    depth: u32,
    firings: &mut Vec<TriggerFiring>,
) -> Result<(), SqlError> {
    let Shape::Object(object) = &rules.shape else {
        return Ok(());
    };
    if depth > CASCADES {
        return Err(nested_too_deeply());
    }
    let Some(database) = run.ex.instance.database(rules.database).cloned() else {
        return Ok(());
    };
    let referencing: Vec<Arc<Object>> = database
        .referencing(object.id)
        .filter_map(|id| database.object(id).cloned())
        .collect();
    for child in referencing {
        let child_table = child.as_table().expect("a foreign key is on a table");
        let keys: Vec<(Constraint, ForeignKey)> = child_table
            .foreign_keys()
            .filter(|(constraint, key)| key.table == object.id && !constraint.disabled)
            .map(|(constraint, key)| (constraint.clone(), key.clone()))
            .collect();
        for (constraint, key) in keys {
            follow_key(
                run,
                rules,
                &child,
                &constraint,
                &key,
                changes,
                statement,
                depth,
                firings,
            )?;
        }
    }
    Ok(())
}

#[expect(
    clippy::too_many_arguments,
    reason = "one key of one referencing table, and the change"
)]
fn follow_key(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    child: &Arc<Object>,
    constraint: &Constraint,
    key: &ForeignKey,
    changes: &[(Row, Option<Row>)],
    statement: &str,
    depth: u32,
    firings: &mut Vec<TriggerFiring>,
) -> Result<(), SqlError> {
    let parent = rules.table();
    let referenced = places(parent, &key.referenced);
    // Keys that are gone. Another changed row may have taken one over.
    let now = crate::execution::current_data(run.ex, table_of(&rules.stored))?;
    let mut gone: Vec<(&Row, Option<&Row>)> = Vec::new();
    for (before, after) in changes {
        run.step()?;
        if referenced.iter().any(|place| before[*place].is_null()) {
            continue;
        }
        let old = key_of(parent, before, &referenced, &referenced);
        if let Some(after) = after
            && key_of(parent, after, &referenced, &referenced) == old
        {
            continue;
        }
        let own = table_of(&rules.stored);
        if exists(run, &now, own, parent, key, before, &referenced)? {
            continue;
        }
        gone.push((before, after.as_ref()));
    }
    if gone.is_empty() {
        return Ok(());
    }
    let child_ref = TableRef {
        database: rules.database,
        object: child.id,
    };
    let child_table = child.as_table().expect("a foreign key is on a table");
    let child_places = places(child_table, &key.columns);
    note(run, child_ref, Access::Scan);
    let data = crate::execution::current_data(run.ex, child_ref)?;
    let mut affected: Vec<(RowId, Row, Option<Row>)> = Vec::new();
    let wanted: HashSet<Vec<ValueKey>> = gone
        .iter()
        .map(|(before, _)| key_of(child_table, before, &referenced, &child_places))
        .collect();
    for (id, row) in data.scan() {
        run.step()?;
        if child_places.iter().any(|place| row[*place].is_null()) {
            continue;
        }
        let key = key_of(child_table, row, &child_places, &child_places);
        if !wanted.contains(&key) {
            continue;
        }
        let parent_row = gone
            .iter()
            .find(|(before, _)| key_of(child_table, before, &referenced, &child_places) == key)
            .and_then(|(_, after)| after.cloned());
        affected.push((id, row.clone(), parent_row));
    }
    if affected.is_empty() {
        return Ok(());
    }
    let deleting = gone.iter().all(|(_, after)| after.is_none());
    let action = if deleting {
        key.on_delete
    } else {
        key.on_update
    };
    let same = child.id == object_id(&rules.stored);
    if action == ReferentialAction::NoAction {
        return Err(messages::constraint_conflict(
            statement,
            if same {
                "SAME TABLE REFERENCE"
            } else {
                "REFERENCE"
            },
            &constraint.name,
            &rules.database_name(run.ex),
            &two_part(run, rules.database, child),
            single(child_table, &key.columns).as_deref(),
        ));
    }
    let stored = Stored::Table(child_ref, child.clone());
    let child_rules = Rules::bind(run.ex, &stored)?;
    if action == ReferentialAction::Cascade && deleting {
        let ids: Vec<RowId> = affected.iter().map(|(id, ..)| *id).collect();
        let rows: Vec<Row> = affected.iter().map(|(_, row, _)| row.clone()).collect();
        store::delete(run, &child_rules, &ids)?;
        let changes: Vec<(Row, Option<Row>)> = rows.iter().map(|row| (row.clone(), None)).collect();
        firings.extend(triggers::after(
            run.ex,
            &child_rules,
            TriggerEvent::Delete,
            &[],
            &rows,
            Vec::new(),
        ));
        return follow(run, &child_rules, &changes, statement, depth + 1, firings);
    }
    let defaults = child_rules.defaults(run.ex)?;
    let changed: BTreeSet<usize> = child_places.iter().copied().collect();
    let mut updates = Vec::with_capacity(affected.len());
    let mut pairs = Vec::with_capacity(affected.len());
    for (id, row, parent_row) in affected {
        let mut new = row.to_vec();
        for (at, place) in child_places.iter().enumerate() {
            new[*place] = match (action, &parent_row) {
                (ReferentialAction::Cascade, Some(parent_row)) => {
                    parent_row[referenced[at]].clone()
                }
                (ReferentialAction::SetDefault, _) => match &defaults[*place] {
                    Some(default) => {
                        let value = default.evaluate(run, &Scope::NONE)?;
                        child_rules.assign(*place, &value, &default.data_type)?
                    }
                    None => Value::Null,
                },
                _ => Value::Null,
            };
        }
        let new = child_rules.complete(run, new, Some(&changed), statement)?;
        updates.push((id, new.clone()));
        pairs.push((row, Some(new)));
    }
    let after: Vec<Row> = updates.iter().map(|(_, row)| row.clone()).collect();
    let before: Vec<Row> = pairs.iter().map(|(row, _)| row.clone()).collect();
    store::update(run, &child_rules, updates)?;
    check_children(run, &child_rules, &after, Some(&changed), statement)?;
    firings.extend(triggers::after(
        run.ex,
        &child_rules,
        TriggerEvent::Update,
        &after,
        &before,
        child_places,
    ));
    follow(run, &child_rules, &pairs, statement, depth + 1, firings)
}

/// Keys are looked up in what is there now, under locks, whatever the isolation level.
fn note(run: &mut Run<'_, '_>, table: TableRef, access: Access) {
    let hints = LockHints {
        committed: true,
        ..LockHints::default()
    };
    run.ex.session.footprint.read(table, hints, || access);
}

fn table_ref(database: DatabaseId, key: &ForeignKey) -> TableRef {
    TableRef {
        database,
        object: key.table,
    }
}

fn table_of(stored: &Stored) -> TableRef {
    match stored {
        Stored::Table(table, _) => *table,
        Stored::Variable(_) => unreachable!("table variables take no part in foreign keys"),
    }
}

fn object_id(stored: &Stored) -> catalog::ObjectId {
    table_of(stored).object
}

fn places(table: &Table, columns: &[catalog::ColumnId]) -> Vec<usize> {
    columns
        .iter()
        .map(|column| {
            table
                .position(*column)
                .expect("a key names columns of its table")
        })
        .collect()
}

/// The values at `places`, comparable under the collations of the columns at `like` in `table`.
fn key_of(table: &Table, row: &[Value], places: &[usize], like: &[usize]) -> Vec<ValueKey> {
    places
        .iter()
        .zip(like)
        .map(|(place, like)| ValueKey::new(&row[*place], table.columns[*like].collation))
        .collect()
}

/// The column of a key with one column: only then does the message name it.
fn single(table: &Table, columns: &[catalog::ColumnId]) -> Option<Arc<str>> {
    match columns {
        [only] => table.column(*only).map(|column| column.name.clone()),
        _ => None,
    }
}

fn two_part(run: &Run<'_, '_>, database: DatabaseId, object: &Object) -> String {
    let schema = run
        .ex
        .instance
        .database(database)
        .map_or("dbo", |it| it.schema_name(object.schema))
        .to_owned();
    format!("{schema}.{}", object.name)
}
