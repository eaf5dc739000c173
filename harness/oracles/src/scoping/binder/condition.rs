//! Conditions: what does each say when it is true?
//!
//! NOT is moved inside on the way, which three-valued logic allows: `NOT (a OR b)` is true when
//! both `NOT a` and `NOT b` are.

use tsql::sql::{self, BinaryOperator, Expr};

use super::Binder;
use super::expression::{arguments, text_of};
use super::parts;
use crate::scoping::formula::{Formula, Term};
use crate::scoping::plan::{Condition, Query};

impl Binder<'_> {
    /// What holds when the expression is true, or, negated, when it is false.
    pub(crate) fn condition(&mut self, expr: &Expr, negated: bool) -> Condition {
        match expr {
            Expr::Nested(inner) => self.condition(inner, negated),
            Expr::UnaryOp {
                op: sql::UnaryOperator::Not,
                expr,
            } => self.condition(expr, !negated),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, negated),
            Expr::IsNotNull(inner) if !negated => self.present(&[inner]),
            Expr::IsNull(inner) if negated => self.present(&[inner]),
            Expr::IsNull(inner) => {
                self.misuse(inner, "IS NULL says nothing of whose row it is");
                Condition::Reads(self.reads(inner))
            }
            Expr::InList {
                expr,
                list,
                negated: not,
            } => {
                let mut any: Vec<Condition> = Vec::new();
                if *not != negated {
                    self.misuse(expr, "NOT IN leaves every other tenant in");
                    let mut reads = self.reads(expr);
                    list.iter().for_each(|one| reads.extend(self.reads(one)));
                    return Condition::Reads(reads);
                }
                for one in list {
                    // Nothing is equal to NULL.
                    if !is_null(one) {
                        any.push(self.equality(expr, one));
                    }
                }
                Condition::Any(any)
            }
            Expr::InSubquery {
                expr,
                subquery,
                negated: not,
            } => {
                let inner = Box::new(self.query(subquery));
                let mut all = vec![Condition::Reads(self.reads(expr))];
                if *not == negated {
                    all.push(Condition::In(self.term(expr), inner));
                    all.push(self.present(&[expr]));
                } else {
                    self.misuse(expr, "NOT IN leaves every other tenant in");
                    all.push(Condition::Reads(vec![*inner]));
                }
                Condition::All(all)
            }
            Expr::Exists {
                subquery,
                negated: not,
            } => {
                let inner = self.query(subquery);
                if *not == negated {
                    Condition::Exists(Box::new(inner))
                } else {
                    Condition::Reads(vec![inner])
                }
            }
            Expr::Between {
                expr,
                negated: not,
                low,
                high,
            } => {
                let mut reads = self.reads(expr);
                reads.extend(self.reads(low));
                reads.extend(self.reads(high));
                let (term, low_term, high_term) =
                    (self.term(expr), self.term(low), self.term(high));
                let mut all = vec![Condition::Reads(reads)];
                if *not == negated && low_term == high_term && low_term != Term::Unknown {
                    all.push(Condition::Says(Formula::Equal(term, low_term)));
                } else {
                    self.misuse(expr, "a range of tenants is more than one");
                }
                if *not == negated {
                    all.push(self.present(&[expr]));
                }
                Condition::All(all)
            }
            Expr::AnyOp {
                left,
                compare_op: BinaryOperator::Eq,
                right,
                ..
            } if !negated => match &**right {
                Expr::Subquery(query) => {
                    let inner = Box::new(self.query(query));
                    let reads = self.reads(left);
                    Condition::All(vec![
                        Condition::Reads(reads),
                        Condition::In(self.term(left), inner),
                    ])
                }
                _ => Condition::Reads(self.reads(expr)),
            },
            Expr::Like { expr: inner, .. } => {
                self.misuse(inner, "LIKE may match more than one tenant");
                let reads = self.reads(expr);
                Condition::All(vec![Condition::Reads(reads), self.present(&[inner])])
            }
            other => {
                self.misuse(other, "the condition is not one that is understood");
                Condition::Reads(self.reads(other))
            }
        }
    }

    fn binary(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        negated: bool,
    ) -> Condition {
        match (op, negated) {
            (BinaryOperator::And, false) | (BinaryOperator::Or, true) => Condition::All(vec![
                self.condition(left, negated),
                self.condition(right, negated),
            ]),
            (BinaryOperator::And, true) | (BinaryOperator::Or, false) => Condition::Any(vec![
                self.condition(left, negated),
                self.condition(right, negated),
            ]),
            (BinaryOperator::Eq, false) | (BinaryOperator::NotEq, true) => {
                self.equality(left, right)
            }
            _ => {
                for side in [left, right] {
                    self.misuse(side, "it is compared, but not for equality");
                }
                let mut reads = self.reads(left);
                reads.extend(self.reads(right));
                let strict = matches!(
                    op,
                    BinaryOperator::Eq
                        | BinaryOperator::NotEq
                        | BinaryOperator::Lt
                        | BinaryOperator::LtEq
                        | BinaryOperator::Gt
                        | BinaryOperator::GtEq
                );
                let mut all = vec![Condition::Reads(reads)];
                if strict {
                    all.push(self.present(&[left, right]));
                }
                Condition::All(all)
            }
        }
    }

    /// `a = b`.
    fn equality(&mut self, left: &Expr, right: &Expr) -> Condition {
        for (choice, value) in [(left, right), (right, left)] {
            if let (Some(branches), Some(value)) = (chosen(choice), constant(value)) {
                return self.choice(&branches, &value);
            }
        }
        for (side, other) in [(left, right), (right, left)] {
            if let Some(query) = scalar(side) {
                let inner = Box::new(self.query(query));
                let reads = self.reads(other);
                return Condition::All(vec![
                    Condition::Reads(reads),
                    Condition::Is(self.term(other), inner),
                    self.present(&[other]),
                ]);
            }
        }
        let mut reads = self.reads(left);
        reads.extend(self.reads(right));
        let (a, b) = (self.term(left), self.term(right));
        let mut all = vec![Condition::Reads(reads), self.present(&[left, right])];
        if a == Term::Unknown || b == Term::Unknown {
            let how = self.why_unknown(left, right);
            self.misuse(left, &how);
            self.misuse(right, &how);
        } else {
            all.push(Condition::Says(Formula::Equal(a, b)));
        }
        Condition::All(all)
    }

    /// Why nothing follows from an equality of these.
    fn why_unknown(&self, left: &Expr, right: &Expr) -> String {
        for side in [left, right] {
            let mut inner = side;
            while let Expr::Nested(nested)
            | Expr::Convert { expr: nested, .. }
            | Expr::Cast { expr: nested, .. } = inner
            {
                inner = nested;
            }
            match inner {
                Expr::Identifier(ident) if ident.value.starts_with('@') => {
                    if self.term(side) != Term::Unknown {
                        continue;
                    }
                    if self.variable(&ident.value) == Term::Caller {
                        return "a conversion may make two tenants equal".into();
                    }
                    let why = self.reasons.get(&ident.value.to_lowercase());
                    let why = why.map_or("is not known to be the caller's tenant", String::as_str);
                    return format!("it is compared with {}, which {why}", ident.value);
                }
                Expr::Function(function)
                    if parts(&function.name) == ["session_context"]
                        && !self.is_context(function) =>
                {
                    return if self.frame().context {
                        "it is compared with another key of the session's context".into()
                    } else {
                        "the session's context was changed before".into()
                    };
                }
                Expr::Collate { .. } => {
                    return "under another collation two tenants may be equal".into();
                }
                _ => {}
            }
        }
        "it stands in an expression that may be equal for two tenants".into()
    }

    /// Rows of which a column is compared are there.
    fn present(&self, exprs: &[&Expr]) -> Condition {
        let leaves = exprs.iter().filter_map(|expr| self.column_of(expr));
        let present = leaves.map(|(leaf, _)| Formula::Present(leaf)).collect();
        Condition::Says(Formula::All(present))
    }

    /// `CASE WHEN a THEN 1 WHEN b THEN 2 … END = 1`: one of the branches that yield 1 was taken.
    fn choice(&mut self, branches: &[Branch<'_>], value: &str) -> Condition {
        let mut any = Vec::new();
        let mut reads: Vec<Query> = Vec::new();
        for branch in branches {
            let taken = match constant(branch.result) {
                Some(result) => result == value,
                // What is not known may be the value; NULL is never.
                None => !is_null(branch.result),
            };
            let condition = match branch.condition {
                When::True(expr) => self.condition(expr, false),
                When::Equal(operand, expr) => self.equality(operand, expr),
                When::Otherwise => Condition::nothing(),
            };
            if taken {
                any.push(condition);
            } else if let When::True(expr) | When::Equal(_, expr) = branch.condition {
                reads.extend(self.reads(expr));
            }
            reads.extend(self.reads(branch.result));
        }
        Condition::All(vec![Condition::Reads(reads), Condition::Any(any)])
    }
}

