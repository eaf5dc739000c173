//! What must hold for a row of a table? Types, computed columns, NOT NULL, CHECK.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{BlockOperation, DatabaseId, Object, Row, Table};
use values::{SqlError, SqlType, Value, assign};

use crate::binder::{Binder, Block, Stored};
use crate::definitions::{bind_default, bind_over, violated};
use crate::dml::history::Period;
use crate::execution::{Run, Scope, Slot, guard, to_type};
use crate::messages;
use crate::plan::{Condition, Expr};
use crate::state::{Execution, Variable};
use crate::visit;

/// A table's definition, of the catalog or of a variable.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Object(Arc<Object>),
    Free(Arc<Table>),
}

impl Shape {
    pub(crate) fn table(&self) -> &Table {
        match self {
            Self::Object(object) => object.as_table().expect("rows belong to a table"),
            Self::Free(table) => table,
        }
    }
}

/// The rules of one table, bound.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) stored: Stored,
    pub(crate) shape: Shape,
    pub(crate) database: DatabaseId,
    /// `db.dbo.t`, or `@t`.
    pub(crate) full_name: String,
    /// `t`, or `@t`.
    pub(crate) name: String,
    computed: Vec<(usize, Expr)>,
    checks: Vec<Check>,
    /// Block predicates, when a statement itself changes the rows: what a foreign key's cascade
    /// changes passes them.
    pub(crate) blocks: Vec<Block>,
    /// An enabled security policy is about the table.
    pub(crate) guarded: bool,
    pub(crate) row_version: Option<usize>,
    /// PERIOD FOR SYSTEM_TIME.
    pub(crate) period: Option<Period>,
}

#[derive(Debug)]
struct Check {
    name: Arc<str>,
    column: Option<Arc<str>>,
    condition: Condition,
    reads: BTreeSet<usize>,
}

impl Rules {
    pub(crate) fn bind(ex: &Execution<'_>, stored: &Stored) -> Result<Self, SqlError> {
        let (shape, database, full_name, name) = match stored {
            Stored::Table(table, object) => {
                let of = crate::state::ModuleRef {
                    database: table.database,
                    object: table.object,
                };
                (
                    Shape::Object(object.clone()),
                    table.database,
                    super::full_name(ex, of),
                    super::shown_name(object).to_owned(),
                )
            }
            Stored::Variable(name) => match ex.session.variables.get(name.as_ref()) {
                Some(Variable::Table(variable)) => (
                    Shape::Free(Arc::new(variable.table.clone())),
                    ex.session.database,
                    name.to_string(),
                    name.to_string(),
                ),
                _ => return Err(messages::undeclared_table_variable(name)),
            },
        };
        let table = shape.table();
        let mut computed = Vec::new();
        for (place, column) in table.columns.iter().enumerate() {
            if let Some(rule) = &column.computed {
                let bound = bind_over(ex, database, &table.columns, &name, |binder| {
                    binder.expr(&rule.expression)
                })?;
                computed.push((place, bound));
            }
        }
        let mut checks = Vec::new();
        for constraint in &table.constraints {
            if constraint.disabled {
                continue;
            }
            let catalog::Rule::Check {
                column, condition, ..
            } = &constraint.rule
            else {
                continue;
            };
            let condition = bind_over(ex, database, &table.columns, &name, |binder| {
                binder.condition(condition)
            })?;
            let mut reads = BTreeSet::new();
            visit::condition_columns(&condition, &mut |column| {
                if column.level == 0 {
                    reads.insert(usize::from(column.ordinal));
                }
            });
            checks.push(Check {
                name: constraint.name.clone(),
                column: column
                    .and_then(|id| table.column(id))
                    .map(|column| column.name.clone()),
                condition,
                reads,
            });
        }
        let row_version = table
            .columns
            .iter()
            .position(|column| matches!(column.data_type, SqlType::RowVersion));
        let period = Period::of(ex, database, table);
        Ok(Self {
            stored: stored.clone(),
            shape,
            database,
            full_name,
            name,
            computed,
            checks,
            blocks: Vec::new(),
            guarded: false,
            row_version,
            period,
        })
    }

    /// The columns of a view whose INSTEAD OF trigger takes the rows: types, and nothing else.
    pub(crate) fn of_view(
        ex: &Execution<'_>,
        on: crate::state::ModuleRef,
        view: &Object,
        table: Table,
    ) -> Self {
        Self {
            stored: Stored::Variable(Arc::from("")),
            shape: Shape::Free(Arc::new(table)),
            database: on.database,
            full_name: super::full_name(ex, on),
            name: view.name.to_string(),
            computed: Vec::new(),
            checks: Vec::new(),
            blocks: Vec::new(),
            guarded: false,
            row_version: None,
            period: None,
        }
    }

