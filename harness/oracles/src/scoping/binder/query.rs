//! Queries: SELECT, set operations, common table expressions.

use std::rc::Rc;

use tsql::sql::{self, Expr, SelectItem, SetExpr};

use super::expression::{aggregates, outermost};
use super::{Binder, Cte, SelfRows, parts};
use crate::scoping::catalog::{Found, FoundRef};
use crate::scoping::formula::{Classes, Term};
use crate::scoping::plan::{Block, Body, Condition, Operation, Query, Tree};
use crate::scoping::proof;

impl Binder<'_> {
    /// A query, with the common table expressions in front of it.
    pub(crate) fn query(&mut self, query: &sql::Query) -> Query {
        let before = self.frame().ctes.len();
        if let Some(with) = &query.with {
            self.with(with);
        }
        let sealed = query.limit_clause.is_some() || query.fetch.is_some();
        let mut bound = self.body(&query.body, query.order_by.as_ref(), sealed);
        if query.for_clause.is_some() {
            // All rows become one text.
            seal(&mut bound, true);
        }
        self.frame_mut().ctes.truncate(before);
        bound
    }

    /// Makes common table expressions known.
    pub(crate) fn with(&mut self, with: &sql::With) {
        for cte in &with.cte_tables {
            let visible = self.frame().ctes.len();
            let columns = &cte.alias.columns;
            let cte = Cte {
                name: cte.alias.name.value.to_lowercase(),
                columns: columns
                    .iter()
                    .map(|own| own.name.value.to_lowercase())
                    .collect(),
                query: (*cte.query).clone(),
                visible,
                rows: None,
            };
            self.frame_mut().ctes.push(Rc::new(cte));
        }
    }

    fn body(&mut self, body: &SetExpr, order: Option<&sql::OrderBy>, sealed: bool) -> Query {
        match body {
            SetExpr::Select(select) => self.select(select, order, sealed),
            SetExpr::Query(query) => {
                let mut inner = self.query(query);
                if sealed {
                    seal(&mut inner, false);
                }
                inner
            }
            SetExpr::SetOperation {
                op, left, right, ..
            } => {
                let left = Box::new(self.body(left, None, false));
                let right = Box::new(self.body(right, None, false));
                let operation = match op {
                    sql::SetOperator::Union => Operation::Union,
                    sql::SetOperator::Intersect => Operation::Intersect,
                    sql::SetOperator::Except | sql::SetOperator::Minus => Operation::Except,
                };
                let names = left.names.clone();
                let open = left.open || right.open;
                let id = self.result_of(&names, open);
                Query {
                    body: Body::Set {
                        id,
                        operation,
                        left,
                        right,
                        sealed,
                    },
                    names,
                    open,
                }
            }
            SetExpr::Values(values) => {
                let mut queries = Vec::new();
                let mut rows = Vec::new();
                for row in &values.rows {
                    let mut terms = Vec::new();
                    for value in &row.content {
                        queries.extend(self.reads(value));
                        terms.push(self.term(value));
                    }
                    rows.push(terms);
                }
                let names = vec![None; rows.first().map_or(0, Vec::len)];
                let id = self.result_of(&names, false);
                Query {
                    body: Body::Rows { id, rows, queries },
                    names,
                    open: false,
                }
            }
            other => {
                let text = other.to_string();
                let verb = text.split_whitespace().next().unwrap_or("a query");
                self.refuse(
                    "(query)",
                    1,
                    format!("{verb} inside a query is not followed"),
                );
                let names = Vec::new();
                let id = self.result_of(&names, true);
                Query {
                    body: Body::Rows {
                        id,
                        rows: Vec::new(),
                        queries: Vec::new(),
                    },
                    names,
                    open: true,
                }
            }
        }
    }

    /// A row source for the result of something that is no table.
    pub(crate) fn result_of(&mut self, names: &[Option<String>], open: bool) -> usize {
        let mut leaf = super::Leaf::free(None, Vec::new());
        leaf.columns = names
            .iter()
            .map(|name| name.clone().unwrap_or_default())
            .collect();
        leaf.usable = vec![true; names.len()];
        leaf.open = open;
        self.leaf(leaf)
    }

    fn select(
        &mut self,
        select: &sql::Select,
        order: Option<&sql::OrderBy>,
        sealed: bool,
    ) -> Query {
        self.frame_mut().scopes.push(Vec::new());
        let tree = self.from(&select.from);
        let filter = match &select.selection {
            Some(selection) => self.condition(selection, false),
            None => Condition::nothing(),
        };
        let (mut names, mut outputs, mut open) = (Vec::new(), Vec::new(), false);
        let mut queries = Vec::new();
        let mut exprs: Vec<&Expr> = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    names.push(name_of(expr));
                    outputs.push(self.term(expr));
                    exprs.push(expr);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    names.push(Some(alias.value.to_lowercase()));
                    outputs.push(self.term(expr));
                    exprs.push(expr);
                }
                SelectItem::Wildcard(_) => {
                    open |= self.wildcard(None, &mut names, &mut outputs);
                }
                SelectItem::QualifiedWildcard(
                    sql::SelectItemQualifiedWildcardKind::ObjectName(name),
                    _,
                ) => open |= self.wildcard(Some(&parts(name)), &mut names, &mut outputs),
                _ => open = true,
            }
        }
        if let Some(sql::OrderBy {
            kind: sql::OrderByKind::Expressions(keys),
            ..
        }) = order
        {
            exprs.extend(keys.iter().map(|key| &key.expr));
        }
        let top = select.top.as_ref();
        if let Some(sql::TopQuantity::Expr(expr)) = top.and_then(|top| top.quantity.as_ref()) {
            queries.extend(self.reads(expr));
        }
        for expr in &exprs {
            queries.extend(self.reads(expr));
        }
        let having = match &select.having {
            Some(having) => self.condition(having, false),
            None => Condition::nothing(),
        };
        let grouping = self.grouping(select, &mut queries);
        let known = |function: &sql::Function| {
            let found = self.resolve(&parts(&function.name));
            matches!(
                found,
                Found::Object(FoundRef::Routine(_), _) | Found::System
            )
        };
        let all = exprs.iter().copied().chain(&select.having);
        let aggregated = all.clone().any(|expr| aggregates(expr, known));
        let mut inward = vec![!sealed && !is_choosing(top); outputs.len()];
        for partition in all.flat_map(|expr| self.partitions(expr)) {
            // A window sees all rows of its partition: only a condition on what divides the
            // partitions may be moved below it.
            for (position, output) in outputs.iter().enumerate() {
                inward[position] &= *output != Term::Unknown && partition.contains(output);
            }
        }
        let always = match grouping {
            Grouping::Sets => {
                outputs.fill(Term::Unknown);
                true
            }
            Grouping::None => aggregated || select.having.is_some(),
            Grouping::Keys => false,
        };
        self.frame_mut().scopes.pop();
        Query {
            body: Body::Block(Box::new(Block {
                tree,
                filter,
                having,
                outputs,
                inward,
                always,
                queries,
            })),
            names,
            open,
        }
    }

    fn grouping(&mut self, select: &sql::Select, queries: &mut Vec<Query>) -> Grouping {
        match &select.group_by {
            sql::GroupByExpr::Expressions(keys, modifiers) => {
                for key in keys {
                    queries.extend(self.reads(key));
                }
                let sets = |key: &Expr| {
                    matches!(
                        key,
                        Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) | Expr::Tuple(_)
                    )
                };
                if !modifiers.is_empty() || keys.iter().any(sets) {
                    Grouping::Sets
                } else if keys.is_empty() {
                    Grouping::None
                } else {
                    Grouping::Keys
                }
            }
            sql::GroupByExpr::All(_) => Grouping::Sets,
        }
    }

    /// What divides the windows of an expression: one list a window.
    fn partitions(&self, expr: &Expr) -> Vec<Vec<Term>> {
        let functions = outermost(expr).functions;
        let windows = functions
            .iter()
            .filter_map(|function| function.over.as_ref());
        let partition = |window: &sql::WindowType| match window {
            sql::WindowType::WindowSpec(window) => window
                .partition_by
                .iter()
                .map(|expr| self.term(expr))
                .collect(),
            sql::WindowType::NamedWindow(_) => Vec::new(),
        };
        windows.map(partition).collect()
    }

    /// `*` and `t.*`; true when there may be more columns than are known.
    fn wildcard(
        &self,
        qualifier: Option<&[String]>,
        names: &mut Vec<Option<String>>,
        outputs: &mut Vec<Term>,
    ) -> bool {
        let mut open = false;
        let Some(scope) = self.frame().scopes.last() else {
            return true;
        };
        for &id in scope {
            let leaf = &self.leaves[id];
            if qualifier.is_some_and(|qualifier| !leaf.answers_to(qualifier)) {
                continue;
            }
            // Columns behind ones that are not known stand at an unknown position.
            open |= leaf.open;
            for (position, column) in leaf.columns.iter().enumerate() {
                names.push(Some(column.clone()));
                outputs.push(self.column_term(id, position));
            }
        }
        open
    }

    /// A reference to a common table expression.
    pub(super) fn cte(&mut self, cte: &Rc<Cte>) -> Query {
        if let Some(rows) = &cte.rows {
            return self.self_rows(rows);
        }
        let hidden_scopes = std::mem::take(&mut self.frame_mut().scopes);
        let later = self.frame_mut().ctes.split_off(cte.visible);
        let mut query = match recursion(cte) {
            Some((anchors, members)) => self.recursive(cte, &anchors, &members),
            None => self.query(&cte.query),
        };
        self.frame_mut().ctes.extend(later);
        self.frame_mut().scopes = hidden_scopes;
        rename(&mut query, &cte.columns);
        query
    }

    /// A recursive expression: a column is the caller's tenant when it is in the anchor, and in
    /// each round if it was in the one before.
    fn recursive(&mut self, cte: &Rc<Cte>, anchors: &[&SetExpr], members: &[&SetExpr]) -> Query {
        let mut parts = Vec::new();
        for anchor in anchors {
            parts.push(self.body(anchor, None, false));
        }
        let mut names = parts
            .first()
            .map_or_else(Vec::new, |first| first.names.clone());
        for (name, column) in names.iter_mut().zip(&cte.columns) {
            *name = Some(column.clone());
        }
        let mut callers: Vec<usize> = (0..names.len()).collect();
        for part in &parts {
            let found = self.callers_of(part);
            callers.retain(|column| found.contains(column));
        }
        loop {
            // What this round binds is kept only when nothing had to be given up.
            let mark = (self.leaves.len(), self.references.len(), self.calls.len());
            let inside = Cte {
                name: cte.name.clone(),
                columns: cte.columns.clone(),
                query: cte.query.clone(),
                visible: cte.visible,
                rows: Some(SelfRows {
                    names: names.clone(),
                    callers: callers.clone(),
                }),
            };
            self.frame_mut().ctes.push(Rc::new(inside));
            let mut round = Vec::new();
            for member in members {
                round.push(self.body(member, None, false));
            }
            self.frame_mut().ctes.pop();
            let before = callers.len();
            for part in &round {
                let found = self.callers_of(part);
                callers.retain(|column| found.contains(column));
            }
            if callers.len() == before {
                parts.extend(round);
                break;
            }
            self.leaves.truncate(mark.0);
            self.references.truncate(mark.1);
            self.calls.truncate(mark.2);
        }
        let id = self.result_of(&names, false);
        Query {
            body: Body::Recursive { id, parts, callers },
            names,
            open: false,
        }
    }

    fn self_rows(&mut self, rows: &SelfRows) -> Query {
        let id = self.result_of(&rows.names, false);
        Query {
            body: Body::Recursive {
                id,
                parts: Vec::new(),
                callers: rows.callers.clone(),
            },
            names: rows.names.clone(),
            open: false,
        }
    }

    /// The columns of a query that are the caller's tenant whatever stands around it.
    pub(crate) fn callers_of(&self, query: &Query) -> Vec<usize> {
        if query.open {
            // Positions are not certain.
            return Vec::new();
        }
        let facts = proof::facts(&self.leaves, query);
        let classes = Classes::of([&facts]);
        let outputs = proof::outputs(query);
        let caller = |(column, output): (usize, &Term)| classes.is_caller(output).then_some(column);
        outputs.iter().enumerate().filter_map(caller).collect()
    }
}

