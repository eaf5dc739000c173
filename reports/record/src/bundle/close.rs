//! How is a bundle closed? Everything that the record says is written, then the sums and the checkpoint, and
//! last the manifest: from then on the run is finished.

use std::collections::BTreeMap;

use super::files::{Files, ListError, lines_of, load};
use super::{Bundle, WriteError};
use crate::canonical::{document, hex, sha256_hex};
use crate::checkpoint::{Checkpoint, Note};
use crate::manifest::{self, ATTESTATIONS, CHECKPOINT, Entry, MANIFEST, Manifest, SUMS};
use crate::model::{Leaves, Plan, Record, State};
use crate::{redaction, tree};

/// Why a bundle could not be closed.
#[derive(Debug, thiserror::Error)]
pub enum Closing {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file could not be read back.
    #[error(transparent)]
    List(#[from] ListError),
    /// A view could not be made.
    #[error("could not make a view: {0}")]
    View(String),
}

/// Makes the views of a record: bytes by path.
pub type Views<'a> = dyn Fn(&Record) -> Result<Files, String> + 'a;

/// The leaves of a bundle's tree: `plan.json`, then each line of each file of cases, in the plan's order.
pub fn leaves(files: &Files, plan: &Plan) -> (Leaves, Vec<tree::Hash>) {
    let mut hashes = vec![tree::leaf(
        files.get("plan.json").map_or(&[][..], Vec::as_slice),
    )];
    let mut counted = Vec::new();
    for campaign in plan.systems.iter().flat_map(|system| &system.campaigns) {
        let Some(bytes) = files.get(&campaign.file) else {
            continue;
        };
        let before = hashes.len();
        hashes.extend(lines_of(bytes).map(tree::leaf));
        counted.push((campaign.file.clone(), (hashes.len() - before) as u64));
    }
    let leaves = Leaves {
        size: hashes.len() as u64,
        root: hex(&tree::root(&hashes)),
        files: counted,
    };
    (leaves, hashes)
}

/// Which log a run's own tree is.
pub fn origin(run_id: &str) -> String {
    format!("watertight/run/{run_id}")
}

/// Writes everything that `record` says and closes the bundle. `record.run.leaves` is filled in here; `views`
/// makes the views of the record as it will be read back.
///
/// # Errors
/// When a file cannot be written or read back, or a view cannot be made.
pub fn close(bundle: &Bundle, record: &mut Record, views: &Views<'_>) -> Result<Manifest, Closing> {
    let present = load(bundle.root())?;
    let (leaves, _) = leaves(&present, &record.plan);
    record.run.leaves = Some(leaves.clone());
    for (path, bytes) in documents(record) {
        bundle.write(&path, &bytes)?;
    }
    let texts = load(bundle.root())?;
    let texts = texts.iter().filter(|(path, _)| path.as_str() != "run.json");
    record.run.redacted = redaction::count(texts.map(|(_, bytes)| bytes.as_slice()));
    bundle.write("run.json", &document(&record.run))?;
    // Views are made of the record as it was written, without secrets, so that they can be made again.
    let written = load(bundle.root())?;
    let read = Record::read(&written).map_err(|error| Closing::View(error.to_string()))?;
    for (path, bytes) in views(&read).map_err(Closing::View)? {
        bundle.write_raw(&path, &bytes)?;
    }
    let files = load(bundle.root())?;
    let listed = files.iter().filter(|(path, _)| !manifest::is_outside(path));
    let manifest = Manifest {
        schema: Manifest::SCHEMA.to_owned(),
        run_id: record.run.run_id.clone(),
        state: State::Finished,
        leaves: Some(leaves.clone()),
        required_attestations: ATTESTATIONS.iter().map(|&one| one.to_owned()).collect(),
        files: listed
            .map(|(path, bytes)| Entry::new(path, bytes))
            .collect(),
    };
    let bytes = document(&manifest);
    let root = crate::canonical::from_hex(&leaves.root).and_then(|root| root.try_into().ok());
    let note = Note {
        checkpoint: Checkpoint {
            origin: origin(&record.run.run_id),
            size: leaves.size,
            root: root.unwrap_or_default(),
        },
        signatures: Vec::new(),
    };
    bundle.write_raw(CHECKPOINT, note.text().as_bytes())?;
    let mut hashes: BTreeMap<String, String> = manifest
        .files
        .iter()
        .map(|entry| (entry.path.clone(), entry.sha256.clone()))
        .collect();
    hashes.insert(MANIFEST.to_owned(), sha256_hex(&bytes));
    hashes.insert(CHECKPOINT.to_owned(), sha256_hex(note.text().as_bytes()));
    bundle.write_raw(SUMS, manifest::sums(&hashes).as_bytes())?;
    bundle.write_raw(MANIFEST, &bytes)?;
    Ok(manifest)
}

fn documents(record: &Record) -> Vec<(String, Vec<u8>)> {
    let mut documents = vec![
        ("inventory.json".to_owned(), document(&record.inventory)),
        ("identities.json".to_owned(), document(&record.identities)),
        ("controls.json".to_owned(), document(&record.controls)),
        ("coverage.json".to_owned(), document(&record.coverage)),
        ("causes.json".to_owned(), document(&record.causes)),
        ("statistics.json".to_owned(), document(&record.statistics)),
        ("cleanup.json".to_owned(), document(&record.cleanup)),
        ("waivers.json".to_owned(), document(&record.waivers)),
    ];
    for (key, environment) in &record.environment {
        documents.push((format!("environment/{key}.json"), document(environment)));
    }
    documents
}
