//! Which predicates of security policies stand before the rows of a table or view?
//!
//! A predicate is the owner's, not the caller's: it is bound on its own, over one row in slot 0,
//! and sees nothing of the statement. Its function reads tables without row filters, the guarded
//! one included. Under schema binding it needs no permission of the caller; without, the caller
//! needs SELECT on the function and on what is behind it, unless an ownership chain covers that
//! (CREATE SECURITY POLICY in Microsoft's documentation).

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{
    BlockOperation, DatabaseId, NameScope, Object, Permission, SecurityPolicy, StoredPredicate,
    Target,
};
use tsql::ModuleBody;
use values::SqlError;

use crate::binder::{Binder, Clause, Frame, ScopeColumn, ScopeRelation, SelectFrame};
use crate::permissions::{Breadth, Requirement};
use crate::plan::Guard;

/// A block predicate, bound.
#[derive(Debug)]
pub(crate) struct Block {
    /// `None` is every operation.
    pub(crate) operation: Option<BlockOperation>,
    pub(crate) guard: Vec<Guard>,
}

impl Binder<'_, '_> {
    /// The row filters of a table or view.
    pub(crate) fn row_filters(
        &mut self,
        database: DatabaseId,
        object: &Object,
    ) -> Result<Vec<Guard>, SqlError> {
        if self.unguarded {
            return Ok(Vec::new());
        }
        let mut guards = Vec::new();
        for (policy, predicate) in self.predicates_on(database, object) {
            if !predicate.block {
                guards.push(self.predicate(database, object, &policy, &predicate)?);
            }
        }
        Ok(guards)
    }

    /// The block predicates of a table, and whether any enabled policy is about it at all.
    pub(crate) fn block_predicates(
        &mut self,
        database: DatabaseId,
        object: &Object,
    ) -> Result<(Vec<Block>, bool), SqlError> {
        let mut blocks = Vec::new();
        let predicates = self.predicates_on(database, object);
        let guarded = !predicates.is_empty();
        for (policy, predicate) in predicates {
            if predicate.block {
                let group = std::mem::replace(&mut self.group, 0);
                let guard = self.predicate(database, object, &policy, &predicate);
                self.group = group;
                blocks.push(Block {
                    operation: predicate.operation,
                    guard: vec![guard?],
                });
            }
        }
        Ok((blocks, guarded))
    }

    fn predicates_on(
        &self,
        database: DatabaseId,
        object: &Object,
    ) -> Vec<(Arc<Object>, StoredPredicate)> {
        let Some(database) = self.ex.instance.database(database) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for policy in database.policies_on(object.id) {
            let Some(stored) = policy.as_policy().filter(|stored| stored.enabled) else {
                continue;
            };
            for predicate in stored.predicates.iter().filter(|it| it.table == object.id) {
                found.push((policy.clone(), predicate.clone()));
            }
        }
        found
    }

    fn predicate(
        &mut self,
        database: DatabaseId,
        table: &Object,
        policy: &Object,
        predicate: &StoredPredicate,
    ) -> Result<Guard, SqlError> {
        let stored = policy.as_policy().expect("found as a policy");
        let function = self.predicate_function(database, table, policy, stored, predicate)?;
        let first = self.requirements.len();
        if !stored.schema_binding {
            self.requirements.push(Requirement {
                token: self.ex.session.security.enter(self.ex.instance, database)?,
                link: self.module.map(|module| module.link),
                object: function.clone(),
                permission: Permission::SELECT,
                columns: BTreeSet::new(),
                scope: Breadth::Object,
                group: self.group,
                history: None,
            });
        }
        let columns = table
            .columns()
            .unwrap_or_default()
            .iter()
            .map(ScopeColumn::of)
            .collect();
        let frame = Frame::Select(SelectFrame {
            relations: vec![ScopeRelation {
                slot: 0,
                name: table.name.clone(),
                qualified: None,
                columns,
                requirement: None,
                table: None,
                nullable: false,
                updatable: None,
            }],
            visible: true,
            slots: 1,
        });
        let unguarded = std::mem::replace(&mut self.unguarded, true);
        let system_time = self.system_time.take();
        let updatable = std::mem::replace(&mut self.updatable, false);
        let changes = self.changes.take();
        let result = self.in_module(database, policy, vec![frame], |binder| {
            binder.predicate_call(database, table, stored, &function, predicate)
        });
        self.changes = changes;
        self.updatable = updatable;
        self.system_time = system_time;
        self.unguarded = unguarded;
        if stored.schema_binding {
            self.requirements.truncate(first);
        }
        result
    }

    fn predicate_call(
        &mut self,
        database: DatabaseId,
        table: &Object,
        policy: &SecurityPolicy,
        function: &Object,
        predicate: &StoredPredicate,
    ) -> Result<Guard, SqlError> {
        let module = function.as_module().expect("found as a function");
        let ModuleBody::InlineFunction(query) = &module.definition.body else {
            return Err(not_inline(&table.name));
        };
        // What schema binding keeps from changing may have changed without it.
        let loose = |error: SqlError| {
            if policy.schema_binding {
                error
            } else {
                binding_failed(&table.name)
            }
        };
        if predicate.arguments.len() != module.parameters.len() {
            return Err(binding_failed(&table.name));
        }
        let mut arguments = Vec::with_capacity(predicate.arguments.len());
        for (argument, parameter) in predicate.arguments.iter().zip(&module.parameters) {
            let expr = self
                .in_clause(Clause::Value, |binder| binder.expr(argument))
                .map_err(loose)?;
            arguments.push(expr.convert_to(parameter.data_type).map_err(loose)?);
        }
        let query = self
            .inline_function(database, function, &module.parameters, query)
            .map_err(loose)?;
        let body = self.subquery_of(query);
        Ok(Guard { arguments, body })
    }

    fn predicate_function(
        &self,
        database: DatabaseId,
        table: &Object,
        policy: &Object,
        stored: &SecurityPolicy,
        predicate: &StoredPredicate,
    ) -> Result<Arc<Object>, SqlError> {
        if stored.schema_binding {
            return self
                .ex
                .instance
                .database(database)
                .and_then(|it| it.object(predicate.function_id))
                .cloned()
                .ok_or_else(|| binding_failed(&table.name));
        }
        let session = &*self.ex.session;
        let scope = NameScope {
            database,
            schema: Some(policy.schema),
            temporary: &session.temporary,
        };
        let found = self
            .ex
            .instance
            .resolve(&session.security, &scope, &predicate.function);
        match found.map(|resolved| resolved.target) {
            Ok(Target::Object(function)) if function.type_code() == "IF" => Ok(function),
            Ok(Target::Object(_)) => Err(not_inline(&table.name)),
            _ => Err(binding_failed(&table.name)),
        }
    }
}

/// Error 33512. The server sends what went wrong in front of it; one message is all that binding
/// carries here.
fn binding_failed(table: &str) -> SqlError {
    SqlError::new(
        33512,
        16,
        1,
        format!(
            "Binding for the non-schema bound security predicate on object '{table}' failed with one or more errors, indicating the schema of the predicate function has changed. Update or drop the affected security predicates."
        ),
    )
}

/// 33513.
fn not_inline(table: &str) -> SqlError {
    SqlError::new(
        33513,
        16,
        1,
        format!(
            "Binding for the non-schema bound security predicate on object '{table}' failed, because the predicate function is not an inline table-valued function. Only inline table-valued functions can be used for security predicates."
        ),
    )
}
