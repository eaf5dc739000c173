//! The command line of Watertight: the only place that sees clock, entropy, environment and
//! terminal.

mod args;
mod attack;
mod beside;
mod campaigns;
mod case_files;
mod commands;
mod context;
mod embedded;
mod environment;
mod exit_code;
mod export;
mod gating;
mod output;
mod planted;
mod preparation;
mod progress;
mod recording;
mod reference_erp;
mod selftest;
mod service;
mod signals;
mod threads;

use std::process::ExitCode;

use clap::Parser as _;
use reports::hostile::console_text;

use crate::args::{Arguments, Command};
use crate::exit_code::{Exit, Failure};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap exits with 2, which means inconclusive here.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Held.into()
            };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::environment(error)),
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(exit) => exit.into(),
        Err(failure) => report(&failure),
    }
}

async fn dispatch(arguments: Arguments) -> Result<Exit, Failure> {
    let colour = progress::colour(arguments.color);
    match arguments.command {
        Command::Run(arguments) => commands::run::run(arguments, colour).await,
        Command::Replay(arguments) => commands::replay::replay(arguments, colour).await,
        Command::Judge(arguments) => commands::judge::judge(&arguments),
        Command::List(arguments) => commands::list::list(&arguments).await,
        Command::Selftest(arguments) => commands::selftest::selftest(arguments, colour).await,
        Command::Serve(arguments) => commands::serve::serve(arguments).await,
        Command::Bench(arguments) => commands::bench::bench(arguments).await,
        Command::Keygen(arguments) => commands::keygen::keygen(&arguments),
        Command::Seal(arguments) => commands::seal::seal(&arguments),
        Command::Verify(arguments) => commands::verify::verify(&arguments),
        Command::Prove(arguments) => commands::prove::prove(&arguments),
        Command::Report(arguments) => commands::report::report(&arguments),
        Command::Package(arguments) => commands::package::package(&arguments),
        Command::Schema(arguments) => commands::list::schema(&arguments),
    }
}

/// Prints an error with its causes, each on a line of its own. What a target or a file said may be among it, so no
/// line is one that a terminal or a build server obeys.
#[expect(clippy::print_stderr, reason = "errors go to standard error")]
fn report(failure: &Failure) -> ExitCode {
    eprint!("error: {}", console_text(&failure.error.to_string()));
    for cause in failure.error.chain().skip(1) {
        eprint!("  caused by: {}", console_text(&cause.to_string()));
    }
    failure.exit.into()
}
