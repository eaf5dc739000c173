//! In which order is something made smaller? Pass after pass, from the coarse to the fine, until a
//! whole round of them finds nothing more.
//!
//! A [`Search`] is a value tree in proptest's sense: `current` is a proposal, `simplify` says that
//! the proposal still shows what is looked for, `complicate` that it does not. It knows no target,
//! does no I/O and draws nothing, so whoever drives it may take his time over every answer.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::Range;

use proptest::strategy::ValueTree;

/// Something that can be made smaller.
pub(crate) trait Reducible: Clone + Debug + 'static {
    /// How large it is: compared place by place, less is smaller. A proposal that is not smaller
    /// than what is there is never made, so that every search ends.
    fn size(&self) -> Vec<usize>;

    /// What tells it from others: nothing is proposed twice.
    fn identity(&self) -> String;

    /// The ways to make it smaller, the coarsest first.
    fn passes() -> &'static [Pass<Self>];
}

/// One way to make something smaller.
#[derive(Debug)]
pub(crate) enum Pass<C> {
    /// It has parts that can be left out: many together first, then fewer, then each alone.
    Drop {
        /// How many parts it has.
        parts: fn(&C) -> usize,
        /// What is left without these, and without all that makes no sense then; `None` when
        /// that is nothing.
        without: fn(&C, Range<usize>) -> Option<C>,
    },
    /// It can be rewritten in each of these ways, the most promising first.
    Rewrite(fn(&C) -> Vec<C>),
}

/// A search for the smallest that still shows something.
#[derive(Debug)]
pub(crate) struct Search<C: Reducible> {
    /// The smallest that is known to show it.
    best: C,
    proposal: Option<C>,
    tried: BTreeSet<String>,
    /// Which pass is at work.
    pass: usize,
    place: Place<C>,
    /// Whether anything became smaller since the first pass last began.
    has_progressed: bool,
    is_exhausted: bool,
}

/// How far a pass has come.
#[derive(Debug)]
enum Place<C> {
    /// Nowhere yet.
    Start,
    /// `behind` parts at the end are done with, in pieces of this many.
    Dropping { size: usize, behind: usize },
    /// The next of these.
    Rewriting { left: std::vec::IntoIter<C> },
}

impl<C: Reducible> Search<C> {
    /// A search that begins at what is known to show it.
    pub(crate) fn new(best: C) -> Self {
        Self {
            tried: [best.identity()].into(),
            best,
            proposal: None,
            pass: 0,
            place: Place::Start,
            has_progressed: false,
            is_exhausted: false,
        }
    }

    /// Whether nothing smaller is left to try.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Looks for the next proposal; false when there is none.
    fn advance(&mut self) -> bool {
        while !self.is_exhausted {
            let Some(next) = self.next_of_pass() else {
                self.next_pass();
                continue;
            };
            if next.size() < self.best.size() && self.tried.insert(next.identity()) {
                self.proposal = Some(next);
                return true;
            }
        }
        false
    }

    fn next_pass(&mut self) {
        self.place = Place::Start;
        self.pass += 1;
        if self.pass == C::passes().len() {
            self.pass = 0;
            self.is_exhausted = !self.has_progressed;
            self.has_progressed = false;
        }
    }

    /// What the present pass proposes next.
    fn next_of_pass(&mut self) -> Option<C> {
        match C::passes().get(self.pass)? {
            Pass::Rewrite(ways) => {
                if !matches!(self.place, Place::Rewriting { .. }) {
                    let left = ways(&self.best).into_iter();
                    self.place = Place::Rewriting { left };
                }
                let Place::Rewriting { left } = &mut self.place else {
                    return None;
                };
                left.next()
            }
            Pass::Drop { parts, without } => {
                let count = parts(&self.best);
                let (mut size, mut behind) = match self.place {
                    Place::Dropping { size, behind } => (size, behind),
                    _ => (count.div_ceil(2).max(1), 0),
                };
                // What comes later refers to what comes earlier, seldom the other way round, so the
                // end is tried first.
                loop {
                    if behind >= count {
                        if size <= 1 {
                            return None;
                        }
                        size = size.div_ceil(2);
                        behind = 0;
                    }
                    let end = count.saturating_sub(behind);
                    let range = end.saturating_sub(size)..end;
                    behind += range.len().max(1);
                    self.place = Place::Dropping { size, behind };
                    if let Some(left) = without(&self.best, range) {
                        return Some(left);
                    }
                }
            }
        }
    }

