//! What does a build server see of a run? A JUnit model: one test case for every cell of the matrix, one
//! for every control, and a sentinel that fails when the plan was not finished, so that no truncated run
//! can look green.
//!
//! Some readers drop messages and some drop outputs, so the text of a failure begins with the human
//! sentence. What is waived is skipped and says by whom and until when; it is never a success.

use std::collections::BTreeSet;

use domain::cause::Standing;
use domain::event::CellVerdict;
use domain::verdict::Verdict;
use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestCaseBuilder, TestSuiteBuilder};
use record::Record;
use record::model::{CauseRecord, State};
use sha2::{Digest as _, Sha256};

use crate::hostile::xml::junit_text;
use crate::hostile::{console_line, shortened};
use crate::junit_writer::{Dialect, Properties, WriteError, write};
use crate::overview::{CellOverview, ControlOverview, Outcome, Overview, SystemOverview};
use crate::terminal;
use crate::time;

/// Failure texts longer than this are cut; readers limit the size of whole files.
const TEXT_MAX: usize = 16 * 1024;

/// Messages longer than this are cut; the text has them whole.
const MESSAGE_MAX: usize = 300;

/// Renders one document, with a suite for every system.
///
/// # Errors
/// When writing fails, which memory does not.
pub fn render(record: &Record, dialect: Dialect) -> Result<String, WriteError> {
    let overview = Overview::new(record);
    let mut report = Report::new();
    let mut properties = Vec::new();
    for system in &overview.systems {
        let namesakes = overview.systems.iter();
        let namesakes = namesakes.filter(|other| other.run.name == system.run.name);
        let name = match namesakes.count() {
            1 => unmistakable(&system.run.name),
            _ => unmistakable(&format!("{} ({})", system.run.name, system.run.key)),
        };
        report.add_testsuite(suite(&name, system, record));
        properties.push(suite_properties(system, &overview));
    }
    write(&report, &properties, dialect)
}

/// Names longer than this are cut: a reader shows them in a list.
const NAME_MAX: usize = 120;

