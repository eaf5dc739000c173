//! What does a query expression mean? SELECT with all its clauses, set operations, VALUES, CTEs.

use std::sync::Arc;

use catalog::Mask;
use tsql::sql;
use values::{SqlError, SqlType, Value};

use crate::binder::grouping::{condition_has_aggregate, has_aggregate};
use crate::binder::names::{Cte, CteBody};
use crate::binder::pushdown::{conjuncts, place_conditions, plan_seeks};
use crate::binder::{Binder, Clause, Frame};
use crate::json::ForJson;
use crate::messages;
use crate::plan::{
    Body, Expr, ExprKind, Grouping, Limit, OutputColumn, Query, RelationKind, Select, SetOperation,
    SetOperator, SortBy, SortKey, Source,
};

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A statement of its own, or the source of an INSERT.
    Statement,
    /// A value, IN, ANY, ALL.
    Subquery,
    Exists,
    /// In FROM, or a CTE.
    Derived,
    View,
}

/// ORDER BY, TOP, OFFSET of the query around a SELECT.
#[derive(Clone, Copy, Default)]
struct Tail<'q> {
    order_by: &'q [sql::OrderByExpr],
    offset: Option<&'q sql::Offset>,
    fetch: Option<&'q sql::Fetch>,
}

impl Binder<'_, '_> {
    /// A query expression.
    pub(crate) fn query(&mut self, query: &sql::Query, place: Place) -> Result<Query, SqlError> {
        self.deeper(|binder| {
            let ctes = binder.cte_count();
            if let Some(with) = &query.with {
                binder.with(with)?;
            }
            let result = binder.query_here(query, place);
            binder.truncate_ctes(ctes);
            result
        })
    }

    pub(crate) fn with(&mut self, with: &sql::With) -> Result<(), SqlError> {
        for (place, cte) in with.cte_tables.iter().enumerate() {
            let name = &cte.alias.name.value;
            if with.cte_tables[..place]
                .iter()
                .any(|other| catalog::same_name(&other.alias.name.value, name))
            {
                return Err(SqlError::new(
                    239,
                    16,
                    1,
                    format!("Duplicate common table expression name '{name}' was specified."),
                ));
            }
            let visible = self.cte_count() + 1;
            self.push_cte(Cte {
                name: Arc::from(name.as_str()),
                columns: cte
                    .alias
                    .columns
                    .iter()
                    .map(|it| it.name.value.clone())
                    .collect(),
                body: CteBody::Query(Arc::new((*cte.query).clone())),
                visible,
            });
        }
        Ok(())
    }

    fn query_here(&mut self, query: &sql::Query, place: Place) -> Result<Query, SqlError> {
        if !query.locks.is_empty()
            || query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty()
        {
            return Err(SqlError::unsupported(format!("the clauses of {query}")));
        }
        let order_by: &[sql::OrderByExpr] = match &query.order_by {
            None => &[],
            Some(order_by) => match &order_by.kind {
                sql::OrderByKind::Expressions(list) => list,
                sql::OrderByKind::All(_) => return Err(messages::syntax_near("all")),
            },
        };
        let offset = match &query.limit_clause {
            None => None,
            Some(sql::LimitClause::LimitOffset {
                limit: None,
                offset,
                limit_by,
            }) if limit_by.is_empty() => offset.as_ref(),
            Some(_) => return Err(messages::syntax_near("limit")),
        };
        let tail = Tail {
            order_by,
            offset,
            fetch: query.fetch.as_ref(),
        };
        let json = match &query.for_clause {
            None => None,
            Some(sql::ForClause::Json {
                for_json,
                root,
                include_null_values,
                without_array_wrapper,
            }) => Some(ForJson {
                auto: matches!(for_json, sql::ForJson::Auto),
                root: root.clone(),
                include_nulls: *include_null_values,
                without_array: *without_array_wrapper,
            }),
            Some(sql::ForClause::Xml { .. }) => return Err(SqlError::unsupported("FOR XML")),
            Some(sql::ForClause::Browse) => return Err(SqlError::unsupported("FOR BROWSE")),
        };
        if !order_by.is_empty()
            && place != Place::Statement
            && offset.is_none()
            && json.is_none()
            && !has_top(&query.body)
        {
            return Err(messages::order_by_in_view());
        }
        if (offset.is_some() || query.fetch.is_some()) && order_by.is_empty() {
            return Err(messages::syntax_near("OFFSET"));
        }
        let bound = self.set_expr(&query.body, tail)?;
        match json {
            None => Ok(bound),
            Some(format) => self.for_json(bound, format, place),
        }
    }

