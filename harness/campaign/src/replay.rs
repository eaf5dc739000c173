//! A case again, from clean state: does it still show what was found, does it not, or can it not be
//! played any more?
//!
//! What a play came to is decided by pure functions over its history, so a recorded history is
//! answered in the same way; see [`judged`] and [`judged_api`].

use domain::api;
use domain::case::{Actor, Case, Step};
use domain::cause::AnyHistory;
use domain::finding::{Finding, Fingerprint};
use domain::history::{History, Response};
use domain::inspection::{Facts, Item, Moment, Seen, Topic};
use domain::outcome::Outcome;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use generators::Terrain;
use generators::api::Workbook;
use oracles::api::ApiJudge;
use oracles::{Ending, INSPECTIONS, Inspection, Judge};
use scenarios::{NotApplicable, Scenario};

use crate::api::ApiPlan;
use crate::api::stage::ApiStage;
use crate::clock::Clock;
use crate::gone::{is_absent, is_mended};
use crate::inspecting::Look;
use crate::lanes::Plays as _;
use crate::ledger::deed;
use crate::plan::Plan;
use crate::play::Player;
use crate::stage::{Stage, StageError};
use crate::{api as plane, inspecting, judging};

pub use crate::play::words;

/// How often a case is played.
pub const TIMES: u8 = 3;

/// What is looked for in a play.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// What the finding is known by; `None` when any finding will do.
    pub fingerprint: Option<Fingerprint>,
    /// The step that shows it, from 0.
    pub step: Option<usize>,
    /// The ways that this step goes and that are nobody's: where they are gone, so is what was found.
    pub through: Vec<String>,
    /// Whether it counts only while the rightful can do the same.
    pub armed: bool,
}

/// What all plays came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It showed.
    Reproduced {
        /// So often.
        k: u8,
        /// Of so many times.
        n: u8,
    },
    /// Everything that it needs was there, and it did not show.
    NotReproduced {
        /// So often.
        n: u8,
    },
    /// Something that it needs does not work any more, so nothing is known.
    PreconditionLost(Lost),
}

/// What does not work any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The step, from 0; `None` when the case could not even begin.
    pub step: Option<usize>,
    /// What was answered instead, in words.
    pub reason: String,
}

/// One play and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// What happened; `None` for an inspection, in which nobody does anything.
    pub history: Option<AnyHistory>,
    /// What the oracles say of it.
    pub findings: Vec<Finding>,
    /// Whether what was found showed again.
    pub shown: bool,
    /// What was missing, when it did not.
    pub lost: Option<Lost>,
    /// What every step came to, in words.
    pub outcomes: Vec<String>,
}

impl Play {
    /// The finding that was looked for, if it showed.
    pub fn finding(&self, expected: &Expected) -> Option<&Finding> {
        self.findings.iter().find(|finding| expected.is(finding))
    }
}

impl Expected {
    /// What a case file says of what it shows; any finding will do for one that was written by hand.
    ///
    /// # Errors
    /// When the world has no such tenants.
    pub fn of(
        scenario: &Scenario,
        place: (&System, &World, &Surface),
    ) -> Result<Self, NotApplicable> {
        let Some(found) = &scenario.found else {
            return Ok(Self::default());
        };
        let found = scenarios::expected(found, scenario, place)?;
        Ok(Self {
            fingerprint: Some(found.fingerprint),
            step: found.step.map(|step| step - 1),
            through: found.through,
            armed: found.armed,
        })
    }

    /// Whether this is what is looked for.
    fn is(&self, finding: &Finding) -> bool {
        match &self.fingerprint {
            Some(fingerprint) => deed(&finding.fingerprint) == deed(fingerprint),
            None => true,
        }
    }
}

