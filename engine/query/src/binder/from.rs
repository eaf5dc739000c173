//! Which relations does a FROM clause name, and how are they joined?

use std::sync::Arc;

use catalog::{ChainLink, Object, Permission, Resolved, Target, same_name};
use tsql::{ModuleBody, sql};
use values::{SqlError, SqlType};

use crate::binder::names::{Cte, CteBody};
use crate::binder::pushdown::{conjuncts, place_condition};
use crate::binder::targets::{Layer, Stored, Updatable, ViewRef};
use crate::binder::{
    Binder, Clause, Frame, Place, ScopeColumn, ScopeRelation, SelectFrame, TableShape,
    relation_columns,
};
use crate::footprint::LockHints;
use crate::json::OpenJson;
use crate::messages;
use crate::permissions::Breadth;
use crate::plan::{
    Expr, ExprKind, Guard, Join, JoinKind, OutputColumn, Query, RecursiveCte, Relation,
    RelationKind, Source, SystemTableFunction, TableRef,
};
use crate::state::{ModuleRef, ModuleScope};
use crate::visit;

/// Tables in one FROM clause.
const TABLES: usize = 256;

/// Views inside of views, as the server counts them.
const VIEWS: u32 = 32;

/// What a relation is called.
struct Exposed {
    name: Arc<str>,
    qualified: Option<(Arc<str>, Arc<str>)>,
    columns: Vec<String>,
}

impl Binder<'_, '_> {
    /// The FROM clause; relations go into the innermost frame.
    pub(crate) fn from(
        &mut self,
        items: &[sql::TableWithJoins],
    ) -> Result<Option<Source>, SqlError> {
        let mut source: Option<Source> = None;
        for item in items {
            let next = self.joined(item)?;
            source = Some(match source {
                None => next,
                Some(left) => join(JoinKind::Inner, left, next),
            });
        }
        Ok(source)
    }

    fn joined(&mut self, item: &sql::TableWithJoins) -> Result<Source, SqlError> {
        let first = self.frame().relations.len();
        let mut source = self.factor(&item.relation)?;
        for joined in &item.joins {
            source = self.deeper(|binder| binder.join(source, joined, first))?;
        }
        Ok(source)
    }

    fn join(&mut self, left: Source, joined: &sql::Join, first: usize) -> Result<Source, SqlError> {
        use sql::JoinOperator as J;
        let (kind, swapped, constraint) = match &joined.join_operator {
            J::Join(on) | J::Inner(on) => (JoinKind::Inner, false, Some(on)),
            J::Left(on) | J::LeftOuter(on) => (JoinKind::Left, false, Some(on)),
            J::Right(on) | J::RightOuter(on) => (JoinKind::Left, true, Some(on)),
            J::FullOuter(on) => (JoinKind::Full, false, Some(on)),
            J::CrossJoin(_) => (JoinKind::Inner, false, None),
            J::CrossApply | J::OuterApply => {
                let visible = std::mem::replace(&mut self.frame().visible, true);
                let right = self.factor(&joined.relation);
                self.frame().visible = visible;
                let right = right?;
                let outer = matches!(joined.join_operator, J::OuterApply);
                if outer && let Some(relation) = self.frame().relations.last_mut() {
                    relation.nullable = true;
                }
                let own = slots_of(&right);
                let mut lateral = false;
                visit::source_columns(&right, &mut |column| {
                    lateral |= column.level == 0 && !own.contains(&column.slot);
                });
                let kind = if outer {
                    JoinKind::Left
                } else {
                    JoinKind::Inner
                };
                let mut source = join(kind, left, right);
                if let Source::Join(join) = &mut source {
                    join.lateral = lateral;
                }
                return Ok(source);
            }
            other => return Err(SqlError::unsupported(format!("the join {other:?}"))),
        };
        let middle = self.frame().relations.len();
        let right = self.factor(&joined.relation)?;
        let on = match constraint {
            None => Vec::new(),
            Some(sql::JoinConstraint::On(on)) => {
                let visible = std::mem::replace(&mut self.frame().visible, true);
                let on = self.in_clause(Clause::On, |binder| binder.condition(on));
                self.frame().visible = visible;
                conjuncts(on?)
            }
            Some(sql::JoinConstraint::None) => return Err(messages::syntax_near("join")),
            Some(_) => return Err(messages::syntax_near("using")),
        };
        let relations = &mut self.frame().relations;
        let (left_nullable, right_nullable) = match (kind, swapped) {
            (JoinKind::Full, _) => (true, true),
            (JoinKind::Left, false) => (false, true),
            (JoinKind::Left, true) => (true, false),
            _ => (false, false),
        };
        for (place, relation) in relations.iter_mut().enumerate().skip(first) {
            relation.nullable |= if place < middle {
                left_nullable
            } else {
                right_nullable
            };
        }
        let mut source = if swapped {
            join(kind, right, left)
        } else {
            join(kind, left, right)
        };
        for condition in on {
            place_condition(&mut source, condition);
        }
        Ok(source)
    }

