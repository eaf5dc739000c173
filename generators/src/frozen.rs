//! Which rows nobody may change any more, and the statements that try it all the same.

use domain::intent::{Action, Frozen, Intent};
use domain::surface::{Cell, Database, Table};

use crate::literal::{bracketed, text};
use crate::rows;
use crate::statements::{Standpoint, Statement};
use crate::terrain::{Need, Terrain};

/// Positions of the rows of the census that are frozen.
pub(crate) fn rows(intent: &Intent, database: &Database, table: &Table) -> Vec<usize> {
    let Some(frozen) = intent.freezing(&table.object()) else {
        return Vec::new();
    };
    (0..table.rows.len())
        .filter(|&row| is_frozen(frozen, database, table, row))
        .collect()
}

/// The others.
pub(crate) fn open_rows(intent: &Intent, database: &Database, table: &Table) -> Vec<usize> {
    let frozen = rows(intent, database, table);
    (0..table.rows.len())
        .filter(|row| !frozen.contains(row))
        .collect()
}

fn is_frozen(frozen: &Frozen, database: &Database, table: &Table, row: usize) -> bool {
    let cells = &table.rows[row];
    if is_of(&frozen.table, table) {
        return table
            .position(&frozen.column)
            .is_some_and(|position| cells.get(position) != Some(&Cell::Null));
    }
    let Some(parent) = parent(frozen, database) else {
        return false;
    };
    let refers = |other: &[Cell]| {
        table
            .foreign_keys
            .iter()
            .filter(|key| is_of(&key.table, parent))
            .any(|key| {
                key.columns
                    .iter()
                    .zip(&key.referenced)
                    .all(|(own, referenced)| {
                        let own = table.position(own).and_then(|position| cells.get(position));
                        let theirs = parent.position(referenced);
                        own.is_some() && own == theirs.and_then(|position| other.get(position))
                    })
            })
    };
    (0..parent.rows.len())
        .any(|other| is_frozen(frozen, database, parent, other) && refers(&parent.rows[other]))
}

/// The table that a frozen row is of, or refers to.
fn parent<'a>(frozen: &Frozen, database: &'a Database) -> Option<&'a Table> {
    database
        .tables
        .values()
        .find(|table| is_of(&frozen.table, table))
}

fn is_of(object: &str, table: &Table) -> bool {
    object.eq_ignore_ascii_case(&table.object())
}

/// A row that can be inserted and is not frozen thereby: it refers to no frozen row that would
/// freeze it, and its own column is NULL where it may be.
pub(crate) fn fresh(
    terrain: &Terrain<'_>,
    database: &Database,
    table: &Table,
    n: usize,
) -> Option<rows::FreshRow> {
    let intent = &terrain.system.intent;
    let Some(frozen) = intent.freezing(&table.object()) else {
        return rows::fresh(database, table, terrain.world, n);
    };
    let may_refer = |other: &Table, row: usize| {
        is_of(&frozen.table, table)
            || !is_of(&frozen.table, other)
            || !is_frozen(frozen, database, other, row)
    };
    let mut row = rows::fresh_among(database, table, terrain.world, n, &may_refer)?;
    if is_of(&frozen.table, table)
        && table
            .columns
            .iter()
            .any(|column| column.nullable && column.name.eq_ignore_ascii_case(&frozen.column))
    {
        let name = bracketed(&frozen.column);
        for (column, literal) in row.columns.iter().zip(&mut row.literals) {
            if column.eq_ignore_ascii_case(&name) {
                "NULL".clone_into(literal);
            }
        }
    }
    Some(row)
}

/// What nobody may do to the frozen rows of a table: change one, remove one, both by MERGE, change
/// all rows at once, thaw one, and add to one.
pub(crate) fn statements(
    terrain: &Terrain<'_>,
    database: &Database,
    table: &Table,
    standpoint: Standpoint,
) -> Vec<Statement> {
    let intent = &terrain.system.intent;
    let frozen = rows(intent, database, table);
    let (Some(&first), Some(declared)) = (frozen.first(), intent.freezing(&table.object())) else {
        return Vec::new();
    };
    let name = standpoint.spell(database, &table.schema, &table.name);
    let object = Intent::frozen_rows(&table.object());
    let mut list = Vec::new();
    let mut push = |action: Action, text: String| {
        list.push(Statement {
            text,
            action,
            object: object.clone(),
            needs: vec![
                Need::new(database, &object, action),
                Need::new(database, &table.object(), Action::Select),
            ],
            traits: domain::case::BatchTraits {
                writes: true,
                ..Default::default()
            },
        });
    };
    let key = rows::key_predicate(table, first, "");
    if let (Some((column, value)), Some(key)) = (rows::assignment(table, terrain.world, 0), &key) {
        push(
            Action::Update,
            format!("UPDATE {name} SET {column} = {value} WHERE {key};"),
        );
        push(
            Action::Update,
            format!("UPDATE {name} SET {column} = {value};"),
        );
        if let Some(aliased) = rows::key_predicate(table, first, "t.") {
            push(
                Action::Update,
                format!(
                    "MERGE INTO {name} AS t USING (SELECT 1 AS One) AS s ON {aliased} \
                     WHEN MATCHED THEN UPDATE SET {column} = {value};"
                ),
            );
        }
    }
    let is_own = is_of(&declared.table, table);
    if let (true, Some(key)) = (is_own, &key) {
        let column = bracketed(&declared.column);
        if table
            .columns
            .iter()
            .any(|own| own.nullable && own.name.eq_ignore_ascii_case(&declared.column))
        {
            push(
                Action::Update,
                format!("UPDATE {name} SET {column} = NULL WHERE {key};"),
            );
        }
    }
    let unreferenced = rows::unreferenced(database, table);
    if let Some(&row) = frozen.iter().find(|row| unreferenced.contains(row)) {
        if let Some(key) = rows::key_predicate(table, row, "") {
            push(Action::Delete, format!("DELETE FROM {name} WHERE {key};"));
        }
        if let Some(key) = rows::key_predicate(table, row, "t.") {
            push(
                Action::Delete,
                format!(
                    "MERGE INTO {name} AS t USING (SELECT 1 AS One) AS s ON {key} \
                     WHEN MATCHED THEN DELETE;"
                ),
            );
        }
    }
    if !is_own {
        let is_frozen_parent = |other: &Table, row: usize| {
            !is_of(&declared.table, other) || is_frozen(declared, database, other, row)
        };
        let n = table.rows.len().saturating_sub(1);
        let row = rows::fresh_among(database, table, terrain.world, n, &is_frozen_parent);
        if let Some(row) = row {
            let text = format!(
                "INSERT INTO {name} {} VALUES {};",
                row.column_list(),
                row.value_list()
            );
            push(Action::Insert, text);
        }
    }
    list.extend(talked_out(database, &list));
    list
}

