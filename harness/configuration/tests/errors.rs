//! Mistakes are answered with file, line, column, what was expected, and what was meant.

use std::path::Path;

use configuration::{builtin, load};

const VALID: &str = include_str!("../../../sql-fixtures/database-per-tenant/watertight.yaml");

fn errors_of(text: &str) -> String {
    let files = |path: &Path| {
        if path == Path::new("here/watertight.yaml") {
            Ok(text.to_owned())
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            Ok("SELECT 1".to_owned())
        } else {
            Err(std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "not found",
            ))
        }
    };
    match load(Path::new("here/watertight.yaml"), &files) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Replaces `from` in the demonstration's configuration and expects `expected` in the answer.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(
        VALID.contains(from),
        "the demonstration has no {from:?} any more: change this test"
    );
    let answer = errors_of(&VALID.replacen(from, to, 1));
    for part in expected {
        assert!(
            answer.contains(part),
            "{from:?} → {to:?}\nexpected {part:?} in\n{answer}"
        );
    }
}

#[test]
fn the_demonstration_itself_has_no_error() {
    let demonstration = builtin("database-per-tenant")
        .expect("it exists")
        .expect("it is valid");
    assert_eq!(demonstration.system.tenants.len(), 4);
    let tenant = demonstration.system.databases.tenant.as_ref();
    assert!(tenant.is_some_and(|template| !template.scripts.is_empty()));
    assert_eq!(errors_of(VALID), "no error");
    assert!(builtin("nonsense").is_none());
}

#[test]
fn mistakes_of_form_point_at_the_word() {
    check(
        "tenants: [acme",
        "tennants: [acme",
        &[
            "here/watertight.yaml:9:1: unknown key `tennants`",
            "9 | tennants: [acme",
            "  | ^^^^^^^^\n",
            "= did you mean `tenants`?",
        ],
    );
    check(
        "may: [select, insert, up",
        "may: [slect, insert, up",
        &["unknown value `slect`", "`select`?"],
    );
    check(
        "design: database-per-tenant",
        "design: database-per-tennant",
        &["did you mean `database-per-tenant`?"],
    );
    check(
        "tenants: [acme, globex, initech, umbrella]",
        "tenants: acme",
        &["expected a list, found `acme`", "[acme]"],
    );
    check(
        "tenants: [acme",
        "tenants: [1",
        &["expected text, found `1`", "\"1\""],
    );
    check(
        "version: 1",
        "version: one",
        &["3:10: expected a whole number, found `one`"],
    );
    check(
        "failed_percent_max: 10",
        "failed_percent_max: 300",
        &["a whole number from 0 to 255"],
    );
    check(
        "marker: wt",
        "marker: wt\nmarker: wu",
        &["the key `marker` is given twice"],
    );
    check("marker: wt\n", "", &["the key `marker` is missing"]);
    check(
        "password: generated",
        "password: hunter2",
        &["unknown value `hunter2`; expected one of generated, environment, file"],
    );
    check(
        "server: embedded",
        "server: external",
        &["`external` needs a value"],
    );
    check(
        "server: embedded",
        "server: {external: {conection: {environment: X}}}",
        &["unknown key `conection`", "`connection`?"],
    );
    check("on: &business", "on: *business", &["no valid YAML"]);
    check(
        "name: Reference ERP",
        "name: [Reference ERP",
        &["no valid YAML"],
    );
}

