//! Who is acting, and may they? One file per question.

mod check;
mod context;
mod fixed_roles;
mod token;

pub use check::{ChainLink, DemandColumns};
pub use context::{ContextMark, Frame, ActingAs, Origin, SecurityContext};
pub use fixed_roles::{database_role_grants, server_role_grants};
pub use token::{LoginToken, UserToken};
