//! What must remain of a finding when its case becomes smaller?

use domain::canary::CanaryKind;
use domain::control::ControlId;
use domain::finding::{Finding, Fingerprint, Severity};

use super::bench::Played;
use crate::ledger::deed;

/// A finding as its whole case shows it.
#[derive(Debug, Clone)]
pub(super) struct Aim {
    fingerprint: Fingerprint,
    /// Whether the same oracle must see it.
    needs_oracle: bool,
    severity: Severity,
    /// The promise that it is told under first. Others come and go with what happens to stand beside it.
    promise: Option<ControlId>,
    /// Whether the attempt that shows it counted.
    is_armed: bool,
    /// The kind of value that tells most, where any surfaced.
    sighted: Option<CanaryKind>,
    has_changes: bool,
    /// Whether all that was to be made ready was.
    is_prepared: bool,
}

impl Aim {
    /// What a play shows of a cause: its finding and what must remain of it. The same oracle is
    /// preferred, then the strongest.
    pub(super) fn take<'p, H>(
        wanted: &Finding,
        played: &'p Played<H>,
    ) -> Option<(Self, &'p Finding)> {
        let finding = played
            .findings
            .iter()
            .filter(|seen| is_same(&seen.fingerprint, &wanted.fingerprint))
            .max_by_key(|seen| {
                let same_oracle = seen.fingerprint.oracle == wanted.fingerprint.oracle;
                let is_told = seen.sightings.is_empty() == wanted.sightings.is_empty()
                    && seen.changes.is_empty() == wanted.changes.is_empty();
                // Of equals the first.
                (
                    same_oracle,
                    is_told,
                    seen.severity,
                    std::cmp::Reverse(seen.step),
                )
            })?;
        let aim = Self {
            fingerprint: finding.fingerprint.clone(),
            needs_oracle: true,
            severity: finding.severity,
            promise: finding.controls.first().cloned(),
            is_armed: played.armed.contains(&finding.step),
            sighted: finding.sightings.iter().map(|one| one.kind).min(),
            has_changes: !finding.changes.is_empty(),
            is_prepared: played.is_prepared,
        };
        Some((aim, finding))
    }

    /// The same, whichever oracle sees it.
    pub(super) fn whoever_sees_it(&self) -> Self {
        Self {
            needs_oracle: false,
            ..self.clone()
        }
    }

    /// The finding of a play that shows the same, as strongly; the last one when there are several.
    pub(super) fn met_by<'p, H>(&self, played: &'p Played<H>) -> Option<&'p Finding> {
        played.findings.iter().rev().find(|seen| {
            let holds = |id: &ControlId| seen.controls.contains(id);
            let sighted = |kind| seen.sightings.iter().any(|one| one.kind == kind);
            is_same(&seen.fingerprint, &self.fingerprint)
                && (!self.needs_oracle || seen.fingerprint.oracle == self.fingerprint.oracle)
                && seen.severity >= self.severity
                && self.promise.as_ref().is_none_or(holds)
                && (!self.is_armed || played.armed.contains(&seen.step))
                && self.sighted.is_none_or(sighted)
                && (!self.has_changes || !seen.changes.is_empty())
                && (!self.is_prepared || played.is_prepared)
        })
    }
}

/// Whether two fingerprints are of the same, whichever oracle saw it.
pub(super) fn is_same(one: &Fingerprint, other: &Fingerprint) -> bool {
    deed(one) == deed(other)
}
