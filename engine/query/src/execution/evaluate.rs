//! What is the value of an expression for one row?

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use values::{
    BinaryOperator, Collation, ConversionKind, LikePattern, SqlError, SqlType, Value, ValueKey,
    binary, compare, convert, unary,
};

use crate::execution::{Flow, Kept, Run, Scope, Surroundings, query};
use crate::plan::{Comparison, Condition, Expr, ExprKind, Subquery};
use crate::stack::with_room;
use crate::state::Variable;

impl Expr {
    /// Its value for the rows in scope.
    pub(crate) fn evaluate(
        &self,
        run: &mut Run<'_, '_>,
        scope: &Scope<'_>,
    ) -> Result<Value, SqlError> {
        match &self.kind {
            ExprKind::Constant(value) => Ok(value.clone()),
            ExprKind::Column(column) => Ok(scope
                .slot(column.level, column.slot)
                .get(usize::from(column.ordinal))
                .clone()),
            ExprKind::Variable(name) => variable(run, name),
            _ => with_room(|| self.evaluate_inner(run, scope)),
        }
    }

    fn evaluate_inner(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> Result<Value, SqlError> {
        match &self.kind {
            ExprKind::Constant(_) | ExprKind::Column(_) | ExprKind::Variable(_) => {
                self.evaluate(run, scope)
            }
            ExprKind::Session(function, arguments) => {
                let arguments = evaluate_all(arguments, run, scope)?;
                function.evaluate(run, &arguments)
            }
            ExprKind::Convert {
                operand,
                style,
                explicit,
                or_null,
            } => {
                let value = operand.evaluate(run, scope)?;
                let style = match style {
                    None => None,
                    Some(style) => match integer(&style.evaluate(run, scope)?) {
                        // A NULL style makes the result NULL.
                        None => return Ok(Value::Null),
                        Some(style) => Some(style as i32),
                    },
                };
                let kind = if *explicit {
                    ConversionKind::Explicit
                } else {
                    ConversionKind::Implicit
                };
                match convert(&value, &operand.data_type, &self.data_type, style, kind) {
                    Err(_) if *or_null => Ok(Value::Null),
                    result => result,
                }
            }
            ExprKind::Unary(operator, operand) => {
                let value = operand.evaluate(run, scope)?;
                unary(*operator, &value, &operand.data_type)
            }
            ExprKind::Binary(operator, left, right) => {
                let a = left.evaluate(run, scope)?;
                let b = right.evaluate(run, scope)?;
                if let (Value::Int(a), Value::Int(b)) = (&a, &b) {
                    // The bulk of all arithmetic; what overflows takes the long way to its error.
                    let result = match operator {
                        BinaryOperator::Add => a.checked_add(*b),
                        BinaryOperator::Subtract => a.checked_sub(*b),
                        BinaryOperator::Multiply => a.checked_mul(*b),
                        _ => None,
                    };
                    if let Some(result) = result {
                        return Ok(Value::Int(result));
                    }
                }
                let value = binary(*operator, &a, &left.data_type, &b, &right.data_type)?;
                if *operator == BinaryOperator::Add {
                    run.check_size(value)
                } else {
                    Ok(value)
                }
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    if condition.holds(run, scope)? {
                        return result.evaluate(run, scope);
                    }
                }
                match otherwise {
                    Some(otherwise) => otherwise.evaluate(run, scope),
                    None => Ok(Value::Null),
                }
            }
            ExprKind::Coalesce(list) => {
                for expr in list {
                    let value = expr.evaluate(run, scope)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }
            ExprKind::Choose(index, list) => {
                let index = integer(&index.evaluate(run, scope)?);
                match index
                    .and_then(|i| usize::try_from(i - 1).ok())
                    .and_then(|i| list.get(i))
                {
                    Some(chosen) => chosen.evaluate(run, scope),
                    None => Ok(Value::Null),
                }
            }
            ExprKind::Function(function, arguments, collation) => {
                let mut typed = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    typed.push((argument.evaluate(run, scope)?, argument.data_type));
                }
                if matches!(function.0.name, "charindex" | "patindex" | "replace")
                    && let [(first, _), (second, _), ..] = &typed[..]
                {
                    run.search(first, second)?;
                }
                let value = (function.0.evaluate)(&typed, &mut Surroundings::new(run, *collation))?;
                run.check_size(value)
            }
            ExprKind::Json(function, arguments) => {
                let arguments = evaluate_all(arguments, run, scope)?;
                function.evaluate(&arguments)
            }
            ExprKind::UserFunction(module, arguments) => {
                let mut typed = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    typed.push((argument.evaluate(run, scope)?, argument.data_type));
                }
                run.step()?;
                let runtime = run.ex.runtime;
                let (value, value_type) =
                    run.nested(|run| runtime.call_scalar_function(run.ex, *module, typed))?;
                convert(
                    &value,
                    &value_type,
                    &self.data_type,
                    None,
                    ConversionKind::Implicit,
                )
            }
            ExprKind::NextValue(sequence) => crate::session_functions::next_value(run, *sequence),
            ExprKind::RowChecksum(slots) => {
                let mut values = Vec::new();
                for &slot in slots {
                    if let Some(row) = &scope.slot(0, slot).values {
                        if slots.len() == 1 {
                            return Ok(Value::Int(catalog::row_checksum(row)));
                        }
                        values.extend_from_slice(row);
                    }
                }
                Ok(Value::Int(catalog::row_checksum(&values)))
            }
            ExprKind::RowId(slot) => Ok(match scope.slot(0, *slot).id {
                Some(id) => Value::BigInt(id.0 as i64),
                None => Value::Null,
            }),
            ExprKind::Subquery(subquery) => scalar_subquery(subquery, run, scope),
            ExprKind::AtTimeZone(operand, zone) => {
                let value = operand.evaluate(run, scope)?;
                let zone = zone.evaluate(run, scope)?;
                at_time_zone(&value, &operand.data_type, &zone, &self.data_type)
            }
            ExprKind::UpdatedColumn(ordinal) => {
                let updated = run
                    .ex
                    .session
                    .trigger_rows
                    .as_ref()
                    .is_some_and(|firing| firing.updated_columns.contains(ordinal));
                Ok(Value::Bit(updated))
            }
            ExprKind::UpdatedColumns => Ok(updated_columns(run)),
            ExprKind::Aggregate(_) | ExprKind::Window(_) | ExprKind::Grouping(_) => {
                unreachable!("the binder replaces aggregates and window functions by columns")
            }
        }
    }
}

