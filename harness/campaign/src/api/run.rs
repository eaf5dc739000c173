//! The loop: rehearsal, baseline, sweep, declared promises, then random sequences until the budget
//! or the count ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::api::case::Case;
use domain::api::history::{History, Record};
use domain::case::{CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory, Cause};
use domain::control::{CONTROLS, ControlId, Plane};
use domain::event::{Effort, Event, Summary};
use domain::inspection::Topic;
use domain::journal::{Broken, Doubt};
use domain::system::Design;
use generators::api::{Sweep, Workbook};
use oracles::api::{ApiAttempt, ApiJudge, Timings};
use oracles::{Ending, INSPECTIONS, Inspection, Judge};

use super::coverage::Coverage;
use super::digest::digest;
use super::judging::judge;
use super::looks::looks;
use super::order::interleaved;
use super::plan::ApiPlan;
use super::play::{Player, has_succeeded};
use super::rehearse::{failure, rehearse};
use super::stage::ApiStage;
use crate::clock::Clock;
use crate::inspecting::look;
use crate::journal::{CaseLine, FailedAttempt, InspectionLine, Journal, Line};
use crate::ledger::{Deed, Ledger, deed};
use crate::plan::{Extent, NOTHING_RANDOM};
use crate::regressions::{self, Regression};
use crate::replay;
use crate::shrink::{ApiBench, Kept, Surroundings, confirm, shrink};
use crate::stage::StageError;
use crate::triage;

/// The part of a budget that the rehearsal may take: one in so many.
const REHEARSAL_SHARE: u32 = 3;
/// Unreached operations that a note lists.
const UNREACHED_MAX: usize = 5;

/// Runs a campaign of the API plane to its end and sums it up, as [`crate::run()`] does for T-SQL.
///
/// # Panics
/// When the plan's system declares no service.
pub async fn run<S: ApiStage>(
    plan: &ApiPlan<'_>,
    stage: &mut S,
    journal: &mut Journal<'_>,
    clock: &dyn Clock,
    events: &mut dyn FnMut(Event),
    stop: &AtomicBool,
) -> Summary {
    let service = plan
        .system
        .service
        .as_ref()
        .expect("a campaign of the API plane has a service");
    let keys = plan.contract.operations.iter().map(|one| one.key.as_str());
    let mut campaign = Campaign {
        plan,
        book: Workbook::new(plan.contract, service, plan.world, plan.seed),
        judge: ApiJudge::new(plan.system, plan.world, plan.surface, plan.contract)
            .with_secrets(plan.secrets.clone()),
        ledger: Ledger::new(plan.system, Plane::Api),
        coverage: Coverage::new(keys),
        timings: Timings::default(),
        journal,
        clock,
        events,
        stop,
        started: clock.now(),
        done: BTreeSet::new(),
        cases: 0,
        judged: 0,
        judging: Duration::ZERO,
        notes: Vec::new(),
        kept: Kept::default(),
    };
    let mut player = Player::new(stage, clock);
    let ended = campaign.phases(&mut player).await;
    let effort = Effort {
        executing_us: micros(player.executing),
        observing_us: micros(player.observing),
        judging_us: micros(campaign.judging),
    };
    let causes = campaign.causes(&mut player).await;
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
                format!(
                    "the budget ended before the phase {} was done",
                    phase.name()
                )
            }
            Self::Lost(error) => format!("the target was lost: {error}"),
        }
    }
}

