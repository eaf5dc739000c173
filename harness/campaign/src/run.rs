//! The loop: inspections, baseline, scenarios, sweep, then random cases until the budget or the count ends.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use domain::case::{Case, CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory};
use domain::control::Plane;
use domain::event::{Effort, Event, Summary};
use domain::history::History;
use domain::inspection::{Moment, Topic};
use generators::{Choices, Terrain};
use oracles::matrix::Cell;
use oracles::{Attempt, Ending, INSPECTIONS, Inspection, Judge};
use scenarios::NotApplicable;

use crate::clock::Clock;
use crate::course::{Course, Ended, Setting, Terms, micros};
use crate::digest::digest;
use crate::inspecting::look;
use crate::journal::{CaseLine, FailedAttempt, Journal};
use crate::judging::{failures, judge};
use crate::lanes::{Beside, Enters, Lane, Lanes, Plays as _};
use crate::ledger::{Ledger, broken};
use crate::plan::Plan;
use crate::play::Player;
use crate::regressions::{self, Regression};
use crate::rehearse::rehearse;
use crate::replay;
use crate::shrink::SqlBench;
use crate::stage::Stage;

/// Runs a campaign to its end and sums it up.
///
/// Announces what happens through `events`, the last being [`Event::Finished`] with the summary
/// that is returned. When `stop` becomes true, the case at hand is finished and the summary says
/// that it is incomplete. Nothing that the target does makes this function fail: a target that is
/// lost ends the campaign with an incomplete summary and the reason. Whoever is beside plays a part of the
/// cases, on a target that is like the stage's.
pub async fn run<S: Stage>(
    plan: &Plan<'_>,
    (stage, beside): (&mut S, Vec<Beside<Case, History>>),
    journal: &mut Journal<'_>,
    clock: &dyn Clock,
    events: &mut dyn FnMut(Event),
    stop: &AtomicBool,
) -> Summary {
    let setting = Setting {
        journal,
        clock,
        events,
        stop,
    };
    let ledger = Ledger::new(plan.system, Plane::Sql);
    let course = Course::begin(terms(plan), ledger, setting);
    let terrain = Terrain::new(plan.system, plan.world, plan.surface);
    let mut choices = Choices::default();
    let player = match Player::new(stage, clock, plan).await {
        Ok(mut player) => {
            let found = match plan.first.choices {
                Some(known) => Ok(known.clone()),
                None => rehearse(&terrain, &mut player).await,
            };
            found.map(|found| {
                choices = found;
                player
            })
        }
        Err(error) => Err(error),
    };
    let terrain = terrain.rehearsed(&choices);
    let mut campaign = Campaign {
        plan,
        terrain,
        judge: Judge::new(plan.system, plan.world, plan.surface),
        course,
    };
    campaign.course.warn(generators::sweep_limits(&terrain));
    let mut effort = Effort::default();
    let mut causes = Vec::new();
    let ended = match player {
        Err(error) => Err(Ended::Lost(error)),
        Ok(player) => {
            let clean = player.clean().clone();
            let mut lanes = Lanes::new(player, beside);
            lanes.begin_beside(Some(&clean));
            let ended = campaign.phases(&mut lanes).await;
            let own = lanes.own().tally();
            let tally = lanes.tally_beside(own).await;
            effort.executing_us = tally.executing_us;
            effort.observing_us = tally.observing_us;
            let mut bench = SqlBench {
                lane: lanes.first(),
                judge: &campaign.judge,
                terrain: &campaign.terrain,
                seed: plan.seed,
            };
            causes = campaign.course.causes(&mut bench).await;
            ended
        }
    };
    effort.judging_us = micros(campaign.course.judging);
    campaign.course.finish(ended, effort, causes, |_| ())
}

fn terms<'a>(plan: &Plan<'a>) -> Terms<'a> {
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
    plan: &'a Plan<'a>,
    terrain: Terrain<'a>,
    judge: Judge<'a>,
    course: Course<'a, 'j, Case, History>,
}

