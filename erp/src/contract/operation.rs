//! What can be asked of the service? One operation: its route, its parameters, its answers.

use super::schema::Schema;
use crate::options::Design;
use crate::permissions::Permission;

/// One operation of the contract.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in the document.
    pub id: &'static str,
    /// `GET`, `POST`, `PATCH`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Path with `{parameters}`.
    pub path: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Its parameters, those of the path included.
    pub parameters: Vec<Parameter>,
    /// The shape of its body.
    pub body: Option<Schema>,
    /// Every answer that it gives, the common ones excluded.
    pub answers: Vec<Answers>,
    /// In which designs it exists.
    pub designs: &'static [Design],
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a token.
    Public,
    /// Whoever has a token.
    Token,
    /// Whoever has this permission.
    Permission(Permission),
    /// The operator of the installation, who belongs to no tenant.
    Operator,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Its shape.
    pub schema: Schema,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// One answer of an operation.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub about: &'static str,
    /// The shape of its body; a problem when the status is an error's.
    pub body: Option<Schema>,
    /// Its content type when the body is no JSON.
    pub content_type: Option<&'static str>,
    /// Names of headers that it carries.
    pub headers: &'static [&'static str],
}

/// Both designs.
pub const BOTH: &[Design] = &[Design::DatabasePerTenant, Design::SharedDatabase];

impl Operation {
    /// An operation in both designs, with nothing but its parameters of the path, which are numbers
    /// of rows.
    pub fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        access: Access,
    ) -> Self {
        let names = path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?;
            name.strip_suffix('}')
        });
        let parameters = names.map(|name| Parameter {
            name,
            place: Place::Path,
            schema: Schema::id(),
            required: true,
            about: "",
        });
        Self {
            id,
            method,
            path,
            summary,
            access,
            parameters: parameters.collect(),
            body: None,
            answers: Vec::new(),
            designs: BOTH,
        }
    }

    /// The shape of its body.
    #[must_use]
    pub fn body(mut self, schema: Schema) -> Self {
        self.body = Some(schema);
        self
    }

    /// Another shape of the path's parameter of this name.
    #[must_use]
    pub fn path_parameter(mut self, name: &str, schema: Schema) -> Self {
        let found = self.parameters.iter_mut().find(|p| p.name == name);
        if let Some(parameter) = found {
            parameter.schema = schema;
        }
        self
    }

    /// A parameter of the query, which may be left out.
    #[must_use]
    pub fn query(mut self, name: &'static str, schema: Schema, about: &'static str) -> Self {
        self.parameters.push(Parameter {
            name,
            place: Place::Query,
            schema,
            required: false,
            about,
        });
        self
    }

    /// A header.
    #[must_use]
    pub fn header(
        mut self,
        name: &'static str,
        schema: Schema,
        required: bool,
        about: &'static str,
    ) -> Self {
        self.parameters.push(Parameter {
            name,
            place: Place::Header,
            schema,
            required,
            about,
        });
        self
    }

    /// An answer with a body.
    #[must_use]
    pub fn gives(mut self, status: u16, about: &'static str, body: Schema) -> Self {
        self.answers.push(Answers {
            status,
            about,
            body: Some(body),
            content_type: None,
            headers: &[],
        });
        self
    }

    /// An answer without a body.
    #[must_use]
    pub fn gives_nothing(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answers {
            status,
            about,
            body: None,
            content_type: None,
            headers: &[],
        });
        self
    }

    /// Headers of the answer that was named last.
    #[must_use]
    pub fn with(mut self, headers: &'static [&'static str]) -> Self {
        if let Some(last) = self.answers.last_mut() {
            last.headers = headers;
        }
        self
    }

    /// The content type of the answer that was named last, whose body is no JSON.
    #[must_use]
    pub fn as_type(mut self, content_type: &'static str) -> Self {
        if let Some(last) = self.answers.last_mut() {
            last.content_type = Some(content_type);
        }
        self
    }

    /// An answer that is a problem.
    #[must_use]
    pub fn refuses(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push(Answers {
            status,
            about,
            body: Some(Schema::Named("Problem")),
            content_type: Some("application/problem+json"),
            headers: &[],
        });
        self
    }

    /// Exists in this design alone.
    #[must_use]
    pub fn only(mut self, design: Design) -> Self {
        self.designs = match design {
            Design::DatabasePerTenant => &[Design::DatabasePerTenant],
            Design::SharedDatabase => &[Design::SharedDatabase],
        };
        self
    }

    /// The answers that an operation gives because it is what it is: who has no token, who may
    /// not, what is malformed.
    pub fn common_answers(&self) -> Vec<(u16, &'static str)> {
        let mut common = vec![(503, "The service is too busy, or its database is away")];
        if self.access != Access::Public {
            common.push((401, "There is no valid token"));
            common.push((403, "The permission is missing, or another tenant is named"));
        }
        common.push((400, "A parameter, a header or the body is not valid"));
        if self.body.is_some() {
            common.push((413, "The body is too large"));
            common.push((415, "The body is not JSON"));
        }
        if self.parameters.iter().any(|p| p.place == Place::Path) {
            common.push((404, "There is nothing of yours here"));
        }
        common.sort_unstable();
        common
    }

    /// All statuses that the operation gives.
    pub fn statuses(&self) -> Vec<u16> {
        let own = self.answers.iter().map(|answer| answer.status);
        let common = self.common_answers();
        let mut all: Vec<u16> = own
            .chain(common.iter().map(|(status, _)| *status))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