    /// The proposal shows it: it is the best from now on.
    fn accept(&mut self) {
        let Some(proposal) = self.proposal.take() else {
            return;
        };
        self.best = proposal;
        self.has_progressed = true;
        match &mut self.place {
            // The dropped ones are not behind, they are gone.
            Place::Dropping { size, behind } => *behind = behind.saturating_sub(*size),
            // What can be rewritten now is another question.
            place => *place = Place::Start,
        }
    }
}

impl<C: Reducible> ValueTree for Search<C> {
    type Value = C;

    fn current(&self) -> C {
        self.proposal.as_ref().unwrap_or(&self.best).clone()
    }

    fn simplify(&mut self) -> bool {
        self.accept();
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.proposal = None;
        self.advance()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;

    use super::{Pass, Reducible, Search};

    /// Numbers, of which some are needed.
    #[derive(Debug, Clone, PartialEq)]
    struct Numbers(Vec<u32>);

    impl Reducible for Numbers {
        fn size(&self) -> Vec<usize> {
            let sum: u32 = self.0.iter().sum();
            vec![self.0.len(), sum as usize]
        }

        fn identity(&self) -> String {
            format!("{:?}", self.0)
        }

        fn passes() -> &'static [Pass<Self>] {
            &[
                Pass::Drop {
                    parts: |numbers| numbers.0.len(),
                    without: |numbers, range: Range<usize>| {
                        let mut left = numbers.0.clone();
                        left.drain(range);
                        Some(Numbers(left))
                    },
                },
                Pass::Rewrite(|numbers| {
                    let mut ways = Vec::new();
                    for (index, number) in numbers.0.iter().enumerate() {
                        for smaller in [0, number / 2, number.saturating_sub(1)] {
                            let mut other = numbers.clone();
                            other.0[index] = smaller;
                            ways.push(other);
                        }
                    }
                    ways
                }),
            ]
        }
    }

    /// The smallest that `shows`, and how many proposals it took.
    fn shrunk(start: &[u32], shows: impl Fn(&[u32]) -> bool) -> (Vec<u32>, usize) {
        let mut search = Search::new(Numbers(start.to_vec()));
        let mut best = start.to_vec();
        let mut evaluations = 0;
        let mut goes_on = search.simplify();
        while goes_on {
            evaluations += 1;
            let proposal = search.current().0;
            goes_on = if shows(&proposal) {
                best = proposal;
                search.simplify()
            } else {
                search.complicate()
            };
        }
        assert!(search.is_exhausted());
        assert_eq!(search.current().0, best, "it ends at the best");
        (best, evaluations)
    }

    #[test]
    fn nothing_is_left_but_what_is_needed() {
        let start: Vec<u32> = (0..24).collect();
        for (what, needed) in [
            ("one", vec![17]),
            ("the first and the last", vec![0, 23]),
            ("three that stand apart", vec![3, 11, 12]),
            ("nothing", vec![]),
        ] {
            // Equal numbers are told apart by their place, so values are let alone here.
            let (best, evaluations) = shrunk(&start, |numbers| {
                numbers.iter().all(|number| start.contains(number))
                    && needed.iter().all(|number| numbers.contains(number))
            });
            assert_eq!(best, needed, "{what}");
            assert!(evaluations < 80, "{what}: {evaluations}");
        }
    }

    #[test]
    fn values_become_as_small_as_they_may() {
        let (best, _) = shrunk(&[40, 900, 7], |numbers| {
            numbers.iter().any(|number| *number >= 13)
        });
        assert_eq!(best, [13]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_minimal_and_the_same_every_time(
            start in prop::collection::vec(0_u32..60, 1..25),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        ) {
            let mut needed: Vec<u32> = picks.iter().map(|pick| *pick.get(&start)).collect();
            needed.sort_unstable();
            needed.dedup();
            let shows = |numbers: &[u32]| needed.iter().all(|number| numbers.contains(number));
            let (best, evaluations) = shrunk(&start, shows);
            prop_assert!(shows(&best));
            prop_assert_eq!(best.len(), needed.len(), "one of each is enough: {:?}", best);
            prop_assert_eq!((best, evaluations), shrunk(&start, shows));
        }
    }
}
