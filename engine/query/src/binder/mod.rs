//! What does the text of a statement mean? Names become objects, columns and variables, every
//! expression gets its type, and every permission that is needed is noted on the way.

mod absent_functions;
mod expressions;
mod from;
mod functions;
mod grouping;
mod masks;
mod names;
mod policies;
mod pushdown;
mod query;
mod scope;
mod system_time;
mod targets;
mod types;

use std::sync::Arc;

use catalog::{DatabaseId, TableVariable};
use tsql::sql;
use values::{Collation, SqlError, SqlType};

use crate::execution::nested_too_deeply;
use crate::footprint::LockHints;
use crate::permissions::Requirement;
use crate::plan::{CollationLabel, Expr, ExprKind, OutputColumn};
use crate::stack::with_room;
use crate::state::{Execution, ModuleScope, Variable};

pub(crate) use from::{cross, full_join, slots_of, table_alias};
pub(crate) use policies::Block;
pub(crate) use pushdown::{conjuncts, place_condition, place_conditions, plan_seeks};
pub(crate) use query::Place;
pub(crate) use scope::{Frame, ScopeColumn, ScopeRelation, SelectFrame, TableShape};
pub(crate) use targets::{BoundTarget, Layer, Stored, Updatable, row_id};
pub(crate) use types::data_type;

/// Deepest nesting of expressions and queries in one statement; each level costs stack.
const DEPTH: u32 = 200;
/// Most relations in one statement, after views and CTEs were expanded.
const RELATIONS: u32 = 4096;

/// Where an aggregate may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    /// The select list, HAVING and ORDER BY.
    Select,
    Where,
    On,
    GroupBy,
    /// Inside another aggregate.
    Aggregate,
    /// The argument of a window function: an aggregate may stand there, a window may not.
    Window,
    /// A place without rows: SET, IF, VALUES.
    Value,
    /// The set list of UPDATE.
    Set,
}

/// One statement being bound.
pub(crate) struct Binder<'b, 'e> {
    pub(crate) ex: &'b Execution<'e>,
    /// Innermost last.
    pub(crate) frames: Vec<Frame>,
    pub(crate) requirements: Vec<Requirement>,
    /// CTEs in scope, innermost last.
    ctes: Vec<Arc<names::Cte>>,
    /// The module in whose text we are.
    pub(crate) module: Option<ModuleScope>,
    /// The database of that text.
    pub(crate) database: DatabaseId,
    pub(crate) clause: Clause,
    /// The group of requirements of the object named in the statement's own text.
    pub(crate) group: usize,
    /// No row filters: inside of a predicate function, and where the server looks for itself.
    pub(crate) unguarded: bool,
    /// How many views we are inside of.
    pub(crate) view_depth: u32,
    /// The relations of the SELECT being bound are wanted with the numbers of their rows: it is,
    /// or is behind, what a statement changes.
    pub(crate) updatable: bool,
    /// The FROM item that a statement changes, by its address in the statement's tree, and what
    /// it was bound to.
    pub(crate) target_factor: Option<usize>,
    pub(crate) target: Option<BoundTarget>,
    /// What changing through the last updatable SELECT means.
    pub(crate) changes: Option<Updatable>,
    /// What is bound is a column's DEFAULT, and one call.
    pub(crate) in_default: bool,
    max_recursion: u32,
    next_id: u32,
    depth: u32,
    relations: u32,
    /// FOR SYSTEM_TIME of the relation being bound: of a table, or of a view and so of every
    /// system-versioned table behind it.
    system_time: Option<system_time::SystemTime>,
    /// Table hints around the relation being bound: its own, and those of the views it is behind.
    lock: LockHints,
}

impl<'b, 'e> Binder<'b, 'e> {
    pub(crate) fn new(ex: &'b Execution<'e>) -> Self {
        Self {
            module: ex.session.module,
            database: ex.session.database,
            ex,
            frames: Vec::new(),
            requirements: Vec::new(),
            ctes: Vec::new(),
            clause: Clause::Value,
            group: 0,
            unguarded: false,
            view_depth: 0,
            updatable: false,
            target_factor: None,
            target: None,
            changes: None,
            in_default: false,
            max_recursion: 100,
            next_id: 0,
            depth: 0,
            relations: 0,
            system_time: None,
            lock: LockHints::default(),
        }
    }

