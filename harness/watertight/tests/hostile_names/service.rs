//! A small service in which whoever knows an id may read the thing, and whose every word is hostile: names of
//! fields, values, headers and errors.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Its contract, with hostile texts wherever it has text.
pub(crate) fn contract(texts: &[String]) -> Value {
    let text = |at: usize| texts[at % texts.len()].clone();
    let mut properties = serde_json::Map::new();
    properties.insert("id".into(), json!({ "type": "string" }));
    properties.insert(
        "name".into(),
        json!({ "type": "string", "description": text(3) }),
    );
    for name in texts {
        properties.insert(name.clone(), json!({ "type": "string" }));
    }
    let answer = |status: &str| {
        let thing = json!({ "schema": { "$ref": "#/components/schemas/Thing" } });
        json!({ status: { "description": text(5), "content": { "application/json": thing } } })
    };
    let wanted = json!({ "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": text(0), "version": text(8), "description": text(2) },
        "security": [{ "token": [] }],
        "paths": {
            "/things": {
                "post": {
                    "operationId": text(9),
                    "summary": text(4),
                    "tags": [text(25)],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": wanted } } },
                    "responses": answer("201"),
                },
            },
            "/things/{id}": {
                "get": {
                    "operationId": text(11),
                    "description": text(10),
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "responses": answer("200"),
                },
            },
        },
        "components": {
            "schemas": { "Thing": { "type": "object", "properties": properties } },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

struct Things {
    texts: Vec<String>,
    /// By id: what was sent.
    kept: Mutex<BTreeMap<String, String>>,
}

/// Starts it; it ends with the test. Gives its address.
pub(crate) fn start(texts: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let things = Arc::new(Things {
        texts,
        kept: Mutex::default(),
    });
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let things = Arc::clone(&things);
            std::thread::spawn(move || while serve(&stream, &things).is_some() {});
        }
    });
    format!("http://{address}")
}

/// One request; `None` when the connection ends.
fn serve(mut stream: &TcpStream, things: &Things) -> Option<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").and_then(|value| value.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    };
    let (status, value) = answer(&head, &body, things);
    let body = value.to_string();
    // Every text that a header can hold.
    let notes: String = things
        .texts
        .iter()
        .filter(|text| text.chars().all(|c| matches!(c, ' '..='~')))
        .map(|text| format!("x-note: {text}\r\n"))
        .collect();
    let response = format!(
        "HTTP/1.1 {status} Done\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{notes}\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).ok()
}

fn header(head: &str, wanted: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted)
            .then(|| value.trim().to_owned())
    })
}

fn answer(head: &str, body: &str, things: &Things) -> (u16, Value) {
    let refused = |status| (status, json!({ "error": things.texts.join("\n") }));
    let is_known = header(head, "authorization")
        .is_some_and(|value| value == "Bearer acme" || value == "Bearer globex");
    if !is_known {
        return refused(401);
    }
    let mut words = head.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut kept = things.kept.lock().expect("no panic");
    let (id, status) = match (method, path) {
        ("POST", "/things") => {
            let name = serde_json::from_str::<Value>(body)
                .ok()
                .and_then(|value| value.get("name")?.as_str().map(str::to_owned));
            let Some(name) = name else {
                return refused(400);
            };
            let id = format!("thing{}", kept.len() + 1);
            kept.insert(id.clone(), name);
            (id, 201)
        }
        ("GET", path) => match path.strip_prefix("/things/") {
            Some(id) => (id.to_owned(), 200),
            None => return refused(404),
        },
        _ => return refused(404),
    };
    let Some(name) = kept.get(&id) else {
        return refused(404);
    };
    let mut thing = json!({ "id": id, "name": name });
    for text in &things.texts {
        thing[text] = json!(format!("{text} {name}"));
    }
    (status, thing)
}
