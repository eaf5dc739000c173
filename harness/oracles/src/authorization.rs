//! Authorization: what intent forbids must be refused. An armed attempt that was carried out, or
//! that failed in a way that only an allowed statement can, crossed.

use domain::case::PAST;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{History, Response};
use domain::intent::Action;
use domain::outcome::Outcome;

use crate::arming;
use crate::classify::was_stopped_afterwards;
use crate::evidence::{self, Shown};
use crate::judge::{Judge, place};
use crate::matrix::{Cell, Relation, is_of_definitions};

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, record) in history.steps.iter().enumerate() {
        let Some(tried) = history.case.steps.get(step) else {
            continue;
        };
        let (Some(principal), Some(claim), Some(twin)) = (
            judge.principal(&history.case, step),
            &tried.claim,
            &record.twin,
        ) else {
            continue;
        };
        // What an opaque batch did shows in its effects alone.
        if tried.traits.opaque || arming::unarmed(tried, claim, twin).is_some() {
            continue;
        }
        let Some(cell) = Cell::of_claim(judge.world, &tried.actor, claim) else {
            continue;
        };
        // What lies in one table is another's or one's own row by row: that a statement was carried
        // out tells nothing there. What it gave back and what it changed does.
        if matches!(cell.relation, Relation::Other | Relation::Department)
            && judge.world.is_common(&claim.database)
        {
            continue;
        }
        let allowed = cell.relation == Relation::Own
            && judge
                .system
                .intent
                .allows(principal.name, claim.action, &claim.object);
        if allowed {
            continue;
        }
        let response = &record.response;
        let carried_out = match judge.classify(response) {
            Outcome::Permitted => !is_empty(claim.action, tried.traits.writes, response),
            Outcome::Failed { .. } if was_stopped_afterwards(response) => false,
            _ => continue,
        };
        let stopped = !carried_out && !response.errors.is_empty();
        if !carried_out && !stopped {
            continue;
        }
        let severity = match (cell.relation, carried_out) {
            (Relation::Other | Relation::Shared, true) => Severity::Critical,
            (Relation::Other | Relation::Shared | Relation::Department, false) => Severity::High,
            (Relation::Department, true) => Severity::High,
            (Relation::Own, true) if judge.system.intent.is_append_only(&claim.object) => {
                Severity::High
            }
            (Relation::Own, true) => Severity::Medium,
            (Relation::Own, false) => Severity::Low,
        };
        let who = judge.who(principal);
        let whose = judge.whose_claim(claim);
        let object = place(&claim.object);
        let action = spoken(claim.action);
        let may = who_may(judge, &cell);
        let sentence = match response.first_error() {
            None => format!("{who} could {action} {object} of {whose}; {may}"),
            Some(error) => format!(
                "{who} was allowed to {action} {object} of {whose} and only stopped by error {}; \
                 {may}",
                error.number
            ),
        };
        let fingerprint = Fingerprint {
            oracle: "authorization".into(),
            attacker: principal.name.into(),
            victim: cell.relation.name().into(),
            action: claim.action.name().into(),
            place: object,
        };
        let mut finding = judge.finding(history, step, fingerprint, severity, sentence);
        let shown = Shown {
            past: claim.is(PAST),
            reading: matches!(
                claim.action,
                Action::Select | Action::Execute | Action::Connect | Action::Backup
            ),
            definition: is_of_definitions(claim.action),
            ..Shown::default()
        };
        finding.controls = evidence::controls(judge.system, cell.relation, &claim.object, shown);
        findings.push(finding);
    }
    findings
}

/// Carried out, but there was nothing to carry out: a filter left no row.
fn is_empty(action: Action, writes: bool, response: &Response) -> bool {
    match action {
        Action::Select => response.rows_returned() == 0 && (!writes || response.rows_affected == 0),
        Action::Insert | Action::Update | Action::Delete => response.rows_affected == 0,
        _ => false,
    }
}

/// The action as a verb in a sentence.
pub(crate) fn spoken(action: Action) -> &'static str {
    match action {
        Action::Select => "read",
        Action::Insert => "insert into",
        Action::Update => "update",
        Action::Delete => "delete from",
        Action::Truncate => "truncate",
        Action::Execute => "execute",
        Action::Alter => "alter",
        Action::Drop => "drop",
        Action::Create => "create objects in",
        Action::Grant => "grant rights on",
        Action::TakeOwnership => "take ownership of",
        Action::Impersonate => "become",
        Action::Connect => "enter",
        Action::Backup => "back up",
    }
}

