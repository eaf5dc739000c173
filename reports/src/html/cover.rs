//! The first page: the verdict in sentences, five tiles for the reader in a hurry, and what the report does
//! not show.

use record::model::RunVerdict;

use super::markup::Markup;
use crate::overview::{Outcome, Overview};
use crate::terminal::{counted, thousands};
use crate::time;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    let run = &overview.record.run;
    page.raw("<header id=\"cover\" class=\"cover o-")
        .raw(key(run.verdict))
        .raw("\">\n<p class=\"kind\">Tenant isolation report</p>\n<h1>");
    for (position, system) in overview.systems.iter().enumerate() {
        if position > 0 {
            page.raw("<br>");
        }
        page.theirs(&system.run.name);
    }
    page.raw("</h1>\n<p class=\"banner\">");
    page.mark(match run.verdict {
        RunVerdict::Held => Outcome::Held,
        RunVerdict::Inconclusive => Outcome::Inconclusive,
        RunVerdict::Violated => Outcome::Violated,
    });
    page.raw("<strong>").raw(match run.verdict {
        RunVerdict::Held => "Held",
        RunVerdict::Inconclusive => "Inconclusive",
        RunVerdict::Violated => "Violated",
    });
    page.raw("</strong></p>\n<p class=\"sentence\">");
    page.text(&overview.verdict_sentences().join(" "))
        .raw("</p>\n<dl class=\"facts\">\n");
    let facts = [
        ("Began", time::readable(&run.started)),
        (
            "Took",
            run.duration_ms
                .map_or_else(|| "unfinished".to_owned(), time::duration),
        ),
        ("Tool", format!("{} {}", run.tool.name, run.tool.version)),
        ("Seed", run.seed.to_string()),
    ];
    for (name, value) in facts {
        page.raw("<div><dt>")
            .text(name)
            .raw("</dt><dd>")
            .text(&value)
            .raw("</dd></div>\n");
    }
    page.raw("<div class=\"long\"><dt>Run</dt><dd><code>")
        .text(&run.run_id)
        .raw("</code></dd></div>\n");
    page.raw("<div class=\"long\"><dt>Plan, frozen before the first attack</dt><dd><code>")
        .text(&grouped(&run.plan_sha256))
        .raw("</code></dd></div>\n");
    if let Some(leaves) = &run.leaves {
        page.raw("<div class=\"long\"><dt>Root over plan and ")
            .number(leaves.size.saturating_sub(1))
            .raw(" lines of cases</dt><dd><code>");
        page.text(&grouped(&leaves.root))
            .raw("</code></dd></div>\n");
    }
    page.raw("</dl>\n</header>\n");
    tiles(page, overview);
}

fn tiles(page: &mut Markup, overview: &Overview<'_>) {
    let counts = &overview.record.run.counts;
    let known = overview.systems.iter().flat_map(|system| &system.controls);
    let known = known
        .filter(|control| control.outcome == Outcome::Known)
        .count();
    page.raw("<div class=\"tiles\">\n");
    tile(
        page,
        if counts.causes > 0 {
            Outcome::Violated
        } else {
            Outcome::Held
        },
        "failures",
        "Failures",
        &thousands(counts.causes),
        &format!(
            "{} of violations that count",
            if counts.causes == 1 {
                "cause"
            } else {
                "causes"
            }
        ),
    );
    match overview.sensitivity() {
        Some(one) => tile(
            page,
            if one.caught == one.planted {
                Outcome::Held
            } else {
                Outcome::Inconclusive
            },
            "test",
            "Sensitivity",
            &format!("{} of {}", thousands(one.caught), thousands(one.planted)),
            "planted faults found by this version",
        ),
        None => tile(
            page,
            Outcome::NotApplicable,
            "test",
            "Sensitivity",
            "not given",
            "no selftest came with this run",
        ),
    }
    tile(
        page,
        if counts.cells_armed == counts.cells_planned {
            Outcome::Held
        } else {
            Outcome::Inconclusive
        },
        "grid",
        "Coverage",
        &share(counts.cells_armed, counts.cells_planned),
        &format!(
            "{} of {} cells armed",
            thousands(counts.cells_armed),
            thousands(counts.cells_planned)
        ),
    );
    tile(
        page,
        if counts.inconclusive > 0 {
            Outcome::Inconclusive
        } else {
            Outcome::Held
        },
        "doubts",
        "Inconclusive",
        &thousands(counts.inconclusive),
        "promises of which nothing is known",
    );
    tile(
        page,
        if counts.waived > 0 {
            Outcome::Waived
        } else {
            Outcome::NotApplicable
        },
        "doubts",
        "Waivers",
        &thousands(counts.waived),
        &format!(
            "causes lived with for a while; {} known before",
            counted(known as u64, "promise")
        ),
    );
    page.raw("</div>\n");
}

fn tile(
    page: &mut Markup,
    outcome: Outcome,
    anchor: &'static str,
    name: &'static str,
    value: &str,
    words: &str,
) {
    page.raw("<a class=\"tile o-")
        .raw(outcome.key())
        .raw("\" href=\"#")
        .raw(anchor)
        .raw("\"><span class=\"name\">");
    page.mark(outcome)
        .raw(name)
        .raw("</span><span class=\"value\">")
        .text(value);
    page.raw("</span><span class=\"words\">")
        .text(words)
        .raw("</span></a>\n");
}

/// Rounded down, so that nothing is called complete that is not.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "nothing".to_owned();
    }
    let thousandths = u128::from(part) * 1000 / u128::from(whole);
    match thousandths {
        1000 => "100 %".to_owned(),
        other => format!("{}.{} %", other / 10, other % 10),
    }
}

pub(super) fn limits(page: &mut Markup, overview: &Overview<'_>) {
    page.paragraph(
        "It shows what was tried, by whom, how often it counted, and what came of it. An attempt counts only if the \
         rightful owner did the same in the same state and succeeded; everything else says nothing.",
    );
    page.raw("<h3>What it does not show</h3>\n<ul class=\"limits\">\n");
    for limitation in &overview.record.run.limitations {
        page.raw("<li>").text(&limitation.text).raw("</li>\n");
    }
    page.raw("</ul>\n");
}

pub(super) fn key(verdict: RunVerdict) -> &'static str {
    match verdict {
        RunVerdict::Held => "held",
        RunVerdict::Inconclusive => "inconclusive",
        RunVerdict::Violated => "violated",
    }
}

/// Hashes in groups of eight digits, so that people can compare them.
pub(super) fn grouped(digits: &str) -> String {
    let characters: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = characters
        .chunks(8)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}
