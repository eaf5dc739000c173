//! A server without queries: definitions, permissions and contexts, driven by T-SQL text.

#![allow(dead_code, reason = "every test binary uses its part")]

use catalog::{
    Column, ColumnId, Ddl, DemandColumns, Errors, Evaluator, ExpressionUse, Instance,
    InstanceOptions, NameScope, Object, Origin, Permission, Row, SchemaId, SecurityContext,
    SessionId, Table, Target, TemporaryNames, UndoLog, ViewContext,
};
use std::sync::Arc;
use tsql::{StatementKind, sql};
use values::{SqlError, SqlType, Value};

/// A fixed moment.
pub(crate) const NOW: i64 = 639_000_000_000_000_000;

/// Evaluates the constants and comparisons that these tests use.
pub(crate) struct Constants;

impl Evaluator for Constants {
    fn constant(
        &mut self,
        _: &mut Instance,
        _: catalog::DatabaseId,
        expression: &sql::Expr,
        column: &Column,
    ) -> Result<Value, SqlError> {
        match number(expression) {
            Some(number) => values::convert(
                &Value::Int(number),
                &SqlType::Int,
                &column.data_type,
                None,
                values::ConversionKind::Implicit,
            ),
            None => Ok(Value::Null),
        }
    }

    fn expression_type(
        &mut self,
        _: &mut Instance,
        _: catalog::DatabaseId,
        _: &[Column],
        _: &ExpressionUse<'_>,
    ) -> Result<(SqlType, bool), SqlError> {
        Ok((SqlType::Int, true))
    }

    fn computed(
        &mut self,
        _: &mut Instance,
        _: catalog::DatabaseId,
        _: &[Column],
        _: &[Value],
        _: &sql::Expr,
    ) -> Result<Value, SqlError> {
        Ok(Value::Int(0))
    }

    fn satisfies(
        &mut self,
        _: &mut Instance,
        _: catalog::DatabaseId,
        table: &Table,
        row: &Row,
        condition: &sql::Expr,
    ) -> Result<bool, SqlError> {
        // `column > n` is all that is asked here.
        let sql::Expr::BinaryOp {
            left,
            op: sql::BinaryOperator::Gt,
            right,
        } = inner(condition)
        else {
            return Ok(true);
        };
        let sql::Expr::Identifier(name) = inner(left) else {
            return Ok(true);
        };
        let place = table
            .position_named(&name.value)
            .expect("the column exists");
        Ok(match (&row[place], number(right)) {
            (Value::Int(value), Some(limit)) => *value > limit,
            _ => true,
        })
    }

    fn module_columns(
        &mut self,
        _: &mut Instance,
        _: &SecurityContext,
        _: catalog::DatabaseId,
        _: SchemaId,
        module: &tsql::Module,
    ) -> Result<Vec<(String, SqlType, bool)>, Errors> {
        let query = match &module.body {
            tsql::ModuleBody::View { query, .. } | tsql::ModuleBody::InlineFunction(query) => query,
            _ => return Ok(Vec::new()),
        };
        let sql::SetExpr::Select(select) = &*query.body else {
            return Ok(Vec::new());
        };
        Ok(select
            .projection
            .iter()
            .map(|item| {
                let name = match item {
                    sql::SelectItem::UnnamedExpr(sql::Expr::Identifier(name)) => name.value.clone(),
                    sql::SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
                    other => other.to_string(),
                };
                (name, SqlType::Int, true)
            })
            .collect())
    }
}

fn inner(expression: &sql::Expr) -> &sql::Expr {
    match expression {
        sql::Expr::Nested(nested) => inner(nested),
        other => other,
    }
}

fn number(expression: &sql::Expr) -> Option<i32> {
    match inner(expression) {
        sql::Expr::Value(value) => value.value.to_string().parse().ok(),
        _ => None,
    }
}

/// One session on a server.
pub(crate) struct Session {
    pub(crate) context: SecurityContext,
    pub(crate) database: catalog::DatabaseId,
    pub(crate) temporary: TemporaryNames,
    pub(crate) undo: UndoLog,
}

pub(crate) fn server() -> Instance {
    Instance::new(&InstanceOptions {
        name: Arc::from("TEST"),
        sa_password: "Str0ng_pw_0".to_owned(),
        collation: values::Collation::default(),
        now: NOW,
    })
}

