//! Independence: what one tenant is answered does not move with another's work: the numbers of its health
//! view, and the same question asked before and after.

use domain::api::history::{Answer, History};
use domain::finding::{Finding, Severity};

use super::attempts::witnesses;
use super::judge::{ApiJudge, Call, calls, controls};
use super::leaves::{at, leaves, plain};
use crate::matrix::Relation;

const ORACLE: &str = "api_independence";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        if let Some((pointer, was, is)) = moved_number(judge, history, &call) {
            let wrong = format!("{pointer} went from {was} to {is} while only others worked");
            findings.push(finding(judge, history, &call, &pointer, "D16", &wrong));
        }
        let asks_again = call
            .attack()
            .is_some_and(|attack| attack.family == "noninterference");
        if asks_again
            && judge.is_armed(history, &call)
            && let Some((before, _)) = witnesses(history, call.step)
            && before.caller == call.caller
            && before.sent.target == call.sent.target
            && before.succeeded()
            && let Some(difference) = differs(judge, call.operation, before.answer, call.answer)
        {
            let wrong = format!("the same question is answered otherwise: {difference}");
            findings.push(finding(judge, history, &call, "answer", "B02", &wrong));
        }
    }
    findings
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    place: &str,
    control: &str,
    wrong: &str,
) -> Finding {
    let fingerprint = ApiJudge::fingerprint(ORACLE, call, Relation::Other, place);
    let sentence = format!(
        "{} by {} depends on what other tenants do: {wrong}",
        call.operation,
        judge.who(call.caller)
    );
    let mut finding = judge.finding(history, call.step, fingerprint, Severity::High, sentence);
    finding.controls = controls(&[control]);
    finding
}

/// The number of a health view that moved since the tenant's last look, while it did nothing itself.
fn moved_number(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
) -> Option<(String, String, String)> {
    let promise = judge.service.promises.health.as_ref()?;
    if !judge.is(call.operation, &promise.operation) {
        return None;
    }
    let earlier = calls(history)
        .filter(|other| {
            other.step < call.step
                && other.caller == call.caller
                && other.sent.target == call.sent.target
                && other.succeeded()
        })
        .last()?;
    let own_work = calls(history).any(|other| {
        other.step > earlier.step
            && other.step < call.step
            && other.caller.tenant == call.caller.tenant
    });
    let others_work = calls(history).any(|other| {
        other.step > earlier.step
            && other.step < call.step
            && other.caller.tenant != call.caller.tenant
            && other.succeeded()
    });
    if own_work || !others_work {
        return None;
    }
    let (before, after) = (earlier.answer.json()?, call.answer.json()?);
    promise.numbers.iter().find_map(|pointer| {
        let (was, is) = (at(&before, pointer)?, at(&after, pointer)?);
        (was != is).then(|| (pointer.clone(), was, is))
    })
}

/// How two answers to the same question differ, apart from what always does.
fn differs(judge: &ApiJudge<'_>, operation: &str, one: &Answer, other: &Answer) -> Option<String> {
    let of = |answer: &Answer| -> Vec<(String, String)> {
        match answer.json() {
            Some(body) => leaves(&body)
                .iter()
                .filter(|leaf| !judge.noise.is_volatile_field(operation, &leaf.shape))
                .map(|leaf| (leaf.pointer.clone(), plain(leaf.value)))
                .collect(),
            None => vec![(
                String::new(),
                String::from_utf8_lossy(&answer.body).into_owned(),
            )],
        }
    };
    let (one, other) = (of(one), of(other));
    if one == other {
        return None;
    }
    let odd = one.iter().zip(&other).find(|(left, right)| left != right);
    Some(match odd {
        Some(((pointer, was), (_, is))) => format!("{pointer} was {was} and is {is}"),
        None => format!("{} values became {}", one.len(), other.len()),
    })
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::HealthPromise;

    use crate::api::sample::{self, Sample};

    #[test]
    fn the_health_of_one_does_not_count_the_work_of_others() {
        let mut sample = Sample::new();
        sample.service().promises.health = Some(HealthPromise {
            operation: "GET /items".into(),
            numbers: vec!["/items".into()],
        });
        let judge = sample.judge();
        for (title, worker, after, found) in [
            ("moved by another", 1, r#"{"items":6,"uptime":9}"#, true),
            ("moved by itself", 0, r#"{"items":6,"uptime":9}"#, false),
            ("unmoved", 1, r#"{"items":5,"uptime":9}"#, false),
        ] {
            let mut history = sample::history();
            let look = || sample::get(0, "clerk", "/items");
            sample::take(&mut history, look(), 200, r#"{"items":5,"uptime":1}"#);
            let work = sample::post(worker, "clerk", "/items", "{}");
            sample::take(&mut history, work, 201, "{}");
            sample::take(&mut history, look(), 200, after);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer_whatever_others_do() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (after, found) in [
            (r#"{"items":[1],"traceId":"b"}"#, false),
            (r#"{"items":[1,2],"traceId":"b"}"#, true),
        ] {
            let mut history = sample::history();
            let look = || sample::get(0, "clerk", "/items");
            let first = look().stance(Stance::Witness { attack: 2 });
            sample::take(&mut history, first, 200, r#"{"items":[1],"traceId":"a"}"#);
            let work = sample::post(1, "clerk", "/items", "{}");
            let work = work.stance(Stance::Arm { attack: 2 });
            sample::take(&mut history, work, 201, "{}");
            let mut attack = sample::attack(&["B02"], Must::Rule, Some(1));
            attack.family = "noninterference".into();
            sample::take(
                &mut history,
                look().stance(Stance::Attack(attack)),
                200,
                after,
            );
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{after}");
        }
    }
}
