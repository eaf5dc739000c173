//! Provisioning, sessions, patches, introspection and the watch, against the embedded server over
//! its TDS endpoint: as against any other server.

#[path = "end_to_end/stage.rs"]
mod stage;

use connection::{Connection, Encryption, Endpoint, Trust};
use domain::case::{Actor, BatchTraits};
use domain::feature::Feature;
use domain::history::{Changed, Loss, Response};
use domain::surface::{Cell, Surface, Table, Temporal};
use domain::system::Script;
use domain::world::{Mark, NUMBER_BAND, TenantIndex};
use executors::{ExecutorError, OtherDatabases, PatchTarget, Target};
use observers::{Depth, Watch, changed};

use stage::{Stage, actor, numbers_of};

const READS: BatchTraits = BatchTraits {
    changes_session: false,
    controls_transactions: false,
    opaque: false,
    writes: false,
};

fn tables_of(surface: &Surface, tenant: TenantIndex) -> impl Iterator<Item = &Table> {
    let own = surface
        .databases
        .iter()
        .filter(move |database| database.tenant == Some(tenant));
    own.flat_map(|database| database.tables.values())
}

#[tokio::test]
async fn the_demonstration_is_provisioned_and_found_again() {
    let stage = Stage::with_tenants(4).await;
    let surface = stage.surface().await;
    assert_eq!(surface.databases.len(), 5);
    let own = &surface.databases[0];
    assert_eq!(own.name, "wt_acme");
    assert_eq!(own.tables.len(), 38);
    assert_eq!(
        own.principals.keys().collect::<Vec<_>>(),
        ["app_rw", "audit_admin", "readonly_investigator"]
    );
    assert_eq!(own.schemas, ["dbo", "History"]);

    let lines = &own.tables["dbo.InvoiceLines"];
    assert_eq!(lines.primary_key, ["InvoiceId", "LineNumber"]);
    assert_eq!(
        lines
            .foreign_keys
            .iter()
            .map(|key| key.table.as_str())
            .collect::<Vec<_>>(),
        ["dbo.Invoices", "dbo.Products"]
    );
    let customers = &own.tables["dbo.Customers"];
    assert_eq!(customers.unique, [["CustomerKey"], ["TaxNumber"]]);
    let id = &customers.columns[0];
    assert!(
        id.identity && !id.nullable && !id.has_default && id.data_type == "int",
        "{id:?}"
    );
    assert!(customers.columns[1].has_default);
    let purge = &own.modules["dbo.PurgeAuditEvents"];
    assert_eq!(purge.kind, "P");
    assert_eq!(
        purge.parameters,
        [("@Before".to_owned(), "datetime2".to_owned())]
    );
    assert_eq!(own.modules["dbo.InvoiceTotals"].kind, "V");
}

#[tokio::test]
async fn features_are_found_out_by_asking_and_leave_no_trace() {
    let stage = Stage::with_tenants(2).await;
    let mut administrator = stage
        .target
        .administrate(Some("wt_acme"))
        .await
        .expect("open");
    let objects = "SELECT COUNT(*) FROM sys.objects";
    let before = administrator.run(objects).await;
    let features = executors::features(&stage.target, "wt_acme")
        .await
        .expect("asked");
    for there in [
        Feature::ApplicationRoles,
        Feature::InsteadOfTriggers,
        Feature::Sequences,
    ] {
        assert!(features.contains(&there), "{}", there.name());
    }
    for missing in [Feature::Ledger, Feature::BulkFiles, Feature::CommandShell] {
        assert!(!features.contains(&missing), "{}", missing.name());
    }
    assert_eq!(administrator.run(objects).await.results, before.results);
}

