//! What every attack of a history came to, and whether it counts: only if everything before it
//! was in place, and the rightful sent the same in the same state and succeeded.

use std::collections::BTreeSet;

use domain::api::case::{Act, Attack, Must, Stance, Step};
use domain::api::history::History;
use domain::control::ControlId;
use domain::event::Coordinates;
use domain::finding::Finding;

use super::answers::{self, Meaning};
use super::judge::{ApiJudge, Call, attacker, call};
use super::{rows, rules};
use crate::judge::Ending;
use crate::matrix::Relation;

/// What an attack puts to the test, whatever its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiCell {
    /// Unique and stable, for people.
    pub name: String,
    /// `api.<relation>.<family>`.
    pub class: String,
    /// Where it lies in the matrix.
    pub at: Coordinates,
    /// The promises that it puts to the test.
    pub controls: Vec<ControlId>,
}

/// One attack and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAttempt {
    /// The step.
    pub step: usize,
    /// Its cell.
    pub cell: ApiCell,
    /// What came out.
    pub ending: Ending,
    /// Whether it counts.
    pub armed: bool,
    /// The promises that it broke, when it crossed.
    pub broken: Vec<ControlId>,
}

impl ApiJudge<'_> {
    /// The cell of a planned step, when it is an attack.
    pub fn cell(&self, step: &Step) -> Option<ApiCell> {
        let attack = step.attack()?;
        let (who, relation) = match &step.act {
            Act::Call { caller, .. } => {
                let relation = self.relation(caller, attack.victim.as_ref());
                (attacker(caller), relation)
            }
            Act::Batch { actor, .. } => {
                let victim = attack.victim.as_ref().and_then(|victim| victim.tenant);
                let relation = match victim {
                    Some(_) if victim != actor.tenant() => Relation::Other,
                    _ => Relation::Own,
                };
                let who = actor.principal().map_or("administrator", |(_, name)| name);
                (who.to_owned(), relation)
            }
        };
        let whose = match relation {
            Relation::Own => "its own tenant's",
            Relation::Department => "another department's",
            Relation::Other => "another tenant's",
            Relation::Shared => "nobody's",
        };
        let operation = match (&step.act, step.operation()) {
            (Act::Batch { .. }, _) => "T-SQL",
            (Act::Call { .. }, "") => "no operation",
            (Act::Call { .. }, key) => key,
        };
        let short = match relation {
            Relation::Own => "own",
            Relation::Department => "department",
            Relation::Other => "other",
            Relation::Shared => "shared",
        };
        Some(ApiCell {
            name: format!(
                "{who} {operation} {} of {whose} in {}",
                attack.family, attack.position
            ),
            class: format!("api.{short}.{}", attack.family),
            at: Coordinates {
                who,
                what: operation.to_owned(),
                how: attack.family.clone(),
                whose: short.to_owned(),
            },
            controls: attack.controls.clone(),
        })
    }

    /// What every attack of a history came to, given the findings in it. Attacks that a case did not
    /// come to are told, too.
    pub fn attempts(&self, history: &History, findings: &[Finding]) -> Vec<ApiAttempt> {
        let mut attempts = Vec::new();
        for (step, tried) in history.case.steps.iter().enumerate() {
            let (Some(attack), Some(cell)) = (tried.attack(), self.cell(tried)) else {
                continue;
            };
            let broken: BTreeSet<ControlId> = findings
                .iter()
                .filter(|finding| finding.step == step)
                .flat_map(|finding| finding.controls.iter().cloned())
                .collect();
            if broken.is_empty() && self.is_of_the_whole_tenant(history, step, attack) {
                // No other department's thing was there to be attacked.
                continue;
            }
            let unarmed = self.unarmed(history, step, attack);
            let armed = unarmed.is_none();
            let ending = if !broken.is_empty() {
                Ending::Crossed
            } else if let Some(reason) = unarmed {
                Ending::Failed {
                    reason: format!("not armed: {reason}"),
                }
            } else if let Some(ending) = raced(history, step, attack) {
                ending
            } else {
                match call(history, step).map(|call| answers::meaning(call.answer)) {
                    Some(Meaning::CarriedOut) => Ending::Harmless,
                    Some(Meaning::Refused) => Ending::Denied,
                    Some(Meaning::Failed(reason)) => Ending::Failed {
                        reason: format!("answered {reason}"),
                    },
                    Some(Meaning::Unknown) => Ending::Unknown,
                    None => match history.steps.get(step).map(answers::success) {
                        Some(Ok(())) => Ending::Harmless,
                        Some(Err(reason)) => Ending::Failed { reason },
                        None => Ending::Unknown,
                    },
                }
            };
            attempts.push(ApiAttempt {
                step,
                cell,
                ending,
                armed,
                broken: broken.into_iter().collect(),
            });
        }
        attempts
    }

    /// Whether an attack between departments is after something that no department owns.
    fn is_of_the_whole_tenant(&self, history: &History, step: usize, attack: &Attack) -> bool {
        call(history, step).is_some_and(|call| {
            call.caller.tenant.is_some()
                && self.relation(call.caller, attack.victim.as_ref()) == Relation::Department
                && !self.is_departmental(history, &call)
        })
    }

    /// Why an attack does not count; `None` when it does.
    pub(crate) fn unarmed(
        &self,
        history: &History,
        step: usize,
        attack: &Attack,
    ) -> Option<String> {
        let steps = history.case.steps.iter().enumerate();
        let taken = |step: usize| match history.steps.get(step) {
            Some(record) => answers::success(record),
            None => Err("the case ended before it".into()),
        };
        for (earlier, tried) in steps.clone().take(step) {
            if tried.stance == Stance::Prepare
                && let Err(reason) = taken(earlier)
            {
                return Some(reason);
            }
        }
        if history.steps.len() <= step {
            return Some("the case ended before it".into());
        }
        let mut arms = 0;
        for (later, tried) in steps.clone() {
            if tried.stance == (Stance::Arm { attack: step }) {
                arms += 1;
                if let Err(reason) = taken(later) {
                    return Some(reason);
                }
            }
        }
        if self.is_of_the_whole_tenant(history, step, attack) {
            return Some("what it is after belongs to the whole tenant".into());
        }
        if let Some(reason) = rules::unarmed(self, history, step, attack) {
            return Some(reason);
        }
        if arms > 0 {
            return None;
        }
        // Some attacks bring their own proof that the same would have worked.
        match &attack.must {
            Must::Repeat { step: original } => taken(*original).err(),
            Must::OneOf { count } => {
                let mut racers = (step..step + count).map(taken);
                let why = racers.clone().find_map(Result::err);
                if racers.any(|racer| racer.is_ok()) {
                    None
                } else {
                    Some(why.unwrap_or_else(|| "nobody raced".into()))
                }
            }
            Must::ShowNothing => {
                let mut witnesses = steps
                    .filter(|(_, tried)| tried.stance == (Stance::Witness { attack: step }))
                    .map(|(witness, _)| taken(witness));
                match witnesses.next() {
                    Some(first) => first.err(),
                    None if attack.victim.is_none() => None,
                    None => Some("nobody showed that there is something to see".into()),
                }
            }
            // An honest call that a rule judges.
            Must::Rule => {
                let mut racers = rows::group(history, step).map(taken);
                if racers.any(|racer| racer.is_ok()) {
                    None
                } else {
                    taken(step).err()
                }
            }
            Must::BeRefused | Must::BeRefusedNaming { .. } => {
                Some("nobody did the same with right".into())
            }
        }
    }

    /// Whether a call is an attack that counts.
    pub(crate) fn is_armed(&self, history: &History, call: &Call<'_>) -> bool {
        call.attack()
            .is_some_and(|attack| self.unarmed(history, call.step, attack).is_none())
    }
}

