//! Which logins does the server have? Read from the file that `watertight serve --write-logins` writes.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::options::{Design, Login, Secrets, SqlServer, TenantSecrets};

/// What is wrong with such a file. The message never quotes it: it holds passwords.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file of logins cannot be read at line {line}, column {column}")]
pub struct LoginsError {
    line: usize,
    column: usize,
}

#[derive(Deserialize)]
struct File {
    host: String,
    port: u16,
    logins: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    login: String,
    password: String,
    database: String,
    principal: String,
    tenant: Option<String>,
    /// What stands in `OrgId`, where the database is shared.
    number: Option<i32>,
}

/// The server and the secrets of a file. `organisations` are tenants of a shared database beside those
/// whose numbers the file tells.
pub fn read_logins(
    text: &str,
    design: Design,
    organisations: &BTreeMap<String, i32>,
) -> Result<(SqlServer, Secrets), LoginsError> {
    let file: File = serde_json::from_str(text).map_err(|error| LoginsError {
        line: error.line(),
        column: error.column(),
    })?;
    let mut secrets = Secrets::default();
    let mut common = String::new();
    let mut organisations = organisations.clone();
    for entry in file.logins {
        let login = Login {
            name: entry.login,
            password: entry.password,
        };
        match entry.tenant {
            // In a shared database each principal is listed with every tenant.
            Some(tenant) if design == Design::DatabasePerTenant => {
                let tenant = secrets.tenants.entry(tenant).or_default();
                tenant.database = entry.database;
                tenant.principals.insert(entry.principal, login);
            }
            None if entry.principal == "administrator" => secrets.provisioner = Some(login),
            tenant => {
                if let (Some(tenant), Some(number)) = (tenant, entry.number) {
                    organisations.entry(tenant).or_insert(number);
                }
                common = entry.database;
                secrets.shared.insert(entry.principal, login);
            }
        }
    }
    for (name, organisation) in organisations {
        let tenant = TenantSecrets {
            database: common.clone(),
            organisation: Some(organisation),
            principals: BTreeMap::new(),
        };
        secrets.tenants.insert(name, tenant);
    }
    let server = SqlServer {
        host: file.host,
        port: file.port,
    };
    Ok((server, secrets))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::read_logins;
    use crate::options::Design::{DatabasePerTenant, SharedDatabase};

    #[test]
    fn principals_belong_to_their_tenant_or_to_all() {
        let text = r#"{"host":"h","port":1,"tls":false,"logins":[
            {"login":"sa","password":"s","database":"master","principal":"administrator"},
            {"login":"a","password":"p","database":"wt_acme","principal":"app_rw","tenant":"acme"}]}"#;
        let nobody = BTreeMap::new();
        let (server, secrets) =
            read_logins(text, DatabasePerTenant, &nobody).expect("a file of logins");
        assert_eq!((server.host.as_str(), server.port), ("h", 1));
        assert_eq!(secrets.tenants["acme"].database, "wt_acme");
        assert_eq!(secrets.tenants["acme"].principals["app_rw"].name, "a");
        assert!(secrets.provisioner.is_some() && secrets.shared.is_empty());

        let text = r#"{"host":"h","port":1,"tls":false,"logins":[
            {"login":"w","password":"q","database":"wt_erp","principal":"service","tenant":"acme","number":6}]}"#;
        let organisations = BTreeMap::from([("globex".to_owned(), 7)]);
        let (_, secrets) =
            read_logins(text, SharedDatabase, &organisations).expect("a file of logins");
        assert_eq!(secrets.tenants["globex"].organisation, Some(7));
        assert_eq!(secrets.tenants["acme"].organisation, Some(6));
        assert_eq!(secrets.tenants["globex"].database, "wt_erp");
        assert!(secrets.shared.contains_key("service"));
        let error =
            read_logins("{\"host\": secret", SharedDatabase, &organisations).expect_err("no JSON");
        assert!(!error.to_string().contains("secret"));
    }
}
