//! Statement by statement: what do variables hold when each runs, and what does each touch?
//!
//! Both ways of an IF are followed and joined, a loop until nothing changes any more, a CATCH
//! from everywhere in its TRY. A label ends this: behind GOTO no variable is known.

use std::collections::{BTreeMap, BTreeSet};

use tsql::{Create, Declaration, DropKind, Module, ModuleBody, StatementKind, sql};

use super::binder::{Binder, Pseudo};
use super::catalog::{Catalog, Routine};
use super::changes;
use super::conversion::{Kind, declared};
use super::formula::{Classes, Term};
use super::guard;
use super::plan::Query;
use super::proof::{Carried, Proof, says};
use super::skim;
use super::state::{State, Temporary, Value, Variable};
use super::tenancy::Tenancy;
use super::verdict::{Binding, Reference, Statement};

/// A batch as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// The database in which it ran.
    pub database: &'a str,
    /// Schemas in which names without schema are looked up first.
    pub schemas: &'a [String],
    /// Its text.
    pub text: &'a str,
    /// Parameters with their types, as `sp_executesql` takes them; may be empty.
    pub parameters: &'a str,
}

/// Judges every statement of a batch.
pub fn judge_batch(catalog: &Catalog, tenancy: &Tenancy, batch: Batch<'_>) -> Vec<Statement> {
    let mut flow = Flow::new(catalog, tenancy, batch.database, batch.schemas);
    flow.text = batch.text.to_owned();
    for (name, data_type) in super::dynamic::parameters(batch.parameters) {
        let value = if tenancy.believes(&name) {
            Value::Caller { context: false }
        } else {
            Value::Other("is a parameter that is not known to be the caller's tenant".into())
        };
        flow.declare(&name, &data_type, value);
    }
    match tsql::parse_batch(batch.text) {
        Ok(parsed) => {
            flow.start(&parsed.statements);
        }
        Err(error) => {
            let why = format!("the text cannot be read: {error}");
            let reference = refused("(text)", 1, why);
            flow.note(error.line.max(1), batch.text, vec![reference]);
        }
    }
    flow.out
}

/// Judges every statement of every module of a database that somebody can reach.
pub fn judge_modules(catalog: &Catalog, tenancy: &Tenancy, database: &str) -> Vec<Statement> {
    let mut out = Vec::new();
    let Some(objects) = catalog.database(database) else {
        return out;
    };
    for ((schema, _), routine) in objects.routines() {
        let trigger = |module: &Module| matches!(module.body, ModuleBody::Trigger { .. });
        let is_trigger = routine.source.as_ref().is_ok_and(|module| trigger(module));
        if routine.callable || is_trigger {
            let schemas = [schema.clone(), "dbo".to_owned()];
            let mut flow = Flow::new(catalog, tenancy, database, &schemas);
            flow.module = Some(routine.object.clone());
            flow.module(routine, None);
            out.append(&mut flow.out);
        }
    }
    out
}

/// How deep calls are followed, and how many.
const CALLS_DEPTH_MAX: usize = 12;
const CALLS_MAX: usize = 500;

/// The run of one batch or module.
pub(crate) struct Flow<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) tenancy: &'a Tenancy,
    pub(crate) kind: Kind,
    pub(crate) database: String,
    pub(crate) schemas: Vec<String>,
    pub(crate) module: Option<String>,
    pub(crate) text: String,
    pub(crate) state: State,
    pub(crate) out: Vec<Statement>,
    /// Statements are noted; not in the first rounds of a loop.
    recording: bool,
    /// States that a CATCH or the end of a loop may meet, innermost last.
    trails: Vec<State>,
    pub(crate) pseudo: BTreeMap<String, Pseudo>,
    pub(crate) labels: bool,
    /// Variables that were assigned anywhere.
    assigned: BTreeSet<String>,
    /// What holds at the ends that are no errors.
    exits: Option<State>,
    pub(crate) depth: usize,
    pub(crate) calls_left: usize,
}

