//! From the file to the declared system.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use domain::cause::Waiver;
use domain::control::{CONTROLS, ControlId};
use domain::intent::{Action, AuditTable, Frozen, Intent, Migrations, Public, Rule};
use domain::system::{
    DatabaseTemplate, Databases, DepartmentTenancy, Design, Principal, Script, Secret, System,
    Tenancy, Thresholds,
};
use serde::Deserialize;

use crate::budget::parse_duration;
use crate::diagnostic::{ConfigurationError, Problem};
use crate::document::{self, Document, Written};
use crate::positioned::{Fault, Place, Spanned, parse};
use crate::service::{self, Api};
use crate::validate::faults;
use crate::waivers;

/// What a configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The system under test.
    pub system: System,
    /// The server to use.
    pub server: Server,
    /// The service to attack, if there is one.
    pub api: Option<Api>,
    /// How long a run goes on unless told otherwise.
    pub budget: Duration,
    /// Causes that somebody has decided to live with, in the order of the file. Whether they have
    /// expired is for whoever knows the day.
    pub waivers: Vec<Waiver>,
    /// A folder of case files that are played first, as it is written: relative to the configuration's.
    pub regressions: Option<PathBuf>,
}

/// The server to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// None: only a service is described.
    None,
    /// The one inside the tool.
    Embedded,
    /// One of the user's.
    External {
        /// Where the administrator's connection string is kept.
        connection: Reference,
        /// Whether to work beside databases that no run made.
        allow_other_databases: bool,
    },
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// In this environment variable.
    Environment(String),
    /// On the first line of this file.
    File(PathBuf),
}

/// Reads the configuration at `path`. `files` gives the text of a file: of `path` itself, and of
/// the scripts that it names, relative to its folder.
pub fn load(
    path: &Path,
    files: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Configuration, ConfigurationError> {
    let shown = path.display().to_string();
    let text = match files(path) {
        Ok(text) => text,
        Err(error) => {
            let place = Place { line: 1, column: 1 };
            let fault = Fault::new(place, format!("could not be read: {error}"));
            return Err(shown_faults(&shown, "", vec![fault]));
        }
    };
    read(path, &text, files).map_err(|faults| shown_faults(&shown, &text, faults))
}

/// The built-in demonstration of this name, read as a user's file is.
pub fn builtin(name: &str) -> Option<Result<Configuration, ConfigurationError>> {
    let fixture = sql_fixtures::FIXTURES
        .iter()
        .find(|fixture| fixture.name == name)?;
    let files = |path: &Path| {
        let relative = path.to_string_lossy().replace('\\', "/");
        fixture.file(&relative).map(str::to_owned).ok_or_else(|| {
            std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "no such file in the demonstration",
            )
        })
    };
    Some(load(Path::new(sql_fixtures::CONFIGURATION), &files))
}

/// Makes the system have `count` tenants: its own names come first, further ones are numbered.
pub fn with_tenant_count(mut system: System, count: usize) -> System {
    system.tenants.truncate(count);
    let mut number = system.tenants.len();
    while system.tenants.len() < count {
        number += 1;
        let name = format!("tenant{number:02}");
        if !system
            .tenants
            .iter()
            .any(|own| own.eq_ignore_ascii_case(&name))
        {
            system.tenants.push(name);
        }
    }
    system
}

pub(crate) fn shown_faults(file: &str, text: &str, faults: Vec<Fault>) -> ConfigurationError {
    let mut faults = faults;
    faults.sort_by_key(|fault| fault.place);
    let problems = faults.into_iter().map(|fault| {
        let place = fault.place.unwrap_or(Place { line: 1, column: 1 });
        Problem {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            source: text
                .lines()
                .nth(place.line - 1)
                .unwrap_or_default()
                .to_owned(),
            message: fault.message,
            hint: fault.hint,
        }
    });
    ConfigurationError {
        problems: problems.collect(),
    }
}

