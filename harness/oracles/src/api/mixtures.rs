//! Mixtures: of two tenants that did the same at the same time, none has the rows of both.

use std::collections::BTreeMap;

use domain::api::history::History;
use domain::control::ControlId;
use domain::finding::{Finding, Severity};
use domain::world::TenantIndex;

use super::judge::{ApiJudge, Call, call, calls};
use super::rows;
use crate::matrix::Relation;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    if !history.sees_rows {
        return Vec::new();
    }
    calls(history)
        .filter(|first| *rows::group(history, first.step).start() == first.step)
        .filter_map(|first| of_race(judge, history, &first))
        .collect()
}

fn of_race(judge: &ApiJudge<'_>, history: &History, first: &Call<'_>) -> Option<Finding> {
    let race: Vec<Call<'_>> = rows::group(history, first.step)
        .filter_map(|step| call(history, step))
        .collect();
    let [one, other] = race.as_slice() else {
        return None;
    };
    let comparable = one.operation == other.operation
        && !one.operation.is_empty()
        && one.caller.tenant != other.caller.tenant
        && one.succeeded()
        && other.succeeded();
    if !comparable {
        return None;
    }
    let (left, right) = (one.caller.tenant?, other.caller.tenant?);
    let mut came: BTreeMap<&str, BTreeMap<TenantIndex, usize>> = BTreeMap::new();
    for moved in rows::after(history, first.step).filter_map(rows::moved) {
        for row in moved.added {
            if let Some(holder) = judge.holder(moved.change, row) {
                *came
                    .entry(moved.table)
                    .or_default()
                    .entry(holder)
                    .or_default() += 1;
            }
        }
    }
    let (table, loser, winner) = came.iter().find_map(|(table, of)| {
        let count = |tenant: TenantIndex| of.get(&tenant).copied().unwrap_or_default();
        match (count(left), count(right)) {
            (0, 2..) => Some((*table, left, right)),
            (2.., 0) => Some((*table, right, left)),
            _ => None,
        }
    })?;
    // The attack of the race, if there is one, is what broke.
    let blamed = race
        .iter()
        .find(|call| call.attack().is_some())
        .unwrap_or(first);
    let world = judge.world();
    let fingerprint = ApiJudge::fingerprint("api_mixtures", blamed, Relation::Other, "connection");
    let sentence = format!(
        "{} by {} and {} at the same time left {} with the rows of {table} of both",
        blamed.operation,
        world.tenant(loser).name,
        world.tenant(winner).name,
        world.tenant(winner).name,
    );
    let mut finding = judge.finding(
        history,
        blamed.step,
        fingerprint,
        Severity::Critical,
        sentence,
    );
    finding.controls = vec![ControlId::new("B04")];
    let attack = blamed
        .attack()
        .into_iter()
        .flat_map(|attack| &attack.controls);
    finding
        .controls
        .extend(attack.filter(|control| control.0 == "D13").cloned());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use domain::history::{Change, Changed};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    #[test]
    fn each_of_two_tenants_has_its_own_rows() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (one, other, found) in [(1, 1, false), (2, 0, true), (0, 0, false), (2, 2, false)] {
            let mut history = sample::history();
            let make = |tenant| sample::post(tenant, "clerk", "/items", "{}");
            sample::take(&mut history, make(0).together(), 201, "{}");
            sample::take(&mut history, make(1), 201, "{}");
            for (database, count) in [("wt_acme", one), ("wt_beta", other)] {
                history.changes.push(Change {
                    step: Some(1),
                    database: database.into(),
                    what: Changed::Rows {
                        table: "dbo.Invoices".into(),
                        added: vec![vec![Cell::Integer(1)]; count],
                        removed: vec![],
                    },
                });
            }
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{one} {other}");
        }
    }
}
