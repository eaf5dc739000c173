//! Guards: what is known of a parameter behind `IF @OrgId <> … THROW`?
//!
//! Behind such an IF its condition was false *or unknown*. That `@OrgId <> context` was not true
//! says that both are equal only where the context cannot be NULL: a session without a context
//! would otherwise pass every guard.

use tsql::sql::{self, BinaryOperator, Expr};

use super::binder::{Binder, arguments, parts, text_of};
use super::conversion::{Length, written};
use super::flow::Flow;
use super::formula::Term;
use super::state::{State, Value};

/// The state where a condition was not found true.
pub(crate) fn where_not_true(flow: &Flow<'_>, condition: &Expr) -> State {
    let mut state = flow.state.clone();
    if flow.labels {
        return state;
    }
    let binder = flow.binder();
    let mut known = Known::default();
    known.not_true(&binder, &state, condition);
    // One comparison may lend its proof to the next.
    for _ in 0..=known.equal.len() {
        for (a, b, strict) in &known.equal {
            for (own, other) in [(a, b), (b, a)] {
                let Key::Variable(name) = own else { continue };
                let proven =
                    is_caller(&binder, &state, other) && (!strict || known.there.contains(other));
                let Some(variable) = state.variables.get_mut(name) else {
                    continue;
                };
                if proven && matches!(variable.value, Value::Other(_)) {
                    variable.value = Value::Caller { context: false };
                }
            }
        }
    }
    state
}

/// What can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    /// The session's context, or a variable that was read from it.
    Context,
    /// The same through TRY_CONVERT, which may be NULL where the context is not.
    TriedContext,
    Variable(String),
}

#[derive(Default)]
struct Known {
    /// Equal; the flag says that this is known only where neither is NULL.
    equal: Vec<(Key, Key, bool)>,
    /// Not NULL.
    there: Vec<Key>,
}

impl Known {
    fn not_true(&mut self, binder: &Binder<'_>, state: &State, expr: &Expr) {
        match expr {
            Expr::Nested(inner) => self.not_true(binder, state, inner),
            Expr::UnaryOp {
                op: sql::UnaryOperator::Not,
                expr,
            } => self.not_false(binder, state, expr),
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::Or => {
                    self.not_true(binder, state, left);
                    self.not_true(binder, state, right);
                }
                BinaryOperator::NotEq => self.equal(binder, state, left, right, true),
                _ => {}
            },
            Expr::IsNull(inner) => self.there.extend(key(binder, state, inner)),
            Expr::IsDistinctFrom(left, right) => self.equal(binder, state, left, right, false),
            _ => {}
        }
    }

    fn not_false(&mut self, binder: &Binder<'_>, state: &State, expr: &Expr) {
        match expr {
            Expr::Nested(inner) => self.not_false(binder, state, inner),
            Expr::UnaryOp {
                op: sql::UnaryOperator::Not,
                expr,
            } => self.not_true(binder, state, expr),
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::And => {
                    self.not_false(binder, state, left);
                    self.not_false(binder, state, right);
                }
                BinaryOperator::Eq => self.equal(binder, state, left, right, true),
                _ => {}
            },
            Expr::IsNotNull(inner) => self.there.extend(key(binder, state, inner)),
            Expr::IsNotDistinctFrom(left, right) => self.equal(binder, state, left, right, false),
            _ => {}
        }
    }

    fn equal(
        &mut self,
        binder: &Binder<'_>,
        state: &State,
        left: &Expr,
        right: &Expr,
        strict: bool,
    ) {
        if let (Some(left), Some(right)) = (key(binder, state, left), key(binder, state, right)) {
            self.equal.push((left, right, strict));
        }
    }
}

fn is_caller(binder: &Binder<'_>, state: &State, key: &Key) -> bool {
    match key {
        Key::Context | Key::TriedContext => binder.frame().context,
        Key::Variable(name) => match state.variables.get(name) {
            Some(variable) => matches!(variable.value, Value::Caller { .. }),
            None => false,
        },
    }
}

