//! What everything adds up to: tallies per cell, findings per cause, and from both the verdicts.

use std::collections::{BTreeMap, BTreeSet};

use domain::control::{ControlId, Coverage, Plane, control};
use domain::event::{CellResult, CellVerdict};
use domain::finding::{Finding, Fingerprint};
use domain::inspection::{INSPECTOR, Item, Seen};
use domain::journal::{Broken, CaseLine, Doubt, FailedAttempt, InspectionLine};
use domain::system::System;
use domain::verdict::{ControlResult, Tally, Verdict};
use oracles::api::{ApiAttempt, ApiCell};
use oracles::matrix::{Cell, Relation};
use oracles::{Attempt, Ending, Inspection};

use crate::subject::Subject;

/// Reasons that a verdict lists; more would bury the first.
const REASONS_MAX: usize = 5;

/// Reasons for failed attempts that a note lists.
const FAILURES_MAX: usize = 5;

/// The books of one campaign.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    system: &'a System,
    plane: Plane,
    cells: BTreeMap<String, Entry>,
    /// In the order in which they were found.
    findings: Vec<Finding>,
    known: BTreeMap<Deed, usize>,
    doubts: Vec<Doubt>,
    /// Promises of which the declared system has no part that could be inspected, and why.
    not_applicable: BTreeMap<ControlId, String>,
    /// Why attempts do not count, and how many; up to the first values in the reason.
    failures: BTreeMap<String, u64>,
}

#[derive(Debug, Clone)]
struct Entry {
    subject: Subject,
    tally: Tally,
    /// How many of the attempts that crossed broke each promise.
    broken: BTreeMap<ControlId, u64>,
    /// Why the first attempt that does not count does not.
    failure: Option<String>,
}

/// Which promises the attempts of a case broke.
pub(crate) fn broken(attempts: &[Attempt]) -> Broken {
    let mut broken = Broken::new();
    for attempt in attempts {
        for id in &attempt.broken {
            let promises = broken.entry(attempt.cell.name()).or_default();
            *promises.entry(id.clone()).or_default() += 1;
        }
    }
    broken
}

/// Who did what to whom and where: what makes two findings one, whichever oracle saw it.
pub(crate) type Deed = (String, String, String, String);

pub(crate) fn deed(fingerprint: &Fingerprint) -> Deed {
    (
        fingerprint.attacker.clone(),
        fingerprint.victim.clone(),
        fingerprint.action.clone(),
        fingerprint.place.clone(),
    )
}

