//! What still runs when a request has been answered? Counted, so that somebody can wait for the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The count of jobs that are queued or running.
#[derive(Debug, Clone, Default)]
pub struct Background {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    pending: AtomicUsize,
    ended: Notify,
}

/// One job, from the moment that it is queued until it is dropped.
#[derive(Debug)]
pub struct Pending {
    shared: Arc<Shared>,
}

impl Background {
    /// Counts a job. Call it on the request's path, before the answer: whoever waits afterwards
    /// must see it.
    pub fn begin(&self) -> Pending {
        self.shared.pending.fetch_add(1, Ordering::SeqCst);
        Pending {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Waits until nothing is queued or running.
    pub async fn settled(&self) {
        loop {
            let ended = self.shared.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.shared.pending.load(Ordering::SeqCst) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.shared.pending.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.shared.ended.notify_waiters();
        }
    }
}
