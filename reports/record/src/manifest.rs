//! `manifest.json` and `SHA256SUMS`: the size and hash of every file, so that none is changed, dropped or added
//! unnoticed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical::sha256_hex;
use crate::model::{Leaves, State};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`Manifest::SCHEMA`].
    pub schema: String,
    /// Whose record it is.
    pub run_id: String,
    /// While unfinished, only the files are listed that do not change any more.
    pub state: State,
    /// The tree over plan and cases, as `log/checkpoint` has it; `None` while unfinished.
    pub leaves: Option<Leaves>,
    /// Types of the statements that a seal must hold, so that none can be dropped.
    pub required_attestations: Vec<String>,
    /// The files, in order of paths.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path in the bundle.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its hash.
    pub sha256: String,
    /// What it is, for programs.
    pub media_type: String,
    /// What it is for: `record`, `trace`, `case` or `view`.
    pub role: String,
}

/// Predicate types of the statements that `watertight seal` makes.
pub const ATTESTATIONS: [&str; 2] = [
    "https://in-toto.io/attestation/test-result/v0.1",
    "urn:watertight:tenant-isolation-run:v1",
];

/// The manifest's own path.
pub const MANIFEST: &str = "manifest.json";
/// The path of the sums.
pub const SUMS: &str = "SHA256SUMS";
/// The path of the checkpoint.
pub const CHECKPOINT: &str = "log/checkpoint";

/// Whether a file comes into being with or after the manifest, and so cannot be in it.
pub fn is_outside(path: &str) -> bool {
    matches!(
        path,
        MANIFEST
            | SUMS
            | CHECKPOINT
            | "log/run-log.checkpoint"
            | "log/run-log.jsonl"
            | "log/runs.csv"
            | "log/runs.html"
            | "log/consistency.txt"
            | "attestations/run.intoto.jsonl"
            | "attestations/timestamp.tsq"
            | "attestations/timestamp.tsr"
            | "attestations/tsa-chain.pem"
            | "keys/seal.pub.pem"
    )
}

impl Manifest {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/manifest/v1";
}

impl Entry {
    /// What a file of these bytes is.
    pub fn new(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
            media_type: media_type(path).to_owned(),
            role: role(path).to_owned(),
        }
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "yaml" => "application/yaml",
        "xml" => "application/xml",
        "sarif" => "application/sarif+json",
        "html" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "md" => "text/markdown",
        "svg" => "image/svg+xml",
        _ => "text/plain",
    }
}

fn role(path: &str) -> &'static str {
    match path.split('/').next().unwrap_or_default() {
        "traces" => "trace",
        "cases" | "histories" => "case",
        "views" | "mapping" | "population" | "figures" | "report.html" | "report.css"
        | "findings.txt" => "view",
        _ => "record",
    }
}

/// The sums of files by path, in the form that `sha256sum -c` reads.
pub fn sums(hashes: &BTreeMap<String, String>) -> String {
    let lines = hashes.iter().filter(|(path, _)| path.as_str() != SUMS);
    lines
        .map(|(path, hash)| format!("{hash}  {path}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Entry, is_outside, sums};

    #[test]
    fn sums_have_the_form_of_coreutils() {
        let hashes = [
            ("b/c".to_owned(), "22".to_owned()),
            ("SHA256SUMS".to_owned(), "33".to_owned()),
            ("a".to_owned(), "11".to_owned()),
        ];
        assert_eq!(sums(&hashes.into()), "11  a\n22  b/c\n");
    }

    #[test]
    fn an_entry_says_what_a_file_is() {
        let entry = Entry::new("traces/x/fuzz-1.json", b"{}\n");
        assert_eq!(
            (entry.bytes, entry.media_type.as_str(), entry.role.as_str()),
            (3, "application/json", "trace")
        );
        assert_eq!(Entry::new("views/results.sarif", b"").role, "view");
        assert_eq!(Entry::new("README.txt", b"").media_type, "text/plain");
    }

    #[test]
    fn only_what_a_seal_adds_is_outside() {
        for path in ["manifest.json", "log/checkpoint", "log/run-log.jsonl"] {
            assert!(is_outside(path), "{path}");
        }
        for path in ["run.json", "log/other", "attestations/more.jsonl"] {
            assert!(!is_outside(path), "{path}");
        }
    }
}
