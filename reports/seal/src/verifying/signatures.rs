//! Whose word is it? Nothing of an envelope is read before its signature holds, and the key that lies in the
//! bundle is believed only if its fingerprint came from elsewhere.

use record::bundle::Files;
use record::canonical::{read_line, sha256_hex};
use record::checkpoint::Note;
use record::manifest::{CHECKPOINT, MANIFEST};

use super::{Expectations, Report, integrity};
use crate::dsse::Envelope;
use crate::keys::{PublicKey, grouped};
use crate::proof::has_signed;
use crate::sealing::{ATTESTATIONS, KEY};
use crate::statement::Statement;

/// The key, where everything that must be signed is signed by it.
pub(super) fn check(
    files: &Files,
    expected: &Expectations,
    report: &mut Report,
) -> Option<PublicKey> {
    let text = |path: &str| {
        files
            .get(path)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    };
    if !files.contains_key(ATTESTATIONS) && !files.contains_key(KEY) {
        let unsealed =
            "NOT SEALED: nobody signed this record, so anybody may have written all of it"
                .to_owned();
        if expected.fingerprint.is_some() {
            report.fail("seal", vec![unsealed]);
        } else {
            report.warn("seal", vec![unsealed]);
        }
        return None;
    }
    let key = match text(KEY).map(PublicKey::from_pem) {
        Some(Ok(key)) => key,
        Some(Err(error)) => {
            report.fail("key", vec![format!("{KEY} {error}")]);
            return None;
        }
        None => {
            report.fail("key", vec![format!("{KEY} is missing or no text")]);
            return None;
        }
    };
    let own = key.fingerprint();
    match &expected.fingerprint {
        Some(expected) if *expected == own => {
            report.step("key", &format!("the expected one, {}", grouped(&own)), Vec::new());
        }
        Some(expected) => {
            report.fail(
                "key",
                vec![format!(
                    "the record is sealed by the key {}, not by the expected {}",
                    grouped(&own),
                    grouped(expected)
                )],
            );
            return None;
        }
        None => report.warn(
            "key",
            vec![
                "NO FINGERPRINT WAS GIVEN: the record is consistent with itself, and whoever rewrote all of it could \
                 have done that"
                    .to_owned(),
                format!(
                    "ask those who sealed it, by another road, whether their key is {}, and give it with \
                     --key-fingerprint",
                    grouped(&own)
                ),
            ],
        ),
    }
    let mut problems = statements(files, &key);
    match text(CHECKPOINT).map(Note::parse) {
        Some(Ok(note)) if note.signatures.len() == 1 && has_signed(&key, &note) => {}
        Some(Ok(_)) => problems.push(format!("{CHECKPOINT} is not signed by this key alone")),
        _ => problems.push(format!("{CHECKPOINT} is missing or no checkpoint")),
    }
    let failed = !problems.is_empty();
    report.step(
        "seal",
        "every statement and the checkpoint are signed by this key",
        problems,
    );
    (!failed).then_some(key)
}

fn statements(files: &Files, key: &PublicKey) -> Vec<String> {
    let Some(bytes) = files.get(ATTESTATIONS) else {
        return vec![format!("{ATTESTATIONS} is missing")];
    };
    if bytes.last() != Some(&b'\n') {
        return vec![format!("{ATTESTATIONS} ends in the middle of a line")];
    }
    let manifest = files.get(MANIFEST).map(|bytes| sha256_hex(bytes));
    let mut problems = Vec::new();
    let mut types = Vec::new();
    for (number, line) in record::bundle::lines_of(bytes).enumerate() {
        let number = number + 1;
        let payload = read_line::<Envelope>(line)
            .map_err(|error| error.to_string())
            .and_then(|envelope| envelope.open(key).map_err(|error| error.to_string()));
        let statement = payload.and_then(|payload| {
            read_line::<Statement>(&payload).map_err(|error| format!("has a payload that {error}"))
        });
        match statement {
            Ok(statement) => {
                let about = |subject: &crate::statement::Subject| {
                    Some(&subject.digest.sha256) == manifest.as_ref()
                };
                if statement.kind != reports::in_toto::STATEMENT {
                    problems.push(format!(
                        "{ATTESTATIONS}: line {number} is no in-toto statement"
                    ));
                }
                if !statement.subject.iter().any(about) {
                    problems.push(format!(
                        "{ATTESTATIONS}: line {number} is about another manifest.json"
                    ));
                }
                types.push(statement.predicate_type);
            }
            Err(error) => problems.push(format!("{ATTESTATIONS}: line {number} {error}")),
        }
    }
    match integrity::manifest(files) {
        Ok(manifest) => {
            for required in &manifest.required_attestations {
                if !types.contains(required) {
                    problems.push(format!(
                        "{ATTESTATIONS}: the statement {required} is missing"
                    ));
                }
            }
            if types.len() != manifest.required_attestations.len() {
                problems.push(format!(
                    "{ATTESTATIONS}: {} statements instead of {}",
                    types.len(),
                    manifest.required_attestations.len()
                ));
            }
        }
        Err(error) => problems.push(error.to_string()),
    }
    problems
}
