//! Which rows, tables and catalogs does a running statement touch, and under which locks does it
//! want to? The layer above decides from this what the statement has to wait for.
//!
//! Nothing is noted while nobody else holds anything and nothing has to be held: then there is
//! nothing to decide.

use std::cell::RefCell;
use std::collections::BTreeSet;

use catalog::{DatabaseId, IndexId, ObjectId, RowId};
use tsql::sql;
use values::Value;

use crate::plan::TableRef;

/// A table, by its database and its number there.
pub type TableKey = (DatabaseId, ObjectId);

/// Lookups of one table in one statement beyond which the whole table counts as read, as SQL
/// Server escalates five thousand locks to one.
const SEEKS_MAX: usize = 5000;

/// SET TRANSACTION ISOLATION LEVEL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Isolation {
    /// Reads take no locks and wait for none.
    ReadUncommitted,
    /// Reads wait for writers and keep nothing.
    #[default]
    ReadCommitted,
    /// What was read stays as it is until the transaction ends.
    RepeatableRead,
    /// And nothing joins it.
    Serializable,
    /// Reads see the state at the transaction's first access.
    Snapshot,
}

impl Isolation {
    /// `transaction_isolation_level` of sys.dm_exec_sessions.
    pub fn number(self) -> i16 {
        match self {
            Self::ReadUncommitted => 1,
            Self::ReadCommitted => 2,
            Self::RepeatableRead => 3,
            Self::Serializable => 4,
            Self::Snapshot => 5,
        }
    }
}

/// Table hints about locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockHints {
    /// NOLOCK, READUNCOMMITTED.
    pub no_lock: bool,
    /// READPAST: rows that are locked are left out.
    pub read_past: bool,
    /// UPDLOCK.
    pub update: bool,
    /// XLOCK.
    pub exclusive: bool,
    /// HOLDLOCK, SERIALIZABLE.
    pub hold: bool,
    /// REPEATABLEREAD.
    pub repeatable: bool,
    /// TABLOCK.
    pub table: bool,
    /// TABLOCKX.
    pub table_exclusive: bool,
    /// READCOMMITTED, READCOMMITTEDLOCK: locks even where versions would be read.
    pub committed: bool,
    /// NOWAIT.
    pub no_wait: bool,
}

impl LockHints {
    /// The hints of a FROM item; those that are not about locks are passed over.
    pub fn of(hints: &[sql::Expr]) -> Self {
        let words: Vec<String> = hints.iter().map(ToString::to_string).collect();
        Self::of_words(words.iter().map(String::as_str))
    }

    /// The same from words.
    pub fn of_words<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut hints = Self::default();
        for word in words {
            match word.to_ascii_uppercase().as_str() {
                "NOLOCK" | "READUNCOMMITTED" => hints.no_lock = true,
                "READPAST" => hints.read_past = true,
                "UPDLOCK" => hints.update = true,
                "XLOCK" => hints.exclusive = true,
                "HOLDLOCK" | "SERIALIZABLE" => hints.hold = true,
                "REPEATABLEREAD" => hints.repeatable = true,
                "TABLOCK" => hints.table = true,
                "TABLOCKX" => hints.table_exclusive = true,
                "READCOMMITTED" | "READCOMMITTEDLOCK" => hints.committed = true,
                "NOWAIT" => hints.no_wait = true,
                _ => {}
            }
        }
        hints
    }

    /// Both together: hints on a view count for the tables behind it.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            no_lock: self.no_lock || other.no_lock,
            read_past: self.read_past || other.read_past,
            update: self.update || other.update,
            exclusive: self.exclusive || other.exclusive,
            hold: self.hold || other.hold,
            repeatable: self.repeatable || other.repeatable,
            table: self.table || other.table,
            table_exclusive: self.table_exclusive || other.table_exclusive,
            committed: self.committed || other.committed,
            no_wait: self.no_wait || other.no_wait,
        }
    }

    /// Whether locks have to be kept until the transaction ends, whatever the isolation level.
    pub fn keeps(self) -> bool {
        self.update || self.exclusive || self.hold || self.repeatable || self.table_exclusive
    }

    /// Whether reads go by locks even where the isolation level reads versions.
    pub fn locks(self) -> bool {
        self.keeps() || self.table || self.committed || self.read_past
    }
}

