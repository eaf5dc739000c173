//! A case as a Rust test: with tiberius for T-SQL, with reqwest for requests.
//!
//! Rust's own way of printing texts is its quoting: whatever a case says, `{:?}` is one literal.

use std::fmt::Write as _;

use domain::api::case::{Act, Stance, Step};
use domain::api::history::{History as ApiHistory, Record};
use domain::case::Actor;
use domain::history::History;

use super::tsql::{name, session};
use super::{Exhibit, plain};

/// A test in T-SQL.
pub(super) fn of_sql(exhibit: &Exhibit<'_>, history: &History) -> String {
    let mut text = heading(
        exhibit,
        &[
            "Needs: tiberius (tds73, rustls), tokio (full), tokio-util (compat).",
            "Each login's password is in an environment variable that the test names.",
        ],
    );
    text.push_str(SQL_HELPERS);
    let _ = writeln!(
        text,
        "#[tokio::test]\nasync fn {}() {{",
        function(&exhibit.scenario.id)
    );
    for (at, step) in history.case.steps.iter().enumerate() {
        let Some(record) = history.steps.get(at) else {
            break;
        };
        if let Some(twin) = &step.twin {
            let place = (exhibit.system, exhibit.world, exhibit.surface);
            let words = campaign::replay::words(place, step, twin, &history.steps[..at]);
            comment(
                &mut text,
                &format!("Step {}, arming: {}.", at + 1, name(exhibit.world, twin)),
            );
            connection(&mut text, exhibit, twin);
            let _ = writeln!(
                text,
                "    said(&mut client, \"BEGIN TRANSACTION\").await.expect(\"a transaction\");\n    \
                 let armed = said(&mut client, {words:?}).await;\n    \
                 assert!(armed.is_ok(), \"step {} is not armed: {{armed:?}}\");\n    \
                 let _ = said(&mut client, \"IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION\").await;",
                at + 1
            );
        }
        let outcome = exhibit.outcomes.get(at).map_or("", String::as_str);
        comment(
            &mut text,
            &format!(
                "Step {}: {}. {outcome}",
                at + 1,
                name(exhibit.world, &step.actor)
            ),
        );
        connection(&mut text, exhibit, &step.actor);
        let _ = writeln!(
            text,
            "    let answer = said(&mut client, {:?}).await;",
            record.batch
        );
        if at == exhibit.step {
            let sightings = exhibit.finding.map_or(&[][..], |own| &own.sightings[..]);
            if sightings.is_empty() {
                let _ = writeln!(
                    text,
                    "    assert!(answer.is_err(), \"{{}}: {{answer:?}}\", {:?});",
                    exhibit.scenario.expectation
                );
            }
            for sighting in sightings {
                let value = &sighting.value;
                let _ = writeln!(
                    text,
                    "    assert!(!format!(\"{{answer:?}}\").contains({value:?}), \"leak: {{answer:?}}\");"
                );
            }
        } else {
            text.push_str("    drop(answer);\n");
        }
    }
    text.push_str("}\n");
    text
}

/// A test of a service.
pub(super) fn of_api(exhibit: &Exhibit<'_>, history: &ApiHistory) -> String {
    let mut text = heading(
        exhibit,
        &[
            "Needs: reqwest, tokio (full), serde_json.",
            "BASE_URL and, for each caller, the value of his Authorization header are in the environment.",
        ],
    );
    text.push_str(API_HELPERS);
    let _ = writeln!(
        text,
        "#[tokio::test]\nasync fn {}() {{\n    let mut answers: Vec<Answer> = Vec::new();",
        function(&exhibit.scenario.id)
    );
    seen(&mut text, history);
    for (at, step) in history.case.steps.iter().enumerate() {
        let outcome = exhibit.outcomes.get(at).map_or("", String::as_str);
        match (&step.act, history.steps.get(at)) {
            (Act::Call { caller, .. }, Some(Record::Call { sent, .. })) => {
                let who = match caller.tenant {
                    Some(tenant) => {
                        format!("{} of {}", caller.actor, exhibit.world.tenant(tenant).name)
                    }
                    None => "somebody without credentials".to_owned(),
                };
                comment(&mut text, &format!("Step {}: {who}. {outcome}", at + 1));
                call(&mut text, (at, step), sent, &who);
            }
            (Act::Batch { actor, batch, .. }, _) => comment(
                &mut text,
                &format!(
                    "Step {}: {} runs this T-SQL by hand: {batch}",
                    at + 1,
                    name(exhibit.world, actor)
                ),
            ),
            _ => break,
        }
        let number = at + 1;
        if step.stance == Stance::Prepare && matches!(step.act, Act::Call { .. }) {
            let _ = writeln!(
                text,
                "    assert!(answers[{at}].is_success(), \"step {number} does not work: {{:?}}\", answers[{at}]);"
            );
        }
    }
    api_verdict(&mut text, exhibit);
    text.push_str("}\n");
    text
}

