//! The views of a record whose every text is hostile: valid under the published schemas, derived again to the
//! same bytes, and saying what the record says.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

mod staged;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use reports::hostile::nasty;
use reports::in_toto::{self, Subject};
use serde_json::Value;

const SARIF: &str = include_str!("schemas/sarif-schema-2.1.0.json");
const PLAN: &str = include_str!("schemas/oscal_assessment-plan_schema.json");
const RESULTS: &str = include_str!("schemas/oscal_assessment-results_schema.json");
const STATEMENT: &str = include_str!("schemas/own-statement-v1.schema.json");
const TEST_RESULT: &str = include_str!("schemas/own-test-result-v0.1.schema.json");

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

static SCHEMAS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    [
        ("views/results.sarif", SARIF),
        ("views/oscal/assessment-plan.json", PLAN),
        ("views/oscal/assessment-results.json", RESULTS),
    ]
    .into_iter()
    .map(|(path, schema)| (path, validator(schema)))
    .collect()
});

fn views(text: &str) -> BTreeMap<String, Vec<u8>> {
    reports::views(&staged::record(&staged::summaries(text))).expect("names are unique")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the view is JSON")
}

fn check_schemas(text: &str) {
    let views = views(text);
    for (path, validator) in SCHEMAS.iter() {
        let document = json(&views[*path]);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path} with {text:?}: {errors:#?}");
    }
}

#[test]
fn every_view_meets_its_schema_whatever_the_target_wrote() {
    for text in nasty() {
        check_schemas(text);
    }
}

#[test]
fn a_run_without_systems_has_valid_views_too() {
    let views = reports::views(&staged::record(&[])).expect("names are unique");
    for (path, validator) in SCHEMAS.iter() {
        let document = json(&views[*path]);
        assert!(validator.is_valid(&document), "{path}: {document:#}");
    }
}

#[test]
fn the_schemas_refuse_what_they_must() {
    // A validator that accepts everything would make the tests above worthless.
    for (path, validator) in SCHEMAS.iter() {
        let text = String::from_utf8(views("x")[*path].clone()).expect("UTF-8");
        let (from, to) = match *path {
            "views/results.sarif" => ("\"level\": \"error\"", "\"level\": \"terrible\""),
            _ => ("\"oscal-version\"", "\"oscal-edition\""),
        };
        assert!(text.contains(from), "{path}");
        assert!(
            !validator.is_valid(&json(text.replacen(from, to, 1).as_bytes())),
            "{path}"
        );
    }
}

