//! Which characters survive in char and varchar? Code page 1252, with Windows' best fit.
//!
//! Best fit matters for security: `ʼ` (U+02BC) and `＇` (U+FF07) turn into an apostrophe on their
//! way into a varchar, after whoever looked for quotes has looked.

/// The characters of the bytes 0x80 to 0x9F. The five holes map to the control of the same number.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The character of a byte.
pub(crate) fn decode(byte: u8) -> char {
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The byte of a character, after best fit; `?` if nothing fits.
pub(crate) fn encode(character: char) -> u8 {
    exact(character)
        .or_else(|| best_fit(character).and_then(exact))
        .unwrap_or(b'?')
}

/// The text as varchar keeps it. `None` if nothing changes.
pub(crate) fn fold(text: &str) -> Option<String> {
    if text.chars().all(|character| exact(character).is_some()) {
        return None;
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        folded.push(decode(encode(character)));
        // A character outside of the Basic Multilingual Plane is two code units, thus two marks.
        if character.len_utf16() == 2 {
            folded.push('?');
        }
    }
    Some(folded)
}

fn exact(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0..=0x7F | 0xA0..=0xFF) => Some(code as u8),
        _ => HIGH
            .iter()
            .position(|high| *high == character)
            .map(|index| 0x80 + index as u8),
    }
}

fn best_fit(character: char) -> Option<char> {
    let code = u32::from(character);
    Some(match code {
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0)?,
        0x2000..=0x2006 | 0x3000 => ' ',
        0x2010 | 0x2011 | 0x2212 => '-',
        0x2032 | 0x02B9 | 0x02BC | 0x02C8 | 0x0300 => {
            if code == 0x0300 {
                '`'
            } else {
                '\''
            }
        }
        0x02BA | 0x2033 => '"',
        0x2044 | 0x2215 => '/',
        0x2217 => '*',
        0x2236 => ':',
        0x2223 => '|',
        0x223C => '~',
        0x2329 | 0x3008 => '<',
        0x232A | 0x3009 => '>',
        0x221E => '8',
        0x03B1 => 'a',
        0x03B5 => 'e',
        0x03C0 => 'p',
        0x03BC => 'µ',
        _ => crate::collation::base_letter(character)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_byte_becomes_the_best_fit_or_a_question_mark() {
        for (text, expected) in [
            ("plain é € œ", None),
            ("Ō’Ā", Some("O’A")),
            ("ʼ OR 1=1", Some("' OR 1=1")),
            ("＇＜", Some("'<")),
            ("日本", Some("??")),
            ("a😀b", Some("a??b")),
        ] {
            assert_eq!(fold(text).as_deref(), expected, "{text}");
        }
        for byte in 0..=255 {
            assert_eq!(encode(decode(byte)), byte);
        }
    }
}
