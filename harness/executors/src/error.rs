//! Why a step of the harness itself could not be done.

use connection::ConnectError;
use domain::history::Loss;

/// Why provisioning, a patch, introspection or cleanup failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutorError {
    /// The administrator could not connect.
    #[error("could not open the administrator's session in {database}")]
    NotConnected {
        /// The database asked for.
        database: String,
        /// Why.
        #[source]
        source: ConnectError,
    },
    /// The server holds databases that the run did not make.
    #[error(
        "the server holds databases that are not part of this run ({}); nothing was touched. Use an empty server, or set server.external.allow_other_databases to true",
        databases.join(", ")
    )]
    OtherDatabases {
        /// Their names.
        databases: Vec<String>,
    },
    /// Something carries the marker and is not in the ledger.
    #[error(
        "{kind} {name} begins with the marker, but no earlier run recorded that it made it; nothing was touched. Drop it by hand, or choose another marker"
    )]
    NotOurs {
        /// `database` or `login`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A script mentions a variable that does not exist.
    #[error("{file}:{line}: unknown variable $({variable}); known are {known}")]
    UnknownVariable {
        /// The script.
        file: String,
        /// Line, from 1.
        line: u32,
        /// The variable.
        variable: String,
        /// Those that exist.
        known: String,
    },
    /// The server refused a statement of a script or patch.
    #[error("{file}:{line}: error {number} in database {database}: {text}")]
    Script {
        /// The script.
        file: String,
        /// Line, from 1.
        line: u32,
        /// Error number.
        number: i32,
        /// Server's message.
        text: String,
        /// Where it ran.
        database: String,
    },
    /// The server refused a statement of the harness.
    #[error("could not {doing}: error {number}: {text}")]
    Refused {
        /// What was being done.
        doing: String,
        /// Error number.
        number: i32,
        /// Server's message.
        text: String,
    },
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
    /// A name of the configuration that names nothing in the world.
    #[error("there is no {kind} named {name}; there are {known}")]
    Unknown {
        /// `tenant` or `database`.
        kind: &'static str,
        /// As given.
        name: String,
        /// Those that exist.
        known: String,
    },
}
