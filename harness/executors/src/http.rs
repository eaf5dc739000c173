//! How a service is driven: requests on behalf of its callers, and what comes back.
//!
//! Requests go out as the case wrote them: nothing is tidied, no redirect is followed, nothing is
//! sent twice but for a session that had ended. Every wait and every recorded byte is bounded, for
//! the service may be hostile. Nothing here knows what an answer means.

mod authentication;
mod callers;
mod compose;
mod decode;
mod document;
mod error;
mod handshakes;
mod origin;
mod process;
mod receiver;
pub mod reference;
mod transport;
mod wire;

pub use callers::{Callers, HttpService, Now};
pub use document::fetch_document;
pub use error::HttpError;
pub use process::{Command, Process};
pub use receiver::Receiver;
pub use wire::{BODY_RECORDED_MAX, Waits, pause};
