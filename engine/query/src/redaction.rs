//! What does an error print of values that the caller may not have been allowed to see?
//!
//! A statement to which a security policy applied prints asterisks for the values, types and
//! names in its conversion and truncation errors, whichever row raised them (published probes of
//! SQL Server 2025, RyanLamansky/sql-server-simulator).

use values::SqlError;

const ASTERISKS: &str = "******";

/// The error as the caller of a guarded statement sees it.
pub fn redact(error: &mut SqlError) {
    let pieces: &[&str] = match error.number {
        220 => &[
            "Arithmetic overflow error for data type ",
            ", value = ",
            ".",
        ],
        232 => &["Arithmetic overflow error for type ", ", value = ", "."],
        245 => &[
            "Conversion failed when converting the ",
            " value '",
            "' to data type ",
            ".",
        ],
        248 => &[
            "The conversion of the ",
            " value '",
            "' overflowed an int column.",
        ],
        2628 => &[
            "String or binary data would be truncated in table '",
            "', column '",
            "'. Truncated value: '",
            "'.",
        ],
        _ => return,
    };
    error.message = pieces.join(ASTERISKS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_types_and_names_become_asterisks_and_other_errors_stay() {
        let table = [
            (
                245,
                "Conversion failed when converting the ****** value '******' to data type ******.",
            ),
            (
                220,
                "Arithmetic overflow error for data type ******, value = ******.",
            ),
            (
                2628,
                "String or binary data would be truncated in table '******', column '******'. Truncated value: '******'.",
            ),
            (8134, "secret"),
        ];
        for (number, text) in table {
            let mut error = SqlError::new(number, 16, 1, "secret");
            redact(&mut error);
            assert_eq!(error.message, text, "{number}");
        }
    }
}
