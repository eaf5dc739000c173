//! What of a masked column reaches the result of a query?
//!
//! A mask belongs to a column of the result, not to a value: WHERE, ON, ORDER BY, PARTITION BY and
//! the conditions of CASE see what is stored, so dynamic data masking is no barrier, and only what
//! leaves the statement is masked. A bare column keeps its function, through derived tables,
//! views, subqueries and the arms of a CASE that agree; every other expression over it shows
//! `default()` of its own type. UNMASK is asked of the caller, and no ownership chain stands in
//! for it. (Published probes of RyanLamansky/sql-server-simulator.)
//!
//! The rows of `inserted` and `deleted` are shown to a trigger as they are.

use std::ops::ControlFlow;
use std::sync::Arc;

use catalog::{Mask, Object, Permission, UserToken};
use tsql::sql;

use crate::binder::{Binder, Frame, ScopeColumn};
use crate::plan::{ColumnRef, Expr, ExprKind};
use crate::visit::{self, ValuePart};

impl Binder<'_, '_> {
    /// Notes on the columns of a table how they are shown to a caller without UNMASK.
    pub(crate) fn mask_columns(
        &self,
        token: &UserToken,
        object: &Object,
        columns: &mut [ScopeColumn],
    ) {
        let Some(table) = object.as_table() else {
            return;
        };
        // A temporary table is its maker's.
        let exempt = object.temporary.is_some() || token.is_dbo || token.is_sysadmin();
        if exempt || table.columns.iter().all(|column| column.masked.is_none()) {
            return;
        }
        let hidden = |column: &catalog::Column| {
            column.masked.is_some()
                && !self.ex.instance.has_column_permission(
                    token,
                    object.id,
                    column.id,
                    Permission::UNMASK,
                )
        };
        for (column, shown) in table.columns.iter().zip(columns) {
            if hidden(column) {
                shown.mask.clone_from(&column.masked);
            } else if let Some(computed) = &column.computed
                && table
                    .columns
                    .iter()
                    .any(|other| hidden(other) && names(&computed.expression, &other.name))
            {
                shown.mask = Some(Arc::new(Mask::Default));
            }
        }
    }

    /// How the values of an expression of a select list are shown.
    pub(crate) fn mask_of(&self, expr: &Expr) -> Option<Arc<Mask>> {
        match &expr.kind {
            ExprKind::Column(column) => self.mask_of_column(*column),
            ExprKind::Subquery(subquery) => subquery.query.columns.first()?.mask.clone(),
            ExprKind::Case {
                branches,
                otherwise,
            } => branches
                .iter()
                .map(|(_, value)| value)
                .chain(otherwise.as_deref())
                .map(|arm| self.mask_of(arm))
                .fold(None, meet),
            // To its own type, a conversion changes nothing.
            ExprKind::Convert { operand, .. } if operand.data_type == expr.data_type => {
                self.mask_of(operand)
            }
            _ => self.reads_masked(expr).then(|| Arc::new(Mask::Default)),
        }
    }

    /// What a table function makes of a masked argument is masked whole.
    pub(crate) fn mask_by_arguments(&self, arguments: &[Expr], columns: &mut [ScopeColumn]) {
        if arguments.iter().any(|it| self.mask_of(it).is_some()) {
            for column in columns {
                column.mask = Some(Arc::new(Mask::Default));
            }
        }
    }

    fn reads_masked(&self, expr: &Expr) -> bool {
        if let ExprKind::Column(column) = expr.kind {
            return self.mask_of_column(column).is_some();
        }
        let mut found = false;
        visit::value_parts(&expr.kind, &mut |part| {
            found = found
                || match part {
                    ValuePart::Expr(expr) => self.reads_masked(expr),
                    ValuePart::Subquery(subquery) => subquery
                        .query
                        .columns
                        .iter()
                        .any(|column| column.mask.is_some()),
                };
        });
        found
    }

    fn mask_of_column(&self, column: ColumnRef) -> Option<Arc<Mask>> {
        let index = self
            .frames
            .len()
            .checked_sub(1 + usize::from(column.level))?;
        let Frame::Select(frame) = self.frames.get(index)? else {
            return None;
        };
        let relation = frame.relations.iter().find(|it| it.slot == column.slot)?;
        // Some columns stand for an expression over another slot or place.
        let here = ColumnRef { level: 0, ..column };
        let stands_for = relation.columns.iter().find(|it| {
            it.expr
                .as_ref()
                .is_some_and(|expr| expr.kind == ExprKind::Column(here))
        });
        stands_for
            .or_else(|| relation.columns.get(usize::from(column.ordinal)))?
            .mask
            .clone()
    }
}

/// Two masks that meet in one column: what they agree on, else `default()`. What is not masked
/// has no say.
pub(crate) fn meet(left: Option<Arc<Mask>>, right: Option<Arc<Mask>>) -> Option<Arc<Mask>> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => Some(Arc::new(Mask::Default)),
        (left, right) => left.or(right),
    }
}

/// Whether an expression names a column.
fn names(expression: &sql::Expr, column: &str) -> bool {
    sql::visit_expressions(expression, |expression: &sql::Expr| {
        let named = match expression {
            sql::Expr::Identifier(name) => Some(&name.value),
            sql::Expr::CompoundIdentifier(parts) => parts.last().map(|part| &part.value),
            _ => None,
        };
        if named.is_some_and(|name| catalog::same_name(name, column)) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_break()
}
