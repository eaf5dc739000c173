//! Seals a bundle of evidence, and verifies one offline. The signer is not the runner: a run leaves an unsigned
//! bundle, and whoever seals it works the verdict out again from its records first.
//!
//! Read [`keys`] (Ed25519 in the forms that openssl has), [`dsse`] (what exactly is signed), [`statement`] (what
//! is claimed), [`sealing`], [`verifying`] (everything that can be checked without anybody's help), [`proof`] (one
//! case without the others), [`run_log`] (that no run was dropped), [`timestamp`] (when, as an outsider says).

pub mod dsse;
pub mod keys;
pub mod proof;
pub mod run_log;
pub mod sealing;
pub mod statement;
pub mod timestamp;
pub mod verifying;
