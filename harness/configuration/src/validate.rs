//! What a configuration must mean besides being well-formed. All problems are found, not only the
//! first.

use domain::control::{CONTROLS, Control, control};
use domain::world::TENANTS_MAX;

use crate::budget::parse_duration;
use crate::document::{Design, Document, Server, SharedDatabase};
use crate::positioned::{Fault, Spanned, suggestion};
use crate::{service_rules, tenancy, waivers};

/// Everything that is wrong.
pub(crate) fn faults(document: &Document) -> Vec<Fault> {
    let mut faults = Vec::new();
    if document.version.value != 1 {
        let found = document.version.value;
        faults.push(Fault::new(
            document.version.place,
            format!("version {found} of this format is not known to this release; expected 1"),
        ));
    }
    if let Some(server) = &document.server
        && server.value == Server::Container
    {
        faults.push(
            Fault::new(
                server.place,
                "the server container is not in this release; expected embedded or external",
            )
            .hint(Some(
                "start Microsoft's image yourself and use server: external".to_owned(),
            )),
        );
    }
    names(document, &mut faults);
    if document.has_database() {
        databases(document, &mut faults);
        principals(document, &mut faults);
        intent(document, &mut faults);
    }
    tenancy::faults(document, &mut faults);
    service_rules::faults(document, &mut faults);
    for id in document.controls.iter().flatten() {
        known(id, &mut faults);
    }
    waivers::faults(document, &mut faults);
    if let Some(budget) = &document.budget
        && let Err(error) = parse_duration(&budget.value)
    {
        faults.push(Fault::new(budget.place, error.to_string()));
    }
    let percent = &document.thresholds.failed_percent_max;
    if percent.value > 100 {
        faults.push(Fault::new(
            percent.place,
            "expected a percentage from 0 to 100",
        ));
    }
    faults
}

