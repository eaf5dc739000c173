//! What do window functions yield? Each partition is sorted, then every row looks at its frame.

use std::collections::HashMap;

use values::{ConversionKind, SqlError, Value, ValueKey, convert};

use crate::execution::aggregate::{Accumulator, Input};
use crate::execution::evaluate::integer;
use crate::execution::{Run, Scope, Slot, sort};
use crate::plan::{Bound, Frame, WindowCall, WindowFunction};

/// Appends one slot to every tuple: the value of each window function.
pub(crate) fn append(
    windows: &[WindowCall],
    tuples: &mut [Vec<Slot>],
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
) -> Result<(), SqlError> {
    let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(windows.len()); tuples.len()];
    for window in windows {
        let values = evaluate(window, tuples, run, outer)?;
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    for (tuple, column) in tuples.iter_mut().zip(columns) {
        tuple.push(Slot::of(column));
    }
    Ok(())
}

fn evaluate(
    window: &WindowCall,
    tuples: &[Vec<Slot>],
    run: &mut Run<'_, '_>,
    outer: Option<&Scope<'_>>,
) -> Result<Vec<Value>, SqlError> {
    let mut partitions: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<Vec<ValueKey>, usize> = HashMap::new();
    let mut orders: Vec<Vec<ValueKey>> = Vec::with_capacity(tuples.len());
    for (i, tuple) in tuples.iter().enumerate() {
        run.step()?;
        let scope = Scope::new(tuple, outer);
        let mut key = Vec::with_capacity(window.partition_by.len());
        for expr in &window.partition_by {
            key.push(ValueKey::new(
                &expr.evaluate(run, &scope)?,
                expr.collation.collation(),
            ));
        }
        let place = *places.entry(key).or_insert_with(|| {
            partitions.push(Vec::new());
            partitions.len() - 1
        });
        partitions[place].push(i);
        let mut order = Vec::with_capacity(window.order_by.len());
        for (expr, _) in &window.order_by {
            order.push(ValueKey::new(
                &expr.evaluate(run, &scope)?,
                expr.collation.collation(),
            ));
        }
        orders.push(order);
    }
    let descending: Vec<bool> = window.order_by.iter().map(|(_, d)| *d).collect();
    let mut result = vec![Value::Null; tuples.len()];
    for mut rows in partitions {
        rows.sort_by(|&a, &b| sort::compare(&orders[a], &orders[b], &descending));
        let partition = Partition {
            rows: &rows,
            orders: &orders,
            tuples,
            outer,
        };
        partition.fill(window, run, &mut result)?;
    }
    Ok(result)
}

struct Partition<'p> {
    rows: &'p [usize],
    orders: &'p [Vec<ValueKey>],
    tuples: &'p [Vec<Slot>],
    outer: Option<&'p Scope<'p>>,
}

