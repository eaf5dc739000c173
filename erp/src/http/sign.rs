//! What did this service say itself? Signed texts that go out and come back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// HMAC-SHA-256.
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // The signature admits keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |different, (l, r)| different | (l ^ r))
            == 0
}

/// A value with its signature, for one purpose.
pub fn seal(key: &[u8], purpose: &str, value: &Value) -> String {
    let text = URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = hmac(key, &[purpose.as_bytes(), b".", text.as_bytes()]);
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The value of a sealed text, if this service sealed it for this purpose.
pub fn unseal(key: &[u8], purpose: &str, sealed: &str) -> Option<Value> {
    let (text, signature) = sealed.split_once('.')?;
    let expected = hmac(key, &[purpose.as_bytes(), b".", text.as_bytes()]);
    let given = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !equal(&expected, &given) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{hexadecimal, hmac, seal, unseal};

    #[test]
    fn the_published_vector_is_met() {
        let digest = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(
            hexadecimal(&digest),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_alone() {
        let sealed = seal(b"key", "token", &json!({"tenant": "acme"}));
        assert_eq!(
            unseal(b"key", "token", &sealed),
            Some(json!({"tenant": "acme"}))
        );
        let (text, signature) = sealed.split_once('.').expect("two parts");
        for (key, purpose, sealed) in [
            (b"key", "cursor", sealed.clone()),
            (b"kez", "token", sealed.clone()),
            (b"key", "token", format!("{text}x.{signature}")),
            (b"key", "token", format!("{text}.")),
            (b"key", "token", text.to_owned()),
        ] {
            assert_eq!(unseal(key, purpose, &sealed), None);
        }
    }
}
