//! A service that is started by the run ends with it.
#![cfg(target_os = "linux")]

use std::time::Duration;

use connection::Trust;
use executors::http::{Command, HttpError, Process};

use crate::server::{Reply, response, serve};

fn command(script: &str) -> Command {
    Command {
        line: vec!["sh".into(), "-c".into(), script.into()],
        folder: None,
        environment: vec![("GREETING".into(), "hello".into())],
        wait: Duration::from_millis(700),
    }
}

#[tokio::test]
async fn a_command_that_ends_or_never_answers_is_told_with_its_last_lines() {
    let url = "http://127.0.0.2:9";
    for (script, expected) in [
        (
            "echo $GREETING; echo no database >&2; exit 3",
            ["ended at once (exit status: 3)", "no database"],
        ),
        (
            "echo $GREETING; sleep 60",
            ["did not answer within 0 s", "hello"],
        ),
    ] {
        let error = Process::start(&command(script), url, &Trust::System).await;
        let text = error.expect_err("it is never up").to_string();
        for part in expected {
            assert!(text.contains(part), "{text}");
        }
    }
    let nothing = Command {
        line: vec!["no-such-program-anywhere".into()],
        ..command("")
    };
    let error = Process::start(&nothing, url, &Trust::System).await;
    assert!(matches!(error, Err(HttpError::Start { .. })));
}

#[tokio::test]
async fn what_answers_already_is_not_taken_for_the_command() {
    let (url, _) = serve(|_| Reply::Keep(response("404 Not Found", "", b""))).await;
    let error = Process::start(&command("sleep 60"), &url, &Trust::System).await;
    let text = error.expect_err("somebody else is there").to_string();
    assert!(text.contains("something else answers at"), "{text}");
}

#[tokio::test]
async fn what_the_command_started_ends_with_it() {
    let script = "sleep 300 & echo $!; wait";
    let error = Process::start(&command(script), "http://127.0.0.2:9", &Trust::System).await;
    let Err(HttpError::NotUp { lines, .. }) = error else {
        panic!("it is never up");
    };
    let child = lines.first().expect("the number of the child").trim();
    // Gone, or dead and not yet buried by whoever inherits it.
    let is_dead = || {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z ") || stat.contains(") X "))
    };
    let ended = async {
        while !is_dead() {
            tokio::task::yield_now().await;
        }
    };
    let bound = tokio::time::timeout(Duration::from_secs(5), ended);
    assert!(bound.await.is_ok(), "the child {child} is still there");
}
