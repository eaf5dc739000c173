//! What does a person read of a run? One page that stands alone: no script, nothing fetched, figures drawn
//! within, readable on a telephone, on paper and in the dark.
//!
//! Some build servers forbid styles within a page and some readers open it from a letter, so the same rules
//! stand in the page and in `report.css` beside it. Words and shapes say what colours say. Full sentences
//! come before numbers, and the section on what the report does not show is always there.

mod compliance;
mod cover;
mod custody;
mod doubts;
mod failures;
mod grid;
mod markup;
mod numbers;
mod results;
pub(crate) mod runs;
mod scope;
mod test_controls;

use record::Record;

use self::markup::Markup;
use crate::overview::Overview;

/// The rules, for pages and for `report.css`.
pub const STYLE: &str = include_str!("html/report.css");

/// The sections, in order: anchor, name in the list, and what writes it.
type Section = (&'static str, &'static str, fn(&mut Markup, &Overview<'_>));

const SECTIONS: [Section; 11] = [
    ("limits", "What this shows", cover::limits),
    ("failures", "Failures", failures::write),
    ("results", "Promises", results::write),
    ("grid", "Heat grid", grid::write),
    ("doubts", "Not shown, not counted", doubts::write),
    ("scope", "Scope and method", scope::write),
    ("test", "Controls of the test", test_controls::write),
    ("statistics", "Statistics", numbers::write),
    ("mapping", "Compliance mapping", compliance::write),
    ("verify", "Verification", custody::write),
    ("glossary", "Glossary", custody::glossary),
];

/// What every page begins with, up to its styles.
fn head(page: &mut Markup, kind: &'static str, title: &str) {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self' \
         'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n",
    );
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.raw("<title>").raw(kind).text(title).raw("</title>\n");
}

/// Renders the page.
pub fn render(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let mut page = Markup::default();
    head(&mut page, "Tenant isolation: ", record.run.verdict.word());
    page.raw("<link rel=\"stylesheet\" href=\"report.css\">\n<style>\n")
        .raw(STYLE);
    page.raw(
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n",
    );
    page.raw("<nav aria-label=\"Sections\"><ul>\n<li><a href=\"#cover\">Cover</a></li>\n");
    for (anchor, name, _) in SECTIONS {
        page.raw("<li>").place(anchor, name).raw("</li>\n");
    }
    page.raw("</ul></nav>\n<main id=\"main\">\n");
    cover::write(&mut page, &overview);
    for (anchor, name, write) in SECTIONS {
        page.raw("<section id=\"")
            .raw(anchor)
            .raw("\">\n<h2>")
            .raw(name)
            .raw("</h2>\n");
        write(&mut page, &overview);
        page.raw("</section>\n");
    }
    page.raw("</main>\n<footer><p>Run <code>")
        .text(&record.run.run_id)
        .raw("</code>");
    if let Some(leaves) = &record.run.leaves {
        page.raw(" · root <code>").text(&leaves.root).raw("</code>");
    }
    page.raw("</p></footer>\n</body>\n</html>\n");
    page.into_bytes()
}
