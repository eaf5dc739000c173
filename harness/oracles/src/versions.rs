//! Versions: each change of a system-versioned row leaves the version before it in the history, and
//! nothing else ever changes there. The versions of a row follow one another without gap and
//! without overlap.

use std::collections::BTreeMap;

use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Change, Changed, History};
use domain::surface::{Cell, Table, Temporal};

use crate::confinement::responsible;
use crate::evidence::{self, Shown};
use crate::irreversibility::key_positions;
use crate::judge::Judge;
use crate::matrix::Relation;

type Rows<'a> = &'a [Vec<Cell>];

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (database, table, history_table) in versioned(judge) {
        let mut steps: Vec<Option<usize>> = history
            .changes
            .iter()
            .filter(|change| change.database.eq_ignore_ascii_case(database))
            .map(|change| change.step)
            .collect();
        steps.dedup();
        for step in steps {
            let of = |object: &str| {
                history.changes.iter().find(|change| {
                    change.step == step
                        && change.database.eq_ignore_ascii_case(database)
                        && is_rows_of(change, object)
                })
            };
            let (current, past) = (of(&table.object()), of(&history_table.object()));
            let Some(change) = past.or(current) else {
                continue;
            };
            let Some(taken) = responsible(judge, history, change) else {
                continue;
            };
            let Some(principal) = judge.principal(&history.case, taken) else {
                continue;
            };
            let (added, removed) = rows_of(current);
            let (kept, lost) = rows_of(past);
            let Some(broken) = broken(table, history_table, (added, removed), (kept, lost)) else {
                continue;
            };
            let owner = judge.world.tenant_of_database(database);
            let relation = Relation::of(principal.tenant, owner);
            let place = history_table.object();
            let sentence = format!(
                "{} {broken} ({} of {}); each change leaves the version before it, and nothing \
                 else changes in the history",
                judge.who(principal),
                table.object(),
                judge.whose(database)
            );
            let fingerprint = Fingerprint {
                oracle: "versions".into(),
                attacker: principal.name.into(),
                victim: relation.name().into(),
                action: "break the history".into(),
                place: place.clone(),
            };
            let mut finding = judge.finding(history, taken, fingerprint, Severity::High, sentence);
            let shown = Shown {
                rows_moved: true,
                ..Shown::default()
            };
            finding.controls = evidence::controls(judge.system, Relation::Own, &place, shown);
            finding.changes = current.into_iter().chain(past).cloned().collect();
            findings.push(finding);
        }
    }
    findings
}

/// The tables of which every change must leave a history row, and their history tables.
fn versioned<'a>(judge: &Judge<'a>) -> Vec<(&'a str, &'a Table, &'a Table)> {
    let intent = &judge.system.intent;
    let mut found = Vec::new();
    for database in &judge.surface.databases {
        for table in database.tables.values() {
            let Temporal::Current { history, .. } = &table.temporal else {
                continue;
            };
            if intent.is_system_versioned(&table.object())
                && let Some(history) = database.tables.get(history)
            {
                found.push((database.name.as_str(), table, history));
            }
        }
    }
    found
}

fn is_rows_of(change: &Change, object: &str) -> bool {
    matches!(&change.what, Changed::Rows { table, .. } if table.eq_ignore_ascii_case(object))
}

fn rows_of(change: Option<&Change>) -> (Rows<'_>, Rows<'_>) {
    match change.map(|change| &change.what) {
        Some(Changed::Rows { added, removed, .. }) => (added, removed),
        _ => (&[], &[]),
    }
}

