//! What does an expression or a condition mean, and of which type is it?

use std::sync::Arc;

use tsql::sql;
use values::{
    BinaryOperator, Collation, SqlError, SqlType, UnaryOperator, Value, binary_type,
    check_comparable, convert, unary_type, union_types,
};

use crate::binder::{Binder, Clause, Place, data_type, types};
use crate::execution::nested_too_deeply;
use crate::messages;
use crate::plan::{CollationLabel, Comparison, Condition, Expr, ExprKind, Query, Subquery};
use crate::visit;

/// Longest chain of one operator: `a + b + c + …` is evaluated recursively.
const CHAIN: usize = 400;

impl Binder<'_, '_> {
    /// A scalar expression.
    pub(crate) fn expr(&mut self, expr: &sql::Expr) -> Result<Expr, SqlError> {
        self.deeper(|binder| binder.expr_here(expr))
    }

    fn expr_here(&mut self, expr: &sql::Expr) -> Result<Expr, SqlError> {
        use sql::Expr as E;
        match expr {
            E::Nested(inner) => self.expr(inner),
            E::Value(value) => self.literal(&value.value),
            E::Identifier(ident) => self.identifier(ident),
            E::CompoundIdentifier(parts) => self.qualified_column(parts),
            E::BinaryOp { .. } => self.chain(expr),
            E::UnaryOp { op, expr: operand } => self.unary(*op, operand, expr),
            E::Cast {
                kind,
                expr: operand,
                data_type: to,
                format: None,
            } => {
                let operand = self.expr(operand)?;
                let to = self.type_named(to)?;
                let or_null = matches!(kind, sql::CastKind::TryCast | sql::CastKind::SafeCast);
                types::cast(operand, to, None, or_null)
            }
            E::Convert {
                is_try,
                expr: operand,
                data_type: Some(to),
                styles,
                ..
            } => {
                let operand = self.expr(operand)?;
                let to = self.type_named(to)?;
                let style = match styles.first() {
                    Some(style) => Some(self.expr(style)?.convert_to(SqlType::Int)?),
                    None => None,
                };
                types::cast(operand, to, style, *is_try)
            }
            E::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            E::Collate {
                expr: operand,
                collation,
            } => {
                let operand = self.expr(operand)?;
                let name = super::name_of(collation)?;
                let name = catalog::last(&name);
                let collation = if name.eq_ignore_ascii_case("database_default") {
                    super::database_collation(self.ex, self.database)
                } else {
                    Collation::from_name(name).ok_or_else(|| messages::invalid_collation(name))?
                };
                if !operand.data_type.is_text() {
                    return Err(SqlError::new(
                        447,
                        16,
                        0,
                        format!(
                            "Expression type {} is invalid for COLLATE clause.",
                            operand.data_type.base_name()
                        ),
                    ));
                }
                Ok(Expr {
                    collation: CollationLabel::Explicit(collation),
                    ..operand
                })
            }
            E::Subquery(query) => {
                let subquery = self.subquery(query, Place::Subquery)?;
                let [column] = &subquery.query.columns[..] else {
                    return Err(messages::subquery_one_column());
                };
                Ok(Expr {
                    data_type: column.data_type,
                    collation: CollationLabel::Implicit(column.collation),
                    nullable: true,
                    kind: ExprKind::Subquery(subquery),
                })
            }
            E::Function(function) => self.function(function),
            E::AtTimeZone {
                timestamp,
                time_zone,
            } => {
                let operand = self.expr(timestamp)?;
                let zone = self.expr(time_zone)?;
                let scale = match operand.data_type {
                    SqlType::DateTime2(scale) | SqlType::DateTimeOffset(scale) => scale,
                    SqlType::DateTime => 3,
                    SqlType::SmallDateTime => 0,
                    other => {
                        return Err(SqlError::new(
                            8116,
                            16,
                            1,
                            format!(
                                "Argument data type {} is invalid for argument 1 of AT TIME ZONE function.",
                                other.base_name()
                            ),
                        ));
                    }
                };
                Ok(Expr {
                    data_type: SqlType::DateTimeOffset(scale),
                    collation: operand.collation,
                    nullable: true,
                    kind: ExprKind::AtTimeZone(Box::new(operand), Box::new(zone)),
                })
            }
            E::Substring {
                expr: text,
                substring_from,
                substring_for,
                ..
            } => {
                let mut arguments = vec![text.as_ref()];
                arguments.extend(substring_from.as_deref());
                arguments.extend(substring_for.as_deref());
                self.builtin_over("substring", &arguments)
            }
            E::Trim {
                trim_where: None,
                trim_what,
                expr: text,
                trim_characters: None,
            } => {
                let mut arguments = vec![text.as_ref()];
                if let Some(what) = trim_what {
                    arguments.insert(0, what);
                }
                self.builtin_over("trim", &arguments)
            }
            E::Ceil { expr: operand, .. } => self.builtin_over("ceiling", &[operand.as_ref()]),
            E::Floor { expr: operand, .. } => self.builtin_over("floor", &[operand.as_ref()]),
            E::TypedString(typed) => Err(messages::syntax_near(
                typed.value.to_string().trim_matches('\''),
            )),
            E::Prefixed { prefix, value } if prefix.value.eq_ignore_ascii_case("n") => {
                self.expr(value)
            }
            // A condition where a value is wanted.
            E::IsNull(_) | E::IsNotNull(_) => Err(messages::syntax_near("is")),
            E::InList { .. } | E::InSubquery { .. } => Err(messages::syntax_near("in")),
            E::Between { .. } => Err(messages::syntax_near("between")),
            E::Like { .. } => Err(messages::syntax_near("like")),
            E::Exists { .. } => Err(messages::syntax_near("exists")),
            E::IsDistinctFrom(..) | E::IsNotDistinctFrom(..) => Err(messages::syntax_near("is")),
            E::AnyOp { .. } | E::AllOp { .. } => Err(messages::syntax_near("=")),
            E::Tuple(_) => Err(messages::syntax_near(",")),
            other => Err(SqlError::unsupported(format!("the expression {other}"))),
        }
    }

