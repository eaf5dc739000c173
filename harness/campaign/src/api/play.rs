//! Playing one case of the API plane: sending its steps, and looking at what each did.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::api::case::{Act, Case, Manner, Stance, Step};
use domain::api::history::{History, LogLine, Record, Statement};
use domain::api::request::{Caller, Request};
use domain::world::{TenantIndex, World};

use super::stage::ApiStage;
use crate::clock::Clock;
use crate::course::micros;
use crate::lanes::{Plays, Tally};
use crate::stage::StageError;

/// Nothing answers any more after so many answers in a row that did not come.
const LOST_MAX: usize = 20;

/// Plays cases, and knows where the time went.
pub(crate) struct Player<'a, S> {
    pub(crate) stage: &'a mut S,
    clock: &'a dyn Clock,
    lost_in_a_row: usize,
    pub(crate) executing: Duration,
    pub(crate) observing: Duration,
    /// Requests sent.
    pub(crate) requests: u64,
    /// The last change that each tenant's callers made.
    changed: BTreeMap<TenantIndex, String>,
    /// Whose session was found dead and could not be renewed, and what had been changed before.
    deaths: BTreeMap<Caller, Option<String>>,
}

impl<'a, S: ApiStage> Player<'a, S> {
    pub(crate) fn new(stage: &'a mut S, clock: &'a dyn Clock) -> Self {
        Self {
            stage,
            clock,
            lost_in_a_row: 0,
            executing: Duration::ZERO,
            observing: Duration::ZERO,
            requests: 0,
            changed: BTreeMap::new(),
            deaths: BTreeMap::new(),
        }
    }

    /// Where its time went, and who could not be heard any more.
    pub(crate) fn tally(&self, world: &World) -> Tally {
        Tally {
            executing_us: micros(self.executing),
            observing_us: micros(self.observing),
            deaths: self.deaths(world),
        }
    }

    /// Who could not be heard any more, in words that say what to do about it.
    fn deaths(&self, world: &World) -> Vec<String> {
        let told = self.deaths.iter().filter_map(|(caller, after)| {
            let tenant = world.tenant(caller.tenant?);
            let after = after.as_ref().map_or_else(String::new, |operation| {
                format!(
                    "; the last change before was {operation}: name it under `excluded` if it ends accounts, \
                     or under `last` if it ends sessions"
                )
            });
            Some(format!(
                "the credentials of {} of {} were not accepted any more from some point on{after}",
                caller.actor, tenant.name
            ))
        });
        told.collect()
    }

    /// Notes who is dead, and what may have killed him.
    fn mourn(&mut self, steps: &[Step], records: &[Record]) {
        for (step, record) in steps.iter().zip(records) {
            let (Some(caller), Record::Call { sent, answer }) = (step.caller(), record) else {
                continue;
            };
            let Some(tenant) = caller.tenant else {
                continue;
            };
            if answer.dead_session && !self.deaths.contains_key(caller) {
                let after = self.changed.get(&tenant).cloned();
                self.deaths.insert(caller.clone(), after);
            }
            let changes = !matches!(sent.method.as_str(), "GET" | "HEAD" | "OPTIONS");
            if changes && answer.is_success() {
                self.changed.insert(tenant, step.operation().to_owned());
            }
        }
    }

    async fn take(
        &mut self,
        case: &Case,
        first: usize,
        together: usize,
        earlier: &[Record],
    ) -> Vec<Record> {
        let step = &case.steps[first];
        if together > 1 {
            let calls: Vec<(&Caller, &Request)> = case.steps[first..first + together]
                .iter()
                .filter_map(|step| match &step.act {
                    Act::Call {
                        caller, request, ..
                    } => Some((caller, request)),
                    Act::Batch { .. } => None,
                })
                .collect();
            self.requests += calls.len() as u64;
            return self.stage.send_together(&calls, earlier).await;
        }
        vec![match &step.act {
            Act::Call {
                caller, request, ..
            } => {
                self.requests += 1;
                if step.manner == Manner::Abandoned {
                    self.stage.abandon(caller, request, earlier).await
                } else {
                    self.stage.send(caller, request, earlier).await
                }
            }
            Act::Batch {
                actor,
                batch,
                traits,
            } => Record::Batch {
                batch: batch.clone(),
                response: self.stage.batch(actor, batch, *traits).await,
            },
        }]
    }

