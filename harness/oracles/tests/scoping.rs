//! The scoping oracle on two corpora: statements that are bound, and statements that are not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use oracles::scoping::{
    Batch, Binding, Catalog, Objects, Statement, Table, TableColumn, Tenancy, judge_batch,
    judge_modules,
};
use tsql::{ColumnKind, Create, StatementKind};

/// The database of the corpora.
const DATABASE: &str = "erp";

/// What the service may run itself; the other modules are judged where they are called.
fn callable(object: &str) -> bool {
    object.starts_with("org.")
}

fn catalog() -> Catalog {
    let mut objects = Objects::default();
    for batch in tsql::split_batches(include_str!("scoping/schema.sql")) {
        for statement in tsql::parse_batch(&batch.text)
            .expect("the schema is T-SQL")
            .statements
        {
            match statement.kind {
                StatementKind::Create(Create::Table { name, definition }) => {
                    let columns: Vec<TableColumn> = definition
                        .columns
                        .iter()
                        .map(|column| TableColumn {
                            name: column.name.clone(),
                            data_type: match &column.kind {
                                ColumnKind::Data(data_type) => data_type.name.to_string(),
                                ColumnKind::Computed { .. } => "int".into(),
                            },
                            length: 40,
                            skipped: column.identity.is_some(),
                        })
                        .collect();
                    let owned = columns.iter().any(|column| column.name == "OrgId");
                    objects.add_table(Table {
                        object: name.to_string(),
                        columns,
                        owned,
                    });
                }
                StatementKind::Create(Create::Module(module)) => {
                    let object = module.name.to_string();
                    let callable = callable(&object);
                    objects.add_routine(&object, Some(&module.text), callable);
                }
                other => panic!("the schema has no {other:?}"),
            }
        }
    }
    objects.add_routine("dbo.Secret", None, false);
    objects.add_synonym("dbo.Bills", "[dbo].[Invoices]");
    let mut catalog = Catalog::default();
    catalog.add(DATABASE, objects);
    catalog
}

fn tenancy() -> Tenancy {
    Tenancy {
        parameters: vec!["@OrgId".into()],
        literals: vec!["7".into()],
        ..Tenancy::by_context("OrgId")
    }
}

fn judge(text: &str) -> Vec<Statement> {
    let batch = Batch {
        database: DATABASE,
        schemas: &[],
        text,
        parameters: "",
    };
    static CATALOG: LazyLock<Catalog> = LazyLock::new(catalog);
    judge_batch(&CATALOG, &tenancy(), batch)
}

/// One entry of a corpus: the sentence, what the reason must say, and the statements.
struct Entry {
    sentence: String,
    because: Option<String>,
    text: String,
}

fn corpus(text: &str) -> Vec<Entry> {
    let batches = text.split("\nGO\n");
    batches
        .map(|batch| {
            let mut lines = batch.trim().lines();
            let sentence = lines
                .next()
                .and_then(|line| line.strip_prefix("-- "))
                .expect("an entry begins with a sentence");
            let rest: Vec<&str> = lines.collect();
            let because = rest
                .first()
                .and_then(|line| line.strip_prefix("-- because: "));
            let text = rest[usize::from(because.is_some())..].join("\n");
            Entry {
                sentence: sentence.to_owned(),
                because: because.map(str::to_owned),
                text,
            }
        })
        .collect()
}

fn bound() -> Vec<Entry> {
    corpus(include_str!("scoping/bound.sql"))
}

fn unbound() -> Vec<Entry> {
    corpus(include_str!("scoping/unbound.sql"))
}

