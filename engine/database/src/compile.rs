//! What is wrong with a batch before anything of it runs?
//!
//! The checks that need no catalog: misplaced statements, labels, BREAK without WHILE, variables
//! that are not declared, or twice. Like a syntax error, one of them and nothing of the batch runs.

use std::ops::ControlFlow;

use tsql::{
    Assignment, BackupDevice, BackupOption, Batch, Create, Declaration, Execute, InsertSource,
    ModuleBody, NameOrVariable, Output, Parameter, ProcedureRef, Statement, StatementKind, Target,
    ValueOrDefault, sql,
};
use values::SqlError;

/// The errors of a batch.
pub(crate) fn check_batch(batch: &Batch, parameters: &[Parameter]) -> Vec<SqlError> {
    let mut check = Check {
        declared: names(parameters),
        ..Check::default()
    };
    for (place, statement) in batch.statements.iter().enumerate() {
        match &statement.kind {
            StatementKind::Create(Create::Module(module)) if place > 0 => {
                let kind = match module.body {
                    ModuleBody::View { .. } => "VIEW",
                    ModuleBody::Procedure(_) => "PROCEDURE",
                    ModuleBody::Trigger { .. } | ModuleBody::DdlTrigger { .. } => "TRIGGER",
                    _ => "FUNCTION",
                };
                let verb = match module.verb {
                    tsql::ModuleVerb::Alter => "ALTER",
                    _ => "CREATE",
                };
                check.error(
                    statement,
                    111,
                    1,
                    format!("'{verb} {kind}' must be the first statement in a query batch."),
                );
            }
            StatementKind::Create(Create::Schema { .. }) if place > 0 => {
                check.error(
                    statement,
                    111,
                    1,
                    "'CREATE SCHEMA' must be the first statement in a query batch.".to_owned(),
                );
            }
            StatementKind::Create(Create::Module(module)) => {
                let body = match &module.body {
                    ModuleBody::Procedure(body)
                    | ModuleBody::ScalarFunction { body, .. }
                    | ModuleBody::TableFunction { body, .. }
                    | ModuleBody::Trigger { body, .. }
                    | ModuleBody::DdlTrigger { body, .. } => body.as_slice(),
                    _ => &[],
                };
                let mut declared = names(&module.parameters);
                if let ModuleBody::TableFunction { variable, .. } = &module.body {
                    declared.push(variable.to_lowercase());
                }
                let mut inner = Check {
                    declared,
                    read_only: module
                        .parameters
                        .iter()
                        .filter(|parameter| parameter.read_only)
                        .map(|parameter| parameter.name.to_lowercase())
                        .collect(),
                    may_return_value: matches!(
                        module.body,
                        ModuleBody::Procedure(_) | ModuleBody::ScalarFunction { .. }
                    ),
                    ..Check::default()
                };
                inner.labels(body);
                inner.list(body, false, false);
                inner.end();
                check.errors.append(&mut inner.errors);
            }
            _ => {}
        }
    }
    check.labels(&batch.statements);
    check.list(&batch.statements, false, false);
    check.end();
    check.errors
}

#[derive(Default)]
struct Check {
    errors: Vec<SqlError>,
    labels: Vec<String>,
    jumps: Vec<(String, u32)>,
    declared: Vec<String>,
    reported: Vec<String>,
    /// Table-valued parameters.
    read_only: Vec<String>,
    may_return_value: bool,
}

impl Check {
    fn error(&mut self, statement: &Statement, number: i32, state: u8, message: String) {
        let mut error = SqlError::new(number, 15, state, message);
        error.line = statement.line;
        self.errors.push(error);
    }

