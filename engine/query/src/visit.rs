//! Which expressions does a bound query hold, and which columns do they read?

use std::collections::BTreeSet;
use std::sync::Arc;

use values::SqlError;

use crate::stack::with_room;

use crate::plan::{
    AggregateCall, Body, ColumnRef, Condition, Expr, ExprKind, Grouping, Limit, Query, Relation,
    RelationKind, Select, SortBy, Source, Subquery, WindowCall, WindowFunction,
};

/// Calls `f` for every column that the expression reads, subqueries included.
pub(crate) fn columns(expr: &Expr, f: &mut dyn FnMut(ColumnRef)) {
    match &expr.kind {
        ExprKind::Column(column) => f(*column),
        ExprKind::RowId(slot) => f(ColumnRef {
            level: 0,
            slot: *slot,
            ordinal: 0,
        }),
        ExprKind::RowChecksum(slots) => {
            for &slot in slots {
                f(ColumnRef {
                    level: 0,
                    slot,
                    ordinal: 0,
                });
            }
        }
        _ => with_room(|| {
            children(&expr.kind, &mut |child| match child {
                Child::Expr(expr) => columns(expr, f),
                Child::Condition(condition) => condition_columns(condition, f),
                Child::Subquery(subquery) => subquery.outer.iter().for_each(|&c| f(c)),
            });
        }),
    }
}

/// Calls `f` for every column that the condition reads, subqueries included.
pub(crate) fn condition_columns(condition: &Condition, f: &mut dyn FnMut(ColumnRef)) {
    condition_children(condition, &mut |child| match child {
        Child::Expr(expr) => columns(expr, f),
        Child::Condition(condition) => condition_columns(condition, f),
        Child::Subquery(subquery) => subquery.outer.iter().for_each(|&c| f(c)),
    });
}

/// The slots of the running SELECT that the condition reads.
pub(crate) fn condition_slots(condition: &Condition) -> BTreeSet<u16> {
    let mut slots = BTreeSet::new();
    condition_columns(condition, &mut |column| {
        if column.level == 0 {
            slots.insert(column.slot);
        }
    });
    slots
}

/// The slots of the running SELECT that the expression reads.
pub(crate) fn slots(expr: &Expr) -> BTreeSet<u16> {
    let mut slots = BTreeSet::new();
    columns(expr, &mut |column| {
        if column.level == 0 {
            slots.insert(column.slot);
        }
    });
    slots
}

/// What a query reads of the rows around it; level 0 is the SELECT that holds the query.
pub(crate) fn outer_columns(query: &Query) -> BTreeSet<ColumnRef> {
    let mut outer = BTreeSet::new();
    query_columns(query, &mut |column| {
        if column.level > 0 {
            outer.insert(ColumnRef {
                level: column.level - 1,
                ..column
            });
        }
    });
    outer
}

fn query_columns(query: &Query, f: &mut dyn FnMut(ColumnRef)) {
    match &query.body {
        Body::Select(select) => select_columns(select, f),
        Body::Values(rows) => rows.iter().flatten().for_each(|e| columns(e, f)),
        Body::Set(set) => {
            set.sides.iter().for_each(|side| query_columns(side, f));
            limit_columns(&set.limit, f);
        }
        Body::Json(query, _) => query_columns(query, f),
    }
}

fn limit_columns(limit: &Limit, f: &mut dyn FnMut(ColumnRef)) {
    for expr in limit.top.iter().chain(&limit.offset) {
        columns(expr, f);
    }
}

fn select_columns(select: &Select, f: &mut dyn FnMut(ColumnRef)) {
    if let Some(source) = &select.source {
        source_columns(source, f);
    }
    for condition in select.filter.iter().chain(&select.having) {
        condition_columns(condition, f);
    }
    if let Some(Grouping {
        keys, aggregates, ..
    }) = &select.grouping
    {
        keys.iter().for_each(|e| columns(e, f));
        aggregates.iter().for_each(|a| aggregate_columns(a, f));
    }
    for window in &select.windows {
        window_columns(window, f);
    }
    select.projection.iter().for_each(|e| columns(e, f));
    for key in &select.order_by {
        if let SortBy::Expr(expr) = &key.by {
            columns(expr, f);
        }
    }
    limit_columns(&select.limit, f);
}

