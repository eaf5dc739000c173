//! Tenant keys: where the rows of all tenants lie in one database, every table of theirs begins each
//! key, each index and each reference with the column that says whose a row is. Else a collision, a
//! reference or the time that a search takes tells one tenant of another's rows.

use std::collections::BTreeMap;

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};
use domain::surface::Cell;
use domain::system::Tenancy;

use crate::inspections::rights::{number, text};
use crate::judge::Judge;

const CONTROL: &str = "S06";

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let Some(tenancy) = &judge.system.tenancy else {
        return Inspected::NotApplicable {
            reason: "no tables hold rows of several tenants".into(),
        };
    };
    let mut items = Vec::new();
    for database in judge.inspected_databases() {
        let asked = facts.asked(Topic::Keys, database);
        match facts.sets(Topic::Keys, database) {
            Ok([columns, indexes, references]) => {
                let tables = tables(columns);
                for (object, described) in &tables {
                    if !tenancy.declares(object) {
                        continue;
                    }
                    if has(&described.columns, &tenancy.column) {
                        let wrong = defects(tenancy, object, &tables, indexes, references);
                        items.extend(table(database, object, asked, wrong));
                    } else if holds_marks(judge, database, object) {
                        let wrong = vec![Wrong {
                            kind: "rows of tenants without their tenant",
                            severity: Severity::High,
                            sentence: format!(
                                "{object} holds rows of tenants and has no column {}; there must \
                                 be no shared rows",
                                tenancy.column
                            ),
                        }];
                        items.extend(table(database, object, asked, wrong));
                    }
                }
            }
            Ok(sets) => {
                let reason = format!("{} result sets instead of 3", sets.len());
                items.push(Item::unseen(CONTROL, database, "tables", &reason));
            }
            Err(reason) => items.push(Item::unseen(CONTROL, database, "tables", &reason)),
        }
    }
    Inspected::Items(items)
}

/// One item for each thing that is wrong with a table, or one that nothing is.
fn table(database: &str, object: &str, asked: &str, wrong: Vec<Wrong>) -> Vec<Item> {
    if wrong.is_empty() {
        return vec![Item::passed(CONTROL, database, object)];
    }
    wrong
        .into_iter()
        .map(|wrong| {
            let defect = Defect {
                kind: wrong.kind.into(),
                severity: wrong.severity,
                sentence: wrong.sentence,
                shown_by: asked.to_owned(),
            };
            Item::failed(CONTROL, database, object, defect)
        })
        .collect()
}

/// What is known of a table besides its keys.
#[derive(Debug, Default)]
struct Described {
    columns: Vec<String>,
    /// It keeps the past of another: the server allows it no key.
    is_history: bool,
}

fn tables(columns: &ResultSet) -> BTreeMap<String, Described> {
    let mut tables: BTreeMap<String, Described> = BTreeMap::new();
    // Schema, table, column, temporal_type.
    for row in &columns.rows {
        let table = tables.entry(object_of(row)).or_default();
        table.columns.push(text(row, 2).to_owned());
        table.is_history = number(row, 3) == 1;
    }
    tables
}

fn object_of(row: &[Cell]) -> String {
    format!("{}.{}", text(row, 0), text(row, 1))
}

fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether values that were planted for a tenant stand in the table.
fn holds_marks(judge: &Judge<'_>, database: &str, object: &str) -> bool {
    let surface = judge.surface.databases.iter();
    let table = surface
        .filter(|own| own.name.eq_ignore_ascii_case(database))
        .find_map(|own| own.tables.get(object));
    let marks = || judge.world.tenants.iter().map(|tenant| &tenant.mark.text);
    table.is_some_and(|table| {
        table.rows.iter().flatten().any(|cell| match cell {
            Cell::Text(text) => marks().any(|mark| text.contains(mark.as_str())),
            _ => false,
        })
    })
}

struct Wrong {
    kind: &'static str,
    severity: Severity,
    sentence: String,
}

