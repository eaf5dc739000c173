//! Which key is it? Ed25519, in the forms that openssl reads and writes: PKCS#8 and SubjectPublicKeyInfo in PEM.
//! A key is told by its fingerprint, which goes from person to person by another road than the bundle.

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use record::canonical::sha256_hex;

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no Ed25519 key in PEM: {0}")]
pub struct NoKey(String);

/// A key that others can check with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----`.
    ///
    /// # Errors
    /// When it is none, or one of another kind.
    pub fn from_pem(text: &str) -> Result<Self, NoKey> {
        VerifyingKey::from_public_key_pem(text)
            .map(Self)
            .map_err(|error| NoKey(error.to_string()))
    }

    /// The key in PEM.
    ///
    /// # Panics
    /// Never: every key has that form.
    pub fn to_pem(&self) -> String {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .expect("an Ed25519 key can be written in PEM")
    }

    /// SHA-256 over its DER form, as `openssl pkey -pubin -outform DER | sha256sum` prints it.
    ///
    /// # Panics
    /// Never: every key has that form.
    pub fn fingerprint(&self) -> String {
        let der = self
            .0
            .to_public_key_der()
            .expect("an Ed25519 key can be written in DER");
        sha256_hex(der.as_bytes())
    }

    /// Its bytes.
    pub fn bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Whether it signed a message. Strictly: no other signature of the same message is accepted, and no key that
    /// signs everything.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// A fingerprint as people write it down: in groups, with colons, in capitals.
pub fn fingerprint(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("sha256:").unwrap_or(text);
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | ':' | '-'))
        .collect::<String>()
        .to_ascii_lowercase();
    let is_one = digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    is_one.then_some(digits)
}

/// A fingerprint in groups that can be read aloud.
pub fn grouped(fingerprint: &str) -> String {
    let groups: Vec<&str> = (0..fingerprint.len())
        .step_by(8)
        .filter_map(|from| fingerprint.get(from..(from + 8).min(fingerprint.len())))
        .collect();
    groups.join(" ")
}

/// A key that signs. Its bytes are wiped when it goes.
#[derive(Debug)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of 32 random bytes.
    pub fn new(random: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(random))
    }

    /// Reads `-----BEGIN PRIVATE KEY-----`.
    ///
    /// # Errors
    /// When it is none, or one of another kind.
    pub fn from_pem(text: &str) -> Result<Self, NoKey> {
        SigningKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(|error| NoKey(error.to_string()))
    }

    /// The key in PEM, in the first form of PKCS#8, which every openssl reads.
    ///
    /// # Panics
    /// Never: every key has that form.
    pub fn to_pem(&self) -> String {
        let pair = ed25519_dalek::pkcs8::KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        pair.to_pkcs8_pem(LineEnding::LF)
            .expect("an Ed25519 key can be written in PEM")
            .as_str()
            .to_owned()
    }

    /// The key that others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

/// Somebody who can sign.
pub trait Signer {
    /// Signs a message.
    ///
    /// # Errors
    /// With a sentence for people.
    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, String>;

    /// The key that others check with.
    fn public(&self) -> PublicKey;
}

impl Signer for SecretKey {
    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }

    fn public(&self) -> PublicKey {
        Self::public(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, SecretKey, Signer as _, fingerprint, grouped};

    #[test]
    fn keys_read_back_and_sign() {
        let mut key = SecretKey::new(&[7; 32]);
        let again = SecretKey::from_pem(&key.to_pem()).expect("a key");
        assert_eq!(again.public(), key.public());
        let public = PublicKey::from_pem(&key.public().to_pem()).expect("a key");
        assert_eq!(public, key.public());
        let signature = key.sign(b"message").expect("a signature");
        assert!(public.has_signed(b"message", &signature));
        assert!(!public.has_signed(b"massage", &signature));
        assert!(!public.has_signed(b"message", &signature[..63]));
        assert!(
            !SecretKey::new(&[8; 32])
                .public()
                .has_signed(b"message", &signature)
        );
    }

    #[test]
    fn the_first_test_vector_of_rfc_8032_holds() {
        let secret = record::canonical::from_hex(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        )
        .and_then(|bytes| bytes.try_into().ok())
        .expect("32 bytes");
        let mut key = SecretKey::new(&secret);
        assert_eq!(
            record::canonical::hex(&key.public().bytes()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        let signature = record::canonical::hex(&key.sign(b"").expect("a signature"));
        assert!(signature.starts_with("e5564300c360ac729086e2cc806e828a"));
    }

    #[test]
    fn fingerprints_are_read_as_people_write_them() {
        let own = SecretKey::new(&[7; 32]).public().fingerprint();
        for written in [
            own.clone(),
            grouped(&own),
            own.to_uppercase(),
            format!("sha256:{own}"),
            format!(" {own}\n"),
        ] {
            assert_eq!(fingerprint(&written), Some(own.clone()), "{written}");
        }
        for wrong in ["", "abc", &own[1..], &format!("{own}0"), &"z".repeat(64)] {
            assert_eq!(fingerprint(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn other_keys_are_refused() {
        for text in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ] {
            assert!(PublicKey::from_pem(text).is_err());
            assert!(SecretKey::from_pem(text).is_err());
        }
    }
}
