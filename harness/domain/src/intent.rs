//! Declared intent: who may do what. The only source of right and wrong; permissions stored in
//! the server are never asked.

use serde::{Deserialize, Serialize};

/// What a principal may do inside his own tenant. What is not listed is forbidden.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Intent {
    /// The rules; any match allows.
    pub rules: Vec<Rule>,
    /// Tables whose rows may be added, and removed only by who is allowed DELETE, but never
    /// changed; as `schema.table`.
    pub append_only: Vec<String>,
    /// The audit table, if there is one.
    pub audit: Option<AuditTable>,
    /// Tables of which every change must leave a history row; as `schema.table`.
    #[serde(default)]
    pub system_versioned: Vec<String>,
    /// What the server itself tells every login of others, as far as that is accepted.
    #[serde(default)]
    pub public: Vec<Public>,
    /// Tables that hold earlier versions of rows, which nobody writes; as `schema.table`.
    #[serde(default)]
    pub history: Vec<String>,
    /// Rows that nobody may change or remove once a column is set.
    #[serde(default)]
    pub frozen: Vec<Frozen>,
    /// Numbers of the errors by which the database's own guards refuse.
    #[serde(default)]
    pub denials: Vec<i32>,
    /// How migrations are registered, if they are.
    #[serde(default)]
    pub migrations: Option<Migrations>,
}

/// Something of a tenant that a server can show to every login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Public {
    /// Names of databases: `public` holds VIEW ANY DATABASE from the start.
    DatabaseNames,
    /// Names of logins: `SUSER_NAME` answers for every id.
    LoginNames,
}

impl Public {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::DatabaseNames => "names of databases",
            Self::LoginNames => "names of logins",
        }
    }
}

/// Rows that nobody may change or remove any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// `schema.table`.
    pub table: String,
    /// A row is frozen once this column is not NULL.
    pub column: String,
    /// Tables whose rows refer to it, and are frozen with the row that they refer to.
    pub children: Vec<String>,
}

/// How migrations are registered: what a shared database says of each tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrations {
    /// Key of the shared database that keeps the register.
    pub database: String,
    /// The register's tables, which only grow; as `schema.table`.
    pub tables: Vec<String>,
    /// A query: tenant's database, number, name, checksum of the script, whether it succeeded.
    pub applied: String,
    /// A query: tenant's database, kind, name and definition of what migrations made and did not
    /// remove.
    pub objects: String,
}

/// What claims and findings call the rows of a table that are frozen.
const FROZEN_ROWS: &str = "frozen rows of ";

/// The audit table and the meaning of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTable {
    /// `schema.table`.
    pub table: String,
    /// Column of the event's name.
    pub event: String,
    /// Column of the acting user.
    pub actor: String,
    /// Column of the time.
    pub time: String,
    /// Name of the event that whoever removes audit rows must leave behind, if there is one.
    #[serde(default)]
    pub purge: Option<String>,
}

/// One rule: principals may do actions on securables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Who.
    pub principals: Vec<String>,
    /// What.
    pub actions: Vec<Action>,
    /// On which objects: `schema.object`, `schema.*`, or `*`.
    pub on: Vec<String>,
    /// Except these; same patterns.
    pub except: Vec<String>,
}

/// What can be done to a securable, in SQL Server's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read rows.
    Select,
    /// Add rows.
    Insert,
    /// Change rows.
    Update,
    /// Remove rows.
    Delete,
    /// Empty a table.
    Truncate,
    /// Run a procedure or function.
    Execute,
    /// Change a definition: columns, triggers, indexes, constraints.
    Alter,
    /// Remove an object.
    Drop,
    /// Create an object.
    Create,
    /// GRANT, DENY or REVOKE, or change role membership.
    Grant,
    /// Become the owner.
    TakeOwnership,
    /// EXECUTE AS another principal.
    Impersonate,
    /// Enter a database.
    Connect,
    /// Copy a whole database away: BACKUP DATABASE or BACKUP LOG.
    Backup,
}

impl Action {
    /// Every action, in the order of the matrix.
    pub const ALL: [Self; 14] = [
        Self::Select,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Truncate,
        Self::Execute,
        Self::Alter,
        Self::Drop,
        Self::Create,
        Self::Grant,
        Self::TakeOwnership,
        Self::Impersonate,
        Self::Connect,
        Self::Backup,
    ];

    /// Its name, as in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Execute => "execute",
            Self::Alter => "alter",
            Self::Drop => "drop",
            Self::Create => "create",
            Self::Grant => "grant",
            Self::TakeOwnership => "take_ownership",
            Self::Impersonate => "impersonate",
            Self::Connect => "connect",
            Self::Backup => "backup",
        }
    }
}

impl Intent {
    /// Whether `principal` may do `action` on the object `schema.object` of his own tenant.
    pub fn allows(&self, principal: &str, action: Action, object: &str) -> bool {
        if self.is_frozen_rows(object) {
            return false;
        }
        self.rules.iter().any(|rule| {
            rule.principals.iter().any(|name| name == principal)
                && rule.actions.contains(&action)
                && rule.on.iter().any(|pattern| matches(pattern, object))
                && !rule.except.iter().any(|pattern| matches(pattern, object))
        })
    }