/// COLUMNS_UPDATED(): bit `n` of the bytes, from the left, is the column with number `n + 1`; within
/// a byte the least significant bit is the first. NULL outside of a trigger.
/// <https://learn.microsoft.com/sql/t-sql/functions/columns-updated-transact-sql>
fn updated_columns(run: &Run<'_, '_>) -> Value {
    let Some(firing) = run.ex.session.trigger_rows.as_ref() else {
        return Value::Null;
    };
    let columns = run
        .ex
        .instance
        .database(firing.on.database)
        .and_then(|it| it.object(firing.on.object))
        .and_then(|object| object.columns());
    let Some(columns) = columns else {
        return Value::Null;
    };
    let number = |ordinal: usize| columns.get(ordinal).map(|it| it.id.0 as usize - 1);
    let last = (0..columns.len()).filter_map(number).max().unwrap_or(0);
    let mut bits = vec![0u8; last / 8 + 1];
    for number in firing.updated_columns.iter().filter_map(|it| number(*it)) {
        bits[number / 8] |= 1 << (number % 8);
    }
    Value::binary(bits)
}

fn evaluate_all(
    list: &[Expr],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Vec<(Value, SqlType)>, SqlError> {
    list.iter()
        .map(|expr| Ok((expr.evaluate(run, scope)?, expr.data_type)))
        .collect()
}

fn variable(run: &Run<'_, '_>, name: &str) -> Result<Value, SqlError> {
    match run.ex.session.variables.get(name) {
        Some(Variable::Scalar { value, .. }) => Ok(value.clone()),
        _ => Err(crate::messages::undeclared_variable(name)),
    }
}

/// An integer of any size, if the value is one.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Bit(b) => Some(i64::from(*b)),
        Value::TinyInt(i) => Some(i64::from(*i)),
        Value::SmallInt(i) => Some(i64::from(*i)),
        Value::Int(i) => Some(i64::from(*i)),
        Value::BigInt(i) => Some(*i),
        Value::Decimal { unscaled, scale } => {
            i64::try_from(unscaled / 10i128.checked_pow(u32::from(*scale))?).ok()
        }
        Value::Money(m) => Some(m / 10_000),
        Value::Float(f) if f.is_finite() => Some(*f as i64),
        Value::Real(f) if f.is_finite() => Some(*f as i64),
        _ => None,
    }
}

/// AT TIME ZONE 'UTC': a local date gets the offset, an offset date is moved to it. Other zones
/// have rules that change with the years, and are refused.
fn at_time_zone(
    value: &Value,
    from: &SqlType,
    zone: &Value,
    to: &SqlType,
) -> Result<Value, SqlError> {
    match zone {
        Value::Null => return Ok(Value::Null),
        Value::Text(name) if name.trim().eq_ignore_ascii_case("UTC") => {}
        _ => {
            return Err(SqlError::unsupported(
                "AT TIME ZONE with a zone other than 'UTC'",
            ));
        }
    }
    match convert(value, from, to, None, ConversionKind::Explicit)? {
        Value::DateTimeOffset { utc, .. } => Ok(Value::DateTimeOffset { utc, offset: 0 }),
        other => Ok(other),
    }
}

