//! Finding out, operation by operation, in which way its owner gets it done: an inferred order of
//! calls and a body made from a schema are guesses until the service has said yes.

use std::collections::BTreeMap;

use contract::Contract;
use domain::api::history::{History, Record};
use domain::world::TenantIndex;
use generators::api::{Workbook, honest};

use super::play::{Player, has_succeeded};
use super::stage::ApiStage;
use crate::lanes::Plays as _;
use crate::stage::StageError;

/// Ways tried for one operation, at most.
const RECIPES_MAX: usize = 16;

/// What a rehearsal came to.
pub(crate) struct Rehearsed {
    /// What was seen of operations that work.
    pub(crate) seen: Vec<History>,
    /// Operations that were tried in every way and never worked, and why.
    pub(crate) refused: BTreeMap<String, String>,
}

/// Tries the ways of every operation until one works, and remembers it. What never works is noted
/// with the service's first answer. What did not work is tried once more in the end: it may need what
/// others have found out by then.
pub(crate) async fn rehearse<S: ApiStage>(
    book: &mut Workbook<'_>,
    contract: &Contract,
    tenants: usize,
    player: &mut Player<'_, S>,
    has_time: &dyn Fn() -> bool,
) -> Result<Rehearsed, StageError> {
    let mut rehearsal = Rehearsal {
        tenants,
        seen: Vec::new(),
        index: REHEARSALS,
    };
    let mut left = Vec::new();
    let mut refused = BTreeMap::new();
    for operation in book.operations().to_vec() {
        if !has_time() {
            book.lacks(&operation, "there was no time to try it".into());
            continue;
        }
        if contract.operation(&operation).is_some()
            && let Some(failed) = rehearsal.failed(book, &operation, player).await?
        {
            left.push((operation, failed));
        }
    }
    for (operation, first) in left {
        // What it answered says more than that it was not asked again.
        let failed = match first.is_final || !has_time() {
            true => Some(first),
            false => rehearsal.failed(book, &operation, player).await?,
        };
        if let Some(Failed { reason, .. }) = failed {
            book.lacks(&operation, reason.clone());
            refused.insert(operation, reason);
        }
    }
    Ok(Rehearsed {
        seen: rehearsal.seen,
        refused,
    })
}

/// What was found out so far.
struct Rehearsal {
    tenants: usize,
    seen: Vec<History>,
    /// Far from the numbers of any case, so that nothing made here is in the way later.
    index: u64,
}

/// Why no way worked.
struct Failed {
    /// For people.
    reason: String,
    /// Whether no other way and no other time would help.
    is_final: bool,
}

impl Rehearsal {
    /// Chooses the first way that works; the first failure when none does.
    async fn failed<S: ApiStage>(
        &mut self,
        book: &mut Workbook<'_>,
        operation: &str,
        player: &mut Player<'_, S>,
    ) -> Result<Option<Failed>, StageError> {
        // Some actors are in one tenant only.
        let tenants = (0..self.tenants).map(TenantIndex);
        let mut callers = tenants.flat_map(|tenant| book.callers_for(operation, tenant));
        let Some(caller) = callers.next() else {
            return Ok(None);
        };
        let mut first = None;
        for recipe in 0..book.recipes(operation).min(RECIPES_MAX) {
            book.choose(operation, recipe);
            self.index += 1;
            let case = match honest(book, operation, &caller, self.index) {
                Ok(case) => case,
                Err(unreachable) => {
                    first.get_or_insert(unreachable.reason);
                    continue;
                }
            };
            let history = player.play(&case).await?;
            if history.steps.len() == case.steps.len() && history.steps.iter().all(has_succeeded) {
                self.seen.push(history);
                return Ok(None);
            }
            let reason = failure(&history);
            // Who asks for the least and names nothing is refused for himself, however else he asks.
            let names_nothing = recipe == 0 && book.positions(operation).is_empty();
            if names_nothing && is_forbidden(&history, operation) {
                let is_final = true;
                return Ok(Some(Failed { reason, is_final }));
            }
            first.get_or_insert(reason);
        }
        book.choose(operation, 0);
        Ok(Some(Failed {
            reason: first.unwrap_or_else(|| "nothing could be tried".into()),
            is_final: false,
        }))
    }
}

/// The first number of a rehearsal.
const REHEARSALS: u64 = 1 << 40;

/// Whether what failed is that an operation itself was forbidden.
fn is_forbidden(history: &History, operation: &str) -> bool {
    let mut steps = history.case.steps.iter().zip(&history.steps);
    let failed = steps.find(|(_, record)| !has_succeeded(record));
    failed.is_some_and(|(step, record)| {
        step.operation() == operation && record.answer().is_some_and(|answer| answer.status == 403)
    })
}

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
