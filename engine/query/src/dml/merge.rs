//! MERGE: each pair of target and source row takes the first WHEN clause that fits.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Errors, Permission, Row, RowId};
use tsql::{Merge, MergeAction, MergeMatch, Target, TriggerEvent, ValueOrDefault};
use values::{SqlError, SqlType, Value};

use crate::binder::{
    Binder, BoundTarget, Clause, conjuncts, full_join, place_condition, row_id, slots_of,
};
use crate::dml::delete::remove;
use crate::dml::insert::{NewRows, Written, check_assignable};
use crate::dml::output::{self, BoundOutput, Pseudo};
use crate::dml::rules::Rules;
use crate::dml::update::{
    Change, Set, assign, bind_sets, changed_columns, check_columns, check_options, complete, write,
};
use crate::dml::{
    atomic, history, one_base, refuse_unless_updatable, store, triggers, write_requirements,
};
use crate::execution::{Flow, Run, Scope, Slot, cut, for_each_row};
use crate::messages;
use crate::permissions::{self, Requirement};
use crate::plan::{Condition, Expr, Limit, Source};
use crate::state::{Execution, RowSink};

/// MERGE; returns the number of rows.
///
/// # Errors
/// What binding, permissions, evaluation and the table's rules raise; 8672 when two source rows
/// change one target row.
pub fn merge(ex: &mut Execution<'_>, merge: &Merge, sink: &mut dyn RowSink) -> Result<u64, Errors> {
    atomic(ex, |ex| {
        let plan = Plan::bind(ex, merge)?;
        permissions::check(ex.instance, &plan.requirements)?;
        plan.rules.note_policies(ex);
        history::refuse(&plan.rules, 13562)?;
        if let Some(output) = &plan.output {
            output.refuse_history()?;
        }
        plan.run(&mut Run::new(ex), sink)
    })
}

/// A value for each named column of a new row; `None` is DEFAULT.
type Given = Vec<Option<(Value, SqlType)>>;

enum Action {
    Update(Vec<Set>),
    Delete,
    /// The new row's target, and its values; `None` inside is DEFAULT.
    Insert(Box<NewRows>, Vec<Option<Written>>),
}

struct When {
    matched: MergeMatch,
    condition: Option<Condition>,
    action: Action,
}

struct Plan {
    slots: u16,
    source: Source,
    source_slots: BTreeSet<u16>,
    limit: Limit,
    target: BoundTarget,
    rules: Rules,
    defaults: Vec<Option<Expr>>,
    clauses: Vec<When>,
    output: Option<BoundOutput>,
    requirements: Vec<Requirement>,
}

