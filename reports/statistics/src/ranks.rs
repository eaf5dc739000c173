//! Do two samples of times differ, and by how much? Ranks alone decide, so that one slow answer among
//! many says nothing.
//!
//! With n and m values, D the n·m differences (second less first) and U the number of positive ones, ties
//! counted half:
//!
//! - the shift is the median of D (Hodges and Lehmann);
//! - its interval are the order statistics D₍ₖ₎ and D₍ₙₘ₊₁₋ₖ₎ with k = nm/2 − z √(nm(n + m + 1)/12),
//!   rounded down (Moses), z the normal quantile of half the error;
//! - the superiority is U/(nm): how often a second value exceeds a first one, 1/2 if they are alike;
//! - the probability by chance is Mann and Whitney's, two-sided: exact where there are no ties and
//!   n + m ≤ 40, otherwise the normal approximation corrected for ties and continuity.
//!
//! Who looks at several operations must demand more of each: see [`Comparison::is_told`].

use crate::level::Level;
use crate::normal::{above, quantile_above};
use crate::proportion::Interval;

/// Values up to which the distribution of U is enumerated.
const EXACT_MAX: usize = 40;
/// Values of a sample that are compared; a comparison is of each with each.
const VALUES_MAX: usize = 500;

/// What two samples say of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Median of the differences, second less first.
    pub shift: f64,
    /// Where the shift lies, with the level that was asked for.
    pub interval: Interval,
    /// How often a value of the second exceeds one of the first, ties counted half.
    pub superiority: f64,
    /// The probability of a difference in ranks like this, or a greater one, if there is none.
    pub by_chance: f64,
}

impl Comparison {
    /// Whether it is worth telling among so many comparisons: less likely by chance than the level
    /// allows each of them (Bonferroni), and beyond a shift that anybody could measure.
    pub fn is_told(&self, level: Level, comparisons: u64, shift_min: f64) -> bool {
        self.by_chance < level.of_each(comparisons).alpha() && self.shift.abs() >= shift_min
    }
}

/// Compares two samples; `None` when one of them is empty or holds what is no number. Of long samples
/// the first values count.
pub fn compare(first: &[f64], second: &[f64], level: Level) -> Option<Comparison> {
    let first = &first[..first.len().min(VALUES_MAX)];
    let second = &second[..second.len().min(VALUES_MAX)];
    let is_bad = |values: &[f64]| values.is_empty() || values.iter().any(|one| !one.is_finite());
    if is_bad(first) || is_bad(second) {
        return None;
    }
    let mut differences: Vec<f64> = first
        .iter()
        .flat_map(|one| second.iter().map(move |other| other - one))
        .collect();
    differences.sort_by(f64::total_cmp);
    let pairs = count(differences.len());
    let greater = count(differences.iter().filter(|own| **own > 0.0).count());
    let equal = count(differences.iter().filter(|own| **own == 0.0).count());
    let statistic = greater + equal / 2.0;
    let total = count(first.len() + second.len());
    let spread = (pairs * (total + 1.0) / 12.0).sqrt();
    let half = quantile_above(level.alpha() / 2.0) * spread;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the number of pairs; below 1 it is the outermost"
    )]
    let outer = ((pairs / 2.0 - half).floor().max(1.0)) as usize;
    let by_chance = if equal == 0.0
        && first.len() + second.len() <= EXACT_MAX
        && !has_ties(first)
        && !has_ties(second)
    {
        exact(first.len(), second.len(), greater)
    } else {
        approximate(first, second, statistic)
    };
    Some(Comparison {
        shift: median(&differences),
        interval: Interval {
            lower: differences[outer - 1],
            upper: differences[differences.len() - outer],
        },
        superiority: statistic / pairs,
        by_chance,
    })
}

