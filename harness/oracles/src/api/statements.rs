//! T-SQL between requests: what a principal of one tenant says right after another tenant worked through
//! the service shows and changes nothing of the other's.
//!
//! Each plane by itself looks at what was there before: T-SQL at planted rows, requests at answers. What a
//! service leaves in a place that principals of others read is seen from here alone. What a principal
//! does to its own tenant is the other plane's business.

use domain::api::case::{Act, Stance};
use domain::api::history::{History, Record};
use domain::canary::Sighting;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Changed, Response};

use super::echo::Echo;
use super::evidence::Shown;
use super::judge::ApiJudge;
use super::rows;
use crate::judge::Principal;
use crate::matrix::Relation;
use crate::portions::portions;

const ORACLE: &str = "api_statements";
/// Sightings that a finding keeps.
const SIGHTINGS_MAX: usize = 10;

/// T-SQL of a tenant's principal that was run.
struct Spoken<'h> {
    step: usize,
    principal: Principal<'h>,
    response: &'h Response,
}

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in 0..history.steps.len() {
        let Some(spoken) = spoken(history, step) else {
            continue;
        };
        findings.extend(shown(judge, history, &spoken));
        findings.extend(changed(judge, history, &spoken));
    }
    findings
}

fn spoken(history: &History, step: usize) -> Option<Spoken<'_>> {
    let tried = history.case.steps.get(step)?;
    let (Act::Batch { actor, .. }, Record::Batch { response, .. }) =
        (&tried.act, history.steps.get(step)?)
    else {
        return None;
    };
    let (tenant, name) = actor.principal()?;
    let principal = Principal {
        tenant,
        name,
        department: actor.department(),
    };
    Some(Spoken {
        step,
        principal,
        response,
    })
}

/// Values of others among rows and messages.
fn shown(judge: &ApiJudge<'_>, history: &History, spoken: &Spoken<'_>) -> Option<Finding> {
    let own = spoken.principal.tenant;
    let recogniser = &judge.plane.recogniser;
    let mut sightings: Vec<Sighting> = Vec::new();
    for (result, set) in spoken.response.results.iter().enumerate() {
        for (row, cells) in set.rows.iter().enumerate() {
            for (position, cell) in cells.iter().enumerate() {
                let before = sightings.len();
                recogniser.cell(cell, own, "", &mut sightings);
                for sighting in sightings.iter_mut().skip(before) {
                    let column = set.columns.get(position).map_or("", String::as_str);
                    sighting.place =
                        format!("result {}, row {}, column {column}", result + 1, row + 1);
                }
            }
        }
    }
    let in_rows = sightings.len();
    for error in &spoken.response.errors {
        let place = format!("the text of error {}", error.number);
        recogniser.text(&error.text, own, &place, &mut sightings);
    }
    let in_an_error = in_rows == 0;
    let echo = Echo::until(history, spoken.step, Some(own));
    sightings.retain(|sighting| {
        !judge.is_echo(history, sighting, &echo) && !judge.noise.is_public(sighting)
    });
    let first = sightings.first()?;
    let sentence = format!(
        "{}, {}, read {} of {}, such as {} in {}; no value of one tenant may reach another",
        judge.plane.who(spoken.principal),
        after_what(judge, history, spoken.step),
        counted(sightings.len(), "value"),
        judge.world().tenant(first.tenant).name,
        first.value,
        first.place,
    );
    let evidence = Shown {
        values: true,
        in_an_error,
        ..Shown::default()
    };
    let mut finding = finding(judge, history, spoken, Relation::Other, evidence, sentence);
    sightings.truncate(SIGHTINGS_MAX);
    finding.sightings = sightings;
    Some(finding)
}

/// Rows of others that are not as they were.
fn changed(judge: &ApiJudge<'_>, history: &History, spoken: &Spoken<'_>) -> Option<Finding> {
    let (change, portion) = rows::after(history, spoken.step).find_map(|change| {
        let all = portions(&judge.plane, spoken.principal, change);
        let mut others = all.into_iter();
        let outside = others
            .find(|portion| matches!(portion.relation, Relation::Other | Relation::Department))?;
        Some((change, outside))
    })?;
    let object = match &change.what {
        Changed::Rows { table, .. } | Changed::Unreadable { table, .. } => table.as_str(),
        Changed::Catalog { .. } => "the catalog",
    };
    let whose = match (portion.relation, portion.owner) {
        (Relation::Department, _) => "another department".to_owned(),
        (_, Some(owner)) => judge.world().tenant(owner).name.clone(),
        (_, None) => judge.plane.whose(&change.database),
    };
    let sentence = format!(
        "{}, {}, changed {object} of {whose}; nobody outside may",
        judge.plane.who(spoken.principal),
        after_what(judge, history, spoken.step),
    );
    let evidence = Shown {
        changed: true,
        audit: judge.plane.system.intent.is_audit(object),
        ..Shown::default()
    };
    let mut finding = finding(judge, history, spoken, portion.relation, evidence, sentence);
    finding.changes = vec![portion.change];
    Some(finding)
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    spoken: &Spoken<'_>,
    relation: Relation,
    shown: Shown,
    sentence: String,
) -> Finding {
    let tried = &history.case.steps[spoken.step];
    let attack = tried.attack();
    // One mistake of the service is told once, whoever stumbles over what it left.
    let action = worked(history, spoken.step).unwrap_or("T-SQL");
    let place = attack.map_or("T-SQL", |attack| attack.position.as_str());
    let fingerprint = Fingerprint {
        oracle: ORACLE.into(),
        attacker: spoken.principal.name.into(),
        victim: relation.name().into(),
        action: action.into(),
        place: place.into(),
    };
    let mut finding = judge.finding(
        history,
        spoken.step,
        fingerprint,
        Severity::Critical,
        sentence,
    );
    finding.controls = judge.broken(relation, attack, shown);
    finding
}

