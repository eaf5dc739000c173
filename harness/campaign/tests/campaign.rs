//! Whole campaigns against a stage made of maps: what it adds up to, what survives a kill, and
//! that nothing bad is ever green.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use campaign::clock::{Clock, StandingClock};
use campaign::journal::{self, Header, Journal};
use campaign::plan::{Extent, First, Plan, Shrinking};
use campaign::stage::{Stage, StageError};
use campaign::{lanes, run};
use domain::case::{Actor, BatchTraits, Case};
use domain::cause::AnyCase;
use domain::control::ControlId;
use domain::event::{Event, Summary};
use domain::example;
use domain::finding::Confidence;
use domain::history::{Change, Changed, Fingerprints, Loss, Response, ResultSet, ServerMessage};
use domain::inspection::{Answer, Fact, Topic};
use domain::seed::Seed;
use domain::surface::{Cell, Surface};
use domain::system::System;
use domain::verdict::Verdict;
use domain::world::World;
use futures_util::future::join_all;
use generators::Terrain;

const SEED: Seed = Seed(7);
const RANDOM_CASES: u64 = 20;

/// Rows of every table, by the table's name in fingerprints.
type State = BTreeMap<(String, String), Vec<Vec<Cell>>>;

/// What is wrong with the target.
#[derive(Debug, Clone, Default)]
struct Faults {
    /// `app_rw` may delete audit rows of its own tenant.
    purge: bool,
    /// A refused purge happens all the same.
    silent_purge: bool,
    /// The answers of this principal are refusals, whatever it says.
    locked_out: Option<&'static str>,
    /// This table keeps no history.
    unversioned: Option<&'static str>,
    /// The catalog does not say which tables are temporal.
    silent_catalog: bool,
    /// After so many batches nothing answers any more.
    dies_after: Option<u64>,
}

impl Faults {
    /// What the catalog says.
    fn answer(&self, topic: Topic, database: &str) -> Answer {
        if self.silent_catalog {
            let reason = format!("error 208: {database} knows no such view");
            return Answer::None { reason };
        }
        let text = |text: &str| Cell::Text(text.into());
        let set = |rows| ResultSet {
            columns: Vec::new(),
            rows,
            rows_dropped: 0,
        };
        let versioned = ["Customers", "Invoices"].map(|table| {
            let kind = if self.unversioned == Some(table) {
                0
            } else {
                2
            };
            let history = format!("{table}History");
            vec![
                text("dbo"),
                text(table),
                Cell::Integer(kind),
                text("dbo"),
                text(&history),
                text("ValidFrom"),
                text("ValidTo"),
                Cell::Integer(-1),
            ]
        });
        Answer::Sets(match topic {
            Topic::Versioning => vec![set(versioned.into())],
            Topic::Keys => vec![ResultSet::default(); 3],
            Topic::Guards => vec![ResultSet::default()],
            Topic::Modules | Topic::Statements => vec![ResultSet::default(); 2],
            Topic::Rights | Topic::Schema => vec![ResultSet::default(); 4],
            Topic::Register => vec![ResultSet::default(); 2],
            Topic::Restore | Topic::Transport => Vec::new(),
        })
    }
}

/// A target that lets honest steps pass, refuses the others, and has faults.
struct FakeStage {
    state: State,
    clean: State,
    seen: State,
    honest: BTreeSet<(Actor, String)>,
    faults: Faults,
    world: World,
    batches: u64,
    /// Who has a session. A login moves the target's clock, as it does on a server.
    sessions: BTreeSet<Actor>,
    ticks: i64,
}

struct Setting {
    system: System,
    world: World,
    surface: Surface,
}

impl Setting {
    fn new(tenants: usize) -> Self {
        let mut system = example::system(tenants);
        // The example is small; so is the plan.
        system.thresholds.armed_attempts_min = 20;
        let world = example::world(tenants, SEED);
        let surface = example::surface(&world);
        Self {
            system,
            world,
            surface,
        }
    }

