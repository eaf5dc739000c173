//! What do DECLARE and SET do to variables and options?

use query::{Isolation, Variable};
use tsql::{DataType, Declaration, SetOption, TableDefinition};
use values::{ConversionKind, SqlError, SqlType, Value};

use crate::batch::Interpreter;
use crate::failure::{Failure, Reach};
use crate::response::Command;

/// The key of a variable: its name in lower case, with `@`.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// 137.
pub(crate) fn undeclared(name: &str) -> SqlError {
    SqlError::new(
        137,
        15,
        2,
        format!("Must declare the scalar variable \"{name}\"."),
    )
}

impl Interpreter<'_> {
    /// One item of DECLARE.
    pub(crate) fn declare(&mut self, declaration: &Declaration) -> Result<(), Failure> {
        match declaration {
            Declaration::Scalar {
                name,
                data_type,
                value,
            } => {
                let (data_type, table_type) = self.resolve_type(data_type)?;
                if let Some(table) = table_type {
                    let variable = catalog::TableVariable {
                        name: name.clone(),
                        ..table
                    };
                    self.session
                        .variables
                        .insert(key(name), Variable::Table(Box::new(variable)));
                    return Ok(());
                }
                // In a loop DECLARE runs again: without a value it changes nothing.
                if value.is_none() && self.session.variables.contains_key(&key(name)) {
                    return Ok(());
                }
                let stored = match value {
                    None => Value::Null,
                    Some(expression) => {
                        let (value, from) = self.value(expression)?;
                        convert(&value, &from, &data_type)?
                    }
                };
                self.session.variables.insert(
                    key(name),
                    Variable::Scalar {
                        data_type,
                        value: stored,
                    },
                );
            }
            Declaration::Table { name, definition } => {
                if self.session.variables.contains_key(&key(name)) {
                    return Ok(());
                }
                let variable = self.new_table_variable(name, definition)?;
                self.session
                    .variables
                    .insert(key(name), Variable::Table(Box::new(variable)));
            }
        }
        Ok(())
    }

    /// An empty table variable.
    pub(crate) fn new_table_variable(
        &mut self,
        name: &str,
        definition: &TableDefinition,
    ) -> Result<catalog::TableVariable, Failure> {
        self.define_with(|ddl| ddl.table_variable(name, definition))
    }

    /// The type that a name stands for here; for a table type, an empty variable of it.
    pub(crate) fn resolve_type(
        &mut self,
        data_type: &DataType,
    ) -> Result<(SqlType, Option<catalog::TableVariable>), Failure> {
        let declared = self.look(|instance, session| {
            let schema = match session.module {
                Some(module) => module.schema,
                None => session
                    .security
                    .try_enter(instance, session.database)
                    .map_or(catalog::SchemaId::DBO, |token| {
                        instance.default_schema(&token)
                    }),
            };
            instance.declared_type(session.database, schema, data_type)
        })?;
        let table = declared.table.map(|table| catalog::TableVariable {
            name: String::new(),
            data: catalog::TableData::new(&table),
            table: (*table).clone(),
        });
        Ok((declared.data_type, table))
    }

    /// The value and type of a scalar variable.
    pub(crate) fn variable(&self, name: &str) -> Result<(Value, SqlType), Failure> {
        match self.session.variables.get(&key(name)) {
            Some(Variable::Scalar { data_type, value }) => Ok((value.clone(), *data_type)),
            _ => Err(undeclared(name).into()),
        }
    }

    /// `SET @name = value`.
    pub(crate) fn assign(
        &mut self,
        name: &str,
        (value, from): (Value, SqlType),
    ) -> Result<(), Failure> {
        match self.session.variables.get_mut(&key(name)) {
            Some(Variable::Scalar {
                data_type,
                value: slot,
            }) => {
                *slot = convert(&value, &from, data_type)?;
                Ok(())
            }
            _ => Err(undeclared(name).into()),
        }
    }

    /// SET <option>.
    pub(crate) fn set_option(&mut self, option: &SetOption) -> Result<(), Failure> {
        match option {
            SetOption::Switches(names, on) => {
                for name in names {
                    self.set_switch(name, *on)?;
                }
            }
            SetOption::Value(name, expression) => self.set_value(name, expression)?,
            SetOption::IsolationLevel(level) => {
                let isolation = match level.as_str() {
                    "READ UNCOMMITTED" => Isolation::ReadUncommitted,
                    "READ COMMITTED" => Isolation::ReadCommitted,
                    "REPEATABLE READ" => Isolation::RepeatableRead,
                    "SERIALIZABLE" => Isolation::Serializable,
                    "SNAPSHOT" => Isolation::Snapshot,
                    other => {
                        return Err(
                            SqlError::unsupported(format_args!("isolation level {other}")).into(),
                        );
                    }
                };
                // A transaction that began without a snapshot cannot get one any more.
                if isolation == Isolation::Snapshot
                    && self.session.transaction_count > 0
                    && self.session.view.is_none()
                    && self.session.options.isolation != Isolation::Snapshot
                {
                    self.session.transaction_began_otherwise = true;
                }
                self.session.options.isolation = isolation;
            }
            SetOption::IdentityInsert(table, on) => {
                let table = table.clone();
                let on = *on;
                self.quietly(|execution| query::set_identity_insert(execution, &table, on))
                    .map_err(|mut failure| {
                        if failure.decisive().number == 1088 {
                            failure.reach = failure.reach.max(Reach::Batch);
                        }
                        failure
                    })?;
            }
        }
        self.done(Command::Other, None, false);
        Ok(())
    }

    fn set_switch(&mut self, name: &str, on: bool) -> Result<(), Failure> {
        let options = &mut self.session.options;
        match name {
            "NOCOUNT" => options.no_count = on,
            "XACT_ABORT" => options.xact_abort = on,
            "ANSI_NULLS" => options.ansi_nulls = on,
            "ANSI_WARNINGS" => options.ansi_warnings = on,
            "CONCAT_NULL_YIELDS_NULL" => options.concat_null_yields_null = on,
            "IMPLICIT_TRANSACTIONS" => options.implicit_transactions = on,
            "ANSI_DEFAULTS" => {
                options.ansi_nulls = on;
                options.ansi_warnings = on;
                options.implicit_transactions = on;
            }
            // What these choose is how the server works anyway, or changes no result here.
            "QUOTED_IDENTIFIER" | "ANSI_PADDING" | "ANSI_NULL_DFLT_ON" if on => {}
            "ANSI_NULL_DFLT_OFF"
            | "REMOTE_PROC_TRANSACTIONS"
            | "FMTONLY"
            | "NOEXEC"
            | "PARSEONLY"
            | "SHOWPLAN_ALL"
            | "SHOWPLAN_TEXT"
            | "SHOWPLAN_XML"
            | "STATISTICS PROFILE"
            | "STATISTICS XML"
                if !on => {}
            "STATISTICS IO" | "STATISTICS TIME" => {}
            // ARITHABORT is implied by ANSI_WARNINGS; the others change no result here.
            "ARITHABORT"
            | "ARITHIGNORE"
            | "FORCEPLAN"
            | "NUMERIC_ROUNDABORT"
            | "CURSOR_CLOSE_ON_COMMIT" => {}
            other => {
                let on = if on { "ON" } else { "OFF" };
                return Err(self.refuse_unsupported(&format!("SET {other} {on}")));
            }
        }
        Ok(())
    }

    fn set_value(&mut self, name: &str, expression: &tsql::sql::Expr) -> Result<(), Failure> {
        // `SET LANGUAGE us_english` and `SET DATEFORMAT mdy` take a bare word.
        let word = match expression {
            tsql::sql::Expr::Identifier(word) if !word.value.starts_with('@') => {
                Some(word.value.clone())
            }
            _ => None,
        };
        let value = match &word {
            Some(word) => (Value::text(word.as_str()), SqlType::SYSNAME),
            None => self.value(expression)?,
        };
        let number = |value: &(Value, SqlType)| crate::raise::integer_of(&value.0, &value.1);
        let text = |value: &(Value, SqlType)| crate::raise::text_of(&value.0, &value.1);
        match name {
            "ROWCOUNT" => {
                let limit = number(&value)?.unwrap_or(0);
                self.session.options.row_limit = u64::try_from(limit).unwrap_or(0);
            }
            "LOCK_TIMEOUT" => {
                let timeout = number(&value)?.unwrap_or(-1);
                self.session.options.lock_timeout_ms = i32::try_from(timeout).unwrap_or(-1);
            }
            "DATEFIRST" => {
                let first = number(&value)?.unwrap_or(7);
                match u8::try_from(first) {
                    Ok(first @ 1..=7) => self.session.options.date_first = first,
                    _ => {
                        return Err(SqlError::new(
                            2742,
                            16,
                            1,
                            format!("SET DATEFIRST {first} is out of range."),
                        )
                        .into());
                    }
                }
            }
            "CONTEXT_INFO" => {
                let converted = convert(&value.0, &value.1, &SqlType::varbinary(128))?;
                self.session.context_info = match converted {
                    Value::Binary(bytes) => bytes.to_vec(),
                    _ => Vec::new(),
                };
            }
            "LANGUAGE" => {
                let language = text(&value)?.unwrap_or_default();
                if !["us_english", "english"].contains(&language.to_lowercase().as_str()) {
                    return Err(
                        SqlError::unsupported(format_args!("SET LANGUAGE {language}")).into(),
                    );
                }
            }
            "DATEFORMAT" => {
                let format = text(&value)?.unwrap_or_default();
                if !format.eq_ignore_ascii_case("mdy") {
                    return Err(
                        SqlError::unsupported(format_args!("SET DATEFORMAT {format}")).into(),
                    );
                }
            }
            "DEADLOCK_PRIORITY" => {
                let priority = match text(&value)?.as_deref().map(str::to_uppercase).as_deref() {
                    Some("LOW") => Some(-5),
                    Some("NORMAL") => Some(0),
                    Some("HIGH") => Some(5),
                    _ => number(&value)?,
                };
                match priority.and_then(|priority| i8::try_from(priority).ok()) {
                    Some(priority @ -10..=10) => {
                        self.session.options.deadlock_priority = priority;
                    }
                    _ => {
                        return Err(SqlError::new(
                            1032,
                            15,
                            1,
                            "The value of SET DEADLOCK_PRIORITY is out of range.",
                        )
                        .into());
                    }
                }
            }
            "TEXTSIZE" | "QUERY_GOVERNOR_COST_LIMIT" => {}
            other => return Err(SqlError::unsupported(format_args!("SET {other}")).into()),
        }
        Ok(())
    }
}

/// The implicit conversion of an assignment.
pub(crate) fn convert(value: &Value, from: &SqlType, to: &SqlType) -> Result<Value, SqlError> {
    values::convert(value, from, to, None, ConversionKind::Implicit)
}
