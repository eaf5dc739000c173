//! Confinement: what a principal does changes nothing outside its tenant, and inside only what
//! intent lets it change. Judged from rows and catalogs before and after, whatever the answer was.
//!
//! Rows of the own tenant's append-only tables are [`crate::immutability`]'s.

use domain::case::{Claim, PAST};
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{Change, Changed, History};
use domain::intent::Action;
use domain::surface::{Cell, Surface};

use crate::authorization::spoken;
use crate::evidence::{self, Shown};
use crate::judge::{Judge, Principal, place};
use crate::matrix::Relation;
use crate::portions::{Portion, portions};

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &history.changes {
        let Some(step) = responsible(judge, history, change) else {
            continue;
        };
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let claim = history.case.steps[step].claim.as_ref();
        for portion in portions(judge, principal, change) {
            for effect in effects(judge.surface, &portion.change) {
                if portion.relation == Relation::Own
                    && is_own_business(judge, principal, claim, &portion.change, &effect)
                {
                    continue;
                }
                findings.push(finding(judge, history, step, principal, &portion, &effect));
            }
        }
    }
    findings
}

/// The step that did it. A change that could not be narrowed down is laid to the first step of a
/// principal that attacked, as the case did it.
pub(crate) fn responsible(judge: &Judge<'_>, history: &History, change: &Change) -> Option<usize> {
    change.step.or_else(|| {
        let taken = 0..history.case.steps.len();
        let principals = || {
            taken
                .clone()
                .filter(|&step| judge.principal(&history.case, step).is_some())
        };
        principals()
            .find(|&step| history.case.steps[step].twin.is_some())
            .or(principals().next())
    })
}

/// What happened to one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    /// `schema.table`; empty for the catalog.
    pub(crate) object: String,
    /// Which action it amounts to; `None` for the catalog and for what cannot be read any more.
    pub(crate) action: Option<Action>,
    /// How many rows or facts.
    pub(crate) count: usize,
}

/// What a change amounts to: rows that came, went, or came in another's place.
pub(crate) fn effects(surface: &Surface, change: &Change) -> Vec<Effect> {
    match &change.what {
        Changed::Rows {
            table,
            added,
            removed,
        } => {
            let updated = replaced(surface, &change.database, table, added, removed);
            let effect = |action, count| Effect {
                object: table.clone(),
                action: Some(action),
                count,
            };
            [
                effect(Action::Update, updated),
                effect(Action::Insert, added.len() - updated),
                effect(Action::Delete, removed.len() - updated),
            ]
            .into_iter()
            .filter(|effect| effect.count > 0)
            .collect()
        }
        Changed::Catalog { added, removed } => vec![Effect {
            object: String::new(),
            action: None,
            count: added.len() + removed.len(),
        }],
        Changed::Unreadable { table, .. } => {
            vec![Effect {
                object: table.clone(),
                action: None,
                count: 1,
            }]
        }
    }
}

/// How many rows went and came again with the same key. Without a key, as many as went and came.
fn replaced(
    surface: &Surface,
    database: &str,
    table: &str,
    added: &[Vec<Cell>],
    removed: &[Vec<Cell>],
) -> usize {
    let key: Vec<usize> = surface
        .databases
        .iter()
        .find(|own| own.name.eq_ignore_ascii_case(database))
        .and_then(|database| database.tables.get(table))
        .map(|table| {
            table
                .primary_key
                .iter()
                .filter_map(|column| table.position(column))
                .collect()
        })
        .unwrap_or_default();
    if key.is_empty() {
        return added.len().min(removed.len());
    }
    let same_key = |old: &[Cell], new: &[Cell]| {
        key.iter()
            .all(|&position| old.get(position) == new.get(position))
    };
    removed
        .iter()
        .filter(|old| added.iter().any(|new| same_key(old, new)))
        .count()
}

/// Whether the own tenant's change is one that intent lets the principal make.
fn is_own_business(
    judge: &Judge<'_>,
    principal: Principal<'_>,
    claim: Option<&Claim>,
    change: &Change,
    effect: &Effect,
) -> bool {
    let intent = &judge.system.intent;
    if judge.world.is_common(&change.database)
        && effect.action.is_some()
        && writes_through_modules(judge, principal, claim, &change.database)
    {
        return true;
    }
    let allowed_claim = |wanted: &[Action]| {
        claim.is_some_and(|claim| {
            wanted.contains(&claim.action)
                && intent.allows(principal.name, claim.action, &claim.object)
        })
    };
    match effect.action {
        Some(action) => {
            // What a change leaves in the history is judged by [`crate::versions`].
            intent.is_append_only(&effect.object)
                || intent.is_history(&effect.object)
                || intent.allows(principal.name, action, &effect.object)
        }
        None => allowed_claim(&[
            Action::Create,
            Action::Alter,
            Action::Drop,
            Action::Grant,
            Action::TakeOwnership,
        ]),
    }
}