    /// The principals that may, in the rules' order, each once.
    pub fn rightful(&self, action: Action, object: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for rule in &self.rules {
            for name in &rule.principals {
                if !names.contains(&name.as_str()) && self.allows(name, action, object) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Whether rows of `schema.object` may only be added.
    pub fn is_append_only(&self, object: &str) -> bool {
        self.append_only
            .iter()
            .any(|pattern| matches(pattern, object))
    }

    /// Whether every change of `schema.object` must leave a history row.
    pub fn is_system_versioned(&self, object: &str) -> bool {
        self.system_versioned
            .iter()
            .any(|pattern| matches(pattern, object))
    }

    /// Whether `schema.object` holds earlier versions of rows.
    pub fn is_history(&self, object: &str) -> bool {
        self.history.iter().any(|pattern| matches(pattern, object))
    }

    /// What freezes rows of `schema.object`: their own column, or that of the rows they refer to.
    pub fn freezing(&self, object: &str) -> Option<&Frozen> {
        self.frozen.iter().find(|frozen| {
            matches(&frozen.table, object)
                || frozen.children.iter().any(|child| matches(child, object))
        })
    }

    /// What claims call the frozen rows of `schema.object`. Nobody may do anything to them, so no
    /// rule's pattern covers this name.
    pub fn frozen_rows(object: &str) -> String {
        format!("{FROZEN_ROWS}{object}")
    }

    /// The table that a claim's object is about, when it is about some of its rows only.
    pub fn object_of_rows(object: &str) -> &str {
        object.strip_prefix(FROZEN_ROWS).unwrap_or(object)
    }

    /// Whether this is the name of frozen rows.
    pub fn is_frozen_rows(&self, object: &str) -> bool {
        object
            .strip_prefix(FROZEN_ROWS)
            .is_some_and(|table| self.freezing(table).is_some())
    }

    /// Whether `schema.object` is a table of the register of migrations.
    pub fn is_register(&self, object: &str) -> bool {
        self.migrations
            .as_ref()
            .is_some_and(|migrations| migrations.tables.iter().any(|table| matches(table, object)))
    }

    /// Whether `schema.object` is the audit table.
    pub fn is_audit(&self, object: &str) -> bool {
        self.audit
            .as_ref()
            .is_some_and(|audit| matches(&audit.table, object))
    }
}

/// Names compare as the server's default collation does: without case.
pub(crate) fn matches(pattern: &str, object: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if let Some(schema) = pattern.strip_suffix(".*") {
        return object
            .split_once('.')
            .is_some_and(|(own, _)| own.to_lowercase() == schema.to_lowercase());
    }
    pattern.to_lowercase() == object.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Action, Frozen, Intent, Rule};

    #[test]
    fn what_no_rule_allows_is_forbidden() {
        let intent = Intent {
            rules: vec![Rule {
                principals: vec!["app_rw".into()],
                actions: vec![Action::Select, Action::Update],
                on: vec!["dbo.*".into()],
                except: vec!["dbo.AuditEvents".into()],
            }],
            append_only: vec!["dbo.AuditEvents".into()],
            ..Intent::default()
        };
        for (principal, action, object, allowed) in [
            ("app_rw", Action::Select, "dbo.Invoices", true),
            ("app_rw", Action::Select, "DBO.invoices", true),
            ("app_rw", Action::Delete, "dbo.Invoices", false),
            ("app_rw", Action::Update, "dbo.AuditEvents", false),
            ("app_rw", Action::Select, "sys.objects", false),
            ("audit_admin", Action::Select, "dbo.Invoices", false),
        ] {
            assert_eq!(
                intent.allows(principal, action, object),
                allowed,
                "{principal} {action:?} {object}"
            );
        }
        assert_eq!(intent.rightful(Action::Update, "dbo.Invoices"), ["app_rw"]);
        assert!(intent.is_append_only("dbo.auditevents"));
    }

    #[test]
    fn frozen_rows_have_a_name_that_no_rule_covers() {
        let intent = Intent {
            rules: vec![Rule {
                principals: vec!["app_rw".into()],
                actions: vec![Action::Update],
                on: vec!["*".into()],
                except: Vec::new(),
            }],
            frozen: vec![Frozen {
                table: "dbo.Invoices".into(),
                column: "PostedOn".into(),
                children: vec!["dbo.InvoiceLines".into()],
            }],
            ..Intent::default()
        };
        for (table, frozen) in [
            ("dbo.Invoices", true),
            ("dbo.invoicelines", true),
            ("dbo.Customers", false),
        ] {
            let rows = Intent::frozen_rows(table);
            assert_eq!(intent.is_frozen_rows(&rows), frozen, "{table}");
            assert_eq!(intent.allows("app_rw", Action::Update, &rows), !frozen);
            assert!(intent.allows("app_rw", Action::Update, table));
        }
    }
}
