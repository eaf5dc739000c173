//! How are rows reached where those of all tenants lie in one database? Through views and
//! procedures: which rows they take is read from the catalog, by the names of columns and
//! parameters.
//!
//! A [`Way`] is one action on one module. Its words leave open whose rows are meant: a value is the
//! speaker's own (`{{own …}}`, resolved when it is said) or somebody's, as a literal. So attacker
//! and twin can say the same words.

use std::collections::BTreeMap;

use domain::case::{Actor, BatchTraits, Claim, PAST, Scope, Step};
use domain::intent::Action;
use domain::own;
use domain::surface::{Cell, Column, Database, Module, Table};
use domain::system::Tenancy;
use domain::world::TenantIndex;

use crate::literal::{self, bracketed};
use crate::rows;
use crate::statements::by_type;
use crate::terrain::{Need, Terrain};

/// Rows that a rehearsal tries before a way counts as one that does not work.
const CANDIDATES: usize = 12;
/// Makes values of a way differ from those of other ways.
const FRESH_FIRST: usize = 1_000;

/// Which row of the speaker's own each way works on, by the way's name: found by trying.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices(BTreeMap<String, usize>);

impl Choices {
    /// Nothing was tried.
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The way of this name works on the row at `position`.
    pub fn choose(&mut self, name: &str, position: usize) {
        self.0.insert(name.to_owned(), position);
    }

    fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(0)
    }
}

/// One way and the rows that it may work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The way's name.
    pub name: String,
    /// The same words about one row after the other.
    pub candidates: Vec<Step>,
}

/// What is to be tried before anybody attacks: every way, by who may go it, on one row after the
/// other until it works. Nothing of it stays.
pub fn rehearsals(terrain: &Terrain<'_>) -> Vec<Rehearsal> {
    let Some(tenant) = terrain.world.indexes().next() else {
        return Vec::new();
    };
    let mut rehearsals = Vec::new();
    let common = |database: &&Database| terrain.is_common(database);
    for database in terrain.surface.databases.iter().filter(common) {
        for module in database.modules.values() {
            for way in ways(terrain, database, module) {
                let attacker = terrain.attackers_of(tenant).into_iter().next();
                let Some(attacker) = attacker else { continue };
                let needs = [Need::new(database, &module.object(), way.action)];
                let actor = terrain.twin(attacker, &needs, database);
                let mut rehearse = |name: String, actor: &Actor| {
                    let candidate = |position| {
                        Some(Step {
                            actor: actor.clone(),
                            batch: way.words(terrain, position, &Saying::own(&way))?,
                            claim: Some(way.claim(Some(tenant), "rehearsal")),
                            twin: None,
                            traits: way.traits(),
                        })
                    };
                    rehearsals.push(Rehearsal {
                        name,
                        candidates: (0..CANDIDATES).filter_map(candidate).collect(),
                    });
                };
                rehearse(way.name(), &actor);
                if let Actor::Principal { tenant, principal } = actor
                    && way.is_departmental()
                {
                    let scope = Scope::Department(1);
                    let member = Actor::Scoped {
                        tenant,
                        principal,
                        scope,
                    };
                    rehearse(way.name_in(1), &member);
                }
            }
        }
    }
    rehearsals
}

/// One action on one view or procedure, and the rows that it takes.
#[derive(Debug, Clone)]
pub(crate) struct Way<'a> {
    pub(crate) database: &'a Database,
    pub(crate) module: &'a Module,
    pub(crate) action: Action,
    tenancy: &'a Tenancy,
    /// The table behind a view, or the one that a procedure's parameters are most like.
    pub(crate) subject: Option<&'a Table>,
    pub(crate) keys: Vec<Key<'a>>,
}

/// A place for a row's key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    /// The table whose row it is.
    pub(crate) table: &'a Table,
    pub(crate) column: &'a str,
}

/// What is said: `None` is the speaker's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Saying {
    pub(crate) organisation: Option<String>,
    pub(crate) department: Option<String>,
    /// One for each key of the way.
    pub(crate) keys: Vec<Option<String>>,
    /// Another value for the parameter of this name.
    pub(crate) parameter: Option<(String, String)>,
}