fn has_ties(values: &[f64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Two-sided, from all the ways in which the ranks can fall.
fn exact(first: usize, second: usize, statistic: f64) -> f64 {
    // ways[k][u]: in how many orders of k firsts and some seconds u pairs are the right way round.
    let most = first * second;
    let mut ways = vec![vec![0.0_f64; most + 1]; first + 1];
    ways[0][0] = 1.0;
    // One value after the other: the `place`-th of all has `place` values below it.
    for place in 0..first + second {
        for chosen in (0..first.min(place + 1)).rev() {
            // A first put at this place stands above as many seconds as are below it.
            let below = place - chosen;
            if below > second {
                continue;
            }
            for u in (0..=most - below).rev() {
                let add = ways[chosen][u];
                if add > 0.0 {
                    ways[chosen + 1][u + below] += add;
                }
            }
        }
    }
    let all: f64 = ways[first].iter().sum();
    let mean = count(most) / 2.0;
    let distance = (statistic - mean).abs();
    let outside: f64 = (0..)
        .map(count)
        .zip(&ways[first])
        .filter(|(u, _)| (u - mean).abs() >= distance - 1e-9)
        .map(|(_, ways)| ways)
        .sum();
    (outside / all).min(1.0)
}

fn approximate(first: &[f64], second: &[f64], statistic: f64) -> f64 {
    let mut all: Vec<f64> = first.iter().chain(second).copied().collect();
    all.sort_by(f64::total_cmp);
    let ties: f64 = all
        .chunk_by(|one, other| one == other)
        .map(|same| count(same.len()).powi(3) - count(same.len()))
        .sum();
    let (n, m, total) = (count(first.len()), count(second.len()), count(all.len()));
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance.is_nan() || variance <= 0.0 {
        return 1.0;
    }
    let distance = ((statistic - n * m / 2.0).abs() - 0.5).max(0.0);
    (2.0 * above(distance / variance.sqrt())).min(1.0)
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

#[expect(clippy::cast_precision_loss, reason = "samples are far below 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{approximate, compare, exact};
    use crate::level::Level;

    /// Critical values of Mann and Whitney's U at 5 %, two-sided (their table of 1947, as reprinted in
    /// Siegel, Nonparametric Statistics): at the value the probability is at most 5 %, beyond it more.
    #[test]
    fn exact_probabilities_agree_with_the_table_of_critical_values() {
        for (n, m, critical) in [
            (4, 4, 0.0),
            (5, 5, 2.0),
            (6, 6, 5.0),
            (8, 8, 13.0),
            (10, 10, 23.0),
            (5, 10, 8.0),
            (12, 15, 49.0),
            (20, 20, 127.0),
        ] {
            assert!(exact(n, m, critical) <= 0.05, "{n} {m}");
            assert!(exact(n, m, critical + 1.0) > 0.05, "{n} {m}");
        }
        // Of the 20 orders of 3 and 3, one puts all of one before all of the other, and one after.
        assert!((exact(3, 3, 0.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn the_approximation_comes_near_what_is_exact() {
        let first: Vec<f64> = (0..20).map(|i| f64::from(i) * 1.5).collect();
        for shift in [0.0, 3.1, 7.3, 11.7] {
            let second: Vec<f64> = first.iter().map(|one| one + shift + 0.01).collect();
            let greater = first
                .iter()
                .flat_map(|one| {
                    second
                        .iter()
                        .map(move |other| f64::from(u8::from(other > one)))
                })
                .sum();
            let (near, sure) = (
                approximate(&first, &second, greater),
                exact(20, 20, greater),
            );
            assert!((near - sure).abs() < 0.01, "{shift}: {near} {sure}");
        }
    }

    #[test]
    fn a_shift_is_found_with_its_size() {
        let first: Vec<f64> = (0..200).map(|i| f64::from(i * 7 % 50)).collect();
        let slower: Vec<f64> = first.iter().map(|one| one + 12.0).collect();
        let found = compare(&first, &slower, Level::P95).expect("numbers");
        assert!((found.shift - 12.0).abs() < 1e-9, "{found:?}");
        assert!(
            found.interval.lower > 8.0 && found.interval.upper < 16.0,
            "{found:?}"
        );
        assert!(
            found.by_chance < 1e-6 && found.superiority > 0.6,
            "{found:?}"
        );
        assert!(found.is_told(Level::P99, 50, 10.0));
        assert!(!found.is_told(Level::P99, 50, 20.0));
        let same = compare(&first, &first, Level::P95).expect("numbers");
        assert!(
            same.by_chance > 0.9 && !same.is_told(Level::P95, 1, 0.0),
            "{same:?}"
        );
    }

    #[test]
    fn what_is_no_sample_is_not_compared() {
        for (first, second) in [
            (&[][..], &[1.0][..]),
            (&[1.0], &[]),
            (&[f64::NAN], &[1.0]),
            (&[1.0], &[f64::INFINITY]),
        ] {
            assert_eq!(compare(first, second, Level::P95), None);
        }
        let alike = compare(&[5.0; 30], &[5.0; 30], Level::P95).expect("numbers");
        assert!((alike.by_chance - 1.0).abs() < 1e-9, "{alike:?}");
    }

    proptest! {
        #[test]
        fn comparing_the_other_way_round_turns_everything(
            first in prop::collection::vec(0_u16..60, 1..30),
            second in prop::collection::vec(0_u16..60, 1..30),
        ) {
            let floats = |values: &[u16]| -> Vec<f64> { values.iter().copied().map(f64::from).collect() };
            let (first, second) = (floats(&first), floats(&second));
            let there = compare(&first, &second, Level::P95).expect("numbers");
            let back = compare(&second, &first, Level::P95).expect("numbers");
            prop_assert!((there.shift + back.shift).abs() < 1e-9);
            prop_assert!((there.interval.lower + back.interval.upper).abs() < 1e-9);
            prop_assert!((there.superiority + back.superiority - 1.0).abs() < 1e-9);
            prop_assert!((there.by_chance - back.by_chance).abs() < 1e-9);
            prop_assert!(there.interval.lower <= there.shift && there.shift <= there.interval.upper);
            prop_assert!((0.0..=1.0).contains(&there.by_chance));
        }
    }
}
