//! The nouns of the API plane: what a service declares ([`service`]), what is asked of it
//! ([`request`]), in which order and why ([`case`](mod@case)), and what it answered and did
//! ([`history`]).
//!
//! A case names earlier answers symbolically, never by value: `{{step 2 /id}}` is the value at that
//! JSON pointer of step 2's answer, `{{step 2 header Location}}` a header of it, and
//! `{{step 2 tail Location}}` the last path segment of that header. Steps count from 1. In a JSON
//! body a string that is one reference and nothing else becomes the value itself, so that a number
//! stays a number. `{{own K}}` is the variable `K` of the caller's tenant, `{{of NAME K}}` that of
//! the tenant called NAME.

pub mod case;
pub mod history;
pub mod missing;
mod octets;
pub mod request;
pub mod service;
