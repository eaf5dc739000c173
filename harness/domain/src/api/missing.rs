//! Identifiers of nothing: they look like those of things that are there, and never existed.

use serde_json::Value;

/// Added to a number to get one that never was; within `int` for what begins at the bands of marks.
const NEVER: i64 = 900_000_007;

/// A value of the same kind as an identifier, which is nobody's.
pub fn never_existed(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) => Value::from(never(number)),
            None => Value::from(NEVER),
        },
        Value::String(text) => Value::String(never_existed_text(text)),
        other => other.clone(),
    }
}

fn never(number: i64) -> i64 {
    let more = number.saturating_add(NEVER);
    let is_int = i32::try_from(number).is_ok();
    if is_int && i32::try_from(more).is_err() {
        number - NEVER
    } else {
        more
    }
}

/// The same, for an identifier in a text.
pub fn never_existed_text(text: &str) -> String {
    const ABSENT: &str = "0badc0ffee07";
    let is_plain_number = !text.starts_with('0') || text == "0";
    if is_plain_number && let Ok(number) = text.parse::<i64>() {
        return never(number).to_string();
    }
    let is_hex = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    if text.len() == 36 && is_hex(text) && text.matches('-').count() == 4 {
        return format!("{}{ABSENT}", &text[..24]);
    }
    let hexadecimal = text.len() >= 8 && is_hex(text) && text.bytes().any(|b| b.is_ascii_digit());
    let turned = |c: char| match c {
        '0'..='9' | 'a'..='f' | 'A'..='F' if hexadecimal => {
            let digit = c.to_digit(16).unwrap_or_default();
            let turned = char::from_digit((digit + 7) % 16, 16).unwrap_or(c);
            if c.is_ascii_uppercase() {
                turned.to_ascii_uppercase()
            } else {
                turned
            }
        }
        '0'..='9' => rotated(c, b'0', 10, 5),
        'a'..='z' => rotated(c, b'a', 26, 13),
        'A'..='Z' => rotated(c, b'A', 26, 13),
        other => other,
    };
    text.chars().map(turned).collect()
}

fn rotated(c: char, first: u8, count: u8, by: u8) -> char {
    let position = u8::try_from(c).unwrap_or(first) - first;
    char::from(first + (position + by) % count)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::never_existed;

    #[test]
    fn what_is_missing_looks_like_what_is_there() {
        for (there, absent) in [
            (json!(7), json!(900_000_014)),
            (json!(2_147_483_000_i64), json!(1_247_482_993)),
            (json!(5_000_000_000_i64), json!(5_900_000_007_i64)),
            (json!("17"), json!("900000024")),
            (json!("0017"), json!("5562")),
            (
                json!("a0b1c2d3-0000-4000-8000-0123456789ab"),
                json!("a0b1c2d3-0000-4000-8000-0badc0ffee07"),
            ),
            (json!("INV-2026"), json!("VAI-7571")),
            (
                json!("507f1f77bcf86cd799439011"),
                json!("c7e686ee236fd34e00ba0788"),
            ),
            (Value::Bool(true), Value::Bool(true)),
        ] {
            assert_eq!(never_existed(&there), absent, "{there}");
        }
    }
}
