//! Everything that was read in full, and how two readings differ.

use std::collections::BTreeMap;

use domain::history::{Change, Changed};
use domain::surface::Cell;

/// Rows of tables and facts of catalogs, by place. Readings of a few places are laid over those
/// of all places with [`Contents::update`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    pub(crate) places: BTreeMap<Place, Reading>,
}

/// Where something was read: a table, or the catalog of a database (empty table), or that of the
/// server (empty database).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) database: String,
    pub(crate) table: String,
}

/// What was read there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    Rows(Vec<Vec<Cell>>),
    Facts(Vec<String>),
    Unreadable(String),
}

impl Contents {
    /// How `after` differs from this, for the places that `after` holds, in their order.
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        self.changes_past(&Self::default(), after)
    }

    /// The same, where `newer` is known of some places and counts instead.
    pub fn changes_past(&self, newer: &Self, after: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (place, reading) in &after.places {
            let earlier = newer.places.get(place).or_else(|| self.places.get(place));
            let what = match (earlier, reading) {
                (Some(before), after) if before == after => continue,
                (_, Reading::Unreadable(error)) => Changed::Unreadable {
                    table: place.table.clone(),
                    error: error.clone(),
                },
                (before, Reading::Rows(after)) => {
                    let before = match before {
                        Some(Reading::Rows(before)) => before.as_slice(),
                        _ => &[],
                    };
                    let (added, removed) = difference(before, after);
                    if added.is_empty() && removed.is_empty() {
                        continue;
                    }
                    Changed::Rows {
                        table: place.table.clone(),
                        added,
                        removed,
                    }
                }
                (before, Reading::Facts(after)) => {
                    let before = match before {
                        Some(Reading::Facts(before)) => before.as_slice(),
                        _ => &[],
                    };
                    let (added, removed) = difference(before, after);
                    if added.is_empty() && removed.is_empty() {
                        continue;
                    }
                    Changed::Catalog { added, removed }
                }
            };
            changes.push(Change {
                step: None,
                database: place.database.clone(),
                what,
            });
        }
        changes
    }

    /// Takes over what `newer` read.
    pub fn update(&mut self, newer: Self) {
        self.places.extend(newer.places);
    }

    /// Number of places.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// What `after` has more than `before`, and the other way round. Rows may come in any order and
/// more than once; order alone must never count as a change.
fn difference<T: Ord + Clone>(before: &[T], after: &[T]) -> (Vec<T>, Vec<T>) {
    let mut counts: BTreeMap<&T, i64> = BTreeMap::new();
    for item in after {
        *counts.entry(item).or_default() += 1;
    }
    for item in before {
        *counts.entry(item).or_default() -= 1;
    }
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for (item, count) in counts {
        let target = if count > 0 { &mut added } else { &mut removed };
        for _ in 0..count.unsigned_abs() {
            target.push(item.clone());
        }
    }
    (added, removed)
}

#[cfg(test)]
mod tests {
    use domain::history::Changed;
    use domain::surface::Cell;

    use super::{Contents, Place, Reading, difference};

    fn contents(reading: Reading) -> Contents {
        let place = Place {
            database: "a".into(),
            table: "dbo.t".into(),
        };
        Contents {
            places: [(place, reading)].into(),
        }
    }

    fn rows(numbers: &[i64]) -> Reading {
        Reading::Rows(numbers.iter().map(|n| vec![Cell::Integer(*n)]).collect())
    }

    #[test]
    fn order_is_no_change_and_repetition_is_one() {
        for (before, after, added, removed) in [
            (vec![1, 2], vec![2, 1], vec![], vec![]),
            (vec![1, 1], vec![1], vec![], vec![1]),
            (vec![], vec![3, 3], vec![3, 3], vec![]),
            (vec![1, 2], vec![1, 4], vec![4], vec![2]),
        ] {
            assert_eq!(
                difference(&before, &after),
                (added, removed),
                "{before:?} {after:?}"
            );
        }
    }

    #[test]
    fn a_table_that_vanished_is_unreadable_and_an_equal_one_is_no_change() {
        let before = contents(rows(&[1, 2]));
        assert_eq!(before.changes_to(&contents(rows(&[2, 1]))), []);
        let gone = before.changes_to(&contents(Reading::Unreadable("error 208".into())));
        assert_eq!(
            gone[0].what,
            Changed::Unreadable {
                table: "dbo.t".into(),
                error: "error 208".into()
            }
        );
        let mut present = before.clone();
        present.update(contents(rows(&[1])));
        assert_eq!(present, contents(rows(&[1])));
    }
}