    /// OPTION (MAXRECURSION n); other hints do not change results.
    pub(crate) fn hints(&mut self, hints: &[String]) -> Result<(), SqlError> {
        for hint in hints {
            let mut words = hint.split_whitespace();
            if words.next() == Some("MAXRECURSION")
                && let Some(Ok(limit)) = words.next().map(str::parse::<u32>)
            {
                if limit > 32_767 {
                    return Err(SqlError::new(
                        310,
                        15,
                        1,
                        format!(
                            "The value {limit} specified for the MAXRECURSION option exceeds the allowed maximum of 32767."
                        ),
                    ));
                }
                self.max_recursion = limit;
            }
        }
        Ok(())
    }

    /// A declared type of a parameter: a system type or an alias type.
    pub(crate) fn declared(&self, data_type: &tsql::DataType) -> Result<SqlType, SqlError> {
        if let Some(found) = self.alias_type(&data_type.name) {
            return Ok(found);
        }
        SqlType::from_name(catalog::last(&data_type.name), &data_type.arguments)
    }

    pub(crate) fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    fn count_relation(&mut self) -> Result<(), SqlError> {
        self.relations += 1;
        if self.relations > RELATIONS {
            return Err(SqlError::unsupported(format!(
                "statements with more than {RELATIONS} tables, views expanded"
            )));
        }
        Ok(())
    }

    /// Goes one level deeper.
    fn deeper<T>(
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

    /// Does something in another clause.
    pub(crate) fn in_clause<T>(
        &mut self,
        clause: Clause,
        f: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let before = std::mem::replace(&mut self.clause, clause);
        let result = f(self);
        self.clause = before;
        result
    }

    /// Collation of literals and variables.
    pub(crate) fn default_collation(&self) -> CollationLabel {
        CollationLabel::Coercible(database_collation(self.ex, self.database))
    }

    /// A scalar variable of the session: its name as kept, and its type.
    pub(crate) fn variable(&self, name: &str) -> Option<(Arc<str>, SqlType)> {
        let key = variable_key(name);
        match self.ex.session.variables.get(key.as_ref()) {
            Some(Variable::Scalar { data_type, .. }) => Some((Arc::from(key.as_ref()), *data_type)),
            _ => None,
        }
    }

    pub(crate) fn table_variable(&self, name: &str) -> Option<&'b TableVariable> {
        match self.ex.session.variables.get(variable_key(name).as_ref()) {
            Some(Variable::Table(table)) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn constant(&self, value: values::Value, data_type: SqlType) -> Expr {
        Expr {
            nullable: value.is_null(),
            kind: ExprKind::Constant(value),
            data_type,
            collation: self.default_collation(),
        }
    }
}

/// The key under which a session keeps a variable.
pub(crate) fn variable_key(name: &str) -> std::borrow::Cow<'_, str> {
    if name.chars().any(char::is_uppercase) {
        name.to_lowercase().into()
    } else {
        name.into()
    }
}

/// The default collation of a database.
pub(crate) fn database_collation(ex: &Execution<'_>, database: DatabaseId) -> Collation {
    ex.instance
        .database(database)
        .map_or_else(Collation::default, |it| it.options().collation)
}

/// The parts of a name in an expression or FROM clause.
pub(crate) fn name_of(name: &sql::ObjectName) -> Result<tsql::Name, SqlError> {
    let mut parts = Vec::with_capacity(name.0.len());
    for part in &name.0 {
        match part {
            sql::ObjectNamePart::Identifier(ident) => parts.push(ident.value.clone()),
            sql::ObjectNamePart::Function(_) => {
                return Err(SqlError::unsupported("computed object names"));
            }
        }
    }
    Ok(tsql::Name(parts))
}

/// What a query's columns are to the one who reads it as a relation.
pub(crate) fn relation_columns(columns: &[OutputColumn]) -> Vec<ScopeColumn> {
    columns
        .iter()
        .map(|column| ScopeColumn {
            name: column.name.clone(),
            data_type: column.data_type,
            nullable: column.nullable,
            collation: column.collation,
            hidden: false,
            id: None,
            identity: column.identity,
            mask: column.mask.clone(),
            expr: None,
        })
        .collect()
}
