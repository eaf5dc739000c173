//! What may a grouped query still say about its rows? Group keys, aggregates, and nothing else.

use values::SqlError;

use tsql::sql;

use crate::binder::{Binder, Clause};
use crate::messages;
use crate::plan::{AggregateCall, ColumnRef, Condition, Expr, ExprKind, Grouping, WindowCall};
use crate::visit::{self, Visit};

/// The keys of GROUP BY, and which of them each grouping set keeps.
pub(crate) type GroupBy = (Vec<Expr>, Vec<Vec<usize>>);

/// More grouping sets than this are refused by the server.
const SETS: usize = 4096;

impl Binder<'_, '_> {
    /// GROUP BY: its keys, and which of them each grouping set keeps.
    pub(crate) fn group_by(
        &mut self,
        group_by: &sql::GroupByExpr,
    ) -> Result<Option<GroupBy>, SqlError> {
        let (exprs, modifiers) = match group_by {
            sql::GroupByExpr::All(_) => return Err(SqlError::unsupported("GROUP BY ALL")),
            sql::GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
        };
        if exprs.is_empty() && modifiers.is_empty() {
            return Ok(None);
        }
        let mut keys: Vec<Expr> = Vec::new();
        // Each item is a list of alternatives; the grouping sets are their cross product.
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        for expr in exprs {
            let alternatives =
                self.in_clause(Clause::GroupBy, |binder| binder.group_item(expr, &mut keys))?;
            sets = product(&sets, &alternatives)?;
        }
        for modifier in modifiers {
            match modifier {
                // GROUP BY a, b WITH ROLLUP | CUBE.
                sql::GroupByWithModifier::Rollup | sql::GroupByWithModifier::Cube => {
                    let all: Vec<Vec<usize>> = (0..keys.len()).map(|i| vec![i]).collect();
                    sets = if matches!(modifier, sql::GroupByWithModifier::Rollup) {
                        rollup(&all)
                    } else {
                        cube(&all)?
                    };
                }
                _ => return Err(messages::syntax_near("with")),
            }
        }
        for key in &keys {
            let mut own = false;
            visit::columns(key, &mut |column| own |= column.level == 0);
            if !own {
                return Err(messages::group_by_without_column());
            }
        }
        Ok(Some((keys, sets)))
    }

    fn group_item(
        &mut self,
        expr: &sql::Expr,
        keys: &mut Vec<Expr>,
    ) -> Result<Vec<Vec<usize>>, SqlError> {
        match expr {
            sql::Expr::Rollup(items) => {
                let parts = self.key_lists(items, keys)?;
                Ok(rollup(&parts))
            }
            sql::Expr::Cube(items) => {
                let parts = self.key_lists(items, keys)?;
                cube(&parts)
            }
            sql::Expr::GroupingSets(items) => self.key_lists(items, keys),
            sql::Expr::Tuple(items) if items.is_empty() => Ok(vec![Vec::new()]),
            sql::Expr::Function(function)
                if matches!(
                    function.name.to_string().to_lowercase().as_str(),
                    "rollup" | "cube"
                ) =>
            {
                let name = function.name.to_string();
                let exprs = super::functions::default_arguments(function)?;
                let mut parts = Vec::new();
                for expr in exprs.into_iter().flatten() {
                    parts.push(vec![self.key(expr, keys)?]);
                }
                if name.eq_ignore_ascii_case("rollup") {
                    Ok(rollup(&parts))
                } else {
                    cube(&parts)
                }
            }
            other => Ok(vec![vec![self.key(other, keys)?]]),
        }
    }

    fn key_lists(
        &mut self,
        items: &[Vec<sql::Expr>],
        keys: &mut Vec<Expr>,
    ) -> Result<Vec<Vec<usize>>, SqlError> {
        items
            .iter()
            .map(|item| item.iter().map(|expr| self.key(expr, keys)).collect())
            .collect()
    }

    fn key(&mut self, expr: &sql::Expr, keys: &mut Vec<Expr>) -> Result<usize, SqlError> {
        let key = self.expr(expr)?;
        if let Some(known) = keys.iter().position(|known| *known == key) {
            return Ok(known);
        }
        keys.push(key);
        Ok(keys.len() - 1)
    }

    /// Makes an expression of the select list read the group instead of the row.
    pub(crate) fn over_group(
        &self,
        expr: &mut Expr,
        grouping: &mut Grouping,
        clause: &'static str,
    ) -> Result<(), SqlError> {
        visit::rewrite(expr, 0, &mut |expr, depth| {
            self.group_node(expr, depth, grouping, clause)
        })
    }

    /// The same for a condition of HAVING.
    pub(crate) fn condition_over_group(
        &self,
        condition: &mut Condition,
        grouping: &mut Grouping,
    ) -> Result<(), SqlError> {
        visit::rewrite_condition(condition, 0, &mut |expr, depth| {
            self.group_node(expr, depth, grouping, "HAVING clause")
        })
    }

