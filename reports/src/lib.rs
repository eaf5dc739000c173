//! Bytes from the record and from events: what a person, a build server and an auditor read.
//!
//! Pure: the same record gives the same bytes, so whoever checks a bundle derives the views again and
//! compares. Each view is made from the record, never from another view. Text that came from the target
//! is hostile, and every sink has its own neutraliser in [`hostile`].

pub mod cards;
pub mod hostile;
pub mod html;
pub mod in_toto;
pub mod junit;
mod junit_writer;
pub mod mapping;
pub mod numbers;
pub mod oscal;
mod overview;
pub mod package;
pub mod population;
pub mod questionnaire;
pub mod runs;
pub mod sarif;
pub mod summary;
pub mod terminal;
mod time;

use std::collections::BTreeMap;

use record::Record;

pub use junit_writer::{Dialect, WriteError};

/// Every view that lies in a bundle: path in the bundle and bytes.
///
/// # Errors
/// When writing fails, which memory does not.
pub fn views(record: &Record) -> Result<BTreeMap<String, Vec<u8>>, WriteError> {
    let report = html::render(record);
    let junit = junit::render(record, Dialect::Jenkins)?;
    let views = [
        ("report.html", report),
        ("report.css", html::STYLE.as_bytes().to_vec()),
        ("views/junit/TEST-tenant-isolation.xml", junit.into_bytes()),
        ("views/results.sarif", sarif::render(record)),
        ("views/oscal/assessment-plan.json", oscal::plan(record)),
        (
            "views/oscal/assessment-results.json",
            oscal::results(record),
        ),
        ("views/summary.md", summary::render(record)),
        ("views/population/cells.csv", population::render(record)),
        (
            "views/mapping/controls.json",
            questionnaire::controls(record),
        ),
        ("views/mapping/answers.csv", questionnaire::answers(record)),
    ];
    Ok(views
        .into_iter()
        .map(|(path, bytes)| (path.to_owned(), bytes))
        .collect())
}
