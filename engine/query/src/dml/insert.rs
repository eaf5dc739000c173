//! INSERT: which columns get which values, and what does the server add?

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{BlockOperation, Errors, Mask, Permission, Row};
use tsql::{Insert, InsertSource, Target, TriggerEvent, ValueOrDefault};
use values::{SqlError, SqlType, Value};

use crate::binder::{Binder, BoundTarget, Clause, Place, Stored};
use crate::dml::output::{self, BoundOutput, Pseudo};
use crate::dml::rules::{Rules, Shape};
use crate::dml::{
    atomic, duplicates, history, one_base, references, store, target_column, triggers,
    write_requirements,
};
use crate::execution::{Flow, Run, Scope, cut, execute_shown, integer, mask};
use crate::messages;
use crate::permissions::{self, Requirement};
use crate::plan::{Expr, Limit, Query};
use crate::state::{Execution, ModuleRef, RowSink, TriggerFiring};

/// INSERT, except INSERT … EXEC; returns the number of rows.
///
/// # Errors
/// What binding, permissions, evaluation and the table's rules raise.
pub fn insert(
    ex: &mut Execution<'_>,
    insert: &Insert,
    sink: &mut dyn RowSink,
) -> Result<u64, Errors> {
    atomic(ex, |ex| {
        let plan = Plan::bind(ex, insert, None)?;
        permissions::check(ex.instance, &plan.requirements)?;
        plan.refuse_history()?;
        plan.new.rules.note_policies(ex);
        let mut run = Run::new(ex);
        let given = plan.rows(&mut run)?;
        plan.run(&mut run, given, sink)
    })
}

/// The rows that a procedure returned, for INSERT … EXEC; returns their number.
///
/// # Errors
/// As [`insert`]; 213 when a row has not as many values as there are columns.
pub fn insert_rows(
    ex: &mut Execution<'_>,
    insert: &Insert,
    rows: Vec<Vec<(Value, SqlType)>>,
    sink: &mut dyn RowSink,
) -> Result<u64, Errors> {
    atomic(ex, |ex| {
        let width = rows.first().map(Vec::len);
        let plan = Plan::bind(ex, insert, Some(width))?;
        permissions::check(ex.instance, &plan.requirements)?;
        plan.refuse_history()?;
        plan.new.rules.note_policies(ex);
        let wanted = plan.new.columns.len();
        if rows.iter().any(|row| row.len() != wanted) {
            return Err(messages::insert_value_count().into());
        }
        let mut run = Run::new(ex);
        let given = rows
            .into_iter()
            .map(|row| row.into_iter().map(Some).collect())
            .collect();
        plan.run(&mut run, given, sink)
    })
}

/// A value for each column that the statement names; `None` is DEFAULT.
type Given = Vec<Option<(Value, SqlType)>>;

/// A value that is written, and how the caller sees what it reads.
pub(crate) struct Written {
    expr: Expr,
    mask: Option<Arc<Mask>>,
}

impl Written {
    pub(crate) fn new(binder: &Binder<'_, '_>, expr: Expr) -> Self {
        let mask = binder.mask_of(&expr);
        Self { expr, mask }
    }

    /// In VALUES, what reads a masked column is stored as `default()`, whatever its function.
    fn in_values(binder: &Binder<'_, '_>, expr: Expr) -> Self {
        let mask = binder.mask_of(&expr).map(|_| Arc::new(Mask::Default));
        Self { expr, mask }
    }

    pub(crate) fn evaluate(
        &self,
        run: &mut Run<'_, '_>,
        scope: &Scope<'_>,
    ) -> Result<(Value, SqlType), SqlError> {
        let value = self.expr.evaluate(run, scope)?;
        let data_type = self.expr.data_type;
        Ok(match &self.mask {
            Some(own) => (mask::one(own, value, &data_type, run), data_type),
            None => (value, data_type),
        })
    }
}

/// New rows of one table: which columns are given, and where the others come from.
pub(crate) struct NewRows {
    pub(crate) rules: Rules,
    /// The column of the table behind each given value.
    pub(crate) columns: Vec<usize>,
    defaults: Vec<Option<Expr>>,
    identity: Option<usize>,
    pub(crate) write: Vec<Requirement>,
    /// A view, or a table, whose INSTEAD OF trigger takes the rows.
    pub(crate) instead_of: Option<ModuleRef>,
    pub(crate) target: BoundTarget,
    pub(crate) base: usize,
}

