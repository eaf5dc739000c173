//! MERGE: a target that is judged clause by clause.

use std::collections::BTreeMap;

use tsql::sql;
use tsql::{Merge, MergeAction, MergeMatch, Target, ValueOrDefault};

use super::{Rows, fill, moved, outcome, owned_leaf, taint};
use crate::scoping::binder::Binder;
use crate::scoping::flow::Flow;
use crate::scoping::formula::{Classes, Formula, LeafId, Term};
use crate::scoping::plan::{Condition, Tree};
use crate::scoping::proof::{Carried, Proof, of_tree, says};
use crate::scoping::verdict::{Binding, Reference};

/// `MERGE`.
pub(crate) fn merge(flow: &mut Flow<'_>, line: u32, text: &str, merge: &Merge) {
    let mut binder = flow.binder();
    if let Some(with) = &merge.with {
        binder.with(with);
    }
    binder.frame_mut().scopes.push(Vec::new());
    let source = binder.from(&[sql::TableWithJoins {
        relation: merge.source.clone(),
        joins: Vec::new(),
    }]);
    let alias = merge.alias.as_ref().map(|alias| alias.to_lowercase());
    let name: Vec<String> = match &merge.target {
        Target::TableVariable(name) => vec![name.to_lowercase()],
        Target::Object(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
    };
    let target = binder.named(&name, alias, &[], line);
    let on = binder.condition(&merge.on, false);
    let on_says = says(&binder.leaves, &on);
    let of_source = of_tree(&binder.leaves, &source, &[]);
    let of_target = of_tree(&binder.leaves, &target, &[]);
    let has = |matched: MergeMatch| merge.clauses.iter().any(|one| one.matched == matched);
    let mut owned = Vec::new();
    if let Tree::Leaf(id) = target {
        owned_leaf(&binder.leaves, id, &mut owned);
    }
    // The verdict of the target is put together clause by clause.
    let mut carried = Vec::new();
    let mut failures: Vec<String> = Vec::new();
    let mut conditions = Vec::new();
    let mut queries = Vec::new();
    if has(MergeMatch::NotMatchedByTarget) {
        // Whether a row of the source is new depends on every row that ON finds.
        carried.push((vec![on_says.clone(), of_source.clone()], "WHEN NOT MATCHED"));
    }
    for clause in &merge.clauses {
        let condition = match &clause.condition {
            Some(condition) => binder.condition(condition, false),
            None => Condition::nothing(),
        };
        let said = says(&binder.leaves, &condition);
        conditions.push(condition);
        let here = match clause.matched {
            MergeMatch::Matched => {
                let here = vec![on_says.clone(), of_source.clone(), of_target.clone(), said];
                carried.push((here.clone(), "WHEN MATCHED"));
                here
            }
            MergeMatch::NotMatchedByTarget => vec![of_source.clone(), said],
            MergeMatch::NotMatchedBySource => {
                let here = vec![of_target.clone(), said];
                carried.push((here.clone(), "WHEN NOT MATCHED BY SOURCE"));
                here
            }
        };
        let classes = Classes::of(&here);
        match &clause.action {
            MergeAction::Delete => {}
            MergeAction::Update(assignments) => {
                for assignment in assignments {
                    if let ValueOrDefault::Expr(expr) = &assignment.value {
                        queries.extend(binder.reads(expr));
                    }
                }
                let all = Formula::All(here);
                failures.extend(moved(&binder, flow, assignments, &all, line));
            }
            MergeAction::Insert { columns, values } => {
                let mut row = Vec::new();
                for value in values.iter().flatten() {
                    row.push(match value {
                        ValueOrDefault::Expr(expr) => {
                            queries.extend(binder.reads(expr));
                            let term = binder.term(expr);
                            Some(if classes.is_caller(&term) {
                                Term::Caller
                            } else {
                                Term::Unknown
                            })
                        }
                        ValueOrDefault::Default => None,
                    });
                }
                let rows = match values {
                    Some(_) => Rows::Values(vec![row]),
                    None => Rows::Unknown("defaults"),
                };
                let columns: Vec<String> = columns.iter().map(|own| own.to_lowercase()).collect();
                let mark = binder.references.len();
                let filled = fill(&mut binder, &merge.target, &columns, &rows, line);
                let inserted = binder.references.split_off(mark);
                for reference in inserted {
                    if let Binding::Unbound { why } = reference.binding {
                        failures.push(format!("WHEN NOT MATCHED: {why}"));
                    }
                }
                filled.apply(flow, None);
            }
        }
    }
    // The source: with only matched clauses, a row that ON does not find has no effect.
    let only_matched = !has(MergeMatch::NotMatchedByTarget) && !has(MergeMatch::NotMatchedBySource);
    let mut around = Carried::default();
    if only_matched {
        around = around.and([on_says.clone(), of_target.clone()]);
    }
    let bindings: Vec<(usize, Binding)> = {
        let reasons = binder.reasons.clone();
        let mut nowhere = Vec::new();
        let proof = proof_of(&binder, &reasons, &mut nowhere);
        let judge = |&(id, reference, column): &(LeafId, usize, usize)| {
            let own = Term::Column(id, column);
            let mut binding = Binding::bound("no clause reads or changes its rows");
            for (holds, clause) in &carried {
                let carried = Carried {
                    holds: holds.clone(),
                    withheld: Vec::new(),
                };
                // Through a view, the tenant's column is what the view says it is.
                let found = proof.binding(&own, id, &carried);
                match found {
                    Binding::Bound { .. } => binding = found,
                    Binding::Unbound { why } => {
                        return (reference, Binding::unbound(format!("{clause}: {why}")));
                    }
                }
            }
            match failures.first() {
                Some(why) => (reference, Binding::unbound(why.clone())),
                None => (reference, binding),
            }
        };
        owned.iter().map(judge).collect()
    };
    let arguments: Vec<Vec<Term>> = binder
        .calls
        .iter()
        .map(|call| call.arguments.clone())
        .collect();
    let called = {
        let reasons = binder.reasons.clone();
        let mut references = std::mem::take(&mut binder.references);
        let mut proof = Proof {
            leaves: &binder.leaves,
            references: &mut references,
            reasons: &reasons,
            column: &binder.tenancy.column,
            called: Vec::new(),
            arguments,
        };
        proof.tree(&source, &around);
        // Inside a view, other tables than the target's are judged by the view alone.
        proof.tree(&target, &Carried::default());
        proof.condition(&on, &Carried::default().and([of_source.clone()]));
        for condition in &conditions {
            proof.condition(condition, &Carried::default());
        }
        proof.queries(&queries, &Carried::default());
        let called = std::mem::take(&mut proof.called);
        binder.references = references;
        called
    };
    let mut references = std::mem::take(&mut binder.references);
    for (reference, binding) in bindings {
        references[reference].binding = binding;
    }
    for (call, callers) in called {
        let call = binder.calls[call].clone();
        references.extend(crate::scoping::calls::function(flow, &call, &callers));
    }
    let bound = references.iter().all(Reference::bound);
    let into = outcome(
        &mut binder,
        merge.output.as_ref(),
        &merge.target,
        bound,
        &[],
        line,
    );
    references.append(&mut binder.references);
    let unbound = references.iter().find(|reference| !reference.bound());
    let tainted = unbound.map(|unbound| taint(line, unbound));
    if let Some(into) = into {
        into.apply(flow, tainted.as_ref());
    }
    if let Some(temporary) = name
        .last()
        .and_then(|name| flow.state.temporaries.get_mut(name))
    {
        temporary.callers.clear();
        if let Some(why) = tainted {
            temporary.tainted.get_or_insert(why);
        }
    }
    flow.note(line, text, references);
}

fn proof_of<'a>(
    binder: &'a Binder<'_>,
    reasons: &'a BTreeMap<String, String>,
    references: &'a mut Vec<Reference>,
) -> Proof<'a> {
    Proof {
        leaves: &binder.leaves,
        references,
        reasons,
        column: &binder.tenancy.column,
        called: Vec::new(),
        arguments: Vec::new(),
    }
}
