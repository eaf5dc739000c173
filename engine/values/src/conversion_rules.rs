//! Which type may become which? Microsoft's chart of implicit and explicit conversions.

use crate::SqlType;

/// What the chart says of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// By itself.
    Implicit,
    /// With CAST or CONVERT only.
    Explicit,
    /// Never.
    Never,
}

/// Types that the chart treats alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Binary,
    Char,
    NChar,
    DateTime,
    Date,
    Time,
    /// datetime2 and datetimeoffset.
    NewDateTime,
    Exact,
    Float,
    Money,
    RowVersion,
    Guid,
    Image,
    Text,
    NText,
    Variant,
    Xml,
}

fn family(sql_type: &SqlType) -> Family {
    match sql_type {
        SqlType::Binary(_) | SqlType::VarBinary(_) => Family::Binary,
        SqlType::Char(_) | SqlType::VarChar(_) => Family::Char,
        SqlType::NChar(_) | SqlType::NVarChar(_) => Family::NChar,
        SqlType::DateTime | SqlType::SmallDateTime => Family::DateTime,
        SqlType::Date => Family::Date,
        SqlType::Time(_) => Family::Time,
        SqlType::DateTime2(_) | SqlType::DateTimeOffset(_) => Family::NewDateTime,
        SqlType::Bit
        | SqlType::TinyInt
        | SqlType::SmallInt
        | SqlType::Int
        | SqlType::BigInt
        | SqlType::Decimal { .. }
        | SqlType::UntypedNull => Family::Exact,
        SqlType::Float | SqlType::Real => Family::Float,
        SqlType::Money | SqlType::SmallMoney => Family::Money,
        SqlType::RowVersion => Family::RowVersion,
        SqlType::UniqueIdentifier => Family::Guid,
        SqlType::LegacyImage => Family::Image,
        SqlType::LegacyText => Family::Text,
        SqlType::LegacyNText => Family::NText,
        SqlType::Variant => Family::Variant,
        SqlType::Xml => Family::Xml,
    }
}

/// The rule of a pair. NULL without type becomes anything.
pub(crate) fn rule(from: &SqlType, to: &SqlType) -> Rule {
    use Family::{
        Binary, Char, Date, DateTime, Exact, Float, Guid, Image, Money, NChar, NText, NewDateTime,
        RowVersion, Text, Time, Variant, Xml,
    };
    use Rule::{Explicit, Implicit, Never};
    if matches!(from, SqlType::UntypedNull) {
        return Implicit;
    }
    let (from, to) = (family(from), family(to));
    if from == to {
        return Implicit;
    }
    match (from, to) {
        (
            Binary,
            Char | NChar | DateTime | Exact | Money | RowVersion | Guid | Image | Variant | Xml,
        ) => Implicit,
        (Binary, Date | Time | NewDateTime) => Explicit,
        (Binary, _) => Never,

        (Char | NChar, Binary | RowVersion) => Explicit,
        (NChar, Image) => Never,
        (Char | NChar, _) => Implicit,

        (DateTime, Char | NChar | Date | Time | NewDateTime | Variant) => Implicit,
        (DateTime, Binary | Exact | Float | Money | RowVersion) => Explicit,
        (Date, Char | NChar | DateTime | NewDateTime | Variant) => Implicit,
        (Time, Char | NChar | DateTime | NewDateTime | Variant) => Implicit,
        (NewDateTime, Char | NChar | DateTime | Date | Time | Variant) => Implicit,
        (Date | Time | NewDateTime, Binary) => Explicit,
        (DateTime | Date | Time | NewDateTime, _) => Never,

        (Exact, Binary | Char | NChar | DateTime | Float | Money | RowVersion | Variant) => {
            Implicit
        }
        (Float, Binary | Char | NChar | DateTime | Exact | Money | Variant) => Implicit,
        // Money to text is refused unless asked for, since a text of money is ambiguous.
        (Money, Char | NChar) => Explicit,
        (Money, Binary | DateTime | Exact | Float | RowVersion | Variant) => Implicit,
        (Exact | Float | Money, _) => Never,

        (RowVersion, Binary | Char | DateTime | Exact | Money | Image) => Implicit,
        (RowVersion, _) => Never,
        (Guid, Binary | Char | NChar | Variant) => Implicit,
        (Guid, _) => Never,
        (Image, Binary | RowVersion) => Implicit,
        (Image, _) => Never,
        (Text, Char | Xml) => Implicit,
        (Text, NChar) => Explicit,
        (Text, _) => Never,
        (NText, NChar | Xml) => Implicit,
        (NText, Char) => Explicit,
        (NText, _) => Never,
        (Variant, RowVersion | Text | NText | Image | Xml) => Never,
        (Variant, _) => Explicit,
        (Xml, Binary | Char | NChar) => Explicit,
        (Xml, _) => Never,
    }
}
