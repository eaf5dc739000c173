//! Cause after cause: play what is proposed, say whether it still shows, and put the shortest case
//! into the cause.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::cause::{Cause, Shrunk};
use domain::event::Event;
use domain::finding::{Confidence, Finding};
use proptest::strategy::ValueTree;

use super::Kept;
use super::aim::Aim;
use super::bench::{Bench, Played};
use super::confirm::TRIES;
use super::search::{Reducible as _, Search};
use crate::clock::Clock;
use crate::plan::Shrinking;
use crate::stage::StageError;

/// Steps that are few enough: a longer case is tried once more, whichever oracle may see it then.
const SHORT: usize = 4;

/// What bounds the work, and who is told of it.
pub(crate) struct Surroundings<'s> {
    /// How much is spent.
    pub(crate) limits: Shrinking,
    /// The campaign's clock.
    pub(crate) clock: &'s dyn Clock,
    /// Who hears of it.
    pub(crate) events: &'s mut dyn FnMut(Event),
    /// Set when the campaign is to stop.
    pub(crate) stop: &'s AtomicBool,
}

/// Cuts causes down, in their order; those that are not cut down get the case in which they were
/// seen. What could not be done is returned as a sentence.
pub(crate) async fn shrink<B: Bench>(
    bench: &mut B,
    causes: &mut [Cause],
    kept: &Kept<B::Case, B::History>,
    surroundings: &mut Surroundings<'_>,
) -> Option<String> {
    for cause in &mut *causes {
        if let Some((whole, Some(history))) = kept.get(cause.finding.case) {
            cause.shrunk = Some(as_it_is::<B>(whole, history.clone()));
        }
    }
    // What an inspection saw was not done by anybody: there is no case to cut down.
    let mut due: Vec<&mut Cause> = causes
        .iter_mut()
        .filter(|cause| kept.get(cause.finding.case).is_some())
        .collect();
    if due.is_empty() || !bench.can_restore() {
        return None;
    }
    let limits = surroundings.limits;
    let left = due.len().saturating_sub(limits.causes_max);
    due.truncate(limits.causes_max);
    let of = due.len();
    let begun = surroundings.clock.now();
    for (number, cause) in due.into_iter().enumerate() {
        let not_shrunk = |why: &str| {
            let count = of - number + left;
            let (causes, are) = match count {
                1 => ("cause", "is"),
                _ => ("causes", "are"),
            };
            Some(format!("{count} {causes} {are} shown as first seen: {why}"))
        };
        if surroundings.stop.load(Ordering::Relaxed) && !limits.when_stopped {
            return not_shrunk("the campaign was interrupted before they were shrunk");
        }
        let time = limits
            .time
            .saturating_sub(surroundings.clock.now().saturating_sub(begun));
        if time.is_zero() {
            return not_shrunk("the time for shrinking is used up");
        }
        let mut work = Work {
            bench,
            number: (number + 1, of),
            deadline: surroundings
                .clock
                .now()
                .saturating_add(time.min(limits.time_each)),
            surroundings,
            evaluations: 0,
        };
        if let Err(error) = work.cut_down(cause, kept).await {
            return not_shrunk(&format!(
                "the target was lost while they were shrunk: {error}"
            ));
        }
    }
    (left > 0)
        .then(|| format!("{left} causes are shown as first seen: only the first {of} are shrunk"))
}

/// One cause at work.
struct Work<'w, 's, B> {
    bench: &'w mut B,
    /// Its number among how many.
    number: (usize, usize),
    deadline: Duration,
    surroundings: &'w mut Surroundings<'s>,
    evaluations: u64,
}

impl<B: Bench> Work<'_, '_, B> {
    async fn cut_down(
        &mut self,
        cause: &mut Cause,
        kept: &Kept<B::Case, B::History>,
    ) -> Result<(), StageError> {
        let Some((whole, _)) = kept.get(cause.finding.case) else {
            return Ok(());
        };
        let steps_before = B::steps(whole);
        self.announce(cause, steps_before, false);
        let Some((aim, first)) = self.see_again(whole, &cause.finding).await? else {
            cause.finding.confidence = Confidence::Unstable { n: TRIES };
            if let Some(shrunk) = &mut cause.shrunk {
                shrunk.evaluations = self.evaluations;
            }
            self.announce(cause, steps_before, true);
            return Ok(());
        };
        let mut best = (whole.clone(), first);
        let step = aim
            .met_by(&best.1)
            .map_or(cause.finding.step, |one| one.step);
        let could_show = |form: &B::Case| B::could_show(form, whole, step);
        let mut range = 0..B::length(whole);
        for likely in B::likely(whole, step) {
            let form = B::cut(whole, likely.clone());
            if form.size() < best.0.size() && self.may_go_on() {
                let played = self.play(&form).await?;
                if aim.met_by(&played).is_some() {
                    best = (form, played);
                    range = likely;
                    break;
                }
            }
        }
        if let Some(mut tree) = self.bench.tree(cause.finding.case, range) {
            self.search(&mut *tree, &could_show, &aim, &mut best, cause)
                .await?;
        }
        let mut search = Search::new(best.0.clone());
        self.search(&mut search, &could_show, &aim, &mut best, cause)
            .await?;
        let mut is_minimal = search.is_exhausted();
        if B::steps(&best.0) > SHORT {
            // The same deed may show in fewer steps to another oracle.
            let aim = aim.whoever_sees_it();
            let mut other = best.clone();
            let mut search = Search::new(other.0.clone());
            self.search(&mut search, &could_show, &aim, &mut other, cause)
                .await?;
            if B::steps(&other.0) < B::steps(&best.0) {
                best = other;
                is_minimal = search.is_exhausted();
            }
        }
        let aim = aim.whoever_sees_it();
        let confidence = self.confirm(&aim, &mut best, whole).await?;
        let (case, played) = best;
        let steps_after = B::steps(&case);
        if let Some(shown) = aim.met_by(&played) {
            show_by(&mut cause.finding, shown, confidence);
        }
        cause.shrunk = Some(Shrunk {
            case: B::any_case(case),
            history: B::any_history(played.history),
            steps_before,
            steps_after,
            evaluations: self.evaluations,
            is_minimal,
        });
        self.announce(cause, steps_after, true);
        Ok(())
    }

