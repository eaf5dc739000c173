//! CREATE TABLE, and how a written table definition becomes columns, constraints and indexes.

use std::sync::Arc;

use tsql::{ColumnDefinition, ColumnKind, ConstraintKind, IndexDefinition, Name, TableDefinition};
use values::{Collation, Length, SqlError, SqlType};

use super::foreign_keys::could_not_create;
use super::place::{CreateRefusal, already_exists};
use super::{Ddl, ExpressionUse, Made, TableVariable};
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, DatabaseId, IndexId, ObjectId, SchemaId, SessionId};
use crate::login::name_suffix;
use crate::names::last;
use crate::object::{ConstraintClass, Object, ObjectKind};
use crate::permission::Permission;
use crate::rows::TableData;
use crate::security::UserToken;
use crate::table::{
    Column, Computed, Constraint, Filter, FilterOperator, Identity, Index, Rule, Table,
};
use crate::undo::Change;

/// The table that is being made or changed, and where it lives.
pub(crate) struct TableMaking {
    pub(crate) database: DatabaseId,
    pub(crate) schema: SchemaId,
    pub(crate) id: ObjectId,
    /// As messages call it.
    pub(crate) name: String,
    pub(crate) table: Table,
    /// Outside of every database: no objects for constraints, no foreign keys.
    pub(crate) free: bool,
    pub(crate) token: UserToken,
}

