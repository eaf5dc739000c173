//! Who is not let in is refused only when his session lives.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::api::history::Record;
use domain::api::request::{Caller, Request};
use domain::api::service::{Authentication, KeyPlace, Login, Source};
use domain::system::Secret;

use crate::server::{Reply, answer, callers, clerk, get, response, serve};

fn everybody(text: &str) -> BTreeMap<String, Source> {
    BTreeMap::from([("*".to_owned(), Source::Text(text.to_owned()))])
}

fn login(token: &str, header: &str, prefix: &str) -> Authentication {
    let fields = BTreeMap::from([
        (
            "user".to_owned(),
            Source::Text("clerk@$(Tenant).example".to_owned()),
        ),
        (
            "password".to_owned(),
            Source::Secret(Secret::Environment("PASSWORD".to_owned())),
        ),
    ]);
    Authentication::Login(Box::new(Login {
        method: "POST".to_owned(),
        path: "/sessions".to_owned(),
        media_type: "application/json".to_owned(),
        fields: BTreeMap::from([("*".to_owned(), fields)]),
        token: token.to_owned(),
        header: header.to_owned(),
        prefix: prefix.to_owned(),
    }))
}

fn ok() -> Reply {
    Reply::Keep(response("200 OK", "", b"{}"))
}

fn unauthorized() -> Reply {
    Reply::Keep(response("401 Unauthorized", "", b""))
}

