//! Irreversibility: a frozen row is never changed or removed again, nor is a row that refers to it,
//! nor is one added to it; whoever did it, and whatever the answer was.

use std::collections::BTreeSet;

use domain::case::Phase;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Change, Changed, History};
use domain::intent::{Action, Frozen, Intent};
use domain::surface::{Cell, Table};

use crate::confinement::{effects, responsible};
use crate::evidence::{self, Shown};
use crate::judge::Judge;
use crate::matrix::Relation;

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let intent = &judge.system.intent;
    let mut findings = Vec::new();
    for (position, change) in history.changes.iter().enumerate() {
        let Changed::Rows { table: object, .. } = &change.what else {
            continue;
        };
        let (Some(frozen), Some(table)) = (
            intent.freezing(object),
            judge.table(&change.database, object),
        ) else {
            continue;
        };
        let Some(step) = responsible(judge, history, change) else {
            continue;
        };
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let broken = of_frozen_rows(judge, history, position, frozen, table);
        let owner = judge.world.tenant_of_database(&change.database);
        let relation = Relation::of(principal.tenant, owner);
        for effect in effects(judge.surface, &broken) {
            let (Some(action), count) = (effect.action, effect.count) else {
                continue;
            };
            let did = match action {
                Action::Update => "changed",
                Action::Insert => "added",
                _ => "removed",
            };
            let rows = match count {
                1 => "1 row".to_owned(),
                count => format!("{count} rows"),
            };
            let to = if action == Action::Insert { "to" } else { "of" };
            let sentence = format!(
                "{} {did} {rows} {to} {} of {}, which nobody may change once {} is set",
                judge.who(principal),
                Intent::frozen_rows(object),
                judge.whose(&change.database),
                frozen.column
            );
            let place = Intent::frozen_rows(object);
            let fingerprint = Fingerprint {
                oracle: "irreversibility".into(),
                attacker: principal.name.into(),
                victim: relation.name().into(),
                action: action.name().into(),
                place: place.clone(),
            };
            let mut finding = judge.finding(history, step, fingerprint, Severity::High, sentence);
            let shown = Shown {
                rows_moved: true,
                ..Shown::default()
            };
            finding.controls = evidence::controls(judge.system, Relation::Own, &place, shown);
            finding.changes = vec![broken.clone()];
            findings.push(finding);
        }
    }
    findings
}

/// The part of a change that is about rows which were frozen before it.
fn of_frozen_rows(
    judge: &Judge<'_>,
    history: &History,
    position: usize,
    frozen: &Frozen,
    table: &Table,
) -> Change {
    let change = &history.changes[position];
    let Changed::Rows {
        table: object,
        added,
        removed,
    } = &change.what
    else {
        return change.clone();
    };
    let (added, removed) = if object.eq_ignore_ascii_case(&frozen.table) {
        let column = table.position(&frozen.column);
        let is_set = |row: &&Vec<Cell>| {
            column
                .and_then(|column| row.get(column))
                .is_some_and(|cell| *cell != Cell::Null)
        };
        let removed: Vec<Vec<Cell>> = removed.iter().filter(is_set).cloned().collect();
        let key = key_positions(table);
        let replaces =
            |row: &&Vec<Cell>| !key.is_empty() && removed.iter().any(|old| same(&key, old, row));
        (added.iter().filter(replaces).cloned().collect(), removed)
    } else {
        let keys = frozen_keys(judge, history, position, frozen, table);
        let refers = |row: &&Vec<Cell>| {
            keys.iter().any(|(columns, values)| {
                columns
                    .iter()
                    .map(|&column| row.get(column))
                    .eq(values.iter().map(Some))
            })
        };
        (
            added.iter().filter(refers).cloned().collect(),
            removed.iter().filter(refers).cloned().collect(),
        )
    };
    Change {
        step: change.step,
        database: change.database.clone(),
        what: Changed::Rows {
            table: object.clone(),
            added,
            removed,
        },
    }
}

/// What rows of `child` that refer to frozen rows have in which columns.
fn frozen_keys(
    judge: &Judge<'_>,
    history: &History,
    position: usize,
    frozen: &Frozen,
    child: &Table,
) -> BTreeSet<(Vec<usize>, Vec<Cell>)> {
    let change = &history.changes[position];
    let mut keys = BTreeSet::new();
    let Some(parent) = judge.table(&change.database, &frozen.table) else {
        return keys;
    };
    let Some(column) = parent.position(&frozen.column) else {
        return keys;
    };
    // Rows that earlier steps froze; where steps are independent, nothing of them stays.
    let is_sequence = matches!(history.case.id.phase, Phase::Scenarios | Phase::Fuzz);
    let earlier = history.changes[..position]
        .iter()
        .filter(|other| {
            is_sequence && other.step < change.step && other.database == change.database
        })
        .filter_map(|other| match &other.what {
            Changed::Rows { table, added, .. } if table.eq_ignore_ascii_case(&frozen.table) => {
                Some(added)
            }
            _ => None,
        })
        .flatten();
    let frozen_rows = parent
        .rows
        .iter()
        .chain(earlier)
        .filter(|row| row.get(column).is_some_and(|cell| *cell != Cell::Null));
    for row in frozen_rows {
        for key in &child.foreign_keys {
            if !key.table.eq_ignore_ascii_case(&frozen.table) {
                continue;
            }
            let columns: Option<Vec<usize>> = key
                .columns
                .iter()
                .map(|name| child.position(name))
                .collect();
            let values: Option<Vec<Cell>> = key
                .referenced
                .iter()
                .map(|name| row.get(parent.position(name)?).cloned())
                .collect();
            keys.extend(columns.zip(values));
        }
    }
    keys
}