    fn for_json(
        &mut self,
        mut query: Query,
        format: ForJson,
        place: Place,
    ) -> Result<Query, SqlError> {
        format.check(&query.columns)?;
        // A statement masks the rows that it writes down; a document inside of a query is one
        // value that reads masked columns.
        let mut mask = None;
        if place != Place::Statement {
            for column in &mut query.columns {
                mask = mask.or(column.mask.take().map(|_| Arc::new(Mask::Default)));
            }
        }
        let collation = self.default_collation().collation();
        Ok(Query {
            columns: vec![OutputColumn {
                name: Arc::from("JSON_F52E2B61-18A1-11d1-B105-00805F49916B"),
                data_type: SqlType::NVARCHAR_MAX,
                nullable: true,
                collation,
                identity: None,
                relation: None,
                mask,
            }],
            body: Body::Json(Box::new(query), format),
        })
    }

    /// A part of a set operation by itself.
    pub(crate) fn set_expr_alone(&mut self, body: &sql::SetExpr) -> Result<Query, SqlError> {
        self.set_expr(body, Tail::default())
    }

    fn set_expr(&mut self, body: &sql::SetExpr, tail: Tail<'_>) -> Result<Query, SqlError> {
        match body {
            sql::SetExpr::Select(select) => {
                if select.into.is_some() {
                    return Err(messages::syntax_near("INTO"));
                }
                self.select(select, tail)
            }
            sql::SetExpr::Query(query) => {
                let plain = tail.order_by.is_empty() && tail.offset.is_none();
                if plain {
                    return self.query(query, Place::Derived);
                }
                if query.order_by.is_none() && query.limit_clause.is_none() && query.with.is_none()
                {
                    return self.set_expr(&query.body, tail);
                }
                Err(SqlError::unsupported(
                    "ORDER BY around a parenthesised query with ORDER BY",
                ))
            }
            sql::SetExpr::SetOperation { .. } => self.set_operation(body, tail),
            sql::SetExpr::Values(values) => {
                if !tail.order_by.is_empty() {
                    return Err(messages::syntax_near("order"));
                }
                self.values(values)
            }
            other => Err(SqlError::unsupported(format!("{other} as a query"))),
        }
    }

    fn values(&mut self, values: &sql::Values) -> Result<Query, SqlError> {
        if std::mem::take(&mut self.updatable) {
            self.changes = Some(Self::not_updatable("union"));
        }
        // The rows stand alone: what they read is one level further out, as when they run.
        self.push_frame();
        let query = self.values_here(values);
        self.frames.pop();
        query
    }

    fn values_here(&mut self, values: &sql::Values) -> Result<Query, SqlError> {
        let mut rows = Vec::with_capacity(values.rows.len());
        for row in &values.rows {
            let row: &Vec<sql::Expr> = row;
            let bound = self.in_clause(Clause::Value, |binder| {
                row.iter()
                    .map(|expr| binder.expr(expr))
                    .collect::<Result<Vec<_>, _>>()
            })?;
            rows.push(bound);
        }
        self.values_of(rows)
    }