fn names(document: &Document, faults: &mut Vec<Fault>) {
    let marker = &document.marker;
    let letters = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let starts = marker.value.starts_with(|c: char| c.is_ascii_lowercase());
    if !(2..=20).contains(&marker.value.len()) || !letters(&marker.value) || !starts {
        faults.push(Fault::new(
            marker.place,
            "the marker is 2 to 20 lower-case letters and digits, beginning with a letter",
        ));
    }
    let tenants = &document.tenants;
    if tenants.value.len() < 2 {
        faults.push(Fault::new(
            tenants.place,
            "isolation takes at least two tenants",
        ));
    }
    if tenants.value.len() > TENANTS_MAX {
        faults.push(Fault::new(
            tenants.place,
            format!("at most {TENANTS_MAX} tenants are possible"),
        ));
    }
    for (position, tenant) in tenants.value.iter().enumerate() {
        if !is_name(&tenant.value) || tenant.value.len() > 40 {
            faults.push(Fault::new(
                tenant.place,
                "a tenant's name is up to 40 letters, digits and underscores, beginning with a letter",
            ));
        }
        let earlier = tenants.value.iter().take(position);
        if earlier
            .clone()
            .any(|other| other.value.eq_ignore_ascii_case(&tenant.value))
        {
            faults.push(Fault::new(
                tenant.place,
                format!(
                    "the tenant {} is named twice (names are compared without case)",
                    tenant.value
                ),
            ));
        }
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Which placeholders a template must and may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Tenant,
    Shared,
    Either,
}

fn template(what: &str, text: &Spanned<String>, scope: Scope, faults: &mut Vec<Fault>) {
    let mut fault = |message: String| faults.push(Fault::new(text.place, message));
    if !text.value.starts_with("{marker}") {
        fault(format!(
            "{what} must begin with {{marker}}, so that the run knows its own"
        ));
    }
    match scope {
        Scope::Tenant if !text.value.contains("{tenant}") => {
            fault(format!(
                "{what} must contain {{tenant}}, or all tenants would share it"
            ));
        }
        Scope::Shared if text.value.contains("{tenant}") => {
            fault(format!(
                "{what} must not contain {{tenant}}: it exists once"
            ));
        }
        _ => {}
    }
    let rest = text.value.replace("{marker}", "").replace("{tenant}", "");
    if rest.contains(['{', '}']) {
        fault(format!(
            "{what} has an unknown placeholder; known are {{marker}} and {{tenant}}"
        ));
    } else if !rest
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    {
        fault(format!(
            "{what} may have letters, digits, underscores and hyphens only"
        ));
    }
}

fn databases(document: &Document, faults: &mut Vec<Fault>) {
    let shared_design = document.design.value == Design::SharedDatabase;
    match &document.databases.tenant {
        Some(tenant) if shared_design => faults.push(
            Fault::new(
                tenant.name.place,
                "the design shared-database has no database for each tenant",
            )
            .hint(Some(
                "leave out `databases.tenant`; rows of a tenant come from `tenant_scripts` of a shared database"
                    .to_owned(),
            )),
        ),
        Some(tenant) => template(
            "the name of a tenant's database",
            &tenant.name,
            Scope::Tenant,
            faults,
        ),
        None if shared_design => {}
        None => faults.push(
            Fault::new(
                document.design.place,
                "the design database-per-tenant needs `databases.tenant`",
            )
            .hint(Some(
                "describe the tenants' database with its name and scripts, or choose design: shared-database"
                    .to_owned(),
            )),
        ),
    }
    let mut named: Vec<&SharedDatabase> = Vec::new();
    for (key, database) in &document.databases.shared {
        template(
            "the name of a shared database",
            &database.name,
            Scope::Shared,
            faults,
        );
        if !is_name(key) {
            faults.push(Fault::new(
                database.name.place,
                format!("the key {key} of a shared database is no name of letters, digits and underscores"),
            ));
        }
        let name = &database.name;
        if named
            .iter()
            .any(|other| other.name.value.eq_ignore_ascii_case(&name.value))
        {
            faults.push(Fault::new(name.place, "two databases have the same name"));
        }
        let marker = &document.marker.value;
        let expanded = name.value.replace("{marker}", marker);
        let ledger = format!("{marker}_watertight");
        let own = document.databases.tenant.as_ref().is_some_and(|tenant| {
            let database = tenant.name.value.replace("{marker}", marker);
            document.tenants.value.iter().any(|own| {
                database
                    .replace("{tenant}", &own.value)
                    .eq_ignore_ascii_case(&expanded)
            })
        });
        if own || expanded.eq_ignore_ascii_case(&ledger) {
            faults.push(Fault::new(
                name.place,
                format!(
                    "{expanded} is also the name of a tenant's database or of the run's ledger"
                ),
            ));
        }
        named.push(database);
    }
}

fn principals(document: &Document, faults: &mut Vec<Fault>) {
    let principals = &document.principals;
    if principals.value.is_empty() {
        faults.push(Fault::new(
            principals.place,
            "there must be at least one principal",
        ));
    }
    let mut logins: Vec<&str> = Vec::new();
    for (name, principal) in &principals.value {
        if !is_name(name) {
            faults.push(Fault::new(
                principal.place,
                format!("the principal {name} is no name of letters, digits and underscores"),
            ));
        }
        let login = &principal.value.login;
        // One login may act for all tenants where their rows lie in one database.
        let scope = match document.design.value {
            Design::SharedDatabase => Scope::Either,
            Design::DatabasePerTenant => Scope::Tenant,
        };
        template("a login", login, scope, faults);
        if logins
            .iter()
            .any(|other| other.eq_ignore_ascii_case(&login.value))
        {
            faults.push(Fault::new(
                login.place,
                "two principals have the same login",
            ));
        }
        logins.push(&login.value);
    }
}

fn intent(document: &Document, faults: &mut Vec<Fault>) {
    let known = || document.principals.value.keys().map(String::as_str);
    for rule in &document.intent.rules {
        for principal in &rule.principals {
            if !document.principals.value.contains_key(&principal.value) {
                let names: Vec<&str> = known().collect();
                let message = format!(
                    "unknown principal `{}`; expected one of {}",
                    principal.value,
                    names.join(", ")
                );
                let hint = suggestion(&principal.value, known());
                faults.push(Fault::new(principal.place, message).hint(hint));
            }
        }
        for text in rule.on.iter().chain(&rule.except) {
            pattern(text, faults);
        }
    }
    let lists = [
        &document.intent.append_only,
        &document.intent.system_versioned,
        &document.intent.history,
    ];
    for text in lists.into_iter().flatten() {
        pattern(text, faults);
    }
    if let Some(audit) = &document.intent.audit {
        one_table("the audit table", &audit.table, faults);
    }
    for frozen in &document.intent.frozen {
        one_table("the table of frozen rows", &frozen.table, faults);
        for child in &frozen.children {
            one_table("a table that is frozen with it", child, faults);
        }
    }
    if let Some(migrations) = &document.intent.migrations {
        let database = &migrations.database;
        if !document.databases.shared.contains_key(&database.value) {
            let known = || document.databases.shared.keys().map(String::as_str);
            let names: Vec<&str> = known().collect();
            let message = format!(
                "unknown shared database `{}`; expected one of {}",
                database.value,
                names.join(", ")
            );
            let hint = suggestion(&database.value, known());
            faults.push(Fault::new(database.place, message).hint(hint));
        }
        for table in &migrations.tables {
            one_table("a table of the register", table, faults);
        }
    }
}

/// `schema.table`, and no pattern.
pub(crate) fn one_table(what: &str, table: &Spanned<String>, faults: &mut Vec<Fault>) {
    if table.value.contains('*') {
        let message = format!("{what} is one table, as schema.table");
        faults.push(Fault::new(table.place, message));
    } else {
        pattern(table, faults);
    }
}

pub(crate) fn pattern(text: &Spanned<String>, faults: &mut Vec<Fault>) {
    if text.value == "*" {
        return;
    }
    let valid = text.value.split_once('.').is_some_and(|(schema, object)| {
        !schema.is_empty()
            && !schema.contains('*')
            && !object.is_empty()
            && !object.contains('.')
            && (object == "*" || !object.contains('*'))
    });
    if !valid {
        let hint = match text.value.as_str() {
            value if !value.contains('.') => Some(format!("did you mean `dbo.{value}`?")),
            _ => None,
        };
        let message = format!(
            "`{}` is no pattern; expected schema.object, schema.* or \"*\"",
            text.value
        );
        faults.push(Fault::new(text.place, message).hint(hint));
    }
}

/// The control of this id; it is a fault that there is none.
pub(crate) fn known(id: &Spanned<String>, faults: &mut Vec<Fault>) -> Option<&'static Control> {
    let known = control(&id.value);
    if known.is_none() {
        let hint = suggestion(&id.value, CONTROLS.iter().map(|control| control.id));
        let message = format!(
            "unknown control `{}`; `watertight list controls` shows all",
            id.value
        );
        faults.push(Fault::new(id.place, message).hint(hint));
    }
    known
}
