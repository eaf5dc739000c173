//! The rows of one table: stored, indexed, counted, and fingerprinted as they change.
//!
//! Everything is persistent: a clone shares all rows with its original and costs a few pointers.
//! This file knows nothing of transactions; who changes rows and can take it back is
//! [`Instance`](crate::Instance) with its [`UndoLog`](crate::UndoLog).

use std::cmp::Ordering;
use std::sync::Arc;

use imbl::OrdMap;
use values::{Collation, Value};

use crate::ids::{IndexId, RowId};
use crate::keys::{IndexKey, encode};
use crate::table::{Filter, FilterOperator, Index, Table};

/// One stored row: a value per column, in column order.
pub type Row = Arc<[Value]>;

/// A row that would be second under a unique key.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicate {
    /// The index that refuses it.
    pub index: IndexId,
    /// Its key values.
    pub key: Vec<Value>,
    /// The row that is there already.
    pub existing: RowId,
}

/// The rows of one table.
#[derive(Debug, Clone, Default)]
pub struct TableData {
    rows: OrdMap<RowId, Row>,
    next_row: u64,
    checksum: i32,
    indexes: Vec<IndexData>,
    /// The last identity value given out; survives rollback, as on the server.
    pub identity: Option<IdentityState>,
}

/// Where an identity column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityState {
    /// The last value; `None` before the first row, so that the seed comes next.
    pub last: Option<i128>,
    /// The first value.
    pub seed: i128,
    /// The step.
    pub increment: i128,
}

impl IdentityState {
    /// The value that the next row gets.
    pub fn next(&self) -> i128 {
        self.last
            .map_or(self.seed, |last| last.saturating_add(self.increment))
    }
}

#[derive(Debug, Clone)]
struct IndexData {
    shape: Arc<IndexShape>,
    entries: OrdMap<IndexKey, RowId>,
}

/// An index with its columns as places in a row.
#[derive(Debug, Clone, PartialEq)]
struct IndexShape {
    id: IndexId,
    unique: bool,
    clustered: bool,
    key: Vec<(usize, bool, Collation)>,
    filter: Option<PlacedFilter>,
}

#[derive(Debug, Clone, PartialEq)]
enum PlacedFilter {
    And(Box<PlacedFilter>, Box<PlacedFilter>),
    IsNull(usize),
    IsNotNull(usize),
    Compare(usize, Collation, FilterOperator, Value),
    In(usize, Collation, Vec<Value>),
}

