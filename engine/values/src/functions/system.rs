//! Functions over values of any type, and those of the system that need no catalog.

use super::arguments::{Argument, text};
use super::checksum::{Texts, checksum};
use super::hash::digest;
use super::{FunctionContext, ScalarFunction, function, volatile};
use crate::messages::invalid_argument_type;
use crate::{ConversionKind, SqlError, SqlType, Value, convert};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    function("isnull", (2, 2), is_null_type, is_null),
    function("isnumeric", (1, 1), |_| Ok(SqlType::Int), is_numeric),
    volatile(
        "newid",
        (0, 0),
        |_| Ok(SqlType::UniqueIdentifier),
        |_, context| Ok(Value::Guid(context.new_guid())),
    ),
    // Only for a DEFAULT, which the binder sees to. The order of the values is not imitated.
    volatile(
        "newsequentialid",
        (0, 0),
        |_| Ok(SqlType::UniqueIdentifier),
        |_, context| Ok(Value::Guid(context.new_guid())),
    ),
    function(
        "hashbytes",
        (2, 2),
        |_| Ok(SqlType::varbinary(8000)),
        hash_bytes,
    ),
    function(
        "checksum",
        (1, 254),
        |_| Ok(SqlType::Int),
        |arguments, context| checksum(arguments, context, Texts::SortKeys),
    ),
    function(
        "binary_checksum",
        (1, 254),
        |_| Ok(SqlType::Int),
        |arguments, context| checksum(arguments, context, Texts::Bytes),
    ),
    function(
        "sql_variant_property",
        (2, 2),
        |_| Ok(SqlType::Variant),
        variant_property,
    ),
    function(
        "compress",
        (1, 1),
        |_| Err(no_compression()),
        |_, _| Err(no_compression()),
    ),
    function(
        "decompress",
        (1, 1),
        |_| Err(no_compression()),
        |_, _| Err(no_compression()),
    ),
    function(
        "crypt_gen_random",
        (1, 2),
        |_| Ok(SqlType::varbinary(8000)),
        random_bytes,
    ),
];

fn no_compression() -> SqlError {
    SqlError::unsupported("COMPRESS and DECOMPRESS")
}

/// The type of the first argument; this is where ISNULL differs from COALESCE.
fn is_null_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    match types {
        [SqlType::UntypedNull, SqlType::UntypedNull] => Ok(SqlType::Int),
        [SqlType::UntypedNull, other] => Ok(*other),
        [first, second] => {
            crate::check_conversion(second, first, ConversionKind::Implicit)?;
            Ok(*first)
        }
        _ => Ok(SqlType::Int),
    }
}

fn is_null(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let ((first, first_type), (second, second_type)) = (&arguments[0], &arguments[1]);
    let to = is_null_type(&[*first_type, *second_type])?;
    if first.is_null() {
        convert(second, second_type, &to, None, ConversionKind::Implicit)
    } else {
        Ok(first.clone())
    }
}

fn is_numeric(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = &arguments[0];
    let numeric = match value {
        Value::Null => false,
        Value::Text(text) => {
            let becomes =
                |to: &SqlType| convert(value, sql_type, to, None, ConversionKind::Explicit).is_ok();
            // Whatever some number type reads: '$', '-', '.' and '1e5' among them.
            match text.trim() {
                "" => false,
                "." => true,
                _ => becomes(&SqlType::Money) || becomes(&SqlType::Float),
            }
        }
        _ => sql_type.is_number(),
    };
    Ok(Value::Int(i32::from(numeric)))
}

fn hash_bytes(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = &arguments[1];
    let hashable = sql_type.is_character() || sql_type.is_binary() || value.is_null();
    if !hashable || sql_type.is_legacy_large() {
        return Err(invalid_argument_type(sql_type, 2, "hashbytes"));
    }
    let Some(algorithm) = text(&arguments[0])? else {
        return Ok(Value::Null);
    };
    if matches!(algorithm.to_ascii_uppercase().as_str(), "MD2" | "MD4") {
        return Err(SqlError::unsupported(format_args!(
            "HASHBYTES with {algorithm}"
        )));
    }
    let to = SqlType::VARBINARY_MAX;
    let Value::Binary(bytes) = convert(value, sql_type, &to, None, ConversionKind::Explicit)?
    else {
        return Ok(Value::Null);
    };
    Ok(digest(&algorithm, &bytes).map_or(Value::Null, Value::binary))
}

fn variant_property(
    arguments: &[Argument],
    _: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(property) = text(&arguments[1])? else {
        return Ok(Value::Null);
    };
    let sql_type = match &arguments[0] {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::Variant(inner), _) => inner.0,
        (_, sql_type) => *sql_type,
    };
    let facts = sql_type.facts();
    let number = |number: i32| (SqlType::Int, Value::Int(number));
    let inner = match property.to_ascii_lowercase().as_str() {
        "basetype" => (SqlType::SYSNAME, Value::text(sql_type.base_name())),
        "precision" => number(facts.precision.into()),
        "scale" => number(facts.scale.into()),
        "maxlength" => number(facts.max_length.into()),
        // Two bytes of header before the value.
        "totalbytes" => number(i32::from(facts.max_length) + 2),
        "collation" if sql_type.is_text() => (
            SqlType::SYSNAME,
            Value::text(crate::Collation::default().name()),
        ),
        _ => return Ok(Value::Null),
    };
    Ok(Value::Variant(Box::new(inner)))
}

fn random_bytes(
    arguments: &[Argument],
    context: &mut dyn FunctionContext,
) -> Result<Value, SqlError> {
    let Some(length) = super::arguments::int(&arguments[0])? else {
        return Ok(Value::Null);
    };
    if !(1..=8000).contains(&length) {
        return Ok(Value::Null);
    }
    let bytes: Vec<u8> = (0..length)
        .map(|_| (context.random() * 256.0) as u8)
        .collect();
    Ok(Value::binary(bytes))
}