impl Campaign<'_, '_> {
    async fn phases<S: Stage>(&mut self, lanes: &mut Lanes<Player<'_, S>>) -> Result<(), Ended> {
        let first = self.plan.first;
        let (baseline, scenarios) = if first.only {
            Default::default()
        } else {
            let baseline = generators::baseline(&self.terrain);
            (baseline, self.scenarios(lanes.own().can_restore()))
        };
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
                self.course.ledger.plan(cell);
            }
        }
        if plan_has_own_databases(self.plan) {
            // No table of such a design holds rows of two tenants.
            let reason = "no two tenants have rows in one table";
            self.course.ledger.not_applicable(&["B03"], reason);
        }
        self.course.freeze(self.plan.resumed.as_ref());
        self.recall([&guards, &baseline, &scenarios, &sweep]);
        self.inspect(lanes.own(), Moment::BeforeAttacks).await?;
        self.guard(lanes.first(), &regressions, stale).await?;
        let (soon, sweep): (Vec<Case>, Vec<Case>) =
            sweep.into_iter().partition(|case| first.is_spoken_of(case));
        let mut soon = soon.into_iter();
        let next = |campaign: &mut Self| campaign.next_planned(&mut soon);
        lanes.play(self, next).await?;
        if first.only {
            return self.inspect(lanes.own(), Moment::AfterSweep).await;
        }
        let phase = Phase::Baseline;
        self.course.begin_phase(phase, Some(baseline.len() as u64));
        let looks_later = self.is_due(Moment::AfterBaseline);
        // An inspection looks at what the baseline left behind on one server; it went with a kill.
        for case in baseline {
            self.course.may_go_on(phase)?;
            if self.course.is_done(case.id) && !looks_later {
                continue;
            }
            let began = self.course.now();
            let history = lanes.first().play(&case).await.map_err(Ended::Lost)?;
            if !self.course.is_done(case.id) {
                self.judged(lanes.first(), &case, &history, began).await?;
            }
        }
        self.inspect(lanes.own(), Moment::AfterBaseline).await?;
        for (phase, cases) in [(Phase::Scenarios, scenarios), (Phase::Sweep, sweep)] {
            self.course.begin_phase(phase, Some(cases.len() as u64));
            let mut cases = cases.into_iter();
            let next = |campaign: &mut Self| campaign.next_planned(&mut cases);
            lanes.play(self, next).await?;
        }
        self.inspect(lanes.own(), Moment::AfterSweep).await?;
        self.fuzz(lanes).await
    }

    /// The next planned case that is to be played.
    fn next_planned(
        &mut self,
        cases: &mut impl Iterator<Item = Case>,
    ) -> Result<Option<Case>, Ended> {
        let next = cases.find(|case| !self.course.is_done(case.id));
        if let Some(case) = &next {
            self.course.may_go_on(case.id.phase)?;
        }
        Ok(next)
    }

    /// Whether there is an inspection of this moment that is not done.
    fn is_due(&self, moment: Moment) -> bool {
        let phase = Phase::Inspection;
        (0..).zip(INSPECTIONS).any(|(index, one)| {
            one.moment == moment
                && self.course.is_selected(one)
                && !self.course.is_done(CaseId { phase, index })
        })
    }

    /// Every inspection of this moment that looks after a promise under test.
    async fn inspect<S: Stage>(
        &mut self,
        player: &mut Player<'_, S>,
        moment: Moment,
    ) -> Result<(), Ended> {
        let due: Vec<(u64, &Inspection)> = (0..)
            .zip(INSPECTIONS)
            .filter(|(_, one)| one.moment == moment && self.course.is_selected(one))
            // What the service does is looked at by whoever calls it.
            .filter(|(_, one)| !one.topics.contains(&Topic::Transport))
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let phase = Phase::Inspection;
        self.course.begin_phase(phase, Some(due.len() as u64));
        for (index, inspection) in due {
            self.course.may_go_on(phase)?;
            let id = CaseId { phase, index };
            if self.course.is_done(id) {
                continue;
            }
            let began = self.course.now();
            let look = look(player.stage, &self.judge, inspection, self.plan)
                .await
                .map_err(Ended::Lost)?;
            self.course.looked(id, inspection, &look, began);
        }
        Ok(())
    }

    async fn fuzz<S: Stage>(&mut self, lanes: &mut Lanes<Player<'_, S>>) -> Result<(), Ended> {
        let phase = Phase::Fuzz;
        self.course.begin_phase(phase, self.course.random_cases());
        let mut index = 0;
        let next = |campaign: &mut Self| {
            let Some(id) = campaign.course.next_random(phase, index)? else {
                return Ok(None);
            };
            index = id.index + 1;
            let case = generators::fuzz(&campaign.terrain, campaign.plan.seed, id.index);
            Ok(Some(case))
        };
        lanes.play(self, next).await
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
            self.course.notes.push(format!(
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
            self.course.notes.push(format!(
                "{count} {scenarios} {are} not applicable: {}",
                reasons.join("; ")
            ));
        }
        cases
    }

    /// Takes over what an interrupted run of the same plan has done.
    fn recall(&mut self, planned: [&Vec<Case>; 4]) {
        let Some(resumed) = &self.plan.resumed else {
            return;
        };
        let (terrain, plan) = (&self.terrain, self.plan);
        let planned = planned.into_iter().flatten();
        self.course.recall(
            resumed,
            &planned.map(|case| (case.id, case)).collect(),
            |id| (id.phase == Phase::Fuzz).then(|| generators::fuzz(terrain, plan.seed, id.index)),
            |ledger, case| {
                for step in &case.steps {
                    if let Some(cell) = Cell::of_attack(plan.world, step) {
                        ledger.plan(cell);
                    }
                }
            },
        );
    }

    /// What was found earlier, again.
    async fn guard<S: Stage>(
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
            let Some(case) = of_sql(regression) else {
                continue;
            };
            self.course.may_go_on(phase)?;
            // One that was done before a kill is played again for what is to be told of it.
            let began = self.course.now();
            let history = lane.play(&case).await.map_err(Ended::Lost)?;
            if !self.course.is_done(case.id) {
                self.judged(lane, &case, &history, began).await?;
            }
            let play = replay::judged(&self.judge, history, &regression.expected);
            self.course.warn(regressions::told(regression, &play));
        }
        Ok(())
    }

    /// Judges what a case came to and enters it.
    async fn judged<S: Stage>(
        &mut self,
        lane: &mut Lane<Player<'_, S>>,
        case: &Case,
        history: &History,
        began: Duration,
    ) -> Result<(), Ended> {
        let judging = self.course.now();
        let judgement = judge(&self.judge, history);
        let attempts = self.judge.attempts(history, &judgement.findings);
        let cells = self.course.ledger.enter(&attempts);
        let broken = broken(&attempts);
        self.course.ledger.break_promises(&broken);
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
        self.course.ledger.fail(&failed);
        let plan = self.plan;
        let mut doubts = failures(plan.world, plan.surface, plan.system, history);
        doubts.extend(judgement.doubts);
        for doubt in &doubts {
            self.course.ledger.doubt(doubt.clone());
        }
        let line = CaseLine {
            case: case.id,
            outcomes: outcomes(&self.judge, history),
            cells,
            broken,
            failed,
            findings: judgement
                .findings
                .iter()
                .map(|found| found.fingerprint.clone())
                .collect(),
            doubts,
            history: digest(history, plan.world),
            raced: String::new(),
            ms: 0,
        };
        self.course.judging += self.course.now().saturating_sub(judging);
        let mut bench = SqlBench {
            lane,
            judge: &self.judge,
            terrain: &self.terrain,
            seed: plan.seed,
        };
        let seen = (case.id, case, history);
        let found = self.course.findings(&mut bench, seen, judgement.findings);
        let found = found.await;
        let told = (case.title.clone(), history.steps.len());
        self.course
            .write(line, told, began, &mut || AnyHistory::Sql(history.clone()));
        found
    }
}

impl<S: Stage> Enters<Player<'_, S>> for Campaign<'_, '_> {
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
        self.judged(lane, &case, &history, began).await
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