#[tokio::test]
async fn every_kind_of_proof_is_sent_as_declared() {
    for (authentication, expected) in [
        (
            Authentication::Bearer(everybody("t-$(Tenant)")),
            "Authorization: Bearer t-acme\r\n",
        ),
        (
            Authentication::Basic {
                user: "u@$(Tenant)".to_owned(),
                password: everybody("p"),
            },
            "Authorization: Basic dUBhY21lOnA=\r\n",
        ),
        (
            Authentication::Key {
                place: KeyPlace::Header,
                name: "X-Api-Key".to_owned(),
                prefix: "Token ".to_owned(),
                value: BTreeMap::from([(
                    "acme".to_owned(),
                    Source::Secret(Secret::Environment("K".to_owned())),
                )]),
            },
            "X-Api-Key: Token s3cret\r\n",
        ),
        (
            Authentication::Key {
                place: KeyPlace::Query,
                name: "key".to_owned(),
                prefix: String::new(),
                value: everybody("a b"),
            },
            "GET /x?key=a%20b HTTP/1.1\r\n",
        ),
        (
            Authentication::Key {
                place: KeyPlace::Cookie,
                name: "sid".to_owned(),
                prefix: String::new(),
                value: everybody("c"),
            },
            "Cookie: sid=c\r\n",
        ),
    ] {
        let (url, read) = serve(|_| ok()).await;
        let callers = callers(&url, authentication).await;
        callers.send(&clerk(), &get("/x"), &[]).await;
        let text = read.lock().expect("no panic")[0].clone();
        assert!(
            text.to_lowercase().contains(&expected.to_lowercase()),
            "{text}"
        );
        callers.send(&Caller::anonymous(), &get("/x"), &[]).await;
        let text = read.lock().expect("no panic")[1].clone();
        assert!(
            !text.to_lowercase().contains(&expected.to_lowercase()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_login_happens_once_and_its_token_is_sent() {
    for (place, header, prefix, answered, expected) in [
        (
            "/token",
            "Authorization",
            "Bearer ",
            response("201 Created", "", b"{\"token\":\"t1\"}"),
            "authorization: bearer t1",
        ),
        (
            "header X-Token",
            "X-Auth",
            "",
            response("200 OK", "x-token: t2\r\n", b""),
            "x-auth: t2",
        ),
        (
            "cookie sid",
            "Cookie",
            "sid=",
            response(
                "302 Found",
                "set-cookie: sid=t3; Path=/\r\nlocation: /\r\n",
                b"",
            ),
            "cookie: sid=t3",
        ),
    ] {
        let (url, read) = serve(move |request| match request.starts_with("POST /sessions") {
            true => Reply::Keep(answered.clone()),
            false => ok(),
        })
        .await;
        let callers = callers(&url, login(place, header, prefix)).await;
        for _ in 0..3 {
            assert_eq!(
                answer(callers.send(&clerk(), &get("/x"), &[]).await).status,
                200
            );
        }
        let read = read.lock().expect("no panic");
        assert_eq!(read.len(), 4, "one login, three requests");
        assert!(
            read[0].contains("\"user\":\"clerk@acme.example\"")
                && read[0].contains("\"password\":\"s3cret\""),
            "{}",
            read[0]
        );
        for text in &read[1..] {
            assert!(text.to_lowercase().contains(expected), "{text}");
        }
    }
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_once() {
    let logins = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&logins);
    let (url, read) = serve(move |request| {
        if request.starts_with("POST /sessions") {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let body = format!("{{\"token\":\"t{number}\"}}");
            return Reply::Keep(response("201 Created", "", body.as_bytes()));
        }
        let current = format!("Bearer t{}", count.load(Ordering::SeqCst));
        // Once, the second token is the only one that is good.
        match request.contains("/renew") && !request.contains("Bearer t2")
            || request.contains("/never")
            || !request.contains(&current)
        {
            true => unauthorized(),
            false => ok(),
        }
    })
    .await;
    let callers = callers(&url, login("/token", "Authorization", "Bearer ")).await;
    assert_eq!(
        answer(callers.send(&clerk(), &get("/x"), &[]).await).status,
        200
    );
    let renewed = answer(callers.send(&clerk(), &get("/renew"), &[]).await);
    assert_eq!((renewed.status, renewed.dead_session), (200, false));
    assert_eq!(logins.load(Ordering::SeqCst), 2);
    // After a fresh login it is an answer like any other.
    let refused = answer(callers.send(&clerk(), &get("/never"), &[]).await);
    assert_eq!((refused.status, refused.dead_session), (401, false));
    assert_eq!(logins.load(Ordering::SeqCst), 3);
    assert_eq!(
        answer(callers.send(&clerk(), &get("/x"), &[]).await).status,
        200
    );
    callers.forget_sessions();
    assert_eq!(
        answer(callers.send(&clerk(), &get("/x"), &[]).await).status,
        200
    );
    assert_eq!(logins.load(Ordering::SeqCst), 4);
    let sent = read.lock().expect("no panic").len();
    assert_eq!(sent, 4 + 7, "four logins, five requests, two of them twice");
}

#[tokio::test]
async fn who_cannot_log_in_was_not_refused() {
    let open = Arc::new(AtomicBool::new(false));
    let is_open = Arc::clone(&open);
    let (url, _) = serve(move |request| {
        match request.starts_with("POST /sessions") && is_open.load(Ordering::SeqCst) {
            true => Reply::Keep(response("201 Created", "", b"{\"token\":\"t\"}")),
            false => unauthorized(),
        }
    })
    .await;
    let callers = callers(&url, login("/token", "Authorization", "Bearer ")).await;
    let record = callers.send(&clerk(), &get("/x"), &[]).await;
    assert!(matches!(&record, Record::Call { sent, .. } if sent.target == "/x"));
    let first = answer(record);
    assert_eq!((first.status, first.dead_session), (0, true));
    open.store(true, Ordering::SeqCst);
    let second = answer(callers.send(&clerk(), &get("/x"), &[]).await);
    assert_eq!((second.status, second.dead_session), (401, false));
    open.store(false, Ordering::SeqCst);
    let third = answer(callers.send(&clerk(), &get("/x"), &[]).await);
    assert_eq!((third.status, third.dead_session), (401, true));
    callers.forget_sessions();
    let failed = callers.log_in_all().await;
    let whys: Vec<&str> = failed.iter().map(|(_, why)| why.as_str()).collect();
    assert_eq!(
        whys, ["it was answered with status 401"; 2],
        "of each tenant"
    );
    open.store(true, Ordering::SeqCst);
    assert!(callers.log_in_all().await.is_empty());
}

#[tokio::test]
async fn a_token_that_was_handed_out_is_dead_when_nothing_works_any_more() {
    let dead = Arc::new(AtomicBool::new(false));
    let is_dead = Arc::clone(&dead);
    let (url, read) = serve(move |request| {
        let is_known = request.to_lowercase().contains("bearer t\r\n");
        let lives = is_known && !is_dead.load(Ordering::SeqCst);
        let is_mine = lives && request.starts_with("GET /mine");
        match is_mine || request.starts_with("GET /open") {
            true => ok(),
            false => unauthorized(),
        }
    })
    .await;
    let callers = callers(&url, Authentication::Bearer(everybody("t"))).await;
    let send = async |path: &str| {
        let answer = answer(callers.send(&clerk(), &get(path), &[]).await);
        (answer.status, answer.dead_session)
    };
    let sent = || read.lock().expect("no panic").len();
    assert_eq!(send("/foreign").await, (401, true), "nothing ever worked");
    assert_eq!(send("/open").await, (200, false));
    // What everybody is answered shows nothing of a session.
    assert_eq!(send("/foreign").await, (401, true));
    assert_eq!(send("/open").await, (200, false));
    assert_eq!(send("/mine").await, (200, false));
    assert_eq!(sent(), 6, "once it was asked without credentials");
    assert_eq!(send("/foreign").await, (401, false));
    assert_eq!(sent(), 9, "asked without credentials, and with them");
    assert_eq!(send("/foreign").await, (401, false));
    assert_eq!(sent(), 11, "asked with them");
    dead.store(true, Ordering::SeqCst);
    assert_eq!(send("/foreign").await, (401, true));
    let anonymous = answer(callers.send(&Caller::anonymous(), &get("/mine"), &[]).await);
    assert_eq!((anonymous.status, anonymous.dead_session), (401, false));
}

#[tokio::test]
async fn a_gateway_is_shown_its_key_with_everything() {
    let key = Authentication::Key {
        place: KeyPlace::Header,
        name: "X-Key".to_owned(),
        prefix: String::new(),
        value: everybody("k-$(Tenant)"),
    };
    let (url, read) = serve(|request| match request.starts_with("POST /sessions") {
        true => Reply::Keep(response("201 Created", "", b"{\"token\":\"t\"}")),
        false => ok(),
    })
    .await;
    let both = Authentication::All(vec![key, login("/token", "Authorization", "Bearer ")]);
    let callers = callers(&url, both).await;
    let record = callers.send(&clerk(), &get("/x"), &[]).await;
    let read = read.lock().expect("no panic");
    let lower: Vec<String> = read.iter().map(|text| text.to_lowercase()).collect();
    assert!(
        lower[0].contains("x-key: k-acme") && !lower[0].contains("bearer"),
        "{lower:?}"
    );
    assert!(
        lower[1].contains("x-key: k-acme") && lower[1].contains("bearer t"),
        "{lower:?}"
    );
    let Record::Call { sent, .. } = record else {
        panic!("it was sent");
    };
    assert!(!format!("{sent:?}").contains("k-acme"), "{sent:?}");
}

#[tokio::test]
async fn a_race_begins_after_its_login() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    let (url, _) = serve(move |request| {
        let is_login = request.starts_with("POST /sessions");
        seen.lock().expect("no panic").push(is_login);
        match is_login {
            true => Reply::Keep(response("201 Created", "", b"{\"token\":\"t\"}")),
            false => ok(),
        }
    })
    .await;
    let callers = callers(&url, login("/token", "Authorization", "Bearer ")).await;
    let (caller, request): (Caller, Request) = (clerk(), get("/x"));
    callers
        .send_together(&[(&caller, &request), (&caller, &request)], &[])
        .await;
    assert_eq!(*order.lock().expect("no panic"), [true, false, false]);
}

#[tokio::test]
async fn a_contract_is_fetched_as_somebody() {
    let (url, _) = serve(|request| {
        match request.contains("GET /api/openapi.json")
            && request.to_lowercase().contains("bearer t-acme")
        {
            true => Reply::Keep(response("200 OK", "", b"{\"openapi\":\"3.0.3\"}")),
            false => Reply::Keep(response("403 Forbidden", "", b"")),
        }
    })
    .await;
    let base = format!("{url}/api/");
    let callers = callers(&base, Authentication::Bearer(everybody("t-$(Tenant)"))).await;
    for address in ["/openapi.json".to_owned(), format!("{base}openapi.json")] {
        let document = callers.fetch_document(&clerk(), &address).await;
        assert_eq!(document.as_deref(), Ok(&b"{\"openapi\":\"3.0.3\"}"[..]));
    }
    let trust = connection::Trust::System;
    let waits = executors::http::Waits::default();
    let error =
        executors::http::fetch_document(&format!("{base}openapi.json"), &trust, waits).await;
    assert!(
        error
            .expect_err("nobody")
            .to_string()
            .ends_with("it answers with status 403")
    );
}

#[tokio::test]
async fn a_contract_that_moved_is_followed_and_nobody_else_is_told_who_asks() {
    let document = b"openapi: 3.1.0";
    let (elsewhere, read) = serve(|_| Reply::Keep(response("200 OK", "", document))).await;
    let target = format!("location: {elsewhere}/moved.yaml\r\n");
    let (url, _) = serve(move |request| match request.contains("GET /loop") {
        true => Reply::Keep(response("302 Found", "location: /loop\r\n", b"")),
        false => Reply::Keep(response("301 Moved Permanently", &target, b"")),
    })
    .await;
    let callers = callers(&url, Authentication::Bearer(everybody("t"))).await;
    let fetched = callers.fetch_document(&clerk(), "/openapi.yaml").await;
    assert_eq!(fetched.as_deref(), Ok(&document[..]));
    let asked = read.lock().expect("no panic")[0].to_lowercase();
    assert!(
        asked.starts_with("get /moved.yaml") && !asked.contains("authorization"),
        "{asked}"
    );
    let endless = callers.fetch_document(&clerk(), "/loop").await;
    assert!(
        endless
            .expect_err("no end")
            .to_string()
            .contains("redirect")
    );
}
