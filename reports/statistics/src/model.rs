//! What does a report say in numbers? Sensitivity first, then coverage, then exact limits, then, labelled,
//! estimates of what the search would still find. What may not be said is not in here.

use serde::{Deserialize, Serialize};

use crate::level::Level;
use crate::proportion::{Sample, trials_needed};
use crate::species;
use crate::told::{at_least, at_most};

/// What a run came to, in plain numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    /// Planted faults: found, and all; `None` when no self-test was made of this version.
    pub sensitivity: Option<(u64, u64)>,
    /// One for each promise that was attacked.
    pub strata: Vec<Stratum>,
    /// Cells of the matrix: name, and armed attempts.
    pub cells: Vec<(String, u64)>,
    /// Armed attempts that a cell needs to count as tried enough.
    pub armed_min: u64,
    /// What the random inputs showed, in the order in which they were drawn, or why nothing may be
    /// concluded from them.
    pub search: Search,
}

/// The attempts on one promise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stratum {
    /// The promise.
    pub name: String,
    /// Armed attempts.
    pub armed: u64,
    /// How many of them were different from each other; a repeated one says nothing new.
    pub distinct: Option<u64>,
    /// How many crossed.
    pub crossed: u64,
    /// Cases in which at least one attempt was armed; attempts of one case depend on each other.
    pub clusters: Option<u64>,
    /// Cases in which at least one attempt crossed.
    pub clusters_crossed: u64,
}

/// What may be concluded from random inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Nothing, and why.
    NotMeasured {
        /// For people.
        why: String,
    },
    /// The inputs were drawn from one declared distribution that did not learn from them.
    Frozen {
        /// What each showed, as a signature of its behaviour.
        shown: Vec<String>,
    },
}

impl Default for Search {
    fn default() -> Self {
        Self::NotMeasured {
            why: "no random inputs were drawn".into(),
        }
    }
}

/// What is said: `statistics.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Planted faults that were found.
    pub sensitivity: Option<Sensitivity>,
    /// Cells planned, tried and tried enough.
    pub coverage: Coverage,
    /// One line for each promise, with limits that hold for all of them together.
    pub strata: Vec<StratumLimits>,
    /// The promise with the greatest upper limit: what the run as a whole can be relied on for.
    pub weakest: Option<String>,
    /// What the search would still find.
    pub search: SearchEstimate,
    /// Sentences that go with the numbers wherever they are shown.
    pub caveats: Vec<String>,
}

/// How many planted faults were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Found.
    pub found: u64,
    /// Planted.
    pub planted: u64,
    /// Exact one-sided lower limit, 95 %.
    pub lower_95: f64,
    /// For people.
    pub sentence: String,
}

/// How far the matrix was covered. Cells are a finite population: missing ones are named, not estimated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Cells planned.
    pub planned: u64,
    /// Cells with an armed attempt.
    pub armed: u64,
    /// Armed attempts that a cell needs for an upper limit of 5 %.
    pub enough: u64,
    /// Cells with as many.
    pub with_enough: u64,
    /// Cells that were never armed.
    pub missing: Vec<String>,
}

/// What the attempts on one promise bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StratumLimits {
    /// The promise.
    pub name: String,
    /// Armed attempts.
    pub armed: u64,
    /// Different ones among them.
    pub distinct: Option<u64>,
    /// How many crossed.
    pub crossed: u64,
    /// Exact one-sided upper limit of the share of such attempts that cross, 95 %.
    pub upper_95: f64,
    /// The same, 99 %.
    pub upper_99: f64,
    /// The same, by cases instead of attempts, 95 %, where cases were counted.
    pub upper_95_by_case: Option<f64>,
    /// The greater of both at 1 − 5 %/k for k promises: these hold for all of them together with 95 %
    /// confidence (Bonferroni).
    pub upper_95_joint: f64,
    /// For people.
    pub sentence: String,
}

/// What the search would still find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SearchEstimate {
    /// Nothing may be said.
    NotMeasured {
        /// Why.
        why: String,
    },
    /// The estimate moves by more than a factor 2 when pairs of inputs are taken as one.
    Unstable {
        /// Inputs.
        inputs: u64,
        /// Kinds of behaviour.
        kinds: u64,
    },
    /// An estimate, and no more.
    Estimate {
        /// Inputs.
        inputs: u64,
        /// Kinds of behaviour.
        kinds: u64,
        /// Kinds that one input alone showed.
        once: u64,
        /// About how probable it is that the next input shows something new, or the upper limit.
        discovery: f64,
        /// Whether that is the limit: no kind was shown by one input alone.
        is_limit: bool,
        /// What that probability does not exceed, whatever the distribution, 95 %.
        ceiling_95: f64,
        /// Kinds that there are, at the least.
        richness: f64,
        /// For people.
        sentence: String,
    },
}

