//! How is kept what the database must not be able to read? AES-256-GCM, bound to where it belongs.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::environment::Environment;
use crate::http::sign::hmac;

/// A key of 256 bits.
pub type Key = [u8; 32];

/// The key for one purpose that follows from another key. Each part is followed by a byte that
/// none holds, so that no two lists of parts are the same text.
pub fn derived(master: &[u8], purpose: &[&str]) -> Key {
    let parts: Vec<&[u8]> = purpose
        .iter()
        .flat_map(|part| [part.as_bytes(), b"\xff".as_slice()])
        .collect();
    hmac(master, &parts)
}

/// A new key.
pub fn fresh(environment: &dyn Environment) -> Key {
    let mut key = [0; 32];
    environment.random(&mut key);
    key
}

/// Seals `plain` for a place: only who names the same place opens it.
pub fn seal(environment: &dyn Environment, key: &Key, place: &str, plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    environment.random(&mut nonce);
    let mut text = plain.to_vec();
    let aad = Aad::from(place.as_bytes());
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
        .expect("short texts can be sealed");
    let mut sealed = nonce.to_vec();
    sealed.append(&mut text);
    sealed
}

/// What was sealed under this key for this place.
pub fn open(key: &Key, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    let aad = Aad::from(place.as_bytes());
    let plain = cipher(key).open_in_place(nonce, aad, &mut text).ok()?;
    Some(plain.to_vec())
}

/// Bytes that a row gave in hexadecimal.
pub fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

/// A GUID that nobody can guess.
pub fn guid(environment: &dyn Environment) -> String {
    let mut bytes = [0; 16];
    environment.random(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = crate::http::sign::hexadecimal(&bytes);
    let (a, b, c, d, e) = (
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

fn cipher(key: &Key) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has 256 bits"))
}

#[cfg(test)]
mod tests {
    use super::{bytes, derived, guid, open, seal};
    use crate::environment::LogicalEnvironment;

    #[test]
    fn what_was_sealed_opens_under_its_key_at_its_place_alone() {
        let environment = LogicalEnvironment::new(1);
        let (own, other) = (
            derived(b"master", &["acme"]),
            derived(b"master", &["globex"]),
        );
        let sealed = seal(&environment, &own, "account 1", b"NL00BANK0123456789");
        assert_eq!(
            open(&own, "account 1", &sealed).as_deref(),
            Some(&b"NL00BANK0123456789"[..])
        );
        let mut changed = sealed.clone();
        changed[13] ^= 1;
        for (key, place, sealed) in [
            (&other, "account 1", &sealed[..]),
            (&own, "account 2", &sealed[..]),
            (&own, "account 1", &changed[..]),
            (&own, "account 1", &sealed[..20]),
            (&own, "account 1", &[]),
        ] {
            assert_eq!(open(key, place, sealed), None);
        }
    }

    #[test]
    fn no_two_purposes_share_a_key() {
        assert_ne!(derived(b"m", &["ab", "c"]), derived(b"m", &["a", "bc"]));
        assert_ne!(derived(b"m", &["ab"]), derived(b"m", &["ab", ""]));
    }

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        assert_eq!(bytes("00ff10"), Some(vec![0, 255, 16]));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("0g"), None);
        let guid = guid(&LogicalEnvironment::new(1));
        assert_eq!((guid.len(), &guid[14..15]), (36, "4"));
    }
}
