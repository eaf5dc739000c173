//! Servers that do not answer, hang up or talk nonsense: every wait ends, and each has its name.

use std::time::Duration;

use connection::{ConnectError, Connection, Encryption, Endpoint, Login, Trust, Waits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const WAITS: Waits = Waits {
    connect: Duration::from_millis(300),
    answer: Duration::from_millis(300),
};

/// What a bad server does with a connection.
#[derive(Clone, Copy)]
enum Manners {
    Silent,
    HangsUp,
    TalksNonsense,
}

async fn error_of(manners: Manners, encryption: Encryption) -> ConnectError {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let server = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            match manners {
                Manners::Silent => kept.push(socket),
                Manners::HangsUp => drop(socket),
                Manners::TalksNonsense => {
                    let mut bytes = [0; 64];
                    if socket.read(&mut bytes).await.is_ok() {
                        // Whether it is still heard is not the point.
                        drop(socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
                    }
                }
            }
        }
    });
    let endpoint = Endpoint {
        encryption,
        trust: Trust::Any,
        ..Endpoint::loopback(port)
    };
    let login = Login {
        name: "sa".into(),
        password: "p".into(),
    };
    let opened = Connection::open(&endpoint, &login, None, WAITS).await;
    server.abort();
    opened.expect_err("nobody can log in there")
}

#[tokio::test]
async fn a_bad_server_ends_in_a_named_error_and_never_in_a_hang() {
    for encryption in [Encryption::None, Encryption::Login, Encryption::All] {
        let silent = error_of(Manners::Silent, encryption).await;
        assert!(
            matches!(silent, ConnectError::TimedOut { .. }),
            "{encryption:?} {silent}"
        );
        let gone = error_of(Manners::HangsUp, encryption).await;
        assert!(
            matches!(gone, ConnectError::NotReachable { .. }),
            "{encryption:?} {gone}"
        );
        let nonsense = error_of(Manners::TalksNonsense, encryption).await;
        assert!(
            matches!(
                nonsense,
                ConnectError::Handshake { .. } | ConnectError::NotReachable { .. }
            ),
            "{encryption:?} {nonsense}"
        );
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_not_reachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let login = Login {
        name: "sa".into(),
        password: "p".into(),
    };
    let opened = Connection::open(&Endpoint::loopback(port), &login, None, WAITS).await;
    let error = opened.expect_err("nobody listens");
    assert!(
        matches!(error, ConnectError::NotReachable { .. }),
        "{error}"
    );
}