    /// A type in an expression: a system type or an alias type of the database.
    pub(crate) fn type_named(&self, to: &sql::DataType) -> Result<SqlType, SqlError> {
        if let sql::DataType::Custom(name, _) = to {
            let name = super::name_of(name)?;
            if let Some(found) = self.alias_type(&name) {
                return Ok(found);
            }
        }
        data_type(to)
    }

    pub(crate) fn alias_type(&self, name: &tsql::Name) -> Option<SqlType> {
        let database = self.ex.instance.database(self.database)?;
        let schema = match &name.0[..] {
            [_] => catalog::SchemaId::DBO,
            [schema, _] => database.schema_named(schema)?.id,
            _ => return None,
        };
        match &database.type_named(schema, catalog::last(name))?.kind {
            catalog::UserTypeKind::Alias { base, .. } => Some(*base),
            catalog::UserTypeKind::Table(_) => None,
        }
    }

    fn identifier(&mut self, ident: &sql::Ident) -> Result<Expr, SqlError> {
        let name = &ident.value;
        if ident.quote_style.is_none() {
            if let Some(rest) = name.strip_prefix("@@") {
                return self.global_variable(rest);
            }
            if name.starts_with('@') {
                return self.variable_expr(name);
            }
            if name.eq_ignore_ascii_case("$action") {
                return self.column(ident);
            }
            if let Some(expr) = self.niladic(name)? {
                return Ok(expr);
            }
        }
        self.column(ident)
    }

    fn variable_expr(&mut self, name: &str) -> Result<Expr, SqlError> {
        if let Some(parameter) = self.parameter(name) {
            return Ok(parameter);
        }
        if self.in_function() {
            return Err(messages::undeclared_variable(name));
        }
        match self.variable(name) {
            Some((key, data_type)) => Ok(Expr {
                kind: ExprKind::Variable(key),
                data_type,
                collation: self.default_collation(),
                nullable: true,
            }),
            None if self.table_variable(name).is_some() => Err(messages::undeclared_variable(name)),
            None => Err(messages::undeclared_variable(name)),
        }
    }