/// Who may, in a clause.
fn who_may(judge: &Judge<'_>, cell: &Cell) -> String {
    if cell.relation != Relation::Own {
        return "no principal of another tenant may".into();
    }
    let names = judge.system.intent.rightful(cell.action, &cell.object);
    if names.is_empty() {
        "nobody may".into()
    } else {
        format!("only {} may", names.join(" and "))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::case::{Actor, BatchTraits, Case, CaseId, Claim, Phase, Step};
    use domain::example;
    use domain::history::{History, Response, ResultSet, ServerMessage, StepRecord};
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::Cell;
    use domain::world::TenantIndex;

    use crate::judge::Judge;

    /// A history of one attack by a principal of the first tenant on `database`.
    pub(crate) fn attack(
        principal: &str,
        action: Action,
        (database, tenant): (&str, Option<usize>),
        object: &str,
        response: Response,
    ) -> History {
        let writes = action != Action::Select;
        let step = Step {
            actor: Actor::Principal {
                tenant: TenantIndex(0),
                principal: principal.into(),
            },
            batch: format!("-- {}", action.name()),
            claim: Some(Claim {
                action,
                database: database.into(),
                tenant: tenant.map(TenantIndex),
                object: object.into(),
                family: "direct".into(),
            }),
            twin: Some(Actor::Administrator {
                database: database.into(),
            }),
            traits: BatchTraits {
                writes,
                ..BatchTraits::default()
            },
        };
        let record = StepRecord {
            batch: step.batch.clone(),
            twin: Some(rows(&["a"], vec![vec![Cell::Integer(1)]])),
            response,
        };
        let id = CaseId {
            phase: Phase::Fuzz,
            index: 0,
        };
        let case = Case {
            id,
            title: "an attack".into(),
            steps: vec![step],
        };
        History {
            case,
            steps: vec![record],
            changes: Vec::new(),
        }
    }

    pub(crate) fn rows(columns: &[&str], rows: Vec<Vec<Cell>>) -> Response {
        let columns = columns.iter().map(|&name| name.into()).collect();
        let results = vec![ResultSet {
            columns,
            rows,
            rows_dropped: 0,
        }];
        Response {
            results,
            rows_affected: 1,
            ..Response::default()
        }
    }

    pub(crate) fn error(number: i32, text: &str) -> Response {
        let message = ServerMessage {
            number,
            severity: 14,
            state: 5,
            text: text.into(),
        };
        Response {
            errors: vec![message],
            ..Response::default()
        }
    }

    #[test]
    fn what_intent_forbids_must_be_refused() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let one = || rows(&["a"], vec![vec![Cell::Integer(1)]]);
        let (own, other, shared) = (
            ("wt_acme", Some(0)),
            ("wt_beta", Some(1)),
            ("wt_registry", None),
        );
        let audit = "dbo.AuditEvents";
        for (principal, action, whose, object, response, expected) in [
            (
                "app_rw",
                Action::Delete,
                own,
                audit,
                one(),
                Some(
                    "app_rw of acme could delete from dbo.AuditEvents of acme; \
                   only audit_admin may",
                ),
            ),
            (
                "app_rw",
                Action::Update,
                own,
                audit,
                one(),
                Some("app_rw of acme could update dbo.AuditEvents of acme; nobody may"),
            ),
            (
                "app_rw",
                Action::Select,
                other,
                "dbo.Invoices",
                one(),
                Some(
                    "app_rw of acme could read dbo.Invoices of beta; \
                   no principal of another tenant may",
                ),
            ),
            (
                "app_rw",
                Action::Connect,
                shared,
                "",
                one(),
                Some(
                    "app_rw of acme could enter the database of wt_registry; \
                   no principal of another tenant may",
                ),
            ),
            (
                "app_rw",
                Action::Insert,
                other,
                "dbo.Invoices",
                error(2627, "duplicate"),
                Some(
                    "app_rw of acme was allowed to insert into dbo.Invoices of beta and only \
                   stopped by error 2627; no principal of another tenant may",
                ),
            ),
            // Near misses: refused, allowed, nothing there, failed for another reason.
            (
                "app_rw",
                Action::Delete,
                own,
                audit,
                error(229, "denied"),
                None,
            ),
            ("audit_admin", Action::Delete, own, audit, one(), None),
            (
                "app_rw",
                Action::Select,
                other,
                "dbo.Invoices",
                rows(&["a"], vec![]),
                None,
            ),
            (
                "app_rw",
                Action::Select,
                other,
                "dbo.Invoices",
                error(208, "invalid"),
                None,
            ),
        ] {
            let history = attack(principal, action, whose, object, response);
            let findings = super::judge(&judge, &history);
            let sentence = findings.first().map(|finding| finding.sentence.as_str());
            assert_eq!(sentence, expected);
        }
    }

    #[test]
    fn an_attempt_that_was_not_armed_proves_nothing() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let one = rows(&["a"], vec![vec![Cell::Integer(1)]]);
        let mut history = attack(
            "app_rw",
            Action::Select,
            ("wt_beta", Some(1)),
            "dbo.Invoices",
            one,
        );
        history.steps[0].twin = Some(error(208, "invalid"));
        assert_eq!(super::judge(&judge, &history), []);
    }
}