/// Positions of the primary key's columns.
pub(crate) fn key_positions(table: &Table) -> Vec<usize> {
    table
        .primary_key
        .iter()
        .filter_map(|column| table.position(column))
        .collect()
}

fn same(key: &[usize], one: &[Cell], other: &[Cell]) -> bool {
    key.iter()
        .all(|&position| one.get(position) == other.get(position))
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::history::{Change, Changed, Response};
    use domain::intent::{Action, Frozen};
    use domain::seed::Seed;
    use domain::surface::Cell;

    use crate::authorization::tests::{attack, error};
    use crate::judge::Judge;

    #[test]
    fn what_is_posted_stays_posted() {
        let mut system = example::system(2);
        system.intent.frozen.push(Frozen {
            table: "dbo.Invoices".into(),
            column: "Amount".into(),
            children: vec!["dbo.InvoiceLines".into()],
        });
        let world = example::world(2, Seed(7));
        let mut surface = example::surface(&world);
        let (invoices, lines) = ("dbo.Invoices", "dbo.InvoiceLines");
        // The first invoice is frozen, the second is not.
        let table = surface.databases[0].tables.get_mut(invoices);
        table.expect("an example table").rows[1][2] = Cell::Null;
        let judge = Judge::new(&system, &world, &surface);
        let id = |k: i64| Cell::Integer(1_000_000_100 + k);
        let invoice = |k: i64, customer: i64, amount: &str| {
            let amount = match amount {
                "" => Cell::Null,
                amount => Cell::Decimal(amount.into()),
            };
            vec![id(k), Cell::Integer(customer), amount]
        };
        let line =
            |k: i64, amount: &str| vec![id(k), Cell::Integer(1), Cell::Decimal(amount.into())];
        let told = |what: &str| {
            format!("app_rw of acme {what} of acme, which nobody may change once Amount is set")
        };
        let fine = Response::default;
        for (name, table, removed, added, response, expected) in [
            (
                "an edit",
                invoices,
                vec![invoice(0, 1, "5")],
                vec![invoice(0, 2, "5")],
                fine(),
                Some(told("changed 1 row of frozen rows of dbo.Invoices")),
            ),
            (
                "an edit below a refusal",
                invoices,
                vec![invoice(0, 1, "5")],
                vec![invoice(0, 2, "5")],
                error(50901, "never"),
                Some(told("changed 1 row of frozen rows of dbo.Invoices")),
            ),
            (
                "thawing",
                invoices,
                vec![invoice(0, 1, "5")],
                vec![invoice(0, 1, "")],
                fine(),
                Some(told("changed 1 row of frozen rows of dbo.Invoices")),
            ),
            (
                "removal",
                invoices,
                vec![invoice(0, 1, "5"), invoice(1, 1, "")],
                vec![],
                fine(),
                Some(told("removed 1 row of frozen rows of dbo.Invoices")),
            ),
            (
                "a line of it",
                lines,
                vec![line(0, "5")],
                vec![line(0, "6")],
                fine(),
                Some(told("changed 1 row of frozen rows of dbo.InvoiceLines")),
            ),
            (
                "a line added to it",
                lines,
                vec![],
                vec![vec![id(0), Cell::Integer(9), Cell::Decimal("1".into())]],
                fine(),
                Some(told("added 1 row to frozen rows of dbo.InvoiceLines")),
            ),
            // Near misses: drafts are edited, posted and removed, and so are their lines.
            (
                "a draft",
                invoices,
                vec![invoice(1, 1, "")],
                vec![invoice(1, 2, "")],
                fine(),
                None,
            ),
            (
                "posting",
                invoices,
                vec![invoice(1, 1, "")],
                vec![invoice(1, 1, "7")],
                fine(),
                None,
            ),
            (
                "a line of a draft",
                lines,
                vec![line(1, "5")],
                vec![],
                fine(),
                None,
            ),
            (
                "a new posted row",
                invoices,
                vec![],
                vec![invoice(9, 1, "5")],
                fine(),
                None,
            ),
        ] {
            let own = ("wt_acme", Some(0));
            let mut history = attack("app_rw", Action::Update, own, table, response);
            let what = Changed::Rows {
                table: table.into(),
                added,
                removed,
            };
            history.changes = vec![Change {
                step: Some(0),
                database: "wt_acme".into(),
                what,
            }];
            let findings = super::judge(&judge, &history);
            let sentence = findings.first().map(|finding| finding.sentence.clone());
            assert_eq!(sentence, expected, "{name}");
            if let Some(finding) = findings.first() {
                assert_eq!(finding.controls[0].0, "D09");
            }
        }
    }
}
