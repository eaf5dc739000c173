//! What does a statement or a transaction claim for itself, and which claims exclude each other?
//!
//! A claim is what SQL Server calls a lock, before it is known whether it is granted: on a row, on
//! a key whether there is a row or not (key-range locks), on a table, on a table's definition, on
//! the catalog of a database. What a statement wants and what a transaction holds have the same
//! form, so that they can be compared.
//!
//! Coarser than SQL Server: a scan under SERIALIZABLE claims the whole table; an uncommitted
//! change of users, roles, permissions, schemas, types or options claims the whole catalog of its
//! database. There are no page locks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{Change, DatabaseId, IndexId, Instance, Mark, Row, RowId, TableData};
use query::{Access, Isolation, SessionState, TableKey};
use values::Value;

/// A lock mode, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// S.
    Shared,
    /// U: will be changed, perhaps.
    Update,
    /// X.
    Exclusive,
    /// Sch-M.
    Schema,
}

impl Mode {
    pub(crate) fn excludes(self, other: Self) -> bool {
        match self.max(other) {
            Self::Shared => false,
            Self::Update => self == other,
            Self::Exclusive | Self::Schema => true,
        }
    }

    /// As `request_mode` shows it.
    fn name(self) -> &'static str {
        match self {
            Self::Shared => "S",
            Self::Update => "U",
            Self::Exclusive => "X",
            Self::Schema => "Sch-M",
        }
    }
}

/// A claim on a row: with the values it had and has, to tell which keys it concerns.
#[derive(Debug, Clone)]
pub(crate) struct RowClaim {
    pub(crate) mode: Mode,
    images: Vec<Row>,
}

/// A claim on all rows with a key, present and future.
#[derive(Debug, Clone)]
pub(crate) struct KeyClaim {
    pub(crate) mode: Mode,
    index: IndexId,
    key: Vec<Value>,
}

/// Claims on one table.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableClaims {
    /// All of it.
    pub(crate) whole: Option<Mode>,
    /// IS or IX without a row: a scan that passes over locked rows.
    intends: Option<Mode>,
    pub(crate) rows: BTreeMap<RowId, RowClaim>,
    pub(crate) keys: Vec<KeyClaim>,
}

/// Everything that is claimed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    pub(crate) tables: BTreeMap<TableKey, TableClaims>,
    /// Objects whose definition must not change meanwhile (Sch-S).
    named: BTreeSet<TableKey>,
    /// Databases of which a catalog view is read.
    catalogs_read: BTreeSet<DatabaseId>,
    /// Databases of which a permission is asked.
    databases: BTreeSet<DatabaseId>,
    /// Databases whose catalog was changed.
    catalogs_changed: BTreeSet<DatabaseId>,
    /// Databases whose principals or permissions were changed; `None` is the server.
    security_changed: BTreeSet<Option<DatabaseId>>,
}

impl TableClaims {
    /// Kind, description and mode of each lock: the table's, with its intent, and its rows'.
    pub(crate) fn describe(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut all = Vec::new();
        let below = self
            .rows
            .values()
            .map(|row| row.mode)
            .chain(self.keys.iter().map(|key| key.mode))
            .max();
        let whole = match (self.whole, below.max(self.intends)) {
            (Some(mode), _) => Some(mode.name()),
            (None, Some(Mode::Shared)) => Some("IS"),
            (None, Some(Mode::Update)) => Some("IU"),
            (None, Some(_)) => Some("IX"),
            (None, None) => None,
        };
        all.extend(whole.map(|mode| ("OBJECT", String::new(), mode)));
        all.extend(
            self.rows
                .iter()
                .map(|(id, row)| ("KEY", format!("({:012x})", id.0), row.mode.name())),
        );
        all.extend(self.keys.iter().map(|key| {
            let mode = match key.mode {
                Mode::Shared => "RangeS-S",
                Mode::Update => "RangeS-U",
                Mode::Exclusive | Mode::Schema => "RangeX-X",
            };
            ("KEY", format!("index {}", key.index), mode)
        }));
        all
    }

