//! Metadata functions: OBJECT_ID, USER_NAME, HAS_PERMS_BY_NAME and their like.

use values::{SqlError, SqlType, Value};

use crate::views::ViewContext;

/// One metadata function.
pub struct MetadataFunction {
    /// Upper-case name.
    pub name: &'static str,
    /// Least number of arguments.
    pub arguments_min: usize,
    /// Largest number of arguments.
    pub arguments_max: usize,
    /// Result type.
    pub returns: SqlType,
    /// Its value. Arguments come as they are; text for names, integers for numbers.
    pub evaluate: fn(&ViewContext<'_>, &[Value]) -> Result<Value, SqlError>,
}

/// A metadata function by name, in any case.
pub fn lookup(name: &str) -> Option<&'static MetadataFunction> {
    let _ = name;
    None
}