fn aggregate_columns(call: &AggregateCall, f: &mut dyn FnMut(ColumnRef)) {
    for expr in call.argument.iter().chain(&call.separator) {
        columns(expr, f);
    }
    call.order_by.iter().for_each(|(e, _)| columns(e, f));
}

fn window_columns(call: &WindowCall, f: &mut dyn FnMut(ColumnRef)) {
    call.arguments
        .iter()
        .chain(&call.partition_by)
        .for_each(|e| columns(e, f));
    call.order_by.iter().for_each(|(e, _)| columns(e, f));
    if let WindowFunction::Aggregate(aggregate) = &call.function {
        aggregate_columns(aggregate, f);
    }
}

/// Every column that a FROM clause reads (not: yields).
pub(crate) fn source_columns(source: &Source, f: &mut dyn FnMut(ColumnRef)) {
    match source {
        Source::Relation(relation) => relation_columns(relation, f),
        Source::Join(join) => {
            source_columns(&join.left, f);
            source_columns(&join.right, f);
            for key in &join.equal {
                columns(&key.left, f);
                columns(&key.right, f);
            }
            join.on.iter().for_each(|c| condition_columns(c, f));
        }
    }
}

fn relation_columns(relation: &Relation, f: &mut dyn FnMut(ColumnRef)) {
    // A guard reads the guarded row alone.
    relation.filter.iter().for_each(|c| condition_columns(c, f));
    if let Some(seek) = &relation.seek {
        seek.key.iter().for_each(|e| columns(e, f));
    }
    match &relation.kind {
        RelationKind::SystemFunction(_, arguments)
        | RelationKind::InlineFunction(arguments, _)
        | RelationKind::Versions(_, arguments)
        | RelationKind::TableFunction(_, arguments) => {
            arguments.iter().for_each(|e| columns(e, f));
        }
        RelationKind::Derived(subquery) => subquery.outer.iter().for_each(|&c| f(c)),
        // A recursive CTE is bound without the scopes around it.
        RelationKind::Recursive(_)
        | RelationKind::WorkTable(_)
        | RelationKind::Table(_)
        | RelationKind::TableVariable(_)
        | RelationKind::TriggerRows { .. }
        | RelationKind::SystemView(..) => {}
    }
}

/// A part of an expression that its value is made of, rather than chosen or ordered by.
pub(crate) enum ValuePart<'a> {
    Expr(&'a Expr),
    Subquery(&'a Subquery),
}

/// Calls `f` for what an expression computes its value from: no conditions, no windows' order.
pub(crate) fn value_parts<'a>(kind: &'a ExprKind, f: &mut dyn FnMut(ValuePart<'a>)) {
    let of_aggregate = |call: &'a AggregateCall, f: &mut dyn FnMut(ValuePart<'a>)| {
        for expr in call.argument.iter().chain(&call.separator) {
            f(ValuePart::Expr(expr));
        }
    };
    match kind {
        ExprKind::Aggregate(call) => of_aggregate(call, f),
        ExprKind::Window(call) => {
            call.arguments.iter().for_each(|e| f(ValuePart::Expr(e)));
            if let WindowFunction::Aggregate(aggregate) = &call.function {
                of_aggregate(aggregate, f);
            }
        }
        other => children(other, &mut |child| match child {
            Child::Expr(expr) => f(ValuePart::Expr(expr)),
            Child::Subquery(subquery) => f(ValuePart::Subquery(subquery)),
            Child::Condition(_) => {}
        }),
    }
}

