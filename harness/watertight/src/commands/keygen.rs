//! `watertight keygen`: a new key for sealing records.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use seal::keys::{SecretKey, grouped};

use crate::environment;
use crate::exit_code::{Exit, Failure};

/// `watertight keygen`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight keygen --out seal.key
  openssl pkey -in seal.key -pubout -outform DER | sha256sum      the same fingerprint, without this tool

Write the fingerprint down where those who verify will find it, and not beside the records. Whoever has the
file can seal in your name: keep it where the runner of the tests cannot read it.")]
pub(crate) struct KeygenArguments {
    /// Where the key is written, in PEM. The file must not be there yet; it is readable by you only.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn keygen(arguments: &KeygenArguments) -> Result<Exit, Failure> {
    let random = environment::entropy().map_err(Failure::environment)?;
    let key = SecretKey::new(&random);
    let shown = arguments.out.display();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(&arguments.out) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::usage(anyhow::anyhow!(
                "{shown} is there already; a key is never overwritten, because what it sealed could not be told any more"
            )));
        }
        Err(error) => {
            return Err(Failure::evidence(
                anyhow::Error::new(error).context(format!("could not make {shown}")),
            ));
        }
    };
    file.write_all(key.to_pem().as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("could not write {shown}"))
        .map_err(Failure::evidence)?;
    print(&format!(
        "Key          {shown}\nFingerprint  {}\n",
        grouped(&key.public().fingerprint())
    ));
    Ok(Exit::Held)
}

#[expect(clippy::print_stdout, reason = "it is the command's result")]
fn print(text: &str) {
    print!("{text}");
}
