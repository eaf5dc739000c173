//! Confinement: what a caller does changes nothing outside its tenant and its department, whatever the
//! answer was. Judged from the rows of every tenant after every step.

use domain::api::history::History;
use domain::case::Actor;
use domain::finding::{Finding, Severity};
use domain::history::{Change, Changed};
use domain::world::TenantIndex;

use super::evidence::Shown;
use super::judge::{ApiJudge, Call, acting, call};
use super::rows;
use crate::confinement::effects;
use crate::judge::place;
use crate::matrix::Relation;
use crate::portions::Portion;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &history.changes {
        let Some((call, tenants)) = responsible(history, change) else {
            continue;
        };
        for portion in judge.portions(call.caller, change) {
            if is_outside(judge, &call, &tenants, &portion) {
                findings.push(finding(judge, history, &call, &portion));
            }
        }
    }
    findings
}

/// The call that a change is laid to, and all tenants that may have made it: those of a race, or of the
/// whole case when it could not be narrowed down.
fn responsible<'h>(history: &'h History, change: &Change) -> Option<(Call<'h>, Vec<TenantIndex>)> {
    let (steps, tenants) = match change.step {
        Some(step) => (rows::group(history, step), acting(history, step)),
        None => {
            let steps = 0..=history.steps.len().checked_sub(1)?;
            let tenants = steps
                .clone()
                .flat_map(|step| acting(history, step))
                .collect();
            (steps, tenants)
        }
    };
    let calls = || steps.clone().filter_map(|step| call(history, step));
    let found = calls()
        .find(|call| call.attack().is_some())
        .or_else(|| calls().next())?;
    // What a tenant's own principal did in T-SQL is the other plane's business.
    let by_batch = steps.clone().any(|step| {
        matches!(
            history.case.steps.get(step).map(|tried| &tried.act),
            Some(domain::api::case::Act::Batch {
                actor: Actor::Administrator { .. } | Actor::Keeper { .. },
                ..
            })
        )
    });
    (!by_batch).then_some((found, tenants))
}

fn is_outside(
    judge: &ApiJudge<'_>,
    call: &Call<'_>,
    tenants: &[TenantIndex],
    portion: &Portion,
) -> bool {
    // Whoever logs in has no tenant yet, and leaves his traces with it.
    if call.caller.tenant.is_none()
        && (judge.is_public(call.operation)
            || (!call.operation.is_empty() && judge.is_open(call.operation)))
    {
        return false;
    }
    match portion.relation {
        Relation::Other => portion.owner.is_none_or(|owner| !tenants.contains(&owner)),
        // Others of the race may be of that department.
        Relation::Department => tenants.len() == 1,
        Relation::Shared => names_another(judge, call, tenants, portion),
        Relation::Own => false,
    }
}

/// Whether rows of a database that belongs to nobody are about another tenant than those that act.
fn names_another(
    judge: &ApiJudge<'_>,
    call: &Call<'_>,
    tenants: &[TenantIndex],
    portion: &Portion,
) -> bool {
    let Some(moved) = rows::moved(&portion.change) else {
        return false;
    };
    // Whoever may provision and remove tenants works on others by duty.
    let provisioning = judge.service.promises.provisioning.as_ref();
    if provisioning.is_some_and(|promise| {
        judge.is(call.operation, &promise.provision) || judge.is(call.operation, &promise.offboard)
    }) {
        return false;
    }
    let world = judge.world();
    moved.added.iter().chain(moved.removed).any(|row| {
        let text = row
            .iter()
            .map(|cell| cell.literal().to_lowercase())
            .collect::<Vec<_>>()
            .join(" ");
        let names = |index: TenantIndex| {
            let tenant = world.tenant(index);
            text.contains(&tenant.mark.text)
                || (tenant.organisation.is_none() && text.contains(&tenant.database.to_lowercase()))
        };
        let foreign = world
            .indexes()
            .any(|index| !tenants.contains(&index) && names(index));
        foreign && !tenants.iter().any(|&own| names(own))
    })
}

fn finding(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>, portion: &Portion) -> Finding {
    let attack = call.attack();
    let world = judge.world();
    let whose = match (portion.relation, portion.owner) {
        (Relation::Department, _) => "another department".to_owned(),
        (_, Some(owner)) => world.tenant(owner).name.clone(),
        (_, None) => judge.plane.whose(&portion.change.database),
    };
    let effects = effects(judge.plane.surface, &portion.change);
    let what = match (&portion.change.what, effects.first()) {
        (Changed::Rows { table, .. }, Some(first)) => {
            let did = match first.action {
                Some(domain::intent::Action::Update) => "changed",
                Some(domain::intent::Action::Insert) => "added",
                _ => "removed",
            };
            let rows = if first.count == 1 { "row" } else { "rows" };
            format!("{did} {} {rows} of {table}", first.count)
        }
        (Changed::Catalog { .. }, _) => "changed the catalog".to_owned(),
        (Changed::Unreadable { table, .. }, _) => format!("made {} unreadable", place(table)),
        (Changed::Rows { table, .. }, None) => format!("changed {table}"),
    };
    let object = match &portion.change.what {
        Changed::Rows { table, .. } | Changed::Unreadable { table, .. } => table.clone(),
        Changed::Catalog { .. } => "the catalog".into(),
    };
    // Where a position was attacked, that is the cause; else it is known by what it does.
    let position = attack.map_or(object.clone(), |attack| attack.position.clone());
    let fingerprint = ApiJudge::fingerprint("api_confinement", call, portion.relation, &position);
    let sentence = format!(
        "{} {what} of {whose} by {}, which was answered {}; nobody outside may",
        judge.who(call.caller),
        super::judge::action(call.operation, call.sent),
        call.answer.status,
    );
    let audit = judge.service.promises.audit.as_ref();
    let shown = Shown {
        changed: true,
        audit: judge.plane.system.intent.is_audit(&object)
            || audit.is_some_and(|promise| promise.table.eq_ignore_ascii_case(&object)),
        mixed: is_mixed(history, call, portion.owner),
        ..Shown::default()
    };
    let severity = match portion.relation {
        Relation::Department => Severity::High,
        _ => Severity::Critical,
    };
    let controls = judge.broken(portion.relation, attack, shown);
    let mut finding = judge.finding(history, call.step, fingerprint, severity, sentence);
    finding.controls = controls;
    finding.changes = vec![portion.change.clone()];
    finding
}

