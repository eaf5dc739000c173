//! Functions over numbers.

use super::arguments::{Argument, float, float_result, int};
use super::{FunctionContext, ScalarFunction, function, volatile};
use crate::convert::{exact, float_of, integer, money};
use crate::decimal;
use crate::messages::{expression_overflow, float_overflow, invalid_argument_type};
use crate::{ConversionKind, SqlError, SqlType, Value, compare, convert, union_types};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    function("abs", (1, 1), |types| number_type(types, "abs"), abs),
    function("sign", (1, 1), |types| number_type(types, "sign"), sign),
    function(
        "ceiling",
        (1, 1),
        |types| whole_type(types, "ceiling"),
        ceiling,
    ),
    function("floor", (1, 1), |types| whole_type(types, "floor"), floor),
    function("round", (2, 3), |types| number_type(types, "round"), round),
    function("power", (2, 2), power_type, power),
    function(
        "degrees",
        (1, 1),
        |types| wide_type(types, "degrees"),
        |arguments, _| through_float(arguments, "degrees", f64::to_degrees),
    ),
    function(
        "radians",
        (1, 1),
        |types| wide_type(types, "radians"),
        |arguments, _| through_float(arguments, "radians", f64::to_radians),
    ),
    function("square", (1, 1), float_type, |arguments, _| {
        over_float(arguments, |x| x * x)
    }),
    function("sqrt", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::sqrt)
    }),
    function("exp", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::exp)
    }),
    function("log", (1, 2), float_type, log),
    function("log10", (1, 1), float_type, |arguments, _| {
        over_float(arguments, |x| domain(x, x > 0.0).log10())
    }),
    function("sin", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::sin)
    }),
    function("cos", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::cos)
    }),
    function("tan", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::tan)
    }),
    function("cot", (1, 1), float_type, |arguments, _| {
        over_float(arguments, |x| 1.0 / x.tan())
    }),
    function("asin", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::asin)
    }),
    function("acos", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::acos)
    }),
    function("atan", (1, 1), float_type, |arguments, _| {
        over_float(arguments, f64::atan)
    }),
    function("atn2", (2, 2), float_type, atn2),
    function("pi", (0, 0), float_type, |_, _| {
        Ok(Value::Float(std::f64::consts::PI))
    }),
    volatile("rand", (0, 1), float_type, rand),
    function("greatest", (1, 254), |types| union_types(types), greatest),
    function("least", (1, 254), |types| union_types(types), least),
    function("bit_count", (1, 1), |_| Ok(SqlType::BigInt), bit_count),
];

fn float_type(_: &[SqlType]) -> Result<SqlType, SqlError> {
    Ok(SqlType::Float)
}

/// Small integers become int, small money money; texts and bit become float.
fn number_type(types: &[SqlType], name: &str) -> Result<SqlType, SqlError> {
    Ok(match types[0] {
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::UntypedNull => SqlType::Int,
        SqlType::BigInt => SqlType::BigInt,
        SqlType::SmallMoney | SqlType::Money => SqlType::Money,
        SqlType::Decimal { .. } => types[0],
        SqlType::Real | SqlType::Float | SqlType::Bit => SqlType::Float,
        other if other.is_character() => SqlType::Float,
        other => return Err(invalid_argument_type(&other, 1, name)),
    })
}

/// A decimal loses its fraction.
fn whole_type(types: &[SqlType], name: &str) -> Result<SqlType, SqlError> {
    Ok(match number_type(types, name)? {
        SqlType::Decimal { precision, .. } => SqlType::decimal(precision, 0),
        other => other,
    })
}

/// A decimal becomes as wide as it can.
fn wide_type(types: &[SqlType], name: &str) -> Result<SqlType, SqlError> {
    Ok(match number_type(types, name)? {
        SqlType::Decimal { scale, .. } => SqlType::decimal(38, scale),
        other => other,
    })
}

fn power_type(types: &[SqlType]) -> Result<SqlType, SqlError> {
    wide_type(types, "power")
}

/// The first argument in the type that the function works in.
fn number(arguments: &[Argument], name: &str) -> Result<(Value, SqlType), SqlError> {
    let (value, sql_type) = &arguments[0];
    let to = number_type(&[*sql_type], name)?;
    Ok((
        convert(value, sql_type, &to, None, ConversionKind::Implicit)?,
        to,
    ))
}