impl Saying {
    /// Everything is the speaker's own.
    pub(crate) fn own(way: &Way<'_>) -> Self {
        Self {
            keys: vec![None; way.keys.len()],
            ..Self::default()
        }
    }
}

/// The ways of a module; none when it is not in a database that all tenants have in common.
pub(crate) fn ways<'a>(
    terrain: &Terrain<'a>,
    database: &'a Database,
    module: &'a Module,
) -> Vec<Way<'a>> {
    let Some(tenancy) = &terrain.system.tenancy else {
        return Vec::new();
    };
    if !terrain.is_common(database) {
        return Vec::new();
    }
    let way = |action, subject, keys| Way {
        database,
        module,
        action,
        tenancy,
        subject,
        keys,
    };
    match module.kind.as_str() {
        "V" => {
            let has = |name: &str| has(&module.columns, name);
            if !has(&tenancy.column) {
                return Vec::new();
            }
            let subject = behind(tenancy, database, module);
            let keys = match subject {
                Some(table) => table
                    .primary_key
                    .iter()
                    .filter(|column| !column.eq_ignore_ascii_case(&tenancy.column))
                    .filter(|column| has(column))
                    .map(|column| Key { table, column })
                    .collect(),
                None => single_keys(tenancy, database)
                    .filter(|key| has(key.column) && is_number_of(key))
                    .take(1)
                    .collect(),
            };
            let mut ways = vec![way(Action::Select, subject, keys)];
            if subject.is_some() && !ways[0].keys.is_empty() {
                let keys = ways[0].keys.clone();
                let update = way(Action::Update, subject, keys.clone());
                if update.assignment(terrain).is_some() {
                    ways.push(update);
                }
                ways.push(way(Action::Delete, subject, keys));
            }
            ways
        }
        "P" => {
            let own = |name: &str| {
                let named = |(own, _): &&(String, String)| bare(own).eq_ignore_ascii_case(name);
                module.parameters.iter().any(|one| named(&one))
            };
            if !own(&tenancy.column) {
                return Vec::new();
            }
            let subject = most_alike(tenancy, database, module);
            let keys = keys_of(tenancy, database, module, subject);
            vec![way(Action::Execute, subject, keys)]
        }
        _ => Vec::new(),
    }
}

/// `@Name` without its sign.
fn bare(parameter: &str) -> &str {
    parameter.trim_start_matches('@')
}

fn has(columns: &[Column], name: &str) -> bool {
    columns
        .iter()
        .any(|column| column.name.eq_ignore_ascii_case(name))
}

fn owned<'a>(
    tenancy: &'a Tenancy,
    database: &'a Database,
) -> impl Iterator<Item = &'a Table> + Clone {
    database
        .tables
        .values()
        .filter(|table| tenancy.owns(table) && !table.primary_key.is_empty())
}

/// The table behind a view: of the same name, or else the first that has all its columns.
fn behind<'a>(tenancy: &'a Tenancy, database: &'a Database, view: &Module) -> Option<&'a Table> {
    let whole = |table: &&Table| {
        let mut columns = view.columns.iter();
        columns.all(|column| has(&table.columns, &column.name))
    };
    let named = |table: &&Table| table.name.eq_ignore_ascii_case(&view.name);
    owned(tenancy, database)
        .filter(whole)
        .find(named)
        .or_else(|| owned(tenancy, database).find(whole))
}

/// Whether a key is no text: names are keys of many tables, and columns of more.
fn is_number_of(key: &Key<'_>) -> bool {
    let columns = key.table.columns.iter();
    let mut own = columns.filter(|column| column.name == key.column);
    own.all(|column| family(&column.data_type) != "text")
}

/// Columns that are, beside the tenant's, the whole key of a table.
fn single_keys<'a>(tenancy: &'a Tenancy, database: &'a Database) -> impl Iterator<Item = Key<'a>> {
    owned(tenancy, database).filter_map(|table| match rest_of_key(tenancy, table).as_slice() {
        [column] => Some(Key { table, column }),
        _ => None,
    })
}

