//! Departments: who acts for one department of a tenant sees no row of another.

use domain::control::ControlId;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::History;
use domain::surface::Cell;

use crate::judge::{Judge, place};
use crate::matrix::Relation;

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let Some(tenancy) = &judge.system.tenancy else {
        return Vec::new();
    };
    let Some(declared) = &tenancy.department else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (step, record) in history.steps.iter().enumerate() {
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let departments = &judge.world.tenant(principal.tenant).departments;
        let Some(own) = principal
            .department
            .and_then(|position| departments.get(position))
        else {
            continue;
        };
        let is_anothers = |cell: &Cell| {
            let value = cell.literal();
            value != *own && departments.contains(&value)
        };
        let seen = record.response.results.iter().find_map(|set| {
            let position = set
                .columns
                .iter()
                .position(|name| name.eq_ignore_ascii_case(&declared.column))?;
            set.rows
                .iter()
                .filter_map(|row| row.get(position))
                .find(|cell| is_anothers(cell))
        });
        let Some(cell) = seen else { continue };
        let claim = history.case.steps[step].claim.as_ref();
        let object = place(claim.map_or("", |claim| &claim.object));
        let sentence = format!(
            "{}, acting for department {own}, read rows of department {} in {object}; no other \
             department may",
            judge.who(principal),
            cell.literal()
        );
        let fingerprint = Fingerprint {
            oracle: "departments".into(),
            attacker: principal.name.into(),
            victim: Relation::Department.name().into(),
            action: "select".into(),
            place: object,
        };
        let mut finding = judge.finding(history, step, fingerprint, Severity::High, sentence);
        finding.controls = vec![ControlId::new("S02")];
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, Scope};
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::Cell;
    use domain::world::TenantIndex;

    use crate::authorization::tests::{attack, rows};
    use crate::judge::Judge;

    #[test]
    fn a_department_sees_its_own_rows_alone() {
        let system = example::common::system(2);
        let world = example::common::world(2, Seed(7));
        let surface = example::common::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let number = world.tenants[0].mark.number;
        for (scope, column, value, found) in [
            (Some(0), "SubOrgId", number + 12, true),
            (Some(0), "suborgid", number + 12, true),
            (Some(0), "SubOrgId", number + 11, false),
            (Some(0), "Quantity", number + 12, false),
            (None, "SubOrgId", number + 12, false),
        ] {
            let response = rows(&[column], vec![vec![Cell::Integer(value)]]);
            let whose = ("wt_erp", Some(0));
            let mut history = attack("service", Action::Select, whose, "org.Customers", response);
            if let Some(department) = scope {
                history.case.steps[0].actor = Actor::Scoped {
                    tenant: TenantIndex(0),
                    principal: "service".into(),
                    scope: Scope::Department(department),
                };
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{column} {value}");
        }
    }
}