    pub(crate) fn literal(&mut self, value: &sql::Value) -> Result<Expr, SqlError> {
        use sql::Value as V;
        let (value, data_type) = match value {
            V::Number(text, _) => number(text)?,
            V::SingleQuotedString(text) => {
                let length = text.chars().count();
                let to = if length > 8000 {
                    SqlType::VARCHAR_MAX
                } else {
                    SqlType::varchar(length.max(1) as u16)
                };
                let value = Value::text(text.as_str());
                if text.is_ascii() {
                    (value, to)
                } else {
                    // Without N the text goes through the code page of the database.
                    let from = SqlType::NVARCHAR_MAX;
                    let kind = values::ConversionKind::Explicit;
                    (convert(&value, &from, &to, None, kind)?, to)
                }
            }
            V::NationalStringLiteral(text) => {
                let length = text.encode_utf16().count();
                let to = if length > 4000 {
                    SqlType::NVARCHAR_MAX
                } else {
                    SqlType::nvarchar(length.max(1) as u16)
                };
                (Value::text(text.as_str()), to)
            }
            V::HexStringLiteral(digits) => {
                let bytes = hex(digits)?;
                let to = if bytes.len() > 8000 {
                    SqlType::VARBINARY_MAX
                } else {
                    SqlType::varbinary(bytes.len().max(1) as u16)
                };
                (Value::binary(bytes), to)
            }
            V::Null => (Value::Null, SqlType::UntypedNull),
            V::Boolean(truth) => {
                return self.column(&sql::Ident::new(if *truth { "true" } else { "false" }));
            }
            V::Placeholder(name) if name.starts_with("@@") => {
                return self.global_variable(&name[2..]);
            }
            V::Placeholder(name) if name.starts_with('@') => return self.variable_expr(name),
            V::Placeholder(name) if name.starts_with('$') => {
                return self.column(&sql::Ident::new(name.as_str()));
            }
            V::DoubleQuotedString(name) => return self.column(&sql::Ident::with_quote('"', name)),
            other => return Err(messages::syntax_near(other)),
        };
        Ok(self.constant(value, data_type))
    }

    /// `a op b op c`: parsed as a tree that is as deep as it is long, so the left spine is walked
    /// in a loop.
    fn chain(&mut self, expr: &sql::Expr) -> Result<Expr, SqlError> {
        let mut spine = Vec::new();
        let mut first = expr;
        while let sql::Expr::BinaryOp { left, op, right } = first {
            let Some(operator) = arithmetic(op) else {
                break;
            };
            spine.push((operator, right));
            first = left;
        }
        if spine.is_empty() {
            return match expr {
                sql::Expr::BinaryOp { op, .. } => Err(match op {
                    sql::BinaryOperator::And => messages::syntax_near("and"),
                    sql::BinaryOperator::Or => messages::syntax_near("or"),
                    other => messages::syntax_near(other),
                }),
                _ => unreachable!("only binary operators come here"),
            };
        }
        if spine.len() > CHAIN {
            return Err(nested_too_deeply());
        }
        let mut result = self.expr(first)?;
        for (operator, right) in spine.into_iter().rev() {
            let right = self.expr(right)?;
            result = self.binary(operator, result, right)?;
        }
        Ok(result)
    }

