//! Seeing a finding again, from clean state.

use domain::finding::{Confidence, Finding};

use super::aim::is_same;
use super::bench::Bench;
use crate::stage::StageError;

/// How often a finding is tried again.
pub(super) const TRIES: u8 = 2;

/// How sure we can be of a finding of this case: seen again in the smallest form in which it shows.
/// Where nothing can be put back, a case that names what it made cannot be played twice.
pub(crate) async fn confirm<B: Bench>(
    bench: &mut B,
    case: &B::Case,
    finding: &Finding,
) -> Result<Confidence, StageError> {
    if !bench.can_restore() {
        return Ok(Confidence::Seen);
    }
    let likely = B::likely(case, finding.step).into_iter();
    let mut forms: Vec<B::Case> = likely.map(|steps| B::cut(case, steps)).collect();
    let last = forms.pop();
    for (form, tries_all) in forms
        .iter()
        .zip(std::iter::repeat(false))
        .chain(last.iter().zip([true]))
    {
        let mut k = 0;
        for _ in 0..TRIES {
            let played = bench.play(form).await?;
            let shows = |seen: &Finding| is_same(&seen.fingerprint, &finding.fingerprint);
            let again = played.findings.iter().any(shows);
            k += u8::from(again);
            if !again && !tries_all {
                break;
            }
        }
        if k > 0 {
            return Ok(Confidence::Confirmed { k, n: TRIES });
        }
    }
    Ok(Confidence::Unstable { n: TRIES })
}
