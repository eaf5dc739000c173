//! How far a campaign of either plane has come: what is done, what it added up to, who is told, and
//! whether it may go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::case::{CaseId, Phase};
use domain::cause::{AnyHistory, Cause};
use domain::event::{Effort, Event, Summary};
use domain::finding::Finding;
use domain::journal::{CaseLine, InspectionLine, Line, PlannedLine};
use domain::system::System;
use domain::world::World;
use oracles::{INSPECTIONS, Inspection};

use crate::clock::Clock;
use crate::inspecting::Look;
use crate::journal::{Journal, Resumed};
use crate::ledger::{Deed, Ledger, deed};
use crate::plan::{Extent, NOTHING_RANDOM, Shrinking};
use crate::shrink::{Bench, Kept, Surroundings, confirm, shrink};
use crate::stage::StageError;
use crate::triage;

/// Why a campaign did not do all that was planned.
pub(crate) enum Ended {
    /// Somebody asked it to stop.
    Interrupted,
    /// The budget ended in this phase.
    OutOfTime(Phase),
    /// The target does not answer any more.
    Lost(StageError),
}

impl Ended {
    fn reason(&self) -> String {
        match self {
            Self::Interrupted => "the campaign was interrupted".into(),
            Self::OutOfTime(phase) => {
                format!(
                    "the budget ended before the phase {} was done",
                    phase.name()
                )
            }
            Self::Lost(error) => format!("the target was lost: {error}"),
        }
    }
}

/// What surrounds a campaign.
pub(crate) struct Setting<'a, 'j> {
    pub(crate) journal: &'a mut Journal<'j>,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) events: &'a mut dyn FnMut(Event),
    pub(crate) stop: &'a AtomicBool,
}

/// What the plans of both planes have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) system: &'a System,
    pub(crate) world: &'a World,
    pub(crate) target: &'a str,
    pub(crate) seed: u64,
    pub(crate) extent: Extent,
    pub(crate) shrinking: Shrinking,
}

/// The course of a campaign whose cases are `C` and whose histories are `H`.
pub(crate) struct Course<'a, 'j, C, H> {
    terms: Terms<'a>,
    pub(crate) ledger: Ledger<'a>,
    setting: Setting<'a, 'j>,
    started: Duration,
    /// Cases and inspections that are done, by an interrupted run or by this one.
    done: BTreeSet<CaseId>,
    cases: u64,
    /// Steps that were judged.
    pub(crate) judged: u64,
    /// Time that went into judging.
    pub(crate) judging: Duration,
    pub(crate) notes: Vec<String>,
    /// The cases in which findings were seen.
    kept: Kept<C, H>,
}

impl<'a, 'j, C: Clone, H: Clone> Course<'a, 'j, C, H> {
    pub(crate) fn begin(terms: Terms<'a>, ledger: Ledger<'a>, setting: Setting<'a, 'j>) -> Self {
        Self {
            started: setting.clock.now(),
            terms,
            ledger,
            setting,
            done: BTreeSet::new(),
            cases: 0,
            judged: 0,
            judging: Duration::ZERO,
            notes: Vec::new(),
            kept: Kept::default(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.setting.clock.now()
    }

    /// How long this campaign has gone on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now().saturating_sub(self.started)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.setting.stop.load(Ordering::Relaxed)
    }

    /// Whether a case of this phase may be begun.
    pub(crate) fn may_go_on(&self, phase: Phase) -> Result<(), Ended> {
        if self.is_stopped() {
            return Err(Ended::Interrupted);
        }
        if self.terms.extent.is_over(phase, self.elapsed()) {
            return Err(Ended::OutOfTime(phase));
        }
        Ok(())
    }

    /// How many random cases there will be, unless a budget decides.
    pub(crate) fn random_cases(&self) -> Option<u64> {
        match self.terms.extent {
            Extent::Budget(_) => None,
            Extent::Cases(count) => Some(count),
        }
    }

    /// The next random case of this phase at or after `index` that is not done, while there may be one.
    pub(crate) fn next_random(
        &mut self,
        phase: Phase,
        index: u64,
    ) -> Result<Option<CaseId>, Ended> {
        let due = (index..)
            .map(|index| CaseId { phase, index })
            .find(|id| !self.done.contains(id));
        let Some(id) = due else { return Ok(None) };
        if self.random_cases().is_some_and(|count| id.index >= count) {
            return Ok(None);
        }
        match self.may_go_on(phase) {
            // The budget is there to be used up by random cases.
            Err(Ended::OutOfTime(_)) => {
                if id.index == 0 {
                    self.notes.push(NOTHING_RANDOM.into());
                }
                Ok(None)
            }
            other => other.map(|()| Some(id)),
        }
    }

    pub(crate) fn is_done(&self, id: CaseId) -> bool {
        self.done.contains(&id)
    }

    /// Whether a promise of this inspection is under test.
    pub(crate) fn is_selected(&self, inspection: &Inspection) -> bool {
        let under_test = |id: &&str| self.terms.system.controls.iter().any(|own| own.0 == **id);
        inspection.controls.iter().any(under_test)
    }

    pub(crate) fn begin_phase(&mut self, phase: Phase, cases: Option<u64>) {
        self.tell(Event::PhaseStarted { phase, cases });
    }

    pub(crate) fn tell(&mut self, event: Event) {
        (self.setting.events)(event);
    }

    /// Tells now what the summary will say as well.
    pub(crate) fn warn(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.tell(Event::Warning { text: text.clone() });
            self.notes.push(text);
        }
    }

