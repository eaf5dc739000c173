//! Callbacks: a secret completes one callback, once, and is gone afterwards.

use domain::api::history::History;
use domain::api::service::CallbackPromise;
use domain::finding::Finding;
use serde_json::Value;

use super::changes_view::made;
use super::judge::{ApiJudge, Call, calls};
use super::leaves::at;
use super::operations::thing;
use super::state::{came_and_stayed, holds};

const ORACLE: &str = "api_callbacks";
const SECRET_MIN: usize = 8;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.callbacks else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        if !judge.is(call.operation, &promise.complete) {
            continue;
        }
        let Some(secret) = presented(promise, &call) else {
            continue;
        };
        let is_attack = call.attack().is_some();
        let mut earlier = calls(history).filter(|other| {
            other.step < call.step
                && other.succeeded()
                && judge.is(other.operation, &promise.complete)
        });
        let used = earlier.any(|other| presented(promise, &other).as_ref() == Some(&secret));
        // What must be refused by its case is judged as that.
        if used && !is_attack {
            let wrong = "was completed with a secret that had been used";
            findings.push(judge.own(history, &call, ORACLE, "reuse", &["S11"], wrong));
        }
        if let Some(wrong) = of_another(judge, promise, history, &call, &secret) {
            findings.push(judge.own(history, &call, ORACLE, "another's", &["S11"], &wrong));
        }
        if secret.len() >= SECRET_MIN && !used {
            let kept = came_and_stayed(history)
                .into_iter()
                .find(|one| holds(&one.row, &secret));
            if let Some(kept) = kept {
                let wrong = format!("left its secret in {}; it must be purged", kept.table);
                findings.push(judge.own(history, &call, ORACLE, "kept", &["S11"], &wrong));
            }
            let shown = calls(history).find(|later| {
                later.step > call.step
                    && later.is_safe()
                    && String::from_utf8_lossy(&later.answer.body).contains(&secret)
            });
            if let Some(later) = shown {
                let wrong = format!("has its secret shown by {} afterwards", later.operation);
                findings.push(judge.own(history, &call, ORACLE, "shown", &["S11"], &wrong));
            }
        }
    }
    findings
}

/// The secret that a completion presents.
fn presented(promise: &CallbackPromise, call: &Call<'_>) -> Option<String> {
    match promise.presented.strip_prefix("header ") {
        Some(name) => call
            .sent
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name.trim()))
            .map(|(_, value)| value.clone()),
        None => {
            let body: Value = serde_json::from_slice(&call.sent.body).ok()?;
            at(&body, &promise.presented)
        }
    }
}

/// Whether a callback was completed with the secret of another one.
fn of_another(
    judge: &ApiJudge<'_>,
    promise: &CallbackPromise,
    history: &History,
    complete: &Call<'_>,
    secret: &str,
) -> Option<String> {
    let about = thing(complete.operation, &complete.sent.target)?;
    let register = calls(history).find(|call| {
        call.step < complete.step
            && call.succeeded()
            && judge.is(call.operation, &promise.register)
            && secret_of(promise, call).as_deref() == Some(secret)
    })?;
    let registered = made(&register)?;
    (registered != about).then(|| {
        format!(
            "was completed with the secret of callback {registered} of {}",
            judge.who(register.caller)
        )
    })
}

/// The secret that a registration gave, or was given.
fn secret_of(promise: &CallbackPromise, call: &Call<'_>) -> Option<String> {
    let answered = call
        .answer
        .json()
        .and_then(|body| at(&body, &promise.secret));
    answered.or_else(|| {
        let body: Value = serde_json::from_slice(&call.sent.body).ok()?;
        at(&body, &promise.secret)
    })
}

#[cfg(test)]
mod tests {
    use domain::api::service::CallbackPromise;

    use crate::api::sample::{self, Sample};

    #[test]
    fn a_secret_completes_its_callback_once() {
        let mut sample = Sample::new();
        sample.service().promises.callbacks = Some(CallbackPromise {
            register: "POST /items".into(),
            secret: "/secret".into(),
            complete: "POST /items/{id}/close".into(),
            presented: "/secret".into(),
        });
        let judge = sample.judge();
        let complete = |id: usize, secret: &str| {
            let body = format!(r#"{{"secret":"{secret}"}}"#);
            sample::post(0, "clerk", &format!("/items/{id}/close"), &body)
        };
        let nothing = "{}".to_owned();
        for (title, steps, shown, place) in [
            (
                "once",
                vec![(7, "first-secret", 204)],
                nothing.clone(),
                None,
            ),
            (
                "twice",
                vec![(7, "first-secret", 204), (7, "first-secret", 204)],
                nothing.clone(),
                Some("reuse"),
            ),
            (
                "twice, refused",
                vec![(7, "first-secret", 204), (7, "first-secret", 409)],
                nothing.clone(),
                None,
            ),
            (
                "with another's",
                vec![(7, "second-secret", 204)],
                nothing,
                Some("another's"),
            ),
            (
                "shown afterwards",
                vec![(7, "first-secret", 204)],
                r#"{"secret":"first-secret"}"#.to_owned(),
                Some("shown"),
            ),
        ] {
            let mut history = sample::history();
            for (id, secret) in [(7, "first-secret"), (8, "second-secret")] {
                let answer = format!(r#"{{"id":{id},"secret":"{secret}"}}"#);
                let step = sample::post(0, "clerk", "/items", "{}");
                sample::take(&mut history, step, 201, &answer);
            }
            for (id, secret, status) in steps {
                sample::take(&mut history, complete(id, secret), status, "");
            }
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7"),
                200,
                &shown,
            );
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
