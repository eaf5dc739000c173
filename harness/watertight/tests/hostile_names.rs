//! A target that calls everything by what has broken some reader: tables, columns, rows, headers, bodies and the
//! contract. The whole command line runs against it on both planes, finds what is open, and writes its record;
//! nothing that it prints is obeyed by a terminal or a build server, and every view is parsed back. And a record of
//! such a target in plain words, sealed: whatever is done to it is named.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

#[path = "../../../reports/tests/parsed/mod.rs"]
mod parsed;
#[path = "hostile_names/service.rs"]
mod service;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use domain::event::CellVerdict;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use record::Record;
use record::bundle::{Files, load};
use reports::hostile::nasty;
use seal::proof::prove;
use seal::verifying::{Expectations, Outcome, verify};
use serde_json::json;

/// What may be part of a name: a server takes no more characters.
fn texts() -> Vec<String> {
    nasty()
        .filter(|text| !text.trim().is_empty())
        .map(|text| text.chars().take(60).collect())
        .collect()
}

fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

fn literal(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

/// One tenant's database: every third text is a table's name, all are names of columns and begin a value. Guests
/// may read and change every second table.
fn script(texts: &[String]) -> String {
    let mut script = String::from(
        "CREATE LOGIN [$(Login_app)] WITH PASSWORD = N'$(Password_app)', CHECK_POLICY = OFF;\nGO\n\
         CREATE USER app FOR LOGIN [$(Login_app)];\nGRANT CONNECT TO guest;\nGO\n",
    );
    for (number, names) in texts.chunks(6).enumerate() {
        let table = format!("dbo.{}", quoted(&names[0]));
        let columns: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{} nvarchar(300) NULL", quoted(&format!("{at}{name}"))))
            .collect();
        let values: Vec<String> = names
            .iter()
            .map(|name| literal(&format!("{name} $(MarkText)")))
            .collect();
        let _ = write!(
            script,
            "CREATE TABLE {table} (Id int NOT NULL PRIMARY KEY, {});\nGO\n\
             INSERT INTO {table} VALUES ($(MarkNumber) + 1, {values}), ($(MarkNumber) + 2, {values});\n\
             GRANT SELECT, UPDATE ON {table} TO app;\nGO\n",
            columns.join(", "),
            values = values.join(", "),
        );
        if number % 2 == 0 {
            let _ = write!(script, "GRANT SELECT, UPDATE ON {table} TO public;\nGO\n");
        }
    }
    script
}

fn configuration(base_url: &str, name: &str) -> String {
    json!({
        "version": 1,
        "name": name,
        "design": "database-per-tenant",
        "marker": "wt",
        "tenants": ["acme", "globex"],
        "databases": { "tenant": { "name": "{marker}_{tenant}", "scripts": ["tenant.sql"] } },
        "principals": { "app": { "login": "{marker}_{tenant}_app", "password": "generated" } },
        "intent": { "rules": [{ "principals": ["app"], "may": ["select", "update", "connect"], "on": ["*"] }] },
        "api": {
            "service": { "external": { "base_url": base_url, "openapi": "contract.json", "answer_within": "10s" } },
            "actors": { "user": { "bearer": "$(Tenant)" } },
        },
        "controls": ["D01", "D02"],
    })
    .to_string()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("the folder can be written");
    }

    /// Runs the command line here: exit code, and everything that it printed, harmless.
    fn watertight(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_watertight"))
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let mut text = String::new();
        for printed in [output.stdout, output.stderr] {
            text += std::str::from_utf8(&printed).expect("it prints UTF-8");
        }
        parsed::check_console(&text);
        (output.status.code().unwrap_or(-1), text)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_breaks_readers_travels_through_every_sink_harmlessly() {
    let texts = texts();
    let folder = Folder::new("hostile-names");
    folder.write("tenant.sql", &script(&texts));
    folder.write("contract.json", &service::contract(&texts).to_string());
    let base_url = service::start(texts.clone());
    folder.write(
        "watertight.yaml",
        &configuration(&base_url, &texts.join(" ")),
    );

    let (code, said) = folder.watertight(&["list", "surface", "--config", "watertight.yaml"]);
    assert_eq!(code, 0, "{said}");
    let run = [
        "run",
        "--config",
        "watertight.yaml",
        "--cases",
        "5",
        "--seed",
        "3",
        "--out",
        "out",
    ];
    let (code, said) = folder.watertight(&run);
    assert_eq!(code, 1, "guests may read: {said}");
    let (code, said) = folder.watertight(&["verify", "out"]);
    assert_eq!(code, 2, "not sealed, and otherwise whole: {said}");

    // Nothing lies outside of the bundle, whatever it was called after.
    let mut beside: Vec<String> = std::fs::read_dir(&folder.0)
        .expect("the folder can be read")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    beside.sort();
    assert_eq!(
        beside,
        ["contract.json", "out", "tenant.sql", "watertight.yaml"]
    );
    let files = load(&folder.0.join("out")).expect("it is a bundle");
    for path in files.keys() {
        assert!(record::names::is_path(path), "{path:?}");
    }
    let record = Record::read(&files).expect("it is a record");
    let views: Files = files
        .iter()
        .filter(|(path, _)| path.starts_with("views/") || path.starts_with("report."))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    assert_eq!(views, reports::views(&record).expect("they are made again"));
    parsed::check(&record, &views);
    let findings = String::from_utf8(files["findings.txt"].clone()).expect("it is text");
    parsed::check_console(&findings);

    // The texts really were there: on both planes something was found, and names reached cells unchanged.
    let causes = &record.causes.systems[0].causes;
    let by = |needle: &str| {
        let is_in = |cause: &&record::model::CauseRecord| cause.finding.batch.contains(needle);
        causes.iter().filter(is_in).count()
    };
    let told: Vec<&str> = causes
        .iter()
        .map(|cause| cause.finding.batch.as_str())
        .collect();
    assert!(by("SELECT") > 0 && by("curl -X GET") > 0, "{told:#?}");
    let cells = &record.coverage.systems[0].cells;
    let tables: Vec<&String> = texts.iter().step_by(6).collect();
    for table in &tables {
        let place = format!("dbo.{table}");
        assert!(
            cells.iter().any(|cell| cell.at.what.contains(&place)),
            "{place:?} is in no cell"
        );
    }
    let violated =
        |cell: &&domain::event::CellResult| matches!(cell.result, CellVerdict::Violated { .. });
    assert!(cells.iter().filter(violated).count() > tables.len() / 2);
}

/// A small target in plain words, attacked on both planes; its record, sealed into a log of runs, and the fingerprint.
fn sealed() -> (Files, String) {
    let texts = ["Orders", "Note"].map(str::to_owned);
    let folder = Folder::new("tampered-record");
    folder.write("tenant.sql", &script(&texts));
    folder.write("contract.json", &service::contract(&texts).to_string());
    let base_url = service::start(texts.to_vec());
    folder.write("watertight.yaml", &configuration(&base_url, "Orders"));
    let run = [
        "run",
        "--config",
        "watertight.yaml",
        "--cases",
        "2",
        "--seed",
        "3",
        "--out",
        "out",
    ];
    let (code, said) = folder.watertight(&run);
    assert_eq!(code, 1, "guests may read: {said}");
    let (code, said) = folder.watertight(&["keygen", "--out", "seal.key"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = folder.watertight(&["seal", "out", "--key", "seal.key", "--log", "runs"]);
    assert_eq!(code, 0, "{said}");
    let fingerprint = said
        .lines()
        .find_map(|line| line.strip_prefix("Fingerprint"))
        .and_then(seal::keys::fingerprint)
        .expect("the fingerprint is told");
    (
        load(&folder.0.join("out")).expect("it is a bundle"),
        fingerprint,
    )
}

/// What may be done to a file without a hash or a signature knowing the file.
#[derive(Debug, Clone, Copy)]
enum Tampering {
    Flip(usize, u8),
    Delete,
    Add,
    Rename,
    SwapLines(usize, usize),
    RepeatLine(usize),
    CutTail,
}

fn tampered(files: &Files, path: &str, what: Tampering) -> Option<(Files, String)> {
    let mut changed = files.clone();
    let bytes = changed.get_mut(path)?;
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let mut named = path.to_owned();
    match what {
        Tampering::Flip(at, bit) => {
            let length = bytes.len();
            bytes[at % length] ^= 1 << (bit % 8);
        }
        Tampering::Delete => {
            changed.remove(path);
        }
        Tampering::Add => {
            named = format!("{path}.json");
            let bytes = bytes.clone();
            changed.insert(named.clone(), bytes);
        }
        Tampering::Rename => {
            let bytes = changed.remove(path)?;
            changed.insert(format!("{path}x"), bytes);
        }
        Tampering::SwapLines(one, other) => {
            let (one, other) = (one % lines.len(), other % lines.len());
            if lines[one] == lines[other] {
                return None;
            }
            lines.swap(one, other);
            *bytes = lines.concat();
        }
        Tampering::RepeatLine(at) => {
            let line = lines[at % lines.len()].clone();
            lines.insert(at % lines.len(), line);
            *bytes = lines.concat();
        }
        Tampering::CutTail => {
            lines.pop();
            *bytes = lines.concat();
        }
    }
    Some((changed, named))
}

#[test]
fn whatever_is_done_to_a_sealed_record_of_both_planes_is_named() {
    let (files, fingerprint) = sealed();
    let expected = Expectations {
        fingerprint: Some(fingerprint),
        previous: None,
    };
    let views = |record: &Record| reports::views(record).map_err(|error| error.to_string());
    let report = verify(&files, &expected, &views);
    assert_eq!(report.outcome(), Outcome::Verified, "{report:?}");
    let record = Record::read(&files).expect("it is a record");
    assert_eq!(record.plan.systems[0].campaigns.len(), 2, "two planes");
    assert!(!record.causes.systems[0].causes.is_empty());

    // A case of each plane is proven without the others.
    let file = |plane: &str| {
        let campaigns = &record.plan.systems[0].campaigns;
        let campaign = campaigns.iter().find(|one| one.plane == plane);
        campaign.expect("it was attacked").name.clone()
    };
    for plane in ["sql", "api"] {
        let proof =
            prove(&files, &format!("{}/sweep-0", file(plane))).expect("there is such a case");
        assert_eq!(proof.check(None), Ok(()), "{plane}");
    }

    let check = |path: &str, what: Tampering| {
        let Some((changed, named)) = tampered(&files, path, what) else {
            return;
        };
        let report = verify(&changed, &expected, &views);
        assert_eq!(report.outcome(), Outcome::Failed, "{what:?} of {path}");
        let problems = report.problems();
        assert!(
            problems.iter().any(|problem| problem.contains(&named)),
            "{what:?} of {path} is not named in {problems:?}"
        );
    };
    // Each file is deleted, added to, renamed or cut; of the smallest every fourth byte is flipped, and others by lot.
    let ways = [
        Tampering::Delete,
        Tampering::Rename,
        Tampering::Add,
        Tampering::CutTail,
    ];
    for ((path, bytes), what) in files.iter().zip(ways.into_iter().cycle()) {
        check(path, what);
        if bytes.len() <= 128 {
            for at in (0..bytes.len()).step_by(4) {
                check(path, Tampering::Flip(at, 0));
            }
        }
    }
    let paths: Vec<String> = files.keys().cloned().collect();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 48,
        rng_seed: proptest::test_runner::RngSeed::Fixed(48),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let what = prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, bit)| Tampering::Flip(at, bit)),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(one, other)| Tampering::SwapLines(one, other)),
        1 => any::<usize>().prop_map(Tampering::RepeatLine),
    ];
    runner
        .run(&(proptest::sample::select(paths), what), |(path, what)| {
            check(&path, what);
            Ok(())
        })
        .expect("everything is named");
}

#[test]
fn a_tenants_name_in_the_configuration_is_an_identifier_and_a_hostile_one_is_refused_harmlessly() {
    let folder = Folder::new("hostile-tenant");
    folder.write("tenant.sql", &script(&texts()));
    for text in texts() {
        let written = json!({ "a": text }).to_string();
        let text = written.trim_start_matches("{\"a\":").trim_end_matches('}');
        let configuration = configuration("http://127.0.0.1:1", "x").replacen("\"acme\"", text, 1);
        folder.write("watertight.yaml", &configuration);
        let (code, said) =
            folder.watertight(&["run", "--config", "watertight.yaml", "--out", "out"]);
        assert_eq!(code, 3, "{text:?}: {said}");
        assert!(
            said.contains("tenant's name is up to 40 letters") || said.contains("watertight.yaml"),
            "{text:?}: {said}"
        );
        assert!(!folder.0.join("out").exists());
    }
}
