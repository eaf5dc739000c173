//! Where are cases played? On a live target: sessions carry out, the watch observes, and a
//! snapshot puts everything back where the target has snapshots.

use campaign::stage::{Stage, StageError};
use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Loss, Response};
use executors::{Mark, Sessions};
use observers::{Contents, Watch, changed};

/// A target with its tenants provisioned.
pub(crate) struct LiveStage {
    sessions: Sessions,
    watch: Watch,
    /// The state before the first attack.
    mark: Option<Mark>,
    /// What was there before the first attack, or at the last re-base.
    contents: Contents,
}

impl LiveStage {
    /// Takes the present state as the one from before the first attack.
    pub(crate) async fn new(mut sessions: Sessions, watch: Watch) -> Result<Self, StageError> {
        let mark = sessions.save();
        let contents = {
            let administrator =
                sessions.administrator().await.map_err(|error| failed("connect", &error))?;
            let reading = watch.read_all(administrator).await;
            reading.map_err(|error| failed("read every table", &error))?
        };
        Ok(Self { sessions, watch, mark, contents })
    }
}

/// An error with its causes, as the reason of a stage's failure.
fn failed(doing: &str, error: &dyn std::error::Error) -> StageError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason.push_str(": ");
        reason.push_str(&cause.to_string());
        source = cause.source();
    }
    StageError { doing: doing.to_owned(), reason }
}

impl Stage for LiveStage {
    async fn run(&mut self, actor: &Actor, batch: &str, traits: BatchTraits) -> Response {
        self.sessions.run(actor, batch, traits).await
    }

    async fn run_and_undo(&mut self, actor: &Actor, batch: &str, traits: BatchTraits) -> Response {
        match self.sessions.run_and_undo(actor, batch, traits).await {
            Ok(response) => response,
            // Nothing was run, so nothing is known: the attempt stays unarmed.
            Err(executors::CannotUndo) => {
                Response { lost: Some(Loss::NotConnected), ..Response::default() }
            }
        }
    }

    fn can_restore(&self) -> bool {
        self.mark.is_some()
    }

    async fn restore(&mut self) -> Result<(), StageError> {
        match &self.mark {
            Some(mark) => {
                self.sessions.restore_keeping_sessions(mark);
                Ok(())
            }
            None => Err(StageError {
                doing: "put the target back".to_owned(),
                reason: "it has no snapshots".to_owned(),
            }),
        }
    }

    async fn fingerprints(&mut self) -> Result<Fingerprints, StageError> {
        let administrator =
            self.sessions.administrator().await.map_err(|error| failed("connect", &error))?;
        let taken = self.watch.take(administrator).await;
        taken.map_err(|error| failed("take fingerprints", &error))
    }

    async fn changes(
        &mut self,
        before: &Fingerprints,
        after: &Fingerprints,
    ) -> Result<Vec<Change>, StageError> {
        let names = changed(before, after);
        let administrator =
            self.sessions.administrator().await.map_err(|error| failed("connect", &error))?;
        let now = self.watch.read(administrator, &names).await;
        let now = now.map_err(|error| failed("read what changed", &error))?;
        Ok(self.contents.changes_to(&now))
    }

    async fn rebase(&mut self) -> Result<(), StageError> {
        let administrator =
            self.sessions.administrator().await.map_err(|error| failed("connect", &error))?;
        let now = self.watch.read_all(administrator).await;
        self.contents.update(now.map_err(|error| failed("read every table", &error))?);
        Ok(())
    }
}