/// One branch of CASE or IIF.
struct Branch<'a> {
    condition: When<'a>,
    result: &'a Expr,
}

#[derive(Clone, Copy)]
enum When<'a> {
    True(&'a Expr),
    Equal(&'a Expr, &'a Expr),
    Otherwise,
}

fn chosen(expr: &Expr) -> Option<Vec<Branch<'_>>> {
    match expr {
        Expr::Nested(inner) => chosen(inner),
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let mut branches: Vec<Branch<'_>> = conditions
                .iter()
                .map(|when| Branch {
                    condition: match operand {
                        Some(operand) => When::Equal(operand, &when.condition),
                        None => When::True(&when.condition),
                    },
                    result: &when.result,
                })
                .collect();
            branches.extend(else_result.iter().map(|result| Branch {
                condition: When::Otherwise,
                result,
            }));
            Some(branches)
        }
        Expr::Function(function) if parts(&function.name) == ["iif"] => {
            let arguments = arguments(function);
            let [condition, yes, no] = arguments.as_slice() else {
                return None;
            };
            Some(vec![
                Branch {
                    condition: When::True(condition),
                    result: yes,
                },
                Branch {
                    condition: When::Otherwise,
                    result: no,
                },
            ])
        }
        _ => None,
    }
}

/// A literal integer or text, spelled so that different spellings are different values.
fn constant(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Nested(inner) => constant(inner),
        Expr::Value(value) => match &value.value {
            sql::Value::Number(text, _) => {
                let number: i64 = text.parse().ok()?;
                Some(number.to_string())
            }
            _ => {
                // Texts may be equal though they differ in case or in blanks at the end.
                let text = text_of(expr)?;
                let plain = text.bytes().all(|byte| byte.is_ascii_lowercase());
                (plain && !text.is_empty()).then(|| format!("'{text}"))
            }
        },
        _ => None,
    }
}

fn scalar(expr: &Expr) -> Option<&sql::Query> {
    match expr {
        Expr::Nested(inner) => scalar(inner),
        Expr::Subquery(query) => Some(query),
        _ => None,
    }
}

fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_null(inner),
        Expr::Value(value) => value.value == sql::Value::Null,
        _ => false,
    }
}
