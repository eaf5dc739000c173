//! Which T-SQL makes a tenant, and which removes it?

use sql_fixtures::DATABASE_PER_TENANT;

use super::Plan;
use crate::environment::moment;
use crate::options::Login;
use crate::permissions::{PERMISSIONS, ROLES};
use crate::service::Service;
use crate::store::{Connection, StoreError};

/// Runs a batch as who may create databases.
pub(super) async fn run(service: &Service, database: &str, batch: &str) -> Result<(), StoreError> {
    open(service, database).await?.batch(batch).await.map(drop)
}

pub(super) async fn open(service: &Service, database: &str) -> Result<Connection, StoreError> {
    let provisioning = &service.provisioning;
    let login = provisioning.login.as_ref().ok_or(StoreError::NoTenant)?;
    Connection::open(&provisioning.server, login, database).await
}

/// Runs the migrations that every tenant has; rows of the demonstration are none.
pub(super) async fn migrate(service: &Service, plan: &Plan) -> Result<(), StoreError> {
    let mut connection = open(service, &plan.database).await?;
    let migrations = DATABASE_PER_TENANT.files.iter().filter(|file| {
        let is_of_rows = file.path.ends_with("rows.sql") || file.path.ends_with("users.sql");
        file.path.starts_with("tenant/") && !is_of_rows
    });
    for file in migrations {
        let text = plan.filled(service, file.text);
        for batch in batches(&text) {
            connection.batch(&batch).await?;
        }
    }
    Ok(())
}

/// The batches of a script: `GO` on a line of its own ends one.
fn batches(text: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in text.lines() {
        if line.trim().eq_ignore_ascii_case("go") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

/// What a new tenant begins with.
pub(super) fn seeds(service: &Service, plan: &Plan) -> String {
    let number = plan.number;
    let year = &moment(service.environment.now_ms())[..4];
    let mut batch = format!(
        "SET XACT_ABORT ON; BEGIN TRANSACTION;
         INSERT INTO dbo.Accounts (AccountId, Code, Name, Kind) VALUES
             ({}, '1000', N'Bank', 'asset'), ({}, '1100', N'Receivables', 'asset'),
             ({}, '1200', N'Payables', 'liability'), ({}, '1300', N'Capital', 'equity'),
             ({}, '1400', N'Sales', 'income'), ({}, '1500', N'Purchases', 'expense');
         INSERT INTO dbo.Periods (PeriodId, Name, StartsOn, EndsOn)
         VALUES ({}, N'{year}', '{year}-01-01', '{year}-12-31');\n",
        number + 1,
        number + 2,
        number + 3,
        number + 4,
        number + 5,
        number + 6,
        number + 1,
    );
    for (at, (_, name)) in (1_i64..).zip(PERMISSIONS) {
        let id = number + at;
        batch.push_str(&format!(
            "INSERT INTO dbo.Permissions (PermissionId, Name) VALUES ({id}, '{name}');\n"
        ));
    }
    for (at, (role, name, _)) in (1_i64..).zip(ROLES) {
        let id = number + at;
        batch.push_str(&format!(
            "INSERT INTO dbo.Roles (RoleId, Name) VALUES ({id}, N'{name}');\n"
        ));
        for (at, (permission, _)) in (1_i64..).zip(PERMISSIONS) {
            if role.allows(*permission) {
                let permission = number + at;
                batch.push_str(&format!(
                    "INSERT INTO dbo.RolePermissions (RoleId, PermissionId, GrantedOn, GrantedBy) \
                     VALUES ({id}, {permission}, SYSUTCDATETIME(), N'provisioning');\n"
                ));
            }
        }
    }
    batch.push_str("COMMIT;");
    batch
}

pub(super) fn administrator(plan: &Plan) -> String {
    let id = plan.number + 1;
    let email = text(&plan.administrator);
    let hash = &plan.password_hash;
    format!(
        "SET XACT_ABORT ON; BEGIN TRANSACTION;
         INSERT INTO dbo.Users (UserId, UserName, Email, PasswordHash) VALUES ({id}, {email}, {email}, {hash});
         INSERT INTO dbo.UserRoles (UserId, RoleId, GrantedOn, GrantedBy)
         SELECT {id}, RoleId, SYSUTCDATETIME(), N'provisioning' FROM dbo.Roles WHERE Name = N'administrator';
         INSERT INTO dbo.AuditEvents (Actor, EventName, Entity, EntityId)
         VALUES (N'provisioning', 'TenantProvisioned', 'Tenant', N'{id}');
         COMMIT;"
    )
}

pub(super) async fn drop_database(service: &Service, database: &str) -> Result<(), StoreError> {
    let (name, quoted) = (text(database), quoted(database));
    let batch = format!(
        "IF DB_ID({name}) IS NOT NULL
         BEGIN
             ALTER DATABASE {quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;
             DROP DATABASE {quoted};
         END;"
    );
    run(service, "master", &batch).await
}

pub(super) async fn drop_logins(
    service: &Service,
    logins: impl Iterator<Item = &Login>,
) -> Result<(), StoreError> {
    let mut connection = open(service, "master").await?;
    for login in logins {
        let (name, quoted) = (text(&login.name), quoted(&login.name));
        let batch = format!(
            "IF EXISTS (SELECT 1 FROM sys.server_principals WHERE name = {name}) DROP LOGIN {quoted};"
        );
        connection.batch(&batch).await?;
    }
    Ok(())
}

pub(super) async fn mark_as_gone(service: &Service, database: &str) -> Result<(), StoreError> {
    let Some(registry) = &service.provisioning.registry else {
        return Ok(());
    };
    let batch = format!(
        "UPDATE dbo.Tenants SET IsActive = 0 WHERE DatabaseName = {};",
        text(database)
    );
    run(service, registry, &batch).await
}

pub(super) fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

fn text(value: &str) -> String {
    format!("N'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{batches, quoted, text};

    #[test]
    fn a_script_is_cut_where_go_stands_alone() {
        assert_eq!(batches("a\nGO\n\n go \nb -- GO\n"), ["a\n", "b -- GO\n"]);
    }

    #[test]
    fn names_and_texts_end_where_they_should() {
        assert_eq!(quoted("a]b"), "[a]]b]");
        assert_eq!(text("a'b"), "N'a''b'");
    }
}
