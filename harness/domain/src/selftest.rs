//! What a selftest found out about the harness itself: which planted faults it finds, how fast, and
//! whether it is silent where nothing is wrong. The form of `selftest.v1.json`.

use serde::{Deserialize, Serialize};

use crate::control::ControlId;
use crate::finding::Finding;

/// Names the form of the file; readers refuse others.
pub const SCHEMA: &str = "watertight-selftest/v1";

/// A selftest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selftest {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of the tool.
    pub tool: String,
    /// Which catalogue was planted: SHA-256 over the ids, promises and scripts of all its faults.
    pub catalogue: String,
    /// The seeds under which each fault was planted.
    pub seeds: Vec<u64>,
    /// Tenants of each system.
    pub tenants: usize,
    /// The longest that a fault was looked for, in milliseconds.
    pub budget_per_fault_ms: u64,
    /// Whether everything that was asked for was done.
    pub is_complete: bool,
    /// The planted faults, in the order of the catalogue.
    pub faults: Vec<PlantedFault>,
    /// Legitimate variants, which must stay silent.
    pub near_misses: Vec<Silence>,
    /// Systems in which nothing is wrong, which must stay silent.
    pub clean: Vec<Silence>,
    /// What all faults come to, first overall, then by layer.
    pub sums: Vec<Sum>,
}

/// A fault and what became of it under each seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedFault {
    /// Its name.
    pub id: String,
    /// `sql` or `service`.
    pub layer: String,
    /// What is wrong.
    pub sentence: String,
    /// The promises that it breaks.
    pub controls: Vec<ControlId>,
    /// What came of it, one for each design and seed.
    pub trials: Vec<Trial>,
}

/// A fault that was planted once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// In which design.
    pub design: String,
    /// Under which seed.
    pub seed: u64,
    /// What came of it.
    pub ending: Ending,
    /// How it was found; `None` unless it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<Detection>,
    /// Milliseconds from a clean system to the first attack: planting, reading the catalogs, starting the
    /// service.
    pub prepared_ms: u64,
    /// Cases that were played, inspections not counted.
    pub cases: u64,
    /// Statements and requests of those cases.
    pub judged: u64,
    /// Milliseconds that the campaign took, shrinking included.
    pub ms: u64,
}

/// What came of a planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It was found under a promise that it breaks.
    Caught,
    /// Something was found, but only under promises that it is not said to break.
    CaughtByAnother,
    /// Nothing was found.
    Missed,
    /// It was given up: interrupted, or the target was lost.
    Unfinished,
}

impl Ending {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::CaughtByAnother => "caught by another",
            Self::Missed => "missed",
            Self::Unfinished => "unfinished",
        }
    }
}

/// How a fault was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Which oracle or inspection saw it.
    pub oracle: String,
    /// The promises under which it was told.
    pub controls: Vec<ControlId>,
    /// The case that showed it.
    pub case: String,
    /// The finding's sentence.
    pub sentence: String,
    /// Milliseconds from a clean system to the confirmed finding.
    pub ms: u64,
    /// Cases until then.
    pub cases: u64,
    /// Statements and requests until then.
    pub judged: u64,
    /// Steps of the case before it was shrunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_before: Option<usize>,
    /// Steps of the shortest case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_after: Option<usize>,
    /// What its case file says from nothing, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Replayed>,
}

/// A case file, replayed with the fault and without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// What it says where the fault is.
    pub faulty: Replay,
    /// What it says where nothing is wrong.
    pub clean: Replay,
}

/// What a case file says when it is replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// It shows.
    Reproduced,
    /// It does not show, and all that it needs was there.
    NotReproduced,
    /// Something that it needs does not work, for this reason.
    PreconditionLost(String),
}

impl Replayed {
    /// Whether it shows the fault, and nothing but the fault.
    pub fn is_right(&self) -> bool {
        (&self.faulty, &self.clean) == (&Replay::Reproduced, &Replay::NotReproduced)
    }
}

/// A campaign that must find nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Which design.
    pub design: String,
    /// Where it was attacked: `sql` or `service`.
    pub layer: String,
    /// Under which seed.
    pub seed: u64,
    /// The near misses that were there, together; empty for a clean system.
    pub planted: Vec<String>,
    /// Whether the campaign did all that it planned.
    pub is_complete: bool,
    /// Cases that were played.
    pub cases: u64,
    /// Statements and requests of those cases.
    pub judged: u64,
    /// Milliseconds that it took.
    pub ms: u64,
    /// What was found all the same.
    pub false_alarms: Vec<FalseAlarm>,
}

