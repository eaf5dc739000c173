//! What exactly is signed? A DSSE envelope, version 1: its payload is bytes, and the signature covers the payload's
//! type as well, so neither can be changed. Nothing is parsed before its signature holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::keys::{PublicKey, Signer};

/// The type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// An envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// What the payload is.
    pub payload_type: String,
    /// The payload, in base64.
    pub payload: String,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The key's fingerprint: a hint, and never believed.
    pub keyid: String,
    /// The signature, in base64.
    pub sig: String,
}

/// Why an envelope is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no envelope.
    #[error("is no DSSE envelope: {0}")]
    NotAnEnvelope(String),
    /// It holds something else.
    #[error("holds {0:?} instead of an in-toto statement")]
    OtherType(String),
    /// Nobody signed it.
    #[error("is signed by nobody")]
    Unsigned,
    /// Its signatures are not this key's.
    #[error("is not signed by this key, or was changed after it was signed")]
    NotSigned,
}

/// The bytes that are signed.
pub fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Envelope {
    /// Signs an in-toto statement.
    ///
    /// # Errors
    /// When the signer cannot.
    pub fn sign(payload: &[u8], signer: &mut dyn Signer) -> Result<Self, String> {
        let signature = signer.sign(&pre_authentication(IN_TOTO, payload))?;
        Ok(Self {
            payload_type: IN_TOTO.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: vec![Signature {
                keyid: signer.public().fingerprint(),
                sig: STANDARD.encode(signature),
            }],
        })
    }

    /// The payload, once its signature holds.
    ///
    /// # Errors
    /// When it is no statement that this key signed.
    pub fn open(&self, key: &PublicKey) -> Result<Vec<u8>, Refused> {
        if self.payload_type != IN_TOTO {
            return Err(Refused::OtherType(self.payload_type.clone()));
        }
        if self.signatures.is_empty() {
            return Err(Refused::Unsigned);
        }
        let payload = STANDARD
            .decode(&self.payload)
            .map_err(|error| Refused::NotAnEnvelope(error.to_string()))?;
        let signed = pre_authentication(&self.payload_type, &payload);
        let holds = |one: &Signature| {
            STANDARD
                .decode(&one.sig)
                .is_ok_and(|signature| key.has_signed(&signed, &signature))
        };
        if self.signatures.iter().any(holds) {
            Ok(payload)
        } else {
            Err(Refused::NotSigned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, IN_TOTO, Refused, pre_authentication};
    use crate::keys::SecretKey;

    #[test]
    fn what_is_signed_is_what_the_protocol_says() {
        assert_eq!(
            pre_authentication("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pre_authentication("", b""), b"DSSEv1 0  0 ");
    }

    #[test]
    fn a_changed_payload_type_or_signature_is_refused() {
        let mut key = SecretKey::new(&[1; 32]);
        let envelope = Envelope::sign(b"{}", &mut key).expect("signed");
        let public = key.public();
        assert_eq!(envelope.open(&public), Ok(b"{}".to_vec()));
        let check = |change: &dyn Fn(&mut Envelope), expected: Refused| {
            let mut changed = envelope.clone();
            change(&mut changed);
            assert_eq!(changed.open(&public), Err(expected));
        };
        check(&|one| one.payload = "e30K".into(), Refused::NotSigned);
        check(
            &|one| one.payload_type = "text/plain".into(),
            Refused::OtherType("text/plain".into()),
        );
        check(&|one| one.signatures.clear(), Refused::Unsigned);
        check(
            &|one| one.signatures[0].sig = "AAAA".into(),
            Refused::NotSigned,
        );
        assert_eq!(
            envelope.open(&SecretKey::new(&[2; 32]).public()),
            Err(Refused::NotSigned)
        );
        // The hint is no proof: another name changes nothing, and helps nobody.
        let mut renamed = envelope.clone();
        renamed.signatures[0].keyid = "somebody else".into();
        assert!(renamed.open(&public).is_ok());
        assert_eq!(envelope.payload_type, IN_TOTO);
    }
}
