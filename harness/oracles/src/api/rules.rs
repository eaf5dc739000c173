//! What besides a success must be the case for an attack under a declared promise to count.

use domain::api::case::{Attack, Must};
use domain::api::history::History;

use super::judge::{ApiJudge, call};
use super::versions::sends_version;
use super::webhooks;

/// Why an attack does not count although the rightful succeeded; `None` when nothing speaks against
/// it.
pub(crate) fn unarmed(
    judge: &ApiJudge<'_>,
    history: &History,
    step: usize,
    attack: &Attack,
) -> Option<String> {
    let call = call(history, step)?;
    let awaits_delivery = attack.must == Must::Rule
        && judge.service.promises.webhooks.is_some()
        && matches!(attack.family.as_str(), "delivery" | "webhook-delivery");
    if awaits_delivery {
        return webhooks::undelivered(history, &call);
    }
    let versions = judge.service.promises.versions.as_ref();
    let says_version = attack.family == "missing-version"
        && versions.is_some_and(|promise| sends_version(promise, &call));
    says_version.then(|| "it said its version in another place".to_owned())
}
