//! What does a handler get? One call: who, what, with which words.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use super::answer::Answer;
use super::problem::Problem;
use crate::contract::Operation;
use crate::options::Design;
use crate::permissions::{Permission, Role};
use crate::service::Service;
use crate::store::{Duty, Lease, Scope, StoreError, Unfinished};

/// One call, checked against the contract.
pub struct Call {
    /// The service.
    pub service: Arc<Service>,
    /// Parameters of the path, the query and the headers by name, as they are in the contract.
    pub parameters: Vec<(&'static str, String)>,
    /// The body; `null` when the operation takes none.
    pub body: Value,
    /// Who calls; nobody where no token is needed.
    caller: Option<Caller>,
    /// Transactions that the handler did not end.
    unfinished: Unfinished,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// On whose behalf.
    pub scope: Scope,
    /// The number of his row among the users.
    pub user: i32,
    /// His roles.
    pub roles: Vec<Role>,
}

/// What answers a call.
pub type Handler = fn(Arc<Call>) -> Answering;

/// An answer to come.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// An operation and what answers it.
#[derive(Clone)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// What answers it.
    pub handler: Handler,
}

/// Turns `async fn name(Arc<Call>) -> Result<Answer, Problem>` into a [`Handler`].
#[macro_export]
macro_rules! handler {
    ($function:path) => {
        |call| Box::pin($function(call))
    };
}

impl Caller {
    /// Whether one of his roles allows it.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.allows(permission))
    }
}

impl Call {
    /// A call.
    pub fn new(
        service: Arc<Service>,
        parameters: Vec<(&'static str, String)>,
        body: Value,
        caller: Option<Caller>,
    ) -> Self {
        Self {
            service,
            parameters,
            body,
            caller,
            unfinished: Unfinished::default(),
        }
    }

    /// Transactions that the handler did not end, because it refused.
    pub fn unfinished(&self) -> &Unfinished {
        &self.unfinished
    }

    /// Who calls.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(Problem::unauthenticated)
    }

    /// On whose behalf.
    pub fn scope(&self) -> Result<&Scope, Problem> {
        Ok(&self.caller()?.scope)
    }

    /// Refuses whoever acts for a department: what is meant belongs to the whole organisation.
    pub fn for_the_whole(&self) -> Result<(), Problem> {
        match self.scope()?.department {
            Some(_) => Err(Problem::forbidden()),
            None => Ok(()),
        }
    }

    /// A connection for the caller's normal work.
    pub async fn lease(&self) -> Result<Lease, Problem> {
        self.lease_for(self.scope()?).await
    }

    /// A connection for normal work on behalf of `scope`.
    pub async fn lease_for(&self, scope: &Scope) -> Result<Lease, Problem> {
        self.service.memory.serves(scope);
        let lease = self.service.store.checkout(scope, Duty::Application);
        Ok(lease.await?.left_to(&self.unfinished))
    }

    /// The design.
    pub fn design(&self) -> Design {
        self.service.design
    }

    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter of the path that is a row's number.
    pub fn id(&self, name: &str) -> Result<i64, Problem> {
        let number = self.parameter(name).and_then(|text| text.parse().ok());
        number.ok_or_else(Problem::not_found)
    }

    /// A field of the body.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }

    /// A text of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }

    /// A whole number of the body.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.field(name).and_then(crate::contract::validate::whole)
    }

    /// The version that the change was made from, from `If-Match` or from the body's `rowVersion`:
    /// without one nobody knows what would be overwritten.
    pub fn row_version(&self) -> Result<String, Problem> {
        let header = self.parameter("If-Match").map(|tag| {
            let tag = tag.trim();
            tag.strip_prefix('"')
                .and_then(|tag| tag.strip_suffix('"'))
                .unwrap_or(tag)
        });
        let version = header.or_else(|| self.text("rowVersion"));
        version.map(str::to_owned).ok_or_else(|| {
            Problem::new(
                428,
                "version-required",
                "If-Match or a rowVersion is needed",
            )
        })
    }
}

/// What an error of the store means where a unique key may be in the way of a field.
pub fn duplicate_of(field: &'static str) -> impl Fn(StoreError) -> Problem {
    move |error| {
        let is_duplicate =
            error.is_duplicate() || matches!(error, StoreError::Refused { number: 50_409, .. });
        if is_duplicate {
            let mut problem = Problem::conflict("Another row of yours has the same value");
            problem.errors = Problem::field(field, "duplicate", "is in use").errors;
            return problem;
        }
        error.into()
    }
}
