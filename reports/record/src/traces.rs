//! Which cases are kept whole, with all that was sent and came back? Every one that showed something, every one of
//! which nothing can be said, and of those that held, what the hash of plan and case draws: so nobody could pick
//! the pretty ones, and anybody can draw again.

use domain::case::CaseId;
use domain::cause::AnyHistory;
use domain::journal::{CaseLine, Line};
use serde::{Deserialize, Serialize};

use crate::canonical::sha256;
use crate::model::Traces;

/// A file below `traces/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`Trace::SCHEMA`].
    pub schema: String,
    /// Whose case it is.
    pub campaign: String,
    /// Which.
    pub case: CaseId,
    /// Why it is kept.
    pub kept: Kept,
    /// What happened.
    pub history: AnyHistory,
}

impl Trace {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/trace/v1";
}

/// Why a case is kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// It showed something.
    Violated,
    /// Nothing can be said: a rightful caller failed, an oracle crashed, an attempt does not count.
    Inconclusive,
    /// The hash drew it.
    Sampled,
}

impl Kept {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Violated, Self::Inconclusive, Self::Sampled];

    /// At most so many are kept of each campaign; how many more there were is counted.
    pub fn limit(self) -> u64 {
        match self {
            Self::Violated => 300,
            Self::Inconclusive => 100,
            Self::Sampled => 200,
        }
    }
}

/// Of cases that held, one in this many is kept.
pub const SAMPLE: u64 = 128;

/// Why a case is to be kept, if it is.
pub fn why(plan_sha256: &str, campaign: &str, line: &CaseLine, sample: u64) -> Option<Kept> {
    if !line.findings.is_empty() {
        Some(Kept::Violated)
    } else if !line.doubts.is_empty() || !line.failed.is_empty() {
        Some(Kept::Inconclusive)
    } else {
        is_drawn(plan_sha256, campaign, line.case, sample).then_some(Kept::Sampled)
    }
}

/// Whether the hash of plan and case draws a case: one in `sample`.
pub fn is_drawn(plan_sha256: &str, campaign: &str, case: CaseId, sample: u64) -> bool {
    let hash = sha256(format!("{plan_sha256} {campaign} {case}").as_bytes());
    let first = hash[..8].try_into().map_or(0, u64::from_be_bytes);
    sample > 0 && first.is_multiple_of(sample)
}

/// The cases of a campaign that are kept, in order, and how many there are of each kind.
pub fn kept(
    plan_sha256: &str,
    campaign: &str,
    lines: &[Line],
    sample: u64,
) -> (Vec<CaseId>, Traces) {
    let mut cases = Vec::new();
    let mut traces = Traces::default();
    for line in lines {
        let Line::Case(line) = line else { continue };
        let Some(kept) = why(plan_sha256, campaign, line, sample) else {
            continue;
        };
        let count = match kept {
            Kept::Violated => &mut traces.violated,
            Kept::Inconclusive => &mut traces.inconclusive,
            Kept::Sampled => &mut traces.sampled,
        };
        if *count < kept.limit() {
            *count += 1;
            cases.push(line.case);
        } else {
            traces.beyond_limit += 1;
        }
    }
    (cases, traces)
}

/// Where it lies.
pub fn path(campaign: &str, case: CaseId) -> String {
    format!("traces/{campaign}/{case}.json")
}

#[cfg(test)]
mod tests {
    use domain::case::{CaseId, Phase};

    use super::{SAMPLE, is_drawn, path};

    #[test]
    fn about_one_in_the_sample_is_drawn_and_the_plan_decides_which() {
        let drawn = |plan: &str| -> Vec<u64> {
            (0..20_000)
                .filter(|index| {
                    let case = CaseId {
                        phase: Phase::Fuzz,
                        index: *index,
                    };
                    is_drawn(plan, "shared-database", case, SAMPLE)
                })
                .collect()
        };
        let (one, other) = (drawn("aa"), drawn("bb"));
        assert!((100..220).contains(&one.len()), "{}", one.len());
        assert_ne!(one, other);
        assert_eq!(one, drawn("aa"));
        let case = CaseId {
            phase: Phase::Fuzz,
            index: 7,
        };
        assert_eq!(path("a", case), "traces/a/fuzz-7.json");
    }
}
