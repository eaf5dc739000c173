//! Which versions of a system-versioned table's rows does FOR SYSTEM_TIME show?
//!
//! A version lives from its start, inclusive, to its end, exclusive. A version that a transaction
//! made and replaced itself has no duration and is never shown: only the history table has it.
//!
//! Versions older than HISTORY_RETENTION_PERIOD are not shown either. They stay in the history
//! table: the server's background task that removes them some day is not here.

use std::sync::Arc;

use catalog::{Retention, RetentionUnit};
use values::{SqlError, Value};

use crate::execution::relation::{Materialized, table_data};
use crate::execution::{Run, guard};
use crate::footprint::{Access, LockHints};
use crate::plan::{TimeSpan, Versions};

const DAY: i64 = 864_000_000_000;

/// The rows; `ends` are the moments that the clause names.
pub(crate) fn rows(
    versions: &Versions,
    ends: &[Value],
    run: &mut Run<'_, '_>,
) -> Result<Materialized, SqlError> {
    let mut moments = Vec::with_capacity(ends.len());
    for end in ends {
        match end {
            Value::DateTime2(ticks) => moments.push(*ticks),
            // A moment that is NULL compares with nothing.
            _ => return Ok(Arc::default()),
        }
    }
    let kept_since = versions
        .retention
        .map(|retention| before(run.now(), retention));
    let (start, end) = versions.period;
    let mut rows: Materialized = Arc::default();
    let shown = Arc::make_mut(&mut rows);
    for (table, guard, is_history) in [
        (versions.current, &versions.current_guard, false),
        (versions.history, &versions.history_guard, true),
    ] {
        run.ex
            .session
            .footprint
            .read(table, LockHints::default(), || Access::Scan);
        let data = table_data(run.ex, table, false)?;
        for (_, row) in data.scan() {
            run.step()?;
            if !guard.is_empty() && !guard::admit_stored(guard, run, row)? {
                continue;
            }
            let (Value::DateTime2(start), Value::DateTime2(end)) = (&row[start], &row[end]) else {
                continue;
            };
            let aged = is_history && kept_since.is_some_and(|since| *end < since);
            if start < end && !aged && contains(versions.span, &moments, *start, *end) {
                run.hold()?;
                shown.push(row.clone());
            }
        }
    }
    run.release(rows.len());
    Ok(rows)
}

/// Whether a version from `start` to `end` belongs to the span.
fn contains(span: TimeSpan, moments: &[i64], start: i64, end: i64) -> bool {
    match (span, moments) {
        (TimeSpan::AsOf, [at]) => start <= *at && end > *at,
        (TimeSpan::FromTo, [from, to]) => start < *to && end > *from,
        (TimeSpan::Between, [from, to]) => start <= *to && end > *from,
        (TimeSpan::ContainedIn, [from, to]) => start >= *from && end <= *to,
        (TimeSpan::All, _) => true,
        _ => false,
    }
}

/// The moment a retention period before another.
fn before(now: i64, retention: Retention) -> i64 {
    let count = i64::from(retention.count);
    match retention.unit {
        RetentionUnit::Day => now.saturating_sub(count.saturating_mul(DAY)),
        RetentionUnit::Week => now.saturating_sub(count.saturating_mul(7 * DAY)),
        RetentionUnit::Month => months_before(now, count),
        RetentionUnit::Year => months_before(now, count.saturating_mul(12)),
    }
}

/// Calendar months back, to the last day of the month where the day does not exist.
fn months_before(now: i64, months: i64) -> i64 {
    let (days, time) = (now.div_euclid(DAY), now.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let index = year * 12 + (month - 1) - months;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let next = if month == 12 {
        days_before(year + 1, 1)
    } else {
        days_before(year, month + 1)
    };
    let first = days_before(year, month);
    first
        .saturating_add(day.min(next - first) - 1)
        .saturating_mul(DAY)
        .saturating_add(time)
}

/// Days from 0001-01-01 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    // March begins the year, so that the leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        - 306
}

/// Year, month and day of a number of days since 0001-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let mut year = days.div_euclid(366) + 1;
    while days_before(year + 1, 1) <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_before(year, month + 1) <= days {
        month += 1;
    }
    (year, month, days - days_before(year, month) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_contain_what_the_documentation_says() {
        use TimeSpan as T;
        // (span, moments, versions from 10 to 20 and from 20 to the end of time)
        for (span, moments, old, new) in [
            (T::AsOf, vec![9], false, false),
            (T::AsOf, vec![10], true, false),
            (T::AsOf, vec![19], true, false),
            (T::AsOf, vec![20], false, true),
            (T::FromTo, vec![0, 10], false, false),
            (T::FromTo, vec![0, 11], true, false),
            (T::FromTo, vec![19, 20], true, false),
            (T::FromTo, vec![20, 21], false, true),
            (T::Between, vec![0, 10], true, false),
            (T::Between, vec![19, 20], true, true),
            (T::ContainedIn, vec![10, 20], true, false),
            (T::ContainedIn, vec![11, 20], false, false),
            (T::ContainedIn, vec![10, 19], false, false),
            (T::All, vec![], true, true),
        ] {
            let seen = (
                contains(span, &moments, 10, 20),
                contains(span, &moments, 20, i64::MAX),
            );
            assert_eq!(seen, (old, new), "{span:?} {moments:?}");
        }
    }

    #[test]
    fn months_go_back_by_the_calendar() {
        let at = |year, month, day| (days_before(year, month) + day - 1) * DAY + 5;
        for (from, months, to) in [
            ((2026, 3, 31), 1, (2026, 2, 28)),
            ((2024, 3, 31), 1, (2024, 2, 29)),
            ((2026, 1, 15), 1, (2025, 12, 15)),
            ((2026, 5, 1), 17, (2024, 12, 1)),
        ] {
            assert_eq!(
                months_before(at(from.0, from.1, from.2), months),
                at(to.0, to.1, to.2),
                "{from:?}"
            );
        }
        assert_eq!(days_before(1, 1), 0);
        assert_eq!(days_before(2026, 1), 739_616);
    }
}
