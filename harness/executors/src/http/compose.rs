//! The bytes of a request: from a resolved request and a proof of who sends it.

use domain::api::history::Sent;
use domain::api::request::{Body, Part, Request};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Uri};

use super::origin::Origin;
use super::reference::encoded;
use super::wire::Outgoing;

/// What stands in a record where a credential was sent.
const REDACTED: &str = "<redacted>";
/// Headers that prove who somebody is, whoever put them there.
const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// Methods by which nothing changes.
const READING: [&str; 3] = ["GET", "HEAD", "OPTIONS"];
const BOUNDARY: &str = "watertight-part-of-a-form";

/// What proves who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    Header { name: String, value: String },
    Query { name: String, value: String },
    Cookie { name: String, value: String },
}

/// A request that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    method: String,
    /// Path and query below the service's base.
    target: String,
    /// The same without credentials.
    target_shown: String,
    headers: Vec<(String, String)>,
    /// Names of further headers whose values are not shown.
    hidden: Vec<String>,
    body: Vec<u8>,
}

impl Message {
    /// A request whose references are resolved, on behalf of whom `proofs` prove.
    /// `Err` says why no service could be sent this.
    pub(super) fn new(request: &Request, proofs: &[Proof]) -> Result<Self, String> {
        let mut headers = request.headers.clone();
        let mut hidden = Vec::new();
        let mut query = joined(&request.query, "&", |name, value| {
            format!("{}={}", encoded(name), encoded(value))
        });
        let mut query_shown = query.clone();
        for proof in proofs {
            match proof {
                Proof::Header { name, value } if !name.eq_ignore_ascii_case("cookie") => {
                    hidden.push(name.to_ascii_lowercase());
                    headers.push((name.clone(), value.clone()));
                }
                Proof::Header { value, .. } => add_cookie(&mut headers, value),
                Proof::Cookie { name, value } => {
                    add_cookie(&mut headers, &format!("{name}={value}"));
                }
                Proof::Query { name, value } => {
                    for (query, value) in [
                        (&mut query, encoded(value)),
                        (&mut query_shown, REDACTED.to_owned()),
                    ] {
                        if !query.is_empty() {
                            query.push('&');
                        }
                        query.push_str(&format!("{}={value}", encoded(name)));
                    }
                }
            }
        }
        let (media_type, body) = match &request.body {
            None => (None, Vec::new()),
            Some(body) => {
                let (media_type, bytes) = content(body);
                (Some(media_type), bytes)
            }
        };
        let has = |headers: &[(String, String)], name: &str| {
            headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        };
        // A case that states a content type of its own means that one.
        if let Some(media_type) = media_type.filter(|_| !has(&headers, "content-type")) {
            headers.push(("content-type".to_owned(), media_type));
        }
        let takes_body = !matches!(
            request.method.as_str(),
            "GET" | "HEAD" | "DELETE" | "OPTIONS"
        );
        if (!body.is_empty() || takes_body)
            && !has(&headers, "content-length")
            && !has(&headers, "transfer-encoding")
        {
            headers.push(("content-length".to_owned(), body.len().to_string()));
        }
        if !has(&headers, "accept") {
            headers.push((
                "accept".to_owned(),
                "application/json, */*;q=0.8".to_owned(),
            ));
        }
        if !has(&headers, "user-agent") {
            headers.push(("user-agent".to_owned(), "watertight".to_owned()));
        }
        let path = sendable(&request.path);
        let joint = match (path.contains('?'), query.is_empty()) {
            (_, true) => "",
            (true, false) => "&",
            (false, false) => "?",
        };
        let message = Self {
            method: request.method.clone(),
            target: format!("{path}{joint}{query}"),
            target_shown: format!("{path}{joint}{query_shown}"),
            headers,
            hidden,
            body,
        };
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), String> {
        Method::from_bytes(self.method.as_bytes())
            .map_err(|_| format!("{:?} is no method", self.method))?;
        for (name, value) in &self.headers {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("{name:?} is no name of a header"))?;
            HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| format!("header {name} cannot hold {value:?}"))?;
        }
        self.target
            .parse::<Uri>()
            .map_err(|error| format!("{:?} is no target of a request: {error}", self.target))?;
        Ok(())
    }

    /// Whether nothing changes by it.
    pub(super) fn only_reads(&self) -> bool {
        READING.contains(&self.method.as_str())
    }

    /// As it is recorded. `Host` is left out: it is the service's, and its port differs from run to
    /// run.
    pub(super) fn sent(&self) -> Sent {
        let shown = |(name, value): &(String, String)| {
            let lower = name.to_ascii_lowercase();
            let is_hidden = CREDENTIALS.contains(&lower.as_str()) || self.hidden.contains(&lower);
            let value = if is_hidden { REDACTED } else { value };
            (name.clone(), value.to_owned())
        };
        Sent {
            method: self.method.clone(),
            target: self.target_shown.clone(),
            headers: self.headers.iter().map(shown).collect(),
            body: self.body.clone(),
        }
    }

    /// For the HTTP library.
    pub(super) fn to_request(&self, origin: &Origin) -> Result<Outgoing, hyper::http::Error> {
        let target = format!("{}{}", origin.prefix, self.target);
        let mut builder = hyper::Request::builder()
            .method(self.method.as_bytes())
            .uri(target);
        if !self.names_host() {
            builder = builder.header("host", origin.authority());
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value.as_bytes());
        }
        builder.body(Full::new(Bytes::copy_from_slice(&self.body)))
    }

    /// For a connection that nobody will read from.
    pub(super) fn to_bytes(&self, origin: &Origin) -> Vec<u8> {
        let mut head = format!(
            "{} {}{} HTTP/1.1\r\n",
            self.method, origin.prefix, self.target
        );
        if !self.names_host() {
            head.push_str(&format!("host: {}\r\n", origin.authority()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    fn names_host(&self) -> bool {
        self.headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    }
}

/// One Cookie header is what servers read; a case's own cookies come first.
fn add_cookie(headers: &mut Vec<(String, String)>, cookie: &str) {
    let mut own = headers.iter_mut();
    match own.find(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
        Some((_, value)) => value.push_str(&format!("; {cookie}")),
        None => headers.push(("cookie".to_owned(), cookie.to_owned())),
    }
}

fn joined(
    pairs: &[(String, String)],
    separator: &str,
    pair: impl Fn(&str, &str) -> String,
) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| pair(name, value))
        .collect();
    pairs.join(separator)
}

/// A path as it can stand in a request line: what would end it there is encoded, all else stays.
fn sendable(path: &str) -> String {
    let mut sendable = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        sendable.push('/');
    }
    for c in path.chars() {
        match c {
            '!'..='~'
                if !matches!(
                    c,
                    '#' | '<' | '>' | '\\' | '^' | '`' | '|' | '"' | '{' | '}'
                ) =>
            {
                sendable.push(c)
            }
            _ => sendable.push_str(&encoded(&c.to_string())),
        }
    }
    sendable
}

