//! What does a campaign leave for those who mend? One case file for each cause, its history for
//! auditors, and the one command that plays it again.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use configuration::Configuration;
use domain::cause::Cause;
use domain::event::Summary;
use record::bundle::Bundle;
use scenarios::{Origin, Scenario, of_cause, print};

use crate::args::RunArguments;
use crate::exit_code::Failure;
use crate::preparation::Prepared;

/// Where case files lie below the folder of a run: `cases`, and where several systems are tested, in
/// a folder for each, because what has one cause in both has one name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folders {
    /// Whether one system is tested.
    pub(crate) is_one: bool,
}

impl Folders {
    /// That of the system called `key`.
    pub(crate) fn of(self, key: &str) -> String {
        self.below("cases", key)
    }

    /// The same below another folder.
    pub(crate) fn below(self, folder: &str, key: &str) -> String {
        if self.is_one {
            folder.to_owned()
        } else {
            format!("{folder}/{key}")
        }
    }
}

/// Writes `<id>.yaml` for every cause that a case or an inspection shows.
pub(crate) fn write(
    (bundle, place): (&Bundle, &str),
    prepared: &Prepared,
    summary: &Summary,
) -> anyhow::Result<()> {
    let origin = origin(prepared, summary);
    for cause in &summary.causes {
        if let Some(scenario) = of_cause(cause, &origin) {
            let file = format!("{place}/{}.yaml", cause.id);
            bundle.write(&file, print(&scenario).as_bytes())?;
        }
    }
    Ok(())
}

/// Where what a campaign found comes from.
pub(crate) fn origin<'a>(prepared: &'a Prepared, summary: &'a Summary) -> Origin<'a> {
    Origin {
        system: &prepared.system,
        world: &prepared.world,
        surface: &prepared.surface,
        target: &summary.target,
        seed: summary.seed,
        tool: env!("CARGO_PKG_VERSION"),
    }
}

/// What is played first: what the configuration keeps in its folder, or what was once found in the
/// demonstration.
pub(crate) fn regressions(
    config: Option<&Path>,
    configuration: &Configuration,
) -> Result<Vec<Scenario>, Failure> {
    let Some(config) = config else {
        let mut kept = scenarios::regressions();
        let is_own = |kept: &Scenario| {
            let found = kept.found.as_ref();
            found.is_some_and(|found| found.system == configuration.system.name)
        };
        kept.retain(is_own);
        return Ok(kept);
    };
    let Some(folder) = &configuration.regressions else {
        return Ok(Vec::new());
    };
    let folder = config.parent().unwrap_or(Path::new("")).join(folder);
    let mut files = Vec::new();
    let entries = std::fs::read_dir(&folder)
        .with_context(|| format!("could not read the regressions in {}", folder.display()))
        .map_err(Failure::usage)?;
    for entry in entries {
        let path = entry.map_err(Failure::environment)?.path();
        if path.extension().is_some_and(|own| own == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
        .iter()
        .map(|path| crate::commands::replay::read(path))
        .collect()
}

/// The command that replays a cause's case under the options of the run that found it.
pub(crate) struct ReplayCommand {
    folder: PathBuf,
    folders: Folders,
    options: String,
}

impl ReplayCommand {
    pub(crate) fn new(arguments: &RunArguments, folders: Folders) -> Self {
        let mut options = String::new();
        let mut add = |option: &str, value: &str| {
            options.push_str(&format!(" --{option} {}", quoted(value)));
        };
        let shown = |path: &Path| path.display().to_string();
        if let Some(config) = &arguments.system.config {
            add("config", &shown(config));
        }
        if let Some(tenants) = arguments.system.tenants {
            add("tenants", &tenants.to_string());
        }
        let planted = &arguments.planted;
        for patch in &planted.patch {
            add("patch", &shown(patch));
        }
        if let Some(tenant) = &planted.patch_tenant {
            add("patch-tenant", tenant);
        }
        if let Some(key) = &planted.patch_db {
            add("patch-db", key);
        }
        for fault in &planted.fault {
            add("fault", fault);
        }
        for near_miss in &planted.near_miss {
            add("near-miss", near_miss);
        }
        if arguments.i_know_this_server_holds_other_databases {
            options.push_str(" --i-know-this-server-holds-other-databases");
        }
        Self {
            folder: arguments.out.clone(),
            folders,
            options,
        }
    }

    /// `watertight replay watertight.out/cases/scoping-3f9a1c02.yaml --fault …`
    pub(crate) fn of(&self, key: &str, cause: &Cause) -> String {
        let file = self.file(key, &cause.id);
        format!("watertight replay {file}{}", self.options)
    }

    /// How a finding is kept, so that it is played first in every run.
    pub(crate) fn keep(&self, key: &str, id: &str) -> String {
        format!(
            "cp {} regressions/ and `regressions: regressions` in watertight.yaml: it is played first \
             from then on",
            self.file(key, id)
        )
    }

    fn file(&self, key: &str, id: &str) -> String {
        let folder = self.folder.join(self.folders.of(key));
        let file = folder.join(format!("{id}.yaml"));
        quoted(&file.display().to_string())
    }
}

/// As a shell reads it as one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        for (text, expected) in [
            ("out/cases/a-1.yaml", "out/cases/a-1.yaml"),
            ("my out", "'my out'"),
            ("it's", "'it'\\''s'"),
            ("$(rm)", "'$(rm)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