impl NewRows {
    /// Binds the target and its column list. `values` is how many values each row has, if known.
    pub(crate) fn bind(
        binder: &mut Binder<'_, '_>,
        target: &Target,
        names: &[String],
        values: Option<usize>,
    ) -> Result<Self, SqlError> {
        let name = match target {
            Target::Object(name) => name.clone(),
            Target::TableVariable(name) => tsql::Name(vec![name.clone()]),
        };
        // Binding the target notes what reading it would need; an INSERT reads nothing.
        let before = binder.requirements.len();
        binder.push_frame();
        let bound = binder.target_relation(|binder| binder.named(&name, None));
        binder.frames.pop();
        bound?;
        binder.requirements.truncate(before);
        let mut target = binder.target.take().expect("target_relation sets it");
        target.requirement = None;
        target.name = Arc::from(catalog::last(&name));
        let ex = binder.ex;
        let instead_of = target.object.as_ref().and_then(|(database, object)| {
            triggers::instead_of(ex, *database, object, TriggerEvent::Insert).then_some(ModuleRef {
                database: *database,
                object: object.id,
            })
        });
        let mut places = Vec::new();
        for name in names {
            let place = target_column(&target, catalog::last(&tsql::Name(vec![name.clone()])))?;
            if places.contains(&place) {
                return Err(messages::insert_column_twice(name));
            }
            places.push(place);
        }
        if let Some(on) = instead_of
            && target
                .object
                .as_ref()
                .is_some_and(|(_, object)| object.is_view())
        {
            return Self::bind_view(binder, target, on, places, names, values);
        }
        let base = one_base(&target, places.iter().copied())?;
        let rules = output::rules_of(binder, &target, base)?;
        let explicit_identity = match &rules.stored {
            Stored::Table(table, _) => {
                ex.session.options.identity_insert
                    == Some(ModuleRef {
                        database: table.database,
                        object: table.object,
                    })
            }
            Stored::Variable(_) => false,
        };
        let table = rules.table();
        let identity = table.identity().map(|(place, _)| place);
        let mut columns = Vec::new();
        if names.is_empty() {
            // Every column that takes values, in order.
            for place in 0..target.columns.len() {
                let Some((of, ordinal)) = target.updatable.columns.get(place).copied().flatten()
                else {
                    return Err(messages::view_derived_field(&target.name));
                };
                if of != base {
                    return Err(messages::view_several_tables(&target.name));
                }
                let column = &table.columns[ordinal];
                if column.computed.is_some()
                    || column.hidden
                    || (identity == Some(ordinal)
                        && values != Some(target.columns.len())
                        && !explicit_identity)
                    || matches!(column.data_type, SqlType::RowVersion)
                {
                    continue;
                }
                columns.push(ordinal);
                places.push(place);
            }
            if let Some(place) = identity
                && columns.contains(&place)
            {
                return Err(messages::identity_needs_column_list(&target.name));
            }
        } else {
            for place in &places {
                let (_, ordinal) =
                    target.updatable.columns[*place].expect("one_base refuses derived columns");
                let column = &table.columns[ordinal];
                if column.computed.is_some() {
                    return Err(messages::computed_column(&column.name));
                }
                if identity == Some(ordinal) && !explicit_identity {
                    return Err(messages::identity_insert_off(shown_target(&rules)));
                }
                columns.push(ordinal);
            }
            if explicit_identity
                && let Some(place) = identity
                && !columns.contains(&place)
            {
                return Err(messages::identity_value_missing(shown_target(&rules)));
            }
        }
        let changed_itself = instead_of.is_some();
        let write = write_requirements(
            &target.updatable.layers,
            base,
            Permission::INSERT,
            None,
            changed_itself && target.object.as_ref().is_some_and(|(_, it)| it.is_view()),
        );
        let defaults = rules.defaults(ex)?;
        Ok(Self {
            rules,
            columns,
            defaults,
            identity,
            write,
            instead_of,
            target,
            base,
        })
    }

