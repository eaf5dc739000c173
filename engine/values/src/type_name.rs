//! How is a type written? Names and arguments to [`SqlType`] and back, and the facts of `sys.types`.

use std::fmt;

use crate::{Length, SqlError, SqlType};

/// The row of `sys.types`, and for a declared column the figures of `sys.columns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeFacts {
    /// `name`.
    pub name: &'static str,
    /// `system_type_id`.
    pub system_type_id: u8,
    /// `user_type_id`.
    pub user_type_id: i32,
    /// `max_length` in bytes, -1 for MAX.
    pub max_length: i16,
    /// `precision`.
    pub precision: u8,
    /// `scale`.
    pub scale: u8,
}

const fn row(
    name: &'static str,
    system_type_id: u8,
    user_type_id: i32,
    max_length: i16,
    precision: u8,
    scale: u8,
) -> TypeFacts {
    TypeFacts {
        name,
        system_type_id,
        user_type_id,
        max_length,
        precision,
        scale,
    }
}

/// The system types as `sys.types` lists them.
pub const SYSTEM_TYPES: &[TypeFacts] = &[
    row("image", 34, 34, 16, 0, 0),
    row("text", 35, 35, 16, 0, 0),
    row("uniqueidentifier", 36, 36, 16, 0, 0),
    row("date", 40, 40, 3, 10, 0),
    row("time", 41, 41, 5, 16, 7),
    row("datetime2", 42, 42, 8, 27, 7),
    row("datetimeoffset", 43, 43, 10, 34, 7),
    row("tinyint", 48, 48, 1, 3, 0),
    row("smallint", 52, 52, 2, 5, 0),
    row("int", 56, 56, 4, 10, 0),
    row("smalldatetime", 58, 58, 4, 16, 0),
    row("real", 59, 59, 4, 24, 0),
    row("money", 60, 60, 8, 19, 4),
    row("datetime", 61, 61, 8, 23, 3),
    row("float", 62, 62, 8, 53, 0),
    row("sql_variant", 98, 98, 8016, 0, 0),
    row("ntext", 99, 99, 16, 0, 0),
    row("bit", 104, 104, 1, 1, 0),
    row("decimal", 106, 106, 17, 38, 38),
    row("numeric", 108, 108, 17, 38, 38),
    row("smallmoney", 122, 122, 4, 10, 4),
    row("bigint", 127, 127, 8, 19, 0),
    row("varbinary", 165, 165, 8000, 0, 0),
    row("varchar", 167, 167, 8000, 0, 0),
    row("binary", 173, 173, 8000, 0, 0),
    row("char", 175, 175, 8000, 0, 0),
    row("timestamp", 189, 189, 8, 0, 0),
    row("sysname", 231, 256, 256, 0, 0),
    row("nvarchar", 231, 231, 8000, 0, 0),
    row("nchar", 239, 239, 8000, 0, 0),
    row("xml", 241, 241, -1, 0, 0),
];

/// Where a type is written; decides what a missing length means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Column, variable, parameter: one.
    Declaration,
    /// CAST and CONVERT: thirty.
    Cast,
}

impl SqlType {
    /// The type of a column, variable or parameter. `name` in any case, without schema; an argument
    /// of `None` is MAX. A missing length means 1.
    ///
    /// # Errors
    /// 2715 for an unknown type, 131, 1001, 1002, 2716, 2717, 2750, 2751 for bad arguments.
    pub fn from_name(name: &str, args: &[Option<u32>]) -> Result<Self, SqlError> {
        parse(name, args, Place::Declaration)
    }

    /// The target type of CAST or CONVERT. A missing length means 30.
    ///
    /// # Errors
    /// As [`SqlType::from_name`], but 243 for an unknown type.
    pub fn from_name_in_cast(name: &str, args: &[Option<u32>]) -> Result<Self, SqlError> {
        parse(name, args, Place::Cast)
    }

