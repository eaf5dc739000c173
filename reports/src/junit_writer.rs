//! How is a JUnit model written, so that hostile text cannot forge a test case and each reader's
//! schema is met?
//!
//! `junit-report` is the model. Its own writer puts text into CDATA unchanged, so `]]>` in a
//! response body can close the section and add passing cases; this writer escapes everything.
//! Three published schemas contradict each other, hence the dialects.

use std::io::Write as _;

use junit_report::{Duration, Report, TestCase, TestResult, TestSuite};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::hostile::xml::characters as xml_characters;

/// Name and value pairs of one suite, in order.
pub(crate) type Properties = Vec<(String, String)>;

/// Which published schema the document meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Jenkins' xUnit plugin; also read by GitLab, Azure DevOps and the GitHub actions.
    #[default]
    Jenkins,
    /// Apache Ant's JUnit task.
    Ant,
    /// Maven Surefire 3.0.2: one suite per document, so several campaigns are joined into one.
    Surefire,
}

/// Why a document could not be written.
#[derive(Debug)]
pub struct WriteError(std::io::Error);

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("could not write the JUnit document")
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self(error)
    }
}

/// Writes `report`; `properties` holds one list for each of its suites.
pub(crate) fn write(
    report: &Report,
    properties: &[Properties],
    dialect: Dialect,
) -> Result<String, WriteError> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    if dialect == Dialect::Surefire {
        let joined = join(report);
        let properties: Properties = properties.iter().flatten().cloned().collect();
        write_suite(&mut xml, &joined, &properties, 0, dialect)?;
    } else {
        let mut root = BytesStart::new("testsuites");
        if dialect == Dialect::Jenkins {
            let suites = report.testsuites();
            attribute(&mut root, "name", "watertight");
            let total = |count: fn(&TestSuite) -> usize| {
                suites.iter().map(count).sum::<usize>().to_string()
            };
            attribute(&mut root, "tests", &total(TestSuite::tests));
            attribute(&mut root, "failures", &total(TestSuite::failures));
            attribute(&mut root, "errors", &total(TestSuite::errors));
        }
        xml.write_event(Event::Start(root))?;
        for (id, suite) in report.testsuites().iter().enumerate() {
            let none = Properties::new();
            write_suite(
                &mut xml,
                suite,
                properties.get(id).unwrap_or(&none),
                id,
                dialect,
            )?;
        }
        xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    }
    let mut bytes = xml.into_inner();
    bytes.write_all(b"\n")?;
    Ok(String::from_utf8(bytes).expect("the writer was given UTF-8 only"))
}

/// Surefire's document is one suite: class names get the suite's name in front.
fn join(report: &Report) -> TestSuite {
    let mut joined = TestSuite::new("watertight");
    for suite in report.testsuites() {
        joined.timestamp = suite.timestamp;
        for case in &suite.testcases {
            let mut case = case.clone();
            let class = case.classname.unwrap_or_default();
            case.classname = Some(format!("{}.{class}", suite.name));
            joined.testcases.push(case);
        }
    }
    joined
}

fn write_suite(
    xml: &mut Writer<Vec<u8>>,
    suite: &TestSuite,
    properties: &Properties,
    id: usize,
    dialect: Dialect,
) -> Result<(), WriteError> {
    let mut start = BytesStart::new("testsuite");
    attribute(&mut start, "name", &suite.name);
    attribute(&mut start, "tests", &suite.tests().to_string());
    attribute(&mut start, "failures", &suite.failures().to_string());
    attribute(&mut start, "errors", &suite.errors().to_string());
    attribute(&mut start, "skipped", &suite.skipped().to_string());
    attribute(&mut start, "time", &seconds(suite.time()));
    attribute(&mut start, "timestamp", &timestamp(suite));
    if dialect != Dialect::Surefire {
        attribute(&mut start, "hostname", "localhost");
        attribute(&mut start, "id", &id.to_string());
        attribute(&mut start, "package", "isolation");
    }
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in properties {
        let mut property = BytesStart::new("property");
        attribute(&mut property, "name", name);
        attribute(&mut property, "value", value);
        xml.write_event(Event::Empty(property))?;
    }
    xml.write_event(Event::End(BytesEnd::new("properties")))?;
    for case in &suite.testcases {
        write_case(xml, case, dialect)?;
    }
    if dialect == Dialect::Ant {
        for output in ["system-out", "system-err"] {
            xml.write_event(Event::Empty(BytesStart::new(output)))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    Ok(())
}

fn write_case(
    xml: &mut Writer<Vec<u8>>,
    case: &TestCase,
    dialect: Dialect,
) -> Result<(), WriteError> {
    let mut start = BytesStart::new("testcase");
    attribute(&mut start, "name", &case.name);
    attribute(
        &mut start,
        "classname",
        case.classname.as_deref().unwrap_or_default(),
    );
    attribute(&mut start, "time", &seconds(case.time));
    let none = String::new();
    let (element, kind, message, cause) = match &case.result {
        TestResult::Success => {
            xml.write_event(Event::Empty(start))?;
            return Ok(());
        }
        TestResult::Failure {
            type_,
            message,
            cause,
        } => ("failure", type_, message, cause),
        TestResult::Error {
            type_,
            message,
            cause,
        } => ("error", type_, message, cause),
        TestResult::SkippedWithCause {
            type_,
            message,
            cause,
        } => ("skipped", type_, message, cause),
        TestResult::Skipped => ("skipped", &none, &none, &None),
    };
    xml.write_event(Event::Start(start))?;
    let mut result = BytesStart::new(element);
    if element != "skipped" || dialect == Dialect::Jenkins {
        attribute(&mut result, "type", kind);
    }
    attribute(&mut result, "message", message);
    match cause {
        None => xml.write_event(Event::Empty(result))?,
        Some(cause) => {
            xml.write_event(Event::Start(result))?;
            xml.write_event(Event::Text(BytesText::new(&xml_characters(cause))))?;
            xml.write_event(Event::End(BytesEnd::new(element)))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))?;
    Ok(())
}

fn attribute(element: &mut BytesStart<'_>, name: &str, value: &str) {
    element.push_attribute((name, xml_characters(value).as_str()));
}

/// Whole milliseconds: Jenkins' schema allows three decimals, and floats print more.
fn seconds(time: Duration) -> String {
    let milliseconds = time.whole_milliseconds().max(0);
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// UTC without zone or fraction: the one form that all three schemas accept.
fn timestamp(suite: &TestSuite) -> String {
    let time = suite.timestamp;
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