    /// Rows for the INSTEAD OF trigger of a view.
    fn bind_view(
        binder: &mut Binder<'_, '_>,
        target: BoundTarget,
        on: ModuleRef,
        places: Vec<usize>,
        names: &[String],
        _values: Option<usize>,
    ) -> Result<Self, SqlError> {
        let (_, object) = target.object.clone().expect("a view is an object");
        let columns = if names.is_empty() {
            (0..target.columns.len()).collect()
        } else {
            places
        };
        // A view has no rules of its own: a table of its columns stands for it.
        let table = catalog::Table {
            columns: object
                .columns()
                .unwrap_or_default()
                .iter()
                .map(|column| catalog::Column {
                    nullable: true,
                    ..column.clone()
                })
                .collect(),
            ..catalog::Table::default()
        };
        let rules = Rules::of_view(binder.ex, on, &object, table);
        let write = write_requirements(
            &target.updatable.layers,
            usize::MAX,
            Permission::INSERT,
            None,
            true,
        );
        let width = target.columns.len();
        Ok(Self {
            rules,
            columns,
            defaults: (0..width).map(|_| None).collect(),
            identity: None,
            write,
            instead_of: Some(on),
            target,
            base: 0,
        })
    }

    /// A whole row from the given values.
    pub(crate) fn make(
        &self,
        run: &mut Run<'_, '_>,
        given: &[Option<(Value, SqlType)>],
    ) -> Result<Row, SqlError> {
        let row = self.values(run, given)?;
        self.rules.complete(run, row, None, "INSERT")
    }

    fn values(
        &self,
        run: &mut Run<'_, '_>,
        given: &[Option<(Value, SqlType)>],
    ) -> Result<Vec<Value>, SqlError> {
        run.next_row();
        let table = self.rules.table();
        let mut row = vec![Value::Null; table.columns.len()];
        let mut filled = vec![false; table.columns.len()];
        for (place, value) in self.columns.iter().zip(given) {
            if let Some((value, from)) = value {
                if matches!(table.columns[*place].data_type, SqlType::RowVersion) {
                    return Err(messages::cannot_insert_timestamp());
                }
                if table.columns[*place].generated.is_some() {
                    return Err(messages::cannot_insert_generated(&self.rules.full_name));
                }
                row[*place] = self.rules.assign(*place, value, from)?;
                filled[*place] = true;
            }
        }
        for (place, column) in table.columns.iter().enumerate() {
            if filled[place] || column.computed.is_some() {
                continue;
            }
            if self.identity == Some(place) {
                if self.instead_of.is_none() {
                    row[place] = store::next_identity(run.ex, &self.rules, &column.data_type)?;
                } else {
                    row[place] = self.rules.assign(place, &Value::Int(0), &SqlType::Int)?;
                }
            } else if let Some(default) = &self.defaults[place] {
                let value = default.evaluate(run, &Scope::NONE)?;
                row[place] = self.rules.assign(place, &value, &default.data_type)?;
            }
        }
        Ok(row)
    }

    /// After rows with identity values: SCOPE_IDENTITY() and the counter.
    pub(crate) fn note_identities(
        &self,
        ex: &mut Execution<'_>,
        rows: &[Row],
    ) -> Result<(), SqlError> {
        let Some(place) = self.identity else {
            return Ok(());
        };
        let explicit = self.columns.contains(&place);
        for row in rows {
            if explicit && let Some(value) = integer(&row[place]) {
                store::note_identity(ex, &self.rules, i128::from(value))?;
            }
        }
        if let Some(row) = rows.last() {
            let data_type = self.rules.table().columns[place].data_type;
            let value = values::convert(
                &row[place],
                &data_type,
                &SqlType::decimal(38, 0),
                None,
                values::ConversionKind::Explicit,
            )?;
            ex.session.scope_identity = Some(value.clone());
            ex.session.last_identity = Some(value);
        }
        Ok(())
    }
}

fn shown_target(rules: &Rules) -> String {
    match &rules.shape {
        Shape::Object(object) => super::shown_name(object).to_owned(),
        Shape::Free(_) => rules.name.clone(),
    }
}

enum Source {
    Values(Vec<Vec<Option<Written>>>),
    Query(Query),
    /// Given by the caller.
    Given,
}

struct Plan {
    new: NewRows,
    source: Source,
    limit: Limit,
    output: Option<BoundOutput>,
    requirements: Vec<Requirement>,
}

