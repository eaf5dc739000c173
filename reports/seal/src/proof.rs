//! How is one case proven without the others? By its line, its place, the hashes that lead from it to the root,
//! and the signed checkpoint: a C2SP tlog-proof that carries the line with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::case::CaseId;
use domain::journal::Line;
use record::bundle::{Files, lines_of};
use record::canonical::read_line;
use record::checkpoint::{Note, key_id};
use record::manifest::CHECKPOINT;
use record::model::Plan;
use record::tree::{self, Hash};

use crate::keys::PublicKey;

const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// A proof that a line is one of a signed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The line, byte for byte.
    pub line: Vec<u8>,
    /// Its number among the leaves.
    pub index: u64,
    /// The hashes that lead to the root.
    pub hashes: Vec<Hash>,
    /// The checkpoint, with its signatures.
    pub note: Note,
}

/// Why nothing is proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The bundle cannot be read that far.
    #[error("{0}")]
    Bundle(String),
    /// No case is called that.
    #[error(
        "no case is called {0:?}; a case is called like fuzz-12, or shared-database-api/races-3 where that is not enough"
    )]
    NoSuchCase(String),
    /// Several are.
    #[error("several cases are called {0:?}: {1}")]
    Several(String, String),
    /// It is no proof.
    #[error("is no proof: {0}")]
    NotAProof(String),
    /// The hashes do not lead to the root.
    #[error(
        "proves nothing: the line is not at that place of the record that the checkpoint is about"
    )]
    NotIncluded,
    /// The checkpoint is not signed by this key.
    #[error("proves nothing: its checkpoint is not signed by this key")]
    NotSigned,
}

/// Proves one case: `phase-index`, with the campaign's name and a slash before it where several have it.
///
/// # Errors
/// When there is no such case, or several.
pub fn prove(files: &Files, case: &str) -> Result<Proof, ProofError> {
    let bundle = |error: &dyn std::fmt::Display| ProofError::Bundle(error.to_string());
    let plan = Plan::read(files).map_err(|error| bundle(&error))?;
    let note = files
        .get(CHECKPOINT)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or_else(|| bundle(&"there is no log/checkpoint: the run is not finished"))?;
    let note = Note::parse(note).map_err(|error| bundle(&format!("log/checkpoint {error}")))?;
    let (leaves, hashes) = record::bundle::leaves(files, &plan);
    if note.checkpoint.size != leaves.size || note.checkpoint.root != tree::root(&hashes) {
        return Err(bundle(
            &"log/checkpoint is about other cases than those in the bundle",
        ));
    }
    let mut found: Vec<(String, usize, &[u8])> = Vec::new();
    let mut index = 1;
    for campaign in plan.systems.iter().flat_map(|system| &system.campaigns) {
        let Some(bytes) = files.get(&campaign.file) else {
            continue;
        };
        for line in lines_of(bytes) {
            if let Some(id) = id_of(line) {
                let whole = format!("{}/{id}", campaign.name);
                if whole == case || id.to_string() == case {
                    found.push((whole, index, line));
                }
            }
            index += 1;
        }
    }
    let (_, index, line) = match &found[..] {
        [] => return Err(ProofError::NoSuchCase(case.to_owned())),
        [only] => only,
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _, _)| name.as_str()).collect();
            return Err(ProofError::Several(case.to_owned(), names.join(", ")));
        }
    };
    let hashes =
        tree::inclusion(&hashes, *index).ok_or_else(|| ProofError::NoSuchCase(case.to_owned()))?;
    Ok(Proof {
        line: line.to_vec(),
        index: *index as u64,
        hashes,
        note,
    })
}

fn id_of(line: &[u8]) -> Option<CaseId> {
    match read_line(line) {
        Ok(Line::Case(case)) => Some(case.case),
        Ok(Line::Inspection(inspection)) => Some(inspection.case),
        _ => None,
    }
}

impl Proof {
    /// The proof as a text.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{HEAD}\nextra {}\nindex {}\n",
            STANDARD.encode(&self.line),
            self.index
        );
        for hash in &self.hashes {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.note.text());
        text
    }

    /// Reads a proof.
    ///
    /// # Errors
    /// When it is none, or not written as it must be.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let wrong = |why: &str| ProofError::NotAProof(why.to_owned());
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| wrong("no empty line ends its first part"))?;
        let mut lines = head.lines();
        if lines.next() != Some(HEAD) {
            return Err(wrong("its first line is another"));
        }
        let line = lines
            .next()
            .and_then(|line| line.strip_prefix("extra "))
            .and_then(|line| STANDARD.decode(line).ok())
            .ok_or_else(|| wrong("it does not carry the line that it is about"))?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(|index| index.parse().ok())
            .ok_or_else(|| wrong("it does not say which leaf it is about"))?;
        let hashes = lines
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect::<Option<Vec<Hash>>>()
            .ok_or_else(|| wrong("one of its hashes is none"))?;
        let note = Note::parse(note).map_err(|error| wrong(&error.to_string()))?;
        let proof = Self {
            line,
            index,
            hashes,
            note,
        };
        if proof.text() == text {
            Ok(proof)
        } else {
            Err(wrong("it is not written as it must be"))
        }
    }

    /// Checks the proof. Without a key, only that line and checkpoint belong together.
    ///
    /// # Errors
    /// When nothing is proven.
    pub fn check(&self, key: Option<&PublicKey>) -> Result<(), ProofError> {
        let checkpoint = &self.note.checkpoint;
        let leaf = tree::leaf(&self.line);
        if !tree::is_included(
            &leaf,
            self.index,
            checkpoint.size,
            &self.hashes,
            &checkpoint.root,
        ) {
            return Err(ProofError::NotIncluded);
        }
        match key {
            Some(key) if !has_signed(key, &self.note) => Err(ProofError::NotSigned),
            _ => Ok(()),
        }
    }
}

/// Whether a key signed a checkpoint.
pub fn has_signed(key: &PublicKey, note: &Note) -> bool {
    let text = note.checkpoint.text();
    note.signatures.iter().any(|one| {
        one.key_id == key_id(&one.name, &key.bytes())
            && key.has_signed(text.as_bytes(), &one.signature)
    })
}
