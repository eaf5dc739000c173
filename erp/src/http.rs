//! How do requests become calls, and answers bytes?

pub mod answer;
pub mod call;
pub mod cursor;
pub mod problem;
pub mod router;
pub mod server;
pub mod sign;
pub mod token;

pub use answer::Answer;
pub use call::{Call, Caller, Handler, Route};
pub use problem::Problem;
