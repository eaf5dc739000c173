//! ALTER TABLE: the definition changes, and the rows that are there must follow.

use std::ops::ControlFlow;
use std::sync::Arc;

use tsql::{AlterTable, ColumnDefinition, ColumnKind, Name, TableDefinition};
use values::{SqlError, SqlType, Value};

use super::place::cannot_find_object;
use super::tables::TableMaking;
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, ObjectId, same_name};
use crate::names::display;
use crate::object::Object;
use crate::permission::Permission;
use crate::rows::{Row, TableData};
use crate::security::UserToken;
use crate::table::{Column, Constraint, Rule, Table};
use crate::undo::Change;

impl TableMaking {
    /// A table that exists, to be changed.
    pub(super) fn of(object: &Object, token: UserToken) -> Self {
        Self {
            database: token.database,
            schema: object.schema,
            id: object.id,
            name: object.name.to_string(),
            table: object.as_table().cloned().unwrap_or_default(),
            free: false,
            token,
        }
    }
}

impl Ddl<'_> {
    pub(super) fn alter_table(&mut self, name: &Name, action: &AlterTable) -> Result<Made, Errors> {
        let (token, object) = self.find(name)?.ok_or_else(|| missing_table(name))?;
        if !self.holds(&token, &object, Permission::ALTER) {
            return Err(cannot_find_object(&display(name), 13).into());
        }
        if object.as_table().is_none() {
            return Err(err(
                4909,
                16,
                1,
                format!(
                    "Cannot alter '{}' because it is not a table.",
                    display(name)
                ),
            )
            .into());
        }
        let making = TableMaking::of(&object, token);
        self.check_versioned_change(&object, &making, action)?;
        match action {
            AlterTable::Add(definition, with_check) => {
                self.add(&object, making, definition, with_check.unwrap_or(true))?;
            }
            AlterTable::AlterColumn(definition) => {
                self.alter_column(&object, making, definition)?
            }
            AlterTable::DropColumns(columns, if_exists) => {
                self.drop_columns(&object, making, columns, *if_exists)?;
            }
            AlterTable::DropConstraints(constraints, if_exists) => {
                self.drop_constraints(&object, making, constraints, *if_exists)?;
            }
            AlterTable::CheckConstraints {
                enable,
                with_check,
                names,
            } => {
                self.switch_constraints(&object, making, *enable, *with_check, names)?;
            }
            AlterTable::Switch {
                target,
                partitioned,
            } => {
                if *partitioned {
                    return Err(SqlError::unsupported("partitioned tables").into());
                }
                self.switch(&object, &making, target)?;
            }
            AlterTable::Maintenance(_) => {}
            AlterTable::AlterColumnMask { column, function } => {
                self.switch_mask(&object, making, column, function.as_deref())?;
            }
            AlterTable::AlterColumnOption {
                column,
                add,
                option,
            } if option == "HIDDEN" => {
                self.switch_hidden(&object, making, column, *add)?;
            }
            AlterTable::AlterColumnOption { option, .. } => {
                return Err(SqlError::unsupported(format!("ALTER COLUMN … {option}")).into());
            }
            AlterTable::DropPeriod => self.drop_period(&object, making)?,
            AlterTable::SetVersioning(versioning) => {
                self.set_versioning(&object, making, versioning.as_ref())?;
            }
        }
        Ok(None)
    }

    fn add(
        &mut self,
        object: &Object,
        mut making: TableMaking,
        definition: &TableDefinition,
        with_check: bool,
    ) -> Result<(), Errors> {
        let old_columns = making.table.columns.len();
        let old_constraints = making.table.constraints.len();
        self.add_columns(&mut making, &definition.columns, &definition.constraints)?;
        let had_period = making.table.period.is_some();
        self.add_period(&mut making, definition.period.as_ref())?;
        self.add_constraints(&mut making, &definition.constraints, false)?;
        let database = making.database;
        let rows = self.rows(database, object.id);
        // A computed column cannot carry a value of its own; the rest need one for old rows.
        let mut fill: Vec<Option<Value>> = Vec::new();
        let new_columns: Vec<Column> = making.table.columns[old_columns..].to_vec();
        for column in &new_columns {
            let default = making.table.default_of(column.id).cloned();
            let given = column.identity.is_some()
                || column.computed.is_some()
                || column.data_type == SqlType::RowVersion;
            if !column.nullable && default.is_none() && !given && !rows.is_empty() {
                return Err(err(
                    4901,
                    16,
                    1,
                    format!(
                        "ALTER TABLE only allows columns to be added that can contain nulls, or have \
                         a DEFAULT definition specified, or the column being added is an identity or \
                         timestamp column, or alternatively if none of the previous conditions are \
                         satisfied the table must be empty to allow addition of this column. Column \
                         '{}' cannot be added to non-empty table '{}' because it does not satisfy \
                         these conditions.",
                        column.name, making.name
                    ),
                )
                .into());
            }
            fill.push(match default {
                Some(default)
                    if !rows.is_empty()
                        && (!column.nullable || with_values(definition, &column.name)) =>
                {
                    Some(
                        self.evaluator
                            .constant(self.instance, database, &default, column)?,
                    )
                }
                _ => None,
            });
        }
        let mut converted = Vec::with_capacity(rows.len());
        let mut identity = making.table.identity().map(|(_, identity)| identity.seed);
        let columns = making.table.columns.clone();
        for row in &rows {
            let mut new: Vec<Value> = row.to_vec();
            for (column, fill) in new_columns.iter().zip(&fill) {
                let value = if let Some(step) = column.identity {
                    let value = identity.unwrap_or(step.seed);
                    identity = Some(value + step.increment);
                    integer_value(value, &column.data_type)?
                } else if column.data_type == SqlType::RowVersion {
                    Value::binary(
                        self.instance
                            .take_rowversion(database)
                            .to_be_bytes()
                            .to_vec(),
                    )
                } else {
                    fill.clone().unwrap_or(Value::Null)
                };
                new.push(value);
            }
            for (place, column) in columns.iter().enumerate().skip(old_columns) {
                if let Some(computed) = &column.computed {
                    new[place] = self.evaluator.computed(
                        self.instance,
                        database,
                        &columns,
                        &new,
                        &computed.expression,
                    )?;
                }
            }
            converted.push(Row::from(new));
        }
        if !had_period {
            self.check_period_rows(&making, &converted)?;
        }
        let new = making.table.constraints[old_constraints..].to_vec();
        for constraint in &new {
            if with_check {
                self.validate(&making, constraint, &converted)?;
            } else if matches!(constraint.rule, Rule::ForeignKey(_) | Rule::Check { .. }) {
                let stored = making
                    .table
                    .constraints
                    .iter_mut()
                    .find(|it| it.id == constraint.id);
                stored.expect("just added").not_trusted = true;
            }
        }
        let mut converted = converted.into_iter();
        let added = making.table.constraints[old_constraints..].to_vec();
        self.store_table_with(database, object, making.table.clone(), |_| {
            Ok(converted.next().expect("as many as there were"))
        })?;
        if let Some((place, step)) = making
            .table
            .identity()
            .filter(|(place, _)| *place >= old_columns)
        {
            let last = identity.map(|next| next - step.increment);
            if let (Some(last), false) = (last, rows.is_empty()) {
                debug_assert!(place >= old_columns);
                self.instance.note_identity(database, object.id, last, true);
            }
        }
        for constraint in &added {
            self.store_constraint(&making, constraint, object.temporary);
        }
        if let Some(history) = making.table.history() {
            self.add_to_history(database, history, &new_columns, &fill)?;
        }
        Ok(())
    }

    fn rows(&self, database: crate::ids::DatabaseId, table: ObjectId) -> Vec<Row> {
        self.instance
            .entered(database)
            .data(table)
            .map(|data| data.in_storage_order().cloned().collect())
            .unwrap_or_default()
    }

    /// Existing rows against a new or enabled CHECK or foreign key.
    fn validate(
        &mut self,
        making: &TableMaking,
        constraint: &Constraint,
        rows: &[Row],
    ) -> Result<(), Errors> {
        let database = Arc::clone(self.instance.entered(making.database));
        let conflict = |kind: &str, table: String, column: Option<&str>| {
            let column = column
                .map(|name| format!(", column '{name}'"))
                .unwrap_or_default();
            Errors::from(err(
                547,
                16,
                0,
                format!(
                    "The ALTER TABLE statement conflicted with the {kind} constraint \"{}\". The \
                     conflict occurred in database \"{}\", table \"{table}\"{column}.",
                    constraint.name,
                    database.name()
                ),
            ))
        };
        match &constraint.rule {
            Rule::Check {
                condition, column, ..
            } => {
                for row in rows {
                    let holds = self.evaluator.satisfies(
                        self.instance,
                        making.database,
                        &making.table,
                        row,
                        condition,
                    )?;
                    if !holds {
                        let table =
                            format!("{}.{}", database.schema_name(making.schema), making.name);
                        let column = column
                            .and_then(|id| making.table.column(id))
                            .map(|it| &*it.name);
                        return Err(conflict("CHECK", table, column));
                    }
                }
            }
            Rule::ForeignKey(key) => {
                let own_data: TableData;
                let (parent, parent_data, name) = if key.table == making.id {
                    let mut data = TableData::new(&making.table);
                    for row in rows {
                        let id = data.new_row_id();
                        data.set(id, Some(Arc::clone(row)));
                    }
                    own_data = data;
                    (&making.table, &own_data, making.name.clone())
                } else {
                    let object = database
                        .object(key.table)
                        .expect("a referenced table exists");
                    let data = database.data(key.table).expect("a table has rows");
                    let table = object.as_table().expect("a foreign key refers to a table");
                    (table, &**data, object.name.to_string())
                };
                for row in rows {
                    if !parent_exists(&making.table, key, row, parent, parent_data) {
                        let schema = database
                            .object(key.table)
                            .map_or(making.schema, |object| object.schema);
                        let table = format!("{}.{name}", database.schema_name(schema));
                        let column = match key.referenced.as_slice() {
                            [column] => {
                                parent.column(*column).map(|column| column.name.to_string())
                            }
                            _ => None,
                        };
                        return Err(conflict("FOREIGN KEY", table, column.as_deref()));
                    }
                }
            }
            Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Default { .. } => {}
        }
        Ok(())
    }

    fn alter_column(
        &mut self,
        object: &Object,
        making: TableMaking,
        written: &ColumnDefinition,
    ) -> Result<(), Errors> {
        let place = making.table.position_named(&written.name).ok_or_else(|| {
            err(
                4924,
                16,
                1,
                format!(
                    "ALTER TABLE ALTER COLUMN failed because column '{}' does not exist in table \
                     '{}'.",
                    written.name, making.name
                ),
            )
        })?;
        let old = making.table.columns[place].clone();
        let ColumnKind::Data(data_type) = &written.kind else {
            return Err(SqlError::unsupported("ALTER COLUMN to a computed column").into());
        };
        if written.generated.is_some() {
            return Err(super::temporal::temporal(
                13589,
                format!(
                    "Column '{}' in table '{}' cannot be specified as 'GENERATED ALWAYS' in ALTER \
                     COLUMN statement.",
                    old.name,
                    self.full_name(making.database, making.schema, &making.name)
                ),
            )
            .into());
        }
        if old.computed.is_some() || old.data_type == SqlType::RowVersion {
            return Err(err(
                4928,
                16,
                1,
                format!(
                    "Cannot alter column '{}' because it is '{}'.",
                    old.name,
                    if old.computed.is_some() {
                        "COMPUTED"
                    } else {
                        "timestamp"
                    }
                ),
            )
            .into());
        }
        let declared = self
            .instance
            .declared_type(making.database, making.schema, data_type)?;
        let default_collation = self.instance.entered(making.database).options().collation;
        let collation = match &written.collation {
            None => default_collation,
            Some(name) => super::tables::collation_named(name, default_collation)?,
        };
        let mut new = Column {
            data_type: declared.data_type,
            user_type: declared.user_type,
            nullable: written.nullable.or(declared.nullable).unwrap_or(true),
            collation,
            ..old.clone()
        };
        if old.identity.is_some() {
            new.nullable = false;
        }
        // A new type takes the mask away unless it states one.
        new.masked = super::masks::read(written.masked.as_deref(), &new)?;
        let same_family = std::mem::discriminant(&old.data_type)
            == std::mem::discriminant(&new.data_type)
            && old.collation == new.collation
            && wider_or_equal(&old.data_type, &new.data_type);
        let users = users_of(&making.table, old.id, &old.name);
        let blocking: Vec<_> = users
            .into_iter()
            .filter(|user| match user.kind {
                // Lengthening is allowed under an index or a constraint; a type change is not.
                "index" | "object" | "column" => !same_family || (user.primary && new.nullable),
                _ => true,
            })
            .collect();
        let bound = self.column_bindings(making.database, object.id, &old.name);
        if !blocking.is_empty() || !bound.is_empty() {
            return Err(dependent(&blocking, &bound, &old.name, "ALTER COLUMN"));
        }
        let history = making.table.history();
        let database = making.database;
        self.replace_column(database, object, place, &old, &new)?;
        if let Some(history) = history
            && let Some(object) = self.instance.entered(database).object(history).cloned()
        {
            let old = super::temporal::history_column(&old);
            let new = Column {
                id: object.columns().unwrap_or_default()[place].id,
                ..super::temporal::history_column(&new)
            };
            self.replace_column(database, &object, place, &old, &new)?;
        }
        Ok(())
    }

    /// One column of another type, and every row with it.
    fn replace_column(
        &mut self,
        database: crate::ids::DatabaseId,
        object: &Object,
        place: usize,
        old: &Column,
        new: &Column,
    ) -> Result<(), Errors> {
        let mut table = object.as_table().cloned().unwrap_or_default();
        table.columns[place] = new.clone();
        let name = object.name.clone();
        self.store_table_with(database, object, table, |row| {
            let value =
                values::assign(&row[place], &old.data_type, &new.data_type, &name, &new.name)?;
            if matches!(value, Value::Null) && !new.nullable {
                return Err(err(
                    515,
                    16,
                    2,
                    format!(
                        "Cannot insert the value NULL into column '{}', table '{name}'; column does \
                         not allow nulls. UPDATE fails.",
                        new.name
                    ),
                )
                .into());
            }
            let mut changed = row.to_vec();
            changed[place] = value;
            Ok(Row::from(changed))
        })
    }

    fn drop_columns(
        &mut self,
        object: &Object,
        making: TableMaking,
        columns: &[String],
        if_exists: bool,
    ) -> Result<(), Errors> {
        let mut places = Vec::new();
        for name in columns {
            let Some(place) = making.table.position_named(name) else {
                if if_exists {
                    continue;
                }
                return Err(err(
                    4924,
                    16,
                    1,
                    format!(
                        "ALTER TABLE DROP COLUMN failed because column '{name}' does not exist in \
                         table '{}'.",
                        making.name
                    ),
                )
                .into());
            };
            let column = making.table.columns[place].clone();
            self.check_not_in_period(&making, column.id)?;
            let users = users_of(&making.table, column.id, &column.name);
            let bound = self.column_bindings(making.database, object.id, &column.name);
            if !users.is_empty() || !bound.is_empty() {
                return Err(dependent(&users, &bound, &column.name, "DROP COLUMN"));
            }
            if making.table.columns.len() - places.len() == 1 {
                return Err(err(
                    4923,
                    16,
                    1,
                    format!(
                        "ALTER TABLE DROP COLUMN failed because '{name}' is the only data column in \
                         table '{}'. A table must have at least one data column.",
                        making.name
                    ),
                )
                .into());
            }
            places.push(place);
        }
        let history = making.table.history();
        let database = making.database;
        self.remove_columns(database, object, &places)?;
        if let Some(history) = history
            && let Some(object) = self.instance.entered(database).object(history).cloned()
        {
            self.remove_columns(database, &object, &places)?;
        }
        Ok(())
    }

    /// The columns at these places leave, with their permissions.
    fn remove_columns(
        &mut self,
        database: crate::ids::DatabaseId,
        object: &Object,
        places: &[usize],
    ) -> Result<(), Errors> {
        let mut table = object.as_table().cloned().unwrap_or_default();
        let dropped: Vec<ColumnId> = places
            .iter()
            .map(|place| table.columns[*place].id)
            .collect();
        table.columns.retain(|column| !dropped.contains(&column.id));
        self.store_table_with(database, object, table, |row| {
            Ok(row
                .iter()
                .enumerate()
                .filter(|(place, _)| !places.contains(place))
                .map(|(_, value)| value.clone())
                .collect())
        })?;
        let keys: Vec<_> = self
            .instance
            .entered(database)
            .permissions_of(crate::permission::Securable::Object(object.id))
            .map(|(key, _)| *key)
            .filter(|key| dropped.contains(&ColumnId(key.column)))
            .collect();
        for key in keys {
            self.instance
                .apply(Change::Permission(database, key, None), self.undo);
        }
        Ok(())
    }

    fn drop_constraints(
        &mut self,
        object: &Object,
        mut making: TableMaking,
        names: &[String],
        if_exists: bool,
    ) -> Result<(), Errors> {
        let could_not = || {
            err(
                3727,
                16,
                0,
                "Could not drop constraint. See previous errors.",
            )
        };
        let database = Arc::clone(self.instance.entered(making.database));
        let mut removed = Vec::new();
        for name in names {
            let Some(constraint) = making.table.constraint_named(name).cloned() else {
                if if_exists {
                    continue;
                }
                return Err(Errors::from(err(
                    3728,
                    16,
                    1,
                    format!("'{name}' is not a constraint."),
                ))
                .then(could_not()));
            };
            if matches!(constraint.rule, Rule::PrimaryKey(_)) {
                self.check_keeps_key(&making)?;
            }
            if let Rule::PrimaryKey(index) | Rule::Unique(index) = constraint.rule {
                for other in database.referencing(object.id) {
                    let Some(table) = database.table(other) else {
                        continue;
                    };
                    let key = table
                        .foreign_keys()
                        .find(|(_, key)| key.table == object.id && key.index == index);
                    if let Some((foreign, _)) = key {
                        let other = database.object(other).expect("it has a table");
                        return Err(Errors::from(err(
                            3725,
                            16,
                            0,
                            format!(
                                "The constraint '{}' is being referenced by table '{}', foreign key \
                                 constraint '{}'.",
                                constraint.name, other.name, foreign.name
                            ),
                        ))
                        .then(could_not()));
                    }
                }
                making.table.indexes.retain(|it| it.id != index);
            }
            making.table.constraints.retain(|it| it.id != constraint.id);
            removed.push(constraint.id);
        }
        self.store_table(making.database, object, making.table)?;
        let database = making.database;
        for id in removed {
            self.instance
                .apply(Change::Object(database, id, None), self.undo);
        }
        Ok(())
    }

    fn switch_constraints(
        &mut self,
        object: &Object,
        mut making: TableMaking,
        enable: bool,
        with_check: bool,
        names: &[String],
    ) -> Result<(), Errors> {
        for name in names {
            let switchable = making
                .table
                .constraint_named(name)
                .is_some_and(|constraint| {
                    matches!(constraint.rule, Rule::Check { .. } | Rule::ForeignKey(_))
                });
            if !switchable {
                return Err(Errors::from(err(
                    4917,
                    16,
                    0,
                    format!("Constraint '{name}' does not exist."),
                ))
                .then(err(
                    4916,
                    16,
                    0,
                    "Could not enable or disable the constraint. See previous errors.",
                )));
            }
        }
        let rows = self.rows(making.database, object.id);
        let chosen: Vec<Constraint> = making
            .table
            .constraints
            .iter()
            .filter(|constraint| {
                matches!(constraint.rule, Rule::Check { .. } | Rule::ForeignKey(_))
                    && (names.is_empty()
                        || names.iter().any(|name| same_name(name, &constraint.name)))
            })
            .cloned()
            .collect();
        for constraint in chosen {
            if enable && with_check {
                self.validate(&making, &constraint, &rows)?;
            }
            let stored = making
                .table
                .constraints
                .iter_mut()
                .find(|it| it.id == constraint.id)
                .expect("chosen from the same list");
            stored.disabled = !enable;
            stored.not_trusted = !(enable && with_check);
        }
        self.store_table(making.database, object, making.table)
    }

    /// Schema-bound modules whose text names the column.
    fn column_bindings(
        &self,
        database: crate::ids::DatabaseId,
        table: ObjectId,
        column: &str,
    ) -> Vec<Arc<Object>> {
        self.instance
            .entered(database)
            .objects()
            .filter(|object| {
                let Some(module) = object.as_module() else {
                    return super::policies::reads_column(object, table, column);
                };
                module.schema_bound_to.contains(&table)
                    && match &module.definition.body {
                        tsql::ModuleBody::View { query, .. }
                        | tsql::ModuleBody::InlineFunction(query) => names_column(&**query, column),
                        _ => false,
                    }
            })
            .cloned()
            .collect()
    }
}

