//! The embedded SQL-Server-dialect server: sessions, batches, transactions, modules.
//!
//! # How to use
//!
//! [`Server::new`] makes an instance; [`Server::login`] proves a password and gives a [`Session`];
//! [`Session::execute_batch`] runs one batch and tells a [`ResponseSink`] everything that a client
//! of the real server would be told, in the same order. [`Server::snapshot`] and
//! [`Server::restore`] cost a pointer copy each.
//!
//! # What lives where
//!
//! | file | question |
//! |---|---|
//! | `server.rs`, `registry.rs` | what do all sessions share, and who is connected? |
//! | `session.rs`, `rpc.rs` | what may a connected client ask for? |
//! | `statements.rs` | which statements ran? |
//! | `response.rs` | what is a client told? |
//! | `batch.rs`, `control_flow.rs` | in which order do statements run? |
//! | `failure.rs` | how far does an error reach? |
//! | `transactions.rs` | what is kept and what is undone? |
//! | `locks.rs`, `waiting.rs` | who waits for whom, and what does a statement do about it? |
//! | `procedures.rs`, `dynamic.rs`, `functions.rs`, `triggers.rs` | how does a module or a string run? |
//! | `definitions.rs` | which function of the catalog answers a definition? |
//! | `administration.rs` | who may run what this server does not carry out? |
//! | `system_procedures.rs` | what do the `sp_` procedures do? |
//! | `endpoint.rs` | how does all this reach a socket? |

mod administration;
mod backups;
mod batch;
mod compile;
mod context;
mod control_flow;
mod ddl_triggers;
mod definitions;
mod dynamic;
mod endpoint;
mod environment;
mod failure;
mod functions;
mod insert_execute;
mod limits;
mod locks;
mod login;
mod output;
mod parsed;
mod procedures;
mod raise;
mod registry;
mod response;
mod rpc;
mod runtime;
mod scopes;
mod server;
mod session;
mod statements;
mod system_procedures;
mod transactions;
mod triggers;
mod variables;
mod waiting;

pub use catalog::Touched;
pub use endpoint::{ConnectionFailure, Endpoint, EndpointOptions, Tls};
pub use environment::{LogicalEnvironment, ServerEnvironment, WallEnvironment};
pub use limits::{INTERNAL_ERROR, LIMIT_REACHED, Limits};
pub use login::{LoginRefused, LoginRequest};
pub use response::{Command, Done, DoneKind, EnvironmentChange, OutputParameter, ResponseSink};
pub use rpc::{RpcParameter, RpcProcedure, RpcRequest, TransactionRequest};
pub use runtime::CancelHandle;
pub use server::{Server, ServerOptions, Snapshot};
pub use session::{ResetTransaction, Session};
