//! Names: what the server tells a login of the databases and logins of other tenants is either
//! declared public or a leak. Names that the tenant sent itself tell nothing when they come back.

use domain::control::ControlId;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::History;
use domain::intent::Public;
use domain::surface::Cell;
use domain::world::TenantIndex;

use crate::judge::{Judge, Principal};
use crate::matrix::Relation;

/// A name and whose it is.
struct Name {
    text: String,
    tenant: TenantIndex,
    kind: Public,
}

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let names = secret_names(judge);
    let mut findings = Vec::new();
    if names.is_empty() {
        return findings;
    }
    for step in 0..history.steps.len() {
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        for kind in [Public::DatabaseNames, Public::LoginNames] {
            let told = names
                .iter()
                .filter(|name| name.kind == kind && name.tenant != principal.tenant)
                .find_map(|name| {
                    let place = place_of(history, step, &name.text)?;
                    (!was_sent(judge, history, step, principal, &name.text))
                        .then_some((name, place))
                });
            if let Some((name, (place, in_a_message))) = told {
                findings.push(finding(
                    judge,
                    history,
                    step,
                    principal,
                    name,
                    &place,
                    in_a_message,
                ));
            }
        }
    }
    findings
}

/// The names that nobody declared public. Where all tenants share a database and their logins, there
/// are none to tell apart.
fn secret_names(judge: &Judge<'_>) -> Vec<Name> {
    let mut names = Vec::new();
    for tenant in judge.world.indexes() {
        let own = judge.world.tenant(tenant);
        if judge.world.is_common(&own.database) {
            continue;
        }
        let public = &judge.system.intent.public;
        if !public.contains(&Public::DatabaseNames) {
            names.push(Name {
                text: own.database.clone(),
                tenant,
                kind: Public::DatabaseNames,
            });
        }
        if !public.contains(&Public::LoginNames) {
            names.extend(judge.system.principals.values().map(|principal| {
                Name {
                    text: principal
                        .login
                        .replace("{marker}", &judge.system.marker)
                        .replace("{tenant}", &own.name),
                    tenant,
                    kind: Public::LoginNames,
                }
            }));
        }
    }
    names
}

/// Where the answer to a step says the name, and whether in a message.
fn place_of(history: &History, step: usize, name: &str) -> Option<(String, bool)> {
    let response = &history.steps.get(step)?.response;
    for (result, set) in response.results.iter().enumerate() {
        for (row, cells) in set.rows.iter().enumerate() {
            let is_name =
                |cell: &Cell| matches!(cell, Cell::Text(text) if text.eq_ignore_ascii_case(name));
            if let Some(position) = cells.iter().position(is_name) {
                let column = set.columns.get(position).map_or("", String::as_str);
                let place = format!("result {}, row {}, column {column}", result + 1, row + 1);
                return Some((place, false));
            }
        }
    }
    let quoted = format!("\"{}\"", name.to_lowercase());
    let single = quoted.replace('"', "'");
    let mut messages = response.errors.iter().chain(&response.messages);
    messages
        .find(|message| {
            let text = message.text.to_lowercase();
            text.contains(&quoted) || text.contains(&single)
        })
        .map(|message| (format!("message {}", message.number), true))
}

/// Whether the principal's tenant had said the name by then.
fn was_sent(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    principal: Principal<'_>,
    name: &str,
) -> bool {
    let name = name.to_lowercase();
    (0..=step)
        .filter(|&earlier| {
            judge
                .principal(&history.case, earlier)
                .is_some_and(|other| other.tenant == principal.tenant)
        })
        .filter_map(|earlier| history.steps.get(earlier))
        .any(|record| record.batch.to_lowercase().contains(&name))
}

fn finding(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    principal: Principal<'_>,
    name: &Name,
    place: &str,
    in_a_message: bool,
) -> Finding {
    let words = name.kind.words();
    let sentence = format!(
        "{} was told {words} of other tenants, such as {} in {place}; nobody declared them public",
        judge.who(principal),
        name.text,
    );
    let fingerprint = Fingerprint {
        oracle: "server_names".into(),
        attacker: principal.name.into(),
        victim: Relation::Other.name().into(),
        action: format!("learn {words}"),
        place: "the server".into(),
    };
    let mut finding = judge.finding(history, step, fingerprint, Severity::Low, sentence);
    finding.controls = vec![ControlId::new(if in_a_message { "B05" } else { "B01" })];
    finding
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::{Action, Public};
    use domain::seed::Seed;
    use domain::surface::Cell;

    use crate::authorization::tests::{attack, error, rows};
    use crate::judge::Judge;

    #[test]
    fn names_of_others_are_declared_public_or_found() {
        let mut system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let answer = |name: &str| rows(&["name"], vec![vec![Cell::Text(name.into())]]);
        let both = &[Public::DatabaseNames, Public::LoginNames][..];
        for (response, sent, public, expected) in [
            (answer("wt_beta"), "", &[][..], Some("B01")),
            (answer("WT_BETA_app_rw"), "", &[], Some("B01")),
            (
                error(18456, "Login failed for user 'wt_beta_app_rw'."),
                "",
                &[],
                Some("B05"),
            ),
            (answer("wt_beta"), "", both, None),
            (answer("wt_beta_app_rw"), "", &both[..1], Some("B01")),
            (answer("wt_beta"), "SELECT DB_ID('wt_beta')", &[], None),
            (answer("wt_acme"), "", &[], None),
            (answer("wt_beta2"), "", &[], None),
        ] {
            system.intent.public = public.to_vec();
            let judge = Judge::new(&system, &world, &surface);
            let whose = ("wt_acme", Some(0));
            let mut history = attack("app_rw", Action::Select, whose, "sys.databases", response);
            history.steps[0].batch = sent.into();
            let findings = super::judge(&judge, &history);
            let found = findings
                .first()
                .map(|finding| finding.controls[0].0.as_str());
            assert_eq!(found, expected, "{:?} {sent}", history.steps[0].response);
        }
    }
}
