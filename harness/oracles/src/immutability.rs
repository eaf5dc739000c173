//! Immutability: rows of an append-only table are added by who may add them, removed by who may
//! remove them, and never changed by anybody. A refused statement leaves none.

use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Changed, History};
use domain::intent::Action;
use domain::outcome::Outcome;

use crate::confinement::{effects, writes_through_modules};
use crate::evidence::{self, Shown};
use crate::judge::Judge;
use crate::matrix::Relation;
use crate::portions::{Portion, portions};

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let intent = &judge.system.intent;
    let mut findings = Vec::new();
    for change in &history.changes {
        let Changed::Rows { table, .. } = &change.what else {
            continue;
        };
        if !intent.is_append_only(table) {
            continue;
        }
        let step = change.step.or_else(|| {
            (0..history.case.steps.len())
                .find(|&step| judge.principal(&history.case, step).is_some())
        });
        let Some(step) = step else { continue };
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let own = portions(judge, principal, change)
            .into_iter()
            .find(|portion| portion.relation == Relation::Own);
        let Some(Portion { change, .. }) = own else {
            continue;
        };
        let claim = history.case.steps[step].claim.as_ref();
        // A procedure that the principal may execute writes the trail in its own name.
        let by_module = match claim {
            Some(claim) => {
                claim.action == Action::Execute
                    && intent.allows(principal.name, Action::Execute, &claim.object)
            }
            // Where nothing is claimed, the trail may come from any procedure that is his to run.
            None => {
                judge.world.is_common(&change.database)
                    && writes_through_modules(judge, principal, None, &change.database)
            }
        };
        let refused = history.steps.get(step).is_some_and(|record| {
            matches!(judge.classify(&record.response), Outcome::Denied { .. })
        });
        for effect in effects(judge.surface, &change) {
            let Some(action) = effect.action else {
                continue;
            };
            let (did, rule) = match action {
                Action::Update => ("changed", "nobody may".to_owned()),
                Action::Insert if refused => {
                    ("left", "a refused statement must leave none".to_owned())
                }
                Action::Insert if by_module => continue,
                _ if intent.allows(principal.name, action, table) => continue,
                Action::Insert => ("added", only(intent.rightful(action, table))),
                _ => ("deleted", only(intent.rightful(action, table))),
            };
            let rows = match effect.count {
                1 => "1 row".to_owned(),
                count => format!("{count} rows"),
            };
            let sentence = format!("{} {did} {rows} of {table}; {rule}", judge.who(principal));
            let fingerprint = Fingerprint {
                oracle: "immutability".into(),
                attacker: principal.name.into(),
                victim: Relation::Own.name().into(),
                action: action.name().into(),
                place: table.clone(),
            };
            let mut finding = judge.finding(history, step, fingerprint, Severity::High, sentence);
            let shown = Shown {
                rows_moved: true,
                ..Shown::default()
            };
            finding.controls = evidence::controls(judge.system, Relation::Own, table, shown);
            finding.changes = vec![change.clone()];
            findings.push(finding);
        }
    }
    findings
}

fn only(names: Vec<&str>) -> String {
    if names.is_empty() {
        "nobody may".into()
    } else {
        format!("only {} may", names.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::history::{Change, Changed, Response};
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::Cell;

    use crate::authorization::tests::{attack, error};
    use crate::judge::Judge;

    #[test]
    fn the_trail_grows_and_is_purged_by_the_right_hand_only() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let row = |id: i64, text: &str| vec![Cell::Integer(id), Cell::Text(text.into())];
        let audit = "dbo.AuditEvents";
        let purge = "dbo.PurgeAuditEvents";
        let fine = Response::default;
        for (principal, action, object, added, removed, response, expected) in [
            (
                "app_rw",
                Action::Delete,
                audit,
                vec![],
                vec![row(1, "a"), row(2, "b")],
                fine(),
                Some("app_rw of acme deleted 2 rows of dbo.AuditEvents; only audit_admin may"),
            ),
            (
                "app_rw",
                Action::Update,
                audit,
                vec![row(1, "x")],
                vec![row(1, "a")],
                fine(),
                Some("app_rw of acme changed 1 row of dbo.AuditEvents; nobody may"),
            ),
            (
                "audit_admin",
                Action::Delete,
                audit,
                vec![row(1, "x")],
                vec![row(1, "a")],
                fine(),
                Some("audit_admin of acme changed 1 row of dbo.AuditEvents; nobody may"),
            ),
            (
                "readonly_investigator",
                Action::Insert,
                audit,
                vec![row(9, "x")],
                vec![],
                fine(),
                Some(
                    "readonly_investigator of acme added 1 row of dbo.AuditEvents; \
                   only app_rw may",
                ),
            ),
            (
                "app_rw",
                Action::Insert,
                audit,
                vec![row(9, "x")],
                vec![],
                error(229, "denied"),
                Some(
                    "app_rw of acme left 1 row of dbo.AuditEvents; \
                   a refused statement must leave none",
                ),
            ),
            // Near misses.
            (
                "app_rw",
                Action::Insert,
                audit,
                vec![row(9, "x")],
                vec![],
                fine(),
                None,
            ),
            (
                "audit_admin",
                Action::Delete,
                audit,
                vec![],
                vec![row(1, "a")],
                fine(),
                None,
            ),
            (
                "audit_admin",
                Action::Execute,
                purge,
                vec![row(9, "x")],
                vec![row(1, "a")],
                fine(),
                None,
            ),
        ] {
            let mut history = attack(principal, action, ("wt_acme", Some(0)), object, response);
            let what = Changed::Rows {
                table: audit.into(),
                added,
                removed,
            };
            history.changes = vec![Change {
                step: Some(0),
                database: "wt_acme".into(),
                what,
            }];
            let findings = super::judge(&judge, &history);
            let sentence = findings.first().map(|finding| finding.sentence.as_str());
            assert_eq!(sentence, expected);
        }
    }
}
