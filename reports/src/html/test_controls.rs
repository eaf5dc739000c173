//! Did the test itself work? Rightful owners got in, others were refused, and planted faults were found.

use super::markup::{Column, Markup};
use crate::overview::Overview;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    let controls = &overview.record.controls;
    page.table(
        "Positive controls: the rightful owner did the same in the same state",
        &[
            ("System", Column::Words),
            ("Attempts", Column::Number),
            ("Owner succeeded", Column::Number),
            ("Not counted", Column::Number),
        ],
    );
    for one in &controls.positive {
        page.raw("<tr><th scope=\"row\">")
            .theirs(&one.system)
            .raw("</th><td class=\"n\">")
            .number(one.attempts);
        page.raw("</td><td class=\"n\">")
            .number(one.twins_succeeded)
            .raw("</td><td class=\"n\">")
            .number(one.not_counted)
            .raw("</td></tr>\n");
    }
    page.end_table();
    page.table(
        "Negative controls: what became of the attempts that count",
        &[
            ("System", Column::Words),
            ("Refused", Column::Number),
            ("Carried out, no forbidden effect", Column::Number),
            ("Crossed", Column::Number),
        ],
    );
    for one in &controls.negative {
        page.raw("<tr><th scope=\"row\">")
            .theirs(&one.system)
            .raw("</th><td class=\"n\">")
            .number(one.refused);
        page.raw("</td><td class=\"n\">")
            .number(one.harmless)
            .raw("</td><td class=\"n\">")
            .number(one.crossed)
            .raw("</td></tr>\n");
    }
    page.end_table();
    sensitivity(page, overview);
}

/// Every planted fault by name, because they are chosen by us.
fn sensitivity(page: &mut Markup, overview: &Overview<'_>) {
    page.raw("<h3>Sensitivity</h3>\n");
    let Some(all) = overview.sensitivity() else {
        page.raw("<p>No selftest was given to this run, so nothing is said about how many planted faults it would have found. ");
        page.code("watertight selftest").raw(" finds out.</p>\n");
        return;
    };
    page.paragraph(&format!(
        "{} of {} planted faults were found. The faults are chosen by the makers of the harness; here is each of them.",
        all.caught, all.planted
    ));
    let value = &overview.record.controls.sensitivity;
    let faults = value.get("faults").and_then(|faults| faults.as_array());
    page.raw("<details><summary>Planted faults</summary>\n");
    page.table(
        "Planted faults and what became of them",
        &[
            ("Fault", Column::Words),
            ("What is wrong", Column::Words),
            ("Ending", Column::Words),
        ],
    );
    for fault in faults.into_iter().flatten() {
        let text = |key: &str| fault.get(key).and_then(|text| text.as_str()).unwrap_or("");
        page.raw("<tr><th scope=\"row\">")
            .code(text("id"))
            .raw("</th><td>")
            .text(text("sentence"))
            .raw("</td><td>");
        let trials = fault.get("trials").and_then(|trials| trials.as_array());
        for (position, trial) in trials.into_iter().flatten().enumerate() {
            let ending = trial
                .get("ending")
                .and_then(|ending| ending.as_str())
                .unwrap_or("unknown");
            page.raw(if position > 0 { ", " } else { "" })
                .text(&ending.replace('_', " "));
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    page.raw("</details>\n");
}