/// What is left after a call.
pub(crate) struct Returned {
    pub(crate) references: Vec<Reference>,
    /// Parameters that were found to be the caller's tenant, or else the call did not return.
    pub(crate) proven: Vec<String>,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(
        catalog: &'a Catalog,
        tenancy: &'a Tenancy,
        database: &str,
        schemas: &[String],
    ) -> Self {
        Self {
            catalog,
            tenancy,
            kind: catalog.kind(database, &tenancy.column),
            database: database.to_owned(),
            schemas: schemas.to_vec(),
            module: None,
            text: String::new(),
            state: State::default(),
            out: Vec::new(),
            recording: true,
            trails: Vec::new(),
            pseudo: BTreeMap::new(),
            labels: false,
            assigned: BTreeSet::new(),
            exits: None,
            depth: 0,
            calls_left: CALLS_MAX,
        }
    }

    pub(crate) fn declare(&mut self, name: &str, data_type: &tsql::DataType, value: Value) {
        let (data_type, length) = declared(data_type);
        let variable = Variable {
            data_type,
            length,
            value: Value::Null,
        };
        self.state.variables.insert(name.to_lowercase(), variable);
        self.state.assign(name, value, self.kind);
    }

    pub(crate) fn assign(&mut self, name: &str, value: Value) {
        self.assigned.insert(name.to_lowercase());
        self.state.assign(name, value, self.kind);
    }

    /// Runs a module; `arguments` when it was called.
    pub(crate) fn module(&mut self, routine: &Routine, arguments: Option<&[Argument]>) {
        self.text = routine.text.to_string();
        let module = match &routine.source {
            Ok(module) => module.clone(),
            Err(why) => {
                self.note(
                    1,
                    &routine.object,
                    vec![refused(&routine.object, 1, why.clone())],
                );
                return;
            }
        };
        for (position, parameter) in module.parameters.iter().enumerate() {
            let value = match arguments {
                Some(arguments) => argument_for(arguments, position, &parameter.name, parameter),
                None if self.tenancy.unguarded_modules
                    && self.tenancy.believes(&parameter.name) =>
                {
                    Value::Caller { context: false }
                }
                None => Value::Other(
                    "comes from outside and was not compared with the caller's context before"
                        .into(),
                ),
            };
            if parameter.read_only {
                // A table from outside: whose rows are in it?
                self.state.temporaries.insert(
                    parameter.name.to_lowercase(),
                    Temporary {
                        columns: None,
                        callers: BTreeSet::new(),
                        tainted: None,
                    },
                );
                continue;
            }
            self.declare(&parameter.name, &parameter.data_type, value);
        }
        match &module.body {
            ModuleBody::View { query, .. } | ModuleBody::InlineFunction(query) => {
                self.query(1, &routine.object, query);
            }
            ModuleBody::Procedure(body) | ModuleBody::ScalarFunction { body, .. } => {
                self.body(body);
            }
            ModuleBody::TableFunction {
                variable,
                definition,
                body,
            } => {
                self.declare_table(variable, definition);
                self.body(body);
            }
            ModuleBody::Trigger { on, body, .. } => {
                self.fired(on);
                self.body(body);
            }
            ModuleBody::DdlTrigger { .. } => {}
        }
    }

    fn body(&mut self, body: &[tsql::Statement]) {
        self.start(body);
    }

    /// Runs a text from its beginning.
    pub(crate) fn start(&mut self, body: &[tsql::Statement]) {
        self.labels = has_labels(body);
        if self.run(body) {
            self.exit();
        }
    }

    /// `inserted` and `deleted` hold rows of the statement that fired the trigger; that
    /// statement is judged where it stands.
    fn fired(&mut self, on: &tsql::Name) {
        let name: Vec<String> = on.0.iter().map(|part| part.to_lowercase()).collect();
        let binder = self.binder();
        let pseudo = changes::pseudo(&binder, &name);
        if let Some(pseudo) = pseudo {
            self.pseudo.insert("inserted".into(), pseudo.clone());
            self.pseudo.insert("deleted".into(), pseudo);
        }
    }

    fn exit(&mut self) {
        self.exits = Some(match &self.exits {
            Some(exits) => exits.join(&self.state),
            None => self.state.clone(),
        });
    }

