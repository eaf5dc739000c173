//! Is every file the one that was written, and are there no others?

use std::collections::BTreeMap;

use record::bundle::{BadFile, Files, leaves, lines_of, origin};
use record::canonical::{from_hex, read_document, sha256_hex};
use record::checkpoint::Note;
use record::manifest::{CHECKPOINT, MANIFEST, Manifest, SUMS, is_outside, sums};
use record::model::{Plan, Run};
use record::names;

/// Reads `manifest.json`.
pub(super) fn manifest(files: &Files) -> Result<Manifest, BadFile> {
    let bad = |problem: String| BadFile {
        path: MANIFEST.to_owned(),
        problem,
    };
    let bytes = files
        .get(MANIFEST)
        .ok_or_else(|| bad("is missing".into()))?;
    let manifest: Manifest = read_document(bytes).map_err(|error| bad(error.to_string()))?;
    if manifest.schema == Manifest::SCHEMA {
        Ok(manifest)
    } else {
        Err(bad(format!("has the unknown schema {:?}", manifest.schema)))
    }
}

/// Everything that differs from manifest and sums.
pub(super) fn files(files: &Files) -> Vec<String> {
    let manifest = match manifest(files) {
        Ok(manifest) => manifest,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    if let Some(name) = names::collision(files.keys().map(String::as_str)) {
        problems.push(format!("two files are called {name:?} but for capitals"));
    }
    let listed: BTreeMap<&str, &record::manifest::Entry> = manifest
        .files
        .iter()
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    if listed.len() != manifest.files.len()
        || !manifest
            .files
            .is_sorted_by(|one, other| one.path < other.path)
    {
        problems.push("manifest.json lists a file twice, or not in order".into());
    }
    // What is missing under one name and there under another was renamed.
    let mut unlisted: Vec<(&str, String)> = files
        .iter()
        .filter(|(path, _)| !listed.contains_key(path.as_str()) && !is_outside(path))
        .map(|(path, bytes)| (path.as_str(), sha256_hex(bytes)))
        .collect();
    for (path, entry) in &listed {
        match files.get(*path) {
            Some(_) if is_outside(path) => {
                problems.push(format!("manifest.json lists {path}, which it cannot"));
            }
            Some(bytes) if bytes.len() as u64 != entry.bytes => problems.push(format!(
                "{path} was changed: it has {} bytes instead of {}{}",
                bytes.len(),
                entry.bytes,
                place(path, bytes)
            )),
            Some(bytes) if sha256_hex(bytes) != entry.sha256 => {
                problems.push(format!("{path} was changed{}", place(path, bytes)));
            }
            Some(_) => {}
            None => match unlisted.iter().position(|(_, hash)| *hash == entry.sha256) {
                Some(at) => {
                    let (now, _) = unlisted.remove(at);
                    problems.push(format!("{path} was renamed to {now}"));
                }
                None => problems.push(format!("{path} is missing")),
            },
        }
    }
    for (path, _) in unlisted {
        problems.push(format!("{path} was added: manifest.json does not know it"));
    }
    for path in [SUMS, CHECKPOINT]
        .iter()
        .filter(|path| !files.contains_key(**path))
    {
        problems.push(format!("{path} is missing"));
    }
    let hashes: BTreeMap<String, String> = files
        .iter()
        .map(|(path, bytes)| (path.clone(), sha256_hex(bytes)))
        .collect();
    if let Some(bytes) = files.get(SUMS) {
        problems.extend(in_sums(bytes, &hashes));
    }
    problems
}

/// Where a file of lines is broken, as far as it can be told.
fn place(path: &str, bytes: &[u8]) -> String {
    if !path.ends_with(".jsonl") {
        return String::new();
    }
    let broken = lines_of(bytes)
        .position(|line| record::canonical::read_line::<domain::journal::Line>(line).is_err());
    broken.map_or_else(String::new, |index| {
        format!("; line {} is broken", index + 1)
    })
}

/// What the sums say otherwise, by file.
fn in_sums(bytes: &[u8], hashes: &BTreeMap<String, String>) -> Vec<String> {
    let expected = sums(hashes);
    if bytes == expected.as_bytes() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes);
    let says: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, path)| (path, hash))
        .collect();
    let mut problems = Vec::new();
    for (path, hash) in hashes.iter().filter(|(path, _)| path.as_str() != SUMS) {
        match says.get(path.as_str()) {
            Some(own) if own == hash => {}
            Some(_) => problems.push(format!("{path} has not the hash that SHA256SUMS says")),
            None => problems.push(format!("{path} is not in SHA256SUMS")),
        }
    }
    for path in says.keys().filter(|path| !hashes.contains_key(**path)) {
        problems.push(format!("{path} stands in SHA256SUMS and is not there"));
    }
    if problems.is_empty() {
        problems.push("SHA256SUMS was changed: it is not written as it must be".into());
    }
    problems
}

