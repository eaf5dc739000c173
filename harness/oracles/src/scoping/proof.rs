//! From plan to verdicts: does everything that survives carry the caller's tenant?
//!
//! The proof goes from the outside in. Whatever holds for the rows that survive (WHERE, ON, what
//! the other side of a join says) is carried to each row source; a tenant-owned table is bound
//! when its tenant's column is then equal to the caller's value. A row of another tenant that
//! does not satisfy what is carried there contributes to no row that survives, and, as all that
//! is carried is an equality that NULL does not satisfy, it keeps no row of an outer join from
//! being completed with NULLs either.
//!
//! - ON of an outer join filters the optional side only.
//! - When a condition further out needs a row of the optional side, the join is an inner one.
//! - Nothing is moved below TOP, OFFSET, an aggregate or a window, except conditions on what
//!   divides groups and partitions.

use super::formula::{Classes, Formula, LeafId, Term};
use super::plan::{Block, Body, Condition, Leaf, LeafKind, Operation, Query, Tree};
use super::verdict::{Binding, Reference};

/// What holds for every row that a query yields.
pub(crate) fn facts(leaves: &[Leaf], query: &Query) -> Formula {
    match &query.body {
        Body::Block(block) if block.always => Formula::nothing(),
        Body::Block(block) => {
            let said = Formula::All(vec![
                says(leaves, &block.filter),
                says(leaves, &block.having),
            ]);
            let mut present = Vec::new();
            said.present(&mut present);
            Formula::All(vec![of_tree(leaves, &block.tree, &present), said])
        }
        Body::Set {
            id,
            operation,
            left,
            right,
            ..
        } => {
            let side = |query: &Query| {
                Formula::All(vec![facts(leaves, query), placed(*id, query, |_| true)])
            };
            match operation {
                Operation::Union => Formula::Any(vec![side(left), side(right)]),
                Operation::Intersect => Formula::All(vec![side(left), side(right)]),
                Operation::Except => side(left),
            }
        }
        Body::Rows { id, rows, .. } => {
            let Some((first, rest)) = rows.split_first() else {
                return Formula::nothing();
            };
            let same = |column: &usize| {
                rest.iter()
                    .all(|row| row.get(*column) == first.get(*column))
            };
            let columns = (0..first.len()).filter(same);
            Formula::All(
                columns
                    .map(|column| Formula::Same(Term::Column(*id, column), first[column].clone()))
                    .collect(),
            )
        }
        Body::Recursive { id, callers, .. } => of_callers(*id, callers),
        Body::Call(_) => Formula::nothing(),
    }
}

/// What each column of a query is.
pub(crate) fn outputs(query: &Query) -> Vec<Term> {
    match &query.body {
        Body::Block(block) => block.outputs.clone(),
        Body::Set { id, .. } | Body::Rows { id, .. } | Body::Recursive { id, .. } => {
            (0..query.names.len())
                .map(|column| Term::Column(*id, column))
                .collect()
        }
        Body::Call(_) => Vec::new(),
    }
}

/// With which columns of a query can equality be passed on?
pub(crate) fn usable(query: &Query) -> Vec<bool> {
    let both = |all: &[&Query]| -> Vec<bool> {
        let sides: Vec<Vec<bool>> = all.iter().map(|one| usable(one)).collect();
        let column = |column: usize| {
            sides
                .iter()
                .all(|side| side.get(column).copied().unwrap_or(false))
        };
        (0..query.names.len()).map(column).collect()
    };
    match &query.body {
        Body::Block(block) => block
            .outputs
            .iter()
            .map(|one| *one != Term::Unknown)
            .collect(),
        Body::Set { left, right, .. } if left.open || right.open => {
            vec![false; query.names.len()]
        }
        Body::Set { left, right, .. } => both(&[left, right]),
        Body::Rows { rows, .. } => {
            let known = |row: &Vec<Term>, column: usize| {
                row.get(column).is_some_and(|term| *term != Term::Unknown)
            };
            let column = |column| rows.iter().all(|row| known(row, column));
            (0..query.names.len()).map(column).collect()
        }
        Body::Recursive { parts, .. } => both(&parts.iter().collect::<Vec<_>>()),
        Body::Call(_) => Vec::new(),
    }
}

/// May a condition on that column be moved into the query?
fn inward(query: &Query, column: usize) -> bool {
    match &query.body {
        Body::Block(block) => block.inward.get(column).copied().unwrap_or(false),
        Body::Set { sealed, .. } => !sealed,
        Body::Rows { .. } => true,
        Body::Recursive { .. } | Body::Call(_) => false,
    }
}

