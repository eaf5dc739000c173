//! Races: of requests that were sent together for one thing, exactly one wins.

use domain::api::case::Must;
use domain::api::history::History;
use domain::finding::{Finding, Severity};

use super::judge::{ApiJudge, Call, call, calls};
use crate::matrix::Relation;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for first in calls(history) {
        let Some(attack) = first.attack() else {
            continue;
        };
        let Must::OneOf { count } = attack.must else {
            continue;
        };
        let racers: Vec<Call<'_>> = (first.step..first.step + count)
            .filter_map(|step| call(history, step))
            .collect();
        let winners = racers.iter().filter(|racer| racer.succeeded()).count();
        if winners <= 1 {
            continue;
        }
        let relation = judge.relation(first.caller, attack.victim.as_ref());
        let fingerprint = ApiJudge::fingerprint("api_races", &first, relation, &attack.position);
        let sentence = format!(
            "{winners} of {} requests that {} sent together won at {} ({}); exactly one must",
            racers.len(),
            judge.who(first.caller),
            first.operation,
            attack.family,
        );
        let severity = match relation {
            Relation::Other => Severity::Critical,
            _ => Severity::High,
        };
        let mut finding = judge.finding(history, first.step, fingerprint, severity, sentence);
        finding.controls = attack.controls.clone();
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use crate::Ending;
    use crate::api::sample::{self, Sample};

    #[test]
    fn one_racer_wins() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (one, other, found) in [(200, 200, true), (200, 412, false), (409, 412, false)] {
            let mut history = sample::history();
            let attack = sample::attack(&["D10"], Must::OneOf { count: 2 }, None);
            let racer = || sample::patch(0, "clerk", "/items/7", "{}");
            let first = racer().together().stance(Stance::Attack(attack));
            sample::take(&mut history, first, one, "");
            sample::take(&mut history, racer(), other, "");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{one} {other}");
        }
    }

    #[test]
    fn a_race_comes_to_the_same_whoever_wins() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (must, expected) in [
            (Must::OneOf { count: 2 }, Ending::Denied),
            (Must::Rule, Ending::Harmless),
        ] {
            for (one, other) in [(200, 412), (412, 200)] {
                let mut history = sample::history();
                let attack = sample::attack(&["D10"], must.clone(), None);
                let racer = || sample::patch(0, "clerk", "/items/7", "{}");
                let first = racer().together().stance(Stance::Attack(attack));
                sample::take(&mut history, first, one, "");
                sample::take(&mut history, racer(), other, "");
                let attempts = judge.attempts(&history, &[]);
                assert_eq!(attempts.len(), 1);
                assert!(attempts[0].armed, "{one} {other}");
                assert_eq!(attempts[0].ending, expected, "{one} {other}");
            }
        }
    }

    #[test]
    fn a_racer_that_broke_down_was_not_refused() {
        let sample = Sample::new();
        let judge = sample.judge();
        for must in [Must::OneOf { count: 2 }, Must::Rule] {
            for (one, other, is_unknown) in [
                (200, 500, true),
                (500, 200, true),
                (200, 429, false),
                (429, 200, false),
            ] {
                let mut history = sample::history();
                let attack = sample::attack(&["D10"], must.clone(), None);
                let racer = || sample::patch(0, "clerk", "/items/7", "{}");
                let first = racer().together().stance(Stance::Attack(attack));
                sample::take(&mut history, first, one, "");
                sample::take(&mut history, racer(), other, "");
                let attempts = judge.attempts(&history, &[]);
                match &attempts[0].ending {
                    Ending::Unknown => assert!(is_unknown, "{one} {other}"),
                    Ending::Failed { .. } => assert!(!is_unknown, "{one} {other}"),
                    ending => panic!("{one} {other} is no {ending:?}"),
                }
            }
        }
    }
}
