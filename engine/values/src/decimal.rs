//! How are decimals calculated? 38 digits on `i128`, with SQL Server's rules for scale.
//!
//! `None` means that the result does not fit 38 digits; the caller knows which error that is.

/// The most digits of a decimal.
pub(crate) const PRECISION_MAX: u8 = 38;

const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < 39 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// 10 to the `exponent`, which is at most 38.
pub(crate) fn power_of_ten(exponent: u8) -> i128 {
    POWERS[usize::from(exponent)]
}

/// Whether the value has no more than `precision` digits.
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    unscaled.unsigned_abs() < power_of_ten(precision).unsigned_abs()
}

/// The same number with another scale, rounded half away from zero.
pub(crate) fn rescale(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        checked(unscaled.checked_mul(power_of_ten(to - from))?)
    } else {
        Some(divide_rounded(unscaled, power_of_ten(from - to)))
    }
}

/// `a / b`, rounded half away from zero; `b` is positive.
pub(crate) fn divide_rounded(a: i128, b: i128) -> i128 {
    let (quotient, remainder) = (a / b, a % b);
    // Half of b is compared rather than twice the remainder, which could overflow.
    if remainder.unsigned_abs() >= (b.unsigned_abs()).div_ceil(2) {
        quotient + a.signum()
    } else {
        quotient
    }
}

fn checked(unscaled: i128) -> Option<i128> {
    fits(unscaled, PRECISION_MAX).then_some(unscaled)
}

/// `a + b` at `scale`, which may be less than theirs.
pub(crate) fn add(a: (i128, u8), b: (i128, u8), scale: u8) -> Option<i128> {
    let wide = a.1.max(b.1);
    let exact = || rescale(a.0, a.1, wide)?.checked_add(rescale(b.0, b.1, wide)?);
    match exact() {
        Some(sum) => checked(rescale(sum, wide, scale)?),
        // The operands do not meet at full scale in 38 digits; the result has a reduced scale,
        // and each is rounded to it.
        None => checked(rescale(a.0, a.1, scale)?.checked_add(rescale(b.0, b.1, scale)?)?),
    }
}

/// `a * b` at `scale`, rounded if that is less than the sum of theirs.
pub(crate) fn multiply(a: (i128, u8), b: (i128, u8), scale: u8) -> Option<i128> {
    let full = a.1 + b.1;
    let negative = (a.0 < 0) != (b.0 < 0);
    let (high, low) = wide_product(a.0.unsigned_abs(), b.0.unsigned_abs());
    let mut drop = full.saturating_sub(scale);
    let (mut high, mut low) = (high, low);
    let mut rounded_up = false;
    // Up to 76 digits are dropped, 38 at most in one go; only the last step rounds.
    if drop > PRECISION_MAX {
        let step = power_of_ten(drop - PRECISION_MAX).unsigned_abs();
        let first = high / step;
        (low, _) = wide_divide(high % step, low, step)?;
        high = first;
        drop = PRECISION_MAX;
    }
    let magnitude = if drop == 0 {
        if high != 0 {
            return None;
        }
        low
    } else {
        let divisor = power_of_ten(drop).unsigned_abs();
        let (quotient, remainder) = wide_divide(high, low, divisor)?;
        rounded_up = remainder >= divisor.div_ceil(2);
        quotient
    };
    let magnitude = i128::try_from(magnitude.checked_add(u128::from(rounded_up))?).ok()?;
    checked(if negative { -magnitude } else { magnitude })
}

/// `a / b` at `scale`, truncated; `b` is not zero.
pub(crate) fn divide(a: (i128, u8), b: (i128, u8), scale: u8) -> Option<i128> {
    let negative = (a.0 < 0) != (b.0 < 0);
    let divisor = b.0.unsigned_abs();
    let mut quotient = a.0.unsigned_abs() / divisor;
    let mut remainder = a.0.unsigned_abs() % divisor;
    let mut shift = i32::from(scale) + i32::from(b.1) - i32::from(a.1);
    while shift > 0 {
        let step = shift.min(i32::from(PRECISION_MAX)) as u8;
        let factor = power_of_ten(step).unsigned_abs();
        let (high, low) = wide_product(remainder, factor);
        let (digits, rest) = wide_divide(high, low, divisor)?;
        quotient = quotient.checked_mul(factor)?.checked_add(digits)?;
        remainder = rest;
        shift -= i32::from(step);
    }
    while shift < 0 {
        let step = (-shift).min(i32::from(PRECISION_MAX)) as u8;
        quotient /= power_of_ten(step).unsigned_abs();
        shift += i32::from(step);
    }
    let magnitude = i128::try_from(quotient).ok()?;
    checked(if negative { -magnitude } else { magnitude })
}