/// Follows every limit.
const DISTRIBUTION: &str = "This speaks of the harness's distribution of attempts, not of an attacker's, \
                            and not of ways outside the plan.";
const PLANTED: &str =
    "The planted faults were chosen by the makers of the harness; all are listed.";
const ESTIMATE: &str = "Estimates of what the search would still find hold for the distribution from which \
                        the inputs were drawn, and are no probability of a flaw.";

/// Says what may be said.
pub fn of(input: &Input) -> Statistics {
    let strata = strata(&input.strata);
    let weakest = strata
        .iter()
        .max_by(|one, other| one.upper_95_joint.total_cmp(&other.upper_95_joint))
        .map(|own| own.name.clone());
    let sensitivity = input.sensitivity.and_then(|(found, planted)| {
        let lower = Sample::new(found, planted)?.lower(Level::P95);
        Some(Sensitivity {
            found,
            planted,
            lower_95: lower,
            sentence: format!(
                "{found} of {planted} planted faults were found: with 95 % confidence, at least {} of such \
                 faults are",
                at_least(lower)
            ),
        })
    });
    let search = search(&input.search);
    let mut caveats = Vec::new();
    if sensitivity.is_some() {
        caveats.push(PLANTED.to_owned());
    }
    if !strata.is_empty() {
        caveats.push(DISTRIBUTION.to_owned());
    }
    if matches!(search, SearchEstimate::Estimate { .. }) {
        caveats.push(ESTIMATE.to_owned());
    }
    Statistics {
        sensitivity,
        coverage: coverage(input),
        strata,
        weakest,
        search,
        caveats,
    }
}

