//! One file a subcommand.

pub(crate) mod automatic;
pub(crate) mod bench;
pub(crate) mod catalogue;
pub(crate) mod judge;
pub(crate) mod keygen;
pub(crate) mod list;
pub(crate) mod package;
pub(crate) mod prove;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod seal;
pub(crate) mod selftest;
pub(crate) mod serve;
pub(crate) mod statements;
pub(crate) mod verify;
