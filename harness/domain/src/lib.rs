//! The nouns of the harness. Pure data: no async, no time, no randomness, nothing of ours below.
//!
//! Read in this order to learn the tool: [`system`] (what is under test, as declared),
//! [`world`] (the tenants and what was planted in them), [`surface`] (what can be attacked),
//! [`case`](mod@case) (what is tried), [`history`] (what happened), [`outcome`], [`finding`] and [`cause`]
//! (what it means), [`inspection`] (what is looked at instead of attacked), [`control`] and
//! [`verdict`] (what it proves), [`event`] (what a campaign
//! announces), [`journal`] (what is kept of each case). The API plane has its own case and history: [`api`].

pub mod api;
pub mod canary;
pub mod case;
pub mod cause;
pub mod control;
pub mod event;
pub mod example;
pub mod feature;
pub mod finding;
pub mod gate;
pub mod history;
pub mod inspection;
pub mod intent;
pub mod journal;
pub mod outcome;
pub mod own;
pub mod seed;
pub mod selftest;
pub mod surface;
pub mod system;
pub mod verdict;
pub mod world;
