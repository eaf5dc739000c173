//! Whatever is done to a sealed record, verification fails and names it.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::collections::BTreeMap;
use std::path::Path;

use domain::case::{CaseId, Phase};
use domain::control::{ControlId, Plane};
use domain::event::{CellResult, CellVerdict, Coordinates, Summary};
use domain::journal::{CaseLine, Header, Line, PlannedLine, SCHEMA};
use domain::seed::Seed;
use domain::verdict::{ControlResult, Tally, Verdict};
use proptest::prelude::*;
use record::Record;
use record::bundle::{self, Bundle, Files, plan_sha256};
use record::canonical::line;
use record::model::{
    CampaignPlan, Causes, Cleanup, Counts, Coverage, Ended, Environment, Extent, Identities,
    Inventory, Limitation, Operator, Plan, Run, State, SystemCauses, SystemCleanup, SystemCoverage,
    SystemIdentities, SystemInventory, SystemPlan, SystemRun, TestControls, Tool, Traces, Waivers,
};
use record::redaction::Redaction;
use seal::keys::SecretKey;
use seal::proof::{Proof, prove};
use seal::run_log::{RunLog, append};
use seal::sealing::{SealError, seal, with_sums};
use seal::verifying::{Expectations, Outcome, verify};

const CELL: &str = "app_rw select dbo.Invoices of another tenant";
const CASES: u64 = 12;
const FILE: &str = "cases-example.jsonl";

fn case(index: u64) -> Line {
    let tally = Tally {
        attempts: 1,
        armed: 1,
        denied: 1,
        ..Tally::default()
    };
    Line::Case(CaseLine {
        case: CaseId {
            phase: Phase::Fuzz,
            index,
        },
        outcomes: "D".into(),
        cells: [(CELL.to_owned(), tally)].into(),
        broken: BTreeMap::new(),
        failed: Vec::new(),
        findings: Vec::new(),
        doubts: Vec::new(),
        history: format!("{index:064x}"),
        raced: String::new(),
        ms: index,
    })
}

fn summary() -> Summary {
    let tally = Tally {
        attempts: CASES,
        armed: CASES,
        denied: CASES,
        cells_covered: 1,
        ..Tally::default()
    };
    Summary {
        system: "example".into(),
        target: "embedded".into(),
        seed: 1,
        tenants: 2,
        complete: true,
        cases: CASES,
        judged: CASES,
        controls: vec![ControlResult {
            control: ControlId::new("D01"),
            verdict: Verdict::Held,
            tally,
        }],
        cells: vec![CellResult {
            name: CELL.into(),
            at: Coordinates::default(),
            class: "isolation.other.dbo".into(),
            controls: vec![ControlId::new("D01")],
            armed: CASES,
            attempts: CASES,
            result: CellVerdict::Held,
        }],
        ..Summary::default()
    }
}

fn views(record: &Record) -> Result<Files, String> {
    let text = format!("{}\n", record.run.verdict.word());
    Ok([("views/summary.md".to_owned(), text.into_bytes())].into())
}

/// A small record, written and closed as a run does it.
fn written(name: &str, run_id: &str) -> Files {
    written_by(name, run_id, env!("CARGO_PKG_VERSION"))
}

