//! JUnit, read by a parser of XML that is not the writer's.

use domain::event::CellVerdict;
use domain::verdict::Verdict;
use record::Record;
use reports::hostile::console_line;
use reports::hostile::xml::junit_text;
use uppsala::{Document, NodeId, parse};

use super::beginning;

fn elements(document: &Document<'_>, parent: NodeId) -> Vec<NodeId> {
    document
        .children(parent)
        .into_iter()
        .filter(|child| document.element(*child).is_some())
        .collect()
}

fn name_of(document: &Document<'_>, node: NodeId) -> String {
    document
        .element(node)
        .map(|element| element.name.local_name.to_string())
        .unwrap_or_default()
}

fn attribute(document: &Document<'_>, node: NodeId, name: &str) -> String {
    document
        .get_attribute(node, name)
        .unwrap_or_default()
        .to_owned()
}

/// Without the space that breaks commands; a text's own one was made to be seen.
fn unbroken(text: &str) -> String {
    text.replace('\u{200B}', "")
}

/// What a test case came to: the name of its element, and that element's message and text.
fn result(document: &Document<'_>, case: NodeId) -> (String, String) {
    let children = elements(document, case);
    assert!(children.len() <= 1, "a test case has one result");
    children.first().map_or_else(Default::default, |child| {
        let text = document.text_content_deep(*child);
        (
            name_of(document, *child),
            unbroken(&(attribute(document, *child, "message") + "\n" + &text)),
        )
    })
}

pub(super) fn check(record: &Record, document: &str) {
    super::check_console(document);
    let document = parse(document).expect("it is XML");
    let root = document.document_element().expect("it has a root");
    let suites = elements(&document, root);
    assert_eq!(
        suites.len(),
        record.run.systems.len(),
        "one suite for each system"
    );
    for (suite, system) in suites.into_iter().zip(&record.run.systems) {
        let cases: Vec<NodeId> = elements(&document, suite)
            .into_iter()
            .filter(|child| name_of(&document, *child) == "testcase")
            .collect();
        let cells: Vec<_> = record
            .coverage
            .systems
            .iter()
            .filter(|one| one.key == system.key)
            .flat_map(|one| &one.cells)
            .collect();
        let causes: Vec<_> = record
            .causes
            .systems
            .iter()
            .filter(|one| one.key == system.key)
            .flat_map(|one| &one.causes)
            .collect();
        assert_eq!(
            cases.len(),
            1 + system.controls.len() + cells.len(),
            "a sentinel, the promises and the cells, and no other"
        );
        let mut names: Vec<(String, String)> = cases
            .iter()
            .map(|case| {
                (
                    attribute(&document, *case, "classname"),
                    attribute(&document, *case, "name"),
                )
            })
            .collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "names are unique");
        let (kind, _) = result(&document, cases[0]);
        assert_eq!(kind.is_empty(), system.complete, "the sentinel");
        for (case, control) in cases[1..].iter().zip(&system.controls) {
            let (kind, text) = result(&document, *case);
            let name = attribute(&document, *case, "name");
            assert!(name.starts_with(&control.control.0), "{name:?}");
            match &control.verdict {
                Verdict::Held => assert_eq!(kind, ""),
                Verdict::Violated => {
                    assert!(matches!(kind.as_str(), "failure" | "skipped"), "{kind}");
                    let own = causes
                        .iter()
                        .filter(|cause| cause.controls.contains(&control.control));
                    for cause in own.filter(|_| kind == "failure") {
                        let sentence = junit_text(&cause.finding.sentence);
                        assert!(
                            text.contains(&beginning(&unbroken(&sentence))),
                            "{sentence:?}"
                        );
                    }
                }
                Verdict::Inconclusive { reasons } => {
                    assert_eq!(kind, "error");
                    for reason in reasons.iter().take(1) {
                        assert!(
                            text.contains(&beginning(&unbroken(&junit_text(reason)))),
                            "{reason:?}"
                        );
                    }
                }
                Verdict::Attested | Verdict::NotApplicable => assert_eq!(kind, "skipped"),
            }
        }
        for (case, cell) in cases[1 + system.controls.len()..].iter().zip(cells) {
            let (kind, text) = result(&document, *case);
            let name = attribute(&document, *case, "name");
            let line: String = console_line(&cell.name).chars().take(60).collect();
            assert!(name.starts_with(&line), "{name:?} is not {line:?}");
            assert_eq!(
                attribute(&document, *case, "classname"),
                console_line(&cell.class)
            );
            match &cell.result {
                CellVerdict::Held => assert_eq!(kind, ""),
                CellVerdict::Violated { .. } => {
                    assert!(matches!(kind.as_str(), "failure" | "skipped"), "{kind}");
                }
                CellVerdict::Inconclusive { text: why, .. } => {
                    assert_eq!(kind, "error");
                    assert!(
                        text.contains(&beginning(&unbroken(&junit_text(why)))),
                        "{why:?}"
                    );
                }
                CellVerdict::NotApplicable { .. } => assert_eq!(kind, "skipped"),
            }
        }
    }
}
