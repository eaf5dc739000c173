//! A stream that keeps a copy of what was read.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::io::{AsyncRead, AsyncWrite};

/// The copy, shared with whoever reads it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Vec<u8>>>);

/// More than this of one answer is not kept: the answer is then read with the driver alone.
const RECORDED_MAX: usize = 64 << 20;

impl Recording {
    /// Forgets what was recorded.
    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Looks at what was recorded; `None` when it was too much to keep.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() >= RECORDED_MAX {
            None
        } else {
            read(&bytes)
        }
    }

    fn append(&self, bytes: &[u8]) {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = RECORDED_MAX - recorded.len();
        recorded.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// A stream that records what is read from it.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    inner: S,
    recording: Recording,
}

impl<S> Tap<S> {
    pub(crate) fn new(inner: S) -> (Self, Recording) {
        let recording = Recording::default();
        (
            Self {
                inner,
                recording: recording.clone(),
            },
            recording,
        )
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(count)) = read {
            self.recording.append(&buffer[..count]);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(context)
    }
}
