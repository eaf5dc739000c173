//! What is judged on every answer, attack or not: each is a look, and an answer that did not come is
//! none.

use std::collections::BTreeSet;

use domain::api::case::{Act, Manner};
use domain::api::history::{History, Record};
use domain::control::ControlId;
use domain::event::Coordinates;
use domain::finding::Finding;
use oracles::Ending;
use oracles::api::{ApiAttempt, ApiCell, ApiJudge};

/// Promises about every answer.
const OF_ANSWERS: [&str; 4] = ["D10", "D12", "B05", "B06"];

/// The looks at a history's answers, by operation.
pub(crate) fn looks(
    judge: &ApiJudge<'_>,
    history: &History,
    findings: &[Finding],
) -> Vec<ApiAttempt> {
    let mut looks = Vec::new();
    for (step, (tried, record)) in history.case.steps.iter().zip(&history.steps).enumerate() {
        let (Act::Call { operation, .. }, Record::Call { answer, .. }) = (&tried.act, record)
        else {
            continue;
        };
        if tried.manner == Manner::Abandoned {
            // Nobody waited for it.
            continue;
        }
        let what = if operation.is_empty() {
            "no operation"
        } else {
            operation
        };
        let mut cells = vec![ApiCell {
            name: format!("answers of {what}"),
            class: "api.answers".into(),
            at: at("answers", what),
            controls: OF_ANSWERS.map(ControlId::new).to_vec(),
        }];
        if judge.is_audited(operation) && history.sees_rows {
            cells.push(ApiCell {
                name: format!("audit trail of {what}"),
                class: "api.audit".into(),
                at: at("audit trail", what),
                controls: vec![ControlId::new("D04")],
            });
        }
        for cell in cells {
            let broken: BTreeSet<&ControlId> = findings
                .iter()
                .filter(|finding| finding.step == step)
                .flat_map(|finding| &finding.controls)
                .filter(|id| cell.controls.contains(id))
                .collect();
            let came = answer.lost.is_none();
            let ending = match (broken.is_empty(), came) {
                (false, _) => Ending::Crossed,
                (true, true) => Ending::Harmless,
                (true, false) => Ending::Unknown,
            };
            looks.push(ApiAttempt {
                step,
                broken: broken.into_iter().cloned().collect(),
                cell,
                ending,
                armed: came,
            });
        }
    }
    looks
}

/// Nobody attacks in a look.
fn at(how: &str, what: &str) -> Coordinates {
    Coordinates {
        what: what.to_owned(),
        how: how.to_owned(),
        ..Coordinates::default()
    }
}
