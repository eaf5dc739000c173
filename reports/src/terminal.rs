//! What does the person who is waiting read? A progress line, and at the end causes ([`crate::cards`])
//! and a table. Words before numbers, numbers before colours; nothing here says "secure".

use std::fmt::Write as _;

use domain::case::Phase;
use domain::cause::{Cause, Standing};
use domain::event::{CellResult, Event, Summary};
use domain::history::{Change, Changed};
use domain::inspection::INSPECTOR;
use domain::surface::Cell;
use domain::verdict::{Tally, Verdict};

use crate::cards::{self, Page};
use crate::hostile::{console_line, shortened};

/// Whether escape codes for colour may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// A terminal that shows it.
    Yes,
    /// A file, a pipe, a build log, or the user's wish.
    No,
}

impl Colour {
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Yes => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::No => text.to_owned(),
        }
    }
}

/// One event as one or more lines, or nothing when it is not worth a line of its own.
pub fn event_lines(event: &Event, colour: Colour) -> Option<String> {
    match event {
        Event::Connected { version } => Some(format!("Target   {}", console_line(version))),
        Event::Provisioned {
            tenants,
            tables,
            rows,
        } => Some(format!(
            "World    {tenants} tenants, {tables} tables, {rows} rows"
        )),
        Event::System { name, plane } => Some(format!(
            "{}   {}, {}",
            colour.paint("1", "System"),
            console_line(name),
            console_line(plane)
        )),
        Event::Contract {
            title,
            operations,
            address,
        } => Some(format!(
            "Service  {} at {}: {}",
            console_line(title),
            console_line(address),
            counted(*operations as u64, "operation")
        )),
        Event::Patched { files } => Some(format!("Patched  {}", console_line(&files.join(", ")))),
        Event::Warning { text } => Some(format!(
            "{}  {}",
            colour.paint("33", "Warning"),
            console_line(text)
        )),
        Event::Found(finding) => Some(format!(
            "{}    {}",
            colour.paint("31;1", "Found"),
            console_line(&finding.sentence)
        )),
        Event::PhaseStarted { phase, cases } => Some(match cases {
            Some(cases) => format!("Phase    {}: {cases} cases", phase.name()),
            None => format!("Phase    {}: until the budget ends", phase.name()),
        }),
        Event::Shrinking {
            cause,
            number,
            of,
            evaluations,
            steps,
            is_done: true,
        } => Some(format!(
            "Shrunk   {} to {} in {} ({number} of {of})",
            console_line(cause),
            counted(*steps as u64, "step"),
            counted(*evaluations, "case")
        )),
        Event::Shrinking { is_done: false, .. } | Event::Progress { .. } | Event::Finished(_) => {
            None
        }
    }
}

/// The text of the progress line while a cause is being cut down.
pub fn shrinking(
    cause: &str,
    (number, of): (usize, usize),
    evaluations: u64,
    steps: usize,
) -> String {
    format!(
        "shrinking {} ({number} of {of}): {} after {}",
        console_line(cause),
        counted(steps as u64, "step"),
        counted(evaluations, "case")
    )
}

/// The text of the progress line: what is being tried, and what came of it so far.
pub fn progress(
    phase: Phase,
    cases: u64,
    judged: u64,
    armed: u64,
    findings: usize,
    title: &str,
) -> String {
    format!(
        "{} {cases} · {} judged, {} armed · {} · {}",
        phase.name(),
        thousands(judged),
        thousands(armed),
        counted(findings as u64, "finding"),
        shortened(&console_line(title), 60)
    )
}

/// The closing report of one campaign: causes, the table, and one sentence. `replay` gives the command
/// that plays a cause's case again.
pub fn closing(summary: &Summary, page: Page, replay: &dyn Fn(&Cause) -> String) -> String {
    let mut text = cards::causes(&summary.causes, page, replay);
    text.push_str(&table(summary, page.colour));
    text.push('\n');
    for note in &summary.notes {
        for line in noted(note, page.width) {
            let _ = writeln!(text, "{line}");
        }
    }
    text.push_str(&sentence(summary));
    text.push('\n');
    text
}

