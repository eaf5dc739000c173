//! How do the arguments of a system procedure meet its parameters?

use values::{SqlError, SqlType, Value};

use super::SystemProcedure;
use crate::procedures::Actual;
use crate::raise::text_of;
use crate::variables::convert;

/// The arguments of a system procedure by the place of their parameter.
pub(super) struct Arguments(pub(super) Vec<Option<(usize, Actual)>>);

impl Arguments {
    pub(super) fn get(&self, place: usize) -> (Value, SqlType) {
        match self.0.get(place) {
            Some(Some((_, actual))) => actual.scalar(),
            _ => (Value::Null, SqlType::UntypedNull),
        }
    }

    pub(super) fn text(&self, place: usize) -> Result<Option<String>, SqlError> {
        let (value, data_type) = self.get(place);
        text_of(&value, &data_type)
    }

    pub(super) fn is_true(&self, place: usize) -> Result<bool, SqlError> {
        let (value, data_type) = self.get(place);
        Ok(convert(&value, &data_type, &SqlType::Bit)? == Value::Bit(true))
    }
}

/// Puts arguments in the order of the parameters.
pub(super) fn bind(procedure: SystemProcedure, actuals: &[Actual]) -> Result<Arguments, SqlError> {
    if procedure.name == "sp_set_session_context" {
        return bind_by_position(procedure, actuals);
    }
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

/// sp_set_session_context looks at places and not at names (a published capture of SQL Server
/// 2025), and has messages of its own for their number.
fn bind_by_position(procedure: SystemProcedure, actuals: &[Actual]) -> Result<Arguments, SqlError> {
    let wrong = |number, how: &str| {
        SqlError::new(
            number,
            16,
            1,
            format!("The \"sp_set_connection_context\" procedure was called with {how}."),
        )
    };
    if actuals.len() < procedure.required {
        return Err(wrong(16903, "an incorrect number of parameters"));
    }
    if actuals.len() > procedure.parameters.len() {
        return Err(wrong(16914, "too many parameters"));
    }
    let mut places: Vec<Option<(usize, Actual)>> =
        actuals.iter().cloned().enumerate().map(Some).collect();
    places.resize(procedure.parameters.len(), None);
    Ok(Arguments(places))
}
