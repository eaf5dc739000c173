//! From the tuples of a FROM clause to the rows of a query: filter, group, project, sort, cut.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use values::{ConversionKind, SqlError, SqlType, Value, ValueKey, convert};

use crate::execution::evaluate::integer;
use crate::execution::sort::{self, Sorted};
use crate::execution::source::Tuples;
use crate::execution::{
    Flow, Kept, Rows, Run, Scope, Slot, aggregate, for_each_row, mask, truth, window,
};
use crate::plan::{
    Body, Limit, Query, Select, SetOperation, SetOperator, SortBy, SortKey, Subquery,
};

/// Runs a query and hands out its rows.
pub(crate) fn execute(
    query: &Query,
    run: &mut Run<'_, '_>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    self::run(query, run, None, rows)
}

/// The same for rows that leave the statement: masked columns show what their masks leave.
pub(crate) fn execute_shown(
    query: &Query,
    run: &mut Run<'_, '_>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    self::run(query, run, None, &mut |run, mut row| {
        mask::apply(&query.columns, &mut row, run);
        rows(run, row)
    })
}

/// Runs a query inside the rows around it.
pub(crate) fn run(
    query: &Query,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    run.step()?;
    run.nested(|run| match &query.body {
        Body::Select(select) => run_select(select, query, run, outer, rows),
        Body::Values(list) => {
            let none = Scope::new(&[], outer);
            for exprs in list {
                run.next_row();
                let mut row = Vec::with_capacity(exprs.len());
                for (expr, column) in exprs.iter().zip(&query.columns) {
                    let value = expr.evaluate(run, &none)?;
                    row.push(to_type(value, &expr.data_type, &column.data_type)?);
                }
                run.step()?;
                if rows(run, row)? == Flow::Enough {
                    return Ok(Flow::Enough);
                }
            }
            Ok(Flow::More)
        }
        Body::Set(set) => run_set(set, query, run, outer, rows),
        Body::Json(inner, format) if format.nests(&inner.columns) => {
            let mut held = Vec::new();
            self::run(inner, run, outer, &mut |run, mut row| {
                run.hold_row(&row)?;
                mask::apply(&inner.columns, &mut row, run);
                held.push(row);
                Ok(Flow::More)
            })?;
            run.release(held.len());
            match format.nested_document(&inner.columns, &held)? {
                Some(document) => {
                    let document = run.check_size(Value::text(document))?;
                    rows(run, vec![document])
                }
                None => Ok(Flow::More),
            }
        }
        Body::Json(inner, format) => {
            let mut texts = Vec::new();
            self::run(inner, run, outer, &mut |run, mut row| {
                run.hold()?;
                mask::apply(&inner.columns, &mut row, run);
                texts.push(format.object(&inner.columns, &row)?);
                Ok(Flow::More)
            })?;
            run.release(texts.len());
            match format.document(&texts) {
                Some(document) => {
                    let document = run.check_size(Value::text(document))?;
                    rows(run, vec![document])
                }
                None => Ok(Flow::More),
            }
        }
    })
}

/// Whether the query has a row. EXISTS looks at no column, so none is computed.
pub(crate) fn exists(
    query: &Query,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    found: &mut bool,
) -> Result<(), SqlError> {
    if let Body::Select(select) = &query.body
        && select.grouping.is_none()
        && select.limit.is_none()
        && let Some(source) = &select.source
    {
        run.nested(|run| {
            let mut tuple = vec![Slot::default(); usize::from(select.slots)];
            for_each_row(source, run, &mut tuple, outer, &mut |run, tuple| {
                if truth(&select.filter, run, &Scope::new(tuple, outer))? {
                    *found = true;
                    return Ok(Flow::Enough);
                }
                Ok(Flow::More)
            })
        })?;
        return Ok(());
    }
    self::run(query, run, outer, &mut |_, _| {
        *found = true;
        Ok(Flow::Enough)
    })?;
    Ok(())
}

