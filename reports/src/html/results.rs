//! Every promise under test with its verdict and the numbers behind it, system by system.

use domain::verdict::Verdict;

use super::failures::anchor;
use super::markup::{Column, Markup};
use crate::overview::{ControlOverview, Overview, SystemOverview};

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    page.paragraph(
        "Held means: attacked as planned, and nothing crossed. Attested means: nothing was run, evidence is attached. \
         Neither means secure.",
    );
    for system in &overview.systems {
        table(page, system);
    }
}

fn table(page: &mut Markup, system: &SystemOverview<'_>) {
    page.table(
        &format!("{}: {}", system.run.name, system.effort_sentence()),
        &[
            ("Promise", Column::Words),
            ("Verdict", Column::Words),
            ("Armed", Column::Number),
            ("Denied", Column::Number),
            ("Crossed", Column::Number),
            ("Cells covered", Column::Number),
        ],
    );
    for control in &system.controls {
        row(page, system, control);
    }
    page.end_table();
}

fn row(page: &mut Markup, system: &SystemOverview<'_>, control: &ControlOverview<'_>) {
    let id = &control.result.control;
    let tally = &control.result.tally;
    let (promise, attack) = system.promise(id);
    page.raw("<tr><th scope=\"row\"><span class=\"chip\">")
        .text(&id.0)
        .raw("</span> ")
        .text(promise);
    if !attack.is_empty() {
        page.raw("<span class=\"how\">").text(attack).raw("</span>");
    }
    page.raw("</th><td>").verdict(control.outcome);
    if let Verdict::Inconclusive { reasons } = &control.result.verdict {
        for reason in reasons.iter().take(3) {
            page.raw("<span class=\"how\">")
                .theirs(reason)
                .raw("</span>");
        }
    }
    for cause in &control.causes {
        page.raw("<span class=\"how\">")
            .place(&anchor(system, cause), &cause.id)
            .raw("</span>");
    }
    page.raw("</td><td class=\"n\">").number(tally.armed);
    page.raw("</td><td class=\"n\">").number(tally.denied);
    page.raw("</td><td class=\"n\">").number(tally.crossed);
    page.raw("</td><td class=\"n\">")
        .number(tally.cells_covered)
        .raw(" of ")
        .number(tally.cells_planned);
    bar(page, tally.cells_covered, tally.cells_planned);
    page.raw("</td></tr>\n");
}

/// How much of a whole, as a bar.
fn bar(page: &mut Markup, part: u64, whole: u64) {
    if whole == 0 {
        return;
    }
    let width = usize::try_from(u128::from(part) * 100 / u128::from(whole))
        .unwrap_or(0)
        .min(100);
    page.raw("<svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" width=\"100\" height=\"6\" aria-hidden=\"true\"><rect class=\"bar-all\" width=\"100\" height=\"6\" fill=\"#d0d5dd\"/><rect class=\"bar-part\" width=\"");
    page.size(width)
        .raw("\" height=\"6\" fill=\"#0f766e\"/></svg>");
}
