//! DELETE: which rows go, and what goes with them.

use std::collections::BTreeSet;

use catalog::{BlockOperation, Errors, Permission, Row, RowId};
use tsql::{Delete, TriggerEvent};
use values::{SqlError, Value};

use crate::binder::{
    Binder, BoundTarget, Clause, Frame, conjuncts, place_conditions, plan_seeks, row_id,
};
use crate::dml::output::{self, BoundOutput, Pseudo};
use crate::dml::rules::Rules;
use crate::dml::{
    atomic, bind_from, history, references, refuse_unless_updatable, store, triggers,
    write_requirements,
};
use crate::execution::{Flow, Run, Scope, Slot, cut, for_each_row, truth};
use crate::messages;
use crate::permissions::{self, Requirement};
use crate::plan::{Condition, Limit, Source};
use crate::state::{Execution, ModuleRef, RowSink, TriggerFiring};

/// DELETE; returns the number of rows.
///
/// # Errors
/// What binding, permissions, evaluation and the table's rules raise.
pub fn delete(
    ex: &mut Execution<'_>,
    delete: &Delete,
    sink: &mut dyn RowSink,
) -> Result<u64, Errors> {
    atomic(ex, |ex| {
        let plan = Plan::bind(ex, delete)?;
        permissions::check(ex.instance, &plan.requirements)?;
        if let Some(rules) = &plan.rules {
            rules.note_policies(ex);
            history::refuse(rules, 13560)?;
        }
        if let Some(output) = &plan.output {
            output.refuse_history()?;
        }
        plan.run(&mut Run::new(ex), sink)
    })
}

struct Plan {
    slots: u16,
    source: Source,
    filter: Vec<Condition>,
    limit: Limit,
    target: BoundTarget,
    rules: Option<Rules>,
    output: Option<BoundOutput>,
    instead_of: Option<ModuleRef>,
    requirements: Vec<Requirement>,
}

impl Plan {
    fn bind(ex: &Execution<'_>, delete: &Delete) -> Result<Self, SqlError> {
        let mut binder = Binder::new(ex);
        binder.hints(&delete.hints)?;
        if let Some(with) = &delete.with {
            binder.with(with)?;
        }
        binder.push_frame();
        let (mut source, target) = bind_from(&mut binder, &delete.target, &delete.from)?;
        let instead_of = target.object.as_ref().and_then(|(database, object)| {
            triggers::instead_of(ex, *database, object, TriggerEvent::Delete).then_some(ModuleRef {
                database: *database,
                object: object.id,
            })
        });
        let view_itself = instead_of.is_some()
            && target
                .object
                .as_ref()
                .is_some_and(|(_, object)| object.is_view());
        let rules = if view_itself {
            None
        } else {
            refuse_unless_updatable(&target)?;
            if target.updatable.bases.len() > 1 {
                return Err(messages::view_several_tables(&target.name));
            }
            Some(output::rules_of(&mut binder, &target, 0)?)
        };
        let mut filter = Vec::new();
        if let Some(condition) = &delete.selection {
            let condition = binder.in_clause(Clause::Where, |it| it.condition(condition))?;
            filter = place_conditions(&mut source, conjuncts(condition));
        }
        if let Some(Frame::Select(frame)) = binder.frames.last() {
            plan_seeks(&mut source, &frame.relations, ex);
        }
        let limit = match &delete.top {
            Some(top) => binder.top(top)?,
            None => Limit::default(),
        };
        let slots = binder.frame().slots;
        let output = match &delete.output {
            None => None,
            Some(output) => {
                let pseudo = Pseudo {
                    inserted: false,
                    deleted: true,
                    action: false,
                };
                let of = (!view_itself).then_some(0);
                let bound = output::bind(&mut binder, output, &target, of, pseudo)?;
                bound.refuse_triggers(&binder, &target, &[TriggerEvent::Delete])?;
                Some(bound)
            }
        };
        binder.requirements.extend(write_requirements(
            &target.updatable.layers,
            0,
            Permission::DELETE,
            None,
            view_itself,
        ));
        Ok(Self {
            slots,
            source,
            filter,
            limit,
            target,
            rules,
            output,
            instead_of,
            requirements: binder.requirements,
        })
    }