/// The same by another version of the tool.
fn written_by(name: &str, run_id: &str, version: &str) -> Files {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(&root).expect("the folder can be made");
    let mut system = domain::example::system(2);
    system.controls = vec![ControlId::new("D01")];
    system.thresholds.armed_attempts_min = 10;
    let world = domain::example::world(2, Seed(1));
    let surface = domain::example::surface(&world);
    let plan = Plan {
        schema: Plan::SCHEMA.into(),
        tool_version: "0.1.0".into(),
        seed: 1,
        extent: Extent::Cases(CASES),
        gate: record::verdict::RULES.map(str::to_owned).to_vec(),
        trace_sample: 0,
        waivers: Vec::new(),
        systems: vec![SystemPlan::new(
            "example",
            &system,
            vec![CampaignPlan::new("example", Plane::Sql)],
            Vec::new(),
            "c0ffee",
        )],
    };
    let summaries = [summary()];
    let bundle = Bundle::new(&root);
    let mut run = Run {
        schema: Run::SCHEMA.into(),
        run_id: run_id.into(),
        state: State::Unfinished,
        verdict: record::verdict::verdict(&summaries),
        exit_code: None,
        gate: record::verdict::rules(&summaries),
        started: "2026-11-28T01:00:00Z".into(),
        ended: None,
        duration_ms: None,
        resumptions: 0,
        clock: "a test's".into(),
        tool: Tool {
            version: version.into(),
            ..Tool::default()
        },
        operator: Operator::default(),
        seed: 1,
        plan_sha256: plan_sha256(&plan, &Redaction::default()),
        leaves: None,
        counts: Counts::of(&summaries),
        redacted: BTreeMap::new(),
        systems: vec![SystemRun::new("example", system.design, &summaries[0])],
        limitations: Limitation::all(),
    };
    bundle
        .begin(&plan, &run)
        .expect("the folder can be written");
    let header = Line::Header(Header {
        schema: SCHEMA,
        tool: "0.1.0".into(),
        seed: 1,
        configuration: "c0ffee".into(),
        tenants: system.tenants.clone(),
    });
    let mut cases = Vec::new();
    let planned = Line::Planned(PlannedLine {
        cells: vec![CELL.to_owned()],
    });
    for one in [header, planned].into_iter().chain((0..CASES).map(case)) {
        cases.extend(line(&one));
        cases.push(b'\n');
    }
    bundle
        .write(FILE, &cases)
        .expect("the folder can be written");
    run.state = State::Finished;
    run.exit_code = Some(0);
    run.ended = Some("2026-11-28T01:00:09Z".into());
    run.duration_ms = Some(9000);
    let mut record = Record {
        run,
        inventory: Inventory {
            schema: Inventory::SCHEMA.into(),
            systems: vec![SystemInventory::new("example", &surface, &summaries[0])],
        },
        identities: Identities {
            schema: Identities::SCHEMA.into(),
            canaries: Identities::CANARIES.into(),
            systems: vec![SystemIdentities::new("example", &system, &world)],
        },
        controls: TestControls::new(&[], serde_json::Value::Null),
        coverage: Coverage {
            schema: Coverage::SCHEMA.into(),
            systems: vec![SystemCoverage::new(
                "example",
                &summaries[0],
                Traces::default(),
            )],
        },
        causes: Causes {
            schema: Causes::SCHEMA.into(),
            systems: vec![SystemCauses::new("example", true, &summaries[0])],
        },
        statistics: serde_json::Value::Null,
        environment: [(
            "example".to_owned(),
            Environment::new("embedded", None, &world, &surface),
        )]
        .into(),
        cleanup: Cleanup {
            schema: Cleanup::SCHEMA.into(),
            systems: vec![SystemCleanup {
                key: "example".into(),
                databases: Vec::new(),
                marker: "wt".into(),
                ended: Ended::ServerEnded,
            }],
        },
        waivers: Waivers::new(&[], &summaries),
        cases: BTreeMap::new(),
        plan,
    };
    record.cases = bundle::cases(&bundle::load(&root).expect("it can be read"), &record.plan)
        .expect("the cases read back");
    record.statistics = reports::numbers::document(&record);
    bundle::close(&bundle, &mut record, &views).expect("the folder can be written");
    bundle::load(&root).expect("the folder can be read")
}

fn key() -> SecretKey {
    SecretKey::new(&[7; 32])
}

fn sealed(name: &str) -> Files {
    let mut files = written(name, "0190-one");
    let added = seal(&files, &mut key(), &views).expect("the record holds what it says");
    files.extend(added);
    files
}

fn expected() -> Expectations {
    Expectations {
        fingerprint: Some(key().public().fingerprint()),
        previous: None,
    }
}

/// Fails, and names one of these.
fn must_name(files: &Files, names: &[&str]) -> Result<(), TestCaseError> {
    let report = verify(files, &expected(), &views);
    prop_assert_eq!(report.outcome(), Outcome::Failed);
    let problems = report.problems();
    prop_assert!(
        names
            .iter()
            .any(|name| problems.iter().any(|problem| problem.contains(name))),
        "none of {:?} is named in {:?}",
        names,
        problems
    );
    Ok(())
}