enum Grouping {
    None,
    Keys,
    /// ROLLUP, CUBE, GROUPING SETS: a key may be NULL where its column is not.
    Sets,
}

/// TOP that may leave rows out.
fn is_choosing(top: Option<&sql::Top>) -> bool {
    let whole = |quantity: &sql::TopQuantity| match quantity {
        sql::TopQuantity::Constant(100) => true,
        sql::TopQuantity::Expr(expr) => expr.to_string() == "100",
        sql::TopQuantity::Constant(_) => false,
    };
    top.is_some_and(|top| !(top.percent && top.quantity.as_ref().is_some_and(whole)))
}

/// The anchors and the recursive members of an expression that refers to itself.
fn recursion(cte: &Cte) -> Option<(Vec<&SetExpr>, Vec<&SetExpr>)> {
    let mut members = Vec::new();
    flatten(&cte.query.body, &mut members);
    let (recursive, anchors): (Vec<&SetExpr>, Vec<&SetExpr>) = members
        .into_iter()
        .partition(|member| refers(member, &cte.name));
    (!recursive.is_empty()).then_some((anchors, recursive))
}

fn flatten<'a>(body: &'a SetExpr, out: &mut Vec<&'a SetExpr>) {
    match body {
        SetExpr::SetOperation {
            op: sql::SetOperator::Union,
            left,
            right,
            ..
        } => {
            flatten(left, out);
            flatten(right, out);
        }
        SetExpr::Query(query) if query.with.is_none() && query.limit_clause.is_none() => {
            flatten(&query.body, out);
        }
        one => out.push(one),
    }
}