fn shown(statements: &[Statement]) -> String {
    let lines = statements.iter().flat_map(|statement| {
        statement
            .references
            .iter()
            .map(|reference| format!("    {reference}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_bound_is_found_to_be_bound() {
    let entries = bound();
    assert!(entries.len() >= 80, "{} entries", entries.len());
    let mut wrong = Vec::new();
    for entry in &entries {
        let statements = judge(&entry.text);
        if !statements.iter().all(Statement::applied) || statements.is_empty() {
            wrong.push(format!(
                "{}\n  {}\n{}",
                entry.sentence,
                entry.text,
                shown(&statements)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        entries.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_is_not_bound_is_never_called_bound() {
    let entries = unbound();
    assert!(entries.len() >= 120, "{} entries", entries.len());
    let mut wrong = Vec::new();
    for entry in &entries {
        let statements = judge(&entry.text);
        let reasons: Vec<&str> = statements
            .iter()
            .flat_map(Statement::unbound)
            .map(|reference| match &reference.binding {
                Binding::Bound { .. } => "",
                Binding::Unbound { why } => why,
            })
            .collect();
        let said = entry.because.as_deref().unwrap_or_default();
        if !reasons.iter().any(|reason| reason.contains(said)) {
            wrong.push(format!(
                "{}\n  {}\n{}",
                entry.sentence,
                entry.text,
                shown(&statements)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        entries.len(),
        wrong.join("\n")
    );
}

#[test]
fn no_sentence_is_told_twice() {
    let entries: Vec<Entry> = bound().into_iter().chain(unbound()).collect();
    let sentences: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry.sentence.as_str())
        .collect();
    assert_eq!(sentences.len(), entries.len());
}

/// A second parser, which shares the expressions with ours but none of the statements, must
/// find no tenant-owned table that the oracle did not look at.
#[test]
fn a_second_parser_names_no_table_that_was_overlooked() {
    let owned = [
        "invoices",
        "invoicelines",
        "products",
        "customers",
        "ratings",
    ];
    let mut read = 0;
    for entry in bound().into_iter().chain(unbound()) {
        let dialect = sqlparser::dialect::MsSqlDialect {};
        let Ok(parsed) = sqlparser::parser::Parser::parse_sql(&dialect, &entry.text) else {
            continue;
        };
        read += 1;
        let mut named = BTreeSet::new();
        let _ = sqlparser::ast::visit_relations(&parsed, |name| {
            let parts: Vec<String> = name.0.iter().map(|part| part.to_string()).collect();
            let bare = |part: &String| part.trim_matches(['[', ']']).to_lowercase();
            let last = parts.last().map(bare).unwrap_or_default();
            let by_view = parts.len() > 1 && parts.iter().any(|part| bare(part) == "org");
            if owned.contains(&last.as_str()) && !by_view {
                named.insert(last);
            }
            std::ops::ControlFlow::<()>::Continue(())
        });
        let statements = judge(&entry.text);
        let seen: BTreeSet<String> = statements
            .iter()
            .flat_map(|statement| &statement.references)
            .map(|reference| reference.table.to_lowercase())
            .map(|table| table.rsplit('.').next().unwrap_or_default().to_owned())
            .collect();
        let overlooked: Vec<&String> = named.difference(&seen).collect();
        assert!(
            overlooked.is_empty(),
            "{}: {overlooked:?} in\n{}\n{}",
            entry.sentence,
            entry.text,
            shown(&statements)
        );
    }
    assert!(read > 180, "the second parser read {read} only");
}

#[test]
fn the_modules_of_the_corpora_are_judged_where_they_can_be_reached() {
    let statements = judge_modules(&catalog(), &tenancy(), DATABASE);
    let unbound: Vec<String> = statements
        .iter()
        .flat_map(|statement| statement.unbound().map(move |one| (statement, one)))
        .map(|(statement, one)| format!("{}: {one}", statement.module.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(unbound, Vec::<String>::new(), "{}", shown(&statements));
    let modules: BTreeSet<&str> = statements
        .iter()
        .filter_map(|statement| statement.module.as_deref())
        .collect();
    assert_eq!(
        modules,
        BTreeSet::from(["org.Invoices", "org.OpenProducts"])
    );
    // The same modules, all of them within reach.
    let mut all = catalog();
    for object in [
        "dbo.AllInvoices",
        "dbo.PurgeOf",
        "dbo.CountOf",
        "dbo.LinesOf",
    ] {
        let text = definition(object);
        all.database_mut(DATABASE)
            .add_routine(object, Some(&text), true);
    }
    let statements = judge_modules(&all, &tenancy(), DATABASE);
    let unbound: BTreeSet<&str> = statements
        .iter()
        .filter(|statement| !statement.applied())
        .filter_map(|statement| statement.module.as_deref())
        .collect();
    let expected = [
        "dbo.AllInvoices",
        "dbo.CountOf",
        "dbo.LinesOf",
        "dbo.PurgeOf",
    ];
    assert_eq!(unbound, BTreeSet::from(expected));
}

fn definition(object: &str) -> String {
    let batches = tsql::split_batches(include_str!("scoping/schema.sql"));
    let found = batches
        .into_iter()
        .find(|batch| batch.text.contains(&format!(" {object} ")));
    found.expect("the schema holds it").text
}

/// Statements whose predicates on the tenant are all needed: with each the verdict stands, and
/// without any one of them it falls.
#[test]
fn a_predicate_that_is_dropped_is_missed() {
    let tables = [
        "dbo.Invoices",
        "dbo.InvoiceLines",
        "dbo.Products",
        "dbo.Customers",
    ];
    let mut dropped = 0;
    for count in 1..=tables.len() {
        // Each further table hangs on one before it: all trees of that size.
        let trees: usize = (1..count).product();
        for shape in 0..trees {
            let mut rest = shape;
            let parents: Vec<usize> = (1..count)
                .map(|table| {
                    let parent = rest % table;
                    rest /= table;
                    parent
                })
                .collect();
            for anchor in 0..count {
                for form in 0..6 {
                    let whole = chained(&tables[..count], &parents, anchor, form, None);
                    let verdict = judge(&whole);
                    assert!(
                        !verdict.is_empty() && verdict.iter().all(Statement::applied),
                        "{whole}\n{}",
                        shown(&verdict)
                    );
                    for without in 0..count {
                        let part = chained(&tables[..count], &parents, anchor, form, Some(without));
                        let verdict = judge(&part);
                        assert!(!verdict.iter().all(Statement::applied), "{part}");
                        dropped += 1;
                    }
                }
            }
        }
    }
    assert!(dropped > 500, "{dropped}");
}

/// Tables joined along a tree; predicate 0 says whose the table `anchor` is, the others pass it on.
fn chained(
    tables: &[&str],
    parents: &[usize],
    anchor: usize,
    form: usize,
    without: Option<usize>,
) -> String {
    let mut predicates = vec![format!("t{anchor}.OrgId = @OrgId")];
    for (table, parent) in parents.iter().enumerate() {
        predicates.push(format!("t{parent}.OrgId = t{}.OrgId", table + 1));
    }
    if let Some(without) = without {
        predicates[without] = "1 = 1".to_owned();
    }
    let named = tables
        .iter()
        .enumerate()
        .map(|(index, table)| format!("{table} AS t{index}"));
    let comma = named.clone().collect::<Vec<_>>().join(", ");
    let filter = predicates.join(" AND ");
    match form {
        0 => format!("SELECT 1 FROM {comma} WHERE {filter};"),
        1 => {
            let joins = named.collect::<Vec<_>>().join(" JOIN ");
            let ons = predicates[1..]
                .iter()
                .rev()
                .map(|on| format!(" ON {on}"))
                .collect::<String>();
            format!("SELECT COUNT(*) FROM {joins}{ons} WHERE {};", predicates[0])
        }
        2 => format!("DELETE t0 FROM {comma} WHERE NOT (NOT ({filter}));"),
        3 => format!("UPDATE t0 SET OrgId = @OrgId FROM {comma} WHERE {filter};"),
        4 => format!("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {comma} WHERE {filter});"),
        _ => format!(
            "WITH x AS (SELECT t0.OrgId AS o FROM {comma} WHERE {filter}) SELECT * FROM x UNION SELECT o FROM x;"
        ),
    }
}