#[test]
fn mistakes_of_meaning_point_at_the_word_as_well() {
    check(
        "- principals: [audit_admin]",
        "- principals: [audit_admn]",
        &[
            "unknown principal `audit_admn`",
            "app_rw, audit_admin, readonly_investigator",
            "`audit_admin`?",
        ],
    );
    check(
        "controls: [D01, D02",
        "controls: [D01, D99",
        &["unknown control `D99`", "^^^"],
    );
    check(
        "append_only: [dbo.AuditEvents]",
        "append_only: [AuditEvents]",
        &["`AuditEvents` is no pattern", "`dbo.AuditEvents`?"],
    );
    check(
        "server: embedded",
        "server: container",
        &["the server container is not in this release"],
    );
    check(
        "tenants: [acme, globex, initech, umbrella]",
        "tenants: [acme]",
        &["at least two tenants"],
    );
    check(
        "[acme, globex",
        "[acme, Acme",
        &["the tenant Acme is named twice"],
    );
    check(
        "marker: wt",
        "marker: W_",
        &["the marker is 2 to 20 lower-case"],
    );
    check(
        "\"{marker}_registry\"",
        "registry",
        &["must begin with {marker}"],
    );
    check(
        "\"{marker}_registry\"",
        "\"{marker}_watertight\"",
        &["the run's ledger"],
    );
    check(
        "\"{marker}_{tenant}\"",
        "\"{marker}_x\"",
        &["must contain {tenant}"],
    );
    check(
        "\"{marker}_{tenant}_app_rw\"",
        "\"{marker}_{tennant}\"",
        &["unknown placeholder"],
    );
    check("budget: 60s", "budget: 60", &["expected text, found `60`"]);
    check("budget: 60s", "budget: \"60\"", &["\"60\" is no duration"]);
    check(
        "budget: 60s",
        "budget: soon",
        &["\"soon\" is no duration", "60s, 5m, 2h"],
    );
    check(
        "tenant/02-sales.sql",
        "tenant/02-sales.txt",
        &["script here/tenant/02-sales.txt could not be read"],
    );
}

#[test]
fn a_waiver_without_an_answer_is_none() {
    let waiver = "budget: 60s\nwaivers:\n  - id: W-1\n    cause: containment-3f9a1c02\n    owner: Ada\n    \
                  reason: until the migration is through\n    expires: 2027-03-31\n";
    let with = |from: &str, to: &str| {
        errors_of(&VALID.replacen("budget: 60s", &waiver.replacen(from, to, 1), 1))
    };
    assert_eq!(with("", ""), "no error");
    for (from, to, expected) in [
        ("    owner: Ada\n", "", "the key `owner` is missing"),
        (
            "    expires: 2027-03-31\n",
            "",
            "the key `expires` is missing",
        ),
        ("owner: Ada", "owner: \" \"", "a waiver has an owner"),
        (
            "reason: until the migration is through",
            "reason: \"\"",
            "a waiver has a reason",
        ),
        (
            "2027-03-31",
            "2027-02-30",
            "`2027-02-30` is no day; expected YYYY-MM-DD",
        ),
        ("2027-03-31", "next spring", "`next spring` is no day"),
        ("containment-3f9a1c02", "D01", "`D01` is no id of a cause"),
        (
            "    owner",
            "    controls: [D99]\n    owner",
            "unknown control `D99`",
        ),
        (
            "    owner",
            "    until: x\n    owner",
            "unknown key `until`",
        ),
        (
            "  - id: W-1",
            "  - {id: W-1, cause: a-00000000, owner: B, reason: c, expires: 2027-01-01}\n  - id: W-1",
            "two waivers have the id W-1",
        ),
    ] {
        let answer = with(from, to);
        assert!(answer.contains(expected), "{expected} not in\n{answer}");
        assert!(answer.contains("here/watertight.yaml:"), "{answer}");
    }
}

#[test]
fn all_mistakes_of_meaning_are_told_at_once_in_order() {
    let text = VALID
        .replace("marker: wt", "marker: W_")
        .replace("controls: [D01", "controls: [D98");
    let answer = errors_of(&text);
    let marker = answer.find("the marker is").expect("the marker is wrong");
    let control = answer.find("D98").expect("the control is wrong");
    assert!(marker < control, "{answer}");
}

#[test]
fn the_published_schema_is_the_one_in_the_code() {
    let published = include_str!("../../../docs/watertight.schema.json");
    let published: serde_json::Value = serde_json::from_str(published).expect("valid JSON");
    assert_eq!(
        published,
        configuration::schema(),
        "write it anew: watertight schema > docs/watertight.schema.json"
    );
}
