//! `watertight list`: what can be tested, without touching a target.

use std::fmt::Write as _;

use domain::control::{ApiCoverage, CONTROLS, Coverage};
use domain::seed::Seed;
use domain::world::TenantIndex;
use reports::hostile::console_text;
use reports::terminal::counted;

use crate::args::{DesignArgument, ListArguments, Listed, SchemaArguments};
use crate::commands::catalogue;
use crate::commands::statements::statements;
use crate::exit_code::{Exit, Failure};
use crate::preparation::{Permissions, Prepared, configurations, name};

/// Prints what is asked for.
pub(crate) async fn list(arguments: &ListArguments) -> Result<Exit, Failure> {
    let text = match arguments.what {
        Listed::Controls => controls(arguments.system.design),
        Listed::Scenarios => catalogue::scenarios(arguments).await?,
        Listed::Attacks => catalogue::rows(arguments).await?,
        Listed::Faults => faults(arguments.system.design),
        Listed::Surface => surface(arguments).await?,
        Listed::Statements => statements(arguments).await?,
    };
    print(&console_text(&text));
    Ok(Exit::Held)
}

/// Prints the JSON Schema of watertight.yaml, of scenarios, or of case files.
pub(crate) fn schema(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let schema = if arguments.scenario {
        scenarios::schema()
    } else if arguments.case {
        scenarios::case_schema()
    } else {
        configuration::schema()
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::environment)?;
    print(&(text + "\n"));
    Ok(Exit::Held)
}

fn controls(design: Option<DesignArgument>) -> String {
    let mut text = String::new();
    // A design's own promises, and those of both.
    let letters: &[char] = match design {
        None => &['D', 'S', 'B'],
        Some(DesignArgument::DatabasePerTenant) => &['D', 'B'],
        Some(DesignArgument::SharedDatabase) => &['S', 'B'],
    };
    let wanted = CONTROLS.iter().filter(|one| one.id.starts_with(letters));
    for control in wanted {
        let coverage = match control.coverage {
            Coverage::Sql => "attacked with T-SQL",
            Coverage::SqlPart => "attacked as far as T-SQL reaches",
            Coverage::Attested => "attested, not tested",
            Coverage::NotYet => "not attacked by this release",
        };
        let _ = writeln!(text, "{}  {}", control.id, control.promise);
        let coverage = match (control.api, control.coverage) {
            (ApiCoverage::NoApi, _) => coverage.to_owned(),
            (ApiCoverage::Api, Coverage::NotYet) => "attacked through the API".to_owned(),
            (ApiCoverage::Api, _) => format!("{coverage}, and through the API"),
        };
        let _ = writeln!(text, "     {coverage}: {}", control.attack);
    }
    text
}

/// The planted faults, by design.
fn faults(design: Option<DesignArgument>) -> String {
    let design = design.map(name);
    let all = sql_fixtures::faults();
    let mut designs: Vec<&str> = all.iter().map(|fault| fault.design.as_str()).collect();
    designs.dedup();
    let mut text = String::new();
    for own in designs {
        if design.is_some_and(|wanted| wanted != own) {
            continue;
        }
        let _ = writeln!(text, "{own}, in T-SQL");
        for fault in all.iter().filter(|fault| fault.design == own) {
            let controls = fault.controls.join(" ");
            tell_fault(
                &mut text,
                &fault.id,
                &controls,
                &fault.sentence,
                &fault.near_miss,
                fault.incident.as_deref(),
            );
        }
        let _ = writeln!(text, "{own}, in the service");
        for (switch, fault) in erp::FAULTS {
            if fault.designs.iter().any(|design| design.name() == own) {
                let controls = fault.controls.join(" ");
                tell_fault(
                    &mut text,
                    fault.id,
                    &controls,
                    fault.sentence,
                    fault.near_miss,
                    switch.incident(),
                );
            }
        }
    }
    text
}

fn tell_fault(
    text: &mut String,
    id: &str,
    controls: &str,
    sentence: &str,
    near_miss: &str,
    incident: Option<&str>,
) {
    let _ = writeln!(text, "  {id:<28} {controls:<12} {sentence}");
    let _ = writeln!(text, "  {:<28} {:<12} near miss: {near_miss}", "", "");
    if let Some(incident) = incident {
        let _ = writeln!(text, "  {:<28} {:<12} taken from: {incident}", "", "");
    }
}

/// The embedded server is asked, because what a script makes is known only when it has run; an
/// external server is never touched by `list`.
async fn surface(arguments: &ListArguments) -> Result<String, Failure> {
    let mut text = String::new();
    for mut configuration in configurations(&arguments.system)? {
        configuration.server = configuration::Server::Embedded;
        let seed = Seed(arguments.system.seed);
        let mut silent = |_| {};
        let mut prepared =
            Prepared::provision(configuration, seed, Permissions::default(), &mut silent).await?;
        prepared.survey(&mut silent).await?;
        describe(&mut text, &prepared);
        prepared.dispose(false).await?;
    }
    Ok(text)
}

fn describe(text: &mut String, prepared: &Prepared) {
    let system = &prepared.system;
    let _ = writeln!(text, "{}", system.name);
    for database in &prepared.surface.databases {
        let whose = database.tenant.map_or_else(
            || match prepared.world.is_common(&database.name) {
                true => format!("the rows of {}", system.tenants.join(", ")),
                false => "shared".to_owned(),
            },
            |tenant| format!("tenant {}", prepared.world.tenant(tenant).name),
        );
        let _ = writeln!(
            text,
            "\n{} ({whose}): {}, {}, {}",
            database.name,
            counted(database.tables.len() as u64, "table"),
            counted(database.modules.len() as u64, "module"),
            counted(database.principals.len() as u64, "principal"),
        );
        let common = prepared.world.is_common(&database.name);
        if let Some(tenant) = database.tenant.or(common.then_some(TenantIndex(0))) {
            for (index, principal, login) in prepared.credentials.iter() {
                if index == tenant {
                    let _ = writeln!(text, "  login   {} is {principal}", login.name);
                }
            }
        }
        // Tenants' databases are alike: the first is shown in full.
        if database.tenant.is_some_and(|tenant| tenant.0 > 0) {
            continue;
        }
        for table in database.tables.values() {
            let columns: Vec<&str> = table
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            let _ = writeln!(
                text,
                "  table   {} ({}), {}",
                table.object(),
                columns.join(", "),
                counted(table.rows.len() as u64, "row")
            );
        }
        for module in database.modules.values() {
            let _ = writeln!(
                text,
                "  module  {}.{} ({})",
                module.schema, module.name, module.kind
            );
        }
    }
    let _ = writeln!(text, "\nDeclared intent; what is not listed is forbidden:");
    for rule in &system.intent.rules {
        let actions: Vec<&str> = rule.actions.iter().map(|action| action.name()).collect();
        let except = if rule.except.is_empty() {
            String::new()
        } else {
            format!(" except {}", rule.except.join(", "))
        };
        let _ = writeln!(
            text,
            "  {} may {} on {}{except}",
            rule.principals.join(", "),
            actions.join(", "),
            rule.on.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "  append only: {}",
        system.intent.append_only.join(", ")
    );
    let public: Vec<&str> = system
        .intent
        .public
        .iter()
        .map(|public| public.words())
        .collect();
    if !public.is_empty() {
        let _ = writeln!(text, "  accepted as public: {}", public.join(", "));
    }
}

#[expect(clippy::print_stdout, reason = "the list is the command's result")]
fn print(text: &str) {
    print!("{text}");
}
