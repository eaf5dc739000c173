//! Recorded histories, judged again without any server: for every oracle one in which its promise is
//! broken, and one that looks alike and is sound. How they are recorded: `histories/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use contract::Contract;
use domain::cause::AnyHistory;
use domain::finding::Finding;
use domain::history::Changed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use oracles::api::{API_ORACLES, ApiJudge};
use oracles::{Judge, ORACLES};
use serde::Deserialize;

/// What a file says of itself in its first line.
#[derive(Deserialize)]
struct About {
    about: String,
}

/// What a judge must know besides, as `watertight` writes it beside histories.
#[derive(Deserialize)]
struct Context {
    system: System,
    world: World,
    surface: Surface,
    contract: Option<String>,
}

/// How a file must be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Violated,
    NearMiss,
}

/// One file.
struct Recorded {
    /// `database-per-tenant/containment.violated`.
    name: String,
    /// Most show what one oracle is for, some what two are.
    oracles: Vec<String>,
    kind: Kind,
    about: String,
    history: AnyHistory,
}

/// Everything in one folder, which has one context.
struct Folder {
    context: Context,
    contract: Option<Contract>,
    recorded: Vec<Recorded>,
}

impl Kind {
    const ALL: [(Self, &str); 2] = [(Self::Violated, "violated"), (Self::NearMiss, "near-miss")];
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    paths.sort();
    paths
}

fn folders() -> Vec<Folder> {
    let mut folders = Vec::new();
    for path in sorted(&root()).iter().filter(|path| path.is_dir()) {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let context: Context =
            serde_json::from_str(&read(&path.join("context.json"))).expect("it is a context");
        let contract = context.contract.as_ref().map(|document| {
            contract::read(document.as_bytes(), None).expect("the contract can be read")
        });
        let mut recorded = Vec::new();
        for file in sorted(path) {
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            let stem = stem.expect("the name is text");
            if file.extension().is_none_or(|own| own != "json") || stem == "context" {
                continue;
            }
            let (oracles, kind) = stem.split_once('.').unwrap_or((stem, ""));
            let kind = Kind::ALL.iter().find(|(_, name)| *name == kind);
            let (kind, _) = *kind.unwrap_or_else(|| {
                panic!("{stem}.json is neither ORACLE.violated.json nor ORACLE.near-miss.json")
            });
            let text = read(&file);
            let history: AnyHistory = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{stem} is no history: {error}"));
            let about: BTreeMap<String, About> = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{stem} does not say where it is from: {error}"));
            let about = about
                .into_values()
                .next()
                .expect("a history has a plane")
                .about;
            let design = path.file_name().and_then(|name| name.to_str());
            recorded.push(Recorded {
                name: format!("{}/{stem}", design.expect("the name is text")),
                oracles: oracles.split('+').map(str::to_owned).collect(),
                kind,
                about,
                history,
            });
        }
        folders.push(Folder {
            context,
            contract,
            recorded,
        });
    }
    folders
}

impl Folder {
    /// What every oracle says of a history, in their order, and how many of its attacks count.
    fn judge(&self, history: &AnyHistory) -> (Vec<Finding>, usize) {
        let Context {
            system,
            world,
            surface,
            ..
        } = &self.context;
        match history {
            AnyHistory::Sql(history) => {
                let judge = Judge::new(system, world, surface);
                let said = ORACLES
                    .iter()
                    .flat_map(|oracle| (oracle.judge)(&judge, history));
                let findings: Vec<Finding> = said.collect();
                let attempts = judge.attempts(history, &findings);
                let count = attempts.iter().filter(|attempt| attempt.armed).count();
                (findings, count)
            }
            AnyHistory::Api(history) => {
                let contract = self.contract.as_ref().expect("the context has a contract");
                let mut judge = ApiJudge::new(system, world, surface, contract);
                judge.learn(std::slice::from_ref(history));
                let said = API_ORACLES
                    .iter()
                    .flat_map(|oracle| (oracle.judge)(&judge, history));
                let findings: Vec<Finding> = said.collect();
                let attempts = judge.attempts(history, &findings);
                let count = attempts.iter().filter(|attempt| attempt.armed).count();
                (findings, count)
            }
        }
    }
}

fn names() -> Vec<&'static str> {
    let sql = ORACLES.iter().map(|oracle| oracle.name);
    let api = API_ORACLES.iter().map(|oracle| oracle.name);
    sql.chain(api).collect()
}

