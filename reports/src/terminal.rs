//! What does the person who is waiting read? A progress line, a card for each finding, and the
//! closing table. Words before numbers, numbers before colours; nothing here says "secure".

use std::fmt::Write as _;

use domain::case::{Actor, Phase};
use domain::event::{CellResult, Event, Summary};
use domain::finding::{Confidence, Finding, Severity};
use domain::history::{Change, Changed};
use domain::inspection::INSPECTOR;
use domain::surface::Cell;
use domain::verdict::{Tally, Verdict};

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
    fn paint(self, code: &str, text: &str) -> String {
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
        Event::Progress { .. } | Event::Finished(_) => None,
    }
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

/// The closing report of one campaign: findings, the table, and one sentence.
pub fn closing(summary: &Summary, colour: Colour) -> String {
    let mut text = String::new();
    for finding in &summary.findings {
        text.push_str(&card(finding, colour));
        text.push('\n');
    }
    text.push_str(&table(summary, colour));
    text.push('\n');
    for note in &summary.notes {
        let _ = writeln!(text, "{}", console_line(note));
    }
    text.push_str(&sentence(summary));
    text.push('\n');
    text
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
        let word = format!("{:<14}", result.verdict.word());
        let word = match result.verdict {
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
    let end = if summary.findings.is_empty() {
        format!(
            "Nothing crossed in {} armed attempts on the matrix{looks}.",
            thousands(armed_where(false))
        )
    } else {
        format!(
            "{} found.",
            counted(summary.findings.len() as u64, "violation")
        )
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

/// One finding: the contradiction, the statement, the evidence.
pub fn card(finding: &Finding, colour: Colour) -> String {
    let mut text = String::new();
    let severity = match finding.severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    };
    let confidence = match finding.confidence {
        Confidence::Seen => "seen once, not confirmed".to_owned(),
        Confidence::Confirmed { k, n } => format!("confirmed {k} of {n} from a clean state"),
        Confidence::Unstable { n } => format!("did not show again in {n} tries"),
    };
    let controls: Vec<&str> = finding
        .controls
        .iter()
        .map(|control| control.0.as_str())
        .collect();
    let _ = writeln!(
        text,
        "{} {}",
        colour.paint("31;1", &format!("{} violated", controls.join(" "))),
        console_line(&finding.sentence)
    );
    let _ = writeln!(text, "  severity    {severity}; {confidence}");
    for (index, line) in finding.batch.lines().enumerate().take(12) {
        let head = match (index, &finding.actor) {
            (0, Actor::Caller(_)) => "request",
            (0, _) => "statement",
            _ => "",
        };
        let _ = writeln!(text, "  {head:<11} {}", shortened(&console_line(line), 300));
    }
    for sighting in finding.sightings.iter().take(3) {
        let _ = writeln!(
            text,
            "  surfaced    {:?} in {} ({:?}, {:?})",
            shortened(&console_line(&sighting.value), 80),
            console_line(&sighting.place),
            sighting.kind,
            sighting.encoding
        );
    }
    for line in finding.changes.iter().flat_map(change_lines).take(6) {
        let _ = writeln!(text, "  changed     {line}");
    }
    let _ = writeln!(
        text,
        "  seen        {} in the run, first in case {} step {}",
        counted(finding.occurrences, "time"),
        finding.case,
        finding.step + 1
    );
    let _ = writeln!(
        text,
        "  fingerprint {}",
        console_line(&finding.fingerprint.to_string())
    );
    text
}

fn change_lines(change: &Change) -> Vec<String> {
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
                        "{database}.{table} {word} {} rows in all",
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
    use super::{counted, thousands};

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
