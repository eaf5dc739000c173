//! One fault, planted once: is it found, under which promise, and how soon?

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use campaign::clock::Clock as _;
use campaign::plan::{Extent, First, Shrinking};
use domain::cause::Cause;
use domain::control::ControlId;
use domain::event::{Event, Summary};
use domain::finding::{Confidence, Finding};
use domain::inspection::INSPECTOR;
use domain::selftest::{Detection, Ending, Replayed, Trial};

use super::catalogue::{Entry, Layer};
use super::ground::{Ground, Planting, Turn};
use crate::environment::MachineClock;
use crate::exit_code::Failure;

/// What was found until then is shrunk, and no more.
const CAUSES_SHRUNK_MAX: usize = 3;

/// Plants a fault and looks for it until it is found or the time is over; then, if wanted, replays its case
/// file. `interrupted` is set when the user wants to stop.
pub(crate) async fn hunt(
    ground: &mut Ground,
    entry: &Entry,
    who: (&str, u64),
    (budget, replays): (Duration, bool),
    clock: &MachineClock,
    interrupted: &AtomicBool,
) -> Result<Trial, Failure> {
    let planting = Planting {
        faults: vec![entry.fault(who.0)?],
        ..Planting::default()
    };
    let quarry = Quarry {
        planting: &planting,
        layer: entry.layer(),
        extent: Extent::Budget(budget),
        first: First::default(),
        causes_max: CAUSES_SHRUNK_MAX,
        is_known: false,
        aside: None,
        expected: &entry.controls,
        budget,
    };
    let (mut trial, summary) = pursue(ground, quarry, who, clock, interrupted).await?;
    if replays
        && let Some(detection) = &mut trial.detection
        && let Some(case) =
            shown_by(detection, &summary).and_then(|one| ground.case_of(one, &summary))
    {
        detection.replayed = Some(Replayed {
            faulty: ground.replay(&case, Some(&entry.id), clock).await?,
            clean: ground.replay(&case, None, clock).await?,
        });
    }
    Ok(trial)
}

/// The cause that was found, by its shortest case.
fn shown_by<'s>(detection: &Detection, summary: &'s Summary) -> Option<&'s Cause> {
    let own = |controls: &[ControlId]| {
        controls
            .iter()
            .any(|control| detection.controls.contains(control))
    };
    let causes = summary.causes.iter();
    // What was found may be one of many ways in which a cause shows that another finding shows better.
    causes
        .filter(|cause| own(&cause.controls))
        .min_by_key(|cause| {
            let shrunk = cause.shrunk.as_ref();
            let steps = shrunk.map_or(usize::MAX, |shrunk| shrunk.steps_after);
            (!own(&cause.finding.controls), steps)
        })
}

/// What is looked for, where, and how long.
pub(crate) struct Quarry<'a> {
    /// What is planted.
    pub(crate) planting: &'a Planting,
    /// Where it is looked for.
    pub(crate) layer: Layer,
    /// What the campaign does when it is not ended.
    pub(crate) extent: Extent,
    /// What it attacks before everything else.
    pub(crate) first: First<'a>,
    /// How many causes are cut down to their shortest case.
    pub(crate) causes_max: usize,
    /// Whether what is planted changes no table, module or row.
    pub(crate) is_known: bool,
    /// What shows as changed in any case: an inspection that finds it there says nothing.
    pub(crate) aside: Option<&'a str>,
    /// The promises that it may be found under.
    pub(crate) expected: &'a [ControlId],
    /// When it is given up.
    pub(crate) budget: Duration,
}

/// Looks for what is planted; how that went, and how the campaign ended.
pub(crate) async fn pursue(
    ground: &mut Ground,
    quarry: Quarry<'_>,
    (design, seed): (&str, u64),
    clock: &MachineClock,
    interrupted: &AtomicBool,
) -> Result<(Trial, Summary), Failure> {
    let stop = AtomicBool::new(false);
    let mut watch = Watch {
        expected: quarry.expected,
        aside: quarry.aside,
        clock,
        stop: &stop,
        interrupted,
        budget: quarry.budget,
        started: clock.now(),
        attacked: None,
        cases: 0,
        judged: 0,
        found: None,
        other: None,
    };
    let turn = Turn {
        layer: quarry.layer,
        extent: quarry.extent,
        first: quarry.first,
        is_known: quarry.is_known,
        shrinking: Shrinking {
            causes_max: quarry.causes_max,
            when_stopped: true,
            ..Shrinking::default()
        },
        stop: &stop,
        clock,
    };
    let summary = ground
        .attack(quarry.planting, turn, &mut |event| watch.see(&event))
        .await?;
    let trial = watch.into_trial(design, seed, &summary, interrupted);
    Ok((trial, summary))
}