#[test]
fn a_sealed_record_is_verified_and_one_without_fingerprint_warns() {
    let files = sealed("verified");
    let report = verify(&files, &expected(), &views);
    assert_eq!(report.outcome(), Outcome::Verified, "{report:?}");
    let report = verify(&files, &Expectations::default(), &views);
    assert_eq!(report.outcome(), Outcome::Warnings, "{report:?}");
    let other = Expectations {
        fingerprint: Some("0".repeat(64)),
        previous: None,
    };
    assert_eq!(verify(&files, &other, &views).outcome(), Outcome::Failed);
    assert_eq!(seal(&files, &mut key(), &views), Err(SealError::Sealed));
}

#[test]
fn views_are_made_again_and_those_of_another_version_are_told_as_such() {
    let files = sealed("views");
    let other = |_: &Record| Ok([("views/summary.md".to_owned(), b"better\n".to_vec())].into());
    let report = verify(&files, &expected(), &other);
    assert_eq!(
        report.problems(),
        ["views/summary.md says something else than the record"]
    );
    let mut files = written_by("older-views", "0190-one", "0.0.1");
    files.extend(
        seal(&files, &mut key(), &other).expect("its other views are not this version's business"),
    );
    let report = verify(&files, &expected(), &other);
    assert_eq!(report.outcome(), Outcome::Warnings, "{report:?}");
}

#[test]
fn a_record_under_another_key_is_not_the_expected_one_however_consistent() {
    let mut files = written("other-key", "0190-one");
    let mut other = SecretKey::new(&[8; 32]);
    files.extend(seal(&files, &mut other, &views).expect("it holds what it says"));
    must_name(&files, &["not by the expected"]).expect("it is told");
}

#[test]
fn every_case_is_proven_without_the_others() {
    let files = sealed("proven");
    let public = key().public();
    for index in 0..CASES {
        let name = format!("fuzz-{index}");
        let proof = prove(&files, &name).expect("there is such a case");
        let read = Proof::parse(&proof.text()).expect("it reads back");
        assert_eq!(read, proof);
        assert_eq!(read.check(Some(&public)), Ok(()));
        assert!(
            read.check(Some(&SecretKey::new(&[8; 32]).public()))
                .is_err()
        );
        let mut forged = read.clone();
        forged.line[20] ^= 1;
        assert!(forged.check(Some(&public)).is_err());
        let mut moved = read;
        moved.index ^= 1;
        assert!(moved.check(Some(&public)).is_err());
    }
    assert!(prove(&files, "fuzz-12").is_err());
    assert!(prove(&files, "example/fuzz-3").is_ok());
}

#[test]
fn a_verdict_that_the_cases_do_not_show_is_not_sealed() {
    let files = written("claims", "0190-one");
    let mut record = Record::read(&files).expect("a record");
    assert_eq!(record::verdict::differences(&record), Vec::<String>::new());
    let check = |change: &dyn Fn(&mut Record), says: &str| {
        let mut changed = record.clone();
        change(&mut changed);
        let differences = record::verdict::differences(&changed);
        assert!(
            differences.iter().any(|one| one.contains(says)),
            "{says} is not in {differences:?}"
        );
    };
    check(&|one| one.run.counts.armed += 1, "counts");
    check(&|one| one.run.exit_code = Some(1), "exit code");
    check(
        &|one| one.run.verdict = record::model::RunVerdict::Violated,
        "amount to held",
    );
    check(&|one| one.run.systems[0].cases += 1, "13 cases");
    check(
        &|one| one.run.systems[0].controls.clear(),
        "no verdict of it",
    );
    check(
        &|one| one.coverage.systems[0].cells[0].armed += 1,
        "13 armed",
    );
    check(
        &|one| one.coverage.systems[0].cells.clear(),
        "leaves out the cell",
    );
    check(
        &|one| one.inventory.systems[0].sources[0].covered += 1,
        "totals",
    );
    check(
        &|one| one.plan.systems[0].thresholds.armed_attempts_min = 13,
        "amount to inconclusive",
    );
    check(
        &|one| {
            let lines = one.cases.get_mut("example").expect("the campaign");
            lines.truncate(8);
        },
        "there are 6",
    );
    check(
        &|one| {
            let lines = one.cases.get_mut("example").expect("the campaign");
            if let Line::Case(case) = &mut lines[3] {
                case.doubts.push(domain::journal::Doubt {
                    controls: vec![ControlId::new("D01")],
                    reason: "an oracle crashed".into(),
                });
            }
        },
        "amount to inconclusive",
    );
    // Less than the cases show may be said, for not every doubt comes from a case.
    record.run.systems[0].controls[0].verdict = Verdict::Inconclusive {
        reasons: vec!["the service was lost".into()],
    };
    let differences = record::verdict::differences(&record);
    assert!(
        !differences.iter().any(|one| one.contains("D01")),
        "{differences:?}"
    );
}

