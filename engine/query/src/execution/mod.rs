//! How does a bound query become rows? Rows are pushed: every operator calls the next one with
//! a row and hears whether it wants more.

mod aggregate;
mod evaluate;
pub(crate) mod guard;
pub(crate) mod mask;
mod query;
mod relation;
mod sort;
mod source;
mod versions;
mod window;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use catalog::RowId;
use values::{Collation, FunctionContext, SqlError, Value, ValueKey};

use crate::stack::with_room;
use crate::state::Execution;

pub(crate) use aggregate::{average_type, sum_type};
pub(crate) use evaluate::{integer, truth};
pub(crate) use query::{cut, execute, execute_shown, to_type};
pub use relation::reads_versions;
pub(crate) use relation::{current_data, seen};
pub(crate) use source::for_each as for_each_row;

/// One row of one relation, and where it is stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    /// `None` is the row of NULLs on the empty side of an outer join.
    pub(crate) values: Option<Arc<[Value]>>,
    pub(crate) id: Option<RowId>,
}

impl Slot {
    pub(crate) fn of(values: impl Into<Arc<[Value]>>) -> Self {
        Self {
            values: Some(values.into()),
            id: None,
        }
    }

    pub(crate) fn get(&self, ordinal: usize) -> &Value {
        match &self.values {
            Some(values) => values.get(ordinal).unwrap_or(&Value::Null),
            None => &Value::Null,
        }
    }
}

/// The rows that an expression sees: of its SELECT, and of those around it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    pub(crate) tuple: &'s [Slot],
    pub(crate) parent: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    /// No rows at all.
    pub(crate) const NONE: Scope<'static> = Scope {
        tuple: &[],
        parent: None,
    };

    pub(crate) fn new(tuple: &'s [Slot], parent: Option<&'s Scope<'s>>) -> Self {
        Self { tuple, parent }
    }

    pub(crate) fn slot(&self, level: u16, slot: u16) -> &'s Slot {
        let mut scope = self;
        for _ in 0..level {
            scope = scope.parent.expect("a bound column's level exists");
        }
        &scope.tuple[usize::from(slot)]
    }
}

/// Whether the receiver of rows wants more of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Enough,
}

/// Receives the rows of a query.
pub(crate) type Rows<'f> = dyn FnMut(&mut Run<'_, '_>, Vec<Value>) -> Result<Flow, SqlError> + 'f;

/// What an uncorrelated subquery gave, kept for the rest of the statement.
#[derive(Clone)]
pub(crate) enum Kept {
    Scalar(Value),
    Exists(bool),
    /// The keys of the first column, and whether a NULL was among them.
    Set(Arc<HashSet<ValueKey>>, bool),
    /// Whole rows.
    Rows(Arc<Vec<Arc<[Value]>>>),
}

/// One statement under way: its world, its budget, and what it keeps.
pub(crate) struct Run<'r, 'e> {
    pub(crate) ex: &'r mut Execution<'e>,
    steps_left: u64,
    steps_unreported: u64,
    rows_left: u64,
    bytes_left: u64,
    now: Option<i64>,
    depth: u32,
    /// The values that sequences gave to the row under construction.
    pub(crate) drawn: BTreeMap<(catalog::DatabaseId, catalog::ObjectId), Value>,
    pub(crate) kept: HashMap<u32, Kept>,
    pub(crate) work_tables: BTreeMap<u32, Arc<Vec<Arc<[Value]>>>>,
    pub(crate) database_collation: Collation,
}

/// Rows that one statement may hold at a time, for sorting, grouping and joining.
const ROWS_HELD: u64 = 4_000_000;
/// Bytes of long texts and binaries in the rows that one statement has held. They are counted
/// once and not given back: a bound on what was built, not a gauge.
const BYTES_HELD: u64 = 1 << 30;
/// Values shorter than this are not worth counting.
const LONG_VALUE: usize = 256;
/// Characters of one value that an expression builds.
const TEXT_LENGTH: usize = 64 << 20;
/// Queries inside queries while running: modules call modules, and the stack is finite.
const DEPTH: u32 = 64;
const REPORT_EVERY: u64 = 4096;

impl<'r, 'e> Run<'r, 'e> {
    pub(crate) fn new(ex: &'r mut Execution<'e>) -> Self {
        let steps_left = ex.session.options.step_budget;
        let database_collation = crate::binder::database_collation(ex, ex.session.database);
        Self {
            ex,
            steps_left,
            steps_unreported: 0,
            rows_left: ROWS_HELD,
            bytes_left: BYTES_HELD,
            now: None,
            depth: 0,
            drawn: BTreeMap::new(),
            kept: HashMap::new(),
            work_tables: BTreeMap::new(),
            database_collation,
        }
    }