/// The base fixture of the facts: two tenants, one ordinary login with a user in `t_a` only.
pub(crate) fn fixture() -> Instance {
    let mut instance = server();
    let mut admin = Session::login(&instance, "sa", "master");
    admin.script(
        &mut instance,
        "CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
         CREATE LOGIN l_x WITH PASSWORD = N'Str0ng_pw_1';
         CREATE DATABASE t_a;
         CREATE DATABASE t_b;
         USE t_b;
         CREATE TABLE dbo.t(id int NOT NULL CONSTRAINT PK_t PRIMARY KEY, a int NULL, b int NULL);
         USE t_a;
         GO
         CREATE SCHEMA s1 AUTHORIZATION dbo;
         GO
         CREATE USER app FOR LOGIN l_app;
         CREATE USER u1 WITHOUT LOGIN;
         CREATE USER u2 WITHOUT LOGIN;
         CREATE ROLE app_rw;
         ALTER ROLE app_rw ADD MEMBER app;
         CREATE TABLE dbo.t(id int NOT NULL CONSTRAINT PK_t PRIMARY KEY, a int NULL, b int NULL);
         CREATE TABLE dbo.audit(id int IDENTITY NOT NULL CONSTRAINT PK_audit PRIMARY KEY,
                                who sysname NOT NULL, what nvarchar(200) NULL);",
    );
    instance
}

impl Session {
    pub(crate) fn login(instance: &Instance, name: &str, database: &str) -> Self {
        Self {
            context: SecurityContext::for_login(
                instance.login_named(name).expect("the login exists").id,
            ),
            database: instance
                .database_named(database)
                .expect("the database exists")
                .id,
            temporary: TemporaryNames::new(SessionId(51)),
            undo: UndoLog::new(),
        }
    }

    /// `user:NAME`, `login:NAME`, `login:NAME@database` or `sysadmin`, as the facts write it.
    pub(crate) fn of(instance: &Instance, who: &str) -> Self {
        if who == "sysadmin" {
            return Self::login(instance, "sa", "t_a");
        }
        if let Some(user) = who.strip_prefix("user:") {
            let mut session = Self::login(instance, "sa", "t_a");
            let origin = Origin::Statement {
                database: session.database,
                no_revert: false,
                cookie: None,
            };
            session
                .context
                .execute_as_user(instance, session.database, user, origin)
                .expect("sa may impersonate everybody");
            return session;
        }
        let login = who.strip_prefix("login:").expect("a known form");
        let (login, database) = login.split_once('@').unwrap_or((login, "t_a"));
        Self::login(instance, login, database)
    }

    /// Runs a script that must succeed.
    pub(crate) fn script(&mut self, instance: &mut Instance, script: &str) {
        for batch in tsql::split_batches(script) {
            self.run(instance, &batch.text)
                .unwrap_or_else(|errors| panic!("{errors}\nin {}", batch.text));
        }
    }

    /// Runs one batch up to its first error.
    pub(crate) fn run(&mut self, instance: &mut Instance, batch: &str) -> Result<(), Errors> {
        let batch = tsql::parse_batch(batch).unwrap_or_else(|error| panic!("{error:?} in {batch}"));
        for statement in &batch.statements {
            self.statement(instance, &statement.kind)?;
        }
        Ok(())
    }

