//! What does a function call mean: an aggregate, a window function, a built-in, a metadata or
//! session function, or one of the user's?

use catalog::{Permission, Target};
use tsql::sql;
use values::{Collation, SqlError, SqlType, Value, lookup, union_types};

use crate::binder::absent_functions::is_absent;
use crate::binder::{Binder, Clause};
use crate::execution::average_type;
use crate::execution::sum_type;
use crate::json::JsonFunction;
use crate::messages;
use crate::permissions::Breadth;
use crate::plan::{
    AggregateCall, AggregateFunction, Body, Bound, Builtin, Comparison, Condition, Expr, ExprKind,
    Frame as WindowFrame, WindowCall, WindowFunction,
};
use crate::session_functions::SessionFunction;
use crate::state::ModuleRef;
use crate::visit;

/// One written argument.
enum Argument<'a> {
    Expr(&'a sql::Expr),
    Star,
    QualifiedStar(&'a sql::ObjectName),
}

impl Binder<'_, '_> {
    /// A function call as a value.
    pub(crate) fn function(&mut self, function: &sql::Function) -> Result<Expr, SqlError> {
        let name = super::name_of(&function.name)?;
        if function.uses_odbc_syntax {
            return Err(SqlError::unsupported("ODBC escape functions"));
        }
        if !matches!(function.parameters, sql::FunctionArguments::None) || function.filter.is_some()
        {
            return Err(messages::syntax_near("("));
        }
        if name.0.len() > 1 {
            return self.user_function(&name, function);
        }
        let lower = name.0[0].to_lowercase();
        if let Some(over) = &function.over {
            return self.window(&lower, function, over);
        }
        if let Some(aggregate) = aggregate_named(&lower) {
            return self.aggregate(aggregate, &lower, function);
        }
        if window_named(&lower).is_some() {
            return Err(messages::needs_over(&lower));
        }
        if matches!(function.args, sql::FunctionArguments::None)
            && let Some(expr) = self.niladic(&lower)?
        {
            return Ok(expr);
        }
        let arguments = arguments(function)?;
        self.scalar(&lower, &name.0[0], &arguments)
    }

    /// Functions that are written without parentheses.
    pub(crate) fn niladic(&mut self, name: &str) -> Result<Option<Expr>, SqlError> {
        let name = match name.len() {
            4 if name.eq_ignore_ascii_case("user") => "current_user",
            11 if name.eq_ignore_ascii_case("system_user") => "system_user",
            12 if name.eq_ignore_ascii_case("current_user") => "current_user",
            12 if name.eq_ignore_ascii_case("session_user") => "session_user",
            12 if name.eq_ignore_ascii_case("current_date") => "current_date",
            17 if name.eq_ignore_ascii_case("current_timestamp") => "current_timestamp",
            _ => return Ok(None),
        };
        if let Some(metadata) = catalog::functions::lookup(name) {
            return self
                .session(SessionFunction::Metadata(metadata.into()), Vec::new())
                .map(Some);
        }
        let builtin = if name == "current_timestamp" {
            "getdate"
        } else {
            name
        };
        self.builtin(builtin, name, Vec::new()).map(Some)
    }

    /// `@@name`.
    pub(crate) fn global_variable(&mut self, name: &str) -> Result<Expr, SqlError> {
        match SessionFunction::global(name) {
            Some(function) => self.session(function, Vec::new()),
            None => Err(messages::undeclared_variable(&format!("@@{name}"))),
        }
    }

    fn session(
        &mut self,
        function: SessionFunction,
        arguments: Vec<Expr>,
    ) -> Result<Expr, SqlError> {
        Ok(Expr {
            data_type: function.data_type(),
            collation: self.default_collation(),
            nullable: true,
            kind: ExprKind::Session(function, arguments),
        })
    }

    fn scalar(
        &mut self,
        lower: &str,
        written: &str,
        arguments: &[Argument<'_>],
    ) -> Result<Expr, SqlError> {
        match lower {
            "coalesce" => {
                let parts = self.all(arguments)?;
                if parts.is_empty() {
                    return Err(messages::syntax_near(")"));
                }
                if parts.iter().all(Expr::is_null_literal) {
                    return Err(SqlError::new(
                        4127,
                        16,
                        1,
                        "At least one of the arguments to COALESCE must be an expression that is not the NULL constant.",
                    ));
                }
                let data_type = union_types(parts.iter().map(|part| &part.data_type))?;
                let collation =
                    self.meet_all(&parts.iter().collect::<Vec<_>>(), "COALESCE operator");
                let nullable = parts.iter().all(|part| part.nullable);
                let parts = parts
                    .into_iter()
                    .map(|part| part.convert_to(data_type))
                    .collect::<Result<Vec<_>, _>>()?;
                return Ok(Expr {
                    data_type,
                    collation,
                    nullable,
                    kind: ExprKind::Coalesce(parts),
                });
            }
            "nullif" => {
                let [left, right] = self.exactly::<2>(lower, arguments)?;
                let condition = self.compare(Comparison::Equal, left.clone(), right)?;
                let null = self.constant(Value::Null, left.data_type);
                return self.case_of(vec![(condition, null)], Some(left));
            }
            "iif" => {
                let [
                    Argument::Expr(condition),
                    Argument::Expr(yes),
                    Argument::Expr(no),
                ] = arguments
                else {
                    return Err(messages::argument_count("iif", 3));
                };
                let condition = self.condition(condition)?;
                let yes = self.expr(yes)?;
                let no = self.expr(no)?;
                return self.case_of(vec![(condition, yes)], Some(no));
            }
            "choose" => {
                let mut parts = self.all(arguments)?;
                if parts.len() < 2 {
                    return Err(messages::argument_count("choose", 2));
                }
                let index = parts.remove(0).convert_to(SqlType::Int)?;
                let data_type = union_types(parts.iter().map(|part| &part.data_type))?;
                let collation = self.meet_all(&parts.iter().collect::<Vec<_>>(), "CHOOSE");
                let parts = parts
                    .into_iter()
                    .map(|part| part.convert_to(data_type))
                    .collect::<Result<Vec<_>, _>>()?;
                return Ok(Expr {
                    data_type,
                    collation,
                    nullable: true,
                    kind: ExprKind::Choose(Box::new(index), parts),
                });
            }
            "checksum" | "binary_checksum"
                if matches!(arguments, [Argument::Star | Argument::QualifiedStar(_)]) =>
            {
                return self.row_checksum(&arguments[0]);
            }
            "binary_checksum" => {
                let parts = self.all(arguments)?;
                return self.session(SessionFunction::BinaryChecksum, parts);
            }
            "grouping" | "grouping_id" => {
                let parts = self.all(arguments)?;
                return Ok(Expr {
                    data_type: if lower == "grouping" {
                        SqlType::TinyInt
                    } else {
                        SqlType::Int
                    },
                    collation: self.default_collation(),
                    nullable: false,
                    kind: ExprKind::Grouping(parts),
                });
            }
            "__next_value_for" => return self.next_value(arguments),
            "parse" | "try_parse" => return Err(SqlError::unsupported("PARSE")),
            "columns_updated" => {
                if !arguments.is_empty() {
                    return Err(messages::argument_count(lower, 0));
                }
                return Ok(Expr {
                    data_type: SqlType::varbinary(128),
                    collation: self.default_collation(),
                    nullable: true,
                    kind: ExprKind::UpdatedColumns,
                });
            }
            "newsequentialid" if !self.in_default => return Err(only_in_default()),
            _ => {}
        }
        if lower.starts_with("__system_time") {
            return Err(SqlError::unsupported("FOR SYSTEM_TIME"));
        }
        if takes_date_part(lower)
            && let Some((Argument::Expr(part), rest)) = arguments.split_first()
        {
            let part = match part {
                sql::Expr::Identifier(ident) => ident.value.clone(),
                _ => {
                    return Err(SqlError::new(
                        1023,
                        15,
                        1,
                        format!("Invalid parameter 1 specified for {lower}."),
                    ));
                }
            };
            let length = part.len().max(1) as u16;
            let mut bound = vec![self.constant(Value::text(part), SqlType::varchar(length))];
            bound.extend(self.all(rest)?);
            return self.builtin(lower, written, bound);
        }
        let bound = self.all(arguments)?;
        if let Some(mut function) = JsonFunction::named(lower) {
            function.check_arity(bound.len())?;
            if matches!(function, JsonFunction::Modify { .. }) {
                let is_json = gives_json(&bound[2]);
                function = JsonFunction::Modify { is_json };
            }
            return Ok(Expr {
                data_type: function.data_type(),
                collation: self.default_collation(),
                nullable: true,
                kind: ExprKind::Json(function, bound),
            });
        }
        if let Some(function) = SessionFunction::named(lower) {
            function.check_arity(bound.len())?;
            return self.session(function, bound);
        }
        if let Some(metadata) = catalog::functions::lookup(lower) {
            let function = SessionFunction::Metadata(metadata.into());
            function.check_arity(bound.len())?;
            return self.session(function, bound);
        }
        self.builtin(lower, written, bound)
    }

    /// A built-in over unbound arguments.
    pub(crate) fn builtin_over(
        &mut self,
        name: &str,
        arguments: &[&sql::Expr],
    ) -> Result<Expr, SqlError> {
        let bound = arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect::<Result<Vec<_>, _>>()?;
        self.builtin(name, name, bound)
    }

    fn builtin(
        &mut self,
        lower: &str,
        written: &str,
        arguments: Vec<Expr>,
    ) -> Result<Expr, SqlError> {
        let function = lookup(lower).ok_or_else(|| {
            if is_absent(lower) {
                SqlError::unsupported(written.to_uppercase())
            } else {
                messages::unknown_function(written)
            }
        })?;
        function.check_arity(arguments.len())?;
        let types: Vec<SqlType> = arguments
            .iter()
            .map(|argument| argument.data_type)
            .collect();
        let data_type = (function.return_type)(&types)?;
        let label = self.meet_all(&arguments.iter().collect::<Vec<_>>(), lower);
        let collation: Collation = label.collation();
        let nullable = !arguments.is_empty();
        Ok(Expr {
            data_type,
            collation: label,
            nullable,
            kind: ExprKind::Function(Builtin(function), arguments, collation),
        })
    }

    fn all(&mut self, arguments: &[Argument<'_>]) -> Result<Vec<Expr>, SqlError> {
        arguments
            .iter()
            .map(|argument| match argument {
                Argument::Expr(expr) => self.expr(expr),
                Argument::Star | Argument::QualifiedStar(_) => Err(messages::syntax_near("*")),
            })
            .collect()
    }

    fn exactly<const N: usize>(
        &mut self,
        name: &str,
        arguments: &[Argument<'_>],
    ) -> Result<[Expr; N], SqlError> {
        let bound = self.all(arguments)?;
        bound
            .try_into()
            .map_err(|_| messages::argument_count(name, N))
    }

    /// CHECKSUM(*) and BINARY_CHECKSUM(*): all columns of all relations.
    fn row_checksum(&mut self, argument: &Argument<'_>) -> Result<Expr, SqlError> {
        let idents: Vec<sql::Ident>;
        let qualifier = match argument {
            Argument::QualifiedStar(name) => {
                idents = super::name_of(name)?
                    .0
                    .into_iter()
                    .map(sql::Ident::new)
                    .collect();
                Some(&idents[..])
            }
            _ => None,
        };
        if !matches!(self.frames.last(), Some(super::Frame::Select(_))) {
            return Err(messages::syntax_near("*"));
        }
        let mut slots = Vec::new();
        for place in self.wildcard(qualifier)? {
            let relation = &self.frame().relations[place];
            slots.push(relation.slot);
            for ordinal in 0..relation_width(self, place) {
                self.read(0, place, ordinal);
            }
        }
        Ok(Expr {
            data_type: SqlType::Int,
            collation: self.default_collation(),
            nullable: false,
            kind: ExprKind::RowChecksum(slots),
        })
    }

    // --- aggregates --------------------------------------------------------------------------

    fn aggregate(
        &mut self,
        function: AggregateFunction,
        lower: &str,
        call: &sql::Function,
    ) -> Result<Expr, SqlError> {
        match self.clause {
            Clause::Select | Clause::Window => {}
            Clause::Where | Clause::Value => return Err(messages::aggregate_in_where()),
            Clause::On => return Err(messages::aggregate_in_on()),
            Clause::GroupBy => return Err(messages::aggregate_in_group_by()),
            Clause::Aggregate => return Err(messages::aggregate_in_aggregate()),
            Clause::Set => {
                return Err(SqlError::new(
                    157,
                    15,
                    1,
                    "An aggregate may not appear in the set list of an UPDATE statement.",
                ));
            }
        }
        let call = self.aggregate_call(function, lower, call)?;
        Ok(Expr {
            data_type: call.data_type,
            collation: match &call.argument {
                Some(argument) if call.data_type.is_text() => argument.collation,
                _ => self.default_collation(),
            },
            nullable: !matches!(
                function,
                AggregateFunction::Count | AggregateFunction::CountBig
            ),
            kind: ExprKind::Aggregate(Box::new(call)),
        })
    }

    fn aggregate_call(
        &mut self,
        function: AggregateFunction,
        lower: &str,
        call: &sql::Function,
    ) -> Result<AggregateCall, SqlError> {
        let distinct = match &call.args {
            sql::FunctionArguments::List(list) => {
                matches!(
                    list.duplicate_treatment,
                    Some(sql::DuplicateTreatment::Distinct)
                )
            }
            _ => false,
        };
        let arguments = arguments(call)?;
        let wanted = if function == AggregateFunction::StringAgg {
            2
        } else {
            1
        };
        if arguments.len() != wanted {
            return Err(messages::argument_count(lower, wanted));
        }
        let star = matches!(arguments[0], Argument::Star);
        let counts = matches!(
            function,
            AggregateFunction::Count | AggregateFunction::CountBig
        );
        if star && (distinct || !counts) {
            return Err(messages::syntax_near("*"));
        }
        let argument = match &arguments[0] {
            Argument::Star => None,
            Argument::QualifiedStar(_) => return Err(messages::syntax_near("*")),
            Argument::Expr(expr) => {
                Some(self.in_clause(Clause::Aggregate, |binder| binder.expr(expr))?)
            }
        };
        if let Some(argument) = &argument {
            self.check_not_outer(argument)?;
        }
        let separator = match arguments.get(1) {
            Some(Argument::Expr(expr)) => {
                let separator = self.in_clause(Clause::Aggregate, |binder| binder.expr(expr))?;
                Some(if separator.data_type.is_text() {
                    separator
                } else {
                    separator.convert_to(SqlType::nvarchar(4000))?
                })
            }
            _ => None,
        };
        let mut order_by = Vec::new();
        for item in &call.within_group {
            let expr = self.in_clause(Clause::Aggregate, |binder| binder.expr(&item.expr))?;
            order_by.push((expr, descending(item)?));
        }
        if !order_by.is_empty() && function != AggregateFunction::StringAgg {
            return Err(messages::syntax_near("within"));
        }
        let data_type = match &argument {
            Some(argument) => aggregate_type(function, lower, &argument.data_type)?,
            None => aggregate_type(function, lower, &SqlType::Int)?,
        };
        Ok(AggregateCall {
            function,
            distinct,
            argument,
            separator,
            order_by,
            data_type,
        })
    }

    /// An aggregate over columns of an outer query belongs to that query, which is not done here.
    fn check_not_outer(&self, argument: &Expr) -> Result<(), SqlError> {
        let mut own = false;
        let mut outer = false;
        visit::columns(argument, &mut |column| {
            let parameters = self
                .frames
                .len()
                .checked_sub(1 + usize::from(column.level))
                .and_then(|place| self.frames.get(place))
                .is_some_and(|frame| matches!(frame, super::Frame::Parameters(_)));
            if column.level == 0 || parameters {
                own = true;
            } else {
                outer = true;
            }
        });
        if outer && !own {
            return Err(SqlError::unsupported(
                "aggregates over columns of an outer query",
            ));
        }
        Ok(())
    }

    // --- windows -----------------------------------------------------------------------------

    fn window(
        &mut self,
        lower: &str,
        call: &sql::Function,
        over: &sql::WindowType,
    ) -> Result<Expr, SqlError> {
        if self.clause != Clause::Select {
            return Err(messages::window_not_allowed());
        }
        let sql::WindowType::WindowSpec(over) = over else {
            return Err(SqlError::unsupported("named windows"));
        };
        if over.window_name.is_some() {
            return Err(SqlError::unsupported("named windows"));
        }
        if call.null_treatment.is_some() {
            return Err(SqlError::unsupported("IGNORE NULLS"));
        }
        self.in_clause(Clause::Window, |binder| {
            binder.window_here(lower, call, over)
        })
    }

    fn window_here(
        &mut self,
        lower: &str,
        call: &sql::Function,
        over: &sql::WindowSpec,
    ) -> Result<Expr, SqlError> {
        let partition_by = over
            .partition_by
            .iter()
            .map(|expr| self.expr(expr))
            .collect::<Result<Vec<_>, _>>()?;
        let mut order_by = Vec::new();
        for item in &over.order_by {
            let expr = self.expr(&item.expr)?;
            if matches!(expr.kind, ExprKind::Constant(Value::Int(_))) {
                return Err(SqlError::new(
                    5308,
                    16,
                    1,
                    "Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions.",
                ));
            }
            if matches!(expr.kind, ExprKind::Constant(_)) {
                return Err(SqlError::new(
                    5309,
                    16,
                    1,
                    "Windowed functions, aggregates and NEXT VALUE FOR functions do not support constants as ORDER BY clause expressions.",
                ));
            }
            order_by.push((expr, descending(item)?));
        }
        let frame = frame(over.window_frame.as_ref())?;
        if over.window_frame.is_some() && order_by.is_empty() {
            return Err(SqlError::new(
                10756,
                15,
                1,
                "Window frame with ROWS or RANGE must have an ORDER BY clause.",
            ));
        }
        if lower == "__next_value_for" {
            return self.next_value_over(call, partition_by, order_by);
        }
        let (function, arguments, data_type, label) = match window_named(lower) {
            Some((function, minimum, maximum, needs_order)) => {
                if needs_order && order_by.is_empty() {
                    return Err(messages::window_needs_order(lower));
                }
                let written = arguments(call)?;
                if !(minimum..=maximum).contains(&written.len()) {
                    return Err(messages::argument_count(lower, minimum));
                }
                let bound = self.all(&written)?;
                let first = bound.first();
                let data_type = match function {
                    WindowFunction::PercentRank | WindowFunction::CumeDist => SqlType::Float,
                    WindowFunction::Lag
                    | WindowFunction::Lead
                    | WindowFunction::FirstValue
                    | WindowFunction::LastValue => {
                        first.map_or(SqlType::Int, |first| first.data_type)
                    }
                    _ => SqlType::BigInt,
                };
                let label = first.map_or(self.default_collation(), |first| first.collation);
                (function, bound, data_type, label)
            }
            None => {
                let Some(aggregate) = aggregate_named(lower) else {
                    return Err(if is_absent(lower) {
                        SqlError::unsupported(lower.to_uppercase())
                    } else {
                        messages::unknown_function(lower)
                    });
                };
                // The aggregate's own argument may itself be an aggregate of the group.
                let call = self.windowed_aggregate(aggregate, lower, call)?;
                let label = call
                    .argument
                    .as_ref()
                    .map_or(self.default_collation(), |argument| argument.collation);
                let data_type = call.data_type;
                (
                    WindowFunction::Aggregate(Box::new(call)),
                    Vec::new(),
                    data_type,
                    label,
                )
            }
        };
        Ok(Expr {
            data_type,
            collation: label,
            nullable: true,
            kind: ExprKind::Window(Box::new(WindowCall {
                function,
                arguments,
                partition_by,
                order_by,
                frame,
                data_type,
            })),
        })
    }

    /// `NEXT VALUE FOR s OVER (ORDER BY …)`: the values are given out in that order.
    fn next_value_over(
        &mut self,
        call: &sql::Function,
        partition_by: Vec<Expr>,
        order_by: Vec<(Expr, bool)>,
    ) -> Result<Expr, SqlError> {
        let refused = |number, message: &str| Err(SqlError::new(number, 15, 1, message));
        if !partition_by.is_empty() {
            return refused(
                11716,
                "NEXT VALUE FOR function does not support the PARTITION BY clause.",
            );
        }
        if order_by.is_empty() {
            return refused(
                11718,
                "NEXT VALUE FOR function does not support an empty OVER clause.",
            );
        }
        let written = arguments(call)?;
        let next = self.next_value(&written)?;
        let ExprKind::NextValue(sequence) = next.kind else {
            return Err(messages::syntax_near("NEXT"));
        };
        Ok(Expr {
            data_type: next.data_type,
            collation: next.collation,
            nullable: false,
            kind: ExprKind::Window(Box::new(WindowCall {
                function: WindowFunction::NextValue(sequence),
                arguments: Vec::new(),
                partition_by,
                order_by,
                frame: frame(None)?,
                data_type: next.data_type,
            })),
        })
    }

    fn windowed_aggregate(
        &mut self,
        function: AggregateFunction,
        lower: &str,
        call: &sql::Function,
    ) -> Result<AggregateCall, SqlError> {
        if let sql::FunctionArguments::List(list) = &call.args
            && matches!(
                list.duplicate_treatment,
                Some(sql::DuplicateTreatment::Distinct)
            )
        {
            return Err(SqlError::new(
                10759,
                15,
                1,
                "Use of DISTINCT is not allowed with the OVER clause.",
            ));
        }
        if function == AggregateFunction::StringAgg {
            return Err(SqlError::new(
                4113,
                16,
                1,
                "The function 'STRING_AGG' is not a valid windowing function, and cannot be used with the OVER clause.",
            ));
        }
        let written = arguments(call)?;
        let [argument] = &written[..] else {
            return Err(messages::argument_count(lower, 1));
        };
        let argument = match argument {
            Argument::Star => None,
            Argument::Expr(expr) => Some(self.expr(expr)?),
            Argument::QualifiedStar(_) => return Err(messages::syntax_near("*")),
        };
        let data_type = match &argument {
            Some(argument) => aggregate_type(function, lower, &argument.data_type)?,
            None => aggregate_type(function, lower, &SqlType::Int)?,
        };
        Ok(AggregateCall {
            function,
            distinct: false,
            argument,
            separator: None,
            order_by: Vec::new(),
            data_type,
        })
    }

    // --- the user's --------------------------------------------------------------------------

    fn user_function(
        &mut self,
        name: &tsql::Name,
        function: &sql::Function,
    ) -> Result<Expr, SqlError> {
        let unknown = || {
            let parts = &name.0;
            let schema = parts
                .get(parts.len().wrapping_sub(2))
                .cloned()
                .unwrap_or_default();
            messages::unknown_user_function(schema, catalog::last(name))
        };
        if function.over.is_some() {
            return Err(messages::syntax_near("over"));
        }
        // `sys.fn_…` and other functions of the server's own have a plain name here.
        if name.0.len() == 2 && name.0[0].eq_ignore_ascii_case("sys") {
            let arguments = arguments(function)?;
            return self.scalar(&name.0[1].to_lowercase(), &name.0[1], &arguments);
        }
        let resolved = match self.resolve(name) {
            Ok(resolved) => resolved,
            Err(error) if error.number == 208 => return Err(unknown()),
            Err(error) => return Err(error),
        };
        let Target::Object(object) = &resolved.target else {
            return Err(unknown());
        };
        let Some(module) = object.as_module().filter(|_| object.type_code() == "FN") else {
            return Err(unknown());
        };
        let returns = module.returns.ok_or_else(unknown)?;
        let parameters = module.parameters.clone();
        let display = catalog::display(name);
        let database = resolved.token.database;
        let object = object.clone();
        self.require(&resolved, &object, Permission::EXECUTE, Breadth::Object);
        let written = default_arguments(function)?;
        if written.len() > parameters.len() {
            return Err(SqlError::new(
                8144,
                16,
                3,
                format!("Procedure or function {display} has too many arguments specified."),
            ));
        }
        if written.len() < parameters.len() {
            return Err(SqlError::new(
                313,
                16,
                2,
                format!(
                    "An insufficient number of arguments were supplied for the procedure or function {display}."
                ),
            ));
        }
        let mut bound = Vec::with_capacity(parameters.len());
        for (argument, parameter) in written.into_iter().zip(&parameters) {
            let expr = match argument {
                Some(expr) => self.expr(expr)?,
                None => match &parameter.default {
                    Some(default) => self.expr(default)?,
                    None => self.constant(Value::Null, parameter.data_type),
                },
            };
            bound.push(expr.convert_to(parameter.data_type)?);
        }
        Ok(Expr {
            data_type: returns,
            collation: self.default_collation(),
            nullable: true,
            kind: ExprKind::UserFunction(
                ModuleRef {
                    database,
                    object: object.id,
                },
                bound,
            ),
        })
    }

    fn next_value(&mut self, arguments: &[Argument<'_>]) -> Result<Expr, SqlError> {
        let [Argument::Expr(sql::Expr::Value(value))] = arguments else {
            return Err(messages::syntax_near("NEXT"));
        };
        let (sql::Value::SingleQuotedString(text) | sql::Value::NationalStringLiteral(text)) =
            &value.value
        else {
            return Err(messages::syntax_near("NEXT"));
        };
        let name = tsql::parse_name(text).map_err(|_| messages::invalid_object(text))?;
        let resolved = self.resolve(&name)?;
        let Target::Object(object) = &resolved.target else {
            return Err(messages::invalid_object(text));
        };
        let Some(sequence) = object.as_sequence() else {
            return Err(SqlError::new(
                11730,
                15,
                1,
                format!("Database object '{text}' is not a sequence object."),
            ));
        };
        let data_type = sequence.data_type;
        let (database, object) = (resolved.token.database, object.clone());
        self.require(&resolved, &object, Permission::UPDATE, Breadth::Object);
        Ok(Expr {
            data_type,
            collation: self.default_collation(),
            nullable: false,
            kind: ExprKind::NextValue(ModuleRef {
                database,
                object: object.id,
            }),
        })
    }

    /// Functions that are conditions: UPDATE(column), and the full-text ones.
    pub(crate) fn condition_function(
        &mut self,
        function: &sql::Function,
    ) -> Result<Option<Condition>, SqlError> {
        let name = super::name_of(&function.name)?;
        let [name] = &name.0[..] else { return Ok(None) };
        match name.to_lowercase().as_str() {
            "update" => {
                let written = arguments(function)?;
                let [Argument::Expr(sql::Expr::Identifier(column))] = &written[..] else {
                    return Err(messages::syntax_near("UPDATE"));
                };
                let Some(firing) = &self.ex.session.trigger_rows else {
                    return Err(SqlError::new(
                        421,
                        16,
                        1,
                        "UPDATE() can only be used within a CREATE TRIGGER statement.",
                    ));
                };
                let database = self.ex.instance.database(firing.on.database);
                let ordinal = database
                    .and_then(|it| it.object(firing.on.object))
                    .and_then(|object| object.columns())
                    .and_then(|columns| {
                        columns
                            .iter()
                            .position(|it| catalog::same_name(&it.name, &column.value))
                    })
                    .ok_or_else(|| messages::invalid_column(&column.value))?;
                Ok(Some(Condition::Truth(Box::new(Expr {
                    data_type: SqlType::Bit,
                    collation: self.default_collation(),
                    nullable: false,
                    kind: ExprKind::UpdatedColumn(ordinal),
                }))))
            }
            "contains" | "freetext" => Err(SqlError::unsupported("full-text predicates")),
            _ => Ok(None),
        }
    }
}

/// Whether a value is JSON by its origin, which JSON_MODIFY takes as it is.
fn gives_json(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Json(function, _) => function.gives_json(),
        ExprKind::Subquery(subquery) => matches!(subquery.query.body, Body::Json(..)),
        _ => false,
    }
}

/// 302.
fn only_in_default() -> SqlError {
    SqlError::new(
        302,
        16,
        0,
        "The newsequentialid() built-in function can only be used in a DEFAULT expression for a column of type 'uniqueidentifier' in a CREATE TABLE or ALTER TABLE statement. It cannot be combined with other operators to form a complex scalar expression.",
    )
}

fn relation_width(binder: &mut Binder<'_, '_>, place: usize) -> usize {
    binder.frame().relations[place].columns.len()
}

fn arguments(function: &sql::Function) -> Result<Vec<Argument<'_>>, SqlError> {
    let list = match &function.args {
        sql::FunctionArguments::None => return Ok(Vec::new()),
        sql::FunctionArguments::Subquery(_) => return Err(messages::syntax_near("select")),
        sql::FunctionArguments::List(list) => list,
    };
    if !list.clauses.is_empty() {
        return Err(SqlError::unsupported(format!(
            "clauses inside the arguments of {}",
            function.name
        )));
    }
    list.args
        .iter()
        .map(|argument| match argument {
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Expr(expr)) => Ok(Argument::Expr(expr)),
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Wildcard) => Ok(Argument::Star),
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::QualifiedWildcard(name)) => {
                Ok(Argument::QualifiedStar(name))
            }
            _ => Err(SqlError::unsupported(format!(
                "named arguments of {}",
                function.name
            ))),
        })
        .collect()
}