fn call(
    text: &mut String,
    (at, step): (usize, &Step),
    sent: &domain::api::history::Sent,
    who: &str,
) {
    // What was sent is sent again; values of earlier answers are put in where the case refers to them.
    let Act::Call {
        caller, request, ..
    } = &step.act
    else {
        return;
    };
    let variable = format!("AUTHORIZATION_{}", constant(who));
    let authorization = caller.tenant.map(|_| variable);
    let mut references: Vec<String> = Vec::new();
    let written = serde_json::to_string(request).unwrap_or_default();
    for piece in written.split("{{step ").skip(1) {
        if let Some((reference, _)) = piece.split_once("}}")
            && let Some((number, pointer)) = reference.split_once(' ')
            && pointer.starts_with('/')
            && !pointer.contains(' ')
            && let Ok(number) = number.parse::<usize>()
            && (1..=at).contains(&number)
        {
            let entry = format!("({}, {pointer:?})", number - 1);
            if !references.contains(&entry) {
                references.push(entry);
            }
        }
    }
    let headers: Vec<String> = sent
        .headers
        .iter()
        .filter(|(name, value)| {
            value != "<redacted>" && !name.eq_ignore_ascii_case("content-length")
        })
        .map(|(name, value)| format!("({name:?}, {value:?})"))
        .collect();
    let body = String::from_utf8_lossy(&sent.body);
    let _ = writeln!(
        text,
        "    let answer = send(\n        {:?},\n        {:?},\n        &[{}],\n        {:?},\n        \
         {authorization:?},\n        Recorded {{ answers: &answers, seen: SEEN, references: &[{}] }},\n    )\n    \
         .await;\n    answers.push(answer);",
        sent.method,
        sent.target,
        headers.join(", "),
        body,
        references.join(", ")
    );
}

fn api_verdict(text: &mut String, exhibit: &Exhibit<'_>) {
    let at = exhibit.step;
    let sightings = exhibit.finding.map_or(&[][..], |own| &own.sightings[..]);
    for sighting in sightings {
        let value = match sighting.kind {
            domain::canary::CanaryKind::Text => {
                exhibit.world.tenant(sighting.tenant).mark.text.clone()
            }
            _ => sighting.value.clone(),
        };
        let _ = writeln!(
            text,
            "    assert!(!answers[{at}].body.to_lowercase().contains({:?}), \"leak: {{:?}}\", answers[{at}]);",
            value.to_lowercase()
        );
    }
    if sightings.is_empty() {
        let _ = writeln!(
            text,
            "    assert!(!answers[{at}].is_success() && answers[{at}].status < 500, \"{{}}: {{:?}}\", {:?}, answers[{at}]);",
            exhibit.scenario.expectation
        );
    }
}

/// What was answered when this was written: identifiers are found in later requests by their values.
fn seen(text: &mut String, history: &ApiHistory) {
    let seen: Vec<String> = history
        .steps
        .iter()
        .map(|record| {
            let body = record
                .answer()
                .map(|answer| String::from_utf8_lossy(&answer.body));
            format!("        {:?},\n", body.unwrap_or_default())
        })
        .collect();
    let _ = writeln!(
        text,
        "    const SEEN: &[&str] = &[\n{}    ];",
        seen.concat()
    );
}

