//! Offboarding: what a provisioned tenant had at the server is gone once it is removed. That nobody else
//! lost anything, the rows tell.

use domain::api::case::Act;
use domain::api::history::{History, Record};
use domain::case::Actor;
use domain::finding::{Finding, Severity};
use domain::history::Response;
use domain::surface::Cell;

use super::judge::{ApiJudge, Call, calls, controls};
use crate::matrix::Relation;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.provisioning else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        if !judge.is(call.operation, &promise.offboard) {
            continue;
        }
        let provisioned = calls(history).find(|other| {
            other.step < call.step
                && other.succeeded()
                && judge.is(other.operation, &promise.provision)
        });
        let Some(provisioned) = provisioned else {
            continue;
        };
        let before = look(history, (0..provisioned.step).rev());
        let after = look(history, call.step + 1..history.steps.len());
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let (before, after) = (rows(before), rows(after));
        let left: Vec<String> = after
            .into_iter()
            .filter(|row| !before.contains(row))
            .collect();
        if let Some(first) = left.first() {
            let fingerprint =
                ApiJudge::fingerprint("api_offboarding", &call, Relation::Own, "leftovers");
            let sentence = format!(
                "{} by {} left {} things behind, such as {first}; it must leave nothing",
                call.operation,
                judge.who(call.caller),
                left.len()
            );
            let mut finding =
                judge.finding(history, call.step, fingerprint, Severity::High, sentence);
            finding.controls = controls(&["D14"]);
            findings.push(finding);
        }
    }
    findings
}

/// What the administrator saw at the first of these steps at which he looked.
fn look(history: &History, steps: impl IntoIterator<Item = usize>) -> Option<&Response> {
    steps.into_iter().find_map(|step| {
        let tried = history.case.steps.get(step)?;
        match (&tried.act, history.steps.get(step)?) {
            (
                Act::Batch {
                    actor: Actor::Administrator { .. } | Actor::Keeper { .. },
                    ..
                },
                Record::Batch { response, .. },
            ) if response.lost.is_none() && response.errors.is_empty() => Some(response),
            _ => None,
        }
    })
}

fn rows(response: &Response) -> Vec<String> {
    response
        .results
        .iter()
        .flat_map(|set| &set.rows)
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) => text.clone(),
                    other => other.literal(),
                })
                .collect();
            cells.join(" ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Act, Manner, Stance, Step};
    use domain::api::history::{History, Record};
    use domain::api::service::ProvisioningPromise;
    use domain::case::{Actor, BatchTraits};
    use domain::history::{Response, ResultSet};
    use domain::surface::Cell;

    use crate::api::sample::{self, Sample};

    fn looks(history: &mut History, seen: &[&str]) {
        history.case.steps.push(Step {
            act: Act::Batch {
                actor: Actor::Administrator {
                    database: "master".into(),
                },
                batch: "SELECT".into(),
                traits: BatchTraits::default(),
            },
            stance: Stance::Wander,
            manner: Manner::Alone,
        });
        history.steps.push(Record::Batch {
            batch: "SELECT".into(),
            response: Response {
                results: vec![ResultSet {
                    columns: vec!["name".into()],
                    rows: seen
                        .iter()
                        .map(|&name| vec![Cell::Text(name.into())])
                        .collect(),
                    rows_dropped: 0,
                }],
                ..Response::default()
            },
        });
    }

    #[test]
    fn a_removed_tenant_leaves_nothing_behind() {
        let mut sample = Sample::new();
        sample.service().promises.provisioning = Some(ProvisioningPromise {
            provision: "POST /items".into(),
            offboard: "DELETE /items/{id}".into(),
            name: "/name".into(),
            actor: "clerk".into(),
            leftovers: "SELECT".into(),
        });
        let judge = sample.judge();
        for (after, found) in [(&["acme"][..], false), (&["acme", "login new"], true)] {
            let mut history = sample::history();
            looks(&mut history, &["acme"]);
            let step = sample::post(0, "clerk", "/items", "{}");
            sample::take(&mut history, step, 201, r#"{"id":7}"#);
            sample::take(
                &mut history,
                sample::delete(0, "clerk", "/items/7"),
                204,
                "",
            );
            looks(&mut history, after);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{after:?}");
        }
    }
}
