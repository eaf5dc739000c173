//! How does the catalog's definition layer get its expressions evaluated?

use std::sync::Arc;

use catalog::{
    Column, DatabaseId, Ddl, Errors, Evaluator, ExpressionUse, Instance, Row, SchemaId,
    SecurityContext, Table, UndoLog,
};
use tsql::{ModuleBody, sql};
use values::{SqlError, SqlType, Value, assign};

use crate::binder::{Binder, Clause, Frame, Place, ScopeColumn, ScopeRelation, SelectFrame};
use crate::execution::{Run, Scope, Slot};
use crate::plan::{Condition, Expr};
use crate::state::{Environment, Execution, ModuleScope, Runtime, SessionState};

/// Runs work of the definition layer with this layer as its evaluator.
///
/// # Errors
/// What the work raises.
pub fn with_ddl<R>(
    ex: &mut Execution<'_>,
    work: impl FnOnce(&mut Ddl<'_>) -> Result<R, Errors>,
) -> Result<R, Errors> {
    let now = ex.environment.now();
    let mut evaluator = DefinitionEvaluator {
        session: ex.session.for_definition(),
        environment: &mut *ex.environment,
        runtime: ex.runtime,
    };
    work(&mut Ddl {
        instance: &mut *ex.instance,
        context: &ex.session.security,
        database: ex.session.database,
        undo: &mut ex.session.undo,
        temporary: &mut ex.session.temporary,
        evaluator: &mut evaluator,
        now,
    })
}

/// Evaluates for DDL in a session of its own: what is defined must not depend on variables and
/// changes nothing.
struct DefinitionEvaluator<'a> {
    session: SessionState,
    environment: &'a mut dyn Environment,
    runtime: &'a dyn Runtime,
}

impl SessionState {
    /// The same caller in the same database, with nothing else of the session.
    fn for_definition(&self) -> Self {
        Self {
            id: self.id,
            security: self.security.clone(),
            database: self.database,
            undo: UndoLog::new(),
            variables: Default::default(),
            temporary: self.temporary.clone(),
            module: None,
            trigger_rows: None,
            row_count: 0,
            last_error: 0,
            caught: None,
            scope_identity: None,
            last_identity: None,
            transaction_count: self.transaction_count,
            transaction_began: self.transaction_began,
            transaction_doomed: false,
            nest_level: self.nest_level,
            session_context: self.session_context.clone(),
            context_info: self.context_info.clone(),
            host_name: self.host_name.clone(),
            program_name: self.program_name.clone(),
            options: self.options.clone(),
            policies_met: 0,
            messages: Vec::new(),
            footprint: Default::default(),
            transaction_began_otherwise: false,
            view: None,
        }
    }
}

impl DefinitionEvaluator<'_> {
    fn execution<'x>(&'x mut self, instance: &'x mut Instance) -> Execution<'x> {
        Execution {
            instance,
            session: &mut self.session,
            environment: &mut *self.environment,
            runtime: self.runtime,
        }
    }
}