impl TableData {
    /// No rows, with the indexes of `table`.
    pub fn new(table: &Table) -> Self {
        Self {
            rows: OrdMap::new(),
            next_row: 1,
            checksum: 0,
            indexes: shapes(table)
                .map(|shape| IndexData {
                    shape: Arc::new(shape),
                    entries: OrdMap::new(),
                })
                .collect(),
            identity: table.identity().map(|(_, identity)| IdentityState {
                last: None,
                seed: identity.seed,
                increment: identity.increment,
            }),
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One row.
    pub fn get(&self, id: RowId) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// `CHECKSUM_AGG(BINARY_CHECKSUM(*))` over all rows, kept while they change; 0 when empty.
    pub fn checksum(&self) -> i32 {
        self.checksum
    }

    /// All rows: in the order of the clustered index when there is one, of insertion otherwise.
    pub fn scan(&self) -> impl Iterator<Item = (RowId, &Row)> {
        let clustered = self.indexes.iter().find(|index| index.shape.clustered);
        let in_key_order = clustered.map(|index| {
            index.entries.iter().map(|(_, id)| {
                (
                    *id,
                    self.rows
                        .get(id)
                        .expect("an index points at rows that exist"),
                )
            })
        });
        let as_stored = clustered
            .is_none()
            .then(|| self.rows.iter().map(|(id, row)| (*id, row)));
        in_key_order
            .into_iter()
            .flatten()
            .chain(as_stored.into_iter().flatten())
    }

    /// All rows in the order in which they came; cheaper than [`scan`](Self::scan).
    pub fn in_storage_order(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// The rows whose leading key columns of an index equal `prefix`, in key order. The values
    /// must have the columns' types; NULL finds NULL. `None` when there is no such index, or when
    /// it is filtered and so does not know all rows.
    pub fn find(&self, index: IndexId, prefix: &[Value]) -> Option<Vec<RowId>> {
        let index = self
            .indexes
            .iter()
            .find(|data| data.shape.id == index && data.shape.filter.is_none())?;
        let key = index.shape.encode_values(prefix.iter());
        Some(
            index
                .entries
                .range::<_, [u8]>((
                    std::ops::Bound::Included(&key[..]),
                    std::ops::Bound::Unbounded,
                ))
                .take_while(|(found, _)| found.starts_with(&key))
                .map(|(_, id)| *id)
                .collect(),
        )
    }

    /// Would this row be second under a unique key? `replacing` is a row that it takes the place of.
    pub fn duplicate_of(&self, row: &[Value], replacing: Option<RowId>) -> Option<Duplicate> {
        self.indexes
            .iter()
            .filter(|index| index.shape.unique && index.shape.covers(row))
            .find_map(|index| {
                let key = index.shape.encode_row(row);
                let existing = *index.entries.get(&key[..])?;
                (Some(existing) != replacing).then(|| Duplicate {
                    index: index.shape.id,
                    key: index
                        .shape
                        .key
                        .iter()
                        .map(|(place, ..)| row[*place].clone())
                        .collect(),
                    existing,
                })
            })
    }

    /// The key of an index as bytes, from values for its leading columns; `None` when there is no
    /// such index.
    pub fn encoded_key(&self, index: IndexId, prefix: &[Value]) -> Option<Vec<u8>> {
        let index = self.indexes.iter().find(|data| data.shape.id == index)?;
        Some(index.shape.encode_values(prefix.iter()))
    }

    /// Whether a row, stored here or not, has such a key.
    pub fn has_key(&self, index: IndexId, key: &[u8], row: &[Value]) -> bool {
        self.indexes
            .iter()
            .find(|data| data.shape.id == index)
            .is_some_and(|index| index.shape.encode_row(row).starts_with(key))
    }

    /// What a row, stored here or not, would have for itself alone: its unique keys.
    pub fn unique_keys(&self, row: &[Value]) -> Vec<(IndexId, Vec<u8>)> {
        self.indexes
            .iter()
            .filter(|index| index.shape.unique && index.shape.covers(row))
            .map(|index| (index.shape.id, index.shape.encode_row(row)))
            .collect()
    }

    /// A number for a new row.
    pub fn new_row_id(&mut self) -> RowId {
        let id = RowId(self.next_row);
        self.next_row += 1;
        id
    }

    /// Adds a row.
    ///
    /// # Errors
    /// A unique key has it already.
    pub fn insert(&mut self, row: Row) -> Result<RowId, Duplicate> {
        if let Some(duplicate) = self.duplicate_of(&row, None) {
            return Err(duplicate);
        }
        let id = self.new_row_id();
        self.set(id, Some(row));
        Ok(id)
    }

    /// Puts, replaces or removes (`None`) one row without asking the unique keys, and returns what
    /// was there.
    pub fn set(&mut self, id: RowId, row: Option<Row>) -> Option<Row> {
        let before = match &row {
            Some(row) => self.rows.insert(id, Arc::clone(row)),
            None => self.rows.remove(&id),
        };
        if let Some(before) = &before {
            self.checksum ^= row_checksum(before);
            for index in &mut self.indexes {
                if index.shape.covers(before) {
                    index.entries.remove(&index.shape.entry_key(before, id));
                }
            }
        }
        if let Some(row) = &row {
            self.checksum ^= row_checksum(row);
            self.next_row = self.next_row.max(id.0 + 1);
            for index in &mut self.indexes {
                if index.shape.covers(row) {
                    index.entries.insert(index.shape.entry_key(row, id), id);
                }
            }
        }
        before
    }

    /// The same rows under a changed definition: indexes and checksum are made anew, and each row
    /// is what `convert` makes of it.
    ///
    /// # Errors
    /// What `convert` raises, or a duplicate under a unique key.
    pub fn rebuild<E>(
        &self,
        table: &Table,
        mut convert: impl FnMut(&Row) -> Result<Row, E>,
        duplicate: impl FnOnce(Duplicate) -> E,
    ) -> Result<Self, E> {
        let mut new = Self::new(table);
        new.next_row = self.next_row;
        if let (Some(new), Some(old)) = (&mut new.identity, self.identity) {
            new.last = old.last;
        }
        for (id, row) in &self.rows {
            let row = convert(row)?;
            if let Some(found) = new.duplicate_of(&row, None) {
                return Err(duplicate(found));
            }
            new.set(*id, Some(row));
        }
        Ok(new)
    }
}

impl PartialEq for TableData {
    /// Equal content: what undo must bring back. The next row number and the identity value are
    /// not part of it.
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
            && self.checksum == other.checksum
            && self.indexes.len() == other.indexes.len()
            && self
                .indexes
                .iter()
                .zip(&other.indexes)
                .all(|(a, b)| a.shape == b.shape && a.entries == b.entries)
    }
}

impl IndexShape {
    fn new(table: &Table, index: &Index) -> Self {
        let place = |id| {
            table
                .position(id)
                .expect("an index names columns of its table")
        };
        Self {
            id: index.id,
            unique: index.unique,
            clustered: index.clustered,
            key: index
                .key
                .iter()
                .map(|(id, descending)| {
                    let place = place(*id);
                    (place, *descending, table.columns[place].collation)
                })
                .collect(),
            filter: index
                .filter
                .as_ref()
                .map(|(filter, _)| PlacedFilter::new(table, filter)),
        }
    }

    fn covers(&self, row: &[Value]) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.accepts(row))
    }