/// All rows of a derived table; kept for the statement when nothing around it matters.
pub(crate) fn subquery_rows(
    subquery: &Subquery,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
) -> Result<Arc<Vec<Arc<[Value]>>>, SqlError> {
    if subquery.is_constant()
        && let Some(Kept::Rows(rows)) = run.kept.get(&subquery.id)
    {
        return Ok(rows.clone());
    }
    let mut rows: Vec<Arc<[Value]>> = Vec::new();
    self::run(&subquery.query, run, outer, &mut |run, row| {
        run.hold_row(&row)?;
        rows.push(row.into());
        Ok(Flow::More)
    })?;
    let rows = Arc::new(rows);
    if subquery.is_constant() {
        run.kept.insert(subquery.id, Kept::Rows(rows.clone()));
    } else {
        run.release(rows.len());
    }
    Ok(rows)
}

pub(crate) fn to_type(value: Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    if from == to || value.is_null() {
        Ok(value)
    } else {
        convert(&value, from, to, None, ConversionKind::Implicit)
    }
}

/// TOP and OFFSET, evaluated.
pub(crate) struct Cut {
    pub(crate) skip: usize,
    pub(crate) take: Option<usize>,
    percent: Option<f64>,
    with_ties: bool,
}

pub(crate) fn cut(
    limit: &Limit,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
) -> Result<Cut, SqlError> {
    let none = Scope::new(&[], outer);
    let mut cut = Cut {
        skip: 0,
        take: None,
        percent: None,
        with_ties: limit.with_ties,
    };
    if let Some(offset) = &limit.offset {
        let skip = integer(&offset.evaluate(run, &none)?).unwrap_or(0);
        cut.skip = usize::try_from(skip).map_err(|_| crate::messages::offset_negative())?;
    }
    if let Some(top) = &limit.top {
        let value = top.evaluate(run, &none)?;
        if limit.percent {
            let value = convert(
                &value,
                &top.data_type,
                &SqlType::Float,
                None,
                ConversionKind::Explicit,
            )?;
            let percent = match value {
                Value::Float(percent) => percent,
                _ => 0.0,
            };
            if !(0.0..=100.0).contains(&percent) {
                return Err(crate::messages::top_percent_range());
            }
            cut.percent = Some(percent);
        } else {
            // TOP (NULL) is refused like a negative number.
            let take = integer(&value).unwrap_or(-1);
            let take = usize::try_from(take).map_err(|_| crate::messages::top_negative())?;
            if limit.offset.is_some() && take == 0 {
                return Err(crate::messages::fetch_not_positive());
            }
            cut.take = Some(take);
        }
    }
    Ok(cut)
}

impl Cut {
    /// No more than SET ROWCOUNT allows; 0 is no limit.
    pub(crate) fn at_most(mut self, row_limit: u64) -> Self {
        if row_limit > 0 {
            let limit = usize::try_from(row_limit).unwrap_or(usize::MAX);
            self.take = Some(self.take.map_or(limit, |take| take.min(limit)));
        }
        self
    }

    /// The rows that remain of `count`; `same` tells whether two neighbours have equal keys.
    pub(crate) fn range(
        &self,
        count: usize,
        same: impl Fn(usize, usize) -> bool,
    ) -> std::ops::Range<usize> {
        let start = self.skip.min(count);
        let take = match (self.take, self.percent) {
            (Some(take), _) => take,
            // A part of a row counts as a row.
            (None, Some(percent)) => (count as f64 * percent / 100.0).ceil() as usize,
            (None, None) => count,
        };
        let mut end = start.saturating_add(take).min(count);
        if self.with_ties {
            while end > start && end < count && same(end - 1, end) {
                end += 1;
            }
        }
        start..end
    }
}

