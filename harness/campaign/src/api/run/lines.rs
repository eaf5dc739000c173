//! What a campaign tells of cases and operations, in letters and words.

use domain::api::history::{History, Record};
use domain::event::OperationCoverage;
use domain::journal::{Broken, Doubt};
use oracles::Ending;
use oracles::api::ApiAttempt;

use crate::journal::FailedAttempt;

/// Unreached operations that a note lists.
const UNREACHED_MAX: usize = 5;

/// How many operations their owners could do, and which they could not.
pub(super) fn reached(operations: &[OperationCoverage]) -> String {
    let unreached: Vec<String> = operations
        .iter()
        .filter(|one| one.successes == 0)
        .map(|one| {
            let reason = one.reason.as_deref().unwrap_or("it was not tried");
            format!("{} ({reason})", one.operation)
        })
        .collect();
    format!(
        "{} of {} operations were done by their owner{}",
        operations.len() - unreached.len(),
        operations.len(),
        listed(&unreached)
    )
}

/// The first of what was not reached, as it follows a number.
fn listed(unreached: &[String]) -> String {
    if unreached.is_empty() {
        return String::new();
    }
    let shown = &unreached[..unreached.len().min(UNREACHED_MAX)];
    let more = unreached.len() - shown.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("; not {}{more}", shown.join(", "))
}

/// An attempt on a declared promise that does not count leaves the promise untested.
pub(super) fn unmet(attempt: &ApiAttempt) -> Option<Doubt> {
    let Ending::Failed { reason } = &attempt.ending else {
        return None;
    };
    Some(Doubt {
        controls: attempt.cell.controls.clone(),
        reason: format!("{}: {reason}", attempt.cell.name),
    })
}

pub(super) fn broken<'t>(attempts: impl Iterator<Item = &'t ApiAttempt>) -> Broken {
    let mut broken = Broken::new();
    for attempt in attempts {
        for id in &attempt.broken {
            let promises = broken.entry(attempt.cell.name.clone()).or_default();
            *promises.entry(id.clone()).or_default() += 1;
        }
    }
    broken
}

pub(super) fn failed(attempts: Vec<ApiAttempt>) -> Vec<FailedAttempt> {
    attempts
        .into_iter()
        .filter_map(
            |ApiAttempt {
                 step, cell, ending, ..
             }| match ending {
                Ending::Failed { reason } => Some(FailedAttempt {
                    step,
                    cell: cell.name,
                    reason,
                }),
                _ => None,
            },
        )
        .collect()
}

/// A letter for each step, or for those that were sent together: carried out, refused, failed, unknown. Of a race,
/// which differs from run to run, the others show only that it was one.
pub(super) fn outcomes(history: &History, of_races: bool) -> String {
    let letters = history.steps.iter().enumerate();
    letters
        .filter_map(
            |(step, record)| match (history.case.is_raced(step), of_races) {
                (true, false) => Some('~'),
                (false, true) => None,
                _ => Some(letter(record)),
            },
        )
        .collect()
}

fn letter(record: &Record) -> char {
    match record {
        Record::Call { answer, .. } => match answer.status {
            _ if answer.lost.is_some() || answer.dead_session => 'U',
            200..=299 => 'P',
            401 | 403 | 404 => 'D',
            _ => 'F',
        },
        Record::Batch { response, .. } if response.lost.is_some() => 'U',
        Record::Batch { response, .. } if response.errors.is_empty() => 'P',
        Record::Batch { .. } | Record::Unresolved { .. } => 'F',
    }
}
