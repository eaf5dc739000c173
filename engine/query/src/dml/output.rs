//! What does OUTPUT show, and where do its rows go?

use std::sync::Arc;

use catalog::{BlockOperation, Errors, Permission, Row};
use tsql::{Output, Target, TriggerEvent};
use values::{SqlError, SqlType, Value};

use crate::binder::{Binder, BoundTarget, Clause, ScopeColumn, ScopeRelation};
use crate::dml::insert::NewRows;
use crate::dml::rules::{Rules, Shape};
use crate::dml::{history, store, triggers};
use crate::execution::{Run, Scope, Slot, mask};
use crate::messages;
use crate::plan::{CollationLabel, ColumnRef, Expr, ExprKind, OutputColumn};
use crate::state::RowSink;
use crate::statements::result_columns;

/// OUTPUT, bound.
pub(crate) struct BoundOutput {
    projection: Vec<Expr>,
    columns: Vec<OutputColumn>,
    into: Option<NewRows>,
}

/// Which pseudo-tables a statement has.
#[derive(Clone, Copy)]
pub(crate) struct Pseudo {
    pub(crate) inserted: bool,
    pub(crate) deleted: bool,
    pub(crate) action: bool,
}

/// Binds OUTPUT in the frame of its statement. The rows it sees have `inserted`, `deleted` and
/// `$action` in the three slots behind the statement's own.
pub(crate) fn bind(
    binder: &mut Binder<'_, '_>,
    output: &Output,
    target: &BoundTarget,
    base: Option<usize>,
    pseudo: Pseudo,
) -> Result<BoundOutput, SqlError> {
    for (name, present) in [("inserted", pseudo.inserted), ("deleted", pseudo.deleted)] {
        let slot = binder.frame().slots;
        binder.frame().slots += 1;
        if !present {
            continue;
        }
        let columns = shown(target, base, slot);
        binder.frame().relations.push(ScopeRelation {
            slot,
            name: Arc::from(name),
            qualified: None,
            columns,
            requirement: target.requirement,
            table: None,
            nullable: pseudo.action,
            updatable: None,
        });
    }
    let slot = binder.frame().slots;
    binder.frame().slots += 1;
    if pseudo.action {
        binder.frame().relations.push(ScopeRelation {
            slot,
            name: Arc::from(""),
            qualified: None,
            columns: vec![ScopeColumn {
                name: Arc::from("$action"),
                data_type: SqlType::nvarchar(10),
                nullable: false,
                collation: Default::default(),
                hidden: true,
                id: None,
                identity: None,
                mask: None,
                expr: None,
            }],
            requirement: None,
            table: None,
            nullable: false,
            updatable: None,
        });
    }
    let mut projection = Vec::new();
    let mut columns = Vec::new();
    binder.in_clause(Clause::Value, |binder| {
        for item in &output.items {
            binder.item(item, &mut projection, &mut columns)?;
        }
        Ok(())
    })?;
    let into = match &output.into {
        None => None,
        Some((into, names)) => Some(bind_into(binder, into, names, &columns)?),
    };
    Ok(BoundOutput {
        projection,
        columns,
        into,
    })
}

/// The columns of `inserted` and `deleted`: of the target, read from the stored row.
fn shown(target: &BoundTarget, base: Option<usize>, slot: u16) -> Vec<ScopeColumn> {
    target
        .columns
        .iter()
        .enumerate()
        .filter_map(|(place, column)| {
            let ordinal = match base {
                // The whole row of the view, as an INSTEAD OF trigger sees it.
                None => place,
                Some(base) => match target.updatable.columns.get(place).copied().flatten() {
                    Some((of, ordinal)) if of == base => ordinal,
                    _ => return None,
                },
            };
            let mut shown = column.clone();
            shown.expr = Some(Box::new(Expr {
                kind: ExprKind::Column(ColumnRef {
                    level: 0,
                    slot,
                    ordinal: ordinal as u16,
                }),
                data_type: column.data_type,
                collation: CollationLabel::Implicit(column.collation),
                nullable: true,
            }));
            Some(shown)
        })
        .collect()
}

