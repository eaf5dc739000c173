//! What a SQL Server value is: types, conversion, collation, arithmetic, scalar functions.

mod arithmetic;
mod calendar;
mod code_page;
mod collation;
mod compare;
mod conversion_rules;
mod convert;
mod date_format;
mod date_parse;
mod decimal;
mod error;
mod functions;
mod latin;
mod like;
mod messages;
mod result_type;
mod sql_type;
mod type_name;
mod value;

pub use arithmetic::{BinaryOperator, UnaryOperator, binary, binary_type, unary, unary_type};
pub use collation::Collation;
pub use compare::{
    ValueKey, check_comparable, check_sortable, compare, invalid_operand_type, order,
};
pub use convert::{ConversionKind, assign, check_conversion, convert};
pub use error::{SqlError, UNSUPPORTED};
pub use functions::{
    Evaluate, FunctionContext, RandomSequence, ReturnType, ScalarFunction, all as all_functions,
    lookup,
};
pub use like::{LikePattern, like};
pub use result_type::{concatenation_type, union_type, union_types};
pub use sql_type::{Length, SqlType};
pub use type_name::{SYSTEM_TYPES, TypeFacts};
pub use value::Value;
