//! Versions: a change says which version it changes, and one that says an old version loses for that
//! reason. That it changes nothing, the witness and the rows tell.

use domain::api::history::History;
use domain::api::service::VersionPromise;
use domain::finding::Finding;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::names;

const ORACLE: &str = "api_versions";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.versions else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for call in calls(history) {
        if !judge.is_among(call.operation, &promise.operations) {
            continue;
        }
        let attack = call.attack();
        if call.succeeded() && attack.is_none() && !sends_version(promise, &call) {
            let wrong = format!("said no version in {}; it must be refused", promise.send);
            findings.push(judge.own(history, &call, ORACLE, "no version", &["D10"], &wrong));
        }
        if let Some(attack) = attack
            && attack.family == "stale-version"
            && judge.is_armed(history, &call)
            && matches!(call.answer.status, 400..=499)
            && !matches!(call.answer.status, 409 | 412 | 429)
        {
            let wrong = "lost with an old version; it must lose with 409 or 412";
            findings.push(judge.own(history, &call, ORACLE, "status", &["D10"], wrong));
        }
    }
    findings
}

/// Whether a request says which version it changes, in the declared place or in a field that says so.
pub(crate) fn sends_version(promise: &VersionPromise, call: &Call<'_>) -> bool {
    let body = serde_json::from_slice::<Value>(&call.sent.body).unwrap_or_default();
    let says = |name: &&str| {
        let name = name.to_lowercase();
        ["version", "revision", "etag"]
            .iter()
            .any(|word| name.contains(word))
    };
    names(&body).iter().any(says) || in_its_place(promise, call)
}

fn in_its_place(promise: &VersionPromise, call: &Call<'_>) -> bool {
    match promise.send.strip_prefix("header ") {
        Some(name) => call
            .sent
            .headers
            .iter()
            .any(|(own, value)| own.eq_ignore_ascii_case(name.trim()) && !value.is_empty()),
        None => serde_json::from_slice::<Value>(&call.sent.body).is_ok_and(|body| {
            body.pointer(&promise.send)
                .is_some_and(|value| !value.is_null())
        }),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::service::VersionPromise;

    use crate::api::sample::{self, Sample};

    #[test]
    fn changes_say_their_version_and_old_ones_lose_by_it() {
        let mut sample = Sample::new();
        sample.service().promises.versions = Some(VersionPromise {
            operations: vec!["PATCH /items/{id}".into()],
            read: "header ETag".into(),
            send: "header If-Match".into(),
        });
        let judge = sample.judge();
        let change = || sample::patch(0, "clerk", "/items/7", "{}");
        for (title, asked, status, found) in [
            (
                "with a version",
                change().header("if-match", "\"1\""),
                200,
                false,
            ),
            ("without", change(), 200, true),
            ("without, refused", change(), 428, false),
        ] {
            let mut history = sample::history();
            sample::take(&mut history, asked, status, "");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
        }
        for (status, found) in [(412, false), (409, false), (404, true), (500, false)] {
            let mut history = sample::history();
            let mut attack = sample::attack(&["D10"], Must::BeRefused, None);
            attack.family = "stale-version".into();
            let stale = change().header("If-Match", "\"1\"");
            sample::take(
                &mut history,
                stale.stance(Stance::Attack(attack)),
                status,
                "",
            );
            let arm = change().header("If-Match", "\"2\"");
            sample::take(&mut history, arm.stance(Stance::Arm { attack: 0 }), 200, "");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{status}");
        }
    }
}