    /// Counts one step of work; an error when the budget is spent or somebody cancelled.
    pub(crate) fn step(&mut self) -> Result<(), SqlError> {
        self.steps(1)
    }

    pub(crate) fn steps(&mut self, count: u64) -> Result<(), SqlError> {
        self.steps_unreported += count;
        if self.steps_unreported >= REPORT_EVERY {
            let count = std::mem::take(&mut self.steps_unreported);
            self.ex.environment.proceed(count)?;
            self.steps_left = self.steps_left.saturating_sub(count);
            if self.steps_left == 0 {
                return Err(SqlError::unsupported(format!(
                    "statements of more than {} steps",
                    self.ex.session.options.step_budget
                )));
            }
        }
        Ok(())
    }

    /// Another row is made: sequences go on.
    pub(crate) fn next_row(&mut self) {
        self.drawn.clear();
    }

    /// Counts one row that is kept.
    pub(crate) fn hold(&mut self) -> Result<(), SqlError> {
        self.step()?;
        self.rows_left = self.rows_left.checked_sub(1).ok_or_else(|| {
            SqlError::unsupported(format!("statements that hold more than {ROWS_HELD} rows"))
        })?;
        Ok(())
    }

    /// Counts one row of computed values that is kept.
    pub(crate) fn hold_row(&mut self, row: &[Value]) -> Result<(), SqlError> {
        self.hold()?;
        for value in row {
            let length = length(value);
            if length >= LONG_VALUE {
                self.bytes_left = self.bytes_left.checked_sub(length as u64).ok_or_else(|| {
                    SqlError::unsupported(format!(
                        "statements that hold more than {BYTES_HELD} bytes"
                    ))
                })?;
            }
        }
        Ok(())
    }

    /// Gives back rows that are no longer kept.
    pub(crate) fn release(&mut self, rows: usize) {
        self.rows_left = (self.rows_left + rows as u64).min(ROWS_HELD);
    }

    /// Enters a query inside a query.
    pub(crate) fn nested<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        if self.depth >= DEPTH {
            return Err(nested_too_deeply());
        }
        self.depth += 1;
        let result = with_room(|| f(self));
        self.depth -= 1;
        result
    }

    /// GETDATE() is one moment for the whole statement.
    pub(crate) fn now(&mut self) -> i64 {
        match self.now {
            Some(now) => now,
            None => {
                let now = self.ex.environment.now();
                self.now = Some(now);
                now
            }
        }
    }

    /// Refuses a value that has grown out of proportion, and counts the work of building it.
    pub(crate) fn check_size(&mut self, value: Value) -> Result<Value, SqlError> {
        let length = length(&value);
        if length > TEXT_LENGTH {
            return Err(SqlError::unsupported(format!(
                "values longer than {TEXT_LENGTH} bytes"
            )));
        }
        if length >= LONG_VALUE {
            self.steps((length / 64) as u64)?;
        }
        Ok(value)
    }

    /// Counts the work of looking for one text in another before it is done.
    pub(crate) fn search(&mut self, text: &Value, pattern: &Value) -> Result<(), SqlError> {
        let work = (length(text) as u64).saturating_mul(length(pattern) as u64);
        self.steps(work / 1024)
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

/// 8631: what the server says when an expression or a query nests too deeply for its stack.
pub(crate) fn nested_too_deeply() -> SqlError {
    SqlError::new(
        8631,
        17,
        1,
        "Internal error: Server stack limit has been reached. Please look for potentially deep nesting in your query, and try to simplify it.",
    )
}

/// What functions of the values crate ask for.
pub(crate) struct Surroundings<'r, 'x, 'e> {
    now: i64,
    collation: Collation,
    date_first: u8,
    run: &'r mut Run<'x, 'e>,
}

impl<'r, 'x, 'e> Surroundings<'r, 'x, 'e> {
    pub(crate) fn new(run: &'r mut Run<'x, 'e>, collation: Collation) -> Self {
        Self {
            now: run.now(),
            collation,
            date_first: run.ex.session.options.date_first,
            run,
        }
    }
}

impl FunctionContext for Surroundings<'_, '_, '_> {
    fn utc_now(&self) -> i64 {
        self.now
    }

    fn new_guid(&mut self) -> [u8; 16] {
        let mut bytes = self.run.ex.environment.random_bytes();
        // Version 4, variant 1, as NEWID makes them.
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        bytes
    }

    fn random(&mut self) -> f64 {
        let bytes = self.run.ex.environment.random_bytes();
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[..8]);
        // 53 bits are what a double holds exactly.
        (u64::from_le_bytes(word) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn collation(&self) -> Collation {
        self.collation
    }

    fn date_first(&self) -> u8 {
        self.date_first
    }
}
