//! `watertight verify`: check a record offline, and say what differs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use clap::Args;
use record::bundle::{Files, load};
use record::manifest::CHECKPOINT;
use reports::hostile::console_line;
use seal::keys::{PublicKey, fingerprint};
use seal::proof::Proof;
use seal::timestamp;
use seal::verifying::{Expectations, Outcome, Report, StepOutcome, verify as verify_bundle};

use crate::environment;
use crate::exit_code::{Exit, Failure};
use crate::recording::views;

/// `watertight verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight verify watertight.out --key-fingerprint 'c1d2e3f4 …'
  watertight verify watertight.out --key-fingerprint F --previous last-month.checkpoint
  watertight verify watertight.out --key-fingerprint F --tsa-ca authority.pem
  watertight verify --proof case.tlog-proof --key seal.pub.pem --key-fingerprint F

Take the fingerprint from another place than the record. The checkpoint for --previous is the file
log/run-log.checkpoint of an earlier record.

Exit codes: 0 VERIFIED · 1 FAILED · 2 VERIFIED-WITH-WARNINGS, such as no fingerprint · 3 usage")]
pub(crate) struct VerifyArguments {
    /// The folder of a run.
    #[arg(value_name = "BUNDLE", required_unless_present = "proof")]
    bundle: Option<PathBuf>,
    /// The fingerprint of the key that must have sealed it, as `watertight keygen` printed it.
    #[arg(long, value_name = "FINGERPRINT", value_parser = parse_fingerprint)]
    key_fingerprint: Option<String>,
    /// A checkpoint of the log of runs, from an earlier record: the log may only have grown since.
    #[arg(long, value_name = "FILE", conflicts_with = "proof")]
    previous: Option<PathBuf>,
    /// Certificates, in PEM, of the time-stamping authority that must have stamped the seal. openssl checks it.
    #[arg(long, value_name = "FILE.pem", conflicts_with = "proof")]
    tsa_ca: Option<PathBuf>,
    /// A proof of one case, as `watertight prove` makes it, instead of a whole record.
    #[arg(long, value_name = "FILE", conflicts_with = "bundle", requires = "key")]
    proof: Option<PathBuf>,
    /// The key that signed the proof, in PEM.
    #[arg(long, value_name = "FILE.pem", requires = "proof")]
    key: Option<PathBuf>,
}

fn parse_fingerprint(text: &str) -> Result<String, String> {
    fingerprint(text).ok_or_else(|| "a fingerprint has 64 hexadecimal digits".to_owned())
}

pub(crate) fn verify(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    if let (Some(proof), Some(key)) = (&arguments.proof, &arguments.key) {
        return verify_proof(proof, key, arguments.key_fingerprint.as_deref());
    }
    let folder = arguments
        .bundle
        .as_ref()
        .context("name the folder of a run")
        .map_err(Failure::usage)?;
    let files = load(folder).map_err(Failure::usage)?;
    let expected = Expectations {
        fingerprint: arguments.key_fingerprint.clone(),
        previous: arguments.previous.as_deref().map(read).transpose()?,
    };
    let mut report = verify_bundle(&files, &expected, &|record| {
        views(record).map_err(|error| format!("{error:#}"))
    });
    if let Some(authority) = &arguments.tsa_ca {
        let (detail, problems) = stamped(&files, authority)?;
        report.step("time", &detail, problems);
    }
    show(&report);
    print(&format!(
        "{}  {}\n",
        report.outcome().word(),
        folder.display()
    ));
    Ok(exit(report.outcome()))
}