impl Plan {
    fn bind(
        ex: &Execution<'_>,
        insert: &Insert,
        given: Option<Option<usize>>,
    ) -> Result<Self, SqlError> {
        let mut binder = Binder::new(ex);
        binder.hints(&insert.hints)?;
        if let Some(with) = &insert.with {
            binder.with(with)?;
        }
        let values = match (&insert.source, given) {
            (_, Some(width)) => width,
            (InsertSource::Values(rows), None) => rows.first().map(Vec::len),
            (InsertSource::DefaultValues, None) => None,
            _ => None,
        };
        let mut source = Source::Given;
        if let (InsertSource::Query(query), None) = (&insert.source, given) {
            // The source is bound first: how many columns it has decides what a missing column
            // list means.
            source = Source::Query(
                binder.in_clause(Clause::Select, |it| it.query(query, Place::Statement))?,
            );
        }
        let values = match &source {
            Source::Query(query) => Some(query.columns.len()),
            _ => values,
        };
        let mut new = NewRows::bind(&mut binder, &insert.target, &insert.columns, values)?;
        let wanted = new.columns.len();
        let listed = !insert.columns.is_empty();
        match (&insert.source, given) {
            (InsertSource::Values(rows), None) => {
                let mut bound = Vec::with_capacity(rows.len());
                for row in rows {
                    if row.len() != wanted {
                        return Err(match (listed, row.len() > wanted) {
                            (true, true) => messages::too_many_insert_columns(),
                            (true, false) => messages::too_few_insert_values(),
                            (false, _) => messages::insert_value_count(),
                        });
                    }
                    let row = row
                        .iter()
                        .zip(&new.columns)
                        .map(|(value, column)| match value {
                            ValueOrDefault::Default => Ok(None),
                            ValueOrDefault::Expr(expr) => {
                                let expr = binder.in_clause(Clause::Value, |it| it.expr(expr))?;
                                let to = &new.rules.table().columns[*column];
                                check_assignable(&expr, to)?;
                                if to.generated.is_some() {
                                    return Err(messages::cannot_insert_generated(
                                        &new.rules.full_name,
                                    ));
                                }
                                Ok(Some(Written::in_values(&binder, expr)))
                            }
                        })
                        .collect::<Result<Vec<_>, SqlError>>()?;
                    bound.push(row);
                }
                source = Source::Values(bound);
            }
            (InsertSource::DefaultValues, None) => {
                new.columns.clear();
                source = Source::Values(vec![Vec::new()]);
            }
            (InsertSource::Query(_), None) => {
                if let Source::Query(query) = &source {
                    if query.columns.len() != wanted {
                        return Err(match (listed, query.columns.len() > wanted) {
                            (true, true) => messages::select_list_too_long(),
                            (true, false) => messages::select_list_too_short(),
                            (false, _) => messages::insert_value_count(),
                        });
                    }
                    for (column, place) in query.columns.iter().zip(&new.columns) {
                        let to = &new.rules.table().columns[*place];
                        if to.generated.is_some() {
                            return Err(messages::cannot_insert_generated(&new.rules.full_name));
                        }
                        values::check_conversion(
                            &column.data_type,
                            &to.data_type,
                            values::ConversionKind::Implicit,
                        )?;
                    }
                }
            }
            (InsertSource::Execute(_), None) => {
                return Err(SqlError::unsupported("INSERT … EXEC in this place"));
            }
            (_, Some(_)) => {}
        }
        let limit = match &insert.top {
            Some(top) => binder.top(top)?,
            None => Limit::default(),
        };
        let write = new.write.clone();
        binder.requirements.extend(write);
        let output = match &insert.output {
            None => None,
            Some(output) => {
                let mut target = new.target.clone();
                output::reading(&mut binder, &mut target, new.instead_of.is_some());
                let base = if target.updatable.refused.is_some() || new.is_view() {
                    None
                } else {
                    Some(new.base)
                };
                binder.push_frame();
                binder.frame().visible = true;
                let pseudo = Pseudo {
                    inserted: true,
                    deleted: false,
                    action: false,
                };
                let bound = output::bind(&mut binder, output, &target, base, pseudo);
                binder.frames.pop();
                let bound = bound?;
                bound.refuse_triggers(&binder, &target, &[TriggerEvent::Insert])?;
                Some(bound)
            }
        };
        Ok(Self {
            new,
            source,
            limit,
            output,
            requirements: binder.requirements,
        })
    }

