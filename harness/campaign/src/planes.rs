//! One summary of two planes: the worse verdict wins, numbers add up, nothing is told twice.

use domain::event::Summary;
use domain::finding::Finding;
use domain::verdict::ControlResult;

use crate::triage;

/// What a system's campaigns on its two planes come to together.
pub fn joined(sql: Summary, api: Summary) -> Summary {
    let mut controls = sql.controls;
    for result in api.controls {
        match controls
            .iter_mut()
            .find(|known| known.control == result.control)
        {
            Some(known) => {
                known.verdict = known.verdict.clone().worst(result.verdict);
                known.tally += result.tally;
            }
            None => controls.push(result),
        }
    }
    controls.sort_by_key(order);
    let mut findings: Vec<Finding> = sql.findings.into_iter().chain(api.findings).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    // What one plane saw is never put together with what the other saw: no finding says which
    // statement served which request.
    let causes = triage::worst_first(sql.causes.into_iter().chain(api.causes).collect());
    let mut notes = sql.notes;
    notes.extend(api.notes);
    let mut effort = sql.effort;
    effort.executing_us += api.effort.executing_us;
    effort.observing_us += api.effort.observing_us;
    effort.judging_us += api.effort.judging_us;
    Summary {
        complete: sql.complete && api.complete,
        incomplete_reason: sql.incomplete_reason.or(api.incomplete_reason),
        cases: sql.cases + api.cases,
        judged: sql.judged,
        requests: api.requests,
        controls,
        findings,
        causes,
        cells: sql.cells.into_iter().chain(api.cells).collect(),
        notes,
        operations: api.operations,
        effort,
        ..api
    }
}

/// A design's own promises before those of both, each in the order of their numbers.
fn order(result: &ControlResult) -> (bool, String) {
    let id = &result.control.0;
    (id.starts_with('B'), id.clone())
}

#[cfg(test)]
mod tests {
    use domain::control::ControlId;
    use domain::event::Summary;
    use domain::verdict::{ControlResult, Tally, Verdict};

    use super::joined;

    fn summary(results: &[(&str, Verdict, u64)]) -> Summary {
        Summary {
            complete: true,
            controls: results
                .iter()
                .map(|(id, verdict, attempts)| ControlResult {
                    control: ControlId::new(id),
                    verdict: verdict.clone(),
                    tally: Tally {
                        attempts: *attempts,
                        ..Tally::default()
                    },
                })
                .collect(),
            ..Summary::default()
        }
    }

    #[test]
    fn the_worse_verdict_of_two_planes_wins() {
        let sql = summary(&[("D01", Verdict::Held, 2), ("B01", Verdict::Violated, 1)]);
        let api = summary(&[
            ("B01", Verdict::Held, 4),
            ("D07", Verdict::Held, 3),
            ("D01", Verdict::Inconclusive { reasons: vec![] }, 1),
        ]);
        let told: Vec<(String, &str, u64)> = joined(sql, api)
            .controls
            .iter()
            .map(|one| {
                (
                    one.control.0.clone(),
                    one.verdict.word(),
                    one.tally.attempts,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("D01".to_owned(), "inconclusive", 3),
                ("D07".to_owned(), "held", 3),
                ("B01".to_owned(), "violated", 5),
            ]
        );
    }
}