    fn run(&self, run: &mut Run<'_, '_>, sink: &mut dyn RowSink) -> Result<u64, Errors> {
        let cut = cut(&self.limit, run, None)?.at_most(run.ex.session.options.row_limit);
        let mut gone: Vec<(RowId, Vec<Slot>)> = Vec::new();
        let mut whole: Vec<Vec<Value>> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut tuple = vec![Slot::default(); usize::from(self.slots)];
        for_each_row(&self.source, run, &mut tuple, None, &mut |run, tuple| {
            if !truth(&self.filter, run, &Scope::new(tuple, None))? {
                return Ok(Flow::More);
            }
            if cut
                .take
                .is_some_and(|take| gone.len().max(whole.len()) >= take)
            {
                return Ok(Flow::Enough);
            }
            if self.rules.is_none() {
                run.hold()?;
                whole.push(
                    (0..self.target.columns.len())
                        .map(|place| tuple[usize::from(self.target.slot)].get(place).clone())
                        .collect(),
                );
                return Ok(Flow::More);
            }
            let id = self.target.updatable.bases[0]
                .row_id
                .evaluate(run, &Scope::new(tuple, None))?;
            let Some(id) = row_id(&id) else {
                return Ok(Flow::More);
            };
            if seen.insert(id) {
                run.hold()?;
                gone.push((
                    id,
                    if self.output.is_some() {
                        tuple.clone()
                    } else {
                        Vec::new()
                    },
                ));
            }
            Ok(Flow::More)
        })?;
        if self.limit.percent {
            let range = cut.range(gone.len(), |_, _| false);
            gone = gone.drain(range).collect();
        }
        let Some(rules) = &self.rules else {
            let on = self
                .instead_of
                .expect("only a view with a trigger has no rules");
            let count = whole.len() as u64;
            triggers::fire(run.ex, vec![instead(on, whole)])?;
            return Ok(count);
        };
        let count = gone.len() as u64;
        let mut rows: Vec<Row> = Vec::with_capacity(gone.len());
        for (id, _) in &gone {
            rows.push(
                store::get(run.ex, &rules.stored, *id)
                    .ok_or_else(|| messages::invalid_object(&rules.name))?,
            );
        }
        if let Some(on) = self.instead_of {
            let rows = rows.iter().map(|row| row.to_vec()).collect();
            triggers::fire(run.ex, vec![instead(on, rows)])?;
            return Ok(count);
        }
        let ids: Vec<RowId> = gone.iter().map(|(id, _)| *id).collect();
        let mut firings = Vec::new();
        remove(run, rules, &ids, &rows, "DELETE", &mut firings)?;
        if let Some(output) = &self.output {
            let mut shown = Vec::with_capacity(rows.len());
            for ((_, tuple), row) in gone.iter().zip(&rows) {
                shown.push(output.row(run, tuple, None, Some(row), "DELETE")?);
            }
            output.deliver(run, shown, sink)?;
        }
        triggers::fire(run.ex, firings)?;
        Ok(count)
    }
}

fn instead(on: ModuleRef, deleted: Vec<Vec<Value>>) -> TriggerFiring {
    TriggerFiring {
        on,
        instead_of: true,
        event: TriggerEvent::Delete,
        inserted: Vec::new(),
        deleted,
        updated_columns: Vec::new(),
    }
}

/// Removes rows, with what refers to them; AFTER firings are added to the list.
pub(crate) fn remove(
    run: &mut Run<'_, '_>,
    rules: &Rules,
    ids: &[RowId],
    rows: &[Row],
    statement: &str,
    firings: &mut Vec<TriggerFiring>,
) -> Result<(), SqlError> {
    rules.enforce(run, BlockOperation::BeforeDelete, rows)?;
    store::delete(run, rules, ids)?;
    firings.extend(triggers::after(
        run.ex,
        rules,
        TriggerEvent::Delete,
        &[],
        rows,
        Vec::new(),
    ));
    let pairs: Vec<(Row, Option<Row>)> = rows.iter().map(|row| (row.clone(), None)).collect();
    references::follow(run, rules, &pairs, statement, 0, firings)
}
