//! What can be checked without anybody's help? Every byte of a bundle against its hash, the hashes against the
//! signature, the signature against a fingerprint from elsewhere, and what the record says against what its own
//! cases show. Every problem names the file and, where it can, the line.

mod cases;
mod integrity;
mod report;
mod signatures;

use record::Record;
use record::bundle::Files;
use record::model::{Run, State};
use record::verdict::differences;

pub use report::{Outcome, Report, Step, StepOutcome};

use crate::{run_log, timestamp};

/// Makes the views of a record: bytes by path.
pub type Views<'a> = record::bundle::Views<'a>;

/// What the auditor brings.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    /// The key's fingerprint, from another place than the bundle: 64 hexadecimal digits.
    pub fingerprint: Option<String>,
    /// A checkpoint of the log of runs, from an earlier bundle.
    pub previous: Option<String>,
}

/// Verifies a bundle.
pub fn verify(files: &Files, expected: &Expectations, views: &Views<'_>) -> Report {
    let mut report = Report::default();
    if is_unfinished(files) {
        return verify_unfinished(files);
    }
    let key = signatures::check(files, expected, &mut report);
    contents(files, views, &mut report);
    timestamp::check(files, &mut report);
    run_log::check(
        files,
        key.as_ref(),
        expected.previous.as_deref(),
        &mut report,
    );
    report
}

/// The same without signatures, for whoever is about to seal.
pub fn verify_unsealed(files: &Files, views: &Views<'_>) -> Report {
    if is_unfinished(files) {
        let mut report = verify_unfinished(files);
        report.fail("finished", vec![UNFINISHED.to_owned()]);
        return report;
    }
    let mut report = Report::default();
    contents(files, views, &mut report);
    report
}

const UNFINISHED: &str = "the run is not finished: it goes on, or was killed; `watertight run --resume` with the same options completes it";

fn is_unfinished(files: &Files) -> bool {
    integrity::manifest(files).is_ok_and(|manifest| manifest.state == State::Unfinished)
}

/// What a killed run leaves: frozen files and whole lines. Nothing good can be said of it.
fn verify_unfinished(files: &Files) -> Report {
    let mut report = Report::default();
    report.warn("finished", vec![UNFINISHED.to_owned()]);
    let problems = integrity::frozen(files);
    report.step(
        "frozen files",
        "as they were before the first attack",
        problems,
    );
    report
}

fn contents(files: &Files, views: &Views<'_>, report: &mut Report) {
    let problems = integrity::files(files);
    let count = files.len();
    let are_whole = problems.is_empty();
    report.step(
        "files",
        &format!("{count} files, each as manifest.json and SHA256SUMS have it, and no other"),
        problems,
    );
    report.step(
        "tree",
        &integrity::tree_detail(files),
        integrity::tree(files),
    );
    let record = match Record::read(files) {
        Ok(record) => record,
        Err(error) => {
            report.fail("record", vec![error.to_string()]);
            return;
        }
    };
    report.step(
        "cases",
        &format!(
            "{} cases, none missing, none twice, in order",
            record.run.counts.cases
        ),
        cases::check(&record, files),
    );
    let (told, problems) = cases::planned(&record);
    report.step("cells", &told, problems);
    report.step(
        "verdict",
        &format!(
            "{}, worked out again from the cases",
            record.run.verdict.word()
        ),
        differences(&record),
    );
    report.step(
        "statistics",
        "the same when worked out again",
        statistics(&record),
    );
    report.step("times and waivers", "in order", times(&record));
    // Of bytes that are not the record's, other views would be derived: one problem is enough.
    if !are_whole {
        return;
    }
    let (own, made_by) = (env!("CARGO_PKG_VERSION"), &record.run.tool.version);
    if own == made_by {
        report.step(
            "views",
            "the same when made again",
            derived(files, &record, views),
        );
    } else {
        report.warn(
            "views",
            vec![format!(
                "made by version {made_by} and not made again by this one, {own}: hashes and seal hold for them, and \
                 {made_by} can make them again"
            )],
        );
    }
}

fn statistics(record: &Record) -> Vec<String> {
    if reports::numbers::document(record) == record.statistics {
        Vec::new()
    } else {
        vec!["statistics.json says something else than cases and coverage come to".into()]
    }
}

fn derived(files: &Files, record: &Record, views: &Views<'_>) -> Vec<String> {
    let derived = match views(record) {
        Ok(derived) => derived,
        Err(error) => return vec![format!("the views cannot be made again: {error}")],
    };
    let mut problems = Vec::new();
    for (path, bytes) in &derived {
        match files.get(path) {
            None => problems.push(format!("{path} is missing: the record has such a view")),
            Some(own) if own != bytes => {
                problems.push(format!("{path} says something else than the record"));
            }
            Some(_) => {}
        }
    }
    for path in files.keys().filter(|path| path.starts_with("views/")) {
        if !derived.contains_key(path) {
            problems.push(format!("{path} is no view of the record"));
        }
    }
    problems
}

fn times(record: &Record) -> Vec<String> {
    let mut problems = Vec::new();
    let Run { started, ended, .. } = &record.run;
    match ended {
        // Both have one form, so that text sorts as time does.
        Some(ended) if ended < started => {
            problems.push(format!(
                "run.json ends at {ended}, before it starts at {started}"
            ));
        }
        Some(_) => {}
        None => problems.push("run.json says no end".into()),
    }
    let day = started.get(..10).unwrap_or_default();
    for one in record.waivers.waivers.iter().filter(|one| one.applied) {
        if one.waiver.expires.as_str() < day {
            problems.push(format!(
                "waivers.json: {} was applied on {day}, but ended on {}",
                one.waiver.id, one.waiver.expires
            ));
        }
    }
    problems
}
