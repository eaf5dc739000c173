//! The page on the runs of a period: one row for each, how the attempts that counted went up and down, and which
//! causes came and went.

use record::model::RunVerdict;

use super::markup::{Column, Markup};
use super::{STYLE, head};
use crate::overview::Outcome;
use crate::runs::{LoggedRun, Turn, turn};
use crate::terminal::counted;
use crate::time;

/// Runs that the figure shows; the table has all.
const FIGURE_MAX: usize = 60;
/// Causes that a cell of the table names.
const NAMES_MAX: usize = 8;
/// Height of the figure's bars.
const HEIGHT: u64 = 120;

pub(crate) fn render(runs: &[LoggedRun]) -> Vec<u8> {
    let mut page = Markup::default();
    head(&mut page, "Tenant isolation: ", "runs of the period");
    page.raw("<link rel=\"stylesheet\" href=\"../report.css\">\n<style>\n")
        .raw(STYLE);
    page.raw("</style>\n</head>\n<body class=\"alone\">\n<main id=\"main\">\n<h1>Runs of the period</h1>\n");
    page.paragraph(&sentence(runs));
    page.paragraph(
        "A run is in here when it was sealed into the log; a run that nobody sealed is not. Numbers have no gaps, and \
         the log's checkpoint is signed each time, so no run can be taken out unnoticed by whoever holds an earlier \
         checkpoint. To draw a sample, take numbers of your own.",
    );
    figure(&mut page, runs);
    table(&mut page, runs);
    page.raw("</main>\n</body>\n</html>\n");
    page.into_bytes()
}

/// How many runs came to what, and what the last one changed.
fn sentence(runs: &[LoggedRun]) -> String {
    let count = |verdict: RunVerdict| runs.iter().filter(|run| run.verdict == verdict).count();
    let mut told = format!(
        "{}: {} held, {} violated, {} inconclusive.",
        counted(runs.len() as u64, "run"),
        count(RunVerdict::Held),
        count(RunVerdict::Violated),
        count(RunVerdict::Inconclusive),
    );
    let last = runs.len().checked_sub(1);
    match last.and_then(|last| turn(runs, last)) {
        None => told.push_str(
            " The log has no earlier run of the same systems as the last one to compare it with.",
        ),
        Some(Turn { since, new, gone }) => {
            let causes = |list: &[&str], word: &str| match list.len() {
                0 => format!("no cause is {word}"),
                1 => format!("1 cause is {word}"),
                many => format!("{many} causes are {word}"),
            };
            told.push_str(&format!(
                " Since run {since}, the last one of the same systems, {} and {}.",
                causes(&new, "new"),
                causes(&gone, "gone")
            ));
        }
    }
    told
}

fn outcome(verdict: RunVerdict) -> Outcome {
    match verdict {
        RunVerdict::Held => Outcome::Held,
        RunVerdict::Inconclusive => Outcome::Inconclusive,
        RunVerdict::Violated => Outcome::Violated,
    }
}

