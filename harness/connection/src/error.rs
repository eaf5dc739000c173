//! Why a connection could not be opened, split by what a caller would do about it.

use std::time::Duration;

use domain::history::ServerMessage;

/// Why a connection could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers at the address.
    #[error("no server answers at {address}: {reason}")]
    NotReachable {
        /// Host and port.
        address: String,
        /// What the operating system said.
        reason: String,
    },
    /// The server did not finish the handshake or the login in time.
    #[error("the server at {address} did not answer within {} ms", waited.as_millis())]
    TimedOut {
        /// Host and port.
        address: String,
        /// The bounded wait.
        waited: Duration,
    },
    /// The server refused the login or the database.
    #[error(
        "login {login} refused by the server (error {}, state {}): {}",
        message.number, message.state, message.text
    )]
    Refused {
        /// Login name.
        login: String,
        /// The server's message: 18456, 4060, 4064, 18470 …
        message: ServerMessage,
    },
    /// The server refused to make the session one of its tenant.
    #[error("checkout refused by the server (error {}): {}", message.number, message.text)]
    NotCheckedOut {
        /// The server's message.
        message: ServerMessage,
    },
    /// The two sides do not understand each other: TLS, protocol, an unknown certificate.
    #[error("could not agree with the server at {address}: {reason}")]
    Handshake {
        /// Host and port.
        address: String,
        /// What the driver said.
        reason: String,
    },
}
