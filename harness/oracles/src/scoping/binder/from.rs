//! FROM: tables, views, functions, derived tables and how they are joined.

use std::collections::BTreeMap;

use tsql::sql::{self, JoinConstraint, JoinOperator, TableFactor, TableWithJoins};
use tsql::{ModuleBody, TableDefinition};

use super::query::{rename, table_arguments};
use super::{Binder, Frame, Leaf, line_of, parts};
use crate::scoping::catalog::{Found, FoundRef, Routine, Table};
use crate::scoping::conversion::{Kind, declared};
use crate::scoping::formula::Term;
use crate::scoping::plan::{Condition, LeafKind, Query, Tree};
use crate::scoping::proof;
use crate::scoping::state::State;
use crate::scoping::verdict::Binding;

impl Binder<'_> {
    /// A FROM clause; its row sources join the innermost scope.
    pub(crate) fn from(&mut self, from: &[TableWithJoins]) -> Tree {
        let mut tree = Tree::Nothing;
        for item in from {
            let next = self.joined(item);
            tree = match tree {
                Tree::Nothing => next,
                tree => Tree::Inner(Box::new(tree), Box::new(next), Condition::nothing()),
            };
        }
        tree
    }

    fn joined(&mut self, item: &TableWithJoins) -> Tree {
        let mut tree = self.factor(&item.relation, false);
        for join in &item.joins {
            let apply = matches!(
                join.join_operator,
                JoinOperator::CrossApply | JoinOperator::OuterApply
            );
            let right = Box::new(self.factor(&join.relation, apply));
            let left = Box::new(tree);
            tree = match &join.join_operator {
                JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => {
                    let on = self.constraint(on);
                    Tree::Inner(left, right, on)
                }
                JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => {
                    let on = self.constraint(on);
                    Tree::Left(left, right, on)
                }
                JoinOperator::Right(on) | JoinOperator::RightOuter(on) => {
                    let on = self.constraint(on);
                    Tree::Left(right, left, on)
                }
                JoinOperator::FullOuter(on) => {
                    let on = self.constraint(on);
                    Tree::Full(left, right, on)
                }
                JoinOperator::CrossApply => Tree::Inner(left, right, Condition::nothing()),
                JoinOperator::OuterApply => Tree::Left(left, right, Condition::nothing()),
                // T-SQL has no others: nothing is concluded from them.
                _ => Tree::Full(left, right, Condition::nothing()),
            };
        }
        tree
    }

    fn constraint(&mut self, constraint: &JoinConstraint) -> Condition {
        match constraint {
            JoinConstraint::On(on) => self.condition(on, false),
            _ => Condition::nothing(),
        }
    }

    fn factor(&mut self, factor: &TableFactor, lateral: bool) -> Tree {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                sample,
                ..
            } => {
                if sample.is_some() {
                    let why = "TABLESAMPLE chooses among everybody's rows";
                    self.refuse(&parts(name).join("."), line_of(name), why);
                }
                let alias_name = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
                let columns = alias_columns(alias.as_ref());
                let name_parts = parts(name);
                let line = line_of(name);
                match args {
                    Some(args) => {
                        self.function(&name_parts, &args.args, alias_name, &columns, line)
                    }
                    None => self.named(&name_parts, alias_name, &columns, line),
                }
            }
            TableFactor::Function {
                name, args, alias, ..
            } => {
                let alias_name = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
                let columns = alias_columns(alias.as_ref());
                self.function(&parts(name), args, alias_name, &columns, line_of(name))
            }
            TableFactor::Derived {
                subquery, alias, ..
            } => {
                // Only APPLY lets a derived table see its neighbours.
                let hidden = (!lateral).then(|| self.frame_mut().scopes.pop()).flatten();
                let mut query = self.query(subquery);
                if let Some(scope) = hidden {
                    self.frame_mut().scopes.push(scope);
                }
                rename(&mut query, &alias_columns(alias.as_ref()));
                let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
                self.derived(alias, query)
            }
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.joined(table_with_joins),
            TableFactor::OpenJsonTable {
                json_expr, alias, ..
            } => {
                let reads = self.reads(json_expr);
                self.opaque(alias.as_ref(), reads)
            }
            TableFactor::Pivot { table, alias, .. } | TableFactor::Unpivot { table, alias, .. } => {
                let reads = self.apart(table);
                self.opaque(alias.as_ref(), reads)
            }
            other => {
                let text = other.to_string();
                let what: String = text.chars().take(40).collect();
                self.refuse("(row source)", 1, format!("{what} is not followed"));
                self.opaque(None, Vec::new())
            }
        }
    }

    /// What stands under PIVOT, as a query of its own.
    fn apart(&mut self, table: &TableFactor) -> Vec<Query> {
        self.frame_mut().scopes.push(Vec::new());
        let tree = self.factor(table, false);
        self.frame_mut().scopes.pop();
        let mut query = super::query::bare(Condition::nothing());
        if let crate::scoping::plan::Body::Block(block) = &mut query.body {
            block.tree = tree;
        }
        vec![query]
    }

    fn opaque(&mut self, alias: Option<&sql::TableAlias>, reads: Vec<Query>) -> Tree {
        let alias = alias.map(|alias| alias.name.value.to_lowercase());
        let mut leaf = Leaf::free(alias, Vec::new());
        leaf.kind = LeafKind::Opaque(reads);
        self.place(leaf)
    }

    fn derived(&mut self, alias: Option<String>, query: Query) -> Tree {
        let usable = proof::usable(&query);
        self.place(Leaf::derived(alias, query, usable))
    }

    /// Puts a row source into the innermost scope.
    fn place(&mut self, leaf: Leaf) -> Tree {
        let id = self.leaf(leaf);
        match self.frame_mut().scopes.last_mut() {
            Some(scope) => scope.push(id),
            None => self.frame_mut().scopes.push(vec![id]),
        }
        Tree::Leaf(id)
    }

    /// A name in FROM without arguments.
    pub(crate) fn named(
        &mut self,
        name: &[String],
        alias: Option<String>,
        columns: &[String],
        line: u32,
    ) -> Tree {
        if let [one] = name {
            let ctes = self.frame().ctes.iter().rev();
            if let Some(cte) = ctes.clone().find(|cte| cte.name == *one).cloned() {
                if !self.has_room() {
                    return self.too_large(one, line);
                }
                let mut query = self.cte(&cte);
                rename(&mut query, columns);
                return self.derived(alias.or_else(|| Some(one.clone())), query);
            }
            if let Some(pseudo) = self.frame().pseudo.get(one).cloned() {
                if !pseudo.table.is_empty() {
                    let reference = self.reference(&pseudo.table, alias.as_deref(), line);
                    let what = format!("{one}: the rows of the statement that fired the trigger");
                    self.references[reference].binding = Binding::bound(what);
                }
                return self.place(Leaf {
                    alias: alias.or_else(|| Some(one.clone())),
                    object: Vec::new(),
                    columns: pseudo.columns,
                    usable: pseudo.usable,
                    open: false,
                    kind: LeafKind::Known(pseudo.callers),
                    misused: None,
                });
            }
        }
        let object = name.last().map_or("", String::as_str);
        if object.starts_with('#') || object.starts_with('@') {
            return self.temporary(object, alias, line);
        }
        match self.resolve(name) {
            Found::System => self.place(Leaf::free(alias, name.to_vec())),
            Found::Object(FoundRef::Table(table), schema) => {
                let leaf = self.table(table, &schema, name, alias, line);
                self.place(leaf)
            }
            Found::Object(FoundRef::Routine(routine), schema) => {
                self.view(routine, &schema, name, alias, columns, line)
            }
            Found::Missing(why) => {
                self.refuse(&name.join("."), line, why);
                self.place(Leaf::free(alias, name.to_vec()))
            }
            Found::Synonym(_) => {
                self.refuse(&name.join("."), line, "a synonym for a synonym");
                self.place(Leaf::free(alias, name.to_vec()))
            }
        }
    }

    fn too_large(&mut self, name: &str, line: u32) -> Tree {
        self.refuse(name, line, "the statement is too large to be followed");
        self.place(Leaf::free(Some(name.to_owned()), Vec::new()))
    }

    /// A table as a row source.
    pub(crate) fn table(
        &mut self,
        table: &Table,
        schema: &str,
        name: &[String],
        alias: Option<String>,
        line: u32,
    ) -> Leaf {
        let kind = if table.owned {
            let column = table.position(&self.tenancy.column).unwrap_or(usize::MAX);
            let reference = self.reference(&table.object, alias.as_deref(), line);
            LeafKind::Owned { reference, column }
        } else {
            LeafKind::Known(Vec::new())
        };
        let object = table.object.rsplit('.').next().unwrap_or(&table.object);
        let database = match name.len() {
            3.. => name[name.len() - 3].clone(),
            _ => self.frame().database.to_lowercase(),
        };
        let columns = table.columns.iter();
        Leaf {
            alias,
            object: vec![database, schema.to_owned(), object.to_lowercase()],
            usable: columns
                .clone()
                .map(|own| Kind::of(&own.data_type, own.length).as_safe_as(self.kind))
                .collect(),
            columns: columns.map(|own| own.name.to_lowercase()).collect(),
            open: false,
            kind,
            misused: None,
        }
    }

    fn temporary(&mut self, name: &str, alias: Option<String>, line: u32) -> Tree {
        let qualifier = alias.clone().or_else(|| Some(name.to_owned()));
        if name.starts_with("##") {
            self.refuse(name, line, "anybody may fill a global temporary table");
            return self.place(Leaf::free(qualifier, Vec::new()));
        }
        let known = self.frame().temporaries.temporaries.get(name).cloned();
        let Some(temporary) = known else {
            self.refuse(name, line, "what fills it cannot be seen here");
            return self.place(Leaf::free(qualifier, Vec::new()));
        };
        if let Some(why) = &temporary.tainted {
            self.refuse(name, line, why.clone());
        }
        let columns = temporary.columns.clone().unwrap_or_default();
        let callers = columns.iter().enumerate();
        let callers = callers
            .filter(|(_, (column, _))| temporary.callers.contains(column))
            .map(|(position, _)| position);
        let leaf = Leaf {
            alias: qualifier,
            object: Vec::new(),
            usable: columns.iter().map(|(_, usable)| *usable).collect(),
            kind: LeafKind::Known(callers.collect()),
            open: temporary.columns.is_none(),
            columns: columns.into_iter().map(|(column, _)| column).collect(),
            misused: None,
        };
        self.place(leaf)
    }

    /// A view, written out.
    fn view(
        &mut self,
        routine: &Routine,
        schema: &str,
        name: &[String],
        alias: Option<String>,
        columns: &[String],
        line: u32,
    ) -> Tree {
        let module = match &routine.source {
            Ok(module) => module.clone(),
            Err(why) => {
                self.refuse(&routine.object, line, why.clone());
                return self.place(Leaf::free(alias, name.to_vec()));
            }
        };
        let ModuleBody::View {
            columns: own,
            query,
            ..
        } = &module.body
        else {
            self.refuse(&routine.object, line, "it is no table and no view");
            return self.place(Leaf::free(alias, name.to_vec()));
        };
        if !self.has_room() {
            return self.too_large(&routine.object, line);
        }
        let mut query = self.inside(routine, schema, name, BTreeMap::new(), query);
        let own: Vec<String> = own.iter().map(|column| column.to_lowercase()).collect();
        rename(&mut query, &own);
        rename(&mut query, columns);
        let usable = proof::usable(&query);
        let mut leaf = Leaf::derived(alias, query, usable);
        let object = routine.object.rsplit('.').next().unwrap_or_default();
        leaf.object = vec![
            self.frame().database.to_lowercase(),
            schema.to_owned(),
            object.to_lowercase(),
        ];
        self.place(leaf)
    }

    /// Binds the query of a view or inline function where its own names hold.
    fn inside(
        &mut self,
        routine: &Routine,
        schema: &str,
        name: &[String],
        variables: BTreeMap<String, Term>,
        query: &sql::Query,
    ) -> Query {
        let outer = self.frame();
        let database = match name.len() {
            3.. => name[name.len() - 3].clone(),
            _ => outer.database.clone(),
        };
        let mut through = outer.through.clone();
        through.push(routine.object.clone());
        let frame = Frame {
            database: if database.is_empty() {
                outer.database.clone()
            } else {
                database
            },
            schemas: vec![schema.to_owned(), "dbo".to_owned()],
            variables,
            temporaries: State::default(),
            context: outer.context,
            pseudo: BTreeMap::new(),
            scopes: Vec::new(),
            ctes: Vec::new(),
            through,
        };
        self.frames.push(frame);
        let query = self.query(query);
        self.frames.pop();
        query
    }

    /// A table function.
    fn function(
        &mut self,
        name: &[String],
        arguments: &[sql::FunctionArg],
        alias: Option<String>,
        columns: &[String],
        line: u32,
    ) -> Tree {
        let arguments = table_arguments(arguments);
        let mut reads = Vec::new();
        let mut terms = Vec::new();
        for argument in arguments {
            reads.extend(self.reads(argument));
            terms.push(self.term(argument));
        }
        let object = name.last().cloned().unwrap_or_default();
        let mut leaf = Leaf::free(alias.clone().or(Some(object.clone())), Vec::new());
        // One part: a function of the server's (STRING_SPLIT, OPENJSON, GENERATE_SERIES), or a
        // method of a column; OPENROWSET and OPENQUERY read anything.
        if name.len() == 1 && !matches!(object.as_str(), "openrowset" | "openquery") {
            leaf.kind = LeafKind::Opaque(reads);
            return self.place(leaf);
        }
        let (routine, schema) = match self.resolve(name) {
            Found::System => {
                leaf.kind = LeafKind::Opaque(reads);
                return self.place(leaf);
            }
            Found::Object(FoundRef::Routine(routine), schema) => (routine, schema),
            Found::Missing(why) => {
                self.refuse(&name.join("."), line, why);
                return self.place(leaf);
            }
            _ => {
                self.refuse(&name.join("."), line, "it is no function");
                return self.place(leaf);
            }
        };
        let module = match &routine.source {
            Ok(module) => module.clone(),
            Err(why) => {
                self.refuse(&routine.object, line, why.clone());
                return self.place(leaf);
            }
        };
        let ModuleBody::InlineFunction(query) = &module.body else {
            reads.push(self.call(None, schema, object, terms, line));
            leaf.kind = LeafKind::Opaque(reads);
            return self.place(leaf);
        };
        if !self.has_room() {
            return self.too_large(&routine.object, line);
        }
        let mut variables = BTreeMap::new();
        for (position, parameter) in module.parameters.iter().enumerate() {
            let (data_type, length) = declared(&parameter.data_type);
            let safe = self.kind.survives(&data_type, length);
            let term = terms.get(position).cloned().filter(|_| safe);
            variables.insert(parameter.name.to_lowercase(), term.unwrap_or(Term::Unknown));
        }
        let mut query = self.inside(routine, &schema, name, variables, query);
        rename(&mut query, columns);
        let usable = proof::usable(&query);
        let tree = self.place(Leaf::derived(leaf.alias.take(), query, usable));
        if reads.is_empty() {
            return tree;
        }
        let mut arguments = Leaf::free(None, Vec::new());
        arguments.open = false;
        arguments.kind = LeafKind::Opaque(reads);
        let arguments = self.leaf(arguments);
        Tree::Inner(
            Box::new(Tree::Leaf(arguments)),
            Box::new(tree),
            Condition::nothing(),
        )
    }
}

fn alias_columns(alias: Option<&sql::TableAlias>) -> Vec<String> {
    alias.map_or_else(Vec::new, |alias| {
        alias
            .columns
            .iter()
            .map(|own| own.name.value.to_lowercase())
            .collect()
    })
}

/// The columns of a table variable or temporary table, as the state keeps them.
pub(crate) fn columns_of(definition: &TableDefinition, tenant: Kind) -> Vec<(String, bool)> {
    let column = |own: &tsql::ColumnDefinition| {
        let usable = match &own.kind {
            tsql::ColumnKind::Data(data_type) => {
                let (data_type, length) = declared(data_type);
                Kind::written(&data_type, length).as_safe_as(tenant)
            }
            tsql::ColumnKind::Computed { .. } => false,
        };
        (own.name.to_lowercase(), usable)
    };
    definition.columns.iter().map(column).collect()
}
