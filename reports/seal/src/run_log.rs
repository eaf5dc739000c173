//! Was a run dropped? Every sealed run has a line in a log of runs, numbered without gaps, and the log's tree is
//! signed each time. Each bundle carries the log as it was then, so that whoever holds an earlier checkpoint can
//! see that the log only grew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use record::Record;
use record::bundle::Files;
use record::canonical::{line, read_line, sha256_hex};
use record::checkpoint::{Checkpoint, Note};
use record::manifest::MANIFEST;
use record::model::{Run, RunVerdict};
use record::tree::{self, Hash};
use reports::runs::{LoggedRun, Sums};
use serde::{Deserialize, Serialize};

use crate::keys::{PublicKey, Signer};
use crate::proof::has_signed;
use crate::sealing::{Added, sign_note};
use crate::verifying::Report;

/// The log's lines, in the bundle and in the log's own folder.
pub const LOG: &str = "log/run-log.jsonl";
/// The log's signed checkpoint.
pub const LOG_CHECKPOINT: &str = "log/run-log.checkpoint";
/// The hashes that lead from the checkpoint before to this one.
pub const CONSISTENCY: &str = "log/consistency.txt";

/// The log as a table and as a page, made of its lines.
pub const TABLE: &str = "log/runs.csv";
/// The page.
pub const PAGE: &str = "log/runs.html";

/// One sealed run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub number: u64,
    /// Which run.
    pub run_id: String,
    /// When it began.
    pub started: String,
    /// What it came to.
    pub verdict: RunVerdict,
    /// Commit that was checked out, as the runner claims.
    pub commit: Option<String>,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// What it added up to; a log that was begun by an earlier version does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<Sums>,
}

impl Entry {
    fn logged(self) -> LoggedRun {
        LoggedRun {
            number: self.number,
            run_id: self.run_id,
            started: self.started,
            verdict: self.verdict,
            commit: self.commit,
            sums: self.sums,
        }
    }
}

/// The runs of a log, from its lines.
///
/// # Errors
/// When a line is none, or the numbers have gaps.
pub fn runs(lines: &[u8]) -> Result<Vec<LoggedRun>, LogError> {
    let entries = entries(lines).map_err(LogError::Changed)?;
    Ok(entries.into_iter().map(Entry::logged).collect())
}

/// The files that tell the log to people, by path.
fn told(entries: Vec<Entry>) -> [(&'static str, Vec<u8>); 2] {
    let runs: Vec<LoggedRun> = entries.into_iter().map(Entry::logged).collect();
    [
        (TABLE, reports::runs::table(&runs)),
        (PAGE, reports::runs::page(&runs)),
    ]
}

/// A log as its folder holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunLog {
    /// `run-log.jsonl`
    pub lines: Vec<u8>,
    /// `run-log.checkpoint`; `None` before the first run.
    pub checkpoint: Option<String>,
}

/// Why a log is not continued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// It is not what its checkpoint says.
    #[error("the log of runs was changed: {0}")]
    Changed(String),
    /// The run's record cannot be read.
    #[error("the run cannot be entered into the log: {0}")]
    Record(String),
    /// The run is in it already.
    #[error("the run is in the log already, as number {0}")]
    Known(u64),
    /// The signer could not.
    #[error("the key did not sign: {0}")]
    Signer(String),
}

fn leaves(lines: &[u8]) -> Vec<Hash> {
    record::bundle::lines_of(lines).map(tree::leaf).collect()
}

