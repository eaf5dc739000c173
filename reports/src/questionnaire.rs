//! What may be answered when a customer or an auditor asks? For each requirement of the mapping, what this
//! run says about it, where that lies in the bundle, and who must still confirm it. Nothing is answered that
//! was neither tested nor attested.

use record::Record;
use serde_json::{Value, json};

use crate::hostile::csv::row;
use crate::mapping::{self, Bearing, Requirement, Strength};
use crate::overview::Overview;

/// Version of the mapping; it changes when a requirement, its strength or its promises do.
pub const MAPPING: &str = "watertight/mapping/v1";

/// Renders the mapping as it was used: every requirement with what this run says about it.
pub fn controls(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let requirements: Vec<Value> = mapping::requirements()
        .iter()
        .map(|one| {
            let bearing = mapping::bearing(one, &overview);
            json!({
                "framework": one.framework,
                "version": one.version,
                "id": one.id,
                "title": one.title,
                "strength": one.strength,
                "promises": one.promises,
                "evidence": one.evidence,
                "in_this_run": { "status": bearing.key, "sentence": bearing.sentence, "files": bearing.files },
                "text_checked": one.text_checked,
                "note": one.note,
            })
        })
        .collect();
    let document = json!({
        "schema": MAPPING,
        "run_id": record.run.run_id,
        "reading": "Titles are shortened or in our own words. `satisfied` is the auditor's word: what is said here is \
                    whether this run noted an exception.",
        "requirements": requirements,
    });
    let mut bytes = serde_json::to_vec_pretty(&document).expect("a value prints as JSON");
    bytes.push(b'\n');
    bytes
}

/// Renders the answers as a table.
pub fn answers(record: &Record) -> Vec<u8> {
    answers_below(record, "")
}

/// The same where the bundle lies in a folder of its own.
pub(crate) fn answers_below(record: &Record, folder: &str) -> Vec<u8> {
    let overview = Overview::new(record);
    let mut document = row([
        "framework",
        "version",
        "id",
        "title",
        "strength",
        "suggested answer",
        "evidence",
        "promises",
        "who must still confirm",
        "note",
    ]);
    for one in mapping::requirements() {
        let bearing = mapping::bearing(one, &overview);
        let promises: Vec<&str> = one.promises.iter().map(|id| id.0.as_str()).collect();
        let files: Vec<String> = bearing
            .files
            .iter()
            .map(|file| format!("{folder}{file}"))
            .collect();
        document.push_str(&row([
            one.framework.as_str(),
            &one.version,
            &one.id,
            &one.title,
            one.strength.word(),
            &answer(one, &bearing),
            &files.join(" "),
            &promises.join(" "),
            &one.confirm,
            &one.note,
        ]));
    }
    document.into_bytes()
}

/// A sentence that may be copied into a questionnaire, or that says why there is none.
fn answer(requirement: &Requirement, bearing: &Bearing) -> String {
    match (bearing.key, requirement.strength) {
        ("held", Strength::Direct) => format!(
            "Tested by attack ({}); {}.",
            requirement.evidence, bearing.sentence
        ),
        ("held", _) => format!(
            "In part: tested by attack ({}); {}. Other evidence is needed as well.",
            requirement.evidence, bearing.sentence
        ),
        ("bundle", _) => format!("See the bundle: {}.", requirement.evidence),
        ("run", _) => format!("{}: {}.", requirement.evidence, bearing.sentence),
        ("exception" | "inconclusive", _) => format!("No answer: {}.", bearing.sentence),
        _ => format!("No answer from this bundle: {}.", bearing.sentence),
    }
}
