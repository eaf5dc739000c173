//! Containment: nothing that was planted in one tenant is in any answer to a principal of
//! another. Values that the principal sent itself tell nothing when they come back.

use domain::canary::Sighting;
use domain::case::PAST;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::History;

use crate::evidence::{self, Shown};
use crate::judge::{Judge, Principal, place};
use crate::matrix::Relation;

/// Sightings that a finding keeps.
const SIGHTINGS_MAX: usize = 10;

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, record) in history.steps.iter().enumerate() {
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let mut sightings = Vec::new();
        for (result, set) in record.response.results.iter().enumerate() {
            for (row, cells) in set.rows.iter().enumerate() {
                for (position, cell) in cells.iter().enumerate() {
                    let before = sightings.len();
                    judge
                        .recogniser
                        .cell(cell, principal.tenant, "", &mut sightings);
                    // The place is only written where something was seen: that is rare.
                    for sighting in sightings.iter_mut().skip(before) {
                        let column = set.columns.get(position).map_or("", String::as_str);
                        sighting.place =
                            format!("result {}, row {}, column {column}", result + 1, row + 1);
                    }
                }
            }
        }
        unsent(judge, history, step, principal, &mut sightings);
        if !sightings.is_empty() {
            findings.push(finding(judge, history, step, principal, sightings, "read"));
        }
    }
    findings
}

/// Leaves out what the principal's tenant had sent by then.
pub(crate) fn unsent(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    principal: Principal<'_>,
    sightings: &mut Vec<Sighting>,
) {
    if sightings.is_empty() {
        return;
    }
    let sent: String = (0..=step)
        .filter(|&earlier| {
            judge
                .principal(&history.case, earlier)
                .is_some_and(|other| other.tenant == principal.tenant)
        })
        .filter_map(|earlier| history.steps.get(earlier))
        .map(|record| record.batch.to_lowercase())
        .collect::<Vec<_>>()
        .join("\n");
    sightings.retain(|sighting| !judge.recogniser.was_sent(sighting, &sent));
}

pub(crate) fn finding(
    judge: &Judge<'_>,
    history: &History,
    step: usize,
    principal: Principal<'_>,
    mut sightings: Vec<Sighting>,
    how: &str,
) -> Finding {
    let count = sightings.len();
    sightings.truncate(SIGHTINGS_MAX);
    let claim = history.case.steps[step].claim.as_ref();
    // Where the value came from is what the step was after, when it was after another's data.
    let (relation, object, action) = match claim {
        Some(claim) if claim.tenant != Some(principal.tenant) => (
            Relation::of(principal.tenant, claim.tenant),
            claim.object.clone(),
            claim.action.name(),
        ),
        // Where rows of all tenants lie in one place, whoever reaches for his own may reach others'.
        Some(claim) if judge.world.is_common(&claim.database) => {
            (Relation::Other, claim.object.clone(), claim.action.name())
        }
        _ => (Relation::Other, "values of its tenant".to_owned(), "select"),
    };
    let first = &sightings[0];
    let whose = &judge.world.tenant(first.tenant).name;
    let values = if count == 1 {
        "1 value".to_owned()
    } else {
        format!("{count} values")
    };
    let in_a_message = how != "read";
    let sentence = format!(
        "{} {how} {values} of {whose}, such as {} in {}; no value of one tenant may reach another",
        judge.who(principal),
        first.value,
        first.place
    );
    let fingerprint = Fingerprint {
        oracle: if in_a_message {
            "error_text"
        } else {
            "containment"
        }
        .into(),
        attacker: principal.name.into(),
        victim: relation.name().into(),
        action: action.into(),
        place: place(&object),
    };
    let mut finding = judge.finding(history, step, fingerprint, Severity::Critical, sentence);
    let shown = Shown {
        values: true,
        in_a_message,
        past: claim.is_some_and(|claim| claim.is(PAST)),
        reading: true,
        ..Shown::default()
    };
    finding.controls = evidence::controls(judge.system, relation, &object, shown);
    finding.sightings = sightings;
    finding
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::Cell;

    use crate::authorization::tests::{attack, rows};
    use crate::judge::Judge;

    #[test]
    fn nothing_of_one_tenant_reaches_another() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let (own, other) = (&world.tenants[0].mark, &world.tenants[1].mark);
        let answer = |cell: Cell| rows(&["Name"], vec![vec![cell]]);
        let text = |mark: &str| answer(Cell::Text(format!("customer {mark} 1")));
        for (response, sent, found) in [
            (text(&other.text), "", true),
            (text(&own.text), "", false),
            (text(&other.text), other.text.as_str(), false),
            (answer(Cell::Integer(other.number + 1)), "", true),
            (answer(Cell::Integer(other.number + 1)), "1001000001", false),
            (answer(Cell::Integer(other.number + 1)), "1001000002", true),
            (answer(Cell::Integer(5)), "", false),
        ] {
            let whose = ("wt_beta", Some(1));
            let mut history = attack("app_rw", Action::Select, whose, "dbo.Customers", response);
            history.steps[0].batch.push_str(sent);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{:?}", history.steps[0]);
            if let Some(finding) = findings.first() {
                let ids: Vec<&str> = finding
                    .controls
                    .iter()
                    .map(|control| control.0.as_str())
                    .collect();
                assert_eq!(ids, ["D01", "B01"]);
                assert_eq!(finding.sightings[0].place, "result 1, row 1, column Name");
            }
        }
    }
}
