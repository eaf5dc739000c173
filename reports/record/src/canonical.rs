//! How is the record printed? One value, one text: members in the order in which the types declare them, maps by
//! key, two spaces, one line feed at the end. Hashes are over these bytes, and what is read must print to what
//! was read: so a file that says something twice, or says it differently, is noticed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// Why a file is not one of the record's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON of this type.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It reads, but is not what would be printed: something is said twice, in another order, or in other words.
    #[error("is not in canonical form; it differs first at byte {0}")]
    NotCanonical(usize),
    /// It says that it is something else.
    #[error("has schema {found:?} instead of {expected:?}")]
    Schema {
        /// What it says.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// A document, for people and programs.
///
/// # Panics
/// Never: the record's types have maps with texts as keys and numbers that are finite.
pub fn document<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("the record's types print as JSON");
    bytes.push(b'\n');
    bytes
}

/// One line, without its end.
///
/// # Panics
/// Never, as [`document`].
pub fn line<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("the record's types print as JSON")
}

/// Reads a document back.
///
/// # Errors
/// When it is no document of this type, or not as [`document`] prints it.
pub fn read_document<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let value: T =
        serde_json::from_slice(bytes).map_err(|error| ReadError::Unreadable(error.to_string()))?;
    same(bytes, &document(&value))?;
    Ok(value)
}

/// Reads a line back.
///
/// # Errors
/// When it is no line of this type, or not as [`line()`] prints it.
pub fn read_line<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let value: T =
        serde_json::from_slice(bytes).map_err(|error| ReadError::Unreadable(error.to_string()))?;
    same(bytes, &line(&value))?;
    Ok(value)
}

fn same(read: &[u8], printed: &[u8]) -> Result<(), ReadError> {
    if read == printed {
        return Ok(());
    }
    let differs = read
        .iter()
        .zip(printed)
        .position(|(one, other)| one != other);
    let end = read.len().min(printed.len());
    Err(ReadError::NotCanonical(differs.unwrap_or(end)))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 in hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// Bytes in hexadecimal digits, lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes from hexadecimal digits, lower case only: there is one way to write a hash.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ReadError, document, from_hex, hex, read_document, read_line};

    type Numbers = BTreeMap<String, u64>;

    #[test]
    fn what_is_read_must_print_to_what_was_read() {
        let value: Numbers = [("b".to_owned(), 2), ("a".to_owned(), 1)].into();
        let bytes = document(&value);
        assert_eq!(bytes, b"{\n  \"a\": 1,\n  \"b\": 2\n}\n");
        assert_eq!(read_document::<Numbers>(&bytes), Ok(value));
        for (bytes, at) in [
            (&b"{\n  \"a\": 1,\n  \"b\": 2\n}"[..], 22),
            (b"{\r\n  \"a\": 1,\n  \"b\": 2\n}\n", 1),
            (b"{\n  \"a\": 1,\n  \"a\": 1\n}\n", 10),
            (b"{\n  \"b\": 1,\n  \"a\": 2\n}\n", 5),
        ] {
            assert_eq!(
                read_document::<Numbers>(bytes),
                Err(ReadError::NotCanonical(at)),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
        assert!(read_line::<Numbers>(b"{\"a\":1}").is_ok());
        assert!(read_line::<Numbers>(b"{\"a\": 1}").is_err());
        assert!(matches!(
            read_line::<Numbers>(b"{\"a\":1e99}"),
            Err(ReadError::Unreadable(_))
        ));
    }

    #[test]
    fn hexadecimal_digits_have_one_form() {
        assert_eq!(from_hex(&hex(&[0, 171, 255])), Some(vec![0, 171, 255]));
        for wrong in ["AB", "a", "0x", "a b "] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
