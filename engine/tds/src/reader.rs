//! Where are we in a message? A cursor whose every step is checked against the end.

use crate::DecodeError;

/// A cursor over the bytes of one message. Nothing it returns reaches beyond the message.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the first of the bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte, left where it is.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next `count` bytes. `part` names what is being read, for the error.
    pub fn bytes(&mut self, count: usize, part: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(DecodeError::Truncated { part })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated { part })?;
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte.
    pub fn u8(&mut self, part: &'static str) -> Result<u8, DecodeError> {
        Ok(self.array::<1>(part)?[0])
    }

    /// Two bytes, little endian.
    pub fn u16(&mut self, part: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array(part)?))
    }

    /// Two bytes, big endian: packet headers and prelogin only.
    pub fn u16_be(&mut self, part: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array(part)?))
    }

    /// Four bytes, little endian.
    pub fn u32(&mut self, part: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array(part)?))
    }

    /// Four bytes, big endian.
    pub fn u32_be(&mut self, part: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array(part)?))
    }

    /// Four bytes, little endian, signed.
    pub fn i32(&mut self, part: &'static str) -> Result<i32, DecodeError> {
        Ok(i32::from_le_bytes(self.array(part)?))
    }

    /// Eight bytes, little endian.
    pub fn u64(&mut self, part: &'static str) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array(part)?))
    }

    /// Text of a given number of UTF-16 units.
    pub fn utf16(&mut self, units: usize, part: &'static str) -> Result<String, DecodeError> {
        // A unit count comes from at most 32 bits, so doubling cannot overflow where usize has
        // 64; on smaller machines an overflow is a truncation anyway.
        let count = units
            .checked_mul(2)
            .ok_or(DecodeError::Truncated { part })?;
        utf16_from_bytes(self.bytes(count, part)?, part)
    }

    /// Text after a one-byte count of units (`B_VARCHAR`).
    pub fn b_varchar(&mut self, part: &'static str) -> Result<String, DecodeError> {
        let units = self.u8(part)?;
        self.utf16(usize::from(units), part)
    }

    /// Text after a two-byte count of units (`US_VARCHAR`).
    pub fn us_varchar(&mut self, part: &'static str) -> Result<String, DecodeError> {
        let units = self.u16(part)?;
        self.utf16(usize::from(units), part)
    }
}

/// Decodes little-endian UTF-16.
///
/// SQL Server keeps halves of surrogate pairs; the engine's text is UTF-8 and cannot. A half is
/// an error rather than a replacement character, because a silently changed value would be
/// compared with what was sent.
pub(crate) fn utf16_from_bytes(bytes: &[u8], part: &'static str) -> Result<String, DecodeError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(DecodeError::InvalidUtf16 { field: part });
    }
    char::decode_utf16(pairs.iter().map(|pair| u16::from_le_bytes(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| DecodeError::InvalidUtf16 { field: part })
}
