//! A lane that is served elsewhere, on a thread of its own: what it is asked, and who serves it.

use domain::api::case::Case as ApiCase;
use domain::api::history::History as ApiHistory;
use domain::case::Case;
use domain::history::{Fingerprints, History};
use domain::inspection::Facts;
use oracles::Inspection;
use tokio::sync::{mpsc, oneshot};

use super::Plays;
use crate::api::play::Player as ApiPlayer;
use crate::api::stage::ApiStage;
use crate::clock::Clock;
use crate::inspecting::ask;
use crate::plan::Plan;
use crate::play::Player;
use crate::stage::{Stage, StageError};

type Answer<T> = oneshot::Sender<Result<T, StageError>>;

/// What is asked of a lane.
pub enum Errand<C, H> {
    /// Its target must be in this state before its first case, as far as rows can be watched.
    Begin(Option<Fingerprints>),
    /// Plays a case.
    Play(C, Answer<H>),
    /// Asks its target what an inspection asks.
    Ask(&'static Inspection, Answer<Facts>),
    /// Says where its time went.
    Tell(Answer<Tally>),
}

impl<C, H> Errand<C, H> {
    /// Says that it cannot be done.
    pub fn refuse(self, error: StageError) {
        // Whoever asked may have given up.
        match self {
            Self::Begin(_) => {}
            Self::Play(_, answer) => drop(answer.send(Err(error))),
            Self::Ask(_, answer) => drop(answer.send(Err(error))),
            Self::Tell(answer) => drop(answer.send(Err(error))),
        }
    }
}

/// What a lane can say of itself when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Microseconds spent with batches and requests.
    pub executing_us: u64,
    /// Microseconds spent with looking.
    pub observing_us: u64,
    /// Who could not be heard any more.
    pub deaths: Vec<String>,
}

/// What a lane is asked, on its side.
pub type Errands<C, H> = mpsc::UnboundedReceiver<Errand<C, H>>;

/// A lane, on the campaign's side. Its other side may be on another thread, and need not be ready yet.
#[derive(Debug)]
pub struct Beside<C, H>(mpsc::UnboundedSender<Errand<C, H>>);

/// Both sides of a lane.
pub fn beside<C, H>() -> (Beside<C, H>, Errands<C, H>) {
    let (asking, asked) = mpsc::unbounded_channel();
    (Beside(asking), asked)
}

impl<C, H> Beside<C, H> {
    pub(crate) fn begin(&self, clean: Option<Fingerprints>) {
        // If nobody serves it, that is told when the first case is played.
        let _ = self.0.send(Errand::Begin(clean));
    }

    pub(crate) async fn play(&mut self, case: C) -> Result<H, StageError> {
        self.asked(|answer| Errand::Play(case, answer)).await
    }

    pub(crate) async fn ask(
        &mut self,
        inspection: &'static Inspection,
    ) -> Result<Facts, StageError> {
        self.asked(|answer| Errand::Ask(inspection, answer)).await
    }

    pub(crate) async fn tally(&mut self) -> Result<Tally, StageError> {
        self.asked(Errand::Tell).await
    }

    async fn asked<T>(
        &mut self,
        errand: impl FnOnce(Answer<T>) -> Errand<C, H>,
    ) -> Result<T, StageError> {
        let (answer, answered) = oneshot::channel();
        let gone = || StageError {
            doing: "play side by side".into(),
            reason: "a thread ended before its time".into(),
        };
        self.0.send(errand(answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Plays T-SQL on a stage of its own until nobody asks any more.
pub async fn serve_sql<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    mut errands: Errands<Case, History>,
) {
    let mut player = match Player::new(stage, clock, plan).await {
        Ok(player) => player,
        Err(error) => return refuse_all(errands, &error).await,
    };
    while let Some(errand) = errands.recv().await {
        match errand {
            Errand::Begin(clean) if clean.as_ref() == Some(player.clean()) => {}
            Errand::Begin(_) => return refuse_all(errands, &StageError::unlike()).await,
            Errand::Play(case, answer) => drop(answer.send(player.play(&case).await)),
            Errand::Ask(inspection, answer) => {
                drop(answer.send(ask(player.stage, inspection, plan).await));
            }
            Errand::Tell(answer) => drop(answer.send(Ok(player.tally()))),
        }
    }
}

/// Sends requests on a stage of its own until nobody asks any more. `plan` is that of one who looks below the service.
pub async fn serve_api<S: ApiStage>(
    plan: &Plan<'_>,
    stage: &mut S,
    clock: &dyn Clock,
    mut errands: Errands<ApiCase, ApiHistory>,
) {
    let mut player = ApiPlayer::new(stage, clock);
    while let Some(errand) = errands.recv().await {
        match errand {
            Errand::Begin(clean) if clean.as_ref() == player.stage.clean() => {}
            Errand::Begin(_) => return refuse_all(errands, &StageError::unlike()).await,
            Errand::Play(case, answer) => drop(answer.send(player.play(&case).await)),
            Errand::Ask(inspection, answer) => {
                let told = match player.stage.below() {
                    Some(stage) => ask(stage, inspection, plan).await,
                    None => Ok(Facts::default()),
                };
                drop(answer.send(told));
            }
            Errand::Tell(answer) => drop(answer.send(Ok(player.tally(plan.world)))),
        }
    }
}

/// Says to everybody who asks why nothing can be done.
pub async fn refuse_all<C, H>(mut errands: Errands<C, H>, error: &StageError) {
    while let Some(errand) = errands.recv().await {
        errand.refuse(error.clone());
    }
}