    fn labels(&mut self, statements: &[Statement]) {
        for statement in statements {
            if let StatementKind::Label(name) = &statement.kind {
                let folded = name.to_lowercase();
                if self.labels.contains(&folded) {
                    self.error(
                        statement,
                        132,
                        1,
                        format!(
                            "The label '{name}' has already been declared. Label names must be \
                             unique within a query batch or stored procedure."
                        ),
                    );
                }
                self.labels.push(folded);
            }
            match &statement.kind {
                StatementKind::If {
                    then, otherwise, ..
                } => {
                    self.labels(std::slice::from_ref(then));
                    if let Some(otherwise) = otherwise {
                        self.labels(std::slice::from_ref(otherwise));
                    }
                }
                StatementKind::While { body, .. } => self.labels(std::slice::from_ref(body)),
                StatementKind::Block(statements) => self.labels(statements),
                StatementKind::TryCatch { body, handler } => {
                    self.labels(body);
                    self.labels(handler);
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, statements: &[Statement], in_loop: bool, in_handler: bool) {
        for statement in statements {
            self.statement(statement, in_loop, in_handler);
        }
    }

    fn statement(&mut self, statement: &Statement, in_loop: bool, in_handler: bool) {
        match &statement.kind {
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.uses(statement, condition);
                self.statement(then, in_loop, in_handler);
                if let Some(otherwise) = otherwise {
                    self.statement(otherwise, in_loop, in_handler);
                }
            }
            StatementKind::While { condition, body } => {
                self.uses(statement, condition);
                self.statement(body, true, in_handler);
            }
            StatementKind::Block(statements) => self.list(statements, in_loop, in_handler),
            StatementKind::TryCatch { body, handler } => {
                self.list(body, in_loop, in_handler);
                self.list(handler, in_loop, true);
            }
            StatementKind::Break if !in_loop => self.error(
                statement,
                135,
                1,
                "Cannot use a BREAK statement outside the scope of a WHILE statement.".to_owned(),
            ),
            StatementKind::Continue if !in_loop => self.error(
                statement,
                136,
                1,
                "Cannot use a CONTINUE statement outside the scope of a WHILE statement."
                    .to_owned(),
            ),
            StatementKind::Goto(label) => self.jumps.push((label.clone(), statement.line)),
            StatementKind::Return(Some(_)) if !self.may_return_value => self.error(
                statement,
                178,
                1,
                "A RETURN statement with a return value cannot be used in this context.".to_owned(),
            ),
            StatementKind::Throw(None) if !in_handler => self.error(
                statement,
                10704,
                1,
                "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert \
                 the THROW statement inside a CATCH block, or add error parameters to the THROW \
                 statement."
                    .to_owned(),
            ),
            StatementKind::Declare(declarations) => {
                for declaration in declarations {
                    if let Declaration::Scalar {
                        value: Some(value), ..
                    } = declaration
                    {
                        self.uses(statement, value);
                    }
                    let (Declaration::Scalar { name, .. } | Declaration::Table { name, .. }) =
                        declaration;
                    let folded = name.to_lowercase();
                    if self.declared.contains(&folded) {
                        self.error(
                            statement,
                            134,
                            2,
                            format!(
                                "The variable name '{name}' has already been declared. Variable \
                                 names must be unique within a query batch or stored procedure."
                            ),
                        );
                    }
                    self.declared.push(folded);
                }
            }
            _ => self.leaf(statement),
        }
    }

    /// The variables of a statement without statements inside.
    fn leaf(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Select(select) => self.uses(statement, &select.query),
            StatementKind::SelectAssign(select) => {
                self.uses(statement, &select.query);
                for variable in &select.variables {
                    self.variable(statement, variable, 1);
                }
            }
            StatementKind::Insert(insert) => {
                self.target(statement, &insert.target);
                self.output(statement, insert.output.as_ref());
                self.uses(statement, &insert.with);
                self.uses(statement, &insert.top);
                match &insert.source {
                    InsertSource::Values(rows) => {
                        for value in rows.iter().flatten() {
                            self.value(statement, value);
                        }
                    }
                    InsertSource::Query(query) => self.uses(statement, query),
                    InsertSource::DefaultValues => {}
                    InsertSource::Execute(inner) => self.leaf(inner),
                }
            }
            StatementKind::Update(update) => {
                self.target(statement, &update.target);
                self.output(statement, update.output.as_ref());
                self.assignments(statement, &update.assignments);
                self.uses(statement, &update.with);
                self.uses(statement, &update.top);
                self.uses(statement, &update.from);
                self.uses(statement, &update.selection);
            }
            StatementKind::Delete(delete) => {
                self.target(statement, &delete.target);
                self.output(statement, delete.output.as_ref());
                self.uses(statement, &delete.with);
                self.uses(statement, &delete.top);
                self.uses(statement, &delete.from);
                self.uses(statement, &delete.selection);
            }
            StatementKind::Merge(merge) => {
                self.target(statement, &merge.target);
                self.output(statement, merge.output.as_ref());
                self.uses(statement, &merge.with);
                self.uses(statement, &merge.top);
                self.uses(statement, &merge.source);
                self.uses(statement, &merge.on);
                for clause in &merge.clauses {
                    self.uses(statement, &clause.condition);
                    match &clause.action {
                        tsql::MergeAction::Update(assignments) => {
                            self.assignments(statement, assignments);
                        }
                        tsql::MergeAction::Delete => {}
                        tsql::MergeAction::Insert { values, .. } => {
                            for value in values.iter().flatten() {
                                self.value(statement, value);
                            }
                        }
                    }
                }
            }
            StatementKind::SetVariable { variable, value } => {
                self.variable(statement, variable, 1);
                self.uses(statement, value);
            }
            StatementKind::SetOption(tsql::SetOption::Value(_, value))
            | StatementKind::Return(Some(value))
            | StatementKind::Print(value)
            | StatementKind::WaitForDelay(value)
            | StatementKind::ExecuteString { text: value, .. } => self.uses(statement, value),
            StatementKind::RaiseError { arguments, .. } => self.uses(statement, arguments),
            StatementKind::Throw(Some(arguments)) => {
                for argument in &**arguments {
                    self.uses(statement, argument);
                }
            }
            StatementKind::Execute(execute) => self.execute(statement, execute),
            StatementKind::Backup(backup) => {
                self.name_or_variable(statement, Some(&backup.database));
                self.device(statement, Some(&backup.device));
                self.backup_options(statement, &backup.options);
            }
            StatementKind::Restore(restore) => {
                self.name_or_variable(statement, restore.database.as_ref());
                self.device(statement, restore.device.as_ref());
                self.backup_options(statement, &restore.options);
            }
            _ => {}
        }
    }

    fn name_or_variable(&mut self, statement: &Statement, name: Option<&NameOrVariable>) {
        if let Some(NameOrVariable::Variable(variable)) = name {
            self.variable(statement, variable, 2);
        }
    }

    fn device(&mut self, statement: &Statement, device: Option<&BackupDevice>) {
        match device {
            Some(BackupDevice::Logical(name)) => self.name_or_variable(statement, Some(name)),
            Some(BackupDevice::Disk(path)) => self.uses(statement, path),
            None => {}
        }
    }

    fn backup_options(&mut self, statement: &Statement, options: &[BackupOption]) {
        for option in options {
            self.uses(statement, &option.value);
            self.uses(statement, &option.to);
        }
    }

    fn execute(&mut self, statement: &Statement, execute: &Execute) {
        if let Some(variable) = &execute.return_variable {
            self.variable(statement, variable, 1);
        }
        if let ProcedureRef::Variable(variable) = &execute.procedure {
            self.variable(statement, variable, 2);
        }
        for argument in &execute.arguments {
            self.value(statement, &argument.value);
        }
    }

    fn value(&mut self, statement: &Statement, value: &ValueOrDefault) {
        if let ValueOrDefault::Expr(expression) = value {
            self.uses(statement, expression);
        }
    }

    fn assignments(&mut self, statement: &Statement, assignments: &[Assignment]) {
        for assignment in assignments {
            if let Some(variable) = &assignment.variable {
                self.variable(statement, variable, 1);
            }
            self.value(statement, &assignment.value);
        }
    }

    fn target(&mut self, statement: &Statement, target: &Target) {
        if let Target::TableVariable(name) = target {
            self.table_variable(statement, name);
            if self.read_only.contains(&name.to_lowercase()) {
                self.error(
                    statement,
                    10700,
                    1,
                    format!(
                        "The table-valued parameter \"{name}\" is READONLY and cannot be modified."
                    ),
                );
            }
        }
    }

    fn output(&mut self, statement: &Statement, output: Option<&Output>) {
        let Some(output) = output else { return };
        self.uses(statement, &output.items);
        if let Some((target, _)) = &output.into {
            self.target(statement, target);
        }
    }

    /// Looks at every variable in a piece of a statement.
    fn uses<T: sql::Visit>(&mut self, statement: &Statement, piece: &T) {
        let mut scalars = Vec::new();
        let mut tables = Vec::new();
        let _ = sql::visit_relations(piece, |name| {
            if let [part] = name.0.as_slice()
                && let Some(word) = part.as_ident()
                && is_variable(&word.value)
            {
                tables.push(word.value.clone());
            }
            ControlFlow::<()>::Continue(())
        });
        let _ = sql::visit_expressions(piece, |expression| {
            if let sql::Expr::Identifier(word) = expression
                && word.quote_style.is_none()
                && is_variable(&word.value)
            {
                scalars.push(word.value.clone());
            }
            ControlFlow::<()>::Continue(())
        });
        for name in scalars {
            self.variable(statement, &name, 2);
        }
        for name in tables {
            self.table_variable(statement, &name);
        }
    }

    /// 137, once for each name.
    fn variable(&mut self, statement: &Statement, name: &str, state: u8) {
        if !self.knows(name) {
            let message = format!("Must declare the scalar variable \"{name}\".");
            self.error(statement, 137, state, message);
        }
    }

    fn table_variable(&mut self, statement: &Statement, name: &str) {
        if !self.knows(name) {
            let message = format!("Must declare the table variable \"{name}\".");
            self.error(statement, 1087, 2, message);
        }
    }

    fn knows(&mut self, name: &str) -> bool {
        let folded = name.to_lowercase();
        if self.declared.contains(&folded) || self.reported.contains(&folded) {
            return true;
        }
        self.reported.push(folded);
        false
    }

    fn end(&mut self) {
        for (label, line) in std::mem::take(&mut self.jumps) {
            if !self.labels.contains(&label.to_lowercase()) {
                let mut error = SqlError::new(
                    133,
                    15,
                    1,
                    format!(
                        "A GOTO statement references the label '{label}' but the label has not \
                         been declared."
                    ),
                );
                error.line = line;
                self.errors.push(error);
            }
        }
    }
}

fn names(parameters: &[Parameter]) -> Vec<String> {
    parameters
        .iter()
        .map(|parameter| parameter.name.to_lowercase())
        .collect()
}

/// `@name`, but not `@@ROWCOUNT`.
fn is_variable(word: &str) -> bool {
    word.starts_with('@') && !word.starts_with("@@")
}

#[cfg(test)]
mod tests {
    use super::check_batch;