/// Whether a new column's DEFAULT is for the rows that exist already, too.
fn with_values(definition: &TableDefinition, column: &str) -> bool {
    definition.constraints.iter().any(|constraint| {
        constraint
            .column
            .as_ref()
            .is_some_and(|name| same_name(name, column))
            && matches!(
                constraint.kind,
                tsql::ConstraintKind::Default {
                    with_values: true,
                    ..
                }
            )
    })
}

/// Whether the parent of a referencing row exists; rows with a NULL refer to nothing.
fn parent_exists(
    table: &Table,
    key: &crate::table::ForeignKey,
    row: &Row,
    parent: &Table,
    parent_data: &TableData,
) -> bool {
    let value = |referenced: ColumnId| {
        let at = key.referenced.iter().position(|id| *id == referenced)?;
        Some(row[table.position(key.columns[at])?].clone())
    };
    let Some(index) = parent.index(key.index) else {
        return true;
    };
    let values: Option<Vec<Value>> = index.key.iter().map(|(id, _)| value(*id)).collect();
    let Some(values) = values else { return true };
    if values.iter().any(|value| matches!(value, Value::Null)) {
        return true;
    }
    parent_data
        .find(key.index, &values)
        .is_none_or(|found| !found.is_empty())
}

/// Something of a table that needs one of its columns.
pub(super) struct User {
    pub(super) kind: &'static str,
    name: String,
    primary: bool,
}

