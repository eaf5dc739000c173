//! Where does a run leave its record? One folder: the journal while it runs, findings and summary
//! when it ends.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use campaign::journal::{Header, Resumed};
use domain::event::Summary;

/// The folder of one run.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    path: PathBuf,
}

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
            Self::is_ours(path),
            "there is nothing to resume in {}: no journal lies there",
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
        entries.flatten().all(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("journal-")
                || name.starts_with("summary-")
                || name.ends_with(".xml")
                || name == "findings.txt"
                || name == "cases"
                || name == "histories"
        })
    }

    fn journal_path(&self, key: &str) -> PathBuf {
        self.path.join(format!("journal-{key}.jsonl"))
    }

    /// A new journal for the campaign called `key`.
    pub(crate) fn new_journal(&self, key: &str) -> anyhow::Result<File> {
        let path = self.journal_path(key);
        File::create_new(&path).with_context(|| format!("could not create {}", path.display()))
    }

    /// The journal that an interrupted run left, positioned after its last whole line, and what
    /// it holds; `None` when the run was killed before this campaign began.
    pub(crate) fn resume_journal(
        &self,
        key: &str,
        header: &Header,
    ) -> anyhow::Result<Option<(File, Resumed)>> {
        let path = self.journal_path(key);
        if !path.exists() {
            return Ok(None);
        }
        let reading = || format!("could not resume {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .with_context(reading)?;
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

    /// Writes the summary of the campaign called `key`, for programs.
    pub(crate) fn write_summary(&self, key: &str, summary: &Summary) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(summary).context("could not print the summary")?;
        write_file(
            &self.path.join(format!("summary-{key}.v1.json")),
            &(text + "\n"),
        )
    }

    /// Writes a file of this name below the folder.
    pub(crate) fn write(&self, name: &Path, text: &str) -> anyhow::Result<()> {
        write_file(&self.path.join(name), text)
    }

    /// Writes the findings of all campaigns, for people.
    pub(crate) fn write_findings(&self, text: &str) -> anyhow::Result<()> {
        write_file(&self.path.join("findings.txt"), text)
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
