//! The T-SQL of the reference designs, as named files, and the catalogue of planted faults. No
//! logic.
//!
//! Each design is an ordinary configuration with ordinary sqlcmd scripts beside it, as a user
//! would write them; a real SQL Server 2019 or later runs them unchanged.

mod faults;

pub use faults::{Apply, Fault, Layer, Source, faults};

/// A file of a fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Path relative to the design's folder, with `/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// One design: its `watertight.yaml` and everything that it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixture {
    /// Its name.
    pub name: &'static str,
    /// Its files, the configuration first.
    pub files: &'static [File],
    /// Further migrations of every tenant's database, each registered: what is deployed after the first day.
    pub deployment: Option<&'static str>,
}

macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(File { path: $path, text: include_str!(concat!("../", $folder, "/", $path)) }),*]
    };
}

/// Name of the configuration in every fixture.
pub const CONFIGURATION: &str = "watertight.yaml";

/// A registry and a database for each tenant, with three principals in each.
pub const DATABASE_PER_TENANT: Fixture = Fixture {
    name: "database-per-tenant",
    files: files!("database-per-tenant":
        "watertight.yaml",
        "registry/01-schema.sql",
        "tenant/00-deployment.sql",
        "tenant/01-ledger.sql",
        "tenant/02-sales.sql",
        "tenant/03-people.sql",
        "tenant/04-modules.sql",
        "tenant/05-guards.sql",
        "tenant/06-principals.sql",
        "tenant/07-rows.sql",
        "tenant/08-integration.sql",
        "tenant/09-integration-rows.sql",
        "tenant/10-application.sql",
        "tenant/11-users.sql",
    ),
    deployment: Some(include_str!("../deployments/database-per-tenant.sql")),
};

/// One database for all organisations, each row owned by one of them.
pub const SHARED_DATABASE: Fixture = Fixture {
    name: "shared-database",
    files: files!("shared-database":
        "watertight.yaml",
        "database/01-organisations.sql",
        "database/02-sales.sql",
        "database/03-stock.sql",
        "database/04-integration.sql",
        "database/05-boundary.sql",
        "database/06-views.sql",
        "database/07-customers.sql",
        "database/08-invoices.sql",
        "database/09-products.sql",
        "database/10-stock.sql",
        "database/11-callbacks.sql",
        "database/12-changes.sql",
        "database/13-principals.sql",
        "database/14-history.sql",
        "database/15-past.sql",
        "database/16-migrations.sql",
        "database/17-privacy.sql",
        "database/18-application.sql",
        "tenant/01-rows.sql",
        "tenant/02-past.sql",
        "tenant/03-privacy-rows.sql",
        "tenant/04-users.sql",
    ),
    deployment: None,
};

/// All designs.
pub const FIXTURES: &[Fixture] = &[DATABASE_PER_TENANT, SHARED_DATABASE];

impl Fixture {
    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&'static str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{CONFIGURATION, FIXTURES};

    #[test]
    fn every_fixture_begins_with_its_configuration() {
        for fixture in FIXTURES {
            assert_eq!(fixture.files[0].path, CONFIGURATION);
            assert!(
                fixture
                    .files
                    .iter()
                    .all(|file| !file.text.trim().is_empty())
            );
        }
    }
}
