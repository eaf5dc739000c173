//! How rare may an event be that was seen x times in n? Clopper and Pearson's exact limits.
//!
//! With B(p; a, b) the quantile of the beta distribution and α the error that the level leaves:
//!
//! - one-sided upper limit: B(1 − α; x + 1, n − x), 1 when x = n; for x = 0 it is 1 − α^(1/n);
//! - one-sided lower limit: B(α; x, n − x + 1), 0 when x = 0; for x = n it is α^(1/n);
//! - two-sided interval: both, each with α/2.
//!
//! "Exact" means that the limits hold with at least the level whatever the true proportion is. They
//! speak of trials that are drawn alike and independently; whether they are is not theirs to know.

use crate::beta::quantile;
use crate::level::Level;

/// Events among trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    events: u64,
    trials: u64,
}

/// Two limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower.
    pub lower: f64,
    /// The upper.
    pub upper: f64,
}

impl Sample {
    /// `events` of `trials`; `None` when there are more events than trials.
    pub fn new(events: u64, trials: u64) -> Option<Self> {
        (events <= trials).then_some(Self { events, trials })
    }

    /// No event in `trials`.
    pub fn without_event(trials: u64) -> Self {
        Self { events: 0, trials }
    }

    /// Events.
    pub fn events(self) -> u64 {
        self.events
    }