/// The primary key without the columns of tenant and department.
fn rest_of_key<'a>(tenancy: &Tenancy, table: &'a Table) -> Vec<&'a str> {
    let department = tenancy.department.as_ref().map(|own| own.column.as_str());
    table
        .primary_key
        .iter()
        .map(String::as_str)
        .filter(|column| !column.eq_ignore_ascii_case(&tenancy.column))
        .filter(|column| !department.is_some_and(|own| own.eq_ignore_ascii_case(column)))
        .collect()
}

/// The keys that a procedure's parameters are: each belongs to the table whose key takes the most
/// of them.
fn keys_of<'a>(
    tenancy: &'a Tenancy,
    database: &'a Database,
    module: &Module,
    subject: Option<&'a Table>,
) -> Vec<Key<'a>> {
    // A name is a key of many tables; it is a row's only where the procedure is about that table.
    let telling = |table: &Table, rest: &[&str]| {
        subject.is_some_and(|own| own.object() == table.object())
            || rest.iter().all(|column| {
                let mut columns = table.columns.iter();
                columns.any(|own| own.name == *column && family(&own.data_type) != "text")
            })
    };
    let given = |name: &str| {
        module
            .parameters
            .iter()
            .any(|(own, _)| bare(own).eq_ignore_ascii_case(name) && !module.outputs.contains(own))
    };
    let mut covered: Vec<(&Table, Vec<&str>)> = owned(tenancy, database)
        .map(|table| (table, rest_of_key(tenancy, table)))
        .filter(|(_, rest)| !rest.is_empty() && rest.iter().all(|column| given(column)))
        .filter(|(table, rest)| telling(table, rest))
        .collect();
    covered.sort_by_key(|(_, rest)| std::cmp::Reverse(rest.len()));
    let mut keys: Vec<Key<'a>> = Vec::new();
    for (table, rest) in covered {
        let known = |column: &str| {
            keys.iter()
                .any(|key| key.column.eq_ignore_ascii_case(column))
        };
        if rest.iter().any(|column| known(column)) {
            continue;
        }
        keys.extend(rest.into_iter().map(|column| Key { table, column }));
    }
    keys
}

/// The table that has the most columns named like the parameters.
fn most_alike<'a>(
    tenancy: &'a Tenancy,
    database: &'a Database,
    module: &Module,
) -> Option<&'a Table> {
    let alike = |table: &Table| {
        let parameters = module.parameters.iter();
        parameters
            .filter(|(own, _)| has(&table.columns, bare(own)))
            .count()
    };
    // Of equals the first, so that more columns elsewhere change nothing.
    owned(tenancy, database).fold(None, |best: Option<&Table>, table| match best {
        Some(best) if alike(best) >= alike(table) => Some(best),
        _ => Some(table),
    })
}