    /// The name without arguments, as in `sys.types`.
    pub const fn base_name(&self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::TinyInt => "tinyint",
            Self::SmallInt => "smallint",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Decimal { .. } => "decimal",
            Self::Money => "money",
            Self::SmallMoney => "smallmoney",
            Self::Real => "real",
            Self::Float => "float",
            Self::Char(_) => "char",
            Self::VarChar(_) => "varchar",
            Self::NChar(_) => "nchar",
            Self::NVarChar(_) => "nvarchar",
            Self::Binary(_) => "binary",
            Self::VarBinary(_) => "varbinary",
            Self::RowVersion => "timestamp",
            Self::UniqueIdentifier => "uniqueidentifier",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::SmallDateTime => "smalldatetime",
            Self::DateTime => "datetime",
            Self::DateTime2(_) => "datetime2",
            Self::DateTimeOffset(_) => "datetimeoffset",
            Self::Xml => "xml",
            Self::LegacyText => "text",
            Self::LegacyNText => "ntext",
            Self::LegacyImage => "image",
            Self::Variant => "sql_variant",
            Self::UntypedNull => "NULL",
        }
    }

    /// The name as SQL Server's messages print it: decimal is called numeric, MAX is spelled out.
    pub const fn message_name(&self) -> &'static str {
        match self {
            Self::Decimal { .. } => "numeric",
            Self::VarChar(Length::Max) => "varchar(max)",
            Self::NVarChar(Length::Max) => "nvarchar(max)",
            Self::VarBinary(Length::Max) => "varbinary(max)",
            _ => self.base_name(),
        }
    }

    /// What `sys.columns` says of a column of this type.
    pub fn facts(&self) -> TypeFacts {
        let name = self.base_name();
        let base = SYSTEM_TYPES
            .iter()
            .find(|facts| facts.name == name)
            .copied()
            // A column of an untyped NULL becomes int, as in SELECT NULL AS c INTO t.
            .unwrap_or(row("int", 56, 56, 4, 10, 0));
        let (max_length, precision, scale) = match *self {
            Self::Decimal { precision, scale } => {
                let bytes = match precision {
                    0..=9 => 5,
                    10..=19 => 9,
                    20..=28 => 13,
                    _ => 17,
                };
                (bytes, precision, scale)
            }
            Self::Char(n) | Self::Binary(n) => (n as i16, 0, 0),
            Self::NChar(n) => (n as i16 * 2, 0, 0),
            Self::VarChar(Length::Limited(n)) | Self::VarBinary(Length::Limited(n)) => {
                (n as i16, 0, 0)
            }
            Self::NVarChar(Length::Limited(n)) => (n as i16 * 2, 0, 0),
            Self::VarChar(Length::Max)
            | Self::NVarChar(Length::Max)
            | Self::VarBinary(Length::Max) => (-1, 0, 0),
            Self::Time(s) => (fraction_bytes(s), if s == 0 { 8 } else { 9 + s }, s),
            Self::DateTime2(s) => (3 + fraction_bytes(s), if s == 0 { 19 } else { 20 + s }, s),
            Self::DateTimeOffset(s) => (5 + fraction_bytes(s), if s == 0 { 26 } else { 27 + s }, s),
            _ => (base.max_length, base.precision, base.scale),
        };
        TypeFacts {
            max_length,
            precision,
            scale,
            ..base
        }
    }
}

/// Bytes that a time of this scale takes.
const fn fraction_bytes(scale: u8) -> i16 {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::RowVersion => "rowversion",
            _ => self.base_name(),
        };
        match self {
            Self::Decimal { precision, scale } => write!(f, "{name}({precision},{scale})"),
            Self::Time(s) | Self::DateTime2(s) | Self::DateTimeOffset(s) => {
                write!(f, "{name}({s})")
            }
            Self::Char(n) | Self::NChar(n) | Self::Binary(n) => write!(f, "{name}({n})"),
            Self::VarChar(length) | Self::NVarChar(length) | Self::VarBinary(length) => {
                match length {
                    Length::Limited(n) => write!(f, "{name}({n})"),
                    Length::Max => write!(f, "{name}(max)"),
                }
            }
            _ => f.write_str(name),
        }
    }
}

