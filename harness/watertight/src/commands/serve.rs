//! `watertight serve`: the embedded server with the demonstration's tenants, for people and their
//! clients.

use std::fmt::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use domain::seed::Seed;
use executors::OtherDatabases;
use serde_json::{Value, json};

use crate::args::{DesignArgument, ServeArguments};
use crate::embedded::{Embedded, Time};
use crate::exit_code::{Exit, Failure};
use crate::preparation::{Prepared, configurations};

/// Serves until Ctrl-C.
pub(crate) async fn serve(arguments: ServeArguments) -> Result<Exit, Failure> {
    let tls = if arguments.tls {
        database::Tls::SelfSigned
    } else {
        database::Tls::Off
    };
    let embedded = Embedded::start(Time::Machine, arguments.port, tls)
        .await
        .map_err(Failure::environment)?;
    let address = embedded.address();
    let target = embedded.target();
    let mut text = format!(
        "Listening on {address} ({})\n\n",
        if arguments.tls {
            "TLS offered"
        } else {
            "no TLS; give your client its option for an unencrypted connection"
        }
    );
    let mut logins = vec![json!({
        "login": target.administrator.name,
        "password": target.administrator.password,
        "database": "master",
        "principal": "administrator",
    })];
    if !arguments.empty {
        // One design on one server: each begins by removing what an earlier run has made.
        let mut system = arguments.system.clone();
        if system.config.is_none() {
            system.design = system.design.or(Some(DesignArgument::DatabasePerTenant));
        }
        for configuration in configurations(&system)? {
            let prepared = Prepared::fill(
                configuration.system,
                target.clone(),
                None,
                false,
                Seed(arguments.system.seed),
                OtherDatabases::Refuse,
            )
            .await?;
            for (tenant, principal, login) in prepared.credentials.iter() {
                let tenant = prepared.world.tenant(tenant);
                logins.push(json!({
                    "login": login.name,
                    "password": login.password,
                    "database": tenant.database,
                    "principal": principal,
                    "tenant": tenant.name,
                    // What all its planted values carry, and passwords of its users with them.
                    "mark": tenant.mark.text,
                    "number": tenant.mark.number,
                }));
            }
        }
    }
    let field = |login: &Value, name: &str| login[name].as_str().unwrap_or_default().to_owned();
    let _ = writeln!(
        text,
        "{:<36} {:<32} {:<24} principal",
        "login", "password", "database"
    );
    for login in &logins {
        let _ = writeln!(
            text,
            "{:<36} {:<32} {:<24} {}",
            field(login, "login"),
            field(login, "password"),
            field(login, "database"),
            field(login, "principal")
        );
    }
    let _ = writeln!(text, "\nNothing is kept: the server lives until Ctrl-C.");
    if let Some(path) = &arguments.write_logins {
        let document = json!({
            "host": address.ip().to_string(),
            "port": address.port(),
            "tls": arguments.tls,
            "logins": logins,
        });
        write_private(path, &document.to_string()).map_err(Failure::evidence)?;
    }
    print(&text);
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::environment)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Failure::environment)?,
        _ = terminate.recv() => {}
    }
    embedded.shutdown().await;
    Ok(Exit::Held)
}

/// Passwords are for the owner's eyes.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("could not write {}", path.display()))
}

#[expect(
    clippy::print_stdout,
    reason = "address and logins are the command's result"
)]
fn print(text: &str) {
    use std::io::Write as _;
    print!("{text}");
    // Scripts read this through a pipe while the server runs on.
    let _ = std::io::stdout().flush();
}
