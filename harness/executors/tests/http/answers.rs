//! Whatever a service answers, it is recorded, within bounds.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::api::history::Record;
use domain::api::request::{Caller, Request};
use domain::api::service::Authentication;
use domain::history::Loss;
use executors::http::BODY_RECORDED_MAX;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::server::{Reply, answer, callers, clerk, get, response, serve};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn hostile(request: &str) -> Reply {
    let path = request.split(' ').nth(1).unwrap_or_default();
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    match path {
        "/plain" => Reply::Keep(response("200 OK", "x-a: 1\r\nX-A: 2\r\n", b"{\"id\":1}")),
        "/latin" => Reply::Keep([&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-name: caf\xe9\r\nbad header\r\n\r\n"[..], b"\xff\xfe"].concat()),
        "/huge" => Reply::Keep(response("200 OK", "", &vec![b'x'; BODY_RECORDED_MAX + 1_000])),
        "/endless" => Reply::Repeat(chunked, b"5\r\nhello\r\n".repeat(10)),
        "/flood" => Reply::Repeat(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 1 << 20]),
        "/slow" => Reply::Hang(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning".to_vec()),
        "/silent" => Reply::Hang(Vec::new()),
        "/headers" => Reply::Repeat(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: more\r\n".to_vec()),
        "/bomb" => Reply::Keep(response("200 OK", "content-encoding: gzip\r\n", &gzip(&vec![0; 8 << 20]))),
        "/zipped" => Reply::Keep(response("200 OK", "content-encoding: gzip\r\n", &gzip(b"{\"id\":2}"))),
        "/garbage" => Reply::Close(b"\x16\x03\x01 no HTTP at all\r\n\r\n".to_vec()),
        "/cut" => Reply::Close(b"HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\nthe beginning".to_vec()),
        "/close" => Reply::Close(Vec::new()),
        "/loop" => Reply::Keep(response("302 Found", "location: /loop\r\n", b"")),
        "/early" => Reply::Keep([b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".to_vec(), response("204 No Content", "", b"")].concat()),
        _ => Reply::Keep(response("404 Not Found", "", b"")),
    }
}

#[tokio::test]
async fn hostile_answers_are_recorded_within_bounds() {
    let (url, _) = serve(hostile).await;
    let callers = callers(&url, Authentication::None).await;
    let kept = BODY_RECORDED_MAX;
    for (path, status, body, dropped, lost) in [
        ("/plain", 200, 8, 0, None),
        ("/latin", 200, 2, 0, None),
        ("/huge", 200, kept, 1_000, None),
        ("/slow", 200, 13, 0, Some(Loss::TimedOut)),
        ("/silent", 0, 0, 0, Some(Loss::TimedOut)),
        ("/bomb", 200, kept, (8 << 20) - kept as u64, None),
        ("/zipped", 200, 8, 0, None),
        ("/garbage", 0, 0, 0, Some(Loss::ConnectionLost)),
        ("/cut", 500, 13, 0, Some(Loss::ConnectionLost)),
        ("/close", 0, 0, 0, Some(Loss::ConnectionLost)),
        ("/loop", 302, 0, 0, None),
        ("/early", 204, 0, 0, None),
        ("/other", 404, 0, 0, None),
    ] {
        let answer = answer(callers.send(&clerk(), &get(path), &[]).await);
        let seen = (
            answer.status,
            answer.body.len(),
            answer.body_dropped,
            answer.lost,
        );
        assert_eq!(seen, (status, body, dropped, lost), "{path}");
    }
    for path in ["/endless", "/flood", "/headers"] {
        let answer = answer(callers.send(&clerk(), &get(path), &[]).await);
        assert!(answer.lost.is_some(), "{path}");
        assert!(answer.body.len() <= kept, "{path}");
    }
    // After all that the service is spoken with as before.
    let record = callers.send(&clerk(), &get("/plain"), &[]).await;
    assert_eq!(answer(record).status, 200);
}

#[tokio::test]
async fn odd_headers_are_kept_in_order() {
    let (url, _) = serve(hostile).await;
    let callers = callers(&url, Authentication::None).await;
    let plain = answer(callers.send(&clerk(), &get("/plain"), &[]).await);
    let values = plain.headers.iter().filter(|(name, _)| name == "x-a");
    assert_eq!(
        values.map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ["1", "2"]
    );
    let latin = answer(callers.send(&clerk(), &get("/latin"), &[]).await);
    assert_eq!(latin.header("x-name"), Some("caf\u{fffd}"));
    assert_eq!(latin.body, b"\xff\xfe");
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    let (url, _) = serve(hostile).await;
    let gone = url.replace("127.0.0.1", "127.0.0.2");
    let callers = callers(&gone, Authentication::None).await;
    let answer = answer(callers.send(&clerk(), &get("/plain"), &[]).await);
    assert_eq!((answer.status, answer.lost), (0, Some(Loss::NotConnected)));
}

#[tokio::test]
async fn a_connection_is_used_again_and_one_that_was_closed_is_replaced() {
    let connections = AtomicUsize::new(0);
    let (url, read) = serve(move |request| {
        let count = connections.fetch_add(1, Ordering::SeqCst);
        let response = response("200 OK", "", b"x");
        // Without a word about it: the client must notice.
        if request.starts_with("GET") && count % 2 == 1 {
            Reply::Close(response)
        } else {
            Reply::Keep(response)
        }
    })
    .await;
    let callers = callers(&url, Authentication::None).await;
    for _ in 0..20 {
        let answer = answer(callers.send(&clerk(), &get("/"), &[]).await);
        assert_eq!((answer.status, answer.lost), (200, None));
    }
    assert_eq!(read.lock().expect("no panic").len(), 20);
}

#[tokio::test]
async fn a_race_is_sent_at_once_and_answered_in_the_order_of_its_requests() {
    use std::sync::Arc;
    let arrived = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&arrived);
    let (url, _) = serve(move |request| {
        seen.fetch_add(1, Ordering::SeqCst);
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        Reply::Keep(response("200 OK", "", path.as_bytes()))
    })
    .await;
    let callers = callers(&url, Authentication::None).await;
    let requests: Vec<Request> = (0..8).map(|n| get(&format!("/{n}"))).collect();
    let caller = clerk();
    let calls: Vec<(&Caller, &Request)> = requests.iter().map(|r| (&caller, r)).collect();
    let records = callers.send_together(&calls, &[]).await;
    let bodies: Vec<String> = records
        .into_iter()
        .map(|record| String::from_utf8(answer(record).body).expect("text"))
        .collect();
    assert_eq!(bodies, ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);
    assert_eq!(arrived.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn an_abandoned_request_arrives_whole_and_its_answer_is_lost() {
    let (url, read) = serve(|_| Reply::Hang(Vec::new())).await;
    let callers = callers(&url, Authentication::None).await;
    let request = Request {
        method: "POST".into(),
        body: Some(domain::api::request::Body::Form(vec![(
            "a".into(),
            "1".into(),
        )])),
        ..get("/x")
    };
    let record = callers.abandon(&clerk(), &request, &[]).await;
    assert_eq!(answer(record).lost, Some(Loss::ConnectionLost));
    let arrived = async {
        while read.lock().expect("no panic").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let bound = std::time::Duration::from_secs(5);
    tokio::time::timeout(bound, arrived)
        .await
        .expect("it arrives");
    let text = read.lock().expect("no panic")[0].clone();
    assert!(
        text.starts_with("POST /x HTTP/1.1\r\n") && text.ends_with("\r\n\r\na=1"),
        "{text}"
    );
}

#[tokio::test]
async fn what_refers_to_nothing_is_not_sent() {
    let (url, read) = serve(hostile).await;
    let callers = callers(&url, Authentication::None).await;
    let first = callers.send(&clerk(), &get("/plain"), &[]).await;
    let earlier = [first];
    let second = callers
        .send(&clerk(), &get("/{{step 1 /id}}"), &earlier)
        .await;
    assert!(matches!(&second, Record::Call { sent, .. } if sent.target == "/1"));
    let third = callers
        .send(&clerk(), &get("/{{step 1 /none}}"), &earlier)
        .await;
    assert!(matches!(third, Record::Unresolved { .. }));
    let nobody = Caller {
        actor: "porter".into(),
        ..clerk()
    };
    let Record::Unresolved { reason } = callers.send(&nobody, &get("/plain"), &[]).await else {
        panic!("there is no porter");
    };
    assert_eq!(reason, "tenant acme has no actor porter");
    assert_eq!(read.lock().expect("no panic").len(), 2);
}