/// Arguments of a user's function: the bare word DEFAULT stands for the parameter's default.
pub(crate) fn default_arguments(
    function: &sql::Function,
) -> Result<Vec<Option<&sql::Expr>>, SqlError> {
    arguments(function)?
        .into_iter()
        .map(|argument| match argument {
            Argument::Expr(expr) => Ok(default_or(expr)),
            _ => Err(messages::syntax_near("*")),
        })
        .collect()
}

/// `None` for the bare word DEFAULT.
pub(crate) fn default_or(expr: &sql::Expr) -> Option<&sql::Expr> {
    match expr {
        sql::Expr::Identifier(ident)
            if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default") =>
        {
            None
        }
        other => Some(other),
    }
}

pub(crate) fn descending(item: &sql::OrderByExpr) -> Result<bool, SqlError> {
    if item.options.nulls_first.is_some() {
        return Err(messages::syntax_near("nulls"));
    }
    match &item.options.sort {
        None | Some(sql::OrderBySort::Asc) => Ok(false),
        Some(sql::OrderBySort::Desc) => Ok(true),
        #[allow(unreachable_patterns, reason = "other dialects may grow more")]
        Some(_) => Err(messages::syntax_near("using")),
    }
}

fn aggregate_named(lower: &str) -> Option<AggregateFunction> {
    Some(match lower {
        "count" => AggregateFunction::Count,
        "count_big" => AggregateFunction::CountBig,
        "sum" => AggregateFunction::Sum,
        "avg" => AggregateFunction::Avg,
        "min" => AggregateFunction::Min,
        "max" => AggregateFunction::Max,
        "stdev" => AggregateFunction::Stdev,
        "stdevp" => AggregateFunction::StdevP,
        "var" => AggregateFunction::Var,
        "varp" => AggregateFunction::VarP,
        "string_agg" => AggregateFunction::StringAgg,
        "checksum_agg" => AggregateFunction::ChecksumAgg,
        "approx_count_distinct" => AggregateFunction::ApproxCountDistinct,
        _ => return None,
    })
}

