//! The loop: rehearsal, baseline, sweep, declared promises, then random sequences until the budget
//! or the count ends.

mod inspections;
mod lines;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use domain::api::case::Case;
use domain::api::history::History;
use domain::case::{CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory};
use domain::control::{CONTROLS, ControlId, Plane};
use domain::event::{Effort, Event, Summary};
use domain::finding::Finding;
use domain::journal::Doubt;
use domain::system::Design;
use generators::Terrain;
use generators::api::{Statements, Sweep, Workbook};
use oracles::api::{ApiJudge, Timings};

use lines::{broken, failed, outcomes, reached, unmet};

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
use crate::course::{Course, Ended, Setting, Terms, micros};
use crate::journal::{CaseLine, Journal};
use crate::lanes::{Beside, Enters, Lane, Lanes, Plays as _};
use crate::ledger::Ledger;
use crate::plan::Extent;
use crate::regressions::{self, Regression};
use crate::replay;
use crate::shrink::ApiBench;

/// The part of a budget that the rehearsal may take: one in so many.
const REHEARSAL_SHARE: u32 = 3;
/// Reasons why attacks cannot be made that are told one by one.
const REASONS_TOLD_MAX: usize = 8;

/// Runs a campaign of the API plane to its end and sums it up, as [`crate::run()`] does for T-SQL.
/// Whoever is beside plays a part of the cases, on a target that is like the stage's.
///
/// # Panics
/// When the plan's system declares no service.
pub async fn run<S: ApiStage>(
    plan: &ApiPlan<'_>,
    (stage, beside): (&mut S, Vec<Beside<Case, History>>),
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
    let setting = Setting {
        journal,
        clock,
        events,
        stop,
    };
    let ledger = Ledger::new(plan.system, Plane::Api);
    let mut campaign = Campaign {
        plan,
        book: Workbook::new(plan.contract, service, plan.world, plan.seed),
        statements: Statements::of(&Terrain::new(plan.system, plan.world, plan.surface)),
        judge: ApiJudge::new(plan.system, plan.world, plan.surface, plan.contract)
            .with_secrets(plan.secrets.clone()),
        coverage: Coverage::new(keys),
        timings: Timings::default(),
        course: Course::begin(terms(plan), ledger, setting),
    };
    let mut lanes = Lanes::new(Player::new(stage, clock), beside);
    let clean = lanes.own().stage.clean().cloned();
    lanes.begin_beside(clean.as_ref());
    let ended = campaign.phases(&mut lanes).await;
    let own = lanes.own().tally(plan.world);
    let tally = lanes.tally_beside(own).await;
    let effort = Effort {
        executing_us: tally.executing_us,
        observing_us: tally.observing_us,
        judging_us: micros(campaign.course.judging),
    };
    campaign.course.notes.extend(tally.deaths);
    let mut bench = ApiBench {
        lane: lanes.first(),
        judge: &campaign.judge,
    };
    let causes = campaign.course.causes(&mut bench).await;
    let operations = campaign.coverage.into_operations();
    campaign.course.notes.extend(campaign.timings.notes());
    campaign.course.finish(ended, effort, causes, |summary| {
        summary.notes.push(reached(&operations));
        summary.operations = operations;
        summary.requests = std::mem::take(&mut summary.judged);
    })
}

fn terms<'a>(plan: &ApiPlan<'a>) -> Terms<'a> {
    Terms {
        system: plan.system,
        world: plan.world,
        target: plan.target,
        seed: plan.seed.0,
        extent: plan.extent,
        shrinking: plan.shrinking,
    }
}

struct Campaign<'a, 'j> {
    plan: &'a ApiPlan<'a>,
    book: Workbook<'a>,
    /// What principals may say between requests.
    statements: Statements,
    judge: ApiJudge<'a>,
    coverage: Coverage,
    timings: Timings,
    course: Course<'a, 'j, Case, History>,
}