/// Armed attempts of the last runs, a bar each; what a bar came to stands in its title and in the table.
fn figure(page: &mut Markup, runs: &[LoggedRun]) {
    let shown = &runs[runs.len().saturating_sub(FIGURE_MAX)..];
    let most = shown
        .iter()
        .filter_map(|run| Some(run.sums.as_ref()?.armed))
        .max();
    let Some(most) = most.filter(|most| *most > 0 && shown.len() > 1) else {
        return;
    };
    page.raw("<figure><svg role=\"img\" aria-label=\"Armed attempts by run\" viewBox=\"0 0 ")
        .size(shown.len() * 16 + 4)
        .raw(" 140\" width=\"")
        .size(shown.len() * 16 + 4)
        .raw("\" height=\"140\">\n");
    for (position, run) in shown.iter().enumerate() {
        let armed = run.sums.as_ref().map_or(0, |sums| sums.armed);
        let height = u128::from(armed) * u128::from(HEIGHT) / u128::from(most);
        let height = usize::try_from(height).unwrap_or_default().max(1);
        page.raw("<g class=\"o-")
            .raw(outcome(run.verdict).key())
            .raw("\"><title>")
            .text(&format!(
                "run {}: {}, {}",
                run.number,
                run.verdict.word(),
                counted(armed, "armed attempt")
            ))
            .raw("</title><rect x=\"")
            .size(position * 16 + 4)
            .raw("\" y=\"")
            .size(124 - height)
            .raw("\" width=\"12\" height=\"")
            .size(height)
            .raw("\" fill=\"var(--tone)\"/>");
        // Violated and inconclusive are told apart without colours, too.
        page.raw("<text x=\"")
            .size(position * 16 + 10)
            .raw("\" y=\"137\" text-anchor=\"middle\" font-size=\"10\" fill=\"currentColor\">")
            .raw(match run.verdict {
                RunVerdict::Held => "·",
                RunVerdict::Violated => "×",
                RunVerdict::Inconclusive => "?",
            })
            .raw("</text></g>\n");
    }
    page.raw("</svg></figure>\n<p>Armed attempts by run, the last on the right: × violated, ? inconclusive.</p>\n");
}

fn table(page: &mut Markup, runs: &[LoggedRun]) {
    page.table(
        "Every run of the log, the last one first",
        &[
            ("Run", Column::Number),
            ("Began (UTC)", Column::Words),
            ("Verdict", Column::Words),
            ("Systems", Column::Words),
            ("Armed", Column::Number),
            ("Cells armed", Column::Number),
            ("Causes", Column::Number),
            ("New", Column::Words),
            ("Gone", Column::Words),
            ("Commit (claimed)", Column::Words),
        ],
    );
    for (at, run) in runs.iter().enumerate().rev() {
        page.raw("<tr><th scope=\"row\" class=\"n\">")
            .number(run.number)
            .raw("</th><td>")
            .text(&began(&run.started))
            .raw("</td><td>")
            .verdict(outcome(run.verdict))
            .raw("</td><td>");
        let Some(sums) = &run.sums else {
            page.raw("the log does not say</td><td></td><td></td><td></td><td></td><td></td><td>");
            commit(page, run);
            continue;
        };
        page.theirs(&sums.systems.join(", "))
            .raw("</td><td class=\"n\">")
            .number(sums.armed)
            .raw("</td><td class=\"n\">")
            .number(sums.cells_armed)
            .raw(" of ")
            .number(sums.cells_planned)
            .raw("</td><td class=\"n\">")
            .number(sums.causes.len() as u64)
            .raw("</td><td>");
        match turn(runs, at) {
            None => {
                page.raw("no earlier run</td><td></td><td>");
            }
            Some(turn) => {
                names(page, &turn.new);
                page.raw("</td><td>");
                names(page, &turn.gone);
                page.raw("</td><td>");
            }
        }
        commit(page, run);
    }
    page.end_table();
}

/// `2026-11-28 01:09`
fn began(started: &str) -> String {
    let readable = time::readable(started);
    readable.chars().take(16).collect()
}

/// Causes by their ids; the table has the system's key in front, and a column of its own says the systems here.
fn names(page: &mut Markup, causes: &[&str]) {
    if causes.is_empty() {
        page.raw("none");
        return;
    }
    for cause in causes.iter().take(NAMES_MAX) {
        let id = cause.rsplit_once('/').map_or(*cause, |(_, id)| id);
        page.code(id).raw(" ");
    }
    if causes.len() > NAMES_MAX {
        page.raw("and ")
            .number((causes.len() - NAMES_MAX) as u64)
            .raw(" more");
    }
}

fn commit(page: &mut Markup, run: &LoggedRun) {
    match &run.commit {
        Some(commit) => page.code(commit),
        None => page.raw("none"),
    };
    page.raw("</td></tr>\n");
}