#[test]
fn statements_meet_their_schemas_and_never_call_a_red_run_passed() {
    let statement = validator(STATEMENT);
    let predicate = validator(TEST_RESULT);
    let subjects = [Subject::file("manifest.json", &"ab".repeat(32))];
    for text in nasty() {
        let record = staged::record(&staged::summaries(text));
        let result = json(&in_toto::test_result(&record, &subjects));
        let own = json(&in_toto::run(&record, &subjects));
        assert!(
            statement.is_valid(&result) && statement.is_valid(&own),
            "{text:?}"
        );
        assert!(predicate.is_valid(&result["predicate"]), "{text:?}");
        assert_eq!(result["predicate"]["result"], "FAILED");
        assert_eq!(own["predicate"]["verdict"], "violated");
    }
    let green: Vec<_> = staged::summaries("x")
        .into_iter()
        .map(|mut summary| {
            summary
                .controls
                .retain(|control| control.control.0 == "B03");
            summary.causes.clear();
            summary.cells.truncate(1);
            summary
        })
        .collect();
    let result = json(&in_toto::test_result(&staged::record(&green), &subjects));
    assert_eq!(result["predicate"]["result"], "PASSED");
    assert_eq!(
        result["predicate"]["passedTests"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn alerts_are_failures_alone_and_keep_their_identity() {
    let document = json(&views("some words")["views/results.sarif"]);
    let results = document["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 6, "one for each cause");
    for result in results {
        assert_eq!(result["kind"], "fail");
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
        assert!(result["ruleIndex"].is_u64());
    }
    let of = |id: &str| {
        let is = |result: &&Value| result["partialFingerprints"]["isolationCause/v1"] == id;
        results.iter().find(is).expect("the cause is told")
    };
    assert_eq!(of("containment-1")["baselineState"], "new");
    assert!(of("containment-1").get("suppressions").is_none());
    assert_eq!(of("containment-2")["suppressions"][0]["kind"], "external");
    assert_eq!(of("containment-3")["baselineState"], "unchanged");
}

#[test]
fn nothing_inconclusive_and_nothing_lived_with_is_called_satisfied() {
    let document = json(&views("some words")["views/oscal/assessment-results.json"]);
    let result = &document["assessment-results"]["results"][0];
    let findings = result["findings"].as_array().expect("findings");
    let state = |id: &str| {
        let is = |finding: &&Value| finding["target"]["target-id"] == id;
        let status = &findings.iter().find(is).expect("it has a finding")["target"]["status"];
        (
            status["state"].as_str().unwrap_or(""),
            status["reason"].as_str().unwrap_or(""),
        )
    };
    assert_eq!(state("b03"), ("satisfied", "pass"));
    assert_eq!(state("b04"), ("not-satisfied", "other"));
    for id in ["d01", "d02", "d03"] {
        assert_eq!(state(id), ("not-satisfied", "fail"), "{id}");
    }
    assert!(
        findings
            .iter()
            .all(|finding| finding["target"]["target-id"] != "s16"),
        "attested is no finding"
    );
    assert_eq!(result["observations"].as_array().map(Vec::len), Some(14));
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert_eq!(views("x"), views("x"));
}

#[test]
fn the_page_runs_nothing_loads_nothing_and_leads_nowhere() {
    for text in nasty() {
        let views = views(text);
        let page = String::from_utf8(views["report.html"].clone()).expect("UTF-8");
        let lower = page.to_lowercase();
        for tag in [
            "<script",
            "<img",
            "<iframe",
            "<object",
            "<embed",
            "<form",
            "<base",
            "<video",
            " style=",
            "<foreignobject",
            "@import",
            "url(",
        ] {
            assert!(!lower.contains(tag), "{tag} with {text:?}");
        }
        // Every tag in the page is one that the templates write: the same tags as with plain words.
        for (position, _) in page.match_indices(['<', '>']) {
            assert!(page.is_char_boundary(position));
        }
        for attribute in ["href=\"", "src=\""] {
            for rest in page.split(attribute).skip(1) {
                let target = rest.split('"').next().unwrap_or("");
                assert!(
                    target == "report.css" || reports::hostile::html::link(target) == Some(target),
                    "{target:?} with {text:?}"
                );
            }
        }
    }
}

/// How often each tag opens.
fn tags(page: &[u8]) -> BTreeMap<String, usize> {
    let page = std::str::from_utf8(page).expect("UTF-8");
    let mut tags = BTreeMap::new();
    for rest in page.split('<').skip(1) {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!'))
            .collect();
        *tags.entry(name).or_default() += 1;
    }
    tags
}

#[test]
fn no_text_adds_a_tag_to_the_page() {
    let plain = tags(&views("some words")["report.html"]);
    for text in nasty().filter(|text| !text.trim().is_empty()) {
        assert_eq!(tags(&views(text)["report.html"]), plain, "{text:?}");
    }
}

#[test]
fn what_the_report_does_not_show_is_always_in_it() {
    for record in [staged::record(&[]), staged::record(&staged::summaries("x"))] {
        let views = reports::views(&record).expect("names are unique");
        let page = String::from_utf8(views["report.html"].clone()).expect("UTF-8");
        for limitation in &record.run.limitations {
            assert!(
                page.contains(&reports::hostile::html::text(&limitation.text)),
                "{}",
                limitation.code
            );
        }
    }
}

#[test]
fn a_summary_fits_into_what_a_forge_takes() {
    let mut summaries = staged::summaries(&"]]>&<\"`=[[##".repeat(600));
    let cause = summaries[0].causes[0].clone();
    summaries[0].causes = vec![cause; 300];
    let views = reports::views(&staged::record(&summaries)).expect("names are unique");
    assert!(
        views["views/summary.md"].len() < 1024 * 1024,
        "{}",
        views["views/summary.md"].len()
    );
}

#[test]
fn the_population_has_a_row_for_every_cell() {
    for text in nasty() {
        let table =
            String::from_utf8(views(text)["views/population/cells.csv"].clone()).expect("UTF-8");
        // A row ends outside of quotes; quotes within are doubled, so they never leave a quoted text open.
        let mut open = false;
        let mut rows = 0;
        for character in table.chars() {
            match character {
                '"' => open = !open,
                '\n' if !open => rows += 1,
                _ => {}
            }
        }
        assert_eq!(rows, 1 + 12, "{text:?}");
    }
}

#[test]
fn an_answer_names_files_that_the_bundle_has() {
    let document = json(&views("x")["views/mapping/controls.json"]);
    let known = [
        "run.json",
        "plan.json",
        "coverage.json",
        "causes.json",
        "waivers.json",
        "manifest.json",
        "SHA256SUMS",
    ];
    let requirements = document["requirements"].as_array().expect("requirements");
    assert_eq!(requirements.len(), reports::mapping::requirements().len());
    for one in requirements {
        for file in one["in_this_run"]["files"].as_array().expect("files") {
            assert!(known.contains(&file.as_str().unwrap_or("")), "{file}");
        }
        // D01 is violated, so nothing that rests on it may be called free of exceptions.
        let rests = one["promises"]
            .as_array()
            .is_some_and(|all| all.contains(&Value::from("D01")));
        if rests && one["strength"] != "not_evidenced" {
            assert_eq!(one["in_this_run"]["status"], "exception", "{one:#}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_valid_views(text in any::<String>()) {
        check_schemas(&text);
    }
}

#[test]
fn a_package_claims_nothing_as_held_that_was_violated_or_not_run() {
    let documents = reports::package::documents(&staged::record(&staged::summaries("some words")));
    let posture = String::from_utf8(documents["posture.csv"].clone()).expect("UTF-8");
    let status = |id: &str| {
        let cell = format!("\"{id}\"");
        let line = posture
            .lines()
            .find(|line| line.contains(&cell))
            .expect("it has a row");
        line.split("\",\"").nth(3).unwrap_or("").to_owned()
    };
    for (id, expected) in [
        ("D01", "violated"),
        ("D02", "waived"),
        ("D03", "known"),
        ("B03", "held"),
        ("B04", "inconclusive"),
        ("S16", "attested"),
        ("S12", "not applicable"),
    ] {
        assert_eq!(status(id), expected, "{id}");
    }
    let answers = String::from_utf8(documents["questionnaire.csv"].clone()).expect("UTF-8");
    assert!(answers.contains("evidence/run.json"));
}
