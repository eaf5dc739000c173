//! Statements: was the tenant applied to everything that each of them touches? Looked at are all
//! statements of every module, and all texts that the server still knows to have run.
//!
//! A text of which nobody knows who ran it is examined like the others, but where it applies no
//! tenant it may well have been an administrator's: then nobody knows.

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};

use crate::inspections::rights::{number, text};
use crate::judge::Judge;
use crate::scoping::{
    self, Batch, Binding, Catalog, Reference, Statement, Tenancy, judge_batch, judge_modules,
};

const CONTROL: &str = "S05";

/// One statement that touches rows of tenants, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The database that it ran in or belongs to.
    pub database: String,
    /// Whose session ran it; `None` for a module's, and where nobody knows.
    pub login: Option<String>,
    /// What was found.
    pub statement: Statement,
}

/// Why a part could not be looked at, with its database.
pub type Unseen = (String, String);

/// Examines everything that was recorded; empty when no tables hold rows of several tenants.
pub fn examine(judge: &Judge<'_>, facts: &Facts) -> (Vec<Examined>, Vec<Unseen>) {
    let Some(declared) = &judge.system.tenancy else {
        return (Vec::new(), Vec::new());
    };
    let mut catalog = Catalog::of_surface(judge.surface, &declared.column, |table| {
        declared.declares(table)
    });
    let (mut examined, mut unseen) = (Vec::new(), Vec::new());
    let databases = judge.inspected_databases();
    for database in &databases {
        match facts.sets(Topic::Modules, database) {
            Ok([modules, synonyms]) => learn(&mut catalog, database, modules, synonyms),
            Ok(sets) => unseen.push(miscounted(database, sets)),
            Err(reason) => unseen.push(((*database).to_owned(), reason)),
        }
    }
    let tenancy = Tenancy {
        context_key: scoping::context_key(&declared.checkout),
        ..Tenancy::by_context(&declared.column)
    };
    for database in databases {
        for statement in judge_modules(&catalog, &tenancy, database) {
            examined.push(Examined {
                database: database.to_owned(),
                login: None,
                statement,
            });
        }
        match facts.sets(Topic::Statements, database) {
            Ok([texts, dropped]) => {
                for row in &texts.rows {
                    let login = text(row, 0);
                    let (parameters, batch) = scoping::parameterized(text(row, 1));
                    let batch = Batch {
                        database,
                        schemas: &[],
                        text: batch,
                        parameters,
                    };
                    for statement in judge_batch(&catalog, &tenancy, batch) {
                        examined.push(Examined {
                            database: database.to_owned(),
                            login: (!login.is_empty()).then(|| login.to_owned()),
                            statement,
                        });
                    }
                }
                let dropped: i64 = dropped.rows.iter().map(|row| number(row, 0)).sum();
                if dropped > 0 {
                    let reason = format!("the server has forgotten {dropped} statements");
                    unseen.push((database.to_owned(), reason));
                }
            }
            Ok(sets) => unseen.push(miscounted(database, sets)),
            Err(reason) => unseen.push((database.to_owned(), reason)),
        }
    }
    (examined, unseen)
}

fn miscounted(database: &str, sets: &[ResultSet]) -> Unseen {
    let reason = format!("{} result sets instead of 2", sets.len());
    (database.to_owned(), reason)
}

fn learn(catalog: &mut Catalog, database: &str, modules: &ResultSet, synonyms: &ResultSet) {
    let objects = catalog.database_mut(database);
    for row in &modules.rows {
        let object = format!("{}.{}", text(row, 0), text(row, 1));
        let definition = Some(text(row, 3)).filter(|definition| !definition.is_empty());
        objects.add_routine(&object, definition, number(row, 4) == 1);
    }
    for row in &synonyms.rows {
        let object = format!("{}.{}", text(row, 0), text(row, 1));
        objects.add_synonym(&object, text(row, 2));
    }
}

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let Some(declared) = &judge.system.tenancy else {
        return Inspected::NotApplicable {
            reason: "no tables hold rows of several tenants".into(),
        };
    };
    let (examined, unseen) = examine(judge, facts);
    let mut items = Vec::new();
    for one in &examined {
        items.push(item(&declared.column, one));
    }
    for (database, reason) in &unseen {
        items.push(Item::unseen(CONTROL, database, "statements", reason));
    }
    Inspected::Items(items)
}

