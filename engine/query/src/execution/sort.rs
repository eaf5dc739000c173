//! In which order do rows leave? Stable, so that rows with equal keys keep the order in which
//! they were read, and the same statement over the same data always answers the same.

use std::cmp::Ordering;

use values::{Value, ValueKey};

/// A row with the keys that it is sorted by.
pub(crate) struct Sorted {
    pub(crate) keys: Vec<ValueKey>,
    pub(crate) row: Vec<Value>,
}

/// Sorts by the keys; `descending` has one entry per key.
pub(crate) fn sort(rows: &mut [Sorted], descending: &[bool]) {
    rows.sort_by(|a, b| compare(&a.keys, &b.keys, descending));
}

/// The order of two key lists.
pub(crate) fn compare(a: &[ValueKey], b: &[ValueKey], descending: &[bool]) -> Ordering {
    for ((a, b), descending) in a.iter().zip(b).zip(descending) {
        let ordering = if *descending { b.cmp(a) } else { a.cmp(b) };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}
