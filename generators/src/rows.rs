//! Rows to write: valid beside the ones that are there, and free of every tenant's marks.
//!
//! A new row is copied from one of the census: what the database enforces (references, enumerated
//! values) it takes over, what is unique it makes anew, and what was planted it replaces by
//! something of the same shape. A mark in the request would later be mistaken for a leak. Only
//! references keep their planted values; there the oracles leave out what the request held.

use domain::surface::{Cell, Column, Database, ForeignKey, Table};
use domain::world::{NUMBER_BAND, World};

use crate::literal;

/// Combinations of parent rows tried before a junction table counts as full.
const COMBINATIONS_MAX: usize = 4096;
/// Years that honest dates may have begin here.
const YEAR_FIRST: usize = 1990;
/// How many honest years there are; all before every planted one.
const YEARS: usize = 200;

/// A row to insert: columns and their literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FreshRow {
    /// Bracketed column names.
    pub(crate) columns: Vec<String>,
    /// Their values, in the same order.
    pub(crate) literals: Vec<String>,
}

impl FreshRow {
    /// `(columns)`.
    pub(crate) fn column_list(&self) -> String {
        format!("({})", self.columns.join(", "))
    }

    /// `(values)`.
    pub(crate) fn value_list(&self) -> String {
        format!("({})", self.literals.join(", "))
    }
}

/// The `n`-th row that can be inserted; `None` when the table is empty or a junction is full.
pub(crate) fn fresh(
    database: &Database,
    table: &Table,
    world: &World,
    n: usize,
) -> Option<FreshRow> {
    fresh_among(database, table, world, n, &|_, _| true)
}

/// The same, referring only to rows of other tables, by their positions, that `may_refer` allows,
/// as far as references take part in a key.
pub(crate) fn fresh_among(
    database: &Database,
    table: &Table,
    world: &World,
    n: usize,
    may_refer: &dyn Fn(&Table, usize) -> bool,
) -> Option<FreshRow> {
    let pattern = table.rows.get(n % table.rows.len().max(1))?;
    let sets = unique_sets(table);
    let unique = |column: &str| sets.iter().any(|set| contains(set, column));
    // Only references that take part in a key are varied; the others are kept.
    let keyed: Vec<(&ForeignKey, &Table, Vec<usize>)> = table
        .foreign_keys
        .iter()
        .filter(|key| key.columns.iter().any(|column| unique(column)))
        .filter_map(|key| Some((key, database.tables.get(&key.table)?)))
        .filter(|(_, parent)| !parent.rows.is_empty())
        .map(|(key, parent)| {
            let rows = (0..parent.rows.len()).filter(|&row| may_refer(parent, row));
            (key, parent, rows.collect())
        })
        .collect();
    let referencing = |column: &str| {
        table
            .foreign_keys
            .iter()
            .any(|key| contains(&key.columns, column))
    };
    let mut row: Vec<Cell> = table
        .columns
        .iter()
        .zip(pattern)
        .enumerate()
        .map(|(position, (column, cell))| {
            if referencing(&column.name) {
                cell.clone()
            } else if unique(&column.name) {
                unused(table, position, column, cell, world, n)
            } else {
                neutral(cell, world, n)
            }
        })
        .collect();
    let combinations: usize = keyed.iter().map(|(_, _, rows)| rows.len()).product();
    for attempt in 0..combinations.min(COMBINATIONS_MAX) {
        let mut choice = (n + attempt) % combinations;
        for (key, parent, rows) in &keyed {
            let chosen = &parent.rows[rows[choice % rows.len()]];
            choice /= rows.len();
            for (own, referenced) in key.columns.iter().zip(&key.referenced) {
                let (Some(own), Some(referenced)) =
                    (table.position(own), parent.position(referenced))
                else {
                    continue;
                };
                row[own] = chosen[referenced].clone();
            }
        }
        if sets.iter().all(|set| is_new(table, set, &row)) {
            return Some(written(table, &row));
        }
    }
    None
}

fn written(table: &Table, row: &[Cell]) -> FreshRow {
    let (columns, literals) = table
        .columns
        .iter()
        .zip(row)
        .filter(|(column, _)| !column.identity && !column.generated)
        .map(|(column, cell)| (literal::bracketed(&column.name), literal::of(cell, column)))
        .unzip();
    FreshRow { columns, literals }
}