/// How a table was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// From end to end.
    Scan,
    /// The rows with these values in the leading columns of an index.
    Seek(IndexId, Vec<Value>),
}

/// One read of a table.
#[derive(Debug, Clone)]
pub struct Read {
    /// The table.
    pub table: TableKey,
    /// How.
    pub access: Access,
    /// Under which hints.
    pub hints: LockHints,
    /// The rows that were wanted.
    pub rows: Vec<RowId>,
}

/// What a statement touches.
#[derive(Debug, Clone, Default)]
pub struct Footprint {
    /// Everything is noted; otherwise only what hints ask to keep.
    pub recording: bool,
    /// Hints on the table that the statement changes. They count for all tables that it reads.
    pub statement_hints: LockHints,
    /// The same for the statement that comes next, and whether it changes rows.
    next: (LockHints, bool),
    /// Reads of tables.
    pub reads: Vec<Read>,
    /// Databases whose catalog views were read.
    pub catalogs: BTreeSet<DatabaseId>,
    /// Objects that were named. Behind a cell, because binding changes nothing else.
    pub objects: RefCell<BTreeSet<TableKey>>,
}

impl Footprint {
    /// For a new statement.
    pub fn begin(&mut self, recording: bool) {
        if self.recording || !self.reads.is_empty() {
            self.reads.clear();
            self.catalogs.clear();
            self.objects.get_mut().clear();
        }
        self.recording = recording;
        self.statement_hints = LockHints::default();
    }

    /// The next statement changes rows, under these hints on its target.
    pub fn change_next(&mut self, target_hints: &[String]) {
        self.next = (
            LockHints::of_words(target_hints.iter().map(String::as_str)),
            true,
        );
    }

    /// What [`change_next`](Self::change_next) said of the statement that begins.
    pub fn take_next(&mut self) -> (LockHints, bool) {
        std::mem::take(&mut self.next)
    }

    /// Notes a read, and gives its place for its rows.
    pub(crate) fn read(
        &mut self,
        table: TableRef,
        hints: LockHints,
        access: impl FnOnce() -> Access,
    ) -> Option<usize> {
        let hints = hints.and(self.statement_hints);
        if !self.recording && !hints.keeps() {
            return None;
        }
        let table = (table.database, table.object);
        let same = |read: &Read| read.table == table && read.hints == hints;
        if let Some(scan) = self
            .reads
            .iter()
            .position(|read| same(read) && read.access == Access::Scan)
        {
            return Some(scan);
        }
        let access = if self.reads.len() > SEEKS_MAX {
            Access::Scan
        } else {
            access()
        };
        if let Some(last) = self.reads.last()
            && same(last)
            && last.access == access
        {
            return Some(self.reads.len() - 1);
        }
        self.reads.push(Read {
            table,
            access,
            hints,
            rows: Vec::new(),
        });
        Some(self.reads.len() - 1)
    }

    /// Notes a row that was wanted.
    pub(crate) fn row(&mut self, read: usize, row: RowId) {
        if let Some(read) = self.reads.get_mut(read) {
            read.rows.push(row);
        }
    }

    /// Notes that an object was named.
    pub fn named(&self, database: DatabaseId, object: ObjectId) {
        if self.recording {
            self.objects.borrow_mut().insert((database, object));
        }
    }

    /// Notes that a catalog view was read.
    pub(crate) fn catalog(&mut self, database: DatabaseId) {
        if self.recording {
            self.catalogs.insert(database);
        }
    }
}
