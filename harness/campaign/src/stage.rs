//! What a campaign needs of the world outside: somebody who plays a batch, somebody who watches.
//!
//! Everything else in this crate is bookkeeping, so it is tested against a stage made of maps.

use std::future::Future;

use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Response};
use domain::inspection::{Fact, Topic};

/// Where cases are played.
pub trait Stage {
    /// Runs a batch as an actor. A lost connection is a [`Response`] with `lost` set; the session
    /// is opened anew for the next batch.
    fn run(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> impl Future<Output = Response>;

    /// Runs a batch as an actor and leaves no trace of it; `None` when that cannot be done, and
    /// then nothing was run.
    fn run_and_undo(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> impl Future<Output = Option<Response>>;

    /// Whether [`Stage::restore`] works. Without it changes stay, and what comes after is
    /// compared with them.
    fn can_restore(&self) -> bool;

    /// Puts everything back as it was before the first attack.
    fn restore(&mut self) -> impl Future<Output = Result<(), StageError>>;

    /// What every table and catalog hashes to now.
    fn fingerprints(&mut self) -> impl Future<Output = Result<Fingerprints, StageError>>;

    /// Closes the sessions of everybody but observers, so that a database can be had alone.
    fn close_sessions(&mut self) {}

    /// What each of these databases answers to a topic's questions. A database that does not
    /// answer says so in its fact; only a lost target is an error.
    fn facts(
        &mut self,
        topic: Topic,
        databases: &[String],
    ) -> impl Future<Output = Result<Vec<Fact>, StageError>>;

    /// The same in other words than the topic's own, each of which answers with one result set.
    fn facts_in_words(
        &mut self,
        topic: Topic,
        statements: &[String],
        databases: &[String],
    ) -> impl Future<Output = Result<Vec<Fact>, StageError>>;

    /// How what goes by these names in fingerprints differs from when it was last looked at here,
    /// or from before the first attack.
    fn changes(
        &mut self,
        names: &[String],
    ) -> impl Future<Output = Result<Vec<Change>, StageError>>;
}

/// The stage could not do its work. Says nothing about isolation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not {doing}: {reason}")]
pub struct StageError {
    /// What was being done, as it follows "could not".
    pub doing: String,
    /// Why it failed.
    pub reason: String,
}

impl StageError {
    /// Targets on which cases were to be played side by side differ from the beginning.
    pub(crate) fn unlike() -> Self {
        Self {
            doing: "attack side by side".into(),
            reason:
                "the servers were not alike before the first attack; with `--jobs 1` there is one"
                    .into(),
        }
    }
}