impl Plan {
    fn bind(ex: &Execution<'_>, merge: &Merge) -> Result<Self, SqlError> {
        let mut binder = Binder::new(ex);
        binder.hints(&merge.hints)?;
        if let Some(with) = &merge.with {
            binder.with(with)?;
        }
        let name = match &merge.target {
            Target::Object(name) => name.clone(),
            Target::TableVariable(name) => tsql::Name(vec![name.clone()]),
        };
        binder.push_frame();
        let alias = merge
            .alias
            .as_ref()
            .map(|alias| crate::binder::table_alias(alias));
        let left = binder.target_relation(|binder| binder.named(&name, alias.as_ref()))?;
        let target = binder.target.take().expect("target_relation sets it");
        if let Some(requirement) = target.requirement {
            let group = binder.requirements[requirement].group;
            for other in &mut binder.requirements {
                if other.group == group {
                    other.group = 0;
                }
            }
        }
        refuse_unless_updatable(&target)?;
        let right = binder.factor(&merge.source)?;
        let source_slots = slots_of(&right);
        binder.frame().visible = true;
        let on = binder.in_clause(Clause::On, |binder| binder.condition(&merge.on))?;
        let mut source = full_join(left, right);
        for condition in conjuncts(on) {
            place_condition(&mut source, condition);
        }
        let rules = output::rules_of(&mut binder, &target, 0)?;
        let defaults = rules.defaults(ex)?;
        let mut clauses = Vec::with_capacity(merge.clauses.len());
        let mut events = Vec::new();
        for clause in &merge.clauses {
            let condition = match &clause.condition {
                Some(condition) => {
                    Some(binder.in_clause(Clause::Where, |it| it.condition(condition))?)
                }
                None => None,
            };
            let action = match &clause.action {
                MergeAction::Update(assignments) => {
                    if clause.matched == MergeMatch::NotMatchedByTarget {
                        return Err(not_allowed("UPDATE", "WHEN NOT MATCHED"));
                    }
                    let sets = bind_sets(&mut binder, assignments, &target)?;
                    let places: Vec<usize> = sets.iter().filter_map(|set| set.place).collect();
                    one_base(&target, places.iter().copied())?;
                    check_columns(&rules, &target, &sets)?;
                    binder.requirements.extend(write_requirements(
                        &target.updatable.layers,
                        0,
                        Permission::UPDATE,
                        Some(&places),
                        false,
                    ));
                    events.push(TriggerEvent::Update);
                    Action::Update(sets)
                }
                MergeAction::Delete => {
                    if clause.matched == MergeMatch::NotMatchedByTarget {
                        return Err(not_allowed("DELETE", "WHEN NOT MATCHED"));
                    }
                    binder.requirements.extend(write_requirements(
                        &target.updatable.layers,
                        0,
                        Permission::DELETE,
                        None,
                        false,
                    ));
                    events.push(TriggerEvent::Delete);
                    Action::Delete
                }
                MergeAction::Insert { columns, values } => {
                    if clause.matched != MergeMatch::NotMatchedByTarget {
                        return Err(not_allowed("INSERT", "WHEN MATCHED"));
                    }
                    let count = values.as_ref().map(Vec::len);
                    let mut new = NewRows::bind(&mut binder, &merge.target, columns, count)?;
                    let mut bound = Vec::new();
                    match values {
                        None => new.columns.clear(),
                        Some(values) => {
                            if values.len() != new.columns.len() {
                                return Err(if columns.is_empty() {
                                    messages::insert_value_count()
                                } else if values.len() > new.columns.len() {
                                    messages::too_many_insert_columns()
                                } else {
                                    messages::too_few_insert_values()
                                });
                            }
                            for (value, place) in values.iter().zip(&new.columns) {
                                bound.push(match value {
                                    ValueOrDefault::Default => None,
                                    ValueOrDefault::Expr(expr) => {
                                        let expr =
                                            binder.in_clause(Clause::Value, |it| it.expr(expr))?;
                                        check_assignable(
                                            &expr,
                                            &new.rules.table().columns[*place],
                                        )?;
                                        Some(Written::new(&binder, expr))
                                    }
                                });
                            }
                        }
                    }
                    let write = new.write.clone();
                    binder.requirements.extend(write);
                    events.push(TriggerEvent::Insert);
                    Action::Insert(Box::new(new), bound)
                }
            };
            clauses.push(When {
                matched: clause.matched,
                condition,
                action,
            });
        }
        let limit = match &merge.top {
            Some(top) => binder.top(top)?,
            None => Limit::default(),
        };
        let slots = binder.frame().slots;
        let output = match &merge.output {
            None => None,
            Some(output) => {
                let pseudo = Pseudo {
                    inserted: true,
                    deleted: true,
                    action: true,
                };
                let bound = output::bind(&mut binder, output, &target, Some(0), pseudo)?;
                bound.refuse_triggers(&binder, &target, &events)?;
                Some(bound)
            }
        };
        Ok(Self {
            slots,
            source,
            source_slots,
            limit,
            target,
            rules,
            defaults,
            clauses,
            output,
            requirements: binder.requirements,
        })
    }

    /// Asked after the permissions: who may not write here is told so, triggers or not.
    fn refuse_instead_of(&self, run: &Run<'_, '_>) -> Result<(), SqlError> {
        let events = [
            TriggerEvent::Insert,
            TriggerEvent::Update,
            TriggerEvent::Delete,
        ];
        let replaced = self
            .target
            .object
            .as_ref()
            .is_some_and(|(database, object)| {
                events
                    .into_iter()
                    .any(|event| triggers::instead_of(run.ex, *database, object, event))
            });
        if replaced {
            return Err(SqlError::unsupported(
                "MERGE into a target with INSTEAD OF triggers",
            ));
        }
        Ok(())
    }

