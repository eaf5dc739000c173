//! INSERT, UPDATE, DELETE, MERGE: which rows change, and whose are they afterwards?

mod merge;

pub(crate) use merge::merge;

use std::collections::BTreeSet;

use tsql::sql::{self, SetExpr};
use tsql::{
    Assignment, Delete, Insert, InsertSource, ModuleBody, Output, SelectAssign, Target, Update,
    ValueOrDefault,
};

use super::binder::{Binder, Pseudo, bare};
use super::catalog::{Found, FoundRef, Table};
use super::conversion::Kind;
use super::flow::Flow;
use super::formula::{Classes, Formula, LeafId, Term};
use super::plan::{Body, Condition, Leaf, LeafKind, Query, Tree};
use super::proof::{facts, of_tree, outputs, says};
use super::state::{Temporary, Value};
use super::verdict::{Binding, Reference};

/// `SELECT … INTO #t`.
pub(crate) fn select_into(flow: &mut Flow<'_>, line: u32, query: &sql::Query) {
    let SetExpr::Select(select) = &*query.body else {
        return;
    };
    let Some(into) = &select.into else { return };
    let Some(sql::Expr::Identifier(target)) = into.targets.first() else {
        return;
    };
    let name = target.value.to_lowercase();
    if !name.starts_with('#') {
        return;
    }
    let mut binder = flow.binder();
    let bound = binder.query(query);
    let callers = binder.callers_of(&bound);
    let usable = super::proof::usable(&bound);
    let names = bound
        .names
        .iter()
        .map(|name| name.clone().unwrap_or_default());
    let columns: Vec<(String, bool)> = names.zip(usable).collect();
    let callers = callers.iter().filter_map(|&column| columns.get(column));
    let callers = callers.map(|(column, _)| column.clone()).collect();
    let tainted = unbound_at(flow, line);
    let temporary = Temporary {
        callers,
        columns: (!bound.open).then_some(columns),
        tainted,
    };
    flow.state.temporaries.insert(name, temporary);
}

/// Why rows that the statement on that line handed on may be another tenant's.
fn unbound_at(flow: &Flow<'_>, line: u32) -> Option<String> {
    let last = flow.out.last().filter(|statement| statement.line == line)?;
    let unbound = last.unbound().next()?;
    Some(taint(line, unbound))
}

fn taint(line: u32, unbound: &Reference) -> String {
    format!(
        "line {line} filled it from {}, which is not bound",
        unbound.table
    )
}

/// `SELECT @a = x …`.
pub(crate) fn select_assign(flow: &mut Flow<'_>, line: u32, text: &str, select: &SelectAssign) {
    let mut binder = flow.binder();
    for variable in &select.variables {
        binder.forget(variable);
    }
    let query = binder.query(&select.query);
    let callers = binder.callers_of(&query);
    let constant = |position: usize| {
        // `SELECT @sql = N'…'` without FROM is an assignment like any other.
        let SetExpr::Select(one) = &*select.query.body else {
            return None;
        };
        let bare = one.from.is_empty() && one.selection.is_none();
        match one.projection.get(position) {
            Some(sql::SelectItem::UnnamedExpr(expr)) if bare => Some(expr),
            _ => None,
        }
    };
    let mut values = Vec::new();
    for (position, variable) in select.variables.iter().enumerate() {
        let value = match constant(position) {
            Some(expr) => super::guard::value_of(&mut flow.binder(), &flow.state, expr, line),
            None if callers.contains(&position) => Value::Caller { context: false },
            None => Value::Other(format!("is read from a table on line {line}")),
        };
        values.push((variable.clone(), value, constant(position).is_none()));
    }
    let references = flow.prove(&mut binder, std::slice::from_ref(&query));
    flow.note(line, text, references);
    for (variable, value, may_keep) in values {
        let before = flow.state.clone();
        flow.assign(&variable, value);
        if may_keep {
            // Without a row the variable keeps what it held.
            let name = variable.to_lowercase();
            let joined = flow.state.join(&before);
            if let (Some(own), Some(joined)) = (
                flow.state.variables.get_mut(&name),
                joined.variables.get(&name),
            ) {
                own.value = joined.value.clone();
            }
        }
    }
}