/// Content type and bytes of a body.
fn content(body: &Body) -> (String, Vec<u8>) {
    match body {
        Body::Json { media_type, value } => (media_type.clone(), value.to_string().into_bytes()),
        Body::Form(fields) => {
            let form = joined(fields, "&", |name, value| {
                format!("{}={}", encoded(name), encoded(value))
            });
            (
                "application/x-www-form-urlencoded".to_owned(),
                form.into_bytes(),
            )
        }
        Body::Multipart(parts) => multipart(parts),
        Body::Text { media_type, text } => (media_type.clone(), text.clone().into_bytes()),
    }
}

fn multipart(parts: &[Part]) -> (String, Vec<u8>) {
    let mut boundary = BOUNDARY.to_owned();
    while parts.iter().any(|part| part.text.contains(&boundary)) {
        boundary.push('-');
    }
    let quoted = |text: &str| {
        // As browsers do it.
        text.replace('"', "%22")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut form = String::new();
    for part in parts {
        form.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        ));
        if let Some(file) = &part.file {
            form.push_str(&format!("; filename=\"{}\"", quoted(file)));
        }
        form.push_str("\r\n");
        if let Some(media_type) = &part.media_type {
            form.push_str(&format!("Content-Type: {media_type}\r\n"));
        }
        form.push_str(&format!("\r\n{}\r\n", part.text));
    }
    form.push_str(&format!("--{boundary}--\r\n"));
    (
        format!("multipart/form-data; boundary={boundary}"),
        form.into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use domain::api::request::{Body, Part, Request};
    use serde_json::json;

    use super::super::origin::Origin;
    use super::{Message, Proof};

    fn request(method: &str, path: &str) -> Request {
        Request {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    fn bytes(request: &Request, proofs: &[Proof]) -> String {
        let origin = Origin::parse("http://h/v1/").expect("a URL");
        let message = Message::new(request, proofs).expect("it can be sent");
        assert!(message.to_request(&origin).is_ok());
        String::from_utf8(message.to_bytes(&origin)).expect("text")
    }

    #[test]
    fn nothing_of_a_strange_request_is_repaired() {
        let strange = Request {
            query: vec![pair("id", "1"), pair("id", "2&x=3"), pair("", "ä b")],
            headers: vec![
                pair("X-Tenant", "a"),
                pair("X-Tenant", "b"),
                pair("Content-Type", "text/xml"),
            ],
            body: Some(Body::Json {
                media_type: "application/json".into(),
                value: json!({"a": 1}),
            }),
            ..request("get", "/a/%2e%2e/../b c?d=e#f")
        };
        let text = bytes(&strange, &[]);
        let expected = "get /v1/a/%2e%2e/../b%20c?d=e%23f&id=1&id=2%26x%3D3&=%C3%A4%20b HTTP/1.1\r\nhost: h\r\n\
            X-Tenant: a\r\nX-Tenant: b\r\nContent-Type: text/xml\r\ncontent-length: 7\r\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("\r\n\r\n{\"a\":1}"), "{text}");
    }

    #[test]
    fn bodies_are_written_as_their_media_types_say() {
        let form = Body::Form(vec![pair("a b", "1+1"), pair("a b", "")]);
        let parts = vec![
            Part {
                name: "x\"y".into(),
                file: None,
                media_type: None,
                text: "1".into(),
            },
            Part {
                name: "f".into(),
                file: Some("a.txt".into()),
                media_type: Some("text/plain".into()),
                text: "two\r\nlines".into(),
            },
        ];
        for (body, expected) in [
            (
                form,
                "content-type: application/x-www-form-urlencoded|a%20b=1%2B1&a%20b=",
            ),
            (
                Body::Multipart(parts),
                "content-type: multipart/form-data; boundary=watertight-part-of-a-form|\
                 --watertight-part-of-a-form\r\nContent-Disposition: form-data; name=\"x%22y\"\r\n\r\n1\r\n\
                 --watertight-part-of-a-form\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\
                 Content-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--watertight-part-of-a-form--\r\n",
            ),
            (
                Body::Text {
                    media_type: "text/csv".into(),
                    text: "a;b".into(),
                },
                "content-type: text/csv|a;b",
            ),
        ] {
            let text = bytes(
                &Request {
                    body: Some(body),
                    ..request("POST", "/")
                },
                &[],
            );
            let (header, content) = expected.split_once('|').expect("two parts");
            assert!(text.contains(&format!("{header}\r\n")), "{text}");
            assert!(text.ends_with(&format!("\r\n\r\n{content}")), "{text}");
        }
        assert!(bytes(&request("POST", "/"), &[]).contains("content-length: 0\r\n"));
        assert!(!bytes(&request("GET", "/"), &[]).contains("content-length"));
    }

    #[test]
    fn credentials_are_sent_and_not_recorded() {
        let secret = "s3cret".to_owned();
        let own = Request {
            query: vec![pair("a", "1")],
            headers: vec![pair("Cookie", "theme=dark")],
            ..request("GET", "/x")
        };
        for (proof, expected) in [
            (
                Proof::Header {
                    name: "Authorization".into(),
                    value: format!("Bearer {secret}"),
                },
                "Authorization: Bearer s3cret\r\n",
            ),
            (
                Proof::Header {
                    name: "X-Key".into(),
                    value: secret.clone(),
                },
                "X-Key: s3cret\r\n",
            ),
            (
                Proof::Header {
                    name: "Cookie".into(),
                    value: format!("sid={secret}"),
                },
                "Cookie: theme=dark; sid=s3cret\r\n",
            ),
            (
                Proof::Cookie {
                    name: "sid".into(),
                    value: secret.clone(),
                },
                "Cookie: theme=dark; sid=s3cret\r\n",
            ),
            (
                Proof::Query {
                    name: "key".into(),
                    value: secret.clone(),
                },
                "GET /v1/x?a=1&key=s3cret HTTP/1.1\r\n",
            ),
        ] {
            let text = bytes(&own, std::slice::from_ref(&proof));
            assert!(text.contains(expected), "{text}");
            let message = Message::new(&own, std::slice::from_ref(&proof)).expect("it can be sent");
            let sent = format!("{:?}", message.sent());
            assert!(
                !sent.contains(&secret) && sent.contains("<redacted>"),
                "{sent}"
            );
        }
    }

    #[test]
    fn what_no_request_can_hold_is_told() {
        for (wrong, expected) in [
            (request("GE T", "/"), "is no method"),
            (
                Request {
                    headers: vec![pair("a b", "1")],
                    ..request("GET", "/")
                },
                "is no name of a header",
            ),
            (
                Request {
                    headers: vec![pair("a", "1\r\nb: 2")],
                    ..request("GET", "/")
                },
                "cannot hold",
            ),
        ] {
            let error = Message::new(&wrong, &[]).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
    }
}
