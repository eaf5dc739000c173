//! Why nothing could be observed.

use domain::history::Loss;

/// Why nothing could be observed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// The connection ended or no answer came in time.
    #[error("could not {doing}: {}", match loss {
        Loss::TimedOut => "no answer came in time",
        Loss::ConnectionLost => "the connection was lost",
        Loss::NotConnected => "the session could not be opened",
    })]
    Lost {
        /// What was being done.
        doing: String,
        /// How.
        loss: Loss,
    },
    /// The server refused the question.
    #[error("could not {doing}: error {number}: {text}")]
    Refused {
        /// What was being done.
        doing: String,
        /// Error number.
        number: i32,
        /// Server's message.
        text: String,
    },
}
