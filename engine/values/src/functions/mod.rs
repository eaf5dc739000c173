//! Which scalar functions exist, what do they take and yield?

use crate::{Collation, SqlError, SqlType, Value};

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
#[derive(Clone, Copy)]
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
    /// Evaluation.
    pub evaluate: Evaluate,
}

impl ScalarFunction {
    /// Checks the number of arguments: 174, 189.
    pub fn check_arity(&self, arguments: usize) -> Result<(), SqlError> {
        let _ = arguments;
        Ok(())
    }
}

/// The function of this name, in any case.
pub fn lookup(name: &str) -> Option<&'static ScalarFunction> {
    let _ = name;
    None
}
