//! The reference ERP as a program of its own, for poking at it with curl.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use erp::{
    Design, Destinations, Environment, FAULTS, Fault, Login, MachineEnvironment, Options, openapi,
    read_logins, start,
};

/// Serve the reference ERP over a database server that holds its fixtures
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  watertight serve --write-logins logins.json\n  \
    watertight-erp --logins logins.json --listen 127.0.0.1:8080\n  \
    watertight-erp --design shared-database --logins logins.json\n  \
    watertight-erp --print-openapi\n  watertight-erp --list-faults"
)]
struct Arguments {
    /// How tenants are kept apart
    #[arg(long, value_enum, default_value_t = DesignName::DatabasePerTenant)]
    design: DesignName,
    /// Address and logins of the server, as `watertight serve --write-logins` writes them
    #[arg(long, value_name = "FILE.json")]
    logins: Option<PathBuf>,
    /// A tenant of the shared database and its number, beside those that the file of logins tells
    #[arg(long, value_name = "NAME=NUMBER")]
    organisation: Vec<String>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where files lie
    #[arg(long, value_name = "FOLDER", default_value = "erp.files")]
    files: PathBuf,
    /// The registry's database; with it the operator can make and remove tenants
    #[arg(long, value_name = "DATABASE")]
    registry: Option<String>,
    /// File with the password of the user `operator`
    #[arg(long, value_name = "FILE")]
    operator_password: Option<PathBuf>,
    /// File with the service's keys, made when it is not there. Without one, tokens and what was sealed
    /// end with the service
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Plant a defect; may be given more than once
    #[arg(long, value_name = "ID")]
    fault: Vec<String>,
    /// Plant a defect's legitimate neighbour; may be given more than once
    #[arg(long, value_name = "ID")]
    near_miss: Vec<String>,
    /// Print the contract and end
    #[arg(long)]
    print_openapi: bool,
    /// Print the defects that can be planted and end
    #[arg(long)]
    list_faults: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum DesignName {
    DatabasePerTenant,
    SharedDatabase,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&format!("error: {message}"), true);
            ExitCode::from(3)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let design = match arguments.design {
        DesignName::DatabasePerTenant => Design::DatabasePerTenant,
        DesignName::SharedDatabase => Design::SharedDatabase,
    };
    if arguments.print_openapi {
        say(&format!("{:#}", openapi(design)), false);
        return Ok(());
    }
    if arguments.list_faults {
        for (_, fault) in FAULTS {
            let controls = fault.controls.join(" ");
            say(
                &format!("{:<28} {controls:<8} {}", fault.id, fault.sentence),
                false,
            );
        }
        return Ok(());
    }
    let path = arguments.logins.ok_or("--logins is needed; see --help")?;
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let organisations = organisations(&arguments.organisation)?;
    let (server, mut secrets) =
        read_logins(&text, design, &organisations).map_err(|error| error.to_string())?;
    let environment = MachineEnvironment;
    let keys = keys(arguments.keys.as_deref(), &environment)?;
    (secrets.token_key, secrets.master_key) = (keys[..32].to_vec(), keys[32..].to_vec());
    secrets.registry = arguments.registry;
    if let Some(path) = &arguments.operator_password {
        let password = std::fs::read_to_string(path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        secrets.operator = Some(Login {
            name: "operator".to_owned(),
            password: password.trim_end().to_owned(),
        });
    }
    let running = start(Options {
        listen: arguments.listen,
        design,
        server,
        secrets,
        environment: Arc::new(environment),
        faults: faults(&arguments.fault)?,
        near_misses: faults(&arguments.near_miss)?,
        files: arguments.files,
        webhooks_to: Destinations::Loopback,
        log: Arc::new(|line| say(line, true)),
    });
    let running = running.await.map_err(|error| error.to_string())?;
    say(&format!("listening on http://{}", running.address()), false);
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| error.to_string())?;
    running.shutdown().await;
    Ok(())
}

/// 64 bytes: the key of tokens and the master key.
fn keys(path: Option<&Path>, environment: &MachineEnvironment) -> Result<Vec<u8>, String> {
    let mut keys = vec![0; 64];
    environment.random(&mut keys);
    let Some(path) = path else {
        return Ok(keys);
    };
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if !path.exists() {
        std::fs::write(path, &keys).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let owner_only = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(path, owner_only).map_err(failed)?;
        }
        return Ok(keys);
    }
    let keys = std::fs::read(path).map_err(failed)?;
    if keys.len() == 64 {
        Ok(keys)
    } else {
        Err(format!("{}: not a file of keys", path.display()))
    }
}

fn organisations(given: &[String]) -> Result<BTreeMap<String, i32>, String> {
    let read = |text: &String| {
        let (name, number) = text.split_once('=')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    given
        .iter()
        .map(|text| read(text).ok_or(format!("--organisation {text}: expected NAME=NUMBER")))
        .collect()
}

fn faults(given: &[String]) -> Result<BTreeSet<Fault>, String> {
    given
        .iter()
        .map(|id| Fault::named(id).ok_or(format!("there is no fault {id}; see --list-faults")))
        .collect()
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]
fn say(line: &str, aside: bool) {
    if aside {
        eprintln!("{line}");
    } else {
        println!("{line}");
    }
}
