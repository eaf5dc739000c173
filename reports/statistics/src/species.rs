//! How much that is new would the search still find? Estimates from what it saw once or twice (STADS:
//! Böhme 2018), for inputs that were drawn from one distribution which did not learn from them.
//!
//! A species is a kind of behaviour; with n inputs, S species, f₁ of them seen once and f₂ twice:
//!
//! - discovery: about f₁/n, the probability that the next input shows something new (Good and Turing);
//!   where f₁ = 0 the upper limit 1 − α^(1/n) instead, never 0;
//! - coverage of the sample: 1 − f₁/n;
//! - richness: S + f₁(f₁ − 1)/(2(f₂ + 1)), bias-corrected (Chao 1984): a lower estimate;
//! - ceiling: f₁/n + (2√2 + √3) √(ln(3/α)/n), which the probability of something new exceeds with
//!   probability α at most, whatever the distribution (McAllester and Schapire 2000). Honest and loose.
//!
//! Where the search is guided by what it found, all of this understates what is left (Böhme, Liyanage
//! and Wüstholz 2021), and nothing of it may be said.

use std::collections::{BTreeMap, BTreeSet};

use crate::level::Level;
use crate::proportion::Sample;

/// How often each kind of behaviour was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Species {
    /// Inputs, n.
    pub inputs: u64,
    /// Kinds, S.
    pub kinds: u64,
    /// Kinds that exactly one input showed, f₁.
    pub once: u64,
    /// Kinds that exactly two inputs showed, f₂.
    pub twice: u64,
}

/// What may be said of the next input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The probability that it shows something new; where nothing was seen only once, the upper limit.
    pub discovery: f64,
    /// Whether that is the limit and no estimate.
    pub is_limit: bool,
    /// The share of all behaviour, weighed by how often it comes, that was seen.
    pub coverage: f64,
    /// Kinds that there are, at the least.
    pub richness: f64,
    /// What the probability of something new does not exceed, whatever the distribution.
    pub ceiling: f64,
    /// Whether the estimate stays within a factor of 2 when pairs of inputs are taken as one.
    pub is_stable: bool,
}

impl Species {
    /// Counts what the inputs showed, in the order in which they were drawn; `unit` successive inputs
    /// are taken as one.
    pub fn of<S: AsRef<str>>(shown: &[S], unit: usize) -> Self {
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        let mut inputs = 0;
        for together in shown.chunks(unit.max(1)) {
            inputs += 1;
            let kinds: BTreeSet<&str> = together.iter().map(AsRef::as_ref).collect();
            for kind in kinds {
                *seen.entry(kind).or_default() += 1;
            }
        }
        let times = |wanted: u64| seen.values().filter(|own| **own == wanted).count() as u64;
        Self {
            inputs,
            kinds: seen.len() as u64,
            once: times(1),
            twice: times(2),
        }
    }
}

/// What `shown`, in the order in which the inputs were drawn, says of the next input; `None` without
/// inputs.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn estimate<S: AsRef<str>>(shown: &[S], level: Level) -> Option<Estimate> {
    let species = Species::of(shown, 1);
    if species.inputs == 0 {
        return None;
    }
    let (inputs, once, twice) = (
        species.inputs as f64,
        species.once as f64,
        species.twice as f64,
    );
    let is_limit = species.once == 0;
    let discovery = if is_limit {
        Sample::without_event(species.inputs).upper(level)
    } else {
        once / inputs
    };
    let spread =
        (2.0 * 2.0_f64.sqrt() + 3.0_f64.sqrt()) * ((3.0 / level.alpha()).ln() / inputs).sqrt();
    let pairs = Species::of(shown, 2);
    let of_pairs = pairs.once as f64 / pairs.inputs as f64 / 2.0;
    let is_stable = is_limit || (of_pairs <= discovery * 2.0 && of_pairs >= discovery / 2.0);
    Some(Estimate {
        discovery,
        is_limit,
        coverage: 1.0 - once / inputs,
        richness: species.kinds as f64 + once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0)),
        ceiling: (once / inputs + spread).min(1.0),
        is_stable,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Species, estimate};
    use crate::level::Level;

    #[test]
    fn kinds_are_counted_by_how_many_inputs_showed_them() {
        let shown = ["a", "b", "a", "c", "c", "d", "a"];
        let expected = Species {
            inputs: 7,
            kinds: 4,
            once: 2,
            twice: 1,
        };
        assert_eq!(Species::of(&shown, 1), expected);
        // (a b) (a c) (c d) (a): a thrice, c twice.
        let expected = Species {
            inputs: 4,
            kinds: 4,
            once: 2,
            twice: 1,
        };
        assert_eq!(Species::of(&shown, 2), expected);
        assert_eq!(Species::of::<&str>(&[], 1), Species::default());
    }

    #[test]
    fn formulas_agree_with_worked_values() {
        // f1 = 2, f2 = 1, S = 4, n = 7: 2/7; 4 + 2·1/(2·2) = 4.5.
        let shown = ["a", "b", "a", "c", "c", "d", "a"];
        let own = estimate(&shown, Level::P95).expect("inputs");
        assert!(
            (own.discovery - 2.0 / 7.0).abs() < 1e-12 && !own.is_limit,
            "{own:?}"
        );
        assert!((own.coverage - 5.0 / 7.0).abs() < 1e-12, "{own:?}");
        assert!((own.richness - 4.5).abs() < 1e-12, "{own:?}");
        // With f1 = 0 and n = 50,000 the ceiling is about 0.04, and the limit 0.00599 %.
        let many = vec!["a"; 50_000];
        let own = estimate(&many, Level::P95).expect("inputs");
        assert!(own.is_limit && own.is_stable, "{own:?}");
        assert!((own.discovery - 5.991e-5).abs() < 1e-8, "{own:?}");
        assert!((own.ceiling - 0.0413).abs() < 1e-4, "{own:?}");
        assert_eq!(estimate::<&str>(&[], Level::P95), None);
    }

    #[test]
    fn inputs_that_come_in_pairs_make_the_estimate_unstable() {
        let mixed: Vec<String> = (0..400)
            .map(|i| {
                if i % 40 == 39 {
                    format!("rare {i}")
                } else {
                    format!("{}", i / 2)
                }
            })
            .collect();
        assert!(!estimate(&mixed, Level::P95).expect("inputs").is_stable);
    }

    proptest! {
        #[test]
        fn estimates_stay_within_what_is_possible(
            shown in prop::collection::vec("[a-f]", 1..80),
        ) {
            let own = estimate(&shown, Level::P95).expect("inputs");
            prop_assert!(own.discovery > 0.0 && own.discovery <= 1.0);
            prop_assert!((0.0..=1.0).contains(&own.coverage));
            prop_assert!(own.ceiling > 0.0 && own.ceiling <= 1.0);
            let kinds = Species::of(&shown, 1).kinds;
            #[expect(clippy::cast_precision_loss, reason = "few kinds")]
            let kinds = kinds as f64;
            prop_assert!(own.richness >= kinds);
        }
    }
}
