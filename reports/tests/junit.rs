//! JUnit documents: valid under three contradicting schemas, unforgeable, and readable back.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

mod staged;

use domain::event::CellVerdict;
use proptest::prelude::*;
use reports::Dialect;
use reports::hostile::corpus::forgery;
use reports::hostile::nasty;
use reports::junit::render;
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

fn document(text: &str, dialect: Dialect) -> String {
    let record = staged::record(&staged::summaries(text));
    render(&record, dialect).expect("names are unique")
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
    assert_eq!(count(&mut unfinished, &format!("{sentinel}/failure")), 2);
    let mut summaries = staged::summaries("done");
    for summary in &mut summaries {
        summary.complete = true;
        summary.incomplete_reason = None;
    }
    let xml = render(&staged::record(&summaries), Dialect::Jenkins).expect("names are unique");
    let mut finished = parse(&xml).expect("XML");
    assert_eq!(count(&mut finished, sentinel), 2);
    assert_eq!(count(&mut finished, &format!("{sentinel}/failure")), 0);
}

#[test]
fn what_is_waived_or_known_is_skipped_and_says_why() {
    let xml = document("some words", Dialect::Jenkins);
    let mut parsed = parse(&xml).expect("XML");
    for kind in ["waived", "known"] {
        // A control and a cell of each system.
        assert_eq!(
            count(&mut parsed, &format!("//testcase/skipped[@type='{kind}']")),
            4,
            "{kind}: {xml}"
        );
    }
    assert!(xml.contains("is waived until 2027-01-31 by some words (some words): some words"));
    assert!(xml.contains("containment-3 is in the baseline"));
}

#[test]
fn two_cases_of_one_name_are_told_apart() {
    // Two planes may look at the same thing.
    let mut twice = staged::summaries("x");
    for name in ["held", "held", "held (2)"] {
        let cell = staged::cell(name, "B03", "insert", "x", CellVerdict::Held);
        twice[0].cells.push(cell);
    }
    let xml = render(&staged::record(&twice), Dialect::Jenkins).expect("it is written");
    let mut parsed = parse(&xml).expect("XML");
    for (name, times) in [
        ("held", 2),
        ("held (2)", 1),
        ("held (3)", 1),
        ("held (2) (2)", 1),
    ] {
        assert_eq!(
            count(&mut parsed, &format!("//testcase[@name='{name}']")),
            times,
            "{name}"
        );
    }
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
            prop_assert_eq!(count(&mut parsed, "//testcase"), 28);
            // Sentinel, control and cell of each system.
            prop_assert_eq!(count(&mut parsed, "//testcase/failure"), 6);
            // Waived and known, control and cell; the control that is attested and what is not applicable.
            prop_assert_eq!(count(&mut parsed, "//testcase/skipped"), 14);
            prop_assert_eq!(count(&mut parsed, "//testcase/error"), 4);
        }
    }
}
