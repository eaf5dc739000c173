//! How does a reader find out that nobody touched the record since, with our tool and without; and what do the
//! words mean?

use super::cover::grouped;
use super::markup::{Column, Markup};
use crate::overview::Overview;

/// The files of a bundle, and what each is.
const FILES: [(&str, &str); 17] = [
    (
        "run.json",
        "who ran what, when, and what came out; the rules of the gate",
    ),
    (
        "plan.json",
        "what was going to be tried, frozen and hashed before the first attack",
    ),
    (
        "inventory.json",
        "everything there was to attack, and why what was left out was",
    ),
    (
        "identities.json",
        "the synthetic tenants, principals and callers; never a credential",
    ),
    ("controls.json", "the controls of the test itself"),
    (
        "coverage.json",
        "every cell and how far each operation was reached",
    ),
    ("causes.json", "what was found, put together by cause"),
    (
        "statistics.json",
        "every number with its method and its assumptions",
    ),
    (
        "cleanup.json",
        "what the run made at its target, and whether it is gone",
    ),
    (
        "waivers.json",
        "what somebody decided to live with, until when",
    ),
    ("manifest.json", "path, size and SHA-256 of every file"),
    ("SHA256SUMS", "the same for sha256sum"),
    ("views/results.sarif", "failures, for code scanning"),
    (
        "views/oscal/assessment-results.json",
        "the results for compliance platforms",
    ),
    (
        "views/population/cells.csv",
        "every cell as a row, to draw a sample from",
    ),
    (
        "views/mapping/answers.csv",
        "suggested answers for questionnaires, with evidence",
    ),
    ("views/summary.md", "one page for a forge"),
];

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    let run = &overview.record.run;
    page.paragraph(
        "A page proves nothing about itself. This one is derived from the record beside it, and verifying derives it \
         again and compares every byte. The signer must not be the runner, and the fingerprint of his key must reach \
         you by another way than this bundle.",
    );
    page.raw("<h3>With watertight</h3>\n");
    page.block("watertight verify . --key-fingerprint <from another channel>");
    page.raw("<h3>Without it</h3>\n");
    page.block("sha256sum -c SHA256SUMS");
    page.raw("<dl class=\"facts\">\n<div class=\"long\"><dt>SHA-256 of plan.json</dt><dd><code>")
        .text(&grouped(&run.plan_sha256))
        .raw("</code></dd></div>\n");
    if let Some(leaves) = &run.leaves {
        page.raw("<div class=\"long\"><dt>RFC 6962 root over ")
            .number(leaves.size)
            .raw(" leaves: the plan, then every line of cases</dt><dd><code>");
        page.text(&grouped(&leaves.root))
            .raw("</code></dd></div>\n");
        for (file, lines) in &leaves.files {
            page.raw("<div><dt>")
                .file(file)
                .raw("</dt><dd>")
                .number(*lines)
                .raw(" lines</dd></div>\n");
        }
    }
    page.raw("<div><dt>Signature</dt><dd>not known to this page: it is made after it, by somebody else</dd></div>\n");
    page.raw(
        "<div><dt>Runs before this one</dt><dd>in <code>log/runs.html</code>, where the record was sealed into a log of \
         runs</dd></div>\n",
    );
    page.raw("<div><dt>Times</dt><dd>")
        .theirs(&run.clock)
        .raw("</dd></div>\n");
    operator(page, overview);
    page.raw("</dl>\n");
    page.table(
        "Files of the bundle",
        &[("File", Column::Words), ("What it is", Column::Words)],
    );
    for (file, words) in FILES {
        page.raw("<tr><th scope=\"row\">")
            .file(file)
            .raw("</th><td>")
            .raw(words)
            .raw("</td></tr>\n");
    }
    page.end_table();
}

/// Who ran it, as the runner claims.
fn operator(page: &mut Markup, overview: &Overview<'_>) {
    let operator = &overview.record.run.operator;
    page.raw("<div><dt>Run by (claimed, not checked)</dt><dd>")
        .theirs(&operator.provider);
    let claims = [
        &operator.repository,
        &operator.workflow,
        &operator.run_id,
        &operator.actor,
        &operator.commit,
    ];
    for claim in claims.into_iter().flatten() {
        page.raw(" · ").theirs(claim);
    }
    page.raw("</dd></div>\n");
    let tool = &overview.record.run.tool;
    page.raw("<div><dt>Built from</dt><dd>").text(
        tool.commit
            .as_deref()
            .unwrap_or("a commit that the build did not know"),
    );
    page.raw("</dd></div>\n");
    if let Some(digest) = &tool.binary_sha256 {
        page.raw("<div class=\"long\"><dt>SHA-256 of the program</dt><dd><code>")
            .text(&grouped(digest))
            .raw("</code></dd></div>\n");
    }
}

/// What the words mean.
const WORDS: [(&str, &str); 9] = [
    (
        "armed attempt",
        "an attempt whose rightful twin succeeded with the same request in the same state; only these count",
    ),
    (
        "cell",
        "who tries what on what and whose: the unit that is planned and counted",
    ),
    ("cause", "findings that one repair would make disappear"),
    ("held", "attacked as planned, and nothing crossed"),
    (
        "inconclusive",
        "too few attempts counted, or the plan was not finished; it says nothing good",
    ),
    (
        "look",
        "an inspection of everything of one kind, not an attack; it needs no least number",
    ),
    (
        "mark, canary",
        "what every planted value of a tenant carries, so that it is recognised wherever it surfaces",
    ),
    (
        "oracle",
        "a pure judge of what was recorded; who enforces does not judge",
    ),
    (
        "twin",
        "the rightful principal's same request in the same state",
    ),
];

pub(super) fn glossary(page: &mut Markup, _: &Overview<'_>) {
    page.raw("<dl class=\"words\">\n");
    for (word, meaning) in WORDS {
        page.raw("<div><dt>")
            .raw(word)
            .raw("</dt><dd>")
            .raw(meaning)
            .raw("</dd></div>\n");
    }
    page.raw("</dl>\n");
}