    pub(crate) fn factor(&mut self, factor: &sql::TableFactor) -> Result<Source, SqlError> {
        self.count_relation()?;
        if self.target_factor == Some(std::ptr::from_ref(factor).addr()) {
            return self.target_relation(|binder| binder.factor_here(factor));
        }
        self.deeper(|binder| binder.factor_here(factor))
    }

    fn factor_here(&mut self, factor: &sql::TableFactor) -> Result<Source, SqlError> {
        use sql::TableFactor as T;
        match factor {
            T::Table {
                name,
                alias,
                args,
                version,
                sample,
                json_path,
                with_hints,
                ..
            } => {
                if sample.is_some() {
                    return Err(SqlError::unsupported("TABLESAMPLE"));
                }
                if json_path.is_some() {
                    return Err(messages::syntax_near("["));
                }
                let name = super::name_of(name)?;
                let outer = self.lock;
                self.lock = outer.and(LockHints::of(with_hints));
                let source = match args {
                    None => match version {
                        Some(version) => self.at_time(&name, version, alias.as_ref()),
                        None => self.named(&name, alias.as_ref()),
                    },
                    Some(_) if version.is_some() => Err(SqlError::unsupported(
                        "FOR SYSTEM_TIME behind a table function",
                    )),
                    Some(args) => self.table_function(&name, &args.args, alias.as_ref()),
                };
                self.lock = outer;
                source
            }
            T::Function {
                name, args, alias, ..
            } => self.table_function(&super::name_of(name)?, args, alias.as_ref()),
            T::Derived {
                subquery, alias, ..
            } => {
                let Some(alias) = alias else {
                    return Err(messages::syntax_near(")"));
                };
                self.derived(subquery, alias)
            }
            T::NestedJoin {
                table_with_joins,
                alias: None,
            } => self.joined(table_with_joins),
            T::OpenJsonTable {
                json_expr,
                json_path,
                columns,
                alias,
            } => self.open_json(json_expr, json_path.as_ref(), columns, alias.as_ref()),
            T::Pivot { .. } => Err(SqlError::unsupported("PIVOT")),
            T::Unpivot { .. } => Err(SqlError::unsupported("UNPIVOT")),
            other => Err(SqlError::unsupported(format!("{other} in FROM"))),
        }
    }

    /// Adds a relation to the innermost frame.
    fn add(
        &mut self,
        exposed: Exposed,
        mut columns: Vec<ScopeColumn>,
        kind: RelationKind,
        requirement: Option<usize>,
        table: Option<TableShape>,
        updatable: Option<Updatable>,
    ) -> Result<Source, SqlError> {
        if !exposed.columns.is_empty() {
            if columns.len() > exposed.columns.len() {
                return Err(messages::fewer_columns_than_list(&exposed.name));
            }
            if columns.len() < exposed.columns.len() {
                return Err(messages::more_columns_than_list(&exposed.name));
            }
            for (column, name) in columns.iter_mut().zip(&exposed.columns) {
                column.name = Arc::from(name.as_str());
            }
        }
        let frame = self.frame();
        if frame.relations.len() >= TABLES {
            return Err(messages::too_many_tables(TABLES));
        }
        if let Some(other) = frame.relations.iter().find(|other| {
            !exposed.name.is_empty()
                && same_name(&other.name, &exposed.name)
                && match (&other.qualified, &exposed.qualified) {
                    (Some(a), Some(b)) => same_name(&a.0, &b.0) && same_name(&a.1, &b.1),
                    _ => true,
                }
        }) {
            return Err(
                if other.qualified.is_some() && exposed.qualified.is_some() {
                    messages::duplicate_exposed_name(&exposed.name)
                } else {
                    messages::duplicate_alias(&exposed.name)
                },
            );
        }
        let slot = frame.slots;
        frame.slots += 1;
        frame.relations.push(ScopeRelation {
            slot,
            name: exposed.name,
            qualified: exposed.qualified,
            columns,
            requirement,
            table,
            nullable: false,
            updatable,
        });
        Ok(Source::Relation(Relation {
            slot,
            kind,
            guard: Vec::new(),
            filter: Vec::new(),
            seek: None,
            lock: self.lock,
        }))
    }

    pub(crate) fn named(
        &mut self,
        name: &tsql::Name,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        if let [only] = &name.0[..] {
            if only.starts_with('@') {
                return self.table_variable_relation(only, alias);
            }
            if let Some(cte) = self.cte(only) {
                return self.cte_relation(&cte, alias);
            }
            if let Some(source) = self.trigger_rows(only, alias)? {
                return Ok(source);
            }
        }
        let resolved = self.resolve(name)?;
        self.resolved_relation(name, &resolved, alias)
    }