    /// VALUES over bound rows.
    pub(crate) fn values_of(&mut self, rows: Vec<Vec<Expr>>) -> Result<Query, SqlError> {
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(SqlError::new(
                10709,
                16,
                1,
                "The number of columns for each row in a table value constructor must be the same.",
            ));
        }
        let mut columns = Vec::with_capacity(width);
        for place in 0..width {
            let data_type = known(values::union_types(
                rows.iter().map(|row| &row[place].data_type),
            )?);
            let parts: Vec<&Expr> = rows.iter().map(|row| &row[place]).collect();
            columns.push(OutputColumn {
                name: Arc::from(""),
                data_type,
                nullable: parts.iter().any(|part| part.nullable),
                collation: self.meet_all(&parts, "VALUES").collation(),
                identity: None,
                relation: None,
                mask: parts
                    .iter()
                    .map(|part| self.mask_of(part))
                    .fold(None, super::masks::meet),
            });
        }
        Ok(Query {
            columns,
            body: Body::Values(rows),
        })
    }

    // --- set operations ----------------------------------------------------------------------

    fn set_operation(&mut self, body: &sql::SetExpr, tail: Tail<'_>) -> Result<Query, SqlError> {
        if std::mem::take(&mut self.updatable) {
            self.changes = Some(Self::not_updatable("union"));
        }
        // A chain of UNIONs leans to the left and may be hundreds long.
        let mut spine = Vec::new();
        let mut first = body;
        while let sql::SetExpr::SetOperation {
            left,
            op,
            set_quantifier,
            right,
        } = first
        {
            let operator = match (op, set_quantifier) {
                (sql::SetOperator::Union, sql::SetQuantifier::All) => SetOperator::UnionAll,
                (sql::SetOperator::Union, sql::SetQuantifier::None) => SetOperator::Union,
                (sql::SetOperator::Except, sql::SetQuantifier::None) => SetOperator::Except,
                (sql::SetOperator::Intersect, sql::SetQuantifier::None) => SetOperator::Intersect,
                (_, quantifier) => return Err(messages::syntax_near(quantifier)),
            };
            spine.push((operator, right));
            first = left;
        }
        let mut result = self.set_expr(first, Tail::default())?;
        for (operator, right) in spine.into_iter().rev() {
            let mut right = self.set_expr(right, Tail::default())?;
            if right.columns.len() != result.columns.len() {
                return Err(messages::set_operation_columns());
            }
            let mut columns = Vec::with_capacity(right.columns.len());
            for place in 0..right.columns.len() {
                let data_type = known(values::union_type(
                    &type_in_union(&result, place),
                    &type_in_union(&right, place),
                )?);
                for side in [&mut result, &mut right] {
                    if type_in_union(side, place) == SqlType::UntypedNull {
                        give_type(side, place, data_type);
                    }
                }
                let (a, b) = (&result.columns[place], &right.columns[place]);
                columns.push(OutputColumn {
                    name: a.name.clone(),
                    data_type,
                    nullable: a.nullable || b.nullable,
                    collation: a.collation,
                    identity: None,
                    relation: a.relation.clone(),
                    mask: super::masks::meet(a.mask.clone(), b.mask.clone()),
                });
            }
            result = match result {
                Query {
                    body: Body::Set(mut set),
                    ..
                } if operator == SetOperator::UnionAll
                    && set.operator == SetOperator::UnionAll
                    && set.limit.is_none()
                    && set.order_by.is_empty() =>
                {
                    set.sides.push(right);
                    Query {
                        columns,
                        body: Body::Set(set),
                    }
                }
                left => Query {
                    columns,
                    body: Body::Set(Box::new(SetOperation {
                        operator,
                        sides: vec![left, right],
                        order_by: Vec::new(),
                        limit: Limit::default(),
                    })),
                },
            };
        }
        let order_by = self.set_order(&result.columns, tail.order_by)?;
        let limit = self.limit(None, tail, !order_by.is_empty())?;
        if let Body::Set(set) = &mut result.body {
            set.order_by = order_by;
            set.limit = limit;
        }
        Ok(result)
    }

    fn set_order(
        &mut self,
        columns: &[OutputColumn],
        items: &[sql::OrderByExpr],
    ) -> Result<Vec<(usize, bool)>, SqlError> {
        items
            .iter()
            .map(|item| {
                let place = match plain(&item.expr) {
                    sql::Expr::Identifier(ident) => columns
                        .iter()
                        .position(|column| catalog::same_name(&column.name, &ident.value))
                        .ok_or_else(|| messages::invalid_column(&ident.value))?,
                    sql::Expr::CompoundIdentifier(_) => {
                        return Err(messages::set_operation_order());
                    }
                    other => match position(other) {
                        Some(text) => ordinal(text, columns.len())?,
                        None => return Err(messages::set_operation_order()),
                    },
                };
                Ok((place, super::functions::descending(item)?))
            })
            .collect()
    }

    fn limit(
        &mut self,
        top: Option<&sql::Top>,
        tail: Tail<'_>,
        ordered: bool,
    ) -> Result<Limit, SqlError> {
        let mut limit = Limit::default();
        if let Some(top) = top {
            if tail.offset.is_some() {
                return Err(SqlError::new(
                    10741,
                    15,
                    2,
                    "A TOP can not be used in the same query or sub-query as a OFFSET.",
                ));
            }
            limit = self.top(top)?;
            if limit.with_ties && !ordered {
                return Err(messages::with_ties_needs_order());
            }
        }
        if let Some(offset) = tail.offset {
            limit.offset =
                Some(self.in_clause(Clause::Value, |binder| binder.expr(&offset.value))?);
        }
        if let Some(fetch) = tail.fetch {
            if fetch.percent || fetch.with_ties {
                return Err(messages::syntax_near("PERCENT"));
            }
            limit.top = Some(match &fetch.quantity {
                Some(quantity) => self.in_clause(Clause::Value, |binder| binder.expr(quantity))?,
                None => self.constant(Value::Int(1), SqlType::Int),
            });
        }
        Ok(limit)
    }

    /// TOP of SELECT and of the changing statements.
    pub(crate) fn top(&mut self, top: &sql::Top) -> Result<Limit, SqlError> {
        let quantity = match &top.quantity {
            None => return Err(messages::syntax_near("TOP")),
            Some(sql::TopQuantity::Expr(expr)) => {
                self.in_clause(Clause::Value, |binder| binder.expr(expr))?
            }
            Some(sql::TopQuantity::Constant(n)) => self.constant(
                Value::BigInt(i64::try_from(*n).unwrap_or(i64::MAX)),
                SqlType::BigInt,
            ),
        };
        Ok(Limit {
            top: Some(quantity),
            percent: top.percent,
            with_ties: top.with_ties,
            offset: None,
        })
    }

    // --- SELECT ------------------------------------------------------------------------------

    fn select(&mut self, select: &sql::Select, tail: Tail<'_>) -> Result<Query, SqlError> {
        self.push_frame();
        let result = self.in_clause(Clause::Select, |binder| binder.select_here(select, tail));
        self.frames.pop();
        result
    }

    fn select_here(&mut self, select: &sql::Select, tail: Tail<'_>) -> Result<Query, SqlError> {
        if !select.lateral_views.is_empty()
            || select.prewhere.is_some()
            || !select.connect_by.is_empty()
            || !select.named_window.is_empty()
            || select.qualify.is_some()
            || select.value_table_mode.is_some()
        {
            return Err(SqlError::unsupported(
                "clauses of SELECT that T-SQL does not have",
            ));
        }
        let updatable = self.updatable;
        let source = self.from(&select.from);
        // What stands in the other clauses is only read.
        self.updatable = false;
        let mut source = source?;
        self.frame().visible = true;
        let mut filter = Vec::new();
        if let Some(condition) = &select.selection {
            let condition = self.in_clause(Clause::Where, |binder| binder.condition(condition))?;
            filter = conjuncts(condition);
        }
        let group_by = self.group_by(&select.group_by)?;

        let mut projection = Vec::new();
        let mut columns = Vec::new();
        for item in &select.projection {
            self.item(item, &mut projection, &mut columns)?;
        }
        let mut having = match &select.having {
            Some(condition) => conjuncts(self.condition(condition)?),
            None => Vec::new(),
        };
        let distinct = match &select.distinct {
            None | Some(sql::Distinct::All) => false,
            Some(sql::Distinct::Distinct) => true,
            Some(sql::Distinct::On(_)) => return Err(messages::syntax_near("on")),
        };
        let mut order_by = self.order_by(tail.order_by, &projection, &columns)?;

        let grouped = group_by.is_some()
            || !having.is_empty()
            || projection.iter().any(has_aggregate)
            || having.iter().any(condition_has_aggregate)
            || order_by.iter().any(|key| match &key.by {
                SortBy::Expr(expr) => has_aggregate(expr),
                SortBy::Output(_) => false,
            });
        let mut grouping = None;
        if grouped {
            let scalar = group_by.is_none();
            let (keys, sets) = group_by.unwrap_or_else(|| (Vec::new(), vec![Vec::new()]));
            let mut group = Grouping {
                keys,
                sets,
                aggregates: Vec::new(),
                scalar,
            };
            for expr in &mut projection {
                self.over_group(expr, &mut group, "select list")?;
            }
            for condition in &mut having {
                self.condition_over_group(condition, &mut group)?;
            }
            for key in &mut order_by {
                if let SortBy::Expr(expr) = &mut key.by {
                    self.over_group(expr, &mut group, "ORDER BY clause")?;
                }
            }
            grouping = Some(group);
        }
        let slots = self.frame().slots;
        let window_slot = if grouped { 1 } else { slots };
        let mut windows = Vec::new();
        for expr in &mut projection {
            self.extract_windows(expr, &mut windows, window_slot)?;
        }
        for key in &mut order_by {
            if let SortBy::Expr(expr) = &mut key.by {
                self.extract_windows(expr, &mut windows, window_slot)?;
            }
        }
        // An expression of ORDER BY that is also selected need not be computed twice, and under
        // DISTINCT it must be selected.
        for key in &mut order_by {
            if let SortBy::Expr(expr) = &key.by
                && let Some(place) = projection.iter().position(|it| it == expr)
            {
                key.by = SortBy::Output(place);
            }
        }
        if distinct && order_by.iter().any(|key| matches!(key.by, SortBy::Expr(_))) {
            return Err(messages::distinct_order());
        }
        if distinct
            && let Some(column) = columns
                .iter()
                .find(|column| !column.data_type.is_comparable())
        {
            return Err(SqlError::new(
                421,
                16,
                1,
                format!(
                    "The {} data type cannot be selected as DISTINCT because it is not comparable.",
                    column.data_type.base_name()
                ),
            ));
        }
        let limit = self.limit(select.top.as_ref(), tail, !order_by.is_empty())?;
        if updatable {
            self.changes = Some(if grouped || distinct {
                Self::not_updatable("aggregate")
            } else {
                self.updatable_select(&mut projection, &mut columns)
            });
        }

        if let Some(source) = &mut source {
            filter = place_conditions(source, filter);
            if let Some(Frame::Select(frame)) = self.frames.last() {
                plan_seeks(source, &frame.relations, self.ex);
            }
        }
        Ok(Query {
            columns,
            body: Body::Select(Box::new(Select {
                slots,
                source,
                filter,
                grouping,
                having,
                windows,
                projection,
                distinct,
                order_by,
                limit,
            })),
        })
    }

    /// One item of a select list (or of OUTPUT).
    pub(crate) fn item(
        &mut self,
        item: &sql::SelectItem,
        projection: &mut Vec<Expr>,
        columns: &mut Vec<OutputColumn>,
    ) -> Result<(), SqlError> {
        match item {
            sql::SelectItem::UnnamedExpr(expr) => {
                let name = match plain(expr) {
                    sql::Expr::Identifier(ident)
                        if !ident.value.starts_with('@') && ident.value != "$action" =>
                    {
                        ident.value.as_str()
                    }
                    sql::Expr::Identifier(ident) if ident.value == "$action" => "$action",
                    sql::Expr::CompoundIdentifier(parts) => {
                        parts.last().map_or("", |part| part.value.as_str())
                    }
                    _ => "",
                };
                let bound = self.expr(expr)?;
                let column = self.output_column(name, &bound);
                columns.push(column);
                projection.push(bound);
            }
            sql::SelectItem::ExprWithAlias { expr, alias } => {
                let bound = self.expr(expr)?;
                let column = self.output_column(&alias.value, &bound);
                columns.push(column);
                projection.push(bound);
            }
            sql::SelectItem::Wildcard(_) => {
                if self.frame().relations.is_empty() {
                    return Err(SqlError::new(
                        263,
                        16,
                        1,
                        "Must specify table to select from.",
                    ));
                }
                for place in self.wildcard(None)? {
                    self.expand(place, projection, columns);
                }
            }
            sql::SelectItem::QualifiedWildcard(
                sql::SelectItemQualifiedWildcardKind::ObjectName(name),
                _,
            ) => {
                let parts: Vec<sql::Ident> = super::name_of(name)?
                    .0
                    .into_iter()
                    .map(sql::Ident::new)
                    .collect();
                for place in self.wildcard(Some(&parts))? {
                    self.expand(place, projection, columns);
                }
            }
            other => return Err(messages::syntax_near(other)),
        }
        Ok(())
    }

    fn expand(
        &mut self,
        place: usize,
        projection: &mut Vec<Expr>,
        columns: &mut Vec<OutputColumn>,
    ) {
        for ordinal in 0..self.frame().relations[place].columns.len() {
            let column = &self.frame().relations[place].columns[ordinal];
            if column.hidden {
                continue;
            }
            let name = column.name.clone();
            let bound = self.read(0, place, ordinal);
            columns.push(self.output_column(&name, &bound));
            projection.push(bound);
        }
    }

    fn output_column(&self, name: &str, expr: &Expr) -> OutputColumn {
        let mut identity = None;
        let mut relation = None;
        if let ExprKind::Column(column) = expr.kind
            && column.level == 0
            && let Some(Frame::Select(frame)) = self.frames.last()
            && let Some(found) = frame.relations.iter().find(|it| it.slot == column.slot)
        {
            relation = Some(found.name.clone());
            identity = found
                .columns
                .get(usize::from(column.ordinal))
                .and_then(|it| it.identity);
        }
        OutputColumn {
            name: Arc::from(name),
            data_type: known(expr.data_type),
            nullable: expr.nullable,
            collation: expr.collation.collation(),
            identity,
            relation,
            mask: self.mask_of(expr),
        }
    }

    fn order_by(
        &mut self,
        items: &[sql::OrderByExpr],
        projection: &[Expr],
        columns: &[OutputColumn],
    ) -> Result<Vec<SortKey>, SqlError> {
        let mut keys: Vec<SortKey> = Vec::with_capacity(items.len());
        for item in items {
            let descending = super::functions::descending(item)?;
            let by = self.sort_by(&item.expr, projection, columns)?;
            if keys.iter().any(|key| key.by == by) {
                return Err(SqlError::new(
                    169,
                    15,
                    1,
                    "A column has been specified more than once in the order by list. Columns in the order by list must be unique.",
                ));
            }
            keys.push(SortKey { by, descending });
        }
        Ok(keys)
    }

    fn sort_by(
        &mut self,
        expr: &sql::Expr,
        projection: &[Expr],
        columns: &[OutputColumn],
    ) -> Result<SortBy, SqlError> {
        if let Some(text) = position(expr) {
            return ordinal(text, columns.len()).map(SortBy::Output);
        }
        // A bare name means the result's column first.
        if let sql::Expr::Identifier(ident) = plain(expr)
            && !ident.value.starts_with('@')
        {
            let mut matching = columns
                .iter()
                .enumerate()
                .filter(|(_, column)| catalog::same_name(&column.name, &ident.value))
                .map(|(place, _)| place);
            if let Some(place) = matching.next() {
                let same = matching.all(|other| projection[other] == projection[place]);
                if !same {
                    return Err(messages::ambiguous_column(&ident.value));
                }
                return Ok(SortBy::Output(place));
            }
        }
        let bound = self.expr(expr)?;
        if let ExprKind::Constant(_) = bound.kind {
            return Err(SqlError::new(
                408,
                16,
                1,
                format!(
                    "A constant expression was encountered in the ORDER BY list, position {}.",
                    1
                ),
            ));
        }
        if !bound.data_type.is_comparable() {
            return Err(SqlError::new(
                306,
                16,
                2,
                "The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.",
            ));
        }
        Ok(SortBy::Expr(bound))
    }
}