    /// Runs statements in order; false when the end is not reached.
    pub(crate) fn run(&mut self, statements: &[tsql::Statement]) -> bool {
        for statement in statements {
            let goes_on = self.statement(statement);
            self.mark();
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// Whoever waits for an error or the end of the loop may meet this state.
    fn mark(&mut self) {
        for trail in &mut self.trails {
            *trail = trail.join(&self.state);
        }
    }

    fn statement(&mut self, statement: &tsql::Statement) -> bool {
        let line = statement.line;
        let text = self
            .text
            .get(statement.span.clone())
            .unwrap_or_default()
            .to_owned();
        match &statement.kind {
            StatementKind::Select(select) => {
                self.query(line, &text, &select.query);
                changes::select_into(self, line, &select.query);
            }
            StatementKind::SelectAssign(select) => {
                changes::select_assign(self, line, &text, select);
            }
            StatementKind::Insert(insert) => changes::insert(self, line, &text, insert),
            StatementKind::Update(update) => changes::update(self, line, &text, update),
            StatementKind::Delete(delete) => changes::delete(self, line, &text, delete),
            StatementKind::Merge(merge) => changes::merge(self, line, &text, merge),
            StatementKind::Truncate { table } => {
                self.whole(
                    line,
                    &text,
                    table,
                    "TRUNCATE TABLE takes every tenant's rows",
                );
            }
            StatementKind::Declare(declarations) => {
                for declaration in declarations {
                    match declaration {
                        Declaration::Scalar {
                            name,
                            data_type,
                            value,
                        } => {
                            let value = match value {
                                Some(value) => self.value(line, &text, value),
                                // Run again in a loop, DECLARE resets nothing.
                                None if self.state.variables.contains_key(&name.to_lowercase()) => {
                                    continue;
                                }
                                None => Value::Null,
                            };
                            self.declare(name, data_type, value);
                        }
                        Declaration::Table { name, definition } => {
                            self.declare_table(name, definition);
                        }
                    }
                }
            }
            StatementKind::SetVariable { variable, value } => {
                let value = self.value(line, &text, value);
                self.assign(variable, value);
            }
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => return self.branch(line, &text, condition, then, otherwise.as_deref()),
            StatementKind::While { condition, body } => self.repeat(line, &text, condition, body),
            StatementKind::Block(body) => return self.run(body),
            StatementKind::TryCatch { body, handler } => return self.guarded(body, handler),
            StatementKind::Break | StatementKind::Continue => return false,
            StatementKind::Return(value) => {
                if let Some(value) = value {
                    self.value(line, &text, value);
                }
                self.exit();
                return false;
            }
            StatementKind::Throw(arguments) => {
                for argument in arguments.iter().flat_map(|all| all.iter()) {
                    self.value(line, &text, argument);
                }
                return false;
            }
            StatementKind::RaiseError { arguments, .. } => {
                for argument in arguments {
                    self.value(line, &text, argument);
                }
            }
            StatementKind::Print(value) | StatementKind::WaitForDelay(value) => {
                self.value(line, &text, value);
            }
            StatementKind::Goto(_) => return false,
            StatementKind::Execute(execute) => super::calls::execute(self, line, &text, execute),
            StatementKind::ExecuteString { text: value, .. } => {
                super::dynamic::execute_string(self, line, &text, value);
            }
            StatementKind::Use(database) => self.database.clone_from(database),
            StatementKind::Create(Create::Table { name, definition }) => {
                if name.object().starts_with('#') {
                    self.declare_table(name.object(), definition);
                }
            }
            StatementKind::Create(Create::Module(module)) => self.defined(line, &text, module),
            StatementKind::Create(_) => {}
            StatementKind::Drop { kind, names, .. } => {
                if *kind == DropKind::Table {
                    for name in names {
                        let temporary =
                            self.state.temporaries.remove(&name.object().to_lowercase());
                        if temporary.is_none() && !name.object().starts_with('#') {
                            self.whole(line, &text, name, "DROP TABLE takes every tenant's rows");
                        }
                    }
                }
            }
            // Whether changes leave their past is no question of whose rows: this reads and moves none.
            StatementKind::Alter(tsql::Alter::Table(_, tsql::AlterTable::SetVersioning(_))) => {}
            StatementKind::Alter(tsql::Alter::Table(name, _)) => {
                if !name.object().starts_with('#') {
                    self.whole(
                        line,
                        &text,
                        name,
                        "ALTER TABLE concerns every tenant's rows",
                    );
                }
            }
            StatementKind::Unsupported { construct } => {
                self.not_understood(line, &text, construct);
            }
            StatementKind::Alter(_)
            | StatementKind::SetOption(_)
            | StatementKind::Label(_)
            | StatementKind::BeginTransaction { .. }
            | StatementKind::Commit { .. }
            | StatementKind::Rollback { .. }
            | StatementKind::Save { .. }
            | StatementKind::ExecuteAsStatement { .. }
            | StatementKind::Revert { .. }
            | StatementKind::Permission(_)
            | StatementKind::SwitchTrigger { .. } => {}
            // Kinds that the statement layer learns later are not passed over.
            _ => self.not_understood(line, &text, "this statement"),
        }
        true
    }

    /// A statement on a table as a whole.
    fn whole(&mut self, line: u32, text: &str, table: &tsql::Name, why: &str) {
        let name: Vec<String> = table.0.iter().map(|part| part.to_lowercase()).collect();
        let binder = self.binder();
        let references = match changes::owned(&binder, &name) {
            Ok(Some(object)) => vec![refused(&object, line, why)],
            Ok(None) => Vec::new(),
            Err(unknown) => vec![refused(&name.join("."), line, unknown)],
        };
        self.note(line, text, references);
    }

    /// A module that is defined here is judged like one that exists.
    fn defined(&mut self, line: u32, text: &str, module: &Module) {
        let mut objects = super::catalog::Objects::default();
        let schema = module.name.schema().unwrap_or("dbo").to_lowercase();
        let object = format!("{schema}.{}", module.name.object());
        objects.add_routine(&object, Some(text), true);
        let Some((_, routine)) = objects.routines().next() else {
            return;
        };
        let schemas = [schema, "dbo".to_owned()];
        let mut flow = Flow::new(self.catalog, self.tenancy, &self.database, &schemas);
        flow.module = Some(object);
        flow.module(routine, None);
        for statement in &mut flow.out {
            statement.line += line - 1;
        }
        if self.recording {
            self.out.append(&mut flow.out);
        }
    }

    fn not_understood(&mut self, line: u32, text: &str, construct: &str) {
        match construct.to_ascii_uppercase().as_str() {
            // What they move is seen at the cursor's query; what FETCH puts into variables is
            // not followed.
            "OPEN" | "CLOSE" | "DEALLOCATE" | "OPEN CURSOR" | "CLOSE CURSOR"
            | "DEALLOCATE CURSOR" => return,
            construct if construct.starts_with("FETCH") => {
                for variable in skim::fetched(text) {
                    self.assign(
                        &variable,
                        Value::Other(format!("is fetched on line {line}")),
                    );
                }
                return;
            }
            construct if construct.starts_with("BACKUP") || construct.starts_with("RESTORE") => {
                return;
            }
            _ => {}
        }
        if let Some((query, first)) = skim::cursor_query(text)
            && let Ok(batch) = tsql::parse_batch(query)
        {
            let first = line + first - 1;
            let from = self.out.len();
            self.run(&batch.statements);
            for statement in &mut self.out[from..] {
                statement.line = first;
                for reference in &mut statement.references {
                    reference.line += first - 1;
                }
            }
            return;
        }
        if let Some(name) = skim::known_name(self.catalog, &self.database, text) {
            let why = format!("{construct} is not followed, and its text holds {name}");
            self.note(line, text, vec![refused(&name, line, why)]);
        }
    }

    fn declare_table(&mut self, name: &str, definition: &tsql::TableDefinition) {
        let columns = super::binder::columns_of(definition, self.kind);
        self.state.temporaries.insert(
            name.to_lowercase(),
            Temporary {
                // An empty table holds nobody's rows, whatever the column.
                callers: columns.iter().map(|(column, _)| column.clone()).collect(),
                columns: Some(columns),
                tainted: None,
            },
        );
    }

    fn branch(
        &mut self,
        line: u32,
        text: &str,
        condition: &sql::Expr,
        then: &tsql::Statement,
        otherwise: Option<&tsql::Statement>,
    ) -> bool {
        self.examine(line, text, |binder| {
            let condition = binder.condition(condition, false);
            vec![super::binder::bare(condition)]
        });
        let before = self.state.clone();
        self.state = self.where_true(condition);
        let then_goes_on = self.run(std::slice::from_ref(then));
        let after_then = std::mem::replace(&mut self.state, before);
        self.state = guard::where_not_true(self, condition);
        let goes_on = match otherwise {
            Some(otherwise) => self.run(std::slice::from_ref(otherwise)),
            None => true,
        };
        match (then_goes_on, goes_on) {
            (true, true) => self.state = self.state.join(&after_then),
            (true, false) => self.state = after_then,
            (false, _) => {}
        }
        then_goes_on || goes_on
    }

    /// The state where a condition was found true.
    fn where_true(&mut self, condition: &sql::Expr) -> State {
        let mut binder = self.binder();
        let condition = binder.condition(condition, false);
        let said = says(&binder.leaves, &condition);
        let classes = Classes::of([&said]);
        let mut state = self.state.clone();
        for (name, variable) in &mut state.variables {
            if classes.is_caller(&Term::Variable(name.clone())) {
                variable.value = Value::Caller { context: false };
            }
        }
        state
    }

    fn repeat(&mut self, line: u32, text: &str, condition: &sql::Expr, body: &tsql::Statement) {
        const ROUNDS_MAX: usize = 8;
        let recording = std::mem::replace(&mut self.recording, false);
        // A round may begin with whatever any statement of the round before left behind.
        let mut settled = false;
        for _ in 0..ROUNDS_MAX {
            let before = self.state.clone();
            self.trails.push(before.clone());
            self.run(std::slice::from_ref(body));
            let trail = self.trails.pop().unwrap_or_default();
            self.state = trail.join(&before);
            if self.state == before {
                settled = true;
                break;
            }
        }
        if !settled {
            for variable in self.state.variables.values_mut() {
                variable.value = Value::Other("changes in a loop".into());
            }
            self.state
                .taint_temporaries("it is filled in a loop that is not followed");
            self.state.context_changed.get_or_insert(line);
        }
        self.recording = recording;
        let before = self.state.clone();
        self.examine(line, text, |binder| {
            let condition = binder.condition(condition, false);
            vec![super::binder::bare(condition)]
        });
        self.run(std::slice::from_ref(body));
        self.state = before;
        self.mark();
    }

    fn guarded(&mut self, body: &[tsql::Statement], handler: &[tsql::Statement]) -> bool {
        self.trails.push(self.state.clone());
        let body_goes_on = self.run(body);
        let trail = self.trails.pop().unwrap_or_default();
        let after_body = std::mem::replace(&mut self.state, trail);
        let handler_goes_on = self.run(handler);
        match (body_goes_on, handler_goes_on) {
            (true, true) => self.state = self.state.join(&after_body),
            (true, false) => self.state = after_body,
            (false, _) => {}
        }
        body_goes_on || handler_goes_on
    }

    /// A binder for a statement that runs now.
    pub(crate) fn binder(&self) -> Binder<'a> {
        let mut state = self.state.clone();
        if self.labels {
            for variable in state.variables.values_mut() {
                variable.value = Value::Other("may come from anywhere by GOTO".into());
            }
        }
        let mut binder = Binder::new(
            self.catalog,
            self.tenancy,
            self.kind,
            &self.database,
            &self.schemas,
            &state,
        );
        binder.frame_mut().pseudo = self.pseudo.clone();
        binder
    }

    /// Judges one query as a statement.
    pub(crate) fn query(&mut self, line: u32, text: &str, query: &sql::Query) {
        self.examine(line, text, |binder| vec![binder.query(query)]);
    }

    /// Binds, proves and notes a statement that is made of queries.
    pub(crate) fn examine(
        &mut self,
        line: u32,
        text: &str,
        bind: impl FnOnce(&mut Binder<'a>) -> Vec<Query>,
    ) {
        let mut binder = self.binder();
        let plans = bind(&mut binder);
        let references = self.prove(&mut binder, &plans);
        self.note(line, text, references);
    }

    /// Proves what was bound; calls are followed.
    pub(crate) fn prove(&mut self, binder: &mut Binder<'a>, plans: &[Query]) -> Vec<Reference> {
        let mut proof = Proof {
            leaves: &binder.leaves,
            references: &mut binder.references,
            reasons: &binder.reasons,
            column: &self.tenancy.column,
            called: Vec::new(),
            arguments: binder
                .calls
                .iter()
                .map(|call| call.arguments.clone())
                .collect(),
        };
        for plan in plans {
            proof.query(plan, &Carried::default());
        }
        let called = std::mem::take(&mut proof.called);
        let mut references = std::mem::take(&mut binder.references);
        for (call, callers) in called {
            let call = &binder.calls[call];
            references.extend(super::calls::function(self, call, &callers));
        }
        references
    }

    /// Notes a statement, when it touches anything of tenants'.
    pub(crate) fn note(&mut self, line: u32, text: &str, references: Vec<Reference>) {
        if !references.is_empty() && self.recording {
            self.out.push(Statement {
                module: self.module.clone(),
                line,
                excerpt: skim::excerpt(text),
                references,
            });
        }
    }

    /// The value of an expression, which is judged on the way.
    pub(crate) fn value(&mut self, line: u32, text: &str, expr: &sql::Expr) -> Value {
        let mut binder = self.binder();
        let reads = binder.reads(expr);
        let value = guard::value_of(&mut binder, &self.state, expr, line);
        let references = self.prove(&mut binder, &reads);
        self.note(line, text, references);
        if self.labels {
            return Value::Other("may come from anywhere by GOTO".into());
        }
        value
    }

    /// Runs another module from here.
    pub(crate) fn invoke(
        &mut self,
        database: &str,
        schema: &str,
        routine: &Routine,
        arguments: &[Argument],
        line: u32,
    ) -> Returned {
        if self.depth >= CALLS_DEPTH_MAX || self.calls_left == 0 {
            let why = "calls nest too deep to be followed";
            return Returned {
                references: vec![refused(&routine.object, line, why)],
                proven: Vec::new(),
            };
        }
        let schemas = [schema.to_owned(), "dbo".to_owned()];
        let mut flow = Flow::new(self.catalog, self.tenancy, database, &schemas);
        flow.depth = self.depth + 1;
        flow.calls_left = self.calls_left - 1;
        flow.state.context_changed = self.state.context_changed;
        flow.state.temporaries.clone_from(&self.state.temporaries);
        flow.state
            .temporaries
            .retain(|name, _| name.starts_with('#'));
        flow.module(routine, Some(arguments));
        self.calls_left = flow.calls_left;
        let exits = flow.exits.unwrap_or_default();
        let proven = exits.variables.iter().filter(|(name, variable)| {
            matches!(variable.value, Value::Caller { .. }) && !flow.assigned.contains(*name)
        });
        let proven = proven.map(|(name, _)| name.clone()).collect();
        self.state.context_changed = self
            .state
            .context_changed
            .or(flow.state.context_changed)
            .or(exits.context_changed);
        if !self.state.temporaries.is_empty() && flow.text.contains('#') {
            self.state
                .taint_temporaries("a procedure may have filled it");
        }
        // A module that somebody can run himself is judged by itself, once.
        let mut references = Vec::new();
        if !routine.callable {
            for statement in flow.out {
                for mut reference in statement.references {
                    reference.through.insert(0, routine.object.clone());
                    references.push(reference);
                }
            }
        }
        Returned { references, proven }
    }
}

/// One argument of a call.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    /// Its name with `@`, lower case, when it was named.
    pub(crate) name: Option<String>,
    pub(crate) value: Value,
}

fn argument_for(
    arguments: &[Argument],
    position: usize,
    name: &str,
    parameter: &tsql::Parameter,
) -> Value {
    let named = arguments.iter().find(|one| {
        one.name
            .as_ref()
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
    });
    let placed = arguments.get(position).filter(|one| one.name.is_none());
    match named.or(placed) {
        Some(argument) => match &argument.value {
            Value::Other(_) => {
                Value::Other("gets an argument that is not the caller's tenant".into())
            }
            value => value.clone(),
        },
        None if parameter.default.is_some() => {
            Value::Other("has its default, which is not the caller's tenant".into())
        }
        None => Value::Null,
    }
}

/// A reference that nothing binds.
pub(crate) fn refused(table: &str, line: u32, why: impl Into<String>) -> Reference {
    Reference {
        table: table.to_owned(),
        alias: None,
        through: Vec::new(),
        line,
        binding: Binding::unbound(why),
    }
}

fn has_labels(statements: &[tsql::Statement]) -> bool {
    statements.iter().any(|statement| match &statement.kind {
        StatementKind::Goto(_) => true,
        StatementKind::If {
            then, otherwise, ..
        } => {
            has_labels(std::slice::from_ref(then))
                || otherwise
                    .as_ref()
                    .is_some_and(|one| has_labels(std::slice::from_ref(one)))
        }
        StatementKind::While { body, .. } => has_labels(std::slice::from_ref(body)),
        StatementKind::Block(body) => has_labels(body),
        StatementKind::TryCatch { body, handler } => has_labels(body) || has_labels(handler),
        _ => false,
    })
}
