//! The folder: how a bundle is written while a run goes on, and how its files are read back.
//!
//! What is written first (plan, a run that says *unfinished*, a manifest of the files that do not change any
//! more) makes a valid bundle from the first moment on. Lines of cases are appended. Closing writes everything
//! else and the whole manifest last, so that a kill at any moment leaves either an unfinished bundle or a whole
//! one.

mod close;
mod files;
mod readme;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

pub use close::{Closing, Views, close, leaves, origin};
pub use files::{BadFile, Files, ListError, cases, lines_of, load};
pub use readme::README;

use crate::canonical::{document, sha256_hex};
use crate::manifest::{Entry, MANIFEST, Manifest};
use crate::model::{Plan, Run, State};
use crate::names;
use crate::redaction::Redaction;

/// Why a file could not be written: the disk is full, the folder is not ours.
#[derive(Debug, thiserror::Error)]
#[error("could not write {path}")]
pub struct WriteError {
    /// Which.
    pub path: String,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct Bundle {
    root: PathBuf,
    redaction: Redaction,
}

impl Bundle {
    /// The bundle in a folder that is there.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            redaction: Redaction::default(),
        }
    }

    /// The same, which also removes these secrets from what it writes.
    #[must_use]
    pub fn redacting(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What it removes.
    pub fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// Writes what is known before the first attack.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn begin(&self, plan: &Plan, run: &Run) -> Result<(), WriteError> {
        let plan = self.redaction.apply_to_bytes(&document(plan));
        let frozen = [
            ("README.txt", README.as_bytes().to_vec()),
            ("plan.json", plan),
        ];
        for (path, bytes) in &frozen {
            self.write_raw(path, bytes)?;
        }
        self.write("run.json", &document(run))?;
        let manifest = Manifest {
            schema: Manifest::SCHEMA.to_owned(),
            run_id: run.run_id.clone(),
            state: State::Unfinished,
            leaves: None,
            required_attestations: Vec::new(),
            files: frozen
                .iter()
                .map(|(path, bytes)| Entry::new(path, bytes))
                .collect(),
        };
        self.write_raw(MANIFEST, &document(&manifest))
    }

    /// Writes a whole file without secrets, beside its place, and moves it there: nobody ever reads half of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        self.write_raw(path, &self.redaction.apply_to_bytes(bytes))
    }

    /// The same for what holds hashes of redacted bytes and must stay as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_raw(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        debug_assert!(names::is_path(path), "{path} is no path of a bundle");
        let failed = |source| WriteError {
            path: self.root.join(path).display().to_string(),
            source,
        };
        let whole = self.root.join(path);
        if let Some(parent) = whole.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut partial = whole.as_os_str().to_owned();
        partial.push(PARTIAL);
        let partial = PathBuf::from(partial);
        std::fs::write(&partial, bytes)
            .and_then(|()| std::fs::rename(&partial, &whole))
            .map_err(|error| {
                // Half a file would be one that the manifest does not know.
                let _ = std::fs::remove_file(&partial);
                failed(error)
            })
    }

    /// A new file for a campaign's cases.
    ///
    /// # Errors
    /// When it cannot be made, for example because it is there.
    pub fn new_cases(&self, file: &str) -> Result<File, WriteError> {
        let path = self.root.join(file);
        File::create_new(&path).map_err(|source| WriteError {
            path: path.display().to_string(),
            source,
        })
    }

    /// The file of a campaign's cases as a killed run left it; `None` when it was killed before.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_cases(&self, file: &str) -> Result<Option<File>, WriteError> {
        let path = self.root.join(file);
        match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(WriteError {
                path: path.display().to_string(),
                source,
            }),
        }
    }
}

/// What a file is called while it is being written.
pub(crate) const PARTIAL: &str = ".partial";

/// SHA-256 of `plan.json` as it is written.
pub fn plan_sha256(plan: &Plan, redaction: &Redaction) -> String {
    sha256_hex(&redaction.apply_to_bytes(&document(plan)))
}
