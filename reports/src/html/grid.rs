//! Who tried what, as a figure: a row for each securable or operation, a column for each principal or role and
//! whose thing it was after, and in each square the worst of what came out.

use std::collections::{BTreeMap, BTreeSet};

use super::failures::anchor;
use super::markup::Markup;
use crate::hostile::shortened;
use crate::overview::{CellOverview, Outcome, Overview, SystemOverview};
use crate::terminal::{counted, thousands};

/// Side of a square.
const SIDE: usize = 18;
/// Room for the names of rows.
const NAMES: usize = 300;
/// Room for the names of columns.
const HEAD: usize = 152;
/// Room at the right for the ends of slanted names.
const TAIL: usize = 124;
/// Rows of one figure; a page of paper takes no more.
const ROWS_MAX: usize = 36;
/// Characters of a name that are shown.
const NAME_MAX: usize = 44;

/// A square: what lies in it together.
#[derive(Default)]
struct Square<'o> {
    cells: Vec<&'o CellOverview<'o>>,
}

/// A column, sorted by whose thing it is and then by who tries.
type Columns = BTreeSet<(usize, String)>;

/// All squares of a plane: by row, then by column.
type Rows<'o> = BTreeMap<String, Squares<'o>>;

/// The squares of one row.
type Squares<'o> = BTreeMap<(usize, String), Square<'o>>;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    page.raw("<p>Each square holds all attempts of one principal on one thing; its colour and mark say the worst that came out. \
              Point at a square for its numbers; the cells themselves are listed in ");
    page.file("views/population/cells.csv")
        .raw(".</p>\n<p class=\"legend\">");
    for outcome in Outcome::ALL.into_iter().rev() {
        page.verdict(outcome).raw(" ");
    }
    page.raw("</p>\n");
    for system in &overview.systems {
        for (plane, name) in [
            (Plane::Sql, "with T-SQL"),
            (Plane::Api, "through the API"),
            (Plane::Look, "looked at"),
        ] {
            figure_of_plane(page, system, plane, name);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plane {
    Sql,
    Api,
    Look,
}

fn plane(one: &CellOverview<'_>) -> Plane {
    if one.cell.at.who.is_empty() {
        Plane::Look
    } else if one.cell.class.starts_with("api.") {
        Plane::Api
    } else {
        Plane::Sql
    }
}

fn figure_of_plane(page: &mut Markup, system: &SystemOverview<'_>, wanted: Plane, name: &str) {
    let mut rows: Rows<'_> = BTreeMap::new();
    let mut columns = Columns::new();
    for one in system.cells.iter().filter(|one| plane(one) == wanted) {
        let at = &one.cell.at;
        let column = match wanted {
            // Nobody tries in a look: its columns are the kinds of looks.
            Plane::Look => (0, at.how.replace('_', " ")),
            Plane::Sql | Plane::Api => (
                rank(&at.whose),
                format!("{} · {}", at.who, whose(&at.whose)),
            ),
        };
        columns.insert(column.clone());
        let row = rows.entry(at.what.clone()).or_default();
        row.entry(column).or_default().cells.push(one);
    }
    if rows.is_empty() {
        return;
    }
    let all: Vec<_> = rows.iter().collect();
    page.raw("<h3>")
        .theirs(&system.run.name)
        .raw(", ")
        .text(name)
        .raw("</h3>\n");
    let parts = all.chunks(ROWS_MAX).count();
    for (part, rows) in all.chunks(ROWS_MAX).enumerate() {
        figure(page, system, rows, &columns, name, (part + 1, parts));
    }
}

fn figure(
    page: &mut Markup,
    system: &SystemOverview<'_>,
    rows: &[(&String, &Squares<'_>)],
    columns: &Columns,
    name: &str,
    (part, parts): (usize, usize),
) {
    let width = NAMES + columns.len() * SIDE + TAIL;
    let height = HEAD + rows.len() * SIDE + 4;
    page.raw("<figure class=\"wide\"><svg class=\"grid\" role=\"img\" viewBox=\"0 0 ")
        .size(width)
        .raw(" ")
        .size(height);
    page.raw("\" width=\"")
        .size(width)
        .raw("\" height=\"")
        .size(height)
        .raw("\" font-family=\"ui-monospace, monospace\" font-size=\"11\">\n<title>");
    page.text(&format!(
        "{}, {name}: {} by {}",
        system.run.name,
        counted(rows.len() as u64, "row"),
        counted(columns.len() as u64, "column")
    ))
    .raw("</title>\n");
    for (index, (_, column)) in columns.iter().enumerate() {
        let x = NAMES + index * SIDE + SIDE / 2 + 4;
        page.raw("<text class=\"label\" fill=\"#344054\" transform=\"translate(")
            .size(x)
            .raw(" ")
            .size(HEAD - 6)
            .raw(") rotate(-52)\">");
        page.text(&shortened(column, 26)).raw("</text>\n");
    }
    for (index, (what, squares)) in rows.iter().enumerate() {
        let y = HEAD + index * SIDE;
        page.raw("<text class=\"label\" fill=\"#344054\" text-anchor=\"end\" x=\"")
            .size(NAMES - 8)
            .raw("\" y=\"")
            .size(y + 13)
            .raw("\">");
        page.text(&shortened(what, NAME_MAX)).raw("</text>\n");
        for (index, column) in columns.iter().enumerate() {
            if let Some(square) = squares.get(column) {
                draw(
                    page,
                    system,
                    square,
                    (NAMES + index * SIDE, y),
                    &format!("{} · {what}", column.1),
                );
            }
        }
    }
    page.raw("</svg>");
    if parts > 1 {
        page.raw("<figcaption>Part ")
            .size(part)
            .raw(" of ")
            .size(parts)
            .raw("</figcaption>");
    }
    page.raw("</figure>\n");
}

fn draw(
    page: &mut Markup,
    system: &SystemOverview<'_>,
    square: &Square<'_>,
    (x, y): (usize, usize),
    name: &str,
) {
    let outcome = square
        .cells
        .iter()
        .map(|one| one.outcome)
        .max()
        .unwrap_or(Outcome::NotApplicable);
    let attempts: u64 = square.cells.iter().map(|one| one.cell.attempts).sum();
    let armed: u64 = square.cells.iter().map(|one| one.cell.armed).sum();
    let cause = square.cells.iter().flat_map(|one| &one.causes).next();
    if let Some(cause) = cause {
        page.raw("<a href=\"#")
            .text(&anchor(system, cause))
            .raw("\">");
    }
    page.raw("<g class=\"sq o-")
        .raw(outcome.key())
        .raw("\"><rect x=\"")
        .size(x + 1)
        .raw("\" y=\"")
        .size(y + 1);
    page.raw("\" width=\"16\" height=\"16\" rx=\"3\" fill=\"")
        .raw(fill(outcome))
        .raw("\"/>");
    let (cx, cy) = (x + 9, y + 9);
    match outcome {
        Outcome::Held | Outcome::NotApplicable | Outcome::Attested => {}
        Outcome::Violated => {
            page.raw("<path stroke=\"#fff\" stroke-width=\"2\" d=\"M")
                .size(cx - 4)
                .raw(" ")
                .size(cy - 4)
                .raw("l8 8m0 -8l-8 8\"/>");
        }
        Outcome::Inconclusive => {
            page.raw("<text fill=\"#fff\" font-weight=\"700\" text-anchor=\"middle\" x=\"")
                .size(cx)
                .raw("\" y=\"")
                .size(cy + 4)
                .raw("\">?</text>");
        }
        Outcome::Waived | Outcome::Known => {
            page.raw("<text fill=\"#fff\" font-weight=\"700\" text-anchor=\"middle\" x=\"")
                .size(cx)
                .raw("\" y=\"")
                .size(cy + 4);
            page.raw(if outcome == Outcome::Waived {
                "\">w</text>"
            } else {
                "\">k</text>"
            });
        }
    }
    page.raw("<title>")
        .text(name)
        .raw(": ")
        .raw(outcome.word())
        .raw(", ");
    page.text(&thousands(armed))
        .raw(" armed of ")
        .text(&counted(attempts, "attempt"))
        .raw(" in ")
        .text(&counted(square.cells.len() as u64, "cell"))
        .raw("</title></g>");
    page.raw(if cause.is_some() { "</a>\n" } else { "\n" });
}

fn fill(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "#99d5cd",
        Outcome::Violated => "#b42318",
        Outcome::Inconclusive => "#b54708",
        Outcome::Waived => "#6941c6",
        Outcome::Known => "#475467",
        Outcome::Attested | Outcome::NotApplicable => "#d0d5dd",
    }
}

/// The own first, then further and further away.
fn rank(whose: &str) -> usize {
    ["own", "department", "shared", "other"]
        .iter()
        .position(|one| *one == whose)
        .unwrap_or(4)
}

fn whose(whose: &str) -> &str {
    match whose {
        "own" => "own tenant",
        "department" => "other dept.",
        "other" => "other tenant",
        other => other,
    }
}