impl<'a> Way<'a> {
    /// Its name among choices.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.action.name(), self.module.object())
    }

    pub(crate) fn traits(&self) -> BatchTraits {
        BatchTraits {
            writes: self.action != Action::Select,
            ..BatchTraits::default()
        }
    }

    /// A claim to go this way to rows of a tenant.
    pub(crate) fn claim(&self, tenant: Option<TenantIndex>, family: &str) -> Claim {
        let past = if self.module.past {
            format!("+{PAST}")
        } else {
            String::new()
        };
        Claim {
            action: self.action,
            database: self.database.name.clone(),
            tenant,
            object: self.module.object(),
            family: format!("{family}{past}"),
        }
    }

    /// Who may go it.
    pub(crate) fn is_rightful(&self, terrain: &Terrain<'_>, principal: &str) -> bool {
        let object = self.module.object();
        terrain
            .system
            .intent
            .allows(principal, self.action, &object)
    }

    /// The words with the speaker's own rows.
    pub(crate) fn own_words(&self, terrain: &Terrain<'_>) -> Option<String> {
        self.words(terrain, self.chosen(terrain), &Saying::own(self))
    }

    /// The row of the speaker's own that it works on.
    pub(crate) fn chosen(&self, terrain: &Terrain<'_>) -> usize {
        terrain.choices.of(&self.name())
    }

    /// The row that it works on for a department.
    pub(crate) fn chosen_in(&self, terrain: &Terrain<'_>, department: usize) -> usize {
        terrain.choices.of(&self.name_in(department))
    }

    /// Its name among choices of a department; the first is what the tenant as a whole chooses.
    fn name_in(&self, department: usize) -> String {
        match department {
            0 => self.name(),
            _ => format!("{} in department {department}", self.name()),
        }
    }

    /// Whether one may name a department in it.
    pub(crate) fn names_department(&self) -> bool {
        self.tenancy.department.as_ref().is_some_and(|own| {
            let mut parameters = self.module.parameters.iter();
            parameters.any(|(name, _)| bare(name).eq_ignore_ascii_case(&own.column))
        })
    }

    /// The keys of somebody's row: what he would call his own.
    pub(crate) fn keys_of(
        &self,
        terrain: &Terrain<'_>,
        tenant: TenantIndex,
        department: Option<usize>,
        position: usize,
    ) -> Option<Vec<String>> {
        let department = department.unwrap_or(0);
        let departments = &terrain.world.tenant(tenant).departments;
        let department = (!departments.is_empty()).then_some(department);
        self.keys
            .iter()
            .map(|key| {
                let rows = own::rows(self.tenancy, terrain.world, key.table, tenant, department);
                let row = rows.get(position % rows.len().max(1))?;
                let column = key.table.position(key.column)?;
                Some(literal::of(&row[column], &key.table.columns[column]))
            })
            .collect()
    }

    /// Whether every row that it takes belongs to a department.
    pub(crate) fn is_departmental(&self) -> bool {
        let Some(department) = &self.tenancy.department else {
            return false;
        };
        !self.keys.is_empty()
            && self
                .keys
                .iter()
                .all(|key| has(&key.table.columns, &department.column))
    }

    /// The batch.
    pub(crate) fn words(
        &self,
        terrain: &Terrain<'_>,
        position: usize,
        saying: &Saying,
    ) -> Option<String> {
        let name = format!(
            "{}.{}",
            bracketed(&self.module.schema),
            bracketed(&self.module.name)
        );
        match self.action {
            Action::Execute => {
                let arguments: Vec<String> = self
                    .module
                    .parameters
                    .iter()
                    .map(|(parameter, kind)| {
                        let value = self.argument(terrain, position, saying, parameter, kind);
                        format!("{parameter} = {value}")
                    })
                    .collect();
                Some(format!("EXEC {name} {};", arguments.join(", ")))
            }
            Action::Select => Some(format!(
                "SELECT * FROM {name} WHERE {};",
                self.predicate(position, saying)
            )),
            Action::Update => {
                let (column, value) = self.assignment(terrain)?;
                Some(format!(
                    "UPDATE {name} SET {column} = {value} WHERE {};",
                    self.predicate(position, saying)
                ))
            }
            Action::Delete => Some(format!(
                "DELETE FROM {name} WHERE {};",
                self.predicate(position, saying)
            )),
            _ => None,
        }
    }

    /// `[Key] = value AND …`, with the tenant's column where it is named.
    fn predicate(&self, position: usize, saying: &Saying) -> String {
        let mut terms: Vec<String> = self
            .keys
            .iter()
            .zip(&saying.keys)
            .map(|(key, value)| {
                let value = value.clone().unwrap_or_else(|| own_row(key, position));
                format!("{} = {value}", bracketed(key.column))
            })
            .collect();
        let organisation = match &saying.organisation {
            Some(value) => Some(value.clone()),
            None => terms.is_empty().then(|| "{{own organisation}}".to_owned()),
        };
        if let Some(value) = organisation {
            terms.insert(0, format!("{} = {value}", bracketed(&self.tenancy.column)));
        }
        terms.join(" AND ")
    }

    fn argument(
        &self,
        terrain: &Terrain<'_>,
        position: usize,
        saying: &Saying,
        parameter: &str,
        kind: &str,
    ) -> String {
        let name = bare(parameter);
        if let Some((own, value)) = &saying.parameter
            && own == parameter
        {
            return value.clone();
        }
        if name.eq_ignore_ascii_case(&self.tenancy.column) {
            return saying
                .organisation
                .clone()
                .unwrap_or_else(|| "{{own organisation}}".into());
        }
        let department = self.tenancy.department.as_ref();
        if department.is_some_and(|own| own.column.eq_ignore_ascii_case(name)) {
            return saying
                .department
                .clone()
                .unwrap_or_else(|| "{{own department}}".into());
        }
        for (key, value) in self.keys.iter().zip(&saying.keys) {
            if key.column.eq_ignore_ascii_case(name) {
                return value.clone().unwrap_or_else(|| own_row(key, position));
            }
        }
        if self.module.outputs.iter().any(|own| own == parameter) {
            return "NULL".into();
        }
        if let Some(value) = self.declared(parameter) {
            // The tenant's variables are the speaker's own.
            return as_own(value);
        }
        self.suggested(terrain, position, parameter, kind)
            .unwrap_or_else(|| unknown(name, kind))
    }

    /// What the configuration says that a parameter is given.
    fn declared(&self, parameter: &str) -> Option<&'a String> {
        let specific = format!("{}.{parameter}", self.module.object());
        let declared = &self.tenancy.arguments;
        declared.get(&specific).or_else(|| declared.get(parameter))
    }

    /// A value that the catalog suggests: of a column of the same name, new where it must be.
    fn suggested(
        &self,
        terrain: &Terrain<'_>,
        position: usize,
        parameter: &str,
        kind: &str,
    ) -> Option<String> {
        let name = bare(parameter);
        let keyed = self.keys.iter().map(|key| key.table);
        let table = self
            .subject
            .into_iter()
            .chain(keyed)
            .chain(owned(self.tenancy, self.database))
            .find(|table| {
                table
                    .position(name)
                    .is_some_and(|at| family(&table.columns[at].data_type) == family(kind))
            })?;
        let column = table.position(name)?;
        if let Some(value) = self.fresh(terrain, table, column) {
            return Some(value);
        }
        Some(own_row(
            &Key {
                table,
                column: &table.columns[column].name,
            },
            position,
        ))
    }

    /// A new value for a column that must be unique.
    fn fresh(&self, terrain: &Terrain<'_>, table: &Table, column: usize) -> Option<String> {
        let name = &table.columns[column].name;
        let is_unique = std::iter::once(&table.primary_key)
            .chain(&table.unique)
            .any(|set| set.iter().any(|own| own.eq_ignore_ascii_case(name)));
        if !is_unique {
            return None;
        }
        let cell = table.rows.iter().rev().map(|row| &row[column]).next()?;
        let changed = rows::neutral(cell, terrain.world, FRESH_FIRST);
        let value = match (&changed, cell) {
            (Cell::Text(text), _) if changed == *cell => Cell::Text(format!("{text}-fresh")),
            _ => changed,
        };
        Some(literal::of(&value, &table.columns[column]))
    }

    /// Parameters that take a value which must be unique within a tenant, each with its table and
    /// column.
    pub(crate) fn unique_parameters(&self, terrain: &Terrain<'_>) -> Vec<(&'a str, Key<'a>)> {
        let (Some(subject), Action::Execute) = (self.subject, self.action) else {
            return Vec::new();
        };
        let is_key = |name: &str| {
            self.keys
                .iter()
                .any(|key| key.column.eq_ignore_ascii_case(name))
        };
        self.module
            .parameters
            .iter()
            .filter(|(parameter, _)| !self.module.outputs.contains(parameter))
            .filter(|(parameter, _)| self.declared(parameter).is_none())
            .filter_map(|(parameter, kind)| {
                let name = bare(parameter);
                let reserved = name.eq_ignore_ascii_case(&self.tenancy.column)
                    || is_key(name)
                    || self
                        .tenancy
                        .department
                        .as_ref()
                        .is_some_and(|own| own.column.eq_ignore_ascii_case(name));
                let at = subject.position(name)?;
                let column = &subject.columns[at];
                let alike = family(&column.data_type) == family(kind);
                (!reserved && alike && self.fresh(terrain, subject, at).is_some()).then_some((
                    parameter.as_str(),
                    Key {
                        table: subject,
                        column: &column.name,
                    },
                ))
            })
            .collect()
    }

    /// A column of the view that can be set to one value in every row, and that value.
    fn assignment(&self, terrain: &Terrain<'_>) -> Option<(String, String)> {
        let table = self.subject?;
        let keyed = |name: &str| {
            std::iter::once(&table.primary_key)
                .chain(&table.unique)
                .chain(table.foreign_keys.iter().map(|key| &key.columns))
                .any(|set| set.iter().any(|own| own.eq_ignore_ascii_case(name)))
        };
        let granted = |name: &str| {
            let updatable = &self.module.updatable;
            updatable.is_empty() || updatable.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let free: Vec<usize> = (0..table.columns.len())
            .filter(|&at| {
                let column = &table.columns[at];
                !column.identity
                    && !column.generated
                    && has(&self.module.columns, &column.name)
                    && !keyed(&column.name)
                    && granted(&column.name)
            })
            .collect();
        // A planted value is replaced: its change cannot be mistaken for none. Text first: rules
        // between columns are mostly about dates and numbers.
        let value = |at: usize| {
            let cells = table.rows.iter().map(|row| &row[at]);
            cells.filter(|cell| **cell != Cell::Null).find_map(|cell| {
                let neutral = rows::neutral(cell, terrain.world, 7);
                (neutral != *cell).then_some(neutral)
            })
        };
        let planted: Vec<(usize, Cell)> = free
            .iter()
            .filter_map(|&at| Some((at, value(at)?)))
            .collect();
        let (at, value) = planted
            .iter()
            .find(|(_, cell)| matches!(cell, Cell::Text(_)))
            .or(planted.first())?;
        let column = &table.columns[*at];
        Some((bracketed(&column.name), literal::of(value, column)))
    }
}

