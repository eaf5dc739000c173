//! System versioning: what a period demands of its table, and what makes a table the history of
//! another.
//!
//! Sources: "Temporal tables" and its pages on creation, security, consistency checks and schema
//! changes in the product's documentation; the texts are those of `sys.messages`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tsql::{Generated, Name, Versioning};
use values::{Collation, ConversionKind, SqlError, SqlType, Value, convert};

use super::Ddl;
use super::place::CreateRefusal;
use super::tables::TableMaking;
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, IndexId, ObjectId, SchemaId, same_name};
use crate::login::name_suffix;
use crate::names::last;
use crate::object::{Object, ObjectKind};
use crate::permission::Permission;
use crate::rows::Row;
use crate::security::UserToken;
use crate::table::{Column, Index, Retention, RetentionUnit, Table, Temporal};
use crate::undo::Change;

/// The last moment of time: 9999-12-31T23:59:59.9999999.
const LAST_TICK: i64 = 3_652_059 * 864_000_000_000 - 1;

/// The end of a period that is still open, as precise as its column is.
pub fn open_end(data_type: &SqlType) -> Value {
    let scale = match data_type {
        SqlType::DateTime2(scale) => u32::from(*scale),
        _ => 7,
    };
    let unit = 10_i64.pow(7_u32.saturating_sub(scale));
    Value::DateTime2(LAST_TICK / unit * unit)
}

/// A moment as a column of a period keeps it: rounded, as every conversion to a coarser datetime2
/// is. Whether the server rounds here is not documented; for datetime2(7) there is no difference.
///
/// # Errors
/// 8115 when the moment does not fit.
pub fn period_time(ticks: i64, data_type: &SqlType) -> Result<Value, SqlError> {
    convert(
        &Value::DateTime2(ticks),
        &SqlType::DateTime2(7),
        data_type,
        None,
        ConversionKind::Implicit,
    )
}

/// 13501 and 13587: what a GENERATED ALWAYS column is.
pub(super) fn check_generated(column: &Column, nullable: Option<bool>) -> Result<(), SqlError> {
    if !matches!(column.data_type, SqlType::DateTime2(_)) {
        return Err(temporal(
            13501,
            format!(
                "Temporal generated always column '{}' has invalid data type.",
                column.name
            ),
        ));
    }
    if nullable == Some(true) {
        return Err(temporal(
            13587,
            format!(
                "Period column '{}' in a system-versioned temporal table cannot be nullable.",
                column.name
            ),
        ));
    }
    Ok(())
}

