//! What the placeholders of a case stand for in one world.

use std::collections::BTreeMap;

use domain::case::{Actor, Scope};
use domain::intent::AuditTable;
use domain::own;
use domain::surface::{Column, Database, Surface, Table};
use domain::system::System;
use domain::world::{NUMBER_BAND, Tenant, TenantIndex, World};

use crate::role::{Role, Side};
use crate::template::fill;

/// A cast in a world, and what the placeholders stand for with it.
pub(crate) struct Names<'a> {
    pub(crate) system: &'a System,
    pub(crate) world: &'a World,
    pub(crate) surface: &'a Surface,
    /// Who is who; the attacker first.
    pub(crate) roles: Vec<(Role, TenantIndex)>,
    /// What does not need to be worked out.
    values: BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(
        (system, world, surface): (&'a System, &'a World, &'a Surface),
        roles: Vec<(Role, TenantIndex)>,
    ) -> Self {
        let mut names = Self {
            system,
            world,
            surface,
            roles,
            values: BTreeMap::new(),
        };
        names.values = names.values();
        names
    }

    /// The tenant with a role.
    pub(crate) fn tenant(&self, role: Role) -> Option<TenantIndex> {
        let mut roles = self.roles.iter();
        roles.find(|(own, _)| *own == role).map(|(_, index)| *index)
    }

    /// The role of a tenant.
    pub(crate) fn role(&self, tenant: TenantIndex) -> Option<Role> {
        let mut roles = self.roles.iter();
        roles
            .find(|(_, index)| *index == tenant)
            .map(|(role, _)| *role)
    }

    /// A text with every placeholder filled in.
    pub(crate) fn fill(&self, text: &str) -> Result<String, String> {
        fill(text, &|name| self.value(name), &|role| {
            let tenant = self.tenant(Role::parse(role)?)?;
            Some(self.world.tenant(tenant).name.clone())
        })
    }

    /// What a placeholder stands for.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let name = name.strip_suffix(" as text").unwrap_or(name);
        let (role, rest) = name.split_once('.')?;
        let tenant = self.tenant(Role::parse(role)?)?;
        match rest.strip_prefix("number") {
            Some(offset) => numbered(self.world.tenant(tenant), offset),
            None => self.belonging(tenant, rest),
        }
    }

    /// The database of a side, and whose it is.
    pub(crate) fn database(&self, side: Side) -> Result<(String, Option<TenantIndex>), String> {
        match side {
            Side::Server => Ok(("master".into(), None)),
            Side::Shared => {
                let shared = self.world.shared_databases.first();
                shared
                    .map(|(_, name)| (name.clone(), None))
                    .ok_or_else(|| "there is no shared database".into())
            }
            Side::Tenant(role) => {
                let tenant = self
                    .tenant(role)
                    .ok_or_else(|| format!("there is no {role}"))?;
                Ok((self.world.tenant(tenant).database.clone(), Some(tenant)))
            }
        }
    }

    fn values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let mut put = |name: &str, value: String| {
            values.insert(name.to_owned(), value);
        };
        put("braces", "{{".to_owned());
        for (role, tenant) in &self.roles {
            let tenant = self.world.tenant(*tenant);
            put(&format!("{role}.tenant"), tenant.name.clone());
            put(&format!("{role}.mark"), tenant.mark.text.clone());
            put(&format!("{role}.year"), format!("{:04}", tenant.mark.year));
            put(&format!("{role}.guid"), guid_prefix(tenant));
            put(&format!("{role}.database"), bracketed(&tenant.database));
            let name = quoted(&tenant.database);
            put(&format!("{role}.database.name"), name);
            for (name, principal) in &self.system.principals {
                let login = self.system.expand(&principal.login, Some(&tenant.name));
                put(&format!("{role}.login.{name}"), quoted(&login));
            }
        }
        if let Some((_, database)) = self.world.shared_databases.first() {
            put("shared.database", bracketed(database));
            put("shared.database.name", quoted(database));
        }
        for (key, database) in &self.world.shared_databases {
            put(&format!("shared.{key}.database"), bracketed(database));
            put(&format!("shared.{key}.database.name"), quoted(database));
        }
        let intent = &self.system.intent;
        if let Some(audit) = &intent.audit {
            put("audit.table", two_part(&audit.table));
            put("audit.object", audit.table.clone());
            put("audit.actor", bracketed(&audit.actor));
            put("audit.time", bracketed(&audit.time));
            if let Some((schema, name)) = audit.table.split_once('.') {
                put("audit.schema", bracketed(schema));
                put("audit.name", quoted(name));
            }
            if let Some(table) = self.home().and_then(|home| home.tables.get(&audit.table)) {
                trail(audit, table, &mut put);
            }
        }
        let business = self.home().and_then(|database| {
            database.tables.values().find_map(|table| {
                let object = table.object();
                let kept = intent.is_append_only(&object) || intent.is_history(&object);
                let business = !kept && !table.rows.is_empty();
                Some((table, writable(table).filter(|_| business)?))
            })
        });
        if let Some((table, column)) = business {
            put("business.table", two_part(&table.object()));
            put("business.object", table.object());
            put("business.column", bracketed(column));
            if let [key] = table.primary_key.as_slice() {
                put("business.key", bracketed(key));
            }
            if let Some(text) = plain_text(table) {
                put("business.text", bracketed(text));
            }
        }
        let view = self.home().and_then(|home| {
            let mut modules = home.modules.values();
            modules.find(|module| module.kind == "V")
        });
        if let Some(view) = view {
            let object = format!("{}.{}", view.schema, view.name);
            put("view.table", two_part(&object));
            put("view.object", object);
        }
        let versioned = self.home().and_then(|home| {
            let mut tables = intent.system_versioned.iter();
            tables.find_map(|name| home.tables.get(name))
        });
        if let Some(table) = versioned {
            put("versioned.table", two_part(&table.object()));
            put("versioned.object", table.object());
            if let Some(column) = writable(table) {
                put("versioned.column", bracketed(column));
            }
        }
        values
    }

    fn home(&self) -> Option<&'a Database> {
        let attacker = self.tenant(Role::Attacker)?;
        self.surface
            .databases
            .iter()
            .find(|database| database.tenant == Some(attacker))
    }

    /// What belongs to a tenant: `organisation`, `department`, `row 0 of dbo.Customers column
    /// CustomerId`, each after `other.` of the tenant's second department.
    fn belonging(&self, tenant: TenantIndex, rest: &str) -> Option<String> {
        let (department, reference) = match rest.strip_prefix("other.") {
            Some(rest) => (1, rest),
            None => (0, rest),
        };
        let Some(tenancy) = self.system.tenancy.as_ref() else {
            return (department == 0).then(|| self.own_row(tenant, reference))?;
        };
        if department > 0 {
            self.world.tenant(tenant).departments.get(department)?;
        }
        let speaker = Actor::Scoped {
            tenant,
            principal: String::new(),
            scope: Scope::Department(department),
        };
        own::resolve(
            reference,
            &speaker,
            None,
            (tenancy, self.world, self.surface),
        )
    }

    /// A row of the tenant's own database.
    fn own_row(&self, tenant: TenantIndex, reference: &str) -> Option<String> {
        let (position, rest) = reference.strip_prefix("row ")?.split_once(" of ")?;
        let (object, column) = rest.split_once(" column ")?;
        let mut databases = self.surface.databases.iter();
        let database = databases.find(|database| database.tenant == Some(tenant))?;
        let table = database.tables.get(object)?;
        let position: usize = position.parse().ok()?;
        let row = table.rows.iter().rev().nth(position)?;
        Some(row.get(table.position(column)?)?.literal())
    }
}

