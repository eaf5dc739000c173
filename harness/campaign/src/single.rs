//! One case on its own: what the oracles find in it. For tests that ask whether an attack can find
//! anything at all.

use domain::case::Case;
use domain::finding::Finding;
use domain::history::History;
use oracles::{Attempt, Judge};

use crate::clock::Clock;
use crate::judging::judge;
use crate::lanes::Plays as _;
use crate::plan::Plan;
use crate::play::Player;
use crate::stage::{Stage, StageError};

/// One case, played and judged.
#[derive(Debug, Clone)]
pub struct Single {
    /// What happened.
    pub history: History,
    /// What the oracles say of it.
    pub findings: Vec<Finding>,
    /// What every attack in it came to.
    pub attempts: Vec<Attempt>,
}

/// Plays a case from the stage's clean state and judges it, without journal and verdicts.
///
/// # Errors
/// When the target is lost.
pub async fn play_single<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    case: &Case,
) -> Result<Single, StageError> {
    let mut player = Player::new(stage, clock, plan).await?;
    let history = player.play(case).await?;
    let oracles = Judge::new(plan.system, plan.world, plan.surface);
    let findings = judge(&oracles, &history).findings;
    let attempts = oracles.attempts(&history, &findings);
    Ok(Single {
        history,
        findings,
        attempts,
    })
}