    fn announce(&mut self, id: CaseId, title: String) {
        let progress = Event::Progress {
            phase: id.phase,
            cases: id.index + 1,
            judged: self.judged,
            armed: self.ledger.armed(),
            findings: self.ledger.found(),
            title,
        };
        self.tell(progress);
    }

    /// Enters what an inspection has just seen, which began at `began`.
    pub(crate) fn looked(
        &mut self,
        id: CaseId,
        inspection: &Inspection,
        look: &Look,
        began: Duration,
    ) {
        let mut line = look.line(id, inspection);
        self.enter_look(inspection, &line);
        for finding in look.findings(id, inspection) {
            let is_new = self.is_new(&finding);
            self.found(finding, is_new);
        }
        line.ms = self.since(began);
        self.setting.journal.write(&Line::Inspection(line));
        self.announce(id, format!("inspection of {}", inspection.name));
    }

    /// Enters what an inspection saw, now or before a kill.
    fn enter_look(&mut self, inspection: &Inspection, line: &InspectionLine) {
        self.ledger.enter_look(inspection, line);
        self.done.insert(line.case);
    }

    fn is_new(&self, finding: &Finding) -> bool {
        !self.ledger.knows(finding) && !self.ledger.knows_hole(finding)
    }

    /// Enters a finding; whether it, or a shorter way to show one, is to be remembered.
    fn found(&mut self, finding: Finding, is_new: bool) -> bool {
        let Some(shown) = self.ledger.find(finding) else {
            return false;
        };
        let shown = shown.clone();
        self.setting
            .journal
            .write(&Line::Finding(Box::new(shown.clone())));
        if is_new {
            self.tell(Event::Found(Box::new(shown)));
        }
        true
    }

    /// Enters what a case showed, each thing that is new after it was seen again.
    pub(crate) async fn findings<B>(
        &mut self,
        bench: &mut B,
        (id, case, history): (CaseId, &C, &H),
        findings: Vec<Finding>,
    ) -> Result<(), Ended>
    where
        B: Bench<Case = C, History = H>,
    {
        let mut lost = None;
        for mut finding in findings {
            let is_new = self.is_new(&finding);
            if is_new {
                match confirm(bench, case, &finding).await {
                    Ok(confidence) => finding.confidence = confidence,
                    Err(error) => lost = Some(error),
                }
            }
            if self.found(finding, is_new) {
                self.kept.keep_as_seen(id, case, history);
            }
        }
        lost.map_or(Ok(()), |error| Err(Ended::Lost(error)))
    }

    /// Writes down a case of so many steps that is done, which began at `began`.
    pub(crate) fn write(
        &mut self,
        mut line: CaseLine,
        (title, steps): (String, usize),
        began: Duration,
        history: &mut dyn FnMut() -> AnyHistory,
    ) {
        self.cases += 1;
        self.judged += steps as u64;
        line.ms = self.since(began);
        let id = line.case;
        self.setting.journal.write_case(line, history);
        self.announce(id, title);
    }

