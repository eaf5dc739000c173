//! The baseline: every rightful principal does what it may, in its own tenant. An attack means
//! nothing until the unattacked case works.

use domain::case::{BatchTraits, Case, CaseId, Claim, Phase, Step};
use domain::intent::Action;
use domain::surface::Database;

use crate::statements::{self, Standpoint, Statement};
use crate::terrain::{Attacker, Terrain};

/// One case for each principal and securable that it may use, and one for each that it may enter
/// its own database. The steps of a case are independent of one another.
pub fn baseline(terrain: &Terrain<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    for attacker in terrain.attackers() {
        let Some(database) = terrain.home(attacker.tenant) else {
            continue;
        };
        let who = format!(
            "{} of {}",
            attacker.principal,
            terrain.world.tenant(attacker.tenant).name
        );
        let mut push = |title: String, steps: Vec<Step>| {
            let index = cases.len() as u64;
            let id = CaseId {
                phase: Phase::Baseline,
                index,
            };
            cases.push(Case { id, title, steps });
        };
        push(
            format!("{who} enters its database"),
            vec![entry(attacker, database)],
        );
        for table in database.tables.values() {
            let all = statements::on_table(terrain, database, table, Standpoint::Inside);
            let steps = allowed(terrain, attacker, database, all);
            if !steps.is_empty() {
                push(
                    format!("{who} does what it may with {}", table.object()),
                    steps,
                );
            }
        }
        for (object, module) in &database.modules {
            let all = statements::on_module(terrain, database, module, Standpoint::Inside);
            let steps = allowed(terrain, attacker, database, all);
            if !steps.is_empty() {
                push(format!("{who} does what it may with {object}"), steps);
            }
        }
    }
    cases
}

fn entry(attacker: Attacker<'_>, database: &Database) -> Step {
    Step {
        actor: attacker.actor(),
        batch: "SELECT DB_NAME() AS Here, USER_NAME() AS Me;".into(),
        claim: Some(Claim {
            tenant: Some(attacker.tenant),
            ..claim(database, Action::Connect, "")
        }),
        twin: None,
        traits: BatchTraits::default(),
    }
}

fn claim(database: &Database, action: Action, object: &str) -> Claim {
    Claim {
        action,
        database: database.name.clone(),
        tenant: database.tenant,
        object: object.into(),
        family: "direct".into(),
    }
}

fn allowed(
    terrain: &Terrain<'_>,
    attacker: Attacker<'_>,
    database: &Database,
    all: Vec<Statement>,
) -> Vec<Step> {
    all.into_iter()
        .filter(|statement| terrain.allows(attacker, &statement.needs))
        .map(|statement| Step {
            actor: attacker.actor(),
            claim: Some(Claim {
                tenant: terrain.owner(database, attacker),
                ..claim(database, statement.action, &statement.object)
            }),
            batch: statement.text,
            twin: None,
            traits: statement.traits,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::seed::Seed;

    use super::baseline;
    use crate::terrain::Terrain;

    #[test]
    fn rightful_principals_do_what_they_may_and_no_more() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let cases = baseline(&Terrain::new(&system, &world, &surface));
        let titles: Vec<&str> = cases
            .iter()
            .map(|case| case.title.as_str())
            .take(10)
            .collect();
        assert_eq!(
            titles,
            [
                "app_rw of acme enters its database",
                "app_rw of acme does what it may with dbo.AuditEvents",
                "app_rw of acme does what it may with dbo.Customers",
                "app_rw of acme does what it may with dbo.InvoiceLines",
                "app_rw of acme does what it may with dbo.Invoices",
                "app_rw of acme does what it may with dbo.InvoiceTotals",
                "app_rw of acme does what it may with dbo.PostInvoice",
                "audit_admin of acme enters its database",
                "audit_admin of acme does what it may with dbo.AuditEvents",
                "audit_admin of acme does what it may with dbo.PurgeAuditEvents",
            ]
        );
        let batches: Vec<&str> = cases[8]
            .steps
            .iter()
            .map(|step| step.batch.as_str())
            .collect();
        assert_eq!(
            batches,
            [
                "SELECT TOP (1) 1 AS One FROM [dbo].[AuditEvents];",
                "SELECT * FROM [dbo].[AuditEvents];",
                "DELETE FROM [dbo].[AuditEvents];",
                "DELETE FROM [dbo].[AuditEvents] WHERE [AuditEventId] = 4;",
            ]
        );
    }
}