/// The entries, if they are written as they must be and count up.
fn entries(lines: &[u8]) -> Result<Vec<Entry>, String> {
    if lines.last().is_some_and(|last| *last != b'\n') {
        return Err("it ends in the middle of a line".into());
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in record::bundle::lines_of(lines).enumerate() {
        let entry: Entry =
            read_line(line).map_err(|error| format!("line {} {error}", index + 1))?;
        if entry.number != index as u64 + 1 {
            return Err(format!("line {} has number {}", index + 1, entry.number));
        }
        if entries.iter().any(|one| one.run_id == entry.run_id) {
            return Err(format!("line {} has a run a second time", index + 1));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The log with one run more, and what the bundle gets of it. The manifest is that of the bundle that is being
/// sealed; the log's own checkpoint must hold first.
///
/// # Errors
/// When the log is not what it was, or cannot be signed.
pub fn append(
    log: &RunLog,
    origin: &str,
    files: &Files,
    signer: &mut dyn Signer,
) -> Result<(RunLog, Added), LogError> {
    let mut entries = entries(&log.lines).map_err(LogError::Changed)?;
    let before = leaves(&log.lines);
    match &log.checkpoint {
        None if before.is_empty() => {}
        None => return Err(LogError::Changed("its checkpoint is missing".into())),
        Some(text) => {
            let note = Note::parse(text)
                .map_err(|error| LogError::Changed(format!("its checkpoint {error}")))?;
            if note.checkpoint.size != before.len() as u64
                || note.checkpoint.root != tree::root(&before)
            {
                return Err(LogError::Changed(
                    "its lines are not those that its checkpoint is about".into(),
                ));
            }
            if !has_signed(&signer.public(), &note) {
                return Err(LogError::Changed(
                    "its checkpoint is signed by another key".into(),
                ));
            }
        }
    }
    let record = Record::read(files).map_err(|error| LogError::Record(error.to_string()))?;
    let sums = Sums::of(&record);
    let run = record.run;
    if let Some(known) = entries.iter().find(|one| one.run_id == run.run_id) {
        return Err(LogError::Known(known.number));
    }
    let manifest = files.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
    let entry = Entry {
        number: entries.len() as u64 + 1,
        run_id: run.run_id,
        started: run.started,
        verdict: run.verdict,
        commit: run.operator.commit,
        manifest_sha256: sha256_hex(manifest),
        sums: Some(sums),
    };
    let mut lines = log.lines.clone();
    lines.extend(line(&entry));
    lines.push(b'\n');
    entries.push(entry);
    let after = leaves(&lines);
    let mut note = Note {
        checkpoint: Checkpoint {
            origin: origin.to_owned(),
            size: after.len() as u64,
            root: tree::root(&after),
        },
        signatures: Vec::new(),
    };
    sign_note(&mut note, signer).map_err(LogError::Signer)?;
    let proof = tree::consistency(&after, before.len()).unwrap_or_default();
    let proof: String = proof
        .iter()
        .map(|hash| STANDARD.encode(hash) + "\n")
        .collect();
    let consistency = format!("from {}\nto {}\n{proof}", before.len(), after.len());
    let mut added = vec![
        (LOG.to_owned(), lines.clone()),
        (LOG_CHECKPOINT.to_owned(), note.text().into_bytes()),
        (CONSISTENCY.to_owned(), consistency.into_bytes()),
    ];
    added.extend(told(entries).map(|(path, bytes)| (path.to_owned(), bytes)));
    let log = RunLog {
        lines,
        checkpoint: Some(note.text()),
    };
    Ok((log, added))
}

/// Checks the log that a bundle carries, against an earlier checkpoint if there is one.
pub fn check(files: &Files, key: Option<&PublicKey>, previous: Option<&str>, report: &mut Report) {
    let Some(lines) = files.get(LOG) else {
        if [LOG_CHECKPOINT, CONSISTENCY, TABLE, PAGE]
            .iter()
            .any(|path| files.contains_key(*path))
        {
            report.fail("log of runs", vec![format!("{LOG} is missing")]);
        } else if previous.is_some() {
            report.fail(
                "log of runs",
                vec![
                    "an earlier checkpoint was given, but the bundle carries no log of runs".into(),
                ],
            );
        }
        return;
    };
    let mut problems = Vec::new();
    let hashes = leaves(lines);
    let text = |path: &str| {
        files
            .get(path)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    };
    match entries(lines) {
        Ok(entries) => {
            let manifest = files.get(MANIFEST).map(|bytes| sha256_hex(bytes));
            if entries.last().map(|last| last.manifest_sha256.clone()) != manifest {
                problems.push(format!("{LOG} does not end with this run"));
            }
            // Another version may tell the same lines otherwise, as with the views.
            let made_by = Run::read(files).map(|run| run.tool.version);
            if made_by.is_ok_and(|made_by| made_by == env!("CARGO_PKG_VERSION")) {
                for (path, bytes) in told(entries) {
                    match files.get(path) {
                        Some(own) if *own == bytes => {}
                        Some(_) => problems.push(format!("{path} says something else than {LOG}")),
                        None => problems.push(format!("{path} is missing")),
                    }
                }
            }
        }
        Err(error) => problems.push(format!("{LOG}: {error}")),
    }
    let note = text(LOG_CHECKPOINT).map(Note::parse);
    match &note {
        Some(Ok(note)) => {
            if note.checkpoint.size != hashes.len() as u64
                || note.checkpoint.root != tree::root(&hashes)
            {
                problems.push(format!("{LOG_CHECKPOINT} is about another log"));
            }
            if key.is_some_and(|key| !has_signed(key, note)) {
                problems.push(format!("{LOG_CHECKPOINT} is not signed by this key"));
            }
        }
        _ => problems.push(format!("{LOG_CHECKPOINT} is missing or no checkpoint")),
    }
    if consistency(text(CONSISTENCY).unwrap_or_default(), &hashes).is_none() {
        problems.push(format!(
            "{CONSISTENCY} does not show that the log only grew"
        ));
    }
    if let Some(previous) = previous {
        match Note::parse(previous) {
            Ok(earlier) => {
                let size = usize::try_from(earlier.checkpoint.size).unwrap_or(usize::MAX);
                let own_origin = note.as_ref().and_then(|note| note.as_ref().ok());
                if own_origin.is_some_and(|own| own.checkpoint.origin != earlier.checkpoint.origin)
                {
                    problems.push("the earlier checkpoint is of another log".into());
                } else if hashes.get(..size).map(tree::root) != Some(earlier.checkpoint.root) {
                    problems.push(format!(
                        "the log of runs was rewritten: its first {size} runs are not those of the earlier checkpoint"
                    ));
                }
            }
            Err(error) => problems.push(format!("the earlier checkpoint {error}")),
        }
    }
    let number = hashes.len();
    let detail = match previous {
        Some(_) => format!("run number {number}; the log only grew since the earlier checkpoint"),
        None => format!("run number {number}, numbers without gaps"),
    };
    report.step("log of runs", &detail, problems);
}

/// Whether the hashes lead from the log without its last run to the whole log.
fn consistency(text: &str, leaves: &[Hash]) -> Option<()> {
    let mut lines = text.lines();
    let from: usize = lines.next()?.strip_prefix("from ")?.parse().ok()?;
    let to: usize = lines.next()?.strip_prefix("to ")?.parse().ok()?;
    let proof = lines
        .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
        .collect::<Option<Vec<Hash>>>()?;
    let is_last = to == leaves.len() && from + 1 == to;
    let first = leaves.get(..from)?;
    let holds = from == 0 && proof.is_empty()
        || tree::is_consistent(
            from as u64,
            to as u64,
            &tree::root(first),
            &tree::root(leaves),
            &proof,
        );
    (is_last && holds && text.ends_with('\n')).then_some(())
}