/// What several plays of one case come to together: once is enough to be there, and a play in which
/// something was missing proves no absence.
pub fn answer(plays: &[Play]) -> Answer {
    let count = |plays: usize| u8::try_from(plays).unwrap_or(u8::MAX);
    let n = count(plays.len());
    let k = count(plays.iter().filter(|play| play.shown).count());
    if k > 0 {
        return Answer::Reproduced { k, n };
    }
    match plays.iter().find_map(|play| play.lost.clone()) {
        Some(lost) => Answer::PreconditionLost(lost),
        None => Answer::NotReproduced { n },
    }
}

/// Plays a case in T-SQL so many times.
///
/// # Errors
/// When the target is lost.
pub async fn replay<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    (case, expected): (&Case, &Expected),
    times: u8,
) -> Result<Vec<Play>, StageError> {
    let times = if stage.can_restore() { times } else { 1 };
    let judge = Judge::new(plan.system, plan.world, plan.surface);
    let mut player = Player::new(stage, clock, plan).await?;
    let mut plays = Vec::new();
    for _ in 0..times {
        let history = player.play(case).await?;
        plays.push(judged(&judge, history, expected));
    }
    Ok(plays)
}

/// Plays a case of the API plane so many times, after its operations were called by who may, so that
/// the judge learns what means nothing.
///
/// # Errors
/// When the target or the service is lost.
pub async fn replay_api<S: ApiStage>(
    plan: &ApiPlan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    (case, expected): (&api::case::Case, &Expected),
    times: u8,
) -> Result<Vec<Play>, StageError> {
    let times = if stage.can_restore() { times } else { 1 };
    let mut judge = ApiJudge::new(plan.system, plan.world, plan.surface, plan.contract)
        .with_secrets(plan.secrets.clone());
    let mut player = plane::play::Player::new(stage, clock);
    let mut learned = Vec::new();
    for case in honest(plan, case) {
        learned.push(player.play(&case).await?);
    }
    judge.learn(&learned);
    let mut plays = Vec::new();
    for _ in 0..times {
        let history = player.play(case).await?;
        plays.push(judged_api(&judge, history, expected));
    }
    Ok(plays)
}

/// What the rightful do with the operations of a case.
fn honest(plan: &ApiPlan<'_>, case: &api::case::Case) -> Vec<api::case::Case> {
    let Some(service) = &plan.system.service else {
        return Vec::new();
    };
    let book = Workbook::new(plan.contract, service, plan.world, plan.seed);
    let called: Vec<&str> = case.steps.iter().map(api::case::Step::operation).collect();
    let is_called = |case: &api::case::Case| {
        let last = case.steps.last().map(api::case::Step::operation);
        last.is_some_and(|operation| called.contains(&operation))
    };
    let mut cases = generators::api::baseline(&book, plan.world.tenants.len()).cases;
    cases.retain(is_called);
    cases
}

/// A play of a case that cannot be played here at all, and why.
pub fn not_begun(reason: String) -> Play {
    Play {
        history: None,
        findings: Vec::new(),
        shown: false,
        lost: Some(Lost { step: None, reason }),
        outcomes: Vec::new(),
    }
}

/// Repeats an inspection so many times. What it is about is told by the fingerprint's place.
///
/// # Errors
/// When the target is lost.
pub async fn replay_inspection<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    (name, expected): (&str, &Expected),
    times: u8,
) -> Result<Vec<Play>, StageError> {
    let judge = Judge::new(plan.system, plan.world, plan.surface);
    let inspection = INSPECTIONS.iter().find(|one| one.name == name);
    let Some(inspection) = inspection else {
        let known: Vec<&str> = INSPECTIONS.iter().map(|one| one.name).collect();
        let reason = format!(
            "there is no inspection {name}; there are {}",
            known.join(", ")
        );
        return Ok(vec![not_begun(reason)]);
    };
    if inspection.moment == Moment::AfterBaseline {
        // It looks at what the rightful have left behind.
        let terrain = Terrain::new(plan.system, plan.world, plan.surface);
        let mut player = Player::new(stage, clock, plan).await?;
        for case in generators::baseline(&terrain) {
            player.play(&case).await?;
        }
    }
    let mut plays = Vec::new();
    for _ in 0..times {
        let look = inspecting::look(stage, &judge, inspection, plan).await?;
        plays.push(played(inspection, look, expected));
    }
    Ok(plays)
}

