//! A service that is kind, odd or hostile, and what is recorded of it.

mod answers;
mod hooks;
mod processes;
mod server;
mod sessions;
mod transport;