/// `a % b` at the larger scale of the two, with the sign of `a`; `b` is not zero.
pub(crate) fn modulo(a: (i128, u8), b: (i128, u8)) -> Option<i128> {
    let scale = a.1.max(b.1);
    Some(rescale(a.0, a.1, scale)? % rescale(b.0, b.1, scale)?)
}

/// 128 × 128 bits, as high and low half.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & LOW);
    let (b_high, b_low) = (b >> 64, b & LOW);
    let low = a_low * b_low;
    let middle = a_high * b_low + (low >> 64);
    let (middle, carry) = middle.overflowing_add(a_low * b_high);
    let high = a_high * b_high + (middle >> 64) + (u128::from(carry) << 64);
    (high, (middle << 64) | (low & LOW))
}

/// 256 / 128 bits; `None` if the quotient needs more than 128.
fn wide_divide(high: u128, low: u128, divisor: u128) -> Option<(u128, u128)> {
    if high == 0 {
        return Some((low / divisor, low % divisor));
    }
    if high >= divisor {
        return None;
    }
    let (mut remainder, mut quotient) = (high, 0_u128);
    for bit in (0..128).rev() {
        let carry = remainder >> 127 == 1;
        remainder = remainder << 1 | (low >> bit & 1);
        if carry || remainder >= divisor {
            remainder = remainder.wrapping_sub(divisor);
            quotient |= 1 << bit;
        }
    }
    Some((quotient, remainder))
}

/// `-12.30` for (-1230, 2).
pub(crate) fn to_text(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let magnitude = unscaled.unsigned_abs();
    if scale == 0 {
        return format!("{sign}{magnitude}");
    }
    let unit = power_of_ten(scale).unsigned_abs();
    let width = usize::from(scale);
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
}

/// Why a text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotADecimal {
    Syntax,
    Overflow,
}

/// Reads `[+-]digits[.digits]`, blanks around it allowed, rounded to `scale`.
pub(crate) fn parse(text: &str, scale: u8) -> Result<i128, NotADecimal> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(NotADecimal::Syntax);
    }
    let kept = fraction.len().min(usize::from(scale));
    let mut magnitude = 0_i128;
    for digit in whole.bytes().chain(fraction[..kept].bytes()) {
        magnitude = magnitude
            .checked_mul(10)
            .and_then(|shifted| shifted.checked_add(i128::from(digit - b'0')))
            .and_then(checked)
            .ok_or(NotADecimal::Overflow)?;
    }
    let missing = scale - kept as u8;
    magnitude = magnitude
        .checked_mul(power_of_ten(missing))
        .and_then(checked)
        .ok_or(NotADecimal::Overflow)?;
    if fraction
        .as_bytes()
        .get(kept)
        .is_some_and(|digit| *digit >= b'5')
    {
        magnitude = checked(magnitude + 1).ok_or(NotADecimal::Overflow)?;
    }
    Ok(if negative { -magnitude } else { magnitude })
}

/// A float rounded to `scale` digits after the point.
pub(crate) fn from_float(value: f64, scale: u8) -> Option<i128> {
    if !value.is_finite() || value.abs() >= 1e38 {
        return None;
    }
    // The decimal expansion of the binary fraction, with digits to spare: the rounding is ours,
    // half away from zero, not half to even.
    let width = usize::from(scale) + 25;
    parse(&format!("{value:.width$}"), scale).ok()
}

/// The nearest float.
pub(crate) fn to_float(unscaled: i128, scale: u8) -> f64 {
    to_text(unscaled, scale).parse().unwrap_or(0.0)
}

/// decimal(p, s) of `a + b` and `a - b`.
pub(crate) fn add_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let whole = (p1 - s1).max(p2 - s2);
    let scale = s1.max(s2);
    let precision = whole + scale + 1;
    if precision <= PRECISION_MAX {
        return (precision, scale);
    }
    (PRECISION_MAX, scale.min(PRECISION_MAX - whole))
}

/// decimal(p, s) of `a * b`.
pub(crate) fn multiply_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    reduce(p1 + p2 + 1, s1 + s2)
}

/// decimal(p, s) of `a / b`.
pub(crate) fn divide_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let scale = (s1 + p2 + 1).max(6);
    reduce(p1 - s1 + s2 + scale, scale)
}

/// decimal(p, s) of `a % b`.
pub(crate) fn modulo_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let scale = s1.max(s2);
    reduce((p1 - s1).min(p2 - s2) + scale, scale)
}

