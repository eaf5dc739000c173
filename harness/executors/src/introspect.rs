//! What there is to attack, read from every database's catalog as administrator.

use std::collections::{BTreeMap, BTreeSet};

use connection::Connection;
use domain::history::ResultSet;
use domain::surface::{
    Cell, Column, Database, DatabasePrincipal, ForeignKey, Module, Surface, Table, Temporal,
};
use domain::world::{TenantIndex, World};

use crate::catalog_queries as queries;
use crate::error::ExecutorError;
use crate::quote;

/// Reads the catalogs of the world's databases, tenants' first. Rows are read by
/// [`census`](crate::census()), features by [`features`](crate::features()).
pub async fn introspect(
    administrator: &mut Connection,
    world: &World,
) -> Result<Surface, ExecutorError> {
    let mut databases = Vec::new();
    for (name, tenant) in world.databases() {
        databases.push(database(administrator, name, tenant).await?);
    }
    enter(administrator, "master").await?;
    Ok(Surface {
        databases,
        ..Surface::default()
    })
}

async fn enter(administrator: &mut Connection, database: &str) -> Result<(), ExecutorError> {
    let doing = format!("enter database {database}");
    let batch = format!("USE {}", quote::name(database));
    crate::ledger::tell(administrator, &doing, &batch)
        .await
        .map(|_| ())
}

const QUESTIONS: [&str; 14] = [
    queries::TABLES,
    queries::COLUMNS,
    queries::KEYS,
    queries::FOREIGN_KEYS,
    queries::TRIGGERS,
    queries::MODULES,
    queries::PARAMETERS,
    queries::PRINCIPALS,
    queries::MEMBERS,
    queries::SCHEMAS,
    queries::MODULE_COLUMNS,
    queries::UPDATABLE,
    queries::PAST,
    queries::SESSION_KEYS,
];

async fn database(
    administrator: &mut Connection,
    name: &str,
    tenant: Option<TenantIndex>,
) -> Result<Database, ExecutorError> {
    enter(administrator, name).await?;
    let response = administrator
        .run_with_limit(&QUESTIONS.join(";\n"), usize::MAX)
        .await;
    let doing = format!("read the catalog of database {name}");
    if let Some(loss) = response.lost {
        return Err(ExecutorError::Lost { doing, loss });
    }
    if let Some(error) = response.first_error() {
        let (number, text) = (error.number, error.text.clone());
        return Err(ExecutorError::Refused {
            doing,
            number,
            text,
        });
    }
    let Ok(answers) = <[ResultSet; QUESTIONS.len()]>::try_from(response.results) else {
        let text = "the server gave another number of result sets than was asked for".to_owned();
        return Err(ExecutorError::Refused {
            doing,
            number: 0,
            text,
        });
    };
    Ok(assemble(name, tenant, &answers))
}

