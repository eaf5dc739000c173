//! Seeing a finding again: the step alone from clean state, and if that does not do it, with the
//! steps before it.

use domain::case::{Case, MISSING};
use domain::finding::{Confidence, Finding};
use oracles::Judge;

use crate::judging::judge;
use crate::ledger::deed;
use crate::play::Player;
use crate::stage::{Stage, StageError};

/// How often a finding is tried again.
const TRIES: u8 = 2;

/// How sure we can be of a finding of this case.
pub(crate) async fn confirm<S: Stage>(
    player: &mut Player<'_, S>,
    oracles: &Judge<'_>,
    case: &Case,
    finding: &Finding,
) -> Result<Confidence, StageError> {
    if !player.stage.can_restore() {
        return Ok(Confidence::Seen);
    }
    // A question that is compared with the next one is nothing without it.
    let next = case.steps.get(finding.step + 1);
    let compared = next.is_some_and(|step| step.claim.as_ref().is_some_and(|own| own.is(MISSING)));
    let end = finding.step + usize::from(compared);
    let alone = Case {
        steps: case.steps[finding.step..=end].to_vec(),
        ..case.clone()
    };
    let until = Case {
        steps: case.steps[..=end].to_vec(),
        ..case.clone()
    };
    for replay in [alone, until] {
        let mut k = 0;
        for _ in 0..TRIES {
            let history = player.play(&replay).await?;
            let again = judge(oracles, &history)
                .findings
                .iter()
                .any(|seen| deed(&seen.fingerprint) == deed(&finding.fingerprint));
            k += u8::from(again);
            if !again {
                break;
            }
        }
        if k > 0 {
            return Ok(Confidence::Confirmed { k, n: TRIES });
        }
    }
    Ok(Confidence::Unstable { n: TRIES })
}
