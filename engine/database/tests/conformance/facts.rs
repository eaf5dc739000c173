//! Does the engine do what is known of SQL Server? One fact per permission, refusal and escape.
//!
//! `facts/security-facts.yaml` says for each fact what is set up, who runs what, and how it must
//! end. What differs is listed in `facts/deviations.yaml` with the reason; a difference that is
//! not listed fails, and so does a listed one that is none any more. Set `FACTS_TABLE` to a file
//! name to get the whole table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::{Recorder, connect, run, server};
use database::{ResetTransaction, Server, Session};
use serde::Deserialize;
use values::SqlError;

#[derive(Deserialize)]
struct Table {
    fixtures: BTreeMap<String, Fixture>,
    facts: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fixture {
    script: String,
}

#[derive(Deserialize)]
struct Fact {
    id: String,
    area: String,
    fixture: String,
    setup: String,
    #[serde(rename = "as")]
    actor: String,
    statement: String,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    outcome: String,
    error: Option<i32>,
    severity: Option<u8>,
    #[serde(default)]
    then: Vec<i32>,
    effect: String,
}

/// Features that are not there as a whole; their facts are not asked yet.
const LATER: &[&str] = &["azure-sql", "external", "ledger"];

/// What a fact came to.
enum Came {
    /// As expected.
    True,
    /// Otherwise: what was seen.
    False(String),
}

#[test]
fn the_engine_does_what_is_known_of_the_server() {
    let table: Table = serde_yaml::from_str(include_str!("../facts/security-facts.yaml"))
        .expect("the table of facts is well-formed");
    let deviations: BTreeMap<String, String> =
        serde_yaml::from_str(include_str!("../facts/deviations.yaml"))
            .expect("the list of deviations is well-formed");
    let server = server();
    {
        let mut sa = connect(&server, "sa", "master").expect("sa may connect");
        for batch in tsql::split_batches(&table.fixtures["base"].script) {
            let answer = run(&mut sa, &batch.text);
            assert!(
                answer.first_error().is_none(),
                "fixture: {:?}",
                answer.lines
            );
        }
    }
    let snapshot = server.snapshot();
    let mut report = String::new();
    let mut wrong = Vec::new();
    let mut held = 0;
    let mut asked = 0;
    let mut areas: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for fact in &table.facts {
        if fact.fixture != "base" || LATER.contains(&fact.area.as_str()) {
            continue;
        }
        server.restore(&snapshot);
        asked += 1;
        let area = areas.entry(&fact.area).or_default();
        area.1 += 1;
        let came = check(&server, fact);
        let listed = deviations.get(&fact.id);
        match (&came, listed) {
            (Came::True, None) => {
                held += 1;
                area.0 += 1;
                let _ = writeln!(report, "ok       {} ({})", fact.id, fact.area);
            }
            (Came::False(seen), Some(reason)) => {
                let _ = writeln!(
                    report,
                    "listed   {} ({}): {seen} [{reason}]",
                    fact.id, fact.area
                );
            }
            (Came::True, Some(_)) => {
                let _ = writeln!(report, "STALE    {} ({})", fact.id, fact.area);
                wrong.push(format!("{}: holds now, take it off the list", fact.id));
            }
            (Came::False(seen), None) => {
                let _ = writeln!(report, "DIFFERS  {} ({}): {seen}", fact.id, fact.area);
                wrong.push(format!("{} ({}): {seen}", fact.id, fact.area));
            }
        }
    }
    for id in deviations.keys() {
        if !table.facts.iter().any(|fact| fact.id == *id) {
            wrong.push(format!("{id}: listed, but there is no such fact"));
        }
    }
    let _ = writeln!(report, "{held} of {asked} facts hold");
    for (area, (held, asked)) in &areas {
        let _ = writeln!(report, "  {area}: {held} of {asked}");
    }
    #[expect(clippy::disallowed_methods, reason = "the switch of a developer")]
    let table_path = std::env::var_os("FACTS_TABLE");
    if let Some(path) = table_path {
        std::fs::write(path, &report).expect("the table can be written");
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn check(server: &Server, fact: &Fact) -> Came {
    // Sessions that the setup asks for stay connected until the fact is settled.
    let mut others: Vec<Session> = Vec::new();
    let mut sa = connect(server, "sa", "t_a").expect("sa may connect");
    for batch in tsql::split_batches(&fact.setup) {
        if let Some(text) = batch.text.trim().strip_prefix("-- another session") {
            let text = text.split_once("runs:").map_or("", |(_, text)| text);
            let mut other = connect(server, "sa", "t_a").expect("sa may connect");
            if let Some(error) = run(&mut other, text).first_error() {
                return Came::False(format!("setup of the other session: {error}"));
            }
            others.push(other);
            continue;
        }
        if let Some(error) = run(&mut sa, &batch.text).first_error() {
            return Came::False(format!("setup: {error}"));
        }
    }
    drop(sa);
    let before = server.snapshot();
    let messages = match act(server, fact) {
        Ok(messages) => messages,
        Err(seen) => return Came::False(seen),
    };
    let unchanged = server.snapshot() == before;
    if fact.expect.effect == "no row and no metadata changes" && !unchanged {
        return Came::False("something changed".to_owned());
    }
    judge(fact, &messages)
}

fn act(server: &Server, fact: &Fact) -> Result<Vec<SqlError>, String> {
    let (kind, name) = fact
        .actor
        .split_once(':')
        .unwrap_or((fact.actor.as_str(), ""));
    let (name, database) = name.split_once('@').unwrap_or((name, "t_a"));
    let connected = match kind {
        "sysadmin" | "user" => connect(server, "sa", "t_a"),
        "login" | "contained" => connect(server, name, database),
        other => return Err(format!("nobody knows the actor {other}")),
    };
    let mut session = match connected {
        Ok(session) => session,
        Err(refused) => return Ok(refused.errors),
    };
    if kind == "user"
        && let Some(error) =
            run(&mut session, &format!("EXECUTE AS USER = N'{name}'")).first_error()
    {
        return Err(format!("impersonation: {error}"));
    }
    let mut messages = Vec::new();
    for batch in tsql::split_batches(&fact.statement) {
        let answer = run(&mut session, &batch.text);
        messages.extend(answer.messages);
        if batch.text.contains("carries the RESETCONNECTION") {
            let mut told = Recorder::default();
            if let Err(error) = session.reset(ResetTransaction::RollBack, &mut told) {
                messages.push(error);
                break;
            }
        }
    }
    Ok(messages)
}

fn judge(fact: &Fact, messages: &[SqlError]) -> Came {
    let seen = || {
        let list: Vec<String> = messages
            .iter()
            .filter(|message| message.severity > 10)
            .map(|message| {
                format!(
                    "{}/{}/{} {}",
                    message.number, message.severity, message.state, message.message
                )
            })
            .collect();
        if list.is_empty() {
            "no error".to_owned()
        } else {
            list.join(" + ")
        }
    };
    let expected = &fact.expect;
    let first = messages.iter().find(|message| message.severity > 10);
    let wanted = || {
        format!(
            "expected {} {:?}, saw {}",
            expected.outcome,
            expected.error,
            seen()
        )
    };
    let Some(first) = first else {
        return if expected.outcome == "allowed" {
            Came::True
        } else {
            Came::False(wanted())
        };
    };
    if expected.outcome == "allowed" || expected.error.is_some_and(|number| number != first.number)
    {
        return Came::False(wanted());
    }
    if first.number == values::UNSUPPORTED || first.number == database::INTERNAL_ERROR {
        return Came::False(wanted());
    }
    if expected
        .severity
        .is_some_and(|severity| severity != first.severity)
    {
        return Came::False(format!(
            "severity {} expected, saw {}",
            expected.severity.unwrap_or(0),
            seen()
        ));
    }
    let mut rest = messages.iter().map(|message| message.number);
    for number in &expected.then {
        if !rest.any(|seen| seen == *number) {
            return Came::False(format!("{number} should have followed, saw {}", seen()));
        }
    }
    Came::True
}
