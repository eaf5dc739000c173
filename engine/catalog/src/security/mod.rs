//! Who is acting, and may they? One file per question.

mod check;
mod context;
mod fixed_roles;
mod token;

pub(crate) use check::{class_of, exists};
pub use check::{ChainLink, DemandColumns};
pub use context::{ContextMark, Frame, ActingAs, Origin, SecurityContext};

pub use token::{LoginToken, UserToken};
