//! Immutability: rows of an append-only table are added by who may add them, removed by who may
//! remove them, and never changed by anybody. A refused statement leaves none.

use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Change, Changed, History};
use domain::intent::Action;
use domain::outcome::Outcome;
use domain::surface::Cell;

use crate::confinement::{Effect, effects, writes_through_modules};
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
        let effects = effects(judge.surface, &change);
        let purge = Purge::of(judge, table, &change, &effects);
        if purge.is_unrecorded() {
            let sentence = format!(
                "{} deleted rows of {table}, and nothing there tells of it; a purge leaves a row of \
                 its own",
                judge.who(principal)
            );
            findings.push(finding(
                judge,
                history,
                step,
                (Action::Delete, table),
                sentence,
                &change,
            ));
        }
        for effect in effects {
            let Some(action) = effect.action else {
                continue;
            };
            let (did, rule) = match action {
                Action::Update => ("changed", "nobody may".to_owned()),
                // A batch that was refused in part may have purged in another, and then its record.
                Action::Insert if purge.is_its_own_record() => continue,
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
            findings.push(finding(
                judge,
                history,
                step,
                (action, table),
                sentence,
                &change,
            ));
        }
    }
    findings
}

fn finding(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    (action, table): (Action, &str),
    sentence: String,
    change: &Change,
) -> Finding {
    let who = judge.principal(&history.case, step);
    let fingerprint = Fingerprint {
        oracle: "immutability".into(),
        attacker: who.map_or_else(String::new, |principal| principal.name.to_owned()),
        victim: Relation::Own.name().into(),
        action: action.name().into(),
        place: table.to_owned(),
    };
    let mut finding = judge.finding(history, step, fingerprint, Severity::High, sentence);
    let shown = Shown {
        rows_moved: true,
        ..Shown::default()
    };
    finding.controls = evidence::controls(judge.system, Relation::Own, table, shown);
    finding.changes = vec![change.clone()];
    finding
}

/// Whether rows of the audit table went, and whether what went is recorded there as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Purge {
    /// Intent says which event records it, and rows went.
    happened: bool,
    /// A row that came is such an event.
    recorded: bool,
    /// Every row that came is.
    nothing_else: bool,
}

impl Purge {
    fn of(judge: &Judge<'_>, table: &str, change: &Change, effects: &[Effect]) -> Self {
        let intent = &judge.system.intent;
        let event = intent
            .audit
            .as_ref()
            .filter(|audit| intent.is_audit(table) && audit.purge.is_some());
        let (Some(audit), Changed::Rows { added, .. }) = (event, &change.what) else {
            return Self::default();
        };
        let column = judge
            .table(&change.database, table)
            .and_then(|table| table.position(&audit.event));
        let is_event = |row: &Vec<Cell>| match column.and_then(|column| row.get(column)) {
            Some(Cell::Text(name)) => Some(name) == audit.purge.as_ref(),
            _ => false,
        };
        Self {
            happened: effects
                .iter()
                .any(|effect| effect.action == Some(Action::Delete)),
            recorded: added.iter().any(is_event),
            nothing_else: added.iter().all(is_event),
        }
    }

    fn is_unrecorded(self) -> bool {
        self.happened && !self.recorded
    }

    /// Whether what came is the record of what went, whoever wrote it.
    fn is_its_own_record(self) -> bool {
        self.happened && self.recorded && self.nothing_else
    }
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
    fn a_purge_leaves_its_own_row() {
        let mut system = example::system(2);
        let audit = system.intent.audit.as_mut().expect("the example has one");
        audit.purge = Some("Purged".into());
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let row = |id: i64, event: &str| {
            let text = |text: &str| Cell::Text(text.into());
            vec![Cell::Integer(id), Cell::Null, text("actor"), text(event)]
        };
        let audit = "dbo.AuditEvents";
        let untold = "audit_admin of acme deleted rows of dbo.AuditEvents, and nothing there tells \
                      of it; a purge leaves a row of its own";
        let foreign = "audit_admin of acme added 1 row of dbo.AuditEvents; only app_rw may";
        for (name, added, removed, expected) in [
            ("untold", vec![], vec![row(1, "Posted")], vec![untold]),
            (
                "told",
                vec![row(9, "Purged")],
                vec![row(1, "Posted")],
                vec![],
            ),
            (
                "told as something else",
                vec![row(9, "Posted")],
                vec![row(1, "Posted")],
                vec![untold, foreign],
            ),
            (
                "told and more",
                vec![row(9, "Purged"), row(10, "Posted")],
                vec![row(1, "Posted")],
                vec!["audit_admin of acme added 2 rows of dbo.AuditEvents; only app_rw may"],
            ),
            (
                "a purge that never was",
                vec![row(9, "Purged")],
                vec![],
                vec![foreign],
            ),
        ] {
            let own = ("wt_acme", Some(0));
            let mut history = attack(
                "audit_admin",
                Action::Delete,
                own,
                audit,
                Response::default(),
            );
            history.changes = vec![Change {
                step: Some(0),
                database: "wt_acme".into(),
                what: Changed::Rows {
                    table: audit.into(),
                    added,
                    removed,
                },
            }];
            let findings = super::judge(&judge, &history);
            let told: Vec<&str> = findings.iter().map(|one| one.sentence.as_str()).collect();
            assert_eq!(told, expected, "{name}");
        }
    }

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
