//! Statements that read: plainly, in parts, as yes or no, through errors, in disguise.

use domain::intent::Action;

use crate::draw::Draw;
use crate::fuzz::goal::{Draft, Family, Goal};
use crate::literal::{bracketed, text};

const READ: &[Action] = &[Action::Select];

/// Every way of reading.
pub(crate) const FAMILIES: &[Family] = &[
    // All columns of all rows.
    Family {
        name: "select-all",
        actions: READ,
        weight: 5,
        build: |_, goal| Some(goal.draft(format!("SELECT * FROM {};", goal.name()), &[])),
    },
    // Whether there is a row, without naming a column.
    Family {
        name: "select-blind",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            Some(goal.draft(
                format!("SELECT TOP (1) 1 AS One FROM {};", goal.name()),
                &[],
            ))
        },
    },
    // How many, and the highest.
    Family {
        name: "aggregate",
        actions: READ,
        weight: 3,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "SELECT COUNT(*) AS Many, MAX(CAST({column} AS nvarchar(400))) AS Highest FROM {};",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // A yes or no by control flow.
    Family {
        name: "exists",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let text = format!(
                "IF EXISTS (SELECT 1 FROM {}) SELECT 1 AS Found ELSE SELECT 0 AS Found;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Appended to an honest answer.
    Family {
        name: "union",
        actions: READ,
        weight: 3,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "SELECT N'own' AS Value UNION ALL SELECT CAST({column} AS nvarchar(400)) FROM {};",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // As a value inside an honest row.
    Family {
        name: "subquery",
        actions: READ,
        weight: 3,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "SELECT (SELECT MIN(CAST({column} AS nvarchar(400))) FROM {}) AS Value;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Under another name.
    Family {
        name: "common-table-expression",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let text = format!("WITH w AS (SELECT * FROM {}) SELECT * FROM w;", goal.name());
            Some(goal.draft(text, &[]))
        },
    },
    // In a derived table, joined with something honest.
    Family {
        name: "derived-table",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let text = format!(
                "SELECT d.* FROM (SELECT * FROM {}) AS d CROSS JOIN (SELECT 1 AS One) AS o;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Page by page.
    Family {
        name: "offset-fetch",
        actions: READ,
        weight: 1,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "SELECT {column} FROM {} ORDER BY {column} OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Values written another way, so that nobody recognises them on the road.
    Family {
        name: "encoded-values",
        actions: READ,
        weight: 3,
        build: |draw, goal| {
            let column = bracketed(&goal.text_column(draw)?.name);
            let disguises = [
                format!("CAST({column} AS varbinary(800))"),
                format!("REVERSE({column})"),
                format!("CONVERT(varchar(1600), CAST({column} AS varbinary(800)), 2)"),
                format!("UPPER({column})"),
            ];
            let disguise = draw.pick(&disguises)?;
            Some(goal.draft(
                format!("SELECT {disguise} AS Value FROM {};", goal.name()),
                &[],
            ))
        },
    },
    // A yes or no by an error that comes only when there are rows.
    Family {
        name: "error-oracle",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let text = format!(
                "SELECT 1 / (SELECT COUNT(*) * 0 FROM {}) AS Value;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Values quoted by a conversion error.
    Family {
        name: "error-text",
        actions: READ,
        weight: 3,
        build: |draw, goal| {
            let column = bracketed(&goal.text_column(draw)?.name);
            let text = format!(
                "SELECT CAST({column} AS int) AS Value FROM {};",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Into a variable, from there to the answer.
    Family {
        name: "variable",
        actions: READ,
        weight: 2,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "DECLARE @wt_value nvarchar(400); \
                 SELECT TOP (1) @wt_value = CAST({column} AS nvarchar(400)) FROM {}; \
                 SELECT @wt_value AS Value;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Into a temporary table of a scope that ends with the batch.
    Family {
        name: "temporary-table",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let inner = format!(
                "SELECT * INTO #wt_copy FROM {}; SELECT * FROM #wt_copy;",
                goal.name()
            );
            Some(goal.draft(format!("EXEC ({});", text(&inner)), &[]))
        },
    },
    // Into a table variable.
    Family {
        name: "table-variable",
        actions: READ,
        weight: 2,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let text = format!(
                "DECLARE @wt_rows TABLE (Value nvarchar(400) NULL); \
                 INSERT INTO @wt_rows (Value) SELECT CAST({column} AS nvarchar(400)) FROM {}; \
                 SELECT Value FROM @wt_rows;",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Letter by letter, by asking.
    Family {
        name: "guessing",
        actions: READ,
        weight: 1,
        build: |draw, goal| {
            let column = bracketed(&goal.text_column(draw)?.name);
            let letters = ["a", "e", "1", "0", "[b-d]", "_"];
            let pattern = text(&format!("%{}%", draw.pick(&letters)?));
            let text = format!(
                "SELECT COUNT(*) AS Many FROM {} WHERE {column} LIKE {pattern};",
                goal.name()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // One row by its key.
    Family {
        name: "select-by-key",
        actions: READ,
        weight: 2,
        build: by_key,
    },
];

fn by_key(draw: &mut Draw, goal: &Goal<'_>) -> Option<Draft> {
    let key = goal.row(draw, "")?;
    Some(goal.draft(format!("SELECT * FROM {} WHERE {key};", goal.name()), &[]))
}