#[tokio::test]
async fn every_planted_value_carries_its_tenants_mark_and_no_other() {
    let stage = Stage::with_tenants(3).await;
    let surface = stage.surface().await;
    for index in stage.world.indexes() {
        let mark = &stage.world.tenant(index).mark;
        for table in tables_of(&surface, index) {
            let least = if has_few(table) { 1 } else { 5 };
            assert!(table.rows.len() >= least, "{} has few rows", table.object());
            for row in table.rows.iter().filter(|row| !is_of_a_migration(row)) {
                for (column, cell) in table.columns.iter().zip(row) {
                    let is_enumeration =
                        matches!(
                            column.name.as_str(),
                            "Kind"
                                | "Status"
                                | "LineNumber"
                                | "EventName"
                                | "Entity"
                                | "ValidFrom"
                                | "ValidTo"
                                | "Attempt"
                                | "Attempts"
                                | "Outcome"
                                | "StatusCode"
                                | "Revision"
                                | "Operation"
                                | "PasswordHash"
                                | "RequestHash"
                        ) || (matches!(table.name.as_str(), "Permissions" | "Roles")
                            && column.name == "Name")
                            || is_login(cell, &stage.world.tenant(index).name)
                            || matches!(cell, Cell::Null | Cell::Bit(_))
                            || is_zero(cell);
                    assert!(
                        is_enumeration || carries(cell, mark),
                        "{}.{} holds {cell:?}, which carries no mark",
                        table.object(),
                        column.name
                    );
                }
            }
        }
    }
}

/// Few invoices are void, few requests were answered or sent on, and few rows have a past.
fn has_few(table: &Table) -> bool {
    matches!(table.temporal, Temporal::History { .. })
        || matches!(
            table.name.as_str(),
            "CreditNotes"
                | "IdempotencyKeys"
                | "Jobs"
                | "WebhookDeliveries"
                | "WebhookSubscriptions"
        )
}

/// Audit rows that deploying left: they tell of the pipeline, not of the tenant.
fn is_of_a_migration(row: &[Cell]) -> bool {
    row.contains(&Cell::Text("MigrationDeployed".into()))
}

/// The name by which a user logs in: it carries the tenant's name instead.
fn is_login(cell: &Cell, tenant: &str) -> bool {
    matches!(cell, Cell::Text(text) if text.ends_with(&format!("@{tenant}.example")))
}

fn is_zero(cell: &Cell) -> bool {
    matches!(cell, Cell::Decimal(text) if text.chars().all(|c| c == '0' || c == '.'))
}

fn carries(cell: &Cell, mark: &Mark) -> bool {
    let band = mark.number..mark.number + NUMBER_BAND;
    match cell {
        Cell::Null | Cell::Bit(_) | Cell::Float(_) => false,
        Cell::Integer(number) => band.contains(number),
        Cell::Decimal(text) => text
            .split('.')
            .next()
            .and_then(|whole| whole.parse().ok())
            .is_some_and(|n| band.contains(&n)),
        Cell::Text(text) => {
            text.contains(&mark.text) || text.parse().is_ok_and(|n| band.contains(&n))
        }
        Cell::Binary(bytes) => bytes
            .windows(mark.text.len())
            .any(|part| part == mark.text.as_bytes()),
        Cell::Guid(text) => {
            let prefix: String = mark.guid.iter().map(|byte| format!("{byte:02x}")).collect();
            text.starts_with(&prefix)
        }
        Cell::Temporal(text) => text.starts_with(&mark.year.to_string()),
    }
}

#[tokio::test]
async fn in_each_table_some_rows_are_referred_to_by_nothing() {
    let stage = Stage::with_tenants(2).await;
    let surface = stage.surface().await;
    let own = &surface.databases[0];
    for table in own.tables.values() {
        let free = table.rows.iter().filter(|row| {
            own.tables.values().all(|other| {
                other
                    .foreign_keys
                    .iter()
                    .filter(|key| key.table == table.object())
                    .all(|key| {
                        !other.rows.iter().any(|reference| {
                            key.columns.iter().zip(&key.referenced).all(|(from, to)| {
                                let from = other.position(from).expect("the catalog is coherent");
                                let to = table.position(to).expect("the catalog is coherent");
                                reference[from] == row[to]
                            })
                        })
                    })
            })
        });
        let least = if has_few(table) { 1 } else { 2 };
        assert!(free.count() >= least, "{}", table.object());
    }
}

