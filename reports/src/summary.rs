//! What does a forge show under a run? A page of Markdown that fits into its limit of one mebibyte,
//! whatever was found.

use std::fmt::Write as _;

use record::Record;

use crate::hostile::markdown::{block, code, inline};
use crate::hostile::shortened;
use crate::overview::{Outcome, Overview, SystemOverview, standing_sentence};
use crate::sarif::severity_word;
use crate::terminal::thousands;
use crate::time;

/// Causes that are told with their words; the rest is counted. With [`TEXT_MAX`] this bounds the page.
const CAUSES_MAX: usize = 40;

/// Longer texts are cut.
const TEXT_MAX: usize = 2000;

/// Renders the page.
pub fn render(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let mut page = String::new();
    let run = &record.run;
    let _ = writeln!(page, "# Tenant isolation: {}\n", run.verdict.word());
    let sentences: Vec<String> = overview
        .verdict_sentences()
        .iter()
        .map(|one| inline(one))
        .collect();
    let _ = writeln!(page, "{}\n", sentences.join(" "));
    let _ = writeln!(page, "| | |\n|---|---|");
    for (name, value) in [
        ("run", code(&run.run_id)),
        ("began", code(&time::readable(&run.started))),
        ("seed", code(&run.seed.to_string())),
        ("plan (SHA-256)", code(&run.plan_sha256)),
        (
            "tool",
            code(&format!("{} {}", run.tool.name, run.tool.version)),
        ),
    ] {
        let _ = writeln!(page, "| {name} | {value} |");
    }
    for system in &overview.systems {
        let _ = writeln!(page, "\n## {}\n", inline(&system.run.name));
        let _ = writeln!(page, "{}\n", inline(&(system.effort_sentence() + ".")));
        controls(&mut page, system);
        causes(&mut page, system);
    }
    let _ = writeln!(page, "\n## What this does not show\n");
    for limitation in &run.limitations {
        let _ = writeln!(page, "- {}", inline(&limitation.text));
    }
    page.into_bytes()
}

fn controls(page: &mut String, system: &SystemOverview<'_>) {
    let _ = writeln!(
        page,
        "| promise | verdict | armed | crossed | cells |\n|---|---|---:|---:|---:|"
    );
    for control in &system.controls {
        let tally = &control.result.tally;
        let (promise, _) = system.promise(&control.result.control);
        let _ = writeln!(
            page,
            "| {} {} | {} | {} | {} | {} of {} |",
            inline(&control.result.control.0),
            inline(&shortened(promise, 120)),
            match control.outcome {
                Outcome::Violated => "**violated**",
                other => other.word(),
            },
            thousands(tally.armed),
            thousands(tally.crossed),
            thousands(tally.cells_covered),
            thousands(tally.cells_planned),
        );
    }
}

fn causes(page: &mut String, system: &SystemOverview<'_>) {
    for cause in system.causes.iter().take(CAUSES_MAX) {
        let finding = &cause.finding;
        let controls: Vec<&str> = cause.controls.iter().map(|id| id.0.as_str()).collect();
        let _ = writeln!(
            page,
            "\n### {} {}: {}\n",
            inline(severity_word(finding.severity)),
            inline(&controls.join(" ")),
            inline(&shortened(&finding.sentence, TEXT_MAX))
        );
        if let Some(standing) = standing_sentence(&cause.standing) {
            let _ = writeln!(page, "{}\n", inline(&shortened(&standing, TEXT_MAX)));
        }
        for line in cause.contradiction.iter().take(12) {
            let _ = writeln!(page, "- {}", inline(&shortened(line, TEXT_MAX)));
        }
        let _ = writeln!(
            page,
            "\n{}",
            block(&shortened(&finding.batch, TEXT_MAX), "")
        );
        if let Some(shrunk) = &cause.shrunk {
            let _ = writeln!(
                page,
                "Repeat it: {}",
                code(&format!("watertight replay {}", shrunk.case_file))
            );
        }
    }
    let more = system.causes.len().saturating_sub(CAUSES_MAX);
    if more > 0 {
        let _ = writeln!(page, "\nAnd {more} more; see the report.");
    }
}