fn run_select(
    select: &Select,
    query: &Query,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    let cut = cut(&select.limit, run, outer)?;
    if cut.take == Some(0) {
        return Ok(Flow::More);
    }
    let streams = select.windows.is_empty()
        && !select.distinct
        && select.order_by.is_empty()
        && cut.percent.is_none();
    if streams {
        let mut seen = 0usize;
        let end = cut.take.map(|take| cut.skip.saturating_add(take));
        return tuples(select, run, outer, &mut |run, tuple| {
            seen += 1;
            if seen <= cut.skip {
                return Ok(Flow::More);
            }
            let row = project(select, query, run, &Scope::new(tuple, outer))?;
            if rows(run, row)? == Flow::Enough || end.is_some_and(|end| seen >= end) {
                return Ok(Flow::Enough);
            }
            Ok(Flow::More)
        })
        .map(|flow| if end.is_some() { Flow::More } else { flow });
    }

    let mut sorted: Vec<Sorted> = Vec::new();
    let mut distinct: HashSet<Vec<ValueKey>> = HashSet::new();
    if select.windows.is_empty() {
        tuples(select, run, outer, &mut |run, tuple| {
            collect(
                select,
                query,
                run,
                &Scope::new(tuple, outer),
                &mut distinct,
                &mut sorted,
            )?;
            Ok(Flow::More)
        })?;
    } else {
        let mut kept: Vec<Vec<Slot>> = Vec::new();
        tuples(select, run, outer, &mut |run, tuple| {
            run.hold()?;
            kept.push(tuple.clone());
            Ok(Flow::More)
        })?;
        window::append(&select.windows, &mut kept, run, outer)?;
        for tuple in &kept {
            collect(
                select,
                query,
                run,
                &Scope::new(tuple, outer),
                &mut distinct,
                &mut sorted,
            )?;
        }
        run.release(kept.len());
    }
    drop(distinct);
    finish(sorted, &select.order_by, &cut, run, rows)
}

/// Sorts, cuts and hands out.
fn finish(
    mut sorted: Vec<Sorted>,
    order_by: &[SortKey],
    cut: &Cut,
    run: &mut Run<'_, '_>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    let count = sorted.len();
    let descending: Vec<bool> = order_by.iter().map(|key| key.descending).collect();
    if !order_by.is_empty() {
        run.steps(count as u64)?;
        sort::sort(&mut sorted, &descending);
    }
    let range = cut.range(count, |a, b| sorted[a].keys == sorted[b].keys);
    run.release(count);
    for row in sorted.drain(range) {
        if rows(run, row.row)? == Flow::Enough {
            return Ok(Flow::Enough);
        }
    }
    Ok(Flow::More)
}

fn collect(
    select: &Select,
    query: &Query,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
    distinct: &mut HashSet<Vec<ValueKey>>,
    sorted: &mut Vec<Sorted>,
) -> Result<(), SqlError> {
    let row = project(select, query, run, scope)?;
    if select.distinct && !distinct.insert(row_key(query, &row)) {
        return run.step();
    }
    run.hold_row(&row)?;
    let mut keys = Vec::with_capacity(select.order_by.len());
    for key in &select.order_by {
        keys.push(match &key.by {
            SortBy::Output(i) => ValueKey::new(&row[*i], query.columns[*i].collation),
            SortBy::Expr(expr) => {
                let value = expr.evaluate(run, scope)?;
                ValueKey::new(&value, expr.collation.collation())
            }
        });
    }
    sorted.push(Sorted { keys, row });
    Ok(())
}