/// Name, fewest and most arguments, and whether ORDER BY is needed.
fn window_named(lower: &str) -> Option<(WindowFunction, usize, usize, bool)> {
    Some(match lower {
        "row_number" => (WindowFunction::RowNumber, 0, 0, true),
        "rank" => (WindowFunction::Rank, 0, 0, true),
        "dense_rank" => (WindowFunction::DenseRank, 0, 0, true),
        "ntile" => (WindowFunction::Ntile, 1, 1, true),
        "percent_rank" => (WindowFunction::PercentRank, 0, 0, true),
        "cume_dist" => (WindowFunction::CumeDist, 0, 0, true),
        "lag" => (WindowFunction::Lag, 1, 3, true),
        "lead" => (WindowFunction::Lead, 1, 3, true),
        "first_value" => (WindowFunction::FirstValue, 1, 1, true),
        "last_value" => (WindowFunction::LastValue, 1, 1, true),
        _ => return None,
    })
}

fn aggregate_type(
    function: AggregateFunction,
    lower: &str,
    argument: &SqlType,
) -> Result<SqlType, SqlError> {
    let invalid = || {
        SqlError::new(
            8117,
            16,
            1,
            format!(
                "Operand data type {} is invalid for {lower} operator.",
                if *argument == SqlType::UntypedNull {
                    "NULL"
                } else {
                    argument.base_name()
                }
            ),
        )
    };
    let number = argument.is_number() && !matches!(argument, SqlType::Bit);
    Ok(match function {
        AggregateFunction::Count => SqlType::Int,
        AggregateFunction::CountBig | AggregateFunction::ApproxCountDistinct => SqlType::BigInt,
        AggregateFunction::Sum if number => sum_type(argument),
        AggregateFunction::Avg if number => average_type(argument),
        AggregateFunction::Stdev
        | AggregateFunction::StdevP
        | AggregateFunction::Var
        | AggregateFunction::VarP
            if number =>
        {
            SqlType::Float
        }
        AggregateFunction::Min | AggregateFunction::Max
            if argument.is_comparable()
                && !matches!(argument, SqlType::Bit | SqlType::UntypedNull) =>
        {
            *argument
        }
        AggregateFunction::ChecksumAgg if argument.is_integer() => SqlType::Int,
        AggregateFunction::StringAgg => match argument {
            SqlType::VarChar(values::Length::Max) => SqlType::VARCHAR_MAX,
            SqlType::NVarChar(values::Length::Max) => SqlType::NVARCHAR_MAX,
            SqlType::Char(_) | SqlType::VarChar(_) => SqlType::varchar(8000),
            other if other.is_binary() => return Err(invalid()),
            _ => SqlType::nvarchar(4000),
        },
        _ => return Err(invalid()),
    })
}