    /// A name of the catalog as a relation.
    pub(crate) fn resolved_relation(
        &mut self,
        name: &tsql::Name,
        resolved: &Resolved,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        match &resolved.target {
            Target::SystemView(view) => {
                let columns = view
                    .columns
                    .iter()
                    .map(|column| ScopeColumn {
                        name: Arc::from(column.name),
                        data_type: column.data_type,
                        nullable: column.nullable,
                        collation: self.default_collation().collation(),
                        hidden: false,
                        id: None,
                        identity: None,
                        mask: None,
                        expr: None,
                    })
                    .collect();
                let database = resolved.token.database;
                let kind = RelationKind::SystemView(
                    database,
                    Arc::from(view.schema),
                    Arc::from(view.name),
                );
                let exposed = self.exposed(name, view.schema, database, alias);
                self.add(exposed, columns, kind, None, None, None)
            }
            Target::Object(object) => {
                let database = resolved.token.database;
                let schema = self
                    .ex
                    .instance
                    .entered(database)
                    .schema_name(object.schema)
                    .to_owned();
                let exposed = self.exposed(name, &schema, database, alias);
                let object = object.clone();
                if object.as_table().is_some() {
                    let requirement =
                        self.require(resolved, &object, Permission::SELECT, Breadth::Read);
                    let mut columns = columns_of(&object);
                    self.mask_columns(&resolved.token, &object, &mut columns);
                    let table = TableRef {
                        database,
                        object: object.id,
                    };
                    if let Some(kind) = self.versions(table, &object, requirement)? {
                        return self.add(exposed, columns, kind, Some(requirement), None, None);
                    }
                    let updatable = self.updatable.then(|| {
                        let slot = self.frame().slots;
                        let layers = self.layers(requirement, &columns, Some(0));
                        let rows = Stored::Table(table, object.clone());
                        Self::updatable_table(slot, rows, columns.len(), layers)
                    });
                    let kind = RelationKind::Table(table);
                    let guard = self.row_filters(database, &object)?;
                    let shape = Some(TableShape::Object(object));
                    let source =
                        self.add(exposed, columns, kind, Some(requirement), shape, updatable)?;
                    return Ok(guarded(source, guard));
                }
                if object.is_view() {
                    let requirement =
                        self.require(resolved, &object, Permission::SELECT, Breadth::Read);
                    let wanted = self.updatable;
                    let query = self.view(database, &object)?;
                    self.updatable = wanted;
                    let columns = self.module_columns(&object, &query)?;
                    let mut updatable = self.shown(wanted, &query);
                    if let Some(updatable) = &mut updatable {
                        let mut layers = self.layers(requirement, &columns, None);
                        layers.append(&mut updatable.layers);
                        updatable.layers = layers;
                        if has_check_option(&object) {
                            let view = ViewRef {
                                database,
                                object: object.clone(),
                            };
                            updatable.check_options.push(view);
                        }
                    }
                    let guard = self.row_filters(database, &object)?;
                    let subquery = self.subquery_of(query);
                    let kind = RelationKind::Derived(subquery);
                    let source =
                        self.add(exposed, columns, kind, Some(requirement), None, updatable)?;
                    return Ok(guarded(source, guard));
                }
                match object.type_code() {
                    "IF" | "TF" => Err(SqlError::new(
                        216,
                        16,
                        1,
                        format!(
                            "Parameters were not supplied for the function '{}'.",
                            catalog::display(name)
                        ),
                    )),
                    _ => Err(messages::invalid_object(catalog::display(name))),
                }
            }
        }
    }

    fn exposed(
        &self,
        name: &tsql::Name,
        schema: &str,
        database: catalog::DatabaseId,
        alias: Option<&sql::TableAlias>,
    ) -> Exposed {
        match alias {
            Some(alias) => alias_of(alias),
            None => Exposed {
                name: Arc::from(catalog::last(name)),
                qualified: Some((
                    self.ex.instance.entered(database).name().clone(),
                    Arc::from(schema),
                )),
                columns: Vec::new(),
            },
        }
    }

    fn table_variable_relation(
        &mut self,
        name: &str,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        let Some(table) = self.table_variable(name).filter(|_| !self.in_function()) else {
            return Err(messages::undeclared_table_variable(name));
        };
        let columns: Vec<ScopeColumn> = table.table.columns.iter().map(ScopeColumn::of).collect();
        let key: Arc<str> = Arc::from(super::variable_key(name).as_ref());
        let exposed = match alias {
            Some(alias) => alias_of(alias),
            // `@t.a` is not a column reference: only an alias can qualify.
            None => Exposed {
                name: key.clone(),
                qualified: None,
                columns: Vec::new(),
            },
        };
        let kind = RelationKind::TableVariable(key.clone());
        let updatable = self.updatable.then(|| {
            let slot = self.frame().slots;
            let rows = Stored::Variable(key.clone());
            Self::updatable_table(slot, rows, columns.len(), Vec::new())
        });
        self.add(
            exposed,
            columns,
            kind,
            None,
            Some(TableShape::Variable(key)),
            updatable,
        )
    }

