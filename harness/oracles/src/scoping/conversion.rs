//! Which conversions cannot make one tenant's value look like another's?

/// The kind of value that the tenant's column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Guid,
    /// Text of at most that many characters.
    Text(u32),
    /// Anything else: no conversion is followed.
    Other,
}

impl Kind {
    /// From a column's type and its length in bytes (-1 for MAX).
    pub(crate) fn of(data_type: &str, length: i32) -> Self {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        match data_type.to_ascii_lowercase().as_str() {
            "tinyint" | "smallint" | "int" | "bigint" => Self::Integer,
            "uniqueidentifier" => Self::Guid,
            "varchar" | "char" => Self::Text(length),
            "nvarchar" | "nchar" | "sysname" => Self::Text(length / 2),
            _ => Self::Other,
        }
    }

    /// From a type as declared.
    pub(crate) fn written(data_type: &str, length: Length) -> Self {
        let characters = match length {
            Length::Unsaid => 1,
            Length::Characters(characters) => characters,
            Length::Max => u32::MAX,
        };
        match Self::of(data_type, 0) {
            Self::Text(_) if data_type.eq_ignore_ascii_case("sysname") => Self::Text(128),
            Self::Text(_) => Self::Text(characters),
            kind => kind,
        }
    }

    /// Can equality with a column of this kind be passed on, where tenants are told apart by
    /// the other kind? A rounded number is equal to two tenants that are not equal.
    pub(crate) fn as_safe_as(self, tenant: Self) -> bool {
        match (self, tenant) {
            (Self::Text(own), Self::Text(tenant)) => own >= tenant,
            (own, tenant) => own == tenant && own != Self::Other,
        }
    }

    /// Does a value of this kind stay apart from every other when it becomes `data_type`? An
    /// error is fine; a shorter text, a bit or a rounded number is not.
    pub(crate) fn survives(self, data_type: &str, length: Length) -> bool {
        let data_type = data_type.to_ascii_lowercase();
        let characters = match length {
            Length::Unsaid => match data_type.as_str() {
                // In CAST and CONVERT a text without length has 30 characters, in DECLARE one.
                "sysname" => 128,
                _ => 1,
            },
            Length::Characters(characters) => characters,
            Length::Max => u32::MAX,
        };
        match (self, data_type.as_str()) {
            (Self::Integer, "tinyint" | "smallint" | "int" | "integer" | "bigint") => true,
            (Self::Guid, "uniqueidentifier") => true,
            (_, "sql_variant") => true,
            // A number that does not fit into a varchar becomes an asterisk.
            (Self::Integer, "varchar" | "char" | "nvarchar" | "nchar") => characters >= 20,
            (Self::Guid, "varchar" | "char" | "nvarchar" | "nchar") => characters >= 36,
            // To varchar, a code page may fold letters.
            (Self::Text(own), "nvarchar" | "nchar" | "sysname") => characters >= own,
            _ => false,
        }
    }
}

/// The length of a type, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Unsaid,
    Characters(u32),
    Max,
}

/// The name and length of a type as written: `nvarchar(10)`, `INT`.
pub(crate) fn written(data_type: &str) -> (String, Length) {
    let Some((name, rest)) = data_type.split_once('(') else {
        return (data_type.trim().to_ascii_lowercase(), Length::Unsaid);
    };
    let inside = rest.trim_end().trim_end_matches(')').trim();
    let length = match inside.parse() {
        Ok(characters) => Length::Characters(characters),
        Err(_) if inside.eq_ignore_ascii_case("max") => Length::Max,
        Err(_) => Length::Unsaid,
    };
    (name.trim().to_ascii_lowercase(), length)
}

/// The same of a type that the statement layer read.
pub(crate) fn declared(data_type: &tsql::DataType) -> (String, Length) {
    let length = match data_type.arguments.first() {
        None => Length::Unsaid,
        Some(None) => Length::Max,
        Some(Some(characters)) => Length::Characters(*characters),
    };
    (data_type.name.object().to_ascii_lowercase(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_fold_two_tenants_into_one_does_not_survive() {
        for (kind, data_type, expected) in [
            (Kind::Integer, "INT", true),
            (Kind::Integer, "bigint", true),
            (Kind::Integer, "smallint", true),
            (Kind::Integer, "bit", false),
            (Kind::Integer, "real", false),
            (Kind::Integer, "float", false),
            (Kind::Integer, "varchar(1)", false),
            (Kind::Integer, "nvarchar(20)", true),
            (Kind::Integer, "binary(2)", false),
            (Kind::Integer, "sql_variant", true),
            (Kind::Guid, "uniqueidentifier", true),
            (Kind::Guid, "nvarchar(8)", false),
            (Kind::Guid, "nvarchar(36)", true),
            (Kind::Text(20), "nvarchar(20)", true),
            (Kind::Text(20), "nvarchar(MAX)", true),
            (Kind::Text(20), "nvarchar(19)", false),
            (Kind::Text(20), "varchar(50)", false),
            (Kind::Text(20), "int", false),
            (Kind::Other, "int", false),
        ] {
            let (name, length) = written(data_type);
            assert_eq!(
                kind.survives(&name, length),
                expected,
                "{kind:?} {data_type}"
            );
        }
    }
}