impl Ddl<'_> {
    /// `db.schema.table`, as messages about temporal tables name one.
    pub(super) fn full_name(&self, database: DatabaseId, schema: SchemaId, name: &str) -> String {
        let database = self.instance.entered(database);
        format!(
            "{}.{}.{name}",
            database.name(),
            database.schema_name(schema)
        )
    }

    fn full_name_of(&self, database: DatabaseId, object: &Object) -> String {
        self.full_name(database, object.schema, &object.name)
    }

    /// The period of a table in the making, and that GENERATED ALWAYS columns have one.
    pub(super) fn define_period(
        &mut self,
        making: &mut TableMaking,
        period: Option<&(String, String)>,
    ) -> Result<(), Errors> {
        if making.free && period.is_some() {
            return Err(temporal(
                13572,
                "Creating table variables containing PERIOD is not allowed.",
            )
            .into());
        }
        let of = |which| {
            making
                .table
                .columns
                .iter()
                .filter(move |column| column.generated == Some(which))
        };
        if of(Generated::RowStart).count() > 1 {
            return Err(temporal(
                13502,
                "System-versioned table cannot have more than one 'GENERATED ALWAYS AS ROW START' \
                 column.",
            )
            .into());
        }
        if of(Generated::RowEnd).count() > 1 {
            return Err(temporal(
                13503,
                "System-versioned table cannot have more than one 'GENERATED ALWAYS AS ROW END' \
                 column.",
            )
            .into());
        }
        let (start, end) = (of(Generated::RowStart).next(), of(Generated::RowEnd).next());
        let Some((start_name, end_name)) = period else {
            if start.or(end).is_some() && making.table.period.is_none() {
                return Err(temporal(
                    13509,
                    "Cannot create generated always column when SYSTEM_TIME period is not defined.",
                )
                .into());
            }
            return Ok(());
        };
        let start = start.ok_or_else(|| {
            temporal(
                13504,
                "Temporal 'GENERATED ALWAYS AS ROW START' column definition missing.",
            )
        })?;
        let end = end.ok_or_else(|| {
            temporal(
                13505,
                "Temporal 'GENERATED ALWAYS AS ROW END' column definition missing.",
            )
        })?;
        for (written, column, number, which) in [
            (start_name, start, 13506, ("start", "START")),
            (end_name, end, 13507, ("end", "END")),
        ] {
            if !same_name(written, &column.name) {
                return Err(temporal(
                    number,
                    format!(
                        "System-versioned table SYSTEM_TIME period definition {} column name not \
                         matching 'GENERATED ALWAYS AS ROW {}' column name.",
                        which.0, which.1
                    ),
                )
                .into());
            }
        }
        if start.data_type != end.data_type {
            return Err(temporal(
                13513,
                "SYSTEM_TIME period columns cannot have different datatype precision.",
            )
            .into());
        }
        making.table.period = Some((start.id, end.id));
        Ok(())
    }

    /// `SYSTEM_VERSIONING = ON`: finds or makes the history table and ties both together. The
    /// current table is stored by the caller.
    pub(super) fn begin_versioning(
        &mut self,
        making: &mut TableMaking,
        versioning: &Versioning,
    ) -> Result<(), Errors> {
        let current = self.full_name(making.database, making.schema, &making.name);
        if making.table.period.is_none() {
            return Err(temporal(
                13510,
                "Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.",
            )
            .into());
        }
        if making.database == DatabaseId::TEMPDB {
            return Err(temporal(
                13568,
                format!(
                    "System-versioned temporal table '{current}' cannot be created in a 'tempdb' \
                     database."
                ),
            )
            .into());
        }
        if making.table.primary_key().is_none() {
            return Err(temporal(
                13553,
                format!(
                    "System versioned temporal table '{current}' must have primary key defined."
                ),
            )
            .into());
        }
        let instead_of = self
            .instance
            .entered(making.database)
            .children_of(making.id)
            .any(|child| is_trigger(child, true));
        if instead_of {
            return Err(temporal(
                13774,
                format!(
                    "Setting SYSTEM_VERSIONING to ON failed because table '{current}' has INSTEAD OF \
                     triggers defined. Consider dropping INSTEAD OF triggers and trying again."
                ),
            )
            .into());
        }
        let retention = match &versioning.retention {
            None => None,
            Some(written) => parsed_retention(written)?,
        };
        let existing = match &versioning.history_table {
            None => None,
            Some(name) => {
                if name.0.len() != 2 {
                    return Err(temporal(
                        13539,
                        format!(
                            "Setting SYSTEM_VERSIONING to ON failed because history table '{}' is \
                             not specified in two-part name format.",
                            crate::names::display(name)
                        ),
                    )
                    .into());
                }
                self.find(name)?
            }
        };
        let history = match existing {
            Some((token, object)) => {
                self.adopt(making, &token, &object, !versioning.consistency_check_off)?;
                if retention.is_some() {
                    self.check_retention_index(making, &object)?;
                }
                let table = Table {
                    temporal: Temporal::History { of: making.id },
                    ..object.as_table().cloned().unwrap_or_default()
                };
                self.store_definition(making.database, &object, table);
                object.id
            }
            None => self.create_history(making, versioning.history_table.as_ref())?,
        };
        making.table.temporal = Temporal::Versioned { history, retention };
        Ok(())
    }

    /// Stores a changed definition whose rows and indexes stay as they are.
    pub(super) fn store_definition(&mut self, database: DatabaseId, object: &Object, table: Table) {
        let changed = Object {
            modified: self.now,
            kind: ObjectKind::Table(table),
            ..Object::clone(object)
        };
        self.instance.apply(
            Change::Object(database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
    }

    /// A history table made for its current one: the same columns without what the server
    /// maintains, and a clustered index on the period, its end first.
    fn create_history(
        &mut self,
        making: &TableMaking,
        name: Option<&Name>,
    ) -> Result<ObjectId, Errors> {
        let (schema, short) = match name {
            Some(name) => {
                let place = self.place(name, Permission::CREATE_TABLE, CreateRefusal::Denied(1))?;
                (place.schema, last(name).to_owned())
            }
            None => (making.schema, self.history_name(making)),
        };
        let id = self
            .instance
            .database_mut(making.database)
            .expect("it was entered")
            .new_object_id();
        let (start, end) = making.table.period.expect("asked before");
        let table = Table {
            columns: making.table.columns.iter().map(history_column).collect(),
            constraints: Vec::new(),
            indexes: vec![Index {
                id: IndexId(1),
                name: Arc::from(format!("ix_{short}")),
                unique: false,
                ignores_duplicates: false,
                clustered: true,
                key: vec![(end, false), (start, false)],
                include: Vec::new(),
                filter: None,
                constraint: None,
                disabled: false,
            }],
            period: None,
            temporal: Temporal::History { of: making.id },
            next_column: making.table.next_column,
        };
        let history = TableMaking {
            database: making.database,
            schema,
            id,
            name: short.clone(),
            table,
            free: false,
            token: making.token.clone(),
        };
        self.store_new_table(&history, &short, None);
        Ok(id)
    }

    /// `MSSQL_TemporalHistoryFor_<object_id>`, with a suffix when that is taken.
    fn history_name(&self, making: &TableMaking) -> String {
        let name = format!("MSSQL_TemporalHistoryFor_{}", making.id.0);
        let taken = |name: &str| {
            self.instance
                .entered(making.database)
                .object_named(making.schema, name)
                .is_some()
        };
        if !taken(&name) {
            return name;
        }
        let mut round = 0;
        loop {
            let other = format!("{name}_{}", name_suffix(&format!("{name}/{round}")));
            if !taken(&other) {
                return other;
            }
            round += 1;
        }
    }

    /// Whether a table that exists can be the history of the one in the making.
    fn adopt(
        &mut self,
        making: &TableMaking,
        token: &UserToken,
        object: &Arc<Object>,
        check_rows: bool,
    ) -> Result<(), Errors> {
        if !self.holds(token, object, Permission::CONTROL) {
            return Err(no_rights().into());
        }
        let name = self.full_name_of(making.database, object);
        let unusable = || {
            temporal(
                13511,
                format!("Specified object '{name}' cannot be used as history table."),
            )
        };
        let history = object.as_table().ok_or_else(unusable)?;
        if token.database != making.database || object.id == making.id {
            return Err(unusable().into());
        }
        match history.temporal {
            Temporal::None => {}
            Temporal::History { .. } => {
                return Err(
                    temporal(13514, format!("History table '{name}' is already in use.")).into(),
                );
            }
            Temporal::Versioned { .. } => return Err(unusable().into()),
        }
        self.check_history_shape(making, object, history, &name)?;
        if check_rows {
            self.check_history_rows(making, object.id, &name)?;
        }
        Ok(())
    }

    fn check_history_shape(
        &self,
        making: &TableMaking,
        object: &Object,
        history: &Table,
        name: &str,
    ) -> Result<(), Errors> {
        let failed = |number, what: &str| {
            Errors::from(temporal(
                number,
                format!("Setting SYSTEM_VERSIONING to ON failed because {what}"),
            ))
        };
        let has = |number, what: &str, these: &str| {
            failed(
                number,
                &format!(
                    "history table '{name}' has {what}. Consider dropping all {these} and trying \
                     again."
                ),
            )
        };
        if history.period.is_some() {
            return Err(failed(
                13574,
                &format!("temporal history table '{name}' contains SYSTEM_TIME period."),
            ));
        }
        if history.indexes.iter().any(|index| index.unique) {
            return Err(has(13515, "custom unique keys defined", "unique keys"));
        }
        if history.foreign_keys().next().is_some() {
            return Err(has(13516, "foreign keys defined", "foreign keys"));
        }
        if history.checks().next().is_some() {
            return Err(has(
                13517,
                "table or column constraints defined",
                "table and column constraints",
            ));
        }
        if history.identity().is_some() {
            return Err(has(
                13518,
                "IDENTITY column specification",
                "IDENTITY column specifications",
            ));
        }
        if history.columns.iter().any(|it| it.computed.is_some()) {
            return Err(has(
                13519,
                "computed column specification",
                "computed column specifications",
            ));
        }
        let has_triggers = self
            .instance
            .entered(making.database)
            .children_of(object.id)
            .any(|child| is_trigger(child, false));
        if has_triggers {
            return Err(has(13522, "triggers defined", "triggers"));
        }
        let blocked = self
            .instance
            .entered(making.database)
            .policies_on(object.id)
            .filter_map(|policy| policy.as_policy())
            .flat_map(|policy| &policy.predicates)
            .any(|predicate| predicate.block && predicate.table == object.id);
        if blocked {
            return Err(failed(
                13726,
                &format!(
                    "history table '{name}' is referenced by one or more BLOCK security predicates. \
                     Consider removing the BLOCK security predicates referencing this table and \
                     trying again."
                ),
            ));
        }
        if history.columns.iter().any(|column| column.row_guid) {
            return Err(has(
                13580,
                "ROWGUID column specification",
                "ROWGUID column specifications",
            ));
        }
        let current = self.full_name(making.database, making.schema, &making.name);
        let columns = &making.table.columns;
        if columns.len() != history.columns.len() {
            return Err(failed(
                13523,
                &format!(
                    "table '{current}' has {} columns and table '{name}' has {} columns.",
                    columns.len(),
                    history.columns.len()
                ),
            ));
        }
        for (place, (own, old)) in columns.iter().zip(&history.columns).enumerate() {
            if !same_name(&own.name, &old.name) {
                return Err(failed(
                    13524,
                    &format!(
                        "column '{}' at ordinal {} in history table '{name}' has a different name \
                         than the column '{}' at the same ordinal in table '{current}'.",
                        old.name,
                        place + 1,
                        own.name
                    ),
                ));
            }
            let expected = history_column(own);
            if expected.data_type != old.data_type {
                return Err(failed(
                    13525,
                    &format!(
                        "column '{}' has data type {} in history table '{name}' which is different \
                         from corresponding column type {} in table '{current}'.",
                        own.name, old.data_type, own.data_type
                    ),
                ));
            }
            let same = |number, what: &str| {
                failed(
                    number,
                    &format!(
                        "column '{}' does not have the same {what} in tables '{current}' and \
                         '{name}'.",
                        own.name
                    ),
                )
            };
            if own.data_type.is_character() && own.collation != old.collation {
                return Err(same(13526, "collation"));
            }
            if own.generated.is_some() && old.nullable {
                return Err(failed(
                    13530,
                    &format!(
                        "system column '{}' in history table '{name}' corresponds to a period \
                         column in table '{current}' and cannot be nullable.",
                        own.name
                    ),
                ));
            }
            if own.nullable != old.nullable {
                return Err(same(13531, "nullability attribute"));
            }
            if own.sparse != old.sparse {
                return Err(same(13533, "sparse storage attribute"));
            }
            if own.masked != old.masked {
                return Err(same(13581, "masking functions"));
            }
        }
        Ok(())
    }

    /// DATA_CONSISTENCY_CHECK: no period runs backwards or into the future, and no two versions
    /// of a row overlap, the current one included.
    fn check_history_rows(
        &self,
        making: &TableMaking,
        history: ObjectId,
        name: &str,
    ) -> Result<(), Errors> {
        let table = &making.table;
        let Some((start, end)) = table.period_places() else {
            return Ok(());
        };
        let rows = |id: ObjectId| -> Vec<Row> {
            self.instance
                .entered(making.database)
                .data(id)
                .map(|data| data.in_storage_order().cloned().collect())
                .unwrap_or_default()
        };
        let (current, old) = (rows(making.id), rows(history));
        let backwards = |rows: &[Row]| rows.iter().any(|row| ticks(&row[end]) < ticks(&row[start]));
        if backwards(&current) {
            return Err(temporal(
                13540,
                format!(
                    "Setting SYSTEM_VERSIONING to ON failed because table '{}' contains invalid \
                     records with end of period set before start.",
                    self.full_name(making.database, making.schema, &making.name)
                ),
            )
            .into());
        }
        let failed = |number, what: &str| {
            Errors::from(temporal(
                number,
                format!(
                    "Setting SYSTEM_VERSIONING to ON failed because history table '{name}' contains \
                     {what}."
                ),
            ))
        };
        if backwards(&old) {
            return Err(failed(
                13541,
                "invalid records with end of period set before start",
            ));
        }
        if old.iter().any(|row| ticks(&row[end]) > self.now) {
            return Err(failed(
                13543,
                "invalid records with end of period set to a value in the future",
            ));
        }
        let key: Vec<(usize, Collation)> = table
            .primary_key()
            .into_iter()
            .flat_map(|index| &index.key)
            .filter_map(|(id, _)| table.position(*id))
            .map(|place| (place, table.columns[place].collation))
            .collect();
        let mut versions: BTreeMap<Vec<u8>, Vec<(i64, i64)>> = BTreeMap::new();
        for row in old.iter().chain(&current) {
            let period = (ticks(&row[start]), ticks(&row[end]));
            // A version of no duration overlaps with nothing.
            if period.0 < period.1 {
                let mut bytes = Vec::new();
                for (place, collation) in &key {
                    crate::keys::encode(&mut bytes, &row[*place], *collation, false);
                }
                versions.entry(bytes).or_default().push(period);
            }
        }
        for periods in versions.values_mut() {
            periods.sort_unstable();
            if periods.windows(2).any(|pair| pair[1].0 < pair[0].1) {
                return Err(failed(13573, "overlapping records"));
            }
        }
        Ok(())
    }

    /// 13765: a finite retention needs a clustered index that begins with the end of the period.
    fn check_retention_index(&self, making: &TableMaking, history: &Object) -> Result<(), Errors> {
        let (_, end) = making.table.period_places().expect("asked before");
        let table = history.as_table().expect("a history is a table");
        let suits = table.indexes.iter().any(|index| {
            index.clustered
                && index
                    .key
                    .first()
                    .is_some_and(|(id, _)| table.position(*id) == Some(end))
        });
        if suits {
            return Ok(());
        }
        Err(temporal(
            13765,
            format!(
                "Setting finite retention period failed on system-versioned temporal table '{}' \
                 because the history table '{}' does not contain required clustered index. Consider \
                 creating a clustered columnstore or B-tree index starting with the column that \
                 matches end of SYSTEM_TIME period, on the history table.",
                self.full_name(making.database, making.schema, &making.name),
                self.full_name_of(making.database, history)
            ),
        )
        .into())
    }

    /// `SET (SYSTEM_VERSIONING = …)`.
    pub(super) fn set_versioning(
        &mut self,
        object: &Arc<Object>,
        mut making: TableMaking,
        versioning: Option<&Versioning>,
    ) -> Result<(), Errors> {
        let name = self.full_name_of(making.database, object);
        if !self.holds(&making.token, object, Permission::CONTROL) {
            return Err(no_rights().into());
        }
        match (making.table.history(), versioning) {
            (None, None) => Err(temporal(
                13591,
                format!("SYSTEM_VERSIONING is not turned ON for table '{name}'."),
            )
            .into()),
            (None, Some(versioning)) => {
                if making.table.is_history() {
                    return Err(temporal(
                        13510,
                        "Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.",
                    )
                    .into());
                }
                self.begin_versioning(&mut making, versioning)?;
                self.store_definition(making.database, object, making.table);
                Ok(())
            }
            (Some(history), None) => {
                let history = self.history_object(&making, history)?;
                if !self.holds(&making.token, &history, Permission::CONTROL) {
                    return Err(no_rights().into());
                }
                let table = Table {
                    temporal: Temporal::None,
                    ..history.as_table().cloned().unwrap_or_default()
                };
                self.store_definition(making.database, &history, table);
                making.table.temporal = Temporal::None;
                self.store_definition(making.database, object, making.table);
                Ok(())
            }
            (Some(history), Some(versioning)) => {
                let history = self.history_object(&making, history)?;
                if !self.holds(&making.token, &history, Permission::CONTROL) {
                    return Err(no_rights().into());
                }
                if let Some(other) = &versioning.history_table
                    && self.find(other)?.is_none_or(|(_, it)| it.id != history.id)
                {
                    return Err(temporal(
                        13757,
                        format!(
                            "Temporal table '{name}' already has history table defined. Consider \
                             dropping system_versioning first if you want to use different history \
                             table."
                        ),
                    )
                    .into());
                }
                let Some(written) = &versioning.retention else {
                    return Err(temporal(
                        13596,
                        format!("SYSTEM_VERSIONING is already turned ON for table '{name}'."),
                    )
                    .into());
                };
                let retention = parsed_retention(written)?;
                if retention.is_some() {
                    self.check_retention_index(&making, &history)?;
                }
                making.table.temporal = Temporal::Versioned {
                    history: history.id,
                    retention,
                };
                self.store_definition(making.database, object, making.table);
                Ok(())
            }
        }
    }

    fn history_object(
        &self,
        making: &TableMaking,
        history: ObjectId,
    ) -> Result<Arc<Object>, Errors> {
        self.instance
            .entered(making.database)
            .object(history)
            .cloned()
            .ok_or_else(|| no_rights().into())
    }
}

/// A column of a history table: what the server maintains for the current table is a plain value
/// here.
pub(super) fn history_column(column: &Column) -> Column {
    let data_type = match column.data_type {
        SqlType::RowVersion => SqlType::Binary(8),
        other => other,
    };
    Column {
        data_type,
        identity: None,
        computed: None,
        row_guid: false,
        generated: None,
        hidden: false,
        ..column.clone()
    }
}

/// Whether a child of a table is a trigger; `instead_of` asks for one that replaces the change.
fn is_trigger(child: &Object, instead_of: bool) -> bool {
    child.as_module().is_some_and(|module| {
        matches!(
            &module.definition.body,
            tsql::ModuleBody::Trigger { instead_of: replaces, .. } if *replaces || !instead_of
        )
    })
}

fn ticks(value: &Value) -> i64 {
    match value {
        Value::DateTime2(ticks) => *ticks,
        _ => 0,
    }
}

/// `6 MONTHS`, `1 DAY`, `INFINITE`.
fn parsed_retention(written: &str) -> Result<Option<Retention>, SqlError> {
    let mut words = written.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("INFINITE") {
        return Ok(None);
    }
    let count: i32 = first.parse().unwrap_or(0);
    let unit = words.next().unwrap_or_default();
    let unit = match unit.to_ascii_uppercase().as_str() {
        "DAY" | "DAYS" => RetentionUnit::Day,
        "WEEK" | "WEEKS" => RetentionUnit::Week,
        "MONTH" | "MONTHS" => RetentionUnit::Month,
        "YEAR" | "YEARS" => RetentionUnit::Year,
        _ => {
            return Err(temporal(
                13744,
                format!(
                    "'{unit}' is not a valid history retention period unit for system versioning."
                ),
            ));
        }
    };
    if count <= 0 {
        return Err(temporal(
            13743,
            format!("{first} is not a valid value for system versioning history retention period."),
        ));
    }
    Ok(Some(Retention { count, unit }))
}

/// 13538.
pub(super) fn no_rights() -> SqlError {
    temporal(
        13538,
        "You do not have the required permissions to complete the operation.",
    )
}

/// Every message about temporal tables has severity 16; their states are not documented.
pub(super) fn temporal(number: i32, message: impl Into<String>) -> SqlError {
    err(number, 16, 1, message)
}