/// Whether an inspection looks at the service instead of at the databases.
pub fn looks_at_the_service(name: &str) -> bool {
    let inspection = INSPECTIONS.iter().find(|one| one.name == name);
    inspection.is_some_and(|one| one.topics.contains(&Topic::Transport))
}

/// Repeats an inspection of the service so many times.
///
/// # Errors
/// When the service is lost.
pub async fn replay_service_inspection<S: ApiStage>(
    plan: &ApiPlan<'_>,
    stage: &mut S,
    (name, expected): (&str, &Expected),
    times: u8,
) -> Result<Vec<Play>, StageError> {
    let Some(inspection) = INSPECTIONS.iter().find(|one| one.name == name) else {
        return Ok(vec![not_begun(format!("there is no inspection {name}"))]);
    };
    let judge = Judge::new(plan.system, plan.world, plan.surface);
    let mut plays = Vec::new();
    for _ in 0..times {
        let look = inspecting::look_by(plan.system, &judge, inspection, async || {
            Ok(Facts(vec![stage.transport().await]))
        });
        plays.push(played(inspection, look.await?, expected));
    }
    Ok(plays)
}

fn played(inspection: &Inspection, look: Look, expected: &Expected) -> Play {
    let nothing = look.not_applicable.or(look.doubt.map(|doubt| doubt.reason));
    match nothing {
        Some(reason) => not_begun(reason),
        None => looked(inspection, &look.items, expected),
    }
}

/// What the items of an inspection come to.
fn looked(inspection: &Inspection, items: &[Item], expected: &Expected) -> Play {
    let name = inspection.name;
    let findings: Vec<Finding> = items
        .iter()
        .filter_map(|item| item.finding(name, 0))
        .collect();
    let shown = is_among(&findings, expected);
    let place = expected.fingerprint.as_ref().map(|own| own.place.as_str());
    let of_place: Vec<&Item> = items
        .iter()
        .filter(|item| place.is_none_or(|place| item.place == place))
        .collect();
    let lost = if shown {
        None
    } else if of_place.is_empty() && !inspection.absence_mends {
        Some(format!(
            "the inspection {name} looks at nothing called {} any more",
            place.unwrap_or("anything")
        ))
    } else {
        of_place.iter().find_map(|item| match &item.seen {
            Seen::CouldNotLook { reason } => Some(reason.clone()),
            _ => None,
        })
    };
    Play {
        history: None,
        shown,
        lost: lost.map(|reason| Lost { step: None, reason }),
        outcomes: findings
            .iter()
            .map(|finding| finding.sentence.clone())
            .collect(),
        findings,
    }
}

/// What a play in T-SQL came to.
pub fn judged(judge: &Judge<'_>, history: History, expected: &Expected) -> Play {
    let findings = judging::judge(judge, &history).findings;
    let shown = is_among(&findings, expected);
    let lost = if shown {
        None
    } else {
        missing(judge, &history, &findings, expected)
    };
    let taken = history.case.steps.iter().zip(&history.steps);
    let outcomes = taken
        .map(|(step, record)| {
            let own = told(judge, &record.response);
            match &record.twin {
                Some(twin) if step.twin.is_some() => {
                    format!("{own}; the rightful: {}", told(judge, twin))
                }
                _ => own,
            }
        })
        .collect();
    Play {
        history: Some(AnyHistory::Sql(history)),
        findings,
        shown,
        lost,
        outcomes,
    }
}