/// The columns of a row source are those of the query that yields it.
fn links(id: LeafId, query: &Query, which: impl Fn(usize) -> bool) -> Formula {
    let outputs = outputs(query).into_iter().enumerate();
    let chosen = outputs.filter(|(column, _)| which(*column));
    Formula::All(
        chosen
            .map(|(column, output)| Formula::Same(Term::Column(id, column), output))
            .collect(),
    )
}

/// The same where columns meet by position, as in a set operation: behind `*` of a source whose
/// columns are not known, no position is certain.
fn placed(id: LeafId, query: &Query, which: impl Fn(usize) -> bool) -> Formula {
    if query.open {
        return Formula::nothing();
    }
    links(id, query, which)
}

/// The first column of a query, where that is certain.
fn first(query: &Query) -> Term {
    let first = outputs(query).into_iter().next();
    first.filter(|_| !query.open).unwrap_or(Term::Unknown)
}

fn of_callers(id: LeafId, callers: &[usize]) -> Formula {
    let caller = |column: &usize| Formula::Same(Term::Column(id, *column), Term::Caller);
    Formula::All(callers.iter().map(caller).collect())
}

/// What a condition says when it is true.
pub(crate) fn says(leaves: &[Leaf], condition: &Condition) -> Formula {
    match condition {
        Condition::Says(formula) => formula.clone(),
        Condition::Reads(_) => Formula::nothing(),
        Condition::All(all) => Formula::All(all.iter().map(|one| says(leaves, one)).collect()),
        Condition::Any(any) => Formula::Any(any.iter().map(|one| says(leaves, one)).collect()),
        Condition::Exists(query) => facts(leaves, query),
        Condition::In(term, query) | Condition::Is(term, query) => Formula::All(vec![
            facts(leaves, query),
            Formula::Equal(term.clone(), first(query)),
        ]),
    }
}

/// How a join acts once it is known which rows must be there.
enum Shape<'a> {
    Inner(&'a Tree, &'a Tree),
    Left(&'a Tree, &'a Tree),
    Full(&'a Tree, &'a Tree),
}

fn shape<'a>(tree: &'a Tree, present: &[LeafId]) -> Option<(Shape<'a>, &'a Condition)> {
    let needed = |side: &Tree| {
        let mut leaves = Vec::new();
        side.leaves(&mut leaves);
        leaves.iter().any(|leaf| present.contains(leaf))
    };
    match tree {
        Tree::Nothing | Tree::Leaf(_) => None,
        Tree::Inner(left, right, on) => Some((Shape::Inner(left, right), on)),
        Tree::Left(left, right, on) if needed(right) => Some((Shape::Inner(left, right), on)),
        Tree::Left(left, right, on) => Some((Shape::Left(left, right), on)),
        Tree::Full(left, right, on) => Some((
            match (needed(left), needed(right)) {
                (true, true) => Shape::Inner(left, right),
                (true, false) => Shape::Left(left, right),
                (false, true) => Shape::Left(right, left),
                (false, false) => Shape::Full(left, right),
            },
            on,
        )),
    }
}

/// What holds for every row that a join yields, where those leaves are not completed with NULLs.
pub(crate) fn of_tree(leaves: &[Leaf], tree: &Tree, present: &[LeafId]) -> Formula {
    if let Tree::Leaf(id) = tree {
        return match &leaves[*id].kind {
            LeafKind::Derived(query) => {
                Formula::All(vec![facts(leaves, query), links(*id, query, |_| true)])
            }
            LeafKind::Known(callers) => of_callers(*id, callers),
            LeafKind::Owned { .. } | LeafKind::Opaque(_) => Formula::nothing(),
        };
    }
    let Some((shape, on)) = shape(tree, present) else {
        return Formula::nothing();
    };
    match shape {
        Shape::Inner(left, right) => {
            let on = says(leaves, on);
            let mut present = present.to_vec();
            on.present(&mut present);
            Formula::All(vec![
                of_tree(leaves, left, &present),
                of_tree(leaves, right, &present),
                on,
            ])
        }
        Shape::Left(kept, _) => of_tree(leaves, kept, present),
        Shape::Full(..) => Formula::nothing(),
    }
}

/// A proof in progress.
pub(crate) struct Proof<'a> {
    pub(crate) leaves: &'a [Leaf],
    pub(crate) references: &'a mut Vec<Reference>,
    /// What the variables hold that are not the caller's tenant.
    pub(crate) reasons: &'a std::collections::BTreeMap<String, String>,
    /// The tenant's column, as declared.
    pub(crate) column: &'a str,
    /// The calls that were met, with which arguments are the caller's tenant.
    pub(crate) called: Vec<(usize, Vec<bool>)>,
    /// Arguments of each call.
    pub(crate) arguments: Vec<Vec<Term>>,
}