/// The operation after which the statement came: the victim's, which arms it.
fn worked(history: &History, step: usize) -> Option<&str> {
    let arms = |stance: &Stance| *stance == Stance::Witness { attack: step };
    let before = history.case.steps[..step].iter().rev();
    before
        .filter(|tried| arms(&tried.stance) && !tried.operation().is_empty())
        .map(domain::api::case::Step::operation)
        .next()
}

fn after_what(judge: &ApiJudge<'_>, history: &History, step: usize) -> String {
    let victim = history.case.steps[step]
        .attack()
        .and_then(|attack| attack.victim.as_ref());
    match (worked(history, step), victim) {
        (Some(operation), Some(victim)) => {
            format!("right after {operation} by {}", judge.who(victim))
        }
        _ => "between requests".into(),
    }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Act, Manner, Must, Stance, Step};
    use domain::api::history::{History, Record};
    use domain::case::{Actor, BatchTraits};
    use domain::history::{Change, Changed, Response, ResultSet};
    use domain::surface::Cell;
    use domain::world::TenantIndex;

    use crate::api::sample::{self, Sample};
    use crate::judge::Ending;

    /// The clerk of the other tenant works, then a principal of the first one reads.
    fn history(seen: &str) -> History {
        let mut history = sample::history();
        let worked = sample::post(1, "clerk", "/items", r#"{"name":"x"}"#);
        let worked = worked.stance(Stance::Witness { attack: 1 });
        sample::take(&mut history, worked, 201, r#"{"id":7}"#);
        let mut attack = sample::attack(&["D01", "B01"], Must::ShowNothing, Some(1));
        attack.family = "statement".into();
        attack.position = "T-SQL on every table".into();
        let batch = "SELECT * FROM [dbo].[Items];".to_owned();
        history.case.steps.push(Step {
            act: Act::Batch {
                actor: Actor::Principal {
                    tenant: TenantIndex(0),
                    principal: "app_rw".into(),
                },
                batch: batch.clone(),
                traits: BatchTraits::default(),
            },
            stance: Stance::Attack(attack),
            manner: Manner::Alone,
        });
        let set = ResultSet {
            columns: vec!["Name".into()],
            rows: vec![vec![Cell::Text(seen.into())]],
            rows_dropped: 0,
        };
        history.steps.push(Record::Batch {
            batch,
            response: Response {
                results: vec![set],
                ..Response::default()
            },
        });
        history
    }

    #[test]
    fn a_statement_shows_nothing_of_whoever_worked_before() {
        let sample = Sample::new();
        let judge = sample.judge();
        let mark = |tenant: usize| sample.world.tenants[tenant].mark.text.clone();
        for (seen, found) in [
            (format!("customer {}", mark(1)), true),
            (format!("customer {}", mark(0)), false),
            ("customer".to_owned(), false),
        ] {
            let history = history(&seen);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{seen}");
            let attempts = judge.attempts(&history, &findings);
            let expected = if found {
                Ending::Crossed
            } else {
                Ending::Harmless
            };
            assert_eq!((&attempts[0].ending, attempts[0].armed), (&expected, true));
            assert_eq!(
                attempts[0].cell.name,
                "app_rw T-SQL statement of another tenant's in T-SQL on every table"
            );
            for finding in findings {
                let ids: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
                assert_eq!(ids, ["D01", "B01"]);
                assert_eq!(finding.fingerprint.action, "POST /items");
                assert_eq!(finding.fingerprint.attacker, "app_rw");
            }
        }
    }

    #[test]
    fn a_statement_counts_only_after_work_that_was_done() {
        let sample = Sample::new();
        let judge = sample.judge();
        let mut history = history("customer");
        sample::answer_mut(&mut history, 0).status = 422;
        let attempts = judge.attempts(&history, &[]);
        assert!(!attempts[0].armed, "{attempts:?}");
    }

    #[test]
    fn a_statement_changes_rows_of_its_own_tenant_alone() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (database, found) in [("wt_beta", true), ("wt_acme", false)] {
            let mut history = history("customer");
            history.changes.push(Change {
                step: Some(1),
                database: database.into(),
                what: Changed::Rows {
                    table: "dbo.Invoices".into(),
                    added: vec![],
                    removed: vec![vec![Cell::Integer(9)]],
                },
            });
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{database}");
            for finding in findings {
                assert!(
                    finding.sentence.starts_with(
                        "app_rw of acme, right after POST /items by clerk of beta, changed"
                    ),
                    "{}",
                    finding.sentence
                );
            }
        }
    }

    #[test]
    fn what_a_tenant_said_itself_is_no_sighting() {
        let sample = Sample::new();
        let judge = sample.judge();
        let mark = &sample.world.tenants[1].mark.text;
        let mut history = history(mark);
        if let Record::Batch { batch, .. } = &mut history.steps[1] {
            *batch = format!("SELECT '{mark}' AS Name;");
        }
        assert_eq!(super::judge(&judge, &history), []);
    }
}