    fn encode_values<'a>(&self, values: impl Iterator<Item = &'a Value>) -> Vec<u8> {
        let mut out = Vec::new();
        for ((_, descending, collation), value) in self.key.iter().zip(values) {
            encode(&mut out, value, *collation, *descending);
        }
        out
    }

    fn encode_row(&self, row: &[Value]) -> Vec<u8> {
        self.encode_values(self.key.iter().map(|(place, ..)| &row[*place]))
    }

    /// The key of an entry: rows with equal values are told apart by their number, except under a
    /// unique key.
    fn entry_key(&self, row: &[Value], id: RowId) -> IndexKey {
        let mut key = self.encode_row(row);
        if !self.unique {
            key.extend_from_slice(&id.0.to_be_bytes());
        }
        Arc::from(key)
    }
}

fn shapes(table: &Table) -> impl Iterator<Item = IndexShape> {
    table
        .indexes
        .iter()
        .filter(|index| !index.disabled)
        .map(|index| IndexShape::new(table, index))
}

impl PlacedFilter {
    fn new(table: &Table, filter: &Filter) -> Self {
        let place = |id| {
            let place = table
                .position(id)
                .expect("a filter names columns of its table");
            (place, table.columns[place].collation)
        };
        match filter {
            Filter::And(a, b) => {
                Self::And(Box::new(Self::new(table, a)), Box::new(Self::new(table, b)))
            }
            Filter::IsNull(id) => Self::IsNull(place(*id).0),
            Filter::IsNotNull(id) => Self::IsNotNull(place(*id).0),
            Filter::Compare(id, operator, value) => {
                let (place, collation) = place(*id);
                Self::Compare(place, collation, *operator, value.clone())
            }
            Filter::In(id, values) => {
                let (place, collation) = place(*id);
                Self::In(place, collation, values.clone())
            }
        }
    }