impl Partition<'_> {
    fn scope(&self, place: usize) -> Scope<'_> {
        Scope::new(&self.tuples[self.rows[place]], self.outer)
    }

    fn peers(&self, a: usize, b: usize) -> bool {
        self.orders[self.rows[a]] == self.orders[self.rows[b]]
    }

    /// The places of the first and one past the last row with equal keys.
    fn peer_range(&self, place: usize) -> (usize, usize) {
        let mut start = place;
        while start > 0 && self.peers(start - 1, place) {
            start -= 1;
        }
        let mut end = place + 1;
        while end < self.rows.len() && self.peers(end, place) {
            end += 1;
        }
        (start, end)
    }

    fn frame(&self, frame: Frame, place: usize, ordered: bool) -> (usize, usize) {
        let count = self.rows.len();
        if !ordered && !frame.rows {
            return (0, count);
        }
        let (first_peer, last_peer) = if frame.rows {
            (place, place + 1)
        } else {
            self.peer_range(place)
        };
        let start = match frame.start {
            Bound::UnboundedPreceding => 0,
            Bound::Preceding(n) => place.saturating_sub(n as usize),
            Bound::CurrentRow => first_peer,
            Bound::Following(n) => place.saturating_add(n as usize).min(count),
            Bound::UnboundedFollowing => count,
        };
        let end = match frame.end {
            Bound::UnboundedPreceding => 0,
            Bound::Preceding(n) => (place + 1).saturating_sub(n as usize),
            Bound::CurrentRow => last_peer,
            Bound::Following(n) => (place + 1).saturating_add(n as usize).min(count),
            Bound::UnboundedFollowing => count,
        };
        (start, end.max(start))
    }

    fn fill(
        &self,
        window: &WindowCall,
        run: &mut Run<'_, '_>,
        result: &mut [Value],
    ) -> Result<(), SqlError> {
        let count = self.rows.len();
        match &window.function {
            WindowFunction::NextValue(sequence) => {
                for &row in self.rows {
                    run.step()?;
                    result[row] = crate::session_functions::draw(run, *sequence)?;
                }
            }
            WindowFunction::RowNumber => {
                for (place, &row) in self.rows.iter().enumerate() {
                    result[row] = Value::BigInt(place as i64 + 1);
                }
            }
            WindowFunction::Rank
            | WindowFunction::DenseRank
            | WindowFunction::PercentRank
            | WindowFunction::CumeDist => {
                let mut start = 0;
                let mut dense = 0;
                while start < count {
                    let (_, end) = self.peer_range(start);
                    dense += 1;
                    let value = match window.function {
                        WindowFunction::Rank => Value::BigInt(start as i64 + 1),
                        WindowFunction::DenseRank => Value::BigInt(dense),
                        WindowFunction::CumeDist => Value::Float(end as f64 / count as f64),
                        _ if count > 1 => Value::Float(start as f64 / (count - 1) as f64),
                        _ => Value::Float(0.0),
                    };
                    for &row in &self.rows[start..end] {
                        result[row] = value.clone();
                    }
                    start = end;
                }
            }
            WindowFunction::Ntile => {
                let buckets = integer(&window.arguments[0].evaluate(run, &self.scope(0))?);
                let buckets = match buckets.and_then(|n| usize::try_from(n).ok()) {
                    Some(n) if n > 0 => n,
                    _ => {
                        return Err(SqlError::new(
                            4114,
                            16,
                            1,
                            "The function 'ntile' takes only a positive int or bigint expression as its input.",
                        ));
                    }
                };
                let (size, larger) = (count / buckets, count % buckets);
                for (place, &row) in self.rows.iter().enumerate() {
                    // The first buckets take the remainder, one row each.
                    let in_larger = larger * (size + 1);
                    let bucket = if place < in_larger {
                        place / (size + 1)
                    } else {
                        larger + (place - in_larger) / size.max(1)
                    };
                    result[row] = Value::BigInt(bucket as i64 + 1);
                }
            }
            WindowFunction::Lag | WindowFunction::Lead => {
                for (place, &row) in self.rows.iter().enumerate() {
                    run.step()?;
                    result[row] = self.shifted(window, place, run)?;
                }
            }
            WindowFunction::FirstValue | WindowFunction::LastValue => {
                for (place, &row) in self.rows.iter().enumerate() {
                    run.step()?;
                    let (start, end) = self.frame(window.frame, place, !window.order_by.is_empty());
                    if start < end {
                        let at = if window.function == WindowFunction::FirstValue {
                            start
                        } else {
                            end - 1
                        };
                        result[row] = window.arguments[0].evaluate(run, &self.scope(at))?;
                    }
                }
            }
            WindowFunction::Aggregate(call) => {
                let mut last: Option<((usize, usize), Value)> = None;
                for (place, &row) in self.rows.iter().enumerate() {
                    let frame = self.frame(window.frame, place, !window.order_by.is_empty());
                    if let Some((known, value)) = &last
                        && *known == frame
                    {
                        result[row] = value.clone();
                        continue;
                    }
                    let mut accumulator = Accumulator::new(call);
                    for at in frame.0..frame.1 {
                        run.step()?;
                        let input = Input::read(call, run, &self.scope(at))?;
                        accumulator.add(call, &input, run)?;
                    }
                    let value = accumulator.finish(call, run, self.outer)?;
                    result[row] = value.clone();
                    last = Some((frame, value));
                }
            }
        }
        Ok(())
    }

    /// LAG and LEAD.
    fn shifted(
        &self,
        window: &WindowCall,
        place: usize,
        run: &mut Run<'_, '_>,
    ) -> Result<Value, SqlError> {
        let scope = self.scope(place);
        let offset = match window.arguments.get(1) {
            Some(offset) => integer(&offset.evaluate(run, &scope)?).unwrap_or(0),
            None => 1,
        };
        if offset < 0 {
            return Err(SqlError::new(
                8730,
                16,
                2,
                "Offset parameter for Lag and Lead functions cannot be a negative value.",
            ));
        }
        let target = if window.function == WindowFunction::Lag {
            (place as i64).checked_sub(offset)
        } else {
            (place as i64).checked_add(offset)
        };
        match target
            .and_then(|t| usize::try_from(t).ok())
            .filter(|&t| t < self.rows.len())
        {
            Some(target) => window.arguments[0].evaluate(run, &self.scope(target)),
            None => match window.arguments.get(2) {
                Some(default) => {
                    let value = default.evaluate(run, &scope)?;
                    convert(
                        &value,
                        &default.data_type,
                        &window.data_type,
                        None,
                        ConversionKind::Implicit,
                    )
                }
                None => Ok(Value::Null),
            },
        }
    }
}