fn defects(
    tenancy: &Tenancy,
    object: &str,
    tables: &BTreeMap<String, Described>,
    indexes: &ResultSet,
    references: &ResultSet,
) -> Vec<Wrong> {
    let Some(table) = tables.get(object) else {
        return Vec::new();
    };
    let column = &tenancy.column;
    let mut wrong = Vec::new();
    let mut say = |kind, severity, sentence| {
        wrong.push(Wrong {
            kind,
            severity,
            sentence,
        });
    };
    let mut has_primary_key = false;
    for row in indexes.rows.iter().filter(|row| object_of(row) == object) {
        // Schema, table, index, primary key, unique, first column.
        let (name, first) = (text(row, 2), text(row, 5));
        let (primary, unique) = (number(row, 3) != 0, number(row, 4) != 0);
        has_primary_key |= primary;
        if first.eq_ignore_ascii_case(column) {
            continue;
        }
        let (kind, severity, what) = match (primary, unique) {
            (true, _) => (
                "a primary key without its tenant",
                Severity::High,
                "primary key",
            ),
            (false, true) => (
                "a unique key without its tenant",
                Severity::High,
                "unique key",
            ),
            (false, false) => ("an index without its tenant", Severity::Medium, "index"),
        };
        say(
            kind,
            severity,
            format!(
                "the {what} {name} of {object} begins with {first}; every key and index of rows \
                 of tenants must begin with {column}"
            ),
        );
    }
    if !has_primary_key && !table.is_history {
        say(
            "no primary key",
            Severity::Medium,
            format!(
                "{object} has no primary key; rows of tenants must have one that begins with {column}"
            ),
        );
    }
    for group in references
        .rows
        .chunk_by(|a, b| a.get(..3) == b.get(..3))
        .filter(|group| object_of(&group[0]) == object)
    {
        // Schema, table, key, column, referenced schema, table and column.
        let own: Vec<&str> = group.iter().map(|row| text(row, 3)).collect();
        let theirs: Vec<&str> = group.iter().map(|row| text(row, 6)).collect();
        let bound = own.iter().zip(&theirs).any(|(own, their)| {
            own.eq_ignore_ascii_case(column) && their.eq_ignore_ascii_case(column)
        });
        let first = own
            .first()
            .is_some_and(|own| own.eq_ignore_ascii_case(column));
        let target = format!("{}.{}", text(&group[0], 4), text(&group[0], 5));
        // What no tenant owns (a list of currencies) is referred to as it is.
        let to_tenants = tables
            .get(&target)
            .is_some_and(|table| has(&table.columns, column));
        if to_tenants && !(bound && first) {
            say(
                "a reference without its tenant",
                Severity::High,
                format!(
                    "the foreign key {} of {object} refers to {target} by {}; a reference between \
                     rows of tenants must begin with {column}",
                    text(&group[0], 2),
                    own.join(", ")
                ),
            );
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use domain::example::common;
    use domain::history::ResultSet;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    fn columns() -> ResultSet {
        set(&[
            &["dbo", "Customers", "OrgId", "0"],
            &["dbo", "Customers", "CustomerId", "0"],
            &["dbo", "StockLedger", "OrgId", "0"],
            &["dbo", "StockLedger", "CustomerId", "0"],
            &["dbo", "StockLedger", "Currency", "0"],
            &["dbo", "CustomersHistory", "OrgId", "1"],
            &["dbo", "Currencies", "Code", "0"],
        ])
    }

    #[test]
    fn keys_indexes_and_references_begin_with_the_tenant() {
        let system = common::system(2);
        let world = common::world(2, Seed(7));
        let surface = common::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let customers: &[&str] = &["dbo", "Customers", "PK_Customers", "1", "1", "OrgId"];
        let ledger: &[&str] = &["dbo", "StockLedger", "PK_StockLedger", "1", "1", "OrgId"];
        let reference = |column: &'static str, own: &'static str| -> Vec<&'static str> {
            vec![
                "dbo",
                "StockLedger",
                "FK_Customer",
                own,
                "dbo",
                "Customers",
                column,
            ]
        };
        let (by_tenant, by_row) = (
            reference("OrgId", "OrgId"),
            reference("CustomerId", "CustomerId"),
        );
        let currency: &[&str] = &[
            "dbo",
            "StockLedger",
            "FK_Cur",
            "Currency",
            "dbo",
            "Currencies",
            "Code",
        ];
        let good: &[&[&str]] = &[customers, ledger];
        for (indexes, references, expected) in [
            (good, vec![&by_tenant[..], &by_row, currency], None),
            (
                &[
                    &["dbo", "Customers", "PK_Customers", "1", "1", "CustomerId"][..],
                    ledger,
                ][..],
                vec![],
                Some(
                    "the primary key PK_Customers of dbo.Customers begins with CustomerId; every \
                     key and index of rows of tenants must begin with OrgId",
                ),
            ),
            (
                &[
                    customers,
                    ledger,
                    &["dbo", "Customers", "UQ_Sku", "0", "1", "Sku"],
                ],
                vec![],
                Some(
                    "the unique key UQ_Sku of dbo.Customers begins with Sku; every key and index \
                     of rows of tenants must begin with OrgId",
                ),
            ),
            (
                &[
                    customers,
                    ledger,
                    &["dbo", "CustomersHistory", "ix", "0", "0", "ValidTo"],
                ],
                vec![],
                Some(
                    "the index ix of dbo.CustomersHistory begins with ValidTo; every key and \
                     index of rows of tenants must begin with OrgId",
                ),
            ),
            (
                good,
                vec![&by_row],
                Some(
                    "the foreign key FK_Customer of dbo.StockLedger refers to dbo.Customers by \
                     CustomerId; a reference between rows of tenants must begin with OrgId",
                ),
            ),
            (
                &[customers],
                vec![],
                Some(
                    "dbo.StockLedger has no primary key; rows of tenants must have one that \
                     begins with OrgId",
                ),
            ),
        ] {
            let sets = vec![columns(), set(indexes), set(&references)];
            let facts = Facts(vec![Fact {
                topic: Topic::Keys,
                database: "wt_erp".into(),
                asked: "SELECT 1".into(),
                answer: Answer::Sets(sets),
            }]);
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("there is a tenancy");
            };
            let failed: Vec<&str> = items
                .iter()
                .filter_map(|item| match &item.seen {
                    Seen::Failed(defect) => Some(defect.sentence.as_str()),
                    _ => None,
                })
                .collect();
            assert_eq!(failed, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
