//! Webhooks: every delivery is signed with the secret of the tenant whose URL got it, and holds that
//! tenant's values alone.

use domain::api::history::{Delivery, History};
use domain::api::service::WebhookPromise;
use domain::finding::{Finding, Severity};
use domain::world::TenantIndex;
use serde_json::Value;

use super::echo::Echo;
use super::evidence::Shown;
use super::judge::{ApiJudge, Call, call, calls, controls, of_anybody};
use super::leaves::{at, leaves};
use super::signatures::hmac;
use crate::matrix::Relation;

const ORACLE: &str = "api_webhooks";

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let Some(promise) = &judge.service.promises.webhooks else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for delivery in &history.deliveries {
        let Some(receiver) = delivery.receiver else {
            continue;
        };
        let name = &judge.world().tenant(receiver).name;
        if let Some((place, wrong)) = badly_signed(judge, promise, history, delivery, receiver) {
            let sentence = format!("a delivery to {name} {wrong}");
            let finding = finding(judge, history, delivery, place, sentence);
            findings.extend(finding.map(|finding| Finding {
                controls: controls(&["D11"]),
                ..finding
            }));
        }
        if let Some((wrong, sightings)) = of_others(judge, history, delivery, receiver) {
            let sentence =
                format!("a delivery to {name} {wrong}; it may hold its own values alone");
            let mut broken = controls(&["D11"]);
            let shown = Shown {
                values: true,
                ..Shown::default()
            };
            let attack = call(history, delivery.step).and_then(|call| call.attack());
            for control in judge.broken(Relation::Other, attack, shown) {
                if !broken.contains(&control) {
                    broken.push(control);
                }
            }
            let finding = finding(judge, history, delivery, "another's values", sentence);
            findings.extend(finding.map(|finding| Finding {
                controls: broken,
                severity: Severity::Critical,
                sightings,
                ..finding
            }));
        }
    }
    findings
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    delivery: &Delivery,
    place: &str,
    sentence: String,
) -> Option<Finding> {
    history.case.steps.get(delivery.step)?;
    let action = history.case.steps[delivery.step].operation().to_owned();
    let fingerprint = of_anybody(ORACLE, Relation::Other.name(), action, place.into());
    Some(judge.finding(
        history,
        delivery.step,
        fingerprint,
        Severity::High,
        sentence,
    ))
}

/// How a delivery is not signed with the receiver's secret, where its secret is known.
fn badly_signed(
    judge: &ApiJudge<'_>,
    promise: &WebhookPromise,
    history: &History,
    delivery: &Delivery,
    receiver: TenantIndex,
) -> Option<(&'static str, String)> {
    let known: Vec<(TenantIndex, String)> = secrets(judge, promise, history);
    let of = |tenant: TenantIndex| known.iter().filter(move |(own, _)| *own == tenant);
    of(receiver).next()?;
    let header = |name: &str| {
        let name = name.to_lowercase();
        let found = delivery.headers.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.as_str())
    };
    let Some(signature) = header(&promise.signature) else {
        return Some(("no signature", format!("has no {}", promise.signature)));
    };
    let mut message = Vec::new();
    for name in &promise.signed {
        let Some(value) = header(name) else {
            return Some(("no signature", format!("has no {name}, which is signed")));
        };
        message.extend(value.as_bytes());
        message.push(b'.');
    }
    message.extend(&delivery.body);
    let fits = |secret: &str| {
        let code = format!("{}{}", promise.prefix, hmac(secret.as_bytes(), &message));
        // Several signatures may stand beside each other while a secret is replaced.
        signature
            .split([',', ' '])
            .any(|one| one.trim().eq_ignore_ascii_case(&code))
    };
    if of(receiver).any(|(_, secret)| fits(secret)) {
        return None;
    }
    let whose = known
        .iter()
        .find(|(tenant, secret)| *tenant != receiver && fits(secret));
    Some((
        "signature",
        match whose {
            Some((tenant, _)) => format!(
                "is signed with the secret of {}",
                judge.world().tenant(*tenant).name
            ),
            None => "is not signed with its secret".into(),
        },
    ))
}

/// The secrets that were agreed on in a history, with whose they are.
pub(crate) fn secrets(
    judge: &ApiJudge<'_>,
    promise: &WebhookPromise,
    history: &History,
) -> Vec<(TenantIndex, String)> {
    calls(history)
        .filter(|call| call.succeeded() && judge.is(call.operation, &promise.register))
        .filter_map(|call| {
            let document: Value = if promise.secret_sent {
                serde_json::from_slice(&call.sent.body).ok()?
            } else {
                call.answer.json()?
            };
            Some((call.caller.tenant?, at(&document, &promise.secret)?))
        })
        .collect()
}

