//! Which runs were there, and how does the last one stand to those before? What a log of runs says, as a table to
//! draw a sample from and as a page. A run that was never sealed into the log is not in it.

use std::collections::BTreeSet;

use record::model::RunVerdict;
use serde::{Deserialize, Serialize};

use crate::hostile::csv::row;

/// One run, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRun {
    /// From 1, without gaps.
    pub number: u64,
    /// Which run.
    pub run_id: String,
    /// When it began.
    pub started: String,
    /// What it came to.
    pub verdict: RunVerdict,
    /// Commit that was checked out, as the runner claims.
    pub commit: Option<String>,
    /// What it added up to; `None` where the log does not say.
    pub sums: Option<Sums>,
}

/// What one run added up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Keys of the systems that were attacked.
    pub systems: Vec<String>,
    /// Attempts that counted.
    pub armed: u64,
    /// Cells in which one counted.
    pub cells_armed: u64,
    /// Cells.
    pub cells_planned: u64,
    /// Ids of the causes that were found, each with its system's key in front: `shared-database/scoping-3f9a1c02`.
    pub causes: BTreeSet<String>,
}

impl Sums {
    /// What a record adds up to.
    pub fn of(record: &record::Record) -> Self {
        let counts = &record.run.counts;
        let systems = record.run.systems.iter();
        Self {
            systems: systems.map(|one| one.key.clone()).collect(),
            armed: counts.armed,
            cells_armed: counts.cells_armed,
            cells_planned: counts.cells_planned,
            causes: record
                .causes
                .systems
                .iter()
                .flat_map(|system| {
                    let of =
                        |cause: &record::model::CauseRecord| format!("{}/{}", system.key, cause.id);
                    system.causes.iter().map(of)
                })
                .collect(),
        }
    }
}

/// How a run's causes differ from those of the last earlier run of the same systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn<'r> {
    /// Number of that run.
    pub(crate) since: u64,
    /// Causes that it did not have.
    pub(crate) new: Vec<&'r str>,
    /// Causes that it had.
    pub(crate) gone: Vec<&'r str>,
}

/// The difference that the run at this position made; `None` for the first of its systems.
pub(crate) fn turn(runs: &[LoggedRun], at: usize) -> Option<Turn<'_>> {
    let own = runs.get(at)?.sums.as_ref()?;
    let (since, before) = runs[..at].iter().rev().find_map(|run| {
        let sums = run.sums.as_ref()?;
        (sums.systems == own.systems).then_some((run.number, sums))
    })?;
    Some(Turn {
        since,
        new: own
            .causes
            .difference(&before.causes)
            .map(String::as_str)
            .collect(),
        gone: before
            .causes
            .difference(&own.causes)
            .map(String::as_str)
            .collect(),
    })
}

/// Renders the table.
pub fn table(runs: &[LoggedRun]) -> Vec<u8> {
    let mut document = row([
        "number",
        "began",
        "verdict",
        "systems",
        "armed",
        "cells armed",
        "cells",
        "causes",
        "new",
        "gone",
        "compared with",
        "commit",
        "run",
    ]);
    for (at, run) in runs.iter().enumerate() {
        let sums = run.sums.as_ref();
        let turn = turn(runs, at);
        let said = |of: &dyn Fn(&Sums) -> String| sums.map(of).unwrap_or_default();
        let turned = |of: &dyn Fn(&Turn<'_>) -> String| turn.as_ref().map(of).unwrap_or_default();
        document.push_str(&row([
            run.number.to_string().as_str(),
            &run.started,
            run.verdict.word(),
            &said(&|sums| sums.systems.join(" ")),
            &said(&|sums| sums.armed.to_string()),
            &said(&|sums| sums.cells_armed.to_string()),
            &said(&|sums| sums.cells_planned.to_string()),
            &said(&|sums| sums.causes.iter().cloned().collect::<Vec<_>>().join(" ")),
            &turned(&|turn| turn.new.join(" ")),
            &turned(&|turn| turn.gone.join(" ")),
            &turned(&|turn| turn.since.to_string()),
            run.commit.as_deref().unwrap_or_default(),
            &run.run_id,
        ]));
    }
    document.into_bytes()
}

/// Renders the page, which lies in `log/` of a bundle.
pub fn page(runs: &[LoggedRun]) -> Vec<u8> {
    crate::html::runs::render(runs)
}

#[cfg(test)]
mod tests {
    use record::model::RunVerdict;

    use super::{LoggedRun, Sums, page, table, turn};
    use crate::hostile::nasty;

    fn run(number: u64, systems: &[&str], causes: &[&str]) -> LoggedRun {
        LoggedRun {
            number,
            run_id: format!("0190-{number}"),
            started: format!("2026-11-{:02}T01:00:00Z", number + 1),
            verdict: match causes {
                [] => RunVerdict::Held,
                _ => RunVerdict::Violated,
            },
            commit: Some("c0ffee".into()),
            sums: Some(Sums {
                systems: systems.iter().map(|one| (*one).to_owned()).collect(),
                armed: 100 * number,
                cells_armed: 9,
                cells_planned: 10,
                causes: causes.iter().map(|one| (*one).to_owned()).collect(),
            }),
        }
    }

    #[test]
    fn a_run_is_compared_with_the_last_one_of_the_same_systems() {
        let runs = [
            run(1, &["a"], &["a/x"]),
            run(2, &["b"], &["b/y"]),
            LoggedRun {
                sums: None,
                ..run(3, &["a"], &[])
            },
            run(4, &["a"], &["a/z"]),
        ];
        for first in [0, 1, 2] {
            assert_eq!(turn(&runs, first), None, "{first}");
        }
        let last = turn(&runs, 3).unwrap_or_else(|| panic!("there is an earlier run"));
        assert_eq!(last.since, 1);
        assert_eq!((last.new, last.gone), (vec!["a/z"], vec!["a/x"]));
    }

    #[test]
    fn whatever_a_runner_claims_is_a_row_and_no_markup() {
        let plain = String::from_utf8_lossy(&page(&[run(1, &["a"], &[]), run(2, &["a"], &["x"])]))
            .into_owned();
        for text in nasty() {
            let mut second = run(2, &["a"], &[text]);
            second.commit = Some(text.to_owned());
            second.run_id = text.to_owned();
            let runs = [run(1, &["a"], &[]), second];
            let page = String::from_utf8_lossy(&page(&runs)).into_owned();
            assert_eq!(
                page.matches('<').count(),
                plain.matches('<').count(),
                "{text:?}"
            );
            assert_eq!(
                String::from_utf8_lossy(&table(&runs))
                    .matches("\"\r\n\"")
                    .count(),
                2,
                "{text:?}"
            );
        }
    }
}