    /// Trials.
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// Events per trial; `None` without trials.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn proportion(self) -> Option<f64> {
        (self.trials > 0).then(|| self.events as f64 / self.trials as f64)
    }

    /// The one-sided upper limit. Without trials it is 1: nothing is known.
    pub fn upper(self, level: Level) -> f64 {
        self.upper_at(level.alpha())
    }

    /// The one-sided lower limit. Without trials it is 0.
    pub fn lower(self, level: Level) -> f64 {
        // What did not happen is an event, too.
        1.0 - self.turned().upper_at(level.alpha())
    }

    /// The two-sided interval. Its limits are wider than the one-sided ones of the same level, and
    /// must not be quoted as such.
    pub fn interval(self, level: Level) -> Interval {
        let alpha = level.alpha() / 2.0;
        Interval {
            lower: 1.0 - self.turned().upper_at(alpha),
            upper: self.upper_at(alpha),
        }
    }

    fn turned(self) -> Self {
        Self {
            events: self.trials - self.events,
            trials: self.trials,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn upper_at(self, alpha: f64) -> f64 {
        if self.events == self.trials {
            return 1.0;
        }
        let trials = self.trials as f64;
        if self.events == 0 {
            return -(alpha.ln() / trials).exp_m1();
        }
        let events = self.events as f64;
        quantile(1.0 - alpha, events + 1.0, trials - events)
    }
}

/// The least number of trials without event whose one-sided upper limit is at most `limit`:
/// ⌈ln α / ln(1 − limit)⌉. `None` for a limit that no number of trials reaches.
pub fn trials_needed(limit: f64, level: Level) -> Option<u64> {
    if !(limit > 0.0 && limit < 1.0) {
        return None;
    }
    let trials = level.alpha().ln() / (-limit).ln_1p();
    // Rounding must not lose or add a trial at limits that are met exactly.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and saturating is right"
    )]
    let whole = (trials - 1e-9).ceil().max(1.0) as u64;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sample, trials_needed};
    use crate::level::Level;

    fn sample(events: u64, trials: u64) -> Sample {
        Sample::new(events, trials).expect("not more events than trials")
    }

    fn near(value: f64, expected: f64, digits: f64) -> bool {
        (value - expected).abs() < 0.5 * digits
    }

    /// Closed forms, and the values that auditors' tables of upper deviation rates give (AICPA,
    /// Audit Sampling: 25 items without deviation 11.3 % at 95 % and 8.8 % at 90 %, 60 items 4.9 %).
    #[test]
    fn one_sided_limits_agree_with_tabulated_values() {
        let p90 = Level::new(0.9).expect("a level");
        for (events, trials, level, expected, digits) in [
            (0, 25, Level::P95, 0.113, 0.001),
            (0, 25, p90, 0.088, 0.001),
            (0, 60, Level::P95, 0.049, 0.001),
            (0, 59, Level::P95, 0.0495, 0.0001),
            (0, 299, Level::P95, 0.00997, 0.00001),
            (0, 1_000, Level::P95, 0.00299, 0.00001),
            (0, 2_995, Level::P95, 0.001, 0.000_01),
            (0, 10_000, Level::P95, 0.000_299_5, 0.000_000_1),
            (0, 50_000, Level::P95, 0.000_059_9, 0.000_000_1),
            (1, 1_000, Level::P95, 0.004_73, 0.000_01),
        ] {
            let upper = sample(events, trials).upper(level);
            assert!(near(upper, expected, digits), "{events}/{trials}: {upper}");
        }
        for (found, planted, expected) in [
            (10, 10, 0.741),
            (20, 20, 0.861),
            (40, 40, 0.928),
            (60, 60, 0.951),
        ] {
            let lower = sample(found, planted).lower(Level::P95);
            assert!(near(lower, expected, 0.001), "{found}/{planted}: {lower}");
        }
    }

    /// Clopper and Pearson's own chart and its later tables (for example Johnson, Kotz and Kemp,
    /// Univariate Discrete Distributions; R's `binom.test`).
    #[test]
    fn two_sided_intervals_agree_with_tabulated_values() {
        for (events, trials, lower, upper) in [
            (0, 10, 0.0, 0.3085),
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (10, 10, 0.6915, 1.0),
            (2, 20, 0.0123, 0.3170),
            (7, 20, 0.1539, 0.5922),
            (10, 100, 0.0490, 0.1762),
        ] {
            let interval = sample(events, trials).interval(Level::P95);
            assert!(near(interval.lower, lower, 0.000_11), "{interval:?}");
            assert!(near(interval.upper, upper, 0.000_11), "{interval:?}");
        }
    }

    #[test]
    fn nothing_tried_is_nothing_known() {
        let none = Sample::without_event(0);
        assert_eq!((none.lower(Level::P95), none.upper(Level::P95)), (0.0, 1.0));
        assert_eq!(none.proportion(), None);
        assert_eq!(Sample::new(2, 1), None);
    }

    #[test]
    fn the_trials_that_a_limit_needs() {
        for (limit, expected) in [(0.05, 59), (0.01, 299), (0.001, 2_995)] {
            assert_eq!(trials_needed(limit, Level::P95), Some(expected));
        }
        assert_eq!(
            trials_needed(0.5, Level::new(0.75).expect("a level")),
            Some(2)
        );
        assert_eq!(trials_needed(0.0, Level::P95), None);
        assert_eq!(trials_needed(1.0, Level::P95), None);
    }

    /// P(X = k) of n trials, for all k.
    fn binomial(trials: u64, p: f64) -> Vec<f64> {
        let mut masses = vec![1.0];
        for _ in 0..trials {
            let mut next = vec![0.0; masses.len() + 1];
            for (k, mass) in masses.iter().enumerate() {
                next[k] += mass * (1.0 - p);
                next[k + 1] += mass * p;
            }
            masses = next;
        }
        masses
    }

    /// Every sample that can come of n trials, weighed by how likely it is: the limits hold at least
    /// as often as they say, whatever the true proportion.
    #[test]
    fn limits_hold_as_often_as_they_say() {
        for trials in [1, 2, 5, 17, 40] {
            for p in [0.001, 0.01, 0.05, 0.2, 0.5, 0.77, 0.99] {
                let (mut above, mut below, mut between) = (0.0, 0.0, 0.0);
                for (events, mass) in (0..).zip(binomial(trials, p)) {
                    let sample = sample(events, trials);
                    let within = sample.interval(Level::P95);
                    above += mass * f64::from(u8::from(p <= sample.upper(Level::P95)));
                    below += mass * f64::from(u8::from(p >= sample.lower(Level::P95)));
                    between += mass * f64::from(u8::from(p >= within.lower && p <= within.upper));
                }
                for coverage in [above, below, between] {
                    assert!(coverage >= 0.95 - 1e-9, "{trials} trials, {p}: {coverage}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn limits_enclose_the_proportion_and_go_where_they_should(
            trials in 1_u64..20_000,
            share in 0.0..=1.0_f64,
        ) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of a small count"
            )]
            let events = (share * trials as f64) as u64;
            let one = sample(events, trials);
            let proportion = one.proportion().expect("there are trials");
            let (lower, upper) = (one.lower(Level::P95), one.upper(Level::P95));
            prop_assert!(lower <= proportion && proportion <= upper, "{lower} {upper}");
            prop_assert!(one.upper(Level::P99) >= upper && one.lower(Level::P99) <= lower);
            let both = one.interval(Level::P95);
            prop_assert!(both.lower <= lower && both.upper >= upper);
            // One more trial without event lowers both; one more event raises both.
            let longer = sample(events, trials + 1);
            prop_assert!(longer.upper(Level::P95) <= upper + 1e-12);
            let worse = sample(events + 1, trials + 1);
            prop_assert!(worse.lower(Level::P95) >= lower - 1e-12);
            prop_assert!(worse.upper(Level::P95) >= upper - 1e-12);
        }
    }
}
