//! What do the `sp_` and `xp_` procedures do?
//!
//! The few that applications and attackers need are here; those that exist on the server and not
//! here are refused by name; any other name is looked up like a procedure of the user's.

use query::ResultColumn;
use tsql::{Alter, Name, RoleChange, StatementKind};
use values::{SqlError, SqlType, Value};

use crate::batch::{Interpreter, ScopeKind};
use crate::dynamic::unicode_text;
use crate::failure::Failure;
use crate::procedures::{Actual, Call, Returned};
use crate::raise::{integer_of, text_of};
use crate::variables::convert;

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
    SetSessionContext,
    SetApplicationRole,
    UnsetApplicationRole,
    Configure,
    HelpText,
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
    row("sp_getapplock", &[], 0, Kind::Unsupported),
    row("sp_releaseapplock", &[], 0, Kind::Unsupported),
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
    row("sp_settriggerorder", &[], 0, Kind::Unsupported),
    row("sp_recompile", &[], 0, Kind::Unsupported),
    row("sp_refreshview", &[], 0, Kind::Unsupported),
    row("sp_refreshsqlmodule", &[], 0, Kind::Unsupported),
    row("sp_updatestats", &[], 0, Kind::Unsupported),
    row("sp_tableoption", &[], 0, Kind::Unsupported),
    row("sp_msforeachtable", &[], 0, Kind::Unsupported),
    row("sp_msforeachdb", &[], 0, Kind::Unsupported),
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

/// The arguments of a system procedure by the place of their parameter.
struct Arguments(Vec<Option<(usize, Actual)>>);

impl Arguments {
    fn get(&self, place: usize) -> (Value, SqlType) {
        match self.0.get(place) {
            Some(Some((_, actual))) => actual.scalar(),
            _ => (Value::Null, SqlType::UntypedNull),
        }
    }

    fn text(&self, place: usize) -> Result<Option<String>, SqlError> {
        let (value, data_type) = self.get(place);
        text_of(&value, &data_type)
    }

    fn is_true(&self, place: usize) -> Result<bool, SqlError> {
        let (value, data_type) = self.get(place);
        Ok(convert(&value, &data_type, &SqlType::Bit)? == Value::Bit(true))
    }
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
                self.define_with(|ddl| ddl.rename(&object, &new, kind.as_deref()))?;
                self.tell(SqlError::new(
                    15477,
                    0,
                    1,
                    "Caution: Changing any part of an object name could break scripts and stored \
                     procedures.",
                ));
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

    fn switched_off(&mut self, name: &str, component: &str) -> Result<Returned, Failure> {
        let (sysadmin, enabled) = self.look(|instance, session| {
            let login = session.security.login(instance);
            (
                login.is_some_and(|login| login.is_sysadmin),
                instance.configuration(component) == Some(1),
            )
        });
        if !sysadmin {
            return Err(SqlError::new(
                229,
                14,
                5,
                format!(
                    "The EXECUTE permission was denied on the object '{name}', database \
                     'mssqlsystemresource', schema 'sys'."
                ),
            )
            .into());
        }
        if enabled {
            return Err(SqlError::unsupported(format_args!("{name}")).into());
        }
        Err(SqlError::new(
            15281,
            16,
            1,
            format!(
                "SQL Server blocked access to procedure 'sys.{name}' of component '{component}' \
                 because this component is turned off as part of the security configuration for \
                 this server. A system administrator can enable the use of '{component}' by using \
                 sp_configure. For more information about enabling '{component}', search for \
                 '{component}' in SQL Server Books Online."
            ),
        )
        .into())
    }

    fn set_session_context(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        const TOTAL_BYTES_MAX: usize = 1 << 20;
        let Some(key) = arguments.text(0)?.filter(|key| !key.is_empty()) else {
            return Err(SqlError::new(
                15666,
                16,
                1,
                "Cannot set key in the session context. The key cannot be empty.",
            )
            .into());
        };
        // Keys differ by case: they are compared as binary.
        if key.encode_utf16().count() > 128 {
            return Err(
                SqlError::new(8152, 16, 10, "String or binary data would be truncated.").into(),
            );
        }
        let (value, data_type) = arguments.get(1);
        let read_only = arguments.is_true(2)?;
        if self
            .session
            .session_context
            .get(&key)
            .is_some_and(|(.., read_only)| *read_only)
        {
            return Err(SqlError::new(
                15664,
                16,
                1,
                format!(
                    "Cannot set key '{key}' in the session context. The key has been set as \
                     read_only for this session."
                ),
            )
            .into());
        }
        let data_type = match data_type {
            SqlType::UntypedNull => SqlType::Int,
            // sql_variant cannot hold MAX types.
            text if text.is_text() && text.is_max() => SqlType::nvarchar(4000),
            other => other,
        };
        let value = convert(&value, &arguments.get(1).1, &data_type)?;
        let used: usize = self
            .session
            .session_context
            .iter()
            .filter(|(own, _)| **own != key)
            .map(|(key, (value, ..))| size_of_value(value) + 2 * key.len())
            .sum();
        if used + size_of_value(&value) + 2 * key.len() > TOTAL_BYTES_MAX {
            return Err(SqlError::new(
                15665,
                16,
                1,
                format!(
                    "The value was not set for key '{key}' because the total size of the session \
                     context would exceed the 1 MB limit."
                ),
            )
            .into());
        }
        self.session
            .session_context
            .insert(key, (value, data_type, read_only));
        Ok(())
    }