    fn run(&self, run: &mut Run<'_, '_>, sink: &mut dyn RowSink) -> Result<u64, Errors> {
        self.refuse_instead_of(run)?;
        let cut = cut(&self.limit, run, None)?.at_most(run.ex.session.options.row_limit);
        let mut updates: BTreeMap<usize, Vec<Change>> = BTreeMap::new();
        let mut deletes: Vec<(RowId, Vec<Slot>)> = Vec::new();
        let mut inserts: Vec<(usize, Given, Vec<Slot>)> = Vec::new();
        let mut touched = BTreeSet::new();
        let mut count = 0usize;
        let keep = self.output.is_some();
        let mut tuple = vec![Slot::default(); usize::from(self.slots)];
        for_each_row(&self.source, run, &mut tuple, None, &mut |run, tuple| {
            if cut.take.is_some_and(|take| count >= take) {
                return Ok(Flow::Enough);
            }
            let scope = Scope::new(tuple, None);
            let id = self.target.updatable.bases[0]
                .row_id
                .evaluate(run, &scope)?;
            let id = row_id(&id);
            let has_source = self
                .source_slots
                .iter()
                .any(|slot| tuple[usize::from(*slot)].values.is_some());
            let matched = match (id, has_source) {
                (Some(_), true) => MergeMatch::Matched,
                (Some(_), false) => MergeMatch::NotMatchedBySource,
                (None, _) => MergeMatch::NotMatchedByTarget,
            };
            for (place, clause) in self.clauses.iter().enumerate() {
                if clause.matched != matched {
                    continue;
                }
                if let Some(condition) = &clause.condition
                    && !condition.holds(run, &Scope::new(tuple, None))?
                {
                    continue;
                }
                run.hold()?;
                count += 1;
                if let Some(id) = id
                    && !touched.insert(id)
                {
                    return Err(messages::merge_twice());
                }
                let kept = if keep { tuple.clone() } else { Vec::new() };
                match (&clause.action, id) {
                    (Action::Update(sets), Some(id)) => {
                        let mut new = BTreeMap::new();
                        assign(
                            run,
                            &self.rules,
                            &self.target,
                            sets,
                            &self.defaults,
                            tuple,
                            &mut new,
                        )?;
                        let change = Change {
                            id,
                            values: new,
                            tuple: kept,
                        };
                        updates.entry(place).or_default().push(change);
                    }
                    (Action::Delete, Some(id)) => deletes.push((id, kept)),
                    (Action::Insert(_, values), _) => {
                        let scope = Scope::new(tuple, None);
                        let given = values
                            .iter()
                            .map(|value| match value {
                                None => Ok(None),
                                Some(written) => written.evaluate(run, &scope).map(Some),
                            })
                            .collect::<Result<Given, SqlError>>()?;
                        inserts.push((place, given, kept));
                    }
                    _ => {}
                }
                break;
            }
            Ok(Flow::More)
        })?;
        self.apply(run, updates, deletes, inserts, sink)?;
        Ok(count as u64)
    }

    fn apply(
        &self,
        run: &mut Run<'_, '_>,
        updates: BTreeMap<usize, Vec<Change>>,
        deletes: Vec<(RowId, Vec<Slot>)>,
        inserts: Vec<(usize, Given, Vec<Slot>)>,
        sink: &mut dyn RowSink,
    ) -> Result<(), Errors> {
        let mut shown = Vec::new();
        let mut firings = Vec::new();
        // Deleted rows leave first and new ones come last, so that a key may change hands.
        let mut gone: Vec<Row> = Vec::with_capacity(deletes.len());
        for (id, _) in &deletes {
            gone.push(
                store::get(run.ex, &self.rules.stored, *id)
                    .ok_or_else(|| messages::invalid_object(&self.rules.name))?,
            );
        }
        if !deletes.is_empty() {
            let ids: Vec<RowId> = deletes.iter().map(|(id, _)| *id).collect();
            remove(run, &self.rules, &ids, &gone, "MERGE", &mut firings)?;
        }
        for (place, changes) in &updates {
            let Action::Update(sets) = &self.clauses[*place].action else {
                continue;
            };
            let changed = changed_columns(sets, &self.target);
            let done = complete(run, &self.rules, changes, &changed, false)?;
            write(run, &self.rules, &done, &changed, "MERGE", &mut firings)?;
            let ids = done.iter().map(|(id, ..)| *id).collect();
            check_options(run, &self.target, 0, &ids)?;
            if let Some(output) = &self.output {
                for (change, (_, old, new)) in changes.iter().zip(&done) {
                    shown.push(output.row(run, &change.tuple, Some(new), Some(old), "UPDATE")?);
                }
            }
        }
        let mut made: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for (place, given, tuple) in &inserts {
            let Action::Insert(new, _) = &self.clauses[*place].action else {
                continue;
            };
            let row = new.make(run, given)?;
            if let Some(output) = &self.output {
                shown.push(output.row(run, tuple, Some(&row), None, "INSERT")?);
            }
            made.entry(*place).or_default().push(row);
        }
        for (place, rows) in &made {
            let Action::Insert(new, _) = &self.clauses[*place].action else {
                continue;
            };
            new.write_rows(run, rows)?;
            let all: Vec<usize> = (0..new.rules.table().columns.len()).collect();
            firings.extend(triggers::after(
                run.ex,
                &new.rules,
                TriggerEvent::Insert,
                rows,
                &[],
                all,
            ));
        }
        if let Some(output) = &self.output {
            for ((_, tuple), row) in deletes.iter().zip(&gone) {
                shown.push(output.row(run, tuple, None, Some(row), "DELETE")?);
            }
            output.deliver(run, shown, sink)?;
        }
        // AFTER triggers fire once per action, INSERT first.
        firings.sort_by_key(|firing| firing.event);
        triggers::fire(run.ex, firings)?;
        Ok(())
    }
}

fn not_allowed(action: &str, clause: &str) -> SqlError {
    SqlError::new(
        10710,
        15,
        1,
        format!(
            "An action of type '{action}' is not allowed in the '{clause}' clause of a MERGE statement."
        ),
    )
}
