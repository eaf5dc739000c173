//! Does the engine behave as SQL Server does? Recorded dialogues, and a table of known facts.

#![expect(unreachable_pub, reason = "the modules of a test have no outside")]

mod facts;
mod history;
mod hostile;
mod masks;
mod policies;
mod requests;
mod scripts;
mod support;
mod touched;