/// A bare NULL is an int where a result needs a type.
fn known(data_type: SqlType) -> SqlType {
    if data_type == SqlType::UntypedNull {
        SqlType::Int
    } else {
        data_type
    }
}

/// The type that a column brings into a union: a bare NULL has none and takes the other side's.
fn type_in_union(query: &Query, place: usize) -> SqlType {
    let bare = match &query.body {
        Body::Select(select) => select
            .projection
            .get(place)
            .is_some_and(|expr| expr.data_type == SqlType::UntypedNull),
        Body::Set(set) => set
            .sides
            .iter()
            .all(|side| type_in_union(side, place) == SqlType::UntypedNull),
        Body::Values(_) | Body::Json(..) => false,
    };
    if bare {
        SqlType::UntypedNull
    } else {
        query.columns[place].data_type
    }
}

/// Makes a column of bare NULLs one of a type.
fn give_type(query: &mut Query, place: usize, data_type: SqlType) {
    if let Body::Set(set) = &mut query.body {
        for side in &mut set.sides {
            give_type(side, place, data_type);
        }
    }
    query.columns[place].data_type = data_type;
}

fn plain(expr: &sql::Expr) -> &sql::Expr {
    match expr {
        sql::Expr::Nested(inner) => plain(inner),
        other => other,
    }
}

