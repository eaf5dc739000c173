//! `watertight package`: what a customer's technical review asks for, from one verified record.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use record::Record;
use record::bundle::load;
use seal::verifying::{Expectations, Outcome, verify};

use crate::exit_code::{Exit, Failure};
use crate::recording::views;

/// `watertight package`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight package watertight.out -o review

The folder gets a page to begin with, the posture table, answers for questionnaires, the provisioning
architecture, the contract as far as it was reached, and the whole record below evidence/, which
`watertight verify` checks. A record that does not verify is not packed.")]
pub(crate) struct PackageArguments {
    /// The folder of a finished run.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The folder to make.
    #[arg(long, short, value_name = "DIR", default_value = "watertight.review")]
    output: PathBuf,
}

/// Makes the package.
pub(crate) fn package(arguments: &PackageArguments) -> Result<Exit, Failure> {
    let files = load(&arguments.bundle).map_err(Failure::usage)?;
    let checked = verify(&files, &Expectations::default(), &|record| {
        views(record).map_err(|error| format!("{error:#}"))
    });
    if checked.outcome() == Outcome::Failed {
        return Err(Failure::evidence(anyhow::anyhow!(
            "{} does not verify, so nothing is packed; `watertight verify` says what differs",
            arguments.bundle.display()
        )));
    }
    let record = Record::read(&files)
        .with_context(|| format!("could not read {}", arguments.bundle.display()))
        .map_err(Failure::usage)?;
    if arguments.output.exists() {
        return Err(Failure::usage(anyhow::anyhow!(
            "{} is there already; name another folder with -o",
            arguments.output.display()
        )));
    }
    for (path, bytes) in reports::package::documents(&record) {
        write(&arguments.output, &path, &bytes)?;
    }
    for (path, bytes) in &files {
        write(
            &arguments.output,
            &format!("{}{path}", reports::package::EVIDENCE),
            bytes,
        )?;
    }
    Ok(Exit::Held)
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let whole = folder.join(path);
    let written = whole
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&whole, bytes));
    written
        .with_context(|| format!("could not write {}", whole.display()))
        .map_err(Failure::evidence)
}
