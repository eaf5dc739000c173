//! Expressions: which value is it, as far as equality is concerned, and what does it read?

use std::ops::ControlFlow;

use tsql::sql::{self, Expr, Visit, Visitor};

use super::{Binder, Call, line_of, parts};
use crate::scoping::catalog::{Found, FoundRef};
use crate::scoping::conversion::written;
use crate::scoping::formula::Term;
use crate::scoping::plan::{Body, LeafKind, Query};

impl Binder<'_> {
    /// The value of an expression.
    pub(crate) fn term(&self, expr: &Expr) -> Term {
        match expr {
            Expr::Nested(inner) => self.term(inner),
            Expr::Identifier(ident) if is_variable(ident) => self.variable(&ident.value),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.column_of(expr) {
                Some((leaf, position)) => self.column_term(leaf, position),
                None => Term::Unknown,
            },
            Expr::Value(value) => self.literal(&value.value, ""),
            Expr::UnaryOp { op, expr } => match (op, &**expr) {
                (sql::UnaryOperator::Plus, inner) => self.term(inner),
                (sql::UnaryOperator::Minus, Expr::Value(value)) => self.literal(&value.value, "-"),
                _ => Term::Unknown,
            },
            Expr::Convert {
                expr,
                data_type: Some(data_type),
                ..
            } => self.converted(expr, &data_type.to_string(), true),
            Expr::Cast {
                expr, data_type, ..
            } => self.converted(expr, &data_type.to_string(), true),
            Expr::Function(function) if self.is_context(function) => Term::Caller,
            _ => Term::Unknown,
        }
    }

    fn converted(&self, inner: &Expr, data_type: &str, in_expression: bool) -> Term {
        let (name, length) = written(data_type);
        let length = match length {
            // CAST and CONVERT take 30 for a length that is not written.
            crate::scoping::conversion::Length::Unsaid if in_expression => {
                crate::scoping::conversion::Length::Characters(30)
            }
            length => length,
        };
        if self.kind.survives(&name, length) {
            self.term(inner)
        } else {
            Term::Unknown
        }
    }

    fn literal(&self, value: &sql::Value, sign: &str) -> Term {
        let text = match value {
            sql::Value::Number(text, _) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{sign}{text}")
            }
            sql::Value::SingleQuotedString(text) | sql::Value::NationalStringLiteral(text)
                if sign.is_empty() =>
            {
                text.clone()
            }
            _ => return Term::Unknown,
        };
        if self.tenancy.literals.contains(&text) {
            Term::Caller
        } else {
            Term::Literal(text)
        }
    }

    /// Is it the session's context, by the key that holds the caller's tenant?
    pub(crate) fn is_context(&self, function: &sql::Function) -> bool {
        let name = parts(&function.name);
        let arguments = arguments(function);
        self.frame().context
            && name.len() == 1
            && name[0] == "session_context"
            && arguments.len() == 1
            && text_of(arguments[0]).is_some_and(|key| self.tenancy.is_context_key(&key))
    }

    /// The column that an expression is, when it is one.
    pub(crate) fn column_of(&self, expr: &Expr) -> Option<(usize, usize)> {
        match expr {
            Expr::Nested(inner) => self.column_of(inner),
            Expr::Identifier(ident) if !is_variable(ident) => {
                self.column(&[], &ident.value.to_lowercase())
            }
            Expr::CompoundIdentifier(idents) => {
                let (column, qualifier) = idents.split_last()?;
                let qualifier: Vec<String> = qualifier
                    .iter()
                    .map(|part| part.value.to_lowercase())
                    .collect();
                self.column(&qualifier, &column.value.to_lowercase())
            }
            _ => None,
        }
    }

    /// Everything that an expression reads: its subqueries and the functions that it calls.
    pub(crate) fn reads(&mut self, expr: &Expr) -> Vec<Query> {
        let found = outermost(expr);
        let mut reads = Vec::new();
        for query in &found.queries {
            reads.push(self.query(query));
        }
        for function in &found.functions {
            reads.extend(self.called(function));
        }
        reads
    }

    /// A function of the database's own is judged apart.
    fn called(&mut self, function: &sql::Function) -> Option<Query> {
        let name = parts(&function.name);
        if name.len() < 2 {
            return None;
        }
        let line = line_of(&function.name);
        match self.resolve(&name) {
            Found::Object(FoundRef::Routine(_), schema) => {
                let arguments = arguments(function)
                    .iter()
                    .map(|one| self.term(one))
                    .collect();
                let database = name.len().checked_sub(3).map(|index| name[index].clone());
                let database = database.filter(|database| !database.is_empty());
                let name = name.last().cloned().unwrap_or_default();
                Some(self.call(database, schema, name, arguments, line))
            }
            // A method of a value (`x.value('…')`) and system functions read no table.
            _ if name[0] == "sys" => None,
            _ if self.column(&[], &name[0]).is_some() || name[0].starts_with('@') => None,
            _ => {
                let name = function.name.to_string();
                self.refuse(&name, line, "it calls a function that is not known");
                None
            }
        }
    }

    /// The call of a function as a query without columns.
    pub(crate) fn call(
        &mut self,
        database: Option<String>,
        schema: String,
        name: String,
        arguments: Vec<Term>,
        line: u32,
    ) -> Query {
        let database = database.unwrap_or_else(|| self.frame().database.clone());
        self.calls.push(Call {
            database,
            schema,
            name,
            arguments,
            line,
        });
        Query {
            body: Body::Call(self.calls.len() - 1),
            names: Vec::new(),
            open: true,
        }
    }

    /// Notes that the tenant's column stands where nothing follows from it.
    pub(crate) fn misuse(&mut self, expr: &Expr, how: &str) {
        for column in outermost(expr).columns {
            let Some((leaf, position)) = self.column_of(&column) else {
                continue;
            };
            let leaf = &mut self.leaves[leaf];
            if matches!(&leaf.kind, LeafKind::Owned { column, .. } if *column == position) {
                leaf.misused.get_or_insert_with(|| how.to_owned());
            }
        }
    }
}

