//! The built binary, driven as a user drives it: exit codes, messages, files.
#![expect(clippy::expect_used, reason = "a test states what must hold")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test bounds the waits of a whole process by the machine's clock"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A folder of the test's own, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the scratch folder can be made");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the scratch folder can be written");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn watertight() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watertight"));
    command.stdin(Stdio::null());
    command
}

/// Runs to the end and gives exit code and everything that was printed.
fn outcome(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), text)
}

fn check(arguments: &[&str], exit: i32, says: &[&str]) {
    let (code, text) = outcome(watertight().args(arguments));
    assert_eq!(code, exit, "{arguments:?} said\n{text}");
    for part in says {
        assert!(
            text.contains(part),
            "{arguments:?} does not say {part:?}:\n{text}"
        );
    }
}

#[test]
fn a_wrong_command_line_is_usage_and_help_is_not() {
    check(&["run", "--budgte", "20s"], 3, &["--budgte", "--budget"]);
    check(
        &["run", "--budget", "20 parsecs"],
        3,
        &["20 parsecs", "60s"],
    );
    check(&["run", "--tenants", "1"], 3, &["2..=1000"]);
    check(
        &["run", "--plane", "wire"],
        3,
        &["invalid value 'wire'", "sql", "api", "both"],
    );
    check(
        &["run", "--design", "shared"],
        3,
        &["database-per-tenant, shared-database"],
    );
    check(&["attack"], 3, &["attack"]);
    check(
        &["--help"],
        0,
        &["run", "list", "serve", "bench", "Exit codes"],
    );
    check(&["run", "--help"], 0, &["Examples:", "--patch", "--junit"]);
    check(&["--version"], 0, &[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn lists_need_no_target() {
    check(
        &["list", "controls"],
        0,
        &[
            "D01",
            "D03",
            "attested, not tested",
            "attacked through the API",
        ],
    );
    check(
        &["list", "scenarios"],
        0,
        &["D01", "D03", "truncated-trail"],
    );
    check(
        &["list", "scenarios", "--control", "d03"],
        0,
        &[
            "D03  UPDATE and DELETE",
            "truncated-trail: TRUNCATE is no DELETE [A01]",
        ],
    );
    check(
        &["list", "scenarios", "--control", "D99"],
        3,
        &["no scenario attacks a control called D99"],
    );
    check(
        &["list", "attacks"],
        0,
        &[
            "A01  TRUNCATE TABLE",
            "truncated-trail (D03)",
            "no scenario: ",
        ],
    );
    check(&["schema"], 0, &["\"$schema\"", "principals"]);
    check(
        &["schema", "--scenario"],
        0,
        &["\"$schema\"", "precondition"],
    );
}

#[test]
fn the_surface_names_every_login_and_table() {
    check(
        &["list", "surface", "--tenants", "2"],
        0,
        &[
            "wt_acme_app_rw",
            "wt_globex_audit_admin",
            "wt_erp (the rows of acme, globex)",
            "wt_service",
            "dbo.AuditEvents",
            "append only",
        ],
    );
}

#[test]
fn every_statement_of_the_shared_database_applies_the_tenant() {
    let arguments = ["list", "statements", "--design", "shared-database"];
    let (code, text) = outcome(watertight().args(arguments));
    assert_eq!(code, 0, "{text}");
    for part in ["the tenant is applied in", "yes  org.GetCustomer:"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let not_applied = text
        .lines()
        .find(|line| line.starts_with("  NO ") || line.contains("  ?"));
    assert_eq!(not_applied, None);
}

#[test]
fn a_bad_configuration_names_line_column_and_the_likely_word() {
    let scratch = Scratch::new("bad-configuration");
    let file = scratch.write(
        "watertight.yaml",
        include_str!("../../../sql-fixtures/database-per-tenant/watertight.yaml")
            .replacen(
                "design: database-per-tenant",
                "design: database-per-tenat",
                1,
            )
            .as_str(),
    );
    let out = scratch.path("out");
    let (code, text) = outcome(
        watertight()
            .arg("run")
            .arg("--config")
            .arg(&file)
            .arg("--out")
            .arg(&out),
    );
    assert_eq!(code, 3, "{text}");
    for part in [
        "watertight.yaml:",
        "database-per-tenat",
        "database-per-tenant",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(
        !out.exists(),
        "a wrong configuration must not leave a folder"
    );
}

#[test]
fn a_patch_that_fails_names_file_line_and_the_servers_message() {
    let scratch = Scratch::new("bad-patch");
    let patch = scratch.write(
        "change.sql",
        "SELECT 1;\nGO\nGRANT SELECT ON dbo.Nowhere TO app_rw;\n",
    );
    let (code, text) = outcome(
        watertight()
            .args([
                "run",
                "--plane",
                "sql",
                "--tenants",
                "2",
                "--cases",
                "0",
                "--quiet",
                "--out",
            ])
            .arg(scratch.path("out"))
            .arg("--patch")
            .arg(&patch),
    );
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("change.sql:3"), "{text}");
    assert!(text.contains("15151"), "{text}");
}

#[test]
fn an_unknown_patch_tenant_is_told_before_anything_is_provisioned() {
    let scratch = Scratch::new("patch-tenant");
    let patch = scratch.write("change.sql", "SELECT 1;\n");
    let (code, text) = outcome(
        watertight()
            .args([
                "run",
                "--plane",
                "sql",
                "--patch-tenant",
                "glowbex",
                "--out",
            ])
            .arg(scratch.path("out"))
            .arg("--patch")
            .arg(&patch),
    );
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("glowbex") && text.contains("globex"),
        "{text}"
    );
}

#[test]
fn a_short_clean_run_is_green_and_leaves_its_record() {
    let scratch = Scratch::new("clean");
    let out = scratch.path("out");
    let junit = scratch.path("junit.xml");
    let (code, text) = outcome(
        watertight()
            .args([
                "run",
                "--plane",
                "sql",
                "--design",
                "database-per-tenant",
                "--tenants",
                "2",
                "--cases",
                "10",
                "--seed",
                "5",
                "--out",
            ])
            .arg(&out)
            .arg("--junit")
            .arg(&junit),
    );
    assert_eq!(code, 0, "{text}");
    for control in ["D01", "D02", "D03"] {
        let row = text
            .lines()
            .find(|line| line.starts_with(control))
            .unwrap_or_default();
        assert!(row.contains("held"), "{control}: {row:?}\n{text}");
    }
    assert!(out.join("cases-database-per-tenant.jsonl").exists());
    assert!(out.join("run.json").exists());
    let xml = std::fs::read_to_string(&junit).expect("the report was written");
    assert!(xml.contains("campaign-complete"));

    // A second run keeps the first one's folder, and a folder of somebody else's is not touched.
    let design = ["run", "--design", "database-per-tenant"];
    let (code, text) = outcome(
        watertight()
            .args(design)
            .args(["--tenants", "2", "--cases", "0", "--quiet", "--out"])
            .arg(&out),
    );
    assert_eq!(code, 0, "{text}");
    assert!(
        scratch
            .path("out.old")
            .join("cases-database-per-tenant.jsonl")
            .exists()
    );
    scratch.write("out/precious.txt", "not ours");
    let (code, text) = outcome(
        watertight()
            .args(["run", "--plane", "sql", "--cases", "0", "--out"])
            .arg(&out),
    );
    assert_eq!(code, 5, "{text}");
    assert!(scratch.path("out/precious.txt").exists());
}

#[test]
fn a_short_clean_run_of_the_shared_database_is_green() {
    let scratch = Scratch::new("shared");
    let out = scratch.path("out");
    let (code, text) = outcome(
        watertight()
            .args([
                "run",
                "--plane",
                "sql",
                "--design",
                "shared-database",
                "--cases",
                "3",
            ])
            .args(["--seed", "5", "--out"])
            .arg(&out),
    );
    assert_eq!(code, 0, "{text}");
    for control in ["S01", "S02", "S03", "S06", "S07", "S08", "B03"] {
        let row = text.lines().find(|line| line.starts_with(control));
        let row = row.unwrap_or_default();
        assert!(row.contains("held"), "{control}: {row:?}\n{text}");
    }
    assert!(out.join("cases-shared-database.jsonl").exists());
}

#[test]
fn evidence_that_cannot_be_written_has_its_own_exit_code() {
    let scratch = Scratch::new("evidence");
    let blocked = scratch.write("file", "not a folder");
    let (code, text) = outcome(
        watertight()
            .args([
                "run",
                "--plane",
                "sql",
                "--tenants",
                "2",
                "--cases",
                "0",
                "--quiet",
                "--out",
            ])
            .arg(scratch.path("out"))
            .arg("--junit")
            .arg(blocked.join("junit.xml")),
    );
    assert_eq!(code, 5, "{text}");
}

fn external(scratch: &Scratch) -> PathBuf {
    let text = include_str!("../../../sql-fixtures/database-per-tenant/watertight.yaml")
        .replacen(
            "server: embedded",
            "server:\n  external:\n    connection:\n      environment: WATERTIGHT_TEST_SERVER",
            1,
        )
        .replace("registry/", &format!("{}/registry/", fixture()))
        .replace("- tenant/", &format!("- {}/tenant/", fixture()));
    scratch.write("external.yaml", &text)
}

fn fixture() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../sql-fixtures/database-per-tenant")
        .canonicalize()
        .expect("the fixture is there")
        .display()
        .to_string()
}

fn connection_string(port: u16, password: &str) -> String {
    format!("Server=tcp:127.0.0.1,{port};User Id=sa;Password={password};Encrypt=false")
}

#[test]
fn a_server_that_is_not_there_or_does_not_answer_is_exit_4_in_bounded_time() {
    let scratch = Scratch::new("dead-server");
    let config = external(&scratch);
    // One port that nobody listens on, and one where somebody listens and says nothing.
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let closed_port = closed.local_addr().expect("an address").port();
    drop(closed);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent_port = silent.local_addr().expect("an address").port();
    for (port, says) in [
        (closed_port, "no server answers"),
        (silent_port, "did not answer"),
    ] {
        let started = Instant::now();
        let (code, text) = outcome(
            watertight()
                .env("WATERTIGHT_TEST_SERVER", connection_string(port, "x"))
                .args(["run", "--plane", "sql", "--cases", "0", "--quiet", "--out"])
                .arg(scratch.path("out"))
                .arg("--config")
                .arg(&config),
        );
        assert_eq!(code, 4, "{text}");
        assert!(text.contains(says), "{text}");
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn a_missing_secret_is_told_by_name() {
    let scratch = Scratch::new("secret");
    let config = external(&scratch);
    let (code, text) = outcome(
        watertight()
            .env_remove("WATERTIGHT_TEST_SERVER")
            .args(["run", "--plane", "sql", "--cases", "0", "--quiet", "--out"])
            .arg(scratch.path("out"))
            .arg("--config")
            .arg(&config),
    );
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("WATERTIGHT_TEST_SERVER"), "{text}");
}

/// A server in another process; killed at the end of the test.
struct Served {
    child: Child,
    port: u16,
    password: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut child = watertight()
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut port = 0;
        let mut password = String::new();
        for line in lines.by_ref() {
            let line = line.expect("text");
            if let Some(rest) = line.strip_prefix("Listening on 127.0.0.1:") {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                port = digits.parse().expect("a port");
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["sa", secret, ..] = words.as_slice() {
                password = (*secret).to_owned();
            }
            if line.starts_with("Nothing is kept") {
                break;
            }
        }
        // The rest of the output is nothing; keep the pipe open all the same.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port,
            password,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_external_server_is_attacked_and_left_as_it_was() {
    let scratch = Scratch::new("external");
    let config = external(&scratch);
    // Where states cannot be put back, batches that end transactions cannot be armed: with few cases
    // their share is above what the demonstration allows, and that is not what is tested here.
    let text = std::fs::read_to_string(&config).expect("just written");
    let config = scratch.write(
        "external.yaml",
        &text.replace("failed_percent_max: 10", "failed_percent_max: 20"),
    );
    let server = Served::start(&["--empty"]);
    let connection = connection_string(server.port, &server.password);
    for round in 0..2 {
        // The second round proves that the first one left nothing behind.
        let (code, text) = outcome(
            watertight()
                .env("WATERTIGHT_TEST_SERVER", &connection)
                .args([
                    "run",
                    "--plane",
                    "sql",
                    "--tenants",
                    "2",
                    "--cases",
                    "5",
                    "--out",
                ])
                .arg(scratch.path("out"))
                .arg("--config")
                .arg(&config),
        );
        assert_eq!(code, 0, "round {round}:\n{text}");
    }
}

#[test]
fn a_refused_login_is_exit_4_and_quotes_the_server() {
    let scratch = Scratch::new("refused");
    let config = external(&scratch);
    let server = Served::start(&["--empty"]);
    let (code, text) = outcome(
        watertight()
            .env(
                "WATERTIGHT_TEST_SERVER",
                connection_string(server.port, "wrong"),
            )
            .args(["run", "--plane", "sql", "--cases", "0", "--quiet", "--out"])
            .arg(scratch.path("out"))
            .arg("--config")
            .arg(&config),
    );
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("18456"), "{text}");
    assert!(
        !text.contains("wrong"),
        "a password is never printed:\n{text}"
    );
}

#[test]
fn a_server_with_other_databases_is_refused() {
    let scratch = Scratch::new("other-databases");
    let config = external(&scratch);
    // The demonstration's databases carry the marker of another configuration.
    let server = Served::start(&["--tenants", "2"]);
    let text = std::fs::read_to_string(&config).expect("the configuration");
    let config = scratch.write(
        "other.yaml",
        &text.replacen("marker: wt", "marker: other", 1),
    );
    let (code, text) = outcome(
        watertight()
            .env(
                "WATERTIGHT_TEST_SERVER",
                connection_string(server.port, &server.password),
            )
            .args(["run", "--plane", "sql", "--cases", "0", "--quiet", "--out"])
            .arg(scratch.path("out"))
            .arg("--config")
            .arg(&config),
    );
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("wt_acme") && text.contains("nothing was touched"),
        "{text}"
    );
}

#[test]
fn a_server_that_dies_in_the_middle_leaves_an_inconclusive_report() {
    let scratch = Scratch::new("dies");
    let config = external(&scratch);
    let mut server = Served::start(&["--empty"]);
    let out = scratch.path("out");
    let child = watertight()
        .env(
            "WATERTIGHT_TEST_SERVER",
            connection_string(server.port, &server.password),
        )
        .args([
            "run",
            "--plane",
            "sql",
            "--tenants",
            "2",
            "--cases",
            "100000",
            "--quiet",
            "--out",
        ])
        .arg(&out)
        .arg("--config")
        .arg(&config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the run starts");
    wait_for_cases(&out, 3);
    server.child.kill().expect("the server can be killed");
    let output = child.wait_with_output().expect("the run ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("inconclusive"), "{text}");
    assert!(out.join("run.json").exists());
}

#[test]
fn an_interrupt_ends_with_a_partial_report() {
    let scratch = Scratch::new("interrupt");
    let out = scratch.path("out");
    let child = watertight()
        .args([
            "run",
            "--plane",
            "sql",
            "--design",
            "database-per-tenant",
            "--tenants",
            "2",
            "--cases",
            "100000",
            "--quiet",
            "--out",
        ])
        .arg(&out)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the run starts");
    wait_for_cases(&out, 3);
    let signalled = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(signalled.success());
    let output = child.wait_with_output().expect("the run ends");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("not finished"), "{text}");
}

/// Waits until the journal of a run holds that many cases; gives up after a minute.
fn wait_for_cases(out: &Path, cases: usize) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        let journal = std::fs::read_to_string(out.join("cases-database-per-tenant.jsonl"));
        if journal.is_ok_and(|text| text.lines().count() > cases) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the run wrote no journal in {}", out.display());
}

#[test]
fn a_killed_run_is_resumed_and_tells_the_same() {
    let scratch = Scratch::new("killed");
    let run = |out: &str, tenants: &str, more: &[&str]| {
        let mut command = watertight();
        command
            .args([
                "run",
                "--plane",
                "sql",
                "--design",
                "database-per-tenant",
                "--cases",
                "40",
                "--seed",
                "9",
                "--quiet",
                "--tenants",
                tenants,
                "--out",
            ])
            .arg(scratch.path(out))
            .args(more);
        command
    };
    let journal = |out: &str| -> Vec<String> {
        let path = scratch.path(out).join("cases-database-per-tenant.jsonl");
        let mut text = String::new();
        std::fs::File::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .expect("the journal is there");
        text.lines().map(without_time).collect()
    };
    let mut killed = run("killed", "2", &[]).spawn().expect("the run starts");
    wait_for_cases(&scratch.path("killed"), 5);
    killed.kill().expect("it can be killed");
    let _ = killed.wait();
    // The kill may have torn a line; do it on purpose.
    let path = scratch
        .path("killed")
        .join("cases-database-per-tenant.jsonl");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("the journal");
    file.write_all(b"{\"line\":\"case\",\"cas")
        .expect("it can be written");
    drop(file);

    let (code, text) = outcome(&mut run("killed", "2", &["--resume"]));
    assert_eq!(code, 0, "{text}");
    let (code, text) = outcome(&mut run("whole", "2", &[]));
    assert_eq!(code, 0, "{text}");
    assert_eq!(journal("killed"), journal("whole"));

    let (code, text) = outcome(&mut run("killed", "3", &["--resume"]));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("belongs to another run"), "{text}");
}

/// A line without its only measured field, the last one.
fn without_time(line: &str) -> String {
    line.split("\"ms\":").next().unwrap_or_default().to_owned()
}