#[test]
fn the_log_of_runs_grows_and_is_not_rewritten() {
    let mut log = RunLog::default();
    let mut bundles: Vec<Files> = Vec::new();
    for number in 1..=4 {
        let mut files = written(&format!("log-{number}"), &format!("0190-{number}"));
        let seals = seal(&files, &mut key(), &views).expect("it holds what it says");
        let (longer, added) =
            append(&log, "watertight/runs/test", &files, &mut key()).expect("the log goes on");
        log = longer;
        files.extend(added.iter().cloned());
        let all = with_sums(&files, added.into_iter().chain(seals));
        files.extend(all);
        bundles.push(files);
    }
    let checkpoint =
        |files: &Files| String::from_utf8(files["log/run-log.checkpoint"].clone()).expect("text");
    for (index, files) in bundles.iter().enumerate() {
        assert_eq!(
            verify(files, &expected(), &views).outcome(),
            Outcome::Verified
        );
        for earlier in &bundles[..=index] {
            let with = Expectations {
                previous: Some(checkpoint(earlier)),
                ..expected()
            };
            let report = verify(files, &with, &views);
            assert_eq!(report.outcome(), Outcome::Verified, "{report:?}");
        }
        for later in &bundles[index + 1..] {
            let with = Expectations {
                previous: Some(checkpoint(later)),
                ..expected()
            };
            assert_eq!(verify(files, &with, &views).outcome(), Outcome::Failed);
        }
    }
    // A run is dropped from the log, and the rest numbered anew.
    let text = String::from_utf8(log.lines.clone()).expect("text");
    let rest: Vec<String> = (1..)
        .zip(text.lines().skip(1))
        .map(|(number, line)| {
            line.replacen(
                &format!("\"number\":{}", number + 1),
                &format!("\"number\":{number}"),
                1,
            )
        })
        .collect();
    let rewritten = RunLog {
        lines: (rest.join("\n") + "\n").into_bytes(),
        ..log.clone()
    };
    let files = written("log-5", "0190-5");
    assert!(append(&rewritten, "watertight/runs/test", &files, &mut key()).is_err());
    assert!(
        append(
            &log,
            "watertight/runs/test",
            &files,
            &mut SecretKey::new(&[8; 32])
        )
        .is_err()
    );
    assert!(
        append(
            &log,
            "watertight/runs/test",
            &written("log-4", "0190-4"),
            &mut key()
        )
        .is_err()
    );
}

#[test]
fn whatever_is_done_to_a_sealed_record_is_named() {
    let files = sealed("tampered");
    let paths: Vec<String> = files.keys().cloned().collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (0..paths.len(), any::<u32>(), 0..8_u8, 0..6_u8, any::<u32>());
    runner
        .run(&strategy, |(which, at, bit, what, second)| {
            let path = &paths[which];
            let bytes = files[path].clone();
            let mut changed = files.clone();
            match what {
                0 | 1 => {
                    let mut bytes = bytes;
                    let at = at as usize % bytes.len();
                    bytes[at] ^= 1 << bit;
                    changed.insert(path.clone(), bytes);
                    must_name(&changed, &[path])
                }
                2 => {
                    changed.remove(path);
                    must_name(&changed, &[path])
                }
                3 => {
                    let added = format!("traces/example/fuzz-{at}.json");
                    changed.insert(added.clone(), bytes);
                    must_name(&changed, &[&added])
                }
                4 => {
                    let bytes = changed.remove(path).expect("it is there");
                    changed.insert(format!("{path}x"), bytes);
                    must_name(&changed, &[path])
                }
                _ => {
                    // Two lines of the cases change places.
                    let text = String::from_utf8(files[FILE].clone()).expect("text");
                    let mut lines: Vec<&str> = text.lines().collect();
                    let (one, other) = (at as usize % lines.len(), second as usize % lines.len());
                    prop_assume!(one != other);
                    lines.swap(one, other);
                    changed.insert(FILE.to_owned(), (lines.join("\n") + "\n").into_bytes());
                    must_name(&changed, &[FILE])
                }
            }
        })
        .expect("everything is named");
}
