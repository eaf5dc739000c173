//! What is done off the path of requests, in which order, and on whose behalf?
//!
//! One queue for all tenants, first come, first served, so that the same requests leave the same
//! rows. A job carries the scope of who asked for it, and works in no other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::background::Pending;
use crate::fault::Fault;
use crate::http::Problem;
use crate::options::Design;
use crate::resources::{exports, keys, mail, rates, webhooks};
use crate::service::Service;
use crate::store::{Duty, Lease, Params, Scope};

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// On whose behalf it works.
    pub scope: Scope,
    /// The number of its row among the tenant's jobs; an announcement has none.
    pub number: Option<i64>,
    /// What there is to do.
    pub work: Work,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Find out who wants to be told of an event, and queue a delivery for each.
    Announce(webhooks::Happening),
    /// Deliver a message to a subscription.
    Deliver(webhooks::Delivery),
    /// Write a mail.
    Mail(mail::Mail),
    /// Take exchange rates.
    Rates,
    /// Write an export.
    Export,
    /// Seal everything under the newest key.
    Reseal,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It did what it should.
    Done(String),
    /// It did not, and will not.
    Failed(String),
    /// It is to be tried again after so many milliseconds.
    Again(u64),
}

/// The jobs that wait.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(Job, Pending)>,
    is_working: bool,
    /// Whom the last job worked for.
    last: Option<Scope>,
}

impl Queue {
    /// Forgets whom the last job worked for. What waits is dropped: its tenant's rows were put back.
    pub fn forget(&self) {
        let mut state = self.state();
        state.waiting.clear();
        state.last = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    /// A job that is tried for the first time.
    pub fn new(scope: &Scope, number: Option<i64>, work: Work) -> Self {
        Self {
            scope: scope.clone(),
            number,
            work,
            attempt: 1,
        }
    }
}

/// Queues a job. Called before the request is answered: whoever waits afterwards must see it.
pub fn enqueue(service: &Arc<Service>, job: Job) {
    let pending = service.background.begin();
    take_up(service, job, pending);
}

fn take_up(service: &Arc<Service>, job: Job, pending: Pending) {
    let mut state = service.memory.queue.state();
    state.waiting.push_back((job, pending));
    if !state.is_working {
        state.is_working = true;
        tokio::spawn(work(Arc::clone(service)));
    }
}

async fn work(service: Arc<Service>) {
    loop {
        let (mut job, pending) = {
            let mut state = service.memory.queue.state();
            let Some((job, pending)) = state.waiting.pop_front() else {
                state.is_working = false;
                return;
            };
            let before = state.last.replace(job.scope.clone());
            let is_other = before.as_ref().is_some_and(|before| *before != job.scope);
            if is_other && service.switches.near_miss(Fault::JobLosesTenant) {
                service.log("a job for somebody else than the one before");
            }
            // The planted defect: what the worker set up for the job before is still there.
            let scope = match before {
                Some(before) if service.switches.fault(Fault::JobLosesTenant) => before,
                _ => job.scope.clone(),
            };
            (Job { scope, ..job }, pending)
        };
        // In a task of its own: a job that breaks down does not take the worker with it.
        let attempt = tokio::spawn(run(Arc::clone(&service), job.clone()));
        let ended =
            attempt
                .await
                .unwrap_or(Err(Problem::new(500, "internal", "The job broke down")));
        let ended = ended.unwrap_or_else(|problem| Ended::Failed(problem.title.to_owned()));
        match ended {
            Ended::Again(ms) => {
                job.attempt += 1;
                let wait = service.environment.pause(ms);
                again(&service, job, pending, wait);
            }
            Ended::Done(outcome) => end(&service, &job, true, &outcome).await,
            Ended::Failed(outcome) => end(&service, &job, false, &outcome).await,
        }
    }
}

/// Queues a job again after a while, during which others are worked on.
fn again(service: &Arc<Service>, job: Job, pending: Pending, wait: Duration) {
    if wait.is_zero() {
        service
            .memory
            .queue
            .state()
            .waiting
            .push_back((job, pending));
        return;
    }
    let service = Arc::clone(service);
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        take_up(&service, job, pending);
    });
}

async fn run(service: Arc<Service>, job: Job) -> Result<Ended, Problem> {
    match &job.work {
        Work::Announce(happening) => webhooks::announce(&service, &job.scope, happening).await,
        Work::Deliver(delivery) => webhooks::deliver(&service, &job, delivery).await,
        Work::Mail(mail) => mail::write(&service, &job, mail),
        Work::Rates => rates::take(&service, &job),
        Work::Export => exports::write(&service, &job).await,
        Work::Reseal => keys::reseal(&service, &job.scope).await,
    }
}

/// Adds a row for a job to the tenant's jobs: its number.
pub async fn record(lease: &mut Lease, kind: &str, subject: &str) -> Result<i64, Problem> {
    let mut params = Params::new();
    let statement = match lease.design() {
        Design::DatabasePerTenant => {
            let actor = params.bind(lease.scope().actor.clone());
            let (kind, subject) = (params.bind(kind), params.bind(subject));
            format!(
                "INSERT INTO dbo.Jobs (Kind, RequestedBy, Subject) OUTPUT inserted.JobId \
                 VALUES ({kind}, {actor}, {subject});"
            )
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            let kind = params.bind(kind);
            format!("EXEC org.QueueJob @OrgId = {organisation}, @Kind = {kind};")
        }
    };
    let row = lease.row(&statement, &params).await?;
    let number = row.and_then(|row| row.integer("JobId"));
    number.ok_or_else(|| Problem::new(500, "internal", "The service failed"))
}

/// Writes into a job's row how it ended.
async fn end(service: &Arc<Service>, job: &Job, succeeded: bool, outcome: &str) {
    let Some(number) = job.number else {
        return;
    };
    let written = async {
        let mut lease = service
            .store
            .checkout(&job.scope, Duty::Application)
            .await?;
        let mut params = Params::new();
        let number = params.bind(number);
        let statement = match lease.design() {
            Design::DatabasePerTenant => {
                let status = params.bind(if succeeded { "succeeded" } else { "failed" });
                let attempts = params.bind(i64::from(job.attempt));
                let outcome = params.bind(outcome);
                format!(
                    "UPDATE dbo.Jobs SET Status = {status}, EndedAt = SYSUTCDATETIME(), \
                     Attempts = {attempts}, Outcome = {outcome} WHERE JobId = {number};"
                )
            }
            Design::SharedDatabase => {
                let organisation = params.bind(lease.scope().organisation);
                let succeeded = params.bind(succeeded);
                let outcome = params.bind(outcome);
                format!(
                    "EXEC org.EndJob @OrgId = {organisation}, @JobId = {number}, \
                     @Succeeded = {succeeded}, @Outcome = {outcome};"
                )
            }
        };
        lease.execute(&statement, &params).await
    };
    if let Err(error) = written.await {
        service.log(&format!("a job could not be ended: {error}"));
    }
}
