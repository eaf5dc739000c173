//! `watertight seal`: work the verdict out again, and sign the record if it is the one that it says.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use clap::Args;
use record::bundle::{Bundle, Files, load};
use record::manifest::CHECKPOINT;
use reports::hostile::console_line;
use seal::keys::{PublicKey, SecretKey, Signer, grouped};
use seal::run_log::{self, LogError, RunLog};
use seal::sealing::{self, Added, SealError};
use seal::timestamp;

use crate::environment;
use crate::exit_code::{Exit, Failure};
use crate::recording::views;

/// `watertight seal`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight seal watertight.out --key seal.key
  watertight seal watertight.out --key seal.key --log runs/        and enter the run into a log of runs
  watertight seal watertight.out --public-key seal.pub.pem \\
      --sign-command 'openssl pkeyutl -sign -rawin -inkey /media/card/seal.key -in {file}'

  watertight seal watertight.out --key seal.key --timestamp-command \
      'curl -sf --data-binary @{query} -H Content-Type:application/timestamp-query -o {reply} https://tsa.example/'

Seal in another job than the one that ran, under another identity: whoever runs should not be able to sign.
The command that signs finds the bytes in the file that {file} stands for, or on its standard input where there
is no {file}; it prints the signature of Ed25519, 64 bytes as they are or in base64. The command that asks a
time-stamping authority (RFC 3161) about the signed checkpoint finds the question in {query} and writes the answer
to {reply}; `verify --tsa-ca` checks it.

Exit codes: 0 sealed · 1 refused: the record does not hold what it says · 3 usage · 4 environment · 5 could not
be written")]
pub(crate) struct SealArguments {
    /// The folder of a finished run.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The key, as `watertight keygen` makes it.
    #[arg(long, value_name = "FILE", required_unless_present = "sign_command")]
    key: Option<PathBuf>,
    /// A command that signs, for keys that lie elsewhere.
    #[arg(
        long,
        value_name = "COMMAND",
        conflicts_with = "key",
        requires = "public_key"
    )]
    sign_command: Option<String>,
    /// The public key, in PEM, of the command that signs.
    #[arg(long, value_name = "FILE.pem", requires = "sign_command")]
    public_key: Option<PathBuf>,
    /// The folder of a log of runs, which is made when it is not there: numbers without gaps show that no run was
    /// dropped.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
    /// A command that asks a time-stamping authority: it sends {query} and writes what comes back to {reply}.
    #[arg(long, value_name = "COMMAND")]
    timestamp_command: Option<String>,
}

pub(crate) fn seal(arguments: &SealArguments) -> Result<Exit, Failure> {
    let mut signer = signer(arguments)?;
    let mut files = load(&arguments.bundle).map_err(Failure::usage)?;
    let views = |record: &record::Record| views(record).map_err(|error| format!("{error:#}"));
    let bundle = Bundle::new(&arguments.bundle);
    // The log's files must be there when the sums are made, and must not when the record is refused.
    let entered = match &arguments.log {
        Some(folder) => Some(enter(folder, &files, signer.as_mut())?),
        None => None,
    };
    let sealed = sealing::seal(&files, signer.as_mut(), &views).map(|added| {
        let Some((_, log)) = &entered else {
            return added;
        };
        files.extend(log.iter().cloned());
        sealing::with_sums(&files, log.iter().cloned().chain(added))
    });
    let added = match sealed {
        Ok(added) => added,
        Err(SealError::Refused(problems)) => {
            print(&format!("REFUSED  {}\n", arguments.bundle.display()));
            for problem in problems {
                print(&format!("         {}\n", console_line(&problem)));
            }
            return Ok(Exit::Violated);
        }
        Err(error @ SealError::Sealed) => return Err(Failure::usage(error)),
        Err(error @ SealError::Signer(_)) => return Err(Failure::environment(error)),
    };
    let added = match &arguments.timestamp_command {
        None => added,
        Some(command) => {
            let stamp = stamped(command, &added).map_err(Failure::environment)?;
            sealing::with_sums(&files, added.into_iter().chain(stamp))
        }
    };
    if let (Some((log, _)), Some(folder)) = (&entered, &arguments.log) {
        keep(folder, log).map_err(Failure::evidence)?;
    }
    for (path, bytes) in &added {
        bundle.write_raw(path, bytes).map_err(Failure::evidence)?;
    }
    print(&format!(
        "Sealed       {}\nFingerprint  {}\n",
        arguments.bundle.display(),
        grouped(&signer.public().fingerprint())
    ));
    if let Some((log, _)) = &entered {
        let number = record::bundle::lines_of(&log.lines).count();
        print(&format!("Run number   {number}\n"));
    }
    Ok(Exit::Held)
}

fn signer(arguments: &SealArguments) -> Result<Box<dyn Signer>, Failure> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))
            .map_err(Failure::usage)
    };
    let of = |path: &Path, error| {
        Failure::usage(anyhow::Error::new(error).context(format!("{}", path.display())))
    };
    match (
        &arguments.key,
        &arguments.sign_command,
        &arguments.public_key,
    ) {
        (Some(path), _, _) => {
            let key = SecretKey::from_pem(&read(path)?).map_err(|error| of(path, error))?;
            Ok(Box::new(key))
        }
        (None, Some(command), Some(path)) => {
            let public = PublicKey::from_pem(&read(path)?).map_err(|error| of(path, error))?;
            Ok(Box::new(Commanded {
                command: command.clone(),
                public,
            }))
        }
        _ => Err(Failure::usage(anyhow::anyhow!(
            "name a key with --key, or a command with --sign-command and its --public-key"
        ))),
    }
}

