//! What does a customer's technical review ask for? A page to begin with, the posture of every promise, answers
//! that point at evidence, how tenants are kept apart and provisioned, and what the contract offers. Everything is
//! derived from one record, which lies beside it whole; nothing is answered that was neither tested nor attested.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::system::Design;
use record::Record;

use crate::hostile::csv::row;
use crate::hostile::markdown::{code, inline};
use crate::overview::{Outcome, Overview, SystemOverview};
use crate::terminal::{counted, thousands};
use crate::{questionnaire, summary, time};

/// The folder in which the record itself lies.
pub const EVIDENCE: &str = "evidence/";

/// The documents of the package: path and bytes.
pub fn documents(record: &Record) -> BTreeMap<String, Vec<u8>> {
    let overview = Overview::new(record);
    [
        ("README.md", first_page(&overview)),
        ("posture.csv", posture(&overview)),
        ("last-result.md", summary::render(record)),
        (
            "questionnaire.csv",
            questionnaire::answers_below(record, EVIDENCE),
        ),
        ("architecture.md", architecture(&overview)),
        ("contract.md", contract(&overview)),
    ]
    .into_iter()
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .collect()
}

fn first_page(overview: &Overview<'_>) -> Vec<u8> {
    let run = &overview.record.run;
    let mut page = String::new();
    let _ = writeln!(page, "# Technical review package\n");
    let sentences: Vec<String> = overview
        .verdict_sentences()
        .iter()
        .map(|one| inline(one))
        .collect();
    let _ = writeln!(page, "{}\n", sentences.join(" "));
    let _ = writeln!(
        page,
        "From run {} of {}, plan {}.\n",
        code(&run.run_id),
        inline(&time::readable(&run.started)),
        code(&run.plan_sha256)
    );
    for (file, words) in [
        (
            "posture.csv",
            "every promise with its honest status, and since when",
        ),
        ("last-result.md", "the last result on one page"),
        (
            "questionnaire.csv",
            "suggested answers, each with its evidence and who must still confirm it",
        ),
        (
            "architecture.md",
            "how tenants are kept apart and provisioned, as declared",
        ),
        (
            "contract.md",
            "the published operations, and how far each was reached",
        ),
        ("evidence/report.html", "the whole report for people"),
        (
            "evidence/",
            "the record itself; `watertight verify evidence` checks every byte of it",
        ),
    ] {
        let _ = writeln!(page, "- `{file}`: {words}");
    }
    let _ = writeln!(
        page,
        "\nNot in it, because no run shows it: contracts with subcontractors, physical security, the organisation's procedures, the record of deployments.\n"
    );
    let _ = writeln!(page, "## What this does not show\n");
    for limitation in &run.limitations {
        let _ = writeln!(page, "- {}", inline(&limitation.text));
    }
    page.into_bytes()
}

/// A claim may be shown as held only when its promise was attacked in this run and nothing crossed.
fn posture(overview: &Overview<'_>) -> Vec<u8> {
    let run = &overview.record.run;
    let mut table = row([
        "system",
        "promise",
        "claim",
        "status",
        "as of",
        "armed attempts",
        "what stands behind it",
        "evidence",
    ]);
    for system in &overview.systems {
        for control in &system.controls {
            let (promise, attack) = system.promise(&control.result.control);
            let behind = match control.outcome {
                Outcome::Attested => "nothing was run; evidence must be attached by the vendor",
                Outcome::NotApplicable => "the declared system has no such thing",
                _ => attack,
            };
            table.push_str(&row([
                system.run.key.as_str(),
                &control.result.control.0,
                promise,
                control.outcome.word(),
                run.ended.as_deref().unwrap_or(&run.started),
                &control.result.tally.armed.to_string(),
                behind,
                "evidence/run.json evidence/coverage.json",
            ]));
        }
    }
    table.into_bytes()
}

fn architecture(overview: &Overview<'_>) -> Vec<u8> {
    let mut page = String::from(
        "# How tenants are kept apart and provisioned\n\nAs declared to the harness, and as it was found before the first attack.\n",
    );
    for system in &overview.systems {
        let _ = writeln!(page, "\n## {}\n", inline(&system.run.name));
        isolation(&mut page, system);
        identities(&mut page, overview.record, &system.run.key);
        databases(&mut page, system);
    }
    page.into_bytes()
}

fn isolation(page: &mut String, system: &SystemOverview<'_>) {
    let _ = writeln!(
        page,
        "{} {} provisioned for this run.\n",
        match system.run.design {
            Design::DatabasePerTenant => "Each tenant has a database of its own.",
            Design::SharedDatabase =>
                "All tenants' rows lie in one database, and each row is owned by an organisation.",
        },
        match system.run.tenants {
            1 => "1 synthetic tenant was".to_owned(),
            many => format!("{many} synthetic tenants were"),
        }
    );
}

fn identities(page: &mut String, record: &Record, key: &str) {
    let Some(own) = record.identities.systems.iter().find(|one| one.key == key) else {
        return;
    };
    if !own.principals.is_empty() {
        let _ = writeln!(page, "Principals of the database; every tenant has each:\n");
        for one in &own.principals {
            let _ = writeln!(page, "- {}: {}", code(&one.name), inline(&one.credential));
        }
        page.push('\n');
    }
    if !own.callers.is_empty() {
        let _ = writeln!(page, "Callers of the service:\n");
        for one in &own.callers {
            let may = one.may.as_ref().map_or_else(
                || "no rights are declared".to_owned(),
                |may| format!("may call {}", counted(may.len() as u64, "operation")),
            );
            let _ = writeln!(
                page,
                "- {}: {}; {}",
                code(&one.name),
                inline(&one.credential),
                inline(&may)
            );
        }
        page.push('\n');
    }
}

fn databases(page: &mut String, system: &SystemOverview<'_>) {
    let Some(environment) = system.environment else {
        return;
    };
    if environment.databases.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "| database | tenant | tables | with history | modules | rows |\n|---|---|---:|---:|---:|---:|"
    );
    for one in &environment.databases {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            inline(&one.name),
            inline(one.tenant.as_deref().unwrap_or("all")),
            thousands(one.tables),
            thousands(one.versioned),
            thousands(one.modules),
            thousands(one.rows)
        );
    }
}

fn contract(overview: &Overview<'_>) -> Vec<u8> {
    let mut page =
        String::from("# The published contract, and how far each operation was reached\n");
    for system in &overview.systems {
        let operations = overview.record.coverage.systems.iter();
        let operations = operations.clone().find(|one| one.key == system.run.key);
        let operations = operations.map_or(&[][..], |one| &one.operations);
        let _ = writeln!(page, "\n## {}\n", inline(&system.run.name));
        if let Some(contract) = system.environment.and_then(|one| one.contract.as_ref()) {
            let _ = writeln!(
                page,
                "{}, {}, SHA-256 {}\n",
                inline(&contract.title),
                counted(contract.operations, "operation"),
                code(contract.sha256.as_deref().unwrap_or("not recorded"))
            );
        }
        if operations.is_empty() {
            let _ = writeln!(page, "No contract was read in this run.");
            continue;
        }
        let _ = writeln!(
            page,
            "| operation | requests | attacks | owner succeeded | why not |\n|---|---:|---:|---:|---|"
        );
        for one in operations {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} |",
                inline(&one.operation),
                thousands(one.requests),
                thousands(one.attacks),
                thousands(one.successes),
                inline(one.reason.as_deref().unwrap_or(""))
            );
        }
    }
    page.into_bytes()
}
