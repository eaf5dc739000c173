//! Why did a statement not do what it should?

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The server cannot be reached, or does not let the principal in.
    #[error("the database server cannot be reached")]
    Unreachable,
    /// The connection was lost while the answer was read.
    #[error("the connection to the database server was lost")]
    Lost,
    /// All connections stayed taken for too long.
    #[error("all connections are taken")]
    Busy,
    /// There is no such tenant, or it has no such principal.
    #[error("there is no such tenant")]
    NoTenant,
    /// The server refused. Its words stay here: they may quote values.
    #[error("the database refused with {number}")]
    Refused {
        /// Error number.
        number: u32,
        /// State.
        state: u8,
        /// The server's words.
        message: String,
    },
    /// A text cannot be sent. Only a planted defect lets one get this far.
    #[error("a text cannot be encoded for {statement}")]
    NotEncodable {
        /// The statement.
        statement: String,
    },
}

impl StoreError {
    /// The server's error number, if it refused.
    pub fn number(&self) -> Option<u32> {
        match self {
            Self::Refused { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// Whether a unique key was in the way.
    pub fn is_duplicate(&self) -> bool {
        matches!(self.number(), Some(2_601 | 2_627))
    }
}

impl From<tiberius::error::Error> for StoreError {
    fn from(error: tiberius::error::Error) -> Self {
        match error {
            tiberius::error::Error::Server(token) => Self::Refused {
                number: token.code(),
                state: token.state(),
                message: token.message().to_owned(),
            },
            _ => Self::Lost,
        }
    }
}
