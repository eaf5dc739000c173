//! Documents of JSON: are they what they say, and do texts in them mean nothing more than themselves?

use record::Record;
use reports::hostile::markdown::inline;
use reports::hostile::{is_unseen, seen, seen_line};
use serde_json::Value;

use super::beginning;

fn read(document: &str) -> Value {
    let value = serde_json::from_str(document).expect("it is JSON");
    visible(&value);
    value
}

/// No text holds what cannot be seen, but for line breaks and the space that breaks commands.
fn visible(value: &Value) {
    match value {
        Value::String(text) => assert!(
            !text
                .chars()
                .any(|c| is_unseen(c) && !matches!(c, '\n' | '\t' | '\u{200B}')),
            "{text:?}"
        ),
        Value::Array(items) => items.iter().for_each(visible),
        Value::Object(members) => members.values().for_each(visible),
        _ => {}
    }
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} is a text"))
}

pub(super) fn check_sarif(record: &Record, document: &str) {
    let document = read(document);
    let results = list(&document, "/runs/0/results");
    let causes: Vec<_> = record
        .causes
        .systems
        .iter()
        .flat_map(|system| &system.causes)
        .collect();
    assert_eq!(results.len(), causes.len(), "one alert for each cause");
    for (result, cause) in results.iter().zip(causes) {
        let message = text(result, "/message/text");
        assert!(!message.contains("]("), "{message:?} is a link");
        let single = message.replace("{{", "").replace("}}", "");
        assert!(!single.contains(['{', '}']), "{message:?} is filled in");
        let back = message
            .replace("{{", "{")
            .replace("}}", "}")
            .replace("]\u{200B}(", "](");
        let sentence = &cause.finding.sentence;
        let sentence = seen(&sentence.replace("\r\n", "\n").replace('\r', "\n"));
        assert!(
            back.starts_with(&beginning(&sentence)),
            "{back:?} is not {sentence:?}"
        );
        assert_eq!(
            text(result, "/locations/0/logicalLocations/0/name"),
            seen_line(&cause.finding.fingerprint.place)
        );
        assert_eq!(
            text(result, "/partialFingerprints/isolationCause~1v1"),
            cause.id
        );
    }
}

pub(super) fn check_plan(document: &str) {
    read(document);
}

pub(super) fn check_mapping(document: &str) {
    let document = read(document);
    assert_eq!(
        list(&document, "/requirements").len(),
        reports::mapping::requirements().len()
    );
}

pub(super) fn check_results(record: &Record, document: &str) {
    let document = read(document);
    let result = document
        .pointer("/assessment-results/results/0")
        .expect("there is a result");
    let controls = record
        .run
        .systems
        .iter()
        .map(|system| system.controls.len());
    assert_eq!(
        list(result, "/observations").len(),
        controls.sum::<usize>(),
        "one observation for each promise"
    );
    let risks = list(result, "/risks");
    let causes: Vec<_> = record
        .causes
        .systems
        .iter()
        .flat_map(|system| &system.causes)
        .collect();
    assert_eq!(risks.len(), causes.len(), "one risk for each cause");
    for (risk, cause) in risks.iter().zip(causes) {
        let sentence = seen_line(&cause.finding.sentence);
        let told = risk.to_string();
        let expected = Value::from(inline(beginning(sentence.trim()).trim()));
        let expected = expected.to_string();
        assert!(
            told.contains(expected.trim_matches('"')),
            "{told} does not hold {expected}"
        );
    }
}