    #[test]
    fn what_cannot_run_is_found_before_anything_runs() {
        let check = |text: &str, expected: &[(i32, u32)]| {
            let batch = tsql::parse_batch(text).expect("parses");
            let got: Vec<(i32, u32)> = check_batch(&batch, &[])
                .iter()
                .map(|error| (error.number, error.line))
                .collect();
            assert_eq!(got, expected, "{text}");
        };
        check("SELECT 1", &[]);
        check("BREAK", &[(135, 1)]);
        check("WHILE 1 = 1 BREAK", &[]);
        check("WHILE 1 = 1 BEGIN IF 1 = 1 CONTINUE END", &[]);
        check("CONTINUE", &[(136, 1)]);
        check("GOTO a\nSELECT 1", &[(133, 1)]);
        check("GOTO a\nSELECT 1\nA:", &[]);
        check("a:\nSELECT 1\na:", &[(132, 3)]);
        check("RETURN 1", &[(178, 1)]);
        check("CREATE PROCEDURE p AS RETURN 1", &[]);
        check("CREATE PROCEDURE p @a int AS DECLARE @A int", &[(134, 1)]);
        check("THROW", &[(10704, 1)]);
        check(
            "BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW END CATCH",
            &[],
        );
        check("DECLARE @a int\nDECLARE @a int", &[(134, 2)]);
        check("DECLARE @a int, @b int", &[]);
        check("SELECT 1\nSELECT @a, @a", &[(137, 2)]);
        check("SET @a = 1", &[(137, 1)]);
        check("SET @a = 1 DECLARE @a int", &[(137, 1)]);
        check("IF 1 = 0 DECLARE @a int SELECT @a, @@ROWCOUNT", &[]);
        check("SELECT * FROM @t", &[(1087, 1)]);
        check(
            "DECLARE @t TABLE (a int) INSERT @t VALUES (1) SELECT a FROM @t AS x",
            &[],
        );
        check("INSERT @t VALUES (@v)", &[(1087, 1), (137, 1)]);
        check("EXEC p @a = 1, @b = @c", &[(137, 1)]);
        check(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM t WHERE x = @deep)",
            &[(137, 1)],
        );
        check(
            "UPDATE t SET @v = a = 1 OUTPUT inserted.a INTO @o",
            &[(1087, 1), (137, 1)],
        );
        check("CREATE PROCEDURE p @a int AS SELECT @a, @b", &[(137, 1)]);
    }
}
