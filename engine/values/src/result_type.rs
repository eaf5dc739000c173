//! Which type do CASE, COALESCE, UNION and IIF have?

use crate::{SqlError, SqlType};

/// The common type of two branches.
pub fn union_type(a: &SqlType, b: &SqlType) -> Result<SqlType, SqlError> {
    let _ = b;
    Ok(*a)
}

/// The common type of all branches; int if none is typed.
pub fn union_types<'a>(types: impl IntoIterator<Item = &'a SqlType>) -> Result<SqlType, SqlError> {
    let mut result = SqlType::UntypedNull;
    for sql_type in types {
        result = union_type(&result, sql_type)?;
    }
    Ok(result)
}

/// The type of CONCAT and of `+` over texts.
pub fn concatenation_type(a: &SqlType, b: &SqlType) -> SqlType {
    let _ = b;
    *a
}
