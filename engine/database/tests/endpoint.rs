//! What does a client see of the server? Through tiberius, and through a client at packet level.

mod endpoint_client;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use database::{Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server, ServerOptions, Tls};
use endpoint_client::RawClient;
use proptest::prelude::*;
use tds::{
    Begin, Collation, Isolation, Length, PacketType, Parameter, Procedure, ProcedureId, Reset,
    RpcCall, TransactionRequest, TypeInfo, Value,
};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

const PASSWORD: &str = "S4_password!";

fn server() -> Server {
    Server::new(ServerOptions {
        name: "WATERTIGHT".to_owned(),
        sa_password: PASSWORD.to_owned(),
        environment: Box::new(LogicalEnvironment::new(1)),
        limits: Limits::default(),
    })
}

async fn endpoint(options: EndpointOptions) -> Endpoint {
    Endpoint::bind(server(), options)
        .await
        .expect("a free port")
}

async fn open() -> Endpoint {
    endpoint(EndpointOptions::default()).await
}

async fn raw(endpoint: &Endpoint) -> RawClient {
    let (client, tokens) = RawClient::log_in(endpoint.address(), "sa", PASSWORD, "").await;
    assert_eq!(
        tokens.last().map(String::as_str),
        Some("done"),
        "{tokens:?}"
    );
    client
}

type Driver = Client<Compat<TcpStream>>;

async fn tiberius(
    address: SocketAddr,
    encryption: EncryptionLevel,
    login: (&str, &str),
    database: &str,
) -> tiberius::Result<Driver> {
    let mut config = Config::new();
    config.host(address.ip().to_string());
    config.port(address.port());
    config.authentication(AuthMethod::sql_server(login.0, login.1));
    config.database(database);
    config.encryption(encryption);
    config.trust_cert();
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    Client::connect(config, tcp.compat_write()).await
}

async fn sa(endpoint: &Endpoint) -> Driver {
    let level = EncryptionLevel::NotSupported;
    tiberius(endpoint.address(), level, ("sa", PASSWORD), "master")
        .await
        .expect("sa may log in")
}

fn number(error: &tiberius::error::Error) -> Option<u32> {
    match error {
        tiberius::error::Error::Server(token) => Some(token.code()),
        _ => None,
    }
}

fn text(text: &str) -> (TypeInfo, Value) {
    let collation = Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;
    (
        TypeInfo::NVarChar(Length::Bytes(8000), collation),
        Value::Text(text.to_owned()),
    )
}

fn parameter(name: &str, (type_info, value): (TypeInfo, Value)) -> Parameter {
    Parameter {
        name: name.to_owned(),
        by_reference: false,
        default: false,
        type_info,
        value,
    }
}

fn output(name: &str, typed: (TypeInfo, Value)) -> Parameter {
    Parameter {
        by_reference: true,
        ..parameter(name, typed)
    }
}