fn project(
    select: &Select,
    query: &Query,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Vec<Value>, SqlError> {
    run.next_row();
    let mut row = Vec::with_capacity(select.projection.len());
    for (expr, column) in select.projection.iter().zip(&query.columns) {
        let value = expr
            .evaluate(run, scope)
            .and_then(|value| to_type(value, &expr.data_type, &column.data_type));
        // What becomes a masked column does not show its value in an error either.
        row.push(value.map_err(|mut error| {
            if column.mask.is_some() {
                crate::redaction::redact(&mut error);
            }
            error
        })?);
    }
    Ok(row)
}

fn row_key(query: &Query, row: &[Value]) -> Vec<ValueKey> {
    row.iter()
        .zip(&query.columns)
        .map(|(value, column)| ValueKey::new(value, column.collation))
        .collect()
}

/// The tuples that the select list sees: filtered, and grouped if there is a GROUP BY.
fn tuples(
    select: &Select,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    f: &mut Tuples<'_>,
) -> Result<Flow, SqlError> {
    let Some(grouping) = &select.grouping else {
        return filtered(select, run, outer, f);
    };
    let groups = match aggregate::shortcut(select, grouping, run)? {
        Some(groups) => groups,
        None => aggregate::groups(grouping, run, outer, |run, each| {
            filtered(select, run, outer, &mut |run, tuple| {
                each(run, &Scope::new(tuple, outer))?;
                Ok(Flow::More)
            })?;
            Ok(())
        })?,
    };
    for group in groups {
        run.step()?;
        let mut tuple = vec![Slot::of(group)];
        if truth(&select.having, run, &Scope::new(&tuple, outer))?
            && f(run, &mut tuple)? == Flow::Enough
        {
            return Ok(Flow::Enough);
        }
    }
    Ok(Flow::More)
}

fn filtered(
    select: &Select,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    f: &mut Tuples<'_>,
) -> Result<Flow, SqlError> {
    let mut tuple = vec![Slot::default(); usize::from(select.slots)];
    match &select.source {
        None => {
            if truth(&select.filter, run, &Scope::new(&tuple, outer))? {
                f(run, &mut tuple)
            } else {
                Ok(Flow::More)
            }
        }
        Some(source) => for_each_row(source, run, &mut tuple, outer, &mut |run, tuple| {
            if truth(&select.filter, run, &Scope::new(tuple, outer))? {
                f(run, tuple)
            } else {
                Ok(Flow::More)
            }
        }),
    }
}

fn run_set(
    set: &SetOperation,
    query: &Query,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    let cut = cut(&set.limit, run, outer)?;
    if set.order_by.is_empty() && set.limit.is_none() {
        return combine(set, query, run, outer, rows);
    }
    let mut sorted: Vec<Sorted> = Vec::new();
    combine(set, query, run, outer, &mut |run, row| {
        run.hold_row(&row)?;
        let keys = set
            .order_by
            .iter()
            .map(|(i, _)| ValueKey::new(&row[*i], query.columns[*i].collation))
            .collect();
        sorted.push(Sorted { keys, row });
        Ok(Flow::More)
    })?;
    let order_by: Vec<SortKey> = set
        .order_by
        .iter()
        .map(|(i, descending)| SortKey {
            by: SortBy::Output(*i),
            descending: *descending,
        })
        .collect();
    finish(sorted, &order_by, &cut, run, rows)
}

/// The rows of UNION, EXCEPT or INTERSECT, in the types of the result.
fn combine(
    set: &SetOperation,
    query: &Query,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    rows: &mut Rows<'_>,
) -> Result<Flow, SqlError> {
    let typed = |side: &Query, mut row: Vec<Value>| -> Result<Vec<Value>, SqlError> {
        for ((value, from), to) in row.iter_mut().zip(&side.columns).zip(&query.columns) {
            if from.data_type != to.data_type {
                let old = std::mem::replace(value, Value::Null);
                *value = to_type(old, &from.data_type, &to.data_type)?;
            }
        }
        Ok(row)
    };
    match set.operator {
        SetOperator::UnionAll => {
            for side in &set.sides {
                let flow = self::run(side, run, outer, &mut |run, row| {
                    rows(run, typed(side, row)?)
                })?;
                if flow == Flow::Enough {
                    return Ok(flow);
                }
            }
            Ok(Flow::More)
        }
        SetOperator::Union => {
            let mut seen = HashSet::new();
            for side in &set.sides {
                let flow = self::run(side, run, outer, &mut |run, row| {
                    let row = typed(side, row)?;
                    if !seen.insert(row_key(query, &row)) {
                        return Ok(Flow::More);
                    }
                    run.hold_row(&row)?;
                    rows(run, row)
                })?;
                if flow == Flow::Enough {
                    return Ok(flow);
                }
            }
            run.release(seen.len());
            Ok(Flow::More)
        }
        SetOperator::Except | SetOperator::Intersect => {
            let wanted = set.operator == SetOperator::Intersect;
            let mut right: HashMap<Vec<ValueKey>, ()> = HashMap::new();
            self::run(&set.sides[1], run, outer, &mut |run, row| {
                run.hold_row(&row)?;
                right.insert(row_key(query, &typed(&set.sides[1], row)?), ());
                Ok(Flow::More)
            })?;
            let mut seen = HashSet::new();
            self::run(&set.sides[0], run, outer, &mut |run, row| {
                let row = typed(&set.sides[0], row)?;
                let key = row_key(query, &row);
                if right.contains_key(&key) == wanted && seen.insert(key) {
                    run.hold()?;
                    return rows(run, row);
                }
                Ok(Flow::More)
            })
        }
    }
}