fn parse(name: &str, args: &[Option<u32>], place: Place) -> Result<SqlType, SqlError> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let plain = |sql_type: SqlType| {
        if args.is_empty() {
            Ok(sql_type)
        } else {
            Err(width_not_allowed(name))
        }
    };
    let default_length = match place {
        Place::Declaration => 1,
        Place::Cast => 30,
    };
    let sized = |limit: u16| sized(name, args, default_length, limit);
    let fixed = |limit: u16| match sized(limit)? {
        Length::Limited(n) => Ok(n),
        Length::Max => Err(invalid_length(-1)),
    };
    match words.as_slice() {
        ["bit"] => plain(SqlType::Bit),
        ["tinyint"] => plain(SqlType::TinyInt),
        ["smallint"] => plain(SqlType::SmallInt),
        ["int" | "integer"] => plain(SqlType::Int),
        ["bigint"] => plain(SqlType::BigInt),
        ["decimal" | "dec" | "numeric"] => decimal(args),
        ["money"] => plain(SqlType::Money),
        ["smallmoney"] => plain(SqlType::SmallMoney),
        ["real"] => plain(SqlType::Real),
        ["float"] => match args {
            [] => Ok(SqlType::Float),
            [Some(1..=24)] => Ok(SqlType::Real),
            [Some(25..=53)] => Ok(SqlType::Float),
            [first, ..] => Err(invalid_length(first.map_or(-1, i64::from))),
        },
        ["double", "precision"] => plain(SqlType::Float),
        ["char" | "character"] => fixed(8000).map(SqlType::Char),
        ["varchar"] | ["char" | "character", "varying"] => sized(8000).map(SqlType::VarChar),
        ["nchar"] | ["national", "char" | "character"] => fixed(4000).map(SqlType::NChar),
        ["nvarchar"] | ["national", "char" | "character", "varying"] => {
            sized(4000).map(SqlType::NVarChar)
        }
        ["binary"] => fixed(8000).map(SqlType::Binary),
        ["varbinary"] | ["binary", "varying"] => sized(8000).map(SqlType::VarBinary),
        ["sysname"] => plain(SqlType::SYSNAME),
        ["rowversion" | "timestamp"] => plain(SqlType::RowVersion),
        ["uniqueidentifier"] => plain(SqlType::UniqueIdentifier),
        ["date"] => plain(SqlType::Date),
        ["time"] => fraction(args).map(SqlType::Time),
        ["smalldatetime"] => plain(SqlType::SmallDateTime),
        ["datetime"] => plain(SqlType::DateTime),
        ["datetime2"] => fraction(args).map(SqlType::DateTime2),
        ["datetimeoffset"] => fraction(args).map(SqlType::DateTimeOffset),
        ["xml"] => plain(SqlType::Xml),
        ["text"] => plain(SqlType::LegacyText),
        ["ntext"] | ["national", "text"] => plain(SqlType::LegacyNText),
        ["image"] => plain(SqlType::LegacyImage),
        ["sql_variant"] => plain(SqlType::Variant),
        ["hierarchyid" | "geography" | "geometry" | "json" | "vector" | "cursor" | "table"] => {
            Err(SqlError::unsupported(format_args!("the data type {lower}")))
        }
        _ => Err(match place {
            Place::Declaration => SqlError::new(
                2715,
                16,
                6,
                format!("Column, parameter, or variable #1: Cannot find data type {name}."),
            ),
            Place::Cast => SqlError::new(
                243,
                16,
                1,
                format!("Type {name} is not a defined system type."),
            ),
        }),
    }
}

fn sized(
    name: &str,
    args: &[Option<u32>],
    default_length: u16,
    limit: u16,
) -> Result<Length, SqlError> {
    match args {
        [] => Ok(Length::Limited(default_length)),
        [None] => Ok(Length::Max),
        [Some(0)] => Err(invalid_length(0)),
        [Some(n)] if *n > 8000 => Err(SqlError::new(
            131,
            15,
            3,
            format!(
                "The size ({n}) given to the type '{name}' exceeds the maximum allowed for any data type (8000)."
            ),
        )),
        [Some(n)] if *n > u32::from(limit) => Err(SqlError::new(
            2717,
            16,
            2,
            format!(
                "The size ({n}) given to the type '{name}' exceeds the maximum allowed ({limit})."
            ),
        )),
        [Some(n)] => Ok(Length::Limited(*n as u16)),
        _ => Err(width_not_allowed(name)),
    }
}

fn decimal(args: &[Option<u32>]) -> Result<SqlType, SqlError> {
    let (precision, scale) = match args {
        [] => (18, 0),
        [Some(p)] => (*p, 0),
        [Some(p), Some(s)] => (*p, *s),
        _ => return Err(invalid_length(-1)),
    };
    if precision == 0 {
        return Err(invalid_length(0));
    }
    if precision > 38 {
        return Err(SqlError::new(
            2750,
            16,
            1,
            format!(
                "Column or parameter #1: Specified column precision {precision} is greater than the maximum precision of 38."
            ),
        ));
    }
    if scale > precision {
        return Err(SqlError::new(
            2751,
            16,
            1,
            format!(
                "Column or parameter #1: Specified column scale {scale} is greater than the specified precision of {precision}."
            ),
        ));
    }
    Ok(SqlType::decimal(precision as u8, scale as u8))
}

