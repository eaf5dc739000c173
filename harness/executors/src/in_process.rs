//! What a service that runs in this process lets its driver do beside sending requests.

use std::future::Future;
use std::pin::Pin;

/// A service that runs in this process.
pub trait InProcess: Send + Sync {
    /// Waits until it has done what it was asked to, background work included.
    fn settle(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Forgets what it keeps of its database, which was put back to an earlier state.
    fn forget(&self);

    /// The lines of its log since the last time.
    fn take_log(&self) -> Vec<String>;
}
