//! What a service delivers is kept in order, whatever it delivers.

use domain::api::request::{Body, Request};
use domain::api::service::Authentication;
use domain::world::TenantIndex;
use executors::http::Receiver;

use crate::server::{answer, callers, clerk, get};

#[tokio::test]
async fn deliveries_are_kept_in_order_and_answered_as_told() {
    let receiver = Receiver::start().await.expect("a free port");
    let own = receiver.url(TenantIndex(0));
    let (base, _) = own.rsplit_once("/hooks").expect("a URL of hooks");
    let callers = callers(base, Authentication::None)
        .await
        .with_hooks(&receiver);
    receiver.answer_with(TenantIndex(1), &[500, 429]);
    let post = |path: &str, text: &str| Request {
        method: "POST".into(),
        headers: vec![("X-Signature".into(), "sha256=abc".into())],
        body: Some(Body::Text {
            media_type: "text/plain".into(),
            text: text.into(),
        }),
        ..get(path)
    };
    let mut answered = Vec::new();
    for request in [
        post("/hooks/1?a=b", "first {{hook}}"),
        post("/hooks/1", "second"),
        post("/hooks/1", "third"),
        post("/hooks/0", "fourth"),
        post("/elsewhere", "fifth"),
        post("/hooks/0", &"x".repeat(2 << 20)),
    ] {
        answered.push(answer(callers.send(&clerk(), &request, &[]).await).status);
    }
    assert_eq!(answered, [500, 429, 200, 200, 200, 200]);
    let deliveries = receiver.take(7);
    assert!(receiver.take(8).is_empty());
    let seen: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            (
                delivery.receiver.map(|tenant| tenant.0),
                delivery.target.as_str(),
                delivery.answered,
                delivery.step,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), "/hooks/1?a=b", 500, 7),
            (Some(1), "/hooks/1", 429, 7),
            (Some(1), "/hooks/1", 200, 7),
            (Some(0), "/hooks/0", 200, 7),
            (None, "/elsewhere", 200, 7),
            (Some(0), "/hooks/0", 200, 7),
        ]
    );
    assert_eq!(deliveries[0].body, format!("first {own}").into_bytes());
    assert!(
        deliveries[0]
            .headers
            .contains(&("x-signature".into(), "sha256=abc".into()))
    );
    assert!(deliveries[5].body.len() <= 1 << 20);
}