    fn raise(&mut self, mode: Mode) {
        self.whole = self.whole.max(Some(mode));
    }

    fn row(&mut self, id: RowId, mode: Mode, images: impl IntoIterator<Item = Row>) {
        let claim = self.rows.entry(id).or_insert_with(|| RowClaim {
            mode,
            images: Vec::new(),
        });
        claim.mode = claim.mode.max(mode);
        for image in images {
            if !claim.images.iter().any(|known| Arc::ptr_eq(known, &image)) {
                claim.images.push(image);
            }
        }
    }

    /// Whether a mode on the whole table is in the way of anything here.
    fn is_excluded_by(&self, whole: Mode) -> bool {
        self.whole.is_some_and(|mode| whole.excludes(mode))
            || self.intends.is_some_and(|mode| whole.excludes(mode))
            || self.rows.values().any(|row| whole.excludes(row.mode))
            || self.keys.iter().any(|key| whole.excludes(key.mode))
    }

    fn excludes(&self, other: &Self, data: Option<&TableData>) -> bool {
        if self.whole.is_some_and(|whole| other.is_excluded_by(whole))
            || other.whole.is_some_and(|whole| self.is_excluded_by(whole))
        {
            return true;
        }
        let (few, many) = if self.rows.len() < other.rows.len() {
            (self, other)
        } else {
            (other, self)
        };
        if few.rows.iter().any(|(id, row)| {
            many.rows
                .get(id)
                .is_some_and(|same| row.mode.excludes(same.mode))
        }) {
            return true;
        }
        let Some(data) = data else { return false };
        self.keys_exclude_rows(other, data)
            || other.keys_exclude_rows(self, data)
            || self.keys_exclude_keys(other, data)
            || self.rows_collide(other, data)
    }

    fn keys_exclude_rows(&self, other: &Self, data: &TableData) -> bool {
        self.keys.iter().any(|claim| {
            let Some(key) = data.encoded_key(claim.index, &claim.key) else {
                return true;
            };
            other.rows.values().any(|row| {
                claim.mode.excludes(row.mode)
                    && row
                        .images
                        .iter()
                        .any(|image| data.has_key(claim.index, &key, image))
            })
        })
    }

    fn keys_exclude_keys(&self, other: &Self, data: &TableData) -> bool {
        self.keys.iter().any(|one| {
            other.keys.iter().any(|two| {
                one.mode.excludes(two.mode)
                    && one.index == two.index
                    && match (
                        data.encoded_key(one.index, &one.key),
                        data.encoded_key(two.index, &two.key),
                    ) {
                        (Some(one), Some(two)) => one.starts_with(&two) || two.starts_with(&one),
                        _ => true,
                    }
            })
        })
    }

    /// Two rows, one of which may yet come or go, that would have the same unique key.
    fn rows_collide(&self, other: &Self, data: &TableData) -> bool {
        let keys = |claims: &Self| -> BTreeSet<(IndexId, Vec<u8>)> {
            claims
                .rows
                .values()
                .filter(|row| row.mode >= Mode::Exclusive)
                .flat_map(|row| &row.images)
                .flat_map(|image| data.unique_keys(image))
                .collect()
        };
        if self.rows.is_empty() || other.rows.is_empty() {
            return false;
        }
        let own = keys(self);
        !own.is_empty() && !own.is_disjoint(&keys(other))
    }
}