    fn cases(&self) -> Vec<Case> {
        let terrain = Terrain::new(&self.system, &self.world, &self.surface);
        let mut cases = generators::baseline(&terrain);
        let own = |scenario: &scenarios::Scenario| scenario.design.includes(self.system.design);
        for scenario in scenarios::catalogue().into_iter().filter(own) {
            // The example lacks what some of them need; the campaign leaves those out, too.
            let expanded =
                scenarios::expand(&scenario, &self.system, &self.world, &self.surface, 0);
            cases.extend(expanded.into_iter().flatten());
        }
        cases.extend(generators::sweep(&terrain));
        cases.extend((0..RANDOM_CASES).map(|index| generators::fuzz(&terrain, SEED, index)));
        cases
    }

    fn stage(&self, faults: Faults) -> FakeStage {
        let honest = self
            .cases()
            .into_iter()
            .flat_map(|case| case.steps)
            .filter(|step| step.twin.is_none())
            .map(|step| (step.actor, step.batch))
            .collect();
        let state: State = self
            .surface
            .databases
            .iter()
            .flat_map(|database| {
                database.tables.iter().map(|(object, table)| {
                    ((database.name.clone(), object.clone()), table.rows.clone())
                })
            })
            .collect();
        FakeStage {
            clean: state.clone(),
            seen: state.clone(),
            state,
            honest,
            faults,
            world: self.world.clone(),
            batches: 0,
            sessions: BTreeSet::new(),
            ticks: 0,
        }
    }

    fn header(&self) -> Header {
        Header {
            schema: journal::SCHEMA,
            tool: "0".into(),
            seed: SEED.0,
            configuration: "none".into(),
            tenants: self.system.tenants.clone(),
        }
    }

    async fn run(&self, faults: Faults) -> (Summary, String) {
        self.run_on(faults, None, Extent::Cases(RANDOM_CASES), &StandingClock)
            .await
    }

    async fn run_on(
        &self,
        faults: Faults,
        resumed: Option<journal::Resumed>,
        extent: Extent,
        clock: &dyn Clock,
    ) -> (Summary, String) {
        self.run_side_by_side(1, faults, resumed, (extent, clock))
            .await
    }

    async fn run_side_by_side(
        &self,
        count: usize,
        faults: Faults,
        resumed: Option<journal::Resumed>,
        (extent, clock): (Extent, &dyn Clock),
    ) -> (Summary, String) {
        let is_resumed = resumed.is_some();
        let plan = Plan {
            system: &self.system,
            world: &self.world,
            surface: &self.surface,
            target: "fake",
            seed: SEED,
            regressions: &[],
            extent,
            first: First::default(),
            shrinking: Shrinking::default(),
            resumed,
        };
        let mut written = Vec::new();
        let mut stage = self.stage(faults.clone());
        let below = Plan {
            resumed: None,
            ..plan.clone()
        };
        let (mut others, mut serving) = (Vec::new(), Vec::new());
        for _ in 1..count {
            let (asking, asked) = lanes::beside();
            others.push(asking);
            let mut stage = self.stage(faults.clone());
            let plan = &below;
            serving.push(async move { lanes::serve_sql(plan, &mut stage, clock, asked).await });
        }
        let mut last = None;
        let summary = {
            let mut journal = if is_resumed {
                Journal::append(&mut written)
            } else {
                Journal::begin(&mut written, &self.header())
            };
            let mut events = |event| last = Some(event);
            let stop = AtomicBool::new(false);
            let setting = (&mut stage, others);
            let campaign = run(&plan, setting, &mut journal, clock, &mut events, &stop);
            tokio::join!(campaign, join_all(serving)).0
        };
        assert_eq!(last, Some(Event::Finished(Box::new(summary.clone()))));
        (summary, String::from_utf8(written).expect("JSON is text"))
    }
}