/// What is carried to a place: what holds there, and what was left behind at outer joins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carried {
    pub(crate) holds: Vec<Formula>,
    pub(crate) withheld: Vec<Formula>,
}

impl Carried {
    pub(crate) fn and(&self, more: impl IntoIterator<Item = Formula>) -> Self {
        let mut carried = self.clone();
        carried.holds.extend(more);
        carried
    }

    fn present(&self) -> Vec<LeafId> {
        let mut present = Vec::new();
        self.holds
            .iter()
            .for_each(|formula| formula.present(&mut present));
        present
    }
}

impl Proof<'_> {
    /// Judges everything that a query refers to.
    pub(crate) fn query(&mut self, query: &Query, carried: &Carried) {
        match &query.body {
            Body::Block(block) => self.block(block, carried),
            Body::Set {
                id,
                operation,
                left,
                right,
                ..
            } => {
                let into = |side: &Query| placed(*id, side, |column| inward(side, column));
                let from = |side: &Query| {
                    Formula::All(vec![facts(self.leaves, side), placed(*id, side, |_| true)])
                };
                let (mut left_more, mut right_more) = (vec![into(left)], vec![into(right)]);
                match operation {
                    Operation::Union => {}
                    // A row of one side matters only when the other side has it, too.
                    Operation::Intersect => {
                        left_more.push(from(right));
                        right_more.push(from(left));
                    }
                    Operation::Except => right_more.push(from(left)),
                }
                self.query(left, &carried.and(left_more));
                self.query(right, &carried.and(right_more));
            }
            Body::Rows { queries, .. } => self.queries(queries, carried),
            Body::Recursive { parts, .. } => {
                for part in parts {
                    self.query(part, carried);
                }
            }
            Body::Call(call) => {
                let classes = Classes::of(&carried.holds);
                let arguments = self.arguments[*call].iter();
                let callers = arguments
                    .map(|argument| classes.is_caller(argument))
                    .collect();
                self.called.push((*call, callers));
            }
        }
    }

    pub(crate) fn queries(&mut self, queries: &[Query], carried: &Carried) {
        for query in queries {
            self.query(query, carried);
        }
    }

    fn block(&mut self, block: &Block, carried: &Carried) {
        let filter = says(self.leaves, &block.filter);
        let having = says(self.leaves, &block.having);
        let inside = carried.and([filter.clone(), having.clone()]);
        let tree = of_tree(self.leaves, &block.tree, &inside.present());
        self.tree(&block.tree, &inside);
        self.condition(&block.filter, &carried.and([tree.clone(), having.clone()]));
        // An aggregate without GROUP BY yields a row even when no row passed the WHERE.
        let after = if block.always {
            carried.clone()
        } else {
            carried.and([filter, tree])
        };
        self.condition(&block.having, &after);
        self.queries(&block.queries, &after.and([having]));
    }

    /// Judges the subqueries of a condition: each matters only where the rest of the
    /// conjunction holds.
    pub(crate) fn condition(&mut self, condition: &Condition, carried: &Carried) {
        let conjuncts = condition.conjuncts();
        let said: Vec<Formula> = conjuncts.iter().map(|one| says(self.leaves, one)).collect();
        for (index, conjunct) in conjuncts.iter().enumerate() {
            if matches!(conjunct, Condition::Says(_)) {
                continue;
            }
            let others = said.iter().enumerate().filter(|(other, _)| *other != index);
            let here = carried.and(others.map(|(_, formula)| formula.clone()));
            match conjunct {
                Condition::Says(_) | Condition::All(_) => {}
                Condition::Reads(queries) => self.queries(queries, &here),
                Condition::Any(any) => any.iter().for_each(|one| self.condition(one, &here)),
                Condition::Exists(query) | Condition::Is(_, query) => self.query(query, &here),
                Condition::In(term, query) => {
                    let first = if inward(query, 0) {
                        first(query)
                    } else {
                        Term::Unknown
                    };
                    let equal = Formula::Equal(term.clone(), first);
                    self.query(query, &here.and([equal]));
                }
            }
        }
    }

    pub(crate) fn tree(&mut self, tree: &Tree, carried: &Carried) {
        if let Tree::Leaf(id) = tree {
            self.leaf(*id, carried);
            return;
        }
        let present = carried.present();
        let Some((shape, on)) = shape(tree, &present) else {
            return;
        };
        let said = says(self.leaves, on);
        let mut with_on = present.clone();
        said.present(&mut with_on);
        let of = |tree: &Tree, present: &[LeafId]| of_tree(self.leaves, tree, present);
        match shape {
            Shape::Inner(left, right) => {
                let (of_left, of_right) = (of(left, &with_on), of(right, &with_on));
                self.tree(left, &carried.and([said.clone(), of_right.clone()]));
                self.tree(right, &carried.and([said, of_left.clone()]));
                self.condition(on, &carried.and([of_left, of_right]));
            }
            Shape::Left(kept, optional) => {
                let (of_kept, of_optional) = (of(kept, &present), of(optional, &with_on));
                let mut outside = carried.clone();
                outside.withheld.push(said.clone());
                self.tree(kept, &outside);
                self.tree(optional, &carried.and([said, of_kept.clone()]));
                self.condition(on, &carried.and([of_kept, of_optional]));
            }
            Shape::Full(left, right) => {
                let mut outside = carried.clone();
                outside.withheld.push(said);
                self.tree(left, &outside);
                self.tree(right, &outside);
                self.condition(on, carried);
            }
        }
    }

    fn leaf(&mut self, id: LeafId, carried: &Carried) {
        let leaves = self.leaves;
        match &leaves[id].kind {
            LeafKind::Owned { reference, column } => {
                let binding = self.binding(&Term::Column(id, *column), id, carried);
                self.references[*reference].binding = binding;
            }
            LeafKind::Derived(query) => {
                let inside = links(id, query, |column| inward(query, column));
                self.query(query, &carried.and([inside]));
            }
            LeafKind::Known(_) => {}
            LeafKind::Opaque(queries) => self.queries(queries, carried),
        }
    }

    /// Is the tenant's column the caller's, and why, or why not?
    pub(crate) fn binding(&self, own: &Term, id: LeafId, carried: &Carried) -> Binding {
        let classes = Classes::of(&carried.holds);
        let column = self.column;
        if classes.is_caller(own) {
            let direct = Formula::Equal(own.clone(), Term::Caller);
            let turned = Formula::Equal(Term::Caller, own.clone());
            let is_direct = carried
                .holds
                .iter()
                .any(|formula| states(formula, &direct, &turned));
            return Binding::bound(if is_direct {
                format!("{column} = the caller's tenant")
            } else {
                match classes.equals(own).iter().find_map(|term| self.named(term)) {
                    Some(other) => format!("{column} = {other} = the caller's tenant"),
                    None => format!("{column} follows to be the caller's tenant"),
                }
            });
        }
        for term in classes.equals(own) {
            match &term {
                Term::Variable(name) => {
                    let why = self
                        .reasons
                        .get(name)
                        .map_or("is not known", String::as_str);
                    return Binding::unbound(format!(
                        "{column} is compared with {name}, which {why}"
                    ));
                }
                Term::Literal(text) => {
                    return Binding::unbound(format!(
                        "{column} is compared with the literal {text}, which is not the caller's"
                    ));
                }
                _ => {}
            }
        }
        let beyond = Classes::of(carried.holds.iter().chain(&carried.withheld));
        if beyond.is_caller(own) {
            return Binding::unbound(format!(
                "{column} is compared in ON of an outer join, which keeps all rows of this side"
            ));
        }
        let other = |term: &Term| match term {
            // What a view or derived table shows is the column itself.
            Term::Column(leaf, _) if matches!(self.leaves[*leaf].kind, LeafKind::Derived(_)) => {
                None
            }
            term => self.named(term),
        };
        if let Some(other) = classes.equals(own).iter().find_map(other) {
            return Binding::unbound(format!("{column} = {other}, which is not bound itself"));
        }
        if let Some(how) = &self.leaves[id].misused {
            return Binding::unbound(format!("{column}: {how}"));
        }
        if carried.holds.iter().any(|formula| formula.chooses(own)) {
            return Binding::unbound(format!(
                "OR: {column} is not the caller's tenant in every branch"
            ));
        }
        Binding::unbound(format!(
            "nothing compares {column} with the caller's tenant"
        ))
    }

    /// The column as a reader would name it.
    fn named(&self, term: &Term) -> Option<String> {
        let Term::Column(leaf, position) = term else {
            return None;
        };
        let leaf = &self.leaves[*leaf];
        let column = leaf.columns.get(*position)?;
        let source = leaf.alias.as_ref().or_else(|| leaf.object.last())?;
        Some(format!("{source}.{column}"))
    }
}

fn states(formula: &Formula, direct: &Formula, turned: &Formula) -> bool {
    match formula {
        Formula::All(all) => all.iter().any(|one| states(one, direct, turned)),
        one => one == direct || one == turned,
    }
}