impl Ddl<'_> {
    /// `CREATE TABLE`.
    pub(super) fn create_table(
        &mut self,
        name: &Name,
        definition: &TableDefinition,
    ) -> Result<Made, Errors> {
        let short = last(name).to_owned();
        let temporary = short.starts_with('#');
        let (token, schema) = if temporary {
            (
                self.instance
                    .user_token(DatabaseId::TEMPDB, crate::ids::PrincipalId::DBO),
                SchemaId::DBO,
            )
        } else {
            let place = self.place(name, Permission::CREATE_TABLE, CreateRefusal::Denied(1))?;
            (place.token, place.schema)
        };
        let database = token.database;
        let local = temporary && !short.starts_with("##");
        let stored = if local {
            if self.temporary.is_taken(self.instance, &short) {
                return Err(already_exists(&short, 6).into());
            }
            if short.encode_utf16().count() > 116 {
                return Err(err(
                    193,
                    15,
                    1,
                    format!("The object or column name starting with '{short}' is too long. The maximum length is 116 characters."),
                )
                .into());
            }
            self.temporary_name(&short)
        } else {
            short.clone()
        };
        if !local
            && self
                .instance
                .entered(database)
                .object_named(schema, &short)
                .is_some()
        {
            return Err(already_exists(&short, 6).into());
        }
        let id = self
            .instance
            .database_mut(database)
            .expect("it was entered")
            .new_object_id();
        let mut making = TableMaking {
            database,
            schema,
            id,
            name: short.clone(),
            table: Table {
                next_column: 1,
                ..Table::default()
            },
            free: false,
            token,
        };
        let session = self.temporary.session();
        self.define(&mut making, definition)?;
        if let Some(versioning) = &definition.versioning {
            self.begin_versioning(&mut making, versioning)?;
        }
        self.store_new_table(&making, &stored, temporary.then_some(session));
        if local {
            self.temporary.add(&short, id);
        }
        Ok(Some((database, id)))
    }

    /// A table from columns that are known already: `SELECT … INTO`. The permissions are those of
    /// CREATE TABLE.
    ///
    /// # Errors
    /// As CREATE TABLE.
    pub fn create_table_from(&mut self, name: &Name, columns: Vec<Column>) -> Result<Made, Errors> {
        let empty = TableDefinition::default();
        let made = self.create_table(name, &empty)?;
        let (database, id) = made.expect("CREATE TABLE makes a table");
        let object = self
            .instance
            .entered(database)
            .object(id)
            .expect("just made");
        let mut object = Object::clone(object);
        let ObjectKind::Table(table) = &mut object.kind else {
            unreachable!("just made as a table")
        };
        let shown = last(name).to_owned();
        for mut column in columns {
            if column.name.is_empty() {
                return Err(err(
                    1038,
                    15,
                    5,
                    "An object or column name is missing or empty. For SELECT INTO statements, \
                     verify each column has a name. For other statements, look for empty alias \
                     names. Aliases defined as \"\" or [] are not allowed. Change the alias to a \
                     valid name.",
                )
                .into());
            }
            if table.column_named(&column.name).is_some() {
                return Err(duplicate_column(&column.name, &shown).into());
            }
            column.id = ColumnId(table.next_column);
            table.next_column += 1;
            table.columns.push(column);
        }
        let data = TableData::new(table);
        self.instance.apply(
            Change::Object(database, id, Some(Arc::new(object))),
            self.undo,
        );
        self.instance
            .apply(Change::Data(database, id, Some(Arc::new(data))), self.undo);
        Ok(made)
    }

    /// A table variable, or the table of a multi-statement function's result.
    ///
    /// # Errors
    /// What CREATE TABLE raises for a bad definition.
    pub fn table_variable(
        &mut self,
        name: &str,
        definition: &TableDefinition,
    ) -> Result<TableVariable, Errors> {
        let table = self.free_table(name, definition)?;
        let data = TableData::new(&table);
        Ok(TableVariable {
            name: name.to_owned(),
            table,
            data,
        })
    }

    /// A table outside of every database.
    pub(super) fn free_table(
        &mut self,
        name: &str,
        definition: &TableDefinition,
    ) -> Result<Table, Errors> {
        let mut making = TableMaking {
            database: self.database,
            schema: SchemaId::DBO,
            id: ObjectId(0),
            name: name.to_owned(),
            table: Table {
                next_column: 1,
                ..Table::default()
            },
            free: true,
            token: self.token()?,
        };
        self.define(&mut making, definition)?;
        Ok(making.table)
    }

    fn define(
        &mut self,
        making: &mut TableMaking,
        definition: &TableDefinition,
    ) -> Result<(), Errors> {
        for (option, _) in &definition.options {
            if !matches!(
                option.as_str(),
                "DATA_COMPRESSION" | "XML_COMPRESSION" | "LOCK_ESCALATION"
            ) {
                return Err(SqlError::unsupported(format!("the table option {option}")).into());
            }
        }
        self.add_columns(making, &definition.columns, &definition.constraints)?;
        self.define_period(making, definition.period.as_ref())?;
        self.add_constraints(making, &definition.constraints, true)
    }

    /// Adds columns to a table in the making; computed ones after the others, because they may
    /// name any of them.
    pub(super) fn add_columns(
        &mut self,
        making: &mut TableMaking,
        columns: &[ColumnDefinition],
        constraints: &[tsql::Constraint],
    ) -> Result<(), Errors> {
        let first = making.table.columns.len();
        for (ordinal, written) in columns.iter().enumerate() {
            let column = self.column(making, written, ordinal, constraints)?;
            making.table.columns.push(column);
        }
        if making.table.columns.len() > 1024 {
            return Err(err(
                1702,
                16,
                1,
                format!(
                    "CREATE TABLE failed because column '{}' in table '{}' exceeds the maximum of \
                     1024 columns.",
                    making.table.columns[1024].name, making.name
                ),
            )
            .into());
        }
        for place in first..making.table.columns.len() {
            let Some(computed) = making.table.columns[place].computed.clone() else {
                continue;
            };
            let plain: Vec<Column> = making
                .table
                .columns
                .iter()
                .filter(|column| column.computed.is_none())
                .cloned()
                .collect();
            let (data_type, nullable) = self.evaluator.expression_type(
                self.instance,
                making.database,
                &plain,
                &ExpressionUse::Computed(&computed.expression),
            )?;
            let written = columns[place - first].nullable;
            let column = &mut making.table.columns[place];
            column.data_type = data_type;
            column.nullable = written.unwrap_or(nullable);
        }
        Ok(())
    }

    fn column(
        &mut self,
        making: &mut TableMaking,
        written: &ColumnDefinition,
        ordinal: usize,
        constraints: &[tsql::Constraint],
    ) -> Result<Column, Errors> {
        if making.table.column_named(&written.name).is_some() {
            return Err(duplicate_column(&written.name, &making.name).into());
        }
        if written.name.encode_utf16().count() > 128 {
            return Err(super::place::name_too_long(&written.name).into());
        }
        if written.masked.is_some() {
            if making.free {
                return Err(SqlError::unsupported(
                    "MASKED columns of table variables and table types",
                )
                .into());
            }
            if matches!(written.kind, ColumnKind::Computed { .. }) {
                return Err(err(102, 15, 1, "Incorrect syntax near 'masked'.").into());
            }
        }
        let id = ColumnId(making.table.next_column);
        making.table.next_column += 1;
        let default_collation = self.instance.entered(making.database).options().collation;
        let collation = match &written.collation {
            None => default_collation,
            Some(name) => collation_named(name, default_collation)?,
        };
        let mut column = Column {
            collation,
            row_guid: written.row_guid,
            generated: written.generated,
            hidden: written.hidden,
            sparse: written.sparse,
            ..Column::plain(id, written.name.as_str(), SqlType::Int, true)
        };
        match &written.kind {
            ColumnKind::Computed {
                expression,
                text,
                persisted,
            } => {
                column.computed = Some(Computed {
                    expression: Arc::new(expression.clone()),
                    text: Arc::from(parenthesized(text)),
                    persisted: *persisted,
                });
            }
            ColumnKind::Data(data_type) => {
                let declared = self
                    .instance
                    .declared_type(making.database, making.schema, data_type)
                    .map_err(|error| renumber_parameter(error, ordinal))?;
                if declared.table.is_some() {
                    return Err(err(
                        350,
                        16,
                        1,
                        format!(
                            "The column \"{}\" does not have a valid data type. A column cannot be \
                             of a user-defined table type.",
                            written.name
                        ),
                    )
                    .into());
                }
                column.data_type = declared.data_type;
                column.user_type = declared.user_type;
                let in_key = constraints.iter().any(|constraint| match &constraint.kind {
                    ConstraintKind::PrimaryKey(index) => {
                        index
                            .key
                            .iter()
                            .any(|(name, _)| crate::ids::same_name(name, &written.name))
                            || constraint
                                .column
                                .as_ref()
                                .is_some_and(|name| crate::ids::same_name(name, &written.name))
                    }
                    _ => false,
                });
                if in_key && written.nullable == Some(true) {
                    return Err(nullable_key(&making.name));
                }
                if written.generated.is_some() {
                    super::temporal::check_generated(&column, written.nullable)?;
                }
                let must = in_key || written.identity.is_some() || written.generated.is_some();
                column.nullable = !must && written.nullable.or(declared.nullable).unwrap_or(true);
                column.masked = super::masks::read(written.masked.as_deref(), &column)?;
            }
        }
        if let Some((seed, increment)) = written.identity {
            if making.table.identity().is_some() {
                return Err(err(
                    2744,
                    16,
                    2,
                    format!(
                        "Multiple identity columns specified for table '{}'. Only one identity \
                         column per table is allowed.",
                        making.name
                    ),
                )
                .into());
            }
            if written.nullable == Some(true) {
                return Err(err(
                    8147,
                    16,
                    1,
                    format!(
                        "Could not create IDENTITY attribute on nullable column '{}', table '{}'.",
                        written.name, making.name
                    ),
                )
                .into());
            }
            let allowed = matches!(
                column.data_type,
                SqlType::TinyInt
                    | SqlType::SmallInt
                    | SqlType::Int
                    | SqlType::BigInt
                    | SqlType::Decimal { scale: 0, .. }
            );
            if !allowed {
                return Err(err(
                    2749,
                    16,
                    2,
                    format!(
                        "Identity column '{}' must be of data type int, bigint, smallint, tinyint, \
                         or decimal or numeric with a scale of 0, unencrypted, and constrained to \
                         be nonnullable.",
                        written.name
                    ),
                )
                .into());
            }
            column.identity = Some(Identity { seed, increment });
        }
        Ok(column)
    }

    /// Adds constraints and inline indexes to a table in the making.
    pub(super) fn add_constraints(
        &mut self,
        making: &mut TableMaking,
        constraints: &[tsql::Constraint],
        creating: bool,
    ) -> Result<(), Errors> {
        // Keys first: a foreign key may refer to a key of the same statement.
        let is_key = |kind: &ConstraintKind| {
            matches!(
                kind,
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_)
            )
        };
        for written in constraints.iter().filter(|written| is_key(&written.kind)) {
            self.add_key(making, written, constraints, creating)?;
        }
        for written in constraints.iter().filter(|written| !is_key(&written.kind)) {
            match &written.kind {
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {}
                ConstraintKind::Index(definition) => {
                    let name = written.name.as_deref().unwrap_or_default().to_owned();
                    self.add_index(making, &name, definition, None)?;
                }
                ConstraintKind::ForeignKey { .. } => self.add_foreign_key(making, written)?,
                ConstraintKind::Check { condition, text } => {
                    self.evaluator.expression_type(
                        self.instance,
                        making.database,
                        &making.table.columns,
                        &ExpressionUse::Check(condition),
                    )?;
                    let column = written.column.as_deref();
                    let column_id = column
                        .and_then(|name| making.table.column_named(name))
                        .map(|column| column.id);
                    let rule = Rule::Check {
                        column: column_id,
                        condition: Arc::new(condition.clone()),
                        text: Arc::from(parenthesized(text)),
                    };
                    self.add_rule(making, written.name.as_deref(), "CK", column, rule)?;
                }
                ConstraintKind::Default { value, text, .. } => {
                    let name = written.column.clone().unwrap_or_default();
                    let column = making.table.column_named(&name).ok_or_else(|| {
                        could_not_create(err(
                            1752,
                            16,
                            0,
                            format!(
                                "Column '{name}' in table '{}' is invalid for creating a default \
                                 constraint.",
                                making.name
                            ),
                        ))
                    })?;
                    if column.identity.is_some() {
                        return Err(could_not_create(err(
                            1754,
                            16,
                            0,
                            format!(
                                "Defaults cannot be created on columns with an IDENTITY attribute. \
                                 Table '{}', column '{name}'.",
                                making.name
                            ),
                        )));
                    }
                    if making.table.default_of(column.id).is_some() {
                        return Err(could_not_create(err(
                            1781,
                            16,
                            1,
                            "Column already has a DEFAULT bound to it.",
                        )));
                    }
                    let id = column.id;
                    self.evaluator.expression_type(
                        self.instance,
                        making.database,
                        &making.table.columns,
                        &ExpressionUse::Default(value),
                    )?;
                    let rule = Rule::Default {
                        column: id,
                        value: Arc::new(value.clone()),
                        text: Arc::from(parenthesized(text)),
                    };
                    self.add_rule(making, written.name.as_deref(), "DF", Some(&name), rule)?;
                }
            }
        }
        Ok(())
    }

    fn add_key(
        &mut self,
        making: &mut TableMaking,
        written: &tsql::Constraint,
        all: &[tsql::Constraint],
        creating: bool,
    ) -> Result<(), Errors> {
        let (primary, definition) = match &written.kind {
            ConstraintKind::PrimaryKey(definition) => (true, definition),
            ConstraintKind::Unique(definition) => (false, definition),
            _ => return Ok(()),
        };
        if primary && making.table.primary_key().is_some() {
            return Err(could_not_create(err(
                1779,
                16,
                0,
                format!(
                    "Table '{}' already has a primary key defined on it.",
                    making.name
                ),
            )));
        }
        let mut definition = definition.clone();
        if definition.key.is_empty() {
            definition
                .key
                .extend(written.column.iter().map(|column| (column.clone(), false)));
        }
        // A primary key is clustered unless it says otherwise or something else is.
        let other_clustered = making.table.indexes.iter().any(|index| index.clustered)
            || (creating
                && all.iter().any(|other| {
                    !std::ptr::eq(other, written)
                        && matches!(
                            &other.kind,
                            ConstraintKind::Unique(index) | ConstraintKind::Index(index)
                                if index.clustered == Some(true)
                        )
                }));
        if definition.clustered.is_none() {
            definition.clustered = Some(primary && !other_clustered);
        }
        if definition.clustered == Some(true)
            && making.table.indexes.iter().any(|index| index.clustered)
        {
            return Err(could_not_create(if creating {
                err(
                    8112,
                    16,
                    0,
                    format!(
                        "Cannot add more than one clustered index for constraints on table '{}'.",
                        making.name
                    ),
                )
            } else {
                second_clustered(making)
            }));
        }
        if primary {
            for (name, _) in &definition.key {
                if making
                    .table
                    .column_named(name)
                    .is_some_and(|column| column.nullable)
                {
                    return Err(nullable_key(&making.name));
                }
            }
        }
        definition.unique = true;
        let prefix = if primary { "PK" } else { "UQ" };
        let (id, name, system_named) =
            self.constraint_name(making, written.name.as_deref(), prefix, None)?;
        let index = self
            .add_index(making, &name, &definition, Some(id))
            .map_err(|errors| {
                errors.then(err(
                    1750,
                    16,
                    1,
                    "Could not create constraint or index. See previous errors.",
                ))
            })?;
        let rule = if primary {
            Rule::PrimaryKey(index)
        } else {
            Rule::Unique(index)
        };
        making.table.constraints.push(Constraint {
            id,
            name: Arc::from(name),
            system_named,
            disabled: false,
            not_trusted: false,
            rule,
        });
        Ok(())
    }

    /// Adds an index to a table in the making, and gives its number.
    pub(super) fn add_index(
        &mut self,
        making: &mut TableMaking,
        name: &str,
        definition: &IndexDefinition,
        constraint: Option<ObjectId>,
    ) -> Result<IndexId, Errors> {
        if making.table.index_named(name).is_some() {
            return Err(err(
                1913,
                16,
                1,
                format!(
                    "The operation failed because an index or statistics with name '{name}' already \
                     exists on table '{}'.",
                    making.name
                ),
            )
            .into());
        }
        let ignores_duplicates = definition.options.iter().any(|(option, value)| {
            option == "IGNORE_DUP_KEY"
                && !matches!(value, tsql::OptionValue::Word(word) if word.eq_ignore_ascii_case("OFF"))
        });
        if ignores_duplicates && !definition.unique {
            return Err(err(
                1916,
                16,
                4,
                "CREATE INDEX options nonunique and ignore_dup_key are mutually exclusive.",
            )
            .into());
        }
        if ignores_duplicates && definition.filter.is_some() {
            return Err(err(
                10618,
                16,
                1,
                format!(
                    "Filtered index '{name}' cannot be created on table '{}' because the \
                     IGNORE_DUP_KEY option was specified with a value of ON. Rewrite the statement \
                     so that it does not use IGNORE_DUP_KEY.",
                    making.name
                ),
            )
            .into());
        }
        let clustered = definition.clustered == Some(true);
        if clustered && making.table.indexes.iter().any(|index| index.clustered) {
            return Err(second_clustered(making).into());
        }
        let mut key = Vec::new();
        for (written, descending) in &definition.key {
            let column = making
                .table
                .column_named(written)
                .ok_or_else(|| missing_column(written))?;
            if key.iter().any(|(id, _)| *id == column.id) {
                return Err(err(
                    1909,
                    16,
                    1,
                    format!(
                        "Cannot use duplicate column names in index. Column name '{written}' listed \
                         more than once."
                    ),
                )
                .into());
            }
            if !may_be_key(&column.data_type) {
                return Err(err(
                    1919,
                    16,
                    1,
                    format!(
                        "Column '{written}' in table '{}' is of a type that is invalid for use as a \
                         key column in an index.",
                        making.name
                    ),
                )
                .into());
            }
            key.push((column.id, *descending));
        }
        if key.len() > 32 {
            return Err(err(
                1904,
                16,
                1,
                format!(
                    "The index '{name}' on table '{}' has {} columns in the key list. The maximum \
                     limit for index key column list is 32.",
                    making.name,
                    key.len()
                ),
            )
            .into());
        }
        let mut include = Vec::new();
        for written in &definition.include {
            let column = making
                .table
                .column_named(written)
                .ok_or_else(|| missing_column(written))?;
            if include.contains(&column.id) || key.iter().any(|(id, _)| *id == column.id) {
                return Err(err(
                    1909,
                    16,
                    2,
                    format!(
                        "Cannot use duplicate column names in index. Column name '{written}' listed \
                         more than once."
                    ),
                )
                .into());
            }
            include.push(column.id);
        }
        let filter = match &definition.filter {
            None => None,
            Some((condition, text)) => Some((
                self.filter(making, name, condition)?,
                Arc::from(parenthesized(text)),
            )),
        };
        let id = if clustered {
            IndexId(1)
        } else {
            IndexId(
                making
                    .table
                    .indexes
                    .iter()
                    .map(|index| index.id.0)
                    .max()
                    .unwrap_or(1)
                    .max(1)
                    + 1,
            )
        };
        making.table.indexes.push(Index {
            id,
            name: Arc::from(name),
            unique: definition.unique,
            ignores_duplicates,
            clustered,
            key,
            include,
            filter,
            constraint,
            disabled: false,
        });
        Ok(id)
    }

    /// The WHERE of a filtered index.
    fn filter(
        &mut self,
        making: &TableMaking,
        name: &str,
        condition: &tsql::sql::Expr,
    ) -> Result<Filter, Errors> {
        use tsql::sql::{BinaryOperator as Op, Expr};
        let refused = || {
            Errors::from(err(
                10735,
                15,
                1,
                format!(
                    "Incorrect WHERE clause for filtered index '{name}' on table '{}'.",
                    making.name
                ),
            ))
        };
        let column = |expression: &Expr| match expression {
            Expr::Identifier(name) => making.table.column_named(&name.value).cloned(),
            Expr::Nested(inner) => match &**inner {
                Expr::Identifier(name) => making.table.column_named(&name.value).cloned(),
                _ => None,
            },
            _ => None,
        };
        Ok(match condition {
            Expr::Nested(inner) => self.filter(making, name, inner)?,
            Expr::BinaryOp {
                left,
                op: Op::And,
                right,
            } => Filter::And(
                Box::new(self.filter(making, name, left)?),
                Box::new(self.filter(making, name, right)?),
            ),
            Expr::IsNull(inner) => Filter::IsNull(column(inner).ok_or_else(refused)?.id),
            Expr::IsNotNull(inner) => Filter::IsNotNull(column(inner).ok_or_else(refused)?.id),
            Expr::BinaryOp { left, op, right } => {
                let operator = match op {
                    Op::Eq => FilterOperator::Equal,
                    Op::NotEq => FilterOperator::NotEqual,
                    Op::Lt => FilterOperator::Less,
                    Op::LtEq => FilterOperator::LessOrEqual,
                    Op::Gt => FilterOperator::Greater,
                    Op::GtEq => FilterOperator::GreaterOrEqual,
                    _ => return Err(refused()),
                };
                let column = column(left).ok_or_else(refused)?;
                let value =
                    self.evaluator
                        .constant(self.instance, making.database, right, &column)?;
                Filter::Compare(column.id, operator, value)
            }
            Expr::InList {
                expr,
                list,
                negated: false,
            } => {
                let column = column(expr).ok_or_else(refused)?;
                let values = list
                    .iter()
                    .map(|value| {
                        self.evaluator
                            .constant(self.instance, making.database, value, &column)
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                Filter::In(column.id, values)
            }
            _ => return Err(refused()),
        })
    }

    /// Adds a CHECK, DEFAULT or foreign key.
    pub(super) fn add_rule(
        &mut self,
        making: &mut TableMaking,
        name: Option<&str>,
        prefix: &str,
        column: Option<&str>,
        rule: Rule,
    ) -> Result<(), Errors> {
        let (id, name, system_named) = self.constraint_name(making, name, prefix, column)?;
        making.table.constraints.push(Constraint {
            id,
            name: Arc::from(name),
            system_named,
            disabled: false,
            not_trusted: false,
            rule,
        });
        Ok(())
    }

    /// A number and a name for a new constraint: as written, or made up as the server does.
    fn constraint_name(
        &mut self,
        making: &TableMaking,
        written: Option<&str>,
        prefix: &str,
        column: Option<&str>,
    ) -> Result<(ObjectId, String, bool), Errors> {
        let number = i32::try_from(making.table.constraints.len()).unwrap_or(i32::MAX);
        let id = if making.free {
            ObjectId(-1 - number)
        } else {
            self.instance
                .database_mut(making.database)
                .expect("it was entered")
                .new_object_id()
        };
        if let Some(name) = written {
            let taken = making.table.constraint_named(name).is_some()
                || (!making.free
                    && self
                        .instance
                        .entered(making.database)
                        .object_named(making.schema, name)
                        .is_some());
            if taken {
                return Err(could_not_create(already_exists(name, 5)));
            }
            return Ok((id, name.to_owned(), false));
        }
        let cut = |text: &str, n: usize| text.chars().take(n).collect::<String>();
        let table = making.name.trim_start_matches('#');
        let name = match (prefix, column) {
            ("PK" | "UQ", _) => {
                let seed = format!("{}/{}/{}", making.database, making.id, id);
                format!(
                    "{prefix}__{}__{}{}",
                    cut(table, 8),
                    name_suffix(&seed),
                    name_suffix(table)
                )
            }
            (_, Some(column)) => {
                format!(
                    "{prefix}__{}__{}__{:08X}",
                    cut(table, 9),
                    cut(column, 9),
                    id.0
                )
            }
            (_, None) => format!("{prefix}__{}__{:08X}", cut(table, 9), id.0),
        };
        Ok((id, name, true))
    }

    /// Stores a new table with its constraints' objects and no rows.
    pub(super) fn store_new_table(
        &mut self,
        making: &TableMaking,
        stored: &str,
        temporary: Option<SessionId>,
    ) {
        let database = making.database;
        let object = Object {
            id: making.id,
            name: Arc::from(stored),
            schema: making.schema,
            owner: None,
            parent: None,
            temporary,
            created: self.now,
            modified: self.now,
            kind: ObjectKind::Table(making.table.clone()),
        };
        let data = TableData::new(&making.table);
        self.instance.apply(
            Change::Object(database, making.id, Some(Arc::new(object))),
            self.undo,
        );
        self.instance.apply(
            Change::Data(database, making.id, Some(Arc::new(data))),
            self.undo,
        );
        for constraint in &making.table.constraints {
            self.store_constraint(making, constraint, temporary);
        }
    }

    /// Stores the object of one constraint.
    pub(super) fn store_constraint(
        &mut self,
        making: &TableMaking,
        constraint: &Constraint,
        temporary: Option<SessionId>,
    ) {
        let class = match constraint.rule {
            Rule::PrimaryKey(_) => ConstraintClass::PrimaryKey,
            Rule::Unique(_) => ConstraintClass::Unique,
            Rule::ForeignKey(_) => ConstraintClass::ForeignKey,
            Rule::Check { .. } => ConstraintClass::Check,
            Rule::Default { .. } => ConstraintClass::Default,
        };
        let object = Object {
            id: constraint.id,
            // Two sessions may have a `#t` with the same constraint name.
            name: match temporary {
                None => Arc::clone(&constraint.name),
                Some(_) => Arc::from(format!("{}_{:08X}", constraint.name, constraint.id.0)),
            },
            schema: making.schema,
            owner: None,
            parent: Some(making.id),
            temporary,
            created: self.now,
            modified: self.now,
            kind: ObjectKind::Constraint(class),
        };
        self.instance.apply(
            Change::Object(making.database, constraint.id, Some(Arc::new(object))),
            self.undo,
        );
    }

    /// `#t___…___0000000A`: how a local temporary table is called inside tempdb.
    fn temporary_name(&mut self, short: &str) -> String {
        let tempdb = self
            .instance
            .database_mut(DatabaseId::TEMPDB)
            .expect("tempdb exists");
        tempdb.next_object += 1;
        let number = tempdb.next_object;
        let padding = 116_usize.saturating_sub(short.encode_utf16().count());
        format!("{short}{}{number:012X}", "_".repeat(padding))
    }
}

/// A collation by name; `database_default` is the database's.
pub(super) fn collation_named(name: &str, default: Collation) -> Result<Collation, SqlError> {
    if name.eq_ignore_ascii_case("database_default") || name.eq_ignore_ascii_case("catalog_default")
    {
        return Ok(default);
    }
    Collation::from_name(name)
        .ok_or_else(|| err(448, 16, 4, format!("Invalid collation '{name}'.")))
}

/// A type that an index can have as key.
fn may_be_key(data_type: &SqlType) -> bool {
    !matches!(
        data_type,
        SqlType::VarChar(Length::Max)
            | SqlType::NVarChar(Length::Max)
            | SqlType::VarBinary(Length::Max)
            | SqlType::Xml
            | SqlType::LegacyText
            | SqlType::LegacyNText
            | SqlType::LegacyImage
    )
}

/// Source text of a constraint as the catalog views show it: in parentheses.
pub(super) fn parenthesized(text: &str) -> String {
    let text = text.trim();
    let mut depth = 0_i32;
    let wraps_all = text.starts_with('(')
        && text.char_indices().all(|(i, character)| {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth > 0 || i == text.len() - 1
        });
    if wraps_all {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

pub(super) fn duplicate_column(column: &str, table: &str) -> SqlError {
    err(
        2705,
        16,
        3,
        format!(
            "Column names in each table must be unique. Column name '{column}' in table '{table}' \
             is specified more than once."
        ),
    )
}

fn missing_column(column: &str) -> SqlError {
    err(
        1911,
        16,
        1,
        format!("Column name '{column}' does not exist in the target table or view."),
    )
}

fn nullable_key(table: &str) -> Errors {
    could_not_create(err(
        8111,
        16,
        1,
        format!("Cannot define PRIMARY KEY constraint on nullable column in table '{table}'."),
    ))
}

fn second_clustered(making: &TableMaking) -> SqlError {
    let existing = making
        .table
        .indexes
        .iter()
        .find(|index| index.clustered)
        .map_or("", |index| &index.name);
    err(
        1902,
        16,
        3,
        format!(
            "Cannot create more than one clustered index on table '{}'. Drop the existing clustered \
             index '{existing}' before creating another.",
            making.name
        ),
    )
}

/// 2715 says which column it was.
fn renumber_parameter(mut error: SqlError, ordinal: usize) -> SqlError {
    if error.number == 2715 {
        error.message = error
            .message
            .replacen("#1:", &format!("#{}:", ordinal + 1), 1);
    }
    error
}
