//! Which scalar functions exist, what do they take and yield?
//!
//! COALESCE, NULLIF, IIF and CHOOSE are not here: they do not evaluate all of their arguments, so
//! they belong to expressions. Their types are [`union_types`](crate::union_types).

mod arguments;
mod checksum;
mod date;
mod date_part;
mod format;
mod hash;
mod math;
mod random;
mod string;
mod string_search;
mod system;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Collation, ConversionKind, SqlError, SqlType, Value, convert};

pub use random::RandomSequence;

/// What a function may ask of its surroundings. Everything that is not an argument comes from here.
pub trait FunctionContext {
    /// The virtual clock: 100 ns ticks of UTC since 0001-01-01.
    fn utc_now(&self) -> i64;

    /// The server's local time zone as minutes east of UTC.
    fn local_offset(&self) -> i16 {
        0
    }

    /// A fresh uniqueidentifier, as printed.
    fn new_guid(&mut self) -> [u8; 16];

    /// RAND() without a seed: from 0 up to, not including, 1.
    fn random(&mut self) -> f64;

    /// RAND(seed). A session that keeps a [`RandomSequence`] starts it anew here, and draws from it
    /// in [`FunctionContext::random`]; that is how SQL Server behaves.
    fn seed_random(&mut self, seed: i32) -> f64 {
        RandomSequence::new(seed).draw()
    }

    /// The collation of text functions: of the column, or of the database.
    fn collation(&self) -> Collation {
        Collation::default()
    }

    /// SET DATEFIRST.
    fn date_first(&self) -> u8 {
        7
    }
}

/// The evaluation of a function over evaluated arguments.
pub type Evaluate = fn(&[(Value, SqlType)], &mut dyn FunctionContext) -> Result<Value, SqlError>;

/// The static type of a call from the types of its arguments.
pub type ReturnType = fn(&[SqlType]) -> Result<SqlType, SqlError>;

/// A scalar function.
///
/// Where T-SQL writes a date part (`DATEADD(day, …)`), the first argument is that word as a text.
/// `TRIM(characters FROM text)` is the call of `trim` with the text first.
#[derive(Debug, Clone, Copy)]
pub struct ScalarFunction {
    /// In lower case.
    pub name: &'static str,
    /// Fewest arguments.
    pub arguments_min: usize,
    /// Most arguments.
    pub arguments_max: usize,
    /// Whether equal arguments always give equal results.
    pub deterministic: bool,
    /// Static type.
    pub return_type: ReturnType,
    /// Evaluation; prefer [`ScalarFunction::call`], which also fits the result to its type.
    pub evaluate: Evaluate,
}

impl ScalarFunction {
    /// Checks the number of arguments.
    ///
    /// # Errors
    /// 174 for a fixed number, 189 for a range.
    pub fn check_arity(&self, arguments: usize) -> Result<(), SqlError> {
        let Self {
            name,
            arguments_min: min,
            arguments_max: max,
            ..
        } = *self;
        if (min..=max).contains(&arguments) {
            return Ok(());
        }
        Err(if min == max {
            SqlError::new(
                174,
                15,
                1,
                format!("The {name} function requires {min} argument(s)."),
            )
        } else {
            SqlError::new(
                189,
                15,
                1,
                format!("The {name} function requires {min} to {max} arguments."),
            )
        })
    }

    /// Evaluates, and cuts a text that is longer than the static type of the call, as SQL Server
    /// does where no argument is a MAX type.
    ///
    /// # Errors
    /// Those of the function, and 174 or 189.
    pub fn call(
        &self,
        arguments: &[(Value, SqlType)],
        context: &mut dyn FunctionContext,
    ) -> Result<Value, SqlError> {
        self.check_arity(arguments.len())?;
        let value = (self.evaluate)(arguments, context)?;
        if !matches!(value, Value::Text(_) | Value::Binary(_)) {
            return Ok(value);
        }
        let types: Vec<SqlType> = arguments.iter().map(|(_, sql_type)| *sql_type).collect();
        let result = (self.return_type)(&types)?;
        if matches!(result, SqlType::Variant) {
            return Ok(value);
        }
        convert(&value, &result, &result, None, ConversionKind::Explicit)
    }
}

/// The function of this name, in any case.
pub fn lookup(name: &str) -> Option<&'static ScalarFunction> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static ScalarFunction>> =
        LazyLock::new(|| all().map(|function| (function.name, function)).collect());
    BY_NAME.get(name.to_ascii_lowercase().as_str()).copied()
}

/// Every function, in the order of the source.
pub fn all() -> impl Iterator<Item = &'static ScalarFunction> {
    [
        string::FUNCTIONS,
        string_search::FUNCTIONS,
        format::FUNCTIONS,
        math::FUNCTIONS,
        date::FUNCTIONS,
        system::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// A row of the tables of functions.
const fn function(
    name: &'static str,
    (arguments_min, arguments_max): (usize, usize),
    return_type: ReturnType,
    evaluate: Evaluate,
) -> ScalarFunction {
    ScalarFunction {
        name,
        arguments_min,
        arguments_max,
        deterministic: true,
        return_type,
        evaluate,
    }
}

/// A row whose result depends on clock, entropy or settings.
const fn volatile(
    name: &'static str,
    arity: (usize, usize),
    return_type: ReturnType,
    evaluate: Evaluate,
) -> ScalarFunction {
    ScalarFunction {
        deterministic: false,
        ..function(name, arity, return_type, evaluate)
    }
}

#[cfg(test)]
mod tests;
