//! How is a refusal worded? As problem details, without any value of anybody's.

use serde_json::{Value, json};

use super::answer::{Answer, Body};
use crate::contract::Violation;
use crate::store::StoreError;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its status.
    pub status: u16,
    /// Which kind it is: the last part of its type.
    pub kind: &'static str,
    /// What it is, in a few words; the same for every problem of its kind.
    pub title: &'static str,
    /// What is wrong here.
    pub detail: String,
    /// What is wrong, field by field.
    pub errors: Vec<Violation>,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Problem {
    /// A refusal.
    pub fn new(status: u16, kind: &'static str, title: &'static str) -> Self {
        Self {
            status,
            kind,
            title,
            detail: String::new(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// What is wrong here.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// There is nothing of the caller's: the same for what is another's and for what never was.
    pub fn not_found() -> Self {
        Self::new(404, "not-found", "There is nothing of yours here")
    }

    /// Fields or parameters are not valid.
    pub fn invalid(errors: Vec<Violation>) -> Self {
        let mut problem = Self::new(400, "invalid-request", "The request is not valid");
        problem.errors = errors;
        problem
    }

    /// One field is not valid.
    pub fn field(field: impl Into<String>, code: &'static str, message: &str) -> Self {
        Self::invalid(vec![Violation {
            field: field.into(),
            code,
            message: message.to_owned(),
        }])
    }

    /// A field refers to a row that the caller does not have: the same for what is another's and
    /// for what never was.
    pub fn reference(field: impl Into<String>) -> Self {
        Self::field(field, "reference", "refers to nothing of yours")
    }

    /// What is there does not allow it.
    pub fn conflict(detail: &str) -> Self {
        Self::new(409, "conflict", "The present state does not allow this").detail(detail)
    }

    /// The row is no longer what the caller saw.
    pub fn stale() -> Self {
        Self::new(412, "stale", "The row was changed in the meantime")
    }

    /// The caller's role does not allow it.
    pub fn forbidden() -> Self {
        Self::new(403, "forbidden", "Your role does not allow this")
    }

    /// Another tenant than the token's is named.
    pub fn wrong_tenant() -> Self {
        Self::new(403, "wrong-tenant", "The tenant is not that of the token")
    }

    /// There is no valid token.
    pub fn unauthenticated() -> Self {
        Self::new(401, "unauthenticated", "A valid token is needed")
            .header("WWW-Authenticate", "Bearer")
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let mut body = json!({
            "type": format!("/problems/{}", problem.kind),
            "title": problem.title,
            "status": problem.status,
        });
        if !problem.detail.is_empty() {
            body["detail"] = json!(problem.detail);
        }
        if !problem.errors.is_empty() {
            let errors = problem.errors.iter().map(
                |error| json!({"field": error.field, "code": error.code, "message": error.message}),
            );
            body["errors"] = errors.collect::<Vec<Value>>().into();
        }
        Self {
            status: problem.status,
            headers: problem.headers,
            body: Body::Bytes("application/problem+json", body.to_string().into_bytes()),
        }
    }
}

/// What the database's refusals mean to the caller. Its words are never passed on.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let number = match error {
            StoreError::Unreachable | StoreError::Lost | StoreError::Busy => {
                return Self::new(503, "unavailable", "The service cannot answer now");
            }
            StoreError::NoTenant => return Self::unauthenticated(),
            StoreError::NotEncodable { statement } => {
                return Self::new(500, "internal", "The service failed").detail(statement);
            }
            StoreError::Refused { number, .. } => number,
        };
        match number {
            2_601 | 2_627 => Self::conflict("Another row has the same number or name"),
            547 => Self::conflict("Other rows refer to this one, or a rule of the data forbids it"),
            // Overflow and conversion: a value that its field would take, but not the sum of them.
            220 | 232 | 241 | 242 | 245 | 248 | 8_114 | 8_115 | 8_152 | 2_628 => {
                Self::new(400, "invalid-request", "The request is not valid")
                    .detail("A value is out of the range that can be kept")
            }
            1_205 | 1_222 | 3_960 => Self::conflict("Somebody else works on the same rows"),
            50_404 => Self::not_found(),
            50_403 => Self::wrong_tenant(),
            50_412 => Self::stale(),
            50_409 | 50_901 | 50_902 | 50_903 => {
                Self::conflict("The state of the row does not allow this")
            }
            50_407 | 50_422 => Self::new(400, "invalid-request", "The request is not valid"),
            _ => Self::new(500, "internal", "The service failed"),
        }
    }
}
