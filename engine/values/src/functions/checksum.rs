//! Which number do CHECKSUM and BINARY_CHECKSUM yield?
//!
//! Each argument is turned into 32-bit words: an integer is its own word, other values give the
//! words of their bytes. The sum is rotated left by four bits before a word is added by exclusive
//! or. For int arguments and for varchar in BINARY_CHECKSUM that is SQL Server's published
//! behaviour; CHECKSUM takes the bytes of a text's sort key under our collation, so its numbers
//! differ from a real server's, while equal texts still have equal checksums.

use super::FunctionContext;
use super::arguments::Argument;
use crate::{ConversionKind, SqlError, SqlType, Value, convert};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// By collation.
    SortKeys,
    /// As stored.
    Bytes,
}

pub(super) fn checksum(
    arguments: &[Argument],
    context: &dyn FunctionContext,
    texts: Texts,
) -> Result<Value, SqlError> {
    let mut sum = 0_u32;
    let mut add = |word: u32| sum = sum.rotate_left(4) ^ word;
    for (value, sql_type) in arguments {
        match value {
            // NULL counts, so that (NULL, 1) and (1, NULL) differ.
            Value::Null => add(0x7FFF_FFFF),
            Value::Bit(_) | Value::TinyInt(_) | Value::SmallInt(_) | Value::Int(_) => {
                add(value.as_integer().unwrap_or(0) as u32);
            }
            Value::Text(text) if texts == Texts::SortKeys => {
                context
                    .collation()
                    .sort_key(text)
                    .into_iter()
                    .for_each(|byte| add(byte.into()));
            }
            _ => {
                let to = SqlType::VARBINARY_MAX;
                let bytes = convert(value, sql_type, &to, None, ConversionKind::Explicit)?;
                if let Value::Binary(bytes) = bytes {
                    bytes.iter().for_each(|byte| add(u32::from(*byte)));
                }
            }
        }
    }
    Ok(Value::Int(sum as i32))
}
