//! Every file of `testscripts` is a dialogue: batches, and below each batch what the client saw.
//!
//! A line `-- session: login@database` chooses the connection for what follows (`login@database#2`
//! is another one of the same login), `-- reset` resets it as a pool would, `-- disconnect` ends it,
//! `GO` ends a batch and lines that start with `--> ` are the recorded answer.
//!
//! A batch that has to wait for a lock is answered by `(waits)`; what it says later stands, behind
//! its session's name, below the batch that let it go on. `-- wait` waits for the session's answer
//! (a timeout), `-- cancel` sends it an attention. Run with `REWRITE_SCRIPTS=1` to record the
//! answers anew, and read the difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::{Recorder, connect, run, server};
use database::{CancelHandle, ResetTransaction, Server, Session};

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
    let mut stage = Stage {
        server: server(),
        players: BTreeMap::new(),
    };
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
            answer = stage.enter(&current);
        } else if line.trim() == "-- reset" {
            answer = stage.act(&current, Act::Reset);
        } else if line.trim() == "-- disconnect" {
            answer = stage.disconnect(&current);
        } else if line.trim() == "-- cancel" {
            answer = stage.cancel(&current);
        } else if line.trim() == "-- wait" {
            answer = stage.wait(&current);
        } else if line.trim().eq_ignore_ascii_case("GO") {
            if current == "sa@master" {
                answer.extend(stage.enter(&current));
            }
            answer.extend(stage.act(&current, Act::Batch(std::mem::take(&mut batch))));
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

/// What a session is told to do.
enum Act {
    Batch(String),
    Reset,
}

/// A session on a thread of its own, because it may have to wait for another one.
struct Player {
    id: u16,
    cancel: CancelHandle,
    acts: Sender<Act>,
    answers: Receiver<Vec<String>>,
    thread: JoinHandle<()>,
    /// It has not answered yet.
    busy: bool,
    dead: Arc<AtomicBool>,
}

impl Player {
    fn new(mut session: Session) -> Self {
        let (acts, to_do) = channel::<Act>();
        let (sender, answers) = channel();
        let dead = Arc::new(AtomicBool::new(false));
        let (id, cancel) = (session.id(), session.cancel_handle());
        let died = Arc::clone(&dead);
        let thread = std::thread::spawn(move || {
            for act in to_do {
                let lines = match act {
                    _ if session.is_dead() => vec!["(no connection)".to_owned()],
                    Act::Batch(text) => run(&mut session, &text).lines,
                    Act::Reset => {
                        let mut recorder = Recorder::default();
                        let mut lines = Vec::new();
                        if let Err(error) = session.reset(ResetTransaction::RollBack, &mut recorder)
                        {
                            lines.push(format!("Msg {}: {}", error.number, error.message));
                        }
                        lines.extend(recorder.lines);
                        lines
                    }
                };
                died.store(session.is_dead(), Ordering::SeqCst);
                if sender.send(lines).is_err() {
                    break;
                }
            }
        });
        Self {
            id,
            cancel,
            acts,
            answers,
            thread,
            busy: false,
            dead,
        }
    }
}

/// A server and everybody who is connected to it.
struct Stage {
    server: Server,
    players: BTreeMap<String, Player>,
}

impl Stage {
    fn enter(&mut self, name: &str) -> Vec<String> {
        if self.players.contains_key(name) {
            return Vec::new();
        }
        let (login, database) = name
            .split('#')
            .next()
            .unwrap_or(name)
            .split_once('@')
            .expect("login@database");
        match connect(&self.server, login, database) {
            Ok(session) => {
                self.players.insert(name.to_owned(), Player::new(session));
                Vec::new()
            }
            Err(refused) => refused
                .errors
                .iter()
                .map(|error| {
                    format!(
                        "Msg {}, Level {}, State {}: {}",
                        error.number, error.severity, error.state, error.message
                    )
                })
                .collect(),
        }
    }

    fn act(&mut self, name: &str, act: Act) -> Vec<String> {
        match self.players.get_mut(name) {
            Some(player) if player.busy => return vec!["(still waits)".to_owned()],
            Some(player) if !player.dead.load(Ordering::SeqCst) => {
                player.busy = true;
                player.acts.send(act).expect("the session listens");
            }
            _ => return vec!["(no connection)".to_owned()],
        }
        self.settled(name)
    }

    /// An attention from the client.
    fn cancel(&mut self, name: &str) -> Vec<String> {
        if let Some(player) = self.players.get(name) {
            player.cancel.cancel();
        }
        self.wait(name)
    }

    fn disconnect(&mut self, name: &str) -> Vec<String> {
        if let Some(player) = self.players.remove(name) {
            player.cancel.cancel();
            drop(player.acts);
            drop(player.answers);
            player.thread.join().expect("the session ends");
        }
        self.settled(name)
    }

    /// Until this session answers, whoever it waits for.
    fn wait(&mut self, name: &str) -> Vec<String> {
        let answer = match self.players.get_mut(name) {
            Some(player) if player.busy => {
                player.busy = false;
                player.answers.recv().expect("the session answers")
            }
            _ => Vec::new(),
        };
        answer.into_iter().chain(self.settled(name)).collect()
    }

    /// Until everybody has answered or waits for somebody; what they answered.
    fn settled(&mut self, own: &str) -> Vec<String> {
        let mut answer = Vec::new();
        let mut others = BTreeMap::new();
        loop {
            let waiting = self.server.waiting();
            let mut restless = false;
            for (name, player) in &mut self.players {
                if !player.busy {
                    continue;
                }
                if let Ok(lines) = player.answers.try_recv() {
                    player.busy = false;
                    if name == own {
                        answer = lines;
                    } else {
                        others.insert(name.clone(), lines);
                    }
                } else if !waiting.contains(&player.id) {
                    restless = true;
                }
            }
            if !restless {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.players.get(own).is_some_and(|player| player.busy) {
            answer.push("(waits)".to_owned());
        }
        for (name, lines) in others {
            let lines = if lines.is_empty() {
                vec!["(done)".to_owned()]
            } else {
                lines
            };
            answer.extend(lines.into_iter().map(|line| format!("<{name}> {line}")));
        }
        answer
    }
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
