//! What a campaign needs of the world outside: somebody who plays a batch, somebody who watches.
//!
//! Everything else in this crate is bookkeeping, so it is tested against a stage made of maps.

use std::future::Future;

use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Response};

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

    /// Runs a batch as an actor and leaves no trace of it.
    fn run_and_undo(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> impl Future<Output = Response>;

    /// Whether [`Stage::restore`] works. Without it changes stay and are re-based.
    fn can_restore(&self) -> bool;

    /// Puts everything back as it was before the first attack.
    fn restore(&mut self) -> impl Future<Output = Result<(), StageError>>;

    /// What every table and catalog hashes to now.
    fn fingerprints(&mut self) -> impl Future<Output = Result<Fingerprints, StageError>>;

    /// How things differ from the last [`Stage::rebase`], or from before the first attack.
    fn changes(
        &mut self,
        before: &Fingerprints,
        after: &Fingerprints,
    ) -> impl Future<Output = Result<Vec<Change>, StageError>>;

    /// Takes the present state as the one that [`Stage::changes`] compares with.
    fn rebase(&mut self) -> impl Future<Output = Result<(), StageError>>;
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
