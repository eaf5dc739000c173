//! Every file of `testscripts` is a dialogue: batches, and below each batch what the client saw.
//!
//! A line `-- session: login@database` chooses the connection for what follows (`login@database#2`
//! is another one of the same login), `-- reset` resets it as a pool would, `GO` ends a batch and
//! lines that start with `--> ` are the recorded answer. Run with `REWRITE_SCRIPTS=1` to record
//! the answers anew, and read the difference.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Recorder, connect, run, server};
use database::{ResetTransaction, Session};

const ANSWER: &str = "--> ";

#[test]
fn every_script_answers_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testscripts");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    #[expect(clippy::disallowed_methods, reason = "the switch of a developer")]
    let rewrite = std::env::var_os("REWRITE_SCRIPTS").is_some();
    let mut differences = Vec::new();
    for path in paths {
        let recorded = fs::read_to_string(&path).expect("readable");
        let played = play(&recorded);
        if played == recorded {
            continue;
        }
        if rewrite {
            fs::write(&path, played).expect("writable");
        } else {
            differences.push(format!(
                "{}:\n{}",
                path.display(),
                difference(&recorded, &played)
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Plays a script on a fresh server and gives it back with the answers of now.
fn play(script: &str) -> String {
    let server = server();
    let mut sessions: BTreeMap<String, Session> = BTreeMap::new();
    let mut current = "sa@master".to_owned();
    let mut out = String::new();
    let mut batch = String::new();
    for line in script.lines() {
        if line.starts_with(ANSWER.trim_end()) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        let mut answer = Vec::new();
        if let Some(name) = line.strip_prefix("-- session: ") {
            current = name.trim().to_owned();
            if let Entry::Vacant(free) = sessions.entry(current.clone()) {
                let key = free.key().clone();
                let (login, database) = key
                    .split('#')
                    .next()
                    .unwrap_or(&key)
                    .split_once('@')
                    .expect("login@database");
                match connect(&server, login, database) {
                    Ok(session) => {
                        free.insert(session);
                    }
                    Err(refused) => {
                        answer.extend(refused.errors.iter().map(|error| {
                            format!(
                                "Msg {}, Level {}, State {}: {}",
                                error.number, error.severity, error.state, error.message
                            )
                        }));
                    }
                }
            }
        } else if line.trim() == "-- reset" {
            let session = sessions.get_mut(&current).expect("connected");
            let mut recorder = Recorder::default();
            if let Err(error) = session.reset(ResetTransaction::RollBack, &mut recorder) {
                answer.push(format!("Msg {}: {}", error.number, error.message));
            }
            answer.extend(recorder.lines);
        } else if line.trim().eq_ignore_ascii_case("GO") {
            if current == "sa@master" && !sessions.contains_key(&current) {
                let session = connect(&server, "sa", "master").expect("sa may connect");
                sessions.insert(current.clone(), session);
            }
            match sessions.get_mut(&current) {
                Some(session) if !session.is_dead() => answer = run(session, &batch).lines,
                _ => answer.push("(no connection)".to_owned()),
            }
            batch.clear();
        } else {
            batch.push_str(line);
            batch.push('\n');
        }
        for line in answer {
            out.push_str(ANSWER);
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn difference(recorded: &str, played: &str) -> String {
    let recorded: Vec<&str> = recorded.lines().collect();
    let played: Vec<&str> = played.lines().collect();
    let same = recorded
        .iter()
        .zip(&played)
        .take_while(|(a, b)| a == b)
        .count();
    let from = same.saturating_sub(6);
    let part =
        |lines: &[&str]| lines[from.min(lines.len())..(same + 5).min(lines.len())].join("\n    ");
    format!(
        "line {}\n  recorded:\n    {}\n  now:\n    {}",
        same + 1,
        part(&recorded),
        part(&played)
    )
}