impl Campaign<'_, '_> {
    async fn phases<S: ApiStage>(&mut self, lanes: &mut Lanes<Player<'_, S>>) -> Result<(), Ended> {
        let plan = self.plan;
        let tenants = plan.world.tenants.len();
        self.inspect_transport(lanes.own()).await?;
        // What works is found out again after a kill: it decides the cases.
        let rehearsed = {
            let course = &self.course;
            // A service that is slow or wide must leave time for what the rehearsal is for.
            let has_time = || {
                !course.is_stopped()
                    && match plan.extent {
                        Extent::Budget(budget) => course.elapsed() < budget / REHEARSAL_SHARE,
                        Extent::Cases(_) => true,
                    }
            };
            rehearse(
                &mut self.book,
                plan.contract,
                tenants,
                lanes.own(),
                &has_time,
            )
            .await
            .map_err(Ended::Lost)?
        };
        for history in &rehearsed.seen {
            self.coverage.enter(history);
        }
        self.judge.learn(&rehearsed.seen);
        let design = self.design();
        let baseline = generators::api::baseline(&self.book, tenants);
        let mut sweep = generators::api::sweep(&self.book, design, &self.statements, tenants);
        let promises = generators::api::promises(&self.book, plan.system, tenants);
        for (operation, reason) in &baseline.unreachable {
            self.coverage.lacks(operation, reason);
        }
        for operation in &plan.contract.operations {
            if !self.book.operations().contains(&operation.key) {
                self.coverage
                    .lacks(&operation.key, "the configuration excludes it");
            }
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
                self.course.ledger.plan_call(cell);
            }
        }
        self.leave_out_what_nobody_can(&mut sweep, &rehearsed.refused);
        self.tell_unreachable(&[&sweep, &promises]);
        self.leave_out_what_is_not_declared();
        self.course.freeze(plan.resumed.as_ref());
        self.recall([&guards, &baseline.cases, &sweep.cases, &promises.cases]);
        self.guard(lanes.first(), &regressions, stale).await?;
        let mut planned = Vec::new();
        for (phase, cases) in [
            (Phase::Baseline, baseline.cases),
            (Phase::Promises, promises.cases),
            (Phase::Sweep, sweep.cases),
        ] {
            self.course.begin_phase(phase, Some(cases.len() as u64));
            planned.extend(cases);
        }
        let mut planned = interleaved(planned).into_iter();
        let mut next = |campaign: &mut Self| campaign.next_planned(&mut planned);
        lanes.play(self, &mut next).await?;
        self.inspect_statements(lanes).await?;
        self.sequences(lanes).await
    }

    /// The next planned case that is to be played. What the judge learned from a baseline went with the kill, so
    /// that is played again.
    fn next_planned(
        &mut self,
        cases: &mut impl Iterator<Item = Case>,
    ) -> Result<Option<Case>, Ended> {
        let is_due =
            |case: &Case| case.id.phase == Phase::Baseline || !self.course.is_done(case.id);
        let next = cases.find(is_due);
        if let Some(case) = &next {
            self.course.may_go_on(case.id.phase)?;
        }
        Ok(next)
    }

    /// What was found earlier, again.
    async fn guard<S: ApiStage>(
        &mut self,
        lane: &mut Lane<Player<'_, S>>,
        regressions: &[Regression],
        stale: Vec<String>,
    ) -> Result<(), Ended> {
        let phase = Phase::Regressions;
        self.course.warn(stale);
        if !regressions.is_empty() {
            self.course
                .begin_phase(phase, Some(regressions.len() as u64));
        }
        for regression in regressions {
            let Some(case) = of_api(regression) else {
                continue;
            };
            self.course.may_go_on(phase)?;
            let began = self.course.now();
            // One that was done before a kill is played again for what is to be told of it.
            let history = lane.play(&case).await.map_err(Ended::Lost)?;
            if !self.course.is_done(case.id) {
                self.judged(lane, &case, &history, began).await?;
            }
            let play = replay::judged_api(&self.judge, history, &regression.expected);
            self.course.warn(regressions::told(regression, &play));
        }
        Ok(())
    }

    /// How the tenants are kept apart; `None` where nobody can look below the service.
    fn design(&self) -> Option<Design> {
        let databases = &self.plan.system.databases;
        (databases.tenant.is_some() || !databases.shared.is_empty())
            .then_some(self.plan.system.design)
    }

    async fn sequences<S: ApiStage>(
        &mut self,
        lanes: &mut Lanes<Player<'_, S>>,
    ) -> Result<(), Ended> {
        let (design, phase) = (self.design(), Phase::Sequences);
        self.course.begin_phase(phase, self.course.random_cases());
        let (tenants, seed) = (self.plan.world.tenants.len(), self.plan.seed);
        let mut index = 0;
        let next = |campaign: &mut Self| {
            let Some(id) = campaign.course.next_random(phase, index)? else {
                return Ok(None);
            };
            index = id.index + 1;
            let (book, said) = (&campaign.book, &campaign.statements);
            let case = generators::api::sequence(book, design, said, tenants, seed, id.index);
            Ok(Some(case))
        };
        lanes.play(self, next).await
    }

    fn tell_unreachable(&mut self, sweeps: &[&Sweep]) {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (what, reason) in sweeps.iter().flat_map(|sweep| &sweep.unreachable) {
            reasons.entry(reason).or_default().push(what);
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(reason, what)| (std::cmp::Reverse(what.len()), *reason));
        let more = reasons.split_off(reasons.len().min(REASONS_TOLD_MAX));
        for (reason, what) in reasons {
            self.course.notes.push(format!(
                "{} planned attacks cannot be made, such as {}: {reason}",
                what.len(),
                what[0]
            ));
        }
        if !more.is_empty() {
            let attacks: usize = more.iter().map(|(_, what)| what.len()).sum();
            self.course.notes.push(format!(
                "{attacks} planned attacks more cannot be made, for {} other reasons",
                more.len()
            ));
        }
    }

    /// Where no roles are declared, nobody knows which operations a caller may use. What its owner could
    /// not do in any way arms no attack on it: such attacks stay planned, and are not made.
    fn leave_out_what_nobody_can(&self, sweep: &mut Sweep, refused: &BTreeMap<String, String>) {
        let service = self.plan.system.service.as_ref();
        if service.is_none_or(|service| service.actors.values().any(|actor| actor.may.is_some())) {
            return;
        }
        let mut left_out = Vec::new();
        sweep.cases.retain(|case| {
            let attacks = case.steps.iter().filter(|step| step.attack().is_some());
            let reason = attacks
                .filter_map(|step| refused.get(step.operation()))
                .next();
            if let Some(reason) = reason {
                let reason = format!("its owner never succeeded: {reason}");
                left_out.push((case.title.clone(), reason));
            }
            reason.is_none()
        });
        sweep.unreachable.extend(left_out);
    }

    /// Promises that the system does not declare cannot be tested.
    fn leave_out_what_is_not_declared(&mut self) {
        let Some(service) = &self.plan.system.service else {
            return;
        };
        for control in CONTROLS {
            if let Some(missing) = service.lacks(control.id) {
                let reason = format!("the configuration declares no {missing}");
                self.course.ledger.not_applicable(&[control.id], &reason);
            }
        }
    }

    /// Takes over what an interrupted run of the same plan has done.
    fn recall(&mut self, planned: [&Vec<Case>; 4]) {
        let Some(resumed) = &self.plan.resumed else {
            return;
        };
        let design = self.design();
        let (book, said, judge) = (&self.book, &self.statements, &self.judge);
        let (tenants, seed) = (self.plan.world.tenants.len(), self.plan.seed);
        let planned = planned.into_iter().flatten();
        let planned: BTreeMap<CaseId, &Case> = planned.map(|case| (case.id, case)).collect();
        let drawn = |id: CaseId| {
            (id.phase == Phase::Sequences)
                .then(|| generators::api::sequence(book, design, said, tenants, seed, id.index))
        };
        for line in &resumed.cases {
            let case = drawn(line.case).or_else(|| planned.get(&line.case).copied().cloned());
            if let Some(case) = case {
                self.coverage.recall(&case, &line.outcomes);
            }
        }
        self.course
            .recall(resumed, &planned, drawn, |ledger, case| {
                for step in &case.steps {
                    if let Some(cell) = judge.cell(step) {
                        ledger.plan_call(cell);
                    }
                }
            });
    }

    /// Judges what a case came to and enters it.
    async fn judged<S: ApiStage>(
        &mut self,
        lane: &mut Lane<Player<'_, S>>,
        case: &Case,
        history: &History,
        began: Duration,
    ) -> Result<(), Ended> {
        let judging = self.course.now();
        let (mut findings, mut doubts) = judge(&self.judge, history);
        self.retain_selected(&mut findings);
        let attempts = self.judge.attempts(history, &findings);
        self.coverage.enter(history);
        self.timings.add(history);
        let is_promise = case.id.phase == Phase::Promises;
        let looks = looks(&self.judge, history, &findings);
        let mut cells = self.course.ledger.enter_calls(&attempts, is_promise);
        cells.extend(self.course.ledger.enter_looks(&looks));
        let broken = broken(attempts.iter().chain(&looks));
        self.course.ledger.break_promises(&broken);
        if is_promise {
            doubts.extend(attempts.iter().filter_map(unmet));
        }
        let failed = failed(attempts);
        self.course.ledger.fail(&failed);
        doubts.extend(self.rightful_who_failed(history));
        for doubt in &doubts {
            self.course.ledger.doubt(doubt.clone());
        }
        let line = CaseLine {
            case: case.id,
            outcomes: outcomes(history, false),
            cells,
            broken,
            failed,
            findings: findings
                .iter()
                .map(|found| found.fingerprint.clone())
                .collect(),
            doubts,
            history: digest(history),
            raced: outcomes(history, true),
            ms: 0,
        };
        self.course.judging += self.course.now().saturating_sub(judging);
        let judge = &self.judge;
        let mut bench = ApiBench { lane, judge };
        let seen = (case.id, case, history);
        let found = self.course.findings(&mut bench, seen, findings).await;
        let told = (case.title.clone(), history.steps.len());
        self.course
            .write(line, told, began, &mut || AnyHistory::Api(history.clone()));
        found
    }

    /// Of a service of which nothing is known but its answers, only the promises under test are told:
    /// no promise of one of the designs was ever made for it.
    fn retain_selected(&self, findings: &mut Vec<Finding>) {
        if self.design().is_none() {
            let selected = &self.plan.system.controls;
            findings.retain(|finding| finding.controls.iter().any(|id| selected.contains(id)));
        }
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
        // Of whom nobody said that he may, it is only told among what was not reached.
        if self.judge.may(&caller.actor, last.operation()) != Some(true) {
            return Vec::new();
        }
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
}

impl<S: ApiStage> Enters<Player<'_, S>> for Campaign<'_, '_> {
    fn now(&self) -> Duration {
        self.course.now()
    }

    async fn enter(
        &mut self,
        lane: &mut Lane<Player<'_, S>>,
        case: Case,
        history: History,
        began: Duration,
    ) -> Result<(), Ended> {
        let is_baseline = case.id.phase == Phase::Baseline;
        if is_baseline && self.course.is_done(case.id) {
            self.rightful_who_failed(&history);
        } else {
            self.judged(lane, &case, &history, began).await?;
        }
        if is_baseline {
            self.judge.learn(&[history]);
        }
        Ok(())
    }
}

/// A regression of the API plane.
fn of_api(regression: &Regression) -> Option<Case> {
    match &regression.case {
        AnyCase::Api(case) => Some(case.clone()),
        AnyCase::Sql(_) => None,
    }
}