fn fraction(args: &[Option<u32>]) -> Result<u8, SqlError> {
    match args {
        [] => Ok(7),
        [Some(scale @ 0..=7)] => Ok(*scale as u8),
        [Some(scale)] => Err(SqlError::new(
            1002,
            15,
            1,
            format!("Line 1: Specified scale {scale} is invalid."),
        )),
        _ => Err(invalid_length(-1)),
    }
}

fn invalid_length(length: i64) -> SqlError {
    SqlError::new(
        1001,
        15,
        1,
        format!("Line 1: Length or precision specification {length} is invalid."),
    )
}

fn width_not_allowed(name: &str) -> SqlError {
    SqlError::new(
        2716,
        16,
        1,
        format!(
            "Column, parameter, or variable #1: Cannot specify a column width on data type {name}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(name: &str, args: &[Option<u32>], expected: Result<&str, i32>) {
        let actual = SqlType::from_name(name, args)
            .map(|sql_type| sql_type.to_string())
            .map_err(|error| error.number);
        assert_eq!(
            actual.as_deref(),
            expected.as_ref().copied(),
            "{name} {args:?}"
        );
    }

    #[test]
    fn names_and_arguments_make_types() {
        for (name, args, expected) in [
            ("INT", &[][..], Ok("int")),
            ("integer", &[], Ok("int")),
            ("sysname", &[], Ok("nvarchar(128)")),
            ("timestamp", &[], Ok("rowversion")),
            ("decimal", &[], Ok("decimal(18,0)")),
            ("numeric", &[Some(10)], Ok("decimal(10,0)")),
            ("dec", &[Some(10), Some(2)], Ok("decimal(10,2)")),
            ("varchar", &[], Ok("varchar(1)")),
            ("nvarchar", &[None], Ok("nvarchar(max)")),
            ("national character varying", &[Some(5)], Ok("nvarchar(5)")),
            ("char varying", &[Some(5)], Ok("varchar(5)")),
            ("float", &[Some(24)], Ok("real")),
            ("double precision", &[], Ok("float")),
            ("datetime2", &[], Ok("datetime2(7)")),
            ("time", &[Some(0)], Ok("time(0)")),
            ("foo", &[], Err(2715)),
            ("varchar", &[Some(0)], Err(1001)),
            ("varchar", &[Some(8001)], Err(131)),
            ("nvarchar", &[Some(4001)], Err(2717)),
            ("char", &[None], Err(1001)),
            ("int", &[Some(4)], Err(2716)),
            ("decimal", &[Some(39)], Err(2750)),
            ("decimal", &[Some(5), Some(6)], Err(2751)),
            ("time", &[Some(8)], Err(1002)),
            ("geography", &[], Err(crate::UNSUPPORTED)),
        ] {
            check(name, args, expected);
        }
        let in_cast = SqlType::from_name_in_cast("varchar", &[]);
        assert_eq!(in_cast, Ok(SqlType::varchar(30)));
        let unknown = SqlType::from_name_in_cast("foo", &[]).expect_err("no such type");
        assert_eq!(
            (unknown.number, unknown.message.as_str()),
            (243, "Type foo is not a defined system type.")
        );
    }

    #[test]
    fn columns_have_the_facts_of_sys_columns() {
        for (sql_type, expected) in [
            (SqlType::Int, (56, 4, 10, 0)),
            (SqlType::decimal(10, 2), (106, 9, 10, 2)),
            (SqlType::nvarchar(50), (231, 100, 0, 0)),
            (SqlType::VARCHAR_MAX, (167, -1, 0, 0)),
            (SqlType::DateTime2(7), (42, 8, 27, 7)),
            (SqlType::DateTime2(3), (42, 7, 23, 3)),
            (SqlType::DateTimeOffset(0), (43, 8, 26, 0)),
            (SqlType::Time(7), (41, 5, 16, 7)),
            (SqlType::RowVersion, (189, 8, 0, 0)),
        ] {
            let facts = sql_type.facts();
            let actual = (
                facts.system_type_id,
                facts.max_length,
                facts.precision,
                facts.scale,
            );
            assert_eq!(actual, expected, "{sql_type}");
        }
    }

    proptest! {
        #[test]
        fn no_name_panics(name in "[a-z ]{0,12}", args in proptest::collection::vec(any::<Option<u32>>(), 0..3)) {
            let _ = SqlType::from_name(&name, &args);
            let _ = SqlType::from_name_in_cast(&name, &args);
        }
    }
}
