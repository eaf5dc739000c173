//! Handshakes with services of every age.

use std::sync::Arc;

use connection::Trust;
use domain::api::service::Authentication;
use domain::inspection::Answer;
use domain::surface::Cell;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};

use crate::server::{response, trusting};

/// A service that speaks these versions and answers every request alike.
async fn serve(versions: &[&'static SupportedProtocolVersion], headers: &str) -> String {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    let certified = certified.expect("a name");
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("the provider knows them")
        .with_no_client_auth()
        .with_single_cert(
            vec![certified.cert.der().clone()],
            PrivateKeyDer::Pkcs8(key),
        )
        .expect("its own key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let answer = response("404 Not Found", headers, b"");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let mut request = [0; 1_024];
                if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
                    // A client that goes away is none of the test.
                    let _ = stream.write_all(&answer).await;
                }
            });
        }
    });
    format!("https://localhost:{port}/v1")
}

/// Something that reads a hello and writes these bytes.
async fn script(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut hello = [0; 1_024];
            let read = socket.read(&mut hello).await;
            if read.is_ok_and(|count| count > 40) {
                // A client that goes away is none of the test.
                let _ = socket.write_all(&bytes).await;
            }
        }
    });
    url
}

/// What is seen of the way to a service, as `asked: came`; its address left out.
async fn seen(url: &str) -> Vec<String> {
    let callers = trusting(url, Authentication::None, Trust::Any).await;
    let fact = callers.transport().await;
    let Answer::Sets(sets) = fact.answer else {
        panic!("it was not looked at");
    };
    let texts = |row: &Vec<Cell>| match row.as_slice() {
        [Cell::Text(asked), Cell::Text(came)] => format!("{asked}: {came}"),
        other => panic!("{other:?}"),
    };
    let mut seen: Vec<String> = sets[0].rows.iter().map(texts).collect();
    assert_eq!(seen.remove(0), format!("address: {url}"));
    seen
}

#[tokio::test]
async fn every_version_is_offered_by_a_handshake_of_its_own() {
    let only = serve(&[&TLS13], "strict-transport-security: max-age=600\r\n").await;
    assert_eq!(
        seen(&only).await,
        [
            "TLS 1.0: alert 40",
            "TLS 1.1: alert 40",
            "TLS 1.2: alert 70",
            "TLS 1.3: server hello 0x0304",
            "status: HTTP 404",
            "Strict-Transport-Security: max-age=600",
        ]
    );
    let both = serve(&[&TLS12, &TLS13], "").await;
    assert_eq!(
        seen(&both).await,
        [
            "TLS 1.0: alert 40",
            "TLS 1.1: alert 40",
            "TLS 1.2: server hello 0x0303",
            "TLS 1.3: server hello 0x0304",
            "status: HTTP 404",
        ]
    );
    let older = serve(&[&TLS12], "").await;
    let told = seen(&older).await;
    assert_eq!(told[2], "TLS 1.2: server hello 0x0303");
    assert!(told[3].starts_with("TLS 1.3: failed: "), "{told:?}");
}

#[tokio::test]
async fn whatever_answers_a_hello_is_told_as_it_came() {
    let hello = |version: [u8; 2]| {
        let mut bytes = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, version[0], version[1]];
        bytes.resize(5 + 42, 0);
        bytes
    };
    for (bytes, expected) in [
        (hello([3, 1]), "server hello 0x0301"),
        (hello([3, 0]), "server hello 0x0300"),
        (vec![21, 3, 1, 0, 2, 2, 40], "alert 40"),
        (Vec::new(), "closed"),
        // A record that does not come to its end.
        (vec![22, 3, 1, 0, 42, 2, 0], "closed"),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            "no TLS: it began with the bytes [48, 54, 54, 50, 2f]",
        ),
        (
            vec![22, 3, 1, 255, 255, 2],
            "no TLS: it began with the bytes [16, 03, 01, ff, ff]",
        ),
        (
            vec![22, 3, 1, 0, 4, 14, 0, 0, 0],
            "a record of type 22 that is no answer to a hello",
        ),
    ] {
        let url = script(bytes).await;
        assert_eq!(seen(&url).await[0], format!("TLS 1.0: {expected}"));
    }
}

#[tokio::test]
async fn nobody_shakes_hands_by_plain_http() {
    assert_eq!(seen("http://127.0.0.1:1").await, Vec::<String>::new());
}