/// One line that is harmless and short, and still unlike that of any other text: what had to be changed gets eight
/// digits of its hash, because two names that become one would hide a failure behind a success.
fn unmistakable(text: &str) -> String {
    let line = shortened(&console_line(text), NAME_MAX);
    if line == text {
        return line;
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{line} ~{digits}")
}

/// What a name that was cut is called in full, for the body of what went wrong.
fn in_full(name: &str) -> String {
    if name.chars().count() > NAME_MAX {
        format!("\nin full: {name}")
    } else {
        String::new()
    }
}

fn suite(name: &str, system: &SystemOverview<'_>, record: &Record) -> junit_report::TestSuite {
    let mut suite = TestSuiteBuilder::new(name);
    let started = time::unix_seconds(&record.run.started).unwrap_or(0);
    if let Ok(started) = OffsetDateTime::from_unix_timestamp(started) {
        suite.set_timestamp(started);
    }
    suite.add_testcase(sentinel(system, record));
    for control in &system.controls {
        suite.add_testcase(control_case(system, control));
    }
    for cell in &system.cells {
        suite.add_testcase(cell_case(cell));
    }
    let mut suite = suite.build();
    distinguish(&mut suite);
    suite
}

fn sentinel(system: &SystemOverview<'_>, record: &Record) -> TestCase {
    let milliseconds = record.run.duration_ms.unwrap_or(0);
    let time = Duration::milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    let is_complete = system.run.complete && record.run.state == State::Finished;
    let mut case = if is_complete {
        TestCaseBuilder::success("campaign-complete", time)
    } else {
        let reason = system
            .run
            .incomplete_reason
            .as_deref()
            .unwrap_or("the plan was not finished");
        let text = console_line(reason);
        let mut case = TestCaseBuilder::failure("campaign-complete", time, "incomplete", &text);
        case.set_trace(&junit_text(&text));
        case
    };
    case.set_classname("isolation.meta");
    case.build()
}

fn control_case(system: &SystemOverview<'_>, control: &ControlOverview<'_>) -> TestCase {
    let zero = Duration::ZERO;
    let (promise, _) = system.promise(&control.result.control);
    let name = console_line(&format!("{} {promise}", control.result.control));
    let numbers = terminal::tally_sentence(&control.result.tally);
    let mut case = match (control.outcome, &control.result.verdict) {
        (Outcome::Held, _) => TestCaseBuilder::success(&name, zero),
        (Outcome::Waived | Outcome::Known, _) => excused(&name, control.outcome, &control.causes),
        (_, Verdict::Inconclusive { reasons }) => {
            let text = junit_text(&format!("inconclusive: {}\n{numbers}", reasons.join("\n")));
            let message = shortened(&console_line(&text), MESSAGE_MAX);
            let mut case = TestCaseBuilder::error(&name, zero, "inconclusive.control", &message);
            case.set_trace(&shortened(&text, TEXT_MAX));
            case
        }
        (Outcome::Violated, _) => {
            let text = format!("violated: {numbers}");
            let mut case = TestCaseBuilder::failure(&name, zero, "violated", &text);
            let causes: String = control
                .causes
                .iter()
                .map(|cause| format!("\n{}: {}", cause.id, cause.finding.sentence))
                .collect();
            case.set_trace(&shortened(&junit_text(&(text + &causes)), TEXT_MAX));
            case
        }
        (outcome, _) => TestCaseBuilder::skipped_with_cause(&name, outcome.key(), outcome.word()),
    };
    case.set_classname("isolation.control");
    case.build()
}

fn cell_case(cell: &CellOverview<'_>) -> TestCase {
    let zero = Duration::ZERO;
    let name = unmistakable(&cell.cell.name);
    let mut case = match (cell.outcome, &cell.cell.result) {
        (Outcome::Waived | Outcome::Known, _) => excused(&name, cell.outcome, &cell.causes),
        (_, CellVerdict::Held) => TestCaseBuilder::success(&name, zero),
        (_, CellVerdict::Violated { kind, text }) => {
            let mut told: Vec<String> = cell.causes.iter().map(|cause| tell(cause)).collect();
            if told.is_empty() {
                told.push(text.clone());
            }
            let told = told.join("\n\n") + &in_full(&cell.cell.name);
            let text = shortened(&junit_text(&told), TEXT_MAX);
            let message = shortened(
                &console_line(text.lines().next().unwrap_or("")),
                MESSAGE_MAX,
            );
            let mut case = TestCaseBuilder::failure(&name, zero, kind, &message);
            case.set_trace(&text);
            case
        }
        (_, CellVerdict::Inconclusive { kind, text }) => {
            let text = text.clone() + &in_full(&cell.cell.name);
            let text = shortened(&junit_text(&text), TEXT_MAX);
            let message = shortened(&console_line(&text), MESSAGE_MAX);
            let kind = format!("inconclusive.{kind}");
            let mut case = TestCaseBuilder::error(&name, zero, &kind, &message);
            case.set_trace(&text);
            case
        }
        (_, CellVerdict::NotApplicable { reason }) => TestCaseBuilder::skipped_with_cause(
            &name,
            "not_applicable",
            &shortened(&console_line(reason), MESSAGE_MAX),
        ),
    };
    case.set_classname(&console_line(&cell.cell.class));
    case.build()
}

/// The sentence first, then what contradicts what, then what was sent and how to repeat it.
fn tell(cause: &CauseRecord) -> String {
    let finding = &cause.finding;
    let mut text = format!("{}\ncause {}\n", finding.sentence, cause.id);
    for line in &cause.contradiction {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&finding.batch);
    if let Some(shrunk) = &cause.shrunk {
        text.push_str("\nrepeat it: watertight replay ");
        text.push_str(&shrunk.case_file);
    }
    text
}

fn excused(name: &str, outcome: Outcome, causes: &[&CauseRecord]) -> TestCaseBuilder {
    let told: Vec<String> = causes
        .iter()
        .filter_map(|cause| match &cause.standing {
            Standing::New => None,
            Standing::Known => Some(format!("{} is in the baseline", cause.id)),
            Standing::Waived(waiver) => Some(format!(
                "{} is waived until {} by {} ({}): {}",
                cause.id, waiver.expires, waiver.owner, waiver.id, waiver.reason
            )),
        })
        .collect();
    let message = shortened(&console_line(&told.join("; ")), MESSAGE_MAX);
    TestCaseBuilder::skipped_with_cause(name, outcome.key(), &message)
}

fn suite_properties(system: &SystemOverview<'_>, overview: &Overview<'_>) -> Properties {
    let run = &overview.record.run;
    let armed: u64 = system.cells.iter().map(|one| one.cell.armed).sum();
    let attempts: u64 = system.cells.iter().map(|one| one.cell.attempts).sum();
    let count = |outcome: Outcome| {
        let cells = system.cells.iter().filter(|one| one.outcome == outcome);
        cells.count().to_string()
    };
    let mut properties = vec![
        ("tool.version".to_owned(), run.tool.version.clone()),
        ("run.id".to_owned(), run.run_id.clone()),
        ("run.verdict".to_owned(), run.verdict.word().to_owned()),
        ("plan.sha256".to_owned(), run.plan_sha256.clone()),
        ("target".to_owned(), console_line(&system.run.target)),
        ("seed".to_owned(), run.seed.to_string()),
        ("tenants".to_owned(), system.run.tenants.to_string()),
        ("cases".to_owned(), system.run.cases.to_string()),
        (
            "statements.judged".to_owned(),
            system.run.judged.to_string(),
        ),
        (
            "requests.judged".to_owned(),
            system.run.requests.to_string(),
        ),
        ("attempts".to_owned(), attempts.to_string()),
        ("attempts.armed".to_owned(), armed.to_string()),
        ("causes".to_owned(), system.causes.len().to_string()),
        ("cells.waived".to_owned(), count(Outcome::Waived)),
        ("cells.known".to_owned(), count(Outcome::Known)),
    ];
    if let Some(leaves) = &run.leaves {
        properties.push(("record.root".to_owned(), leaves.root.clone()));
        properties.push(("record.leaves".to_owned(), leaves.size.to_string()));
    }
    if let Some(commit) = &run.operator.commit {
        properties.push(("commit".to_owned(), console_line(commit)));
    }
    if let Some(sensitivity) = overview.sensitivity() {
        let told = format!("{} of {}", sensitivity.caught, sensitivity.planted);
        properties.push(("sensitivity".to_owned(), told));
    }
    for control in &system.controls {
        properties.push((
            format!("control.{}", console_line(&control.result.control.0)),
            control.outcome.word().to_owned(),
        ));
    }
    properties
}

/// Gives every case a name of its own: two planes may look at the same thing, and GitLab reads only the first
/// of two equal names, so a failure could hide behind a success. The first keeps its name.
fn distinguish(suite: &mut junit_report::TestSuite) {
    let mut seen = BTreeSet::new();
    for case in &mut suite.testcases {
        let class = case.classname.clone().unwrap_or_default();
        let name = case.name.clone();
        let mut number = 1;
        while !seen.insert((class.clone(), case.name.clone())) {
            number += 1;
            case.name = format!("{name} ({number})");
        }
    }
}
