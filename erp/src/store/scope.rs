//! On whose behalf, and as which principal, is a statement run?

use crate::options::Design;

/// The process that signs users in, and so acts for each tenant before anybody is known.
pub const SIGN_IN: &str = "sign-in";

/// On whose behalf.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The tenant's name.
    pub tenant: String,
    /// What stands in `OrgId`, where the database is shared.
    pub organisation: Option<i32>,
    /// The department, for whom it narrows.
    pub department: Option<i32>,
    /// Who acts: a user's login name, or a process.
    pub actor: String,
}

/// As which principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// The application's normal work.
    Application,
    /// The investigation console.
    Investigation,
    /// Retention of the audit log, in a tenant's own database.
    Retention,
}

impl Scope {
    /// The same for the whole organisation.
    #[must_use]
    pub fn without_department(&self) -> Self {
        Self {
            department: None,
            ..self.clone()
        }
    }
}

impl Duty {
    /// The principal's name in a design.
    pub fn principal(self, design: Design) -> &'static str {
        match (design, self) {
            (Design::DatabasePerTenant, Self::Application) => "app_rw",
            (Design::DatabasePerTenant, Self::Investigation) => "readonly_investigator",
            (Design::DatabasePerTenant, Self::Retention) => "audit_admin",
            (Design::SharedDatabase, Self::Investigation) => "investigation",
            (Design::SharedDatabase, Self::Application | Self::Retention) => "service",
        }
    }
}