/// What is wrong with what one step did, in words that follow who did it.
///
/// Rows are told apart by the primary key; the columns of both tables are the same, in the same
/// order.
fn broken(
    table: &Table,
    history: &Table,
    (added, removed): (Rows<'_>, Rows<'_>),
    (kept, lost): (Rows<'_>, Rows<'_>),
) -> Option<String> {
    let Temporal::Current { start, end, .. } = &table.temporal else {
        return None;
    };
    if !lost.is_empty() {
        return Some(format!(
            "removed or changed {} of the history",
            rows(lost.len())
        ));
    }
    let key = key_positions(table);
    let (start, end) = (history.position(start)?, history.position(end)?);
    if key.is_empty() {
        // Without a key versions cannot be laid to rows, only counted.
        return (kept.len() < removed.len()).then(|| {
            let missing = removed.len() - kept.len();
            format!("changed rows of which {missing} left no version behind")
        });
    }
    let key_of = |row: &[Cell]| -> Vec<Cell> {
        key.iter()
            .filter_map(|&position| row.get(position).cloned())
            .collect()
    };
    let mut versions: BTreeMap<Vec<Cell>, Versions<'_>> = BTreeMap::new();
    for row in removed {
        versions.entry(key_of(row)).or_default().before = Some(row);
    }
    for row in added {
        versions.entry(key_of(row)).or_default().after = Some(row);
    }
    for row in kept {
        versions.entry(key_of(row)).or_default().kept.push(row);
    }
    let was_there = |own: &[Cell]| table.rows.iter().any(|row| key_of(row) == own);
    versions
        .into_iter()
        .find_map(|(own, versions)| versions.broken(start, end, || was_there(&own)))
}

/// The versions of one row around one step.
#[derive(Default)]
struct Versions<'a> {
    /// The current one before the step.
    before: Option<&'a Vec<Cell>>,
    /// The current one after it.
    after: Option<&'a Vec<Cell>>,
    /// Those that the step left in the history.
    kept: Vec<&'a Vec<Cell>>,
}

impl Versions<'_> {
    fn broken(mut self, start: usize, end: usize, was_there: impl Fn() -> bool) -> Option<String> {
        let at = |row: &[Cell], position: usize| row.get(position).cloned();
        self.kept.sort_by_key(|row| (at(row, start), at(row, end)));
        if let Some(before) = self.before {
            let Some(first) = self.kept.first() else {
                return Some("changed or removed a row that left no version behind".into());
            };
            let differs = (0..before.len())
                .any(|position| position != end && before.get(position) != first.get(position));
            if differs {
                return Some("left a version behind that is not what the row was".into());
            }
        } else if self.after.is_none() && was_there() {
            // A row that comes and goes in one step leaves a version, too; but this one was there.
            return Some("added a version to the history of a row that did not change".into());
        }
        if let Some(row) = self.kept.iter().find(|row| at(row, start) > at(row, end)) {
            return Some(format!(
                "left a version behind that ends before it begins ({:?})",
                at(row, start)
            ));
        }
        let follows = self
            .kept
            .windows(2)
            .all(|pair| at(pair[0], end) == at(pair[1], start));
        if !follows {
            return Some("left versions behind with a gap or an overlap between them".into());
        }
        match (self.kept.last(), self.after) {
            (Some(last), Some(after)) if at(last, end) != at(after, start) => {
                Some("left a version behind that does not end where the next begins".into())
            }
            _ => None,
        }
    }
}

