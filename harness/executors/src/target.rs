//! What is driven: a server, its administrator, and how it is put back.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connection::{ConnectError, Connection, Endpoint, Login, Waits};
use domain::history::Touched;

/// A server to drive.
#[derive(Clone)]
pub struct Target {
    /// For reports: `embedded`, or the server's address.
    pub name: String,
    /// Where it is.
    pub endpoint: Endpoint,
    /// A login with all rights.
    pub administrator: Login,
    /// How long to wait for it.
    pub waits: Waits,
    /// How the whole server is put back; `None` when it cannot be.
    pub reset: Option<Arc<dyn Reset>>,
}

/// A server that can be put back as a whole, sessions excepted.
pub trait Reset: Send + Sync {
    /// Remembers the present state.
    fn save(&self) -> Mark;
    /// Puts a state back. Sessions stay connected; their open transactions end.
    fn restore(&self, mark: &Mark);
    /// Forgets which statements ran, so that what is then asked for is what ran since.
    fn forget_statements(&self) {}
    /// What may differ from a remembered state: databases by name, and `""` when logins or
    /// other server-wide state may; `None` when that is not known. May name too many, never too
    /// few: what is not named need not be looked at.
    fn touched_since(&self, mark: &Mark) -> Option<BTreeMap<String, Touched>> {
        let _ = mark;
        None
    }
}

/// A remembered state; only the [`Reset`] that made it knows what is inside.
pub struct Mark(Box<dyn Any + Send + Sync>);

impl Mark {
    /// Wraps a state.
    pub fn new(state: impl Any + Send + Sync) -> Self {
        Self(Box::new(state))
    }

    /// The state, if it is of this type.
    pub fn state<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark")
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .field("administrator", &self.administrator)
            .field("reset", &self.reset.is_some())
            .finish_non_exhaustive()
    }
}

impl Target {
    /// A connection of the administrator.
    pub async fn administrate(&self, database: Option<&str>) -> Result<Connection, ConnectError> {
        Connection::open(&self.endpoint, &self.administrator, database, self.waits).await
    }
}
