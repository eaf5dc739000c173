//! `watertight list statements`: one boolean for each statement of the embedded demonstration or of
//! the configured system. Was the tenant applied to everything that it touches?

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::inspection::{Facts, Topic};
use domain::seed::Seed;
use oracles::{Examined, Judge, Unseen};
use reports::terminal::counted;

use crate::args::ListArguments;
use crate::exit_code::Failure;
use crate::preparation::{Permissions, Prepared, configurations};

/// The table for every system whose tenants share a database.
pub(crate) async fn statements(arguments: &ListArguments) -> Result<String, Failure> {
    let mut text = String::new();
    for mut configuration in configurations(&arguments.system)? {
        // As with the surface: an external server is never touched by `list`.
        configuration.server = configuration::Server::Embedded;
        let seed = Seed(arguments.system.seed);
        let mut silent = |_| {};
        let mut prepared =
            Prepared::provision(configuration, seed, Permissions::default(), &mut silent).await?;
        let _ = writeln!(text, "{}", prepared.system.name);
        if prepared.system.tenancy.is_none() {
            text.push_str("  no tables hold rows of several tenants\n\n");
            prepared.dispose(false).await?;
            continue;
        }
        prepared.survey(&mut silent).await?;
        let facts = facts(&prepared).await?;
        let judge = Judge::new(&prepared.system, &prepared.world, &prepared.surface);
        let (examined, unseen) = oracles::examine(&judge, &facts);
        describe(&mut text, &examined, &unseen);
        prepared.dispose(false).await?;
    }
    Ok(text)
}

async fn facts(prepared: &Prepared) -> Result<Facts, Failure> {
    let tenants = prepared.world.tenants.iter();
    let databases: BTreeSet<String> = tenants.map(|tenant| tenant.database.clone()).collect();
    let databases: Vec<String> = databases.into_iter().collect();
    let mut administrator = prepared
        .server()?
        .administrate(Some("master"))
        .await
        .map_err(Failure::environment)?;
    let mut facts = Facts::default();
    for topic in [Topic::Modules, Topic::Statements] {
        let told = observers::facts(&mut administrator, topic, &databases).await;
        facts.0.extend(told.map_err(Failure::environment)?);
    }
    Ok(facts)
}

fn describe(text: &mut String, examined: &[Examined], unseen: &[Unseen]) {
    let applied = examined.iter().filter(|one| one.statement.applied());
    let _ = writeln!(
        text,
        "  {} on rows of tenants; the tenant is applied in {}\n",
        counted(examined.len() as u64, "statement"),
        applied.count(),
    );
    for one in examined {
        let statement = &one.statement;
        let place = match (&statement.module, &one.login) {
            (Some(module), _) => format!("{module}:{}", statement.line),
            (None, Some(login)) => format!("sent by {login}"),
            (None, None) => "sent by nobody knows whom".to_owned(),
        };
        let answer = if statement.applied() { "yes" } else { "NO " };
        let _ = writeln!(text, "  {answer}  {place:<36} {}", statement.excerpt);
        for reference in statement.unbound() {
            let _ = writeln!(text, "       {reference}");
        }
    }
    for (database, reason) in unseen {
        let _ = writeln!(text, "  ?    {database}: {reason}");
    }
    text.push('\n');
}
