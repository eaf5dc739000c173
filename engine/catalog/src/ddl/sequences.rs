//! Sequences and synonyms: the small objects.

use std::sync::Arc;

use tsql::{DataType, Name, OptionValue};
use values::{SqlError, SqlType};

use super::place::{CreateRefusal, already_exists, cannot_find};
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::names::{display, last};
use crate::object::{Object, ObjectKind, Sequence};
use crate::permission::Permission;
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_synonym(&mut self, name: &Name, target: &Name) -> Result<Made, Errors> {
        let place = self.place(name, Permission::CREATE_SYNONYM, CreateRefusal::Denied(1))?;
        self.store_small(place, ObjectKind::Synonym(target.clone()))
    }

    fn store_small(
        &mut self,
        place: super::place::Place,
        kind: ObjectKind,
    ) -> Result<Made, Errors> {
        let database = place.database();
        if self
            .instance
            .entered(database)
            .object_named(place.schema, &place.name)
            .is_some()
        {
            return Err(already_exists(&place.name, 1).into());
        }
        let id = self
            .instance
            .database_mut(database)
            .expect("it was entered")
            .new_object_id();
        let object = Object {
            id,
            name: Arc::from(place.name),
            schema: place.schema,
            owner: None,
            parent: None,
            temporary: None,
            created: self.now,
            modified: self.now,
            kind,
        };
        self.instance.apply(
            Change::Object(database, id, Some(Arc::new(object))),
            self.undo,
        );
        Ok(Some((database, id)))
    }

    pub(super) fn create_sequence(
        &mut self,
        name: &Name,
        data_type: Option<&DataType>,
        options: &[(String, OptionValue)],
    ) -> Result<Made, Errors> {
        let place = self.place(name, Permission::CREATE_SEQUENCE, CreateRefusal::General)?;
        let data_type = match data_type {
            None => SqlType::BigInt,
            Some(written) => {
                self.instance
                    .declared_type(place.database(), place.schema, written)?
                    .data_type
            }
        };
        let (least, most): (i128, i128) = match data_type {
            SqlType::TinyInt => (0, 255),
            SqlType::SmallInt => (i128::from(i16::MIN), i128::from(i16::MAX)),
            SqlType::Int => (i128::from(i32::MIN), i128::from(i32::MAX)),
            SqlType::BigInt => (i128::from(i64::MIN), i128::from(i64::MAX)),
            SqlType::Decimal {
                precision,
                scale: 0,
            } => {
                let most = 10_i128.pow(u32::from(precision.min(38))) - 1;
                (-most, most)
            }
            _ => {
                return Err(err(
                    11702,
                    16,
                    2,
                    format!(
                        "The sequence object '{}' must be of data type int, bigint, smallint, \
                         tinyint, or decimal or numeric with a scale of 0, or any user-defined data \
                         type that is based on one of the integer data types.",
                        display(name)
                    ),
                )
                .into());
            }
        };
        let mut sequence = Sequence {
            data_type,
            start: 0,
            increment: 1,
            minimum: least,
            maximum: most,
            cycle: false,
            cache: None,
        };
        let start = change(&mut sequence, options, &display(name), (least, most))?;
        sequence.start = start.unwrap_or(if sequence.increment < 0 {
            sequence.maximum
        } else {
            sequence.minimum
        });
        check(&sequence, &display(name))?;
        self.store_small(place, ObjectKind::Sequence(sequence))
    }

    pub(super) fn alter_sequence(
        &mut self,
        name: &Name,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "sequence", last(name));
        let (token, object) = self
            .find(name)?
            .filter(|(token, object)| self.holds(token, object, Permission::ALTER))
            .ok_or_else(refused)?;
        let mut changed = Object::clone(&object);
        changed.modified = self.now;
        let ObjectKind::Sequence(sequence) = &mut changed.kind else {
            return Err(refused().into());
        };
        let bounds = (i128::MIN, i128::MAX);
        let restart = change(sequence, options, &display(name), bounds)?;
        let restarts = options
            .iter()
            .any(|(option, _)| option.starts_with("RESTART"));
        if let Some(value) = restart {
            sequence.start = value;
        }
        check(sequence, &display(name))?;
        self.instance.apply(
            Change::Object(token.database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        if restarts {
            let database = self
                .instance
                .database_mut(token.database)
                .expect("it was entered");
            database.sequences.remove(&object.id);
        }
        Ok(())
    }
}

/// Applies options; gives START or RESTART.
fn change(
    sequence: &mut Sequence,
    options: &[(String, OptionValue)],
    name: &str,
    bounds: (i128, i128),
) -> Result<Option<i128>, SqlError> {
    let mut start = None;
    for (option, value) in options {
        let number = match value {
            OptionValue::Number(text) | OptionValue::Word(text) => text.parse::<i128>().ok(),
            _ => None,
        };
        let needed = || {
            number.ok_or_else(|| {
                err(
                    102,
                    15,
                    1,
                    format!("Incorrect syntax near '{}'.", option.to_lowercase()),
                )
            })
        };
        match option.as_str() {
            "START" | "START WITH" => start = Some(needed()?),
            "RESTART" | "RESTART WITH" => start = number,
            "INCREMENT" | "INCREMENT BY" => {
                sequence.increment = needed()?;
                if sequence.increment == 0 {
                    return Err(err(
                        11700,
                        16,
                        1,
                        format!("The increment for sequence object '{name}' cannot be zero."),
                    ));
                }
            }
            "MINVALUE" => sequence.minimum = number.unwrap_or(bounds.0),
            "MAXVALUE" => sequence.maximum = number.unwrap_or(bounds.1),
            "NO MINVALUE" => sequence.minimum = bounds.0,
            "NO MAXVALUE" => sequence.maximum = bounds.1,
            "CYCLE" => sequence.cycle = true,
            "NO CYCLE" => sequence.cycle = false,
            "CACHE" => sequence.cache = number.and_then(|n| u32::try_from(n).ok()),
            "NO CACHE" => sequence.cache = None,
            _ => {
                return Err(SqlError::unsupported(format!(
                    "the sequence option {option}"
                )));
            }
        }
    }
    Ok(start)
}

fn check(sequence: &Sequence, name: &str) -> Result<(), SqlError> {
    if sequence.minimum >= sequence.maximum {
        return Err(err(
            11705,
            16,
            1,
            format!(
                "The minimum value for sequence object '{name}' must be less than its maximum value."
            ),
        ));
    }
    if !(sequence.minimum..=sequence.maximum).contains(&sequence.start) {
        return Err(err(
            11703,
            16,
            1,
            format!(
                "The start value for sequence object '{name}' must be between the minimum and \
                 maximum value of the sequence object."
            ),
        ));
    }
    Ok(())
}