/// decimal(p, s) that holds both.
pub(crate) fn union_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let whole = (p1 - s1).max(p2 - s2);
    let scale = s1.max(s2).min(PRECISION_MAX - whole);
    ((whole + scale).max(1), scale)
}

/// Products and quotients of more than 38 digits lose scale, but never below six for that.
fn reduce(precision: u8, scale: u8) -> (u8, u8) {
    if precision <= PRECISION_MAX {
        return (precision.max(1), scale);
    }
    let whole = precision - scale;
    let scale = scale
        .min(PRECISION_MAX.saturating_sub(whole))
        .max(scale.min(6));
    (PRECISION_MAX, scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scales_follow_the_rules_for_38_digits() {
        for (name, actual, expected) in [
            ("add", add_type((10, 2), (5, 4)), (13, 4)),
            ("add reduced", add_type((38, 10), (38, 20)), (38, 10)),
            ("add whole", add_type((38, 0), (38, 38)), (38, 0)),
            ("multiply", multiply_type((10, 2), (10, 2)), (21, 4)),
            (
                "multiply reduced",
                multiply_type((38, 10), (38, 10)),
                (38, 6),
            ),
            (
                "multiply half reduced",
                multiply_type((20, 10), (25, 15)),
                (38, 17),
            ),
            ("multiply kept", multiply_type((38, 2), (38, 2)), (38, 4)),
            ("divide", divide_type((2, 1), (1, 0)), (7, 6)),
            ("divide by int", divide_type((10, 2), (10, 0)), (21, 13)),
            ("divide reduced", divide_type((38, 10), (38, 10)), (38, 6)),
            ("modulo", modulo_type((10, 2), (5, 3)), (5, 3)),
            ("union", union_type((10, 2), (5, 4)), (12, 4)),
        ] {
            assert_eq!(actual, expected, "{name}");
        }
    }

    #[test]
    fn products_and_quotients_are_exact() {
        let nines = power_of_ten(38) - 1;
        assert_eq!(multiply((nines, 38), (nines, 38), 38), Some(nines - 1));
        assert_eq!(multiply((nines, 0), (2, 0), 0), None);
        assert_eq!(multiply((-15, 1), (15, 1), 1), Some(-23));
        assert_eq!(divide((20, 1), (3, 0), 6), Some(666_666));
        assert_eq!(divide((-1, 0), (3, 0), 38), Some(-(power_of_ten(38) / 3)));
        assert_eq!(divide((1, 38), (nines, 0), 6), Some(0));
        assert_eq!(divide((nines, 0), (1, 38), 6), None);
        assert_eq!(modulo((-75, 1), (2, 0)), Some(-15));
        assert_eq!(add((nines, 0), (1, 0), 0), None);
        assert_eq!(add((nines, 0), (5, 1), 0), None);
        assert_eq!(add((nines - 5, 0), (5, 1), 0), Some(nines - 4));
    }

    #[test]
    fn texts_are_read_with_rounding() {
        for (text, scale, expected) in [
            ("12.345", 2, Ok(1235)),
            (" -12.345 ", 2, Ok(-1235)),
            ("+.5", 0, Ok(1)),
            ("5.", 1, Ok(50)),
            (".", 1, Err(NotADecimal::Syntax)),
            ("", 1, Err(NotADecimal::Syntax)),
            ("1e5", 1, Err(NotADecimal::Syntax)),
            ("1 2", 1, Err(NotADecimal::Syntax)),
            (
                "1234567890123456789012345678901234567890",
                0,
                Err(NotADecimal::Overflow),
            ),
        ] {
            assert_eq!(parse(text, scale), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(unscaled in -(10_i128.pow(38) - 1)..10_i128.pow(38), scale in 0_u8..=38) {
            prop_assert_eq!(parse(&to_text(unscaled, scale), scale), Ok(unscaled));
        }

        #[test]
        fn small_products_equal_native_ones(a in any::<i32>(), b in any::<i32>(), drop in 0_u8..8) {
            let exact = i128::from(a) * i128::from(b);
            let expected = divide_rounded(exact, power_of_ten(drop));
            prop_assert_eq!(multiply((i128::from(a), 8), (i128::from(b), 0), 8 - drop), Some(expected));
        }

        #[test]
        fn quotient_and_remainder_rebuild(a in any::<u128>(), b in any::<u128>(), d in 1_u128..) {
            let (high, low) = wide_product(a, b);
            if let Some((quotient, remainder)) = wide_divide(high, low, d) {
                prop_assert!(remainder < d);
                let (back_high, back_low) = wide_product(quotient, d);
                let (sum, carry) = back_low.overflowing_add(remainder);
                prop_assert_eq!((back_high + u128::from(carry), sum), (high, low));
            }
        }
    }
}
