//! Work on threads of its own: whoever is in a campaign waits for everybody else in it, its servers included, and every
//! change of thread costs more than most statements.

use std::future::Future;
use std::thread::ScopedJoinHandle;

use crate::exit_code::Failure;

/// Does work to its end on this thread, where nothing else runs.
///
/// # Errors
/// The work's, and when the machine refuses a runtime.
pub(crate) fn alone<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::environment)?;
    runtime.block_on(work)
}

/// What work on another thread came to; who panicked there does so here.
pub(crate) fn joined<T>(work: ScopedJoinHandle<'_, T>) -> T {
    work.join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
