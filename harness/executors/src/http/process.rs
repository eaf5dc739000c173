//! A service of the user's that the run starts, listens to and ends.

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connection::Trust;
use domain::api::history::LogLine;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

use super::document::Knock;
use super::error::HttpError;
use super::origin::Origin;

/// Bytes of a line that are kept, and lines until they are taken.
const LINE_MAX: usize = 16_384;
const LINES_MAX: usize = 20_000;
/// Lines that are shown when it does not come up.
const LINES_SHOWN: usize = 10;
const PAUSE: Duration = Duration::from_millis(50);
/// How long it may take to end by itself when asked to.
const FAREWELL: Duration = Duration::from_secs(3);

/// How a service is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments, in order.
    pub line: Vec<String>,
    /// Where it is started; the run's own folder without one.
    pub folder: Option<PathBuf>,
    /// Variables beside those of the run.
    pub environment: Vec<(String, String)>,
    /// How long it may take until the base URL answers.
    pub wait: Duration,
}

/// A service that was started. It ends when this is dropped, with everything that it started.
pub struct Process {
    child: Child,
    /// Number of its group, which outlasts it when what it started does.
    group: Option<u32>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

impl Process {
    /// Starts a service and waits until its base URL answers anything.
    pub async fn start(
        command: &Command,
        base_url: &str,
        trust: &Trust,
    ) -> Result<Self, HttpError> {
        let shown = command.line.join(" ");
        let failed = |reason: String| HttpError::Start {
            command: shown.clone(),
            reason,
        };
        Origin::parse(base_url)?;
        let knock = Knock::new(base_url, trust).await?;
        if knock.is_answered().await {
            return Err(failed(format!(
                "something else answers at {base_url} already"
            )));
        }
        let (program, arguments) = command
            .line
            .split_first()
            .ok_or_else(|| failed("it is empty".to_owned()))?;
        let mut starting = tokio::process::Command::new(program);
        starting
            .args(arguments)
            .envs(command.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(folder) = &command.folder {
            starting.current_dir(folder);
        }
        // A group of its own, so that what it starts can be ended with it.
        #[cfg(unix)]
        starting.process_group(0);
        let mut child = starting
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        if let Some(output) = child.stdout.take() {
            tokio::spawn(listen(output, Arc::clone(&lines)));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(listen(output, Arc::clone(&lines)));
        }
        let group = child.id();
        let mut process = Self {
            child,
            group,
            lines,
        };
        let what = process.until_up(&knock, command.wait).await;
        match what {
            None => Ok(process),
            Some(what) => {
                // What it wrote last may still be on its way.
                tokio::time::sleep(PAUSE).await;
                let mut lines = std::mem::take(&mut *kept(&process.lines));
                lines.drain(..lines.len().saturating_sub(LINES_SHOWN));
                process.end().await;
                Err(HttpError::NotUp {
                    command: shown,
                    what,
                    lines,
                })
            }
        }
    }

    /// `None` when it answers; what it did otherwise.
    async fn until_up(&mut self, knock: &Knock, wait: Duration) -> Option<String> {
        let up = async {
            loop {
                if let Ok(Some(status)) = self.child.try_wait() {
                    return Some(format!("ended at once ({status})"));
                }
                if knock.is_answered().await {
                    return None;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        match tokio::time::timeout(wait, up).await {
            Ok(what) => what,
            Err(_) => Some(format!("did not answer within {} s", wait.as_secs())),
        }
    }

    /// What it wrote since it was last asked, as seen after `step`. Lines of its two outputs come in
    /// the order in which they were read.
    pub fn take_lines(&self, step: usize) -> Vec<LogLine> {
        let lines = std::mem::take(&mut *kept(&self.lines));
        let lines = lines.into_iter();
        lines.map(|text| LogLine { step, text }).collect()
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end, and ends it when it does not.
    pub async fn end(mut self) {
        signal(self.group, Signal::Ask);
        let _ = tokio::time::timeout(FAREWELL, self.child.wait()).await;
        // Its children may be there still.
        signal(self.group, Signal::Kill);
        let _ = self.child.start_kill();
        let _ = self.child.wait().await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        signal(self.group, Signal::Kill);
    }
}

enum Signal {
    Ask,
    Kill,
}

#[cfg(unix)]
fn signal(group: Option<u32>, signal: Signal) {
    use rustix::process::{Pid, Signal as Unix, kill_process_group};
    let signal = match signal {
        Signal::Ask => Unix::TERM,
        Signal::Kill => Unix::KILL,
    };
    let number = group.and_then(|group| i32::try_from(group).ok());
    if let Some(group) = number.and_then(Pid::from_raw) {
        // A group that is gone needs no signal.
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
fn signal(_: Option<u32>, _: Signal) {
    // There are no groups; dropping the child ends it.
}

fn kept(lines: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    // Lines are added whole, so whoever panicked left whole ones.
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(mut output: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>) {
    let mut line = Vec::new();
    let mut chunk = [0; 4_096];
    let keep = |line: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches('\r').to_owned();
        line.clear();
        let mut lines = kept(&lines);
        if lines.len() < LINES_MAX {
            lines.push(text);
        }
    };
    // Read to its end even when nobody keeps the lines: a full pipe would stop the service.
    while let Ok(count) = output.read(&mut chunk).await {
        if count == 0 {
            break;
        }
        for byte in &chunk[..count] {
            if *byte == b'\n' {
                keep(&mut line);
            } else if line.len() < LINE_MAX {
                line.push(*byte);
            }
        }
    }
    if !line.is_empty() {
        keep(&mut line);
    }
}
