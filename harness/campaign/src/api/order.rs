//! In which order are the planned cases played? So that every operation, and every kind of attack, has
//! its first turn early: what is wrong anywhere shows soon, and a budget that ends early has still seen
//! something of everything.
//!
//! The plan decides the order, nothing else does, so it is the same on every machine.

use std::collections::{BTreeMap, VecDeque};

use domain::api::case::{Case, Stance};
use domain::case::Phase;

/// Cases that try the same kind of thing take turns with those that try another.
type Lane = (Phase, String, String);

/// What each operation does for its owner once, then the first attack of each kind at each place, then
/// the second, and so on.
pub(crate) fn interleaved(cases: Vec<Case>) -> Vec<Case> {
    let mut seen: BTreeMap<(Lane, String), usize> = BTreeMap::new();
    // By round: lanes in the order in which they first appear, each with its cases.
    let mut rounds: BTreeMap<usize, Vec<(Lane, VecDeque<Case>)>> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(cases.len());
    for case in cases {
        let (lane, place) = what(&case);
        let turn = seen.entry((lane.clone(), place)).or_default();
        let round = *turn;
        *turn += 1;
        if case.id.phase == Phase::Baseline && round == 0 {
            ordered.push(case);
            continue;
        }
        let lanes = rounds.entry(round).or_default();
        match lanes.iter_mut().find(|(own, _)| *own == lane) {
            Some((_, cases)) => cases.push_back(case),
            None => lanes.push((lane, VecDeque::from([case]))),
        }
    }
    for mut lanes in rounds.into_values() {
        while !lanes.is_empty() {
            ordered.extend(lanes.iter_mut().filter_map(|(_, cases)| cases.pop_front()));
            lanes.retain(|(_, cases)| !cases.is_empty());
        }
    }
    ordered
}

/// What kind of thing a case tries, and where.
fn what(case: &Case) -> (Lane, String) {
    let attack = case.steps.iter().find_map(|step| match &step.stance {
        Stance::Attack(attack) => Some((step.operation(), attack)),
        _ => None,
    });
    let phase = case.id.phase;
    match attack {
        Some((operation, attack)) => {
            let controls: Vec<&str> = attack.controls.iter().map(|id| id.0.as_str()).collect();
            let lane = (phase, attack.family.clone(), controls.join(" "));
            (lane, format!("{operation} {}", attack.position))
        }
        // Nobody attacks: what the owner does in the end is what it is about.
        None => {
            let last = case.steps.last().map_or("", |step| step.operation());
            ((phase, String::new(), String::new()), last.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Act, Attack, Case, Manner, Must, Stance, Step};
    use domain::api::request::{Caller, Request};
    use domain::case::{CaseId, Phase};
    use domain::control::ControlId;

    use super::interleaved;

    fn case(phase: Phase, index: u64, operation: &str, family: Option<&str>) -> Case {
        let stance = family.map_or(Stance::Prepare, |family| {
            Stance::Attack(Attack {
                controls: vec![ControlId::new("S01")],
                family: family.into(),
                position: "path".into(),
                victim: None,
                must: Must::BeRefused,
            })
        });
        Case {
            id: CaseId { phase, index },
            title: format!("{operation} {family:?}"),
            steps: vec![Step {
                act: Act::Call {
                    caller: Caller::anonymous(),
                    operation: operation.into(),
                    request: Request {
                        method: "GET".into(),
                        path: "/".into(),
                        query: Vec::new(),
                        headers: Vec::new(),
                        body: None,
                    },
                },
                stance,
                manner: Manner::default(),
            }],
        }
    }

    #[test]
    fn the_first_of_each_kind_and_place_comes_before_the_second_of_any() {
        let (baseline, sweep) = (Phase::Baseline, Phase::Sweep);
        let cases = vec![
            case(baseline, 0, "a", None),
            case(baseline, 1, "a", None),
            case(baseline, 2, "b", None),
            case(sweep, 0, "a", Some("odd")),
            case(sweep, 1, "a", Some("odd")),
            case(sweep, 2, "b", Some("odd")),
            case(sweep, 3, "a", Some("foreign")),
            case(sweep, 4, "b", Some("foreign")),
        ];
        let order: Vec<String> = interleaved(cases)
            .iter()
            .map(|case| case.id.to_string())
            .collect();
        assert_eq!(
            order,
            [
                "baseline-0",
                "baseline-2",
                "sweep-0",
                "sweep-3",
                "sweep-2",
                "sweep-4",
                "baseline-1",
                "sweep-1",
            ]
        );
    }
}