fn assemble(
    name: &str,
    tenant: Option<TenantIndex>,
    answers: &[ResultSet; QUESTIONS.len()],
) -> Database {
    let [
        tables,
        columns,
        keys,
        foreign_keys,
        triggers,
        modules,
        parameters,
        principals,
        members,
        schemas,
        module_columns,
        updatable,
        past,
        asking,
    ] = answers;
    let mut by_id: BTreeMap<i64, Table> = BTreeMap::new();
    let object = |row: &[Cell]| format!("{}.{}", text(row, 1), text(row, 2));
    let temporal = |row: &[Cell]| {
        let find = |matches: &dyn Fn(&[Cell]) -> bool| {
            tables
                .rows
                .iter()
                .find(|other| matches(other))
                .map(|other| object(other))
        };
        let current = find(&|other| number(other, 3) != 0 && number(other, 3) == number(row, 0));
        let history = find(&|other| number(row, 3) != 0 && number(other, 0) == number(row, 3));
        match (current, history) {
            (Some(of), _) => Temporal::History { of },
            (None, Some(history)) => Temporal::Current {
                history,
                start: text(row, 4),
                end: text(row, 5),
            },
            (None, None) => Temporal::No,
        }
    };
    for row in &tables.rows {
        let table = Table {
            schema: text(row, 1),
            name: text(row, 2),
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
            temporal: temporal(row),
            rows: Vec::new(),
        };
        by_id.insert(number(row, 0), table);
    }
    for row in &columns.rows {
        if let Some(table) = by_id.get_mut(&number(row, 0)) {
            let data_type = text(row, 2);
            table.columns.push(Column {
                name: text(row, 1),
                nullable: flag(row, 4),
                identity: flag(row, 5),
                generated: flag(row, 6) || number(row, 8) != 0 || data_type == "timestamp",
                has_default: number(row, 7) != 0,
                length_max: i32::try_from(number(row, 3)).unwrap_or(-1),
                data_type,
            });
        }
    }
    for group in grouped(&keys.rows) {
        if let Some(table) = by_id.get_mut(&number(group[0], 0)) {
            let names = group.iter().map(|row| text(row, 3)).collect();
            if flag(group[0], 2) {
                table.primary_key = names;
            } else {
                table.unique.push(names);
            }
        }
    }
    for group in grouped(&foreign_keys.rows) {
        if let Some(table) = by_id.get_mut(&number(group[0], 0)) {
            table.foreign_keys.push(ForeignKey {
                columns: group.iter().map(|row| text(row, 2)).collect(),
                table: format!("{}.{}", text(group[0], 3), text(group[0], 4)),
                referenced: group.iter().map(|row| text(row, 5)).collect(),
            });
        }
    }
    for row in &triggers.rows {
        if let Some(table) = by_id.get_mut(&number(row, 0)) {
            table.triggers.push(text(row, 1));
        }
    }
    let mut modules_by_id: BTreeMap<i64, Module> = BTreeMap::new();
    for row in &modules.rows {
        let module = Module {
            schema: text(row, 1),
            name: text(row, 2),
            kind: text(row, 3).trim_end().to_owned(),
            parameters: Vec::new(),
            outputs: Vec::new(),
            columns: Vec::new(),
            updatable: Vec::new(),
            past: false,
        };
        modules_by_id.insert(number(row, 0), module);
    }
    for row in &parameters.rows {
        if let Some(module) = modules_by_id.get_mut(&number(row, 0)) {
            module.parameters.push((text(row, 1), text(row, 2)));
            if flag(row, 3) {
                module.outputs.push(text(row, 1));
            }
        }
    }
    for row in &module_columns.rows {
        if let Some(module) = modules_by_id.get_mut(&number(row, 0)) {
            module.columns.push(Column {
                name: text(row, 1),
                data_type: text(row, 2),
                length_max: i32::try_from(number(row, 3)).unwrap_or(-1),
                nullable: flag(row, 4),
                identity: false,
                generated: false,
                has_default: false,
            });
        }
    }
    for row in &updatable.rows {
        if let Some(module) = modules_by_id.get_mut(&number(row, 0)) {
            module.updatable.push(text(row, 1));
        }
    }
    for row in &past.rows {
        if let Some(module) = modules_by_id.get_mut(&number(row, 0)) {
            module.past = true;
        }
    }
    let roles_of = |member: &str| {
        let own = members.rows.iter().filter(|row| text(row, 0) == member);
        own.map(|row| text(row, 1)).collect()
    };
    Database {
        name: name.to_owned(),
        tenant,
        tables: by_id
            .into_values()
            .map(|table| (table.object(), table))
            .collect(),
        modules: modules_by_id
            .into_values()
            .map(|module| (format!("{}.{}", module.schema, module.name), module))
            .collect(),
        principals: principals
            .rows
            .iter()
            .map(|row| {
                let name = text(row, 0);
                let kind = text(row, 1).trim_end().to_owned();
                let roles = roles_of(&name);
                (name, DatabasePrincipal { kind, roles })
            })
            .collect(),
        schemas: schemas.rows.iter().map(|row| text(row, 0)).collect(),
        session_keys: session_keys(asking),
    }
}

/// The keys of `SESSION_CONTEXT` that texts name, each once.
fn session_keys(texts: &ResultSet) -> Vec<String> {
    const ASKED: &str = "session_context(n'";
    let mut keys = BTreeSet::new();
    for row in &texts.rows {
        let definition = text(row, 0);
        // Lower case has as many bytes here, or the place would be another.
        let lower = definition.to_ascii_lowercase();
        for (at, _) in lower.match_indices(ASKED) {
            let rest = &definition[at + ASKED.len()..];
            if let Some((key, _)) = rest.split_once('\'') {
                keys.insert(key.to_owned());
            }
        }
    }
    keys.into_iter().collect()
}

/// Runs of rows that agree in their first two columns.
fn grouped(rows: &[Vec<Cell>]) -> Vec<Vec<&[Cell]>> {
    let mut groups: Vec<Vec<&[Cell]>> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some(group) if group[0].get(..2) == row.get(..2) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

fn text(row: &[Cell], position: usize) -> String {
    match row.get(position) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn number(row: &[Cell], position: usize) -> i64 {
    match row.get(position) {
        Some(Cell::Integer(number)) => *number,
        _ => 0,
    }
}

fn flag(row: &[Cell], position: usize) -> bool {
    match row.get(position) {
        Some(Cell::Bit(flag)) => *flag,
        Some(Cell::Integer(number)) => *number != 0,
        _ => false,
    }
}