/// The text of an integer literal.
fn position(expr: &sql::Expr) -> Option<&str> {
    match expr {
        sql::Expr::Value(value) => match &value.value {
            sql::Value::Number(text, _) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn ordinal(text: &str, columns: usize) -> Result<usize, SqlError> {
    text.parse::<usize>()
        .ok()
        .filter(|place| (1..=columns).contains(place))
        .map(|place| place - 1)
        .ok_or_else(|| messages::order_position(text))
}

fn has_top(body: &sql::SetExpr) -> bool {
    match body {
        sql::SetExpr::Select(select) => select.top.is_some(),
        sql::SetExpr::Query(query) => has_top(&query.body),
        _ => false,
    }
}

/// Whether a query reads the working table of a recursive CTE that is defined around it.
pub(crate) fn reads_work_table(query: &Query) -> bool {
    fn in_source(source: &Source) -> bool {
        match source {
            Source::Join(join) => in_source(&join.left) || in_source(&join.right),
            Source::Relation(relation) => match &relation.kind {
                RelationKind::WorkTable(_) => true,
                RelationKind::Derived(subquery) | RelationKind::InlineFunction(_, subquery) => {
                    subquery.volatile
                }
                _ => false,
            },
        }
    }
    match &query.body {
        Body::Select(select) => select.source.as_ref().is_some_and(in_source),
        Body::Values(_) => false,
        Body::Set(set) => set.sides.iter().any(reads_work_table),
        Body::Json(query, _) => reads_work_table(query),
    }
}