/// The finding as it is kept: what is broken, how bad, in which words, and what was seen.
fn told(text: &mut String, finding: &Finding) {
    let controls: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
    let _ = writeln!(
        text,
        "  {} under {} in step {}, {:?}: {}",
        finding.fingerprint.oracle,
        controls.join(" "),
        finding.step + 1,
        finding.severity,
        finding.sentence
    );
    for sighting in &finding.sightings {
        let _ = writeln!(
            text,
            "    surfaced {:?} in {}",
            sighting.value, sighting.place
        );
    }
    for change in &finding.changes {
        let what = match &change.what {
            Changed::Rows {
                table,
                added,
                removed,
            } => format!(
                "{table}, {} rows more and {} gone",
                added.len(),
                removed.len()
            ),
            Changed::Catalog { added, removed } => {
                format!(
                    "catalog, {} facts more and {} gone",
                    added.len(),
                    removed.len()
                )
            }
            Changed::Unreadable { table, .. } => format!("{table} unreadable"),
        };
        let _ = writeln!(text, "    changed {}: {what}", change.database);
    }
}

#[test]
fn every_oracle_has_one_history_of_each_kind() {
    let names = names();
    let mut present: BTreeSet<(String, Kind)> = BTreeSet::new();
    for one in folders().iter().flat_map(|folder| &folder.recorded) {
        assert!(!one.about.is_empty(), "{} says nothing of itself", one.name);
        for oracle in &one.oracles {
            let is_known = names.contains(&oracle.as_str());
            assert!(is_known, "{}: there is no oracle {oracle}", one.name);
            present.insert((oracle.clone(), one.kind));
        }
    }
    let mut missing = Vec::new();
    for name in names {
        for (kind, word) in Kind::ALL {
            if !present.contains(&(name.to_owned(), kind)) {
                missing.push(format!("{name}.{word}.json"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "record these as tests/histories/README.md says: {}",
        missing.join(", ")
    );
}

#[test]
fn every_history_is_judged_as_it_was() {
    let mut text = String::new();
    let mut wrong = Vec::new();
    for folder in folders() {
        for one in &folder.recorded {
            let (findings, armed) = folder.judge(&one.history);
            let _ = writeln!(text, "{}, {armed} of its attacks count", one.name);
            let silent = one.oracles.iter().find(|oracle| {
                !findings.iter().any(|finding| {
                    finding.fingerprint.oracle == **oracle && !finding.controls.is_empty()
                })
            });
            match (one.kind, silent, findings.first()) {
                (Kind::Violated, Some(oracle), _) => {
                    wrong.push(format!("{}: {oracle} is silent", one.name));
                }
                (Kind::NearMiss, _, Some(finding)) => {
                    wrong.push(format!("{} is sound: {}", one.name, finding.sentence));
                }
                (Kind::Violated | Kind::NearMiss, _, _) => {}
            }
            for finding in &findings {
                told(&mut text, finding);
            }
        }
    }
    let kept = root().join("judged.txt");
    let expected = std::fs::read_to_string(&kept).unwrap_or_default();
    if text != expected {
        let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judged.txt");
        std::fs::write(&own, &text).expect("the answer can be written");
        wrong.push(format!(
            "the oracles say something else than {}; if that is right, copy {} over it",
            kept.display(),
            own.display()
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn near_misses_look_like_what_is_broken() {
    for folder in folders() {
        for near in &folder.recorded {
            // A file says so where it is of another case.
            if near.kind != Kind::NearMiss || near.about.starts_with("Another case") {
                continue;
            }
            for oracle in &near.oracles {
                let violated = folder
                    .recorded
                    .iter()
                    .find(|one| one.kind == Kind::Violated && one.oracles.contains(oracle));
                let violated =
                    violated.unwrap_or_else(|| panic!("{} has nothing beside it", near.name));
                assert_eq!(
                    deeds(&near.history),
                    deeds(&violated.history),
                    "{} does something else",
                    near.name
                );
            }
        }
    }
}

/// Who does what, step by step, whatever the values.
fn deeds(history: &AnyHistory) -> Vec<String> {
    match history {
        AnyHistory::Sql(history) => {
            let steps = history.case.steps.iter();
            steps
                .map(|step| format!("{:?} {:?}", step.actor, step.claim))
                .collect()
        }
        AnyHistory::Api(history) => {
            let steps = history.case.steps.iter();
            steps
                .map(|step| format!("{:?} {} {:?}", step.caller(), step.operation(), step.stance))
                .collect()
        }
    }
}