fn frame(frame: Option<&sql::WindowFrame>) -> Result<WindowFrame, SqlError> {
    let Some(frame) = frame else {
        return Ok(WindowFrame {
            rows: false,
            start: Bound::UnboundedPreceding,
            end: Bound::CurrentRow,
        });
    };
    let rows = match frame.units {
        sql::WindowFrameUnits::Rows => true,
        sql::WindowFrameUnits::Range => false,
        sql::WindowFrameUnits::Groups => return Err(messages::syntax_near("GROUPS")),
    };
    let bound = |bound: &sql::WindowFrameBound| -> Result<Bound, SqlError> {
        let offset = |expr: &sql::Expr| match expr {
            sql::Expr::Value(value) => match &value.value {
                sql::Value::Number(text, _) if rows => {
                    text.parse::<u64>().map_err(|_| messages::syntax_near(text))
                }
                _ => Err(messages::syntax_near(expr)),
            },
            _ => Err(messages::syntax_near(expr)),
        };
        Ok(match bound {
            sql::WindowFrameBound::CurrentRow => Bound::CurrentRow,
            sql::WindowFrameBound::Preceding(None) => Bound::UnboundedPreceding,
            sql::WindowFrameBound::Following(None) => Bound::UnboundedFollowing,
            sql::WindowFrameBound::Preceding(Some(n)) => Bound::Preceding(offset(n)?),
            sql::WindowFrameBound::Following(Some(n)) => Bound::Following(offset(n)?),
        })
    };
    Ok(WindowFrame {
        rows,
        start: bound(&frame.start_bound)?,
        end: match &frame.end_bound {
            Some(end) => bound(end)?,
            None => Bound::CurrentRow,
        },
    })
}

fn takes_date_part(lower: &str) -> bool {
    matches!(
        lower,
        "dateadd"
            | "datediff"
            | "datediff_big"
            | "datepart"
            | "datename"
            | "datetrunc"
            | "date_bucket"
    )
}
