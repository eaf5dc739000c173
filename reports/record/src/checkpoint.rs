//! How is a tree's size and root written so that others can sign it? As a C2SP checkpoint: origin, size and root,
//! a line each, an empty line, then signatures. Without signatures it is a claim.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::canonical::sha256;
use crate::tree::Hash;

/// What is claimed of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is, a name without spaces.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// A checkpoint and the signatures below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// Who signed it.
    pub signatures: Vec<NoteSignature>,
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The key's name, without spaces and plus signs.
    pub name: String,
    /// Which key of that name.
    pub key_id: [u8; 4],
    /// The signature, 64 bytes of Ed25519.
    pub signature: Vec<u8>,
}

/// Why a text is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no checkpoint: {0}")]
pub struct NotACheckpoint(&'static str);

impl Checkpoint {
    /// What is signed, the last line feed included.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }
}

impl Note {
    /// The whole note.
    pub fn text(&self) -> String {
        let mut text = self.checkpoint.text() + "\n";
        for one in &self.signatures {
            let mut bytes = one.key_id.to_vec();
            bytes.extend_from_slice(&one.signature);
            // An em dash, as the format has it.
            text.push_str(&format!(
                "\u{2014} {} {}\n",
                one.name,
                STANDARD.encode(bytes)
            ));
        }
        text
    }

    /// Reads a note. There is one way to write each: whatever reads must print to the same text.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NotACheckpoint> {
        let wrong = NotACheckpoint;
        let (body, signatures) = text
            .split_once("\n\n")
            .ok_or(wrong("no empty line ends its first part"))?;
        let mut lines = body.lines();
        let origin = lines.next().unwrap_or_default().to_owned();
        if origin.is_empty() {
            return Err(wrong("it names no log"));
        }
        let size = lines.next().and_then(|line| line.parse().ok());
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok());
        let root = root.and_then(|bytes| Hash::try_from(bytes).ok());
        let (Some(size), Some(root), None) = (size, root, lines.next()) else {
            return Err(wrong("its lines are not a size and a root"));
        };
        let signatures = signatures
            .lines()
            .map(signature)
            .collect::<Option<Vec<_>>>()
            .ok_or(wrong("a line of its signatures is none"))?;
        let note = Self {
            checkpoint: Checkpoint { origin, size, root },
            signatures,
        };
        if note.text() == text {
            Ok(note)
        } else {
            Err(wrong("it is not written as it must be"))
        }
    }
}

fn signature(line: &str) -> Option<NoteSignature> {
    let (name, bytes) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (key_id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name)).then(|| NoteSignature {
        name: name.to_owned(),
        key_id: *key_id,
        signature: signature.to_vec(),
    })
}

/// Whether a text can name a key.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

/// The id of an Ed25519 key, as signed notes have it: the first four bytes of a hash over name and key.
pub fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(b"\n\x01");
    bytes.extend_from_slice(public);
    let hash = sha256(&bytes);
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use super::{Checkpoint, Note, NoteSignature, key_id};

    fn note() -> Note {
        Note {
            checkpoint: Checkpoint {
                origin: "watertight/run/0190".into(),
                size: 7,
                root: [3; 32],
            },
            signatures: vec![NoteSignature {
                name: "watertight/run/0190".into(),
                key_id: [1, 2, 3, 4],
                signature: vec![9; 64],
            }],
        }
    }

    #[test]
    fn a_note_reads_back_and_every_changed_byte_is_noticed() {
        let text = note().text();
        assert_eq!(Note::parse(&text), Ok(note()));
        let body = note().checkpoint.text();
        assert_eq!(body.lines().count(), 3);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            assert_ne!(Note::parse(&changed), Ok(note()), "byte {at}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_checkpoint() {
        let text = note().text();
        for wrong in [
            text.replace("\n7\n", "\n07\n"),
            text.replace("\n7\n", "\n+7\n"),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
            text.replace("\u{2014}", "-"),
            text.replacen('\n', "\nextra\n", 1),
            String::new(),
            "\n\n".into(),
        ] {
            assert!(Note::parse(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_has_the_id_of_its_name_and_bytes() {
        // The example key of Go's sumdb/note: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .expect("base64");
        let public: [u8; 32] = key[1..].try_into().expect("32 bytes");
        assert_eq!(key_id("PeterNeumann", &public), [0xc7, 0x4f, 0x20, 0xa3]);
    }
}
