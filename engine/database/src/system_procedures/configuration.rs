//! `sp_configure`, RECONFIGURE, and the components that are switched off.

use query::ResultColumn;
use values::{SqlError, SqlType, Value};

use super::arguments::Arguments;
use crate::batch::Interpreter;
use crate::failure::Failure;
use crate::procedures::Returned;
use crate::raise::integer_of;

impl Interpreter<'_> {
    pub(super) fn switched_off(
        &mut self,
        name: &str,
        component: &str,
    ) -> Result<Returned, Failure> {
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
    pub(super) fn configure(&mut self, arguments: &Arguments) -> Result<(), Failure> {
        let name = arguments.text(0)?;
        let (value, data_type) = arguments.get(1);
        let value = integer_of(&value, &data_type)?;
        if let (Some(name), Some(value)) = (&name, value) {
            self.before_change()?;
            let before = self.look(|instance, _| instance.configuration(name));
            self.define_with(|ddl| ddl.configure(name, value))?;
            let mut note = SqlError::new(
                15457,
                0,
                1,
                format!(
                    "Configuration option '{name}' changed from {} to {value}. Run the RECONFIGURE \
                     statement to install.",
                    before.unwrap_or(0)
                ),
            );
            self.place(&mut note, self.line);
            self.tell(note);
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
