//! What does a build server see of a campaign? A JUnit model: one test case for every cell of the
//! matrix, one for every control, and a sentinel that fails when the plan was not finished, so
//! that no truncated run can look green.

use std::collections::BTreeSet;

use domain::event::{CellVerdict, Summary};
use domain::verdict::Verdict;
use junit_report::{Duration, OffsetDateTime, Report, TestCase, TestCaseBuilder, TestSuiteBuilder};

use crate::hostile::xml::junit_text;
use crate::hostile::{console_line, shortened};
use crate::junit_writer::{Dialect, Properties, WriteError, write};
use crate::terminal;

/// What the summary does not know: when and where it ran.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Seconds since 1970 at which the campaign began.
    pub started_unix: i64,
    /// How long it took.
    pub duration_ms: u64,
    /// Version of the tool.
    pub tool_version: String,
}

/// Failure texts longer than this are cut; readers limit the size of whole files.
const TEXT_MAX: usize = 16 * 1024;

/// Renders one document for every campaign of a run, in order.
///
/// # Errors
/// When two test cases would carry the same name: GitLab reads only the first of them, so a
/// failure could hide behind a success.
pub fn render(
    campaigns: &[Summary],
    facts: &RunFacts,
    dialect: Dialect,
) -> Result<String, WriteError> {
    let mut report = Report::new();
    let mut properties = Vec::new();
    for summary in campaigns {
        report.add_testsuite(suite(summary, facts));
        properties.push(suite_properties(summary, facts));
    }
    check_names(&report)?;
    write(&report, &properties, dialect)
}

fn suite(summary: &Summary, facts: &RunFacts) -> junit_report::TestSuite {
    let mut suite = TestSuiteBuilder::new(&console_line(&summary.system));
    if let Ok(started) = OffsetDateTime::from_unix_timestamp(facts.started_unix) {
        suite.set_timestamp(started);
    }
    suite.add_testcase(sentinel(summary, facts));
    for result in &summary.controls {
        let name = domain::control::control(&result.control.0)
            .map_or_else(String::new, |control| control.promise.to_owned());
        let name = format!("{} {name}", result.control);
        suite.add_testcase(control_case(&name, result));
    }
    for cell in &summary.cells {
        suite.add_testcase(cell_case(cell));
    }
    suite.build()
}

fn sentinel(summary: &Summary, facts: &RunFacts) -> TestCase {
    let time = Duration::milliseconds(i64::try_from(facts.duration_ms).unwrap_or(i64::MAX));
    let mut case = if summary.complete {
        TestCaseBuilder::success("campaign-complete", time)
    } else {
        let reason = summary
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

fn control_case(name: &str, result: &domain::verdict::ControlResult) -> TestCase {
    let zero = Duration::ZERO;
    let numbers = terminal::tally_sentence(&result.tally);
    let mut case = match &result.verdict {
        Verdict::Held => TestCaseBuilder::success(name, zero),
        Verdict::Violated => {
            let text = format!("violated: {numbers}");
            let mut case = TestCaseBuilder::failure(name, zero, "violated", &text);
            case.set_trace(&text);
            case
        }
        Verdict::Inconclusive { reasons } => {
            let text = junit_text(&format!("inconclusive: {}\n{numbers}", reasons.join("\n")));
            let mut case =
                TestCaseBuilder::error(name, zero, "inconclusive.control", &console_line(&text));
            case.set_trace(&shortened(&text, TEXT_MAX));
            case
        }
        Verdict::Attested | Verdict::NotApplicable => TestCaseBuilder::skipped_with_cause(
            name,
            &result.verdict.word().replace(' ', "_"),
            result.verdict.word(),
        ),
    };
    case.set_classname("isolation.control");
    case.build()
}

fn cell_case(cell: &domain::event::CellResult) -> TestCase {
    let zero = Duration::ZERO;
    let name = console_line(&cell.name);
    let mut case = match &cell.result {
        CellVerdict::Held => TestCaseBuilder::success(&name, zero),
        CellVerdict::Violated { kind, text } => {
            let text = shortened(&junit_text(text), TEXT_MAX);
            let message = shortened(&console_line(&text), 300);
            let mut case = TestCaseBuilder::failure(&name, zero, kind, &message);
            case.set_trace(&text);
            case
        }
        CellVerdict::Inconclusive { kind, text } => {
            let text = shortened(&junit_text(text), TEXT_MAX);
            let message = shortened(&console_line(&text), 300);
            let kind = format!("inconclusive.{kind}");
            let mut case = TestCaseBuilder::error(&name, zero, &kind, &message);
            case.set_trace(&text);
            case
        }
        CellVerdict::NotApplicable { reason } => TestCaseBuilder::skipped_with_cause(
            &name,
            "not_applicable",
            &shortened(&console_line(reason), 300),
        ),
    };
    case.set_classname(&console_line(&cell.class));
    case.build()
}

fn suite_properties(summary: &Summary, facts: &RunFacts) -> Properties {
    let armed: u64 = summary.cells.iter().map(|cell| cell.armed).sum();
    let mut properties = vec![
        ("tool.version".to_owned(), facts.tool_version.clone()),
        ("target".to_owned(), console_line(&summary.target)),
        ("seed".to_owned(), summary.seed.to_string()),
        ("tenants".to_owned(), summary.tenants.to_string()),
        ("cases".to_owned(), summary.cases.to_string()),
        ("statements.judged".to_owned(), summary.judged.to_string()),
        ("attempts.armed".to_owned(), armed.to_string()),
        ("findings".to_owned(), summary.findings.len().to_string()),
    ];
    for result in &summary.controls {
        properties.push((
            format!("control.{}", result.control),
            result.verdict.word().to_owned(),
        ));
    }
    properties
}

fn check_names(report: &Report) -> Result<(), WriteError> {
    let mut seen = BTreeSet::new();
    for suite in report.testsuites() {
        for case in &suite.testcases {
            let key = (
                suite.name.as_str(),
                case.classname.as_deref(),
                case.name.as_str(),
            );
            if !seen.insert(key) {
                return Err(WriteError::DuplicateCase {
                    class: case.classname.clone().unwrap_or_default(),
                    name: case.name.clone(),
                });
            }
        }
    }
    Ok(())
}