/// A value of the speaker's own row, at this position among his.
fn own_row(key: &Key<'_>, position: usize) -> String {
    format!(
        "{{{{own row {position} of {} column {}}}}}",
        key.table.object(),
        key.column
    )
}

/// `$(Variable)` as what the speaker calls his own.
fn as_own(value: &str) -> String {
    let mut own = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("$(") {
        own.push_str(before);
        match after.split_once(')') {
            Some((name, further)) => {
                own.push_str(&format!("{{{{own {name}}}}}"));
                rest = further;
            }
            None => {
                own.push_str("$(");
                rest = after;
            }
        }
    }
    own.push_str(rest);
    own
}

/// Types whose values go into each other.
fn family(data_type: &str) -> &'static str {
    match data_type {
        "bit" | "tinyint" | "smallint" | "int" | "bigint" | "decimal" | "numeric" | "money"
        | "smallmoney" | "real" | "float" => "number",
        "date" | "datetime" | "datetime2" | "smalldatetime" | "datetimeoffset" => "date",
        "char" | "varchar" | "nchar" | "nvarchar" => "text",
        "binary" | "varbinary" => "binary",
        "uniqueidentifier" => "guid",
        _ => "other",
    }
}

/// A value for a parameter that nothing is known of: as wide a span of time as there is, and no
/// restriction by text.
fn unknown(name: &str, kind: &str) -> String {
    match family(kind) {
        "date" => {
            let folded = name.to_lowercase();
            let begins = ["from", "start", "since", "after"]
                .iter()
                .any(|word| folded.contains(word));
            if begins {
                "'2001-01-01'"
            } else {
                "'9998-12-31'"
            }
            .into()
        }
        "text" => "NULL".into(),
        _ => by_type(kind).into(),
    }
}
