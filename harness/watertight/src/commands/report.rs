//! `watertight report`: derive a view again from a run's record.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use record::Record;
use record::bundle::load;
use reports::Dialect;

use crate::args::JunitDialect;
use crate::exit_code::{Exit, Failure};

/// `watertight report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight report watertight.out -o report.html
  watertight report watertight.out --format sarif -o results.sarif
  watertight report watertight.out --format junit --junit-dialect surefire -o TEST-isolation.xml
  watertight report watertight.out --format markdown
  watertight report --log runs/ -o runs.html          every sealed run, and what changed from run to run

A view is made of the record alone, so the same record gives the same bytes.")]
pub(crate) struct ReportArguments {
    /// The folder of a finished run.
    #[arg(value_name = "BUNDLE", required_unless_present = "log")]
    bundle: Option<PathBuf>,
    /// Tell the runs of the log in this folder, as `watertight seal --log` keeps it, instead of one run: as html or
    /// as csv.
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    log: Option<PathBuf>,
    /// Which view.
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Which reader a JUnit report is for.
    #[arg(long, value_enum, default_value_t = JunitDialect::Jenkins)]
    junit_dialect: JunitDialect,
    /// Write it here instead of to standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The page for people.
    Html,
    /// Test cases for a build server.
    Junit,
    /// Failures for code scanning, SARIF 2.1.0.
    Sarif,
    /// The assessment plan, OSCAL 1.2.1.
    OscalPlan,
    /// The assessment results, OSCAL 1.2.1.
    OscalResults,
    /// Every cell as a row, to draw a sample from.
    Csv,
    /// One page for a forge.
    Markdown,
    /// Suggested answers for questionnaires.
    Answers,
    /// What the run means for the requirements of frameworks, as JSON.
    Controls,
}

/// Renders the view that was asked for.
pub(crate) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    let bytes = match (&arguments.log, &arguments.bundle) {
        (Some(log), _) => runs(log, arguments.format)?,
        (None, Some(bundle)) => {
            let record = read(bundle)?;
            render(&record, arguments.format, arguments.junit_dialect.into())?
        }
        (None, None) => {
            let error = anyhow::anyhow!("name the folder of a run, or a log of runs with --log");
            return Err(Failure::usage(error));
        }
    };
    match &arguments.output {
        Some(path) => std::fs::write(path, &bytes)
            .with_context(|| format!("could not write {}", path.display()))
            .map_err(Failure::evidence)?,
        None => print(&bytes)?,
    }
    Ok(Exit::Held)
}

fn read(bundle: &Path) -> Result<Record, Failure> {
    let files = load(bundle).map_err(Failure::usage)?;
    Record::read(&files)
        .with_context(|| {
            format!(
                "{} is no whole record; complete it with `watertight run --resume --out {}`",
                bundle.display(),
                bundle.display()
            )
        })
        .map_err(Failure::usage)
}

/// The runs of a log. Whether it is the log that was signed is `verify`'s part, with a bundle that carries it.
fn runs(log: &Path, format: Format) -> Result<Vec<u8>, Failure> {
    let path = log.join("run-log.jsonl");
    let lines = std::fs::read(&path)
        .with_context(|| {
            format!(
                "could not read {}; `watertight seal --log` keeps a log",
                path.display()
            )
        })
        .map_err(Failure::usage)?;
    let runs = seal::run_log::runs(&lines)
        .with_context(|| path.display().to_string())
        .map_err(Failure::usage)?;
    match format {
        Format::Html => Ok(reports::runs::page(&runs)),
        Format::Csv => Ok(reports::runs::table(&runs)),
        _ => Err(Failure::usage(anyhow::anyhow!(
            "a log of runs is told as html or as csv"
        ))),
    }
}

fn render(record: &Record, format: Format, dialect: Dialect) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        Format::Html => reports::html::render(record),
        Format::Junit => reports::junit::render(record, dialect)
            .context("could not render the JUnit report")
            .map_err(Failure::evidence)?
            .into_bytes(),
        Format::Sarif => reports::sarif::render(record),
        Format::OscalPlan => reports::oscal::plan(record),
        Format::OscalResults => reports::oscal::results(record),
        Format::Csv => reports::population::render(record),
        Format::Markdown => reports::summary::render(record),
        Format::Answers => reports::questionnaire::answers(record),
        Format::Controls => reports::questionnaire::controls(record),
    })
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write as _;
    std::io::stdout()
        .write_all(bytes)
        .context("could not write to standard output")
        .map_err(Failure::evidence)
}