    pub(crate) fn ddl<'a>(
        &'a mut self,
        instance: &'a mut Instance,
        evaluator: &'a mut Constants,
    ) -> Ddl<'a> {
        Ddl {
            instance,
            context: &self.context,
            database: self.database,
            undo: &mut self.undo,
            temporary: &mut self.temporary,
            evaluator,
            now: NOW,
        }
    }

    fn statement(&mut self, instance: &mut Instance, kind: &StatementKind) -> Result<(), Errors> {
        let current = self.database;
        match kind {
            StatementKind::Use(name) => {
                let id = instance
                    .database_named(name)
                    .expect("the database exists")
                    .id;
                self.context.enter(instance, id)?;
                self.database = id;
                return Ok(());
            }
            StatementKind::ExecuteAsStatement {
                target, no_revert, ..
            } => {
                let origin = Origin::Statement {
                    database: current,
                    no_revert: *no_revert,
                    cookie: None,
                };
                return match target {
                    tsql::ExecuteAs::User(name) => self
                        .context
                        .execute_as_user(instance, current, name, origin),
                    tsql::ExecuteAs::Login(name) => self
                        .context
                        .execute_as_login(instance, current, name, origin),
                    other => panic!("{other:?} is for modules"),
                }
                .map_err(Errors::from);
            }
            StatementKind::Revert { .. } => {
                return self
                    .context
                    .revert(instance, current, None)
                    .map_err(Errors::from);
            }
            _ => {}
        }
        let mut evaluator = Constants;
        let mut ddl = self.ddl(instance, &mut evaluator);
        match kind {
            StatementKind::Create(create) => ddl.create(create).map(|_| ()),
            StatementKind::Alter(alter) => ddl.alter(alter).map(|_| ()),
            StatementKind::Drop {
                kind,
                if_exists,
                names,
                on,
            } => ddl.drop(*kind, *if_exists, names, on.as_ref()),
            StatementKind::Permission(permission) => ddl.permission(permission),
            StatementKind::AlterAuthorization { securable, owner } => {
                ddl.alter_authorization(securable, owner.as_deref())
            }
            StatementKind::Truncate { table } => ddl.truncate(table),
            StatementKind::SwitchTrigger {
                enable,
                triggers,
                on,
            } => ddl.switch_triggers(*enable, triggers, on.as_ref()),
            other => panic!("this harness does not run {other:?}"),
        }
    }

    /// Asks for a permission on an object as a statement would; no columns means the object for
    /// INSERT, DELETE and EXECUTE, and every column for SELECT and UPDATE.
    pub(crate) fn ask(
        &self,
        instance: &Instance,
        permission: &str,
        name: &str,
        columns: &[&str],
    ) -> Result<(), Errors> {
        let permission = Permission::from_name(permission).expect("a known permission");
        let (token, object) = self.resolve(instance, name)?;
        let ids: Vec<ColumnId> = columns
            .iter()
            .map(|column| {
                let columns = object.columns().expect("something with columns");
                columns
                    .iter()
                    .find(|it| &*it.name == *column)
                    .expect("the column exists")
                    .id
            })
            .collect();
        let demand = if permission.is_per_column() && object.columns().is_some() {
            if ids.is_empty() {
                DemandColumns::All
            } else {
                DemandColumns::Some(&ids)
            }
        } else {
            DemandColumns::Object
        };
        instance.demand(&token, None, &object, permission, demand)
    }

    pub(crate) fn resolve(
        &self,
        instance: &Instance,
        name: &str,
    ) -> Result<(catalog::UserToken, Arc<Object>), Errors> {
        let name = tsql::parse_name(name).expect("a name");
        let scope = NameScope {
            database: self.database,
            schema: None,
            temporary: &self.temporary,
        };
        let resolved = instance.resolve(&self.context, &scope, &name)?;
        match (resolved.synonyms.into_iter().next(), resolved.target) {
            (Some((token, synonym)), _) => Ok((token, synonym)),
            (None, Target::Object(object)) => Ok((resolved.token, object)),
            (None, Target::SystemView(view)) => panic!("{view:?} needs no permission"),
        }
    }

    /// A metadata function's value.
    pub(crate) fn call(&self, instance: &Instance, function: &str, arguments: &[Value]) -> Value {
        let token = self
            .context
            .enter(instance, self.database)
            .expect("the session is there");
        let function = catalog::functions::lookup(function).expect("a known function");
        (function.evaluate)(&self.view_context(instance, &token), arguments)
            .expect("the function does not raise")
    }

    pub(crate) fn view_context<'a>(
        &'a self,
        instance: &'a Instance,
        token: &'a catalog::UserToken,
    ) -> ViewContext<'a> {
        ViewContext {
            instance,
            context: &self.context,
            token,
            current: self.database,
            session: SessionId(51),
            sessions: &[],
            locks: &[],
            statements: &catalog::NoStatements,
            now: NOW,
        }
    }

    /// The names (first column that holds text) of a catalog view's rows.
    pub(crate) fn view_names(&self, instance: &Instance, view: &str) -> Vec<String> {
        let (schema, name) = view.split_once('.').expect("a two-part name");
        let view = catalog::system_view(schema, name).expect("a known view");
        let token = self
            .context
            .enter(instance, self.database)
            .expect("the session is there");
        let at = view
            .columns
            .iter()
            .position(|column| matches!(column.name, "name" | "TABLE_NAME" | "permission_name"))
            .expect("a view with names");
        (view.rows)(&self.view_context(instance, &token))
            .expect("the view may be read")
            .iter()
            .map(|row| row[at].to_string())
            .collect()
    }
}
