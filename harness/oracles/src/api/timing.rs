//! Does time tell what answers do not? Latencies of attacks on foreign things beside those on things that
//! never were, compared by rank. A note for people, never a verdict: machines are noisy.

use std::collections::BTreeMap;

use domain::api::case::Stance;
use domain::api::history::History;

use super::judge::{call, calls};

/// Pairs below which nothing is said.
const PAIRS_MIN: usize = 20;
/// Below this probability a difference is told.
const TOLD_BELOW: f64 = 0.001;

/// Latencies by operation: of what is another's, and of what never was.
#[derive(Debug, Clone, Default)]
pub struct Timings {
    pairs: BTreeMap<String, (Vec<u64>, Vec<u64>)>,
}

impl Timings {
    /// Takes the pairs of a history whose answers had the same status.
    pub fn add(&mut self, history: &History) {
        for counterpart in calls(history).filter(super::judge::Call::is_answered) {
            let Stance::Counterpart { attack } = counterpart.tried.stance else {
                continue;
            };
            let Some(first) = call(history, attack).filter(super::judge::Call::is_answered) else {
                continue;
            };
            if first.operation != counterpart.operation
                || first.answer.status != counterpart.answer.status
            {
                continue;
            }
            let (foreign, missing) = self.pairs.entry(first.operation.to_owned()).or_default();
            foreign.push(first.answer.latency_us);
            missing.push(counterpart.answer.latency_us);
        }
    }

    /// A sentence for each operation whose times differ more than chance explains.
    pub fn notes(&self) -> Vec<String> {
        self.pairs
            .iter()
            .filter(|(_, (foreign, missing))| foreign.len().min(missing.len()) >= PAIRS_MIN)
            .filter_map(|(operation, (foreign, missing))| {
                let probability = by_chance(foreign, missing);
                (probability < TOLD_BELOW).then(|| {
                    format!(
                        "{operation} answers for what is another's in {} µs and for what never was \
                         in {} µs (medians of {} pairs; by chance with probability {probability:.1e})",
                        median(foreign),
                        median(missing),
                        foreign.len()
                    )
                })
            })
            .collect()
    }
}

/// The probability that two samples of one distribution differ in rank as much as these: Mann and
/// Whitney's test, two-sided, in its normal approximation with correction for ties and continuity.
fn by_chance(one: &[u64], other: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> = one
        .iter()
        .map(|&value| (value, true))
        .chain(other.iter().map(|&value| (value, false)))
        .collect();
    all.sort_unstable();
    let (mut ranks, mut ties, mut at) = (0.0, 0.0, 0);
    while at < all.len() {
        let same = all[at..]
            .iter()
            .take_while(|(value, _)| *value == all[at].0)
            .count();
        let rank = count(at) + (count(same) + 1.0) / 2.0;
        let of_one = all[at..at + same]
            .iter()
            .filter(|(_, first)| *first)
            .count();
        ranks += rank * count(of_one);
        ties += count(same).powi(3) - count(same);
        at += same;
    }
    let (first, second) = (count(one.len()), count(other.len()));
    let total = first + second;
    let statistic = ranks - first * (first + 1.0) / 2.0;
    let mean = first * second / 2.0;
    let variance = first * second / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let distance = ((statistic - mean).abs() - 0.5).max(0.0) / variance.sqrt();
    2.0 * upper_tail(distance)
}

#[expect(clippy::cast_precision_loss, reason = "samples are far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

/// The share of a standard normal distribution above `z`, for `z` ≥ 0: Abramowitz and Stegun 26.2.17.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * series
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use super::{Timings, by_chance, upper_tail};
    use crate::api::sample;

    #[test]
    fn ranks_tell_samples_apart() {
        let low: Vec<u64> = (0..30).collect();
        let high: Vec<u64> = (20..50).collect();
        let same: Vec<u64> = (0..30).rev().collect();
        assert!(by_chance(&low, &high) < 1e-6);
        assert!(by_chance(&low, &same) > 0.9);
        assert!(by_chance(&[5; 30], &[5; 30]) > 0.9);
        for (z, expected) in [(0.0, 0.5), (1.96, 0.025), (3.0, 0.00135)] {
            assert!((upper_tail(z) - expected).abs() < 1e-4, "{z}");
        }
    }

    #[test]
    fn a_note_needs_enough_pairs_that_differ() {
        for (pairs, slower, told) in [(30, 500, true), (30, 0, false), (5, 500, false)] {
            let mut timings = Timings::default();
            for pair in 0..pairs {
                let mut history = sample::history();
                let attack = sample::attack(&["B03"], Must::BeRefused, Some(1));
                let step = sample::get(0, "clerk", "/items/7").stance(Stance::Attack(attack));
                sample::take(&mut history, step, 404, "");
                let step = sample::get(0, "clerk", "/items/9");
                let step = step.stance(Stance::Counterpart { attack: 0 });
                sample::take(&mut history, step, 404, "");
                sample::answer_mut(&mut history, 0).latency_us = 100 + pair % 7 + slower;
                sample::answer_mut(&mut history, 1).latency_us = 100 + pair % 7;
                timings.add(&history);
            }
            assert_eq!(!timings.notes().is_empty(), told, "{pairs} {slower}");
        }
    }
}
