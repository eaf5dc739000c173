//! Security policies: which predicates guard which tables, and who may say so?
//!
//! The order of the refusals is the server's: what is wrong with the policy itself comes first
//! (there it is found when the batch is compiled), then permissions, then what depends on other
//! policies. Sources: CREATE SECURITY POLICY and ALTER SECURITY POLICY of Microsoft's
//! documentation, messages 33259 to 33270 and 33503 to 33513 of its list of errors; states and
//! order from the published probes of RyanLamansky/sql-server-simulator.

use std::ops::ControlFlow;
use std::sync::Arc;

use tsql::sql::{self, Expr};
use tsql::{ModuleBody, Name, PolicyPredicate};
use values::{ConversionKind, SqlError};

use super::alter_table::names_column;
use super::place::already_exists;
use super::{Ddl, ExpressionUse, Made};
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, ObjectId};
use crate::names::{display, last};
use crate::object::{BlockOperation, Object, ObjectKind, SecurityPolicy, StoredPredicate};
use crate::permission::{Permission, Securable};
use crate::security::{DemandColumns, UserToken};
use crate::table::Temporal;
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_policy(&mut self, written: &tsql::SecurityPolicy) -> Result<Made, Errors> {
        if let Some(other) = written.predicates.iter().find(|it| it.verb != "ADD") {
            return Err(syntax_near(&other.verb).into());
        }
        let mut policy = SecurityPolicy {
            predicates: Vec::new(),
            enabled: written.state.unwrap_or(true),
            schema_binding: written.schema_binding.unwrap_or(true),
            not_for_replication: written.not_for_replication.unwrap_or(false),
            last_predicate: 0,
        };
        self.change_predicates(&mut policy, written)?;
        let (token, schema, name) = self.split(&written.name)?;
        if token.database != self.database {
            return Err(err(
                33259,
                15,
                1,
                format!("Invalid security policy name '{}'.", display(&written.name)),
            )
            .into());
        }
        if !self.holds_any_policy(&token) {
            let denied = self.instance.database_denied(
                token.database,
                Permission::ALTER_ANY_SECURITY_POLICY,
                1,
            );
            return Err(Errors::from(denied)
                .then(err(
                    15247,
                    16,
                    7,
                    "User does not have permission to perform this action.",
                ))
                .ending_batch());
        }
        let place = self.place_in(token, schema, name, Permission::ALTER_ANY_SECURITY_POLICY)?;
        self.demand_predicates(&place.token, &policy, written)?;
        let database = self.database;
        if self
            .instance
            .entered(database)
            .object_named(place.schema, &place.name)
            .is_some()
        {
            return Err(already_exists(&place.name, 8).into());
        }
        self.refuse_second(&policy, &display(&written.name), None)?;
        let id = self
            .instance
            .database_mut(database)
            .expect("it was entered")
            .new_object_id();
        let object = Object {
            id,
            name: Arc::from(place.name),
            schema: place.schema,
            owner: None,
            parent: None,
            temporary: None,
            created: self.now,
            modified: self.now,
            kind: ObjectKind::SecurityPolicy(policy),
        };
        self.instance.apply(
            Change::Object(database, id, Some(Arc::new(object))),
            self.undo,
        );
        Ok(Some((database, id)))
    }

    pub(super) fn alter_policy(&mut self, written: &tsql::SecurityPolicy) -> Result<(), Errors> {
        if written.schema_binding.is_some() {
            return Err(syntax_near("SCHEMABINDING").into());
        }
        let shown = display(&written.name);
        let (token, object) = self
            .find(&written.name)?
            .filter(|(token, _)| token.database == self.database)
            .ok_or_else(|| cannot_find_policy(&shown, 1))?;
        let Some(before) = object.as_policy() else {
            return Err(err(
                33271,
                16,
                1,
                format!("Cannot alter '{shown}' because it is not a security policy."),
            )
            .into());
        };
        let mut policy = before.clone();
        self.change_predicates(&mut policy, written)?;
        if !self.may_alter_policy(&token, &object) {
            return Err(Errors::from(cannot_find_policy(&shown, 7)).ending_batch());
        }
        self.demand_predicates(&token, &policy, written)?;
        if let Some(enabled) = written.state {
            policy.enabled = enabled;
        }
        if let Some(not_for_replication) = written.not_for_replication {
            policy.not_for_replication = not_for_replication;
        }
        self.refuse_second(&policy, &shown, Some(object.id))?;
        let changed = Object {
            modified: self.now,
            kind: ObjectKind::SecurityPolicy(policy),
            ..Object::clone(&object)
        };
        self.instance.apply(
            Change::Object(self.database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        Ok(())
    }

    /// ALTER ANY SECURITY POLICY, and ALTER on the policy: for ALTER and for DROP.
    pub(super) fn may_alter_policy(&self, token: &UserToken, policy: &Object) -> bool {
        self.holds_any_policy(token) && self.holds(token, policy, Permission::ALTER)
    }

    fn holds_any_policy(&self, token: &UserToken) -> bool {
        self.instance.has_permission(
            token,
            Securable::Database,
            Permission::ALTER_ANY_SECURITY_POLICY,
        )
    }

    /// The clauses in written order, against the predicates that the policy held before.
    fn change_predicates(
        &mut self,
        policy: &mut SecurityPolicy,
        written: &tsql::SecurityPolicy,
    ) -> Result<(), Errors> {
        let name = display(&written.name);
        let held: Vec<i32> = policy.predicates.iter().map(|it| it.id).collect();
        for clause in &written.predicates {
            let table = self.predicate_target(clause)?;
            let operation = clause.operation.as_deref().and_then(|words| {
                BlockOperation::ALL
                    .into_iter()
                    .find(|operation| operation.words() == words)
            });
            if operation.is_some() && !clause.block {
                return Err(syntax_near(clause.operation.as_deref().unwrap_or_default()).into());
            }
            let exact = policy.predicates.iter().position(|it| {
                it.table == table.id && it.block == clause.block && it.operation == operation
            });
            let Some((function, arguments)) = &clause.function else {
                let at = exact.ok_or_else(|| no_such_predicate(&name, &clause.table))?;
                policy.predicates.remove(at);
                continue;
            };
            let function_id =
                self.bind_predicate(policy.schema_binding, &name, &table, function, arguments)?;
            let mut predicate = StoredPredicate {
                id: 0,
                table: table.id,
                block: clause.block,
                operation,
                function: function.clone(),
                function_id,
                arguments: arguments.clone(),
            };
            if clause.verb == "ALTER" {
                let at = exact.ok_or_else(|| no_such_predicate(&name, &clause.table))?;
                predicate.id = policy.predicates[at].id;
                policy.predicates[at] = predicate;
                continue;
            }
            let clash = policy.predicates.iter().find(|it| {
                it.table == table.id
                    && it.block == clause.block
                    && (it.operation == operation || it.operation.is_none() || operation.is_none())
            });
            if let Some(clash) = clash {
                return Err(err(
                    33262,
                    16,
                    if held.contains(&clash.id) { 2 } else { 1 },
                    format!(
                        "A {} predicate for the same operation has already been defined on table \
                         '{}' in the security policy '{name}'.",
                        if clause.block { "BLOCK" } else { "FILTER" },
                        display(&clause.table)
                    ),
                )
                .into());
            }
            policy.last_predicate += 1;
            predicate.id = policy.last_predicate;
            policy.predicates.push(predicate);
        }
        Ok(())
    }

    /// The table or schema-bound view of a clause.
    fn predicate_target(&self, clause: &PolicyPredicate) -> Result<Arc<Object>, Errors> {
        let shown = display(&clause.table);
        if last(&clause.table).starts_with('#') {
            return Err(err(
                33269,
                16,
                1,
                "Security predicates are not allowed on temporary objects. Object names that begin \
                 with '#' denote temporary objects.",
            )
            .into());
        }
        let (_, object) = self
            .find(&clause.table)?
            .filter(|(token, _)| token.database == self.database)
            .ok_or_else(|| cannot_find_policy(&shown, 1))?;
        if let Some(table) = object.as_table() {
            if clause.block && matches!(table.temporal, Temporal::History { .. }) {
                return Err(err(
                    33510,
                    16,
                    1,
                    format!(
                        "BLOCK security predicates cannot reference temporal history tables. Table \
                         '{shown}' is a temporal history table."
                    ),
                )
                .into());
            }
            return Ok(object);
        }
        if clause.block {
            return Err(err(
                33503,
                16,
                1,
                format!(
                    "BLOCK predicates can only be added to user tables. '{shown}' is not a user \
                     table."
                ),
            )
            .into());
        }
        if object.is_view() && is_schema_bound(&object) {
            return Ok(object);
        }
        Err(err(
            33263,
            16,
            1,
            format!(
                "Security predicates can only be added to user tables and schema bound views. \
                 '{shown}' is not a user table or a schema bound view."
            ),
        )
        .into())
    }

    /// The function of a predicate, its arguments checked against its parameters.
    fn bind_predicate(
        &mut self,
        schema_binding: bool,
        policy: &str,
        table: &Object,
        function: &Name,
        arguments: &[Expr],
    ) -> Result<ObjectId, Errors> {
        let shown = display(function);
        if schema_binding && function.0.len() != 2 {
            return Err(err(
                4512,
                16,
                3,
                format!(
                    "Cannot schema bind security policy '{policy}' because name '{shown}' is invalid \
                     for schema binding. Names must be in two-part format and an object cannot \
                     reference itself."
                ),
            )
            .into());
        }
        let found = self
            .find(function)?
            .filter(|(token, object)| {
                token.database == self.database
                    && object.as_module().is_some_and(|module| {
                        matches!(module.definition.body, ModuleBody::InlineFunction(_))
                    })
            })
            .map(|(_, object)| object)
            .ok_or_else(|| {
                err(
                    33270,
                    16,
                    1,
                    format!(
                        "Cannot find the object \"{shown}\" or this object is not an inline \
                         table-valued function."
                    ),
                )
            })?;
        if schema_binding && !is_schema_bound(&found) {
            return Err(err(
                4513,
                16,
                1,
                format!(
                    "Cannot schema bind security policy '{policy}'. '{shown}' is not schema bound."
                ),
            )
            .into());
        }
        let parameters = &found.as_module().expect("found as a module").parameters;
        if arguments.len() > parameters.len() {
            return Err(err(
                8144,
                16,
                3,
                format!("Procedure or function {shown} has too many arguments specified."),
            )
            .into());
        }
        if arguments.len() < parameters.len() {
            return Err(err(
                313,
                16,
                3,
                format!(
                    "An insufficient number of arguments were supplied for the procedure or function \
                     {shown}."
                ),
            )
            .into());
        }
        let columns = table.columns().unwrap_or_default();
        for (argument, parameter) in arguments.iter().zip(parameters) {
            refuse_argument(argument)?;
            let (from, _) = self.evaluator.expression_type(
                self.instance,
                self.database,
                columns,
                &ExpressionUse::Computed(argument),
            )?;
            values::check_conversion(&from, &parameter.data_type, ConversionKind::Implicit)?;
        }
        Ok(found.id)
    }

    /// For every predicate that is added or altered: SELECT on the function, and what schema
    /// binding asks for besides: REFERENCES on the function, the table and the columns.
    fn demand_predicates(
        &self,
        token: &UserToken,
        policy: &SecurityPolicy,
        written: &tsql::SecurityPolicy,
    ) -> Result<(), Errors> {
        let database = self.instance.entered(self.database);
        for clause in written.predicates.iter().filter(|it| it.verb != "DROP") {
            let Some((name, arguments)) = &clause.function else {
                continue;
            };
            let Some((_, function)) = self.find(name)? else {
                continue;
            };
            let demand = |object: &Object, permission, columns: DemandColumns<'_>| {
                self.instance
                    .demand(token, None, object, permission, columns)
            };
            demand(&function, Permission::SELECT, DemandColumns::Object)?;
            if !policy.schema_binding {
                continue;
            }
            demand(&function, Permission::REFERENCES, DemandColumns::Object)?;
            let Some((_, table)) = self.find(&clause.table)? else {
                continue;
            };
            let columns: Vec<ColumnId> = table
                .columns()
                .unwrap_or_default()
                .iter()
                .filter(|column| arguments.iter().any(|it| names_column(it, &column.name)))
                .map(|column| column.id)
                .collect();
            let wanted = if columns.is_empty() {
                DemandColumns::Object
            } else {
                DemandColumns::Some(&columns)
            };
            if database.object(table.id).is_some() {
                demand(&table, Permission::REFERENCES, wanted)?;
            }
        }
        Ok(())
    }

    /// 33264: one enabled policy per table.
    fn refuse_second(
        &self,
        policy: &SecurityPolicy,
        name: &str,
        own: Option<ObjectId>,
    ) -> Result<(), SqlError> {
        if !policy.enabled {
            return Ok(());
        }
        let database = self.instance.entered(self.database);
        for predicate in &policy.predicates {
            let other = database.policies_on(predicate.table).find(|other| {
                Some(other.id) != own && other.as_policy().is_some_and(|it| it.enabled)
            });
            if let (Some(other), Some(table)) = (other, database.object(predicate.table)) {
                let table = format!("{}.{}", database.schema_name(table.schema), table.name);
                return Err(err(
                    33264,
                    16,
                    1,
                    format!(
                        "The security policy '{name}' cannot be enabled with a predicate on table \
                         '{table}'. Table '{table}' is already referenced by the enabled security \
                         policy '{}.{}'.",
                        database.schema_name(other.schema),
                        other.name
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a schema-bound policy hands a column of the table to a predicate.
pub(super) fn reads_column(object: &Object, table: ObjectId, column: &str) -> bool {
    object.as_policy().is_some_and(|policy| {
        policy.schema_binding
            && policy.predicates.iter().any(|predicate| {
                predicate.table == table
                    && predicate
                        .arguments
                        .iter()
                        .any(|argument| names_column(argument, column))
            })
    })
}

fn is_schema_bound(object: &Object) -> bool {
    object.as_module().is_some_and(|module| {
        module
            .definition
            .options
            .iter()
            .any(|option| option == "SCHEMABINDING")
    })
}

/// An argument is made of columns, constants, operators and scalar functions of the server.
fn refuse_argument(argument: &Expr) -> Result<(), SqlError> {
    let refused = sql::visit_expressions(argument, |expression: &Expr| match expression {
        Expr::Identifier(name) if name.value.starts_with('@') => ControlFlow::Break(err(
            112,
            15,
            1,
            "Variables are not allowed in the CREATE SECURITY POLICY statement.",
        )),
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
            ControlFlow::Break(err(
                1046,
                15,
                1,
                "Subqueries are not allowed in this context. Only scalar expressions are allowed.",
            ))
        }
        _ => ControlFlow::Continue(()),
    });
    match refused {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

fn cannot_find_policy(name: &str, state: u8) -> SqlError {
    err(
        33268,
        16,
        state,
        format!(
            "Cannot find the object \"{name}\" because it does not exist or you do not have \
             permissions."
        ),
    )
}

fn no_such_predicate(policy: &str, table: &Name) -> SqlError {
    err(
        33261,
        16,
        1,
        format!(
            "The security policy '{policy}' does not contain a predicate on table '{}'.",
            display(table)
        ),
    )
}

fn syntax_near(word: &str) -> SqlError {
    err(102, 15, 1, format!("Incorrect syntax near '{word}'."))
}