/// Whether the principal may change rows through views and procedures, and did nothing else: what
/// lies behind them is theirs to change, not his.
pub(crate) fn writes_through_modules(
    judge: &Judge<'_>,
    principal: Principal<'_>,
    claim: Option<&Claim>,
    database: &str,
) -> bool {
    const WRITES: [Action; 4] = [
        Action::Insert,
        Action::Update,
        Action::Delete,
        Action::Execute,
    ];
    let intent = &judge.system.intent;
    let may = |action: &Action, object: &str| intent.allows(principal.name, *action, object);
    match claim {
        Some(claim) => WRITES.contains(&claim.action) && may(&claim.action, &claim.object),
        None => judge
            .surface
            .databases
            .iter()
            .filter(|own| own.name.eq_ignore_ascii_case(database))
            .flat_map(|own| own.modules.keys())
            .any(|object| WRITES.iter().any(|action| may(action, object))),
    }
}

fn finding(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    principal: Principal<'_>,
    portion: &Portion,
    effect: &Effect,
) -> Finding {
    let (relation, change) = (portion.relation, &portion.change);
    let intent = &judge.system.intent;
    let who = judge.who(principal);
    let whose = match portion.owner {
        Some(owner) => judge.world.tenant(owner).name.clone(),
        None => judge.whose(&change.database),
    };
    let claim = history.case.steps[step].claim.as_ref();
    let (action, did) = match (effect.action, &change.what) {
        (Some(Action::Update), _) => ("update".to_owned(), "changed"),
        (Some(Action::Insert), _) => ("insert".to_owned(), "added"),
        (Some(_), _) => ("delete".to_owned(), "deleted"),
        // The same cause as the statement that was tried, when it was of that kind.
        (None, Changed::Catalog { .. }) => {
            let tried = claim
                .map(|claim| claim.action)
                .filter(|action| is_definition(*action));
            (
                tried.map_or("change the catalog", Action::name).to_owned(),
                "changed",
            )
        }
        (None, _) => ("make unreadable".to_owned(), "made unreadable"),
    };
    // A change of definitions is known by what was tried, a change of rows by its table.
    let object = match (&change.what, claim) {
        (Changed::Catalog { .. }, Some(claim))
            if is_definition(claim.action) && claim.database == change.database =>
        {
            claim.object.clone()
        }
        _ => effect.object.clone(),
    };
    let what = match (&change.what, effect.count) {
        (Changed::Rows { table, .. }, 1) => format!("1 row of {table}"),
        (Changed::Rows { table, .. }, count) => format!("{count} rows of {table}"),
        (Changed::Catalog { added, removed }, _) => {
            format!("the catalog ({})", told(added, removed))
        }
        (Changed::Unreadable { table, .. }, _) => place(table),
    };
    let rule = match (relation, effect.action) {
        (Relation::Other | Relation::Shared, _) => "nobody outside may".to_owned(),
        (Relation::Department, _) => "no other department may".to_owned(),
        (Relation::Own, Some(action)) => match intent.rightful(action, &effect.object).as_slice() {
            [] => "nobody may".to_owned(),
            names => format!("only {} may", names.join(" and ")),
        },
        (Relation::Own, None) => "only an administrator may".to_owned(),
    };
    let severity = match relation {
        Relation::Other | Relation::Shared => Severity::Critical,
        Relation::Department => Severity::High,
        Relation::Own if effect.action.is_none() || intent.is_append_only(&object) => {
            Severity::High
        }
        Relation::Own => Severity::Medium,
    };
    let fingerprint = Fingerprint {
        oracle: "confinement".into(),
        attacker: principal.name.into(),
        victim: relation.name().into(),
        action,
        place: place(&object),
    };
    let sentence = match (&change.what, claim) {
        (Changed::Catalog { added, removed }, Some(claim))
            if claim.action.name() == fingerprint.action =>
        {
            let facts = told(added, removed);
            let verb = spoken(claim.action);
            format!(
                "{who} could {verb} {} of {whose} ({facts}); {rule}",
                place(&object)
            )
        }
        _ => format!("{who} {did} {what} of {whose}; {rule}"),
    };
    let mut finding = judge.finding(history, step, fingerprint, severity, sentence);
    let rows_moved = matches!(change.what, Changed::Rows { .. });
    let shown = Shown {
        rows_moved,
        past: claim.is_some_and(|claim| claim.is(PAST)),
        definition: matches!(change.what, Changed::Catalog { .. }),
        ..Shown::default()
    };
    finding.controls = evidence::controls(judge.system, relation, &object, shown);
    finding.changes = vec![change.clone()];
    finding
}

