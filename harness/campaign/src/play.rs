//! One case, from clean state to judged history.
//!
//! After every step that may have had an effect the fingerprints are taken; what changed is laid
//! to that step. A change that shows only after the last step (a refused statement that wrote all
//! the same) is narrowed down by playing the case again and looking after each step.

use std::collections::HashMap;
use std::time::Duration;

use domain::case::{Actor, Case, CaseId, Phase, Step};
use domain::history::{Change, Fingerprints, History, Response, StepRecord};
use domain::own;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;

use crate::clock::Clock;
use crate::course::micros;
use crate::lanes::{Plays, Tally};
use crate::plan::Plan;
use crate::references::resolve;
use crate::stage::{Stage, StageError};

/// Lost answers in a row after which the target is asked whether it is still there.
const LOST_IN_A_ROW: u32 = 4;

/// A stage and what is known of its state.
pub(crate) struct Player<'a, S> {
    pub(crate) stage: &'a mut S,
    clock: &'a dyn Clock,
    /// What speakers may call their own.
    plan: &'a Plan<'a>,
    /// What the state from before the first attack hashes to.
    clean: Fingerprints,
    /// What the present state hashes to, as far as it was looked at.
    present: Fingerprints,
    lost_in_a_row: u32,
    /// Time spent with batches.
    pub(crate) executing: Duration,
    /// Time spent with fingerprints, differences and resets.
    pub(crate) observing: Duration,
}

impl<'a, S: Stage> Player<'a, S> {
    /// Looks at the state from before the first attack.
    pub(crate) async fn new(
        stage: &'a mut S,
        clock: &'a dyn Clock,
        plan: &'a Plan<'a>,
    ) -> Result<Self, StageError> {
        let clean = stage.fingerprints().await?;
        Ok(Self {
            stage,
            clock,
            plan,
            present: clean.clone(),
            clean,
            lost_in_a_row: 0,
            executing: Duration::ZERO,
            observing: Duration::ZERO,
        })
    }

    /// What the state from before the first attack hashes to.
    pub(crate) fn clean(&self) -> &Fingerprints {
        &self.clean
    }

    /// Where its time went.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            executing_us: micros(self.executing),
            observing_us: micros(self.observing),
            deaths: Vec::new(),
        }
    }

    /// Begins from clean state, whichever cases ran before. A case that only read moved the
    /// target's clock all the same, and so does a login: every case begins at the same tick, and
    /// without a session.
    async fn begin(&mut self) -> Result<(), StageError> {
        self.stage.close_sessions();
        self.stage.restore().await
    }

    /// Takes a step and leaves no trace of it; `None` when that cannot be done.
    pub(crate) async fn rehearse(&mut self, step: &Step) -> Result<Option<Response>, StageError> {
        if self.stage.can_restore() {
            self.begin().await?;
        }
        let nothing = History {
            case: Case {
                id: CaseId {
                    phase: Phase::Baseline,
                    index: 0,
                },
                title: String::new(),
                steps: Vec::new(),
            },
            steps: Vec::new(),
            changes: Vec::new(),
        };
        let batch = self.batch_of(step, &step.actor, &nothing);
        self.twin(&step.actor, &batch, step).await
    }

    /// What `speaker` says when he takes a step.
    fn batch_of(&self, step: &Step, speaker: &Actor, history: &History) -> String {
        let plan = self.plan;
        let place = (plan.system, plan.world, plan.surface);
        words(place, step, speaker, &history.steps)
    }

    /// The changes of a case, step by step, by playing it again without twins.
    async fn narrow(&mut self, case: &Case) -> Result<Vec<Change>, StageError> {
        if !self.stage.can_restore() {
            return Ok(Vec::new());
        }
        self.clean_up().await?;
        let mut history = History {
            case: case.clone(),
            steps: Vec::new(),
            changes: Vec::new(),
        };
        for (index, step) in case.steps.iter().enumerate() {
            let batch = self.batch_of(step, &step.actor, &history);
            let response = self.step(step, &batch).await?;
            history.steps.push(StepRecord {
                batch,
                twin: None,
                response,
            });
            let changes = self.look(Some(index)).await?;
            if !changes.is_empty() {
                history.changes.extend(changes);
                if are_independent(case) {
                    self.clean_up().await?;
                }
            }
        }
        Ok(history.changes)
    }

    async fn step(&mut self, step: &Step, batch: &str) -> Result<Response, StageError> {
        let started = self.clock.now();
        let response = self.stage.run(&step.actor, batch, step.traits).await;
        self.executing += self.clock.now().saturating_sub(started);
        self.note_loss(&response).await?;
        Ok(response)
    }

    async fn twin(
        &mut self,
        actor: &Actor,
        batch: &str,
        step: &Step,
    ) -> Result<Option<Response>, StageError> {
        let started = self.clock.now();
        let response = self.stage.run_and_undo(actor, batch, step.traits).await;
        self.executing += self.clock.now().saturating_sub(started);
        if let Some(response) = &response {
            self.note_loss(response).await?;
        }
        Ok(response)
    }

    /// Ends the campaign when the target is gone; one lost session is no such thing.
    async fn note_loss(&mut self, response: &Response) -> Result<(), StageError> {
        if response.lost.is_none() {
            self.lost_in_a_row = 0;
            return Ok(());
        }
        self.lost_in_a_row += 1;
        if self.lost_in_a_row >= LOST_IN_A_ROW {
            self.lost_in_a_row = 0;
            self.stage.fingerprints().await?;
        }
        Ok(())
    }

    /// What changed since the last look.
    async fn look(&mut self, step: Option<usize>) -> Result<Vec<Change>, StageError> {
        let started = self.clock.now();
        let now = self.stage.fingerprints().await?;
        let mut changes = Vec::new();
        if now != self.present {
            let names = differing(&self.present, &now);
            changes = self.stage.changes(&names).await?;
            for change in &mut changes {
                change.step = step;
            }
            self.present = now;
        }
        self.observing += self.clock.now().saturating_sub(started);
        Ok(changes)
    }

    /// Puts everything back; where that cannot be done, what is there now is the new clean state.
    async fn clean_up(&mut self) -> Result<(), StageError> {
        if self.stage.can_restore() {
            let started = self.clock.now();
            self.stage.restore().await?;
            self.observing += self.clock.now().saturating_sub(started);
            self.present.clone_from(&self.clean);
        } else {
            self.clean.clone_from(&self.present);
        }
        Ok(())
    }
}

