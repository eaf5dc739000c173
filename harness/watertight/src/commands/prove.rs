//! `watertight prove`: one case of a sealed record, provable without the others.

use std::path::PathBuf;

use clap::Args;
use record::bundle::load;
use seal::proof::{ProofError, prove as prove_case};

use crate::exit_code::{Exit, Failure};
use crate::output::write_file;

/// `watertight prove`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight prove watertight.out fuzz-12 > fuzz-12.tlog-proof
  watertight prove watertight.out shared-database-api/races-3 --out races-3.tlog-proof
  watertight verify --proof races-3.tlog-proof --key watertight.out/keys/seal.pub.pem --key-fingerprint F

The proof holds the case's own line and hashes of the others, nothing else of them. It proves something to
others only when the record is sealed.")]
pub(crate) struct ProveArguments {
    /// The folder of a finished run.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The case, such as fuzz-12; with the campaign and a slash before it where several have it.
    #[arg(value_name = "CASE")]
    case: String,
    /// Where the proof is written instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn prove(arguments: &ProveArguments) -> Result<Exit, Failure> {
    let files = load(&arguments.bundle).map_err(Failure::usage)?;
    let proof = prove_case(&files, &arguments.case).map_err(|error| match error {
        ProofError::Bundle(_) => Failure::environment(error),
        _ => Failure::usage(error),
    })?;
    match &arguments.out {
        Some(path) => write_file(path, &proof.text()).map_err(Failure::evidence)?,
        None => print(&proof.text()),
    }
    Ok(Exit::Held)
}

#[expect(clippy::print_stdout, reason = "the proof is the command's result")]
fn print(text: &str) {
    print!("{text}");
}