/// One attempt in numbers.
fn counted(armed: bool, ending: &Ending) -> Tally {
    let mut tally = Tally {
        attempts: 1,
        armed: u64::from(armed),
        ..Tally::default()
    };
    match ending {
        Ending::Denied => tally.denied = 1,
        Ending::Harmless => tally.harmless = 1,
        Ending::Failed { .. } => tally.failed = 1,
        Ending::Unknown => tally.unknown = 1,
        Ending::Crossed => tally.crossed = 1,
    }
    tally
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(system: &'a System, plane: Plane) -> Self {
        Self {
            system,
            plane,
            cells: BTreeMap::new(),
            findings: Vec::new(),
            known: BTreeMap::new(),
            doubts: Vec::new(),
            not_applicable: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Enters what an inspection saw.
    pub(crate) fn enter_look(&mut self, inspection: &Inspection, line: &InspectionLine) {
        self.inspect(inspection.name, &line.items);
        if let Some(reason) = &line.not_applicable {
            self.not_applicable(inspection.controls, reason);
        }
        for doubt in &line.doubts {
            self.doubt(doubt.clone());
        }
    }

    /// Plans a cell: it is there, whether it is ever armed or not.
    pub(crate) fn plan(&mut self, cell: Cell) {
        self.plan_subject(Subject::Attacked(cell));
    }

    fn plan_subject(&mut self, subject: Subject) {
        self.cells.entry(subject.name()).or_insert_with(|| Entry {
            subject,
            tally: Tally {
                cells_planned: 1,
                ..Tally::default()
            },
            broken: BTreeMap::new(),
            failure: None,
        });
    }

    /// Adds what a case's attempts came to, by cell.
    pub(crate) fn enter(&mut self, attempts: &[Attempt]) -> BTreeMap<String, Tally> {
        let mut added: BTreeMap<String, Tally> = BTreeMap::new();
        for attempt in attempts {
            self.plan(attempt.cell.clone());
            *added.entry(attempt.cell.name()).or_default() +=
                counted(attempt.armed, &attempt.ending);
        }
        self.add(&added);
        added
    }

    /// Plans what a step of the API plane attacks.
    pub(crate) fn plan_call(&mut self, cell: ApiCell) {
        self.plan_subject(Subject::Called(cell));
    }

    /// The same for attempts of the API plane. Attempts on a declared promise are `exhaustive`: all
    /// that there are, no sample, so they need no minimum, but each must count.
    pub(crate) fn enter_calls(
        &mut self,
        attempts: &[ApiAttempt],
        exhaustive: bool,
    ) -> BTreeMap<String, Tally> {
        let mut added: BTreeMap<String, Tally> = BTreeMap::new();
        for attempt in attempts {
            self.plan_call(attempt.cell.clone());
            let mut tally = counted(attempt.armed, &attempt.ending);
            tally.looks = u64::from(exhaustive);
            *added.entry(attempt.cell.name.clone()).or_default() += tally;
        }
        self.add(&added);
        added
    }

    /// Adds looks at answers: each counts for what its cell puts to the test, whoever sent the
    /// request.
    pub(crate) fn enter_looks(&mut self, looks: &[ApiAttempt]) -> BTreeMap<String, Tally> {
        self.enter_calls(looks, true)
    }

    /// Adds what an inspection saw. Each look is an attempt that is armed when it could look, and
    /// what could not be looked at is a reason for doubt: who looks at everything but one thing
    /// has not looked at everything.
    pub(crate) fn inspect(&mut self, inspection: &str, items: &[Item]) {
        for item in items {
            let subject = Subject::of_item(inspection, item);
            let name = subject.name();
            self.plan_subject(subject);
            let mut tally = Tally {
                attempts: 1,
                looks: 1,
                armed: 1,
                ..Tally::default()
            };
            match &item.seen {
                Seen::Passed => tally.harmless = 1,
                Seen::Failed(_) => {
                    tally.crossed = 1;
                    let promises = [(item.control.clone(), 1)].into();
                    self.break_promises(&[(name.clone(), promises)].into());
                }
                Seen::CouldNotLook { reason } => {
                    tally.armed = 0;
                    tally.failed = 1;
                    let whose = match item.database.as_str() {
                        "" => String::new(),
                        database => format!(" of {database}"),
                    };
                    let reason = format!("could not look at {}{whose}: {reason}", item.place);
                    if let Some(entry) = self.cells.get_mut(&name) {
                        entry.failure.get_or_insert_with(|| reason.clone());
                    }
                    self.doubt(Doubt {
                        controls: vec![item.control.clone()],
                        reason,
                    });
                }
            }
            self.add(&[(name, tally)].into());
        }
    }

    /// Notes that an inspection has nothing to look at.
    pub(crate) fn not_applicable(&mut self, controls: &[&str], reason: &str) {
        for id in controls {
            self.not_applicable
                .insert(ControlId::new(id), reason.to_owned());
        }
    }

    /// Adds which promises the attempts that crossed broke, by cell.
    pub(crate) fn break_promises(&mut self, broken: &Broken) {
        for (name, promises) in broken {
            if let Some(entry) = self.cells.get_mut(name) {
                for (id, count) in promises {
                    *entry.broken.entry(id.clone()).or_default() += count;
                }
            }
        }
    }

    /// Counts why attempts do not count.
    pub(crate) fn fail(&mut self, failed: &[FailedAttempt]) {
        for attempt in failed {
            if let Some(entry) = self.cells.get_mut(&attempt.cell) {
                entry.failure.get_or_insert_with(|| attempt.reason.clone());
            }
            let kind = attempt.reason.split(['\'', '"']).next().unwrap_or_default();
            *self.failures.entry(kind.to_owned()).or_default() += 1;
        }
    }

    /// The commonest reasons why attempts do not count, in sentences.
    pub(crate) fn failures(&self) -> Option<String> {
        let mut kinds: Vec<(&String, &u64)> = self.failures.iter().collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), *kind));
        let all: u64 = self.failures.values().sum();
        let common: Vec<String> = kinds
            .iter()
            .take(FAILURES_MAX)
            .map(|(kind, count)| format!("{count} × {}", kind.trim_end()))
            .collect();
        (all > 0).then(|| {
            format!(
                "{all} attempts do not count; most often: {}",
                common.join(" | ")
            )
        })
    }

    /// Adds tallies by cell.
    pub(crate) fn add(&mut self, tallies: &BTreeMap<String, Tally>) {
        for (name, tally) in tallies {
            if let Some(entry) = self.cells.get_mut(name) {
                entry.tally += *tally;
            }
        }
    }

    /// Notes a reason for doubt, once.
    pub(crate) fn doubt(&mut self, doubt: Doubt) {
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }

    /// Whether a cause is known already.
    pub(crate) fn knows(&self, finding: &Finding) -> bool {
        self.known.contains_key(&deed(&finding.fingerprint))
    }

    /// Whether the same was done to something else already: then this is the same hole, and only
    /// its reach is greater.
    pub(crate) fn knows_hole(&self, finding: &Finding) -> bool {
        self.findings
            .iter()
            .any(|known| is_same_hole(known, finding))
    }

    /// Enters a finding. A known cause is counted, and shown by its shortest batch from now on;
    /// the finding as it is now is returned when its words have changed.
    pub(crate) fn find(&mut self, finding: Finding) -> Option<&Finding> {
        let key = deed(&finding.fingerprint);
        let Some(&index) = self.known.get(&key) else {
            self.known.insert(key, self.findings.len());
            self.findings.push(finding);
            return self.findings.last();
        };
        let known = &mut self.findings[index];
        let occurrences = known.occurrences + finding.occurrences;
        let mut controls = known.controls.clone();
        let before = controls.len();
        controls.extend(
            finding
                .controls
                .iter()
                .filter(|id| !known.controls.contains(id))
                .cloned(),
        );
        let worse = finding.severity > known.severity || controls.len() > before;
        // The weaker evidence must not displace the stronger, however short it is.
        let as_telling = finding.sightings.is_empty() == known.sightings.is_empty()
            && finding.changes.is_empty() == known.changes.is_empty();
        let shorter = as_telling && finding.batch.len() < known.batch.len();
        if worse || shorter {
            let fingerprint = known.fingerprint.clone();
            let severity = known.severity.max(finding.severity);
            let confidence = known.confidence;
            *known = Finding {
                fingerprint,
                severity,
                confidence,
                ..finding
            };
        }
        known.occurrences = occurrences;
        known.controls = controls;
        (worse || shorter).then_some(&self.findings[index])
    }

    /// Takes over what a case of an interrupted run came to.
    pub(crate) fn recall_case(&mut self, line: &CaseLine) {
        self.add(&line.cells);
        self.break_promises(&line.broken);
        self.fail(&line.failed);
        for doubt in &line.doubts {
            self.doubt(doubt.clone());
        }
    }

    /// Takes over findings of an interrupted run; a later one of the same cause replaces the
    /// earlier.
    pub(crate) fn recall(&mut self, finding: Finding) {
        let key = deed(&finding.fingerprint);
        match self.known.get(&key) {
            Some(&index) => self.findings[index] = finding,
            None => {
                self.known.insert(key, self.findings.len());
                self.findings.push(finding);
            }
        }
    }

    /// Counts a cause that an interrupted run has seen again.
    pub(crate) fn recount(&mut self, counts: &BTreeMap<Deed, u64>) {
        for (key, count) in counts {
            if let Some(&index) = self.known.get(key) {
                self.findings[index].occurrences = *count;
            }
        }
    }

    /// Everything found, one finding for each deed, in the order in which they were found.
    pub(crate) fn deeds(&self) -> &[Finding] {
        &self.findings
    }

    /// Everything found, the worst first; what differs in the place alone is one finding that
    /// tells how far it reaches.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut holes: Vec<(Finding, Vec<String>)> = Vec::new();
        for finding in &self.findings {
            match holes
                .iter_mut()
                .find(|(hole, _)| is_same_hole(hole, finding))
            {
                Some((hole, places)) => {
                    hole.occurrences += finding.occurrences;
                    places.push(finding.fingerprint.place.clone());
                }
                None => holes.push((finding.clone(), Vec::new())),
            }
        }
        let mut findings: Vec<Finding> = holes
            .into_iter()
            .map(|(mut hole, places)| {
                if !places.is_empty() {
                    hole.sentence.push_str("; the same reaches ");
                    hole.sentence.push_str(&listed(&places));
                }
                hole
            })
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// How many holes.
    pub(crate) fn found(&self) -> usize {
        let earlier = |index: usize| &self.findings[..index];
        self.findings
            .iter()
            .enumerate()
            .filter(|(index, one)| !earlier(*index).iter().any(|other| is_same_hole(other, one)))
            .count()
    }

    /// Armed attempts.
    pub(crate) fn armed(&self) -> u64 {
        self.cells.values().map(|entry| entry.tally.armed).sum()
    }

    /// The verdicts of the selected controls. `incomplete` is why the plan was not finished.
    pub(crate) fn controls(&self, incomplete: Option<&str>) -> Vec<ControlResult> {
        // A promise that another plane looks after is not of this one.
        let elsewhere = |id: &ControlId| {
            control(&id.0).is_some_and(|one| one.is_attacked() && !one.is_attacked_on(self.plane))
        };
        self.system
            .controls
            .iter()
            .filter(|id| !elsewhere(id))
            .map(|id| {
                let tally = self.tally(id);
                ControlResult {
                    control: id.clone(),
                    verdict: self.verdict(id, &tally, incomplete),
                    tally,
                }
            })
            .collect()
    }

    fn tally(&self, id: &ControlId) -> Tally {
        let mut sum = Tally::default();
        for entry in self.cells.values() {
            let broken = entry.broken.get(id).copied().unwrap_or_default();
            if entry.subject.controls(self.system).contains(id) {
                sum += entry.tally;
                sum.cells_covered += u64::from(entry.tally.armed > 0);
                // What crossed elsewhere did this promise no harm.
                sum.crossed -= entry.tally.crossed - broken;
                sum.harmless += entry.tally.crossed - broken;
            } else if broken > 0 {
                // What was aimed at something else and broke this promise counts here, too.
                sum += Tally {
                    attempts: broken,
                    armed: broken,
                    crossed: broken,
                    ..Tally::default()
                };
            }
        }
        sum
    }

    fn verdict(&self, id: &ControlId, tally: &Tally, incomplete: Option<&str>) -> Verdict {
        if self
            .findings
            .iter()
            .any(|finding| finding.controls.contains(id))
        {
            return Verdict::Violated;
        }
        let inconclusive = |reason: String| Verdict::Inconclusive {
            reasons: vec![reason],
        };
        if tally.attempts == 0 && self.not_applicable.contains_key(id) {
            return Verdict::NotApplicable;
        }
        match control(&id.0) {
            Some(control) if control.is_attacked_on(self.plane) => {}
            Some(control) if control.coverage == Coverage::Attested => return Verdict::Attested,
            Some(_) => return inconclusive("nothing attacks it yet".into()),
            None => return inconclusive("there is no such control".into()),
        }
        let mut reasons: Vec<String> = self
            .doubts
            .iter()
            .filter(|doubt| doubt.controls.contains(id))
            .map(|doubt| doubt.reason.clone())
            .collect();
        if reasons.len() > REASONS_MAX {
            let more = reasons.len() - REASONS_MAX;
            reasons.truncate(REASONS_MAX);
            reasons.push(format!("and {more} more like these"));
        }
        if let Some(reason) = incomplete {
            reasons.push(reason.to_owned());
        }
        let thresholds = &self.system.thresholds;
        // Attacks are a sample, and a small one proves little. An inspection is exhaustive: what is
        // only inspected needs no minimum, and each look that failed is a doubt already.
        let looks = self.looks(id);
        let attacks = tally.attempts - looks.attempts;
        let armed = tally.armed - looks.armed;
        if armed < thresholds.armed_attempts_min && (attacks > 0 || looks.attempts == 0) {
            reasons.push(format!(
                "{armed} armed attempts, fewer than {}",
                thresholds.armed_attempts_min
            ));
        }
        let failed = tally.failed - looks.failed;
        if failed * 100 > attacks * u64::from(thresholds.failed_percent_max) {
            reasons.push(format!(
                "{failed} of {attacks} attempts failed for a reason of no concern here, more than {} \
                 %{}",
                thresholds.failed_percent_max,
                self.first_failure(id)
                    .map(|why| format!(" (such as {why})"))
                    .unwrap_or_default()
            ));
        }
        if reasons.is_empty() {
            Verdict::Held
        } else {
            Verdict::Inconclusive { reasons }
        }
    }

    /// What inspections alone contribute to a promise.
    fn looks(&self, id: &ControlId) -> Tally {
        let mut sum = Tally::default();
        for entry in self.cells.values() {
            if entry.tally.looks > 0 && entry.subject.controls(self.system).contains(id) {
                sum += entry.tally;
            }
        }
        sum
    }

    fn first_failure(&self, id: &ControlId) -> Option<String> {
        self.cells.values().find_map(|entry| {
            entry
                .subject
                .controls(self.system)
                .contains(id)
                .then_some(())?;
            let failure = entry.failure.as_ref()?;
            Some(format!("{}: {failure}", entry.subject.name()))
        })
    }

    /// Every cell, in order of names.
    pub(crate) fn cells(&self) -> Vec<CellResult> {
        self.cells
            .iter()
            .map(|(name, entry)| CellResult {
                name: name.clone(),
                class: entry.subject.class(),
                at: entry.subject.coordinates(),
                controls: entry.subject.controls(self.system),
                armed: entry.tally.armed,
                attempts: entry.tally.attempts,
                result: self.cell_verdict(entry),
            })
            .collect()
    }

    fn cell_verdict(&self, entry: &Entry) -> CellVerdict {
        let shown = self
            .findings
            .iter()
            .find(|finding| is_shown_by(&entry.subject, finding));
        if let Some(finding) = shown {
            let text = format!("{}\n{}", finding.sentence, finding.batch);
            return CellVerdict::Violated {
                kind: kind(&entry.subject).into(),
                text,
            };
        }
        if entry.tally.crossed > 0 {
            let text = "an attempt had a forbidden effect elsewhere; see the findings".into();
            return CellVerdict::Violated {
                kind: kind(&entry.subject).into(),
                text,
            };
        }
        if entry.tally.armed == 0 {
            let text = entry
                .failure
                .clone()
                .unwrap_or_else(|| "never attempted".into());
            let kind = if entry.tally.attempts == 0 {
                "unattempted"
            } else {
                "unarmed"
            };
            return CellVerdict::Inconclusive {
                kind: kind.into(),
                text,
            };
        }
        if entry.tally.denied + entry.tally.harmless == 0 {
            let text = entry
                .failure
                .clone()
                .unwrap_or_else(|| "no answer came".into());
            return CellVerdict::Inconclusive {
                kind: "failed".into(),
                text,
            };
        }
        CellVerdict::Held
    }

    /// Names of all cells, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.cells.keys().cloned().collect()
    }

    /// Names of planned cells that no attempt was armed in.
    pub(crate) fn uncovered(&self) -> BTreeSet<&str> {
        self.cells
            .iter()
            .filter(|(_, entry)| entry.tally.armed == 0)
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// Whether a finding is what a subject's failure looks like.
fn is_shown_by(subject: &Subject, finding: &Finding) -> bool {
    let own = &finding.fingerprint;
    match subject {
        Subject::Attacked(cell) => {
            let place = if cell.object.is_empty() {
                "the database"
            } else {
                cell.object.as_str()
            };
            own.attacker == cell.principal
                && own.victim == cell.relation.name()
                && own.action == cell.action.name()
                && own.place == place
        }
        // Its attempts say themselves that they crossed.
        Subject::Called(_) => false,
        Subject::Inspected {
            inspection,
            control,
            place,
        } => {
            own.attacker == INSPECTOR
                && own.oracle == *inspection
                && own.place == *place
                && finding.controls.contains(control)
        }
    }
}

/// The JUnit failure type of a crossed cell.
fn kind(subject: &Subject) -> &'static str {
    use domain::intent::Action;
    let cell = match subject {
        Subject::Attacked(cell) => cell,
        Subject::Inspected { .. } => return INSPECTOR,
        Subject::Called(_) => return "api",
    };
    match (cell.relation, cell.action) {
        (Relation::Own, Action::Select | Action::Backup) => "duty_read",
        (Relation::Own, Action::Insert | Action::Update | Action::Delete | Action::Truncate) => {
            "duty_write"
        }
        (Relation::Own, _) => "duty_definition",
        (_, Action::Select | Action::Backup) => "cross_tenant_read",
        (_, Action::Insert | Action::Update | Action::Delete | Action::Truncate) => {
            "cross_tenant_write"
        }
        (_, Action::Connect | Action::Impersonate) => "cross_tenant_entry",
        _ => "cross_tenant_definition",
    }
}

