//! Lists the scenario files, so that a new one needs no line anywhere. Runs again when any file of
//! this crate changes, as Cargo does when a build script names none.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for design in ["database-per-tenant", "shared-database", "both"] {
        collect(&root.join(design), &mut files)?;
    }
    write(&root, files, "files.rs")?;
    let mut kept = Vec::new();
    collect(&root.join("regressions"), &mut kept)?;
    write(&root, kept, "regressions.rs")
}

/// A list of paths and texts, to be included.
fn write(root: &Path, mut files: Vec<PathBuf>, name: &str) -> std::io::Result<()> {
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(root).map_or_else(
            |_| file.display().to_string(),
            |path| path.display().to_string(),
        );
        let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", file.display());
    }
    list.push_str("]\n");
    std::fs::write(Path::new(&variable("OUT_DIR")).join(name), list)
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo tells build scripts their folders in no other way"
)]
fn variable(name: &str) -> String {
    std::env::var(name).expect("Cargo sets it")
}

/// Every YAML file below `folder`, which need not be there.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let Ok(entries) = folder.read_dir() else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    Ok(())
}