    fn set_application_role(
        &mut self,
        arguments: &Arguments,
        returned: &mut Returned,
    ) -> Result<(), Failure> {
        if self
            .scopes
            .iter()
            .any(|scope| scope.kind != ScopeKind::Batch)
        {
            return Err(SqlError::new(
                15422,
                16,
                1,
                "Application roles can only be activated at the ad hoc level.",
            )
            .into());
        }
        if self.session.transaction_count > 0 {
            return Err(SqlError::new(
                15002,
                16,
                1,
                "The procedure 'sys.sp_setapprole' cannot be executed within a transaction.",
            )
            .into());
        }
        let Some(role) = arguments.text(0)?.filter(|role| !role.is_empty()) else {
            return Err(
                SqlError::new(15431, 16, 1, "You must specify the @rolename parameter.").into(),
            );
        };
        let password = arguments.text(1)?.unwrap_or_default();
        let with_cookie = arguments.is_true(3)?;
        let cookie = self.quietly(|execution| {
            let cookie = with_cookie.then(|| {
                let mut bytes = execution.environment.random_bytes().to_vec();
                bytes.extend_from_slice(&execution.environment.random_bytes());
                bytes.extend_from_slice(&execution.environment.random_bytes());
                bytes.push(1);
                bytes.push(0);
                bytes
            });
            let current = execution.session.database;
            execution.session.security.set_application_role(
                execution.instance,
                current,
                &role,
                &password,
                cookie.clone(),
            )?;
            Ok::<_, Failure>(cookie)
        })?;
        if let (Some(cookie), Some(Some((place, _)))) = (cookie, arguments.0.get(4)) {
            returned
                .outputs
                .push((*place, SqlType::varbinary(8000), Value::binary(cookie)));
        }
        Ok(())
    }

    /// RECONFIGURE: sp_configure has put the values to use already; only the right is asked for.
    pub(crate) fn reconfigure(&mut self) -> Result<(), Failure> {
        let allowed = self.look(|instance, session| {
            session.security.login(instance).is_some_and(|login| {
                instance.has_server_permission(&login, catalog::Permission::ALTER_SETTINGS)
            })
        });
        if !allowed {
            return Err(SqlError::new(
                5812,
                14,
                1,
                "You do not have permission to run the RECONFIGURE statement.",
            )
            .into());
        }
        self.plain_done(crate::response::Command::Other);
        Ok(())
    }

    /// `sp_configure`: all options, one option, or a new value, which takes effect at once.
    fn configure(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let name = arguments.text(0)?;
        let (value, data_type) = arguments.get(1);
        let value = integer_of(&value, &data_type)?;
        if let (Some(name), Some(value)) = (&name, value) {
            self.before_change()?;
            let before = self.look(|instance, _| instance.configuration(name));
            self.define_with(|ddl| ddl.configure(name, value))?;
            self.tell(SqlError::new(
                15457,
                0,
                1,
                format!(
                    "Configuration option '{name}' changed from {} to {value}. Run the RECONFIGURE \
                     statement to install.",
                    before.unwrap_or(0)
                ),
            ));
            return Ok(());
        }
        let column = |name: &str, data_type| ResultColumn {
            name: name.to_owned(),
            data_type,
            nullable: false,
        };
        let columns = [
            column("name", SqlType::nvarchar(35)),
            column("minimum", SqlType::Int),
            column("maximum", SqlType::Int),
            column("config_value", SqlType::Int),
            column("run_value", SqlType::Int),
        ];
        let mut count = 0;
        self.atomically(|execution, rows| {
            rows.columns(&columns)?;
            for (option, _, minimum, maximum, ..) in catalog::CONFIGURATION {
                if name
                    .as_ref()
                    .is_some_and(|name| !name.eq_ignore_ascii_case(option))
                {
                    continue;
                }
                let int = |number: i64| Value::Int(i32::try_from(number).unwrap_or(i32::MAX));
                let used = execution.instance.configuration(option).unwrap_or(0);
                rows.row(&[
                    Value::text(*option),
                    int(*minimum),
                    int(*maximum),
                    int(used),
                    int(used),
                ])?;
                count += 1;
            }
            if count == 0 {
                return Err(SqlError::new(
                    15123,
                    16,
                    1,
                    format!(
                        "The configuration option '{}' does not exist, or it may be an advanced \
                         option.",
                        name.as_deref().unwrap_or_default()
                    ),
                ));
            }
            Ok(())
        })?;
        self.rows_done(crate::response::Command::Select, count);
        Ok(())
    }
}