fn call(procedure: Procedure, parameters: Vec<Parameter>) -> RpcCall {
    RpcCall {
        procedure,
        recompile: false,
        no_metadata: false,
        parameters,
        no_execute: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tiberius_connects_at_every_level_of_encryption() {
    use EncryptionLevel::{NotSupported, Off, On, Required};
    let with_tls = open().await;
    for level in [NotSupported, Off, On, Required] {
        let mut client = tiberius(with_tls.address(), level, ("sa", PASSWORD), "master")
            .await
            .expect("TLS");
        let row = client
            .simple_query("SELECT 1 AS one, N'Grüße 😀' AS greeting")
            .await
            .expect("runs")
            .into_row()
            .await
            .expect("complete")
            .expect("one row");
        assert_eq!(row.get::<i32, _>("one"), Some(1), "{level:?}");
        assert_eq!(
            row.get::<&str, _>("greeting"),
            Some("Grüße 😀"),
            "{level:?}"
        );
    }
    let without_tls = endpoint(EndpointOptions {
        tls: Tls::Off,
        ..EndpointOptions::default()
    })
    .await;
    let clear = tiberius(
        without_tls.address(),
        NotSupported,
        ("sa", PASSWORD),
        "master",
    )
    .await;
    assert!(clear.is_ok());
    let encrypted = tiberius(without_tls.address(), Required, ("sa", PASSWORD), "master").await;
    assert!(
        encrypted.is_err(),
        "encryption that is not there is not pretended"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_login_says_why_and_closes() {
    async fn check(login: (&str, &str), database: &str, expected: &[&str]) {
        let endpoint = open().await;
        let (mut client, tokens) =
            RawClient::log_in(endpoint.address(), login.0, login.1, database).await;
        let heads: Vec<String> = tokens
            .iter()
            .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(heads, expected);
        assert!(client.is_closed().await);
        endpoint.shutdown().await;
    }
    check(("sa", "wrong"), "", &["error 18456/14/1", "done error"]).await;
    check(
        ("nobody", PASSWORD),
        "",
        &["error 18456/14/1", "done error"],
    )
    .await;
    let missing = &["error 4060/11/1", "error 18456/14/1", "done error"];
    check(("sa", PASSWORD), "nowhere", missing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_login_tells_database_language_and_program() {
    let endpoint = open().await;
    let (_client, tokens) = RawClient::log_in(endpoint.address(), "sa", PASSWORD, "tempdb").await;
    assert_eq!(
        tokens,
        [
            "database tempdb",
            "info 5701/0/2 :0 Changed database context to 'tempdb'.",
            "language us_english",
            "info 5703/0/1 :0 Changed language setting to us_english.",
            "collation",
            "login 74000004 Microsoft SQL Server",
            "packet size 4096",
            "done",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_reaches_tiberius() {
    let endpoint = open().await;
    let mut client = sa(&endpoint).await;
    let row = client
        .simple_query(
            "SELECT CAST(1 AS BIT) AS b, CAST(200 AS TINYINT) AS t, CAST(-2 AS SMALLINT) AS s, \
             CAST(-3 AS INT) AS i, CAST(-4 AS BIGINT) AS l, CAST(1.5 AS REAL) AS r, \
             CAST(-2.25 AS FLOAT) AS f, CAST(-123.45 AS DECIMAL(9, 2)) AS d, \
             CAST('ab' AS CHAR(4)) AS c, CAST('é' AS VARCHAR(10)) AS v, \
             CAST(N'Ж' AS NVARCHAR(MAX)) AS n, CAST(0x0102 AS VARBINARY(8)) AS x, \
             CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS UNIQUEIDENTIFIER) AS g, \
             CAST('2024-02-29' AS DATE) AS da, CAST('2024-02-29T12:34:56.789' AS DATETIME2(3)) AS d2, \
             CAST('2024-02-29T12:34:56' AS DATETIME) AS dt, CAST(NULL AS INT) AS nothing",
        )
        .await
        .expect("runs")
        .into_row()
        .await
        .expect("complete")
        .expect("one row");
    assert_eq!(row.get::<bool, _>("b"), Some(true));
    assert_eq!(row.get::<u8, _>("t"), Some(200));
    assert_eq!(row.get::<i16, _>("s"), Some(-2));
    assert_eq!(row.get::<i32, _>("i"), Some(-3));
    assert_eq!(row.get::<i64, _>("l"), Some(-4));
    assert_eq!(row.get::<f32, _>("r"), Some(1.5));
    assert_eq!(row.get::<f64, _>("f"), Some(-2.25));
    assert_eq!(
        row.get::<tiberius::numeric::Numeric, _>("d"),
        Some(tiberius::numeric::Numeric::new_with_scale(-12_345, 2))
    );
    assert_eq!(row.get::<&str, _>("c"), Some("ab  "));
    assert_eq!(row.get::<&str, _>("v"), Some("é"));
    assert_eq!(row.get::<&str, _>("n"), Some("Ж"));
    assert_eq!(row.get::<&[u8], _>("x"), Some(&[1, 2][..]));
    assert_eq!(
        row.get::<tiberius::Uuid, _>("g")
            .map(|guid| guid.to_string()),
        Some("6f9619ff-8b86-d011-b42d-00c04fc964ff".to_owned())
    );
    assert_eq!(row.get::<i32, _>("nothing"), None);
    let date = row
        .get::<tiberius::time::chrono::NaiveDate, _>("da")
        .map(|date| date.to_string());
    assert_eq!(date, Some("2024-02-29".to_owned()));
    for (column, expected) in [
        ("d2", "2024-02-29 12:34:56.789"),
        ("dt", "2024-02-29 12:34:56"),
    ] {
        let moment = row.get::<tiberius::time::chrono::NaiveDateTime, _>(column);
        assert_eq!(
            moment.map(|moment| moment.to_string()),
            Some(expected.to_owned())
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_go_there_and_come_back() {
    let endpoint = open().await;
    let mut client = sa(&endpoint).await;
    let row = client
        .query(
            "SELECT @P1 + 1 AS n, @P2 AS t, @P3 AS b",
            &[&41_i32, &"O'Brien", &true],
        )
        .await
        .expect("runs")
        .into_row()
        .await
        .expect("complete")
        .expect("one row");
    assert_eq!(row.get::<i32, _>("n"), Some(42));
    assert_eq!(row.get::<&str, _>("t"), Some("O'Brien"));
    assert_eq!(row.get::<bool, _>("b"), Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_statement_reaches_the_driver_as_229() {
    let endpoint = open().await;
    let mut admin = raw(&endpoint).await;
    for batch in [
        "CREATE LOGIN reader WITH PASSWORD = 'Reader_pw_1'",
        "CREATE DATABASE shop",
        "USE shop; CREATE TABLE dbo.orders (id INT); INSERT INTO dbo.orders VALUES (1)",
        "USE shop; CREATE USER reader FOR LOGIN reader; GRANT SELECT ON dbo.orders TO reader",
    ] {
        let tokens = admin.batch(batch).await;
        assert!(
            !tokens.iter().any(|line| line.starts_with("error")),
            "{batch}: {tokens:?}"
        );
    }
    let login = ("reader", "Reader_pw_1");
    let level = EncryptionLevel::NotSupported;
    let mut reader = tiberius(endpoint.address(), level, login, "shop")
        .await
        .expect("reader may log in");
    let rows = reader
        .query("SELECT id FROM dbo.orders WHERE id = @P1", &[&1_i32])
        .await
        .expect("allowed")
        .into_first_result()
        .await
        .expect("complete");
    assert_eq!(rows.len(), 1);
    for statement in ["DELETE FROM dbo.orders", "UPDATE dbo.orders SET id = 2"] {
        let error = reader.execute(statement, &[]).await.expect_err("denied");
        assert_eq!(number(&error), Some(229), "{statement}: {error}");
    }
    let (mut raw, _) = RawClient::log_in(endpoint.address(), "reader", "Reader_pw_1", "shop").await;
    assert_eq!(
        raw.batch("DELETE FROM dbo.orders\nSELECT 1 AS goes_on")
            .await,
        [
            "error 229/14/5 :1 The DELETE permission was denied on the object 'orders', database \
             'shop', schema 'dbo'.",
            "done more error",
            "columns goes_on int",
            "row 1",
            "done 1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_answered_statement_by_statement() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    assert_eq!(client.batch("").await, ["done"]);
    assert_eq!(
        client
            .batch("SELECT 1 AS a, N'x' AS b; PRINT 'said'; SELECT 2 AS a")
            .await,
        [
            "columns a int, b nvarchar",
            "row 1, x",
            "done more 1",
            "info 0/0/1 :1 said",
            "done more",
            "columns a int",
            "row 2",
            "done 1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_are_told_whoever_begins_them() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    let tokens = client.batch("BEGIN TRANSACTION").await;
    assert_eq!(
        tokens.first().map(String::as_str),
        Some("begin"),
        "{tokens:?}"
    );
    assert_eq!(
        tokens.last().map(String::as_str),
        Some("done in_transaction"),
        "{tokens:?}"
    );
    let tokens = client.batch("ROLLBACK").await;
    assert_eq!(tokens, ["rollback", "done"]);

    let begin = Begin {
        isolation: Isolation::ReadCommitted,
        name: String::new(),
    };
    for (request, expected) in [
        (
            TransactionRequest::Begin(begin),
            &["begin", "done in_transaction"][..],
        ),
        (
            TransactionRequest::Save {
                name: "here".to_owned(),
            },
            &["done in_transaction"],
        ),
        (
            TransactionRequest::Rollback {
                name: "here".to_owned(),
                begin: None,
            },
            &["done in_transaction"],
        ),
        (
            TransactionRequest::Commit {
                name: String::new(),
                begin: None,
            },
            &["commit", "done"],
        ),
    ] {
        let payload = endpoint_client::wire::transaction(&request);
        client
            .send(PacketType::TransactionManager, Reset::None, &payload)
            .await;
        assert_eq!(client.tokens().await, expected, "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prepared_statements_live_from_prepare_to_unprepare() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    let of = |id| Procedure::Numbered(id);
    let int = |value| (TypeInfo::Int, Value::Int(value));
    let prepared = client
        .call(call(
            of(ProcedureId::PREPARE_AND_EXECUTE),
            vec![
                output("", (TypeInfo::Int, Value::Null)),
                parameter("", text("@n int")),
                parameter("", text("SELECT @n * 2 AS twice")),
                parameter("@n", int(21)),
            ],
        ))
        .await;
    assert_eq!(
        prepared,
        [
            "columns twice int",
            "row 42",
            "done_in_proc more 1",
            "status 0",
            "return 0  = 1",
            "done_proc",
        ]
    );
    let executed = client
        .call(call(
            of(ProcedureId::EXECUTE),
            vec![parameter("", int(1)), parameter("@n", int(5))],
        ))
        .await;
    assert!(executed.contains(&"row 10".to_owned()), "{executed:?}");
    let unprepared = client
        .call(call(
            of(ProcedureId::UNPREPARE),
            vec![parameter("", int(1))],
        ))
        .await;
    assert_eq!(unprepared, ["status 0", "done_proc"]);
    let gone = client
        .call(call(
            of(ProcedureId::EXECUTE),
            vec![parameter("", int(1)), parameter("@n", int(5))],
        ))
        .await;
    assert!(gone[0].starts_with("error 8179/16/"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_procedure_returns_rows_status_and_output() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    client.batch("CREATE DATABASE shop").await;
    client.batch("USE shop").await;
    let created = client
        .batch(
            "CREATE PROCEDURE dbo.twice @n INT, @result INT OUTPUT AS\nBEGIN\nSET @result = @n * 2;\n\
             SELECT @n AS n;\nRETURN 7;\nEND",
        )
        .await;
    assert_eq!(created, ["done"]);
    let tokens = client
        .call(call(
            Procedure::Named("dbo.twice".to_owned()),
            vec![
                parameter("@n", (TypeInfo::Int, Value::Int(4))),
                output("@result", (TypeInfo::Int, Value::Null)),
            ],
        ))
        .await;
    assert_eq!(
        tokens
            .iter()
            .filter(|line| !line.starts_with("done_in_proc"))
            .collect::<Vec<_>>(),
        [
            "columns n int",
            "row 4",
            "status 7",
            "return 1 @result = 8",
            "done_proc"
        ]
    );
    let missing = client
        .call(call(Procedure::Named("dbo.nothing".to_owned()), vec![]))
        .await;
    assert!(missing[0].starts_with("error 2812/16/"), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_supported_is_refused_and_the_connection_goes_on() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    let cursor = client
        .call(call(Procedure::Numbered(ProcedureId(2)), vec![]))
        .await;
    assert!(
        cursor[0].starts_with("error 2000000001/16/1")
            && cursor[0].ends_with("The embedded server does not support sp_cursoropen."),
        "{cursor:?}"
    );
    client.send(PacketType::BulkLoad, Reset::None, &[]).await;
    let bulk = client.tokens().await;
    assert!(bulk[0].contains("bulk load"), "{bulk:?}");
    assert_eq!(client.batch("SELECT 1 AS a").await[1], "row 1");
    // A request without readable headers: nothing after it can be trusted.
    client.send(PacketType::SqlBatch, Reset::None, &[1]).await;
    let broken = client.tokens().await;
    assert!(broken[0].starts_with("error 4002/20/1"), "{broken:?}");
    assert!(client.is_closed().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_connection_has_forgotten_everything() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    client
        .batch("CREATE TABLE #t (id INT); BEGIN TRANSACTION; USE tempdb; SET NOCOUNT ON")
        .await;
    let batch = endpoint_client::wire::batch(0, "SELECT @@TRANCOUNT AS n, DB_NAME() AS d");
    client
        .send(PacketType::SqlBatch, Reset::Connection, &batch)
        .await;
    assert_eq!(
        client.tokens().await,
        [
            "database master",
            "reset",
            "columns n int, d nvarchar",
            "row 0, master",
            "done 1"
        ]
    );
    let gone = client.batch("SELECT * FROM #t").await;
    assert!(gone[0].starts_with("error 208/16/0"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attention_ends_the_request_and_has_an_answer_of_its_own() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    // Between requests, an attention is acknowledged and nothing else.
    client.send(PacketType::Attention, Reset::None, &[]).await;
    assert_eq!(client.tokens().await, ["done attention"]);

    let endless = endpoint_client::wire::batch(0, "WHILE 1 = 1 SELECT 1 AS one");
    client
        .send(PacketType::SqlBatch, Reset::None, &endless)
        .await;
    client.send(PacketType::Attention, Reset::None, &[]).await;
    let ended = client.tokens().await;
    assert!(
        ended.last().expect("a DONE").starts_with("done"),
        "{:?}",
        ended.last()
    );
    assert!(
        !ended.iter().any(|line| line.starts_with("error 2000000")),
        "not by a limit"
    );
    assert_eq!(client.tokens().await, ["done attention"]);
    assert_eq!(client.batch("SELECT 2 AS two").await[1], "row 2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_larger_than_a_packet_arrives_whole() {
    let endpoint = open().await;
    let mut client = raw(&endpoint).await;
    let tokens = client
        .batch(
            "SELECT REPLICATE(CAST('x' AS VARCHAR(MAX)), 100000) AS long UNION ALL SELECT 'short'",
        )
        .await;
    let lengths: Vec<usize> = tokens
        .iter()
        .filter_map(|line| line.strip_prefix("row "))
        .map(str::len)
        .collect();
    assert_eq!(lengths, [100_000, 5]);
    assert_eq!(tokens.last().map(String::as_str), Some("done 2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_has_its_request_ended() {
    let options = EndpointOptions {
        unsent_bytes_max: 1 << 20,
        ..EndpointOptions::default()
    };
    let endpoint = endpoint(options).await;
    let mut client = raw(&endpoint).await;
    let endless = endpoint_client::wire::batch(
        0,
        "WHILE 1 = 1 SELECT REPLICATE(CAST('x' AS VARCHAR(MAX)), 4000000) AS long",
    );
    client
        .send(PacketType::SqlBatch, Reset::None, &endless)
        .await;
    // One row is longer than the limit, so it does not matter how fast anybody reads.
    let server_side = client.tokens().await;
    assert!(
        server_side
            .iter()
            .any(|line| line.starts_with("error 2000000003/16/1")),
        "{:?}",
        server_side
            .iter()
            .filter(|line| !line.starts_with("row"))
            .collect::<Vec<_>>()
    );
    assert_eq!(client.batch("SELECT 2 AS two").await[1], "row 2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_with_its_connection_and_with_the_endpoint() {
    let server = server();
    let endpoint = Endpoint::bind(server.clone(), EndpointOptions::default())
        .await
        .expect("a free port");
    let mut first = raw(&endpoint).await;
    let second = raw(&endpoint).await;
    assert_eq!(server.session_count(), 2);
    drop(second);
    // A batch of another session does not wait for the end of the first: ask until it is seen.
    while server.session_count() > 1 {
        first.batch("SELECT 1").await;
    }
    endpoint.shutdown().await;
    assert_eq!(server.session_count(), 0);
    assert!(first.is_closed().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_client_and_one_too_many_are_sent_away() {
    let failures = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&failures);
    let endpoint = endpoint(EndpointOptions {
        login_timeout: Duration::from_millis(20),
        connections_max: 1,
        on_failure: Arc::new(move |failure| {
            heard.lock().expect("no panic").push(failure.to_string());
        }),
        ..EndpointOptions::default()
    })
    .await;
    let mut silent = RawClient::connect(endpoint.address()).await;
    let mut surplus = RawClient::connect(endpoint.address()).await;
    assert!(surplus.is_closed().await);
    assert!(silent.is_closed().await);
    endpoint.shutdown().await;
    let failures = failures.lock().expect("no panic").join("\n");
    assert!(failures.contains("too many connections"), "{failures}");
    assert!(failures.contains("did not log in in time"), "{failures}");
}

#[test]
fn bytes_that_are_no_tds_end_their_own_connection_only() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let options = EndpointOptions {
        login_timeout: Duration::from_millis(50),
        ..EndpointOptions::default()
    };
    let endpoint = runtime.block_on(endpoint(options));
    let address = endpoint.address();
    let good = tokio::sync::Mutex::new(runtime.block_on(raw(&endpoint)));
    proptest!(
        ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() },
        |(bytes in proptest::collection::vec(any::<u8>(), 1..200), logged_in: bool)| {
            runtime.block_on(async {
                let mut client = if logged_in {
                    RawClient::log_in(address, "sa", PASSWORD, "").await.0
                } else {
                    RawClient::connect(address).await
                };
                // The endpoint may close before everything is written.
                let _ = client.send_bytes(&bytes).await;
                drop(client);
                assert_eq!(good.lock().await.batch("SELECT 1 AS a").await[1], "row 1");
            });
        }
    );
    runtime.block_on(endpoint.shutdown());
}
