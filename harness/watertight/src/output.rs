//! Where does a run leave its record? In one folder, the bundle: what is known before the first attack, the
//! cases while they are run, and everything else when it ends.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use campaign::journal::{Header, Resumed};
use record::bundle::Bundle;

/// The folder of one run.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    path: PathBuf,
}

/// Files that a run writes beside those in folders of its own.
const OURS: [&str; 6] = [
    "README.txt",
    "SHA256SUMS",
    "findings.txt",
    "report.html",
    "report.css",
    "custody.jsonl",
];
/// Folders that a run writes.
const FOLDERS: [&str; 11] = [
    "attestations",
    "cases",
    "environment",
    "figures",
    "histories",
    "keys",
    "log",
    "mapping",
    "population",
    "traces",
    "views",
];

impl OutputFolder {
    /// Makes the folder; an earlier run's is moved to `<path>.old` (and the one before that is
    /// removed), so that nobody reads last week's verdict as today's.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            anyhow::ensure!(
                Self::is_ours(path),
                "{} exists and is not the folder of an earlier run; name another with --out",
                path.display()
            );
            let mut old = path.as_os_str().to_owned();
            old.push(".old");
            let old = PathBuf::from(old);
            if old.exists() {
                anyhow::ensure!(
                    Self::is_ours(&old),
                    "{} is in the way and is not the folder of an earlier run",
                    old.display()
                );
                std::fs::remove_dir_all(&old)
                    .with_context(|| format!("could not remove {}", old.display()))?;
            }
            std::fs::rename(path, &old)
                .with_context(|| format!("could not move {} away", path.display()))?;
        }
        std::fs::create_dir_all(path)
            .with_context(|| format!("could not create {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The folder of a run that was interrupted.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(
            Self::is_ours(path) && path.join("plan.json").exists(),
            "there is nothing to resume in {}: no record of a run lies there",
            path.display()
        );
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Empty, or holding what a run writes and nothing else.
    fn is_ours(path: &Path) -> bool {
        let Ok(entries) = std::fs::read_dir(path) else {
            return false;
        };
        let is_ours = |entry: std::fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                return FOLDERS.contains(&&*name);
            }
            let whole = name.strip_suffix(".partial").unwrap_or(&name);
            OURS.contains(&whole)
                || whole.ends_with(".xml")
                || whole.ends_with(".json")
                || (whole.starts_with("cases-") && whole.ends_with(".jsonl"))
        };
        entries.flatten().all(is_ours)
    }

    /// The cases that an interrupted run left, positioned after the last whole line, and what the
    /// file holds; `None` when the run was killed before this campaign began.
    pub(crate) fn resume_cases(
        bundle: &Bundle,
        file: &str,
        header: &Header,
    ) -> anyhow::Result<Option<(File, Resumed)>> {
        let path = bundle.root().join(file);
        let reading = || format!("could not resume {}", path.display());
        let Some(mut file) = bundle.open_cases(file).with_context(reading)? else {
            return Ok(None);
        };
        let mut text = String::new();
        BufReader::new(&file)
            .read_to_string(&mut text)
            .with_context(reading)?;
        let resumed = campaign::journal::read(&text, header).with_context(reading)?;
        // The kill may have torn the last line; what follows the last whole one is cut off.
        file.set_len(resumed.whole_bytes).with_context(reading)?;
        file.seek(SeekFrom::End(0)).with_context(reading)?;
        Ok(Some((file, resumed)))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes a whole file beside its place and moves it there, so that nobody ever reads half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("could not create {}", parent.display()))?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    std::fs::write(&partial, text)
        .and_then(|()| std::fs::rename(&partial, path))
        .with_context(|| format!("could not write {}", path.display()))
}
