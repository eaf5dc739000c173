//! Does time tell what answers do not? Latencies of attacks on foreign things beside those on things that
//! never were, compared by rank. A note for people, never a verdict: machines are noisy.

use std::collections::BTreeMap;

use domain::api::case::Stance;
use domain::api::history::History;
use statistics::Level;
use statistics::ranks::{Comparison, compare};

use super::judge::{call, calls};

/// Pairs below which nothing is said.
const PAIRS_MIN: usize = 20;
/// How sure it must be that something differs, over all comparisons together.
const TOLD_FROM: f64 = 0.999;
/// Microseconds below which a difference would not survive a network.
const SHIFT_MIN_US: f64 = 20.0;

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

    /// A sentence for each operation whose times differ more than chance explains, among all that were
    /// compared, and by enough to be measured from outside.
    pub fn notes(&self) -> Vec<String> {
        let compared: Vec<(&String, usize, Comparison)> = self
            .pairs
            .iter()
            .filter(|(_, (foreign, _))| foreign.len() >= PAIRS_MIN)
            .filter_map(|(operation, (foreign, missing))| {
                // Missing first: a positive shift is time that a foreign thing takes in addition.
                let comparison = compare(&times(missing), &times(foreign), Level::P95)?;
                Some((operation, foreign.len(), comparison))
            })
            .collect();
        let level = Level::new(TOLD_FROM).unwrap_or(Level::P99);
        let count = compared.len() as u64;
        compared
            .iter()
            .filter(|(_, _, own)| own.is_told(level, count, SHIFT_MIN_US))
            .map(|(operation, pairs, own)| {
                let word = if own.shift > 0.0 { "later" } else { "sooner" };
                let (least, most) = match own.shift > 0.0 {
                    true => (own.interval.lower, own.interval.upper),
                    false => (-own.interval.upper, -own.interval.lower),
                };
                format!(
                    "{operation} answers {:.0} µs {word} for what is another's than for what never was (95 %: \
                     {least:.0} to {most:.0} µs; {pairs} pairs, one of {count} comparisons, by chance with \
                     probability {:.0e}); time is told and never judged",
                    own.shift.abs(),
                    own.by_chance
                )
            })
            .collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds are far below 2^53"
)]
fn times(microseconds: &[u64]) -> Vec<f64> {
    microseconds.iter().map(|one| *one as f64).collect()
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use super::Timings;
    use crate::api::sample;

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
            let notes = timings.notes();
            assert_eq!(!notes.is_empty(), told, "{pairs} {slower}");
            assert!(
                notes.iter().all(|note| note.contains("500 µs later")),
                "{notes:?}"
            );
        }
    }
}