impl FakeStage {
    fn answer(&mut self, actor: &Actor, batch: &str) -> Response {
        self.batches += 1;
        if self
            .faults
            .dies_after
            .is_some_and(|after| self.batches > after)
        {
            return Response {
                lost: Some(Loss::ConnectionLost),
                ..Response::default()
            };
        }
        let Actor::Principal { tenant, principal } = actor else {
            return carried_out();
        };
        if self.faults.locked_out == Some(principal.as_str()) {
            return refused();
        }
        let purges = principal == "app_rw"
            && batch.contains("DELETE")
            && !batch.contains("GRANT")
            && !batch.contains("REVOKE")
            && batch.contains("[AuditEvents]")
            && !batch.contains("wt_");
        if purges && (self.faults.purge || self.faults.silent_purge) {
            let database = self.world.tenant(*tenant).database.clone();
            let rows = self.state.get_mut(&(database, "dbo.AuditEvents".into()));
            rows.expect("every tenant has a trail").pop();
            return if self.faults.purge {
                carried_out()
            } else {
                refused()
            };
        }
        if self.honest.contains(&(actor.clone(), batch.to_owned())) {
            carried_out()
        } else {
            refused()
        }
    }
}

fn carried_out() -> Response {
    let set = ResultSet {
        columns: vec!["One".into()],
        rows: vec![vec![Cell::Integer(1)]],
        rows_dropped: 0,
    };
    Response {
        results: vec![set],
        rows_affected: 1,
        ..Response::default()
    }
}

fn refused() -> Response {
    let text = "The permission was denied on the object.".into();
    let message = ServerMessage {
        number: 229,
        severity: 14,
        state: 5,
        text,
    };
    Response {
        errors: vec![message],
        ..Response::default()
    }
}

impl Stage for FakeStage {
    async fn run(&mut self, actor: &Actor, batch: &str, _: BatchTraits) -> Response {
        self.ticks += 1 + i64::from(self.sessions.insert(actor.clone()));
        let mut response = self.answer(actor, batch);
        for cell in response
            .results
            .iter_mut()
            .flat_map(|set| &mut set.rows)
            .flatten()
        {
            *cell = Cell::Integer(self.ticks);
        }
        response
    }

    async fn run_and_undo(
        &mut self,
        actor: &Actor,
        batch: &str,
        _: BatchTraits,
    ) -> Option<Response> {
        // Twins are rightful: they succeed, unless somebody locked them out.
        let locked = matches!(actor, Actor::Principal { principal, .. }
            if self.faults.locked_out == Some(principal.as_str()));
        let mut response = if locked { refused() } else { carried_out() };
        if batch.contains("END CATCH") {
            response.results.clear();
        }
        Some(response)
    }

    fn can_restore(&self) -> bool {
        true
    }

    async fn restore(&mut self) -> Result<(), StageError> {
        self.state.clone_from(&self.clean);
        self.seen.clone_from(&self.clean);
        self.ticks = 0;
        Ok(())
    }

    fn close_sessions(&mut self) {
        self.sessions.clear();
    }

    async fn fingerprints(&mut self) -> Result<Fingerprints, StageError> {
        if self
            .faults
            .dies_after
            .is_some_and(|after| self.batches > after)
        {
            return Err(StageError {
                doing: "take fingerprints".into(),
                reason: "gone".into(),
            });
        }
        let hash = |((database, table), rows): (&(String, String), &Vec<Vec<Cell>>)| {
            (format!("{database} {table}"), format!("{rows:?}"))
        };
        Ok(self.state.iter().map(hash).collect())
    }

    async fn facts(&mut self, topic: Topic, databases: &[String]) -> Result<Vec<Fact>, StageError> {
        Ok(databases
            .iter()
            .map(|database| Fact {
                topic,
                database: database.clone(),
                // A server remembers what was said to it, whatever is restored.
                asked: match topic {
                    Topic::Statements => format!("-- after {} batches", self.batches),
                    _ => format!("-- {}", topic.name()),
                },
                answer: self.faults.answer(topic, database),
            })
            .collect())
    }

    async fn facts_in_words(
        &mut self,
        topic: Topic,
        _: &[String],
        databases: &[String],
    ) -> Result<Vec<Fact>, StageError> {
        self.facts(topic, databases).await
    }

