//! What this run means for the requirements of frameworks: id, true title, strength, what it says, where that
//! lies, and room for the auditor's own note.

use super::markup::{Column, Markup};
use crate::mapping::{self, Requirement};
use crate::overview::Overview;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    page.raw("<p>“Satisfied” is the auditor's word; what stands here is whether this run noted an exception. <em>Direct</em>: the result \
              is itself evidence of operation. <em>Supporting</em>: other evidence is needed as well. <em>Bundle</em>: a property of the \
              record. <em>Not evidenced</em>: listed so that nobody claims it. The same as a table: ");
    page.file("views/mapping/answers.csv").raw(".</p>\n");
    let mut rest = mapping::requirements();
    while let Some(first) = rest.first() {
        let is_same =
            |one: &Requirement| one.framework == first.framework && one.version == first.version;
        let end = rest
            .iter()
            .position(|one| !is_same(one))
            .unwrap_or(rest.len());
        let (own, others) = rest.split_at(end);
        framework(page, own, overview);
        rest = others;
    }
}

fn framework(page: &mut Markup, requirements: &[Requirement], overview: &Overview<'_>) {
    let Some(first) = requirements.first() else {
        return;
    };
    let bearings: Vec<_> = requirements
        .iter()
        .map(|one| mapping::bearing(one, overview))
        .collect();
    let exceptions = bearings.iter().filter(|one| one.key == "exception").count();
    page.raw("<details class=\"framework\"><summary>")
        .text(&first.framework)
        .raw(" <span class=\"how\">")
        .text(&first.version)
        .raw("</span> <span class=\"count\">");
    page.number(requirements.len() as u64)
        .raw(if requirements.len() == 1 {
            " requirement"
        } else {
            " requirements"
        });
    if exceptions > 0 {
        page.raw(", ")
            .number(exceptions as u64)
            .raw(" with an exception");
    }
    page.raw("</span></summary>\n");
    if requirements.iter().any(|one| !one.text_checked) {
        page.raw("<p class=\"how\">Ids and titles of this framework come from public crosswalks; have somebody who holds the text check them.</p>\n");
    }
    page.table(
        &format!("{} {}", first.framework, first.version),
        &[
            ("Id", Column::Words),
            ("What it says", Column::Words),
            ("Strength", Column::Words),
            ("This run", Column::Words),
            ("Auditor's note", Column::Words),
        ],
    );
    for (one, bearing) in requirements.iter().zip(&bearings) {
        page.raw("<tr><th scope=\"row\">")
            .text(&one.id)
            .raw("</th><td>")
            .text(&one.title);
        if !one.note.is_empty() {
            page.raw("<span class=\"how\">")
                .text(&one.note)
                .raw("</span>");
        }
        page.raw("</td><td>")
            .raw(one.strength.word())
            .raw("</td><td class=\"b-")
            .raw(bearing.key)
            .raw("\">")
            .text(&bearing.sentence);
        if !bearing.files.is_empty() {
            page.raw("<span class=\"how\">");
            for file in &bearing.files {
                page.file(file).raw(" ");
            }
            page.raw("</span>");
        }
        page.raw("</td><td class=\"note\"></td></tr>\n");
    }
    page.end_table();
    page.raw("</details>\n");
}