/// Lines that a note may take; of a longer one, what stands before its list is told.
const NOTE_MAX: usize = 3;

fn noted(note: &str, width: usize) -> Vec<String> {
    let note = console_line(note);
    let lines = cards::wrapped(&note, width);
    match note.split_once(": ") {
        Some((head, _)) if lines.len() > NOTE_MAX => cards::wrapped(
            &format!("{head}: see report.html, “Not shown, not counted”"),
            width,
        ),
        _ => lines,
    }
}

/// The verdict table: one row for each control.
fn table(summary: &Summary, colour: Colour) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<4} {:<14} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8}  {:>13}",
        "",
        "verdict",
        "attempts",
        "armed",
        "denied",
        "failed",
        "unknown",
        "crossed",
        "cells covered"
    );
    for result in &summary.controls {
        let tally = result.tally;
        let excuse = summary.excuse(&result.control);
        let word = format!("{:<14}", summary.word(result));
        let word = match result.verdict {
            Verdict::Violated if excuse.is_some() => colour.paint("33", &word),
            Verdict::Held => colour.paint("32", &word),
            Verdict::Violated => colour.paint("31;1", &word),
            Verdict::Inconclusive { .. } => colour.paint("33", &word),
            Verdict::Attested | Verdict::NotApplicable => word,
        };
        let _ = writeln!(
            text,
            "{:<4} {word} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8}  {:>13}",
            result.control.0,
            thousands(tally.attempts),
            thousands(tally.armed),
            thousands(tally.denied),
            thousands(tally.failed),
            thousands(tally.unknown),
            thousands(tally.crossed),
            if tally.cells_planned == 0 {
                "–".to_owned()
            } else {
                format!(
                    "{} of {}",
                    thousands(tally.cells_covered),
                    thousands(tally.cells_planned)
                )
            },
        );
        for waiver in excuse.iter().flat_map(|excuse| &excuse.waivers) {
            let line = format!(
                "{} by {} until {}: {}",
                waiver.id, waiver.owner, waiver.expires, waiver.reason
            );
            let line = shortened(&console_line(&line), 200);
            let _ = writeln!(text, "     violated, and waived as {line}");
        }
        if excuse.is_some_and(|excuse| excuse.known > 0) {
            text.push_str("     violated, and known from the baseline\n");
        }
        if let Verdict::Inconclusive { reasons } = &result.verdict {
            for reason in reasons.iter().take(5) {
                let _ = writeln!(
                    text,
                    "     because {}",
                    shortened(&console_line(reason), 200)
                );
            }
            if reasons.len() > 5 {
                let _ = writeln!(text, "     and {} more reasons", reasons.len() - 5);
            }
        }
    }
    text
}

/// The verdict as a sentence.
fn sentence(summary: &Summary) -> String {
    let armed_where = |inspected: bool| -> u64 {
        let of_kind = |cell: &&CellResult| cell.class.starts_with(INSPECTOR) == inspected;
        let cells = summary.cells.iter().filter(of_kind);
        cells.map(|cell| cell.armed).sum()
    };
    let looks = match armed_where(true) {
        0 => String::new(),
        looks => format!(", nothing is amiss in {}", counted(looks, "look")),
    };
    let scope = format!(
        "{} on {}: {} judged in {}, seed {}, {}",
        console_line(&summary.system),
        console_line(&summary.target),
        judged(summary),
        counted(summary.cases, "case"),
        summary.seed,
        counted(summary.tenants as u64, "tenant"),
    );
    let end = if summary.causes.is_empty() {
        format!(
            "Nothing crossed in {} armed attempts on the matrix{looks}.",
            thousands(armed_where(false))
        )
    } else {
        found(&summary.causes)
    };
    let unfinished = summary
        .incomplete_reason
        .as_ref()
        .map_or_else(String::new, |reason| {
            format!(" The plan was not finished: {}.", console_line(reason))
        });
    format!("{scope}. {end}{unfinished}")
}