fn bind_into(
    binder: &mut Binder<'_, '_>,
    into: &Target,
    names: &[String],
    columns: &[OutputColumn],
) -> Result<NewRows, SqlError> {
    let new = NewRows::bind(binder, into, names, Some(columns.len()))?;
    let ex = binder.ex;
    if let Shape::Object(object) = &new.rules.shape {
        let display = catalog::last(&match into {
            Target::Object(name) => name.clone(),
            Target::TableVariable(name) => tsql::Name(vec![name.clone()]),
        })
        .to_owned();
        for event in [
            TriggerEvent::Insert,
            TriggerEvent::Update,
            TriggerEvent::Delete,
        ] {
            if triggers::has(ex, new.rules.database, object, event, false)
                || triggers::has(ex, new.rules.database, object, event, true)
            {
                return Err(SqlError::new(
                    331,
                    16,
                    1,
                    format!(
                        "The target table '{display}' of the OUTPUT INTO clause cannot have any enabled triggers."
                    ),
                ));
            }
        }
        if let Some((constraint, _)) = new.rules.table().foreign_keys().next() {
            return Err(SqlError::new(
                332,
                16,
                1,
                format!(
                    "The target table '{display}' of the OUTPUT INTO clause cannot be on either side of a (primary key, foreign key) relationship. Found reference constraint '{}'.",
                    constraint.name
                ),
            ));
        }
        if let Some((constraint, _)) = new
            .rules
            .table()
            .checks()
            .find(|(constraint, _)| !constraint.disabled)
        {
            return Err(SqlError::new(
                333,
                16,
                1,
                format!(
                    "The target table '{display}' of the OUTPUT INTO clause cannot have any enabled check constraints or rules. Found check constraint or rule '{}'.",
                    constraint.name
                ),
            ));
        }
    }
    let write = new.write.clone();
    binder.requirements.extend(write);
    Ok(new)
}

impl BoundOutput {
    /// Whether the rows go to the client.
    pub(crate) fn is_for_client(&self) -> bool {
        self.into.is_none()
    }

    /// 13559: OUTPUT INTO a history table.
    pub(crate) fn refuse_history(&self) -> Result<(), SqlError> {
        match &self.into {
            Some(into) => history::refuse(&into.rules, 13559),
            None => Ok(()),
        }
    }

    /// 334: rows for the client and triggers do not go together.
    pub(crate) fn refuse_triggers(
        &self,
        binder: &Binder<'_, '_>,
        target: &BoundTarget,
        events: &[TriggerEvent],
    ) -> Result<(), SqlError> {
        let Some((database, object)) = &target.object else {
            return Ok(());
        };
        if self.is_for_client()
            && events.iter().any(|event| {
                triggers::has(binder.ex, *database, object, *event, false)
                    || triggers::has(binder.ex, *database, object, *event, true)
            })
        {
            return Err(messages::output_with_triggers(&target.name));
        }
        Ok(())
    }

    /// One row: `tuple` holds the statement's own slots.
    pub(crate) fn row(
        &self,
        run: &mut Run<'_, '_>,
        tuple: &[Slot],
        inserted: Option<&Row>,
        deleted: Option<&Row>,
        action: &str,
    ) -> Result<Vec<Value>, SqlError> {
        let slot = |row: Option<&Row>| match row {
            Some(row) => Slot::of(row.clone()),
            None => Slot::default(),
        };
        let mut tuple = tuple.to_vec();
        tuple.push(slot(inserted));
        tuple.push(slot(deleted));
        tuple.push(Slot::of(vec![Value::text(action)]));
        let scope = Scope::new(&tuple, None);
        let mut row = self
            .projection
            .iter()
            .map(|expr| expr.evaluate(run, &scope))
            .collect::<Result<Vec<Value>, SqlError>>()?;
        mask::apply(&self.columns, &mut row, run);
        Ok(row)
    }

    /// Hands the rows out, or stores them.
    pub(crate) fn deliver(
        &self,
        run: &mut Run<'_, '_>,
        rows: Vec<Vec<Value>>,
        sink: &mut dyn RowSink,
    ) -> Result<(), Errors> {
        let Some(into) = &self.into else {
            sink.columns(&result_columns(&self.columns))?;
            for row in &rows {
                sink.row(row)?;
            }
            return Ok(());
        };
        let types: Vec<SqlType> = self.columns.iter().map(|column| column.data_type).collect();
        let mut new = Vec::with_capacity(rows.len());
        for row in &rows {
            let given: Vec<Option<(Value, SqlType)>> = row
                .iter()
                .cloned()
                .zip(types.iter().copied())
                .map(Some)
                .collect();
            new.push(into.make(run, &given)?);
        }
        store::insert(run.ex, &into.rules, new.clone())?;
        into.rules.enforce(run, BlockOperation::AfterInsert, &new)?;
        Ok(())
    }
}

/// The rules of the target that a change goes to, for callers that only have the target.
pub(crate) fn rules_of(
    binder: &mut Binder<'_, '_>,
    target: &BoundTarget,
    base: usize,
) -> Result<Rules, SqlError> {
    Rules::for_statement(binder, &target.updatable.bases[base].rows)
}

/// The permission to read what OUTPUT of INSERT shows.
pub(crate) fn reading(
    binder: &mut Binder<'_, '_>,
    target: &mut BoundTarget,
    view_changed_itself: bool,
) {
    let Some(layer) = target.updatable.layers.first() else {
        return;
    };
    let _ = view_changed_itself;
    binder.requirements.push(crate::permissions::Requirement {
        token: layer.token.clone(),
        link: layer.link,
        object: layer.object.clone(),
        permission: Permission::SELECT,
        columns: Default::default(),
        scope: crate::permissions::Breadth::ReadIfNamed,
        history: None,
        group: 0,
    });
    target.requirement = Some(binder.requirements.len() - 1);
}