/// The last look of the victim's before an attack and the first one after it.
pub(crate) fn witnesses<'h>(
    history: &'h History,
    step: usize,
) -> Option<(Call<'h>, Option<Call<'h>>)> {
    let of_attack = |step: &usize, other: usize| {
        history.case.steps[*step].stance == (Stance::Witness { attack: other })
    };
    let race = rows::group(history, step);
    let before = (0..*race.start())
        .rev()
        .find(|earlier| of_attack(earlier, step))?;
    let after = (race.end() + 1..history.case.steps.len()).find(|later| of_attack(later, step));
    Some((
        call(history, before)?,
        after.and_then(|after| call(history, after)),
    ))
}

/// What came of requests that were sent together and broke nothing. Which of them wins is chance, so the race is
/// told as one: where exactly one may win and did, the others were refused. Only a race in which each was
/// carried out or refused says that; one that broke down is no defence for the others.
fn raced(history: &History, step: usize, attack: &Attack) -> Option<Ending> {
    let race = history.case.race(step);
    if race.start() == race.end() {
        return None;
    }
    let mut has_winner = false;
    let mut failed = None;
    for racer in race {
        match answers::meaning(call(history, racer)?.answer) {
            Meaning::Unknown => return Some(Ending::Unknown),
            Meaning::Failed(reason) => failed = failed.or(Some(reason)),
            Meaning::CarriedOut => has_winner = true,
            Meaning::Refused => {}
        }
    }
    match (failed, &attack.must) {
        (Some(reason), _) => Some(Ending::Failed {
            reason: format!("answered {reason}"),
        }),
        (None, _) if !has_winner => None,
        (None, Must::OneOf { .. }) => Some(Ending::Denied),
        (None, _) => Some(Ending::Harmless),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Must, Stance};
    use domain::api::history::History;
    use domain::history::Loss;

    use crate::api::sample::{self, Sample};
    use crate::judge::Ending;

    fn failed(reason: &str) -> Ending {
        Ending::Failed {
            reason: reason.into(),
        }
    }

    #[test]
    fn an_attack_counts_when_the_rightful_did_the_same() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (prepared, attacked, armed, expected) in [
            (201, 404, 200, Ending::Denied),
            (201, 403, 200, Ending::Denied),
            (201, 422, 200, Ending::Denied),
            (201, 204, 200, Ending::Harmless),
            (201, 500, 200, Ending::Unknown),
            (201, 429, 200, failed("answered 429")),
            (
                201,
                404,
                404,
                failed("not armed: GET /items/7 answered 404"),
            ),
            (
                201,
                422,
                422,
                failed("not armed: GET /items/7 answered 422"),
            ),
            (422, 404, 200, failed("not armed: POST /items answered 422")),
        ] {
            let mut history = sample::history();
            sample::take(
                &mut history,
                sample::post(1, "clerk", "/items", "{}"),
                prepared,
                "",
            );
            let attack = sample::attack(&["S01"], Must::BeRefused, Some(1));
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7").stance(Stance::Attack(attack)),
                attacked,
                "",
            );
            sample::take(
                &mut history,
                sample::get(1, "clerk", "/items/7").stance(Stance::Arm { attack: 1 }),
                armed,
                "",
            );
            let attempts = judge.attempts(&history, &[]);
            assert_eq!(attempts.len(), 1);
            assert_eq!(
                attempts[0].ending, expected,
                "{prepared} {attacked} {armed}"
            );
        }
    }

    #[test]
    fn what_was_never_tried_or_never_answered_does_not_count() {
        let sample = Sample::new();
        let judge = sample.judge();
        let attack = || Stance::Attack(sample::attack(&["S01"], Must::BeRefused, Some(1)));
        let mut history = sample::history();
        let tried = sample::get(0, "clerk", "/items/7").stance(attack());
        sample::take(&mut history, tried, 404, "");
        let ending = |history: &History| judge.attempts(history, &[])[0].ending.clone();
        let alone = failed("not armed: nobody did the same with right");
        assert_eq!(ending(&history), alone);
        let arm = sample::get(1, "clerk", "/items/7").stance(Stance::Arm { attack: 0 });
        sample::take(&mut history, arm, 200, "");
        assert_eq!(ending(&history), Ending::Denied);
        let answer = sample::answer_mut(&mut history, 0);
        answer.dead_session = true;
        assert_eq!(ending(&history), Ending::Unknown);
        let answer = sample::answer_mut(&mut history, 0);
        answer.dead_session = false;
        answer.lost = Some(Loss::ConnectionLost);
        assert_eq!(ending(&history), Ending::Unknown);
        history.steps.clear();
        assert_eq!(
            ending(&history),
            failed("not armed: the case ended before it")
        );
    }
}