/// The first facts of a change, in words.
fn told(added: &[String], removed: &[String]) -> String {
    const TOLD_MAX: usize = 2;
    let all = added.len() + removed.len();
    let facts: Vec<String> = added
        .iter()
        .map(|fact| format!("now {fact}"))
        .chain(removed.iter().map(|fact| format!("no longer {fact}")))
        .take(TOLD_MAX)
        .collect();
    let more = match all.saturating_sub(TOLD_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", facts.join("; "))
}

fn is_definition(action: Action) -> bool {
    !matches!(
        action,
        Action::Select
            | Action::Insert
            | Action::Update
            | Action::Delete
            | Action::Connect
            | Action::Backup
    )
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

    fn row(id: i64, text: &str) -> Vec<Cell> {
        vec![Cell::Integer(id), Cell::Integer(0), Cell::Text(text.into())]
    }

    #[test]
    fn changes_stay_where_they_belong() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let rows = |table: &str, added: Vec<Vec<Cell>>, removed: Vec<Vec<Cell>>| Changed::Rows {
            table: table.into(),
            added,
            removed,
        };
        let granted = || Changed::Catalog {
            added: vec!["GRANT DELETE ON dbo.Invoices TO app_rw".into()],
            removed: vec![],
        };
        let invoices = "dbo.Invoices";
        for (principal, action, database, what, expected) in [
            (
                "app_rw",
                Action::Delete,
                "wt_beta",
                rows(invoices, vec![], vec![row(1, "a")]),
                Some((
                    "app_rw of acme deleted 1 row of dbo.Invoices of beta; nobody outside may",
                    &["D01"][..],
                )),
            ),
            (
                "app_rw",
                Action::Insert,
                "wt_beta",
                rows("dbo.AuditEvents", vec![row(9, "x"), row(10, "x")], vec![]),
                Some((
                    "app_rw of acme added 2 rows of dbo.AuditEvents of beta; nobody outside may",
                    &["D01", "D04"],
                )),
            ),
            (
                "readonly_investigator",
                Action::Update,
                "wt_acme",
                rows(invoices, vec![row(1, "b")], vec![row(1, "a")]),
                Some((
                    "readonly_investigator of acme changed 1 row of dbo.Invoices of acme; \
                    only app_rw may",
                    &["D02"],
                )),
            ),
            (
                "app_rw",
                Action::Grant,
                "wt_acme",
                granted(),
                Some((
                    "app_rw of acme could grant rights on dbo.Invoices of acme (now GRANT DELETE ON \
                     dbo.Invoices TO app_rw); only an administrator may",
                    &["D02"],
                )),
            ),
            (
                "app_rw",
                Action::Select,
                "wt_registry",
                Changed::Unreadable {
                    table: "dbo.Tenants".into(),
                    error: "error 208".into(),
                },
                Some((
                    "app_rw of acme made unreadable dbo.Tenants of wt_registry; \
                    nobody outside may",
                    &["D01"],
                )),
            ),
            // Near misses: the own tenant's business, and what another oracle judges.
            (
                "app_rw",
                Action::Update,
                "wt_acme",
                rows(invoices, vec![row(1, "b")], vec![row(1, "a")]),
                None,
            ),
            (
                "app_rw",
                Action::Delete,
                "wt_acme",
                rows("dbo.AuditEvents", vec![], vec![row(1, "a")]),
                None,
            ),
        ] {
            let whose = world.tenant_of_database(database).map(|tenant| tenant.0);
            let mut history = attack(
                principal,
                action,
                (database, whose),
                invoices,
                Response::default(),
            );
            history.changes = vec![Change {
                step: Some(0),
                database: database.into(),
                what,
            }];
            let findings = super::judge(&judge, &history);
            let found = findings.first().map(|finding| {
                let ids: Vec<&str> = finding
                    .controls
                    .iter()
                    .map(|control| control.0.as_str())
                    .collect();
                (finding.sentence.as_str(), ids)
            });
            let expected = expected.map(|(sentence, ids)| (sentence, ids.to_vec()));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_refusal_does_not_excuse_an_effect() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let whose = ("wt_beta", Some(1));
        let mut history = attack(
            "app_rw",
            Action::Delete,
            whose,
            "dbo.Invoices",
            error(229, "denied"),
        );
        let removed = vec![row(1, "a")];
        let what = Changed::Rows {
            table: "dbo.Invoices".into(),
            added: vec![],
            removed,
        };
        history.changes = vec![Change {
            step: None,
            database: "wt_beta".into(),
            what,
        }];
        assert_eq!(super::judge(&judge, &history).len(), 1);
    }
}
