//! A crate edge is the only architecture rule that the compiler checks; this test checks that
//! nobody adds an edge without saying so.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test states what must hold"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("ci lies in the workspace")
}

/// Normal and build dependencies of every workspace crate on other workspace crates.
fn actual_edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    packages
        .iter()
        .map(|package| {
            let uses = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .filter_map(|dependency| dependency["name"].as_str())
                .filter(|name| ours.contains(name))
                .map(str::to_owned)
                .collect();
            (package["name"].as_str().unwrap().to_owned(), uses)
        })
        .collect()
}

fn allowed_edges() -> BTreeMap<String, BTreeSet<String>> {
    include_str!("../layering.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (name, uses) = line.split_once(':').expect("a line is `crate: uses`");
            (
                name.to_owned(),
                uses.split_whitespace().map(str::to_owned).collect(),
            )
        })
        .collect()
}

#[test]
fn no_crate_uses_what_the_layering_does_not_allow() {
    let allowed = allowed_edges();
    let actual = actual_edges();
    let names =
        |edges: &BTreeMap<String, BTreeSet<String>>| edges.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(
        names(&actual),
        names(&allowed),
        "ci/layering.txt must name every crate once"
    );
    for (name, uses) in &actual {
        let forbidden: Vec<_> = uses.difference(&allowed[name]).collect();
        assert!(
            forbidden.is_empty(),
            "{name} uses {forbidden:?}, which ci/layering.txt does not allow"
        );
    }
}

#[test]
fn oracles_cannot_reach_the_engine() {
    // Said twice on purpose: an edit of layering.txt must not be able to allow this.
    let edges = actual_edges();
    let mut reached = BTreeSet::from(["oracles".to_owned()]);
    let mut open = vec!["oracles".to_owned()];
    while let Some(name) = open.pop() {
        for next in &edges[&name] {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    for engine in ["values", "tds", "catalog", "query", "database"] {
        assert!(!reached.contains(engine), "oracles reach {engine}");
    }
}

/// Paths in backticks that look like paths of this repository.
#[test]
fn documents_name_paths_that_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect(document);
        let mut checked = 0;
        for word in text.split('`').skip(1).step_by(2) {
            let looks_like_path = word.contains('/')
                && word
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
                && !word.starts_with(['/', '.'])
                && !word.starts_with("out/")
                && !word.starts_with("target/");
            if looks_like_path {
                checked += 1;
                assert!(
                    root().join(word).exists(),
                    "{document} names `{word}`, which is not there"
                );
            }
        }
        assert!(
            checked > 0,
            "{document} names no path: is this test still reading it?"
        );
    }
}