struct Campaign<'a, 'j> {
    plan: &'a ApiPlan<'a>,
    book: Workbook<'a>,
    judge: ApiJudge<'a>,
    ledger: Ledger<'a>,
    coverage: Coverage,
    timings: Timings,
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
    async fn phases<S: ApiStage>(&mut self, player: &mut Player<'_, S>) -> Result<(), Ended> {
        let plan = self.plan;
        let tenants = plan.world.tenants.len();
        for warning in &plan.contract.warnings {
            let text = format!("the contract: {warning}");
            (self.events)(Event::Warning { text });
        }
        // What works is found out again after a kill: it decides the cases.
        let seen = {
            let (clock, started, stop) = (self.clock, self.started, self.stop);
            // A service that is slow or wide must leave time for what the rehearsal is for.
            let has_time = || {
                !stop.load(Ordering::Relaxed)
                    && match plan.extent {
                        Extent::Budget(budget) => {
                            clock.now().saturating_sub(started) < budget / REHEARSAL_SHARE
                        }
                        Extent::Cases(_) => true,
                    }
            };
            rehearse(&mut self.book, plan.contract, tenants, player, &has_time)
                .await
                .map_err(Ended::Lost)?
        };
        for history in &seen {
            self.coverage.enter(history);
        }
        self.judge.learn(&seen);
        let design = self.design();
        let baseline = generators::api::baseline(&self.book, tenants);
        let sweep = generators::api::sweep(&self.book, design, tenants);
        let promises = generators::api::promises(&self.book, plan.system, tenants);
        for (operation, reason) in &baseline.unreachable {
            self.coverage.lacks(operation, reason);
        }
        let place = (plan.system, plan.world, plan.surface);
        let (regressions, stale) = regressions::due(plan.regressions, place, true);
        let guards: Vec<Case> = regressions.iter().filter_map(of_api).collect();
        for step in guards
            .iter()
            .chain(&sweep.cases)
            .chain(&promises.cases)
            .flat_map(|case| &case.steps)
        {
            if let Some(cell) = self.judge.cell(step) {
                self.ledger.plan_call(cell);
            }
        }
        self.tell_unreachable(&sweep);
        self.tell_unreachable(&promises);
        self.leave_out_what_is_not_declared();
        self.recall(&[&guards, &baseline.cases, &sweep.cases, &promises.cases]);
        self.guard(player, &regressions, stale).await?;
        let mut planned = Vec::new();
        for (phase, cases) in [
            (Phase::Baseline, baseline.cases),
            (Phase::Promises, promises.cases),
            (Phase::Sweep, sweep.cases),
        ] {
            (self.events)(Event::PhaseStarted {
                phase,
                cases: Some(cases.len() as u64),
            });
            planned.extend(cases);
        }
        for case in interleaved(planned) {
            let phase = case.id.phase;
            self.may_go_on(phase)?;
            let history = self.case(player, case).await?;
            if let (Phase::Baseline, Some(history)) = (phase, history) {
                self.judge.learn(&[history]);
            }
        }
        self.inspect_statements(player).await?;
        self.sequences(player, design).await
    }