/// Where rows of an INSERT come from.
enum Rows {
    Values(Vec<Vec<Option<Term>>>),
    Query(Query),
    Unknown(&'static str),
}

impl Rows {
    /// Is the value at that position the caller's tenant in every row?
    fn caller(&self, leaves: &[Leaf], position: usize, column: &str) -> Result<(), String> {
        match self {
            Self::Unknown(why) => Err(format!("{column} comes from {why}")),
            Self::Values(rows) => {
                for row in rows {
                    match row.get(position) {
                        Some(Some(Term::Caller)) => {}
                        Some(None) => return Err(format!("{column} is given its default")),
                        _ => {
                            return Err(format!(
                                "{column} is given a value that is not the caller's tenant"
                            ));
                        }
                    }
                }
                Ok(())
            }
            Self::Query(query) => {
                let said = facts(leaves, query);
                let output = outputs(query)
                    .into_iter()
                    .nth(position)
                    .unwrap_or(Term::Unknown);
                // Behind `*` of a source whose columns are not known, positions are not certain.
                if !query.open && Classes::of([&said]).is_caller(&output) {
                    Ok(())
                } else {
                    Err(format!("{column} is read from something that is not bound"))
                }
            }
        }
    }
}

/// `INSERT`.
pub(crate) fn insert(flow: &mut Flow<'_>, line: u32, text: &str, insert: &Insert) {
    if let InsertSource::Execute(statement) = &insert.source {
        flow.run(std::slice::from_ref(statement));
    }
    let mut binder = flow.binder();
    if let Some(with) = &insert.with {
        binder.with(with);
    }
    let mut plans = Vec::new();
    let rows = match &insert.source {
        InsertSource::Values(rows) => {
            let mut terms = Vec::new();
            for row in rows {
                let mut out = Vec::new();
                for value in row {
                    out.push(match value {
                        ValueOrDefault::Expr(expr) => {
                            plans.extend(binder.reads(expr));
                            Some(value_term(&mut binder, flow, expr, line))
                        }
                        ValueOrDefault::Default => None,
                    });
                }
                terms.push(out);
            }
            Rows::Values(terms)
        }
        InsertSource::Query(query) => {
            let query = binder.query(query);
            plans.push(query.clone());
            Rows::Query(query)
        }
        InsertSource::DefaultValues => Rows::Unknown("defaults"),
        InsertSource::Execute(_) => Rows::Unknown("EXEC"),
    };
    let columns: Vec<String> = insert
        .columns
        .iter()
        .map(|own| own.to_lowercase())
        .collect();
    let filled = fill(&mut binder, &insert.target, &columns, &rows, line);
    let references = flow.prove(&mut binder, &plans);
    let bound = references.iter().all(Reference::bound);
    let into = outcome(
        &mut binder,
        insert.output.as_ref(),
        &insert.target,
        bound,
        &[],
        line,
    );
    let mut references = references;
    references.append(&mut binder.references);
    let unbound = references.iter().find(|reference| !reference.bound());
    let tainted = unbound.map(|unbound| taint(line, unbound));
    filled.apply(flow, tainted.as_ref());
    if let Some(into) = into {
        into.apply(flow, tainted.as_ref());
    }
    flow.note(line, text, references);
}

/// The term of a value, through scalar subqueries and functions that pass the caller's on.
fn value_term(binder: &mut Binder<'_>, flow: &Flow<'_>, expr: &sql::Expr, line: u32) -> Term {
    let term = binder.term(expr);
    if term != Term::Unknown {
        return term;
    }
    let known = binder.frames.len() == 1 && binder.frame().scopes.is_empty() && !flow.labels;
    match known.then(|| super::guard::value_of(binder, &flow.state, expr, line)) {
        Some(Value::Caller { .. }) => Term::Caller,
        _ => Term::Unknown,
    }
}

/// What an insertion leaves in a temporary table.
struct Filled {
    name: Option<String>,
    /// Columns that are the caller's tenant in the new rows; `None` is not known.
    callers: BTreeSet<String>,
}

impl Filled {
    fn nothing() -> Self {
        Self {
            name: None,
            callers: BTreeSet::new(),
        }
    }