impl Condition {
    /// TRUE, as WHERE wants it: UNKNOWN is not enough.
    pub(crate) fn holds(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> Result<bool, SqlError> {
        Ok(self.evaluate(run, scope)? == Some(true))
    }

    /// TRUE, FALSE, or `None` for UNKNOWN.
    pub(crate) fn evaluate(
        &self,
        run: &mut Run<'_, '_>,
        scope: &Scope<'_>,
    ) -> Result<Option<bool>, SqlError> {
        match self {
            Self::Compare(comparison, left, right, collation) => {
                let ordering = compare_operands(left, right, *collation, run, scope)?;
                Ok(ordering.map(|ordering| comparison.holds(ordering)))
            }
            Self::Distinct {
                left,
                right,
                collation,
                negated,
            } => {
                let a = left.evaluate(run, scope)?;
                let b = right.evaluate(run, scope)?;
                let distinct = match (a.is_null(), b.is_null()) {
                    (true, true) => false,
                    (false, false) => {
                        compare(&a, &left.data_type, &b, &right.data_type, *collation)?
                            != Some(Ordering::Equal)
                    }
                    _ => true,
                };
                Ok(Some(distinct != *negated))
            }
            Self::And(list) => {
                let mut result = Some(true);
                for condition in list {
                    match condition.evaluate(run, scope)? {
                        Some(false) => return Ok(Some(false)),
                        None => result = None,
                        Some(true) => {}
                    }
                }
                Ok(result)
            }
            Self::Or(list) => {
                let mut result = Some(false);
                for condition in list {
                    match condition.evaluate(run, scope)? {
                        Some(true) => return Ok(Some(true)),
                        None => result = None,
                        Some(false) => {}
                    }
                }
                Ok(result)
            }
            Self::Not(inner) => Ok(inner.evaluate(run, scope)?.map(|truth| !truth)),
            Self::IsNull { operand, negated } => {
                Ok(Some(operand.evaluate(run, scope)?.is_null() != *negated))
            }
            Self::Like {
                operand,
                pattern,
                escape,
                collation,
                negated,
            } => {
                let text = operand.evaluate(run, scope)?;
                let pattern = pattern.evaluate(run, scope)?;
                let escape = match escape {
                    Some(escape) => match escape.evaluate(run, scope)? {
                        Value::Text(escape) => Some(escape),
                        _ => return Ok(None),
                    },
                    None => None,
                };
                // A pattern can cost its length for every character of the text.
                run.search(&text, &pattern)?;
                let (Value::Text(text), Value::Text(pattern)) = (&text, &pattern) else {
                    return Ok(None);
                };
                let matcher = LikePattern::new(pattern, escape.as_deref(), *collation)?;
                Ok(Some(matcher.matches(text) != *negated))
            }
            Self::In {
                operand,
                list,
                collation,
                negated,
            } => {
                let value = operand.evaluate(run, scope)?;
                let mut unknown = value.is_null();
                for item in list {
                    let other = item.evaluate(run, scope)?;
                    match compare(
                        &value,
                        &operand.data_type,
                        &other,
                        &item.data_type,
                        *collation,
                    )? {
                        Some(Ordering::Equal) => return Ok(Some(!negated)),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                Ok(if unknown { None } else { Some(*negated) })
            }
            Self::Exists(subquery) => exists(subquery, run, scope).map(Some),
            Self::InSubquery {
                operand,
                subquery,
                common,
                collation,
                negated,
            } => {
                let found = in_subquery(operand, subquery, common, *collation, run, scope)?;
                Ok(found.map(|found| found != *negated))
            }
            Self::Quantified {
                comparison,
                all,
                operand,
                subquery,
                collation,
            } => quantified(*comparison, *all, operand, subquery, *collation, run, scope),
            Self::Truth(expr) => Ok(integer(&expr.evaluate(run, scope)?).map(|value| value != 0)),
        }
    }
}

/// Whether all conditions hold.
pub(crate) fn truth(
    conditions: &[Condition],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<bool, SqlError> {
    for condition in conditions {
        if !condition.holds(run, scope)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare_operands(
    left: &Expr,
    right: &Expr,
    collation: Collation,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Option<Ordering>, SqlError> {
    // Columns and constants are compared where they stand: the bulk of all comparisons.
    let a_place = left.in_place(scope);
    let b_place = right.in_place(scope);
    let a_value;
    let b_value;
    let a = match a_place {
        Some(value) => value,
        None => {
            a_value = left.evaluate(run, scope)?;
            &a_value
        }
    };
    let b = match b_place {
        Some(value) => value,
        None => {
            b_value = right.evaluate(run, scope)?;
            &b_value
        }
    };
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Ok(None),
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
        (Value::BigInt(a), Value::BigInt(b)) => Ok(Some(a.cmp(b))),
        _ => compare(a, &left.data_type, b, &right.data_type, collation),
    }
}

impl Expr {
    fn in_place<'v>(&'v self, scope: &Scope<'v>) -> Option<&'v Value> {
        match &self.kind {
            ExprKind::Constant(value) => Some(value),
            ExprKind::Column(column) => Some(
                scope
                    .slot(column.level, column.slot)
                    .get(usize::from(column.ordinal)),
            ),
            _ => None,
        }
    }
}

fn scalar_subquery(
    subquery: &Arc<Subquery>,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Value, SqlError> {
    if subquery.is_constant()
        && let Some(Kept::Scalar(value)) = run.kept.get(&subquery.id)
    {
        return Ok(value.clone());
    }
    let mut result: Option<Value> = None;
    query::run(&subquery.query, run, Some(scope), &mut |_, row| {
        if result.is_some() {
            return Err(crate::messages::subquery_more_than_one());
        }
        result = row.into_iter().next();
        Ok(Flow::More)
    })?;
    let value = result.unwrap_or(Value::Null);
    if subquery.is_constant() {
        run.kept.insert(subquery.id, Kept::Scalar(value.clone()));
    }
    Ok(value)
}

fn exists(
    subquery: &Arc<Subquery>,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<bool, SqlError> {
    if subquery.is_constant()
        && let Some(Kept::Exists(found)) = run.kept.get(&subquery.id)
    {
        return Ok(*found);
    }
    let mut found = false;
    query::exists(&subquery.query, run, Some(scope), &mut found)?;
    if subquery.is_constant() {
        run.kept.insert(subquery.id, Kept::Exists(found));
    }
    Ok(found)
}

fn in_subquery(
    operand: &Expr,
    subquery: &Arc<Subquery>,
    common: &SqlType,
    collation: Collation,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Option<bool>, SqlError> {
    let value = operand.evaluate(run, scope)?;
    let inner_type = subquery.query.columns[0].data_type;
    if subquery.is_constant() {
        let (keys, has_null) = match run.kept.get(&subquery.id) {
            Some(Kept::Set(keys, has_null)) => (keys.clone(), *has_null),
            _ => {
                let mut keys = HashSet::new();
                let mut has_null = false;
                query::run(&subquery.query, run, Some(scope), &mut |run, row| {
                    let inner =
                        convert(&row[0], &inner_type, common, None, ConversionKind::Implicit)?;
                    if inner.is_null() {
                        has_null = true;
                    } else {
                        run.hold()?;
                        keys.insert(ValueKey::new(&inner, collation));
                    }
                    Ok(Flow::More)
                })?;
                let keys = Arc::new(keys);
                run.kept
                    .insert(subquery.id, Kept::Set(keys.clone(), has_null));
                (keys, has_null)
            }
        };
        if keys.is_empty() && !has_null {
            return Ok(Some(false));
        }
        if value.is_null() {
            return Ok(None);
        }
        let value = convert(
            &value,
            &operand.data_type,
            common,
            None,
            ConversionKind::Implicit,
        )?;
        if keys.contains(&ValueKey::new(&value, collation)) {
            return Ok(Some(true));
        }
        return Ok(if has_null { None } else { Some(false) });
    }
    let mut found = Some(false);
    query::run(&subquery.query, run, Some(scope), &mut |_, row| {
        match compare(&value, &operand.data_type, &row[0], &inner_type, collation)? {
            Some(Ordering::Equal) => {
                found = Some(true);
                return Ok(Flow::Enough);
            }
            Some(_) => {}
            None => found = None,
        }
        Ok(Flow::More)
    })?;
    Ok(found)
}

fn quantified(
    comparison: Comparison,
    all: bool,
    operand: &Expr,
    subquery: &Arc<Subquery>,
    collation: Collation,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> Result<Option<bool>, SqlError> {
    let value = operand.evaluate(run, scope)?;
    let inner_type = subquery.query.columns[0].data_type;
    // ALL is true and ANY is false over no rows.
    let mut result = Some(all);
    query::run(&subquery.query, run, Some(scope), &mut |_, row| {
        let ordering = compare(&value, &operand.data_type, &row[0], &inner_type, collation)?;
        match ordering.map(|ordering| comparison.holds(ordering)) {
            Some(truth) if truth != all => {
                result = Some(truth);
                return Ok(Flow::Enough);
            }
            Some(_) => {}
            None => result = None,
        }
        Ok(Flow::More)
    })?;
    Ok(result)
}