    pub(crate) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: Expr,
        right: Expr,
    ) -> Result<Expr, SqlError> {
        // An integer literal beside a decimal counts with as many digits as it has.
        let left_type = literal_type(&left, &right);
        let right_type = literal_type(&right, &left);
        let left = if left_type == left.data_type {
            left
        } else {
            left.convert_to(left_type)?
        };
        let right = if right_type == right.data_type {
            right
        } else {
            right.convert_to(right_type)?
        };
        let data_type = binary_type(operator, &left.data_type, &right.data_type)?;
        let collation = if data_type.is_text() {
            self.meet(&left, &right, "add operator")
        } else {
            self.default_collation()
        };
        Ok(Expr {
            data_type,
            collation,
            nullable: left.nullable || right.nullable,
            kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)),
        })
    }

    fn unary(
        &mut self,
        operator: sql::UnaryOperator,
        operand: &sql::Expr,
        whole: &sql::Expr,
    ) -> Result<Expr, SqlError> {
        let operator = match operator {
            sql::UnaryOperator::Plus => UnaryOperator::Plus,
            sql::UnaryOperator::Minus => UnaryOperator::Minus,
            sql::UnaryOperator::BitwiseNot => UnaryOperator::BitNot,
            sql::UnaryOperator::Not => return Err(messages::syntax_near("not")),
            _ => return Err(messages::syntax_near(whole)),
        };
        // -2147483648 is an int although 2147483648 is not.
        if operator == UnaryOperator::Minus
            && let sql::Expr::Value(value) = operand
            && let sql::Value::Number(text, _) = &value.value
        {
            let (value, data_type) = number(&format!("-{text}"))?;
            return Ok(self.constant(value, data_type));
        }
        let operand = self.expr(operand)?;
        let data_type = unary_type(operator, &operand.data_type)?;
        Ok(Expr {
            data_type,
            collation: operand.collation,
            nullable: operand.nullable,
            kind: ExprKind::Unary(operator, Box::new(operand)),
        })
    }

    fn case(
        &mut self,
        operand: Option<&sql::Expr>,
        conditions: &[sql::CaseWhen],
        otherwise: Option<&sql::Expr>,
    ) -> Result<Expr, SqlError> {
        let operand = operand.map(|operand| self.expr(operand)).transpose()?;
        let mut branches = Vec::with_capacity(conditions.len());
        for when in conditions {
            let condition = match &operand {
                Some(operand) => {
                    let value = self.expr(&when.condition)?;
                    self.compare(Comparison::Equal, operand.clone(), value)?
                }
                None => self.condition(&when.condition)?,
            };
            branches.push((condition, self.expr(&when.result)?));
        }
        let otherwise = otherwise
            .map(|otherwise| self.expr(otherwise))
            .transpose()?;
        if branches.iter().all(|(_, result)| result.is_null_literal())
            && otherwise.as_ref().is_none_or(Expr::is_null_literal)
        {
            return Err(SqlError::new(
                8133,
                16,
                1,
                "At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.",
            ));
        }
        self.case_of(branches, otherwise)
    }

    /// CASE over bound parts, in their common type.
    pub(crate) fn case_of(
        &mut self,
        branches: Vec<(Condition, Expr)>,
        otherwise: Option<Expr>,
    ) -> Result<Expr, SqlError> {
        let results: Vec<&Expr> = branches
            .iter()
            .map(|(_, result)| result)
            .chain(&otherwise)
            .collect();
        let data_type = union_types(results.iter().map(|result| &result.data_type))?;
        let collation = self.meet_all(&results, "CASE operator");
        let nullable = otherwise.is_none() || results.iter().any(|result| result.nullable);
        let branches = branches
            .into_iter()
            .map(|(condition, result)| Ok((condition, result.convert_to(data_type)?)))
            .collect::<Result<Vec<_>, SqlError>>()?;
        let otherwise = match otherwise {
            Some(otherwise) => Some(Box::new(otherwise.convert_to(data_type)?)),
            None => None,
        };
        Ok(Expr {
            data_type,
            collation,
            nullable,
            kind: ExprKind::Case {
                branches,
                otherwise,
            },
        })
    }

    // --- conditions --------------------------------------------------------------------------

    /// A condition.
    pub(crate) fn condition(&mut self, expr: &sql::Expr) -> Result<Condition, SqlError> {
        self.deeper(|binder| binder.condition_here(expr))
    }

    fn condition_here(&mut self, expr: &sql::Expr) -> Result<Condition, SqlError> {
        use sql::Expr as E;
        match expr {
            E::Nested(inner) => self.condition(inner),
            E::BinaryOp {
                op: sql::BinaryOperator::And,
                ..
            } => {
                let parts = self.connected(expr, &sql::BinaryOperator::And)?;
                Ok(Condition::And(parts))
            }
            E::BinaryOp {
                op: sql::BinaryOperator::Or,
                ..
            } => {
                let parts = self.connected(expr, &sql::BinaryOperator::Or)?;
                Ok(Condition::Or(parts))
            }
            E::BinaryOp { left, op, right } => match comparison(op) {
                Some(comparison) => {
                    let left = self.expr(left)?;
                    let right = self.expr(right)?;
                    self.compare(comparison, left, right)
                }
                None => Err(messages::not_boolean(near(expr))),
            },
            E::UnaryOp {
                op: sql::UnaryOperator::Not,
                expr,
            } => Ok(Condition::Not(Box::new(self.condition(expr)?))),
            E::IsNull(operand) | E::IsNotNull(operand) => Ok(Condition::IsNull {
                operand: Box::new(self.expr(operand)?),
                negated: matches!(expr, E::IsNotNull(_)),
            }),
            E::IsDistinctFrom(left, right) | E::IsNotDistinctFrom(left, right) => {
                let negated = matches!(expr, E::IsNotDistinctFrom(..));
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                let collation = self.comparable(&left, &right, Comparison::Equal)?;
                Ok(Condition::Distinct {
                    left: Box::new(left),
                    right: Box::new(right),
                    collation,
                    negated,
                })
            }
            E::Between {
                expr: operand,
                negated,
                low,
                high,
            } => {
                let operand = self.expr(operand)?;
                let low = self.expr(low)?;
                let high = self.expr(high)?;
                let parts = vec![
                    self.compare(Comparison::GreaterOrEqual, operand.clone(), low)?,
                    self.compare(Comparison::LessOrEqual, operand, high)?,
                ];
                Ok(negate(Condition::And(parts), *negated))
            }
            E::Like {
                negated,
                expr: operand,
                pattern,
                escape_char,
                any: false,
            } => {
                let operand = self.text_operand(operand)?;
                let pattern = self.text_operand(pattern)?;
                let escape = match escape_char {
                    Some(escape) => Some(Box::new(self.text_operand(escape)?)),
                    None => None,
                };
                let collation = self.agree(&operand, &pattern, "like")?;
                Ok(Condition::Like {
                    operand: Box::new(operand),
                    pattern: Box::new(pattern),
                    escape,
                    collation,
                    negated: *negated,
                })
            }
            E::InList {
                expr: operand,
                list,
                negated,
            } => {
                let operand = self.expr(operand)?;
                let mut items = Vec::with_capacity(list.len());
                let mut collation = operand.collation.collation();
                for item in list {
                    let item = self.expr(item)?;
                    collation = self.comparable(&operand, &item, Comparison::Equal)?;
                    items.push(item);
                }
                // The whole list is compared in one type: the strongest of all.
                let common = union_types(
                    items
                        .iter()
                        .map(|item| &item.data_type)
                        .chain([&operand.data_type]),
                )?;
                let (operand, items) = if common.is_character() {
                    (operand, items)
                } else {
                    let items = items
                        .into_iter()
                        .map(|item| item.convert_to(common))
                        .collect::<Result<Vec<_>, _>>()?;
                    (operand.convert_to(common)?, items)
                };
                Ok(Condition::In {
                    operand: Box::new(operand),
                    list: items,
                    collation,
                    negated: *negated,
                })
            }
            E::InSubquery {
                expr: operand,
                subquery,
                negated,
            } => {
                let operand = self.expr(operand)?;
                let subquery = self.subquery(subquery, Place::Subquery)?;
                let inner = single_column(&subquery)?;
                let collation = self.comparable(&operand, &inner, Comparison::Equal)?;
                let common = common_type(&operand.data_type, &inner.data_type);
                Ok(Condition::InSubquery {
                    operand: Box::new(operand),
                    subquery,
                    common,
                    collation,
                    negated: *negated,
                })
            }
            E::Exists { subquery, negated } => {
                let subquery = self.subquery(subquery, Place::Exists)?;
                Ok(negate(Condition::Exists(subquery), *negated))
            }
            E::AnyOp {
                left,
                compare_op,
                right,
                ..
            } => self.quantified(left, compare_op, right, false),
            E::AllOp {
                left,
                compare_op,
                right,
            } => self.quantified(left, compare_op, right, true),
            E::Function(function) => match self.condition_function(function)? {
                Some(condition) => Ok(condition),
                None => Err(messages::not_boolean(near(expr))),
            },
            other => {
                // The operand may be wrong as well, and that is said first.
                self.expr(other)?;
                Err(messages::not_boolean(near(other)))
            }
        }
    }

    /// The operands of a chain of AND or OR.
    fn connected(
        &mut self,
        expr: &sql::Expr,
        connective: &sql::BinaryOperator,
    ) -> Result<Vec<Condition>, SqlError> {
        let mut spine = Vec::new();
        let mut first = expr;
        while let sql::Expr::BinaryOp { left, op, right } = first {
            if op != connective {
                break;
            }
            spine.push(right);
            first = left;
        }
        let mut parts = vec![self.condition(first)?];
        for part in spine.into_iter().rev() {
            parts.push(self.condition(part)?);
        }
        Ok(parts)
    }

    fn quantified(
        &mut self,
        left: &sql::Expr,
        operator: &sql::BinaryOperator,
        right: &sql::Expr,
        all: bool,
    ) -> Result<Condition, SqlError> {
        let comparison = comparison(operator).ok_or_else(|| messages::syntax_near(operator))?;
        let operand = self.expr(left)?;
        let sql::Expr::Subquery(query) = right else {
            return Err(messages::syntax_near(if all { "all" } else { "any" }));
        };
        let subquery = self.subquery(query, Place::Subquery)?;
        let inner = single_column(&subquery)?;
        let collation = self.comparable(&operand, &inner, comparison)?;
        Ok(Condition::Quantified {
            comparison,
            all,
            operand: Box::new(operand),
            subquery,
            collation,
        })
    }

    fn text_operand(&mut self, expr: &sql::Expr) -> Result<Expr, SqlError> {
        let expr = self.expr(expr)?;
        if expr.data_type.is_text() {
            return Ok(expr);
        }
        if expr.is_null_literal() {
            return Ok(self.constant(Value::Null, SqlType::nvarchar(1)));
        }
        if expr.data_type.is_binary() && !matches!(expr.data_type, SqlType::RowVersion) {
            return Err(SqlError::new(
                8116,
                16,
                1,
                format!(
                    "Argument data type {} is invalid for argument 1 of like function.",
                    expr.data_type.base_name()
                ),
            ));
        }
        expr.convert_to(SqlType::nvarchar(4000))
    }

    /// `left op right`.
    pub(crate) fn compare(
        &mut self,
        comparison: Comparison,
        left: Expr,
        right: Expr,
    ) -> Result<Condition, SqlError> {
        let collation = self.comparable(&left, &right, comparison)?;
        // A literal is converted once, here, rather than for every row.
        let (left, right) = match (&left.kind, &right.kind) {
            (_, ExprKind::Constant(_)) if weaker(&right, &left) => {
                let to = left.data_type;
                (left, right.convert_to(to)?)
            }
            (ExprKind::Constant(_), _) if weaker(&left, &right) => {
                let to = right.data_type;
                (left.convert_to(to)?, right)
            }
            _ => (left, right),
        };
        Ok(Condition::Compare(
            comparison,
            Box::new(left),
            Box::new(right),
            collation,
        ))
    }

    /// Checks that two expressions can be compared; the collation in which they are.
    pub(crate) fn comparable(
        &mut self,
        left: &Expr,
        right: &Expr,
        comparison: Comparison,
    ) -> Result<Collation, SqlError> {
        check_comparable(&left.data_type, &right.data_type, comparison.words())?;
        self.agree(left, right, comparison.words())
    }

    /// The collation of an operation over two texts.
    fn agree(&self, left: &Expr, right: &Expr, operation: &str) -> Result<Collation, SqlError> {
        if !left.data_type.is_text() || !right.data_type.is_text() {
            let text = if right.data_type.is_text() {
                right
            } else {
                left
            };
            return Ok(text.collation.collation());
        }
        match self.meet(left, right, operation) {
            CollationLabel::Conflict(a, b) => {
                Err(messages::collation_conflict(a.name(), b.name(), operation))
            }
            label => Ok(label.collation()),
        }
    }

    fn meet(&self, left: &Expr, right: &Expr, _operation: &str) -> CollationLabel {
        use CollationLabel as L;
        if !left.data_type.is_text() {
            return right.collation;
        }
        if !right.data_type.is_text() {
            return left.collation;
        }
        match (left.collation, right.collation) {
            (L::Explicit(a), L::Explicit(b)) if a != b => L::Conflict(a, b),
            (L::Explicit(a), _) | (_, L::Explicit(a)) => L::Explicit(a),
            (L::Conflict(a, b), _) | (_, L::Conflict(a, b)) => L::Conflict(a, b),
            (L::Implicit(a), L::Implicit(b)) if a != b => L::Conflict(a, b),
            (L::Implicit(a), _) | (_, L::Implicit(a)) => L::Implicit(a),
            (L::Coercible(a), L::Coercible(_)) => L::Coercible(a),
        }
    }

    pub(crate) fn meet_all(&self, parts: &[&Expr], operation: &str) -> CollationLabel {
        let mut texts = parts.iter().filter(|part| part.data_type.is_text());
        let Some(first) = texts.next() else {
            return self.default_collation();
        };
        let mut result = Expr::clone(first);
        for part in texts {
            result.collation = self.meet(&result, part, operation);
        }
        result.collation
    }

    /// A query inside an expression.
    pub(crate) fn subquery(
        &mut self,
        query: &sql::Query,
        place: Place,
    ) -> Result<Arc<Subquery>, SqlError> {
        if self.clause == Clause::Aggregate {
            return Err(messages::aggregate_in_aggregate());
        }
        if self.clause == Clause::GroupBy {
            return Err(messages::aggregate_in_group_by());
        }
        let updatable = std::mem::take(&mut self.updatable);
        let query = self.in_clause(Clause::Select, |binder| binder.query(query, place));
        self.updatable = updatable;
        Ok(self.subquery_of(query?))
    }

    pub(crate) fn subquery_of(&mut self, query: Query) -> Arc<Subquery> {
        let outer = visit::outer_columns(&query);
        let volatile = super::query::reads_work_table(&query);
        Arc::new(Subquery {
            id: self.new_id(),
            query,
            outer,
            volatile,
        })
    }
}

