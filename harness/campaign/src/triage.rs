//! Which findings would one repair make disappear? They are one cause, told once, with its reach.
//!
//! Findings are put together by what they have in common (`ties`) and by nothing else, so that the
//! order in which they were found does not matter. The id of a cause comes from the finding that
//! shows it best, chosen so that runs with other seeds choose the same.

mod contradiction;
mod groups;
#[cfg(test)]
mod tests;
mod ties;

use std::cmp::Reverse;

use domain::case::Phase;
use domain::cause::{Cause, Standing};
use domain::control::ControlId;
use domain::finding::{Confidence, Finding, Fingerprint};
use domain::inspection::INSPECTOR;
use domain::world::World;
use sha2::{Digest as _, Sha256};

pub use contradiction::contradiction;

/// Puts findings together into causes, the worst first. Every finding is in exactly one of them.
pub fn causes(findings: &[Finding], world: &World) -> Vec<Cause> {
    let causes = groups::groups(findings)
        .into_iter()
        .map(|group| cause(group, world))
        .collect();
    worst_first(causes)
}

/// Causes in the order in which they are told.
pub fn worst_first(mut causes: Vec<Cause>) -> Vec<Cause> {
    causes.sort_by_key(|cause| (Reverse(cause.finding.severity), cause.id.clone()));
    causes
}

fn cause(mut group: Vec<&Finding>, world: &World) -> Cause {
    group.sort_by_key(|finding| rank(finding));
    let shown = group[0];
    let mut controls: Vec<ControlId> = Vec::new();
    for id in group.iter().flat_map(|finding| &finding.controls) {
        if !controls.contains(id) {
            controls.push(id.clone());
        }
    }
    let own = shown.controls.len().min(controls.len());
    controls[own..].sort();
    let mut blast_radius: Vec<Fingerprint> = group[1..]
        .iter()
        .map(|finding| finding.fingerprint.clone())
        .collect();
    blast_radius.sort();
    Cause {
        id: id(&shown.fingerprint),
        contradiction: contradiction(shown, world),
        finding: shown.clone(),
        controls,
        blast_radius,
        standing: Standing::New,
        shrunk: None,
    }
}

/// What shows a cause best comes first: the most severe, then what every run tries, whatever its
/// seed, then what happened before what was read in a catalog, then values that came to light before
/// rows that changed, then the name.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let is_random = matches!(
        finding.case.phase,
        Phase::Fuzz | Phase::Sequences | Phase::Races
    );
    let is_read = finding.fingerprint.attacker == INSPECTOR;
    let is_unstable = matches!(finding.confidence, Confidence::Unstable { .. });
    (
        Reverse(finding.severity),
        is_unstable,
        is_random,
        is_read,
        !finding.fingerprint.oracle.ends_with("containment"),
        finding.fingerprint.clone(),
    )
}

/// `scoping-3f9a1c02`: what saw it, and a digest of who did what to whom and where.
fn id(shown: &Fingerprint) -> String {
    let mut hash = Sha256::new();
    for part in [&shown.attacker, &shown.victim, &shown.action, &shown.place] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let digits: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let slug: String = shown
        .oracle
        .trim_start_matches("api_")
        .chars()
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' => letter,
            _ => '-',
        })
        .collect();
    format!("{slug}-{digits}")
}