/// The same attacker doing the same to the same kind of victim against the same promises.
fn is_same_hole(one: &Finding, other: &Finding) -> bool {
    let (left, right) = (&one.fingerprint, &other.fingerprint);
    let places = (
        left.attacker.as_str(),
        left.victim.as_str(),
        left.action.as_str(),
    );
    places
        == (
            right.attacker.as_str(),
            right.victim.as_str(),
            right.action.as_str(),
        )
        && (left.oracle == "error_text") == (right.oracle == "error_text")
        && one.controls.first() == other.controls.first()
}

/// The first few of many places.
fn listed(places: &[String]) -> String {
    const LISTED_MAX: usize = 4;
    let shown = places
        .iter()
        .take(LISTED_MAX)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match places.len().checked_sub(LISTED_MAX) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

/// Joins findings of one step that have one cause: the most telling first, the others as further
/// evidence.
pub(crate) fn join(findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = joined.iter_mut().find(|known| {
            known.step == finding.step && deed(&known.fingerprint) == deed(&finding.fingerprint)
        });
        let Some(known) = same else {
            joined.push(finding);
            continue;
        };
        known.severity = known.severity.max(finding.severity);
        let new: Vec<ControlId> = finding
            .controls
            .into_iter()
            .filter(|id| !known.controls.contains(id))
            .collect();
        known.controls.extend(new);
        known.sightings.extend(finding.sightings);
        let changes: Vec<_> = finding
            .changes
            .into_iter()
            .filter(|change| !known.changes.contains(change))
            .collect();
        known.changes.extend(changes);
    }
    joined
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, CaseId, Phase};
    use domain::control::{ControlId, Plane};
    use domain::example;
    use domain::finding::{Confidence, Finding, Fingerprint, Severity};
    use domain::inspection::{Defect, Item};
    use domain::intent::Action;
    use domain::verdict::Verdict;
    use domain::world::TenantIndex;
    use oracles::matrix::{Aspect, Cell, Relation};
    use oracles::{Attempt, Ending};

    use super::{Doubt, Ledger, broken};

    fn attempt(action: Action, ending: Ending) -> Attempt {
        let cell = Cell {
            principal: "app_rw".into(),
            action,
            object: "dbo.Invoices".into(),
            relation: Relation::Own,
            shared: None,
            aspect: Aspect::default(),
        };
        let armed = !matches!(ending, Ending::Failed { .. });
        Attempt {
            step: 0,
            cell,
            armed,
            ending,
            broken: Vec::new(),
        }
    }

    fn finding(place: &str, batch: &str) -> Finding {
        Finding {
            fingerprint: Fingerprint {
                oracle: "authorization".into(),
                attacker: "app_rw".into(),
                victim: "own tenant".into(),
                action: "drop".into(),
                place: place.into(),
            },
            controls: vec![ControlId::new("D02")],
            severity: Severity::Medium,
            confidence: Confidence::Seen,
            sentence: format!("app_rw could drop {place}"),
            actor: Actor::Principal {
                tenant: TenantIndex(0),
                principal: "app_rw".into(),
            },
            batch: batch.into(),
            case: CaseId {
                phase: Phase::Sweep,
                index: 0,
            },
            step: 0,
            sightings: Vec::new(),
            changes: Vec::new(),
            occurrences: 1,
        }
    }

    #[test]
    fn a_control_holds_only_with_enough_attempts_that_count() {
        let system = example::system(2);
        let failed = || Ending::Failed {
            reason: "error 102: syntax".into(),
        };
        for (denied, fails, doubt, incomplete, expected) in [
            (60, 0, false, None, "held"),
            (60, 6, false, None, "held"),
            (58, 0, false, None, "58 armed attempts, fewer than 59"),
            (
                60,
                7,
                false,
                None,
                "7 of 67 attempts failed for a reason of no concern here, more \
                                  than 10 %",
            ),
            (60, 0, true, None, "app_rw of acme could not select"),
            (60, 0, false, Some("interrupted"), "interrupted"),
        ] {
            let mut ledger = Ledger::new(&system, Plane::Sql);
            let mut attempts = vec![attempt(Action::Drop, Ending::Denied); denied];
            attempts.extend(vec![attempt(Action::Alter, failed()); fails]);
            ledger.enter(&attempts);
            if doubt {
                let reason = "app_rw of acme could not select".into();
                ledger.doubt(Doubt {
                    controls: vec![ControlId::new("D02")],
                    reason,
                });
            }
            let controls = ledger.controls(incomplete);
            let duties = controls.iter().find(|result| result.control.0 == "D02");
            let told = match &duties.expect("selected").verdict {
                Verdict::Inconclusive { reasons } => reasons.join("; "),
                verdict => verdict.word().into(),
            };
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn what_is_only_inspected_needs_no_minimum_but_every_look() {
        let mut system = example::system(2);
        system.controls = vec![ControlId::new("D05")];
        let defect = || Defect {
            kind: "not system-versioned".into(),
            severity: Severity::High,
            sentence: "dbo.T is not system-versioned".into(),
            shown_by: "SELECT 1".into(),
        };
        let passed = || Item::passed("D05", "wt_acme", "dbo.T");
        let unseen = || Item::unseen("D05", "wt_acme", "dbo.U", "error 208");
        let failed = || Item::failed("D05", "wt_acme", "dbo.V", defect());
        for (items, not_applicable, expected, tally) in [
            (vec![passed()], None, "held", (1, 1, 0)),
            (
                vec![passed(), unseen()],
                None,
                "could not look at dbo.U of wt_acme: error 208",
                (2, 1, 0),
            ),
            (vec![passed(), failed()], None, "violated", (2, 2, 1)),
            (vec![], Some("none declared"), "not applicable", (0, 0, 0)),
            (vec![], None, "0 armed attempts, fewer than 59", (0, 0, 0)),
        ] {
            let mut ledger = Ledger::new(&system, Plane::Sql);
            ledger.inspect("system_versioning", &items);
            for finding in items
                .iter()
                .filter_map(|item| item.finding("system_versioning", 0))
            {
                ledger.find(finding);
            }
            if let Some(reason) = not_applicable {
                ledger.not_applicable(&["D05"], reason);
            }
            let result = &ledger.controls(None)[0];
            let told = match &result.verdict {
                Verdict::Inconclusive { reasons } => reasons.join("; "),
                verdict => verdict.word().into(),
            };
            assert_eq!(told, expected);
            let own = result.tally;
            assert_eq!((own.attempts, own.armed, own.crossed), tally, "{expected}");
        }
    }

    #[test]
    fn a_control_that_only_the_other_plane_attacks_is_left_to_it() {
        let mut system = example::system(2);
        system.controls = vec![ControlId::new("S13"), ControlId::new("S16")];
        for (plane, expected) in [
            (Plane::Sql, &["attested"][..]),
            (Plane::Api, &["inconclusive", "attested"]),
        ] {
            let words: Vec<&str> = Ledger::new(&system, plane)
                .controls(None)
                .iter()
                .map(|one| one.verdict.word())
                .collect();
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn one_hole_is_one_finding_and_is_shown_by_its_shortest_batch() {
        let system = example::system(2);
        let mut ledger = Ledger::new(&system, Plane::Sql);
        for (place, batch) in [
            ("dbo.Invoices", "EXEC (N'DROP TABLE dbo.Invoices;');"),
            ("dbo.Invoices", "DROP TABLE dbo.Invoices;"),
            ("dbo.Customers", "DROP TABLE dbo.Customers;"),
            ("dbo.Invoices", "/* again */ DROP TABLE dbo.Invoices;"),
        ] {
            ledger.find(finding(place, batch));
        }
        let findings = ledger.findings();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].batch, "DROP TABLE dbo.Invoices;");
        assert_eq!(findings[0].occurrences, 4);
        assert_eq!(
            findings[0].sentence,
            "app_rw could drop dbo.Invoices; the same reaches dbo.Customers"
        );
        assert_eq!(ledger.found(), 1);
    }

    #[test]
    fn a_crossing_counts_for_the_promises_that_it_broke() {
        let system = example::system(2);
        let mut ledger = Ledger::new(&system, Plane::Sql);
        let crossed = Attempt {
            broken: vec![ControlId::new("D03")],
            ..attempt(Action::Execute, Ending::Crossed)
        };
        ledger.enter(std::slice::from_ref(&crossed));
        ledger.break_promises(&broken(&[crossed]));
        let controls = ledger.controls(None);
        for (id, crossed, harmless) in [("D02", 0, 1), ("D03", 1, 0), ("D01", 0, 0)] {
            let tally = controls
                .iter()
                .find(|one| one.control.0 == id)
                .expect("selected")
                .tally;
            assert_eq!((tally.crossed, tally.harmless), (crossed, harmless), "{id}");
        }
    }
}