    /// No row goes into a history table.
    fn refuse_history(&self) -> Result<(), SqlError> {
        history::refuse(&self.new.rules, 13559)?;
        match &self.output {
            Some(output) => output.refuse_history(),
            None => Ok(()),
        }
    }

    /// The values of all new rows, before anything is written.
    fn rows(&self, run: &mut Run<'_, '_>) -> Result<Vec<Given>, SqlError> {
        let mut rows: Vec<Given> = Vec::new();
        match &self.source {
            Source::Given => {}
            Source::Values(list) => {
                for exprs in list {
                    run.hold()?;
                    run.next_row();
                    rows.push(
                        exprs
                            .iter()
                            .map(|expr| match expr {
                                None => Ok(None),
                                Some(written) => written.evaluate(run, &Scope::NONE).map(Some),
                            })
                            .collect::<Result<_, SqlError>>()?,
                    );
                }
            }
            Source::Query(query) => {
                let types: Vec<SqlType> = query
                    .columns
                    .iter()
                    .map(|column| column.data_type)
                    .collect();
                execute_shown(query, run, &mut |run, row| {
                    run.hold_row(&row)?;
                    rows.push(
                        row.into_iter()
                            .zip(types.iter().copied())
                            .map(Some)
                            .collect(),
                    );
                    Ok(Flow::More)
                })?;
            }
        }
        let row_limit = run.ex.session.options.row_limit;
        let range = cut(&self.limit, run, None)?
            .at_most(row_limit)
            .range(rows.len(), |_, _| false);
        if range.len() < rows.len() {
            rows = rows.drain(range).collect();
        }
        Ok(rows)
    }

    fn run(
        &self,
        run: &mut Run<'_, '_>,
        given: Vec<Given>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, Errors> {
        let new = &self.new;
        let count = given.len() as u64;
        if let Some(on) = new.instead_of {
            let mut rows = Vec::with_capacity(given.len());
            for given in &given {
                rows.push(new.values(run, given)?);
            }
            triggers::fire(
                run.ex,
                vec![TriggerFiring {
                    on,
                    instead_of: true,
                    event: TriggerEvent::Insert,
                    inserted: rows,
                    deleted: Vec::new(),
                    updated_columns: (0..new.rules.table().columns.len()).collect(),
                }],
            )?;
            return Ok(count);
        }
        let mut rows = Vec::with_capacity(given.len());
        for given in &given {
            rows.push(new.make(run, given)?);
        }
        let rows = duplicates::leave_out(run, &new.rules, rows)?;
        let count = rows.len() as u64;
        new.write_rows(run, &rows)?;
        if let Some(output) = &self.output {
            let mut shown = Vec::with_capacity(rows.len());
            for row in &rows {
                shown.push(output.row(run, &[], Some(row), None, "INSERT")?);
            }
            output.deliver(run, shown, sink)?;
        }
        let all: Vec<usize> = (0..new.rules.table().columns.len()).collect();
        let firing = triggers::after(run.ex, &new.rules, TriggerEvent::Insert, &rows, &[], all);
        triggers::fire(run.ex, firing.into_iter().collect())?;
        Ok(count)
    }
}

impl NewRows {
    fn is_view(&self) -> bool {
        self.instead_of.is_some()
            && self
                .target
                .object
                .as_ref()
                .is_some_and(|(_, object)| object.is_view())
    }

    /// Stores complete rows and checks what only shows then.
    pub(crate) fn write_rows(&self, run: &mut Run<'_, '_>, rows: &[Row]) -> Result<(), SqlError> {
        let ids = store::insert(run.ex, &self.rules, rows.to_vec())?;
        self.rules.enforce(run, BlockOperation::AfterInsert, rows)?;
        self.note_identities(run.ex, rows)?;
        references::check_children(run, &self.rules, rows, None, "INSERT")?;
        super::update::check_options(
            run,
            &self.target,
            self.base,
            &ids.into_iter().collect::<BTreeSet<_>>(),
        )
    }
}

/// 206 and 257 before any row is looked at.
pub(crate) fn check_assignable(expr: &Expr, to: &catalog::Column) -> Result<(), SqlError> {
    values::check_conversion(
        &expr.data_type,
        &to.data_type,
        values::ConversionKind::Implicit,
    )
}