/// What a delivery holds of others.
fn of_others(
    judge: &ApiJudge<'_>,
    history: &History,
    delivery: &Delivery,
    receiver: TenantIndex,
) -> Option<(String, Vec<domain::canary::Sighting>)> {
    let mut sightings = Vec::new();
    judge.seen_in_bytes(&delivery.body, Some(receiver), "body", &mut sightings);
    for (name, value) in &delivery.headers {
        let place = format!("header {name}");
        judge.seen_in_text(value, Some(receiver), &place, &mut sightings);
    }
    let echo = Echo::until(history, delivery.step, Some(receiver));
    sightings.retain(|sighting| !judge.is_echo(history, sighting, &echo));
    if let Some(first) = sightings.first() {
        let whose = &judge.world().tenant(first.tenant).name;
        let wrong = format!("holds {} of {whose} in {}", first.value, first.place);
        return Some((wrong, sightings));
    }
    let body = serde_json::from_slice::<Value>(&delivery.body).ok()?;
    let found = leaves(&body).into_iter().find_map(|leaf| {
        let text = leaf.value.as_str()?;
        let mut others = judge.world().indexes().filter(|index| *index != receiver);
        let other = others.find(|index| judge.world().tenant(*index).name == text)?;
        Some((leaf.pointer, other))
    });
    let (pointer, other) = found?;
    let whose = &judge.world().tenant(other).name;
    Some((format!("names {whose} in {pointer}"), Vec::new()))
}

/// Why an attack that awaits a delivery does not count.
pub(crate) fn undelivered(history: &History, call: &Call<'_>) -> Option<String> {
    let mut deliveries = history.deliveries.iter();
    let arrived = deliveries
        .any(|delivery| delivery.step >= call.step && delivery.receiver == call.caller.tenant);
    (!arrived).then(|| "no delivery arrived".to_owned())
}

#[cfg(test)]
mod tests {
    use domain::api::history::Delivery;
    use domain::api::service::WebhookPromise;
    use domain::world::TenantIndex;

    use crate::api::sample::{self, Sample};
    use crate::api::signatures::hmac;

    #[test]
    fn deliveries_are_signed_for_their_receiver_and_hold_its_values() {
        let mut sample = Sample::new();
        sample.service().promises.webhooks = Some(WebhookPromise {
            register: "POST /items".into(),
            url: "/url".into(),
            secret: "/secret".into(),
            secret_sent: false,
            signature: "X-Signature".into(),
            signed: vec!["X-Time".into()],
            prefix: "v1=".into(),
            log: None,
            trigger: "POST /items/{id}/close".into(),
        });
        let judge = sample.judge();
        let other = sample.world.tenants[1].mark.text.clone();
        let plain = r#"{"event":"closed"}"#.to_owned();
        for (title, key, body, expected) in [
            ("as promised", Some("first"), plain.clone(), None),
            (
                "another's secret",
                Some("second"),
                plain.clone(),
                Some("signature"),
            ),
            (
                "a secret of nobody",
                Some("global"),
                plain.clone(),
                Some("signature"),
            ),
            ("not signed", None, plain, Some("no signature")),
            (
                "another's values",
                Some("first"),
                format!(r#"{{"name":"{other}"}}"#),
                Some("another's values"),
            ),
            (
                "another's name",
                Some("first"),
                r#"{"tenant":"beta"}"#.to_owned(),
                Some("another's values"),
            ),
        ] {
            let mut history = sample::history();
            for (tenant, secret) in [(0, "first"), (1, "second")] {
                let step = sample::post(tenant, "clerk", "/items", "{}");
                let answer = format!(r#"{{"secret":"{secret}"}}"#);
                sample::take(&mut history, step, 201, &answer);
            }
            let mut headers = vec![("x-time".into(), "5".into())];
            if let Some(key) = key {
                let code = hmac(key.as_bytes(), format!("5.{body}").as_bytes());
                headers.push(("x-signature".into(), format!("v1={code}")));
            }
            history.deliveries.push(Delivery {
                step: 1,
                receiver: Some(TenantIndex(0)),
                target: "/hook".into(),
                headers,
                body: body.into(),
                answered: 200,
            });
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, expected, "{title}");
        }
    }
}
