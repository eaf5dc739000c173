//! Work on threads of its own: whoever is in a campaign waits for everybody else in it, its servers included, and every
//! change of thread costs more than most statements.

use std::future::Future;
use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::exit_code::Failure;

/// Bytes of stack: a server that reads nested statements runs on top of the campaign that sent them.
const STACK_BYTES: usize = 64 << 20;

/// Begins work on another thread, which ends with the scope.
pub(crate) fn begin<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, Failure> {
    let thread = Builder::new().stack_size(STACK_BYTES);
    thread
        .spawn_scoped(scope, work)
        .map_err(Failure::environment)
}

/// Begins work on another thread.
pub(crate) fn begin_alone(work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().stack_size(STACK_BYTES).spawn(work)
}

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
