//! What is claimed? In-toto statements about `manifest.json`, which names every other file.

use record::Record;
use record::manifest::MANIFEST;
use reports::in_toto;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An in-toto statement, version 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Its own type.
    #[serde(rename = "_type")]
    pub kind: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// What is said.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// It.
    pub predicate: Value,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its hash.
    pub digest: Digest,
}

/// A hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// SHA-256.
    pub sha256: String,
}

/// Every statement about a record whose manifest has this hash, as the bytes that are signed, in the order of
/// [`record::manifest::ATTESTATIONS`].
pub fn statements(record: &Record, manifest_sha256: &str) -> Vec<Vec<u8>> {
    let about = [in_toto::Subject::file(MANIFEST, manifest_sha256)];
    vec![
        in_toto::test_result(record, &about),
        in_toto::run(record, &about),
    ]
}
