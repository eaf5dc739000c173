//! JUnit documents: valid under three contradicting schemas, unforgeable, and readable back.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use domain::control::ControlId;
use domain::event::{CellResult, CellVerdict, Summary};
use domain::verdict::{ControlResult, Tally, Verdict};
use proptest::prelude::*;
use reports::hostile::corpus::forgery;
use reports::hostile::nasty;
use reports::junit::{RunFacts, render};
use reports::{Dialect, WriteError};
use uppsala::{Document, XPathEvaluator, XPathValue, XsdValidator, parse};

const SCHEMAS: [(Dialect, &str); 3] = [
    (
        Dialect::Jenkins,
        include_str!("schemas/jenkins-xunit-junit-10.xsd"),
    ),
    (
        Dialect::Ant,
        include_str!("schemas/ant-windyroad-junit.xsd"),
    ),
    (
        Dialect::Surefire,
        include_str!("schemas/maven-surefire-test-report.xsd"),
    ),
];

fn facts() -> RunFacts {
    // 1118 ms is one of the values that a float prints with more than three decimals.
    RunFacts {
        started_unix: 1_790_000_000,
        duration_ms: 1118,
        tool_version: "0.1.0".into(),
    }
}

fn cell(name: &str, result: CellVerdict) -> CellResult {
    CellResult {
        name: name.into(),
        class: "isolation.other-tenant.dbo.Customers".into(),
        at: domain::event::Coordinates::default(),
        controls: vec![ControlId::new("D01")],
        armed: 3,
        attempts: 3,
        result,
    }
}

fn summary(text: &str) -> Summary {
    let tally = Tally {
        attempts: 9,
        armed: 9,
        denied: 8,
        crossed: 1,
        ..Tally::default()
    };
    let control = |id: &str, verdict| ControlResult {
        control: ControlId::new(id),
        verdict,
        tally,
    };
    let reasons = vec![text.to_owned()];
    Summary {
        system: format!("system {text}"),
        target: text.into(),
        seed: 7,
        tenants: 4,
        complete: false,
        incomplete_reason: Some(text.into()),
        cases: 2,
        judged: 9,
        controls: vec![
            control("D01", Verdict::Violated),
            control("D02", Verdict::Held),
            control("D03", Verdict::Inconclusive { reasons }),
            control("S16", Verdict::Attested),
            control("S01", Verdict::NotApplicable),
        ],
        notes: Vec::new(),
        operations: Vec::new(),
        requests: 0,
        effort: domain::event::Effort::default(),
        findings: Vec::new(),
        causes: Vec::new(),
        cells: vec![
            cell("held", CellVerdict::Held),
            cell(
                &format!("violated {text}"),
                CellVerdict::Violated {
                    kind: "cross_tenant_read".into(),
                    text: text.into(),
                },
            ),
            cell(
                "inconclusive",
                CellVerdict::Inconclusive {
                    kind: "unarmed".into(),
                    text: text.into(),
                },
            ),
            cell(
                "skipped",
                CellVerdict::NotApplicable {
                    reason: text.into(),
                },
            ),
        ],
    }
}

fn document(text: &str, dialect: Dialect) -> String {
    render(&[summary(text)], &facts(), dialect).expect("names are unique")
}

fn count(document: &mut Document<'_>, path: &str) -> usize {
    document.prepare_xpath();
    let root = document.root();
    match XPathEvaluator::new().evaluate(document, root, path) {
        Ok(XPathValue::NodeSet(nodes)) => nodes.len(),
        other => panic!("{path} gave {other:?}"),
    }
}

fn check_schema(text: &str) {
    for (dialect, schema) in SCHEMAS {
        let schema = parse(schema).expect("the schema is XML");
        let validator = XsdValidator::from_schema(&schema).expect("the schema is a schema");
        let xml = document(text, dialect);
        let parsed = parse(&xml).expect("the document is XML");
        let errors = validator.validate(&parsed);
        assert!(
            errors.is_empty(),
            "{dialect:?} with {text:?}: {errors:?}\n{xml}"
        );
    }
}

#[test]
fn every_dialect_meets_its_schema_whatever_the_target_wrote() {
    for nasty in nasty() {
        check_schema(nasty);
    }
}

#[test]
fn the_schemas_refuse_what_they_must() {
    // A validator that accepts everything would make the test above worthless.
    for (dialect, schema) in SCHEMAS {
        let schema = parse(schema).expect("the schema is XML");
        let validator = XsdValidator::from_schema(&schema).expect("the schema is a schema");
        let broken = document("x", dialect).replacen("failures=", "failings=", 2);
        let parsed = parse(&broken).expect("still XML");
        assert!(
            !validator.validate(&parsed).is_empty(),
            "{dialect:?} accepted {broken}"
        );
    }
}

#[test]
fn a_response_body_cannot_forge_a_test_case() {
    for (dialect, _) in SCHEMAS {
        let plain = document("plain", dialect);
        let hostile = document(forgery(), dialect);
        let mut plain = parse(&plain).expect("XML");
        let mut hostile = parse(&hostile).expect("XML");
        for path in [
            "//testcase",
            "//failure",
            "//error",
            "//skipped",
            "//system-out",
        ] {
            assert_eq!(
                count(&mut plain, path),
                count(&mut hostile, path),
                "{dialect:?} {path}"
            );
        }
        assert_eq!(count(&mut hostile, "//testcase[@name='forged']"), 0);
    }
}

#[test]
fn an_unfinished_campaign_fails_its_sentinel() {
    let mut unfinished = parse(Box::leak(
        document("cut", Dialect::Jenkins).into_boxed_str(),
    ))
    .expect("XML");
    let sentinel = "//testcase[@name='campaign-complete']";
    assert_eq!(count(&mut unfinished, &format!("{sentinel}/failure")), 1);
    let finished = Summary {
        complete: true,
        incomplete_reason: None,
        ..summary("done")
    };
    let xml = render(&[finished], &facts(), Dialect::Jenkins).expect("names are unique");
    let mut finished = parse(&xml).expect("XML");
    assert_eq!(count(&mut finished, sentinel), 1);
    assert_eq!(count(&mut finished, &format!("{sentinel}/failure")), 0);
}

#[test]
fn two_cases_of_one_name_are_an_error() {
    let mut twice = summary("x");
    twice.cells.push(cell("held", CellVerdict::Held));
    let error = render(&[twice], &facts(), Dialect::Jenkins).expect_err("a name stands twice");
    assert!(matches!(error, WriteError::DuplicateCase { .. }), "{error}");
}

#[test]
fn times_have_three_decimals() {
    assert!(document("x", Dialect::Jenkins).contains("time=\"1.118\""));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back_as_text(text in any::<String>()) {
        for (dialect, _) in SCHEMAS {
            let xml = document(&text, dialect);
            let mut parsed = parse(&xml).expect("the document is XML");
            prop_assert_eq!(count(&mut parsed, "//testcase"), 10);
            prop_assert_eq!(count(&mut parsed, "//testcase/failure"), 3);
        }
    }
}