    /// A service that does not answer any more ends the campaign.
    fn count(&mut self, records: &[Record]) -> Result<(), StageError> {
        for answer in records.iter().filter_map(Record::answer) {
            if answer.lost.is_some() {
                self.lost_in_a_row += 1;
            } else {
                self.lost_in_a_row = 0;
            }
        }
        if self.lost_in_a_row >= LOST_MAX {
            return Err(StageError {
                doing: "reach the service".into(),
                reason: format!("{LOST_MAX} requests in a row were not answered"),
            });
        }
        Ok(())
    }

    async fn look(&mut self, step: usize, history: &mut History) -> Result<(), StageError> {
        let looking = self.clock.now();
        self.stage.settle().await?;
        for mut change in self.stage.changes().await? {
            change.step = Some(step);
            history.changes.push(change);
        }
        let gathered = self.stage.gather();
        for mut delivery in gathered.deliveries {
            delivery.step = step;
            history.deliveries.push(delivery);
        }
        for text in gathered.log {
            history.log.push(LogLine { step, text });
        }
        for (login, database, text) in gathered.statements {
            history.statements.push(Statement {
                step,
                login,
                database,
                text,
            });
        }
        self.observing += self.clock.now().saturating_sub(looking);
        Ok(())
    }

    async fn observed<F>(&mut self, work: F) -> Result<(), StageError>
    where
        F: AsyncFnOnce(&mut S) -> Result<(), StageError>,
    {
        let begun = self.clock.now();
        let done = work(self.stage).await;
        self.observing += self.clock.now().saturating_sub(begun);
        done
    }
}

impl<S: ApiStage> Plays for Player<'_, S> {
    type Case = Case;
    type History = History;

    fn can_restore(&self) -> bool {
        self.stage.can_restore()
    }

    /// Plays a case to its end, or to the first preparation that fails: what follows would prove
    /// nothing.
    async fn play(&mut self, case: &Case) -> Result<History, StageError> {
        if self.stage.can_restore() {
            self.observed(async |stage| stage.restore().await).await?;
        }
        let mut history = History {
            case: case.clone(),
            steps: Vec::with_capacity(case.steps.len()),
            changes: Vec::new(),
            sees_rows: self.stage.sees_rows(),
            deliveries: Vec::new(),
            log: Vec::new(),
            statements: Vec::new(),
        };
        let mut next = 0;
        while next < case.steps.len() {
            let together = together(case, next);
            let sending = self.clock.now();
            let records = self.take(case, next, together, &history.steps).await;
            self.executing += self.clock.now().saturating_sub(sending);
            self.count(&records)?;
            self.mourn(&case.steps[next..], &records);
            let failed = records
                .iter()
                .zip(&case.steps[next..])
                .any(|(record, step)| step.stance == Stance::Prepare && !has_succeeded(record));
            history.steps.extend(records);
            next += together;
            self.look(next - 1, &mut history).await?;
            if failed {
                break;
            }
        }
        Ok(history)
    }
}

/// How many steps from `first` on are sent at the same time.
fn together(case: &Case, first: usize) -> usize {
    let races =
        |step: &Step| step.manner == Manner::WithNext && matches!(step.act, Act::Call { .. });
    let linked = case.steps[first..]
        .iter()
        .take_while(|step| races(step))
        .count();
    // The last of a race is not linked to what follows.
    (linked + 1).min(case.steps.len() - first)
}

/// Whether a step did what it was meant to.
pub(crate) fn has_succeeded(record: &Record) -> bool {
    match record {
        Record::Call { answer, .. } => answer.is_success(),
        Record::Batch { response, .. } => response.errors.is_empty() && response.lost.is_none(),
        Record::Unresolved { .. } => false,
    }
}