pub(super) fn users_of(table: &Table, id: ColumnId, name: &str) -> Vec<User> {
    let mut users = Vec::new();
    for constraint in &table.constraints {
        let uses = match &constraint.rule {
            Rule::PrimaryKey(_) | Rule::Unique(_) => false,
            Rule::ForeignKey(key) => key.columns.contains(&id),
            Rule::Check { condition, .. } => names_column(&**condition, name),
            Rule::Default { column, .. } => *column == id,
        };
        if uses {
            users.push(User {
                kind: "object",
                name: constraint.name.to_string(),
                primary: false,
            });
        }
    }
    for index in &table.indexes {
        let in_filter = index
            .filter
            .as_ref()
            .is_some_and(|(_, text)| text.to_lowercase().contains(&name.to_lowercase()));
        if index.key.iter().any(|(column, _)| *column == id)
            || index.include.contains(&id)
            || in_filter
        {
            let primary = index
                .constraint
                .and_then(|id| table.constraint(id))
                .is_some_and(|constraint| matches!(constraint.rule, Rule::PrimaryKey(_)));
            users.push(User {
                kind: if index.constraint.is_some() {
                    "object"
                } else {
                    "index"
                },
                name: index.name.to_string(),
                primary,
            });
        }
    }
    for column in &table.columns {
        if let Some(computed) = &column.computed
            && column.id != id
            && names_column(&*computed.expression, name)
        {
            users.push(User {
                kind: "column",
                name: column.name.to_string(),
                primary: false,
            });
        }
    }
    users
}