    async fn changes(&mut self, names: &[String]) -> Result<Vec<Change>, StageError> {
        let mut changes = Vec::new();
        for ((database, table), rows) in &self.state {
            if !names.contains(&format!("{database} {table}")) {
                continue;
            }
            let before = &self.seen[&(database.clone(), table.clone())];
            let only_in = |one: &[Vec<Cell>], other: &[Vec<Cell>]| -> Vec<Vec<Cell>> {
                one.iter()
                    .filter(|row| !other.contains(row))
                    .cloned()
                    .collect()
            };
            let what = Changed::Rows {
                table: table.clone(),
                added: only_in(rows, before),
                removed: only_in(before, rows),
            };
            changes.push(Change {
                step: None,
                database: database.clone(),
                what,
            });
        }
        self.seen.clone_from(&self.state);
        Ok(changes)
    }
}

fn verdict<'a>(summary: &'a Summary, id: &str) -> &'a Verdict {
    let result = summary
        .controls
        .iter()
        .find(|result| result.control.0 == id);
    &result.expect("selected").verdict
}

fn reasons(summary: &Summary, id: &str) -> String {
    match verdict(summary, id) {
        Verdict::Inconclusive { reasons } => reasons.join("\n"),
        other => panic!("{id} is {}", other.word()),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_sound_target_holds_and_is_told_the_same_way_twice() {
    let setting = Setting::new(3);
    let (summary, written) = setting.run(Faults::default()).await;
    assert!(summary.complete);
    assert_eq!(summary.findings, []);
    for id in ["D01", "D02", "D03", "D04", "B01", "B05"] {
        assert_eq!(*verdict(&summary, id), Verdict::Held, "{id}");
    }
    let names: BTreeSet<&str> = summary
        .cells
        .iter()
        .map(|cell| cell.name.as_str())
        .collect();
    assert_eq!(names.len(), summary.cells.len());
    let (_, again) = setting.run(Faults::default()).await;
    assert_eq!(written, again);
}

#[tokio::test(flavor = "current_thread")]
async fn a_campaign_on_many_servers_says_what_one_on_a_single_one_says() {
    let setting = Setting::new(3);
    let purge = Faults {
        purge: true,
        ..Faults::default()
    };
    for faults in [Faults::default(), purge] {
        let (summary, journal) = setting.run(faults.clone()).await;
        for lanes in [2, 3] {
            let extent = Extent::Cases(RANDOM_CASES);
            let (beside, same) = setting
                .run_side_by_side(lanes, faults.clone(), None, (extent, &StandingClock))
                .await;
            assert_eq!(journal, same, "{lanes} lanes");
            assert_eq!(summary, beside, "{lanes} lanes");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_purge_is_found_confirmed_and_shown_by_its_shortest_batch() {
    let setting = Setting::new(2);
    let (summary, _) = setting
        .run(Faults {
            purge: true,
            ..Faults::default()
        })
        .await;
    assert_eq!(*verdict(&summary, "D03"), Verdict::Violated);
    assert_eq!(*verdict(&summary, "D04"), Verdict::Violated);
    assert_eq!(*verdict(&summary, "D01"), Verdict::Held);
    let finding = summary
        .findings
        .iter()
        .find(|finding| finding.fingerprint.action == "delete")
        .expect("the purge is found");
    assert_eq!(finding.confidence, Confidence::Confirmed { k: 2, n: 2 });
    assert_eq!(finding.batch, "DELETE FROM [dbo].[AuditEvents];");
    assert!(finding.occurrences > 4);
    assert_eq!(
        finding.sentence,
        "app_rw of acme deleted 1 row of dbo.AuditEvents; only audit_admin may"
    );
    let shrunk = |summary: &Summary| {
        let cause = &summary.causes[0];
        let shrunk = cause.shrunk.clone().expect("it was seen in a case");
        (cause.finding.clone(), shrunk)
    };
    let (told, first) = shrunk(&summary);
    assert_eq!(
        first.steps_after, 2,
        "the attack, and the twin that arms it"
    );
    assert!(first.is_minimal && first.evaluations < 40, "{first:?}");
    // The stage knows the table by its brackets alone.
    assert_eq!(told.batch, "DELETE FROM dbo.[AuditEvents];");
    assert_eq!(told.confidence, Confidence::Confirmed { k: 2, n: 2 });
    let AnyCase::Sql(case) = &first.case else {
        panic!("it was T-SQL");
    };
    assert_eq!(case.steps[told.step].batch, told.batch);
    let faults = Faults {
        purge: true,
        ..Faults::default()
    };
    let (again, _) = setting.run(faults).await;
    assert_eq!(shrunk(&again), (told, first), "the same every time");
}

#[tokio::test(flavor = "current_thread")]
async fn an_effect_below_a_refusal_is_laid_to_the_step_that_did_it() {
    let setting = Setting::new(2);
    let (summary, _) = setting
        .run(Faults {
            silent_purge: true,
            ..Faults::default()
        })
        .await;
    assert_eq!(*verdict(&summary, "D03"), Verdict::Violated);
    for finding in &summary.findings {
        assert!(finding.batch.contains("DELETE"), "{}", finding.batch);
        assert!(matches!(finding.confidence, Confidence::Confirmed { .. }));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_rightful_owner_who_is_locked_out_makes_nothing_green() {
    let setting = Setting::new(2);
    let (summary, _) = setting
        .run(Faults {
            locked_out: Some("app_rw"),
            ..Faults::default()
        })
        .await;
    for id in ["D01", "D02", "D03"] {
        let reasons = reasons(&summary, id);
        assert!(
            reasons.contains("app_rw of acme could not"),
            "{id}: {reasons}"
        );
        assert!(reasons.contains("error 229"), "{id}: {reasons}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_target_that_dies_ends_the_campaign_incomplete() {
    let setting = Setting::new(2);
    let (summary, written) = setting
        .run(Faults {
            dies_after: Some(150),
            ..Faults::default()
        })
        .await;
    assert!(!summary.complete);
    assert_eq!(
        summary.incomplete_reason.as_deref(),
        Some("the target was lost: could not take fingerprints: gone")
    );
    assert!(reasons(&summary, "D01").contains("the target was lost"));
    assert!(written.lines().count() > 10);
}

#[tokio::test(flavor = "current_thread")]
async fn a_campaign_resumes_where_it_was_killed() {
    let setting = Setting::new(2);
    let faults = Faults {
        purge: true,
        ..Faults::default()
    };
    let (whole, written) = setting.run(faults.clone()).await;
    let lines: Vec<&str> = written.lines().collect();
    for kept in [1, lines.len() / 3, lines.len() - 5] {
        // The kill tore the line that was being written.
        let torn = format!(
            "{}\n{}",
            lines[..kept].join("\n"),
            &lines[kept][..lines[kept].len() / 2]
        );
        let resumed = journal::read(&torn, &setting.header()).expect("the journal is ours");
        let kept_bytes = usize::try_from(resumed.whole_bytes).expect("short");
        let (summary, rest) = setting
            .run_on(
                faults.clone(),
                Some(resumed),
                Extent::Cases(RANDOM_CASES),
                &StandingClock,
            )
            .await;
        assert_eq!(summary, whole);
        assert_eq!(format!("{}{rest}", &torn[..kept_bytes]), written);
    }
    let mut other = setting.header();
    other.seed = 8;
    assert_eq!(
        journal::read(&written, &other),
        Err(journal::ResumeError::OtherRun("the seed"))
    );
}

#[tokio::test(flavor = "current_thread")]
async fn an_inspection_of_what_was_said_has_seen_the_whole_baseline_after_a_kill_as_well() {
    let mut setting = Setting::new(2);
    setting.system.controls.push(ControlId::new("S05"));
    let (summary, journal) = setting.run(Faults::default()).await;
    let inspected = journal
        .lines()
        .position(|line| line.contains("\"inspection\":\"statements\""))
        .expect("statements are inspected");
    for lines in [1, 2, 3, inspected / 2, inspected, inspected + 1] {
        let kept: String = journal.split_inclusive('\n').take(lines).collect();
        let resumed = journal::read(&kept, &setting.header()).expect("it is whole");
        let whole = usize::try_from(resumed.whole_bytes).expect("a small journal");
        let extent = Extent::Cases(RANDOM_CASES);
        let (again, rest) = setting
            .run_on(Faults::default(), Some(resumed), extent, &StandingClock)
            .await;
        assert_eq!(
            format!("{}{rest}", &kept[..whole]),
            journal,
            "{lines} lines"
        );
        assert_eq!(again, summary, "{lines} lines");
    }
}

/// A clock that goes on by a millisecond whenever somebody looks.
struct TickingClock(RefCell<Duration>);

// Tests are single-threaded; the trait asks for more than they need.
struct Shared(std::sync::Mutex<TickingClock>);

impl Clock for Shared {
    fn now(&self) -> Duration {
        let clock = self.0.lock().expect("nobody panics while looking");
        *clock.0.borrow_mut() += Duration::from_millis(1);
        *clock.0.borrow()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_budget_that_ends_before_the_sweep_is_said_and_one_that_ends_later_is_used_up() {
    let setting = Setting::new(2);
    for (budget, complete) in [
        (Duration::from_millis(60), false),
        (Duration::from_secs(20), true),
    ] {
        let clock = Shared(std::sync::Mutex::new(TickingClock(RefCell::default())));
        let extent = Extent::Budget(budget);
        let (summary, _) = setting
            .run_on(Faults::default(), None, extent, &clock)
            .await;
        assert_eq!(summary.complete, complete);
        if !complete {
            assert!(reasons(&summary, "D02").contains("the budget ended before"));
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_inspected_is_told_by_table_and_never_green_unseen() {
    let mut setting = Setting::new(2);
    setting.system.controls.push(ControlId::new("D05"));
    setting.system.intent.system_versioned = vec!["dbo.Customers".into(), "dbo.Invoices".into()];
    for (faults, expected) in [
        (Faults::default(), "held"),
        (
            Faults {
                unversioned: Some("Invoices"),
                ..Faults::default()
            },
            "violated",
        ),
        (
            Faults {
                silent_catalog: true,
                ..Faults::default()
            },
            "inconclusive",
        ),
    ] {
        let (summary, journal) = setting.run(faults.clone()).await;
        assert_eq!(verdict(&summary, "D05").word(), expected);
        assert_eq!(verdict(&summary, "D01").word(), "held");
        let told: Vec<&str> = summary
            .findings
            .iter()
            .map(|finding| finding.sentence.as_str())
            .collect();
        if expected == "violated" {
            assert_eq!(
                told,
                [
                    "dbo.Invoices of acme is not system-versioned; every change of it must leave a \
                  history row"
                ]
            );
            assert_eq!(summary.findings[0].occurrences, 2);
            let confirmed = Confidence::Confirmed { k: 2, n: 2 };
            assert_eq!(summary.findings[0].confidence, confirmed);
        } else {
            assert_eq!(told, [""; 0]);
        }
        // A run that was killed at any line goes on to the same journal and the same summary.
        for lines in [1, 2, 3, 4, 9] {
            let kept: String = journal.split_inclusive('\n').take(lines).collect();
            let resumed = journal::read(&kept, &setting.header()).expect("it is whole");
            let whole = usize::try_from(resumed.whole_bytes).expect("a small journal");
            let extent = Extent::Cases(RANDOM_CASES);
            let (again, rest) = setting
                .run_on(faults.clone(), Some(resumed), extent, &StandingClock)
                .await;
            assert_eq!(
                format!("{}{rest}", &kept[..whole]),
                journal,
                "{lines} lines"
            );
            assert_eq!(again.controls, summary.controls, "{lines} lines");
            assert_eq!(again.findings, summary.findings, "{lines} lines");
            assert_eq!(again.cells, summary.cells, "{lines} lines");
        }
    }
}