impl<S: Stage> Plays for Player<'_, S> {
    type Case = Case;
    type History = History;

    fn can_restore(&self) -> bool {
        self.stage.can_restore()
    }

    /// Plays a case from clean state and leaves clean state behind, where the stage can restore.
    async fn play(&mut self, case: &Case) -> Result<History, StageError> {
        let mut history = History {
            case: case.clone(),
            steps: Vec::with_capacity(case.steps.len()),
            changes: Vec::new(),
        };
        if self.stage.can_restore() {
            self.begin().await?;
        }
        let mut twins: HashMap<(Actor, String), Response> = HashMap::new();
        for (index, step) in case.steps.iter().enumerate() {
            let batch = self.batch_of(step, &step.actor, &history);
            let twin = match &step.twin {
                None => None,
                Some(actor) => {
                    let batch = self.batch_of(step, actor, &history);
                    let key = (actor.clone(), batch.clone());
                    // The same words in the same state: the twin need not say them again.
                    match twins.get(&key) {
                        Some(response) => Some(response.clone()),
                        None => {
                            let response = self.twin(actor, &batch, step).await?;
                            if let Some(response) = &response {
                                twins.insert(key, response.clone());
                            }
                            response
                        }
                    }
                }
            };
            let response = if !self.stage.can_restore() && is_honest(step) {
                // What the rightful do is undone where nobody else can: or the rows that later
                // attacks must find are gone after the baseline.
                match self.twin(&step.actor, &batch, step).await? {
                    Some(response) => response,
                    None => self.step(step, &batch).await?,
                }
            } else {
                self.step(step, &batch).await?
            };
            // A change must be laid to the step that made it. Where states can be compared by
            // pointer a look costs nothing, so none is skipped.
            let looks = self.stage.can_restore() || may_have_effect(step, &response);
            history.steps.push(StepRecord {
                batch,
                twin,
                response,
            });
            if looks {
                let changes = self.look(Some(index)).await?;
                if !changes.is_empty() {
                    history.changes.extend(changes);
                    twins.clear();
                    if are_independent(case) {
                        self.clean_up().await?;
                    }
                }
            }
        }
        // What nobody expected: a step that was refused, or only read, left something behind.
        let unexpected = self.look(None).await?;
        if !unexpected.is_empty() {
            let narrowed = self.narrow(case).await?;
            if narrowed.is_empty() {
                history.changes.extend(unexpected);
            } else {
                history.changes = narrowed;
            }
        }
        if case
            .steps
            .iter()
            .any(|step| step.traits.writes || step.claim.is_none())
        {
            self.clean_up().await?;
        }
        Ok(history)
    }
}

/// What `speaker` says when he takes a step, after the earlier ones were answered like this.
pub fn words(
    (system, world, surface): (&System, &World, &Surface),
    step: &Step,
    speaker: &Actor,
    earlier: &[StepRecord],
) -> String {
    let answers: Vec<&Response> = earlier.iter().map(|record| &record.response).collect();
    let about = step.claim.as_ref().and_then(|claim| claim.tenant);
    resolve(&step.batch, &answers, &|reference| {
        let tenancy = system.tenancy.as_ref()?;
        own::resolve(reference, speaker, about, (tenancy, world, surface))
    })
}

/// Baseline and sweep are lists of single attempts; the others are sequences, and so is what the
/// administrator prepares.
fn are_independent(case: &Case) -> bool {
    let attempted = |step: &Step| step.actor.principal().is_some();
    matches!(case.id.phase, Phase::Baseline | Phase::Sweep) && case.steps.iter().all(attempted)
}

/// Whether a step does what its actor may do, so that nothing about it needs to stay to be judged.
fn is_honest(step: &Step) -> bool {
    step.claim.is_some() && step.twin.is_none() && step.traits.writes
}

/// Whether a step is worth a look of its own. The look after the last step catches the rest.
fn may_have_effect(step: &Step, response: &Response) -> bool {
    let carried_out = response.errors.is_empty() || response.rows_affected > 0;
    // What prepares claims nothing and may make things; they must not be laid to the next step.
    response.lost.is_some() || ((step.traits.writes || step.claim.is_none()) && carried_out)
}

pub(crate) fn differing(before: &Fingerprints, after: &Fingerprints) -> Vec<String> {
    let mut names: Vec<String> = before
        .iter()
        .filter(|(name, hash)| after.get(*name) != Some(*hash))
        .map(|(name, _)| name.clone())
        .collect();
    names.extend(
        after
            .keys()
            .filter(|name| !before.contains_key(*name))
            .cloned(),
    );
    names
}
