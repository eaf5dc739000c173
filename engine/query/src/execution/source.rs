//! Which combinations of rows does a FROM clause yield? Scans, index lookups and joins.

use std::collections::HashMap;

use values::{ConversionKind, SqlError, Value, ValueKey, convert};

use crate::execution::{Flow, Run, Scope, Slot, guard, relation, truth};
use crate::footprint::Access;
use crate::plan::{EquiKey, Expr, Join, JoinKind, Relation, RelationKind, Source};
use crate::stack::with_room;

/// Receives the tuples of a FROM clause.
pub(crate) type Tuples<'f> =
    dyn FnMut(&mut Run<'_, '_>, &mut Vec<Slot>) -> Result<Flow, SqlError> + 'f;

/// Calls `f` with every combination of rows; `tuple` has a slot for each relation.
pub(crate) fn for_each(
    source: &Source,
    run: &mut Run<'_, '_>,
    tuple: &mut Vec<Slot>,
    outer: Option<&Scope<'_>>,
    f: &mut Tuples<'_>,
) -> Result<Flow, SqlError> {
    match source {
        Source::Relation(relation) => for_each_row(relation, run, tuple, outer, f),
        Source::Join(join) => with_room(|| for_each_pair(join, run, tuple, outer, f)),
    }
}

fn for_each_row(
    relation: &Relation,
    run: &mut Run<'_, '_>,
    tuple: &mut Vec<Slot>,
    outer: Option<&Scope<'_>>,
    f: &mut Tuples<'_>,
) -> Result<Flow, SqlError> {
    let slot = usize::from(relation.slot);
    let mut read = None;
    let mut offer =
        |run: &mut Run<'_, '_>, tuple: &mut Vec<Slot>, row: Slot, read: Option<usize>| {
            run.step()?;
            let id = row.id;
            if left_out(relation, run, id) {
                return Ok(Flow::More);
            }
            tuple[slot] = row;
            if !relation.guard.is_empty() {
                run.ex.session.policies_met += 1;
                if !guard::admit(&relation.guard, run, &Slot::clone(&tuple[slot]))? {
                    return Ok(Flow::More);
                }
            }
            if truth(&relation.filter, run, &Scope::new(tuple, outer))? {
                if let (Some(read), Some(id)) = (read, id) {
                    run.ex.session.footprint.row(read, id);
                }
                f(run, tuple)
            } else {
                Ok(Flow::More)
            }
        };
    match &relation.kind {
        RelationKind::Table(_) | RelationKind::TableVariable(_) => {
            let view = match &relation.kind {
                RelationKind::Table(table) => {
                    relation::table_data(run.ex, *table, relation.lock.locks())?
                }
                RelationKind::TableVariable(name) => relation::variable_data(run.ex, name)?,
                _ => unreachable!("the arm above has these two"),
            };
            if let Some(seek) = &relation.seek {
                let mut key = Vec::with_capacity(seek.key.len());
                for expr in &seek.key {
                    match seek_value(expr, run, &Scope::new(tuple, outer))? {
                        Some(value) => key.push(value),
                        // NULL equals nothing, and a value outside of the type equals nothing.
                        None => return Ok(Flow::More),
                    }
                }
                if let Some(ids) = view.find(seek.index, &key) {
                    if let RelationKind::Table(table) = &relation.kind {
                        read = run
                            .ex
                            .session
                            .footprint
                            .read(*table, relation.lock, || Access::Seek(seek.index, key));
                    }
                    for id in ids {
                        let row = view.get(id).expect("an index points at rows that exist");
                        let row = Slot {
                            values: Some(row.clone()),
                            id: Some(id),
                        };
                        if offer(run, tuple, row, read)? == Flow::Enough {
                            return Ok(Flow::Enough);
                        }
                    }
                    return Ok(Flow::More);
                }
            }
            if let RelationKind::Table(table) = &relation.kind {
                read = run
                    .ex
                    .session
                    .footprint
                    .read(*table, relation.lock, || Access::Scan);
            }
            for (id, row) in view.scan() {
                let row = Slot {
                    values: Some(row.clone()),
                    id: Some(id),
                };
                if offer(run, tuple, row, read)? == Flow::Enough {
                    return Ok(Flow::Enough);
                }
            }
            Ok(Flow::More)
        }
        kind => {
            let rows = relation::rows(kind, run, tuple, outer)?;
            for row in rows.iter() {
                let row = Slot {
                    values: Some(row.clone()),
                    id: None,
                };
                if offer(run, tuple, row, None)? == Flow::Enough {
                    return Ok(Flow::Enough);
                }
            }
            Ok(Flow::More)
        }
    }
}

/// READPAST: a row that somebody else holds.
fn left_out(relation: &Relation, run: &Run<'_, '_>, id: Option<catalog::RowId>) -> bool {
    let session = &run.ex.session;
    match (&relation.kind, id) {
        (RelationKind::Table(table), Some(id))
            if relation.lock.read_past || session.footprint.statement_hints.read_past =>
        {
            let table = (table.database, table.object);
            run.ex.runtime.is_held_by_another(session.id, table, id)
        }
        _ => false,
    }
}