fn item(column: &str, one: &Examined) -> Item {
    let statement = &one.statement;
    let place = place(one);
    let Some(reference) = statement.unbound().next() else {
        return Item::passed(CONTROL, &one.database, &place);
    };
    let why = why(reference);
    let table = &reference.table;
    if statement.module.is_none() && one.login.is_none() {
        let reason = format!("nobody knows who ran it, and {table} is not bound: {why}");
        return Item::unseen(CONTROL, &one.database, &place, &reason);
    }
    let through = match reference.through.last() {
        Some(last) => format!(" through {last}, line {}", reference.line),
        None => String::new(),
    };
    let whose = match (&statement.module, &one.login) {
        (Some(module), _) => format!("line {} of {module}", statement.line),
        (None, Some(login)) => format!("a statement of {login}"),
        (None, None) => "a statement".to_owned(),
    };
    let defect = Defect {
        kind: format!("{column} not applied to {table}"),
        severity: Severity::High,
        sentence: format!(
            "{whose} reaches rows of {table}{through} that may be another tenant's: {why}; every \
             statement must apply {column}"
        ),
        shown_by: statement.excerpt.clone(),
    };
    Item::failed(CONTROL, &one.database, &place, defect)
}

/// Where a statement stands: in its module, or as a text of its own.
fn place(one: &Examined) -> String {
    let statement = &one.statement;
    match &statement.module {
        Some(module) => format!("{module} line {}", statement.line),
        None => statement.excerpt.clone(),
    }
}

/// What is missing.
fn why(reference: &Reference) -> &str {
    match &reference.binding {
        Binding::Bound { how } => how,
        Binding::Unbound { why } => why,
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;
    use domain::surface::Column;
    use domain::system::Tenancy;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    const GUARD: &str = "IF SESSION_CONTEXT(N'OrgId') IS NULL OR @OrgId IS NULL \
        OR @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;";

    #[test]
    fn a_statement_that_forgets_the_tenant_is_named_with_line_and_table() {
        let mut system = example::system(1);
        system.tenancy = Some(Tenancy {
            database: "erp".into(),
            column: "OrgId".into(),
            value: "$(MarkNumber)".into(),
            checkout: "EXEC sys.sp_set_session_context N'OrgId', $(Organisation), @read_only = 1;"
                .into(),
            department: None,
            denials: vec![50403],
            tables: Vec::new(),
            arguments: Default::default(),
        });
        let world = example::world(1, Seed(7));
        let mut surface = example::surface(&world);
        let database = world.tenants[0].database.clone();
        let table = surface.databases[0].tables.values_mut().next();
        let table = table.expect("the example has tables");
        table.columns.push(Column {
            name: "OrgId".into(),
            data_type: "int".into(),
            length_max: 4,
            nullable: false,
            identity: false,
            generated: false,
            has_default: false,
        });
        let object = table.object();
        let judge = Judge::new(&system, &world, &surface);
        let read = |predicate: &str| {
            format!(
                "CREATE PROCEDURE org.[Read] @OrgId int, @Id int AS\n{GUARD}\n\
                 SELECT * FROM {object} WHERE {predicate};"
            )
        };
        let (good, bad) = (read("OrgId = @OrgId"), read("@Id = 1"));
        let select = format!("SELECT * FROM {object}");
        let sentence = format!(
            "line 3 of org.Read reaches rows of {object} that may be another tenant's: nothing \
             compares OrgId with the caller's tenant; every statement must apply OrgId"
        );
        let of_login = format!(
            "a statement of wt_service reaches rows of {object} that may be another tenant's: \
             nothing compares OrgId with the caller's tenant; every statement must apply OrgId"
        );
        let unknown = format!(
            "nobody knows who ran it, and {object} is not bound: nothing compares OrgId with the \
             caller's tenant"
        );
        for (definition, reachable, texts, dropped, expected) in [
            (&good, "1", None, "0", None),
            (&bad, "1", None, "0", Some(&sentence)),
            // Nobody can run it, and nothing that can be run calls it.
            (&bad, "0", None, "0", None),
            (
                &good,
                "1",
                Some(("wt_service", select.as_str())),
                "0",
                Some(&of_login),
            ),
            (
                &good,
                "1",
                Some(("-", select.as_str())),
                "0",
                Some(&unknown),
            ),
            (
                &good,
                "1",
                Some(("wt_service", "EXEC org.[Read] 1, 2")),
                "0",
                None,
            ),
            (
                &good,
                "1",
                None,
                "3",
                Some(&"the server has forgotten 3 statements".to_owned()),
            ),
        ] {
            let module = ["org", "Read", "P", definition, reachable];
            let texts: Vec<Vec<&str>> = texts
                .into_iter()
                .map(|(login, text)| vec![login, text])
                .collect();
            let texts: Vec<&[&str]> = texts.iter().map(Vec::as_slice).collect();
            let fact = |topic, sets| Fact {
                topic,
                database: database.clone(),
                asked: "SELECT 1".into(),
                answer: Answer::Sets(sets),
            };
            let facts = Facts(vec![
                fact(Topic::Modules, vec![set(&[&module]), set(&[])]),
                fact(Topic::Statements, vec![set(&texts), set(&[&[dropped]])]),
            ]);
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("there is a tenancy");
            };
            let told: Vec<&String> = items
                .iter()
                .filter_map(|item| match &item.seen {
                    Seen::Failed(defect) => Some(&defect.sentence),
                    Seen::CouldNotLook { reason } => Some(reason),
                    Seen::Passed => None,
                })
                .collect();
            assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
