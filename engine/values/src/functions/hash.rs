//! Which digest does HASHBYTES compute? SHA2 through its crate; MD5 and SHA1, which are broken and
//! still in use, right here.

use sha2::{Digest, Sha256, Sha512};

/// `None` for an unknown algorithm, for which HASHBYTES answers NULL.
pub(super) fn digest(algorithm: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm.to_ascii_uppercase().as_str() {
        "SHA2_256" => Sha256::digest(bytes).to_vec(),
        "SHA2_512" => Sha512::digest(bytes).to_vec(),
        "SHA" | "SHA1" => sha1(bytes).to_vec(),
        "MD5" => md5(bytes).to_vec(),
        _ => return None,
    })
}

/// The message in blocks of 64 bytes, padded with a one, zeros and its length in bits.
fn padded(bytes: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&length);
    message
}

fn bits(bytes: &[u8]) -> u64 {
    (bytes.len() as u64).wrapping_mul(8)
}

/// RFC 3174.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state = [
        0x6745_2301_u32,
        0xEFCD_AB89,
        0x98BA_DCFE,
        0x1032_5476,
        0xC3D2_E1F0,
    ];
    for block in padded(bytes, bits(bytes).to_be_bytes()).chunks_exact(64) {
        let mut words = [0_u32; 80];
        for (word, four) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
        }
        for index in 16..80 {
            let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16];
            words[index] = mixed.rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (index, word) in words.into_iter().enumerate() {
            let (mix, constant) = match index {
                0..20 => ((b & c) | (!b & d), 0x5A82_7999),
                20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6_u32),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(mix)
                .wrapping_add(e)
                .wrapping_add(word)
                .wrapping_add(constant);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 20];
    for (four, word) in digest.chunks_exact_mut(4).zip(state) {
        four.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

/// RFC 1321.
fn md5(bytes: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [
        [7, 12, 17, 22],
        [5, 9, 14, 20],
        [4, 11, 16, 23],
        [6, 10, 15, 21],
    ];
    let mut state = [0x6745_2301_u32, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
    for block in padded(bytes, bits(bytes).to_le_bytes()).chunks_exact(64) {
        let mut words = [0_u32; 16];
        for (word, four) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        }
        let [mut a, mut b, mut c, mut d] = state;
        for index in 0..64_usize {
            let (mix, word) = match index / 16 {
                0 => ((b & c) | (!b & d), index),
                1 => ((d & b) | (!d & c), (5 * index + 1) % 16),
                2 => (b ^ c ^ d, (3 * index + 5) % 16),
                _ => (c ^ (b | !d), 7 * index % 16),
            };
            // The constants are the sines of 1 to 64; a float holds all of their 32 bits.
            let constant = (((index + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a
                .wrapping_add(mix)
                .wrapping_add(constant)
                .wrapping_add(words[word]);
            let turned = sum.rotate_left(SHIFTS[index / 16][index % 4]);
            (a, b, c, d) = (d, b.wrapping_add(turned), b, c);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 16];
    for (four, word) in digest.chunks_exact_mut(4).zip(state) {
        four.copy_from_slice(&word.to_le_bytes());
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::hexadecimal;

    #[test]
    fn digests_are_those_of_the_standards() {
        for (algorithm, text, expected) in [
            ("md5", "", "D41D8CD98F00B204E9800998ECF8427E"),
            ("MD5", "abc", "900150983CD24FB0D6963F7D28E17F72"),
            ("SHA1", "abc", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
            (
                "sha2_256",
                "abc",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
            ),
        ] {
            let digest = digest(algorithm, text.as_bytes()).expect("a known algorithm");
            assert_eq!(hexadecimal(&digest), expected, "{algorithm} of {text:?}");
        }
        let long = "1234567890".repeat(8);
        let digest_of_long = digest("MD5", long.as_bytes()).expect("a known algorithm");
        assert_eq!(
            hexadecimal(&digest_of_long),
            "57EDF4A22BE3C955AC49DA2E2107B67A"
        );
        assert_eq!(digest("CRC", b""), None);
    }
}