#[tokio::test]
async fn a_second_run_removes_what_the_first_recorded_and_nothing_else() {
    let stage = Stage::with_tenants(2).await;
    stage
        .provision(OtherDatabases::Refuse)
        .await
        .expect("leftovers are in the ledger");

    stage.administrate("CREATE DATABASE production").await;
    let refused = stage.provision(OtherDatabases::Refuse).await;
    let Err(ExecutorError::OtherDatabases { databases }) = refused else {
        panic!("a server with other databases was accepted: {refused:?}");
    };
    assert_eq!(databases, ["production"]);
    stage
        .provision(OtherDatabases::Allow)
        .await
        .expect("allowed in so many words");

    let removed = executors::cleanup(&stage.target, "wt")
        .await
        .expect("the ledger is there");
    assert_eq!((removed.databases, removed.logins), (4, 6));
    let left = stage
        .administrate("SELECT name FROM sys.databases WHERE database_id > 4")
        .await;
    assert_eq!(left.results[0].rows, [[Cell::Text("production".into())]]);

    stage.administrate("CREATE DATABASE wt_acme").await;
    let refused = stage.provision(OtherDatabases::Allow).await;
    assert!(
        matches!(refused, Err(ExecutorError::NotOurs { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn principals_may_what_their_table_of_rights_says() {
    let stage = Stage::with_tenants(2).await;
    let mut sessions = stage.sessions();
    for (principal, batch, expected) in [
        ("app_rw", "SELECT TOP (1) 1 FROM dbo.Invoices", vec![]),
        (
            "app_rw",
            "UPDATE dbo.Invoices SET Note = N'x' WHERE ActualPostingDate IS NULL",
            vec![],
        ),
        ("app_rw", "UPDATE dbo.Invoices SET Note = N'x'", vec![50901]),
        ("app_rw", "DELETE dbo.InvoiceLines", vec![50902]),
        ("app_rw", "SELECT * FROM History.Invoices", vec![]),
        ("app_rw", "DELETE History.Invoices", vec![229]),
        (
            "app_rw",
            "ALTER TABLE dbo.Invoices SET (SYSTEM_VERSIONING = OFF)",
            vec![1088],
        ),
        (
            "readonly_investigator",
            "SELECT * FROM dbo.Invoices FOR SYSTEM_TIME ALL",
            vec![],
        ),
        ("readonly_investigator", "EXEC dbo.PostInvoice 1", vec![229]),
        ("app_rw", "DELETE dbo.UserRoles", vec![]),
        (
            "app_rw",
            "INSERT dbo.AuditEvents (EventName, Entity, EntityId) VALUES ('a', 'b', N'c')",
            vec![],
        ),
        (
            "app_rw",
            "UPDATE dbo.AuditEvents SET Reason = N'x'",
            vec![229],
        ),
        ("app_rw", "DELETE dbo.AuditEvents", vec![229]),
        ("app_rw", "SELECT * FROM dbo.InvoiceTotals", vec![]),
        (
            "app_rw",
            "DECLARE @id int; SELECT @id = MAX(InvoiceId) FROM dbo.Invoices; EXEC dbo.PostInvoice @id",
            vec![],
        ),
        (
            "app_rw",
            "EXEC dbo.PurgeAuditEvents '2400-01-01'",
            vec![229],
        ),
        ("app_rw", "SELECT * FROM wt_globex.dbo.Invoices", vec![916]),
        ("app_rw", "SELECT * FROM wt_registry.dbo.Tenants", vec![916]),
        ("audit_admin", "DELETE dbo.AuditEvents", vec![]),
        (
            "audit_admin",
            "EXEC dbo.PurgeAuditEvents '2400-01-01'",
            vec![],
        ),
        ("audit_admin", "SELECT * FROM dbo.Invoices", vec![229]),
        (
            "audit_admin",
            "UPDATE dbo.AuditEvents SET Reason = N'x'",
            vec![229],
        ),
        (
            "readonly_investigator",
            "SELECT * FROM dbo.Invoices",
            vec![],
        ),
        (
            "readonly_investigator",
            "SELECT * FROM dbo.AuditEvents",
            vec![],
        ),
        ("readonly_investigator", "DELETE dbo.Invoices", vec![229]),
        (
            "readonly_investigator",
            "CREATE TABLE dbo.T (a int)",
            vec![262],
        ),
    ] {
        let response = sessions
            .run_and_undo(&actor(0, principal), batch, READS)
            .await
            .expect("the embedded server has snapshots");
        assert_eq!(
            numbers_of(&response),
            expected,
            "{principal}: {batch}\n{response:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_holds_every_row_count_message_and_error() {
    let stage = Stage::with_tenants(2).await;
    let mut sessions = stage.sessions();
    let batch = "PRINT N'hello';
        UPDATE TOP (2) dbo.Customers SET CreditLimit = 1;
        SELECT CustomerId FROM dbo.Customers WHERE CreditLimit = 1;
        RAISERROR (N'first', 16, 1);
        DELETE TOP (3) FROM dbo.UserRoles;
        RAISERROR (N'second', 11, 7);";
    let response = sessions.run(&actor(0, "app_rw"), batch, READS).await;
    assert_eq!(
        response
            .messages
            .iter()
            .map(|m| m.text.as_str())
            .collect::<Vec<_>>(),
        ["hello"]
    );
    assert_eq!(response.rows_affected, 5);
    assert_eq!(response.results[0].rows.len(), 2);
    let errors: Vec<_> = response
        .errors
        .iter()
        .map(|e| (e.number, e.severity, e.state, e.text.as_str()))
        .collect();
    assert_eq!(
        errors,
        [(50_000, 16, 1, "first"), (50_000, 11, 7, "second")]
    );
    assert_eq!(response.lost, None);
}

#[tokio::test]
async fn what_is_run_and_undone_leaves_no_trace_with_and_without_snapshots() {
    let stage = Stage::with_tenants(2).await;
    let watch = Watch::new(&stage.surface().await, Depth::Checksums);
    let without = Target {
        reset: None,
        ..Target::clone(&stage.target)
    };
    for mut sessions in [stage.sessions(), stage.sessions_at(without)] {
        let administrator = sessions.administrator().await.expect("sa may connect");
        let before = watch.take(administrator).await.expect("all is readable");
        for batch in [
            "DELETE dbo.UserRoles",
            "UPDATE dbo.Invoices SET Note = N'gone' WHERE ActualPostingDate IS NULL",
        ] {
            let response = sessions
                .run_and_undo(&actor(1, "app_rw"), batch, READS)
                .await;
            let response = response.expect("it can be undone");
            assert!(response.rows_affected > 0, "{response:?}");
        }
        let administrator = sessions.administrator().await.expect("sa may connect");
        let after = watch.take(administrator).await.expect("all is readable");
        assert_eq!(changed(&before, &after), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_watch_tells_what_changed_and_where() {
    let stage = Stage::with_tenants(2).await;
    let surface = stage.surface().await;
    for depth in [Depth::Checksums, Depth::Digests] {
        for (batch, place, expected) in [
            (
                "UPDATE wt_globex.dbo.Users SET IsActive = 0",
                "wt_globex dbo.Users",
                Expected::Rows {
                    added: 10,
                    removed: 10,
                },
            ),
            (
                "DELETE TOP (1) FROM wt_acme.dbo.AuditEvents",
                "wt_acme dbo.AuditEvents",
                // The purge leaves a row of its own.
                Expected::Rows {
                    added: 1,
                    removed: 1,
                },
            ),
            (
                "USE wt_acme; GRANT ALTER ON dbo.AuditEvents TO app_rw",
                "wt_acme catalog",
                Expected::Fact("GRANT ALTER ON dbo.AuditEvents TO app_rw"),
            ),
            (
                "USE wt_acme; ALTER ROLE db_owner ADD MEMBER app_rw",
                "wt_acme catalog",
                Expected::Fact("ALTER ROLE db_owner ADD MEMBER app_rw"),
            ),
            (
                "USE wt_globex; DROP TABLE dbo.AuditEvents",
                "wt_globex dbo.AuditEvents",
                Expected::Unreadable,
            ),
            (
                "CREATE LOGIN wt_new WITH PASSWORD = 'aB3$aB3$aB3$'",
                "server catalog",
                Expected::Fact("SQL_LOGIN wt_new DEFAULT_DATABASE master"),
            ),
        ] {
            let watch = Watch::new(&surface, depth);
            let mut sessions = stage.sessions();
            let mark = sessions.save().expect("the embedded server has snapshots");
            let administrator = sessions.administrator().await.expect("sa may connect");
            let contents = watch
                .read_all(administrator)
                .await
                .expect("all is readable");
            let before = watch.take(administrator).await.expect("all is readable");
            stage.administrate(batch).await;
            let after = watch.take(administrator).await.expect("the watch goes on");
            let names = changed(&before, &after);
            assert!(names.contains(&place.to_owned()), "{batch}: {names:?}");
            let now = watch
                .read(administrator, &names)
                .await
                .expect("the watch goes on");
            let changes = contents.changes_to(&now);
            assert!(
                changes.iter().any(|change| expected.is(&change.what)),
                "{batch}: {changes:?}"
            );
            sessions.restore(&mark);
        }
    }
}

#[derive(Debug)]
enum Expected {
    Rows { added: usize, removed: usize },
    Fact(&'static str),
    Unreadable,
}

impl Expected {
    fn is(&self, changed: &Changed) -> bool {
        match (self, changed) {
            (
                Self::Rows { added, removed },
                Changed::Rows {
                    added: a,
                    removed: r,
                    ..
                },
            ) => a.len() == *added && r.len() == *removed,
            (Self::Fact(line), Changed::Catalog { added, .. }) => added.iter().any(|l| l == line),
            (Self::Unreadable, Changed::Unreadable { error, .. }) => error.starts_with("error 208"),
            _ => false,
        }
    }
}

#[tokio::test]
async fn a_patch_that_fails_names_file_line_and_the_servers_words() {
    let stage = Stage::with_tenants(2).await;
    let apply = async |text: &str, databases: PatchTarget| {
        let patch = Script {
            file: "my-change.sql".into(),
            text: text.into(),
        };
        let credentials = &stage.credentials;
        executors::apply_patch(
            &stage.target,
            &stage.system,
            &stage.world,
            credentials,
            &patch,
            &databases,
        )
        .await
        .map_err(|error| error.to_string())
    };
    apply(
        "GRANT SELECT ON dbo.Users TO audit_admin",
        PatchTarget::Tenants,
    )
    .await
    .expect("valid");
    for (text, databases, expected) in [
        (
            "-- one\nSELECT 1\nGO\n\nSELECT 2;\nDROP TABLE dbo.Nothing",
            PatchTarget::Tenant("acme".into()),
            "my-change.sql:6: error 3701 in database wt_acme: Cannot drop the table 'dbo.Nothing'",
        ),
        (
            "SELECT '$(Tennant)'",
            PatchTarget::Tenants,
            "my-change.sql:1: unknown variable $(Tennant); known are ",
        ),
        (
            "SELECT 1",
            PatchTarget::Tenant("acne".into()),
            "no tenant named acne; there are acme, globex",
        ),
        (
            "SELECT 1",
            PatchTarget::Shared("x".into()),
            "no database named x; there are registry",
        ),
    ] {
        let error = apply(text, databases)
            .await
            .expect_err("it cannot be applied");
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn encryption_hides_nothing_from_the_harness() {
    let stage = Stage::with_tls(2).await;
    let login = stage
        .credentials
        .login(TenantIndex(0), "app_rw")
        .expect("it is declared");
    let mut answers: Vec<Response> = Vec::new();
    for encryption in [Encryption::None, Encryption::Login, Encryption::All] {
        let endpoint = Endpoint {
            encryption,
            trust: Trust::Any,
            ..stage.target.endpoint.clone()
        };
        let opened = Connection::open(&endpoint, login, Some("wt_acme"), stage.target.waits).await;
        let mut connection = opened.expect("the login is right");
        let batch = "SELECT REPLICATE(N'x', 3000) FROM dbo.Users; PRINT N'm';
            UPDATE dbo.Users SET IsActive = 1; RAISERROR (N'a', 16, 1); RAISERROR (N'b', 16, 1);";
        answers.push(connection.run(batch).await);
    }
    assert_eq!(answers[0].rows_affected, 10);
    assert_eq!(answers[0].errors.len(), 2);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn a_wrong_password_is_a_refusal_and_a_dead_server_is_a_loss() {
    let stage = Stage::with_tenants(2).await;
    let mut wrong = Target::clone(&stage.target);
    wrong.administrator.password = "wrong".into();
    let mut sessions = stage.sessions_at(wrong);
    let master = Actor::Administrator {
        database: "master".into(),
    };
    let refused = sessions.run(&master, "SELECT 1", READS).await;
    assert_eq!(
        (refused.lost, numbers_of(&refused)),
        (Some(Loss::NotConnected), vec![18_456])
    );

    let mut sessions = stage.sessions();
    assert_eq!(sessions.run(&master, "SELECT 1", READS).await.lost, None);
    stage.shutdown().await;
    let lost = sessions.run(&master, "SELECT 1", READS).await;
    assert_eq!(lost.lost, Some(Loss::ConnectionLost));
    let gone = sessions.run(&master, "SELECT 1", READS).await;
    assert_eq!(
        (gone.lost, gone.errors.len()),
        (Some(Loss::NotConnected), 0)
    );
}