/// `@name`.
pub(crate) fn is_variable(ident: &sql::Ident) -> bool {
    ident.quote_style.is_none() && ident.value.starts_with('@')
}

/// The text of a string literal.
pub(crate) fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Nested(inner) => text_of(inner),
        Expr::Value(value) => match &value.value {
            sql::Value::SingleQuotedString(text) | sql::Value::NationalStringLiteral(text) => {
                Some(text.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// The arguments of a call that are expressions.
pub(crate) fn arguments(function: &sql::Function) -> Vec<&Expr> {
    let sql::FunctionArguments::List(list) = &function.args else {
        return Vec::new();
    };
    list.args.iter().filter_map(argument).collect()
}

/// The expression of one argument.
pub(crate) fn argument(argument: &sql::FunctionArg) -> Option<&Expr> {
    match argument {
        sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Expr(expr))
        | sql::FunctionArg::Named {
            arg: sql::FunctionArgExpr::Expr(expr),
            ..
        }
        | sql::FunctionArg::ExprNamed {
            arg: sql::FunctionArgExpr::Expr(expr),
            ..
        } => Some(expr),
        _ => None,
    }
}

/// What an expression holds outside its subqueries, and the outermost of these.
#[derive(Default)]
pub(crate) struct Outermost {
    depth: usize,
    pub(crate) queries: Vec<sql::Query>,
    pub(crate) functions: Vec<sql::Function>,
    pub(crate) columns: Vec<Expr>,
}

/// Looks through an expression.
pub(crate) fn outermost(expr: &Expr) -> Outermost {
    let mut found = Outermost::default();
    let _: ControlFlow<()> = expr.visit(&mut found);
    found
}

impl Visitor for Outermost {
    type Break = ();

    fn pre_visit_query(&mut self, query: &sql::Query) -> ControlFlow<()> {
        if self.depth == 0 {
            self.queries.push(query.clone());
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &sql::Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.depth == 0 {
            match expr {
                Expr::Function(function) => self.functions.push(function.clone()),
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                    self.columns.push(expr.clone());
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

/// Does an expression aggregate the rows of its own SELECT? A function that is not known might.
pub(crate) fn aggregates(expr: &Expr, is_known: impl Fn(&sql::Function) -> bool) -> bool {
    const AGGREGATES: [&str; 21] = [
        "approx_count_distinct",
        "approx_percentile_cont",
        "approx_percentile_disc",
        "avg",
        "checksum_agg",
        "count",
        "count_big",
        "grouping",
        "grouping_id",
        "json_arrayagg",
        "json_objectagg",
        "max",
        "min",
        "product",
        "stdev",
        "stdevp",
        "string_agg",
        "sum",
        "var",
        "varp",
        "xmlagg",
    ];
    outermost(expr).functions.iter().any(|function| {
        let name = parts(&function.name);
        let aggregate = match name.as_slice() {
            [name] => AGGREGATES.contains(&name.as_str()),
            _ => !is_known(function),
        };
        aggregate && function.over.is_none()
    })
}