fn read(
    path: &Path,
    text: &str,
    files: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<Configuration, Vec<Fault>> {
    let node = parse(text).map_err(|fault| vec![fault])?;
    let written = Written::deserialize(&node).map_err(|fault| vec![fault])?;
    let document = written.complete()?;
    let mut faults = faults(&document);
    let controls = match &document.controls {
        Some(controls) => controls
            .iter()
            .map(|id| ControlId(id.value.clone()))
            .collect(),
        None => default_controls(&document),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut read = |names: &[Spanned<String>]| scripts(folder, names, files, &mut faults);
    let databases = Databases {
        shared: document
            .databases
            .shared
            .into_iter()
            .map(|(key, database)| {
                let template = DatabaseTemplate {
                    name: database.name.value,
                    scripts: read(&database.scripts),
                    tenant_scripts: read(&database.tenant_scripts),
                };
                (key, template)
            })
            .collect(),
        tenant: document.databases.tenant.map(|database| DatabaseTemplate {
            name: database.name.value,
            scripts: read(&database.scripts),
            tenant_scripts: Vec::new(),
        }),
    };
    let mut api = None;
    let mut service = None;
    if let Some(Spanned { value: written, .. }) = document.api {
        let (target, described) = service::read(written, folder, files, &mut faults);
        api = Some(target);
        service = Some(described);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let server = document.server.map(|server| server.value);
    let server = match server {
        None => Server::None,
        Some(document::Server::External(external)) => Server::External {
            connection: match external.connection {
                document::Reference::Environment(name) => Reference::Environment(name),
                document::Reference::File(file) => Reference::File(folder.join(file)),
            },
            allow_other_databases: external.allow_other_databases,
        },
        // A container was refused above.
        Some(document::Server::Embedded | document::Server::Container) => Server::Embedded,
    };
    let principals = document
        .principals
        .value
        .into_iter()
        .map(|(name, principal)| {
            let principal = principal.value;
            let password = match principal.password {
                document::Password::Generated => Secret::Generated,
                document::Password::Environment(name) => Secret::Environment(name),
                document::Password::File(file) => {
                    Secret::File(folder.join(file).to_string_lossy().into_owned())
                }
            };
            (
                name,
                Principal {
                    login: principal.login.value,
                    password,
                },
            )
        });
    let budget = document
        .budget
        .and_then(|budget| parse_duration(&budget.value).ok());
    Ok(Configuration {
        system: System {
            name: document.name,
            design: match document.design.value {
                document::Design::DatabasePerTenant => Design::DatabasePerTenant,
                document::Design::SharedDatabase => Design::SharedDatabase,
            },
            marker: document.marker.value,
            tenants: values(document.tenants.value),
            databases,
            tenancy: document.tenancy.map(|tenancy| self::tenancy(tenancy.value)),
            principals: principals.collect(),
            intent: intent(document.intent),
            controls,
            thresholds: Thresholds {
                armed_attempts_min: document.thresholds.armed_attempts_min,
                failed_percent_max: document.thresholds.failed_percent_max.value,
            },
            service,
        },
        server,
        api,
        budget: budget.unwrap_or(Duration::from_secs(60)),
        waivers: waivers::read(document.waivers),
        regressions: document
            .regressions
            .map(|folder| PathBuf::from(folder.value)),
    })
}

fn tenancy(written: document::Tenancy) -> Tenancy {
    let department = written.department.zip(written.checkout_department);
    Tenancy {
        database: written.database.value,
        column: written.column.value,
        value: written.value.value,
        checkout: written.checkout.value,
        department: department.map(|(column, checkout)| DepartmentTenancy {
            column: column.value,
            checkout: checkout.value,
        }),
        denials: values(written.denials),
        tables: values(written.tables),
        arguments: written
            .arguments
            .into_iter()
            .map(|(parameter, value)| (parameter, value.value))
            .collect(),
    }
}

pub(crate) fn values<T>(spanned: Vec<Spanned<T>>) -> Vec<T> {
    spanned.into_iter().map(|spanned| spanned.value).collect()
}

/// What this release attacks of the design's promises and of those of both designs. Where only a
/// service is described, the design is unknown, and those of both remain.
fn default_controls(document: &Document) -> Vec<ControlId> {
    if !document.has_database() {
        return SERVICE_ALONE.map(ControlId::new).to_vec();
    }
    let letter = match document.design.value {
        document::Design::DatabasePerTenant => 'D',
        document::Design::SharedDatabase => 'S',
    };
    CONTROLS
        .iter()
        .filter(|control| control.id.starts_with([letter, 'B']))
        // Foreign rows and missing ones are compared where both could be in one table.
        .filter(|control| letter == 'S' || control.id != "B03")
        .filter(|control| control.is_attacked())
        .map(|control| ControlId::new(control.id))
        .collect()
}

/// The promises that every service makes to its tenants, whatever it is.
const SERVICE_ALONE: [&str; 4] = ["B01", "B03", "B05", "B06"];

fn scripts(
    folder: &Path,
    names: &[Spanned<String>],
    files: &dyn Fn(&Path) -> std::io::Result<String>,
    faults: &mut Vec<Fault>,
) -> Vec<Script> {
    let mut scripts = Vec::new();
    for name in names {
        let path = folder.join(&name.value);
        // Without this, `./a.sql` would not be found among embedded files.
        let path: PathBuf = path
            .components()
            .filter(|part| *part != Component::CurDir)
            .collect();
        match files(&path) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
                scripts.push(Script {
                    file: path.to_string_lossy().into_owned(),
                    text,
                });
            }
            Err(error) => faults.push(Fault::new(
                name.place,
                format!("script {} could not be read: {error}", path.display()),
            )),
        }
    }
    scripts
}

fn intent(written: document::Intent) -> Intent {
    Intent {
        rules: written
            .rules
            .into_iter()
            .map(|rule| Rule {
                principals: values(rule.principals),
                actions: rule.may.into_iter().map(action).collect(),
                on: values(rule.on),
                except: values(rule.except),
            })
            .collect(),
        append_only: values(written.append_only),
        audit: written.audit.map(|audit| AuditTable {
            table: audit.table.value,
            event: audit.event,
            actor: audit.actor,
            time: audit.time,
            purge: audit.purge,
        }),
        system_versioned: values(written.system_versioned),
        public: written
            .public
            .into_iter()
            .map(|public| match public {
                document::Public::DatabaseNames => Public::DatabaseNames,
                document::Public::LoginNames => Public::LoginNames,
            })
            .collect(),
        history: values(written.history),
        frozen: written.frozen.into_iter().map(frozen).collect(),
        denials: values(written.denials),
        migrations: written.migrations.map(|migrations| Migrations {
            database: migrations.database.value,
            tables: values(migrations.tables),
            applied: migrations.applied,
            objects: migrations.objects,
        }),
    }
}

fn frozen(written: document::Frozen) -> Frozen {
    let document::FrozenIs::NotNull = written.when.is;
    Frozen {
        table: written.table.value,
        column: written.when.column,
        children: values(written.children),
    }
}

fn action(written: document::Action) -> Action {
    match written {
        document::Action::Select => Action::Select,
        document::Action::Insert => Action::Insert,
        document::Action::Update => Action::Update,
        document::Action::Delete => Action::Delete,
        document::Action::Truncate => Action::Truncate,
        document::Action::Execute => Action::Execute,
        document::Action::Alter => Action::Alter,
        document::Action::Drop => Action::Drop,
        document::Action::Create => Action::Create,
        document::Action::Grant => Action::Grant,
        document::Action::TakeOwnership => Action::TakeOwnership,
        document::Action::Impersonate => Action::Impersonate,
        document::Action::Backup => Action::Backup,
        document::Action::Connect => Action::Connect,
    }
}
