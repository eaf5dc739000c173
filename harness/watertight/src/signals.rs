//! What happens when the user presses Ctrl-C, or a build server loses patience?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::exit_code::{Exit, Failure};
use crate::progress::Progress;

/// The first signal ends the campaign after the case at hand, with a partial report; the second
/// ends the process.
pub(crate) fn stop_on_signal(progress: &Progress) -> Result<Arc<AtomicBool>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::new(AtomicBool::new(false));
    let listen = |kind| signal(kind).context("could not listen for signals");
    let mut interrupt = listen(SignalKind::interrupt()).map_err(Failure::environment)?;
    let mut terminate = listen(SignalKind::terminate()).map_err(Failure::environment)?;
    let stopping = Arc::clone(&stop);
    let line = progress.handle();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if stopping.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(Exit::Inconclusive as u8));
            }
            line.say("Stopping after the case at hand; once more to stop at once");
        }
    });
    Ok(stop)
}
