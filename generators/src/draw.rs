//! Random choices, all of them drawn from one proptest runner.
//!
//! A runner belongs to one case and is seeded from the case's own seed with a fixed algorithm, so
//! that a case is the same on every machine and whatever was drawn for others.

use std::ops::Range;

use domain::seed::Seed;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A source of choices. A copy draws the same from then on.
#[derive(Debug, Clone)]
pub(crate) struct Draw {
    runner: TestRunner,
}

impl Draw {
    /// The choices of one seed.
    pub(crate) fn new(seed: Seed) -> Self {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.bytes());
        // Persistence would read files beside the sources, which a campaign must not.
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        Self {
            runner: TestRunner::new_with_rng(config, rng),
        }
    }

    /// A value of a strategy.
    pub(crate) fn of<S: Strategy>(&mut self, strategy: S) -> S::Value {
        strategy
            .new_tree(&mut self.runner)
            .expect("no strategy here filters")
            .current()
    }

    /// A number of a range that is not empty.
    pub(crate) fn within(&mut self, range: Range<usize>) -> usize {
        self.of(range)
    }

    /// True in `percent` of a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.within(0..100) < percent
    }

    /// One of several; `None` when there are none.
    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        if from.is_empty() {
            return None;
        }
        let index = self.within(0..from.len());
        from.get(index)
    }

    /// One of several, the more often the heavier.
    pub(crate) fn weighted<'t, T>(
        &mut self,
        from: &'t [T],
        weight: impl Fn(&T) -> usize,
    ) -> Option<&'t T> {
        let total: usize = from.iter().map(&weight).sum();
        if total == 0 {
            return None;
        }
        let mut left = self.within(0..total);
        from.iter().find(|one| {
            let own = weight(one);
            let found = left < own;
            left = left.saturating_sub(own);
            found
        })
    }
}