/// A finding where nothing is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FalseAlarm {
    /// What makes it the same as another.
    pub fingerprint: String,
    /// The promises that it says are broken.
    pub controls: Vec<ControlId>,
    /// Its sentence.
    pub sentence: String,
}

impl From<&Finding> for FalseAlarm {
    fn from(finding: &Finding) -> Self {
        Self {
            fingerprint: finding.fingerprint.to_string(),
            controls: finding.controls.clone(),
            sentence: finding.sentence.clone(),
        }
    }
}

/// What faults come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// `all`, `sql` or `service`.
    pub of: String,
    /// Faults that were planted. A fault counts once, however many designs and seeds it was tried in, and
    /// for the worst that came of it.
    pub planted: u64,
    /// Found under a promise that they break, every time.
    pub caught: u64,
    /// At least once found only under another.
    pub caught_by_another: u64,
    /// At least once not found.
    pub missed: u64,
    /// At least once given up, and otherwise found.
    pub unfinished: u64,
    /// Exact one-sided 95 % lower bound (Clopper–Pearson) of the share that is caught, if faults were
    /// drawn as those of the catalogue; `None` without finished ones.
    pub lower_bound: Option<f64>,
    /// Milliseconds to detection, over all trials.
    pub detection_ms: Option<Spread>,
    /// Steps of the shortest cases, over all trials.
    pub steps: Option<Spread>,
    /// Milliseconds from the confirmed finding to the end of the campaign: shrinking, for the most part.
    #[serde(default)]
    pub shrinking_ms: Option<Spread>,
    /// Case files that were replayed with the fault and without it.
    #[serde(default)]
    pub replayed: u64,
    /// Those of them that were reproduced with the fault, and not without it.
    #[serde(default)]
    pub replayed_rightly: u64,
}

/// The middle and the end of many numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Half of them are not greater.
    pub median: u64,
    /// None is greater.
    pub worst: u64,
}

impl Spread {
    /// Of these numbers, if there are any.
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let worst = *numbers.last()?;
        let median = numbers[(numbers.len() - 1) / 2];
        Some(Self { median, worst })
    }
}

impl Selftest {
    /// Findings where nothing is wrong.
    pub fn false_alarms(&self) -> impl Iterator<Item = &FalseAlarm> {
        self.near_misses
            .iter()
            .chain(&self.clean)
            .flat_map(|silence| &silence.false_alarms)
    }
}

impl PlantedFault {
    /// The worst that came of it; `None` when it was not tried.
    pub fn ending(&self) -> Option<Ending> {
        let badness = |ending: &Ending| match ending {
            Ending::Caught => 0,
            Ending::Unfinished => 1,
            Ending::CaughtByAnother => 2,
            Ending::Missed => 3,
        };
        self.trials
            .iter()
            .map(|trial| trial.ending)
            .max_by_key(badness)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, PlantedFault, Spread, Trial};

    #[test]
    fn the_median_is_one_of_the_numbers() {
        for (numbers, median, worst) in [
            (vec![7], 7, 7),
            (vec![9, 1], 1, 9),
            (vec![5, 3, 100], 5, 100),
        ] {
            assert_eq!(Spread::of(numbers), Some(Spread { median, worst }));
        }
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_fault_counts_for_the_worst_that_came_of_it() {
        let fault = |endings: &[Ending]| PlantedFault {
            id: "f".into(),
            layer: "sql".into(),
            sentence: String::new(),
            controls: Vec::new(),
            trials: endings
                .iter()
                .map(|ending| Trial {
                    design: String::new(),
                    seed: 1,
                    ending: *ending,
                    detection: None,
                    prepared_ms: 0,
                    cases: 0,
                    judged: 0,
                    ms: 0,
                })
                .collect(),
        };
        use Ending::{Caught, CaughtByAnother, Missed, Unfinished};
        for (endings, worst) in [
            (vec![Caught, Caught], Some(Caught)),
            (vec![Caught, Missed, CaughtByAnother], Some(Missed)),
            (vec![CaughtByAnother, Caught], Some(CaughtByAnother)),
            (vec![Unfinished, Caught], Some(Unfinished)),
            (vec![Unfinished, Missed], Some(Missed)),
            (vec![], None),
        ] {
            assert_eq!(fault(&endings).ending(), worst, "{endings:?}");
        }
    }
}
