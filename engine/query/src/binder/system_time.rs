//! What does FOR SYSTEM_TIME mean for the relation that it stands at?
//!
//! At a table the rows are its versions. At a view the clause goes to every system-versioned
//! table behind the view. Its moments are literals, variables or parameters, as the grammar says.

use std::sync::Arc;

use catalog::Object;
use tsql::sql;
use values::{SqlError, SqlType};

use crate::binder::{Binder, Clause};
use crate::messages;
use crate::plan::{Expr, RelationKind, Source, TableRef, TimeSpan, Versions};
use crate::visit;

/// A bound clause.
#[derive(Debug, Clone)]
pub(super) struct SystemTime {
    span: TimeSpan,
    moments: Vec<Expr>,
    /// How many system-versioned tables have taken it.
    taken: u32,
    /// The views around it: at the named table itself there are as many as outside.
    view_depth: u32,
}

impl Binder<'_, '_> {
    /// A relation of the catalog FOR SYSTEM_TIME.
    pub(super) fn at_time(
        &mut self,
        name: &tsql::Name,
        version: &sql::TableVersion,
        alias: Option<&sql::TableAlias>,
    ) -> Result<Source, SqlError> {
        let shown = catalog::display(name);
        if self.system_time.is_some() {
            return Err(messages::system_time_twice(shown));
        }
        if let [only] = &name.0[..]
            && (only.starts_with('@') || self.cte(only).is_some())
        {
            return Err(messages::not_versioned(shown));
        }
        let time = self.system_time(version)?;
        self.system_time = Some(time);
        let source = self
            .resolve(name)
            .and_then(|resolved| self.resolved_relation(name, &resolved, alias));
        let time = self.system_time.take();
        let source = source?;
        if time.is_none_or(|time| time.taken == 0) {
            return Err(messages::not_versioned(shown));
        }
        Ok(source)
    }

    fn system_time(&mut self, version: &sql::TableVersion) -> Result<SystemTime, SqlError> {
        let sql::TableVersion::ForSystemTimeAsOf(expression) = version else {
            return Err(SqlError::unsupported(format!(
                "the table version {version}"
            )));
        };
        let (span, written) = match expression {
            sql::Expr::Function(call) => {
                let span = match call.name.to_string().as_str() {
                    "__system_time_all" => TimeSpan::All,
                    "__system_time_from_to" => TimeSpan::FromTo,
                    "__system_time_between" => TimeSpan::Between,
                    "__system_time_contained_in" => TimeSpan::ContainedIn,
                    _ => return Err(messages::syntax_near("(")),
                };
                (span, arguments(&call.args)?)
            }
            other => (TimeSpan::AsOf, vec![other]),
        };
        let expected = match span {
            TimeSpan::All => 0,
            TimeSpan::AsOf => 1,
            _ => 2,
        };
        if written.len() != expected {
            return Err(messages::syntax_near(")"));
        }
        let mut moments = Vec::with_capacity(written.len());
        for moment in written {
            match moment {
                sql::Expr::Value(_) => {}
                sql::Expr::Identifier(name) if name.value.starts_with('@') => {}
                other => return Err(messages::syntax_near(other)),
            }
            let bound = self.in_clause(Clause::Value, |binder| binder.expr(moment))?;
            moments.push(bound.convert_to(SqlType::DateTime2(7))?);
        }
        Ok(SystemTime {
            span,
            moments,
            taken: 0,
            view_depth: self.view_depth,
        })
    }

    /// The versions of a table, when FOR SYSTEM_TIME is in force and the table has versions.
    pub(super) fn versions(
        &mut self,
        table: TableRef,
        object: &Arc<Object>,
        requirement: usize,
    ) -> Result<Option<RelationKind>, SqlError> {
        let Some(time) = &mut self.system_time else {
            return Ok(None);
        };
        let definition = object
            .as_table()
            .expect("a table is asked for its versions");
        let catalog::Temporal::Versioned { history, retention } = definition.temporal else {
            // Behind a view there may be other tables, too.
            return if self.view_depth > time.view_depth {
                Ok(None)
            } else {
                Err(messages::not_versioned(crate::dml::full_name(
                    self.ex,
                    crate::state::ModuleRef {
                        database: table.database,
                        object: table.object,
                    },
                )))
            };
        };
        if self.view_depth > time.view_depth {
            let mut named = false;
            for moment in &time.moments {
                visit::columns(moment, &mut |_| named = true);
            }
            if named {
                return Err(SqlError::unsupported(
                    "FOR SYSTEM_TIME with a function's parameter over a view",
                ));
            }
        }
        time.taken += 1;
        let (span, moments) = (time.span, time.moments.clone());
        let database = self.ex.instance.entered(table.database);
        let (Some(old), Some(period)) = (database.object(history), definition.period_places())
        else {
            return Err(messages::not_versioned(&object.name));
        };
        let old = old.clone();
        let retention = retention.filter(|_| keeps_retention(database));
        self.requirements[requirement].history = Some(old.clone());
        let versions = Versions {
            current_guard: self.row_filters(table.database, object)?,
            history_guard: self.row_filters(table.database, &old)?,
            current: table,
            history: TableRef {
                database: table.database,
                object: history,
            },
            period,
            span,
            retention,
        };
        Ok(Some(RelationKind::Versions(Arc::new(versions), moments)))
    }
}

/// ALTER DATABASE … SET TEMPORAL_HISTORY_RETENTION, which is ON unless somebody says otherwise.
fn keeps_retention(database: &catalog::Database) -> bool {
    database
        .options()
        .switches
        .get("TEMPORAL_HISTORY_RETENTION")
        .copied()
        .unwrap_or(true)
}

fn arguments(arguments: &sql::FunctionArguments) -> Result<Vec<&sql::Expr>, SqlError> {
    let sql::FunctionArguments::List(list) = arguments else {
        return Ok(Vec::new());
    };
    list.args
        .iter()
        .map(|argument| match argument {
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Expr(expr)) => Ok(expr),
            _ => Err(messages::syntax_near("(")),
        })
        .collect()
}