/// What a play of the API plane came to.
pub fn judged_api(
    judge: &ApiJudge<'_>,
    history: api::history::History,
    expected: &Expected,
) -> Play {
    let findings = plane::judging::judge(judge, &history).0;
    let shown = is_among(&findings, expected);
    let lost = if shown {
        None
    } else {
        missing_in_api(&history, expected)
    };
    let outcomes = history.steps.iter().map(told_of_api).collect();
    Play {
        history: Some(AnyHistory::Api(history)),
        findings,
        shown,
        lost,
        outcomes,
    }
}

fn is_among(findings: &[Finding], expected: &Expected) -> bool {
    findings.iter().any(|finding| expected.is(finding))
}

/// The first thing that a case in T-SQL needs and that did not work.
fn missing(
    judge: &Judge<'_>,
    history: &History,
    findings: &[Finding],
    expected: &Expected,
) -> Option<Lost> {
    let attempts = judge.attempts(history, findings);
    let taken = history.case.steps.iter().zip(&history.steps);
    for (at, (step, record)) in taken.enumerate() {
        let outcome = judge.classify(&record.response);
        let lost = |response: &Response| Lost {
            step: Some(at),
            reason: told(judge, response),
        };
        if is_preparation(step) && outcome != Outcome::Permitted {
            return Some(lost(&record.response));
        }
        if expected.step.is_none_or(|own| own == at) && is_mended(step, record, expected) {
            continue;
        }
        if is_absent(&record.response) || outcome == Outcome::Unknown {
            return Some(lost(&record.response));
        }
        let is_shown = expected.step.is_none_or(|step| step == at);
        let attempt = attempts.iter().find(|attempt| attempt.step == at);
        if let (true, true, Some(attempt)) = (is_shown, expected.armed, attempt)
            && let Ending::Failed { reason } = &attempt.ending
        {
            return Some(Lost {
                step: Some(at),
                reason: reason.clone(),
            });
        }
    }
    None
}

/// Whether an administrator makes something ready.
fn is_preparation(step: &Step) -> bool {
    let is_administrator = matches!(
        step.actor,
        Actor::Administrator { .. } | Actor::Keeper { .. }
    );
    is_administrator && step.claim.is_none()
}

/// The first thing that a case of the API plane needs and that did not work.
fn missing_in_api(history: &api::history::History, expected: &Expected) -> Option<Lost> {
    use api::case::Stance;
    for (at, step) in history.case.steps.iter().enumerate() {
        let record = history.steps.get(at);
        let is_needed = match &step.stance {
            Stance::Prepare => true,
            Stance::Arm { attack } => {
                expected.armed && expected.step.is_none_or(|step| step == *attack)
            }
            Stance::Attack(_) | Stance::Witness { .. } | Stance::Counterpart { .. } => {
                matches!(record, Some(api::history::Record::Unresolved { .. }))
            }
            Stance::Wander => false,
        };
        let has_succeeded = record.is_some_and(plane::play::has_succeeded);
        if is_needed && !has_succeeded {
            let reason = record.map_or_else(|| "it was not reached".to_owned(), told_of_api);
            return Some(Lost {
                step: Some(at),
                reason,
            });
        }
    }
    None
}

/// An answer of the server in a few words.
fn told(judge: &Judge<'_>, response: &Response) -> String {
    let error = || {
        response.first_error().map_or_else(String::new, |error| {
            format!("error {}: {}", error.number, error.text)
        })
    };
    match judge.classify(response) {
        Outcome::Permitted => match (response.rows_returned(), response.rows_affected) {
            (0, 0) => "permitted".to_owned(),
            (rows, 0) => format!("permitted, {rows} rows came back"),
            (0, rows) => format!("permitted, {rows} rows changed"),
            (back, changed) => {
                format!("permitted, {back} rows came back and {changed} changed")
            }
        },
        Outcome::Denied { .. } => format!("denied: {}", error()),
        Outcome::Failed { .. } => format!("failed: {}", error()),
        Outcome::Unknown => "no answer came".to_owned(),
    }
}

