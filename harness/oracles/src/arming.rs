//! Does an attempt count? Only if its rightful twin, saying the same words in the same state,
//! succeeded with an effect.

use domain::case::{Claim, Step};
use domain::history::Response;
use domain::intent::Action;
use domain::surface::Cell;

use crate::classify;

/// Why an attempt does not count; `None` when it does.
pub fn unarmed(step: &Step, claim: &Claim, twin: &Response) -> Option<String> {
    if twin.lost.is_some() {
        return Some("the twin's connection was lost".into());
    }
    // Some families provoke an error that comes only where the statement was allowed.
    let provoked = claim.family.contains("error-oracle") || claim.family.contains("error-text");
    if let Some(error) = twin.first_error() {
        return if provoked && classify::was_stopped_afterwards(twin) {
            None
        } else {
            Some(format!("error {}: {}", error.number, error.text))
        };
    }
    if step.traits.opaque
        && let Some(number) = caught_error(twin)
    {
        return if provoked && classify::comes_afterwards(number) {
            None
        } else {
            Some(format!("the twin's own TRY caught error {number}"))
        };
    }
    let effect = match claim.action {
        Action::Select => twin.rows_returned() > 0,
        Action::Insert | Action::Update | Action::Delete => twin.rows_affected > 0,
        _ => true,
    };
    if effect {
        None
    } else if step.traits.writes && claim.action == Action::Select && twin.rows_affected > 0 {
        // What was read went into a table instead of the answer.
        None
    } else {
        Some("the twin's batch had no effect".into())
    }
}

/// Generated CATCH blocks answer with number and message.
fn caught_error(response: &Response) -> Option<i32> {
    let set = response.results.iter().find(|set| {
        set.columns
            .iter()
            .map(String::as_str)
            .eq(["Number", "Message"])
            && !set.rows.is_empty()
    })?;
    match set.rows.first()?.first()? {
        Cell::Integer(number) => i32::try_from(*number).ok(),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, BatchTraits, Claim, Step};
    use domain::history::{Response, ResultSet, ServerMessage};
    use domain::intent::Action;
    use domain::surface::Cell;

    use super::unarmed;

    #[test]
    fn a_twin_arms_by_succeeding_with_an_effect() {
        let row = |columns: &[&str]| Response {
            results: vec![ResultSet {
                columns: columns.iter().map(|&name| name.into()).collect(),
                rows: vec![vec![Cell::Integer(1); columns.len()]],
                rows_dropped: 0,
            }],
            ..Response::default()
        };
        let affected = Response {
            rows_affected: 1,
            ..Response::default()
        };
        let failed = |number| Response {
            errors: vec![ServerMessage {
                number,
                severity: 16,
                state: 1,
                text: "no".into(),
            }],
            ..Response::default()
        };
        let (reads, writes) = (false, true);
        for (action, family, twin, writing, opaque, armed) in [
            (Action::Select, "direct", row(&["a"]), reads, false, true),
            (
                Action::Select,
                "direct",
                Response::default(),
                reads,
                false,
                false,
            ),
            (
                Action::Select,
                "select-into-own",
                affected.clone(),
                writes,
                false,
                true,
            ),
            (
                Action::Select,
                "error-text",
                failed(245),
                reads,
                false,
                true,
            ),
            (
                Action::Select,
                "error-text",
                failed(208),
                reads,
                false,
                false,
            ),
            (Action::Select, "direct", failed(245), reads, false, false),
            (
                Action::Select,
                "try-catch",
                row(&["Number", "Message"]),
                reads,
                true,
                false,
            ),
            (
                Action::Delete,
                "direct",
                affected.clone(),
                writes,
                false,
                true,
            ),
            (Action::Delete, "direct", row(&["a"]), writes, false, false),
            (
                Action::Drop,
                "direct",
                Response::default(),
                writes,
                false,
                true,
            ),
        ] {
            let claim = Claim {
                action,
                database: "b".into(),
                tenant: None,
                object: "dbo.t".into(),
                family: family.into(),
            };
            let step = Step {
                actor: Actor::Administrator {
                    database: "b".into(),
                },
                batch: String::new(),
                claim: Some(claim.clone()),
                twin: None,
                traits: BatchTraits {
                    writes: writing,
                    opaque,
                    ..BatchTraits::default()
                },
            };
            assert_eq!(
                unarmed(&step, &claim, &twin).is_none(),
                armed,
                "{action:?} {family}"
            );
        }
    }
}
