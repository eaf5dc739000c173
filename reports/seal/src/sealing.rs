//! How is a bundle sealed? Whoever seals first checks everything that can be checked, works the verdict out again
//! from the records, and only then signs: two statements about the manifest, and the checkpoint of the tree.

use std::collections::BTreeMap;

use record::Record;
use record::bundle::Files;
use record::canonical::{line, sha256_hex};
use record::checkpoint::{Note, NoteSignature, is_name, key_id};
use record::manifest::{self, CHECKPOINT, MANIFEST, SUMS};

use crate::dsse::Envelope;
use crate::keys::Signer;
use crate::statement::statements;
use crate::verifying::{Outcome, Views, verify_unsealed};

/// Where the signed statements lie.
pub const ATTESTATIONS: &str = "attestations/run.intoto.jsonl";
/// Where the key lies, as a hint.
pub const KEY: &str = "keys/seal.pub.pem";

/// Files that are added to a bundle: path and bytes.
pub type Added = Vec<(String, Vec<u8>)>;

/// Why a bundle is not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Something is wrong with it.
    #[error("the bundle is not sealed, because it does not hold what it says: {}", .0.join("; "))]
    Refused(Vec<String>),
    /// It was sealed before.
    #[error("the bundle is sealed already; a second seal would hide the first")]
    Sealed,
    /// The signer could not.
    #[error("the key did not sign: {0}")]
    Signer(String),
}

/// Seals a bundle: the files that are added or replaced, by path, `SHA256SUMS` last.
///
/// # Errors
/// When the bundle is not whole, says something else than its own records, or cannot be signed.
pub fn seal(files: &Files, signer: &mut dyn Signer, views: &Views<'_>) -> Result<Added, SealError> {
    if files.contains_key(ATTESTATIONS) || files.contains_key(KEY) {
        return Err(SealError::Sealed);
    }
    let report = verify_unsealed(files, views);
    if report.outcome() == Outcome::Failed {
        return Err(SealError::Refused(report.problems()));
    }
    let refused = |problem: String| SealError::Refused(vec![problem]);
    let record = Record::read(files).map_err(|error| refused(error.to_string()))?;
    let manifest = files
        .get(MANIFEST)
        .ok_or_else(|| refused("manifest.json is missing".into()))?;
    let mut envelopes = Vec::new();
    for statement in statements(&record, &sha256_hex(manifest)) {
        let envelope = Envelope::sign(&statement, signer).map_err(SealError::Signer)?;
        // A signer elsewhere may have signed something else, or with another key than it says.
        envelope
            .open(&signer.public())
            .map_err(|error| SealError::Signer(format!("its signature {error}")))?;
        envelopes.extend(line(&envelope));
        envelopes.push(b'\n');
    }
    let note = files.get(CHECKPOINT).map(Vec::as_slice).unwrap_or_default();
    let note = std::str::from_utf8(note).unwrap_or_default();
    let mut note = Note::parse(note).map_err(|error| refused(format!("{CHECKPOINT} {error}")))?;
    sign_note(&mut note, signer).map_err(SealError::Signer)?;
    let added = vec![
        (ATTESTATIONS.to_owned(), envelopes),
        (CHECKPOINT.to_owned(), note.text().into_bytes()),
        (KEY.to_owned(), signer.public().to_pem().into_bytes()),
    ];
    Ok(with_sums(files, added.into_iter()))
}

/// What is added to a bundle, and last the sums of everything that is in it then.
pub fn with_sums(files: &Files, added: impl Iterator<Item = (String, Vec<u8>)>) -> Added {
    let mut hashes: BTreeMap<String, String> = files
        .iter()
        .map(|(path, bytes)| (path.clone(), sha256_hex(bytes)))
        .collect();
    let mut added: Added = added.filter(|(path, _)| path != SUMS).collect();
    for (path, bytes) in &added {
        hashes.insert(path.clone(), sha256_hex(bytes));
    }
    added.push((SUMS.to_owned(), manifest::sums(&hashes).into_bytes()));
    added
}

/// Adds a signature to a checkpoint, under the name of its log.
///
/// # Errors
/// When the signer cannot, or signs something else.
pub fn sign_note(note: &mut Note, signer: &mut dyn Signer) -> Result<(), String> {
    let name = note.checkpoint.origin.clone();
    if !is_name(&name) {
        return Err(format!("{name:?} cannot name a key"));
    }
    let text = note.checkpoint.text();
    let signature = signer.sign(text.as_bytes())?;
    let public = signer.public();
    if !public.has_signed(text.as_bytes(), &signature) {
        return Err("its signature of the checkpoint does not hold".into());
    }
    note.signatures.push(NoteSignature {
        key_id: key_id(&name, &public.bytes()),
        name,
        signature,
    });
    Ok(())
}