/// An answer of the service in a few words.
fn told_of_api(record: &api::history::Record) -> String {
    const SHOWN_MAX: usize = 200;
    match record {
        api::history::Record::Unresolved { reason } => format!("not sent: {reason}"),
        api::history::Record::Batch { response, .. } => match response.first_error() {
            Some(error) => format!("error {}: {}", error.number, error.text),
            None if response.lost.is_some() => "no answer came".to_owned(),
            None => "carried out".to_owned(),
        },
        api::history::Record::Call { answer, .. } => match (answer.status, answer.lost) {
            (0, _) | (_, Some(_)) => "no answer came".to_owned(),
            (status, None) if answer.is_success() => format!("answered {status}"),
            (status, None) => {
                let body = String::from_utf8_lossy(&answer.body);
                let body: String = body.chars().take(SHOWN_MAX).collect();
                format!("answered {status}: {body}")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, BatchTraits, Case, CaseId, Claim, Phase, Step};
    use domain::example;
    use domain::finding::Fingerprint;
    use domain::history::{History, Response, ServerMessage, StepRecord};
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::world::TenantIndex;
    use oracles::Judge;

    use super::{Answer, Expected, Lost, Play, answer, judged, not_begun};

    fn refused(number: i32) -> Response {
        Response {
            errors: vec![ServerMessage {
                number,
                severity: 16,
                state: 1,
                text: "no".into(),
            }],
            ..Response::default()
        }
    }

    fn affected() -> Response {
        Response {
            rows_affected: 1,
            ..Response::default()
        }
    }

    /// What that shows: app_rw deletes rows of another tenant.
    fn deleting() -> Expected {
        Expected {
            fingerprint: Some(Fingerprint {
                oracle: "authorization".into(),
                attacker: "app_rw".into(),
                victim: "other tenant".into(),
                action: "delete".into(),
                place: "dbo.Customers".into(),
            }),
            step: Some(1),
            through: vec!["dbo.TidyUp".into(), "dbo.AllCustomers".into()],
            armed: true,
        }
    }

    /// An administrator prepares; app_rw of the first tenant deletes rows of the second's.
    fn history(prepared: Response, twin: Response, attacked: Response) -> History {
        let administrator = Actor::Administrator {
            database: "wt_acme".into(),
        };
        let claim = Claim {
            action: Action::Delete,
            database: "wt_beta".into(),
            tenant: Some(TenantIndex(1)),
            object: "dbo.Customers".into(),
            family: "three-part-name".into(),
        };
        let principal = |tenant| Actor::Principal {
            tenant: TenantIndex(tenant),
            principal: "app_rw".into(),
        };
        let step = |actor, claim, twin| Step {
            actor,
            batch: "DELETE".into(),
            claim,
            twin,
            traits: BatchTraits::default(),
        };
        let record = |twin, response| StepRecord {
            batch: "DELETE".into(),
            twin,
            response,
        };
        History {
            case: Case {
                id: CaseId {
                    phase: Phase::Regressions,
                    index: 0,
                },
                title: String::new(),
                steps: vec![
                    step(administrator, None, None),
                    step(principal(0), Some(claim), Some(principal(1))),
                ],
            },
            steps: vec![record(None, prepared), record(Some(twin), attacked)],
            changes: Vec::new(),
        }
    }

    #[test]
    fn a_way_that_was_nobodys_is_gone_when_it_is_mended() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let nobodys = Actor::Administrator {
            database: "wt_beta".into(),
        };
        let owners = Actor::Principal {
            tenant: TenantIndex(1),
            principal: "app_rw".into(),
        };
        let keeper = Actor::Keeper {
            database: "wt_beta".into(),
            tenant: Some(TenantIndex(1)),
            unguarded: None,
        };
        let no_procedure = |name: &str| format!("Could not find stored procedure '{name}'.");
        let no_object = |name: &str| format!("Invalid object name '{name}'.");
        for (twin, number, text, is_lost) in [
            (&nobodys, 2812, no_procedure("dbo.TidyUp"), false),
            (&nobodys, 208, no_object("wt_beta.dbo.allcustomers"), false),
            (&keeper, 208, no_object("dbo.AllCustomers"), false),
            // What stops the one whom nothing stops is no mending; what stops the administrator is.
            (
                &keeper,
                229,
                "The SELECT permission was denied.".into(),
                true,
            ),
            (
                &nobodys,
                229,
                "The SELECT permission was denied.".into(),
                false,
            ),
            // What the finding is about must be there, and what the way needs.
            (&nobodys, 208, no_object("dbo.Customers"), true),
            (&keeper, 208, no_object("dbo.Customers"), true),
            (&nobodys, 208, no_object("dbo.Invoices"), true),
            (&nobodys, 2812, no_procedure("dbo.AssertTenant"), true),
            // What somebody was meant to use is missed.
            (&owners, 2812, no_procedure("dbo.TidyUp"), true),
            (&owners, 208, no_object("dbo.MyCustomers"), true),
        ] {
            let absent = || {
                let mut response = refused(number);
                response.errors[0].text.clone_from(&text);
                response
            };
            let mut history = history(Response::default(), absent(), absent());
            history.case.steps[1].twin = Some(twin.clone());
            let expected = deleting();
            let play = judged(&judge, history, &expected);
            assert_eq!(play.lost.is_some(), is_lost, "{text} {twin:?}");
            assert!(!play.shown);
        }
    }

    #[test]
    fn what_was_found_shows_or_does_not_or_cannot_be_asked() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let expected = deleting();
        let ok = Response::default;
        let lost = |step| Some(Some(step));
        for (prepared, twin, attacked, shown, step) in [
            (ok(), affected(), affected(), true, None),
            (ok(), affected(), refused(916), false, None),
            // Preparing, arming and attacking need what is not there any more.
            (refused(208), affected(), refused(916), false, lost(0)),
            (refused(229), affected(), refused(916), false, lost(0)),
            (ok(), refused(208), refused(916), false, lost(1)),
            (ok(), refused(229), refused(916), false, lost(1)),
            (ok(), affected(), refused(208), false, lost(1)),
            (ok(), affected(), refused(102), false, lost(1)),
        ] {
            let told = format!("{prepared:?} {twin:?} {attacked:?}");
            let play = judged(&judge, history(prepared, twin, attacked), &expected);
            assert_eq!(play.shown, shown, "{told}");
            assert_eq!(play.lost.map(|lost| lost.step), step, "{told}");
            assert_eq!(play.outcomes.len(), 2);
        }
        // What was never armed is not lost when it is not armed now.
        let unarmed = Expected {
            armed: false,
            ..expected
        };
        let play = judged(&judge, history(ok(), refused(229), refused(916)), &unarmed);
        assert_eq!((play.shown, play.lost), (false, None));
    }

    #[test]
    fn several_plays_are_one_answer() {
        let play = |shown, lost: bool| Play {
            shown,
            ..if lost {
                not_begun("gone".into())
            } else {
                Play {
                    lost: None,
                    ..not_begun(String::new())
                }
            }
        };
        let gone = Lost {
            step: None,
            reason: "gone".into(),
        };
        for (plays, expected) in [
            (vec![play(true, false)], Answer::Reproduced { k: 1, n: 1 }),
            (
                vec![play(false, false), play(true, false), play(false, true)],
                Answer::Reproduced { k: 1, n: 3 },
            ),
            (
                vec![play(false, false), play(false, true)],
                Answer::PreconditionLost(gone),
            ),
            (
                vec![play(false, false), play(false, false)],
                Answer::NotReproduced { n: 2 },
            ),
        ] {
            assert_eq!(answer(&plays), expected);
        }
    }
}