enum Child<'a> {
    Expr(&'a Expr),
    Condition(&'a Condition),
    Subquery(&'a Subquery),
}

fn children<'a>(kind: &'a ExprKind, f: &mut dyn FnMut(Child<'a>)) {
    match kind {
        ExprKind::Constant(_)
        | ExprKind::Column(_)
        | ExprKind::Variable(_)
        | ExprKind::NextValue(_)
        | ExprKind::RowChecksum(_)
        | ExprKind::RowId(_)
        | ExprKind::UpdatedColumn(_)
        | ExprKind::UpdatedColumns => {}
        ExprKind::Session(_, list)
        | ExprKind::Coalesce(list)
        | ExprKind::Function(_, list, _)
        | ExprKind::Json(_, list)
        | ExprKind::Grouping(list)
        | ExprKind::UserFunction(_, list) => list.iter().for_each(|e| f(Child::Expr(e))),
        ExprKind::Convert { operand, style, .. } => {
            f(Child::Expr(operand));
            if let Some(style) = style {
                f(Child::Expr(style));
            }
        }
        ExprKind::Unary(_, operand) => f(Child::Expr(operand)),
        ExprKind::Binary(_, left, right) | ExprKind::AtTimeZone(left, right) => {
            f(Child::Expr(left));
            f(Child::Expr(right));
        }
        ExprKind::Case {
            branches,
            otherwise,
        } => {
            for (condition, expr) in branches {
                f(Child::Condition(condition));
                f(Child::Expr(expr));
            }
            if let Some(otherwise) = otherwise {
                f(Child::Expr(otherwise));
            }
        }
        ExprKind::Choose(index, list) => {
            f(Child::Expr(index));
            list.iter().for_each(|e| f(Child::Expr(e)));
        }
        ExprKind::Subquery(subquery) => f(Child::Subquery(subquery)),
        ExprKind::Aggregate(call) => aggregate_children(call, f),
        ExprKind::Window(call) => {
            call.arguments
                .iter()
                .chain(&call.partition_by)
                .for_each(|e| f(Child::Expr(e)));
            call.order_by.iter().for_each(|(e, _)| f(Child::Expr(e)));
            if let WindowFunction::Aggregate(aggregate) = &call.function {
                aggregate_children(aggregate, f);
            }
        }
    }
}

fn aggregate_children<'a>(call: &'a AggregateCall, f: &mut dyn FnMut(Child<'a>)) {
    for expr in call.argument.iter().chain(&call.separator) {
        f(Child::Expr(expr));
    }
    call.order_by.iter().for_each(|(e, _)| f(Child::Expr(e)));
}

fn condition_children<'a>(condition: &'a Condition, f: &mut dyn FnMut(Child<'a>)) {
    match condition {
        Condition::Compare(_, left, right, _) | Condition::Distinct { left, right, .. } => {
            f(Child::Expr(left));
            f(Child::Expr(right));
        }
        Condition::And(list) | Condition::Or(list) => {
            list.iter().for_each(|c| f(Child::Condition(c)));
        }
        Condition::Not(inner) => f(Child::Condition(inner)),
        Condition::IsNull { operand, .. } | Condition::Truth(operand) => f(Child::Expr(operand)),
        Condition::Like {
            operand,
            pattern,
            escape,
            ..
        } => {
            f(Child::Expr(operand));
            f(Child::Expr(pattern));
            if let Some(escape) = escape {
                f(Child::Expr(escape));
            }
        }
        Condition::In { operand, list, .. } => {
            f(Child::Expr(operand));
            list.iter().for_each(|e| f(Child::Expr(e)));
        }
        Condition::Exists(subquery) => f(Child::Subquery(subquery)),
        Condition::InSubquery {
            operand, subquery, ..
        }
        | Condition::Quantified {
            operand, subquery, ..
        } => {
            f(Child::Expr(operand));
            f(Child::Subquery(subquery));
        }
    }
}

/// Whether any node of the expression (not of its subqueries) satisfies the test.
pub(crate) fn any(expr: &Expr, test: &dyn Fn(&ExprKind) -> bool) -> bool {
    if test(&expr.kind) {
        return true;
    }
    let mut found = false;
    children(&expr.kind, &mut |child| {
        found = found
            || match child {
                Child::Expr(expr) => any(expr, test),
                Child::Condition(condition) => any_in_condition(condition, test),
                Child::Subquery(_) => false,
            };
    });
    found
}

/// Whether any expression of the condition (not of its subqueries) satisfies the test.
pub(crate) fn any_in_condition(condition: &Condition, test: &dyn Fn(&ExprKind) -> bool) -> bool {
    let mut found = false;
    condition_children(condition, &mut |child| {
        found = found
            || match child {
                Child::Expr(expr) => any(expr, test),
                Child::Condition(condition) => any_in_condition(condition, test),
                Child::Subquery(_) => false,
            };
    });
    found
}

/// What a rewriter says about a node.
pub(crate) enum Visit {
    /// Look at what is inside.
    Descend,
    /// Done with this node.
    Done,
}

/// A rewriter of expressions; `depth` counts the queries between it and the SELECT that the
/// rewriting is about, so a column of that SELECT has `level == depth`.
pub(crate) type Rewrite<'f> = dyn FnMut(&mut Expr, u16) -> Result<Visit, SqlError> + 'f;

/// Rewrites an expression from the top down, subqueries included.
pub(crate) fn rewrite(expr: &mut Expr, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    if matches!(f(expr, depth)?, Visit::Done) {
        return Ok(());
    }
    with_room(|| rewrite_inside(expr, depth, f))
}

fn rewrite_inside(expr: &mut Expr, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    match &mut expr.kind {
        ExprKind::Constant(_)
        | ExprKind::Column(_)
        | ExprKind::Variable(_)
        | ExprKind::NextValue(_)
        | ExprKind::RowChecksum(_)
        | ExprKind::RowId(_)
        | ExprKind::UpdatedColumn(_)
        | ExprKind::UpdatedColumns => {}
        ExprKind::Session(_, list)
        | ExprKind::Coalesce(list)
        | ExprKind::Function(_, list, _)
        | ExprKind::Json(_, list)
        | ExprKind::Grouping(list)
        | ExprKind::UserFunction(_, list) => rewrite_all(list, depth, f)?,
        ExprKind::Convert { operand, style, .. } => {
            rewrite(operand, depth, f)?;
            if let Some(style) = style {
                rewrite(style, depth, f)?;
            }
        }
        ExprKind::Unary(_, operand) => rewrite(operand, depth, f)?,
        ExprKind::Binary(_, left, right) | ExprKind::AtTimeZone(left, right) => {
            rewrite(left, depth, f)?;
            rewrite(right, depth, f)?;
        }
        ExprKind::Case {
            branches,
            otherwise,
        } => {
            for (condition, expr) in branches {
                rewrite_condition(condition, depth, f)?;
                rewrite(expr, depth, f)?;
            }
            if let Some(otherwise) = otherwise {
                rewrite(otherwise, depth, f)?;
            }
        }
        ExprKind::Choose(index, list) => {
            rewrite(index, depth, f)?;
            rewrite_all(list, depth, f)?;
        }
        ExprKind::Subquery(subquery) => rewrite_subquery(subquery, depth, f)?,
        ExprKind::Aggregate(call) => rewrite_aggregate(call, depth, f)?,
        ExprKind::Window(call) => rewrite_window(call, depth, f)?,
    }
    Ok(())
}

fn rewrite_all(list: &mut [Expr], depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    list.iter_mut().try_for_each(|e| rewrite(e, depth, f))
}

/// Rewrites an aggregate's arguments.
pub(crate) fn rewrite_aggregate(
    call: &mut AggregateCall,
    depth: u16,
    f: &mut Rewrite<'_>,
) -> Result<(), SqlError> {
    for expr in call.argument.iter_mut().chain(&mut call.separator) {
        rewrite(expr, depth, f)?;
    }
    call.order_by
        .iter_mut()
        .try_for_each(|(e, _)| rewrite(e, depth, f))
}

/// Rewrites what a window function reads.
pub(crate) fn rewrite_window(
    call: &mut WindowCall,
    depth: u16,
    f: &mut Rewrite<'_>,
) -> Result<(), SqlError> {
    rewrite_all(&mut call.arguments, depth, f)?;
    rewrite_all(&mut call.partition_by, depth, f)?;
    call.order_by
        .iter_mut()
        .try_for_each(|(e, _)| rewrite(e, depth, f))?;
    if let WindowFunction::Aggregate(aggregate) = &mut call.function {
        rewrite_aggregate(aggregate, depth, f)?;
    }
    Ok(())
}

/// Rewrites a condition from the top down, subqueries included.
pub(crate) fn rewrite_condition(
    condition: &mut Condition,
    depth: u16,
    f: &mut Rewrite<'_>,
) -> Result<(), SqlError> {
    match condition {
        Condition::Compare(_, left, right, _) | Condition::Distinct { left, right, .. } => {
            rewrite(left, depth, f)?;
            rewrite(right, depth, f)?;
        }
        Condition::And(list) | Condition::Or(list) => {
            for condition in list {
                rewrite_condition(condition, depth, f)?;
            }
        }
        Condition::Not(inner) => rewrite_condition(inner, depth, f)?,
        Condition::IsNull { operand, .. } | Condition::Truth(operand) => {
            rewrite(operand, depth, f)?;
        }
        Condition::Like {
            operand,
            pattern,
            escape,
            ..
        } => {
            rewrite(operand, depth, f)?;
            rewrite(pattern, depth, f)?;
            if let Some(escape) = escape {
                rewrite(escape, depth, f)?;
            }
        }
        Condition::In { operand, list, .. } => {
            rewrite(operand, depth, f)?;
            rewrite_all(list, depth, f)?;
        }
        Condition::Exists(subquery) => rewrite_subquery(subquery, depth, f)?,
        Condition::InSubquery {
            operand, subquery, ..
        }
        | Condition::Quantified {
            operand, subquery, ..
        } => {
            rewrite(operand, depth, f)?;
            rewrite_subquery(subquery, depth, f)?;
        }
    }
    Ok(())
}

fn rewrite_subquery(
    subquery: &mut Arc<Subquery>,
    depth: u16,
    f: &mut Rewrite<'_>,
) -> Result<(), SqlError> {
    // Nothing inside looks at the SELECT in question: most subqueries are left alone here.
    if !subquery.outer.iter().any(|column| column.level >= depth) {
        return Ok(());
    }
    let subquery = Arc::make_mut(subquery);
    rewrite_query(&mut subquery.query, depth + 1, f)?;
    subquery.outer = outer_columns(&subquery.query);
    Ok(())
}

fn rewrite_query(query: &mut Query, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    match &mut query.body {
        Body::Select(select) => rewrite_select(select, depth, f),
        Body::Values(rows) => rows
            .iter_mut()
            .try_for_each(|row| rewrite_all(row, depth, f)),
        Body::Set(set) => {
            set.sides
                .iter_mut()
                .try_for_each(|side| rewrite_query(side, depth, f))?;
            rewrite_limit(&mut set.limit, depth, f)
        }
        Body::Json(query, _) => rewrite_query(query, depth, f),
    }
}

fn rewrite_limit(limit: &mut Limit, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    for expr in limit.top.iter_mut().chain(&mut limit.offset) {
        rewrite(expr, depth, f)?;
    }
    Ok(())
}

fn rewrite_select(select: &mut Select, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    if let Some(source) = &mut select.source {
        rewrite_source(source, depth, f)?;
    }
    for condition in select.filter.iter_mut().chain(&mut select.having) {
        rewrite_condition(condition, depth, f)?;
    }
    if let Some(grouping) = &mut select.grouping {
        rewrite_all(&mut grouping.keys, depth, f)?;
        for call in &mut grouping.aggregates {
            rewrite_aggregate(call, depth, f)?;
        }
    }
    for window in &mut select.windows {
        rewrite_window(window, depth, f)?;
    }
    rewrite_all(&mut select.projection, depth, f)?;
    for key in &mut select.order_by {
        if let SortBy::Expr(expr) = &mut key.by {
            rewrite(expr, depth, f)?;
        }
    }
    rewrite_limit(&mut select.limit, depth, f)
}

fn rewrite_source(source: &mut Source, depth: u16, f: &mut Rewrite<'_>) -> Result<(), SqlError> {
    match source {
        Source::Relation(relation) => {
            for condition in &mut relation.filter {
                rewrite_condition(condition, depth, f)?;
            }
            if let Some(seek) = &mut relation.seek {
                rewrite_all(&mut seek.key, depth, f)?;
            }
            match &mut relation.kind {
                RelationKind::SystemFunction(_, arguments)
                | RelationKind::InlineFunction(arguments, _)
                | RelationKind::Versions(_, arguments)
                | RelationKind::TableFunction(_, arguments) => rewrite_all(arguments, depth, f),
                RelationKind::Derived(subquery) => rewrite_subquery(subquery, depth, f),
                _ => Ok(()),
            }
        }
        Source::Join(join) => {
            rewrite_source(&mut join.left, depth, f)?;
            rewrite_source(&mut join.right, depth, f)?;
            for key in &mut join.equal {
                rewrite(&mut key.left, depth, f)?;
                rewrite(&mut key.right, depth, f)?;
            }
            for condition in &mut join.on {
                rewrite_condition(condition, depth, f)?;
            }
            Ok(())
        }
    }
}
