//! Views, procedures, functions and triggers.
//!
//! A module is the only statement of its batch: everything up to the batch's end is its body,
//! and its source is the whole text of the batch, comments included.

use std::sync::Arc;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::{Failure, Parse};

/// The kinds of module, by their first word.
const KINDS: &[&str] = &["VIEW", "PROCEDURE", "PROC", "FUNCTION", "TRIGGER"];

/// How a module begins: its verb, and how many words stand before its kind.
fn verb_at(cursor: &Cursor<'_>) -> Option<(ModuleVerb, usize)> {
    let (verb, words) = if cursor.sees_all(&["CREATE", "OR", "ALTER"]) {
        (ModuleVerb::CreateOrAlter, 3)
    } else if cursor.sees("CREATE") {
        (ModuleVerb::Create, 1)
    } else if cursor.sees("ALTER") {
        (ModuleVerb::Alter, 1)
    } else {
        return None;
    };
    cursor
        .is_one_of(cursor.at + words, KINDS)
        .then_some((verb, words))
}

impl Cursor<'_> {
    /// The module that begins here, if one does.
    pub(crate) fn module(&mut self) -> Option<Parse<StatementKind>> {
        let (verb, words) = verb_at(self)?;
        let start = self.at;
        if self.depth > 1 {
            return Some(Err(Failure::Syntax(self.near(start + words))));
        }
        if start > 0 {
            return Some(self.not_first(verb, start + words));
        }
        self.at += words;
        Some(match self.module_definition(verb) {
            // Giving up inside a body must not set the rest of it free as statements.
            Err(Failure::Unsupported(construct)) => {
                self.at = self.tokens.len();
                Ok(StatementKind::Unsupported { construct })
            }
            definition => definition.map(|module| StatementKind::Create(Create::Module(module))),
        })
    }

    fn not_first(&self, verb: ModuleVerb, kind: usize) -> Parse<StatementKind> {
        let kind = self.word_at(kind).unwrap_or_default().to_ascii_uppercase();
        let name = match (kind.as_str(), verb) {
            ("PROC" | "PROCEDURE", _) => "CREATE/ALTER PROCEDURE".to_owned(),
            (_, ModuleVerb::Alter) => format!("ALTER {kind}"),
            _ => format!("CREATE {kind}"),
        };
        self.fail(
            111,
            format!("'{name}' must be the first statement in a query batch."),
        )
    }

    fn module_definition(&mut self, verb: ModuleVerb) -> Parse<Module> {
        let kind = self.any_word()?;
        let mut module = Module {
            verb,
            name: self.name()?,
            parameters: Vec::new(),
            execute_as: None,
            options: Vec::new(),
            body: ModuleBody::Procedure(Vec::new()),
            text: Arc::from(self.text),
        };
        match kind.as_str() {
            "VIEW" => self.view(&mut module)?,
            "FUNCTION" => self.function(&mut module)?,
            "TRIGGER" => self.trigger(&mut module)?,
            _ => self.procedure(&mut module)?,
        }
        while self.accept_symbol(";") {}
        if self.is_at_end() {
            Ok(module)
        } else {
            self.wrong()
        }
    }

    fn view(&mut self, module: &mut Module) -> Parse<()> {
        let columns = if self.sees_symbol("(") {
            self.column_list()?
        } else {
            Vec::new()
        };
        self.module_options(module)?;
        self.expect("AS")?;
        // CHECK begins nothing inside a query, so the scan may look for the clause from behind.
        let end = self.query_end(self.at);
        let check = (self.at..end).rev().take(3).find(|&index| {
            self.is_word(index, "WITH")
                && self.is_word(index + 1, "CHECK")
                && self.is_word(index + 2, "OPTION")
        });
        let query = self.query_until(check.unwrap_or(end))?;
        let check_option = self.accept_all(&["WITH", "CHECK", "OPTION"]);
        module.body = ModuleBody::View {
            columns,
            query,
            check_option,
        };
        Ok(())
    }

    /// `WITH option, …` of any module.
    fn module_options(&mut self, module: &mut Module) -> Parse<()> {
        if !self.accept("WITH") {
            return Ok(());
        }
        loop {
            if (self.sees("EXECUTE") || self.sees("EXEC")) && self.is_word(self.at + 1, "AS") {
                self.at += 2;
                module.execute_as = Some(self.module_execute_as()?);
            } else if self.accept_all(&["RETURNS", "NULL", "ON", "NULL", "INPUT"]) {
                module.options.push("RETURNS NULL ON NULL INPUT".to_owned());
            } else if self.accept_all(&["CALLED", "ON", "NULL", "INPUT"]) {
                module.options.push("CALLED ON NULL INPUT".to_owned());
            } else if self.accept("INLINE") {
                self.expect_symbol("=")?;
                let on = self.on_or_off()?;
                module
                    .options
                    .push(if on { "INLINE = ON" } else { "INLINE = OFF" }.to_owned());
            } else if self.sees("NATIVE_COMPILATION") {
                return self.unsupported("natively compiled modules");
            } else if self.sees_one_of(&[
                "SCHEMABINDING",
                "ENCRYPTION",
                "RECOMPILE",
                "VIEW_METADATA",
            ]) {
                let option = self.any_word()?;
                module.options.push(option);
            } else {
                return self.wrong();
            }
            if !self.accept_symbol(",") {
                return Ok(());
            }
        }
    }

    fn procedure(&mut self, module: &mut Module) -> Parse<()> {
        if self.sees_symbol(";") {
            return self.unsupported("numbered procedures");
        }
        let parenthesis = self.accept_symbol("(");
        if self.sees_variable() {
            module.parameters = self.comma_separated(Self::parameter)?;
        }
        if parenthesis {
            self.expect_symbol(")")?;
        }
        self.module_options(module)?;
        if self.accept_all(&["FOR", "REPLICATION"]) {
            return self.unsupported("CREATE PROCEDURE … FOR REPLICATION");
        }
        self.expect("AS")?;
        self.refuse_external()?;
        module.body = ModuleBody::Procedure(self.module_body()?);
        Ok(())
    }

    fn refuse_external(&self) -> Parse<()> {
        if self.sees_all(&["EXTERNAL", "NAME"]) {
            return self.unsupported("CLR modules");
        }
        Ok(())
    }

    /// Statements to the end of the batch.
    fn module_body(&mut self) -> Parse<Vec<Statement>> {
        self.depth += 1;
        let body = self.statements();
        self.depth -= 1;
        let body = body?;
        if body.is_empty() {
            self.wrong()
        } else {
            Ok(body)
        }
    }

    fn parameter(&mut self) -> Parse<Parameter> {
        let name = self.variable()?;
        self.accept("AS");
        if self.sees("CURSOR") {
            return self.unsupported("cursor parameters");
        }
        let data_type = self.data_type()?;
        self.accept("VARYING");
        if !self.accept("NULL") {
            self.accept_all(&["NOT", "NULL"]);
        }
        let default = if self.accept_symbol("=") {
            Some(self.parameter_default()?)
        } else {
            None
        };
        let mut output = false;
        let mut read_only = false;
        loop {
            if self.accept("OUTPUT") || self.accept("OUT") {
                output = true;
            } else if self.accept("READONLY") {
                read_only = true;
            } else {
                return Ok(Parameter {
                    name,
                    data_type,
                    default,
                    output,
                    read_only,
                });
            }
        }
    }

    fn function(&mut self, module: &mut Module) -> Parse<()> {
        self.expect_symbol("(")?;
        if !self.sees_symbol(")") {
            module.parameters = self.comma_separated(Self::parameter)?;
        }
        self.expect_symbol(")")?;
        self.expect("RETURNS")?;
        if self.accept("TABLE") {
            if self.sees_symbol("(") {
                return self.unsupported("CLR modules");
            }
            return self.inline_function(module);
        }
        if self.sees_variable() {
            let variable = self.variable()?;
            self.expect("TABLE")?;
            let definition = self.table_elements()?;
            let body = self.function_body(module)?;
            module.body = ModuleBody::TableFunction {
                variable,
                definition,
                body,
            };
            return Ok(());
        }
        let returns = self.data_type()?;
        let body = self.function_body(module)?;
        module.body = ModuleBody::ScalarFunction { returns, body };
        Ok(())
    }

    fn inline_function(&mut self, module: &mut Module) -> Parse<()> {
        self.module_options(module)?;
        self.accept("AS");
        self.refuse_external()?;
        self.expect("RETURN")?;
        module.body = ModuleBody::InlineFunction(self.query()?);
        Ok(())
    }

    fn function_body(&mut self, module: &mut Module) -> Parse<Vec<Statement>> {
        self.module_options(module)?;
        self.accept("AS");
        self.refuse_external()?;
        self.expect("BEGIN")?;
        if self.sees_all(&["ATOMIC", "WITH"]) {
            return self.unsupported("natively compiled modules");
        }
        self.depth += 1;
        let body = self.block_body();
        self.depth -= 1;
        self.expect("END")?;
        body
    }

    fn trigger(&mut self, module: &mut Module) -> Parse<()> {
        self.expect("ON")?;
        let on_server = self.accept_all(&["ALL", "SERVER"]);
        let on = if on_server || self.accept("DATABASE") {
            None
        } else {
            Some(self.name()?)
        };
        self.module_options(module)?;
        let Some(on) = on else {
            return self.ddl_trigger(module, on_server);
        };
        let instead_of = self.accept_all(&["INSTEAD", "OF"]);
        if !instead_of && !self.accept("AFTER") {
            self.expect("FOR")?;
        }
        let events = self.comma_separated(|cursor| {
            if cursor.accept("INSERT") {
                Ok(TriggerEvent::Insert)
            } else if cursor.accept("UPDATE") {
                Ok(TriggerEvent::Update)
            } else if cursor.accept("DELETE") {
                Ok(TriggerEvent::Delete)
            } else {
                cursor.wrong()
            }
        })?;
        self.accept_all(&["WITH", "APPEND"]);
        self.accept_all(&["NOT", "FOR", "REPLICATION"]);
        self.expect("AS")?;
        self.refuse_external()?;
        let body = self.module_body()?;
        module.body = ModuleBody::Trigger {
            on,
            instead_of,
            events,
            body,
        };
        Ok(())
    }

    fn ddl_trigger(&mut self, module: &mut Module, on_server: bool) -> Parse<()> {
        if !self.accept("AFTER") {
            self.expect("FOR")?;
        }
        let events = self.comma_separated(Self::any_word)?;
        self.expect("AS")?;
        self.refuse_external()?;
        let body = self.module_body()?;
        module.body = ModuleBody::DdlTrigger {
            on_server,
            events,
            body,
        };
        Ok(())
    }
}