fn coverage(input: &Input) -> Coverage {
    let enough = trials_needed(0.05, Level::P95)
        .unwrap_or_default()
        .max(input.armed_min);
    let with = |armed_min: u64| {
        let cells = input.cells.iter().filter(|(_, armed)| *armed >= armed_min);
        cells.count() as u64
    };
    Coverage {
        planned: input.cells.len() as u64,
        armed: with(1),
        enough,
        with_enough: with(enough),
        missing: input
            .cells
            .iter()
            .filter(|(_, armed)| *armed == 0)
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

fn strata(strata: &[Stratum]) -> Vec<StratumLimits> {
    let tried: Vec<&Stratum> = strata.iter().filter(|own| own.armed > 0).collect();
    let joint = Level::P95.of_each(tried.len() as u64);
    tried
        .into_iter()
        .filter_map(|own| {
            let attempts = Sample::new(own.crossed, own.armed)?;
            let cases = match own.clusters {
                Some(clusters) => Some(Sample::new(own.clusters_crossed, clusters)?),
                None => None,
            };
            // Attempts of one case depend on each other: the weaker limit counts.
            let weaker = |level| {
                let by_case = cases.map_or(0.0, |cases| cases.upper(level));
                attempts.upper(level).max(by_case)
            };
            let sentence = format!(
                "if armed attempts are drawn as planned and behave independently, then with 95 % confidence \
                 {} {} of such attempts cross",
                if own.crossed == 0 { "fewer than" } else { "at most" },
                at_most(weaker(Level::P95))
            );
            Some(StratumLimits {
                name: own.name.clone(),
                armed: own.armed,
                distinct: own.distinct,
                crossed: own.crossed,
                upper_95: attempts.upper(Level::P95),
                upper_99: attempts.upper(Level::P99),
                upper_95_by_case: cases.map(|cases| cases.upper(Level::P95)),
                upper_95_joint: weaker(joint),
                sentence,
            })
        })
        .collect()
}

fn search(search: &Search) -> SearchEstimate {
    let shown = match search {
        Search::NotMeasured { why } => return SearchEstimate::NotMeasured { why: why.clone() },
        Search::Frozen { shown } => shown,
    };
    let species = species::Species::of(shown, 1);
    let Some(own) = species::estimate(shown, Level::P95) else {
        let why = "no random inputs were drawn".into();
        return SearchEstimate::NotMeasured { why };
    };
    let (inputs, kinds, once) = (species.inputs, species.kinds, species.once);
    if !own.is_stable {
        return SearchEstimate::Unstable { inputs, kinds };
    }
    let sentence = if own.is_limit {
        format!(
            "estimate: with 95 % confidence, fewer than {} of further inputs would show something new",
            at_most(own.discovery)
        )
    } else {
        format!(
            "estimate: about {} of further inputs would show something new; with 95 % confidence not more \
             than {}",
            at_most(own.discovery),
            at_most(own.ceiling)
        )
    };
    SearchEstimate::Estimate {
        inputs,
        kinds,
        once,
        discovery: own.discovery,
        is_limit: own.is_limit,
        ceiling_95: own.ceiling,
        richness: own.richness,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Search, SearchEstimate, Statistics, Stratum, of};

    fn stratum(name: &str, armed: u64, crossed: u64) -> Stratum {
        Stratum {
            name: name.into(),
            armed,
            crossed,
            ..Stratum::default()
        }
    }

    fn said(strata: Vec<Stratum>) -> Statistics {
        of(&Input {
            strata,
            ..Input::default()
        })
    }

    #[test]
    fn sensitivity_comes_with_its_limit() {
        let statistics = of(&Input {
            sensitivity: Some((40, 40)),
            ..Input::default()
        });
        let own = statistics.sensitivity.expect("a self-test was made");
        assert_eq!(
            own.sentence,
            "40 of 40 planted faults were found: with 95 % confidence, at least 92 % of such faults are"
        );
        assert!((own.lower_95 - 0.05_f64.powf(1.0 / 40.0)).abs() < 1e-9);
        assert_eq!(said(vec![]).sensitivity, None);
    }

    #[test]
    fn the_joint_limits_are_corrected_and_the_thinnest_promise_is_named() {
        let statistics = said(vec![
            stratum("D01", 10_000, 0),
            stratum("D02", 59, 0),
            stratum("D03", 0, 0),
            stratum("B01", 1_000, 1),
        ]);
        let names: Vec<&str> = statistics.strata.iter().map(|own| &*own.name).collect();
        assert_eq!(names, ["D01", "D02", "B01"]);
        assert_eq!(statistics.weakest.as_deref(), Some("D02"));
        // 1 − (0.05/3)^(1/10,000)
        let joint = -((0.05_f64 / 3.0).ln() / 10_000.0).exp_m1();
        assert!((statistics.strata[0].upper_95_joint - joint).abs() < 1e-12);
        assert!(
            statistics.strata[0]
                .sentence
                .ends_with("fewer than 0.030 % of such attempts cross")
        );
        assert!(
            statistics.strata[2]
                .sentence
                .ends_with("at most 0.48 % of such attempts cross")
        );
        assert_eq!(statistics.caveats.len(), 1);
    }

    #[test]
    fn attempts_of_one_case_count_once_where_that_is_weaker() {
        let statistics = said(vec![Stratum {
            clusters: Some(100),
            ..stratum("D01", 1_000, 0)
        }]);
        let own = &statistics.strata[0];
        let by_case = own.upper_95_by_case.expect("cases were counted");
        assert!(
            by_case > own.upper_95 && own.upper_95_joint >= by_case,
            "{own:?}"
        );
        assert!(
            own.sentence.contains("fewer than 3.0 %"),
            "{}",
            own.sentence
        );
    }

    #[test]
    fn missing_cells_are_named() {
        let cells = [("a", 0), ("b", 1), ("c", 59), ("d", 300)];
        let coverage = of(&Input {
            cells: cells.map(|(name, armed)| (name.to_owned(), armed)).to_vec(),
            armed_min: 10,
            ..Input::default()
        })
        .coverage;
        assert_eq!((coverage.planned, coverage.armed), (4, 3));
        assert_eq!((coverage.enough, coverage.with_enough), (59, 2));
        assert_eq!(coverage.missing, ["a"]);
    }

    #[test]
    fn nothing_is_estimated_but_from_a_frozen_search() {
        let search = |search| {
            of(&Input {
                search,
                ..Input::default()
            })
            .search
        };
        let why = "cases were chosen by what earlier ones found".to_owned();
        assert_eq!(
            search(Search::NotMeasured { why: why.clone() }),
            SearchEstimate::NotMeasured { why }
        );
        let shown = (0..1_000).map(|i| format!("{}", i % 20)).collect();
        let SearchEstimate::Estimate {
            is_limit, sentence, ..
        } = search(Search::Frozen { shown })
        else {
            panic!("an estimate");
        };
        assert!(
            is_limit && sentence.contains("fewer than 0.30 %"),
            "{sentence}"
        );
        let drifting = (0..400)
            .map(|i| {
                if i % 40 == 39 {
                    format!("rare {i}")
                } else {
                    format!("{}", i / 2)
                }
            })
            .collect();
        assert!(matches!(
            search(Search::Frozen { shown: drifting }),
            SearchEstimate::Unstable { .. }
        ));
        assert!(matches!(
            search(Search::Frozen { shown: vec![] }),
            SearchEstimate::NotMeasured { .. }
        ));
    }
}
