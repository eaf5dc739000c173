//! Which rows do the rightful ways work on? Found by going each, before anybody attacks; what it
//! changed is put back.
//!
//! An invoice can be posted once, a customer removed only while nobody refers to him: an attack on a
//! row on which its twin fails would prove nothing.

use domain::history::Response;
use generators::{Choices, Terrain, rehearsals};

use crate::clock::Clock;
use crate::plan::Plan;
use crate::play::Player;
use crate::stage::{Stage, StageError};

/// The rows on which the rightful ways work, for campaigns against the same rows to come.
///
/// # Errors
/// When the target is lost.
pub async fn choices<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
) -> Result<Choices, StageError> {
    let terrain = Terrain::new(plan.system, plan.world, plan.surface);
    rehearse(&terrain, &mut Player::new(stage, clock, plan).await?).await
}

/// Tries every way on one row after the other, until it does something.
pub(crate) async fn rehearse<S: Stage>(
    terrain: &Terrain<'_>,
    player: &mut Player<'_, S>,
) -> Result<Choices, StageError> {
    let mut choices = Choices::default();
    for rehearsal in rehearsals(terrain) {
        let mut without_effect = None;
        for (position, step) in rehearsal.candidates.iter().enumerate() {
            let Some(response) = player.rehearse(step).await? else {
                break;
            };
            if response.lost.is_some() || !response.errors.is_empty() {
                continue;
            }
            if had_effect(&response) {
                choices.choose(&rehearsal.name, position);
                without_effect = None;
                break;
            }
            // Many a procedure tells nothing of what it did.
            without_effect = without_effect.or(Some(position));
        }
        if let Some(position) = without_effect {
            choices.choose(&rehearsal.name, position);
        }
    }
    Ok(choices)
}

fn had_effect(response: &Response) -> bool {
    response.rows_returned() > 0 || response.rows_affected > 0
}