/// `3 statements`, `5 requests`, or both.
fn judged(summary: &Summary) -> String {
    let statements = counted(summary.judged, "statement");
    let requests = counted(summary.requests, "request");
    match (summary.judged, summary.requests) {
        (_, 0) => statements,
        (0, _) => requests,
        _ => format!("{statements} and {requests}"),
    }
}

/// How many causes, behind how many violations, and how many of them fail the run.
fn found(causes: &[Cause]) -> String {
    let violations: usize = causes.iter().map(|one| 1 + one.blast_radius.len()).sum();
    let of = |is: fn(&Standing) -> bool| causes.iter().filter(|one| is(&one.standing)).count();
    let waived = of(|standing| matches!(standing, Standing::Waived(_)));
    let known = of(|standing| *standing == Standing::Known);
    let mut text = format!(
        "{} found behind {}",
        counted(causes.len() as u64, "cause"),
        counted(violations as u64, "violation")
    );
    if waived + known > 0 {
        let new = causes.len() - waived - known;
        let _ = write!(text, ": {new} new, {known} known, {waived} waived");
    }
    text.push('.');
    text
}

pub(crate) fn change_lines(change: &Change) -> Vec<String> {
    let database = console_line(&change.database);
    let mut lines = Vec::new();
    match &change.what {
        Changed::Rows {
            table,
            added,
            removed,
        } => {
            for (word, rows) in [("lost", removed), ("gained", added)] {
                for row in rows.iter().take(2) {
                    lines.push(format!(
                        "{database}.{} {word} {}",
                        console_line(table),
                        shortened(&console_line(&row_text(row)), 160)
                    ));
                }
                if rows.len() > 2 {
                    lines.push(format!(
                        "{database}.{} {word} {} rows in all",
                        console_line(table),
                        rows.len()
                    ));
                }
            }
        }
        Changed::Catalog { added, removed } => {
            for (word, facts) in [("lost", removed), ("gained", added)] {
                for fact in facts.iter().take(3) {
                    lines.push(format!(
                        "{database} {word} {}",
                        shortened(&console_line(fact), 160)
                    ));
                }
            }
        }
        Changed::Unreadable { table, error } => lines.push(format!(
            "{database}.{} cannot be read: {}",
            console_line(table),
            shortened(&console_line(error), 160)
        )),
    }
    lines
}

fn row_text(row: &[Cell]) -> String {
    let cells: Vec<String> = row.iter().map(cell_text).collect();
    format!("({})", cells.join(", "))
}

/// One value as people read it.
pub fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Bit(value) => u8::from(*value).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Decimal(text) | Cell::Float(text) | Cell::Guid(text) | Cell::Temporal(text) => {
            text.clone()
        }
        Cell::Text(text) => format!("'{text}'"),
        Cell::Binary(bytes) => {
            let digits: String = bytes
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02X}"))
                .collect();
            format!("0x{digits}{}", if bytes.len() > 16 { "…" } else { "" })
        }
    }
}

/// The numbers behind a verdict, in words.
pub fn tally_sentence(tally: &Tally) -> String {
    format!(
        "{} attempts, {} armed, {} denied, {} without effect, {} failed for another reason, {} unknown, {} crossed; {} of {} cells covered",
        thousands(tally.attempts),
        thousands(tally.armed),
        thousands(tally.denied),
        thousands(tally.harmless),
        thousands(tally.failed),
        thousands(tally.unknown),
        thousands(tally.crossed),
        thousands(tally.cells_covered),
        thousands(tally.cells_planned),
    )
}

/// `1 case`, `2 cases`.
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", thousands(count))
    }
}

/// `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{counted, noted, thousands};

    #[test]
    fn a_list_that_takes_many_lines_is_told_in_one() {
        let short = "3 scenarios are not applicable: no cursors (a, b, c)";
        assert_eq!(noted(short, 120), [short]);
        let long = format!(
            "99 scenarios are not applicable: {}",
            "no cursors (a, b); ".repeat(40)
        );
        assert_eq!(
            noted(&long, 120),
            ["99 scenarios are not applicable: see report.html, “Not shown, not counted”"]
        );
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(counted(1, "case"), "1 case");
        assert_eq!(counted(2000, "case"), "2,000 cases");
    }
}