fn rows(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::history::{Change, Changed, Response};
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::{Cell, Column, Temporal};

    use crate::authorization::tests::attack;
    use crate::judge::Judge;

    /// `key value from to`, where `-` is the end of time.
    fn row(text: &str) -> Vec<Cell> {
        text.split(' ')
            .enumerate()
            .map(|(position, word)| match position {
                0 => word.parse().map_or(Cell::Null, Cell::Integer),
                1 => Cell::Text(word.into()),
                _ if word == "-" => Cell::Temporal("9999-12-31 23:59:59.9999999".into()),
                _ => Cell::Temporal(format!("2026-01-01 00:00:0{word}.0000000")),
            })
            .collect()
    }

    fn rows(texts: &[&str]) -> Vec<Vec<Cell>> {
        texts.iter().map(|text| row(text)).collect()
    }

    #[test]
    fn every_change_leaves_its_version_and_nothing_else_changes() {
        let mut system = example::system(1);
        system.intent.system_versioned = vec!["dbo.Customers".into()];
        system.intent.history = vec!["h.*".into()];
        let world = example::world(1, Seed(7));
        let mut surface = example::surface(&world);
        let tables = &mut surface.databases[0].tables;
        let column = |name: &str| Column {
            name: name.into(),
            data_type: "datetime2".into(),
            length_max: 8,
            nullable: false,
            identity: false,
            generated: true,
            has_default: false,
        };
        let customers = tables.get_mut("dbo.Customers").expect("an example table");
        customers.columns.truncate(2);
        customers
            .columns
            .extend([column("ValidFrom"), column("ValidTo")]);
        customers.temporal = Temporal::Current {
            history: "h.Customers".into(),
            start: "ValidFrom".into(),
            end: "ValidTo".into(),
        };
        let mut past = customers.clone();
        past.schema = "h".into();
        past.primary_key.clear();
        past.temporal = Temporal::History {
            of: "dbo.Customers".into(),
        };
        tables.insert("h.Customers".into(), past);
        let judge = Judge::new(&system, &world, &surface);
        for (name, removed, added, kept, lost, expected) in [
            (
                "an update",
                &["1 a 1 -"][..],
                &["1 b 3 -"][..],
                &["1 a 1 3"][..],
                &[][..],
                None,
            ),
            (
                "two in one step",
                &["1 a 1 -"],
                &["1 c 4 -"],
                &["1 a 1 3", "1 b 3 4"],
                &[],
                None,
            ),
            (
                "two at one moment",
                &["1 a 1 -"],
                &["1 c 3 -"],
                &["1 a 1 3", "1 b 3 3"],
                &[],
                None,
            ),
            ("a removal", &["1 a 1 -"], &[], &["1 a 1 3"], &[], None),
            ("a new row", &[], &["1 a 3 -"], &[], &[], None),
            (
                "a new row, changed",
                &[],
                &["1 b 4 -"],
                &["1 a 3 4"],
                &[],
                None,
            ),
            (
                "of several",
                &["1 a 1 -", "2 a 1 -"],
                &["1 b 3 -"],
                &["1 a 1 3", "2 a 1 3"],
                &[],
                None,
            ),
            (
                "no version",
                &["1 a 1 -"],
                &["1 b 3 -"],
                &[],
                &[],
                Some("changed or removed a row that left no version behind"),
            ),
            (
                "one of two",
                &["1 a 1 -", "2 a 1 -"],
                &[],
                &["1 a 1 3"],
                &[],
                Some("changed or removed a row that left no version behind"),
            ),
            (
                "a forged version",
                &["1 a 1 -"],
                &["1 b 3 -"],
                &["1 x 1 3"],
                &[],
                Some("left a version behind that is not what the row was"),
            ),
            (
                "a back-dated version",
                &["1 a 2 -"],
                &["1 b 3 -"],
                &["1 a 1 3"],
                &[],
                Some("left a version behind that is not what the row was"),
            ),
            (
                "a gap",
                &["1 a 1 -"],
                &["1 c 5 -"],
                &["1 a 1 3", "1 b 4 5"],
                &[],
                Some("left versions behind with a gap or an overlap between them"),
            ),
            (
                "an end elsewhere",
                &["1 a 1 -"],
                &["1 b 5 -"],
                &["1 a 1 3"],
                &[],
                Some("left a version behind that does not end where the next begins"),
            ),
            (
                "a version of what did not change",
                &[],
                &[],
                &["1000000000 a 1 3"],
                &[],
                Some("added a version to the history of a row that did not change"),
            ),
            (
                "a row that came and went",
                &[],
                &[],
                &["1 a 1 3"],
                &[],
                None,
            ),
            (
                "a purged history",
                &[],
                &[],
                &[],
                &["1 a 1 3"],
                Some("removed or changed 1 row of the history"),
            ),
        ] {
            let own = ("wt_acme", Some(0));
            let mut history = attack(
                "app_rw",
                Action::Update,
                own,
                "dbo.Customers",
                Response::default(),
            );
            let change = |table: &str, added, removed| Change {
                step: Some(0),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: table.into(),
                    added,
                    removed,
                },
            };
            history.changes = vec![
                change("dbo.Customers", rows(added), rows(removed)),
                change("h.Customers", rows(kept), rows(lost)),
            ];
            let findings = super::judge(&judge, &history);
            let told = findings.first().map(|finding| finding.sentence.as_str());
            let expected = expected.map(|broken| {
                format!(
                    "app_rw of acme {broken} (dbo.Customers of acme); each change leaves the \
                     version before it, and nothing else changes in the history"
                )
            });
            assert_eq!(told, expected.as_deref(), "{name}");
            if let Some(finding) = findings.first() {
                assert_eq!(finding.controls[0].0, "D05");
            }
        }
    }
}
