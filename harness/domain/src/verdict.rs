//! What the attempts prove about one control, and how verdicts combine: the worst wins.

use serde::{Deserialize, Serialize};

use crate::control::ControlId;

/// The verdict of a control, from best to worst.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing here could be tested: the target has no such thing.
    NotApplicable,
    /// Evidence is attached; nothing was run.
    Attested,
    /// Attacked, and nothing crossed.
    Held,
    /// Too few armed attempts, an unfinished plan, a failed baseline, a crashed oracle.
    Inconclusive {
        /// Why, one reason a line.
        reasons: Vec<String>,
    },
    /// Something crossed.
    Violated,
}

impl Verdict {
    /// The worse of the two; reasons of two inconclusive verdicts are joined.
    pub fn worst(self, other: Self) -> Self {
        match (self, other) {
            (Self::Inconclusive { reasons: mut all }, Self::Inconclusive { reasons }) => {
                for reason in reasons {
                    if !all.contains(&reason) {
                        all.push(reason);
                    }
                }
                Self::Inconclusive { reasons: all }
            }
            (left, right) => left.max(right),
        }
    }

    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Attested => "attested",
            Self::Held => "held",
            Self::Inconclusive { .. } => "inconclusive",
            Self::Violated => "violated",
        }
    }
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Attempts made.
    pub attempts: u64,
    /// Attempts that count: the rightful twin succeeded.
    pub armed: u64,
    /// Armed and refused for the right reason.
    pub denied: u64,
    /// Armed, carried out, and without any forbidden effect (opaque batches, empty answers).
    pub harmless: u64,
    /// Failed for a reason unrelated to isolation, the twin's failure included.
    pub failed: u64,
    /// The connection died or the wait ran out.
    pub unknown: u64,
    /// Attempts that crossed.
    pub crossed: u64,
    /// Attempts that were looks instead of attacks; armed are those that could look.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub looks: u64,
    /// Cells of the matrix planned.
    pub cells_planned: u64,
    /// Cells with at least one armed attempt.
    pub cells_covered: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.armed += other.armed;
        self.denied += other.denied;
        self.harmless += other.harmless;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.crossed += other.crossed;
        self.looks += other.looks;
        self.cells_planned += other.cells_planned;
        self.cells_covered += other.cells_covered;
    }
}

/// One control's row in the closing table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlResult {
    /// Which.
    pub control: ControlId,
    /// What it proves.
    pub verdict: Verdict,
    /// The numbers.
    pub tally: Tally,
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn the_worst_verdict_wins() {
        let inconclusive = |reason: &str| Verdict::Inconclusive {
            reasons: vec![reason.into()],
        };
        for (left, right, expected) in [
            (Verdict::Held, Verdict::Violated, Verdict::Violated),
            (inconclusive("a"), Verdict::Held, inconclusive("a")),
            (inconclusive("a"), Verdict::Violated, Verdict::Violated),
            (Verdict::NotApplicable, Verdict::Held, Verdict::Held),
            (
                inconclusive("a"),
                inconclusive("b"),
                Verdict::Inconclusive {
                    reasons: vec!["a".into(), "b".into()],
                },
            ),
        ] {
            assert_eq!(
                left.clone().worst(right.clone()),
                expected,
                "{left:?} {right:?}"
            );
            assert_eq!(right.worst(left), expected_reversed(expected));
        }
    }

    fn expected_reversed(verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Inconclusive { mut reasons } => {
                reasons.reverse();
                Verdict::Inconclusive { reasons }
            }
            other => other,
        }
    }
}
