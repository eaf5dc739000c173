//! What does a group of rows amount to? GROUP BY with grouping sets, and the aggregate functions.

use std::collections::{HashMap, HashSet};

use values::{
    BinaryOperator, ConversionKind, SqlError, SqlType, Value, ValueKey, binary, convert, order,
};

use crate::execution::evaluate::integer;
use crate::execution::{Run, Scope, relation, sort};
use crate::footprint::Access;
use crate::plan::{
    AggregateCall, AggregateFunction, ExprKind, Grouping, RelationKind, Select, Source,
};

/// The rows of the groups: key values (NULL where a grouping set leaves one out), then for each
/// key whether it was left out (GROUPING), then the aggregates.
pub(crate) fn groups(
    grouping: &Grouping,
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
    feed: impl FnOnce(
        &mut Run<'_, '_>,
        &mut dyn FnMut(&mut Run<'_, '_>, &Scope<'_>) -> Result<(), SqlError>,
    ) -> Result<(), SqlError>,
) -> Result<Vec<Vec<Value>>, SqlError> {
    struct Group {
        set: usize,
        keys: Vec<Value>,
        states: Vec<Accumulator>,
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<(usize, Vec<ValueKey>), usize> = HashMap::new();
    let accumulators = || {
        grouping
            .aggregates
            .iter()
            .map(Accumulator::new)
            .collect::<Vec<_>>()
    };

    feed(run, &mut |run, scope| {
        let mut keys = Vec::with_capacity(grouping.keys.len());
        for key in &grouping.keys {
            keys.push(key.evaluate(run, scope)?);
        }
        let mut inputs = Vec::with_capacity(grouping.aggregates.len());
        for call in &grouping.aggregates {
            inputs.push(Input::read(call, run, scope)?);
        }
        for (set, members) in grouping.sets.iter().enumerate() {
            let key: Vec<ValueKey> = members
                .iter()
                .map(|&i| ValueKey::new(&keys[i], grouping.keys[i].collation.collation()))
                .collect();
            let place = match places.get(&(set, key.clone())) {
                Some(place) => *place,
                None => {
                    run.hold()?;
                    let kept = (0..keys.len())
                        .map(|i| {
                            if members.contains(&i) {
                                keys[i].clone()
                            } else {
                                Value::Null
                            }
                        })
                        .collect();
                    groups.push(Group {
                        set,
                        keys: kept,
                        states: accumulators(),
                    });
                    places.insert((set, key), groups.len() - 1);
                    groups.len() - 1
                }
            };
            for ((state, call), input) in groups[place]
                .states
                .iter_mut()
                .zip(&grouping.aggregates)
                .zip(&inputs)
            {
                state.add(call, input, run)?;
            }
        }
        Ok(())
    })?;
    // Without GROUP BY, and for the empty grouping set, there is a group even over no rows.
    for (set, members) in grouping.sets.iter().enumerate() {
        if members.is_empty() && !groups.iter().any(|group| group.set == set) {
            groups.push(Group {
                set,
                keys: vec![Value::Null; grouping.keys.len()],
                states: accumulators(),
            });
        }
    }
    let mut rows = Vec::with_capacity(groups.len());
    for group in groups {
        let mut row = group.keys;
        let members = &grouping.sets[group.set];
        row.extend(
            (0..grouping.keys.len()).map(|i| Value::TinyInt(u8::from(!members.contains(&i)))),
        );
        for (state, call) in group.states.into_iter().zip(&grouping.aggregates) {
            row.push(state.finish(call, run, outer)?);
        }
        rows.push(row);
    }
    run.release(rows.len());
    Ok(rows)
}

/// `COUNT(*)` and `CHECKSUM_AGG(BINARY_CHECKSUM(*))` over a whole table are kept by the table
/// itself. The harness fingerprints every table of every tenant after every step with them.
pub(crate) fn shortcut(
    select: &Select,
    grouping: &Grouping,
    run: &mut Run<'_, '_>,
) -> Result<Option<Vec<Vec<Value>>>, SqlError> {
    if !grouping.scalar || !grouping.keys.is_empty() || !select.filter.is_empty() {
        return Ok(None);
    }
    let Some(Source::Relation(table)) = &select.source else {
        return Ok(None);
    };
    if !table.filter.is_empty() || !table.guard.is_empty() {
        return Ok(None);
    }
    let data = match &table.kind {
        RelationKind::Table(of) => {
            run.ex
                .session
                .footprint
                .read(*of, table.lock, || Access::Scan);
            relation::table_data(run.ex, *of, table.lock.locks())?
        }
        RelationKind::TableVariable(name) => relation::variable_data(run.ex, name)?,
        _ => return Ok(None),
    };
    let mut row = Vec::new();
    for call in &grouping.aggregates {
        row.push(match (call.function, &call.argument) {
            (AggregateFunction::Count, None) => Value::Int(count(data.len())?),
            (AggregateFunction::CountBig, None) => Value::BigInt(data.len() as i64),
            (AggregateFunction::ChecksumAgg, Some(argument))
                if matches!(&argument.kind, ExprKind::RowChecksum(slots) if slots.len() == 1)
                    && !call.distinct =>
            {
                if data.is_empty() {
                    Value::Null
                } else {
                    Value::Int(data.checksum())
                }
            }
            _ => return Ok(None),
        });
    }
    Ok(Some(vec![row]))
}

fn count(rows: usize) -> Result<i32, SqlError> {
    i32::try_from(rows).map_err(|_| {
        SqlError::new(
            8115,
            16,
            2,
            "Arithmetic overflow error converting expression to data type int.",
        )
    })
}

/// What one row gives to one aggregate.
pub(crate) struct Input {
    value: Value,
    order: Vec<ValueKey>,
    separator: Value,
}

impl Input {
    pub(crate) fn read(
        call: &AggregateCall,
        run: &mut Run<'_, '_>,
        scope: &Scope<'_>,
    ) -> Result<Self, SqlError> {
        let value = match &call.argument {
            Some(argument) => argument.evaluate(run, scope)?,
            None => Value::Bit(true),
        };
        let mut order = Vec::with_capacity(call.order_by.len());
        for (expr, _) in &call.order_by {
            order.push(ValueKey::new(
                &expr.evaluate(run, scope)?,
                expr.collation.collation(),
            ));
        }
        let separator = match &call.separator {
            Some(separator) => separator.evaluate(run, scope)?,
            None => Value::Null,
        };
        Ok(Self {
            value,
            order,
            separator,
        })
    }
}

/// An aggregate under way.
pub(crate) struct Accumulator {
    seen: Option<HashSet<ValueKey>>,
    count: u64,
    best: Option<Value>,
    sum: Option<Value>,
    checksum: i32,
    mean: f64,
    squares: f64,
    texts: Vec<(Vec<ValueKey>, Value, Value)>,
}

impl Accumulator {
    pub(crate) fn new(call: &AggregateCall) -> Self {
        let unique = call.distinct || call.function == AggregateFunction::ApproxCountDistinct;
        Self {
            seen: unique.then(HashSet::new),
            count: 0,
            best: None,
            sum: None,
            checksum: 0,
            mean: 0.0,
            squares: 0.0,
            texts: Vec::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        call: &AggregateCall,
        input: &Input,
        run: &mut Run<'_, '_>,
    ) -> Result<(), SqlError> {
        // NULLs do not count, except in COUNT(*).
        if input.value.is_null() {
            return Ok(());
        }
        let collation = call
            .argument
            .as_ref()
            .map_or(run.database_collation, |argument| {
                argument.collation.collation()
            });
        if let Some(seen) = &mut self.seen
            && !seen.insert(ValueKey::new(&input.value, collation))
        {
            return Ok(());
        }
        self.count += 1;
        match call.function {
            AggregateFunction::Count
            | AggregateFunction::CountBig
            | AggregateFunction::ApproxCountDistinct => {}
            AggregateFunction::Sum | AggregateFunction::Avg => {
                let argument = call.argument.as_ref().expect("SUM has an argument");
                let sum_type = sum_type(&argument.data_type);
                let value = convert(
                    &input.value,
                    &argument.data_type,
                    &sum_type,
                    None,
                    ConversionKind::Implicit,
                )?;
                self.sum = Some(match self.sum.take() {
                    None => value,
                    Some(sum) => {
                        let wide = binary(BinaryOperator::Add, &sum, &sum_type, &value, &sum_type)?;
                        // The sum of decimal(38, s) may be typed one digit shorter by the
                        // addition; the accumulator keeps its own type.
                        keep_type(wide, &sum_type)
                    }
                });
            }
            AggregateFunction::Min => {
                if self
                    .best
                    .as_ref()
                    .is_none_or(|b| order(&input.value, b, collation).is_lt())
                {
                    self.best = Some(input.value.clone());
                }
            }
            AggregateFunction::Max => {
                if self
                    .best
                    .as_ref()
                    .is_none_or(|b| order(&input.value, b, collation).is_gt())
                {
                    self.best = Some(input.value.clone());
                }
            }
            AggregateFunction::Stdev
            | AggregateFunction::StdevP
            | AggregateFunction::Var
            | AggregateFunction::VarP => {
                let argument = call.argument.as_ref().expect("VAR has an argument");
                let value = convert(
                    &input.value,
                    &argument.data_type,
                    &SqlType::Float,
                    None,
                    ConversionKind::Implicit,
                )?;
                if let Value::Float(x) = value {
                    let delta = x - self.mean;
                    self.mean += delta / self.count as f64;
                    self.squares += delta * (x - self.mean);
                }
            }
            AggregateFunction::StringAgg => {
                run.hold_row(std::slice::from_ref(&input.value))?;
                self.texts.push((
                    input.order.clone(),
                    input.value.clone(),
                    input.separator.clone(),
                ));
            }
            AggregateFunction::ChecksumAgg => {
                if let Some(value) = integer(&input.value) {
                    self.checksum ^= value as i32;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn finish(
        mut self,
        call: &AggregateCall,
        run: &mut Run<'_, '_>,
        _outer: Option<&Scope<'_>>,
    ) -> Result<Value, SqlError> {
        match call.function {
            AggregateFunction::Count => Ok(Value::Int(count(self.count as usize)?)),
            AggregateFunction::CountBig | AggregateFunction::ApproxCountDistinct => {
                Ok(Value::BigInt(self.count as i64))
            }
            _ if self.count == 0 => Ok(Value::Null),
            AggregateFunction::Sum => {
                let argument = call.argument.as_ref().expect("SUM has an argument");
                let sum = self.sum.take().expect("something was added");
                convert(
                    &sum,
                    &sum_type(&argument.data_type),
                    &call.data_type,
                    None,
                    ConversionKind::Implicit,
                )
            }
            AggregateFunction::Avg => {
                let argument = call.argument.as_ref().expect("AVG has an argument");
                let sum_type = sum_type(&argument.data_type);
                let sum = self.sum.take().expect("something was added");
                average(&sum, &sum_type, self.count, &call.data_type)
            }
            AggregateFunction::Min | AggregateFunction::Max => {
                Ok(self.best.take().unwrap_or(Value::Null))
            }
            AggregateFunction::VarP => Ok(Value::Float(self.squares / self.count as f64)),
            AggregateFunction::StdevP => {
                Ok(Value::Float((self.squares / self.count as f64).sqrt()))
            }
            AggregateFunction::Var | AggregateFunction::Stdev if self.count < 2 => Ok(Value::Null),
            AggregateFunction::Var => Ok(Value::Float(self.squares / (self.count - 1) as f64)),
            AggregateFunction::Stdev => Ok(Value::Float(
                (self.squares / (self.count - 1) as f64).sqrt(),
            )),
            AggregateFunction::ChecksumAgg => Ok(Value::Int(self.checksum)),
            AggregateFunction::StringAgg => {
                let descending: Vec<bool> = call.order_by.iter().map(|(_, d)| *d).collect();
                self.texts
                    .sort_by(|a, b| sort::compare(&a.0, &b.0, &descending));
                let argument = call.argument.as_ref().expect("STRING_AGG has an argument");
                let mut result = String::new();
                for (i, (_, value, separator)) in self.texts.iter().enumerate() {
                    if i > 0
                        && let Value::Text(separator) = separator
                    {
                        result.push_str(separator);
                    }
                    let text = convert(
                        value,
                        &argument.data_type,
                        &SqlType::NVARCHAR_MAX,
                        None,
                        ConversionKind::Implicit,
                    )?;
                    if let Value::Text(text) = text {
                        result.push_str(&text);
                    }
                }
                run.release(self.texts.len());
                let limit = match call.data_type {
                    SqlType::NVarChar(values::Length::Limited(_)) => 4000,
                    SqlType::VarChar(values::Length::Limited(_)) => 8000,
                    _ => usize::MAX,
                };
                if result.chars().count() > limit {
                    return Err(SqlError::new(
                        9829,
                        16,
                        1,
                        "STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.",
                    ));
                }
                run.check_size(Value::text(result))
            }
        }
    }
}

/// SUM adds in the type that it returns.
pub(crate) fn sum_type(argument: &SqlType) -> SqlType {
    match argument {
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::UntypedNull => SqlType::Int,
        SqlType::BigInt => SqlType::BigInt,
        SqlType::Decimal { scale, .. } => SqlType::decimal(38, *scale),
        SqlType::Money | SqlType::SmallMoney => SqlType::Money,
        _ => SqlType::Float,
    }
}

/// The type of AVG: as of SUM, with at least six digits after the point for decimals.
pub(crate) fn average_type(argument: &SqlType) -> SqlType {
    match sum_type(argument) {
        SqlType::Decimal { scale, .. } => SqlType::decimal(38, scale.max(6)),
        other => other,
    }
}

fn keep_type(value: Value, to: &SqlType) -> Value {
    match (value, to) {
        (Value::Decimal { unscaled, scale }, SqlType::Decimal { scale: wanted, .. })
            if scale < *wanted =>
        {
            let factor = 10i128.checked_pow(u32::from(wanted - scale));
            match factor.and_then(|factor| unscaled.checked_mul(factor)) {
                Some(unscaled) => Value::Decimal {
                    unscaled,
                    scale: *wanted,
                },
                None => Value::Decimal { unscaled, scale },
            }
        }
        (value, _) => value,
    }
}

fn average(sum: &Value, sum_type: &SqlType, count: u64, to: &SqlType) -> Result<Value, SqlError> {
    match sum {
        Value::Int(sum) => Ok(Value::Int((i64::from(*sum) / count as i64) as i32)),
        Value::BigInt(sum) => Ok(Value::BigInt(sum / count as i64)),
        Value::Money(sum) => {
            // Money rounds half away from zero, integers are cut.
            let (sum, count) = (i128::from(*sum), i128::from(count));
            let half = if sum < 0 { -count / 2 } else { count / 2 };
            Ok(Value::Money(((sum + half) / count) as i64))
        }
        Value::Float(sum) => Ok(Value::Float(sum / count as f64)),
        Value::Decimal { unscaled, scale } => {
            let SqlType::Decimal { scale: wanted, .. } = to else {
                return convert(sum, sum_type, to, None, ConversionKind::Implicit);
            };
            // Digits are added one by one as long as they fit, then the division cuts the rest.
            let mut unscaled = *unscaled;
            let mut have = *scale;
            while have < *wanted {
                match unscaled.checked_mul(10) {
                    Some(wider) => unscaled = wider,
                    None => break,
                }
                have += 1;
            }
            let mut quotient = unscaled / i128::from(count);
            while have < *wanted {
                quotient = quotient.checked_mul(10).ok_or_else(|| {
                    SqlError::new(
                        8115,
                        16,
                        2,
                        "Arithmetic overflow error converting expression to data type numeric.",
                    )
                })?;
                have += 1;
            }
            Ok(Value::Decimal {
                unscaled: quotient,
                scale: *wanted,
            })
        }
        other => Ok(other.clone()),
    }
}
