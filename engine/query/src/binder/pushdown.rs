//! Where in a FROM clause is a condition best asked? As near to the rows as its meaning allows:
//! at a relation, as a hashed equality of a join, or through an index.

use std::collections::BTreeSet;

use catalog::{Index, Table};
use values::SqlType;

use crate::binder::expressions::common_type;
use crate::binder::from::{column_of, slots_of};
use crate::binder::{ScopeRelation, TableShape};
use crate::plan::{
    Comparison, Condition, EquiKey, Expr, Join, JoinKind, Relation, RelationKind, Seek, Source,
};
use crate::state::Execution;
use crate::visit;

/// The parts of a condition that must all hold.
pub(crate) fn conjuncts(condition: Condition) -> Vec<Condition> {
    match condition {
        Condition::And(parts) => parts.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// Places the conditions of WHERE; what has to wait for the whole row is returned.
pub(crate) fn place_conditions(source: &mut Source, conditions: Vec<Condition>) -> Vec<Condition> {
    conditions
        .into_iter()
        .filter_map(|condition| push(source, condition))
        .collect()
}

/// Places one condition of an ON clause, which always finds a place at the join itself.
pub(crate) fn place_condition(source: &mut Source, condition: Condition) {
    let Source::Join(join) = source else { return };
    match join.kind {
        JoinKind::Inner => {
            if let Some(condition) = push(source, condition)
                && let Source::Join(join) = source
            {
                join.on.push(condition);
            }
        }
        JoinKind::Left | JoinKind::Full => {
            let slots = visit::condition_slots(&condition);
            // The inner side of an outer join may be thinned out before the join.
            if join.kind == JoinKind::Left
                && !slots.is_empty()
                && slots.is_subset(&slots_of(&join.right))
            {
                if let Some(condition) = push(&mut join.right, condition) {
                    join.on.push(condition);
                }
                return;
            }
            if let Some(condition) = hash(join, condition) {
                join.on.push(condition);
            }
        }
    }
}

/// Gives the condition back when it has no better place than above the source.
fn push(source: &mut Source, condition: Condition) -> Option<Condition> {
    let slots = visit::condition_slots(&condition);
    match source {
        Source::Relation(relation) => {
            if slots.len() == 1 && slots.contains(&relation.slot) {
                relation.filter.push(condition);
                return None;
            }
            Some(condition)
        }
        Source::Join(join) => {
            if slots.is_empty() || join.kind == JoinKind::Full {
                return Some(condition);
            }
            if slots.is_subset(&slots_of(&join.left)) {
                return push(&mut join.left, condition);
            }
            if join.kind != JoinKind::Inner {
                return Some(condition);
            }
            if slots.is_subset(&slots_of(&join.right)) {
                return match push(&mut join.right, condition) {
                    None => None,
                    Some(condition) => {
                        join.on.push(condition);
                        None
                    }
                };
            }
            let mut all = slots_of(&join.left);
            all.extend(slots_of(&join.right));
            if !slots.is_subset(&all) {
                return Some(condition);
            }
            if let Some(condition) = hash(join, condition) {
                join.on.push(condition);
            }
            None
        }
    }
}

/// Takes `left = right` as a hashed equality.
fn hash(join: &mut Join, condition: Condition) -> Option<Condition> {
    if join.lateral {
        return Some(condition);
    }
    let Condition::Compare(Comparison::Equal, a, b, collation) = condition else {
        return Some(condition);
    };
    let left = slots_of(&join.left);
    let right = slots_of(&join.right);
    let (a_slots, b_slots) = (visit::slots(&a), visit::slots(&b));
    let of =
        |slots: &BTreeSet<u16>, side: &BTreeSet<u16>| !slots.is_empty() && slots.is_subset(side);
    let hashable = |expr: &Expr| !matches!(expr.data_type, SqlType::Variant);
    if hashable(&a) && hashable(&b) {
        let common = common_type(&a.data_type, &b.data_type);
        if of(&a_slots, &left) && of(&b_slots, &right) {
            join.equal.push(EquiKey {
                left: *a,
                right: *b,
                common,
                collation,
            });
            return None;
        }
        if of(&a_slots, &right) && of(&b_slots, &left) {
            join.equal.push(EquiKey {
                left: *b,
                right: *a,
                common,
                collation,
            });
            return None;
        }
    }
    Some(Condition::Compare(Comparison::Equal, a, b, collation))
}

/// Finds index lookups, once all conditions have their places.
pub(crate) fn plan_seeks(source: &mut Source, relations: &[ScopeRelation], ex: &Execution<'_>) {
    match source {
        Source::Relation(relation) => {
            let candidates: Vec<(usize, Expr)> = equalities(relation).collect();
            seek(relation, relations, ex, &candidates);
        }
        Source::Join(join) => {
            plan_seeks(&mut join.left, relations, ex);
            plan_seeks(&mut join.right, relations, ex);
            if join.lateral || join.kind == JoinKind::Full || join.equal.is_empty() {
                return;
            }
            let Source::Relation(right) = &mut join.right else {
                return;
            };
            if right.seek.is_some() {
                return;
            }
            let slot = right.slot;
            let joined = join.equal.iter().filter_map(|key| {
                column_of(&key.right, slot).map(|ordinal| (ordinal, key.left.clone()))
            });
            let candidates: Vec<(usize, Expr)> = equalities(right).chain(joined).collect();
            if seek(right, relations, ex, &candidates) {
                // Looked up row by row, the equalities are ordinary conditions again.
                join.lateral = true;
                let equal = std::mem::take(&mut join.equal);
                join.on.extend(equal.into_iter().map(|key| {
                    Condition::Compare(
                        Comparison::Equal,
                        Box::new(key.left),
                        Box::new(key.right),
                        key.collation,
                    )
                }));
            }
        }
    }
}

/// The `column = value` conditions of a relation, the value not reading the relation.
fn equalities(relation: &Relation) -> impl Iterator<Item = (usize, Expr)> + '_ {
    relation.filter.iter().filter_map(|condition| {
        let Condition::Compare(Comparison::Equal, a, b, _) = condition else {
            return None;
        };
        for (column, value) in [(a, b), (b, a)] {
            if let Some(ordinal) = column_of(column, relation.slot)
                && !visit::slots(value).contains(&relation.slot)
            {
                return Some((ordinal, Expr::clone(value)));
            }
        }
        None
    })
}

fn seek(
    relation: &mut Relation,
    relations: &[ScopeRelation],
    ex: &Execution<'_>,
    candidates: &[(usize, Expr)],
) -> bool {
    if candidates.is_empty()
        || !matches!(
            relation.kind,
            RelationKind::Table(_) | RelationKind::TableVariable(_)
        )
    {
        return false;
    }
    let Some(shape) = relations
        .iter()
        .find(|it| it.slot == relation.slot)
        .and_then(|it| it.table.as_ref())
    else {
        return false;
    };
    let table: &Table = match shape {
        TableShape::Object(object) => match object.as_table() {
            Some(table) => table,
            None => return false,
        },
        TableShape::Variable(name) => match ex.session.variables.get(name.as_ref()) {
            Some(crate::state::Variable::Table(variable)) => &variable.table,
            _ => return false,
        },
    };
    let mut best: Option<(Seek, bool)> = None;
    for index in &table.indexes {
        if index.disabled || index.filter.is_some() {
            continue;
        }
        let Some(found) = key_of(index, table, candidates) else {
            continue;
        };
        let whole = index.unique && found.key.len() == index.key.len();
        let better = match &best {
            None => true,
            Some((known, unique)) => {
                (whole && !unique) || (whole == *unique && found.key.len() > known.key.len())
            }
        };
        if better {
            best = Some((found, whole));
        }
    }
    match best {
        Some((found, _)) => {
            relation.seek = Some(found);
            true
        }
        None => false,
    }
}

/// Values for the leading columns of an index.
fn key_of(index: &Index, table: &Table, candidates: &[(usize, Expr)]) -> Option<Seek> {
    let mut key = Vec::new();
    for (column, _) in &index.key {
        let ordinal = table.position(*column)?;
        let value = candidates
            .iter()
            .filter(|(place, _)| *place == ordinal)
            .find_map(|(_, value)| as_key(value, &table.columns[ordinal]));
        match value {
            Some(value) => key.push(value),
            None => break,
        }
    }
    (!key.is_empty()).then_some(Seek {
        index: index.id,
        key,
    })
}

/// The value in the type of the column, if looking it up finds exactly the rows that comparing
/// would find.
fn as_key(value: &Expr, column: &catalog::Column) -> Option<Expr> {
    let (from, to) = (value.data_type, column.data_type);
    if from == to && !from.is_text() {
        return Some(value.clone());
    }
    let exact = if from.is_character() && to.is_character() {
        // Compared under the column's collation, which a column or COLLATE could override.
        use crate::plan::CollationLabel as L;
        let same = match value.collation {
            L::Coercible(_) => true,
            L::Implicit(collation) | L::Explicit(collation) => collation == column.collation,
            L::Conflict(..) => false,
        };
        return same.then(|| value.clone());
    } else if from.is_integer() && to.is_integer() {
        true
    } else if let (Some((_, from_scale)), SqlType::Decimal { scale, .. }) = (from.as_decimal(), to)
    {
        from_scale <= scale && !from.is_money()
    } else {
        false
    };
    if exact {
        value.clone().convert_to(to).ok()
    } else {
        None
    }
}