/// What the tree is, in words.
pub(super) fn tree_detail(files: &Files) -> String {
    let leaves = manifest(files).ok().and_then(|manifest| manifest.leaves);
    leaves.map_or_else(String::new, |leaves| {
        format!("{} leaves, root {}", leaves.size, leaves.root)
    })
}

/// Whether manifest, run and checkpoint speak of the tree that the cases make.
pub(super) fn tree(files: &Files) -> Vec<String> {
    let (manifest, plan) = match (manifest(files), Plan::read(files)) {
        (Ok(manifest), Ok(plan)) => (manifest, plan),
        (Err(error), _) | (_, Err(error)) => return vec![error.to_string()],
    };
    let (leaves, _) = leaves(files, &plan);
    let mut problems = Vec::new();
    for campaign in plan.systems.iter().flat_map(|system| &system.campaigns) {
        if let Some(bytes) = files.get(&campaign.file)
            && bytes.last().is_some_and(|last| *last != b'\n')
        {
            problems.push(format!("{} ends in the middle of a line", campaign.file));
        }
    }
    match &manifest.leaves {
        None => problems.push("manifest.json says nothing of the tree".into()),
        Some(claimed) if claimed.files != leaves.files => {
            for (file, count) in &claimed.files {
                let found = leaves.files.iter().find(|(own, _)| own == file);
                let found = found.map_or(0, |(_, found)| *found);
                if found != *count {
                    problems.push(format!("{file} has {found} lines instead of {count}"));
                }
            }
            if problems.is_empty() {
                problems.push("manifest.json names other files of cases than the plan".into());
            }
        }
        Some(claimed) if *claimed != leaves => {
            problems
                .push("the cases and the plan do not make the root that manifest.json says".into());
        }
        Some(_) => {}
    }
    let Ok(run) = Run::read(files) else {
        problems.push("run.json cannot be read".into());
        return problems;
    };
    if run.leaves != manifest.leaves || run.run_id != manifest.run_id {
        problems.push("run.json and manifest.json speak of different runs or trees".into());
    }
    if let Some(plan) = files.get("plan.json")
        && run.plan_sha256 != sha256_hex(plan)
    {
        problems.push("plan.json is not the plan that run.json was frozen with".into());
    }
    let note = files.get(CHECKPOINT).map(Vec::as_slice).unwrap_or_default();
    match std::str::from_utf8(note).map(Note::parse) {
        Ok(Ok(note)) => {
            let checkpoint = note.checkpoint;
            let root = from_hex(&leaves.root).unwrap_or_default();
            if checkpoint.size != leaves.size
                || checkpoint.root.as_slice() != root
                || checkpoint.origin != origin(&run.run_id)
            {
                problems.push(format!("{CHECKPOINT} is about another tree"));
            }
        }
        Ok(Err(error)) => problems.push(format!("{CHECKPOINT} {error}")),
        Err(_) => problems.push(format!("{CHECKPOINT} is no text")),
    }
    problems
}

/// What is wrong with the files that were frozen before the first attack.
pub(super) fn frozen(files: &Files) -> Vec<String> {
    let manifest = match manifest(files) {
        Ok(manifest) => manifest,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    for entry in &manifest.files {
        match files.get(&entry.path) {
            Some(bytes) if sha256_hex(bytes) == entry.sha256 => {}
            Some(_) => problems.push(format!("{} was changed", entry.path)),
            None => problems.push(format!("{} is missing", entry.path)),
        }
    }
    problems
}