/// Whether an honest request went to a tenant that was served before it.
fn is_mixed(history: &History, call: &Call<'_>, owner: Option<TenantIndex>) -> bool {
    let Some(owner) = owner else { return false };
    super::containment::is_mixed(history, call)
        || (call.attack().is_none()
            && (0..call.step).any(|earlier| acting(history, earlier).contains(&owner)))
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn change(database: &str, table: &str) -> Change {
        Change {
            step: Some(0),
            database: database.into(),
            what: Changed::Rows {
                table: table.into(),
                added: vec![vec![
                    Cell::Integer(9),
                    Cell::Integer(1),
                    Cell::Text("x".into()),
                ]],
                removed: vec![],
            },
        }
    }

    #[test]
    fn rows_of_others_stay_as_they_are_below_any_answer() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (database, table, status, found) in [
            ("wt_beta", "dbo.Invoices", 204, true),
            ("wt_beta", "dbo.Invoices", 404, true),
            ("wt_acme", "dbo.Invoices", 204, false),
        ] {
            let mut history = sample::history();
            let attack = sample::attack(&["D01", "B03"], Must::BeRefused, Some(1));
            let step = sample::delete(0, "clerk", "/items/7").stance(Stance::Attack(attack));
            sample::take(&mut history, step, status, "");
            history.changes.push(change(database, table));
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{database} {status}");
            for finding in findings {
                let ids: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
                assert_eq!(ids, ["D01"]);
            }
        }
    }

    #[test]
    fn an_honest_call_that_lands_with_the_tenant_served_before_is_a_mixture() {
        let sample = Sample::new();
        let judge = sample.judge();
        let mut history = sample::history();
        sample::take(&mut history, sample::get(1, "clerk", "/items/7"), 200, "{}");
        sample::take(
            &mut history,
            sample::post(0, "clerk", "/items", "{}"),
            201,
            "{}",
        );
        let mut landed = change("wt_beta", "dbo.AuditEvents");
        landed.step = Some(1);
        history.changes.push(landed);
        let findings = super::judge(&judge, &history);
        let ids: Vec<&str> = findings[0]
            .controls
            .iter()
            .map(|id| id.0.as_str())
            .collect();
        assert_eq!(ids, ["D01", "D04", "B04"]);
    }

    #[test]
    fn in_a_common_database_rows_are_told_apart_by_their_owner() {
        let sample = Sample::common();
        let judge = sample.judge();
        let orders = sample.surface.databases[0]
            .tables
            .iter()
            .find(|(_, table)| {
                let columns = &table.columns;
                let has = |name: &str| columns.iter().any(|column| column.name == name);
                has("OrgId") && has("SubOrgId")
            })
            .expect("the sample has departments");
        let (name, table) = orders;
        let of = |tenant: usize, department: Option<usize>| {
            let mut row = vec![Cell::Null; table.columns.len()];
            let tenant = &sample.world.tenants[tenant];
            row[table.position("OrgId").expect("there")] = Cell::Integer(tenant.mark.number);
            if let Some(department) = department {
                let number = tenant.departments[department].parse();
                row[table.position("SubOrgId").expect("there")] =
                    Cell::Integer(number.expect("a number"));
            }
            row
        };
        for (actor, row, ids) in [
            ("clerk", of(1, None), &["S01", "S03"][..]),
            ("clerk", of(0, None), &[]),
            ("clerk", of(0, Some(1)), &[]),
            ("east", of(0, Some(1)), &["S02"]),
            ("west", of(0, Some(1)), &[]),
        ] {
            let mut history = sample::history();
            let step = sample::delete(0, actor, "/items/7");
            sample::take(&mut history, step, 404, "");
            history.changes.push(Change {
                step: Some(0),
                database: "wt_erp".into(),
                what: Changed::Rows {
                    table: name.clone(),
                    added: vec![],
                    removed: vec![row],
                },
            });
            let found: Vec<String> = super::judge(&judge, &history)
                .into_iter()
                .flat_map(|finding| finding.controls)
                .map(|id| id.0)
                .collect();
            assert_eq!(found, ids, "{actor}");
        }
    }
}