fn abs(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = number(arguments, "abs")?;
    let overflow = || expression_overflow(&sql_type);
    Ok(match value {
        Value::Float(number) => Value::Float(number.abs()),
        Value::Decimal { unscaled, scale } => Value::Decimal {
            unscaled: unscaled.abs(),
            scale,
        },
        Value::Money(number) => Value::Money(number.checked_abs().ok_or_else(overflow)?),
        Value::Int(number) => Value::Int(number.checked_abs().ok_or_else(overflow)?),
        Value::BigInt(number) => Value::BigInt(number.checked_abs().ok_or_else(overflow)?),
        other => other,
    })
}

fn sign(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    Ok(match number(arguments, "sign")?.0 {
        // Both zeros match this pattern, and neither has a sign.
        Value::Float(0.0) => Value::Float(0.0),
        Value::Float(number) => Value::Float(number.signum()),
        Value::Decimal { unscaled, scale } => Value::Decimal {
            unscaled: unscaled.signum() * decimal::power_of_ten(scale),
            scale,
        },
        Value::Money(number) => Value::Money(number.signum() * 10_000),
        Value::Int(number) => Value::Int(number.signum()),
        Value::BigInt(number) => Value::BigInt(number.signum()),
        other => other,
    })
}

fn ceiling(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    to_whole(arguments, "ceiling", f64::ceil, |number, unit| {
        -((-number).div_euclid(unit))
    })
}

fn floor(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    to_whole(arguments, "floor", f64::floor, i128::div_euclid)
}

fn to_whole(
    arguments: &[Argument],
    name: &str,
    float: fn(f64) -> f64,
    exact: fn(i128, i128) -> i128,
) -> Result<Value, SqlError> {
    let (value, sql_type) = number(arguments, name)?;
    Ok(match value {
        Value::Float(number) => Value::Float(float(number)),
        Value::Decimal { unscaled, scale } => Value::Decimal {
            unscaled: exact(unscaled, decimal::power_of_ten(scale)),
            scale: 0,
        },
        Value::Money(number) => {
            let whole = exact(i128::from(number), 10_000) * 10_000;
            money(whole, &sql_type).ok_or_else(|| expression_overflow(&sql_type))?
        }
        other => other,
    })
}

fn round(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (value, sql_type) = number(arguments, "round")?;
    let cut = match arguments.get(2) {
        Some(argument) => match int(argument)? {
            Some(function) => function != 0,
            None => return Ok(Value::Null),
        },
        None => false,
    };
    let Some(digits) = int(&arguments[1])? else {
        return Ok(Value::Null);
    };
    let overflow = || expression_overflow(&sql_type);
    if let Value::Float(number) = value {
        let factor = 10_f64.powi(digits.clamp(-400, 400));
        let scaled = number * factor;
        let rounded = if cut { scaled.trunc() } else { scaled.round() };
        // Where the factor leaves the range of floats, there is nothing to round or nothing left.
        let result = match digits {
            _ if scaled.is_finite() && factor != 0.0 => rounded / factor,
            1.. => number,
            _ => 0.0,
        };
        return Ok(Value::Float(result));
    }
    let Some((unscaled, scale)) = exact(&value) else {
        return Ok(value);
    };
    let drop = i32::from(scale) - digits;
    if drop <= 0 {
        return Ok(value);
    }
    let result = if drop > 38 {
        0
    } else {
        let unit = decimal::power_of_ten(drop as u8);
        let kept = if cut {
            unscaled / unit
        } else {
            decimal::divide_rounded(unscaled, unit)
        };
        kept.checked_mul(unit).ok_or_else(overflow)?
    };
    match (&value, sql_type) {
        (Value::Decimal { scale, .. }, SqlType::Decimal { precision, .. }) => {
            if !decimal::fits(result, precision) {
                return Err(overflow());
            }
            Ok(Value::Decimal {
                unscaled: result,
                scale: *scale,
            })
        }
        (Value::Money(_), _) => money(result, &sql_type).ok_or_else(overflow),
        _ => integer(result, &sql_type).ok_or_else(overflow),
    }
}