    fn apply(&self, flow: &mut Flow<'_>, tainted: Option<&String>) {
        let Some(name) = &self.name else { return };
        if let Some(temporary) = flow.state.temporaries.get_mut(name) {
            temporary.callers = &temporary.callers & &self.callers;
            if let Some(why) = tainted {
                temporary.tainted.get_or_insert_with(|| why.clone());
            }
        }
    }
}

/// Judges the rows that an insertion puts into its target.
fn fill(
    binder: &mut Binder<'_>,
    target: &Target,
    columns: &[String],
    rows: &Rows,
    line: u32,
) -> Filled {
    let name: Vec<String> = match target {
        Target::TableVariable(name) => vec![name.to_lowercase()],
        Target::Object(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
    };
    let object = name.last().cloned().unwrap_or_default();
    if object.starts_with('#') || object.starts_with('@') {
        let known = binder.frame().temporaries.temporaries.get(&object);
        let all = known
            .and_then(|temporary| temporary.columns.clone())
            .unwrap_or_default();
        let all: Vec<String> = all.into_iter().map(|(column, _)| column).collect();
        let written = if columns.is_empty() {
            &all[..]
        } else {
            columns
        };
        let caller = |(position, column): (usize, &String)| {
            rows.caller(&binder.leaves, position, column)
                .is_ok()
                .then(|| column.clone())
        };
        return Filled {
            callers: written.iter().enumerate().filter_map(caller).collect(),
            name: Some(object),
        };
    }
    if name.len() == 1 && binder.is_cte(&object) {
        binder.refuse(
            &object,
            line,
            "INSERT into a common table expression is not followed",
        );
        return Filled::nothing();
    }
    match binder.resolve(&name) {
        Found::System => {}
        Found::Object(FoundRef::Table(table), _) => {
            if table.owned {
                let reference = binder.reference(&table.object, None, line);
                let column = binder.tenancy.column.clone();
                binder.references[reference].binding = given(binder, table, columns, rows, &column);
            }
        }
        Found::Object(FoundRef::Routine(_), _) => through_view(binder, &name, columns, rows, line),
        Found::Missing(why) => binder.refuse(&name.join("."), line, why),
        Found::Synonym(_) => binder.refuse(&name.join("."), line, "a synonym for a synonym"),
    }
    Filled::nothing()
}

fn given(
    binder: &Binder<'_>,
    table: &Table,
    columns: &[String],
    rows: &Rows,
    column: &str,
) -> Binding {
    let position = if columns.is_empty() {
        let written = table.columns.iter().filter(|own| !own.skipped);
        written
            .clone()
            .position(|own| own.name.eq_ignore_ascii_case(column))
    } else {
        columns
            .iter()
            .position(|own| own.eq_ignore_ascii_case(column))
    };
    let Some(position) = position else {
        return Binding::unbound(format!("{column} is not given a value"));
    };
    match rows.caller(&binder.leaves, position, column) {
        Ok(()) => Binding::bound(format!("{column} is given the caller's tenant")),
        Err(why) => Binding::unbound(why),
    }
}

/// INSERT through a view: its own condition binds the new rows when it has CHECK OPTION.
fn through_view(
    binder: &mut Binder<'_>,
    name: &[String],
    columns: &[String],
    rows: &Rows,
    line: u32,
) {
    let checked = match binder.resolve(name) {
        Found::Object(FoundRef::Routine(routine), _) => match &routine.source {
            Ok(module) => matches!(
                &module.body,
                ModuleBody::View {
                    check_option: true,
                    ..
                }
            ),
            Err(_) => false,
        },
        _ => false,
    };
    let first = binder.references.len();
    let Tree::Leaf(id) = binder.named(name, None, &[], line) else {
        return;
    };
    let leaf = binder.leaves[id].clone();
    let LeafKind::Derived(query) = &leaf.kind else {
        return;
    };
    let said = facts(&binder.leaves, query);
    let classes = Classes::of([&said]);
    let owned = owned_leaves(&binder.leaves, query);
    for &(base, reference, column) in &owned {
        let own = Term::Column(base, column);
        let binding = if checked && classes.is_caller(&own) {
            Binding::bound("the view's WITH CHECK OPTION demands the caller's tenant")
        } else {
            let shown = outputs(query).iter().position(|output| *output == own);
            let name = shown.and_then(|shown| leaf.columns.get(shown));
            let position = match (name, shown) {
                (Some(name), Some(_)) if !columns.is_empty() => {
                    columns.iter().position(|column| column == name)
                }
                (Some(_), Some(shown)) => Some(shown),
                _ => None,
            };
            let tenant = binder.tenancy.column.clone();
            match position.map(|position| rows.caller(&binder.leaves, position, &tenant)) {
                Some(Ok(())) => Binding::bound(format!("{tenant} is given the caller's tenant")),
                Some(Err(why)) => Binding::unbound(why),
                None => Binding::unbound(format!(
                    "{tenant} is not given a value, and the view has no CHECK OPTION that demands it"
                )),
            }
        };
        binder.references[reference].binding = binding;
    }
    // What the view reads besides is not looked at by an insertion.
    let touched: Vec<usize> = owned.iter().map(|(_, reference, _)| *reference).collect();
    for index in first..binder.references.len() {
        if !touched.contains(&index)
            && binder.references[index].binding
                == Binding::unbound("it is not part of what was proven")
        {
            binder.references[index].binding =
                Binding::unbound("INSERT through this view is not followed");
        }
    }
}

/// The tenant-owned tables that a query joins, derived tables inside included.
fn owned_leaves(leaves: &[Leaf], query: &Query) -> Vec<(LeafId, usize, usize)> {
    let mut out = Vec::new();
    if let Body::Block(block) = &query.body {
        let mut ids = Vec::new();
        block.tree.leaves(&mut ids);
        for id in ids {
            owned_leaf(leaves, id, &mut out);
        }
    }
    out
}

fn owned_leaf(leaves: &[Leaf], id: LeafId, out: &mut Vec<(LeafId, usize, usize)>) {
    match &leaves[id].kind {
        LeafKind::Owned { reference, column } => out.push((id, *reference, *column)),
        LeafKind::Derived(query) => out.extend(owned_leaves(leaves, query)),
        LeafKind::Known(_) | LeafKind::Opaque(_) => {}
    }
}

/// The target of UPDATE or DELETE among the row sources of its FROM, or in front of them.
fn target(
    binder: &mut Binder<'_>,
    target: &Target,
    from: &[sql::TableWithJoins],
    line: u32,
) -> (Tree, Option<LeafId>) {
    binder.frame_mut().scopes.push(Vec::new());
    let tree = binder.from(from);
    let name: Vec<String> = match target {
        Target::TableVariable(name) => vec![name.to_lowercase()],
        Target::Object(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
    };
    let scope = binder.frame().scopes.last().cloned().unwrap_or_default();
    let answering: Vec<LeafId> = scope
        .iter()
        .copied()
        .filter(|&id| binder.leaves[id].answers_to(&name))
        .collect();
    if let [one] = answering[..] {
        return (tree, Some(one));
    }
    // `UPDATE t … FROM t AS x`: the one row source of that table.
    let object = name.last().cloned().unwrap_or_default();
    let of_table: Vec<LeafId> = scope
        .iter()
        .copied()
        .filter(|&id| binder.leaves[id].object.last() == Some(&object))
        .collect();
    match of_table[..] {
        [one] => (tree, Some(one)),
        [] => {
            let own = binder.named(&name, None, &[], line);
            let id = match own {
                Tree::Leaf(id) => Some(id),
                _ => None,
            };
            let tree = match tree {
                Tree::Nothing => own,
                tree => Tree::Inner(Box::new(own), Box::new(tree), Condition::nothing()),
            };
            (tree, id)
        }
        _ => {
            binder.refuse(
                &name.join("."),
                line,
                "which row source is changed is not certain",
            );
            (tree, None)
        }
    }
}

/// A statement on the rows of a FROM as a plan.
fn rows_plan(tree: Tree, filter: Condition, queries: Vec<Query>) -> Query {
    let mut query = bare(filter);
    if let Body::Block(block) = &mut query.body {
        block.tree = tree;
        block.queries = queries;
    }
    query
}

/// `UPDATE`.
pub(crate) fn update(flow: &mut Flow<'_>, line: u32, text: &str, update: &Update) {
    let mut binder = flow.binder();
    if let Some(with) = &update.with {
        binder.with(with);
    }
    for assignment in &update.assignments {
        if let Some(variable) = &assignment.variable {
            binder.forget(variable);
        }
    }
    let (tree, leaf) = target(&mut binder, &update.target, &update.from, line);
    let filter = match &update.selection {
        Some(selection) => binder.condition(selection, false),
        None => Condition::nothing(),
    };
    let mut queries = Vec::new();
    for assignment in &update.assignments {
        if let ValueOrDefault::Expr(expr) = &assignment.value {
            queries.extend(binder.reads(expr));
        }
    }
    if let Some(sql::Top {
        quantity: Some(sql::TopQuantity::Expr(expr)),
        ..
    }) = &update.top
    {
        queries.extend(binder.reads(expr));
    }
    let said = said_of(&binder, &tree, &filter);
    let moved = moved(&binder, flow, &update.assignments, &said, line);
    let plan = rows_plan(tree, filter, queries);
    changed(
        flow,
        binder,
        line,
        text,
        Changed {
            plan,
            leaf,
            target: &update.target,
            output: update.output.as_ref(),
            moved,
            said,
        },
    );
    let why = || Value::Other(format!("is assigned by UPDATE on line {line}"));
    for assignment in &update.assignments {
        if let Some(variable) = &assignment.variable {
            flow.assign(variable, why());
        }
    }
    temporary_columns(flow, &update.target, &update.assignments);
}

/// What UPDATE leaves in a temporary table.
fn temporary_columns(flow: &mut Flow<'_>, target: &Target, assignments: &[Assignment]) {
    let written: Vec<String> = assignments
        .iter()
        .filter_map(|assignment| assignment.column.as_ref())
        .map(|column| column.object().to_lowercase())
        .collect();
    let name = match target {
        Target::TableVariable(name) => name.to_lowercase(),
        Target::Object(name) => name.object().to_lowercase(),
    };
    match flow.state.temporaries.get_mut(&name) {
        Some(temporary) => temporary.callers.retain(|column| !written.contains(column)),
        // An alias may stand for any of them.
        None => {
            for temporary in flow.state.temporaries.values_mut() {
                temporary.callers.retain(|column| !written.contains(column));
            }
        }
    }
}

fn said_of(binder: &Binder<'_>, tree: &Tree, filter: &Condition) -> Formula {
    let said = says(&binder.leaves, filter);
    let mut present = Vec::new();
    said.present(&mut present);
    Formula::All(vec![of_tree(&binder.leaves, tree, &present), said])
}

/// Does an assignment hand rows to another tenant?
fn moved(
    binder: &Binder<'_>,
    flow: &Flow<'_>,
    assignments: &[Assignment],
    said: &Formula,
    line: u32,
) -> Option<String> {
    let column = &binder.tenancy.column;
    let classes = Classes::of([said]);
    assignments.iter().find_map(|assignment| {
        let own = assignment.column.as_ref()?;
        if !own.object().eq_ignore_ascii_case(column) {
            return None;
        }
        let caller = match &assignment.value {
            ValueOrDefault::Expr(expr) => {
                let term = binder.term(expr);
                classes.is_caller(&term)
                    || (term == Term::Unknown && {
                        let mut apart = flow.binder();
                        let value = super::guard::value_of(&mut apart, &flow.state, expr, line);
                        matches!(value, Value::Caller { .. }) && !flow.labels
                    })
            }
            ValueOrDefault::Default => false,
        };
        (!caller).then(|| format!("SET {column} hands the rows to another tenant"))
    })
}

/// `DELETE`.
pub(crate) fn delete(flow: &mut Flow<'_>, line: u32, text: &str, delete: &Delete) {
    let mut binder = flow.binder();
    if let Some(with) = &delete.with {
        binder.with(with);
    }
    let (tree, leaf) = target(&mut binder, &delete.target, &delete.from, line);
    let filter = match &delete.selection {
        Some(selection) => binder.condition(selection, false),
        None => Condition::nothing(),
    };
    let mut queries = Vec::new();
    if let Some(sql::Top {
        quantity: Some(sql::TopQuantity::Expr(expr)),
        ..
    }) = &delete.top
    {
        queries.extend(binder.reads(expr));
    }
    let said = said_of(&binder, &tree, &filter);
    let plan = rows_plan(tree, filter, queries);
    changed(
        flow,
        binder,
        line,
        text,
        Changed {
            plan,
            leaf,
            target: &delete.target,
            output: delete.output.as_ref(),
            moved: None,
            said,
        },
    );
}

struct Changed<'a> {
    plan: Query,
    leaf: Option<LeafId>,
    target: &'a Target,
    output: Option<&'a Output>,
    moved: Option<String>,
    said: Formula,
}

/// Proves UPDATE or DELETE, and hands on what OUTPUT yields.
fn changed<'a>(
    flow: &mut Flow<'a>,
    mut binder: Binder<'a>,
    line: u32,
    text: &str,
    changed: Changed<'_>,
) {
    let mut targets = Vec::new();
    if let Some(leaf) = changed.leaf {
        owned_leaf(&binder.leaves, leaf, &mut targets);
    }
    let mut references = flow.prove(&mut binder, std::slice::from_ref(&changed.plan));
    if let Some(why) = &changed.moved {
        for (_, reference, _) in &targets {
            references[*reference].binding = Binding::unbound(why.clone());
        }
    }
    let bound = references.iter().all(Reference::bound);
    let said = [changed.said];
    let into = outcome(
        &mut binder,
        changed.output,
        changed.target,
        bound,
        &said,
        line,
    );
    references.append(&mut binder.references);
    let unbound = references.iter().find(|reference| !reference.bound());
    let tainted = unbound.map(|unbound| taint(line, unbound));
    if let Some(into) = into {
        into.apply(flow, tainted.as_ref());
    }
    let temporary = match changed.target {
        Target::TableVariable(name) => Some(name.to_lowercase()),
        Target::Object(name) => Some(name.object().to_lowercase()),
    };
    if let (Some(why), Some(temporary)) = (
        tainted,
        temporary.and_then(|name| flow.state.temporaries.get_mut(&name)),
    ) {
        temporary.tainted.get_or_insert(why);
    }
    flow.note(line, text, references);
}

/// OUTPUT … INTO: the new rows of its target. Rows that OUTPUT sends to the client are those
/// that the statement changed, which were judged.
fn outcome(
    binder: &mut Binder<'_>,
    output: Option<&Output>,
    target: &Target,
    bound: bool,
    said: &[Formula],
    line: u32,
) -> Option<Filled> {
    let output = output?;
    let (into, columns) = output.into.as_ref()?;
    let name: Vec<String> = match target {
        Target::TableVariable(name) => vec![name.to_lowercase()],
        Target::Object(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
    };
    if binder.frame().scopes.is_empty() {
        binder.frame_mut().scopes.push(Vec::new());
    }
    let pseudo = pseudo_rows(binder, &name);
    let mut known = said.to_vec();
    let mut ids = Vec::new();
    for alias in ["inserted", "deleted"] {
        let id = binder.leaf(Leaf {
            alias: Some(alias.to_owned()),
            object: Vec::new(),
            columns: pseudo.columns.clone(),
            usable: pseudo.usable.clone(),
            open: pseudo.columns.is_empty(),
            kind: LeafKind::Known(Vec::new()),
            misused: None,
        });
        if bound {
            for &column in &pseudo.callers {
                known.push(Formula::Same(Term::Column(id, column), Term::Caller));
            }
        }
        ids.push(id);
    }
    if let Some(scope) = binder.frame_mut().scopes.last_mut() {
        scope.extend(ids);
    }
    let classes = Classes::of(&known);
    let mut row = Vec::new();
    let mut certain = true;
    for item in &output.items {
        match item {
            sql::SelectItem::UnnamedExpr(expr) | sql::SelectItem::ExprWithAlias { expr, .. } => {
                let term = binder.term(expr);
                row.push(Some(if classes.is_caller(&term) {
                    Term::Caller
                } else {
                    Term::Unknown
                }));
            }
            // `inserted.*`: the columns in order.
            sql::SelectItem::QualifiedWildcard(..) if !pseudo.columns.is_empty() => {
                for column in 0..pseudo.columns.len() {
                    let caller = bound && pseudo.callers.contains(&column);
                    row.push(Some(if caller { Term::Caller } else { Term::Unknown }));
                }
            }
            _ => certain = false,
        }
    }
    let rows = if certain {
        Rows::Values(vec![row])
    } else {
        Rows::Unknown("OUTPUT")
    };
    let columns: Vec<String> = columns.iter().map(|own| own.to_lowercase()).collect();
    Some(fill(binder, into, &columns, &rows, line))
}

/// The columns of `inserted` and `deleted`.
fn pseudo_rows(binder: &Binder<'_>, name: &[String]) -> Pseudo {
    let scopes = binder.frame().scopes.iter().flatten();
    let aliased = scopes
        .map(|&id| &binder.leaves[id])
        .find(|leaf| leaf.answers_to(name));
    if let Some(leaf) = aliased {
        let callers = match &leaf.kind {
            LeafKind::Owned { column, .. } => vec![*column],
            LeafKind::Known(callers) => callers.clone(),
            LeafKind::Derived(_) | LeafKind::Opaque(_) => Vec::new(),
        };
        return Pseudo {
            table: String::new(),
            columns: leaf.columns.clone(),
            usable: leaf.usable.clone(),
            callers,
        };
    }
    pseudo(binder, name).unwrap_or(Pseudo {
        table: String::new(),
        columns: Vec::new(),
        usable: Vec::new(),
        callers: Vec::new(),
    })
}

/// The rows of a trigger on that table or view.
pub(crate) fn pseudo(binder: &Binder<'_>, name: &[String]) -> Option<Pseudo> {
    let tenant = &binder.tenancy.column;
    match binder.resolve(name) {
        Found::Object(FoundRef::Table(table), _) => {
            let columns = table.columns.iter();
            let caller = table.owned.then(|| table.position(tenant)).flatten();
            Some(Pseudo {
                table: if table.owned {
                    table.object.clone()
                } else {
                    String::new()
                },
                columns: columns.clone().map(|own| own.name.to_lowercase()).collect(),
                usable: columns
                    .map(|own| Kind::of(&own.data_type, own.length).as_safe_as(binder.kind))
                    .collect(),
                callers: caller.into_iter().collect(),
            })
        }
        Found::Object(FoundRef::Routine(routine), _) => {
            let mut apart = Binder::new(
                binder.catalog,
                binder.tenancy,
                binder.kind,
                &binder.frame().database,
                &binder.frame().schemas,
                &super::state::State::default(),
            );
            let Tree::Leaf(id) = apart.named(name, None, &[], 1) else {
                return None;
            };
            let leaf = &apart.leaves[id];
            let tenant = tenant.to_lowercase();
            Some(Pseudo {
                table: routine.object.clone(),
                callers: leaf
                    .columns
                    .iter()
                    .position(|own| *own == tenant)
                    .into_iter()
                    .collect(),
                columns: leaf.columns.clone(),
                usable: leaf.usable.clone(),
            })
        }
        _ => None,
    }
}

/// The tenant-owned table that a name means, if it does.
pub(crate) fn owned(binder: &Binder<'_>, name: &[String]) -> Result<Option<String>, String> {
    match binder.resolve(name) {
        Found::Object(FoundRef::Table(table), _) => Ok(table.owned.then(|| table.object.clone())),
        Found::Object(FoundRef::Routine(_), _) | Found::System => Ok(None),
        Found::Missing(why) => Err(why),
        Found::Synonym(_) => Err("a synonym for a synonym".into()),
    }
}