/// The primary key and every other unique set.
fn unique_sets(table: &Table) -> Vec<&[String]> {
    let mut sets: Vec<&[String]> = table.unique.iter().map(Vec::as_slice).collect();
    if !table.primary_key.is_empty() {
        sets.push(&table.primary_key);
    }
    sets
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether no row of the census equals `row` on the columns of `set`.
fn is_new(table: &Table, set: &[String], row: &[Cell]) -> bool {
    let positions: Vec<usize> = set.iter().filter_map(|name| table.position(name)).collect();
    // What the server numbers itself is always new.
    if positions
        .iter()
        .any(|&position| table.columns[position].identity || table.columns[position].generated)
    {
        return true;
    }
    !table.rows.iter().any(|old| {
        positions
            .iter()
            .all(|&position| old[position] == row[position])
    })
}

/// A value of a unique column that no row has.
fn unused(
    table: &Table,
    position: usize,
    column: &Column,
    cell: &Cell,
    world: &World,
    n: usize,
) -> Cell {
    let changed = neutral(cell, world, n);
    if changed != *cell {
        return changed;
    }
    let rows = table.rows.iter().map(|row| &row[position]);
    match cell {
        Cell::Integer(_) => {
            let highest = rows
                .filter_map(|cell| match cell {
                    Cell::Integer(value) if !planted_number(*value, world) => Some(*value),
                    _ => None,
                })
                .max()
                .unwrap_or(0);
            let step = if column.data_type == "tinyint" {
                n % 100
            } else {
                n
            };
            Cell::Integer(highest + 1 + i64::try_from(step).unwrap_or(0))
        }
        Cell::Text(value) => {
            let width = value.chars().count().max(1);
            let digits = format!("{n:0width$}");
            Cell::Text(digits.chars().rev().take(width).collect())
        }
        Cell::Guid(_) => Cell::Guid(format!("{:08x}-0000-4000-8000-000000000000", guid_head(n))),
        other => other.clone(),
    }
}

/// The same value without marks: unchanged when it carries none.
pub(crate) fn neutral(cell: &Cell, world: &World, n: usize) -> Cell {
    match cell {
        Cell::Integer(value) if planted_number(*value, world) => {
            Cell::Integer(i64::try_from(700_000 + n % 200_000).expect("a small number"))
        }
        Cell::Decimal(value) => match value.split_once('.') {
            Some((whole, fraction)) if planted_text_number(whole, world) => {
                Cell::Decimal(format!("{}.{fraction}", 700_000 + n % 200_000))
            }
            None if planted_text_number(value, world) => {
                Cell::Decimal((700_000 + n % 200_000).to_string())
            }
            _ => cell.clone(),
        },
        Cell::Float(value)
            if value
                .parse::<f64>()
                .is_ok_and(|float| planted_number(float as i64, world)) =>
        {
            Cell::Float((700_000 + n % 200_000).to_string())
        }
        Cell::Text(value) => Cell::Text(neutral_text(value, world, n)),
        Cell::Binary(bytes) if carries_mark(bytes, world) => {
            Cell::Binary((n as u64).to_be_bytes()[..bytes.len().min(8)].to_vec())
        }
        Cell::Guid(value)
            if world
                .tenants
                .iter()
                .any(|tenant| value.starts_with(&guid_prefix(tenant.mark.guid))) =>
        {
            let tail = value.get(8..).unwrap_or_default();
            Cell::Guid(format!("{:08x}{tail}", guid_head(n)))
        }
        Cell::Temporal(value) if planted_year(value, world) => {
            let tail = value.get(4..).unwrap_or_default();
            Cell::Temporal(format!("{}{tail}", leap_safe(n, tail)))
        }
        other => other.clone(),
    }
}

/// A year before all planted ones in which the day of `tail` exists.
fn leap_safe(n: usize, tail: &str) -> usize {
    let year = YEAR_FIRST + n % YEARS;
    if tail.starts_with("-02-29") {
        year / 4 * 4 - if year / 4 * 4 == 2100 { 4 } else { 0 }
    } else {
        year
    }
}

fn guid_prefix(guid: [u8; 4]) -> String {
    let [a, b, c, d] = guid;
    format!("{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// The first eight digits of a GUID that nobody planted.
fn guid_head(n: usize) -> u32 {
    0xee00_0000 | (u32::try_from(n & 0x00ff_ffff).expect("24 bits fit"))
}

fn planted_number(value: i64, world: &World) -> bool {
    world
        .tenants
        .iter()
        .any(|tenant| (tenant.mark.number..tenant.mark.number + NUMBER_BAND).contains(&value))
}

fn planted_text_number(whole: &str, world: &World) -> bool {
    whole
        .parse::<i64>()
        .is_ok_and(|value| planted_number(value.abs(), world))
}

fn planted_year(value: &str, world: &World) -> bool {
    let year = value.get(..4).and_then(|year| year.parse::<i32>().ok());
    world
        .tenants
        .iter()
        .any(|tenant| Some(tenant.mark.year) == year)
}

fn carries_mark(bytes: &[u8], world: &World) -> bool {
    world.tenants.iter().any(|tenant| {
        let plain = tenant.mark.text.as_bytes();
        let wide: Vec<u8> = tenant
            .mark
            .text
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        bytes
            .windows(plain.len())
            .any(|window| window.eq_ignore_ascii_case(plain))
            || bytes.windows(wide.len()).any(|window| window == wide)
    })
}

/// Marks, planted numbers and planted years in text, replaced in the same length.
fn neutral_text(value: &str, world: &World, n: usize) -> String {
    let mut text = value.to_owned();
    for tenant in &world.tenants {
        let mark = &tenant.mark.text;
        let width = mark.len().saturating_sub(1);
        let filler: String = format!("{:0width$}", n % 10_usize.pow(7))
            .chars()
            .take(width)
            .collect();
        text = text.replace(mark.as_str(), &format!("x{filler}"));
        text = text.replace(
            &guid_prefix(tenant.mark.guid),
            &format!("{:08x}", guid_head(n)),
        );
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let run = rest[start..]
            .find(|c: char| !c.is_ascii_digit())
            .map_or(rest.len(), |length| start + length);
        clean.push_str(&rest[..start]);
        let digits = &rest[start..run];
        if planted_text_number(digits, world) {
            clean.push_str(&format!("{:010}", 700_000 + n % 200_000));
        } else if digits.len() == 4 && planted_year(digits, world) {
            clean.push_str(&(YEAR_FIRST + n % YEARS).to_string());
        } else {
            clean.push_str(digits);
        }
        rest = &rest[run..];
    }
    clean.push_str(rest);
    clean
}

/// Positions of the rows that no other row references.
pub(crate) fn unreferenced(database: &Database, table: &Table) -> Vec<usize> {
    let object = table.object();
    (0..table.rows.len())
        .filter(|&index| {
            database.tables.values().all(|other| {
                other
                    .foreign_keys
                    .iter()
                    .filter(|key| key.table.eq_ignore_ascii_case(&object))
                    .all(|key| !references(other, key, table, &table.rows[index]))
            })
        })
        .collect()
}

fn references(child: &Table, key: &ForeignKey, parent: &Table, row: &[Cell]) -> bool {
    let pairs: Vec<(usize, usize)> = key
        .columns
        .iter()
        .zip(&key.referenced)
        .filter_map(|(own, referenced)| Some((child.position(own)?, parent.position(referenced)?)))
        .collect();
    child
        .rows
        .iter()
        .any(|own| pairs.iter().all(|&(from, to)| own[from] == row[to]))
}

/// Whether any foreign key points at the table: then it can be neither truncated nor dropped.
pub(crate) fn is_referenced(database: &Database, table: &Table) -> bool {
    let object = table.object();
    database.tables.values().any(|other| {
        other
            .foreign_keys
            .iter()
            .any(|key| key.table.eq_ignore_ascii_case(&object))
    })
}

/// `[Key] = value AND …` for one row; `None` without a primary key.
pub(crate) fn key_predicate(table: &Table, row: usize, alias: &str) -> Option<String> {
    let row = table.rows.get(row)?;
    let terms: Option<Vec<String>> = table
        .primary_key
        .iter()
        .map(|name| {
            let position = table.position(name)?;
            let column = &table.columns[position];
            let value = literal::of(&row[position], column);
            Some(format!(
                "{alias}{} = {value}",
                literal::bracketed(&column.name)
            ))
        })
        .collect();
    let terms = terms?;
    if terms.is_empty() {
        None
    } else {
        Some(terms.join(" AND "))
    }
}

/// The columns that can be set to one value in every row.
fn free_columns(table: &Table) -> Vec<usize> {
    let sets = unique_sets(table);
    (0..table.columns.len())
        .filter(|&position| {
            let column = &table.columns[position];
            !column.identity
                && !column.generated
                && !sets.iter().any(|set| contains(set, &column.name))
                && !table
                    .foreign_keys
                    .iter()
                    .any(|key| contains(&key.columns, &column.name))
        })
        .collect()
}

/// Every column that can be set to one value in every row, each with that value.
pub(crate) fn assignments(table: &Table, world: &World) -> Vec<(String, String)> {
    let Some(row) = table.rows.first() else {
        return Vec::new();
    };
    let assigned = |position: usize| {
        let column = &table.columns[position];
        let value = neutral(&row[position], world, 0);
        (
            literal::bracketed(&column.name),
            literal::of(&value, column),
        )
    };
    free_columns(table).into_iter().map(assigned).collect()
}

/// A column that can be set to one value in every row, and that value; several `n` may give
/// several columns.
pub(crate) fn assignment(table: &Table, world: &World, n: usize) -> Option<(String, String)> {
    let free = free_columns(table);
    let row = table.rows.get(n % table.rows.len().max(1))?;
    // A planted column is preferred: its change cannot be mistaken for a no-op. Among those, text:
    // rules between columns are mostly about dates and numbers.
    let planted = |&position: &usize| neutral(&row[position], world, n) != row[position];
    let text = |&position: &usize| matches!(row[position], Cell::Text(_));
    let planted: Vec<usize> = free.iter().copied().filter(planted).collect();
    let words: Vec<usize> = planted.iter().copied().filter(text).collect();
    let candidates = [words, planted, free]
        .into_iter()
        .find(|list| !list.is_empty())?;
    let position = *candidates.get(n % candidates.len().max(1))?;
    let column = &table.columns[position];
    let value = neutral(&row[position], world, n);
    Some((
        literal::bracketed(&column.name),
        literal::of(&value, column),
    ))
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::seed::Seed;

    use super::{assignment, fresh, is_referenced, key_predicate, unreferenced};

    #[test]
    fn fresh_rows_carry_no_mark_but_keep_references() {
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let database = &surface.databases[1];
        for table in database.tables.values() {
            for n in [0, 1, 17, 123_456] {
                let row = fresh(database, table, &world, n).expect("every example table has rows");
                let text = row.value_list();
                for tenant in &world.tenants {
                    assert!(!text.contains(&tenant.mark.text), "{text}");
                }
            }
        }
        let customers = &database.tables["dbo.Customers"];
        let row = fresh(database, customers, &world, 3).expect("rows");
        assert_eq!(
            row.column_list(),
            "([CustomerId], [Code], [Name], [Balance], [Since], [PublicId])"
        );
        assert_eq!(
            row.value_list(),
            "(700003, N'code x0000003 3', N'customer x0000003 3', 700003.5000, '1993-01-04', \
             'ee000003-0000-4000-8000-000000000003')"
        );
    }

    #[test]
    fn victims_are_rows_that_nothing_references() {
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let database = &surface.databases[0];
        let customers = &database.tables["dbo.Customers"];
        assert_eq!(unreferenced(database, customers), [2, 3, 4]);
        assert!(is_referenced(database, customers));
        assert!(!is_referenced(
            database,
            &database.tables["dbo.AuditEvents"]
        ));
        assert_eq!(
            key_predicate(customers, 2, "").as_deref(),
            Some("[CustomerId] = 1000000002")
        );
        assert_eq!(
            assignment(customers, &world, 0),
            Some(("[Name]".into(), "N'customer x0000000 0'".into()))
        );
    }
}