fn power(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let (Some(base), Some(exponent)) = (float(&arguments[0])?, float(&arguments[1])?) else {
        return Ok(Value::Null);
    };
    if base == 0.0 && exponent < 0.0 {
        return Err(crate::messages::divide_by_zero());
    }
    from_float(base.powf(exponent), &wide_type(&[arguments[0].1], "power")?)
}

fn through_float(
    arguments: &[Argument],
    name: &str,
    change: fn(f64) -> f64,
) -> Result<Value, SqlError> {
    match float(&arguments[0])? {
        Some(number) => from_float(change(number), &wide_type(&[arguments[0].1], name)?),
        None => Ok(Value::Null),
    }
}

fn from_float(number: f64, to: &SqlType) -> Result<Value, SqlError> {
    let Value::Float(number) = float_result(number)? else {
        return Ok(Value::Null);
    };
    match to {
        SqlType::Int | SqlType::BigInt => {
            integer(number.trunc() as i128, to).ok_or_else(|| float_overflow(to, number))
        }
        _ => convert(
            &Value::Float(number),
            &SqlType::Float,
            to,
            None,
            ConversionKind::Implicit,
        ),
    }
}

fn over_float(arguments: &[Argument], change: fn(f64) -> f64) -> Result<Value, SqlError> {
    match float(&arguments[0])? {
        Some(number) => float_result(change(number)),
        None => Ok(Value::Null),
    }
}

/// Not a number outside of the domain, which becomes error 3623.
fn domain(number: f64, inside: bool) -> f64 {
    if inside { number } else { f64::NAN }
}

fn log(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let Some(number) = float(&arguments[0])? else {
        return Ok(Value::Null);
    };
    let natural = domain(number, number > 0.0).ln();
    match arguments.get(1) {
        None => float_result(natural),
        Some(argument) => match float(argument)? {
            Some(base) => float_result(natural / domain(base, base > 0.0 && base != 1.0).ln()),
            None => Ok(Value::Null),
        },
    }
}

fn atn2(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    match (float(&arguments[0])?, float(&arguments[1])?) {
        (Some(y), Some(x)) => float_result(y.atan2(domain(x, x != 0.0 || y != 0.0))),
        _ => Ok(Value::Null),
    }
}

fn rand(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    let number = match arguments.first() {
        Some(argument) => match int(argument)? {
            Some(seed) => context.seed_random(seed),
            // A seed of NULL counts as 0.
            None => context.seed_random(0),
        },
        None => context.random(),
    };
    float_of(number, &SqlType::Float).ok_or_else(|| expression_overflow(&SqlType::Float))
}

fn greatest(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    extreme(arguments, context, std::cmp::Ordering::Greater)
}

fn least(arguments: &[Argument], context: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    extreme(arguments, context, std::cmp::Ordering::Less)
}

/// NULLs are passed over.
fn extreme(
    arguments: &[Argument],
    context: &mut dyn FunctionContext,
    wanted: std::cmp::Ordering,
) -> Result<Value, SqlError> {
    let to = union_types(arguments.iter().map(|(_, sql_type)| sql_type))?;
    let mut best = Value::Null;
    for (value, sql_type) in arguments {
        let value = convert(value, sql_type, &to, None, ConversionKind::Implicit)?;
        let better = compare(&value, &to, &best, &to, context.collation())? == Some(wanted);
        if better || best.is_null() {
            best = value;
        }
    }
    Ok(best)
}

fn bit_count(arguments: &[Argument], _: &mut dyn FunctionContext) -> Result<Value, SqlError> {
    Ok(match &arguments[0].0 {
        Value::Binary(bytes) => {
            Value::BigInt(bytes.iter().map(|byte| i64::from(byte.count_ones())).sum())
        }
        Value::Bit(bit) => Value::BigInt(i64::from(*bit)),
        Value::TinyInt(number) => Value::BigInt(i64::from(number.count_ones())),
        Value::SmallInt(number) => Value::BigInt(i64::from(number.count_ones())),
        Value::Int(number) => Value::BigInt(i64::from(number.count_ones())),
        Value::BigInt(number) => Value::BigInt(i64::from(number.count_ones())),
        Value::Null => Value::Null,
        _ => return Err(invalid_argument_type(&arguments[0].1, 1, "bit_count")),
    })
}