impl Interpreter<'_> {
    /// `sp_helptext`: the source of a module, line by line.
    fn help_text(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let written = arguments.text(0)?.unwrap_or_default();
        let found = self.look(|instance, session| {
            let name = tsql::parse_name(&written).ok()?;
            let database = instance.entered(session.database).name().to_string();
            let found = instance
                .look_up(
                    &session.security,
                    session.database,
                    None,
                    &session.temporary,
                    &name,
                )
                .ok()
                .flatten();
            let text = match found {
                Some((token, catalog::Target::Object(object)))
                    if instance.is_visible(&token, session.temporary.session(), &object) =>
                {
                    let may_read = instance.has_permission(
                        &token,
                        catalog::Securable::Object(object.id),
                        catalog::Permission::VIEW_DEFINITION,
                    );
                    let text = object
                        .as_module()
                        .map(|module| module.definition.text.clone());
                    Some(text.filter(|_| may_read))
                }
                _ => None,
            };
            Some((database, text))
        });
        let text = match found {
            Some((_, Some(Some(text)))) => text,
            Some((_, Some(None))) => {
                return Err(SqlError::new(
                    15197,
                    16,
                    1,
                    format!("There is no text for object '{written}'."),
                )
                .into());
            }
            missing => {
                let database = missing.map(|(database, _)| database).unwrap_or_default();
                return Err(SqlError::new(
                    15009,
                    16,
                    1,
                    format!(
                        "The object '{written}' does not exist in database '{database}' or is \
                         invalid for this operation."
                    ),
                )
                .into());
            }
        };
        let column = ResultColumn {
            name: "Text".to_owned(),
            data_type: SqlType::nvarchar(255),
            nullable: true,
        };
        let mut count = 0;
        self.atomically(|_, rows| {
            rows.columns(std::slice::from_ref(&column))?;
            for line in text.split_inclusive('\n') {
                let characters: Vec<char> = line.chars().collect();
                for part in characters.chunks(255) {
                    rows.row(&[Value::text(part.iter().collect::<String>())])?;
                    count += 1;
                }
            }
            Ok::<_, SqlError>(())
        })?;
        self.rows_done(crate::response::Command::Select, count);
        Ok(())
    }
}

/// Puts arguments in the order of the parameters.
fn bind(procedure: SystemProcedure, actuals: &[Actual]) -> Result<Arguments, SqlError> {
    let mut places: Vec<Option<(usize, Actual)>> = vec![None; procedure.parameters.len()];
    for (place, actual) in actuals.iter().enumerate() {
        let parameter = match &actual.name {
            None => place,
            Some(name) => procedure
                .parameters
                .iter()
                .position(|it| it.eq_ignore_ascii_case(name))
                .ok_or_else(|| {
                    SqlError::new(
                        8145,
                        16,
                        2,
                        format!(
                            "{name} is not a parameter for procedure {}.",
                            procedure.name
                        ),
                    )
                })?,
        };
        match places.get_mut(parameter) {
            Some(slot) => *slot = Some((place, actual.clone())),
            None => {
                return Err(SqlError::new(
                    8144,
                    16,
                    2,
                    format!(
                        "Procedure or function {} has too many arguments specified.",
                        procedure.name
                    ),
                ));
            }
        }
    }
    for (place, parameter) in procedure
        .parameters
        .iter()
        .enumerate()
        .take(procedure.required)
    {
        if places[place].is_none() {
            return Err(SqlError::new(
                201,
                16,
                4,
                format!(
                    "Procedure or function '{}' expects parameter '{parameter}', which was not \
                     supplied.",
                    procedure.name
                ),
            ));
        }
    }
    Ok(Arguments(places))
}

fn size_of_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => 2 * text.len(),
        Value::Binary(bytes) => bytes.len(),
        _ => 16,
    }
}