/// Whether an authority with one of these certificates stamped the checkpoint, and when: openssl's word.
fn stamped(files: &Files, authority: &Path) -> Result<(String, Vec<String>), Failure> {
    let (Some(reply), Some(checkpoint)) = (files.get(timestamp::REPLY), files.get(CHECKPOINT))
    else {
        let problem = format!(
            "{} is missing: nobody stamped this record",
            timestamp::REPLY
        );
        return Ok((String::new(), vec![problem]));
    };
    let folder = environment::temporary_folder("timestamp").map_err(Failure::environment)?;
    let told = (|| -> anyhow::Result<_> {
        let (stamp, data) = (folder.join("reply.tsr"), folder.join("checkpoint"));
        std::fs::write(&stamp, reply)
            .and_then(|()| std::fs::write(&data, checkpoint))
            .context("could not write what openssl is to check")?;
        let openssl = |arguments: &[&std::ffi::OsStr]| {
            Command::new("openssl")
                .arg("ts")
                .args(arguments)
                .stdin(Stdio::null())
                .output()
                .context("openssl, which checks timestamps, could not be started; install it, or leave --tsa-ca out")
        };
        let checked = openssl(&[
            "-verify".as_ref(),
            "-data".as_ref(),
            data.as_ref(),
            "-in".as_ref(),
            stamp.as_ref(),
            "-CAfile".as_ref(),
            authority.as_ref(),
        ])?;
        let text = openssl(&[
            "-reply".as_ref(),
            "-in".as_ref(),
            stamp.as_ref(),
            "-text".as_ref(),
        ])?;
        Ok((checked, String::from_utf8_lossy(&text.stdout).into_owned()))
    })();
    let _ = std::fs::remove_dir_all(&folder);
    let (checked, text) = told.map_err(Failure::environment)?;
    let problems = if checked.status.success() {
        Vec::new()
    } else {
        let why = String::from_utf8_lossy(&checked.stderr);
        let why = why.lines().rev().find(|line| line.contains("error"));
        let why = why.unwrap_or("openssl did not say why");
        vec![format!(
            "{} does not hold under {}: {why}",
            timestamp::REPLY,
            authority.display()
        )]
    };
    let time = text
        .lines()
        .find_map(|line| line.strip_prefix("Time stamp: "));
    let detail = format!(
        "sealed before {}, as the authority says",
        time.unwrap_or("an unknown time")
    );
    Ok((detail, problems))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))
        .map_err(Failure::usage)
}

fn verify_proof(proof: &Path, key: &Path, expected: Option<&str>) -> Result<Exit, Failure> {
    let shown = proof.display().to_string();
    let public = PublicKey::from_pem(&read(key)?)
        .with_context(|| key.display().to_string())
        .map_err(Failure::usage)?;
    let mut report = Report::default();
    match expected {
        Some(expected) if expected == public.fingerprint() => {
            report.step("key", "the expected one", Vec::new());
        }
        Some(_) => report.fail(
            "key",
            vec![format!("{} is not the expected key", key.display())],
        ),
        None => report.warn(
            "key",
            vec!["NO FINGERPRINT WAS GIVEN: whose key that is, nobody has said".to_owned()],
        ),
    }
    match Proof::parse(&read(proof)?).and_then(|proof| proof.check(Some(&public)).map(|()| proof)) {
        Ok(proof) => {
            let checkpoint = &proof.note.checkpoint;
            let detail = format!(
                "leaf {} of {} of {}",
                proof.index, checkpoint.size, checkpoint.origin
            );
            report.step("proof", &detail, Vec::new());
            print(&format!(
                "case     {}\n",
                console_line(&String::from_utf8_lossy(&proof.line))
            ));
        }
        Err(error) => report.fail("proof", vec![error.to_string()]),
    }
    show(&report);
    print(&format!("{}  {shown}\n", report.outcome().word()));
    Ok(exit(report.outcome()))
}

fn exit(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Verified => Exit::Held,
        Outcome::Warnings => Exit::Inconclusive,
        Outcome::Failed => Exit::Violated,
    }
}

fn show(report: &Report) {
    for step in &report.steps {
        let (word, lines) = match &step.outcome {
            StepOutcome::Passed(detail) => ("ok     ", vec![detail.clone()]),
            StepOutcome::Warning(lines) => ("WARNING", lines.clone()),
            StepOutcome::Failed(lines) => ("FAILED ", lines.clone()),
        };
        for line in lines {
            print(&format!("{word}  {}: {}\n", step.name, console_line(&line)));
        }
    }
}

#[expect(clippy::print_stdout, reason = "it is the command's result")]
fn print(text: &str) {
    print!("{text}");
}