/// A session of an actor.
fn connection(text: &mut String, exhibit: &Exhibit<'_>, actor: &Actor) {
    let login = match actor.principal() {
        Some((tenant, principal)) => match exhibit.system.principals.get(principal) {
            Some(declared) => {
                let tenant = &exhibit.world.tenant(tenant).name;
                exhibit.system.expand(&declared.login, Some(tenant))
            }
            None => principal.to_owned(),
        },
        None => "sa".to_owned(),
    };
    let password = format!("PASSWORD_{}", constant(&login));
    let (database, batches) = session(exhibit, actor);
    let _ = writeln!(
        text,
        "    let mut client = connect({login:?}, {password:?}, {database:?}).await;"
    );
    for batch in batches {
        let _ = writeln!(
            text,
            "    said(&mut client, {batch:?}).await.expect(\"checked out\");"
        );
    }
}

fn heading(exhibit: &Exhibit<'_>, needs: &[&str]) -> String {
    let mut text = String::new();
    for line in exhibit.heading() {
        let _ = writeln!(text, "//! {}", line.trim_end());
    }
    text.push_str("//!\n");
    for line in needs {
        let _ = writeln!(text, "//! {line}");
    }
    text.push('\n');
    text
}

fn comment(text: &mut String, line: &str) {
    let _ = writeln!(text, "    // {}", plain(line).trim_end());
}

/// A name of a function.
fn function(id: &str) -> String {
    let name: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    format!("watertight_{name}")
}

/// A name of an environment variable.
fn constant(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    name
}

const SQL_HELPERS: &str = r#"use tiberius::{AuthMethod, Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

async fn connect(login: &str, password: &str, database: &str) -> Client<Compat<TcpStream>> {
    let secret = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let mut config = Config::new();
    config.host(secret("SERVER_HOST"));
    config.port(secret("SERVER_PORT").parse().expect("a port"));
    config.authentication(AuthMethod::sql_server(login, secret(password)));
    config.database(database);
    config.trust_cert();
    let stream = TcpStream::connect(config.get_addr()).await.expect("a server");
    stream.set_nodelay(true).expect("a socket");
    Client::connect(config, stream.compat_write()).await.expect("a session")
}

/// Every row of the answer, printed.
async fn said(client: &mut Client<Compat<TcpStream>>, batch: &str) -> tiberius::Result<Vec<String>> {
    let rows = client.simple_query(batch).await?.into_results().await?;
    Ok(rows.into_iter().flatten().map(|row| format!("{row:?}")).collect())
}

"#;

const API_HELPERS: &str = r#"/// An answer of the service.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn at(&self, pointer: &str) -> Option<String> {
        value(&self.body, pointer)
    }
}

fn value(body: &str, pointer: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(match body.pointer(pointer)? {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// What was answered when this was written, and which of its values a request uses.
struct Recorded<'a> {
    answers: &'a [Answer],
    seen: &'a [&'a str],
    references: &'a [(usize, &'a str)],
}

impl Recorded<'_> {
    /// The text with the values of this run in place of those of then.
    fn now(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (step, pointer) in self.references {
            let then = self.seen.get(*step).and_then(|body| value(body, pointer));
            let now = self.answers.get(*step).and_then(|answer| answer.at(pointer));
            if let (Some(then), Some(now)) = (then, now) {
                text = text.replace(&then, &now);
            }
        }
        text
    }
}

async fn send(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
    authorization: Option<&str>,
    recorded: Recorded<'_>,
) -> Answer {
    let secret = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let url = format!("{}{}", secret("BASE_URL"), recorded.now(target));
    let method = method.parse().expect("a method");
    let mut request = reqwest::Client::new().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, recorded.now(value));
    }
    if let Some(name) = authorization {
        request = request.header("authorization", secret(name));
    }
    if !body.is_empty() {
        request = request.body(recorded.now(body));
    }
    let answer = request.send().await.expect("an answer");
    Answer {
        status: answer.status().as_u16(),
        body: answer.text().await.unwrap_or_default(),
    }
}

"#;
