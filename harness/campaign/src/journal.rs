//! What survives a kill: one line of JSON for each case, written as soon as the case is judged. What
//! the lines hold stands in [`domain::journal`].

use std::io::Write;

use domain::cause::AnyHistory;
use domain::finding::Finding;
pub use domain::journal::{
    CaseLine, FailedAttempt, Header, InspectionLine, Line, PlannedLine, SCHEMA,
};

/// Keeps some cases whole. Which, is not the campaign's business.
pub trait Traces {
    /// Keeps a case, or not; the history is only made when it is kept.
    ///
    /// # Errors
    /// When it should have been kept and could not be written.
    fn keep(
        &mut self,
        line: &CaseLine,
        history: &mut dyn FnMut() -> AnyHistory,
    ) -> std::io::Result<()>;
}

/// Appends lines. Every line is flushed, so that a kill loses at most the line being written.
pub struct Journal<'a> {
    out: Option<&'a mut dyn Write>,
    traces: Option<&'a mut dyn Traces>,
    failed: Option<String>,
}

impl std::fmt::Debug for Journal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<'a> Journal<'a> {
    /// A journal that begins with `header`.
    pub fn begin(out: &'a mut dyn Write, header: &Header) -> Self {
        let mut journal = Self::append(out);
        journal.write(&Line::Header(header.clone()));
        journal
    }

    /// A journal that goes on after the lines that are there already.
    pub fn append(out: &'a mut dyn Write) -> Self {
        Self {
            out: Some(out),
            traces: None,
            failed: None,
        }
    }

    /// The same, which also keeps some cases whole.
    #[must_use]
    pub fn keeping(mut self, traces: &'a mut dyn Traces) -> Self {
        self.traces = Some(traces);
        self
    }

    /// No journal.
    pub fn none() -> Self {
        Self {
            out: None,
            traces: None,
            failed: None,
        }
    }

    /// Writes a case's line, and first the whole case, where it is to be kept: what has a line needs no second run.
    pub(crate) fn write_case(&mut self, line: CaseLine, history: &mut dyn FnMut() -> AnyHistory) {
        if self.out.is_some()
            && let Some(traces) = self.traces.as_mut()
            && let Err(error) = traces.keep(&line, history)
        {
            self.failed = Some(error.to_string());
            self.out = None;
        }
        self.write(&Line::Case(line));
    }

    /// Writes one line. A failure is kept and ends the writing, never the campaign.
    pub fn write(&mut self, line: &Line) {
        let Some(out) = self.out.as_mut() else { return };
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::from)
            .and_then(|text| writeln!(out, "{text}").and_then(|()| out.flush()));
        if let Err(error) = written {
            self.failed = Some(error.to_string());
            self.out = None;
        }
    }

    /// Why writing ended, if it did.
    pub fn failure(&self) -> Option<&str> {
        self.failed.as_deref()
    }
}

/// What an interrupted run left behind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resumed {
    /// The cases it ran, in order.
    pub cases: Vec<CaseLine>,
    /// The inspections it made, in order.
    pub inspections: Vec<InspectionLine>,
    /// What it found, in order.
    pub findings: Vec<Finding>,
    /// The cells that it was going to reach; `None` when it was killed before it could say.
    pub planned: Option<Vec<String>>,
    /// How many bytes of the journal are whole lines; the rest is to be cut off before appending.
    pub whole_bytes: u64,
}

/// Why a journal cannot be resumed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// There is no whole header line.
    #[error("the journal has no header")]
    NoHeader,
    /// It belongs to another run.
    #[error("the journal belongs to another run: {0} differs")]
    OtherRun(&'static str),
    /// A line before the last cannot be read.
    #[error("line {line} of the journal cannot be read: {reason}")]
    Damaged {
        /// Its number, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
}

/// Reads a journal that was written under `header`. A last line that was torn by the kill is left
/// out.
///
/// # Errors
/// When it belongs to another run, or a line before the last is damaged.
pub fn read(text: &str, header: &Header) -> Result<Resumed, ResumeError> {
    let mut resumed = Resumed::default();
    let mut seen_header = false;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    // A finding's line precedes the line of its case: without the latter the case is run again.
    let mut pending = Vec::new();
    let mut position = 0_usize;
    for (index, line) in text[..whole].lines().enumerate() {
        position += line.len() + 1;
        let damaged = |reason: String| ResumeError::Damaged {
            line: index + 1,
            reason,
        };
        match serde_json::from_str(line).map_err(|error| damaged(error.to_string()))? {
            Line::Header(own) if index == 0 => {
                same_run(&own, header)?;
                seen_header = true;
                resumed.whole_bytes = position as u64;
            }
            Line::Header(_) => return Err(damaged("a second header".into())),
            Line::Planned(_) if resumed.planned.is_some() => {
                return Err(damaged("a second list of planned cells".into()));
            }
            Line::Planned(planned) => {
                resumed.planned = Some(planned.cells);
                resumed.whole_bytes = position as u64;
            }
            Line::Case(case) => {
                resumed.cases.push(case);
                resumed.findings.append(&mut pending);
                resumed.whole_bytes = position as u64;
            }
            Line::Inspection(inspection) => {
                resumed.inspections.push(inspection);
                resumed.findings.append(&mut pending);
                resumed.whole_bytes = position as u64;
            }
            Line::Finding(finding) => pending.push(*finding),
        }
    }
    if seen_header {
        Ok(resumed)
    } else {
        Err(ResumeError::NoHeader)
    }
}

fn same_run(own: &Header, expected: &Header) -> Result<(), ResumeError> {
    for (same, what) in [
        (own.schema == expected.schema, "the journal's schema"),
        (own.tool == expected.tool, "the tool's version"),
        (own.seed == expected.seed, "the seed"),
        (
            own.configuration == expected.configuration,
            "the configuration",
        ),
        (own.tenants == expected.tenants, "the list of tenants"),
    ] {
        if !same {
            return Err(ResumeError::OtherRun(what));
        }
    }
    Ok(())
}