/// The value that an index is asked for, in the type of its column.
fn seek_value(
    expr: &Expr,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Option<Value>, SqlError> {
    // The binder wraps the value in a conversion to the column's type. If that overflows, no
    // row can be equal: an error here would be one that the comparison itself never raises.
    match expr.evaluate(run, scope) {
        Ok(Value::Null) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.number, 220 | 8115) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The slots that a source fills: one contiguous run.
fn slot_range(source: &Source) -> std::ops::Range<usize> {
    match source {
        Source::Relation(relation) => {
            let slot = usize::from(relation.slot);
            slot..slot + 1
        }
        Source::Join(join) => {
            let (a, b) = (slot_range(&join.left), slot_range(&join.right));
            a.start.min(b.start)..a.end.max(b.end)
        }
    }
}

fn clear(tuple: &mut [Slot], range: std::ops::Range<usize>) {
    for slot in &mut tuple[range] {
        *slot = Slot::default();
    }
}

fn for_each_pair(
    join: &Join,
    run: &mut Run<'_, '_>,
    tuple: &mut Vec<Slot>,
    outer: Option<&Scope<'_>>,
    f: &mut Tuples<'_>,
) -> Result<Flow, SqlError> {
    let right_range = slot_range(&join.right);
    if join.lateral {
        return for_each(&join.left, run, tuple, outer, &mut |run, tuple| {
            let mut matched = false;
            let flow = for_each(&join.right, run, tuple, outer, &mut |run, tuple| {
                if !truth(&join.on, run, &Scope::new(tuple, outer))? {
                    return Ok(Flow::More);
                }
                matched = true;
                f(run, tuple)
            })?;
            if flow == Flow::Enough || matched || join.kind == JoinKind::Inner {
                return Ok(flow);
            }
            clear(tuple, right_range.clone());
            f(run, tuple)
        });
    }

    // The right side is read once and kept: hashed by its keys where there are any.
    let mut kept: Vec<Vec<Slot>> = Vec::new();
    let mut index: HashMap<Vec<ValueKey>, Vec<usize>> = HashMap::new();
    for_each(&join.right, run, tuple, outer, &mut |run, tuple| {
        if !join.equal.is_empty() {
            match key(&join.equal, |k| &k.right, run, &Scope::new(tuple, outer))? {
                Some(key) => index.entry(key).or_default().push(kept.len()),
                // NULL joins with nothing; only an outer join still wants the row.
                None if join.kind != JoinKind::Full => return Ok(Flow::More),
                None => {}
            }
        }
        run.hold()?;
        kept.push(tuple[right_range.clone()].to_vec());
        Ok(Flow::More)
    })?;
    let mut matched_right = vec![
        false;
        if join.kind == JoinKind::Full {
            kept.len()
        } else {
            0
        }
    ];
    let all: Vec<usize> = if join.equal.is_empty() {
        (0..kept.len()).collect()
    } else {
        Vec::new()
    };
    let none: Vec<usize> = Vec::new();

    let flow = for_each(&join.left, run, tuple, outer, &mut |run, tuple| {
        let candidates = if join.equal.is_empty() {
            &all
        } else {
            match key(&join.equal, |k| &k.left, run, &Scope::new(tuple, outer))? {
                Some(key) => index.get(&key).unwrap_or(&none),
                None => &none,
            }
        };
        let mut matched = false;
        for &i in candidates {
            run.step()?;
            tuple[right_range.clone()].clone_from_slice(&kept[i]);
            if !truth(&join.on, run, &Scope::new(tuple, outer))? {
                continue;
            }
            matched = true;
            if let Some(matched) = matched_right.get_mut(i) {
                *matched = true;
            }
            if f(run, tuple)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        if !matched && join.kind != JoinKind::Inner {
            clear(tuple, right_range.clone());
            return f(run, tuple);
        }
        Ok(Flow::More)
    })?;
    if flow == Flow::More && join.kind == JoinKind::Full {
        clear(tuple, slot_range(&join.left));
        for (row, matched) in kept.iter().zip(&matched_right) {
            if !matched {
                tuple[right_range.clone()].clone_from_slice(row);
                if f(run, tuple)? == Flow::Enough {
                    return Ok(Flow::Enough);
                }
            }
        }
    }
    run.release(kept.len());
    Ok(flow)
}

/// The hash key of one side; `None` if a part is NULL.
fn key(
    keys: &[EquiKey],
    side: impl Fn(&EquiKey) -> &Expr,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Option<Vec<ValueKey>>, SqlError> {
    let mut result = Vec::with_capacity(keys.len());
    for equi in keys {
        let expr = side(equi);
        let value = expr.evaluate(run, scope)?;
        if value.is_null() {
            return Ok(None);
        }
        let value = if expr.data_type == equi.common {
            value
        } else {
            convert(
                &value,
                &expr.data_type,
                &equi.common,
                None,
                ConversionKind::Implicit,
            )?
        };
        result.push(ValueKey::new(&value, equi.collation));
    }
    Ok(Some(result))
}