    /// `inserted` and `deleted` inside of a trigger.
    fn trigger_rows(
        &mut self,
        name: &str,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Option<Source>, SqlError> {
        let inserted = name.eq_ignore_ascii_case("inserted");
        if !inserted && !name.eq_ignore_ascii_case("deleted") {
            return Ok(None);
        }
        let Some(firing) = &self.ex.session.trigger_rows else {
            return Ok(None);
        };
        if self.view_depth > 0 {
            return Ok(None);
        }
        let object = self
            .ex
            .instance
            .database(firing.on.database)
            .and_then(|database| database.object(firing.on.object))
            .ok_or_else(|| messages::invalid_object(name))?;
        let columns = columns_of(object);
        let exposed = match alias {
            Some(alias) => alias_of(alias),
            None => Exposed {
                name: Arc::from(name),
                qualified: None,
                columns: Vec::new(),
            },
        };
        let kind = RelationKind::TriggerRows { inserted };
        self.add(exposed, columns, kind, None, None, None).map(Some)
    }

    fn derived(&mut self, query: &sql::Query, alias: &sql::TableAlias) -> Result<Source, SqlError> {
        let wanted = self.updatable;
        let query = self.in_clause(Clause::Select, |binder| binder.query(query, Place::Derived))?;
        self.updatable = wanted;
        let exposed = alias_of(alias);
        let updatable = self.shown(wanted, &query);
        let width = visible_width(&query, updatable.as_ref());
        check_names(&query.columns[..width], &exposed)?;
        let columns = relation_columns(&query.columns[..width]);
        let subquery = self.subquery_of(query);
        self.add(
            exposed,
            columns,
            RelationKind::Derived(subquery),
            None,
            None,
            updatable,
        )
    }

    // --- views and functions -----------------------------------------------------------------

    /// Does something in the text of a module: its database, its names, its owner's references.
    pub(crate) fn in_module<T>(
        &mut self,
        database: catalog::DatabaseId,
        object: &Object,
        frames: Vec<Frame>,
        f: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        if self.view_depth >= VIEWS {
            return Err(messages::nesting_level());
        }
        let scope = ModuleScope {
            link: ChainLink::of(self.ex.instance, database, object),
            schema: object.schema,
            object: object.id,
        };
        let frames = std::mem::replace(&mut self.frames, frames);
        let ctes = std::mem::take(&mut self.ctes);
        let module = self.module.replace(scope);
        let before = std::mem::replace(&mut self.database, database);
        self.view_depth += 1;
        let result = self.deeper(f);
        self.view_depth -= 1;
        self.database = before;
        self.module = module;
        self.ctes = ctes;
        self.frames = frames;
        result
    }

    /// The query of a view.
    pub(crate) fn view(
        &mut self,
        database: catalog::DatabaseId,
        object: &Object,
    ) -> Result<Query, SqlError> {
        let definition = object.as_module().map(|module| module.definition.clone());
        let Some(definition) = definition else {
            return Err(messages::invalid_object(&object.name));
        };
        let ModuleBody::View { query, .. } = &definition.body else {
            return Err(messages::invalid_object(&object.name));
        };
        self.in_clause(Clause::Select, |binder| {
            binder.in_module(database, object, Vec::new(), |binder| {
                binder.query(query, Place::View)
            })
        })
    }

    /// The columns that a view or inline function shows: named when it was made.
    fn module_columns(&self, object: &Object, query: &Query) -> Result<Vec<ScopeColumn>, SqlError> {
        let known = object.columns().unwrap_or_default();
        if known.len() > query.columns.len() {
            return Err(SqlError::new(
                4502,
                16,
                1,
                format!(
                    "View or function '{}' has more column names specified than columns defined.",
                    object.name
                ),
            ));
        }
        Ok(known
            .iter()
            .zip(relation_columns(&query.columns))
            .map(|(column, bound)| ScopeColumn {
                name: column.name.clone(),
                id: Some(column.id),
                ..bound
            })
            .collect())
    }

    fn table_function(
        &mut self,
        name: &tsql::Name,
        arguments: &[sql::FunctionArg],
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        let written = arguments
            .iter()
            .map(|argument| match argument {
                sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Expr(expr)) => Ok(expr),
                _ => Err(messages::syntax_near("(")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let last = catalog::last(name).to_lowercase();
        let of_server =
            name.0.len() == 1 || (name.0.len() == 2 && name.0[0].eq_ignore_ascii_case("sys"));
        if of_server && let Some(source) = self.server_function(&last, &written, alias)? {
            return Ok(source);
        }
        let resolved = self.resolve(name)?;
        let Target::Object(object) = &resolved.target else {
            return Err(messages::invalid_object(catalog::display(name)));
        };
        let object = object.clone();
        let database = resolved.token.database;
        let Some(module) = object
            .as_module()
            .filter(|_| matches!(object.type_code(), "IF" | "TF"))
        else {
            if object.as_table().is_some() || object.is_view() {
                return Err(SqlError::new(
                    215,
                    16,
                    1,
                    format!(
                        "Parameters supplied for object '{}' which is not a function. If the parameters are intended as a table hint, a WITH keyword is required.",
                        catalog::display(name)
                    ),
                ));
            }
            return Err(messages::invalid_object(catalog::display(name)));
        };
        if self.system_time.is_some() {
            return Err(SqlError::unsupported(
                "FOR SYSTEM_TIME over a view with table functions",
            ));
        }
        let parameters = module.parameters.clone();
        let definition = module.definition.clone();
        let requirement = self.require(&resolved, &object, Permission::SELECT, Breadth::Read);
        if written.len() > parameters.len() {
            return Err(SqlError::new(
                8144,
                16,
                3,
                format!(
                    "Procedure or function {} has too many arguments specified.",
                    catalog::display(name)
                ),
            ));
        }
        if written.len() < parameters.len() {
            return Err(SqlError::new(
                313,
                16,
                3,
                format!(
                    "An insufficient number of arguments were supplied for the procedure or function {}.",
                    catalog::display(name)
                ),
            ));
        }
        let mut bound: Vec<Expr> = Vec::with_capacity(written.len());
        for (argument, parameter) in written.iter().zip(&parameters) {
            let expr = match super::functions::default_or(argument) {
                Some(expr) => self.in_clause(Clause::Value, |binder| binder.expr(expr))?,
                None => match &parameter.default {
                    Some(default) => self.in_clause(Clause::Value, |it| it.expr(default))?,
                    None => self.constant(values::Value::Null, parameter.data_type),
                },
            };
            bound.push(expr.convert_to(parameter.data_type)?);
        }
        let schema = self
            .ex
            .instance
            .entered(database)
            .schema_name(object.schema)
            .to_owned();
        let exposed = self.exposed(name, &schema, database, alias);
        match &definition.body {
            ModuleBody::InlineFunction(query) => {
                let wanted = self.updatable;
                let query = self.inline_function(database, &object, &parameters, query)?;
                self.updatable = wanted;
                let mut columns = self.module_columns(&object, &query)?;
                self.mask_by_arguments(&bound, &mut columns);
                // An inline function is a view with parameters, also for changes.
                let mut updatable = self.shown(wanted, &query);
                if let Some(updatable) = &mut updatable {
                    let mut layers = self.layers(requirement, &columns, None);
                    layers.append(&mut updatable.layers);
                    updatable.layers = layers;
                }
                let subquery = self.subquery_of(query);
                let kind = RelationKind::InlineFunction(bound, subquery);
                self.add(exposed, columns, kind, Some(requirement), None, updatable)
            }
            _ => {
                let mut columns = columns_of(&object);
                self.mask_by_arguments(&bound, &mut columns);
                let kind = RelationKind::TableFunction(
                    ModuleRef {
                        database,
                        object: object.id,
                    },
                    bound,
                );
                self.add(exposed, columns, kind, Some(requirement), None, None)
            }
        }
    }

    /// The query of an inline function, over its parameters.
    pub(crate) fn inline_function(
        &mut self,
        database: catalog::DatabaseId,
        object: &Object,
        parameters: &[catalog::ModuleParameter],
        query: &sql::Query,
    ) -> Result<Query, SqlError> {
        let collation = super::database_collation(self.ex, database);
        let frame = Frame::Parameters(
            parameters
                .iter()
                .map(|it| (it.name.clone(), it.data_type, collation))
                .collect(),
        );
        self.in_clause(Clause::Select, |binder| {
            binder.in_module(database, object, vec![frame], |binder| {
                binder.query(query, Place::View)
            })
        })
    }

    /// Table functions of the server's own.
    fn server_function(
        &mut self,
        name: &str,
        arguments: &[&sql::Expr],
        alias: Option<&sql::TableAlias>,
    ) -> Result<Option<Source>, SqlError> {
        let collation = self.default_collation().collation();
        let column = |name: &str, data_type: SqlType, nullable: bool| ScopeColumn {
            name: Arc::from(name),
            data_type,
            nullable,
            collation,
            hidden: false,
            id: None,
            identity: None,
            mask: None,
            expr: None,
        };
        let mut bound = Vec::with_capacity(arguments.len());
        let count = |minimum: usize, maximum: usize| {
            if (minimum..=maximum).contains(&arguments.len()) {
                Ok(())
            } else {
                Err(messages::argument_count(name, minimum))
            }
        };
        let (function, columns) = match name {
            "string_split" => {
                count(2, 3)?;
                for argument in arguments {
                    bound.push(self.in_clause(Clause::Value, |binder| binder.expr(argument))?);
                }
                let text = match bound[0].data_type {
                    data_type if data_type.is_character() => data_type,
                    _ => SqlType::nvarchar(4000),
                };
                let text = match text {
                    SqlType::Char(n) => SqlType::varchar(n),
                    SqlType::NChar(n) => SqlType::nvarchar(n),
                    other => other,
                };
                bound[0] = bound[0].clone().convert_to(text)?;
                let mut columns = vec![column("value", text, true)];
                if bound.len() == 3 {
                    columns.push(column("ordinal", SqlType::BigInt, false));
                }
                (SystemTableFunction::StringSplit, columns)
            }
            "generate_series" => {
                count(2, 3)?;
                for argument in arguments {
                    bound.push(self.in_clause(Clause::Value, |binder| binder.expr(argument))?);
                }
                if !bound[0].data_type.is_integer() {
                    return Err(SqlError::unsupported(
                        "GENERATE_SERIES over other types than integers",
                    ));
                }
                let series = SqlType::BigInt;
                bound = bound
                    .into_iter()
                    .map(|expr| expr.convert_to(series))
                    .collect::<Result<_, _>>()?;
                (
                    SystemTableFunction::GenerateSeries,
                    vec![column("value", series, false)],
                )
            }
            "openjson" => {
                count(1, 2)?;
                for argument in arguments {
                    bound.push(self.in_clause(Clause::Value, |binder| binder.expr(argument))?);
                }
                (
                    SystemTableFunction::OpenJson(OpenJson::default()),
                    vec![
                        column("key", SqlType::nvarchar(4000), false),
                        column("value", SqlType::NVARCHAR_MAX, true),
                        column("type", SqlType::TinyInt, false),
                    ],
                )
            }
            _ if catalog::system_function(None, name).is_some() => {
                let found = catalog::system_function(None, name).expect("just found");
                count(found.arguments, found.arguments)?;
                for argument in arguments {
                    let bare = super::functions::default_or(argument);
                    bound.push(match bare {
                        Some(argument) => {
                            self.in_clause(Clause::Value, |binder| binder.expr(argument))?
                        }
                        None => self.constant(values::Value::Null, SqlType::SYSNAME),
                    });
                }
                let columns = found
                    .columns
                    .iter()
                    .map(|it| column(it.name, it.data_type, it.nullable))
                    .collect();
                (SystemTableFunction::Catalog(Arc::from(name)), columns)
            }
            _ => return Ok(None),
        };
        let mut columns = columns;
        self.mask_by_arguments(&bound, &mut columns);
        let exposed = match alias {
            Some(alias) => alias_of(alias),
            None => Exposed {
                name: Arc::from(name),
                qualified: None,
                columns: Vec::new(),
            },
        };
        let kind = RelationKind::SystemFunction(function, bound);
        self.add(exposed, columns, kind, None, None, None).map(Some)
    }

    fn open_json(
        &mut self,
        json: &sql::Expr,
        path: Option<&sql::ValueWithSpan>,
        columns: &[sql::OpenJsonTableColumn],
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        let mut bound = vec![self.in_clause(Clause::Value, |binder| binder.expr(json))?];
        if let Some(path) = path {
            bound.push(self.literal(&path.value)?);
        }
        let collation = self.default_collation().collation();
        let mut wanted = Vec::with_capacity(columns.len());
        let mut shown = Vec::with_capacity(columns.len());
        for column in columns {
            let data_type = self.type_named(&column.r#type)?;
            let path = match &column.path {
                Some(path) => path.trim_matches('\'').to_owned(),
                None => format!("$.\"{}\"", column.name.value),
            };
            wanted.push((path, data_type, column.as_json));
            shown.push(ScopeColumn {
                name: Arc::from(column.name.value.as_str()),
                data_type,
                nullable: true,
                collation,
                hidden: false,
                id: None,
                identity: None,
                mask: None,
                expr: None,
            });
        }
        if shown.is_empty() {
            for (name, data_type) in [
                ("key", SqlType::nvarchar(4000)),
                ("value", SqlType::NVARCHAR_MAX),
                ("type", SqlType::TinyInt),
            ] {
                shown.push(ScopeColumn {
                    name: Arc::from(name),
                    data_type,
                    nullable: true,
                    collation,
                    hidden: false,
                    id: None,
                    identity: None,
                    mask: None,
                    expr: None,
                });
            }
        }
        let exposed = match alias {
            Some(alias) => alias_of(alias),
            None => Exposed {
                name: Arc::from("OPENJSON"),
                qualified: None,
                columns: Vec::new(),
            },
        };
        self.mask_by_arguments(&bound, &mut shown);
        let function = SystemTableFunction::OpenJson(OpenJson { columns: wanted });
        self.add(
            exposed,
            shown,
            RelationKind::SystemFunction(function, bound),
            None,
            None,
            None,
        )
    }

    // --- common table expressions ------------------------------------------------------------

    fn cte_relation(
        &mut self,
        cte: &Arc<Cte>,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        let exposed = match alias {
            Some(alias) => alias_of(alias),
            None => Exposed {
                name: cte.name.clone(),
                qualified: None,
                columns: Vec::new(),
            },
        };
        let query = match &cte.body {
            CteBody::WorkTable(id, columns) => {
                let columns = relation_columns(columns);
                return self.add(
                    exposed,
                    columns,
                    RelationKind::WorkTable(*id),
                    None,
                    None,
                    None,
                );
            }
            CteBody::Query(query) => query.clone(),
        };
        // A CTE's text sees no relation of the query that uses it, only parameters.
        let hidden = self.hide_frames();
        let wanted = self.updatable;
        let result = self.in_clause(Clause::Select, |binder| binder.cte_body(cte, &query));
        self.updatable = wanted;
        self.show_frames(hidden);
        let (columns, kind, updatable) = result?;
        self.add(
            exposed,
            relation_columns(&columns),
            kind,
            None,
            None,
            updatable,
        )
    }

    fn hide_frames(&mut self) -> Vec<bool> {
        self.frames
            .iter_mut()
            .map(|frame| match frame {
                Frame::Select(frame) => std::mem::replace(&mut frame.visible, false),
                Frame::Parameters(_) => false,
            })
            .collect()
    }

    fn show_frames(&mut self, visible: Vec<bool>) {
        for (frame, visible) in self.frames.iter_mut().zip(visible) {
            if let Frame::Select(frame) = frame {
                frame.visible = visible;
            }
        }
    }

    fn cte_body(
        &mut self,
        cte: &Cte,
        query: &sql::Query,
    ) -> Result<(Vec<OutputColumn>, RelationKind, Option<Updatable>), SqlError> {
        let wanted = self.updatable;
        if let Some((anchors, members)) = recursive_parts(&cte.name, query) {
            self.updatable = false;
            let (columns, kind) = self.recursive(cte, &anchors, &members)?;
            return Ok((columns, kind, wanted.then(|| Self::not_updatable("union"))));
        }
        // Not recursive: its own name means an object of the catalog.
        let visible = cte.visible - 1;
        let mut query = self.with_ctes(visible, |binder| binder.query(query, Place::Derived))?;
        let updatable = self.shown(wanted, &query);
        let width = visible_width(&query, updatable.as_ref());
        name_columns(&mut query.columns[..width], cte)?;
        let columns = query.columns[..width].to_vec();
        let subquery = self.subquery_of(query);
        Ok((columns, RelationKind::Derived(subquery), updatable))
    }

    /// What changing through the query just bound means, seen from the relation that is about to
    /// be added.
    fn shown(&mut self, wanted: bool, query: &Query) -> Option<Updatable> {
        let changes = self.changes.take();
        if !wanted {
            return None;
        }
        let changes = changes?;
        let width = query.columns.len() - changes.bases.len();
        let slot = self.frame().slots;
        Some(Self::seen_from_outside(changes, slot, width))
    }

    /// Whose permission a change of the relation behind a requirement needs.
    fn layers(
        &self,
        requirement: usize,
        columns: &[ScopeColumn],
        base: Option<usize>,
    ) -> Vec<Layer> {
        let last = &self.requirements[requirement];
        // A synonym's own requirement stands right before that of what it stands for.
        let mut layers: Vec<Layer> = self.requirements[..requirement]
            .iter()
            .rev()
            .take_while(|it| {
                it.group == last.group && matches!(it.object.kind, catalog::ObjectKind::Synonym(_))
            })
            .map(|it| Layer {
                token: it.token.clone(),
                link: it.link,
                object: it.object.clone(),
                ids: vec![None; columns.len()],
                base: None,
            })
            .collect();
        layers.reverse();
        layers.push(Layer {
            token: last.token.clone(),
            link: last.link,
            object: last.object.clone(),
            ids: columns.iter().map(|column| column.id).collect(),
            base,
        });
        layers
    }

    fn recursive(
        &mut self,
        cte: &Cte,
        anchors: &[&sql::SetExpr],
        members: &[&sql::SetExpr],
    ) -> Result<(Vec<OutputColumn>, RelationKind), SqlError> {
        let id = self.new_id();
        let mut bound_anchors = Vec::new();
        for anchor in anchors {
            let visible = cte.visible - 1;
            bound_anchors.push(self.with_ctes(visible, |binder| binder.set_expr_alone(anchor))?);
        }
        let mut columns = bound_anchors[0].columns.clone();
        name_columns(&mut columns, cte)?;
        for column in &mut columns {
            column.nullable = true;
        }
        let mut bound_members = Vec::new();
        for member in members {
            let work = Cte {
                name: cte.name.clone(),
                columns: Vec::new(),
                body: CteBody::WorkTable(id, columns.clone()),
                visible: cte.visible,
            };
            let query = self.with_ctes(cte.visible - 1, |binder| {
                binder.push_cte(work);
                let result = binder.set_expr_alone(member);
                binder.truncate_ctes(cte.visible - 1);
                result
            })?;
            if query.columns.len() != columns.len() {
                return Err(messages::set_operation_columns());
            }
            for (column, own) in columns.iter().zip(&query.columns) {
                if column.data_type != own.data_type {
                    return Err(messages::recursive_types(&column.name, &cte.name));
                }
            }
            bound_members.push(query);
        }
        let recursive = RecursiveCte {
            id,
            anchors: bound_anchors,
            members: bound_members,
            limit: self.max_recursion,
        };
        Ok((columns, RelationKind::Recursive(Arc::new(recursive))))
    }

    /// A frame for one SELECT.
    pub(crate) fn push_frame(&mut self) {
        self.frames.push(Frame::Select(SelectFrame::default()));
    }
}

/// The anchors and recursive members of a CTE that reads itself.
fn recursive_parts<'q>(
    name: &str,
    query: &'q sql::Query,
) -> Option<(Vec<&'q sql::SetExpr>, Vec<&'q sql::SetExpr>)> {
    let mut parts = Vec::new();
    let mut body = query.body.as_ref();
    while let sql::SetExpr::SetOperation {
        left,
        op: sql::SetOperator::Union,
        set_quantifier: sql::SetQuantifier::All,
        right,
    } = body
    {
        parts.push(right.as_ref());
        body = left;
    }
    parts.push(body);
    parts.reverse();
    let reads: Vec<bool> = parts.iter().map(|part| reads_name(part, name)).collect();
    let first = reads.iter().position(|reads| *reads)?;
    if first == 0 || !reads[first..].iter().all(|reads| *reads) {
        return None;
    }
    let members = parts.split_off(first);
    Some((parts, members))
}

/// Whether a query names a relation in its FROM clause.
fn reads_name(body: &sql::SetExpr, name: &str) -> bool {
    match body {
        sql::SetExpr::Select(select) => select.from.iter().any(|item| {
            factor_reads(&item.relation, name)
                || item
                    .joins
                    .iter()
                    .any(|join| factor_reads(&join.relation, name))
        }),
        sql::SetExpr::Query(query) => reads_name(&query.body, name),
        sql::SetExpr::SetOperation { left, right, .. } => {
            reads_name(left, name) || reads_name(right, name)
        }
        _ => false,
    }
}

fn factor_reads(factor: &sql::TableFactor, name: &str) -> bool {
    match factor {
        sql::TableFactor::Table {
            name: of,
            args: None,
            ..
        } => match &of.0[..] {
            [sql::ObjectNamePart::Identifier(ident)] => same_name(&ident.value, name),
            _ => false,
        },
        sql::TableFactor::Derived { subquery, .. } => reads_name(&subquery.body, name),
        sql::TableFactor::NestedJoin {
            table_with_joins, ..
        } => {
            factor_reads(&table_with_joins.relation, name)
                || table_with_joins
                    .joins
                    .iter()
                    .any(|join| factor_reads(&join.relation, name))
        }
        _ => false,
    }
}

fn name_columns(columns: &mut [OutputColumn], cte: &Cte) -> Result<(), SqlError> {
    let exposed = Exposed {
        name: cte.name.clone(),
        qualified: None,
        columns: cte.columns.clone(),
    };
    if !cte.columns.is_empty() {
        if columns.len() > cte.columns.len() {
            return Err(messages::fewer_columns_than_list(&cte.name));
        }
        if columns.len() < cte.columns.len() {
            return Err(messages::more_columns_than_list(&cte.name));
        }
        for (column, name) in columns.iter_mut().zip(&cte.columns) {
            column.name = Arc::from(name.as_str());
        }
    }
    check_names(columns, &exposed)
}

/// Columns of derived tables have names, each of them another.
fn check_names(columns: &[OutputColumn], exposed: &Exposed) -> Result<(), SqlError> {
    let named = |place: usize, column: &OutputColumn| -> Arc<str> {
        match exposed.columns.get(place) {
            Some(name) => Arc::from(name.as_str()),
            None => column.name.clone(),
        }
    };
    let mut seen = std::collections::BTreeSet::new();
    for (place, column) in columns.iter().enumerate() {
        let name = named(place, column);
        if name.is_empty() {
            return Err(messages::unnamed_column(place + 1, &exposed.name));
        }
        if !seen.insert(catalog::NameKey::new(&name)) {
            return Err(messages::duplicate_column(name, &exposed.name));
        }
    }
    Ok(())
}

fn visible_width(query: &Query, updatable: Option<&Updatable>) -> usize {
    query.columns.len() - updatable.map_or(0, |updatable| updatable.bases.len())
}

fn has_check_option(object: &Object) -> bool {
    object.as_module().is_some_and(|module| {
        matches!(
            module.definition.body,
            ModuleBody::View {
                check_option: true,
                ..
            }
        )
    })
}

fn alias_of(alias: &sql::TableAlias) -> Exposed {
    Exposed {
        name: Arc::from(alias.name.value.as_str()),
        qualified: None,
        columns: alias
            .columns
            .iter()
            .map(|column| column.name.value.clone())
            .collect(),
    }
}

fn columns_of(object: &Object) -> Vec<ScopeColumn> {
    object
        .columns()
        .unwrap_or_default()
        .iter()
        .map(ScopeColumn::of)
        .collect()
}

/// A relation with its row filters, which are bound over slot 0.
fn guarded(mut source: Source, guard: Vec<Guard>) -> Source {
    if let Source::Relation(relation) = &mut source {
        relation.guard = guard;
    }
    source
}

fn join(kind: JoinKind, left: Source, right: Source) -> Source {
    Source::Join(Box::new(Join {
        kind,
        left,
        right,
        equal: Vec::new(),
        on: Vec::new(),
        lateral: false,
    }))
}

/// Two sources without a condition.
pub(crate) fn cross(left: Source, right: Source) -> Source {
    join(JoinKind::Inner, left, right)
}

/// Every row of both, with or without a partner: MERGE.
pub(crate) fn full_join(left: Source, right: Source) -> Source {
    join(JoinKind::Full, left, right)
}

/// An alias that the statement layer gave as text.
pub(crate) fn table_alias(name: &str) -> sql::TableAlias {
    sql::TableAlias {
        explicit: true,
        name: sql::Ident::new(name),
        columns: Vec::new(),
        at: None,
    }
}

pub(crate) fn slots_of(source: &Source) -> std::collections::BTreeSet<u16> {
    match source {
        Source::Relation(relation) => [relation.slot].into(),
        Source::Join(join) => {
            let mut slots = slots_of(&join.left);
            slots.extend(slots_of(&join.right));
            slots
        }
    }
}

/// Whether an expression is a plain column of one slot.
pub(crate) fn column_of(expr: &Expr, slot: u16) -> Option<usize> {
    match &expr.kind {
        ExprKind::Column(column) if column.level == 0 && column.slot == slot => {
            Some(usize::from(column.ordinal))
        }
        _ => None,
    }
}
