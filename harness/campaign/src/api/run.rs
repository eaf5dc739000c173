//! The loop: rehearsal, baseline, sweep, declared promises, then random sequences until the budget
//! or the count ends.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use domain::api::case::Case;
use domain::api::history::{History, Record};
use domain::case::{CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory};
use domain::control::{CONTROLS, ControlId, Plane};
use domain::event::{Effort, Event, OperationCoverage, Summary};
use domain::finding::Finding;
use domain::inspection::{Facts, Topic};
use domain::journal::{Broken, Doubt};
use domain::system::Design;
use generators::Terrain;
use generators::api::{Statements, Sweep, Workbook};
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
use crate::course::{Course, Ended, Setting, Terms, micros};
use crate::inspecting::{look, look_by};
use crate::journal::{CaseLine, FailedAttempt, Journal};
use crate::ledger::Ledger;
use crate::plan::Extent;
use crate::regressions::{self, Regression};
use crate::replay;
use crate::shrink::ApiBench;

/// The part of a budget that the rehearsal may take: one in so many.
const REHEARSAL_SHARE: u32 = 3;
/// Reasons why attacks cannot be made that are told one by one.
const REASONS_TOLD_MAX: usize = 8;
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
    let mut player = Player::new(stage, clock);
    let ended = campaign.phases(&mut player).await;
    let effort = Effort {
        executing_us: micros(player.executing),
        observing_us: micros(player.observing),
        judging_us: micros(campaign.course.judging),
    };
    campaign.course.notes.extend(player.deaths(plan.world));
    let mut bench = ApiBench {
        player: &mut player,
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
    async fn phases<S: ApiStage>(&mut self, player: &mut Player<'_, S>) -> Result<(), Ended> {
        let plan = self.plan;
        let tenants = plan.world.tenants.len();
        self.inspect_transport(player).await?;
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
            rehearse(&mut self.book, plan.contract, tenants, player, &has_time)
                .await
                .map_err(Ended::Lost)?
        };
        for history in &rehearsed.seen {
            self.coverage.enter(history);
        }
        self.judge.learn(&rehearsed.seen);
        let design = self.design();
        let baseline = generators::api::baseline(&self.book, tenants);
        let mut sweep = generators::api::sweep(&self.book, design, tenants);
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
                self.course.ledger.plan_call(cell);
            }
        }
        self.leave_out_what_nobody_can(&mut sweep, &rehearsed.refused);
        self.tell_unreachable(&[&sweep, &promises]);
        self.leave_out_what_is_not_declared();
        self.course.freeze(plan.resumed.as_ref());
        self.recall([&guards, &baseline.cases, &sweep.cases, &promises.cases]);
        self.guard(player, &regressions, stale).await?;
        let mut planned = Vec::new();
        for (phase, cases) in [
            (Phase::Baseline, baseline.cases),
            (Phase::Promises, promises.cases),
            (Phase::Sweep, sweep.cases),
        ] {
            self.course.begin_phase(phase, Some(cases.len() as u64));
            planned.extend(cases);
        }
        for case in interleaved(planned) {
            let phase = case.id.phase;
            self.course.may_go_on(phase)?;
            if phase == Phase::Baseline && self.course.is_done(case.id) {
                // What the judge learned from it went with the kill.
                let history = player.play(&case).await.map_err(Ended::Lost)?;
                self.rightful_who_failed(&history);
                self.judge.learn(&[history]);
                continue;
            }
            let history = self.case(player, case).await?;
            if let (Phase::Baseline, Some(history)) = (phase, history) {
                self.judge.learn(&[history]);
            }
        }
        self.inspect_statements(player).await?;
        self.sequences(player).await
    }

    /// What was found earlier, again.
    async fn guard<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
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
            // One that was done before a kill is played again for what is to be told of it.
            let history = match self.case(player, case.clone()).await? {
                Some(history) => history,
                None => player.play(&case).await.map_err(Ended::Lost)?,
            };
            let play = replay::judged_api(&self.judge, history, &regression.expected);
            self.course.warn(regressions::told(regression, &play));
        }
        Ok(())
    }

    /// Was the tenant applied in every statement that the service has sent by now? The planned
    /// cases have gone through all of it.
    async fn inspect_statements<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
    ) -> Result<(), Ended> {
        let Some((id, inspection)) = self.due(Topic::Statements) else {
            return Ok(());
        };
        let Some(below) = player.stage.below() else {
            let reason = "the statements of the service cannot be seen";
            self.course
                .ledger
                .not_applicable(inspection.controls, reason);
            return Ok(());
        };
        let plan = self.plan;
        self.course.may_go_on(id.phase)?;
        let unseen = plan.resumed.iter().flat_map(|resumed| &resumed.cases);
        let unseen = unseen
            .filter(|line| line.case.phase != Phase::Baseline)
            .count();
        if unseen > 0 {
            self.course.notes.push(format!(
                "{unseen} attacks were made before the run was interrupted: the inspection of statements has not \
                 seen what the service said to the database for them"
            ));
        }
        self.course.begin_phase(id.phase, Some(1));
        let began = self.course.now();
        let judge = Judge::new(plan.system, plan.world, plan.surface);
        let look = look(below, &judge, inspection, &plan.below())
            .await
            .map_err(Ended::Lost)?;
        self.course.looked(id, inspection, &look, began);
        Ok(())
    }

    /// Which handshakes does the service do? Nobody needs to have called it before.
    async fn inspect_transport<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
    ) -> Result<(), Ended> {
        let Some((id, inspection)) = self.due(Topic::Transport) else {
            return Ok(());
        };
        let plan = self.plan;
        self.course.may_go_on(id.phase)?;
        self.course.begin_phase(id.phase, Some(1));
        let began = self.course.now();
        let judge = Judge::new(plan.system, plan.world, plan.surface);
        let look = look_by(plan.system, &judge, inspection, async || {
            Ok(Facts(vec![player.stage.transport().await]))
        });
        let look = look.await.map_err(Ended::Lost)?;
        self.course.looked(id, inspection, &look, began);
        Ok(())
    }

    /// The inspection of a topic and its number, unless nothing that it looks after is under test or
    /// an interrupted run has done it.
    fn due(&self, topic: Topic) -> Option<(CaseId, &'static Inspection)> {
        let (index, inspection) = (0..)
            .zip(INSPECTIONS)
            .find(|(_, one)| one.topics.contains(&topic))?;
        let phase = Phase::Inspection;
        let id = CaseId { phase, index };
        let is_due = self.course.is_selected(inspection) && !self.course.is_done(id);
        is_due.then_some((id, inspection))
    }

    /// How the tenants are kept apart; `None` where nobody can look below the service.
    fn design(&self) -> Option<Design> {
        let databases = &self.plan.system.databases;
        (databases.tenant.is_some() || !databases.shared.is_empty())
            .then_some(self.plan.system.design)
    }

    async fn sequences<S: ApiStage>(&mut self, player: &mut Player<'_, S>) -> Result<(), Ended> {
        let (design, phase) = (self.design(), Phase::Sequences);
        self.course.begin_phase(phase, self.course.random_cases());
        let (tenants, seed) = (self.plan.world.tenants.len(), self.plan.seed);
        let mut index = 0;
        while let Some(id) = self.course.next_random(phase, index)? {
            let (book, said) = (&self.book, &self.statements);
            let case = generators::api::sequence(book, design, said, tenants, seed, id.index);
            self.case(player, case).await?;
            index = id.index + 1;
        }
        Ok(())
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

    /// Plays and judges a case; its history, unless an interrupted run has done it.
    async fn case<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
        case: Case,
    ) -> Result<Option<History>, Ended> {
        if self.course.is_done(case.id) {
            return Ok(None);
        }
        let began = self.course.now();
        let history = player.play(&case).await.map_err(Ended::Lost)?;
        let judging = self.course.now();
        let (mut findings, mut doubts) = judge(&self.judge, &history);
        self.retain_selected(&mut findings);
        let attempts = self.judge.attempts(&history, &findings);
        self.coverage.enter(&history);
        self.timings.add(&history);
        let is_promise = case.id.phase == Phase::Promises;
        let looks = looks(&self.judge, &history, &findings);
        let mut cells = self.course.ledger.enter_calls(&attempts, is_promise);
        cells.extend(self.course.ledger.enter_looks(&looks));
        let broken = broken(attempts.iter().chain(&looks));
        self.course.ledger.break_promises(&broken);
        if is_promise {
            doubts.extend(attempts.iter().filter_map(unmet));
        }
        let failed = failed(attempts);
        self.course.ledger.fail(&failed);
        doubts.extend(self.rightful_who_failed(&history));
        for doubt in &doubts {
            self.course.ledger.doubt(doubt.clone());
        }
        let line = CaseLine {
            case: case.id,
            outcomes: outcomes(&history, false),
            cells,
            broken,
            failed,
            findings: findings
                .iter()
                .map(|found| found.fingerprint.clone())
                .collect(),
            doubts,
            history: digest(&history),
            raced: outcomes(&history, true),
            ms: 0,
        };
        self.course.judging += self.course.now().saturating_sub(judging);
        let judge = &self.judge;
        let mut bench = ApiBench { player, judge };
        let seen = (case.id, &case, &history);
        let found = self.course.findings(&mut bench, seen, findings).await;
        let told = (case.title, history.steps.len());
        self.course
            .write(line, told, began, &mut || AnyHistory::Api(history.clone()));
        found.map(|()| Some(history))
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

/// How many operations their owners could do, and which they could not.
fn reached(operations: &[OperationCoverage]) -> String {
    let unreached: Vec<String> = operations
        .iter()
        .filter(|one| one.successes == 0)
        .map(|one| {
            let reason = one.reason.as_deref().unwrap_or("it was not tried");
            format!("{} ({reason})", one.operation)
        })
        .collect();
    format!(
        "{} of {} operations were done by their owner{}",
        operations.len() - unreached.len(),
        operations.len(),
        listed(&unreached)
    )
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

/// A letter for each step, or for those that were sent together: carried out, refused, failed, unknown. Of a race,
/// which differs from run to run, the others show only that it was one.
fn outcomes(history: &History, of_races: bool) -> String {
    let letters = history.steps.iter().enumerate();
    letters
        .filter_map(
            |(step, record)| match (history.case.is_raced(step), of_races) {
                (true, false) => Some('~'),
                (false, true) => None,
                _ => Some(letter(record)),
            },
        )
        .collect()
}

fn letter(record: &Record) -> char {
    match record {
        Record::Call { answer, .. } => match answer.status {
            _ if answer.lost.is_some() || answer.dead_session => 'U',
            200..=299 => 'P',
            401 | 403 | 404 => 'D',
            _ => 'F',
        },
        Record::Batch { response, .. } if response.lost.is_some() => 'U',
        Record::Batch { response, .. } if response.errors.is_empty() => 'P',
        Record::Batch { .. } | Record::Unresolved { .. } => 'F',
    }
}

/// A regression of the API plane.
fn of_api(regression: &Regression) -> Option<Case> {
    match &regression.case {
        AnyCase::Api(case) => Some(case.clone()),
        AnyCase::Sql(_) => None,
    }
}