/// The single column of a subquery, as an expression to check against.
fn single_column(subquery: &Subquery) -> Result<Expr, SqlError> {
    match &subquery.query.columns[..] {
        [column] => Ok(Expr {
            kind: ExprKind::Constant(Value::Null),
            data_type: column.data_type,
            collation: CollationLabel::Implicit(column.collation),
            nullable: true,
        }),
        _ => Err(messages::subquery_one_column()),
    }
}

fn negate(condition: Condition, negated: bool) -> Condition {
    if negated {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}

/// The type in which two values are compared.
pub(crate) fn common_type(a: &SqlType, b: &SqlType) -> SqlType {
    if let (Some((p1, s1)), Some((p2, s2))) = (a.as_decimal(), b.as_decimal())
        && (matches!(a, SqlType::Decimal { .. }) || matches!(b, SqlType::Decimal { .. }))
    {
        let scale = s1.max(s2);
        let whole = (p1 - s1).max(p2 - s2);
        return SqlType::decimal((whole + scale).min(38), scale.min(38 - whole.min(38)));
    }
    values::union_type(a, b).unwrap_or(if a.precedence() <= b.precedence() {
        *a
    } else {
        *b
    })
}

/// Whether a constant should take the other side's type before rows are looked at.
fn weaker(constant: &Expr, other: &Expr) -> bool {
    constant.data_type != other.data_type
        && !(constant.data_type.is_character() && other.data_type.is_character())
        && constant.data_type.precedence() > other.data_type.precedence()
        && !matches!(other.data_type, SqlType::Decimal { .. } | SqlType::Variant)
        && !constant.is_null_literal()
}

/// The type of an integer literal when the other operand is a decimal.
fn literal_type(expr: &Expr, other: &Expr) -> SqlType {
    if matches!(other.data_type, SqlType::Decimal { .. })
        && let ExprKind::Constant(Value::Int(value)) = expr.kind
    {
        return SqlType::of_integer_literal(i64::from(value));
    }
    expr.data_type
}

pub(crate) fn arithmetic(operator: &sql::BinaryOperator) -> Option<BinaryOperator> {
    Some(match operator {
        sql::BinaryOperator::Plus => BinaryOperator::Add,
        sql::BinaryOperator::Minus => BinaryOperator::Subtract,
        sql::BinaryOperator::Multiply => BinaryOperator::Multiply,
        sql::BinaryOperator::Divide => BinaryOperator::Divide,
        sql::BinaryOperator::Modulo => BinaryOperator::Modulo,
        sql::BinaryOperator::BitwiseAnd => BinaryOperator::BitAnd,
        sql::BinaryOperator::BitwiseOr => BinaryOperator::BitOr,
        sql::BinaryOperator::BitwiseXor => BinaryOperator::BitXor,
        _ => return None,
    })
}

fn comparison(operator: &sql::BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        sql::BinaryOperator::Eq => Comparison::Equal,
        sql::BinaryOperator::NotEq => Comparison::NotEqual,
        sql::BinaryOperator::Lt => Comparison::Less,
        sql::BinaryOperator::LtEq => Comparison::LessOrEqual,
        sql::BinaryOperator::Gt => Comparison::Greater,
        sql::BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// What message 4145 puts after `near`: the text that follows is not known here, so the
/// expression itself stands for it.
fn near(expr: &sql::Expr) -> String {
    let text = expr.to_string();
    text.chars().take(60).collect()
}

fn number(text: &str) -> Result<(Value, SqlType), SqlError> {
    let unsigned = text.trim_start_matches('-');
    if unsigned.contains(['e', 'E']) {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok((Value::Float(value), SqlType::Float)),
            _ => Err(SqlError::new(
                168,
                15,
                1,
                format!(
                    "The floating point value '{text}' is out of the range of computer representation (8 bytes)."
                ),
            )),
        };
    }
    if !unsigned.contains('.')
        && let Ok(value) = text.parse::<i32>()
    {
        return Ok((Value::Int(value), SqlType::Int));
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0');
    let digits = format!("{whole}{fraction}");
    let precision = digits.len().max(fraction.len()).max(1);
    let too_long = || {
        SqlError::new(
            1007,
            15,
            1,
            format!(
                "The number '{text}' is out of the range for numeric representation (maximum precision 38)."
            ),
        )
    };
    if precision > 38 {
        return Err(too_long());
    }
    let unscaled: i128 = if digits.is_empty() {
        0
    } else {
        digits.parse().map_err(|_| too_long())?
    };
    let unscaled = if text.starts_with('-') {
        -unscaled
    } else {
        unscaled
    };
    let scale = fraction.len() as u8;
    Ok((
        Value::Decimal { unscaled, scale },
        SqlType::decimal(precision as u8, scale),
    ))
}

fn hex(digits: &str) -> Result<Vec<u8>, SqlError> {
    // An odd number of digits gets a zero in front.
    let padded = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    let mut bytes = Vec::with_capacity(padded.len() / 2);
    for pair in padded.as_bytes().chunks(2) {
        let text = std::str::from_utf8(pair).map_err(|_| messages::syntax_near(digits))?;
        bytes.push(u8::from_str_radix(text, 16).map_err(|_| messages::syntax_near(digits))?);
    }
    Ok(bytes)
}
