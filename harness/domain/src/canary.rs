//! Recognising a tenant's values wherever they surface: in text, numbers, dates and GUIDs, raw and
//! encoded.

use serde::{Deserialize, Serialize};

use crate::world::TenantIndex;

/// A planted value of some tenant, seen somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// Whose value it is.
    pub tenant: TenantIndex,
    /// How it was recognised.
    pub kind: CanaryKind,
    /// How it was encoded.
    pub encoding: Encoding,
    /// The value as it was seen, cut to 120 characters.
    pub value: String,
    /// Where in the response, for example `result 1, row 3, column Name`.
    pub place: String,
}

/// How a planted value is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanaryKind {
    /// The tenant's text mark.
    Text,
    /// A number of its band.
    Number,
    /// A date of its year.
    Date,
    /// A GUID with its prefix.
    Guid,
}

/// How a sighted value was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As planted.
    Plain,
    /// Bytes of UTF-16LE, as in `CAST(x AS VARBINARY)`.
    Utf16,
    /// Bytes of UTF-8 or a code page, as in `CAST(x AS VARBINARY)` of varchar.
    Bytes,
    /// Base64.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Percent encoding.
    Percent,
    /// Written backwards, as REVERSE gives it.
    Reversed,
}