    /// Writes down the cells that planned cases are going to reach, before the first of them; an interrupted run has
    /// done so.
    pub(crate) fn freeze(&mut self, resumed: Option<&Resumed>) {
        let cells = self.ledger.names();
        match resumed.and_then(|resumed| resumed.planned.as_ref()) {
            Some(planned) if *planned == cells => {}
            Some(_) => self.warn([
                "other cells are planned than before the run was interrupted: the target has changed".to_owned(),
            ]),
            None => self
                .setting
                .journal
                .write(&Line::Planned(PlannedLine { cells })),
        }
    }

    /// Takes over what an interrupted run of the same plan has done. Random cases are drawn again,
    /// since they reach cells that were not planned; all others are among those that are `planned`.
    pub(crate) fn recall(
        &mut self,
        resumed: &Resumed,
        planned: &BTreeMap<CaseId, &C>,
        mut drawn: impl FnMut(CaseId) -> Option<C>,
        mut plan: impl FnMut(&mut Ledger<'a>, &C),
    ) {
        let mut counts: BTreeMap<Deed, u64> = BTreeMap::new();
        for line in &resumed.inspections {
            let known = INSPECTIONS.iter().find(|one| one.name == line.inspection);
            let Some(inspection) = known else { continue };
            self.enter_look(inspection, line);
            for item in &line.items {
                if let Some(finding) = item.finding(inspection.name, line.case.index) {
                    *counts.entry(deed(&finding.fingerprint)).or_default() += 1;
                }
            }
        }
        for line in &resumed.cases {
            if let Some(case) = drawn(line.case) {
                plan(&mut self.ledger, &case);
            }
            self.ledger.recall_case(line);
            for fingerprint in &line.findings {
                *counts.entry(deed(fingerprint)).or_default() += 1;
            }
            self.cases += 1;
            self.judged += line.outcomes.len() as u64;
            self.done.insert(line.case);
        }
        for finding in &resumed.findings {
            let id = finding.case;
            let case = drawn(id).or_else(|| planned.get(&id).map(|case| (*case).clone()));
            if let Some(case) = case {
                self.kept.keep(id, case);
            }
            self.ledger.recall(finding.clone());
        }
        self.ledger.recount(&counts);
    }

    /// What was found, by what one repair would mend, each with its shortest case.
    pub(crate) async fn causes<B>(&mut self, bench: &mut B) -> Vec<Cause>
    where
        B: Bench<Case = C, History = H>,
    {
        let world = self.terms.world;
        let mut causes = triage::causes(self.ledger.deeds(), world);
        let mut surroundings = Surroundings {
            limits: self.terms.shrinking,
            clock: self.setting.clock,
            events: self.setting.events,
            stop: self.setting.stop,
        };
        let note = shrink(bench, &mut causes, &self.kept, &mut surroundings).await;
        self.notes.extend(note);
        for cause in &mut causes {
            cause.contradiction = triage::contradiction(&cause.finding, world);
        }
        causes
    }

    /// Sums up; `complete` adds what only one plane knows. What was judged is counted as statements
    /// unless it says otherwise.
    pub(crate) fn finish(
        mut self,
        ended: Result<(), Ended>,
        effort: Effort,
        causes: Vec<Cause>,
        complete: impl FnOnce(&mut Summary),
    ) -> Summary {
        let reason = ended.err().map(|ended| ended.reason());
        if let Some(failure) = self.setting.journal.failure() {
            self.notes
                .push(format!("the journal ends early: {failure}"));
        }
        self.notes.extend(self.ledger.failures());
        let uncovered = self.ledger.uncovered();
        if let Some(first) = uncovered.first() {
            self.notes.push(format!(
                "{} planned cells were never armed, such as: {first}",
                uncovered.len()
            ));
        }
        let mut summary = Summary {
            system: self.terms.system.name.clone(),
            target: self.terms.target.to_owned(),
            seed: self.terms.seed,
            tenants: self.terms.world.tenants.len(),
            complete: reason.is_none(),
            controls: self.ledger.controls(reason.as_deref()),
            incomplete_reason: reason,
            cases: self.cases,
            judged: self.judged,
            requests: 0,
            findings: self.ledger.findings(),
            cells: self.ledger.cells(),
            causes,
            notes: self.notes,
            operations: Vec::new(),
            effort,
        };
        complete(&mut summary);
        (self.setting.events)(Event::Finished(Box::new(summary.clone())));
        summary
    }

    fn since(&self, began: Duration) -> u64 {
        u64::try_from(self.now().saturating_sub(began).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