fn key(binder: &Binder<'_>, state: &State, expr: &Expr) -> Option<Key> {
    let converted = |inner: &Expr, data_type: &sql::DataType| {
        let (name, length) = written(&data_type.to_string());
        let length = match length {
            Length::Unsaid => Length::Characters(30),
            length => length,
        };
        binder
            .kind
            .survives(&name, length)
            .then(|| key(binder, state, inner))
            .flatten()
    };
    let tried = |key: Option<Key>| match key? {
        Key::Context | Key::TriedContext => Some(Key::TriedContext),
        Key::Variable(_) => None,
    };
    match expr {
        Expr::Nested(inner) => key(binder, state, inner),
        Expr::Identifier(ident) if ident.value.starts_with('@') => {
            let name = ident.value.to_lowercase();
            let variable = state.variables.get(&name)?;
            if !binder.kind.survives(&variable.data_type, variable.length) {
                return None;
            }
            Some(match variable.value {
                Value::Caller { context: true } => Key::Context,
                _ => Key::Variable(name),
            })
        }
        Expr::Convert {
            is_try,
            expr,
            data_type: Some(data_type),
            ..
        } => {
            let inner = converted(expr, data_type);
            if *is_try { tried(inner) } else { inner }
        }
        Expr::Cast {
            kind,
            expr,
            data_type,
            ..
        } => {
            let inner = converted(expr, data_type);
            if *kind == sql::CastKind::TryCast {
                tried(inner)
            } else {
                inner
            }
        }
        Expr::Function(function) if binder.is_context(function) => Some(Key::Context),
        _ => None,
    }
}

/// What an expression that is assigned holds.
pub(crate) fn value_of(binder: &mut Binder<'_>, state: &State, expr: &Expr, line: u32) -> Value {
    let other = || {
        Value::Other(format!(
            "is set on line {line} to something that is not the caller's tenant"
        ))
    };
    match expr {
        Expr::Nested(inner) => return value_of(binder, state, inner, line),
        Expr::Value(value) if value.value == sql::Value::Null => return Value::Null,
        Expr::Identifier(ident) if ident.value.starts_with('@') => {
            let name = ident.value.to_lowercase();
            if let Some(variable) = state.variables.get(&name) {
                return match &variable.value {
                    Value::Other(_) => Value::Other(format!("is set on line {line} to {name}")),
                    value => value.clone(),
                };
            }
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus | BinaryOperator::StringConcat,
            right,
        } => {
            let left = value_of(binder, state, left, line);
            let right = value_of(binder, state, right, line);
            return match (left, right) {
                (Value::Text(left), Value::Text(right)) => Value::Text(left + &right),
                _ => other(),
            };
        }
        Expr::Subquery(query) => {
            // A subquery without a row is NULL.
            let mark = (
                binder.leaves.len(),
                binder.references.len(),
                binder.calls.len(),
            );
            let query = binder.query(query);
            let caller = binder.callers_of(&query).contains(&0);
            binder.leaves.truncate(mark.0);
            binder.references.truncate(mark.1);
            binder.calls.truncate(mark.2);
            return if caller {
                Value::Caller { context: false }
            } else {
                other()
            };
        }
        Expr::Function(function)
            if matches!(parts(&function.name).as_slice(),
                [name] if matches!(name.as_str(), "isnull" | "coalesce" | "concat")) =>
        {
            let values: Vec<Value> = arguments(function)
                .into_iter()
                .map(|one| value_of(binder, state, one, line))
                .collect();
            let is_concat = parts(&function.name) == ["concat"];
            let caller = |value: &Value| matches!(value, Value::Caller { .. } | Value::Null);
            return if is_concat {
                let mut text = String::new();
                for value in &values {
                    match value {
                        Value::Text(part) => text.push_str(part),
                        _ => return other(),
                    }
                }
                Value::Text(text)
            } else if !values.is_empty() && values.iter().all(caller) {
                Value::Caller { context: false }
            } else {
                other()
            };
        }
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let results = conditions.iter().map(|when| &when.result);
            let results: Vec<&Expr> = results.chain(else_result.as_deref()).collect();
            let caller = |value: Value| matches!(value, Value::Caller { .. } | Value::Null);
            let all = results
                .into_iter()
                .all(|one| caller(value_of(binder, state, one, line)));
            return if all {
                Value::Caller { context: false }
            } else {
                other()
            };
        }
        _ => {}
    }
    if binder.term(expr) == Term::Caller {
        let context = key(binder, state, expr) == Some(Key::Context);
        return Value::Caller { context };
    }
    match text_of(expr) {
        Some(text) => Value::Text(text),
        None => other(),
    }
}