/// Whether an expression or query names a column, qualified or not.
pub(super) fn names_column(node: &impl tsql::sql::Visit, column: &str) -> bool {
    use tsql::sql::Expr;
    tsql::sql::visit_expressions(node, |expression: &Expr| {
        let named = match expression {
            Expr::Identifier(name) => Some(&name.value),
            Expr::CompoundIdentifier(parts) => parts.last().map(|part| &part.value),
            _ => None,
        };
        if named.is_some_and(|name| same_name(name, column)) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_break()
}

/// 5074 for each user, then 4922.
pub(super) fn dependent(users: &[User], bound: &[Arc<Object>], column: &str, verb: &str) -> Errors {
    let mut errors: Vec<SqlError> = users
        .iter()
        .map(|user| {
            err(
                5074,
                16,
                1,
                format!(
                    "The {} '{}' is dependent on column '{column}'.",
                    user.kind, user.name
                ),
            )
        })
        .collect();
    errors.extend(bound.iter().map(|object| {
        err(
            5074,
            16,
            1,
            format!(
                "The object '{}' is dependent on column '{column}'.",
                object.name
            ),
        )
    }));
    errors.push(err(
        4922,
        16,
        9,
        format!(
            "ALTER TABLE {verb} {column} failed because one or more objects access this column."
        ),
    ));
    Errors::new(errors)
}

fn wider_or_equal(old: &SqlType, new: &SqlType) -> bool {
    use SqlType as T;
    match (old, new) {
        (T::VarChar(a), T::VarChar(b))
        | (T::NVarChar(a), T::NVarChar(b))
        | (T::VarBinary(a), T::VarBinary(b)) => b >= a,
        (a, b) => a == b,
    }
}

fn integer_value(value: i128, data_type: &SqlType) -> Result<Value, SqlError> {
    let overflow = || {
        err(
            8115,
            16,
            1,
            format!(
                "Arithmetic overflow error converting IDENTITY to data type {}.",
                data_type.base_name()
            ),
        )
    };
    Ok(match data_type {
        SqlType::TinyInt => Value::TinyInt(u8::try_from(value).map_err(|_| overflow())?),
        SqlType::SmallInt => Value::SmallInt(i16::try_from(value).map_err(|_| overflow())?),
        SqlType::Int => Value::Int(i32::try_from(value).map_err(|_| overflow())?),
        SqlType::BigInt => Value::BigInt(i64::try_from(value).map_err(|_| overflow())?),
        SqlType::Decimal { precision, .. } => {
            if value.unsigned_abs() >= 10_u128.pow(u32::from(*precision)) {
                return Err(overflow());
            }
            Value::Decimal {
                unscaled: value,
                scale: 0,
            }
        }
        _ => return Err(overflow()),
    })
}

/// 4902.
fn missing_table(name: &Name) -> SqlError {
    err(
        4902,
        16,
        1,
        format!(
            "Cannot find the object \"{}\" because it does not exist or you do not have permissions.",
            display(name)
        ),
    )
}
