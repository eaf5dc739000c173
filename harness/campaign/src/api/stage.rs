//! What an API campaign needs of the world outside: somebody who sends requests, somebody who
//! watches what they do.

use std::future::Future;

use domain::api::history::{Delivery, Record};
use domain::api::request::{Caller, Request};
use domain::case::{Actor, BatchTraits};
use domain::history::{Change, Fingerprints, Response};
use domain::inspection::Fact;

use crate::stage::{Stage, StageError};

/// Where cases of the API plane are played.
pub trait ApiStage {
    /// What stands below the service.
    type Below: Stage;

    /// The databases below the service, where they can be looked into.
    fn below(&mut self) -> Option<&mut Self::Below>;

    /// Sends a request and waits for its answer. `earlier` are the records that it refers to.
    fn send(
        &mut self,
        caller: &Caller,
        request: &Request,
        earlier: &[Record],
    ) -> impl Future<Output = Record>;

    /// Sends several requests at the same time; their records are in the same order.
    fn send_together(
        &mut self,
        calls: &[(&Caller, &Request)],
        earlier: &[Record],
    ) -> impl Future<Output = Vec<Record>>;

    /// Sends a request and drops the connection before the answer.
    fn abandon(
        &mut self,
        caller: &Caller,
        request: &Request,
        earlier: &[Record],
    ) -> impl Future<Output = Record>;

    /// Runs T-SQL as a tenant's principal; a response with `lost` set where there is no server.
    fn batch(
        &mut self,
        actor: &Actor,
        batch: &str,
        traits: BatchTraits,
    ) -> impl Future<Output = Response>;

    /// Which handshakes the service does, and what its first answer says.
    fn transport(&mut self) -> impl Future<Output = Fact>;

    /// Waits until the service has done what it was asked to, background work included.
    fn settle(&mut self) -> impl Future<Output = Result<(), StageError>>;

    /// Whether rows can be watched.
    fn sees_rows(&self) -> bool;

    /// How the rows of every tenant differ from the last look; empty where they cannot be seen.
    fn changes(&mut self) -> impl Future<Output = Result<Vec<Change>, StageError>>;

    /// What else was seen since the last time this was asked.
    fn gather(&mut self) -> Gathered;

    /// What the rows hashed to before the first request, where they can be watched.
    fn clean(&self) -> Option<&Fingerprints>;

    /// Whether [`ApiStage::restore`] works. Without it objects stay, and every case makes its own.
    fn can_restore(&self) -> bool;

    /// Puts everything back as it was before the first request.
    fn restore(&mut self) -> impl Future<Output = Result<(), StageError>>;
}

/// What was seen beside answers and rows. Numbers of steps are set by the player.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// Webhooks that arrived.
    pub deliveries: Vec<Delivery>,
    /// Lines of the service's log.
    pub log: Vec<String>,
    /// Statements that reached the server: login, database, text.
    pub statements: Vec<(String, String, String)>,
}
