//! Do clients that meet on the same rows keep what they share whole, and do they all come to an
//! end? Money is moved between few accounts by many connections at once.

use std::net::SocketAddr;
use std::time::Duration;

use database::{Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server, ServerOptions};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

const PASSWORD: &str = "S4_password!";
const CLIENTS: i32 = 6;
const TRANSFERS: i32 = 15;
const ACCOUNTS: i32 = 4;

type Driver = Client<Compat<TcpStream>>;

async fn connect(address: SocketAddr, database: &str) -> Driver {
    let mut config = Config::new();
    config.host(address.ip().to_string());
    config.port(address.port());
    config.authentication(AuthMethod::sql_server("sa", PASSWORD));
    config.database(database);
    config.encryption(EncryptionLevel::NotSupported);
    let tcp = TcpStream::connect(address).await.expect("listens");
    tcp.set_nodelay(true).expect("a socket");
    Client::connect(config, tcp.compat_write())
        .await
        .expect("sa may log in")
}

/// Runs a batch; the number of the error when it failed.
async fn run(client: &mut Driver, text: &str) -> Result<Vec<tiberius::Row>, u32> {
    let results = async {
        let stream = client.simple_query(text).await?;
        stream.into_first_result().await
    };
    match results.await {
        Ok(rows) => Ok(rows),
        Err(tiberius::error::Error::Server(token)) => Err(token.code()),
        Err(other) => panic!("{text}: {other}"),
    }
}

/// Moves one unit; the number of the error when the transaction was undone.
async fn transfer(client: &mut Driver, hint: &str, from: i32, to: i32) -> Result<(), u32> {
    let read = format!(
        "BEGIN TRANSACTION;
         SELECT id, balance FROM account {hint} WHERE id = {from} OR id = {to};"
    );
    let rows = run(client, &read).await?;
    let balance = |id: i32| {
        rows.iter()
            .find(|row| row.get::<i32, _>("id") == Some(id))
            .and_then(|row| row.get::<i32, _>("balance"))
            .expect("every account is there")
    };
    let (a, b) = (balance(from) - 1, balance(to) + 1);
    run(
        client,
        &format!(
            "UPDATE account SET balance = {a} WHERE id = {from};
             UPDATE account SET balance = {b} WHERE id = {to};"
        ),
    )
    .await?;
    run(client, "COMMIT TRANSACTION;").await.map(|_| ())
}

/// Every client moves money around in circles until all its transfers are committed.
async fn play(level: &'static str, hint: &'static str, serves_one: bool) -> (i32, i32) {
    let server = Server::new(ServerOptions {
        name: "WATERTIGHT".to_owned(),
        sa_password: PASSWORD.to_owned(),
        environment: Box::new(LogicalEnvironment::new(1)),
        limits: Limits {
            lock_wait_ms_max: 20_000,
            ..Limits::default()
        },
    });
    let options = EndpointOptions {
        serves_one,
        ..EndpointOptions::default()
    };
    let endpoint = Endpoint::bind(server.clone(), options)
        .await
        .expect("a free port");
    let address = endpoint.address();
    let mut sa = connect(address, "master").await;
    for batch in [
        "CREATE DATABASE bank;",
        "ALTER DATABASE bank SET ALLOW_SNAPSHOT_ISOLATION ON;",
        "CREATE TABLE bank.dbo.account (id int PRIMARY KEY, balance int NOT NULL);
         CREATE TABLE bank.dbo.moved (id int IDENTITY PRIMARY KEY, client int);
         INSERT INTO bank.dbo.account VALUES (0, 100), (1, 100), (2, 100), (3, 100);",
    ] {
        run(&mut sa, batch).await.expect("runs");
    }
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            tokio::spawn(async move {
                let mut client = connect(address, "bank").await;
                let level = format!("SET TRANSACTION ISOLATION LEVEL {level};");
                run(&mut client, &level).await.expect("runs");
                for turn in 0..TRANSFERS {
                    let from = (number + turn) % ACCOUNTS;
                    let to = (from + 1 + turn % (ACCOUNTS - 1)) % ACCOUNTS;
                    loop {
                        match transfer(&mut client, hint, from, to).await {
                            Ok(()) => break,
                            // Undone by the server: the transaction is to be tried again.
                            Err(1205 | 3960) => {}
                            Err(other) => panic!("client {number}: error {other}"),
                        }
                    }
                    let note = format!("INSERT INTO moved (client) VALUES ({number});");
                    loop {
                        match run(&mut client, &note).await {
                            Ok(_) => break,
                            Err(1205) => {}
                            Err(other) => panic!("client {number}: error {other}"),
                        }
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("every client comes to its end");
    }
    let sums = run(
        &mut sa,
        "SELECT (SELECT SUM(balance) FROM bank.dbo.account) AS sum,
                (SELECT COUNT(*) FROM bank.dbo.moved) AS moved;",
    )
    .await
    .expect("runs");
    let get = |name| sums[0].get::<i32, _>(name).expect("a number");
    let came = (get("sum"), get("moved"));
    assert!(server.waiting().is_empty(), "nobody is left waiting");
    endpoint.shutdown().await;
    came
}

async fn all_levels(serves_one: bool) {
    for (level, hint) in [
        ("SERIALIZABLE", ""),
        ("REPEATABLE READ", ""),
        ("SNAPSHOT", ""),
        ("READ COMMITTED", "WITH (UPDLOCK)"),
    ] {
        let playing = play(level, hint, serves_one);
        let came = tokio::time::timeout(Duration::from_secs(120), playing)
            .await
            .unwrap_or_else(|_| panic!("{level}: somebody waits forever"));
        assert_eq!(came, (400, CLIENTS * TRANSFERS), "{level} {hint}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_keep_the_sum_and_end_under_every_level_that_promises_it() {
    all_levels(false).await;
}

/// Clients and server in one thread: a request that ran there while it waited for another client's locks would wait in
/// vain.
#[tokio::test(flavor = "current_thread")]
async fn nobody_waits_in_vain_where_everybody_shares_one_thread() {
    all_levels(true).await;
}