    /// What was found earlier, again.
    async fn guard<S: ApiStage>(
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
            let Some(case) = of_api(regression) else {
                continue;
            };
            self.may_go_on(phase)?;
            if let Some(history) = self.case(player, case).await? {
                let play = replay::judged_api(&self.judge, history, &regression.expected);
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

    /// Was the tenant applied in every statement that the service has sent by now? The planned
    /// cases have gone through all of it.
    async fn inspect_statements<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
    ) -> Result<(), Ended> {
        let plan = self.plan;
        let due = (0..)
            .zip(INSPECTIONS)
            .find(|(_, one)| one.topics.contains(&Topic::Statements));
        let Some((index, inspection)) = due else {
            return Ok(());
        };
        let id = CaseId {
            phase: Phase::Inspection,
            index,
        };
        let is_selected =
            |control: &&str| plan.system.controls.iter().any(|own| own.0 == **control);
        if !inspection.controls.iter().any(is_selected) || self.done.contains(&id) {
            return Ok(());
        }
        let Some(below) = player.stage.below() else {
            let reason = "the statements of the service cannot be seen";
            self.ledger.not_applicable(inspection.controls, reason);
            return Ok(());
        };
        self.may_go_on(Phase::Inspection)?;
        (self.events)(Event::PhaseStarted {
            phase: Phase::Inspection,
            cases: Some(1),
        });
        let started = self.clock.now();
        let below_plan = plan.below();
        let judge = Judge::new(plan.system, plan.world, plan.surface);
        let look = look(below, &judge, inspection, &below_plan)
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
        Ok(())
    }

    /// Enters what an inspection saw, now or before a kill.
    fn enter_look(&mut self, inspection: &Inspection, line: &InspectionLine) {
        self.ledger.enter_look(inspection, line);
        self.done.insert(line.case);
    }

    /// How the tenants are kept apart; `None` where nobody can look below the service.
    fn design(&self) -> Option<Design> {
        let databases = &self.plan.system.databases;
        (databases.tenant.is_some() || !databases.shared.is_empty())
            .then_some(self.plan.system.design)
    }

    async fn sequences<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
        design: Option<Design>,
    ) -> Result<(), Ended> {
        let plan = self.plan;
        let cases = match plan.extent {
            Extent::Budget(_) => None,
            Extent::Cases(count) => Some(count),
        };
        let phase = Phase::Sequences;
        (self.events)(Event::PhaseStarted { phase, cases });
        let tenants = plan.world.tenants.len();
        for index in 0.. {
            if cases.is_some_and(|count| index >= count) {
                break;
            }
            match self.may_go_on(phase) {
                // The budget is there to be used up by random cases.
                Err(Ended::OutOfTime(_)) => {
                    if index == 0 {
                        self.notes.push(NOTHING_RANDOM.into());
                    }
                    break;
                }
                other => other?,
            }
            if self.done.contains(&CaseId { phase, index }) {
                continue;
            }
            let case = generators::api::sequence(&self.book, design, tenants, plan.seed, index);
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

    fn tell_unreachable(&mut self, sweep: &Sweep) {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (what, reason) in &sweep.unreachable {
            reasons.entry(reason).or_default().push(what);
        }
        for (reason, what) in reasons {
            self.notes.push(format!(
                "{} planned attacks cannot be made, such as {}: {reason}",
                what.len(),
                what[0]
            ));
        }
    }

    /// Promises that the system does not declare cannot be tested.
    fn leave_out_what_is_not_declared(&mut self) {
        let Some(service) = &self.plan.system.service else {
            return;
        };
        for control in CONTROLS {
            if let Some(missing) = service.lacks(control.id) {
                let reason = format!("the configuration declares no {missing}");
                self.ledger.not_applicable(&[control.id], &reason);
            }
        }
    }

    /// Takes over what an interrupted run of the same plan has done.
    fn recall(&mut self, planned: &[&Vec<Case>]) {
        let plan = self.plan;
        let Some(resumed) = &plan.resumed else {
            return;
        };
        let tenants = plan.world.tenants.len();
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
            if line.case.phase == Phase::Sequences {
                let (design, index) = (self.design(), line.case.index);
                let case = generators::api::sequence(&self.book, design, tenants, plan.seed, index);
                for step in &case.steps {
                    if let Some(cell) = self.judge.cell(step) {
                        self.ledger.plan_call(cell);
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
                Phase::Sequences => {
                    let (book, design) = (&self.book, self.design());
                    Some(generators::api::sequence(
                        book, design, tenants, plan.seed, id.index,
                    ))
                }
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

    /// Plays and judges a case; its history, unless an interrupted run has done it.
    async fn case<S: ApiStage>(
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
        let (findings, mut doubts) = judge(&self.judge, &history);
        let attempts = self.judge.attempts(&history, &findings);
        self.coverage.enter(&history);
        self.timings.add(&history);
        let is_promise = case.id.phase == Phase::Promises;
        let looks = looks(&self.judge, &history, &findings);
        let mut cells = self.ledger.enter_calls(&attempts, is_promise);
        cells.extend(self.ledger.enter_looks(&looks));
        let broken = broken(attempts.iter().chain(&looks));
        self.ledger.break_promises(&broken);
        if is_promise {
            doubts.extend(attempts.iter().filter_map(unmet));
        }
        let failed = failed(attempts);
        self.ledger.fail(&failed);
        doubts.extend(self.rightful_who_failed(&history));
        for doubt in &doubts {
            self.ledger.doubt(doubt.clone());
        }
        let mut line = CaseLine {
            case: case.id,
            outcomes: outcomes(&history),
            cells,
            broken,
            failed,
            findings: findings
                .iter()
                .map(|found| found.fingerprint.clone())
                .collect(),
            doubts,
            history: digest(&history),
            ms: 0,
        };
        self.judging += self.clock.now().saturating_sub(judging);
        let mut lost = None;
        for mut finding in findings {
            let is_new = !self.ledger.knows(&finding) && !self.ledger.knows_hole(&finding);
            if is_new {
                let judge = &self.judge;
                let mut bench = ApiBench { player, judge };
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
            .write_case(line, &mut || AnyHistory::Api(history.clone()));
        (self.events)(Event::Progress {
            phase: case.id.phase,
            cases: case.id.index + 1,
            judged: self.judged,
            armed: self.ledger.armed(),
            findings: self.ledger.found(),
            title: case.title,
        });
        lost.map_or(Ok(Some(history)), |error| Err(Ended::Lost(error)))
    }

    /// Who cannot do what he may arms nobody's attempts.
    fn rightful_who_failed(&mut self, history: &History) -> Vec<Doubt> {
        let is_whole = history.steps.len() == history.case.steps.len()
            && history.steps.iter().all(has_succeeded);
        if history.case.id.phase != Phase::Baseline || is_whole {
            return Vec::new();
        }
        let why = failure(history);
        let Some(last) = history.case.steps.last() else {
            return Vec::new();
        };
        self.coverage.lacks(last.operation(), &why);
        let Some(caller) = last.caller() else {
            return Vec::new();
        };
        let whose = caller
            .tenant
            .map(|tenant| self.plan.world.tenant(tenant).name.as_str())
            .unwrap_or_default();
        let reason = format!(
            "{} of {whose} could not do {}: {why}",
            caller.actor,
            last.operation()
        );
        vec![Doubt {
            controls: ["D18", "B01", "D01", "S01"].map(ControlId::new).to_vec(),
            reason,
        }]
    }

    /// What was found, by what one repair would mend, each with its shortest case.
    async fn causes<S: ApiStage>(&mut self, player: &mut Player<'_, S>) -> Vec<Cause> {
        let mut causes = triage::causes(self.ledger.deeds(), self.plan.world);
        let mut bench = ApiBench {
            player,
            judge: &self.judge,
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

    fn finish(mut self, ended: Result<(), Ended>, effort: Effort, causes: Vec<Cause>) -> Summary {
        let reason = ended.err().map(|ended| ended.reason());
        if let Some(failure) = self.journal.failure() {
            self.notes
                .push(format!("the journal ends early: {failure}"));
        }
        self.notes.extend(self.ledger.failures());
        self.notes.extend(self.timings.notes());
        let uncovered = self.ledger.uncovered();
        if let Some(first) = uncovered.first() {
            self.notes.push(format!(
                "{} planned cells were never armed, such as: {first}",
                uncovered.len()
            ));
        }
        let operations = self.coverage.into_operations();
        let unreached: Vec<String> = operations
            .iter()
            .filter(|one| one.successes == 0)
            .map(|one| {
                let reason = one.reason.as_deref().unwrap_or("it was not tried");
                format!("{} ({reason})", one.operation)
            })
            .collect();
        let reached = operations.len() - unreached.len();
        self.notes.push(format!(
            "{reached} of {} operations were done by their owner{}",
            operations.len(),
            listed(&unreached)
        ));
        let summary = Summary {
            system: self.plan.system.name.clone(),
            target: self.plan.target.to_owned(),
            seed: self.plan.seed.0,
            tenants: self.plan.world.tenants.len(),
            complete: reason.is_none(),
            controls: self.ledger.controls(reason.as_deref()),
            incomplete_reason: reason,
            cases: self.cases,
            judged: 0,
            requests: self.judged,
            findings: self.ledger.findings(),
            cells: self.ledger.cells(),
            causes,
            notes: self.notes,
            operations,
            effort,
        };
        (self.events)(Event::Finished(Box::new(summary.clone())));
        summary
    }
}

/// The first of what was not reached, as it follows a number.
fn listed(unreached: &[String]) -> String {
    if unreached.is_empty() {
        return String::new();
    }
    let shown = &unreached[..unreached.len().min(UNREACHED_MAX)];
    let more = unreached.len() - shown.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("; not {}{more}", shown.join(", "))
}

/// An attempt on a declared promise that does not count leaves the promise untested.
fn unmet(attempt: &ApiAttempt) -> Option<Doubt> {
    let Ending::Failed { reason } = &attempt.ending else {
        return None;
    };
    Some(Doubt {
        controls: attempt.cell.controls.clone(),
        reason: format!("{}: {reason}", attempt.cell.name),
    })
}

fn broken<'t>(attempts: impl Iterator<Item = &'t ApiAttempt>) -> Broken {
    let mut broken = Broken::new();
    for attempt in attempts {
        for id in &attempt.broken {
            let promises = broken.entry(attempt.cell.name.clone()).or_default();
            *promises.entry(id.clone()).or_default() += 1;
        }
    }
    broken
}

fn failed(attempts: Vec<ApiAttempt>) -> Vec<FailedAttempt> {
    attempts
        .into_iter()
        .filter_map(
            |ApiAttempt {
                 step, cell, ending, ..
             }| match ending {
                Ending::Failed { reason } => Some(FailedAttempt {
                    step,
                    cell: cell.name,
                    reason,
                }),
                _ => None,
            },
        )
        .collect()
}

/// A letter for each step: carried out, refused, failed, unknown.
fn outcomes(history: &History) -> String {
    history
        .steps
        .iter()
        .map(|record| match record {
            Record::Call { answer, .. } => match answer.status {
                _ if answer.lost.is_some() || answer.dead_session => 'U',
                200..=299 => 'P',
                401 | 403 | 404 => 'D',
                _ => 'F',
            },
            Record::Batch { response, .. } if response.lost.is_some() => 'U',
            Record::Batch { response, .. } if response.errors.is_empty() => 'P',
            Record::Batch { .. } | Record::Unresolved { .. } => 'F',
        })
        .collect()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A regression of the API plane.
fn of_api(regression: &Regression) -> Option<Case> {
    match &regression.case {
        AnyCase::Api(case) => Some(case.clone()),
        AnyCase::Sql(_) => None,
    }
}
