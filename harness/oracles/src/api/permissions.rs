//! Permissions: an operation works for the roles that may use it, and for nobody else. Judged from the
//! declared rights and what was carried out.

use std::collections::BTreeSet;

use domain::api::history::History;
use domain::finding::{Finding, Severity};

use super::attempts::witnesses;
use super::judge::{ApiJudge, Call, call, calls, controls};
use super::leaves::names;
use crate::matrix::Relation;

/// What one actor did with one operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The actor.
    pub actor: String,
    /// The operation.
    pub operation: String,
    /// Whether it was carried out.
    pub succeeded: bool,
}

impl ApiJudge<'_> {
    /// Whether an actor may call an operation; `None` when nothing is declared.
    pub fn may(&self, actor: &str, operation: &str) -> Option<bool> {
        let may = self.service.actors.get(actor)?.may.as_ref()?;
        Some(self.is_among(operation, may))
    }

    /// What the actors did with operations that they may use. One that never succeeds at it casts
    /// doubt on every refusal.
    pub fn uses(&self, history: &History) -> BTreeSet<Use> {
        calls(history)
            .filter(|call| call.attack().is_none() && call.is_answered())
            .filter(|call| self.may(&call.caller.actor, call.operation) == Some(true))
            .map(|call| Use {
                actor: call.caller.actor.clone(),
                operation: call.operation.to_owned(),
                succeeded: call.answer.is_success(),
            })
            .collect()
    }

    /// Whether the contract says that everybody may call an operation.
    pub(crate) fn is_open(&self, operation: &str) -> bool {
        let declared = self.operation(operation).map(|own| &own.security);
        match declared {
            Some(Some(requirements)) => {
                requirements.is_empty() || requirements.iter().any(|one| one.schemes.is_empty())
            }
            Some(None) => {
                self.contract.security_schemes.is_empty() || self.contract.tells_security()
            }
            None => true,
        }
    }
}

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    calls(history)
        .filter(Call::succeeded)
        .filter(|call| {
            !call.operation.is_empty()
                && !judge.is_public(call.operation)
                && !judge.is_open(call.operation)
        })
        .filter(|call| match call.caller.tenant {
            Some(_) => judge.may(&call.caller.actor, call.operation) == Some(false),
            None => is_as_the_owners(history, call),
        })
        .map(|call| finding(judge, history, &call))
        .collect()
}

/// Whether somebody without credentials was answered as the owner is: some services answer everything
/// with 200 and a page that asks for a login.
fn is_as_the_owners(history: &History, call: &Call<'_>) -> bool {
    let owners = (0..history.case.steps.len())
        .filter(|&step| {
            history.case.steps[step].stance
                == (domain::api::case::Stance::Arm { attack: call.step })
        })
        .filter_map(|step| self::call(history, step))
        .chain(witnesses(history, call.step).map(|(before, _)| before))
        .find(|other| other.operation == call.operation && other.succeeded());
    let Some(owner) = owners else { return false };
    if owner.answer.status != call.answer.status {
        return false;
    }
    match (owner.answer.json(), call.answer.json()) {
        (Some(one), Some(other)) => {
            let (one, other): (BTreeSet<&str>, BTreeSet<&str>) = (
                names(&one).into_iter().collect(),
                names(&other).into_iter().collect(),
            );
            one == other
        }
        (None, None) => owner.answer.body.is_empty() == call.answer.body.is_empty(),
        _ => false,
    }
}

fn finding(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Finding {
    let fingerprint = ApiJudge::fingerprint("api_permissions", call, Relation::Own, "permission");
    let rightful: Vec<&str> = judge
        .service
        .actors
        .keys()
        .filter(|actor| judge.may(actor, call.operation) == Some(true))
        .map(String::as_str)
        .collect();
    let rule = match rightful.as_slice() {
        [] if call.caller.tenant.is_none() => "nobody may without credentials".to_owned(),
        [] => "nobody may".to_owned(),
        names => format!("only {} may", names.join(" and ")),
    };
    let sentence = format!(
        "{} could call {}, which answered {}; {rule}",
        judge.who(call.caller),
        call.operation,
        call.answer.status
    );
    let mut finding = judge.finding(history, call.step, fingerprint, Severity::High, sentence);
    // Where nothing but the service is known, whoever is served without credentials has crossed.
    let alone = call.caller.tenant.is_none() && !judge.has_databases();
    finding.controls = controls(if alone { &["B01", "D18"] } else { &["D18"] });
    finding
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};

    use super::Use;
    use crate::api::sample::{self, Sample};

    #[test]
    fn an_operation_works_for_whom_it_is_declared() {
        let mut sample = Sample::new();
        sample.secure();
        let actors = &mut sample.service().actors;
        actors.get_mut("clerk").expect("declared").may = Some(vec!["GET *".into()]);
        let judge = sample.judge();
        for (actor, status, found) in [
            ("clerk", 204, true),
            ("clerk", 403, false),
            ("accountant", 204, false),
        ] {
            let mut history = sample::history();
            let step = sample::delete(0, actor, "/items/7");
            sample::take(&mut history, step, status, "");
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{actor} {status}");
        }
        let mut history = sample::history();
        sample::take(&mut history, sample::get(0, "clerk", "/items/7"), 404, "");
        let used = Use {
            actor: "clerk".into(),
            operation: "GET /items/{id}".into(),
            succeeded: false,
        };
        assert_eq!(judge.uses(&history), [used].into());
    }

    #[test]
    fn without_credentials_nobody_is_served_like_an_owner() {
        for (body, is_silent, found) in [
            (r#"{"id":8}"#, false, true),
            (r#"{"login":"here"}"#, false, false),
            // Where others need credentials, an operation of which that is not said needs none.
            (r#"{"id":8}"#, true, false),
        ] {
            let mut sample = Sample::new();
            sample.secure();
            let mut operations = sample.contract.operations.iter_mut();
            let read = operations.find(|one| one.key == "GET /items/{id}");
            if is_silent {
                read.expect("the sample has it").security = None;
            }
            let judge = sample.judge();
            let mut history = sample::history();
            let attack = sample::attack(&["D18"], Must::BeRefused, Some(1));
            let asked = sample::get(0, "", "/items/7").anonymous();
            let asked = asked.stance(Stance::Attack(attack));
            sample::take(&mut history, asked, 200, body);
            let arm = sample::get(1, "clerk", "/items/7").stance(Stance::Arm { attack: 0 });
            sample::take(&mut history, arm, 200, r#"{"id":7}"#);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{body} {is_silent}");
            for finding in findings {
                assert!(
                    finding.sentence.ends_with("nobody may without credentials"),
                    "{}",
                    finding.sentence
                );
            }
        }
    }
}
