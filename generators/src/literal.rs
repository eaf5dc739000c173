//! Names and values as T-SQL text.

use std::fmt::Write;

use domain::surface::{Cell, Column};

/// `[name]`.
pub(crate) fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// `N'text'`.
pub(crate) fn text(value: &str) -> String {
    format!("N'{}'", value.replace('\'', "''"))
}

/// A value that can be assigned to `column`.
pub(crate) fn of(cell: &Cell, column: &Column) -> String {
    match cell {
        Cell::Null => "NULL".into(),
        Cell::Bit(value) => u8::from(*value).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Decimal(value) | Cell::Float(value) => value.clone(),
        Cell::Text(value) => text(value),
        Cell::Binary(bytes) => bytes.iter().fold(String::from("0x"), |mut hex, byte| {
            write!(hex, "{byte:02X}").expect("writing to a string does not fail");
            hex
        }),
        Cell::Guid(value) => format!("'{value}'"),
        Cell::Temporal(value) => format!("'{}'", moment(value, &column.data_type)),
    }
}

/// The older types refuse seven digits, and read a blank between date and time by language.
fn moment(value: &str, data_type: &str) -> String {
    let value = match data_type {
        "date" | "time" => value.to_owned(),
        _ => value.replacen(' ', "T", 1),
    };
    let digits = match data_type {
        "datetime" => 3,
        "smalldatetime" => 0,
        _ => return value,
    };
    match value.split_once('.') {
        Some((whole, _)) if digits == 0 => whole.into(),
        Some((whole, fraction)) => {
            let kept: String = fraction.chars().take(digits).collect();
            format!("{whole}.{kept}")
        }
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use domain::surface::{Cell, Column};

    use super::{bracketed, of};

    #[test]
    fn values_are_written_as_the_server_reads_them() {
        for (cell, data_type, expected) in [
            (Cell::Null, "int", "NULL"),
            (Cell::Text("it's".into()), "nvarchar", "N'it''s'"),
            (Cell::Binary(vec![0, 255]), "varbinary", "0x00FF"),
            (
                Cell::Temporal("2024-01-02 03:04:05.1234567".into()),
                "datetime2",
                "'2024-01-02T03:04:05.1234567'",
            ),
            (
                Cell::Temporal("2024-01-02 03:04:05.1234567".into()),
                "datetime",
                "'2024-01-02T03:04:05.123'",
            ),
            (Cell::Temporal("2024-01-02".into()), "date", "'2024-01-02'"),
            (Cell::Bit(true), "bit", "1"),
        ] {
            let column = Column {
                name: "c".into(),
                data_type: data_type.into(),
                length_max: 8,
                nullable: true,
                identity: false,
                generated: false,
                has_default: false,
            };
            assert_eq!(of(&cell, &column), expected, "{cell:?} as {data_type}");
        }
        assert_eq!(bracketed("a]b"), "[a]]b]");
    }
}
