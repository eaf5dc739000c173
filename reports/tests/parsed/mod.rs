//! Reads every view of a record back, each with a reader of its own kind, and holds what it says against the
//! record: nothing is missing, nothing was forged, and a text differs only as its neutraliser says.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, reason = "a test states what must hold")]

mod console;
mod csv;
mod html;
mod json;
mod junit;
mod markdown;

use std::collections::BTreeMap;

use record::Record;

pub(crate) use console::check as check_console;

/// Checks all views, by path in the bundle.
pub(crate) fn check(record: &Record, views: &BTreeMap<String, Vec<u8>>) {
    let text = |path: &str| {
        let bytes = views.get(path).unwrap_or_else(|| panic!("{path} is there"));
        std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{path} is UTF-8"))
    };
    for path in views.keys() {
        assert!(record::names::is_path(path), "{path:?} is no path");
    }
    junit::check(record, text("views/junit/TEST-tenant-isolation.xml"));
    csv::check_population(record, text("views/population/cells.csv"));
    csv::check_answers(text("views/mapping/answers.csv"));
    json::check_sarif(record, text("views/results.sarif"));
    json::check_plan(text("views/oscal/assessment-plan.json"));
    json::check_results(record, text("views/oscal/assessment-results.json"));
    json::check_mapping(text("views/mapping/controls.json"));
    markdown::check(record, text("views/summary.md"));
    html::check(record, text("report.html"));
}

/// The first characters of a text: views cut long ones, each at its own length.
fn beginning(text: &str) -> String {
    text.chars().take(100).collect()
}
