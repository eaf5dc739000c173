//! The loop: inspections, baseline, scenarios, sweep, then random cases until the budget or the count ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::case::{Case, CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory, Cause};
use domain::control::Plane;
use domain::event::{Effort, Event, Summary};
use domain::history::History;
use domain::inspection::Moment;
use generators::{Choices, Terrain};
use oracles::matrix::Cell;
use oracles::{Attempt, Ending, INSPECTIONS, Inspection, Judge};
use scenarios::NotApplicable;

use crate::clock::Clock;
use crate::digest::digest;
use crate::inspecting::look;
use crate::journal::{CaseLine, FailedAttempt, InspectionLine, Journal, Line};
use crate::judging::{failures, judge};
use crate::ledger::{Deed, Ledger, broken, deed};
use crate::plan::{Extent, NOTHING_RANDOM, Plan};
use crate::play::Player;
use crate::regressions::{self, Regression};
use crate::rehearse::rehearse;
use crate::replay;
use crate::shrink::{Kept, SqlBench, Surroundings, confirm, shrink};
use crate::stage::{Stage, StageError};
use crate::triage;

/// Runs a campaign to its end and sums it up.
///
/// Announces what happens through `events`, the last being [`Event::Finished`] with the summary
/// that is returned. When `stop` becomes true, the case at hand is finished and the summary says
/// that it is incomplete. Nothing that the target does makes this function fail: a target that is
/// lost ends the campaign with an incomplete summary and the reason.
pub async fn run<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    journal: &mut Journal<'_>,
    clock: &dyn Clock,
    events: &mut dyn FnMut(Event),
    stop: &AtomicBool,
) -> Summary {
    let started = clock.now();
    let terrain = Terrain::new(plan.system, plan.world, plan.surface);
    let mut choices = Choices::default();
    let player = match Player::new(stage, clock, plan).await {
        Ok(mut player) => match rehearse(&terrain, &mut player).await {
            Ok(found) => {
                choices = found;
                Ok(player)
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let terrain = terrain.rehearsed(&choices);
    let mut campaign = Campaign {
        plan,
        terrain,
        judge: Judge::new(plan.system, plan.world, plan.surface),
        ledger: Ledger::new(plan.system, Plane::Sql),
        journal,
        clock,
        events,
        stop,
        started,
        done: BTreeSet::new(),
        cases: 0,
        judged: 0,
        judging: Duration::ZERO,
        notes: generators::sweep_limits(&terrain).into_iter().collect(),
        kept: Kept::default(),
    };
    for note in &campaign.notes {
        (campaign.events)(Event::Warning { text: note.clone() });
    }
    let mut effort = Effort::default();
    let mut causes = Vec::new();
    let ended = match player {
        Err(error) => Err(Ended::Lost(error)),
        Ok(mut player) => {
            let ended = campaign.phases(&mut player).await;
            effort.executing_us = micros(player.executing);
            effort.observing_us = micros(player.observing);
            causes = campaign.causes(&mut player).await;
            ended
        }
    };
    campaign.finish(ended, effort, causes)
}

/// Why a campaign did not do all that was planned.
enum Ended {
    Interrupted,
    OutOfTime(Phase),
    Lost(StageError),
}

impl Ended {
    fn reason(&self) -> String {
        match self {
            Self::Interrupted => "the campaign was interrupted".into(),
            Self::OutOfTime(phase) => {
                format!("the budget ended before the {} was done", phase.name())
            }
            Self::Lost(error) => format!("the target was lost: {error}"),
        }
    }
}

struct Campaign<'a, 'j> {
    plan: &'a Plan<'a>,
    terrain: Terrain<'a>,
    judge: Judge<'a>,
    ledger: Ledger<'a>,
    journal: &'a mut Journal<'j>,
    clock: &'a dyn Clock,
    events: &'a mut dyn FnMut(Event),
    stop: &'a AtomicBool,
    started: Duration,
    /// Cases that an interrupted run has done.
    done: BTreeSet<CaseId>,
    cases: u64,
    judged: u64,
    judging: Duration,
    notes: Vec<String>,
    /// The cases in which findings were seen.
    kept: Kept<Case, History>,
}

impl Campaign<'_, '_> {
    async fn phases<S: Stage>(&mut self, player: &mut Player<'_, S>) -> Result<(), Ended> {
        let baseline = generators::baseline(&self.terrain);
        let scenarios = self.scenarios(player.stage.can_restore());
        let sweep = generators::sweep(&self.terrain);
        let place = (self.plan.system, self.plan.world, self.plan.surface);
        let (regressions, stale) = regressions::due(self.plan.regressions, place, false);
        let guards: Vec<Case> = regressions.iter().filter_map(of_sql).collect();
        for step in guards
            .iter()
            .chain(&scenarios)
            .chain(&sweep)
            .flat_map(|case| &case.steps)
        {
            if let Some(cell) = Cell::of_attack(self.plan.world, step) {
                self.ledger.plan(cell);
            }
        }
        if plan_has_own_databases(self.plan) {
            // No table of such a design holds rows of two tenants.
            let reason = "no two tenants have rows in one table";
            self.ledger.not_applicable(&["B03"], reason);
        }
        self.recall(&[&guards, &baseline, &scenarios, &sweep]);
        self.inspect(player, Moment::BeforeAttacks).await?;
        self.guard(player, &regressions, stale).await?;
        for (phase, cases) in [
            (Phase::Baseline, baseline),
            (Phase::Scenarios, scenarios),
            (Phase::Sweep, sweep),
        ] {
            (self.events)(Event::PhaseStarted {
                phase,
                cases: Some(cases.len() as u64),
            });
            for case in cases {
                self.may_go_on(phase)?;
                self.case(player, case).await?;
            }
            if phase == Phase::Baseline {
                self.inspect(player, Moment::AfterBaseline).await?;
            }
        }
        self.fuzz(player).await
    }

    /// Every inspection of this moment that looks after a promise under test.
    async fn inspect<S: Stage>(
        &mut self,
        player: &mut Player<'_, S>,
        moment: Moment,
    ) -> Result<(), Ended> {
        let plan = self.plan;
        let selected = |inspection: &Inspection| {
            inspection
                .controls
                .iter()
                .any(|id| plan.system.controls.iter().any(|own| own.0 == *id))
        };
        let due: Vec<(u64, &Inspection)> = (0..)
            .zip(INSPECTIONS)
            .filter(|(_, inspection)| inspection.moment == moment && selected(inspection))
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        (self.events)(Event::PhaseStarted {
            phase: Phase::Inspection,
            cases: Some(due.len() as u64),
        });
        for (index, inspection) in due {
            self.may_go_on(Phase::Inspection)?;
            let id = CaseId {
                phase: Phase::Inspection,
                index,
            };
            if !self.done.contains(&id) {
                self.look(player, id, inspection).await?;
            }
        }
        Ok(())
    }

    async fn look<S: Stage>(
        &mut self,
        player: &mut Player<'_, S>,
        id: CaseId,
        inspection: &Inspection,
    ) -> Result<(), Ended> {
        let started = self.clock.now();
        let plan = self.plan;
        let look = look(player.stage, &self.judge, inspection, plan)
            .await
            .map_err(Ended::Lost)?;
        let mut line = look.line(id, inspection);
        self.enter_look(inspection, &line);
        for finding in look.findings(id, inspection) {
            let is_new = !self.ledger.knows(&finding) && !self.ledger.knows_hole(&finding);
            if let Some(shown) = self.ledger.find(finding) {
                self.journal.write(&Line::Finding(Box::new(shown.clone())));
                if is_new {
                    (self.events)(Event::Found(Box::new(shown.clone())));
                }
            }
        }
        line.ms =
            u64::try_from(self.clock.now().saturating_sub(started).as_millis()).unwrap_or(u64::MAX);
        self.journal.write(&Line::Inspection(line));
        self.announce(id, format!("inspection of {}", inspection.name));
        Ok(())
    }

    /// Enters what an inspection saw, now or before a kill.
    fn enter_look(&mut self, inspection: &Inspection, line: &InspectionLine) {
        self.ledger.enter_look(inspection, line);
        self.done.insert(line.case);
    }

    async fn fuzz<S: Stage>(&mut self, player: &mut Player<'_, S>) -> Result<(), Ended> {
        let cases = match self.plan.extent {
            Extent::Budget(_) => None,
            Extent::Cases(count) => Some(count),
        };
        (self.events)(Event::PhaseStarted {
            phase: Phase::Fuzz,
            cases,
        });
        for index in 0.. {
            if cases.is_some_and(|count| index >= count) {
                break;
            }
            match self.may_go_on(Phase::Fuzz) {
                // The budget is there to be used up by random cases.
                Err(Ended::OutOfTime(_)) => {
                    if index == 0 {
                        self.notes.push(NOTHING_RANDOM.into());
                    }
                    break;
                }
                other => other?,
            }
            if self.done.contains(&CaseId {
                phase: Phase::Fuzz,
                index,
            }) {
                continue;
            }
            let case = generators::fuzz(&self.terrain, self.plan.seed, index);
            self.case(player, case).await?;
        }
        Ok(())
    }

    fn may_go_on(&self, phase: Phase) -> Result<(), Ended> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Ended::Interrupted);
        }
        let elapsed = self.clock.now().saturating_sub(self.started);
        if self.plan.extent.is_over(phase, elapsed) {
            return Err(Ended::OutOfTime(phase));
        }
        Ok(())
    }

    /// The hand-written cases. Where states cannot be put back, what an administrator prepares
    /// would stay and stand in the way of every later case, and not every twin can be undone.
    fn scenarios(&mut self, can_restore: bool) -> Vec<Case> {
        let plan = self.plan;
        let mut cases = Vec::new();
        let mut left_out: BTreeMap<NotApplicable, Vec<String>> = BTreeMap::new();
        for scenario in scenarios::catalogue() {
            if !scenario.design.includes(plan.system.design) {
                continue;
            }
            if !can_restore && scenario.needs_restoring() {
                let reason = "the target cannot be put back afterwards";
                left_out
                    .entry(NotApplicable(reason.into()))
                    .or_default()
                    .push(scenario.id);
                continue;
            }
            let first = cases.len() as u64;
            match scenarios::expand(&scenario, plan.system, plan.world, plan.surface, first) {
                Ok(expanded) => cases.extend(expanded),
                Err(reason) => left_out.entry(reason).or_default().push(scenario.id),
            }
        }
        let public: Vec<&str> = plan
            .system
            .intent
            .public
            .iter()
            .map(|public| public.words())
            .collect();
        if !public.is_empty() {
            self.notes.push(format!(
                "declared public, so that telling them is no finding: {}",
                public.join(", ")
            ));
        }
        let count: usize = left_out.values().map(Vec::len).sum();
        if count > 0 {
            let reasons: Vec<String> = left_out
                .iter()
                .map(|(reason, ids)| format!("{reason} ({})", ids.join(", ")))
                .collect();
            let (scenarios, are) = match count {
                1 => ("scenario", "is"),
                _ => ("scenarios", "are"),
            };
            self.notes.push(format!(
                "{count} {scenarios} {are} not applicable: {}",
                reasons.join("; ")
            ));
        }
        cases
    }

    /// Takes over what an interrupted run of the same plan has done.
    fn recall(&mut self, planned: &[&Vec<Case>]) {
        let Some(resumed) = &self.plan.resumed else {
            return;
        };
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
            if line.case.phase == Phase::Fuzz {
                // Random cases reach cells that were not planned.
                let case = generators::fuzz(&self.terrain, self.plan.seed, line.case.index);
                for step in &case.steps {
                    if let Some(cell) = Cell::of_attack(self.plan.world, step) {
                        self.ledger.plan(cell);
                    }
                }
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
            let case = match id.phase {
                Phase::Fuzz => Some(generators::fuzz(&self.terrain, self.plan.seed, id.index)),
                _ => planned
                    .iter()
                    .copied()
                    .flatten()
                    .find(|case| case.id == id)
                    .cloned(),
            };
            if let Some(case) = case {
                self.kept.keep(id, case);
            }
            self.ledger.recall(finding.clone());
        }
        self.ledger.recount(&counts);
    }

    /// What was found earlier, again.
    async fn guard<S: Stage>(
        &mut self,
        player: &mut Player<'_, S>,
        regressions: &[Regression],
        stale: Vec<String>,
    ) -> Result<(), Ended> {
        let phase = Phase::Regressions;
        self.warn(stale);
        if regressions.is_empty() {
            return Ok(());
        }
        (self.events)(Event::PhaseStarted {
            phase,
            cases: Some(regressions.len() as u64),
        });
        for regression in regressions {
            let Some(case) = of_sql(regression) else {
                continue;
            };
            self.may_go_on(phase)?;
            if let Some(history) = self.case(player, case).await? {
                let play = replay::judged(&self.judge, history, &regression.expected);
                self.warn(regressions::told(regression, &play));
            }
        }
        Ok(())
    }

    fn warn(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            (self.events)(Event::Warning { text: text.clone() });
            self.notes.push(text);
        }
    }

    /// Plays and judges a case; its history, unless an interrupted run has done it.
    async fn case<S: Stage>(
        &mut self,
        player: &mut Player<'_, S>,
        case: Case,
    ) -> Result<Option<History>, Ended> {
        if self.done.contains(&case.id) {
            return Ok(None);
        }
        let started = self.clock.now();
        let history = player.play(&case).await.map_err(Ended::Lost)?;
        let judging = self.clock.now();
        let judgement = judge(&self.judge, &history);
        let attempts = self.judge.attempts(&history, &judgement.findings);
        let cells = self.ledger.enter(&attempts);
        let broken = broken(&attempts);
        self.ledger.break_promises(&broken);
        let failed: Vec<FailedAttempt> = attempts
            .into_iter()
            .filter_map(
                |Attempt {
                     step, cell, ending, ..
                 }| match ending {
                    Ending::Failed { reason } => Some(FailedAttempt {
                        step,
                        cell: cell.name(),
                        reason,
                    }),
                    _ => None,
                },
            )
            .collect();
        self.ledger.fail(&failed);
        let plan = self.plan;
        let mut doubts = failures(plan.world, plan.surface, plan.system, &history);
        doubts.extend(judgement.doubts);
        for doubt in &doubts {
            self.ledger.doubt(doubt.clone());
        }
        let mut line = CaseLine {
            case: case.id,
            outcomes: outcomes(&self.judge, &history),
            cells,
            broken,
            failed,
            findings: judgement
                .findings
                .iter()
                .map(|found| found.fingerprint.clone())
                .collect(),
            doubts,
            history: digest(&history, plan.world),
            ms: 0,
        };
        self.judging += self.clock.now().saturating_sub(judging);
        let mut lost = None;
        for mut finding in judgement.findings {
            let is_new = !self.ledger.knows(&finding) && !self.ledger.knows_hole(&finding);
            if is_new {
                let judge = &self.judge;
                let mut bench = SqlBench {
                    player,
                    judge,
                    terrain: &self.terrain,
                    seed: self.plan.seed,
                };
                match confirm(&mut bench, &case, &finding).await {
                    Ok(confidence) => finding.confidence = confidence,
                    Err(error) => lost = Some(error),
                }
            }
            if let Some(shown) = self.ledger.find(finding) {
                self.journal.write(&Line::Finding(Box::new(shown.clone())));
                if is_new {
                    (self.events)(Event::Found(Box::new(shown.clone())));
                }
                self.kept.keep_as_seen(case.id, &case, &history);
            }
        }
        self.cases += 1;
        self.judged += history.steps.len() as u64;
        line.ms =
            u64::try_from(self.clock.now().saturating_sub(started).as_millis()).unwrap_or(u64::MAX);
        self.journal
            .write_case(line, &mut || AnyHistory::Sql(history.clone()));
        self.announce(case.id, case.title);
        lost.map_or(Ok(Some(history)), |error| Err(Ended::Lost(error)))
    }

    fn announce(&mut self, id: CaseId, title: String) {
        (self.events)(Event::Progress {
            phase: id.phase,
            cases: id.index + 1,
            judged: self.judged,
            armed: self.ledger.armed(),
            findings: self.ledger.found(),
            title,
        });
    }

    /// What was found, by what one repair would mend, each with its shortest case.
    async fn causes<S: Stage>(&mut self, player: &mut Player<'_, S>) -> Vec<Cause> {
        let mut causes = triage::causes(self.ledger.deeds(), self.plan.world);
        let mut bench = SqlBench {
            player,
            judge: &self.judge,
            terrain: &self.terrain,
            seed: self.plan.seed,
        };
        let mut surroundings = Surroundings {
            limits: self.plan.shrinking,
            clock: self.clock,
            events: self.events,
            stop: self.stop,
        };
        let note = shrink(&mut bench, &mut causes, &self.kept, &mut surroundings).await;
        self.notes.extend(note);
        for cause in &mut causes {
            cause.contradiction = triage::contradiction(&cause.finding, self.plan.world);
        }
        causes
    }

    fn finish(
        mut self,
        ended: Result<(), Ended>,
        mut effort: Effort,
        causes: Vec<Cause>,
    ) -> Summary {
        effort.judging_us = micros(self.judging);
        let reason = ended.err().map(|ended| ended.reason());
        if let Some(failure) = self.journal.failure() {
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
        let summary = Summary {
            system: self.plan.system.name.clone(),
            target: self.plan.target.to_owned(),
            seed: self.plan.seed.0,
            tenants: self.plan.world.tenants.len(),
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
        (self.events)(Event::Finished(Box::new(summary.clone())));
        summary
    }
}

/// A regression in T-SQL.
fn of_sql(regression: &Regression) -> Option<Case> {
    match &regression.case {
        AnyCase::Sql(case) => Some(case.clone()),
        AnyCase::Api(_) => None,
    }
}

/// Whether each tenant has a database of its own.
fn plan_has_own_databases(plan: &Plan<'_>) -> bool {
    plan.system.tenancy.is_none()
}

/// A letter for each step.
fn outcomes(judge: &Judge<'_>, history: &History) -> String {
    history
        .steps
        .iter()
        .map(|record| judge.classify(&record.response).letter())
        .collect()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
