//! Why the harness could not do its part of the conversation with a service.

/// Why a service could not be driven. What a service answers is never an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The base URL or a document's URL is none.
    #[error("{url:?} is no URL of a service: {reason}")]
    Url {
        /// As given.
        url: String,
        /// Why.
        reason: String,
    },
    /// A secret could not be read.
    #[error("could not read a secret of actor {actor}: {reason}")]
    Secret {
        /// Whose.
        actor: String,
        /// Why.
        reason: String,
    },
    /// The authorities that certificates are checked against could not be read.
    #[error("could not read the certificate authorities: {reason}")]
    Authorities {
        /// Why.
        reason: String,
    },
    /// A document could not be fetched.
    #[error("could not fetch {url}: {reason}")]
    Fetch {
        /// From where.
        url: String,
        /// Why.
        reason: String,
    },
    /// No port for webhooks.
    #[error("could not listen for webhooks: {reason}")]
    Receiver {
        /// Why.
        reason: String,
    },
    /// The service's command could not be started.
    #[error("could not start the service by {command:?}: {reason}")]
    Start {
        /// The command.
        command: String,
        /// Why.
        reason: String,
    },
    /// The service's command ended, or did not answer in time.
    #[error("the service started by {command:?} {what}{}", last_lines(lines))]
    NotUp {
        /// The command.
        command: String,
        /// What it did.
        what: String,
        /// The last lines that it wrote.
        lines: Vec<String>,
    },
}

fn last_lines(lines: &[String]) -> String {
    if lines.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    format!("; its last lines were:\n{}", lines.join("\n"))
}