impl Claims {
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty()
            && self.catalogs_changed.is_empty()
            && self.security_changed.is_empty()
    }

    /// The tables and other objects that the statement named or changed.
    pub(crate) fn tables_named(&self) -> BTreeSet<TableKey> {
        self.named
            .iter()
            .chain(self.tables.keys())
            .copied()
            .collect()
    }

    /// Whether there was any access to data or definitions.
    pub(crate) fn looked_at_something(&self) -> bool {
        !self.is_empty() || !self.named.is_empty() || !self.catalogs_read.is_empty()
    }

    /// Whether these and those cannot be granted at the same time.
    pub(crate) fn exclude(&self, other: &Self, instance: &Instance) -> bool {
        self.catalogs_exclude(other)
            || other.catalogs_exclude(self)
            || self.rows_exclude(other, instance)
    }

    /// The same for tables, keys and rows alone.
    pub(crate) fn rows_exclude(&self, other: &Self, instance: &Instance) -> bool {
        let (few, many) = if self.tables.len() < other.tables.len() {
            (self, other)
        } else {
            (other, self)
        };
        few.tables.iter().any(|(key, claims)| {
            many.tables.get(key).is_some_and(|others| {
                let data = instance
                    .database(key.0)
                    .and_then(|database| database.data(key.1));
                claims.excludes(others, data.map(|data| &**data))
            })
        })
    }

    fn catalogs_exclude(&self, other: &Self) -> bool {
        self.tables
            .iter()
            .any(|(key, claims)| claims.whole == Some(Mode::Schema) && other.named.contains(key))
            || !self.catalogs_changed.is_disjoint(&other.catalogs_read)
            || (!self.security_changed.is_empty()
                && other.databases.iter().any(|database| {
                    self.security_changed.contains(&Some(*database))
                        || self.security_changed.contains(&None)
                }))
    }

    /// Whether the failure of a statement that named these objects may come from what `self`
    /// holds and has not committed: a key that is taken, a name that is gone, a right that is.
    pub(crate) fn may_explain(&self, number: i32, wanted: &Self, current: DatabaseId) -> bool {
        let near =
            |database: &DatabaseId| *database == current || wanted.databases.contains(database);
        let by_rows = matches!(number, 547 | 2601 | 2627)
            && wanted.named.iter().any(|key| {
                self.tables.get(key).is_some_and(|claims| {
                    claims.rows.values().any(|row| row.mode >= Mode::Exclusive)
                        || claims.whole >= Some(Mode::Exclusive)
                })
            });
        by_rows
            || self.catalogs_changed.iter().any(near)
            || self
                .security_changed
                .iter()
                .any(|database| database.as_ref().is_none_or(near))
    }

    /// Takes over what a later statement of the same transaction claims.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (key, claims) in other.tables {
            let own = self.tables.entry(key).or_default();
            own.whole = own.whole.max(claims.whole);
            for (id, row) in claims.rows {
                own.row(id, row.mode, row.images);
            }
            own.keys.extend(claims.keys);
        }
        self.catalogs_changed.extend(other.catalogs_changed);
        self.security_changed.extend(other.security_changed);
    }

    /// Whether a row is locked for more than reading.
    pub(crate) fn holds_row(&self, table: TableKey, row: RowId) -> bool {
        self.tables.get(&table).is_some_and(|claims| {
            claims
                .rows
                .get(&row)
                .is_some_and(|row| row.mode > Mode::Shared)
        })
    }
}

/// What a statement wanted, and what of it stays until the transaction ends.
pub(crate) struct Wanted {
    pub(crate) all: Claims,
    pub(crate) kept: Claims,
}

/// The claims of the statement that the session has just tried, whose changes begin at `mark`.
pub(crate) fn claims_of(session: &SessionState, instance: &Instance, mark: Mark) -> Wanted {
    let mut all = Claims::default();
    let mut kept = Claims::default();
    reads(session, instance, &mut all, &mut kept);
    for change in session.undo.inverses_since(mark) {
        write(change, instance, &mut all);
        write(change, instance, &mut kept);
    }
    if session.footprint.statement_hints.table_exclusive {
        for claims in kept.tables.values_mut().chain(all.tables.values_mut()) {
            claims.raise(Mode::Exclusive);
        }
    }
    all.databases.extend(all.tables.keys().map(|key| key.0));
    all.databases.extend(&all.catalogs_changed);
    Wanted { all, kept }
}

