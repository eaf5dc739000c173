//! How do values become index keys: bytes whose order is the order of the values?
//!
//! A key is the concatenation of its components, so that a prefix of the columns is a prefix of
//! the bytes and one range of an ordered map answers an equality on leading columns. NULL sorts
//! first and equals NULL, as in SQL Server's indexes.

use std::sync::Arc;

use values::{Collation, Value};

/// An index key.
pub(crate) type IndexKey = Arc<[u8]>;

/// Appends one component.
pub(crate) fn encode(out: &mut Vec<u8>, value: &Value, collation: Collation, descending: bool) {
    let start = out.len();
    encode_ascending(out, value, collation);
    if descending {
        for byte in &mut out[start..] {
            *byte = !*byte;
        }
    }
}

fn encode_ascending(out: &mut Vec<u8>, value: &Value, collation: Collation) {
    if matches!(value, Value::Null) {
        out.push(0);
        return;
    }
    out.push(1);
    match value {
        Value::Null => {}
        Value::Bit(v) => integer(out, i64::from(*v)),
        Value::TinyInt(v) => integer(out, i64::from(*v)),
        Value::SmallInt(v) => integer(out, i64::from(*v)),
        Value::Int(v) => integer(out, i64::from(*v)),
        Value::BigInt(v) | Value::Money(v) | Value::Time(v) | Value::DateTime2(v) => {
            integer(out, *v)
        }
        Value::Decimal { unscaled, .. } => {
            // All values of one column have its scale, so the digits alone give the order.
            out.extend_from_slice(&((*unscaled as u128) ^ (1 << 127)).to_be_bytes());
        }
        Value::Real(v) => float(out, f64::from(*v)),
        Value::Float(v) => float(out, *v),
        Value::Text(text) => bytes(out, &collation.sort_key(text)),
        Value::Binary(binary) => bytes(out, binary),
        Value::Guid(guid) => {
            // The last group counts most; within the first three, the last byte does.
            for i in [10, 11, 12, 13, 14, 15, 8, 9, 7, 6, 5, 4, 3, 2, 1, 0] {
                out.push(guid[i]);
            }
        }
        Value::Date(days) => integer(out, i64::from(*days)),
        Value::DateTime { days, ticks } => {
            integer(out, i64::from(*days));
            out.extend_from_slice(&ticks.to_be_bytes());
        }
        Value::DateTimeOffset { utc, .. } => integer(out, *utc),
        Value::Variant(inner) => {
            // Families first, as the comparison of sql_variant does.
            out.push(inner.0.facts().system_type_id);
            encode_ascending(out, &inner.1, collation);
        }
    }
}

fn integer(out: &mut Vec<u8>, v: i64) {
    out.extend_from_slice(&((v as u64) ^ (1 << 63)).to_be_bytes());
}

fn float(out: &mut Vec<u8>, v: f64) {
    let bits = if v == 0.0 { 0 } else { v.to_bits() };
    let ordered = if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    };
    out.extend_from_slice(&ordered.to_be_bytes());
}

/// Zero bytes are escaped, so that a shorter text sorts before its extensions whatever follows.
fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_values() {
        let text = |s: &str| Value::text(s);
        let rows: &[&[Value]] = &[
            &[
                Value::Null,
                Value::Int(-5),
                Value::Int(0),
                Value::Int(7),
                Value::Int(i32::MAX),
            ],
            &[
                Value::Float(-2.5),
                Value::Float(-0.5),
                Value::Float(0.0),
                Value::Float(3.25),
            ],
            &[
                Value::Decimal {
                    unscaled: -10,
                    scale: 2,
                },
                Value::Decimal {
                    unscaled: 0,
                    scale: 2,
                },
                Value::Decimal {
                    unscaled: 99,
                    scale: 2,
                },
            ],
            &[text(""), text("a"), text("AB"), text("abc"), text("b")],
            &[
                Value::binary(vec![]),
                Value::binary(vec![0]),
                Value::binary(vec![0, 1]),
                Value::binary(vec![1]),
            ],
        ];
        for values in rows {
            let key = |value: &Value, descending| {
                let mut out = Vec::new();
                encode(&mut out, value, Collation::default(), descending);
                out
            };
            for pair in values.windows(2) {
                assert!(key(&pair[0], false) < key(&pair[1], false), "{pair:?}");
                assert!(
                    key(&pair[0], true) > key(&pair[1], true),
                    "{pair:?} descending"
                );
            }
        }
        assert_eq!(
            {
                let mut a = Vec::new();
                encode(&mut a, &text("Acme "), Collation::default(), false);
                a
            },
            {
                let mut b = Vec::new();
                encode(&mut b, &text("ACME"), Collation::default(), false);
                b
            },
        );
    }
}
