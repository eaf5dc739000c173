//! Case files, replayed by the built binary: reproduced, not reproduced, precondition lost, and the
//! scripts that show a finding without it.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const OF_SQL: &str = "immutability-5aefda26";
const OF_SQL_FAULT: &str = "deny-delete-missing";
const OF_API: &str = "containment-a7f42b9e";
const OF_API_FAULT: &str = "read-by-id-unscoped";

fn case(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/regressions");
    root.join(format!("{name}.yaml")).display().to_string()
}

/// A file that is the test's own.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay");
    std::fs::create_dir_all(&folder).expect("the scratch folder can be made");
    folder.join(name)
}

fn check(arguments: &[&str], exit: i32, says: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_watertight"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = format!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(exit),
        "{arguments:?} said\n{text}"
    );
    for part in says {
        assert!(
            text.contains(part),
            "{arguments:?} does not say {part:?}:\n{text}"
        );
    }
    printed
}

#[test]
fn a_case_of_each_plane_shows_on_the_faulty_build_and_not_on_the_clean_one() {
    for (name, fault) in [(OF_SQL, OF_SQL_FAULT), (OF_API, OF_API_FAULT)] {
        let case = case(name);
        let shows = [
            "Story",
            "Step 1",
            "reproduced 2 of 2 times from a clean state",
        ];
        check(
            &["replay", &case, "--times", "2", "--fault", fault],
            1,
            &shows,
        );
        check(
            &["replay", &case, "--times", "2"],
            0,
            &["not reproduced in 2 times; all that it needs was there"],
        );
        // The same words in another world.
        check(
            &[
                "replay",
                &case,
                "--times",
                "1",
                "--fault",
                fault,
                "--seed",
                "9",
                "--tenants",
                "3",
            ],
            1,
            &["reproduced 1 of 1 times"],
        );
    }
}

#[test]
fn a_case_whose_objects_are_gone_proves_nothing() {
    let patch = scratch("gone.sql");
    let gone = "EXEC sp_rename N'dbo.AuditEvents', N'AuditEventsGone';\n";
    std::fs::write(&patch, gone).expect("the scratch folder can be written");
    let patch = patch.display().to_string();
    check(
        &["replay", &case(OF_SQL), "--times", "1", "--patch", &patch],
        2,
        &["precondition lost: step 1 does not work any more", "208"],
    );
}

#[test]
fn a_way_that_was_nobodys_is_mended_by_its_absence_and_what_it_needs_is_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay");
    let case = root.join("containment-fb0f5f97.yaml").display().to_string();
    let replay = |more: &[&str], exit, says: &[&str]| {
        let arguments = [&["replay", &case, "--times", "1", "--tenants", "2"], more].concat();
        check(&arguments, exit, says);
    };
    let fault = ["--fault", "report-view-unscoped"];
    replay(&fault, 1, &["reproduced 1 of 1 times"]);
    // The view is what is wrong: without it there is nothing to go through.
    replay(&[], 0, &["not reproduced in 1 times"]);
    // The view is there, and a table of the fixture that it reads is not.
    let faults = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql-fixtures/faults");
    let view = faults
        .join("report-view-unscoped.sql")
        .display()
        .to_string();
    let patch = scratch("no-levels.sql");
    let gone = "EXEC sp_rename N'dbo.StockLevels', N'StockLevelsGone';\n";
    std::fs::write(&patch, gone).expect("the scratch folder can be written");
    let patch = patch.display().to_string();
    let lost = ["precondition lost: step 1 does not work any more", "208"];
    let patches = ["--patch", &view, "--patch", &patch, "--patch-db", "erp"];
    replay(&patches, 2, &lost);
}

#[test]
fn mistakes_are_told_with_their_remedy() {
    let broken = scratch("broken.yaml");
    let text = std::fs::read_to_string(case(OF_SQL)).expect("the case is there");
    let text = text.replace("attacker: app_rw\n  claim", "attaker: app_rw\n  claim");
    std::fs::write(&broken, text).expect("the scratch folder can be written");
    let broken = broken.display().to_string();
    check(&["replay", &broken], 3, &["broken.yaml:", "attaker"]);
    check(&["replay", "no-such.yaml"], 3, &["no-such.yaml"]);
    check(
        &["replay", &case(OF_SQL), "--server", "Server=x;Password=y"],
        3,
        &["env:NAME"],
    );
    check(
        &["replay", &case(OF_API), "--times", "1", "--export", "sql"],
        3,
        &["export it as curl or rust"],
    );
    check(&["judge", "no-such.json"], 3, &["no-such.json"]);
}

#[test]
fn scripts_go_to_standard_output_alone() {
    let arguments = ["replay", &case(OF_SQL), "--times", "1", "--export", "sql"];
    let printed = check(&arguments, 0, &["not reproduced"]);
    assert!(printed.starts_with("-- immutability-5aefda26"), "{printed}");
    assert!(
        printed.contains(":connect $(Server) -U \"wt_acme_app_rw\""),
        "{printed}"
    );
    assert!(
        printed.contains("BEGIN TRANSACTION;\nGO\nDELETE FROM dbo.wt_trail;"),
        "{printed}"
    );

    let script = scratch("leak.sh");
    let shown = script.display().to_string();
    let arguments = [
        "replay",
        &case(OF_API),
        "--times",
        "1",
        "--fault",
        OF_API_FAULT,
        "--export",
        "curl",
        "-o",
        &shown,
    ];
    check(&arguments, 1, &["reproduced 1 of 1"]);
    let checked = Command::new("sh").arg("-n").arg(&script).status();
    assert!(checked.expect("there is a shell").success());
    let text = std::fs::read_to_string(&script).expect("the script was written");
    assert!(text.contains("leaks '"), "{text}");
}