fn refers(body: &SetExpr, name: &str) -> bool {
    use std::ops::ControlFlow;
    let found = sql::visit_relations(body, |relation| match parts(relation).as_slice() {
        [one] if one == name => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

/// Gives the columns other names.
pub(super) fn rename(query: &mut Query, columns: &[String]) {
    if query.open && !columns.is_empty() {
        // Which column is the first is not known.
        query.names.fill(None);
        return;
    }
    for (name, column) in query.names.iter_mut().zip(columns) {
        *name = Some(column.clone());
    }
}

/// A filter from outside must stay outside; `folded`: and nothing of a row is left.
fn seal(query: &mut Query, folded: bool) {
    match &mut query.body {
        Body::Block(block) => {
            block.inward.fill(false);
            if folded {
                block.outputs.fill(Term::Unknown);
                block.always = true;
            }
        }
        Body::Set { sealed, .. } => *sealed = true,
        Body::Rows { .. } | Body::Call(_) | Body::Recursive { .. } => {}
    }
    if folded {
        query.names = vec![None];
        query.open = true;
    }
}

fn name_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Nested(inner) => name_of(inner),
        Expr::Identifier(ident) => Some(ident.value.to_lowercase()),
        Expr::CompoundIdentifier(idents) => idents.last().map(|last| last.value.to_lowercase()),
        _ => None,
    }
}

/// A tree without tables, for conditions that stand alone.
pub(crate) fn bare(condition: Condition) -> Query {
    Query {
        body: Body::Block(Box::new(Block {
            tree: Tree::Nothing,
            filter: condition,
            having: Condition::nothing(),
            outputs: Vec::new(),
            inward: Vec::new(),
            always: false,
            queries: Vec::new(),
        })),
        names: Vec::new(),
        open: false,
    }
}

/// The arguments of a table function.
pub(super) fn table_arguments(arguments: &[sql::FunctionArg]) -> Vec<&Expr> {
    arguments
        .iter()
        .filter_map(super::expression::argument)
        .collect()
}