/// `+7` or `+7.25` after the first number of a tenant's band.
fn numbered(tenant: &Tenant, offset: &str) -> Option<String> {
    if offset.is_empty() {
        return Some(tenant.mark.number.to_string());
    }
    let offset = offset.strip_prefix('+')?;
    let (whole, fraction) = match offset.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (offset, None),
    };
    let whole: i64 = whole.parse().ok()?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_sound = (0..NUMBER_BAND).contains(&whole) && fraction.is_none_or(is_digits);
    let number = is_sound.then(|| tenant.mark.number + whole)?;
    Some(match fraction {
        Some(fraction) => format!("{number}.{fraction}"),
        None => number.to_string(),
    })
}

/// The first eight digits of the tenant's GUIDs.
fn guid_prefix(tenant: &Tenant) -> String {
    let bytes = tenant.mark.guid.iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The audit table's own: its key, a column of plain text, and what a row of it needs.
fn trail(audit: &AuditTable, table: &Table, put: &mut impl FnMut(&str, String)) {
    if let [key] = table.primary_key.as_slice() {
        put("audit.key", bracketed(key));
    }
    if let Some(text) = plain_text(table) {
        put("audit.text", bracketed(text));
    }
    let told = [&audit.actor, &audit.time];
    let needed: Vec<&Column> = table
        .columns
        .iter()
        .filter(|column| {
            let is_told = told
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&column.name));
            let fills_itself = column.nullable || column.has_default;
            !is_told && !column.identity && !column.generated && !fills_itself
        })
        .collect();
    let mut columns = vec![bracketed(&audit.actor), bracketed(&audit.time)];
    let mut values = vec!["N'wt_boss'".to_owned(), "'2001-02-03'".to_owned()];
    for column in needed {
        columns.push(bracketed(&column.name));
        values.push(if is_text(column) { "'wt_forged'" } else { "1" }.to_owned());
    }
    put("audit.columns", columns.join(", "));
    put("audit.values", values.join(", "));
}

/// A column that no key, reference or rule of its own binds.
fn writable(table: &Table) -> Option<&str> {
    table
        .columns
        .iter()
        .find(|column| !column.identity && !column.generated && !is_bound(table, &column.name))
        .map(|column| column.name.as_str())
}

/// A column of text that is not bound and has no default.
fn plain_text(table: &Table) -> Option<&str> {
    table
        .columns
        .iter()
        .find(|column| {
            let is_free =
                !column.generated && !column.has_default && !is_bound(table, &column.name);
            is_free && is_text(column)
        })
        .map(|column| column.name.as_str())
}

fn is_bound(table: &Table, name: &String) -> bool {
    table.primary_key.contains(name)
        || table.unique.iter().any(|set| set.contains(name))
        || table
            .foreign_keys
            .iter()
            .any(|key| key.columns.contains(name))
}

fn is_text(column: &Column) -> bool {
    column.data_type.ends_with("char")
}

pub(crate) fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// As it stands between single quotes.
fn quoted(name: &str) -> String {
    name.replace('\'', "''")
}

fn two_part(object: &str) -> String {
    match object.split_once('.') {
        Some((schema, name)) => format!("{}.{}", bracketed(schema), bracketed(name)),
        None => bracketed(object),
    }
}
