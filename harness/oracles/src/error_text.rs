//! Error texts: messages tell a principal nothing of other tenants, and nothing of the server's
//! inside.

use domain::control::ControlId;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::History;

use crate::containment::{finding, unsent};
use crate::judge::{Judge, place};
use crate::matrix::Relation;

/// What only the inside of a server says: stack traces, sources, memory.
const INSIDE: &[&str] = &[
    "panicked at",
    "stack backtrace",
    "stack trace",
    "assertion failed",
    "access violation",
    "segmentation fault",
    ".rs:",
    ".cpp:",
];

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (step, record) in history.steps.iter().enumerate() {
        let Some(principal) = judge.principal(&history.case, step) else {
            continue;
        };
        let response = &record.response;
        let mut sightings = Vec::new();
        for message in response.errors.iter().chain(&response.messages) {
            let before = sightings.len();
            judge
                .recogniser
                .text(&message.text, principal.tenant, "", &mut sightings);
            for sighting in sightings.iter_mut().skip(before) {
                sighting.place = format!("message {}", message.number);
            }
            let folded = message.text.to_lowercase();
            let inside = INSIDE.iter().find(|&&words| {
                folded.contains(words) && !record.batch.to_lowercase().contains(words)
            });
            if let Some(words) = inside {
                let claim = history.case.steps[step].claim.as_ref();
                let fingerprint = Fingerprint {
                    oracle: "error_text".into(),
                    attacker: principal.name.into(),
                    victim: claim
                        .map_or(Relation::Own, |claim| {
                            Relation::of(principal.tenant, claim.tenant)
                        })
                        .name()
                        .into(),
                    action: "learn of the server's inside".into(),
                    place: place(claim.map_or("", |claim| &claim.object)),
                };
                let sentence = format!(
                    "message {} told {} \"{words}\"; messages must not tell of the server's inside",
                    message.number,
                    judge.who(principal),
                );
                let mut finding =
                    judge.finding(history, step, fingerprint, Severity::Medium, sentence);
                finding.controls = vec![ControlId::new("B05")];
                findings.push(finding);
            }
        }
        unsent(judge, history, step, principal, &mut sightings);
        if !sightings.is_empty() {
            let how = "was told by an error";
            findings.push(finding(judge, history, step, principal, sightings, how));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;

    use crate::authorization::tests::{attack, error};
    use crate::judge::Judge;

    #[test]
    fn messages_tell_nothing_of_others_or_of_the_inside() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let (own, other) = (&world.tenants[0].mark.text, &world.tenants[1].mark.text);
        let failed = |mark: &str| {
            format!("Conversion failed when converting the nvarchar value 'x {mark}' to int.")
        };
        for (text, expected) in [
            (failed(other), Some(&["D01", "B01", "B05"][..])),
            (
                "thread panicked at 'index out of bounds'".into(),
                Some(&["B05"]),
            ),
            (failed(own), None),
            ("Invalid object name 'dbo.Customers'.".into(), None),
        ] {
            let whose = ("wt_beta", Some(1));
            let response = error(245, &text);
            let history = attack("app_rw", Action::Select, whose, "dbo.Customers", response);
            let findings = super::judge(&judge, &history);
            let found = findings.first().map(|finding| {
                finding
                    .controls
                    .iter()
                    .map(|control| control.0.as_str())
                    .collect::<Vec<_>>()
            });
            assert_eq!(found, expected.map(<[&str]>::to_vec), "{text}");
        }
    }
}
