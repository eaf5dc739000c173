//! Who is acting, and may they? One file per question.

mod check;
mod context;
mod fixed_roles;
mod token;

pub use check::{ChainLink, DemandColumns};
pub(crate) use check::{class_of, exists};
pub use context::{ActingAs, ContextMark, Frame, Origin, SecurityContext};

pub(crate) use token::sid_text;
pub use token::{LoginToken, UserToken};
