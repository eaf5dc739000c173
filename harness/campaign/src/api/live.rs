//! The stage of a real campaign of the API plane: callers over HTTP, and the watch over the rows of
//! every tenant where there is a database to look into.

use std::sync::Arc;
use std::time::Duration;

use domain::api::history::{Delivery, Record};
use domain::api::request::{Caller, Request};
use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Loss, Response};
use domain::inspection::Fact;
use executors::InProcess;
use executors::http::{Callers, Process, Receiver};

use super::stage::{ApiStage, Gathered};
use crate::live::Live;
use crate::play::differing;
use crate::stage::{Stage, StageError};

/// What a campaign of the API plane drives.
pub struct LiveApi {
    callers: Callers,
    receiver: Receiver,
    inside: Option<Arc<dyn InProcess>>,
    process: Option<Process>,
    rows: Option<Rows>,
    /// How long a service that cannot be asked is given for its background work.
    patience: Duration,
}

/// The rows of every tenant.
struct Rows {
    live: Live,
    clean: Fingerprints,
    present: Fingerprints,
}

impl std::fmt::Debug for LiveApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveApi")
            .field("callers", &self.callers)
            .field("sees_rows", &self.rows.is_some())
            .finish_non_exhaustive()
    }
}

impl LiveApi {
    /// Callers of a service of which nothing but its answers is known.
    pub fn new(callers: Callers, receiver: Receiver, patience: Duration) -> Self {
        Self {
            callers,
            receiver,
            inside: None,
            process: None,
            rows: None,
            patience,
        }
    }

    /// The same, for a service that runs in this process.
    #[must_use]
    pub fn inside(mut self, inside: Arc<dyn InProcess>) -> Self {
        self.inside = Some(inside);
        self
    }

    /// The same, for a service that this run has started.
    #[must_use]
    pub fn process(mut self, process: Process) -> Self {
        self.process = Some(process);
        self
    }

    /// The same, with the rows below it in sight. Their present state is the one from before the
    /// first request.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn over(mut self, mut live: Live) -> Result<Self, StageError> {
        let clean = live.fingerprints().await?;
        self.rows = Some(Rows {
            live,
            present: clean.clone(),
            clean,
        });
        Ok(self)
    }

    /// The process that this run has started, to be ended.
    pub fn into_process(self) -> Option<Process> {
        self.process
    }
}

impl ApiStage for LiveApi {
    type Below = Live;

    fn below(&mut self) -> Option<&mut Live> {
        self.rows.as_mut().map(|rows| &mut rows.live)
    }

    async fn send(&mut self, caller: &Caller, request: &Request, earlier: &[Record]) -> Record {
        self.callers.send(caller, request, earlier).await
    }

    async fn send_together(
        &mut self,
        calls: &[(&Caller, &Request)],
        earlier: &[Record],
    ) -> Vec<Record> {
        self.callers.send_together(calls, earlier).await
    }

    async fn abandon(&mut self, caller: &Caller, request: &Request, earlier: &[Record]) -> Record {
        self.callers.abandon(caller, request, earlier).await
    }

    async fn batch(&mut self, actor: &Actor, batch: &str, traits: BatchTraits) -> Response {
        match &mut self.rows {
            Some(rows) => rows.live.run(actor, batch, traits).await,
            None => Response {
                lost: Some(Loss::NotConnected),
                ..Response::default()
            },
        }
    }

    async fn transport(&mut self) -> Fact {
        self.callers.transport().await
    }

    async fn settle(&mut self) -> Result<(), StageError> {
        if let Some(inside) = &self.inside {
            inside.settle().await;
        } else if !self.patience.is_zero() {
            executors::http::pause(self.patience).await;
        }
        Ok(())
    }

    fn sees_rows(&self) -> bool {
        self.rows.is_some()
    }

    async fn changes(&mut self) -> Result<Vec<Change>, StageError> {
        let Some(rows) = &mut self.rows else {
            return Ok(Vec::new());
        };
        let now = rows.live.fingerprints().await?;
        if now == rows.present {
            return Ok(Vec::new());
        }
        let names = differing(&rows.present, &now);
        rows.present = now;
        rows.live.changes(&names).await
    }

    fn gather(&mut self) -> Gathered {
        let mut log = self
            .inside
            .as_ref()
            .map(|inside| inside.take_log())
            .unwrap_or_default();
        if let Some(process) = &self.process {
            log.extend(process.take_lines(0).into_iter().map(|line| line.text));
        }
        Gathered {
            deliveries: self.receiver.take(0),
            log,
            statements: Vec::new(),
        }
    }

    fn clean(&self) -> Option<&Fingerprints> {
        self.rows.as_ref().map(|rows| &rows.clean)
    }

    fn can_restore(&self) -> bool {
        // A service elsewhere would not know that its database was put back.
        self.inside.is_some()
            && self
                .rows
                .as_ref()
                .is_some_and(|rows| rows.live.can_restore())
    }

    async fn restore(&mut self) -> Result<(), StageError> {
        let (Some(inside), Some(rows)) = (&self.inside, &mut self.rows) else {
            return Ok(());
        };
        inside.settle().await;
        rows.live.close_sessions();
        rows.live.restore().await?;
        rows.present.clone_from(&rows.clean);
        inside.forget();
        let _: Vec<Delivery> = self.receiver.take(0);
        self.receiver.forget();
        let _: Vec<String> = inside.take_log();
        Ok(())
    }
}
