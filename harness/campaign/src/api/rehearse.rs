//! Finding out, operation by operation, in which way its owner gets it done: an inferred order of
//! calls and a body made from a schema are guesses until the service has said yes.

use contract::Contract;
use domain::api::history::{History, Record};
use domain::world::TenantIndex;
use generators::api::{Workbook, honest};

use super::play::{Player, has_succeeded};
use super::stage::ApiStage;
use crate::stage::StageError;

/// Ways tried for one operation, at most.
const RECIPES_MAX: usize = 8;

/// Tries the ways of every operation until one works, and remembers it. What never works is noted
/// with the service's first answer.
pub(crate) async fn rehearse<S: ApiStage>(
    book: &mut Workbook<'_>,
    contract: &Contract,
    player: &mut Player<'_, S>,
) -> Result<Vec<History>, StageError> {
    let mut seen = Vec::new();
    // Far from the numbers of any case, so that nothing made here is in the way later.
    let mut index = REHEARSALS;
    for operation in book.operations().to_vec() {
        if contract.operation(&operation).is_none() {
            continue;
        }
        let Some(caller) = book
            .callers_for(&operation, TenantIndex(0))
            .into_iter()
            .next()
        else {
            continue;
        };
        let mut first = None;
        let mut works = false;
        for recipe in 0..book.recipes(&operation).min(RECIPES_MAX) {
            book.choose(&operation, recipe);
            index += 1;
            let case = match honest(book, &operation, &caller, index) {
                Ok(case) => case,
                Err(unreachable) => {
                    first.get_or_insert(unreachable.reason);
                    continue;
                }
            };
            let history = player.play(&case).await?;
            works =
                history.steps.len() == case.steps.len() && history.steps.iter().all(has_succeeded);
            if works {
                seen.push(history);
                break;
            }
            first.get_or_insert_with(|| failure(&history));
        }
        if !works {
            book.lacks(
                &operation,
                first.unwrap_or_else(|| "nothing could be tried".into()),
            );
        }
    }
    Ok(seen)
}

/// The first number of a rehearsal.
const REHEARSALS: u64 = 1 << 40;

/// Which step of a case failed, and how.
pub(crate) fn failure(history: &History) -> String {
    let failed = history
        .case
        .steps
        .iter()
        .zip(&history.steps)
        .find(|(_, record)| !has_succeeded(record));
    let Some((step, record)) = failed else {
        return "it was not tried".into();
    };
    let what = step.operation();
    match record {
        Record::Call { answer, .. } if answer.lost.is_some() => format!("{what} gave no answer"),
        Record::Call { answer, .. } => {
            let body = String::from_utf8_lossy(&answer.body);
            let body: String = body.chars().take(SHOWN_MAX).collect();
            format!("{what} answered {}: {}", answer.status, body.trim())
        }
        Record::Unresolved { reason } => format!("{what} could not be asked: {reason}"),
        Record::Batch { response, .. } => response
            .first_error()
            .map_or_else(|| "T-SQL failed".into(), |error| error.text.clone()),
    }
}

/// Characters of an answer that a reason shows.
const SHOWN_MAX: usize = 200;
