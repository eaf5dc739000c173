//! Containment: nothing that was planted in one tenant is in any answer to a caller of another,
//! whatever the status. What the caller's tenant sent itself tells nothing when it comes back.

use domain::api::case::Manner;
use domain::api::history::History;
use domain::canary::Sighting;
use domain::finding::{Finding, Severity};

use super::echo::Echo;
use super::evidence::Shown;
use super::judge::{ApiJudge, Call, calls};
use crate::matrix::Relation;

/// Sightings that a finding keeps.
const SIGHTINGS_MAX: usize = 10;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history) {
        if judge.is_public(call.operation) {
            continue;
        }
        let mut sightings = judge.seen(call.answer, call.caller.tenant);
        if sightings.is_empty() {
            continue;
        }
        let echo = Echo::until(history, call.step, call.caller.tenant);
        sightings.retain(|sighting| {
            !judge.is_echo(history, sighting, &echo) && !judge.noise.is_public(sighting)
        });
        if !sightings.is_empty() {
            findings.push(finding(judge, history, &call, sightings));
        }
    }
    findings
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    mut sightings: Vec<Sighting>,
) -> Finding {
    let count = sightings.len();
    sightings.truncate(SIGHTINGS_MAX);
    let first = &sightings[0];
    let attack = call.attack();
    let place = attack.map_or("answer", |attack| attack.position.as_str());
    let fingerprint = ApiJudge::fingerprint("api_containment", call, Relation::Other, place);
    let values = if count == 1 {
        "1 value".to_owned()
    } else {
        format!("{count} values")
    };
    let sentence = format!(
        "{} got {values} of {} with status {}, such as {} in {}; no value of one tenant may reach \
         another",
        judge.who(call.caller),
        judge.world().tenant(first.tenant).name,
        call.answer.status,
        first.value,
        first.place
    );
    let shown = Shown {
        values: true,
        in_an_error: !call.answer.is_success(),
        mixed: is_mixed(history, call),
        ..Shown::default()
    };
    let controls = judge.broken(Relation::Other, attack, shown);
    let mut finding = judge.finding(
        history,
        call.step,
        fingerprint,
        Severity::Critical,
        sentence,
    );
    finding.controls = controls;
    finding.sightings = sightings;
    finding
}

/// Whether an honest request got another's things while several were at work.
pub(crate) fn is_mixed(history: &History, call: &Call<'_>) -> bool {
    call.attack().is_none()
        && history
            .case
            .steps
            .iter()
            .take(call.step + 1)
            .any(|step| step.manner != Manner::Alone)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use domain::api::case::{Must, Stance};
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use crate::api::sample::{self, Sample};

    #[test]
    fn values_of_others_are_seen_wherever_they_are() {
        let sample = Sample::new();
        let judge = sample.judge();
        let other = &sample.world.tenants[1].mark;
        let own = &sample.world.tenants[0].mark;
        let name = format!("customer {} 2", other.text);
        let search = format!("/items?q={}", other.text);
        for (title, target, status, body, found) in [
            (
                "a value of another",
                "/items/7",
                200,
                format!(r#"{{"name":"{name}"}}"#),
                true,
            ),
            (
                "a value of another in a refusal",
                "/items/7",
                409,
                format!(r#"{{"detail":"taken by {name}"}}"#),
                true,
            ),
            (
                "a number of another",
                "/items/7",
                200,
                format!(r#"{{"total":{}}}"#, other.number + 3),
                true,
            ),
            (
                "a name of a field",
                "/items/7",
                200,
                format!(r#"{{"{}":1}}"#, other.text),
                true,
            ),
            (
                "more than was searched for",
                search.as_str(),
                200,
                format!(r#"[{{"name":"{name}"}}]"#),
                true,
            ),
            (
                "a line of text",
                "/items/7",
                200,
                format!("id;name\n7;{name}\n"),
                true,
            ),
            (
                "the own value",
                "/items/7",
                200,
                format!(r#"{{"name":"{}"}}"#, own.text),
                false,
            ),
            (
                "what was searched for",
                search.as_str(),
                200,
                format!(r#"{{"query":"{}","found":[]}}"#, other.text),
                false,
            ),
            (
                "what was searched for, quoted",
                search.as_str(),
                404,
                format!(r#"{{"detail":"nothing is called {}"}}"#, other.text),
                false,
            ),
        ] {
            let mut history = sample::history();
            let attack = sample::attack(&["S01", "B01", "B03"], Must::ShowNothing, Some(1));
            let step = sample::get(0, "clerk", target).stance(Stance::Attack(attack));
            sample::take(&mut history, step, status, &body);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
        }
    }

    #[test]
    fn a_packed_body_hides_nothing() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (tenant, found) in [(1, true), (0, false)] {
            let mark = &sample.world.tenants[tenant].mark.text;
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed
                .write_all(format!("id;name\n7;customer {mark}\n").as_bytes())
                .expect("in memory");
            let mut history = sample::history();
            sample::take(&mut history, sample::get(0, "clerk", "/items/7"), 200, "");
            sample::answer_mut(&mut history, 0).body = packed.finish().expect("in memory");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{tenant}");
        }
    }

    #[test]
    fn the_id_that_was_sent_is_no_sighting() {
        let sample = Sample::new();
        let judge = sample.judge();
        let id = sample.world.tenants[1].mark.number + 3;
        let mut history = sample::history();
        let step = sample::get(0, "clerk", &format!("/items/{id}"));
        sample::take(&mut history, step, 404, &format!(r#"{{"id":{id}}}"#));
        assert_eq!(super::judge(&judge, &history), []);
    }
}