    fn group_node(
        &self,
        expr: &mut Expr,
        depth: u16,
        grouping: &mut Grouping,
        clause: &'static str,
    ) -> Result<Visit, SqlError> {
        let keys = grouping.keys.len();
        if depth == 0 {
            if let Some(place) = grouping.keys.iter().position(|key| *key == *expr) {
                expr.kind = group_column(0, place);
                // A grouping set may leave the key out.
                expr.nullable = expr.nullable || grouping.sets.len() > 1;
                return Ok(Visit::Done);
            }
            match &expr.kind {
                ExprKind::Aggregate(call) => {
                    let place = register(&mut grouping.aggregates, call);
                    expr.kind = group_column(0, 2 * keys + place);
                    return Ok(Visit::Done);
                }
                ExprKind::Grouping(arguments) => {
                    expr.kind = grouping_bits(arguments, grouping)?;
                    return Ok(Visit::Done);
                }
                ExprKind::RowChecksum(_) => {
                    return Err(messages::not_grouped("*", clause));
                }
                _ => {}
            }
        }
        let ExprKind::Column(column) = expr.kind else {
            return Ok(Visit::Descend);
        };
        if column.level != depth {
            return Ok(Visit::Descend);
        }
        let here = ExprKind::Column(ColumnRef { level: 0, ..column });
        match grouping.keys.iter().position(|key| key.kind == here) {
            Some(place) => {
                expr.kind = group_column(depth, place);
                Ok(Visit::Done)
            }
            None => {
                let name = self.column_name(ColumnRef { level: 0, ..column });
                Err(messages::not_grouped(name, clause))
            }
        }
    }

    /// Takes the window functions out of an expression; each becomes a column of `slot`.
    pub(crate) fn extract_windows(
        &self,
        expr: &mut Expr,
        windows: &mut Vec<WindowCall>,
        slot: u16,
    ) -> Result<(), SqlError> {
        visit::rewrite(expr, 0, &mut |expr, depth| {
            if depth > 0 {
                return Ok(Visit::Done);
            }
            let ExprKind::Window(call) = &expr.kind else {
                return Ok(Visit::Descend);
            };
            let place = match windows.iter().position(|known| *known == **call) {
                Some(place) => place,
                None => {
                    windows.push((**call).clone());
                    windows.len() - 1
                }
            };
            expr.kind = ExprKind::Column(ColumnRef {
                level: 0,
                slot,
                ordinal: place as u16,
            });
            Ok(Visit::Done)
        })
    }
}

/// Whether an expression holds an aggregate or GROUPING that is not inside a subquery.
pub(crate) fn has_aggregate(expr: &Expr) -> bool {
    visit::any(expr, &|kind| {
        matches!(kind, ExprKind::Aggregate(_) | ExprKind::Grouping(_))
    })
}

/// The same for a condition.
pub(crate) fn condition_has_aggregate(condition: &Condition) -> bool {
    visit::any_in_condition(condition, &|kind| {
        matches!(kind, ExprKind::Aggregate(_) | ExprKind::Grouping(_))
    })
}

fn group_column(level: u16, ordinal: usize) -> ExprKind {
    ExprKind::Column(ColumnRef {
        level,
        slot: 0,
        ordinal: ordinal as u16,
    })
}

fn register(aggregates: &mut Vec<AggregateCall>, call: &AggregateCall) -> usize {
    match aggregates.iter().position(|known| known == call) {
        Some(place) => place,
        None => {
            aggregates.push(call.clone());
            aggregates.len() - 1
        }
    }
}

/// GROUPING(a) and GROUPING_ID(a, b): flags of the group row, the first argument's highest.
fn grouping_bits(arguments: &[Expr], grouping: &Grouping) -> Result<ExprKind, SqlError> {
    use crate::plan::CollationLabel;
    use values::{BinaryOperator, Collation, SqlType, Value};
    let keys = grouping.keys.len();
    let expr = |kind: ExprKind, data_type: SqlType| Expr {
        kind,
        data_type,
        collation: CollationLabel::Coercible(Collation::default()),
        nullable: false,
    };
    let places: Vec<usize> = if arguments.is_empty() {
        (0..keys).collect()
    } else {
        arguments
            .iter()
            .map(|argument| {
                grouping.keys.iter().position(|key| key == argument).ok_or_else(|| {
                    SqlError::new(
                        8161,
                        15,
                        1,
                        "Argument 1 of the GROUPING function does not match any of the expressions in the GROUP BY clause.",
                    )
                })
            })
            .collect::<Result<_, _>>()?
    };
    let mut result: Option<Expr> = None;
    for place in places {
        let flag = expr(group_column(0, keys + place), SqlType::TinyInt);
        result = Some(match result {
            None => flag,
            Some(so_far) => {
                let two = expr(ExprKind::Constant(Value::Int(2)), SqlType::Int);
                let shifted = expr(
                    ExprKind::Binary(BinaryOperator::Multiply, Box::new(so_far), Box::new(two)),
                    SqlType::Int,
                );
                expr(
                    ExprKind::Binary(BinaryOperator::Add, Box::new(shifted), Box::new(flag)),
                    SqlType::Int,
                )
            }
        });
    }
    Ok(result.map_or(ExprKind::Constant(Value::Int(0)), |expr| expr.kind))
}

fn rollup(parts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    (0..=parts.len())
        .rev()
        .map(|n| parts[..n].concat())
        .collect()
}

fn cube(parts: &[Vec<usize>]) -> Result<Vec<Vec<usize>>, SqlError> {
    if parts.len() > 12 {
        return Err(too_many_sets());
    }
    let count = 1usize << parts.len();
    Ok((0..count)
        .rev()
        .map(|bits| {
            parts
                .iter()
                .enumerate()
                .filter(|(i, _)| bits & (1 << i) != 0)
                .flat_map(|(_, part)| part.iter().copied())
                .collect()
        })
        .collect())
}

fn product(a: &[Vec<usize>], b: &[Vec<usize>]) -> Result<Vec<Vec<usize>>, SqlError> {
    if a.len() * b.len() > SETS {
        return Err(too_many_sets());
    }
    Ok(a.iter()
        .flat_map(|left| {
            b.iter().map(|right| {
                let mut both = left.clone();
                both.extend(right.iter().filter(|key| !left.contains(key)));
                both
            })
        })
        .collect())
}

fn too_many_sets() -> SqlError {
    SqlError::new(
        10703,
        15,
        1,
        "Too many grouping sets. The maximum number is 4096.",
    )
}