/// A key that only a command can use.
struct Commanded {
    command: String,
    public: PublicKey,
}

impl Signer for Commanded {
    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, String> {
        let signed = self.run(message).map_err(|error| format!("{error:#}"))?;
        if signed.len() == 64 {
            return Ok(signed);
        }
        let text = String::from_utf8_lossy(&signed);
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(text.split_whitespace().collect::<String>())
            .ok()
            .filter(|signature| signature.len() == 64)
            .ok_or_else(|| {
                format!(
                    "the command printed {} bytes, neither a signature of 64 bytes nor one in base64",
                    signed.len()
                )
            })
    }

    fn public(&self) -> PublicKey {
        self.public.clone()
    }
}

impl Commanded {
    fn run(&self, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let folder = environment::temporary_folder("seal")?;
        let file = folder.join("message");
        let signed = std::fs::write(&file, message)
            .context("could not write what is to be signed")
            .and_then(|()| self.ask(&file, message));
        let _ = std::fs::remove_dir_all(&folder);
        signed
    }

    fn ask(&self, file: &Path, message: &[u8]) -> anyhow::Result<Vec<u8>> {
        let command = self.command.replace("{file}", &file.display().to_string());
        let mut child = Command::new("sh")
            .args(["-c", &command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start the command that signs")?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads the file closes its input, which is no failure.
            let _ = stdin.write_all(message);
        }
        let output = child
            .wait_with_output()
            .context("the command that signs could not be waited for")?;
        anyhow::ensure!(
            output.status.success(),
            "the command that signs ended with {}",
            output.status
        );
        Ok(output.stdout)
    }
}

/// The question about the signed checkpoint, and what an authority answers, as files of the bundle.
fn stamped(command: &str, added: &Added) -> anyhow::Result<Added> {
    let checkpoint = added.iter().find(|(path, _)| path == CHECKPOINT);
    let (_, checkpoint) = checkpoint.context("the seal has no checkpoint")?;
    let query = timestamp::query(checkpoint);
    let folder = environment::temporary_folder("timestamp")?;
    let reply = asked(command, &folder, &query);
    let _ = std::fs::remove_dir_all(&folder);
    let reply = reply?;
    anyhow::ensure!(
        timestamp::is_about(&reply, checkpoint),
        "what the command that asks for a timestamp wrote is no answer about this record"
    );
    Ok(vec![
        (timestamp::QUERY.to_owned(), query),
        (timestamp::REPLY.to_owned(), reply),
    ])
}

fn asked(command: &str, folder: &Path, query: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (question, answer) = (folder.join("query.tsq"), folder.join("reply.tsr"));
    std::fs::write(&question, query).context("could not write the question for the authority")?;
    let command = command
        .replace("{query}", &question.display().to_string())
        .replace("{reply}", &answer.display().to_string());
    let status = Command::new("sh")
        .args(["-c", &command])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("could not start the command that asks for a timestamp")?;
    anyhow::ensure!(
        status.success(),
        "the command that asks for a timestamp ended with {status}"
    );
    std::fs::read(&answer)
        .context("the command that asks for a timestamp wrote no answer to {reply}")
}

/// The log of runs with this run in it, and what the bundle gets of it.
fn enter(
    folder: &Path,
    files: &Files,
    signer: &mut dyn Signer,
) -> Result<(RunLog, Added), Failure> {
    let read = |name: &str| match std::fs::read(folder.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::environment(anyhow::Error::new(error).context(
            format!("could not read {name} of the log in {}", folder.display()),
        ))),
    };
    let checkpoint = read("run-log.checkpoint")?;
    let log = RunLog {
        lines: read("run-log.jsonl")?.unwrap_or_default(),
        checkpoint: checkpoint.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    };
    // A log is the key's: whoever holds another cannot continue it.
    let origin = format!("watertight/runs/{}", &signer.public().fingerprint()[..16]);
    run_log::append(&log, &origin, files, signer).map_err(|error| match error {
        LogError::Signer(_) => Failure::environment(error),
        LogError::Changed(_) | LogError::Known(_) | LogError::Record(_) => Failure::usage(error),
    })
}

fn keep(folder: &Path, log: &RunLog) -> anyhow::Result<()> {
    let write = |name: &str, bytes: &[u8]| -> anyhow::Result<()> {
        let path = folder.join(name);
        let partial = folder.join(format!("{name}.partial"));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&partial, bytes))
            .and_then(|()| std::fs::rename(&partial, &path))
            .with_context(|| format!("could not write {}", path.display()))
    };
    write("run-log.jsonl", &log.lines)?;
    write(
        "run-log.checkpoint",
        log.checkpoint.as_deref().unwrap_or_default().as_bytes(),
    )
}

#[expect(clippy::print_stdout, reason = "it is the command's result")]
fn print(text: &str) {
    print!("{text}");
}