/// Follows a campaign and ends it when the fault is found.
struct Watch<'a> {
    expected: &'a [ControlId],
    aside: Option<&'a str>,
    clock: &'a MachineClock,
    stop: &'a AtomicBool,
    interrupted: &'a AtomicBool,
    /// A campaign finishes what it planned even when it is late; a hunt does not wait for that.
    budget: Duration,
    started: Duration,
    /// When the first phase began.
    attacked: Option<Duration>,
    cases: u64,
    judged: u64,
    found: Option<Detection>,
    other: Option<Detection>,
}

impl Watch<'_> {
    fn see(&mut self, event: &Event) {
        match event {
            Event::PhaseStarted { .. } => {
                self.attacked.get_or_insert(self.clock.now());
            }
            Event::Progress { judged, .. } => {
                self.cases += 1;
                self.judged = *judged;
            }
            Event::Found(finding) => self.find(finding),
            _ => {}
        }
        let is_late = self.clock.now().saturating_sub(self.started) >= self.budget;
        if is_late || self.interrupted.load(Ordering::Relaxed) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn find(&mut self, finding: &Finding) {
        // What does not show again is told in a report, and proves nothing here.
        if matches!(finding.confidence, Confidence::Unstable { .. }) {
            return;
        }
        let own = &finding.fingerprint;
        let is_aside = own.attacker == INSPECTOR && self.aside == Some(own.place.as_str());
        let is_expected = !is_aside
            && finding
                .controls
                .iter()
                .any(|control| self.expected.contains(control));
        let place = if is_expected {
            &mut self.found
        } else {
            &mut self.other
        };
        if place.is_none() {
            *place = Some(Detection {
                oracle: finding.fingerprint.oracle.clone(),
                controls: finding.controls.clone(),
                case: finding.case.to_string(),
                sentence: finding.sentence.clone(),
                ms: millis(self.clock.now().saturating_sub(self.started)),
                cases: self.cases + 1,
                judged: self.judged,
                steps_before: None,
                steps_after: None,
                replayed: None,
            });
        }
        if is_expected {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn into_trial(
        self,
        design: &str,
        seed: u64,
        summary: &Summary,
        interrupted: &AtomicBool,
    ) -> Trial {
        let now = self.clock.now();
        let attacked = self.attacked.unwrap_or(now);
        let is_lost = summary
            .incomplete_reason
            .as_ref()
            .is_some_and(|reason| reason.starts_with("the target was lost"));
        let (ending, detection) = match (self.found, self.other) {
            (Some(found), _) => (Ending::Caught, Some(found)),
            _ if is_lost || interrupted.load(Ordering::Relaxed) => (Ending::Unfinished, None),
            (None, Some(other)) => (Ending::CaughtByAnother, Some(other)),
            (None, None) => (Ending::Missed, None),
        };
        Trial {
            design: design.to_owned(),
            seed,
            ending,
            detection: detection.map(|one| with_steps(one, summary)),
            prepared_ms: millis(attacked.saturating_sub(self.started)),
            cases: summary.cases,
            judged: summary.judged + summary.requests,
            ms: millis(now.saturating_sub(attacked)),
        }
    }
}

/// The shortest case of the cause that was found.
fn with_steps(mut detection: Detection, summary: &Summary) -> Detection {
    let shrunk = shown_by(&detection, summary).and_then(|cause| cause.shrunk.as_ref());
    if let Some(shrunk) = shrunk {
        detection.steps_before = Some(shrunk.steps_before);
        detection.steps_after = Some(shrunk.steps_after);
    }
    detection
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
