//! How are characters of `varchar` written as bytes? Collations and their code pages.
//!
//! Two code pages are carried: 1252, which the server's default collation and every Western
//! European one use, and UTF-8. A value in another one is refused, not guessed at.

use std::borrow::Cow;

/// A collation as the wire writes it: four bytes of locale, flags and version, one byte of
/// SQL sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Collation {
    /// Locale in the low 20 bits, then flags, then version.
    pub info: u32,
    /// Number of the SQL sort order; 0 for Windows collations.
    pub sort_id: u8,
}

/// The code page is one that this crate does not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsupportedCodePage {
    /// The locale of the collation.
    pub lcid: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CodePage {
    Windows1252,
    Utf8,
}

impl Collation {
    /// `SQL_Latin1_General_CP1_CI_AS`.
    pub const SQL_LATIN1_GENERAL_CP1_CI_AS: Self = Self {
        info: 0x00D0_0409,
        sort_id: 52,
    };
    /// `Latin1_General_CI_AS`.
    pub const LATIN1_GENERAL_CI_AS: Self = Self {
        info: 0x00D0_0409,
        sort_id: 0,
    };
    /// `Latin1_General_BIN2`.
    pub const LATIN1_GENERAL_BIN2: Self = Self {
        info: 0x0200_0409,
        sort_id: 0,
    };

    const FLAG_UTF8: u32 = 1 << 26;

    /// The five bytes.
    pub fn to_bytes(self) -> [u8; 5] {
        let [a, b, c, d] = self.info.to_le_bytes();
        [a, b, c, d, self.sort_id]
    }

    /// From the five bytes.
    pub fn from_bytes(bytes: [u8; 5]) -> Self {
        let [a, b, c, d, sort_id] = bytes;
        Self {
            info: u32::from_le_bytes([a, b, c, d]),
            sort_id,
        }
    }

    /// The locale.
    pub fn lcid(self) -> u32 {
        self.info & 0x000F_FFFF
    }

    fn code_page(self) -> Result<CodePage, UnsupportedCodePage> {
        if self.info & Self::FLAG_UTF8 != 0 {
            return Ok(CodePage::Utf8);
        }
        // The SQL sort orders of code page 1252.
        if matches!(self.sort_id, 50..=54 | 71..=75 | 183..=186 | 210..=217) {
            return Ok(CodePage::Windows1252);
        }
        // By primary language. 0 is a client that does not say, as some do for parameters.
        const WESTERN: [u32; 24] = [
            0x00, 0x03, 0x06, 0x07, 0x09, 0x0A, 0x0B, 0x0C, 0x0F, 0x10, 0x13, 0x14, 0x16, 0x17,
            0x1D, 0x21, 0x2D, 0x2E, 0x36, 0x38, 0x3A, 0x3B, 0x41, 0x56,
        ];
        if self.sort_id == 0 && WESTERN.contains(&(self.lcid() & 0x3FF)) {
            return Ok(CodePage::Windows1252);
        }
        Err(UnsupportedCodePage { lcid: self.lcid() })
    }

    /// The bytes of a text in this collation's code page. What the code page does not have
    /// becomes a question mark, as on the server.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, UnsupportedCodePage> {
        let code_page = self.code_page()?;
        if code_page == CodePage::Utf8 || text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match windows_1252_byte(character) {
                Some(byte) => bytes.push(byte),
                // Outside of the first plane a character is two UTF-16 units, and each becomes
                // a question mark of its own.
                None => bytes.extend(std::iter::repeat_n(b'?', character.len_utf16())),
            }
        }
        Ok(Cow::Owned(bytes))
    }

    /// The text of bytes in this collation's code page. Broken UTF-8 becomes replacement
    /// characters, as on the server.
    pub fn decode(self, bytes: &[u8]) -> Result<String, UnsupportedCodePage> {
        Ok(match self.code_page()? {
            CodePage::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            CodePage::Windows1252 => bytes.iter().map(|byte| windows_1252_char(*byte)).collect(),
        })
    }
}

/// Code page 1252 between 0x80 and 0x9F. The five holes map to the C1 controls, as Windows does.
const C1: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

fn windows_1252_char(byte: u8) -> char {
    match byte {
        0x80..=0x9F => C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn windows_1252_byte(character: char) -> Option<u8> {
    match u8::try_from(character) {
        Ok(byte) if !(0x80..=0x9F).contains(&byte) => Some(byte),
        _ => (0x80u8..)
            .zip(C1)
            .find(|(_, mapped)| *mapped == character)
            .map(|(byte, _)| byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_code_page_1252_comes_back_as_itself() {
        let collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;
        let bytes: Vec<u8> = (0..=255).collect();
        let text = collation.decode(&bytes).expect("carried");
        assert_eq!(collation.encode(&text).expect("carried").as_ref(), bytes);
    }

    #[test]
    fn a_character_that_the_code_page_lacks_becomes_a_question_mark_per_unit() {
        let collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;
        for (text, bytes) in [
            ("€", &b"\x80"[..]),
            ("é", b"\xE9"),
            ("Ж", b"?"),
            ("a😀b", b"a??b"),
            ("plain", b"plain"),
        ] {
            assert_eq!(
                collation.encode(text).expect("carried").as_ref(),
                bytes,
                "{text}"
            );
        }
    }

    #[test]
    fn a_code_page_that_is_not_carried_is_refused() {
        let cyrillic = Collation {
            info: 0x0419,
            sort_id: 0,
        };
        assert_eq!(
            cyrillic.decode(b"x"),
            Err(UnsupportedCodePage { lcid: 0x0419 })
        );
        let utf8 = Collation {
            info: 0x0419 | Collation::FLAG_UTF8,
            sort_id: 0,
        };
        assert_eq!(utf8.encode("Ж").expect("carried").as_ref(), "Ж".as_bytes());
    }
}
