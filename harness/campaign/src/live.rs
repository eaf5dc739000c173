//! The stage of a real campaign: sessions over TDS and the watch over tables and catalogs.

use std::error::Error;
use std::sync::Arc;

use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Response};
use domain::inspection::{Fact, Topic};
use executors::{Mark, Sessions};
use observers::{Contents, Watch};

use crate::stage::{Stage, StageError};

/// Sessions and a watch, and the state from before the first attack.
#[derive(Debug)]
pub struct Live {
    sessions: Sessions,
    watch: Watch,
    pristine: Option<Arc<Mark>>,
    contents_before: Contents,
    fingerprints_before: Fingerprints,
    /// The last fingerprints, and the state in which they were taken.
    taken: Option<(Arc<Mark>, Fingerprints)>,
    /// What was last seen where it was looked at since the last restore.
    contents_seen: Contents,
}

impl Live {
    /// Takes the present state of the target as the one from before the first attack.
    ///
    /// # Errors
    /// When the target cannot be reached or read.
    pub async fn new(mut sessions: Sessions, watch: Watch) -> Result<Self, StageError> {
        let administrator = sessions
            .administrator()
            .await
            .map_err(|error| failed("reach the target", &error))?;
        let contents_before = watch
            .read_all(administrator)
            .await
            .map_err(|error| failed("read what there is before the first attack", &error))?;
        let fingerprints_before = watch
            .take(administrator)
            .await
            .map_err(|error| failed("take the first fingerprints", &error))?;
        // What other campaigns have said to the server is none of this one's doing.
        sessions.forget_statements();
        let pristine = sessions.save().map(Arc::new);
        let taken = pristine
            .clone()
            .map(|mark| (mark, fingerprints_before.clone()));
        Ok(Self {
            sessions,
            watch,
            pristine,
            contents_before,
            fingerprints_before,
            taken,
            contents_seen: Contents::default(),
        })
    }

    /// Leaves the target as it was before the first attack, where it can be put back.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn leave_clean(mut self) -> Result<(), StageError> {
        self.close_sessions();
        self.restore().await
    }

    /// The sessions, for what comes after the campaign.
    pub fn into_sessions(self) -> Sessions {
        self.sessions
    }
}

impl Stage for Live {
    async fn run(&mut self, actor: &Actor, batch: &str, traits: BatchTraits) -> Response {
        self.sessions.run(actor, batch, traits).await
    }

    async fn run_and_undo(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> Option<Response> {
        self.sessions.run_and_undo(actor, batch, traits).await.ok()
    }

    fn can_restore(&self) -> bool {
        self.pristine.is_some()
    }

    async fn restore(&mut self) -> Result<(), StageError> {
        if let Some(mark) = &self.pristine {
            // Batches that change their session say so, and the session was closed after them.
            self.sessions.restore_keeping_sessions(mark);
            self.taken = Some((Arc::clone(mark), self.fingerprints_before.clone()));
        }
        self.contents_seen = Contents::default();
        Ok(())
    }

    async fn fingerprints(&mut self) -> Result<Fingerprints, StageError> {
        let doing = "take fingerprints";
        // A server in this process knows what nobody touched, and that need not be asked for.
        let known = self.taken.as_ref().and_then(|(mark, fingerprints)| {
            Some((self.sessions.touched_since(mark)?, fingerprints))
        });
        if let Some((touched, fingerprints)) = &known
            && touched.is_empty()
        {
            return Ok((*fingerprints).clone());
        }
        let known = known.map(|(touched, fingerprints)| (touched, fingerprints.clone()));
        let mark = self.sessions.save();
        let administrator = self
            .sessions
            .administrator()
            .await
            .map_err(|error| failed(doing, &error))?;
        let fingerprints = match known {
            Some((touched, last)) => self.watch.take_again(administrator, &last, &touched).await,
            None => self.watch.take(administrator).await,
        }
        .map_err(|error| failed(doing, &error))?;
        self.taken = mark.map(|mark| (Arc::new(mark), fingerprints.clone()));
        Ok(fingerprints)
    }

    fn close_sessions(&mut self) {
        self.sessions.close_principals();
    }

    async fn facts(&mut self, topic: Topic, databases: &[String]) -> Result<Vec<Fact>, StageError> {
        let doing = format!("ask about {}", topic.name());
        let administrator = self
            .sessions
            .administrator()
            .await
            .map_err(|error| failed(&doing, &error))?;
        observers::facts(administrator, topic, databases)
            .await
            .map_err(|error| failed(&doing, &error))
    }

    async fn facts_in_words(
        &mut self,
        topic: Topic,
        statements: &[String],
        databases: &[String],
    ) -> Result<Vec<Fact>, StageError> {
        let doing = format!("ask about {}", topic.name());
        let administrator = self
            .sessions
            .administrator()
            .await
            .map_err(|error| failed(&doing, &error))?;
        observers::facts_in_words(administrator, topic, statements, databases)
            .await
            .map_err(|error| failed(&doing, &error))
    }

    async fn changes(&mut self, names: &[String]) -> Result<Vec<Change>, StageError> {
        let doing = "read what changed";
        let administrator = self
            .sessions
            .administrator()
            .await
            .map_err(|error| failed(doing, &error))?;
        let now = self
            .watch
            .read(administrator, names)
            .await
            .map_err(|error| failed(doing, &error))?;
        let changes = self.contents_before.changes_past(&self.contents_seen, &now);
        self.contents_seen.update(now);
        Ok(changes)
    }
}

/// The error with everything that caused it, in one line.
fn failed(doing: &str, error: &dyn Error) -> StageError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    StageError {
        doing: doing.into(),
        reason,
    }
}