impl Evaluator for DefinitionEvaluator<'_> {
    fn constant(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        expression: &sql::Expr,
        column: &Column,
    ) -> Result<Value, SqlError> {
        let mut ex = self.execution(instance);
        let bound = bind_default(&ex, database, expression)?;
        let value = bound.evaluate(&mut Run::new(&mut ex), &Scope::NONE)?;
        assign(
            &value,
            &bound.data_type,
            &column.data_type,
            "",
            &column.name,
        )
    }

    fn expression_type(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        columns: &[Column],
        expression: &ExpressionUse<'_>,
    ) -> Result<(SqlType, bool), SqlError> {
        let ex = self.execution(instance);
        match expression {
            ExpressionUse::Computed(expression) => {
                let bound = bind_over(&ex, database, columns, "", |it| it.expr(expression))?;
                // A computed column may be NULL where its arithmetic may overflow, whatever it is
                // computed from ("Specify computed columns in a table").
                let arithmetic = matches!(
                    bound.kind,
                    crate::plan::ExprKind::Binary(..) | crate::plan::ExprKind::Unary(..)
                ) && !bound.data_type.is_text();
                Ok((bound.data_type, bound.nullable || arithmetic))
            }
            ExpressionUse::Check(condition) => {
                bind_over(&ex, database, columns, "", |it| it.condition(condition))?;
                Ok((SqlType::Bit, true))
            }
            ExpressionUse::Default(expression) => {
                let bound = bind_default(&ex, database, expression)?;
                Ok((bound.data_type, bound.nullable))
            }
        }
    }

    fn computed(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        columns: &[Column],
        row: &[Value],
        expression: &sql::Expr,
    ) -> Result<Value, SqlError> {
        let mut ex = self.execution(instance);
        let bound = bind_over(&ex, database, columns, "", |it| it.expr(expression))?;
        let tuple = [Slot::of(row.to_vec())];
        bound.evaluate(&mut Run::new(&mut ex), &Scope::new(&tuple, None))
    }

    fn satisfies(
        &mut self,
        instance: &mut Instance,
        database: DatabaseId,
        table: &Table,
        row: &Row,
        condition: &sql::Expr,
    ) -> Result<bool, SqlError> {
        let mut ex = self.execution(instance);
        let bound = bind_over(&ex, database, &table.columns, "", |it| {
            it.condition(condition)
        })?;
        let tuple = [Slot::of(row.clone())];
        let truth = bound.evaluate(&mut Run::new(&mut ex), &Scope::new(&tuple, None))?;
        Ok(truth != Some(false))
    }

    fn module_columns(
        &mut self,
        instance: &mut Instance,
        context: &SecurityContext,
        database: DatabaseId,
        schema: SchemaId,
        module: &tsql::Module,
    ) -> Result<Vec<(String, SqlType, bool)>, Errors> {
        self.session.security = context.clone();
        let ex = self.execution(instance);
        let (query, names): (&sql::Query, &[String]) = match &module.body {
            ModuleBody::View { columns, query, .. } => (query, columns),
            ModuleBody::InlineFunction(query) => (query, &[]),
            _ => return Ok(Vec::new()),
        };
        let mut binder = Binder::new(&ex);
        binder.database = database;
        binder.unguarded = true;
        // Names are looked up from the module's schema; the owner plays no part, because
        // permissions are asked when the module is used.
        let owner = ex
            .instance
            .database(database)
            .and_then(|it| it.schema(schema))
            .map_or(catalog::PrincipalId::DBO, |schema| schema.owner);
        binder.module = Some(ModuleScope {
            link: catalog::ChainLink { database, owner },
            schema,
            object: catalog::ObjectId(0),
        });
        if matches!(module.body, ModuleBody::InlineFunction(_)) {
            let collation = crate::binder::database_collation(&ex, database);
            let mut parameters = Vec::with_capacity(module.parameters.len());
            for parameter in &module.parameters {
                let data_type = binder.declared(&parameter.data_type)?;
                parameters.push((Arc::from(parameter.name.as_str()), data_type, collation));
            }
            binder.frames.push(Frame::Parameters(parameters));
        }
        let bound = binder.in_clause(Clause::Select, |it| it.query(query, Place::View))?;
        let name = catalog::last(&module.name);
        if !names.is_empty() && names.len() != bound.columns.len() {
            return Err(if names.len() > bound.columns.len() {
                crate::messages::more_columns_than_list(name)
            } else {
                crate::messages::fewer_columns_than_list(name)
            }
            .into());
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut result = Vec::with_capacity(bound.columns.len());
        for (place, column) in bound.columns.iter().enumerate() {
            let shown = names.get(place).map_or(&*column.name, String::as_str);
            if shown.is_empty() {
                return Err(SqlError::new(
                    4511,
                    16,
                    1,
                    format!(
                        "Create View or Function failed because no column name was specified for column {}.",
                        place + 1
                    ),
                )
                .into());
            }
            if !seen.insert(catalog::NameKey::new(shown)) {
                return Err(SqlError::new(
                    4506,
                    16,
                    1,
                    format!("Column names in each view or function must be unique. Column name '{shown}' in view or function '{name}' is specified more than once."),
                )
                .into());
            }
            result.push((shown.to_owned(), column.data_type, column.nullable));
        }
        Ok(result)
    }
}

/// A DEFAULT: an expression without columns.
pub(crate) fn bind_default(
    ex: &Execution<'_>,
    database: DatabaseId,
    expression: &sql::Expr,
) -> Result<Expr, SqlError> {
    let mut binder = Binder::new(ex);
    binder.module = None;
    binder.database = database;
    binder.in_default = is_alone(expression);
    match binder.in_clause(Clause::Value, |it| it.expr(expression)) {
        Err(error) if matches!(error.number, 207 | 4104) => Err(SqlError::new(
            128,
            15,
            1,
            format!(
                "The name \"{expression}\" is not permitted in this context. Valid expressions are constants, constant expressions, and (in some contexts) variables. Column names are not permitted."
            ),
        )),
        result => result,
    }
}

/// Whether a DEFAULT is one call and nothing else: NEWSEQUENTIALID stands for itself only.
fn is_alone(expression: &sql::Expr) -> bool {
    match expression {
        sql::Expr::Nested(inner) => is_alone(inner),
        sql::Expr::Function(_) => true,
        _ => false,
    }
}

/// Binds something over the columns of one row, which is slot 0.
pub(crate) fn bind_over<T>(
    ex: &Execution<'_>,
    database: DatabaseId,
    columns: &[Column],
    name: &str,
    f: impl FnOnce(&mut Binder<'_, '_>) -> Result<T, SqlError>,
) -> Result<T, SqlError> {
    let mut binder = Binder::new(ex);
    binder.module = None;
    binder.database = database;
    binder.frames.push(Frame::Select(SelectFrame {
        relations: vec![ScopeRelation {
            slot: 0,
            name: Arc::from(name),
            qualified: None,
            columns: columns.iter().map(ScopeColumn::of).collect(),
            requirement: None,
            table: None,
            nullable: false,
            updatable: None,
        }],
        visible: true,
        slots: 1,
    }));
    binder.in_clause(Clause::Value, f)
}

/// Whether a CHECK condition is violated: only FALSE is.
pub(crate) fn violated(
    condition: &Condition,
    run: &mut Run<'_, '_>,
    row: &Row,
) -> Result<bool, SqlError> {
    let tuple = [Slot::of(row.clone())];
    Ok(condition.evaluate(run, &Scope::new(&tuple, None))? == Some(false))
}
