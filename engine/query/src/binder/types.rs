//! Which type does a data type in an expression mean, and how does an expression become one?

use tsql::sql;
use values::{ConversionKind, SqlError, SqlType, Value, check_conversion, convert};

use crate::plan::{Expr, ExprKind};

/// The type of CAST, CONVERT and WITH clauses.
pub(crate) fn data_type(data_type: &sql::DataType) -> Result<SqlType, SqlError> {
    use sql::{CharacterLength, DataType as T, ExactNumberInfo};
    fn length(length: &Option<CharacterLength>) -> Vec<Option<u32>> {
        match length {
            None => Vec::new(),
            Some(CharacterLength::Max) => vec![None],
            Some(CharacterLength::IntegerLength { length, .. }) => {
                vec![Some(u32::try_from(*length).unwrap_or(u32::MAX))]
            }
        }
    }
    fn number(n: &Option<u64>) -> Vec<Option<u32>> {
        n.iter()
            .map(|n| Some(u32::try_from(*n).unwrap_or(u32::MAX)))
            .collect()
    }
    fn exact(info: &ExactNumberInfo) -> Vec<Option<u32>> {
        let part = |n: u64| Some(u32::try_from(n).unwrap_or(u32::MAX));
        match info {
            ExactNumberInfo::None => Vec::new(),
            ExactNumberInfo::Precision(p) => vec![part(*p)],
            ExactNumberInfo::PrecisionAndScale(p, s) => {
                vec![part(*p), Some(u32::try_from(*s).unwrap_or(u32::MAX))]
            }
        }
    }
    let (name, arguments): (&str, Vec<Option<u32>>) = match data_type {
        T::Character(n) | T::Char(n) => ("char", length(n)),
        T::CharacterVarying(n) | T::CharVarying(n) | T::Varchar(n) => ("varchar", length(n)),
        T::Nvarchar(n) => ("nvarchar", length(n)),
        T::Uuid => ("uniqueidentifier", Vec::new()),
        T::Binary(n) => ("binary", number(n)),
        T::Varbinary(None) => ("varbinary", Vec::new()),
        T::Varbinary(Some(sql::BinaryLength::Max)) => ("varbinary", vec![None]),
        T::Varbinary(Some(sql::BinaryLength::IntegerLength { length })) => (
            "varbinary",
            vec![Some(u32::try_from(*length).unwrap_or(u32::MAX))],
        ),
        T::Numeric(info) => ("numeric", exact(info)),
        T::Decimal(info) => ("decimal", exact(info)),
        T::Dec(info) => ("dec", exact(info)),
        T::Float(info) => ("float", exact(info)),
        T::TinyInt(_) => ("tinyint", Vec::new()),
        T::SmallInt(_) => ("smallint", Vec::new()),
        T::Int(_) | T::Integer(_) => ("int", Vec::new()),
        T::BigInt(_) => ("bigint", Vec::new()),
        T::Real => ("real", Vec::new()),
        T::Double(_) | T::DoublePrecision => ("float", Vec::new()),
        T::Bit(_) => ("bit", Vec::new()),
        T::Date => ("date", Vec::new()),
        T::Time(n, _) => ("time", number(n)),
        T::Datetime(_) => ("datetime", Vec::new()),
        T::Timestamp(..) => ("timestamp", Vec::new()),
        T::Text => ("text", Vec::new()),
        T::Custom(name, arguments) => {
            let name = super::name_of(name)?;
            let text = name.0.last().cloned().unwrap_or_default();
            let arguments = arguments
                .iter()
                .map(|argument| {
                    if argument.eq_ignore_ascii_case("max") {
                        Ok(None)
                    } else {
                        argument.trim().parse().map(Some)
                    }
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| crate::messages::syntax_near(&text))?;
            return SqlType::from_name_in_cast(&text.to_lowercase(), &arguments);
        }
        other => return Err(SqlError::unsupported(format!("the data type {other}"))),
    };
    SqlType::from_name_in_cast(name, &arguments)
}

/// The expression as an explicit conversion.
pub(crate) fn cast(
    operand: Expr,
    to: SqlType,
    style: Option<Expr>,
    or_null: bool,
) -> Result<Expr, SqlError> {
    check_conversion(&operand.data_type, &to, ConversionKind::Explicit)?;
    Ok(Expr {
        data_type: to,
        collation: operand.collation,
        nullable: operand.nullable || or_null,
        kind: ExprKind::Convert {
            operand: Box::new(operand),
            style: style.map(Box::new),
            explicit: true,
            or_null,
        },
    })
}

impl Expr {
    /// The expression in another type, as an operator or assignment converts it. A constant is
    /// converted now; if that fails, the error waits until somebody looks at the value.
    pub(crate) fn convert_to(self, to: SqlType) -> Result<Self, SqlError> {
        if self.data_type == to {
            return Ok(self);
        }
        check_conversion(&self.data_type, &to, ConversionKind::Implicit)?;
        if let ExprKind::Constant(value) = &self.kind
            && let Ok(value) = convert(value, &self.data_type, &to, None, ConversionKind::Implicit)
        {
            return Ok(Self {
                kind: ExprKind::Constant(value),
                data_type: to,
                ..self
            });
        }
        Ok(Self {
            data_type: to,
            collation: self.collation,
            nullable: self.nullable,
            kind: ExprKind::Convert {
                operand: Box::new(self),
                style: None,
                explicit: false,
                or_null: false,
            },
        })
    }

    pub(crate) fn is_null_literal(&self) -> bool {
        matches!(self.kind, ExprKind::Constant(Value::Null))
    }
}
