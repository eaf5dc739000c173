//! The scoping oracle against a server: what it calls bound must not depend on other tenants.
//!
//! Two databases hold the same rows of tenant 1 and different rows of tenant 2. A statement that
//! is bound to tenant 1 must answer the same in both, leave the same rows of tenant 1, and leave
//! tenant 2's rows alone. That the databases tell statements apart at all is counted, too.

#[path = "scoping/statements.rs"]
mod statements;

use std::fmt::Write as _;

use connection::{Connection, Endpoint as Address, Login, Waits};
use database::{Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server, ServerOptions, Tls};
use domain::history::Response;
use domain::surface::Cell;
use oracles::scoping::{
    Batch, Catalog, Objects, Statement, Table, TableColumn, Tenancy, judge_batch,
};
use statements::{Choices, TABLES, statement};

const PASSWORD: &str = "Zebra-tulip-42";

/// Rows as (OrgId, Id, Link, V), for each table.
type Rows = [&'static [(i32, i32, &'static str, &'static str)]; 3];

const OWN: Rows = [
    &[
        (1, 1, "2", "1"),
        (1, 2, "1", "2"),
        (1, 3, "3", "3"),
        (1, 4, "NULL", "NULL"),
    ],
    &[
        (1, 1, "1", "2"),
        (1, 2, "2", "2"),
        (1, 3, "9", "NULL"),
        (1, 5, "4", "1"),
    ],
    &[(1, 2, "2", "3"), (1, 6, "1", "1")],
];
const THEIRS: [Rows; 2] = [
    [
        &[(2, 1, "1", "1"), (2, 2, "3", "NULL"), (2, 9, "1", "0")],
        &[(2, 1, "2", "1"), (2, 3, "1", "3"), (2, 7, "NULL", "2")],
        &[(2, 1, "4", "9"), (2, 2, "2", "2")],
    ],
    [
        &[(2, 4, "9", "3"), (2, 5, "1", "2")],
        &[
            (2, 2, "1", "NULL"),
            (2, 4, "3", "0"),
            (2, 5, "5", "7"),
            (2, 6, "2", "2"),
        ],
        &[],
    ],
];

const MODULES: [(&str, &str); 3] = [
    (
        "dbo.Scoped",
        "CREATE VIEW dbo.Scoped AS SELECT OrgId, Id, Link, V FROM dbo.B WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))",
    ),
    (
        "dbo.Loose",
        "CREATE VIEW dbo.Loose AS SELECT OrgId, Id, Link, V FROM dbo.A",
    ),
    (
        "dbo.OfOrg",
        "CREATE FUNCTION dbo.OfOrg (@org int) RETURNS TABLE AS RETURN SELECT OrgId, Id, Link, V FROM dbo.C WHERE OrgId = @org",
    ),
];

fn catalog() -> Catalog {
    let mut objects = Objects::default();
    for table in TABLES {
        objects.add_table(Table {
            object: table.to_owned(),
            columns: ["OrgId", "Id", "Link", "V"]
                .map(|name| TableColumn {
                    name: name.to_owned(),
                    data_type: "int".to_owned(),
                    length: 4,
                    skipped: false,
                })
                .to_vec(),
            owned: true,
        });
    }
    for (name, text) in MODULES {
        objects.add_routine(name, Some(text), false);
    }
    let mut catalog = Catalog::default();
    catalog.add("one", objects);
    catalog
}

struct Stage {
    endpoint: Endpoint,
    connection: Connection,
}

impl Stage {
    async fn new() -> Self {
        let server = Server::new(ServerOptions {
            name: "TEST".to_owned(),
            sa_password: PASSWORD.to_owned(),
            environment: Box::new(LogicalEnvironment::new(7)),
            limits: Limits::default(),
        });
        let options = EndpointOptions {
            tls: Tls::Off,
            ..EndpointOptions::default()
        };
        let endpoint = Endpoint::bind(server, options).await.expect("a free port");
        let login = Login {
            name: "sa".to_owned(),
            password: PASSWORD.to_owned(),
        };
        let address = Address::loopback(endpoint.address().port());
        let connection = Connection::open(&address, &login, None, Waits::default()).await;
        let mut stage = Self {
            endpoint,
            connection: connection.expect("sa may connect"),
        };
        stage
            .must("EXEC sys.sp_set_session_context N'OrgId', 1")
            .await;
        for (database, theirs) in ["one", "two"].into_iter().zip(&THEIRS) {
            stage.must(&format!("CREATE DATABASE {database}")).await;
            stage.must(&format!("USE {database}")).await;
            for (index, table) in TABLES.into_iter().enumerate() {
                stage
                    .must(&format!(
                        "CREATE TABLE {table} (OrgId int NOT NULL, Id int NOT NULL, Link int NULL, V int NULL, PRIMARY KEY (OrgId, Id))"
                    ))
                    .await;
                for (org, id, link, v) in OWN[index].iter().chain(theirs[index]) {
                    stage
                        .must(&format!("INSERT {table} VALUES ({org}, {id}, {link}, {v})"))
                        .await;
                }
            }
            for (_, text) in MODULES {
                stage.must(text).await;
            }
        }
        stage
    }

    async fn must(&mut self, batch: &str) -> Response {
        let response = self.connection.run(batch).await;
        assert!(response.errors.is_empty(), "{batch}: {:?}", response.errors);
        response
    }

    /// What a statement answers in a database, and what it leaves there before it is undone.
    async fn outcome(&mut self, database: &str, statement: &str) -> Result<Outcome, i32> {
        let mut batch =
            format!("USE {database}; BEGIN TRANSACTION; DECLARE @o int = 1; {statement}\n;");
        for table in TABLES {
            let _ = write!(batch, " SELECT * FROM {table} ORDER BY OrgId, Id;");
        }
        batch.push_str(" ROLLBACK;");
        let response = self.connection.run(&batch).await;
        assert_eq!(response.lost, None, "{statement}");
        if let Some(error) = response.first_error() {
            let number = error.number;
            self.must("IF @@TRANCOUNT > 0 ROLLBACK").await;
            return Err(number);
        }
        let mut sets: Vec<Vec<Vec<Cell>>> =
            response.results.into_iter().map(|set| set.rows).collect();
        let after = sets.split_off(sets.len() - TABLES.len());
        for set in &mut sets {
            set.sort();
        }
        let of = |org: i64| -> Vec<Vec<Vec<Cell>>> {
            let own = |row: &&Vec<Cell>| row.first() == Some(&Cell::Integer(org));
            after
                .iter()
                .map(|set| set.iter().filter(own).cloned().collect())
                .collect()
        };
        Ok(Outcome {
            answer: sets,
            own: of(1),
            theirs: of(2),
        })
    }
}

#[derive(Debug, PartialEq)]
struct Outcome {
    answer: Vec<Vec<Vec<Cell>>>,
    own: Vec<Vec<Vec<Cell>>>,
    theirs: Vec<Vec<Vec<Cell>>>,
}

fn judge(catalog: &Catalog, statement: &str) -> Vec<Statement> {
    let tenancy = Tenancy {
        parameters: vec!["@o".to_owned()],
        ..Tenancy::by_context("OrgId")
    };
    let batch = Batch {
        database: "one",
        schemas: &[],
        text: statement,
        parameters: "",
    };
    judge_batch(catalog, &tenancy, batch)
}

#[tokio::test]
async fn what_is_bound_does_not_depend_on_other_tenants() {
    const STATEMENTS: u64 = 1_500;
    let catalog = catalog();
    let mut stage = Stage::new().await;
    let untouched = stage
        .outcome("one", "SELECT 1")
        .await
        .expect("it runs")
        .theirs;
    let untouched = [
        untouched,
        stage
            .outcome("two", "SELECT 1")
            .await
            .expect("it runs")
            .theirs,
    ];
    let (mut bound, mut ran, mut unbound, mut told_apart) = (0, 0, 0, 0);
    for seed in 0..STATEMENTS {
        let text = statement(&mut Choices::new(seed));
        let verdict = judge(&catalog, &text);
        assert!(!verdict.is_empty(), "{text}");
        let is_bound = verdict.iter().all(Statement::applied);
        if !is_bound {
            unbound += 1;
            // A part of them is enough to see that the two databases differ.
            if unbound % 8 != 0 {
                continue;
            }
        }
        let one = stage.outcome("one", &text).await;
        let two = stage.outcome("two", &text).await;
        let same = match (&one, &two) {
            (Ok(one), Ok(two)) => {
                one.answer == two.answer
                    && one.own == two.own
                    && one.theirs == untouched[0]
                    && two.theirs == untouched[1]
            }
            (Err(one), Err(two)) => one == two,
            _ => false,
        };
        if is_bound {
            bound += 1;
            ran += usize::from(one.is_ok());
            let shown: Vec<String> = verdict
                .iter()
                .flat_map(|statement| &statement.references)
                .map(ToString::to_string)
                .collect();
            assert!(
                same,
                "seed {seed}: {text}\n{}\n{one:?}\n{two:?}",
                shown.join("\n")
            );
        } else {
            told_apart += usize::from(!same);
        }
    }
    assert!(ran > 400, "only {ran} of {bound} bound statements ran");
    assert!(unbound > 0, "every statement was bound");
    assert!(
        told_apart > 20,
        "the databases told only {told_apart} statements apart"
    );
    stage.endpoint.shutdown().await;
}
