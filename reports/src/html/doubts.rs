//! What was not shown, and what does not count: never hidden, each with its reason.

use std::collections::BTreeMap;

use domain::event::CellVerdict;
use domain::verdict::Verdict;

use super::markup::{Column, Markup};
use crate::hostile::shortened;
use crate::overview::{Outcome, Overview, SystemOverview};

/// Cells of one reason that are named.
const NAMED_MAX: usize = 12;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    waivers(page, overview);
    for system in &overview.systems {
        page.raw("<h3>").theirs(&system.run.name).raw("</h3>\n");
        if let Some(reason) = &system.run.incomplete_reason {
            page.raw("<p class=\"standing\">The plan was not finished: ")
                .theirs(reason)
                .raw("</p>\n");
        }
        controls(page, system);
        cells(page, system);
        if !system.run.notes.is_empty() {
            page.raw("<details><summary>Notes of the campaign</summary>\n<ul>\n");
            for note in &system.run.notes {
                page.raw("<li>").theirs(note).raw("</li>\n");
            }
            page.raw("</ul></details>\n");
        }
    }
}

fn waivers(page: &mut Markup, overview: &Overview<'_>) {
    let waivers = &overview.record.waivers.waivers;
    if waivers.is_empty() {
        page.paragraph("No waiver was declared.");
        return;
    }
    page.table(
        "Waivers: what somebody decided to live with for a while",
        &[
            ("Waiver", Column::Words),
            ("Cause", Column::Words),
            ("Owner", Column::Words),
            ("Reason", Column::Words),
            ("Expires", Column::Words),
            ("Applied", Column::Words),
        ],
    );
    for one in waivers {
        let waiver = &one.waiver;
        page.raw("<tr><th scope=\"row\">")
            .theirs(&waiver.id)
            .raw("</th><td>")
            .code(&waiver.cause);
        page.raw("</td><td>")
            .theirs(&waiver.owner)
            .raw("</td><td>")
            .theirs(&waiver.reason);
        page.raw("</td><td>").text(&waiver.expires).raw("</td><td>");
        page.raw(if one.applied {
            "yes"
        } else {
            "no: expired, or no cause stands under it"
        })
        .raw("</td></tr>\n");
    }
    page.end_table();
}

fn controls(page: &mut Markup, system: &SystemOverview<'_>) {
    let silent: Vec<_> = system
        .controls
        .iter()
        .filter(|control| {
            matches!(
                control.outcome,
                Outcome::Inconclusive | Outcome::NotApplicable | Outcome::Attested
            )
        })
        .collect();
    if silent.is_empty() {
        page.paragraph("Every promise under test was attacked often enough to say something.");
        return;
    }
    page.table(
        "Promises of which this run says nothing, or nothing by itself",
        &[
            ("Promise", Column::Words),
            ("Verdict", Column::Words),
            ("Why", Column::Words),
        ],
    );
    for control in silent {
        let (promise, _) = system.promise(&control.result.control);
        page.raw("<tr><th scope=\"row\"><span class=\"chip\">")
            .text(&control.result.control.0)
            .raw("</span> ")
            .text(promise);
        page.raw("</th><td>")
            .verdict(control.outcome)
            .raw("</td><td>");
        match &control.result.verdict {
            Verdict::Inconclusive { reasons } => {
                page.raw("<ul>");
                for reason in reasons {
                    page.raw("<li>").theirs(reason).raw("</li>");
                }
                page.raw("</ul>");
            }
            Verdict::Attested => {
                page.raw("attested, not tested: it cannot be tested by running software");
            }
            _ => {
                page.raw("the declared system has no such thing");
            }
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
}

fn cells(page: &mut Markup, system: &SystemOverview<'_>) {
    let mut reasons: BTreeMap<(Outcome, String), Vec<&str>> = BTreeMap::new();
    for one in &system.cells {
        let reason = match &one.cell.result {
            CellVerdict::Inconclusive { text, .. } => {
                text.lines().next().unwrap_or("no reason was recorded")
            }
            CellVerdict::NotApplicable { reason } => reason,
            CellVerdict::Held | CellVerdict::Violated { .. } => continue,
        };
        reasons
            .entry((one.outcome, reason.to_owned()))
            .or_default()
            .push(&one.cell.name);
    }
    if reasons.is_empty() {
        page.paragraph("No planned cell was left without an armed attempt.");
        return;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.len()));
    page.table(
        "Cells that say nothing, by reason",
        &[
            ("Why", Column::Words),
            ("Outcome", Column::Words),
            ("Cells", Column::Number),
            ("Which", Column::Words),
        ],
    );
    for ((outcome, reason), cells) in reasons {
        page.raw("<tr><th scope=\"row\">")
            .theirs(&shortened(&reason, 300))
            .raw("</th><td>")
            .verdict(outcome);
        page.raw("</td><td class=\"n\">")
            .number(cells.len() as u64)
            .raw("</td><td>");
        for (position, cell) in cells.iter().take(NAMED_MAX).enumerate() {
            page.raw(if position > 0 { "; " } else { "" }).theirs(cell);
        }
        if cells.len() > NAMED_MAX {
            page.raw("; …");
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
}
