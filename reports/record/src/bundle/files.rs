//! The files of a bundle, read whole. Links are not followed, and sizes have limits: a bundle may come from
//! anybody.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::journal::Line;

use crate::canonical::{ReadError, read_document, read_line};
use crate::model::{Environment, Plan, Record, Run};

/// The bytes of every file, by path in the bundle.
pub type Files = BTreeMap<String, Vec<u8>>;

/// No more than this is read of one bundle.
const BYTES_MAX: u64 = 4 << 30;
/// And no more files than this.
const FILES_MAX: usize = 100_000;
/// And no deeper than this.
const DEPTH_MAX: usize = 8;

/// Why a folder could not be read as a bundle.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// A file or folder cannot be read.
    #[error("could not read {path}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something lies there that is neither file nor folder.
    #[error("{0} is a link or a device; a bundle has files and folders only")]
    Strange(String),
    /// There is too much of it.
    #[error("the folder holds more than a bundle may: {0}")]
    TooMuch(String),
    /// It is no bundle at all.
    #[error("{0} is no folder of a run: there is no manifest.json in it")]
    NoBundle(String),
}

/// Reads every file of a folder.
///
/// # Errors
/// When something there is no file, cannot be read, or is too much.
pub fn load(root: &Path) -> Result<Files, ListError> {
    if !root.join(crate::manifest::MANIFEST).is_file() {
        return Err(ListError::NoBundle(root.display().to_string()));
    }
    let mut files = Files::new();
    let mut left = BYTES_MAX;
    walk(root, "", 0, &mut left, &mut files)?;
    Ok(files)
}

fn walk(
    folder: &Path,
    prefix: &str,
    depth: usize,
    left: &mut u64,
    files: &mut Files,
) -> Result<(), ListError> {
    let failed = |path: &Path, source| ListError::Io {
        path: path.display().to_string(),
        source,
    };
    if depth > DEPTH_MAX {
        return Err(ListError::TooMuch(format!("folders below {prefix}")));
    }
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let entry = entry.map_err(|error| failed(folder, error))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(|error| failed(&path, error))?;
        if kind.is_dir() {
            walk(&path, &format!("{name}/"), depth + 1, left, files)?;
        } else if kind.is_file() {
            let size = entry
                .metadata()
                .map_err(|error| failed(&path, error))?
                .len();
            *left = left
                .checked_sub(size)
                .ok_or_else(|| ListError::TooMuch(format!("{BYTES_MAX} bytes")))?;
            if files.len() == FILES_MAX {
                return Err(ListError::TooMuch(format!("{FILES_MAX} files")));
            }
            let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
            files.insert(name, bytes);
        } else {
            return Err(ListError::Strange(path.display().to_string()));
        }
    }
    Ok(())
}

/// A file that does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} {problem}")]
pub struct BadFile {
    /// Which.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

fn bad(path: &str, problem: impl ToString) -> BadFile {
    BadFile {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

fn document<T: serde::Serialize + serde::de::DeserializeOwned>(
    files: &Files,
    path: &str,
) -> Result<T, BadFile> {
    let bytes = files.get(path).ok_or_else(|| bad(path, "is missing"))?;
    read_document(bytes).map_err(|error| bad(path, error))
}

fn schema(path: &str, found: &str, expected: &'static str) -> Result<(), BadFile> {
    if found == expected {
        return Ok(());
    }
    let found = found.to_owned();
    Err(bad(path, ReadError::Schema { found, expected }))
}

impl Plan {
    /// Reads `plan.json`.
    ///
    /// # Errors
    /// When it is missing or no plan.
    pub fn read(files: &Files) -> Result<Self, BadFile> {
        let plan: Self = document(files, "plan.json")?;
        schema("plan.json", &plan.schema, Self::SCHEMA)?;
        Ok(plan)
    }
}

impl Run {
    /// Reads `run.json`.
    ///
    /// # Errors
    /// When it is missing or no run.
    pub fn read(files: &Files) -> Result<Self, BadFile> {
        let run: Self = document(files, "run.json")?;
        schema("run.json", &run.schema, Self::SCHEMA)?;
        Ok(run)
    }
}

impl Record {
    /// Reads everything that a closed bundle says. Hashes are not looked at: that is `verify`'s part.
    ///
    /// # Errors
    /// When a file is missing, or is not what it should be, byte for byte.
    pub fn read(files: &Files) -> Result<Self, BadFile> {
        let plan = Plan::read(files)?;
        let cases = cases(files, &plan)?;
        let mut environment = BTreeMap::new();
        for system in &plan.systems {
            let path = format!("environment/{}.json", system.key);
            // Interrupted before its turn, a system has none.
            if files.contains_key(&path) {
                let one: Environment = document(files, &path)?;
                environment.insert(system.key.clone(), one);
            }
        }
        let record = Self {
            run: Run::read(files)?,
            inventory: document(files, "inventory.json")?,
            identities: document(files, "identities.json")?,
            controls: document(files, "controls.json")?,
            coverage: document(files, "coverage.json")?,
            causes: document(files, "causes.json")?,
            statistics: document(files, "statistics.json")?,
            environment,
            cleanup: document(files, "cleanup.json")?,
            waivers: document(files, "waivers.json")?,
            cases,
            plan,
        };
        for (path, found, expected) in [
            (
                "inventory.json",
                &record.inventory.schema,
                crate::model::Inventory::SCHEMA,
            ),
            (
                "identities.json",
                &record.identities.schema,
                crate::model::Identities::SCHEMA,
            ),
            (
                "controls.json",
                &record.controls.schema,
                crate::model::TestControls::SCHEMA,
            ),
            (
                "coverage.json",
                &record.coverage.schema,
                crate::model::Coverage::SCHEMA,
            ),
            (
                "causes.json",
                &record.causes.schema,
                crate::model::Causes::SCHEMA,
            ),
            (
                "cleanup.json",
                &record.cleanup.schema,
                crate::model::Cleanup::SCHEMA,
            ),
            (
                "waivers.json",
                &record.waivers.schema,
                crate::model::Waivers::SCHEMA,
            ),
        ] {
            schema(path, found, expected)?;
        }
        Ok(record)
    }
}

/// The lines of every campaign, by its name. A run that was interrupted did not begin each.
///
/// # Errors
/// When a line is none, or is not written as it must be.
pub fn cases(files: &Files, plan: &Plan) -> Result<BTreeMap<String, Vec<Line>>, BadFile> {
    let mut cases = BTreeMap::new();
    for campaign in plan.systems.iter().flat_map(|system| &system.campaigns) {
        let Some(bytes) = files.get(&campaign.file) else {
            continue;
        };
        let mut lines = Vec::new();
        for (number, line) in lines_of(bytes).enumerate() {
            let line = read_line(line)
                .map_err(|error| bad(&campaign.file, format!("line {} {error}", number + 1)))?;
            lines.push(line);
        }
        cases.insert(campaign.name.clone(), lines);
    }
    Ok(cases)
}

/// The whole lines of a file, without their ends; what follows the last end is a line that a kill tore.
pub fn lines_of(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let mut rest = &bytes[..whole];
    std::iter::from_fn(move || {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at(end);
        rest = &after[1..];
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn lines_are_bytes_between_line_feeds() {
        let lines = |bytes: &[u8]| lines_of(bytes).map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(
            lines(b"a\n\nb\r\ntorn"),
            [b"a".to_vec(), vec![], b"b\r".to_vec()]
        );
        assert_eq!(lines(b"torn"), Vec::<Vec<u8>>::new());
        assert_eq!(lines(b""), Vec::<Vec<u8>>::new());
    }
}
