//! What does a name mean? Tables, views, procedures and synonyms of the databases that are known.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::surface::Surface;
use tsql::{Create, ModuleBody, StatementKind};

use super::conversion::Kind;

/// The databases that are known.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    databases: BTreeMap<String, Objects>,
}

/// The objects of one database.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    tables: BTreeMap<(String, String), Table>,
    routines: BTreeMap<(String, String), Routine>,
    synonyms: BTreeMap<(String, String), Vec<String>>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `schema.name`, as created.
    pub object: String,
    /// Its columns in order.
    pub columns: Vec<TableColumn>,
    /// Its rows belong to tenants.
    pub owned: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name, as created.
    pub name: String,
    /// Its system type, lower case.
    pub data_type: String,
    /// Bytes, -1 for MAX.
    pub length: i32,
    /// INSERT without a column list passes it by: identity, computed, generated.
    pub skipped: bool,
}

/// A view, procedure, function or trigger.
#[derive(Debug, Clone)]
pub struct Routine {
    /// `schema.name`, as created.
    pub object: String,
    /// Somebody who is judged may run it himself; otherwise it is judged where it is called.
    pub callable: bool,
    /// Its definition.
    pub(crate) text: Arc<str>,
    /// What it says, or why that is not known.
    pub(crate) source: Result<Arc<tsql::Module>, String>,
}

impl Catalog {
    /// The tables of a surface; those with the tenant's column whose name passes `owned` belong
    /// to tenants.
    pub fn of_surface(surface: &Surface, column: &str, owned: impl Fn(&str) -> bool) -> Self {
        let mut catalog = Self::default();
        for database in &surface.databases {
            let mut objects = Objects::default();
            for table in database.tables.values() {
                let columns = table.columns.iter().map(|own| TableColumn {
                    name: own.name.clone(),
                    data_type: own.data_type.clone(),
                    length: own.length_max,
                    skipped: own.identity || own.generated,
                });
                let object = table.object();
                objects.add_table(Table {
                    owned: table.position(column).is_some() && owned(&object),
                    object,
                    columns: columns.collect(),
                });
            }
            catalog.add(&database.name, objects);
        }
        catalog
    }

    /// Adds or replaces a database.
    pub fn add(&mut self, database: &str, objects: Objects) {
        self.databases.insert(database.to_lowercase(), objects);
    }

    /// A database, to add to.
    pub fn database_mut(&mut self, database: &str) -> &mut Objects {
        self.databases.entry(database.to_lowercase()).or_default()
    }

    /// What the tenant's column holds in a database: the kind that most of its tables agree on.
    /// A table whose column is of another kind is not bound by values of this one.
    pub(crate) fn kind(&self, database: &str, column: &str) -> Kind {
        let mut counts: Vec<(Kind, usize)> = Vec::new();
        let tables = self
            .database(database)
            .into_iter()
            .flat_map(|own| own.tables.values());
        for table in tables.filter(|table| table.owned) {
            let Some(position) = table.position(column) else {
                continue;
            };
            let own = &table.columns[position];
            let own = Kind::of(&own.data_type, own.length);
            let same = |(kind, _): &&mut (Kind, usize)| {
                *kind == own || matches!((*kind, own), (Kind::Text(_), Kind::Text(_)))
            };
            match counts.iter_mut().find(same) {
                Some((kind, count)) => {
                    if let (Kind::Text(longest), Kind::Text(length)) = (&mut *kind, own) {
                        *longest = length.max(*longest);
                    }
                    *count += 1;
                }
                None => counts.push((own, 1)),
            }
        }
        let known = counts.into_iter().filter(|(kind, _)| *kind != Kind::Other);
        known
            .reduce(|a, b| if b.1 > a.1 { b } else { a })
            .map_or(Kind::Other, |(kind, _)| kind)
    }

    pub(crate) fn database(&self, database: &str) -> Option<&Objects> {
        self.databases.get(&database.to_lowercase())
    }

    /// What the name means in a database; `schemas` are looked through first, in order, when it
    /// names none.
    pub(crate) fn resolve(&self, database: &str, schemas: &[String], name: &[String]) -> Found<'_> {
        self.resolve_from(database, schemas, name, true)
    }

    fn resolve_from(
        &self,
        database: &str,
        schemas: &[String],
        name: &[String],
        through_synonym: bool,
    ) -> Found<'_> {
        let part = |back: usize| {
            let part = name
                .len()
                .checked_sub(back + 1)
                .map(|index| name[index].as_str());
            part.filter(|part| !part.is_empty())
        };
        let Some(object) = part(0) else {
            return Found::Missing("a name without an object".into());
        };
        if let Some(server) = part(3) {
            return Found::Missing(format!("another server, {server}"));
        }
        let schema = part(1).map(str::to_lowercase);
        if matches!(schema.as_deref(), Some("sys" | "information_schema")) {
            return Found::System;
        }
        let place = part(2).unwrap_or(database);
        let Some(objects) = self.database(place) else {
            return Found::Missing(format!(
                "another database, {place}, whose tables are not known"
            ));
        };
        let object = object.to_lowercase();
        let found = match &schema {
            Some(schema) => objects.at(schema, &object),
            None => objects.anywhere(schemas, &object),
        };
        match found {
            Some(Found::Synonym(target)) if through_synonym => {
                self.resolve_from(place, &["dbo".to_owned()], target, false)
            }
            Some(found) => found,
            // Compatibility views and system procedures, from before schemas.
            None if schema.is_none() && object.starts_with("sys") => Found::System,
            None => Found::Missing("an object that is not known".into()),
        }
    }
}