fn reads(session: &SessionState, instance: &Instance, all: &mut Claims, kept: &mut Claims) {
    let footprint = &session.footprint;
    let isolation = session.options.isolation;
    all.named.extend(
        footprint
            .objects
            .borrow()
            .iter()
            .filter(|key| key.0 != DatabaseId::TEMPDB),
    );
    all.databases.extend(all.named.iter().map(|key| key.0));
    if isolation != Isolation::ReadUncommitted {
        all.catalogs_read.extend(&footprint.catalogs);
        all.databases.extend(&footprint.catalogs);
    }
    for read in &footprint.reads {
        let hints = read.hints;
        let lockless = hints.no_lock
            || (isolation == Isolation::ReadUncommitted && !hints.locks())
            || (!hints.locks() && query::reads_versions(session, instance, read.table.0));
        if lockless || read.table.0 == DatabaseId::TEMPDB {
            continue;
        }
        let mode = if hints.exclusive || hints.table_exclusive {
            Mode::Exclusive
        } else if hints.update {
            Mode::Update
        } else {
            Mode::Shared
        };
        let serializable = isolation == Isolation::Serializable || hints.hold;
        let repeatable = isolation == Isolation::RepeatableRead || hints.repeatable;
        let wanted = all.tables.entry(read.table).or_default();
        let key = || match &read.access {
            Access::Seek(index, key) => Some(KeyClaim {
                mode,
                index: *index,
                key: key.clone(),
            }),
            Access::Scan => None,
        };
        if hints.table || hints.table_exclusive {
            wanted.raise(mode);
        } else if hints.read_past {
            wanted.intends = wanted.intends.max(Some(mode));
        } else {
            match key() {
                Some(key) => wanted.keys.push(key),
                None => wanted.raise(mode),
            }
        }
        if hints.table_exclusive || (hints.table && (serializable || repeatable)) {
            kept.tables.entry(read.table).or_default().raise(mode);
        } else if serializable {
            let claims = kept.tables.entry(read.table).or_default();
            match key() {
                Some(key) => claims.keys.push(key),
                None => claims.raise(mode),
            }
        } else if repeatable || mode > Mode::Shared {
            let claims = kept.tables.entry(read.table).or_default();
            let data = instance
                .database(read.table.0)
                .and_then(|database| database.data(read.table.1));
            for id in &read.rows {
                let image = data.and_then(|data| data.get(*id)).cloned();
                claims.row(*id, mode, image);
            }
        }
    }
}

fn write(change: &Change, instance: &Instance, claims: &mut Claims) {
    match change {
        // Temporary tables belong to one session.
        _ if change.database() == Some(DatabaseId::TEMPDB) => {}
        Change::Row(database, table, id, before) => {
            let now = instance
                .database(*database)
                .and_then(|it| it.data(*table))
                .and_then(|data| data.get(*id))
                .cloned();
            claims.tables.entry((*database, *table)).or_default().row(
                *id,
                Mode::Exclusive,
                before.clone().into_iter().chain(now),
            );
        }
        Change::Data(database, table, _) => claims
            .tables
            .entry((*database, *table))
            .or_default()
            .raise(Mode::Schema),
        Change::Object(database, id, before) => {
            claims.catalogs_changed.insert(*database);
            let now = instance.database(*database).and_then(|it| it.object(*id));
            let parent = before.as_ref().or(now).and_then(|object| object.parent);
            for id in std::iter::once(*id).chain(parent) {
                claims
                    .tables
                    .entry((*database, id))
                    .or_default()
                    .raise(Mode::Schema);
            }
        }
        _ => {
            let database = change.database();
            claims.catalogs_changed.extend(database);
            claims.security_changed.insert(database);
        }
    }
}
