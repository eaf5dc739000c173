//! What do the `sp_` and `xp_` procedures do?
//!
//! The few that applications and attackers need are here; those that exist on the server and not
//! here are refused by name; any other name is looked up like a procedure of the user's.

mod application_locks;
mod application_role;
mod arguments;
mod backup_devices;
mod configuration;
mod help_text;
mod session_context;
mod trigger_order;

pub(crate) use application_locks::look_at_application_lock;
use arguments::bind;
use tsql::{Alter, Name, RoleChange, StatementKind};
use values::{SqlError, Value};

use crate::batch::Interpreter;
use crate::dynamic::unicode_text;
use crate::failure::Failure;
use crate::procedures::{Actual, Call, Returned};

/// A system procedure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemProcedure {
    /// Its name in lower case.
    name: &'static str,
    /// Its parameters in order; those in brackets may be left out.
    parameters: &'static [&'static str],
    /// How many of them must be given.
    required: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    ExecuteSql,
    AddRoleMember,
    DropRoleMember,
    AddServerRoleMember,
    DropServerRoleMember,
    Rename,
    SetTriggerOrder,
    SetSessionContext,
    SetApplicationRole,
    UnsetApplicationRole,
    Configure,
    HelpText,
    AddDumpDevice,
    GetApplicationLock,
    ReleaseApplicationLock,
    /// Switched off on this server as on a fresh SQL Server: 15281, or 229 without the right.
    SwitchedOff(&'static str),
    /// Needs a permission that only administrators have, and is not supported for them.
    Administrators,
    Unsupported,
}

const PROCEDURES: &[SystemProcedure] = &[
    row("sp_executesql", &[], 0, Kind::ExecuteSql),
    row(
        "sp_addrolemember",
        &["@rolename", "@membername"],
        2,
        Kind::AddRoleMember,
    ),
    row(
        "sp_droprolemember",
        &["@rolename", "@membername"],
        2,
        Kind::DropRoleMember,
    ),
    row(
        "sp_addsrvrolemember",
        &["@loginame", "@rolename"],
        2,
        Kind::AddServerRoleMember,
    ),
    row(
        "sp_dropsrvrolemember",
        &["@loginame", "@rolename"],
        2,
        Kind::DropServerRoleMember,
    ),
    row(
        "sp_rename",
        &["@objname", "@newname", "@objtype"],
        2,
        Kind::Rename,
    ),
    row(
        "sp_settriggerorder",
        &["@triggername", "@order", "@stmttype", "@namespace"],
        3,
        Kind::SetTriggerOrder,
    ),
    row(
        "sp_set_session_context",
        &["@key", "@value", "@read_only"],
        2,
        Kind::SetSessionContext,
    ),
    row(
        "sp_setapprole",
        &[
            "@rolename",
            "@password",
            "@encrypt",
            "@fcreatecookie",
            "@cookie",
        ],
        2,
        Kind::SetApplicationRole,
    ),
    row(
        "sp_unsetapprole",
        &["@cookie"],
        1,
        Kind::UnsetApplicationRole,
    ),
    row(
        "sp_configure",
        &["@configname", "@configvalue"],
        0,
        Kind::Configure,
    ),
    row(
        "sp_helptext",
        &["@objname", "@columnname"],
        1,
        Kind::HelpText,
    ),
    row(
        "sp_addumpdevice",
        &["@devtype", "@logicalname", "@physicalname"],
        3,
        Kind::AddDumpDevice,
    ),
    row(
        "xp_cmdshell",
        &["@command", "@no_output"],
        1,
        Kind::SwitchedOff("xp_cmdshell"),
    ),
    row(
        "sp_oacreate",
        &[],
        0,
        Kind::SwitchedOff("Ole Automation Procedures"),
    ),
    row(
        "sp_oamethod",
        &[],
        0,
        Kind::SwitchedOff("Ole Automation Procedures"),
    ),
    row("sp_addlinkedserver", &[], 0, Kind::Administrators),
    row("sp_droplinkedsrvlogin", &[], 0, Kind::Administrators),
    row("sp_addlinkedsrvlogin", &[], 0, Kind::Administrators),
    row("sp_dropserver", &[], 0, Kind::Administrators),
    row("sp_addmessage", &[], 0, Kind::Administrators),
    row("sp_who", &[], 0, Kind::Unsupported),
    row("sp_who2", &[], 0, Kind::Unsupported),
    row("sp_lock", &[], 0, Kind::Unsupported),
    row("sp_help", &[], 0, Kind::Unsupported),
    row("sp_helpuser", &[], 0, Kind::Unsupported),
    row("sp_helprotect", &[], 0, Kind::Unsupported),
    row("sp_helprole", &[], 0, Kind::Unsupported),
    row("sp_helprolemember", &[], 0, Kind::Unsupported),
    row("sp_helpdb", &[], 0, Kind::Unsupported),
    row("sp_helpindex", &[], 0, Kind::Unsupported),
    row("sp_tables", &[], 0, Kind::Unsupported),
    row("sp_columns", &[], 0, Kind::Unsupported),
    row("sp_databases", &[], 0, Kind::Unsupported),
    row("sp_spaceused", &[], 0, Kind::Unsupported),
    row("sp_depends", &[], 0, Kind::Unsupported),
    row(
        "sp_getapplock",
        &[
            "@Resource",
            "@LockMode",
            "@LockOwner",
            "@LockTimeout",
            "@DbPrincipal",
        ],
        2,
        Kind::GetApplicationLock,
    ),
    row(
        "sp_releaseapplock",
        &["@Resource", "@LockOwner", "@DbPrincipal"],
        1,
        Kind::ReleaseApplicationLock,
    ),
    row("sp_describe_first_result_set", &[], 0, Kind::Unsupported),
    row(
        "sp_describe_undeclared_parameters",
        &[],
        0,
        Kind::Unsupported,
    ),
    row(
        "sp_describe_parameter_encryption",
        &[],
        0,
        Kind::Unsupported,
    ),
    row("sp_addlogin", &[], 0, Kind::Unsupported),
    row("sp_adduser", &[], 0, Kind::Unsupported),
    row("sp_addrole", &[], 0, Kind::Unsupported),
    row("sp_grantdbaccess", &[], 0, Kind::Unsupported),
    row("sp_changedbowner", &[], 0, Kind::Unsupported),
    row("sp_addextendedproperty", &[], 0, Kind::Unsupported),
    row("sp_procoption", &[], 0, Kind::Unsupported),
    row("sp_recompile", &[], 0, Kind::Unsupported),
    row("sp_refreshview", &[], 0, Kind::Unsupported),
    row("sp_refreshsqlmodule", &[], 0, Kind::Unsupported),
    row("sp_updatestats", &[], 0, Kind::Unsupported),
    row("sp_tableoption", &[], 0, Kind::Unsupported),
    row("sp_msforeachtable", &[], 0, Kind::Unsupported),
    row("sp_msforeachdb", &[], 0, Kind::Unsupported),
    row("sp_cleanup_temporal_history", &[], 0, Kind::Unsupported),
    row("sp_control_dbmasterkey_password", &[], 0, Kind::Unsupported),
    row("xp_regread", &[], 0, Kind::Unsupported),
    row("xp_dirtree", &[], 0, Kind::Unsupported),
    row("xp_fileexist", &[], 0, Kind::Unsupported),
    row("xp_readerrorlog", &[], 0, Kind::Unsupported),
    row("sp_readerrorlog", &[], 0, Kind::Unsupported),
];

