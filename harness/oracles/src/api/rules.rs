//! What besides a success must be the case for an attack under a declared promise to count.

use domain::api::case::Attack;
use domain::api::history::History;

use super::judge::ApiJudge;

/// Why an attack does not count although the rightful succeeded; `None` when nothing speaks against
/// it.
pub(crate) fn unarmed(
    _judge: &ApiJudge<'_>,
    _history: &History,
    _step: usize,
    _attack: &Attack,
) -> Option<String> {
    None
}
