//! The whole of what a document promises.

use std::collections::BTreeMap;
use std::fmt;

use crate::operation::Operation;
use crate::schema::Schemas;
use crate::security::SecurityScheme;

/// What a document promises, as far as it is usable.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// The service's name; empty when the document has none.
    pub title: String,
    /// The service's version; empty when the document has none.
    pub version: String,
    /// Which rules the document follows.
    pub dialect: Dialect,
    /// Where the service is; the first is meant when nothing else is said. At least one.
    pub servers: Vec<Server>,
    /// What can be called, in the document's order.
    pub operations: Vec<Operation>,
    /// Every schema that an operation or a component uses.
    pub schemas: Schemas,
    /// Ways to authenticate, by name.
    pub security_schemes: BTreeMap<String, SecurityScheme>,
    /// Places where the document is broken or says what is not supported.
    pub warnings: Vec<Warning>,
}

/// A version of the OpenAPI specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// 3.0.x: `nullable`, boolean `exclusiveMaximum`.
    V30,
    /// 3.1.x and later: JSON Schema 2020-12.
    V31,
}

/// Where the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The URL with variables replaced by their defaults, without a slash at its end. Absolute,
    /// unless the document's own address was not known.
    pub url: String,
    /// What the document says about it.
    pub description: Option<String>,
}

/// A place where the document is broken or says what is not supported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// The place's line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what was done about it.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() {
            "the document"
        } else {
            &self.pointer
        };
        match self.line {
            Some(line) => write!(f, "line {line}, {place}: {}", self.text),
            None => write!(f, "{place}: {}", self.text),
        }
    }
}

impl Contract {
    /// The operation with this key, such as `GET /invoices/{invoiceId}`.
    pub fn operation(&self, key: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .find(|operation| operation.key == key)
    }

    /// Whether the document says of any operation that it needs credentials. Some documents forget
    /// security altogether; in one that does not, an operation without any needs none.
    pub fn tells_security(&self) -> bool {
        self.operations.iter().any(|operation| {
            let mut requirements = operation.security.iter().flatten();
            requirements.any(|requirement| !requirement.schemes.is_empty())
        })
    }
}