    fn accepts(&self, row: &[Value]) -> bool {
        let order = |place: &usize, collation: &Collation, constant: &Value| {
            let key = |value: &Value| {
                let mut out = Vec::new();
                encode(&mut out, value, *collation, false);
                out
            };
            let value = &row[*place];
            (!matches!(value, Value::Null)).then(|| key(value).cmp(&key(constant)))
        };
        match self {
            Self::And(a, b) => a.accepts(row) && b.accepts(row),
            Self::IsNull(place) => matches!(row[*place], Value::Null),
            Self::IsNotNull(place) => !matches!(row[*place], Value::Null),
            Self::Compare(place, collation, operator, constant) => {
                order(place, collation, constant).is_some_and(|order| match operator {
                    FilterOperator::Equal => order == Ordering::Equal,
                    FilterOperator::NotEqual => order != Ordering::Equal,
                    FilterOperator::Less => order == Ordering::Less,
                    FilterOperator::LessOrEqual => order != Ordering::Greater,
                    FilterOperator::Greater => order == Ordering::Greater,
                    FilterOperator::GreaterOrEqual => order != Ordering::Less,
                })
            }
            Self::In(place, collation, constants) => constants
                .iter()
                .any(|constant| order(place, collation, constant) == Some(Ordering::Equal)),
        }
    }
}

/// `BINARY_CHECKSUM(*)` of one row.
///
/// SQL Server does not document its algorithm; what is documented is that equal rows have equal
/// checksums, that order of columns counts and that text counts byte by byte. This one is FNV-1a
/// over the values with their places, folded to 32 bits.
pub fn row_checksum(row: &[Value]) -> i32 {
    let mut hash = Fnv::default();
    for value in row {
        hash.value(value);
    }
    hash.finish()
}

/// `BINARY_CHECKSUM` of some columns, for callers that evaluate it over expressions.
pub fn columns_checksum<'a>(values: impl IntoIterator<Item = &'a Value>) -> i32 {
    let mut hash = Fnv::default();
    for value in values {
        hash.value(value);
    }
    hash.finish()
}

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.bytes(&[tag]);
        self.bytes(bytes);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.tagged(0, &[]),
            Value::Bit(v) => self.tagged(1, &[u8::from(*v)]),
            // Integers of all widths hash alike, so that a widened column keeps its checksum.
            Value::TinyInt(v) => self.tagged(2, &i64::from(*v).to_le_bytes()),
            Value::SmallInt(v) => self.tagged(2, &i64::from(*v).to_le_bytes()),
            Value::Int(v) => self.tagged(2, &i64::from(*v).to_le_bytes()),
            Value::BigInt(v) => self.tagged(2, &v.to_le_bytes()),
            Value::Decimal { unscaled, scale } => {
                self.tagged(3, &unscaled.to_le_bytes());
                self.bytes(&[*scale]);
            }
            Value::Money(v) => self.tagged(4, &v.to_le_bytes()),
            Value::Real(v) => self.tagged(5, &v.to_bits().to_le_bytes()),
            Value::Float(v) => self.tagged(6, &v.to_bits().to_le_bytes()),
            Value::Text(v) => {
                self.tagged(7, v.as_bytes());
                self.bytes(&[0xFF]);
            }
            Value::Binary(v) => {
                self.tagged(8, v);
                self.bytes(&(v.len() as u64).to_le_bytes());
            }
            Value::Guid(v) => self.tagged(9, v),
            Value::Date(v) => self.tagged(10, &v.to_le_bytes()),
            Value::Time(v) => self.tagged(11, &v.to_le_bytes()),
            Value::DateTime2(v) => self.tagged(12, &v.to_le_bytes()),
            Value::DateTime { days, ticks } => {
                self.tagged(13, &days.to_le_bytes());
                self.bytes(&ticks.to_le_bytes());
            }
            Value::DateTimeOffset { utc, offset } => {
                self.tagged(14, &utc.to_le_bytes());
                self.bytes(&offset.to_le_bytes());
            }
            Value::Variant(inner) => {
                self.tagged(15, &[inner.0.facts().system_type_id]);
                self.value(&inner.1);
            }
        }
    }

    fn finish(&self) -> i32 {
        // The multiplication spreads the last bytes into the high half before it is folded in.
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed >> 32) as u32) as i32
    }
}