    /// The rules of a table for a statement that changes its rows: with its block predicates.
    pub(crate) fn for_statement(
        binder: &mut Binder<'_, '_>,
        stored: &Stored,
    ) -> Result<Self, SqlError> {
        let mut rules = Self::bind(binder.ex, stored)?;
        if let Stored::Table(table, object) = stored {
            (rules.blocks, rules.guarded) = binder.block_predicates(table.database, object)?;
        }
        Ok(rules)
    }

    /// A statement that writes a guarded table shows no values in its errors.
    pub(crate) fn note_policies(&self, ex: &mut Execution<'_>) {
        ex.session.policies_met += u64::from(self.guarded);
    }

    /// Asks the block predicates of one operation about rows.
    pub(crate) fn enforce<'r>(
        &self,
        run: &mut Run<'_, '_>,
        operation: BlockOperation,
        rows: impl IntoIterator<Item = &'r Row>,
    ) -> Result<(), SqlError> {
        let blocks: Vec<&Block> = self
            .blocks
            .iter()
            .filter(|block| block.operation.is_none_or(|of| of == operation))
            .collect();
        if blocks.is_empty() {
            return Ok(());
        }
        for row in rows {
            run.step()?;
            let row = Slot::of(row.clone());
            for block in &blocks {
                if !guard::admit(&block.guard, run, &row)? {
                    return Err(messages::block_predicate(&self.full_name));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn table(&self) -> &Table {
        self.shape.table()
    }

    /// A value as a column takes it.
    pub(crate) fn assign(
        &self,
        column: usize,
        value: &Value,
        from: &SqlType,
    ) -> Result<Value, SqlError> {
        let column = &self.table().columns[column];
        assign(
            value,
            from,
            &column.data_type,
            &self.full_name,
            &column.name,
        )
    }

    /// The DEFAULT of every column, bound where there is one.
    pub(crate) fn defaults(&self, ex: &Execution<'_>) -> Result<Vec<Option<Expr>>, SqlError> {
        let table = self.table();
        table
            .columns
            .iter()
            .map(|column| match table.default_of(column.id) {
                Some(default) => bind_default(ex, self.database, default).map(Some),
                None => Ok(None),
            })
            .collect()
    }

    /// Fills in what the server computes and checks the rest. `changed` are the assigned columns
    /// of an UPDATE; `None` for a new row.
    pub(crate) fn complete(
        &self,
        run: &mut Run<'_, '_>,
        mut row: Vec<Value>,
        changed: Option<&BTreeSet<usize>>,
        statement: &str,
    ) -> Result<Row, SqlError> {
        if let Some(place) = self.row_version {
            let version = run.ex.instance.take_rowversion(self.database);
            row[place] = Value::binary(version.to_be_bytes().to_vec());
        }
        let columns = &self.table().columns;
        if let Some(period) = &self.period {
            period.begin(run, columns, &mut row)?;
        }
        if !self.computed.is_empty() {
            let tuple = [Slot::of(row.clone())];
            for (place, expr) in &self.computed {
                let value = expr.evaluate(run, &Scope::new(&tuple, None))?;
                row[*place] = to_type(value, &expr.data_type, &columns[*place].data_type)?;
            }
        }
        for (place, column) in columns.iter().enumerate() {
            if !column.nullable
                && row[place].is_null()
                && changed.is_none_or(|changed| changed.contains(&place))
            {
                return Err(messages::null_not_allowed(
                    &column.name,
                    &self.full_name,
                    statement,
                ));
            }
        }
        let row: Row = row.into();
        for check in &self.checks {
            let touched = changed.is_none_or(|changed| {
                check.reads.is_empty()
                    || check
                        .reads
                        .iter()
                        .any(|read| changed.contains(read) || columns[*read].computed.is_some())
            });
            if touched && violated(&check.condition, run, &row)? {
                return Err(messages::constraint_conflict(
                    statement,
                    "CHECK",
                    &check.name,
                    &self.database_name(run.ex),
                    &self.two_part_name(run.ex),
                    check.column.as_deref(),
                ));
            }
        }
        Ok(row)
    }

    pub(crate) fn database_name(&self, ex: &Execution<'_>) -> String {
        ex.instance
            .database(self.database)
            .map_or(String::new(), |it| it.name().to_string())
    }

    /// `dbo.t`.
    pub(crate) fn two_part_name(&self, ex: &Execution<'_>) -> String {
        match &self.shape {
            Shape::Object(object) => {
                let schema = ex
                    .instance
                    .database(self.database)
                    .map_or("dbo", |it| it.schema_name(object.schema))
                    .to_owned();
                format!("{schema}.{}", super::shown_name(object))
            }
            Shape::Free(_) => self.name.clone(),
        }
    }
}