    /// Plays the whole case until it shows the finding again, or was tried often enough.
    async fn see_again(
        &mut self,
        whole: &B::Case,
        finding: &Finding,
    ) -> Result<Option<(Aim, Played<B::History>)>, StageError> {
        for _ in 0..TRIES {
            let played = self.play(whole).await?;
            if let Some((aim, _)) = Aim::take(finding, &played) {
                return Ok(Some((aim, played)));
            }
        }
        Ok(None)
    }

    /// Asks a value tree for smaller cases until it has none, or the bounds are reached.
    async fn search(
        &mut self,
        tree: &mut dyn ValueTree<Value = B::Case>,
        could_show: &dyn Fn(&B::Case) -> bool,
        aim: &Aim,
        best: &mut (B::Case, Played<B::History>),
        cause: &Cause,
    ) -> Result<(), StageError> {
        let mut goes_on = tree.simplify();
        while goes_on && self.may_go_on() {
            let case = tree.current();
            if !could_show(&case) {
                goes_on = tree.complicate();
                continue;
            }
            let played = self.play(&case).await?;
            goes_on = if aim.met_by(&played).is_some() {
                let steps = B::steps(&case);
                *best = (case, played);
                self.announce(cause, steps, false);
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        Ok(())
    }

    /// Plays the shortest case again. One that never shows it again was luck: then the whole case
    /// it is.
    async fn confirm(
        &mut self,
        aim: &Aim,
        best: &mut (B::Case, Played<B::History>),
        whole: &B::Case,
    ) -> Result<Confidence, StageError> {
        let n = TRIES;
        let mut k = 0;
        for _ in 0..n {
            let played = self.play(&best.0).await?;
            if aim.met_by(&played).is_some() {
                k += 1;
                best.1 = played;
            }
        }
        if k > 0 {
            return Ok(Confidence::Confirmed { k, n });
        }
        best.0 = whole.clone();
        for _ in 0..n {
            let played = self.play(whole).await?;
            if aim.met_by(&played).is_some() {
                k += 1;
                best.1 = played;
            }
        }
        Ok(match k {
            0 => Confidence::Unstable { n },
            k => Confidence::Confirmed { k, n },
        })
    }

    async fn play(&mut self, case: &B::Case) -> Result<Played<B::History>, StageError> {
        self.evaluations += 1;
        self.bench.play(case).await
    }

    fn may_go_on(&self) -> bool {
        let limits = self.surroundings.limits;
        let is_stopped = self.surroundings.stop.load(Ordering::Relaxed) && !limits.when_stopped;
        !is_stopped
            && self.evaluations < limits.evaluations_max
            && self.surroundings.clock.now() < self.deadline
    }

    fn announce(&mut self, cause: &Cause, steps: usize, is_done: bool) {
        let (number, of) = self.number;
        (self.surroundings.events)(Event::Shrinking {
            cause: cause.id.clone(),
            number,
            of,
            evaluations: self.evaluations,
            steps,
            is_done,
        });
    }
}

/// A case that was not cut down.
fn as_it_is<B: Bench>(case: &B::Case, history: B::History) -> Shrunk {
    let steps = B::steps(case);
    Shrunk {
        case: B::any_case(case.clone()),
        history: B::any_history(history),
        steps_before: steps,
        steps_after: steps,
        evaluations: 0,
        is_minimal: false,
    }
}

/// Tells a finding in the words of its shortest case. What it is, and where it was first seen, stays.
fn show_by(finding: &mut Finding, shown: &Finding, confidence: Confidence) {
    finding.severity = finding.severity.max(shown.severity);
    finding.confidence = confidence;
    finding.sentence.clone_from(&shown.sentence);
    finding.actor.clone_from(&shown.actor);
    finding.batch.clone_from(&shown.batch);
    finding.step = shown.step;
    finding.sightings.clone_from(&shown.sightings);
    finding.changes.clone_from(&shown.changes);
}