/// The same by somebody whose session says whatever a guard may ask it for. Where all tenants have one
/// database, the session is checked out with the keys that count.
fn talked_out(database: &Database, list: &[Statement]) -> Vec<Statement> {
    let says: String = database
        .session_keys
        .iter()
        .filter(|_| database.tenant.is_some())
        .map(|key| format!("EXEC sys.sp_set_session_context {}, 1; ", text(key)))
        .collect();
    if says.is_empty() {
        return Vec::new();
    }
    let talked = |statement: &Statement| Statement {
        text: format!("{says}{}", statement.text),
        traits: domain::case::BatchTraits {
            changes_session: true,
            ..statement.traits
        },
        ..statement.clone()
    };
    list.iter().map(talked).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::example;
    use domain::intent::Frozen;
    use domain::seed::Seed;
    use domain::surface::{Cell, Surface};
    use domain::system::System;

    use super::{fresh, open_rows, rows, statements};
    use crate::statements::Standpoint;
    use crate::terrain::Terrain;

    /// The example, with the first two of four invoices frozen.
    pub(crate) fn frozen_example() -> (System, Surface) {
        let mut system = example::system(1);
        system.intent.frozen.push(Frozen {
            table: "dbo.Invoices".into(),
            column: "Amount".into(),
            children: vec!["dbo.InvoiceLines".into()],
        });
        let world = example::world(1, Seed(7));
        let mut surface = example::surface(&world);
        let invoices = surface.databases[0].tables.get_mut("dbo.Invoices");
        let invoices = invoices.expect("an example table");
        invoices.columns[2].nullable = true;
        for row in &mut invoices.rows[2..] {
            row[2] = Cell::Null;
        }
        (system, surface)
    }

    #[test]
    fn rows_are_frozen_by_their_column_or_by_the_row_they_refer_to() {
        let (system, surface) = frozen_example();
        let database = &surface.databases[0];
        for (table, frozen, open) in [
            ("dbo.Invoices", vec![0, 1], vec![2, 3]),
            ("dbo.InvoiceLines", vec![0, 1, 2, 3], vec![]),
            ("dbo.Customers", vec![], vec![0, 1, 2, 3, 4]),
        ] {
            let table = &database.tables[table];
            assert_eq!(rows(&system.intent, database, table), frozen);
            assert_eq!(open_rows(&system.intent, database, table), open);
        }
    }

    #[test]
    fn fresh_rows_are_not_frozen_and_attacks_are_on_frozen_ones() {
        let (system, surface) = frozen_example();
        let world = example::world(1, Seed(7));
        let terrain = Terrain::new(&system, &world, &surface);
        let database = &surface.databases[0];
        let invoices = &database.tables["dbo.Invoices"];
        let lines = &database.tables["dbo.InvoiceLines"];
        for n in [0, 1, 5, 12] {
            let row = fresh(&terrain, database, invoices, n).expect("rows");
            assert!(row.value_list().ends_with("NULL)"), "{}", row.value_list());
            let row = fresh(&terrain, database, lines, n).expect("rows");
            let open = row.literals[0] == "1000000102" || row.literals[0] == "1000000103";
            assert!(open, "{}", row.value_list());
        }
        let texts: Vec<String> = statements(&terrain, database, invoices, Standpoint::Inside)
            .into_iter()
            .map(|statement| statement.text)
            .collect();
        assert_eq!(
            texts,
            [
                "UPDATE [dbo].[Invoices] SET [Amount] = 700000.5000 WHERE [InvoiceId] = 1000000100;",
                "UPDATE [dbo].[Invoices] SET [Amount] = 700000.5000;",
                "MERGE INTO [dbo].[Invoices] AS t USING (SELECT 1 AS One) AS s ON t.[InvoiceId] = \
                 1000000100 WHEN MATCHED THEN UPDATE SET [Amount] = 700000.5000;",
                "UPDATE [dbo].[Invoices] SET [Amount] = NULL WHERE [InvoiceId] = 1000000100;",
            ]
        );
    }
}