/// What a name means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FoundRef<'a> {
    Table(&'a Table),
    Routine(&'a Routine),
}

/// What a name means, or why that is not known.
#[derive(Debug, Clone)]
pub(crate) enum Found<'a> {
    Object(FoundRef<'a>, /* schema */ String),
    Synonym(&'a [String]),
    System,
    Missing(String),
}

impl Objects {
    /// Adds a table.
    pub fn add_table(&mut self, table: Table) {
        self.tables.insert(key(&table.object), table);
    }

    /// Adds a module by its definition; `None` when that is not visible.
    pub fn add_routine(&mut self, object: &str, definition: Option<&str>, callable: bool) {
        let source = match definition {
            None => Err("its definition is not visible".to_owned()),
            Some(text) => read(text),
        };
        let routine = Routine {
            object: object.to_owned(),
            callable,
            text: Arc::from(definition.unwrap_or_default()),
            source,
        };
        self.routines.insert(key(object), routine);
    }

    /// Adds a synonym for a name of one to four parts, as `sys.synonyms` shows it.
    pub fn add_synonym(&mut self, object: &str, target: &str) {
        let target = tsql::parse_name(target).map_or_else(|_| Vec::new(), |name| name.0);
        self.synonyms.insert(key(object), target);
    }

    /// Its modules, by lower-case schema and name.
    pub(crate) fn routines(&self) -> impl Iterator<Item = (&(String, String), &Routine)> {
        self.routines.iter()
    }

    /// Does a name of that spelling lead to anything but a system object?
    pub(crate) fn knows(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let tables = self.tables.keys().any(|(_, own)| *own == name);
        tables
            || self.routines.keys().any(|(_, own)| *own == name)
            || self.synonyms.keys().any(|(_, own)| *own == name)
    }

    fn at(&self, schema: &str, object: &str) -> Option<Found<'_>> {
        let key = (schema.to_owned(), object.to_owned());
        if let Some(table) = self.tables.get(&key) {
            return Some(Found::Object(FoundRef::Table(table), key.0));
        }
        if let Some(routine) = self.routines.get(&key) {
            return Some(Found::Object(FoundRef::Routine(routine), key.0));
        }
        self.synonyms.get(&key).map(|target| Found::Synonym(target))
    }

    /// A name without schema: in the schemas given, else anywhere. Of several candidates a
    /// tenant-owned table is taken first: that can only bind less.
    fn anywhere(&self, schemas: &[String], object: &str) -> Option<Found<'_>> {
        for schema in schemas {
            if let Some(found) = self.at(schema, object) {
                return Some(found);
            }
        }
        let table = |owned: bool| {
            let mut all = self.tables.iter();
            all.find(|((_, name), table)| name == object && table.owned == owned)
        };
        if let Some(((schema, _), table)) = table(true) {
            return Some(Found::Object(FoundRef::Table(table), schema.clone()));
        }
        let mut synonyms = self.synonyms.iter();
        if let Some((_, target)) = synonyms.find(|((_, name), _)| name == object) {
            return Some(Found::Synonym(target));
        }
        let mut routines = self.routines.iter();
        if let Some(((schema, _), routine)) = routines.find(|((_, name), _)| name == object) {
            return Some(Found::Object(FoundRef::Routine(routine), schema.clone()));
        }
        let ((schema, _), table) = table(false)?;
        Some(Found::Object(FoundRef::Table(table), schema.clone()))
    }
}

impl Table {
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        let same = |own: &TableColumn| own.name.eq_ignore_ascii_case(column);
        self.columns.iter().position(same)
    }
}

fn key(object: &str) -> (String, String) {
    let lower = object.to_lowercase();
    match lower.split_once('.') {
        Some((schema, name)) => (schema.to_owned(), name.to_owned()),
        None => ("dbo".to_owned(), lower),
    }
}

fn read(text: &str) -> Result<Arc<tsql::Module>, String> {
    let batch = tsql::parse_batch(text).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut statements = batch.statements.into_iter();
    match (
        statements.next().map(|statement| statement.kind),
        statements.next(),
    ) {
        (Some(StatementKind::Create(Create::Module(module))), None) => match module.body {
            ModuleBody::DdlTrigger { .. } => Err("it is a trigger of the database".to_owned()),
            _ => Ok(Arc::new(module)),
        },
        (Some(StatementKind::Unsupported { construct }), _) => {
            Err(format!("it cannot be read: {construct}"))
        }
        _ => Err("its definition is no single CREATE of a module".to_owned()),
    }
}
