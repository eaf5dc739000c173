//! Seeing a finding of the API plane again: the whole case, from clean state.

use domain::api::case::Case;
use domain::finding::{Confidence, Finding};
use oracles::api::ApiJudge;

use super::judging::judge;
use super::play::Player;
use super::stage::ApiStage;
use crate::ledger::deed;
use crate::stage::StageError;

/// How often a finding is tried again.
const TRIES: u8 = 2;

/// How sure we can be of a finding of this case. Where nothing can be put back, a case that names
/// what it made cannot be played twice.
pub(crate) async fn confirm<S: ApiStage>(
    player: &mut Player<'_, S>,
    oracles: &ApiJudge<'_>,
    case: &Case,
    finding: &Finding,
) -> Result<Confidence, StageError> {
    if !player.stage.can_restore() {
        return Ok(Confidence::Seen);
    }
    let mut k = 0;
    for _ in 0..TRIES {
        let history = player.play(case).await?;
        let again = judge(oracles, &history)
            .0
            .iter()
            .any(|seen| deed(&seen.fingerprint) == deed(&finding.fingerprint));
        k += u8::from(again);
    }
    Ok(match k {
        0 => Confidence::Unstable { n: TRIES },
        k => Confidence::Confirmed { k, n: TRIES },
    })
}
