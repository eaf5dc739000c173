//! Does a thing belong to a department, or to its tenant as a whole?

use domain::api::case::Stance;
use domain::api::history::History;

use super::changes_view::made;
use super::judge::{ApiJudge, Call, calls};
use super::{positions, rows};

impl ApiJudge<'_> {
    /// Whether what an attack on another department is after belongs to that department, as far as rows
    /// tell: much belongs to the tenant as a whole, and every department may work with it.
    pub(crate) fn is_departmental(&self, history: &History, call: &Call<'_>) -> bool {
        let Some(victim) = call.attack().and_then(|attack| attack.victim.as_ref()) else {
            return true;
        };
        let (Some(tenant), Some(position), Some(tenancy)) = (
            victim.tenant,
            self.department(victim),
            &self.plane.system.tenancy,
        ) else {
            return true;
        };
        let Some(department) = self.world().tenant(tenant).departments.get(position) else {
            return true;
        };
        if !history.sees_rows || tenancy.department.is_none() {
            return true;
        }
        let ids = call
            .attack()
            .map(|attack| positions::values(&attack.position, call.operation, call.sent))
            .unwrap_or_default();
        let makers: Vec<Call<'_>> = calls(history)
            .filter(|other| other.step < call.step && other.caller == victim)
            .filter(|other| !other.is_safe() && other.succeeded())
            .collect();
        let of_the_thing: Vec<&Call<'_>> = makers
            .iter()
            .filter(|maker| made(maker).is_some_and(|id| ids.contains(&id)))
            .collect();
        // What the victim did on its way, for no attack, makes nothing that others made its department's.
        let is_for_an_attack =
            |maker: &&Call<'_>| history.case.steps[maker.step].stance != Stance::Wander;
        let makers: Vec<&Call<'_>> = if of_the_thing.is_empty() {
            makers.iter().filter(is_for_an_attack).collect()
        } else {
            of_the_thing
        };
        makers.into_iter().any(|maker| {
            rows::after(history, maker.step)
                .filter_map(rows::moved)
                .any(|moved| {
                    let table = self.plane.table(&moved.change.database, moved.table);
                    table.is_some_and(|table| {
                        moved.added.iter().any(|row| {
                            tenancy.department_of(table, row).as_ref() == Some(department)
                        })
                    })
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::request::Caller;
    use domain::history::{Change, Changed};
    use domain::surface::Cell;
    use domain::world::TenantIndex;

    use crate::api::judge::call;
    use crate::api::sample::{self, Sample};

    #[test]
    fn what_was_made_without_a_department_is_the_whole_tenants() {
        let sample = Sample::common();
        let judge = sample.judge();
        let (name, table) = sample.surface.databases[0]
            .tables
            .iter()
            .find(|(_, table)| table.position("SubOrgId").is_some())
            .expect("the sample has departments");
        for (department, expected) in [(Some(1), true), (Some(0), false), (None, false)] {
            let mut history = sample::history();
            let step = sample::post(0, "west", "/items", "{}");
            sample::take(&mut history, step, 201, r#"{"id":7}"#);
            let mut attack = sample::attack(&["S02"], Must::BeRefused, None);
            attack.victim = Some(Caller::of(TenantIndex(0), "west"));
            let step = sample::get(0, "east", "/items/7").stance(Stance::Attack(attack));
            sample::take(&mut history, step, 404, "");
            let mut row = vec![Cell::Null; table.columns.len()];
            let tenant = &sample.world.tenants[0];
            row[table.position("OrgId").expect("there")] = Cell::Integer(tenant.mark.number);
            if let Some(department) = department {
                let number: i64 = tenant.departments[department].parse().expect("a number");
                row[table.position("SubOrgId").expect("there")] = Cell::Integer(number);
            }
            history.changes.push(Change {
                step: Some(0),
                database: "wt_erp".into(),
                what: Changed::Rows {
                    table: name.clone(),
                    added: vec![row],
                    removed: vec![],
                },
            });
            let attack = call(&history, 1).expect("taken");
            let found = judge.is_departmental(&history, &attack);
            assert_eq!(found, expected, "{department:?}");
        }
    }

    #[test]
    fn what_the_victim_made_on_the_way_does_not_make_another_thing_his_departments() {
        let sample = Sample::common();
        let judge = sample.judge();
        let (name, table) = sample.surface.databases[0]
            .tables
            .iter()
            .find(|(_, table)| table.position("SubOrgId").is_some())
            .expect("the sample has departments");
        let tenant = &sample.world.tenants[0];
        let number: i64 = tenant.departments[1].parse().expect("a number");
        // Somebody of the whole tenant makes the thing, or it cannot be told who did. What is made ready for the
        // attack counts, as a movement of the department's on a product of everybody's.
        for (id, wanders) in [("7", true), ("9", true), ("7", false)] {
            let mut history = sample::history();
            let mut other = sample::post(0, "west", "/items", "{}");
            if wanders {
                other = other.stance(Stance::Wander);
            }
            sample::take(&mut history, other, 201, r#"{"id":5}"#);
            let step = sample::post(0, "manager", "/items", "{}");
            sample::take(&mut history, step, 201, &format!(r#"{{"id":{id}}}"#));
            let mut attack = sample::attack(&["S02"], Must::BeRefused, None);
            attack.victim = Some(Caller::of(TenantIndex(0), "west"));
            let step = sample::get(0, "east", "/items/7").stance(Stance::Attack(attack));
            sample::take(&mut history, step, 200, "");
            let mut row = vec![Cell::Null; table.columns.len()];
            row[table.position("OrgId").expect("there")] = Cell::Integer(tenant.mark.number);
            row[table.position("SubOrgId").expect("there")] = Cell::Integer(number);
            history.changes.push(Change {
                step: Some(0),
                database: "wt_erp".into(),
                what: Changed::Rows {
                    table: name.clone(),
                    added: vec![row],
                    removed: vec![],
                },
            });
            let attack = call(&history, 2).expect("taken");
            let found = judge.is_departmental(&history, &attack);
            assert_eq!(found, !wanders, "{id} {wanders}");
        }
    }
}