const fn row(
    name: &'static str,
    parameters: &'static [&'static str],
    required: usize,
    kind: Kind,
) -> SystemProcedure {
    SystemProcedure {
        name,
        parameters,
        required,
        kind,
    }
}

/// The system procedure of this name, whatever database stands before it.
pub(crate) fn find(name: &Name) -> Option<SystemProcedure> {
    let own = name.object();
    if !own
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("sp_") || start.eq_ignore_ascii_case("xp_"))
    {
        return None;
    }
    let schema = name.schema();
    if !schema.is_none_or(|schema| {
        schema.eq_ignore_ascii_case("sys") || schema.eq_ignore_ascii_case("dbo")
    }) {
        return None;
    }
    PROCEDURES
        .iter()
        .find(|procedure| procedure.name.eq_ignore_ascii_case(own))
        .copied()
}

impl Interpreter<'_> {
    /// Runs a system procedure.
    pub(crate) fn call_system(
        &mut self,
        procedure: SystemProcedure,
        actuals: &[Actual],
        line: u32,
    ) -> Call {
        if procedure.kind == Kind::ExecuteSql {
            return self.execute_sql(actuals, line);
        }
        let outcome = self.run_system(procedure, actuals);
        match outcome {
            Ok(returned) => Ok(Ok(returned)),
            Err(mut failure) => {
                for error in &mut failure.errors {
                    if error.number != values::UNSUPPORTED {
                        error.procedure = Some(procedure.name.into());
                        error.line = 1;
                    }
                }
                self.settle_call(failure, line)
            }
        }
    }

    fn run_system(
        &mut self,
        procedure: SystemProcedure,
        actuals: &[Actual],
    ) -> Result<Returned, Failure> {
        let name = procedure.name;
        match procedure.kind {
            Kind::Unsupported => return Err(SqlError::unsupported(format_args!("{name}")).into()),
            Kind::Administrators => {
                self.demand_sysadmin()?;
                return Err(SqlError::unsupported(format_args!("{name}")).into());
            }
            Kind::SwitchedOff(component) => return self.switched_off(name, component),
            _ => {}
        }
        let arguments = bind(procedure, actuals)?;
        let mut returned = Returned {
            entered: true,
            ..Returned::default()
        };
        match procedure.kind {
            Kind::AddRoleMember | Kind::DropRoleMember => {
                let role = arguments.text(0)?.unwrap_or_default();
                let member = arguments.text(1)?.unwrap_or_default();
                let change = if procedure.kind == Kind::AddRoleMember {
                    RoleChange::AddMember(member)
                } else {
                    RoleChange::DropMember(member)
                };
                self.change(&StatementKind::Alter(Alter::Role {
                    name: role,
                    server: false,
                    change,
                }))?;
            }
            Kind::AddServerRoleMember | Kind::DropServerRoleMember => {
                let member = arguments.text(0)?.unwrap_or_default();
                let role = arguments.text(1)?.unwrap_or_default();
                let change = if procedure.kind == Kind::AddServerRoleMember {
                    RoleChange::AddMember(member)
                } else {
                    RoleChange::DropMember(member)
                };
                self.change(&StatementKind::Alter(Alter::Role {
                    name: role,
                    server: true,
                    change,
                }))?;
            }
            Kind::SetTriggerOrder => self.set_trigger_order(&arguments)?,
            Kind::Rename => {
                let object = arguments.text(0)?.unwrap_or_default();
                let new = arguments.text(1)?.unwrap_or_default();
                let kind = arguments.text(2)?;
                let Ok(object) = tsql::parse_name(&object) else {
                    return Err(SqlError::new(
                        15253,
                        11,
                        1,
                        format!("Syntax error parsing SQL identifier '{object}'."),
                    )
                    .into());
                };
                self.before_change()?;
                let runtime = self.runtime;
                self.quietly(|execution| -> Result<(), Failure> {
                    let waiting = crate::ddl_triggers::waiting(execution, "RENAME");
                    query::with_ddl(execution, |ddl| ddl.rename(&object, &new, kind.as_deref()))?;
                    crate::ddl_triggers::fire(runtime, execution, "RENAME", &waiting)
                })?;
                let mut note = SqlError::new(
                    15477,
                    0,
                    1,
                    "Caution: Changing any part of an object name could break scripts and stored \
                     procedures.",
                );
                self.place(&mut note, self.line);
                self.tell(note);
            }
            Kind::SetSessionContext => self.set_session_context(&arguments)?,
            Kind::SetApplicationRole => self.set_application_role(&arguments, &mut returned)?,
            Kind::UnsetApplicationRole => {
                let cookie = arguments.get(0).0;
                let cookie = match &cookie {
                    Value::Binary(bytes) => &bytes[..],
                    _ => &[],
                };
                self.session.security.unset_application_role(cookie)?;
            }
            Kind::Configure => self.configure(&arguments)?,
            Kind::GetApplicationLock => returned.status = self.get_application_lock(&arguments)?,
            Kind::ReleaseApplicationLock => {
                returned.status = self.release_application_lock(&arguments)?;
            }
            Kind::AddDumpDevice => self.add_dump_device(&arguments)?,
            Kind::HelpText => self.help_text(&arguments)?,
            Kind::ExecuteSql | Kind::SwitchedOff(_) | Kind::Administrators | Kind::Unsupported => {}
        }
        Ok(returned)
    }

    fn change(&mut self, statement: &StatementKind) -> Result<(), Failure> {
        self.before_change()?;
        self.define(statement)
    }

    fn execute_sql(&mut self, actuals: &[Actual], line: u32) -> Call {
        let place = |names: &[&str], position: usize| {
            actuals
                .iter()
                .enumerate()
                .find(|(place, actual)| match &actual.name {
                    Some(name) => names.iter().any(|it| it.eq_ignore_ascii_case(name)),
                    None => *place == position,
                })
        };
        let statement = place(&["@stmt", "@statement"], 0).map(|(_, actual)| actual);
        let Some(statement) = statement else {
            let error = SqlError::new(
                201,
                16,
                10,
                "Procedure or function 'sp_executesql' expects parameter '@statement', which was \
                 not supplied.",
            );
            return self.settle_call(error.into(), line);
        };
        let parameters = place(&["@params", "@parameters"], 1).map(|(_, actual)| actual);
        let texts = unicode_text(statement, "@statement").and_then(|text| {
            let parameters = match parameters {
                Some(parameters) => unicode_text(parameters, "@parameters")?,
                None => "".into(),
            };
            Ok((text, parameters))
        });
        match texts {
            Ok((text, parameters)) => {
                let rest = actuals.get(2..).unwrap_or_default();
                self.run_parameterized(&text, &parameters, rest, 2, line)
            }
            Err(mut error) => {
                error.procedure = Some("sp_executesql".into());
                error.line = 1;
                self.settle_call(error.into(), line)
            }
        }
    }

    fn demand_sysadmin(&mut self) -> Result<(), Failure> {
        let allowed = self.look(|instance, session| {
            session
                .security
                .login(instance)
                .is_some_and(|login| login.is_sysadmin)
        });
        if allowed {
            return Ok(());
        }
        Err(SqlError::new(
            15247,
            16,
            1,
            "User does not have permission to perform this action.",
        )
        .into())
    }
}
