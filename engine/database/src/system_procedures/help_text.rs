//! `sp_helptext`: who may read the source of a module?

use query::ResultColumn;
use values::{SqlError, SqlType, Value};

use super::arguments::Arguments;
use crate::batch::Interpreter;
use crate::failure::Failure;

impl Interpreter<'_> {
    /// `sp_helptext`: the source of a module, line by line.
    pub(super) fn help_text(&mut self, arguments: &Arguments) -> Result<(), Failure> {
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
